/* SPDX-License-Identifier: MIT */
/* The fast twin of the head reader, for little-endian machines with vectors. It takes a head that is whole and has nothing
   unusual about it, and declines every other: the exact reader, which alone knows what an error is, then reads it from its
   beginning. So the two agree by construction as long as what is taken here is read rightly.

   The file that includes this one has defined, for its instruction set:

     enum { WIDTH };        how many bytes it classifies at a time, 32 or 64
     byte_set               a set of bytes in the form that it looks up, and the sets TOKEN_SET, TARGET_SET, NAME_SET
     outside(at, limit, set) a bit for each of WIDTH bytes at `at` that is not in the set; reads nothing behind `limit` (or,
                            where that is nearer than WIDTH bytes, up to WIDTH before it), bits from `limit` on are 1
     split(...)             finds the lines of a head and fills the field table, see head_shape */
#ifndef HTTP_HEAD_FAST_H
#define HTTP_HEAD_FAST_H

#include "http_head.h"

/* What split() finds: the head's outline. Offsets count from `base`. */
typedef struct head_shape {
    const uint8_t *base;
    const uint8_t *limit; /* no byte from here on is looked at */
    uint32_t method_end;  /* behind the first token */
    uint32_t line_end;    /* of the start line's text */
    uint32_t length;      /* of the head */
    uint32_t count;       /* of fields */
    uint64_t seen;        /* which of them http_decide() would look at */
} head_shape;

/* Fills the table and the outline, or declines. */
static inline bool split(proto_http_fields *fields, head_shape *shape);

static inline uint16_t load_pair(const uint8_t *at)
{
    uint16_t pair;
    memcpy(&pair, at, sizeof pair);
    return pair;
}

enum { CR_LF = '\r' | '\n' << 8, COLON_BLANK = ':' | ' ' << 8 };
#define CR_LF_CR_LF HTTP_FOUR('\r', '\n', '\r', '\n')

/* ------------------------------------------------------------------------------------ fields -- */

/* White space that is more or less than one blank behind the colon. */
static __attribute__((noinline)) bool fit_value(const uint8_t *colon, const uint8_t *stop,
                                                const uint8_t *base, proto_http_field *field)
{
    const uint8_t *value = colon + 1;
    if (*colon != ':' || load_pair(stop) != CR_LF) return false;
    while (value < stop && (*value == ' ' || *value == '\t'))
        value++;
    while (stop > value && (stop[-1] == ' ' || stop[-1] == '\t'))
        stop--;
    field->value.at = (uint32_t)(value - base);
    field->value.len = (uint32_t)(stop - value);
    return true;
}

/* Whether a line is `name: value` CR LF without other white space at the value's ends; four tests that never mispredict are
   cheaper than one clever one. */
static inline bool is_regular(const uint8_t *colon, const uint8_t *stop)
{
    return load_pair(colon) == COLON_BLANK && colon[2] > ' ' && stop[-1] > ' ' &&
           load_pair(stop) == CR_LF;
}

/* ------------------------------------------------------------------------------- start lines -- */

/* Whether all `len` bytes, at least one, are in the set. */
static inline bool all_in(const uint8_t *at, size_t len, const uint8_t *limit, const byte_set *set)
{
    for (; len > WIDTH; at += WIDTH, len -= WIDTH)
        if (outside(at, limit, set)) return false;
    return !(outside(at, limit, set) & (~UINT64_C(0) >> (64 - len)));
}

/* method SP "/"... SP version; any other form of target is left to the exact reader. */
static inline bool take_request_line(proto_http_head *head, const head_shape *shape)
{
    const uint8_t *base = shape->base;
    uint32_t method_end = shape->method_end, line_end = shape->line_end;
    if (method_end == 0 || line_end < method_end + 11) return false;
    uint64_t version = word_load(base + line_end - 8);
    if (load_pair(base + method_end) != (' ' | '/' << 8) || base[line_end - 9] != ' ') return false;
    if (version != HTTP_1_1 && version != HTTP_1_0) return false;
    if (load_pair(base + line_end) != CR_LF) return false;
    uint32_t target = method_end + 1, target_len = line_end - 9 - target;
    if (!all_in(base + target, target_len, shape->limit, &TARGET_SET)) return false;
    proto_http_method method = http_method(base, method_end);
    if (method == PROTO_HTTP_CONNECT) return false;
    head->method = (uint8_t)method;
    head->method_token.at = 0;
    head->method_token.len = method_end;
    head->target.at = target;
    head->target.len = target_len;
    head->target_form = PROTO_HTTP_ORIGIN_FORM;
    head->reason.at = head->reason.len = 0;
    head->status = 0;
    head->minor = version == HTTP_1_1;
    return true;
}

