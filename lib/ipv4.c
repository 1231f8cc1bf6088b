/* SPDX-License-Identifier: MIT */
/* The header of IPv4 (RFC 791). */
#include "proto/inet.h"

#include "outcome.h"
#include "wire.h"

#include <string.h>

enum { LENGTH = 2, FRAGMENT = 6, CHECKSUM = 10, SOURCE = 12, DESTINATION = 16 }; /* offsets */

enum { RESERVED = 0x8000, DONT_FRAGMENT = 0x4000, MORE_FRAGMENTS = 0x2000, OFFSET = 0x1fff };

/* ----------------------------------------------------------------------------------- reading -- */

/* The two fields that not every system leaves in the order of the network. */
typedef struct ipv4_fields {
    uint32_t length;
    uint16_t fragment;
} ipv4_fields;

static uint16_t host_get16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static ipv4_fields fields_of(const uint8_t *at, size_t header, unsigned form)
{
    if (form & PROTO_IP_HOST_ORDER)
        return (ipv4_fields){host_get16(at + LENGTH) + (uint32_t)header, host_get16(at + FRAGMENT)};
    return (ipv4_fields){wire_get16(at + LENGTH), wire_get16(at + FRAGMENT)};
}

/* Over the header as it was when it was sent. */
static bool header_is_intact(const uint8_t *at, size_t header, ipv4_fields fields, unsigned form)
{
    if (!(form & PROTO_IP_HOST_ORDER)) return proto_checksum_ok(at, header);
    proto_checksum sum = {0};
    proto_checksum_add(&sum, at, LENGTH);
    proto_checksum_word(&sum, (uint16_t)fields.length);
    proto_checksum_add(&sum, at + 4, 2);
    proto_checksum_word(&sum, fields.fragment);
    proto_checksum_add(&sum, at + 8, header - 8);
    return proto_checksum_value(&sum) == 0;
}

/* No fragment reaches further than the longest datagram, and only the last may have a length that is
   no multiple of eight bytes (RFC 791 section 3.2). */
static bool fragment_fits(size_t offset, bool more, size_t payload)
{
    return offset + payload <= UINT16_MAX && !(more && payload % 8 != 0);
}

static proto_err datagram_check(proto_slice bytes, size_t header, ipv4_fields fields, unsigned form,
                                proto_fault *fault)
{
    if (!header_is_intact(bytes.ptr, header, fields, form))
        return outcome(fault, PROTO_ERR_IPV4_CHECKSUM, CHECKSUM);
    if (fields.length < header || fields.length > UINT16_MAX || fields.length > bytes.len)
        return outcome(fault, PROTO_ERR_IP_LENGTH, LENGTH);
    if (!fragment_fits((fields.fragment & OFFSET) * 8u, fields.fragment & MORE_FRAGMENTS,
                       fields.length - header))
        return outcome(fault, PROTO_ERR_IP_FRAGMENT, FRAGMENT);
    return outcome(fault, PROTO_OK, 0);
}

/* Some systems quote the length in their own order. It shows only where it is less than the header
   is long, which then is its upper half; elsewhere it is believed, and so is one from which the
   header was taken off. */
static uint32_t quoted_length(uint32_t length, size_t header)
{
    return length < header ? length << 8 : length;
}

/* What the length covers of what is there. A quote whose length says nothing is all of it. */
static proto_slice payload_of(proto_slice bytes, size_t header, uint32_t length)
{
    size_t end = length < header || length > bytes.len ? bytes.len : length;
    return proto_slice_of(bytes.ptr + header, end - header);
}

static proto_address address_at(const uint8_t *at)
{
    return (proto_address){.octets = {at[0], at[1], at[2], at[3]}, .family = PROTO_IPV4};
}

static void datagram_fill(proto_slice bytes, size_t header, ipv4_fields fields,
                          proto_ipv4 *datagram)
{
    const uint8_t *at = bytes.ptr;
    *datagram = (proto_ipv4){
        .source = address_at(at + SOURCE),
        .destination = address_at(at + DESTINATION),
        .options = proto_slice_of(at + PROTO_IPV4_HEADER, header - PROTO_IPV4_HEADER),
        .payload = payload_of(bytes, header, fields.length),
        .length = (uint16_t)fields.length,
        .id = wire_get16(at + 4),
        .offset = (uint16_t)((fields.fragment & OFFSET) * 8u),
        .checksum = wire_get16(at + CHECKSUM),
        .protocol = at[9],
        .ttl = at[8],
        .dscp = at[1] >> 2,
        .ecn = at[1] & 3,
        .dont_fragment = fields.fragment & DONT_FRAGMENT,
        .more_fragments = fields.fragment & MORE_FRAGMENTS,
        .reserved = fields.fragment & RESERVED,
        .truncated = fields.length < header || fields.length > bytes.len,
    };
}

