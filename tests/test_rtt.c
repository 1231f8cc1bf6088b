// SPDX-License-Identifier: MIT
// Counts, losses, moments, jitter and the retransmission timeout.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/rtt.h"
#include "rtt_histogram.h"
#include "samples.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define MS           SAMPLES_MS
#define S            SAMPLES_S

static void assert_near(uint64_t value, uint64_t expected, uint64_t tolerance)
{
    if (value + tolerance < expected || value > expected + tolerance)
        assert_int_equal(value, expected);
}

static proto_rtt recorded(const uint64_t *times, size_t count)
{
    proto_rtt rtt = {0};
    for (size_t i = 0; i < count; i++) {
        proto_rtt_sent(&rtt);
        proto_rtt_record(&rtt, times[i]);
    }
    return rtt;
}

// Merges it with copies of itself, so that it has recorded 2^doublings times as much.
static void double_often(proto_rtt *rtt, unsigned doublings)
{
    for (; doublings > 0; doublings--) {
        proto_rtt copy = *rtt;
        proto_rtt_merge(rtt, &copy);
    }
}

// ------------------------------------------------------------------------------------------------------------- counts --

static void probes_are_numbered_as_they_are_sent(void **state)
{
    proto_rtt rtt;
    memset(&rtt, 0xff, sizeof rtt);
    proto_rtt_init(&rtt);
    for (uint64_t number = 0; number < 5; number++)
        assert_int_equal(proto_rtt_sent(&rtt), number);
    assert_int_equal(rtt.counts.sent, 5);
    static const proto_rtt empty = {0};
    rtt.counts.sent = 0;
    assert_memory_equal(&rtt, &empty, sizeof rtt);
}

// trap 36, trap 37: what is in flight when a run ends is not lost, and waiting for it can only make it received or lost.
static void what_was_sent_was_received_or_lost_or_is_in_flight(void **state)
{
    proto_rtt rtt = {0};
    uint64_t seed = 1;
    for (int i = 0; i < 10000; i++) {
        uint64_t random = samples_random(&seed) >> 32;
        bool in_flight = proto_rtt_outstanding(&rtt.counts) > 0;
        switch (random % 6) {
        case 0:
        case 1: proto_rtt_sent(&rtt); break;
        case 2:
            if (in_flight) proto_rtt_record(&rtt, random);
            break;
        case 3:
            if (in_flight) proto_rtt_record_reordered(&rtt, random);
            break;
        case 4:
            if (in_flight) proto_rtt_lost(&rtt, rtt.counts.received + rtt.counts.lost);
            break;
        default: rtt.counts.duplicates++, rtt.counts.late++; break;
        }
        const proto_rtt_counts *counts = &rtt.counts;
        assert_int_equal(counts->sent,
                         counts->received + counts->lost + (uint64_t)proto_rtt_outstanding(counts));
        assert_true(proto_rtt_outstanding(counts) >= 0);
        assert_in_range(proto_rtt_loss(counts), 0, PROTO_RTT_ALL);
    }
    assert_true(rtt.counts.lost > 100 && rtt.counts.reordered > 100);
}

