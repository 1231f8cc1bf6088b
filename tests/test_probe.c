// SPDX-License-Identifier: MIT
// The engine of probes: what is due when, and what becomes of each probe; over lines of text, which
// are easy to answer. A virtual clock, and a wire in memory that loses, delays, repeats and damages.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/probe.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)
#define START  (5000 * SECOND)

enum { TARGETS = 8, SLOTS = 64, KEPT = 256, LINE = 48 };

struct rig {
    proto_probe probe;
    proto_probe_config config;
    proto_probe_text text;
    proto_probe_target targets[TARGETS];
    proto_rtt rtt[TARGETS];
    proto_probe_slot slots[SLOTS];
    size_t target_count;
    proto_probe_report report;
    char lines[KEPT][LINE]; // what was sent, by number
};

static proto_address host(unsigned last)
{
    const uint8_t octets[4] = {192, 0, 2, (uint8_t)last};
    proto_address address = proto_address_ipv4(octets);
    address.port = 12000;
    return address;
}

static struct rig *rig_new(size_t targets, proto_probe_config config)
{
    struct rig *rig = calloc(1, sizeof *rig);
    rig->config = config;
    rig->config.settings = &rig->text;
    if (!config.codec) rig->config.codec = &proto_probe_text_codec;
    if (config.timeout == 0) rig->config.timeout = SECOND;
    if (config.linger == 0) rig->config.linger = 10 * SECOND;
    rig->target_count = targets;
    memset(rig->slots, 0xa5, sizeof rig->slots); // their contents do not matter
    for (unsigned i = 0; i < targets; i++) {
        rig->targets[i].address = host(i + 1);
        rig->targets[i].rtt = &rig->rtt[i];
    }
    proto_probe_init(&rig->probe, &rig->config, rig->targets, targets, rig->slots, SLOTS, START);
    return rig;
}

// One target, a probe a second.
static struct rig *rig_of(uint64_t count)
{
    return rig_new(1, (proto_probe_config){.interval = SECOND, .count = count});
}

static void assert_balanced(const struct rig *rig)
{
    uint64_t outstanding = 0;
    for (size_t i = 0; i < rig->target_count; i++) {
        const proto_rtt_counts *counts = &rig->targets[i].counts;
        assert_true(counts->sent >= counts->received + counts->lost);
        outstanding += counts->sent - counts->received - counts->lost;
        assert_memory_equal(counts, &rig->rtt[i].counts, sizeof *counts);
    }
    assert_int_equal(outstanding, proto_probe_outstanding(&rig->probe));
}

static void rig_free(struct rig *rig)
{
    assert_balanced(rig);
    free(rig);
}

static bool sends(struct rig *rig, uint64_t now)
{
    char line[LINE] = "";
    proto_out out = proto_out_of(line, sizeof line);
    if (!proto_probe_send(&rig->probe, now, &out, &rig->report)) {
        assert_int_equal(out.len, 0);
        return false;
    }
    memcpy(rig->lines[rig->report.number % KEPT], line, sizeof line);
    return true;
}

static proto_probe_event line_arrives(struct rig *rig, const char *line, proto_address source,
                                      uint64_t when)
{
    const proto_probe_arrival arrival = {
        .bytes = proto_slice_text(line), .source = source, .when = when, .ttl = 64};
    return proto_probe_receive(&rig->probe, &arrival, &rig->report);
}

// The reply to probe `number`, from the first target.
static proto_probe_event reply_arrives(struct rig *rig, unsigned number, uint64_t when)
{
    return line_arrives(rig, rig->lines[number % KEPT], host(1), when);
}

// The system tells of an ICMP error of IPv4 about probe `number`.
static proto_probe_event error_arrives(struct rig *rig, unsigned number, uint8_t type, uint8_t code,
                                       uint64_t when)
{
    const proto_probe_arrival arrival = {.bytes = proto_slice_text(rig->lines[number % KEPT]),
                                         .source = host(254),
                                         .destination = host(1),
                                         .form = PROTO_PROBE_RETURNED,
                                         .type = type,
                                         .code = code,
                                         .when = when,
                                         .ttl = -1};
    return proto_probe_receive(&rig->probe, &arrival, &rig->report);
}

static proto_probe_event expires(struct rig *rig, uint64_t now)
{
    return proto_probe_expire(&rig->probe, now, &rig->report);
}

static proto_rtt_counts counts_of(const struct rig *rig)
{
    return rig->targets[0].counts;
}

// ---------------------------------------------------------------------------------------------------------- replies --

static void a_reply_is_matched_and_timed(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_int_equal(rig->report.number, 1);
    assert_int_equal(rig->report.sequence, 1);
    assert_ptr_equal(rig->report.target, &rig->targets[0]);
    assert_false(proto_probe_is_done(&rig->probe));
    assert_int_equal(reply_arrives(rig, 1, START + 7 * MS), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.rtt, 7 * MS);
    assert_int_equal(rig->report.number, 1);
    assert_int_equal(rig->report.sequence, 1);
    assert_ptr_equal(rig->report.target, &rig->targets[0]);
    assert_int_equal(rig->report.reading.ttl, 64);
    assert_false(rig->report.reordered);
    assert_int_equal(counts_of(rig).received, 1);
    assert_int_equal(rig->rtt[0].min, 7 * MS);
    assert_true(proto_probe_is_done(&rig->probe));
    assert_true(proto_probe_deadline(&rig->probe) == PROTO_NEVER);
    rig_free(rig);
}

// trap 36, trap 37: the last probe has its whole timeout, and is no loss before that.
static void a_probe_is_lost_at_its_deadline_and_not_before(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_true(proto_probe_deadline(&rig->probe) == START + SECOND);
    assert_int_equal(expires(rig, START + SECOND - 1), PROTO_PROBE_NONE);
    assert_int_equal(counts_of(rig).lost, 0);
    assert_int_equal(proto_probe_outstanding(&rig->probe), 1);
    assert_false(proto_probe_is_done(&rig->probe));
    assert_int_equal(expires(rig, START + SECOND), PROTO_PROBE_TIMEOUT);
    assert_int_equal(rig->report.number, 1);
    assert_ptr_equal(rig->report.target, &rig->targets[0]);
    assert_int_equal(counts_of(rig).lost, 1);
    assert_int_equal(expires(rig, START + 9 * SECOND), PROTO_PROBE_NONE);
    assert_true(proto_probe_is_done(&rig->probe));
    rig_free(rig);
}

// trap 16: its number says whose it is, and the next one's reply is still to come.
static void a_late_reply_is_not_taken_for_the_next_ones(void **state)
{
    struct rig *rig = rig_of(2);
    assert_true(sends(rig, START));
    assert_int_equal(expires(rig, START + SECOND), PROTO_PROBE_TIMEOUT);
    assert_true(sends(rig, START + SECOND));
    assert_int_equal(reply_arrives(rig, 1, START + SECOND + 2 * MS), PROTO_PROBE_LATE);
    assert_int_equal(rig->report.number, 1);
    assert_int_equal(rig->report.rtt, SECOND + 2 * MS);
    assert_int_equal(counts_of(rig).late, 1);
    assert_int_equal(counts_of(rig).lost, 1);
    assert_int_equal(counts_of(rig).received, 0);
    assert_int_equal(proto_probe_outstanding(&rig->probe), 1);
    assert_int_equal(reply_arrives(rig, 2, START + SECOND + 3 * MS), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.rtt, 3 * MS);
    assert_int_equal(rig->rtt[0].max, 3 * MS);
    rig_free(rig);
}

