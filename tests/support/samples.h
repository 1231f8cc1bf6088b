/* SPDX-License-Identifier: MIT */
/* Round-trip times as they may come, the same in every run, and what is exactly true of them. */
#ifndef SAMPLES_H
#define SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLES_US UINT64_C(1000)
#define SAMPLES_MS UINT64_C(1000000)
#define SAMPLES_S  UINT64_C(1000000000)

typedef struct sample_set {
    const char *name;
    uint64_t *times;
    size_t count;
} sample_set;

/* Any 64 bits; the seed, which is not 0, moves on. */
uint64_t samples_random(uint64_t *seed);

/* Around 20 ms with a tail; 0.2 ms or 80 ms and sometimes 1 s; over seven powers of ten; heaps at one
   end of a bucket, with neighbours that keep minimum and maximum away; all of one bucket; few. */
enum { SAMPLES_KINDS = 7 };
sample_set samples_of(int kind, size_t count, uint64_t seed);

void samples_free(sample_set *samples);

/* The times in order: what samples_quantile() asks for. */
void samples_sort(sample_set *samples);

/* The shortest time that is not exceeded by that share of all. */
uint64_t samples_quantile(const sample_set *sorted, uint32_t millionths);

#endif
