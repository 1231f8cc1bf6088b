/* SPDX-License-Identifier: MIT */
/* One's complement sums with vectors of 64-bit lanes. What includes this has defined `vector`,
   WIDTH, and with them:

     load, store       a vector, wherever it lies
     zero, each        every lane 0, or the same number
     plus, minus       lane by lane, modulo 2^64
     right, lower      every lane shifted right; its lower 32 bits alone
     average           of 16-bit parts, halves rounded up
     lanes             the sum of all lanes
     rest              the sum, in lanes below 2^40, of less than four vectors; the sixteen bytes
                       before their end are there, even if they are fewer

   A lane that counts modulo 2^64 loses carries, of which each is a 1 modulo 0xffff. Instead of
   counting them one by one we estimate the same sum another way, just well enough to tell how often
   2^64 is in it: from the uppermost 16 bits of each word, averaged over four words before they are
   added. This takes nine operations for four vectors; to add upper and lower halves of the words
   apart takes twelve. */
#ifndef CHECKSUM_VECTOR_H
#define CHECKSUM_VECTOR_H

#include "checksum.h"

/* Four vectors, and how many times four go into one estimate. */
enum { BLOCK = 4 * WIDTH, BLOCKS = 4096 };

CHECKSUM_INLINE vector take(uint8_t *to, const uint8_t *from, size_t at)
{
    vector bytes = load(from + at);
    if (to) store(to + at, bytes);
    return bytes;
}

/* The true sum of a lane is `sum` + c * 2^64, and 4 * `tops` * 2^48 lies less than 2^62 beside it:
   of each of at most 2^14 words the lower 48 bits were left out, and an average is at most 1 too
   large. So c is (`tops` * 2^50 + 2^63 - `sum`) / 2^64, rounded down. */
CHECKSUM_INLINE vector with_carries(vector sum, vector tops)
{
    vector carries = right(minus(plus(tops, each(1 << 13)), right(sum, 50)), 14);
    return plus(carries, plus(lower(sum), right(sum, 32)));
}

/* At most BLOCKS. The lanes of the result are below 2^34. */
CHECKSUM_INLINE vector sum_of_blocks(uint8_t *to, const uint8_t *from, size_t blocks)
{
    vector a = zero(), b = zero(), c = zero(), d = zero(), tops = zero();
#pragma GCC unroll 2
    for (const uint8_t *end = from + blocks * BLOCK; from != end; from += BLOCK) {
        vector w = take(to, from, 0), x = take(to, from, WIDTH);
        vector y = take(to, from, 2 * WIDTH), z = take(to, from, 3 * WIDTH);
        a = plus(a, w), b = plus(b, x), c = plus(c, y), d = plus(d, z);
        tops = plus(tops, right(average(average(w, x), average(y, z)), 48));
        if (to) to += BLOCK;
    }
    return with_carries(plus(plus(a, b), plus(c, d)), tops);
}

CHECKSUM_INLINE uint64_t total(uint8_t *to, const uint8_t *from, size_t len)
{
    uint64_t before = 0;
    for (; len >= BLOCKS * BLOCK; from += BLOCKS * BLOCK, len -= BLOCKS * BLOCK) {
        before += lanes(sum_of_blocks(to, from, BLOCKS)); /* below 2^37 each */
        if (to) to += BLOCKS * BLOCK;
    }
    size_t blocks = len / BLOCK;
    vector sum = sum_of_blocks(to, from, blocks);
    from += blocks * BLOCK;
    if (to) to += blocks * BLOCK;
    return before + lanes(plus(sum, rest(to, from, len % BLOCK)));
}

static uint64_t sum(const uint8_t *from, size_t len)
{
    return total(NULL, from, len);
}

static uint64_t copy(uint8_t *to, const uint8_t *from, size_t len)
{
    return total(to, from, len);
}

#endif
