/* SPDX-License-Identifier: MIT */
/* One's complement sums (RFC 1071). A sum of 64 bits here is any number that leaves the same rest
   modulo 0xffff as the sum of the covered 16-bit words, read in the machine's own order, and that is
   0 only if all of them are 0: then it folds to what the 16-bit sum would be. As 2^64 - 1 is a
   multiple of 0xffff, words of any width may be added, as long as carries come in again at the low
   end, and turning a sum by eight bits exchanges the two halves of every 16-bit word. */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include "simd.h"
#include "word.h"

#include <stdbool.h>

#define CHECKSUM_INTERNAL __attribute__((visibility("hidden")))

/* Up to here vector instructions do not pay. */
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

/* The sum in the upper 16 bits of 32. */
static inline uint32_t checksum_halved(uint64_t sum)
{
    uint32_t half = (uint32_t)((sum + checksum_turned(sum, 32)) >> 32);
    return half + (half << 16 | half >> 16);
}

/* The checksum: the complement of the sum, as a number. */
static inline uint16_t checksum_value(uint64_t sum)
{
    uint32_t half = ~checksum_halved(sum);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (uint16_t)__builtin_bswap32(half);
#else
    return (uint16_t)(half >> 16);
#endif
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

/* The functions below copy as well where `to` is not NULL. Who calls them with one says by
   CHECKSUM_COPIES that it is none, so that nothing asks at every word. */
#define CHECKSUM_COPIES __attribute__((nonnull))
#ifdef __OPTIMIZE__
#define CHECKSUM_INLINE static inline __attribute__((always_inline))
#else
#define CHECKSUM_INLINE static inline /* one copy is what coverage counts */
#endif

CHECKSUM_INLINE uint64_t checksum_word(uint8_t *to, const uint8_t *from, size_t at)
{
    uint64_t word = word_load(from + at);
    if (to) memcpy(to + at, &word, sizeof word);
    return word;
}

/* A sum and its carries, counted apart: so no addition waits for the carry of the one before. */
typedef struct checksum_chain {
    uint64_t sum, carries;
} checksum_chain;

CHECKSUM_INLINE void checksum_link(checksum_chain *chain, uint64_t word)
{
    chain->sum += word;
    chain->carries += chain->sum < word;
}

CHECKSUM_INLINE uint64_t checksum_joined(checksum_chain a, checksum_chain b)
{
    return checksum_plus(checksum_plus(a.sum, b.sum), a.carries + b.carries);
}

CHECKSUM_INLINE void checksum_two(checksum_chain *a, checksum_chain *b, uint8_t *to,
                                  const uint8_t *from, size_t at)
{
    checksum_link(a, checksum_word(to, from, at));
    checksum_link(b, checksum_word(to, from, at + 8));
}

/* The last 1 to 8 of `len` bytes, so that what is before them are whole words: they are loaded with
   what lies before, which then makes room for zeros behind. */
CHECKSUM_INLINE uint64_t checksum_last(uint8_t *to, const uint8_t *from, size_t len)
{
    uint64_t word = checksum_word(to ? to + len - 8 : to, from + len - 8, 0);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return word >> (-len * 8 & 63);
#else
    return word << (-len * 8 & 63);
#endif
}

/* 1 to CHECKSUM_SHORT bytes; eight are there before the end, even if `len` is less. */
CHECKSUM_INLINE uint64_t checksum_ladder(uint8_t *to, const uint8_t *from, size_t len)
{
    checksum_chain a = {checksum_last(to, from, len), 0};
    size_t before = len - 1; /* the last word is done */
    if (before & 8) {
        checksum_link(&a, checksum_word(to, from, 0));
        from += 8, to = to ? to + 8 : NULL;
    }
    if (before & 16) {
        checksum_two(&a, &a, to, from, 0);
        from += 16, to = to ? to + 16 : NULL;
    }
    if (before & 32) {
        checksum_two(&a, &a, to, from, 0);
        checksum_two(&a, &a, to, from, 16);
    }
    return checksum_plus(a.sum, a.carries);
}

/* Whether a short piece that holds its own checksum is intact, in line: for who asks of each packet.
   The sum of all words is then 0xffff, and not 0 as they are not all 0. */
CHECKSUM_INLINE bool checksum_short_ok(const uint8_t *from, size_t len)
{
    return checksum_halved(checksum_ladder(NULL, from, len)) >> 16 == 0xffff;
}

/* A way of adding up more than CHECKSUM_SHORT bytes. */
typedef struct checksum_adder {
    uint64_t (*sum)(const uint8_t *from, size_t len);
    uint64_t (*copy)(uint8_t *to, const uint8_t *from, size_t len);
    uint16_t (*value)(const uint8_t *from, size_t len); /* of the sum, for messages in one piece */
} checksum_adder;

extern const checksum_adder checksum_adder_avx512 CHECKSUM_INTERNAL;
extern const checksum_adder checksum_adder_avx2 CHECKSUM_INTERNAL;
extern const checksum_adder checksum_adder_ssse3 CHECKSUM_INTERNAL;
extern const checksum_adder checksum_adder_neon CHECKSUM_INTERNAL;
extern const checksum_adder checksum_adder_portable CHECKSUM_INTERNAL;

/* By simd_place(). */
extern const checksum_adder *const checksum_adders[SIMD_PLACES] CHECKSUM_INTERNAL;

#endif
