/* SPDX-License-Identifier: MIT */
/* The choice of a way to classify bytes. */
#define _POSIX_C_SOURCE 200809L /* unsetenv */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "paths.h"
#include "proto/base.h"
#include "proto/http.h"
#include "simd.h"

static const struct {
    proto_simd simd;
    const char *name;
} names[] = {{PROTO_SIMD_PORTABLE, "portable"},
             {PROTO_SIMD_NEON, "neon"},
             {PROTO_SIMD_SSSE3, "ssse3"},
             {PROTO_SIMD_AVX2, "avx2"},
             {PROTO_SIMD_AVX512, "avx512"}};

static void each_path_has_its_name(void **state)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(proto_simd_name(names[i].simd), names[i].name);
}

static void a_number_that_is_no_path_has_an_empty_name(void **state)
{
    assert_string_equal(proto_simd_name((proto_simd)(PROTO_SIMD_AVX512 + 1)), "");
    assert_string_equal(proto_simd_name((proto_simd)1000), "");
}

static void the_widest_path_is_chosen_unasked(void **state)
{
    proto_simd paths[MAX_PATHS];
    size_t count = simd_paths(paths);
    assert_true(proto_simd_use(PROTO_SIMD_PORTABLE));
    assert_int_equal(simd_decide(), SIMD_PLACE(paths[count - 1]));
    assert_int_equal(proto_simd_used(), paths[count - 1]);
    const char *expected = getenv("LIBPROTO_SIMD_EXPECTED"); /* by who knows the processor */
    if (expected) assert_string_equal(proto_simd_name(proto_simd_used()), expected);
}

static void a_path_that_is_accepted_is_used(void **state)
{
    proto_simd paths[MAX_PATHS];
    size_t count = simd_paths(paths);
    assert_int_equal(paths[0], PROTO_SIMD_PORTABLE);
    for (size_t i = 0; i < count; i++) {
        assert_true(proto_simd_use(paths[i]));
        assert_int_equal(proto_simd_used(), paths[i]);
        assert_int_equal(simd_place(), SIMD_PLACE(paths[i]));
    }
}

/* The state of a process in which nothing was read yet; test programs decide before they read. */
static void reading_a_head_decides(void **state)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char response[] = "HTTP/1.1 204 No Content\r\n\r\n";
    proto_simd paths[MAX_PATHS];
    proto_simd widest = paths[simd_paths(paths) - 1];
    proto_http_field fields[4];
    proto_http_head head;
    for (int i = 0; i < 2; i++) {
        proto_in in = i == 0 ? proto_in_of(request, sizeof request - 1)
                             : proto_in_of(response, sizeof response - 1);
        atomic_store(&proto_simd_choice, (unsigned)SIMD_UNDECIDED);
        proto_http_head_init(&head, NULL, fields, 4);
        proto_err err = i == 0 ? proto_http_request_read(&head, &in)
                               : proto_http_response_read(&head, PROTO_HTTP_GET, &in);
        assert_int_equal(err, PROTO_OK);
        assert_int_equal(simd_place(), SIMD_PLACE(widest));
    }
    atomic_store(&proto_simd_choice, (unsigned)SIMD_UNDECIDED);
    assert_int_equal(proto_simd_used(), widest);
}

/* No processor has both kinds of instructions, so that some path is missing on each. */
static void a_path_that_is_refused_changes_nothing(void **state)
{
    int refused = 0;
    proto_simd_use(PROTO_SIMD_PORTABLE);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (proto_simd_use(names[i].simd)) {
            proto_simd_use(PROTO_SIMD_PORTABLE);
            continue;
        }
        refused++;
        assert_int_equal(proto_simd_used(), PROTO_SIMD_PORTABLE);
    }
    assert_true(refused > 0);
    assert_false(proto_simd_use((proto_simd)1000));
    assert_int_equal(proto_simd_used(), PROTO_SIMD_PORTABLE);
}

int main(void)
{
    unsetenv("LIBPROTO_SIMD"); /* these tests are about the choice itself */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_has_its_name),
        cmocka_unit_test(a_number_that_is_no_path_has_an_empty_name),
        cmocka_unit_test(the_widest_path_is_chosen_unasked),
        cmocka_unit_test(a_path_that_is_accepted_is_used),
        cmocka_unit_test(reading_a_head_decides),
        cmocka_unit_test(a_path_that_is_refused_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
