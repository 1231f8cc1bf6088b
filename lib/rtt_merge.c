/* SPDX-License-Identifier: MIT */
/* Statistics added to one another, and taken out of one another. */
#include "rtt_check.h"
#include "rtt_histogram.h"

#include <assert.h>

/* --------------------------------------------------------------------------------------- add -- */

static void add_counts(proto_rtt_counts *into, const proto_rtt_counts *from)
{
    into->sent += from->sent;
    into->received += from->received;
    into->lost += from->lost;
    into->late += from->late;
    into->duplicates += from->duplicates;
    into->reordered += from->reordered;
    into->corrupted += from->corrupted;
    into->errors += from->errors;
}

static void add_sums(proto_rtt *into, const proto_rtt *from)
{
    wide sum = wide_add(rtt_sum(into), rtt_sum(from));
    wide squares = wide_add(rtt_squares(into), rtt_squares(from));
    into->sum_low = sum.low;
    into->sum_high = sum.high;
    into->squares_low = squares.low;
    into->squares_high = squares.high;
}

/* Whole vectors of them; those that wrapped are few and seen by being less than what was added. */
static void add_buckets(proto_rtt *into, const proto_rtt *from)
{
    uint32_t wrapped = 0;
    for (size_t i = 0; i < PROTO_RTT_BUCKETS; i++) {
        into->buckets[i] += from->buckets[i];
        wrapped |= into->buckets[i] < from->buckets[i];
    }
    for (size_t i = 0; wrapped && i < PROTO_RTT_BUCKETS; i++)
        if (into->buckets[i] < from->buckets[i]) rtt_bucket_wrapped(into, i);
    for (size_t i = 0; i < PROTO_RTT_CARRIES && from->carries[i] != 0; i++) {
        size_t bucket = from->carries[i] >> RTT_CARRY_BITS;
        uint64_t more = (uint64_t)(from->carries[i] & RTT_CARRY_MAX) << 32;
        rtt_bucket_set(into, bucket, rtt_bucket_count(into, bucket) + more);
    }
}

static uint64_t weighted(uint64_t a, uint64_t a_weight, uint64_t b, uint64_t b_weight)
{
    uint64_t weight = a_weight + b_weight;
    wide sum = wide_add(wide_product(a, a_weight), wide_product(b, b_weight));
    return wide_divide(wide_add(sum, (wide){0, weight / 2}), weight, NULL).low;
}

static void add_smoothed(proto_rtt *into, const proto_rtt *from)
{
    uint64_t a = into->counts.received, b = from->counts.received;
    into->jitter = weighted(into->jitter, a, from->jitter, b);
    into->smoothed = weighted(into->smoothed, a, from->smoothed, b);
    into->deviation = weighted(into->deviation, a, from->deviation, b);
}

static void add_times(proto_rtt *into, const proto_rtt *from)
{
    if (into->counts.received == 0) {
        into->first = from->first;
        into->min = from->min;
    }
    into->last = from->last;
    if (from->min < into->min) into->min = from->min;
    if (from->max > into->max) into->max = from->max;
    add_smoothed(into, from);
    add_sums(into, from);
    add_buckets(into, from);
}

static bool has_probes(const proto_rtt *rtt)
{
    return (rtt->counts.sent | rtt->counts.received | rtt->counts.lost) != 0;
}

static void add_bursts(proto_rtt *into, const proto_rtt *from)
{
    if (has_probes(from)) {
        bool copied = !has_probes(into);
        into->latest_burst = copied ? from->latest_burst : 0;
        into->burst_end = copied ? from->burst_end : 0;
    }
    into->bursts += from->bursts;
    if (from->longest_burst > into->longest_burst) into->longest_burst = from->longest_burst;
}

void proto_rtt_merge(proto_rtt *into, const proto_rtt *from)
{
    assert(into != from);
    add_bursts(into, from);
    if (from->counts.received > 0) add_times(into, from);
    add_counts(&into->counts, &from->counts);
    into->clipped += from->clipped;
}

/* ---------------------------------------------------------------------------------- subtract -- */

/* Whether there was as much. */
static bool take(uint64_t *from, uint64_t number)
{
    bool enough = *from >= number;
    *from -= number;
    return enough;
}

static bool take_counts(proto_rtt_counts *from, const proto_rtt_counts *earlier)
{
    bool enough = take(&from->sent, earlier->sent);
    enough &= take(&from->received, earlier->received);
    enough &= take(&from->lost, earlier->lost);
    enough &= take(&from->late, earlier->late);
    enough &= take(&from->duplicates, earlier->duplicates);
    enough &= take(&from->reordered, earlier->reordered);
    enough &= take(&from->corrupted, earlier->corrupted);
    enough &= take(&from->errors, earlier->errors);
    return enough;
}

static bool take_buckets(proto_rtt *from, const proto_rtt *earlier)
{
    for (size_t i = 0; i < PROTO_RTT_BUCKETS; i++) {
        uint64_t count = rtt_bucket_count(from, i);
        if (!take(&count, rtt_bucket_count(earlier, i))) return false;
        rtt_bucket_set(from, i, count);
    }
    return true;
}

static bool take_sums(proto_rtt *from, const proto_rtt *earlier)
{
    bool enough = !wide_less(rtt_sum(from), rtt_sum(earlier)) &&
                  !wide_less(rtt_squares(from), rtt_squares(earlier));
    wide sum = wide_subtract(rtt_sum(from), rtt_sum(earlier));
    wide squares = wide_subtract(rtt_squares(from), rtt_squares(earlier));
    from->sum_low = sum.low;
    from->sum_high = sum.high;
    from->squares_low = squares.low;
    from->squares_high = squares.high;
    return enough;
}

/* As near as the lowest and the highest bucket that hold a time. */
static void narrow(proto_rtt *rtt)
{
    size_t low = 0, high = PROTO_RTT_BUCKETS - 1;
    while (rtt_bucket_count(rtt, low) == 0 && low < high)
        low++;
    while (rtt_bucket_count(rtt, high) == 0 && high > low)
        high--;
    if (rtt->min < rtt_bucket_first(low)) rtt->min = rtt_bucket_first(low);
    if (rtt->max > rtt_bucket_last(high)) rtt->max = rtt_bucket_last(high);
}

static void forget_times(proto_rtt *rtt)
{
    rtt->min = rtt->max = rtt->last = 0;
    rtt->jitter = rtt->smoothed = rtt->deviation = 0;
}

proto_err proto_rtt_subtract(proto_rtt *rtt, const proto_rtt *earlier)
{
    proto_rtt between = *rtt;
    if (!take_counts(&between.counts, &earlier->counts) ||
        !take(&between.clipped, earlier->clipped) || !take(&between.bursts, earlier->bursts) ||
        !take_sums(&between, earlier) || !take_buckets(&between, earlier))
        return PROTO_ERR_RTT_EARLIER;
    between.first = between.latest_burst = between.burst_end = 0;
    if (between.counts.lost == 0) between.longest_burst = 0;
    if (between.counts.received > 0)
        narrow(&between);
    else
        forget_times(&between);
    if (!rtt_possible(&between)) return PROTO_ERR_RTT_EARLIER;
    *rtt = between;
    return PROTO_OK;
}
