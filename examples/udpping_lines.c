/* SPDX-License-Identifier: MIT */
/* What the UDP ping says: lines for people, or of JSON. */
#include "udpping.h"

#include <stdio.h>
#include <string.h>

#include "address.h"
#include "clock.h"
#include "visible.h"

enum { SHOWN = 5000 }; /* bytes of the visible form of a datagram */

typedef unsigned long long number;

/* --------------------------------------------------------------------------------- for people -- */

static void print_ms(const char *before, uint64_t time, const char *behind)
{
    uint64_t us = (time + 500) / 1000;
    printf("%s%llu.%03u ms%s", before, (number)(us / 1000), (unsigned)(us % 1000), behind);
}

/* Nothing of what a stranger has sent gets to a terminal as it is. */
static void print_reply(const char *what, const proto_probe_report *report,
                        const proto_probe_arrival *arrival)
{
    char from[ADDRESS_TEXT], text[SHOWN];
    address_text(&arrival->source, from);
    printf("%s %s: %s", what, from, visible(arrival->bytes, text, sizeof text));
    if (report->number > 0) print_ms(", RTT=", report->rtt, "");
}

static void print_error(const proto_probe_report *report, const proto_probe_arrival *arrival)
{
    char from[ADDRESS_TEXT];
    const proto_probe_reading *reading = &report->reading;
    address_text(&arrival->source, from);
    printf(
        "Reply from %s: %s", from,
        proto_icmp_text((proto_family)arrival->destination.family, arrival->type, arrival->code));
    if (reading->has_icmp && reading->icmp.mtu > 0)
        printf(" (MTU %u)", (unsigned)reading->icmp.mtu);
}

static void print_event(proto_probe_event event, const proto_probe_report *report,
                        const proto_probe_arrival *arrival)
{
    switch (event) {
    case PROTO_PROBE_REPLY:
        print_reply("Reply from", report, arrival);
        if (report->reordered) fputs(" (overtaken by a later one's)", stdout);
        break;
    case PROTO_PROBE_TIMEOUT: fputs("Request timed out", stdout); break;
    case PROTO_PROBE_ERROR: print_error(report, arrival); break;
    case PROTO_PROBE_NOTE:
        print_error(report, arrival);
        fputs(" (changes nothing)", stdout);
        break;
    case PROTO_PROBE_LATE: print_reply("Too late, reply from", report, arrival); break;
    case PROTO_PROBE_ANOTHER:
    case PROTO_PROBE_DUPLICATE: print_reply("Once more, reply from", report, arrival); break;
    case PROTO_PROBE_CORRUPTED: print_reply("Not counted, damaged, from", report, arrival); break;
    case PROTO_PROBE_NONE:
    case PROTO_PROBE_UNKNOWN:
    case PROTO_PROBE_OWN:
    case PROTO_PROBE_FOREIGN: print_reply("Not counted, no reply, from", report, arrival); break;
    }
    putchar('\n');
}

static void print_summary(const struct udpping *ping)
{
    const proto_rtt_counts *counts = &ping->target.counts;
    uint32_t loss = proto_rtt_loss(counts) / (PROTO_RTT_ALL / 1000);
    printf("\nPackets: sent = %llu, received = %llu, lost = %llu (%u.%u%% loss)",
           (number)counts->sent, (number)counts->received, (number)counts->lost, loss / 10,
           loss % 10);
    if (proto_rtt_outstanding(counts) > 0)
        printf(", not awaited = %llu", (number)proto_rtt_outstanding(counts));
    if (counts->late > 0) printf(", late = %llu", (number)counts->late);
    if (counts->duplicates > 0) printf(", duplicates = %llu", (number)counts->duplicates);
    putchar('\n');
    if (counts->received == 0) return;
    print_ms("RTT: minimum = ", ping->rtt.min, "");
    print_ms(", maximum = ", ping->rtt.max, "");
    print_ms(", average = ", proto_rtt_mean(&ping->rtt), "\n");
}

/* --------------------------------------------------------------------------------------- JSON -- */

static void json_begin(const struct udpping *ping, const char *event, uint64_t when)
{
    int64_t time = (int64_t)when + ping->wall;
    printf("{\"time\":%lld.%09lld,\"event\":\"", (long long)(time / 1000000000),
           (long long)(time % 1000000000));
    for (; *event; event++)
        putchar(*event >= 'A' && *event <= 'Z' ? *event - 'A' + 'a' : *event);
    putchar('"');
}

static void json_arrival(proto_probe_event event, const proto_probe_report *report,
                         const proto_probe_arrival *arrival)
{
    char from[ADDRESS_TEXT], text[SHOWN];
    bool error = event == PROTO_PROBE_ERROR || event == PROTO_PROBE_NOTE;
    address_text(&arrival->source, from);
    printf(",\"from\":\"%s\"", from);
    if (error) {
        printf(",\"type\":%u,\"code\":%u,\"text\":\"%s\"", (unsigned)arrival->type,
               (unsigned)arrival->code,
               proto_icmp_text((proto_family)arrival->destination.family, arrival->type,
                               arrival->code));
    } else {
        printf(",\"message\":\"%s\"", visible_json(arrival->bytes, text, sizeof text));
    }
    if (report->number > 0) printf(",\"rtt_ns\":%llu", (number)report->rtt);
    if (report->reordered) fputs(",\"reordered\":true", stdout);
}

static void json_summary(const struct udpping *ping)
{
    static char text[4096];
    proto_out out = proto_out_of(text, sizeof text);
    if (proto_rtt_json_write(&ping->rtt, NULL, &out) != PROTO_OK) return;
    json_begin(ping, "statistics", clock_exact());
    printf(",\"rtt\":%.*s}\n", (int)out.len, text);
}

/* ------------------------------------------------------------------------------------- either -- */

void say_event(const struct udpping *ping, proto_probe_event event,
               const proto_probe_report *report, const proto_probe_arrival *arrival, uint64_t when)
{
    if (ping->json) {
        json_begin(ping, proto_probe_event_name(event), when);
        if (report->number > 0) printf(",\"sequence\":%u", (unsigned)report->sequence);
        if (arrival) json_arrival(event, report, arrival);
        fputs("}\n", stdout);
    } else {
        print_event(event, report, arrival);
    }
    fflush(stdout);
}

void say_refused(const struct udpping *ping, const proto_probe_report *report, const char *why)
{
    if (ping->json) {
        json_begin(ping, "refused", clock_exact());
        printf(",\"sequence\":%u,\"text\":\"%s\"}\n", (unsigned)report->sequence, why);
    } else {
        printf("Could not be sent: %s\n", why);
    }
    fflush(stdout);
}

void say_summary(const struct udpping *ping)
{
    if (ping->json) {
        json_summary(ping);
    } else {
        print_summary(ping);
    }
}
