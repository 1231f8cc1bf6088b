/* SPDX-License-Identifier: MIT */
/* Numbers of 128 bits, which sums of squares need, on compilers that have none. */
#ifndef WIDE_H
#define WIDE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct wide {
    uint64_t high;
    uint64_t low;
} wide;

static inline wide wide_add(wide a, wide b)
{
    uint64_t low = a.low + b.low;
    return (wide){a.high + b.high + (low < a.low), low};
}

/* Modulo 2^128, as wide_add(). */
static inline wide wide_subtract(wide a, wide b)
{
    return (wide){a.high - b.high - (a.low < b.low), a.low - b.low};
}

static inline bool wide_less(wide a, wide b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

static inline wide wide_product(uint64_t a, uint64_t b)
{
    uint64_t a_low = (uint32_t)a, a_high = a >> 32;
    uint64_t b_low = (uint32_t)b, b_high = b >> 32;
    uint64_t middle = a_high * b_low + (a_low * b_low >> 32);
    uint64_t other = a_low * b_high + (uint32_t)middle;
    return (wide){a_high * b_high + (middle >> 32) + (other >> 32), a * b};
}

/* Modulo 2^128. */
static inline wide wide_times(wide a, uint64_t b)
{
    wide product = wide_product(a.low, b);
    product.high += a.high * b;
    return product;
}

/* The divisor is at most 2^63. */
wide wide_divide(wide number, uint64_t divisor, uint64_t *remainder);

/* The root, rounded down. */
uint64_t wide_root(wide number);

#endif
