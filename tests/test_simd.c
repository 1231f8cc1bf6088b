/* SPDX-License-Identifier: MIT */
/* The choice of a way to classify bytes. */
#define _POSIX_C_SOURCE 200809L /* unsetenv */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "http_head.h"
#include "paths.h"
#include "proto/base.h"

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
    assert_int_equal(http_reader_choose()->simd, paths[count - 1]);
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
        assert_int_equal(http_reader_used()->simd, paths[i]);
    }
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
        cmocka_unit_test(a_path_that_is_refused_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
