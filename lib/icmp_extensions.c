/* SPDX-License-Identifier: MIT */
/* What may stand behind the quoted datagram (RFC 4884): objects, and the two known classes of them
   (RFC 4950; RFC 5837 with RFC 8335). */
#include "proto/icmp.h"

#include "icmp_layout.h"
#include "outcome.h"
#include "wire.h"

#include <string.h>

/* --------------------------------------------------------------------------------- structure -- */

/* RFC 4884 sections 4.1 to 4.5. */
icmp_length_field icmp_length_field_of(proto_family family, proto_icmp_kind kind)
{
    bool in_both = kind == PROTO_ICMP_UNREACHABLE || kind == PROTO_ICMP_TIME_EXCEEDED;
    bool in_ipv4 = kind == PROTO_ICMP_TOO_BIG || kind == PROTO_ICMP_PARAMETER_PROBLEM;
    if (family == PROTO_IPV4 && (in_both || in_ipv4)) return (icmp_length_field){5, 4};
    if (family == PROTO_IPV6 && in_both) return (icmp_length_field){4, 8};
    return (icmp_length_field){0, 0};
}

static bool has_version(proto_slice structure)
{
    return structure.len >= ICMP_STRUCTURE && structure.ptr[0] >> 4 == ICMP_STRUCTURE_VERSION;
}

/* A checksum of 0 says that none was computed (section 7). */
static bool has_checksum(proto_slice structure)
{
    return wire_get16(structure.ptr + 2) != 0;
}

static void structure_take(proto_icmp *message, proto_slice structure, proto_icmp_extensions how)
{
    message->extensions = (uint8_t)how;
    message->objects = proto_slice_of(structure.ptr + ICMP_STRUCTURE,
                                      structure.len - ICMP_STRUCTURE);
}

void icmp_structure_read(proto_icmp *message, proto_slice structure)
{
    if (structure.len == 0) return;
    if (has_version(structure) &&
        (!has_checksum(structure) || proto_checksum_ok(structure.ptr, structure.len)))
        structure_take(message, structure, PROTO_ICMP_EXTENSIONS_GIVEN);
    else
        message->extensions = PROTO_ICMP_EXTENSIONS_BAD;
}

/* Routers from before RFC 4884 quote 128 bytes and say nothing of it (section 5.5). Only a checksum
   makes a guess better than one. */
static void structure_guess(proto_icmp *message, proto_slice rest)
{
    if (rest.len <= ICMP_QUOTE_MIN) return;
    proto_slice structure = proto_slice_of(rest.ptr + ICMP_QUOTE_MIN, rest.len - ICMP_QUOTE_MIN);
    if (!has_version(structure) || !has_checksum(structure) ||
        !proto_checksum_ok(structure.ptr, structure.len))
        return;
    structure_take(message, structure, PROTO_ICMP_EXTENSIONS_GUESSED);
    message->payload = proto_slice_of(rest.ptr, ICMP_QUOTE_MIN);
}

void icmp_extensions_read(proto_icmp *message, proto_slice rest, size_t quote, bool guess)
{
    message->payload = rest;
    if (quote == 0) {
        if (guess) structure_guess(message, rest);
        return;
    }
    if (quote < ICMP_QUOTE_MIN || quote > rest.len) {
        message->extensions = PROTO_ICMP_EXTENSIONS_BAD;
        return;
    }
    message->payload = proto_slice_of(rest.ptr, quote);
    icmp_structure_read(message, proto_slice_of(rest.ptr + quote, rest.len - quote));
}

void icmp_structure_put(uint8_t *at, size_t objects)
{
    wire_put16(at, ICMP_STRUCTURE_VERSION << 12);
    wire_put16(at + 2, 0);
    wire_put16(at + 2, proto_checksum_of(at, ICMP_STRUCTURE + objects));
}

/* ----------------------------------------------------------------------------------- objects -- */

enum { OBJECT_HEADER = 4, OBJECT_MAX = UINT16_MAX - OBJECT_HEADER };

bool proto_icmp_object_next(proto_slice *objects, proto_icmp_object *object)
{
    const uint8_t *at = objects->ptr;
    if (objects->len < OBJECT_HEADER) return false;
    size_t length = wire_get16(at);
    if (length < OBJECT_HEADER || length > objects->len) return false;
    *object = (proto_icmp_object){at[2], at[3],
                                  proto_slice_of(at + OBJECT_HEADER, length - OBJECT_HEADER)};
    *objects = proto_slice_of(at + length, objects->len - length);
    return true;
}

static void object_header_put(uint8_t class_number, uint8_t type, size_t data, proto_out *out)
{
    uint8_t header[OBJECT_HEADER] = {0, 0, class_number, type};
    wire_put16(header, (uint16_t)(OBJECT_HEADER + data));
    proto_out_put(out, header, sizeof header);
}

/* "One or more 32-bit words" (RFC 4884 section 8). */
proto_err proto_icmp_object_write(const proto_icmp_object *object, proto_out *out)
{
    proto_out before = *out;
    if (object->data.len > OBJECT_MAX || object->data.len % 4 != 0) return PROTO_ERR_ICMP_OBJECT;
    object_header_put(object->number, object->type, object->data.len, out);
    proto_out_slice(out, object->data);
    return outcome_of_writing(out, before, PROTO_OK);
}

/* -------------------------------------------------------------------------------------- MPLS -- */

enum { MPLS_ENTRY = 4, MPLS_STACK = 1, MPLS_MAX = OBJECT_MAX / MPLS_ENTRY };

/* Label, 20 bits; traffic class, 3; bottom of stack; time to live, 8. */
bool proto_icmp_mpls_next(proto_slice *entries, proto_icmp_mpls *entry)
{
    if (entries->len < MPLS_ENTRY) return false;
    uint32_t word = wire_get32(entries->ptr);
    *entry = (proto_icmp_mpls){.label = word >> 12,
                               .traffic_class = word >> 9 & 7,
                               .ttl = (uint8_t)word,
                               .bottom = word & 0x100};
    *entries = proto_slice_of(entries->ptr + MPLS_ENTRY, entries->len - MPLS_ENTRY);
    return true;
}

proto_err proto_icmp_mpls_write(const proto_icmp_mpls *entries, size_t count, proto_out *out)
{
    proto_out before = *out;
    if (count > MPLS_MAX) return PROTO_ERR_ICMP_OBJECT;
    object_header_put(PROTO_ICMP_CLASS_MPLS, MPLS_STACK, count * MPLS_ENTRY, out);
    for (size_t i = 0; i < count; i++) {
        uint8_t word[MPLS_ENTRY];
        if (entries[i].label > 0xfffff || entries[i].traffic_class > 7)
            return outcome_of_writing(out, before, PROTO_ERR_ICMP_OBJECT);
        wire_put32(word, entries[i].label << 12 | (uint32_t)entries[i].traffic_class << 9 |
                             (entries[i].bottom ? 0x100u : 0u) | entries[i].ttl);
        proto_out_put(out, word, sizeof word);
    }
    return outcome_of_writing(out, before, PROTO_OK);
}
