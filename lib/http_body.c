/* SPDX-License-Identifier: MIT */
#include "http_body.h"

#include "ascii.h"
#include "http_lines.h"
#include "http_names.h"
#include "word.h"

#include <assert.h>

/* Where a body is. The first nine are the places in a chunk-size line (RFC 9112 section 7.1):
   chunk-size *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) CRLF */
enum {
    REFUSED,     /* no state: in the table below, a byte that may not come */
    SIZE,        /* in the digits, or before them */
    NAME_BEGIN,  /* behind a semicolon */
    NAME,        /* in an extension's name */
    NAME_GAP,    /* in white space behind a name */
    VALUE_BEGIN, /* behind an equals sign */
    TOKEN,       /* in a value */
    QUOTED,      /* in a quoted value */
    PAIR,        /* behind a backslash in it */
    AFTER,       /* behind a quoted value, or in white space that a leniency admits */
    LINE_FEED,   /* behind the CR of a chunk-size line */
    CONTENT,     /* in content */
    CONTENT_END, /* behind the content of a chunk */
    TRAILER,     /* in the trailer section */
    COMPLETE,
    TUNNEL,
    FAILED
};

/* What the grammar of a chunk-size line tells apart. */
enum byte_kind { OTHER, TCHAR, BLANK, SEMICOLON, EQUALS, QUOTE, BACKSLASH, TEXT, CR, LF, KINDS };

enum { BY_LENIENCY = 0x80, MAX_DIGITS = 16 };

static const uint8_t line_table[CONTENT][KINDS] = {
    [SIZE] = {[BLANK] = BY_LENIENCY | AFTER, [SEMICOLON] = NAME_BEGIN, [CR] = LINE_FEED},
    [NAME_BEGIN] = {[BLANK] = NAME_BEGIN, [TCHAR] = NAME},
    [NAME] = {[TCHAR] = NAME,
              [BLANK] = NAME_GAP,
              [EQUALS] = VALUE_BEGIN,
              [SEMICOLON] = NAME_BEGIN,
              [CR] = LINE_FEED},
    [NAME_GAP] = {[BLANK] = NAME_GAP,
                  [EQUALS] = VALUE_BEGIN,
                  [SEMICOLON] = BY_LENIENCY | NAME_BEGIN,
                  [CR] = BY_LENIENCY | LINE_FEED},
    [VALUE_BEGIN] = {[BLANK] = VALUE_BEGIN, [TCHAR] = TOKEN, [QUOTE] = QUOTED},
    [TOKEN] = {[TCHAR] = TOKEN,
               [BLANK] = BY_LENIENCY | AFTER,
               [SEMICOLON] = NAME_BEGIN,
               [CR] = LINE_FEED},
    [QUOTED] = {[TCHAR] = QUOTED,
                [BLANK] = QUOTED,
                [SEMICOLON] = QUOTED,
                [EQUALS] = QUOTED,
                [TEXT] = QUOTED,
                [BACKSLASH] = PAIR,
                [QUOTE] = AFTER},
    [PAIR] = {[TCHAR] = QUOTED,
              [BLANK] = QUOTED,
              [SEMICOLON] = QUOTED,
              [EQUALS] = QUOTED,
              [TEXT] = QUOTED,
              [BACKSLASH] = QUOTED,
              [QUOTE] = QUOTED},
    [AFTER] = {[BLANK] = BY_LENIENCY | AFTER, [SEMICOLON] = NAME_BEGIN, [CR] = LINE_FEED},
    [LINE_FEED] = {[LF] = CONTENT},
};

static enum byte_kind kind_of(uint8_t byte)
{
    switch (byte) {
    case ' ':
    case '\t': return BLANK;
    case ';': return SEMICOLON;
    case '=': return EQUALS;
    case '"': return QUOTE;
    case '\\': return BACKSLASH;
    case '\r': return CR;
    case '\n': return LF;
    default: break;
    }
    if (ascii_is(byte, ASCII_TOKEN)) return TCHAR;
    return ascii_is(byte, ASCII_TEXT) ? TEXT : OTHER;
}