static void a_second_late_reply_is_a_duplicate(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_int_equal(expires(rig, START + SECOND), PROTO_PROBE_TIMEOUT);
    assert_int_equal(reply_arrives(rig, 1, START + 2 * SECOND), PROTO_PROBE_LATE);
    assert_int_equal(reply_arrives(rig, 1, START + 2 * SECOND), PROTO_PROBE_DUPLICATE);
    assert_int_equal(counts_of(rig).late, 1);
    assert_int_equal(counts_of(rig).duplicates, 1);
    rig_free(rig);
}

// What counts is when it arrived, not when the program got round to looking.
static void the_time_of_arrival_decides_what_is_late(void **state)
{
    struct rig *rig = rig_of(3);
    assert_true(sends(rig, START));
    assert_int_equal(reply_arrives(rig, 1, START + SECOND), PROTO_PROBE_REPLY);
    assert_true(sends(rig, START + SECOND));
    assert_int_equal(reply_arrives(rig, 2, START + 2 * SECOND + 1), PROTO_PROBE_LATE);
    assert_int_equal(proto_probe_outstanding(&rig->probe), 1);
    assert_int_equal(expires(rig, START + 2 * SECOND), PROTO_PROBE_TIMEOUT);
    assert_int_equal(rig->report.number, 2);
    assert_true(sends(rig, START + 2 * SECOND));
    assert_int_equal(expires(rig, START + 3 * SECOND), PROTO_PROBE_TIMEOUT);
    assert_int_equal(reply_arrives(rig, 3, START + 3 * SECOND - 1), PROTO_PROBE_LATE);
    assert_int_equal(counts_of(rig).late, 2);
    rig_free(rig);
}

static void duplicates_are_counted_apart(void **state)
{
    struct rig *rig = rig_of(2);
    assert_true(sends(rig, START));
    assert_int_equal(reply_arrives(rig, 1, START + MS), PROTO_PROBE_REPLY);
    assert_int_equal(reply_arrives(rig, 1, START + 2 * MS), PROTO_PROBE_DUPLICATE);
    assert_int_equal(rig->report.rtt, 2 * MS);
    assert_int_equal(reply_arrives(rig, 1, START + 3 * SECOND), PROTO_PROBE_DUPLICATE);
    assert_int_equal(counts_of(rig).received, 1);
    assert_int_equal(counts_of(rig).duplicates, 2);
    assert_int_equal(rig->rtt[0].max, MS);
    rig_free(rig);
}

// trap 40: what was overtaken is no jitter.
static void replies_that_were_overtaken_are_reordered(void **state)
{
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = MS, .count = 3});
    for (unsigned i = 0; i < 3; i++)
        assert_true(sends(rig, START + i * MS));
    assert_int_equal(reply_arrives(rig, 2, START + 10 * MS), PROTO_PROBE_REPLY);
    assert_false(rig->report.reordered);
    assert_int_equal(reply_arrives(rig, 1, START + 11 * MS), PROTO_PROBE_REPLY);
    assert_true(rig->report.reordered);
    assert_int_equal(reply_arrives(rig, 3, START + 12 * MS), PROTO_PROBE_REPLY);
    assert_false(rig->report.reordered);
    assert_int_equal(counts_of(rig).reordered, 1);
    assert_int_equal(counts_of(rig).received, 3);
    assert_int_equal(rig->rtt[0].jitter / 16, MS / 16);
    rig_free(rig);
}

static void all_that_the_newest_overtook_are_reordered(void **state)
{
    static const unsigned order[] = {3, 1, 2, 4};
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = MS, .count = 4});
    for (unsigned i = 0; i < 4; i++)
        assert_true(sends(rig, START + i * MS));
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(reply_arrives(rig, order[i], START + 10 * MS), PROTO_PROBE_REPLY);
        assert_int_equal(rig->report.reordered, order[i] < 3);
    }
    assert_int_equal(counts_of(rig).reordered, 2);
    rig_free(rig);
}

// trap 30: a stamp before the sending is no time at all, and not a huge one.
static void a_clock_that_contradicts_itself_gives_zero(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_int_equal(reply_arrives(rig, 1, START - 5), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.rtt, 0);
    rig_free(rig);
}

static void the_time_of_sending_can_be_put_right(void **state)
{
    struct rig *rig = rig_of(2);
    assert_true(sends(rig, START));
    proto_probe_sent_at(&rig->probe, 1, START + 3 * MS);
    assert_int_equal(reply_arrives(rig, 1, START + 5 * MS), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.rtt, 2 * MS);
    proto_probe_sent_at(&rig->probe, 1, START); // settled
    proto_probe_sent_at(&rig->probe, 0, START); // never sent
    proto_probe_sent_at(&rig->probe, 2, START);
    assert_int_equal(reply_arrives(rig, 1, START + 5 * MS), PROTO_PROBE_DUPLICATE);
    assert_int_equal(rig->report.rtt, 2 * MS);
    rig_free(rig);
}

// The text has the second in which it was written, whatever the system's stamp says of its sending.
static void a_time_put_right_does_not_change_what_was_sent(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START + SECOND - 1));
    proto_probe_sent_at(&rig->probe, 1, START + SECOND);
    assert_int_equal(reply_arrives(rig, 1, START + SECOND + MS), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.rtt, MS);
    rig_free(rig);
    rig = rig_of(1);
    assert_true(sends(rig, START + SECOND));
    for (unsigned i = 4; i > 0; i--)
        proto_probe_sent_at(&rig->probe, 1, START + SECOND - i);
    assert_int_equal(line_arrives(rig, "PING 1 1970-01-01 01:23:20", host(1), START + SECOND),
                     PROTO_PROBE_CORRUPTED);
    assert_int_equal(reply_arrives(rig, 1, START + SECOND + MS), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.rtt, MS + 1);
    rig_free(rig);
}

// ---------------------------------------------------------------------------------------------------- what is not ours --

static void what_was_never_sent_is_unknown(void **state)
{
    struct rig *rig = rig_of(2);
    assert_int_equal(line_arrives(rig, "PING 1 1970-01-01 01:23:20", host(1), START),
                     PROTO_PROBE_UNKNOWN);
    assert_true(sends(rig, START));
    assert_int_equal(line_arrives(rig, "PING 2 1970-01-01 01:23:20", host(1), START + MS),
                     PROTO_PROBE_UNKNOWN);
    assert_int_equal(line_arrives(rig, "PING 4294967295 1970-01-01 01:23:20", host(1), START + MS),
                     PROTO_PROBE_UNKNOWN);
    assert_null(rig->report.target);
    assert_int_equal(rig->report.number, 0);
    assert_int_equal(counts_of(rig).received, 0);
    rig_free(rig);
}

// A report is filled in whatever the last one said.
static void a_report_says_nothing_of_what_is_not_known(void **state)
{
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = MS});
    for (unsigned i = 0; i < 3; i++) {
        memset(&rig->report, 0xff, sizeof rig->report);
        assert_true(sends(rig, START + i * MS));
        assert_true(rig->report.rtt == 0 && !rig->report.reordered);
    }
    assert_int_equal(reply_arrives(rig, 2, START + 3 * MS), PROTO_PROBE_REPLY);
    memset(&rig->report, 0xff, sizeof rig->report);
    assert_int_equal(reply_arrives(rig, 2, START + 3 * MS), PROTO_PROBE_DUPLICATE);
    assert_false(rig->report.reordered);
    assert_int_equal(reply_arrives(rig, 1, START + 3 * MS), PROTO_PROBE_REPLY);
    assert_true(rig->report.reordered);
    assert_int_equal(line_arrives(rig, "hello", host(1), START + 3 * MS), PROTO_PROBE_FOREIGN);
    assert_null(rig->report.target);
    assert_true(rig->report.number == 0 && rig->report.sequence == 0);
    assert_true(rig->report.rtt == 0 && !rig->report.reordered);
    proto_probe_stop_all(&rig->probe);
    rig_free(rig);
}

