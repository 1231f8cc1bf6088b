/* SPDX-License-Identifier: MIT */
/* What the texts of statistics are made of. */
#ifndef RTT_TEXT_H
#define RTT_TEXT_H

#include "proto/rtt.h"

/* What is given, or else 0.5, 0.9, 0.99 and 0.999. */
typedef struct rtt_quantile_list {
    const uint32_t *millionths;
    size_t count;
} rtt_quantile_list;

rtt_quantile_list rtt_quantile_list_of(const uint32_t *millionths, size_t count);

/* Appends a string literal. */
#define RTT_PUT(out, text) proto_out_slice(out, PROTO_LITERAL(text))

/* A point, and the digits of what is less than 10^digits; without zeros at their end, but one digit
   at least. */
void rtt_put_fraction(proto_out *out, uint64_t number, unsigned digits);

/* The number divided by 10^digits. */
void rtt_put_decimal(proto_out *out, uint64_t number, unsigned digits);

#endif
