// SPDX-License-Identifier: MIT
// The datagram of a heartbeat: what is read, what is refused and where, what is written.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "proto/heartbeat.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define MS           INT64_C(1000000)
#define S            INT64_C(1000000000)

// 2026-11-22 10:00:00
#define TEN INT64_C(1795341600)

// ------------------------------------------------------------------------------------------------------------ helpers --

typedef struct reading {
    proto_err err;
    proto_heartbeat beat;
    proto_fault fault;
} reading;

// In an allocation of exactly its size, which outlives the reading.
static reading read_exact(const char *text, size_t len)
{
    static uint8_t *copy;
    reading result = {.beat = {.sequence = 99}};
    free(copy);
    copy = malloc(len > 0 ? len : 1);
    memcpy(copy, text, len);
    result.err = proto_heartbeat_read(proto_slice_of(copy, len), &result.beat, &result.fault);
    assert_int_equal(result.err, result.fault.err);
    assert_int_equal(proto_heartbeat_read(proto_slice_of(copy, len), &result.beat, NULL),
                     result.err);
    if (result.err == PROTO_OK) {
        assert_int_equal(result.fault.offset, 0);
    } else {
        assert_true(result.fault.offset <= len);
        assert_int_equal(result.beat.sequence, 99);
    }
    return result;
}

static reading read_text(const char *text)
{
    return read_exact(text, strlen(text));
}

static proto_heartbeat read_good(const char *text)
{
    reading result = read_text(text);
    if (result.err != PROTO_OK)
        fail_msg("%s: %s at %u", text, proto_err_name(result.err), (unsigned)result.fault.offset);
    return result.beat;
}

static const char *written(const proto_heartbeat *beat)
{
    static char text[PROTO_HEARTBEAT_LENGTH + 1];
    proto_out out = proto_out_of(text, PROTO_HEARTBEAT_LENGTH);
    assert_int_equal(proto_heartbeat_write(beat, &out), PROTO_OK);
    text[out.len] = '\0';
    return text;
}

static void assert_same(const proto_heartbeat *a, const proto_heartbeat *b)
{
    assert_true(a->sequence == b->sequence && a->stamp == b->stamp);
    assert_true(proto_slice_equal(a->id, b->id));
    assert_int_equal(a->has_boot, b->has_boot);
    assert_true(a->boot == b->boot && a->every == b->every);
    assert_int_equal(a->bye, b->bye);
}

// ------------------------------------------------------------------------------------------------------------ reading --

static const char whole[] =
    "Heartbeat/1 7 2026-11-22T10:00:00.123456789Z id=alpha boot=1795341600 every=0.25 bye\n";

static void everything_that_a_heartbeat_says_is_read(void **state)
{
    proto_heartbeat beat = read_good(whole);
    assert_int_equal(beat.sequence, 7);
    assert_int_equal(beat.stamp, TEN * S + 123456789);
    assert_true(proto_slice_equal(beat.id, PROTO_LITERAL("alpha")));
    assert_true(beat.has_boot && beat.bye);
    assert_int_equal(beat.boot, TEN);
    assert_int_equal(beat.every, 250 * MS);
}

static void a_number_and_a_time_are_enough(void **state)
{
    static const char *const texts[] = {
        "7 1795341600",
        "7 1795341600\n",
        "7 1795341600\r\n",
        "  7   1795341600  ",
        "Heartbeat 7 1795341600",
        "HEARTBEAT/1 7 1795341600",
        "heartbeat/1 0007 1795341600.000",
        "7 1795341600 later=1 x-y=#! A1=",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        proto_heartbeat beat = read_good(texts[i]);
        assert_int_equal(beat.sequence, 7);
        assert_int_equal(beat.stamp, TEN * S);
        assert_int_equal(beat.id.len, 0);
        assert_false(beat.has_boot || beat.bye || beat.every > 0);
    }
}

