/* SPDX-License-Identifier: MIT */
/* Probes of a trace as bytes: how they are written, and how they are known again.

   Each attempt at a probe has a number: the probe's index, and so many more for each attempt
   before. The number has a tag of 16 bits, from 1 to 0xfffe: the UDP checksum or the sequence
   number of the echo request; and it has a cookie. Which tag is which number depends on the key, so
   that answers to an earlier trace from the same port are not taken for answers to this one. */
#ifndef TRACE_WIRE_H
#define TRACE_WIRE_H

#include "proto/trace.h"
#include "siphash.h"

#define TRACE_INTERNAL __attribute__((visibility("hidden")))

enum {
    TRACE_TAGS = 0xfffe, /* how many numbers have a tag of their own */
    /* where in a payload what is */
    TRACE_TAG = 0,
    TRACE_BALANCE = 2,
    TRACE_COOKIE = 4
};

static inline uint32_t trace_capacity(const proto_trace *trace)
{
    return (uint32_t)trace->count * trace->config.queries;
}

static inline proto_trace_probe *trace_probe(const proto_trace *trace, uint32_t index)
{
    return &trace->hops[0].probes[index];
}

static inline bool trace_is_icmp(const proto_trace *trace)
{
    return trace->config.method == PROTO_TRACE_ICMP;
}

static inline uint32_t trace_number(const proto_trace *trace, uint32_t index)
{
    return trace_probe(trace, index)->attempt * trace_capacity(trace) + index;
}

static inline uint16_t trace_tag(const proto_trace *trace, uint32_t number)
{
    return (uint16_t)(1 + (number + trace->offset) % TRACE_TAGS);
}

/* The number of which this is the tag; of 0 and 0xffff, which are none, that of another. */
static inline uint32_t trace_number_of_tag(const proto_trace *trace, uint16_t tag)
{
    return ((uint32_t)tag + TRACE_TAGS - 1 - trace->offset) % TRACE_TAGS;
}

static inline void trace_cookie(const proto_trace *trace, uint32_t number, uint8_t cookie[8])
{
    siphash_key key = {{trace->key[0], trace->key[1]}};
    uint64_t hash = siphash_number(siphash_begin(&key), UINT64_C(1) + number);
    for (unsigned i = 0; i < 8; i++)
        cookie[i] = (uint8_t)(hash >> (56 - 8 * i));
}

/* What fills the payload behind the stamp. */
static inline uint8_t trace_filling(size_t place)
{
    return (uint8_t)('@' + place % 0x3f);
}

static inline uint32_t trace_header_size(const proto_trace_config *config)
{
    return (config->source.family == PROTO_IPV4 ? PROTO_IPV4_HEADER : PROTO_IPV6_HEADER) +
           PROTO_UDP_HEADER;
}

/* The destination's port of a probe; 0 with ICMP. */
TRACE_INTERNAL uint16_t trace_port(const proto_trace *trace, uint32_t index);

/* What the system leaves in the checksum field of a datagram whose checksum the network card is to
   make; it is quoted so by a router that no such card lies before, as in a virtual machine. */
TRACE_INTERNAL uint16_t trace_unfinished_checksum(const proto_trace *trace, uint32_t index);

/* Appends a probe, of the size that is the trace's now. Returns whether there was room. */
TRACE_INTERNAL bool trace_write(const proto_trace *trace, uint32_t index, proto_out *out);

/* What an arrival says. */
typedef struct trace_reading {
    /* FOREIGN, OWN, CORRUPTED and UNKNOWN are final. ANSWER: it is about a probe that was sent, and
       `step` happens to it. DUPLICATE: it is about an earlier attempt. */
    proto_trace_event event;
    proto_trace_step step; /* ANSWER, TOO_BIG or NOTE */
    proto_trace_answer answer;
    uint32_t index;
    proto_address source;
    uint8_t changed; /* ::proto_trace_change */
    int16_t ttl;
    int16_t quoted_ttl;
} trace_reading;

/* Reads an arrival, with the message that it is into the report. Whether a probe can be made
   smaller is not known here: a step TOO_BIG is one that the trace may have to take for an answer.
   */
TRACE_INTERNAL void trace_read(const proto_trace *trace, const proto_probe_arrival *arrival,
                               trace_reading *reading, proto_trace_report *report);

#endif
