// SPDX-License-Identifier: MIT
// ICMP echo as a kind of probe: requests as they are sent, and what of all that a raw socket brings
// is a reply to one.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/probe.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)
#define START  (5000 * SECOND)

enum { SLOTS = 1 << 17, ID = 0x8001, ROOM = 2048 };

struct rig {
    proto_probe probe;
    proto_probe_echo echo;
    proto_probe_target target;
    proto_probe_slot *slots;
    proto_probe_report report;
    uint8_t data[ROOM];
    uint8_t request[ROOM];
    size_t length;
};

static const uint8_t OCTETS6[16] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};

static proto_address host(unsigned last)
{
    const uint8_t octets[4] = {192, 0, 2, (uint8_t)last};
    return proto_address_ipv4(octets);
}

static struct rig *rig_new(proto_family family, size_t size, size_t slots, uint8_t key)
{
    struct rig *rig = calloc(1, sizeof *rig);
    for (size_t i = 0; i < sizeof rig->data; i++)
        rig->data[i] = (uint8_t)(i * 7);
    proto_probe_echo_init(&rig->echo, family, ID, proto_slice_of(rig->data, size));
    rig->slots = calloc(slots, sizeof *rig->slots);
    rig->target.address = family == PROTO_IPV6 ? proto_address_ipv6(OCTETS6) : host(1);
    const proto_probe_config config = {.codec = &proto_probe_echo_codec,
                                       .settings = &rig->echo,
                                       .timeout = SECOND,
                                       .linger = 3600 * SECOND,
                                       .key = {key}};
    proto_probe_init(&rig->probe, &config, &rig->target, 1, rig->slots, slots, START);
    return rig;
}

static struct rig *rig_of(size_t size)
{
    return rig_new(PROTO_IPV4, size, 64, 1);
}

static void rig_free(struct rig *rig)
{
    free(rig->slots);
    free(rig);
}

static void sends(struct rig *rig)
{
    proto_out out = proto_out_of(rig->request, sizeof rig->request);
    assert_true(proto_probe_send(&rig->probe, START, &out, &rig->report));
    rig->length = out.len;
}

static void checksum_set(uint8_t *message, size_t len)
{
    message[2] = message[3] = 0;
    uint16_t value = proto_checksum_of(message, len);
    message[2] = (uint8_t)(value >> 8);
    message[3] = (uint8_t)value;
}

// Hands over a copy of exactly its size, so that a sanitizer sees the first byte too far, and looks
// that nothing is written to it.
static proto_probe_event arrival_of(struct rig *rig, const void *bytes, size_t len,
                                    proto_probe_arrival arrival)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    if (len > 0) memcpy(copy, bytes, len);
    arrival.bytes = proto_slice_of(copy, len);
    if (arrival.when == 0) arrival.when = START + MS;
    if (arrival.source.family == PROTO_FAMILY_NONE) arrival.source = rig->target.address;
    proto_probe_event event = proto_probe_receive(&rig->probe, &arrival, &rig->report);
    if (len > 0) assert_memory_equal(copy, bytes, len);
    free(copy);
    return event;
}

static proto_probe_event message_arrives(struct rig *rig, const void *bytes, size_t len)
{
    return arrival_of(rig, bytes, len, (proto_probe_arrival){.ttl = 64});
}

// The reply to the request sent last.
static size_t reply_of(const struct rig *rig, uint8_t reply[ROOM])
{
    memcpy(reply, rig->request, rig->length);
    reply[0] = rig->echo.family == PROTO_IPV6 ? 129 : 0;
    if (rig->echo.family == PROTO_IPV4) checksum_set(reply, rig->length);
    return rig->length;
}

static proto_probe_event reply_arrives(struct rig *rig)
{
    uint8_t reply[ROOM];
    return message_arrives(rig, reply, reply_of(rig, reply));
}

