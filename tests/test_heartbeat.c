// SPDX-License-Identifier: MIT
// Senders of heartbeats and their receiver, step by step, with a virtual clock.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heartbeat_world.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define MS           WORLD_MS

// ------------------------------------------------------------------------------------------------------------ helpers --

// A step is `AT:NUMBER`, with `@STAMPED` and `#BOOT` behind it where they are told: when it arrives and what its stamp says, in
// milliseconds of the virtual clock; a stamp that is not told is the time of arrival.
static const char *step_read(const char *steps, uint64_t *at, proto_heartbeat *beat)
{
    char *end;
    *at = strtoull(steps, &end, 10);
    beat->sequence = strtoull(end + 1, &end, 10);
    int64_t stamped = *end == '@' ? strtoll(end + 1, &end, 10) : (int64_t)*at;
    beat->stamp = WORLD_WALL + stamped * (int64_t)MS;
    beat->has_boot = *end == '#';
    beat->boot = beat->has_boot ? strtoull(end + 1, &end, 10) : 0;
    return end + strspn(end, " ");
}

// What is said while the steps happen and `rest` milliseconds pass after them.
static const char *said_of(uint64_t rest, const char *steps)
{
    static char said[4096];
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 2);
    while (*steps) {
        uint64_t at;
        proto_heartbeat beat = {0};
        steps = step_read(steps, &at, &beat);
        world_beat(&world, at * MS, 1, &beat);
    }
    world_wait_until(&world, world.now + rest * MS);
    strcpy(said, world_said(&world));
    assert_int_equal(world.receiver.peers, 1);
    world_close(&world);
    return said;
}

// ------------------------------------------------------------------------------------------------------------- sender --

static uint64_t sequence_of(const proto_out *out)
{
    proto_heartbeat beat = {0};
    assert_int_equal(proto_heartbeat_read(proto_slice_of(out->ptr, out->len), &beat, NULL),
                     PROTO_OK);
    return beat.sequence;
}

static void a_sender_keeps_its_interval_however_late_it_is_called(void **state)
{
    proto_heartbeat_sender_config config = {.id = PROTO_LITERAL("a"), .boot = 5, .interval = 1000};
    proto_heartbeat_sender sender;
    uint8_t text[PROTO_HEARTBEAT_LENGTH];
    proto_heartbeat_sender_init(&sender, &config, 7000);
    uint64_t late[] = {0, 10, 999, 3, 0, 500};
    for (size_t i = 0; i < COUNT(late); i++) {
        proto_out out = proto_out_of(text, sizeof text);
        uint64_t due = 7000 + i * 1000;
        assert_int_equal(proto_heartbeat_sender_deadline(&sender), due);
        assert_false(proto_heartbeat_send(&sender, due - 1, 0, 0, &out));
        assert_true(proto_heartbeat_send(&sender, due + late[i], 1, 0, &out));
        assert_int_equal(sequence_of(&out), i + 1);
        assert_false(proto_heartbeat_send(&sender, due + late[i], 1, 0, &out));
    }
}

// trap 38: after a suspend there is no burst, and the row of moments is the same as before.
static void a_sender_does_not_make_up_for_what_it_missed(void **state)
{
    proto_heartbeat_sender_config config = {.interval = 1000};
    proto_heartbeat_sender sender;
    uint8_t text[PROTO_HEARTBEAT_LENGTH];
    proto_out out = proto_out_of(text, sizeof text);
    proto_heartbeat_sender_init(&sender, &config, 0);
    assert_true(proto_heartbeat_send(&sender, 0, 0, 0, &out));
    out.len = 0;
    assert_true(proto_heartbeat_send(&sender, 86400300, 0, 0, &out));
    assert_int_equal(sequence_of(&out), 2);
    assert_int_equal(proto_heartbeat_sender_deadline(&sender), 86401000);
    assert_false(proto_heartbeat_send(&sender, 86400999, 0, 0, &out));
}

static void a_sender_says_who_it_is_and_what_interval_it_keeps(void **state)
{
    proto_heartbeat_sender_config config = {
        .id = PROTO_LITERAL("alpha"), .boot = 17, .interval = 250 * MS};
    proto_heartbeat_sender sender;
    char text[PROTO_HEARTBEAT_LENGTH + 1];
    proto_out out = proto_out_of(text, PROTO_HEARTBEAT_LENGTH);
    proto_heartbeat_sender_init(&sender, &config, 0);
    assert_true(proto_heartbeat_send(&sender, 0, WORLD_WALL, 0, &out));
    text[out.len] = '\0';
    assert_string_equal(
        text, "Heartbeat/1 1 2026-11-22T10:00:00.000000000Z id=alpha boot=17 every=0.25\n");
    out.len = 0;
    assert_true(proto_heartbeat_bye(&sender, WORLD_WALL, &out));
    text[out.len] = '\0';
    assert_string_equal(
        text, "Heartbeat/1 2 2026-11-22T10:00:00.000000000Z id=alpha boot=17 every=0.25 bye\n");
}

