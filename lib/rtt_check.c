/* SPDX-License-Identifier: MIT */
#include "rtt_check.h"

#include "rtt_histogram.h"

static void add_times(wide *sum, wide *squares, uint64_t time, uint64_t count)
{
    *sum = wide_add(*sum, wide_product(time, count));
    *squares = wide_add(*squares, wide_times(wide_product(time, time), count));
}

rtt_limits rtt_limits_of(const proto_rtt *rtt)
{
    rtt_limits limits = {0};
    for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++) {
        uint64_t count = rtt_bucket_count(rtt, bucket);
        if (count == 0) continue;
        if (limits.times == 0) limits.lowest = bucket;
        limits.highest = bucket;
        limits.times += count;
        add_times(&limits.least_sum, &limits.least_squares, rtt_bucket_first(bucket), count);
        add_times(&limits.greatest_sum, &limits.greatest_squares, rtt_bucket_last(bucket), count);
    }
    return limits;
}

/* A bucket stops to count only where no more of them may pass 2^32. */
static bool is_full(const proto_rtt *rtt)
{
    return rtt->carries[PROTO_RTT_CARRIES - 1] != 0;
}

bool rtt_histogram_possible(const proto_rtt *rtt, const rtt_limits *limits)
{
    uint64_t received = rtt->counts.received;
    uint64_t ends = rtt_bucket_count(rtt, 0) + rtt_bucket_count(rtt, PROTO_RTT_BUCKETS - 1);
    if (is_full(rtt)) return limits->times <= received;
    return limits->times == received && rtt->clipped <= ends;
}

bool rtt_min_possible(const proto_rtt *rtt, const rtt_limits *limits)
{
    return rtt_bucket_of(rtt->min) == limits->lowest;
}

bool rtt_max_possible(const proto_rtt *rtt, const rtt_limits *limits)
{
    return rtt_bucket_of(rtt->max) == limits->highest;
}

/* Those that the histogram had no room for lie between the extremes. */
static rtt_limits with_missing(const proto_rtt *rtt, const rtt_limits *limits)
{
    rtt_limits all = *limits;
    uint64_t missing = rtt->counts.received - limits->times;
    add_times(&all.least_sum, &all.least_squares, rtt->min, missing);
    add_times(&all.greatest_sum, &all.greatest_squares, rtt->max, missing);
    return all;
}

static bool is_between(wide number, wide least, wide greatest)
{
    return !wide_less(number, least) && !wide_less(greatest, number);
}

bool rtt_sum_possible(const proto_rtt *rtt, const rtt_limits *limits)
{
    rtt_limits all = with_missing(rtt, limits);
    return is_between(rtt_sum(rtt), all.least_sum, all.greatest_sum);
}

/* With m the mean without its fraction and r what it leaves of the sum, the squares of integers are
   at least m (sum + r) + r: their differences from m add up to r, and so at least do the squares of
   those. */
bool rtt_squares_possible(const proto_rtt *rtt, const rtt_limits *limits)
{
    rtt_limits all = with_missing(rtt, limits);
    uint64_t rest;
    uint64_t mean = wide_divide(rtt_sum(rtt), rtt->counts.received, &rest).low;
    wide least = wide_times(wide_add(rtt_sum(rtt), (wide){0, rest}), mean);
    least = wide_add(least, (wide){0, rest});
    return is_between(rtt_squares(rtt), all.least_squares, all.greatest_squares) &&
           !wide_less(rtt_squares(rtt), least);
}

bool rtt_possible(const proto_rtt *rtt)
{
    rtt_limits limits = rtt_limits_of(rtt);
    if (!rtt_histogram_possible(rtt, &limits)) return false;
    if (rtt->counts.received == 0) return true;
    return rtt_min_possible(rtt, &limits) && rtt_max_possible(rtt, &limits) &&
           rtt_sum_possible(rtt, &limits) && rtt_squares_possible(rtt, &limits);
}
