/* SPDX-License-Identifier: MIT */
/* One's complement sums, 32 bytes at a time. */
#include "checksum_xmm.h"

#include <immintrin.h>

typedef __m256i vector;
enum { WIDTH = 32 };

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

CHECKSUM_INLINE vector rest(uint8_t *to, const uint8_t *from, size_t len)
{
    vector sum = zero();
    for (; len >= WIDTH; from += WIDTH, len -= WIDTH) {
        vector words = load(from);
        if (to) {
            store(to, words);
            to += WIDTH;
        }
        sum = plus(sum, plus(lower(words), right(words, 32)));
    }
    __m128i end = _mm_setzero_si128();
    if (len & 16) end = xmm_halves(xmm_take(to, from));
    end = _mm_add_epi64(
        end, xmm_halves(xmm_last(to ? to + (len & 16) : to, from + (len & 16), len & 15)));
    return plus(sum, _mm256_zextsi128_si256(end));
}

#include "checksum_vector.h"

const checksum_adder checksum_adder_avx2 = {sum, copy};
