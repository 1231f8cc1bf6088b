/* SPDX-License-Identifier: MIT */
/* Statistics as a log of HdrHistogram: a line of text an interval, in it a histogram of encoding
   V2, which is counts and runs of zeros in a variable number of bytes, in a stream of zlib (RFC
   1950), in base64 (RFC 4648). */
#include "proto/date.h"

#include "outcome.h"
#include "rtt_histogram.h"
#include "rtt_text.h"

#include <assert.h>

/* With two significant digits there are 256 buckets of 1 ns, and 128 for each doubling beyond. */
enum { DIGITS = 2, HALF_BITS = 7 };

static size_t hdr_bucket_of(uint64_t time)
{
    unsigned shift = rtt_top_bit(time | 2 << HALF_BITS >> 1) - HALF_BITS;
    return ((size_t)shift << HALF_BITS) + (size_t)(time >> shift);
}

/* -------------------------------------------------------------------------------------- sink -- */

/* Where bytes become base64. Without `out` they are only counted. */
typedef struct byte_sink {
    proto_out *out;
    size_t count;
    uint32_t group; /* bytes that are no group of three yet */
    uint32_t adler_a, adler_b;
} byte_sink;

static void put_group(proto_out *out, uint32_t group, size_t bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[4] = {'=', '=', '=', '='};
    group <<= 8 * (3 - bytes);
    for (size_t i = 0; i <= bytes; i++)
        text[i] = digits[group >> (18 - 6 * i) & 63];
    proto_out_put(out, text, sizeof text);
}

static void put_byte(byte_sink *sink, uint8_t byte)
{
    sink->count++;
    sink->adler_a = (sink->adler_a + byte) % 65521; /* RFC 1950 section 8.2 */
    sink->adler_b = (sink->adler_b + sink->adler_a) % 65521;
    if (!sink->out) return;
    sink->group = sink->group << 8 | byte;
    if (sink->count % 3 != 0) return;
    put_group(sink->out, sink->group, 3);
    sink->group = 0;
}

static void put_end(byte_sink *sink)
{
    if (sink->count % 3 != 0) put_group(sink->out, sink->group, sink->count % 3);
}

static void put_big_endian(byte_sink *sink, uint64_t number, unsigned bytes)
{
    while (bytes-- > 0)
        put_byte(sink, (uint8_t)(number >> 8 * bytes));
}

/* ------------------------------------------------------------------------------------ counts -- */

/* Counts in ascending order of their buckets. The last one waits, since more may come for it. */
typedef struct count_writer {
    byte_sink *sink;
    size_t written; /* buckets that have been dealt with */
    size_t bucket;
    uint64_t count;
} count_writer;

/* A count n is 2n and a run of n zeros is 2n - 1; seven bits a byte, the lowest first. */
static void put_varint(byte_sink *sink, uint64_t number)
{
    for (; number > 0x7f; number >>= 7)
        put_byte(sink, (uint8_t)(number | 0x80));
    put_byte(sink, (uint8_t)number);
}

static void put_count(count_writer *counts)
{
    size_t zeros = counts->bucket - counts->written;
    if (counts->count == 0) return;
    if (zeros > 0) put_varint(counts->sink, zeros > 1 ? 2 * zeros - 1 : 0);
    put_varint(counts->sink, 2 * counts->count);
    counts->written = counts->bucket + 1;
    counts->count = 0;
}

static void add_count(count_writer *counts, uint64_t time, uint64_t count)
{
    size_t bucket = hdr_bucket_of(time);
    if (bucket != counts->bucket) put_count(counts);
    counts->bucket = bucket;
    counts->count += count;
}

/* The middle of a bucket of ours, as far as it lies between the extremes. There the histogram that
   is written has a bucket that ends. */
static uint64_t middle(const proto_rtt *rtt, size_t bucket)
{
    uint64_t first = rtt_bucket_first(bucket), last = rtt_bucket_last(bucket);
    uint64_t time = first + (last - first) / 2;
    if (time < rtt->min) return rtt->min;
    return time < rtt->max ? time : rtt->max;
}

