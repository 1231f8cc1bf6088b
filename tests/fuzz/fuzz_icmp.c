// SPDX-License-Identifier: MIT
// Whatever is read of a message lies within it; what is read is written, and read again as the same. The first byte says how
// the rest is read:
//
//     bit 0: IPv6; bit 1: the system has looked at the checksum; bit 2: extensions are guessed; bit 3: the checksum is put
//     right first

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "icmp_describe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 70000 };

static void within(proto_slice part, proto_slice whole)
{
    if (part.len == 0) return;
    assert(part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void checksum_set(uint8_t *bytes, size_t len, const proto_icmp_config *config)
{
    proto_checksum sum = {0};
    if (len < 4) return;
    bytes[2] = bytes[3] = 0;
    if (config->family == PROTO_IPV6)
        proto_checksum_pseudo_header(&sum, config->source, config->destination, 58, (uint32_t)len);
    proto_checksum_add(&sum, bytes, len);
    bytes[2] = (uint8_t)(proto_checksum_value(&sum) >> 8);
    bytes[3] = (uint8_t)proto_checksum_value(&sum);
}

static void check_parts(const proto_icmp *message)
{
    proto_icmp_quote quote;
    proto_icmp_object object;
    proto_fault fault;
    proto_slice objects = message->objects;
    if (proto_icmp_quote_read(message, &quote, &fault) == PROTO_OK)
        within(quote.transport, message->payload);
    else
        assert(fault.offset <= message->payload.len);
    while (proto_icmp_object_next(&objects, &object)) {
        proto_icmp_interface interface;
        within(object.data, message->objects);
        if (proto_icmp_interface_read(&object, &interface) == PROTO_OK)
            within(interface.name, object.data);
    }
}

// Written and read, a message may lose what was wrong with it, but only once.
static void check_written(const proto_icmp *message, const proto_icmp_config *config)
{
    static uint8_t first[ROOM], second[ROOM];
    proto_icmp_config plain = *config;
    proto_icmp again;
    proto_out out = proto_out_of(first, sizeof first), other = proto_out_of(second, sizeof second);
    plain.flags &= ~(unsigned)PROTO_ICMP_GUESS_EXTENSIONS;
    if (proto_icmp_write(message, &plain, &out) != PROTO_OK) return;
    proto_slice bytes = proto_slice_of(first, out.len);
    assert(proto_icmp_read(bytes, &plain, &again, NULL) == PROTO_OK);
    assert(again.kind == message->kind && again.code == message->code);
    assert(proto_icmp_write(&again, &plain, &other) == PROTO_OK);
    assert(proto_slice_equal(proto_slice_of(second, other.len), bytes));
}

static void check(proto_slice bytes, const proto_icmp_config *config)
{
    proto_icmp message;
    proto_fault fault;
    proto_err err = proto_icmp_read(bytes, config, &message, &fault);
    assert(fault.err == err && fault.offset <= bytes.len);
    if (err != PROTO_OK) return;
    within(message.payload, bytes);
    within(message.objects, bytes);
    check_parts(&message);
    if (bytes.len <= 65515) check_written(&message, config);
    (void)proto_icmp_may_answer(message.payload, message.kind, message.code, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t octets[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    proto_address address = proto_address_ipv6(octets);
    if (size == 0) return 0;
    icmp_reading reading = {.config = {PROTO_IPV4, 0, &address, &address}};
    if (data[0] & 1) reading.config.family = PROTO_IPV6;
    if (data[0] & 2) reading.config.flags |= PROTO_ICMP_SYSTEM_CHECKSUM;
    if (data[0] & 4) reading.config.flags |= PROTO_ICMP_GUESS_EXTENSIONS;
    uint8_t *copy = allocate(size - 1), *before = allocate(size - 1);
    memcpy(copy, data + 1, size - 1);
    if (data[0] & 8) checksum_set(copy, size - 1, &reading.config);
    memcpy(before, copy, size - 1);
    proto_slice bytes = proto_slice_of(size > 1 ? copy : NULL, size - 1);
    text_buffer lines = {0};
    check(bytes, &reading.config);
    icmp_describe(&lines, bytes, &reading);
    assert(size == 1 || memcmp(copy, before, size - 1) == 0);
    text_free(&lines);
    free(before);
    free(copy);
    return 0;
}
