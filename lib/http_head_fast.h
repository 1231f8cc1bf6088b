/* SPDX-License-Identifier: MIT */
/* The skeleton of the fast twins. A twin takes a head that is whole and has nothing unusual about
   it, and declines every other: the exact reader, which alone knows what an error is, then reads it
   from its beginning. So the two agree as long as what is taken is read rightly.

   The including file has defined, for its instruction set:

     byte_set                    a set of bytes in the form that it looks up
     TOKEN_SET TARGET_SET NAME_SET
     length_in(at, limit, set)   how many bytes from `at` on are in the set; it may say a multiple
                                 of WIDTH when there are more
     enum { WIDTH }
     split(fields, shape)        finds the lines of a head, fills the field table and the outline,
                                 or declines

   None of them looks at a byte from `limit` on. Where it wants some bytes to begin with it has also
   defined SHORTEST, so many; less is left to the portable twin. Where it has a better way of its
   own, IS_ALL and

     is_all(at, len, limit, set)   whether all of `len` bytes are in the set */
#ifndef HTTP_HEAD_FAST_H
#define HTTP_HEAD_FAST_H

#include "http_head.h"

/* The outline of a head. Offsets count from `base`. */
typedef struct head_shape {
    const uint8_t *base;
    const uint8_t *limit; /* no byte from here on is looked at */
    uint32_t line_end;    /* of the start line's text */
    uint32_t length;      /* of the head */
    uint32_t count;       /* of fields */
    uint64_t seen;        /* which of them http_decide() would look at */
} head_shape;

/* Inlined into both readers, so that the outline stays in registers. */
static inline __attribute__((always_inline)) bool split(proto_http_fields *fields,
                                                        head_shape *shape);

static inline uint32_t long_length_in(const uint8_t *at, const uint8_t *limit, const byte_set *set)
{
    uint32_t len = length_in(at, limit, set);
    for (uint32_t more = len; more == WIDTH; len += more)
        more = length_in(at + len, limit, set);
    return len;
}

#ifndef IS_ALL
static inline bool is_all(const uint8_t *at, uint32_t len, const uint8_t *limit,
                          const byte_set *set)
{
    return long_length_in(at, limit, set) >= len;
}
#endif

/* Written as one word: two halves would tempt the compiler into a detour through vector
   registers. */
static inline proto_http_span span_of(uint32_t at, uint32_t len)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t both = at | (uint64_t)len << 32;
#else
    uint64_t both = (uint64_t)at << 32 | len;
#endif
    proto_http_span span;
    memcpy(&span, &both, sizeof span);
    return span;
}

static inline uint16_t load_pair(const uint8_t *at)
{
    uint16_t pair;
    memcpy(&pair, at, sizeof pair);
    return pair;
}

#define CR_LF_CR_LF HTTP_FOUR('\r', '\n', '\r', '\n')

/* ------------------------------------------------------------------------------------ fields -- */

/* White space that is more or less than one blank behind the colon. */
static __attribute__((noinline)) bool fit_value(const uint8_t *colon, const uint8_t *stop,
                                                const uint8_t *base, proto_http_field *field)
{
    const uint8_t *value = colon + 1;
    if (*colon != ':' || load_pair(stop) != HTTP_TWO('\r', '\n')) return false;
    while (value < stop && (*value == ' ' || *value == '\t'))
        value++;
    while (stop > value && (stop[-1] == ' ' || stop[-1] == '\t'))
        stop--;
    field->value = span_of((uint32_t)(value - base), (uint32_t)(stop - value));
    return true;
}

/* Whether a line is `name: value` CR LF without other white space at the value's ends; four tests
   that never mispredict are cheaper than one clever one. */
static inline bool is_regular(const uint8_t *colon, const uint8_t *stop)
{
    return LIKELY(load_pair(colon) == HTTP_TWO(':', ' ')) && LIKELY(colon[2] > ' ') &&
           LIKELY(stop[-1] > ' ') && LIKELY(load_pair(stop) == HTTP_TWO('\r', '\n'));
}

/* ------------------------------------------------------------------------------- start lines -- */

/* method SP target SP version. Most methods are GET, and not looked for. */
static inline bool take_request_line(proto_http_head *head, const head_shape *shape)
{
    const uint8_t *base = shape->base;
    bool get = word_load_half(base) == HTTP_FOUR('G', 'E', 'T', ' ');
    uint32_t len = get ? 3 : long_length_in(base, shape->limit, &TOKEN_SET);
    uint32_t target = len + 1, line_end = shape->line_end, target_len = line_end - 9 - target;
    if (len == 0 || line_end < len + 11 || base[len] != ' ' || base[line_end - 9] != ' ')
        return false;
    uint64_t version = word_load(base + line_end - 8);
    if (version != HTTP_1_1 && version != HTTP_1_0) return false;
    if (load_pair(base + line_end) != HTTP_TWO('\r', '\n')) return false;
    if (!is_all(base + target, target_len, shape->limit, &TARGET_SET)) return false;
    head->method = (uint8_t)(get ? PROTO_HTTP_GET : http_method(base, len));
    head->method_token = span_of(0, len);
    head->target = span_of(target, target_len);
    head->reason = span_of(0, 0);
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
    if (load_pair(base + shape->line_end) != HTTP_TWO('\r', '\n')) return false;
    head->method_token = span_of(0, 0);
    head->target = span_of(0, 0);
    head->target_form = 0;
    head->reason = span_of(13, shape->line_end - 13);
    head->status = (uint16_t)(a * 100 + b * 10 + c);
    head->minor = version == HTTP_1_1;
    return true;
}

