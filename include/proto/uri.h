/* SPDX-License-Identifier: MIT */
#ifndef PROTO_URI_H
#define PROTO_URI_H

#include "base.h"

/**
 * @file proto/uri.h
 * @brief URIs, host and port, percent-encoding, dot segments, queries, and a file's path out of a
 *        target (RFC 3986).
 *
 * A reader here takes a whole string, not a stream, and answers with slices of it. What is not an
 * URI by the grammar of RFC 3986 is refused with the offset of the byte at fault, counted from the
 * string's first; of a string that ends too early that is its length. Nothing is repaired: a
 * program that wants to accept what a person types encodes it first with proto_uri_encode(). After
 * an error a result is as it was before the call.
 *
 * A writer here appends all of what it has to say or nothing. Only ::PROTO_ERR_NO_SPACE leaves the
 * sink failed. The sink's buffer must not overlap what is read. With ::PROTO_ERR_NO_SPACE the
 * offset of a fault has no meaning.
 *
 * proto_uri_path_read() is what a file server needs and many have got wrong: it turns the target of
 * a request into a relative path that cannot leave the directory it is applied to, as far as a
 * string can tell. (That no symbolic link leads out is for the caller to see to, with openat2() and
 * RESOLVE_BENEATH on Linux.)
 */

#ifdef __cplusplus
extern "C" {
#endif

/** What kind of host an authority names (RFC 3986 section 3.2.2). */
typedef enum proto_uri_host_kind {
    /** a registered name, to be looked up; by the grammar also `1.2.3`, `0x7f.1` and `256.0.0.1` */
    PROTO_URI_HOST_NAME,
    PROTO_URI_HOST_IPV4,  /**< four decimal octets, 0 to 255 with no leading zeros */
    PROTO_URI_HOST_IPV6,  /**< an IPv6 address without a zone; the slice is without its brackets */
    PROTO_URI_HOST_FUTURE /**< an IPvFuture literal; the slice is without its brackets */
} proto_uri_host_kind;

/** Host and port. */
typedef struct proto_uri_authority {
    /** without brackets; a name is still percent-encoded, in the case it came in */
    proto_slice host;
    proto_uri_host_kind kind; /**< what @ref host is */
    uint16_t port;            /**< the port, or 0 where none is given */
    bool has_port;            /**< whether a port is given; `host:` gives none */
} proto_uri_authority;

/**
 * Reads `host` or `host:port`: a Host field's value, an authority-form target, what a person names
 * as a server. User information (`user@`) is refused, as HTTP demands (RFC 9110 section 4.2.4). A
 * name is not empty (section 4.2.1). A port is a row of digits worth 65535 at most, whatever zeros
 * it begins with; it may be empty (RFC 3986 section 3.2.3). An IPv6 address has no zone: its
 * grammar knows none (section 3.2.2).
 * @param text      The whole of it.
 * @param authority The result: slices of @p text.
 * @param fault     May be NULL; the error and its offset in @p text.
 * @return ::PROTO_OK, ::PROTO_ERR_URI_USERINFO (there is an `@`), ::PROTO_ERR_URI_HOST,
 *         ::PROTO_ERR_URI_PORT or ::PROTO_ERR_URI_PERCENT.
 */
PROTO_API proto_err proto_uri_authority_read(proto_slice text, proto_uri_authority *authority,
                                             proto_fault *fault);

/** A URI or a relative reference in its parts, each a slice of the text. A part that is missing has
 *  a NULL `ptr`; one that is there and empty (`http://a?`) has not. */
typedef struct proto_uri {
    proto_slice scheme;    /**< without its colon */
    proto_slice authority; /**< without its slashes; to be read by proto_uri_authority_read() */
    proto_slice path;      /**< never missing, may be empty */
    proto_slice query;     /**< without its question mark */
    proto_slice fragment;  /**< without its number sign */
} proto_uri;

/**
 * Reads a URI reference (RFC 3986 section 4.1), absolute or relative, and checks each byte against
 * its part's grammar. An authority is checked for its characters only. The target of a request is
 * something else: `//a/b` in origin-form is a path, and as a reference it names a host.
 * @param text  The whole of it.
 * @param uri   The parts, slices of @p text.
 * @param fault May be NULL; the error and its offset in @p text.
 * @return ::PROTO_OK, ::PROTO_ERR_URI_SCHEME, ::PROTO_ERR_URI_CHARACTER or ::PROTO_ERR_URI_PERCENT.
 */
PROTO_API proto_err proto_uri_read(proto_slice text, proto_uri *uri, proto_fault *fault);

/**
 * Appends the URI that @p uri describes (RFC 3986 section 5.3). For parts as proto_uri_read() gives
 * them that is the text which was read. Parts of the caller's own making are not checked, but their
 * path stays a path: it gets a `/` behind an authority that it would run into, a `/.` before two
 * slashes that would begin an authority, and a `./` before a first segment with a colon that would
 * become a scheme (RFC 3986 sections 3.3 and 4.2).
 * @param uri The parts.
 * @param out Where.
 * @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_uri_write(const proto_uri *uri, proto_out *out);

/**
 * Resolves a reference against a base (RFC 3986 section 5.2), as for a Location field, and appends
 * the resulting URI. A reference with a scheme is absolute, even if it is the base's. The result's
 * path is guarded as in proto_uri_write().
 * @param base      An absolute URI: it has a scheme. Its fragment, if any, is ignored.
 * @param reference What is to be resolved.
 * @param out       Where. Dot segments are removed in it: it needs room for both texts and three
 *                  bytes more, even where less remains.
 * @return ::PROTO_OK, ::PROTO_ERR_URI_SCHEME (the base has none) or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_uri_resolve(const proto_uri *base, const proto_uri *reference,
                                      proto_out *out);

/** Appends @p path without its dot segments (RFC 3986 section 5.2.4). The sink needs room for all
 *  of @p path, even where less remains. @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE. */
PROTO_API proto_err proto_uri_dot_segments_remove(proto_slice path, proto_out *out);

/**
 * Appends @p text with each percent-encoded byte decoded, whichever it is, NUL and slash among
 * them. Other bytes are copied as they are. Take a URI apart before decoding its parts, and decode
 * once.
 * @param text  What is to be decoded.
 * @param out   Where; `text.len` bytes are always enough.
 * @param fault May be NULL; the error and its offset in @p text.
 * @return ::PROTO_OK, ::PROTO_ERR_URI_PERCENT, whatever the room, or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_uri_decode(proto_slice text, proto_out *out, proto_fault *fault);

/** Which bytes proto_uri_encode() leaves as they are. */
typedef enum proto_uri_part {
    /** a path segment, or a query's name or value: the unreserved characters only */
    PROTO_URI_SEGMENT,
    PROTO_URI_PATH, /**< a path: also `/` and the sub-delimiters, `:` and `@` */
    PROTO_URI_WHOLE /**< a URI that a person typed: all that a URI may hold, and `%`, even one that encodes nothing */
} proto_uri_part;

/**
 * Appends @p text with each byte that @p part may not hold percent-encoded (RFC 3986 section 2.1),
 * in upper-case digits. What was encoded as ::PROTO_URI_SEGMENT or ::PROTO_URI_PATH decodes to @p
 * text again.
 * @param text What is to be encoded, any bytes.
 * @param part What it will be part of.
 * @param out  Where; three times `text.len` is always enough.
 * @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_uri_encode(proto_slice text, proto_uri_part part, proto_out *out);

/**
 * Makes a relative file path out of a request's target: origin-form or absolute-form, its query cut
 * off.
 *
 * Each segment is decoded once. Empty segments (`//`) are dropped, as a file system does; then `.`
 * and `..` are taken away, also where they came encoded, as the path's hierarchy demands. The
 * result has no leading slash; it is empty for the root, and ends in a slash where the target's
 * path did or where its last segment was `.` or `..`. It holds no NUL, no empty segment, no `.` and
 * no `..`; it may hold any other byte, a line feed or a backslash among them.
 *
 * @param target The target, as proto_http_head::target. Its authority and its query are not looked
 *               at.
 * @param out    Where; `target.len` bytes are always enough, and may be needed even where less
 *               remains. The path is not terminated.
 * @param fault  May be NULL; the error and its offset in @p target.
 * @return ::PROTO_OK; or the first that is met of ::PROTO_ERR_URI_PERCENT; ::PROTO_ERR_URI_NUL
 *         (`%00`); ::PROTO_ERR_URI_ENCODED_SLASH (`%2F`, which would make one segment two);
 *         ::PROTO_ERR_URI_ESCAPES (more `..` than there are segments before it; the offset is that
 *         of the segment); ::PROTO_ERR_URI_CHARACTER (the target is neither origin-form nor
 *         absolute-form: offset 0; or its path holds a byte that proto_http_request_read() lets
 *         pass under no leniency); and ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_uri_path_read(proto_slice target, proto_out *out, proto_fault *fault);

/** @return The query of a request's target, which has no fragment, without its question mark; NULL
 *  `ptr` where there is none. */
PROTO_API proto_slice proto_uri_query(proto_slice target);

/**
 * Takes the next `name=value` off a query (split at `&` and the first `=`), still encoded.
 * @param query What is left; moved past the pair and its `&`. Begin with proto_uri_query() or
 *              proto_uri::query.
 * @param name  The name; may be empty.
 * @param value The value; NULL `ptr` where there is no `=`.
 * @return Whether there was one. Empty pairs are passed over.
 */
PROTO_API bool proto_uri_query_next(proto_slice *query, proto_slice *name, proto_slice *value);

/** As proto_uri_decode(), with `+` for a blank, as HTML forms encode theirs
 *  (application/x-www-form-urlencoded).
 *  @return As proto_uri_decode(). */
PROTO_API proto_err proto_uri_form_decode(proto_slice text, proto_out *out, proto_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
