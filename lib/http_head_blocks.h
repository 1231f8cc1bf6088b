/* SPDX-License-Identifier: MIT */
/* split() for vectors of 16 and 32 bytes. Pass one looks at every byte once, 64 at a time, and notes where runs of control
   characters begin: a regular head has none but its line ends, so that bare CR, bare LF, NUL and the rest show up as a line
   end that is not CR LF. Pass two goes from line to line and classifies the name.

   The including file has defined, besides what http_head_fast.h asks for,

     controls(at)           a bit for each of 64 bytes that is a control character
     lowest(bits)           the position of the lowest bit, anything for 0 */
#ifndef HTTP_HEAD_BLOCKS_H
#define HTTP_HEAD_BLOCKS_H

#include "http_head_fast.h"

/* Line ends that fit, with room for what one block may add. */
enum { MAX_STOPS = HTTP_SEEN + 2, STOPS = MAX_STOPS + 64 };

/* Notes the positions of the bits, of which there are few; returns where the next will go. Three are written whether they are
   there or not, because most blocks hold no more and a loop over few bits mispredicts. */
static inline uint32_t *note_stops(uint32_t *stops, uint64_t bits, uint32_t base)
{
    uint32_t *next = stops + __builtin_popcountll(bits);
    for (int i = 0; i < 3; i++) {
        *stops++ = base + lowest(bits);
        bits &= bits - 1;
    }
    for (; bits; bits &= bits - 1)
        *stops++ = base + lowest(bits);
    return next;
}

/* What one block leaves to the next. */
typedef struct carry {
    uint64_t run;   /* the last byte was a control character */
    uint64_t third; /* bits 0 and 1: a third one in a row would end the head here */
} carry;

/* Notes where runs of control characters begin in a block. Returns whether the head's end is in it, the third in a row. */
static inline bool note_block(uint64_t bits, uint32_t base, carry *over, uint32_t **next)
{
    uint64_t first = bits & ~(bits << 1 | over->run);
    uint64_t end = (first << 2 | over->third) & bits;
    over->run = bits >> 63;
    over->third = first >> 62;
    if (end) first &= (end ^ (end - 1)) >> 1;
    *next = note_stops(*next, first, base);
    return end != 0;
}

/* Pass one. Returns how many stops there are up to the head's end, or 0. */
static inline uint32_t find_stops(const uint8_t *base, size_t size, uint32_t *stops)
{
    carry over = {0, 0};
    uint32_t *next = stops;
    size_t at = 0;
    for (; size - at >= 64 && next < stops + MAX_STOPS; at += 64)
        if (note_block(controls(base + at), (uint32_t)at, &over, &next))
            return (uint32_t)(next - stops);
    if (at == size || next >= stops + MAX_STOPS) return 0;
    /* The rest is read from before its beginning, never over the end. */
    uint64_t bits = controls(base + size - 64) >> (64 - (size - at));
    return note_block(bits, (uint32_t)at, &over, &next) ? (uint32_t)(next - stops) : 0;
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

/* HTAB is text, but a stop as well: passes over those inside a value. What hides behind one in the same run of controls is
   found here. Returns the index of the stop that ends the line, or 0. */
static __attribute__((noinline)) uint32_t pass_tabs(const uint8_t *base, const uint32_t *stops,
                                                    uint32_t at, uint32_t lines)
{
    for (; at < lines && base[stops[at]] == '\t'; at++) {
        const uint8_t *next = base + stops[at] + 1;
        while (*next == '\t')
            next++;
        if (*next < ' ' || *next == 0x7f) return 0;
    }
    return at < lines ? at : 0;
}

/* Pass two. Returns how many fields there are, or more than fit. */
static inline uint32_t take_fields(head_shape *shape, const uint32_t *stops, uint32_t lines,
                                   proto_http_field *fields)
{
    const uint8_t *base = shape->base, *limit = shape->limit;
    uint32_t count = 0;
    uint64_t seen = 0;
    for (uint32_t i = 1; i < lines; i++, count++) {
        uint32_t name = stops[i - 1] + 2, len = name_length(base + name, limit);
        uint32_t colon = name + len, stop = stops[i];
        if (len == 0 || colon >= stop) return UINT32_MAX;
        fields[count].name = span_of(name, len);
        fields[count].value = span_of(colon + 2, stop - colon - 2);
        seen |= http_name_decides(base + colon, len) << count;
        if (LIKELY(is_regular(base + colon, base + stop))) continue;
        i = pass_tabs(base, stops, i, lines);
        if (i == 0 || !fit_value(base + colon, base + stops[i], base, &fields[count]))
            return UINT32_MAX;
    }
    shape->seen = seen;
    return count;
}

static inline __attribute__((always_inline)) bool split(proto_http_fields *fields,
                                                        head_shape *shape)
{
    uint32_t stops[STOPS];
    size_t size = (size_t)(shape->limit - shape->base);
    uint32_t lines = size < 64 ? 0 : find_stops(shape->base, size, stops);
    if (lines == 0 || lines - 1 > fields->cap || lines - 1 > HTTP_SEEN) return false;
    uint32_t last = stops[lines - 1];
    if (size - last < 4 || word_load_half(shape->base + last) != CR_LF_CR_LF) return false;
    shape->count = take_fields(shape, stops, lines, fields->at);
    if (shape->count > HTTP_SEEN) return false;
    shape->method_end = name_length(shape->base, shape->limit);
    shape->line_end = stops[0];
    shape->length = last + 4;
    return true;
}

#endif