// Behind an IPv4 header with so many bytes of options, and so many of padding behind it all.
static size_t packet_of(const uint8_t *message, size_t len, uint8_t ttl, size_t options,
                        size_t padding, uint8_t packet[ROOM])
{
    static const uint8_t nops[40] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                     1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    proto_out out = proto_out_of(packet, ROOM);
    const proto_ipv4 header = {.source = host(1),
                               .destination = host(100),
                               .options = proto_slice_of(nops, options),
                               .protocol = 1,
                               .ttl = ttl};
    assert_int_equal(proto_ipv4_write(&header, len, &out), PROTO_OK);
    assert_true(proto_out_put(&out, message, len));
    memset(packet + out.len, 0xee, padding);
    return out.len + padding;
}

static size_t error_of(const struct rig *rig, proto_icmp_kind kind, uint8_t code,
                       proto_address destination, size_t quoted, uint8_t message[ROOM])
{
    uint8_t original[ROOM], *header = original;
    proto_out quote = proto_out_of(original, sizeof original);
    const proto_ipv4 ip = {
        .source = host(100), .destination = destination, .protocol = 1, .ttl = 1};
    assert_int_equal(proto_ipv4_write(&ip, rig->length, &quote), PROTO_OK);
    assert_true(proto_out_put(&quote, rig->request, quoted));
    const proto_icmp error = {
        .kind = kind, .code = code, .payload = proto_slice_of(header, quote.len), .mtu = 1280};
    const proto_icmp_config config = {.family = PROTO_IPV4};
    proto_out out = proto_out_of(message, ROOM);
    assert_int_equal(proto_icmp_write(&error, &config, &out), PROTO_OK);
    return out.len;
}

// ---------------------------------------------------------------------------------------------------------- requests --

// trap 1, trap 4: of every size, odd ones too, the checksum is right.
static void requests_of_every_size_are_whole(void **state)
{
    for (size_t size = 0; size < 80; size++) {
        struct rig *rig = rig_of(size);
        sends(rig);
        assert_int_equal(rig->length, 8 + size);
        assert_int_equal(rig->request[0], 8);
        assert_int_equal(rig->request[1], 0);
        assert_true(proto_checksum_ok(rig->request, rig->length));
        assert_int_equal(rig->request[4] << 8 | rig->request[5], ID);
        assert_int_equal(rig->request[6] << 8 | rig->request[7], 1);
        if (size > 8) assert_memory_equal(rig->request + 16, rig->data + 8, size - 8);
        assert_int_equal(reply_arrives(rig), PROTO_PROBE_REPLY);
        assert_int_equal(rig->report.reading.payload.len, size);
        rig_free(rig);
    }
}

static void many_requests_have_right_checksums(void **state)
{
    struct rig *rig = rig_of(56);
    for (unsigned i = 1; i <= 70000; i++) {
        sends(rig);
        assert_true(proto_checksum_ok(rig->request, rig->length));
        assert_int_equal(rig->request[6] << 8 | rig->request[7], i & 0xffff);
        assert_int_equal(reply_arrives(rig), PROTO_PROBE_REPLY);
    }
    rig_free(rig);
}

static void cookies_differ_from_probe_to_probe_and_from_key_to_key(void **state)
{
    struct rig *a = rig_new(PROTO_IPV4, 56, 64, 1), *b = rig_new(PROTO_IPV4, 56, 64, 2);
    uint8_t first[8];
    sends(a);
    sends(b);
    assert_memory_not_equal(a->request + 8, b->request + 8, 8);
    memcpy(first, a->request + 8, 8);
    sends(a);
    assert_memory_not_equal(a->request + 8, first, 8);
    rig_free(a);
    rig_free(b);
}

static void of_icmpv6_the_system_writes_the_checksum(void **state)
{
    struct rig *rig = rig_new(PROTO_IPV6, 56, 64, 1);
    sends(rig);
    assert_int_equal(rig->request[0], 128);
    assert_int_equal(rig->request[2] | rig->request[3], 0);
    assert_int_equal(reply_arrives(rig), PROTO_PROBE_REPLY);
    rig_free(rig);
}

// ---------------------------------------------------------------------------------------------------------- replies --

