// SPDX-License-Identifier: MIT
// Statistics written as bytes and read back, and all that must not be read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "proto/rtt.h"
#include "rtt_histogram.h"
#include "samples.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define MS           SAMPLES_MS

typedef struct written {
    uint8_t bytes[PROTO_RTT_BYTES];
    size_t len;
} written;

static written written_of(const proto_rtt *rtt)
{
    written result;
    proto_out out = proto_out_of(result.bytes, sizeof result.bytes);
    assert_int_equal(proto_rtt_write(rtt, &out), PROTO_OK);
    result.len = out.len;
    return result;
}

static proto_rtt probed(int kind, size_t count)
{
    proto_rtt rtt = {0};
    sample_set samples = samples_of(kind, count, 3);
    for (size_t i = 0; i < count; i++) {
        uint64_t number = proto_rtt_sent(&rtt);
        if (i % 7 == 3)
            proto_rtt_lost(&rtt, number);
        else if (i % 11 == 3)
            proto_rtt_record_reordered(&rtt, samples.times[i]);
        else
            proto_rtt_record(&rtt, samples.times[i]);
    }
    rtt.counts.late = count / 9;
    rtt.counts.duplicates = 300;
    rtt.counts.corrupted = 2;
    rtt.counts.errors = 1;
    samples_free(&samples);
    return rtt;
}

static void assert_read_back(const proto_rtt *rtt)
{
    written first = written_of(rtt);
    proto_rtt read;
    memset(&read, 0x55, sizeof read);
    proto_fault fault;
    assert_int_equal(proto_rtt_read(proto_slice_of(first.bytes, first.len), &read, &fault),
                     PROTO_OK);
    assert_int_equal(fault.err, PROTO_OK);
    assert_memory_equal(&read, rtt, sizeof read);
}

// -------------------------------------------------------------------------------------------------------- round trips --

static void what_was_written_is_read_back(void **state)
{
    static const size_t counts[] = {0, 1, 4, 50, 5000};
    for (int kind = 0; kind < SAMPLES_KINDS; kind++) {
        for (size_t i = 0; i < COUNT(counts); i++) {
            proto_rtt rtt = probed(kind, counts[i]);
            assert_read_back(&rtt);
        }
    }
}

static void intervals_and_sums_are_read_back_too(void **state)
{
    proto_rtt rtt = probed(2, 300), earlier = rtt;
    for (int i = 0; i < 5; i++)
        proto_rtt_lost(&rtt, proto_rtt_sent(&rtt));
    assert_read_back(&rtt);
    for (int i = 0; i < 60; i++)
        proto_rtt_record(&rtt, (i == 3 ? 900 : 30) * MS);
    rtt.counts.late++;
    assert_int_equal(proto_rtt_subtract(&rtt, &earlier), PROTO_OK);
    assert_read_back(&rtt);
    proto_rtt_merge(&rtt, &earlier);
    assert_read_back(&rtt);
}

static void the_largest_figures_are_read_back(void **state)
{
    proto_rtt rtt = {0};
    proto_rtt_record(&rtt, UINT64_MAX);
    assert_read_back(&rtt);
    proto_rtt_record(&rtt, 0);
    proto_rtt_record(&rtt, PROTO_RTT_MAX + 1);
    proto_rtt_record(&rtt, PROTO_RTT_MAX);
    assert_read_back(&rtt);
    for (int i = 0; i < 50; i++) {
        proto_rtt copy = rtt;
        proto_rtt_merge(&rtt, &copy);
    }
    rtt.counts.sent = rtt.counts.errors = RTT_COUNT_MAX;
    rtt.counts.lost = rtt.bursts = rtt.longest_burst = rtt.latest_burst = 3;
    rtt.burst_end = UINT64_MAX;
    assert_int_equal(rtt.counts.received, RTT_COUNT_MAX);
    assert_read_back(&rtt);
}

static void a_histogram_that_had_no_room_is_read_back(void **state)
{
    proto_rtt rtt = {0};
    for (size_t i = 0; i < PROTO_RTT_CARRIES + 3; i++) {
        proto_rtt one = {0};
        proto_rtt_record(&one, MS + i * MS);
        for (int n = 0; n < 34; n++) {
            proto_rtt copy = one;
            proto_rtt_merge(&one, &copy);
        }
        proto_rtt_merge(&rtt, &one);
    }
    assert_read_back(&rtt);
    written bytes = written_of(&rtt);
    assert_true(bytes.len < 400);
}

