/* SPDX-License-Identifier: MIT */
/* Packets that have to wait: the earliest comes out first, and of two for the same moment the one
 * that was put in first. */
#ifndef DELAYED_H
#define DELAYED_H

#include <stddef.h>
#include <stdint.h>

struct packet {
    uint64_t due;         /* when, on the clock of tun_now() */
    uint64_t number;      /* in the order in which they were put in */
    uint64_t user, doubt; /* what the program likes */
    size_t len;
    uint8_t bytes[];
};

/* Puts in a copy; returns the packet, which the caller may still mark. */
struct packet *delayed_put(uint64_t due, const uint8_t *bytes, size_t len);

/* The earliest, or NULL. It stays. */
const struct packet *delayed_first(void);

/* Takes out the earliest, for the caller to free(); there is one. */
struct packet *delayed_take(void);

#endif
