/* SPDX-License-Identifier: MIT */
/* Bodies: tables of bytes and the events they give, however they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <proto/http.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "http_lines.h"
#include "text.h"

enum { FIELDS = 4, PIECES = 5 };

typedef struct body_case {
    const char *input; /* in the visible form of text_unescaped() */
    const char *events;
    proto_http_config config;
    proto_http_framing framing; /* PROTO_HTTP_NO_BODY stands for chunked */
    uint64_t length;
    bool eof;
    bool no_fields;
} body_case;

/* How a case is shown: `first` bytes, then `step` at a time, `cap` pieces asked for in a call. */
typedef struct cut {
    size_t first;
    size_t step;
    size_t cap;
} cut;

static proto_http_head head_of(const body_case *test, proto_http_field *fields)
{
    proto_http_head head;
    proto_http_head_init(&head, &test->config, fields, test->no_fields ? 0 : FIELDS);
    head.framing = (uint8_t)(test->framing == PROTO_HTTP_NO_BODY ? PROTO_HTTP_CHUNKED
                                                                 : test->framing);
    head.content_length = test->length;
    return head;
}

static void put_trailer(text_buffer *events, const proto_http_fields *trailer)
{
    for (uint32_t i = 0; i < trailer->count; i++) {
        proto_slice name = proto_http_text(trailer, trailer->at[i].name);
        proto_slice value = proto_http_text(trailer, trailer->at[i].value);
        text_format(events, " %.*s=%.*s", (int)name.len, (const char *)name.ptr, (int)value.len,
                    (const char *)value.ptr);
    }
}

/* Appends the event; whether the body goes on. */
static bool put_event(text_buffer *events, const proto_http_body *body, proto_http_event event)
{
    if (event == PROTO_HTTP_EVENT_BODY) return true;
    text_format(events, "%s", proto_http_event_name(event));
    if (event == PROTO_HTTP_EVENT_FAILED)
        text_format(events, " %s %d", proto_err_name(body->fault.err) + strlen("PROTO_ERR_HTTP_"),
                    (int)body->fault.offset);
    if (event == PROTO_HTTP_EVENT_END) put_trailer(events, &body->trailer);
    if (body->deviations) text_format(events, " deviates");
    return false;
}

/* Reads all that there is, from an allocation of exactly its size. Returns the event that stopped
   it, and how far it came. */
static proto_http_event show(proto_http_body *body, proto_slice bytes, bool eof, size_t cap,
                             text_buffer *content, text_buffer *events, size_t *used)
{
    uint8_t *copy = allocate(bytes.len);
    if (bytes.len > 0) memcpy(copy, bytes.ptr, bytes.len);
    proto_in in = proto_in_of(copy, bytes.len);
    proto_http_event event;
    in.eof = eof;
    do {
        proto_slice pieces[PIECES];
        size_t count;
        event = proto_http_body_read(body, &in, pieces, cap, &count);
        for (size_t i = 0; i < count; i++) {
            assert_true(pieces[i].len > 0);
            text_put(content, pieces[i].ptr, pieces[i].len);
        }
        if (event == PROTO_HTTP_EVENT_BODY) assert_int_equal(count, cap);
    } while (event == PROTO_HTTP_EVENT_BODY);
    if (event != PROTO_HTTP_EVENT_NEED_INPUT) put_event(events, body, event);
    if (event != PROTO_HTTP_EVENT_FAILED) {
        proto_slice none[1];
        size_t count;
        assert_int_equal(proto_http_body_read(body, &in, none, 1, &count), event);
        assert_int_equal(count, 0);
    }
    *used = (size_t)(in.pos - copy);
    free(copy);
    return event;
}

/* The events of a case when it is cut in one way. Returns how many bytes were used up. */
static size_t feed(const body_case *test, proto_slice input, cut how, text_buffer *events)
{
    proto_http_field fields[FIELDS];
    proto_http_head head = head_of(test, fields);
    proto_http_body body;
    proto_http_event event;
    text_buffer content = {0};
    size_t consumed = 0;
    size_t shown = how.first < input.len ? how.first : input.len;
    proto_http_body_init(&body, &head);
    for (;;) {
        size_t used;
        proto_slice unread = proto_slice_of(input.ptr + consumed, shown - consumed);
        bool eof = test->eof && shown == input.len;
        event = show(&body, unread, eof, how.cap, &content, events, &used);
        consumed += used;
        if (event != PROTO_HTTP_EVENT_NEED_INPUT || shown == input.len) break;
        shown = how.step < input.len - shown ? shown + how.step : input.len;
    }
    if (event == PROTO_HTTP_EVENT_NEED_INPUT) put_event(events, &body, event);
    assert_int_equal(body.received, content.len);
    if (content.len > 0) text_format(events, " ");
    text_escaped(events, proto_slice_of(content.ptr, content.len));
    text_free(&content);
    return consumed;
}

static void check_cut(const body_case *test, proto_slice input, cut how)
{
    text_buffer events = {0};
    feed(test, input, how, &events);
    if (strcmp(text_string(&events), test->events) != 0)
        fail_msg("%s\ncut at %zu, then %zu, in pieces of %zu\nexpected %s\ngot      %s",
                 test->input, how.first, how.step, how.cap, test->events, text_string(&events));
    text_free(&events);
}

