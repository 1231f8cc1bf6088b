/* SPDX-License-Identifier: MIT */
/*
 * ICMP messages and headers of IP as documents: tests/vectors/icmp/NAME.txt.
 *
 * A document is prose with cases in it. A case begins with its title and has, in this order, prose
 * that cites the RFC, how the bytes came, the bytes, and what must be read:
 *
 *     ## An echo request
 *     RFC 792, page 14: the identifier and the sequence number help to match the reply.
 *     : ipv4
 *     > 08 00 24 f2  # type, code, checksum
 *     > 00 07 00 01  # identifier, sequence number
 *     > 70 69 6e 67  # data
 *     = echo request 8/0 "Echo Request" id=7 sequence=1
 *     = payload 4: 70 69 6e 67
 *
 * Bytes are hexadecimal; `00*48` is 48 of them; what is behind a number sign is for the reader of
 * the document. What must be read is as icmp_describe() puts it.
 *
 * How the bytes came: `ipv4`, `ipv6` (a message), `ipv4 datagram`, `ipv6 datagram` (a header of IP
 * first). Options after `with`: `from ADDRESS` and `to ADDRESS` (of a message of IPv6; otherwise it
 * is from 2001:db8::1 to 2001:db8::2), `system-checksum`, `guess` (extensions without a length),
 * `quoted` (the datagram is one), and `not-ours`: written again, the message is not these bytes.
 */
#ifndef ICMP_VECTOR_H
#define ICMP_VECTOR_H

#include "icmp_describe.h"

typedef struct icmp_vector {
    char *file; /* base name of the document */
    int line;   /* of the title */
    char *title;
    bool cites;           /* its prose names an RFC */
    bool not_ours;        /* see above */
    icmp_reading reading; /* its addresses point to those below, once it is used */
    proto_address source;
    proto_address destination;
    uint8_t *bytes;
    size_t size;
    char *lines;
} icmp_vector;

typedef struct icmp_vector_list {
    icmp_vector *at;
    size_t count;
} icmp_vector_list;

/* Reads all documents of a directory in the order of their names. A malformed one ends the program
   with its place and what is wrong. */
void icmp_vectors_read(icmp_vector_list *vectors, const char *directory);
void icmp_vectors_free(icmp_vector_list *vectors);

#endif