static void jitter_delays_each_and_adds_up_to_nothing(void **state)
{
    proto_heartbeat_sender_config config = {.interval = 1000, .jitter = 400};
    proto_heartbeat_sender sender;
    uint8_t text[PROTO_HEARTBEAT_LENGTH];
    uint64_t random = 1, least = 1000, most = 0;
    proto_heartbeat_sender_init(&sender, &config, 0);
    for (uint64_t i = 0; i < 2000; i++) {
        proto_out out = proto_out_of(text, sizeof text);
        uint64_t due = proto_heartbeat_sender_deadline(&sender);
        assert_true(due >= i * 1000 && due <= i * 1000 + 400);
        if (i > 0 && due - i * 1000 < least) least = due - i * 1000;
        if (due - i * 1000 > most) most = due - i * 1000;
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        assert_true(proto_heartbeat_send(&sender, due, 0, random >> 20, &out));
    }
    assert_true(least < 10 && most > 390);
    // All of it, and no more.
    config.jitter = 1;
    for (uint64_t i = 0; i < 4; i++) {
        proto_out out = proto_out_of(text, sizeof text);
        proto_heartbeat_sender_init(&sender, &config, 0);
        assert_true(proto_heartbeat_send(&sender, 0, 0, i, &out));
        assert_int_equal(proto_heartbeat_sender_deadline(&sender), 1000 + i % 2);
    }
}

static void a_heartbeat_without_room_is_still_due(void **state)
{
    proto_heartbeat_sender_config config = {.interval = 1000};
    proto_heartbeat_sender sender;
    uint8_t text[PROTO_HEARTBEAT_LENGTH];
    proto_out small = proto_out_of(text, 10), out = proto_out_of(text, sizeof text);
    proto_heartbeat_sender_init(&sender, &config, 0);
    assert_false(proto_heartbeat_send(&sender, 0, 0, 0, &small));
    assert_false(proto_heartbeat_bye(&sender, 0, &(proto_out){0}));
    assert_int_equal(proto_heartbeat_sender_deadline(&sender), 0);
    assert_true(proto_heartbeat_send(&sender, 0, 0, 0, &out));
    assert_int_equal(sequence_of(&out), 1);
}

// trap 34: what the system could not take was not sent, and its number must not look lost.
static void a_number_that_was_not_sent_is_used_again(void **state)
{
    proto_heartbeat_sender_config config = {.interval = 1000};
    proto_heartbeat_sender sender;
    uint8_t text[PROTO_HEARTBEAT_LENGTH];
    proto_heartbeat_sender_init(&sender, &config, 0);
    for (int i = 0; i < 2; i++) {
        proto_out out = proto_out_of(text, sizeof text);
        assert_true(proto_heartbeat_send(&sender, (uint64_t)i * 1000, 0, 0, &out));
        assert_int_equal(sequence_of(&out), 1);
        proto_heartbeat_unsend(&sender);
        assert_int_equal(proto_heartbeat_sender_deadline(&sender), (i + 1) * 1000);
    }
}

static void heartbeats_are_probes_that_nobody_answers(void **state)
{
    proto_heartbeat_probe settings = {
        .id = PROTO_LITERAL("a"), .boot = 3, .every = 1000 * MS, .wall = WORLD_WALL};
    proto_probe_config config = {
        .codec = &proto_heartbeat_codec,
        .settings = &settings,
        .interval = 1000 * MS,
        .timeout = MS,
        .count = 3,
    };
    proto_probe_target targets[2] = {{.address = world_address(1, 9)},
                                     {.address = world_address(2, 9)}};
    proto_probe_slot slots[2];
    proto_probe probe;
    char text[PROTO_HEARTBEAT_LENGTH + 1];
    proto_probe_init(&probe, &config, targets, 2, slots, 2, 0);
    for (unsigned i = 0; i < 6; i++) {
        char expected[PROTO_HEARTBEAT_LENGTH];
        proto_out out = proto_out_of(text, PROTO_HEARTBEAT_LENGTH);
        proto_probe_report report;
        uint64_t now = proto_probe_deadline(&probe);
        assert_int_equal(now, i / 2 * 1000 * MS);
        assert_true(proto_probe_send(&probe, now, &out, &report));
        assert_ptr_equal(report.target, &targets[i % 2]);
        text[out.len] = '\0';
        snprintf(expected, sizeof expected,
                 "Heartbeat/1 %u 2026-11-22T10:00:0%u.000000000Z id=a boot=3 every=1\n", i / 2 + 1,
                 i / 2);
        assert_string_equal(text, expected);
        assert_int_equal(proto_probe_outstanding(&probe), 0);
    }
    proto_probe_arrival arrival = {.bytes = proto_slice_text(text), .source = targets[0].address};
    proto_probe_report report;
    assert_int_equal(proto_probe_receive(&probe, &arrival, &report), PROTO_PROBE_FOREIGN);
    assert_true(proto_probe_is_done(&probe));
    proto_probe_reading reading = {.claim = PROTO_PROBE_CLAIM_REPLY};
    assert_int_equal(proto_heartbeat_codec.match(&settings, &reading, NULL), PROTO_PROBE_MATCH_NO);
}

// ------------------------------------------------------------------------------------------------------------ numbers --

static void events_have_names(void **state)
{
    assert_string_equal(proto_heartbeat_event_name(PROTO_HEARTBEAT_NONE), "NONE");
    assert_string_equal(proto_heartbeat_event_name(PROTO_HEARTBEAT_STOPPED), "STOPPED");
    assert_string_equal(proto_heartbeat_event_name((proto_heartbeat_event)99), "");
}

static void one_after_the_other_is_a_beat_each(void **state)
{
    assert_string_equal(said_of(0, "0:1 1000:2 2000:3"), "FIRST 1, BEAT 2, BEAT 3");
}

