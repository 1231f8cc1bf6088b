// SPDX-License-Identifier: MIT
// The histogram: its buckets, quantiles and counts out of it, columns for a picture.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "proto/rtt.h"
#include "rtt_histogram.h"
#include "samples.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define MS           SAMPLES_MS

static proto_rtt recorded(const sample_set *samples)
{
    proto_rtt rtt = {0};
    for (size_t i = 0; i < samples->count; i++)
        proto_rtt_record(&rtt, samples->times[i]);
    return rtt;
}

// Off by no more than 1/64 of the true value, in integers.
static bool is_near(uint64_t time, uint64_t truth)
{
    uint64_t difference = time > truth ? time - truth : truth - time;
    return difference <= truth / 64;
}

// ------------------------------------------------------------------------------------------------------------ buckets --

static void buckets_follow_one_another_without_a_gap(void **state)
{
    uint64_t next = 0;
    for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++) {
        assert_int_equal(rtt_bucket_first(bucket), next);
        next = rtt_bucket_last(bucket) + 1;
        uint64_t width = next - rtt_bucket_first(bucket);
        assert_true(width == 1 || width * 32 <= rtt_bucket_first(bucket));
    }
    assert_int_equal(next, PROTO_RTT_MAX + 1);
}

// Both ways to find it, at the edges of each bucket and within.
static void each_time_has_its_bucket(void **state)
{
    for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++) {
        uint64_t first = rtt_bucket_first(bucket), last = rtt_bucket_last(bucket);
        const uint64_t times[] = {first, first + (last - first) / 3, last};
        for (size_t i = 0; i < COUNT(times); i++) {
            assert_int_equal(rtt_bucket_of(times[i]), bucket);
            if (times[i] <= UINT32_MAX)
                assert_int_equal(rtt_bucket_of_short((uint32_t)times[i]), bucket);
        }
    }
}

// One time in each bucket, wherever it is, with others far away so that minimum and maximum do not help.
static void the_error_is_within_its_bound_in_every_bucket(void **state)
{
    for (size_t bucket = 1; bucket + 1 < PROTO_RTT_BUCKETS; bucket++) {
        uint64_t first = rtt_bucket_first(bucket), last = rtt_bucket_last(bucket);
        const uint64_t truths[] = {first, last, first + (last - first) / 2};
        for (size_t i = 0; i < COUNT(truths); i++) {
            proto_rtt rtt = {0};
            for (int n = 0; n < 8; n++)
                proto_rtt_record(&rtt, truths[i]);
            proto_rtt_record(&rtt, 0);
            proto_rtt_record(&rtt, PROTO_RTT_MAX);
            for (uint32_t q = 200000; q <= 900000; q += 100000)
                assert_true(is_near(proto_rtt_quantile(&rtt, q), truths[i]));
        }
    }
}

// ---------------------------------------------------------------------------------------------------------- quantiles --

static void quantiles_are_within_their_bound_of_the_true_ones(void **state)
{
    static const size_t counts[] = {1, 2, 3, 10, 99, 1000, 100000};
    for (int kind = 0; kind < SAMPLES_KINDS; kind++) {
        for (size_t i = 0; i < COUNT(counts); i++) {
            sample_set samples = samples_of(kind, counts[i], 1 + i);
            proto_rtt rtt = recorded(&samples);
            samples_sort(&samples);
            for (uint32_t q = 0; q <= PROTO_RTT_ALL; q += 500) {
                uint64_t time = proto_rtt_quantile(&rtt, q);
                if (!is_near(time, samples_quantile(&samples, q))) {
                    print_message("%s, %zu, %u\n", samples.name, samples.count, q);
                    assert_int_equal(time, samples_quantile(&samples, q));
                }
            }
            samples_free(&samples);
        }
    }
}

// The promise is 1/64. Where times are spread as times are, most are nearer than 1/400.
static void interpolation_makes_them_better_than_promised(void **state)
{
    for (int kind = 0; kind < 3; kind++) {
        sample_set samples = samples_of(kind, 100000, 3);
        proto_rtt rtt = recorded(&samples);
        samples_sort(&samples);
        uint64_t all = 0, near = 0;
        for (uint32_t q = 5000; q < PROTO_RTT_ALL; q += 5000, all++) {
            uint64_t truth = samples_quantile(&samples, q), time = proto_rtt_quantile(&rtt, q);
            uint64_t difference = time > truth ? time - truth : truth - time;
            near += difference <= truth / 400;
        }
        assert_true(near > all / 2);
        samples_free(&samples);
    }
}

