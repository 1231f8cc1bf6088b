/* SPDX-License-Identifier: MIT */
#include "samples.h"

#include <stdlib.h>

#include "text.h"

uint64_t samples_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

static double uniform(uint64_t *seed)
{
    return (double)(samples_random(seed) >> 11) / 9007199254740992.0;
}

/* Nearly: the sum of twelve uniform ones. */
static double normal(uint64_t *seed)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += uniform(seed);
    return sum;
}

static double exponential(double x)
{
    double power = 1, term = 1;
    x /= 1024;
    for (int i = 1; i < 8; i++) {
        term *= x / i;
        power += term;
    }
    for (int i = 0; i < 10; i++)
        power *= power;
    return power;
}

static uint64_t lognormal(uint64_t *seed, double median, double sigma)
{
    return (uint64_t)(median * exponential(sigma * normal(seed)));
}

static uint64_t bimodal(uint64_t *seed)
{
    double which = uniform(seed);
    if (which < 0.01) return lognormal(seed, 1e9, 0.1);
    return which < 0.6 ? lognormal(seed, 2e5, 0.05) : lognormal(seed, 8e7, 0.02);
}

/* The first or last of a bucket of 32 to the octave, or one beside it. */
static uint64_t edge(uint64_t *seed)
{
    uint64_t random = samples_random(seed);
    unsigned octave = (unsigned)(random % 33);
    uint64_t first = (32 + (random >> 8) % 32) << octave;
    switch ((random >> 16) % 8) {
    case 0: return first - 1;
    case 1: return first + (UINT64_C(1) << octave) - 1;
    default: return first;
    }
}

/* Nearly all at one end of one bucket, and something on either side of it. */
static uint64_t heap(uint64_t *seed, uint64_t first, uint64_t at)
{
    uint64_t random = samples_random(seed);
    if (random % 100 == 0) return first - first / 16;
    if (random % 100 == 1) return first + first / 16;
    return at;
}

static uint64_t sample(int kind, uint64_t *seed)
{
    uint64_t octave = UINT64_C(1) << 24;
    switch (kind) {
    case 0: return lognormal(seed, 2e7, 0.4);
    case 1: return bimodal(seed);
    case 2: return lognormal(seed, 1e6, 2.5);
    case 3: return edge(seed);
    case 4: return heap(seed, 32 * octave, 32 * octave);
    case 5: return heap(seed, 32 * octave, 33 * octave - 1);
    default: return 1000 * SAMPLES_US + samples_random(seed) % 3;
    }
}

sample_set samples_of(int kind, size_t count, uint64_t seed)
{
    static const char *const names[SAMPLES_KINDS] = {
        "lognormal", "bimodal", "wide", "edges", "heap at the start", "heap at the end", "narrow"};
    sample_set samples = {names[kind], allocate(count * sizeof(uint64_t)), count};
    for (size_t i = 0; i < count; i++)
        samples.times[i] = sample(kind, &seed);
    return samples;
}

void samples_free(sample_set *samples)
{
    free(samples->times);
    samples->times = NULL;
}

static int by_length(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void samples_sort(sample_set *samples)
{
    qsort(samples->times, samples->count, sizeof *samples->times, by_length);
}

uint64_t samples_quantile(const sample_set *sorted, uint32_t millionths)
{
    uint64_t rank = ((uint64_t)sorted->count * millionths + 999999) / 1000000;
    return sorted->times[rank > 0 ? rank - 1 : 0];
}