static inline bool take_status_line(proto_http_head *head, const head_shape *shape)
{
    const uint8_t *base = shape->base;
    if (shape->line_end < 13) return false;
    uint64_t version = word_load(base);
    if (version != HTTP_1_1 && version != HTTP_1_0) return false;
    unsigned a = base[9] - (unsigned)'0', b = base[10] - (unsigned)'0',
             c = base[11] - (unsigned)'0';
    if (a - 1 > 8 || b > 9 || c > 9 || base[8] != ' ' || base[12] != ' ') return false;
    if (load_pair(base + shape->line_end) != CR_LF) return false;
    head->method_token.at = head->method_token.len = 0;
    head->target.at = head->target.len = 0;
    head->target_form = 0;
    head->reason.at = 13;
    head->reason.len = shape->line_end - 13;
    head->status = (uint16_t)(a * 100 + b * 10 + c);
    head->minor = version == HTTP_1_1;
    return true;
}

/* ------------------------------------------------------------------------------- conclusions -- */

/* The usual meaning of the fields that decide, a line each; whatever is not usual is for http_decide(). */
typedef struct usual {
    proto_http_span host;
    uint64_t content_length;
    bool has_length;
    bool chunked;
    bool close;
    bool keep_alive;
} usual;

/* Eight bytes in lower case, as far as they are compared with letters and "-" of a text without controls. */
static inline uint64_t caseless(const uint8_t *at)
{
    return word_load(at) | WORD_EACH(0x20);
}

/* A name of letters, digits, "-", "." and "_", and a port of one to four digits. */
static inline bool usual_host(const uint8_t *at, size_t len, const uint8_t *limit)
{
    if (len == 0 || len > WIDTH) return false;
    uint64_t other = outside(at, limit, &NAME_SET) & (~UINT64_C(0) >> (64 - len));
    if (!other) return true;
    size_t colon = (size_t)__builtin_ctzll(other), port = len - colon - 1;
    if (colon == 0 || at[colon] != ':' || port == 0 || port > 4) return false;
    for (size_t i = colon + 1; i < len; i++)
        if ((uint8_t)(at[i] - '0') > 9) return false;
    return true;
}

/* One to eight digits; the eight bytes that end with them are all in the head. */
static inline bool usual_length(const uint8_t *at, size_t len, uint64_t *number)
{
    if (len == 0 || len > 8) return false;
    unsigned unused = (unsigned)(8 - len) * 8;
    uint64_t word = (word_load(at + len - 8) ^ WORD_EACH('0')) >> unused << unused;
    if (((word + WORD_EACH(0x7f - 9)) | word) & WORD_EACH(0x80)) return false;
    word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
    *number = (word * 10000 + (word >> 32)) & UINT64_C(0xffffffff);
    return true;
}

static inline bool usual_connection(const uint8_t *at, size_t len, usual *found)
{
    if (found->close | found->keep_alive) return false;
    if (len == 10)
        found->keep_alive = caseless(at) == HTTP_EIGHT('k', 'e', 'e', 'p', '-', 'a', 'l', 'i') &&
                            (load_pair(at + 8) | 0x2020) == ('v' | 'e' << 8);
    if (len == 5)
        found->close = http_first_bytes(caseless(at), 5) ==
                       HTTP_EIGHT('c', 'l', 'o', 's', 'e', 0, 0, 0);
    return found->close | found->keep_alive;
}

