/* SPDX-License-Identifier: MIT */
/* One's complement sums, 32 bytes at a time. */
#include "checksum_xmm.h"

#include <immintrin.h>

typedef __m256i vector;
enum { WIDTH = 32 };
#define ALIGNED_FROM 2048

/* Once, see xmm_load(). */
CHECKSUM_INLINE vector load(const uint8_t *at)
{
    vector bytes = _mm256_loadu_si256((const void *)at);
    __asm__("" : "+x"(bytes));
    return bytes;
}

CHECKSUM_INLINE void store(uint8_t *at, vector bytes)
{
    _mm256_storeu_si256((void *)at, bytes);
}

CHECKSUM_INLINE vector zero(void)
{
    return _mm256_setzero_si256();
}

CHECKSUM_INLINE vector each(int number)
{
    return _mm256_set1_epi64x(number);
}

CHECKSUM_INLINE vector plus(vector a, vector b)
{
    return _mm256_add_epi64(a, b);
}

CHECKSUM_INLINE vector minus(vector a, vector b)
{
    return _mm256_sub_epi64(a, b);
}

CHECKSUM_INLINE vector right(vector words, int bits)
{
    return _mm256_srli_epi64(words, bits);
}

CHECKSUM_INLINE vector lower(vector words)
{
    return _mm256_and_si256(words, _mm256_set1_epi64x(0xffffffff));
}

CHECKSUM_INLINE vector average(vector a, vector b)
{
    return _mm256_avg_epu16(a, b);
}

CHECKSUM_INLINE uint64_t lanes(vector sum)
{
    return xmm_lanes(_mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1)));
}

CHECKSUM_INLINE vector first(vector bytes, size_t len)
{
    static const uint64_t masks[8] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    return _mm256_and_si256(bytes, load((const uint8_t *)masks + 32 - len));
}

CHECKSUM_INLINE vector turned(vector words, size_t bits)
{
    return _mm256_or_si256(_mm256_sll_epi16(words, _mm_cvtsi32_si128((int)bits)),
                           _mm256_srl_epi16(words, _mm_cvtsi32_si128(16 - (int)bits)));
}

CHECKSUM_INLINE vector last(uint8_t *to, const uint8_t *from, size_t len)
{
    if (len < 16) return _mm256_zextsi128_si256(xmm_last(to, from, len));
    __m128i before = xmm_take(to, from);
    return _mm256_set_m128i(xmm_last(to ? to + 16 : to, from + 16, len - 16), before);
}

#include "checksum_vector.h"

const checksum_adder checksum_adder_avx2 = {sum, copy, value};
