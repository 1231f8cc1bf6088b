/* SPDX-License-Identifier: MIT */
/* Heads, 64 bytes at a time. With a mask register for each vector the ends of names cost next to
   nothing beside the ends of lines, so pass one finds both; what is left to pass two is arithmetic
   over the list of positions. */
#include "http_head.h"

#include "ascii_grammar.h"

#include <immintrin.h>

enum { WIDTH = 64 };

/* A set is a bit that the table below has for the bytes outside of it. */
typedef uint8_t byte_set;
enum { IS_CONTROL = 0x80, NO_TOKEN = 0x40, NO_TARGET = 1, NO_NAME = 2 };
static const byte_set TOKEN_SET = NO_TOKEN, TARGET_SET = NO_TARGET, NAME_SET = NO_NAME;

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
    if (LIKELY(limit - at >= WIDTH)) return load(at);
    return _mm512_maskz_loadu_epi8(_bzhi_u64(~UINT64_C(0), (unsigned)(limit - at)), at);
}

static inline __m512i classify(__m512i bytes)
{
    return _mm512_permutex2var_epi8(load(classes), bytes, load(classes + 64));
}

/* The zeros behind the limit are in no set. */
static inline uint32_t length_in(const uint8_t *at, const uint8_t *limit, const byte_set *set)
{
    __m512i bytes = load_up_to(at, limit);
    uint64_t others = _mm512_test_epi8_mask(classify(bytes), _mm512_set1_epi8((char)*set)) |
                      _mm512_movepi8_mask(bytes);
    return (uint32_t)_tzcnt_u64(others);
}

#include "http_head_fast.h"

/* Where the first token and the text of each line end, by turns: two marks a line. */
enum { MAX_MARKS = 2 * (HTTP_SEEN + 1), MARKS_AT_ONCE = 16, MARKS = MAX_MARKS + 4 * MARKS_AT_ONCE };

static inline __m512i numbers_0_to_63(void)
{
    static const uint8_t numbers[64] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    return load(numbers);
}

/* Notes the positions of the bits, counted from `base`. Returns how many there are; of more than
   MARKS_AT_ONCE that there are too many. Blocks with more than eight are rare, and half the width
   costs less. */
static inline uint32_t note_marks(uint32_t *marks, uint64_t bits, __m256i base, __m512i numbers)
{
    uint32_t count = (uint32_t)_mm_popcnt_u64(bits);
    __m128i packed = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(bits, numbers));
    _mm256_storeu_si256((void *)marks, _mm256_add_epi32(_mm256_cvtepu8_epi32(packed), base));
    if (LIKELY(count <= 8)) return count;
    packed = _mm_srli_si128(packed, 8);
    _mm256_storeu_si256((void *)(marks + 8), _mm256_add_epi32(_mm256_cvtepu8_epi32(packed), base));
    return count <= MARKS_AT_ONCE ? count : MAX_MARKS + 1;
}

/* What one block leaves to the next. */
typedef struct carry {
    uint64_t run;        /* the last byte was a control character */
    uint64_t starts;     /* bits 0 and 1: a line begins here */
    unsigned char token; /* a name goes on */
} carry;

/* The bits of a mask in an ordinary register, where they stay. */
static inline uint64_t bits_of(__mmask64 mask)
{
    uint64_t bits = mask;
    __asm__("" : "+r"(bits)); /* or each use would fetch them anew */
    return bits;
}

/* Finds the marks in a block; `*end` marks lines that do not begin with a token: the head's end, if
   it is regular. */
static inline uint64_t find_marks(__m512i bytes, carry *over, uint64_t *end)
{
    __m512i class = classify(bytes);
    uint64_t controls = bits_of(_mm512_movepi8_mask(_mm512_andnot_si512(bytes, class)));
    uint64_t others = bits_of(
        _mm512_movepi8_mask(_mm512_or_si512(bytes, _mm512_add_epi8(class, class))));
    uint64_t stops = controls & ~(controls << 1 | over->run);
    uint64_t starts = stops << 2 | over->starts;
    unsigned long long ends;
    /* Adding a start to the run of token characters that it begins carries out of the run's end. */
    over->token = _addcarry_u64(over->token, ~others, starts, &ends);
    over->run = controls >> 63;
    over->starts = stops >> 62;
    *end = starts & others;
    return stops | (ends & others);
}

/* Pass one. Returns how many marks there are up to the head's end, or more than MAX_MARKS where it
   does not come in time. */
static inline uint32_t mark_lines(const uint8_t *base, const uint8_t *limit, uint32_t *marks)
{
    const __m512i numbers = numbers_0_to_63();
    const __m256i width = _mm256_set1_epi32(WIDTH);
    __m256i offset = _mm256_setzero_si256();
    carry over = {0, 1, 0};
    uint32_t count = 0;
    uint64_t end, bits;
    for (const uint8_t *at = base;; at += WIDTH) {
        bits = find_marks(load_up_to(at, limit), &over, &end);
        if (__builtin_expect(end != 0, 0)) break;
        count += note_marks(marks + count, bits, offset, numbers);
        offset = _mm256_add_epi32(offset, width);
        if (count > MAX_MARKS || limit - at <= WIDTH) return MAX_MARKS + 1;
    }
    /* What begins with the head's end is not the head's. */
    return count + note_marks(marks + count, bits & (end ^ (end - 1)) >> 1, offset, numbers);
}

/* Eight fields from 17 positions: stop, colon, stop, colon... A field is {stop + 2, colon - that,
   colon + 2, stop - that}: each position plus two, and the next one minus it. */
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

/* Most heads have up to 16 fields, and which have more than eight cannot be foretold. */
static inline void fill_table(const proto_http_fields *fields, const uint32_t *marks,
                              uint32_t count)
{
    uint32_t i = 0;
    if (LIKELY(fields->cap >= 16)) {
        fill_eight(marks, fields->at, 8);
        fill_eight(marks + 16, fields->at + 8, 8);
        i = 16;
    }
    for (; i < count; i += 8)
        fill_eight(marks + 2 * i, fields->at + i, fields->cap - i);
}

/* Pass two. */
static inline bool take_fields(proto_http_fields *fields, head_shape *shape, const uint32_t *marks,
                               uint32_t count)
{
    const uint8_t *base = shape->base;
    uint64_t seen = 0;
    fill_table(fields, marks + 1, count);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t *mark = marks + 1 + 2 * i; /* the stop before, the colon, the stop */
        const uint8_t *colon = base + mark[1], *stop = base + mark[2];
        if (!is_regular(colon, stop) && !fit_value(colon, stop, base, &fields->at[i])) return false;
        seen = seen + seen + http_name_decides(colon, mark[1] - mark[0] - 2);
    }
    shape->seen = count ? seen << (64 - count) : 0;
    return true;
}

static inline __attribute__((always_inline)) bool split(proto_http_fields *fields,
                                                        head_shape *shape)
{
    _Alignas(64) uint32_t marks[MARKS];
    const uint8_t *base = shape->base;
    uint32_t found = mark_lines(base, shape->limit, marks), count = found / 2 - 1;
    if (found % 2 || found == 0 || found > MAX_MARKS || count > fields->cap) return false;
    uint32_t last = marks[found - 1];
    if (shape->limit - base < (ptrdiff_t)last + 4) return false;
    if (word_load_half(base + last) != CR_LF_CR_LF) return false;
    if (!take_fields(fields, shape, marks, count)) return false;
    shape->line_end = marks[1];
    shape->length = last + 4;
    shape->count = count;
    return true;
}

const http_reader http_reader_avx512 = {PROTO_SIMD_AVX512, read_request, read_response};
