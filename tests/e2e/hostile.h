/* SPDX-License-Identifier: MIT */
/* The hostile responder: what it can do (hostile_behaviours.c), and what carries it out (hostile.c). */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "wire.h"

/*
 * What the delays below are made for: a probe each 200 ms, given up after 500 ms. Numbers in
 * milliseconds.
 */
enum { HOSTILE_SOON = 20, HOSTILE_IN_TIME = 300, HOSTILE_TOO_LATE = 800 };

/* An echo request that came. */
struct probe {
    struct wire_received request;
    unsigned number; /* how many came to the same address before it */
};

/* One way to answer; the address that a probe is sent to chooses it. */
struct behaviour {
    const char *name;
    void (*answer)(const struct probe *probe);
    bool ipv4_only;
};

extern const struct behaviour behaviours[];
extern const size_t behaviour_count;

/* Sends a message so many milliseconds from now. */
void send_after(const struct wire_message *message, unsigned milliseconds);

#endif
