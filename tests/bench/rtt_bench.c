/* SPDX-License-Identifier: MIT */
/* What it costs to take one more round-trip time, beside what it costs to keep it in an array. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "proto/rtt.h"
#include "rtt_histogram.h"
#include "samples.h"

static const char USAGE[] =
    "usage: rtt_bench [options]\n"
    "Records round-trip times, appends them to an array, in turns, and compares.\n"
    "  --quick        few rounds\n"
    "  --core N       the core to run on (default: the last)\n";

enum { TIMES = 8192 };

typedef struct time_array {
    uint64_t *times;
    size_t count;
} time_array;

static sample_set samples;
static time_array kept_array;
static proto_rtt kept_rtt, kept_histogram, other_rtt;
static uint8_t bytes[PROTO_RTT_BYTES];
static size_t bytes_len;

/* ------------------------------------------------------------------------------------- sides -- */

/* An ordinary function, called as the library's is. */
__attribute__((noinline)) static void append(time_array *array, uint64_t time)
{
    array->times[array->count++] = time;
    __asm__ volatile("" ::: "memory");
}

/* The histogram alone, as in lib/rtt.c. */
__attribute__((noinline)) static void count_up(proto_rtt *rtt, uint64_t time)
{
    size_t bucket = time <= UINT32_MAX ? rtt_bucket_of_short((uint32_t)time) : rtt_bucket_of(time);
    if (++rtt->buckets[bucket] == 0) rtt_bucket_wrapped(rtt, bucket);
    __asm__ volatile("" ::: "memory");
}

/* The array is filled again and again, while it is in the nearest caches. */
#define FOR_EACH_TIME(units, take)                              \
    for (const uint64_t *times = samples.times; units-- > 0;) { \
        uint64_t time = times[next++];                          \
        take;                                                   \
        if (next == TIMES) next = kept_array.count = 0;         \
    }

static void run_append(void *context, size_t units)
{
    (void)context;
    size_t next = kept_array.count = 0;
    FOR_EACH_TIME(units, append(&kept_array, time))
}

static void run_append_inline(void *context, size_t units)
{
    (void)context;
    size_t next = kept_array.count = 0;
    FOR_EACH_TIME(units, {
        kept_array.times[kept_array.count++] = time;
        __asm__ volatile("" ::: "memory");
    })
}

static void run_count_up(void *context, size_t units)
{
    (void)context;
    size_t next = kept_array.count = 0;
    FOR_EACH_TIME(units, count_up(&kept_histogram, time))
}

static void run_record(void *context, size_t units)
{
    (void)context;
    size_t next = kept_array.count = 0;
    FOR_EACH_TIME(units, proto_rtt_record(&kept_rtt, time))
}

static void run_merge(void *context, size_t units)
{
    (void)context;
    while (units--)
        proto_rtt_merge(&kept_rtt, &other_rtt);
}

static void run_subtract(void *context, size_t units)
{
    (void)context;
    proto_rtt nothing = {0};
    while (units--)
        proto_rtt_subtract(&kept_rtt, &nothing);
}

static void run_quantiles(void *context, size_t units)
{
    static const uint32_t wanted[] = {500000, 900000, 990000, 999000};
    uint64_t times[4];
    (void)context;
    while (units--)
        proto_rtt_quantiles(&other_rtt, wanted, times, 4);
}

static void run_write(void *context, size_t units)
{
    (void)context;
    while (units--) {
        proto_out out = proto_out_of(bytes, sizeof bytes);
        proto_rtt_write(&other_rtt, &out);
        bytes_len = out.len;
    }
}

static void run_read(void *context, size_t units)
{
    proto_rtt read;
    (void)context;
    while (units--)
        proto_rtt_read(proto_slice_of(bytes, bytes_len), &read, NULL);
}

/* --------------------------------------------------------------------------------- measuring -- */

static void compare_recording(int kind, const bench_plan *plan)
{
    static bench_result result;
    static const bench_side sides[] = {{"append", NULL, run_append, NULL},
                                       {"inline", NULL, run_append_inline, NULL},
                                       {"histogram", NULL, run_count_up, NULL},
                                       {"record", NULL, run_record, NULL}};
    samples = samples_of(kind, TIMES, 1);
    proto_rtt_init(&kept_rtt);
    bench_compare(sides, 4, plan, &result);
    printf("%-12s", samples.name);
    for (size_t side = 0; side < 4; side++)
        printf("%10.2f", bench_time(&result, side));
    printf("%10.2f%s\n", bench_ratio(&result, 0, 3), bench_noisy(&result) ? "  (disturbed)" : "");
    char name[32];
    snprintf(name, sizeof name, "record-%s", samples.name);
    bench_bar("rtt", name, bench_ratio(&result, 3, 0), 1 / 2.5);
    samples_free(&samples);
}

static void time_others(const bench_plan *plan)
{
    static bench_result result;
    static const bench_side sides[] = {{"merge", NULL, run_merge, NULL},
                                       {"subtract", NULL, run_subtract, NULL},
                                       {"four quantiles", NULL, run_quantiles, NULL},
                                       {"write as bytes", NULL, run_write, NULL},
                                       {"read them", NULL, run_read, NULL}};
    samples = samples_of(0, TIMES, 1);
    for (size_t i = 0; i < samples.count; i++)
        proto_rtt_record(&other_rtt, samples.times[i]);
    proto_rtt_init(&kept_rtt);
    run_write(NULL, 1);
    bench_compare(sides, 5, plan, &result);
    puts("\nns a call");
    for (size_t side = 0; side < 5; side++)
        printf("%-16s%8.0f\n", sides[side].name, bench_time(&result, side));
    printf("\n%zu bytes in memory, %zu written\n\n", sizeof(proto_rtt), bytes_len);
    samples_free(&samples);
}

int main(int argc, char **argv)
{
    int core = -1;
    bench_plan plan = {60, 1000000, UINT64_C(5000000000)};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            plan.rounds = 15;
        } else if (strcmp(argv[i], "--core") == 0 && i + 1 < argc) {
            core = atoi(argv[++i]);
        } else {
            fputs(USAGE, stderr);
            return 2;
        }
    }
    kept_array.times = calloc(TIMES, sizeof *kept_array.times);
    if (!kept_array.times) return 2;
    if (!bench_start(core)) puts("not on a core of its own: the times will be less steady");
    puts(
        "Round-trip times, one at a time. Sides take turns of 1 ms on one core; ns a time, medians.\n"
        "Appending and recording are a function each that is called; the ratio is that of these two.\n");
    printf("%-12s%10s%10s%10s%10s%10s\n", "times", "append", "in line", "histogram", "record",
           "ratio");
    for (int kind = 0; kind < 3; kind++)
        compare_recording(kind, &plan);
    time_others(&plan);
    bench_bar("rtt", "memory-4.5-KiB", 4608.0 / sizeof(proto_rtt), 1);
    return bench_end();
}
