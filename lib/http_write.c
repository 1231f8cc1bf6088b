/* SPDX-License-Identifier: MIT */
#include "http_body.h"
#include "http_head.h"
#include "http_host.h"
#include "http_names.h"
#include "http_scan.h"
#include "http_upgrade.h"
#include "outcome.h"
#include "proto/uri.h"

/* Everything is appended to the caller's sink in the order of the message; an error takes it all
   back at the end. */

/* ------------------------------------------------------------------------------------- lines -- */

/* Where the next `len` bytes go, or NULL. */
static uint8_t *room(proto_out *out, uint64_t len)
{
    if (out->failed || len > out->cap - out->len) {
        out->failed = true;
        return NULL;
    }
    uint8_t *at = out->ptr + out->len;
    out->len += (size_t)len;
    return at;
}

static void copy_word(uint8_t *to, const uint8_t *from)
{
    memcpy(to, from, 8);
}

/* Returns where the copy ends. Most names and values have 8 to 32 bytes: words that overlap cost
   less than a call. */
static inline uint8_t *copied(uint8_t *at, proto_slice text)
{
    size_t len = text.len;
    if (len < 8 || len > 32) {
        if (len > 0) memcpy(at, text.ptr, len);
        return at + len;
    }
    copy_word(at, text.ptr);
    if (len > 16) {
        copy_word(at + 8, text.ptr + 8);
        copy_word(at + len - 16, text.ptr + len - 16);
    }
    copy_word(at + len - 8, text.ptr + len - 8);
    return at + len;
}

static void text_write(proto_out *out, proto_slice text)
{
    uint8_t *at = room(out, text.len);
    if (at) copied(at, text);
}

static void line_write(proto_out *out, const proto_http_pair *field)
{
    uint8_t *at = room(out, (uint64_t)field->name.len + field->value.len + 4);
    if (!at) return;
    at = copied(copied(at, field->name), PROTO_LITERAL(": "));
    copied(copied(at, field->value), PROTO_LITERAL("\r\n"));
}

static bool consists_of(proto_slice text, unsigned classes)
{
    const uint8_t *end = text.ptr + text.len;
    return http_class_end(text.ptr, end, classes) == end;
}

static bool is_token(proto_slice text)
{
    return text.len > 0 && consists_of(text, ASCII_TOKEN);
}

/* Whether there is a control character other than HTAB. The last word may overlap the one before
   it. */
static bool has_controls(proto_slice text)
{
    const uint8_t *end = text.ptr + text.len;
    if (text.len >= 8) {
        uint64_t controls = http_word_controls(word_load(end - 8));
        for (const uint8_t *at = text.ptr; end - at > 8; at += 8)
            controls |= http_word_controls(word_load(at));
        if (!controls) return false;
    }
    return http_text_end(text.ptr, end) != end;
}

/* The white space at the ends of a value is not part of it (RFC 9110 section 5.5), so it would not
   arrive. */
static bool is_field_value(proto_slice text)
{
    if (text.len == 0) return true;
    if (http_is_blank(text.ptr[0]) || http_is_blank(text.ptr[text.len - 1])) return false;
    return !has_controls(text);
}

/* A name that is known is a token. */
static proto_err field_judge(const proto_http_pair *field, proto_http_field_id id)
{
    if (id == PROTO_HTTP_FIELD_OTHER && !is_token(field->name)) return PROTO_ERR_HTTP_FIELD_NAME;
    return is_field_value(field->value) ? PROTO_OK : PROTO_ERR_HTTP_FIELD_VALUE;
}

/* ------------------------------------------------------------------------------------ fields -- */

/* The fields of a head, and what the Connection field will say. */
typedef struct field_list {
    const proto_http_pair *at;
    size_t count;
    size_t index;     /* of the field being judged */
    uint64_t watched; /* the identifiers that are not simply written */
    uint64_t hops;    /* those that are there and concern this connection alone */
    uint64_t named;   /* those that Connection names */
    uint64_t others;  /* protocols that Upgrade names, as http_protocols() */
    bool close;
    bool keep_alive;
    bool options; /* Connection has other members than these two */
    bool content; /* a request's: the message has some */
    bool upgrade; /* Upgrade names a protocol, be it HTTP/1.1 */
} field_list;

