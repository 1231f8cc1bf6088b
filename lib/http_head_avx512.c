/* SPDX-License-Identifier: MIT */
/* Heads, 64 bytes at a time. With a mask register for each vector the ends of names cost next to nothing beside the ends of
   lines, so pass one finds both; what is left to pass two is arithmetic over the list of positions. */
#include "http_head.h"

#include "ascii_grammar.h"

#include <immintrin.h>

enum { WIDTH = 64 };

/* A set is a bit that the table below has for the bytes outside of it. */
typedef uint8_t byte_set;
enum { IS_CONTROL = 0x80, NO_TOKEN = 0x40, NO_TARGET = 1, NO_NAME = 2 };
static const byte_set TARGET_SET = NO_TARGET, NAME_SET = NO_NAME;

#define CLASS(c)                                                                        \
    ((uint8_t)((GRAMMAR_TEXT(c) ? 0 : IS_CONTROL) | (GRAMMAR_TOKEN(c) ? 0 : NO_TOKEN) | \
               (GRAMMAR_TARGET(c) ? 0 : NO_TARGET) | (GRAMMAR_NAME(c) ? 0 : NO_NAME)))
#define FOUR(c)    CLASS(c), CLASS((c) + 1), CLASS((c) + 2), CLASS((c) + 3)
#define SIXTEEN(c) FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)

/* Of the bytes below 0x80; a byte above looks up the one 0x80 below it. */
static const uint8_t classes[128] = {SIXTEEN(0),  SIXTEEN(16), SIXTEEN(32), SIXTEEN(48),
                                     SIXTEEN(64), SIXTEEN(80), SIXTEEN(96), SIXTEEN(112)};

static inline __m512i load(const void *at)
{
    return _mm512_loadu_si512(at);
}

/* The bytes before `limit`, then zeros. */
static inline __m512i load_up_to(const uint8_t *at, const uint8_t *limit)
{
    if (limit - at >= WIDTH) return load(at);
    return _mm512_maskz_loadu_epi8(_bzhi_u64(~UINT64_C(0), (unsigned)(limit - at)), at);
}

static inline __m512i classify(__m512i bytes)
{
    return _mm512_permutex2var_epi8(load(classes), bytes, load(classes + 64));
}

static inline uint64_t outside(const uint8_t *at, const uint8_t *limit, const byte_set *set)
{
    __m512i bytes = load_up_to(at, limit);
    return _mm512_test_epi8_mask(classify(bytes), _mm512_set1_epi8((char)*set)) |
           _mm512_movepi8_mask(bytes);
}

#include "http_head_fast.h"

/* Where the first token and the text of each line end, by turns: two positions a line. */
enum { MAX_MARKS = 2 * (HTTP_SEEN + 1), MARKS_AT_ONCE = 16 };

typedef struct mark_list {
    uint32_t at[MAX_MARKS + 4 * MARKS_AT_ONCE];
    uint32_t count;
} mark_list;

/* Adds the positions of the bits, at most 16. */
static inline void add_marks(mark_list *marks, uint64_t bits, uint32_t base, __m512i numbers)
{
    __m512i packed = _mm512_maskz_compress_epi8(bits, numbers);
    __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed));
    _mm512_storeu_si512(marks->at + marks->count,
                        _mm512_add_epi32(wide, _mm512_set1_epi32((int)base)));
    marks->count += (uint32_t)__builtin_popcountll(bits);
}

/* The ends of the token runs that begin at `starts`: adding a start to its run carries out of the run's end. */
static inline uint64_t run_ends(uint64_t starts, uint64_t tokens, uint64_t *carry)
{
    uint64_t sum, with;
    uint64_t out = __builtin_add_overflow(tokens, starts, &sum);
    out |= __builtin_add_overflow(sum, *carry, &with);
    *carry = out;
    return with & ~tokens;
}

static inline __m512i numbers_0_to_63(void)
{
    static const uint8_t numbers[64] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    return load(numbers);
}

