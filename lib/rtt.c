/* SPDX-License-Identifier: MIT */
/* Round-trip times and counts: recorded. */
#include "proto/rtt.h"

#include "rtt_histogram.h"

#include <string.h>

void proto_rtt_init(proto_rtt *rtt)
{
    memset(rtt, 0, sizeof *rtt);
}

uint64_t proto_rtt_sent(proto_rtt *rtt)
{
    return rtt->counts.sent++;
}

/* ------------------------------------------------------------------------------------ replies -- */

static uint64_t clipped(proto_rtt *rtt, uint64_t time)
{
    rtt->clipped++;
    return time > INT64_MAX ? 0 : PROTO_RTT_MAX;
}

static uint64_t difference(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static void add_to_sums(proto_rtt *rtt, uint64_t time)
{
    uint64_t sum = rtt->sum_low + time;
    rtt->sum_high += sum < time;
    rtt->sum_low = sum;

    uint64_t square = time * time;
    uint64_t squares = rtt->squares_low + square;
    rtt->squares_high += squares < square;
    rtt->squares_low = squares;
    /* Below 4.3 s, which most are, a square has 64 bits. */
    if (time >> 32 != 0) rtt->squares_high += wide_product(time, time).high;
}

static void add_to_histogram(proto_rtt *rtt, uint64_t time)
{
    size_t bucket = rtt_bucket_of(time);
    if (++rtt->buckets[bucket] == 0) rtt_bucket_wrapped(rtt, bucket);
}

/* The first measurement sets what later ones smooth (RFC 6298 section 2.2). */
static void begin(proto_rtt *rtt, uint64_t time)
{
    rtt->min = rtt->max = rtt->first = rtt->last = time;
    rtt->smoothed = time << 3;
    rtt->deviation = time << 1;
}

/* RFC 6298 section 2.3, with alpha 1/8 and beta 1/4: the deviation takes the smoothed time as it
   was before. */
static void smooth(proto_rtt *rtt, uint64_t time)
{
    uint64_t before = rtt->smoothed >> 3;
    rtt->deviation += difference(before, time) - (rtt->deviation >> 2);
    rtt->smoothed += time - before;
}

/* RFC 3550 section 6.4.1 and appendix A.8, which rounds. */
static void add_to_jitter(proto_rtt *rtt, uint64_t time)
{
    rtt->jitter += difference(rtt->last, time) - ((rtt->jitter + 8) >> 4);
    rtt->last = time;
}

static inline void take(proto_rtt *rtt, uint64_t time, bool in_order)
{
    if (time > PROTO_RTT_MAX) time = clipped(rtt, time);
    if (rtt->counts.received++ == 0) {
        begin(rtt, time);
    } else {
        if (time < rtt->min) rtt->min = time;
        if (time > rtt->max) rtt->max = time;
        smooth(rtt, time);
        if (in_order) add_to_jitter(rtt, time);
    }
    add_to_sums(rtt, time);
    add_to_histogram(rtt, time);
}

void proto_rtt_record(proto_rtt *rtt, uint64_t time)
{
    take(rtt, time, true);
}

void proto_rtt_record_reordered(proto_rtt *rtt, uint64_t time)
{
    rtt->counts.reordered++;
    take(rtt, time, false);
}

/* ------------------------------------------------------------------------------------- losses -- */

void proto_rtt_lost(proto_rtt *rtt, uint64_t number)
{
    rtt->counts.lost++;
    if (rtt->latest_burst == 0 || number != rtt->burst_end) {
        rtt->bursts++;
        rtt->latest_burst = 0;
    }
    rtt->burst_end = number + 1;
    rtt->latest_burst++;
    if (rtt->latest_burst > rtt->longest_burst) rtt->longest_burst = rtt->latest_burst;
}

/* Losses are decided in the order of sending; so all probes up to the burst's last are decided, and
   whatever else is decided is a reply to a later one. */
uint64_t proto_rtt_burst(const proto_rtt *rtt)
{
    bool ended = rtt->counts.received + rtt->counts.lost > rtt->burst_end;
    return ended ? 0 : rtt->latest_burst;
}
