// SPDX-License-Identifier: MIT
// Runs the documents in tests/vectors: every case whole, at every split in two, byte by byte, at the edges of forbidden
// pages, with bytes behind it, on every path that classifies bytes, and by the rules that hold of all cases.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "paths.h"
#include "replay.h"
#include "text.h"
#include "vector.h"

enum {
    SHORT = 640,
    EDGE = 80,
    SAMPLES = 100,
    SHOWN = 2000,
    REPORTED = 40,
    TRAILING = 40,
    CASES_WANTED = 250
};

static vector_list cases;
static guard_pages guard;
static proto_simd paths[MAX_PATHS];
static size_t path_count;
static size_t failures;

/* --------------------------------------------------------------------------------- reporting -- */

static void report(const vector_case *vector, const char *how, const char *expected,
                   const char *got)
{
    if (failures++ >= REPORTED) return;
    fprintf(stderr, "%s:%d: %s\n    (%s, %s)\n  expected:\n%.*s\n  got:\n%.*s\n", vector->file,
            vector->line, vector->title, how, proto_simd_name(proto_simd_used()), SHOWN, expected,
            SHOWN, got);
}

static void finish(void)
{
    size_t count = failures;
    failures = 0;
    if (count > 0) fail_msg("%zu differences", count);
}

/* Whether the events of a plan are the expected ones. */
static bool replays(const vector_case *vector, const replay_plan *plan, const char *expected,
                    const char *how, size_t number)
{
    text_buffer events = {0};
    replay(vector, plan, &guard, &events);
    bool same = strcmp(text_string(&events), expected) == 0;
    if (!same) {
        char detail[96];
        snprintf(detail, sizeof detail, "%s %zu", how, number);
        report(vector, detail, expected, text_string(&events));
    }
    text_free(&events);
    return same;
}

/* Calls `check` for every case on every path; after the first difference of a case the next case
   comes. */
static void on_every_path(bool (*check)(const vector_case *))
{
    for (size_t i = 0; i < cases.count; i++) {
        bool same = true;
        for (size_t path = 0; path < path_count && same; path++) {
            assert_true(proto_simd_use(paths[path]));
            same = check(&cases.at[i]);
        }
    }
    finish();
}

/* Which splits are tried: all of a short input; of a long one those near its ends, and a sample. */
static size_t next_split(const vector_case *vector, size_t at)
{
    bool near = at < EDGE || vector->size - at <= EDGE;
    return at + (vector->size <= SHORT || near ? 1 : vector->size / SAMPLES);
}

/* -------------------------------------------------------------------------------- every case -- */

static bool whole_in_every_place(const vector_case *vector)
{
    bool same = true;
    for (int place = REPLAY_HEAP; place <= REPLAY_HIGH && same; place++) {
        replay_plan plan = replay_whole((replay_place)place);
        same = replays(vector, &plan, vector->events, "whole, place", (size_t)place);
    }
    return same;
}

static bool split_in_two_everywhere(const vector_case *vector)
{
    for (size_t at = 0; at < vector->size; at = next_split(vector, at)) {
        replay_plan plan = replay_split(at, at % 2 == 0 ? REPLAY_HIGH : REPLAY_HEAP);
        if (!replays(vector, &plan, vector->events, "split at", at)) return false;
    }
    return true;
}

static bool in_small_steps(const vector_case *vector)
{
    static const size_t steps[] = {1, 2, 3, 7, 16, 31};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (vector->size / steps[i] > 2 * SHORT) continue;
        replay_plan plan = replay_steps(steps[i], i % 2 == 0 ? REPLAY_HIGH : REPLAY_LOW);
        if (!replays(vector, &plan, vector->events, "in steps of", steps[i])) return false;
    }
    return true;
}

static void every_case_gives_its_events_when_shown_whole(void **state)
{
    on_every_path(whole_in_every_place);
}

static void every_case_gives_its_events_at_every_split_in_two(void **state)
{
    on_every_path(split_in_two_everywhere);
}

static void every_case_gives_its_events_byte_by_byte(void **state)
{
    on_every_path(in_small_steps);
}

/* ------------------------------------------------------------------------------ what follows -- */

static bool ends_with(const char *events, const char *line)
{
    size_t len = strlen(events);
    size_t wanted = strlen(line);
    return len >= wanted && strcmp(events + len - wanted, line) == 0;
}

