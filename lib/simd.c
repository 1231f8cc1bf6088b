/* SPDX-License-Identifier: MIT */
/* The one choice that the library makes for the whole process: how heads are read. */
#include "http_head.h"

/* Two threads may both find it undecided: they decide alike. */
_Atomic(const http_reader *) proto_simd_choice;

/* From the widest down. */
static const http_reader *const readers[] = {
#if defined(__x86_64__)
    &http_reader_avx512,
    &http_reader_avx2,
    &http_reader_ssse3,
#elif defined(__aarch64__)
    &http_reader_neon,
#endif
    &http_reader_portable,
};

static bool processor_has(proto_simd simd)
{
    switch (simd) {
    case PROTO_SIMD_PORTABLE: return true;
#if defined(__x86_64__)
    case PROTO_SIMD_NEON: return false;
    case PROTO_SIMD_SSSE3:
        return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt");
    case PROTO_SIMD_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
               __builtin_cpu_supports("bmi2");
    case PROTO_SIMD_AVX512:
        return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2");
#else
    case PROTO_SIMD_NEON: return true; /* part of every 64-bit ARM */
    case PROTO_SIMD_SSSE3:
    case PROTO_SIMD_AVX2:
    case PROTO_SIMD_AVX512: return false;
#endif
    }
    return false;
}

bool proto_simd_use(proto_simd simd)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (readers[i]->simd != simd || !processor_has(simd)) continue;
        atomic_store_explicit(&proto_simd_choice, readers[i], memory_order_relaxed);
        return true;
    }
    return false;
}

static const http_reader *widest(void)
{
    size_t i = 0;
    while (!processor_has(readers[i]->simd))
        i++;
    return readers[i];
}

const http_reader *http_reader_choose(void)
{
    const http_reader *reader = widest();
    atomic_store_explicit(&proto_simd_choice, reader, memory_order_relaxed);
    return reader;
}

proto_simd proto_simd_used(void)
{
    return http_reader_used()->simd;
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
