/* SPDX-License-Identifier: MIT */
/* A connection under random bytes and random commands: every step that is seen is in the table, a
   refused command changes nothing, what a server sends a client understands, and events do not
   depend on the cut. */
#include <proto/http.h>

#include <stdlib.h>
#include <string.h>

enum { FIELDS = 6, SPACE = 4096, RECORD = 1 << 16 };

typedef struct side {
    proto_http http;
    proto_http_field fields[FIELDS];
    uint8_t space[SPACE];
    proto_out out;
    uint8_t *record; /* the events, content joined */
    size_t size;
    bool in_content;
} side;

static void check(bool holds)
{
    if (!holds) abort();
}

/* --------------------------------------------------------------------------------- the table -- */

typedef struct transition {
    proto_http_state from;
    proto_http_state to;
} transition;

static const transition transitions[] = {
#define TRANSITION(state, step, next) {PROTO_HTTP_STATE_##state, PROTO_HTTP_STATE_##next},
    PROTO_HTTP_TRANSITIONS(TRANSITION)
#undef TRANSITION
};

/* Whether some steps of the table lead from one state to another; one call may take several. */
static bool leads(proto_http_state from, proto_http_state to, int steps)
{
    if (from == to) return true;
    for (size_t i = 0; i < sizeof transitions / sizeof transitions[0] && steps > 0; i++)
        if (transitions[i].from == from && leads(transitions[i].to, to, steps - 1)) return true;
    return false;
}

static void check_states(const side *s, const proto_http *before)
{
    check(leads(proto_http_request_state(before), proto_http_request_state(&s->http), 3));
    check(leads(proto_http_response_state(before), proto_http_response_state(&s->http), 3));
}

/* ---------------------------------------------------------------------------------- commands -- */

static proto_err command(side *s, uint8_t byte, uint8_t more)
{
    static const proto_http_pair fields[] = {
        {PROTO_SLICE_INIT("Upgrade"), PROTO_SLICE_INIT("x")},
        {PROTO_SLICE_INIT("Connection"), PROTO_SLICE_INIT("upgrade")},
        {PROTO_SLICE_INIT("Expect"), PROTO_SLICE_INIT("100-continue")}};
    static const int statuses[] = {100, 101, 103, 200, 204, 304, 400, 408};
    static const char *const methods[] = {"GET", "HEAD", "POST", "CONNECT"};
    static const uint8_t content[64];
    bool connect = (more >> 2 & 3) == 3;
    proto_http_request request = {.method = proto_slice_text(methods[more >> 2 & 3]),
                                  .target = proto_slice_text(connect ? "a:1" : "/"),
                                  .authority = PROTO_LITERAL("a:1"),
                                  .framing = (proto_http_framing)(more & 3),
                                  .content_length = byte >> 3,
                                  .fields = more & 128 ? fields + 2 : fields,
                                  .field_count = more & 128 ? 1 : more >> 5 & 2,
                                  .close = (more & 48) == 48};
    proto_http_response response = {.status = statuses[more >> 3 & 7],
                                    .framing = (proto_http_framing)(more & 3),
                                    .content_length = byte >> 3,
                                    .fields = fields,
                                    .field_count = more >> 5 & 2,
                                    .close = more & 128};
    proto_slice data = proto_slice_of(content, byte >> 3);
    switch (byte & 7) {
    case 0:
    case 1: return proto_http_send_response(&s->http, &response, &s->out, NULL);
    case 2: return proto_http_send_request(&s->http, &request, &s->out, NULL);
    case 3: return proto_http_send_body(&s->http, data, &s->out);
    case 4: return proto_http_send_body_frame(&s->http, data.len, &s->out);
    default: return proto_http_send_end(&s->http, NULL, 0, &s->out, NULL);
    }
}

static void run_command(side *s, uint8_t byte, uint8_t more)
{
    proto_http before = s->http;
    s->out = proto_out_of(s->space, more & 1 ? SPACE : byte);
    proto_err err = command(s, byte, more);
    if (err != PROTO_OK) {
        check(s->out.len == 0 && s->out.failed == (err == PROTO_ERR_NO_SPACE));
        check(memcmp(&before, &s->http, sizeof before) == 0);
    }
    check_states(s, &before);
}

