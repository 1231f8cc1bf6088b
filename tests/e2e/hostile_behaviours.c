/* SPDX-License-Identifier: MIT */
/* The ways to answer an echo request. What a ping has to make of each is in ping_hostile.sh. */
#include "hostile.h"

#include <string.h>

static bool is_ipv6(const struct probe *probe)
{
    return probe->request.source.family == 6;
}

/* A host of the network whose addresses end in `number`. */
static struct wire_address host(const struct probe *probe, uint8_t number)
{
    struct wire_address address = probe->request.source;
    address.octets[is_ipv6(probe) ? 15 : 3] = number;
    return address;
}

/* The answer of an honest host, for others to change. */
static struct wire_message reply_to(const struct probe *probe)
{
    const struct wire_received *request = &probe->request;
    struct wire_message reply = {.source = request->destination, .ttl = 64};
    reply.destination = request->source;
    reply.type = is_ipv6(probe) ? 129 : 0;
    memcpy(reply.rest, request->icmp + 4, 4);
    reply.body_len = request->icmp_len - 8;
    if (reply.body_len > WIRE_BODY_MAX) reply.body_len = WIRE_BODY_MAX;
    memcpy(reply.body, request->icmp + 8, reply.body_len);
    return reply;
}

/* An error about a probe, from a router, which quotes its IP header and `len` bytes more. */
static struct wire_message error_about(const struct probe *probe, size_t len)
{
    const struct wire_received *request = &probe->request;
    struct wire_message error = {.source = host(probe, 2), .ttl = 63};
    error.destination = request->source;
    error.type = is_ipv6(probe) ? 1 : 3;
    error.code = is_ipv6(probe) ? 3 : 1;
    error.body_len = (is_ipv6(probe) ? 40 : 20) + len;
    if (error.body_len > request->len) error.body_len = request->len;
    memcpy(error.body, request->datagram, error.body_len);
    return error;
}

enum { WHOLE = WIRE_BODY_MAX };

/* Where in a quote what comes behind the IP header begins, and where its destination is. */
static uint8_t *quoted_icmp(const struct probe *probe, struct wire_message *error)
{
    return error->body + (is_ipv6(probe) ? 40 : 20);
}

static uint8_t *quoted_last_octet(const struct probe *probe, struct wire_message *error,
                                  bool of_destination)
{
    const size_t size = is_ipv6(probe) ? 16 : 4;
    const size_t begin = is_ipv6(probe) ? 8 : 12;
    return error->body + begin + (of_destination ? 2 * size : size) - 1;
}

static void add_to_sequence(uint8_t *sequence, unsigned number)
{
    wire_put16(sequence, wire_get16(sequence) + number);
}

static void honest(const struct probe *probe)
{
    const struct wire_message reply = reply_to(probe);
    send_after(&reply, 0);
}

static void silent(const struct probe *probe)
{
    (void)probe;
}

/* Replies that are not what was asked for. */

static void wrong_checksum(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.wrong_checksum = true;
    send_after(&reply, 0);
}

static void header_only(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.icmp_len = 8;
    send_after(&reply, 0);
}

static void four_bytes(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.icmp_len = 4;
    send_after(&reply, 0);
}

static void cut_payload(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.body_len -= 1 + probe->number % reply.body_len;
    send_after(&reply, 0);
}

static void longer_payload(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    memset(reply.body + reply.body_len, 0, 10);
    reply.body_len += 10;
    send_after(&reply, 0);
}

static void wrong_identifier(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.rest[1] ^= 0x55;
    send_after(&reply, 0);
}

static void wrong_sequence(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    add_to_sequence(reply.rest + 2, 1000);
    send_after(&reply, 0);
}

static void wrong_source(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.source = host(probe, 9);
    send_after(&reply, 0);
}

static void wrong_byte(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.body[reply.body_len - 1] ^= 1;
    send_after(&reply, 0);
}

