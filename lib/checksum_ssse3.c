/* SPDX-License-Identifier: MIT */
/* One's complement sums, 16 bytes at a time. */
#include "checksum_xmm.h"

typedef __m128i vector;
enum { WIDTH = 16 };

CHECKSUM_INLINE vector load(const uint8_t *at)
{
    return xmm_load(at);
}

CHECKSUM_INLINE void store(uint8_t *at, vector bytes)
{
    _mm_storeu_si128((void *)at, bytes);
}

CHECKSUM_INLINE vector zero(void)
{
    return _mm_setzero_si128();
}

CHECKSUM_INLINE vector each(int number)
{
    return _mm_set1_epi64x(number);
}

CHECKSUM_INLINE vector plus(vector a, vector b)
{
    return _mm_add_epi64(a, b);
}

CHECKSUM_INLINE vector minus(vector a, vector b)
{
    return _mm_sub_epi64(a, b);
}

CHECKSUM_INLINE vector right(vector words, int bits)
{
    return _mm_srli_epi64(words, bits);
}

CHECKSUM_INLINE vector lower(vector words)
{
    return _mm_and_si128(words, _mm_set1_epi64x(0xffffffff));
}

CHECKSUM_INLINE vector average(vector a, vector b)
{
    return _mm_avg_epu16(a, b);
}

CHECKSUM_INLINE uint64_t lanes(vector sum)
{
    return xmm_lanes(sum);
}

CHECKSUM_INLINE vector last(uint8_t *to, const uint8_t *from, size_t len)
{
    return xmm_last(to, from, len);
}

#include "checksum_vector.h"

const checksum_adder checksum_adder_ssse3 = {sum, copy, value};
