/* SPDX-License-Identifier: MIT */
/* The one choice that the library makes for the whole process: which vector instructions it uses.
   Each module that has several ways of doing its work has a table of them, indexed by it. */
#ifndef SIMD_H
#define SIMD_H

#include "proto/base.h"

#include <stdatomic.h>

#define SIMD_INTERNAL __attribute__((visibility("hidden")))

/* A place of a module's table. In the place of SIMD_UNDECIDED is what calls simd_decide() and then
   does the work, so that nothing else has to ask whether it was decided. */
enum { SIMD_UNDECIDED = 0, SIMD_PLACES = PROTO_SIMD_AVX512 + 2 };
#define SIMD_PLACE(simd) ((simd) + 1)

/* The place in use. Two threads may both find it undecided: they decide alike. */
extern _Atomic(unsigned) proto_simd_choice SIMD_INTERNAL;

static inline unsigned simd_place(void)
{
    return atomic_load_explicit(&proto_simd_choice, memory_order_relaxed);
}

/* Takes the widest that this processor has. Returns its place. */
SIMD_INTERNAL unsigned simd_decide(void);

#endif
