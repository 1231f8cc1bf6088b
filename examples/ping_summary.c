/* SPDX-License-Identifier: MIT */
/* What is said at the end. */
#include "ping.h"

#include <stdio.h>
#include <string.h>

static const uint32_t quantiles[] = {500000, 900000, 990000, 999000};
enum { QUANTILES = sizeof quantiles / sizeof *quantiles };

const proto_rtt *ping_total(struct ping *ping)
{
    if (ping->shared || ping->hosts.count == 1) return ping->rtts;
    proto_rtt_init(&ping->total);
    for (size_t i = 0; i < ping->hosts.count; i++)
        proto_rtt_merge(&ping->total, &ping->rtts[i]);
    return &ping->total;
}

static uint64_t overflowed(const struct ping *ping)
{
    return ping->lanes[0].socket.overflowed + ping->lanes[1].socket.overflowed;
}

/* What was too long to be ours was not even looked at. */
static uint64_t foreign(const struct ping *ping)
{
    return ping->events[PROTO_PROBE_FOREIGN] + ping->lanes[0].socket.strangers +
           ping->lanes[1].socket.strangers;
}

/* --------------------------------------------------------------------------------- for people -- */

static void put_named(struct output *out, const char *name, uint64_t time)
{
    put(out, name);
    put(out, " = ");
    put_time(out, time);
    put(out, "ms");
}

static void put_counts(struct output *out, const proto_rtt_counts *counts)
{
    output_line(out);
    put(out, "    Packets: Sent = ");
    put_number(out, counts->sent);
    put(out, ", Received = ");
    put_number(out, counts->received);
    put(out, ", Lost = ");
    put_number(out, counts->lost);
    put(out, " (");
    put_percent(out, proto_rtt_loss(counts));
    put(out, "% loss)");
    int64_t outstanding = proto_rtt_outstanding(counts);
    if (outstanding > 0) {
        put(out, ", Outstanding = ");
        put_number(out, (uint64_t)outstanding);
    }
    put(out, "\n");
}

/* Of ten pings that all came back, one cannot say that none is ever lost. */
static void put_confidence(struct output *out, const proto_rtt_counts *counts)
{
    uint32_t low, high;
    if (counts->received + counts->lost == 0) return;
    proto_rtt_loss_interval(counts, PROTO_RTT_95, &low, &high);
    put(out, "    The path loses between ");
    put_percent(out, low);
    put(out, "% and ");
    put_percent(out, high);
    put(out, "% (with 95% confidence)\n");
}

static void put_bursts(struct output *out, const proto_rtt *rtt)
{
    if (rtt->longest_burst < 2) return;
    put(out, "    Losses: ");
    put_number(out, rtt->bursts);
    put(out, rtt->bursts == 1 ? " burst, the longest of " : " bursts, the longest of ");
    put_number(out, rtt->longest_burst);
    put(out, "\n");
}

static void put_times(struct output *out, const proto_rtt *rtt)
{
    uint64_t times[QUANTILES];
    output_line(out);
    put(out, "Round-trip times:\n    ");
    put_named(out, "Minimum", rtt->min);
    put_named(out, ", Maximum", rtt->max);
    put_named(out, ", Average", proto_rtt_mean(rtt));
    put_named(out, "\n    mdev", proto_rtt_mdev(rtt));
    put_named(out, ", jitter", proto_rtt_jitter(rtt));
    proto_rtt_quantiles(rtt, quantiles, times, QUANTILES);
    put_named(out, "\n    Percentiles: 50%", times[0]);
    put_named(out, ", 90%", times[1]);
    put_named(out, ", 99%", times[2]);
    put_named(out, ", 99.9%", times[3]);
    put(out, "\n");
}

static void put_kind(struct output *out, const char **begin, uint64_t count, const char *one,
                     const char *several)
{
    if (count == 0) return;
    put(out, *begin);
    put_number(out, count);
    put(out, " ");
    put(out, count == 1 ? one : several);
    *begin = ", ";
}

