/* SPDX-License-Identifier: MIT */
/* Addresses as values, and their text beside the C library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/inet.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static proto_address ipv6_of(const char *text)
{
    uint8_t octets[16];
    assert_int_equal(inet_pton(AF_INET6, text, octets), 1);
    return proto_address_ipv6(octets);
}

static proto_address ipv4_of(const char *text)
{
    uint8_t octets[4];
    assert_int_equal(inet_pton(AF_INET, text, octets), 1);
    return proto_address_ipv4(octets);
}

/* Writes into an allocation of exactly the text's size. */
static void assert_text(const proto_address *address, const char *expected)
{
    size_t len = strlen(expected);
    uint8_t *buffer = malloc(len + 1);
    assert_non_null(buffer);
    proto_out out = proto_out_of(buffer, len);
    assert_int_equal(proto_address_write(address, &out), PROTO_OK);
    assert_int_equal(out.len, len);
    buffer[len] = '\0';
    assert_string_equal((const char *)buffer, expected);
    free(buffer);
}

/* ------------------------------------------------------------------------------------ values -- */

static void an_address_has_its_family_and_octets_and_nothing_else(void **state)
{
    static const uint8_t octets[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    static const proto_address four = {.family = PROTO_IPV4, .octets = {1, 2, 3, 4}};
    proto_address six = {.family = PROTO_IPV6};
    memcpy(six.octets, octets, sizeof octets);
    proto_address made = proto_address_ipv4(octets);
    assert_memory_equal(&made, &four, sizeof made);
    made = proto_address_ipv6(octets);
    assert_memory_equal(&made, &six, sizeof made);
}

static void the_same_host_has_the_same_family_and_octets(void **state)
{
    static const uint8_t octets[16] = {127, 0, 0, 1};
    proto_address four = proto_address_ipv4(octets), six = proto_address_ipv6(octets);
    assert_true(proto_address_same_host(&four, &four));
    assert_true(proto_address_same_host(&six, &six));
    assert_false(proto_address_same_host(&four, &six));
    assert_false(proto_address_same_host(&six, &four));
    for (int i = 0; i < 16; i++) {
        proto_address other = six, other_four = four;
        other.octets[i] ^= 0x40;
        other_four.octets[i] ^= 0x40;
        assert_false(proto_address_same_host(&six, &other));
        assert_int_equal(proto_address_same_host(&four, &other_four), i >= 4);
    }
}

static void the_port_does_not_matter_for_a_host(void **state)
{
    proto_address a = ipv4_of("192.0.2.1"), b = ipv6_of("2001:db8::1");
    proto_address at_80 = a, at_443 = b;
    at_80.port = 80;
    at_443.port = 443;
    assert_true(proto_address_same_host(&a, &at_80));
    assert_true(proto_address_same_host(&b, &at_443));
}

/* Who did not say on which link it is may mean either. */
static void zones_are_compared_where_both_have_one(void **state)
{
    proto_address none = ipv6_of("fe80::1"), two = none, three = none;
    two.zone = 2;
    three.zone = 3;
    assert_true(proto_address_same_host(&two, &two));
    assert_true(proto_address_same_host(&none, &two));
    assert_true(proto_address_same_host(&three, &none));
    assert_false(proto_address_same_host(&two, &three));
    proto_address four = ipv4_of("192.0.2.1"), zoned = four;
    four.zone = 1;
    zoned.zone = 2;
    assert_true(proto_address_same_host(&four, &zoned));
}

static void what_is_no_address_is_no_host(void **state)
{
    proto_address none = {.family = PROTO_FAMILY_NONE}, other = {.family = 9};
    assert_false(proto_address_same_host(&none, &none));
    assert_false(proto_address_same_host(&other, &other));
}

/* -------------------------------------------------------------------------------------- text -- */

static void ipv4_is_written_with_dots(void **state)
{
    static const char *const texts[] = {"0.0.0.0", "192.0.2.1", "10.20.30.40", "255.255.255.255"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        proto_address address = ipv4_of(texts[i]);
        assert_text(&address, texts[i]);
    }
}

/* What RFC 5952 sections 4 and 5 say, each with an example. */
static void ipv6_is_written_as_rfc_5952_says(void **state)
{
    static const struct {
        const char *given, *written;
    } cases[] = {
        {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},       /* 4.1 */
        {"2001:db8:a00:b0:c:d00:e:f000", "2001:db8:a00:b0:c:d00:e:f000"}, /* 4.1 */
        {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},                        /* 4.2.1 */
        {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},                  /* 4.2.2 */
        {"0:1:1:1:1:1:1:1", "0:1:1:1:1:1:1:1"},                           /* 4.2.2 */
        {"1:1:1:1:1:1:1:0", "1:1:1:1:1:1:1:0"},                           /* 4.2.2 */
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},                          /* 4.2.3, the longest */
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},                    /* 4.2.3, the first */
        {"2001:DB8::ABCD:EF", "2001:db8::abcd:ef"},                       /* 4.3 */
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"}, /* 5 */
        {"::ffff:0:0", "::ffff:0.0.0.0"},         /* 5 */
        {"::fffe:c000:201", "::fffe:c000:201"},
        {"::1:ffff:c000:201", "::1:ffff:c000:201"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_address address = ipv6_of(cases[i].given);
        assert_text(&address, cases[i].written);
    }
}

