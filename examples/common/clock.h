/* SPDX-License-Identifier: MIT */
/* The time, which libproto never asks for itself. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#define SECONDS(n)      ((uint64_t)(n)*UINT64_C(1000000000))
#define MILLISECONDS(n) ((uint64_t)(n)*UINT64_C(1000000))

/* Nanoseconds since some moment; never runs backwards. Exact to a few milliseconds, and for that
   nearly free. */
uint64_t clock_now(void);

/* Seconds since 1970, UTC. As exact and as cheap as clock_now(). */
int64_t clock_seconds(void);

/* Milliseconds from `now` until `deadline`, as poll() wants them: rounded up, at least 0. */
int clock_wait(uint64_t now, uint64_t deadline);

#endif
