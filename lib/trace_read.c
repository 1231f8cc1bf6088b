/* SPDX-License-Identifier: MIT */
/* What arrives at a trace: what it says, and about which probe. */
#include "trace_wire.h"
#include "wire.h"

#include <string.h>

enum { PROTOCOL_ICMP4 = 1, PROTOCOL_UDP = 17, PROTOCOL_ICMP6 = 58 };

/* What is known of a datagram that may be a probe of ours: from a quote, from what the error queue
   has returned, from a reply. What is not known says so. */
typedef struct sighting {
    proto_slice data;          /* its payload, as far as it is there */
    proto_address source;      /* may be of no family */
    proto_address destination; /* with UDP, and its port */
    bool has_source_port;
    bool has_tag;      /* where the tag belongs, in the UDP or ICMP header */
    bool has_checksum; /* it is known whether somebody has changed it */
    uint16_t tag;
    uint16_t checksum;
    uint16_t id; /* ICMP */
    bool has_id;
} sighting;

/* ---------------------------------------------------------------------------------- matching -- */

/* Whether the data can be what is left of the payload of the probe of that number. Its balance is
   not compared: who knows the cookie knows that too. */
static bool data_fits(const proto_trace *trace, uint32_t number, proto_slice data)
{
    uint8_t stamp[PROTO_TRACE_STAMP];
    uint16_t tag = trace_tag(trace, number);
    size_t len = data.len < sizeof stamp ? data.len : sizeof stamp;
    stamp[TRACE_TAG] = (uint8_t)(tag >> 8);
    stamp[TRACE_TAG + 1] = (uint8_t)tag;
    for (size_t i = TRACE_BALANCE; i < TRACE_COOKIE; i++)
        stamp[i] = i < len ? data.ptr[i] : 0;
    trace_cookie(trace, number, stamp + TRACE_COOKIE);
    return len == 0 || memcmp(stamp, data.ptr, len) == 0;
}

/* Without the zeros at its end, which may be there to fill an extended error up to 128 bytes (RFC
   4884 section 5.1). */
static proto_slice without_padding(proto_slice data)
{
    while (data.len > 0 && data.ptr[data.len - 1] == 0)
        data.len--;
    return data;
}

static bool has_cookie(const proto_trace *trace, proto_slice data, uint32_t *number)
{
    if (data.len < PROTO_TRACE_STAMP) return false;
    *number = trace_number_of_tag(trace, wire_get16(data.ptr + TRACE_TAG));
    return data_fits(trace, *number, data);
}

static bool checksum_is_changed(const proto_trace *trace, uint32_t number, uint16_t checksum)
{
    uint32_t index = number % trace_capacity(trace);
    if (trace_is_icmp(trace))
        return trace->config.flow == PROTO_TRACE_PARIS && checksum != trace->flat;
    return checksum != trace_tag(trace, number) &&
           checksum != trace_unfinished_checksum(trace, index);
}

static bool port_is_changed(const proto_trace *trace, uint32_t number, const sighting *seen)
{
    if (trace_is_icmp(trace)) return seen->has_id && seen->id != trace->config.identifier;
    if (seen->has_source_port && seen->source.port != trace->config.source.port) return true;
    return seen->destination.port != trace_port(trace, number % trace_capacity(trace));
}

static uint8_t changes(const proto_trace *trace, uint32_t number, const sighting *seen)
{
    const proto_trace_config *config = &trace->config;
    unsigned bits = 0;
    if (seen->source.family && !proto_address_same_host(&seen->source, &config->source))
        bits |= PROTO_TRACE_CHANGED_SOURCE;
    if (!proto_address_same_host(&seen->destination, &config->destination))
        bits |= PROTO_TRACE_CHANGED_DESTINATION;
    if (port_is_changed(trace, number, seen)) bits |= PROTO_TRACE_CHANGED_PORT;
    if (seen->has_checksum && checksum_is_changed(trace, number, seen->checksum))
        bits |= PROTO_TRACE_CHANGED_CHECKSUM;
    return (uint8_t)bits;
}

/* The probe to which a port of its own belongs. */
static bool number_of_port(const proto_trace *trace, uint16_t port, uint32_t *number)
{
    uint16_t first = trace->config.destination.port;
    uint32_t capacity = trace_capacity(trace);
    if (trace_is_icmp(trace) || trace->config.flow == PROTO_TRACE_PARIS) return false;
    if (port < first || (uint32_t)(port - first) >= capacity) return false;
    if (capacity > 0x10000u - first) return false; /* several have the same */
    *number = trace_number(trace, (uint32_t)(port - first));
    return true;
}

