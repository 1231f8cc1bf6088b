/* SPDX-License-Identifier: MIT */
/* Statistics as bytes. Behind a signature and a version there are numbers of seven bits a byte, the
 * lowest first, with the highest bit set in all bytes but a number's last:
 *
 *     the counts: sent, received, lost, late, duplicates, reordered, corrupted, errors
 *     clipped; bursts, the longest, the latest, where that ended
 *     and if anything was received:
 *     how many buckets are not empty; for each how many empty ones are before it, and its count
 *     minimum, maximum - minimum, first, last
 *     the sum and the sum of squares, of up to 128 bits
 *     16 times the jitter, 8 times the smoothed time, 4 times its deviation
 */
#include "outcome.h"
#include "rtt_check.h"
#include "rtt_histogram.h"

#include <string.h>

static const uint8_t SIGNATURE[] = {'r', 't', 't'};
enum { VERSION = 1, COUNTS = 8 };

/* ----------------------------------------------------------------------------------- writing -- */

static void put_wide(proto_out *out, wide number)
{
    uint8_t bytes[19]; /* of seven bits, for 128 */
    size_t len = 0;
    while (number.high != 0 || number.low > 0x7f) {
        bytes[len++] = (uint8_t)(number.low | 0x80);
        number.low = number.low >> 7 | number.high << 57;
        number.high >>= 7;
    }
    bytes[len++] = (uint8_t)number.low;
    proto_out_put(out, bytes, len);
}

static void put(proto_out *out, uint64_t number)
{
    put_wide(out, (wide){0, number});
}

static void put_counts(proto_out *out, const proto_rtt *rtt)
{
    const proto_rtt_counts *counts = &rtt->counts;
    put(out, counts->sent);
    put(out, counts->received);
    put(out, counts->lost);
    put(out, counts->late);
    put(out, counts->duplicates);
    put(out, counts->reordered);
    put(out, counts->corrupted);
    put(out, counts->errors);
    put(out, rtt->clipped);
    put(out, rtt->bursts);
    put(out, rtt->longest_burst);
    put(out, rtt->latest_burst);
    put(out, rtt->burst_end);
}

static uint64_t buckets_in_use(const proto_rtt *rtt)
{
    uint64_t number = 0;
    for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++)
        number += rtt_bucket_count(rtt, bucket) != 0;
    return number;
}

static void put_buckets(proto_out *out, const proto_rtt *rtt)
{
    uint64_t empty = 0;
    put(out, buckets_in_use(rtt));
    for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++) {
        uint64_t count = rtt_bucket_count(rtt, bucket);
        if (count == 0) {
            empty++;
            continue;
        }
        put(out, empty);
        put(out, count);
        empty = 0;
    }
}

static void put_times(proto_out *out, const proto_rtt *rtt)
{
    put(out, rtt->min);
    put(out, rtt->max - rtt->min);
    put(out, rtt->first);
    put(out, rtt->last);
    put_wide(out, rtt_sum(rtt));
    put_wide(out, rtt_squares(rtt));
    put(out, rtt->jitter);
    put(out, rtt->smoothed);
    put(out, rtt->deviation);
}

proto_err proto_rtt_write(const proto_rtt *rtt, proto_out *out)
{
    proto_out before = *out;
    proto_out_put(out, SIGNATURE, sizeof SIGNATURE);
    put(out, VERSION);
    put_counts(out, rtt);
    if (rtt->counts.received > 0) {
        put_buckets(out, rtt);
        put_times(out, rtt);
    }
    return outcome_of_writing(out, before, PROTO_OK);
}

/* ----------------------------------------------------------------------------------- reading -- */

/* Sticky: the first error stays, and all numbers behind it are 0. */
typedef struct byte_reading {
    proto_slice bytes;
    size_t at;     /* the next number */
    size_t number; /* the last one that was read */
    proto_err err;
} byte_reading;

static void fail(byte_reading *reading, proto_err err)
{
    if (reading->err == PROTO_OK) reading->err = err;
}

/* Whether the number has room for it: of the last digit of 128 bits, two. */
static bool add_digit(wide *number, uint8_t digit, unsigned shift)
{
    uint64_t bits = digit & 0x7f;
    if (shift < 64) number->low |= bits << shift;
    if (shift > 57 && shift < 64) number->high |= bits >> (64 - shift);
    if (shift >= 64) number->high |= bits << (shift - 64);
    return shift < 126 || bits < 4;
}

static wide get_wide(byte_reading *reading)
{
    wide number = {0, 0};
    uint8_t digit = 0x80;
    if (reading->err != PROTO_OK) return number;
    reading->number = reading->at;
    for (unsigned shift = 0; digit & 0x80; shift += 7) {
        if (reading->at == reading->bytes.len) {
            reading->number = reading->at;
            fail(reading, PROTO_ERR_RTT_TRUNCATED);
            return number;
        }
        digit = reading->bytes.ptr[reading->at++];
        bool overlong = digit == 0 && shift > 0;
        if (overlong || shift > 126 || !add_digit(&number, digit, shift)) {
            fail(reading, PROTO_ERR_RTT_NUMBER);
            return number;
        }
    }
    return number;
}

static uint64_t get(byte_reading *reading, uint64_t most)
{
    wide number = get_wide(reading);
    if (number.high != 0 || number.low > most) fail(reading, PROTO_ERR_RTT_NUMBER);
    return reading->err == PROTO_OK ? number.low : 0;
}