/* Whether the events end because the case's bytes do: whatever came next would change them. */
static bool is_open(const vector_case *vector)
{
    return vector->eof || ends_with(vector->events, "NEED_INPUT\n") ||
           strstr(vector->events, "TUNNEL") != NULL ||
           strstr(vector->events, "  until close") != NULL || ends_with(vector->events, "CLOSED\n");
}

/* What follows a message must neither be judged with it nor be used up. */
static bool bytes_behind_are_left(const vector_case *vector)
{
    static const uint8_t junk[TRAILING] = "\0\r\n \x80: HTTP/1.1 200 OK\r\n\r\nGET / HTTP/1.1";
    bool readers = vector->role == VECTOR_REQUEST || vector->role == VECTOR_RESPONSE;
    if (!readers || is_open(vector)) return true;
    bool failed = strstr(vector->events, "FAILED ") != NULL;
    text_buffer events = {0};
    replay_plan plan = replay_whole(REPLAY_HEAP);
    plan.trailing = proto_slice_of(junk, sizeof junk);
    plan.stop = true;
    size_t consumed = replay(vector, &plan, &guard, &events);
    bool same = strcmp(text_string(&events), vector->events) == 0;
    if (!same) report(vector, "with bytes behind it", vector->events, text_string(&events));
    if (!failed && consumed != vector->size) {
        report(vector, "with bytes behind it", "all of the case and no more is used up", "another");
        same = false;
    }
    text_free(&events);
    return same;
}

static void bytes_behind_a_message_stay_untouched(void **state)
{
    on_every_path(bytes_behind_are_left);
}

/* ------------------------------------------------------------------------------ every prefix -- */

/* A prefix shows the events of what it holds and then either wants more or, at the end of the
   connection, is truncated. */
static bool prefix_holds(const vector_case *vector, size_t size, bool eof)
{
    vector_case prefix = *vector;
    text_buffer events = {0};
    prefix.size = size;
    prefix.eof = eof;
    replay_plan plan = replay_whole(REPLAY_HIGH);
    replay(&prefix, &plan, &guard, &events);
    const char *got = text_string(&events);
    char truncated[64];
    snprintf(truncated, sizeof truncated, "FAILED HTTP_TRUNCATED @%zu", size);
    bool failed = strstr(got, "FAILED ") != NULL;
    bool wants_more = ends_with(got, "NEED_INPUT\n");
    bool holds = eof ? strstr(got, truncated) != NULL || !(failed || wants_more) : !failed;
    if (!holds)
        report(&prefix, eof ? "truncated" : "a prefix", eof ? truncated : "NEED_INPUT", got);
    text_free(&events);
    return holds;
}

static bool prefixes_want_more(const vector_case *vector)
{
    bool readers = vector->role == VECTOR_REQUEST || vector->role == VECTOR_RESPONSE;
    if (!readers || is_open(vector) || strstr(vector->events, "FAILED ") != NULL) return true;
    for (size_t size = 0; size < vector->size; size = next_split(vector, size))
        if (!prefix_holds(vector, size, false) || !prefix_holds(vector, size, true)) return false;
    return true;
}

static void every_prefix_of_a_valid_message_wants_more(void **state)
{
    on_every_path(prefixes_want_more);
}

/* -------------------------------------------------------------------------------- leniencies -- */

/* What is valid by the strict rules is not read differently by lenient ones, and uses none of
   them. */
static bool lenience_changes_nothing_valid(const vector_case *vector)
{
    if (vector->config.lenient != 0 || strstr(vector->events, "FAILED ") != NULL) return true;
    vector_case lenient = *vector;
    lenient.config.lenient = (PROTO_HTTP_LENIENT_SCHEME << 1) - 1;
    replay_plan plan = replay_whole(REPLAY_HEAP);
    return replays(&lenient, &plan, vector->events, "with all leniencies", lenient.config.lenient);
}

static void leniencies_change_nothing_about_valid_messages(void **state)
{
    on_every_path(lenience_changes_nothing_valid);
}

/* A case that deviates fails when it is read strictly. */
static bool deviation_is_refused_strictly(const vector_case *vector)
{
    if (strstr(vector->events, "deviates: ") == NULL) return true;
    vector_case strict = *vector;
    text_buffer events = {0};
    strict.config.lenient = 0;
    replay_plan plan = replay_whole(REPLAY_HEAP);
    replay(&strict, &plan, &guard, &events);
    bool refused = strstr(text_string(&events), "FAILED ") != NULL;
    if (!refused) report(vector, "read strictly", "FAILED", text_string(&events));
    text_free(&events);
    return refused;
}