/* Without a cookie all else must be right. */
static bool is_sighted_by(const proto_trace *trace, uint32_t number, proto_slice data,
                          const sighting *seen)
{
    return data_fits(trace, number, data) &&
           !(changes(trace, number, seen) & ~(unsigned)PROTO_TRACE_CHANGED_CHECKSUM);
}

/* Which probe it is. */
static bool sighted(const proto_trace *trace, const sighting *seen, uint32_t *number)
{
    if (has_cookie(trace, seen->data, number)) return true;
    proto_slice data = without_padding(seen->data);
    if (seen->has_tag) {
        *number = trace_number_of_tag(trace, seen->tag);
        if (is_sighted_by(trace, *number, data, seen)) return true;
    }
    return number_of_port(trace, seen->destination.port, number) &&
           is_sighted_by(trace, *number, data, seen);
}

/* Whether something that is no probe of ours looks as if it were one. */
static bool looks_like_ours(const proto_trace *trace, const sighting *seen)
{
    const proto_trace_config *config = &trace->config;
    if (!proto_address_same_host(&seen->destination, &config->destination)) return false;
    if (trace_is_icmp(trace)) return !seen->has_id || seen->id == config->identifier;
    return !seen->has_source_port || seen->source.port == config->source.port;
}

/* What the reading says once it is known what has been seen. */
static void settle(const proto_trace *trace, const sighting *seen, trace_reading *reading)
{
    uint32_t number;
    if (!sighted(trace, seen, &number)) {
        reading->event = looks_like_ours(trace, seen) ? PROTO_TRACE_EVENT_UNKNOWN
                                                      : PROTO_TRACE_EVENT_FOREIGN;
        return;
    }
    uint32_t capacity = trace_capacity(trace), attempt = number / capacity;
    reading->index = number % capacity;
    reading->changed = changes(trace, number, seen);
    uint32_t latest = trace_probe(trace, reading->index)->attempt;
    reading->event = PROTO_TRACE_EVENT_ANSWER;
    if (attempt < latest) reading->event = PROTO_TRACE_EVENT_DUPLICATE;
    if (attempt > latest) reading->event = PROTO_TRACE_EVENT_UNKNOWN;
}

/* ------------------------------------------------------------------------------------ errors -- */

static bool says_port_unreachable(const proto_trace *trace, const proto_icmp *icmp)
{
    uint8_t code = icmp->family == PROTO_IPV4 ? PROTO_ICMP4_PORT_UNREACHABLE
                                              : PROTO_ICMP6_PORT_UNREACHABLE;
    return !trace_is_icmp(trace) && icmp->kind == PROTO_ICMP_UNREACHABLE && icmp->code == code;
}

/* What an error means to the probe that it is about. Whoever says from the destination's address
   that something is wrong there is the destination. */
static void judge(const proto_trace *trace, const proto_icmp *icmp, trace_reading *reading)
{
    bool here = proto_address_same_host(&reading->source, &trace->config.destination);
    reading->step = PROTO_TRACE_STEP_NOTE;
    if (icmp->kind == PROTO_ICMP_TIME_EXCEEDED && icmp->code == 0) {
        reading->step = PROTO_TRACE_STEP_ANSWER;
        reading->answer = PROTO_TRACE_EXCEEDED;
    } else if (icmp->kind == PROTO_ICMP_TOO_BIG) {
        reading->step = PROTO_TRACE_STEP_TOO_BIG;
        reading->answer = PROTO_TRACE_UNREACHABLE;
    } else if (icmp->kind == PROTO_ICMP_UNREACHABLE || icmp->kind == PROTO_ICMP_PARAMETER_PROBLEM) {
        reading->step = PROTO_TRACE_STEP_ANSWER;
        reading->answer = here || says_port_unreachable(trace, icmp) ? PROTO_TRACE_REACHED
                                                                     : PROTO_TRACE_UNREACHABLE;
    }
}

static sighting sighting_of_quote(const proto_trace *trace, const proto_icmp_quote *quote)
{
    sighting seen = {.source = quote->source, .destination = quote->destination};
    size_t header = PROTO_UDP_HEADER;
    if (quote->transport.len >= header) {
        seen.data = proto_slice_of(quote->transport.ptr + header, quote->transport.len - header);
        seen.has_checksum = true;
        seen.checksum = quote->checksum;
    }
    if (trace_is_icmp(trace)) {
        seen.has_id = seen.has_tag = quote->has_echo;
        seen.id = quote->echo_id;
        seen.tag = quote->echo_sequence;
    } else {
        seen.has_source_port = true;
        seen.has_tag = seen.has_checksum;
        seen.tag = quote->checksum;
    }
    return seen;
}

