/* SPDX-License-Identifier: MIT */
/* What of addresses is needed for each packet. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "proto/inet.h"
#include "word.h"

static inline bool address_same_host(const proto_address *a, const proto_address *b)
{
    if (a->family != b->family) return false;
    if (a->family == PROTO_IPV4) return word_load_half(a->octets) == word_load_half(b->octets);
    if (a->family != PROTO_IPV6 || memcmp(a->octets, b->octets, 16) != 0) return false;
    return a->zone == b->zone || a->zone == 0 || b->zone == 0;
}

#endif
