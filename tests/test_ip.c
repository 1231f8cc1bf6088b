// SPDX-License-Identifier: MIT
// Headers of IPv4, IPv6 and UDP: what documents cannot show. (tests/vectors/icmp/07-datagrams.txt is about the rest.)
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/icmp.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

// ------------------------------------------------------------------------------------------------------------- helpers --

static const uint8_t here4[4] = {192, 0, 2, 1}, there4[4] = {198, 51, 100, 2};
static const uint8_t here6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const uint8_t there6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 2};

static proto_ipv4 header4(uint8_t protocol)
{
    return (proto_ipv4){.source = proto_address_ipv4(here4),
                        .destination = proto_address_ipv4(there4),
                        .protocol = protocol,
                        .ttl = 64};
}

static proto_ipv6 header6(uint8_t protocol)
{
    return (proto_ipv6){.source = proto_address_ipv6(here6),
                        .destination = proto_address_ipv6(there6),
                        .next_header = protocol,
                        .protocol = protocol,
                        .hop_limit = 64};
}

// The datagram of a header and `payload` bytes, each its own number.
static size_t datagram4(uint8_t *room, size_t cap, const proto_ipv4 *header, size_t payload)
{
    proto_out out = proto_out_of(room, cap);
    assert_int_equal(proto_ipv4_write(header, payload, &out), PROTO_OK);
    for (size_t i = 0; i < payload; i++)
        assert_true(proto_out_put(&out, &(uint8_t){(uint8_t)i}, 1));
    return out.len;
}

static void assert_address(proto_address address, const uint8_t *octets, proto_family family)
{
    assert_int_equal(address.family, family);
    assert_memory_equal(address.octets, octets, family == PROTO_IPV4 ? 4 : 16);
    assert_int_equal(address.port, 0);
    assert_int_equal(address.zone, 0);
}

static void assert_fault(proto_fault fault, proto_err err, size_t offset)
{
    assert_string_equal(proto_err_name(fault.err), proto_err_name(err));
    assert_int_equal(fault.offset, offset);
}

// -------------------------------------------------------------------------------------------------------- IPv4, read --

static void a_header_of_ipv4_is_written_byte_by_byte(void **state)
{
    static const uint8_t expected[28] = {0x46, 0xb9, 0x00, 0x20, 0x12, 0x34, 0x40, 0x00,
                                         0xff, 0x01, 0xb7, 0x1c, 192,  0,    2,    1,
                                         198,  51,   100,  2,    0x94, 0x04, 0x00, 0x00};
    uint8_t options[2] = {0x94, 0x04}; // padded with zeros
    uint8_t room[64];
    memset(room, 0xff,
           sizeof room); // trap 4: whatever was in the field of the checksum does not count
    proto_out out = proto_out_of(room, sizeof room);
    proto_ipv4 header = header4(1);
    header.options = proto_slice_of(options, sizeof options);
    header.id = 0x1234;
    header.dont_fragment = true;
    header.dscp = 46;
    header.ecn = 1;
    header.ttl = 255;
    assert_int_equal(proto_ipv4_write(&header, 8, &out), PROTO_OK);
    assert_int_equal(out.len, 24);
    assert_memory_equal(room, expected, 10);
    assert_memory_equal(room + 12, expected + 12, 12);
    assert_true(proto_checksum_ok(room, 24));
}

static void what_is_written_of_ipv4_is_read(void **state)
{
    uint8_t room[128];
    for (unsigned bits = 0; bits < 8; bits++) {
        proto_ipv4 header = header4(17), read;
        uint8_t options[40] = {1};
        header.options = proto_slice_of(options, bits * 4);
        header.dont_fragment = bits & 1;
        header.more_fragments = bits & 2;
        header.reserved = bits & 4;
        header.offset = (uint16_t)(bits * 8000);
        header.id = (uint16_t)(bits * 9001);
        header.dscp = (uint8_t)(bits * 9);
        header.ecn = bits & 3;
        size_t size = datagram4(room, sizeof room, &header, 16);
        assert_int_equal(proto_ipv4_read(proto_slice_of(room, size), 0, &read, NULL), PROTO_OK);
        assert_address(read.source, here4, PROTO_IPV4);
        assert_address(read.destination, there4, PROTO_IPV4);
        assert_true(proto_slice_equal(read.options, header.options));
        assert_ptr_equal(read.payload.ptr, room + 20 + bits * 4);
        assert_int_equal(read.payload.len, 16);
        assert_int_equal(read.length, size);
        assert_int_equal(read.id, header.id);
        assert_int_equal(read.offset, header.offset);
        assert_int_equal(read.dscp, header.dscp);
        assert_int_equal(read.ecn, header.ecn);
        assert_int_equal(read.dont_fragment, header.dont_fragment);
        assert_int_equal(read.more_fragments, header.more_fragments);
        assert_int_equal(read.reserved, header.reserved);
        assert_false(read.truncated);
    }
}