/* ----------------------------------------------------------------------------------- meaning -- */

/* What the fields say of framing and persistence. */
enum { HAS_LENGTH = 1, IS_CHUNKED = 2, CLOSES = 4, KEEPS_ALIVE = 8 };

typedef struct usual {
    const proto_http_field *host;
    uint64_t content_length;
    unsigned flags;
} usual;

/* Eight bytes in lower case, to be compared with letters and "-"; no control character is among
   them. */
static inline uint64_t caseless(const uint8_t *at)
{
    return word_load(at) | WORD_EACH(0x20);
}

/* A name, and a port of one to four digits. */
static inline bool usual_host(const uint8_t *at, uint32_t len, const uint8_t *limit)
{
#ifdef IS_ALL
    if (is_all(at, len, limit, &NAME_SET)) return len != 0;
#endif
    uint32_t colon = length_in(at, limit, &NAME_SET), port = len - colon - 1;
    if (colon >= len) return len != 0;
    if (colon == 0 || at[colon] != ':' || port == 0 || port > 4) return false;
    for (uint32_t i = colon + 1; i < len; i++)
        if ((uint8_t)(at[i] - '0') > 9) return false;
    return true;
}

/* One to eight digits; the eight bytes that end with them are all in the head. */
static inline bool usual_length(const uint8_t *at, size_t len, uint64_t *number)
{
    if (len == 0 || len > 8) return false;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    unsigned unused = (unsigned)(8 - len) * 8;
    uint64_t word = (word_load(at + len - 8) ^ WORD_EACH('0')) >> unused << unused;
    if (((word + WORD_EACH(0x7f - 9)) | word) & WORD_EACH(0x80)) return false;
    word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
    *number = (word * 10000 + (word >> 32)) & UINT64_C(0xffffffff);
#else
    *number = 0;
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)(at[i] - '0') > 9) return false;
        *number = *number * 10 + (uint64_t)(at[i] - '0');
    }
#endif
    return true;
}

static inline bool usual_connection(const uint8_t *at, size_t len, usual *found)
{
    if (found->flags & (CLOSES | KEEPS_ALIVE)) return false;
    if (len == 10 && caseless(at) == HTTP_EIGHT('k', 'e', 'e', 'p', '-', 'a', 'l', 'i') &&
        (load_pair(at + 8) | 0x2020) == HTTP_TWO('v', 'e'))
        found->flags |= KEEPS_ALIVE;
    else if (len == 5 &&
             http_first_bytes(caseless(at), 5) == HTTP_EIGHT('c', 'l', 'o', 's', 'e', 0, 0, 0))
        found->flags |= CLOSES;
    else
        return false;
    return true;
}

/* Looks at one field that may decide. False: let http_decide() see to it. */
static inline bool take_usual(usual *found, const head_shape *shape, const proto_http_field *field)
{
    const uint8_t *name = shape->base + field->name.at, *value = shape->base + field->value.at;
    uint32_t name_len = field->name.len, len = field->value.len;
    if (LIKELY(name_len == HTTP_LEN_HOST)) {
        if (found->host || !usual_host(value, len, shape->limit)) return false;
        found->host = field;
        return true;
    }
    if (name_len == HTTP_LEN_CONNECTION) {
        if (caseless(name) != HTTP_EIGHT('c', 'o', 'n', 'n', 'e', 'c', 't', 'i')) return true;
        return usual_connection(value, len, found);
    }
    if (found->flags & (HAS_LENGTH | IS_CHUNKED)) return false;
    if (name_len == HTTP_LEN_CONTENT_LENGTH) {
        if (caseless(name) != HTTP_EIGHT('c', 'o', 'n', 't', 'e', 'n', 't', '-')) return true;
        if (caseless(name + 6) != HTTP_EIGHT('t', '-', 'l', 'e', 'n', 'g', 't', 'h')) return true;
        found->flags |= HAS_LENGTH;
        return usual_length(value, len, &found->content_length);
    }
    if (name_len != HTTP_LEN_TRANSFER_ENCODING || len != 7 || name[8] != '-') return false;
    if (caseless(name) != HTTP_EIGHT('t', 'r', 'a', 'n', 's', 'f', 'e', 'r')) return false;
    if (caseless(name + 9) != HTTP_EIGHT('e', 'n', 'c', 'o', 'd', 'i', 'n', 'g')) return false;
    found->flags |= IS_CHUNKED;
    return http_first_bytes(caseless(value), 7) == HTTP_EIGHT('c', 'h', 'u', 'n', 'k', 'e', 'd', 0);
}