static size_t available(const proto_in *in)
{
    return (size_t)(in->end - in->pos);
}

static void consume(proto_http_body *body, proto_in *in, size_t size)
{
    in->pos += size;
    body->consumed += size;
}

static void fail(proto_http_body *body, proto_err err, uint64_t offset)
{
    body->fault = (proto_fault){err, offset};
    body->state = FAILED;
}

/* The failure of the byte that is `ahead` of what is used up. */
static proto_err refuse(proto_http_body *body, proto_err err, size_t ahead)
{
    fail(body, err, body->consumed + ahead);
    return err;
}

/* How much more content may come. */
static uint64_t room(const proto_http_body *body)
{
    return http_max_body(body->config) - body->received;
}

static void begin_chunk(proto_http_body *body)
{
    body->state = SIZE;
    body->left = 0;
    body->digits = 0;
    body->scanned = 0;
}

static void content_passed(proto_http_body *body, uint64_t size)
{
    body->received += size;
    body->left -= size;
    if (body->left == 0 && body->framing == PROTO_HTTP_LENGTH) body->state = COMPLETE;
    if (body->left == 0 && body->framing == PROTO_HTTP_CHUNKED) body->state = CONTENT_END;
}

/* ----------------------------------------------------------------- chunk-size lines, exactly -- */

static proto_err count_overhead(proto_http_body *body)
{
    if (body->overhead >= http_max_overhead(body->config)) return PROTO_ERR_HTTP_OVERHEAD;
    body->overhead++;
    return PROTO_OK;
}

static proto_err size_digit(proto_http_body *body, uint8_t byte)
{
    if (body->digits == MAX_DIGITS) return PROTO_ERR_HTTP_CHUNK_SIZE;
    if (body->left > INT64_MAX >> 4) return PROTO_ERR_HTTP_CHUNK_OVERFLOW;
    bool after_zero = body->digits > 0 && body->left == 0;
    body->digits++;
    body->left = body->left << 4 | ascii_hex(byte);
    if (body->left > room(body)) return PROTO_ERR_HTTP_BODY_TOO_LARGE;
    return after_zero ? count_overhead(body) : PROTO_OK;
}

static proto_err extension_byte(proto_http_body *body)
{
    if (body->scanned - body->digits >= http_max_extension(body->config))
        return PROTO_ERR_HTTP_EXTENSION_TOO_LONG;
    return count_overhead(body);
}

static proto_err misplaced(const proto_http_body *body, enum byte_kind kind)
{
    if (kind == LF || body->state == LINE_FEED) return PROTO_ERR_HTTP_LINE_END;
    return body->state == SIZE ? PROTO_ERR_HTTP_CHUNK_SIZE : PROTO_ERR_HTTP_CHUNK_EXTENSION;
}

static proto_err size_line_byte(proto_http_body *body, uint8_t byte)
{
    if (body->state == SIZE && ascii_is(byte, ASCII_HEX)) return size_digit(body, byte);
    enum byte_kind kind = kind_of(byte);
    uint8_t next = line_table[body->state][kind];
    if (body->state == SIZE && body->digits == 0) next = REFUSED;
    if (next & BY_LENIENCY) {
        bool admitted = http_lenient(body->config) & PROTO_HTTP_LENIENT_CHUNK_BLANKS;
        next = admitted ? (uint8_t)(next & ~BY_LENIENCY) : REFUSED;
        if (admitted) body->deviations |= PROTO_HTTP_LENIENT_CHUNK_BLANKS;
    }
    if (next == REFUSED) return misplaced(body, kind);
    body->state = next;
    return kind == CR || kind == LF ? PROTO_OK : extension_byte(body);
}

