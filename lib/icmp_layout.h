/* SPDX-License-Identifier: MIT */
/* Where things are in an ICMP message: what its readers and its writer share. */
#ifndef ICMP_LAYOUT_H
#define ICMP_LAYOUT_H

#include "proto/icmp.h"

#define ICMP_INTERNAL __attribute__((visibility("hidden")))

enum {
    ICMP_CHECKSUM = 2, /* its offset */
    ICMP_HEADER = 8,   /* bytes before the payload, in most kinds */
    ICMP_TIMES = 20,   /* in a timestamp */
    ICMP_MASK = 12,    /* in an address mask message */
    ICMP6_REDIRECT = 40,
    ICMP_PROTOCOL = 1,
    ICMP6_PROTOCOL = 58,
    ICMP4_TOO_BIG_CODE = 4,
    ICMP6_REDIRECTED_HEADER = 4, /* the option that quotes (RFC 4861 section 4.6.3) */
    ICMP_KINDS = PROTO_ICMP_REDIRECT + 1
};

/* RFC 4884: the structure begins with version and checksum; a quote before it is padded. */
enum { ICMP_STRUCTURE = 4, ICMP_STRUCTURE_VERSION = 2, ICMP_QUOTE_MIN = 128 };

/* What a type and a code are; PROTO_ICMP_OTHER or PROTO_ICMP_OTHER_ERROR if nothing known. */
ICMP_INTERNAL proto_icmp_kind icmp_kind_of(proto_family family, uint8_t type, uint8_t code);

/* Where a message has the length of its quote, and in units of how many bytes (RFC 4884 section 4).
   Where there is no such field, both are 0. */
typedef struct icmp_length_field {
    uint8_t offset;
    uint8_t unit;
} icmp_length_field;

ICMP_INTERNAL icmp_length_field icmp_length_field_of(proto_family family, proto_icmp_kind kind);

/* Divides what is behind the header of an error into quote and objects. */
ICMP_INTERNAL void icmp_extensions_read(proto_icmp *message, proto_slice rest, size_t quote,
                                        bool guess);

/* Takes an extension structure for what it is, or leaves it: `extensions` says which. */
ICMP_INTERNAL void icmp_structure_read(proto_icmp *message, proto_slice structure);

/* Writes a structure around objects that lie behind it already. */
ICMP_INTERNAL void icmp_structure_put(uint8_t *at, size_t objects);

#endif