/* What follows an end must be left alone. */
static void check_trailing(const body_case *test, proto_slice input)
{
    static const char trailing[] = "GET / HTTP/1.1\r\n";
    text_buffer all = {0};
    text_buffer events = {0};
    text_put(&all, input.ptr, input.len);
    text_put(&all, trailing, sizeof trailing - 1);
    assert_int_equal(
        feed(test, proto_slice_of(all.ptr, all.len), (cut){SIZE_MAX, 1, PIECES}, &events),
        input.len);
    assert_string_equal(text_string(&events), test->events);
    text_free(&all);
    text_free(&events);
}

static void check_case(const body_case *test)
{
    text_buffer bytes = {0};
    const char *wrong = text_unescaped(&bytes, proto_slice_text(test->input), NULL);
    if (wrong) fail_msg("%s: %s", test->input, wrong);
    proto_slice input = proto_slice_of(text_string(&bytes), bytes.len);
    for (size_t cap = 1; cap <= PIECES; cap += 2) {
        for (size_t first = 0; first <= input.len; first++)
            check_cut(test, input, (cut){first, SIZE_MAX, cap});
        for (size_t step = 1; step < 12; step++)
            check_cut(test, input, (cut){step, step, cap});
    }
    if (strncmp(test->events, "END", 3) == 0 && test->framing != PROTO_HTTP_UNTIL_CLOSE)
        check_trailing(test, input);
    text_free(&bytes);
}

/* A line of a table: bytes in, events out. */
typedef struct body_line {
    const char *input;
    const char *events;
} body_line;

static void check_lines(body_case options, const body_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        options.input = lines[i].input;
        options.events = lines[i].events;
        check_case(&options);
    }
}

#define CHECK(options, ...)                                  \
    check_lines((options), (const body_line[]){__VA_ARGS__}, \
                sizeof((const body_line[]){__VA_ARGS__}) / sizeof(body_line))

static const body_case plain;

/* ------------------------------------------------------------------------------------ chunks -- */

static void chunks_are_joined(void **state)
{
    CHECK(plain, {"0\\r\\n\\r\\n", "END"}, {"5\\r\\nhello\\r\\n0\\r\\n\\r\\n", "END hello"},
          {"1\\r\\na\\r\\n1\\r\\nb\\r\\n1\\r\\nc\\r\\n1\\r\\nd\\r\\n2\\r\\nef\\r\\n0\\r\\n\\r\\n",
           "END abcdef"},
          {"A\\r\\n0123456789\\r\\na\\r\\n0123456789\\r\\n00\\r\\n\\r\\n",
           "END 01234567890123456789"},
          {"0010\\r\\n0123456789abcdef\\r\\n0\\r\\n\\r\\n", "END 0123456789abcdef"},
          {"0000000000000001\\r\\nx\\r\\n0000000000000000\\r\\n\\r\\n", "END x"},
          {"2\\r\\n\\r\\n\\r\\n0\\r\\n\\r\\n", "END \\r\\n"});
}

static void unfinished_chunks_need_input(void **state)
{
    CHECK(plain, {"", "NEED_INPUT"}, {"5", "NEED_INPUT"}, {"5\\r", "NEED_INPUT"},
          {"5\\r\\n", "NEED_INPUT"}, {"5;a=\"b", "NEED_INPUT"}, {"5\\r\\nhel", "NEED_INPUT hel"},
          {"5\\r\\nhello\\r", "NEED_INPUT hello"}, {"5\\r\\nhello\\r\\n", "NEED_INPUT hello"},
          {"0\\r\\n", "NEED_INPUT"}, {"0\\r\\nA: b\\r\\n", "NEED_INPUT"},
          {"7fffffffffffffff\\r\\nabc", "NEED_INPUT abc"});
}

static void a_size_is_one_to_sixteen_digits(void **state)
{
    CHECK(plain, {"\\r\\n", "FAILED CHUNK_SIZE 0"}, {";a\\r\\n", "FAILED CHUNK_SIZE 0"},
          {"g\\r\\n", "FAILED CHUNK_SIZE 0"}, {"5g\\r\\n", "FAILED CHUNK_SIZE 1"},
          {"0x5\\r\\n", "FAILED CHUNK_SIZE 1"}, {"+5\\r\\n", "FAILED CHUNK_SIZE 0"},
          {"-5\\r\\n", "FAILED CHUNK_SIZE 0"}, {" 5\\r\\n", "FAILED CHUNK_SIZE 0"},
          {"5 \\r\\n", "FAILED CHUNK_SIZE 1"}, {"5\\t\\r\\n", "FAILED CHUNK_SIZE 1"},
          {"5_0\\r\\n", "FAILED CHUNK_SIZE 1"}, {"5\\0\\r\\n", "FAILED CHUNK_SIZE 1"},
          {"5,6\\r\\n", "FAILED CHUNK_SIZE 1"}, {"\\xff", "FAILED CHUNK_SIZE 0"},
          {"00000000000000001\\r\\n", "FAILED CHUNK_SIZE 16"},
          {"1\\r\\nx\\r\\n\\r\\n", "FAILED CHUNK_SIZE 6 x"});
}

