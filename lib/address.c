/* SPDX-License-Identifier: MIT */
/* Addresses as values and as text. */
#include "address.h"

#include <string.h>

enum { GROUPS = 8 };

static proto_address address_of(proto_family family, const uint8_t *octets, size_t count)
{
    proto_address address = {.family = (uint8_t)family};
    memcpy(address.octets, octets, count);
    return address;
}

proto_address proto_address_ipv4(const uint8_t octets[4])
{
    return address_of(PROTO_IPV4, octets, 4);
}

proto_address proto_address_ipv6(const uint8_t octets[16])
{
    return address_of(PROTO_IPV6, octets, 16);
}

bool proto_address_same_host(const proto_address *a, const proto_address *b)
{
    return address_same_host(a, b);
}

static void put(proto_out *out, char byte)
{
    proto_out_put(out, &byte, 1);
}

static void put_ipv4(const uint8_t octets[4], proto_out *out)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0) put(out, '.');
        proto_out_decimal(out, octets[i]);
    }
}

static unsigned group_of(const uint8_t *octets, unsigned index)
{
    return (unsigned)octets[2 * index] << 8 | octets[2 * index + 1];
}

/* In lower case and without leading zeros (RFC 5952 sections 4.1 and 4.3). */
static void put_group(unsigned group, proto_out *out)
{
    int shift = 12;
    while (shift > 0 && group >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        put(out, "0123456789abcdef"[group >> shift & 15]);
}

/* The longest run of zero groups among the first `groups`, the first of several; `*len` is 0 where
   there is none of at least two (RFC 5952 section 4.2). Returns where it begins. */
static unsigned longest_gap(const uint8_t *octets, unsigned groups, unsigned *len)
{
    unsigned best = groups, run = 0;
    *len = 0;
    for (unsigned i = 0; i < groups; i++) {
        run = group_of(octets, i) == 0 ? run + 1 : 0;
        if (run < 2 || run <= *len) continue;
        *len = run;
        best = i + 1 - run;
    }
    return best;
}

/* An IPv4-mapped address is known by its prefix and ends as an IPv4 address does (section 5). */
static bool is_mapped(const uint8_t *octets)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(octets, prefix, sizeof prefix) == 0;
}

static void put_ipv6(const uint8_t *octets, proto_out *out)
{
    unsigned groups = is_mapped(octets) ? GROUPS - 2 : GROUPS, len;
    unsigned gap = longest_gap(octets, groups, &len);
    for (unsigned i = 0; i < groups; i++) {
        if (i == gap) {
            proto_out_put(out, "::", 2);
            i += len;
            if (i == groups) return;
        } else if (i > 0) {
            put(out, ':');
        }
        put_group(group_of(octets, i), out);
    }
    if (groups == GROUPS) return;
    put(out, ':');
    put_ipv4(octets + 12, out);
}

static void put_address(const proto_address *address, proto_out *out)
{
    if (address->family == PROTO_IPV4) put_ipv4(address->octets, out);
    if (address->family != PROTO_IPV6) return;
    put_ipv6(address->octets, out);
    if (address->zone == 0) return;
    put(out, '%');
    proto_out_decimal(out, address->zone);
}

proto_err proto_address_write(const proto_address *address, proto_out *out)
{
    uint8_t text[PROTO_ADDRESS_TEXT];
    proto_out whole = proto_out_of(text, sizeof text);
    put_address(address, &whole);
    return proto_out_put(out, whole.ptr, whole.len) ? PROTO_OK : PROTO_ERR_NO_SPACE;
}