static proto_err size_line_read(proto_http_body *body, proto_in *in)
{
    while (body->scanned < available(in)) {
        proto_err err = size_line_byte(body, in->pos[body->scanned]);
        if (err) return refuse(body, err, body->scanned);
        body->scanned++;
        if (body->state != CONTENT) continue;
        consume(body, in, body->scanned);
        body->scanned = 0;
        if (body->left == 0) body->state = TRAILER;
        return PROTO_OK;
    }
    return PROTO_NEED_INPUT;
}

/* -------------------------------------------------------------------- chunks, many at a time -- */

enum {
    PLAIN_DIGITS = 7,             /* so that size and line fit in any size_t */
    PLAIN_LINE = PLAIN_DIGITS + 2 /* and the CR LF */
};

/* The length of a size line that is 1 to 7 digits without a leading zero and CR LF, or 0.
   PLAIN_LINE bytes may be read. */
static inline size_t plain_line(const uint8_t *line, size_t *size)
{
    size_t len = 0;
    size_t value = 0;
    if (*line == '0') return 0;
    for (; len < PLAIN_DIGITS && ascii_is(line[len], ASCII_HEX); len++)
        value = value << 4 | ascii_hex(line[len]);
    *size = value;
    return len > 0 && memcmp(line + len, "\r\n", 2) == 0 ? len + 2 : 0;
}

/* A word whose first `len` bytes are all ones, 0 to 8. */
static uint64_t first_bytes(size_t len)
{
    uint64_t mask = 0;
    memset(&mask, 0xff, len);
    return mask;
}

/* Reads whole regular chunks as long as they last, and leaves the first that is not to the exact
   readers. What a chunk waits for is the size of the one before it: load, parse, advance. After two
   equal size lines the next is guessed to be the same, so that its place is known before it is
   read; the comparison must stay a branch for that. */
static size_t whole_chunks(proto_http_body *body, proto_in *in, proto_slice *pieces, size_t cap)
{
    const uint8_t *at = in->pos;
    const uint8_t *end = in->end;
    uint64_t allowed = room(body);
    uint64_t guess = 1; /* with the empty mask, what no line can match */
    uint64_t mask = 0;
    size_t line = 0;
    size_t size = 0;
    size_t count = 0;
    while (count < cap && end - at >= PLAIN_LINE) {
        if ((word_load(at) & mask) != guess) {
            size_t last = size;
            line = plain_line(at, &size);
            if (line == 0) break;
            bool repeats = size == last && line <= sizeof mask;
            mask = repeats ? first_bytes(line) : 0;
            guess = repeats ? word_load(at) & mask : 1;
        }
        if (size > allowed || (size_t)(end - at) < line + size + 2) break;
        if (memcmp(at + line + size, "\r\n", 2) != 0) break;
        pieces[count].ptr = at + line;
        pieces[count].len = size;
        count++;
        allowed -= size;
        at += line + size + 2;
    }
    body->received += room(body) - allowed;
    body->consumed += (size_t)(at - in->pos);
    in->pos = at;
    return count;
}

/* --------------------------------------------------------------------------- the other units -- */

static proto_err content_read(proto_http_body *body, proto_in *in, proto_slice *piece)
{
    size_t size = body->left < available(in) ? (size_t)body->left : available(in);
    if (size == 0) {
        bool unbounded = body->framing == PROTO_HTTP_UNTIL_CLOSE;
        if (in->pos != in->end) return refuse(body, PROTO_ERR_HTTP_BODY_TOO_LARGE, 0);
        if (!in->eof || !unbounded) return PROTO_NEED_INPUT;
        body->state = COMPLETE;
        return PROTO_OK;
    }
    *piece = proto_slice_of(in->pos, size);
    consume(body, in, size);
    content_passed(body, size);
    return PROTO_OK;
}

