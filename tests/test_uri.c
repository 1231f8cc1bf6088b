// SPDX-License-Identifier: MIT
// References and their resolution, hosts and ports, percent-encoding, paths out of targets, queries.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/uri.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

// ------------------------------------------------------------------------------------------------------------ helpers --

// A copy in an allocation of exactly its size, so that a sanitizer sees the first byte too far; to be freed.
static proto_slice exact(const void *bytes, size_t len)
{
    uint8_t *copy = malloc(len);
    if (len > 0) memcpy(copy, bytes, len);
    return proto_slice_of(copy, len);
}

static proto_slice exact_text(const char *text)
{
    return exact(text, strlen(text));
}

static void release(proto_slice copy)
{
    free((void *)(uintptr_t)copy.ptr);
}

// NULL is a part that is missing.
static void assert_part(proto_slice part, const char *expected)
{
    if (expected == NULL) {
        assert_null(part.ptr);
        assert_int_equal(part.len, 0);
        return;
    }
    assert_non_null(part.ptr);
    assert_int_equal(part.len, strlen(expected));
    assert_memory_equal(part.ptr, expected, part.len);
}

static void assert_fault(proto_fault fault, proto_err err, size_t offset)
{
    assert_string_equal(proto_err_name(fault.err), proto_err_name(err));
    assert_int_equal(fault.offset, offset);
}

typedef proto_err (*writer)(const void *context, proto_out *out);

// One run over a buffer of exactly `cap` bytes with one in it already. Returns whether all fitted.
static bool fits(writer write, const void *context, size_t cap, const void *bytes, size_t len)
{
    uint8_t *buffer = malloc(cap);
    if (cap > 0) buffer[0] = 'x';
    proto_out out = {buffer, cap > 0, cap, false};
    size_t before = out.len;
    proto_err err = write(context, &out);
    if (err == PROTO_OK) {
        assert_false(out.failed);
        assert_int_equal(out.len - before, len);
        if (len > 0) assert_memory_equal(out.ptr + before, bytes, len);
    } else {
        assert_string_equal(proto_err_name(err), "PROTO_ERR_NO_SPACE");
        assert_true(out.failed);
        assert_int_equal(out.len, before);
    }
    if (cap > 0) assert_int_equal(buffer[0], 'x');
    free(buffer);
    return err == PROTO_OK;
}

// Writes it all or nothing at every capacity: from `need` bytes of room on it fits.
static void assert_writes(writer write, const void *context, size_t need, const void *bytes,
                          size_t len)
{
    for (size_t room = 0; room <= need + 2; room++)
        assert_int_equal(fits(write, context, room + 1, bytes, len), room >= need);
    assert_int_equal(fits(write, context, 0, bytes, len), need == 0);
    proto_out failed = {NULL, 0, 0, true};
    assert_int_equal(write(context, &failed), PROTO_ERR_NO_SPACE);
    assert_true(failed.failed);
}

// Does the same with less than it needs for its way to the result, of which the header states a limit.
static void assert_writes_within(writer write, const void *context, size_t limit, const char *text)
{
    size_t len = strlen(text);
    size_t need = 0;
    while (!fits(write, context, need + 1, text, len))
        need++;
    assert_true(need >= len && need <= limit);
    assert_writes(write, context, need, text, len);
}

// Fails with the error whatever the room, and leaves the sink as it was.
static void assert_refuses(writer write, const void *context, proto_err err, size_t room)
{
    for (size_t cap = 0; cap <= room; cap++) {
        proto_out out = proto_out_of(malloc(cap), cap);
        uint8_t *buffer = out.ptr;
        assert_string_equal(proto_err_name(write(context, &out)), proto_err_name(err));
        assert_int_equal(out.len, 0);
        assert_false(out.failed);
        free(buffer);
    }
}

// --------------------------------------------------------------------------------------------------------- references --

static const struct parts {
    const char *text, *scheme, *authority, *path, *query, *fragment;
} references[] = {
    {"", NULL, NULL, "", NULL, NULL},
    {"http://a/b/c?d#e", "http", "a", "/b/c", "d", "e"},
    {"http://a", "http", "a", "", NULL, NULL},
    {"http://a?", "http", "a", "", "", NULL},
    {"http://a#", "http", "a", "", NULL, ""},
    {"http://a?#", "http", "a", "", "", ""},
    {"http://", "http", "", "", NULL, NULL},
    {"http:", "http", NULL, "", NULL, NULL},
    {"file:///etc/hosts", "file", "", "/etc/hosts", NULL, NULL},
    {"a+b-c.d1:x", "a+b-c.d1", NULL, "x", NULL, NULL},
    {"HTTP://A/%41", "HTTP", "A", "/%41", NULL, NULL},
    {"//a/b", NULL, "a", "/b", NULL, NULL},
    {"///b", NULL, "", "/b", NULL, NULL},
    {"/a//b", NULL, NULL, "/a//b", NULL, NULL},
    {"/a:b", NULL, NULL, "/a:b", NULL, NULL},
    {"./a:b", NULL, NULL, "./a:b", NULL, NULL},
    {"a?b:c", NULL, NULL, "a", "b:c", NULL},
    {"a#b:c", NULL, NULL, "a", NULL, "b:c"},
    {"?a?b/c", NULL, NULL, "", "a?b/c", NULL},
    {"#a?b/c", NULL, NULL, "", NULL, "a?b/c"},
    {"http://u:p@[::1]:80/", "http", "u:p@[::1]:80", "/", NULL, NULL},
    // RFC 3986 section 1.1.2
    {"ftp://ftp.is.co.za/rfc/rfc1808.txt", "ftp", "ftp.is.co.za", "/rfc/rfc1808.txt", NULL, NULL},
    {"http://www.ietf.org/rfc/rfc2396.txt", "http", "www.ietf.org", "/rfc/rfc2396.txt", NULL, NULL},
    {"ldap://[2001:db8::7]/c=GB?objectClass?one", "ldap", "[2001:db8::7]", "/c=GB",
     "objectClass?one", NULL},
    {"mailto:John.Doe@example.com", "mailto", NULL, "John.Doe@example.com", NULL, NULL},
    {"news:comp.infosystems.www.servers.unix", "news", NULL, "comp.infosystems.www.servers.unix",
     NULL, NULL},
    {"tel:+1-816-555-1212", "tel", NULL, "+1-816-555-1212", NULL, NULL},
    {"telnet://192.0.2.16:80/", "telnet", "192.0.2.16:80", "/", NULL, NULL},
    {"urn:oasis:names:specification:docbook:dtd:xml:4.1.2", "urn", NULL,
     "oasis:names:specification:docbook:dtd:xml:4.1.2", NULL, NULL},
    // RFC 3986 section 3
    {"foo://example.com:8042/over/there?name=ferret#nose", "foo", "example.com:8042", "/over/there",
     "name=ferret", "nose"},
};