static void times_are_read_in_every_form_that_programs_print(void **state)
{
    static const struct {
        const char *text;
        int64_t stamp;
    } times[] = {
        {"2026-11-22T10:00:00Z", TEN * S},
        {"2026-11-22t10:00:00z", TEN * S},
        {"2026-11-22 10:00:00", TEN * S},
        {"2026-11-22 10:00:00.5", TEN * S + 500 * MS},
        {"2026-11-22 10:00:00.1234567894+00:00", TEN * S + 123456789},
        {"2026-11-22T12:30:00+02:30", TEN * S},
        {"2026-11-22T10:00:00-00:00", TEN * S},
        {"2026-11-23T09:59:00+23:59", TEN * S},
        {"2026-11-22T04:00:00-06:00", TEN * S},
        {"2026-11-22T09:59:60Z", (TEN - 1) * S},
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.999999999Z", -1},
        {"1677-09-21T00:12:44Z", -9223372036 * S},
        {"2262-04-11T23:47:15.999999999Z", 9223372035 * S + 999999999},
        {"0", 0},
        {"1795341600.25", TEN * S + 250 * MS},
        {"1795341600.2512345678", TEN * S + 251234567},
        {"9223372035", 9223372035 * S},
        {"09223372035", 9223372035 * S},
        {"1795341600123", TEN * S + 123 * MS},
        {"01795341600123", TEN * S + 123 * MS},
        {"1795341600123456", TEN * S + 123456000},
        {"01795341600123456", TEN * S + 123456000},
        {"1795341600123456789", TEN * S + 123456789},
        {"9223372036854775807", INT64_MAX},
    };
    for (size_t i = 0; i < COUNT(times); i++) {
        char text[80];
        snprintf(text, sizeof text, "1 %s id=a", times[i].text);
        if (read_good(text).stamp != times[i].stamp) fail_msg("%s", text);
    }
}

static void what_is_no_heartbeat_is_refused_at_the_byte_at_fault(void **state)
{
    static const struct {
        const char *text;
        proto_err err;
        size_t offset;
    } texts[] = {
        {"", PROTO_ERR_HEARTBEAT_SEQUENCE, 0},
        {"\n", PROTO_ERR_HEARTBEAT_SEQUENCE, 0},
        {"Heart 1 0", PROTO_ERR_HEARTBEAT_VERSION, 5},
        {"Ping 1 2026-11-22 10:00:00", PROTO_ERR_HEARTBEAT_VERSION, 0},
        {"Heartbeat/2 1 0", PROTO_ERR_HEARTBEAT_VERSION, 10},
        {"Heartbeat/10 1 0", PROTO_ERR_HEARTBEAT_VERSION, 11},
        {"Heartbeat/ 1 0", PROTO_ERR_HEARTBEAT_VERSION, 10},
        {"Heartbeats 1 0", PROTO_ERR_HEARTBEAT_VERSION, 9},
        {"Heartbeat", PROTO_ERR_HEARTBEAT_SEQUENCE, 9},
        {"-1 0", PROTO_ERR_HEARTBEAT_SEQUENCE, 0},
        {"1x 0", PROTO_ERR_HEARTBEAT_SEQUENCE, 1},
        {"9223372036854775808 0", PROTO_ERR_HEARTBEAT_SEQUENCE, 19},
        {"18446744073709551616 0", PROTO_ERR_HEARTBEAT_SEQUENCE, 19},
        {"1", PROTO_ERR_HEARTBEAT_TIME, 1},
        {"1 ", PROTO_ERR_HEARTBEAT_TIME, 2},
        {"1 now", PROTO_ERR_HEARTBEAT_TIME, 2},
        {"1 -5", PROTO_ERR_HEARTBEAT_TIME, 2},
        {"1 5.", PROTO_ERR_HEARTBEAT_TIME, 4},
        {"1 5s", PROTO_ERR_HEARTBEAT_TIME, 3},
        {"1 1e9", PROTO_ERR_HEARTBEAT_TIME, 3},
        {"1 9223372036", PROTO_ERR_HEARTBEAT_TIME, 12},
        {"1 99999999999999", PROTO_ERR_HEARTBEAT_TIME, 16},
        {"1 9223372036854775808", PROTO_ERR_HEARTBEAT_TIME, 21},
        {"1 2026-11-22", PROTO_ERR_HEARTBEAT_TIME, 12},
        {"1 2026-11-22T10:00", PROTO_ERR_HEARTBEAT_TIME, 18},
        {"1 2026-11-22_10:00:00", PROTO_ERR_HEARTBEAT_TIME, 12},
        {"1 2026-02-30T10:00:00Z", PROTO_ERR_HEARTBEAT_TIME, 22},
        {"1 2026-11-22T24:00:00Z", PROTO_ERR_HEARTBEAT_TIME, 22},
        {"1 2026-11-22T10:00:61Z", PROTO_ERR_HEARTBEAT_TIME, 22},
        {"1 2026-11-22T10:00:00.Z", PROTO_ERR_HEARTBEAT_TIME, 22},
        {"1 2026-11-22T10:00:00X", PROTO_ERR_HEARTBEAT_TIME, 21},
        {"1 2026-11-22T10:00:00+24:00", PROTO_ERR_HEARTBEAT_TIME, 27},
        {"1 2026-11-22T10:00:00+0:00", PROTO_ERR_HEARTBEAT_TIME, 23},
        {"1 2026-11-22T10:00:00+00-00", PROTO_ERR_HEARTBEAT_TIME, 24},
        {"1 2026-11-22T10:00:00+00:0", PROTO_ERR_HEARTBEAT_TIME, 26},
        {"1 2026-11-22T10:00:00+00:60", PROTO_ERR_HEARTBEAT_TIME, 27},
        {"1 2262-04-11T23:47:16Z", PROTO_ERR_HEARTBEAT_TIME, 22},
        {"1 1677-09-21T00:12:43Z", PROTO_ERR_HEARTBEAT_TIME, 22},
        {"1 5 alpha", PROTO_ERR_HEARTBEAT_WORD, 9},
        {"1 5 =a", PROTO_ERR_HEARTBEAT_WORD, 4},
        {"1 5 bye bye", PROTO_ERR_HEARTBEAT_WORD, 11},
        {"1 5 bye=1 bye!", PROTO_ERR_HEARTBEAT_WORD, 13},
        {"1 5 id=", PROTO_ERR_HEARTBEAT_WORD, 7},
        {"1 5 id=a id=b", PROTO_ERR_HEARTBEAT_WORD, 12},
        {"1 5 id=a,b", PROTO_ERR_HEARTBEAT_WORD, 8},
        {"1 5 id=123456789012345678901234567890123", PROTO_ERR_HEARTBEAT_WORD, 39},
        {"1 5 boot=x", PROTO_ERR_HEARTBEAT_WORD, 9},
        {"1 5 boot=1 boot=1", PROTO_ERR_HEARTBEAT_WORD, 16},
        {"1 5 boot=18446744073709551616", PROTO_ERR_HEARTBEAT_WORD, 28},
        {"1 5 every=0", PROTO_ERR_HEARTBEAT_WORD, 11},
        {"1 5 every=1 every=1", PROTO_ERR_HEARTBEAT_WORD, 18},
        {"1 5 every=9223372036", PROTO_ERR_HEARTBEAT_WORD, 20},
        {"1 5 every=1.", PROTO_ERR_HEARTBEAT_WORD, 12},
        {"1 5 every=-1", PROTO_ERR_HEARTBEAT_WORD, 10},
        {"1 5 a=\x1b[2J", PROTO_ERR_HEARTBEAT_WORD, 6},
        {"1 5 a=\x7f", PROTO_ERR_HEARTBEAT_WORD, 6},
        {"1 5 a=\x80", PROTO_ERR_HEARTBEAT_WORD, 6},
        {"1\t5", PROTO_ERR_HEARTBEAT_SEQUENCE, 1},
        {"1 5\n\n", PROTO_ERR_HEARTBEAT_TIME, 3},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        reading result = read_text(texts[i].text);
        if (result.err != texts[i].err || result.fault.offset != texts[i].offset)
            fail_msg("%s: %s at %u", texts[i].text, proto_err_name(result.err),
                     (unsigned)result.fault.offset);
    }
    assert_int_equal(read_exact("1\0 5", 4).err, PROTO_ERR_HEARTBEAT_SEQUENCE);
    assert_int_equal(read_exact("1 5\0", 4).err, PROTO_ERR_HEARTBEAT_TIME);
    assert_int_equal(read_exact("1 5 bye\0", 8).err, PROTO_ERR_HEARTBEAT_WORD);
}

