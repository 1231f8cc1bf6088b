/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

static proto_err read_once(head_snapshot *snapshot, const head_reading *reading, const uint8_t *at,
                           size_t size, bool eof)
{
    proto_in in = proto_in_of(at, size);
    in.eof = eof;
    proto_err err = reading->response
                        ? proto_http_response_read(&snapshot->head, reading->method, &in)
                        : proto_http_request_read(&snapshot->head, &in);
    snapshot->consumed = (size_t)(in.pos - at);
    return err;
}

void head_snapshot_take(head_snapshot *snapshot, const head_reading *reading,
                        const guard_pages *guard, proto_slice bytes, size_t first, size_t step)
{
    size_t table = reading->fields * sizeof(proto_http_field);
    proto_http_field *fields = allocate(table);
    size_t shown = first < bytes.len ? first : bytes.len;
    memset(fields, 0xa5, table);
    proto_http_head_init(&snapshot->head, reading->config, fields, reading->fields);
    for (unsigned turn = 0;; turn++) {
        const uint8_t *at = turn % 2 == 0 ? guard_high(guard, bytes.ptr, shown)
                                          : guard_low(guard, bytes.ptr, shown);
        bool last = shown == bytes.len;
        snapshot->err = read_once(snapshot, reading, at, shown, reading->eof && last);
        if (snapshot->err != PROTO_NEED_INPUT || last) break;
        shown += step < bytes.len - shown ? step : bytes.len - shown;
    }
    memcpy(snapshot->fields, fields, table);
    free(fields);
}

static bool same_span(proto_http_span a, proto_http_span b)
{
    return a.at == b.at && a.len == b.len;
}

static const char *table_difference(const head_snapshot *a, const head_snapshot *b)
{
    if (a->head.fields.count != b->head.fields.count) return "fields.count";
    for (uint32_t i = 0; i < a->head.fields.count; i++) {
        if (!same_span(a->fields[i].name, b->fields[i].name)) return "a field's name";
        if (!same_span(a->fields[i].value, b->fields[i].value)) return "a field's value";
    }
    return NULL;
}

static const char *head_difference(const proto_http_head *a, const proto_http_head *b)
{
    if (!same_span(a->method_token, b->method_token)) return "method_token";
    if (!same_span(a->target, b->target)) return "target";
    if (!same_span(a->authority, b->authority)) return "authority";
    if (!same_span(a->reason, b->reason)) return "reason";
    if (a->content_length != b->content_length) return "content_length";
    if (a->length != b->length) return "length";
    if (a->deviations != b->deviations) return "deviations";
    if (a->status != b->status) return "status";
    if (a->minor != b->minor) return "minor";
    if (a->method != b->method) return "method";
    if (a->target_form != b->target_form) return "target_form";
    if (a->framing != b->framing) return "framing";
    if (a->flags != b->flags) return "flags";
    return a->has_length != b->has_length ? "has_length" : NULL;
}

const char *head_snapshot_difference(const head_snapshot *a, const head_snapshot *b)
{
    if (a->err != b->err) return "the result";
    if (a->consumed != b->consumed) return "what was used up";
    if (a->err == PROTO_NEED_INPUT) return NULL;
    if (a->head.fault.err != b->head.fault.err) return "fault.err";
    if (a->head.fault.offset != b->head.fault.offset) return "fault.offset";
    if (a->err != PROTO_OK) return NULL;
    const char *member = head_difference(&a->head, &b->head);
    return member != NULL ? member : table_difference(a, b);
}