// trap 17, trap 18, trap 20: a raw socket's packets begin with a header of any length.
static void a_reply_is_found_behind_any_header(void **state)
{
    for (size_t options = 0; options <= 40; options += 4) {
        for (size_t padding = 0; padding <= 6; padding += 3) {
            struct rig *rig = rig_of(56);
            uint8_t reply[ROOM], packet[ROOM];
            sends(rig);
            size_t len = packet_of(reply, reply_of(rig, reply), 255, options, padding, packet);
            const proto_probe_arrival raw = {.form = PROTO_PROBE_PACKET, .ttl = -1};
            assert_int_equal(arrival_of(rig, packet, len, raw), PROTO_PROBE_REPLY);
            assert_int_equal(rig->report.reading.ttl, 255);
            assert_int_equal(rig->report.reading.payload.len, 56);
            rig_free(rig);
        }
    }
}

// One that the quick look does not take, here for a flag of its IP header, is a reply all the same.
static void an_unusual_header_goes_the_long_way(void **state)
{
    struct rig *rig = rig_of(56);
    uint8_t reply[ROOM], packet[ROOM];
    sends(rig);
    size_t len = packet_of(reply, reply_of(rig, reply), 64, 0, 0, packet);
    packet[6] |= 0x80;
    packet[10] = packet[11] = 0;
    uint16_t sum = proto_checksum_of(packet, 20);
    packet[10] = (uint8_t)(sum >> 8);
    packet[11] = (uint8_t)sum;
    const proto_probe_arrival raw = {.form = PROTO_PROBE_PACKET, .ttl = -1};
    assert_int_equal(arrival_of(rig, packet, len, raw), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.reading.ttl, 64);
    assert_int_equal(rig->report.reading.payload.len, 56);
    assert_false(rig->report.reading.has_icmp);
    rig_free(rig);
}

// trap 27: what a fragment holds of a reply is not the reply, even if it is sound by itself.
static void a_fragment_is_no_reply(void **state)
{
    static const uint8_t fields[][2] = {{0x20, 0}, {0, 1}, {0x1f, 0}, {0x3f, 0xff}};
    for (size_t i = 0; i < COUNT(fields); i++) {
        struct rig *rig = rig_of(56);
        uint8_t reply[ROOM], packet[ROOM];
        sends(rig);
        size_t len = packet_of(reply, reply_of(rig, reply), 64, 0, 0, packet);
        memcpy(packet + 6, fields[i], 2);
        packet[10] = packet[11] = 0;
        uint16_t sum = proto_checksum_of(packet, 20);
        packet[10] = (uint8_t)(sum >> 8);
        packet[11] = (uint8_t)sum;
        const proto_probe_arrival raw = {.form = PROTO_PROBE_PACKET, .ttl = -1};
        proto_probe_event event = arrival_of(rig, packet, len, raw);
        assert_int_equal(event, i == 3 ? PROTO_PROBE_CORRUPTED : PROTO_PROBE_FOREIGN);
        rig_free(rig);
    }
}

// With all of the data, and more.
static void a_reply_that_has_grown_is_damaged(void **state)
{
    for (size_t size = 0; size < 40; size++) {
        struct rig *rig = rig_of(size);
        uint8_t reply[ROOM] = {0};
        sends(rig);
        size_t len = reply_of(rig, reply) + 1 + size;
        checksum_set(reply, len);
        assert_int_equal(message_arrives(rig, reply, len), PROTO_PROBE_CORRUPTED);
        assert_int_equal(rig->target.counts.corrupted, 1);
        rig_free(rig);
    }
}

