/* SPDX-License-Identifier: MIT */
/*
 * The parts of the UDP ping, bottom up:
 *
 * - udpping_lines.c: what is said of each event, and at the end
 * - udpping.c: the command line, the engine, and one loop
 */
#ifndef UDPPING_H
#define UDPPING_H

#include <proto.h>
#include <stdbool.h>

#include "datagram.h"

enum { SLOTS = 4096 }; /* messages that are remembered */

struct udpping {
    const char *host, *port;
    int family;
    uint64_t count, interval, timeout;
    bool json;
    int stop;
    int64_t wall; /* nanoseconds since 1970, less the monotonic clock */
    struct datagram_socket socket;
    struct datagram_batch batch;
    struct datagram_error error;
    proto_probe engine;
    proto_probe_text text;
    proto_probe_target target;
    proto_rtt rtt;
    proto_probe_slot slots[SLOTS];
};

/* Says what has happened, at the time `when`; `arrival` is NULL where nothing has arrived. */
void say_event(const struct udpping *ping, proto_probe_event event,
               const proto_probe_report *report, const proto_probe_arrival *arrival, uint64_t when);

/* Says that a message could not be sent. */
void say_refused(const struct udpping *ping, const proto_probe_report *report, const char *why);

/* Says how it went. */
void say_summary(const struct udpping *ping);

#endif
