/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <assert.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

enum { PROBE_TURNS = 8000, PROBE_STARTS = 400 };

/* How much longer than at its best the probe may take. */
static const double PROBE_SLACK = 1.08;
static const double OWN_TIME_SHARE = 0.97;

static double probe_best;

enum { MAX_BARS = 64 };
typedef struct bar {
    char name[64];
    double measured;
    double needed;
} bar;
static bar bars[MAX_BARS];
static size_t bar_count;

static uint64_t clock_ns(clockid_t id)
{
    struct timespec time;
    clock_gettime(id, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t bench_now(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

/* Several independent chains: slowed by a lower clock, by a thread that shares the core, and by
   having to wait for it. */
static double probe(void)
{
    uint64_t a = 1, b = 2, c = 3, d = 4;
    uint64_t start = bench_now();
    for (int i = 0; i < PROBE_TURNS; i++) {
        a = a * 5 + 1;
        b = (b << 1) ^ a;
        c = c * 3 + 7;
        d = (d >> 1) + c;
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
    }
    return (double)(bench_now() - start);
}

bool bench_start(int core)
{
    cpu_set_t set;
    if (core < 0) core = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    bool pinned = sched_setaffinity(0, sizeof set, &set) == 0;
    probe_best = probe();
    for (int i = 0; i < PROBE_STARTS; i++) {
        double took = probe();
        if (took < probe_best) probe_best = took;
    }
    return pinned;
}

/* Nanoseconds a unit, negative if something disturbed the slice. */
static double slice(const bench_side *side, size_t units, double *before)
{
    if (side->enter) side->enter(side->context);
    uint64_t own = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    uint64_t start = bench_now();
    side->run(side->context, units);
    uint64_t took = bench_now() - start;
    own = clock_ns(CLOCK_THREAD_CPUTIME_ID) - own;
    double after = probe();
    bool good = *before <= probe_best * PROBE_SLACK && after <= probe_best * PROBE_SLACK &&
                (double)own >= (double)took * OWN_TIME_SHARE;
    *before = after;
    return good ? (double)took / (double)units : -1;
}

/* How many units fill a slice; also warms the side up. */
static size_t units_of_slice(const bench_side *side, uint64_t wanted)
{
    if (side->enter) side->enter(side->context);
    for (size_t units = 1;; units *= 2) {
        uint64_t start = bench_now();
        side->run(side->context, units);
        uint64_t took = bench_now() - start;
        if (took >= wanted / 4) return units * wanted / took ? units * wanted / took : 1;
    }
}

/* One turn of every side, each round beginning with another. Returns how many slices were thrown
   away. */
static unsigned run_round(const bench_side *sides, const size_t *units, bench_result *result)
{
    unsigned dropped = 0;
    double before = probe();
    for (size_t i = 0; i < result->sides; i++) {
        size_t side = (i + result->rounds) % result->sides;
        double ns = slice(&sides[side], units[side], &before);
        result->ns[side][result->rounds] = ns;
        dropped += ns < 0;
    }
    result->rounds++;
    result->slices += (unsigned)result->sides;
    result->dropped += dropped;
    return dropped;
}

void bench_compare(const bench_side *sides, size_t count, const bench_plan *plan,
                   bench_result *result)
{
    size_t units[BENCH_MAX_SIDES];
    uint64_t end = bench_now() + plan->max_time;
    result->sides = count;
    result->rounds = result->slices = result->dropped = 0;
    for (size_t i = 0; i < count; i++)
        units[i] = units_of_slice(&sides[i], plan->slice);
    for (unsigned clean = 0; clean < plan->rounds && result->rounds < BENCH_MAX_ROUNDS;) {
        clean += run_round(sides, units, result) == 0;
        if (bench_now() > end) break;
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    if (count == 0) return -1;
    qsort(values, count, sizeof *values, by_size);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

double bench_time(const bench_result *result, size_t side)
{
    double good[BENCH_MAX_ROUNDS];
    size_t count = 0;
    for (unsigned i = 0; i < result->rounds; i++)
        if (result->ns[side][i] >= 0) good[count++] = result->ns[side][i];
    return median(good, count);
}

double bench_ratio(const bench_result *result, size_t fast, size_t slow)
{
    double good[BENCH_MAX_ROUNDS];
    size_t count = 0;
    for (unsigned i = 0; i < result->rounds; i++)
        if (result->ns[fast][i] > 0 && result->ns[slow][i] > 0)
            good[count++] = result->ns[slow][i] / result->ns[fast][i];
    return median(good, count);
}

bool bench_noisy(const bench_result *result)
{
    return result->dropped * 2 > result->slices;
}

#if defined(__x86_64__)

enum { TRAP_FLAG = 0x100 };
static volatile uint64_t steps;

static void step(int signal)
{
    (void)signal;
    steps = steps + 1;
}

static uint64_t steps_of(const bench_side *side, size_t units)
{
    steps = 0;
    __writeeflags(__readeflags() | TRAP_FLAG);
    if (units) side->run(side->context, units);
    __writeeflags(__readeflags() & ~(unsigned long long)TRAP_FLAG);
    return steps;
}

double bench_instructions(const bench_side *side, size_t units)
{
    struct sigaction old, trap = {.sa_handler = step};
    if (side->enter) side->enter(side->context);
    side->run(side->context, units);
    sigaction(SIGTRAP, &trap, &old);
    uint64_t nothing = steps_of(side, 0);
    uint64_t all = steps_of(side, units);
    sigaction(SIGTRAP, &old, NULL);
    return (double)(all - nothing) / (double)units;
}

#else

double bench_instructions(const bench_side *side, size_t units)
{
    (void)side, (void)units;
    return -1;
}

#endif

void bench_bar(const char *area, const char *name, double measured, double needed)
{
    assert(bar_count < MAX_BARS);
    bar *next = &bars[bar_count++];
    snprintf(next->name, sizeof next->name, "%s.%s", area, name);
    next->measured = measured;
    next->needed = needed;
}

int bench_end(void)
{
    int status = 0;
    for (size_t i = 0; i < bar_count; i++) {
        bool ok = bars[i].measured >= bars[i].needed;
        printf("bar %s measured=%.3f needed=%.3f %s\n", bars[i].name, bars[i].measured,
               bars[i].needed, ok ? "ok" : "short");
        if (!ok) status = 1;
    }
    return status;
}
