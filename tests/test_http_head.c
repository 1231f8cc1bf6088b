// SPDX-License-Identifier: MIT
// The contract of proto_http_request_read() and proto_http_response_read() that no document of events can show: what moves
// when, what stays, what each member says. How bytes are judged is in tests/vectors.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http_head.h"
#include "paths.h"
#include "proto/http.h"
#include "snapshot.h"
#include "text.h"
#include "vector.h"

enum { FIELDS = 32 };

static const char plain[] = "GET /index.html HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n";

static proto_http_field fields[FIELDS];
static proto_http_head head;

static proto_err read_text(const proto_http_config *config, const char *text)
{
    proto_in in = proto_in_of(text, strlen(text));
    proto_http_head_init(&head, config, fields, FIELDS);
    return proto_http_request_read(&head, &in);
}

static proto_err read_response(proto_http_method method, const char *text)
{
    proto_in in = proto_in_of(text, strlen(text));
    proto_http_head_init(&head, NULL, fields, FIELDS);
    return proto_http_response_read(&head, method, &in);
}

static void assert_span(proto_http_span span, const char *expected)
{
    proto_slice text = proto_http_text(&head.fields, span);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

/* Calls a test on every path that classifies bytes. */
static void on_every_path(void (*test)(void))
{
    proto_simd paths[MAX_PATHS];
    proto_simd before = proto_simd_used();
    size_t count = simd_paths(paths);
    for (size_t i = 0; i < count; i++) {
        assert_true(proto_simd_use(paths[i]));
        test();
    }
    proto_simd_use(before);
}

/* -------------------------------------------------------------------------------- the cursor -- */

static void the_cursor_stands_behind_the_head(void **state)
{
    proto_in in = proto_in_of(plain, sizeof plain - 1);
    const uint8_t *begin = in.pos;
    proto_http_head_init(&head, NULL, fields, FIELDS);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
    assert_ptr_equal(in.pos, in.end);
    assert_ptr_equal(head.fields.base, begin);
    assert_int_equal(head.length, sizeof plain - 1);
}

static void the_cursor_stays_while_more_is_needed(void **state)
{
    proto_http_head_init(&head, NULL, fields, FIELDS);
    for (size_t size = 0; size < sizeof plain - 1; size++) {
        proto_in in = proto_in_of(plain, size);
        assert_int_equal(proto_http_request_read(&head, &in), PROTO_NEED_INPUT);
        assert_ptr_equal(in.pos, plain);
    }
}

static void the_cursor_stays_on_a_failure(void **state)
{
    static const char bad[] = "GET / HTTP/1.1\r\nHost : a\r\n\r\n";
    proto_in in = proto_in_of(bad, sizeof bad - 1);
    proto_http_head_init(&head, NULL, fields, FIELDS);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_ERR_HTTP_FIELD_BLANK);
    assert_ptr_equal(in.pos, bad);
}

static void nothing_at_all_needs_input(void **state)
{
    proto_in in = proto_in_of(NULL, 0);
    proto_http_head_init(&head, NULL, fields, FIELDS);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_NEED_INPUT);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_NEED_INPUT);
    proto_http_head_init(&head, NULL, fields, FIELDS);
    assert_int_equal(proto_http_response_read(&head, PROTO_HTTP_GET, &in), PROTO_NEED_INPUT);
}

static void the_same_bytes_may_be_shown_again(void **state)
{
    proto_http_head_init(&head, NULL, fields, FIELDS);
    for (int i = 0; i < 3; i++) {
        proto_in in = proto_in_of(plain, 30);
        assert_int_equal(proto_http_request_read(&head, &in), PROTO_NEED_INPUT);
    }
    proto_in in = proto_in_of(plain, sizeof plain - 1);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
    assert_int_equal(head.fields.count, 2);
}

static void the_bytes_may_move_between_calls(void **state)
{
    proto_http_head_init(&head, NULL, fields, FIELDS);
    for (size_t size = 1; size <= sizeof plain - 1; size++) {
        uint8_t *copy = allocate(size);
        memcpy(copy, plain, size);
        proto_in in = proto_in_of(copy, size);
        proto_err err = proto_http_request_read(&head, &in);
        assert_int_equal(err, size < sizeof plain - 1 ? PROTO_NEED_INPUT : PROTO_OK);
        if (err == PROTO_OK) {
            assert_ptr_equal(head.fields.base, copy);
            assert_span(head.target, "/index.html");
            assert_span(head.fields.at[1].value, "*/*");
        }
        free(copy);
    }
}

static void spans_stay_true_when_the_base_is_set_anew(void **state)
{
    assert_int_equal(read_text(NULL, plain), PROTO_OK);
    char *copy = allocate(sizeof plain);
    memcpy(copy, plain, sizeof plain);
    head.fields.base = (const uint8_t *)copy;
    assert_span(head.method_token, "GET");
    assert_span(head.authority, "example.org");
    assert_span(head.fields.at[0].name, "Host");
    free(copy);
}

/* A line that was judged is not looked at again: what it costs to read a head does not depend on
   how it arrives. The proof is that the reader does not see what becomes of the judged bytes of a
   field that means nothing to it. */