/* What neither is a reply in time nor is missing. */
static void put_others(struct ping *ping, const proto_rtt_counts *counts)
{
    struct output *out = &ping->output;
    const uint64_t *events = ping->events;
    const char *begin = "Besides: ";
    output_line(out);
    put_kind(out, &begin, counts->late, "late reply", "late replies");
    put_kind(out, &begin, events[PROTO_PROBE_DUPLICATE], "duplicate", "duplicates");
    put_kind(out, &begin, events[PROTO_PROBE_ANOTHER], "further reply", "further replies");
    put_kind(out, &begin, counts->reordered, "reply overtaken", "replies overtaken");
    put_kind(out, &begin, events[PROTO_PROBE_CORRUPTED], "damaged", "damaged");
    put_kind(out, &begin, events[PROTO_PROBE_ERROR], "ICMP error", "ICMP errors");
    put_kind(out, &begin, events[PROTO_PROBE_NOTE], "ICMP message about no loss",
             "ICMP messages about no loss");
    put_kind(out, &begin, events[PROTO_PROBE_UNKNOWN], "reply to nothing that was sent",
             "replies to nothing that was sent");
    put_kind(out, &begin, foreign(ping), "message for others", "messages for others");
    put_kind(out, &begin, ping->refused, "ping that could not be sent",
             "pings that could not be sent");
    put_kind(out, &begin, overflowed(ping), "message dropped because this program was too slow",
             "messages dropped because this program was too slow");
    if (strcmp(begin, ", ") == 0) put(out, "\n");
}

static void put_row(struct ping *ping, const struct host *host)
{
    struct output *out = &ping->output;
    const proto_rtt_counts *counts = &host->target->counts;
    output_line(out);
    put(out, "    ");
    put_visible(out, host->name);
    put(out, " [");
    put_address(out, &host->address);
    put(out, "]: sent=");
    put_number(out, counts->sent);
    put(out, " received=");
    put_number(out, counts->received);
    put(out, " lost=");
    put_number(out, counts->lost);
    put(out, " (");
    put_percent(out, proto_rtt_loss(counts));
    put(out, "%)");
    if (counts->received > 0) {
        put(out, " min/max/avg=");
        put_time(out, host->min);
        put(out, "/");
        put_time(out, host->max);
        put(out, "/");
        put_time(out, (host->sum + counts->received / 2) / counts->received);
        put(out, "ms");
    }
    put(out, "\n");
}

static void put_title(struct ping *ping)
{
    struct output *out = &ping->output;
    output_line(out);
    put(out, "\nPing statistics for ");
    if (ping->hosts.count == 1) {
        put_address(out, &ping->hosts.list[0].address);
        put(out, ":\n");
        return;
    }
    put_number(out, ping->hosts.count);
    put(out, " hosts:\n");
    for (size_t i = 0; i < ping->hosts.count; i++)
        put_row(ping, &ping->hosts.list[i]);
    output_line(out);
    put(out, "All together:\n");
}

static void summary_text(struct ping *ping, const proto_rtt *total)
{
    put_title(ping);
    put_counts(&ping->output, &total->counts);
    put_confidence(&ping->output, &total->counts);
    put_bursts(&ping->output, total);
    if (total->counts.received > 0) put_times(&ping->output, total);
    put_others(ping, &total->counts);
}

/* --------------------------------------------------------------------------------------- JSON -- */

static void put_share_member(struct output *out, const char *key, uint32_t share)
{
    char text[16];
    snprintf(text, sizeof text, "%u.%06u", (unsigned)(share / PROTO_RTT_ALL),
             (unsigned)(share % PROTO_RTT_ALL));
    put_key(out, key);
    put(out, text);
}

static void put_time_member(struct output *out, const char *key, bool known, uint64_t time)
{
    put_key(out, key);
    if (known)
        put_number(out, time);
    else
        put(out, "null");
}