static void a_datagram_has_a_longest_length(void **state)
{
    char text[PROTO_HEARTBEAT_LONGEST + 1];
    memset(text, ' ', sizeof text);
    memcpy(text, "1 5", 3);
    assert_int_equal(read_exact(text, sizeof text - 1).err, PROTO_OK);
    reading result = read_exact(text, sizeof text);
    assert_int_equal(result.err, PROTO_ERR_HEARTBEAT_LENGTH);
    assert_int_equal(result.fault.offset, PROTO_HEARTBEAT_LONGEST);
}

// Between two forbidden pages: whatever is cut off or changed, no byte outside is looked at, and what is read can be written.
static void no_byte_outside_is_read_whatever_is_cut_or_changed(void **state)
{
    guard_pages guard;
    uint64_t random = 1;
    guard_open(&guard, 4096);
    for (size_t len = 0; len < sizeof whole; len++) {
        char text[sizeof whole];
        memcpy(text, whole, sizeof text);
        for (int change = 0; change < 200; change++) {
            proto_heartbeat beat, again;
            const uint8_t *low = guard_low(&guard, text, len);
            proto_err err = proto_heartbeat_read(proto_slice_of(low, len), &beat, NULL);
            const uint8_t *high = guard_high(&guard, text, len);
            assert_int_equal(proto_heartbeat_read(proto_slice_of(high, len), &beat, NULL), err);
            if (err == PROTO_OK) {
                again = read_good(written(&beat));
                assert_same(&beat, &again);
            }
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            if (len > 0) text[(random >> 40) % len] = (char)(random >> 33 & 0x7f);
        }
    }
    guard_close(&guard);
}

// ------------------------------------------------------------------------------------------------------------ writing --