static proto_err content_end_read(proto_http_body *body, proto_in *in)
{
    static const uint8_t crlf[2] = {'\r', '\n'};
    for (size_t i = 0; i < sizeof crlf; i++) {
        if (i == available(in)) return PROTO_NEED_INPUT;
        if (in->pos[i] != crlf[i]) return refuse(body, PROTO_ERR_HTTP_CHUNK_END, i);
    }
    consume(body, in, sizeof crlf);
    begin_chunk(body);
    return PROTO_OK;
}

bool http_field_may_trail(proto_http_field_id id)
{
    static const uint64_t framing = HTTP_FIELD_BIT(CONTENT_LENGTH) |
                                    HTTP_FIELD_BIT(TRANSFER_ENCODING) | HTTP_FIELD_BIT(TE) |
                                    HTTP_FIELD_BIT(TRAILER) | HTTP_FIELD_BIT(CONNECTION) |
                                    HTTP_FIELD_BIT(KEEP_ALIVE) | HTTP_FIELD_BIT(PROXY_CONNECTION) |
                                    HTTP_FIELD_BIT(UPGRADE);
    static const uint64_t routing = HTTP_FIELD_BIT(HOST) | HTTP_FIELD_BIT(MAX_FORWARDS);
    static const uint64_t modifiers = HTTP_FIELD_BIT(CACHE_CONTROL) | HTTP_FIELD_BIT(EXPECT) |
                                      HTTP_FIELD_BIT(PRAGMA) | HTTP_FIELD_BIT(RANGE) |
                                      HTTP_FIELD_BIT(IF_MATCH) | HTTP_FIELD_BIT(IF_NONE_MATCH) |
                                      HTTP_FIELD_BIT(IF_MODIFIED_SINCE) |
                                      HTTP_FIELD_BIT(IF_UNMODIFIED_SINCE) |
                                      HTTP_FIELD_BIT(IF_RANGE);
    static const uint64_t authentication = HTTP_FIELD_BIT(AUTHORIZATION) |
                                           HTTP_FIELD_BIT(WWW_AUTHENTICATE) |
                                           HTTP_FIELD_BIT(PROXY_AUTHORIZATION) |
                                           HTTP_FIELD_BIT(PROXY_AUTHENTICATE) |
                                           HTTP_FIELD_BIT(COOKIE) | HTTP_FIELD_BIT(SET_COOKIE);
    static const uint64_t format = HTTP_FIELD_BIT(CONTENT_ENCODING) | HTTP_FIELD_BIT(CONTENT_TYPE) |
                                   HTTP_FIELD_BIT(CONTENT_RANGE);
    return !((framing | routing | modifiers | authentication | format) >> id & 1);
}

/* Judged when all of the section is there, so that the verdict does not depend on how the input was
   cut. */
static proto_err trailer_fields_check(proto_http_body *body)
{
    const proto_http_fields *trailer = &body->trailer;
    for (uint32_t i = 0; i < trailer->count; i++) {
        proto_http_span name = trailer->at[i].name;
        proto_http_field_id id = proto_http_field_id_of(proto_http_text(trailer, name));
        if (!http_field_may_trail(id)) return refuse(body, PROTO_ERR_HTTP_TRAILER_FIELD, name.at);
    }
    return PROTO_OK;
}

static proto_err trailer_read(proto_http_body *body, proto_in *in)
{
    if (body->scanned == available(in)) return PROTO_NEED_INPUT;
    uint32_t max = http_max_trailer(body->config);
    http_lines lines = {
        .base = in->pos,
        .end = available(in) < max ? (uint32_t)available(in) : max,
        .line = body->line,
        .scanned = body->scanned,
        /* No bare LF in the framing of chunks, whatever a head may have. */
        .lenient = http_lenient(body->config) & ~(uint32_t)PROTO_HTTP_LENIENT_BARE_LF,
        .max_line = http_max_line(body->config),
        .deviations = body->deviations,
    };
    body->trailer.base = in->pos;
    proto_err err = http_field_lines_read(&lines, &body->trailer);
    body->line = lines.line;
    body->scanned = lines.scanned;
    body->deviations = lines.deviations;
    if (err == PROTO_NEED_INPUT && lines.end == max)
        return refuse(body, PROTO_ERR_HTTP_TRAILER_TOO_LARGE, max);
    if (err == PROTO_NEED_INPUT) return err;
    if (err) return refuse(body, err, lines.fault);
    err = trailer_fields_check(body);
    if (err) return err;
    consume(body, in, lines.line);
    body->state = COMPLETE;
    return PROTO_OK;
}

