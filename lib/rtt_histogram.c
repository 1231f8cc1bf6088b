/* SPDX-License-Identifier: MIT */
#include "rtt_histogram.h"

static uint32_t carries_of(uint32_t carry)
{
    return carry & RTT_CARRY_MAX;
}

/* The place in the list where the bucket is, or would be. */
static size_t carry_place(const proto_rtt *rtt, size_t bucket)
{
    size_t place = 0;
    while (place < PROTO_RTT_CARRIES && rtt->carries[place] != 0 &&
           rtt->carries[place] >> RTT_CARRY_BITS < bucket)
        place++;
    return place;
}

static bool is_carry_of(const proto_rtt *rtt, size_t place, size_t bucket)
{
    return place < PROTO_RTT_CARRIES && rtt->carries[place] != 0 &&
           rtt->carries[place] >> RTT_CARRY_BITS == bucket;
}

uint64_t rtt_bucket_count(const proto_rtt *rtt, size_t bucket)
{
    uint64_t count = rtt->buckets[bucket];
    if (rtt->carries[0] == 0) return count;
    size_t place = carry_place(rtt, bucket);
    if (is_carry_of(rtt, place, bucket)) count += (uint64_t)carries_of(rtt->carries[place]) << 32;
    return count;
}

static void carry_remove(proto_rtt *rtt, size_t place)
{
    uint32_t *at = rtt->carries + place;
    memmove(at, at + 1, (PROTO_RTT_CARRIES - 1 - place) * sizeof *at);
    rtt->carries[PROTO_RTT_CARRIES - 1] = 0;
}

static bool carry_insert(proto_rtt *rtt, size_t place, uint32_t carry)
{
    uint32_t *at = rtt->carries + place;
    if (rtt->carries[PROTO_RTT_CARRIES - 1] != 0) return false;
    memmove(at + 1, at, (PROTO_RTT_CARRIES - 1 - place) * sizeof *at);
    *at = carry;
    return true;
}

void rtt_bucket_set(proto_rtt *rtt, size_t bucket, uint64_t count)
{
    uint64_t high = count >> 32;
    size_t place = carry_place(rtt, bucket);
    if (is_carry_of(rtt, place, bucket)) carry_remove(rtt, place);
    if (high > RTT_CARRY_MAX) {
        high = RTT_CARRY_MAX;
        count = UINT32_MAX;
    }
    rtt->buckets[bucket] = (uint32_t)count;
    if (high == 0) return;
    uint32_t carry = (uint32_t)bucket << RTT_CARRY_BITS | (uint32_t)high;
    if (!carry_insert(rtt, place, carry)) rtt->buckets[bucket] = UINT32_MAX;
}

void rtt_bucket_wrapped(proto_rtt *rtt, size_t bucket)
{
    rtt_bucket_set(rtt, bucket, rtt_bucket_count(rtt, bucket) + (UINT64_C(1) << 32));
}
