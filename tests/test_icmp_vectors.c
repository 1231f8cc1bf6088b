// SPDX-License-Identifier: MIT
// Runs the documents in tests/vectors/icmp: every case at the edges of forbidden pages, cut, changed and written again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "guard.h"
#include "icmp_vector.h"

enum { CASES_WANTED = 250, LONGEST = 4096, REPORTED = 20 };

static icmp_vector_list cases;
static guard_pages guard;
static size_t failures;

static void report(const icmp_vector *vector, const char *how, const char *got)
{
    if (failures++ >= REPORTED) return;
    fprintf(stderr, "%s:%d: %s\n    (%s)\n  expected:\n%s\n  got:\n%s\n", vector->file,
            vector->line, vector->title, how, vector->lines, got);
}

static void finish(void)
{
    size_t count = failures;
    failures = 0;
    if (count > 0) fail_msg("%zu differences", count);
}

static void check(const icmp_vector *vector, const uint8_t *bytes, const char *how)
{
    text_buffer lines = {0};
    icmp_describe(&lines, proto_slice_of(bytes, vector->size), &vector->reading);
    if (strcmp(text_string(&lines), vector->lines) != 0) report(vector, how, text_string(&lines));
    text_free(&lines);
}

static bool is_refused(const icmp_vector *vector)
{
    return strstr(vector->lines, "FAILED") == vector->lines ||
           strstr(vector->lines, "\nFAILED") != NULL;
}

static uint8_t *exact_copy(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size);
    if (size > 0) memcpy(copy, bytes, size);
    return copy;
}

// ------------------------------------------------------------------------------------------------------------- reading --

static void every_case_is_read_as_its_document_says(void **state)
{
    for (size_t i = 0; i < cases.count; i++) {
        const icmp_vector *vector = &cases.at[i];
        uint8_t *copy = exact_copy(vector->bytes, vector->size);
        check(vector, copy, "in an allocation of its size");
        check(vector, guard_low(&guard, vector->bytes, vector->size), "behind a forbidden page");
        check(vector, guard_high(&guard, vector->bytes, vector->size), "before a forbidden page");
        free(copy);
    }
    finish();
}

// Nothing is ever written into what arrived: it lies where writing is a fault.
static void reading_writes_nothing(void **state)
{
    for (size_t i = 0; i < cases.count; i++) {
        const icmp_vector *vector = &cases.at[i];
        uint8_t *bytes = guard_high(&guard, vector->bytes, vector->size);
        assert_int_equal(mprotect(guard.memory, guard.size, PROT_READ), 0);
        check(vector, bytes, "where it cannot be written");
        assert_int_equal(mprotect(guard.memory, guard.size, PROT_READ | PROT_WRITE), 0);
    }
    finish();
}

// Wherever a message is cut, and even if its checksum is not looked at, what is read lies within what is there.
static void every_beginning_of_a_case_is_read_within_its_bounds(void **state)
{
    for (size_t i = 0; i < cases.count; i++) {
        const icmp_vector *vector = &cases.at[i];
        for (unsigned flags = 0; flags < 4; flags++) {
            icmp_reading reading = vector->reading;
            reading.config.flags = flags;
            if (flags & PROTO_ICMP_SYSTEM_CHECKSUM) reading.form |= PROTO_IP_QUOTED;
            for (size_t size = 0; size < vector->size; size++) {
                text_buffer lines = {0};
                const uint8_t *bytes = guard_high(&guard, vector->bytes, size);
                icmp_describe(&lines, proto_slice_of(bytes, size), &reading);
                assert_true(lines.len > 0);
                text_free(&lines);
            }
        }
    }
}

