/* SPDX-License-Identifier: MIT */
/* What no checksum can beat, and what has the shortest way for few bytes. */
#include "inet_sides.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static uint16_t folded(uint64_t sum)
{
    uint32_t half = (uint32_t)((sum + (sum << 32 | sum >> 32)) >> 32);
    half += half << 16 | half >> 16;
    return (uint16_t) ~(half >> 16);
}

static uint64_t word_at(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static uint64_t few(const uint8_t *at, size_t len)
{
    uint8_t word[8] = {0};
    memcpy(word, at, len);
    return word_at(word);
}

/* The last 0 to 7 of at least eight bytes. */
static uint64_t last(const uint8_t *ptr, size_t len)
{
    unsigned half = (unsigned)(8 - len % 8) * 4;
    uint64_t word = word_at(ptr + len - 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return word >> half >> half;
#else
    return word << half << half;
#endif
}

#if defined(__x86_64__)

/* lea and dec leave the carry alone. */
uint16_t inet_carry_loop(const void *ptr, size_t len)
{
    const uint8_t *at = ptr;
    size_t words = len / 8;
    if (words == 0) return folded(few(at, len));
    uint64_t sum = last(at, len);
    if (words & 1) {
        __asm__("add (%1), %0\n\tadc $0, %0" : "+r"(sum) : "r"(at) : "cc", "memory");
        at += 8;
    }
    words /= 2;
    if (words > 0)
        __asm__("clc\n"
                "1:\tadc (%1), %0\n\t"
                "adc 8(%1), %0\n\t"
                "lea 16(%1), %1\n\t"
                "dec %2\n\t"
                "jnz 1b\n\t"
                "adc $0, %0"
                : "+r"(sum), "+r"(at), "+r"(words)
                :
                : "cc", "memory");
    return folded(sum);
}

uint16_t inet_carry_row(const void *ptr, size_t len)
{
    const uint8_t *at = ptr;
    if (len < 8) return folded(few(at, len));
    uint64_t sum = last(at, len);
    for (; len >= 64; at += 64, len -= 64)
        __asm__("add (%1), %0\n\t"
                "adc 8(%1), %0\n\t"
                "adc 16(%1), %0\n\t"
                "adc 24(%1), %0\n\t"
                "adc 32(%1), %0\n\t"
                "adc 40(%1), %0\n\t"
                "adc 48(%1), %0\n\t"
                "adc 56(%1), %0\n\t"
                "adc $0, %0"
                : "+r"(sum)
                : "r"(at)
                : "cc", "memory");
    if (len & 32) {
        __asm__("add (%1), %0\n\t"
                "adc 8(%1), %0\n\t"
                "adc 16(%1), %0\n\t"
                "adc 24(%1), %0\n\t"
                "adc $0, %0"
                : "+r"(sum)
                : "r"(at)
                : "cc", "memory");
        at += 32;
    }
    if (len & 16) {
        __asm__("add (%1), %0\n\t"
                "adc 8(%1), %0\n\t"
                "adc $0, %0"
                : "+r"(sum)
                : "r"(at)
                : "cc", "memory");
        at += 16;
    }
    if (len & 8) __asm__("add (%1), %0\n\tadc $0, %0" : "+r"(sum) : "r"(at) : "cc", "memory");
    return folded(sum);
}

__attribute__((target("avx512f"))) static void load_avx512(const uint8_t *at, size_t len)
{
#pragma GCC unroll 4
    for (; len >= 64; at += 64, len -= 64) {
        __m512i bytes = _mm512_loadu_si512(at);
        __asm__ volatile("" : : "v"(bytes));
    }
}

__attribute__((target("avx2"))) static void load_avx2(const uint8_t *at, size_t len)
{
#pragma GCC unroll 4
    for (; len >= 32; at += 32, len -= 32) {
        __m256i bytes = _mm256_loadu_si256((const void *)at);
        __asm__ volatile("" : : "x"(bytes));
    }
}

static void load_words(const uint8_t *at, size_t len)
{
#pragma GCC unroll 4
    for (; len >= 16; at += 16, len -= 16) {
        __m128i bytes = _mm_loadu_si128((const void *)at);
        __asm__ volatile("" : : "x"(bytes));
    }
}

uint16_t inet_load(const void *ptr, size_t len)
{
    if (__builtin_cpu_supports("avx512f"))
        load_avx512(ptr, len);
    else if (__builtin_cpu_supports("avx2"))
        load_avx2(ptr, len);
    else
        load_words(ptr, len);
    return 0;
}

#else

uint16_t inet_carry_loop(const void *ptr, size_t len)
{
    const uint8_t *at = ptr;
    size_t words = len / 8;
    if (words == 0) return folded(few(at, len));
    uint64_t sum = last(at, len), carry = 0, word;
    for (; words > 0; words--, at += 8) {
        word = word_at(at);
        sum += word;
        carry += sum < word;
    }
    sum += carry;
    return folded(sum + (sum < carry));
}

uint16_t inet_carry_row(const void *ptr, size_t len)
{
    return inet_carry_loop(ptr, len);
}

uint16_t inet_load(const void *ptr, size_t len)
{
    const uint8_t *at = ptr;
    for (; len >= 8; at += 8, len -= 8) {
        uint64_t word = word_at(at);
        __asm__ volatile("" : : "r"(word));
    }
    return 0;
}

#endif

uint16_t inet_memcpy(const void *ptr, size_t len)
{
    static uint8_t copy[1 << 16];
    memcpy(copy, ptr, len);
    __asm__ volatile("" : : "r"(copy) : "memory");
    return 0;
}
