/* SPDX-License-Identifier: MIT */
/* What is said of each event as it happens. */
#include "ping.h"

#include <string.h>

struct host *host_of(const proto_probe_target *target)
{
    return target->user;
}

static bool many(const struct ping *ping)
{
    return ping->hosts.count > 1;
}

/* ----------------------------------------------------------------------------------- addresses -- */

/* `192.0.2.1`, or with its name where that is wanted and known. */
static void put_from(struct ping *ping, const proto_address *address)
{
    struct output *out = &ping->output;
    const char *name = names_of(ping->names, address);
    if (!name) {
        put_address(out, address);
        return;
    }
    put_visible(out, name);
    put(out, " [");
    put_address(out, address);
    put(out, "]");
}

/* `host [192.0.2.1]`. */
static void put_host(struct output *out, const struct host *host)
{
    put_visible(out, host->name);
    put(out, " [");
    put_address(out, &host->address);
    put(out, "]");
}

/* Of several hosts, which one. */
static void put_which(struct ping *ping, const proto_probe_target *target)
{
    if (!many(ping) || !target) return;
    put(&ping->output, " (");
    put_host(&ping->output, host_of(target));
    put(&ping->output, ")");
}

/* --------------------------------------------------------------------------------- for people -- */

static void put_reply(struct ping *ping, const struct happening *it)
{
    struct output *out = &ping->output;
    const proto_probe_reading *reading = &it->report->reading;
    put(out, "Reply from ");
    put_from(ping, &it->arrival->source);
    put(out, ": bytes=");
    put_number(out, reading->payload.len);
    put(out, " time=");
    put_time(out, it->report->rtt);
    put(out, "ms");
    if (reading->ttl < 0) return;
    put(out, " TTL=");
    put_number(out, (uint64_t)reading->ttl);
}

/* What sets a reply apart from the usual one. */
static void put_remark(struct output *out, const struct happening *it, const char *remark)
{
    put(out, " (");
    put(out, remark);
    put(out, "; ping ");
    put_number(out, it->report->sequence);
    put(out, ")");
}

static void put_error(struct ping *ping, const struct happening *it)
{
    struct output *out = &ping->output;
    const proto_icmp *icmp = &it->report->reading.icmp;
    put(out, "Reply from ");
    put_from(ping, &it->arrival->source);
    put(out, ": ");
    put(out, proto_icmp_text((proto_family)icmp->family, icmp->type, icmp->code));
    if (icmp->mtu > 0) {
        put(out, " (MTU ");
        put_number(out, icmp->mtu);
        put(out, ")");
    }
    if (icmp->kind == PROTO_ICMP_REDIRECT && icmp->gateway.family != PROTO_FAMILY_NONE) {
        put(out, " (to ");
        put_address(out, &icmp->gateway);
        put(out, ")");
    }
    put_which(ping, it->report->target);
}

/* MPLS labels that the router tells of (RFC 4950). */
static void put_labels(struct output *out, const proto_icmp *icmp)
{
    proto_slice objects = icmp->objects;
    proto_icmp_object object;
    proto_icmp_mpls entry;
    while (proto_icmp_object_next(&objects, &object)) {
        if (object.number != PROTO_ICMP_CLASS_MPLS) continue;
        while (proto_icmp_mpls_next(&object.data, &entry)) {
            put(out, " [MPLS label ");
            put_number(out, entry.label);
            put(out, "]");
        }
    }
}

static void put_other(struct ping *ping, const struct happening *it, const char *what)
{
    struct output *out = &ping->output;
    put(out, what);
    put(out, " from ");
    put_from(ping, &it->arrival->source);
    put(out, ": not counted");
    put_which(ping, it->report->target);
}

static void put_line(struct ping *ping, const struct happening *it)
{
    struct output *out = &ping->output;
    switch (it->event) {
    case PROTO_PROBE_REPLY:
        put_reply(ping, it);
        if (it->report->reordered) put_remark(out, it, "overtaken by a later one's");
        break;
    case PROTO_PROBE_ANOTHER: put_reply(ping, it); break;
    case PROTO_PROBE_DUPLICATE:
        put_reply(ping, it);
        put_remark(out, it, "duplicate");
        break;
    case PROTO_PROBE_LATE:
        put_reply(ping, it);
        put_remark(out, it, "too late");
        break;
    case PROTO_PROBE_ERROR:
        put_error(ping, it);
        put_labels(out, &it->report->reading.icmp);
        break;
    case PROTO_PROBE_NOTE: put_error(ping, it); break;
    case PROTO_PROBE_CORRUPTED: put_other(ping, it, "A damaged reply"); break;
    case PROTO_PROBE_UNKNOWN: put_other(ping, it, "A reply to nothing that was sent"); break;
    case PROTO_PROBE_TIMEOUT:
        put(out, "Request timed out");
        put_which(ping, it->report->target);
        break;
    case PROTO_PROBE_NONE:
    case PROTO_PROBE_OWN:
    case PROTO_PROBE_FOREIGN: return;
    }
    put(out, "\n");
}

