// SPDX-License-Identifier: MIT
// ICMP written and read, extensions, words and marks. (What arrives is in the documents of tests/vectors/icmp.)
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/icmp.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

// ------------------------------------------------------------------------------------------------------------- helpers --

static const uint8_t here6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const uint8_t there6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 2};
static const uint8_t gateway4[4] = {203, 0, 113, 9};
static proto_address source6, destination6;
static proto_icmp_config config4 = {.family = PROTO_IPV4};
static proto_icmp_config config6 = {PROTO_IPV6, 0, &source6, &destination6};

static const proto_icmp_config *config_of(proto_family family)
{
    return family == PROTO_IPV4 ? &config4 : &config6;
}

static int set_up(void **state)
{
    source6 = proto_address_ipv6(here6);
    destination6 = proto_address_ipv6(there6);
    return 0;
}

// A datagram of UDP to be complained about, `len` bytes long, each with a number of its own.
static proto_slice offending(proto_family family, uint8_t *room, size_t len)
{
    proto_out out = proto_out_of(room, len);
    size_t header = family == PROTO_IPV4 ? 20 : 40;
    if (family == PROTO_IPV4) {
        proto_ipv4 ipv4 = {.protocol = 17, .ttl = 1, .id = 99};
        ipv4.source = proto_address_ipv4((const uint8_t[4]){192, 0, 2, 1});
        ipv4.destination = proto_address_ipv4((const uint8_t[4]){198, 51, 100, 2});
        assert_int_equal(proto_ipv4_write(&ipv4, len - header, &out), PROTO_OK);
    } else {
        proto_ipv6 ipv6 = {.next_header = 17, .hop_limit = 1};
        ipv6.source = source6;
        ipv6.destination = destination6;
        assert_int_equal(proto_ipv6_write(&ipv6, len - header, &out), PROTO_OK);
    }
    for (size_t i = header; i < len; i++)
        room[i] = (uint8_t)(i * 7 + 1);
    return proto_slice_of(room, len);
}

static void assert_same(const proto_icmp *a, const proto_icmp *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->code, b->code);
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->sequence, b->sequence);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->local, b->local);
    assert_int_equal(a->active, b->active);
    assert_int_equal(a->runs_ipv4, b->runs_ipv4);
    assert_int_equal(a->runs_ipv6, b->runs_ipv6);
    assert_int_equal(a->mtu, b->mtu);
    assert_int_equal(a->pointer, b->pointer);
    assert_int_equal(a->mask, b->mask);
    assert_int_equal(a->originate, b->originate);
    assert_int_equal(a->receive, b->receive);
    assert_int_equal(a->transmit, b->transmit);
    assert_int_equal(a->gateway.family, b->gateway.family);
    assert_memory_equal(a->gateway.octets, b->gateway.octets, 16);
}

// ------------------------------------------------------------------------------------------------------------- writing --

/* trap 3: the bytes on the wire, whatever the machine. */
static void an_echo_request_is_written_byte_by_byte(void **state)
{
    static const uint8_t expected4[] = {0x08, 0x00, 0x06, 0xfa, 0x12, 0x34,
                                        0x00, 0x01, 'p',  'i',  'n',  'g'};
    static const uint8_t expected6[] = {0x80, 0x00, 0x33, 0x3e, 0x12, 0x34,
                                        0x00, 0x01, 'p',  'i',  'n',  'g'};
    proto_icmp request = {.kind = PROTO_ICMP_ECHO_REQUEST, .id = 0x1234, .sequence = 1};
    uint8_t room[12];
    request.payload = PROTO_LITERAL("ping");
    proto_out out = proto_out_of(room, sizeof room);
    assert_int_equal(proto_icmp_write(&request, &config4, &out), PROTO_OK);
    assert_memory_equal(room, expected4, sizeof room);
    out.len = 0;
    assert_int_equal(proto_icmp_write(&request, &config6, &out), PROTO_OK);
    assert_memory_equal(room, expected6, sizeof room);
}

/* trap 4: whatever is in the buffer, and in the message's own field, does not come into the checksum. */
static void a_checksum_is_of_what_is_written_alone(void **state)
{
    static const proto_icmp_kind kinds[] = {PROTO_ICMP_ECHO_REPLY, PROTO_ICMP_MASK_REPLY};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        proto_icmp message = {.kind = kinds[i], .id = 1};
        uint8_t clean[16] = {0}, dirty[16];
        proto_out out = proto_out_of(clean, sizeof clean);
        assert_int_equal(proto_icmp_write(&message, &config4, &out), PROTO_OK);
        memset(dirty, 0xee, sizeof dirty);
        message.checksum = 0xbeef;
        message.type = 77;
        proto_out other = proto_out_of(dirty, sizeof dirty);
        assert_int_equal(proto_icmp_write(&message, &config4, &other), PROTO_OK);
        assert_int_equal(other.len, out.len);
        assert_memory_equal(clean, dirty, out.len);
        assert_true(proto_checksum_ok(clean, out.len));
    }
}

static void where_the_system_computes_the_checksum_the_field_is_zero(void **state)
{
    static const proto_icmp_config sockets[] = {
        {PROTO_IPV4, PROTO_ICMP_SYSTEM_CHECKSUM, NULL, NULL},
        {PROTO_IPV6, PROTO_ICMP_SYSTEM_CHECKSUM, NULL, NULL},
    };
    static const proto_icmp_kind kinds[] = {PROTO_ICMP_ECHO_REQUEST, PROTO_ICMP_UNREACHABLE};
    for (size_t i = 0; i < 4; i++) {
        uint8_t room[64], datagram[48];
        proto_icmp message = {.kind = kinds[i / 2]}, read;
        const proto_icmp_config *config = &sockets[i % 2];
        message.payload = offending(config->family, datagram, sizeof datagram);
        proto_out out = proto_out_of(room, sizeof room);
        memset(room, 0xee, sizeof room);
        assert_int_equal(proto_icmp_write(&message, config, &out), PROTO_OK);
        assert_int_equal(out.len, 56);
        assert_int_equal(room[2] << 8 | room[3], 0);
        assert_int_equal(proto_icmp_read(proto_slice_of(room, out.len), config, &read, NULL),
                         PROTO_OK);
        assert_int_equal(read.kind, message.kind);
        message.payload.len = 0;
        out.len = 0;
        assert_int_equal(proto_icmp_write(&message, config, &out), PROTO_OK);
        assert_int_equal(out.len, 8);
    }
}

