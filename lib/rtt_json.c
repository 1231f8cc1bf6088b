/* SPDX-License-Identifier: MIT */
/* Statistics as JSON (RFC 8259). */
#include "outcome.h"
#include "rtt_histogram.h"
#include "rtt_text.h"

/* Members of an object; each but the first has a comma before it. */
static void put_name(proto_out *out, const char *name)
{
    if (out->failed || out->ptr[out->len - 1] != '{') rtt_put(out, ",");
    rtt_put(out, "\"");
    rtt_put(out, name);
    rtt_put(out, "\":");
}

static void put_number(proto_out *out, const char *name, uint64_t number)
{
    put_name(out, name);
    proto_out_decimal(out, number);
}

static void put_share(proto_out *out, const char *name, uint32_t millionths)
{
    put_name(out, name);
    rtt_put_decimal(out, millionths, 6);
}

/* A time that is not known where nothing was received. */
static void put_time(proto_out *out, const proto_rtt *rtt, const char *name, uint64_t time)
{
    put_name(out, name);
    if (rtt->counts.received > 0)
        proto_out_decimal(out, time);
    else
        rtt_put(out, "null");
}

static void put_outstanding(proto_out *out, const proto_rtt_counts *counts)
{
    int64_t outstanding = proto_rtt_outstanding(counts);
    put_name(out, "outstanding");
    if (outstanding < 0) rtt_put(out, "-");
    proto_out_decimal(out, outstanding < 0 ? 0 - (uint64_t)outstanding : (uint64_t)outstanding);
}

static void put_counts(proto_out *out, const proto_rtt *rtt)
{
    const proto_rtt_counts *counts = &rtt->counts;
    uint32_t low, high;
    put_number(out, "sent", counts->sent);
    put_number(out, "received", counts->received);
    put_number(out, "lost", counts->lost);
    put_outstanding(out, counts);
    put_number(out, "late", counts->late);
    put_number(out, "duplicates", counts->duplicates);
    put_number(out, "reordered", counts->reordered);
    put_number(out, "corrupted", counts->corrupted);
    put_number(out, "errors", counts->errors);
    put_number(out, "clipped", rtt->clipped);
    put_share(out, "loss", proto_rtt_loss(counts));
    proto_rtt_loss_interval(counts, PROTO_RTT_95, &low, &high);
    put_share(out, "loss_low", low);
    put_share(out, "loss_high", high);
    put_number(out, "bursts", rtt->bursts);
    put_number(out, "longest_burst", rtt->longest_burst);
}

static void put_times(proto_out *out, const proto_rtt *rtt)
{
    put_time(out, rtt, "min_ns", rtt->min);
    put_time(out, rtt, "mean_ns", proto_rtt_mean(rtt));
    put_time(out, rtt, "max_ns", rtt->max);
    put_time(out, rtt, "mdev_ns", proto_rtt_mdev(rtt));
    put_time(out, rtt, "deviation_ns", proto_rtt_sample_deviation(rtt));
    put_time(out, rtt, "last_ns", rtt->last);
    put_time(out, rtt, "jitter_ns", proto_rtt_jitter(rtt));
    put_time(out, rtt, "smoothed_ns", proto_rtt_smoothed(rtt));
    put_time(out, rtt, "variation_ns", proto_rtt_variation(rtt));
    put_time(out, rtt, "rto_ns", proto_rtt_rto(rtt, NULL, 0));
}

static void put_quantiles(proto_out *out, const proto_rtt *rtt, rtt_quantile_list list)
{
    put_name(out, "quantiles_ns");
    rtt_put(out, "{");
    for (size_t i = 0; i < list.count; i++) {
        rtt_put(out, i > 0 ? ",\"" : "\"");
        rtt_put_decimal(out, list.millionths[i], 6);
        rtt_put(out, "\":");
        if (rtt->counts.received > 0)
            proto_out_decimal(out, proto_rtt_quantile(rtt, list.millionths[i]));
        else
            rtt_put(out, "null");
    }
    rtt_put(out, "}");
}

/* [first, last, count] of each bucket that is not empty. */
static void put_histogram(proto_out *out, const proto_rtt *rtt)
{
    const char *before = "[";
    put_name(out, "histogram_ns");
    rtt_put(out, "[");
    for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++) {
        uint64_t count = rtt_bucket_count(rtt, bucket);
        if (count == 0) continue;
        rtt_put(out, before);
        proto_out_decimal(out, rtt_bucket_first(bucket));
        rtt_put(out, ",");
        proto_out_decimal(out, rtt_bucket_last(bucket));
        rtt_put(out, ",");
        proto_out_decimal(out, count);
        rtt_put(out, "]");
        before = ",[";
    }
    rtt_put(out, "]");
}

proto_err proto_rtt_json_write(const proto_rtt *rtt, const proto_rtt_json_config *config,
                               proto_out *out)
{
    proto_out before = *out;
    proto_rtt_json_config wanted = config ? *config : (proto_rtt_json_config){0};
    rtt_put(out, "{");
    put_counts(out, rtt);
    put_times(out, rtt);
    put_quantiles(out, rtt, rtt_quantile_list_of(wanted.quantiles, wanted.quantile_count));
    if (wanted.histogram) put_histogram(out, rtt);
    rtt_put(out, "}");
    return outcome_of_writing(out, before, PROTO_OK);
}