/* Whoever keeps the time of sending in the payload gets one from the year 1970 here. */
static void forged_time(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    memset(reply.body, 0, reply.body_len < 16 ? reply.body_len : 16);
    send_after(&reply, 0);
}

static void reply_code_1(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.code = 1;
    send_after(&reply, 0);
}

static void reflected(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.type = is_ipv6(probe) ? 128 : 8;
    send_after(&reply, 0);
}

static void timestamp_reply(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.type = 14;
    send_after(&reply, 0);
}

static void unknown_type(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.type = 200;
    send_after(&reply, 0);
}

/* Right replies in unusual dress. */

static void with_options(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    if (is_ipv6(probe)) {
        reply.options_len = 8 * (1 + probe->number % 4);
        reply.options[2] = 0x1e; /* one for experiments, to be skipped by who does not know it */
        reply.options[3] = (uint8_t)(reply.options_len - 4);
    } else {
        reply.options_len = 4 * (1 + probe->number % 10);
        memset(reply.options, 1, reply.options_len);
        reply.options[reply.options_len - 1] = 0;
    }
    send_after(&reply, 0);
}

/* What `ping -R` gets: a route that has filled its room. */
static void with_route(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.options_len = 40;
    memset(reply.options, 10, 39);
    memcpy(reply.options, (const uint8_t[]){7, 39, 40}, 3);
    reply.options[39] = 0;
    send_after(&reply, 0);
}

static void with_padding(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.padding = 7;
    send_after(&reply, 0);
}

static void strange_ttl(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    reply.ttl = (const uint8_t[]){255, 0, 128}[probe->number % 3];
    send_after(&reply, 0);
}

/* Right replies at unusual times. */

static void twice(const struct probe *probe)
{
    honest(probe);
    honest(probe);
}

static void three_times(const struct probe *probe)
{
    const struct wire_message reply = reply_to(probe);
    for (unsigned i = 0; i < 3; i++)
        send_after(&reply, i * HOSTILE_SOON);
}

static void again_too_late(const struct probe *probe)
{
    const struct wire_message reply = reply_to(probe);
    send_after(&reply, 0);
    send_after(&reply, HOSTILE_TOO_LATE);
}

static void late(const struct probe *probe)
{
    const struct wire_message reply = reply_to(probe);
    send_after(&reply, HOSTILE_TOO_LATE);
}

/* The first comes when others are awaited, which take long themselves. */
static void late_for_the_next(const struct probe *probe)
{
    const struct wire_message reply = reply_to(probe);
    send_after(&reply, probe->number == 0 ? HOSTILE_TOO_LATE : HOSTILE_IN_TIME);
}

/* Of each two the second comes first. */
static void reverse(const struct probe *probe)
{
    const struct wire_message reply = reply_to(probe);
    send_after(&reply, probe->number % 2 == 0 ? HOSTILE_IN_TIME : HOSTILE_SOON);
}

/* Beside each right reply one to the probe that will be the next. */
static void guessed(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    send_after(&reply, 0);
    add_to_sequence(reply.rest + 2, 1);
    send_after(&reply, HOSTILE_SOON);
}

/* The first guess comes too early, so that it is not even a corrupted reply, the later ones in time. */
static void guessed_for_the_next(const struct probe *probe)
{
    struct wire_message reply = reply_to(probe);
    add_to_sequence(reply.rest + 2, 1);
    send_after(&reply, HOSTILE_IN_TIME);
}

static void replayed(const struct probe *probe)
{
    static struct wire_message first[2];
    struct wire_message *reply = &first[is_ipv6(probe)];
    if (probe->number == 0) *reply = reply_to(probe);
    send_after(reply, 0);
}

