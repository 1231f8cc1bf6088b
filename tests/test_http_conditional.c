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
    static char text[64 * PROTO_HTTP_PARTS];
    proto_http_parts parts = {.count = 99};
    proto_slice copy = exact(value);
    proto_http_ranges result = proto_http_ranges_read(copy, size, &parts);
    release(copy);
    text[0] = '\0';
    for (size_t i = 0; i < parts.count; i++) {
        char one[64];
        snprintf(one, sizeof one, "%s%llu+%llu", i ? " " : "",
                 (unsigned long long)parts.at[i].first, (unsigned long long)parts.at[i].size);
        strcat(text, one);
    }
    if (result == PROTO_HTTP_RANGES_GIVEN) return text;
    assert_int_equal(parts.count, 0);
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
        {"bytes=500-600,601-999", 10000, "500+500"},
        {"bytes=500-700,601-999", 10000, "500+500"},
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
        // An empty representation has no range that could be named.
        {"bytes=0-", 0, "-"},
        {"bytes=-5", 0, "-"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(ranges_of(cases[i].value, cases[i].size), cases[i].ranges);
}

static void ranges_that_meet_are_one_part(void **state)
{
    static const struct {
        const char *value, *parts;
    } cases[] = {
        {"bytes=0-1,3-4", "0+2 3+2"}, // a byte between them
        {"bytes=3-4,0-1", "3+2 0+2"}, // in the order that was asked for
        {"bytes=0-1,2-4", "0+5"},
        {"bytes=2-4,0-1", "0+5"},
        {"bytes=0-9,2-4", "0+10"},
        {"bytes=2-4,0-9", "0+10"},
        {"bytes=5-,-5", "5+95"},
        {"bytes=0-,0-,0-,0-,0-,0-,0-,0-", "0+100"},
        {"bytes=50-59,0-9,55-64", "50+15 0+10"},
        {"bytes=0-9,50-59,5-54", "0+60"}, // what lies between others joins them
        {"bytes=0-9,80-89,50-59,5-54", "0+60 80+10"},
        {"bytes=80-89,0-9,50-59,20-29,10-19,90-", "80+20 0+30 50+10"},
        {"bytes=0-9,20-29,40-49,60-69,80-89,5-84", "0+90"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(ranges_of(cases[i].value, 100), cases[i].parts);
}

// A field with `count` ranges of one byte each, two apart.
static const char *many_ranges(size_t count, const char *first)
{
    static char text[512];
    strcpy(text, first);
    for (size_t i = 0; i < count; i++) {
        char one[32];
        snprintf(one, sizeof one, "%s%zu-%zu", i ? "," : "", 2 * i, 2 * i);
        strcat(text, one);
    }
    return text;
}

static void a_field_with_too_many_ranges_does_not_count(void **state)
{
    assert_string_equal(ranges_of(many_ranges(PROTO_HTTP_PARTS, "bytes="), 100),
                        "0+1 2+1 4+1 6+1 8+1 10+1 12+1 14+1 16+1 18+1 20+1 22+1 24+1 26+1 28+1 "
                        "30+1");
    assert_string_equal(ranges_of(many_ranges(PROTO_HTTP_PARTS + 1, "bytes="), 100), "-");
    // Also where fewer would be sent.
    assert_string_equal(ranges_of(many_ranges(PROTO_HTTP_PARTS - 1, "bytes=0-,"), 100), "0+100");
    assert_string_equal(ranges_of(many_ranges(PROTO_HTTP_PARTS, "bytes=0-,"), 100), "-");
    assert_string_equal(ranges_of(many_ranges(PROTO_HTTP_PARTS - 1, "bytes=100-,"), 1), "0+1");
    assert_string_equal(ranges_of(many_ranges(PROTO_HTTP_PARTS, "bytes=100-,"), 1), "-");
}

// Whatever is asked for, the parts are those bytes and no others, each once.
static void parts_are_the_bytes_that_were_asked_for(void **state)
{
    enum { SIZE = 40 };
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        char value[256] = "bytes=";
        bool wanted[SIZE] = {false};
        for (int i = 0; i <= round % PROTO_HTTP_PARTS; i++) {
            random = random * 1664525u + 1013904223u;
            unsigned first = (random >> 24) % SIZE;
            unsigned last = first + (random >> 16) % 6;
            snprintf(value + strlen(value), 32, "%u-%u,", first, last);
            for (unsigned at = first; at <= last && at < SIZE; at++)
                wanted[at] = true;
        }
        proto_http_parts parts;
        assert_int_equal(proto_http_ranges_read(proto_slice_text(value), SIZE, &parts),
                         PROTO_HTTP_RANGES_GIVEN);
        bool beside[SIZE + 2] = {false}; // by one, so that a part has a neighbour at each end
        for (size_t i = 0; i < parts.count; i++) {
            proto_http_range part = parts.at[i];
            for (uint64_t at = part.first; at < part.first + part.size + 2; at++)
                if (beside[at]) fail_msg("%s: parts meet at %u", value, (unsigned)at);
            for (uint64_t at = part.first; at < part.first + part.size; at++)
                beside[at + 1] = true;
        }
        assert_memory_equal(beside + 1, wanted, SIZE);
    }
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

// ------------------------------------------------------------------------------------------------------ several parts --

static proto_http_multipart multipart_of(const char *boundary, const char *type, uint64_t size)
{
    return (proto_http_multipart){proto_slice_text(boundary), proto_slice_text(type), size};
}

static void parts_are_written_as_the_rfc_shows(void **state)
{
    // RFC 9110 section 15.3.7.2
    const proto_http_multipart pdf = multipart_of("THIS_STRING_SEPARATES", "application/pdf", 8000);
    const proto_http_parts parts = {{{500, 500}, {7000, 1000}}, 2};
    uint8_t bytes[512];
    proto_out out = proto_out_of(bytes, sizeof bytes);
    assert_int_equal(proto_http_multipart_type_write(&pdf, &out), PROTO_OK);
    assert_true(is_text(proto_slice_of(bytes, out.len),
                        "multipart/byteranges; boundary=THIS_STRING_SEPARATES"));
    out = proto_out_of(bytes, sizeof bytes);
    assert_int_equal(proto_http_part_head_write(&pdf, &parts.at[0], &out), PROTO_OK);
    assert_true(proto_out_slice(&out, PROTO_LITERAL("...the first range...")));
    assert_int_equal(proto_http_part_head_write(&pdf, &parts.at[1], &out), PROTO_OK);
    assert_true(proto_out_slice(&out, PROTO_LITERAL("...the second range")));
    assert_int_equal(proto_http_multipart_end_write(&pdf, &out), PROTO_OK);
    assert_true(is_text(proto_slice_of(bytes, out.len), "\r\n--THIS_STRING_SEPARATES\r\n"
                                                        "Content-Type: application/pdf\r\n"
                                                        "Content-Range: bytes 500-999/8000\r\n"
                                                        "\r\n"
                                                        "...the first range..."
                                                        "\r\n--THIS_STRING_SEPARATES\r\n"
                                                        "Content-Type: application/pdf\r\n"
                                                        "Content-Range: bytes 7000-7999/8000\r\n"
                                                        "\r\n"
                                                        "...the second range"
                                                        "\r\n--THIS_STRING_SEPARATES--\r\n"));
    assert_int_equal(proto_http_multipart_length(&pdf, &parts), out.len - 40 + 1500);
}

static void a_part_without_a_type_has_none(void **state)
{
    const proto_http_multipart untyped = multipart_of("b", "", 2);
    const proto_http_parts parts = {{{1, 1}}, 1};
    uint8_t bytes[64];
    proto_out out = proto_out_of(bytes, sizeof bytes);
    assert_int_equal(proto_http_part_head_write(&untyped, &parts.at[0], &out), PROTO_OK);
    assert_true(
        is_text(proto_slice_of(bytes, out.len), "\r\n--b\r\nContent-Range: bytes 1-1/2\r\n\r\n"));
    assert_int_equal(proto_http_multipart_length(&untyped, &parts), out.len + 1 + 9);
}

static void the_length_of_parts_is_what_is_written(void **state)
{
    static const char *const boundaries[] = {
        "b", "0123456789012345678901234567890123456789012345678901234567890123456789"};
    static const char *const types[] = {"", "a/b", "text/plain; charset=utf-8"};
    const uint64_t sizes[] = {33, 1000, INT64_MAX};
    for (size_t i = 0; i < 2 * 3 * 3 * PROTO_HTTP_PARTS; i++) {
        proto_http_multipart it = multipart_of(boundaries[i % 2], types[i / 2 % 3],
                                               sizes[i / 6 % 3]);
        proto_http_parts parts = {.count = i / 18 + 1};
        uint8_t bytes[4096];
        proto_out out = proto_out_of(bytes, sizeof bytes);
        uint64_t content = 0;
        for (size_t j = 0; j < parts.count; j++) {
            // From the end, so that the numbers are long.
            parts.at[j] = (proto_http_range){it.size - 2 * (j + 1), 1};
            assert_int_equal(proto_http_part_head_write(&it, &parts.at[j], &out), PROTO_OK);
            content += parts.at[j].size;
        }
        assert_int_equal(proto_http_multipart_end_write(&it, &out), PROTO_OK);
        assert_int_equal(proto_http_multipart_length(&it, &parts), out.len + content);
    }
    const proto_http_multipart largest = multipart_of("b", "a/b", INT64_MAX);
    const proto_http_parts all = {{{0, INT64_MAX}}, 1};
    assert_true(proto_http_multipart_length(&largest, &all) > INT64_MAX);
}

typedef proto_err piece_writer(const proto_http_multipart *multipart, proto_out *out);

static proto_err first_head(const proto_http_multipart *multipart, proto_out *out)
{
    const proto_http_range part = {0, 1};
    return proto_http_part_head_write(multipart, &part, out);
}

static piece_writer *const writers[] = {proto_http_multipart_type_write, first_head,
                                        proto_http_multipart_end_write};

static void parts_are_written_whole_or_not_at_all(void **state)
{
    const proto_http_multipart it = multipart_of("boundary", "text/plain", 10);
    static const size_t lengths[] = {39, 71, 16};
    for (size_t i = 0; i < COUNT(writers); i++) {
        for (size_t room = 0; room <= lengths[i]; room++) {
            uint8_t bytes[128];
            proto_out out = proto_out_of(bytes, room + 2);
            proto_out_slice(&out, PROTO_LITERAL("ab"));
            proto_err err = writers[i](&it, &out);
            assert_int_equal(err, room < lengths[i] ? PROTO_ERR_NO_SPACE : PROTO_OK);
            assert_int_equal(out.len, room < lengths[i] ? 2 : 2 + lengths[i]);
            assert_int_equal(out.failed, room < lengths[i]);
        }
    }
}

static void what_would_end_a_part_early_is_no_boundary(void **state)
{
    static const char *const refused[] = {
        "",
        "a b",
        "a ",
        "a\r\nb",
        "a\"b",
        "a;b",
        "a/b",
        "a,b",
        "a:b",
        "a=b",
        "a?b",
        "(a)",
        "a@b",
        "a[",
        "a`",
        "a{",
        "a\x7f",
        "a\x80",
        "01234567890123456789012345678901234567890123456789012345678901234567890",
    };
    for (size_t i = 0; i < COUNT(refused) * COUNT(writers); i++) {
        uint8_t bytes[256];
        proto_out out = proto_out_of(bytes, sizeof bytes);
        proto_http_multipart it = multipart_of(refused[i / COUNT(writers)], "a/b", 10);
        assert_int_equal(writers[i % COUNT(writers)](&it, &out), PROTO_ERR_HTTP_FIELD_VALUE);
        assert_int_equal(out.len, 0);
        assert_false(out.failed);
    }
    uint8_t bytes[256];
    proto_out out = proto_out_of(bytes, sizeof bytes);
    proto_http_multipart it = multipart_of("AZaz09'+-._", "a/b\r\nX: y", 10);
    assert_int_equal(first_head(&it, &out), PROTO_ERR_HTTP_FIELD_VALUE);
    assert_int_equal(proto_http_multipart_end_write(&it, &out), PROTO_OK);
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
                      const proto_http_representation *representation, proto_http_parts *parts)
{
    field_lines lines;
    fields_open(&lines, text);
    int status = proto_http_select(&lines.fields, method, representation, NOW, parts);
    release(lines.text);
    return status;
}

typedef struct decision {
    const char *fields;
    int get, head, put;
} decision;

static void assert_decides(const decision *it, const proto_http_representation *representation)
{
    proto_http_parts parts;
    int get = select_for(PROTO_HTTP_GET, it->fields, representation, &parts);
    int head = select_for(PROTO_HTTP_HEAD, it->fields, representation, &parts);
    int put = select_for(PROTO_HTTP_PUT, it->fields, representation, &parts);
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
        {"Range: bytes=10-19,30-39\n", 206, 200, 200},
        {"Range: bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,"
         "26-26,28-28,30-30,32-32\n",
         200, 200, 200},
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

// RFC 9110 section 13.2.1.
static void conditions_do_not_count_where_no_representation_is_selected(void **state)
{
    static const char *const fields[] = {"If-Match: \"u\"\n", "If-Unmodified-Since: " EARLIER "\n",
                                         "If-None-Match: *\n", "If-Modified-Since: " SAME "\n",
                                         "Range: bytes=100-\n"};
    static const proto_http_method methods[] = {PROTO_HTTP_CONNECT, PROTO_HTTP_OPTIONS,
                                                PROTO_HTTP_TRACE};
    const proto_http_representation current = {PROTO_LITERAL("\"v\""), MODIFIED, 100};
    proto_http_parts parts;
    for (size_t i = 0; i < COUNT(fields) * COUNT(methods); i++) {
        const char *text = fields[i / COUNT(methods)];
        proto_http_method method = methods[i % COUNT(methods)];
        parts.count = 99;
        assert_int_equal(select_for(method, text, &current, &parts), 200);
        assert_int_equal(parts.count, 0);
        assert_int_equal(select_for(method, text, NULL, &parts), 200);
    }
    // Methods that nobody knows may select one.
    assert_int_equal(select_for(PROTO_HTTP_OTHER_METHOD, fields[0], &current, &parts), 412);
}

static void only_a_206_has_parts(void **state)
{
    static const char *const others[] = {"", "Range: bytes=100-\n", "Range: bytes=1-2,5-4\n",
                                         "If-Match: \"u\"\nRange: bytes=1-2\n",
                                         "If-None-Match: \"v\"\nRange: bytes=1-2\n"};
    const proto_http_representation current = {PROTO_LITERAL("\"v\""), MODIFIED, 100};
    proto_http_parts parts;
    for (size_t i = 0; i < COUNT(others); i++) {
        parts.count = 99;
        assert_int_not_equal(select_for(PROTO_HTTP_GET, others[i], &current, &parts), 206);
        assert_int_equal(parts.count, 0);
    }
    assert_int_equal(select_for(PROTO_HTTP_GET, "Range: bytes=-30\n", &current, &parts), 206);
    assert_true(parts.count == 1 && parts.at[0].first == 70 && parts.at[0].size == 30);
    assert_int_equal(select_for(PROTO_HTTP_GET, "Range: bytes=1-2,5-\n", &current, &parts), 206);
    assert_true(parts.count == 2 && parts.at[1].first == 5 && parts.at[1].size == 95);
}

static void a_date_within_its_second_promises_no_equal_bytes(void **state)
{
    proto_http_representation current = {PROTO_LITERAL("\"v\""), NOW, 100};
    proto_http_parts parts;
    const char *fields = "If-Range: Sun, 06 Nov 1994 08:53:20 GMT\nRange: bytes=0-1\n";
    assert_int_equal(select_for(PROTO_HTTP_GET, fields, &current, &parts), 200);
}

static void a_weak_tag_of_ones_own_allows_no_parts(void **state)
{
    const proto_http_representation current = {PROTO_LITERAL("W/\"v\""), MODIFIED, 100};
    proto_http_parts parts;
    const char *fields = "If-Range: W/\"v\"\nRange: bytes=0-1\n";
    assert_int_equal(select_for(PROTO_HTTP_GET, fields, &current, &parts), 200);
    assert_int_equal(select_for(PROTO_HTTP_GET, "If-None-Match: \"v\"\n", &current, &parts), 304);
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
        cmocka_unit_test(ranges_that_meet_are_one_part),
        cmocka_unit_test(a_field_with_too_many_ranges_does_not_count),
        cmocka_unit_test(parts_are_the_bytes_that_were_asked_for),
        cmocka_unit_test(a_content_range_is_written_and_read_back),
        cmocka_unit_test(a_content_range_may_leave_things_open),
        cmocka_unit_test(what_is_no_content_range_is_not_read),
        cmocka_unit_test(parts_are_written_as_the_rfc_shows),
        cmocka_unit_test(a_part_without_a_type_has_none),
        cmocka_unit_test(the_length_of_parts_is_what_is_written),
        cmocka_unit_test(parts_are_written_whole_or_not_at_all),
        cmocka_unit_test(what_would_end_a_part_early_is_no_boundary),
        cmocka_unit_test(preconditions_are_evaluated_in_order),
        cmocka_unit_test(where_nothing_is_yet_only_asterisks_tell),
        cmocka_unit_test(what_has_no_validators_matches_none),
        cmocka_unit_test(parts_are_for_get_and_for_who_has_the_rest),
        cmocka_unit_test(conditions_do_not_count_where_no_representation_is_selected),
        cmocka_unit_test(only_a_206_has_parts),
        cmocka_unit_test(a_date_within_its_second_promises_no_equal_bytes),
        cmocka_unit_test(a_weak_tag_of_ones_own_allows_no_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
