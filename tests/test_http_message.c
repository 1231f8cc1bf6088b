/* SPDX-License-Identifier: MIT */
/* Connections: what each side reads, and what it may send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <proto/http.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "text.h"

enum { FIELDS = 8, SPACE = 8192, ARRIVED = 16384 };

/* One side of a connection, with what has arrived and what it has sent. */
typedef struct side {
    proto_http http;
    proto_http_field fields[FIELDS];
    uint8_t space[SPACE];
    proto_out out;
    uint8_t arrived[ARRIVED];
    size_t size;
    proto_in in;
    proto_http_message message;
    text_buffer events;
} side;

static void open_side(side *s, proto_http_role role, const proto_http_config *config)
{
    memset(s, 0, sizeof *s);
    proto_http_init(&s->http, role, config, s->fields, FIELDS);
    s->out = proto_out_of(s->space, SPACE);
    s->in = proto_in_of(s->arrived, 0);
    s->in.pos = s->in.end = s->arrived;
}

static void arrive_bytes(side *s, const void *bytes, size_t len)
{
    assert_true(len <= ARRIVED - s->size);
    if (len > 0) memcpy(s->arrived + s->size, bytes, len);
    s->size += len;
    s->in.end = s->arrived + s->size;
}

static void arrive(side *s, const char *text)
{
    arrive_bytes(s, text, strlen(text));
}

static proto_http_event next(side *s)
{
    return proto_http_next(&s->http, &s->in, &s->message);
}

static void put_slice(side *s, proto_slice slice)
{
    text_format(&s->events, " %.*s", (int)slice.len, (const char *)slice.ptr);
}

static void put_event(side *s, proto_http_event event)
{
    const proto_http_head *head = s->message.head;
    text_format(&s->events, "%s%s", s->events.len ? ", " : "", proto_http_event_name(event));
    if (event == PROTO_HTTP_EVENT_HEAD || event == PROTO_HTTP_EVENT_INTERIM) {
        if (head->status)
            text_format(&s->events, " %d", head->status);
        else
            put_slice(s, proto_http_text(&head->fields, head->target));
    }
    if (event == PROTO_HTTP_EVENT_BODY) put_slice(s, s->message.body);
    if (event == PROTO_HTTP_EVENT_END && s->message.trailer->count > 0)
        put_slice(s, proto_http_text(s->message.trailer, s->message.trailer->at[0].value));
    if (event == PROTO_HTTP_EVENT_FAILED)
        text_format(&s->events, " %s %d",
                    proto_err_name(s->http.fault.err) + strlen("PROTO_ERR_HTTP_"),
                    (int)s->http.fault.offset);
}

/* Reads until an event that does not pass by itself, and compares. That event must repeat. */
static void read_until(side *s, const char *expected)
{
    proto_http_event event;
    text_clear(&s->events);
    do {
        event = next(s);
        put_event(s, event);
        bool of_message = event == PROTO_HTTP_EVENT_HEAD || event == PROTO_HTTP_EVENT_INTERIM ||
                          event == PROTO_HTTP_EVENT_BODY || event == PROTO_HTTP_EVENT_END;
        assert_int_equal(s->message.head != NULL, of_message);
        assert_int_equal(s->message.trailer != NULL, event == PROTO_HTTP_EVENT_END);
    } while (event == PROTO_HTTP_EVENT_HEAD || event == PROTO_HTTP_EVENT_INTERIM ||
             event == PROTO_HTTP_EVENT_BODY || event == PROTO_HTTP_EVENT_END);
    assert_string_equal(text_string(&s->events), expected);
    if (s->http.request != PROTO_HTTP_STATE_BROKEN) assert_int_equal(next(s), event);
    text_free(&s->events);
}

static void reads(side *s, const char *text, const char *expected)
{
    arrive(s, text);
    read_until(s, expected);
}

static void reads_eof(side *s, const char *text, const char *expected)
{
    s->in.eof = true;
    reads(s, text, expected);
}

static void sent(side *s, const char *expected)
{
    text_buffer text = {0};
    text_put(&text, s->out.ptr, s->out.len);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
    s->out.len = 0;
}

static void states(const side *s, const char *request, const char *response)
{
    assert_string_equal(proto_http_state_name(proto_http_request_state(&s->http)), request);
    assert_string_equal(proto_http_state_name(proto_http_response_state(&s->http)), response);
}

static proto_err respond(side *s, proto_http_response response)
{
    return proto_http_send_response(&s->http, &response, &s->out, NULL);
}

static proto_err request(side *s, proto_http_request request)
{
    if (request.target.len == 0) request.target = PROTO_LITERAL("/");
    if (request.authority.len == 0) request.authority = PROTO_LITERAL("a");
    return proto_http_send_request(&s->http, &request, &s->out, NULL);
}

static proto_err body(side *s, const char *text)
{
    return proto_http_send_body(&s->http, proto_slice_text(text), &s->out);
}

static proto_err end(side *s)
{
    return proto_http_send_end(&s->http, NULL, 0, &s->out, NULL);
}

/* A complete response without content. */
static void answer(side *s, int status)
{
    assert_int_equal(respond(s, (proto_http_response){.status = status}), PROTO_OK);
    assert_int_equal(end(s), PROTO_OK);
}

static void ask(side *s, const char *method)
{
    bool connect = strcmp(method, "CONNECT") == 0;
    proto_slice authority = PROTO_LITERAL("a:80");
    proto_http_request r = {.method = proto_slice_text(method), .authority = authority};
    if (connect) r.target = authority;
    assert_int_equal(request(s, r), PROTO_OK);
    assert_int_equal(end(s), PROTO_OK);
    s->out.len = 0;
}

static const proto_http_pair upgrade_offer[] = {
    {PROTO_SLICE_INIT("Upgrade"), PROTO_SLICE_INIT("x")},
    {PROTO_SLICE_INIT("Connection"), PROTO_SLICE_INIT("upgrade")}};

static void ask_for_upgrade(side *s)
{
    proto_http_request r = {
        .method = PROTO_LITERAL("GET"), .fields = upgrade_offer, .field_count = 2};
    assert_int_equal(request(s, r), PROTO_OK);
    assert_int_equal(end(s), PROTO_OK);
    s->out.len = 0;
}

#define GET(target)  "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK_EMPTY     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define POST(fields) "POST /p HTTP/1.1\r\nHost: a\r\n" fields "\r\n"

/* ---------------------------------------------------------------------------- a server reads -- */

static void requests_are_read_one_at_a_time(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "", "NEED_INPUT");
    reads(&s, GET("/1") GET("/2"), "HEAD /1, END, PAUSED");
    states(&s, "DONE", "IDLE");
    answer(&s, 200);
    sent(&s, OK_EMPTY);
    states(&s, "IDLE", "IDLE");
    assert_true(proto_http_persists(&s.http));
    read_until(&s, "HEAD /2, END, PAUSED");
    answer(&s, 204);
    sent(&s, "HTTP/1.1 204 No Content\r\n\r\n");
    reads_eof(&s, "", "CLOSED");
    states(&s, "CLOSED", "CLOSED");
    assert_false(proto_http_persists(&s.http));
}

static void bodies_and_trailers_are_read(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, POST("Content-Length: 5\r\n") "hello", "HEAD /p, BODY hello, END, PAUSED");
    answer(&s, 200);
    reads(&s, POST("Transfer-Encoding: chunked\r\n") "2\r\nab\r\n0\r\nT: last\r\n\r\n",
          "HEAD /p, BODY ab, END last, PAUSED");
    answer(&s, 200);
    read_until(&s, "NEED_INPUT");
}

static void an_empty_line_before_the_end_of_input_is_nothing(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads_eof(&s, "\r\n", "CLOSED");
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads_eof(&s, "\r", "FAILED TRUNCATED 1");
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads_eof(&s, "GE", "FAILED TRUNCATED 2");
}

static void nothing_is_read_after_a_request_that_closes(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/2"),
          "HEAD /1, END, PAUSED");
    assert_false(proto_http_persists(&s.http));
    answer(&s, 200);
    sent(&s, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    read_until(&s, "CLOSED");
    assert_int_equal(s.in.end - s.in.pos, strlen(GET("/2")));
}

