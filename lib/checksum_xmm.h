/* SPDX-License-Identifier: MIT */
/* Sixteen bytes at a time on x86: all of the SSSE3 path's, and the end of the AVX2 path's. */
#ifndef CHECKSUM_XMM_H
#define CHECKSUM_XMM_H

#include "checksum.h"

#include <tmmintrin.h>

/* The compiler is to load once what is used twice: it has registers enough, and the load is what
   costs. */
CHECKSUM_INLINE __m128i xmm_load(const uint8_t *at)
{
    __m128i bytes = _mm_loadu_si128((const void *)at);
    __asm__("" : "+x"(bytes));
    return bytes;
}

CHECKSUM_INLINE __m128i xmm_take(uint8_t *to, const uint8_t *from)
{
    __m128i bytes = xmm_load(from);
    if (to) _mm_storeu_si128((void *)to, bytes);
    return bytes;
}

/* The last `len` bytes, 0 to 15, as those of a vector that begins with them and ends in zeros. */
CHECKSUM_INLINE __m128i xmm_last(uint8_t *to, const uint8_t *from, size_t len)
{
    static const uint8_t moves[32] = {0,    1,    2,    3,    4,    5,    6,    7,
                                      8,    9,    10,   11,   12,   13,   14,   15,
                                      0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                      0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};
    __m128i bytes = xmm_take(to ? to + len - 16 : to, from + len - 16);
    return _mm_shuffle_epi8(bytes, xmm_load(moves + 16 - len));
}

CHECKSUM_INLINE uint64_t xmm_lanes(__m128i sum)
{
    return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum)));
}

#endif
