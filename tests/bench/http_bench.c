/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "http_inputs.h"
#include "http_sides.h"

static const char USAGE[] =
    "usage: http_bench [options]\n"
    "Reads HTTP heads and chunked bodies with libproto and with other parsers, in turns, and compares.\n"
    "  --input LIST   of v a b c d f e1 e2 e4 e5: only these\n"
    "  --side LIST    of portable neon ssse3 avx2 avx512 picohttpparser http-parser memcpy ...: only these\n"
    "  --quick        few rounds\n"
    "  --rounds N     so many rounds that nothing disturbed (default 100)\n"
    "  --count        count instructions as well; of chunked bodies only when --input names them\n"
    "  --count-only   count instructions, measure no time, judge no bar\n"
    "  --loops N      read N messages of each input with each side and print nothing: for a profiler\n"
    "  --core N       the core to run on (default: the last)\n"
    "  --peers DIR    where script/peers has unpacked (default " PEERS_DIR ")\n";

typedef struct options {
    const char *inputs, *sides, *peers;
    unsigned rounds;
    bool time, count;
    size_t loops;
    int core;
} options;

/* A side with an input, and how far it has come in it. */
typedef struct job {
    const http_side *side;
    const http_input *input;
    size_t next;
    const http_bytes *messages; /* those of the input, or `moved` */
    http_bytes moved;
} job;

static http_input inputs[HTTP_MAX_INPUTS];
static http_side sides[HTTP_MAX_SIDES];
static size_t input_count, side_count;
static unsigned slices, dropped;

/* ----------------------------------------------------------------------------------- running -- */

/* One head that is read over and over lies in another place in each slice: where it lies in its
   page, against what is written while it is read, can make a reader half as fast again. */
static void move(job *work)
{
    static uint8_t room[3 * 4096];
    static size_t turn;
    http_bytes message = work->input->messages[0];
    uint8_t *ptr = room + turn++ * 1021 % 4096;
    work->messages = work->input->messages;
    if (work->input->count > 1 || message.len > sizeof room - 4096) return;
    memcpy(ptr, message.ptr, message.len);
    work->moved = (http_bytes){ptr, message.len};
    work->messages = &work->moved;
}

static void enter(void *context)
{
    job *work = context;
    if (work->side->ours) proto_simd_use(work->side->simd);
    move(work);
}

/* The same loop for all: one call through a pointer for each message. */
static void run(void *context, size_t units)
{
    job *work = context;
    const http_input *input = work->input;
    const http_bytes *messages = work->messages;
    bool (*read)(const uint8_t *, size_t) = work->side->read[input->kind];
    size_t next = work->next, failures = 0;
    while (units--) {
        failures += !read(messages[next].ptr, messages[next].len);
        next = next + 1 == input->count ? 0 : next + 1;
    }
    work->next = next;
    if (failures) {
        fprintf(stderr, "http_bench: %s fails on input %s\n", work->side->name, input->key);
        exit(2);
    }
}

/* Compares what the sides find in every message of an input. */
static bool agree(const http_input *input, job *jobs, size_t count, double *items)
{
    *items = 0;
    for (size_t m = 0; m < input->count; m++) {
        http_tally first = {0, 0};
        const char *whose = NULL;
        for (size_t i = 0; i < count; i++) {
            const http_side *side = jobs[i].side;
            if (!side->tally[input->kind]) continue;
            enter(&jobs[i]);
            bool read = side->read[input->kind](input->messages[m].ptr, input->messages[m].len);
            http_tally tally = side->tally[input->kind]();
            if (!whose) {
                whose = side->name;
                first = tally;
            }
            if (!read || tally.items != first.items || tally.bytes != first.bytes) {
                fprintf(
                    stderr,
                    "http_bench: input %s, message %zu: %s %s %zu items of %zu bytes, %s %zu of %zu\n",
                    input->key, m, side->name, read ? "finds" : "fails after", tally.items,
                    tally.bytes, whose, first.items, first.bytes);
                return false;
            }
        }
        *items += (double)first.items / (double)input->count;
    }
    return true;
}

/* ---------------------------------------------------------------------------------- printing -- */

static void print_number(double value, int width, int digits)
{
    if (value < 0)
        printf(" %*s", width, "-");
    else
        printf(" %*.*f", width, digits, value);
}

static size_t find_side(const bench_side *all, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(all[i].name, name) != 0)
        i++;
    return i;
}