static void judged_lines_are_not_read_again(void)
{
    static const char text[] =
        "GET / HTTP/1.1\r\nHost: a\r\nX-Judged: value\r\nX-Next: value\r\n\r\n";
    size_t judged = (size_t)(strstr(text, "X-Next") - text);
    for (size_t step = 1; step < 20; step++) {
        char bytes[sizeof text];
        memcpy(bytes, text, sizeof text);
        proto_http_head_init(&head, NULL, fields, FIELDS);
        proto_in in = proto_in_of(bytes, judged + step > sizeof text - 2 ? judged : judged + step);
        assert_int_equal(proto_http_request_read(&head, &in), PROTO_NEED_INPUT);
        memset(strstr(bytes, "value"), 0, 5);
        in = proto_in_of(bytes, sizeof text - 1);
        assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
    }
}

static void what_was_judged_is_not_read_again(void **state)
{
    on_every_path(judged_lines_are_not_read_again);
}

static void the_path_may_change_in_the_middle_of_a_head(void **state)
{
    proto_simd paths[MAX_PATHS];
    proto_simd before = proto_simd_used();
    size_t count = simd_paths(paths);
    for (size_t split = 1; split < sizeof plain - 1; split++) {
        proto_http_head_init(&head, NULL, fields, FIELDS);
        proto_simd_use(paths[split % count]);
        proto_in in = proto_in_of(plain, split);
        assert_int_equal(proto_http_request_read(&head, &in), PROTO_NEED_INPUT);
        proto_simd_use(paths[(split + 1) % count]);
        in = proto_in_of(plain, sizeof plain - 1);
        assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
        assert_int_equal(head.fields.count, 2);
    }
    proto_simd_use(before);
}

/* ------------------------------------------------------------------------------ end of input -- */

static proto_err read_with_eof(const char *text)
{
    proto_in in = proto_in_of(text, strlen(text));
    in.eof = true;
    proto_http_head_init(&head, NULL, fields, FIELDS);
    return proto_http_request_read(&head, &in);
}

static void the_end_of_input_inside_a_head_is_truncation(void **state)
{
    char text[sizeof plain];
    for (size_t size = 0; size < sizeof plain - 1; size++) {
        memcpy(text, plain, size);
        text[size] = '\0';
        assert_int_equal(read_with_eof(text), PROTO_ERR_HTTP_TRUNCATED);
        assert_int_equal(head.fault.offset, size);
    }
}

static void the_end_of_input_behind_a_head_is_none_of_its_business(void **state)
{
    assert_int_equal(read_with_eof(plain), PROTO_OK);
}

static void a_bad_line_is_named_before_the_end_of_input(void **state)
{
    assert_int_equal(read_with_eof("GET / HTTP/1.1\r\nHost : a\r\nX"), PROTO_ERR_HTTP_FIELD_BLANK);
}

static void the_end_of_input_may_come_later(void **state)
{
    proto_in in = proto_in_of(plain, 20);
    proto_http_head_init(&head, NULL, fields, FIELDS);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_NEED_INPUT);
    in.eof = true;
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_ERR_HTTP_TRUNCATED);
}

/* ---------------------------------------------------------------------------------- failures -- */

static void a_failure_is_repeated_until_init(void **state)
{
    assert_int_equal(read_text(NULL, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
                     PROTO_ERR_HTTP_FIELD_BLANK);
    proto_in in = proto_in_of(plain, sizeof plain - 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(proto_http_request_read(&head, &in), PROTO_ERR_HTTP_FIELD_BLANK);
        assert_ptr_equal(in.pos, plain);
        assert_int_equal(head.fault.err, PROTO_ERR_HTTP_FIELD_BLANK);
        assert_int_equal(head.fault.offset, 20);
    }
    assert_int_equal(read_text(NULL, plain), PROTO_OK);
    assert_int_equal(head.fault.err, PROTO_OK);
}

static void a_failure_of_meaning_is_repeated_as_well(void **state)
{
    assert_int_equal(read_text(NULL, "GET / HTTP/1.1\r\n\r\n"), PROTO_ERR_HTTP_HOST_MISSING);
    proto_in in = proto_in_of(plain, sizeof plain - 1);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_ERR_HTTP_HOST_MISSING);
    proto_in nothing = proto_in_of(NULL, 0);
    assert_int_equal(proto_http_request_read(&head, &nothing), PROTO_ERR_HTTP_HOST_MISSING);
}

static void a_truncation_is_repeated_as_well(void **state)
{
    assert_int_equal(read_with_eof("GET / HT"), PROTO_ERR_HTTP_TRUNCATED);
    proto_in in = proto_in_of(plain, sizeof plain - 1);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_ERR_HTTP_TRUNCATED);
}

static void offsets_count_from_the_first_byte_that_was_shown(void **state)
{
    assert_int_equal(read_text(NULL, "\r\nGET / HTTP/1.1\r\nHost : a\r\n\r\n"),
                     PROTO_ERR_HTTP_FIELD_BLANK);
    assert_int_equal(head.fault.offset, 22);
}

static void offsets_begin_anew_with_each_message(void **state)
{
    static const char two[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost : a\r\n\r\n";
    proto_in in = proto_in_of(two, sizeof two - 1);
    proto_http_head_init(&head, NULL, fields, FIELDS);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_ERR_HTTP_FIELD_BLANK);
    assert_int_equal(head.fault.offset, 20);
}

/* -------------------------------------------------------------------- one head after another -- */

