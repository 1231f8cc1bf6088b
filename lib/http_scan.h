/* SPDX-License-Identifier: MIT */
/* Looking for the end of a run of bytes of one class, eight at a time where the class allows it. */
#ifndef HTTP_SCAN_H
#define HTTP_SCAN_H

#include "ascii.h"
#include "word.h"

/* The first byte in [at, end) that is not of the class, or `end`. Runs are short: four steps a
   round. */
static inline const uint8_t *http_class_end(const uint8_t *at, const uint8_t *end, unsigned classes)
{
    for (; end - at >= 4; at += 4) {
        if (!ascii_is(at[0], classes)) return at;
        if (!ascii_is(at[1], classes)) return at + 1;
        if (!ascii_is(at[2], classes)) return at + 2;
        if (!ascii_is(at[3], classes)) return at + 3;
    }
    while (at < end && ascii_is(*at, classes))
        at++;
    return at;
}

static inline const uint8_t *http_token_end(const uint8_t *at, const uint8_t *end)
{
    return http_class_end(at, end, ASCII_TOKEN);
}

/* The high bit of each byte that is a control character. No carry crosses from byte to byte, so
   that it is exact in either byte order. */
static inline uint64_t http_word_controls(uint64_t word)
{
    uint64_t low = word & WORD_EACH(0x7f);
    uint64_t from_blank = low + WORD_EACH(0x80 - 0x20);
    uint64_t delete = low + WORD_EACH(1);
    return (~from_blank | delete) & ~word & WORD_EACH(0x80);
}

/* The high bit of each byte that is neither a letter nor "-". */
static inline uint64_t http_word_no_letters(uint64_t word)
{
    uint64_t low = (word | WORD_EACH(0x20)) & WORD_EACH(0x7f);
    uint64_t from_a = low + WORD_EACH(0x80 - 'a');
    uint64_t past_z = low + WORD_EACH(0x7f - 'z');
    uint64_t no_dash = ((word & WORD_EACH(0x7f)) ^ WORD_EACH('-')) + WORD_EACH(0x7f);
    return (((~from_a | past_z) & no_dash) | word) & WORD_EACH(0x80);
}

/* The index in memory of the first byte whose high bit is set in `bits`, which is not 0. */
static inline size_t http_word_first(uint64_t bits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (unsigned)__builtin_ctzll(bits) / 8;
#else
    return (unsigned)__builtin_clzll(bits) / 8;
#endif
}

/* The first control character other than HTAB in [at, end), or `end`. */
static inline const uint8_t *http_text_end(const uint8_t *at, const uint8_t *end)
{
    while (end - at >= 8) {
        uint64_t controls = http_word_controls(word_load(at));
        if (!controls) {
            at += 8;
            continue;
        }
        at += http_word_first(controls);
        if (*at != '\t') return at;
        at++;
    }
    while (at < end && ascii_is(*at, ASCII_TEXT))
        at++;
    return at;
}

static inline bool http_is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* Behind the white space at `at`. */
static inline const uint8_t *http_blanks_end(const uint8_t *at, const uint8_t *end)
{
    while (at < end && http_is_blank(*at))
        at++;
    return at;
}

/* Before the white space that ends at `end`. */
static inline const uint8_t *http_blanks_begin(const uint8_t *at, const uint8_t *end)
{
    while (end > at && http_is_blank(end[-1]))
        end--;
    return end;
}

#endif
