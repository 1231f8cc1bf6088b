// SPDX-License-Identifier: MIT
// Reads heads, each with its body, one after the other, and checks what must hold of whatever is accepted.

#include <stdlib.h>
#include <string.h>

#include "fuzz_input.h"
#include "proto/http.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static bool is_tchar(uint8_t byte)
{
    bool alphanumeric = (byte >= '0' && byte <= '9') ||
                        ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
    return alphanumeric || (byte != 0 && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

static void require_inside(proto_http_span span, uint32_t length)
{
    require(span.at <= length && span.len <= length - span.at);
}

static void require_token(proto_slice token)
{
    require(token.len > 0);
    for (size_t i = 0; i < token.len; i++)
        require(is_tchar(token.ptr[i]));
}

/* Nothing in a value or a reason but text, unless a leniency was used. */
static void require_text(proto_slice text, uint32_t deviations)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        require(byte != 0);
        if (byte == '\r' || byte == '\n')
            require(deviations & PROTO_HTTP_LENIENT_OBS_FOLD);
        else if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            require(deviations & PROTO_HTTP_LENIENT_CONTROLS);
    }
}

static void require_fields(const proto_http_fields *fields, uint32_t length, uint32_t deviations)
{
    uint32_t behind = 0;
    require(fields->count <= fields->cap);
    for (uint32_t i = 0; i < fields->count; i++) {
        proto_http_field field = fields->at[i];
        require_inside(field.name, length);
        require_inside(field.value, length);
        require(field.name.at >= behind && field.value.at > field.name.at + field.name.len);
        behind = field.value.at + field.value.len;
        proto_slice value = proto_http_text(fields, field.value);
        require_token(proto_http_text(fields, field.name));
        require_text(value, deviations);
        require(value.len == 0 || (value.ptr[0] != ' ' && value.ptr[value.len - 1] != ' '));
        require(value.len == 0 || (value.ptr[0] != '\t' && value.ptr[value.len - 1] != '\t'));
    }
}

static void require_framing(const proto_http_head *head)
{
    uint32_t both = PROTO_HTTP_LENIENT_CODING_OVER_LENGTH;
    bool chunked = head->framing == PROTO_HTTP_CHUNKED;
    bool coded = proto_http_find(&head->fields, PROTO_HTTP_FIELD_TRANSFER_ENCODING, 0) <
                 head->fields.count;
    bool length = proto_http_find(&head->fields, PROTO_HTTP_FIELD_CONTENT_LENGTH, 0) <
                  head->fields.count;
    require(head->has_length == length);
    require(head->has_length || head->content_length == 0);
    require(!chunked || coded);
    require(head->framing != PROTO_HTTP_LENGTH || (length && !coded));
    require(!(length && coded) || head->deviations & both);
    require(!coded || head->minor >= 1 || head->deviations & PROTO_HTTP_LENIENT_CODING_IN_10);
    if (head->framing == PROTO_HTTP_UNTIL_CLOSE)
        require(head->status != 0 && !(head->flags & PROTO_HTTP_KEEP_ALIVE));
}

static void require_request(const proto_http_head *head)
{
    uint32_t hosts = 0;
    for (uint32_t i = 0;
         (i = proto_http_find(&head->fields, PROTO_HTTP_FIELD_HOST, i)) < head->fields.count; i++)
        hosts++;
    require(hosts <= 1 && (hosts == 1 || head->minor == 0));
    require_token(proto_http_text(&head->fields, head->method_token));
    require(head->target.len > 0);
    require(head->framing <= PROTO_HTTP_CHUNKED);
}

static void require_head(const proto_http_head *head, const fuzz_input *input)
{
    require((head->deviations & ~input->config.lenient) == 0);
    require_inside(head->method_token, head->length);
    require_inside(head->target, head->length);
    require_inside(head->authority, head->length);
    require_inside(head->reason, head->length);
    require_fields(&head->fields, head->length, head->deviations);
    require_framing(head);
    require_text(proto_http_text(&head->fields, head->reason), head->deviations);
    require(input->reading.response ? head->status >= 100 && head->status <= 999
                                    : head->status == 0);
    if (!input->reading.response) require_request(head);
}

/* Whether another message may follow. */
static bool read_body(const proto_http_head *head, proto_in *in)
{
    proto_http_body body;
    proto_slice data = {0};
    proto_http_body_init(&body, head);
    for (;;) {
        const uint8_t *before = in->pos;
        proto_http_event event = proto_http_body_next(&body, in, &data);
        require(in->pos >= before && in->pos <= in->end);
        if (event == PROTO_HTTP_EVENT_END)
            require_fields(&body.trailer,
                           (uint32_t)(in->pos - body.trailer.base) * (body.trailer.count > 0), ~0u);
        if (event != PROTO_HTTP_EVENT_BODY) return event == PROTO_HTTP_EVENT_END;
        require(data.len > 0 && data.ptr >= before && data.ptr + data.len <= in->end);
    }
}

static void read_all(const fuzz_input *input, proto_http_head *head, proto_in *in)
{
    while (in->pos != in->end) {
        const uint8_t *before = in->pos;
        size_t left = (size_t)(in->end - in->pos);
        proto_err err = input->reading.response
                            ? proto_http_response_read(head, input->reading.method, in)
                            : proto_http_request_read(head, in);
        if (err != PROTO_OK) {
            require(in->pos == before);
            require(err == PROTO_NEED_INPUT || head->fault.err == err);
            require(err == PROTO_NEED_INPUT || head->fault.offset <= left);
            return;
        }
        require(in->pos == before + head->length && head->fields.base == before);
        require_head(head, input);
        if (!read_body(head, in)) return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = fuzz_input_of(data, size);
    proto_http_field *fields = allocate(input.reading.fields * sizeof *fields);
    uint8_t *copy = allocate(input.bytes.len);
    if (input.bytes.len > 0) memcpy(copy, input.bytes.ptr, input.bytes.len);
    proto_http_head head;
    proto_in in = proto_in_of(copy, input.bytes.len);
    in.eof = input.reading.eof;
    proto_http_head_init(&head, &input.config, fields, input.reading.fields);
    read_all(&input, &head, &in);
    free(copy);
    free(fields);
    return 0;
}