static void a_head_reads_message_after_message(void **state)
{
    static const char three[] =
        "POST /1 HTTP/1.1\nHost: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n"
        "\r\nGET /2 HTTP/1.0\r\n\r\n"
        "OPTIONS * HTTP/1.1\r\nHost: b\r\n\r\n";
    proto_http_config config = {.lenient = PROTO_HTTP_LENIENT_BARE_LF};
    proto_in in = proto_in_of(three, sizeof three - 1);
    proto_http_head_init(&head, &config, fields, FIELDS);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
    assert_int_equal(head.deviations, PROTO_HTTP_LENIENT_BARE_LF);
    assert_true(head.has_length);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
    assert_int_equal(head.deviations, 0);
    assert_int_equal(head.fields.count, 0);
    assert_int_equal(head.minor, 0);
    assert_false(head.has_length);
    assert_int_equal(head.authority.len, 0);
    assert_span(head.target, "/2");
    assert_int_equal(head.length, 21);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
    assert_int_equal(head.method, PROTO_HTTP_OPTIONS);
    assert_int_equal(head.target_form, PROTO_HTTP_ASTERISK_FORM);
    assert_span(head.authority, "b");
    assert_ptr_equal(in.pos, in.end);
}

static void read_into(head_snapshot *snapshot, const char *text)
{
    proto_in in = proto_in_of(text, strlen(text));
    bool response = strncmp(text, "HTTP/", 5) == 0;
    snapshot->err = response ? proto_http_response_read(&head, PROTO_HTTP_GET, &in)
                             : proto_http_request_read(&head, &in);
    snapshot->consumed = (size_t)(in.pos - (const uint8_t *)text);
    snapshot->head = head;
    memcpy(snapshot->fields, fields, sizeof fields);
}

/* Each message behind each other one comes to what it comes to alone. */
static void each_message_behind_each_other_is_read_as_alone(void)
{
    static const proto_http_config config = {.lenient = PROTO_HTTP_LENIENT_CODING_IN_10 |
                                                        PROTO_HTTP_LENIENT_OTHER_CODINGS};
    static const char *const texts[] = {
        "GET / HTTP/1.0\r\nUser-Agent: something, long enough for a block of 64 bytes\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: something, and long enough\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: www.example.org\r\nContent-Length: 5\r\nConnection: close\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: www.example.org\r\nContent-Length: 123456789\r\n"
        "Expect: 100-continue\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: www.example.org\r\nTransfer-Encoding: chunked\r\n"
        "Connection: upgrade\r\nUpgrade: x\r\n\r\n",
        "POST /a HTTP/1.0\r\nTransfer-Encoding: x, chunked\r\nConnection: keep-alive\r\nX: y\r\n\r\n",
        "CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org\r\nX: a long value\r\n\r\n",
        "GET http://www.example.org/ HTTP/1.1\r\nHost: www.example.org\r\nX: a long value\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: www.example.org\r\nX: a value that makes it long\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nServer: something, long enough for a block of 64 bytes\r\n\r\n",
        "HTTP/1.1 200 OK\r\nServer: something, long enough\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 204 None\r\nServer: something, long enough for a block of 64 bytes\r\n\r\n",
        "HTTP/1.1 304 \r\nServer: something, long enough\r\nContent-Length: 123456789\r\n\r\n",
        "HTTP/1.0 404 No\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\nX: y\r\n\r\n",
        "HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: x\r\nServer: something long\r\n\r\n",
        "HTTP/1.0 200 \r\n\r\n",
    };
    enum { COUNT = sizeof texts / sizeof *texts };
    static head_snapshot alone, behind;
    for (int first = 0; first < COUNT; first++)
        for (int second = 0; second < COUNT; second++) {
            proto_http_head_init(&head, &config, fields, FIELDS);
            read_into(&alone, texts[second]);
            proto_http_head_init(&head, &config, fields, FIELDS);
            read_into(&behind, texts[first]);
            assert_int_equal(behind.err, PROTO_OK);
            read_into(&behind, texts[second]);
            const char *difference = head_snapshot_difference(&alone, &behind);
            if (difference) fail_msg("%s\nbehind %s: %s", texts[second], texts[first], difference);
        }
}

static void nothing_of_a_message_is_left_in_the_next(void **state)
{
    on_every_path(each_message_behind_each_other_is_read_as_alone);
}

static void responses_may_answer_different_methods(void **state)
{
    static const char two[] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
                              "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
    proto_in in = proto_in_of(two, sizeof two - 1);
    proto_http_head_init(&head, NULL, fields, FIELDS);
    assert_int_equal(proto_http_response_read(&head, PROTO_HTTP_HEAD, &in), PROTO_OK);
    assert_int_equal(head.framing, PROTO_HTTP_NO_BODY);
    assert_int_equal(head.method, PROTO_HTTP_HEAD);
    assert_true(head.has_length);
    assert_int_equal(head.content_length, 9);
    assert_int_equal(proto_http_response_read(&head, PROTO_HTTP_GET, &in), PROTO_OK);
    assert_int_equal(head.framing, PROTO_HTTP_LENGTH);
    assert_int_equal(head.method, PROTO_HTTP_GET);
    assert_int_equal(head.status, 200);
    assert_span(head.reason, "OK");
}

/* -------------------------------------------------------------------------- what members say -- */

