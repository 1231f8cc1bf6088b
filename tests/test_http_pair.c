/* SPDX-License-Identifier: MIT */
/* A client and a server, both of the library, over a wire in memory that is cut at random: random
   exchanges with every framing, pipelined, answered early, refused for want of room. What one says
   the other must understand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <proto/http.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "text.h"

static uint64_t random_state;

static uint64_t random_below(uint64_t bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (random_state >> 11) % bound;
}

enum { FIELDS = 8, SPACE = 8192, EXCHANGES = 12, WIRE = 1 << 16, MAX_CONTENT = 2000 };

/* What is said about one exchange. Content is a function of its number, so that both sides know
   it. */
typedef struct exchange {
    const char *method;
    proto_http_framing request_framing;
    size_t request_size;
    bool expects;
    bool last; /* the request says so */
    int status;
    proto_http_framing response_framing;
    size_t response_size; /* that arrives */
    size_t response_told; /* that the head tells of */
    bool early;
    bool close;
    bool interim;
} exchange;

/* One end: its engine, the message it is sending, and how far the one it reads has come. */
typedef struct peer {
    proto_http http;
    proto_http_field fields[FIELDS];
    uint8_t inbox[WIRE];
    size_t inbox_size;
    uint8_t wire[WIRE]; /* what it has sent and has not arrived */
    size_t wire_size;
    size_t reading;   /* the exchange that is read */
    size_t received;  /* content of it */
    size_t sending;   /* the exchange that is sent */
    size_t sent;      /* content of it */
    bool sending_now; /* its head is out */
    bool closed;
    bool eof; /* the other one has closed, and all it sent is in the inbox */
} peer;

static uint8_t content_byte(size_t number, bool response, size_t i)
{
    return (uint8_t)(number * 37 + i * 11 + (i >> 8) + response);
}

static void plan_request(exchange *x)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "REPORT", "OPTIONS"};
    x->method = methods[random_below(6)];
    x->request_framing = (proto_http_framing)random_below(3);
    x->request_size = x->request_framing == PROTO_HTTP_NO_BODY ? 0 : random_below(MAX_CONTENT);
    x->expects = x->request_size > 0 && random_below(4) == 0;
    x->last = random_below(20) == 0;
}

static void plan_response(exchange *x)
{
    static const int statuses[] = {200, 200, 200, 404, 304, 204};
    x->status = statuses[random_below(6)];
    x->response_framing = (proto_http_framing)random_below(random_below(5) ? 3 : 4);
    if (x->status == 204) x->response_framing = PROTO_HTTP_NO_BODY;
    x->response_told = x->response_framing == PROTO_HTTP_NO_BODY ? 0 : random_below(MAX_CONTENT);
    bool none = strcmp(x->method, "HEAD") == 0 || x->status == 304 || x->status == 204;
    x->response_size = none ? 0 : x->response_told;
    x->early = random_below(6) == 0;
    x->close = random_below(20) == 0;
    x->interim = random_below(4) == 0;
}

/* A command into a sink that is sometimes too small; what came out goes onto the wire. */
static proto_out small_sink(uint8_t *space)
{
    return proto_out_of(space, random_below(8) ? SPACE : random_below(100));
}

static bool went_out(peer *p, const proto_out *out, proto_err err)
{
    if (err == PROTO_ERR_NO_SPACE) {
        assert_int_equal(out->len, 0);
        return false;
    }
    assert_int_equal(err, PROTO_OK);
    assert_true(out->len <= WIRE - p->wire_size);
    if (out->len > 0) memcpy(p->wire + p->wire_size, out->ptr, out->len);
    p->wire_size += out->len;
    return true;
}

static void send_request_head(peer *p, const exchange *x)
{
    const proto_http_pair expect = {PROTO_LITERAL("Expect"), PROTO_LITERAL("100-continue")};
    uint8_t space[SPACE];
    proto_out out = small_sink(space);
    proto_http_request r = {.method = proto_slice_text(x->method),
                            .target = PROTO_LITERAL("/"),
                            .authority = PROTO_LITERAL("a"),
                            .fields = &expect,
                            .field_count = x->expects,
                            .framing = x->request_framing,
                            .content_length = x->request_size,
                            .close = x->last};
    proto_err err = proto_http_send_request(&p->http, &r, &out, NULL);
    if (err == PROTO_ERR_STATE) return;
    p->sending_now = went_out(p, &out, err);
}

