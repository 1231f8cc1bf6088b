// SPDX-License-Identifier: MIT
// Statistics of several, and of the time between two states of one.
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

// Probes of any fate, in the order that an engine sees them in.
static void probe_on(proto_rtt *rtt, const sample_set *samples, size_t from, size_t to)
{
    uint64_t seed = from + 1;
    for (size_t i = from; i < to; i++) {
        uint64_t number = proto_rtt_sent(rtt), fate = samples_random(&seed) % 20;
        if (fate < 3)
            proto_rtt_lost(rtt, number);
        else if (fate == 3)
            proto_rtt_record_reordered(rtt, samples->times[i]);
        else
            proto_rtt_record(rtt, samples->times[i]);
        rtt->counts.late += fate == 0;
        rtt->counts.duplicates += fate == 4;
        rtt->counts.corrupted += fate == 5;
        rtt->counts.errors += fate == 1;
    }
}

static proto_rtt probed(const sample_set *samples, size_t from, size_t to)
{
    proto_rtt rtt = {0};
    probe_on(&rtt, samples, from, to);
    return rtt;
}

// What depends on an order, or is a mean of what is rounded.
static void forget_order(proto_rtt *rtt)
{
    rtt->first = rtt->last = rtt->jitter = rtt->smoothed = rtt->deviation = 0;
    rtt->bursts = rtt->longest_burst = rtt->latest_burst = rtt->burst_end = 0;
}

static void assert_same_but_for_order(proto_rtt a, proto_rtt b)
{
    forget_order(&a);
    forget_order(&b);
    assert_memory_equal(&a, &b, sizeof a);
}

static proto_rtt merged(proto_rtt into, const proto_rtt *from)
{
    proto_rtt_merge(&into, from);
    return into;
}

static void assert_near(uint64_t a, uint64_t b, uint64_t tolerance)
{
    if (a > b + tolerance || b > a + tolerance) assert_int_equal(a, b);
}

// -------------------------------------------------------------------------------------------------------------- merge --

static void parts_merge_to_the_whole(void **state)
{
    static const size_t cuts[] = {0, 1, 333, 999, 1000};
    for (int kind = 0; kind < SAMPLES_KINDS; kind++) {
        sample_set samples = samples_of(kind, 1000, 2);
        proto_rtt whole = probed(&samples, 0, samples.count);
        for (size_t i = 0; i < COUNT(cuts); i++) {
            // one goes on where the other ended, with a seed of its own
            proto_rtt a = probed(&samples, 0, cuts[i]), b = probed(&samples, cuts[i], 1000);
            proto_rtt both = probed(&samples, 0, cuts[i]);
            probe_on(&both, &samples, cuts[i], 1000);
            proto_rtt sum = merged(a, &b);
            assert_same_but_for_order(sum, both);
            assert_int_equal(sum.first, both.first);
            assert_int_equal(sum.last, both.last);
            assert_int_equal(sum.bursts, a.bursts + b.bursts);
            for (uint32_t q = 0; q <= PROTO_RTT_ALL; q += 50000)
                assert_int_equal(proto_rtt_quantile(&sum, q), proto_rtt_quantile(&both, q));
            assert_int_equal(proto_rtt_mdev(&sum), proto_rtt_mdev(&both));
        }
        assert_true(whole.counts.lost > 50 && whole.counts.reordered > 10);
        samples_free(&samples);
    }
}

static void merging_is_associative(void **state)
{
    sample_set samples = samples_of(2, 900, 3);
    for (size_t cut = 100; cut < 800; cut += 111) {
        proto_rtt a = probed(&samples, 0, 100), b = probed(&samples, 100, cut);
        proto_rtt c = probed(&samples, cut, 900);
        proto_rtt right = merged(b, &c);
        proto_rtt left = merged(merged(a, &b), &c);
        right = merged(a, &right);
        assert_same_but_for_order(left, right);
        assert_int_equal(left.first, right.first);
        assert_int_equal(left.last, right.last);
        assert_int_equal(left.bursts, right.bursts);
        assert_int_equal(left.longest_burst, right.longest_burst);
        assert_near(proto_rtt_jitter(&left), proto_rtt_jitter(&right), 1);
        assert_near(proto_rtt_smoothed(&left), proto_rtt_smoothed(&right), 1);
        assert_near(proto_rtt_variation(&left), proto_rtt_variation(&right), 1);
    }
    samples_free(&samples);
}

