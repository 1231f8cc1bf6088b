// SPDX-License-Identifier: MIT
// Finding fields in a head, and the members of their lists.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "proto/http.h"
#include "text.h"

// A head's fields as a reader leaves them: each line is "Name: value\n".
static const char lines[] = "Host: a.example\n"
                            "Accept: text/html, */*\n"
                            "Cookie: a=1\n"
                            "X-Long-Private-Name: one\n"
                            "ACCEPT: text/plain\n"
                            "Expect: \n"
                            "x-long-private-nama: two\n"
                            "Connection: Keep-Alive,  upgrade\n"
                            "connection: \"close\", TE\t,\n";

static proto_http_field table[16];

static proto_http_fields fields_of_lines(void)
{
    proto_http_fields fields = {(const uint8_t *)lines, table, 0, 16};
    for (const char *line = lines; *line; line = strchr(line, '\n') + 1) {
        const char *colon = strchr(line, ':'), *end = strchr(line, '\n');
        proto_http_field *field = &table[fields.count++];
        field->name = (proto_http_span){(uint32_t)(line - lines), (uint32_t)(colon - line)};
        field->value = (proto_http_span){(uint32_t)(colon + 2 - lines),
                                         (uint32_t)(end - colon - 2)};
    }
    return fields;
}

/* ----------------------------------------------------------------------------------- finding -- */

static void fields_are_found_one_after_the_other(void **state)
{
    proto_http_fields fields = fields_of_lines();
    assert_int_equal(fields.count, 9);
    assert_int_equal(proto_http_find(&fields, PROTO_HTTP_FIELD_HOST, 0), 0);
    assert_int_equal(proto_http_find(&fields, PROTO_HTTP_FIELD_HOST, 1), 9);
    assert_int_equal(proto_http_find(&fields, PROTO_HTTP_FIELD_ACCEPT, 0), 1);
    assert_int_equal(proto_http_find(&fields, PROTO_HTTP_FIELD_ACCEPT, 2), 4);
    assert_int_equal(proto_http_find(&fields, PROTO_HTTP_FIELD_ACCEPT, 5), 9);
    assert_int_equal(proto_http_find(&fields, PROTO_HTTP_FIELD_CONNECTION, 0), 7);
    assert_int_equal(proto_http_find(&fields, PROTO_HTTP_FIELD_CONNECTION, 8), 8);
}

static void a_field_that_is_not_there_is_not_found(void **state)
{
    proto_http_fields fields = fields_of_lines(), none = {0};
    assert_int_equal(proto_http_find(&fields, PROTO_HTTP_FIELD_ORIGIN, 0), 9);
    assert_int_equal(proto_http_find(&fields, PROTO_HTTP_FIELD_OTHER, 0), 9);
    assert_int_equal(proto_http_find(&fields, PROTO_HTTP_FIELD_HOST, 9), 9);
    assert_int_equal(proto_http_find(&none, PROTO_HTTP_FIELD_HOST, 0), 0);
}

static void any_name_is_found_without_regard_to_case(void **state)
{
    proto_http_fields fields = fields_of_lines();
    assert_int_equal(proto_http_find_name(&fields, PROTO_LITERAL("x-LONG-private-NAME"), 0), 3);
    assert_int_equal(proto_http_find_name(&fields, PROTO_LITERAL("X-Long-Private-Nama"), 0), 6);
    assert_int_equal(proto_http_find_name(&fields, PROTO_LITERAL("X-Long-Private-Nam"), 0), 9);
    assert_int_equal(proto_http_find_name(&fields, PROTO_LITERAL("accept"), 2), 4);
    assert_int_equal(proto_http_find_name(&fields, proto_slice_of(NULL, 0), 0), 9);
}