/* Looks at one field that may decide. False: let http_decide() see to it. */
static inline bool take_usual(usual *found, const head_shape *shape, const proto_http_field *field)
{
    const uint8_t *name = shape->base + field->name.at, *value = shape->base + field->value.at;
    size_t len = field->value.len;
    switch (field->name.len) {
    case HTTP_LEN_HOST:
        if (found->host.len || !usual_host(value, len, shape->limit)) return false;
        found->host = field->value;
        return true;
    case HTTP_LEN_CONNECTION:
        if (caseless(name) != HTTP_EIGHT('c', 'o', 'n', 'n', 'e', 'c', 't', 'i')) return true;
        return usual_connection(value, len, found);
    case HTTP_LEN_CONTENT_LENGTH:
        if (caseless(name) != HTTP_EIGHT('c', 'o', 'n', 't', 'e', 'n', 't', '-')) return true;
        if (caseless(name + 6) != HTTP_EIGHT('t', '-', 'l', 'e', 'n', 'g', 't', 'h')) return true;
        if (found->has_length || found->chunked) return false;
        return found->has_length = usual_length(value, len, &found->content_length);
    case HTTP_LEN_TRANSFER_ENCODING:
        if (found->has_length || found->chunked || len != 7) return false;
        if (caseless(name) != HTTP_EIGHT('t', 'r', 'a', 'n', 's', 'f', 'e', 'r')) return false;
        if (caseless(name + 9) != HTTP_EIGHT('e', 'n', 'c', 'o', 'd', 'i', 'n', 'g')) return false;
        return found->chunked = name[8] == '-' &&
                                http_first_bytes(caseless(value), 7) ==
                                    HTTP_EIGHT('c', 'h', 'u', 'n', 'k', 'e', 'd', 0);
    default: return false;
    }
}

static inline bool take_all_usual(usual *found, const head_shape *shape,
                                  const proto_http_field *fields)
{
    for (uint64_t left = shape->seen; left; left &= left - 1)
        if (!take_usual(found, shape, &fields[__builtin_ctzll(left)])) return false;
    return true;
}

/* RFC 9112 section 6.3. */
static inline proto_http_framing usual_framing(const usual *found, proto_http_framing otherwise)
{
    if (found->chunked) return PROTO_HTTP_CHUNKED;
    return found->has_length ? PROTO_HTTP_LENGTH : otherwise;
}

static inline void conclude(proto_http_head *head, const usual *found, proto_http_framing framing)
{
    bool persists = !found->close && (head->minor || found->keep_alive);
    head->content_length = found->content_length;
    head->has_length = found->has_length;
    head->framing = (uint8_t)framing;
    head->flags = persists && framing != PROTO_HTTP_UNTIL_CLOSE ? PROTO_HTTP_KEEP_ALIVE : 0;
}

static inline http_fast decide_request(proto_http_head *head, const head_shape *shape)
{
    usual found = {.chunked = false};
    if (!take_all_usual(&found, shape, head->fields.at)) return HTTP_READ;
    if (found.chunked && !head->minor) return HTTP_READ;
    if (head->minor && !found.host.len) return HTTP_READ;
    head->authority = found.host;
    conclude(head, &found, usual_framing(&found, PROTO_HTTP_NO_BODY));
    return HTTP_DECIDED;
}

static inline http_fast decide_response(proto_http_head *head, const head_shape *shape)
{
    usual found = {.chunked = false};
    if (!take_all_usual(&found, shape, head->fields.at)) return HTTP_READ;
    if (found.chunked && !head->minor) return HTTP_READ;
    if (head->status < 200 || head->status == 204) return HTTP_READ;
    proto_http_framing framing = http_status_framing(head->status, head->method);
    if (framing == PROTO_HTTP_UNTIL_CLOSE) framing = usual_framing(&found, framing);
    conclude(head, &found, framing);
    return HTTP_DECIDED;
}

static inline void take_shape(proto_http_head *head, const head_shape *shape)
{
    head->fields.count = shape->count;
    head->length = shape->length;
    head->seen = shape->seen;
    head->deviations = 0;
    head->flags = 0;
    head->has_length = false;
    head->content_length = 0;
    head->authority.at = head->authority.len = 0;
}

static http_fast read_request(proto_http_head *head, const uint8_t *base, size_t size)
{
    head_shape shape = {.base = base, .limit = base + size};
    if (!split(&head->fields, &shape) || !take_request_line(head, &shape)) return HTTP_DECLINED;
    take_shape(head, &shape);
    return decide_request(head, &shape);
}

static http_fast read_response(proto_http_head *head, const uint8_t *base, size_t size)
{
    head_shape shape = {.base = base, .limit = base + size};
    if (!split(&head->fields, &shape) || !take_status_line(head, &shape)) return HTTP_DECLINED;
    take_shape(head, &shape);
    return decide_response(head, &shape);
}

#endif
