/* SPDX-License-Identifier: MIT */
#include "proto/probe.h"

#include "checksum.h"
#include "probe.h"
#include "wire.h"
#include "word.h"

#include <assert.h>
#include <string.h>

enum { ICMP_HEADER = 8, DATA_MAX = 65507 };

static uint8_t request_type(uint8_t family)
{
    return family == PROTO_IPV6 ? 128 : 8;
}

static uint8_t reply_type(uint8_t family)
{
    return family == PROTO_IPV6 ? 129 : 0;
}

static size_t cookie_length(const proto_probe_echo *echo)
{
    return echo->data.len < PROTO_PROBE_COOKIE ? echo->data.len : PROTO_PROBE_COOKIE;
}

void proto_probe_echo_init(proto_probe_echo *echo, proto_family family, uint16_t identifier,
                           proto_slice data)
{
    assert(family == PROTO_IPV4 || family == PROTO_IPV6);
    assert(data.len <= DATA_MAX);
    *echo = (proto_probe_echo){.family = (uint8_t)family, .identifier = identifier, .data = data};
    size_t cookie = cookie_length(echo);
    echo->mask = cookie > 0 ? UINT64_MAX << (64 - 8 * cookie) : 0;
    proto_checksum rest = {0};
    if (data.len > cookie) proto_checksum_add(&rest, data.ptr + cookie, data.len - cookie);
    uint32_t sum = (uint16_t)~proto_checksum_value(&rest);
    echo->sum = sum + identifier;
}

/* ----------------------------------------------------------------------------------- writing -- */

/* As much of the cookie as there is room for, the highest byte first. */
static void put_cookie(uint8_t *at, uint64_t cookie, size_t len)
{
    if (len == PROTO_PROBE_COOKIE) {
        word_store_big(at, cookie);
        return;
    }
    for (size_t i = 0; i < len; i++)
        at[i] = (uint8_t)(cookie >> (56 - 8 * i));
}

/* The checksum of what begins with this sequence number and cookie and is of type 0. What differs
   from one message to the next is few words, whatever the size. */
static inline uint16_t sum_of(const proto_probe_echo *echo, uint32_t sequence, uint64_t cookie)
{
    cookie &= echo->mask;
    uint64_t sum = (cookie >> 32) + (uint32_t)cookie + echo->sum + sequence;
    sum = (sum >> 32) + (uint32_t)sum;
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t) ~((sum >> 16) + sum);
}

/* Of ICMPv6 the system fills it in. */
static uint16_t checksum_of(const proto_probe_echo *echo, uint16_t sequence, uint64_t cookie)
{
    if (echo->family == PROTO_IPV6) return 0;
    return sum_of(echo, (uint32_t)(request_type(PROTO_IPV4) << 8) + sequence, cookie);
}

static proto_err echo_write(const void *settings, const proto_probe_ticket *ticket, proto_out *out)
{
    const proto_probe_echo *echo = settings;
    size_t len = ICMP_HEADER + echo->data.len, cookie = cookie_length(echo);
    if (out->failed || out->cap - out->len < len) {
        out->failed = true;
        return PROTO_ERR_NO_SPACE;
    }
    uint8_t *at = out->ptr + out->len;
    uint16_t sequence = (uint16_t)ticket->number;
    word_store_big(at, (uint64_t)request_type(echo->family) << 56 |
                           (uint64_t)checksum_of(echo, sequence, ticket->cookie) << 32 |
                           (uint64_t)echo->identifier << 16 | sequence);
    put_cookie(at + ICMP_HEADER, ticket->cookie, cookie);
    if (echo->data.len > cookie)
        memcpy(at + ICMP_HEADER + cookie, echo->data.ptr + cookie, echo->data.len - cookie);
    out->len += len;
    return PROTO_OK;
}

/* ----------------------------------------------------------------------------------- reading -- */

static void claim(proto_probe_reading *reading, proto_probe_claim what, uint16_t tag)
{
    reading->claim = what;
    reading->has_tag = true;
    reading->tag = tag;
}

/* A damaged message counts as ours by the bytes where our identifier would be. */
static void damaged_read(const proto_probe_echo *echo, proto_slice bytes,
                         proto_probe_reading *reading)
{
    if (bytes.len < ICMP_HEADER || bytes.ptr[0] != reply_type(echo->family) ||
        wire_get16(bytes.ptr + 4) != echo->identifier)
        return;
    claim(reading, PROTO_PROBE_CLAIM_DAMAGED, wire_get16(bytes.ptr + 6));
}