/* trap 18: the header is as long as it says, in what arrives and in what an error quotes. */
static void a_header_is_as_long_as_it_says(void **state)
{
    uint8_t room[80], options[40];
    memset(options, 1, sizeof options);
    for (size_t words = 0; words <= 10; words++) {
        proto_ipv4 header = header4(17), read;
        header.options = proto_slice_of(options, words * 4);
        size_t size = datagram4(room, sizeof room, &header, 8);
        for (unsigned form = 0; form <= PROTO_IP_QUOTED; form++) {
            assert_int_equal(proto_ipv4_read(proto_slice_of(room, size), form, &read, NULL),
                             PROTO_OK);
            assert_ptr_equal(read.payload.ptr, room + 20 + words * 4);
            assert_int_equal(read.payload.len, 8);
            assert_int_equal(read.payload.ptr[7], 7);
        }
    }
}

/* trap 20: eight bits without a sign, wherever a TTL is read. */
static void every_ttl_is_read_as_it_is(void **state)
{
    uint8_t room[64];
    for (unsigned ttl = 0; ttl < 256; ttl++) {
        proto_ipv4 ipv4 = header4(17), read4;
        proto_ipv6 ipv6 = header6(17), read6;
        proto_out out = proto_out_of(room, sizeof room);
        ipv4.ttl = ipv6.hop_limit = (uint8_t)ttl;
        for (unsigned form = 0; form <= PROTO_IP_QUOTED; form++) {
            size_t size = datagram4(room, sizeof room, &ipv4, 8);
            assert_int_equal(proto_ipv4_read(proto_slice_of(room, size), form, &read4, NULL),
                             PROTO_OK);
            assert_int_equal(read4.ttl, ttl);
            out.len = 0;
            assert_int_equal(proto_ipv6_write(&ipv6, 0, &out), PROTO_OK);
            assert_int_equal(proto_ipv6_read(proto_slice_of(room, 40), form, &read6, NULL),
                             PROTO_OK);
            assert_int_equal(read6.hop_limit, ttl);
        }
    }
}

// Turns a header into what a raw socket of macOS and old BSDs gives: the two fields in the machine's order, the header's
// length taken off.
static void to_host_order(uint8_t *header, size_t length, uint16_t fragment)
{
    uint16_t host = (uint16_t)(length - (header[0] & 15u) * 4);
    memcpy(header + 2, &host, 2);
    memcpy(header + 6, &fragment, 2);
}

/* trap 19: the total length in the machine's order, and without the header. */
static void lengths_in_the_machine_s_order_are_read_where_they_are_said_to_be(void **state)
{
    uint8_t room[400], options[8] = {0x94, 4, 0, 0, 1, 1, 1, 1};
    for (size_t payload = 0; payload < 300; payload++) {
        proto_ipv4 header = header4(1), read;
        header.dont_fragment = true;
        header.options = proto_slice_of(options, payload % 3 * 4);
        size_t size = datagram4(room, sizeof room, &header, payload);
        to_host_order(room, size, 0x4000);
        proto_slice bytes = proto_slice_of(room, size);
        assert_int_equal(proto_ipv4_read(bytes, PROTO_IP_HOST_ORDER, &read, NULL), PROTO_OK);
        assert_int_equal(read.length, size);
        assert_int_equal(read.payload.len, payload);
        assert_true(read.dont_fragment);
        assert_false(read.more_fragments);
        assert_int_equal(read.offset, 0);
        room[8] ^= 1; // the checksum is of the header as it was sent, and still counts
        assert_int_equal(proto_ipv4_read(bytes, PROTO_IP_HOST_ORDER, &read, NULL),
                         PROTO_ERR_IPV4_CHECKSUM);
    }
}

