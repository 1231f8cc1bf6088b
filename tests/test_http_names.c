// SPDX-License-Identifier: MIT
// Methods, field names, reason phrases, the status that answers an error, and the names of events and states.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "guard.h"
#include "proto/http.h"

/* ----------------------------------------------------------------------------------- methods -- */

static const char *const methods[] = {"",
#define NAME(name) #name,
                                      PROTO_HTTP_METHODS(NAME)
#undef NAME
};
enum { METHODS = sizeof methods / sizeof methods[0] };

static void each_method_is_known_by_its_spelling(void **state)
{
    for (unsigned i = 0; i < METHODS; i++) {
        assert_int_equal(proto_http_method_of(proto_slice_text(methods[i])), i);
        assert_string_equal(proto_http_method_name((proto_http_method)i), methods[i]);
    }
    assert_string_equal(proto_http_method_name((proto_http_method)METHODS), "");
}

static void methods_are_case_sensitive_and_whole(void **state)
{
    static const char *const others[] = {"get",    "Get",  "GE",      "GETS", "PUSH", "POSt",
                                         "DELETF", "HEAP", "CONNECR", "G",    "",     "PROPFIND"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(proto_http_method_of(proto_slice_text(others[i])),
                         PROTO_HTTP_OTHER_METHOD);
    assert_int_equal(proto_http_method_of(proto_slice_of(NULL, 0)), PROTO_HTTP_OTHER_METHOD);
}

/* ------------------------------------------------------------------------------------ fields -- */

static const char *const fields[] = {"",
#define NAME(name, spelling) spelling,
                                     PROTO_HTTP_FIELDS(NAME)
#undef NAME
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

// The same by comparing with one after the other.
static unsigned looked_up(const char *name)
{
    for (unsigned i = 1; i < FIELDS; i++)
        if (strcasecmp(name, fields[i]) == 0) return i;
    return PROTO_HTTP_FIELD_OTHER;
}

static void each_field_has_its_usual_spelling(void **state)
{
    for (unsigned i = 0; i < FIELDS; i++)
        assert_string_equal(proto_http_field_name((proto_http_field_id)i), fields[i]);
    assert_string_equal(proto_http_field_name((proto_http_field_id)FIELDS), "");
}

static void each_field_is_known_in_any_case(void **state)
{
    for (unsigned i = 1; i < FIELDS; i++) {
        char upper[32] = "", lower[32] = "";
        for (size_t at = 0; fields[i][at]; at++) {
            bool letter = fields[i][at] != '-';
            upper[at] = letter ? (char)(fields[i][at] & ~0x20) : '-';
            lower[at] = letter ? (char)(fields[i][at] | 0x20) : '-';
        }
        assert_int_equal(proto_http_field_id_of(proto_slice_text(fields[i])), i);
        assert_int_equal(proto_http_field_id_of(proto_slice_text(upper)), i);
        assert_int_equal(proto_http_field_id_of(proto_slice_text(lower)), i);
    }
}

static void a_name_with_one_byte_changed_is_another(void **state)
{
    for (unsigned i = 1; i < FIELDS; i++)
        for (size_t at = 0; fields[i][at]; at++)
            for (int byte = 1; byte < 256; byte++) {
                char name[32];
                snprintf(name, sizeof name, "%s", fields[i]);
                name[at] = (char)byte;
                if (proto_http_field_id_of(proto_slice_text(name)) != looked_up(name))
                    fail_msg("%s with %d at %zu", fields[i], byte, at);
            }
}

static void a_name_cut_or_lengthened_is_another(void **state)
{
    for (unsigned i = 1; i < FIELDS; i++) {
        char longer[64];
        snprintf(longer, sizeof longer, "%s%s", fields[i], fields[i]);
        for (size_t len = 0; longer[len]; len++) {
            char name[64];
            snprintf(name, len + 1, "%s", longer);
            assert_int_equal(proto_http_field_id_of(proto_slice_text(name)), looked_up(name));
        }
    }
}

static void a_name_is_read_no_further_than_its_end(void **state)
{
    guard_pages guard;
    guard_open(&guard, 4096);
    for (unsigned i = 1; i < FIELDS; i++) {
        size_t len = strlen(fields[i]);
        uint8_t *high = guard_high(&guard, fields[i], len);
        assert_int_equal(proto_http_field_id_of(proto_slice_of(high, len)), i);
        uint8_t *low = guard_low(&guard, fields[i], len);
        assert_int_equal(proto_http_field_id_of(proto_slice_of(low, len)), i);
    }
    static const char long_name[4096];
    uint8_t *high = guard_high(&guard, long_name, sizeof long_name);
    for (size_t len = 0; len <= sizeof long_name; len++)
        assert_int_equal(proto_http_field_id_of(proto_slice_of(high, len)), PROTO_HTTP_FIELD_OTHER);
    guard_close(&guard);
}

/* ------------------------------------------------------------------------------ status codes -- */

typedef struct known_status {
    int code;
    const char *reason;
} known_status;

// RFC 9110 section 15 in full; 306 and 418 are there only as unused.
static const known_status standard[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {306, ""},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, ""},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

// Other documents: RFC 2295, 2518, 3229, 4918, 5842, 6585, 7725, 8297, 8470.
static const known_status registered[] = {
    {102, "Processing"},
    {103, "Early Hints"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {511, "Network Authentication Required"},
};

static const char *expected_reason(int code)
{
    for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++)
        if (standard[i].code == code) return standard[i].reason;
    for (size_t i = 0; i < sizeof registered / sizeof registered[0]; i++)
        if (registered[i].code == code) return registered[i].reason;
    return "";
}

static void each_status_has_its_reason_phrase_and_no_other_number_has_one(void **state)
{
    for (int code = -1; code <= 1000; code++)
        assert_string_equal(proto_http_reason(code), expected_reason(code));
}

/* ----------------------------------------------------------------------------------- answers -- */

static const proto_err errors[] = {
#define ERROR(name, text) PROTO_ERR_##name,
    PROTO_ERRORS(ERROR)
#undef ERROR
};
enum { ERRORS = sizeof errors / sizeof errors[0] };

static void an_error_is_answered_with_the_status_that_says_it(void **state)
{
    static const struct {
        proto_err err;
        int status;
    } answers[] = {
        {PROTO_ERR_HTTP_METHOD, 400},
        {PROTO_ERR_HTTP_TARGET_FORM, 400},
        {PROTO_ERR_HTTP_FIELD_FOLD, 400},
        {PROTO_ERR_HTTP_HOST_MISSING, 400},
        {PROTO_ERR_HTTP_CODING_NOT_LAST, 400},
        {PROTO_ERR_HTTP_LENGTH_AND_CODING, 400},
        {PROTO_ERR_HTTP_CHUNK_SIZE, 400},
        {PROTO_ERR_HTTP_TRUNCATED, 400},
        {PROTO_ERR_URI_ESCAPES, 400},
        {PROTO_ERR_HTTP_BODY_TOO_LARGE, 413},
        {PROTO_ERR_HTTP_LENGTH_OVERFLOW, 413},
        {PROTO_ERR_HTTP_TARGET_TOO_LONG, 414},
        {PROTO_ERR_HTTP_EXPECT, 417},
        {PROTO_ERR_HTTP_SCHEME, 421},
        {PROTO_ERR_HTTP_HEAD_TOO_LARGE, 431},
        {PROTO_ERR_HTTP_LINE_TOO_LONG, 431},
        {PROTO_ERR_HTTP_TOO_MANY_FIELDS, 431},
        {PROTO_ERR_HTTP_CODING_UNKNOWN, 501},
        {PROTO_ERR_HTTP_VERSION, 505},
        {PROTO_ERR_HTTP_VERSION_SYNTAX, 400},
        {PROTO_ERR_STATE, 500},
        {PROTO_ERR_NO_SPACE, 500},
        {PROTO_ERR_HTTP_BODY_FORBIDDEN, 500},
        {PROTO_ERR_HTTP_FRAMING_FIELD, 500},
        {PROTO_ERR_HTTP_UPGRADE_MISSING, 500},
        {PROTO_ERR_HTTP_CONNECTION_OPTION, 500},
        {PROTO_OK, 500},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        assert_int_equal(proto_http_status_of(answers[i].err), answers[i].status);
}

static void every_error_has_an_answer_that_has_a_reason(void **state)
{
    static const int statuses[] = {400, 413, 414, 417, 421, 431, 500, 501, 505};
    for (size_t i = 0; i < ERRORS; i++) {
        int status = proto_http_status_of(errors[i]), listed = 0;
        for (size_t j = 0; j < sizeof statuses / sizeof statuses[0]; j++)
            listed += status == statuses[j];
        assert_int_equal(listed, 1);
        assert_string_not_equal(proto_http_reason(status), "");
    }
    assert_int_equal(proto_http_status_of((proto_err)1000), 400);
}

/* ---------------------------------------------------------------------------- events, states -- */

static void events_states_and_steps_have_the_names_of_their_tables(void **state)
{
#define EVENT(name, text) \
    assert_string_equal(proto_http_event_name(PROTO_HTTP_EVENT_##name), #name);
    PROTO_HTTP_EVENTS(EVENT)
#define STATE(name, text) \
    assert_string_equal(proto_http_state_name(PROTO_HTTP_STATE_##name), #name);
    PROTO_HTTP_STATES(STATE)
#define STEP(name, text) assert_string_equal(proto_http_step_name(PROTO_HTTP_STEP_##name), #name);
    PROTO_HTTP_STEPS(STEP)
    assert_string_equal(proto_http_event_name((proto_http_event)99), "");
    assert_string_equal(proto_http_state_name((proto_http_state)99), "");
    assert_string_equal(proto_http_step_name((proto_http_step)99), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_method_is_known_by_its_spelling),
        cmocka_unit_test(methods_are_case_sensitive_and_whole),
        cmocka_unit_test(each_field_has_its_usual_spelling),
        cmocka_unit_test(each_field_is_known_in_any_case),
        cmocka_unit_test(a_name_with_one_byte_changed_is_another),
        cmocka_unit_test(a_name_cut_or_lengthened_is_another),
        cmocka_unit_test(a_name_is_read_no_further_than_its_end),
        cmocka_unit_test(each_status_has_its_reason_phrase_and_no_other_number_has_one),
        cmocka_unit_test(an_error_is_answered_with_the_status_that_says_it),
        cmocka_unit_test(every_error_has_an_answer_that_has_a_reason),
        cmocka_unit_test(events_states_and_steps_have_the_names_of_their_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