static void merging_is_commutative_but_for_first_and_last(void **state)
{
    sample_set samples = samples_of(1, 500, 3);
    proto_rtt a = probed(&samples, 0, 200), b = probed(&samples, 200, 500);
    proto_rtt ab = merged(a, &b), ba = merged(b, &a);
    assert_int_equal(ab.first, a.first);
    assert_int_equal(ab.last, b.last);
    assert_int_equal(ba.first, b.first);
    assert_int_equal(ba.last, a.last);
    ab.first = ba.first;
    ab.last = ba.last;
    assert_memory_equal(&ab, &ba, sizeof ab);
    samples_free(&samples);
}

static void nothing_merged_changes_nothing(void **state)
{
    sample_set samples = samples_of(0, 100, 3);
    proto_rtt a = probed(&samples, 0, 100), empty = {0};
    for (int i = 0; i < 3; i++)
        proto_rtt_lost(&a, proto_rtt_sent(&a)); // a burst just now
    proto_rtt left = merged(a, &empty), right = merged(empty, &a);
    assert_memory_equal(&left, &a, sizeof a);
    assert_memory_equal(&right, &a, sizeof a);
    assert_true(proto_rtt_burst(&right) >= 3);
    samples_free(&samples);
}

static void smoothed_times_merge_to_their_mean(void **state)
{
    proto_rtt a = {0}, b = {0};
    for (int i = 0; i < 300; i++)
        proto_rtt_record(&a, 10 * MS);
    for (int i = 0; i < 100; i++)
        proto_rtt_record(&b, i % 2 ? 30 * MS : 70 * MS);
    uint64_t jitter = proto_rtt_jitter(&b), smoothed = proto_rtt_smoothed(&b);
    uint64_t variation = proto_rtt_variation(&b);
    proto_rtt_merge(&a, &b);
    assert_near(proto_rtt_jitter(&a), jitter / 4, 1);
    assert_near(proto_rtt_smoothed(&a), (30 * MS + smoothed) / 4, 1);
    assert_near(proto_rtt_variation(&a), variation / 4, 1);
    assert_int_equal(proto_rtt_mean(&a), 20 * MS);
    assert_true(jitter > 30 * MS);
}

static void a_burst_ends_where_another_begins(void **state)
{
    proto_rtt a = {0}, b = {0};
    for (int i = 0; i < 4; i++)
        proto_rtt_lost(&a, proto_rtt_sent(&a));
    for (int i = 0; i < 6; i++)
        proto_rtt_lost(&b, proto_rtt_sent(&b));
    proto_rtt_merge(&a, &b);
    assert_int_equal(a.bursts, 2);
    assert_int_equal(a.longest_burst, 6);
    assert_int_equal(proto_rtt_burst(&a), 0);
    assert_int_equal(a.counts.lost, 10);
}

static void buckets_that_pass_2_to_the_32_are_merged_too(void **state)
{
    proto_rtt a = {0}, b = {0};
    size_t bucket = rtt_bucket_of(MS), other = rtt_bucket_of(2 * MS);
    rtt_bucket_set(&a, bucket, UINT32_MAX);
    rtt_bucket_set(&b, bucket, 2);
    rtt_bucket_set(&b, other, UINT64_C(7) << 32);
    a.counts.received = UINT32_MAX;
    b.counts.received = (UINT64_C(7) << 32) + 2;
    proto_rtt_merge(&a, &b);
    assert_int_equal(rtt_bucket_count(&a, bucket), (UINT64_C(1) << 32) + 1);
    assert_int_equal(rtt_bucket_count(&a, other), UINT64_C(7) << 32);
    proto_rtt_merge(&a, &b);
    assert_int_equal(rtt_bucket_count(&a, bucket), (UINT64_C(1) << 32) + 3);
    assert_int_equal(rtt_bucket_count(&a, other), UINT64_C(14) << 32);
}

// ----------------------------------------------------------------------------------------------------------- subtract --

static void what_came_later_remains(void **state)
{
    for (int kind = 0; kind < SAMPLES_KINDS; kind++) {
        sample_set samples = samples_of(kind, 1000, 2);
        proto_rtt a = probed(&samples, 0, 400), b = probed(&samples, 400, 1000);
        proto_rtt later = merged(a, &b);
        assert_int_equal(proto_rtt_subtract(&later, &a), PROTO_OK);
        assert_true(later.min <= b.min && later.max >= b.max);
        assert_int_equal(rtt_bucket_of(later.min), rtt_bucket_of(b.min));
        assert_int_equal(rtt_bucket_of(later.max), rtt_bucket_of(b.max));
        assert_int_equal(later.first, 0);
        assert_int_equal(later.last, b.last);
        assert_int_equal(later.bursts, b.bursts);
        later.min = b.min;
        later.max = b.max;
        assert_same_but_for_order(later, b);
        assert_int_equal(proto_rtt_mean(&later), proto_rtt_mean(&b));
        assert_int_equal(proto_rtt_mdev(&later), proto_rtt_mdev(&b));
        samples_free(&samples);
    }
}