/* A message a millisecond that concerns others. */
static void flood(const struct probe *probe)
{
    enum { MESSAGES = HOSTILE_TOO_LATE };
    struct wire_message reply = reply_to(probe);
    struct wire_message error = error_about(probe, 8);
    reply.rest[0] ^= 0x55;
    quoted_icmp(probe, &error)[4] ^= 0x55;
    for (unsigned i = 0; i < MESSAGES; i++)
        send_after(i % 2 == 0 ? &reply : &error, i);
}

static void flood_and_reply(const struct probe *probe)
{
    const struct wire_message reply = reply_to(probe);
    flood(probe);
    send_after(&reply, HOSTILE_IN_TIME);
}

/* Errors about somebody else's datagrams, or about nobody's. */

static void error_other_identifier(const struct probe *probe)
{
    struct wire_message error = error_about(probe, WHOLE);
    quoted_icmp(probe, &error)[5] ^= 0x55;
    send_after(&error, 0);
}

static void error_other_sequence(const struct probe *probe)
{
    struct wire_message error = error_about(probe, WHOLE);
    add_to_sequence(quoted_icmp(probe, &error) + 6, 1000);
    send_after(&error, 0);
}

static void error_other_destination(const struct probe *probe)
{
    struct wire_message error = error_about(probe, WHOLE);
    *quoted_last_octet(probe, &error, true) = 9;
    send_after(&error, 0);
}

static void error_other_source(const struct probe *probe)
{
    struct wire_message error = error_about(probe, WHOLE);
    *quoted_last_octet(probe, &error, false) = 9;
    send_after(&error, 0);
}

static void error_other_protocol(const struct probe *probe)
{
    struct wire_message error = error_about(probe, WHOLE);
    error.body[is_ipv6(probe) ? 6 : 9] = 17;
    send_after(&error, 0);
}

static void error_about_a_reply(const struct probe *probe)
{
    struct wire_message error = error_about(probe, WHOLE);
    quoted_icmp(probe, &error)[0] = is_ipv6(probe) ? 129 : 0;
    send_after(&error, 0);
}

/* Behind the header of a later fragment are bytes from the middle, whatever they look like. */
static void error_later_fragment(const struct probe *probe)
{
    struct wire_message error = error_about(probe, 8);
    if (is_ipv6(probe)) {
        memmove(error.body + 48, error.body + 40, 8);
        error.body_len = 56;
        error.body[6] = 44;
        memcpy(error.body + 40, (const uint8_t[]){58, 0, 0, 185, 0, 0, 0, 1}, 8);
    } else {
        wire_put16(error.body + 6, 185);
    }
    send_after(&error, 0);
}

static void error_no_quote(const struct probe *probe)
{
    struct wire_message error = error_about(probe, 0);
    error.body_len = 0;
    send_after(&error, 0);
}

/* The quote ends within the IP header, right behind it, or before the identifier is complete. */
static void error_cut_quote(const struct probe *probe)
{
    static const int from_icmp[] = {-19, -1, 0, 1, 4, 5, 6, 7};
    const size_t count = sizeof from_icmp / sizeof *from_icmp;
    struct wire_message error = error_about(probe, 8);
    error.body_len = (size_t)((is_ipv6(probe) ? 40 : 20) + from_icmp[probe->number % count]);
    send_after(&error, 0);
}

static void error_cut_itself(const struct probe *probe)
{
    struct wire_message error = error_about(probe, 8);
    error.icmp_len = 1 + probe->number % 7;
    send_after(&error, 0);
}

static void error_wrong_checksum(const struct probe *probe)
{
    struct wire_message error = error_about(probe, WHOLE);
    error.wrong_checksum = true;
    send_after(&error, 0);
}

/* Errors about the probe. */

static void error_whole(const struct probe *probe)
{
    const struct wire_message error = error_about(probe, WHOLE);
    send_after(&error, 0);
}

static void error_eight_bytes(const struct probe *probe)
{
    const struct wire_message error = error_about(probe, 8);
    send_after(&error, 0);
}

