/* SPDX-License-Identifier: MIT */
/*
 * One connection, from its first byte to its last. It never waits: connection_run() goes on as far
 * as it can and says what it needs then. So it serves under any loop, and many connections share a
 * thread.
 *
 * Requests are answered in order. Answers gather in the outbox and leave together; a request is
 * read only when there is room for its answer, so that a client that asks and does not read stops
 * being read from.
 */
#include "webserver.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    STEPS_A_TURN = 64,          /* events, before others are served */
    PIECE_OF_FILE = 256 * 1024, /* bytes sent by one call */
    READS_A_TURN = 16           /* of what is thrown away */
};

void worker_tick(struct worker *work)
{
    work->now = clock_now();
    work->seconds = clock_seconds();
    if (work->dated == work->seconds && work->date[0]) return;
    proto_out out = proto_out_of(work->date, PROTO_DATE_LENGTH);
    if (proto_date_write(work->seconds, &out) == PROTO_OK) work->dated = work->seconds;
}

struct connection *connection_open(struct worker *work, int fd, const char *peer)
{
    static const proto_http_config config = {.max_head = MAX_HEAD};
    struct connection *it = malloc(sizeof *it);
    if (!it) {
        close(fd);
        return NULL;
    }
    /* The buffers need no clearing, and what is not touched takes no memory. */
    memset(it, 0, offsetof(struct connection, request) + 1);
    it->work = work;
    it->via = stream_plain(fd);
    it->input = (struct inbox){proto_in_of(it->in, 0), it->in, sizeof it->in, false};
    it->output.out = proto_out_of(it->out, sizeof it->out);
    it->deadline = work->now + work->limits->request;
    strcpy(it->peer, peer);
    it->entry.peer = it->peer;
    it->entry.request = it->request;
    proto_http_init(&it->http, PROTO_HTTP_SERVER, &config, it->fields, MAX_FIELDS);
    return it;
}

/* A file sent, or as much of it as could be. */
static void end_body(struct connection *it)
{
    it->entry.time = it->work->seconds;
    log_put(&it->work->log, &it->entry, it->work->now);
    resource_release(it->body);
    it->body = NULL;
}

void connection_close(struct connection *it)
{
    if (it->body) end_body(it);
    close(it->via.fd);
    free(it);
}

bool connection_is_idle(const struct connection *it)
{
    return !it->begun && !it->body && it->output.out.len == 0 && !it->lingering;
}

bool connection_is_spare(const struct connection *it)
{
    if (!connection_is_idle(it)) return false;
    uint64_t opened = it->deadline - it->work->limits->request; /* where nothing was asked yet */
    if (!it->answered && it->work->now - opened < SILENT_LIMIT) return false;
    return !socket_has_input(it->via.fd);
}

/* ----------------------------------------------------------------------------------- sending -- */

static enum transfer send_some(struct connection *it)
{
    enum transfer result = stream_flush(&it->via, &it->output);
    if (result != TRANSFER_DONE || !it->body) return result;
    uint64_t before = it->body_left;
    result = stream_send_file(&it->via, it->body->file, &it->body_at, &it->body_left,
                              PIECE_OF_FILE);
    it->entry.size += before - it->body_left;
    if (it->body_left == 0 && !respond_next_part(it)) end_body(it);
    return result;
}

/* What is to be sent, as much as the client takes. A client has a while to take anything at all. */
static enum transfer send_answers(struct connection *it)
{
    size_t sent = it->output.sent;
    enum transfer result = send_some(it);
    bool moved = result == TRANSFER_DONE || it->output.sent != sent;
    if (moved || !it->blocked) it->deadline = it->work->now + it->work->limits->send;
    it->blocked = result == TRANSFER_WAIT;
    return result;
}

/* ----------------------------------------------------------------------------------- reading -- */

/* One deadline for the whole of a request, however slowly its bytes come; another for the silence
   between two. */
static void set_read_deadline(struct connection *it)
{
    bool begun = it->input.in.pos < it->input.in.end ||
                 proto_http_request_state(&it->http) != PROTO_HTTP_STATE_IDLE;
    if (begun && !it->begun) it->deadline = it->work->now + it->work->limits->request;
    if (!begun && it->answered) it->deadline = it->work->now + it->work->limits->idle;
    it->begun = begun;
}

