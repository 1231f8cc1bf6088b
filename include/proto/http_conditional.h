/* SPDX-License-Identifier: MIT */
#ifndef PROTO_HTTP_CONDITIONAL_H
#define PROTO_HTTP_CONDITIONAL_H

#include "http.h"

/**
 * @file proto/http_conditional.h
 * @brief Entity tags, conditional requests, byte ranges and responses in several parts (RFC 9110
 *        sections 8.8, 13, 14 and 15.3.7).
 *
 * A server that has found what a request names still has to decide what to say of it: all of it
 * (200), a part (206), that the client's copy is still good (304), that the client's idea of it is
 * out of date (412), or that the part asked for does not exist (416). Five request fields take part
 * in that decision, in an order that RFC 9110 section 13.2.2 prescribes and that is easily got
 * wrong. proto_http_select() is that decision: a pure function of the request's fields and of what
 * the server knows of the representation.
 *
 * Before it are the readers and writers of the values that the fields hold. In all of them a value
 * that breaks the grammar is not a failure: RFC 9110 says for each field what then counts, mostly
 * that the field does not.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** @name Entity tags
 * @{ */

/** An entity tag (RFC 9110 section 8.8.3). */
typedef struct proto_http_etag {
    /** what stands between the quotes: visible characters but `"`, and bytes above 0x7f */
    proto_slice opaque;
    bool weak; /**< whether `W/` stands before it: equivalent, not equal byte by byte */
} proto_http_etag;

/**
 * Takes an entity tag, and the comma and white space around it, off a list of them.
 * @param list What is left of the field's value; moved past the tag. Where it is no list of tags,
 *             nothing remains of it.
 * @param etag The tag: a slice of the value.
 * @return Whether there was one.
 */
PROTO_API bool proto_http_etag_next(proto_slice *list, proto_http_etag *etag);

/** Reads a value that is one entity tag and nothing else, as ETag's. @return Whether @p text is
 *  one; if so @p etag is it. */
PROTO_API bool proto_http_etag_read(proto_slice text, proto_http_etag *etag);

/**
 * Appends an entity tag with its quotes.
 * @return ::PROTO_OK, ::PROTO_ERR_NO_SPACE, or ::PROTO_ERR_HTTP_FIELD_VALUE where `opaque` holds
 *         what no tag may hold. All or nothing.
 */
PROTO_API proto_err proto_http_etag_write(const proto_http_etag *etag, proto_out *out);

/** @return Whether two tags name the same bytes: equal, and neither weak (RFC 9110 section
 *  8.8.3.2). */
PROTO_API bool proto_http_etag_strongly_equal(const proto_http_etag *a, const proto_http_etag *b);

/** @return Whether two tags name equivalent content: equal, weak or not (RFC 9110 section
 *  8.8.3.2). */
PROTO_API bool proto_http_etag_weakly_equal(const proto_http_etag *a, const proto_http_etag *b);

/** @} */

/** @name Byte ranges
 * @{ */

/** A stretch of a representation. */
typedef struct proto_http_range {
    uint64_t first; /**< the offset of its first byte */
    uint64_t size;  /**< how many bytes; at least 1 */
} proto_http_range;

/** The most ranges that a request may name, and the most parts of a response. */
#define PROTO_HTTP_PARTS 16

/** The parts of a representation that a request gets. None overlaps another or begins where another
 *  ends. */
typedef struct proto_http_parts {
    proto_http_range at[PROTO_HTTP_PARTS]; /**< in the order in which they are to be sent */
    size_t count;                          /**< how many */
} proto_http_parts;

/** What a Range field means for a representation. */
typedef enum proto_http_ranges {
    /** as if the field were not there: another unit, malformed, or too many ranges */
    PROTO_HTTP_RANGES_IGNORED,
    PROTO_HTTP_RANGES_GIVEN,        /**< one or more parts of it */
    PROTO_HTTP_RANGES_UNSATISFIABLE /**< all of the ranges lie behind its end: 416 */
} proto_http_ranges;

/**
 * Reads the value of a Range field, `bytes=0-499, -500` (RFC 9110 section 14.1.2). Ranges that
 * reach beyond the end are cut there; those that lie behind it are left out. Those that overlap or
 * lie side by side become one, in the place of the first (section 15.3.7.2). So no request gets a
 * byte twice, however it asks (section 17.15). A field with more than ::PROTO_HTTP_PARTS ranges is
 * ignored, as section 14.2 allows.
 * @param value The value.
 * @param size  How many bytes the representation has.
 * @param parts The parts, in the order they were asked for; none unless the result is
 *              ::PROTO_HTTP_RANGES_GIVEN.
 * @return What the field means.
 */
PROTO_API proto_http_ranges proto_http_ranges_read(proto_slice value, uint64_t size,
                                                   proto_http_parts *parts);

/** Appends the value of a 206's Content-Range field, `bytes 0-499/1234`. @return ::PROTO_OK or
 *  ::PROTO_ERR_NO_SPACE. */
