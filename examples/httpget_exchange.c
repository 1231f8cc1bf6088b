/* SPDX-License-Identifier: MIT */
/* One request and its response, over a connection of their own. */
#include "httpget.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "socket.h"

enum { INPUT_SIZE = 64 * 1024, HEAD_SIZE = 64 * 1024, MAX_FIELDS = 256 };

struct exchange {
    const struct place *place;
    const struct options *options;
    struct outcome *outcome;
    struct stream via;
    struct inbox input;
    struct output output;
    proto_http http;
    uint64_t deadline;
    bool storing; /* a body that is wanted is coming */
    proto_http_field fields[MAX_FIELDS];
    uint8_t in[INPUT_SIZE];
};

static void fail(struct exchange *it, int exit_status, const char *why)
{
    report(place_text(it->place), why);
    it->outcome->exit_status = exit_status;
}

/* ----------------------------------------------------------------------------------- sending -- */

static bool is_given(const struct options *options, proto_slice name)
{
    for (size_t i = 0; i < options->extra_count; i++)
        if (proto_slice_equal_nocase(options->extra[i].name, name)) return true;
    return false;
}

/* What is said unless the user says otherwise. */
static void add_default(const struct options *options, proto_http_pair *fields, size_t *count,
                        proto_slice name, proto_slice value)
{
    if (!is_given(options, name)) fields[(*count)++] = (proto_http_pair){name, value};
}

static proto_http_request describe(const struct exchange *it, proto_http_pair *fields)
{
    const struct options *options = it->options;
    const char *method = options->method ? options->method : options->data ? "POST" : "GET";
    size_t count = 0;
    add_default(options, fields, &count, PROTO_LITERAL("User-Agent"), PROTO_LITERAL("httpget"));
    add_default(options, fields, &count, PROTO_LITERAL("Accept"), PROTO_LITERAL("*/*"));
    if (options->data) {
        add_default(options, fields, &count, PROTO_LITERAL("Content-Type"),
                    PROTO_LITERAL("application/x-www-form-urlencoded"));
    }
    for (size_t i = 0; i < options->extra_count; i++)
        fields[count++] = options->extra[i];
    return (proto_http_request){
        .method = proto_slice_text(method),
        .target = proto_slice_of(it->place->target, it->place->target_length),
        .authority = it->place->uri.authority,
        .fields = fields,
        .field_count = count,
        .framing = options->data ? PROTO_HTTP_LENGTH : PROTO_HTTP_NO_BODY,
        .content_length = proto_slice_text(options->data).len,
        .close = true,
    };
}

static bool write_request(struct exchange *it, proto_out *out)
{
    proto_http_pair fields[MAX_EXTRA + 3];
    proto_http_request request = describe(it, fields);
    proto_err err = proto_http_send_request(&it->http, &request, out, NULL);
    if (err == PROTO_OK && it->options->data) {
        err = proto_http_send_body(&it->http, proto_slice_text(it->options->data), out);
    }
    if (err == PROTO_OK) err = proto_http_send_end(&it->http, NULL, 0, out, NULL);
    if (err != PROTO_OK) fail(it, EXIT_USAGE, proto_err_text(err));
    return err == PROTO_OK;
}

/* A server that answers and closes before it has read everything is still listened to. */
static bool send_request(struct exchange *it)
{
    size_t cap = HEAD_SIZE + proto_slice_text(it->options->data).len;
    uint8_t *bytes = malloc(cap);
    if (!bytes) {
        fail(it, EXIT_FAILED, strerror(errno));
        return false;
    }
    struct outbox box = {.out = proto_out_of(bytes, cap)};
    bool sent = write_request(it, &box.out);
    if (sent && !stream_await_output(&it->via, &box, it->deadline) && errno == ETIMEDOUT) {
        fail(it, EXIT_FAILED, "the server does not take the request");
        sent = false;
    }
    free(bytes);
    return sent;
}

/* ----------------------------------------------------------------------------------- reading -- */