static void error_read(const proto_probe_echo *echo, proto_probe_reading *reading)
{
    proto_icmp_quote quote;
    if (proto_icmp_quote_read(&reading->icmp, &quote, NULL) != PROTO_OK) return;
    if (!quote.has_echo || quote.echo_type != request_type(echo->family) ||
        quote.echo_id != echo->identifier)
        return;
    claim(reading, probe_claim_of_error(reading->icmp.kind), quote.echo_sequence);
    reading->destination = quote.destination;
    reading->payload = proto_slice_of(quote.transport.ptr + ICMP_HEADER,
                                      quote.transport.len - ICMP_HEADER);
}

static void message_read(const proto_probe_echo *echo, proto_slice bytes, bool verified,
                         proto_probe_reading *reading)
{
    const proto_icmp_config config = {
        .family = (proto_family)echo->family,
        .flags = verified || echo->family == PROTO_IPV6 ? PROTO_ICMP_SYSTEM_CHECKSUM : 0,
    };
    if (proto_icmp_read(bytes, &config, &reading->icmp, NULL) != PROTO_OK) {
        damaged_read(echo, bytes, reading);
        return;
    }
    if (proto_icmp_is_error(reading->icmp.kind)) {
        reading->has_icmp = true;
        error_read(echo, reading);
        return;
    }
    if (reading->icmp.id != echo->identifier) return;
    if (reading->icmp.kind == PROTO_ICMP_ECHO_REPLY) {
        bool sound = reading->icmp.code == 0;
        claim(reading, sound ? PROTO_PROBE_CLAIM_REPLY : PROTO_PROBE_CLAIM_DAMAGED,
              reading->icmp.sequence);
        reading->payload = reading->icmp.payload;
    } else if (reading->icmp.kind == PROTO_ICMP_ECHO_REQUEST) {
        claim(reading, PROTO_PROBE_CLAIM_OWN, reading->icmp.sequence);
    }
}

static void returned_read(const proto_probe_echo *echo, const proto_probe_arrival *arrival,
                          proto_probe_reading *reading)
{
    proto_slice bytes = arrival->bytes;
    if (bytes.len < ICMP_HEADER || bytes.ptr[0] != request_type(echo->family) ||
        wire_get16(bytes.ptr + 4) != echo->identifier)
        return;
    probe_error_of(arrival, (proto_family)echo->family, reading);
    claim(reading, probe_claim_of_error(reading->icmp.kind), wire_get16(bytes.ptr + 6));
    reading->payload = proto_slice_of(bytes.ptr + ICMP_HEADER, bytes.len - ICMP_HEADER);
}

/* The header's total length bounds the message: what lies behind it is the link's padding. */
static void packet_read(const proto_probe_echo *echo, const proto_probe_arrival *arrival,
                        proto_probe_reading *reading)
{
    proto_ipv4 header;
    if (proto_ipv4_read(arrival->bytes, 0, &header, NULL) != PROTO_OK) {
        reading->claim = PROTO_PROBE_CLAIM_DAMAGED;
        return;
    }
    reading->ttl = header.ttl;
    if (header.protocol != 1 || header.offset != 0 || header.more_fragments) return;
    message_read(echo, header.payload, arrival->verified, reading);
}

/* Without a call where there are no options. */
static inline bool is_header_intact(const uint8_t *at, size_t len)
{
    return len == 20 ? checksum_short_ok(at, 20) : proto_checksum_ok(at, len);
}

/* The message in a packet whose header is sound and has nothing unusual about it, or nothing. */
static proto_slice plain_message(proto_slice packet)
{
    const uint8_t *at = packet.ptr;
    const proto_slice none = {NULL, 0};
    if (packet.len < 20 || at[0] >> 4 != 4 || at[9] != 1) return none;
    size_t header = (size_t)(at[0] & 15) * 4, length = wire_get16(at + 2);
    if (header < 20 || length < header || length > packet.len) return none;
    if ((wire_get16(at + 6) & ~0x4000) != 0 || !is_header_intact(at, header)) return none;
    return proto_slice_of(at + header, length - header);
}

/* Set in proto_probe_reading::own beside the checksum of a reply, which matching then verifies: that
   of a faithful reply is known beforehand, and its bytes need not be added up. */
#define CHECKSUM_UNVERIFIED 0x10000u

/* Nearly all that comes is a sound reply, so it is known at a glance. What is not taken here goes
   the long way, which says what is wrong with it. */
