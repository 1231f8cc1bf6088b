/* SPDX-License-Identifier: MIT */
/* The datagram that an error quotes, and whether one may be quoted. */
#include "proto/icmp.h"

#include "icmp_layout.h"
#include "outcome.h"
#include "wire.h"

#include <string.h>

enum { TCP = 6, UDP = 17, DCCP = 33, SCTP = 132, UDP_LITE = 136 };

/* ------------------------------------------------------------------------------------ quotes -- */

static void ports_read(proto_icmp_quote *quote)
{
    quote->has_ports = true;
    quote->source.port = wire_get16(quote->transport.ptr);
    quote->destination.port = wire_get16(quote->transport.ptr + 2);
}

/* Queries and their replies have an identifier and a sequence number. */
static bool is_query(proto_icmp_kind kind)
{
    return kind != PROTO_ICMP_OTHER && !proto_icmp_is_error(kind);
}

static void echo_read(proto_icmp_quote *quote, proto_family family)
{
    const uint8_t *at = quote->transport.ptr;
    proto_icmp_kind kind = icmp_kind_of(family, at[0], at[1]);
    if (!is_query(kind)) return;
    bool extended = kind == PROTO_ICMP_EXTENDED_ECHO_REQUEST ||
                    kind == PROTO_ICMP_EXTENDED_ECHO_REPLY;
    quote->has_echo = true;
    quote->echo_type = at[0];
    quote->echo_id = wire_get16(at + 4);
    quote->echo_sequence = extended ? at[6] : wire_get16(at + 6);
}

/* Reads the header of the upper protocol as far as it is there. */
static void transport_read(proto_icmp_quote *quote, proto_family family)
{
    const uint8_t *at = quote->transport.ptr;
    size_t len = quote->transport.len;
    uint8_t protocol = quote->protocol;
    bool icmp = protocol == (family == PROTO_IPV6 ? ICMP6_PROTOCOL : ICMP_PROTOCOL);
    bool udp = protocol == UDP || protocol == UDP_LITE;
    if (len >= 4 && (udp || protocol == TCP || protocol == DCCP || protocol == SCTP))
        ports_read(quote);
    if (len >= 4 && icmp) quote->checksum = wire_get16(at + ICMP_CHECKSUM);
    if (len >= 8 && udp) quote->checksum = wire_get16(at + 6);
    if (len >= 8 && icmp) echo_read(quote, family);
}

static proto_err ipv4_quote_read(proto_slice bytes, proto_icmp_quote *quote, proto_fault *fault)
{
    proto_ipv4 datagram;
    proto_err err = proto_ipv4_read(bytes, PROTO_IP_QUOTED, &datagram, fault);
    if (err != PROTO_OK) return err;
    *quote = (proto_icmp_quote){
        .source = datagram.source,
        .destination = datagram.destination,
        .transport = datagram.payload,
        .length = datagram.length,
        .id = datagram.id,
        .offset = datagram.offset,
        .protocol = datagram.protocol,
        .ttl = datagram.ttl,
        .dscp = datagram.dscp,
        .ecn = datagram.ecn,
        .more_fragments = datagram.more_fragments,
        .truncated = datagram.truncated,
    };
    return err;
}

static proto_err ipv6_quote_read(proto_slice bytes, proto_icmp_quote *quote, proto_fault *fault)
{
    proto_ipv6 datagram;
    proto_err err = proto_ipv6_read(bytes, PROTO_IP_QUOTED, &datagram, fault);
    if (err != PROTO_OK) return err;
    *quote = (proto_icmp_quote){
        .source = datagram.source,
        .destination = datagram.destination,
        .transport = datagram.payload,
        .length = PROTO_IPV6_HEADER + (uint32_t)datagram.length,
        .id = datagram.id,
        .offset = datagram.offset,
        .protocol = datagram.protocol,
        .ttl = datagram.hop_limit,
        .dscp = datagram.dscp,
        .ecn = datagram.ecn,
        .more_fragments = datagram.more_fragments,
        .truncated = datagram.truncated,
    };
    return err;
}