static void a_size_beyond_2_to_the_63_overflows(void **state)
{
    CHECK(plain, {"8000000000000000\\r\\n", "FAILED CHUNK_OVERFLOW 15"},
          {"ffffffffffffffff\\r\\n", "FAILED CHUNK_OVERFLOW 15"},
          {"fffffffffffffffff\\r\\n", "FAILED CHUNK_OVERFLOW 15"},
          {"1\\r\\nx\\r\\n7fffffffffffffff\\r\\n", "FAILED BODY_TOO_LARGE 21 x"},
          {"1\\r\\nx\\r\\n7ffffffffffffffe\\r\\n", "NEED_INPUT x"});
}

static void lines_end_in_cr_lf(void **state)
{
    CHECK(plain, {"5\\nhello\\n0\\n\\n", "FAILED LINE_END 1"}, {"5\\rhello", "FAILED LINE_END 2"},
          {"5\\r\\r\\n", "FAILED LINE_END 2"}, {"5;a\\nb", "FAILED LINE_END 3"},
          {"5;a\\r;b\\r\\n", "FAILED LINE_END 4"}, {"5;a=\"\\n\"\\r\\n", "FAILED LINE_END 5"},
          {"\\n", "FAILED LINE_END 0"}, {"0\\n", "FAILED LINE_END 1"},
          {"0\\r\\n\\n", "FAILED LINE_END 3"}, {"0\\r\\nA: b\\n\\r\\n", "FAILED LINE_END 7"});
    CHECK(((body_case){.config = {.lenient = PROTO_HTTP_LENIENT_BARE_LF}}),
          {"0\\r\\nA: b\\n\\r\\n", "FAILED LINE_END 7"});
    CHECK(((body_case){.config = {.lenient = UINT32_MAX}}), {"5\\n", "FAILED LINE_END 1"});
}

static void content_ends_in_cr_lf(void **state)
{
    CHECK(plain, {"5\\r\\nhello\\n0\\r\\n\\r\\n", "FAILED CHUNK_END 8 hello"},
          {"5\\r\\nhello\\rx", "FAILED CHUNK_END 9 hello"},
          {"5\\r\\nhello!\\r\\n", "FAILED CHUNK_END 8 hello"},
          {"5\\r\\nhell\\r\\n0\\r\\n\\r\\n", "FAILED CHUNK_END 8 hell\\r"},
          {"5\\r\\nhello0\\r\\n\\r\\n", "FAILED CHUNK_END 8 hello"},
          {"1\\r\\na\\r\\n1\\r\\nb\\r\\n1\\r\\nc\\n\\n0\\r\\n\\r\\n", "FAILED CHUNK_END 16 abc"});
}

static void an_extension_is_a_name_and_a_value(void **state)
{
    CHECK(plain, {"1;a\\r\\nx\\r\\n0;b\\r\\n\\r\\n", "END x"},
          {"1;a=b;c=d;e\\r\\nx\\r\\n0\\r\\n\\r\\n", "END x"},
          {"1;a=\"\"\\r\\nx\\r\\n0\\r\\n\\r\\n", "END x"},
          {"1;a=\"b;=, \\t\\xe4/\"\\r\\nx\\r\\n0\\r\\n\\r\\n", "END x"},
          {"1;a=\"\\\\\"\\\\\\\\\\\\b\\\\;\\\\=\\\\ \\\\\\xe4\";c\\r\\nx\\r\\n0\\r\\n\\r\\n",
           "END x"},
          {"1; a\\r\\nx\\r\\n0\\r\\n\\r\\n", "END x"},
          {"1;\\t a =\\t b\\r\\nx\\r\\n0\\r\\n\\r\\n", "END x"},
          {"1;a= \"b\"\\r\\nx\\r\\n0\\r\\n\\r\\n", "END x"},
          {"1;5\\r\\nx\\r\\n0\\r\\n\\r\\n", "END x"});
}

static void a_malformed_extension_is_refused(void **state)
{
    CHECK(
        plain, {"1;\\r\\n", "FAILED CHUNK_EXTENSION 2"}, {"1;;a\\r\\n", "FAILED CHUNK_EXTENSION 2"},
        {"1;=b\\r\\n", "FAILED CHUNK_EXTENSION 2"}, {"1;a=\\r\\n", "FAILED CHUNK_EXTENSION 4"},
        {"1;a=;b\\r\\n", "FAILED CHUNK_EXTENSION 4"}, {"1;a=b=c\\r\\n", "FAILED CHUNK_EXTENSION 5"},
        {"1;a b\\r\\n", "FAILED CHUNK_EXTENSION 4"}, {"1;\"a\"\\r\\n", "FAILED CHUNK_EXTENSION 2"},
        {"1;a=b\"c\"\\r\\n", "FAILED CHUNK_EXTENSION 5"},
        {"1;a=\"b\"c\\r\\n", "FAILED CHUNK_EXTENSION 7"},
        {"1;a=\"b\\r\\n", "FAILED CHUNK_EXTENSION 6"},
        {"1;a=\"\\\\\\r\\n", "FAILED CHUNK_EXTENSION 6"},
        {"1;a=\"\\x01\"\\r\\n", "FAILED CHUNK_EXTENSION 5"},
        {"1;a=\"\\\\\\x7f\"\\r\\n", "FAILED CHUNK_EXTENSION 6"},
        {"1;a/b\\r\\n", "FAILED CHUNK_EXTENSION 3"}, {"1;\\0\\r\\n", "FAILED CHUNK_EXTENSION 2"},
        {"1;a=\\xe4\\r\\n", "FAILED CHUNK_EXTENSION 4"}, {"1;a \\r\\n", "FAILED CHUNK_EXTENSION 4"},
        {"1;a ;b\\r\\n", "FAILED CHUNK_EXTENSION 4"}, {"1;a=b \\r\\n", "FAILED CHUNK_EXTENSION 5"},
        {"1;a=\"b\" ;c\\r\\n", "FAILED CHUNK_EXTENSION 7"});
}