/* Whether a member of Connection is one that the writer writes itself, and which. */
static bool *persistence_option(field_list *fields, proto_slice member)
{
    if (proto_slice_equal_nocase(member, PROTO_LITERAL("close"))) return &fields->close;
    if (proto_slice_equal_nocase(member, PROTO_LITERAL("keep-alive"))) return &fields->keep_alive;
    return NULL;
}

static proto_err connection_take(field_list *fields, proto_slice list)
{
    proto_slice member;
    while (proto_http_list_next(&list, &member)) {
        if (!is_token(member)) return PROTO_ERR_HTTP_CONNECTION_SYNTAX;
        bool *option = persistence_option(fields, member);
        *(option ? option : &fields->options) = true;
        fields->named |= UINT64_C(1) << proto_http_field_id_of(member);
    }
    return PROTO_OK;
}

/* RFC 9110 section 10.1.1: nobody waits to send nothing. */
static proto_err expectation_judge(const field_list *fields, proto_slice value)
{
    bool known = proto_slice_equal_nocase(value, PROTO_LITERAL("100-continue"));
    return known && fields->content ? PROTO_OK : PROTO_ERR_HTTP_EXPECT;
}

static void upgrade_take(field_list *fields, proto_slice list)
{
    proto_slice protocol;
    fields->others |= http_protocols(list);
    fields->upgrade |= proto_http_list_next(&list, &protocol);
}

/* Fields that Connection must name, so that a hop that does not know them does not pass them on
   (RFC 9110 sections 7.8 and 10.1.4). */
static const uint64_t hop_fields = HTTP_FIELD_BIT(UPGRADE) | HTTP_FIELD_BIT(TE);

static proto_err watched_field_take(field_list *fields, proto_http_field_id id, proto_slice value)
{
    if (id == PROTO_HTTP_FIELD_CONNECTION) return connection_take(fields, value);
    if (id == PROTO_HTTP_FIELD_EXPECT) return expectation_judge(fields, value);
    if (!(hop_fields >> id & 1)) return PROTO_ERR_HTTP_FRAMING_FIELD;
    fields->hops |= UINT64_C(1) << id;
    if (id == PROTO_HTTP_FIELD_UPGRADE) upgrade_take(fields, value);
    return PROTO_OK;
}

/* Refuses the first field that Connection should name and does not. A program that passes on what it
   received would otherwise make an offer of its own out of another's. */
static proto_err hops_judge(field_list *fields)
{
    uint64_t unnamed = fields->hops & ~fields->named;
    if (!unnamed) return PROTO_OK;
    fields->index = 0;
    while (!(unnamed >> proto_http_field_id_of(fields->at[fields->index].name) & 1))
        fields->index++;
    return PROTO_ERR_HTTP_CONNECTION_OPTION;
}

static proto_err fields_write(field_list *fields, proto_out *out)
{
    for (fields->index = 0; fields->index < fields->count; fields->index++) {
        const proto_http_pair *field = &fields->at[fields->index];
        proto_http_field_id id = proto_http_field_id_of(field->name);
        proto_err err = field_judge(field, id);
        if (err == PROTO_OK && (fields->watched >> id & 1))
            err = watched_field_take(fields, id, field->value);
        if (err != PROTO_OK) return err;
        if (id != PROTO_HTTP_FIELD_CONNECTION) line_write(out, field);
    }
    return hops_judge(fields);
}

static void option_write(proto_out *out, bool *begun, proto_slice option)
{
    text_write(out, *begun ? PROTO_LITERAL(", ") : PROTO_LITERAL("Connection: "));
    text_write(out, option);
    *begun = true;
}

static void options_write(field_list *fields, proto_out *out, bool *begun)
{
    for (size_t i = 0; i < fields->count; i++) {
        proto_slice list = fields->at[i].value, member;
        if (proto_http_field_id_of(fields->at[i].name) != PROTO_HTTP_FIELD_CONNECTION) continue;
        while (proto_http_list_next(&list, &member))
            if (!persistence_option(fields, member)) option_write(out, begun, member);
    }
}