static void quantiles_rise_and_end_at_the_extremes(void **state)
{
    for (int kind = 0; kind < SAMPLES_KINDS; kind++) {
        sample_set samples = samples_of(kind, 500, 9);
        proto_rtt rtt = recorded(&samples);
        uint64_t before = 0;
        for (uint32_t q = 0; q <= PROTO_RTT_ALL; q += 250) {
            uint64_t time = proto_rtt_quantile(&rtt, q);
            assert_true(time >= before && time >= rtt.min && time <= rtt.max);
            before = time;
        }
        assert_int_equal(proto_rtt_quantile(&rtt, 0), rtt.min);
        assert_int_equal(proto_rtt_quantile(&rtt, PROTO_RTT_ALL), rtt.max);
        assert_int_equal(proto_rtt_quantile(&rtt, UINT32_MAX), rtt.max);
        samples_free(&samples);
    }
}

// 7 % of a hundred is the seventh, whatever a fraction of two would make of 0.07.
static void the_rank_is_that_of_the_definition(void **state)
{
    proto_rtt rtt = {0};
    for (uint64_t time = 1; time <= 60; time++)
        proto_rtt_record(&rtt, time); // a bucket each
    static const struct {
        uint32_t millionths;
        uint64_t time;
    } table[] = {{0, 1},       {1, 1},       {16666, 1},   {16667, 2},   {50000, 3},  {50001, 4},
                 {500000, 30}, {500001, 31}, {983333, 59}, {983334, 60}, {999999, 60}};
    for (size_t i = 0; i < COUNT(table); i++)
        assert_int_equal(proto_rtt_quantile(&rtt, table[i].millionths), table[i].time);
}

static void several_quantiles_are_what_each_is_alone(void **state)
{
    proto_rtt steps = {0};
    uint32_t shares[60];
    uint64_t steps_back[60];
    for (uint32_t i = 0; i < 60; i++) {
        proto_rtt_record(&steps, i + 1); // a bucket each
        shares[i] = (60 - i) * PROTO_RTT_ALL / 60;
    }
    proto_rtt_quantiles(&steps, shares, steps_back, 60);
    for (uint64_t i = 0; i < 60; i++)
        assert_int_equal(steps_back[i], 60 - i);

    static const uint32_t orders[][5] = {{0, 100000, 500000, 990000, 1000000},
                                         {990000, 500000, 500000, 999000, 1},
                                         {1000000, 900000, 800000, 10, 0}};
    sample_set samples = samples_of(1, 2000, 4);
    proto_rtt rtt = recorded(&samples);
    for (size_t i = 0; i < COUNT(orders); i++) {
        uint64_t times[5];
        proto_rtt_quantiles(&rtt, orders[i], times, 5);
        for (size_t j = 0; j < 5; j++)
            assert_int_equal(times[j], proto_rtt_quantile(&rtt, orders[i][j]));
    }
    proto_rtt_quantiles(&rtt, NULL, NULL, 0);
    samples_free(&samples);
}

// ------------------------------------------------------------------------------------------------------------- counts --

static void counts_are_off_by_one_bucket_at_most(void **state)
{
    for (int kind = 0; kind < SAMPLES_KINDS; kind++) {
        sample_set samples = samples_of(kind, 2000, 6);
        proto_rtt rtt = recorded(&samples);
        samples_sort(&samples);
        uint64_t before = 0, below = 0;
        for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++) {
            uint64_t first = rtt_bucket_first(bucket), last = rtt_bucket_last(bucket);
            uint64_t middle = proto_rtt_count_up_to(&rtt, first + (last - first) / 2);
            assert_true(middle >= before);
            while (below < samples.count && samples.times[below] <= last)
                below++;
            before = proto_rtt_count_up_to(&rtt, last);
            assert_int_equal(before, below);
            assert_true(middle <= before);
        }
        assert_int_equal(before, samples.count);
        samples_free(&samples);
    }
}