// Header only, half a header, data cut, with the IP header telling the truth or not.
static void truncated_replies_answer_nothing(void **state)
{
    struct rig *rig = rig_of(56);
    uint8_t reply[ROOM], cut[ROOM], packet[ROOM];
    sends(rig);
    size_t whole = reply_of(rig, reply);
    for (size_t len = 0; len < whole; len++) {
        proto_probe_event event = message_arrives(rig, reply, len);
        assert_true(event == PROTO_PROBE_CORRUPTED || event == PROTO_PROBE_FOREIGN);
        if (len < 8) continue;
        memcpy(cut, reply, len);
        checksum_set(cut, len);
        event = message_arrives(rig, cut, len);
        assert_int_equal(event, len < 16 ? PROTO_PROBE_UNKNOWN : PROTO_PROBE_CORRUPTED);
    }
    const proto_probe_arrival raw = {.form = PROTO_PROBE_PACKET, .ttl = -1};
    size_t all = packet_of(reply, whole, 64, 0, 0, packet);
    for (size_t len = 0; len < all; len++)
        assert_int_equal(arrival_of(rig, packet, len, raw), PROTO_PROBE_CORRUPTED);
    assert_int_equal(proto_probe_outstanding(&rig->probe), 1);
    assert_int_equal(reply_arrives(rig), PROTO_PROBE_REPLY);
    rig_free(rig);
}

// trap 3: each bit of a reply matters.
static void no_flipped_bit_passes(void **state)
{
    struct rig *rig = rig_of(20);
    uint8_t reply[ROOM];
    sends(rig);
    size_t len = reply_of(rig, reply);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        reply[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(message_arrives(rig, reply, len), PROTO_PROBE_REPLY);
        bool in_checksum = bit / 8 == 2 || bit / 8 == 3;
        if (!in_checksum) {
            checksum_set(reply, len);
            assert_int_not_equal(message_arrives(rig, reply, len), PROTO_PROBE_REPLY);
        }
        reply_of(rig, reply);
    }
    assert_int_equal(rig->target.counts.received, 0);
    assert_true(rig->target.counts.corrupted > 8 * 12);
    rig_free(rig);
}

// The checksum tells, unless the system has looked at it already and it says nothing any more.
static void the_checksum_is_verified_once(void **state)
{
    struct rig *rig = rig_of(56);
    uint8_t reply[ROOM];
    sends(rig);
    size_t len = reply_of(rig, reply);
    reply[2] ^= 1;
    assert_int_equal(message_arrives(rig, reply, len), PROTO_PROBE_CORRUPTED);
    assert_int_equal(rig->report.number, 1);
    const proto_probe_arrival verified = {.verified = true, .ttl = 64};
    assert_int_equal(arrival_of(rig, reply, len, verified), PROTO_PROBE_REPLY);
    rig_free(rig);
}

// trap 10: what the payload says of time means nothing; trap 13: number and identifier are not enough.
static void a_guessed_reply_is_unknown(void **state)
{
    struct rig *rig = rig_of(56);
    uint8_t reply[ROOM];
    sends(rig);
    size_t len = reply_of(rig, reply);
    memset(reply + 8, 0, 8);
    checksum_set(reply, len);
    assert_int_equal(message_arrives(rig, reply, len), PROTO_PROBE_UNKNOWN);
    reply_of(rig, reply);
    const proto_probe_arrival other = {.source = host(2), .ttl = 64};
    assert_int_equal(arrival_of(rig, reply, len, other), PROTO_PROBE_UNKNOWN);
    reply[7] = 2; // never sent
    checksum_set(reply, len);
    assert_int_equal(message_arrives(rig, reply, len), PROTO_PROBE_UNKNOWN);
    reply[7] = 0; // nor this, though there is a slot for it, of which it tells the cookie
    memset(reply + 8, 0, 8);
    checksum_set(reply, len);
    assert_int_equal(message_arrives(rig, reply, len), PROTO_PROBE_UNKNOWN);
    assert_int_equal(rig->target.counts.received, 0);
    rig_free(rig);
}

// So it is when the time of sending was put right.
static void a_guessed_reply_is_unknown_whenever_the_request_left(void **state)
{
    struct rig *rig = rig_of(56);
    uint8_t reply[ROOM];
    sends(rig);
    proto_probe_sent_at(&rig->probe, 1, START + 5);
    proto_probe_sent_at(&rig->probe, 1, START + 7);
    size_t len = reply_of(rig, reply);
    reply[8] ^= 1;
    checksum_set(reply, len);
    assert_int_equal(message_arrives(rig, reply, len), PROTO_PROBE_UNKNOWN);
    assert_int_equal(reply_arrives(rig), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.rtt, MS - 7);
    rig_free(rig);
}