/* --------------------------------------------------------------------------------------- JSON -- */

static void put_when(struct ping *ping, uint64_t when)
{
    put_key(&ping->output, "time");
    put_seconds(&ping->output, (uint64_t)((int64_t)when + ping->wall));
}

static void put_event(struct output *out, proto_probe_event event)
{
    char name[16];
    const char *upper = proto_probe_event_name(event);
    size_t i;
    for (i = 0; upper[i] != '\0' && i + 1 < sizeof name; i++)
        name[i] = (char)(upper[i] - 'A' + 'a');
    name[i] = '\0';
    put_member_text(out, "event", name);
}

static void put_json_target(struct output *out, const proto_probe_target *target)
{
    if (!target) return;
    put_member_text(out, "host", host_of(target)->name);
    put_member_address(out, "address", &host_of(target)->address);
}

static void put_json_icmp(struct output *out, const proto_icmp *icmp)
{
    put_member(out, "type", icmp->type);
    put_member(out, "code", icmp->code);
    put_member_text(out, "text",
                    proto_icmp_text((proto_family)icmp->family, icmp->type, icmp->code));
    if (icmp->mtu > 0) put_member(out, "mtu", icmp->mtu);
    if (icmp->kind == PROTO_ICMP_REDIRECT && icmp->gateway.family != PROTO_FAMILY_NONE)
        put_member_address(out, "gateway", &icmp->gateway);
}

static void put_json_arrival(struct output *out, const struct happening *it)
{
    const proto_probe_reading *reading = &it->report->reading;
    if (it->arrival->source.family != PROTO_FAMILY_NONE)
        put_member_address(out, "from", &it->arrival->source);
    if (it->event == PROTO_PROBE_ERROR || it->event == PROTO_PROBE_NOTE) {
        put_json_icmp(out, &reading->icmp);
    } else if (reading->claim == PROTO_PROBE_CLAIM_REPLY) {
        put_member(out, "bytes", reading->payload.len);
    }
    if (it->report->number != 0) put_member(out, "rtt_ns", it->report->rtt);
    if (reading->ttl >= 0) put_member(out, "ttl", (uint64_t)reading->ttl);
    if (it->report->reordered) {
        put_key(out, "reordered");
        put(out, "true");
    }
}

static void put_json(struct ping *ping, const struct happening *it)
{
    struct output *out = &ping->output;
    put(out, "{");
    put_event(out, it->event);
    put_json_target(out, it->report->target);
    if (it->report->number != 0) put_member(out, "sequence", it->report->sequence);
    if (it->arrival) put_json_arrival(out, it);
    put_when(ping, it->when);
    put(out, "}\n");
}

/* ------------------------------------------------------------------------------------- events -- */

void lines_event(struct ping *ping, const struct happening *it)
{
    if (!ping->lines) return;
    output_line(&ping->output);
    if (ping->options.json)
        put_json(ping, it);
    else
        put_line(ping, it);
}

void lines_refused(struct ping *ping, const proto_probe_target *target, int error)
{
    struct output *out = &ping->output;
    if (!ping->lines) return;
    output_line(out);
    if (ping->options.json) {
        put(out, "{");
        put_member_text(out, "event", "refused");
        put_json_target(out, target);
        put_member_text(out, "text", strerror(error));
        put_when(ping, clock_exact());
        put(out, "}\n");
        return;
    }
    put(out, "Could not be sent: ");
    put(out, strerror(error));
    put_which(ping, target);
    put(out, "\n");
}

static void begin_one(struct ping *ping, const struct host *host)
{
    struct output *out = &ping->output;
    output_line(out);
    if (ping->options.json) {
        put(out, "{");
        put_member_text(out, "event", "start");
        put_json_target(out, host->target);
        put_member(out, "bytes", ping->options.size);
        put_when(ping, ping->began);
        put(out, "}\n");
        return;
    }
    put(out, "Pinging ");
    put_host(out, host);
    put(out, " with ");
    put_number(out, ping->options.size);
    put(out, " bytes of data:\n");
}

void lines_begin(struct ping *ping)
{
    struct output *out = &ping->output;
    if (many(ping) && ping->options.quiet && !ping->options.json) {
        put(out, "Pinging ");
        put_number(out, ping->hosts.count);
        put(out, " hosts with ");
        put_number(out, ping->options.size);
        put(out, " bytes of data:\n");
        return;
    }
    for (size_t i = 0; i < ping->hosts.count; i++) {
        begin_one(ping, &ping->hosts.list[i]);
        names_of(ping->names, &ping->hosts.list[i].address);
    }
}
