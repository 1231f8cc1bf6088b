/* SPDX-License-Identifier: MIT */
/* The buckets of a histogram of times, and how many times each holds.
 *
 * Up to 64 ns a bucket is one nanosecond wide; from there on it doubles with the time, so that a
 * bucket's first time is 32 to 63 times its width. A count has 32 bits. What is above goes into a
 * short list, in order of the buckets: bucket << 21 | how many times 2^32, and 0 where it ends. */
#ifndef RTT_HISTOGRAM_H
#define RTT_HISTOGRAM_H

#include "proto/rtt.h"

#include "wide.h"

#include <string.h>

enum { RTT_SUB_BITS = 5, RTT_CARRY_BITS = 21, RTT_CARRY_MAX = (1 << RTT_CARRY_BITS) - 1 };

/* The most times that may be recorded: beyond, sums of squares would overflow. */
#define RTT_COUNT_MAX (UINT64_C(1) << 52)

/* Of a number that is not 0. */
static inline unsigned rtt_top_bit(uint64_t number)
{
    return 63 - (unsigned)__builtin_clzll(number);
}

static inline size_t rtt_bucket_of(uint64_t time)
{
    unsigned shift = rtt_top_bit(time | 1 << RTT_SUB_BITS) - RTT_SUB_BITS;
    return ((size_t)shift << RTT_SUB_BITS) + (size_t)(time >> shift);
}

/* The same for less than 2^32, and quicker: as a double, a number from 32 up has in the bits of its
   exponent and the first five of its fraction just that, counted from elsewhere. */
static inline size_t rtt_bucket_of_short(uint32_t time)
{
    if (time < 1 << RTT_SUB_BITS) return time;
    double number = time;
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return (size_t)(bits >> (52 - RTT_SUB_BITS)) - ((1023 + RTT_SUB_BITS - 1) << RTT_SUB_BITS);
}

static inline unsigned rtt_bucket_shift(size_t bucket)
{
    return bucket < 2 << RTT_SUB_BITS ? 0 : (unsigned)(bucket >> RTT_SUB_BITS) - 1;
}

static inline uint64_t rtt_bucket_first(size_t bucket)
{
    unsigned shift = rtt_bucket_shift(bucket);
    return (uint64_t)(bucket - ((size_t)shift << RTT_SUB_BITS)) << shift;
}

static inline uint64_t rtt_bucket_last(size_t bucket)
{
    return rtt_bucket_first(bucket) + ((UINT64_C(1) << rtt_bucket_shift(bucket)) - 1);
}

/* How many times a bucket holds. */
uint64_t rtt_bucket_count(const proto_rtt *rtt, size_t bucket);

/* Sets that, as far as there is room for it. */
void rtt_bucket_set(proto_rtt *rtt, size_t bucket, uint64_t count);

/* A bucket has come from 2^32 - 1 back to 0. */
void rtt_bucket_wrapped(proto_rtt *rtt, size_t bucket);

static inline wide rtt_sum(const proto_rtt *rtt)
{
    return (wide){rtt->sum_high, rtt->sum_low};
}

static inline wide rtt_squares(const proto_rtt *rtt)
{
    return (wide){rtt->squares_high, rtt->squares_low};
}

#endif
