/* SPDX-License-Identifier: MIT */
/* One's complement sums with vectors of 64-bit lanes. What includes this has defined `vector`,
   WIDTH, and with them:

     load, store       a vector, wherever it lies
     zero, each        every lane 0, or the same number
     plus, minus       lane by lane, modulo 2^64
     right, lower      every lane shifted right; its lower 32 bits alone
     average           of 16-bit parts, halves rounded up
     lanes             the sum of all lanes
     last              a vector of less than WIDTH bytes, and zeros behind; the sixteen bytes before
                       their end are there, even if they are fewer

   and perhaps, as a macro, ALIGNED_FROM: how many bytes are worth aligned loads; and with it

     first             a vector's first bytes, and zeros behind
     turned            every 16-bit part, or every lane, rotated to the left by 0 or 8 bits

   A lane that counts modulo 2^64 loses carries, of which each is a 1 modulo 0xffff. Instead of
   counting them one by one we estimate the same sum another way, just well enough to tell how often
   2^64 is in it: from the uppermost 16 bits of each word, averaged over four words before they are
   added. This takes nine operations for four vectors; to add upper and lower halves of the words
   apart takes twelve. */
#ifndef CHECKSUM_VECTOR_H
#define CHECKSUM_VECTOR_H

#include "checksum.h"

/* Four vectors, and as many bytes as go into one estimate. */
enum { BLOCK = 4 * WIDTH, PART = 4096 * BLOCK };

/* Sums of words, lane by lane: of those at each place of a block, modulo 2^64, and of the averages of
   a block's uppermost 16 bits. */
typedef struct sums {
    vector a, b, c, d, tops;
} sums;

/* The averages begin at 2^63 in units of 2^50, which rounds the division of sum_with_carries(). */
CHECKSUM_INLINE sums no_sums(void)
{
    return (sums){zero(), zero(), zero(), zero(), each(1 << 13)};
}

CHECKSUM_INLINE void add_block(sums *all, vector a, vector b, vector c, vector d)
{
    all->a = plus(all->a, a);
    all->b = plus(all->b, b);
    all->c = plus(all->c, c);
    all->d = plus(all->d, d);
    all->tops = plus(all->tops, right(average(average(a, b), average(c, d)), 48));
}

/* The true sum of a lane is `sum` + n * 2^64. What the averages stand for, 4 * 2^48 times their sum,
   is less than 2^63 - 2^50 beside it: of each of some 2^14 words the lower 48 bits were left out, and
   an average is at most 1 too large. So n is (averages * 2^50 - `sum` + 2^63) / 2^64, rounded down. */
CHECKSUM_INLINE uint64_t sum_with_carries(const sums *all)
{
    vector sum = plus(plus(all->a, all->b), plus(all->c, all->d));
    vector carries = right(minus(all->tops, right(sum, 50)), 14);
    return lanes(plus(carries, plus(lower(sum), right(sum, 32))));
}

CHECKSUM_INLINE vector take(uint8_t *to, const uint8_t *from, size_t at)
{
    vector bytes = load(from + at);
    if (to) store(to + at, bytes);
    return bytes;
}

/* The last 0 to BLOCK - 1 bytes. */
CHECKSUM_INLINE void add_last(sums *all, uint8_t *to, const uint8_t *from, size_t len)
{
    vector a = zero(), b = zero(), c = zero();
    if (len & 2 * WIDTH) {
        a = take(to, from, 0), b = take(to, from, WIDTH);
        from += 2 * WIDTH, to = to ? to + 2 * WIDTH : to;
    }
    if (len & WIDTH) {
        c = take(to, from, 0);
        from += WIDTH, to = to ? to + WIDTH : to;
    }
    add_block(all, a, b, c, last(to, from, len % WIDTH));
}

CHECKSUM_INLINE void add_part(sums *all, uint8_t *to, const uint8_t *from, size_t len)
{
    const uint8_t *end = from + len / BLOCK * BLOCK;
#pragma GCC unroll 2
    for (; from != end; from += BLOCK) {
        add_block(all, take(to, from, 0), take(to, from, WIDTH), take(to, from, 2 * WIDTH),
                  take(to, from, 3 * WIDTH));
        if (to) to += BLOCK;
    }
    add_last(all, to, from, len % BLOCK);
}

#ifdef ALIGNED_FROM

/* How many bytes come before the vectors that lie within lines of the cache. */
CHECKSUM_INLINE size_t head_length(const uint8_t *to, const uint8_t *from, size_t len)
{
    return len < ALIGNED_FROM ? 0 : -(uintptr_t)(to ? to : from) % WIDTH;
}

/* Where they are an odd number, what follows begins in the middle of a word, and the whole sum is made
   turned. */
CHECKSUM_INLINE void add_head(sums *all, uint8_t *to, const uint8_t *from, size_t len)
{
    all->a = turned(first(take(to, from, 0), len), len % 2 * 8);
    all->tops = plus(all->tops, right(all->a, 50));
}

#endif

CHECKSUM_INLINE uint64_t total(uint8_t *to, const uint8_t *from, size_t len)
{
    sums all = no_sums();
    uint64_t parts = 0;
    size_t head = 0;
#ifdef ALIGNED_FROM
    head = head_length(to, from, len);
    if (head > 0) {
        add_head(&all, to, from, head);
        from += head, len -= head, to = to ? to + head : to;
    }
#endif
    for (; len > PART; from += PART, len -= PART, to = to ? to + PART : to) {
        add_part(&all, to, from, PART);
        parts += sum_with_carries(&all); /* 2^37 at most */
        all = no_sums();
    }
    add_part(&all, to, from, len);
    return checksum_turned(parts + sum_with_carries(&all), head % 2 * 8);
}

static uint64_t sum(const uint8_t *from, size_t len)
{
    return total(NULL, from, len);
}

static CHECKSUM_COPIES uint64_t copy(uint8_t *to, const uint8_t *from, size_t len)
{
    return total(to, from, len);
}

static uint16_t value(const uint8_t *from, size_t len)
{
    return checksum_value(total(NULL, from, len));
}

#endif
