// SPDX-License-Identifier: MIT
// Ranges lie within their representation, tags and content ranges are written as they were read, and whatever the fields say
// the decision is one of five. The first line is an ETag, the second a Content-Range; the rest are fields, `Name: value`.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/http_conditional.h"

enum { MOST_FIELDS = 16, SIZE = 1000 };

static proto_slice take_line(proto_slice *rest)
{
    const uint8_t *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    proto_slice line = *rest;
    if (end != NULL) line.len = (size_t)(end - rest->ptr);
    size_t used = line.len + (end != NULL);
    if (used > 0) *rest = proto_slice_of(rest->ptr + used, rest->len - used);
    return line;
}

static void check_etag(proto_slice text)
{
    proto_http_etag etag;
    if (!proto_http_etag_read(text, &etag)) return;
    uint8_t *bytes = malloc(text.len);
    if (bytes == NULL) abort();
    proto_out out = proto_out_of(bytes, text.len);
    assert(proto_http_etag_write(&etag, &out) == PROTO_OK);
    assert(proto_slice_equal(text, proto_slice_of(bytes, out.len)));
    assert(proto_http_etag_weakly_equal(&etag, &etag));
    assert(proto_http_etag_strongly_equal(&etag, &etag) == !etag.weak);
    proto_slice list = text;
    assert(proto_http_etag_next(&list, &etag) && list.len == 0);
    free(bytes);
}

static void check_content_range(proto_slice text)
{
    proto_http_range range, again;
    uint64_t size, size_again;
    if (!proto_http_content_range_read(text, &range, &size)) return;
    if (range.size > 0) assert(range.first <= UINT64_MAX - (range.size - 1));
    if (size == PROTO_HTTP_SIZE_UNKNOWN) return;
    assert(range.size <= size && range.first <= size - range.size);
    uint8_t bytes[80];
    proto_out out = proto_out_of(bytes, sizeof bytes);
    if (range.size > 0) {
        assert(proto_http_content_range_write(&range, size, &out) == PROTO_OK);
    } else {
        assert(proto_http_content_range_none_write(size, &out) == PROTO_OK);
    }
    proto_slice written = proto_slice_of(bytes, out.len);
    assert(proto_http_content_range_read(written, &again, &size_again));
    assert(again.first == range.first && again.size == range.size && size_again == size);
}

// Each within the representation, with at least a byte between any two.
static void check_parts(const proto_http_parts *parts, uint64_t size)
{
    assert(parts->count <= PROTO_HTTP_PARTS);
    for (size_t i = 0; i < parts->count; i++) {
        const proto_http_range *a = &parts->at[i];
        assert(a->size > 0 && a->size <= size && a->first <= size - a->size);
        for (size_t j = 0; j < i; j++) {
            const proto_http_range *b = &parts->at[j];
            assert(a->first + a->size < b->first || b->first + b->size < a->first);
        }
    }
}

// What is written is as long as it was said to be, whatever the type; or it is refused.
static void check_multipart(proto_slice type, const proto_http_parts *parts, uint64_t size)
{
    const proto_http_multipart multipart = {PROTO_LITERAL("boundary"), type, size};
    uint64_t length = proto_http_multipart_length(&multipart, parts);
    uint8_t *bytes = malloc((size_t)length);
    if (bytes == NULL) abort();
    proto_out out = proto_out_of(bytes, (size_t)length);
    bool written = true;
    for (size_t i = 0; i < parts->count; i++) {
        proto_err err = proto_http_part_head_write(&multipart, &parts->at[i], &out);
        assert(err == PROTO_OK || err == PROTO_ERR_HTTP_FIELD_VALUE);
        written = written && err == PROTO_OK;
        length -= parts->at[i].size;
    }
    assert(proto_http_multipart_end_write(&multipart, &out) == PROTO_OK);
    assert(out.len == length || !written);
    free(bytes);
}

static void check_ranges(proto_slice value, uint64_t size)
{
    proto_http_parts parts;
    proto_http_ranges result = proto_http_ranges_read(value, size, &parts);
    assert((result == PROTO_HTTP_RANGES_GIVEN) == (parts.count > 0));
    check_parts(&parts, size);
    check_multipart(value, &parts, size);
}

static void check_decision(const proto_http_fields *fields)
{
    static const proto_http_method methods[] = {PROTO_HTTP_GET, PROTO_HTTP_HEAD, PROTO_HTTP_PUT};
    const proto_http_representation current = {PROTO_LITERAL("\"v\""), 784111777, SIZE};
    for (size_t i = 0; i < 6; i++) {
        proto_http_method method = methods[i / 2];
        const proto_http_representation *given = i % 2 ? &current : NULL;
        proto_http_parts parts;
        int status = proto_http_select(fields, method, given, 784112000, &parts);
        assert(status == 200 || status == 206 || status == 304 || status == 412 || status == 416);
        if (method == PROTO_HTTP_PUT) assert(status == 200 || status == 412);
        if (method == PROTO_HTTP_HEAD) assert(status != 206 && status != 416);
        assert((status == 206) == (parts.count > 0));
        check_parts(&parts, SIZE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    proto_slice rest = proto_slice_of(data, size);
    check_etag(take_line(&rest));
    check_content_range(take_line(&rest));
    proto_http_field at[MOST_FIELDS];
    proto_http_fields fields = {data, at, 0, MOST_FIELDS};
    while (rest.len > 0 && fields.count < MOST_FIELDS) {
        proto_slice line = take_line(&rest);
        // That a line is no longer than all is for gcc, which takes it for a negative size.
        bool found = line.len > 0 && line.len <= size;
        const uint8_t *colon = found ? memchr(line.ptr, ':', line.len) : NULL;
        if (colon == NULL || colon == line.ptr) continue;
        uint32_t name = (uint32_t)(colon - line.ptr);
        uint32_t begin = (uint32_t)(line.ptr - data);
        uint32_t skip = name + 1 + (name + 1 < line.len && colon[1] == ' ');
        proto_http_field field = {{begin, name}, {begin + skip, (uint32_t)line.len - skip}};
        at[fields.count++] = field;
        check_ranges(proto_http_text(&fields, field.value), SIZE);
        check_ranges(proto_http_text(&fields, field.value), 0);
    }
    check_decision(&fields);
    return 0;
}