static void a_value_that_is_empty_is_not_a_value_that_is_missing(void **state)
{
    proto_http_fields fields = fields_of_lines();
    proto_slice host = proto_http_value(&fields, PROTO_HTTP_FIELD_HOST);
    assert_true(proto_slice_equal(host, PROTO_LITERAL("a.example")));
    proto_slice accept = proto_http_value(&fields, PROTO_HTTP_FIELD_ACCEPT);
    assert_true(proto_slice_equal(accept, PROTO_LITERAL("text/html, */*")));
    proto_slice expect = proto_http_value(&fields, PROTO_HTTP_FIELD_EXPECT);
    assert_true(expect.ptr != NULL && expect.len == 0);
    proto_slice origin = proto_http_value(&fields, PROTO_HTTP_FIELD_ORIGIN);
    assert_true(origin.ptr == NULL && origin.len == 0);
}

/* ------------------------------------------------------------------------------------- lists -- */

typedef struct list_case {
    const char *list;
    const char *members; /* each in angle brackets */
} list_case;

static const list_case lists[] = {
    {"", ""},
    {"a", "<a>"},
    {"a,b", "<a><b>"},
    {"a, b ,\tc\t", "<a><b><c>"},
    {" a b , c", "<a b><c>"},
    // RFC 9110 section 5.6.1.2: empty members count for nothing.
    {",", ""},
    {" , ,\t,", ""},
    {",a,,b,", "<a><b>"},
    // RFC 9110 section 5.6.4: quoted strings and quoted pairs.
    {"a=\"x,y\", b", "<a=\"x,y\"><b>"},
    {"\"a\\\",b\",c", "<\"a\\\",b\"><c>"},
    {"\"a\\\\\",b", "<\"a\\\\\"><b>"},
    {"a\\,b", "<a\\><b>"},
    {"\"\",a", "<\"\"><a>"},
    {"\"a,b", "<\"a,b>"},
    {"\"a\\", "<\"a\\>"},
    {"W/\"1,2\",\"3\"", "<W/\"1,2\"><\"3\">"},
};

static void a_list_is_divided_at_its_commas(void **state)
{
    guard_pages guard;
    guard_open(&guard, 64);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        size_t len = strlen(lists[i].list);
        proto_slice list = proto_slice_of(guard_high(&guard, lists[i].list, len), len), member;
        text_buffer members = {0};
        while (proto_http_list_next(&list, &member))
            text_format(&members, "<%.*s>", (int)member.len, (const char *)member.ptr);
        assert_string_equal(text_string(&members), lists[i].members);
        assert_int_equal(list.len, 0);
        text_free(&members);
    }
    guard_close(&guard);
}

static void a_list_without_bytes_has_no_members(void **state)
{
    proto_slice list = proto_slice_of(NULL, 0), member;
    assert_false(proto_http_list_next(&list, &member));
}

static void a_token_is_found_in_any_of_the_fields(void **state)
{
    static const struct {
        proto_http_field_id id;
        const char *token;
        bool there;
    } tokens[] = {
        {PROTO_HTTP_FIELD_CONNECTION, "keep-alive", true},
        {PROTO_HTTP_FIELD_CONNECTION, "UPGRADE", true},
        {PROTO_HTTP_FIELD_CONNECTION, "te", true},
        {PROTO_HTTP_FIELD_CONNECTION, "close", false},
        {PROTO_HTTP_FIELD_CONNECTION, "keep", false},
        {PROTO_HTTP_FIELD_CONNECTION, "upgrades", false},
        {PROTO_HTTP_FIELD_CONNECTION, "", false},
        {PROTO_HTTP_FIELD_ACCEPT, "text/plain", true},
        {PROTO_HTTP_FIELD_EXPECT, "100-continue", false},
        {PROTO_HTTP_FIELD_ORIGIN, "te", false},
    };
    proto_http_fields fields = fields_of_lines();
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        proto_slice token = proto_slice_text(tokens[i].token);
        assert_int_equal(proto_http_has_token(&fields, tokens[i].id, token), tokens[i].there);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_one_after_the_other),
        cmocka_unit_test(a_field_that_is_not_there_is_not_found),
        cmocka_unit_test(any_name_is_found_without_regard_to_case),
        cmocka_unit_test(a_value_that_is_empty_is_not_a_value_that_is_missing),
        cmocka_unit_test(a_list_is_divided_at_its_commas),
        cmocka_unit_test(a_list_without_bytes_has_no_members),
        cmocka_unit_test(a_token_is_found_in_any_of_the_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