static void a_length_in_the_machine_s_order_is_not_believed_beyond_what_is_there(void **state)
{
    uint8_t room[64];
    proto_ipv4 header = header4(1), read;
    proto_fault fault;
    size_t size = datagram4(room, sizeof room, &header, 8);
    to_host_order(room, 65535, 0); // 65555 bytes with the header: more than a datagram has
    room[2] = room[3] = 0xff;
    memset(room + 10, 0, 2);
    proto_checksum sum = {0};
    proto_checksum_add(&sum, room, 2);
    proto_checksum_word(&sum, (uint16_t)(65535 + 20));
    proto_checksum_add(&sum, room + 4, 16);
    uint16_t checksum = proto_checksum_value(&sum);
    room[10] = (uint8_t)(checksum >> 8);
    room[11] = (uint8_t)checksum;
    assert_int_equal(
        proto_ipv4_read(proto_slice_of(room, size), PROTO_IP_HOST_ORDER, &read, &fault),
        PROTO_ERR_IP_LENGTH);
    assert_fault(fault, PROTO_ERR_IP_LENGTH, 2);
}

static void no_beginning_of_a_datagram_is_one(void **state)
{
    uint8_t room[64], options[8] = {1};
    proto_ipv4 header = header4(1);
    header.options = proto_slice_of(options, 8);
    size_t size = datagram4(room, sizeof room, &header, 16);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut);
        if (cut > 0) memcpy(copy, room, cut);
        proto_ipv4 read = {.id = 77};
        proto_fault fault;
        proto_err err = proto_ipv4_read(proto_slice_of(copy, cut), 0, &read, &fault);
        assert_fault(fault, cut < 28 ? PROTO_ERR_IP_SHORT : PROTO_ERR_IP_LENGTH,
                     cut < 28 ? cut : 2);
        assert_int_equal(err, fault.err);
        assert_int_equal(read.id, 77); // the result is not touched
        err = proto_ipv4_read(proto_slice_of(copy, cut), PROTO_IP_QUOTED, &read, NULL);
        assert_int_equal(err, cut < 28 ? PROTO_ERR_IP_SHORT : PROTO_OK);
        if (err == PROTO_OK) {
            assert_true(read.truncated);
            assert_int_equal(read.payload.len, cut - 28);
        }
        free(copy);
    }
}

// Every bit of a header is covered by its checksum, or by the checks before it.
// Nor is one believed that no datagram can have, if there is as much.
static void a_length_in_the_machine_s_order_is_none_of_more_than_65535(void **state)
{
    static uint8_t room[70000];
    proto_ipv4 header = header4(1), read;
    proto_out out = proto_out_of(room, sizeof room);
    assert_int_equal(proto_ipv4_write(&header, 0, &out), PROTO_OK);
    const uint16_t length = 65535, sum = 65535 + 20 - 65536;
    memcpy(room + 2, &length, 2); // the header is not in it
    room[10] = room[11] = 0;
    uint16_t checksum = proto_checksum_update(proto_checksum_of(room, 20), 0xffff, sum);
    room[10] = (uint8_t)(checksum >> 8);
    room[11] = (uint8_t)checksum;
    assert_int_equal(
        proto_ipv4_read(proto_slice_of(room, sizeof room), PROTO_IP_HOST_ORDER, &read, NULL),
        PROTO_ERR_IP_LENGTH);
}

