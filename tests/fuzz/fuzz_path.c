// SPDX-License-Identifier: MIT
// The path out of a target, against a model that shares no code with the library and keeps a list of segments; and what must
// hold of every path whatever the model says. Percent-encoding and queries over the same input.

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/uri.h"

static void *allocated(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL) abort();
    return memory;
}

// --------------------------------------------------------------------------------------------------------------- model --

typedef struct path_model {
    proto_err err;
    size_t offset;
    char **segments; // as strings: a decoded NUL is an error before it gets here
    size_t count;
    bool directory; // a slash follows the last segment
} path_model;

static void model_free(path_model *model)
{
    while (model->count > 0)
        free(model->segments[--model->count]);
    free(model->segments);
}

static void model_fail(path_model *model, proto_err err, size_t offset)
{
    model->err = err;
    model->offset = offset;
}

static int value_of(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

// All that a target may hold, and what browsers leave unencoded.
static bool is_target_byte(char byte)
{
    unsigned char number = (unsigned char)byte;
    return number > 0x7f || (number > ' ' && number < 0x7f && number != '#');
}

// The segment in characters; NULL after an error.
static char *decoded(path_model *model, const char *text, size_t from, size_t to)
{
    char *segment = allocated(to - from + 1);
    size_t len = 0;
    for (size_t at = from; at < to && model->err == PROTO_OK; at++) {
        int byte = (unsigned char)text[at];
        size_t first = at;
        if (!is_target_byte(text[at])) model_fail(model, PROTO_ERR_URI_CHARACTER, at);
        if (text[at] == '%') {
            int high = at + 1 < to ? value_of(text[at + 1]) : -1;
            int low = at + 2 < to ? value_of(text[at + 2]) : -1;
            byte = high * 16 + low;
            at += 2;
            if (high < 0 || low < 0)
                model_fail(model, PROTO_ERR_URI_PERCENT, first);
            else if (byte == 0)
                model_fail(model, PROTO_ERR_URI_NUL, first);
            else if (byte == '/')
                model_fail(model, PROTO_ERR_URI_ENCODED_SLASH, first);
        }
        segment[len++] = (char)byte;
    }
    segment[len] = '\0';
    if (model->err == PROTO_OK) return segment;
    free(segment);
    return NULL;
}

static void model_segment(path_model *model, char *segment, size_t offset)
{
    if (strcmp(segment, "") == 0 || strcmp(segment, ".") == 0) {
        free(segment);
    } else if (strcmp(segment, "..") == 0) {
        free(segment);
        if (model->count == 0)
            model_fail(model, PROTO_ERR_URI_ESCAPES, offset);
        else
            free(model->segments[--model->count]);
    } else {
        model->segments[model->count++] = segment;
        model->directory = false;
        return;
    }
    model->directory = true;
}

// Where the path begins; -1 where the target has none.
static long path_start(const char *text, size_t size)
{
    if (size > 0 && text[0] == '/') return 0;
    size_t colon = 0;
    while (colon < size && text[colon] != ':')
        colon++;
    if (colon == 0 || size - colon < 3 || memcmp(text + colon, "://", 3) != 0) return -1;
    if (!isalpha((unsigned char)text[0])) return -1;
    for (size_t i = 0; i < colon; i++)
        if (!isalnum((unsigned char)text[i]) && (text[i] == '\0' || !strchr("+-.", text[i])))
            return -1;
    size_t at = colon + 3;
    while (at < size && text[at] != '/' && text[at] != '?' && text[at] != '#')
        at++;
    return (long)at;
}

static path_model model_of(const char *text, size_t size)
{
    path_model model = {.segments = allocated((size + 1) * sizeof(char *)), .directory = true};
    long start = path_start(text, size);
    if (start < 0) {
        model_fail(&model, PROTO_ERR_URI_CHARACTER, 0);
        return model;
    }
    size_t end = 0;
    while (end < size && text[end] != '?')
        end++;
    for (size_t at = (size_t)start; at < end && model.err == PROTO_OK; at++) {
        size_t from = at;
        while (at < end && text[at] != '/')
            at++;
        char *segment = decoded(&model, text, from, at);
        if (segment == NULL) break;
        model_segment(&model, segment, from);
        if (at < end) model.directory = true;
    }
    return model;
}

static char *model_path(const path_model *model, size_t size)
{
    char *path = allocated(size + 2);
    path[0] = '\0';
    for (size_t i = 0; i < model->count; i++) {
        strcat(path, model->segments[i]);
        if (i + 1 < model->count || model->directory) strcat(path, "/");
    }
    return path;
}

// -------------------------------------------------------------------------------------------------------------- checks --

// Invariants that need no model: a relative path of proper segments.
static void check_harmless(const uint8_t *path, size_t len)
{
    assert(len == 0 || memchr(path, '\0', len) == NULL);
    size_t from = 0;
    for (size_t at = 0; at <= len; at++) {
        if (at < len && path[at] != '/') continue;
        size_t segment = at - from;
        assert(segment > 0 || from == len);
        assert(segment != 1 || path[from] != '.');
        assert(segment != 2 || path[from] != '.' || path[from + 1] != '.');
        from = at + 1;
    }
}

static void check_path(proto_slice target)
{
    uint8_t *buffer = allocated(target.len);
    proto_out out = proto_out_of(buffer, target.len);
    proto_fault fault;
    proto_err err = proto_uri_path_read(target, &out, &fault);
    path_model model = model_of((const char *)target.ptr, target.len);
    assert(err == model.err && fault.err == err && fault.offset == model.offset);
    assert(err != PROTO_ERR_NO_SPACE && !out.failed);
    if (err == PROTO_OK) {
        char *path = model_path(&model, target.len);
        assert(proto_slice_equal(proto_slice_of(out.ptr, out.len), proto_slice_text(path)));
        check_harmless(out.ptr, out.len);
        free(path);
    } else {
        assert(out.len == 0);
    }
    model_free(&model);
    free(buffer);
}

// Behind something else and with less room: the same, or nothing.
static void check_room(proto_slice target)
{
    size_t cap = target.len > 0 ? target.ptr[target.len - 1] % (target.len + 8) : 4;
    uint8_t *buffer = allocated(cap), *whole = allocated(target.len);
    proto_out out = proto_out_of(buffer, cap), all = proto_out_of(whole, target.len);
    size_t before = cap >= 4 && proto_out_put(&out, "/a..", 4) ? 4 : 0;
    proto_err err = proto_uri_path_read(target, &out, NULL);
    proto_err expected = proto_uri_path_read(target, &all, NULL);
    assert(out.failed == (err == PROTO_ERR_NO_SPACE) && (err == expected || out.failed));
    proto_slice result = proto_slice_of(out.ptr + before, out.len - before);
    proto_slice wanted = proto_slice_of(all.ptr, err == PROTO_OK ? all.len : 0);
    assert(proto_slice_equal(result, wanted));
    assert(before == 0 || memcmp(buffer, "/a..", 4) == 0);
    free(whole);
    free(buffer);
}

static void check_encoding(proto_slice text, proto_uri_part part)
{
    uint8_t *encoded = allocated(text.len * 3), *plain = allocated(text.len);
    proto_out out = proto_out_of(encoded, text.len * 3), back = proto_out_of(plain, text.len);
    assert(proto_uri_encode(text, part, &out) == PROTO_OK);
    proto_slice result = proto_slice_of(out.ptr, out.len);
    for (size_t i = 0; i < out.len; i++)
        assert(out.ptr[i] > ' ' && out.ptr[i] < 0x7f);
    if (part != PROTO_URI_WHOLE) {
        assert(proto_uri_decode(result, &back, NULL) == PROTO_OK);
        assert(proto_slice_equal(proto_slice_of(back.ptr, back.len), text));
    }
    free(plain);
    free(encoded);
}

// The path of the target that a path makes once it is encoded.
static proto_err through(proto_slice path, proto_out *out)
{
    size_t cap = path.len * 3 + 1;
    uint8_t *encoded = allocated(cap);
    proto_out target = proto_out_of(encoded, cap);
    assert(proto_out_put(&target, "/", 1));
    assert(proto_uri_encode(path, PROTO_URI_PATH, &target) == PROTO_OK);
    proto_err err = proto_uri_path_read(proto_slice_of(target.ptr, target.len), out, NULL);
    free(encoded);
    return err;
}

// A path that came out of a target comes out of the next as it is.
static void check_there_and_back(proto_slice text)
{
    uint8_t *once = allocated(text.len), *twice = allocated(text.len);
    proto_out first = proto_out_of(once, text.len), second = proto_out_of(twice, text.len);
    proto_err err = through(text, &first);
    assert(err == PROTO_OK || err == PROTO_ERR_URI_NUL || err == PROTO_ERR_URI_ESCAPES);
    proto_slice path = proto_slice_of(first.ptr, first.len);
    assert(through(path, &second) == PROTO_OK);
    assert(proto_slice_equal(proto_slice_of(second.ptr, second.len), path));
    free(twice);
    free(once);
}

// The pairs are the query, but for empty ones.
static void check_query(proto_slice target)
{
    proto_slice query = proto_uri_query(target), name, value;
    size_t used = 0, ampersands = 0, all = query.len;
    for (size_t i = 0; i < query.len; i++)
        ampersands += query.ptr[i] == '&';
    while (proto_uri_query_next(&query, &name, &value)) {
        assert(name.ptr != NULL && (name.len == 0 || memchr(name.ptr, '=', name.len) == NULL));
        assert(name.len > 0 || value.ptr != NULL);
        used += name.len + value.len + (value.ptr != NULL);
    }
    assert(query.len == 0 && used + ampersands == all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nothing[1];
    proto_slice text = proto_slice_of(data != NULL ? data : nothing, size);
    check_path(text);
    check_room(text);
    check_encoding(text, PROTO_URI_SEGMENT);
    check_encoding(text, PROTO_URI_PATH);
    check_encoding(text, PROTO_URI_WHOLE);
    check_there_and_back(text);
    check_query(text);
    return 0;
}