// trap 46: a gap is not a loss yet.
static void a_gap_is_reported_lost_when_it_is_certain(void **state)
{
    // After the grace,
    assert_string_equal(said_of(2000, "0:1 1000:3"), "FIRST 1, BEAT 3 over 1, LOST 2");
    assert_string_equal(said_of(2000, "0:1 1000:3 1999:4"),
                        "FIRST 1, BEAT 3 over 1, BEAT 4, LOST 2");
    assert_string_equal(said_of(2000, "0:1 1000:3 2000:4"),
                        "FIRST 1, BEAT 3 over 1, LOST 2, BEAT 4");
    // or when three later ones are there,
    assert_string_equal(said_of(0, "0:1 10:3 20:4 30:5"),
                        "FIRST 1, BEAT 3 over 1, BEAT 4, BEAT 5, LOST 2");
    // or three later numbers.
    assert_string_equal(said_of(2000, "0:1 10:3 20:9"),
                        "FIRST 1, BEAT 3 over 1, BEAT 9 over 5, LOST 2, LOST 4-8");
}

static void one_that_was_overtaken_is_not_lost(void **state)
{
    assert_string_equal(said_of(3000, "0:1 1000:3 1010:2@900 2000:4"),
                        "FIRST 1, BEAT 3 over 1, REORDERED 2, BEAT 4");
    assert_string_equal(said_of(3000, "0:1 1000:6 1001:4@900 1002:2@800 1003:5@950"),
                        "FIRST 1, BEAT 6 over 4, REORDERED 4, REORDERED 2, REORDERED 5, LOST 3");
    assert_string_equal(said_of(3000, "0:1 1000:7 1001:3@900 1002:5@910"),
                        "FIRST 1, BEAT 7 over 5, REORDERED 3, REORDERED 5, LOST 2, LOST 4, LOST 6");
    assert_string_equal(said_of(3000, "0:1 1000:4 1001:3@900 1002:2@910"),
                        "FIRST 1, BEAT 4 over 2, REORDERED 3, REORDERED 2");
}

static void the_first_ones_may_have_overtaken_each_other(void **state)
{
    assert_string_equal(said_of(3000, "0:3 1:2@-5 2:1@-6 1000:4"),
                        "FIRST 3, REORDERED 2, REORDERED 1, BEAT 4");
    assert_string_equal(said_of(3000, "1:5 2:2@-6 3:3@-5 1000:6"),
                        "FIRST 5, REORDERED 2, REORDERED 3, BEAT 6, LOST 4");
    assert_string_equal(said_of(500, "0:5 1:7 2:3@-6 3:4@-4 4:6@-3"),
                        "FIRST 5, BEAT 7 over 1, REORDERED 3, LOST 4, LATE 4, REORDERED 6");
}

static void a_report_names_what_was_passed_over(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 1);
    world_receive(&world, 0, 1, 1, PROTO_LITERAL("1 1795341600 boot=1"));
    world_receive(&world, 5 * MS, 1, 1, PROTO_LITERAL("3 1795341600 boot=1"));
    assert_true(world.report.first == 2 && world.report.count == 1);
    world_receive(&world, 6 * MS, 1, 1, PROTO_LITERAL("1 1795341600 boot=2"));
    assert_true(world.report.restarted && world.report.count == 1);
    assert_int_equal(world.report.peer->counts.restarts, 1);
    assert_int_equal(world.report.peer->counts.lost, 1);
    world_close(&world);
}

static void what_is_pending_is_counted_however_long_the_gap(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 1);
    world_receive(&world, 0, 1, 1, PROTO_LITERAL("1 1795341600"));
    world_receive(&world, 5 * MS, 1, 1, PROTO_LITERAL("901 1795341600"));
    world_receive(&world, 6 * MS, 1, 1, PROTO_LITERAL("899 1795341600"));
    assert_int_equal(proto_heartbeat_pending(world.report.peer), 898);
    world_close(&world);
}

static void what_comes_after_it_was_reported_lost_stays_lost(void **state)
{
    assert_string_equal(said_of(0, "0:1 1000:3 2500:2@900 2600:4"),
                        "FIRST 1, BEAT 3 over 1, LOST 2, LATE 2, BEAT 4");
}

static void a_second_one_with_the_same_number_is_a_duplicate(void **state)
{
    assert_string_equal(said_of(0, "10:1 20:1@10 1000:2 1001:2@1000 1002:1@10"),
                        "FIRST 1, DUPLICATE 1, BEAT 2, DUPLICATE 2, DUPLICATE 1");
    assert_string_equal(said_of(0, "10:1 1000:3 1001:2@900 1002:2@900"),
                        "FIRST 1, BEAT 3 over 1, REORDERED 2, DUPLICATE 2");
}

static void a_long_gap_is_one_loss(void **state)
{
    assert_string_equal(said_of(2000, "0:1 4000:901"), "FIRST 1, BEAT 901 over 899, LOST 2-900");
    assert_string_equal(said_of(2000, "0:1 1000:65 1001:1@0"),
                        "FIRST 1, BEAT 65 over 63, DOUBTFUL 1, LOST 2-64");
    assert_string_equal(said_of(2000, "0:1 1000:64 1001:1@0"),
                        "FIRST 1, BEAT 64 over 62, DUPLICATE 1, LOST 2-63");
    // Of a gap as long as this, only the end can still be filled.
    assert_string_equal(
        said_of(2000, "0:1 4000:201 4001:136@3000 4002:137@3000 4003:200@3000"),
        "FIRST 1, BEAT 201 over 199, LATE 136, LATE 137, REORDERED 200, LOST 2-199");
}

