/* SPDX-License-Identifier: MIT */
#include "replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A reader at work on a case. */
typedef struct replay_reader {
    const vector_case *vector;
    text_buffer *events;
    text_buffer body; /* content not yet written down: how it is cut is no part of the result */
    proto_http_field *fields;
    proto_http_head head;
    proto_http_body content;
    proto_http http;
    uint64_t consumed; /* bytes used up before those that are shown */
    uint64_t message;  /* where the message at hand begins */
    uint64_t limit;    /* where to stop between messages */
    size_t answered;   /* how many responses came */
    bool in_body;
    bool paused; /* a client has had all its answers */
    bool stopped;
} replay_reader;

replay_plan replay_whole(replay_place place)
{
    return (replay_plan){.first = SIZE_MAX, .step = 1, .place = place};
}

replay_plan replay_split(size_t at, replay_place place)
{
    return (replay_plan){.first = at, .step = SIZE_MAX, .place = place};
}

replay_plan replay_steps(size_t step, replay_place place)
{
    return (replay_plan){.first = step, .step = step, .place = place};
}

/* ------------------------------------------------------------------------------ writing down -- */

static void write_field(const proto_http_fields *fields, uint32_t i, text_buffer *events)
{
    proto_slice value = proto_http_text(fields, fields->at[i].value);
    text_put(events, "  ", 2);
    text_escaped(events, proto_http_text(fields, fields->at[i].name));
    text_put(events, ": ", value.len > 0 ? 2 : 1);
    text_escaped(events, value);
    text_put(events, "\n", 1);
}

static void write_fields(const proto_http_fields *fields, bool counted, text_buffer *events)
{
    if (counted) text_format(events, "  %" PRIu32 " fields\n", fields->count);
    for (uint32_t i = 0; i < fields->count && !counted; i++)
        write_field(fields, i, events);
}

static void write_deviations(uint32_t deviations, text_buffer *events)
{
    const char *before = "; deviates: ";
    for (unsigned bit = 0; bit < 32; bit++) {
        if ((deviations >> bit & 1) == 0) continue;
        const char *name = vector_lenient_name(bit);
        text_format(events, "%s%s", before, name != NULL ? name : "?");
        before = ", ";
    }
    text_put(events, "\n", 1);
}

static void write_framing(const proto_http_head *head, text_buffer *events)
{
    switch ((proto_http_framing)head->framing) {
    case PROTO_HTTP_NO_BODY: text_format(events, "  no body"); break;
    case PROTO_HTTP_LENGTH: text_format(events, "  length %" PRIu64, head->content_length); break;
    case PROTO_HTTP_CHUNKED: text_format(events, "  chunked"); break;
    case PROTO_HTTP_UNTIL_CLOSE: text_format(events, "  until close"); break;
    case PROTO_HTTP_TUNNEL: text_format(events, "  tunnel"); break;
    }
    if (head->has_length && head->framing != PROTO_HTTP_LENGTH)
        text_format(events, ", says length %" PRIu64, head->content_length);
    text_format(events, head->flags & PROTO_HTTP_KEEP_ALIVE ? ", keep-alive" : ", close");
    if (head->flags & PROTO_HTTP_EXPECT_CONTINUE) text_format(events, ", expects 100-continue");
    if (head->flags & PROTO_HTTP_UPGRADE) text_format(events, ", upgrade");
    if (head->flags & PROTO_HTTP_OTHER_CODINGS) text_format(events, ", other codings");
    write_deviations(head->deviations, events);
}

static void write_request_line(const proto_http_head *head, text_buffer *events)
{
    static const char *const forms[] = {"origin-form", "absolute-form", "authority-form",
                                        "asterisk-form"};
    text_escaped(events, proto_http_text(&head->fields, head->method_token));
    text_put(events, " ", 1);
    text_escaped(events, proto_http_text(&head->fields, head->target));
    text_format(events, " HTTP/1.%u\n  %s, ", (unsigned)head->minor, forms[head->target_form & 3]);
    proto_slice authority = proto_http_text(&head->fields, head->authority);
    if (authority.len == 0) text_format(events, "no ");
    text_format(events, authority.len == 0 ? "authority" : "authority ");
    text_escaped(events, authority);
    text_put(events, "\n", 1);
}

