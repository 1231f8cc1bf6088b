// SPDX-License-Identifier: MIT
// Whatever a writer accepts, the strict reader reads as exactly that and nothing more; where a writer refuses, nothing was
// written. The input is a description: a byte for what is written, a byte of flags, a few of numbers, and then texts, each
// behind a byte with its length.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/http.h"

enum { FIELDS = 80, TABLE = FIELDS + 4, SPACE = 1 << 14, BEFORE = 3 };

static void check(bool holds)
{
    if (!holds) abort();
}

/* ------------------------------------------------------------------------------- description -- */

static unsigned take_byte(proto_in *in)
{
    return in->pos < in->end ? *in->pos++ : 0;
}

static proto_slice take_text(proto_in *in)
{
    size_t len = take_byte(in), left = (size_t)(in->end - in->pos);
    proto_slice text = proto_slice_of(in->pos, len < left ? len : left);
    in->pos += text.len;
    return text;
}

// Lengths of each number of digits, and what is too large.
static uint64_t take_length(proto_in *in)
{
    uint64_t length = take_byte(in);
    length = length << 8 | take_byte(in);
    unsigned shift = take_byte(in);
    return shift < 64 ? length << shift : length;
}

static size_t take_fields(proto_in *in, proto_http_pair *fields)
{
    size_t count = 0;
    for (; count < FIELDS && in->pos < in->end; count++) {
        fields[count].name = take_text(in);
        fields[count].value = take_text(in);
    }
    return count;
}

/* ----------------------------------------------------------------------------------- writing -- */

typedef struct description {
    const proto_http_request *request;
    const proto_http_response *response;
    proto_http_method method;
    const proto_http_pair *fields;
    size_t count;
} description;

static proto_err write_into(const description *what, proto_out *out, proto_fault *fault)
{
    if (what->request) return proto_http_request_write(what->request, out, fault);
    if (what->response) return proto_http_response_write(what->response, what->method, out, fault);
    return proto_http_last_chunk_write(what->fields, what->count, out, fault);
}

// One byte less than is needed is too little; all that is needed is enough.
static void check_space(const description *what, proto_slice wire)
{
    uint8_t *exact = malloc(wire.len);
    proto_out out = proto_out_of(exact, wire.len - 1);
    check(write_into(what, &out, NULL) == PROTO_ERR_NO_SPACE);
    check(out.len == 0 && out.failed);
    out = proto_out_of(exact, wire.len);
    check(write_into(what, &out, NULL) == PROTO_OK);
    check(proto_slice_equal(proto_slice_of(exact, out.len), wire));
    free(exact);
}

// Returns what was written, or an empty slice where it was refused.
static proto_slice written(const description *what, uint8_t space[SPACE])
{
    proto_fault fault;
    proto_out out = proto_out_of(space, SPACE);
    proto_out_put(&out, "---", BEFORE);
    proto_err err = write_into(what, &out, &fault);
    check(fault.err == err);
    if (err != PROTO_OK) {
        check(out.len == BEFORE && !out.failed && fault.offset <= what->count);
        return proto_slice_of(NULL, 0);
    }
    proto_slice wire = proto_slice_of(space + BEFORE, out.len - BEFORE);
    check_space(what, wire);
    return wire;
}

/* ----------------------------------------------------------------------------------- reading -- */

static bool is_named(proto_slice name, const char *other)
{
    return proto_slice_equal_nocase(name, proto_slice_text(other));
}

static bool is(const proto_http_fields *fields, proto_http_span span, proto_slice text)
{
    return proto_slice_equal(proto_http_text(fields, span), text);
}

static bool is_connection(const proto_http_pair *field)
{
    return is_named(field->name, "connection");
}

static void check_options(const description *what, const proto_http_fields *fields, bool *close)
{
    for (size_t i = 0; i < what->count; i++) {
        proto_slice list = what->fields[i].value, member;
        if (!is_connection(&what->fields[i])) continue;
        while (proto_http_list_next(&list, &member)) {
            if (is_named(member, "close")) *close = true;
            if (is_named(member, "keep-alive")) continue;
            check(proto_http_has_token(fields, PROTO_HTTP_FIELD_CONNECTION, member));
        }
    }
}

