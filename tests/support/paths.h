/* SPDX-License-Identifier: MIT */
/* The ways of classifying bytes that this machine has. */
#ifndef PATHS_H
#define PATHS_H

#include <stddef.h>

#include "proto/base.h"

enum { MAX_PATHS = PROTO_SIMD_AVX512 + 1 };

/* Fills `paths` with those that proto_simd_use() accepts and leaves the one that was in use;
   returns how many. LIBPROTO_SIMD in the environment, a proto_simd_name(), leaves only that one. */
size_t simd_paths(proto_simd paths[MAX_PATHS]);

#endif
