/* SPDX-License-Identifier: MIT */
/* What the server of heartbeats says of each event: a line for people, or of JSON. */
#include "heartbeatd.h"

#include <stdio.h>

#include "address.h"
#include "clock.h"
#include "visible.h"

typedef unsigned long long number;

enum { NAME = PROTO_HEARTBEAT_ID + ADDRESS_TEXT + 4, SHOWN = 300 };

/* --------------------------------------------------------------------------------- for people -- */

/* Its identifier and address, or its address and port. An identifier holds nothing that could
   deceive. */
static const char *name_of(const proto_heartbeat_peer *peer, char name[NAME])
{
    char address[ADDRESS_TEXT];
    if (peer->id_length == 0) {
        address_text_with_port(&peer->address, name);
        return name;
    }
    address_text(&peer->address, address);
    snprintf(name, NAME, "%.*s (%s)", (int)peer->id_length, (const char *)peer->id, address);
    return name;
}

static void print_ms(const char *before, int64_t time)
{
    uint64_t size = time < 0 ? (uint64_t)0 - (uint64_t)time : (uint64_t)time;
    uint64_t us = (size + 500) / 1000;
    printf("%s%s%llu.%03u ms", before, time < 0 && us > 0 ? "-" : "", (number)(us / 1000),
           (unsigned)(us % 1000));
}

static void print_seconds(const char *before, uint64_t time)
{
    uint64_t ms = (time + 500000) / 1000000;
    printf("%s%llu.%03u s", before, (number)(ms / 1000), (unsigned)(ms % 1000));
}

static void print_numbers(uint64_t first, uint64_t count)
{
    printf("%llu", (number)first);
    if (count > 1) printf(" to %llu (%llu heartbeats)", (number)(first + count - 1), (number)count);
}

static void print_beat(const char *what, const proto_heartbeat_report *report)
{
    printf("%s%llu", what, (number)report->beat.sequence);
    print_ms(", time difference ", report->difference);
    if (report->stepped) fputs(", a clock was set", stdout);
}

static void print_what_happened(proto_heartbeat_event event, const proto_heartbeat_report *report)
{
    switch (event) {
    case PROTO_HEARTBEAT_FIRST: print_beat("first heard, number ", report); break;
    case PROTO_HEARTBEAT_BEAT:
        print_beat("number ", report);
        if (report->count == 0) break;
        fputs(", missing ", stdout);
        print_numbers(report->first, report->count);
        break;
    case PROTO_HEARTBEAT_BACK:
        print_seconds("back after ", report->silence);
        print_beat(report->restarted ? ", started anew, number " : ", number ", report);
        break;
    case PROTO_HEARTBEAT_RESTARTED: print_beat("started anew, number ", report); break;
    case PROTO_HEARTBEAT_LEFT: print_beat("says goodbye, number ", report); break;
    case PROTO_HEARTBEAT_REORDERED: print_beat("overtaken, number ", report); break;
    case PROTO_HEARTBEAT_DUPLICATE: print_beat("once more, number ", report); break;
    case PROTO_HEARTBEAT_LATE: print_beat("too late, number ", report); break;
    case PROTO_HEARTBEAT_DOUBTFUL: print_beat("doubtful, number ", report); break;
    case PROTO_HEARTBEAT_LOST:
        fputs("lost ", stdout);
        print_numbers(report->first, report->count);
        break;
    case PROTO_HEARTBEAT_STOPPED:
        print_seconds("stopped, nothing heard for ", report->silence);
        break;
    case PROTO_HEARTBEAT_NONE:
    case PROTO_HEARTBEAT_MALFORMED:
    case PROTO_HEARTBEAT_FULL: break;
    }
}

static void print_strange(const proto_heartbeat_report *report, const struct datagram *datagram)
{
    char from[ADDRESS_TEXT], text[SHOWN];
    address_text_with_port(&datagram->from, from);
    if (report->fault.err == PROTO_OK) {
        printf("%s: there is no room for another sender\n", from);
        return;
    }
    printf("%s: not a heartbeat, %s, at byte %llu of: %s\n", from,
           proto_err_text(report->fault.err), (number)report->fault.offset,
           visible(datagram->bytes, text, sizeof text));
}

static void print_event(proto_heartbeat_event event, const proto_heartbeat_report *report,
                        const struct datagram *datagram)
{
    char name[NAME];
    if (!report->peer) {
        print_strange(report, datagram);
        return;
    }
    printf("%s: ", name_of(report->peer, name));
    print_what_happened(event, report);
    if (report->restarted && report->count > 0) printf(", %llu given up", (number)report->count);
    putchar('\n');
}

