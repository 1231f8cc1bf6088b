/* SPDX-License-Identifier: MIT */
/* The skeleton of the fast twins with vectors, on little-endian machines.

   The including file has defined, for its instruction set:

     enum { WIDTH };         how many bytes it classifies at a time, 32 or 64
     byte_set                a set of bytes in the form that it looks up, and the sets TOKEN_SET, TARGET_SET, NAME_SET
     outside(at, limit, set) a bit for each of WIDTH bytes at `at` that is not in the set; reads nothing behind `limit` (but
                             up to WIDTH bytes before it), and bits from `limit` on are 1
     split(fields, shape)    finds the lines of a head, fills the field table and the outline, or declines */
#ifndef HTTP_HEAD_FAST_H
#define HTTP_HEAD_FAST_H

static inline size_t usual_name(const uint8_t *at, size_t len, const uint8_t *limit);

#include "http_head_usual.h"

/* Inlined into both readers, so that the outline stays in registers. */
static inline __attribute__((always_inline)) bool split(proto_http_fields *fields,
                                                        head_shape *shape);

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

/* Whether a line is `name: value` CR LF without other white space at the value's ends; four tests that never mispredict are
   cheaper than one clever one. */
static inline bool is_regular(const uint8_t *colon, const uint8_t *stop)
{
    return load_pair(colon) == HTTP_TWO(':', ' ') && colon[2] > ' ' && stop[-1] > ' ' &&
           load_pair(stop) == HTTP_TWO('\r', '\n');
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
    if (load_pair(base + method_end) != HTTP_TWO(' ', '/') || base[line_end - 9] != ' ')
        return false;
    if (version != HTTP_1_1 && version != HTTP_1_0) return false;
    if (load_pair(base + line_end) != HTTP_TWO('\r', '\n')) return false;
    uint32_t target = method_end + 1, target_len = line_end - 9 - target;
    if (!all_in(base + target, target_len, shape->limit, &TARGET_SET)) return false;
    proto_http_method method = http_method(base, method_end);
    if (method == PROTO_HTTP_CONNECT) return false;
    head->method = (uint8_t)method;
    head->method_token = span_of(0, method_end);
    head->target = span_of(target, target_len);
    head->target_form = PROTO_HTTP_ORIGIN_FORM;
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

/* ------------------------------------------------------------------------------------ heads -- */

static inline size_t usual_name(const uint8_t *at, size_t len, const uint8_t *limit)
{
    uint64_t others = outside(at, limit, &NAME_SET);
    size_t end = others ? (size_t)__builtin_ctzll(others) : WIDTH;
    return end < len ? end : len;
}

static http_fast read_request(proto_http_head *head, const uint8_t *base, size_t size)
{
    head_shape shape = {.base = base, .limit = base + size};
    if (!split(&head->fields, &shape) || !take_request_line(head, &shape)) return HTTP_DECLINED;
    return decide_request(head, &shape);
}

static http_fast read_response(proto_http_head *head, const uint8_t *base, size_t size)
{
    head_shape shape = {.base = base, .limit = base + size};
    if (!split(&head->fields, &shape) || !take_status_line(head, &shape)) return HTTP_DECLINED;
    return decide_response(head, &shape);
}

#endif