static void more_gaps_than_are_kept_are_given_up_early_and_counted(void **state)
{
    heartbeat_world world;
    proto_heartbeat_config config = heartbeat_world_config;
    proto_heartbeat_report report;
    config.reorder = PROTO_HEARTBEAT_REORDER;
    world_open(&world, &config, 1);
    for (uint64_t i = 10; i < 30; i++) { // and nobody asks what is lost
        uint8_t text[PROTO_HEARTBEAT_LENGTH];
        proto_out out = proto_out_of(text, sizeof text);
        proto_heartbeat beat = {.sequence = 2 * i, .stamp = (int64_t)(i * MS)};
        assert_int_equal(proto_heartbeat_write(&beat, &out), PROTO_OK);
        proto_heartbeat_arrival arrival = {proto_slice_of(out.ptr, out.len), world_address(1, 1),
                                           i * MS, (int64_t)(i * MS)};
        proto_heartbeat_receive(&world.receiver, &arrival, &report);
    }
    const proto_heartbeat_peer *peer = report.peer;
    assert_int_equal(peer->counts.received, 20);
    assert_int_equal(peer->counts.lost, 19 - PROTO_HEARTBEAT_GAPS);
    assert_int_equal(proto_heartbeat_pending(peer), PROTO_HEARTBEAT_GAPS);
    // Nor is there room then for what comes before the first.
    proto_heartbeat_arrival early = {PROTO_LITERAL("19 0"), world_address(1, 1), 30 * MS, 0};
    assert_int_equal(proto_heartbeat_receive(&world.receiver, &early, &report),
                     PROTO_HEARTBEAT_LATE);
    world_close(&world);
}

// ----------------------------------------------------------------------------------------------------------- restarts --

// trap 46
static void a_new_boot_number_is_a_restart(void **state)
{
    assert_string_equal(said_of(0, "0:7#100 1000:8#100 1500:1#200 2500:2#200"),
                        "FIRST 7, BEAT 8, RESTARTED 1 anew, BEAT 2");
    // Also when it goes on as if nothing had been, and when the boot number is a smaller one.
    assert_string_equal(said_of(0, "0:7#200 1000:8#100"), "FIRST 7, RESTARTED 8 anew");
    // Once more, and more.
    assert_string_equal(said_of(0, "0:1#1 1000:1#2 2000:1#3"),
                        "FIRST 1, RESTARTED 1 anew, RESTARTED 1 anew");
    // It may be told later, or not any more.
    assert_string_equal(said_of(0, "0:1 1000:2#7 2000:3#7 3000:4#8 4000:5 5000:1"),
                        "FIRST 1, BEAT 2, BEAT 3, RESTARTED 4 anew, BEAT 5, RESTARTED 1 anew");
    // What is pending then will not come any more.
    assert_string_equal(said_of(3000, "0:7#100 1000:9#100 1500:1#200"),
                        "FIRST 7, BEAT 9 over 1, RESTARTED 1 anew over 1");
}

static void an_old_datagram_of_the_former_run_is_no_restart(void **state)
{
    assert_string_equal(said_of(0, "0:7#100 1500:1#200 1501:8@1000#100 2500:2#200"),
                        "FIRST 7, RESTARTED 1 anew, LATE 8, BEAT 2");
    // A run that was given up may be the right one after all.
    assert_string_equal(
        said_of(0, "0:7#100 1000:1#200 8000:14#100 9000:15#100"),
        "FIRST 7, RESTARTED 1 anew, STOPPED after 5000, BACK 14 anew after 7000, BEAT 15");
}

static void without_a_boot_number_a_newer_stamp_tells_of_a_restart(void **state)
{
    assert_string_equal(said_of(0, "0:7 1000:8 2500:1 3500:2"),
                        "FIRST 7, BEAT 8, RESTARTED 1 anew, BEAT 2");
    assert_string_equal(said_of(0, "0:1 1000:2 2000:3 3300:1 4300:2"),
                        "FIRST 1, BEAT 2, BEAT 3, RESTARTED 1 anew, BEAT 2");
    assert_string_equal(said_of(0, "0:1 2000:1"), "FIRST 1, RESTARTED 1 anew");
    assert_string_equal(said_of(0, "0:1 1000:2 2000:3 2700:1"),
                        "FIRST 1, BEAT 2, BEAT 3, RESTARTED 1 anew");
    // A stamp that went on by too little, by less than the clock here, or while that stood still.
    assert_string_equal(said_of(0, "0:1 1000:2 2000:3 3300:1@2100"),
                        "FIRST 1, BEAT 2, BEAT 3, DUPLICATE 1");
    assert_string_equal(said_of(0, "0:1 1000:2 2000:3 6000:1@2800"),
                        "FIRST 1, BEAT 2, BEAT 3, DUPLICATE 1");
    assert_string_equal(said_of(0, "0:1 1000:2 1000:1@3000"), "FIRST 1, BEAT 2, DUPLICATE 1");
    assert_string_equal(said_of(0, "0:5 2000000000000:1"),
                        "FIRST 5, STOPPED after 5000, DOUBTFUL 1");
}

static void a_clock_that_was_set_back_makes_no_restart_of_reordering(void **state)
{
    // The sender's clock goes back by 50 s between 9 and 10, which overtakes 9.
    assert_string_equal(
        said_of(0, "98000:7 99000:8 101000:10@51000 101010:9@100000 102000:11@52000"),
        "FIRST 7, BEAT 8, BEAT 10 over 1 stepped, REORDERED 9, BEAT 11");
    // And by half a second.
    assert_string_equal(
        said_of(0, "98000:7 99000:8 101000:10@100500 101010:9@101000 102000:11@101500"),
        "FIRST 7, BEAT 8, BEAT 10 over 1, REORDERED 9, BEAT 11");
}

// RFC 3550 appendix A.1
static void without_either_two_numbers_in_a_row_are_believed(void **state)
{
    assert_string_equal(said_of(0, "9000:500 10000:501 11000:1@2000 12000:2@3000 13000:3@4000"),
                        "FIRST 500, BEAT 501, DOUBTFUL 1, RESTARTED 2 anew, BEAT 3");
    // One of them alone is not.
    assert_string_equal(said_of(0, "9000:500 10000:501 10500:1@2000 11000:502 11500:2@2500"),
                        "FIRST 500, BEAT 501, DOUBTFUL 1, BEAT 502, DOUBTFUL 2");
}