proto_err proto_ipv4_read(proto_slice bytes, unsigned form, proto_ipv4 *datagram,
                          proto_fault *fault)
{
    if (bytes.len < PROTO_IPV4_HEADER) return outcome(fault, PROTO_ERR_IP_SHORT, bytes.len);
    if (bytes.ptr[0] >> 4 != 4) return outcome(fault, PROTO_ERR_IP_VERSION, 0);
    size_t header = (bytes.ptr[0] & 15u) * 4u;
    if (header < PROTO_IPV4_HEADER) return outcome(fault, PROTO_ERR_IPV4_HEADER_LENGTH, 0);
    if (header > bytes.len) return outcome(fault, PROTO_ERR_IP_SHORT, bytes.len);
    ipv4_fields fields = fields_of(bytes.ptr, header, form);
    proto_err err = outcome(fault, PROTO_OK, 0);
    if (form & PROTO_IP_QUOTED)
        fields.length = quoted_length(fields.length, header);
    else
        err = datagram_check(bytes, header, fields, form, fault);
    if (err == PROTO_OK) datagram_fill(bytes, header, fields, datagram);
    return err;
}

enum { END_OF_OPTIONS = 0, NO_OPERATION = 1 };

bool proto_ipv4_option_next(proto_slice *options, proto_ipv4_option *option)
{
    const uint8_t *at = options->ptr;
    size_t left = options->len;
    while (left > 0 && *at == NO_OPERATION)
        at++, left--;
    if (left == 0 || *at == END_OF_OPTIONS) {
        *options = proto_slice_of(at, 0);
        return false;
    }
    *options = proto_slice_of(at, left);
    if (left < 2 || at[1] < 2 || at[1] > left) return false;
    *option = (proto_ipv4_option){at[0], proto_slice_of(at + 2, at[1] - 2u)};
    *options = proto_slice_of(at + at[1], left - at[1]);
    return true;
}

/* ----------------------------------------------------------------------------------- writing -- */

static uint16_t fragment_field(const proto_ipv4 *datagram)
{
    unsigned flags = (datagram->reserved ? RESERVED : 0u) |
                     (datagram->dont_fragment ? DONT_FRAGMENT : 0u) |
                     (datagram->more_fragments ? MORE_FRAGMENTS : 0u);
    return (uint16_t)(flags | datagram->offset / 8u);
}

static void header_put(const proto_ipv4 *datagram, size_t header, size_t payload, uint8_t *at)
{
    memset(at, 0, header);
    at[0] = (uint8_t)(4u << 4 | header / 4);
    at[1] = (uint8_t)(datagram->dscp << 2 | (datagram->ecn & 3));
    wire_put16(at + LENGTH, (uint16_t)(header + payload));
    wire_put16(at + 4, datagram->id);
    wire_put16(at + FRAGMENT, fragment_field(datagram));
    at[8] = datagram->ttl;
    at[9] = datagram->protocol;
    memcpy(at + SOURCE, datagram->source.octets, 4);
    memcpy(at + DESTINATION, datagram->destination.octets, 4);
    if (datagram->options.len > 0)
        memcpy(at + PROTO_IPV4_HEADER, datagram->options.ptr, datagram->options.len);
    wire_put16(at + CHECKSUM, proto_checksum_of(at, header));
}

proto_err proto_ipv4_write(const proto_ipv4 *datagram, size_t payload, proto_out *out)
{
    uint8_t bytes[PROTO_IPV4_HEADER + PROTO_IPV4_OPTIONS];
    if (datagram->options.len > PROTO_IPV4_OPTIONS) return PROTO_ERR_IP_LENGTH;
    size_t header = PROTO_IPV4_HEADER + (datagram->options.len + 3) / 4 * 4;
    if (payload > UINT16_MAX - header) return PROTO_ERR_IP_LENGTH;
    if (datagram->offset % 8 != 0 ||
        !fragment_fits(datagram->offset, datagram->more_fragments, payload))
        return PROTO_ERR_IP_FRAGMENT;
    header_put(datagram, header, payload, bytes);
    return proto_out_put(out, bytes, header) ? PROTO_OK : PROTO_ERR_NO_SPACE;
}