static void write_status_line(const proto_http_head *head, text_buffer *events)
{
    text_format(events, "HTTP/1.%u %03u", (unsigned)head->minor, (unsigned)head->status);
    if (head->reason.len > 0) text_put(events, " ", 1);
    text_escaped(events, proto_http_text(&head->fields, head->reason));
    text_put(events, "\n", 1);
}

void replay_head(const proto_http_head *head, bool counted, text_buffer *events)
{
    if (head->status == 0)
        write_request_line(head, events);
    else
        write_status_line(head, events);
    write_fields(&head->fields, counted, events);
    write_framing(head, events);
}

static void write_body(replay_reader *reader)
{
    if (reader->body.len == 0) return;
    text_put(reader->events, "BODY \"", 6);
    text_escaped(reader->events, proto_slice_of(reader->body.ptr, reader->body.len));
    text_put(reader->events, "\"\n", 2);
    text_clear(&reader->body);
}

static void write_end(replay_reader *reader, const proto_http_body *content)
{
    write_body(reader);
    text_format(reader->events, "END");
    write_deviations(content->deviations, reader->events);
    write_fields(&content->trailer, false, reader->events);
}

static void write_failure(replay_reader *reader, proto_fault fault)
{
    write_body(reader);
    const char *name = proto_err_name(fault.err);
    if (strncmp(name, "PROTO_ERR_", 10) == 0) name += 10;
    text_format(reader->events, "FAILED %s @%" PRIu64, name, reader->message + fault.offset);
    if (reader->vector->role == VECTOR_REQUEST || reader->vector->role == VECTOR_SERVER)
        text_format(reader->events, " %d", proto_http_status_of(fault.err));
    text_put(reader->events, "\n", 1);
    reader->stopped = true;
}

static void write_tunnel(replay_reader *reader)
{
    write_body(reader);
    text_format(reader->events, "TUNNEL\n");
    reader->stopped = true;
}

/* ---------------------------------------------------------------- what must hold of any head -- */

static bool inside(proto_http_span span, uint32_t length)
{
    return span.at <= length && span.len <= length - span.at;
}

static bool blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static const char *field_violation(const proto_http_head *head, proto_http_field field)
{
    proto_slice value = proto_http_text(&head->fields, field.value);
    if (!inside(field.name, head->length) || !inside(field.value, head->length))
        return "a field lies outside the head";
    if (field.name.len == 0) return "a field has no name";
    if (head->fields.base[field.name.at + field.name.len] != ':') return "no colon behind a name";
    if (field.value.at <= field.name.at + field.name.len) return "a value before its colon";
    if (value.len > 0 && (blank(value.ptr[0]) || blank(value.ptr[value.len - 1])))
        return "a value is not trimmed";
    return NULL;
}

static const char *head_violation(const proto_http_head *head, const uint8_t *base,
                                  const uint8_t *pos)
{
    const proto_http_fields *fields = &head->fields;
    if (fields->base != base) return "the base is not where the message begins";
    if (base + head->length != pos) return "the cursor is not behind the head";
    if (fields->count > fields->cap) return "more fields than fit";
    if (!inside(head->method_token, head->length) || !inside(head->target, head->length) ||
        !inside(head->authority, head->length) || !inside(head->reason, head->length))
        return "a span lies outside the head";
    if (head->fault.err != PROTO_OK) return "a fault without a failure";
    if (head->status == 0 &&
        head->method != proto_http_method_of(proto_http_text(fields, head->method_token)))
        return "the method is not its token's";
    for (uint32_t i = 0; i < fields->count; i++) {
        const char *violation = field_violation(head, fields->at[i]);
        if (violation != NULL) return violation;
    }
    return NULL;
}

static void write_head(replay_reader *reader, const char *event, const proto_http_head *head,
                       const uint8_t *base, const uint8_t *pos)
{
    const char *violation = head_violation(head, base, pos);
    text_format(reader->events, "%s ", event);
    replay_head(head, reader->vector->counted, reader->events);
    if (violation != NULL) text_format(reader->events, "VIOLATION: %s\n", violation);
}

