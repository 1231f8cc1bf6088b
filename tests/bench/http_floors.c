/* SPDX-License-Identifier: MIT */
#include "http_sides.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

uint8_t http_scratch[HTTP_SCRATCH];

static bool copy(const uint8_t *ptr, size_t len)
{
    memcpy(http_scratch, ptr, len);
    __asm__ volatile("" ::: "memory");
    return true;
}

/* The least that any validation does: find the control characters, and keep nothing but their
   number. */
static volatile uint64_t controls;

static uint64_t controls_of_word(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u, high = ones << 7;
    uint64_t below_space = (word - ones * 0x20) & ~word & high;
    uint64_t delete = ((word ^ ones * 0x7f) - ones) & ~(word ^ ones * 0x7f) & high;
    return below_space | delete;
}

static bool classify_words(const uint8_t *ptr, size_t len)
{
    uint64_t found = 0, word;
    for (; len >= sizeof word; ptr += sizeof word, len -= sizeof word) {
        memcpy(&word, ptr, sizeof word);
        found += (uint64_t)__builtin_popcountll(controls_of_word(word));
    }
    for (; len; len--, ptr++)
        found += *ptr < 0x20 || *ptr == 0x7f;
    controls = found;
    return true;
}

#if defined(__x86_64__)

__attribute__((target("avx2,popcnt"))) static uint64_t controls_of_block(const uint8_t *ptr)
{
    __m256i block = _mm256_loadu_si256((const __m256i *)(const void *)ptr);
    __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(block, _mm256_set1_epi8(0x1f)), block);
    __m256i delete = _mm256_cmpeq_epi8(block, _mm256_set1_epi8(0x7f));
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(low, delete));
}

__attribute__((target("avx2,popcnt"))) static bool classify_blocks(const uint8_t *ptr, size_t len)
{
    uint64_t found = 0;
    size_t at = 0;
    for (; len - at >= 64; at += 64)
        found += (uint64_t)__builtin_popcountll(controls_of_block(ptr + at) |
                                                controls_of_block(ptr + at + 32) << 32);
    if (len - at >= 32) {
        found += (uint64_t)__builtin_popcountll(controls_of_block(ptr + at));
        at += 32;
    }
    if (at < len && len >= 32)
        found += (uint64_t)__builtin_popcountll(controls_of_block(ptr + len - 32) >>
                                                (32 - (len - at)));
    controls = found;
    return true;
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}

#else

#define classify_blocks classify_words
static bool has_avx2(void)
{
    return false;
}

#endif

size_t http_floors_add(http_side *sides, size_t count)
{
    bool (*classify)(const uint8_t *, size_t) = has_avx2() ? classify_blocks : classify_words;
    sides[count++] = (http_side){.name = "memcpy", .read = {copy, copy, NULL, copy}};
    sides[count++] = (http_side){.name = has_avx2() ? "classify (AVX2)" : "classify (words)",
                                 .read = {classify, classify, NULL, classify}};
    return count;
}

size_t http_sides_make(http_side sides[HTTP_MAX_SIDES], const char *peers)
{
    size_t count = http_ours_add(sides, 0);
    count = http_peers_add(sides, count, peers);
    return http_floors_add(sides, count);
}
