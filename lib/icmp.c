/* SPDX-License-Identifier: MIT */
/* Messages of ICMP, read. */
#include "proto/icmp.h"

#include "icmp_layout.h"
#include "outcome.h"
#include "wire.h"

#include <assert.h>
#include <string.h>

/* ------------------------------------------------------------------------------------- kinds -- */

/* By kind and family; none for the two that stand for what has no number here. */
static const int16_t types[ICMP_KINDS][2] = {[PROTO_ICMP_OTHER] = {-1, -1},
                                             [PROTO_ICMP_OTHER_ERROR] = {-1, -1},
#define TYPES(name, ipv4, ipv6, words) [PROTO_ICMP_##name] = {ipv4, ipv6},
                                             PROTO_ICMP_KINDS(TYPES)
#undef TYPES
};

const char *proto_icmp_kind_name(proto_icmp_kind kind)
{
    switch (kind) {
    case PROTO_ICMP_OTHER: return "other";
    case PROTO_ICMP_OTHER_ERROR: return "other error";
#define WORDS(name, ipv4, ipv6, words) \
    case PROTO_ICMP_##name: return words;
        PROTO_ICMP_KINDS(WORDS)
#undef WORDS
    }
    return "";
}

bool proto_icmp_is_error(proto_icmp_kind kind)
{
    return kind == PROTO_ICMP_OTHER_ERROR || kind >= PROTO_ICMP_UNREACHABLE;
}

bool proto_icmp_type_of(proto_family family, proto_icmp_kind kind, uint8_t *type)
{
    int16_t number = types[kind][family == PROTO_IPV6];
    if (number >= 0) *type = (uint8_t)number;
    return number >= 0;
}

/* The list begins with echo, which is what a ping receives. */
proto_icmp_kind icmp_kind_of(proto_family family, uint8_t type, uint8_t code)
{
    for (unsigned kind = PROTO_ICMP_ECHO_REQUEST; kind < ICMP_KINDS; kind++) {
        if (types[kind][family == PROTO_IPV6] != type) continue;
        bool too_big = kind == PROTO_ICMP_UNREACHABLE && family == PROTO_IPV4 &&
                       code == ICMP4_TOO_BIG_CODE;
        return too_big ? PROTO_ICMP_TOO_BIG : (proto_icmp_kind)kind;
    }
    return family == PROTO_IPV6 && type < 128 ? PROTO_ICMP_OTHER_ERROR : PROTO_ICMP_OTHER;
}

/* ----------------------------------------------------------------------------------- reading -- */

static bool is_intact(proto_slice bytes, const proto_icmp_config *config)
{
    if (config->family == PROTO_IPV4) return proto_checksum_ok(bytes.ptr, bytes.len);
    assert(config->source && config->destination);
    proto_checksum sum = {0};
    proto_checksum_pseudo_header(&sum, config->source, config->destination, ICMP6_PROTOCOL,
                                 (uint32_t)bytes.len);
    proto_checksum_add(&sum, bytes.ptr, bytes.len);
    return proto_checksum_value(&sum) == 0;
}

/* How many bytes a kind has before its payload. */
static size_t header_length(proto_family family, proto_icmp_kind kind)
{
    switch (kind) {
    case PROTO_ICMP_OTHER: return 4;
    case PROTO_ICMP_TIMESTAMP_REQUEST:
    case PROTO_ICMP_TIMESTAMP_REPLY: return ICMP_TIMES;
    case PROTO_ICMP_MASK_REQUEST:
    case PROTO_ICMP_MASK_REPLY: return ICMP_MASK;
    case PROTO_ICMP_REDIRECT: return family == PROTO_IPV6 ? ICMP6_REDIRECT : ICMP_HEADER;
    case PROTO_ICMP_OTHER_ERROR:
    case PROTO_ICMP_ECHO_REQUEST:
    case PROTO_ICMP_ECHO_REPLY:
    case PROTO_ICMP_EXTENDED_ECHO_REQUEST:
    case PROTO_ICMP_EXTENDED_ECHO_REPLY:
    case PROTO_ICMP_UNREACHABLE:
    case PROTO_ICMP_TOO_BIG:
    case PROTO_ICMP_TIME_EXCEEDED:
    case PROTO_ICMP_PARAMETER_PROBLEM:
    case PROTO_ICMP_SOURCE_QUENCH: break;
    }
    return ICMP_HEADER;
}

static bool is_timestamp(proto_icmp_kind kind)
{
    return kind == PROTO_ICMP_TIMESTAMP_REQUEST || kind == PROTO_ICMP_TIMESTAMP_REPLY;
}

static void times_read(const uint8_t *at, proto_icmp *message)
{
    message->originate = wire_get32(at + 8);
    message->receive = wire_get32(at + 12);
    message->transmit = wire_get32(at + 16);
}

/* RFC 8335 section 2: eight bits of sequence number, and the L-bit. */
static void extended_request_read(const uint8_t *at, proto_icmp *message)
{
    message->sequence = at[6];
    message->local = at[7] & 1;
    icmp_structure_read(message, message->payload);
    message->payload = proto_slice_of(NULL, 0);
}