static void nothing_is_read_after_a_response_that_closes(void **state)
{
    const proto_http_pair close = {PROTO_LITERAL("Connection"), PROTO_LITERAL("close")};
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, GET("/1") GET("/2"), "HEAD /1, END, PAUSED");
    assert_int_equal(respond(&s, (proto_http_response){.status = 200, .close = true}), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    read_until(&s, "CLOSED");
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, GET("/1") GET("/2"), "HEAD /1, END, PAUSED");
    assert_int_equal(
        respond(&s, (proto_http_response){.status = 200, .fields = &close, .field_count = 1}),
        PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    read_until(&s, "CLOSED");
}

static void an_http_1_0_client_is_told_what_it_asked(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "HEAD /, END, PAUSED");
    assert_int_equal(respond(&s, (proto_http_response){.status = 100}), PROTO_ERR_STATE);
    answer(&s, 200);
    sent(&s, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
    reads(&s, "GET / HTTP/1.0\r\n\r\n", "HEAD /, END, PAUSED");
    answer(&s, 200);
    sent(&s, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    read_until(&s, "CLOSED");
}

static void keep_alive_may_be_said_to_anyone(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, GET("/"), "HEAD /, END, PAUSED");
    assert_int_equal(respond(&s, (proto_http_response){.status = 200, .keep_alive = true}),
                     PROTO_OK);
    sent(&s, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

static void chunks_to_an_http_1_0_client_end_with_the_connection(void **state)
{
    const proto_http_pair trailer = {PROTO_LITERAL("T"), PROTO_LITERAL("x")};
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "HEAD /, END, PAUSED");
    assert_int_equal(
        respond(&s, (proto_http_response){.status = 200, .framing = PROTO_HTTP_CHUNKED}), PROTO_OK);
    assert_int_equal(body(&s, "hello"), PROTO_OK);
    assert_int_equal(proto_http_send_body_frame(&s.http, 3, &s.out), PROTO_OK);
    assert_int_equal(proto_http_send_end(&s.http, &trailer, 1, &s.out, NULL), PROTO_OK);
    sent(&s, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello");
    read_until(&s, "CLOSED");
}

static void a_response_may_come_before_the_request_is_complete(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, POST("Content-Length: 5\r\n") "he", "HEAD /p, BODY he, NEED_INPUT");
    answer(&s, 200);
    states(&s, "OPEN", "DONE");
    sent(&s, OK_EMPTY);
    assert_int_equal(respond(&s, (proto_http_response){.status = 200}), PROTO_ERR_STATE);
    reads(&s, "llo" GET("/2"), "BODY llo, END, HEAD /2, END, PAUSED");
}

static void a_response_that_closes_leaves_the_rest_of_the_request(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, POST("Content-Length: 5\r\n") "he", "HEAD /p, BODY he, NEED_INPUT");
    assert_int_equal(respond(&s, (proto_http_response){.status = 413, .close = true}), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    arrive(&s, "llo");
    read_until(&s, "CLOSED");
    assert_int_equal(s.in.end - s.in.pos, 3);
}

/* ---------------------------------------------------------------------------- 100 (Continue) -- */

#define EXPECTING POST("Content-Length: 2\r\nExpect: 100-continue\r\n")

static void a_client_that_waits_is_told_to_continue(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, EXPECTING, "HEAD /p, NEED_INPUT");
    assert_true(proto_http_awaits_continue(&s.http));
    assert_int_equal(respond(&s, (proto_http_response){.status = 103}), PROTO_OK);
    assert_true(proto_http_awaits_continue(&s.http));
    assert_int_equal(respond(&s, (proto_http_response){.status = 100, .close = true}), PROTO_OK);
    assert_false(proto_http_awaits_continue(&s.http));
    sent(&s, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
    reads(&s, "ab", "BODY ab, END, PAUSED");
    answer(&s, 200);
    sent(&s, OK_EMPTY);
    read_until(&s, "NEED_INPUT");
}

static void a_client_that_waits_in_vain_is_closed(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, EXPECTING, "HEAD /p, NEED_INPUT");
    answer(&s, 401);
    assert_false(proto_http_awaits_continue(&s.http));
    sent(&s, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    read_until(&s, "CLOSED");
}

static void a_client_that_does_not_wait_is_not_closed(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, EXPECTING "a", "HEAD /p, BODY a, NEED_INPUT");
    assert_false(proto_http_awaits_continue(&s.http));
    answer(&s, 200);
    sent(&s, OK_EMPTY);
    reads(&s, "b", "BODY b, END, NEED_INPUT");
    reads(&s, POST("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n") "0\r\n\r\n",
          "HEAD /p, END, PAUSED");
    assert_false(proto_http_awaits_continue(&s.http));
}

