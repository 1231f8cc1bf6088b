// SPDX-License-Identifier: MIT
// Whatever is read of a header of IP or UDP lies within the datagram; a header that was read is written as it was. The first
// byte says how the rest is read:
//
//     bit 0: IPv6; bit 1: quoted; bit 2: in the machine's order; bit 3: the checksum of IPv4 is put right first

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/icmp.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(proto_slice part, proto_slice whole)
{
    if (part.len == 0) return;
    assert(part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

// A checksum that is 0 may also stand as 0xffff; the rest is the same.
static void check_udp(proto_slice payload, const proto_address *source,
                      const proto_address *destination)
{
    static uint8_t room[70000];
    proto_udp read;
    proto_fault fault;
    proto_address from = *source, to = *destination;
    proto_err err = proto_udp_read(payload, source, destination, &read, &fault);
    assert(fault.err == err && fault.offset <= payload.len);
    if (err != PROTO_OK) return;
    within(read.payload, payload);
    from.port = read.source;
    to.port = read.destination;
    proto_out out = proto_out_of(room, sizeof room);
    assert(proto_udp_write(&from, &to, read.payload, &out) == PROTO_OK);
    assert(out.len == read.length && memcmp(room, payload.ptr, 6) == 0);
    if (read.checksum != 0) assert(memcmp(room + 6, payload.ptr + 6, out.len - 6) == 0);
}

static void check_ipv4(proto_slice bytes, unsigned form)
{
    uint8_t room[60];
    proto_ipv4 read;
    proto_ipv4_option option;
    proto_fault fault;
    proto_err err = proto_ipv4_read(bytes, form, &read, &fault);
    assert(fault.err == err && fault.offset <= bytes.len);
    if (err != PROTO_OK) return;
    within(read.payload, bytes);
    within(read.options, bytes);
    proto_slice options = read.options;
    while (proto_ipv4_option_next(&options, &option))
        within(option.data, read.options);
    check_udp(read.payload, &read.source, &read.destination);
    if (form != 0) return;
    proto_out out = proto_out_of(room, sizeof room);
    assert(proto_ipv4_write(&read, read.payload.len, &out) == PROTO_OK);
    assert(out.len == 20 + read.options.len);
    assert(memcmp(room, bytes.ptr, 10) == 0);
    assert(memcmp(room + 12, bytes.ptr + 12, out.len - 12) == 0);
}

static void check_ipv6(proto_slice bytes, unsigned form)
{
    static uint8_t room[70000];
    proto_ipv6 read;
    proto_fault fault;
    proto_err err = proto_ipv6_read(bytes, form, &read, &fault);
    assert(fault.err == err && fault.offset <= bytes.len);
    if (err != PROTO_OK) return;
    within(read.payload, bytes);
    within(read.extensions, bytes);
    check_udp(read.payload, &read.source, &read.destination);
    if (form & PROTO_IP_QUOTED) return;
    proto_out out = proto_out_of(room, sizeof room);
    assert(proto_ipv6_write(&read, read.payload.len, &out) == PROTO_OK);
    assert(out.len == 40 + read.extensions.len);
    assert(memcmp(room, bytes.ptr, out.len) == 0);
}

static void checksum_set(uint8_t *bytes, size_t len)
{
    size_t header = len > 0 ? (bytes[0] & 15u) * 4 : 0;
    if (header < 20 || header > len) return;
    bytes[10] = bytes[11] = 0;
    uint16_t checksum = proto_checksum_of(bytes, header);
    bytes[10] = (uint8_t)(checksum >> 8);
    bytes[11] = (uint8_t)checksum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    unsigned form = data[0] >> 1 & 3;
    uint8_t *copy = allocate(size - 1);
    memcpy(copy, data + 1, size - 1);
    if (data[0] & 8) checksum_set(copy, size - 1);
    proto_slice bytes = proto_slice_of(size > 1 ? copy : NULL, size - 1);
    if (data[0] & 1)
        check_ipv6(bytes, form);
    else
        check_ipv4(bytes, form);
    for (unsigned flags = 0; flags < 4; flags++)
        (void)proto_icmp_may_answer(bytes, PROTO_ICMP_TOO_BIG, 0, flags);
    free(copy);
    return 0;
}
