/* SPDX-License-Identifier: MIT */
/* What the fast twins of the head reader share: the usual meaning of the usual fields.

   A fast twin takes a head that is whole and has nothing unusual about it, and declines every other: the exact reader, which
   alone knows what an error is, then reads it from its beginning. So the two agree as long as what is taken is read rightly.

   The including file has defined

     usual_name(at, len, limit)  how many of `len` bytes are letters, digits, "-", "." or "_"; fewer may be said, of long names;
                                 nothing behind `limit` is looked at */
#ifndef HTTP_HEAD_USUAL_H
#define HTTP_HEAD_USUAL_H

#include "http_head.h"

/* The outline of a head. Offsets count from `base`. */
typedef struct head_shape {
    const uint8_t *base;
    const uint8_t *limit; /* no byte from here on is looked at */
    uint32_t method_end;  /* behind the first token */
    uint32_t line_end;    /* of the start line's text */
    uint32_t length;      /* of the head */
    uint32_t count;       /* of fields */
    uint64_t seen;        /* which of them http_decide() would look at */
} head_shape;

/* What the fields say of framing and persistence. */
typedef struct usual {
    proto_http_span host;
    uint64_t content_length;
    bool has_length;
    bool chunked;
    bool close;
    bool keep_alive;
} usual;

/* Written as one word: two halves would tempt the compiler into a detour through vector registers. */
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

/* Eight bytes in lower case, to be compared with letters and "-"; no control character is among them. */
static inline uint64_t caseless(const uint8_t *at)
{
    return word_load(at) | WORD_EACH(0x20);
}

/* A name, and a port of one to four digits. */
static inline bool usual_host(const uint8_t *at, size_t len, const uint8_t *limit)
{
    size_t colon = usual_name(at, len, limit), port = len - colon - 1;
    if (colon == len) return len != 0;
    if (colon == 0 || at[colon] != ':' || port == 0 || port > 4) return false;
    for (size_t i = colon + 1; i < len; i++)
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
    if (found->close | found->keep_alive) return false;
    if (len == 10)
        found->keep_alive = caseless(at) == HTTP_EIGHT('k', 'e', 'e', 'p', '-', 'a', 'l', 'i') &&
                            (load_pair(at + 8) | 0x2020) == HTTP_TWO('v', 'e');
    if (len == 5)
        found->close = http_first_bytes(caseless(at), 5) ==
                       HTTP_EIGHT('c', 'l', 'o', 's', 'e', 0, 0, 0);
    return found->close | found->keep_alive;
}

/* Looks at one field that may decide. False: let http_decide() see to it. */
static inline bool take_usual(usual *found, const head_shape *shape, const proto_http_field *field)
{
    const uint8_t *name = shape->base + field->name.at, *value = shape->base + field->value.at;
    uint32_t name_len = field->name.len, len = field->value.len;
    if (name_len == HTTP_LEN_HOST) {
        if (found->host.len || !usual_host(value, len, shape->limit)) return false;
        found->host = span_of(field->value.at, len);
        return true;
    }
    if (name_len == HTTP_LEN_CONNECTION) {
        if (caseless(name) != HTTP_EIGHT('c', 'o', 'n', 'n', 'e', 'c', 't', 'i')) return true;
        return usual_connection(value, len, found);
    }
    if (found->has_length || found->chunked) return false;
    if (name_len == HTTP_LEN_CONTENT_LENGTH) {
        if (caseless(name) != HTTP_EIGHT('c', 'o', 'n', 't', 'e', 'n', 't', '-')) return true;
        if (caseless(name + 6) != HTTP_EIGHT('t', '-', 'l', 'e', 'n', 'g', 't', 'h')) return true;
        return found->has_length = usual_length(value, len, &found->content_length);
    }
    if (name_len != HTTP_LEN_TRANSFER_ENCODING || len != 7 || name[8] != '-') return false;
    if (caseless(name) != HTTP_EIGHT('t', 'r', 'a', 'n', 's', 'f', 'e', 'r')) return false;
    if (caseless(name + 9) != HTTP_EIGHT('e', 'n', 'c', 'o', 'd', 'i', 'n', 'g')) return false;
    return found->chunked = http_first_bytes(caseless(value), 7) ==
                            HTTP_EIGHT('c', 'h', 'u', 'n', 'k', 'e', 'd', 0);
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

static inline http_fast decide_request(proto_http_head *head, const head_shape *shape)
{
    usual found = {.chunked = false};
    take_shape(head, shape);
    if (!take_all_usual(&found, shape, head->fields.at)) return leave_undecided(head);
    if (head->minor ? !found.host.len : found.chunked) return leave_undecided(head);
    head->authority = found.host;
    conclude(head, &found, usual_framing(&found, PROTO_HTTP_NO_BODY));
    return HTTP_DECIDED;
}

static inline http_fast decide_response(proto_http_head *head, const head_shape *shape)
{
    usual found = {.chunked = false};
    take_shape(head, shape);
    if (!take_all_usual(&found, shape, head->fields.at)) return leave_undecided(head);
    if (!head->minor && found.chunked) return leave_undecided(head);
    if (head->status < 200 || head->status == 204) return leave_undecided(head);
    proto_http_framing framing = http_status_framing(head->status, head->method);
    if (framing == PROTO_HTTP_UNTIL_CLOSE) framing = usual_framing(&found, framing);
    conclude(head, &found, framing);
    return HTTP_DECIDED;
}

#endif