static void the_ends_of_the_range_are_in_the_interval_too(void **state)
{
    static const uint64_t times[] = {0, PROTO_RTT_MAX - 1, 1, PROTO_RTT_MAX};
    proto_rtt rtt = {0}, between = {0};
    for (size_t i = 0; i < COUNT(times); i++) {
        proto_rtt before = rtt;
        proto_rtt_record(&rtt, times[i]);
        between = rtt;
        assert_int_equal(proto_rtt_subtract(&between, &before), PROTO_OK);
        assert_true(between.min <= times[i] && between.max >= times[i]);
        assert_int_equal(proto_rtt_mean(&between), times[i]);
    }
    assert_int_equal(between.max, PROTO_RTT_MAX);
    assert_int_equal(between.min, rtt_bucket_first(PROTO_RTT_BUCKETS - 1));
}

static void intervals_add_up_to_the_whole(void **state)
{
    sample_set samples = samples_of(2, 1000, 5);
    proto_rtt running = {0}, sum = {0}, before = {0};
    for (size_t at = 0; at < 1000; at += 100) {
        probe_on(&running, &samples, at, at + 100);
        proto_rtt between = running;
        assert_int_equal(proto_rtt_subtract(&between, &before), PROTO_OK);
        assert_int_equal(between.counts.sent, 100);
        assert_int_equal(proto_rtt_jitter(&between), proto_rtt_jitter(&running));
        assert_int_equal(proto_rtt_smoothed(&between), proto_rtt_smoothed(&running));
        proto_rtt_merge(&sum, &between);
        before = running;
    }
    sum.min = running.min;
    sum.max = running.max;
    assert_same_but_for_order(sum, running);
    samples_free(&samples);
}

static void an_interval_in_which_nothing_happened_is_empty(void **state)
{
    static const proto_rtt empty = {0};
    sample_set samples = samples_of(1, 200, 5);
    proto_rtt rtt = probed(&samples, 0, 200), before = rtt;
    assert_int_equal(proto_rtt_subtract(&rtt, &before), PROTO_OK);
    assert_memory_equal(&rtt, &empty, sizeof rtt);
    assert_int_equal(proto_rtt_subtract(&before, &empty), PROTO_OK);
    samples_free(&samples);
}

// What was in flight at the beginning is decided without having been sent.
static void more_may_be_decided_than_was_sent(void **state)
{
    proto_rtt rtt = {0};
    for (int i = 0; i < 5; i++)
        proto_rtt_sent(&rtt);
    proto_rtt before = rtt;
    proto_rtt_record(&rtt, MS);
    proto_rtt_lost(&rtt, 1);
    assert_int_equal(proto_rtt_subtract(&rtt, &before), PROTO_OK);
    assert_int_equal(rtt.counts.sent, 0);
    assert_int_equal(proto_rtt_outstanding(&rtt.counts), -2);
    assert_int_equal(proto_rtt_loss(&rtt.counts), 500000);
    assert_int_equal(rtt.longest_burst, 1);
    assert_int_equal(proto_rtt_burst(&rtt), 0);
}

static void set_fewer_received(proto_rtt *rtt)
{
    rtt->counts.received--;
}

static void set_sum(proto_rtt *rtt)
{
    rtt->sum_low++;
}

static void set_squares(proto_rtt *rtt)
{
    rtt->squares_high++;
}

static void set_bucket(proto_rtt *rtt)
{
    rtt->buckets[rtt_bucket_of(rtt->max) + 1]++;
}

static void set_other_bucket(proto_rtt *rtt)
{
    rtt->buckets[rtt_bucket_of(rtt->max)]--;
    rtt->buckets[rtt_bucket_of(rtt->min)]++;
}

static void set_sent(proto_rtt *rtt)
{
    rtt->counts.sent = 1000;
}

static void set_received(proto_rtt *rtt)
{
    rtt->counts.received++;
}

static void set_lost(proto_rtt *rtt)
{
    rtt->counts.lost += 1000;
}

static void set_late(proto_rtt *rtt)
{
    rtt->counts.late += 1000;
}

static void set_duplicates(proto_rtt *rtt)
{
    rtt->counts.duplicates += 1000;
}

static void set_reordered(proto_rtt *rtt)
{
    rtt->counts.reordered += 1000;
}

static void set_corrupted(proto_rtt *rtt)
{
    rtt->counts.corrupted += 1000;
}

static void set_errors(proto_rtt *rtt)
{
    rtt->counts.errors += 1000;
}

static void set_clipped(proto_rtt *rtt)
{
    rtt->clipped++;
}

static void set_bursts(proto_rtt *rtt)
{
    rtt->bursts += 1000;
}

static void set_lower_squares(proto_rtt *rtt)
{
    rtt->squares_low /= 2;
}

