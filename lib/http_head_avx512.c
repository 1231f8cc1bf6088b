/* SPDX-License-Identifier: MIT */
/* Heads, 64 bytes at a time. With a mask register for each vector the ends of names cost next to
   nothing beside the ends of lines, so pass one finds both; what is left to pass two is arithmetic
   over the list of positions. */
#include "http_head.h"

#include "ascii_grammar.h"

#include <immintrin.h>

enum { WIDTH = 64 };

/* A set maps each of its bytes to itself and all others to something else; a byte above 0x7f looks
   up the one 0x80 below it, and is not what it finds there. */
typedef struct byte_set {
    uint8_t of[128];
} byte_set;

#define FOUR(of, c)    of(c), of((c) + 1), of((c) + 2), of((c) + 3)
#define SIXTEEN(of, c) FOUR(of, c), FOUR(of, (c) + 4), FOUR(of, (c) + 8), FOUR(of, (c) + 12)
#define SET_OF(of)                                                                              \
    {                                                                                           \
        {                                                                                       \
            SIXTEEN(of, 0), SIXTEEN(of, 16), SIXTEEN(of, 32), SIXTEEN(of, 48), SIXTEEN(of, 64), \
                SIXTEEN(of, 80), SIXTEEN(of, 96), SIXTEEN(of, 112)                              \
        }                                                                                       \
    }

/* What no head may hold has the high bit in the set of tokens. */
#define FORBIDDEN(c) (!GRAMMAR_TEXT(c) && (c) != '\r' && (c) != '\n')
#define TOKEN(c)     ((uint8_t)(GRAMMAR_TOKEN(c) ? (c) : (c) ^ (FORBIDDEN(c) ? 0xc0 : 0x40)))
#define TARGET(c)    ((uint8_t)(GRAMMAR_TARGET(c) ? (c) : (c) ^ 0x40))
#define NAME(c)      ((uint8_t)(GRAMMAR_NAME(c) ? (c) : (c) ^ 0x40))

static const byte_set TOKEN_SET = SET_OF(TOKEN), TARGET_SET = SET_OF(TARGET),
                      NAME_SET = SET_OF(NAME);

static inline __m512i load(const void *at)
{
    return _mm512_loadu_si512(at);
}

/* Fewer than 64 bytes, then zeros. */
static inline __m512i load_some(const uint8_t *at, size_t count)
{
    return _mm512_maskz_loadu_epi8(_bzhi_u64(~UINT64_C(0), (unsigned)count), at);
}

static inline __m512i look_up(__m512i bytes, const byte_set *set)
{
    return _mm512_permutex2var_epi8(load(set->of), bytes, load(set->of + 64));
}

/* The zeros behind the limit are in no set. */
static inline uint32_t length_in(const uint8_t *at, const uint8_t *limit, const byte_set *set)
{
    size_t left = (size_t)(limit - at);
    __m512i bytes = LIKELY(left >= WIDTH) ? load(at) : load_some(at, left);
    return (uint32_t)_tzcnt_u64(_mm512_cmpneq_epu8_mask(look_up(bytes, set), bytes));
}

/* Eight fields from 17 marks: stop, colon, stop, colon... A field is {stop + 2, colon - that,
   colon + 2, stop - that}: each mark plus two, and the next one minus that. */
static inline void fill_eight(const uint32_t *marks, proto_http_field *fields)
{
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
    __m512i at = _mm512_add_epi32(load(marks), _mm512_set1_epi32(2));
    __m512i len = _mm512_sub_epi32(load(marks + 1), at);
    _mm512_storeu_si512(fields, _mm512_permutex2var_epi32(at, low, len));
    _mm512_storeu_si512(fields + 4, _mm512_permutex2var_epi32(at, high, len));
}

enum { FIELDS_AT_ONCE = 16 };

static inline void fill_some(const uint32_t *marks, proto_http_field *fields)
{
    fill_eight(marks, fields);
    fill_eight(marks + 16, fields + 8);
}

#include "http_head_marks.h"

/* Marks that fit, with room for what one block may add and for those that fill_some() reads. */
enum { MARKS_AT_ONCE = 16, MARKS = MAX_MARKS + MARKS_AT_ONCE + 2 * FIELDS_AT_ONCE };

static inline __m512i numbers_0_to_63(void)
{
    static const uint8_t numbers[64] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    return load(numbers);
}

/* A bit for each byte; in an ordinary register, where they stay. */
static inline uint64_t bits_of(__mmask64 mask)
{
    uint64_t bits = mask;
    __asm__("" : "+r"(bits)); /* or each use would fetch them anew */
    return bits;
}

/* Pass one: a block, and what it leaves to the next. */
typedef struct marker {
    uint32_t *next;      /* where the next mark will go */
    __m256i offset;      /* of the block, eight times */
    __m512i bytes;       /* of the block */
    __m512i tokens;      /* what they are in the set of tokens */
    __m512i forbidden;   /* high bits: a byte in the blocks before that no head may hold */
    uint64_t bare;       /* where lines end that are a token and nothing else */
    uint64_t any_bare;   /* in the blocks before */
    uint64_t start;      /* a line begins with the next block */
    unsigned char token; /* a name goes on there */
} marker;