static void no_statistics_need_more_than_promised(void **state)
{
    proto_rtt rtt = {0};
    uint64_t total = 0;
    for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++) {
        uint64_t count = bucket < PROTO_RTT_CARRIES ? RTT_COUNT_MAX / 17 : UINT32_MAX;
        proto_rtt one = {0};
        proto_rtt_record(&one, rtt_bucket_last(bucket));
        rtt_bucket_set(&one, bucket, count);
        one.counts.received = count;
        wide sum = wide_product(rtt_bucket_last(bucket), count);
        wide squares = wide_times(wide_product(one.max, one.max), count);
        one.sum_low = sum.low, one.sum_high = sum.high;
        one.squares_low = squares.low, one.squares_high = squares.high;
        proto_rtt_merge(&rtt, &one);
        total += count;
    }
    assert_int_equal(rtt.counts.received, total);
    rtt.counts.sent = rtt.counts.late = rtt.counts.duplicates = RTT_COUNT_MAX;
    rtt.counts.corrupted = rtt.counts.errors = rtt.counts.lost = RTT_COUNT_MAX;
    rtt.bursts = rtt.longest_burst = rtt.latest_burst = RTT_COUNT_MAX;
    rtt.counts.reordered = total;
    rtt.burst_end = UINT64_MAX;
    assert_read_back(&rtt);
    written bytes = written_of(&rtt);
    assert_in_range(bytes.len, 6000, PROTO_RTT_BYTES);
}

static void the_bytes_are_the_same_everywhere(void **state)
{
    static const uint8_t expected[] = {
        'r',  't',  't', 1,          //
        4,    2,    1,   0,  200, 1, // sent, received, lost, late, duplicates
        0,    0,    0,               // reordered, corrupted, errors
        0,    1,    1,   1,  3,      // none clipped; one burst of one, which ended before 3
        2,    41,   1,   0,  1,      // two buckets: 41 empty ones, then none
        41,   1,    41,  42,         // minimum, from there to the maximum, first, last
        83,                          // the sum
        0xf5, 0x1a,                  // 41 * 41 + 42 * 42 = 3445 = 26 * 128 + 117
        1,    0xc9, 2,   63,         // jitter 1/16, smoothed 329/8, deviation 63/4
    };
    static const uint8_t empty[18] = {'r', 't', 't', 1};
    proto_rtt rtt = {0};
    for (int i = 0; i < 4; i++)
        proto_rtt_sent(&rtt);
    rtt.counts.duplicates = 200;
    proto_rtt_record(&rtt, 41);
    proto_rtt_record(&rtt, 42);
    proto_rtt_lost(&rtt, 2);
    written bytes = written_of(&rtt);
    assert_int_equal(bytes.len, sizeof expected);
    assert_memory_equal(bytes.bytes, expected, sizeof expected);

    proto_rtt nothing = {0};
    bytes = written_of(&nothing);
    assert_int_equal(bytes.len, 17);
    assert_memory_equal(bytes.bytes, empty, 17);
}

static void they_are_written_whole_or_not_at_all(void **state)
{
    proto_rtt rtt = probed(0, 100);
    written whole = written_of(&rtt);
    for (size_t cap = 0; cap < whole.len; cap++) {
        uint8_t *buffer = malloc(cap + 1);
        proto_out out = proto_out_of(buffer, cap);
        assert_int_equal(proto_rtt_write(&rtt, &out), PROTO_ERR_NO_SPACE);
        assert_int_equal(out.len, 0);
        assert_true(out.failed);
        free(buffer);
    }
}

// ------------------------------------------------------------------------------------------------------------ refused --

static void every_beginning_is_too_short(void **state)
{
    proto_rtt rtt = probed(1, 60);
    written whole = written_of(&rtt);
    guard_pages guard;
    guard_open(&guard, sizeof whole.bytes);
    for (size_t len = 0; len < whole.len; len++) {
        proto_rtt read = {.min = 77};
        proto_fault fault;
        proto_slice bytes = proto_slice_of(guard_high(&guard, whole.bytes, len), len);
        assert_int_equal(proto_rtt_read(bytes, &read, &fault), PROTO_ERR_RTT_TRUNCATED);
        assert_int_equal(fault.err, PROTO_ERR_RTT_TRUNCATED);
        assert_int_equal(fault.offset, len);
        assert_int_equal(read.min, 77);
    }
    proto_rtt read;
    proto_slice bytes = proto_slice_of(guard_high(&guard, whole.bytes, whole.len), whole.len);
    assert_int_equal(proto_rtt_read(bytes, &read, NULL), PROTO_OK);
    guard_close(&guard);
}