/* Pass one. Returns whether there is an end: a line that begins with a control character. */
static inline bool find_marks(const uint8_t *base, size_t size, mark_list *marks)
{
    const __m512i numbers = numbers_0_to_63();
    uint64_t run = 0, starts_over = 1, token_over = 0; /* carried over from block to block */
    for (size_t at = 0; at < size && marks->count < MAX_MARKS; at += WIDTH) {
        __m512i bytes = load_up_to(base + at, base + size);
        __m512i class = classify(bytes);
        uint64_t controls = _mm512_movepi8_mask(_mm512_andnot_si512(bytes, class));
        uint64_t tokens = ~_mm512_movepi8_mask(
            _mm512_or_si512(bytes, _mm512_add_epi8(class, class)));
        uint64_t stops = controls & ~(controls << 1 | run);
        uint64_t starts = stops << 2 | starts_over;
        uint64_t marked = stops | run_ends(starts, tokens, &token_over);
        uint64_t end = starts & controls;
        if (end) marked &= (end ^ (end - 1)) >> 1;
        if (__builtin_popcountll(marked) > MARKS_AT_ONCE) return false;
        add_marks(marks, marked, (uint32_t)at, numbers);
        if (end) return at + (size_t)__builtin_ctzll(end) + 2 <= size;
        run = controls >> 63;
        starts_over = stops >> 62;
    }
    return false;
}

/* Eight fields from 17 positions: stop, colon, stop, colon... A field is {stop + 2, colon - that, colon + 2, stop - that}:
   each position plus two, and the next one minus it. */
static inline void fill_eight(const uint32_t *marks, proto_http_field *fields, uint32_t count)
{
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
    __m512i at = _mm512_add_epi32(load(marks), _mm512_set1_epi32(2));
    __m512i len = _mm512_sub_epi32(load(marks + 1), at);
    __m512i first = _mm512_permutex2var_epi32(at, low, len);
    __m512i second = _mm512_permutex2var_epi32(at, high, len);
    if (count >= 8) {
        _mm512_storeu_si512(fields, first);
        _mm512_storeu_si512(fields + 4, second);
    } else {
        uint32_t lanes = (1u << 4 * count) - 1;
        _mm512_mask_storeu_epi32(fields, (__mmask16)lanes, first);
        _mm512_mask_storeu_epi32(fields + 4, (__mmask16)(lanes >> 16), second);
    }
}

/* Pass two. */
static inline bool take_fields(proto_http_fields *fields, head_shape *shape, const uint32_t *marks,
                               uint32_t count)
{
    const uint8_t *base = shape->base;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < count; i += 8) {
        uint32_t room = fields->cap - i;
        fill_eight(marks + 1 + 2 * i, fields->at + i, room);
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t *mark = marks + 1 + 2 * i; /* the stop before, the colon, the stop */
        const uint8_t *colon = base + mark[1], *stop = base + mark[2];
        uint32_t len = mark[1] - mark[0] - 2;
        if (len == 0) return false;
        if (!is_regular(colon, stop) && !fit_value(colon, stop, base, &fields->at[i])) return false;
        seen |= http_name_decides(colon, len) << i;
    }
    shape->seen = seen;
    return true;
}

static inline __attribute__((always_inline)) bool split(proto_http_fields *fields,
                                                        head_shape *shape)
{
    mark_list marks;
    marks.count = 0;
    const uint8_t *base = shape->base;
    if (!find_marks(base, (size_t)(shape->limit - base), &marks)) return false;
    uint32_t count = marks.count / 2 - 1;
    if (marks.count % 2 || marks.count == 0 || count > fields->cap || count > HTTP_SEEN)
        return false;
    uint32_t last = marks.at[marks.count - 1];
    if (word_load_half(base + last) != CR_LF_CR_LF) return false;
    if (!take_fields(fields, shape, marks.at, count)) return false;
    shape->method_end = marks.at[0];
    shape->line_end = marks.at[1];
    shape->length = last + 4;
    shape->count = count;
    return true;
}

const http_reader http_reader_avx512 = {PROTO_SIMD_AVX512, read_request, read_response};
