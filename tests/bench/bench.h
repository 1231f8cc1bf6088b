/* SPDX-License-Identifier: MIT */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Times that can be believed on a machine that others use as well.
 *
 * The sides of a comparison take turns in slices of a few milliseconds, so that what slows the
 * machine down for a second slows all of them down. A loop of known length runs before and after
 * each slice: where it took too long, or where the thread was taken off its core, the slice is
 * thrown away. Ratios are taken within a round and the median of the rounds counts. */

/* What is compared: run() does `units` of work. enter() prepares it, outside the time; it may be
   NULL. */
typedef struct bench_side {
    const char *name;
    void (*enter)(void *context);
    void (*run)(void *context, size_t units);
    void *context;
} bench_side;

typedef struct bench_plan {
    unsigned rounds;   /* rounds wanted in which no slice was thrown away */
    uint64_t slice;    /* nanoseconds of a slice */
    uint64_t max_time; /* nanoseconds for all of it */
} bench_plan;

#define BENCH_MAX_SIDES  16
#define BENCH_MAX_ROUNDS 1024

typedef struct bench_result {
    size_t sides;
    unsigned rounds;
    unsigned slices;                              /* all that were run */
    unsigned dropped;                             /* of them, thrown away */
    double ns[BENCH_MAX_SIDES][BENCH_MAX_ROUNDS]; /* nanoseconds a unit; negative: thrown away */
} bench_result;

uint64_t bench_now(void);

/* Keeps the process on one core, and learns how fast that core is when nothing disturbs it.
   Negative: the last core. */
bool bench_start(int core);

void bench_compare(const bench_side *sides, size_t count, const bench_plan *plan,
                   bench_result *result);

/* Nanoseconds a unit of a side: the median of its slices; negative where none counts. */
double bench_time(const bench_result *result, size_t side);

/* How many times as fast as `slow` is `fast`; negative where no round has both. */
double bench_ratio(const bench_result *result, size_t fast, size_t slow);

/* Whether so many slices were thrown away that the rest says little. */
bool bench_noisy(const bench_result *result);

/* Instructions that run() executes for `units`, by stepping through them; negative where the
   machine cannot. */
double bench_instructions(const bench_side *side, size_t units);

/* Remembers a bar for bench_end(). A negative measure is short. */
void bench_bar(const char *area, const char *name, double measured, double needed);

/* Prints a line for each bar. Returns 0, or 1 if one was short. */
int bench_end(void);

#endif