// The numbers behind the signature and the version, to be changed one by one.
enum {
    SENT,
    RECEIVED,
    LOST,
    LATE,
    DUPLICATES,
    REORDERED,
    CORRUPTED,
    ERRORS,
    CLIPPED,
    BURSTS,
    LONGEST,
    LATEST,
    BURST_END,
    BUCKETS,
    GAP_1,
    COUNT_1,
    GAP_2,
    COUNT_2,
    MIN,
    MAX,
    FIRST,
    LAST,
    SUM,
    SQUARES,
    JITTER,
    SMOOTHED,
    DEVIATION,
    NUMBERS
};

// 40 and 100 (in a bucket of two, 100 and 101); one in between lost.
static const uint64_t sound[NUMBERS] = {
    [SENT] = 3,        [RECEIVED] = 2,  [LOST] = 1,        [BURSTS] = 1,  [LONGEST] = 1,
    [LATEST] = 1,      [BURST_END] = 2, [BUCKETS] = 2,     [GAP_1] = 40,  [COUNT_1] = 1,
    [GAP_2] = 41,      [COUNT_2] = 1,   [MIN] = 40,        [MAX] = 60,    [FIRST] = 40,
    [LAST] = 100,      [SUM] = 140,     [SQUARES] = 11600, [JITTER] = 60, [SMOOTHED] = 380,
    [DEVIATION] = 120,
};

static size_t put(uint8_t *at, uint64_t number)
{
    size_t len = 0;
    for (; number > 0x7f; number >>= 7)
        at[len++] = (uint8_t)(number | 0x80);
    at[len++] = (uint8_t)number;
    return len;
}

static written bytes_of(const uint64_t numbers[NUMBERS], size_t places[NUMBERS])
{
    written result = {"rtt\1", 4};
    for (size_t i = 0; i < NUMBERS; i++) {
        places[i] = result.len;
        result.len += put(result.bytes + result.len, numbers[i]);
    }
    return result;
}

static void figures_that_contradict_one_another_are_refused_at_their_place(void **state)
{
    static const struct {
        int number;
        uint64_t value;
        int fault; // the number at fault
        proto_err err;
    } table[] = {
        {SENT, RTT_COUNT_MAX + 1, SENT, PROTO_ERR_RTT_NUMBER},
        {ERRORS, RTT_COUNT_MAX + 1, ERRORS, PROTO_ERR_RTT_NUMBER},
        {REORDERED, 3, REORDERED, PROTO_ERR_RTT_CONTRADICTION},
        {CLIPPED, 3, CLIPPED, PROTO_ERR_RTT_CONTRADICTION},
        {CLIPPED, 1, COUNT_2, PROTO_ERR_RTT_CONTRADICTION}, // no such time in the histogram
        {RECEIVED, 3, COUNT_2, PROTO_ERR_RTT_CONTRADICTION},
        {RECEIVED, 1, COUNT_2, PROTO_ERR_RTT_CONTRADICTION},
        {LOST, 0, BURSTS, PROTO_ERR_RTT_CONTRADICTION},
        {BURSTS, 2, BURSTS, PROTO_ERR_RTT_CONTRADICTION},
        {LONGEST, 0, LONGEST, PROTO_ERR_RTT_CONTRADICTION},
        {LATEST, 2, LATEST, PROTO_ERR_RTT_CONTRADICTION},
        {LATEST, 0, BURST_END, PROTO_ERR_RTT_CONTRADICTION},
        {BUCKETS, PROTO_RTT_BUCKETS + 1, BUCKETS, PROTO_ERR_RTT_NUMBER},
        {BUCKETS, 0, BUCKETS, PROTO_ERR_RTT_CONTRADICTION},
        {BUCKETS, 1, COUNT_1, PROTO_ERR_RTT_CONTRADICTION},
        {GAP_1, 39, MIN, PROTO_ERR_RTT_CONTRADICTION},
        {GAP_1, PROTO_RTT_BUCKETS - 1, GAP_1, PROTO_ERR_RTT_CONTRADICTION},
        {GAP_1, PROTO_RTT_BUCKETS - 2, GAP_2, PROTO_ERR_RTT_CONTRADICTION},
        {GAP_2, PROTO_RTT_BUCKETS + 1, GAP_2, PROTO_ERR_RTT_NUMBER},
        {GAP_2, 40, MAX, PROTO_ERR_RTT_CONTRADICTION},
        {GAP_2, 42, MAX, PROTO_ERR_RTT_CONTRADICTION},
        {COUNT_1, 0, COUNT_1, PROTO_ERR_RTT_CONTRADICTION},
        {COUNT_2, RTT_COUNT_MAX + 1, COUNT_2, PROTO_ERR_RTT_NUMBER},
        {COUNT_2, 2, COUNT_2, PROTO_ERR_RTT_CONTRADICTION},
        {MIN, 41, MIN, PROTO_ERR_RTT_CONTRADICTION},
        {MIN, PROTO_RTT_MAX + 1, MIN, PROTO_ERR_RTT_NUMBER},
        {MAX, 0, MAX, PROTO_ERR_RTT_CONTRADICTION},
        {MAX, 62, MAX, PROTO_ERR_RTT_CONTRADICTION},
        {MAX, PROTO_RTT_MAX, MAX, PROTO_ERR_RTT_CONTRADICTION},
        {FIRST, PROTO_RTT_MAX + 1, FIRST, PROTO_ERR_RTT_NUMBER},
        {LAST, PROTO_RTT_MAX + 1, LAST, PROTO_ERR_RTT_NUMBER},
        {SUM, 139, SUM, PROTO_ERR_RTT_CONTRADICTION},
        {SUM, 142, SUM, PROTO_ERR_RTT_CONTRADICTION},
        {SQUARES, 11599, SQUARES, PROTO_ERR_RTT_CONTRADICTION},
        {SQUARES, 11802, SQUARES, PROTO_ERR_RTT_CONTRADICTION},
        {JITTER, 16 * PROTO_RTT_MAX + 16, JITTER, PROTO_ERR_RTT_NUMBER},
        {SMOOTHED, 8 * PROTO_RTT_MAX + 8, SMOOTHED, PROTO_ERR_RTT_NUMBER},
        {DEVIATION, 4 * PROTO_RTT_MAX + 4, DEVIATION, PROTO_ERR_RTT_NUMBER},
    };
    size_t places[NUMBERS];
    written whole = bytes_of(sound, places);
    proto_rtt rtt;
    assert_int_equal(proto_rtt_read(proto_slice_of(whole.bytes, whole.len), &rtt, NULL), PROTO_OK);
    for (size_t i = 0; i < COUNT(table); i++) {
        uint64_t numbers[NUMBERS];
        memcpy(numbers, sound, sizeof numbers);
        numbers[table[i].number] = table[i].value;
        written changed = bytes_of(numbers, places);
        proto_fault fault;
        proto_err err = proto_rtt_read(proto_slice_of(changed.bytes, changed.len), &rtt, &fault);
        if (err != table[i].err || fault.offset != places[table[i].fault])
            fail_msg("row %zu: %s at %u", i, proto_err_name(err), (unsigned)fault.offset);
    }
}

