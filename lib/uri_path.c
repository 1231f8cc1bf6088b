/* SPDX-License-Identifier: MIT */
/* Percent-encoding, and what a server makes of a target: a path and a query. */
#include "proto/uri.h"

#include "outcome.h"
#include "uri_text.h"

static bool put_byte(proto_out *out, uint8_t byte)
{
    if (out->failed || out->len == out->cap) {
        out->failed = true;
        return false;
    }
    out->ptr[out->len++] = byte;
    return true;
}

static uint8_t percent_decoded(proto_slice text, size_t at)
{
    return (uint8_t)(ascii_hex(text.ptr[at + 1]) << 4 | ascii_hex(text.ptr[at + 2]));
}

/* ------------------------------------------------------------------------------------ decode -- */

/* Reads on when the sink is full, so that what is malformed is called so whatever the sink's
   size. */
static proto_err decode(proto_slice text, uint8_t plus, proto_out *out, proto_fault *fault)
{
    proto_out before = *out;
    proto_err err = PROTO_OK;
    size_t at = 0;
    for (; at < text.len; at++) {
        uint8_t byte = text.ptr[at] == '+' ? plus : text.ptr[at];
        if (byte == '%') {
            if (!uri_percent_encoded(text, at)) {
                err = PROTO_ERR_URI_PERCENT;
                break;
            }
            byte = percent_decoded(text, at);
            at += 2;
        }
        put_byte(out, byte);
    }
    return outcome(fault, outcome_of_writing(out, before, err), at);
}

proto_err proto_uri_decode(proto_slice text, proto_out *out, proto_fault *fault)
{
    return decode(text, '+', out, fault);
}

proto_err proto_uri_form_decode(proto_slice text, proto_out *out, proto_fault *fault)
{
    return decode(text, ' ', out, fault);
}

/* ------------------------------------------------------------------------------------ encode -- */

static bool may_hold(proto_uri_part part, uint8_t byte)
{
    switch (part) {
    case PROTO_URI_SEGMENT:
        return ascii_is(byte, ASCII_ALPHA | ASCII_DIGIT) || uri_byte_in(byte, "-._~");
    case PROTO_URI_PATH: return ascii_is(byte, ASCII_HOST) || uri_byte_in(byte, "/:@");
    case PROTO_URI_WHOLE: return ascii_is(byte, ASCII_TARGET) || byte == '#';
    }
    return false;
}

proto_err proto_uri_encode(proto_slice text, proto_uri_part part, proto_out *out)
{
    static const char digits[] = "0123456789ABCDEF";
    proto_out before = *out;
    for (size_t at = 0; at < text.len; at++) {
        uint8_t byte = text.ptr[at];
        if (may_hold(part, byte)) {
            put_byte(out, byte);
            continue;
        }
        put_byte(out, '%');
        put_byte(out, (uint8_t)digits[byte >> 4]);
        put_byte(out, (uint8_t)digits[byte & 15]);
    }
    return outcome_of_writing(out, before, PROTO_OK);
}

/* -------------------------------------------------------------------------------------- path -- */

/* Decodes the segment at `at` and moves to its end. A byte that the reader of heads lets through
   only as a leniency is the caller's decision, made there; it is none of those that mean something
   to a file system. */
static proto_err segment_decode(proto_slice path, size_t *at, proto_out *out)
{
    for (; *at < path.len && path.ptr[*at] != '/'; ++*at) {
        uint8_t byte = path.ptr[*at];
        bool encoded = byte == '%';
        if (!ascii_is(byte, ASCII_TARGET | ASCII_BROWSER)) return PROTO_ERR_URI_CHARACTER;
        if (encoded && !uri_percent_encoded(path, *at)) return PROTO_ERR_URI_PERCENT;
        if (encoded) byte = percent_decoded(path, *at);
        if (byte == '\0') return PROTO_ERR_URI_NUL;
        if (byte == '/') return PROTO_ERR_URI_ENCODED_SLASH;
        if (!put_byte(out, byte)) return PROTO_ERR_NO_SPACE;
        if (encoded) *at += 2;
    }
    return PROTO_OK;
}