/* ------------------------------------------------------------------------------- the readers -- */

static proto_http_method answered_method(const replay_reader *reader)
{
    const vector_case *vector = reader->vector;
    size_t i = reader->answered < vector->method_count ? reader->answered
                                                       : vector->method_count - 1;
    return proto_http_method_of(proto_slice_text(vector->methods[i]));
}

static void read_one_head(replay_reader *reader, proto_in *in)
{
    const uint8_t *base = in->pos;
    reader->message = reader->consumed;
    proto_err err = reader->vector->role == VECTOR_REQUEST
                        ? proto_http_request_read(&reader->head, in)
                        : proto_http_response_read(&reader->head, answered_method(reader), in);
    if (err == PROTO_NEED_INPUT) return;
    if (err != PROTO_OK) {
        if (err != reader->head.fault.err) text_format(reader->events, "VIOLATION: no fault\n");
        write_failure(reader, reader->head.fault);
        return;
    }
    write_head(reader, "HEAD", &reader->head, base, in->pos);
    proto_http_body_init(&reader->content, &reader->head);
    reader->in_body = true;
    if (reader->head.status >= 200) reader->answered++;
}

static void read_some_body(replay_reader *reader, proto_in *in, bool *starved)
{
    proto_slice data = {0};
    const uint8_t *from = in->pos;
    switch (proto_http_body_next(&reader->content, in, &data)) {
    case PROTO_HTTP_EVENT_NEED_INPUT: *starved = true; return;
    case PROTO_HTTP_EVENT_BODY:
        if (data.len == 0 || data.ptr < from || data.ptr + data.len > in->end)
            text_format(reader->events, "VIOLATION: content that is not of the input\n");
        text_put(&reader->body, data.ptr, data.len);
        return;
    case PROTO_HTTP_EVENT_END:
        write_end(reader, &reader->content);
        reader->in_body = false;
        return;
    case PROTO_HTTP_EVENT_TUNNEL: write_tunnel(reader); return;
    case PROTO_HTTP_EVENT_FAILED:
        write_failure(reader, (proto_fault){reader->content.fault.err,
                                            reader->content.fault.offset + reader->head.length});
        return;
    case PROTO_HTTP_EVENT_HEAD:
    case PROTO_HTTP_EVENT_INTERIM:
    case PROTO_HTTP_EVENT_PAUSED:
    case PROTO_HTTP_EVENT_CLOSED: break;
    }
    text_format(reader->events, "VIOLATION: not an event of a body\n");
    reader->stopped = true;
}

/* Reads one head, or one piece of a body. Whether it can go on without more bytes. */
static bool read_messages(replay_reader *reader, proto_in *in)
{
    bool starved = false;
    if (reader->in_body) {
        read_some_body(reader, in, &starved);
        return !starved;
    }
    if (in->pos == in->end || reader->consumed >= reader->limit) return false;
    const uint8_t *before = in->pos;
    read_one_head(reader, in);
    if (!reader->in_body && in->pos != before && !reader->stopped)
        text_format(reader->events, "VIOLATION: bytes used up without a head\n");
    return reader->in_body;
}

static void answer(replay_reader *reader)
{
    const vector_case *vector = reader->vector;
    proto_slice upgrade = PROTO_LITERAL("x");
    const proto_http_pair switching[] = {{PROTO_LITERAL("Connection"), PROTO_LITERAL("upgrade")},
                                         {PROTO_LITERAL("Upgrade"), upgrade}};
    proto_http_response response = {
        .status = vector->answer, .framing = PROTO_HTTP_NO_BODY, .close = vector->close};
    if (vector->answer == 101) response.fields = switching, response.field_count = 2;
    uint8_t space[512];
    proto_out out = proto_out_of(space, sizeof space);
    proto_err err = proto_http_send_response(&reader->http, &response, &out, NULL);
    if (err == PROTO_OK && vector->answer != 101)
        err = proto_http_send_end(&reader->http, NULL, 0, &out, NULL);
    text_format(reader->events, err == PROTO_OK ? "SENT %d\n" : "NOT SENT %d\n", vector->answer);
    if (err != PROTO_OK) reader->stopped = true;
}

