/* SPDX-License-Identifier: MIT */
/* The Internet checksum (RFC 1071) and its incremental update (RFC 1624). */
#include "checksum.h"

#include "proto/inet.h"

#include <assert.h>

static uint64_t sum_of(const uint8_t *at, size_t len)
{
    uint64_t sum = 0;
    for (; len >= 8; at += 8, len -= 8)
        sum = checksum_plus(sum, word_load(at));
    return checksum_plus(sum, checksum_few(at, len));
}

static uint64_t sum_of_copy(uint8_t *to, const uint8_t *from, size_t len)
{
    if (len > 0) memcpy(to, from, len);
    return sum_of(from, len);
}

/* While the count of bytes is odd, the sum is kept turned: so each piece begins an even one. */
static void add(proto_checksum *sum, uint64_t piece, size_t len)
{
    sum->sum = checksum_turned(checksum_plus(sum->sum, piece), len & 1 ? 8 : 0);
    sum->odd ^= len & 1;
}

void proto_checksum_add(proto_checksum *sum, const void *ptr, size_t len)
{
    add(sum, sum_of(ptr, len), len);
}

void proto_checksum_copy(proto_checksum *sum, void *to, const void *from, size_t len)
{
    add(sum, sum_of_copy(to, from, len), len);
}

void proto_checksum_word(proto_checksum *sum, uint16_t word)
{
    assert(!sum->odd);
    sum->sum = checksum_plus(sum->sum, checksum_network(word));
}

void proto_checksum_pseudo_header(proto_checksum *sum, const proto_address *source,
                                  const proto_address *destination, uint8_t protocol,
                                  uint32_t length)
{
    size_t octets = source->family == PROTO_IPV4 ? 4 : 16;
    assert(source->family == destination->family && source->family != PROTO_FAMILY_NONE);
    assert(source->family == PROTO_IPV6 || length <= UINT16_MAX);
    proto_checksum_add(sum, source->octets, octets);
    proto_checksum_add(sum, destination->octets, octets);
    proto_checksum_word(sum, (uint16_t)(length >> 16));
    proto_checksum_word(sum, (uint16_t)length);
    proto_checksum_word(sum, protocol);
}

static uint16_t value_of(uint64_t sum)
{
    return checksum_network((uint16_t)~checksum_folded(sum));
}

uint16_t proto_checksum_value(const proto_checksum *sum)
{
    return value_of(checksum_turned(sum->sum, sum->odd ? 56 : 0));
}

uint16_t proto_checksum_of(const void *ptr, size_t len)
{
    return value_of(sum_of(ptr, len));
}

bool proto_checksum_ok(const void *ptr, size_t len)
{
    return proto_checksum_of(ptr, len) == 0;
}

/* ~(~HC + ~m + m') (RFC 1624 section 3); the order of bytes does not matter. */
static uint16_t updated(uint16_t checksum, uint16_t from, uint64_t to)
{
    return (uint16_t)~checksum_folded(
        checksum_plus((uint64_t)(uint16_t)~checksum + (uint16_t)~from, to));
}

uint16_t proto_checksum_update(uint16_t checksum, uint16_t from, uint16_t to)
{
    return updated(checksum, from, to);
}

uint16_t proto_checksum_replace(uint16_t checksum, const void *from, const void *to, size_t len)
{
    uint16_t before = checksum_folded(sum_of(from, len));
    return checksum_network(updated(checksum_network(checksum), before, sum_of(to, len)));
}