// trap 45
static void only_the_target_can_answer(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_int_equal(line_arrives(rig, rig->lines[1], host(2), START + MS), PROTO_PROBE_UNKNOWN);
    proto_address other_port = host(1);
    other_port.port = 12001;
    assert_int_equal(line_arrives(rig, rig->lines[1], other_port, START + MS), PROTO_PROBE_UNKNOWN);
    assert_int_equal(proto_probe_outstanding(&rig->probe), 1);
    assert_int_equal(reply_arrives(rig, 1, START + MS), PROTO_PROBE_REPLY);
    rig_free(rig);
}

static void a_target_without_a_port_may_answer_from_any(void **state)
{
    struct rig *rig = rig_of(1);
    rig->targets[0].address.port = 0;
    assert_true(sends(rig, START));
    assert_int_equal(reply_arrives(rig, 1, START + MS), PROTO_PROBE_REPLY);
    rig_free(rig);
}

static void what_is_long_past_is_unknown(void **state)
{
    struct rig *rig = rig_of(2);
    assert_true(sends(rig, START));
    assert_int_equal(expires(rig, START + SECOND), PROTO_PROBE_TIMEOUT);
    assert_int_equal(reply_arrives(rig, 1, START + 11 * SECOND), PROTO_PROBE_LATE);
    assert_int_equal(reply_arrives(rig, 1, START + 11 * SECOND + 1), PROTO_PROBE_UNKNOWN);
    rig_free(rig);
}

// The ring has 64 slots: probe 65 has taken the place of the first.
static void what_the_ring_has_forgotten_is_unknown(void **state)
{
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = MS});
    for (unsigned i = 0; i < 65; i++) {
        assert_true(sends(rig, START + i * MS));
        if (i != 1) assert_int_equal(reply_arrives(rig, i + 1, START + i * MS), PROTO_PROBE_REPLY);
    }
    assert_int_equal(reply_arrives(rig, 1, START + 65 * MS), PROTO_PROBE_UNKNOWN);
    assert_int_equal(reply_arrives(rig, 2, START + 65 * MS), PROTO_PROBE_REPLY);
    assert_true(rig->report.reordered);
    assert_true(sends(rig, START + 65 * MS));
    proto_probe_sent_at(&rig->probe, 2, START); // its place is another's now
    assert_int_equal(reply_arrives(rig, 66, START + 66 * MS), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.rtt, MS);
    rig_free(rig);
}

static void a_damaged_reply_answers_nothing(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_int_equal(line_arrives(rig, "PING 1 1970-01-01 01:23:21", host(1), START + MS),
                     PROTO_PROBE_CORRUPTED);
    assert_int_equal(rig->report.number, 1);
    assert_int_equal(line_arrives(rig, "PING 1", host(1), START + MS), PROTO_PROBE_CORRUPTED);
    assert_int_equal(counts_of(rig).corrupted, 2);
    assert_int_equal(proto_probe_outstanding(&rig->probe), 1);
    assert_int_equal(reply_arrives(rig, 1, START + 2 * MS), PROTO_PROBE_REPLY);
    rig_free(rig);
}

static void other_text_is_foreign(void **state)
{
    static const char *const lines[] = {"",
                                        "P",
                                        "hello",
                                        "PONG 1 1970-01-01 01:23:20",
                                        "Ping ",
                                        "Ping x",
                                        "Ping 01 x",
                                        "Ping 4294967296 1970-01-01 01:23:20",
                                        "Ping 0 x",
                                        "Ping -1",
                                        "Ping 99999999999999999999999999999999",
                                        "Ping 18446744073709551617",          // 2^64 + 1
                                        "Ping 79228162514264337593543950337", // 2^96 + 1
                                        "Ping 1 1970-01-01 01:23:20 and much more"};
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    for (size_t i = 0; i < COUNT(lines); i++)
        if (line_arrives(rig, lines[i], host(1), START) != PROTO_PROBE_FOREIGN)
            fail_msg("%s", lines[i]);
    const proto_probe_arrival packet = {
        .bytes = proto_slice_text(rig->lines[1]), .source = host(1), .form = PROTO_PROBE_PACKET};
    assert_int_equal(proto_probe_receive(&rig->probe, &packet, &rig->report), PROTO_PROBE_FOREIGN);
    rig_free(rig);
}

// ----------------------------------------------------------------------------------------------------------- errors --

static void an_error_ends_a_probe(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_int_equal(error_arrives(rig, 1, 3, 3, START + MS), PROTO_PROBE_ERROR);
    assert_int_equal(rig->report.number, 1);
    assert_int_equal(rig->report.rtt, MS);
    assert_true(rig->report.reading.has_icmp);
    assert_int_equal(rig->report.reading.icmp.kind, PROTO_ICMP_UNREACHABLE);
    assert_int_equal(rig->report.reading.icmp.code, 3);
    assert_int_equal(counts_of(rig).errors, 1);
    assert_int_equal(counts_of(rig).lost, 1);
    assert_true(proto_probe_is_done(&rig->probe));
    assert_int_equal(expires(rig, START + 2 * SECOND), PROTO_PROBE_NONE);
    rig_free(rig);
}

// trap 26, trap 28
static void an_error_after_the_end_changes_nothing(void **state)
{
    struct rig *rig = rig_of(3);
    assert_true(sends(rig, START));
    assert_int_equal(reply_arrives(rig, 1, START + MS), PROTO_PROBE_REPLY);
    assert_int_equal(error_arrives(rig, 1, 3, 1, START + MS), PROTO_PROBE_NOTE);
    assert_true(sends(rig, START + SECOND));
    assert_int_equal(error_arrives(rig, 2, 11, 0, START + SECOND + MS), PROTO_PROBE_ERROR);
    assert_int_equal(error_arrives(rig, 2, 11, 0, START + SECOND + MS), PROTO_PROBE_NOTE);
    assert_true(sends(rig, START + 2 * SECOND));
    assert_int_equal(expires(rig, START + 3 * SECOND), PROTO_PROBE_TIMEOUT);
    assert_int_equal(error_arrives(rig, 3, 3, 0, START + 3 * SECOND), PROTO_PROBE_NOTE);
    assert_int_equal(counts_of(rig).errors, 1);
    assert_int_equal(counts_of(rig).received, 1);
    assert_int_equal(counts_of(rig).lost, 2);
    rig_free(rig);
}

// The error was a forgery, or one of several paths; who has answered is there.
static void a_reply_after_an_error_counts(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_int_equal(error_arrives(rig, 1, 3, 1, START + MS), PROTO_PROBE_ERROR);
    assert_int_equal(reply_arrives(rig, 1, START + 2 * MS), PROTO_PROBE_REPLY);
    assert_int_equal(counts_of(rig).received, 1);
    assert_int_equal(counts_of(rig).lost, 0);
    assert_int_equal(counts_of(rig).errors, 1);
    assert_int_equal(reply_arrives(rig, 1, START + 2 * MS), PROTO_PROBE_DUPLICATE);
    rig_free(rig);
}

static void a_late_reply_after_an_error_does_not(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_int_equal(error_arrives(rig, 1, 3, 1, START + MS), PROTO_PROBE_ERROR);
    assert_int_equal(reply_arrives(rig, 1, START + 2 * SECOND), PROTO_PROBE_LATE);
    assert_int_equal(counts_of(rig).lost, 1);
    rig_free(rig);
}

