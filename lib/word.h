/* SPDX-License-Identifier: MIT */
/* Eight bytes at a time in an ordinary register. But where network order is named, nothing depends on
   the order of bytes in a word. */
#ifndef WORD_H
#define WORD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WORD_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t word_load(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint32_t word_load_half(const uint8_t *at)
{
    uint32_t half;
    memcpy(&half, at, sizeof half);
    return half;
}

/* All of 0 to 7 bytes. Two words made from equally many bytes are the same only if the bytes are;
   each byte of the word is one of the text, or 0. */
static inline uint64_t word_load_short(const uint8_t *at, size_t len)
{
    if (len >= 4) return (uint64_t)word_load_half(at) << 32 | word_load_half(at + len - 4);
    if (len == 0) return 0;
    return (uint64_t)at[0] << 16 | (uint64_t)at[len / 2] << 8 | at[len - 1];
}

/* Between a number and its eight bytes in network order, as a word has them. */
static inline uint64_t word_network(uint64_t number)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(number);
#else
    return number;
#endif
}

static inline uint64_t word_load_big(const uint8_t *at)
{
    return word_network(word_load(at));
}

static inline void word_store_big(uint8_t *at, uint64_t number)
{
    number = word_network(number);
    memcpy(at, &number, sizeof number);
}

/* The word with the letters A-Z in it as a-z. */
static inline uint64_t word_lower(uint64_t word)
{
    uint64_t low = word & WORD_EACH(0x7f);
    uint64_t from_a = low + WORD_EACH(0x80 - 'A');
    uint64_t past_z = low + WORD_EACH(0x7f - 'Z');
    uint64_t upper = (from_a ^ past_z) & ~word & WORD_EACH(0x80);
    return word | upper >> 2;
}

#endif