static void blanks_before_a_line_end_are_a_leniency(void **state)
{
    const proto_http_config lenient = {.lenient = PROTO_HTTP_LENIENT_CHUNK_BLANKS};
    CHECK(((body_case){.config = lenient}), {"1 \\t\\r\\nx\\r\\n0\\r\\n\\r\\n", "END deviates x"},
          {"1 ;a\\r\\nx\\r\\n0\\r\\n\\r\\n", "END deviates x"},
          {"1;a \\r\\nx\\r\\n0\\r\\n\\r\\n", "END deviates x"},
          {"1;a ;b\\r\\nx\\r\\n0\\r\\n\\r\\n", "END deviates x"},
          {"1;a=b ;c=\"d\" \\r\\nx\\r\\n0\\r\\n\\r\\n", "END deviates x"},
          {"1\\r\\nx\\r\\n0\\r\\n\\r\\n", "END x"},
          {"1 2\\r\\n", "FAILED CHUNK_EXTENSION 2 deviates"}, {" 1\\r\\n", "FAILED CHUNK_SIZE 0"});
}

/* The fast loop expects the third line to be as the two before it. */
static void a_line_that_only_begins_like_the_last_is_read_as_it_is(void **state)
{
#define TWICE "2\\r\\nab\\r\\n2\\r\\ncd\\r\\n"
    CHECK(
        plain, {TWICE "2\\r\\nef\\r\\n0\\r\\n\\r\\n", "END abcdef"},
        {TWICE "2\\rxef\\r\\n0\\r\\n\\r\\n", "FAILED LINE_END 16 abcd"},
        {TWICE "2\\r2\\r\\n\\r\\n0\\r\\n\\r\\n", "FAILED LINE_END 16 abcd"},
        {TWICE "2\\nef\\r\\n0\\r\\n\\r\\n", "FAILED LINE_END 15 abcd"},
        {TWICE "21\\r\\nefghijklmnopqrstuvwxyz0123456789+\\r\\n0\\r\\n\\r\\n",
         "END abcdefghijklmnopqrstuvwxyz0123456789+"},
        {TWICE "2;a\\r\\nef\\r\\n0\\r\\n\\r\\n", "END abcdef"},
        {TWICE "02\\r\\nef\\r\\n0\\r\\n\\r\\n", "END abcdef"},
        {TWICE "3\\r\\nefg\\r\\n3\\r\\nhij\\r\\n2\\r\\nkl\\r\\n0\\r\\n\\r\\n", "END abcdefghijkl"},
        {TWICE "2\\r\\nef\\r\\r0\\r\\n\\r\\n", "FAILED CHUNK_END 20 abcdef"},
        {TWICE "\\r\\n\\r\\n\\r\\n\\r\\n\\r\\n", "FAILED CHUNK_SIZE 14 abcd"},
        {TWICE "\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0", "FAILED CHUNK_SIZE 14 abcd"},
        {"1234567\\r", "NEED_INPUT"}, {"12345678\\r\\n", "NEED_INPUT"},
        {"1234567;\\r\\n", "FAILED CHUNK_EXTENSION 8"});
#undef TWICE
}

/* ------------------------------------------------------------------------------------ limits -- */

static void framing_is_limited(void **state)
{
    const proto_http_config three = {.max_extension = 3, .max_overhead = 8};
    CHECK(((body_case){.config = three}), {"1;ab\\r\\nx\\r\\n0;cd\\r\\n\\r\\n", "END x"},
          {"1;abc\\r\\n", "FAILED EXTENSION_TOO_LONG 4"},
          {"01;ab\\r\\nx\\r\\n01;ab\\r\\nx\\r\\n", "NEED_INPUT xx"},
          {"01;ab\\r\\nx\\r\\n01;ab\\r\\nx\\r\\n01\\r\\n", "FAILED OVERHEAD 21 xx"},
          {"01;ab\\r\\nx\\r\\n01;ab\\r\\nx\\r\\n1;\\r\\n", "FAILED OVERHEAD 21 xx"},
          {"0000000001\\r\\n", "FAILED OVERHEAD 9"});
    CHECK(plain, {"1;\\{256 a}\\r\\n", "FAILED EXTENSION_TOO_LONG 257"},
          {"1;\\{255 a}\\r\\nx", "NEED_INPUT x"});
}

