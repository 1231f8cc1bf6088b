/* SPDX-License-Identifier: MIT */
#include "rtt_text.h"

rtt_quantile_list rtt_quantile_list_of(const uint32_t *millionths, size_t count)
{
    static const uint32_t usual[] = {500000, 900000, 990000, 999000};
    if (millionths) return (rtt_quantile_list){millionths, count};
    return (rtt_quantile_list){usual, sizeof usual / sizeof *usual};
}

static uint64_t power_of_ten(unsigned exponent)
{
    uint64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

void rtt_put_fraction(proto_out *out, uint64_t number, unsigned digits)
{
    for (; digits > 1 && number % 10 == 0; digits--)
        number /= 10;
    proto_out_put(out, ".", 1);
    while (digits-- > 0)
        proto_out_decimal(out, number / power_of_ten(digits) % 10);
}

void rtt_put_decimal(proto_out *out, uint64_t number, unsigned digits)
{
    uint64_t unit = power_of_ten(digits);
    proto_out_decimal(out, number / unit);
    rtt_put_fraction(out, number % unit, digits);
}