/* The quoted header has options, as one of a probe that took a route with a recording router. */
static void error_quoted_options(const struct probe *probe)
{
    struct wire_message error = error_about(probe, 8);
    const size_t options = 4 * (1 + probe->number % 10);
    memmove(error.body + 20 + options, error.body + 20, 8);
    memset(error.body + 20, 1, options);
    error.body[0] = (uint8_t)(0x45 + options / 4);
    error.body_len += options;
    send_after(&error, 0);
}

/* On its way the quoted datagram had another TTL, and the router changed what it liked. */
static void error_changed_quote(const struct probe *probe)
{
    struct wire_message error = error_about(probe, 8);
    if (is_ipv6(probe)) {
        error.body[7] = 1;
        error.body[1] ^= 0x0f;
    } else {
        error.body[1] = 0x28;
        memcpy(error.body + 2, (const uint8_t[]){0x54, 0x00}, 2); /* a length in the wrong order */
        memset(error.body + 4, 0xee, 2);
        error.body[8] = 1;
        memset(error.body + 10, 0, 2);
    }
    send_after(&error, 0);
}

static void error_unknown_code(const struct probe *probe)
{
    struct wire_message error = error_about(probe, 8);
    error.code = 77;
    send_after(&error, 0);
}

static void error_after_reply(const struct probe *probe)
{
    const struct wire_message error = error_about(probe, 8);
    honest(probe);
    send_after(&error, HOSTILE_SOON);
}

static void error_twice(const struct probe *probe)
{
    const struct wire_message error = error_about(probe, 8);
    send_after(&error, 0);
    send_after(&error, HOSTILE_SOON);
}

static void error_then_reply(const struct probe *probe)
{
    const struct wire_message error = error_about(probe, 8);
    const struct wire_message reply = reply_to(probe);
    send_after(&error, 0);
    send_after(&reply, HOSTILE_SOON);
}

static void error_too_late(const struct probe *probe)
{
    const struct wire_message error = error_about(probe, 8);
    send_after(&error, HOSTILE_TOO_LATE);
}

static void frag_needed_for_nothing(const struct probe *probe)
{
    struct wire_message error = error_about(probe, 8);
    error.type = is_ipv6(probe) ? 2 : 3;
    error.code = is_ipv6(probe) ? 0 : 4;
    send_after(&error, 0);
}

static void quench_then_reply(const struct probe *probe)
{
    struct wire_message quench = error_about(probe, 8);
    const struct wire_message reply = reply_to(probe);
    quench.type = 4;
    quench.code = 0;
    send_after(&quench, 0);
    send_after(&reply, HOSTILE_SOON);
}

static void redirect_then_reply(const struct probe *probe)
{
    struct wire_message redirect = error_about(probe, 8);
    const struct wire_message reply = reply_to(probe);
    redirect.type = 5;
    memcpy(redirect.rest, (const uint8_t[]){192, 0, 2, 3}, 4);
    send_after(&redirect, 0);
    send_after(&reply, HOSTILE_SOON);
}

/* Time exceeded with one MPLS label behind a quote of 128 bytes (RFC 4884, RFC 4950). */
static struct wire_message error_with_label(const struct probe *probe)
{
    static const uint8_t extension[] = {0x20, 0, 0, 0, 0, 8, 1, 1, 0x06, 0x54, 0x31, 0x01};
    struct wire_message error = error_about(probe, WHOLE);
    error.type = is_ipv6(probe) ? 3 : 11;
    error.code = 0;
    error.rest[is_ipv6(probe) ? 0 : 1] = is_ipv6(probe) ? 128 / 8 : 128 / 4;
    if (error.body_len < 128) memset(error.body + error.body_len, 0, 128 - error.body_len);
    memcpy(error.body + 128, extension, sizeof extension);
    error.body_len = 128 + sizeof extension;
    wire_put16(error.body + 130, wire_checksum(0, error.body + 128, sizeof extension));
    return error;
}