static void content_is_limited(void **state)
{
    const proto_http_config ten = {.max_body = 10};
    const proto_http_config huge = {.max_body = UINT64_MAX};
    CHECK(((body_case){.config = ten}), {"a\\r\\n0123456789\\r\\n0\\r\\n\\r\\n", "END 0123456789"},
          {"b\\r\\n", "FAILED BODY_TOO_LARGE 0"}, {"10\\r\\n", "FAILED BODY_TOO_LARGE 1"},
          {"8\\r\\n01234567\\r\\n3\\r\\nabc\\r\\n", "FAILED BODY_TOO_LARGE 13 01234567"},
          {"5\\r\\n01234\\r\\n5\\r\\n56789\\r\\n5\\r\\nabcde\\r\\n",
           "FAILED BODY_TOO_LARGE 20 0123456789"});
    CHECK(((body_case){.config = huge}), {"8000000000000000\\r\\n", "FAILED CHUNK_OVERFLOW 15"});
    CHECK(((body_case){.config = ten, .framing = PROTO_HTTP_LENGTH, .length = 10}),
          {"0123456789", "END 0123456789"});
    CHECK(((body_case){.config = ten, .framing = PROTO_HTTP_LENGTH, .length = 11}),
          {"0123456789a", "FAILED BODY_TOO_LARGE 0"});
    CHECK(((body_case){.config = ten, .framing = PROTO_HTTP_UNTIL_CLOSE, .eof = true}),
          {"0123456789", "END 0123456789"});
    CHECK(((body_case){.config = ten, .framing = PROTO_HTTP_UNTIL_CLOSE}),
          {"0123456789a", "FAILED BODY_TOO_LARGE 10 0123456789"});
}

static void a_trailer_section_is_limited(void **state)
{
    const proto_http_config ten = {.max_trailer = 10};
    CHECK(((body_case){.config = ten}),
          {"0\\r\\nA: bcde\\r\\n\\r\\n", "FAILED TRAILER_TOO_LARGE 13"},
          {"0\\r\\nA: bcd\\r\\n\\r\\n", "END A=bcd"}, {"0\\r\\nA: b\\r\\n\\r\\n", "END A=b"},
          {"0\\r\\nA:bc\\r\\n\\r\\n", "END A=bc"},
          {"0\\r\\nA: bcdefgh", "FAILED TRAILER_TOO_LARGE 13"},
          {"0\\r\\nA: bcdefghijkl", "FAILED TRAILER_TOO_LARGE 13"});
    CHECK(((body_case){.config = {.max_line = 5}}),
          {"0\\r\\nA: bcdefghijkl", "FAILED LINE_TOO_LONG 8"});
    CHECK(plain, {"0\\r\\nA:1\\r\\nB:2\\r\\nC:3\\r\\nD:4\\r\\n\\r\\n", "END A=1 B=2 C=3 D=4"},
          {"0\\r\\nA:1\\r\\nB:2\\r\\nC:3\\r\\nD:4\\r\\nE:5\\r\\n\\r\\n",
           "FAILED TOO_MANY_FIELDS 23"});
    CHECK(((body_case){.no_fields = true}), {"0\\r\\nA:1\\r\\n\\r\\n", "FAILED TOO_MANY_FIELDS 3"},
          {"0\\r\\n\\r\\n", "END"});
}

/* ---------------------------------------------------------------------------------- trailers -- */

static void trailer_fields_are_read(void **state)
{
    CHECK(plain, {"0\\r\\nA: b\\r\\nETag: \"x\"\\r\\n\\r\\n", "END A=b ETag=\"x\""},
          {"1\\r\\nx\\r\\n0\\r\\nServer-Timing: \\r\\n\\r\\n", "END Server-Timing= x"},
          {"0\\r\\nDate: now\\r\\nExpires: then\\r\\n\\r\\n", "END Date=now Expires=then"},
          {"0\\r\\nA : b\\r\\n\\r\\n", "FAILED FIELD_BLANK 4"},
          {"0\\r\\nA\\r\\n\\r\\n", "FAILED FIELD_COLON 4"},
          {"0\\r\\nA: b\\r\\n c\\r\\n\\r\\n", "FAILED FIELD_FOLD 9"},
          {"0\\r\\nA: \\0\\r\\n\\r\\n", "FAILED FIELD_VALUE 6"});
    CHECK(((body_case){.config = {.lenient = PROTO_HTTP_LENIENT_CONTROLS}}),
          {"0\\r\\nA: \\x01\\r\\n\\r\\n", "END A=\x01 deviates"});
}

static void fields_that_come_too_late_are_refused(void **state)
{
    static const char *const names[] = {"Content-Length",
                                        "transfer-encoding",
                                        "TE",
                                        "Trailer",
                                        "Connection",
                                        "Keep-Alive",
                                        "Proxy-Connection",
                                        "Upgrade",
                                        "HOST",
                                        "Max-Forwards",
                                        "Cache-Control",
                                        "Expect",
                                        "Pragma",
                                        "Range",
                                        "If-Match",
                                        "If-None-Match",
                                        "If-Modified-Since",
                                        "If-Unmodified-Since",
                                        "If-Range",
                                        "Authorization",
                                        "WWW-Authenticate",
                                        "Proxy-Authenticate",
                                        "Proxy-Authorization",
                                        "Cookie",
                                        "Set-Cookie",
                                        "Content-Encoding",
                                        "Content-Type",
                                        "Content-Range"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        text_buffer input = {0};
        text_format(&input, "0\\r\\nA: b\\r\\n%s: 1\\r\\n\\r\\n", names[i]);
        CHECK(plain, {text_string(&input), "FAILED TRAILER_FIELD 9"});
        text_free(&input);
    }
    CHECK(plain, {"0\\r\\nHost: a\\r\\nB\\r\\n\\r\\n", "FAILED FIELD_COLON 13"},
          {"0\\r\\nHost: a\\r\\n", "NEED_INPUT"});
}

