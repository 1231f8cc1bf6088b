/* SPDX-License-Identifier: MIT */
/* What the readers with vectors of 16 bytes share: they classify two at a time.

   The including file has defined, besides byte_set and its sets,

     enum { WIDTH = 32 }
     classify(at, set)         a bit for each of 32 bytes that is not in the set
     controls(at)              as http_head_blocks.h asks for it
     fill_two(marks, fields)   two fields from their marks */
#ifndef HTTP_HEAD_PAIRS_H
#define HTTP_HEAD_PAIRS_H

/* Close to the limit, the bytes before it are looked at and shifted out; the limit itself ends
   every run. */
static inline uint32_t length_in(const uint8_t *at, const uint8_t *limit, const byte_set *set)
{
    const uint64_t end = UINT64_C(1) << WIDTH;
    if (LIKELY(limit - at >= WIDTH)) return (uint32_t)__builtin_ctzll(classify(at, set) | end);
    unsigned shift = (unsigned)(WIDTH - (limit - at));
    return (uint32_t)__builtin_ctzll((classify(limit - WIDTH, set) | end) >> shift);
}

static inline uint32_t lowest(uint64_t bits)
{
    return (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
}

static inline uint32_t bit_count(uint64_t bits)
{
    return (uint32_t)__builtin_popcountll(bits);
}

enum { FIELDS_AT_ONCE = 8 };

static inline void fill_some(const uint32_t *marks, proto_http_field *fields)
{
    for (int i = 0; i < FIELDS_AT_ONCE; i += 2)
        fill_two(marks + 2 * i, fields + i);
}

#include "http_head_blocks.h"

#endif