static void a_heartbeat_is_written_as_it_is_documented(void **state)
{
    proto_heartbeat beat = {.sequence = 7, .stamp = TEN * S + 123456789};
    assert_string_equal(written(&beat), "Heartbeat/1 7 2026-11-22T10:00:00.123456789Z\n");
    beat.id = PROTO_LITERAL("alpha");
    beat.has_boot = true;
    beat.boot = TEN;
    beat.every = 1000 * MS;
    assert_string_equal(written(&beat), "Heartbeat/1 7 2026-11-22T10:00:00.123456789Z id=alpha "
                                        "boot=1795341600 every=1\n");
    beat = (proto_heartbeat){.stamp = -1, .every = 1500 * MS, .bye = true};
    assert_string_equal(written(&beat),
                        "Heartbeat/1 0 1969-12-31T23:59:59.999999999Z every=1.5 bye\n");
    beat = (proto_heartbeat){.every = 10 * 1000 * MS + 1};
    assert_string_equal(written(&beat),
                        "Heartbeat/1 0 1970-01-01T00:00:00.000000000Z every=10.000000001\n");
}

static void what_is_written_is_read_again(void **state)
{
    static const int64_t stamps[] = {INT64_MIN + 854775808, -1, 0, 1, TEN * S, 9223372035 * S};
    static const uint64_t numbers[] = {0, 1, 999999999, 1000000000, UINT64_C(9223372035999999999)};
    proto_heartbeat beat = {.id = PROTO_LITERAL("Abc-._~:@+09")};
    for (size_t i = 0; i < COUNT(stamps) * COUNT(numbers) * 4; i++) {
        beat.stamp = stamps[i / 4 % COUNT(stamps)];
        beat.sequence = beat.boot = beat.every = numbers[i / 4 / COUNT(stamps)];
        if (beat.sequence > PROTO_HEARTBEAT_HIGHEST) beat.sequence = PROTO_HEARTBEAT_HIGHEST;
        beat.has_boot = i & 1;
        if (!beat.has_boot) beat.boot = 0;
        beat.bye = i & 2;
        proto_heartbeat again = read_good(written(&beat));
        assert_same(&beat, &again);
    }
}

static void the_highest_number_is_read(void **state)
{
    assert_true(read_good("9223372036854775807 5").sequence == PROTO_HEARTBEAT_HIGHEST);
}

static void the_longest_heartbeat_has_room_and_one_byte_less_is_refused(void **state)
{
    char text[PROTO_HEARTBEAT_LENGTH];
    proto_heartbeat beat = {
        .sequence = PROTO_HEARTBEAT_HIGHEST,
        .stamp = TEN * S,
        .id = PROTO_LITERAL("12345678901234567890123456789012"),
        .boot = UINT64_MAX,
        .has_boot = true,
        .bye = true,
        .every = UINT64_MAX,
    };
    size_t len = strlen(written(&beat));
    for (size_t cap = 0; cap < len; cap++) {
        proto_out out = proto_out_of(text, cap);
        assert_int_equal(proto_heartbeat_write(&beat, &out), PROTO_ERR_NO_SPACE);
        assert_true(out.failed && out.len == 0);
    }
    assert_true(len <= PROTO_HEARTBEAT_LENGTH);
}

static void what_could_not_be_read_is_not_written(void **state)
{
    char text[PROTO_HEARTBEAT_LENGTH];
    proto_out out = proto_out_of(text, sizeof text);
    proto_heartbeat beat = {.sequence = PROTO_HEARTBEAT_HIGHEST + 1};
    assert_int_equal(proto_heartbeat_write(&beat, &out), PROTO_ERR_HEARTBEAT_SEQUENCE);
    static const char *const ids[] = {"a b", "a\n", "\x1b", "a=b",
                                      "123456789012345678901234567890123"};
    for (size_t i = 0; i < COUNT(ids); i++) {
        beat = (proto_heartbeat){.id = proto_slice_text(ids[i])};
        assert_int_equal(proto_heartbeat_write(&beat, &out), PROTO_ERR_HEARTBEAT_WORD);
    }
    assert_true(out.len == 0 && !out.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_a_heartbeat_says_is_read),
        cmocka_unit_test(a_number_and_a_time_are_enough),
        cmocka_unit_test(times_are_read_in_every_form_that_programs_print),
        cmocka_unit_test(what_is_no_heartbeat_is_refused_at_the_byte_at_fault),
        cmocka_unit_test(a_datagram_has_a_longest_length),
        cmocka_unit_test(no_byte_outside_is_read_whatever_is_cut_or_changed),
        cmocka_unit_test(a_heartbeat_is_written_as_it_is_documented),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(the_highest_number_is_read),
        cmocka_unit_test(the_longest_heartbeat_has_room_and_one_byte_less_is_refused),
        cmocka_unit_test(what_could_not_be_read_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