static double ratio_to(const bench_result *result, size_t side, size_t peer)
{
    return side < result->sides && peer < result->sides ? bench_ratio(result, side, peer) : -1;
}

static void print_title(const http_input *input, double items)
{
    static const char *const words[HTTP_KINDS] = {"fields", "fields", "fields", "pieces"};
    printf("\n%s: %s; %.1f bytes, %.1f %s a message\n", input->key, input->title,
           (double)input->bytes / (double)input->count, items, words[input->kind]);
    if (input->kind == HTTP_CHUNKED)
        printf(
            "  (picohttpparser rewrites what it reads; the copy that it needs for that is counted)\n");
    printf("  %-18s %12s %8s %10s %13s %13s\n", "", "ns/message", "GB/s", "x pico", "x http-parser",
           "instructions");
}

static void print_side(const http_input *input, const bench_side *all, const bench_result *result,
                       size_t side, double instructions)
{
    double ns = result->sides ? bench_time(result, side) : -1;
    double bytes = (double)input->bytes / (double)input->count;
    printf("  %-18s", all[side].name);
    print_number(ns, 12, 1);
    print_number(ns > 0 ? bytes / ns : -1, 8, 2);
    print_number(ratio_to(result, side, find_side(all, result->sides, "picohttpparser")), 10, 2);
    print_number(ratio_to(result, side, find_side(all, result->sides, "http-parser")), 13, 2);
    print_number(instructions, 13, 0);
    printf("\n");
}

/* -------------------------------------------------------------------------------------- bars -- */

/* How many times as fast as a peer a path must be. */
static const struct need {
    const char *input;
    const char *side; /* NULL: the widest that the machine has */
    const char *peer;
    double ratio;
} needs[] = {
    {"v", "avx512", "picohttpparser", 3.6},    {"a", "avx512", "picohttpparser", 2.6},
    {"b", "avx512", "picohttpparser", 1.0},    {"c", "avx512", "picohttpparser", 3.7},
    {"d", "avx512", "picohttpparser", 2.0},    {"v", "avx2", "picohttpparser", 2.5},
    {"a", "avx2", "picohttpparser", 2.4},      {"b", "avx2", "picohttpparser", 1.0},
    {"c", "avx2", "picohttpparser", 2.9},      {"d", "avx2", "picohttpparser", 1.75},
    {"v", "ssse3", "picohttpparser", 2.1},     {"a", "ssse3", "picohttpparser", 2.0},
    {"b", "ssse3", "picohttpparser", 0.95},    {"c", "ssse3", "picohttpparser", 2.4},
    {"d", "ssse3", "picohttpparser", 1.5},     {"v", "portable", "picohttpparser", 1.15},
    {"a", "portable", "picohttpparser", 1.15}, {"b", "portable", "picohttpparser", 0.95},
    {"c", "portable", "picohttpparser", 1.3},  {"d", "portable", "picohttpparser", 1.0},
    {"v", "avx2", "http-parser", 5.0},         {"a", "avx2", "http-parser", 5.0},
    {"b", "avx2", "http-parser", 5.0},         {"c", "avx2", "http-parser", 5.0},
    {"d", "avx2", "http-parser", 5.0},         {"f", NULL, "picohttpparser", 1.2},
    {"e2", NULL, "http-parser", 5.0},          {"e5", NULL, "http-parser", 1.8},
};

static size_t widest(const bench_side *all, size_t count)
{
    size_t found = count;
    for (size_t i = 0; i < count; i++)
        if (((const job *)all[i].context)->side->ours) found = i;
    return found;
}

static void judge(const http_input *input, const options *how, const bench_side *all,
                  const bench_result *result)
{
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        const struct need *need = &needs[i];
        size_t count = result->sides;
        size_t side = need->side ? find_side(all, count, need->side) : widest(all, count);
        size_t peer = find_side(all, count, need->peer);
        char name[48];
        if (strcmp(need->input, input->key) != 0 || side == count || (how->sides && peer == count))
            continue;
        snprintf(name, sizeof name, "%s-%s-to-%s", input->key, all[side].name, need->peer);
        bench_bar("http", name, ratio_to(result, side, peer), need->ratio);
    }
}

/* --------------------------------------------------------------------------------- measuring -- */

/* Whether a list separated by commas, or no list at all, names it. */
static bool listed(const char *list, const char *name)
{
    size_t len = strlen(name);
    if (!list) return true;
    for (;;) {
        size_t part = strcspn(list, ",");
        if (part == len && memcmp(list, name, len) == 0) return true;
        if (!list[part]) return false;
        list += part + 1;
    }
}