/* One Connection field for all that is to be said in it, and the blank line. */
static void head_end_write(field_list *fields, proto_out *out)
{
    bool begun = false;
    if (fields->close)
        option_write(out, &begun, PROTO_LITERAL("close"));
    else if (fields->keep_alive)
        option_write(out, &begun, PROTO_LITERAL("keep-alive"));
    if (fields->options) options_write(fields, out, &begun);
    text_write(out, begun ? PROTO_LITERAL("\r\n\r\n") : PROTO_LITERAL("\r\n"));
}

/* ----------------------------------------------------------------------------------- framing -- */

static proto_err length_write(uint64_t length, proto_out *out)
{
    if (length > INT64_MAX) return PROTO_ERR_HTTP_LENGTH_OVERFLOW;
    text_write(out, PROTO_LITERAL("Content-Length: "));
    proto_out_decimal(out, length);
    text_write(out, PROTO_LITERAL("\r\n"));
    return PROTO_OK;
}

static proto_err chunked_write(proto_out *out)
{
    text_write(out, PROTO_LITERAL("Transfer-Encoding: chunked\r\n"));
    return PROTO_OK;
}

static proto_err request_framing_write(const proto_http_request *request, proto_http_method method,
                                       proto_out *out)
{
    /* RFC 9110 sections 9.3.6 and 9.3.8: neither has content. */
    bool forbidden = method == PROTO_HTTP_CONNECT || method == PROTO_HTTP_TRACE;
    /* RFC 9110 section 8.6: a method that defines a meaning for content is told that there is
       none. */
    bool expected = method == PROTO_HTTP_POST || method == PROTO_HTTP_PUT ||
                    method == PROTO_HTTP_PATCH;
    switch (request->framing) {
    case PROTO_HTTP_NO_BODY: return expected ? length_write(0, out) : PROTO_OK;
    case PROTO_HTTP_LENGTH:
        return forbidden ? PROTO_ERR_HTTP_BODY_FORBIDDEN
                         : length_write(request->content_length, out);
    case PROTO_HTTP_CHUNKED: return forbidden ? PROTO_ERR_HTTP_BODY_FORBIDDEN : chunked_write(out);
    case PROTO_HTTP_UNTIL_CLOSE:
    case PROTO_HTTP_TUNNEL: break;
    }
    return PROTO_ERR_HTTP_CODING_FORBIDDEN;
}

/* HEAD and 304: the fields may tell of the content that GET would have had (RFC 9110 section 8.6,
   RFC 9112 section 6.1). */
static proto_err absent_body_framing_write(const proto_http_response *response, proto_out *out)
{
    switch (response->framing) {
    case PROTO_HTTP_NO_BODY:
    case PROTO_HTTP_UNTIL_CLOSE: return PROTO_OK;
    case PROTO_HTTP_LENGTH: return length_write(response->content_length, out);
    case PROTO_HTTP_CHUNKED: return chunked_write(out);
    case PROTO_HTTP_TUNNEL: break;
    }
    return PROTO_ERR_HTTP_CODING_FORBIDDEN;
}

static proto_err body_framing_write(const proto_http_response *response, field_list *fields,
                                    proto_out *out)
{
    switch (response->framing) {
    case PROTO_HTTP_NO_BODY: return length_write(0, out);
    case PROTO_HTTP_LENGTH: return length_write(response->content_length, out);
    case PROTO_HTTP_CHUNKED: return chunked_write(out);
    case PROTO_HTTP_UNTIL_CLOSE: fields->close = true; return PROTO_OK;
    case PROTO_HTTP_TUNNEL: break;
    }
    return PROTO_ERR_HTTP_CODING_FORBIDDEN;
}

static proto_err response_framing_write(const proto_http_response *response,
                                        proto_http_method method, field_list *fields,
                                        proto_out *out)
{
    unsigned status = (unsigned)response->status;
    proto_http_framing framing = response->framing;
    proto_http_framing rule = http_status_framing(status, method);
    if (rule == PROTO_HTTP_TUNNEL) {
        bool none = framing == PROTO_HTTP_NO_BODY || framing == PROTO_HTTP_TUNNEL;
        return none ? PROTO_OK : PROTO_ERR_HTTP_BODY_FORBIDDEN;
    }
    /* RFC 9110 section 8.6, RFC 9112 section 6.1: no framing field either. */
    if (status / 100 == 1 || status == 204)
        return framing == PROTO_HTTP_NO_BODY ? PROTO_OK : PROTO_ERR_HTTP_BODY_FORBIDDEN;
    /* RFC 9110 section 15.3.6. */
    bool empty = framing == PROTO_HTTP_NO_BODY ||
                 (framing == PROTO_HTTP_LENGTH && response->content_length == 0);
    if (status == 205 && !empty) return PROTO_ERR_HTTP_BODY_FORBIDDEN;
    if (rule == PROTO_HTTP_NO_BODY) return absent_body_framing_write(response, out);
    return body_framing_write(response, fields, out);
}

