// SPDX-License-Identifier: MIT
// The programs' way from the kernel's time stamps, which are of a clock that somebody may set, to one that never runs backwards.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "../examples/common/arrival.h"

#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)

// 2026-11-22 10:00:00, and what the other clock says then.
#define REAL  (INT64_C(1795341600) * S)
#define EXACT UINT64_C(5000000000000)

// Clocks that were read twice, the second time `set` nanoseconds further apart.
static struct arrival_clock clocks(int64_t set)
{
    struct arrival_clock clock = {0};
    arrival_note(&clock, EXACT - 100 * (uint64_t)S, REAL - 100 * S);
    arrival_note(&clock, EXACT, REAL + set);
    return clock;
}

static void a_stamp_is_turned_into_an_age(void **state)
{
    struct arrival_clock clock = clocks(0);
    bool by_kernel = false;
    assert_int_equal(arrival_time(&clock, REAL - 3 * MS, &by_kernel), EXACT - 3 * (uint64_t)MS);
    assert_true(by_kernel);
    assert_int_equal(arrival_time(&clock, REAL, &by_kernel), EXACT);
    assert_true(by_kernel);
}

// trap 30: the real-time clock is set between a packet's arrival and its receipt.
static void a_clock_that_is_set_does_not_change_when_something_arrived(void **state)
{
    static const int64_t steps[] = {
        MS, -MS, 500 * MS, -500 * MS, 3600 * S, -3600 * S, 40 * 365 * 86400 * S};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct arrival_clock clock = clocks(steps[i]);
        bool by_kernel = true;
        // Stamped before the step, and after it: which of them nobody knows.
        assert_int_equal(arrival_time(&clock, REAL - 3 * MS, &by_kernel), EXACT);
        assert_false(by_kernel);
        assert_int_equal(arrival_time(&clock, REAL + steps[i] - 3 * MS, &by_kernel), EXACT);
        assert_false(by_kernel);
        // And then stamps are good again.
        arrival_note(&clock, EXACT + (uint64_t)S, REAL + S + steps[i]);
        assert_int_equal(arrival_time(&clock, REAL + S + steps[i] - 3 * MS, &by_kernel),
                         EXACT + (uint64_t)S - 3 * (uint64_t)MS);
        assert_true(by_kernel);
    }
}

// trap 30
static void an_age_that_cannot_be_is_not_believed(void **state)
{
    struct arrival_clock clock = clocks(0);
    bool by_kernel = true;
    assert_int_equal(arrival_time(&clock, REAL + 1, &by_kernel), EXACT);
    assert_false(by_kernel);
    assert_int_equal(arrival_time(&clock, REAL - 61 * S, &by_kernel), EXACT);
    assert_false(by_kernel);
    clock = (struct arrival_clock){.exact = 5, .real = REAL, .steady = true};
    assert_int_equal(arrival_time(&clock, REAL - 6, &by_kernel), 5); // before the clock began
    assert_false(by_kernel);
}

static void clocks_that_run_apart_a_little_are_steady(void **state)
{
    struct arrival_clock clock = clocks(150000);
    bool by_kernel;
    arrival_time(&clock, REAL, &by_kernel);
    assert_true(by_kernel);
}

static void the_first_reading_alone_tells_nothing(void **state)
{
    struct arrival_clock clock = {0};
    bool by_kernel = true;
    arrival_note(&clock, EXACT, REAL);
    assert_int_equal(arrival_time(&clock, REAL - MS, &by_kernel), EXACT);
    assert_false(by_kernel);
}

static void both_clocks_are_read_at_one_moment(void **state)
{
    struct arrival_clock clock = {0};
    arrival_read(&clock);
    for (int i = 0; i < 1000; i++) {
        uint64_t before = clock.exact;
        arrival_read(&clock);
        assert_true(clock.exact >= before);
    }
    assert_true(clock.real > 0 && clock.begun);
}

static void the_stamp_is_found_among_what_the_kernel_says(void **state)
{
    struct arrival_clock clock = clocks(0);
    _Alignas(max_align_t) uint8_t control[128] = {0};
    struct timespec stamp = {.tv_sec = (time_t)(REAL / S) - 1, .tv_nsec = 999000000};
    struct msghdr message = {.msg_control = control,
                             .msg_controllen = CMSG_SPACE(4) + CMSG_SPACE(sizeof stamp)};
    struct cmsghdr *other = CMSG_FIRSTHDR(&message);
    bool by_kernel;
    other->cmsg_level = SOL_SOCKET;
    other->cmsg_type = SO_RXQ_OVFL;
    other->cmsg_len = CMSG_LEN(4);
    struct cmsghdr *header = CMSG_NXTHDR(&message, other);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SO_TIMESTAMPNS;
    header->cmsg_len = CMSG_LEN(sizeof stamp);
    memcpy(CMSG_DATA(header), &stamp, sizeof stamp);
    assert_int_equal(arrival_of_message(&clock, &message, &by_kernel), EXACT - (uint64_t)MS);
    assert_true(by_kernel);
    message.msg_controllen = CMSG_SPACE(4);
    assert_int_equal(arrival_of_message(&clock, &message, &by_kernel), EXACT);
    assert_false(by_kernel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stamp_is_turned_into_an_age),
        cmocka_unit_test(a_clock_that_is_set_does_not_change_when_something_arrived),
        cmocka_unit_test(an_age_that_cannot_be_is_not_believed),
        cmocka_unit_test(clocks_that_run_apart_a_little_are_steady),
        cmocka_unit_test(the_first_reading_alone_tells_nothing),
        cmocka_unit_test(both_clocks_are_read_at_one_moment),
        cmocka_unit_test(the_stamp_is_found_among_what_the_kernel_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