static void send_response_head(peer *p, const exchange *x)
{
    uint8_t space[SPACE];
    proto_out out = small_sink(space);
    if (proto_http_awaits_continue(&p->http) && !x->close) {
        proto_http_response r = {.status = 100};
        went_out(p, &out, proto_http_send_response(&p->http, &r, &out, NULL));
        return;
    }
    if (x->interim && random_below(2)) {
        proto_http_response r = {.status = 103};
        went_out(p, &out, proto_http_send_response(&p->http, &r, &out, NULL));
        if (random_below(2)) return;
        out = small_sink(space);
    }
    proto_http_response r = {.status = x->status,
                             .framing = x->response_framing,
                             .content_length = x->response_told,
                             .close = x->close};
    p->sending_now = went_out(p, &out, proto_http_send_response(&p->http, &r, &out, NULL));
}

/* Some content, copied, or framed with the bytes put behind the frame. */
static void send_content(peer *p, bool response, size_t left)
{
    uint8_t space[SPACE], content[MAX_CONTENT];
    size_t size = 1 + random_below(left);
    proto_out out = small_sink(space);
    for (size_t i = 0; i < size; i++)
        content[i] = content_byte(p->sending, response, p->sent + i);
    if (random_below(2)) {
        if (!went_out(p, &out, proto_http_send_body(&p->http, proto_slice_of(content, size), &out)))
            return;
    } else {
        if (!went_out(p, &out, proto_http_send_body_frame(&p->http, size, &out))) return;
        if (!p->http.send_nothing) {
            proto_out all = proto_out_of(content, sizeof content);
            all.len = size;
            went_out(p, &all, PROTO_OK);
        }
    }
    p->sent += size;
}

static void send_on(peer *p, bool response, const exchange *x)
{
    uint8_t space[SPACE];
    size_t size = response ? x->response_told : x->request_size;
    uint8_t *channel = response ? &p->http.response : &p->http.request;
    if (*channel == PROTO_HTTP_STATE_CLOSED) return;
    if (p->sent < size) {
        if (response || !proto_http_awaits_continue(&p->http))
            send_content(p, response, size - p->sent);
        return;
    }
    proto_out out = small_sink(space);
    if (!went_out(p, &out, proto_http_send_end(&p->http, NULL, 0, &out, NULL))) return;
    p->sending_now = false;
    p->sent = 0;
    p->sending++;
}

static void check_content(peer *p, bool response, proto_slice data, size_t size)
{
    assert_true(p->received + data.len <= size);
    for (size_t i = 0; i < data.len; i++)
        assert_int_equal(data.ptr[i], content_byte(p->reading, response, p->received + i));
    p->received += data.len;
}

/* Takes all the events there are. */
static void read_on(peer *p, bool response, const exchange *plan)
{
    proto_in in = proto_in_of(p->inbox, p->inbox_size);
    proto_http_message message;
    in.pos = p->inbox;
    in.end = p->inbox + p->inbox_size;
    in.eof = p->eof;
    for (bool more = true; more;) {
        const exchange *x = &plan[p->reading];
        size_t size = response ? x->response_size : x->request_size;
        switch (proto_http_next(&p->http, &in, &message)) {
        case PROTO_HTTP_EVENT_BODY: check_content(p, response, message.body, size); break;
        case PROTO_HTTP_EVENT_END:
            assert_int_equal(p->received, size);
            p->received = 0;
            p->reading++;
            break;
        case PROTO_HTTP_EVENT_HEAD: assert_true(p->reading < EXCHANGES); break;
        case PROTO_HTTP_EVENT_INTERIM: break;
        case PROTO_HTTP_EVENT_FAILED:
            /* Only because the other side has gone away. */
            assert_int_equal(p->http.fault.err, PROTO_ERR_HTTP_TRUNCATED);
            assert_true(p->eof);
            p->closed = true;
            more = false;
            break;
        case PROTO_HTTP_EVENT_CLOSED:
            p->closed = true;
            more = false;
            break;
        case PROTO_HTTP_EVENT_TUNNEL: fail(); break;
        case PROTO_HTTP_EVENT_NEED_INPUT:
        case PROTO_HTTP_EVENT_PAUSED: more = false; break;
        }
    }
    p->inbox_size = (size_t)(in.end - in.pos);
    memmove(p->inbox, in.pos, p->inbox_size);
}