/* ------------------------------------------------------------------------------------- heads -- */

/* Whether the target has a form that the method may use, and names no authority but what Host will. */
static proto_err target_judge(proto_slice target, proto_http_method method, proto_slice authority)
{
    if (target.len > UINT32_MAX) return PROTO_ERR_HTTP_TARGET_TOO_LONG;
    if (target.len == 0 || !consists_of(target, ASCII_TARGET)) return PROTO_ERR_HTTP_TARGET;
    proto_http_head head = {.fields = {.base = target.ptr},
                            .target = {0, (uint32_t)target.len},
                            .method = (uint8_t)method};
    uint32_t at;
    proto_err err = http_target_form(&head, &at);
    if (err != PROTO_OK || head.authority.len == 0) return err;
    return http_host_agrees(&head, authority) ? PROTO_OK : PROTO_ERR_HTTP_HOST_MISMATCH;
}

static proto_err request_line_write(const proto_http_request *request, proto_http_method method,
                                    proto_out *out)
{
    if (!is_token(request->method)) return PROTO_ERR_HTTP_METHOD;
    proto_err err = target_judge(request->target, method, request->authority);
    text_write(out, request->method);
    text_write(out, PROTO_LITERAL(" "));
    text_write(out, request->target);
    text_write(out, PROTO_LITERAL(" HTTP/1.1\r\n"));
    return err;
}

/* An empty one is for a URI that has no authority, and not for one that was forgotten: those of http
   always have one (RFC 9110 section 4.2.1). */
static proto_err host_judge(const proto_http_request *request)
{
    proto_uri_authority parts;
    bool empty = request->authority.len == 0;
    if (request->no_authority) return empty ? PROTO_OK : PROTO_ERR_HTTP_HOST_MISMATCH;
    if (empty) return PROTO_ERR_HTTP_HOST_EMPTY;
    proto_err err = proto_uri_authority_read(request->authority, &parts, NULL);
    return err == PROTO_OK ? PROTO_OK : PROTO_ERR_HTTP_HOST_SYNTAX;
}

/* First of all fields (RFC 9110 section 7.2). */
static proto_err host_write(const proto_http_request *request, proto_out *out)
{
    proto_err err = host_judge(request);
    if (err == PROTO_OK)
        line_write(out, &(proto_http_pair){PROTO_LITERAL("Host"), request->authority});
    return err;
}

static bool has_content(const proto_http_request *request)
{
    return request->framing == PROTO_HTTP_CHUNKED ||
           (request->framing == PROTO_HTTP_LENGTH && request->content_length > 0);
}

proto_err proto_http_request_write(const proto_http_request *request, proto_out *out,
                                   proto_fault *fault)
{
    proto_out before = *out;
    proto_http_method method = proto_http_method_of(request->method);
    field_list fields = {.at = request->fields,
                         .count = request->field_count,
                         .index = request->field_count,
                         .watched = HTTP_FIELD_BIT(CONTENT_LENGTH) | HTTP_FIELD_BIT(HOST) |
                                    HTTP_FIELD_BIT(TRANSFER_ENCODING) | HTTP_FIELD_BIT(EXPECT) |
                                    HTTP_FIELD_BIT(CONNECTION) | hop_fields,
                         .content = has_content(request),
                         .close = request->close};
    proto_err err = request_line_write(request, method, out);
    if (err == PROTO_OK) err = host_write(request, out);
    if (err == PROTO_OK) err = fields_write(&fields, out);
    if (err == PROTO_OK) err = request_framing_write(request, method, out);
    if (err == PROTO_OK) head_end_write(&fields, out);
    return outcome(fault, outcome_of_writing(out, before, err), fields.index);
}