// trap 7: no integer division that loses the loss, and none by zero. trap 8: duplicates and late replies are on neither
// side of it. trap 37: nor is what is in flight.
static void loss_is_a_share_of_what_is_decided(void **state)
{
    static const struct {
        proto_rtt_counts counts;
        uint32_t loss;
    } table[] = {
        {{.sent = 0}, 0},
        {{.sent = 5}, 0},
        {{.sent = 3, .received = 2, .lost = 1}, 333333},
        {{.sent = 3, .received = 1, .lost = 2}, 666667},
        {{.sent = 3, .received = 1, .lost = 1}, 500000},
        {{.sent = 4, .received = 4, .duplicates = 4}, 0},
        {{.sent = 4, .lost = 4, .late = 4}, 1000000},
        {{.sent = 4, .received = 1, .lost = 3, .late = 2, .duplicates = 9}, 750000},
        {{.sent = 10000000, .received = 9999999, .lost = 1}, 0},
        {{.sent = 2000000, .received = 1999999, .lost = 1}, 1},
        {{.sent = 11, .received = 7, .lost = 4}, 363636},
        {{.received = RTT_COUNT_MAX, .lost = RTT_COUNT_MAX}, 500000},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        assert_int_equal(proto_rtt_loss(&table[i].counts), table[i].loss);
}

// The values of the formula to seven digits, by an arithmetic of arbitrary precision.
static void the_true_loss_lies_in_wilsons_interval(void **state)
{
    static const struct {
        uint64_t lost, received;
        uint32_t z, low, high;
    } table[] = {
        {0, 0, PROTO_RTT_95, 0, 1000000},
        {0, 10, PROTO_RTT_95, 0, 277541},
        {10, 0, PROTO_RTT_95, 722459, 1000000},
        {1, 9, PROTO_RTT_95, 17875, 404157},
        {1, 0, PROTO_RTT_95, 206543, 1000000},
        {36, 64, PROTO_RTT_95, 272710, 457648},
        {36, 64, PROTO_RTT_99, 248656, 488768},
        {3, 997, PROTO_RTT_95, 1020, 8784},
        {5, 5, 0, 500000, 500000},
        {5, 5, 10000, 23268, 976732},
        {UINT64_C(1) << 51, UINT64_C(1) << 51, PROTO_RTT_95, 499998, 500002},
        {0, RTT_COUNT_MAX, PROTO_RTT_95, 0, 1},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        proto_rtt_counts counts = {.lost = table[i].lost, .received = table[i].received};
        uint32_t low, high;
        proto_rtt_loss_interval(&counts, table[i].z, &low, &high);
        assert_int_equal(low, table[i].low);
        assert_int_equal(high, table[i].high);
        assert_true(low <= proto_rtt_loss(&counts) && high >= proto_rtt_loss(&counts));
    }
}

static void more_probes_make_the_interval_narrower(void **state)
{
    for (uint64_t lost = 0; lost <= 8; lost++) {
        uint32_t width = PROTO_RTT_ALL;
        for (uint64_t factor = 1; factor < UINT64_C(1) << 48; factor *= 4) {
            proto_rtt_counts counts = {.lost = lost * factor, .received = (8 - lost) * factor};
            uint32_t low, high;
            proto_rtt_loss_interval(&counts, PROTO_RTT_95, &low, &high);
            assert_true(high - low < width || (high - low == width && width <= 4));
            width = high - low;
        }
    }
}

// ------------------------------------------------------------------------------------------------------------- bursts --

// `.` is a reply and `x` a loss, each of the next probe.
static const struct {
    const char *fates;
    uint64_t bursts, longest, now;
} bursts[] = {
    {"", 0, 0, 0},           {"....", 0, 0, 0},    {"x", 1, 1, 1},
    {"xxx", 1, 3, 3},        {".xx.", 1, 2, 0},    {"xx.xxx", 2, 3, 3},
    {"xxx.x.xx..", 3, 3, 0}, {"x.x.x.x", 4, 1, 1}, {".......xxxxx", 1, 5, 5},
};

static void losses_in_a_row_are_a_burst(void **state)
{
    for (size_t i = 0; i < COUNT(bursts); i++) {
        proto_rtt rtt = {0};
        for (const char *fate = bursts[i].fates; *fate != '\0'; fate++) {
            uint64_t number = proto_rtt_sent(&rtt);
            if (*fate == 'x')
                proto_rtt_lost(&rtt, number);
            else
                proto_rtt_record(&rtt, MS);
        }
        assert_int_equal(rtt.bursts, bursts[i].bursts);
        assert_int_equal(rtt.longest_burst, bursts[i].longest);
        assert_int_equal(proto_rtt_burst(&rtt), bursts[i].now);
    }
}

// Where the timeout is longer than the interval, losses are known long after the replies to later probes.
static void replies_to_later_probes_do_not_divide_a_burst(void **state)
{
    for (size_t i = 0; i < COUNT(bursts); i++) {
        proto_rtt rtt = {0};
        size_t count = strlen(bursts[i].fates);
        for (size_t at = 0; at < count + 4; at++) {
            if (at < count) proto_rtt_sent(&rtt);
            if (at < count && bursts[i].fates[at] == '.') proto_rtt_record(&rtt, MS);
            if (at >= 4 && bursts[i].fates[at - 4] == 'x') proto_rtt_lost(&rtt, at - 4);
        }
        assert_int_equal(rtt.bursts, bursts[i].bursts);
        assert_int_equal(rtt.longest_burst, bursts[i].longest);
        assert_int_equal(proto_rtt_burst(&rtt), bursts[i].now);
        assert_int_equal(proto_rtt_outstanding(&rtt.counts), 0);
    }
}

static void losses_that_come_in_another_order_are_several_bursts(void **state)
{
    proto_rtt rtt = {0};
    for (int i = 0; i < 6; i++)
        proto_rtt_sent(&rtt);
    proto_rtt_lost(&rtt, 5);
    proto_rtt_lost(&rtt, 3);
    proto_rtt_lost(&rtt, 4);
    assert_int_equal(rtt.bursts, 2);
    assert_int_equal(rtt.longest_burst, 2);
}

// ------------------------------------------------------------------------------------------------------------ moments --

// trap 11
static void nothing_is_said_of_nothing(void **state)
{
    proto_rtt rtt = {0};
    proto_rtt_sent(&rtt);
    proto_rtt_lost(&rtt, 0);
    assert_int_equal(rtt.min, 0);
    assert_int_equal(rtt.max, 0);
    assert_int_equal(proto_rtt_mean(&rtt), 0);
    assert_int_equal(proto_rtt_mdev(&rtt), 0);
    assert_int_equal(proto_rtt_sample_deviation(&rtt), 0);
    assert_int_equal(proto_rtt_jitter(&rtt), 0);
    assert_int_equal(proto_rtt_smoothed(&rtt), 0);
    assert_int_equal(proto_rtt_variation(&rtt), 0);
    assert_int_equal(proto_rtt_quantile(&rtt, 500000), 0);
    assert_int_equal(proto_rtt_count_up_to(&rtt, UINT64_MAX), 0);
}

static void the_first_time_is_all_there_is_to_say(void **state)
{
    static const uint64_t times[] = {0, 1, 31, 32, 12345678, 5 * S, PROTO_RTT_MAX};
    for (size_t i = 0; i < COUNT(times); i++) {
        proto_rtt rtt = recorded(&times[i], 1);
        assert_int_equal(rtt.min, times[i]);
        assert_int_equal(rtt.max, times[i]);
        assert_int_equal(rtt.first, times[i]);
        assert_int_equal(rtt.last, times[i]);
        assert_int_equal(proto_rtt_mean(&rtt), times[i]);
        assert_int_equal(proto_rtt_mdev(&rtt), 0);
        assert_int_equal(proto_rtt_sample_deviation(&rtt), 0);
        assert_int_equal(proto_rtt_jitter(&rtt), 0);
        assert_int_equal(proto_rtt_smoothed(&rtt), times[i]);
        assert_int_equal(proto_rtt_variation(&rtt), times[i] / 2);
        for (uint32_t q = 0; q <= PROTO_RTT_ALL; q += 100000)
            assert_int_equal(proto_rtt_quantile(&rtt, q), times[i]);
    }
}

// trap 9: a time of 1 ns is one, and nothing is cut to milliseconds.
static void times_are_kept_to_the_nanosecond(void **state)
{
    static const uint64_t times[] = {20 * MS + 1, 20 * MS + 2, 20 * MS + 4};
    proto_rtt rtt = recorded(times, COUNT(times));
    assert_int_equal(rtt.min, 20 * MS + 1);
    assert_int_equal(rtt.max, 20 * MS + 4);
    assert_int_equal(rtt.first, 20 * MS + 1);
    assert_int_equal(rtt.last, 20 * MS + 4);
    assert_int_equal(proto_rtt_mean(&rtt), 20 * MS + 2);   // 2.33
    assert_int_equal(proto_rtt_mdev(&rtt), 1);             // 1.25
    assert_int_equal(proto_rtt_sample_deviation(&rtt), 1); // 1.53
    static const uint64_t short_times[] = {1, 0, 1, 1};
    rtt = recorded(short_times, COUNT(short_times));
    assert_int_equal(rtt.min, 0);
    assert_int_equal(proto_rtt_mean(&rtt), 1); // 0.75
}

static void a_first_time_of_nothing_counts_like_any(void **state)
{
    static const uint64_t times[] = {0, 0, 16};
    proto_rtt rtt = recorded(times, COUNT(times));
    assert_int_equal(rtt.counts.received, 3);
    assert_int_equal(rtt.min, 0);
    assert_int_equal(rtt.max, 16);
    assert_int_equal(rtt.first, 0);
    assert_int_equal(proto_rtt_mean(&rtt), 5);
    assert_int_equal(proto_rtt_jitter(&rtt), 1);
    assert_int_equal(proto_rtt_smoothed(&rtt), 2);
    assert_int_equal(proto_rtt_variation(&rtt), 4);
}

static uint64_t root_of(uint64_t number)
{
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
        if ((root + bit) * (root + bit) <= number) root += bit;
    return root;
}

// ping of iputils adds up microseconds and their squares, and prints
// sqrt((sum of squares - sum * sum / count) / count).
static void mdev_is_that_of_iputils(void **state)
{
    for (int kind = 0; kind < 3; kind++) {
        sample_set samples = samples_of(kind, 1000, 7);
        uint64_t sum = 0, squares = 0;
        proto_rtt rtt = {0};
        for (size_t i = 0; i < samples.count; i++) {
            uint64_t us = samples.times[i] / SAMPLES_US;
            sum += us;
            squares += us * us;
            proto_rtt_record(&rtt, us * SAMPLES_US);
        }
        uint64_t mdev = root_of((squares - sum * sum / samples.count) / samples.count);
        assert_near(proto_rtt_mdev(&rtt) / SAMPLES_US, mdev, 1);
        assert_true(mdev > 0);
        samples_free(&samples);
    }
}

// Differences from the mean, squared and added up where nothing can be lost: in two passes, around numbers near 0.
static void moments_are_exact_however_far_from_zero(void **state)
{
    static const uint64_t offsets[] = {0, 1000, UINT64_C(1) << 32, PROTO_RTT_MAX - 1000};
    for (size_t i = 0; i < COUNT(offsets); i++) {
        proto_rtt rtt = {0};
        uint64_t seed = 3, sum = 0, squares = 0, count = 1000;
        for (uint64_t n = 0; n < count; n++) {
            uint64_t small = samples_random(&seed) % 1000;
            sum += small;
            squares += small * small;
            proto_rtt_record(&rtt, offsets[i] + small);
        }
        uint64_t variance = count * squares - sum * sum; // times count * count
        assert_int_equal(proto_rtt_mean(&rtt), offsets[i] + (sum + count / 2) / count);
        assert_int_equal(proto_rtt_mdev(&rtt), root_of(variance / (count * count)));
        assert_int_equal(proto_rtt_sample_deviation(&rtt),
                         root_of(variance / (count * (count - 1))));
    }
}

// Whatever the sum leaves when it is divided.
static void deviations_of_a_few_are_exact(void **state)
{
    uint64_t seed = 17;
    for (uint64_t count = 2; count < 40; count++) {
        for (int turn = 0; turn < 200; turn++) {
            proto_rtt rtt = {0};
            uint64_t sum = 0, squares = 0;
            for (uint64_t n = 0; n < count; n++) {
                uint64_t time = samples_random(&seed) % 30;
                sum += time;
                squares += time * time;
                proto_rtt_record(&rtt, time);
            }
            uint64_t variance = count * squares - sum * sum;
            assert_int_equal(proto_rtt_mdev(&rtt), root_of(variance / (count * count)));
            assert_int_equal(proto_rtt_sample_deviation(&rtt),
                             root_of(variance / (count * (count - 1))));
        }
    }
}

// trap 39: sums that overflow, and the root of a negative number where a mean of squares and a square of a mean cancel.
static void nothing_overflows_in_a_century(void **state)
{
    static const uint64_t times[] = {0, PROTO_RTT_MAX};
    proto_rtt rtt = recorded(times, COUNT(times));
    double_often(&rtt, 51);
    assert_int_equal(rtt.counts.received, RTT_COUNT_MAX);
    assert_int_equal(proto_rtt_mean(&rtt), (PROTO_RTT_MAX + 1) / 2);
    assert_int_equal(proto_rtt_mdev(&rtt), PROTO_RTT_MAX / 2);
    assert_int_equal(proto_rtt_sample_deviation(&rtt), PROTO_RTT_MAX / 2);
    assert_int_equal(proto_rtt_quantile(&rtt, 500000), 0);
    assert_near(proto_rtt_quantile(&rtt, 500001), PROTO_RTT_MAX, PROTO_RTT_MAX / 64);

    rtt = recorded(times + 1, 1);
    double_often(&rtt, 52);
    assert_int_equal(rtt.counts.received, RTT_COUNT_MAX);
    assert_int_equal(proto_rtt_mean(&rtt), PROTO_RTT_MAX);
    assert_int_equal(proto_rtt_mdev(&rtt), 0);
    assert_int_equal(proto_rtt_sample_deviation(&rtt), 0);
    assert_int_equal(proto_rtt_count_up_to(&rtt, PROTO_RTT_MAX), RTT_COUNT_MAX);
}

// The sum passes 2^64 while one after another is recorded.
static void sums_carry_on_beyond_64_bits(void **state)
{
    proto_rtt rtt = recorded((const uint64_t[]){PROTO_RTT_MAX}, 1);
    double_often(&rtt, 26); // 2^64 - 2^26
    for (int i = 0; i < 3; i++)
        proto_rtt_record(&rtt, PROTO_RTT_MAX);
    assert_int_equal(proto_rtt_mean(&rtt), PROTO_RTT_MAX);
    for (uint64_t i = 0; i < 67; i++)
        proto_rtt_record(&rtt, UINT32_MAX); // the quick way
    assert_int_equal(rtt.sum_high, 1);
    assert_int_equal(proto_rtt_mdev(&rtt), 270363104);
    proto_rtt other = recorded((const uint64_t[]){UINT32_MAX}, 1);
    double_often(&other, 32); // 2^64 - 2^32
    proto_rtt_record(&other, UINT32_MAX);
    assert_int_equal(other.sum_high, 0);
    proto_rtt_record(&other, UINT32_MAX);
    assert_int_equal(other.sum_high, 1);
    assert_int_equal(proto_rtt_mean(&other), UINT32_MAX);
    assert_int_equal(proto_rtt_mdev(&other), 0);
}

static void times_out_of_range_are_clipped_and_counted(void **state)
{
    static const struct {
        uint64_t time, taken, clipped;
    } table[] = {
        {PROTO_RTT_MAX, PROTO_RTT_MAX, 0},
        {PROTO_RTT_MAX + 1, PROTO_RTT_MAX, 1},
        {INT64_MAX, PROTO_RTT_MAX, 1},
        {(uint64_t)INT64_MAX + 1, 0, 1},
        {(uint64_t)-1, 0, 1}, // received before it was sent, by the clock
        {UINT64_C(1) << 32, UINT64_C(1) << 32, 0},
        {UINT32_MAX, UINT32_MAX, 0},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        const uint64_t times[] = {MS, table[i].time, MS};
        proto_rtt rtt = recorded(times, COUNT(times));
        assert_int_equal(rtt.counts.received, 3);
        assert_int_equal(rtt.clipped, table[i].clipped);
        assert_int_equal(table[i].taken > MS ? rtt.max : rtt.min, table[i].taken);
        assert_int_equal(proto_rtt_mean(&rtt), (2 * MS + table[i].taken + 1) / 3);
        uint64_t below = table[i].taken > 0 ? proto_rtt_count_up_to(&rtt, table[i].taken - 1) : 0;
        assert_int_equal(below, table[i].taken > MS ? 2 : 0);
    }
}

// What is quick for most times gives what the slow way does for all.
static void quick_and_slow_recording_agree(void **state)
{
    for (int kind = 0; kind < SAMPLES_KINDS; kind++) {
        sample_set samples = samples_of(kind, 3000, 5);
        proto_rtt rtt = {0}, slow = {0};
        for (size_t i = 0; i < samples.count; i++) {
            uint64_t last = slow.last, jitter = slow.jitter;
            proto_rtt_record(&rtt, samples.times[i]);
            proto_rtt_record_reordered(&slow, samples.times[i]);
            // what it leaves out, by the words of RFC 3550
            uint64_t time = samples.times[i];
            if (i > 0)
                slow.jitter = jitter + (time > last ? time - last : last - time) -
                              (jitter + 8) / 16;
            slow.last = samples.times[i];
        }
        slow.counts.reordered = 0;
        assert_memory_equal(&rtt, &slow, sizeof rtt);
        samples_free(&samples);
    }
}

// ------------------------------------------------------------------------------------------------------------- jitter --

static void jitter_is_that_of_rtp(void **state)
{
    static const struct {
        uint64_t time, jitter;
    } table[] = {
        {100 * MS, 0},       {116 * MS, 1000000}, // 16/16
        {100 * MS, 1937500},                      // 1 + (16 - 1)/16
        {100 * MS, 1816406},                      // 1.9375 - 1.9375/16 = 1.81640625
        {20 * MS, 6702880},                       // + (80 - 1.81640625)/16 = 6.702880859
        {20 * MS, 6283950},                       // 6.283950806
    };
    proto_rtt rtt = {0};
    for (size_t i = 0; i < COUNT(table); i++) {
        proto_rtt_record(&rtt, table[i].time);
        assert_near(proto_rtt_jitter(&rtt), table[i].jitter, 1);
    }
}

// trap 40: jitter is between replies that follow one another; a loss between them changes nothing, and what was
// overtaken has no place in the order.
static void jitter_passes_by_what_was_lost_or_overtaken(void **state)
{
    proto_rtt plain = {0}, other = {0};
    static const uint64_t times[] = {20 * MS, 30 * MS, 25 * MS, 60 * MS, 21 * MS};
    for (size_t i = 0; i < COUNT(times); i++) {
        proto_rtt_sent(&plain);
        proto_rtt_record(&plain, times[i]);
        proto_rtt_sent(&other);
        proto_rtt_record(&other, times[i]);
        proto_rtt_lost(&other, proto_rtt_sent(&other));
        proto_rtt_sent(&other);
        proto_rtt_record_reordered(&other, 500 * MS);
    }
    assert_int_equal(proto_rtt_jitter(&plain), proto_rtt_jitter(&other));
    assert_int_equal(plain.last, other.last);
    assert_int_equal(other.counts.reordered, 5);
    assert_int_equal(other.counts.received, 10);
    assert_int_equal(other.max, 500 * MS);
    assert_true(proto_rtt_jitter(&plain) > MS);
}

// ---------------------------------------------------------------------------------------------------------------- RTO --

// trap 41: the rule for the first measurement, the granularity of the clock. By hand from RFC 6298 section 2.
static void the_timeout_is_that_of_the_rfc(void **state)
{
    static const proto_rtt_rto_config fine = {.min = 1};
    static const struct {
        uint64_t time, smoothed, variation, rto;
    } table[] = {
        {100 * MS, 100000000, 50000000, 300000000}, {120 * MS, 102500000, 42500000, 272500000},
        {80 * MS, 99687500, 37500000, 249687500},   {80 * MS, 97226562, 33046875, 229414062},
        {97226562, 97226562, 24785156, 196367187},
    };
    proto_rtt rtt = {0};
    assert_int_equal(proto_rtt_rto(&rtt, &fine, 0), S); // section 2.1
    for (size_t i = 0; i < COUNT(table); i++) {
        proto_rtt_record(&rtt, table[i].time);
        assert_near(proto_rtt_smoothed(&rtt), table[i].smoothed, 2);
        assert_near(proto_rtt_variation(&rtt), table[i].variation, 2);
        assert_near(proto_rtt_rto(&rtt, &fine, 0), table[i].rto, 8);
    }
}

static void the_timeout_has_bounds(void **state)
{
    static const struct {
        uint64_t time; // so often that nothing varies
        proto_rtt_rto_config config;
        unsigned timeouts;
        uint64_t rto;
    } table[] = {
        {20 * MS, {0}, 0, S},      // section 2.4
        {20 * MS, {0}, 1, 2 * S},  // section 5.5
        {20 * MS, {0}, 5, 32 * S}, //
        {20 * MS, {0}, 6, 60 * S}, // section 2.5
        {20 * MS, {0}, UINT32_MAX, 60 * S},
        {100 * S, {0}, 0, 60 * S},
        {2 * S, {0}, 0, 2 * S + 1}, // and the granularity
        {20 * MS, {.granularity = 5 * MS, .min = 1}, 0, 25 * MS},
        {20 * MS, {.granularity = 5 * MS, .min = 30 * MS}, 0, 30 * MS},
        {20 * MS, {.granularity = 5 * MS, .min = 1, .max = 70 * MS}, 1, 50 * MS},
        {20 * MS, {.granularity = 5 * MS, .min = 1, .max = 70 * MS}, 2, 70 * MS},
        {20 * MS, {.min = 1, .max = 10 * MS}, 0, 10 * MS},
        {20 * MS, {.min = 3 * S, .max = UINT64_MAX}, 63, UINT64_MAX},
        {20 * MS, {.granularity = UINT64_MAX, .max = UINT64_MAX}, 0, UINT64_MAX},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        proto_rtt rtt = {0};
        for (int n = 0; n < 200; n++)
            proto_rtt_record(&rtt, table[i].time);
        assert_int_equal(proto_rtt_variation(&rtt), 0);
        uint64_t rto = proto_rtt_rto(&rtt, &table[i].config, table[i].timeouts);
        assert_near(rto, table[i].rto, i == 6 ? 4 : rto == table[i].rto ? 0 : 4);
    }
    proto_rtt empty = {0};
    assert_int_equal(proto_rtt_rto(&empty, NULL, 0), S);
    assert_int_equal(proto_rtt_rto(&empty, NULL, 2), 4 * S);
}

// ------------------------------------------------------------------------------------------------ numbers of 128 bits --

static uint64_t odd_number(uint64_t *seed)
{
    uint64_t random = samples_random(seed);
    return samples_random(seed) >> random % 64;
}

static void wide_numbers_obey_the_laws_of_arithmetic(void **state)
{
    uint64_t seed = 11;
    for (int i = 0; i < 20000; i++) {
        uint64_t a = odd_number(&seed), b = odd_number(&seed), c = odd_number(&seed);
        wide product = wide_product(a, b), swapped = wide_product(b, a);
        assert_memory_equal(&product, &swapped, sizeof product);
        assert_int_equal(product.low, a * b);

        wide number = {c >> 1, a};
        uint64_t divisor = b % (UINT64_C(1) << 63) + 1, rest;
        wide quotient = wide_divide(number, divisor, &rest);
        assert_true(rest < divisor);
        wide back = wide_add(wide_times(quotient, divisor), (wide){0, rest});
        assert_memory_equal(&back, &number, sizeof back);

        number.high = c;
        uint64_t root = wide_root(number);
        assert_false(wide_less(number, wide_product(root, root)));
        if (root < UINT64_MAX) assert_true(wide_less(number, wide_product(root + 1, root + 1)));

        wide difference = wide_subtract(wide_add(number, product), product);
        assert_memory_equal(&difference, &number, sizeof number);
    }
    assert_int_equal(wide_product(UINT64_MAX, UINT64_MAX).high, UINT64_MAX - 1);
    assert_int_equal(wide_root((wide){UINT64_MAX, UINT64_MAX}), UINT64_MAX);
    assert_int_equal(wide_root((wide){0, 0}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_are_numbered_as_they_are_sent),
        cmocka_unit_test(what_was_sent_was_received_or_lost_or_is_in_flight),
        cmocka_unit_test(loss_is_a_share_of_what_is_decided),
        cmocka_unit_test(the_true_loss_lies_in_wilsons_interval),
        cmocka_unit_test(more_probes_make_the_interval_narrower),
        cmocka_unit_test(losses_in_a_row_are_a_burst),
        cmocka_unit_test(replies_to_later_probes_do_not_divide_a_burst),
        cmocka_unit_test(losses_that_come_in_another_order_are_several_bursts),
        cmocka_unit_test(nothing_is_said_of_nothing),
        cmocka_unit_test(the_first_time_is_all_there_is_to_say),
        cmocka_unit_test(times_are_kept_to_the_nanosecond),
        cmocka_unit_test(a_first_time_of_nothing_counts_like_any),
        cmocka_unit_test(mdev_is_that_of_iputils),
        cmocka_unit_test(moments_are_exact_however_far_from_zero),
        cmocka_unit_test(deviations_of_a_few_are_exact),
        cmocka_unit_test(nothing_overflows_in_a_century),
        cmocka_unit_test(sums_carry_on_beyond_64_bits),
        cmocka_unit_test(times_out_of_range_are_clipped_and_counted),
        cmocka_unit_test(quick_and_slow_recording_agree),
        cmocka_unit_test(jitter_is_that_of_rtp),
        cmocka_unit_test(jitter_passes_by_what_was_lost_or_overtaken),
        cmocka_unit_test(the_timeout_is_that_of_the_rfc),
        cmocka_unit_test(the_timeout_has_bounds),
        cmocka_unit_test(wide_numbers_obey_the_laws_of_arithmetic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