static void a_bound_within_a_bucket_takes_its_share(void **state)
{
    proto_rtt rtt = {0};
    uint64_t first = UINT64_C(40) << 20, width = UINT64_C(1) << 20;
    for (int i = 0; i < 100; i++)
        proto_rtt_record(&rtt, first + 5);
    proto_rtt_record(&rtt, 1);
    proto_rtt_record(&rtt, PROTO_RTT_MAX);
    assert_int_equal(proto_rtt_count_up_to(&rtt, 0), 0);
    assert_int_equal(proto_rtt_count_up_to(&rtt, first - 1), 1);
    assert_int_equal(proto_rtt_count_up_to(&rtt, first + width / 4 - 1), 26);
    assert_int_equal(proto_rtt_count_up_to(&rtt, first + width - 1), 101);
    assert_int_equal(proto_rtt_count_up_to(&rtt, UINT64_MAX), 102);
}

// ------------------------------------------------------------------------------------------------------- 2^32 and more --

static void double_often(proto_rtt *rtt, unsigned doublings)
{
    for (; doublings > 0; doublings--) {
        proto_rtt copy = *rtt;
        proto_rtt_merge(rtt, &copy);
    }
}

static void a_bucket_counts_on_beyond_32_bits(void **state)
{
    proto_rtt rtt = {0};
    proto_rtt_record(&rtt, MS);
    double_often(&rtt, 32);
    for (int i = 0; i < 3; i++)
        proto_rtt_record(&rtt, 9 * MS);
    assert_int_equal(proto_rtt_count_up_to(&rtt, 2 * MS), UINT64_C(1) << 32);
    for (int i = 0; i < 3; i++)
        proto_rtt_record(&rtt, MS);
    assert_int_equal(proto_rtt_count_up_to(&rtt, 2 * MS), (UINT64_C(1) << 32) + 3);
    assert_int_equal(proto_rtt_count_up_to(&rtt, 10 * MS), (UINT64_C(1) << 32) + 6);
    assert_true(is_near(proto_rtt_quantile(&rtt, 999999), MS));

    proto_rtt full = {0}, before;
    proto_rtt_record(&full, MS);
    full.buckets[rtt_bucket_of(MS)] = UINT32_MAX;
    before = full;
    proto_rtt_record(&full, MS);
    assert_int_equal(rtt_bucket_count(&full, rtt_bucket_of(MS)), UINT64_C(1) << 32);
    proto_rtt_record(&before, PROTO_RTT_MAX); // the slow way
    before.buckets[PROTO_RTT_BUCKETS - 1] = UINT32_MAX;
    proto_rtt_record(&before, PROTO_RTT_MAX + 1);
    assert_int_equal(rtt_bucket_count(&before, PROTO_RTT_BUCKETS - 1), UINT64_C(1) << 32);
}

// Those that come later stop at 2^32 - 1; the first sixteen count on, in whatever order they got there.
static void more_than_sixteen_of_such_buckets_have_no_room(void **state)
{
    proto_rtt rtt = {0};
    for (size_t i = 0; i < PROTO_RTT_CARRIES + 2; i++) {
        proto_rtt one = {0};
        size_t bucket = i * 7 % (PROTO_RTT_CARRIES + 2) * 50;
        proto_rtt_record(&one, rtt_bucket_first(bucket));
        double_often(&one, 33);
        proto_rtt_merge(&rtt, &one);
        uint64_t expected = i < PROTO_RTT_CARRIES ? UINT64_C(1) << 33 : UINT32_MAX;
        assert_int_equal(rtt_bucket_count(&rtt, bucket), expected);
    }
    for (size_t i = 0; i < PROTO_RTT_CARRIES + 2; i++) {
        size_t bucket = i * 7 % (PROTO_RTT_CARRIES + 2) * 50;
        proto_rtt_record(&rtt, rtt_bucket_first(bucket));
        uint64_t expected = i < PROTO_RTT_CARRIES ? (UINT64_C(1) << 33) + 1 : UINT32_MAX;
        assert_int_equal(rtt_bucket_count(&rtt, bucket), expected);
    }
    assert_int_equal(rtt.counts.received, (PROTO_RTT_CARRIES + 2) * ((UINT64_C(1) << 33) + 1));
    proto_rtt lone = {0};
    proto_rtt_record(&lone, MS);
    double_often(&lone, 54); // more than may be: it stops, and does not begin anew
    assert_int_equal(rtt_bucket_count(&lone, rtt_bucket_of(MS)), (UINT64_C(1) << 53) - 1);
}