static size_t jobs_of(const http_input *input, const options *how, job *jobs, bench_side *all)
{
    size_t count = 0;
    for (size_t i = 0; i < side_count; i++) {
        const http_side *side = &sides[i];
        if (!side->read[input->kind] || !listed(how->sides, side->name)) continue;
        jobs[count] = (job){.side = side, .input = input, .messages = input->messages};
        all[count] = (bench_side){side->name, enter, run, &jobs[count]};
        count++;
    }
    return count;
}

static double instructions_of(const http_input *input, const options *how, const bench_side *side)
{
    enum { MESSAGES = 8 };
    bool wanted = how->count && (input->kind != HTTP_CHUNKED || how->inputs);
    if (!wanted) return -1;
    ((job *)side->context)->next = 0;
    return bench_instructions(side, input->count > MESSAGES ? MESSAGES : 1);
}

/* Returns whether the sides agreed. */
static bool measure(const http_input *input, const options *how)
{
    static bench_result result;
    job jobs[HTTP_MAX_SIDES];
    bench_side all[HTTP_MAX_SIDES];
    double items;
    size_t count = jobs_of(input, how, jobs, all);
    bench_plan plan = {how->rounds, 2000000, (uint64_t)how->rounds * 80000000u};
    if (!agree(input, jobs, count, &items)) return false;
    result.sides = result.slices = result.dropped = 0;
    if (how->time) bench_compare(all, count, &plan, &result);
    print_title(input, items);
    for (size_t i = 0; i < count; i++)
        print_side(input, all, &result, i, instructions_of(input, how, &all[i]));
    if (how->time && bench_noisy(&result))
        printf("  too noisy to tell: %u of %u slices were disturbed\n", result.dropped,
               result.slices);
    fflush(stdout);
    slices += result.slices;
    dropped += result.dropped;
    judge(input, how, all, &result);
    return true;
}

static void loop(const http_input *input, const options *how)
{
    job jobs[HTTP_MAX_SIDES];
    bench_side all[HTTP_MAX_SIDES];
    size_t count = jobs_of(input, how, jobs, all);
    for (size_t i = 0; i < count; i++) {
        all[i].enter(all[i].context);
        all[i].run(all[i].context, how->loops);
    }
}

/* ----------------------------------------------------------------------------------- options -- */

static bool read_options(int argc, char **argv, options *how)
{
    static const struct option names[] = {
        {"input", required_argument, NULL, 'i'},
        {"side", required_argument, NULL, 's'},
        {"quick", no_argument, NULL, 'q'},
        {"rounds", required_argument, NULL, 'r'},
        {"count", no_argument, NULL, 'c'},
        {"count-only", no_argument, NULL, 'C'},
        {"loops", required_argument, NULL, 'l'},
        {"core", required_argument, NULL, 'k'},
        {"peers", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
        switch (c) {
        case 'i': how->inputs = optarg; break;
        case 's': how->sides = optarg; break;
        case 'q': how->rounds = 12; break;
        case 'r': how->rounds = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'c': how->count = true; break;
        case 'C':
            how->count = true;
            how->time = false;
            break;
        case 'l': how->loops = strtoul(optarg, NULL, 10); break;
        case 'k': how->core = (int)strtol(optarg, NULL, 10); break;
        case 'p': how->peers = optarg; break;
        case 'h': fputs(USAGE, stdout); exit(0);
        default: return false;
        }
    return optind == argc && how->rounds >= 1;
}

int main(int argc, char **argv)
{
    options how = {.peers = PEERS_DIR, .rounds = 100, .time = true, .core = -1};
    if (!read_options(argc, argv, &how)) {
        fputs(USAGE, stderr);
        return 2;
    }
    input_count = http_inputs_make(inputs);
    side_count = http_sides_make(sides, how.peers);
    if (!how.loops && !bench_start(how.core))
        printf("not on a core of its own: the times will be less steady\n");
    if (!how.loops)
        printf(
            "Reading HTTP. Sides take turns of 2 ms on one core; medians; ours include validation and framing.\n");
    for (size_t i = 0; i < input_count; i++) {
        if (!listed(how.inputs, inputs[i].key)) continue;
        if (how.loops)
            loop(&inputs[i], &how);
        else if (!measure(&inputs[i], &how))
            return 2;
    }
    if (how.loops || !how.time) return 0;
    printf("\n%u of %u slices were disturbed and thrown away.\n\n", dropped, slices);
    return bench_end();
}
