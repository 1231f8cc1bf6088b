/* SPDX-License-Identifier: MIT */
/*
 * The parts of traceroute, bottom up:
 *
 *   traceroute_sockets.c   where probes leave and answers come in, with privileges or without
 *   traceroute_text.c      what is shown to people
 *   traceroute_json.c      what is shown to programs
 *   traceroute_options.c   the command line
 *   traceroute.c           one loop
 */
#ifndef TRACEROUTE_H
#define TRACEROUTE_H

#include <proto.h>
#include <stdio.h>

#include "icmp_socket.h"

/* What traceroute exits with. */
enum { EXIT_REACHED = 0, EXIT_NOT_REACHED = 1, EXIT_ERROR = 2 };

/* ----------------------------------------------------------------------------------- options -- */

struct options {
    const char *host;
    const char *source;    /* or NULL */
    const char *interface; /* or NULL */
    int family;            /* AF_UNSPEC, AF_INET or AF_INET6 */
    bool icmp;
    bool classic;
    bool dont_fragment;
    bool find_mtu;
    bool names; /* look them up */
    bool way_back;
    bool json;
    uint16_t port; /* 0: the default */
    uint16_t size; /* 0: the default */
    uint16_t window;
    uint8_t queries;
    uint8_t first_hop;
    uint8_t last_hop;
    uint8_t max_silent;
    uint8_t here, near;
    uint64_t max_wait, floor;
    uint64_t gap;
};

/* Reads the command line. Returns -1 to go on, or what to exit with. */
int options_read(struct options *options, int argc, char **argv);

/* ----------------------------------------------------------------------------------- sockets -- */

/* With privileges, UDP probes leave by a raw socket, which leaves their checksum alone, and a
   second one gets the ICMP messages; the port is held by a third. Without, one socket does
   everything, and errors come through its error queue. */
struct sockets {
    struct icmp_socket out; /* of these, `own_out` says whether it is none of the others */
    bool own_out;
    struct icmp_socket in[2];
    unsigned count;
    struct icmp_outbox outbox;
    struct icmp_inbox inbox;
};

/* Opens what is needed, gives up privileges, and finds out from which address and port probes will
   leave. Returns whether it could; otherwise it has said why, and what to do. */
bool sockets_open(struct sockets *sockets, const struct options *options,
                  const proto_address *destination, proto_address *source, uint16_t *identifier);

/* The MTU of the interface with that address, or 0. */
uint16_t sockets_mtu(const struct sockets *sockets, const proto_address *source);

void sockets_close(struct sockets *sockets);

/* ------------------------------------------------------------------------------------- route -- */

/* A trace, and what its program knows of it. */
struct route {
    const struct options *options;
    proto_address destination;
    proto_trace_config config;
    proto_trace trace;
    uint64_t began;
    uint64_t ended;
    unsigned sent;
    int refused; /* the error of the last probe that the system refused */
    uint16_t size_shown;
    proto_trace_hop hops[PROTO_TRACE_MAX_HOPS];
    proto_trace_probe probes[PROTO_TRACE_MAX_HOPS * PROTO_TRACE_MAX_QUERIES];
};

/* ------------------------------------------------------------------------------------ output -- */

/* The mark of an answer, `!H`, or an empty string. */
const char *mark_text(const proto_trace_probe *probe, char text[PROTO_ICMP_MARK + 1]);

enum { MAX_NAME = 1025 };

/* The name of an address, as the user's resolver knows it; a stranger wrote it. Returns whether
   there is one. This may take as long as name servers do. */
bool name_of(const proto_address *address, char name[MAX_NAME]);

void text_begin(const struct route *route);
void text_hop(struct route *route, const proto_trace_hop *hop);

void json_begin(const struct route *route);
void json_hop(const struct route *route, const proto_trace_hop *hop);
void json_end(const struct route *route);

#endif
