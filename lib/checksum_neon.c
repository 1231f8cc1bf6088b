/* SPDX-License-Identifier: MIT */
/* One's complement sums on 64-bit ARM, where one instruction adds both halves of each word to a
   lane of 64 bits. */
#include "checksum.h"

#include <arm_neon.h>

enum { BLOCK = 64 };

/* In the machine's order of bytes, whatever the order of lanes. */
CHECKSUM_INLINE uint32x4_t take(uint8_t *to, const uint8_t *from, size_t at)
{
    uint32x4_t words;
    memcpy(&words, from + at, sizeof words);
    if (to) memcpy(to + at, &words, sizeof words);
    return words;
}

CHECKSUM_INLINE uint64_t total(uint8_t *to, const uint8_t *from, size_t len)
{
    uint64x2_t a = vdupq_n_u64(0), b = a, c = a, d = a;
    for (; len > BLOCK; from += BLOCK, len -= BLOCK) {
        a = vpadalq_u32(a, take(to, from, 0));
        b = vpadalq_u32(b, take(to, from, 16));
        c = vpadalq_u32(c, take(to, from, 32));
        d = vpadalq_u32(d, take(to, from, 48));
        if (to) to += BLOCK;
    }
    uint64_t blocks = vaddvq_u64(vaddq_u64(vaddq_u64(a, b), vaddq_u64(c, d)));
    return checksum_plus(blocks, checksum_ladder(to, from, len));
}

static uint64_t sum(const uint8_t *from, size_t len)
{
    return total(NULL, from, len);
}

static CHECKSUM_COPIES uint64_t copy(uint8_t *to, const uint8_t *from, size_t len)
{
    return total(to, from, len);
}

static uint16_t value(const uint8_t *from, size_t len)
{
    return checksum_value(total(NULL, from, len));
}

const checksum_adder checksum_adder_neon = {sum, copy, value};