static void a_reference_comes_apart_into_its_parts(void **state)
{
    for (size_t i = 0; i < COUNT(references); i++) {
        const struct parts *expected = &references[i];
        proto_slice text = exact_text(expected->text);
        proto_uri uri;
        proto_fault fault = {PROTO_ERR_STATE, 99};
        assert_int_equal(proto_uri_read(text, &uri, &fault), PROTO_OK);
        assert_fault(fault, PROTO_OK, 0);
        assert_part(uri.scheme, expected->scheme);
        assert_part(uri.authority, expected->authority);
        assert_part(uri.path, expected->path);
        assert_part(uri.query, expected->query);
        assert_part(uri.fragment, expected->fragment);
        release(text);
    }
}

static proto_err write_uri(const void *context, proto_out *out)
{
    return proto_uri_write(context, out);
}

static void what_was_read_is_written_again(void **state)
{
    for (size_t i = 0; i < COUNT(references); i++) {
        proto_slice text = exact_text(references[i].text);
        proto_uri uri;
        assert_int_equal(proto_uri_read(text, &uri, NULL), PROTO_OK);
        assert_writes(write_uri, &uri, text.len, text.ptr, text.len);
        release(text);
    }
}

static void the_path_of_no_text_is_there(void **state)
{
    proto_uri uri;
    assert_int_equal(proto_uri_read(proto_slice_of(NULL, 0), &uri, NULL), PROTO_OK);
    assert_part(uri.path, "");
}

static const struct wrong {
    const char *text;
    proto_err err;
    size_t offset;
} malformed_references[] = {
    {":", PROTO_ERR_URI_SCHEME, 0},
    {"://a", PROTO_ERR_URI_SCHEME, 0},
    {"1a:b", PROTO_ERR_URI_SCHEME, 0},
    {"a_b:c", PROTO_ERR_URI_SCHEME, 1},
    {"a%41:c", PROTO_ERR_URI_SCHEME, 1},
    {"ab\xc3\xa9:c", PROTO_ERR_URI_SCHEME, 2},
    {"http://a b", PROTO_ERR_URI_CHARACTER, 8},
    {"http://a\\b", PROTO_ERR_URI_CHARACTER, 8},
    {"http://a%4", PROTO_ERR_URI_PERCENT, 8},
    {"http://a%zz", PROTO_ERR_URI_PERCENT, 8},
    {"/a b", PROTO_ERR_URI_CHARACTER, 2},
    {"/a[b]", PROTO_ERR_URI_CHARACTER, 2},
    {"/%", PROTO_ERR_URI_PERCENT, 1},
    {"/%4", PROTO_ERR_URI_PERCENT, 1},
    {"/%4g", PROTO_ERR_URI_PERCENT, 1},
    {"/%g4", PROTO_ERR_URI_PERCENT, 1},
    {"/%%41", PROTO_ERR_URI_PERCENT, 1},
    {"/?a[b]", PROTO_ERR_URI_CHARACTER, 3},
    {"/?%", PROTO_ERR_URI_PERCENT, 2},
    {"/#a#b", PROTO_ERR_URI_CHARACTER, 3},
    {"/#%4", PROTO_ERR_URI_PERCENT, 2},
    {"/\r\n", PROTO_ERR_URI_CHARACTER, 1},
    {"/\x7f", PROTO_ERR_URI_CHARACTER, 1},
    {"/caf\xc3\xa9", PROTO_ERR_URI_CHARACTER, 4},
};

static void a_malformed_reference_is_refused_at_its_byte(void **state)
{
    for (size_t i = 0; i < COUNT(malformed_references); i++) {
        const struct wrong *wrong = &malformed_references[i];
        proto_slice text = exact_text(wrong->text);
        proto_uri uri = {.query = PROTO_LITERAL("untouched")};
        proto_fault fault;
        assert_int_equal(proto_uri_read(text, &uri, &fault), wrong->err);
        assert_fault(fault, wrong->err, wrong->offset);
        assert_part(uri.query, "untouched");
        assert_int_equal(proto_uri_read(text, &uri, NULL), wrong->err);
        release(text);
    }
}

// Unreserved characters and sub-delims of RFC 3986 section 2, as a list.
static const char everywhere[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "-._~!$&'()*+,;=";

static bool among(unsigned byte, const char *set)
{
    return byte != 0 && strchr(set, (int)byte) != NULL;
}

static void each_part_holds_the_bytes_of_its_grammar_and_no_others(void **state)
{
    // What a part holds beside those, and what ends it. The path comes behind a slash.
    static const struct {
        const char *before, *others, *ends;
    } parts[] = {{"//", ":@[]", "/?#"}, {"/", "/:@", "?#"}, {"?", "/:@?", "#"}, {"#", "/:@?", ""}};
    for (size_t i = 0; i < COUNT(parts); i++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char text[8];
            size_t len = (size_t)snprintf(text, sizeof text, "%sx", parts[i].before);
            text[len] = (char)byte;
            proto_slice copy = exact(text, len + 1);
            bool good = among(byte, everywhere) || among(byte, parts[i].others) ||
                        among(byte, parts[i].ends);
            proto_err expected = good          ? PROTO_OK
                                 : byte == '%' ? PROTO_ERR_URI_PERCENT
                                               : PROTO_ERR_URI_CHARACTER;
            proto_uri uri;
            proto_fault fault;
            assert_int_equal(proto_uri_read(copy, &uri, &fault), expected);
            assert_fault(fault, expected, good ? 0 : len);
            release(copy);
        }
    }
}

static void a_scheme_holds_the_bytes_of_its_grammar_and_no_others(void **state)
{
    for (unsigned byte = 1; byte < 256; byte++) {
        if (among(byte, ":/?#")) continue;
        char first[] = {(char)byte, ':'};
        char second[] = {'a', (char)byte, ':'};
        bool alpha = (byte | 32) >= 'a' && (byte | 32) <= 'z' && byte < 128;
        bool later = alpha || (byte >= '0' && byte <= '9') || among(byte, "+-.");
        proto_uri uri;
        proto_slice copy = exact(first, sizeof first);
        assert_int_equal(proto_uri_read(copy, &uri, NULL), alpha ? PROTO_OK : PROTO_ERR_URI_SCHEME);
        release(copy);
        copy = exact(second, sizeof second);
        assert_int_equal(proto_uri_read(copy, &uri, NULL), later ? PROTO_OK : PROTO_ERR_URI_SCHEME);
        release(copy);
    }
}

static proto_uri parts_of(const struct parts *parts)
{
    return (proto_uri){proto_slice_text(parts->scheme), proto_slice_text(parts->authority),
                       proto_slice_text(parts->path), proto_slice_text(parts->query),
                       proto_slice_text(parts->fragment)};
}