PROTO_API proto_err proto_http_content_range_write(const proto_http_range *range, uint64_t size,
                                                   proto_out *out);

/** Appends the value of a 416's Content-Range field: `bytes` and an asterisk in place of the range,
 *  then the size.
 *  @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE. */
PROTO_API proto_err proto_http_content_range_none_write(uint64_t size, proto_out *out);

/** What proto_http_content_range_read() gives for a size that the sender does not know. */
#define PROTO_HTTP_SIZE_UNKNOWN UINT64_MAX

/**
 * Reads the value of a Content-Range field (RFC 9110 section 14.4).
 * @param value The value.
 * @param range The range; its `size` is 0 where the value names none (that of a 416).
 * @param size  The size of the whole representation, or ::PROTO_HTTP_SIZE_UNKNOWN.
 * @return Whether it is one of bytes, well-formed, and the range lies within the size.
 */
PROTO_API bool proto_http_content_range_read(proto_slice value, proto_http_range *range,
                                             uint64_t *size);

/** @} */

/** @name Several parts in one response
 *
 * A 206 that has one part says in its Content-Range field which; one that has several is a
 * `multipart/byteranges` (RFC 9110 sections 14.6 and 15.3.7.2), has no such field itself, and its
 * content is made of these, one behind the other: for each part what proto_http_part_head_write()
 * writes and the bytes of the part, then what proto_http_multipart_end_write() writes. To a request
 * that names one range no server sends more than one part, and ::proto_http_parts has one then.
 * @{ */

/** What the parts of a response have in common. */
typedef struct proto_http_multipart {
    /** What divides the parts and does not occur in them: 1 to 70 letters, digits and `'`, `+`, `-`,
     *  `.`, `_`, with which it needs no quotes. Bytes that nobody can foresee, 128 bits or more,
     *  occur in no part. */
    proto_slice boundary;
    proto_slice type; /**< the representation's Content-Type; empty where it has none */
    uint64_t size;    /**< the bytes of the whole representation; at most 2^63-1 */
} proto_http_multipart;

/**
 * Appends the value of the response's Content-Type field.
 * @return ::PROTO_OK, ::PROTO_ERR_NO_SPACE, or ::PROTO_ERR_HTTP_FIELD_VALUE where the boundary is
 *         none. All or nothing.
 */
PROTO_API proto_err proto_http_multipart_type_write(const proto_http_multipart *multipart,
                                                    proto_out *out);

/** @return How many bytes the content has: the response's Content-Length. */
PROTO_API uint64_t proto_http_multipart_length(const proto_http_multipart *multipart,
                                               const proto_http_parts *parts);

/**
 * Appends what stands before the bytes of a part: the boundary, the part's type and its range.
 * @return ::PROTO_OK, ::PROTO_ERR_NO_SPACE, or ::PROTO_ERR_HTTP_FIELD_VALUE where the boundary is
 *         none or the type holds what no field value may hold. All or nothing.
 */
PROTO_API proto_err proto_http_part_head_write(const proto_http_multipart *multipart,
                                               const proto_http_range *part, proto_out *out);

/** Appends what stands behind the last part. @return As proto_http_multipart_type_write(). */
PROTO_API proto_err proto_http_multipart_end_write(const proto_http_multipart *multipart,
                                                   proto_out *out);

/** @} */

/** @name The decision
 * @{ */

/** For proto_http_representation::modified: not known. */
#define PROTO_HTTP_NOT_DATED INT64_MIN

/** What a server knows of the representation that a request selects. */
typedef struct proto_http_representation {
    proto_slice etag; /**< its ETag field's value, with quotes; empty where it has none */
    /** when it was last changed, in seconds since 1970; ::PROTO_HTTP_NOT_DATED where that is not
     *  known */
    int64_t modified;
    uint64_t size; /**< its bytes */
} proto_http_representation;

/**
 * Decides what a request gets, in the order of RFC 9110 section 13.2.2: If-Match, else
 * If-Unmodified-Since; If-None-Match, else If-Modified-Since; then Range, if If-Range allows. To be
 * asked only where the answer without these fields would be a 2xx.
 *
 * @param fields         The request's fields.
 * @param method         Its method. Range counts for GET alone (section 14.2), If-Modified-Since
 *                       for GET and HEAD, and none of them for CONNECT, OPTIONS and TRACE (section
 *                       13.2.1).
 * @param representation What would be sent or changed; NULL where there is none yet, as for a PUT
 *                       that creates.
 * @param now            The present, in seconds since 1970: for two-digit years, and for whether a
 *                       date is old enough to be trusted by If-Range (section 8.8.2.2).
 * @param parts          After 206, what to send; none otherwise.
 * @return 200: carry the request out as if these fields were not there. 206: send the @p parts.
 *         304, 412, 416: answer so.
 */
PROTO_API int proto_http_select(const proto_http_fields *fields, proto_http_method method,
                                const proto_http_representation *representation, int64_t now,
                                proto_http_parts *parts);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