static void extension(const struct probe *probe)
{
    const struct wire_message error = error_with_label(probe);
    send_after(&error, 0);
}

static void extension_wrong_checksum(const struct probe *probe)
{
    struct wire_message error = error_with_label(probe);
    error.body[130] ^= 1;
    send_after(&error, 0);
}

/* An object that says it has no length, or more than there is; both with the right checksum. */
static void extension_object_length(const struct probe *probe)
{
    struct wire_message error = error_with_label(probe);
    wire_put16(error.body + 132, probe->number % 2 == 0 ? 0 : 0xfff0);
    wire_put16(error.body + 130, 0);
    wire_put16(error.body + 130, wire_checksum(0, error.body + 128, 12));
    send_after(&error, 0);
}

/* A quote that is said to be longer than the message. */
static void extension_beyond(const struct probe *probe)
{
    struct wire_message error = error_with_label(probe);
    error.rest[is_ipv6(probe) ? 0 : 1] = 255;
    send_after(&error, 0);
}

const struct behaviour behaviours[] = {
    {"honest", honest, false},
    {"silent", silent, false},
    {"wrong-checksum", wrong_checksum, false},
    {"header-only", header_only, false},
    {"four-bytes", four_bytes, false},
    {"cut-payload", cut_payload, false},
    {"longer-payload", longer_payload, false},
    {"wrong-identifier", wrong_identifier, false},
    {"wrong-sequence", wrong_sequence, false},
    {"wrong-source", wrong_source, false},
    {"wrong-byte", wrong_byte, false},
    {"forged-time", forged_time, false},
    {"reply-code-1", reply_code_1, false},
    {"reflected", reflected, false},
    {"timestamp-reply", timestamp_reply, true},
    {"unknown-type", unknown_type, false},
    {"with-options", with_options, false},
    {"with-route", with_route, true},
    {"with-padding", with_padding, false},
    {"strange-ttl", strange_ttl, false},
    {"twice", twice, false},
    {"three-times", three_times, false},
    {"again-too-late", again_too_late, false},
    {"late", late, false},
    {"late-for-the-next", late_for_the_next, false},
    {"reverse", reverse, false},
    {"guessed", guessed, false},
    {"guessed-for-the-next", guessed_for_the_next, false},
    {"replayed", replayed, false},
    {"flood", flood, false},
    {"flood-and-reply", flood_and_reply, false},
    {"error-other-identifier", error_other_identifier, false},
    {"error-other-sequence", error_other_sequence, false},
    {"error-other-destination", error_other_destination, false},
    {"error-other-source", error_other_source, false},
    {"error-other-protocol", error_other_protocol, false},
    {"error-about-a-reply", error_about_a_reply, false},
    {"error-later-fragment", error_later_fragment, false},
    {"error-no-quote", error_no_quote, false},
    {"error-cut-quote", error_cut_quote, false},
    {"error-cut-itself", error_cut_itself, false},
    {"error-wrong-checksum", error_wrong_checksum, false},
    {"error-whole", error_whole, false},
    {"error-eight-bytes", error_eight_bytes, false},
    {"error-quoted-options", error_quoted_options, true},
    {"error-changed-quote", error_changed_quote, false},
    {"error-unknown-code", error_unknown_code, false},
    {"error-after-reply", error_after_reply, false},
    {"error-twice", error_twice, false},
    {"error-then-reply", error_then_reply, false},
    {"error-too-late", error_too_late, false},
    {"frag-needed-for-nothing", frag_needed_for_nothing, false},
    {"quench-then-reply", quench_then_reply, true},
    {"redirect-then-reply", redirect_then_reply, true},
    {"extension", extension, false},
    {"extension-wrong-checksum", extension_wrong_checksum, false},
    {"extension-object-length", extension_object_length, false},
    {"extension-beyond", extension_beyond, false},
};
const size_t behaviour_count = sizeof behaviours / sizeof *behaviours;