/* trap 32: the checksum of ICMPv6 covers the addresses. */
static void a_message_of_ipv6_counts_only_between_its_addresses(void **state)
{
    uint8_t room[16];
    proto_icmp message = {.kind = PROTO_ICMP_ECHO_REPLY, .id = 7}, read;
    proto_fault fault;
    proto_out out = proto_out_of(room, sizeof room);
    message.payload = PROTO_LITERAL("data");
    assert_int_equal(proto_icmp_write(&message, &config6, &out), PROTO_OK);
    proto_slice bytes = proto_slice_of(room, out.len);
    assert_int_equal(proto_icmp_read(bytes, &config6, &read, &fault), PROTO_OK);
    for (size_t bit = 0; bit < 256; bit++) {
        proto_address source = source6, destination = destination6;
        const proto_icmp_config other = {PROTO_IPV6, 0, &source, &destination};
        uint8_t *octets = bit < 128 ? source.octets : destination.octets;
        octets[bit % 128 / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(proto_icmp_read(bytes, &other, &read, &fault), PROTO_ERR_ICMP_CHECKSUM);
        assert_int_equal(fault.offset, 2);
    }
}

// A message with something in every field that its kind has.
static proto_icmp example_of(proto_family family, proto_icmp_kind kind)
{
    proto_icmp message = {.kind = kind};
    bool error = proto_icmp_is_error(kind);
    bool extended = kind == PROTO_ICMP_EXTENDED_ECHO_REQUEST ||
                    kind == PROTO_ICMP_EXTENDED_ECHO_REPLY;
    if (!error) message.id = 0xfedc;
    if (!error) message.sequence = extended ? 0xab : 0xabcd;
    message.code = kind == PROTO_ICMP_TOO_BIG ? (family == PROTO_IPV4 ? 4 : 0) : 0;
    if (kind == PROTO_ICMP_TIMESTAMP_REQUEST || kind == PROTO_ICMP_TIMESTAMP_REPLY) {
        message.originate = 0x01020304;
        message.receive = 0x85060708;
        message.transmit = 0xffffffff;
    }
    if (kind == PROTO_ICMP_MASK_REQUEST || kind == PROTO_ICMP_MASK_REPLY) message.mask = 0xfffffe00;
    message.local = kind == PROTO_ICMP_EXTENDED_ECHO_REQUEST;
    if (kind == PROTO_ICMP_EXTENDED_ECHO_REPLY) {
        message.state = 5;
        message.active = message.runs_ipv4 = message.runs_ipv6 = true;
    }
    if (kind == PROTO_ICMP_TOO_BIG) message.mtu = family == PROTO_IPV4 ? 1280 : 0x01000500;
    if (kind == PROTO_ICMP_PARAMETER_PROBLEM)
        message.pointer = family == PROTO_IPV4 ? 20 : 0x01000006;
    if (kind == PROTO_ICMP_REDIRECT)
        message.gateway = family == PROTO_IPV4 ? proto_address_ipv4(gateway4) : source6;
    return message;
}

static void every_kind_is_read_as_it_was_written_and_only_where_the_family_has_it(void **state)
{
    static const proto_family families[] = {PROTO_IPV4, PROTO_IPV6};
    for (size_t f = 0; f < 2; f++)
        for (int kind = PROTO_ICMP_ECHO_REQUEST; kind <= PROTO_ICMP_REDIRECT; kind++) {
            uint8_t room[128], datagram[64], type = 255;
            proto_icmp message = example_of(families[f], (proto_icmp_kind)kind), read;
            bool has = proto_icmp_type_of(families[f], (proto_icmp_kind)kind, &type);
            message.payload = offending(families[f], datagram, sizeof datagram);
            proto_out out = proto_out_of(room, sizeof room);
            proto_err err = proto_icmp_write(&message, config_of(families[f]), &out);
            assert_int_equal(err, has ? PROTO_OK : PROTO_ERR_ICMP_KIND);
            assert_int_equal(out.len > 0, has);
            assert_int_equal(type == 255, !has);
            if (!has) continue;
            assert_int_equal(room[0], type);
            assert_int_equal(
                proto_icmp_read(proto_slice_of(room, out.len), config_of(families[f]), &read, NULL),
                PROTO_OK);
            assert_same(&read, &message);
            assert_int_equal(read.type, type);
            assert_int_equal(read.family, families[f]);
            assert_int_equal(read.extensions, PROTO_ICMP_EXTENSIONS_NONE);
            if (kind != PROTO_ICMP_EXTENDED_ECHO_REQUEST)
                assert_true(proto_slice_equal(read.payload, message.payload));
        }
}

static void other_messages_are_written_by_their_type(void **state)
{
    uint8_t room[64], datagram[48];
    proto_icmp other = {.kind = PROTO_ICMP_OTHER, .type = 10, .code = 3}, read;
    other.payload = PROTO_LITERAL("four");
    proto_out out = proto_out_of(room, sizeof room);
    assert_int_equal(proto_icmp_write(&other, &config4, &out), PROTO_OK);
    assert_int_equal(out.len, 8);
    assert_int_equal(proto_icmp_read(proto_slice_of(room, 8), &config4, &read, NULL), PROTO_OK);
    assert_int_equal(read.kind, PROTO_ICMP_OTHER);
    assert_int_equal(read.type, 10);
    assert_int_equal(read.code, 3);
    assert_true(proto_slice_equal(read.payload, other.payload));

    other = (proto_icmp){.kind = PROTO_ICMP_OTHER_ERROR, .type = 100, .pointer = 0xdeadbeef};
    other.payload = offending(PROTO_IPV6, datagram, sizeof datagram);
    out.len = 0;
    assert_int_equal(proto_icmp_write(&other, &config6, &out), PROTO_OK);
    assert_int_equal(proto_icmp_read(proto_slice_of(room, out.len), &config6, &read, NULL),
                     PROTO_OK);
    assert_int_equal(read.kind, PROTO_ICMP_OTHER_ERROR);
    assert_int_equal(read.pointer, 0xdeadbeef);
    assert_true(proto_slice_equal(read.payload, other.payload));
}

static void numbers_too_large_for_their_field_are_cut_and_an_mtu_is_the_largest(void **state)
{
    uint8_t room[8];
    proto_out out = proto_out_of(room, sizeof room);
    proto_icmp message = {.kind = PROTO_ICMP_TOO_BIG, .mtu = 65536};
    assert_int_equal(proto_icmp_write(&message, &config4, &out), PROTO_OK);
    assert_int_equal(room[6] << 8 | room[7], 65535);
    out.len = 0;
    message = (proto_icmp){.kind = PROTO_ICMP_EXTENDED_ECHO_REPLY, .sequence = 0x1ff};
    assert_int_equal(proto_icmp_write(&message, &config4, &out), PROTO_OK);
    assert_int_equal(room[6], 0xff);
    assert_int_equal(room[7], 0);
}

// ------------------------------------------------------------------------------------------------- errors of any size --

enum { LARGEST = 1700 };

static proto_icmp_mpls labels_of(size_t i)
{
    return (proto_icmp_mpls){.label = (uint32_t)(0xfffff - i * 3),
                             .traffic_class = i & 7,
                             .ttl = (uint8_t)(255 - i),
                             .bottom = i % 4 == 3};
}

// What came of an error about `len` bytes, with `count` labels: as much of the quote as a message may hold.
static void check_error(proto_family family, proto_icmp_kind kind, size_t len, size_t count)
{
    static uint8_t datagram[LARGEST], objects[1400], room[1500];
    size_t unit = family == PROTO_IPV4 ? 4 : 8, max = family == PROTO_IPV4 ? 556 : 1240;
    proto_icmp message = {.kind = kind}, read;
    proto_out list = proto_out_of(objects, sizeof objects), out = proto_out_of(room, sizeof room);
    message.payload = offending(family, datagram, len);
    for (size_t i = 0; i < count; i++) {
        proto_icmp_mpls label = labels_of(i);
        assert_int_equal(proto_icmp_mpls_write(&label, 1, &list), PROTO_OK);
    }
    message.objects = proto_slice_of(objects, list.len);
    assert_int_equal(proto_icmp_write(&message, config_of(family), &out), PROTO_OK);
    assert_true(out.len <= max);
    assert_int_equal(proto_icmp_read(proto_slice_of(room, out.len), config_of(family), &read, NULL),
                     PROTO_OK);
    assert_int_equal(read.extensions, count > 0 ? PROTO_ICMP_EXTENSIONS_GIVEN : 0);
    assert_true(proto_slice_equal(read.objects, message.objects));
    size_t quoted = read.payload.len < len ? read.payload.len : len;
    assert_memory_equal(read.payload.ptr, datagram, quoted);
    for (size_t i = quoted; i < read.payload.len; i++)
        assert_int_equal(read.payload.ptr[i], 0);
    if (count > 0) assert_true(read.payload.len >= 128 && read.payload.len % unit == 0);
    if (quoted < len) assert_true(out.len + unit > max);
    if (count == 0) assert_true(read.payload.len == quoted && (quoted == len || out.len == max));
}

static void an_error_quotes_as_much_as_every_host_can_take(void **state)
{
    static const proto_icmp_kind kinds4[] = {PROTO_ICMP_UNREACHABLE, PROTO_ICMP_TOO_BIG,
                                             PROTO_ICMP_TIME_EXCEEDED,
                                             PROTO_ICMP_PARAMETER_PROBLEM};
    static const proto_icmp_kind kinds6[] = {PROTO_ICMP_UNREACHABLE, PROTO_ICMP_TIME_EXCEEDED};
    for (size_t len = 40; len <= LARGEST; len += len < 140 ? 1 : 13)
        for (size_t count = 0; count <= 24; count += 6) {
            for (size_t i = 0; i < COUNT(kinds4); i++)
                check_error(PROTO_IPV4, kinds4[i], len, count);
            for (size_t i = 0; i < COUNT(kinds6); i++)
                check_error(PROTO_IPV6, kinds6[i], len, count);
        }
}

static void errors_without_room_for_objects_quote_as_much_too(void **state)
{
    for (size_t len = 40; len <= LARGEST; len += 61) {
        check_error(PROTO_IPV4, PROTO_ICMP_SOURCE_QUENCH, len, 0);
        check_error(PROTO_IPV4, PROTO_ICMP_REDIRECT, len, 0);
        check_error(PROTO_IPV6, PROTO_ICMP_TOO_BIG, len, 0);
        check_error(PROTO_IPV6, PROTO_ICMP_PARAMETER_PROBLEM, len, 0);
    }
}

static void a_redirect_of_ipv6_quotes_as_much_as_fits_its_option(void **state)
{
    static uint8_t datagram[LARGEST], room[1500];
    for (size_t len = 40; len <= LARGEST; len++) {
        proto_icmp message = {.kind = PROTO_ICMP_REDIRECT, .gateway = source6}, read;
        proto_out out = proto_out_of(room, sizeof room);
        message.payload = offending(PROTO_IPV6, datagram, len);
        assert_int_equal(proto_icmp_write(&message, &config6, &out), PROTO_OK);
        assert_true(out.len <= 1240 && out.len % 8 == 0);
        assert_memory_equal(room + 24, there6, 16); // the destination is the datagram's
        assert_int_equal(proto_icmp_read(proto_slice_of(room, out.len), &config6, &read, NULL),
                         PROTO_OK);
        size_t quoted = len < 1192 ? len : 1192;
        assert_int_equal(read.payload.len, (quoted + 7) / 8 * 8);
        assert_memory_equal(read.payload.ptr, datagram, quoted);
    }
}

static void what_cannot_be_written_is_refused(void **state)
{
    static uint8_t large[70000], room[70000];
    static const uint8_t object[8] = {0, 8, 250, 1};
    proto_slice objects = proto_slice_of(object, sizeof object);
    proto_slice many = proto_slice_of(large, 417), more = proto_slice_of(large, 1101);
    proto_slice quote4 = offending(PROTO_IPV4, large, 60);
    const struct {
        const proto_icmp_config *config;
        proto_icmp message;
        proto_err err;
    } cases[] = {
        // A family's messages, and which of them have objects.
        {&config6, {.kind = PROTO_ICMP_SOURCE_QUENCH}, PROTO_ERR_ICMP_KIND},
        {&config4, {.kind = PROTO_ICMP_ECHO_REPLY, .objects = objects}, PROTO_ERR_ICMP_KIND},
        {&config4, {.kind = PROTO_ICMP_OTHER, .objects = objects}, PROTO_ERR_ICMP_KIND},
        {&config4, {.kind = PROTO_ICMP_REDIRECT, .objects = objects}, PROTO_ERR_ICMP_KIND},
        {&config6, {.kind = PROTO_ICMP_REDIRECT, .objects = objects}, PROTO_ERR_ICMP_KIND},
        {&config6, {.kind = PROTO_ICMP_TOO_BIG, .objects = objects}, PROTO_ERR_ICMP_KIND},
        {&config6, {.kind = PROTO_ICMP_OTHER_ERROR, .objects = objects}, PROTO_ERR_ICMP_KIND},
        {&config4,
         {.kind = PROTO_ICMP_EXTENDED_ECHO_REPLY, .objects = objects},
         PROTO_ERR_ICMP_KIND},
        // 556 - 8 - 4 - 128 and 1240 - 8 - 4 - 128 bytes of objects.
        {&config4, {.kind = PROTO_ICMP_TIME_EXCEEDED, .objects = many}, PROTO_ERR_ICMP_LENGTH},
        {&config6, {.kind = PROTO_ICMP_TIME_EXCEEDED, .objects = more}, PROTO_ERR_ICMP_LENGTH},
        // What a datagram of IP holds.
        {&config4,
         {.payload = {large, 65508}, .kind = PROTO_ICMP_ECHO_REPLY},
         PROTO_ERR_ICMP_LENGTH},
        {&config6,
         {.payload = {large, 65528}, .kind = PROTO_ICMP_ECHO_REPLY},
         PROTO_ERR_ICMP_LENGTH},
        {&config4,
         {.payload = {large, SIZE_MAX}, .kind = PROTO_ICMP_ECHO_REPLY},
         PROTO_ERR_ICMP_LENGTH},
        {&config4, {.payload = {large, 65512}, .kind = PROTO_ICMP_OTHER}, PROTO_ERR_ICMP_LENGTH},
        {&config6, {.payload = {large, SIZE_MAX}, .kind = PROTO_ICMP_OTHER}, PROTO_ERR_ICMP_LENGTH},
        {&config4,
         {.objects = {large, SIZE_MAX}, .kind = PROTO_ICMP_EXTENDED_ECHO_REQUEST},
         PROTO_ERR_ICMP_LENGTH},
        {&config4,
         {.objects = {large, 65504}, .kind = PROTO_ICMP_EXTENDED_ECHO_REQUEST},
         PROTO_ERR_ICMP_LENGTH},
        // The destination of a redirect is in what it quotes.
        {&config6, {.kind = PROTO_ICMP_REDIRECT}, PROTO_ERR_ICMP_QUOTE},
        {&config6, {.payload = quote4, .kind = PROTO_ICMP_REDIRECT}, PROTO_ERR_ICMP_QUOTE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_out out = proto_out_of(room, sizeof room);
        out.len = 5;
        proto_err err = proto_icmp_write(&cases[i].message, cases[i].config, &out);
        if (err != cases[i].err) fail_msg("case %zu: %s", i, proto_err_name(err));
        assert_int_equal(out.len, 5);
        assert_false(out.failed);
    }
}

static void the_longest_echo_fills_a_datagram(void **state)
{
    static uint8_t large[65527], room[65536];
    proto_icmp message = {.kind = PROTO_ICMP_ECHO_REPLY}, read;
    memset(large, 0xff, sizeof large);
    for (size_t i = 0; i < 2; i++) {
        const proto_icmp_config *config = i == 0 ? &config4 : &config6;
        proto_out out = proto_out_of(room, sizeof room);
        message.payload = proto_slice_of(large, i == 0 ? 65507 : 65527);
        assert_int_equal(proto_icmp_write(&message, config, &out), PROTO_OK);
        assert_int_equal(out.len, i == 0 ? 65515 : 65535);
        assert_int_equal(proto_icmp_read(proto_slice_of(room, out.len), config, &read, NULL),
                         PROTO_OK);
        assert_true(proto_slice_equal(read.payload, message.payload));
    }
}

static void the_longest_of_other_messages_fills_a_datagram(void **state)
{
    static uint8_t large[65532], room[65536];
    proto_icmp message = {.kind = PROTO_ICMP_OTHER, .type = 200};
    for (size_t i = 0; i < 2; i++) {
        proto_out out = proto_out_of(room, sizeof room);
        message.payload = proto_slice_of(large, i == 0 ? 65511 : 65531);
        assert_int_equal(proto_icmp_write(&message, i == 0 ? &config4 : &config6, &out), PROTO_OK);
        assert_int_equal(out.len, i == 0 ? 65515 : 65535);
        out.len = 0;
        message.payload.len++;
        assert_int_equal(proto_icmp_write(&message, i == 0 ? &config4 : &config6, &out),
                         PROTO_ERR_ICMP_LENGTH);
        assert_int_equal(out.len, 0);
    }
}

static void a_message_is_written_whole_or_not_at_all(void **state)
{
    static const proto_icmp_kind kinds[] = {PROTO_ICMP_ECHO_REQUEST, PROTO_ICMP_TIMESTAMP_REPLY,
                                            PROTO_ICMP_TIME_EXCEEDED};
    static const uint8_t object[8] = {0, 8, 250, 1};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        uint8_t whole[256], datagram[60];
        proto_out measure = proto_out_of(whole, sizeof whole);
        proto_icmp message = {.kind = kinds[i]};
        message.payload = offending(PROTO_IPV4, datagram, sizeof datagram);
        if (i == 2) message.objects = proto_slice_of(object, sizeof object);
        assert_int_equal(proto_icmp_write(&message, &config4, &measure), PROTO_OK);
        for (size_t room = 0; room <= measure.len + 1; room++) {
            uint8_t *buffer = malloc(room + 1);
            proto_out out = {buffer, 1, room + 1, false};
            buffer[0] = 'x';
            proto_err err = proto_icmp_write(&message, &config4, &out);
            bool fits = room >= measure.len;
            assert_int_equal(err, fits ? PROTO_OK : PROTO_ERR_NO_SPACE);
            assert_int_equal(out.failed, !fits);
            assert_int_equal(out.len, fits ? measure.len + 1 : 1);
            if (fits) assert_memory_equal(buffer + 1, whole, measure.len);
            assert_int_equal(buffer[0], 'x');
            free(buffer);
        }
        proto_out failed = {whole, 0, sizeof whole, true};
        assert_int_equal(proto_icmp_write(&message, &config4, &failed), PROTO_ERR_NO_SPACE);
        assert_int_equal(failed.len, 0);
    }
}

// -------------------------------------------------------------------------------------------------------------- quotes --

/* trap 23: eight bytes, 548, or padding with extensions behind it; in either family's unit of length. */
static void a_quote_is_found_whatever_its_length(void **state)
{
    static const proto_family families[] = {PROTO_IPV4, PROTO_IPV6};
    static uint8_t datagram[LARGEST], objects[16], room[1500];
    proto_icmp_mpls label = {.label = 7, .bottom = true};
    proto_out list = proto_out_of(objects, sizeof objects);
    assert_int_equal(proto_icmp_mpls_write(&label, 1, &list), PROTO_OK);
    for (size_t f = 0; f < 2; f++)
        for (size_t extended = 0; extended < 2; extended++)
            for (size_t len = f == 0 ? 28 : 48; len <= LARGEST; len += 5) {
                proto_icmp message = {.kind = PROTO_ICMP_TIME_EXCEEDED}, read;
                proto_icmp_quote quote;
                proto_out out = proto_out_of(room, sizeof room);
                size_t header = f == 0 ? 20 : 40;
                message.payload = offending(families[f], datagram, len);
                if (extended) message.objects = proto_slice_of(objects, list.len);
                assert_int_equal(proto_icmp_write(&message, config_of(families[f]), &out),
                                 PROTO_OK);
                assert_int_equal(proto_icmp_read(proto_slice_of(room, out.len),
                                                 config_of(families[f]), &read, NULL),
                                 PROTO_OK);
                assert_int_equal(proto_icmp_quote_read(&read, &quote, NULL), PROTO_OK);
                assert_int_equal(quote.length, len);
                assert_int_equal(quote.protocol, 17);
                assert_int_equal(quote.ttl, 1);
                assert_true(quote.has_ports);
                assert_int_equal(quote.source.port, datagram[header] << 8 | datagram[header + 1]);
                assert_int_equal(quote.truncated, read.payload.len < len);
                assert_int_equal(quote.transport.len,
                                 (read.payload.len < len ? read.payload.len : len) - header);
                assert_memory_equal(quote.transport.ptr, datagram + header, quote.transport.len);
                assert_int_equal(quote.checksum, datagram[header + 6] << 8 | datagram[header + 7]);
            }
}

/* trap 24: what routers change on the way is read as it is, and makes nothing of the rest unreadable. */
static void a_quote_that_was_changed_on_the_way_is_read(void **state)
{
    static const size_t changed[] = {1, 2, 3,  4,
                                     5, 8, 10, 11}; // DSCP, length, identification, TTL, checksum
    uint8_t datagram[60], room[128];
    for (size_t i = 0; i < COUNT(changed); i++)
        for (unsigned value = 0; value < 256; value++) {
            proto_icmp message = {.kind = PROTO_ICMP_TIME_EXCEEDED}, read;
            proto_icmp_quote quote;
            proto_out out = proto_out_of(room, sizeof room);
            message.payload = offending(PROTO_IPV4, datagram, sizeof datagram);
            datagram[changed[i]] = (uint8_t)value;
            assert_int_equal(proto_icmp_write(&message, &config4, &out), PROTO_OK);
            assert_int_equal(proto_icmp_read(proto_slice_of(room, out.len), &config4, &read, NULL),
                             PROTO_OK);
            assert_int_equal(proto_icmp_quote_read(&read, &quote, NULL), PROTO_OK);
            assert_int_equal(quote.destination.octets[3], 2);
            assert_int_equal(quote.protocol, 17);
            bool all_there = quote.length >= 24;
            assert_int_equal(quote.has_ports, all_there || quote.length < 20);
        }
}

/* trap 27: only the first fragment has ports. */
static void a_later_fragment_has_no_ports(void **state)
{
    uint8_t datagram[60], room[128];
    for (unsigned offset = 0; offset < 0x2000; offset += 11) {
        proto_icmp message = {.kind = PROTO_ICMP_TIME_EXCEEDED, .code = 1}, read;
        proto_icmp_quote quote;
        proto_out out = proto_out_of(room, sizeof room);
        message.payload = offending(PROTO_IPV4, datagram, sizeof datagram);
        datagram[6] = (uint8_t)(offset >> 8);
        datagram[7] = (uint8_t)offset;
        assert_int_equal(proto_icmp_write(&message, &config4, &out), PROTO_OK);
        assert_int_equal(proto_icmp_read(proto_slice_of(room, out.len), &config4, &read, NULL),
                         PROTO_OK);
        assert_int_equal(proto_icmp_quote_read(&read, &quote, NULL), PROTO_OK);
        assert_int_equal(quote.offset, offset * 8);
        assert_int_equal(quote.has_ports, offset == 0);
        assert_int_equal(quote.transport.len > 0, offset == 0);
        assert_int_equal(quote.source.port != 0, offset == 0);
    }
}

static void a_message_that_is_no_error_quotes_nothing(void **state)
{
    uint8_t datagram[60];
    proto_icmp_quote quote = {.id = 77};
    proto_fault fault;
    for (int kind = PROTO_ICMP_OTHER; kind <= PROTO_ICMP_REDIRECT; kind++) {
        proto_icmp message = {.kind = (proto_icmp_kind)kind, .family = PROTO_IPV4};
        message.payload = offending(PROTO_IPV4, datagram, sizeof datagram);
        if (proto_icmp_is_error(message.kind)) message.payload.len = 0;
        assert_int_equal(proto_icmp_quote_read(&message, &quote, &fault), PROTO_ERR_ICMP_QUOTE);
        assert_int_equal(fault.err, PROTO_ERR_ICMP_QUOTE);
        assert_int_equal(fault.offset, 0);
        assert_int_equal(quote.id, 77);
    }
}

// ------------------------------------------------------------------------------------------------------------- answers --

static proto_slice datagram4(uint8_t *room, uint32_t source, uint32_t destination, uint8_t protocol,
                             unsigned offset, uint8_t first)
{
    uint8_t octets[8];
    proto_out out = proto_out_of(room, 64);
    proto_ipv4 header = {.protocol = protocol, .ttl = 1, .offset = (uint16_t)offset};
    for (unsigned i = 0; i < 4; i++)
        octets[i] = (uint8_t)(source >> (24 - 8 * i)),
        octets[4 + i] = (uint8_t)(destination >> (24 - 8 * i));
    header.source = proto_address_ipv4(octets);
    header.destination = proto_address_ipv4(octets + 4);
    assert_int_equal(proto_ipv4_write(&header, 8, &out), PROTO_OK);
    uint8_t payload[8] = {first};
    assert_true(proto_out_put(&out, payload, 8));
    return proto_slice_of(room, out.len);
}

static void an_error_is_answered_by_none_in_ipv4(void **state)
{
    enum { A = 0x0a000001, B = 0x0a000102 }; // 10.0.0.1, 10.0.1.2
    static const struct {
        uint32_t source, destination;
        uint8_t protocol;
        unsigned offset;
        uint8_t first;
        unsigned flags;
        bool may;
    } cases[] = {
        {A, B, 17, 0, 0, 0, true},
        {A, B, 17, 8, 0, 0, false},                        // a later fragment
        {A, B, 17, 0, 0, PROTO_ICMP_WAS_BROADCAST, false}, // of the link or the subnet
        {A, 0xffffffff, 17, 0, 0, 0, false},
        {A, 0xe0000001, 17, 0, 0, 0, false}, // multicast
        {A, 0xefffffff, 17, 0, 0, 0, false},
        {A, 0xdfffffff, 17, 0, 0, 0, true},
        {A, 0x00000000, 17, 0, 0, 0, false}, // the broadcast of old
        {0x00000000, B, 17, 0, 0, 0, false}, // no single host
        {0xe0000001, B, 17, 0, 0, 0, false},
        {0xf0000001, B, 17, 0, 0, 0, false},
        {0xffffffff, B, 17, 0, 0, 0, false},
        {0x7f000001, B, 17, 0, 0, 0, false},
        {0x7f000001, 0x7f000001, 17, 0, 0, PROTO_ICMP_WAS_LOOPBACK, true},
        {A, B, 1, 0, 8, 0, true}, // an echo request
        {A, B, 1, 0, 0, 0, true},
        {A, B, 1, 0, 13, 0, true},
        {A, B, 1, 0, 42, 0, true},
        {A, B, 1, 0, 3, 0, false}, // errors
        {A, B, 1, 0, 4, 0, false},
        {A, B, 1, 0, 5, 0, false},
        {A, B, 1, 0, 11, 0, false},
        {A, B, 1, 0, 12, 0, false},
        {A, B, 1, 0, 99, 0, false}, // what nobody knows might be one
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t room[64];
        proto_slice bytes = datagram4(room, cases[i].source, cases[i].destination,
                                      cases[i].protocol, cases[i].offset, cases[i].first);
        if (proto_icmp_may_answer(bytes, PROTO_ICMP_UNREACHABLE, 3, cases[i].flags) != cases[i].may)
            fail_msg("case %zu", i);
    }
    uint8_t room[64];
    proto_slice bytes = datagram4(room, A, B, 17, 0, 0);
    for (size_t cut = 0; cut < bytes.len; cut++)
        assert_false(
            proto_icmp_may_answer(proto_slice_of(room, cut), PROTO_ICMP_UNREACHABLE, 3, 0));
    proto_out out = proto_out_of(room, sizeof room);
    proto_ipv4 empty = {.protocol = 1};
    empty.source = proto_address_ipv4(gateway4);
    empty.destination = proto_address_ipv4(gateway4);
    assert_int_equal(proto_ipv4_write(&empty, 0, &out), PROTO_OK);
    assert_false(proto_icmp_may_answer(proto_slice_of(room, 20), PROTO_ICMP_UNREACHABLE, 3, 0));
}

static void an_error_is_answered_by_none_in_ipv6(void **state)
{
    static const uint8_t multicast[16] = {0xff, 2, [15] = 1}, nobody[16] = {0},
                         loopback[16] = {[15] = 1};
    static const struct {
        const uint8_t *source, *destination;
        proto_icmp_kind kind;
        unsigned flags;
        uint8_t code, protocol, first;
        bool may;
    } cases[] = {
        {here6, there6, PROTO_ICMP_UNREACHABLE, 0, 4, 17, 0, true},
        {here6, multicast, PROTO_ICMP_UNREACHABLE, 0, 4, 17, 0, false},
        {here6, multicast, PROTO_ICMP_TOO_BIG, 0, 0, 17, 0, true},
        {here6, multicast, PROTO_ICMP_PARAMETER_PROBLEM, 0, 2, 17, 0, true},
        {here6, multicast, PROTO_ICMP_PARAMETER_PROBLEM, 0, 1, 17, 0, false},
        {here6, there6, PROTO_ICMP_UNREACHABLE, PROTO_ICMP_WAS_BROADCAST, 4, 17, 0, false},
        {here6, there6, PROTO_ICMP_TOO_BIG, PROTO_ICMP_WAS_BROADCAST, 0, 17, 0, true},
        {multicast, there6, PROTO_ICMP_UNREACHABLE, 0, 4, 17, 0, false},
        {nobody, there6, PROTO_ICMP_UNREACHABLE, 0, 4, 17, 0, false},
        {loopback, there6, PROTO_ICMP_UNREACHABLE, 0, 4, 17, 0, false},
        {loopback, loopback, PROTO_ICMP_UNREACHABLE, PROTO_ICMP_WAS_LOOPBACK, 4, 17, 0, true},
        {here6, there6, PROTO_ICMP_UNREACHABLE, 0, 4, 58, 128, true},
        {here6, there6, PROTO_ICMP_UNREACHABLE, 0, 4, 58, 200, true},
        {here6, there6, PROTO_ICMP_UNREACHABLE, 0, 4, 58, 1, false},
        {here6, there6, PROTO_ICMP_UNREACHABLE, 0, 4, 58, 127, false},
        {here6, there6, PROTO_ICMP_UNREACHABLE, 0, 4, 58, 137, false}, // a redirect
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t room[64];
        proto_out out = proto_out_of(room, sizeof room);
        proto_ipv6 header = {.next_header = cases[i].protocol};
        header.source = proto_address_ipv6(cases[i].source);
        header.destination = proto_address_ipv6(cases[i].destination);
        assert_int_equal(proto_ipv6_write(&header, 1, &out), PROTO_OK);
        assert_true(proto_out_put(&out, &cases[i].first, 1));
        if (proto_icmp_may_answer(proto_slice_of(room, out.len), cases[i].kind, cases[i].code,
                                  cases[i].flags) != cases[i].may)
            fail_msg("case %zu", i);
        assert_false(
            proto_icmp_may_answer(proto_slice_of(room, 39), cases[i].kind, cases[i].code, 0));
    }
    uint8_t later[] = {17, 0, 0, 8, 0, 0, 0, 1, 'x'}, room[64];
    proto_out out = proto_out_of(room, sizeof room);
    proto_ipv6 header = {.next_header = 44, .source = source6, .destination = destination6};
    assert_int_equal(proto_ipv6_write(&header, sizeof later, &out), PROTO_OK);
    assert_true(proto_out_put(&out, later, sizeof later));
    assert_false(
        proto_icmp_may_answer(proto_slice_of(room, out.len), PROTO_ICMP_UNREACHABLE, 4, 0));
    room[6] = 58; // nothing behind the header
    assert_int_equal(room[5], 9);
    room[5] = 0;
    assert_false(proto_icmp_may_answer(proto_slice_of(room, 40), PROTO_ICMP_UNREACHABLE, 4, 0));
}

// ---------------------------------------------------------------------------------------------------------- extensions --

static void objects_are_read_as_they_were_written(void **state)
{
    uint8_t room[64];
    proto_out out = proto_out_of(room, sizeof room);
    proto_icmp_object first = {200, 1, PROTO_LITERAL("abcd")}, empty = {201, 2, {NULL, 0}}, read;
    assert_int_equal(proto_icmp_object_write(&first, &out), PROTO_OK);
    assert_int_equal(proto_icmp_object_write(&empty, &out), PROTO_OK);
    assert_int_equal(out.len, 12);
    proto_slice objects = proto_slice_of(room, out.len);
    assert_true(proto_icmp_object_next(&objects, &read));
    assert_int_equal(read.number, 200);
    assert_int_equal(read.type, 1);
    assert_true(proto_slice_equal(read.data, first.data));
    assert_true(proto_icmp_object_next(&objects, &read));
    assert_int_equal(read.number, 201);
    assert_int_equal(read.data.len, 0);
    assert_false(proto_icmp_object_next(&objects, &read));
    assert_int_equal(objects.len, 0);
}

static void an_object_that_could_not_be_read_is_not_written(void **state)
{
    static uint8_t large[65540], room[65540];
    static const proto_icmp_mpls one = {0}, wide = {.label = 0x100000}, high = {.traffic_class = 8};
    proto_icmp_object object = {200, 1, {large, 5}};
    proto_out out = proto_out_of(room, sizeof room);
    assert_int_equal(proto_icmp_object_write(&object, &out), PROTO_ERR_ICMP_OBJECT);
    object.data.len = 65532;
    assert_int_equal(proto_icmp_object_write(&object, &out), PROTO_ERR_ICMP_OBJECT);
    assert_int_equal(proto_icmp_mpls_write(&wide, 1, &out), PROTO_ERR_ICMP_OBJECT);
    assert_int_equal(proto_icmp_mpls_write(&high, 1, &out), PROTO_ERR_ICMP_OBJECT);
    assert_int_equal(proto_icmp_mpls_write(&one, 16383, &out), PROTO_ERR_ICMP_OBJECT);
    assert_int_equal(out.len, 0);
    assert_false(out.failed);
    object.data.len = 65528;
    assert_int_equal(proto_icmp_object_write(&object, &out), PROTO_OK);
    assert_int_equal(out.len, 65532);
    for (size_t cap = 0; cap < 12; cap++) {
        out = proto_out_of(room, cap);
        assert_int_equal(proto_icmp_mpls_write(&one, 1, &out),
                         cap < 8 ? PROTO_ERR_NO_SPACE : PROTO_OK);
        assert_int_equal(out.len, cap < 8 ? 0 : 8);
        object.data.len = 8;
        out = proto_out_of(room, cap);
        assert_int_equal(proto_icmp_object_write(&object, &out),
                         cap < 12 ? PROTO_ERR_NO_SPACE : PROTO_OK);
        assert_int_equal(out.len, 0);
    }
}

static void labels_are_read_as_they_were_written(void **state)
{
    proto_icmp_mpls stack[40], read;
    uint8_t room[256];
    proto_out out = proto_out_of(room, sizeof room);
    for (size_t i = 0; i < COUNT(stack); i++)
        stack[i] = labels_of(i);
    assert_int_equal(proto_icmp_mpls_write(stack, COUNT(stack), &out), PROTO_OK);
    proto_slice objects = proto_slice_of(room, out.len);
    proto_icmp_object object;
    assert_true(proto_icmp_object_next(&objects, &object));
    assert_int_equal(object.number, PROTO_ICMP_CLASS_MPLS);
    assert_int_equal(object.type, 1);
    for (size_t i = 0; i < COUNT(stack); i++) {
        assert_true(proto_icmp_mpls_next(&object.data, &read));
        assert_int_equal(read.label, stack[i].label);
        assert_int_equal(read.traffic_class, stack[i].traffic_class);
        assert_int_equal(read.ttl, stack[i].ttl);
        assert_int_equal(read.bottom, stack[i].bottom);
    }
    assert_false(proto_icmp_mpls_next(&object.data, &read));
    assert_int_equal(object.data.len, 0);
}

static void check_interface(const proto_icmp_interface *interface)
{
    uint8_t room[128];
    proto_icmp_interface read;
    proto_icmp_object object;
    proto_out out = proto_out_of(room, sizeof room);
    assert_int_equal(proto_icmp_interface_write(interface, &out), PROTO_OK);
    assert_int_equal(out.len % 4, 0);
    proto_slice objects = proto_slice_of(room, out.len);
    assert_true(proto_icmp_object_next(&objects, &object));
    assert_int_equal(objects.len, 0);
    assert_int_equal(object.number, interface->role == PROTO_ICMP_PROBED_INTERFACE ? 3 : 2);
    assert_int_equal(proto_icmp_interface_read(&object, &read), PROTO_OK);
    assert_int_equal(read.role, interface->role);
    assert_int_equal(read.has_index, interface->has_index);
    assert_int_equal(read.has_mtu, interface->has_mtu);
    assert_int_equal(read.index, interface->index);
    assert_int_equal(read.mtu, interface->mtu);
    assert_int_equal(read.address.family, interface->address.family);
    assert_memory_equal(read.address.octets, interface->address.octets, 16);
    assert_true(proto_slice_equal(read.name, interface->name));
    for (size_t cap = 0; cap < out.len; cap++) {
        proto_out small = proto_out_of(room, cap);
        assert_int_equal(proto_icmp_interface_write(interface, &small), PROTO_ERR_NO_SPACE);
        assert_int_equal(small.len, 0);
    }
}

static void an_interface_is_read_as_it_was_written_whatever_is_said_of_it(void **state)
{
    static const char name[PROTO_ICMP_NAME + 1] =
        "ethernet-0123456789-0123456789-0123456789-0123456789-0123456789";
    for (unsigned bits = 0; bits < 64; bits++)
        for (size_t len = 0; len <= PROTO_ICMP_NAME; len++) {
            proto_icmp_interface interface = {.role = (proto_icmp_role)(bits >> 4)};
            interface.has_index = bits & 1;
            interface.has_mtu = bits & 2;
            if (interface.has_index) interface.index = 0x01020304;
            if (interface.has_mtu) interface.mtu = 9000;
            if (bits & 4) interface.address = bits & 8 ? source6 : proto_address_ipv4(gateway4);
            interface.name = proto_slice_of(name, len);
            check_interface(&interface);
        }
}

static void a_probed_interface_is_named_in_one_way(void **state)
{
    proto_icmp_interface by_index = {
        .role = PROTO_ICMP_PROBED_INTERFACE, .has_index = true, .index = 4};
    proto_icmp_interface by_name = {.role = PROTO_ICMP_PROBED_INTERFACE};
    proto_icmp_interface by_address = {.role = PROTO_ICMP_PROBED_INTERFACE, .address = source6};
    proto_icmp_interface both = by_index, none = {.role = PROTO_ICMP_PROBED_INTERFACE},
                         mtu = by_index;
    char longest[PROTO_ICMP_NAME + 1];
    uint8_t room[128];
    proto_out out = proto_out_of(room, sizeof room);
    memset(longest, 'x', sizeof longest);
    check_interface(&by_index);
    check_interface(&by_address);
    by_address.address = proto_address_ipv4(gateway4);
    check_interface(&by_address);
    for (size_t len = 1; len <= PROTO_ICMP_NAME; len++) {
        by_name.name = proto_slice_of(longest, len);
        check_interface(&by_name);
    }
    both.name = PROTO_LITERAL("eth0");
    mtu.has_mtu = true;
    by_name.name = proto_slice_of(longest, sizeof longest);
    assert_int_equal(proto_icmp_interface_write(&both, &out), PROTO_ERR_ICMP_OBJECT);
    assert_int_equal(proto_icmp_interface_write(&none, &out), PROTO_ERR_ICMP_OBJECT);
    assert_int_equal(proto_icmp_interface_write(&mtu, &out), PROTO_ERR_ICMP_OBJECT);
    assert_int_equal(proto_icmp_interface_write(&by_name, &out), PROTO_ERR_ICMP_OBJECT);
    assert_int_equal(out.len, 0);
    assert_false(out.failed);
}

// RFC 8335 section 2.1: neither longer nor shorter than what names it.
static void a_probed_interface_is_as_long_as_its_name(void **state)
{
    static const struct {
        uint8_t type;
        uint8_t data[24];
        size_t len; // as it should be
    } cases[] = {
        {2, {0, 0, 0, 4}, 4},
        {3, {0, 1, 4, 0, 192, 0, 2, 1}, 8},
        {3, {0, 2, 16, 0, 0x20, 1, 0xd, 0xb8}, 20},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t len = 0; len <= 24; len++) {
            proto_icmp_interface interface;
            proto_icmp_object object = {PROTO_ICMP_CLASS_IDENTIFICATION, cases[i].type,
                                        proto_slice_of(cases[i].data, len)};
            assert_int_equal(proto_icmp_interface_read(&object, &interface),
                             len == cases[i].len ? PROTO_OK : PROTO_ERR_ICMP_OBJECT);
        }
}

// RFC 5837 section 4.3: its length counts itself, is at most 64, and a whole number of words.
static void a_name_has_a_length_that_can_be(void **state)
{
    for (unsigned length = 0; length < 256; length++) {
        uint8_t *data = calloc(1, 64);
        proto_icmp_interface interface;
        data[0] = (uint8_t)length;
        size_t len = length > 64 ? 64 : length;
        proto_icmp_object object = {PROTO_ICMP_CLASS_INTERFACE, 2, proto_slice_of(data, len)};
        bool good = length > 0 && length <= 64 && length % 4 == 0;
        if (length == 0) object.data.len = 4;
        assert_int_equal(proto_icmp_interface_read(&object, &interface),
                         good ? PROTO_OK : PROTO_ERR_ICMP_OBJECT);
        if (good) assert_int_equal(interface.name.len, 0);
        free(data);
    }
}

// RFC 5837 section 4.2: two families are known, and the two bytes behind their number are 0.
static void an_address_is_of_one_of_two_families(void **state)
{
    for (uint16_t family = 0; family < 300; family++) {
        uint8_t data[20] = {(uint8_t)(family >> 8), (uint8_t)family};
        proto_icmp_interface interface;
        proto_icmp_object object = {PROTO_ICMP_CLASS_INTERFACE, 4,
                                    proto_slice_of(data, family == 1 ? 8 : 20)};
        bool good = family == 1 || family == 2;
        assert_int_equal(proto_icmp_interface_read(&object, &interface),
                         good ? PROTO_OK : PROTO_ERR_ICMP_OBJECT);
        if (!good) continue;
        assert_int_equal(interface.address.family, family == 1 ? PROTO_IPV4 : PROTO_IPV6);
        uint8_t room[24];
        proto_out out = proto_out_of(room, sizeof room);
        assert_int_equal(proto_icmp_interface_write(&interface, &out), PROTO_OK);
        assert_int_equal(out.len, 4 + object.data.len);
        assert_memory_equal(room + 4, data, object.data.len);
    }
}

static void an_object_of_another_class_is_no_interface(void **state)
{
    proto_icmp_object object = {PROTO_ICMP_CLASS_MPLS, 1, PROTO_LITERAL("\0\0\0\1")};
    proto_icmp_interface interface = {.index = 77};
    assert_int_equal(proto_icmp_interface_read(&object, &interface), PROTO_ERR_ICMP_OBJECT);
    assert_int_equal(interface.index, 77);
}

static void a_damaged_extension_leaves_the_error(void **state)
{
    uint8_t datagram[60], objects[16], room[256];
    proto_icmp message = {.kind = PROTO_ICMP_TIME_EXCEEDED}, read;
    proto_icmp_mpls label = {.label = 7};
    proto_out list = proto_out_of(objects, sizeof objects), out = proto_out_of(room, sizeof room);
    static const proto_icmp_config verified = {PROTO_IPV4, PROTO_ICMP_SYSTEM_CHECKSUM, NULL, NULL};
    (void)proto_icmp_mpls_write(&label, 1, &list);
    message.objects = proto_slice_of(objects, list.len);
    message.payload = offending(PROTO_IPV4, datagram, sizeof datagram);
    assert_int_equal(proto_icmp_write(&message, &verified, &out), PROTO_OK);
    for (size_t bit = 136 * 8; bit < out.len * 8; bit++) { // trap 23: each bit of it
        proto_icmp_quote quote;
        room[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(proto_icmp_read(proto_slice_of(room, out.len), &verified, &read, NULL),
                         PROTO_OK);
        assert_int_equal(read.extensions, PROTO_ICMP_EXTENSIONS_BAD);
        assert_int_equal(read.objects.len, 0);
        assert_int_equal(proto_icmp_quote_read(&read, &quote, NULL), PROTO_OK);
        assert_int_equal(quote.length, 60);
        room[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

// RFC 4884 section 5.5: behind 128 bytes, with a checksum that says something.
static void extensions_are_guessed_by_their_checksum_alone(void **state)
{
    static const struct {
        uint8_t structure[8];
        proto_icmp_extensions extensions;
    } cases[] = {
        {{0x20, 0, 0xd6, 0xf9, 0, 4, 9, 2}, PROTO_ICMP_EXTENSIONS_GUESSED},
        {{0x20, 0, 0xd6, 0xf8, 0, 4, 9, 2}, PROTO_ICMP_EXTENSIONS_NONE},
        {{0x10, 0, 0xe6, 0xf9, 0, 4, 9, 2}, PROTO_ICMP_EXTENSIONS_NONE},
        {{0x20, 0, 0, 0, 0, 4, 9, 2}, PROTO_ICMP_EXTENSIONS_NONE},
        {{0x20, 0, 0, 0, 0, 4, 0xdf, 0xfb}, PROTO_ICMP_EXTENSIONS_NONE}, // a sum of 0xffff
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned flags = 0; flags <= PROTO_ICMP_GUESS_EXTENSIONS; flags += 2) {
            uint8_t bytes[8 + 128 + 8] = {11};
            const proto_icmp_config config = {.family = PROTO_IPV4,
                                              .flags = PROTO_ICMP_SYSTEM_CHECKSUM | flags};
            proto_icmp read;
            memcpy(bytes + 136, cases[i].structure, 8);
            assert_int_equal(
                proto_icmp_read(proto_slice_of(bytes, sizeof bytes), &config, &read, NULL),
                PROTO_OK);
            bool guessed = flags && cases[i].extensions == PROTO_ICMP_EXTENSIONS_GUESSED;
            assert_int_equal(read.extensions, flags ? cases[i].extensions : 0);
            assert_ptr_equal(read.payload.ptr, bytes + 8);
            assert_int_equal(read.payload.len, guessed ? 128 : 136);
            assert_int_equal(read.objects.len, guessed ? 4 : 0);
        }
}

// RFC 4443 section 2.1: the highest bit tells errors from what is none. RFC 792: a pointer is of code 0.
static void the_last_error_of_ipv6_and_a_pointer_of_ipv4(void **state)
{
    static const proto_icmp_config config = {PROTO_IPV6, PROTO_ICMP_SYSTEM_CHECKSUM, NULL, NULL};
    static const proto_icmp_config four = {PROTO_IPV4, PROTO_ICMP_SYSTEM_CHECKSUM, NULL, NULL};
    uint8_t bytes[8] = {127};
    proto_icmp read;
    assert_int_equal(proto_icmp_read(proto_slice_of(bytes, 8), &config, &read, NULL), PROTO_OK);
    assert_int_equal(read.kind, PROTO_ICMP_OTHER_ERROR);
    for (uint8_t code = 0; code < 3; code++) {
        const uint8_t problem[8] = {12, code, 0, 0, 20, 0, 0, 0};
        assert_int_equal(proto_icmp_read(proto_slice_of(problem, 8), &four, &read, NULL), PROTO_OK);
        assert_int_equal(read.pointer, code == 0 ? 20 : 0);
    }
}

// RFC 4861 section 4.5 knows of one option that quotes; of several, the first counts.
static void of_two_quotes_in_a_redirect_the_first_counts(void **state)
{
    static const proto_icmp_config config = {PROTO_IPV6, PROTO_ICMP_SYSTEM_CHECKSUM, NULL, NULL};
    uint8_t bytes[40 + 16 + 24] = {137, [40] = 4, [41] = 2, [56] = 4, [57] = 3};
    proto_icmp read;
    assert_int_equal(proto_icmp_read(proto_slice_of(bytes, sizeof bytes), &config, &read, NULL),
                     PROTO_OK);
    assert_ptr_equal(read.payload.ptr, bytes + 48);
    assert_int_equal(read.payload.len, 8);
}

// As much of a checksum as is quoted.
static void a_quoted_checksum_needs_no_more_than_its_own_bytes(void **state)
{
    for (size_t quoted = 0; quoted <= 8; quoted++) {
        uint8_t bytes[20 + 8] = {0x45, 0, 0, 28, [9] = 1, [20] = 8, [22] = 0xbe, [23] = 0xef};
        const proto_icmp error = {.kind = PROTO_ICMP_UNREACHABLE,
                                  .family = PROTO_IPV4,
                                  .payload = proto_slice_of(bytes, 20 + quoted)};
        proto_icmp_quote quote;
        assert_int_equal(proto_icmp_quote_read(&error, &quote, NULL), PROTO_OK);
        assert_int_equal(quote.checksum, quoted < 4 ? 0 : 0xbeef);
        assert_int_equal(quote.has_echo, quoted == 8);
    }
}

// --------------------------------------------------------------------------------------------------------------- words --

static void every_kind_has_a_name_and_says_whether_it_is_an_error(void **state)
{
    static const char *const names[] = {"other",
                                        "other error",
                                        "echo request",
                                        "echo reply",
                                        "timestamp request",
                                        "timestamp reply",
                                        "address mask request",
                                        "address mask reply",
                                        "extended echo request",
                                        "extended echo reply",
                                        "destination unreachable",
                                        "packet too big",
                                        "time exceeded",
                                        "parameter problem",
                                        "source quench",
                                        "redirect"};
    for (size_t i = 0; i < COUNT(names); i++) {
        uint8_t type = 255;
        assert_string_equal(proto_icmp_kind_name((proto_icmp_kind)i), names[i]);
        assert_int_equal(proto_icmp_is_error((proto_icmp_kind)i), i == 1 || i >= 10);
        if (i < 2) assert_false(proto_icmp_type_of(PROTO_IPV4, (proto_icmp_kind)i, &type));
        if (i < 2) assert_int_equal(type, 255);
    }
    assert_string_equal(proto_icmp_kind_name((proto_icmp_kind)COUNT(names)), "");
}

static void every_type_and_code_has_words(void **state)
{
    static const struct {
        proto_family family;
        uint8_t type, code;
        const char *text;
    } some[] = {
        {PROTO_IPV4, 0, 0, "Echo Reply"},
        {PROTO_IPV4, 1, 0, "Unknown Type"},
        {PROTO_IPV4, 3, 1, "Destination Host Unreachable"},
        {PROTO_IPV4, 3, 200, "Destination Unreachable"},
        {PROTO_IPV4, 9, 16, "Router Does Not Route Common Traffic"},
        {PROTO_IPV4, 9, 5, "Router Advertisement"},
        {PROTO_IPV4, 40, 5, "Photuris: Need Authorization"},
        {PROTO_IPV4, 40, 6, "Photuris"},
        {PROTO_IPV4, 254, 0, "Experiment 2"},
        {PROTO_IPV6, 0, 0, "Unknown Type"},
        {PROTO_IPV6, 1, 5, "Source Address Failed Ingress/Egress Policy"},
        {PROTO_IPV6, 1, 7, "Error in Source Routing Header"},
        {PROTO_IPV6, 138, 0, "Router Renumbering Command"},
        {PROTO_IPV6, 138, 2, "Router Renumbering"},
        {PROTO_IPV6, 138, 255, "Router Renumbering: Sequence Number Reset"},
        {PROTO_IPV6, 139, 255, "Node Information Query"},
        {PROTO_IPV6, 140, 2, "Node Information Response: Unknown Query Type"},
        {PROTO_IPV6, 158, 0, "Duplicate Address Confirmation"},
        {PROTO_IPV6, 255, 255, "Reserved for Expansion of ICMPv6 Informational Messages"},
    };
    for (size_t i = 0; i < COUNT(some); i++)
        assert_string_equal(proto_icmp_text(some[i].family, some[i].type, some[i].code),
                            some[i].text);
    unsigned known[2] = {0, 0};
    for (unsigned type = 0; type < 256; type++)
        for (unsigned code = 0; code < 256; code++) {
            const char *four = proto_icmp_text(PROTO_IPV4, (uint8_t)type, (uint8_t)code);
            const char *six = proto_icmp_text(PROTO_IPV6, (uint8_t)type, (uint8_t)code);
            assert_true(strlen(four) > 2 && strlen(six) > 2);
            known[0] += code == 0 && strcmp(four, "Unknown Type") != 0;
            known[1] += code == 0 && strcmp(six, "Unknown Type") != 0;
        }
    // Of 256 each, IANA has registered so many, those for experiments and expansion among them.
    assert_int_equal(known[0], 43);
    assert_int_equal(known[1], 44);
}

static void a_mark_says_what_traceroute_says(void **state)
{
    static const struct {
        proto_family family;
        proto_icmp_kind kind;
        uint8_t type, code;
        uint32_t mtu;
        const char *mark;
    } cases[] = {
        {PROTO_IPV4, PROTO_ICMP_ECHO_REPLY, 0, 0, 0, ""},
        {PROTO_IPV4, PROTO_ICMP_OTHER, 9, 0, 0, ""},
        {PROTO_IPV4, PROTO_ICMP_TIME_EXCEEDED, 11, 0, 0, ""},
        {PROTO_IPV4, PROTO_ICMP_TIME_EXCEEDED, 11, 1, 0, "!<11-1>"},
        {PROTO_IPV4, PROTO_ICMP_UNREACHABLE, 3, PROTO_ICMP4_PORT_UNREACHABLE, 0, ""},
        {PROTO_IPV4, PROTO_ICMP_UNREACHABLE, 3, 4, 0, "!<4>"},
        {PROTO_IPV4, PROTO_ICMP_UNREACHABLE, 3, 255, 0, "!<255>"},
        {PROTO_IPV4, PROTO_ICMP_TOO_BIG, 3, 4, 1280, "!F-1280"},
        {PROTO_IPV4, PROTO_ICMP_TOO_BIG, 3, 4, 0, "!F"},
        {PROTO_IPV6, PROTO_ICMP_TOO_BIG, 2, 0, 4294967295, "!F-4294967295"},
        {PROTO_IPV6, PROTO_ICMP_UNREACHABLE, 1, PROTO_ICMP6_PORT_UNREACHABLE, 0, ""},
        {PROTO_IPV6, PROTO_ICMP_OTHER_ERROR, 127, 255, 0, "!<127-255>"},
        {PROTO_IPV6, PROTO_ICMP_PARAMETER_PROBLEM, 4, 1, 0, "!<4-1>"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char room[PROTO_ICMP_MARK];
        proto_icmp message = {.kind = cases[i].kind, .mtu = cases[i].mtu};
        size_t len = strlen(cases[i].mark);
        message.family = (uint8_t)cases[i].family;
        message.type = cases[i].type;
        message.code = cases[i].code;
        for (size_t cap = 0; cap <= sizeof room; cap++) {
            proto_out out = proto_out_of(room, cap);
            proto_err err = proto_icmp_mark_write(&message, &out);
            assert_int_equal(err, cap < len ? PROTO_ERR_NO_SPACE : PROTO_OK);
            assert_int_equal(out.len, cap < len ? 0 : len);
            assert_memory_equal(room, cases[i].mark, out.len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_echo_request_is_written_byte_by_byte),
        cmocka_unit_test(a_checksum_is_of_what_is_written_alone),
        cmocka_unit_test(where_the_system_computes_the_checksum_the_field_is_zero),
        cmocka_unit_test(a_message_of_ipv6_counts_only_between_its_addresses),
        cmocka_unit_test(every_kind_is_read_as_it_was_written_and_only_where_the_family_has_it),
        cmocka_unit_test(other_messages_are_written_by_their_type),
        cmocka_unit_test(numbers_too_large_for_their_field_are_cut_and_an_mtu_is_the_largest),
        cmocka_unit_test(an_error_quotes_as_much_as_every_host_can_take),
        cmocka_unit_test(errors_without_room_for_objects_quote_as_much_too),
        cmocka_unit_test(a_redirect_of_ipv6_quotes_as_much_as_fits_its_option),
        cmocka_unit_test(what_cannot_be_written_is_refused),
        cmocka_unit_test(the_longest_echo_fills_a_datagram),
        cmocka_unit_test(the_longest_of_other_messages_fills_a_datagram),
        cmocka_unit_test(a_message_is_written_whole_or_not_at_all),
        cmocka_unit_test(a_quote_is_found_whatever_its_length),
        cmocka_unit_test(a_quote_that_was_changed_on_the_way_is_read),
        cmocka_unit_test(a_later_fragment_has_no_ports),
        cmocka_unit_test(a_message_that_is_no_error_quotes_nothing),
        cmocka_unit_test(an_error_is_answered_by_none_in_ipv4),
        cmocka_unit_test(an_error_is_answered_by_none_in_ipv6),
        cmocka_unit_test(objects_are_read_as_they_were_written),
        cmocka_unit_test(an_object_that_could_not_be_read_is_not_written),
        cmocka_unit_test(labels_are_read_as_they_were_written),
        cmocka_unit_test(an_interface_is_read_as_it_was_written_whatever_is_said_of_it),
        cmocka_unit_test(a_probed_interface_is_named_in_one_way),
        cmocka_unit_test(a_probed_interface_is_as_long_as_its_name),
        cmocka_unit_test(a_name_has_a_length_that_can_be),
        cmocka_unit_test(an_address_is_of_one_of_two_families),
        cmocka_unit_test(an_object_of_another_class_is_no_interface),
        cmocka_unit_test(a_damaged_extension_leaves_the_error),
        cmocka_unit_test(extensions_are_guessed_by_their_checksum_alone),
        cmocka_unit_test(the_last_error_of_ipv6_and_a_pointer_of_ipv4),
        cmocka_unit_test(of_two_quotes_in_a_redirect_the_first_counts),
        cmocka_unit_test(a_quoted_checksum_needs_no_more_than_its_own_bytes),
        cmocka_unit_test(every_kind_has_a_name_and_says_whether_it_is_an_error),
        cmocka_unit_test(every_type_and_code_has_words),
        cmocka_unit_test(a_mark_says_what_traceroute_says),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