static void a_client_holds_its_body_back(void **state)
{
    const proto_http_pair expect = {PROTO_LITERAL("Expect"), PROTO_LITERAL("100-continue")};
    const proto_http_request put = {.method = PROTO_LITERAL("PUT"),
                                    .fields = &expect,
                                    .field_count = 1,
                                    .framing = PROTO_HTTP_LENGTH,
                                    .content_length = 2};
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    assert_int_equal(request(&s, put), PROTO_OK);
    assert_true(proto_http_awaits_continue(&s.http));
    reads(&s, "HTTP/1.1 102 x\r\n\r\n", "INTERIM 102, NEED_INPUT");
    assert_true(proto_http_awaits_continue(&s.http));
    reads(&s, "HTTP/1.1 100 x\r\n\r\n", "INTERIM 100, NEED_INPUT");
    assert_false(proto_http_awaits_continue(&s.http));
    assert_int_equal(body(&s, "ab"), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    reads(&s, OK_EMPTY, "HEAD 200, END, PAUSED");
    assert_int_equal(request(&s, put), PROTO_OK);
    assert_int_equal(body(&s, "a"), PROTO_OK);
    assert_false(proto_http_awaits_continue(&s.http));
    assert_int_equal(body(&s, "b"), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    reads(&s, OK_EMPTY, "HEAD 200, END, PAUSED");
    assert_int_equal(request(&s, put), PROTO_OK);
    reads(&s, "HTTP/1.1 417 x\r\nContent-Length: 0\r\n\r\n", "HEAD 417, END, CLOSED");
    assert_false(proto_http_awaits_continue(&s.http));
    assert_int_equal(body(&s, "ab"), PROTO_ERR_STATE);
    /* Who has not waited goes on. */
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    assert_int_equal(request(&s, put), PROTO_OK);
    assert_int_equal(body(&s, "a"), PROTO_OK);
    reads(&s, OK_EMPTY, "HEAD 200, END, PAUSED");
    assert_int_equal(body(&s, "b"), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    states(&s, "IDLE", "IDLE");
}

static void a_client_that_has_begun_to_send_waits_no_more(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, POST("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"),
          "HEAD /p, NEED_INPUT");
    assert_true(proto_http_awaits_continue(&s.http));
    reads(&s, "1", "NEED_INPUT");
    assert_false(proto_http_awaits_continue(&s.http));
    reads(&s, "\r\n", "NEED_INPUT");
    assert_false(proto_http_awaits_continue(&s.http));
    answer(&s, 200);
    sent(&s, OK_EMPTY);
    reads(&s, "x\r\n0\r\n\r\n", "BODY x, END, NEED_INPUT");
}

static const proto_http_pair expectation[] = {
    {PROTO_SLICE_INIT("Expect"), PROTO_SLICE_INIT("100-continue")}};

static void ask_expecting(side *s)
{
    proto_http_request put = {.method = PROTO_LITERAL("PUT"),
                              .fields = expectation,
                              .field_count = 1,
                              .framing = PROTO_HTTP_CHUNKED};
    assert_int_equal(request(s, put), PROTO_OK);
    assert_true(proto_http_awaits_continue(&s->http));
}

static void nobody_waits_on_a_connection_that_is_over(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads_eof(&s, EXPECTING, "HEAD /p, FAILED TRUNCATED 70");
    assert_false(proto_http_awaits_continue(&s.http));
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask_expecting(&s);
    reads(&s, "x\n", "FAILED VERSION_SYNTAX 0");
    assert_false(proto_http_awaits_continue(&s.http));
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask_expecting(&s);
    reads_eof(&s, "", "FAILED TRUNCATED 0");
    assert_false(proto_http_awaits_continue(&s.http));
    /* An earlier response is the last. */
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    ask_expecting(&s);
    reads(&s, "HTTP/1.1 200 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
          "HEAD 200, END, CLOSED");
    assert_false(proto_http_awaits_continue(&s.http));
}

static void a_client_that_has_sent_all_waits_no_more(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask_expecting(&s);
    assert_int_equal(end(&s), PROTO_OK);
    assert_false(proto_http_awaits_continue(&s.http));
    reads(&s, OK_EMPTY, "HEAD 200, END, PAUSED");
}

/* -------------------------------------------------------------------------- failing requests -- */

static void a_failure_is_answered_once(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "HEAD / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", "FAILED FIELD_BLANK 27");
    states(&s, "BROKEN", "IDLE");
    assert_int_equal(proto_http_status_hint(&s.http), 400);
    assert_int_equal(next(&s), PROTO_HTTP_EVENT_FAILED);
    assert_int_equal(respond(&s, (proto_http_response){.status = 100}), PROTO_ERR_STATE);
    assert_int_equal(respond(&s, (proto_http_response){.status = 400,
                                                       .framing = PROTO_HTTP_LENGTH,
                                                       .content_length = 2}),
                     PROTO_OK);
    assert_int_equal(next(&s), PROTO_HTTP_EVENT_FAILED);
    assert_int_equal(body(&s, "no"), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    sent(&s, "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    read_until(&s, "CLOSED");
    assert_int_equal(respond(&s, (proto_http_response){.status = 400}), PROTO_ERR_STATE);
    states(&s, "BROKEN", "CLOSED");
}

static void a_failure_within_a_body_counts_from_the_message(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, GET("/"), "HEAD /, END, PAUSED");
    answer(&s, 200);
    s.out.len = 0;
    reads(&s, "\r\n" POST("Transfer-Encoding: chunked\r\n") "1\r\nax",
          "HEAD /p, BODY a, FAILED CHUNK_END 63");
    answer(&s, 400);
    sent(&s, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    read_until(&s, "CLOSED");
}

static void a_failure_after_the_answer_closes(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, POST("Transfer-Encoding: chunked\r\n"), "HEAD /p, NEED_INPUT");
    answer(&s, 200);
    arrive(&s, "x");
    assert_int_equal(next(&s), PROTO_HTTP_EVENT_FAILED);
    assert_int_equal(next(&s), PROTO_HTTP_EVENT_CLOSED);
    assert_int_equal(respond(&s, (proto_http_response){.status = 400}), PROTO_ERR_STATE);
}

static void a_failure_during_the_answer_lets_it_end(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, POST("Transfer-Encoding: chunked\r\n"), "HEAD /p, NEED_INPUT");
    assert_int_equal(
        respond(&s, (proto_http_response){.status = 200, .framing = PROTO_HTTP_CHUNKED}), PROTO_OK);
    reads(&s, "x", "FAILED CHUNK_SIZE 57");
    assert_int_equal(body(&s, "a"), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    read_until(&s, "CLOSED");
}

static void a_truncated_body_fails(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads_eof(&s, POST("Content-Length: 3\r\n") "a", "HEAD /p, BODY a, FAILED TRUNCATED 49");
    assert_int_equal(proto_http_status_hint(&s.http), 400);
}

static void a_failed_connect_opens_no_tunnel(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\n\r\nx",
          "HEAD a:1, FAILED CHUNK_SIZE 63");
    assert_int_equal(respond(&s, (proto_http_response){.status = 200}), PROTO_ERR_STATE);
    answer(&s, 400);
    read_until(&s, "CLOSED");
}

static void a_connect_that_fails_while_it_is_answered_opens_no_tunnel(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HEAD a:1, NEED_INPUT");
    assert_int_equal(respond(&s, (proto_http_response){.status = 200}), PROTO_OK);
    reads(&s, "x", "FAILED CHUNK_SIZE 63");
    assert_int_equal(end(&s), PROTO_OK);
    read_until(&s, "CLOSED");
}

static void a_server_may_give_up_waiting(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "GET / HT", "NEED_INPUT");
    assert_int_equal(respond(&s, (proto_http_response){.status = 200}), PROTO_ERR_STATE);
    assert_int_equal(respond(&s, (proto_http_response){.status = 408}), PROTO_OK);
    read_until(&s, "PAUSED");
    assert_int_equal(end(&s), PROTO_OK);
    sent(&s, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    read_until(&s, "CLOSED");
    states(&s, "CLOSED", "CLOSED");
}

/* --------------------------------------------------------------------------- other protocols -- */

#define SWITCHING "HTTP/1.1 101 x\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
#define UPGRADING "GET /u HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"

static proto_err switch_protocols(side *s)
{
    return respond(s,
                   (proto_http_response){.status = 101, .fields = upgrade_offer, .field_count = 2});
}

static void an_upgrade_ends_http(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, UPGRADING "rest", "HEAD /u, END, PAUSED");
    assert_int_equal(switch_protocols(&s), PROTO_OK);
    sent(&s, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
    read_until(&s, "TUNNEL");
    states(&s, "TUNNELLED", "TUNNELLED");
    assert_int_equal(s.in.end - s.in.pos, 4);
    assert_false(proto_http_persists(&s.http));
    assert_int_equal(respond(&s, (proto_http_response){.status = 200}), PROTO_ERR_STATE);
}

static void an_upgrade_may_be_refused(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, UPGRADING GET("/2"), "HEAD /u, END, PAUSED");
    answer(&s, 200);
    read_until(&s, "HEAD /2, END, PAUSED");
    assert_int_equal(switch_protocols(&s), PROTO_ERR_STATE);
}

static void an_upgrade_waits_for_the_rest_of_the_request(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, POST("Content-Length: 2\r\nUpgrade: x\r\nConnection: upgrade\r\n"),
          "HEAD /p, NEED_INPUT");
    assert_int_equal(switch_protocols(&s), PROTO_OK);
    assert_false(proto_http_persists(&s.http));
    states(&s, "OPEN", "DONE");
    reads(&s, "abrest", "BODY ab, END, TUNNEL");
    assert_int_equal(s.in.end - s.in.pos, 4);
}

static void an_upgrade_fails_with_its_request(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, POST("Content-Length: 2\r\nUpgrade: x\r\nConnection: upgrade\r\n"),
          "HEAD /p, NEED_INPUT");
    assert_int_equal(switch_protocols(&s), PROTO_OK);
    s.in.eof = true;
    assert_int_equal(next(&s), PROTO_HTTP_EVENT_FAILED);
    assert_int_equal(next(&s), PROTO_HTTP_EVENT_CLOSED);
}

static void nobody_switches_while_the_client_waits(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s,
          POST("Content-Length: 2\r\nUpgrade: x\r\nConnection: upgrade\r\n"
               "Expect: 100-continue\r\n"),
          "HEAD /p, NEED_INPUT");
    assert_int_equal(switch_protocols(&s), PROTO_ERR_STATE);
    assert_int_equal(respond(&s, (proto_http_response){.status = 100}), PROTO_OK);
    assert_int_equal(switch_protocols(&s), PROTO_OK);
}

#define CONNECTING "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nConnection: close\r\n\r\n"

static void a_connect_opens_a_tunnel(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, CONNECTING "rest", "HEAD a:1, END, PAUSED");
    assert_int_equal(respond(&s, (proto_http_response){.status = 200}), PROTO_OK);
    assert_int_equal(body(&s, "x"), PROTO_ERR_HTTP_BODY_LENGTH);
    assert_int_equal(end(&s), PROTO_OK);
    sent(&s, "HTTP/1.1 200 OK\r\n\r\n");
    read_until(&s, "TUNNEL");
    assert_int_equal(s.in.end - s.in.pos, 4);
}

static void a_refused_connect_goes_on_as_http(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" GET("/2"), "HEAD a:1, END, PAUSED");
    answer(&s, 403);
    read_until(&s, "HEAD /2, END, PAUSED");
}

