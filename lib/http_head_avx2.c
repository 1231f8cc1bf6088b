/* SPDX-License-Identifier: MIT */
/* Heads, 32 bytes at a time. */
#include "http_head.h"

#include <immintrin.h>

enum { WIDTH = 32 };

#include "http_head_sets.h"

static inline __m256i load(const uint8_t *at)
{
    return _mm256_loadu_si256((const void *)at);
}

/* A bit for each byte that is not in the set: its low half looks up the high halves that may go
   with it. */
static inline uint32_t classify(__m256i bytes, const byte_set *set)
{
    const __m256i lows = _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)set->low));
    const __m256i highs = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0, 1,
                                           2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
    __m256i in = _mm256_and_si256(_mm256_shuffle_epi8(lows, bytes),
                                  _mm256_shuffle_epi8(highs, high));
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(in, _mm256_setzero_si256()));
}

/* Close to the limit, the bytes before it are looked at and shifted out; the limit itself ends
   every run. */
static inline uint32_t length_in(const uint8_t *at, const uint8_t *limit, const byte_set *set)
{
    if (LIKELY(at <= limit - WIDTH)) return _tzcnt_u32(classify(load(at), set));
    unsigned shift = (unsigned)(WIDTH - (limit - at));
    return (uint32_t)__builtin_ctzll((classify(load(limit - WIDTH), set) | UINT64_C(1) << WIDTH) >>
                                     shift);
}

static inline uint32_t controls_32(__m256i bytes)
{
    __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
    __m256i del = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f));
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(low, del));
}

static inline uint64_t controls(const uint8_t *at)
{
    return controls_32(load(at)) | (uint64_t)controls_32(load(at + 32)) << 32;
}

static inline uint32_t lowest(uint64_t bits)
{
    return (uint32_t)_tzcnt_u64(bits);
}

static inline uint32_t bit_count(uint64_t bits)
{
    return (uint32_t)__builtin_popcountll(bits);
}

/* Four fields: each mark plus two, and the next one minus that. */
static inline void fill_four(const uint32_t *marks, proto_http_field *fields)
{
    __m256i at = _mm256_add_epi32(load((const void *)marks), _mm256_set1_epi32(2));
    __m256i len = _mm256_sub_epi32(load((const void *)(marks + 1)), at);
    __m256i even = _mm256_unpacklo_epi32(at, len), odd = _mm256_unpackhi_epi32(at, len);
    _mm256_storeu_si256((void *)fields, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256((void *)(fields + 2), _mm256_permute2x128_si256(even, odd, 0x31));
}

enum { FIELDS_AT_ONCE = 8 };

static inline void fill_some(const uint32_t *marks, proto_http_field *fields)
{
    fill_four(marks, fields);
    fill_four(marks + 8, fields + 4);
}

#include "http_head_blocks.h"

const http_reader http_reader_avx2 = {read_request, read_response};