static void every_known_method_has_its_number(void **state)
{
#define NAME(name) {PROTO_HTTP_##name, #name},
    static const struct {
        proto_http_method method;
        const char *name;
    } methods[] = {PROTO_HTTP_METHODS(NAME)};
#undef NAME
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char text[128];
        const char *target = methods[i].method == PROTO_HTTP_CONNECT ? "a:1" : "/";
        snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: a\r\n\r\n", methods[i].name, target);
        assert_int_equal(read_text(NULL, text), PROTO_OK);
        assert_int_equal(head.method, methods[i].method);
        assert_span(head.method_token, methods[i].name);
        assert_string_equal(proto_http_method_name(methods[i].method), methods[i].name);
        assert_int_equal(head.status, 0);
    }
}

static void every_other_token_is_another_method(void)
{
    static const char *const tokens[] = {
        "get",  "Get",  "GE",      "GETT",    "HEA",    "HEADS",    "POS",      "POSTS",
        "PU",   "PUTT", "DELET",   "DELETES", "CONNEC", "X",        "OPTION",   "OPTIONSX",
        "TRAC", "PATC", "PATCHES", "QUERY",   "TEG",    "OPTIONS_", "PROPFIND", "MKCALENDAR"};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        char text[128];
        snprintf(text, sizeof text, "%s / HTTP/1.1\r\nHost: a\r\n\r\n", tokens[i]);
        assert_int_equal(read_text(NULL, text), PROTO_OK);
        assert_int_equal(head.method, PROTO_HTTP_OTHER_METHOD);
        assert_span(head.method_token, tokens[i]);
    }
}

static void other_tokens_are_other_methods(void **state)
{
    on_every_path(every_other_token_is_another_method);
}

static void the_form_of_a_target_and_its_authority_are_told(void)
{
    static const struct {
        const char *line;
        const char *host;
        const char *authority;
        proto_http_target_form form;
    } rows[] = {
        {"GET /a?b", "h:1", "h:1", PROTO_HTTP_ORIGIN_FORM},
        {"GET //h2/a", "h", "h", PROTO_HTTP_ORIGIN_FORM},
        {"GET http://h", "H", "h", PROTO_HTTP_ABSOLUTE_FORM},
        {"GET http://h:80/", "h:80", "h:80", PROTO_HTTP_ABSOLUTE_FORM},
        {"GET x-y+z.1://h?q", "h", "h", PROTO_HTTP_ABSOLUTE_FORM},
        {"CONNECT h:443", "h:443", "h:443", PROTO_HTTP_AUTHORITY_FORM},
        {"CONNECT [::1]:443", "[::1]:443", "[::1]:443", PROTO_HTTP_AUTHORITY_FORM},
        {"OPTIONS *", "h", "h", PROTO_HTTP_ASTERISK_FORM},
    };
    const proto_http_config config = {.lenient = PROTO_HTTP_LENIENT_SCHEME};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128];
        snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: %s\r\n\r\n", rows[i].line, rows[i].host);
        assert_int_equal(read_text(&config, text), PROTO_OK);
        assert_int_equal(head.target_form, rows[i].form);
        assert_span(head.authority, rows[i].authority);
    }
}

static void target_forms_are_told(void **state)
{
    on_every_path(the_form_of_a_target_and_its_authority_are_told);
}

