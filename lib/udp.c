/* SPDX-License-Identifier: MIT */
/* UDP over either family (RFC 768, RFC 8200 section 8.1). */
#include "proto/inet.h"

#include "outcome.h"
#include "wire.h"

enum { UDP = 17, LENGTH = 4, CHECKSUM = 6 };

/* Over IPv4, a checksum of 0 says that there is none. */
static bool is_intact(proto_slice bytes, const proto_address *source,
                      const proto_address *destination)
{
    if (wire_get16(bytes.ptr + CHECKSUM) == 0) return source->family == PROTO_IPV4;
    proto_checksum sum = {0};
    proto_checksum_pseudo_header(&sum, source, destination, UDP, (uint32_t)bytes.len);
    proto_checksum_add(&sum, bytes.ptr, bytes.len);
    return proto_checksum_value(&sum) == 0;
}

proto_err proto_udp_read(proto_slice bytes, const proto_address *source,
                         const proto_address *destination, proto_udp *datagram, proto_fault *fault)
{
    const uint8_t *at = bytes.ptr;
    if (bytes.len < PROTO_UDP_HEADER) return outcome(fault, PROTO_ERR_UDP_LENGTH, bytes.len);
    uint16_t length = wire_get16(at + LENGTH);
    if (length < PROTO_UDP_HEADER || length > bytes.len)
        return outcome(fault, PROTO_ERR_UDP_LENGTH, LENGTH);
    if (source && !is_intact(proto_slice_of(at, length), source, destination))
        return outcome(fault, PROTO_ERR_UDP_CHECKSUM, CHECKSUM);
    *datagram = (proto_udp){
        .payload = proto_slice_of(at + PROTO_UDP_HEADER, length - (size_t)PROTO_UDP_HEADER),
        .source = wire_get16(at),
        .destination = wire_get16(at + 2),
        .length = length,
        .checksum = wire_get16(at + CHECKSUM),
    };
    return outcome(fault, PROTO_OK, 0);
}

proto_err proto_udp_write(const proto_address *source, const proto_address *destination,
                          proto_slice payload, proto_out *out)
{
    if (payload.len > UINT16_MAX - PROTO_UDP_HEADER) return PROTO_ERR_UDP_LENGTH;
    size_t length = PROTO_UDP_HEADER + payload.len;
    if (out->failed || length > out->cap - out->len) {
        out->failed = true;
        return PROTO_ERR_NO_SPACE;
    }
    uint8_t *at = out->ptr + out->len;
    proto_checksum sum = {0};
    wire_put16(at, source->port);
    wire_put16(at + 2, destination->port);
    wire_put16(at + LENGTH, (uint16_t)length);
    wire_put16(at + CHECKSUM, 0);
    proto_checksum_pseudo_header(&sum, source, destination, UDP, (uint32_t)length);
    proto_checksum_add(&sum, at, PROTO_UDP_HEADER);
    proto_checksum_copy(&sum, at + PROTO_UDP_HEADER, payload.ptr, payload.len);
    uint16_t checksum = proto_checksum_value(&sum);
    wire_put16(at + CHECKSUM, checksum == 0 ? UINT16_MAX : checksum);
    out->len += length;
    return PROTO_OK;
}