static void put_json_counts(struct output *out, const proto_rtt_counts *counts)
{
    uint32_t low, high;
    proto_rtt_loss_interval(counts, PROTO_RTT_95, &low, &high);
    put_member(out, "sent", counts->sent);
    put_member(out, "received", counts->received);
    put_member(out, "lost", counts->lost);
    put_member(out, "outstanding", (uint64_t)proto_rtt_outstanding(counts));
    put_member(out, "late", counts->late);
    put_member(out, "duplicates", counts->duplicates);
    put_member(out, "reordered", counts->reordered);
    put_member(out, "corrupted", counts->corrupted);
    put_member(out, "errors", counts->errors);
    put_share_member(out, "loss", proto_rtt_loss(counts));
    put_share_member(out, "loss_low", low);
    put_share_member(out, "loss_high", high);
}

static void put_json_rtt(struct output *out, const proto_rtt *rtt)
{
    static const char *const keys[QUANTILES] = {"p50_ns", "p90_ns", "p99_ns", "p999_ns"};
    uint64_t times[QUANTILES];
    bool known = rtt->counts.received > 0;
    put_time_member(out, "min_ns", known, rtt->min);
    put_time_member(out, "max_ns", known, rtt->max);
    put_time_member(out, "mean_ns", known, proto_rtt_mean(rtt));
    put_time_member(out, "mdev_ns", known, proto_rtt_mdev(rtt));
    put_time_member(out, "jitter_ns", known, proto_rtt_jitter(rtt));
    proto_rtt_quantiles(rtt, quantiles, times, QUANTILES);
    for (size_t i = 0; i < QUANTILES; i++)
        put_time_member(out, keys[i], known, times[i]);
}

static void put_json_host(struct ping *ping, const struct host *host)
{
    struct output *out = &ping->output;
    const proto_rtt_counts *counts = &host->target->counts;
    bool known = counts->received > 0;
    output_line(out);
    put(out, "{");
    put_member_text(out, "event", "statistics");
    put_member_text(out, "host", host->name);
    put_member_address(out, "address", &host->address);
    put_json_counts(out, counts);
    if (host->rtt) {
        put_json_rtt(out, host->rtt);
    } else {
        put_time_member(out, "min_ns", known, host->min);
        put_time_member(out, "max_ns", known, host->max);
        put_time_member(out, "mean_ns", known, known ? host->sum / counts->received : 0);
    }
    put(out, "}\n");
}

static void put_json_total(struct ping *ping, const proto_rtt *total)
{
    struct output *out = &ping->output;
    output_line(out);
    put(out, "{");
    put_member_text(out, "event", "total");
    put_member(out, "hosts", ping->hosts.count);
    put_json_counts(out, &total->counts);
    put_json_rtt(out, total);
    put_member(out, "another", ping->events[PROTO_PROBE_ANOTHER]);
    put_member(out, "notes", ping->events[PROTO_PROBE_NOTE]);
    put_member(out, "damaged", ping->events[PROTO_PROBE_CORRUPTED]);
    put_member(out, "unknown", ping->events[PROTO_PROBE_UNKNOWN]);
    put_member(out, "own", ping->events[PROTO_PROBE_OWN]);
    put_member(out, "foreign", foreign(ping));
    put_member(out, "refused", ping->refused);
    put_member(out, "overflowed", overflowed(ping));
    put_member(out, "duration_ns", ping->ended - ping->began);
    put(out, "}\n");
}

static void summary_json(struct ping *ping, const proto_rtt *total)
{
    for (size_t i = 0; i < ping->hosts.count; i++)
        put_json_host(ping, &ping->hosts.list[i]);
    put_json_total(ping, total);
}

void summary(struct ping *ping)
{
    const proto_rtt *total = ping_total(ping);
    if (ping->options.json) {
        summary_json(ping, total);
        return;
    }
    if (ping->options.plot) plot_draw(ping);
    summary_text(ping, total);
}