/* Reads one unit; content goes to `piece`, which is left alone by other units. */
static proto_err unit_read(proto_http_body *body, proto_in *in, proto_slice *piece)
{
    switch (body->state) {
    case CONTENT: return content_read(body, in, piece);
    case CONTENT_END: return content_end_read(body, in);
    case TRAILER: return trailer_read(body, in);
    default: return size_line_read(body, in);
    }
}

/* -------------------------------------------------------------------------------- the events -- */

void proto_http_body_init(proto_http_body *body, const proto_http_head *head)
{
    const proto_http_fields *fields = &head->fields;
    *body = (proto_http_body){.config = head->config, .framing = head->framing, .state = COMPLETE};
    if (fields->cap > fields->count)
        body->trailer = (proto_http_fields){.at = fields->at + fields->count,
                                            .cap = fields->cap - fields->count};
    switch ((proto_http_framing)head->framing) {
    case PROTO_HTTP_NO_BODY: break;
    case PROTO_HTTP_LENGTH:
        body->left = head->content_length;
        if (body->left > room(body))
            fail(body, PROTO_ERR_HTTP_BODY_TOO_LARGE, 0);
        else if (body->left > 0)
            body->state = CONTENT;
        break;
    case PROTO_HTTP_CHUNKED: begin_chunk(body); break;
    case PROTO_HTTP_UNTIL_CLOSE:
        body->left = room(body);
        body->state = CONTENT;
        break;
    case PROTO_HTTP_TUNNEL: body->state = TUNNEL; break;
    }
}

/* The event of a body that has nothing more to read. */
static proto_http_event final_event(const proto_http_body *body)
{
    if (body->state == FAILED) return PROTO_HTTP_EVENT_FAILED;
    return body->state == TUNNEL ? PROTO_HTTP_EVENT_TUNNEL : PROTO_HTTP_EVENT_END;
}

proto_http_event proto_http_body_read(proto_http_body *body, proto_in *in, proto_slice *pieces,
                                      size_t cap, size_t *count)
{
    *count = 0;
    for (;;) {
        if (body->state == SIZE && body->scanned == 0)
            *count += whole_chunks(body, in, pieces + *count, cap - *count);
        if (*count == cap) return PROTO_HTTP_EVENT_BODY;
        if (body->state >= COMPLETE) return final_event(body);
        pieces[*count].len = 0;
        proto_err err = unit_read(body, in, &pieces[*count]);
        if (pieces[*count].len > 0) ++*count;
        if (err != PROTO_NEED_INPUT) continue;
        if (!in->eof) return PROTO_HTTP_EVENT_NEED_INPUT;
        refuse(body, PROTO_ERR_HTTP_TRUNCATED, available(in));
    }
}

proto_http_event proto_http_body_next(proto_http_body *body, proto_in *in, proto_slice *data)
{
    size_t count;
    return proto_http_body_read(body, in, data, 1, &count);
}

uint64_t proto_http_body_pending(const proto_http_body *body)
{
    bool certain = body->state == CONTENT && body->framing != PROTO_HTTP_UNTIL_CLOSE;
    return certain ? body->left : 0;
}

void proto_http_body_skip(proto_http_body *body, uint64_t size)
{
    assert(size <= proto_http_body_pending(body));
    if (size == 0) return;
    body->consumed += size;
    content_passed(body, size);
}