/* The extremes are written as what they are, and not as the middle of their buckets. */
static void put_counts(byte_sink *sink, const proto_rtt *rtt)
{
    count_writer counts = {sink, 0, 0, 0};
    size_t lowest = rtt_bucket_of(rtt->min), highest = rtt_bucket_of(rtt->max);
    for (size_t bucket = lowest; bucket <= highest; bucket++) {
        uint64_t count = rtt_bucket_count(rtt, bucket);
        uint64_t at_min = bucket == lowest && count > 0;
        uint64_t at_max = bucket == highest && count > at_min;
        if (at_min) add_count(&counts, rtt->min, 1);
        if (count > at_min + at_max)
            add_count(&counts, middle(rtt, bucket), count - at_min - at_max);
        if (at_max) add_count(&counts, rtt->max, 1);
    }
    put_count(&counts);
}

/* --------------------------------------------------------------------------------- histogram -- */

enum { HEAD_BYTES = 40, STORED_MAX = 65535 };

static void put_head(byte_sink *sink, size_t payload)
{
    put_big_endian(sink, 0x1c849313, 4); /* a histogram of encoding V2 */
    put_big_endian(sink, payload, 4);
    put_big_endian(sink, 0, 4); /* no offset of buckets */
    put_big_endian(sink, DIGITS, 4);
    put_big_endian(sink, 1, 8);
    put_big_endian(sink, PROTO_RTT_MAX, 8);
    put_big_endian(sink, UINT64_C(0x3ff0000000000000), 8); /* 1.0: times are what they are */
}

static void put_little_endian(byte_sink *sink, size_t number)
{
    put_byte(sink, (uint8_t)number);
    put_byte(sink, (uint8_t)(number >> 8));
}

/* A stream of zlib with one stored block (RFC 1950 section 2.2, RFC 1951 section 3.2.4). */
static void put_compressed(byte_sink *sink, const proto_rtt *rtt, size_t payload)
{
    size_t stored = HEAD_BYTES + payload;
    put_big_endian(sink, 0x1c849314, 4); /* a compressed histogram of encoding V2 */
    put_big_endian(sink, 2 + 5 + stored + 4, 4);
    put_big_endian(sink, 0x7801, 2);
    put_byte(sink, 1); /* the last block, stored */
    put_little_endian(sink, stored);
    put_little_endian(sink, ~stored);
    sink->adler_a = 1;
    sink->adler_b = 0;
    put_head(sink, payload);
    put_counts(sink, rtt);
    put_big_endian(sink, (uint64_t)sink->adler_b << 16 | sink->adler_a, 4);
    put_end(sink);
}

/* ------------------------------------------------------------------------------------- lines -- */

static const uint64_t MILLISECOND = 1000000;

proto_err proto_rtt_hdr_head_write(uint64_t start, proto_out *out)
{
    proto_out before = *out;
    RTT_PUT(out, "#[Histogram log format version 1.3]\n#[StartTime: ");
    rtt_put_decimal(out, start / MILLISECOND, 3);
    RTT_PUT(out, " (seconds since epoch), ");
    proto_date_write((int64_t)(start / (1000 * MILLISECOND)), out);
    RTT_PUT(out, "]\n\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                 "\"Interval_Compressed_Histogram\"\n");
    return outcome_of_writing(out, before, PROTO_OK);
}

/* What would end the tag, or the line, is another character. */
static void put_tag(proto_out *out, proto_slice tag)
{
    if (tag.len == 0) return;
    RTT_PUT(out, "Tag=");
    for (size_t i = 0; i < tag.len; i++) {
        bool ends = tag.ptr[i] <= ' ' || tag.ptr[i] == ',' || tag.ptr[i] == 0x7f;
        proto_out_put(out, ends ? (const uint8_t *)"_" : tag.ptr + i, 1);
    }
    RTT_PUT(out, ",");
}

proto_err proto_rtt_hdr_write(const proto_rtt *rtt, const proto_rtt_hdr_interval *interval,
                              proto_out *out)
{
    proto_out before = *out;
    byte_sink measure = {0}, text = {.out = out};
    put_counts(&measure, rtt);
    assert(HEAD_BYTES + measure.count <= STORED_MAX);
    put_tag(out, interval->tag);
    rtt_put_decimal(out, interval->start / MILLISECOND, 3);
    RTT_PUT(out, ",");
    rtt_put_decimal(out, interval->length / MILLISECOND, 3);
    RTT_PUT(out, ",");
    rtt_put_decimal(out, rtt->max, 6);
    RTT_PUT(out, ",");
    put_compressed(&text, rtt, measure.count);
    RTT_PUT(out, "\n");
    return outcome_of_writing(out, before, PROTO_OK);
}