/* ------------------------------------------------------------------------------------ events -- */

static void record(side *s, const void *bytes, size_t size)
{
    check(size <= RECORD - s->size);
    if (size > 0) memcpy(s->record + s->size, bytes, size);
    s->size += size;
}

static void record_number(side *s, uint64_t number)
{
    record(s, &number, sizeof number);
}

static void record_event(side *s, proto_http_event event, const proto_http_message *message)
{
    s->in_content = event == PROTO_HTTP_EVENT_BODY;
    if (s->in_content) {
        record(s, message->body.ptr, message->body.len);
        return;
    }
    record_number(s, (uint64_t)event);
    if (event == PROTO_HTTP_EVENT_END) record_number(s, message->trailer->count);
    if (event == PROTO_HTTP_EVENT_HEAD) record_number(s, message->head->length);
    if (event == PROTO_HTTP_EVENT_FAILED) {
        record_number(s, (uint64_t)s->http.fault.err);
        record_number(s, s->http.fault.offset);
    }
}

/* Where nothing is read but empty lines that a client throws away. */
static void check_still(const side *s, const uint8_t *before, const uint8_t *after)
{
    check(s->http.role == PROTO_HTTP_CLIENT || before == after);
    check((after - before) % 2 == 0);
    for (; before < after; before += 2)
        check(before[0] == '\r' && before[1] == '\n');
}

static void check_event(const side *s, proto_http_event event, const proto_http_message *message,
                        const uint8_t *before, const proto_in *in)
{
    check(in->pos >= before && in->pos <= in->end);
    if (event == PROTO_HTTP_EVENT_PAUSED || event == PROTO_HTTP_EVENT_CLOSED)
        check_still(s, before, in->pos);
    if (event == PROTO_HTTP_EVENT_TUNNEL) check(in->pos == before);
    if (event == PROTO_HTTP_EVENT_HEAD || event == PROTO_HTTP_EVENT_INTERIM)
        check((size_t)(in->pos - before) == message->head->length);
    if (event == PROTO_HTTP_EVENT_BODY)
        check(message->body.len > 0 && message->body.ptr >= before &&
              message->body.ptr + message->body.len <= in->pos);
}

/* Answers what waits for an answer in a way that depends on nothing but how often it was asked. */
static bool answer(side *s, unsigned *answers)
{
    static const proto_http_framing framings[] = {PROTO_HTTP_NO_BODY, PROTO_HTTP_CHUNKED};
    proto_http_response response = {.status = 200, .framing = framings[*answers & 1]};
    s->out = proto_out_of(s->space, SPACE);
    if (++*answers > 20) return false;
    proto_err err = proto_http_send_response(&s->http, &response, &s->out, NULL);
    if (err == PROTO_ERR_HTTP_BODY_FORBIDDEN) { /* a CONNECT */
        response.framing = PROTO_HTTP_NO_BODY;
        err = proto_http_send_response(&s->http, &response, &s->out, NULL);
    }
    check(err == PROTO_OK);
    check(proto_http_send_end(&s->http, NULL, 0, &s->out, NULL) == PROTO_OK);
    return true;
}

/* Reads all there is of a copy; returns how much was used up. */
static size_t show(side *s, const uint8_t *data, size_t size, bool eof, unsigned *answers,
                   bool *stopped)
{
    uint8_t *copy = malloc(size + (size == 0));
    if (!copy) abort();
    memcpy(copy, data, size);
    proto_in in = {copy, copy + size, eof};
    while (!*stopped) {
        proto_http before = s->http;
        const uint8_t *pos = in.pos;
        proto_http_message message;
        proto_http_event event = proto_http_next(&s->http, &in, &message);
        check_event(s, event, &message, pos, &in);
        check_states(s, &before);
        /* For a client that waits for nothing, what comes next may be unsolicited bytes. */
        bool idle = event == PROTO_HTTP_EVENT_PAUSED && s->http.role == PROTO_HTTP_CLIENT;
        if (event == PROTO_HTTP_EVENT_NEED_INPUT || idle) break;
        record_event(s, event, &message);
        if (event == PROTO_HTTP_EVENT_PAUSED)
            *stopped = !answer(s, answers);
        else
            *stopped = event > PROTO_HTTP_EVENT_PAUSED;
    }
    size = (size_t)(in.pos - copy);
    free(copy);
    return size;
}