/* Whether a datagram of that kind is sent here at all. A later fragment holds no header, and says
   so by having neither ports nor an identifier. */
static bool is_of_our_kind(const proto_trace *trace, const proto_icmp_quote *quote)
{
    bool ipv4 = trace->config.source.family == PROTO_IPV4;
    if (!trace_is_icmp(trace)) return quote->protocol == PROTOCOL_UDP && quote->has_ports;
    return quote->protocol == (ipv4 ? PROTOCOL_ICMP4 : PROTOCOL_ICMP6) && quote->has_echo &&
           quote->echo_type == (ipv4 ? 8 : 128);
}

static void read_error(const proto_trace *trace, const proto_icmp *icmp, trace_reading *reading)
{
    proto_icmp_quote quote;
    if (proto_icmp_quote_read(icmp, &quote, NULL) != PROTO_OK) {
        reading->event = PROTO_TRACE_EVENT_CORRUPTED;
        return;
    }
    if (!is_of_our_kind(trace, &quote)) return;
    sighting seen = sighting_of_quote(trace, &quote);
    reading->quoted_ttl = quote.ttl;
    settle(trace, &seen, reading);
    judge(trace, icmp, reading);
}

/* ----------------------------------------------------------------------------------- replies -- */

static sighting sighting_of_echo(const proto_trace *trace, const proto_icmp *icmp)
{
    return (sighting){
        .data = icmp->payload,
        .destination = trace->config.destination,
        .has_id = true,
        .id = icmp->id,
        .has_tag = true,
        .tag = icmp->sequence,
    };
}

/* Whether a reply bears all that was sent. */
static bool is_whole(const proto_trace *trace, uint32_t index, proto_slice data)
{
    size_t len = trace_probe(trace, index)->size - trace_header_size(&trace->config);
    if (data.len != len) return false;
    for (size_t i = PROTO_TRACE_STAMP; i < len; i++)
        if (data.ptr[i] != trace_filling(i)) return false;
    return true;
}

static void read_echo(const proto_trace *trace, const proto_icmp *icmp, trace_reading *reading)
{
    sighting seen = sighting_of_echo(trace, icmp);
    bool request = icmp->kind == PROTO_ICMP_ECHO_REQUEST;
    uint32_t number;
    if (!trace_is_icmp(trace) || icmp->id != trace->config.identifier) return;
    if (request) {
        if (has_cookie(trace, icmp->payload, &number)) reading->event = PROTO_TRACE_EVENT_OWN;
        return;
    }
    reading->step = PROTO_TRACE_STEP_ANSWER;
    reading->answer = PROTO_TRACE_REACHED;
    settle(trace, &seen, reading);
    if (!proto_address_same_host(&reading->source, &trace->config.destination))
        reading->event = PROTO_TRACE_EVENT_UNKNOWN;
    if (reading->event == PROTO_TRACE_EVENT_ANSWER &&
        !is_whole(trace, reading->index, icmp->payload))
        reading->event = PROTO_TRACE_EVENT_CORRUPTED;
}

/* A datagram from a port of the destination: whatever listens there has answered. It says to which
   probe by its first two bytes, as a service does that repeats what it was asked or an identifier
   in it; or by its port. */
static void read_datagram(const proto_trace *trace, const proto_probe_arrival *arrival,
                          trace_reading *reading)
{
    sighting seen = {.destination = arrival->source};
    if (!proto_address_same_host(&arrival->source, &trace->config.destination)) return;
    if (arrival->bytes.len >= 2) {
        seen.has_tag = true;
        seen.tag = wire_get16(arrival->bytes.ptr);
    }
    reading->step = PROTO_TRACE_STEP_ANSWER;
    reading->answer = PROTO_TRACE_REACHED;
    settle(trace, &seen, reading);
}

/* --------------------------------------------------------------------------- the error queue -- */

