/* SPDX-License-Identifier: MIT */
/* A URI's parts: taken apart, put together, resolved. */
#include "proto/uri.h"

#include "outcome.h"
#include "uri_text.h"

#include <string.h>

/* ----------------------------------------------------------------------------------- reading -- */

typedef struct uri_cursor {
    proto_slice text;
    size_t at; /* after an error, the byte at fault */
} uri_cursor;

static bool take(uri_cursor *cursor, proto_slice delimiter)
{
    if (cursor->text.len - cursor->at < delimiter.len) return false;
    if (memcmp(cursor->text.ptr + cursor->at, delimiter.ptr, delimiter.len) != 0) return false;
    cursor->at += delimiter.len;
    return true;
}

/* The first segment of a relative reference holds no colon (RFC 3986 section 4.2), so that a colon
   before the first of the other delimiters ends a scheme, or what should have been one. */
static proto_err scheme_read(uri_cursor *cursor, proto_slice *scheme)
{
    proto_slice text = cursor->text;
    size_t colon = uri_length_before(text, ":/?#");
    if (colon == text.len || text.ptr[colon] != ':') return PROTO_OK;
    cursor->at = uri_scheme_length(text);
    if (cursor->at == 0 || cursor->at != colon) return PROTO_ERR_URI_SCHEME;
    *scheme = proto_slice_of(text.ptr, colon);
    cursor->at = colon + 1;
    return PROTO_OK;
}

/* A part of unreserved characters, sub-delims, pct-encoded and `others`, up to the end or one of
   `delimiters`. */
static proto_err part_read(uri_cursor *cursor, const char *others, const char *delimiters,
                           proto_slice *part)
{
    proto_slice text = cursor->text;
    size_t first = cursor->at;
    for (; cursor->at < text.len; cursor->at++) {
        uint8_t byte = text.ptr[cursor->at];
        if (byte == '%' && !uri_percent_encoded(text, cursor->at)) return PROTO_ERR_URI_PERCENT;
        if (byte == '%' || ascii_is(byte, ASCII_HOST) || uri_byte_in(byte, others)) continue;
        if (!uri_byte_in(byte, delimiters)) return PROTO_ERR_URI_CHARACTER;
        break;
    }
    *part = proto_slice_of(text.ptr + first, cursor->at - first);
    return PROTO_OK;
}

/* URI-reference = [ scheme ":" ] [ "//" authority ] path [ "?" query ] [ "#" fragment ] (RFC 3986
   sections 3 and 4.1). */
static proto_err reference_read(uri_cursor *cursor, proto_uri *uri)
{
    proto_err err = scheme_read(cursor, &uri->scheme);
    if (!err && take(cursor, PROTO_LITERAL("//")))
        err = part_read(cursor, ":@[]", "/?#", &uri->authority);
    if (!err) err = part_read(cursor, "/:@", "?#", &uri->path);
    if (!err && take(cursor, PROTO_LITERAL("?"))) err = part_read(cursor, "/:@?", "#", &uri->query);
    if (!err && take(cursor, PROTO_LITERAL("#")))
        err = part_read(cursor, "/:@?", "", &uri->fragment);
    return err;
}

proto_err proto_uri_read(proto_slice text, proto_uri *uri, proto_fault *fault)
{
    uri_cursor cursor = {uri_text(text), 0};
    proto_uri parts = {0};
    proto_err err = reference_read(&cursor, &parts);
    if (err == PROTO_OK) *uri = parts;
    return outcome(fault, err, cursor.at);
}

/* ----------------------------------------------------------------------------------- writing -- */

static bool begins_with(proto_slice text, proto_slice start)
{
    return text.len >= start.len && memcmp(text.ptr, start.ptr, start.len) == 0;
}

static void put_start(const proto_uri *uri, proto_out *out)
{
    if (uri->scheme.ptr) {
        proto_out_slice(out, uri->scheme);
        proto_out_put(out, ":", 1);
    }
    if (uri->authority.ptr) {
        proto_out_put(out, "//", 2);
        proto_out_slice(out, uri->authority);
    }
}

static void put_end(const proto_uri *uri, proto_out *out)
{
    if (uri->query.ptr) {
        proto_out_put(out, "?", 1);
        proto_out_slice(out, uri->query);
    }
    if (uri->fragment.ptr) {
        proto_out_put(out, "#", 1);
        proto_out_slice(out, uri->fragment);
    }
}

/* What keeps a path from being taken for a part of the host, for an authority or for a scheme (RFC
   3986 sections 3.3, 4.2). */
static proto_slice path_guard(const proto_uri *uri)
{
    proto_slice path = uri->path;
    bool rooted = begins_with(path, PROTO_LITERAL("/"));
    if (uri->authority.ptr) return path.len == 0 || rooted ? PROTO_LITERAL("") : PROTO_LITERAL("/");
    if (begins_with(path, PROTO_LITERAL("//"))) return PROTO_LITERAL("/.");
    size_t colon = uri_length_before(path, ":/");
    bool looks_like_scheme = colon < path.len && path.ptr[colon] == ':';
    return looks_like_scheme && !uri->scheme.ptr ? PROTO_LITERAL("./") : PROTO_LITERAL("");
}