// ------------------------------------------------------------------------------------------------------------ columns --

static void columns_show_where_times_are(void **state)
{
    proto_rtt rtt = {0};
    uint8_t heights[4];
    proto_rtt_columns(&rtt, heights, COUNT(heights));
    assert_memory_equal(heights, ((const uint8_t[]){0, 0, 0, 0}), 4);

    for (int i = 0; i < 100; i++)
        proto_rtt_record(&rtt, MS);
    proto_rtt_columns(&rtt, heights, COUNT(heights));
    assert_memory_equal(heights, ((const uint8_t[]){8, 8, 8, 8}), 4);

    for (int i = 0; i < 50; i++)
        proto_rtt_record(&rtt, 16 * MS - 1);
    proto_rtt_record(&rtt, 5 * MS);
    proto_rtt_columns(&rtt, heights, COUNT(heights));
    assert_memory_equal(heights, ((const uint8_t[]){8, 0, 1, 4}), 4);
    proto_rtt_columns(&rtt, heights, 1);
    assert_int_equal(heights[0], 8);
    proto_rtt_columns(&rtt, heights, 0);
    assert_int_equal(heights[0], 8);
}

static void each_bucket_is_in_one_column(void **state)
{
    sample_set samples = samples_of(2, 1000, 8);
    proto_rtt rtt = recorded(&samples);
    uint8_t few[10], many[PROTO_RTT_BUCKETS];
    proto_rtt_columns(&rtt, few, sizeof few);
    size_t low = rtt_bucket_of(rtt.min), count = rtt_bucket_of(rtt.max) - low + 1;
    proto_rtt_columns(&rtt, many, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(many[i] != 0, rtt.buckets[low + i] != 0);
    for (size_t column = 0; column < sizeof few; column++) {
        bool any = false;
        for (size_t i = column * count / sizeof few; i < (column + 1) * count / sizeof few; i++)
            any = any || many[i] != 0;
        assert_int_equal(few[column] != 0, any);
    }
    samples_free(&samples);
}

static void columns_are_written_as_blocks(void **state)
{
    static const uint8_t heights[] = {0, 1, 4, 8, 9, 255};
    static const char text[] = " \xe2\x96\x81\xe2\x96\x84\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88";
    for (size_t cap = 0; cap <= sizeof text - 1; cap++) {
        char buffer[sizeof text];
        proto_out out = proto_out_of(buffer, cap);
        proto_err err = proto_rtt_columns_write(heights, sizeof heights, &out);
        assert_int_equal(err, cap == sizeof text - 1 ? PROTO_OK : PROTO_ERR_NO_SPACE);
        assert_int_equal(out.len, err == PROTO_OK ? sizeof text - 1 : 0);
        if (err == PROTO_OK) assert_memory_equal(buffer, text, out.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_follow_one_another_without_a_gap),
        cmocka_unit_test(each_time_has_its_bucket),
        cmocka_unit_test(the_error_is_within_its_bound_in_every_bucket),
        cmocka_unit_test(quantiles_are_within_their_bound_of_the_true_ones),
        cmocka_unit_test(interpolation_makes_them_better_than_promised),
        cmocka_unit_test(quantiles_rise_and_end_at_the_extremes),
        cmocka_unit_test(the_rank_is_that_of_the_definition),
        cmocka_unit_test(several_quantiles_are_what_each_is_alone),
        cmocka_unit_test(counts_are_off_by_one_bucket_at_most),
        cmocka_unit_test(a_bound_within_a_bucket_takes_its_share),
        cmocka_unit_test(a_bucket_counts_on_beyond_32_bits),
        cmocka_unit_test(more_than_sixteen_of_such_buckets_have_no_room),
        cmocka_unit_test(columns_show_where_times_are),
        cmocka_unit_test(each_bucket_is_in_one_column),
        cmocka_unit_test(columns_are_written_as_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