static proto_icmp_kind kind_of(proto_family family, uint8_t type, uint8_t code)
{
    static const proto_icmp_kind errors[] = {
        PROTO_ICMP_UNREACHABLE,       PROTO_ICMP_TOO_BIG,       PROTO_ICMP_TIME_EXCEEDED,
        PROTO_ICMP_PARAMETER_PROBLEM, PROTO_ICMP_SOURCE_QUENCH, PROTO_ICMP_REDIRECT,
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        uint8_t own;
        if (!proto_icmp_type_of(family, errors[i], &own) || own != type) continue;
        bool too_big = family == PROTO_IPV4 && errors[i] == PROTO_ICMP_UNREACHABLE && code == 4;
        return too_big ? PROTO_ICMP_TOO_BIG : errors[i];
    }
    return PROTO_ICMP_OTHER_ERROR;
}

static sighting sighting_of_returned(const proto_trace *trace, const proto_probe_arrival *arrival)
{
    sighting seen = {.destination = arrival->destination, .data = arrival->bytes};
    if (!trace_is_icmp(trace)) return seen;
    bool whole = arrival->bytes.len >= PROTO_UDP_HEADER;
    seen.data = whole ? proto_slice_of(arrival->bytes.ptr + PROTO_UDP_HEADER,
                                       arrival->bytes.len - PROTO_UDP_HEADER)
                      : proto_slice_of(NULL, 0);
    seen.has_tag = whole;
    seen.tag = whole ? wire_get16(arrival->bytes.ptr + 6) : 0;
    return seen;
}

static void read_returned(const proto_trace *trace, const proto_probe_arrival *arrival,
                          trace_reading *reading, proto_trace_report *report)
{
    proto_family family = (proto_family)trace->config.source.family;
    sighting seen = sighting_of_returned(trace, arrival);
    report->icmp = (proto_icmp){
        .family = (uint8_t)family,
        .kind = kind_of(family, arrival->type, arrival->code),
        .type = arrival->type,
        .code = arrival->code,
    };
    if (report->icmp.kind == PROTO_ICMP_TOO_BIG) report->icmp.mtu = arrival->info;
    report->has_icmp = true;
    settle(trace, &seen, reading);
    judge(trace, &report->icmp, reading);
}

/* ------------------------------------------------------------------------------------- forms -- */

static void read_message(const proto_trace *trace, const proto_probe_arrival *arrival,
                         proto_slice bytes, trace_reading *reading, proto_trace_report *report)
{
    proto_icmp_config config = {
        .family = (proto_family)trace->config.source.family,
        .flags = PROTO_ICMP_GUESS_EXTENSIONS |
                 (arrival->verified ? (unsigned)PROTO_ICMP_SYSTEM_CHECKSUM : 0),
        .source = &arrival->source,
        .destination = &trace->config.source,
    };
    if (proto_icmp_read(bytes, &config, &report->icmp, NULL) != PROTO_OK) {
        reading->event = PROTO_TRACE_EVENT_CORRUPTED;
        return;
    }
    report->has_icmp = true;
    proto_icmp_kind kind = report->icmp.kind;
    if (proto_icmp_is_error(kind)) read_error(trace, &report->icmp, reading);
    if (kind == PROTO_ICMP_ECHO_REPLY || kind == PROTO_ICMP_ECHO_REQUEST)
        read_echo(trace, &report->icmp, reading);
}

static void read_packet(const proto_trace *trace, const proto_probe_arrival *arrival,
                        trace_reading *reading, proto_trace_report *report)
{
    proto_ipv4 packet;
    if (proto_ipv4_read(arrival->bytes, 0, &packet, NULL) != PROTO_OK) {
        reading->event = PROTO_TRACE_EVENT_CORRUPTED;
        return;
    }
    if (packet.protocol != PROTOCOL_ICMP4 || packet.offset > 0 || packet.more_fragments) return;
    reading->source = packet.source;
    reading->ttl = packet.ttl;
    read_message(trace, arrival, packet.payload, reading, report);
}

void trace_read(const proto_trace *trace, const proto_probe_arrival *arrival,
                trace_reading *reading, proto_trace_report *report)
{
    *reading = (trace_reading){
        .event = PROTO_TRACE_EVENT_FOREIGN,
        .source = arrival->source,
        .ttl = arrival->ttl,
        .quoted_ttl = -1,
    };
    if (arrival->form == PROTO_PROBE_RETURNED)
        read_returned(trace, arrival, reading, report);
    else if (!trace_is_icmp(trace) && arrival->source.port != 0)
        read_datagram(trace, arrival, reading);
    else if (arrival->form == PROTO_PROBE_PACKET)
        read_packet(trace, arrival, reading, report);
    else
        read_message(trace, arrival, arrival->bytes, reading, report);
}