// trap 12: two that happen to have the same identifier and are at the same number.
static void two_pings_do_not_take_each_others_replies(void **state)
{
    struct rig *a = rig_new(PROTO_IPV4, 56, 64, 1), *b = rig_new(PROTO_IPV4, 56, 64, 2);
    uint8_t reply[ROOM];
    sends(a);
    sends(b);
    size_t len = reply_of(b, reply);
    assert_int_equal(message_arrives(a, reply, len), PROTO_PROBE_UNKNOWN);
    assert_int_equal(message_arrives(b, reply, len), PROTO_PROBE_REPLY);
    rig_free(a);
    rig_free(b);
}

// trap 15, trap 21, trap 22: what else a raw socket brings.
static void the_rest_is_foreign_or_our_own(void **state)
{
    struct rig *rig = rig_of(56);
    uint8_t message[ROOM];
    sends(rig);
    assert_int_equal(message_arrives(rig, rig->request, rig->length), PROTO_PROBE_OWN);
    memcpy(message, rig->request, rig->length);
    message[2] ^= 1; // a damaged one is nobody's
    assert_int_equal(message_arrives(rig, message, rig->length), PROTO_PROBE_FOREIGN);
    reply_of(rig, message);
    message[5] ^= 1;
    checksum_set(message, rig->length);
    assert_int_equal(message_arrives(rig, message, rig->length), PROTO_PROBE_FOREIGN);
    message[0] = 8;
    checksum_set(message, rig->length);
    assert_int_equal(message_arrives(rig, message, rig->length), PROTO_PROBE_FOREIGN);
    reply_of(rig, message);
    message[0] = 14; // a timestamp reply of our identifier
    checksum_set(message, rig->length);
    assert_int_equal(message_arrives(rig, message, rig->length), PROTO_PROBE_FOREIGN);
    reply_of(rig, message);
    message[1] = 1; // no code but 0 has a meaning
    checksum_set(message, rig->length);
    assert_int_equal(message_arrives(rig, message, rig->length), PROTO_PROBE_CORRUPTED);
    uint8_t packet[ROOM];
    size_t len = packet_of(message, reply_of(rig, message), 64, 0, 0, packet);
    packet[9] = 17; // not ICMP
    packet[10] = packet[11] = 0;
    uint16_t sum = proto_checksum_of(packet, 20);
    packet[10] = (uint8_t)(sum >> 8);
    packet[11] = (uint8_t)sum;
    const proto_probe_arrival raw = {.form = PROTO_PROBE_PACKET, .ttl = -1};
    assert_int_equal(arrival_of(rig, packet, len, raw), PROTO_PROBE_FOREIGN);
    assert_int_equal(proto_probe_outstanding(&rig->probe), 1);
    rig_free(rig);
}

// trap 14: the numbers have come round, and an old reply names a new probe's.
static void after_the_wrap_an_old_reply_is_no_new_one(void **state)
{
    struct rig *rig = rig_new(PROTO_IPV4, 56, 1 << 16, 1);
    uint8_t old[ROOM];
    sends(rig);
    size_t len = reply_of(rig, old);
    assert_int_equal(message_arrives(rig, old, len), PROTO_PROBE_REPLY);
    for (unsigned i = 0; i < 1 << 16; i++)
        sends(rig);
    assert_int_equal(message_arrives(rig, old, len), PROTO_PROBE_UNKNOWN);
    assert_int_equal(reply_arrives(rig), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.number, (1 << 16) + 1);
    rig_free(rig);
}

