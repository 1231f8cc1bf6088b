// SPDX-License-Identifier: MIT
// What the writers write, what they refuse, and that they write all or nothing.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "proto/http.h"
#include "text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT         PROTO_SLICE_INIT
// Another spelling of a pair, so that a list of them is one argument of the macro below.
#define PAIR(name, value)       \
    {                           \
        TEXT(name), TEXT(value) \
    }
#define FIELDS(...)                                   \
    .fields = (const proto_http_pair[]){__VA_ARGS__}, \
    .field_count = COUNT(((const proto_http_pair[]){__VA_ARGS__}))
#define TO_EXAMPLE .authority = TEXT("example.com")
#define GET_ROOT   .method = TEXT("GET"), .target = TEXT("/"), TO_EXAMPLE
#define POST_ROOT  .method = TEXT("POST"), .target = TEXT("/"), TO_EXAMPLE

enum { ANY_FIELD = -1, NO_FIELD = -2, SPACE = 4096 };

/* ----------------------------------------------------------------------------------- harness -- */

// One of the writers with what it is to write.
typedef struct writing {
    const proto_http_request *request;
    const proto_http_response *response; // to `method`
    proto_http_method method;
    const proto_http_pair *trailer; // of a last chunk
    size_t trailer_count;
} writing;

static proto_err write_one(const writing *what, proto_out *out, proto_fault *fault)
{
    if (what->request) return proto_http_request_write(what->request, out, fault);
    if (what->response) return proto_http_response_write(what->response, what->method, out, fault);
    return proto_http_last_chunk_write(what->trailer, what->trailer_count, out, fault);
}

static size_t fields_of(const writing *what)
{
    if (what->request) return what->request->field_count;
    return what->response ? what->response->field_count : what->trailer_count;
}

// In a buffer of exactly `cap` bytes before a forbidden page, behind three that were there.
static void write_into(const writing *what, const guard_pages *guard, const char *wire, size_t cap)
{
    static const char blank[SPACE];
    size_t len = strlen(wire);
    proto_out out = proto_out_of(guard_high(guard, blank, 3 + cap), 3 + cap);
    proto_fault fault = {PROTO_ERR_STATE, 99};
    proto_out_put(&out, "---", 3);
    proto_err err = write_one(what, &out, &fault);
    assert_int_equal(err, cap < len ? PROTO_ERR_NO_SPACE : PROTO_OK);
    assert_int_equal(fault.err, err);
    assert_int_equal(fault.offset, cap < len ? fields_of(what) : 0);
    assert_int_equal(out.failed, cap < len);
    assert_int_equal(out.len, cap < len ? 3 : 3 + len);
    if (cap >= len) assert_memory_equal(out.ptr + 3, wire, len);
}

static void writes(const writing *what, const char *wire)
{
    char buffer[SPACE + 1] = "";
    guard_pages guard;
    proto_out out = proto_out_of(buffer, SPACE);
    proto_err err = write_one(what, &out, NULL);
    if (err != PROTO_OK) fail_msg("%s instead of\n%s", proto_err_name(err), wire);
    assert_string_equal(buffer, wire);
    guard_open(&guard, SPACE);
    for (size_t cap = 0; cap <= strlen(wire) + 1; cap++)
        write_into(what, &guard, wire, cap);
    guard_close(&guard);
    out = proto_out_of(buffer, SPACE);
    out.failed = true;
    assert_int_equal(write_one(what, &out, NULL), PROTO_ERR_NO_SPACE);
    assert_int_equal(out.len, 0);
}

static void refuses(const writing *what, proto_err expected, size_t field, const char *title)
{
    char buffer[SPACE];
    proto_out out = proto_out_of(buffer, sizeof buffer);
    proto_fault fault = {PROTO_OK, 99};
    proto_out_put(&out, "---", 3);
    proto_err err = write_one(what, &out, &fault);
    if (err != expected)
        fail_msg("%s: %s and not %s", title, proto_err_name(err), proto_err_name(expected));
    if (fault.err != err || fault.offset != field)
        fail_msg("%s: at field %u and not %zu", title, (unsigned)fault.offset, field);
    assert_int_equal(out.len, 3);
    assert_false(out.failed);
    assert_int_equal(write_one(what, &out, NULL), expected);
}

/* ---------------------------------------------------------------------------------- requests -- */

