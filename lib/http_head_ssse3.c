/* SPDX-License-Identifier: MIT */
/* Heads, 16 bytes at a time, two vectors to a line. */
#include "http_head.h"

#include <tmmintrin.h>

enum { WIDTH = 32 };

#include "http_head_sets.h"

static inline __m128i load(const uint8_t *at)
{
    return _mm_loadu_si128((const void *)at);
}

/* A bit for each byte that is not in the set: its low half looks up the high halves that may go
   with it. A byte above 0x7f looks up nothing, as pshufb wants it. */
static inline uint32_t classify_16(__m128i bytes, const byte_set *set)
{
    const __m128i highs = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
    __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0f));
    __m128i in = _mm_and_si128(_mm_shuffle_epi8(load(set->low), bytes),
                               _mm_shuffle_epi8(highs, high));
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(in, _mm_setzero_si128()));
}

static inline uint64_t classify(const uint8_t *at, const byte_set *set)
{
    return classify_16(load(at), set) | (uint64_t)classify_16(load(at + 16), set) << 16;
}

static inline uint64_t controls_16(const uint8_t *at)
{
    __m128i bytes = load(at);
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(low, del));
}

static inline uint64_t controls(const uint8_t *at)
{
    return controls_16(at) | controls_16(at + 16) << 16 | controls_16(at + 32) << 32 |
           controls_16(at + 48) << 48;
}

/* Each mark plus two, and the next one minus that. */
static inline void fill_two(const uint32_t *marks, proto_http_field *fields)
{
    __m128i at = _mm_add_epi32(load((const void *)marks), _mm_set1_epi32(2));
    __m128i len = _mm_sub_epi32(load((const void *)(marks + 1)), at);
    _mm_storeu_si128((void *)fields, _mm_unpacklo_epi32(at, len));
    _mm_storeu_si128((void *)(fields + 1), _mm_unpackhi_epi32(at, len));
}

#include "http_head_pairs.h"

const http_reader http_reader_ssse3 = {read_request, read_response};