proto_err proto_uri_write(const proto_uri *uri, proto_out *out)
{
    proto_out before = *out;
    put_start(uri, out);
    proto_out_slice(out, path_guard(uri));
    proto_out_slice(out, uri->path);
    put_end(uri, out);
    return outcome_of_writing(out, before, PROTO_OK);
}

/* ------------------------------------------------------------------------------ dot segments -- */

/* Steps A and D of RFC 3986 section 5.2.4: dot segments with no slash before them. */
static size_t leading_dots(proto_slice path)
{
    size_t at = 0;
    for (;;) {
        proto_slice rest = proto_slice_of(path.ptr + at, path.len - at);
        if (begins_with(rest, PROTO_LITERAL("../")))
            at += 3;
        else if (begins_with(rest, PROTO_LITERAL("./")))
            at += 2;
        else if (proto_slice_equal(rest, PROTO_LITERAL(".")) ||
                 proto_slice_equal(rest, PROTO_LITERAL("..")))
            return path.len;
        else
            return at;
    }
}

/* Where the segment that begins at `at`, with its slash if it has one, ends. */
static size_t segment_end(proto_slice path, size_t at)
{
    do
        at++;
    while (at < path.len && path.ptr[at] != '/');
    return at;
}

/* The path without its last segment and the slash before that. */
static size_t parent_length(const uint8_t *path, size_t len)
{
    while (len > 0 && path[--len] != '/')
        ;
    return len;
}

/* RFC 3986 section 5.2.4, in place: what is written never overtakes what is read. Returns the new
   length. */
static size_t dot_segments_remove(uint8_t *path, size_t len)
{
    proto_slice input = proto_slice_of(path, len);
    size_t written = 0;
    for (size_t at = leading_dots(input), end; at < len; at = end) {
        end = segment_end(input, at);
        proto_slice segment = proto_slice_of(path + at, end - at);
        bool up = proto_slice_equal(segment, PROTO_LITERAL("/.."));
        if (up || proto_slice_equal(segment, PROTO_LITERAL("/."))) {
            if (up) written = parent_length(path, written);
            if (end == len) path[written++] = '/';
            continue;
        }
        memmove(path + written, segment.ptr, segment.len);
        written += segment.len;
    }
    return written;
}

/* The same for what was appended from `first` on. */
static void remove_from(proto_out *out, size_t first)
{
    if (out->failed || out->len == first) return;
    out->len = first + dot_segments_remove(out->ptr + first, out->len - first);
}

proto_err proto_uri_dot_segments_remove(proto_slice path, proto_out *out)
{
    proto_out before = *out;
    proto_out_slice(out, path);
    remove_from(out, before.len);
    return outcome_of_writing(out, before, PROTO_OK);
}

/* --------------------------------------------------------------------------------- resolving -- */

/* What goes before a relative path (RFC 3986 section 5.2.3): the base's path up to its last
   slash. */
static proto_slice directory_of(const proto_uri *base)
{
    proto_slice directory = base->path;
    if (base->authority.ptr && directory.len == 0) return PROTO_LITERAL("/");
    while (directory.len > 0 && directory.ptr[directory.len - 1] != '/')
        directory.len--;
    return directory;
}

/* RFC 3986 section 5.2.2; a path of the reference's is not merged yet. */
static proto_uri target_of(const proto_uri *base, const proto_uri *reference)
{
    proto_uri target = *reference;
    if (reference->scheme.ptr) return target;
    target.scheme = base->scheme;
    if (reference->authority.ptr) return target;
    target.authority = base->authority;
    if (reference->path.len > 0) return target;
    target.path = base->path;
    if (!reference->query.ptr) target.query = base->query;
    return target;
}

/* Puts the guard, if one is needed, before the path that was appended from `first` on. */
static void guard_from(proto_out *out, size_t first, proto_uri *target)
{
    target->path = proto_slice_of(out->ptr + first, out->len - first);
    proto_slice guard = path_guard(target);
    size_t len = target->path.len;
    if (guard.len == 0 || !proto_out_slice(out, guard)) return;
    memmove(out->ptr + first + guard.len, out->ptr + first, len);
    memcpy(out->ptr + first, guard.ptr, guard.len);
}

static void put_resolved_path(const proto_uri *base, const proto_uri *reference, proto_uri *target,
                              proto_out *out)
{
    size_t first = out->len;
    bool relative = !reference->scheme.ptr && !reference->authority.ptr;
    if (relative && reference->path.len > 0 && reference->path.ptr[0] != '/')
        proto_out_slice(out, directory_of(base));
    proto_out_slice(out, target->path);
    /* Section 5.2.2 takes the base's path as it is where the reference has none. */
    if (!relative || reference->path.len > 0) remove_from(out, first);
    if (out->len > first) guard_from(out, first, target);
}

proto_err proto_uri_resolve(const proto_uri *base, const proto_uri *reference, proto_out *out)
{
    if (!base->scheme.ptr) return PROTO_ERR_URI_SCHEME;
    proto_out before = *out;
    proto_uri target = target_of(base, reference);
    put_start(&target, out);
    put_resolved_path(base, reference, &target, out);
    put_end(&target, out);
    return outcome_of_writing(out, before, PROTO_OK);
}
