/* SPDX-License-Identifier: MIT */
/* What the sums and the smoothed times say. */
#include "rtt_histogram.h"

#include <assert.h>

/* -------------------------------------------------------------------------------------- loss -- */

int64_t proto_rtt_outstanding(const proto_rtt_counts *counts)
{
    return (int64_t)(counts->sent - counts->received - counts->lost);
}

uint32_t proto_rtt_loss(const proto_rtt_counts *counts)
{
    uint64_t decided = counts->lost + counts->received;
    if (decided == 0) return 0;
    wide twice = wide_times(wide_product(counts->lost, PROTO_RTT_ALL), 2);
    wide rounded = wide_add(twice, (wide){0, decided});
    return (uint32_t)wide_divide(rounded, 2 * decided, NULL).low;
}

/* What is wanted is
       (k + z^2/2 +- z sqrt(k (n - k) / n + z^2/4)) / (n + z^2)
   with k losses out of n. Both halves of the fraction are taken 2,000,000 times, so that z in
   thousandths is an integer, and then 2^bits times, so that the root has digits enough. It is
   rounded up, which makes the interval no narrower. */
typedef struct wilson {
    uint64_t centre;
    uint64_t spread;
    uint64_t divisor;
} wilson;

static wilson wilson_of(uint64_t k, uint64_t n, uint64_t z)
{
    wilson parts = {2 * PROTO_RTT_ALL * k + z * z, 0, 2 * (PROTO_RTT_ALL * n + z * z)};
    wide radicand = wide_times(wide_product(4 * k, n - k), PROTO_RTT_ALL);
    radicand = wide_add(wide_divide(radicand, n, NULL), (wide){0, z * z});
    for (; parts.divisor >> 62 == 0; parts.divisor *= 2) {
        parts.centre *= 2;
        radicand = wide_times(radicand, 4);
    }
    uint64_t root = wide_root(radicand);
    if (wide_less(wide_product(root, root), radicand)) root++;
    parts.spread = z * root;
    return parts;
}

void proto_rtt_loss_interval(const proto_rtt_counts *counts, uint32_t z, uint32_t *low,
                             uint32_t *high)
{
    assert(z <= 10000);
    uint64_t k = counts->lost, n = counts->lost + counts->received;
    *low = 0;
    *high = PROTO_RTT_ALL;
    if (n == 0) return;
    for (; n >> 40 != 0; n >>= 1)
        k >>= 1; /* 2^40 probes leave no more than two millionths open */
    wilson parts = wilson_of(k, n, z);
    wide lower = wide_product(parts.centre - parts.spread, PROTO_RTT_ALL);
    wide upper = wide_product(parts.centre + parts.spread, PROTO_RTT_ALL);
    upper = wide_add(upper, (wide){0, parts.divisor - 1});
    *low = (uint32_t)wide_divide(lower, parts.divisor, NULL).low;
    uint64_t share = wide_divide(upper, parts.divisor, NULL).low;
    if (share < PROTO_RTT_ALL) *high = (uint32_t)share;
}

/* ----------------------------------------------------------------------------------- moments -- */

uint64_t proto_rtt_mean(const proto_rtt *rtt)
{
    uint64_t count = rtt->counts.received;
    if (count == 0) return 0;
    return wide_divide(wide_add(rtt_sum(rtt), (wide){0, count / 2}), count, NULL).low;
}

/* The sum of the squares of what the times differ from their mean, rounded down. With m the mean
   without its fraction and r what it leaves of the sum, the differences from m alone have squares
   that add up to squares - m (sum + r), and the fraction takes r^2/count off that. Nothing of this
   is rounded but the last, and nothing is negative. */
static wide squared_differences(const proto_rtt *rtt)
{
    uint64_t count = rtt->counts.received, rest, fraction;
    uint64_t mean = wide_divide(rtt_sum(rtt), count, &rest).low;
    wide product = wide_times(wide_add(rtt_sum(rtt), (wide){0, rest}), mean);
    wide less = wide_divide(wide_product(rest, rest), count, &fraction);
    less.low += fraction > 0; /* less than the count: no carry */
    return wide_subtract(wide_subtract(rtt_squares(rtt), product), less);
}

uint64_t proto_rtt_mdev(const proto_rtt *rtt)
{
    uint64_t count = rtt->counts.received;
    if (count == 0) return 0;
    return wide_root(wide_divide(squared_differences(rtt), count, NULL));
}

uint64_t proto_rtt_sample_deviation(const proto_rtt *rtt)
{
    uint64_t count = rtt->counts.received;
    if (count < 2) return 0;
    return wide_root(wide_divide(squared_differences(rtt), count - 1, NULL));
}

/* ---------------------------------------------------------------------------- smoothed times -- */

uint64_t proto_rtt_jitter(const proto_rtt *rtt)
{
    return rtt->jitter >> 4;
}

uint64_t proto_rtt_smoothed(const proto_rtt *rtt)
{
    return rtt->smoothed >> 3;
}

uint64_t proto_rtt_variation(const proto_rtt *rtt)
{
    return rtt->deviation >> 2;
}

static const uint64_t SECOND = UINT64_C(1000000000);

static uint64_t given_or(uint64_t value, uint64_t otherwise)
{
    return value != 0 ? value : otherwise;
}

/* RFC 6298 sections 2.1 to 2.3; four times the deviation is what is kept. */
static uint64_t rto_measured(const proto_rtt *rtt, uint64_t granularity)
{
    if (rtt->counts.received == 0) return SECOND;
    uint64_t margin = rtt->deviation > granularity ? rtt->deviation : granularity;
    uint64_t rto = (rtt->smoothed >> 3) + margin;
    return rto < margin ? UINT64_MAX : rto;
}

uint64_t proto_rtt_rto(const proto_rtt *rtt, const proto_rtt_rto_config *config, unsigned timeouts)
{
    proto_rtt_rto_config bounds = config ? *config : (proto_rtt_rto_config){0};
    uint64_t min = given_or(bounds.min, SECOND);
    uint64_t max = given_or(bounds.max, 60 * SECOND);
    uint64_t rto = rto_measured(rtt, given_or(bounds.granularity, 1));
    if (rto < min) rto = min;
    for (; timeouts > 0 && rto < max; timeouts--)
        rto = rto > max / 2 ? max : 2 * rto;
    return rto < max ? rto : max;
}
