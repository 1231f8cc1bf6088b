// SPDX-License-Identifier: MIT
// Entity tags, ranges, and what a conditional request gets.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/http_conditional.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

// ------------------------------------------------------------------------------------------------------------ helpers --

// A copy in an allocation of exactly its size, so that a sanitizer sees the first byte too far.
static proto_slice exact(const char *text)
{
    size_t len = strlen(text);
    uint8_t *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    if (len > 0) memcpy(copy, text, len);
    return proto_slice_of(copy, len);
}

static void release(proto_slice slice)
{
    free((void *)(uintptr_t)slice.ptr);
}

static bool is_text(proto_slice slice, const char *text)
{
    return proto_slice_equal(slice, proto_slice_text(text));
}

// -------------------------------------------------------------------------------------------------------- entity tags --

static void a_tag_is_read_with_its_strength(void **state)
{
    static const struct {
        const char *text, *opaque;
        bool weak;
    } cases[] = {
        {"\"\"", "", false},
        {"\"xyzzy\"", "xyzzy", false},
        {"W/\"xyzzy\"", "xyzzy", true},
        {"\"a,b\"", "a,b", false},
        {"\"\\\"", "\\", false},
        {"\"!#~\x80\xff\"", "!#~\x80\xff", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_slice text = exact(cases[i].text);
        proto_http_etag etag;
        assert_true(proto_http_etag_read(text, &etag));
        assert_true(is_text(etag.opaque, cases[i].opaque));
        assert_int_equal(etag.weak, cases[i].weak);
        release(text);
    }
}

static void what_is_no_tag_is_not_read(void **state)
{
    static const char *const cases[] = {
        "",       "xyzzy",   "\"",      "\"xyzzy",   "xyzzy\"",  "w/\"xyzzy\"", "W\"xyzzy\"",
        "W/",     "W/xyzzy", "\"x y\"", "\"x\ty\"",  "\"x\"y\"", "\"x\x7f\"",   "\"x\", \"y\"",
        "\"x\" ", " \"x\"",  "*",       "\"x\x01\"", "W",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_slice text = exact(cases[i]);
        proto_http_etag etag;
        if (proto_http_etag_read(text, &etag)) fail_msg("%s is read", cases[i]);
        release(text);
    }
}

// The opaque parts, each followed by `;`, weak ones by `~`.
static const char *listed(const char *text)
{
    static char all[128];
    proto_slice whole = exact(text);
    proto_slice list = whole;
    proto_http_etag etag;
    all[0] = '\0';
    while (proto_http_etag_next(&list, &etag)) {
        strncat(all, (const char *)etag.opaque.ptr, etag.opaque.len);
        strcat(all, etag.weak ? "~" : ";");
    }
    assert_int_equal(list.len, 0);
    release(whole);
    return all;
}

static void a_list_of_tags_is_taken_apart(void **state)
{
    assert_string_equal(listed("\"a\""), "a;");
    assert_string_equal(listed("\"a\", W/\"b\",\"c\""), "a;b~c;");
    assert_string_equal(listed(" , ,\t\"a\" ,, \"b\" , "), "a;b;");
    assert_string_equal(listed("\"a,b\" , \"\\\",\"c\""), "a,b;\\;c;");
    assert_string_equal(listed(""), "");
    assert_string_equal(listed(" , "), "");
}

static void a_list_ends_where_it_is_no_list_of_tags(void **state)
{
    assert_string_equal(listed("\"a\", b, \"c\""), "a;");
    assert_string_equal(listed("\"a\" \"b\""), "");
    assert_string_equal(listed("\"a\", \"b"), "a;");
    assert_string_equal(listed("*"), "");
}

static void tags_are_compared_strongly_and_weakly(void **state)
{
    // The table of RFC 9110 section 8.8.3.2.
    static const struct {
        const char *a, *b;
        bool strongly, weakly;
    } cases[] = {
        {"W/\"1\"", "W/\"1\"", false, true}, {"W/\"1\"", "W/\"2\"", false, false},
        {"W/\"1\"", "\"1\"", false, true},   {"\"1\"", "\"1\"", true, true},
        {"\"1\"", "\"2\"", false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_http_etag a, b;
        assert_true(proto_http_etag_read(proto_slice_text(cases[i].a), &a));
        assert_true(proto_http_etag_read(proto_slice_text(cases[i].b), &b));
        assert_int_equal(proto_http_etag_strongly_equal(&a, &b), cases[i].strongly);
        assert_int_equal(proto_http_etag_strongly_equal(&b, &a), cases[i].strongly);
        assert_int_equal(proto_http_etag_weakly_equal(&a, &b), cases[i].weakly);
        assert_int_equal(proto_http_etag_weakly_equal(&b, &a), cases[i].weakly);
    }
}

static void a_tag_is_written_whole_or_not_at_all(void **state)
{
    uint8_t bytes[8];
    proto_http_etag etag = {PROTO_LITERAL("abc"), true};
    for (size_t cap = 0; cap <= 7; cap++) {
        proto_out out = proto_out_of(bytes, cap);
        proto_err err = proto_http_etag_write(&etag, &out);
        assert_int_equal(err, cap < 7 ? PROTO_ERR_NO_SPACE : PROTO_OK);
        assert_int_equal(out.len, cap < 7 ? 0 : 7);
    }
    assert_memory_equal(bytes, "W/\"abc\"", 7);
    static const char *const refused[] = {"a\"b", "a b", "a\r\nb", "\x7f", "\x1f"};
    for (size_t i = 0; i < COUNT(refused); i++) {
        proto_out out = proto_out_of(bytes, sizeof bytes);
        etag.opaque = proto_slice_text(refused[i]);
        assert_int_equal(proto_http_etag_write(&etag, &out), PROTO_ERR_HTTP_FIELD_VALUE);
        assert_int_equal(out.len, 0);
        assert_false(out.failed);
    }
}

// ------------------------------------------------------------------------------------------------------------- ranges --

// "first+size ..." for ranges, "-" for a field that does not count, "416" for one that names nothing.
static const char *ranges_of(const char *value, uint64_t size)
{
    static char text[256];
    proto_http_range ranges[4];
    size_t count = 99;
    proto_slice copy = exact(value);
    proto_http_ranges result = proto_http_ranges_read(copy, size, ranges, COUNT(ranges), &count);
    release(copy);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        char one[64];
        snprintf(one, sizeof one, "%s%llu+%llu", i ? " " : "", (unsigned long long)ranges[i].first,
                 (unsigned long long)ranges[i].size);
        strcat(text, one);
    }
    if (result == PROTO_HTTP_RANGES_GIVEN) return text;
    assert_int_equal(count, 0);
    return result == PROTO_HTTP_RANGES_IGNORED ? "-" : "416";
}

static void ranges_are_read(void **state)
{
    static const struct {
        const char *value;
        uint64_t size;
        const char *ranges;
    } cases[] = {
        // RFC 9110 section 14.1.2
        {"bytes=0-499", 10000, "0+500"},
        {"bytes=500-999", 10000, "500+500"},
        {"bytes=-500", 10000, "9500+500"},
        {"bytes=9500-", 10000, "9500+500"},
        {"bytes=0-0,-1", 10000, "0+1 9999+1"},
        {"bytes= 0-0 , ,-1", 10000, "0+1 9999+1"},
        {"bytes=500-700,601-999", 10000, "500+201 601+399"},
        // Cut at the end, or behind it.
        {"bytes=0-", 1, "0+1"},
        {"bytes=5-99999999999999999999999999", 10, "5+5"},
        {"bytes=-99999999999999999999999999", 10, "0+10"},
        {"bytes=-11", 10, "0+10"},
        {"bytes=9-9", 10, "9+1"},
        {"bytes=10-10", 10, "416"},
        {"bytes=99999999999999999999999999-", 10, "416"},
        {"bytes=-0", 10, "416"},
        {"bytes=10-, -0", 10, "416"},
        {"bytes=10-, 3-3", 10, "3+1"},
        {"bytes=18446744073709551615-", UINT64_MAX, "416"},
        {"bytes=18446744073709551614-18446744073709551615", UINT64_MAX, "18446744073709551614+1"},
        // The unit's case does not matter (section 14.1).
        {"BYTES=0-1", 10, "0+2"},
        // What does not count.
        {"", 10, "-"},
        {"bytes", 10, "-"},
        {"bytes=", 10, "-"},
        {"bytes= ,", 10, "-"},
        {"byte=0-1", 10, "-"},
        {"seconds=0-1", 10, "-"},
        {"bytes =0-1", 10, "-"},
        {"bytes:0-1", 10, "-"},
        {"bytes=1", 10, "-"},
        {"bytes=-", 10, "-"},
        {"bytes=2-1", 10, "-"},
        {"bytes=20-11", 10, "-"},
        {"bytes=0-1,2-1", 10, "-"},
        {"bytes=0 -1", 10, "-"},
        {"bytes=0- 1", 10, "-"},
        {"bytes=+0-1", 10, "-"},
        {"bytes=0-1-2", 10, "-"},
        {"bytes=0x0-1", 10, "-"},
        {"bytes=0-1 2-3", 10, "-"},
        {"bytes=--1", 10, "-"},
        {"bytes=0-0,1-1,2-2,3-3,4-4", 10, "-"},
        {"bytes=0-0,1-1,2-2,3-3,40-", 10, "0+1 1+1 2+1 3+1"},
        // An empty representation has no range that could be named.
        {"bytes=0-", 0, "-"},
        {"bytes=-5", 0, "-"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(ranges_of(cases[i].value, cases[i].size), cases[i].ranges);
}

static void a_content_range_is_written_and_read_back(void **state)
{
    static const struct {
        proto_http_range range;
        uint64_t size;
        const char *text;
    } cases[] = {
        {{0, 1}, 1, "bytes 0-0/1"},
        {{42, 1192}, 1234, "bytes 42-1233/1234"},
        {{0, UINT64_MAX - 1}, UINT64_MAX - 1, "bytes 0-18446744073709551613/18446744073709551614"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t bytes[80];
        size_t length = strlen(cases[i].text);
        for (size_t cap = 0; cap < length; cap++) {
            proto_out small = proto_out_of(bytes, cap);
            assert_int_equal(proto_http_content_range_write(&cases[i].range, cases[i].size, &small),
                             PROTO_ERR_NO_SPACE);
            assert_int_equal(small.len, 0);
        }
        proto_out out = proto_out_of(bytes, length);
        assert_int_equal(proto_http_content_range_write(&cases[i].range, cases[i].size, &out),
                         PROTO_OK);
        assert_memory_equal(bytes, cases[i].text, length);
        proto_http_range range;
        uint64_t size;
        assert_true(proto_http_content_range_read(proto_slice_of(bytes, out.len), &range, &size));
        assert_int_equal(range.first, cases[i].range.first);
        assert_int_equal(range.size, cases[i].range.size);
        assert_int_equal(size, cases[i].size);
    }
}

static void a_content_range_may_leave_things_open(void **state)
{
    proto_http_range range;
    uint64_t size;
    assert_true(proto_http_content_range_read(PROTO_LITERAL("bytes 42-1233/*"), &range, &size));
    assert_int_equal(range.first, 42);
    assert_int_equal(range.size, 1192);
    assert_true(size == PROTO_HTTP_SIZE_UNKNOWN);

    uint8_t bytes[16];
    proto_out out = proto_out_of(bytes, sizeof bytes);
    assert_int_equal(proto_http_content_range_none_write(1234, &out), PROTO_OK);
    assert_true(is_text(proto_slice_of(bytes, out.len), "bytes */1234"));
    assert_true(proto_http_content_range_read(proto_slice_of(bytes, out.len), &range, &size));
    assert_int_equal(range.size, 0);
    assert_int_equal(size, 1234);
    out = proto_out_of(bytes, 11);
    assert_int_equal(proto_http_content_range_none_write(1234, &out), PROTO_ERR_NO_SPACE);
    assert_int_equal(out.len, 0);
}

static void what_is_no_content_range_is_not_read(void **state)
{
    static const char *const cases[] = {
        "",
        "bytes",
        "bytes ",
        "bytes=0-0/1",
        "lines 0-0/1",
        "bytes 0-1/1",
        "bytes 1-0/2",
        "bytes 0-/2",
        "bytes -0/2",
        "bytes 0-0",
        "bytes 0-0/",
        "bytes 0-0/1 ",
        "bytes  0-0/1",
        "bytes */*",
        "bytes */",
        "bytes *",
        "bytes 0-0/-1",
        "bytes 0-18446744073709551615/18446744073709551615",
        "bytes 0-18446744073709551616/*",
        "bytes 0-0/18446744073709551616",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_slice text = exact(cases[i]);
        proto_http_range range;
        uint64_t size;
        if (proto_http_content_range_read(text, &range, &size)) fail_msg("%s is read", cases[i]);
        release(text);
    }
}

// ------------------------------------------------------------------------------------------------------- the decision --

#define NOW      INT64_C(784112000) // Sun, 06 Nov 1994 08:53:20 GMT
#define MODIFIED INT64_C(784111777)
#define SAME     "Sun, 06 Nov 1994 08:49:37 GMT"
#define EARLIER  "Sun, 06 Nov 1994 08:49:36 GMT"
#define LATER    "Sun, 06 Nov 1994 08:49:38 GMT"

// The fields of `Name: value` lines, in memory of exactly their size.
typedef struct field_lines {
    proto_http_fields fields;
    proto_http_field at[8];
    proto_slice text;
} field_lines;

static void fields_open(field_lines *lines, const char *text)
{
    lines->text = exact(text);
    lines->fields = (proto_http_fields){lines->text.ptr, lines->at, 0, COUNT(lines->at)};
    uint32_t at = 0;
    while (text[at]) {
        uint32_t name = (uint32_t)strcspn(text + at, ":");
        uint32_t line = (uint32_t)strcspn(text + at, "\n");
        proto_http_field field = {{at, name}, {at + name + 2, line - name - 2}};
        lines->at[lines->fields.count++] = field;
        at += line + 1;
    }
}

static int select_for(proto_http_method method, const char *text,
                      const proto_http_representation *representation, proto_http_range *range)
{
    field_lines lines;
    fields_open(&lines, text);
    int status = proto_http_select(&lines.fields, method, representation, NOW, range);
    release(lines.text);
    return status;
}

typedef struct decision {
    const char *fields;
    int get, head, put;
} decision;

static void assert_decides(const decision *it, const proto_http_representation *representation)
{
    proto_http_range range;
    int get = select_for(PROTO_HTTP_GET, it->fields, representation, &range);
    int head = select_for(PROTO_HTTP_HEAD, it->fields, representation, &range);
    int put = select_for(PROTO_HTTP_PUT, it->fields, representation, &range);
    if (get != it->get || head != it->head || put != it->put)
        fail_msg("%s: %d %d %d", it->fields, get, head, put);
}

static void preconditions_are_evaluated_in_order(void **state)
{
    static const decision cases[] = {
        {"", 200, 200, 200},
        {"Host: a\nReferer: b\nX: \"v\"\n", 200, 200, 200},
        // If-Match: strongly; any of several, on any number of lines.
        {"If-Match: \"v\"\n", 200, 200, 200},
        {"If-Match: \"u\"\n", 412, 412, 412},
        {"If-Match: \"u\", \"v\"\n", 200, 200, 200},
        {"If-Match: \"u\"\nif-match: \"v\"\n", 200, 200, 200},
        {"If-Match: W/\"v\"\n", 412, 412, 412},
        {"If-Match: *\n", 200, 200, 200},
        {"If-Match: v\n", 412, 412, 412},
        {"If-Match: \n", 412, 412, 412},
        // If-Unmodified-Since, and not beside If-Match.
        {"If-Unmodified-Since: " SAME "\n", 200, 200, 200},
        {"If-Unmodified-Since: " LATER "\n", 200, 200, 200},
        {"If-Unmodified-Since: " EARLIER "\n", 412, 412, 412},
        {"If-Unmodified-Since: yesterday\n", 200, 200, 200},
        {"If-Unmodified-Since: " EARLIER "\nIf-Unmodified-Since: " EARLIER "\n", 200, 200, 200},
        {"If-Match: \"v\"\nIf-Unmodified-Since: " EARLIER "\n", 200, 200, 200},
        // If-None-Match: weakly.
        {"If-None-Match: \"v\"\n", 304, 304, 412},
        {"If-None-Match: W/\"v\"\n", 304, 304, 412},
        {"If-None-Match: \"u\"\n", 200, 200, 200},
        {"If-None-Match: \"u\", \"v\"\n", 304, 304, 412},
        {"If-None-Match: \"u\"\nIF-NONE-MATCH: \"v\"\n", 304, 304, 412},
        {"If-None-Match: *\n", 304, 304, 412},
        {"If-None-Match: v\n", 200, 200, 200},
        // If-Modified-Since, for reading only and not beside If-None-Match.
        {"If-Modified-Since: " SAME "\n", 304, 304, 200},
        {"If-Modified-Since: " LATER "\n", 304, 304, 200},
        {"If-Modified-Since: " EARLIER "\n", 200, 200, 200},
        {"If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\n", 304, 304, 200},
        {"If-Modified-Since: yesterday\n", 200, 200, 200},
        {"If-Modified-Since: " SAME "\nIf-Modified-Since: " SAME "\n", 200, 200, 200},
        {"If-None-Match: \"u\"\nIf-Modified-Since: " SAME "\n", 200, 200, 200},
        // What fails comes before what is not modified.
        {"If-None-Match: \"v\"\nIf-Match: \"u\"\n", 412, 412, 412},
        {"If-Modified-Since: " SAME "\nIf-Unmodified-Since: " EARLIER "\n", 412, 412, 412},
        // A 304 comes before a part, and 412 before 416.
        {"If-None-Match: \"v\"\nRange: bytes=0-1\n", 304, 304, 412},
        {"If-Match: \"u\"\nRange: bytes=1000-\n", 412, 412, 412},
    };
    const proto_http_representation current = {PROTO_LITERAL("\"v\""), MODIFIED, 100};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_decides(&cases[i], &current);
}

static void where_nothing_is_yet_only_asterisks_tell(void **state)
{
    static const decision cases[] = {
        {"If-Match: *\n", 412, 412, 412},
        {"If-Match: \"v\"\n", 412, 412, 412},
        {"If-None-Match: *\n", 200, 200, 200},
        {"If-None-Match: \"v\"\n", 200, 200, 200},
        {"If-Unmodified-Since: " EARLIER "\n", 200, 200, 200},
        {"If-Modified-Since: " LATER "\n", 200, 200, 200},
        {"Range: bytes=0-1\n", 200, 200, 200},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_decides(&cases[i], NULL);
}

static void what_has_no_validators_matches_none(void **state)
{
    static const decision cases[] = {
        {"If-Match: \"v\"\n", 412, 412, 412},
        {"If-Match: *\n", 200, 200, 200},
        {"If-None-Match: \"v\"\n", 200, 200, 200},
        {"If-Unmodified-Since: " EARLIER "\n", 200, 200, 200},
        {"If-Modified-Since: " LATER "\n", 200, 200, 200},
        {"If-Range: \"v\"\nRange: bytes=0-1\n", 200, 200, 200},
        {"If-Range: " SAME "\nRange: bytes=0-1\n", 200, 200, 200},
    };
    const proto_http_representation current = {PROTO_LITERAL(""), PROTO_HTTP_NOT_DATED, 100};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_decides(&cases[i], &current);
}

static void parts_are_for_get_and_for_who_has_the_rest(void **state)
{
    static const decision cases[] = {
        {"Range: bytes=10-19\n", 206, 200, 200},
        {"range: bytes=10-19\n", 206, 200, 200},
        {"Range: bytes=100-\n", 416, 200, 200},
        {"Range: bytes=10-19,30-39\n", 200, 200, 200},
        {"Range: bytes=10-19,100-\n", 206, 200, 200},
        {"Range: lines=10-19\n", 200, 200, 200},
        {"Range: bytes=10-19\nRange: bytes=10-19\n", 200, 200, 200},
        {"If-Range: \"v\"\n", 200, 200, 200},
        {"If-Range: \"v\"\nRange: bytes=10-19\n", 206, 200, 200},
        {"If-Range: W/\"v\"\nRange: bytes=10-19\n", 200, 200, 200},
        {"If-Range: \"u\"\nRange: bytes=10-19\n", 200, 200, 200},
        {"If-Range: \"u\"\nRange: bytes=100-\n", 200, 200, 200},
        {"If-Range: " SAME "\nRange: bytes=10-19\n", 206, 200, 200},
        {"If-Range: " EARLIER "\nRange: bytes=10-19\n", 200, 200, 200},
        {"If-Range: " LATER "\nRange: bytes=10-19\n", 200, 200, 200},
        {"If-Range: *\nRange: bytes=10-19\n", 200, 200, 200},
        {"If-Range: \nRange: bytes=10-19\n", 200, 200, 200},
        {"If-Range: \"v\"\nIf-Range: \"v\"\nRange: bytes=10-19\n", 200, 200, 200},
        {"If-None-Match: \"u\"\nIf-Match: \"v\"\nRange: bytes=10-19\n", 206, 200, 200},
    };
    const proto_http_representation current = {PROTO_LITERAL("\"v\""), MODIFIED, 100};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_decides(&cases[i], &current);
}

static void only_a_part_sets_the_range(void **state)
{
    const proto_http_representation current = {PROTO_LITERAL("\"v\""), MODIFIED, 100};
    proto_http_range range = {7, 8};
    assert_int_equal(select_for(PROTO_HTTP_GET, "Range: bytes=100-\n", &current, &range), 416);
    assert_int_equal(select_for(PROTO_HTTP_GET, "Range: bytes=1-2,4-5\n", &current, &range), 200);
    assert_true(range.first == 7 && range.size == 8);
    assert_int_equal(select_for(PROTO_HTTP_GET, "Range: bytes=-30\n", &current, &range), 206);
    assert_true(range.first == 70 && range.size == 30);
}

static void a_date_within_its_second_promises_no_equal_bytes(void **state)
{
    proto_http_representation current = {PROTO_LITERAL("\"v\""), NOW, 100};
    proto_http_range range;
    const char *fields = "If-Range: Sun, 06 Nov 1994 08:53:20 GMT\nRange: bytes=0-1\n";
    assert_int_equal(select_for(PROTO_HTTP_GET, fields, &current, &range), 200);
}

static void a_weak_tag_of_ones_own_allows_no_parts(void **state)
{
    const proto_http_representation current = {PROTO_LITERAL("W/\"v\""), MODIFIED, 100};
    proto_http_range range;
    const char *fields = "If-Range: W/\"v\"\nRange: bytes=0-1\n";
    assert_int_equal(select_for(PROTO_HTTP_GET, fields, &current, &range), 200);
    assert_int_equal(select_for(PROTO_HTTP_GET, "If-None-Match: \"v\"\n", &current, &range), 304);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_is_read_with_its_strength),
        cmocka_unit_test(what_is_no_tag_is_not_read),
        cmocka_unit_test(a_list_of_tags_is_taken_apart),
        cmocka_unit_test(a_list_ends_where_it_is_no_list_of_tags),
        cmocka_unit_test(tags_are_compared_strongly_and_weakly),
        cmocka_unit_test(a_tag_is_written_whole_or_not_at_all),
        cmocka_unit_test(ranges_are_read),
        cmocka_unit_test(a_content_range_is_written_and_read_back),
        cmocka_unit_test(a_content_range_may_leave_things_open),
        cmocka_unit_test(what_is_no_content_range_is_not_read),
        cmocka_unit_test(preconditions_are_evaluated_in_order),
        cmocka_unit_test(where_nothing_is_yet_only_asterisks_tell),
        cmocka_unit_test(what_has_no_validators_matches_none),
        cmocka_unit_test(parts_are_for_get_and_for_who_has_the_rest),
        cmocka_unit_test(only_a_part_sets_the_range),
        cmocka_unit_test(a_date_within_its_second_promises_no_equal_bytes),
        cmocka_unit_test(a_weak_tag_of_ones_own_allows_no_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