/* Some bytes arrive. */
static void carry(peer *from, peer *to)
{
    size_t size = random_below(from->wire_size + 1);
    if (random_below(3) == 0 && size > 20) size = random_below(20);
    if (size > WIRE - to->inbox_size) size = WIRE - to->inbox_size;
    memcpy(to->inbox + to->inbox_size, from->wire, size);
    to->inbox_size += size;
    from->wire_size -= size;
    memmove(from->wire, from->wire + size, from->wire_size);
    to->eof = from->closed && from->wire_size == 0;
}

static bool server_may_answer(const peer *server, const exchange *x)
{
    uint8_t request = server->http.request;
    if (server->http.response != PROTO_HTTP_STATE_IDLE) return false;
    if (request == PROTO_HTTP_STATE_DONE) return true;
    return request == PROTO_HTTP_STATE_OPEN &&
           (x->early || proto_http_awaits_continue(&server->http));
}

static void client_turn(peer *client, const exchange *plan)
{
    if (!client->sending_now && client->sending < EXCHANGES)
        send_request_head(client, &plan[client->sending]);
    else if (client->sending_now)
        send_on(client, false, &plan[client->sending]);
    read_on(client, true, plan);
    if (client->reading == EXCHANGES) client->closed = true;
}

static void server_turn(peer *server, const exchange *plan)
{
    read_on(server, false, plan);
    if (server->closed) return;
    if (!server->sending_now && server_may_answer(server, &plan[server->sending]))
        send_response_head(server, &plan[server->sending]);
    else if (server->sending_now)
        send_on(server, true, &plan[server->sending]);
}

/* One connection from exchange number `first` on; returns how many were answered. */
static size_t converse(const exchange *plan, size_t first, peer *client, peer *server)
{
    memset(client, 0, sizeof *client);
    memset(server, 0, sizeof *server);
    proto_http_init(&client->http, PROTO_HTTP_CLIENT, NULL, client->fields, FIELDS);
    proto_http_init(&server->http, PROTO_HTTP_SERVER, NULL, server->fields, FIELDS);
    client->reading = client->sending = server->reading = server->sending = first;
    for (int turns = 0; !(client->closed && server->closed); turns++) {
        assert_true(turns < 100000);
        if (!client->closed && random_below(2)) client_turn(client, plan);
        if (!server->closed && random_below(2)) server_turn(server, plan);
        carry(client, server);
        carry(server, client);
        /* A program that is closed reads on, and throws away. */
        if (client->closed) client->inbox_size = 0;
        if (server->closed) server->inbox_size = 0;
    }
    assert_true(server->reading >= client->reading || plan[client->reading - 1].early ||
                plan[client->reading - 1].expects || plan[client->reading - 1].close);
    return client->reading;
}

static void two_engines_agree(void **state)
{
    peer *client = allocate(sizeof *client);
    peer *server = allocate(sizeof *server);
    for (uint64_t seed = 1; seed <= 400; seed++) {
        exchange plan[EXCHANGES + 1] = {0};
        random_state = seed * 0x9e3779b97f4a7c15u;
        for (size_t i = 0; i < EXCHANGES; i++) {
            plan_request(&plan[i]);
            plan_response(&plan[i]);
        }
        for (size_t done = 0; done < EXCHANGES;) {
            size_t before = done;
            done = converse(plan, done, client, server);
            assert_true(done > before);
        }
    }
    free(client);
    free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_engines_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
