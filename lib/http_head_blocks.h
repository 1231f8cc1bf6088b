/* SPDX-License-Identifier: MIT */
/* split() for vectors of 16 and 32 bytes. Pass one looks at every byte once, 64 at a time, and
   notes where runs of control characters begin: a regular head has none but its line ends, so that
   bare CR, bare LF, NUL and the rest show up as a line end that is not CR LF. Pass two goes from
   line to line and classifies the name. No line waits for the one before.

   The including file has defined, besides what http_head_fast.h and http_head_marks.h ask for,

     controls(at)      a bit for each of 64 bytes that is a control character
     lowest(bits)      the position of the lowest bit, anything for 0
     bit_count(bits)   how many there are */
#ifndef HTTP_HEAD_BLOCKS_H
#define HTTP_HEAD_BLOCKS_H

/* A block must be there. */
#define SHORTEST 64

#include "http_head_marks.h"

/* Marks that fit, with room for what one block may add and for those that fill_some() reads. */
enum { BLOCK = SHORTEST, MARKS = MAX_MARKS + 2 * BLOCK + 2 * FIELDS_AT_ONCE };

/* Notes where lines end, leaving a place before each for where its name does; returns where the
   next will go. Two are written whether they are there or not, because most blocks hold no more and
   a loop over few bits mispredicts. */
static inline uint32_t *note_stops(uint32_t *marks, uint64_t bits, uint32_t base)
{
    uint32_t *next = marks + 2 * bit_count(bits);
    marks[1] = base + lowest(bits);
    bits &= bits - 1;
    marks[3] = base + lowest(bits);
    for (bits &= bits - 1; __builtin_expect(bits != 0, 0); bits &= bits - 1) {
        marks[5] = base + lowest(bits);
        marks += 2;
    }
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

/* Pass one. Returns how many lines there are up to the head's end, or 0. */
static inline uint32_t mark_lines(const uint8_t *base, uint32_t size, uint32_t *marks)
{
    carry over = {0, 0};
    uint32_t *next = marks;
    uint32_t at = 0, last = size - BLOCK;
    uint64_t before = 1;
    for (; at <= last; at += BLOCK) {
        uint64_t bits = controls(base + at);
        if ((bits | before) == 0) continue; /* in the midst of a long value */
        before = bits;
        if (note_block(bits, at, &over, &next)) return (uint32_t)(next - marks) / 2;
        if (next > marks + MAX_MARKS) return 0;
    }
    if (at == size) return 0;
    /* The rest is read from before its beginning, never over the end. */
    uint64_t bits = controls(base + last) >> (at - last);
    return note_block(bits, at, &over, &next) ? (uint32_t)(next - marks) / 2 : 0;
}

/* HTAB is text, but was noted as the end of a line: takes such marks away. What hides behind one in
   the same run of controls is found here. Returns how many lines are left, or 0. */
static uint32_t drop_tabs(const uint8_t *base, uint32_t *marks, uint32_t lines)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < lines; i++) {
        const uint8_t *at = base + marks[2 * i + 1];
        marks[2 * kept + 1] = marks[2 * i + 1];
        kept += *at != '\t';
        while (*at == '\t')
            at++;
        if (at > base + marks[2 * i + 1] && (*at < ' ' || *at == 0x7f)) return 0;
    }
    return kept;
}

/* Lines of which some are not as most are: a long name, more or less white space, tabs. */
static __attribute__((noinline)) bool take_odd_fields(head_shape *shape, uint32_t *marks,
                                                      proto_http_fields *fields)
{
    const uint8_t *base = shape->base;
    shape->count = drop_tabs(base, marks, shape->count + 1) - 1;
    if (shape->count == UINT32_MAX) return false;
    shape->seen = 0;
    for (uint32_t i = 0; i < shape->count; i++, marks += 2) {
        const uint8_t *name = base + marks[1] + 2;
        uint32_t len = long_length_in(name, shape->limit, &TOKEN_SET);
        if (len == 0 || !fit_value(name + len, base + marks[3], base, &fields->at[i])) return false;
        fields->at[i].name = span_of(marks[1] + 2, len);
        shape->seen |= http_name_decides(name + len, len) << (63 - i);
    }
    return true;
}

/* Pass two: notes where the names end. False if there are odd lines: the marks then do not make up
   the table. */
static inline bool take_fields(head_shape *shape, uint32_t *marks)
{
    const uint8_t *base = shape->base, *limit = shape->limit;
    const uint32_t *last = marks + 2 * shape->count;
    uint64_t seen = 0;
    for (; marks != last; marks += 2) {
        const uint8_t *name = base + marks[1] + 2, *stop = base + marks[3];
        uint32_t len = length_in(name, limit, &TOKEN_SET);
        marks[2] = marks[1] + 2 + len; /* not beyond the stop, as no token goes over it */
        if (len == 0 || !LIKELY(is_regular(name + len, stop))) return false;
        seen = seen + seen + http_name_decides(name + len, len);
    }
    shape->seen = shape->count ? seen << (64 - shape->count) : 0;
    return true;
}

static inline __attribute__((always_inline)) bool split(proto_http_fields *fields,
                                                        head_shape *shape)
{
    uint32_t marks[MARKS];
    size_t size = (size_t)(shape->limit - shape->base);
    uint32_t lines = mark_lines(shape->base, (uint32_t)size, marks);
    if (lines == 0 || lines > HTTP_SEEN + 1 || lines - 1 > fields->cap) return false;
    uint32_t last = marks[2 * lines - 1];
    if (marks[1] < HTTP_START_LINE || size - last < 4 ||
        word_load_half(shape->base + last) != CR_LF_CR_LF)
        return false;
    shape->count = lines - 1;
    shape->length = last + 4;
    if (take_fields(shape, marks))
        fill_table(fields, marks + 1, shape->count);
    else if (!take_odd_fields(shape, marks, fields))
        return false;
    shape->line_end = marks[1];
    return true;
}

#endif
