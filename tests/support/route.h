/* SPDX-License-Identifier: MIT */
/*
 * A path of routers in memory, with a virtual clock: it takes the probes of a trace and answers
 * them as routers and a destination do, which are well or badly made.
 *
 * Router 1 is the nearest. Its address is 10.0.1.1 or fd00:1::1; that of the destination is
 * 192.0.2.9 or 2001:db8::9, ours 10.0.0.2 or fd00::2. A router is one millisecond from the next,
 * and answers at once, unless it says otherwise.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "proto/trace.h"
#include "text.h"

enum { ROUTE_ROUTERS = 40, ROUTE_QUEUE = 1024, ROUTE_ARRIVAL = 1500 };

#define ROUTE_MS    UINT64_C(1000000)
#define ROUTE_START (UINT64_C(5000000) * ROUTE_MS)

/* A router; all zero is one that does what it should. */
struct route_router {
    bool silent;         /* forwards, and says nothing */
    bool drops;          /* neither */
    unsigned limit;      /* says so much and no more; 0: no limit */
    bool two;            /* there are two of them, and the flow decides which */
    uint64_t slow;       /* this much longer until it answers */
    unsigned quote;      /* quotes so many bytes behind the IP header; 0: all */
    unsigned padded;     /* fills the quote with zeros up to so many bytes behind the IP header */
    unsigned options;    /* so many bytes of options or extension headers in the quoted header */
    proto_slice objects; /* what it adds to errors */
    uint8_t quoted_ttl;  /* what it quotes; 0: 1 */
    proto_icmp_kind refuses;  /* does not forward, and says this; 0: forwards */
    uint8_t code;             /* with this code */
    unsigned refuses_one_in;  /* only so many; 0: all */
    uint32_t mtu;             /* cannot forward more; 0: any size */
    bool says_no_mtu;         /* and does not say how much */
    unsigned same_as;         /* has the address of that router; 0: its own */
    bool as_destination;      /* has the address of the destination */
    unsigned back_to;         /* forwards to that router; 0: to the next */
    bool rewrites;            /* quotes another destination and checksum: a NAT that does not
                                 put them back */
    bool rewrites_checksum;   /* only the checksum */
    bool unfinished_checksum; /* quotes what a network card was to finish */
};

struct route_arrival {
    proto_probe_arrival arrival;
    uint64_t order;
    uint8_t bytes[ROUTE_ARRIVAL];
};

struct route {
    /* how it is */
    proto_family family;
    unsigned routers;                              /* before the destination */
    struct route_router router[ROUTE_ROUTERS + 1]; /* from 1 */
    struct {
        bool silent;
        bool elsewhere;   /* answers from another address */
        bool ttl_left;    /* answers with the time to live that was left: as much as it takes */
        bool serves;      /* something listens at the port, and repeats what it is asked */
        bool answers_few; /* and repeats two bytes */
        bool damages;     /* changes a byte behind the cookie */
        bool shortens;    /* leaves out the last byte */
        bool forges;      /* changes the cookie */
        unsigned limit;   /* answers so much and no more; 0: no limit */
        proto_icmp_kind refuses; /* says this in place of an answer */
        uint8_t code;
    } destination;
    proto_probe_form form; /* MESSAGE, PACKET or RETURNED: how it arrives */
    bool verified;
    unsigned loses;   /* per cent, of answers */
    unsigned doubles; /* per cent */
    uint64_t jitter;  /* each answer up to so much later */
    uint32_t random;

    /* what happens */
    const proto_trace_config *config;
    uint64_t now;
    unsigned sent;
    unsigned said[ROUTE_ROUTERS + 2];
    struct route_arrival *queue[ROUTE_QUEUE];
    unsigned queued;
    bool has_flow;
    uint8_t flow[4]; /* the first bytes of the first probe, by which flows are told apart */
    bool flow_differs;
    unsigned largest; /* probe that the destination got */
};

/* A path of `routers` routers. To be freed. */
struct route *route_new(proto_family family, unsigned routers);
void route_free(struct route *route);

/* Our address and the destination's, with ports 40000 and 33434. */
proto_address route_source(const struct route *route);
proto_address route_destination(const struct route *route);
proto_address route_router_address(const struct route *route, unsigned router);

/* Takes a probe as proto_trace_send() has written it, and fails the test if it is not well made. */
void route_take(struct route *route, const proto_trace_report *report, proto_slice bytes);

/* The oldest of what arrives by `until`, or NULL; `now` is then its time. To be freed. */
struct route_arrival *route_arrived(struct route *route, uint64_t until);

/* A trace of such a path. */
struct route_trace {
    proto_trace trace;
    proto_trace_config config;
    proto_trace_hop hops[PROTO_TRACE_MAX_HOPS];
    proto_trace_probe probes[PROTO_TRACE_MAX_HOPS * PROTO_TRACE_MAX_QUERIES];
    unsigned events[PROTO_TRACE_EVENT_SILENT + 1];
    text_buffer text; /* the path */
    uint64_t took;
};

/* Sets it up with the defaults and a key, for `config` to be changed. To be freed. */
struct route_trace *route_trace_new(const struct route *route, proto_trace_method method);
void route_trace_free(struct route_trace *it);

/*
 * Runs it to its end. The path, as text: a line for each hop with its number and its answers, `r3`
 * for router 3, `r3b` for the second one there, `dst`, `*` for none, `-` for a probe that was not
 * awaited, `x` for one that was refused, with marks behind; the same address is said once for
 * several. At the end stands the outcome:
 *
 *     1 r1
 *     2 * r2 *
 *     3 dst
 *     REACHED
 */
const char *route_run(struct route_trace *it, struct route *route);

/* Sends what is due; for tests that do the rest themselves. Returns how many. */
unsigned route_send(struct route_trace *it, struct route *route);

#endif