/* How many dots a dot segment has; 0 for another. */
static unsigned dots(const uint8_t *segment, size_t len)
{
    if (len > 2 || segment[0] != '.') return 0;
    if (len == 1) return 1;
    return segment[1] == '.' ? 2 : 0;
}

/* Applies the segment that was appended last, from `start` on: the path from `root` to there is
   empty or ends in a slash. */
static proto_err segment_apply(proto_out *out, size_t root, size_t start)
{
    if (out->len == start) return PROTO_OK;
    unsigned up = dots(out->ptr + start, out->len - start);
    if (up == 0) return PROTO_OK;
    out->len = start;
    if (up == 1) return PROTO_OK;
    if (start == root) return PROTO_ERR_URI_ESCAPES;
    do
        out->len--;
    while (out->len > root && out->ptr[out->len - 1] != '/');
    return PROTO_OK;
}

/* The segments from `at` on, each followed by a slash but a last one that has none. After an error
   `at` is the byte at fault, or the segment that leads out. */
static proto_err segments_read(proto_slice path, size_t *at, proto_out *out)
{
    size_t root = out->len;
    while (*at < path.len) {
        size_t segment = *at;
        size_t start = out->len;
        proto_err err = segment_decode(path, at, out);
        if (err != PROTO_OK) return err;
        bool is_last = *at == path.len;
        err = segment_apply(out, root, start);
        if (err != PROTO_OK) return *at = segment, err;
        if (is_last) break;
        if (out->len > start && !put_byte(out, '/')) return PROTO_ERR_NO_SPACE;
        ++*at;
    }
    return PROTO_OK;
}

/* Where the path of absolute-form begins, http://authority/path; 0 where the target is not of this
   form. */
static size_t authority_end(proto_slice target)
{
    size_t at = uri_scheme_length(target);
    if (at == 0 || target.len - at < 3) return 0;
    if (target.ptr[at] != ':' || target.ptr[at + 1] != '/' || target.ptr[at + 2] != '/') return 0;
    at += 3;
    return at + uri_length_before(proto_slice_of(target.ptr + at, target.len - at), "/?#");
}

proto_err proto_uri_path_read(proto_slice target, proto_out *out, proto_fault *fault)
{
    target = uri_text(target);
    bool origin_form = target.len > 0 && target.ptr[0] == '/';
    size_t at = origin_form ? 0 : authority_end(target);
    if (!origin_form && at == 0) return outcome(fault, PROTO_ERR_URI_CHARACTER, 0);
    proto_slice path = proto_slice_of(target.ptr, uri_length_before(target, "?"));
    proto_out before = *out;
    proto_err err = segments_read(path, &at, out);
    return outcome(fault, outcome_of_writing(out, before, err), at);
}

/* ------------------------------------------------------------------------------------- query -- */

/* Takes what there is before the first `delimiter`, and the delimiter with it. */
static proto_slice taken(proto_slice *text, const char *delimiter)
{
    size_t len = uri_length_before(*text, delimiter);
    size_t used = len < text->len ? len + 1 : len;
    proto_slice first = proto_slice_of(text->ptr, len);
    *text = proto_slice_of(text->ptr + used, text->len - used);
    return first;
}

proto_slice proto_uri_query(proto_slice target)
{
    size_t path = uri_length_before(target, "?");
    if (path == target.len) return proto_slice_of(NULL, 0);
    return proto_slice_of(target.ptr + path + 1, target.len - path - 1);
}

bool proto_uri_query_next(proto_slice *query, proto_slice *name, proto_slice *value)
{
    while (query->len > 0) {
        proto_slice pair = taken(query, "&");
        if (pair.len == 0) continue;
        proto_slice rest = pair;
        *name = taken(&rest, "=");
        *value = name->len < pair.len ? rest : proto_slice_of(NULL, 0);
        return true;
    }
    return false;
}