static void what_deviates_is_refused_without_its_leniency(void **state)
{
    on_every_path(deviation_is_refused_strictly);
}

static void every_leniency_has_a_case(void **state)
{
    for (unsigned bit = 0; vector_lenient_name(bit) != NULL; bit++) {
        bool found = false;
        for (size_t i = 0; i < cases.count && !found; i++) {
            const char *deviates = strstr(cases.at[i].events, "deviates: ");
            found = deviates != NULL && strstr(deviates, vector_lenient_name(bit)) != NULL;
        }
        if (!found) print_error("no case deviates by %s\n", vector_lenient_name(bit));
        assert_true(found);
    }
}

/* -------------------------------------------------------------------------------- two layers -- */

/* The events of the first message alone. */
static void keep_first_message(text_buffer *events)
{
    char *last = strstr(text_string(events), "\nEND");
    char *sent = strstr(text_string(events), "\nSENT");
    if (last != NULL) last = strchr(last + 1, '\n');
    if (last == NULL || (sent != NULL && sent < last)) return;
    while (last[1] == ' ')
        last = strchr(last + 1, '\n');
    last[1] = '\0';
    events->len = (size_t)(last + 1 - events->ptr);
}

/* A connection reads a request as the readers do that it is made of. */
static bool connection_agrees(const vector_case *vector)
{
    if (vector->role != VECTOR_REQUEST || vector->eof) return true;
    vector_case connection = *vector;
    connection.role = VECTOR_SERVER;
    connection.answer = 200;
    text_buffer apart = {0};
    text_buffer together = {0};
    replay_plan plan = replay_whole(REPLAY_HEAP);
    replay(vector, &plan, &guard, &apart);
    replay(&connection, &plan, &guard, &together);
    keep_first_message(&apart);
    keep_first_message(&together);
    bool same = strcmp(text_string(&apart), text_string(&together)) == 0;
    if (!same) report(vector, "as a connection", text_string(&apart), text_string(&together));
    text_free(&apart);
    text_free(&together);
    return same;
}

static void a_connection_reads_a_request_as_the_readers_do(void **state)
{
    on_every_path(connection_agrees);
}

/* --------------------------------------------------------------------------------- documents -- */

static void every_case_cites_its_rule_and_marks_its_fault(void **state)
{
    for (size_t i = 0; i < cases.count; i++) {
        const vector_case *vector = &cases.at[i];
        bool failed = strstr(vector->events, "FAILED ") != NULL;
        if (!vector->cites) report(vector, "the document", "a citation", "none");
        if (failed != (vector->mark != VECTOR_NO_MARK))
            report(vector, "the document", "a mark where it fails, and none elsewhere", "other");
    }
    finish();
}

static void titles_are_not_used_twice(void **state)
{
    for (size_t i = 0; i < cases.count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(cases.at[i].title, cases.at[j].title) == 0)
                report(&cases.at[i], "the document", "a title of its own", cases.at[j].file);
    finish();
}

static void there_are_cases_enough(void **state)
{
    print_message("%zu cases, %zu paths\n", cases.count, path_count);
    assert_true(cases.count >= CASES_WANTED);
}

static int open_documents(void **state)
{
    size_t longest = 0;
    vectors_read_all(&cases, TESTS_DIR "/vectors");
    for (size_t i = 0; i < cases.count; i++)
        if (cases.at[i].size > longest) longest = cases.at[i].size;
    guard_open(&guard, longest + TRAILING);
    path_count = simd_paths(paths);
    return path_count > 0 ? 0 : -1;
}

static int close_documents(void **state)
{
    guard_close(&guard);
    vectors_free(&cases);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_cases_enough),
        cmocka_unit_test(every_case_cites_its_rule_and_marks_its_fault),
        cmocka_unit_test(titles_are_not_used_twice),
        cmocka_unit_test(every_leniency_has_a_case),
        cmocka_unit_test(every_case_gives_its_events_when_shown_whole),
        cmocka_unit_test(every_case_gives_its_events_at_every_split_in_two),
        cmocka_unit_test(every_case_gives_its_events_byte_by_byte),
        cmocka_unit_test(bytes_behind_a_message_stay_untouched),
        cmocka_unit_test(every_prefix_of_a_valid_message_wants_more),
        cmocka_unit_test(leniencies_change_nothing_about_valid_messages),
        cmocka_unit_test(what_deviates_is_refused_without_its_leniency),
        cmocka_unit_test(a_connection_reads_a_request_as_the_readers_do),
    };
    return cmocka_run_group_tests(tests, open_documents, close_documents);
}