/* ---------------------------------------------------------------------------- other framings -- */

static void a_length_is_counted(void **state)
{
    CHECK(((body_case){.framing = PROTO_HTTP_LENGTH}), {"", "END"});
    CHECK(((body_case){.framing = PROTO_HTTP_LENGTH, .length = 5}), {"hello", "END hello"},
          {"hell", "NEED_INPUT hell"});
}

static void a_body_may_last_until_the_end(void **state)
{
    CHECK(((body_case){.framing = PROTO_HTTP_UNTIL_CLOSE, .eof = true}), {"", "END"},
          {"hello", "END hello"});
    CHECK(((body_case){.framing = PROTO_HTTP_UNTIL_CLOSE}), {"hello", "NEED_INPUT hello"});
}

static void an_early_end_of_input_truncates(void **state)
{
    CHECK(((body_case){.framing = PROTO_HTTP_LENGTH, .length = 5, .eof = true}),
          {"hell", "FAILED TRUNCATED 4 hell"});
    CHECK(((body_case){.eof = true}), {"", "FAILED TRUNCATED 0"}, {"5", "FAILED TRUNCATED 1"},
          {"5;a=\"", "FAILED TRUNCATED 5"}, {"5\\r", "FAILED TRUNCATED 2"},
          {"5\\r\\n", "FAILED TRUNCATED 3"}, {"5\\r\\nhel", "FAILED TRUNCATED 6 hel"},
          {"5\\r\\nhello", "FAILED TRUNCATED 8 hello"},
          {"5\\r\\nhello\\r", "FAILED TRUNCATED 9 hello"},
          {"5\\r\\nhello\\r\\n", "FAILED TRUNCATED 10 hello"},
          {"5\\r\\nhello\\r\\n0\\r\\n", "FAILED TRUNCATED 13 hello"},
          {"0\\r\\nA: b\\r\\n", "FAILED TRUNCATED 9"},
          {"0\\r\\nA: b\\r\\n\\r", "FAILED TRUNCATED 10"}, {"0\\r\\n\\r\\n", "END"});
}

static void no_body_ends_at_once(void **state)
{
    proto_http_head head;
    proto_http_body body;
    proto_slice data;
    proto_in in = proto_in_of("x", 1);
    proto_http_head_init(&head, NULL, NULL, 0);
    head.framing = PROTO_HTTP_NO_BODY;
    proto_http_body_init(&body, &head);
    assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_END);
    assert_int_equal(body.trailer.count, 0);
    head.framing = PROTO_HTTP_TUNNEL;
    proto_http_body_init(&body, &head);
    assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_TUNNEL);
    assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_TUNNEL);
    assert_int_equal(in.end - in.pos, 1);
}

/* ---------------------------------------------------------------------------------- the rest -- */

static void a_piece_is_all_that_there_is_of_a_chunk(void **state)
{
    static const char input[] = "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    proto_http_field fields[FIELDS];
    proto_http_head head = head_of(&plain, fields);
    proto_http_body body;
    proto_in in = proto_in_of(input, sizeof input - 1);
    proto_slice data;
    proto_http_body_init(&body, &head);
    assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_BODY);
    assert_true(proto_slice_equal(data, PROTO_LITERAL("hello")));
    assert_ptr_equal(data.ptr, input + 3);
    assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_BODY);
    assert_true(proto_slice_equal(data, PROTO_LITERAL(" world")));
    assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_END);
    assert_int_equal(body.received, 11);
    assert_ptr_equal(in.pos, in.end);
}

static void no_input_may_be_nowhere(void **state)
{
    static const char *const units[] = {"5\r\n", "hello", "\r\n", "0\r\n", "\r\n"};
    static const proto_http_event events[] = {PROTO_HTTP_EVENT_NEED_INPUT, PROTO_HTTP_EVENT_BODY,
                                              PROTO_HTTP_EVENT_NEED_INPUT,
                                              PROTO_HTTP_EVENT_NEED_INPUT, PROTO_HTTP_EVENT_END};
    proto_http_field fields[FIELDS];
    proto_http_head head = head_of(&plain, fields);
    proto_http_body body;
    proto_slice data;
    proto_http_body_init(&body, &head);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        proto_in in = proto_in_of(NULL, 0);
        assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_NEED_INPUT);
        in = proto_in_of(units[i], strlen(units[i]));
        assert_int_equal(proto_http_body_next(&body, &in, &data), events[i]);
    }
}

static void content_may_be_moved_by_other_means(void **state)
{
    proto_http_field fields[FIELDS];
    proto_http_head head = head_of(&plain, fields);
    proto_http_body body;
    proto_slice data;
    proto_http_body_init(&body, &head);
    proto_in in = proto_in_of("10\r", 3);
    assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_NEED_INPUT);
    assert_int_equal(proto_http_body_pending(&body), 0);
    in = proto_in_of("10\r\n012", 7);
    assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_BODY);
    assert_int_equal(proto_http_body_pending(&body), 13);
    proto_http_body_skip(&body, 0);
    proto_http_body_skip(&body, 6);
    assert_int_equal(proto_http_body_pending(&body), 7);
    proto_http_body_skip(&body, 7);
    assert_int_equal(proto_http_body_pending(&body), 0);
    in = proto_in_of("\r\n0\r\n\n", 6);
    assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_FAILED);
    assert_int_equal(body.received, 16);
    assert_int_equal(body.fault.offset, 25);
    assert_int_equal(proto_http_body_pending(&body), 0);
}