// Squares whose mean is less than the square of the mean would have a root of a negative number. Two times of 64 and 65,
// in one bucket, could have any sum from 128 to 130; with 129 their squares are 64 * 64 + 65 * 65 at least.
static void squares_that_no_times_have_are_refused(void **state)
{
    static const uint64_t one_bucket[] = {2, 2, 0, 0,  0, 0,  0, 0,  0,  0,  0,
                                          0, 0, 1, 64, 2, 64, 1, 64, 65, 129};
    for (uint64_t squares = 8190; squares <= 8460; squares++) {
        written bytes = {"rtt\1", 4};
        for (size_t i = 0; i < COUNT(one_bucket); i++)
            bytes.len += put(bytes.bytes + bytes.len, one_bucket[i]);
        size_t place = bytes.len;
        bytes.len += put(bytes.bytes + bytes.len, squares);
        for (int i = 0; i < 3; i++)
            bytes.len += put(bytes.bytes + bytes.len, 0);
        proto_rtt rtt;
        proto_fault fault;
        proto_err err = proto_rtt_read(proto_slice_of(bytes.bytes, bytes.len), &rtt, &fault);
        bool possible = squares >= 64 * 64 + 65 * 65 && squares <= 2 * 65 * 65;
        assert_int_equal(err, possible ? PROTO_OK : PROTO_ERR_RTT_CONTRADICTION);
        assert_int_equal(fault.offset, possible ? 0 : place);
        if (possible) assert_in_range(proto_rtt_mdev(&rtt), 0, 11);
    }
}

