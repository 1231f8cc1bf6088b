/* SPDX-License-Identifier: MIT */
/* One's complement sums in ordinary registers. */
#include "checksum.h"

enum { BLOCK = 64 };

CHECKSUM_INLINE uint64_t total(uint8_t *to, const uint8_t *from, size_t len)
{
    checksum_chain a = {0, 0}, b = {0, 0};
    for (; len > BLOCK; from += BLOCK, len -= BLOCK) {
        for (size_t at = 0; at < BLOCK; at += 16)
            checksum_two(&a, &b, to, from, at);
        if (to) to += BLOCK;
    }
    uint64_t blocks = checksum_joined(a, b);
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

const checksum_adder checksum_adder_portable = {sum, copy, value};