/* Returns NEED_TURN when there is more to read. */
static enum need read_more(struct connection *it)
{
    if (it->input.drained && !it->hung_up) {
        set_read_deadline(it);
        return NEED_INPUT;
    }
    switch (stream_refill(&it->via, &it->input)) {
    case TRANSFER_DONE: return NEED_TURN;
    case TRANSFER_FAILED: return NEED_NOTHING;
    case TRANSFER_WAIT: break;
    }
    set_read_deadline(it);
    return NEED_INPUT;
}

/* Closing a socket in which there is something unread makes the system throw away what the client
   has not yet read of the answer. So this side ends, and reads for a while. */
static enum need throw_away(struct connection *it)
{
    for (int reads = 0; reads < READS_A_TURN; reads++) {
        it->input.in.pos = it->input.in.end;
        switch (stream_refill(&it->via, &it->input)) {
        case TRANSFER_DONE: break;
        case TRANSFER_FAILED: return NEED_NOTHING;
        case TRANSFER_WAIT: return NEED_INPUT;
        }
        if (it->input.in.eof) return NEED_NOTHING;
    }
    return NEED_TURN;
}

static enum need end(struct connection *it)
{
    if (!it->refused && it->input.in.pos == it->input.in.end) return NEED_NOTHING;
    socket_end(it->via.fd);
    it->lingering = true;
    it->deadline = it->work->now + LINGER_LIMIT;
    return throw_away(it);
}

/* -------------------------------------------------------------------------------- the events -- */

/* Returns NEED_TURN unless the connection has to wait. */
static enum need handle_event(struct connection *it)
{
    proto_http_message message;
    switch (proto_http_next(&it->http, &it->input.in, &message)) {
    case PROTO_HTTP_EVENT_HEAD: respond(it, message.head); break;
    case PROTO_HTTP_EVENT_BODY:
        if (it->http.body.received > MAX_BODY) it->over = it->refused = true;
        break;
    case PROTO_HTTP_EVENT_END: it->begun = false; break;
    case PROTO_HTTP_EVENT_NEED_INPUT:
        if (it->output.out.len == 0) return read_more(it);
        switch (send_answers(it)) {
        case TRANSFER_DONE: return read_more(it);
        case TRANSFER_WAIT: return NEED_OUTPUT;
        case TRANSFER_FAILED: return NEED_NOTHING;
        }
        break;
    case PROTO_HTTP_EVENT_FAILED: respond_refusal(it); break;
    case PROTO_HTTP_EVENT_CLOSED:
    case PROTO_HTTP_EVENT_INTERIM: /* these three cannot happen to a server that answers at once and upgrades nothing */
    case PROTO_HTTP_EVENT_PAUSED:
    case PROTO_HTTP_EVENT_TUNNEL: it->over = true; break;
    }
    return NEED_TURN;
}

static bool must_send_first(const struct connection *it)
{
    return it->body || it->over || it->output.out.cap - it->output.out.len < MAX_ANSWER;
}

enum need connection_run(struct connection *it)
{
    if (it->lingering) return throw_away(it);
    for (int steps = 0; steps < STEPS_A_TURN; steps++) {
        if (must_send_first(it)) {
            enum transfer sent = send_answers(it);
            if (sent == TRANSFER_WAIT) return NEED_OUTPUT;
            if (sent == TRANSFER_FAILED) return NEED_NOTHING;
            if (it->body) continue;
            if (it->over) return end(it);
        }
        enum need need = handle_event(it);
        if (need != NEED_TURN) return need;
    }
    return NEED_TURN;
}

enum need connection_expire(struct connection *it)
{
    bool in_head = it->begun && !it->over && !it->blocked &&
                   proto_http_request_state(&it->http) == PROTO_HTTP_STATE_IDLE;
    if (!in_head || it->late) return NEED_NOTHING;
    it->late = true;
    it->input.in.eof = true;
    return connection_run(it);
}