bool redirects(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static void show_head(const struct exchange *it, const proto_http_head *head)
{
    const char *path = it->options->output;
    if (!path || it->options->show_head) {
        output_head(proto_slice_of(head->fields.base, head->length));
    }
}

static void note_outcome(struct exchange *it, const proto_http_head *head)
{
    struct outcome *outcome = it->outcome;
    proto_slice location = proto_http_value(&head->fields, PROTO_HTTP_FIELD_LOCATION);
    outcome->status = head->status;
    outcome->exit_status = head->status >= 500   ? EXIT_SERVER_ERROR
                           : head->status >= 400 ? EXIT_CLIENT_ERROR
                                                 : EXIT_OK;
    outcome->location_length = location.len < MAX_URL ? location.len : 0;
    if (outcome->location_length > 0) memcpy(outcome->location, location.ptr, location.len);
}

/* A file is for what was asked for; what a server says instead of it is not stored in its place. */
static bool wants_body(const struct exchange *it, const proto_http_head *head)
{
    if (it->options->follow && redirects(head->status) && it->outcome->location_length > 0)
        return false;
    const char *path = it->options->output;
    bool to_file = path && strcmp(path, "-") != 0;
    return !to_file || (head->status >= 200 && head->status < 300);
}

static bool begin_response(struct exchange *it, const proto_http_head *head)
{
    show_head(it, head);
    note_outcome(it, head);
    it->storing = wants_body(it, head);
    if (!it->storing) return true;
    bool known = head->framing == PROTO_HTTP_LENGTH;
    uint64_t expected = known ? head->content_length : PROTO_HTTP_SIZE_UNKNOWN;
    if (output_begin(&it->output, it->options->output, expected)) return true;
    it->outcome->exit_status = failed(it->options->output, strerror(errno));
    return false;
}

static bool store(struct exchange *it, proto_slice bytes)
{
    if (!it->storing || output_put(&it->output, bytes)) return true;
    it->outcome->exit_status = failed(it->output.path ? it->output.path : "standard output",
                                      strerror(errno));
    return false;
}

static void finish_response(struct exchange *it)
{
    const char *path = it->output.path ? it->output.path : "standard output";
    if (it->storing && !output_finish(&it->output)) {
        it->outcome->exit_status = failed(path, strerror(errno));
    } else if (!it->storing && it->outcome->exit_status != EXIT_OK) {
        char why[80];
        snprintf(why, sizeof why, "%d %s", it->outcome->status,
                 proto_http_reason(it->outcome->status));
        fail(it, it->outcome->exit_status, why);
    }
}

/* How a response was broken off, in numbers where there are any. */
static void explain_failure(struct exchange *it)
{
    char why[160];
    const proto_fault *fault = &it->http.fault;
    unsigned long long got = it->http.body.received;
    if (fault->err != PROTO_ERR_HTTP_TRUNCATED) {
        snprintf(why, sizeof why, "not a valid response: %s", proto_err_text(fault->err));
    } else if (it->outcome->status == 0) {
        snprintf(why, sizeof why, "the server closed the connection without a whole response");
    } else if (it->http.head.has_length) {
        snprintf(why, sizeof why, "the response ended after %llu of %llu bytes", got,
                 (unsigned long long)it->http.head.content_length);
    } else {
        snprintf(why, sizeof why, "the response ended in the middle, after %llu bytes", got);
    }
    fail(it, EXIT_BROKEN, why);
}

/* The head has one deadline, so that a trickle of bytes does not put it off for ever; a body must
   only keep coming. */
static bool refill(struct exchange *it)
{
    if (it->outcome->status != 0) it->deadline = clock_now() + it->options->timeout;
    if (stream_await_input(&it->via, &it->input, it->deadline)) return true;
    fail(it, EXIT_FAILED,
         errno == ETIMEDOUT ? "the server is silent for too long" : strerror(errno));
    return false;
}

/* Returns whether the response goes on. */
static bool handle_event(struct exchange *it)
{
    proto_http_message message;
    switch (proto_http_next(&it->http, &it->input.in, &message)) {
    case PROTO_HTTP_EVENT_NEED_INPUT: return refill(it);
    case PROTO_HTTP_EVENT_INTERIM: show_head(it, message.head); return true;
    case PROTO_HTTP_EVENT_HEAD: return begin_response(it, message.head);
    case PROTO_HTTP_EVENT_BODY: return store(it, message.body);
    case PROTO_HTTP_EVENT_END: finish_response(it); return false;
    case PROTO_HTTP_EVENT_FAILED: explain_failure(it); return false;
    case PROTO_HTTP_EVENT_TUNNEL:
    case PROTO_HTTP_EVENT_PAUSED:
    case PROTO_HTTP_EVENT_CLOSED:
        fail(it, EXIT_BROKEN, "the server closed the connection without a whole response");
        return false;
    }
    return false;
}

/* --------------------------------------------------------------------------------- the whole -- */

static bool connect_to(struct exchange *it)
{
    const char *why = "";
    int fd = socket_dial(it->place->host, it->place->port, it->deadline, &why);
    if (fd < 0) fail(it, EXIT_FAILED, why);
    it->via = stream_plain(fd);
    return fd >= 0;
}

void exchange(const struct place *place, const struct options *options, struct outcome *outcome)
{
    static const proto_http_config config = {.max_head = INPUT_SIZE};
    *outcome = (struct outcome){.exit_status = EXIT_FAILED};
    struct exchange *it = calloc(1, sizeof *it);
    if (!it) {
        report(place_text(place), strerror(errno));
        return;
    }
    it->place = place;
    it->options = options;
    it->outcome = outcome;
    it->deadline = clock_now() + options->timeout;
    it->input = (struct inbox){proto_in_of(it->in, 0), it->in, sizeof it->in, false};
    proto_http_init(&it->http, PROTO_HTTP_CLIENT, &config, it->fields, MAX_FIELDS);
    if (connect_to(it)) {
        if (send_request(it))
            while (handle_event(it))
                continue;
        close(it->via.fd);
    }
    output_abandon(&it->output);
    free(it);
}
