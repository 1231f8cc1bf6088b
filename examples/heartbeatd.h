/* SPDX-License-Identifier: MIT */
/*
 * The parts of the server of heartbeats, bottom up:
 *
 * - heartbeatd_lines.c: what is said of each event
 * - heartbeatd_table.c: all senders, on a terminal and at the end
 * - heartbeatd.c: the command line, and one loop
 */
#ifndef HEARTBEATD_H
#define HEARTBEATD_H

#include <proto.h>
#include <stdbool.h>

#include "datagram.h"

enum {
    MAX_SENDERS = 1000000,
    MAX_STRANGE = 10 /* lines a second about what is no heartbeat */
};

struct options {
    uint16_t port;
    const char *bind;
    proto_heartbeat_config receiver;
    uint64_t senders; /* for how many there is room */
    bool json, quiet, table;
};

struct server {
    struct options options;
    struct datagram_socket socket;
    int stop;
    int64_t wall; /* nanoseconds since 1970, less the monotonic clock */
    proto_heartbeat_receiver receiver;
    proto_heartbeat_peer *peers;
    uint32_t overflowed;    /* as told last */
    uint64_t strange_since; /* a second of */
    unsigned strange;       /* lines about what is no heartbeat */
    unsigned drawn;         /* lines of the table on the screen */
    uint64_t draw_at;       /* when it is drawn again */
    struct datagram_batch batch;
};

/* Says what has happened, at the time `when`. */
void say_event(struct server *server, proto_heartbeat_event event,
               const proto_heartbeat_report *report, const struct datagram *datagram,
               uint64_t when);

/* Says that datagrams were lost here, because this program was too slow. */
void say_overflow(struct server *server, uint32_t count);

/* Makes room on the terminal for lines above the table. */
void table_clear(struct server *server);

/* Draws the table, if there is to be one and it is time. Returns when it will be. */
uint64_t table_draw(struct server *server, uint64_t now);

/* Prints the table for the last time. */
void table_print(struct server *server, uint64_t now);

#endif
