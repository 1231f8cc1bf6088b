// SPDX-License-Identifier: MIT
// Reads one head on every path that classifies bytes and cut in several ways: all must come to the same.

#include <stdio.h>
#include <stdlib.h>

#include "fuzz_input.h"
#include "paths.h"
#include "snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SPACE = 1 << 17 };

static guard_pages guard;
static proto_simd paths[MAX_PATHS];
static size_t path_count;

static void compare(const head_snapshot *reference, const head_snapshot *other, const char *how)
{
    const char *difference = head_snapshot_difference(reference, other);
    if (difference == NULL) return;
    fprintf(stderr, "%s differs: %s at %u; %s, %s: %s at %u\n", difference,
            proto_err_name(reference->err), (unsigned)reference->head.fault.offset,
            proto_simd_name(proto_simd_used()), how, proto_err_name(other->err),
            (unsigned)other->head.fault.offset);
    abort();
}

/* Where the input is cut: near the byte that the seed says, or near the end where many readers
   differ. */
static size_t cut_of(const fuzz_input *input)
{
    size_t len = input->bytes.len;
    if (len == 0) return 0;
    return input->cut < 128 ? input->cut % len : len - 1 - (input->cut - 128u) % len;
}

static void compare_cuts(const fuzz_input *input, const head_snapshot *reference)
{
    static head_snapshot other;
    size_t cut = cut_of(input);
    head_snapshot_take(&other, &input->reading, &guard, input->bytes, cut, SIZE_MAX);
    compare(reference, &other, "in two pieces");
    head_snapshot_take(&other, &input->reading, &guard, input->bytes, cut, 1 + input->cut % 19);
    compare(reference, &other, "in pieces");
    if (input->bytes.len > 300) return;
    head_snapshot_take(&other, &input->reading, &guard, input->bytes, 1, 1);
    compare(reference, &other, "byte by byte");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static head_snapshot reference, other;
    fuzz_input input = fuzz_input_of(data, size);
    if (path_count == 0) {
        guard_open(&guard, SPACE);
        path_count = simd_paths(paths);
    }
    if (input.bytes.len > SPACE) return 0;
    input.reading.config = &input.config;
    for (size_t path = 0; path < path_count; path++) {
        proto_simd_use(paths[path]);
        head_snapshot *taken = path == 0 ? &reference : &other;
        head_snapshot_take(taken, &input.reading, &guard, input.bytes, SIZE_MAX, 1);
        compare(&reference, taken, "whole");
        compare_cuts(&input, &reference);
    }
    return 0;
}
