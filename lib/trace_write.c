/* SPDX-License-Identifier: MIT */
/* The probes of a trace, and what can be said of them without an engine. */
#include "trace_wire.h"
#include "wire.h"

#include <string.h>

enum { PROTOCOL_UDP = 17, PROTOCOL_ICMP6 = 58 };

uint16_t trace_port(const proto_trace *trace, uint32_t index)
{
    uint16_t first = trace->config.destination.port;
    if (trace_is_icmp(trace) || trace->config.flow == PROTO_TRACE_PARIS) return first;
    /* Never past 65535, to ports where somebody listens: from there it is the first again. */
    return (uint16_t)(first + index % (0x10000u - first));
}

/* Of the message of a probe: of its header and payload. */
static uint16_t message_size(const proto_trace *trace)
{
    return (uint16_t)(trace->size - trace_header_size(&trace->config) + PROTO_UDP_HEADER);
}

static void fill_payload(const proto_trace *trace, uint32_t index, uint8_t *payload, size_t len)
{
    uint32_t number = trace_number(trace, index);
    wire_put16(payload + TRACE_TAG, trace_tag(trace, number));
    wire_put16(payload + TRACE_BALANCE, 0);
    trace_cookie(trace, number, payload + TRACE_COOKIE);
    for (size_t i = PROTO_TRACE_STAMP; i < len; i++)
        payload[i] = trace_filling(i);
}

/* Sets the two bytes of the payload that make `checksum` the checksum, which must be neither 0 nor
   0xffff. `sum` is that of all that it covers, these two as 0. */
static void balance(uint8_t *payload, const proto_checksum *sum, uint16_t checksum)
{
    uint32_t word = (uint32_t)proto_checksum_value(sum) + (uint16_t)~checksum;
    wire_put16(payload + TRACE_BALANCE, (uint16_t)(word + (word >> 16)));
}

static void add_pseudo_header(const proto_trace *trace, uint8_t protocol, proto_checksum *sum)
{
    proto_checksum_pseudo_header(sum, &trace->config.source, &trace->config.destination, protocol,
                                 message_size(trace));
}

/* Where the header is not written, it stands in its place all the same until it has been summed. */
static void fill_udp(const proto_trace *trace, uint32_t index, uint8_t header[PROTO_UDP_HEADER],
                     uint8_t *payload, size_t len)
{
    uint16_t tag = trace_tag(trace, trace_number(trace, index));
    wire_put16(header, trace->config.source.port);
    wire_put16(header + 2, trace_port(trace, index));
    wire_put16(header + 4, message_size(trace));
    wire_put16(header + 6, 0);
    fill_payload(trace, index, payload, len);
    proto_checksum sum = {0};
    add_pseudo_header(trace, PROTOCOL_UDP, &sum);
    proto_checksum_add(&sum, header, PROTO_UDP_HEADER);
    proto_checksum_add(&sum, payload, len);
    balance(payload, &sum, tag);
    wire_put16(header + 6, tag);
}

static void fill_echo(const proto_trace *trace, uint32_t index, uint8_t *message, size_t len)
{
    bool ipv4 = trace->config.source.family == PROTO_IPV4;
    uint8_t *payload = message + PROTO_UDP_HEADER;
    message[0] = ipv4 ? 8 : 128;
    message[1] = 0;
    wire_put16(message + 2, 0);
    wire_put16(message + 4, trace->config.identifier);
    wire_put16(message + 6, trace_tag(trace, trace_number(trace, index)));
    fill_payload(trace, index, payload, len - PROTO_UDP_HEADER);
    proto_checksum sum = {0};
    if (!ipv4) add_pseudo_header(trace, PROTOCOL_ICMP6, &sum);
    proto_checksum_add(&sum, message, len);
    bool paris = trace->config.flow == PROTO_TRACE_PARIS;
    if (paris) balance(payload, &sum, trace->flat);
    if (ipv4) wire_put16(message + 2, paris ? trace->flat : proto_checksum_value(&sum));
}

bool trace_write(const proto_trace *trace, uint32_t index, proto_out *out)
{
    size_t size = message_size(trace);
    size_t left_out = trace_is_icmp(trace) || trace->config.with_header ? 0 : PROTO_UDP_HEADER;
    if (out->failed || size - left_out > out->cap - out->len) {
        out->failed = true;
        return false;
    }
    uint8_t *at = out->ptr + out->len, header[PROTO_UDP_HEADER];
    if (trace_is_icmp(trace)) {
        fill_echo(trace, index, at, size);
    } else {
        uint8_t *payload = at + PROTO_UDP_HEADER - left_out;
        fill_udp(trace, index, left_out ? header : at, payload, size - PROTO_UDP_HEADER);
    }
    out->len += size - left_out;
    return true;
}

uint16_t trace_unfinished_checksum(const proto_trace *trace, uint32_t index)
{
    proto_checksum sum = {0};
    uint32_t length = trace_probe(trace, index)->size - trace_header_size(&trace->config);
    proto_checksum_pseudo_header(&sum, &trace->config.source, &trace->config.destination,
                                 PROTOCOL_UDP, length + PROTO_UDP_HEADER);
    return (uint16_t)~proto_checksum_value(&sum);
}

unsigned proto_trace_way_back(int16_t ttl)
{
    int first = ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
    return ttl < 0 ? 0 : (unsigned)(first - ttl + 1);
}

proto_slice proto_trace_objects(const proto_trace_probe *probe)
{
    return proto_slice_of(probe->objects, probe->objects_size);
}

proto_err proto_trace_mark_write(const proto_trace_probe *probe, proto_out *out)
{
    proto_icmp message = {
        .kind = (proto_icmp_kind)probe->kind,
        .family = probe->family,
        .type = probe->type,
        .code = probe->code,
        .mtu = probe->mtu,
    };
    if (probe->state != PROTO_TRACE_STATE_ANSWERED) return PROTO_OK;
    return proto_icmp_mark_write(&message, out);
}