// The fields described come in their order; from `at` on, and then at most one for the framing and one for the connection.
static void check_fields(const description *what, const proto_http_fields *fields, uint32_t at)
{
    for (size_t i = 0; i < what->count; i++) {
        if (is_connection(&what->fields[i])) continue;
        check(at < fields->count);
        check(is(fields, fields->at[at].name, what->fields[i].name));
        check(is(fields, fields->at[at].value, what->fields[i].value));
        at++;
    }
    if (at < fields->count && (is(fields, fields->at[at].name, PROTO_LITERAL("Content-Length")) ||
                               is(fields, fields->at[at].name, PROTO_LITERAL("Transfer-Encoding"))))
        at++;
    if (at < fields->count && is(fields, fields->at[at].name, PROTO_LITERAL("Connection"))) at++;
    check(at == fields->count);
}

// What concerns this connection alone is named in Connection.
static void check_hops(const proto_http_fields *fields)
{
    static const proto_http_field_id hops[] = {PROTO_HTTP_FIELD_UPGRADE, PROTO_HTTP_FIELD_TE};
    for (size_t i = 0; i < sizeof hops / sizeof hops[0]; i++) {
        proto_slice name = proto_slice_text(proto_http_field_name(hops[i]));
        if (proto_http_find(fields, hops[i], 0) < fields->count)
            check(proto_http_has_token(fields, PROTO_HTTP_FIELD_CONNECTION, name));
    }
}

static void check_head(const description *what, const proto_http_head *head, const proto_in *in,
                       bool close)
{
    check(in->pos == in->end);
    check(head->minor == 1);
    check_options(what, &head->fields, &close);
    check(!(head->flags & PROTO_HTTP_KEEP_ALIVE) == close);
    proto_slice option = PROTO_LITERAL("close");
    check(proto_http_has_token(&head->fields, PROTO_HTTP_FIELD_CONNECTION, option) == close);
    check_fields(what, &head->fields, what->request ? 1 : 0);
    check_hops(&head->fields);
}

static void check_request(const description *what, proto_slice wire)
{
    const proto_http_request *request = what->request;
    // To whom a request goes, and over what, is for the reader to know.
    const proto_http_config config = {
        .lenient = PROTO_HTTP_LENIENT_SCHEME |
                   (request->no_authority ? PROTO_HTTP_LENIENT_HOST_EMPTY : 0)};
    proto_http_field table[TABLE];
    proto_http_head head;
    proto_in in = proto_in_of(wire.ptr, wire.len);
    proto_http_head_init(&head, &config, table, TABLE);
    check(proto_http_request_read(&head, &in) == PROTO_OK);
    check((head.deviations | PROTO_HTTP_LENIENT_SCHEME) == config.lenient);
    check(is(&head.fields, head.method_token, request->method));
    check(is(&head.fields, head.target, request->target));
    check(is(&head.fields, head.fields.at[0].name, PROTO_LITERAL("Host")));
    check(is(&head.fields, head.fields.at[0].value, request->authority));
    bool tunnel = head.target_form == PROTO_HTTP_AUTHORITY_FORM;
    check(proto_slice_equal_nocase(proto_http_text(&head.fields, head.authority),
                                   tunnel ? request->target : request->authority));
    bool none = request->framing == PROTO_HTTP_NO_BODY;
    if (!none || !head.has_length) check(head.framing == request->framing);
    if (request->framing == PROTO_HTTP_LENGTH)
        check(head.content_length == request->content_length);
    if (none) check(head.content_length == 0);
    check_head(what, &head, &in, request->close);
}

static proto_http_framing expected_framing(const proto_http_response *response,
                                           proto_http_method method)
{
    int status = response->status;
    if (status == 101 || (method == PROTO_HTTP_CONNECT && status / 100 == 2))
        return PROTO_HTTP_TUNNEL;
    if (status / 100 == 1 || status == 204 || status == 304 || method == PROTO_HTTP_HEAD)
        return PROTO_HTTP_NO_BODY;
    return response->framing == PROTO_HTTP_NO_BODY ? PROTO_HTTP_LENGTH : response->framing;
}

