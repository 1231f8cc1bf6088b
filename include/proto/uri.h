/* SPDX-License-Identifier: MIT */
#ifndef PROTO_URI_H
#define PROTO_URI_H

#include "base.h"

/**
 * @file proto/uri.h
 * @brief URIs, host and port, percent-encoding, dot segments, queries, and a file's path out of a target (RFC 3986).
 *
 * A reader here takes a whole string, not a stream, and answers with slices of it. What is not an URI by the grammar of
 * RFC 3986 is refused with the offset of the byte at fault, counted from the string's first. Nothing is repaired: a program
 * that wants to accept what a person types encodes it first with proto_uri_encode().
 *
 * proto_uri_path_read() is what a file server needs and many have got wrong: it turns the target of a request into a relative
 * path that cannot leave the directory it is applied to, as far as a string can tell. (That no symbolic link leads out is for
 * the caller to see to, with openat2() and RESOLVE_BENEATH on Linux.)
 */

#ifdef __cplusplus
extern "C" {
#endif

/** What kind of host an authority names (RFC 3986 section 3.2.2). */
typedef enum proto_uri_host_kind {
    PROTO_URI_HOST_NAME,  /**< a registered name, to be looked up */
    PROTO_URI_HOST_IPV4,  /**< four decimal octets */
    PROTO_URI_HOST_IPV6,  /**< an IPv6 address; the slice is without its brackets */
    PROTO_URI_HOST_FUTURE /**< an IPvFuture literal; the slice is without its brackets */
} proto_uri_host_kind;

/** Host and port. */
typedef struct proto_uri_authority {
    proto_slice
        host; /**< without brackets; a name is still percent-encoded, in the case it came in */
    proto_uri_host_kind kind; /**< what @ref host is */
    uint16_t port;            /**< the port, or 0 where none is given */
    bool has_port;            /**< whether a port is given; `host:` gives none */
} proto_uri_authority;

/**
 * Reads `host` or `host:port`: a Host field's value, an authority-form target, what a person names as a server.
 * User information (`user@`) is refused, as HTTP demands (RFC 9110 section 4.2.4). A name is not empty.
 * @param text      The whole of it.
 * @param authority The result: slices of @p text.
 * @param fault     May be NULL; the error and its offset in @p text.
 * @return ::PROTO_OK, ::PROTO_ERR_URI_USERINFO, ::PROTO_ERR_URI_HOST, ::PROTO_ERR_URI_PORT or ::PROTO_ERR_URI_PERCENT.
 */
PROTO_API proto_err proto_uri_authority_read(proto_slice text, proto_uri_authority *authority,
                                             proto_fault *fault);

/** A URI or a relative reference in its parts, each a slice of the text. A part that is missing has a NULL `ptr`; one that is
 *  there and empty (`http://a?`) has not. */
typedef struct proto_uri {
    proto_slice scheme;    /**< without its colon */
    proto_slice authority; /**< without its slashes; to be read by proto_uri_authority_read() */
    proto_slice path;      /**< never missing, may be empty */
    proto_slice query;     /**< without its question mark */
    proto_slice fragment;  /**< without its number sign */
} proto_uri;

/**
 * Reads a URI reference (RFC 3986 section 4.1), absolute or relative, and checks each byte against its part's grammar.
 * An authority is checked for its characters only.
 * @param text  The whole of it.
 * @param uri   The parts.
 * @param fault May be NULL; the error and its offset in @p text.
 * @return ::PROTO_OK, ::PROTO_ERR_URI_SCHEME, ::PROTO_ERR_URI_CHARACTER or ::PROTO_ERR_URI_PERCENT.
 */
PROTO_API proto_err proto_uri_read(proto_slice text, proto_uri *uri, proto_fault *fault);

/** Appends the URI that @p uri describes (RFC 3986 section 5.3). @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE. All or nothing. */
PROTO_API proto_err proto_uri_write(const proto_uri *uri, proto_out *out);

/**
 * Resolves a reference against a base (RFC 3986 section 5.2), as for a Location field, and appends the resulting URI.
 * @param base      An absolute URI: it has a scheme.
 * @param reference What is to be resolved.
 * @param out       Where; all of the URI or nothing.
 * @return ::PROTO_OK, ::PROTO_ERR_URI_SCHEME (the base has none) or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_uri_resolve(const proto_uri *base, const proto_uri *reference,
                                      proto_out *out);

/** Appends @p path without its dot segments (RFC 3986 section 5.2.4). @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE. All or nothing. */
PROTO_API proto_err proto_uri_dot_segments_remove(proto_slice path, proto_out *out);

/**
 * Appends @p text with each percent-encoded byte decoded, whichever byte it is.
 * @return ::PROTO_OK, ::PROTO_ERR_URI_PERCENT or ::PROTO_ERR_NO_SPACE. All or nothing.
 */
PROTO_API proto_err proto_uri_decode(proto_slice text, proto_out *out, proto_fault *fault);

/** Which bytes proto_uri_encode() leaves as they are. */
typedef enum proto_uri_part {
    PROTO_URI_SEGMENT, /**< a path segment, or a query's name or value: the unreserved characters only */
    PROTO_URI_PATH, /**< a path: also `/` and the sub-delimiters, `:` and `@` */
    PROTO_URI_WHOLE /**< a URI that a person typed: all that a URI may hold, and `%` */
} proto_uri_part;

/** Appends @p text with each byte that @p part may not hold percent-encoded. @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE. */
PROTO_API proto_err proto_uri_encode(proto_slice text, proto_uri_part part, proto_out *out);

/**
 * Makes a relative file path out of a request's target: origin-form or absolute-form, its query cut off.
 *
 * Each segment is decoded once; `.` and `..` are then taken away, also where they came encoded, as the path's hierarchy
 * demands. The result has no leading slash; it is empty for the root, and ends in a slash where the target's path did or where its
 * last segment was `.` or `..`. Empty segments (`//`) are dropped.
 *
 * @param target The target, as proto_http_head::target.
 * @param out    Where; all of the path or nothing. The path is not terminated.
 * @param fault  May be NULL; the error and its offset in @p target.
 * @return ::PROTO_OK; ::PROTO_ERR_URI_PERCENT; ::PROTO_ERR_URI_NUL (`%00`); ::PROTO_ERR_URI_ENCODED_SLASH (`%2F`, which would
 *         make one segment two); ::PROTO_ERR_URI_ESCAPES (more `..` than there are segments before it); ::PROTO_ERR_URI_CHARACTER
 *         (the target is neither origin-form nor absolute-form); or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_uri_path_read(proto_slice target, proto_out *out, proto_fault *fault);

/** @return The query of a request's target, without its question mark; NULL `ptr` where there is none. */
PROTO_API proto_slice proto_uri_query(proto_slice target);

/**
 * Takes the next `name=value` off a query (split at `&` and the first `=`), still encoded.
 * @param query What is left; moved past the pair and its `&`.
 * @param name  The name; may be empty.
 * @param value The value; NULL `ptr` where there is no `=`.
 * @return Whether there was one. Empty pairs are passed over.
 */
PROTO_API bool proto_uri_query_next(proto_slice *query, proto_slice *name, proto_slice *value);

/** As proto_uri_decode(), with `+` for a blank, as HTML forms encode theirs (application/x-www-form-urlencoded). */
PROTO_API proto_err proto_uri_form_decode(proto_slice text, proto_out *out, proto_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