proto_err proto_icmp_quote_read(const proto_icmp *message, proto_icmp_quote *quote,
                                proto_fault *fault)
{
    bool ipv6 = message->family == PROTO_IPV6;
    if (!proto_icmp_is_error(message->kind) || message->payload.len == 0)
        return outcome(fault, PROTO_ERR_ICMP_QUOTE, 0);
    proto_err err = ipv6 ? ipv6_quote_read(message->payload, quote, fault)
                         : ipv4_quote_read(message->payload, quote, fault);
    if (err != PROTO_OK) return err;
    if (quote->offset > 0)
        quote->transport = proto_slice_of(NULL, 0); /* the middle of something: no header */
    else
        transport_read(quote, ipv6 ? PROTO_IPV6 : PROTO_IPV4);
    return err;
}

/* ----------------------------------------------------------------------------------- answers -- */

/* RFC 1122 section 3.2.2: an address that "defines a single host". */
static bool is_one_host4(const uint8_t *octets, unsigned flags)
{
    if (octets[0] == 0 || octets[0] >= 224) return false;
    return octets[0] != 127 || (flags & PROTO_ICMP_WAS_LOOPBACK);
}

/* Types that nobody here knows might be errors. */
static bool is_safe_icmp4(proto_slice payload)
{
    return payload.len > 0 && is_query(icmp_kind_of(PROTO_IPV4, payload.ptr[0], 0));
}

static bool may_answer4(proto_slice bytes, unsigned flags)
{
    proto_ipv4 datagram;
    if (proto_ipv4_read(bytes, 0, &datagram, NULL) != PROTO_OK) return false;
    if (datagram.offset > 0 || (flags & PROTO_ICMP_WAS_BROADCAST)) return false;
    if (!is_one_host4(datagram.source.octets, flags)) return false;
    uint8_t network = datagram.destination.octets[0];
    if (network == 0 || network >= 224) return false; /* broadcasts, old and new, and multicasts */
    return datagram.protocol != ICMP_PROTOCOL || is_safe_icmp4(datagram.payload);
}

static bool is_one_host6(const uint8_t *octets, unsigned flags)
{
    static const uint8_t unspecified[16] = {0}, loopback[16] = {[15] = 1};
    if (octets[0] == 0xff || memcmp(octets, unspecified, 16) == 0) return false;
    return memcmp(octets, loopback, 16) != 0 || (flags & PROTO_ICMP_WAS_LOOPBACK);
}

/* Errors are of the types below 128 (RFC 4443 section 2.1); a redirect is named beside them. */
static bool is_safe_icmp6(proto_slice payload)
{
    return payload.len > 0 && payload.ptr[0] >= 128 && payload.ptr[0] != 137;
}

/* Path MTU discovery works for multicasts too, and so do options that ask for an answer (RFC 4443
   section 2.4(e.3)). */
static bool is_for_multicast(proto_icmp_kind kind, uint8_t code)
{
    return kind == PROTO_ICMP_TOO_BIG || (kind == PROTO_ICMP_PARAMETER_PROBLEM && code == 2);
}

static bool may_answer6(proto_slice bytes, proto_icmp_kind kind, uint8_t code, unsigned flags)
{
    proto_ipv6 datagram;
    if (proto_ipv6_read(bytes, PROTO_IP_QUOTED, &datagram, NULL) != PROTO_OK) return false;
    bool multicast = datagram.destination.octets[0] == 0xff || (flags & PROTO_ICMP_WAS_BROADCAST);
    if (multicast && !is_for_multicast(kind, code)) return false;
    if (!is_one_host6(datagram.source.octets, flags)) return false;
    if (datagram.offset > 0) return false;
    return datagram.protocol != ICMP6_PROTOCOL || is_safe_icmp6(datagram.payload);
}

bool proto_icmp_may_answer(proto_slice datagram, proto_icmp_kind kind, uint8_t code, unsigned flags)
{
    if (datagram.len == 0) return false;
    return datagram.ptr[0] >> 4 == 6 ? may_answer6(datagram, kind, code, flags)
                                     : may_answer4(datagram, flags);
}