/* --------------------------------------------------------------------------------------- JSON -- */

static void json_begin(const struct server *server, const char *event, uint64_t when)
{
    int64_t time = (int64_t)when + server->wall;
    printf("{\"time\":%lld.%09lld,\"event\":\"", (long long)(time / 1000000000),
           (long long)(time % 1000000000));
    for (; *event; event++)
        putchar(*event >= 'A' && *event <= 'Z' ? *event - 'A' + 'a' : *event);
    putchar('"');
}

static void json_sender(const proto_address *address, const uint8_t *id, size_t id_length)
{
    char text[ADDRESS_TEXT];
    address_text(address, text);
    printf(",\"address\":\"%s\",\"port\":%u", text, (unsigned)address->port);
    if (id_length > 0) printf(",\"id\":\"%.*s\"", (int)id_length, (const char *)id);
}

static void json_beat(const proto_heartbeat_report *report)
{
    printf(",\"sequence\":%llu,\"difference_ns\":%lld", (number)report->beat.sequence,
           (long long)report->difference);
    if (report->stepped) fputs(",\"stepped\":true", stdout);
    if (report->restarted) fputs(",\"restarted\":true", stdout);
    if (report->peer) printf(",\"jitter_ns\":%llu", (number)report->peer->jitter);
}

static void json_counts(const proto_heartbeat_peer *peer)
{
    const proto_heartbeat_counts *counts = &peer->counts;
    printf(",\"received\":%llu,\"lost\":%llu,\"pending\":%llu,\"reordered\":%llu,"
           "\"duplicates\":%llu,\"late\":%llu,\"restarts\":%llu,\"stops\":%llu",
           (number)counts->received, (number)counts->lost, (number)proto_heartbeat_pending(peer),
           (number)counts->reordered, (number)counts->duplicates, (number)counts->late,
           (number)counts->restarts, (number)counts->stops);
}

static void json_event(const struct server *server, proto_heartbeat_event event,
                       const proto_heartbeat_report *report, const struct datagram *datagram,
                       uint64_t when)
{
    char text[SHOWN];
    const proto_heartbeat_peer *peer = report->peer;
    json_begin(server, proto_heartbeat_event_name(event), when);
    if (peer) {
        json_sender(&peer->address, peer->id, peer->id_length);
    } else {
        json_sender(&datagram->from, report->beat.id.ptr, report->beat.id.len);
    }
    if (event == PROTO_HEARTBEAT_MALFORMED) {
        printf(",\"text\":\"%s\",\"offset\":%llu,\"bytes\":\"%s\"",
               proto_err_text(report->fault.err), (number)report->fault.offset,
               visible_json(datagram->bytes, text, sizeof text));
    } else if (datagram) {
        json_beat(report);
    }
    if (report->count > 0)
        printf(",\"first\":%llu,\"count\":%llu", (number)report->first, (number)report->count);
    if (report->silence > 0) printf(",\"silence_ns\":%llu", (number)report->silence);
    if (peer && !datagram) json_counts(peer);
    fputs("}\n", stdout);
}

/* ------------------------------------------------------------------------------------- either -- */

/* Whoever sends rubbish by the thousand fills no log with it. */
static bool is_too_much(struct server *server, const proto_heartbeat_report *report, uint64_t when)
{
    if (report->peer) return false;
    if (when - server->strange_since >= SECONDS(1)) {
        server->strange_since = when;
        server->strange = 0;
    }
    return server->strange++ >= MAX_STRANGE;
}

void say_event(struct server *server, proto_heartbeat_event event,
               const proto_heartbeat_report *report, const struct datagram *datagram, uint64_t when)
{
    if (event == PROTO_HEARTBEAT_BEAT && server->options.quiet && report->count == 0) return;
    if (is_too_much(server, report, when)) return;
    table_clear(server);
    if (server->options.json) {
        json_event(server, event, report, datagram, when);
    } else {
        print_event(event, report, datagram);
    }
}

void say_overflow(struct server *server, uint32_t count)
{
    table_clear(server);
    if (server->options.json) {
        json_begin(server, "overflow", clock_exact());
        printf(",\"count\":%u}\n", (unsigned)count);
    } else {
        printf("%u datagrams were lost here, because this program was too slow\n", (unsigned)count);
    }
}