// trap 25
static void a_redirect_and_a_quench_are_no_answers(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_int_equal(error_arrives(rig, 1, 5, 1, START + MS), PROTO_PROBE_NOTE);
    assert_int_equal(rig->report.reading.icmp.kind, PROTO_ICMP_REDIRECT);
    assert_int_equal(error_arrives(rig, 1, 4, 0, START + MS), PROTO_PROBE_NOTE);
    assert_int_equal(error_arrives(rig, 1, 77, 0, START + MS), PROTO_PROBE_NOTE);
    assert_int_equal(proto_probe_outstanding(&rig->probe), 1);
    assert_int_equal(reply_arrives(rig, 1, START + 2 * MS), PROTO_PROBE_REPLY);
    rig_free(rig);
}

static void an_error_names_the_mtu(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    const proto_probe_arrival arrival = {.bytes = proto_slice_text(rig->lines[1]),
                                         .source = host(254),
                                         .destination = host(1),
                                         .form = PROTO_PROBE_RETURNED,
                                         .type = 3,
                                         .code = 4,
                                         .info = 1280,
                                         .when = START};
    assert_int_equal(proto_probe_receive(&rig->probe, &arrival, &rig->report), PROTO_PROBE_ERROR);
    assert_int_equal(rig->report.reading.icmp.kind, PROTO_ICMP_TOO_BIG);
    assert_int_equal(rig->report.reading.icmp.mtu, 1280);
    rig_free(rig);
}

// What a queue of errors says of IPv6: any MTU, and redirects without their addresses.
static void errors_of_ipv6_are_told_too(void **state)
{
    struct rig *rig = rig_of(1);
    rig->targets[0].address = proto_address_ipv6((const uint8_t[16]){0x20, 1, 0xd, 0xb8, [15] = 1});
    assert_true(sends(rig, START));
    proto_probe_arrival arrival = {.bytes = proto_slice_text(rig->lines[1]),
                                   .destination = rig->targets[0].address,
                                   .form = PROTO_PROBE_RETURNED,
                                   .type = 137,
                                   .when = START};
    memset(&rig->report, PROTO_ICMP_UNREACHABLE, sizeof rig->report);
    rig->report.reading.icmp.kind =
        PROTO_ICMP_UNREACHABLE; // nothing of what was there before counts
    assert_int_equal(proto_probe_receive(&rig->probe, &arrival, &rig->report), PROTO_PROBE_NOTE);
    assert_false(rig->report.reading.has_icmp);
    arrival.type = 2;
    arrival.info = 0x12345678;
    assert_int_equal(proto_probe_receive(&rig->probe, &arrival, &rig->report), PROTO_PROBE_ERROR);
    assert_int_equal(rig->report.reading.icmp.kind, PROTO_ICMP_TOO_BIG);
    assert_int_equal(rig->report.reading.icmp.mtu, 0x12345678);
    assert_null(rig->report.reading.icmp.payload.ptr);
    assert_int_equal(rig->report.reading.icmp.payload.len, 0);
    rig_free(rig);
}

static void an_error_about_anothers_probe_is_unknown(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    const proto_probe_arrival arrival = {.bytes = proto_slice_text(rig->lines[1]),
                                         .source = host(254),
                                         .destination = host(2),
                                         .form = PROTO_PROBE_RETURNED,
                                         .type = 3,
                                         .code = 1};
    assert_int_equal(proto_probe_receive(&rig->probe, &arrival, &rig->report), PROTO_PROBE_UNKNOWN);
    rig_free(rig);
}

// ------------------------------------------------------------------------------------------------------------ sending --

// trap 38: the second after the last one, whatever the replies took and whenever the program woke.
static void moments_do_not_drift(void **state)
{
    struct rig *rig = rig_of(0);
    uint64_t now = START;
    for (unsigned i = 0; i < 100; i++) {
        assert_true(sends(rig, now));
        assert_false(sends(rig, now));
        reply_arrives(rig, i + 1, now + 300 * MS);
        assert_true(proto_probe_deadline(&rig->probe) == START + (i + 1) * SECOND);
        now = proto_probe_deadline(&rig->probe) + i * MS; // woken late, ever later
    }
    rig_free(rig);
}

static void moments_that_have_passed_are_not_made_up_for(void **state)
{
    struct rig *rig = rig_of(0);
    assert_true(sends(rig, START));
    assert_true(sends(rig, START + 3600 * SECOND + MS));
    assert_false(sends(rig, START + 3600 * SECOND + MS));
    assert_int_equal(expires(rig, START + 3600 * SECOND + MS), PROTO_PROBE_TIMEOUT);
    reply_arrives(rig, 2, START + 3600 * SECOND + 2 * MS);
    assert_true(proto_probe_deadline(&rig->probe) == START + 3601 * SECOND);
    rig_free(rig);
}

static void targets_take_turns_with_a_gap_between(void **state)
{
    struct rig *rig = rig_new(3,
                              (proto_probe_config){.interval = SECOND, .gap = 10 * MS, .count = 2});
    static const struct {
        unsigned target;
        uint64_t at;
    } expected[] = {{0, 0},      {1, 10 * MS},          {2, 20 * MS},
                    {0, SECOND}, {1, SECOND + 10 * MS}, {2, SECOND + 20 * MS}};
    for (unsigned i = 0; i < COUNT(expected); i++) {
        assert_true(proto_probe_deadline(&rig->probe) == START + expected[i].at);
        assert_false(sends(rig, START + expected[i].at - 1));
        assert_true(sends(rig, START + expected[i].at));
        assert_ptr_equal(rig->report.target, &rig->targets[expected[i].target]);
        assert_int_equal(rig->report.number, i + 1);
        assert_int_equal(rig->report.sequence, i / 3 + 1);
        assert_int_equal(line_arrives(rig, rig->lines[i + 1], host(expected[i].target + 1),
                                      START + expected[i].at),
                         PROTO_PROBE_REPLY);
    }
    assert_true(proto_probe_is_done(&rig->probe));
    assert_false(sends(rig, START + 100 * SECOND));
    rig_free(rig);
}

static void a_window_of_one_waits_for_the_reply(void **state)
{
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = SECOND, .count = 4, .window = 1});
    assert_true(sends(rig, START));
    assert_false(sends(rig, START));
    reply_arrives(rig, 1, START + MS);
    assert_true(sends(rig, START + MS));
    assert_false(sends(rig, START + 2 * MS));
    assert_true(proto_probe_deadline(&rig->probe) == START + SECOND + MS);
    assert_true(sends(rig, START + SECOND + MS)); // the interval goes on without a reply
    rig_free(rig);
}

static void a_window_is_filled_and_kept_full(void **state)
{
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = 10 * MS, .window = 5});
    for (unsigned i = 0; i < 5; i++)
        assert_true(sends(rig, START));
    assert_false(sends(rig, START));
    reply_arrives(rig, 3, START);
    assert_true(sends(rig, START));
    assert_false(sends(rig, START));
    rig_free(rig);
}

static void a_window_is_filled_no_faster_than_the_gap_allows(void **state)
{
    struct rig *rig = rig_new(1,
                              (proto_probe_config){.interval = SECOND, .gap = 5 * MS, .window = 3});
    for (unsigned i = 0; i < 3; i++) {
        assert_true(proto_probe_deadline(&rig->probe) == START + i * 5 * MS);
        assert_false(sends(rig, START + i * 5 * MS - 1));
        assert_true(sends(rig, START + i * 5 * MS));
    }
    proto_probe_unsend(&rig->probe);
    assert_true(sends(rig, START + 10 * MS)); // at once
    reply_arrives(rig, 1, START + 10 * MS);
    assert_true(proto_probe_deadline(&rig->probe) == START + 15 * MS);
    rig_free(rig);
}