static void a_client_enters_a_tunnel(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "CONNECT");
    assert_int_equal(request(&s, (proto_http_request){.method = PROTO_LITERAL("GET")}),
                     PROTO_ERR_STATE);
    reads(&s, "HTTP/1.1 200 x\r\n\r\nrest", "HEAD 200, TUNNEL");
    assert_int_equal(s.in.end - s.in.pos, 4);
    states(&s, "TUNNELLED", "TUNNELLED");
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    ask_for_upgrade(&s);
    reads(&s, OK_EMPTY SWITCHING "rest", "HEAD 200, END, HEAD 101, TUNNEL");
    assert_int_equal(s.in.end - s.in.pos, 4);
}

static void a_client_goes_on_after_a_refusal(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "CONNECT");
    reads(&s, "HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n", "HEAD 403, END, PAUSED");
    ask_for_upgrade(&s);
    reads(&s, OK_EMPTY, "HEAD 200, END, PAUSED");
    ask(&s, "GET");
    reads(&s, SWITCHING, "FAILED UPGRADE 9");
}

static void a_client_ends_its_request_before_it_switches(void **state)
{
    side s;
    proto_http_request r = {.method = PROTO_LITERAL("POST"),
                            .fields = upgrade_offer,
                            .field_count = 2,
                            .framing = PROTO_HTTP_LENGTH,
                            .content_length = 2};
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    assert_int_equal(request(&s, r), PROTO_OK);
    reads(&s, SWITCHING "rest", "HEAD 101, PAUSED");
    assert_int_equal(body(&s, "ab"), PROTO_OK);
    read_until(&s, "PAUSED");
    assert_int_equal(end(&s), PROTO_OK);
    read_until(&s, "TUNNEL");
}

static void nobody_switches_unasked(void **state)
{
    proto_fault fault;
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "CONNECT");
    reads(&s, SWITCHING, "FAILED UPGRADE 9");
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    ask_for_upgrade(&s);
    reads(&s, SWITCHING, "FAILED UPGRADE 9");
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    proto_http_request r = {.method = PROTO_LITERAL("GET"),
                            .target = PROTO_LITERAL("/"),
                            .authority = PROTO_LITERAL("a"),
                            .fields = upgrade_offer,
                            .field_count = 1};
    assert_int_equal(proto_http_send_request(&s.http, &r, &s.out, &fault),
                     PROTO_ERR_HTTP_CONNECTION_OPTION);
    assert_int_equal(fault.offset, 0);
    states(&s, "IDLE", "IDLE");
}

static void offer(side *s, const char *protocols)
{
    const proto_http_pair fields[] = {{PROTO_LITERAL("Upgrade"), proto_slice_text(protocols)},
                                      {PROTO_LITERAL("Connection"), PROTO_LITERAL("Upgrade")}};
    proto_http_request r = {.method = PROTO_LITERAL("GET"), .fields = fields, .field_count = 2};
    open_side(s, PROTO_HTTP_CLIENT, NULL);
    assert_int_equal(request(s, r), PROTO_OK);
    assert_int_equal(end(s), PROTO_OK);
}

static void a_client_believes_a_switch_to_what_it_offered(void **state)
{
    static const struct {
        const char *offered;
        const char *response; /* its fields */
        const char *events;
    } switches[] = {
        {"x", "Upgrade: x\r\nConnection: upgrade\r\n", "HEAD 101, TUNNEL"},
        {"x/2.0, y", "Upgrade: Y\r\nConnection: a, UPGRADE\r\n", "HEAD 101, TUNNEL"},
        {"x, y", "Upgrade: y\r\nupgrade: x\r\nConnection: upgrade\r\n", "HEAD 101, TUNNEL"},
        /* RFC 2817 section 3.3: HTTP goes on above the other layer. */
        {"TLS/1.0", "Upgrade: TLS/1.0, HTTP/1.1\r\nConnection: upgrade\r\n", "HEAD 101, TUNNEL"},
        {"x", "", "FAILED UPGRADE_MISSING 9"},
        {"x", "Connection: upgrade\r\n", "FAILED UPGRADE_MISSING 9"},
        {"x", "Upgrade: ,\r\nConnection: upgrade\r\n", "FAILED UPGRADE_MISSING 9"},
        {"x", "Upgrade: HTTP/1.1\r\nConnection: upgrade\r\n", "FAILED UPGRADE_MISSING 9"},
        {"x", "Upgrade: x\r\n", "FAILED CONNECTION_OPTION 16"},
        {"x", "A: b\r\nUpgrade: y\r\nConnection: upgrade\r\n", "FAILED UPGRADE 22"},
        {"x, y", "Upgrade: x, z\r\nConnection: upgrade\r\n", "FAILED UPGRADE 16"},
        {"x/2", "Upgrade: x/1\r\nConnection: upgrade\r\n", "FAILED UPGRADE 16"},
        {"HTTP/1.1", "Upgrade: HTTP/1.1\r\nConnection: upgrade\r\n", "FAILED UPGRADE 9"},
    };
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        side s;
        offer(&s, switches[i].offered);
        arrive(&s, "HTTP/1.1 101 x\r\n");
        arrive(&s, switches[i].response);
        reads(&s, "\r\n", switches[i].events);
    }
}

