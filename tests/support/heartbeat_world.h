/* SPDX-License-Identifier: MIT */
/* A receiver of heartbeats with a virtual clock, and what it says as text. */
#ifndef HEARTBEAT_WORLD_H
#define HEARTBEAT_WORLD_H

#include "proto/heartbeat.h"
#include "text.h"

#define WORLD_MS UINT64_C(1000000)

/* The time of day when the virtual clock is 0. */
#define WORLD_WALL INT64_C(1795341600000000000)

typedef struct heartbeat_world {
    proto_heartbeat_receiver receiver;
    proto_heartbeat_peer *peers;
    size_t count;
    uint64_t now; /* nanoseconds */
    text_buffer said;
    proto_heartbeat_report report; /* of the last datagram */
} heartbeat_world;

/* Stops after 5 s of silence; three later numbers or 1 s make one lost. */
extern const proto_heartbeat_config heartbeat_world_config;

/* Room for `count` senders, in an allocation of exactly that size, full of rubbish. */
void world_open(heartbeat_world *world, const proto_heartbeat_config *config, size_t count);
void world_close(heartbeat_world *world);

/* Lets time pass, with everything said at its deadline. */
void world_wait_until(heartbeat_world *world, uint64_t when);

/* A datagram arrives: at a time, from a host (192.0.2.N) and a port. */
proto_heartbeat_event world_receive(heartbeat_world *world, uint64_t when, unsigned host,
                                    unsigned port, proto_slice bytes);

/* As above, with the text that proto_heartbeat_write() makes. */
proto_heartbeat_event world_beat(heartbeat_world *world, uint64_t when, unsigned host,
                                 const proto_heartbeat *beat);

/* What was said since the last call: `FIRST 1, BEAT 3 over 1, LOST 2, STOPPED`. */
const char *world_said(heartbeat_world *world);

proto_address world_address(unsigned host, unsigned port);

#endif