static proto_err status_line_write(const proto_http_response *response, proto_out *out)
{
    int status = response->status;
    proto_slice reason = response->reason.ptr ? response->reason : http_reason(status);
    if (status < 100 || status > 599) return PROTO_ERR_HTTP_STATUS;
    if (has_controls(reason)) return PROTO_ERR_HTTP_REASON;
    uint8_t *at = room(out, (uint64_t)reason.len + 15);
    if (!at) return PROTO_OK;
    at = copied(at, PROTO_LITERAL("HTTP/1.1 "));
    *at++ = (uint8_t)('0' + status / 100);
    *at++ = (uint8_t)('0' + status / 10 % 10);
    *at++ = (uint8_t)('0' + status % 10);
    *at++ = ' ';
    copied(copied(at, reason), PROTO_LITERAL("\r\n"));
    return PROTO_OK;
}

/* RFC 9110 sections 15.2.2 and 15.5.22: a 101 says what the connection becomes, a 426 what the client
   has to offer; to one of HTTP/1.0 that may be HTTP/1.1. */
static proto_err upgrade_judge(int status, const field_list *fields)
{
    bool missing = (status == 101 && !fields->others) || (status == 426 && !fields->upgrade);
    return missing ? PROTO_ERR_HTTP_UPGRADE_MISSING : PROTO_OK;
}

proto_err proto_http_response_write(const proto_http_response *response, proto_http_method method,
                                    proto_out *out, proto_fault *fault)
{
    proto_out before = *out;
    field_list fields = {.at = response->fields,
                         .count = response->field_count,
                         .index = response->field_count,
                         .watched = HTTP_FIELD_BIT(CONTENT_LENGTH) |
                                    HTTP_FIELD_BIT(TRANSFER_ENCODING) | HTTP_FIELD_BIT(CONNECTION) |
                                    hop_fields,
                         .close = response->close,
                         .keep_alive = response->keep_alive};
    proto_err err = status_line_write(response, out);
    if (err == PROTO_OK) err = fields_write(&fields, out);
    if (err == PROTO_OK) err = upgrade_judge(response->status, &fields);
    if (err == PROTO_OK) err = response_framing_write(response, method, &fields, out);
    if (err == PROTO_OK) head_end_write(&fields, out);
    return outcome(fault, outcome_of_writing(out, before, err), fields.index);
}

/* ------------------------------------------------------------------------------------ chunks -- */

proto_err proto_http_chunk_begin_write(uint64_t size, proto_out *out)
{
    if (size == 0) return PROTO_ERR_STATE;
    if (size > INT64_MAX) return PROTO_ERR_HTTP_CHUNK_OVERFLOW;
    uint8_t line[18] = {[16] = '\r', [17] = '\n'};
    size_t first = 16;
    for (; size > 0; size >>= 4)
        line[--first] = (uint8_t) "0123456789abcdef"[size & 15];
    return proto_out_put(out, line + first, sizeof line - first) ? PROTO_OK : PROTO_ERR_NO_SPACE;
}

proto_err proto_http_chunk_write(proto_slice data, proto_out *out)
{
    if (data.len == 0) return PROTO_OK;
    proto_out before = *out;
    proto_err err = proto_http_chunk_begin_write(data.len, out);
    text_write(out, data);
    text_write(out, PROTO_LITERAL("\r\n"));
    return outcome_of_writing(out, before, err);
}

static proto_err trailer_field_write(const proto_http_pair *field, proto_out *out)
{
    proto_http_field_id id = proto_http_field_id_of(field->name);
    if (!http_field_may_trail(id)) return PROTO_ERR_HTTP_TRAILER_FIELD;
    proto_err err = field_judge(field, id);
    if (err == PROTO_OK) line_write(out, field);
    return err;
}

proto_err proto_http_last_chunk_write(const proto_http_pair *trailer, size_t count, proto_out *out,
                                      proto_fault *fault)
{
    proto_out before = *out;
    proto_err err = PROTO_OK;
    size_t index = 0;
    text_write(out, PROTO_LITERAL("0\r\n"));
    while (index < count && (err = trailer_field_write(&trailer[index], out)) == PROTO_OK)
        index++;
    text_write(out, PROTO_LITERAL("\r\n"));
    return outcome(fault, outcome_of_writing(out, before, err), index);
}