static void http_1_0_has_no_upgrade(void **state)
{
    side s;
    offer(&s, "x");
    reads(&s, "HTTP/1.0 101 x\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "FAILED UPGRADE 9");
}

/* Reads a request with this offer and answers 101 with these protocols. */
static proto_err accept_offer(const char *offered, const char *accepted, proto_fault *fault)
{
    const proto_http_pair fields[] = {{PROTO_LITERAL("Connection"), PROTO_LITERAL("upgrade")},
                                      {PROTO_LITERAL("Upgrade"), proto_slice_text(accepted)}};
    proto_http_response r = {.status = 101, .fields = fields, .field_count = 2};
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    arrive(&s, "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: ");
    arrive(&s, offered);
    reads(&s, "\r\n\r\n", "HEAD /, END, PAUSED");
    proto_http before = s.http;
    proto_err err = proto_http_send_response(&s.http, &r, &s.out, fault);
    if (err) {
        assert_memory_equal(&s.http, &before, sizeof before);
        assert_int_equal(s.out.len, 0);
        answer(&s, 200); /* which it may do instead */
    } else {
        read_until(&s, "TUNNEL");
    }
    return err;
}

static void a_server_switches_to_what_was_offered(void **state)
{
    proto_fault fault;
    assert_int_equal(accept_offer("x", "x", NULL), PROTO_OK);
    assert_int_equal(accept_offer("x, Y/1", "y/1", NULL), PROTO_OK);
    assert_int_equal(accept_offer("x\r\nUpgrade: y", "y", NULL), PROTO_OK);
    assert_int_equal(accept_offer("TLS/1.0", "TLS/1.0, HTTP/1.1", NULL), PROTO_OK);
    assert_int_equal(accept_offer("x, y", "z", &fault), PROTO_ERR_HTTP_UPGRADE);
    assert_int_equal(fault.offset, 1);
    assert_int_equal(accept_offer("x", "x, z", NULL), PROTO_ERR_HTTP_UPGRADE);
    assert_int_equal(accept_offer("x", "HTTP/1.1", NULL), PROTO_ERR_HTTP_UPGRADE_MISSING);
    assert_int_equal(accept_offer(",", "x", NULL), PROTO_ERR_STATE);
    assert_int_equal(accept_offer("HTTP/1.1", "x", NULL), PROTO_ERR_STATE);
}

static void a_server_may_say_what_it_would_rather_speak(void **state)
{
    static const int statuses[] = {103, 200};
    for (size_t i = 0; i < 2; i++) {
        side s;
        open_side(&s, PROTO_HTTP_SERVER, NULL);
        reads(&s, GET("/"), "HEAD /, END, PAUSED");
        assert_int_equal(respond(&s, (proto_http_response){.status = statuses[i],
                                                           .fields = upgrade_offer,
                                                           .field_count = 2}),
                         PROTO_OK);
    }
}

static void a_switch_says_to_what(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, UPGRADING, "HEAD /u, END, PAUSED");
    assert_int_equal(respond(&s, (proto_http_response){.status = 101}),
                     PROTO_ERR_HTTP_UPGRADE_MISSING);
    assert_int_equal(respond(&s, (proto_http_response){.status = 426}),
                     PROTO_ERR_HTTP_UPGRADE_MISSING);
    assert_int_equal(
        respond(&s,
                (proto_http_response){.status = 426, .fields = upgrade_offer, .field_count = 2}),
        PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    read_until(&s, "NEED_INPUT");
}

/* ---------------------------------------------------------------------------- a client reads -- */

static void responses_come_in_the_order_of_requests(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    read_until(&s, "PAUSED");
    ask(&s, "GET");
    ask(&s, "HEAD");
    ask(&s, "POST");
    states(&s, "DONE", "IDLE");
    reads(&s,
          "HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\nab"
          "HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\nHTTP/1.1 304 x\r\nContent-Length: 2\r\n\r\n",
          "INTERIM 103, HEAD 200, BODY ab, END, HEAD 200, END, HEAD 304, END, PAUSED");
    states(&s, "IDLE", "IDLE");
    assert_true(proto_http_persists(&s.http));
    reads_eof(&s, "", "CLOSED");
    assert_int_equal(request(&s, (proto_http_request){.method = PROTO_LITERAL("GET")}),
                     PROTO_ERR_STATE);
}

static void a_pipeline_has_an_end(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    for (int i = 0; i < PROTO_HTTP_PIPELINE; i++)
        ask(&s, i % 2 ? "PATCH" : "HEAD");
    assert_int_equal(request(&s, (proto_http_request){.method = PROTO_LITERAL("GET")}),
                     PROTO_ERR_STATE);
    reads(&s, "HTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\n", "HEAD 200, END, NEED_INPUT");
    ask(&s, "GET");
    for (int i = 1; i < PROTO_HTTP_PIPELINE; i++)
        reads(&s,
              i % 2 ? "HTTP/1.1 200 x\r\nContent-Length: 1\r\n\r\na"
                    : "HTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\n",
              i % 2 ? "HEAD 200, BODY a, END, NEED_INPUT" : "HEAD 200, END, NEED_INPUT");
    reads(&s, OK_EMPTY, "HEAD 200, END, PAUSED");
}

static void a_body_lasts_until_the_end_of_input(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    ask(&s, "GET");
    reads(&s, "HTTP/1.1 200 x\r\n\r\nab", "HEAD 200, BODY ab, NEED_INPUT");
    assert_false(proto_http_persists(&s.http));
    assert_int_equal(request(&s, (proto_http_request){.method = PROTO_LITERAL("GET")}),
                     PROTO_ERR_STATE);
    reads_eof(&s, "c", "BODY c, END, CLOSED");
}

static void a_response_that_closes_is_the_last(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    ask(&s, "GET");
    reads(&s, "HTTP/1.1 200 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" OK_EMPTY,
          "HEAD 200, END, CLOSED");
    assert_int_equal(s.in.end - s.in.pos, strlen(OK_EMPTY));
    assert_int_equal(request(&s, (proto_http_request){.method = PROTO_LITERAL("GET")}),
                     PROTO_ERR_STATE);
}

static void a_request_that_closes_is_the_last(void **state)
{
    const proto_http_pair close = {PROTO_LITERAL("Connection"), PROTO_LITERAL("a, close")};
    proto_http_request r = {.method = PROTO_LITERAL("GET"), .close = true};
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    assert_int_equal(request(&s, r), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    assert_int_equal(request(&s, r), PROTO_ERR_STATE);
    reads(&s, OK_EMPTY OK_EMPTY OK_EMPTY, "HEAD 200, END, HEAD 200, END, CLOSED");
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    r = (proto_http_request){.method = PROTO_LITERAL("GET"), .fields = &close, .field_count = 1};
    assert_int_equal(request(&s, r), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    reads(&s, OK_EMPTY, "HEAD 200, END, CLOSED");
}

/* A client that has sent a part of its second request, and read the answers to both. */
static void open_answered_early(side *s, const char *answer, const char *events, bool close)
{
    proto_http_request r = {
        .method = PROTO_LITERAL("PUT"), .framing = PROTO_HTTP_CHUNKED, .close = close};
    open_side(s, PROTO_HTTP_CLIENT, NULL);
    ask(s, "GET");
    assert_int_equal(request(s, r), PROTO_OK);
    reads(s, OK_EMPTY, "HEAD 200, END, NEED_INPUT");
    assert_int_equal(body(s, "a"), PROTO_OK);
    reads(s, answer, events);
    s->out.len = 0;
}

/* RFC 9110 section 7.5. */
static void a_request_goes_on_after_its_response(void **state)
{
    side s;
    open_answered_early(&s, OK_EMPTY, "HEAD 200, END, PAUSED", false);
    states(&s, "OPEN", "DONE");
    assert_true(proto_http_persists(&s.http));
    assert_int_equal(request(&s, (proto_http_request){.method = PROTO_LITERAL("GET")}),
                     PROTO_ERR_STATE);
    assert_int_equal(body(&s, "b"), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    sent(&s, "1\r\nb\r\n0\r\n\r\n");
    states(&s, "IDLE", "IDLE");
    ask(&s, "GET");
    reads(&s, OK_EMPTY, "HEAD 200, END, PAUSED");
}

static void the_last_request_goes_on_as_well(void **state)
{
    side s;
    open_answered_early(&s, OK_EMPTY, "HEAD 200, END, PAUSED", true);
    assert_int_equal(end(&s), PROTO_OK);
    states(&s, "CLOSED", "CLOSED");
    assert_int_equal(next(&s), PROTO_HTTP_EVENT_CLOSED);
}

/* RFC 9112 section 9.5. */
static void a_request_stops_when_its_response_closes(void **state)
{
    side s;
    open_answered_early(&s, "HTTP/1.1 413 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                        "HEAD 413, END, CLOSED", false);
    states(&s, "CLOSED", "CLOSED");
    assert_int_equal(body(&s, "b"), PROTO_ERR_STATE);
    open_answered_early(&s, OK_EMPTY, "HEAD 200, END, PAUSED", false);
    reads_eof(&s, "", "CLOSED");
    states(&s, "CLOSED", "CLOSED");
    assert_int_equal(end(&s), PROTO_ERR_STATE);
}

static void a_second_response_to_an_unfinished_request_is_unsolicited(void **state)
{
    side s;
    open_answered_early(&s, OK_EMPTY OK_EMPTY, "HEAD 200, END, FAILED UNSOLICITED 0", false);
    states(&s, "CLOSED", "BROKEN");
    assert_int_equal(body(&s, "b"), PROTO_ERR_STATE);
}

static void bytes_without_a_request_are_unsolicited(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    reads_eof(&s, "HTTP/1.1 408 x\r\nConnection: close\r\n\r\n", "FAILED UNSOLICITED 0");
    states(&s, "CLOSED", "BROKEN");
    assert_int_equal(next(&s), PROTO_HTTP_EVENT_FAILED);
    assert_int_equal(s.in.pos - s.arrived, 0);
    static const char *const rests[] = {"\n", "\r\r\n", "\rx", " \r\n", "\r\nx", "\r\n\r\n\n"};
    for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++) {
        open_side(&s, PROTO_HTTP_CLIENT, NULL);
        ask(&s, "GET");
        reads(&s, OK_EMPTY, "HEAD 200, END, PAUSED");
        reads(&s, rests[i], "FAILED UNSOLICITED 0");
    }
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    reads_eof(&s, "\r\n\r", "FAILED UNSOLICITED 0");
}

/* RFC 9112 section 9.2. */
static void empty_lines_without_a_request_are_thrown_away(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    reads(&s, OK_EMPTY "\r\n\r\n", "HEAD 200, END, PAUSED");
    assert_true(s.in.pos == s.in.end);
    reads(&s, "\r", "PAUSED");
    assert_int_equal(s.in.end - s.in.pos, 1);
    reads(&s, "\n", "PAUSED");
    assert_true(s.in.pos == s.in.end);
    ask(&s, "GET");
    reads_eof(&s, OK_EMPTY "\r\n", "HEAD 200, END, CLOSED");
    /* The next request is under way: it is not one that answers nothing. */
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    ask(&s, "GET");
    reads(&s, OK_EMPTY "\r\n", "HEAD 200, END, FAILED VERSION_SYNTAX 0");
}

static void a_missing_answer_is_a_truncated_one(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    reads_eof(&s, "", "FAILED TRUNCATED 0");
    assert_int_equal(next(&s), PROTO_HTTP_EVENT_FAILED);
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    reads_eof(&s, "HTTP", "FAILED TRUNCATED 4");
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    reads_eof(&s, "HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\na",
              "HEAD 200, BODY a, FAILED TRUNCATED 38");
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    assert_int_equal(request(&s, (proto_http_request){.method = PROTO_LITERAL("GET")}), PROTO_OK);
    reads(&s, "x\n", "FAILED VERSION_SYNTAX 0");
    assert_int_equal(end(&s), PROTO_ERR_STATE);
}

static void interim_responses_have_an_end(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    ask(&s, "GET");
    ask(&s, "GET");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < PROTO_HTTP_INTERIMS; i++)
            reads(&s, "HTTP/1.1 102 x\r\n\r\n", "INTERIM 102, NEED_INPUT");
        if (round == 0) reads(&s, OK_EMPTY, "HEAD 200, END, NEED_INPUT");
    }
    reads(&s, "HTTP/1.1 102 x\r\n\r\n", "FAILED INTERIM 0");
}

/* ----------------------------------------------------------------------------------- sending -- */

static void content_is_framed(void **state)
{
    const proto_http_pair trailer = {PROTO_LITERAL("T"), PROTO_LITERAL("x")};
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    proto_http_request r = {.method = PROTO_LITERAL("PUT"), .framing = PROTO_HTTP_CHUNKED};
    assert_int_equal(request(&s, r), PROTO_OK);
    s.out.len = 0;
    assert_int_equal(body(&s, ""), PROTO_OK);
    assert_int_equal(body(&s, "ab"), PROTO_OK);
    sent(&s, "2\r\nab\r\n");
    assert_int_equal(proto_http_send_body_frame(&s.http, 26, &s.out), PROTO_OK);
    sent(&s, "1a\r\n");
    assert_int_equal(proto_http_send_body_frame(&s.http, 0, &s.out), PROTO_OK);
    assert_int_equal(proto_http_send_body_frame(&s.http, 1, &s.out), PROTO_OK);
    sent(&s, "\r\n1\r\n");
    assert_int_equal(body(&s, "c"), PROTO_OK);
    sent(&s, "\r\n1\r\nc\r\n");
    assert_int_equal(proto_http_send_body_frame(&s.http, 5, &s.out), PROTO_OK);
    assert_int_equal(proto_http_send_pending(&s.http), 0);
    s.out.len = 0;
    assert_int_equal(proto_http_send_end(&s.http, &trailer, 1, &s.out, NULL), PROTO_OK);
    sent(&s, "\r\n0\r\nT: x\r\n\r\n");
}

static void a_length_is_kept(void **state)
{
    const proto_http_pair trailer = {PROTO_LITERAL("T"), PROTO_LITERAL("x")};
    side s;
    proto_fault fault;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    proto_http_request r = {
        .method = PROTO_LITERAL("PUT"), .framing = PROTO_HTTP_LENGTH, .content_length = 10};
    assert_int_equal(proto_http_send_pending(&s.http), 0);
    assert_int_equal(request(&s, r), PROTO_OK);
    s.out.len = 0;
    assert_int_equal(proto_http_send_pending(&s.http), 10);
    assert_int_equal(body(&s, "abc"), PROTO_OK);
    assert_int_equal(proto_http_send_body_frame(&s.http, 5, &s.out), PROTO_OK);
    sent(&s, "abc");
    assert_int_equal(proto_http_send_pending(&s.http), 2);
    assert_int_equal(body(&s, "xyz"), PROTO_ERR_HTTP_BODY_LENGTH);
    assert_int_equal(proto_http_send_body_frame(&s.http, 3, &s.out), PROTO_ERR_HTTP_BODY_LENGTH);
    assert_int_equal(proto_http_send_end(&s.http, NULL, 0, &s.out, &fault),
                     PROTO_ERR_HTTP_BODY_LENGTH);
    assert_int_equal(fault.err, PROTO_ERR_HTTP_BODY_LENGTH);
    assert_int_equal(proto_http_send_end(&s.http, &trailer, 1, &s.out, &fault), PROTO_ERR_STATE);
    assert_int_equal(fault.offset, 1);
    assert_int_equal(body(&s, "yz"), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    sent(&s, "yz");
    assert_int_equal(proto_http_send_pending(&s.http), 0);
    assert_int_equal(end(&s), PROTO_ERR_STATE);
}

static void the_answer_to_head_is_counted_and_not_sent(void **state)
{
    const proto_http_pair trailer = {PROTO_LITERAL("T"), PROTO_LITERAL("x")};
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /, END, PAUSED");
    proto_http_response r = {.status = 200, .framing = PROTO_HTTP_LENGTH, .content_length = 5};
    assert_int_equal(respond(&s, r), PROTO_OK);
    sent(&s, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    assert_int_equal(proto_http_send_pending(&s.http), 0);
    assert_int_equal(body(&s, "abc"), PROTO_OK);
    assert_int_equal(proto_http_send_body_frame(&s.http, 2, &s.out), PROTO_OK);
    assert_int_equal(body(&s, "f"), PROTO_ERR_HTTP_BODY_LENGTH);
    assert_int_equal(end(&s), PROTO_OK);
    sent(&s, "");
    reads(&s, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /, END, PAUSED");
    assert_int_equal(respond(&s, r), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    reads(&s, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /, END, PAUSED");
    r = (proto_http_response){.status = 200, .framing = PROTO_HTTP_CHUNKED};
    s.out.len = 0;
    assert_int_equal(respond(&s, r), PROTO_OK);
    assert_int_equal(body(&s, "abc"), PROTO_OK);
    assert_int_equal(proto_http_send_body_frame(&s.http, 2, &s.out), PROTO_OK);
    assert_int_equal(proto_http_send_end(&s.http, &trailer, 1, &s.out, NULL), PROTO_OK);
    sent(&s, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    reads(&s, GET("/"), "HEAD /, END, PAUSED");
    r = (proto_http_response){.status = 304, .framing = PROTO_HTTP_LENGTH, .content_length = 5};
    assert_int_equal(respond(&s, r), PROTO_OK);
    assert_int_equal(proto_http_send_pending(&s.http), 0);
    assert_int_equal(end(&s), PROTO_OK);
    sent(&s, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
    read_until(&s, "NEED_INPUT");
}

static void content_until_close_closes(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, GET("/"), "HEAD /, END, PAUSED");
    proto_http_response r = {.status = 200, .framing = PROTO_HTTP_UNTIL_CLOSE};
    assert_int_equal(respond(&s, r), PROTO_OK);
    assert_int_equal(body(&s, "abc"), PROTO_OK);
    assert_int_equal(proto_http_send_body_frame(&s.http, 2, &s.out), PROTO_OK);
    assert_int_equal(end(&s), PROTO_OK);
    sent(&s, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
    read_until(&s, "CLOSED");
}

static void errors_of_writing_are_passed_on(void **state)
{
    const proto_http_pair bad = {PROTO_LITERAL("A"), PROTO_LITERAL("b\r\nc")};
    const proto_http_pair late = {PROTO_LITERAL("Host"), PROTO_LITERAL("b")};
    proto_fault fault;
    side s;
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, GET("/"), "HEAD /, END, PAUSED");
    proto_http before = s.http;
    proto_http_response r = {.status = 200, .fields = &bad, .field_count = 1};
    assert_int_equal(proto_http_send_response(&s.http, &r, &s.out, &fault),
                     PROTO_ERR_HTTP_FIELD_VALUE);
    assert_int_equal(fault.offset, 0);
    r.status = 103;
    assert_int_equal(respond(&s, r), PROTO_ERR_HTTP_FIELD_VALUE);
    assert_memory_equal(&s.http, &before, sizeof before);
    assert_int_equal(s.out.len, 0);
    r = (proto_http_response){.status = 200, .framing = PROTO_HTTP_CHUNKED};
    assert_int_equal(respond(&s, r), PROTO_OK);
    assert_int_equal(proto_http_send_body_frame(&s.http, 2, &s.out), PROTO_OK);
    s.out.len = 0;
    assert_int_equal(proto_http_send_end(&s.http, &late, 1, &s.out, &fault),
                     PROTO_ERR_HTTP_TRAILER_FIELD);
    assert_int_equal(proto_http_send_body_frame(&s.http, UINT64_MAX, &s.out),
                     PROTO_ERR_HTTP_CHUNK_OVERFLOW);
    sent(&s, "");
    assert_int_equal(end(&s), PROTO_OK);
    sent(&s, "\r\n0\r\n\r\n");
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    proto_http_request q = {.method = PROTO_LITERAL("G T")};
    assert_int_equal(request(&s, q), PROTO_ERR_HTTP_METHOD);
    states(&s, "IDLE", "IDLE");
}

typedef proto_err command(side *s, proto_out *out);

static proto_err request_command(side *s, proto_out *out)
{
    proto_http_request r = {.method = PROTO_LITERAL("PUT"),
                            .target = PROTO_LITERAL("/"),
                            .authority = PROTO_LITERAL("a"),
                            .framing = PROTO_HTTP_CHUNKED};
    return proto_http_send_request(&s->http, &r, out, NULL);
}

static proto_err response_command(side *s, proto_out *out)
{
    proto_http_response r = {.status = 200, .framing = PROTO_HTTP_CHUNKED};
    return proto_http_send_response(&s->http, &r, out, NULL);
}

static proto_err interim_command(side *s, proto_out *out)
{
    proto_http_response r = {.status = 100};
    return proto_http_send_response(&s->http, &r, out, NULL);
}

/* Chunked, but there is no telling that the client knows chunks. */
static proto_err timeout_command(side *s, proto_out *out)
{
    proto_http_response r = {.status = 408, .framing = PROTO_HTTP_CHUNKED};
    return proto_http_send_response(&s->http, &r, out, NULL);
}

static proto_err body_command(side *s, proto_out *out)
{
    return proto_http_send_body(&s->http, PROTO_LITERAL("abc"), out);
}

static proto_err frame_command(side *s, proto_out *out)
{
    return proto_http_send_body_frame(&s->http, 3, out);
}

static proto_err end_command(side *s, proto_out *out)
{
    return proto_http_send_end(&s->http, NULL, 0, out, NULL);
}

/* Whatever room there is: all or nothing, and a failed command can be repeated. */
static void takes_all_or_nothing(side *s, command *run)
{
    uint8_t space[256];
    proto_http before = s->http;
    size_t cap = 0;
    for (;; cap++) {
        proto_out out = proto_out_of(space, cap);
        proto_err err = run(s, &out);
        if (err == PROTO_OK) {
            assert_int_equal(out.len, cap);
            break;
        }
        assert_int_equal(err, PROTO_ERR_NO_SPACE);
        assert_true(out.failed);
        assert_int_equal(out.len, 0);
        assert_memory_equal(&s->http, &before, sizeof before);
    }
    assert_true(cap > 0);
}

static void a_command_takes_all_the_room_it_needs_or_none(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    takes_all_or_nothing(&s, request_command);
    takes_all_or_nothing(&s, body_command);
    takes_all_or_nothing(&s, frame_command);
    takes_all_or_nothing(&s, body_command);
    takes_all_or_nothing(&s, frame_command);
    takes_all_or_nothing(&s, frame_command);
    takes_all_or_nothing(&s, end_command);
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, EXPECTING, "HEAD /p, NEED_INPUT");
    takes_all_or_nothing(&s, interim_command);
    takes_all_or_nothing(&s, response_command);
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /, END, PAUSED");
    answer(&s, 200);
    takes_all_or_nothing(&s, timeout_command);
    takes_all_or_nothing(&s, body_command);
}

static void refused_in_this_state(side *s, command *run)
{
    proto_http before = s->http;
    uint8_t space[256];
    proto_out out = proto_out_of(space, sizeof space);
    assert_int_equal(run(s, &out), PROTO_ERR_STATE);
    assert_int_equal(out.len, 0);
    assert_false(out.failed);
    assert_memory_equal(&s->http, &before, sizeof before);
}

static void refused_but(side *s, command *allowed, command *allowed_too)
{
    static command *const all[] = {request_command, response_command, interim_command,
                                   body_command,    frame_command,    end_command};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] != allowed && all[i] != allowed_too) refused_in_this_state(s, all[i]);
}

static void what_is_not_allowed_changes_nothing(void **state)
{
    side s;
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    refused_but(&s, request_command, NULL);
    assert_int_equal(request_command(&s, &s.out), PROTO_OK);
    refused_in_this_state(&s, request_command);
    refused_in_this_state(&s, response_command);
    reads_eof(&s, "", "FAILED TRUNCATED 0");
    refused_but(&s, NULL, NULL);
    open_side(&s, PROTO_HTTP_CLIENT, NULL);
    reads_eof(&s, "", "CLOSED");
    refused_but(&s, NULL, NULL);

    open_side(&s, PROTO_HTTP_SERVER, NULL);
    refused_but(&s, NULL, NULL);
    reads(&s, GET("/"), "HEAD /, END, PAUSED");
    refused_but(&s, response_command, interim_command);
    assert_int_equal(response_command(&s, &s.out), PROTO_OK);
    refused_in_this_state(&s, response_command);
    refused_in_this_state(&s, interim_command);
    assert_int_equal(end_command(&s, &s.out), PROTO_OK);
    refused_but(&s, NULL, NULL);
    reads_eof(&s, "", "CLOSED");
    refused_but(&s, NULL, NULL);
    open_side(&s, PROTO_HTTP_SERVER, NULL);
    reads(&s, UPGRADING, "HEAD /u, END, PAUSED");
    assert_int_equal(switch_protocols(&s), PROTO_OK);
    refused_but(&s, NULL, NULL);
}

/* --------------------------------------------------------------------------------- every cut -- */

typedef struct dialog {
    proto_http_role role;
    const char *methods; /* of the requests sent before */
    const char *input;
    const char *events;
    bool eof;
} dialog;

/* Reads a dialog in pieces from allocations of exactly their size; a server answers when it has
   to. */
static void play(const dialog *d, size_t first, size_t step)
{
    side s;
    text_buffer content = {0};
    size_t size = strlen(d->input);
    size_t consumed = 0;
    size_t shown = first < size ? first : size;
    proto_http_event event = PROTO_HTTP_EVENT_NEED_INPUT;
    open_side(&s, d->role, NULL);
    for (const char *m = d->methods; *m; m++)
        ask(&s, *m == 'H' ? "HEAD" : *m == 'C' ? "CONNECT" : "GET");
    for (bool stopped = false; !stopped;) {
        uint8_t *copy = allocate(shown - consumed);
        memcpy(copy, d->input + consumed, shown - consumed);
        s.in = proto_in_of(copy, shown - consumed);
        if (shown == consumed) s.in.pos = s.in.end = copy;
        s.in.eof = d->eof && shown == size;
        while ((event = next(&s)) != PROTO_HTTP_EVENT_NEED_INPUT && !stopped) {
            if (event == PROTO_HTTP_EVENT_BODY) {
                text_put(&content, s.message.body.ptr, s.message.body.len);
                continue;
            }
            if (content.len > 0) text_format(&s.events, ", \"%s\"", text_string(&content));
            text_clear(&content);
            put_event(&s, event);
            if (event == PROTO_HTTP_EVENT_PAUSED && d->role == PROTO_HTTP_SERVER)
                answer(&s, 200);
            else
                stopped = event >= PROTO_HTTP_EVENT_PAUSED;
        }
        consumed += (size_t)(s.in.pos - copy);
        free(copy);
        if (shown == size) break;
        shown = step < size - shown ? shown + step : size;
    }
    if (strcmp(text_string(&s.events), d->events) != 0)
        fail_msg("%s\ncut at %zu, then %zu\nexpected %s\ngot      %s", d->input, first, step,
                 d->events, text_string(&s.events));
    text_free(&s.events);
    text_free(&content);
}

static void dialogs_do_not_depend_on_the_cut(void **state)
{
    static const dialog dialogs[] = {
        {PROTO_HTTP_SERVER, "", GET("/1") GET("/2"),
         "HEAD /1, END, PAUSED, HEAD /2, END, PAUSED, CLOSED", true},
        {PROTO_HTTP_SERVER, "",
         POST("Transfer-Encoding: chunked\r\n") "3;a\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\n" GET(
             "/2"),
         "HEAD /p, \"abcde\", END x, PAUSED, HEAD /2, END, PAUSED, CLOSED", true},
        {PROTO_HTTP_SERVER, "", POST("Content-Length: 3\r\n") "abc\r\n",
         "HEAD /p, \"abc\", END, PAUSED, CLOSED", true},
        {PROTO_HTTP_SERVER, "", POST("Content-Length: 9\r\n") "abc",
         "HEAD /p, \"abc\", FAILED TRUNCATED 51", true},
        {PROTO_HTTP_SERVER, "", GET("/1") "GET /\x01 HTTP/1.1\r\n\r\n",
         "HEAD /1, END, PAUSED, FAILED TARGET 5", false},
        {PROTO_HTTP_CLIENT, "GHG",
         "HTTP/1.1 100 x\r\n\r\nHTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\nab"
         "HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\nHTTP/1.1 200 x\r\n\r\nrest",
         "INTERIM 100, HEAD 200, \"ab\", END, HEAD 200, END, HEAD 200, \"rest\", END, CLOSED",
         true},
        {PROTO_HTTP_CLIENT, "H", "HTTP/1.1 200 x\r\n\r\n\r\n\r\n", "HEAD 200, END, PAUSED", false},
        {PROTO_HTTP_CLIENT, "C", "HTTP/1.1 200 x\r\n\r\nrest", "HEAD 200, TUNNEL", false},
        {PROTO_HTTP_CLIENT, "G",
         "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
         "HEAD 200, \"a\", FAILED TRUNCATED 55", true},
    };
    for (size_t i = 0; i < sizeof dialogs / sizeof dialogs[0]; i++) {
        size_t size = strlen(dialogs[i].input);
        for (size_t first = 0; first <= size; first++)
            play(&dialogs[i], first, SIZE_MAX);
        for (size_t step = 1; step < 10; step++)
            play(&dialogs[i], step, step);
    }
}

/* --------------------------------------------------------------------------------- the table -- */

static void the_table_is_what_the_documents_say(void **state)
{
    static const char expected[] = "IDLE PASS_INTERIM IDLE\n"
                                   "IDLE PASS_HEAD OPEN\n"
                                   "IDLE CLOSE CLOSED\n"
                                   "IDLE BREAK BROKEN\n"
                                   "OPEN PASS_BODY OPEN\n"
                                   "OPEN PASS_END DONE\n"
                                   "OPEN CLOSE CLOSED\n"
                                   "OPEN BREAK BROKEN\n"
                                   "DONE REUSE IDLE\n"
                                   "DONE SWITCH TUNNELLED\n"
                                   "DONE CLOSE CLOSED\n"
                                   "DONE BREAK BROKEN\n";
    text_buffer table = {0};
#define LINE(state, step, next)                                                        \
    text_format(&table, "%s %s %s\n", proto_http_state_name(PROTO_HTTP_STATE_##state), \
                proto_http_step_name(PROTO_HTTP_STEP_##step),                          \
                proto_http_state_name(PROTO_HTTP_STATE_##next));
    PROTO_HTTP_TRANSITIONS(LINE)
#undef LINE
    assert_string_equal(text_string(&table), expected);
    text_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_read_one_at_a_time),
        cmocka_unit_test(bodies_and_trailers_are_read),
        cmocka_unit_test(an_empty_line_before_the_end_of_input_is_nothing),
        cmocka_unit_test(nothing_is_read_after_a_request_that_closes),
        cmocka_unit_test(nothing_is_read_after_a_response_that_closes),
        cmocka_unit_test(an_http_1_0_client_is_told_what_it_asked),
        cmocka_unit_test(keep_alive_may_be_said_to_anyone),
        cmocka_unit_test(chunks_to_an_http_1_0_client_end_with_the_connection),
        cmocka_unit_test(a_response_may_come_before_the_request_is_complete),
        cmocka_unit_test(a_response_that_closes_leaves_the_rest_of_the_request),
        cmocka_unit_test(a_client_that_waits_is_told_to_continue),
        cmocka_unit_test(a_client_that_waits_in_vain_is_closed),
        cmocka_unit_test(a_client_that_does_not_wait_is_not_closed),
        cmocka_unit_test(a_client_holds_its_body_back),
        cmocka_unit_test(a_client_that_has_begun_to_send_waits_no_more),
        cmocka_unit_test(nobody_waits_on_a_connection_that_is_over),
        cmocka_unit_test(a_client_that_has_sent_all_waits_no_more),
        cmocka_unit_test(a_failure_is_answered_once),
        cmocka_unit_test(a_failure_within_a_body_counts_from_the_message),
        cmocka_unit_test(a_failure_after_the_answer_closes),
        cmocka_unit_test(a_failure_during_the_answer_lets_it_end),
        cmocka_unit_test(a_truncated_body_fails),
        cmocka_unit_test(a_failed_connect_opens_no_tunnel),
        cmocka_unit_test(a_connect_that_fails_while_it_is_answered_opens_no_tunnel),
        cmocka_unit_test(a_server_may_give_up_waiting),
        cmocka_unit_test(an_upgrade_ends_http),
        cmocka_unit_test(an_upgrade_may_be_refused),
        cmocka_unit_test(an_upgrade_waits_for_the_rest_of_the_request),
        cmocka_unit_test(an_upgrade_fails_with_its_request),
        cmocka_unit_test(nobody_switches_while_the_client_waits),
        cmocka_unit_test(a_connect_opens_a_tunnel),
        cmocka_unit_test(a_refused_connect_goes_on_as_http),
        cmocka_unit_test(a_client_enters_a_tunnel),
        cmocka_unit_test(a_client_goes_on_after_a_refusal),
        cmocka_unit_test(a_client_ends_its_request_before_it_switches),
        cmocka_unit_test(nobody_switches_unasked),
        cmocka_unit_test(a_client_believes_a_switch_to_what_it_offered),
        cmocka_unit_test(http_1_0_has_no_upgrade),
        cmocka_unit_test(a_server_switches_to_what_was_offered),
        cmocka_unit_test(a_server_may_say_what_it_would_rather_speak),
        cmocka_unit_test(a_switch_says_to_what),
        cmocka_unit_test(responses_come_in_the_order_of_requests),
        cmocka_unit_test(a_pipeline_has_an_end),
        cmocka_unit_test(a_body_lasts_until_the_end_of_input),
        cmocka_unit_test(a_response_that_closes_is_the_last),
        cmocka_unit_test(a_request_that_closes_is_the_last),
        cmocka_unit_test(a_request_goes_on_after_its_response),
        cmocka_unit_test(the_last_request_goes_on_as_well),
        cmocka_unit_test(a_request_stops_when_its_response_closes),
        cmocka_unit_test(a_second_response_to_an_unfinished_request_is_unsolicited),
        cmocka_unit_test(bytes_without_a_request_are_unsolicited),
        cmocka_unit_test(empty_lines_without_a_request_are_thrown_away),
        cmocka_unit_test(a_missing_answer_is_a_truncated_one),
        cmocka_unit_test(interim_responses_have_an_end),
        cmocka_unit_test(content_is_framed),
        cmocka_unit_test(a_length_is_kept),
        cmocka_unit_test(the_answer_to_head_is_counted_and_not_sent),
        cmocka_unit_test(content_until_close_closes),
        cmocka_unit_test(errors_of_writing_are_passed_on),
        cmocka_unit_test(a_command_takes_all_the_room_it_needs_or_none),
        cmocka_unit_test(what_is_not_allowed_changes_nothing),
        cmocka_unit_test(dialogs_do_not_depend_on_the_cut),
        cmocka_unit_test(the_table_is_what_the_documents_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