/* Which groups are zero, in every way there is, and groups of every length. The C library writes the
   same, but for an address of no more than 32 bits, which it takes for one of IPv4. */
static void every_pattern_of_zero_groups_is_written_as_the_c_library_does(void **state)
{
    static const unsigned groups[] = {0x1, 0xa0, 0xbcd, 0xf00e, 0xffff};
    for (unsigned zeros = 0; zeros < 256; zeros++)
        for (unsigned first = 0; first < COUNT(groups); first++) {
            uint8_t octets[16] = {0};
            char text[INET6_ADDRSTRLEN];
            for (unsigned i = 0; i < 8; i++) {
                unsigned group = zeros >> i & 1 ? 0 : groups[(first + i) % COUNT(groups)];
                octets[2 * i] = (uint8_t)(group >> 8);
                octets[2 * i + 1] = (uint8_t)group;
            }
            assert_non_null(inet_ntop(AF_INET6, octets, text, sizeof text));
            proto_address address = proto_address_ipv6(octets);
            bool looks_like_ipv4 = strchr(text, '.') != NULL && strncmp(text, "::ffff:", 7) != 0;
            if (!looks_like_ipv4) assert_text(&address, text);
        }
}

static void what_is_written_means_the_same_address(void **state)
{
    uint32_t random = 7;
    for (int i = 0; i < 20000; i++) {
        uint8_t octets[16], again[16];
        char text[PROTO_ADDRESS_TEXT + 1];
        for (int k = 0; k < 16; k++) {
            random = random * 1664525u + 1013904223u;
            octets[k] = random >> 31 ? (uint8_t)(random >> 20) : 0;
        }
        proto_address address = proto_address_ipv6(octets);
        proto_out out = proto_out_of(text, PROTO_ADDRESS_TEXT);
        assert_int_equal(proto_address_write(&address, &out), PROTO_OK);
        text[out.len] = '\0';
        assert_int_equal(inet_pton(AF_INET6, text, again), 1);
        assert_memory_equal(again, octets, 16);
    }
}

static void a_zone_is_written_behind_a_percent_sign(void **state)
{
    proto_address address = ipv6_of("fe80::1"), four = ipv4_of("169.254.0.1");
    address.zone = 3;
    address.port = 80;
    assert_text(&address, "fe80::1%3");
    four.zone = 3;
    assert_text(&four, "169.254.0.1");
    address = ipv6_of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    address.zone = UINT32_MAX;
    assert_text(&address, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295");
    assert_int_equal(strlen("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295"),
                     PROTO_ADDRESS_TEXT);
}

static void no_address_has_no_text(void **state)
{
    proto_address none = {.family = PROTO_FAMILY_NONE, .octets = {1, 2, 3}, .zone = 4};
    assert_text(&none, "");
}

static void an_address_is_appended_whole_or_not_at_all(void **state)
{
    proto_address address = ipv6_of("2001:db8::1");
    char text[16] = "at ";
    for (size_t cap = 3; cap < 14; cap++) {
        proto_out out = {(uint8_t *)text, 3, cap, false};
        assert_int_equal(proto_address_write(&address, &out), PROTO_ERR_NO_SPACE);
        assert_true(out.failed);
        assert_int_equal(out.len, 3);
        assert_int_equal(text[3], 0);
    }
    proto_out out = {(uint8_t *)text, 3, 14, false};
    assert_int_equal(proto_address_write(&address, &out), PROTO_OK);
    assert_string_equal(text, "at 2001:db8::1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_its_family_and_octets_and_nothing_else),
        cmocka_unit_test(the_same_host_has_the_same_family_and_octets),
        cmocka_unit_test(the_port_does_not_matter_for_a_host),
        cmocka_unit_test(zones_are_compared_where_both_have_one),
        cmocka_unit_test(what_is_no_address_is_no_host),
        cmocka_unit_test(ipv4_is_written_with_dots),
        cmocka_unit_test(ipv6_is_written_as_rfc_5952_says),
        cmocka_unit_test(every_pattern_of_zero_groups_is_written_as_the_c_library_does),
        cmocka_unit_test(what_is_written_means_the_same_address),
        cmocka_unit_test(a_zone_is_written_behind_a_percent_sign),
        cmocka_unit_test(no_address_has_no_text),
        cmocka_unit_test(an_address_is_appended_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
