// SPDX-License-Identifier: MIT
// Slices, sinks, the texts of errors, and the classes of bytes below them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ascii.h"
#include "guard.h"
#include "proto/base.h"

/* ------------------------------------------------------------------------------------ slices -- */

static void the_version_is_that_of_the_headers(void **state)
{
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", PROTO_VERSION_MAJOR, PROTO_VERSION_MINOR,
             PROTO_VERSION_PATCH);
    assert_string_equal(proto_version(), version);
}

static void a_slice_of_no_text_is_empty(void **state)
{
    assert_int_equal(proto_slice_text(NULL).len, 0);
    assert_int_equal(proto_slice_text("").len, 0);
    assert_int_equal(proto_slice_text("abc").len, 3);
    assert_int_equal(PROTO_LITERAL("a\0c").len, 3);
    proto_in in = proto_in_of(NULL, 0);
    assert_true(in.pos == in.end && !in.eof);
}

static void a_constant_table_of_slices_is_known_before_the_program_runs(void **state)
{
    static const proto_slice table[] = {PROTO_SLICE_INIT(""), PROTO_SLICE_INIT("a\0c"),
                                        PROTO_SLICE_INIT("one "
                                                         "text")};
    assert_int_equal(table[0].len, 0);
    assert_true(proto_slice_equal(table[1], PROTO_LITERAL("a\0c")));
    assert_true(proto_slice_equal(table[2], PROTO_LITERAL("one text")));
}