static void a_path_that_is_written_stays_a_path(void **state)
{
    static const struct parts guarded[] = {
        {"http://a/b", "http", "a", "b", NULL, NULL}, {"/.//b", NULL, NULL, "//b", NULL, NULL},
        {"x:/.//b", "x", NULL, "//b", NULL, NULL},    {"./b:c", NULL, NULL, "b:c", NULL, NULL},
        {"x:b:c", "x", NULL, "b:c", NULL, NULL},      {"b/c:d", NULL, NULL, "b/c:d", NULL, NULL},
        {"./b:c?d#e", NULL, NULL, "b:c", "d", "e"},
    };
    for (size_t i = 0; i < COUNT(guarded); i++) {
        proto_uri uri = parts_of(&guarded[i]);
        size_t len = strlen(guarded[i].text);
        assert_writes(write_uri, &uri, len, guarded[i].text, len);
    }
    proto_uri none = {0};
    assert_writes(write_uri, &none, 0, "", 0);
}

// ---------------------------------------------------------------------------------------------------------- resolving --

typedef struct resolution {
    proto_uri base, reference;
} resolution;

static proto_err resolve(const void *context, proto_out *out)
{
    const resolution *what = context;
    return proto_uri_resolve(&what->base, &what->reference, out);
}

static void assert_resolves(const char *base, const char *reference, const char *expected)
{
    resolution what;
    proto_slice texts[] = {exact_text(base), exact_text(reference)};
    assert_int_equal(proto_uri_read(texts[0], &what.base, NULL), PROTO_OK);
    assert_int_equal(proto_uri_read(texts[1], &what.reference, NULL), PROTO_OK);
    assert_writes_within(resolve, &what, texts[0].len + texts[1].len + 3, expected);
    release(texts[0]);
    release(texts[1]);
}

