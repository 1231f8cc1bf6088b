/* SPDX-License-Identifier: MIT */
/* What the histogram says. */
#include "outcome.h"
#include "rtt_histogram.h"

/* A place in the histogram, and how many times are in the buckets before it. */
typedef struct position {
    const proto_rtt *rtt;
    size_t bucket;
    uint64_t before;
} position;

static uint64_t times_in(const proto_rtt *rtt)
{
    uint64_t total = 0;
    for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++)
        total += rtt_bucket_count(rtt, bucket);
    return total;
}

/* Goes to the bucket of the time of that rank, from 1 up, of those that there are; returns how many
   the bucket holds. */
static uint64_t move_to(position *at, uint64_t rank)
{
    if (rank <= at->before) {
        at->bucket = 0;
        at->before = 0;
    }
    for (;; at->bucket++) {
        uint64_t count = rtt_bucket_count(at->rtt, at->bucket);
        if (rank - at->before <= count) return count;
        at->before += count;
    }
}

static uint64_t at_least(uint64_t value, uint64_t least)
{
    return value < least ? least : value;
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
    return value > most ? most : value;
}

/* Where a time is that is the `rank`th of `count` in a bucket, if they are spread evenly; but no
   further from either end than 1/64 of what is there, so that it is near enough wherever it is. */
static uint64_t interpolated(size_t bucket, uint64_t rank, uint64_t count)
{
    uint64_t first = rtt_bucket_first(bucket), last = rtt_bucket_last(bucket);
    wide share = wide_product(2 * rank - 1, last - first + 1);
    uint64_t time = first + wide_divide(share, 2 * count, NULL).low;
    return at_most(at_least(time, last - last / 64), first + first / 64);
}

/* The least rank that no less than that share of `total` has. */
static uint64_t rank_of(uint32_t millionths, uint64_t total)
{
    wide product = wide_product(total, at_most(millionths, PROTO_RTT_ALL));
    product = wide_add(product, (wide){0, PROTO_RTT_ALL - 1});
    return wide_divide(product, PROTO_RTT_ALL, NULL).low;
}

static uint64_t time_of_rank(position *at, uint64_t rank, uint64_t total)
{
    const proto_rtt *rtt = at->rtt;
    if (rank <= 1) return rtt->min;
    if (rank == total) return rtt->max;
    uint64_t count = move_to(at, rank);
    uint64_t time = interpolated(at->bucket, rank - at->before, count);
    return at_most(at_least(time, rtt->min), rtt->max);
}

void proto_rtt_quantiles(const proto_rtt *rtt, const uint32_t *millionths, uint64_t *times,
                         size_t count)
{
    uint64_t total = times_in(rtt);
    position at = {rtt, 0, 0};
    for (size_t i = 0; i < count; i++)
        times[i] = time_of_rank(&at, rank_of(millionths[i], total), total);
}

uint64_t proto_rtt_quantile(const proto_rtt *rtt, uint32_t millionths)
{
    uint64_t time;
    proto_rtt_quantiles(rtt, &millionths, &time, 1);
    return time;
}

uint64_t proto_rtt_count_up_to(const proto_rtt *rtt, uint64_t time)
{
    if (time >= rtt->max) return times_in(rtt);
    if (time < rtt->min) return 0;
    size_t bucket = rtt_bucket_of(time);
    uint64_t first = rtt_bucket_first(bucket), width = rtt_bucket_last(bucket) - first + 1;
    wide share = wide_product(rtt_bucket_count(rtt, bucket), time - first + 1);
    uint64_t count = wide_divide(share, width, NULL).low;
    while (bucket > 0)
        count += rtt_bucket_count(rtt, --bucket);
    return count;
}

/* ----------------------------------------------------------------------------------- columns -- */

typedef struct span {
    size_t first; /* bucket */
    size_t count; /* buckets */
} span;

/* One of `columns` that the buckets of all times are divided into. It has one bucket at least,
   which it then shares with the columns beside it. */
static uint64_t times_in_column(const proto_rtt *rtt, span all, size_t column, size_t columns)
{
    size_t from = all.first + column * all.count / columns;
    size_t to = all.first + (column + 1) * all.count / columns;
    uint64_t times = 0;
    do
        times += rtt_bucket_count(rtt, from++);
    while (from < to);
    return times;
}

void proto_rtt_columns(const proto_rtt *rtt, uint8_t *heights, size_t count)
{
    span all = {rtt_bucket_of(rtt->min), 0};
    all.count = rtt_bucket_of(rtt->max) - all.first + 1;
    uint64_t fullest = 1;
    for (size_t i = 0; i < count; i++)
        fullest = at_least(fullest, times_in_column(rtt, all, i, count));
    for (size_t i = 0; i < count; i++) {
        wide height = wide_product(times_in_column(rtt, all, i, count), PROTO_RTT_COLUMN_MAX);
        height = wide_add(height, (wide){0, fullest - 1});
        heights[i] = (uint8_t)wide_divide(height, fullest, NULL).low;
    }
}

proto_err proto_rtt_columns_write(const uint8_t *heights, size_t count, proto_out *out)
{
    proto_out before = *out;
    for (size_t i = 0; i < count; i++) {
        uint8_t block[3] = {0xe2, 0x96, 0x80}; /* U+2580 and the height */
        block[2] = (uint8_t)(block[2] + at_most(heights[i], PROTO_RTT_COLUMN_MAX));
        if (heights[i] == 0)
            proto_out_put(out, " ", 1);
        else
            proto_out_put(out, block, sizeof block);
    }
    return outcome_of_writing(out, before, PROTO_OK);
}
