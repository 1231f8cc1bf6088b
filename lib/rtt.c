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

/* ----------------------------------------------------------------------------------- replies -- */

#define UNLIKELY(condition) __builtin_expect(condition, 0)

static uint64_t difference(uint64_t a, uint64_t b)
{
    int64_t difference = (int64_t)(a - b);
    return (uint64_t)(difference < 0 ? -difference : difference);
}

/* RFC 6298 section 2.3, with alpha 1/8 and beta 1/4: the deviation takes the smoothed time as it
   was before. */
static inline void smooth(proto_rtt *rtt, uint64_t time)
{
    uint64_t before = rtt->smoothed >> 3;
    rtt->smoothed += time - before;
    rtt->deviation += difference(time, before) - (rtt->deviation >> 2);
}

/* RFC 3550 section 6.4.1 and appendix A.8, which rounds. */
static inline void add_to_jitter(proto_rtt *rtt, uint64_t time)
{
    rtt->jitter += difference(time, rtt->last) - ((rtt->jitter + 8) >> 4);
    rtt->last = time;
}

static inline void add_to_sums(proto_rtt *rtt, uint64_t time)
{
    uint64_t square = time * time;
    rtt->sum_low += time;
    if (UNLIKELY(rtt->sum_low < time)) rtt->sum_high++;
    rtt->squares_low += square;
    if (UNLIKELY(rtt->squares_low < square)) rtt->squares_high++;
}

static inline void add_to_bucket(proto_rtt *rtt, size_t bucket)
{
    if (UNLIKELY(++rtt->buckets[bucket] == 0)) rtt_bucket_wrapped(rtt, bucket);
}

static uint64_t clipped(proto_rtt *rtt, uint64_t time)
{
    rtt->clipped++;
    return time > INT64_MAX ? 0 : PROTO_RTT_MAX;
}

/* The first measurement sets what later ones smooth (RFC 6298 section 2.2). */
static void begin(proto_rtt *rtt, uint64_t time)
{
    rtt->min = rtt->max = rtt->first = rtt->last = time;
    rtt->smoothed = time << 3;
    rtt->deviation = time << 1;
}

/* Takes any time. Not inline: what it needs of registers would be saved for every time. */
__attribute__((noinline)) static void record(proto_rtt *rtt, uint64_t time, bool in_order)
{
    if (time > PROTO_RTT_MAX) time = clipped(rtt, time);
    if (rtt->counts.received == 0) {
        begin(rtt, time);
    } else {
        if (time < rtt->min) rtt->min = time;
        if (time > rtt->max) rtt->max = time;
        smooth(rtt, time);
        if (in_order) add_to_jitter(rtt, time);
    }
    rtt->counts.received++;
    add_to_sums(rtt, time);
    rtt->squares_high += wide_product(time, time).high;
    add_to_bucket(rtt, rtt_bucket_of(time));
}

/* Most times are neither long nor the shortest nor the longest yet: what remains to be done for
   those is quick. The first of all is above 0, the maximum until then, or is 0 and changes nothing
   but the sums. */
void proto_rtt_record(proto_rtt *rtt, uint64_t time)
{
    if (UNLIKELY(time > UINT32_MAX || time > rtt->max || time < rtt->min)) {
        record(rtt, time, true);
        return;
    }
    smooth(rtt, time);
    add_to_jitter(rtt, time);
    rtt->counts.received++;
    add_to_sums(rtt, time);
    add_to_bucket(rtt, rtt_bucket_of_short((uint32_t)time));
}

void proto_rtt_record_reordered(proto_rtt *rtt, uint64_t time)
{
    rtt->counts.reordered++;
    record(rtt, time, false);
}

/* ------------------------------------------------------------------------------------ losses -- */

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