// RFC 3986 section 5.4: all of its examples, against this base.
static const char *const examples[][2] = {
    // 5.4.1
    {"g:h", "g:h"},
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q#s"},
    {"g#s", "http://a/b/c/g#s"},
    {"g?y#s", "http://a/b/c/g?y#s"},
    {";x", "http://a/b/c/;x"},
    {"g;x", "http://a/b/c/g;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y#s"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
    // 5.4.2
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g?y/../x", "http://a/b/c/g?y/../x"},
    {"g#s/./x", "http://a/b/c/g#s/./x"},
    {"g#s/../x", "http://a/b/c/g#s/../x"},
    {"http:g", "http:g"}, // the strict reading
};

static void the_examples_of_the_rfc_resolve(void **state)
{
    for (size_t i = 0; i < COUNT(examples); i++)
        assert_resolves("http://a/b/c/d;p?q", examples[i][0], examples[i][1]);
}

static void other_bases_resolve(void **state)
{
    static const char *const cases[][3] = {
        {"http://a", "g", "http://a/g"},
        {"http://a", "../g", "http://a/g"},
        {"http://a", "", "http://a"},
        {"http://a?q", "#s", "http://a?q#s"},
        {"http://a/b#f", "", "http://a/b"},
        {"http://a/b/../c", "#s", "http://a/b/../c#s"},
        {"http://a/b/../c", "?", "http://a/b/../c?"},
        {"http://a/b/../c", "d", "http://a/d"},
        {"http://a/b", "//c/d/../e", "http://c/e"},
        {"http://a/b", "x://c/./d/..", "x://c/"},
        {"file:///a/b", "c", "file:///a/c"},
        {"urn:a", "b", "urn:b"},
        {"urn:a/b", "c", "urn:a/c"},
        {"urn:a/b", "../../c", "urn:/c"},
        {"urn:a", "", "urn:a"},
        {"urn:", "", "urn:"},
        {"urn:", "a", "urn:a"},
        // A path never becomes an authority.
        {"x:/a", "/.//b", "x:/.//b"},
        {"x:/a/b", "..//c", "x:/.//c"},
        {"x:/a/b", "..//c?d#e", "x:/.//c?d#e"},
        {"x:/.//a", "", "x:/.//a"},
        {"x:a", ".///b", "x:/.//b"},
        {"http://a/", "/.//b", "http://a//b"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_resolves(cases[i][0], cases[i][1], cases[i][2]);
}

static void parts_made_by_hand_resolve_to_a_path_behind_the_host(void **state)
{
    resolution what = {.base = {.scheme = PROTO_LITERAL("http"), .authority = PROTO_LITERAL("a")},
                       .reference = {.path = PROTO_LITERAL("c")}};
    what.base.path = PROTO_LITERAL("b");
    assert_writes_within(resolve, &what, 20, "http://a/c");
}

static void a_base_without_a_scheme_resolves_nothing(void **state)
{
    static const resolution what = {{{0}, {0}, {0}, {0}, {0}}, {{0}, {0}, {0}, {0}, {0}}};
    assert_refuses(resolve, &what, PROTO_ERR_URI_SCHEME, 2);
}

static proto_err remove_dots(const void *context, proto_out *out)
{
    return proto_uri_dot_segments_remove(*(const proto_slice *)context, out);
}

static void dot_segments_are_removed(void **state)
{
    static const char *const cases[][2] = {
        {"/a/b/c/./../../g", "/a/g"}, // RFC 3986 section 5.2.4
        {"mid/content=5/../6", "mid/6"},
        {"", ""},
        {"/", "/"},
        {".", ""},
        {"..", ""},
        {"./", ""},
        {"../", ""},
        {".../", ".../"},
        {".././a", "a"},
        {".//a", "/a"},
        {"/.", "/"},
        {"/..", "/"},
        {"/./", "/"},
        {"/../", "/"},
        {"/...", "/..."},
        {"/.a/..b", "/.a/..b"},
        {"/a/.", "/a/"},
        {"/a/..", "/"},
        {"/a/../", "/"},
        {"/a/b/..", "/a/"},
        {"/a//..", "/a/"},
        {"/a//../b", "/a/b"},
        {"//", "//"},
        {"//..", "/"},
        {"/../../a", "/a"},
        {"a/..", "/"},
        {"a/../b", "/b"},
        {"a/.", "a/"},
        {"/%2e%2e/a", "/%2e%2e/a"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_slice path = exact_text(cases[i][0]);
        assert_writes_within(remove_dots, &path, path.len, cases[i][1]);
        release(path);
    }
}

// ------------------------------------------------------------------------------------------------------ host and port --

enum { NO_PORT = -1 };

static void assert_authority(const char *text, proto_uri_host_kind kind, const char *host, int port)
{
    proto_slice copy = exact_text(text);
    proto_uri_authority authority;
    proto_fault fault = {PROTO_ERR_STATE, 99};
    proto_err err = proto_uri_authority_read(copy, &authority, &fault);
    if (err != PROTO_OK) fail_msg("%s: %s", text, proto_err_name(err));
    assert_fault(fault, PROTO_OK, 0);
    assert_int_equal(authority.kind, kind);
    assert_part(authority.host, host);
    assert_int_equal(authority.has_port, port != NO_PORT);
    assert_int_equal(authority.port, port == NO_PORT ? 0 : port);
    release(copy);
}

static void assert_no_authority(const char *bytes, size_t len, proto_err err, size_t offset)
{
    proto_slice copy = exact(bytes, len);
    proto_uri_authority authority = {.host = PROTO_LITERAL("untouched")};
    proto_fault fault;
    if (proto_uri_authority_read(copy, &authority, &fault) != err)
        fail_msg("%.*s", (int)len, bytes);
    assert_fault(fault, err, offset);
    assert_part(authority.host, "untouched");
    assert_int_equal(proto_uri_authority_read(copy, &authority, NULL), err);
    release(copy);
}

static void a_name_and_a_port_are_read(void **state)
{
    assert_authority("a", PROTO_URI_HOST_NAME, "a", NO_PORT);
    assert_authority("a:", PROTO_URI_HOST_NAME, "a", NO_PORT);
    assert_authority("a:0", PROTO_URI_HOST_NAME, "a", 0);
    assert_authority("example.COM:8080", PROTO_URI_HOST_NAME, "example.COM", 8080);
    assert_authority("a:65535", PROTO_URI_HOST_NAME, "a", 65535);
    assert_authority("a:0000000000080", PROTO_URI_HOST_NAME, "a", 80);
    assert_authority("a%2Fb%00:1", PROTO_URI_HOST_NAME, "a%2Fb%00", 1);
    assert_authority("-._~!$&'()*+,;=", PROTO_URI_HOST_NAME, "-._~!$&'()*+,;=", NO_PORT);
    assert_authority("v1.x", PROTO_URI_HOST_NAME, "v1.x", NO_PORT);
}

static void every_port_is_read_and_none_above(void **state)
{
    for (unsigned port = 0; port < 70000; port++) {
        char text[16];
        size_t len = (size_t)snprintf(text, sizeof text, "h:%u", port);
        proto_uri_authority authority = {.port = 0};
        proto_err err = proto_uri_authority_read(proto_slice_of(text, len), &authority, NULL);
        assert_int_equal(err, port <= 65535 ? PROTO_OK : PROTO_ERR_URI_PORT);
        if (err == PROTO_OK) assert_int_equal(authority.port, port);
    }
}

static void a_malformed_authority_is_refused_at_its_byte(void **state)
{
    static const struct wrong cases[] = {
        {"", PROTO_ERR_URI_HOST, 0},
        {":80", PROTO_ERR_URI_HOST, 0},
        {":", PROTO_ERR_URI_HOST, 0},
        {"a b", PROTO_ERR_URI_HOST, 1},
        {" a", PROTO_ERR_URI_HOST, 0},
        {"a/b", PROTO_ERR_URI_HOST, 1},
        {"a?b", PROTO_ERR_URI_HOST, 1},
        {"a#b", PROTO_ERR_URI_HOST, 1},
        {"a\\b", PROTO_ERR_URI_HOST, 1},
        {"a_b\x80", PROTO_ERR_URI_HOST, 3},
        {"a]", PROTO_ERR_URI_HOST, 1},
        {"a[", PROTO_ERR_URI_HOST, 1},
        {"::1", PROTO_ERR_URI_HOST, 0},
        {"a::1", PROTO_ERR_URI_PORT, 2},
        {"a:1:2", PROTO_ERR_URI_PORT, 3},
        {"a:x", PROTO_ERR_URI_PORT, 2},
        {"a:80 ", PROTO_ERR_URI_PORT, 4},
        {"a:-1", PROTO_ERR_URI_PORT, 2},
        {"a:+1", PROTO_ERR_URI_PORT, 2},
        {"a:%31", PROTO_ERR_URI_PORT, 2},
        {"a:65536", PROTO_ERR_URI_PORT, 6},
        {"a:4294967296", PROTO_ERR_URI_PORT, 7},
        {"a:99999999999999999999999999999999", PROTO_ERR_URI_PORT, 6},
        {"a%", PROTO_ERR_URI_PERCENT, 1},
        {"a%4", PROTO_ERR_URI_PERCENT, 1},
        {"a%4:", PROTO_ERR_URI_PERCENT, 1},
        {"%gg", PROTO_ERR_URI_PERCENT, 0},
        {"user@a", PROTO_ERR_URI_USERINFO, 4},
        {"user:password@a:80", PROTO_ERR_URI_USERINFO, 13},
        {"@a", PROTO_ERR_URI_USERINFO, 0},
        {"a@", PROTO_ERR_URI_USERINFO, 1},
        {"a:1@2", PROTO_ERR_URI_USERINFO, 3},
        {"[::1]@a", PROTO_ERR_URI_USERINFO, 5},
        {"[::1@]", PROTO_ERR_URI_USERINFO, 4},
        {"[]", PROTO_ERR_URI_HOST, 1},
        {"[", PROTO_ERR_URI_HOST, 1},
        {"[::1", PROTO_ERR_URI_HOST, 4},
        {"[::1]x", PROTO_ERR_URI_HOST, 5},
        {"[::1]]", PROTO_ERR_URI_HOST, 5},
        {"[::1] ", PROTO_ERR_URI_HOST, 5},
        {"[::1]:x", PROTO_ERR_URI_PORT, 6},
        {"[[::1]]", PROTO_ERR_URI_HOST, 1},
        {"[1.2.3.4]", PROTO_ERR_URI_HOST, 8},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_no_authority(cases[i].text, strlen(cases[i].text), cases[i].err, cases[i].offset);
    assert_no_authority("a\0b", 3, PROTO_ERR_URI_HOST, 1);
    assert_no_authority("a:8\0", 4, PROTO_ERR_URI_PORT, 3);
    assert_no_authority("[::\0]", 5, PROTO_ERR_URI_HOST, 3);
    assert_int_equal(proto_uri_authority_read(proto_slice_of(NULL, 0), NULL, NULL),
                     PROTO_ERR_URI_HOST);
}

static void a_name_holds_the_bytes_of_its_grammar_and_no_others(void **state)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        if (among(byte, ":@%")) continue;
        char text[] = {'a', (char)byte, 'b'};
        proto_slice copy = exact(text, sizeof text);
        proto_uri_authority authority;
        proto_err expected = among(byte, everywhere) ? PROTO_OK : PROTO_ERR_URI_HOST;
        assert_int_equal(proto_uri_authority_read(copy, &authority, NULL), expected);
        release(copy);
    }
}

static void four_octets_are_an_address_and_all_else_is_a_name(void **state)
{
    static const char *const names[] = {
        "1",          "1.2",          "1.2.3",      "1.2.3.",     "1.2.3.4.", "1.2.3.4.5",
        "1..2.3",     ".1.2.3",       "01.2.3.4",   "1.2.3.04",   "1.2.3.00", "1.2.3.256",
        "256.2.3.4",  "1.2.3.1000",   "1.2.3.2555", "1.2.3.4x",   "x1.2.3.4", "0x7f.0.0.1",
        "%31.2.3.4",  "1.2.3.4-",     "1.2.3.a",    "2130706433", "1,2,3,4",  "999.9.9.9",
        "1.2.3.4%20", "127.0.0.1.nip"};
    for (size_t i = 0; i < COUNT(names); i++)
        assert_authority(names[i], PROTO_URI_HOST_NAME, names[i], NO_PORT);
    assert_authority("1.2.3.4", PROTO_URI_HOST_IPV4, "1.2.3.4", NO_PORT);
    assert_authority("0.0.0.0:0", PROTO_URI_HOST_IPV4, "0.0.0.0", 0);
    assert_authority("255.255.255.255:80", PROTO_URI_HOST_IPV4, "255.255.255.255", 80);
}

static void every_octet_is_read_in_each_place(void **state)
{
    static const char *const around[][2] = {
        {"", ".0.10.99"}, {"9.", ".0.1"}, {"1.2.", ".3"}, {"1.2.3.", ""}};
    for (size_t place = 0; place < COUNT(around); place++) {
        for (unsigned octet = 0; octet < 1100; octet++) {
            char text[32];
            snprintf(text, sizeof text, "%s%u%s", around[place][0], octet, around[place][1]);
            proto_uri_host_kind kind = octet < 256 ? PROTO_URI_HOST_IPV4 : PROTO_URI_HOST_NAME;
            assert_authority(text, kind, text, NO_PORT);
        }
    }
}

// An address between brackets.
static void assert_ipv6(const char *address, bool valid)
{
    char text[128];
    snprintf(text, sizeof text, "[%s]", address);
    proto_slice copy = exact_text(text);
    proto_uri_authority authority;
    proto_err err = proto_uri_authority_read(copy, &authority, NULL);
    if ((err == PROTO_OK) != valid) fail_msg("%s: %s", text, proto_err_name(err));
    if (valid) {
        assert_int_equal(authority.kind, PROTO_URI_HOST_IPV6);
        assert_part(authority.host, address);
    }
    release(copy);
}

// `count` groups with colons between them.
static void append_groups(char *text, int count)
{
    for (int i = 0; i < count; i++)
        strcat(text, i > 0 ? ":abCD" : "0");
}

// Each line of the grammar (RFC 3986 section 3.2.2) allows some groups before `::` and some behind; all others are wrong.
static void ipv6_addresses_have_eight_groups_or_fewer_around_a_gap(void **state)
{
    for (int before = 0; before <= 9; before++) {
        for (int behind = 0; behind <= 9; behind++) {
            char text[128] = "";
            append_groups(text, before);
            strcat(text, "::");
            append_groups(text, behind);
            assert_ipv6(text, before + behind <= 7);
            strcat(text, behind > 0 ? ":1.2.3.4" : "1.2.3.4");
            assert_ipv6(text, before + behind + 2 <= 7);
        }
        char text[128] = "";
        append_groups(text, before);
        assert_ipv6(text, before == 8);
        strcat(text, ":1.2.3.4");
        assert_ipv6(text, before == 6);
    }
}

static const char *const ipv6_addresses[] = {"::",
                                             "::1",
                                             "1::",
                                             "2001:db8::7",
                                             "::ffff:192.0.2.1",
                                             "64:ff9b::0.0.0.0",
                                             "a:B:c:D:e:F:0:9",
                                             "0001:0000:ffff::",
                                             "1:2:3:4:5:6:7::",
                                             "::2:3:4:5:6:7:8",
                                             "1:2:3:4:5:6:255.255.255.255"};

static const char *const not_ipv6_addresses[] = {"",
                                                 ":",
                                                 ":::",
                                                 "::::",
                                                 ":::1",
                                                 "1:::2",
                                                 "1::2::3",
                                                 "::1::",
                                                 ":1",
                                                 "1:",
                                                 ":1:2:3:4:5:6:7:8",
                                                 "1:2:3:4:5:6:7:8:",
                                                 "1:2:3:4:5:6:7",
                                                 "1:2:3:4:5:6:7:8:9",
                                                 "1::2:",
                                                 ":1::2",
                                                 "12345::",
                                                 "::12345",
                                                 "::g",
                                                 "::1.2.3",
                                                 "::1.2.3.4.5",
                                                 "::1.2.3.256",
                                                 "::01.2.3.4",
                                                 "::1.2.3.4:5",
                                                 "1.2.3.4::",
                                                 "1.2.3.4:5::",
                                                 "1.2.3.4",
                                                 "::1.2.3.",
                                                 "::.1.2.3",
                                                 "::a.2.3.4",
                                                 "::1.2.3.4 ",
                                                 " ::1",
                                                 "::1 ",
                                                 "fe80::1%eth0",
                                                 "fe80::1%25eth0",
                                                 "fe80::%1",
                                                 "::1/64",
                                                 "::-1",
                                                 "::+1",
                                                 "::0x1",
                                                 "::1:",
                                                 "::1.2.3.4:",
                                                 "1:2:3:4:5:6:7:1.2.3.4",
                                                 "1:2:3:4:5:1.2.3.4",
                                                 "1:2:3:4:5:6::1.2.3.4"};

static void ipv6_addresses_are_those_of_the_grammar(void **state)
{
    for (size_t i = 0; i < COUNT(ipv6_addresses); i++)
        assert_ipv6(ipv6_addresses[i], true);
    for (size_t i = 0; i < COUNT(not_ipv6_addresses); i++)
        assert_ipv6(not_ipv6_addresses[i], false);
    assert_authority("[::1]:8080", PROTO_URI_HOST_IPV6, "::1", 8080);
    assert_authority("[::1]:", PROTO_URI_HOST_IPV6, "::1", NO_PORT);
}

static void a_malformed_ipv6_address_is_refused_at_its_byte(void **state)
{
    static const struct wrong cases[] = {
        {"[1:2:3]", PROTO_ERR_URI_HOST, 6},
        {"[1:2:3:4:5:6:7:8:9]", PROTO_ERR_URI_HOST, 17},
        {"[1:2:3:4:5:6:7::8]", PROTO_ERR_URI_HOST, 16},
        {"[12345::]", PROTO_ERR_URI_HOST, 5},
        {"[1::2::3]", PROTO_ERR_URI_HOST, 6},
        {"[fe80::1%25eth0]", PROTO_ERR_URI_HOST, 8},
        {"[1:g::]", PROTO_ERR_URI_HOST, 3},
        {"[::1:]", PROTO_ERR_URI_HOST, 5},
        {"[::1.2.3.256]", PROTO_ERR_URI_HOST, 4},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_no_authority(cases[i].text, strlen(cases[i].text), cases[i].err, cases[i].offset);
}

// All strings of up to seven characters of an alphabet that can go wrong, against the system's own reader.
static void short_ipv6_addresses_are_those_of_inet_pton(void **state)
{
    static const char alphabet[] = ":1.f";
    unsigned long count = 1;
    for (size_t len = 0; len <= 7; len++, count *= 4) {
        for (unsigned long number = 0; number < count; number++) {
            char text[16] = "[";
            unsigned long rest = number;
            for (size_t i = 0; i < len; i++, rest /= 4)
                text[1 + i] = alphabet[rest % 4];
            struct in6_addr address;
            bool valid = inet_pton(AF_INET6, text + 1, &address) == 1;
            text[len + 1] = ']';
            proto_uri_authority authority;
            proto_err err = proto_uri_authority_read(proto_slice_text(text), &authority, NULL);
            if ((err == PROTO_OK) != valid) fail_msg("%s", text);
        }
    }
}

static void a_literal_of_a_future_version_is_read(void **state)
{
    assert_authority("[v1.a]", PROTO_URI_HOST_FUTURE, "v1.a", NO_PORT);
    assert_authority("[V1aF.a:b]:80", PROTO_URI_HOST_FUTURE, "V1aF.a:b", 80);
    assert_authority("[vf.-._~!$&'()*+,;=:]", PROTO_URI_HOST_FUTURE,
                     "vf.-._~!$&'()*+,;=:", NO_PORT);
    static const struct wrong cases[] = {
        {"[v]", PROTO_ERR_URI_HOST, 2},      {"[v1]", PROTO_ERR_URI_HOST, 3},
        {"[v.a]", PROTO_ERR_URI_HOST, 2},    {"[v1.]", PROTO_ERR_URI_HOST, 4},
        {"[vg.a]", PROTO_ERR_URI_HOST, 2},   {"[v1.a%41]", PROTO_ERR_URI_HOST, 5},
        {"[v1.a/b]", PROTO_ERR_URI_HOST, 5}, {"[v1:a]", PROTO_ERR_URI_HOST, 3},
        {"[v1.a", PROTO_ERR_URI_HOST, 5},    {"[v", PROTO_ERR_URI_HOST, 2},
        {"[1v.a]", PROTO_ERR_URI_HOST, 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_no_authority(cases[i].text, strlen(cases[i].text), cases[i].err, cases[i].offset);
}

// --------------------------------------------------------------------------------------------------- percent-encoding --

static proto_err decode(const void *context, proto_out *out)
{
    return proto_uri_decode(*(const proto_slice *)context, out, NULL);
}

static proto_err form_decode(const void *context, proto_out *out)
{
    return proto_uri_form_decode(*(const proto_slice *)context, out, NULL);
}

static void assert_decodes(writer how, const char *text, const char *expected, size_t len)
{
    proto_slice copy = exact_text(text);
    assert_writes(how, &copy, len, expected, len);
    release(copy);
}

static void encoded_bytes_are_decoded_once(void **state)
{
    assert_decodes(decode, "", "", 0);
    assert_decodes(decode, "abc", "abc", 3);
    assert_decodes(decode, "%41%62%7A", "Abz", 3);
    assert_decodes(decode, "%2541", "%41", 3);
    assert_decodes(decode, "%00%2f%2F%ff%FF", "\0//\xff\xff", 5);
    assert_decodes(decode, "a+b", "a+b", 3);
    assert_decodes(decode, " \xff\"", " \xff\"", 3);
    assert_decodes(form_decode, "a+b%2Bc+", "a b+c ", 6);
    assert_decodes(form_decode, "%20", " ", 1);
}

static void each_pair_of_digits_is_decoded(void **state)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        char upper[4], lower[4];
        char expected = (char)byte;
        snprintf(upper, sizeof upper, "%%%02X", byte);
        snprintf(lower, sizeof lower, "%%%02x", byte);
        assert_decodes(decode, upper, &expected, 1);
        assert_decodes(form_decode, lower, &expected, 1);
    }
}

static void a_malformed_encoding_is_refused_whatever_the_room(void **state)
{
    static const struct wrong cases[] = {
        {"%", PROTO_ERR_URI_PERCENT, 0},      {"%4", PROTO_ERR_URI_PERCENT, 0},
        {"ab%", PROTO_ERR_URI_PERCENT, 2},    {"ab%c", PROTO_ERR_URI_PERCENT, 2},
        {"%41%4g", PROTO_ERR_URI_PERCENT, 3}, {"abcdef%g4", PROTO_ERR_URI_PERCENT, 6},
        {"%%", PROTO_ERR_URI_PERCENT, 0},     {"%+1", PROTO_ERR_URI_PERCENT, 0},
        {"%u0041", PROTO_ERR_URI_PERCENT, 0}, {"100% sure", PROTO_ERR_URI_PERCENT, 3},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_slice text = exact_text(cases[i].text);
        uint8_t buffer[16];
        proto_out out = proto_out_of(buffer, sizeof buffer);
        proto_fault fault;
        assert_int_equal(proto_uri_decode(text, &out, &fault), cases[i].err);
        assert_fault(fault, cases[i].err, cases[i].offset);
        assert_int_equal(proto_uri_form_decode(text, &out, &fault), cases[i].err);
        assert_fault(fault, cases[i].err, cases[i].offset);
        assert_refuses(decode, &text, cases[i].err, 12);
        assert_refuses(form_decode, &text, cases[i].err, 12);
        release(text);
    }
}

typedef struct encoding {
    proto_slice text;
    proto_uri_part part;
} encoding;

static proto_err encode(const void *context, proto_out *out)
{
    const encoding *what = context;
    return proto_uri_encode(what->text, what->part, out);
}

static void each_byte_is_encoded_where_a_part_may_not_hold_it(void **state)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (unsigned byte = 0; byte < 256; byte++) {
        bool kept[] = {among(byte, unreserved), among(byte, everywhere) || among(byte, "/:@"),
                       among(byte, everywhere) || among(byte, ":/?#[]@%"), false};
        for (unsigned part = 0; part < COUNT(kept); part++) {
            char encoded[4];
            uint8_t plain = (uint8_t)byte;
            snprintf(encoded, sizeof encoded, "%%%02X", byte);
            encoding what = {exact(&plain, 1), (proto_uri_part)part};
            if (kept[part])
                assert_writes(encode, &what, 1, &plain, 1);
            else
                assert_writes(encode, &what, 3, encoded, 3);
            release(what.text);
        }
    }
}

static void text_is_encoded_for_its_part(void **state)
{
    static const struct {
        const char *text;
        const char *parts[3];
    } cases[] = {
        {"", {"", "", ""}},
        {"a b/c", {"a%20b%2Fc", "a%20b/c", "a%20b/c"}},
        {"50%", {"50%25", "50%25", "50%"}},
        {"caf\xc3\xa9?q=\"x\"#y",
         {"caf%C3%A9%3Fq%3D%22x%22%23y", "caf%C3%A9%3Fq=%22x%22%23y", "caf%C3%A9?q=%22x%22#y"}},
        {"http://[::1]/\n",
         {"http%3A%2F%2F%5B%3A%3A1%5D%2F%0A", "http://%5B::1%5D/%0A", "http://[::1]/%0A"}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (unsigned part = 0; part < 3; part++) {
            encoding what = {exact_text(cases[i].text), (proto_uri_part)part};
            size_t len = strlen(cases[i].parts[part]);
            assert_writes(encode, &what, len, cases[i].parts[part], len);
            release(what.text);
        }
    }
}

// -------------------------------------------------------------------------------------------------------------- paths --

static proto_err path_of(const void *context, proto_out *out)
{
    return proto_uri_path_read(*(const proto_slice *)context, out, NULL);
}

static void a_path_comes_out_of_a_target(void **state)
{
    static const char *const cases[][2] = {
        {"/", ""},
        {"//", ""},
        {"/?", ""},
        {"/a", "a"},
        {"/a/", "a/"},
        {"/a/b", "a/b"},
        {"/a/b?c/../d", "a/b"},
        {"/a//b///c//", "a/b/c/"},
        {"//host/a", "host/a"},
        {"/%61%2E%2e", "a.."},
        {"/a%20b%0a%5c%3f%23%25", "a b\n\\?#%"},
        {"/caf%C3%A9", "caf\xc3\xa9"},
        {"/%2541", "%41"},
        {"/%252e%252e/a", "%2e%2e/a"},
        {"/.", ""},
        {"/./", ""},
        {"/a/.", "a/"},
        {"/a/./b", "a/b"},
        {"/a/..", ""},
        {"/a/../", ""},
        {"/a/b/..", "a/"},
        {"/a/b/../c", "a/c"},
        {"/a/b/c/../../../d", "d"},
        {"/a//../b", "b"},
        {"/a/%2e%2E/b", "b"},
        {"/a/.%2e/b", "b"},
        {"/a/%2e./b", "b"},
        {"/a/%2e/b", "a/b"},
        {"/...", "..."},
        {"/.../....", ".../...."},
        {"/.a/..b/c../d.", ".a/..b/c../d."},
        {"/a/...", "a/..."},
        {"/..a/../b", "b"},
        {"/a:b@c;d=e!$&'()*+,~_-", "a:b@c;d=e!$&'()*+,~_-"},
        {"/[a]", "[a]"},
        // Bytes that browsers send unencoded, if the reader of the head let them pass.
        {"/\"<>\\^`{|}\x80\xff", "\"<>\\^`{|}\x80\xff"},
        {"http://a", ""},
        {"http://a/", ""},
        {"http://a?b/c", ""},
        {"http://a/b/../c?d", "c"},
        {"HTTPS://[::1]:80/b", "b"},
        {"a+b-c.d1://x/y", "y"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_slice target = exact_text(cases[i][0]);
        proto_fault fault = {PROTO_ERR_STATE, 99};
        uint8_t buffer[64];
        proto_out out = proto_out_of(buffer, sizeof buffer);
        assert_int_equal(proto_uri_path_read(target, &out, &fault), PROTO_OK);
        assert_fault(fault, PROTO_OK, 0);
        assert_writes_within(path_of, &target, target.len, cases[i][1]);
        release(target);
    }
}

static void a_path_that_is_none_is_refused_at_its_byte(void **state)
{
    static const struct wrong cases[] = {
        {"", PROTO_ERR_URI_CHARACTER, 0},
        {"*", PROTO_ERR_URI_CHARACTER, 0},
        {"a", PROTO_ERR_URI_CHARACTER, 0},
        {"a/b", PROTO_ERR_URI_CHARACTER, 0},
        {"?a", PROTO_ERR_URI_CHARACTER, 0},
        {"..", PROTO_ERR_URI_CHARACTER, 0},
        {"\\", PROTO_ERR_URI_CHARACTER, 0},
        {"host:80", PROTO_ERR_URI_CHARACTER, 0},
        {"http:", PROTO_ERR_URI_CHARACTER, 0},
        {"http:/", PROTO_ERR_URI_CHARACTER, 0},
        {"http:/a", PROTO_ERR_URI_CHARACTER, 0},
        {"http:a/b", PROTO_ERR_URI_CHARACTER, 0},
        {"http", PROTO_ERR_URI_CHARACTER, 0},
        {"http//a/b", PROTO_ERR_URI_CHARACTER, 0},
        {"1http://a/", PROTO_ERR_URI_CHARACTER, 0},
        {"/a b", PROTO_ERR_URI_CHARACTER, 2},
        {"/a#b", PROTO_ERR_URI_CHARACTER, 2},
        {"/a\nb", PROTO_ERR_URI_CHARACTER, 2},
        {"/a\x7f", PROTO_ERR_URI_CHARACTER, 2},
        {"http://a#b", PROTO_ERR_URI_CHARACTER, 8},
        {"/%", PROTO_ERR_URI_PERCENT, 1},
        {"/a%2", PROTO_ERR_URI_PERCENT, 2},
        {"/a%2?f", PROTO_ERR_URI_PERCENT, 2},
        {"/%%32e", PROTO_ERR_URI_PERCENT, 1},
        {"/%c0%ag", PROTO_ERR_URI_PERCENT, 4},
        {"/a%00", PROTO_ERR_URI_NUL, 2},
        {"/a/..%00/b", PROTO_ERR_URI_NUL, 5},
        {"/a%2Fb", PROTO_ERR_URI_ENCODED_SLASH, 2},
        {"/..%2fb", PROTO_ERR_URI_ENCODED_SLASH, 3},
        {"/..", PROTO_ERR_URI_ESCAPES, 1},
        {"/../", PROTO_ERR_URI_ESCAPES, 1},
        {"//../a", PROTO_ERR_URI_ESCAPES, 2},
        {"/./../a", PROTO_ERR_URI_ESCAPES, 3},
        {"/a/../../b", PROTO_ERR_URI_ESCAPES, 6},
        {"/a//../../b", PROTO_ERR_URI_ESCAPES, 7},
        {"/a/b/../../../a", PROTO_ERR_URI_ESCAPES, 11},
        {"/%2e%2e/a", PROTO_ERR_URI_ESCAPES, 1},
        {"/.%2E", PROTO_ERR_URI_ESCAPES, 1},
        {"http://a/../b", PROTO_ERR_URI_ESCAPES, 9},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_slice target = exact_text(cases[i].text);
        uint8_t buffer[32];
        proto_out out = proto_out_of(buffer, sizeof buffer);
        proto_fault fault;
        proto_out_put(&out, "root/", 5);
        proto_err err = proto_uri_path_read(target, &out, &fault);
        if (err != cases[i].err) fail_msg("%s: %s", cases[i].text, proto_err_name(err));
        assert_fault(fault, cases[i].err, cases[i].offset);
        assert_false(out.failed);
        assert_int_equal(out.len, 5);
        release(target);
    }
    proto_out none = proto_out_of(NULL, 0);
    proto_err err = proto_uri_path_read(proto_slice_of(NULL, 0), &none, NULL);
    assert_int_equal(err, PROTO_ERR_URI_CHARACTER);
    err = proto_uri_path_read(proto_slice_of("/\0", 2), &none, NULL);
    assert_int_equal(err, PROTO_ERR_URI_CHARACTER);
}

static void a_malformed_path_is_refused_or_has_no_room(void **state)
{
    proto_slice target = exact_text("/abc/d%00");
    for (size_t cap = 0; cap < 10; cap++) {
        proto_out out = proto_out_of(malloc(cap), cap);
        proto_err err = proto_uri_path_read(target, &out, NULL);
        assert_int_equal(err, cap < 5 ? PROTO_ERR_NO_SPACE : PROTO_ERR_URI_NUL);
        assert_int_equal(out.failed, cap < 5);
        assert_int_equal(out.len, 0);
        free(out.ptr);
    }
    release(target);
}

static void what_stands_in_the_sink_before_a_path_is_out_of_reach(void **state)
{
    uint8_t buffer[32];
    proto_out out = proto_out_of(buffer, sizeof buffer);
    assert_true(proto_out_put(&out, "srv/www/", 8));
    proto_slice target = exact_text("/a/../b/./c/..");
    assert_int_equal(proto_uri_path_read(target, &out, NULL), PROTO_OK);
    assert_int_equal(out.len, 10);
    assert_memory_equal(out.ptr, "srv/www/b/", 10);
    release(target);
}

// ------------------------------------------------------------------------------------------------------------ queries --

static void the_query_of_a_target_is_what_follows_the_first_question_mark(void **state)
{
    static const char *const cases[][2] = {
        {"/", NULL},
        {"", NULL},
        {"*", NULL},
        {"/?", ""},
        {"/a?b", "b"},
        {"/?a?b", "a?b"},
        {"http://a?b=c&d", "b=c&d"},
        {"?", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        proto_slice target = exact_text(cases[i][0]);
        assert_part(proto_uri_query(target), cases[i][1]);
        release(target);
    }
    assert_part(proto_uri_query(proto_slice_of(NULL, 0)), NULL);
}

static void assert_pair(proto_slice *query, const char *name, const char *value)
{
    proto_slice got_name, got_value;
    assert_true(proto_uri_query_next(query, &got_name, &got_value));
    assert_part(got_name, name);
    assert_part(got_value, value);
}

static void a_query_is_taken_apart_pair_by_pair(void **state)
{
    proto_slice text = exact_text("a=b&c&&=d&e=&=&f=g=h&%26=%3D&?/;+");
    proto_slice query = text;
    assert_pair(&query, "a", "b");
    assert_pair(&query, "c", NULL);
    assert_pair(&query, "", "d");
    assert_pair(&query, "e", "");
    assert_pair(&query, "", "");
    assert_pair(&query, "f", "g=h");
    assert_pair(&query, "%26", "%3D");
    assert_pair(&query, "?/;+", NULL);
    proto_slice name = {0}, value = {0};
    assert_false(proto_uri_query_next(&query, &name, &value));
    assert_false(proto_uri_query_next(&query, &name, &value));
    release(text);
}

static void an_empty_query_has_no_pairs(void **state)
{
    static const char *const queries[] = {"", "&", "&&&"};
    for (size_t i = 0; i < COUNT(queries); i++) {
        proto_slice text = exact_text(queries[i]);
        proto_slice query = text, name, value;
        assert_false(proto_uri_query_next(&query, &name, &value));
        assert_int_equal(query.len, 0);
        release(text);
    }
    proto_slice missing = {0}, name, value;
    assert_false(proto_uri_query_next(&missing, &name, &value));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reference_comes_apart_into_its_parts),
        cmocka_unit_test(what_was_read_is_written_again),
        cmocka_unit_test(the_path_of_no_text_is_there),
        cmocka_unit_test(a_malformed_reference_is_refused_at_its_byte),
        cmocka_unit_test(each_part_holds_the_bytes_of_its_grammar_and_no_others),
        cmocka_unit_test(a_scheme_holds_the_bytes_of_its_grammar_and_no_others),
        cmocka_unit_test(a_path_that_is_written_stays_a_path),
        cmocka_unit_test(the_examples_of_the_rfc_resolve),
        cmocka_unit_test(other_bases_resolve),
        cmocka_unit_test(parts_made_by_hand_resolve_to_a_path_behind_the_host),
        cmocka_unit_test(a_base_without_a_scheme_resolves_nothing),
        cmocka_unit_test(dot_segments_are_removed),
        cmocka_unit_test(a_name_and_a_port_are_read),
        cmocka_unit_test(every_port_is_read_and_none_above),
        cmocka_unit_test(a_malformed_authority_is_refused_at_its_byte),
        cmocka_unit_test(a_name_holds_the_bytes_of_its_grammar_and_no_others),
        cmocka_unit_test(four_octets_are_an_address_and_all_else_is_a_name),
        cmocka_unit_test(every_octet_is_read_in_each_place),
        cmocka_unit_test(ipv6_addresses_have_eight_groups_or_fewer_around_a_gap),
        cmocka_unit_test(ipv6_addresses_are_those_of_the_grammar),
        cmocka_unit_test(a_malformed_ipv6_address_is_refused_at_its_byte),
        cmocka_unit_test(short_ipv6_addresses_are_those_of_inet_pton),
        cmocka_unit_test(a_literal_of_a_future_version_is_read),
        cmocka_unit_test(encoded_bytes_are_decoded_once),
        cmocka_unit_test(each_pair_of_digits_is_decoded),
        cmocka_unit_test(a_malformed_encoding_is_refused_whatever_the_room),
        cmocka_unit_test(each_byte_is_encoded_where_a_part_may_not_hold_it),
        cmocka_unit_test(text_is_encoded_for_its_part),
        cmocka_unit_test(a_path_comes_out_of_a_target),
        cmocka_unit_test(a_path_that_is_none_is_refused_at_its_byte),
        cmocka_unit_test(a_malformed_path_is_refused_or_has_no_room),
        cmocka_unit_test(what_stands_in_the_sink_before_a_path_is_out_of_reach),
        cmocka_unit_test(the_query_of_a_target_is_what_follows_the_first_question_mark),
        cmocka_unit_test(a_query_is_taken_apart_pair_by_pair),
        cmocka_unit_test(an_empty_query_has_no_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
