/* SPDX-License-Identifier: MIT */
#include "wide.h"

#include <assert.h>
#include <stddef.h>

/* Digit by digit, as on paper. */
wide wide_divide(wide number, uint64_t divisor, uint64_t *remainder)
{
    assert(divisor > 0 && divisor <= UINT64_C(1) << 63);
    uint64_t rest = number.high % divisor;
    wide quotient = {number.high / divisor, 0};
    for (int bit = 63; bit >= 0; bit--) {
        rest = rest << 1 | (number.low >> bit & 1);
        if (rest < divisor) continue;
        rest -= divisor;
        quotient.low |= UINT64_C(1) << bit;
    }
    if (remainder != NULL) *remainder = rest;
    return quotient;
}

uint64_t wide_root(wide number)
{
    uint64_t root = 0;
    for (int bit = 63; bit >= 0; bit--) {
        uint64_t next = root | UINT64_C(1) << bit;
        if (!wide_less(number, wide_product(next, next))) root = next;
    }
    return root;
}