/* RFC 8335 section 3: state in three bits, two of no meaning, active, IPv4, IPv6. */
static void extended_reply_read(const uint8_t *at, proto_icmp *message)
{
    message->sequence = at[6];
    message->state = at[7] >> 5;
    message->active = at[7] & 4;
    message->runs_ipv4 = at[7] & 2;
    message->runs_ipv6 = at[7] & 1;
}

/* The options of a redirect of IPv6 (RFC 4861 section 4.5): one of them quotes the datagram, behind
   eight bytes. Returns whether all have a length that can be. */
static bool redirect_quote_find(proto_slice options, proto_slice *quote)
{
    *quote = proto_slice_of(NULL, 0);
    while (options.len > 0) {
        const uint8_t *at = options.ptr;
        size_t length = options.len < 2 ? 0 : at[1] * 8u;
        if (length == 0 || length > options.len) return false;
        if (at[0] == ICMP6_REDIRECTED_HEADER && quote->ptr == NULL)
            *quote = proto_slice_of(at + 8, length - 8);
        options = proto_slice_of(at + length, options.len - length);
    }
    return true;
}

static void redirect_read(const uint8_t *at, proto_icmp *message)
{
    if (message->family == PROTO_IPV4) {
        message->gateway = proto_address_ipv4(at + 4);
        return;
    }
    message->gateway = proto_address_ipv6(at + 8);
    (void)redirect_quote_find(message->payload, &message->payload);
}

static void error_read(proto_slice bytes, const proto_icmp_config *config, proto_icmp *message)
{
    const uint8_t *at = bytes.ptr;
    bool ipv4 = config->family == PROTO_IPV4;
    icmp_length_field field = icmp_length_field_of(config->family, message->kind);
    if (field.unit > 0)
        icmp_extensions_read(message, message->payload, (size_t)at[field.offset] * field.unit,
                             config->flags & PROTO_ICMP_GUESS_EXTENSIONS);
    if (message->kind == PROTO_ICMP_TOO_BIG)
        message->mtu = ipv4 ? wire_get16(at + 6) : wire_get32(at + 4);
    if (message->kind == PROTO_ICMP_PARAMETER_PROBLEM && (!ipv4 || message->code == 0))
        message->pointer = ipv4 ? at[4] : wire_get32(at + 4);
    if (message->kind == PROTO_ICMP_OTHER_ERROR) message->pointer = wire_get32(at + 4);
    if (message->kind == PROTO_ICMP_REDIRECT) redirect_read(at, message);
}

static void query_read(const uint8_t *at, proto_icmp *message)
{
    message->id = wire_get16(at + 4);
    message->sequence = wire_get16(at + 6);
}

/* What a kind has between its first eight bytes and its payload, and in them. */
static void body_read(proto_slice bytes, const proto_icmp_config *config, proto_icmp *message)
{
    const uint8_t *at = bytes.ptr;
    if (message->kind == PROTO_ICMP_OTHER) return;
    if (proto_icmp_is_error(message->kind)) {
        error_read(bytes, config, message);
        return;
    }
    query_read(at, message);
    if (is_timestamp(message->kind))
        times_read(at, message);
    else if (message->kind == PROTO_ICMP_EXTENDED_ECHO_REQUEST)
        extended_request_read(at, message);
    else if (message->kind == PROTO_ICMP_EXTENDED_ECHO_REPLY)
        extended_reply_read(at, message);
    else
        message->mask = wire_get32(at + 8);
}

/* Compilers copy this faster than they clear as much. */
static const proto_icmp blank;

proto_err proto_icmp_read(proto_slice bytes, const proto_icmp_config *config, proto_icmp *message,
                          proto_fault *fault)
{
    const uint8_t *at = bytes.ptr;
    proto_slice quote;
    if (bytes.len < 4) return outcome(fault, PROTO_ERR_ICMP_SHORT, bytes.len);
    if (!(config->flags & PROTO_ICMP_SYSTEM_CHECKSUM) && !is_intact(bytes, config))
        return outcome(fault, PROTO_ERR_ICMP_CHECKSUM, ICMP_CHECKSUM);
    proto_icmp_kind kind = icmp_kind_of(config->family, at[0], at[1]);
    size_t header = header_length(config->family, kind);
    if (bytes.len < header) return outcome(fault, PROTO_ERR_ICMP_SHORT, bytes.len);
    proto_slice payload = proto_slice_of(at + header, bytes.len - header);
    if (header == ICMP6_REDIRECT && !redirect_quote_find(payload, &quote))
        return outcome(fault, PROTO_ERR_ICMP_SHORT, bytes.len);
    *message = blank;
    message->payload = payload;
    message->kind = kind;
    message->family = (uint8_t)config->family;
    message->type = at[0];
    message->code = at[1];
    message->checksum = wire_get16(at + ICMP_CHECKSUM);
    if (kind == PROTO_ICMP_ECHO_REPLY || kind == PROTO_ICMP_ECHO_REQUEST)
        query_read(at, message);
    else
        body_read(bytes, config, message);
    return outcome(fault, PROTO_OK, 0);
}
