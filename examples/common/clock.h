/* SPDX-License-Identifier: MIT */
/* The time, which libproto never asks for itself. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

#define SECONDS(n)      ((uint64_t)(n)*UINT64_C(1000000000))
#define MILLISECONDS(n) ((uint64_t)(n)*UINT64_C(1000000))

/* Nanoseconds since some moment; never runs backwards. Exact to a few milliseconds, and for that
   nearly free. */
uint64_t clock_now(void);

/* The same clock, to the nanosecond, for what is measured. */
uint64_t clock_exact(void);

/* Nanoseconds since 1970, UTC, of the clock that somebody may set. */
int64_t clock_real(void);

/* Seconds since 1970, UTC. As exact and as cheap as clock_now(). */
int64_t clock_seconds(void);

/* Milliseconds from `now` until `deadline`, as poll() wants them: rounded up, at least 0. */
int clock_wait(uint64_t now, uint64_t deadline);

/* The same to the nanosecond, as ppoll() wants it; `deadline` may be UINT64_MAX, for never. */
struct timespec clock_wait_exact(uint64_t now, uint64_t deadline);

#endif
