// SPDX-License-Identifier: MIT
// Sets of protocols: what is in one is always found, and little else.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http_upgrade.h"

static uint64_t set_of(const char *list)
{
    return http_protocols(proto_slice_text(list));
}

static void a_list_is_the_set_of_its_members(void **state)
{
    assert_int_equal(set_of(""), 0);
    assert_int_equal(set_of(" ,, "), 0);
    assert_true(set_of("x") != 0);
    assert_true(set_of("x") == set_of(" ,x ,"));
    assert_true(set_of("a, b/2,c") == (set_of("a") | set_of("b/2") | set_of("c")));
    assert_true(set_of("WebSocket, TLS/1.0") == set_of("tls/1.0, websocket"));
    assert_true(set_of("HTTP/2.0") != set_of("HTTP/3.0"));
}

static void what_is_spoken_already_does_not_count(void **state)
{
    assert_int_equal(set_of("HTTP/1.1"), 0);
    assert_true(set_of("TLS/1.0, http/1.1") == set_of("TLS/1.0"));
    assert_true(set_of("HTTP/1.0") != 0);
}

/* How many of a hundred thousand other names are taken for members. */
static unsigned mistaken(uint64_t set)
{
    unsigned count = 0;
    for (unsigned i = 0; i < 100000; i++) {
        char name[24];
        snprintf(name, sizeof name, i % 2 ? "proto%u" : "%u/1.0", i);
        count += (set_of(name) & ~set) == 0;
    }
    return count;
}

static void little_else_is_found_in_a_set(void **state)
{
    assert_true(mistaken(0) == 0);
    assert_true(mistaken(set_of("websocket")) <= 2);
    assert_true(mistaken(set_of("h2c")) <= 2);
    assert_true(mistaken(set_of("TLS/1.2, TLS/1.1, TLS/1.0")) < 100);
    assert_true(mistaken(set_of("HTTP/2.0, SHTTP/1.3, IRC/6.9, RTA/x11")) < 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_the_set_of_its_members),
        cmocka_unit_test(what_is_spoken_already_does_not_count),
        cmocka_unit_test(little_else_is_found_in_a_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
