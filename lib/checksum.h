/* SPDX-License-Identifier: MIT */
/* One's complement sums (RFC 1071). A sum of 64 bits here is any number that leaves the same rest
   modulo 0xffff as the sum of the covered 16-bit words, read in the machine's own order, and that is
   0 only if all of them are 0: then it folds to what the 16-bit sum would be. As 2^64 - 1 is a
   multiple of 0xffff, words of any width may be added, as long as carries come in again at the low
   end, and turning a sum by eight bits exchanges the two halves of every 16-bit word. */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include "word.h"

#include <stdbool.h>

#define CHECKSUM_INTERNAL __attribute__((visibility("hidden")))

/* Up to here no vector instruction pays. */
enum { CHECKSUM_SHORT = 64 };

static inline uint64_t checksum_plus(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

static inline uint64_t checksum_turned(uint64_t sum, unsigned bits)
{
    return sum << bits | sum >> (-bits & 63);
}

/* The sum in 16 bits. */
static inline uint16_t checksum_folded(uint64_t sum)
{
    uint32_t half = (uint32_t)((sum + checksum_turned(sum, 32)) >> 32);
    half += half << 16 | half >> 16;
    return (uint16_t)(half >> 16);
}

/* From the machine's order to that of the network, and back. */
static inline uint16_t checksum_network(uint16_t word)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (uint16_t)(word << 8 | word >> 8);
#else
    return word;
#endif
}

/* The bytes of a word in the order of memory without the first `count`, 0 to 8, and zeros in the
   place of those behind. */
static inline uint64_t checksum_without(uint64_t word, size_t count)
{
    unsigned bits = (unsigned)count * 4; /* twice half, because a shift by 64 is undefined */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return word >> bits >> bits;
#else
    return word << bits << bits;
#endif
}

/* All of 0 to 7 bytes. */
static inline uint64_t checksum_few(const uint8_t *at, size_t len)
{
    uint8_t word[8] = {0};
    if (len & 4) memcpy(word, at, 4);
    if (len & 2) memcpy(word + (len & 4), at + (len & 4), 2);
    if (len & 1) word[len - 1] = at[len - 1];
    return word_load(word);
}

#endif