static void open_side(side *s, proto_http_role role, uint8_t options)
{
    static const proto_http_config lenient = {.lenient = UINT32_MAX, .max_head = 500};
    memset(s, 0, sizeof *s);
    s->record = malloc(RECORD);
    if (!s->record) abort();
    proto_http_init(&s->http, role, options & 1 ? &lenient : NULL, s->fields, FIELDS);
}

/* What a client has asked before anything arrives. */
static void ask(side *s, uint8_t options)
{
    static const uint8_t requests[4][3] = {{0, 4, 0}, {8, 0, 12}, {0, 64, 64}, {4, 4, 12}};
    for (size_t i = 0; i < 3 && s->http.role == PROTO_HTTP_CLIENT; i++) {
        s->out = proto_out_of(s->space, SPACE);
        if (command(s, 2, (uint8_t)(requests[options & 3][i] & ~3)) != PROTO_OK) return;
        check(proto_http_send_end(&s->http, NULL, 0, &s->out, NULL) == PROTO_OK);
    }
}

static void feed(side *s, const uint8_t *data, size_t size, size_t step, uint8_t options)
{
    unsigned answers = 0;
    bool stopped = false;
    size_t consumed = 0;
    open_side(s, options & 2 ? PROTO_HTTP_CLIENT : PROTO_HTTP_SERVER, options);
    ask(s, options >> 2);
    for (size_t shown = step < size ? step : size;;) {
        bool eof = options & 16 && shown == size;
        consumed += show(s, data + consumed, shown - consumed, eof, &answers, &stopped);
        if (stopped || shown == size) break;
        shown = step < size - shown ? shown + step : size;
    }
}

static void check_cuts(const uint8_t *data, size_t size, uint8_t options, size_t step)
{
    const size_t steps[] = {1, step};
    side whole, other;
    feed(&whole, data, size, SIZE_MAX, options);
    for (size_t i = 0; i < 2; i++) {
        feed(&other, data, size, steps[i], options);
        check(whole.size == other.size && memcmp(whole.record, other.record, whole.size) == 0);
        check(whole.http.request == other.http.request);
        check(whole.http.response == other.http.response);
        free(other.record);
    }
    free(whole.record);
}

/* ------------------------------------------------------------------------ commands and bytes -- */

/* Two bytes are a command, or how many of the bytes are shown before the next one. */
static void check_commands(const uint8_t *data, size_t size, uint8_t options)
{
    side s;
    size_t half = size / 3 & ~(size_t)1;
    size_t shown = half, consumed = half;
    open_side(&s, options & 2 ? PROTO_HTTP_CLIENT : PROTO_HTTP_SERVER, options);
    for (size_t i = 0; i < half; i += 2) {
        if (data[i] & 128) {
            run_command(&s, data[i] & 127, data[i + 1]);
            continue;
        }
        proto_in in = {data + consumed, data + shown, data[i] == 127};
        proto_http before = s.http;
        const uint8_t *pos = in.pos;
        proto_http_message message;
        proto_http_event event = proto_http_next(&s.http, &in, &message);
        check_event(&s, event, &message, pos, &in);
        check_states(&s, &before);
        consumed = (size_t)(in.pos - data);
        shown += data[i + 1] < size - shown ? data[i + 1] : size - shown;
    }
    free(s.record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > RECORD / 16) return 0;
    uint8_t options = data[0];
    size_t step = 1 + data[1] % 64;
    if (options & 32)
        check_commands(data + 2, size - 2, options);
    else
        check_cuts(data + 2, size - 2, options, step);
    return 0;
}