static void a_number_far_ahead_is_doubted_too(void **state)
{
    assert_string_equal(said_of(0, "0:1 1000:2 1500:4000000000 2000:3"),
                        "FIRST 1, BEAT 2, DOUBTFUL 4000000000, BEAT 3");
    assert_string_equal(said_of(0, "0:1 1000:2 2000:5000 3000:5001 4000:5002"),
                        "FIRST 1, BEAT 2, DOUBTFUL 5000, RESTARTED 5001 anew, BEAT 5002");
    assert_string_equal(said_of(0, "0:1 1000:5000"), "FIRST 1, DOUBTFUL 5000");
    // Unless the sender had the time to count so far, or names its run.
    assert_string_equal(
        said_of(2000, "0:1 1000:2 5001000:5002"),
        "FIRST 1, BEAT 2, STOPPED after 5000, BACK 5002 over 4999 after 5000000, LOST 3-5001");
    assert_string_equal(said_of(2000, "0:1#9 1000:2#9 2000:5000#9"),
                        "FIRST 1, BEAT 2, BEAT 5000 over 4997, LOST 3-4999");
}

// trap 46
static void a_counter_of_16_or_32_bits_may_wrap(void **state)
{
    assert_string_equal(said_of(3000, "0:65534 1000:65535 2000:0 3000:1 4000:3 4001:2@3500"),
                        "FIRST 65534, BEAT 65535, BEAT 0, BEAT 1, BEAT 3 over 1, REORDERED 2");
    assert_string_equal(said_of(3000, "0:65534 1000:1 1001:65535@500 1002:0@600"),
                        "FIRST 65534, BEAT 1 over 2, REORDERED 65535, REORDERED 0");
    assert_string_equal(said_of(3000, "0:4294967295 1000:0 1001:4294967295@1 2000:1"),
                        "FIRST 4294967295, BEAT 0, DUPLICATE 4294967295, BEAT 1");
    // What has 16 bits has not seventeen.
    assert_string_equal(said_of(0, "0:65535 1000:0 2000:70000 3000:1"),
                        "FIRST 65535, BEAT 0, DOUBTFUL 70000, BEAT 1");
    // It has wrapped again and again.
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 1);
    proto_heartbeat beat = {.stamp = WORLD_WALL};
    for (uint64_t i = 0; i < 200000; i++) {
        beat.sequence = i & 0xffff;
        beat.stamp += (int64_t)MS;
        world_beat(&world, i * MS, 1, &beat);
        text_clear(&world.said);
    }
    const proto_heartbeat_peer *peer = proto_heartbeat_peer_at(&world.receiver, 0);
    assert_int_equal(peer->counts.received, 200000);
    assert_int_equal(peer->sequence, 199999);
    assert_int_equal(peer->counts.lost + peer->counts.restarts + peer->counts.duplicates, 0);
    world_close(&world);
}

// ------------------------------------------------------------------------------------------------------------ silence --

// trap 46: silence is measured on the monotonic clock, and who is back is told.
static void a_silent_sender_has_stopped_and_may_be_back(void **state)
{
    assert_string_equal(
        said_of(6000, "0:1 1000:2 20000:3 21000:4"),
        "FIRST 1, BEAT 2, STOPPED after 5000, BACK 3 after 19000, BEAT 4, STOPPED after 5000");
    // Not a moment before, whatever its stamps say.
    assert_string_equal(said_of(4999, "0:1@-90000 1000:2@9000000 5999:3@1"),
                        "FIRST 1, BEAT 2 stepped, BEAT 3 stepped");
    assert_string_equal(said_of(5000, "0:1"), "FIRST 1, STOPPED after 5000");
}

static void a_duplicate_is_no_sign_of_life(void **state)
{
    assert_string_equal(said_of(3000, "0:1 1000:2 5000:2@1000 5500:1@1"),
                        "FIRST 1, BEAT 2, DUPLICATE 2, DUPLICATE 1, STOPPED after 5000");
}

static void one_that_is_back_may_have_been_started_anew(void **state)
{
    assert_string_equal(said_of(0, "0:7#100 20000:1#200"),
                        "FIRST 7, STOPPED after 5000, BACK 1 anew after 20000");
    assert_string_equal(said_of(0, "0:7 1000:8 20000:1"),
                        "FIRST 7, BEAT 8, STOPPED after 5000, BACK 1 anew after 19000");
    // An old datagram does not bring the dead to life, a second one that follows it does.
    assert_string_equal(
        said_of(0, "1000:3 2000:5 20000:4@1500 20001:1@1 20002:2@2"),
        "FIRST 3, BEAT 5 over 1, LOST 4, STOPPED after 5000, DOUBTFUL 4, DOUBTFUL 1, "
        "BACK 2 anew after 18002");
}