static void a_length_may_be_moved_by_other_means(void **state)
{
    proto_http_head head;
    proto_http_body body;
    proto_slice data;
    proto_in in = proto_in_of(NULL, 0);
    proto_http_head_init(&head, NULL, NULL, 0);
    head.framing = PROTO_HTTP_LENGTH;
    head.content_length = UINT64_C(1) << 40;
    proto_http_body_init(&body, &head);
    assert_int_equal(proto_http_body_pending(&body), UINT64_C(1) << 40);
    proto_http_body_skip(&body, UINT64_C(1) << 40);
    assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_END);
    head.framing = PROTO_HTTP_UNTIL_CLOSE;
    proto_http_body_init(&body, &head);
    assert_int_equal(proto_http_body_pending(&body), 0);
}

static uint64_t random_state = 88172645463325252u;

static uint64_t random_below(uint64_t bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % bound;
}

/* Runs of equal sizes and other ones, plain and decorated size lines, so that every way in and out
   of the fast loop is taken. */
static void put_random_chunk(text_buffer *input, text_buffer *content, size_t *size)
{
    static const char *const extensions[] = {"", "", "", "", "", "", ";a", ";a=\"b\""};
    if (random_below(4) == 0) *size = 1 + random_below(random_below(8) ? 40 : 5000);
    if (random_below(8))
        text_format(input, "%zx", *size);
    else
        text_format(input, "%0*zX", (int)random_below(5), *size);
    text_format(input, "%s\r\n", random_below(4) ? "" : extensions[random_below(8)]);
    for (size_t i = 0; i < *size; i++) {
        uint8_t byte = (uint8_t)random_below(256);
        text_put(input, &byte, 1);
        text_put(content, &byte, 1);
    }
    text_put(input, "\r\n", 2);
}

static void random_bodies_are_read_whatever_the_cut(void **state)
{
    for (int round = 0; round < 60; round++) {
        text_buffer input = {0};
        text_buffer content = {0};
        text_buffer expected = {0};
        size_t size = 1;
        for (uint64_t chunks = random_below(100); chunks > 0; chunks--)
            put_random_chunk(&input, &content, &size);
        text_format(&input, "0\r\n\r\n");
        text_format(&expected, content.len ? "END " : "END");
        text_escaped(&expected, proto_slice_of(content.ptr, content.len));
        body_case test = {.input = "a random body", .events = text_string(&expected)};
        proto_slice bytes = proto_slice_of(input.ptr, input.len);
        for (size_t cap = 1; cap <= PIECES; cap++) {
            check_cut(&test, bytes, (cut){SIZE_MAX, 1, cap});
            check_cut(&test, bytes, (cut){random_below(input.len), SIZE_MAX, cap});
            check_cut(&test, bytes, (cut){1, 1 + random_below(300), cap});
        }
        text_free(&input);
        text_free(&content);
        text_free(&expected);
    }
}

/* A line that is taken up anew with each byte would make this quadratic: 10^12 steps. */
static void trickle(const char *begin)
{
    enum { LENGTH = 1 << 20, LIMIT = LENGTH + 8 };
    const body_case test = {.config = {.max_extension = LIMIT,
                                       .max_overhead = LIMIT,
                                       .max_line = LIMIT,
                                       .max_trailer = LIMIT}};
    proto_http_field fields[FIELDS];
    proto_http_head head = head_of(&test, fields);
    proto_http_body body;
    proto_slice data;
    uint8_t *input = allocate(LENGTH);
    memset(input, 'a', LENGTH);
    memcpy(input, begin, strlen(begin));
    proto_http_body_init(&body, &head);
    size_t used = 0;
    for (size_t size = 0; size <= LENGTH; size++) {
        proto_in in = proto_in_of(input + used, size - used);
        assert_int_equal(proto_http_body_next(&body, &in, &data), PROTO_HTTP_EVENT_NEED_INPUT);
        used = (size_t)(in.pos - input);
    }
    free(input);
}

static void a_long_line_byte_by_byte_costs_its_length(void **state)
{
    trickle("1;");
    trickle("0\r\nA:");
}