static void without_an_interval_it_goes_as_fast_as_the_ring_allows(void **state)
{
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = 0});
    for (unsigned i = 0; i < SLOTS; i++)
        assert_true(sends(rig, START));
    assert_false(sends(rig, START));
    assert_true(proto_probe_deadline(&rig->probe) == START + SECOND);
    reply_arrives(rig, 2, START);
    assert_false(sends(rig, START)); // the oldest is still waiting
    reply_arrives(rig, 1, START);
    assert_true(sends(rig, START));
    assert_true(sends(rig, START));
    assert_false(sends(rig, START));
    while (expires(rig, START + SECOND) != PROTO_PROBE_NONE) {}
    assert_true(sends(rig, START + SECOND));
    rig_free(rig);
}

static void a_sink_without_room_gets_nothing(void **state)
{
    struct rig *rig = rig_of(1);
    uint8_t small[8];
    proto_out out = proto_out_of(small, sizeof small);
    assert_false(proto_probe_send(&rig->probe, START, &out, &rig->report));
    assert_true(out.failed);
    assert_int_equal(out.len, 0);
    assert_int_equal(counts_of(rig).sent, 0);
    assert_true(sends(rig, START));
    rig_free(rig);
}

// trap 34: a full queue is no loss.
static void what_the_system_cannot_take_is_due_again(void **state)
{
    struct rig *rig = rig_new(3, (proto_probe_config){.interval = SECOND, .gap = MS, .count = 1});
    assert_true(sends(rig, START));
    assert_true(sends(rig, START + MS));
    assert_true(sends(rig, START + 2 * MS));
    proto_probe_unsend(&rig->probe);
    proto_probe_unsend(&rig->probe);
    assert_int_equal(rig->targets[1].counts.sent + rig->targets[2].counts.sent, 0);
    assert_int_equal(proto_probe_outstanding(&rig->probe), 1);
    assert_true(sends(rig, START + 3 * MS));
    assert_ptr_equal(rig->report.target, &rig->targets[1]);
    assert_int_equal(rig->report.number, 2);
    assert_int_equal(rig->report.sequence, 1);
    assert_false(sends(rig, START + 3 * MS)); // the gap
    assert_true(sends(rig, START + 4 * MS));
    assert_ptr_equal(rig->report.target, &rig->targets[2]);
    assert_false(sends(rig, START + 10 * SECOND));
    rig_free(rig);
}

// Probe 65, taken back, was in the place of the first.
static void what_was_taken_back_is_no_other_probe(void **state)
{
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = MS});
    for (unsigned i = 0; i < 64; i++) {
        assert_true(sends(rig, START + i * MS));
        assert_int_equal(reply_arrives(rig, i + 1, START + i * MS), PROTO_PROBE_REPLY);
    }
    assert_true(sends(rig, START + 64 * MS));
    proto_probe_unsend(&rig->probe);
    assert_int_equal(reply_arrives(rig, 1, START + 64 * MS), PROTO_PROBE_UNKNOWN);
    assert_int_equal(reply_arrives(rig, 65, START + 64 * MS), PROTO_PROBE_UNKNOWN);
    assert_int_equal(reply_arrives(rig, 2, START + 64 * MS), PROTO_PROBE_DUPLICATE);
    rig_free(rig);
}

static void what_the_system_refuses_is_an_error_and_no_loss(void **state)
{
    struct rig *rig = rig_of(2);
    assert_true(sends(rig, START));
    proto_probe_refuse(&rig->probe, 1);
    assert_int_equal(counts_of(rig).sent, 0);
    assert_int_equal(counts_of(rig).lost, 0);
    assert_int_equal(counts_of(rig).errors, 1);
    assert_int_equal(proto_probe_outstanding(&rig->probe), 0);
    assert_int_equal(reply_arrives(rig, 1, START + MS), PROTO_PROBE_UNKNOWN);
    assert_true(sends(rig, START + SECOND));
    assert_int_equal(rig->report.sequence, 2);
    assert_int_equal(expires(rig, START + 2 * SECOND), PROTO_PROBE_TIMEOUT);
    assert_true(proto_probe_is_done(&rig->probe));
    rig_free(rig);
}

// In the middle of a batch too: those behind it move up, so a row of losses stays one.
static void what_was_refused_is_no_gap_in_a_burst(void **state)
{
    struct rig *rig = rig_new(2, (proto_probe_config){.interval = SECOND, .count = 4});
    for (unsigned i = 0; i < 3; i++) {
        assert_true(sends(rig, START + i * SECOND));
        assert_true(sends(rig, START + i * SECOND));
    }
    proto_probe_refuse(&rig->probe, 1);
    proto_probe_refuse(&rig->probe, 3);
    assert_true(sends(rig, START + 3 * SECOND));
    assert_int_equal(expires(rig, START + 3 * SECOND), PROTO_PROBE_TIMEOUT); // the second's first
    assert_int_equal(expires(rig, START + 3 * SECOND), PROTO_PROBE_TIMEOUT);
    assert_int_equal(expires(rig, START + 3 * SECOND), PROTO_PROBE_TIMEOUT);
    assert_int_equal(rig->report.number, 5);
    assert_int_equal(proto_rtt_burst(&rig->rtt[0]), 1);
    assert_int_equal(reply_arrives(rig, 7, START + 3 * SECOND), PROTO_PROBE_REPLY);
    assert_int_equal(proto_rtt_burst(&rig->rtt[0]), 0);
    while (expires(rig, START + 9 * SECOND) != PROTO_PROBE_NONE) {}
    assert_int_equal(rig->rtt[1].longest_burst, 3);
    assert_int_equal(rig->rtt[1].bursts, 1);
    rig_free(rig);
    rig = rig_new(1, (proto_probe_config){.interval = MS, .count = 4});
    for (unsigned i = 0; i < 3; i++)
        assert_true(sends(rig, START + i * MS));
    proto_probe_refuse(&rig->probe, 2);
    assert_true(sends(rig, START + 3 * MS));
    while (expires(rig, START + 2 * SECOND) != PROTO_PROBE_NONE) {}
    assert_int_equal(rig->rtt[0].bursts, 1);
    assert_int_equal(rig->rtt[0].longest_burst, 3);
    rig_free(rig);
}

// Its moments are those that they were, however long the system could take nothing.
static void what_was_taken_back_does_not_drift(void **state)
{
    struct rig *rig = rig_of(0);
    assert_true(sends(rig, START));
    assert_int_equal(reply_arrives(rig, 1, START), PROTO_PROBE_REPLY);
    assert_true(sends(rig, START + SECOND + 3 * MS));
    proto_probe_sent_at(&rig->probe, 2, START + 9 * SECOND);
    for (unsigned i = 4; i < 400; i++) {
        proto_probe_unsend(&rig->probe);
        assert_true(proto_probe_deadline(&rig->probe) <= START + SECOND + i * MS);
        assert_true(sends(rig, START + SECOND + i * MS));
        assert_true(proto_probe_deadline(&rig->probe) == START + 2 * SECOND);
    }
    rig_free(rig);
}

// Of a window, several to one target; by a clock that has only begun.
static void a_window_is_taken_back(void **state)
{
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = SECOND, .count = 9, .window = 3});
    proto_probe_init(&rig->probe, &rig->config, rig->targets, 1, rig->slots, SLOTS, 5);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 3; i++)
            assert_true(sends(rig, 5 + round));
        assert_false(sends(rig, 5 + round));
        for (unsigned i = 0; i < 3; i++) {
            proto_probe_unsend(&rig->probe);
            assert_true(proto_probe_deadline(&rig->probe) <= 5 + round);
        }
    }
    proto_probe_stop_all(&rig->probe);
    rig_free(rig);
}