static void a_sender_may_say_that_it_stops(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 2);
    world_receive(&world, 0, 1, 5, PROTO_LITERAL("1 1795341600 id=a"));
    world_receive(&world, 1000 * MS, 1, 5, PROTO_LITERAL("2 1795341601 id=a bye"));
    world_wait_until(&world, 100000 * MS);
    assert_string_equal(world_said(&world), "FIRST 1, LEFT 2");
    assert_int_equal(world.report.peer->state, PROTO_HEARTBEAT_IS_GONE);
    assert_true(proto_heartbeat_deadline(&world.receiver) == PROTO_NEVER);
    world_receive(&world, 100001 * MS, 1, 6, PROTO_LITERAL("1 1795341700 id=a"));
    assert_string_equal(world_said(&world), "BACK 1 anew after 99001");
    world_receive(&world, 100001 * MS, 1, 6, PROTO_LITERAL("2 1795341700 id=a bye"));
    world_receive(&world, 100001 * MS, 1, 6, PROTO_LITERAL("3 1795341700 id=a"));
    assert_string_equal(world_said(&world), "LEFT 2, BACK 3");
    world_receive(&world, 100001 * MS, 1, 6, PROTO_LITERAL("4 1795341700 id=a bye"));
    assert_string_equal(world_said(&world), "LEFT 4");
    world_receive(&world, 100002 * MS, 2, 6, PROTO_LITERAL("1 1795341700 bye"));
    world_wait_until(&world, 105000 * MS);
    assert_string_equal(world_said(&world), "FIRST 1");
    assert_int_equal(world.report.peer->state, PROTO_HEARTBEAT_IS_GONE);
    world_close(&world);
}

static void never_is_a_silence_that_is_not_reached(void **state)
{
    proto_heartbeat_config config = heartbeat_world_config;
    config.silence = PROTO_NEVER;
    config.grace = PROTO_NEVER;
    heartbeat_world world;
    world_open(&world, &config, 1);
    assert_true(proto_heartbeat_deadline(&world.receiver) == PROTO_NEVER);
    proto_heartbeat_report report;
    assert_int_equal(proto_heartbeat_expire(&world.receiver, 5, &report), PROTO_HEARTBEAT_NONE);
    world_receive(&world, 7, 1, 5, PROTO_LITERAL("1 1795341600"));
    world_receive(&world, 8, 1, 5, PROTO_LITERAL("3 1795341600"));
    assert_true(proto_heartbeat_deadline(&world.receiver) == PROTO_NEVER);
    assert_int_equal(proto_heartbeat_expire(&world.receiver, PROTO_NEVER, &report),
                     PROTO_HEARTBEAT_NONE);
    world_close(&world);
}

// -------------------------------------------------------------------------------------------------------------- times --

static void differences_are_as_measured_and_their_variation_is_not_of_the_clocks(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 1);
    // A clock that is an hour fast, and ways of 20, 30, 25 ms.
    static const int64_t ways[] = {20, 30, 25};
    for (uint64_t i = 0; i < 3; i++) {
        proto_heartbeat beat = {.sequence = i,
                                .stamp = WORLD_WALL + (int64_t)((i * 1000 + 3600000) * MS)};
        world_beat(&world, (i * 1000 + (uint64_t)ways[i]) * MS, 1, &beat);
        assert_int_equal(world.report.difference, (ways[i] - 3600000) * (int64_t)MS);
        if (i > 0) assert_int_equal(world.report.variation, (ways[i] - ways[i - 1]) * (int64_t)MS);
    }
    const proto_heartbeat_peer *peer = world.report.peer;
    assert_int_equal(peer->difference, (25 - 3600000) * (int64_t)MS);
    assert_int_equal(peer->least_difference, (20 - 3600000) * (int64_t)MS);
    // RFC 3550: 10/16, then that less a sixteenth, plus 5/16.
    assert_int_equal(peer->jitter, (10 * MS - 10 * MS / 16 + 5 * MS) / 16);
    world_close(&world);
}

// trap 40: RFC 3550 takes those that came, one after the other; ours only those in order.
static void jitter_is_of_what_came_in_order(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 1);
    for (const char *steps = "0:1 1000:2 3000:4 3400:3@2000 4000:5 5000:6"; *steps;) {
        uint64_t at;
        proto_heartbeat beat = {0};
        steps = step_read(steps, &at, &beat);
        world_beat(&world, at * MS, 1, &beat);
    }
    assert_int_equal(world.report.peer->jitter, 0);
    assert_int_equal(world.report.peer->counts.reordered, 1);
    world_close(&world);
}

static void a_clock_that_is_set_does_not_count_as_jitter(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 1);
    int64_t set = 0;
    for (uint64_t i = 0; i < 40; i++) {
        if (i == 10) set = INT64_C(5000000000000);
        if (i == 20) set = INT64_MIN / 2;
        if (i == 30) set = INT64_MAX - WORLD_WALL - INT64_C(40000000000);
        proto_heartbeat beat = {.sequence = i,
                                .stamp = WORLD_WALL + set + (int64_t)(i * 1000 * MS)};
        world_beat(&world, i * 1000 * MS, 1, &beat);
        assert_int_equal(world.report.stepped, i == 10 || i == 20 || i == 30);
    }
    assert_int_equal(world.report.peer->jitter, 0);
    assert_int_equal(world.report.peer->least_difference, world.report.peer->difference);
    world_close(&world);
}

static void differences_that_are_no_numbers_are_the_nearest(void **state)
{
    heartbeat_world world;
    proto_heartbeat_report report;
    world_open(&world, &heartbeat_world_config, 1);
    proto_heartbeat_arrival arrival = {.source = world_address(1, 1)};
    arrival.bytes = PROTO_LITERAL("1 1677-09-21T00:12:44Z");
    arrival.wall = INT64_MAX;
    proto_heartbeat_receive(&world.receiver, &arrival, &report);
    assert_true(report.difference == INT64_MAX);
    arrival.bytes = PROTO_LITERAL("2 9223372035");
    arrival.wall = INT64_MIN;
    arrival.when = 5;
    proto_heartbeat_receive(&world.receiver, &arrival, &report);
    assert_true(report.difference == INT64_MIN && report.stepped);
    arrival.bytes = PROTO_LITERAL("3 1677-09-21T00:12:44Z");
    arrival.when = 0; // and one that claims to have come before
    proto_heartbeat_receive(&world.receiver, &arrival, &report);
    assert_true(report.stepped);
    arrival.bytes = PROTO_LITERAL("4 1677-09-21T00:12:44Z");
    arrival.when = PROTO_NEVER - 1;
    proto_heartbeat_receive(&world.receiver, &arrival, &report);
    assert_true(report.variation == INT64_MAX);
    world_close(&world);
}