static const struct {
    proto_http_request request;
    const char *wire;
} requests[] = {
    {{GET_ROOT}, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"},
    {{GET_ROOT, FIELDS(PAIR("Accept", "*/*"), PAIR("X-Empty", ""), PAIR("x", "a\tb \x80\xff"))},
     "GET / HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\nX-Empty: \r\nx: a\tb \x80\xff\r\n\r\n"},
    {{.method = TEXT("!#$%&'*+-.^_`|~aZ9"),
      .target = TEXT("/a%20b;c=d?e=f&g@h:!$'()*+,[]~"),
      .authority = TEXT("[2001:db8::1]:8080")},
     "!#$%&'*+-.^_`|~aZ9 /a%20b;c=d?e=f&g@h:!$'()*+,[]~ HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n"},
    {{GET_ROOT,
      FIELDS(PAIR("X-Name-Of-More-Than-32-Characters", "a value\tof more than 32 bytes, too"))},
     "GET / HTTP/1.1\r\nHost: example.com\r\n"
     "X-Name-Of-More-Than-32-Characters: a value\tof more than 32 bytes, too\r\n\r\n"},
    {{.method = TEXT("OPTIONS"), .target = TEXT("*"), TO_EXAMPLE},
     "OPTIONS * HTTP/1.1\r\nHost: example.com\r\n\r\n"},
    {{.method = TEXT("GET"),
      .target = TEXT("http://example.com?q"),
      .authority = TEXT("EXAMPLE.com")},
     "GET http://example.com?q HTTP/1.1\r\nHost: EXAMPLE.com\r\n\r\n"},
    // To a proxy; one with proto_http_config::secure reads it by the strict rules.
    {{.method = TEXT("GET"), .target = TEXT("https://a/"), .authority = TEXT("a")},
     "GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {{.method = TEXT("CONNECT"),
      .target = TEXT("example.com:443"),
      .authority = TEXT("example.com:443")},
     "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"},
    // RFC 9112 section 3.2.3, the RFC's own example: the URI of the tunnel's end names no port.
    {{.method = TEXT("CONNECT"),
      .target = TEXT("www.example.com:80"),
      .authority = TEXT("www.example.com")},
     "CONNECT www.example.com:80 HTTP/1.1\r\nHost: www.example.com\r\n\r\n"},
    {{.method = TEXT("CONNECT"), .target = TEXT("[::1]:80"), .authority = TEXT("[::1]")},
     "CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]\r\n\r\n"},
    // RFC 9110 section 8.6: a method that defines content is told that there is none; no other is.
    {{POST_ROOT}, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n"},
    {{.method = TEXT("PUT"), .target = TEXT("/"), TO_EXAMPLE},
     "PUT / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n"},
    {{.method = TEXT("PATCH"), .target = TEXT("/"), TO_EXAMPLE},
     "PATCH / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n"},
    {{.method = TEXT("DELETE"), .target = TEXT("/"), TO_EXAMPLE},
     "DELETE / HTTP/1.1\r\nHost: example.com\r\n\r\n"},
    {{.method = TEXT("TRACE"), .target = TEXT("/"), TO_EXAMPLE},
     "TRACE / HTTP/1.1\r\nHost: example.com\r\n\r\n"},
    {{POST_ROOT, .framing = PROTO_HTTP_LENGTH, .content_length = INT64_MAX},
     "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 9223372036854775807\r\n\r\n"},
    {{GET_ROOT, .framing = PROTO_HTTP_LENGTH},
     "GET / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n"},
    // The length does not count where the framing is another.
    {{POST_ROOT, .framing = PROTO_HTTP_CHUNKED, .content_length = UINT64_MAX},
     "POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {{POST_ROOT, .framing = PROTO_HTTP_CHUNKED, FIELDS(PAIR("Expect", "100-Continue"))},
     "POST / HTTP/1.1\r\nHost: example.com\r\nExpect: 100-Continue\r\n"
     "Transfer-Encoding: chunked\r\n\r\n"},
    {{GET_ROOT, .close = true}, "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"},
    // All that is said of the connection is said in one field.
    {{GET_ROOT, FIELDS(PAIR("Connection", "close"), PAIR("Accept", "*/*"))},
     "GET / HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\nConnection: close\r\n\r\n"},
    {{GET_ROOT, FIELDS(PAIR("Connection", "upgrade"), PAIR("Upgrade", "websocket"))},
     "GET / HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"},
    {{GET_ROOT, .close = true,
      FIELDS(PAIR("Connection", "TE,, Close"), PAIR("TE", "trailers"),
             PAIR("connection", "x , y"))},
     "GET / HTTP/1.1\r\nHost: example.com\r\nTE: trailers\r\nConnection: close, TE, x, y\r\n\r\n"},
    {{GET_ROOT, FIELDS(PAIR("Connection", "a, Keep-Alive"))},
     "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: keep-alive, a\r\n\r\n"},
    {{GET_ROOT, FIELDS(PAIR("Connection", "keep-alive, close"))},
     "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"},
    {{GET_ROOT, FIELDS(PAIR("Connection", ""))}, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"},
};

static void a_request_is_written_as_described_or_not_at_all(void **state)
{
    for (size_t i = 0; i < COUNT(requests); i++)
        writes(&(writing){.request = &requests[i].request}, requests[i].wire);
}

// RFC 9112 section 3.2.
static const struct {
    proto_http_request request;
    const char *wire;
} hostless[] = {
    {{.method = TEXT("GET"), .target = TEXT("/a"), .no_authority = true},
     "GET /a HTTP/1.1\r\nHost: \r\n\r\n"},
    {{.method = TEXT("OPTIONS"), .target = TEXT("*"), .no_authority = true, .close = true},
     "OPTIONS * HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n"},
};

static void where_there_is_no_authority_host_is_empty(void **state)
{
    static const proto_http_config config = {.lenient = PROTO_HTTP_LENIENT_HOST_EMPTY};
    for (size_t i = 0; i < COUNT(hostless); i++) {
        proto_http_field table[8];
        proto_http_head head;
        writes(&(writing){.request = &hostless[i].request}, hostless[i].wire);
        proto_http_head_init(&head, &config, table, COUNT(table));
        proto_in in = proto_in_of(hostless[i].wire, strlen(hostless[i].wire));
        assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
        assert_true(in.pos == in.end);
        assert_int_equal(head.authority.len, 0);
    }
}

static void a_request_reads_back_as_it_was_written(void **state)
{
    for (size_t i = 0; i < COUNT(requests); i++) {
        proto_http_field table[8];
        proto_http_head head;
        bool secure = strstr(requests[i].wire, "https:") != NULL;
        proto_http_head_init(&head, &(proto_http_config){.secure = secure}, table, COUNT(table));
        proto_in in = proto_in_of(requests[i].wire, strlen(requests[i].wire));
        assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
        assert_true(in.pos == in.end);
        assert_int_equal(head.framing,
                         requests[i].request.framing == PROTO_HTTP_NO_BODY && head.has_length
                             ? PROTO_HTTP_LENGTH
                             : requests[i].request.framing);
    }
}

static const struct {
    const char *title;
    proto_http_request request;
    proto_err err;
    size_t field;
} bad_requests[] = {
    {"no method", {.target = TEXT("/"), TO_EXAMPLE}, PROTO_ERR_HTTP_METHOD, 0},
    {"a method that is no token",
     {.method = TEXT("G T"), .target = TEXT("/"), TO_EXAMPLE},
     PROTO_ERR_HTTP_METHOD,
     0},
    {"a method with a line end",
     {.method = TEXT("GET / HTTP/1.1\r\nX:"), .target = TEXT("/"), TO_EXAMPLE},
     PROTO_ERR_HTTP_METHOD,
     0},
    {"no target", {.method = TEXT("GET"), TO_EXAMPLE}, PROTO_ERR_HTTP_TARGET, 0},
    {"a blank in the target",
     {.method = TEXT("GET"), .target = TEXT("/a b"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET,
     0},
    {"a line end in the target",
     {.method = TEXT("GET"), .target = TEXT("/\r\nX: y"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET,
     0},
    {"a NUL in the target",
     {.method = TEXT("GET"), .target = TEXT("/\0"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET,
     0},
    {"a fragment",
     {.method = TEXT("GET"), .target = TEXT("/a#b"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET,
     0},
    {"a byte above 0x7f",
     {.method = TEXT("GET"), .target = TEXT("/\xc3\xa4"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET,
     0},
    {"a relative target",
     {.method = TEXT("GET"), .target = TEXT("index.html"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET_FORM,
     0},
    {"an asterisk for GET",
     {.method = TEXT("GET"), .target = TEXT("*"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET_FORM,
     0},
    {"a path for CONNECT",
     {.method = TEXT("CONNECT"), .target = TEXT("/"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET_FORM,
     0},
    {"no port for CONNECT",
     {.method = TEXT("CONNECT"), .target = TEXT("example.com"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET_FORM,
     0},
    {"CONNECT to one host, Host another",
     {.method = TEXT("CONNECT"), .target = TEXT("other.com:443"), TO_EXAMPLE},
     PROTO_ERR_HTTP_HOST_MISMATCH,
     0},
    {"CONNECT to port 0",
     {.method = TEXT("CONNECT"), .target = TEXT("example.com:0"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET_FORM,
     0},
    {"CONNECT, and Host the same with another port",
     {.method = TEXT("CONNECT"), .target = TEXT("a:443"), .authority = TEXT("a:80")},
     PROTO_ERR_HTTP_HOST_MISMATCH,
     0},
    {"CONNECT, and Host the same with an empty port",
     {.method = TEXT("CONNECT"), .target = TEXT("a:443"), .authority = TEXT("a:")},
     PROTO_ERR_HTTP_HOST_MISMATCH,
     0},
    {"CONNECT, and Host the beginning of the host",
     {.method = TEXT("CONNECT"), .target = TEXT("abc:443"), .authority = TEXT("ab")},
     PROTO_ERR_HTTP_HOST_MISMATCH,
     0},
    {"CONNECT, and Host the beginning of an address",
     {.method = TEXT("CONNECT"), .target = TEXT("[::1]:443"), .authority = TEXT("[")},
     PROTO_ERR_HTTP_HOST_SYNTAX,
     0},
    {"CONNECT without an authority",
     {.method = TEXT("CONNECT"), .target = TEXT("a:443"), .no_authority = true},
     PROTO_ERR_HTTP_HOST_MISMATCH,
     0},
    {"an absolute target's authority, and none",
     {.method = TEXT("GET"), .target = TEXT("http://a/"), .no_authority = true},
     PROTO_ERR_HTTP_HOST_MISMATCH,
     0},
    {"an absolute target without a port, Host with one",
     {.method = TEXT("GET"), .target = TEXT("http://a/"), .authority = TEXT("a:80")},
     PROTO_ERR_HTTP_HOST_MISMATCH,
     0},
    {"an authority that is said not to be there",
     {GET_ROOT, .no_authority = true},
     PROTO_ERR_HTTP_HOST_MISMATCH,
     0},
    {"an absolute target with user information",
     {.method = TEXT("GET"), .target = TEXT("http://me@example.com/"), TO_EXAMPLE},
     PROTO_ERR_HTTP_TARGET_FORM,
     0},
    {"an absolute target with another authority",
     {.method = TEXT("GET"), .target = TEXT("http://example.com:80/"), TO_EXAMPLE},
     PROTO_ERR_HTTP_HOST_MISMATCH,
     0},
    {"no authority", {.method = TEXT("GET"), .target = TEXT("/")}, PROTO_ERR_HTTP_HOST_EMPTY, 0},
    {"a line end in the authority",
     {.method = TEXT("GET"), .target = TEXT("/"), .authority = TEXT("a\r\nX: y")},
     PROTO_ERR_HTTP_HOST_SYNTAX,
     0},
    {"a port that is too large",
     {.method = TEXT("GET"), .target = TEXT("/"), .authority = TEXT("a:65536")},
     PROTO_ERR_HTTP_HOST_SYNTAX,
     0},
    {"an error before the fields",
     {.method = TEXT("GET"), .target = TEXT("/"), FIELDS(PAIR("A", "b"), PAIR("C", "d"))},
     PROTO_ERR_HTTP_HOST_EMPTY,
     2},
    {"a Host field",
     {GET_ROOT, FIELDS(PAIR("A", "b"), PAIR("hOST", "a"))},
     PROTO_ERR_HTTP_FRAMING_FIELD,
     1},
    {"a Content-Length field",
     {GET_ROOT, FIELDS(PAIR("content-length", "0"))},
     PROTO_ERR_HTTP_FRAMING_FIELD,
     0},
    {"a Transfer-Encoding field",
     {GET_ROOT, FIELDS(PAIR("Transfer-Encoding", "chunked"))},
     PROTO_ERR_HTTP_FRAMING_FIELD,
     0},
    {"another expectation",
     {POST_ROOT, .framing = PROTO_HTTP_CHUNKED, FIELDS(PAIR("Expect", "miracles"))},
     PROTO_ERR_HTTP_EXPECT,
     0},
    // RFC 9110 section 10.1.1.
    {"an expectation without content",
     {POST_ROOT, FIELDS(PAIR("A", "b"), PAIR("Expect", "100-continue"))},
     PROTO_ERR_HTTP_EXPECT,
     1},
    {"an expectation with content of no bytes",
     {POST_ROOT, .framing = PROTO_HTTP_LENGTH, FIELDS(PAIR("Expect", "100-continue"))},
     PROTO_ERR_HTTP_EXPECT,
     0},
    {"a connection option that is no token",
     {GET_ROOT, FIELDS(PAIR("Connection", "close, a b"))},
     PROTO_ERR_HTTP_CONNECTION_SYNTAX,
     0},
    {"a quoted connection option",
     {GET_ROOT, FIELDS(PAIR("Connection", "\"close\""))},
     PROTO_ERR_HTTP_CONNECTION_SYNTAX,
     0},
    // RFC 9110 sections 7.8 and 10.1.4: the first field that Connection does not name.
    {"an offer to upgrade that Connection does not name",
     {GET_ROOT, FIELDS(PAIR("A", "b"), PAIR("upgrade", "x"), PAIR("Connection", "close"))},
     PROTO_ERR_HTTP_CONNECTION_OPTION,
     1},
    {"TE without Connection",
     {GET_ROOT, FIELDS(PAIR("TE", "trailers"))},
     PROTO_ERR_HTTP_CONNECTION_OPTION,
     0},
    {"TE beside an offer that alone is named",
     {GET_ROOT, FIELDS(PAIR("Connection", "upgrade"), PAIR("Upgrade", "x"), PAIR("TE", "trailers"),
                       PAIR("TE", "gzip"))},
     PROTO_ERR_HTTP_CONNECTION_OPTION,
     2},
    {"an empty Upgrade that Connection does not name",
     {GET_ROOT, FIELDS(PAIR("Upgrade", ""))},
     PROTO_ERR_HTTP_CONNECTION_OPTION,
     0},
    {"an option that only begins like the field",
     {GET_ROOT, FIELDS(PAIR("Upgrade", "x"), PAIR("Connection", "upgrade-x, upgrad"))},
     PROTO_ERR_HTTP_CONNECTION_OPTION,
     0},
    {"a length above 2^63-1",
     {POST_ROOT, .framing = PROTO_HTTP_LENGTH, .content_length = (uint64_t)INT64_MAX + 1},
     PROTO_ERR_HTTP_LENGTH_OVERFLOW,
     0},
    {"a request until close",
     {POST_ROOT, .framing = PROTO_HTTP_UNTIL_CLOSE, FIELDS(PAIR("A", "b"))},
     PROTO_ERR_HTTP_CODING_FORBIDDEN,
     1},
    {"a request that is a tunnel",
     {POST_ROOT, .framing = PROTO_HTTP_TUNNEL},
     PROTO_ERR_HTTP_CODING_FORBIDDEN,
     0},
    {"a framing that there is not",
     {POST_ROOT, .framing = (proto_http_framing)99},
     PROTO_ERR_HTTP_CODING_FORBIDDEN,
     0},
    {"content of TRACE",
     {.method = TEXT("TRACE"), .target = TEXT("/"), TO_EXAMPLE, .framing = PROTO_HTTP_CHUNKED},
     PROTO_ERR_HTTP_BODY_FORBIDDEN,
     0},
    {"content of CONNECT",
     {.method = TEXT("CONNECT"),
      .target = TEXT("a:1"),
      .authority = TEXT("a:1"),
      .framing = PROTO_HTTP_LENGTH},
     PROTO_ERR_HTTP_BODY_FORBIDDEN,
     0},
};

static void a_request_that_would_be_misunderstood_is_refused(void **state)
{
    for (size_t i = 0; i < COUNT(bad_requests); i++)
        refuses(&(writing){.request = &bad_requests[i].request}, bad_requests[i].err,
                bad_requests[i].field, bad_requests[i].title);
}

#if SIZE_MAX > UINT32_MAX /* or there can be no such target */
static void a_target_longer_than_any_head_is_refused(void **state)
{
    // Its bytes are not looked at: there are none.
    proto_http_request request = {GET_ROOT};
    request.target.len = (size_t)UINT32_MAX + 1;
    refuses(&(writing){.request = &request}, PROTO_ERR_HTTP_TARGET_TOO_LONG, 0, "a long target");
}
#endif

/* --------------------------------------------------------------------------------- responses -- */

static const struct {
    proto_http_method method;
    proto_http_response response;
    const char *wire;
} responses[] = {
    {PROTO_HTTP_GET,
     {.status = 200,
      .framing = PROTO_HTTP_LENGTH,
      .content_length = 10,
      FIELDS(PAIR("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), PAIR("ETag", "\"x\""))},
     "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nETag: \"x\"\r\n"
     "Content-Length: 10\r\n\r\n"},
    {PROTO_HTTP_GET, {.status = 404}, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
    {PROTO_HTTP_GET,
     {.status = 200, .framing = PROTO_HTTP_CHUNKED},
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    // RFC 9112 section 9.6: what ends with the connection announces it.
    {PROTO_HTTP_GET,
     {.status = 200, .framing = PROTO_HTTP_UNTIL_CLOSE, .keep_alive = true},
     "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"},
    // Reason phrases.
    {PROTO_HTTP_GET,
     {.status = 200, .reason = TEXT("Sehr\tgut \xfc")},
     "HTTP/1.1 200 Sehr\tgut \xfc\r\nContent-Length: 0\r\n\r\n"},
    {PROTO_HTTP_GET,
     {.status = 200, .reason = TEXT("")},
     "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"},
    {PROTO_HTTP_GET, {.status = 599}, "HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n"},
    // The connection.
    {PROTO_HTTP_GET,
     {.status = 200, .keep_alive = true},
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"},
    {PROTO_HTTP_GET,
     {.status = 200, .keep_alive = true, .close = true},
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
    // What belongs to requests means nothing here.
    {PROTO_HTTP_GET,
     {.status = 200, FIELDS(PAIR("Host", "any thing"), PAIR("Expect", "miracles"))},
     "HTTP/1.1 200 OK\r\nHost: any thing\r\nExpect: miracles\r\nContent-Length: 0\r\n\r\n"},
    // RFC 9110 section 8.6: no length in a 1xx or a 204.
    {PROTO_HTTP_GET, {.status = 100}, "HTTP/1.1 100 Continue\r\n\r\n"},
    {PROTO_HTTP_HEAD, {.status = 103}, "HTTP/1.1 103 Early Hints\r\n\r\n"},
    {PROTO_HTTP_PUT, {.status = 204}, "HTTP/1.1 204 No Content\r\n\r\n"},
    {PROTO_HTTP_GET,
     {.status = 101, FIELDS(PAIR("Upgrade", "x"), PAIR("Connection", "upgrade"))},
     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"},
    {PROTO_HTTP_GET,
     {.status = 101,
      .framing = PROTO_HTTP_TUNNEL,
      FIELDS(PAIR("upgrade", ","), PAIR("UPGRADE", "TLS/1.0, HTTP/1.1"),
             PAIR("Connection", "x, UPGRADE"))},
     "HTTP/1.1 101 Switching Protocols\r\nupgrade: ,\r\nUPGRADE: TLS/1.0, HTTP/1.1\r\n"
     "Connection: x, UPGRADE\r\n\r\n"},
    // RFC 9110 section 7.8: any response may say what the server would rather speak.
    {PROTO_HTTP_GET,
     {.status = 200, FIELDS(PAIR("Upgrade", "h2c"), PAIR("Connection", "upgrade"))},
     "HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nContent-Length: 0\r\nConnection: upgrade\r\n\r\n"},
    // RFC 9110 section 15.5.22. To a client of HTTP/1.0 it may be HTTP/1.1.
    {PROTO_HTTP_GET,
     {.status = 426,
      .close = true,
      FIELDS(PAIR("Connection", "upgrade"), PAIR("Upgrade", "HTTP/1.1"))},
     "HTTP/1.1 426 Upgrade Required\r\nUpgrade: HTTP/1.1\r\nContent-Length: 0\r\n"
     "Connection: close, upgrade\r\n\r\n"},
    // RFC 9110 section 9.3.6: a successful CONNECT is a tunnel, a failed one an ordinary response.
    {PROTO_HTTP_CONNECT, {.status = 200}, "HTTP/1.1 200 OK\r\n\r\n"},
    {PROTO_HTTP_CONNECT, {.status = 299, .framing = PROTO_HTTP_TUNNEL}, "HTTP/1.1 299 \r\n\r\n"},
    {PROTO_HTTP_CONNECT,
     {.status = 407, .framing = PROTO_HTTP_LENGTH, .content_length = 5},
     "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\n"},
    // RFC 9110 section 15.3.6.
    {PROTO_HTTP_POST, {.status = 205}, "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"},
    {PROTO_HTTP_POST,
     {.status = 205, .framing = PROTO_HTTP_LENGTH},
     "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"},
    // HEAD and 304 tell what GET would have had, or nothing.
    {PROTO_HTTP_HEAD,
     {.status = 200, .framing = PROTO_HTTP_LENGTH, .content_length = 1000},
     "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"},
    {PROTO_HTTP_HEAD,
     {.status = 200, .framing = PROTO_HTTP_CHUNKED},
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {PROTO_HTTP_HEAD, {.status = 200}, "HTTP/1.1 200 OK\r\n\r\n"},
    {PROTO_HTTP_HEAD,
     {.status = 200, .framing = PROTO_HTTP_UNTIL_CLOSE},
     "HTTP/1.1 200 OK\r\n\r\n"},
    {PROTO_HTTP_GET, {.status = 304}, "HTTP/1.1 304 Not Modified\r\n\r\n"},
    {PROTO_HTTP_GET,
     {.status = 304, .framing = PROTO_HTTP_LENGTH, .content_length = 7},
     "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"},
};

static void a_response_is_written_as_described_or_not_at_all(void **state)
{
    for (size_t i = 0; i < COUNT(responses); i++)
        writes(&(writing){.response = &responses[i].response, .method = responses[i].method},
               responses[i].wire);
}

static void a_response_reads_back_as_it_was_written(void **state)
{
    for (size_t i = 0; i < COUNT(responses); i++) {
        proto_http_field table[8];
        proto_http_head head;
        proto_http_head_init(&head, NULL, table, COUNT(table));
        proto_in in = proto_in_of(responses[i].wire, strlen(responses[i].wire));
        assert_int_equal(proto_http_response_read(&head, responses[i].method, &in), PROTO_OK);
        assert_true(in.pos == in.end);
        assert_int_equal(head.status, responses[i].response.status);
    }
}

static const struct {
    const char *title;
    proto_http_method method;
    proto_http_response response;
    proto_err err;
    size_t field;
} bad_responses[] = {
    {"status 99", PROTO_HTTP_GET, {.status = 99}, PROTO_ERR_HTTP_STATUS, 0},
    {"status 600", PROTO_HTTP_GET, {.status = 600}, PROTO_ERR_HTTP_STATUS, 0},
    {"a negative status", PROTO_HTTP_GET, {.status = -200}, PROTO_ERR_HTTP_STATUS, 0},
    {"a line end in the reason",
     PROTO_HTTP_GET,
     {.status = 200, .reason = TEXT("OK\r\nX: y"), FIELDS(PAIR("A", "b"))},
     PROTO_ERR_HTTP_REASON,
     1},
    {"a NUL in the reason",
     PROTO_HTTP_GET,
     {.status = 200, .reason = TEXT("Fine and good\0")},
     PROTO_ERR_HTTP_REASON,
     0},
    {"a Content-Length field",
     PROTO_HTTP_GET,
     {.status = 200, FIELDS(PAIR("Content-Length", "5"))},
     PROTO_ERR_HTTP_FRAMING_FIELD,
     0},
    {"a Transfer-Encoding field",
     PROTO_HTTP_GET,
     {.status = 200, FIELDS(PAIR("A", "b"), PAIR("TRANSFER-ENCODING", "gzip"))},
     PROTO_ERR_HTTP_FRAMING_FIELD,
     1},
    {"a connection option that is no token",
     PROTO_HTTP_GET,
     {.status = 200, FIELDS(PAIR("Connection", "a;b"))},
     PROTO_ERR_HTTP_CONNECTION_SYNTAX,
     0},
    {"content of a 1xx",
     PROTO_HTTP_GET,
     {.status = 199, .framing = PROTO_HTTP_LENGTH},
     PROTO_ERR_HTTP_BODY_FORBIDDEN,
     0},
    {"content of a 204",
     PROTO_HTTP_GET,
     {.status = 204, .framing = PROTO_HTTP_CHUNKED},
     PROTO_ERR_HTTP_BODY_FORBIDDEN,
     0},
    {"a 204 until close, to HEAD",
     PROTO_HTTP_HEAD,
     {.status = 204, .framing = PROTO_HTTP_UNTIL_CLOSE},
     PROTO_ERR_HTTP_BODY_FORBIDDEN,
     0},
    {"content of a 205",
     PROTO_HTTP_GET,
     {.status = 205, .framing = PROTO_HTTP_LENGTH, .content_length = 1},
     PROTO_ERR_HTTP_BODY_FORBIDDEN,
     0},
    {"a chunked 205",
     PROTO_HTTP_GET,
     {.status = 205, .framing = PROTO_HTTP_CHUNKED},
     PROTO_ERR_HTTP_BODY_FORBIDDEN,
     0},
    {"content of a 101",
     PROTO_HTTP_GET,
     {.status = 101,
      .framing = PROTO_HTTP_LENGTH,
      FIELDS(PAIR("Upgrade", "x"), PAIR("Connection", "upgrade"))},
     PROTO_ERR_HTTP_BODY_FORBIDDEN,
     2},
    // RFC 9110 section 15.2.2.
    {"a 101 without Upgrade", PROTO_HTTP_GET, {.status = 101}, PROTO_ERR_HTTP_UPGRADE_MISSING, 0},
    {"a 101 that names nothing",
     PROTO_HTTP_GET,
     {.status = 101, FIELDS(PAIR("Upgrade", ", ,"), PAIR("Connection", "upgrade"))},
     PROTO_ERR_HTTP_UPGRADE_MISSING,
     2},
    {"a 101 to what is spoken already",
     PROTO_HTTP_GET,
     {.status = 101, FIELDS(PAIR("Upgrade", "HTTP/1.1"), PAIR("Connection", "upgrade"))},
     PROTO_ERR_HTTP_UPGRADE_MISSING,
     2},
    {"a 101 whose Upgrade Connection does not name",
     PROTO_HTTP_GET,
     {.status = 101, FIELDS(PAIR("Upgrade", "x"))},
     PROTO_ERR_HTTP_CONNECTION_OPTION,
     0},
    // RFC 9110 section 15.5.22.
    {"a 426 without Upgrade", PROTO_HTTP_GET, {.status = 426}, PROTO_ERR_HTTP_UPGRADE_MISSING, 0},
    {"a 426 that names nothing",
     PROTO_HTTP_GET,
     {.status = 426, FIELDS(PAIR("Upgrade", ""), PAIR("Connection", "upgrade"))},
     PROTO_ERR_HTTP_UPGRADE_MISSING,
     2},
    {"an Upgrade that Connection does not name",
     PROTO_HTTP_GET,
     {.status = 200, FIELDS(PAIR("A", "b"), PAIR("Upgrade", "h2c"))},
     PROTO_ERR_HTTP_CONNECTION_OPTION,
     1},
    {"content of a 200 to CONNECT",
     PROTO_HTTP_CONNECT,
     {.status = 200, .framing = PROTO_HTTP_UNTIL_CLOSE},
     PROTO_ERR_HTTP_BODY_FORBIDDEN,
     0},
    {"a tunnel that nobody asked for",
     PROTO_HTTP_GET,
     {.status = 200, .framing = PROTO_HTTP_TUNNEL, FIELDS(PAIR("A", "b"))},
     PROTO_ERR_HTTP_CODING_FORBIDDEN,
     1},
    {"a framing that there is not",
     PROTO_HTTP_GET,
     {.status = 200, .framing = (proto_http_framing)99},
     PROTO_ERR_HTTP_CODING_FORBIDDEN,
     0},
    {"a framing that there is not, to HEAD",
     PROTO_HTTP_HEAD,
     {.status = 200, .framing = (proto_http_framing)99},
     PROTO_ERR_HTTP_CODING_FORBIDDEN,
     0},
    {"a tunnel in answer to HEAD",
     PROTO_HTTP_HEAD,
     {.status = 200, .framing = PROTO_HTTP_TUNNEL},
     PROTO_ERR_HTTP_CODING_FORBIDDEN,
     0},
    {"a length above 2^63-1",
     PROTO_HTTP_GET,
     {.status = 200, .framing = PROTO_HTTP_LENGTH, .content_length = UINT64_MAX},
     PROTO_ERR_HTTP_LENGTH_OVERFLOW,
     0},
    {"a length above 2^63-1 to HEAD",
     PROTO_HTTP_HEAD,
     {.status = 200, .framing = PROTO_HTTP_LENGTH, .content_length = UINT64_MAX},
     PROTO_ERR_HTTP_LENGTH_OVERFLOW,
     0},
};

static void a_response_that_would_be_misunderstood_is_refused(void **state)
{
    for (size_t i = 0; i < COUNT(bad_responses); i++)
        refuses(
            &(writing){.response = &bad_responses[i].response, .method = bad_responses[i].method},
            bad_responses[i].err, bad_responses[i].field, bad_responses[i].title);
}

/* ------------------------------------------------------------------------- every single byte -- */

// Whether a response, a request and a trailer section all take the field, in the same way.
static proto_err field_outcome(proto_slice name, proto_slice value)
{
    char buffer[256];
    proto_http_pair field = {name, value};
    proto_out out = proto_out_of(buffer, sizeof buffer);
    proto_http_response response = {.status = 200, .fields = &field, .field_count = 1};
    proto_err err = proto_http_response_write(&response, PROTO_HTTP_GET, &out, NULL);
    proto_http_request request = {GET_ROOT, .fields = &field, .field_count = 1};
    assert_int_equal(proto_http_request_write(&request, &out, NULL), err);
    assert_int_equal(proto_http_last_chunk_write(&field, 1, &out, NULL), err);
    return err;
}

static void no_control_character_gets_into_a_value(void **state)
{
    for (size_t len = 1; len < 26; len++)
        for (size_t at = 0; at < len; at++)
            for (unsigned byte = 0; byte < 256; byte++) {
                uint8_t value[26];
                memset(value, 'v', len);
                value[at] = (uint8_t)byte;
                bool blank = byte == ' ' || byte == '\t';
                bool fine = blank ? at > 0 && at < len - 1 : byte >= ' ' && byte != 0x7f;
                proto_err err = field_outcome(PROTO_LITERAL("X"), proto_slice_of(value, len));
                if (err != (fine ? PROTO_OK : PROTO_ERR_HTTP_FIELD_VALUE))
                    fail_msg("byte %u at %zu of %zu: %s", byte, at, len, proto_err_name(err));
            }
}

static void a_name_is_a_token(void **state)
{
    assert_int_equal(field_outcome(proto_slice_of(NULL, 0), PROTO_LITERAL("v")),
                     PROTO_ERR_HTTP_FIELD_NAME);
    for (size_t len = 1; len < 10; len++)
        for (size_t at = 0; at < len; at++)
            for (unsigned byte = 0; byte < 256; byte++) {
                uint8_t name[10] = "xnnnnnnnnn";
                name[at] = (uint8_t)byte;
                bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z' && byte < 0x80;
                bool fine = letter ||
                            (byte && byte < 0x80 && strchr("0123456789!#$%&'*+-.^_`|~", (int)byte));
                proto_err err = field_outcome(proto_slice_of(name, len), PROTO_LITERAL("v"));
                if (err != (fine ? PROTO_OK : PROTO_ERR_HTTP_FIELD_NAME))
                    fail_msg("byte %u at %zu of %zu: %s", byte, at, len, proto_err_name(err));
            }
}

/* ------------------------------------------------------------------------------------ chunks -- */

static void a_chunk_begins_with_its_size_in_hexadecimal(void **state)
{
    static const struct {
        uint64_t size;
        const char *line;
    } sizes[] = {{1, "1\r\n"},
                 {0xf, "f\r\n"},
                 {0x10, "10\r\n"},
                 {0x123456789abcdef, "123456789abcdef\r\n"},
                 {INT64_MAX, "7fffffffffffffff\r\n"}};
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (size_t cap = 0; cap <= 20; cap++) {
            char buffer[21] = "";
            proto_out out = proto_out_of(buffer, cap);
            bool fits = cap >= strlen(sizes[i].line);
            proto_err err = proto_http_chunk_begin_write(sizes[i].size, &out);
            assert_int_equal(err, fits ? PROTO_OK : PROTO_ERR_NO_SPACE);
            assert_string_equal(buffer, fits ? sizes[i].line : "");
            assert_int_equal(out.failed, !fits);
        }
}

static void a_chunk_has_a_size_that_a_reader_takes(void **state)
{
    char buffer[32];
    proto_out out = proto_out_of(buffer, sizeof buffer);
    assert_int_equal(proto_http_chunk_begin_write(0, &out), PROTO_ERR_STATE);
    assert_int_equal(proto_http_chunk_begin_write((uint64_t)INT64_MAX + 1, &out),
                     PROTO_ERR_HTTP_CHUNK_OVERFLOW);
    assert_int_equal(out.len, 0);
    assert_false(out.failed);
}

static void a_chunk_is_written_whole_or_not_at_all(void **state)
{
    static const char wire[] = "14\r\ntwenty bytes of data\r\n";
    for (size_t cap = 0; cap < sizeof wire; cap++) {
        char buffer[sizeof wire] = "";
        proto_out out = proto_out_of(buffer, cap);
        bool fits = cap == sizeof wire - 1;
        proto_err err = proto_http_chunk_write(PROTO_LITERAL("twenty bytes of data"), &out);
        assert_int_equal(err, fits ? PROTO_OK : PROTO_ERR_NO_SPACE);
        assert_int_equal(out.len, fits ? cap : 0);
        assert_int_equal(out.failed, !fits);
        if (fits) assert_string_equal(buffer, wire);
    }
}

static void an_empty_chunk_does_not_end_the_body(void **state)
{
    proto_out out = proto_out_of(NULL, 0);
    assert_int_equal(proto_http_chunk_write(PROTO_LITERAL(""), &out), PROTO_OK);
    assert_int_equal(out.len, 0);
    assert_false(out.failed);
}

static void the_last_chunk_carries_the_trailer_section(void **state)
{
    static const proto_http_pair trailer[] = {PAIR("Digest", "sha-256=x"), PAIR("X", "")};
    writes(&(writing){.trailer = trailer, .trailer_count = 2},
           "0\r\nDigest: sha-256=x\r\nX: \r\n\r\n");
    writes(&(writing){.trailer = trailer, .trailer_count = 0}, "0\r\n\r\n");
    writes(&(writing){0}, "0\r\n\r\n");
}

static void fields_that_come_too_late_are_refused_in_a_trailer_section(void **state)
{
    static const struct {
        proto_http_pair trailer[2];
        proto_err err;
        size_t field;
    } trailers[] = {
        {{PAIR("X", "y"), PAIR("content-length", "1")}, PROTO_ERR_HTTP_TRAILER_FIELD, 1},
        {{PAIR("Transfer-Encoding", "chunked"), PAIR("X", "y")}, PROTO_ERR_HTTP_TRAILER_FIELD, 0},
        {{PAIR("Host", "a"), PAIR("X", "y")}, PROTO_ERR_HTTP_TRAILER_FIELD, 0},
        {{PAIR("X", "y"), PAIR("Authorization", "Basic x")}, PROTO_ERR_HTTP_TRAILER_FIELD, 1},
        {{PAIR("X", "y"), PAIR("Connection", "close")}, PROTO_ERR_HTTP_TRAILER_FIELD, 1},
        {{PAIR("X", "y"), PAIR("X y", "z")}, PROTO_ERR_HTTP_FIELD_NAME, 1},
        {{PAIR("X", "y\r\n"), PAIR("X", "z")}, PROTO_ERR_HTTP_FIELD_VALUE, 0},
    };
    for (size_t i = 0; i < COUNT(trailers); i++)
        refuses(&(writing){.trailer = trailers[i].trailer, .trailer_count = 2}, trailers[i].err,
                trailers[i].field, "a trailer section");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_written_as_described_or_not_at_all),
        cmocka_unit_test(where_there_is_no_authority_host_is_empty),
        cmocka_unit_test(a_request_reads_back_as_it_was_written),
        cmocka_unit_test(a_request_that_would_be_misunderstood_is_refused),
#if SIZE_MAX > UINT32_MAX
        cmocka_unit_test(a_target_longer_than_any_head_is_refused),
#endif
        cmocka_unit_test(a_response_is_written_as_described_or_not_at_all),
        cmocka_unit_test(a_response_reads_back_as_it_was_written),
        cmocka_unit_test(a_response_that_would_be_misunderstood_is_refused),
        cmocka_unit_test(no_control_character_gets_into_a_value),
        cmocka_unit_test(a_name_is_a_token),
        cmocka_unit_test(a_chunk_begins_with_its_size_in_hexadecimal),
        cmocka_unit_test(a_chunk_has_a_size_that_a_reader_takes),
        cmocka_unit_test(a_chunk_is_written_whole_or_not_at_all),
        cmocka_unit_test(an_empty_chunk_does_not_end_the_body),
        cmocka_unit_test(the_last_chunk_carries_the_trailer_section),
        cmocka_unit_test(fields_that_come_too_late_are_refused_in_a_trailer_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
