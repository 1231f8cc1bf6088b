/* SPDX-License-Identifier: MIT */
/* Statistics as JSON (RFC 8259). */
#include "outcome.h"
#include "rtt_histogram.h"
#include "rtt_text.h"

/* Members of an object; each but the first has a comma before it. */
static void put_name(proto_out *out, proto_slice name)
{
    if (out->failed || out->ptr[out->len - 1] != '{') RTT_PUT(out, ",");
    RTT_PUT(out, "\"");
    proto_out_slice(out, name);
    RTT_PUT(out, "\":");
}

static void put_number(proto_out *out, proto_slice name, uint64_t number)
{
    put_name(out, name);
    proto_out_decimal(out, number);
}

static void put_share(proto_out *out, proto_slice name, uint32_t millionths)
{
    put_name(out, name);
    rtt_put_decimal(out, millionths, 6);
}

/* A time that is not known where nothing was received. */
static void put_time(proto_out *out, const proto_rtt *rtt, proto_slice name, uint64_t time)
{
    put_name(out, name);
    if (rtt->counts.received > 0)
        proto_out_decimal(out, time);
    else
        RTT_PUT(out, "null");
}

static void put_outstanding(proto_out *out, const proto_rtt_counts *counts)
{
    int64_t outstanding = proto_rtt_outstanding(counts);
    put_name(out, PROTO_LITERAL("outstanding"));
    if (outstanding < 0) RTT_PUT(out, "-");
    proto_out_decimal(out, outstanding < 0 ? 0 - (uint64_t)outstanding : (uint64_t)outstanding);
}

static void put_counts(proto_out *out, const proto_rtt *rtt)
{
    const proto_rtt_counts *counts = &rtt->counts;
    uint32_t low, high;
    put_number(out, PROTO_LITERAL("sent"), counts->sent);
    put_number(out, PROTO_LITERAL("received"), counts->received);
    put_number(out, PROTO_LITERAL("lost"), counts->lost);
    put_outstanding(out, counts);
    put_number(out, PROTO_LITERAL("late"), counts->late);
    put_number(out, PROTO_LITERAL("duplicates"), counts->duplicates);
    put_number(out, PROTO_LITERAL("reordered"), counts->reordered);
    put_number(out, PROTO_LITERAL("corrupted"), counts->corrupted);
    put_number(out, PROTO_LITERAL("errors"), counts->errors);
    put_number(out, PROTO_LITERAL("clipped"), rtt->clipped);
    put_share(out, PROTO_LITERAL("loss"), proto_rtt_loss(counts));
    proto_rtt_loss_interval(counts, PROTO_RTT_95, &low, &high);
    put_share(out, PROTO_LITERAL("loss_low"), low);
    put_share(out, PROTO_LITERAL("loss_high"), high);
    put_number(out, PROTO_LITERAL("bursts"), rtt->bursts);
    put_number(out, PROTO_LITERAL("longest_burst"), rtt->longest_burst);
}

static void put_times(proto_out *out, const proto_rtt *rtt)
{
    put_time(out, rtt, PROTO_LITERAL("min_ns"), rtt->min);
    put_time(out, rtt, PROTO_LITERAL("mean_ns"), proto_rtt_mean(rtt));
    put_time(out, rtt, PROTO_LITERAL("max_ns"), rtt->max);
    put_time(out, rtt, PROTO_LITERAL("mdev_ns"), proto_rtt_mdev(rtt));
    put_time(out, rtt, PROTO_LITERAL("deviation_ns"), proto_rtt_sample_deviation(rtt));
    put_time(out, rtt, PROTO_LITERAL("last_ns"), rtt->last);
    put_time(out, rtt, PROTO_LITERAL("jitter_ns"), proto_rtt_jitter(rtt));
    put_time(out, rtt, PROTO_LITERAL("smoothed_ns"), proto_rtt_smoothed(rtt));
    put_time(out, rtt, PROTO_LITERAL("variation_ns"), proto_rtt_variation(rtt));
    put_time(out, rtt, PROTO_LITERAL("rto_ns"), proto_rtt_rto(rtt, NULL, 0));
}

static void put_quantiles(proto_out *out, const proto_rtt *rtt, rtt_quantile_list list)
{
    put_name(out, PROTO_LITERAL("quantiles_ns"));
    RTT_PUT(out, "{");
    for (size_t i = 0; i < list.count; i++) {
        if (i > 0) RTT_PUT(out, ",");
        RTT_PUT(out, "\"");
        rtt_put_decimal(out, list.millionths[i], 6);
        RTT_PUT(out, "\":");
        if (rtt->counts.received > 0)
            proto_out_decimal(out, proto_rtt_quantile(rtt, list.millionths[i]));
        else
            RTT_PUT(out, "null");
    }
    RTT_PUT(out, "}");
}

/* [first, last, count] of each bucket that is not empty. */
static void put_histogram(proto_out *out, const proto_rtt *rtt)
{
    bool first = true;
    put_name(out, PROTO_LITERAL("histogram_ns"));
    RTT_PUT(out, "[");
    for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++) {
        uint64_t count = rtt_bucket_count(rtt, bucket);
        if (count == 0) continue;
        if (!first) RTT_PUT(out, ",");
        RTT_PUT(out, "[");
        first = false;
        proto_out_decimal(out, rtt_bucket_first(bucket));
        RTT_PUT(out, ",");
        proto_out_decimal(out, rtt_bucket_last(bucket));
        RTT_PUT(out, ",");
        proto_out_decimal(out, count);
        RTT_PUT(out, "]");
    }
    RTT_PUT(out, "]");
}

proto_err proto_rtt_json_write(const proto_rtt *rtt, const proto_rtt_json_config *config,
                               proto_out *out)
{
    proto_out before = *out;
    proto_rtt_json_config wanted = config ? *config : (proto_rtt_json_config){0};
    RTT_PUT(out, "{");
    put_counts(out, rtt);
    put_times(out, rtt);
    put_quantiles(out, rtt, rtt_quantile_list_of(wanted.quantiles, wanted.quantile_count));
    if (wanted.histogram) put_histogram(out, rtt);
    RTT_PUT(out, "}");
    return outcome_of_writing(out, before, PROTO_OK);
}
