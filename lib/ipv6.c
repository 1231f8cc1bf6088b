/* SPDX-License-Identifier: MIT */
/* The header of IPv6 and the headers that extend it (RFC 8200). */
#include "proto/inet.h"

#include "outcome.h"
#include "wire.h"

#include <string.h>

enum { LENGTH = 4, NEXT_HEADER = 6, HOP_LIMIT = 7, SOURCE = 8, DESTINATION = 24 }; /* offsets */

/* Numbers of protocols that are headers of IPv6 (IANA, "IPv6 Extension Header Types"), without the
   one that hides what is behind it. */
enum {
    HOP_BY_HOP = 0,
    ROUTING = 43,
    FRAGMENT = 44,
    AUTHENTICATION = 51,
    DESTINATION_OPTIONS = 60,
    MOBILITY = 135,
    HOST_IDENTITY = 139,
    SHIM6 = 140
};

static bool is_extension(uint8_t protocol)
{
    switch (protocol) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case AUTHENTICATION:
    case DESTINATION_OPTIONS:
    case MOBILITY:
    case HOST_IDENTITY:
    case SHIM6: return true;
    default: return false;
    }
}

/* ----------------------------------------------------------------------------------- reading -- */

/* The datagram's bytes as far as its length covers them, and how far the walk has come. */
typedef struct ipv6_walk {
    proto_slice bytes;
    size_t at;
    unsigned count;
    proto_ipv6 *datagram;
} ipv6_walk;

/* A header's first two bytes say what follows it and, but in a fragment header, how long it is. */
static size_t extension_length(uint8_t protocol, const uint8_t *at)
{
    if (protocol == FRAGMENT) return 8;
    return protocol == AUTHENTICATION ? (at[1] + 2u) * 4u : (at[1] + 1u) * 8u;
}

static void fragment_read(const uint8_t *at, proto_ipv6 *datagram)
{
    uint16_t field = wire_get16(at + 2);
    datagram->fragment = true;
    datagram->offset = field & 0xfff8;
    datagram->more_fragments = field & 1;
    datagram->id = wire_get32(at + 4);
}

/* Passes one extension header. Returns whether it was whole and in its place: hop-by-hop options come
   first or not at all (RFC 8200 section 4.1). */
static bool pass(ipv6_walk *walk)
{
    proto_ipv6 *datagram = walk->datagram;
    size_t left = walk->bytes.len - walk->at;
    const uint8_t *at = walk->bytes.ptr + walk->at;
    if (left < 8 || walk->count == PROTO_IPV6_EXTENSIONS) return false;
    if (datagram->protocol == HOP_BY_HOP && walk->count > 0) return false;
    size_t length = extension_length(datagram->protocol, at);
    if (length > left) return false;
    if (datagram->protocol == FRAGMENT) fragment_read(at, datagram);
    if (datagram->protocol == ROUTING) datagram->segments_left = at[3];
    datagram->protocol = at[0];
    walk->at += length;
    walk->count++;
    return true;
}

/* Behind the header of a later fragment is no header. */
static proto_err extensions_walk(ipv6_walk *walk)
{
    while (is_extension(walk->datagram->protocol) && walk->datagram->offset == 0)
        if (!pass(walk)) return PROTO_ERR_IPV6_EXTENSION;
    return PROTO_OK;
}

static proto_address address_at(const uint8_t *at)
{
    proto_address address = {.family = PROTO_IPV6};
    memcpy(address.octets, at, sizeof address.octets);
    return address;
}

static proto_ipv6 header_at(const uint8_t *at)
{
    return (proto_ipv6){
        .source = address_at(at + SOURCE),
        .destination = address_at(at + DESTINATION),
        .flow_label = wire_get32(at) & 0xfffff,
        .length = wire_get16(at + LENGTH),
        .next_header = at[NEXT_HEADER],
        .protocol = at[NEXT_HEADER],
        .hop_limit = at[HOP_LIMIT],
        .dscp = (uint8_t)(wire_get16(at) >> 6 & 0x3f),
        .ecn = at[1] >> 4 & 3,
    };
}

/* A fragment has the place of its header's length in the longest datagram, and only the last may
   have a length that is no multiple of eight bytes (RFC 8200 section 4.5). */
static bool fragment_fits(const proto_ipv6 *datagram)
{
    return (size_t)datagram->offset + datagram->payload.len <= UINT16_MAX &&
           !(datagram->more_fragments && datagram->payload.len % 8 != 0);
}

/* What the length covers. That of a quote may be 0 because the sender of the error has lost it. */
static proto_slice covered(proto_slice bytes, uint16_t length, unsigned form)
{
    size_t there = bytes.len - PROTO_IPV6_HEADER;
    bool unknown = (form & PROTO_IP_QUOTED) && length == 0;
    size_t end = unknown || length > there ? there : length;
    return proto_slice_of(bytes.ptr, PROTO_IPV6_HEADER + end);
}

proto_err proto_ipv6_read(proto_slice bytes, unsigned form, proto_ipv6 *datagram,
                          proto_fault *fault)
{
    bool quoted = form & PROTO_IP_QUOTED;
    if (bytes.len < PROTO_IPV6_HEADER) return outcome(fault, PROTO_ERR_IP_SHORT, bytes.len);
    if (bytes.ptr[0] >> 4 != 6) return outcome(fault, PROTO_ERR_IP_VERSION, 0);
    proto_ipv6 result = header_at(bytes.ptr);
    result.truncated = result.length > bytes.len - PROTO_IPV6_HEADER;
    if (result.truncated && !quoted) return outcome(fault, PROTO_ERR_IP_LENGTH, LENGTH);
    ipv6_walk walk = {covered(bytes, result.length, form), PROTO_IPV6_HEADER, 0, &result};
    proto_err err = extensions_walk(&walk);
    if (err != PROTO_OK && !quoted) return outcome(fault, err, walk.at);
    result.extensions = proto_slice_of(bytes.ptr + PROTO_IPV6_HEADER, walk.at - PROTO_IPV6_HEADER);
    result.payload = proto_slice_of(bytes.ptr + walk.at, walk.bytes.len - walk.at);
    if (!quoted && !fragment_fits(&result)) return outcome(fault, PROTO_ERR_IP_FRAGMENT, LENGTH);
    *datagram = result;
    return outcome(fault, PROTO_OK, 0);
}

/* ----------------------------------------------------------------------------------- writing -- */

proto_err proto_ipv6_write(const proto_ipv6 *datagram, size_t payload, proto_out *out)
{
    proto_out before = *out;
    uint8_t header[PROTO_IPV6_HEADER];
    size_t extensions = datagram->extensions.len;
    if (payload > UINT16_MAX || extensions > UINT16_MAX - payload) return PROTO_ERR_IP_LENGTH;
    uint32_t traffic_class = (uint8_t)(datagram->dscp << 2 | (datagram->ecn & 3));
    wire_put32(header, 6u << 28 | traffic_class << 20 | (datagram->flow_label & 0xfffff));
    wire_put16(header + LENGTH, (uint16_t)(extensions + payload));
    header[NEXT_HEADER] = datagram->next_header;
    header[HOP_LIMIT] = datagram->hop_limit;
    memcpy(header + SOURCE, datagram->source.octets, 16);
    memcpy(header + DESTINATION, datagram->destination.octets, 16);
    proto_out_put(out, header, sizeof header);
    proto_out_slice(out, datagram->extensions);
    return outcome_of_writing(out, before, PROTO_OK);
}