static void set_lower_sum(proto_rtt *rtt)
{
    rtt->sum_low /= 2;
}

// Another program's, or this one's after a new start, or a damaged one.
static void what_is_not_an_earlier_state_is_refused(void **state)
{
    static void (*const changes[])(proto_rtt *) = {
        set_bucket,  set_other_bucket, set_sent,      set_received,  set_lost,
        set_late,    set_duplicates,   set_reordered, set_corrupted, set_errors,
        set_clipped, set_bursts,       set_squares,   set_lower_sum, set_lower_squares,
    };
    sample_set samples = samples_of(1, 400, 5);
    for (size_t i = 0; i < COUNT(changes); i++) {
        proto_rtt rtt = probed(&samples, 0, 200), earlier = rtt;
        probe_on(&rtt, &samples, 200, 220);
        changes[i](&earlier);
        proto_rtt before = rtt;
        if (proto_rtt_subtract(&rtt, &earlier) != PROTO_ERR_RTT_EARLIER)
            fail_msg("change %zu is not seen", i);
        assert_memory_equal(&rtt, &before, sizeof rtt);
    }
    static void (*const of_equal[])(proto_rtt *) = {set_sum, set_fewer_received};
    for (size_t i = 0; i < COUNT(of_equal); i++) {
        proto_rtt equal = probed(&samples, 0, 200), other = equal;
        of_equal[i](&other);
        assert_int_equal(proto_rtt_subtract(&equal, &other), PROTO_ERR_RTT_EARLIER);
    }
    samples_free(&samples);
}

// The later one may be what is damaged.
static void a_later_state_that_cannot_be_is_refused(void **state)
{
    sample_set samples = samples_of(1, 400, 5);
    proto_rtt earlier = probed(&samples, 0, 200), sound = earlier;
    probe_on(&sound, &samples, 200, 400);
    proto_rtt later = sound;
    later.min = later.max;
    assert_int_equal(proto_rtt_subtract(&later, &earlier), PROTO_ERR_RTT_EARLIER);
    later = sound;
    later.max = later.min;
    assert_int_equal(proto_rtt_subtract(&later, &earlier), PROTO_ERR_RTT_EARLIER);
    later = sound;
    later.sum_high++;
    assert_int_equal(proto_rtt_subtract(&later, &earlier), PROTO_ERR_RTT_EARLIER);
    later = sound;
    later.squares_high++;
    assert_int_equal(proto_rtt_subtract(&later, &earlier), PROTO_ERR_RTT_EARLIER);
    assert_int_equal(proto_rtt_subtract(&sound, &earlier), PROTO_OK);
    samples_free(&samples);
}

// All sixteen buckets that may pass 2^32 have, in both.
static void full_histograms_merge_and_part_again(void **state)
{
    proto_rtt full = {0};
    for (size_t i = 0; i < PROTO_RTT_CARRIES; i++) {
        proto_rtt one = {0};
        proto_rtt_record(&one, MS << i);
        for (int n = 0; n < 33; n++) {
            proto_rtt copy = one;
            proto_rtt_merge(&one, &copy);
        }
        proto_rtt_merge(&full, &one);
    }
    proto_rtt twice = merged(full, &full);
    for (size_t i = 0; i < PROTO_RTT_CARRIES; i++)
        assert_int_equal(rtt_bucket_count(&twice, rtt_bucket_of(MS << i)), UINT64_C(1) << 34);
    assert_int_equal(proto_rtt_subtract(&twice, &full), PROTO_OK);
    assert_memory_equal(twice.buckets, full.buckets, sizeof full.buckets);
    assert_memory_equal(twice.carries, full.carries, sizeof full.carries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_merge_to_the_whole),
        cmocka_unit_test(merging_is_associative),
        cmocka_unit_test(merging_is_commutative_but_for_first_and_last),
        cmocka_unit_test(nothing_merged_changes_nothing),
        cmocka_unit_test(smoothed_times_merge_to_their_mean),
        cmocka_unit_test(a_burst_ends_where_another_begins),
        cmocka_unit_test(buckets_that_pass_2_to_the_32_are_merged_too),
        cmocka_unit_test(what_came_later_remains),
        cmocka_unit_test(the_ends_of_the_range_are_in_the_interval_too),
        cmocka_unit_test(intervals_add_up_to_the_whole),
        cmocka_unit_test(an_interval_in_which_nothing_happened_is_empty),
        cmocka_unit_test(more_may_be_decided_than_was_sent),
        cmocka_unit_test(what_is_not_an_earlier_state_is_refused),
        cmocka_unit_test(a_later_state_that_cannot_be_is_refused),
        cmocka_unit_test(full_histograms_merge_and_part_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