static bool answer_or_stop(replay_reader *reader)
{
    if (reader->vector->role == VECTOR_CLIENT) {
        reader->paused = true;
        return false;
    }
    if (reader->vector->answer != 0) {
        answer(reader);
        return true;
    }
    text_format(reader->events, "PAUSED\n");
    reader->stopped = true;
    return false;
}

/* Takes one event of a connection. Whether it can go on without more bytes. */
static bool read_connection(replay_reader *reader, proto_in *in)
{
    const uint8_t *base = in->pos;
    proto_http_message message = {0};
    bool between = !reader->in_body;
    if (between) reader->message = reader->consumed;
    reader->paused = false;
    if (between && reader->consumed >= reader->limit) return false;
    switch (proto_http_next(&reader->http, in, &message)) {
    case PROTO_HTTP_EVENT_NEED_INPUT: return false;
    case PROTO_HTTP_EVENT_HEAD:
        write_head(reader, "HEAD", message.head, base, in->pos);
        reader->in_body = true;
        if (reader->vector->early && reader->vector->answer != 0) answer(reader);
        return true;
    case PROTO_HTTP_EVENT_INTERIM:
        write_head(reader, "INTERIM", message.head, base, in->pos);
        return true;
    case PROTO_HTTP_EVENT_BODY:
        text_put(&reader->body, message.body.ptr, message.body.len);
        return true;
    case PROTO_HTTP_EVENT_END:
        write_end(reader, &reader->http.body);
        reader->in_body = false;
        return true;
    case PROTO_HTTP_EVENT_PAUSED: return answer_or_stop(reader);
    case PROTO_HTTP_EVENT_TUNNEL: write_tunnel(reader); return false;
    case PROTO_HTTP_EVENT_CLOSED:
        text_format(reader->events, "CLOSED\n");
        reader->stopped = true;
        return false;
    case PROTO_HTTP_EVENT_FAILED:
        /* Behind empty lines, which are of no message. */
        if (reader->http.fault.err == PROTO_ERR_HTTP_UNSOLICITED)
            reader->message = reader->consumed + (size_t)(in->pos - base);
        write_failure(reader, reader->http.fault);
        return false;
    }
    return false;
}

/* ----------------------------------------------------------------------------------- feeding -- */

static void send_requests(replay_reader *reader)
{
    const proto_http_pair offer[] = {{PROTO_LITERAL("Connection"), PROTO_LITERAL("upgrade")},
                                     {PROTO_LITERAL("Upgrade"), PROTO_LITERAL("x")}};
    for (size_t i = 0; i < reader->vector->method_count; i++) {
        const char *method = reader->vector->methods[i];
        bool connect = strcmp(method, "CONNECT") == 0;
        bool upgrade = strcmp(method, "UPGRADE") == 0;
        proto_http_request request = {.method = proto_slice_text(upgrade ? "GET" : method),
                                      .target = proto_slice_text(connect ? "a:80" : "/"),
                                      .authority = proto_slice_text(connect ? "a:80" : "a"),
                                      .fields = upgrade ? offer : NULL,
                                      .field_count = upgrade ? 2 : 0,
                                      .framing = PROTO_HTTP_NO_BODY};
        uint8_t space[512];
        proto_out out = proto_out_of(space, sizeof space);
        if (proto_http_send_request(&reader->http, &request, &out, NULL) != PROTO_OK ||
            proto_http_send_end(&reader->http, NULL, 0, &out, NULL) != PROTO_OK)
            text_format(reader->events, "NOT SENT %s\n", method);
    }
}