/* Finds the marks in a block: each CR, and where the token ends that begins a line. `*end` marks
   lines that do not begin with a token: the head's end, if it is regular. Behind an LF without CR
   there will be one mark too many, a bare line, or such an end. */
static inline uint64_t find_marks(marker *state, __m512i bytes, uint64_t *end)
{
    __m512i tokens = look_up(bytes, &TOKEN_SET);
    uint64_t in = bits_of(_mm512_cmpeq_epu8_mask(tokens, bytes));
    uint64_t cr = bits_of(_mm512_cmpeq_epu8_mask(bytes, _mm512_set1_epi8('\r')));
    uint64_t lf = bits_of(_mm512_cmpeq_epu8_mask(bytes, _mm512_set1_epi8('\n')));
    uint64_t starts = lf + lf + state->start;
    unsigned long long ends;
    /* Adding a start to the run of token characters that it begins carries out of the run's end. */
    state->token = _addcarry_u64(state->token, in, starts, &ends);
    state->start = lf >> 63;
    state->bare = ends & cr;
    state->bytes = bytes;
    state->tokens = tokens;
    *end = starts & ~in;
    return cr | (ends & ~in);
}

/* Notes the positions of the bits; false where there are too many. Blocks with more than eight are
   rare, and half the width costs less. */
static inline bool note_marks(marker *state, uint64_t bits, __m512i numbers)
{
    uint32_t count = (uint32_t)_mm_popcnt_u64(bits);
    __m128i packed = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(bits, numbers));
    __m256i low = _mm256_add_epi32(_mm256_cvtepu8_epi32(packed), state->offset);
    _mm256_storeu_si256((void *)state->next, low);
    if (!LIKELY(count <= 8)) {
        packed = _mm_srli_si128(packed, 8);
        __m256i high = _mm256_add_epi32(_mm256_cvtepu8_epi32(packed), state->offset);
        _mm256_storeu_si256((void *)(state->next + 8), high);
        if (count > MARKS_AT_ONCE) return false;
    }
    state->next += count;
    return true;
}

/* A block without the head's end. */
static inline void go_on(marker *state)
{
    state->any_bare |= state->bare;
    state->forbidden = _mm512_ternarylogic_epi64(state->forbidden, state->tokens, state->bytes,
                                                 0xf4); /* a | (b & ~c) */
    state->offset = _mm256_add_epi32(state->offset, _mm256_set1_epi32(WIDTH));
}

/* The last block: what begins with the head's end is not the head's. */
static inline uint32_t note_last(marker *state, uint64_t bits, uint64_t end, uint32_t *marks,
                                 __m512i numbers)
{
    uint64_t before = (end ^ (end - 1)) >> 1;
    uint64_t wrong = _mm512_movepi8_mask(_mm512_andnot_si512(state->bytes, state->tokens));
    wrong = ((wrong | state->bare) & before) | state->any_bare;
    if (wrong | _mm512_movepi8_mask(state->forbidden)) return 0;
    return note_marks(state, bits & before, numbers) ? (uint32_t)(state->next - marks) : 0;
}

/* Returns how many marks there are up to the head's end, or 0. */
static inline uint32_t mark_lines(const uint8_t *base, const uint8_t *limit, uint32_t *marks)
{
    const __m512i numbers = numbers_0_to_63();
    marker state = {.next = marks, .start = 1};
    uint64_t end, bits;
    size_t left = (size_t)(limit - base);
    for (; left >= WIDTH; base += WIDTH, left -= WIDTH) {
        bits = find_marks(&state, load(base), &end);
        if (__builtin_expect(end != 0, 0)) return note_last(&state, bits, end, marks, numbers);
        if (!note_marks(&state, bits, numbers) || state.next > marks + MAX_MARKS) return 0;
        go_on(&state);
    }
    bits = find_marks(&state, load_some(base, left), &end);
    return end ? note_last(&state, bits, end, marks, numbers) : 0;
}

/* Pass two. */
static inline bool take_fields(proto_http_fields *fields, head_shape *shape, const uint32_t *marks,
                               uint32_t count)
{
    const uint8_t *base = shape->base;
    const uint32_t *last = marks + 2 * count;
    uint64_t seen = 0;
    fill_table(fields, marks, count);
    for (const uint32_t *mark = marks; mark != last; mark += 2) { /* a stop, its colon, the next */
        const uint8_t *colon = base + mark[1], *stop = base + mark[2];
        if (!LIKELY(is_regular(colon, stop)) &&
            !fit_value(colon, stop, base, &fields->at[(mark - marks) / 2]))
            return false;
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
    if (!take_fields(fields, shape, marks + 1, count)) return false;
    shape->line_end = marks[1];
    shape->length = last + 4;
    shape->count = count;
    return true;
}

const http_reader http_reader_avx512 = {read_request, read_response};