// The user gave up while it was on its way to the system.
static void what_is_taken_back_from_a_stopped_target_is_not_sent_again(void **state)
{
    struct rig *rig = rig_new(2, (proto_probe_config){.interval = SECOND, .count = 1});
    assert_true(sends(rig, START));
    proto_probe_stop(&rig->probe, &rig->targets[0]);
    proto_probe_unsend(&rig->probe);
    assert_true(sends(rig, START));
    assert_ptr_equal(rig->report.target, &rig->targets[1]);
    assert_false(sends(rig, START + 9 * SECOND));
    proto_probe_stop_all(&rig->probe);
    proto_probe_unsend(&rig->probe);
    assert_false(sends(rig, START));
    assert_true(proto_probe_is_done(&rig->probe));
    rig_free(rig);
}

// What never happens is not due at the end of time either.
static void nothing_is_due_at_the_end_of_time(void **state)
{
    struct rig *rig = rig_new(
        1, (proto_probe_config){.interval = PROTO_NEVER, .timeout = PROTO_NEVER});
    proto_probe_init(&rig->probe, &rig->config, rig->targets, 1, rig->slots, 1, PROTO_NEVER - 2);
    assert_true(proto_probe_deadline(&rig->probe) == PROTO_NEVER - 2);
    assert_true(sends(rig, PROTO_NEVER - 2));
    assert_true(proto_probe_deadline(&rig->probe) == PROTO_NEVER);
    assert_false(sends(rig, PROTO_NEVER));
    assert_int_equal(expires(rig, PROTO_NEVER), PROTO_PROBE_NONE);
    assert_int_equal(reply_arrives(rig, 1, PROTO_NEVER), PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.rtt, 2);
    assert_false(sends(rig, PROTO_NEVER));
    proto_probe_stop_all(&rig->probe);
    assert_false(sends(rig, PROTO_NEVER));
    rig_free(rig);
}

static void a_gap_and_a_memory_without_end(void **state)
{
    struct rig *rig = rig_new(
        2, (proto_probe_config){.interval = SECOND, .gap = PROTO_NEVER, .linger = PROTO_NEVER});
    assert_true(sends(rig, START));
    assert_false(sends(rig, START));
    assert_true(proto_probe_deadline(&rig->probe) == START + SECOND);
    assert_int_equal(expires(rig, START + SECOND), PROTO_PROBE_TIMEOUT);
    assert_true(proto_probe_deadline(&rig->probe) == PROTO_NEVER);
    assert_int_equal(reply_arrives(rig, 1, START + 1000000 * SECOND), PROTO_PROBE_LATE);
    rig_free(rig);
}

static void a_window_does_not_hurry_what_is_refused(void **state)
{
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = 10 * MS, .window = 5});
    assert_true(sends(rig, START));
    proto_probe_refuse(&rig->probe, 1);
    assert_false(sends(rig, START));
    assert_true(proto_probe_deadline(&rig->probe) == START + 10 * MS);
    assert_true(sends(rig, START + 10 * MS));
    assert_true(sends(rig, START + 10 * MS));
    rig_free(rig);
}

static void a_target_can_be_stopped(void **state)
{
    struct rig *rig = rig_new(3, (proto_probe_config){.interval = SECOND});
    for (unsigned i = 0; i < 3; i++)
        assert_true(sends(rig, START));
    proto_probe_stop(&rig->probe, &rig->targets[0]);
    proto_probe_stop(&rig->probe, &rig->targets[0]);
    assert_true(sends(rig, START + SECOND));
    assert_ptr_equal(rig->report.target, &rig->targets[1]);
    proto_probe_stop(&rig->probe, &rig->targets[1]);
    assert_true(sends(rig, START + SECOND));
    assert_ptr_equal(rig->report.target, &rig->targets[2]);
    assert_false(sends(rig, START + SECOND));
    proto_probe_stop(&rig->probe, &rig->targets[2]);
    assert_false(sends(rig, START + 9 * SECOND));
    assert_false(proto_probe_is_done(&rig->probe)); // replies may come
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(expires(rig, START + 9 * SECOND), PROTO_PROBE_TIMEOUT);
    assert_true(proto_probe_is_done(&rig->probe));
    rig_free(rig);
}

static void a_target_can_be_stopped_before_it_begins(void **state)
{
    struct rig *rig = rig_new(2, (proto_probe_config){.interval = SECOND, .count = 2});
    rig->targets[1].stopped = true;
    proto_probe_init(&rig->probe, &rig->config, rig->targets, 2, rig->slots, SLOTS, START);
    assert_true(sends(rig, START));
    assert_true(sends(rig, START + SECOND));
    assert_ptr_equal(rig->report.target, &rig->targets[0]);
    assert_false(sends(rig, START + 2 * SECOND));
    rig_free(rig);
}

static void all_can_be_stopped(void **state)
{
    struct rig *rig = rig_new(2, (proto_probe_config){.interval = SECOND});
    assert_true(sends(rig, START));
    proto_probe_stop_all(&rig->probe);
    assert_false(sends(rig, START + SECOND));
    assert_int_equal(reply_arrives(rig, 1, START + MS), PROTO_PROBE_REPLY);
    assert_true(proto_probe_is_done(&rig->probe));
    rig_free(rig);
}

// ---------------------------------------------------------------------------------------------------------- targets --

// trap 29
static void many_answers_to_a_group_are_no_duplicates(void **state)
{
    struct rig *rig = rig_new(1, (proto_probe_config){.interval = SECOND, .count = 1});
    rig->targets[0].group = true;
    rig->targets[0].address = host(255);
    assert_true(sends(rig, START));
    assert_int_equal(line_arrives(rig, rig->lines[1], host(1), START + MS), PROTO_PROBE_REPLY);
    assert_int_equal(line_arrives(rig, rig->lines[1], host(2), START + MS), PROTO_PROBE_ANOTHER);
    assert_int_equal(line_arrives(rig, rig->lines[1], host(3), START + MS), PROTO_PROBE_ANOTHER);
    assert_int_equal(counts_of(rig).duplicates, 0);
    assert_int_equal(counts_of(rig).received, 1);
    rig_free(rig);
}

static void targets_may_share_statistics_or_have_none(void **state)
{
    struct rig *rig = rig_new(3, (proto_probe_config){.interval = SECOND, .count = 1});
    rig->targets[1].rtt = &rig->rtt[0];
    rig->targets[2].rtt = NULL;
    for (unsigned i = 0; i < 3; i++)
        assert_true(sends(rig, START));
    assert_int_equal(line_arrives(rig, rig->lines[1], host(1), START + MS), PROTO_PROBE_REPLY);
    assert_int_equal(line_arrives(rig, rig->lines[3], host(3), START + MS), PROTO_PROBE_REPLY);
    assert_int_equal(line_arrives(rig, rig->lines[3], host(3), START + MS), PROTO_PROBE_DUPLICATE);
    assert_int_equal(expires(rig, START + SECOND), PROTO_PROBE_TIMEOUT);
    assert_int_equal(rig->rtt[0].counts.sent, 2);
    assert_int_equal(rig->rtt[0].counts.received, 1);
    assert_int_equal(rig->rtt[0].counts.lost, 1);
    assert_int_equal(rig->targets[2].counts.received, 1);
    assert_int_equal(rig->targets[2].counts.duplicates, 1);
    free(rig);
}

static void without_statistics_probes_are_lost_refused_and_unsent_all_the_same(void **state)
{
    struct rig *rig = rig_of(3);
    rig->targets[0].rtt = NULL;
    assert_true(sends(rig, START));
    proto_probe_unsend(&rig->probe);
    assert_true(sends(rig, START));
    proto_probe_refuse(&rig->probe, 1);
    assert_true(sends(rig, START + SECOND));
    assert_int_equal(error_arrives(rig, 2, 3, 1, START + SECOND), PROTO_PROBE_ERROR);
    assert_int_equal(reply_arrives(rig, 2, START + SECOND), PROTO_PROBE_REPLY);
    assert_true(sends(rig, START + 2 * SECOND));
    assert_int_equal(expires(rig, START + 3 * SECOND), PROTO_PROBE_TIMEOUT);
    assert_int_equal(reply_arrives(rig, 3, START + 3 * SECOND), PROTO_PROBE_LATE);
    assert_int_equal(counts_of(rig).late, 1);
    assert_int_equal(counts_of(rig).sent, 2);
    assert_int_equal(counts_of(rig).lost, 1);
    free(rig);
}

