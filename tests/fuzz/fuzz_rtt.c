// SPDX-License-Identifier: MIT
// Bytes that are read as statistics are written again as they were, and whatever they say has figures in their bounds. The
// input is read as such bytes; it is also taken for times to record, whose quantiles are counted out one by one.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/rtt.h"

enum { MAX_TIMES = 512 };

static void check_figures(const proto_rtt *rtt)
{
    uint64_t before = rtt->min;
    assert(proto_rtt_loss(&rtt->counts) <= PROTO_RTT_ALL);
    if (rtt->counts.received == 0) return;
    assert(proto_rtt_mean(rtt) >= rtt->min && proto_rtt_mean(rtt) <= rtt->max);
    assert(proto_rtt_mdev(rtt) <= rtt->max - rtt->min);
    for (uint32_t q = 0; q <= PROTO_RTT_ALL; q += 100000) {
        uint64_t time = proto_rtt_quantile(rtt, q);
        assert(time >= before && time <= rtt->max);
        before = time;
    }
    proto_rtt_rto(rtt, NULL, 3);
    proto_rtt_burst(rtt);
}

static void check_texts(const proto_rtt *rtt)
{
    static uint8_t buffer[1 << 17];
    proto_out out = proto_out_of(buffer, sizeof buffer);
    proto_rtt_json_config config = {.histogram = true};
    proto_rtt_series series = {rtt, NULL, 0};
    proto_rtt_hdr_interval interval = {0};
    assert(proto_rtt_json_write(rtt, &config, &out) == PROTO_OK);
    assert(proto_rtt_metrics_write(NULL, &series, 1, &out) == PROTO_OK);
    assert(proto_rtt_hdr_write(rtt, &interval, &out) == PROTO_OK);
    assert(proto_rtt_columns_write((uint8_t[]){0, 9}, 2, &out) == PROTO_OK);
}

static void check_merged(const proto_rtt *rtt)
{
    proto_rtt twice = *rtt;
    proto_rtt_merge(&twice, rtt);
    assert(twice.counts.received == 2 * rtt->counts.received);
    assert(proto_rtt_mean(&twice) == proto_rtt_mean(rtt));
    assert(proto_rtt_mdev(&twice) == proto_rtt_mdev(rtt));
    proto_rtt_subtract(&twice, rtt);
}

static void check_bytes(proto_slice bytes)
{
    uint8_t again[PROTO_RTT_BYTES];
    proto_rtt rtt;
    proto_fault fault;
    proto_err err = proto_rtt_read(bytes, &rtt, &fault);
    assert(fault.err == err && fault.offset <= bytes.len);
    if (err != PROTO_OK) return;
    proto_out out = proto_out_of(again, sizeof again);
    assert(proto_rtt_write(&rtt, &out) == PROTO_OK);
    assert(out.len == bytes.len && memcmp(again, bytes.ptr, out.len) == 0);
    check_figures(&rtt);
    check_texts(&rtt);
    check_merged(&rtt);
}

static int by_length(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// A byte says how far the next two are shifted; so any time comes up, and those near one another.
static size_t times_of(proto_slice bytes, uint64_t times[MAX_TIMES])
{
    size_t count = 0;
    for (size_t at = 0; at + 3 <= bytes.len && count < MAX_TIMES; at += 3) {
        uint64_t mantissa = (uint64_t)bytes.ptr[at + 1] << 8 | bytes.ptr[at + 2];
        times[count++] = mantissa << bytes.ptr[at] % 24;
    }
    return count;
}

// Of times in order, each by a share that is its own. (With so few there is always one.)
static void check_quantiles(const proto_rtt *rtt, const uint64_t *times, size_t count)
{
    uint32_t shares[MAX_TIMES];
    uint64_t quantiles[MAX_TIMES];
    for (size_t i = 0; i < count; i++)
        shares[i] = (uint32_t)((i + 1) * PROTO_RTT_ALL / count);
    proto_rtt_quantiles(rtt, shares, quantiles, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t truth = times[i] > PROTO_RTT_MAX ? PROTO_RTT_MAX : times[i];
        uint64_t difference = quantiles[i] > truth ? quantiles[i] - truth : truth - quantiles[i];
        assert(difference <= truth / 64);
    }
}

static void check_times(proto_slice bytes)
{
    uint64_t times[MAX_TIMES];
    size_t count = times_of(bytes, times);
    proto_rtt rtt = {0};
    for (size_t i = 0; i < count; i++)
        if (times[i] % 5 == 4)
            proto_rtt_record_reordered(&rtt, times[i]);
        else
            proto_rtt_record(&rtt, times[i]);
    check_figures(&rtt);
    qsort(times, count, sizeof *times, by_length);
    check_quantiles(&rtt, times, count);
    uint8_t room[PROTO_RTT_BYTES];
    proto_out out = proto_out_of(room, sizeof room);
    assert(proto_rtt_write(&rtt, &out) == PROTO_OK);
    proto_rtt read;
    assert(proto_rtt_read(proto_slice_of(room, out.len), &read, NULL) == PROTO_OK);
    assert(memcmp(&read, &rtt, sizeof read) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    proto_slice bytes = proto_slice_of(data, size);
    check_bytes(bytes);
    check_times(bytes);
    return 0;
}
