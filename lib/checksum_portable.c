/* SPDX-License-Identifier: MIT */
/* One's complement sums in ordinary registers. */
#include "checksum.h"

enum { BLOCK = 64 };

CHECKSUM_INLINE uint64_t total(uint8_t *to, const uint8_t *from, size_t len)
{
    checksum_chain a = {0, 0}, b = {0, 0}, c = {0, 0}, d = {0, 0};
    for (; len > BLOCK; from += BLOCK, len -= BLOCK) {
        for (size_t at = 0; at < BLOCK; at += 32) {
            checksum_two(&a, &b, to, from, at);
            checksum_two(&c, &d, to, from, at + 16);
        }
        if (to) to += BLOCK;
    }
    uint64_t blocks = checksum_plus(checksum_joined(a, b), checksum_joined(c, d));
    return checksum_plus(blocks, checksum_ladder(to, from, len));
}

static uint64_t sum(const uint8_t *from, size_t len)
{
    return total(NULL, from, len);
}

static uint64_t copy(uint8_t *to, const uint8_t *from, size_t len)
{
    return total(to, from, len);
}

static uint16_t value(const uint8_t *from, size_t len)
{
    return checksum_value(total(NULL, from, len));
}

const checksum_adder checksum_adder_portable = {sum, copy, value};
