/* SPDX-License-Identifier: MIT */
#include "simd.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

_Atomic(unsigned) proto_simd_choice = SIMD_UNDECIDED;

static bool always(void)
{
    return true;
}

#if defined(__x86_64__)

/* Where there is no lzcnt, the processor takes it for another instruction and counts wrongly. */
static bool has_bit_counting(void)
{
    unsigned a, b, c = 0, d;
    return __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __get_cpuid(0x80000001, &a, &b, &c, &d) &&
           (c & bit_LZCNT) != 0;
}

static bool has_ssse3(void)
{
    return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt");
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && has_bit_counting();
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
           has_bit_counting();
}

#endif

/* From the widest down, and whether this processor can execute it. */
static const struct {
    proto_simd simd;
    bool (*executable)(void);
} choices[] = {
#if defined(__x86_64__)
    {PROTO_SIMD_AVX512, has_avx512},
    {PROTO_SIMD_AVX2, has_avx2},
    {PROTO_SIMD_SSSE3, has_ssse3},
#elif defined(__aarch64__)
    {PROTO_SIMD_NEON, always}, /* part of every 64-bit ARM */
#endif
    {PROTO_SIMD_PORTABLE, always},
};

static unsigned choose(proto_simd simd)
{
    unsigned place = SIMD_PLACE(simd);
    atomic_store_explicit(&proto_simd_choice, place, memory_order_relaxed);
    return place;
}

bool proto_simd_use(proto_simd simd)
{
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        if (choices[i].simd != simd) continue;
        if (!choices[i].executable()) return false;
        choose(simd);
        return true;
    }
    return false;
}

unsigned simd_decide(void)
{
    size_t i = 0; /* the last is always executable */
    for (; !choices[i].executable(); i++) {}
    return choose(choices[i].simd);
}

proto_simd proto_simd_used(void)
{
    unsigned place = simd_place();
    if (place == SIMD_UNDECIDED) place = simd_decide();
    return (proto_simd)(place - SIMD_PLACE(0));
}

const char *proto_simd_name(proto_simd simd)
{
    static const char names[][9] = {
        [PROTO_SIMD_PORTABLE] = "portable", [PROTO_SIMD_NEON] = "neon",
        [PROTO_SIMD_SSSE3] = "ssse3",       [PROTO_SIMD_AVX2] = "avx2",
        [PROTO_SIMD_AVX512] = "avx512",
    };
    return (size_t)simd < sizeof names / sizeof *names ? names[simd] : "";
}