static void more_full_buckets_than_there_is_room_for_are_refused(void **state)
{
    written bytes = {"rtt\1", 4};
    uint64_t count = UINT64_C(1) << 32, buckets = PROTO_RTT_CARRIES + 1;
    const uint64_t counts[13] = {0, count * buckets};
    for (size_t i = 0; i < 13; i++)
        bytes.len += put(bytes.bytes + bytes.len, counts[i]);
    bytes.len += put(bytes.bytes + bytes.len, buckets);
    size_t place = 0;
    for (uint64_t i = 0; i < buckets; i++) {
        bytes.len += put(bytes.bytes + bytes.len, 0);
        place = bytes.len;
        bytes.len += put(bytes.bytes + bytes.len, count);
    }
    proto_rtt rtt;
    proto_fault fault;
    proto_err err = proto_rtt_read(proto_slice_of(bytes.bytes, bytes.len), &rtt, &fault);
    assert_int_equal(err, PROTO_ERR_RTT_CONTRADICTION);
    assert_int_equal(fault.offset, place);
}

static void a_number_has_one_form(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        proto_err err;
        uint64_t offset;
    } table[] = {
        {"", 0, PROTO_ERR_RTT_TRUNCATED, 0},
        {"rt", 2, PROTO_ERR_RTT_TRUNCATED, 2},
        {"rtT\1", 4, PROTO_ERR_RTT_SIGNATURE, 2},
        {"x", 1, PROTO_ERR_RTT_SIGNATURE, 0},
        {"rtt\2", 4, PROTO_ERR_RTT_VERSION, 3},
        {"rtt\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 13, PROTO_ERR_RTT_VERSION, 3},
        {"rtt\x81\0", 5, PROTO_ERR_RTT_NUMBER, 3},   // 1 in two bytes
        {"rtt\1\x80\0", 6, PROTO_ERR_RTT_NUMBER, 4}, // 0 in two bytes
        {"rtt\1\x80", 5, PROTO_ERR_RTT_TRUNCATED, 5},
        {"rtt\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", 14, PROTO_ERR_RTT_NUMBER, 4}, // 2^64
        {"rtt\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\3", 23,
         PROTO_ERR_RTT_NUMBER, 4}, // 2^128 - 1
        {"rtt\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\4", 23,
         PROTO_ERR_RTT_NUMBER, 4}, // 2^128
        {"rtt\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x83\0", 24,
         PROTO_ERR_RTT_NUMBER, 4},
        {"rtt\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x83\1", 24,
         PROTO_ERR_RTT_NUMBER, 4},
        {"rtt\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18, PROTO_ERR_RTT_TRAILING, 17},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        proto_rtt rtt;
        proto_fault fault;
        proto_slice bytes = proto_slice_of(table[i].bytes, table[i].len);
        assert_string_equal(proto_err_name(proto_rtt_read(bytes, &rtt, &fault)),
                            proto_err_name(table[i].err));
        assert_int_equal(fault.offset, table[i].offset);
    }
}

// Whatever is read is written as it was, and has figures that make sense.
static void changed_bytes_are_refused_or_mean_something_else(void **state)
{
    uint64_t seed = 5;
    size_t taken = 0;
    proto_rtt rtt = probed(2, 40);
    written whole = written_of(&rtt);
    for (int i = 0; i < 100000; i++) {
        written changed = whole;
        for (uint64_t n = samples_random(&seed) % 3; n < 3; n++) {
            uint64_t random = samples_random(&seed);
            changed.bytes[random % whole.len] ^= (uint8_t)(1 << (random >> 32) % 8);
        }
        proto_rtt read;
        proto_slice bytes = proto_slice_of(changed.bytes, changed.len);
        if (proto_rtt_read(bytes, &read, NULL) != PROTO_OK) continue;
        taken++;
        written again = written_of(&read);
        assert_int_equal(again.len, changed.len);
        assert_memory_equal(again.bytes, changed.bytes, changed.len);
        assert_true(proto_rtt_mdev(&read) <= read.max - read.min);
        assert_true(proto_rtt_mean(&read) >= read.min && proto_rtt_mean(&read) <= read.max);
    }
    assert_true(taken > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(intervals_and_sums_are_read_back_too),
        cmocka_unit_test(the_largest_figures_are_read_back),
        cmocka_unit_test(a_histogram_that_had_no_room_is_read_back),
        cmocka_unit_test(no_statistics_need_more_than_promised),
        cmocka_unit_test(the_bytes_are_the_same_everywhere),
        cmocka_unit_test(they_are_written_whole_or_not_at_all),
        cmocka_unit_test(every_beginning_is_too_short),
        cmocka_unit_test(figures_that_contradict_one_another_are_refused_at_their_place),
        cmocka_unit_test(squares_that_no_times_have_are_refused),
        cmocka_unit_test(more_full_buckets_than_there_is_room_for_are_refused),
        cmocka_unit_test(a_number_has_one_form),
        cmocka_unit_test(changed_bytes_are_refused_or_mean_something_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