// ------------------------------------------------------------------------------------------------------- many senders --

// trap 46: two clients behind one address are told apart, by port or identifier.
static void senders_behind_one_address_are_told_apart(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 8);
    world_receive(&world, 0, 1, 1001, PROTO_LITERAL("1 1795341600"));
    world_receive(&world, 1, 1, 1002, PROTO_LITERAL("8 1795341600"));
    world_receive(&world, 2, 1, 1001, PROTO_LITERAL("1 1795341600 id=a"));
    world_receive(&world, 3, 1, 1001, PROTO_LITERAL("9 1795341600 id=b"));
    world_receive(&world, 4, 2, 1001, PROTO_LITERAL("5 1795341600 id=a"));
    assert_string_equal(world_said(&world), "FIRST 1, FIRST 8, FIRST 1, FIRST 9, FIRST 5");
    world_receive(&world, 10, 1, 1001, PROTO_LITERAL("2 1795341600"));
    world_receive(&world, 11, 1, 1002, PROTO_LITERAL("9 1795341600"));
    // With an identifier the port may change.
    world_receive(&world, 12, 1, 3001, PROTO_LITERAL("2 1795341600 id=a"));
    assert_int_equal(world.report.peer->address.port, 3001);
    world_receive(&world, 13, 1, 1001, PROTO_LITERAL("10 1795341600 id=b"));
    assert_string_equal(world_said(&world), "BEAT 2, BEAT 9, BEAT 2, BEAT 10");
    assert_int_equal(world.receiver.peers, 5);
    assert_ptr_equal(proto_heartbeat_peer_at(&world.receiver, 5), NULL);
    world_close(&world);
}

static void what_is_no_heartbeat_is_counted_and_changes_nothing(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 1);
    assert_int_equal(world_receive(&world, 0, 1, 1, PROTO_LITERAL("\x1b[2J")),
                     PROTO_HEARTBEAT_MALFORMED);
    assert_int_equal(world.report.fault.err, PROTO_ERR_HEARTBEAT_SEQUENCE);
    assert_ptr_equal(world.report.peer, NULL);
    assert_int_equal(world.receiver.malformed, 1);
    assert_int_equal(world.receiver.peers, 0);
    world_close(&world);
}

static void flood(heartbeat_world *world, uint64_t when, unsigned from, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        world_receive(world, when, 1000 + from + i, 7, PROTO_LITERAL("1 1795341600"));
    text_clear(&world->said);
}

static void a_flood_of_new_senders_pushes_out_none_that_is_alive(void **state)
{
    enum { LIVE = 10, ROOM = 16 };
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, ROOM);
    for (uint64_t i = 0; i < 40; i++) {
        for (unsigned host = 0; host < LIVE; host++) {
            proto_heartbeat beat = {.sequence = i + 1,
                                    .stamp = WORLD_WALL + (int64_t)(i * 1000 * MS)};
            proto_heartbeat_event event = world_beat(&world, i * 1000 * MS, host, &beat);
            assert_int_equal(event, i == 0 ? PROTO_HEARTBEAT_FIRST : PROTO_HEARTBEAT_BEAT);
        }
        if (i >= 2) flood(&world, i * 1000 * MS, (unsigned)i * 1000, 1000);
        assert_int_equal(world.receiver.peers, i < 2 ? LIVE : ROOM);
    }
    assert_int_equal(world.receiver.evicted, 38 * 1000 - (ROOM - LIVE));
    assert_int_equal(world.receiver.refused, 0);
    world_close(&world);
}

static void one_that_was_overtaken_is_a_second_sign_of_life_too(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 2);
    world_receive(&world, 0, 1, 1, PROTO_LITERAL("2 1795341601 id=a"));
    world_receive(&world, 1, 1, 1, PROTO_LITERAL("1 1795341600 id=a"));
    assert_string_equal(world_said(&world), "FIRST 2, REORDERED 1");
    flood(&world, 2, 0, 10);
    world_receive(&world, 3, 1, 1, PROTO_LITERAL("3 1795341602 id=a"));
    assert_string_equal(world_said(&world), "BEAT 3");
    world_close(&world);
}

static void a_newcomer_is_refused_when_all_are_alive_and_taken_when_one_has_stopped(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 2);
    for (unsigned i = 0; i < 5; i++) {
        world_receive(&world, i * 1000 * MS, 1, 1,
                      i ? PROTO_LITERAL("2 1795341601 id=a") : PROTO_LITERAL("1 1795341600 id=a"));
        world_receive(&world, i * 1000 * MS, 2, 1,
                      i ? PROTO_LITERAL("2 1795341601 id=b") : PROTO_LITERAL("1 1795341600 id=b"));
    }
    world_said(&world);
    assert_int_equal(world_receive(&world, 4500 * MS, 3, 1, PROTO_LITERAL("1 1 id=c")),
                     PROTO_HEARTBEAT_FULL);
    assert_ptr_equal(world.report.peer, NULL);
    assert_int_equal(world.receiver.refused, 1);
    world_receive(&world, 5900 * MS, 2, 1, PROTO_LITERAL("3 1795341606 id=b"));
    world_receive(&world, 6500 * MS, 3, 1, PROTO_LITERAL("1 1 id=c"));
    assert_string_equal(world_said(&world), "FULL 1, BEAT 3, STOPPED after 5000, FIRST 1");
    assert_int_equal(world.receiver.evicted, 1);
    // The one that was pushed out is a stranger now, and those that have sent once come and go.
    world_receive(&world, 6600 * MS, 1, 1, PROTO_LITERAL("9 1 id=a"));
    world_receive(&world, 6700 * MS, 3, 1, PROTO_LITERAL("2 1 id=c"));
    world_receive(&world, 6800 * MS, 2, 1, PROTO_LITERAL("4 1795341607 id=b"));
    assert_string_equal(world_said(&world), "FIRST 9, FIRST 2, BEAT 4");
    world_close(&world);
}