static inline bool take_all_usual(usual *found, const head_shape *shape,
                                  const proto_http_field *fields)
{
    for (uint64_t left = shape->seen; left;)
        if (!take_usual(found, shape, &fields[http_next_seen(&left)])) return false;
    return true;
}

/* RFC 9112 section 6.3. */
static inline proto_http_framing usual_framing(const usual *found, proto_http_framing otherwise)
{
    if (found->flags & IS_CHUNKED) return PROTO_HTTP_CHUNKED;
    return found->flags & HAS_LENGTH ? PROTO_HTTP_LENGTH : otherwise;
}

static inline void conclude(proto_http_head *head, const usual *found, proto_http_framing framing)
{
    bool persists = !(found->flags & CLOSES) && (head->minor || (found->flags & KEEPS_ALIVE));
    head->content_length = found->content_length;
    head->has_length = (found->flags & HAS_LENGTH) != 0;
    head->framing = (uint8_t)framing;
    head->flags = persists && framing != PROTO_HTTP_UNTIL_CLOSE ? PROTO_HTTP_KEEP_ALIVE : 0;
}

/* The outline, and what http_decide() expects of a head that it has not decided. */
static inline void take_shape(proto_http_head *head, const head_shape *shape)
{
    head->fields.count = shape->count;
    head->length = shape->length;
    head->seen = shape->seen;
    head->deviations = 0;
    head->authority = span_of(0, 0);
}

static inline http_fast leave_undecided(proto_http_head *head)
{
    head->content_length = 0;
    head->has_length = false;
    head->flags = 0;
    return HTTP_READ;
}

/* Another form than "/path": what it means is not for here. */
static __attribute__((noinline)) http_fast take_other_form(proto_http_head *head)
{
    uint32_t unused;
    return http_target_form(head, &unused) ? HTTP_DECLINED : leave_undecided(head);
}

static inline http_fast decide_request(proto_http_head *head, const head_shape *shape)
{
    usual found = {.flags = 0};
    take_shape(head, shape);
    head->target_form = PROTO_HTTP_ORIGIN_FORM;
    if (shape->base[head->target.at] != '/' || head->method == PROTO_HTTP_CONNECT)
        return take_other_form(head);
    if (!take_all_usual(&found, shape, head->fields.at)) return leave_undecided(head);
    if (head->minor ? !found.host : (found.flags & IS_CHUNKED) != 0) return leave_undecided(head);
    if (found.host) head->authority = found.host->value;
    conclude(head, &found, usual_framing(&found, PROTO_HTTP_NO_BODY));
    return HTTP_DECIDED;
}

static inline http_fast decide_response(proto_http_head *head, const head_shape *shape)
{
    usual found = {.flags = 0};
    take_shape(head, shape);
    if (!take_all_usual(&found, shape, head->fields.at)) return leave_undecided(head);
    if (!head->minor && (found.flags & IS_CHUNKED)) return leave_undecided(head);
    if (head->status < 200 || head->status == 204) return leave_undecided(head);
    proto_http_framing framing = http_status_framing(head->status, head->method);
    if (framing == PROTO_HTTP_UNTIL_CLOSE) framing = usual_framing(&found, framing);
    conclude(head, &found, framing);
    return HTTP_DECIDED;
}

/* ------------------------------------------------------------------------------------- heads -- */

/* How many bytes may be looked at: of a head of so many none breaks a limit. */
static inline size_t offered(const proto_http_head *head, const proto_in *in)
{
    size_t size = (size_t)(in->end - in->pos);
    return size < head->at_once ? size : head->at_once;
}

static proto_err read_request(proto_http_head *head, proto_in *in)
{
    size_t size = offered(head, in);
#ifdef SHORTEST
    if (!LIKELY(size >= SHORTEST)) return http_reader_portable.request(head, in);
#endif
    head_shape shape = {.base = in->pos, .limit = in->pos + size};
    http_fast done = HTTP_DECLINED;
    head->fields.base = in->pos;
    if (split(&head->fields, &shape) && take_request_line(head, &shape))
        done = decide_request(head, &shape);
    if (!LIKELY(done == HTTP_DECIDED)) return http_request_read_on(head, in, done);
    in->pos += shape.length;
    return PROTO_OK;
}

static proto_err read_response(proto_http_head *head, proto_in *in)
{
    size_t size = offered(head, in);
#ifdef SHORTEST
    if (!LIKELY(size >= SHORTEST)) return http_reader_portable.response(head, in);
#endif
    head_shape shape = {.base = in->pos, .limit = in->pos + size};
    http_fast done = HTTP_DECLINED;
    head->fields.base = in->pos;
    if (split(&head->fields, &shape) && take_status_line(head, &shape))
        done = decide_response(head, &shape);
    if (!LIKELY(done == HTTP_DECIDED)) return http_response_read_on(head, in, done);
    in->pos += shape.length;
    return PROTO_OK;
}

#endif