// There is no ceiling at 65,535: where several outstanding probes have one number, the cookie tells.
static void more_may_be_outstanding_than_there_are_numbers(void **state)
{
    struct rig *rig = rig_new(PROTO_IPV4, 56, SLOTS, 1);
    uint8_t early[ROOM], late[ROOM];
    size_t len = 0;
    for (unsigned i = 1; i <= SLOTS; i++) {
        sends(rig);
        if (i == 77) len = reply_of(rig, early);
        if (i == 77 + (1 << 16)) reply_of(rig, late);
    }
    assert_int_equal(proto_probe_outstanding(&rig->probe), SLOTS);
    assert_int_equal(message_arrives(rig, early, len), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.number, 77);
    assert_int_equal(message_arrives(rig, late, len), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.number, 77 + (1 << 16));
    assert_int_equal(message_arrives(rig, early, len), PROTO_PROBE_DUPLICATE);
    rig_free(rig);
}

// ----------------------------------------------------------------------------------------------------------- errors --

// trap 23: eight bytes behind the header are enough, and more are looked at.
static void an_error_may_quote_as_little_as_it_must(void **state)
{
    for (size_t quoted = 0; quoted <= 64; quoted++) {
        struct rig *rig = rig_of(56);
        uint8_t message[ROOM];
        sends(rig);
        size_t len = error_of(rig, PROTO_ICMP_UNREACHABLE, 1, host(1), quoted, message);
        const proto_probe_arrival router = {.source = host(254), .ttl = 60};
        proto_probe_event event = arrival_of(rig, message, len, router);
        assert_int_equal(event, quoted < 8 ? PROTO_PROBE_FOREIGN : PROTO_PROBE_ERROR);
        if (quoted >= 8) assert_int_equal(rig->report.reading.icmp.code, 1);
        rig_free(rig);
    }
}

static void an_error_must_quote_our_probe(void **state)
{
    struct rig *rig = rig_of(56);
    uint8_t message[ROOM];
    sends(rig);
    size_t len = error_of(rig, PROTO_ICMP_UNREACHABLE, 1, host(2), 64, message);
    assert_int_equal(message_arrives(rig, message, len), PROTO_PROBE_UNKNOWN);
    rig->request[8] ^= 1; // the cookie
    len = error_of(rig, PROTO_ICMP_UNREACHABLE, 1, host(1), 64, message);
    assert_int_equal(message_arrives(rig, message, len), PROTO_PROBE_UNKNOWN);
    rig->request[8] ^= 1;
    rig->request[5] ^= 1; // the identifier
    len = error_of(rig, PROTO_ICMP_UNREACHABLE, 1, host(1), 64, message);
    assert_int_equal(message_arrives(rig, message, len), PROTO_PROBE_FOREIGN);
    rig->request[5] ^= 1;
    rig->request[0] = 0; // a reply
    len = error_of(rig, PROTO_ICMP_UNREACHABLE, 1, host(1), 64, message);
    assert_int_equal(message_arrives(rig, message, len), PROTO_PROBE_FOREIGN);
    rig->request[0] = 8;
    len = error_of(rig, PROTO_ICMP_UNREACHABLE, 1, host(1), 64, message);
    message[2] ^= 1; // its own checksum
    assert_int_equal(message_arrives(rig, message, len), PROTO_PROBE_FOREIGN);
    assert_int_equal(rig->target.counts.lost, 0);
    rig_free(rig);
}

// trap 27: a later fragment has no header of ICMP to tell whose it was.
static void an_error_about_a_later_fragment_is_foreign(void **state)
{
    struct rig *rig = rig_of(56);
    uint8_t message[ROOM];
    sends(rig);
    size_t len = error_of(rig, PROTO_ICMP_TIME_EXCEEDED, 1, host(1), 64, message);
    message[8 + 7] = 1; // offset 8
    checksum_set(message, len);
    assert_int_equal(message_arrives(rig, message, len), PROTO_PROBE_FOREIGN);
    rig_free(rig);
}

