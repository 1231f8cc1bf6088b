/* SPDX-License-Identifier: MIT */
/* Heads, 16 bytes at a time on 64-bit ARM. */
#include "http_head.h"

#include <arm_neon.h>

enum { WIDTH = 32 };

#include "http_head_sets.h"

static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};

/* One bit of each of 64 bytes that are 0 or 0xff, by adding neighbours until eight bits fill a
   byte. */
static inline uint64_t bits_of(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
    const uint8x16_t weight = vld1q_u8(weights);
    uint8x16_t ab = vpaddq_u8(vandq_u8(a, weight), vandq_u8(b, weight));
    uint8x16_t cd = vpaddq_u8(vandq_u8(c, weight), vandq_u8(d, weight));
    uint8x16_t all = vpaddq_u8(ab, cd);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

/* 0xff for each byte that is not in the set: its low half looks up the high halves that may go with
   it. */
static inline uint8x16_t classify_16(const uint8_t *at, const byte_set *set)
{
    static const uint8_t highs[16] = {1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t bytes = vld1q_u8(at);
    uint8x16_t low = vqtbl1q_u8(vld1q_u8(set->low), vandq_u8(bytes, vdupq_n_u8(15)));
    uint8x16_t high = vqtbl1q_u8(vld1q_u8(highs), vshrq_n_u8(bytes, 4));
    return vceqzq_u8(vandq_u8(low, high));
}

static inline uint64_t classify(const uint8_t *at, const byte_set *set)
{
    const uint8x16_t none = vdupq_n_u8(0);
    return bits_of(classify_16(at, set), classify_16(at + 16, set), none, none);
}

static inline uint8x16_t controls_16(const uint8_t *at)
{
    uint8x16_t bytes = vld1q_u8(at);
    uint8x16_t low = vcltq_u8(bytes, vdupq_n_u8(0x20));
    return vorrq_u8(low, vceqq_u8(bytes, vdupq_n_u8(0x7f)));
}

static inline uint64_t controls(const uint8_t *at)
{
    return bits_of(controls_16(at), controls_16(at + 16), controls_16(at + 32),
                   controls_16(at + 48));
}

/* Each mark plus two, and the next one minus that. */
static inline void fill_two(const uint32_t *marks, proto_http_field *fields)
{
    uint32x4_t at = vaddq_u32(vld1q_u32(marks), vdupq_n_u32(2));
    uint32x4_t len = vsubq_u32(vld1q_u32(marks + 1), at);
    vst1q_u32((void *)fields, vzip1q_u32(at, len));
    vst1q_u32((void *)(fields + 1), vzip2q_u32(at, len));
}

#include "http_head_pairs.h"

const http_reader http_reader_neon = {read_request, read_response};