static void reader_open(replay_reader *reader, const vector_case *vector, text_buffer *events)
{
    static const proto_http_config strict;
    bool plain = memcmp(&vector->config, &strict, sizeof strict) == 0;
    const proto_http_config *config = plain ? NULL : &vector->config;
    proto_http_role role = vector->role == VECTOR_CLIENT ? PROTO_HTTP_CLIENT : PROTO_HTTP_SERVER;
    *reader = (struct replay_reader){.vector = vector, .events = events, .limit = UINT64_MAX};
    reader->fields = allocate(vector->fields * sizeof *reader->fields);
    if (vector->role == VECTOR_REQUEST || vector->role == VECTOR_RESPONSE)
        proto_http_head_init(&reader->head, config, reader->fields, vector->fields);
    else
        proto_http_init(&reader->http, role, config, reader->fields, vector->fields);
    if (vector->role == VECTOR_CLIENT) send_requests(reader);
}

/* Shows the reader bytes until it wants more or has stopped. */
static void show(replay_reader *reader, const uint8_t *bytes, size_t len, bool eof)
{
    proto_in in = proto_in_of(bytes, len);
    uint64_t before = reader->consumed;
    bool connection = reader->vector->role == VECTOR_SERVER ||
                      reader->vector->role == VECTOR_CLIENT;
    in.eof = eof;
    for (bool more = true; more && !reader->stopped;) {
        more = connection ? read_connection(reader, &in) : read_messages(reader, &in);
        reader->consumed = before + (size_t)(in.pos - bytes);
    }
}

/* Shows a copy, so that no reader can rely on where the bytes were before. */
static void show_copy(replay_reader *reader, const replay_plan *plan, const guard_pages *guard,
                      proto_slice bytes, bool eof)
{
    uint8_t *copy = NULL;
    switch (plan->place) {
    case REPLAY_HEAP: {
        uint8_t *heap = bytes.len > 0 ? allocate(bytes.len) : NULL;
        if (bytes.len > 0) memcpy(heap, bytes.ptr, bytes.len);
        show(reader, heap, bytes.len, eof);
        free(heap);
        return;
    }
    case REPLAY_LOW: copy = guard_low(guard, bytes.ptr, bytes.len); break;
    case REPLAY_HIGH: copy = guard_high(guard, bytes.ptr, bytes.len); break;
    }
    show(reader, copy, bytes.len, eof);
}

static void feed(replay_reader *reader, const replay_plan *plan, const guard_pages *guard,
                 proto_slice all)
{
    bool whole = plan->first >= all.len;
    size_t shown = whole ? all.len : plan->first;
    for (;;) {
        proto_slice unread = proto_slice_of(all.ptr + reader->consumed, shown - reader->consumed);
        bool last = shown == all.len;
        show_copy(reader, plan, guard, unread, whole && reader->vector->eof);
        if (reader->stopped || last) break;
        shown += plan->step < all.len - shown ? plan->step : all.len - shown;
    }
    if (!whole && reader->vector->eof && !reader->stopped)
        show_copy(reader, plan, guard,
                  proto_slice_of(all.ptr + reader->consumed, all.len - reader->consumed), true);
}

static size_t reader_close(replay_reader *reader, size_t size)
{
    write_body(reader);
    if (reader->paused && !reader->stopped) text_format(reader->events, "PAUSED\n");
    if (!reader->stopped && (reader->in_body || reader->consumed < size))
        text_format(reader->events, "NEED_INPUT\n");
    text_free(&reader->body);
    free(reader->fields);
    return (size_t)reader->consumed;
}

size_t replay(const vector_case *vector, const replay_plan *plan, const guard_pages *guard,
              text_buffer *events)
{
    replay_reader reader;
    text_buffer all = {0};
    proto_slice bytes = proto_slice_of(vector->input, vector->size);
    if (plan->trailing.len > 0) {
        text_put(&all, vector->input, vector->size);
        text_put(&all, plan->trailing.ptr, plan->trailing.len);
        bytes = proto_slice_of(all.ptr, all.len);
    }
    reader_open(&reader, vector, events);
    if (plan->stop) reader.limit = vector->size;
    feed(&reader, plan, guard, bytes);
    size_t consumed = reader_close(&reader, plan->stop ? vector->size : bytes.len);
    text_free(&all);
    return consumed;
}
