/* SPDX-License-Identifier: MIT */
/* Connections: two channels, one table of what moves them. */
#include "http_head.h"
#include "http_upgrade.h"
#include "outcome.h"

#include <assert.h>

enum { METHOD_BITS = 4 }; /* of each unanswered request */

/* The state that a step leads to, plus one; 0 where it is refused. */
static const uint8_t next_state[PROTO_HTTP_STATE_BROKEN + 1][PROTO_HTTP_STEP_BREAK + 1] = {
#define TRANSITION(state, step, next) \
    [PROTO_HTTP_STATE_##state][PROTO_HTTP_STEP_##step] = PROTO_HTTP_STATE_##next + 1,
    PROTO_HTTP_TRANSITIONS(TRANSITION)
#undef TRANSITION
};

static bool may(uint8_t channel, proto_http_step step)
{
    return next_state[channel][step] != 0;
}

static void move(uint8_t *channel, proto_http_step step)
{
    assert(may(*channel, step));
    *channel = (uint8_t)(next_state[*channel][step] - 1);
}

static void move_if_may(uint8_t *channel, proto_http_step step)
{
    if (may(*channel, step)) move(channel, step);
}

static void move_both(proto_http *http, proto_http_step step)
{
    move_if_may(&http->request, step);
    move_if_may(&http->response, step);
}

static bool is_server(const proto_http *http)
{
    return http->role == PROTO_HTTP_SERVER;
}

static uint8_t *reading(proto_http *http)
{
    return is_server(http) ? &http->request : &http->response;
}

static uint8_t *sending(proto_http *http)
{
    return is_server(http) ? &http->response : &http->request;
}

/* Whether the response that is complete was the last. One that does not close lets a request go on of
   which a part is still to be sent (RFC 9110 section 7.5). */
static bool exchange_is_last(const proto_http *http)
{
    if (http->response_closes) return true;
    return http->unanswered == 0 && http->request_closes && http->request != PROTO_HTTP_STATE_OPEN;
}

/* Decides what follows when a message has ended. */
static void settle(proto_http *http)
{
    bool request_done = http->request == PROTO_HTTP_STATE_DONE;
    if (http->response != PROTO_HTTP_STATE_DONE) return;
    if (http->switching) {
        if (request_done) move_both(http, PROTO_HTTP_STEP_SWITCH);
    } else if (exchange_is_last(http)) {
        move_both(http, PROTO_HTTP_STEP_CLOSE);
    } else if (http->unanswered > 0) {
        move(&http->response, PROTO_HTTP_STEP_REUSE);
    } else if (request_done) {
        move_both(http, PROTO_HTTP_STEP_REUSE);
        http->may_switch = false;
    }
}

void proto_http_init(proto_http *http, proto_http_role role, const proto_http_config *config,
                     proto_http_field *fields, uint32_t cap)
{
    *http = (proto_http){.role = (uint8_t)role};
    proto_http_head_init(&http->head, config, fields, cap);
}

/* ----------------------------------------------------------------------------------- reading -- */

static proto_http_event broken(proto_http *http, proto_err err, uint64_t offset)
{
    http->fault = (proto_fault){err, offset};
    http->request_closes = true;
    http->switching = false;
    move(reading(http), PROTO_HTTP_STEP_BREAK);
    /* A server may still say why, unless it has answered. */
    if (!is_server(http) || http->response == PROTO_HTTP_STATE_DONE)
        move_if_may(sending(http), PROTO_HTTP_STEP_CLOSE);
    return PROTO_HTTP_EVENT_FAILED;
}

static proto_http_event peer_closed(proto_http *http)
{
    move_both(http, PROTO_HTTP_STEP_CLOSE);
    return PROTO_HTTP_EVENT_CLOSED;
}

/* What the answer to a request may rely on when its head was not understood. */
static void forget_request(proto_http *http)
{
    http->head.method = PROTO_HTTP_OTHER_METHOD;
    http->head.minor = 0;
    http->head.flags = 0;
}

/* Nothing more comes, but for the empty line that some clients send behind a body (RFC 9112 section
   2.2). */
static bool nothing_follows(const proto_in *in)
{
    size_t left = (size_t)(in->end - in->pos);
    return in->eof && (left == 0 || (left == 2 && memcmp(in->pos, "\r\n", 2) == 0));
}

static proto_http_event request_head_next(proto_http *http, proto_in *in)
{
    if (http->response != PROTO_HTTP_STATE_IDLE) return PROTO_HTTP_EVENT_PAUSED;
    if (nothing_follows(in)) return peer_closed(http);
    proto_err err = proto_http_request_read(&http->head, in);
    if (err == PROTO_NEED_INPUT) return PROTO_HTTP_EVENT_NEED_INPUT;
    if (err) {
        forget_request(http);
        return broken(http, err, http->head.fault.offset);
    }
    move(&http->request, PROTO_HTTP_STEP_PASS_HEAD);
    proto_http_body_init(&http->body, &http->head);
    http->request_closes = !(http->head.flags & PROTO_HTTP_KEEP_ALIVE);
    http->awaits_continue = http->head.flags & PROTO_HTTP_EXPECT_CONTINUE;
    http->offers = http->head.flags & PROTO_HTTP_UPGRADE ? http_protocols_read(&http->head.fields)
                                                         : 0;
    return PROTO_HTTP_EVENT_HEAD;
}

static proto_http_event interim_passes(proto_http *http)
{
    if (http->interims == PROTO_HTTP_INTERIMS) return broken(http, PROTO_ERR_HTTP_INTERIM, 0);
    http->interims++;
    move(&http->response, PROTO_HTTP_STEP_PASS_INTERIM);
    if (http->head.status == 100 && http->unanswered == 1) http->awaits_continue = false;
    return PROTO_HTTP_EVENT_INTERIM;
}

static proto_http_event final_response_passes(proto_http *http)
{
    move(&http->response, PROTO_HTTP_STEP_PASS_HEAD);
    proto_http_body_init(&http->body, &http->head);
    http->interims = 0;
    /* A server that answers instead of asking for the body may take what comes next for the body or for
       a request: nobody can know. */
    bool last = http->unanswered == 1;
    bool unwanted = last && proto_http_awaits_continue(http);
    http->response_closes = unwanted || !(http->head.flags & PROTO_HTTP_KEEP_ALIVE);
    if (last) http->awaits_continue = false;
    return PROTO_HTTP_EVENT_HEAD;
}

static proto_http_event switch_passes(proto_http *http)
{
    uint32_t at;
    bool last = http->unanswered == 1; /* which alone may have offered it */
    proto_err err = http_switch_judge(&http->head, last ? http->offers : 0, &at);
    return err ? broken(http, err, at) : final_response_passes(http);
}

/* RFC 9112 section 9.2: what comes while no request is unanswered is no response, not even to one that
   follows; empty lines alone may be thrown away. Half of one may still become whole. */
static proto_http_event unasked_next(proto_http *http, proto_in *in)
{
    while (in->end - in->pos >= 2 && memcmp(in->pos, "\r\n", 2) == 0)
        in->pos += 2;
    bool half = in->end - in->pos == 1 && *in->pos == '\r' && !in->eof;
    if (in->pos != in->end && !half) return broken(http, PROTO_ERR_HTTP_UNSOLICITED, 0);
    return in->eof ? peer_closed(http) : PROTO_HTTP_EVENT_PAUSED;
}

static proto_http_event response_head_next(proto_http *http, proto_in *in)
{
    enum { METHOD_MASK = (1 << METHOD_BITS) - 1 };
    if (http->unanswered == 0) return unasked_next(http, in);
    proto_http_method method = (proto_http_method)(http->pipeline & METHOD_MASK);
    proto_err err = proto_http_response_read(&http->head, method, in);
    if (err == PROTO_NEED_INPUT) return PROTO_HTTP_EVENT_NEED_INPUT;
    if (err) return broken(http, err, http->head.fault.offset);
    if (http->head.status == 101) return switch_passes(http);
    return http->head.status < 200 ? interim_passes(http) : final_response_passes(http);
}

static void message_read(proto_http *http)
{
    move(reading(http), PROTO_HTTP_STEP_PASS_END);
    if (is_server(http)) {
        http->awaits_continue = false;
    } else {
        http->pipeline >>= METHOD_BITS;
        http->unanswered--;
    }
    settle(http);
}

static proto_http_event body_next(proto_http *http, proto_in *in, proto_slice *data)
{
    proto_http_event event = proto_http_body_next(&http->body, in, data);
    if (event == PROTO_HTTP_EVENT_BODY) move(reading(http), PROTO_HTTP_STEP_PASS_BODY);
    if (event == PROTO_HTTP_EVENT_END) message_read(http);
    if (event == PROTO_HTTP_EVENT_TUNNEL) {
        http->switching = true;
        message_read(http);
        if (http->response != PROTO_HTTP_STATE_TUNNELLED) return PROTO_HTTP_EVENT_PAUSED;
    }
    if (event == PROTO_HTTP_EVENT_FAILED)
        return broken(http, http->body.fault.err, http->head.length + http->body.fault.offset);
    return event;
}

static proto_http_event event_next(proto_http *http, proto_in *in, proto_slice *data)
{
    switch ((proto_http_state)*reading(http)) {
    case PROTO_HTTP_STATE_IDLE:
        return is_server(http) ? request_head_next(http, in) : response_head_next(http, in);
    case PROTO_HTTP_STATE_OPEN: return body_next(http, in, data);
    case PROTO_HTTP_STATE_DONE:
        return is_server(http) || http->switching ? PROTO_HTTP_EVENT_PAUSED
                                                  : unasked_next(http, in);
    case PROTO_HTTP_STATE_TUNNELLED: return PROTO_HTTP_EVENT_TUNNEL;
    case PROTO_HTTP_STATE_CLOSED: return PROTO_HTTP_EVENT_CLOSED;
    case PROTO_HTTP_STATE_BROKEN: break;
    }
    return *sending(http) == PROTO_HTTP_STATE_CLOSED && is_server(http) ? PROTO_HTTP_EVENT_CLOSED
                                                                        : PROTO_HTTP_EVENT_FAILED;
}

proto_http_event proto_http_next(proto_http *http, proto_in *in, proto_http_message *message)
{
    *message = (proto_http_message){0};
    proto_http_event event = event_next(http, in, &message->body);
    bool of_message = event == PROTO_HTTP_EVENT_HEAD || event == PROTO_HTTP_EVENT_INTERIM ||
                      event == PROTO_HTTP_EVENT_BODY || event == PROTO_HTTP_EVENT_END;
    if (of_message) message->head = &http->head;
    if (event == PROTO_HTTP_EVENT_END) message->trailer = &http->body.trailer;
    return event;
}

int proto_http_status_hint(const proto_http *http)
{
    return proto_http_status_of(http->fault.err);
}

proto_http_state proto_http_request_state(const proto_http *http)
{
    return (proto_http_state)http->request;
}

proto_http_state proto_http_response_state(const proto_http *http)
{
    return (proto_http_state)http->response;
}

bool proto_http_persists(const proto_http *http)
{
    bool alive = http->request <= PROTO_HTTP_STATE_DONE; /* the response does not end before */
    return alive && !http->request_closes && !http->response_closes && !http->switching;
}

bool proto_http_awaits_continue(const proto_http *http)
{
    bool open = http->request == PROTO_HTTP_STATE_OPEN; /* there is something to hold back */
    bool come = is_server(http) && (http->body.consumed > 0 || http->body.scanned > 0);
    return http->awaits_continue && open && !come;
}

/* ------------------------------------------------------------------------------------- heads -- */

/* Whether a field `id` to be sent has `token` in its list. */
static bool says(const proto_http_pair *fields, size_t count, proto_http_field_id id,
                 proto_slice token)
{
    for (size_t i = 0; i < count; i++) {
        proto_slice list = fields[i].value;
        proto_slice member;
        if (proto_http_field_id_of(fields[i].name) != id) continue;
        while (proto_http_list_next(&list, &member))
            if (proto_slice_equal_nocase(member, token)) return true;
    }
    return false;
}

static bool says_in_connection(const proto_http_pair *fields, size_t count, proto_slice option)
{
    return says(fields, count, PROTO_HTTP_FIELD_CONNECTION, option);
}

static void begin_content(proto_http *http, proto_http_framing framing, uint64_t length)
{
    http->send_framing = (uint8_t)framing;
    http->send_left = framing == PROTO_HTTP_LENGTH ? length : 0;
    http->send_nothing = http->send_unchunked = http->chunk_open = false;
    move(sending(http), PROTO_HTTP_STEP_PASS_HEAD);
}

static bool request_may_begin(const proto_http *http)
{
    bool between = http->request == PROTO_HTTP_STATE_IDLE || http->request == PROTO_HTTP_STATE_DONE;
    return !is_server(http) && between && http->unanswered < PROTO_HTTP_PIPELINE &&
           !http->request_closes && !http->response_closes && !http->may_switch;
}

proto_err proto_http_send_request(proto_http *http, const proto_http_request *request,
                                  proto_out *out, proto_fault *fault)
{
    const proto_http_pair *fields = request->fields;
    size_t count = request->field_count;
    if (!request_may_begin(http)) return outcome(fault, PROTO_ERR_STATE, count);
    proto_err err = proto_http_request_write(request, out, fault);
    if (err) return err;
    proto_http_method method = proto_http_method_of(request->method);
    http->pipeline |= (uint64_t)method << (METHOD_BITS * http->unanswered++);
    http->offers = http_protocols_sent(fields, count);
    http->may_switch = http->offers != 0 || method == PROTO_HTTP_CONNECT;
    http->request_closes = request->close ||
                           says_in_connection(fields, count, PROTO_LITERAL("close"));
    http->awaits_continue = says(fields, count, PROTO_HTTP_FIELD_EXPECT,
                                 PROTO_LITERAL("100-continue"));
    move_if_may(&http->request, PROTO_HTTP_STEP_REUSE);
    begin_content(http, request->framing, request->content_length);
    return PROTO_OK;
}

static bool has_request(const proto_http *http)
{
    return http->request == PROTO_HTTP_STATE_OPEN || http->request == PROTO_HTTP_STATE_DONE;
}

/* RFC 9110 sections 15.2 and 7.8: nothing interim to an HTTP/1.0 client; another protocol only
   where it was asked for, and only once the client is not waiting to send the rest of its
   request. */
static bool interim_may_pass(const proto_http *http, int status)
{
    if (!has_request(http) || http->head.minor == 0) return false;
    if (status != 101) return true;
    return http->offers != 0 && !proto_http_awaits_continue(http);
}

static proto_err interim_send(proto_http *http, proto_http_response response, proto_out *out,
                              proto_fault *fault)
{
    if (!interim_may_pass(http, response.status))
        return outcome(fault, PROTO_ERR_STATE, response.field_count);
    size_t unasked = http_unoffered(response.fields, response.field_count, http->offers);
    if (response.status == 101 && unasked < response.field_count)
        return outcome(fault, PROTO_ERR_HTTP_UPGRADE, unasked);
    response.close = response.keep_alive = false;
    proto_err err = proto_http_response_write(&response, (proto_http_method)http->head.method, out,
                                              fault);
    if (err) return err;
    if (response.status == 100) http->awaits_continue = false;
    if (response.status != 101) {
        move(&http->response, PROTO_HTTP_STEP_PASS_INTERIM);
        return PROTO_OK;
    }
    http->switching = true;
    begin_content(http, PROTO_HTTP_NO_BODY, 0);
    move(&http->response, PROTO_HTTP_STEP_PASS_END);
    settle(http);
    return PROTO_OK;
}

/* A response that closes, because something demands it. */
static bool response_must_close(const proto_http *http, const proto_http_response *response)
{
    return response->close || response->framing == PROTO_HTTP_UNTIL_CLOSE || http->request_closes ||
           http->request == PROTO_HTTP_STATE_IDLE || proto_http_awaits_continue(http) ||
           says_in_connection(response->fields, response->field_count, PROTO_LITERAL("close"));
}

static proto_err final_send(proto_http *http, proto_http_response response, bool tunnel,
                            proto_out *out, proto_fault *fault)
{
    /* Where there is no request, the head may still be the last one's. */
    bool unasked = http->request == PROTO_HTTP_STATE_IDLE;
    proto_http_method method = unasked ? PROTO_HTTP_OTHER_METHOD
                                       : (proto_http_method)http->head.method;
    proto_http_framing framing = response.framing;
    bool old = unasked || http->head.minor == 0;
    bool unchunked = old && framing == PROTO_HTTP_CHUNKED;
    if (unchunked) response.framing = PROTO_HTTP_UNTIL_CLOSE;
    response.close = !tunnel && response_must_close(http, &response);
    response.keep_alive = !tunnel && !response.close && (response.keep_alive || old);
    proto_err err = proto_http_response_write(&response, method, out, fault);
    if (err) return err;
    begin_content(http, tunnel ? PROTO_HTTP_NO_BODY : framing, response.content_length);
    http->send_nothing = http_status_framing((unsigned)response.status, method) ==
                         PROTO_HTTP_NO_BODY;
    http->send_unchunked = unchunked;
    http->response_closes = response.close;
    http->switching = tunnel;
    http->awaits_continue = false;
    return PROTO_OK;
}

proto_err proto_http_send_response(proto_http *http, const proto_http_response *response,
                                   proto_out *out, proto_fault *fault)
{
    bool failed = http->request == PROTO_HTTP_STATE_BROKEN;
    bool gives_up = http->request == PROTO_HTTP_STATE_IDLE && response->status == 408;
    if (!is_server(http) || http->response != PROTO_HTTP_STATE_IDLE ||
        !(has_request(http) || failed || gives_up))
        return outcome(fault, PROTO_ERR_STATE, response->field_count);
    if (response->status / 100 == 1) return interim_send(http, *response, out, fault);
    bool tunnel = http->head.method == PROTO_HTTP_CONNECT && response->status / 100 == 2;
    if (tunnel && failed) return outcome(fault, PROTO_ERR_STATE, response->field_count);
    return final_send(http, *response, tunnel, out, fault);
}

/* ----------------------------------------------------------------------------------- content -- */

/* Whether content is in chunks on the wire. */
static bool sends_chunks(const proto_http *http)
{
    return http->send_framing == PROTO_HTTP_CHUNKED && !http->send_nothing && !http->send_unchunked;
}

static proto_err content_permitted(proto_http *http, uint64_t size)
{
    bool counted = http->send_framing == PROTO_HTTP_LENGTH ||
                   http->send_framing == PROTO_HTTP_NO_BODY;
    if (!may(*sending(http), PROTO_HTTP_STEP_PASS_BODY)) return PROTO_ERR_STATE;
    return counted && size > http->send_left ? PROTO_ERR_HTTP_BODY_LENGTH : PROTO_OK;
}

static void content_sent(proto_http *http, uint64_t size)
{
    if (http->send_framing == PROTO_HTTP_LENGTH) http->send_left -= size;
    if (!is_server(http)) http->awaits_continue = false;
    move(sending(http), PROTO_HTTP_STEP_PASS_BODY);
}

static void open_chunk_end(const proto_http *http, proto_out *out)
{
    if (http->chunk_open) proto_out_put(out, "\r\n", 2);
}

proto_err proto_http_send_body(proto_http *http, proto_slice data, proto_out *out)
{
    proto_out before = *out;
    proto_err err = content_permitted(http, data.len);
    if (err || data.len == 0) return err;
    if (sends_chunks(http)) {
        open_chunk_end(http, out);
        err = proto_http_chunk_write(data, out);
    } else if (!http->send_nothing) {
        proto_out_slice(out, data);
    }
    err = outcome_of_writing(out, before, err);
    if (err) return err;
    http->chunk_open = false;
    content_sent(http, data.len);
    return PROTO_OK;
}

proto_err proto_http_send_body_frame(proto_http *http, uint64_t size, proto_out *out)
{
    proto_out before = *out;
    proto_err err = content_permitted(http, size);
    if (err || size == 0) return err;
    if (sends_chunks(http)) {
        open_chunk_end(http, out);
        err = proto_http_chunk_begin_write(size, out);
    }
    err = outcome_of_writing(out, before, err);
    if (err) return err;
    http->chunk_open = sends_chunks(http);
    content_sent(http, size);
    return PROTO_OK;
}

uint64_t proto_http_send_pending(const proto_http *http)
{
    uint8_t channel = is_server(http) ? http->response : http->request;
    bool owes = channel == PROTO_HTTP_STATE_OPEN && !http->send_nothing;
    return owes ? http->send_left : 0;
}

proto_err proto_http_send_end(proto_http *http, const proto_http_pair *trailer, size_t count,
                              proto_out *out, proto_fault *fault)
{
    proto_out before = *out;
    bool trailed = count == 0 || http->send_framing == PROTO_HTTP_CHUNKED;
    if (!may(*sending(http), PROTO_HTTP_STEP_PASS_END) || !trailed)
        return outcome(fault, PROTO_ERR_STATE, count);
    if (proto_http_send_pending(http) > 0) return outcome(fault, PROTO_ERR_HTTP_BODY_LENGTH, count);
    if (sends_chunks(http)) {
        open_chunk_end(http, out);
        proto_err err = proto_http_last_chunk_write(trailer, count, out, fault);
        err = outcome_of_writing(out, before, err);
        if (err) return err;
    }
    move(sending(http), PROTO_HTTP_STEP_PASS_END);
    settle(http);
    return outcome(fault, PROTO_OK, 0);
}