// RFC 1071: a sum of 16-bit words notices every change of one bit.
static void no_bit_of_a_message_may_change(void **state)
{
    size_t tried = 0;
    for (size_t i = 0; i < cases.count; i++) {
        const icmp_vector *vector = &cases.at[i];
        const icmp_reading *reading = &vector->reading;
        if (is_refused(vector) || reading->datagram) continue;
        if (reading->config.flags & PROTO_ICMP_SYSTEM_CHECKSUM) continue;
        uint8_t *copy = exact_copy(vector->bytes, vector->size);
        for (size_t bit = 0; bit < vector->size * 8; bit++, tried++) {
            proto_icmp message;
            copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(proto_icmp_read(proto_slice_of(copy, vector->size), &reading->config,
                                             &message, NULL),
                             PROTO_ERR_ICMP_CHECKSUM);
            copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        free(copy);
    }
    assert_true(tried > 100000);
}

// ------------------------------------------------------------------------------------------------------- written again --

static void check_message_written(const icmp_vector *vector, proto_slice bytes,
                                  const proto_icmp_config *config)
{
    uint8_t room[LONGEST];
    proto_out out = proto_out_of(room, sizeof room);
    proto_icmp message;
    assert_int_equal(proto_icmp_read(bytes, config, &message, NULL), PROTO_OK);
    proto_err err = proto_icmp_write(&message, config, &out);
    bool same = err == PROTO_OK && proto_slice_equal(proto_slice_of(room, out.len), bytes);
    if (vector->not_ours ? same : !same) report(vector, "written again", proto_err_name(err));
}

static void every_message_is_written_as_it_was_read(void **state)
{
    for (size_t i = 0; i < cases.count; i++) {
        const icmp_vector *vector = &cases.at[i];
        proto_slice bytes = proto_slice_of(vector->bytes, vector->size);
        if (is_refused(vector) || vector->reading.datagram) continue;
        check_message_written(vector, bytes, &vector->reading.config);
    }
    finish();
}

static void check_header_written(const icmp_vector *vector, const proto_ipv4 *ipv4,
                                 const proto_ipv6 *ipv6)
{
    uint8_t room[LONGEST];
    proto_out out = proto_out_of(room, sizeof room);
    size_t payload = ipv4 ? ipv4->payload.len : ipv6->payload.len;
    proto_err err = ipv4 ? proto_ipv4_write(ipv4, payload, &out)
                         : proto_ipv6_write(ipv6, payload, &out);
    if (err != PROTO_OK || out.len + payload > vector->size ||
        memcmp(room, vector->bytes, out.len) != 0)
        report(vector, "header written again", proto_err_name(err));
}

static void every_header_is_written_as_it_was_read(void **state)
{
    size_t tried = 0;
    for (size_t i = 0; i < cases.count; i++) {
        const icmp_vector *vector = &cases.at[i];
        proto_slice bytes = proto_slice_of(vector->bytes, vector->size);
        proto_ipv4 ipv4;
        proto_ipv6 ipv6;
        bool ours = vector->reading.datagram && vector->reading.form == 0;
        if (ours && vector->reading.config.family == PROTO_IPV4 &&
            proto_ipv4_read(bytes, 0, &ipv4, NULL) == PROTO_OK)
            check_header_written(vector, &ipv4, NULL), tried++;
        if (ours && vector->reading.config.family == PROTO_IPV6 &&
            proto_ipv6_read(bytes, 0, &ipv6, NULL) == PROTO_OK)
            check_header_written(vector, NULL, &ipv6), tried++;
    }
    finish();
    assert_true(tried > 20);
}

// ----------------------------------------------------------------------------------------------------------- documents --

static void every_case_cites_its_rfc_and_has_a_title_of_its_own(void **state)
{
    for (size_t i = 0; i < cases.count; i++) {
        if (!cases.at[i].cites) fail_msg("%s:%d cites nothing", cases.at[i].file, cases.at[i].line);
        for (size_t j = 0; j < i; j++)
            if (strcmp(cases.at[i].title, cases.at[j].title) == 0)
                fail_msg("%s:%d: the title is taken", cases.at[i].file, cases.at[i].line);
    }
    assert_true(cases.count >= CASES_WANTED);
}

static void every_kind_and_every_way_to_fail_is_among_the_cases(void **state)
{
    static const char *const failures_wanted[] = {
        "FAILED IP_SHORT",       "FAILED IP_VERSION",         "FAILED IP_LENGTH",
        "FAILED IP_FRAGMENT",    "FAILED IPV4_HEADER_LENGTH", "FAILED IPV4_CHECKSUM",
        "FAILED IPV6_EXTENSION", "FAILED ICMP_SHORT",         "FAILED ICMP_CHECKSUM",
        "FAILED ICMP_QUOTE"};
    bool kinds[2][PROTO_ICMP_REDIRECT + 1] = {{false}};
    bool found[sizeof failures_wanted / sizeof *failures_wanted] = {false};
    for (size_t i = 0; i < cases.count; i++) {
        const icmp_vector *vector = &cases.at[i];
        proto_icmp message;
        for (size_t j = 0; j < sizeof found / sizeof *found; j++)
            found[j] |= strstr(vector->lines, failures_wanted[j]) != NULL;
        if (!vector->reading.datagram &&
            proto_icmp_read(proto_slice_of(vector->bytes, vector->size), &vector->reading.config,
                            &message, NULL) == PROTO_OK)
            kinds[message.family == PROTO_IPV6][message.kind] = true;
    }
    for (size_t j = 0; j < sizeof found / sizeof *found; j++)
        assert_true(found[j]);
    for (int kind = PROTO_ICMP_ECHO_REQUEST; kind <= PROTO_ICMP_REDIRECT; kind++) {
        uint8_t type;
        assert_true(kinds[0][kind]);
        assert_int_equal(kinds[1][kind],
                         proto_icmp_type_of(PROTO_IPV6, (proto_icmp_kind)kind, &type));
    }
}

static int set_up(void **state)
{
    icmp_vectors_read(&cases, TESTS_DIR "/vectors/icmp");
    guard_open(&guard, LONGEST);
    return 0;
}

static int tear_down(void **state)
{
    guard_close(&guard);
    icmp_vectors_free(&cases);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_read_as_its_document_says),
        cmocka_unit_test(reading_writes_nothing),
        cmocka_unit_test(every_beginning_of_a_case_is_read_within_its_bounds),
        cmocka_unit_test(no_bit_of_a_message_may_change),
        cmocka_unit_test(every_message_is_written_as_it_was_read),
        cmocka_unit_test(every_header_is_written_as_it_was_read),
        cmocka_unit_test(every_case_cites_its_rfc_and_has_a_title_of_its_own),
        cmocka_unit_test(every_kind_and_every_way_to_fail_is_among_the_cases),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
