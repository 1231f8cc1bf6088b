/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "inet_sides.h"
#include "proto/inet.h"

static const char USAGE[] =
    "usage: inet_bench [options]\n"
    "Makes Internet checksums with libproto and with the loops of others, in turns, and compares.\n"
    "  --quick        few rounds\n"
    "  --rounds N     so many rounds that nothing disturbed (default 60)\n"
    "  --core N       the core to run on (default: the last)\n";

typedef uint16_t checksum_function(const void *ptr, size_t len);

/* Which path a side takes; OTHER is not ours. */
enum { OTHER = -1 };

typedef struct side {
    const char *name;
    checksum_function *run;
    int path;
    size_t base; /* the side that it is compared with in the tables */
} side;

typedef struct job {
    side side;
    size_t len;
    size_t turn;
    uint16_t sum;
} job;

enum { LONGEST = 1 << 16, MOST = 10 };

static _Alignas(64) uint8_t bytes[LONGEST + 64];
static _Alignas(64) uint8_t copies[LONGEST + 64];
static unsigned rounds = 60, slices, dropped;

/* ------------------------------------------------------------------------------------- sides -- */

static uint16_t fused(const void *ptr, size_t len)
{
    proto_checksum sum = {0};
    proto_checksum_copy(&sum, copies, ptr, len);
    return proto_checksum_value(&sum);
}

static uint16_t copy_then_sum(const void *ptr, size_t len)
{
    memcpy(copies, ptr, len);
    __asm__ volatile("" : : : "memory");
    return proto_checksum_of(copies, len);
}

static uint16_t added(const void *ptr, size_t len)
{
    proto_checksum sum = {0};
    proto_checksum_add(&sum, ptr, len);
    return proto_checksum_value(&sum);
}

static uint16_t update(const void *ptr, size_t len)
{
    const uint8_t *at = ptr;
    (void)len;
    return proto_checksum_update((uint16_t)(at[0] << 8 | at[1]), at[2], at[4]);
}

/* What a probe changes in the message that it is made from: identifier, sequence number, cookie. */
static uint16_t replace(const void *ptr, size_t len)
{
    const uint8_t *at = ptr;
    (void)len;
    return proto_checksum_replace((uint16_t)(at[0] << 8 | at[1]), at, at + 18, 18);
}

static size_t add_paths(side *sides, size_t count, checksum_function *run)
{
    for (int path = PROTO_SIMD_PORTABLE; path <= PROTO_SIMD_AVX512; path++)
        if (proto_simd_use((proto_simd)path))
            sides[count++] = (side){proto_simd_name((proto_simd)path), run, path, 0};
    return count;
}

/* ----------------------------------------------------------------------------------- running -- */

/* The bytes lie in another place in each slice, the same one for all sides of a round: as messages
   do, at even places of all kinds. */
static void enter(void *context)
{
    job *work = context;
    if (work->side.path != OTHER) proto_simd_use((proto_simd)work->side.path);
    work->turn++;
}

/* The same loop for all: one call through a pointer for each message. */
static void run(void *context, size_t units)
{
    job *work = context;
    checksum_function *checksum = work->side.run;
    const uint8_t *at = bytes + work->turn * 14 % 64;
    size_t len = work->len;
    unsigned sum = 0;
    while (units--)
        sum += checksum(at, len);
    work->sum = (uint16_t)sum;
}

static void compare(const side *sides, size_t count, size_t len, bench_result *result)
{
    job jobs[MOST];
    bench_side all[MOST];
    bench_plan plan = {rounds, 400000, (uint64_t)rounds * 14000000u};
    for (size_t i = 0; i < count; i++) {
        jobs[i] = (job){.side = sides[i], .len = len};
        all[i] = (bench_side){sides[i].name, enter, run, &jobs[i]};
    }
    bench_compare(all, count, &plan, result);
    slices += result->slices;
    dropped += result->dropped;
}

/* --------------------------------------------------------------------------------- measuring -- */

static void print_row(const char *name, const double *times, const double *ratios, size_t count)
{
    printf("  %-16s", name);
    for (size_t i = 0; i < count; i++)
        if (ratios[i] > 0)
            printf(" %8.1f %5.1fx", times[i], ratios[i]);
        else
            printf(" %8.1f %6s", times[i], "");
    printf("\n");
}

/* A table: a row for each side, and for each length its time and how many times as fast it is as its
   base. Keeps the ratios to the first three sides for judge(). */
static void measure(const char *title, const side *sides, size_t count, const size_t *lengths,
                    size_t columns, double ratios[][MOST])
{
    static bench_result result;
    double times[MOST][8], shown[MOST][8];
    for (size_t column = 0; column < columns; column++) {
        compare(sides, count, lengths[column], &result);
        for (size_t i = 0; i < count; i++) {
            times[i][column] = bench_time(&result, i);
            shown[i][column] = i > sides[i].base ? bench_ratio(&result, i, sides[i].base) : -1;
            for (size_t other = 0; ratios && other < 3; other++)
                ratios[column * 3 + other][i] = bench_ratio(&result, i, other);
        }
    }
    printf("\n%s\n  %-16s", title, "");
    for (size_t column = 0; column < columns; column++)
        printf(" %8zu bytes", lengths[column]);
    printf("\n");
    for (size_t i = 0; i < count; i++)
        print_row(sides[i].name, times[i], shown[i], columns);
    fflush(stdout);
}

/* How many times as fast as another side a path must be: as the textbook's loop where a message is
   long; and where it is short, as the loop with carry, all our paths being the same there. */
