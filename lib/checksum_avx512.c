/* SPDX-License-Identifier: MIT */
/* One's complement sums, 64 bytes at a time. */
#include "checksum.h"

#include <immintrin.h>

typedef __m512i vector;
enum { WIDTH = 64 };
#define ALIGNED_FROM 512

/* The compiler is to load once what is used twice: it has registers enough, and the load is what
   costs. */
CHECKSUM_INLINE vector load(const uint8_t *at)
{
    vector bytes = _mm512_loadu_si512(at);
    __asm__("" : "+v"(bytes));
    return bytes;
}

CHECKSUM_INLINE void store(uint8_t *at, vector bytes)
{
    _mm512_storeu_si512(at, bytes);
}

CHECKSUM_INLINE vector zero(void)
{
    return _mm512_setzero_si512();
}

CHECKSUM_INLINE vector each(int number)
{
    return _mm512_set1_epi64(number);
}

CHECKSUM_INLINE vector plus(vector a, vector b)
{
    return _mm512_add_epi64(a, b);
}

CHECKSUM_INLINE vector minus(vector a, vector b)
{
    return _mm512_sub_epi64(a, b);
}

CHECKSUM_INLINE vector right(vector words, unsigned bits)
{
    return _mm512_srli_epi64(words, bits);
}

CHECKSUM_INLINE vector lower(vector words)
{
    return _mm512_and_si512(words, _mm512_set1_epi64(0xffffffff));
}

CHECKSUM_INLINE vector average(vector a, vector b)
{
    return _mm512_avg_epu16(a, b);
}

CHECKSUM_INLINE uint64_t lanes(vector sum)
{
    return (uint64_t)_mm512_reduce_add_epi64(sum);
}

CHECKSUM_INLINE vector first(vector bytes, size_t len)
{
    return _mm512_maskz_mov_epi8(_bzhi_u64(UINT64_MAX, (unsigned)len), bytes);
}

CHECKSUM_INLINE vector turned(vector words, size_t bits)
{
    return _mm512_rolv_epi64(words, _mm512_set1_epi64((long long)bits));
}

/* Bytes that the mask leaves out are not touched, so they may lie anywhere. */
CHECKSUM_INLINE vector last(uint8_t *to, const uint8_t *from, size_t len)
{
    __mmask64 mask = _bzhi_u64(UINT64_MAX, (unsigned)len);
    vector bytes = _mm512_maskz_loadu_epi8(mask, from);
    if (to) _mm512_mask_storeu_epi8(to, mask, bytes);
    return bytes;
}

#include "checksum_vector.h"

const checksum_adder checksum_adder_avx512 = {sum, copy, value};
