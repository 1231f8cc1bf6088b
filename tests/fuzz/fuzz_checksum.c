/* SPDX-License-Identifier: MIT */
/* A message in pieces, some copied, has on each path the checksum that RFC 1071 words, and replacing
   a part of it gives the checksum of the whole. The first three bytes say where it is split and what
   is replaced, and the rest is the message. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"
#include "proto/inet.h"

static uint16_t expected(const uint8_t *bytes, size_t len)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint64_t)bytes[i] << 8 : bytes[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void check_pieces(const uint8_t *bytes, size_t len, size_t first, size_t second)
{
    uint8_t *copy = malloc(len + 1);
    proto_checksum sum = {0};
    if (copy == NULL) abort();
    proto_checksum_copy(&sum, copy, bytes, first);
    proto_checksum_add(&sum, bytes + first, second - first);
    proto_checksum_copy(&sum, copy + second, bytes + second, len - second);
    assert(proto_checksum_value(&sum) == expected(bytes, len));
    assert(memcmp(copy, bytes, first) == 0);
    assert(memcmp(copy + second, bytes + second, len - second) == 0);
    free(copy);
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0) return false;
    return true;
}

/* Turns over bits of a row that begins at an even place. */
static void check_replaced(const uint8_t *bytes, size_t len, size_t at, size_t count, uint8_t bits)
{
    uint8_t *changed = malloc(len + 1);
    if (changed == NULL) abort();
    if (len > 0) memcpy(changed, bytes, len);
    for (size_t i = at; i < at + count; i++)
        changed[i] ^= bits;
    uint16_t value = proto_checksum_replace(expected(bytes, len), bytes + at, changed + at, count);
    uint16_t anew = expected(changed, len);
    assert(value == anew || (value == 0 && all_zero(changed, len)));
    free(changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static proto_simd paths[MAX_PATHS];
    static size_t count;
    if (count == 0) count = simd_paths(paths);
    if (size < 3) return 0;
    const uint8_t *bytes = data + 3;
    size_t len = size - 3;
    size_t first = data[0] % (len + 1), second = first + data[1] % (len - first + 1);
    size_t even = first & ~(size_t)1;
    size_t row = second == len ? len - even : (second - even) & ~(size_t)1;
    for (size_t i = 0; i < count; i++) {
        proto_simd_use(paths[i]);
        assert(proto_checksum_of(bytes, len) == expected(bytes, len));
        check_pieces(bytes, len, first, second);
        check_replaced(bytes, len, even, row, data[2]);
    }
    return 0;
}