static void slices_are_equal_when_their_bytes_are(void **state)
{
    proto_slice none = proto_slice_of(NULL, 0);
    assert_true(proto_slice_equal(none, none));
    assert_true(proto_slice_equal(none, PROTO_LITERAL("")));
    assert_true(proto_slice_equal(PROTO_LITERAL("a\0b"), PROTO_LITERAL("a\0b")));
    assert_false(proto_slice_equal(PROTO_LITERAL("a\0b"), PROTO_LITERAL("a\0c")));
    assert_false(proto_slice_equal(PROTO_LITERAL("ab"), PROTO_LITERAL("abc")));
    assert_false(proto_slice_equal(PROTO_LITERAL("ab"), PROTO_LITERAL("AB")));
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

// Each byte against each, at one place of two slices between forbidden pages.
static void compare_all_bytes(uint8_t *a, uint8_t *b, size_t len, size_t place)
{
    for (unsigned x = 0; x < 256; x++)
        for (unsigned y = 0; y < 256; y++) {
            a[place] = (uint8_t)x;
            b[place] = (uint8_t)y;
            bool same = proto_slice_equal_nocase(proto_slice_of(a, len), proto_slice_of(b, len));
            if (same != (lower(a[place]) == lower(b[place])))
                fail_msg("%u and %u at %zu of %zu", x, y, place, len);
        }
}

static void letters_alone_are_compared_without_case(void **state)
{
    static const char text[] = "Content-Length: 10 Bytes";
    guard_pages guards[2];
    guard_open(&guards[0], sizeof text);
    guard_open(&guards[1], sizeof text);
    for (size_t len = 1; len < sizeof text; len++)
        for (size_t place = 0; place<len; place += len> 4 ? (len - 1) / 3 : 1) {
            uint8_t *low = guard_low(&guards[0], text, len);
            uint8_t *high = guard_high(&guards[1], text, len);
            compare_all_bytes(low, high, len, place);
        }
    guard_close(&guards[0]);
    guard_close(&guards[1]);
}

static void slices_of_different_lengths_differ_in_any_case(void **state)
{
    proto_slice none = proto_slice_of(NULL, 0);
    assert_true(proto_slice_equal_nocase(none, PROTO_LITERAL("")));
    assert_false(proto_slice_equal_nocase(PROTO_LITERAL("Host"), PROTO_LITERAL("Hos")));
    assert_false(proto_slice_equal_nocase(PROTO_LITERAL("Host"), none));
}

/* ------------------------------------------------------------------------------------- sinks -- */

static void a_sink_is_filled_to_its_last_byte(void **state)
{
    char buffer[5] = "....";
    proto_out out = proto_out_of(buffer, 4);
    assert_true(proto_out_put(&out, "ab", 2));
    assert_true(proto_out_slice(&out, PROTO_LITERAL("cd")));
    assert_true(proto_out_put(&out, NULL, 0));
    assert_int_equal(out.len, 4);
    assert_false(out.failed);
    assert_string_equal(buffer, "abcd");
}

static void what_does_not_fit_is_not_begun(void **state)
{
    char buffer[5] = "....";
    proto_out out = proto_out_of(buffer, 4);
    assert_true(proto_out_put(&out, "a", 1));
    assert_false(proto_out_put(&out, "bcde", 4));
    assert_true(out.failed);
    assert_int_equal(out.len, 1);
    assert_string_equal(buffer, "a...");
}

static void a_sink_that_failed_stays_failed(void **state)
{
    char buffer[4];
    proto_out out = proto_out_of(buffer, sizeof buffer);
    assert_false(proto_out_put(&out, "12345", 5));
    assert_false(proto_out_put(&out, "1", 1));
    assert_false(proto_out_slice(&out, PROTO_LITERAL("")));
    assert_false(proto_out_decimal(&out, 1));
    assert_int_equal(out.len, 0);
    out.failed = false;
    assert_true(proto_out_put(&out, "1", 1));
}

static void a_size_near_the_largest_does_not_wrap(void **state)
{
    char buffer[4];
    proto_out out = proto_out_of(buffer, sizeof buffer);
    assert_true(proto_out_put(&out, "ab", 2));
    assert_false(proto_out_put(&out, "ab", SIZE_MAX));
    assert_int_equal(out.len, 2);
}

static void numbers_are_written_in_decimal(void **state)
{
    static const struct {
        uint64_t number;
        const char *digits;
    } numbers[] = {{0, "0"},
                   {9, "9"},
                   {10, "10"},
                   {1234567890, "1234567890"},
                   {INT64_MAX, "9223372036854775807"},
                   {UINT64_MAX, "18446744073709551615"}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        for (size_t cap = 0; cap <= 20; cap++) {
            char buffer[21] = "";
            proto_out out = proto_out_of(buffer, cap);
            bool fits = cap >= strlen(numbers[i].digits);
            assert_int_equal(proto_out_decimal(&out, numbers[i].number), fits);
            assert_string_equal(buffer, fits ? numbers[i].digits : "");
            assert_int_equal(out.failed, !fits);
        }
}

/* ------------------------------------------------------------------------------------ errors -- */

static const proto_err errors[] = {PROTO_OK, PROTO_NEED_INPUT,
#define ERROR(name, text) PROTO_ERR_##name,
                                   PROTO_ERRORS(ERROR)
#undef ERROR
};
enum { ERRORS = sizeof errors / sizeof errors[0] };

static void errors_count_up_from_success(void **state)
{
    for (size_t i = 0; i < ERRORS; i++)
        assert_int_equal(errors[i], i);
}

static void each_error_has_its_own_name_and_text(void **state)
{
    assert_string_equal(proto_err_name(PROTO_OK), "PROTO_OK");
    assert_string_equal(proto_err_name(PROTO_ERR_HTTP_METHOD), "PROTO_ERR_HTTP_METHOD");
    assert_string_equal(proto_err_text(PROTO_ERR_STATE), "the call is not allowed in this state");
    for (size_t i = 0; i < ERRORS; i++) {
        assert_true(strncmp(proto_err_name(errors[i]), "PROTO_", 6) == 0);
        assert_true(strlen(proto_err_text(errors[i])) > 5);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(proto_err_name(errors[i]), proto_err_name(errors[j]));
            assert_string_not_equal(proto_err_text(errors[i]), proto_err_text(errors[j]));
        }
    }
}

static void a_number_that_is_no_error_has_a_text_all_the_same(void **state)
{
    assert_string_equal(proto_err_name((proto_err)ERRORS), "not an error of libproto");
    assert_string_equal(proto_err_text((proto_err)1000), "not an error of libproto");
}

/* ----------------------------------------------------------------------------------- classes -- */

#define DIGITS     "0123456789"
#define LETTERS    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define UNRESERVED DIGITS LETTERS "-._~"
#define SUB_DELIMS "!$&'()*+,;="

static bool among(unsigned byte, const char *set)
{
    return byte != 0 && byte < 0x80 && strchr(set, (int)byte);
}

static void each_byte_is_in_its_classes(void **state)
{
    static const struct {
        unsigned class;
        const char *set;
    } classes[] = {{ASCII_TOKEN, DIGITS LETTERS "!#$%&'*+-.^_`|~"},
                   {ASCII_TARGET, UNRESERVED SUB_DELIMS "%:/?[]@"},
                   {ASCII_HOST, UNRESERVED SUB_DELIMS},
                   {ASCII_DIGIT, DIGITS},
                   {ASCII_HEX, DIGITS "abcdefABCDEF"},
                   {ASCII_ALPHA, LETTERS}};
    for (unsigned byte = 0; byte < 256; byte++) {
        for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
            assert_int_equal(ascii_is((uint8_t)byte, classes[i].class),
                             among(byte, classes[i].set));
        bool text = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
        assert_int_equal(ascii_is((uint8_t)byte, ASCII_TEXT), text);
        bool browser = among(byte, "\"<>\\^`{|}") || byte >= 0x80;
        assert_int_equal(ascii_is((uint8_t)byte, ASCII_BROWSER), browser);
        assert_int_equal(ascii_lower((uint8_t)byte), lower((uint8_t)byte));
    }
}

static void hexadecimal_digits_have_their_values(void **state)
{
    for (unsigned value = 0; value < 16; value++) {
        assert_int_equal(ascii_hex((uint8_t) "0123456789abcdef"[value]), value);
        assert_int_equal(ascii_hex((uint8_t) "0123456789ABCDEF"[value]), value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_is_that_of_the_headers),
        cmocka_unit_test(a_slice_of_no_text_is_empty),
        cmocka_unit_test(a_constant_table_of_slices_is_known_before_the_program_runs),
        cmocka_unit_test(slices_are_equal_when_their_bytes_are),
        cmocka_unit_test(letters_alone_are_compared_without_case),
        cmocka_unit_test(slices_of_different_lengths_differ_in_any_case),
        cmocka_unit_test(a_sink_is_filled_to_its_last_byte),
        cmocka_unit_test(what_does_not_fit_is_not_begun),
        cmocka_unit_test(a_sink_that_failed_stays_failed),
        cmocka_unit_test(a_size_near_the_largest_does_not_wrap),
        cmocka_unit_test(numbers_are_written_in_decimal),
        cmocka_unit_test(errors_count_up_from_success),
        cmocka_unit_test(each_error_has_its_own_name_and_text),
        cmocka_unit_test(a_number_that_is_no_error_has_a_text_all_the_same),
        cmocka_unit_test(each_byte_is_in_its_classes),
        cmocka_unit_test(hexadecimal_digits_have_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