/* What follows from numbers before the last one, and from that. */
static void expect(byte_reading *reading, bool possible)
{
    if (!possible) fail(reading, PROTO_ERR_RTT_CONTRADICTION);
}

static void get_start(byte_reading *reading)
{
    proto_slice bytes = reading->bytes;
    size_t len = bytes.len < sizeof SIGNATURE ? bytes.len : sizeof SIGNATURE;
    while (reading->at < len && bytes.ptr[reading->at] == SIGNATURE[reading->at])
        reading->at++;
    reading->number = reading->at;
    if (reading->at < len) fail(reading, PROTO_ERR_RTT_SIGNATURE);
    if (get(reading, UINT64_MAX) != VERSION) fail(reading, PROTO_ERR_RTT_VERSION);
}

static void get_counts(byte_reading *reading, proto_rtt *rtt)
{
    proto_rtt_counts *counts = &rtt->counts;
    uint64_t *all[COUNTS] = {&counts->sent,      &counts->received,   &counts->lost,
                             &counts->late,      &counts->duplicates, &counts->reordered,
                             &counts->corrupted, &counts->errors};
    for (size_t i = 0; i < COUNTS; i++) {
        *all[i] = get(reading, RTT_COUNT_MAX);
        if (all[i] == &counts->reordered) expect(reading, counts->reordered <= counts->received);
    }
    rtt->clipped = get(reading, RTT_COUNT_MAX);
    expect(reading, rtt->clipped <= counts->received);
}

/* In figures of an interval the longest burst may be longer than all that was lost in it, and the
   latest is not known. */
static void get_bursts(byte_reading *reading, proto_rtt *rtt)
{
    rtt->bursts = get(reading, RTT_COUNT_MAX);
    expect(reading, rtt->bursts <= rtt->counts.lost);
    rtt->longest_burst = get(reading, RTT_COUNT_MAX);
    expect(reading, (rtt->longest_burst > 0) == (rtt->counts.lost > 0));
    rtt->latest_burst = get(reading, RTT_COUNT_MAX);
    expect(reading, rtt->latest_burst <= rtt->longest_burst);
    expect(reading, rtt->latest_burst <= rtt->counts.lost);
    rtt->burst_end = get(reading, UINT64_MAX);
    expect(reading, rtt->latest_burst > 0 || rtt->burst_end == 0);
}

static void get_buckets(byte_reading *reading, proto_rtt *rtt, rtt_limits *limits)
{
    size_t bucket = 0;
    uint64_t number = get(reading, PROTO_RTT_BUCKETS);
    for (; number > 0; number--, bucket++) {
        bucket += (size_t)get(reading, PROTO_RTT_BUCKETS);
        expect(reading, bucket + number <= PROTO_RTT_BUCKETS);
        uint64_t count = get(reading, RTT_COUNT_MAX);
        expect(reading, count > 0);
        if (reading->err != PROTO_OK) return;
        rtt_bucket_set(rtt, bucket, count);
        expect(reading, rtt_bucket_count(rtt, bucket) == count);
    }
    *limits = rtt_limits_of(rtt);
    expect(reading, rtt_histogram_possible(rtt, limits));
}

static void get_times(byte_reading *reading, proto_rtt *rtt, const rtt_limits *limits)
{
    rtt->min = get(reading, PROTO_RTT_MAX);
    expect(reading, rtt_min_possible(rtt, limits));
    rtt->max = rtt->min + get(reading, PROTO_RTT_MAX);
    expect(reading, rtt_max_possible(rtt, limits));
    rtt->first = get(reading, PROTO_RTT_MAX);
    rtt->last = get(reading, PROTO_RTT_MAX);
}

static void get_sums(byte_reading *reading, proto_rtt *rtt, const rtt_limits *limits)
{
    wide sum = get_wide(reading);
    rtt->sum_low = sum.low;
    rtt->sum_high = sum.high;
    expect(reading, rtt_sum_possible(rtt, limits));
    wide squares = get_wide(reading);
    rtt->squares_low = squares.low;
    rtt->squares_high = squares.high;
    /* the mean of a sum that is wrong is none */
    if (reading->err == PROTO_OK) expect(reading, rtt_squares_possible(rtt, limits));
    rtt->jitter = get(reading, 16 * PROTO_RTT_MAX + 15);
    rtt->smoothed = get(reading, 8 * PROTO_RTT_MAX + 7);
    rtt->deviation = get(reading, 4 * PROTO_RTT_MAX + 3);
}

proto_err proto_rtt_read(proto_slice bytes, proto_rtt *rtt, proto_fault *fault)
{
    byte_reading reading = {bytes, 0, 0, PROTO_OK};
    proto_rtt result = {0};
    get_start(&reading);
    get_counts(&reading, &result);
    get_bursts(&reading, &result);
    if (result.counts.received > 0) {
        rtt_limits limits = {0};
        get_buckets(&reading, &result, &limits);
        get_times(&reading, &result, &limits);
        get_sums(&reading, &result, &limits);
    }
    if (reading.err == PROTO_OK) reading.number = reading.at;
    if (reading.at < bytes.len) fail(&reading, PROTO_ERR_RTT_TRAILING);
    if (reading.err == PROTO_OK) *rtt = result;
    return outcome(fault, reading.err, reading.number);
}