static bool plain_reply_read(const proto_probe_echo *echo, const proto_probe_arrival *arrival,
                             proto_probe_reading *reading)
{
    if (arrival->form == PROTO_PROBE_RETURNED) return false;
    bool packet = arrival->form == PROTO_PROBE_PACKET;
    proto_slice bytes = packet ? plain_message(arrival->bytes) : arrival->bytes;
    if (bytes.len < ICMP_HEADER || wire_get16(bytes.ptr) != reply_type(echo->family) << 8 ||
        wire_get16(bytes.ptr + 4) != echo->identifier)
        return false;
    if (!arrival->verified && echo->family == PROTO_IPV4)
        reading->own = CHECKSUM_UNVERIFIED | wire_get16(bytes.ptr + 2);
    if (packet) reading->ttl = arrival->bytes.ptr[8];
    reading->payload = proto_slice_of(bytes.ptr + ICMP_HEADER, bytes.len - ICMP_HEADER);
    claim(reading, PROTO_PROBE_CLAIM_REPLY, wire_get16(bytes.ptr + 6));
    return true;
}

static void echo_read(const void *settings, const proto_probe_arrival *arrival,
                      proto_probe_reading *reading)
{
    const proto_probe_echo *echo = settings;
    probe_reading_clear(reading, arrival);
    if (plain_reply_read(echo, arrival, reading)) return;
    switch (arrival->form) {
    case PROTO_PROBE_MESSAGE: message_read(echo, arrival->bytes, arrival->verified, reading); break;
    case PROTO_PROBE_PACKET: packet_read(echo, arrival, reading); break;
    case PROTO_PROBE_RETURNED: returned_read(echo, arrival, reading); break;
    }
}

/* ---------------------------------------------------------------------------------- matching -- */

static bool begins_with_cookie(proto_slice bytes, uint64_t cookie, size_t len)
{
    if (bytes.len < len) return false;
    if (len == PROTO_PROBE_COOKIE) return word_load_big(bytes.ptr) == cookie;
    uint8_t expected[PROTO_PROBE_COOKIE];
    put_cookie(expected, cookie, len);
    return len == 0 || memcmp(bytes.ptr, expected, len) == 0;
}

static bool is_same(proto_slice payload, const proto_probe_echo *echo, size_t from)
{
    size_t len = echo->data.len;
    return payload.len == len &&
           (len == from || memcmp(payload.ptr + from, echo->data.ptr + from, len - from) == 0);
}

/* A reply differs from its request in the type, which is 0. */
static bool has_checksum(const proto_probe_echo *echo, const proto_probe_reading *reading,
                         uint64_t cookie)
{
    uint16_t expected = sum_of(echo, (uint16_t)reading->tag, cookie);
    return reading->own == (CHECKSUM_UNVERIFIED | expected);
}

static proto_probe_match reply_match(const proto_probe_echo *echo,
                                     const proto_probe_reading *reading, uint64_t cookie)
{
    proto_slice payload = reading->payload;
    size_t length = cookie_length(echo);
    bool ours = begins_with_cookie(payload, cookie, length);
    bool faithful = ours && is_same(payload, echo, length);
    if (reading->own != 0 && !(faithful && has_checksum(echo, reading, cookie)) &&
        !proto_checksum_ok(payload.ptr - ICMP_HEADER, payload.len + ICMP_HEADER))
        return PROTO_PROBE_MATCH_DAMAGED;
    if (!ours) return PROTO_PROBE_MATCH_NO;
    return faithful ? PROTO_PROBE_MATCH_YES : PROTO_PROBE_MATCH_DAMAGED;
}

/* An error quotes as much of the cookie as its sender cared to: eight bytes of ICMP have none. */
static proto_probe_match echo_match(const void *settings, const proto_probe_reading *reading,
                                    const proto_probe_ticket *ticket)
{
    const proto_probe_echo *echo = settings;
    if (reading->claim == PROTO_PROBE_CLAIM_REPLY)
        return reply_match(echo, reading, ticket->cookie);
    size_t quoted = cookie_length(echo);
    if (quoted > reading->payload.len) quoted = reading->payload.len;
    return begins_with_cookie(reading->payload, ticket->cookie, quoted) ? PROTO_PROBE_MATCH_YES
                                                                        : PROTO_PROBE_MATCH_NO;
}

const proto_probe_codec proto_probe_echo_codec = {
    .write = echo_write,
    .read = echo_read,
    .match = echo_match,
    .tag_mask = 0xffff,
};
