/* SPDX-License-Identifier: MIT */
/*
 * When a packet arrived, on the clock that never runs backwards.
 *
 * The kernel stamps a packet as it takes it from the wire, which may be milliseconds before a busy
 * machine lets the program have it; but it stamps it with the real-time clock, which somebody may
 * set at any moment. So a stamp is only good for the packet's age: both clocks are read when the
 * packet is received, its age is the difference on the one, and its arrival lies as far back on the
 * other. Where the real-time clock was set in between, the age is wrong. That shows in the distance
 * of the two clocks, which is kept from one reading to the next, or in an age that cannot be; then
 * the packet counts as arrived when the program received it.
 */
#ifndef ARRIVAL_H
#define ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

/* Both clocks, read at one moment, and what is known of them. Zero-initialise. */
struct arrival_clock {
    uint64_t exact; /* clock_exact() */
    int64_t real;   /* clock_real() */
    bool steady;    /* the real-time clock has not been set since the last reading */
    bool begun;
};

/* Reads both clocks. Call it before anything arrives, and whenever something has been received. */
void arrival_read(struct arrival_clock *clock);

/* As arrival_read(), for clocks that were read already. */
void arrival_note(struct arrival_clock *clock, uint64_t exact, int64_t real);

/* When a packet arrived that was stamped `stamp` and received just before the clocks were read.
   Sets `*by_kernel` to whether the stamp told, and not the moment of receipt. */
uint64_t arrival_time(const struct arrival_clock *clock, int64_t stamp, bool *by_kernel);

/* Tells the kernel to stamp what arrives at a socket. Returns whether it will. */
bool arrival_stamps(int fd);

struct msghdr;

/* As arrival_time(), with the stamp taken out of what the kernel says beside a packet. */
uint64_t arrival_of_message(const struct arrival_clock *clock, struct msghdr *message,
                            bool *by_kernel);

#endif