// Bursts of loss are rows of probes to one target, whatever went to others between.
static void losses_in_a_row_are_one_burst(void **state)
{
    struct rig *rig = rig_new(2, (proto_probe_config){.interval = SECOND, .count = 4});
    for (unsigned i = 0; i < 8; i++) {
        uint64_t now = START + i / 2 * SECOND;
        while (expires(rig, now) != PROTO_PROBE_NONE) {}
        assert_true(sends(rig, now));
        if (i % 2 == 0 || i == 1)
            line_arrives(rig, rig->lines[i + 1], rig->report.target->address, now + MS);
    }
    while (expires(rig, START + 9 * SECOND) != PROTO_PROBE_NONE) {}
    assert_int_equal(rig->rtt[0].longest_burst, 0);
    assert_int_equal(rig->rtt[1].longest_burst, 3);
    assert_int_equal(rig->rtt[1].bursts, 1);
    rig_free(rig);
}

// A slot has no room for more than half of a probe's number among its target's.
static void a_burst_is_one_also_where_the_counts_pass_32_bits(void **state)
{
    struct rig *rig = rig_of(4);
    rig->rtt[0].counts.sent = rig->rtt[0].counts.received = UINT32_MAX - 1;
    for (unsigned i = 0; i < 4; i++) {
        assert_true(sends(rig, START + i * SECOND));
        assert_int_equal(expires(rig, START + (i + 1) * SECOND), PROTO_PROBE_TIMEOUT);
        assert_int_equal(proto_rtt_burst(&rig->rtt[0]), i + 1);
    }
    assert_int_equal(rig->rtt[0].bursts, 1);
    free(rig);
}

// ------------------------------------------------------------------------------------------------------------- codecs --

static proto_err word_write(const void *settings, const proto_probe_ticket *ticket, proto_out *out)
{
    return proto_out_decimal(out, ticket->number) ? PROTO_OK : PROTO_ERR_NO_SPACE;
}

static void word_read(const void *settings, const proto_probe_arrival *arrival,
                      proto_probe_reading *reading)
{
    memset(reading, 0, sizeof *reading);
    reading->claim = (proto_probe_claim)(arrival->bytes.ptr[0] - '0');
    reading->tag = (uint32_t)(arrival->bytes.ptr[1] - '0');
    reading->has_tag = reading->tag != 9;
}

static proto_probe_match word_match(const void *settings, const proto_probe_reading *reading,
                                    const proto_probe_ticket *ticket)
{
    return PROTO_PROBE_MATCH_YES;
}

static void a_one_way_probe_is_sent_and_that_is_all(void **state)
{
    static const proto_probe_codec beacon = {word_write, word_read, word_match, UINT32_MAX, true};
    struct rig *rig = rig_new(
        1, (proto_probe_config){.codec = &beacon, .interval = SECOND, .count = 100});
    for (unsigned i = 0; i < 70; i++) {
        assert_true(sends(rig, START + i * SECOND));
        assert_int_equal(proto_probe_outstanding(&rig->probe), 0);
        assert_true(proto_probe_deadline(&rig->probe) == START + (i + 1) * SECOND);
    }
    assert_int_equal(line_arrives(rig, "31", host(1), START), PROTO_PROBE_UNKNOWN);
    proto_probe_unsend(&rig->probe);
    assert_true(proto_probe_deadline(&rig->probe) == START + 69 * SECOND);
    assert_true(sends(rig, START + 69 * SECOND));
    proto_probe_refuse(&rig->probe, 70);
    assert_int_equal(counts_of(rig).sent, 69);
    assert_int_equal(counts_of(rig).errors, 1);
    proto_probe_stop_all(&rig->probe);
    assert_true(proto_probe_is_done(&rig->probe));
    free(rig);
}

static void what_a_codec_claims_is_looked_into(void **state)
{
    static const proto_probe_codec codec = {word_write, word_read, word_match, 7, false};
    struct rig *rig = rig_new(
        1, (proto_probe_config){.codec = &codec, .interval = SECOND, .count = 1});
    assert_true(sends(rig, START));
    static const struct {
        const char *claim;
        proto_probe_event event;
    } cases[] = {{"01", PROTO_PROBE_FOREIGN},   {"11", PROTO_PROBE_OWN},
                 {"29", PROTO_PROBE_CORRUPTED}, {"21", PROTO_PROBE_CORRUPTED},
                 {"22", PROTO_PROBE_CORRUPTED}, {"32", PROTO_PROBE_UNKNOWN},
                 {"41", PROTO_PROBE_UNKNOWN},   {"31", PROTO_PROBE_REPLY}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(line_arrives(rig, cases[i].claim, host(1), START), cases[i].event);
    assert_int_equal(counts_of(rig).corrupted, 1); // of the two, one was about a probe
    rig_free(rig);
}

static void a_line_says_number_and_date(void **state)
{
    static const struct {
        int64_t wall;
        const char *line;
    } cases[] = {
        {0, "Ping 1 1970-01-01 01:23:20"},
        {-5000 * (int64_t)SECOND - 1, "Ping 1 1969-12-31 23:59:59"},
        {INT64_C(1763836200) * (int64_t)SECOND + 999999999, "Ping 1 2025-11-22 19:53:20"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rig *rig = rig_of(1);
        rig->text.wall = cases[i].wall;
        assert_true(sends(rig, START));
        assert_string_equal(rig->lines[1], cases[i].line);
        assert_int_equal(reply_arrives(rig, 1, START + MS), PROTO_PROBE_REPLY);
        rig_free(rig);
    }
}

// A clock may begin anywhere: it is the difference of both that says the date.
static void a_date_is_right_by_any_clock(void **state)
{
    const uint64_t date = UINT64_C(1763836200) * SECOND;
    static const uint64_t clocks[] = {0, INT64_MAX, (uint64_t)INT64_MAX + 6,
                                      UINT64_MAX - 9 * SECOND};
    for (size_t i = 0; i < COUNT(clocks); i++) {
        struct rig *rig = rig_of(1);
        rig->text.wall = (int64_t)(date - clocks[i]);
        proto_probe_init(&rig->probe, &rig->config, rig->targets, 1, rig->slots, SLOTS, clocks[i]);
        assert_true(sends(rig, clocks[i]));
        assert_string_equal(rig->lines[1], "Ping 1 2025-11-22 18:30:00");
        assert_int_equal(reply_arrives(rig, 1, clocks[i] + MS), PROTO_PROBE_REPLY);
        rig_free(rig);
    }
}

static void a_reply_may_be_in_upper_case(void **state)
{
    struct rig *rig = rig_of(1);
    assert_true(sends(rig, START));
    assert_int_equal(line_arrives(rig, "PING 1 1970-01-01 01:23:20", host(1), START + MS),
                     PROTO_PROBE_REPLY);
    assert_int_equal(rig->report.reading.payload.len, 26);
    rig_free(rig);
}

// --------------------------------------------------------------------------------------------------------- the table --

static void each_event_has_its_name(void **state)
{
    assert_string_equal(proto_probe_event_name(PROTO_PROBE_NONE), "NONE");
    assert_string_equal(proto_probe_event_name(PROTO_PROBE_TIMEOUT), "TIMEOUT");
    for (int i = PROTO_PROBE_NONE; i <= PROTO_PROBE_TIMEOUT; i++)
        assert_true(proto_probe_event_name((proto_probe_event)i)[0] != '\0');
    assert_string_equal(proto_probe_event_name((proto_probe_event)(PROTO_PROBE_TIMEOUT + 1)), "");
}

// Loss and delay, duplicates, damage, errors, in any order, on a wire in memory.
typedef struct transit {
    uint64_t at;
    unsigned number;
    unsigned kind; // 0 reply, 1 damaged, 2 error, 3 forged
} transit;

static unsigned chance(uint32_t *seed, unsigned of)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 16) % of;
}