static void no_bit_of_a_header_of_ipv4_may_change(void **state)
{
    uint8_t room[64];
    proto_ipv4 header = header4(1), read;
    size_t size = datagram4(room, sizeof room, &header, 8);
    for (size_t bit = 0; bit < 160; bit++) {
        room[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(proto_ipv4_read(proto_slice_of(room, size), 0, &read, NULL), PROTO_OK);
        room[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void options_of_any_bytes_come_to_an_end(void **state)
{
    uint8_t bytes[40];
    uint32_t seed = 1;
    for (size_t round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24) % 9;
        size_t len = round % 41, steps = 0;
        uint8_t *copy = malloc(len);
        if (len > 0) memcpy(copy, bytes, len);
        proto_slice options = proto_slice_of(copy, len);
        proto_ipv4_option option;
        while (proto_ipv4_option_next(&options, &option)) {
            assert_true(option.type > 1 && ++steps <= 20);
            assert_true(option.data.ptr >= copy + 2);
            assert_true(option.data.ptr + option.data.len == options.ptr);
            assert_true(options.ptr <= copy + len);
        }
        assert_true(options.len == 0 || options.ptr + options.len == copy + len);
        free(copy);
    }
}

// ------------------------------------------------------------------------------------------------------------- writing --

static void a_header_is_written_whole_or_not_at_all(void **state)
{
    uint8_t room[80], options[12] = {1};
    proto_ipv4 ipv4 = header4(1);
    proto_ipv6 ipv6 = header6(58);
    ipv4.options = proto_slice_of(options, 9);
    ipv6.extensions = proto_slice_of(options, 8);
    for (size_t cap = 0; cap <= 50; cap++) {
        proto_out out = proto_out_of(room, cap);
        proto_err err = proto_ipv4_write(&ipv4, 0, &out);
        assert_int_equal(err, cap < 32 ? PROTO_ERR_NO_SPACE : PROTO_OK);
        assert_int_equal(out.len, cap < 32 ? 0 : 32);
        assert_int_equal(out.failed, cap < 32);
        out = proto_out_of(room, cap);
        err = proto_ipv6_write(&ipv6, 0, &out);
        assert_int_equal(err, cap < 48 ? PROTO_ERR_NO_SPACE : PROTO_OK);
        assert_int_equal(out.len, cap < 48 ? 0 : 48);
        assert_int_equal(out.failed, cap < 48);
    }
}

static void a_header_that_could_not_be_read_is_not_written(void **state)
{
    static const struct {
        size_t options, payload;
        uint16_t offset;
        bool more;
        proto_err err;
    } cases[] = {
        {0, 65515, 0, false, PROTO_OK},
        {0, 65516, 0, false, PROTO_ERR_IP_LENGTH},
        {40, 65475, 0, false, PROTO_OK},
        {40, 65476, 0, false, PROTO_ERR_IP_LENGTH},
        {41, 0, 0, false, PROTO_ERR_IP_LENGTH},
        {SIZE_MAX, 0, 0, false, PROTO_ERR_IP_LENGTH},
        {0, SIZE_MAX, 0, false, PROTO_ERR_IP_LENGTH},
        {0, 16, 8, true, PROTO_OK},
        {0, 16, 7, true, PROTO_ERR_IP_FRAGMENT},
        {0, 15, 8, true, PROTO_ERR_IP_FRAGMENT},
        {0, 15, 8, false, PROTO_OK},
        {0, 7, 65528, false, PROTO_OK},
        {0, 8, 65528, false, PROTO_ERR_IP_FRAGMENT},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t room[64], options[48] = {1};
        proto_out out = proto_out_of(room, sizeof room);
        proto_ipv4 header = header4(1);
        header.options = proto_slice_of(options, cases[i].options);
        header.offset = cases[i].offset;
        header.more_fragments = cases[i].more;
        assert_int_equal(proto_ipv4_write(&header, cases[i].payload, &out), cases[i].err);
        assert_false(out.failed);
        assert_int_equal(out.len > 0, cases[i].err == PROTO_OK);
    }
}

static void a_header_of_ipv6_has_room_for_65535_bytes_behind_it(void **state)
{
    uint8_t room[64], extension[8] = {58, 0, 1, 4};
    static const struct {
        size_t extensions, payload;
        proto_err err;
    } cases[] = {
        {0, 65535, PROTO_OK},
        {0, 65536, PROTO_ERR_IP_LENGTH},
        {8, 65527, PROTO_OK},
        {8, 65528, PROTO_ERR_IP_LENGTH},
        {SIZE_MAX, 8, PROTO_ERR_IP_LENGTH},
        {8, SIZE_MAX, PROTO_ERR_IP_LENGTH},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_out out = proto_out_of(room, sizeof room);
        proto_ipv6 header = header6(60);
        header.extensions = proto_slice_of(extension, cases[i].extensions);
        assert_int_equal(proto_ipv6_write(&header, cases[i].payload, &out), cases[i].err);
        assert_false(out.failed);
        assert_int_equal(out.len > 0, cases[i].err == PROTO_OK);
    }
}

static void what_is_written_of_ipv6_is_read(void **state)
{
    uint8_t room[64], extension[8] = {58, 0, 1, 4};
    proto_out out = proto_out_of(room, sizeof room);
    proto_ipv6 header = header6(60), read;
    proto_fault fault = {PROTO_ERR_STATE, 9};
    header.extensions = proto_slice_of(extension, sizeof extension);
    header.flow_label = 0xabcde;
    header.dscp = 0x2a;
    header.ecn = 2;
    assert_int_equal(proto_ipv6_write(&header, 4, &out), PROTO_OK);
    assert_true(proto_out_put(&out, "ping", 4));
    assert_int_equal(proto_ipv6_read(proto_slice_of(room, out.len), 0, &read, &fault), PROTO_OK);
    assert_fault(fault, PROTO_OK, 0);
    assert_address(read.source, here6, PROTO_IPV6);
    assert_address(read.destination, there6, PROTO_IPV6);
    assert_int_equal(read.flow_label, 0xabcde);
    assert_int_equal(read.dscp, 0x2a);
    assert_int_equal(read.ecn, 2);
    assert_int_equal(read.next_header, 60);
    assert_int_equal(read.protocol, 58);
    assert_int_equal(read.length, 12);
    assert_memory_equal(read.payload.ptr, "ping", 4);
}

// What is too large for its field does not spill into the next.
static void fields_keep_to_their_bits(void **state)
{
    uint8_t room[64];
    proto_out out = proto_out_of(room, sizeof room);
    proto_ipv4 ipv4 = header4(1);
    proto_ipv6 ipv6 = header6(58), read;
    ipv4.ecn = ipv6.ecn = 0xfe;
    ipv6.flow_label = 0xfff00001;
    assert_int_equal(proto_ipv4_write(&ipv4, 0, &out), PROTO_OK);
    assert_int_equal(room[1], 2);
    out.len = 0;
    assert_int_equal(proto_ipv6_write(&ipv6, 0, &out), PROTO_OK);
    assert_int_equal(proto_ipv6_read(proto_slice_of(room, out.len), 0, &read, NULL), PROTO_OK);
    assert_int_equal(read.flow_label, 1);
    assert_int_equal(read.ecn, 2);
    assert_int_equal(read.dscp, 0);
}

// RFC 8200 section 3: a length of 0 is one, however much a link has padded. A quote's sender may have lost it.
static void a_length_of_zero_covers_nothing_but_in_a_quote(void **state)
{
    uint8_t room[48] = {0};
    proto_out out = proto_out_of(room, sizeof room);
    proto_ipv6 header = header6(58), read;
    assert_int_equal(proto_ipv6_write(&header, 0, &out), PROTO_OK);
    proto_slice bytes = proto_slice_of(room, sizeof room);
    assert_int_equal(proto_ipv6_read(bytes, 0, &read, NULL), PROTO_OK);
    assert_int_equal(read.payload.len, 0);
    assert_int_equal(proto_ipv6_read(bytes, PROTO_IP_QUOTED, &read, NULL), PROTO_OK);
    assert_int_equal(read.payload.len, 8);
}

// RFC 8200 section 4.5: thirteen bits of offset, two that mean nothing, one that says whether more follow.
static void a_fragment_of_ipv6_ends_with_the_longest_datagram(void **state)
{
    static const struct {
        uint16_t field;
        size_t payload;
        proto_err err;
        uint16_t offset;
    } cases[] = {
        {0x000e, 8, PROTO_OK, 8},
        {0x0009, 8, PROTO_OK, 8},
        {0x0009, 4, PROTO_ERR_IP_FRAGMENT, 0},
        {0x0008, 4, PROTO_OK, 8},
        {0xfff8, 7, PROTO_OK, 65528},
        {0xfff8, 8, PROTO_ERR_IP_FRAGMENT, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t room[64] = {0}, fragment[8] = {17, 0, (uint8_t)(cases[i].field >> 8)};
        proto_out out = proto_out_of(room, sizeof room);
        proto_ipv6 header = header6(44), read;
        fragment[3] = (uint8_t)cases[i].field;
        header.extensions = proto_slice_of(fragment, sizeof fragment);
        assert_int_equal(proto_ipv6_write(&header, cases[i].payload, &out), PROTO_OK);
        proto_slice bytes = proto_slice_of(room, out.len + cases[i].payload);
        assert_int_equal(proto_ipv6_read(bytes, 0, &read, NULL), cases[i].err);
        if (cases[i].err != PROTO_OK) continue;
        assert_int_equal(read.offset, cases[i].offset);
        assert_int_equal(read.more_fragments, cases[i].field & 1);
        assert_true(read.fragment);
    }
}

static void no_beginning_of_a_datagram_of_ipv6_is_one(void **state)
{
    uint8_t room[64], extension[8] = {58, 0, 1, 4};
    proto_out out = proto_out_of(room, sizeof room);
    proto_ipv6 header = header6(60);
    header.extensions = proto_slice_of(extension, sizeof extension);
    assert_int_equal(proto_ipv6_write(&header, 4, &out), PROTO_OK);
    assert_true(proto_out_put(&out, "ping", 4));
    for (size_t cut = 0; cut < out.len; cut++) {
        uint8_t *copy = malloc(cut);
        if (cut > 0) memcpy(copy, room, cut);
        proto_ipv6 read = {.id = 77};
        proto_fault fault;
        assert_int_not_equal(proto_ipv6_read(proto_slice_of(copy, cut), 0, &read, &fault),
                             PROTO_OK);
        assert_fault(fault, cut < 40 ? PROTO_ERR_IP_SHORT : PROTO_ERR_IP_LENGTH,
                     cut < 40 ? cut : 4);
        assert_int_equal(read.id, 77);
        proto_err err = proto_ipv6_read(proto_slice_of(copy, cut), PROTO_IP_QUOTED, &read, NULL);
        assert_int_equal(err, cut < 40 ? PROTO_ERR_IP_SHORT : PROTO_OK);
        if (cut >= 40) assert_true(read.truncated);
        if (cut >= 40) assert_int_equal(read.protocol, cut < 48 ? 60 : 58);
        free(copy);
    }
}

// ----------------------------------------------------------------------------------------------------------------- UDP --

static proto_address with_port(proto_address address, uint16_t port)
{
    address.port = port;
    return address;
}

static void addresses_of(proto_family family, proto_address *source, proto_address *destination)
{
    bool ipv4 = family == PROTO_IPV4;
    *source = with_port(ipv4 ? proto_address_ipv4(here4) : proto_address_ipv6(here6), 33434);
    *destination = with_port(ipv4 ? proto_address_ipv4(there4) : proto_address_ipv6(there6), 7);
}

static void a_udp_datagram_is_written_byte_by_byte(void **state)
{
    static const uint8_t expected[] = {0x82, 0x9a, 0x00, 0x07, 0x00, 0x0c,
                                       0x00, 0x00, 'p',  'i',  'n',  'g'};
    uint8_t room[12];
    proto_address source, destination;
    memset(room, 0xff, sizeof room);
    addresses_of(PROTO_IPV4, &source, &destination);
    proto_out out = proto_out_of(room, sizeof room);
    assert_int_equal(proto_udp_write(&source, &destination, PROTO_LITERAL("ping"), &out), PROTO_OK);
    assert_int_equal(out.len, 12);
    assert_memory_equal(room, expected, 6);
    assert_memory_equal(room + 8, expected + 8, 4);
    // Addresses, protocol, length; ports, length; data (RFC 768).
    uint32_t sum = 0xc000 + 0x0201 + 0xc633 + 0x6402 + 17 + 12 + 33434 + 7 + 12 + 0x7069 + 0x6e67;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    assert_int_equal(room[6] << 8 | room[7], ~sum & 0xffff);
}

static void what_is_written_of_udp_is_read_over_both_families(void **state)
{
    static const proto_family families[] = {PROTO_IPV4, PROTO_IPV6};
    uint8_t payload[40], room[64];
    memset(payload, 0xa5, sizeof payload);
    for (size_t i = 0; i < 2; i++)
        for (size_t len = 0; len <= sizeof payload; len++) {
            proto_address source, destination;
            proto_udp read;
            addresses_of(families[i], &source, &destination);
            proto_out out = proto_out_of(room, sizeof room);
            assert_int_equal(
                proto_udp_write(&source, &destination, proto_slice_of(payload, len), &out),
                PROTO_OK);
            proto_slice bytes = proto_slice_of(room, out.len);
            assert_int_equal(proto_udp_read(bytes, &source, &destination, &read, NULL), PROTO_OK);
            assert_int_equal(read.source, 33434);
            assert_int_equal(read.destination, 7);
            assert_int_equal(read.length, 8 + len);
            assert_true(proto_slice_equal(read.payload, proto_slice_of(payload, len)));
            for (size_t bit = 0; bit < out.len * 8; bit++) {
                room[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_int_not_equal(proto_udp_read(bytes, &source, &destination, &read, NULL),
                                     PROTO_OK);
                room[bit / 8] ^= (uint8_t)(1u << bit % 8);
            }
        }
}

/* trap 6: a checksum that comes to 0 is sent as 0xffff, because 0 says that there is none. */
static void a_udp_checksum_of_zero_is_sent_as_all_ones(void **state)
{
    static const proto_family families[] = {PROTO_IPV4, PROTO_IPV6};
    for (size_t i = 0; i < 2; i++) {
        uint8_t room[10], payload[2] = {0};
        proto_address source, destination;
        proto_udp read;
        addresses_of(families[i], &source, &destination);
        proto_out out = proto_out_of(room, sizeof room);
        // The checksum of a datagram with zeros for data, as data, makes the sum all ones.
        (void)proto_udp_write(&source, &destination, proto_slice_of(payload, 2), &out);
        memcpy(payload, room + 6, 2);
        out.len = 0;
        (void)proto_udp_write(&source, &destination, proto_slice_of(payload, 2), &out);
        assert_int_equal(room[6], 0xff);
        assert_int_equal(room[7], 0xff);
        assert_int_equal(
            proto_udp_read(proto_slice_of(room, 10), &source, &destination, &read, NULL), PROTO_OK);
        assert_int_equal(read.checksum, 0xffff);
    }
}

static void no_udp_checksum_is_one_only_over_ipv4(void **state)
{
    static const uint8_t bytes[9] = {0x82, 0x9a, 0, 7, 0, 9, 0, 0, 'x'};
    proto_address source, destination;
    proto_udp read;
    proto_fault fault;
    addresses_of(PROTO_IPV4, &source, &destination);
    assert_int_equal(proto_udp_read(proto_slice_of(bytes, 9), &source, &destination, &read, NULL),
                     PROTO_OK);
    addresses_of(PROTO_IPV6, &source, &destination);
    assert_int_equal(proto_udp_read(proto_slice_of(bytes, 9), &source, &destination, &read, &fault),
                     PROTO_ERR_UDP_CHECKSUM);
    assert_fault(fault, PROTO_ERR_UDP_CHECKSUM, 6);
    assert_int_equal(proto_udp_read(proto_slice_of(bytes, 9), NULL, NULL, &read, &fault), PROTO_OK);
    assert_fault(fault, PROTO_OK, 0);
}

static void a_udp_length_fits_between_its_header_and_what_is_there(void **state)
{
    static const struct {
        uint16_t length;
        size_t size;
        proto_err err;
        size_t offset;
    } cases[] = {
        {8, 8, PROTO_OK, 0},
        {8, 20, PROTO_OK, 0},
        {12, 12, PROTO_OK, 0},
        {7, 12, PROTO_ERR_UDP_LENGTH, 4},
        {0, 12, PROTO_ERR_UDP_LENGTH, 4},
        {13, 12, PROTO_ERR_UDP_LENGTH, 4},
        {8, 7, PROTO_ERR_UDP_LENGTH, 7},
        {8, 0, PROTO_ERR_UDP_LENGTH, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t *bytes = calloc(1, cases[i].size + 1); // one more, because the length is set
        if (cases[i].size > 5) bytes[5] = (uint8_t)cases[i].length;
        proto_udp read = {.source = 77};
        proto_fault fault;
        assert_int_equal(
            proto_udp_read(proto_slice_of(bytes, cases[i].size), NULL, NULL, &read, &fault),
            cases[i].err);
        assert_fault(fault, cases[i].err, cases[i].offset);
        if (cases[i].err == PROTO_OK) assert_int_equal(read.payload.len, cases[i].length - 8);
        if (cases[i].err != PROTO_OK) assert_int_equal(read.source, 77);
        free(bytes);
    }
}

static void a_udp_datagram_is_written_whole_or_not_at_all(void **state)
{
    static uint8_t large[65528], room[65536];
    proto_address source, destination;
    addresses_of(PROTO_IPV4, &source, &destination);
    for (size_t cap = 0; cap < 16; cap++) {
        proto_out out = proto_out_of(room, cap);
        proto_err err = proto_udp_write(&source, &destination, PROTO_LITERAL("ping"), &out);
        assert_int_equal(err, cap < 12 ? PROTO_ERR_NO_SPACE : PROTO_OK);
        assert_int_equal(out.len, cap < 12 ? 0 : 12);
        assert_int_equal(out.failed, cap < 12);
    }
    proto_out out = proto_out_of(room, sizeof room);
    assert_int_equal(proto_udp_write(&source, &destination, proto_slice_of(large, 65528), &out),
                     PROTO_ERR_UDP_LENGTH);
    assert_false(out.failed);
    assert_int_equal(proto_udp_write(&source, &destination, proto_slice_of(large, 65527), &out),
                     PROTO_OK);
    assert_int_equal(out.len, 65535);
    out.failed = true;
    assert_int_equal(proto_udp_write(&source, &destination, PROTO_LITERAL(""), &out),
                     PROTO_ERR_NO_SPACE);
}

// --------------------------------------------------------------------------------------------------------------- forms --

/* trap 17: a raw socket of IPv4 gives the header of IP, a ping socket and one of IPv6 do not: the same message comes out of
   each. */
static void a_message_is_the_same_with_and_without_its_header_of_ip(void **state)
{
    static const proto_icmp_config verified = {PROTO_IPV4, 0, NULL, NULL};
    static const proto_icmp_config ping_socket = {PROTO_IPV4, PROTO_ICMP_SYSTEM_CHECKSUM, NULL,
                                                  NULL};
    uint8_t room[64], options[4] = {0x94, 4};
    proto_icmp reply = {.kind = PROTO_ICMP_ECHO_REPLY, .id = 3, .sequence = 4}, raw, bare;
    reply.payload = PROTO_LITERAL("data");
    proto_ipv4 header = header4(1), read;
    header.options = proto_slice_of(options, 4);
    proto_out out = proto_out_of(room, sizeof room);
    assert_int_equal(proto_ipv4_write(&header, 12, &out), PROTO_OK);
    assert_int_equal(proto_icmp_write(&reply, &verified, &out), PROTO_OK);
    assert_int_equal(proto_ipv4_read(proto_slice_of(room, out.len), 0, &read, NULL), PROTO_OK);
    assert_int_equal(proto_icmp_read(read.payload, &verified, &raw, NULL), PROTO_OK);
    assert_int_equal(proto_icmp_read(proto_slice_of(room + 24, 12), &ping_socket, &bare, NULL),
                     PROTO_OK);
    assert_int_equal(raw.id, 3);
    assert_int_equal(bare.id, 3);
    assert_int_equal(raw.sequence, bare.sequence);
    assert_ptr_equal(raw.payload.ptr, bare.payload.ptr);
    assert_int_equal(raw.payload.len, bare.payload.len);
    // One taken for the other: a header's sum and a message's are right each, and so are both together; but it is no echo.
    assert_int_equal(proto_icmp_read(proto_slice_of(room, out.len), &verified, &raw, NULL),
                     PROTO_OK);
    assert_int_equal(raw.kind, PROTO_ICMP_OTHER);
    assert_int_equal(proto_ipv4_read(proto_slice_of(room + 24, 12), 0, &read, NULL),
                     PROTO_ERR_IP_SHORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_of_ipv4_is_written_byte_by_byte),
        cmocka_unit_test(what_is_written_of_ipv4_is_read),
        cmocka_unit_test(a_header_is_as_long_as_it_says),
        cmocka_unit_test(every_ttl_is_read_as_it_is),
        cmocka_unit_test(lengths_in_the_machine_s_order_are_read_where_they_are_said_to_be),
        cmocka_unit_test(a_length_in_the_machine_s_order_is_not_believed_beyond_what_is_there),
        cmocka_unit_test(no_beginning_of_a_datagram_is_one),
        cmocka_unit_test(a_length_in_the_machine_s_order_is_none_of_more_than_65535),
        cmocka_unit_test(no_bit_of_a_header_of_ipv4_may_change),
        cmocka_unit_test(options_of_any_bytes_come_to_an_end),
        cmocka_unit_test(a_header_is_written_whole_or_not_at_all),
        cmocka_unit_test(a_header_that_could_not_be_read_is_not_written),
        cmocka_unit_test(a_header_of_ipv6_has_room_for_65535_bytes_behind_it),
        cmocka_unit_test(what_is_written_of_ipv6_is_read),
        cmocka_unit_test(fields_keep_to_their_bits),
        cmocka_unit_test(a_length_of_zero_covers_nothing_but_in_a_quote),
        cmocka_unit_test(a_fragment_of_ipv6_ends_with_the_longest_datagram),
        cmocka_unit_test(no_beginning_of_a_datagram_of_ipv6_is_one),
        cmocka_unit_test(a_udp_datagram_is_written_byte_by_byte),
        cmocka_unit_test(what_is_written_of_udp_is_read_over_both_families),
        cmocka_unit_test(a_udp_checksum_of_zero_is_sent_as_all_ones),
        cmocka_unit_test(no_udp_checksum_is_one_only_over_ipv4),
        cmocka_unit_test(a_udp_length_fits_between_its_header_and_what_is_there),
        cmocka_unit_test(a_udp_datagram_is_written_whole_or_not_at_all),
        cmocka_unit_test(a_message_is_the_same_with_and_without_its_header_of_ip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