static void flags_say_what_the_fields_say(void)
{
    static const struct {
        const char *version_and_fields;
        uint32_t flags;
    } rows[] = {
        {"1.1\r\nHost: a", PROTO_HTTP_KEEP_ALIVE},
        {"1.1\r\nHost: a\r\nConnection: close", 0},
        {"1.0\r\nHost: a", 0},
        {"1.0\r\nConnection: keep-alive", PROTO_HTTP_KEEP_ALIVE},
        {"1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x",
         PROTO_HTTP_KEEP_ALIVE | PROTO_HTTP_UPGRADE},
        {"1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade:", PROTO_HTTP_KEEP_ALIVE},
        {"1.1\r\nHost: a\r\nConnection: close, upgrade\r\nUpgrade: x", PROTO_HTTP_UPGRADE},
        {"1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1",
         PROTO_HTTP_KEEP_ALIVE | PROTO_HTTP_EXPECT_CONTINUE},
        {"1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0", PROTO_HTTP_KEEP_ALIVE},
        {"1.0\r\nExpect: 100-continue\r\nContent-Length: 1", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        snprintf(text, sizeof text, "POST / HTTP/%s\r\n\r\n", rows[i].version_and_fields);
        assert_int_equal(read_text(NULL, text), PROTO_OK);
        assert_int_equal(head.flags, rows[i].flags);
    }
}

static void flags_are_told(void **state)
{
    on_every_path(flags_say_what_the_fields_say);
}

static void a_length_of_zero_is_a_length(void **state)
{
    assert_int_equal(read_text(NULL, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
                     PROTO_OK);
    assert_true(head.has_length);
    assert_int_equal(head.content_length, 0);
    assert_int_equal(head.framing, PROTO_HTTP_LENGTH);
    assert_int_equal(read_text(NULL, "POST / HTTP/1.1\r\nHost: a\r\n\r\n"), PROTO_OK);
    assert_false(head.has_length);
    assert_int_equal(head.framing, PROTO_HTTP_NO_BODY);
}

/* Reads a request and a response with `digits` for a length; both come to the same. */
static proto_err read_length(const char *digits)
{
    char text[256];
    snprintf(text, sizeof text,
             "HTTP/1.1 200 OK\r\nServer: something with a long name\r\nContent-Length: %s\r\n"
             "Content-Type: text/plain\r\n\r\n",
             digits);
    proto_err err = read_response(PROTO_HTTP_GET, text);
    uint64_t length = head.content_length;
    snprintf(text, sizeof text,
             "POST /a/path HTTP/1.1\r\nHost: www.example.org\r\nContent-Length: %s\r\n"
             "Content-Type: text/plain\r\n\r\n",
             digits);
    assert_int_equal(read_text(NULL, text), err);
    if (err == PROTO_OK) assert_int_equal(head.content_length, length);
    return err;
}

static void a_length_of_any_number_of_digits_is_read(void)
{
    static const char all[] = "1234567890123456789";
    for (size_t count = 1; count < sizeof all; count++) {
        char digits[32];
        snprintf(digits, sizeof digits, "%.*s", (int)count, all);
        assert_int_equal(read_length(digits), PROTO_OK);
        assert_int_equal(head.content_length, strtoull(digits, NULL, 10));
        snprintf(digits, sizeof digits, "00%.*s", (int)count, all);
        assert_int_equal(read_length(digits), PROTO_OK);
        assert_int_equal(head.content_length, strtoull(digits, NULL, 10));
        memset(digits, '9', count);
        digits[count] = '\0';
        assert_int_equal(read_length(digits),
                         count < 19 ? PROTO_OK : PROTO_ERR_HTTP_LENGTH_OVERFLOW);
    }
}

/* The neighbours of the digits, and what differs from a digit in one bit. */
static void a_length_with_another_byte_in_it_is_refused(void)
{
    static const uint8_t others[] = "/:;p@x +-.\xb1\xb9\x80";
    for (size_t count = 1; count < 12; count++)
        for (size_t at = 0; at < count; at++)
            for (size_t i = 0; i < sizeof others - 1; i++) {
                char digits[16] = "";
                memset(digits, '1', count);
                digits[at] = (char)others[i];
                bool around = others[i] == ' ' && count > 1 && (at == 0 || at == count - 1);
                assert_int_equal(read_length(digits),
                                 around ? PROTO_OK : PROTO_ERR_HTTP_LENGTH_SYNTAX);
            }
}

static void lengths_are_digits(void **state)
{
    on_every_path(a_length_of_any_number_of_digits_is_read);
    on_every_path(a_length_with_another_byte_in_it_is_refused);
}

/* Whether a field of that name says nothing of framing, persistence and authority, in a request and
   in a response. */
static void assert_decides_nothing(const char *name, const char *value)
{
    char text[256];
    snprintf(text, sizeof text,
             "POST /a/path HTTP/1.1\r\nHost: www.example.org\r\n%s: %s\r\nContent-Type: x\r\n\r\n",
             name, value);
    assert_int_equal(read_text(NULL, text), PROTO_OK);
    assert_int_equal(head.framing, PROTO_HTTP_NO_BODY);
    assert_int_equal(head.flags, PROTO_HTTP_KEEP_ALIVE);
    assert_false(head.has_length);
    assert_span(head.authority, "www.example.org");
    snprintf(text, sizeof text,
             "HTTP/1.0 200 OK\r\nServer: something\r\n%s: %s\r\nContent-Type: text/plain\r\n\r\n",
             name, value);
    assert_int_equal(read_response(PROTO_HTTP_GET, text), PROTO_OK);
    assert_int_equal(head.framing, PROTO_HTTP_UNTIL_CLOSE);
    assert_int_equal(head.flags, 0);
    assert_false(head.has_length);
}

/* Of the same length, or of 32 bytes more, and the same but for one byte at most. */
static void each_name_that_is_only_alike_decides_nothing(void)
{
    static const char *const rows[][2] = {
        {"Host", "b"},       {"Expect", "none"},       {"Upgrade", "x"},
        {"Connection", "?"}, {"Connection", "close"},  {"Connection", "keep-alive"},
        {"Expect", "?"},     {"Content-Length", "5"},  {"Transfer-Encoding", "chunked"},
        {"Host", "?"},       {"Content-Length", "05"}, {"Transfer-Encoding", "gzip"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[64];
        for (size_t at = 0; at < strlen(rows[i][0]); at++) {
            snprintf(name, sizeof name, "%s", rows[i][0]);
            name[at] = name[at] == '-' ? '_' : 'q';
            assert_decides_nothing(name, rows[i][1]);
        }
        snprintf(name, sizeof name, "X-%030d%s", 0, rows[i][0]);
        assert_decides_nothing(name, rows[i][1]);
    }
}

static void names_that_are_only_alike_decide_nothing(void **state)
{
    on_every_path(each_name_that_is_only_alike_decides_nothing);
}

static void a_status_is_a_number(void)
{
    for (int status = 100; status <= 999; status++) {
        char text[64];
        snprintf(text, sizeof text, "HTTP/1.1 %d \r\n\r\n", status);
        assert_int_equal(read_response(PROTO_HTTP_GET, text), PROTO_OK);
        assert_int_equal(head.status, status);
        assert_int_equal(head.reason.len, 0);
    }
}

static void every_status_from_100_to_999_is_read(void **state)
{
    on_every_path(a_status_is_a_number);
}

static void the_framing_of_a_response_follows_from_status_and_method(void)
{
    static const proto_http_method methods[] = {PROTO_HTTP_GET, PROTO_HTTP_HEAD, PROTO_HTTP_CONNECT,
                                                PROTO_HTTP_POST, PROTO_HTTP_OTHER_METHOD};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        for (int status = 100; status <= 599; status++) {
            char text[64];
            snprintf(text, sizeof text, "HTTP/1.1 %d x\r\n\r\n", status);
            assert_int_equal(read_response(methods[i], text), PROTO_OK);
            int expected = PROTO_HTTP_UNTIL_CLOSE;
            if (methods[i] == PROTO_HTTP_HEAD || status < 200 || status == 204 || status == 304)
                expected = PROTO_HTTP_NO_BODY;
            if (status == 101 || (methods[i] == PROTO_HTTP_CONNECT && status / 100 == 2))
                expected = PROTO_HTTP_TUNNEL;
            assert_int_equal(head.framing, expected);
            assert_int_equal(head.flags & PROTO_HTTP_KEEP_ALIVE,
                             expected == PROTO_HTTP_UNTIL_CLOSE ? 0 : PROTO_HTTP_KEEP_ALIVE);
        }
}

static void responses_are_framed_by_status_and_method(void **state)
{
    on_every_path(the_framing_of_a_response_follows_from_status_and_method);
}

static void each_leniency_is_recorded_by_its_bit_alone(void)
{
    static const struct {
        proto_http_lenient leniency;
        const char *text;
    } rows[] = {
        {PROTO_HTTP_LENIENT_BARE_LF, "GET / HTTP/1.1\nHost: a\r\n\r\n"},
        {PROTO_HTTP_LENIENT_OBS_FOLD, "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"},
        {PROTO_HTTP_LENIENT_CONTROLS, "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n"},
        {PROTO_HTTP_LENIENT_EQUAL_LENGTHS,
         "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1,1\r\n\r\n"},
        {PROTO_HTTP_LENIENT_CODING_OVER_LENGTH,
         "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {PROTO_HTTP_LENIENT_CODING_IN_10, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {PROTO_HTTP_LENIENT_OTHER_CODINGS,
         "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
        {PROTO_HTTP_LENIENT_TARGET, "GET /\"\xff HTTP/1.1\r\nHost: a\r\n\r\n"},
        {PROTO_HTTP_LENIENT_HOST_EMPTY, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
        {PROTO_HTTP_LENIENT_HOST_MISMATCH, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {PROTO_HTTP_LENIENT_VERSION, "GET / HTTP/1.7\r\nHost: a\r\n\r\n"},
        {PROTO_HTTP_LENIENT_SCHEME, "GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    };
    const uint32_t all = (PROTO_HTTP_LENIENT_SCHEME << 1) - 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t bit = (uint32_t)rows[i].leniency;
        proto_http_config only = {.lenient = bit};
        proto_http_config others = {.lenient = all & ~bit};
        proto_http_config every = {.lenient = all};
        assert_int_equal(read_text(&only, rows[i].text), PROTO_OK);
        assert_int_equal(head.deviations, bit);
        assert_int_equal(read_text(&every, rows[i].text), PROTO_OK);
        assert_int_equal(head.deviations, bit);
        assert_true(read_text(&others, rows[i].text) > PROTO_NEED_INPUT);
        assert_true(read_text(NULL, rows[i].text) > PROTO_NEED_INPUT);
    }
}

static void leniencies_are_independent(void **state)
{
    on_every_path(each_leniency_is_recorded_by_its_bit_alone);
}

/* What must not be seen in results, as the exact reader stands behind: that the fast one was of
   use. */
static void usual_heads_are_not_left_to_the_exact_reader(void)
{
    vector_list cases = {0};
    proto_http_field table[128];
    vectors_read(&cases, TESTS_DIR "/vectors/16-messages.txt");
    for (size_t i = 0; i < cases.count; i++) {
        const vector_case *vector = &cases.at[i];
        proto_in in = proto_in_of(vector->input, vector->size);
        if (vector->size < 24 || strstr(vector->events, "absolute-form") != NULL) continue;
        proto_http_head_init(&head, NULL, table, 128);
        proto_err err = vector->role == VECTOR_REQUEST
                            ? proto_http_request_read(&head, &in)
                            : proto_http_response_read(&head, PROTO_HTTP_GET, &in);
        if (head.started) /* as only the exact reader says */
            print_error("%s: %s\n", proto_simd_name(proto_simd_used()), vector->title);
        assert_int_equal(err, PROTO_OK);
        assert_false(head.started);
    }
    vectors_free(&cases);
}

static void usual_heads_are_read_by_the_fast_reader(void **state)
{
    on_every_path(usual_heads_are_not_left_to_the_exact_reader);
}

/* ------------------------------------------------------------------------------------ limits -- */

/* A request of exactly `size` bytes in lines of 16, so that no other limit is met. */
static void request_of(size_t size, text_buffer *text)
{
    text_format(text, "GET / HTTP/1.1\r\nHost: a\r\n");
    while (size - text->len > 40)
        text_format(text, "X: 45678901234\r\n");
    text_format(text, "Y: ");
    while (size - text->len > 4)
        text_put(text, "y", 1);
    text_format(text, "\r\n\r\n");
}

/* Reads whole, or byte by byte, and returns what comes of it. */
static proto_err read_bytes(const proto_http_config *config, uint32_t cap, const text_buffer *text,
                            size_t step)
{
    proto_http_field *table = allocate(cap * sizeof *table);
    proto_err err = PROTO_NEED_INPUT;
    proto_http_head_init(&head, config, table, cap);
    for (size_t shown = step; err == PROTO_NEED_INPUT; shown += step) {
        if (shown > text->len) shown = text->len;
        uint8_t *copy = allocate(shown);
        memcpy(copy, text->ptr, shown);
        proto_in in = proto_in_of(copy, shown);
        err = proto_http_request_read(&head, &in);
        free(copy);
        if (shown == text->len) break;
    }
    free(table);
    return err;
}

static void assert_outcome(const proto_http_config *config, uint32_t cap, const text_buffer *text,
                           proto_err expected, uint64_t offset)
{
    const size_t steps[] = {text->len, 1, 17, 64};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_int_equal(read_bytes(config, cap, text, steps[i]), expected);
        assert_int_equal(head.fault.err, expected);
        if (expected != PROTO_OK) assert_int_equal(head.fault.offset, offset);
    }
}

static void a_head_of_the_limit_and_one_byte_more(void)
{
    for (uint32_t limit = 64; limit < 340; limit += 23)
        for (uint32_t size = limit - 1; size <= limit + 1; size++) {
            text_buffer text = {0};
            proto_http_config config = {.max_head = limit};
            request_of(size, &text);
            assert_int_equal(text.len, size);
            assert_outcome(&config, 64, &text,
                           size <= limit ? PROTO_OK : PROTO_ERR_HTTP_HEAD_TOO_LARGE, limit);
            text_free(&text);
        }
}

static void the_limit_of_a_head_is_exact(void **state)
{
    on_every_path(a_head_of_the_limit_and_one_byte_more);
}

static void a_request_line_of_the_limit_and_one_byte_more(void)
{
    for (uint32_t limit = 20; limit < 150; limit++)
        for (uint32_t size = limit - 1; size <= limit + 1; size++) {
            text_buffer text = {0};
            proto_http_config config = {.max_line = limit};
            text_format(&text, "GET /%0*d HTTP/1.1\r\n", (int)size - 16, 0);
            assert_int_equal(text.len, size);
            text_format(&text, "Host: a\r\n\r\n");
            assert_outcome(&config, 4, &text,
                           size <= limit ? PROTO_OK : PROTO_ERR_HTTP_TARGET_TOO_LONG, limit);
            text_free(&text);
        }
}

static void the_limit_of_a_request_line_is_exact(void **state)
{
    on_every_path(a_request_line_of_the_limit_and_one_byte_more);
}

static void a_field_line_of_the_limit_and_one_byte_more(void)
{
    for (uint32_t limit = 20; limit < 150; limit++)
        for (uint32_t size = limit - 1; size <= limit + 1; size++) {
            text_buffer text = {0};
            proto_http_config config = {.max_line = limit};
            text_format(&text, "GET / HTTP/1.1\r\nHost: a\r\n");
            size_t line = text.len;
            text_format(&text, "X: %0*d\r\n", (int)size - 5, 0);
            assert_int_equal(text.len, line + size);
            text_format(&text, "Y: z\r\n\r\n");
            assert_outcome(&config, 4, &text,
                           size <= limit ? PROTO_OK : PROTO_ERR_HTTP_LINE_TOO_LONG, line + limit);
            text_free(&text);
        }
}

/* The verdict does not wait for a byte more. */
static void a_line_of_the_limit_without_an_end(void)
{
    static const char *const begins[] = {"", "GET / HTTP/1.1\r\nHost: a\r\nX: "};
    proto_http_config config = {.max_line = 40};
    for (size_t i = 0; i < 2; i++) {
        text_buffer text = {0};
        text_format(&text, "%s", begins[i]);
        size_t line = i == 0 ? 0 : text.len - 3;
        while (text.len < line + 39)
            text_put(&text, "x", 1);
        assert_int_equal(read_bytes(&config, 4, &text, text.len), PROTO_NEED_INPUT);
        text_put(&text, "x", 1);
        assert_outcome(&config, 4, &text,
                       i == 0 ? PROTO_ERR_HTTP_TARGET_TOO_LONG : PROTO_ERR_HTTP_LINE_TOO_LONG,
                       line + 40);
        text_free(&text);
    }
}

static void the_limit_of_a_field_line_is_exact(void **state)
{
    on_every_path(a_line_of_the_limit_without_an_end);
    on_every_path(a_field_line_of_the_limit_and_one_byte_more);
}

/* The table is allocated exactly, so that a sanitizer sees a field too many. */
static void as_many_fields_as_fit_and_one_more(void)
{
    for (uint32_t cap = 1; cap < 80; cap++)
        for (uint32_t count = cap - 1; count <= cap + 1; count++) {
            text_buffer text = {0};
            text_format(&text, "GET / HTTP/1.0\r\n");
            for (uint32_t i = 0; i < count; i++)
                text_format(&text, "X-%u: y\r\n", i);
            size_t last = count == 0 ? 0 : text.len - (count > 10 ? 9 : 8);
            text_format(&text, "\r\n");
            assert_outcome(NULL, cap, &text,
                           count <= cap ? PROTO_OK : PROTO_ERR_HTTP_TOO_MANY_FIELDS, last);
            if (count <= cap) assert_int_equal(head.fields.count, count);
            text_free(&text);
        }
}

/* Of responses, where the fast reader and not http_decide() has the last word. */
static void as_many_fields_of_a_response_as_fit_and_one_more(void)
{
    for (uint32_t cap = 1; cap < 80; cap++)
        for (uint32_t count = cap - 1; count <= cap + 1; count++) {
            proto_http_field *table = allocate(cap * sizeof *table);
            text_buffer text = {0};
            text_format(&text, "HTTP/1.1 200 OK\r\n");
            for (uint32_t i = 1; i < count; i++)
                text_format(&text, "X-%u: y\r\n", i);
            if (count > 0) text_format(&text, "Content-Length: 7\r\n");
            text_format(&text, "\r\n");
            proto_in in = proto_in_of(text.ptr, text.len);
            proto_http_head_init(&head, NULL, table, cap);
            assert_int_equal(proto_http_response_read(&head, PROTO_HTTP_GET, &in),
                             count <= cap ? PROTO_OK : PROTO_ERR_HTTP_TOO_MANY_FIELDS);
            if (count <= cap) {
                assert_int_equal(head.fields.count, count);
                assert_int_equal(head.content_length, count > 0 ? 7 : 0);
            }
            text_free(&text);
            free(table);
        }
}

static void the_capacity_of_the_table_is_exact(void **state)
{
    on_every_path(as_many_fields_as_fit_and_one_more);
    on_every_path(as_many_fields_of_a_response_as_fit_and_one_more);
}

static void no_field_needs_no_table(void **state)
{
    static const char text[] = "GET / HTTP/1.0\r\n\r\n";
    proto_in in = proto_in_of(text, sizeof text - 1);
    proto_http_head_init(&head, NULL, NULL, 0);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
    assert_int_equal(head.fields.count, 0);
}

static void a_head_of_the_standard_limit_and_one_byte_more(void)
{
    proto_http_config config = {0};
    text_buffer text = {0};
    request_of(65536, &text);
    assert_int_equal(read_bytes(&config, 5000, &text, text.len), PROTO_OK);
    text_clear(&text);
    request_of(65537, &text);
    assert_int_equal(read_bytes(&config, 5000, &text, text.len), PROTO_ERR_HTTP_HEAD_TOO_LARGE);
    text_free(&text);
}

/* With far more fields than the fast readers take. */
static void a_limit_of_zero_is_the_default(void **state)
{
    on_every_path(a_head_of_the_standard_limit_and_one_byte_more);
}

static void a_limit_may_be_raised(void **state)
{
    proto_http_config config = {.max_head = 1 << 20, .max_line = 1 << 19};
    text_buffer text = {0};
    text_format(&text, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    while (text.len < 300000)
        text_put(&text, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
    text_format(&text, "\r\n\r\n");
    assert_int_equal(read_bytes(&config, 8, &text, text.len), PROTO_OK);
    assert_int_equal(head.fields.count, 2);
    assert_int_equal(head.length, text.len);
    assert_int_equal(read_bytes(&config, 8, &text, 4096), PROTO_OK);
    text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cursor_stands_behind_the_head),
        cmocka_unit_test(the_cursor_stays_while_more_is_needed),
        cmocka_unit_test(the_cursor_stays_on_a_failure),
        cmocka_unit_test(nothing_at_all_needs_input),
        cmocka_unit_test(the_same_bytes_may_be_shown_again),
        cmocka_unit_test(the_bytes_may_move_between_calls),
        cmocka_unit_test(spans_stay_true_when_the_base_is_set_anew),
        cmocka_unit_test(what_was_judged_is_not_read_again),
        cmocka_unit_test(the_path_may_change_in_the_middle_of_a_head),
        cmocka_unit_test(the_end_of_input_inside_a_head_is_truncation),
        cmocka_unit_test(the_end_of_input_behind_a_head_is_none_of_its_business),
        cmocka_unit_test(a_bad_line_is_named_before_the_end_of_input),
        cmocka_unit_test(the_end_of_input_may_come_later),
        cmocka_unit_test(a_failure_is_repeated_until_init),
        cmocka_unit_test(a_failure_of_meaning_is_repeated_as_well),
        cmocka_unit_test(a_truncation_is_repeated_as_well),
        cmocka_unit_test(offsets_count_from_the_first_byte_that_was_shown),
        cmocka_unit_test(offsets_begin_anew_with_each_message),
        cmocka_unit_test(a_head_reads_message_after_message),
        cmocka_unit_test(nothing_of_a_message_is_left_in_the_next),
        cmocka_unit_test(responses_may_answer_different_methods),
        cmocka_unit_test(every_known_method_has_its_number),
        cmocka_unit_test(other_tokens_are_other_methods),
        cmocka_unit_test(target_forms_are_told),
        cmocka_unit_test(flags_are_told),
        cmocka_unit_test(a_length_of_zero_is_a_length),
        cmocka_unit_test(lengths_are_digits),
        cmocka_unit_test(names_that_are_only_alike_decide_nothing),
        cmocka_unit_test(every_status_from_100_to_999_is_read),
        cmocka_unit_test(responses_are_framed_by_status_and_method),
        cmocka_unit_test(leniencies_are_independent),
        cmocka_unit_test(usual_heads_are_read_by_the_fast_reader),
        cmocka_unit_test(the_limit_of_a_head_is_exact),
        cmocka_unit_test(the_limit_of_a_request_line_is_exact),
        cmocka_unit_test(the_limit_of_a_field_line_is_exact),
        cmocka_unit_test(the_capacity_of_the_table_is_exact),
        cmocka_unit_test(no_field_needs_no_table),
        cmocka_unit_test(a_limit_of_zero_is_the_default),
        cmocka_unit_test(a_limit_may_be_raised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