static proto_probe_event transit_arrives(struct rig *rig, const transit *it)
{
    char line[LINE];
    memcpy(line, rig->lines[it->number % KEPT], LINE);
    if (it->kind == 2) return error_arrives(rig, it->number, 3, 1, it->at);
    if (it->kind == 1) line[strlen(line) - 1] ^= 1;
    return line_arrives(rig, line, host(it->kind == 3 ? 7 : 1), it->at);
}

static void on_any_wire_the_counts_balance(void **state)
{
    enum { PROBES = 200, IN_TRANSIT = 512 };
    for (uint32_t seed = 1; seed <= 200; seed++) {
        uint32_t random = seed;
        struct rig *rig = rig_new(
            1, (proto_probe_config){
                   .interval = 50 * MS, .count = PROBES, .timeout = 200 * MS, .linger = 300 * MS});
        transit wire[IN_TRANSIT];
        size_t on_wire = 0;
        uint64_t seen[PROTO_PROBE_TIMEOUT + 1] = {0};
        for (uint64_t now = START; !proto_probe_is_done(&rig->probe); now += 10 * MS) {
            while (sends(rig, now))
                for (unsigned copies = chance(&random, 10) < 3 ? 0 : 1 + chance(&random, 2); copies;
                     copies--)
                    wire[on_wire++] = (transit){now + chance(&random, 400) * MS,
                                                (unsigned)rig->report.number, chance(&random, 6)};
            for (size_t i = 0; i < on_wire;) {
                if (wire[i].at > now) {
                    i++;
                    continue;
                }
                if (wire[i].kind > 3) wire[i].kind = 0;
                seen[transit_arrives(rig, &wire[i])]++;
                wire[i] = wire[--on_wire];
                assert_balanced(rig);
            }
            while (expires(rig, now) != PROTO_PROBE_NONE)
                seen[PROTO_PROBE_TIMEOUT]++;
            assert_balanced(rig);
            assert_true(proto_probe_deadline(&rig->probe) > now);
        }
        const proto_rtt_counts counts = counts_of(rig);
        assert_int_equal(counts.sent, PROBES);
        assert_int_equal(counts.sent, counts.received + counts.lost);
        assert_int_equal(counts.received, seen[PROTO_PROBE_REPLY]);
        assert_int_equal(counts.late, seen[PROTO_PROBE_LATE]);
        assert_int_equal(counts.duplicates, seen[PROTO_PROBE_DUPLICATE]);
        assert_int_equal(counts.corrupted, seen[PROTO_PROBE_CORRUPTED]);
        assert_int_equal(counts.errors, seen[PROTO_PROBE_ERROR]);
        assert_true(seen[PROTO_PROBE_REPLY] > 20 && seen[PROTO_PROBE_TIMEOUT] > 20);
        rig_free(rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_is_matched_and_timed),
        cmocka_unit_test(a_probe_is_lost_at_its_deadline_and_not_before),
        cmocka_unit_test(a_late_reply_is_not_taken_for_the_next_ones),
        cmocka_unit_test(a_second_late_reply_is_a_duplicate),
        cmocka_unit_test(the_time_of_arrival_decides_what_is_late),
        cmocka_unit_test(duplicates_are_counted_apart),
        cmocka_unit_test(replies_that_were_overtaken_are_reordered),
        cmocka_unit_test(all_that_the_newest_overtook_are_reordered),
        cmocka_unit_test(a_clock_that_contradicts_itself_gives_zero),
        cmocka_unit_test(the_time_of_sending_can_be_put_right),
        cmocka_unit_test(a_time_put_right_does_not_change_what_was_sent),
        cmocka_unit_test(what_was_never_sent_is_unknown),
        cmocka_unit_test(a_report_says_nothing_of_what_is_not_known),
        cmocka_unit_test(only_the_target_can_answer),
        cmocka_unit_test(a_target_without_a_port_may_answer_from_any),
        cmocka_unit_test(what_is_long_past_is_unknown),
        cmocka_unit_test(what_the_ring_has_forgotten_is_unknown),
        cmocka_unit_test(a_damaged_reply_answers_nothing),
        cmocka_unit_test(other_text_is_foreign),
        cmocka_unit_test(an_error_ends_a_probe),
        cmocka_unit_test(an_error_after_the_end_changes_nothing),
        cmocka_unit_test(a_reply_after_an_error_counts),
        cmocka_unit_test(a_late_reply_after_an_error_does_not),
        cmocka_unit_test(a_redirect_and_a_quench_are_no_answers),
        cmocka_unit_test(an_error_names_the_mtu),
        cmocka_unit_test(errors_of_ipv6_are_told_too),
        cmocka_unit_test(an_error_about_anothers_probe_is_unknown),
        cmocka_unit_test(moments_do_not_drift),
        cmocka_unit_test(moments_that_have_passed_are_not_made_up_for),
        cmocka_unit_test(targets_take_turns_with_a_gap_between),
        cmocka_unit_test(a_window_of_one_waits_for_the_reply),
        cmocka_unit_test(a_window_is_filled_and_kept_full),
        cmocka_unit_test(a_window_is_filled_no_faster_than_the_gap_allows),
        cmocka_unit_test(without_an_interval_it_goes_as_fast_as_the_ring_allows),
        cmocka_unit_test(a_sink_without_room_gets_nothing),
        cmocka_unit_test(what_the_system_cannot_take_is_due_again),
        cmocka_unit_test(what_was_taken_back_is_no_other_probe),
        cmocka_unit_test(what_the_system_refuses_is_an_error_and_no_loss),
        cmocka_unit_test(what_was_refused_is_no_gap_in_a_burst),
        cmocka_unit_test(what_was_taken_back_does_not_drift),
        cmocka_unit_test(a_window_is_taken_back),
        cmocka_unit_test(what_is_taken_back_from_a_stopped_target_is_not_sent_again),
        cmocka_unit_test(nothing_is_due_at_the_end_of_time),
        cmocka_unit_test(a_gap_and_a_memory_without_end),
        cmocka_unit_test(a_window_does_not_hurry_what_is_refused),
        cmocka_unit_test(a_target_can_be_stopped),
        cmocka_unit_test(a_target_can_be_stopped_before_it_begins),
        cmocka_unit_test(all_can_be_stopped),
        cmocka_unit_test(many_answers_to_a_group_are_no_duplicates),
        cmocka_unit_test(targets_may_share_statistics_or_have_none),
        cmocka_unit_test(without_statistics_probes_are_lost_refused_and_unsent_all_the_same),
        cmocka_unit_test(losses_in_a_row_are_one_burst),
        cmocka_unit_test(a_burst_is_one_also_where_the_counts_pass_32_bits),
        cmocka_unit_test(a_one_way_probe_is_sent_and_that_is_all),
        cmocka_unit_test(what_a_codec_claims_is_looked_into),
        cmocka_unit_test(a_line_says_number_and_date),
        cmocka_unit_test(a_date_is_right_by_any_clock),
        cmocka_unit_test(a_reply_may_be_in_upper_case),
        cmocka_unit_test(each_event_has_its_name),
        cmocka_unit_test(on_any_wire_the_counts_balance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
