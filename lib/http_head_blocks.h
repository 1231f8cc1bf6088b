/* SPDX-License-Identifier: MIT */
/* split() for vectors of 16 and 32 bytes. Pass one looks at every byte once, 64 at a time, and
   notes where runs of control characters begin: a regular head has none but its line ends, so that
   bare CR, bare LF, NUL and the rest show up as a line end that is not CR LF. Pass two goes from
   line to line and classifies the name. No line waits for the one before.

   The including file has defined, besides what http_head_fast.h asks for,

     controls(at)      a bit for each of 64 bytes that is a control character
     lowest(bits)      the position of the lowest bit, anything for 0
     bit_count(bits)   how many there are */
#ifndef HTTP_HEAD_BLOCKS_H
#define HTTP_HEAD_BLOCKS_H

#include "http_head_fast.h"

/* Line ends that fit, with room for what one block may add. */
enum { BLOCK = 64, MAX_STOPS = HTTP_SEEN + 2, STOPS = MAX_STOPS + BLOCK };

/* Notes the positions of the bits, of which there are few; returns where the next will go. Two are
   written whether they are there or not, because most blocks hold no more and a loop over few bits
   mispredicts. */
static inline uint32_t *note_stops(uint32_t *stops, uint64_t bits, uint32_t base)
{
    uint32_t *next = stops + bit_count(bits);
    for (int i = 0; i < 2; i++) {
        *stops++ = base + lowest(bits);
        bits &= bits - 1;
    }
    for (; __builtin_expect(bits != 0, 0); bits &= bits - 1)
        *stops++ = base + lowest(bits);
    return next;
}

/* What one block leaves to the next. */
typedef struct carry {
    uint64_t run;   /* the last byte was a control character */
    uint64_t third; /* bits 0 and 1: a third one in a row would end the head here */
} carry;

/* Notes where runs of control characters begin in a block. Returns whether the head's end is in it,
   the third in a row. */
static inline bool note_block(uint64_t bits, uint32_t base, carry *over, uint32_t **next)
{
    uint64_t first = bits & ~(bits << 1 | over->run);
    uint64_t end = (first << 2 | over->third) & bits;
    if (__builtin_expect(end != 0, 0)) {
        *next = note_stops(*next, first & (end ^ (end - 1)) >> 1, base);
        return true;
    }
    *next = note_stops(*next, first, base);
    over->run = bits >> 63;
    over->third = first >> 62;
    return false;
}

/* Pass one. Returns how many stops there are up to the head's end, or 0. */
static inline uint32_t find_stops(const uint8_t *base, uint32_t size, uint32_t *stops)
{
    carry over = {0, 0};
    uint32_t *next = stops;
    uint32_t at = 0, last = size - BLOCK;
    for (; at <= last; at += BLOCK) {
        if (note_block(controls(base + at), at, &over, &next)) return (uint32_t)(next - stops);
        if (next >= stops + MAX_STOPS) return 0;
    }
    if (at == size) return 0;
    /* The rest is read from before its beginning, never over the end. */
    uint64_t bits = controls(base + last) >> (at - last);
    return note_block(bits, at, &over, &next) ? (uint32_t)(next - stops) : 0;
}

/* HTAB is text, but a stop as well: passes over those inside a value; the last stop, at the head's
   end, is none. What hides behind one in the same run of controls is found here. Returns the index
   of the stop that ends the line, or 0. */
static uint32_t pass_tabs(const uint8_t *base, const uint32_t *stops, uint32_t at)
{
    for (; base[stops[at]] == '\t'; at++) {
        const uint8_t *next = base + stops[at] + 1;
        while (*next == '\t')
            next++;
        if (*next < ' ' || *next == 0x7f) return 0;
    }
    return at;
}

/* A line that is not as most are: a long name, more or less white space, tabs. Returns the index of
   the stop that ends it, or
   0. */
static __attribute__((noinline)) uint32_t fit_field(const head_shape *shape, const uint32_t *stops,
                                                    uint32_t at, proto_http_field *field)
{
    const uint8_t *name = shape->base + field->name.at;
    uint32_t len = long_length_in(name, shape->limit, &TOKEN_SET);
    at = pass_tabs(shape->base, stops, at);
    if (at == 0) return 0;
    field->name.len = len; /* up to the stop at most, which is no colon */
    return fit_value(name + len, shape->base + stops[at], shape->base, field) ? at : 0;
}

/* Pass two. Returns how many fields there are, or more than fit. */
static inline uint32_t take_fields(head_shape *shape, const uint32_t *stops, uint32_t lines,
                                   proto_http_field *fields)
{
    const uint8_t *base = shape->base, *limit = shape->limit;
    proto_http_field *field = fields;
    uint64_t seen = 0;
    for (uint32_t i = 1; i < lines; i++, field++) {
        uint32_t name = stops[i - 1] + 2, len = length_in(base + name, limit, &TOKEN_SET);
        uint32_t colon = name + len,
                 stop = stops[i]; /* colon <= stop, as no token goes over a stop */
        field->name = span_of(name, len);
        field->value = span_of(colon + 2, stop - colon - 2);
        if (len == 0) return UINT32_MAX;
        if (!LIKELY(is_regular(base + colon, base + stop))) {
            i = fit_field(shape, stops, i, field);
            if (i == 0) return UINT32_MAX;
            colon = name + field->name.len;
        }
        seen = seen + seen + http_name_decides(base + colon, colon - name);
    }
    uint32_t count = (uint32_t)(field - fields);
    shape->seen = count ? seen << (64 - count) : 0;
    return count;
}

static inline __attribute__((always_inline)) bool split(proto_http_fields *fields,
                                                        head_shape *shape)
{
    uint32_t stops[STOPS];
    size_t size = (size_t)(shape->limit - shape->base);
    uint32_t lines = size < BLOCK ? 0 : find_stops(shape->base, (uint32_t)size, stops);
    if (lines == 0 || lines - 1 > fields->cap || lines - 1 > HTTP_SEEN) return false;
    uint32_t last = stops[lines - 1];
    if (stops[0] < HTTP_START_LINE || size - last < 4 ||
        word_load_half(shape->base + last) != CR_LF_CR_LF)
        return false;
    shape->count = take_fields(shape, stops, lines, fields->at);
    if (shape->count > HTTP_SEEN) return false;
    shape->line_end = stops[0];
    shape->length = last + 4;
    return true;
}

#endif