/* The size line of such a chunk is longer than a word. */
static void huge_chunks_of_one_size_are_read(void **state)
{
    enum { CHUNKS = 3, LARGE = 0x1000000, SIZE_LINE = 9, CHUNK = SIZE_LINE + LARGE + 2 };
    static const body_case test = {0};
    proto_http_field fields[FIELDS];
    proto_http_head head = head_of(&test, fields);
    proto_slice pieces[CHUNKS + 1];
    proto_http_body body;
    size_t count;
    char *input = calloc(CHUNKS, CHUNK);
    assert_non_null(input);
    for (size_t i = 0; i < CHUNKS; i++) {
        memcpy(input + i * CHUNK, "1000000\r\n", SIZE_LINE);
        memcpy(input + (i + 1) * CHUNK - 2, "\r\n", 2);
    }
    proto_in in = proto_in_of(input, (size_t)CHUNKS * CHUNK);
    proto_http_body_init(&body, &head);
    assert_int_equal(proto_http_body_read(&body, &in, pieces, CHUNKS + 1, &count),
                     PROTO_HTTP_EVENT_NEED_INPUT);
    assert_int_equal(count, CHUNKS);
    for (size_t i = 0; i < CHUNKS; i++) {
        assert_ptr_equal(pieces[i].ptr, input + i * CHUNK + SIZE_LINE);
        assert_int_equal(pieces[i].len, LARGE);
    }
    assert_ptr_equal(in.pos, in.end);
    free(input);
}

/* What reading `times` times `unit` and then `rest` ends with. */
static proto_err end_of_many(size_t times, const char *unit, const char *rest)
{
    static const body_case test = {0};
    proto_http_field fields[FIELDS];
    proto_http_head head = head_of(&test, fields);
    proto_http_body body;
    proto_slice data;
    text_buffer text = {0};
    if (strcmp(unit, "y") == 0) text_format(&text, "0\r\nX:");
    for (size_t i = 0; i < times; i++)
        text_put(&text, unit, strlen(unit));
    text_put(&text, rest, strlen(rest));
    proto_in in = proto_in_of(text.ptr, text.len);
    proto_http_body_init(&body, &head);
    while (proto_http_body_next(&body, &in, &data) == PROTO_HTTP_EVENT_BODY) {}
    text_free(&text);
    return body.fault.err;
}

static void limits_of_zero_are_the_defaults(void **state)
{
    static const char chunk[] = "1;abc\r\nx\r\n"; /* with four bytes that need not be */
    assert_int_equal(end_of_many(16384 / 4, chunk, "1\r\nx\r\n"), PROTO_OK);
    assert_int_equal(end_of_many(16384 / 4, chunk, "1;"), PROTO_ERR_HTTP_OVERHEAD);
    assert_int_equal(end_of_many(8192 - 6, "y", "\r\n\r\n"), PROTO_OK);
    assert_int_equal(end_of_many(8192 - 5, "y", "\r\n\r\n"), PROTO_ERR_HTTP_TRAILER_TOO_LARGE);
}

static void no_limit_is_beyond_the_largest(void **state)
{
    enum { LARGEST = 1 << 30 };
    static uint32_t (*const limits[])(const proto_http_config *) = {
        http_max_head, http_max_line, http_max_extension, http_max_overhead, http_max_trailer};
    static const uint32_t numbers[] = {2, LARGEST - 1, LARGEST, LARGEST + 1u, UINT32_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint32_t n = numbers[i];
        const proto_http_config config = {.max_head = n,
                                          .max_line = n,
                                          .max_extension = n,
                                          .max_overhead = n,
                                          .max_trailer = n,
                                          .max_body = (uint64_t)n << 32};
        for (size_t j = 0; j < sizeof limits / sizeof limits[0]; j++)
            assert_int_equal(limits[j](&config), n < LARGEST ? n : LARGEST);
        assert_true(http_max_body(&config) <= INT64_MAX);
    }
    assert_int_equal(http_max_body(&(proto_http_config){.max_body = UINT64_MAX}), INT64_MAX);
    assert_int_equal(http_max_body(&(proto_http_config){.max_body = 1}), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_are_joined),
        cmocka_unit_test(unfinished_chunks_need_input),
        cmocka_unit_test(a_size_is_one_to_sixteen_digits),
        cmocka_unit_test(a_size_beyond_2_to_the_63_overflows),
        cmocka_unit_test(lines_end_in_cr_lf),
        cmocka_unit_test(content_ends_in_cr_lf),
        cmocka_unit_test(an_extension_is_a_name_and_a_value),
        cmocka_unit_test(a_malformed_extension_is_refused),
        cmocka_unit_test(blanks_before_a_line_end_are_a_leniency),
        cmocka_unit_test(a_line_that_only_begins_like_the_last_is_read_as_it_is),
        cmocka_unit_test(framing_is_limited),
        cmocka_unit_test(content_is_limited),
        cmocka_unit_test(a_trailer_section_is_limited),
        cmocka_unit_test(trailer_fields_are_read),
        cmocka_unit_test(fields_that_come_too_late_are_refused),
        cmocka_unit_test(a_length_is_counted),
        cmocka_unit_test(a_body_may_last_until_the_end),
        cmocka_unit_test(an_early_end_of_input_truncates),
        cmocka_unit_test(no_body_ends_at_once),
        cmocka_unit_test(a_piece_is_all_that_there_is_of_a_chunk),
        cmocka_unit_test(no_input_may_be_nowhere),
        cmocka_unit_test(content_may_be_moved_by_other_means),
        cmocka_unit_test(a_length_may_be_moved_by_other_means),
        cmocka_unit_test(random_bodies_are_read_whatever_the_cut),
        cmocka_unit_test(a_long_line_byte_by_byte_costs_its_length),
        cmocka_unit_test(huge_chunks_of_one_size_are_read),
        cmocka_unit_test(limits_of_zero_are_the_defaults),
        cmocka_unit_test(no_limit_is_beyond_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