static void each_kind_of_error_ends_a_probe_or_not(void **state)
{
    static const struct {
        proto_icmp_kind kind;
        uint8_t code;
        proto_probe_event event;
    } cases[] = {
        {PROTO_ICMP_UNREACHABLE, 0, PROTO_PROBE_ERROR},
        {PROTO_ICMP_TOO_BIG, 4, PROTO_PROBE_ERROR},
        {PROTO_ICMP_TIME_EXCEEDED, 0, PROTO_PROBE_ERROR},
        {PROTO_ICMP_PARAMETER_PROBLEM, 0, PROTO_PROBE_ERROR},
        {PROTO_ICMP_SOURCE_QUENCH, 0, PROTO_PROBE_NOTE},
        {PROTO_ICMP_REDIRECT, 1, PROTO_PROBE_NOTE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rig *rig = rig_of(56);
        uint8_t message[ROOM];
        sends(rig);
        size_t len = error_of(rig, cases[i].kind, cases[i].code, host(1), 64, message);
        assert_int_equal(message_arrives(rig, message, len), cases[i].event);
        assert_true(rig->report.reading.has_icmp);
        assert_int_equal(rig->report.reading.icmp.kind, cases[i].kind);
        rig_free(rig);
    }
}

// What a ping socket's error queue gives back is the request.
static void a_request_that_comes_back_is_told_by_its_cookie(void **state)
{
    struct rig *rig = rig_of(56);
    sends(rig);
    proto_probe_arrival returned = {.form = PROTO_PROBE_RETURNED,
                                    .source = host(254),
                                    .destination = host(1),
                                    .type = 11,
                                    .ttl = -1};
    for (size_t len = 0; len < 8; len++)
        assert_int_equal(arrival_of(rig, rig->request, len, returned), PROTO_PROBE_FOREIGN);
    uint8_t other[ROOM];
    memcpy(other, rig->request, rig->length);
    other[8] ^= 1;
    assert_int_equal(arrival_of(rig, other, rig->length, returned), PROTO_PROBE_UNKNOWN);
    other[0] = 0;
    assert_int_equal(arrival_of(rig, other, rig->length, returned), PROTO_PROBE_FOREIGN);
    memcpy(other, rig->request, rig->length);
    other[5] ^= 1;
    assert_int_equal(arrival_of(rig, other, rig->length, returned), PROTO_PROBE_FOREIGN);
    assert_int_equal(arrival_of(rig, rig->request, rig->length, returned), PROTO_PROBE_ERROR);
    assert_int_equal(rig->report.reading.icmp.kind, PROTO_ICMP_TIME_EXCEEDED);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_every_size_are_whole),
        cmocka_unit_test(many_requests_have_right_checksums),
        cmocka_unit_test(cookies_differ_from_probe_to_probe_and_from_key_to_key),
        cmocka_unit_test(of_icmpv6_the_system_writes_the_checksum),
        cmocka_unit_test(a_reply_is_found_behind_any_header),
        cmocka_unit_test(an_unusual_header_goes_the_long_way),
        cmocka_unit_test(a_fragment_is_no_reply),
        cmocka_unit_test(a_reply_that_has_grown_is_damaged),
        cmocka_unit_test(truncated_replies_answer_nothing),
        cmocka_unit_test(no_flipped_bit_passes),
        cmocka_unit_test(the_checksum_is_verified_once),
        cmocka_unit_test(a_guessed_reply_is_unknown),
        cmocka_unit_test(a_guessed_reply_is_unknown_whenever_the_request_left),
        cmocka_unit_test(two_pings_do_not_take_each_others_replies),
        cmocka_unit_test(the_rest_is_foreign_or_our_own),
        cmocka_unit_test(after_the_wrap_an_old_reply_is_no_new_one),
        cmocka_unit_test(more_may_be_outstanding_than_there_are_numbers),
        cmocka_unit_test(an_error_may_quote_as_little_as_it_must),
        cmocka_unit_test(an_error_must_quote_our_probe),
        cmocka_unit_test(an_error_about_a_later_fragment_is_foreign),
        cmocka_unit_test(each_kind_of_error_ends_a_probe_or_not),
        cmocka_unit_test(a_request_that_comes_back_is_told_by_its_cookie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