static void check_response(const description *what, proto_slice wire)
{
    const proto_http_response *response = what->response;
    proto_http_field table[TABLE];
    proto_http_head head;
    proto_in in = proto_in_of(wire.ptr, wire.len);
    proto_http_head_init(&head, NULL, table, TABLE);
    check(proto_http_response_read(&head, what->method, &in) == PROTO_OK);
    check(head.status == response->status && head.deviations == 0);
    bool upgrade = head.status == 101 || head.status == 426;
    check(!upgrade || head.flags & PROTO_HTTP_UPGRADE);
    if (response->reason.ptr) check(is(&head.fields, head.reason, response->reason));
    proto_http_framing framing = expected_framing(response, what->method);
    check(head.framing == framing);
    bool length = response->framing == PROTO_HTTP_LENGTH;
    check(head.content_length == (length ? response->content_length : 0));
    check_head(what, &head, &in, response->close || framing == PROTO_HTTP_UNTIL_CLOSE);
}

static proto_http_event next(proto_http_body *body, proto_in *in)
{
    proto_slice piece;
    return proto_http_body_next(body, in, &piece);
}

static void check_trailer(const description *what, proto_slice wire)
{
    proto_http_field table[TABLE];
    proto_http_head head;
    proto_http_body body;
    proto_slice start = PROTO_LITERAL("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    proto_in in = proto_in_of(start.ptr, start.len);
    proto_http_head_init(&head, NULL, table, TABLE);
    check(proto_http_response_read(&head, PROTO_HTTP_GET, &in) == PROTO_OK);
    proto_http_body_init(&body, &head);
    in = proto_in_of(wire.ptr, wire.len);
    check(next(&body, &in) == PROTO_HTTP_EVENT_END);
    check(in.pos == in.end && body.received == 0 && body.deviations == 0);
    check(body.trailer.count == what->count);
    check_fields(what, &body.trailer, 0);
}

/* ----------------------------------------------------------------------------------- writers -- */

static void try_request(proto_in *in, unsigned flags, uint8_t space[SPACE])
{
    proto_http_pair fields[FIELDS];
    proto_http_request request = {.fields = fields,
                                  .framing = (proto_http_framing)(flags & 7),
                                  .close = flags & 8,
                                  .no_authority = flags & 16,
                                  .content_length = take_length(in)};
    request.method = take_text(in);
    request.target = take_text(in);
    request.authority = take_text(in);
    request.field_count = take_fields(in, fields);
    description what = {.request = &request, .fields = fields, .count = request.field_count};
    proto_slice wire = written(&what, space);
    if (wire.ptr) check_request(&what, wire);
}

static void try_response(proto_in *in, unsigned flags, uint8_t space[SPACE])
{
    proto_http_pair fields[FIELDS];
    proto_http_response response = {.fields = fields,
                                    .framing = (proto_http_framing)(flags & 7),
                                    .close = flags & 8,
                                    .keep_alive = flags & 16,
                                    .content_length = take_length(in)};
    response.status = (int)take_byte(in) * 3 + (int)(flags >> 6);
    proto_http_method method = (proto_http_method)(take_byte(in) % (PROTO_HTTP_PATCH + 1));
    if (flags & 32) response.reason = take_text(in);
    response.field_count = take_fields(in, fields);
    description what = {NULL, &response, method, fields, response.field_count};
    proto_slice wire = written(&what, space);
    if (wire.ptr) check_response(&what, wire);
}

static void try_trailer(proto_in *in, uint8_t space[SPACE])
{
    proto_http_pair fields[FIELDS];
    description what = {.fields = fields, .count = take_fields(in, fields)};
    proto_slice wire = written(&what, space);
    if (wire.ptr) check_trailer(&what, wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t space[SPACE];
    proto_in in = proto_in_of(data, size);
    unsigned kind = take_byte(&in) % 3;
    if (kind == 2) {
        try_trailer(&in, space);
        return 0;
    }
    unsigned flags = take_byte(&in);
    if (kind == 0)
        try_request(&in, flags, space);
    else
        try_response(&in, flags, space);
    return 0;
}
