/* SPDX-License-Identifier: MIT */
/* What a datagram says, in readable lines: for documents, and for who compares with other readers. */
#ifndef ICMP_DESCRIBE_H
#define ICMP_DESCRIBE_H

#include "proto/icmp.h"
#include "text.h"

/* How bytes are read. */
typedef struct icmp_reading {
    proto_icmp_config config;
    bool datagram; /* they begin with a header of IP */
    unsigned form; /* bits of proto_ip_form, of a datagram */
} icmp_reading;

/* Appends what proto_icmp_read() makes of the bytes, one fact a line, or how it fails. */
void icmp_describe(text_buffer *lines, proto_slice bytes, const icmp_reading *reading);

/* Appends what a message says. */
void icmp_describe_message(text_buffer *lines, const proto_icmp *message);

#endif