static const struct need {
    size_t len;
    int path;
    size_t other;
    double ratio;
} needs[] = {
    {1500, PROTO_SIMD_PORTABLE, 0, 4}, {9000, PROTO_SIMD_PORTABLE, 0, 4},
    {1500, PROTO_SIMD_SSSE3, 0, 8},    {9000, PROTO_SIMD_SSSE3, 0, 8},
    {1500, PROTO_SIMD_AVX2, 0, 15},    {9000, PROTO_SIMD_AVX2, 0, 15},
    {1500, PROTO_SIMD_AVX512, 0, 25},  {9000, PROTO_SIMD_AVX512, 0, 25},
    {20, PROTO_SIMD_PORTABLE, 1, 1},   {40, PROTO_SIMD_PORTABLE, 1, 1},
    {64, PROTO_SIMD_PORTABLE, 1, 1},
};

static void judge(const side *sides, size_t count, const size_t *lengths, size_t columns,
                  double ratios[][MOST])
{
    for (size_t n = 0; n < sizeof needs / sizeof *needs; n++)
        for (size_t column = 0; column < columns; column++)
            for (size_t i = 3; i < count; i++) {
                const struct need *need = &needs[n];
                char name[48];
                if (need->len != lengths[column] || need->path != sides[i].path) continue;
                snprintf(name, sizeof name, "%zu-%s-to-%s", need->len,
                         need->other ? "ours" : sides[i].name, sides[need->other].name);
                bench_bar("inet", name, ratios[column * 3 + need->other][i], need->ratio);
            }
}

static void measure_sums(void)
{
    static const size_t lengths[] = {20, 40, 64, 1500, 9000, LONGEST};
    enum { COLUMNS = sizeof lengths / sizeof *lengths };
    static double ratios[COLUMNS * 3][MOST];
    side sides[MOST] = {{"textbook", inet_textbook, OTHER, 0},
                        {"carry-loop", inet_carry_loop, OTHER, 0},
                        {"carry-row", inet_carry_row, OTHER, 0}};
    size_t count = add_paths(sides, 3, proto_checksum_of), judged = count;
    sides[count++] = (side){"only loads", inet_load, OTHER, 0};
    sides[count++] = (side){"memcpy", inet_memcpy, OTHER, 0};
    measure("The checksum of a message: ns, and how many times as fast as the textbook's loop",
            sides, count, lengths, COLUMNS, ratios);
    judge(sides, judged, lengths, COLUMNS, ratios);
}

static void measure_copies(void)
{
    static const size_t lengths[] = {64, 1500, 9000};
    side sides[MOST] = {{"memcpy alone", inet_memcpy, OTHER, 0}}, paths[MOST];
    size_t count = 1, ours = add_paths(paths, 0, fused);
    for (size_t i = 0; i < ours; i++) {
        sides[count] = (side){"memcpy, then sum", copy_then_sum, paths[i].path, count};
        sides[count + 1] = (side){paths[i].name, fused, paths[i].path, count};
        count += 2;
    }
    measure("Copied and added up at once: ns, and how many times as fast as one after the other",
            sides, count, lengths, sizeof lengths / sizeof *lengths, NULL);
}

static void measure_updates(void)
{
    static const size_t lengths[] = {1500};
    side paths[MOST];
    int widest = paths[add_paths(paths, 0, proto_checksum_of) - 1].path;
    const side sides[] = {{"the whole anew", proto_checksum_of, widest, 0},
                          {"in an addition", added, widest, 0},
                          {"18 bytes change", replace, widest, 0},
                          {"one word changes", update, widest, 0}};
    measure("A new value after a change (RFC 1624): ns, and how many times as fast as the whole",
            sides, sizeof sides / sizeof *sides, lengths, 1, NULL);
}

/* Returns whether all find the same, but for the order of bytes. */
static bool agree(void)
{
    side paths[MOST];
    size_t count = add_paths(paths, 0, proto_checksum_of);
    for (size_t len = 0; len <= 2000; len++) {
        uint16_t sum = inet_textbook(bytes, len), swapped = (uint16_t)(sum << 8 | sum >> 8);
        bool same = inet_carry_loop(bytes, len) == sum && inet_carry_row(bytes, len) == sum;
        for (size_t i = 0; i < count && same; i++) {
            proto_simd_use((proto_simd)paths[i].path);
            uint16_t value = proto_checksum_of(bytes, len);
            same = value == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? swapped : sum) &&
                   fused(bytes, len) == value;
        }
        if (!same) {
            fprintf(stderr, "inet_bench: the sides differ on %zu bytes\n", len);
            return false;
        }
    }
    return true;
}

static bool read_options(int argc, char **argv, int *core)
{
    static const struct option names[] = {
        {"quick", no_argument, NULL, 'q'},
        {"rounds", required_argument, NULL, 'r'},
        {"core", required_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
        switch (c) {
        case 'q': rounds = 12; break;
        case 'r': rounds = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'k': *core = (int)strtol(optarg, NULL, 10); break;
        case 'h': fputs(USAGE, stdout); exit(0);
        default: return false;
        }
    return optind == argc && rounds >= 1;
}

int main(int argc, char **argv)
{
    int core = -1;
    if (!read_options(argc, argv, &core)) {
        fputs(USAGE, stderr);
        return 2;
    }
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((random = random * 1664525u + 1013904223u) >> 24);
    if (!agree()) return 2;
    if (!bench_start(core)) printf("not on a core of its own: the times will be less steady\n");
    printf("Internet checksums. Sides take turns of 0.4 ms on one core; medians.\n");
    measure_sums();
    measure_copies();
    measure_updates();
    printf("\n%u of %u slices were disturbed and thrown away.\n\n", dropped, slices);
    return bench_end();
}
