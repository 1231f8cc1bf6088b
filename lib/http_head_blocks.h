/* SPDX-License-Identifier: MIT */
/* split() for vectors of 16 and 32 bytes. Pass one looks at every byte once, 64 at a time, and notes where runs of control
   characters begin: a regular head has none but its line ends, so that bare CR, bare LF, NUL and the rest show up as a line
   end that is not CR LF. Pass two goes from line to line and classifies the name.

   The including file has defined, besides what http_head_fast.h asks for,

     controls(at)           a bit for each of 64 bytes that is a control character other than HTAB */
#ifndef HTTP_HEAD_BLOCKS_H
#define HTTP_HEAD_BLOCKS_H

#include "http_head_fast.h"

/* Line ends that fit, with room for writing a few at once. */
enum { MAX_STOPS = HTTP_SEEN + 2, STOPS_AT_ONCE = 3 };

typedef struct stop_list {
    uint32_t at[MAX_STOPS + 64];
    uint32_t count;
} stop_list;

/* Adds the positions of the bits. Three are written whether they are there or not, because most blocks hold no more and a
   loop over few bits mispredicts. */
static inline void add_stops(stop_list *stops, uint64_t bits, uint32_t base)
{
    uint32_t *at = stops->at + stops->count;
    stops->count += (uint32_t)__builtin_popcountll(bits);
    for (int i = 0; i < STOPS_AT_ONCE; i++) {
        *at++ = base + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
        bits &= bits - 1;
    }
    for (; bits; bits &= bits - 1)
        *at++ = base + (uint32_t)__builtin_ctzll(bits);
}

/* Pass one. Returns whether there is an end: the third control character in a row. */
static inline bool find_stops(const uint8_t *base, size_t size, stop_list *stops)
{
    uint64_t run = 0, third = 0; /* what the block before this one carries over */
    for (size_t at = 0; at < size && stops->count < MAX_STOPS; at += 64) {
        /* The last block is read from before its beginning, never over the end. */
        uint64_t bits = size - at >= 64 ? controls(base + at)
                                        : controls(base + size - 64) >> (64 - (size - at));
        uint64_t first = bits & ~(bits << 1 | run);
        uint64_t end = (first << 2 | third) & bits;
        if (end) {
            add_stops(stops, first & (end ^ (end - 1)) >> 1, (uint32_t)at);
            return true;
        }
        add_stops(stops, first, (uint32_t)at);
        run = bits >> 63;
        third = first >> 62;
    }
    return false;
}

/* How long a token is that fills a whole vector. */
static __attribute__((noinline)) uint32_t long_name(const uint8_t *name, const uint8_t *limit)
{
    const uint8_t *at = name + WIDTH;
    uint64_t others = 0;
    for (; at < limit && !(others = outside(at, limit, &TOKEN_SET));)
        at += WIDTH;
    return (uint32_t)(at - name) + (others ? (uint32_t)__builtin_ctzll(others) : 0);
}

static inline uint32_t name_length(const uint8_t *name, const uint8_t *limit)
{
    uint64_t others = outside(name, limit, &TOKEN_SET);
    return others ? (uint32_t)__builtin_ctzll(others) : long_name(name, limit);
}

/* The line at `name` with its end at `stop`. */
static inline bool take_field(const head_shape *shape, uint32_t name, uint32_t stop,
                              proto_http_field *field, uint64_t *decides)
{
    const uint8_t *base = shape->base;
    uint32_t len = name_length(base + name, shape->limit), colon = name + len;
    field->name.at = name;
    field->name.len = len;
    field->value.at = colon + 2;
    field->value.len = stop - colon - 2;
    if (len == 0 || colon >= stop) return false;
    *decides = http_name_decides(base + colon, len);
    return is_regular(base + colon, base + stop) ||
           fit_value(base + colon, base + stop, base, field);
}

static inline bool split(proto_http_fields *fields, head_shape *shape)
{
    stop_list stops = {.count = 0};
    const uint8_t *base = shape->base;
    size_t size = (size_t)(shape->limit - base);
    if (size < 64 || !find_stops(base, size, &stops)) return false;
    uint32_t last = stops.at[stops.count - 1], count = stops.count - 1;
    if (count > fields->cap || count > HTTP_SEEN || size - last < 4) return false;
    if (word_load_half(base + last) != CR_LF_CR_LF) return false;
    uint64_t seen = 0, decides;
    for (uint32_t i = 0; i < count; i++) {
        if (!take_field(shape, stops.at[i] + 2, stops.at[i + 1], &fields->at[i], &decides))
            return false;
        seen |= decides << i;
    }
    shape->method_end = name_length(base, shape->limit);
    shape->line_end = stops.at[0];
    shape->length = last + 4;
    shape->count = count;
    shape->seen = seen;
    fields->base = base;
    return true;
}

#endif
