/* SPDX-License-Identifier: MIT */
/*
 * The parts of the UDP ping server, bottom up:
 *
 * - udppingd_queue.c: replies that are sent later
 * - udppingd.c: the command line, and one loop
 */
#ifndef UDPPINGD_H
#define UDPPINGD_H

#include <proto/inet.h>
#include <stdbool.h>

enum {
    MAX_TEXT = 1024,   /* bytes of a datagram that are answered */
    MAX_WAITING = 1024 /* replies that are kept for later */
};

struct reply {
    uint64_t due;
    uint64_t number; /* replies due at the same time leave in the order they came */
    proto_address to;
    proto_address from;
    size_t len;
    uint8_t text[MAX_TEXT];
};

/* Those that wait, the one due first in front. Zero-initialise. */
struct queue {
    unsigned count;
    uint64_t put;               /* how many have ever been */
    uint16_t heap[MAX_WAITING]; /* places, by due time */
    uint16_t spare[MAX_WAITING];
    unsigned spared;
    unsigned touched; /* places that were ever in use */
    struct reply places[MAX_WAITING];
};

/* A place for another reply, or NULL when all are taken. It waits once queue_put() is called. */
struct reply *queue_new(struct queue *queue);
void queue_put(struct queue *queue, struct reply *reply);

/* The reply that is due first, or NULL. */
struct reply *queue_first(struct queue *queue);

/* Takes it out. */
void queue_drop_first(struct queue *queue);

#endif