static void the_first_to_go_has_sent_once_and_stopped_then_the_one_longest_stopped(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 3);
    world_receive(&world, 0, 1, 1, PROTO_LITERAL("1 1 id=a"));
    world_receive(&world, 1, 1, 1, PROTO_LITERAL("2 1 id=a"));
    world_receive(&world, 1000 * MS, 2, 1, PROTO_LITERAL("1 1 id=b"));
    world_receive(&world, 1001 * MS, 2, 1, PROTO_LITERAL("2 1 id=b"));
    world_receive(&world, 2000 * MS, 3, 1, PROTO_LITERAL("1 1 id=once"));
    world_wait_until(&world, 20000 * MS);
    static const char *const order[] = {"once", "a", "b"};
    for (unsigned i = 0; i < 3; i++) {
        char text[40];
        snprintf(text, sizeof text, "1 1 id=new%u", i);
        world_receive(&world, (20000 + i) * MS, 9, 1, proto_slice_text(text));
        snprintf(text, sizeof text, "2 1 id=new%u", i);
        world_receive(&world, (20000 + i) * MS + 1, 9, 1, proto_slice_text(text));
        for (unsigned j = 0; j < 3; j++) {
            bool there = false;
            for (unsigned k = 0; k < 3; k++) {
                const proto_heartbeat_peer *peer = proto_heartbeat_peer_at(&world.receiver, k);
                there |= proto_slice_equal(proto_slice_of(peer->id, peer->id_length),
                                           proto_slice_text(order[j]));
            }
            assert_int_equal(there, j > i);
        }
    }
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sender_keeps_its_interval_however_late_it_is_called),
        cmocka_unit_test(a_sender_does_not_make_up_for_what_it_missed),
        cmocka_unit_test(a_sender_says_who_it_is_and_what_interval_it_keeps),
        cmocka_unit_test(jitter_delays_each_and_adds_up_to_nothing),
        cmocka_unit_test(a_heartbeat_without_room_is_still_due),
        cmocka_unit_test(a_number_that_was_not_sent_is_used_again),
        cmocka_unit_test(heartbeats_are_probes_that_nobody_answers),
        cmocka_unit_test(events_have_names),
        cmocka_unit_test(one_after_the_other_is_a_beat_each),
        cmocka_unit_test(a_gap_is_reported_lost_when_it_is_certain),
        cmocka_unit_test(one_that_was_overtaken_is_not_lost),
        cmocka_unit_test(the_first_ones_may_have_overtaken_each_other),
        cmocka_unit_test(a_report_names_what_was_passed_over),
        cmocka_unit_test(what_is_pending_is_counted_however_long_the_gap),
        cmocka_unit_test(what_comes_after_it_was_reported_lost_stays_lost),
        cmocka_unit_test(a_second_one_with_the_same_number_is_a_duplicate),
        cmocka_unit_test(a_long_gap_is_one_loss),
        cmocka_unit_test(more_gaps_than_are_kept_are_given_up_early_and_counted),
        cmocka_unit_test(a_new_boot_number_is_a_restart),
        cmocka_unit_test(an_old_datagram_of_the_former_run_is_no_restart),
        cmocka_unit_test(without_a_boot_number_a_newer_stamp_tells_of_a_restart),
        cmocka_unit_test(a_clock_that_was_set_back_makes_no_restart_of_reordering),
        cmocka_unit_test(without_either_two_numbers_in_a_row_are_believed),
        cmocka_unit_test(a_number_far_ahead_is_doubted_too),
        cmocka_unit_test(a_counter_of_16_or_32_bits_may_wrap),
        cmocka_unit_test(a_silent_sender_has_stopped_and_may_be_back),
        cmocka_unit_test(a_duplicate_is_no_sign_of_life),
        cmocka_unit_test(one_that_is_back_may_have_been_started_anew),
        cmocka_unit_test(a_sender_may_say_that_it_stops),
        cmocka_unit_test(never_is_a_silence_that_is_not_reached),
        cmocka_unit_test(differences_are_as_measured_and_their_variation_is_not_of_the_clocks),
        cmocka_unit_test(jitter_is_of_what_came_in_order),
        cmocka_unit_test(a_clock_that_is_set_does_not_count_as_jitter),
        cmocka_unit_test(differences_that_are_no_numbers_are_the_nearest),
        cmocka_unit_test(senders_behind_one_address_are_told_apart),
        cmocka_unit_test(what_is_no_heartbeat_is_counted_and_changes_nothing),
        cmocka_unit_test(a_flood_of_new_senders_pushes_out_none_that_is_alive),
        cmocka_unit_test(one_that_was_overtaken_is_a_second_sign_of_life_too),
        cmocka_unit_test(a_newcomer_is_refused_when_all_are_alive_and_taken_when_one_has_stopped),
        cmocka_unit_test(the_first_to_go_has_sent_once_and_stopped_then_the_one_longest_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
