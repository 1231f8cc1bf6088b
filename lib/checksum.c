/* SPDX-License-Identifier: MIT */
/* The Internet checksum (RFC 1071) and its incremental update (RFC 1624). */
#include "checksum.h"

#include "proto/inet.h"

#include <assert.h>

/* So that what is done in line needs no stack for it. */
#define OUT_OF_LINE __attribute__((noinline))

enum { IPV4_HEADER = 20 }; /* without options (RFC 791 section 3.1) */

static uint64_t decide_and_sum(const uint8_t *from, size_t len)
{
    return checksum_adders[simd_decide()]->sum(from, len);
}

static uint64_t decide_and_copy(uint8_t *to, const uint8_t *from, size_t len)
{
    return checksum_adders[simd_decide()]->copy(to, from, len);
}

static uint16_t decide_and_give_value(const uint8_t *from, size_t len)
{
    return checksum_adders[simd_decide()]->value(from, len);
}

static const checksum_adder undecided = {decide_and_sum, decide_and_copy, decide_and_give_value};

const checksum_adder *const checksum_adders[SIMD_PLACES] = {
    [SIMD_UNDECIDED] = &undecided,
    [SIMD_PLACE(PROTO_SIMD_PORTABLE)] = &checksum_adder_portable,
#if defined(__x86_64__)
    [SIMD_PLACE(PROTO_SIMD_SSSE3)] = &checksum_adder_ssse3,
    [SIMD_PLACE(PROTO_SIMD_AVX2)] = &checksum_adder_avx2,
    [SIMD_PLACE(PROTO_SIMD_AVX512)] = &checksum_adder_avx512,
#elif defined(__aarch64__)
    [SIMD_PLACE(PROTO_SIMD_NEON)] = &checksum_adder_neon,
#endif
};

/* A byte that begins a word, or ends the message. */
static uint64_t first_half(uint8_t byte)
{
    return checksum_network((uint16_t)(byte << 8));
}

/* All of 0 to 7 bytes: each in the half of a word that it is in. */
static uint64_t sum_of_few(const uint8_t *at, size_t len)
{
    uint64_t sum = len & 4 ? word_load_half(at) : 0;
    if (len & 2) {
        uint16_t word;
        memcpy(&word, at + (len & 4), sizeof word);
        sum += word;
    }
    return len & 1 ? sum + first_half(at[len - 1]) : sum;
}

/* What headers are, and small messages: one comparison, and no call. */
static inline bool is_short(size_t len)
{
    return len - 8 <= CHECKSUM_SHORT - 8;
}

static OUT_OF_LINE uint64_t sum_of_others(const uint8_t *from, size_t len)
{
    return len < 8 ? sum_of_few(from, len) : checksum_adders[simd_place()]->sum(from, len);
}

static inline uint64_t sum_of(const uint8_t *from, size_t len)
{
    return is_short(len) ? checksum_ladder(NULL, from, len) : sum_of_others(from, len);
}

/* While the count of bytes is odd, the sum is kept turned: so each piece begins an even one. */
static inline void add(proto_checksum *sum, uint64_t piece, size_t len)
{
    sum->sum = checksum_turned(checksum_plus(sum->sum, piece), len % 2 * 8);
    sum->odd = sum->odd != len % 2;
}

static OUT_OF_LINE void add_others(proto_checksum *sum, const uint8_t *from, size_t len)
{
    add(sum, sum_of_others(from, len), len);
}

void proto_checksum_add(proto_checksum *sum, const void *ptr, size_t len)
{
    if (is_short(len))
        add(sum, checksum_ladder(NULL, ptr, len), len);
    else
        add_others(sum, ptr, len);
}

static OUT_OF_LINE void copy_others(proto_checksum *sum, uint8_t *to, const uint8_t *from,
                                    size_t len)
{
    uint64_t piece;
    if (len >= 8) {
        piece = checksum_adders[simd_place()]->copy(to, from, len);
    } else {
        for (size_t i = 0; i < len; i++)
            to[i] = from[i];
        piece = sum_of_few(from, len);
    }
    add(sum, piece, len);
}

static inline CHECKSUM_COPIES uint64_t copy_of(uint8_t *to, const uint8_t *from, size_t len)
{
    return checksum_ladder(to, from, len);
}

void proto_checksum_copy(proto_checksum *sum, void *to, const void *from, size_t len)
{
    if (is_short(len))
        add(sum, copy_of(to, from, len), len);
    else
        copy_others(sum, to, from, len);
}

void proto_checksum_word(proto_checksum *sum, uint16_t word)
{
    assert(!sum->odd);
    sum->sum = checksum_plus(sum->sum, checksum_network(word));
}

void proto_checksum_pseudo_header(proto_checksum *sum, const proto_address *source,
                                  const proto_address *destination, uint8_t protocol,
                                  uint32_t length)
{
    size_t octets = source->family == PROTO_IPV4 ? 4 : 16;
    assert(source->family == destination->family && source->family != PROTO_FAMILY_NONE);
    assert(source->family == PROTO_IPV6 || length <= UINT16_MAX);
    proto_checksum_add(sum, source->octets, octets);
    proto_checksum_add(sum, destination->octets, octets);
    proto_checksum_word(sum, (uint16_t)(length >> 16));
    proto_checksum_word(sum, (uint16_t)length);
    proto_checksum_word(sum, protocol);
}

uint16_t proto_checksum_value(const proto_checksum *sum)
{
    return checksum_value(checksum_turned(sum->sum, sum->odd ? 56 : 0));
}

static OUT_OF_LINE uint16_t value_of_others(const uint8_t *from, size_t len)
{
    if (len >= 8) return checksum_adders[simd_place()]->value(from, len);
    return checksum_value(sum_of_few(from, len));
}

/* The one checksum that is made for every packet: no part of a word is in it. */
static inline uint16_t value_of_ipv4_header(const uint8_t *at)
{
    checksum_chain sum = {word_load_half(at + 16), 0};
    checksum_two(&sum, &sum, NULL, at, 0);
    uint16_t value = checksum_value(checksum_plus(sum.sum, sum.carries));
    __asm__("" : "+r"(value)); /* or its end would be shared with others, and jumped to */
    return value;
}

uint16_t proto_checksum_of(const void *ptr, size_t len)
{
    if (len == IPV4_HEADER) return value_of_ipv4_header(ptr);
    return is_short(len) ? checksum_value(checksum_ladder(NULL, ptr, len))
                         : value_of_others(ptr, len);
}

bool proto_checksum_ok(const void *ptr, size_t len)
{
    return proto_checksum_of(ptr, len) == 0;
}

static uint16_t folded(uint64_t sum)
{
    return (uint16_t)(checksum_halved(sum) >> 16);
}

/* ~(~HC + ~m + m') (RFC 1624 section 3); the order of bytes does not matter. */
static uint16_t updated(uint16_t checksum, uint16_t from, uint64_t to)
{
    uint64_t others = (uint64_t)(uint16_t)~checksum + (uint16_t)~from;
    return (uint16_t)~folded(checksum_plus(others, to));
}

uint16_t proto_checksum_update(uint16_t checksum, uint16_t from, uint16_t to)
{
    return updated(checksum, from, to);
}

uint16_t proto_checksum_replace(uint16_t checksum, const void *from, const void *to, size_t len)
{
    uint16_t before = folded(sum_of(from, len));
    return checksum_network(updated(checksum_network(checksum), before, sum_of(to, len)));
}
