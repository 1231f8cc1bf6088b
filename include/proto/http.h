/* SPDX-License-Identifier: MIT */
#ifndef PROTO_HTTP_H
#define PROTO_HTTP_H

#include "base.h"

/**
 * @file proto/http.h
 * @brief HTTP/1.1 messages: heads, bodies, connections and writers, for servers and clients (RFC
 *        9110, RFC 9112).
 *
 * Four layers, each usable alone.
 *
 * **Heads.** proto_http_request_read() and proto_http_response_read() are pure functions over a
 * buffer. One pass validates every byte, fills a table of fields that point into the buffer,
 * recognises the fields that decide about framing, and decides: how the body is delimited, whether
 * the connection persists, whether the client awaits 100 (Continue). Nothing is copied, so a head
 * must lie in one piece; the caller's buffer is its limit.
 *
 * **Bodies.** ::proto_http_body yields the content as slices of the input, however it is framed,
 * and the trailer fields.
 *
 * **Connections.** ::proto_http follows a whole connection in one of the two roles: message after
 * message, both directions, what may be sent when, when it must end. Most programs use only this
 * layer.
 *
 * **Writing.** proto_http_request_write() and proto_http_response_write() turn a description of a
 * head into bytes, and refuse a description that would let one message become two.
 *
 * What is read is judged strictly. Whatever two parsers could understand differently is refused,
 * with the place, the reason and the status that a server answers. Each rule that practice may
 * force a program to relax has one ::proto_http_lenient flag, whose text names the attack that it
 * lets in again.
 */

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------- names and numbers -- */

/** @name Methods, fields, status codes
 * @{ */

/** The methods known by number: `X(NAME)`, spelt in messages exactly as here (RFC 9110 section 9.3,
 *  RFC 5789). */
#define PROTO_HTTP_METHODS(X) \
    X(GET)                    \
    X(HEAD)                   \
    X(POST)                   \
    X(PUT)                    \
    X(DELETE)                 \
    X(CONNECT)                \
    X(OPTIONS)                \
    X(TRACE)                  \
    X(PATCH)

/** A request method. */
typedef enum proto_http_method {
    PROTO_HTTP_OTHER_METHOD, /**< any other token: its bytes are in proto_http_head::method_token */
#define PROTO_HTTP_METHOD_ENUMERATOR(name) PROTO_HTTP_##name, /**< see ::PROTO_HTTP_METHODS */
    PROTO_HTTP_METHODS(PROTO_HTTP_METHOD_ENUMERATOR)
#undef PROTO_HTTP_METHOD_ENUMERATOR
} proto_http_method;

/** @return The method spelt exactly @p token (methods are case-sensitive, RFC 9110 section 9.1), or
 *  ::PROTO_HTTP_OTHER_METHOD for any other bytes, even none. */
PROTO_API proto_http_method proto_http_method_of(proto_slice token);

/** @return The spelling of @p method, or an empty string for ::PROTO_HTTP_OTHER_METHOD and for a
 *  number that is none; static storage. */
PROTO_API const char *proto_http_method_name(proto_http_method method);

/** The fields known by number: `X(IDENTIFIER, "Spelling")`, those of RFC 9110, RFC 9111 and RFC
 *  9112 and the others in everyday use. Names are compared without regard to case (RFC 9110 section
 *  5.1). */
#define PROTO_HTTP_FIELDS(X)                      \
    X(ACCEPT, "Accept")                           \
    X(ACCEPT_ENCODING, "Accept-Encoding")         \
    X(ACCEPT_LANGUAGE, "Accept-Language")         \
    X(ACCEPT_RANGES, "Accept-Ranges")             \
    X(AGE, "Age")                                 \
    X(ALLOW, "Allow")                             \
    X(AUTHORIZATION, "Authorization")             \
    X(CACHE_CONTROL, "Cache-Control")             \
    X(CONNECTION, "Connection")                   \
    X(CONTENT_DISPOSITION, "Content-Disposition") \
    X(CONTENT_ENCODING, "Content-Encoding")       \
    X(CONTENT_LANGUAGE, "Content-Language")       \
    X(CONTENT_LENGTH, "Content-Length")           \
    X(CONTENT_LOCATION, "Content-Location")       \
    X(CONTENT_RANGE, "Content-Range")             \
    X(CONTENT_TYPE, "Content-Type")               \
    X(COOKIE, "Cookie")                           \
    X(DATE, "Date")                               \
    X(ETAG, "ETag")                               \
    X(EXPECT, "Expect")                           \
    X(EXPIRES, "Expires")                         \
    X(FORWARDED, "Forwarded")                     \
    X(FROM, "From")                               \
    X(HOST, "Host")                               \
    X(IF_MATCH, "If-Match")                       \
    X(IF_MODIFIED_SINCE, "If-Modified-Since")     \
    X(IF_NONE_MATCH, "If-None-Match")             \
    X(IF_RANGE, "If-Range")                       \
    X(IF_UNMODIFIED_SINCE, "If-Unmodified-Since") \
    X(KEEP_ALIVE, "Keep-Alive")                   \
    X(LAST_MODIFIED, "Last-Modified")             \
    X(LINK, "Link")                               \
    X(LOCATION, "Location")                       \
    X(MAX_FORWARDS, "Max-Forwards")               \
    X(ORIGIN, "Origin")                           \
    X(PRAGMA, "Pragma")                           \
    X(PROXY_AUTHENTICATE, "Proxy-Authenticate")   \
    X(PROXY_AUTHORIZATION, "Proxy-Authorization") \
    X(PROXY_CONNECTION, "Proxy-Connection")       \
    X(RANGE, "Range")                             \
    X(REFERER, "Referer")                         \
    X(RETRY_AFTER, "Retry-After")                 \
    X(SERVER, "Server")                           \
    X(SET_COOKIE, "Set-Cookie")                   \
    X(TE, "TE")                                   \
    X(TRAILER, "Trailer")                         \
    X(TRANSFER_ENCODING, "Transfer-Encoding")     \
    X(UPGRADE, "Upgrade")                         \
    X(USER_AGENT, "User-Agent")                   \
    X(VARY, "Vary")                               \
    X(VIA, "Via")                                 \
    X(WWW_AUTHENTICATE, "WWW-Authenticate")

/** A field's identifier. */
typedef enum proto_http_field_id {
    PROTO_HTTP_FIELD_OTHER, /**< any other name */
#define PROTO_HTTP_FIELD_ENUMERATOR(name, spelling) \
    PROTO_HTTP_FIELD_##name, /**< see ::PROTO_HTTP_FIELDS */
    PROTO_HTTP_FIELDS(PROTO_HTTP_FIELD_ENUMERATOR)
#undef PROTO_HTTP_FIELD_ENUMERATOR
} proto_http_field_id;

/** @return The identifier of the field named @p name in any case, or ::PROTO_HTTP_FIELD_OTHER. */
PROTO_API proto_http_field_id proto_http_field_id_of(proto_slice name);

/** @return The usual spelling of @p id, or an empty string for ::PROTO_HTTP_FIELD_OTHER and for a
 *  number that is none; static storage. */
PROTO_API const char *proto_http_field_name(proto_http_field_id id);

/** @return The reason phrase of @p status (RFC 9110 section 15 and the other registered codes that
 *          are in use), or an empty string for any other; static storage. */
PROTO_API const char *proto_http_reason(int status);

/**
 * @return The status with which a server answers a request that failed with @p err (RFC 9110
 *         section 15.5, RFC 6585 section 5): 400, 413, 414, 417, 421, 431, 501 or 505; 500 for
 *         what is no fault of a request: an error that is the caller's own or of a response,
 *         ::PROTO_OK. A gateway that fails to read a response answers 502 whatever the error.
 */
PROTO_API int proto_http_status_of(proto_err err);

/** @} */

/* ----------------------------------------------------------------------------- configuration -- */

/** @name Configuration
 * @{ */

/**
 * Rules that a program may relax, each by its own bit in proto_http_config::lenient. Each use is
 * recorded in proto_http_head::deviations, of a body's framing and trailer section in
 * proto_http_body::deviations. Behind another HTTP implementation, any of them can make the two
 * disagree about a message; the text names how that is exploited.
 */
typedef enum proto_http_lenient {
    /** A line of a head may end in LF alone (RFC 9112 section 2.2). Reopens request smuggling by
     *  line terminators: a proxy in front that does not take the LF for an end sees one field where
     *  this reader sees two. */
    PROTO_HTTP_LENIENT_BARE_LF = 1 << 0,
    /** A field line may be continued on the next (obs-fold, RFC 9112 section 5.2); the value keeps
     *  the CR LF in it and cannot be written out again as it is. Reopens smuggling by folded
     *  framing fields and header injection into the next hop. */
    PROTO_HTTP_LENIENT_OBS_FOLD = 1 << 1,
    /** Control characters other than NUL, CR and LF may stand in field values and reason phrases.
     *  Reopens attacks on whatever shows or logs the value (terminal escapes), and on filters that
     *  stop at such a byte. */
    PROTO_HTTP_LENIENT_CONTROLS = 1 << 2,
    /** `Content-Length: 5, 5` and repeated equal Content-Length fields are one (RFC 9112 section
     *  6.3). Reopens smuggling through a hop that takes only the first or the last. */
    PROTO_HTTP_LENIENT_EQUAL_LENGTHS = 1 << 3,
    /** Transfer-Encoding overrides a Content-Length beside it, and the connection closes after the
     *  message (RFC 9112 section 6.3). Reopens CL.TE and TE.CL request smuggling, the classic
     *  form. */
    PROTO_HTTP_LENIENT_CODING_OVER_LENGTH = 1 << 4,
    /** `chunked` counts in an HTTP/1.0 message, and the connection closes after it. Reopens
     *  smuggling through a 1.0 hop that passes the field on without understanding it (RFC 9112
     *  section 6.1). */
    PROTO_HTTP_LENIENT_CODING_IN_10 = 1 << 5,
    /** Other transfer codings may stand before a final `chunked`; in a response, also without one.
     *  The body is delivered still coded. Reopens smuggling by obfuscated codings
     *  (`xchunked, chunked`) where the next hop knows only some of them. */
    PROTO_HTTP_LENIENT_OTHER_CODINGS = 1 << 6,
    /** The target may hold the bytes `"`, `<`, `>`, `\`, `^`, `` ` ``, `{`, `|`, `}` and those
     *  above 0x7f, which browsers send unencoded in queries. Reopens cache poisoning and filter
     *  evasion by targets that hops normalise differently. */
    PROTO_HTTP_LENIENT_TARGET = 1 << 7,
    /** The Host field may be empty. Reopens routing and cache-key confusion between hops that fill
     *  in different defaults. */
    PROTO_HTTP_LENIENT_HOST_EMPTY = 1 << 8,
    /** The Host field may differ from the authority of an absolute-form target, which then counts
     *  (RFC 9112 section 3.2.2). Reopens cache poisoning and access-control bypass where another
     *  hop looks at Host. */
    PROTO_HTTP_LENIENT_HOST_MISMATCH = 1 << 9,
    /** A status line may end right after the status code, without its second SP. Reopens response
     *  desynchronisation with parsers that take the CR LF for part of the reason. */
    PROTO_HTTP_LENIENT_STATUS_LINE = 1 << 10,
    /** Blanks may stand between a chunk's size and its extension or line end. Reopens smuggling by
     *  chunk-size lines that hops cut differently. */
    PROTO_HTTP_LENIENT_CHUNK_BLANKS = 1 << 11,
    /** HTTP/1.2 to HTTP/1.9 are read as HTTP/1.1 (RFC 9110 section 6.2). Reopens version confusion
     *  with hops that treat an unknown minor version as 1.0. */
    PROTO_HTTP_LENIENT_VERSION = 1 << 12,
    /** An absolute-form target may have a scheme other than that of the connection (see
     *  proto_http_config::secure), as a proxy needs it, or a server behind a gateway that it trusts
     *  (RFC 9110 section 7.4). Reopens, in a server that does not look at the scheme itself,
     *  requests for `https` over connections that anyone can read and change. */
    PROTO_HTTP_LENIENT_SCHEME = 1 << 13
} proto_http_lenient;

/**
 * What a reader accepts. All zero is the strict default.
 *
 * A limit of 0 means the default named at it. One above 2^30 means 2^30, for `max_body` above
 * 2^63-1 that: no sum of limits overflows, and every offset in a head fits a ::proto_http_span.
 */
typedef struct proto_http_config {
    uint32_t lenient; /**< an OR of ::proto_http_lenient; 0 is strict */
    /** bytes of a head, start line to blank line; default 65536. Beyond it
     *  ::PROTO_ERR_HTTP_HEAD_TOO_LARGE (431), in a request line ::PROTO_ERR_HTTP_TARGET_TOO_LONG
     *  (414) */
    uint32_t max_head;
    /** bytes of the start line, or of one field line of a head or trailer section, with its end;
     *  default 16384, at least 2. Beyond it ::PROTO_ERR_HTTP_LINE_TOO_LONG (431), in a request line
     *  ::PROTO_ERR_HTTP_TARGET_TOO_LONG (414) */
    uint32_t max_line;
    /** bytes of the extensions of one chunk; default 256. Beyond it
     *  ::PROTO_ERR_HTTP_EXTENSION_TOO_LONG (413) */
    uint32_t max_extension;
    /** bytes of chunk extensions and of leading zeros of chunk sizes in one body; default 16384.
     *  What remains of the framing is at most five bytes for each byte of content. Beyond it
     *  ::PROTO_ERR_HTTP_OVERHEAD (413) */
    uint32_t max_overhead;
    /** bytes of a trailer section with its blank line; default 8192. Beyond it
     *  ::PROTO_ERR_HTTP_TRAILER_TOO_LARGE (431) */
    uint32_t max_trailer;
    /** bytes of content of one message; default 2^63-1. Beyond it ::PROTO_ERR_HTTP_BODY_TOO_LARGE
     *  (413), as soon as a length or the size of a chunk says so */
    uint64_t max_body;
    /** the connection is secured as the scheme `https` demands (RFC 9110 section 4.2.2), and that
     *  is the scheme of what it serves; otherwise `http` is. An absolute-form target of any other
     *  is ::PROTO_ERR_HTTP_SCHEME (421) */
    bool secure;
} proto_http_config;

/** @} */

/* ------------------------------------------------------------------------------------- heads -- */

/** @name Heads
 * @{ */

/** A stretch of a head, counted from proto_http_fields::base, so that it stays true when the buffer
 *  moves. */
typedef struct proto_http_span {
    uint32_t at;  /**< offset of the first byte */
    uint32_t len; /**< bytes */
} proto_http_span;

/** A field line. The value has no white space at either end (RFC 9112 section 5.1). */
typedef struct proto_http_field {
    proto_http_span name; /**< a token; as the peer spelt it */
    /** field-content; may be empty, may hold obs-text (bytes above 0x7f) and HTAB */
    proto_http_span value;
} proto_http_field;

/** The fields of a head, or of a trailer section. */
typedef struct proto_http_fields {
    /** what spans count from; set it anew if you move the bytes while you still use the fields */
    const uint8_t *base;
    proto_http_field *at; /**< the caller's array; `count` of it are filled */
    uint32_t count;       /**< fields in it, in the order of the message */
    uint32_t cap;         /**< fields that fit */
} proto_http_fields;

/** @return The bytes of @p span, which is one of the head or trailer section that @p fields are of;
 *  valid until the bytes of the buffer that was read move or change. */
static inline proto_slice proto_http_text(const proto_http_fields *fields, proto_http_span span)
{
    return proto_slice_of(fields->base + span.at, span.len);
}

/**
 * Finds the next field of a known name, in any case (RFC 9110 section 5.1). O(number of fields),
 * comparing bytes only where the lengths agree.
 * @param fields The fields.
 * @param id     The name wanted; ::PROTO_HTTP_FIELD_OTHER is never found.
 * @param from   The index to begin at: 0, or one more than the last result.
 * @return The index of the field, or `fields->count` where there is none, or none from there on.
 */
PROTO_API uint32_t proto_http_find(const proto_http_fields *fields, proto_http_field_id id,
                                   uint32_t from);

/** As proto_http_find(), for any name, compared without regard to case. */
PROTO_API uint32_t proto_http_find_name(const proto_http_fields *fields, proto_slice name,
                                        uint32_t from);

/** @return The value of the first field @p id, valid as proto_http_text(), or an empty slice with a
 *  NULL `ptr` where there is none. An empty value has another `ptr`. */
PROTO_API proto_slice proto_http_value(const proto_http_fields *fields, proto_http_field_id id);

/**
 * Takes the next member off a comma-separated list (RFC 9110 section 5.6.1). Empty members are
 * passed over; a comma within a quoted string does not divide.
 * @param list   What is left of the list; moved past the member. Any bytes will do: nothing is
 *               refused, and a quoted string without an end lasts until that of the list.
 * @param member The member, without the white space around it: a slice of the list. It means
 *               nothing where there was none.
 * @return Whether there was one.
 */
PROTO_API bool proto_http_list_next(proto_slice *list, proto_slice *member);

/** @return Whether any field @p id has @p token as a member of its list (RFC 9110 section 5.6.1),
 *  whole and without regard to case. */
PROTO_API bool proto_http_has_token(const proto_http_fields *fields, proto_http_field_id id,
                                    proto_slice token);

/** The form of a request target (RFC 9112 section 3.2). */
typedef enum proto_http_target_form {
    PROTO_HTTP_ORIGIN_FORM,    /**< `/path?query` */
    PROTO_HTTP_ABSOLUTE_FORM,  /**< `http://host/path`, to a proxy */
    PROTO_HTTP_AUTHORITY_FORM, /**< `host:port`, with CONNECT alone */
    PROTO_HTTP_ASTERISK_FORM   /**< `*`, with OPTIONS alone */
} proto_http_target_form;

/** How a body is delimited (RFC 9112 section 6.3). */
typedef enum proto_http_framing {
    PROTO_HTTP_NO_BODY,     /**< there is none, whatever the fields say: the next message follows */
    PROTO_HTTP_LENGTH,      /**< proto_http_head::content_length bytes */
    PROTO_HTTP_CHUNKED,     /**< the chunked coding, with a trailer section */
    PROTO_HTTP_UNTIL_CLOSE, /**< a response up to the end of the connection */
    PROTO_HTTP_TUNNEL /**< not HTTP any more: the response switched protocols (101, or 2xx to CONNECT) */
} proto_http_framing;

/** What a head says of its message and its connection; bits of proto_http_head::flags. */
typedef enum proto_http_flag {
    PROTO_HTTP_KEEP_ALIVE =
        1 << 0, /**< the connection persists after this message (RFC 9112 section 9.3) */
    PROTO_HTTP_EXPECT_CONTINUE =
        1 << 1, /**< the client waits for 100 (Continue) before it sends the body (RFC 9110 section
                   10.1.1) */
    PROTO_HTTP_UPGRADE =
        1 << 2, /**< an Upgrade field that Connection names, in HTTP/1.1: read its value (RFC 9110
                   section 7.8) */
    PROTO_HTTP_OTHER_CODINGS =
        1 << 3 /**< transfer codings other than chunked remain on the body (leniency) */
} proto_http_flag;

/**
 * A message head: what was read, and how far reading has come. Its size is constant; the field
 * table is the caller's.
 *
 * The same head reads message after message. All offsets, and `fault.offset`, count from the first
 * byte that the cursor showed when the message began.
 */
typedef struct proto_http_head {
    /** the field table; its `base` is also what the spans below count from */
    proto_http_fields fields;
    proto_http_span method_token; /**< a request's method as sent */
    proto_http_span target;       /**< a request's target as sent */
    /** host and port that a request is for: the target's, else the Host field's value */
    proto_http_span authority;
    proto_http_span reason; /**< a response's reason phrase; may be empty */
    /** the Content-Length given; for a response to HEAD or a 304 it is not the body's. 0 where
     *  `has_length` is false */
    uint64_t content_length;
    uint32_t length;     /**< bytes of the head, including its blank line and any CR LF before it */
    uint32_t deviations; /**< which leniencies were used: an OR of ::proto_http_lenient */
    /** a response's status, 100 to 999 (above 599: treat as 500); 0 for a request */
    uint16_t status;
    uint8_t minor; /**< 1 for HTTP/1.1, 0 for HTTP/1.0 */
    /** ::proto_http_method of a request; of a response, the request's it answers */
    uint8_t method;
    uint8_t target_form; /**< ::proto_http_target_form of a request */
    uint8_t framing; /**< ::proto_http_framing of the body that follows (RFC 9112 section 6.3) */
    uint8_t flags;   /**< an OR of ::proto_http_flag */
    bool has_length; /**< whether a Content-Length was given */
    /** what was wrong and at which byte, after an error; `err` is ::PROTO_OK before */
    proto_fault fault;
    /* private: */
    const proto_http_config *config; /**< private */
    uint64_t seen;                   /**< private: which fields of interest the table holds */
    uint32_t scanned;                /**< private: bytes known to hold no further line end */
    uint32_t line;                   /**< private: where the line being read begins */
    uint32_t stop;                   /**< private: where a line still without an end is an error */
    uint32_t at_once; /**< private: a head of up to so many bytes breaks no limit on sizes */
    bool started;     /**< private: the start line has been read */
} proto_http_head;

/**
 * Prepares a head, or forgets all that it has read. Nothing needs to be released later.
 * @param head   The head.
 * @param config Limits and leniencies, borrowed as long as the head is used; NULL for the strict
 *               defaults.
 * @param fields The caller's array for the fields, borrowed as long as the head is used; may be
 *               NULL with a @p cap of 0.
 * @param cap    How many fields fit; a message with more fails with
 *               ::PROTO_ERR_HTTP_TOO_MANY_FIELDS (431).
 */
PROTO_API void proto_http_head_init(proto_http_head *head, const proto_http_config *config,
                                    proto_http_field *fields, uint32_t cap);

/**
 * Reads the head of a request: request line, fields, blank line (RFC 9112 sections 2 to 6).
 *
 * One CR LF before the request line is passed over (RFC 9112 section 2.2). On success `in->pos`
 * stands behind the head and the next call begins a new message. On ::PROTO_NEED_INPUT `in->pos`
 * has not moved; show the same bytes again with more behind them, at the same address or another.
 * Lines already judged are not read again, so a head costs O(its length) however it is cut into
 * pieces, and a bad line is reported as soon as it is complete, without waiting for the rest. The
 * result does not depend on how the input was cut.
 *
 * @param head The head, prepared by proto_http_head_init(). Once it is read, its spans are true as
 *             long as the bytes that were shown; see proto_http_fields::base.
 * @param in   What has arrived.
 * @return ::PROTO_OK, ::PROTO_NEED_INPUT, or an error, which proto_http_head::fault repeats with
 *         its offset and every later call repeats until proto_http_head_init(). It is one of
 *         ::PROTO_ERRORS under "HTTP": of start lines, of field lines, of what the fields mean, or
 *         of limits. ::PROTO_ERR_HTTP_TRUNCATED means that `eof` came first.
 */
PROTO_API proto_err proto_http_request_read(proto_http_head *head, proto_in *in);

/**
 * Reads the head of a response: status line, fields, blank line. As proto_http_request_read(),
 * except that nothing may come before the status line.
 * @param head   The head.
 * @param method The method of the request that this answers, the same in every call for one
 *               response: after HEAD there is no body whatever the fields say, after a successful
 *               CONNECT the connection is a tunnel (RFC 9112 section 6.3).
 * @param in     What has arrived.
 * @return As proto_http_request_read(). Whether a 101 was asked for is not judged here but by
 *         proto_http_next().
 */
PROTO_API proto_err proto_http_response_read(proto_http_head *head, proto_http_method method,
                                             proto_in *in);

/** @} */

/* ------------------------------------------------------------------------------------ bodies -- */

/** @name Bodies
 * @{ */

/** Events of bodies and connections: `X(NAME, "what happened")`. */
#define PROTO_HTTP_EVENTS(X)                                                   \
    X(NEED_INPUT, "more bytes are needed, or the end of input")                \
    X(HEAD, "a message's head is complete")                                    \
    X(INTERIM, "an interim response (1xx) is complete; the final one follows") \
    X(BODY, "a piece of the content")                                          \
    X(END, "the message is complete, with its trailer fields")                 \
    X(PAUSED, "the next request is not read before this one is answered")      \
    X(TUNNEL, "the rest of the connection is another protocol's")              \
    X(CLOSED, "the connection has carried its last message")                   \
    X(FAILED, "the peer broke the protocol")

/** What a `_next` function found. */
typedef enum proto_http_event {
#define PROTO_HTTP_EVENT_ENUMERATOR(name, text) \
    PROTO_HTTP_EVENT_##name, /**< see ::PROTO_HTTP_EVENTS */
    PROTO_HTTP_EVENTS(PROTO_HTTP_EVENT_ENUMERATOR)
#undef PROTO_HTTP_EVENT_ENUMERATOR
} proto_http_event;

/** @return The name of @p event, "NEED_INPUT", or an empty string for a number that is none; static
 *  storage. */
PROTO_API const char *proto_http_event_name(proto_http_event event);

/** A body being read. */
typedef struct proto_http_body {
    /** after ::PROTO_HTTP_EVENT_END: the trailer fields of a chunked body; none of any other. They
     *  are in the part of the head's array that the head's own fields left free, until the head
     *  reads again; they point into the input that was just used up, and must not be merged with
     *  the head's (RFC 9110 section 6.5.1) */
    proto_http_fields trailer;
    uint64_t received; /**< bytes of content delivered so far */
    /** what was wrong, after ::PROTO_HTTP_EVENT_FAILED; the offset counts from the first byte of
     *  the body */
    proto_fault fault;
    uint32_t deviations; /**< which leniencies were used: an OR of ::proto_http_lenient */
    /* private: */
    const proto_http_config *config; /**< private */
    uint64_t left;     /**< private: bytes of content or of chunk data that must still come */
    uint64_t consumed; /**< private: bytes of the body used up */
    uint32_t overhead; /**< private: bytes of extensions and leading zeros */
    uint32_t scanned;  /**< private: bytes of the unit at hand that were looked at */
    uint32_t line;     /**< private: where the trailer line being read begins */
    uint8_t framing;   /**< private */
    uint8_t state;     /**< private */
    uint8_t digits;    /**< private: digits of the chunk size at hand */
} proto_http_body;

/**
 * Prepares to read the body that follows @p head (RFC 9112 section 6). For a head without a body
 * the first event is the end; for one that announces more than proto_http_config::max_body, the
 * failure.
 *
 * A chunked body is read by the letter of RFC 9112 section 7.1: every line ends in CR LF, a size is
 * 1 to 16 digits, its extensions are well-formed, with white space only after `;` and around `=`.
 * Its framing is limited by proto_http_config::max_extension and proto_http_config::max_overhead,
 * its content by proto_http_config::max_body, for which a chunk counts as soon as its size is
 * known.
 *
 * A trailer section must not hold fields that come too late there (RFC 9110 section 6.5.1) and that
 * a hop which merges them would believe: Content-Length, Transfer-Encoding, TE, Trailer,
 * Connection, Keep-Alive, Proxy-Connection, Upgrade (framing); Host, Max-Forwards (routing);
 * Cache-Control, Expect, Pragma, Range, If-Match, If-None-Match, If-Modified-Since,
 * If-Unmodified-Since, If-Range (request modifiers); Authorization, Proxy-Authorization,
 * WWW-Authenticate, Proxy-Authenticate, Cookie, Set-Cookie (authentication); Content-Encoding,
 * Content-Type, Content-Range (format). Each is refused with ::PROTO_ERR_HTTP_TRAILER_FIELD.
 * @param body The body.
 * @param head A head just read; its configuration and the free part of its field array are
 *             borrowed.
 */
PROTO_API void proto_http_body_init(proto_http_body *body, const proto_http_head *head);

/**
 * Reads on in a body.
 * @param body The body.
 * @param in   What has arrived; moved over what is used up.
 * @param data After ::PROTO_HTTP_EVENT_BODY a piece of content, at least one byte, a slice of the
 *             input and valid as long as its bytes; after any other event it means nothing.
 * @return ::PROTO_HTTP_EVENT_NEED_INPUT, ::PROTO_HTTP_EVENT_BODY, ::PROTO_HTTP_EVENT_END (repeated;
 *         `trailer` is filled), ::PROTO_HTTP_EVENT_TUNNEL (at once and repeated, for a head that
 *         switched protocols) or ::PROTO_HTTP_EVENT_FAILED (repeated; `fault` is filled). `eof`
 *         before the end is ::PROTO_ERR_HTTP_TRUNCATED, except that it is the end of a body that
 *         lasts ::PROTO_HTTP_UNTIL_CLOSE.
 *
 * A chunk-size line and the trailer section are used up as a whole, so each must fit the caller's
 * buffer; what was looked at is remembered, so that each byte is looked at once however the input
 * is cut. Apart from where one piece of content ends and the next begins, the events do not depend
 * on that either.
 */
PROTO_API proto_http_event proto_http_body_next(proto_http_body *body, proto_in *in,
                                                proto_slice *data);

/**
 * Reads as many pieces of content as there are, up to @p cap: the way to take small chunks at
 * speed, or to hand a whole buffer's content to a gathering write.
 * @param body   The body.
 * @param in     What has arrived; moved over what is used up.
 * @param pieces The pieces, each at least one byte, slices of the input and valid as long as its
 *               bytes.
 * @param cap    How many fit; at least 1.
 * @param count  How many there are: as many as came before the event, be it a failure.
 * @return ::PROTO_HTTP_EVENT_BODY when @p cap pieces were found, otherwise the event that follows
 *         the pieces, as proto_http_body_next() returns it.
 */
PROTO_API proto_http_event proto_http_body_read(proto_http_body *body, proto_in *in,
                                                proto_slice *pieces, size_t cap, size_t *count);

/**
 * @return How many bytes of content come next for certain, so that a caller may move them by other
 *         means (splice, a read into place) and report them with proto_http_body_skip(): the rest
 *         of a Content-Length body or of the chunk at hand, and 0 anywhere else. Unread bytes of
 *         the input are the first of them.
 */
PROTO_API uint64_t proto_http_body_pending(const proto_http_body *body);

/** Counts @p size bytes of content as read by other means; at most proto_http_body_pending() of
 *  them, which is asserted. What is shown to the body next begins behind them. */
PROTO_API void proto_http_body_skip(proto_http_body *body, uint64_t size);

/** @} */

/* ----------------------------------------------------------------------------------- writing -- */

/** @name Writing
 * @{ */

/** A field to be written. What it points to is borrowed until the call that writes it returns. */
typedef struct proto_http_pair {
    proto_slice name; /**< a token (RFC 9110 section 5.1) */
    /** no control characters but HTAB, no white space at its ends (RFC 9110 section 5.5); may be
     *  empty */
    proto_slice value;
} proto_http_pair;

/** A request head to be written. All zero but for method, target and authority is a request without
 *  other fields and without a body. What it points to is borrowed until the call returns. */
typedef struct proto_http_request {
    proto_slice method; /**< a token (RFC 9110 section 9.1) */
    proto_slice target; /**< in a form that the method may use (RFC 9112 section 3.2) */
    /** host or host:port, as in the target URI: becomes the Host field. Must equal an absolute
     *  target's, and CONNECT's target, of which it may leave out the port (RFC 9112 sections 3.2
     *  and 3.2.3) */
    proto_slice authority;
    /** other fields, in the order in which they are written; may be NULL with a count of 0. Host,
     *  Content-Length and Transfer-Encoding are the writer's own. Connection fields become one,
     *  with `close`; Upgrade and TE must be named there */
    const proto_http_pair *fields;
    size_t field_count;      /**< how many */
    uint64_t content_length; /**< with ::PROTO_HTTP_LENGTH, the bytes of the body; up to 2^63-1 */
    /** ::PROTO_HTTP_NO_BODY, ::PROTO_HTTP_LENGTH or ::PROTO_HTTP_CHUNKED */
    proto_http_framing framing;
    bool close; /**< announce that this is the last request of the connection */
    /** the target URI has no authority: Host is empty, and so must @ref authority be (RFC 9112
     *  section 3.2). A URI of http or https always has one (RFC 9110 section 4.2.1), so most
     *  servers refuse this, proto_http_request_read() without ::PROTO_HTTP_LENIENT_HOST_EMPTY
     *  among them */
    bool no_authority;
} proto_http_request;

/** A response head to be written. All zero but for the status is a response without other fields
 *  and without content. What it points to is borrowed until the call returns. */
typedef struct proto_http_response {
    int status; /**< 100 to 599 */
    /** no control characters but HTAB (RFC 9112 section 4); NULL `ptr`: the standard one,
     *  proto_http_reason() */
    proto_slice reason;
    /** other fields, in the order in which they are written; may be NULL with a count of 0.
     *  Content-Length and Transfer-Encoding are the writer's own. Connection fields become one,
     *  with `close` or `keep_alive`; Upgrade and TE must be named there, and a 101 or 426 must have
     *  Upgrade (RFC 9110 sections 15.2.2 and 15.5.22) */
    const proto_http_pair *fields;
    size_t field_count; /**< how many */
    /** with ::PROTO_HTTP_LENGTH, the bytes of the body, up to 2^63-1; for HEAD and 304, what GET
     *  would have had */
    uint64_t content_length;
    /** how the body will be delimited. 1xx, 204: ::PROTO_HTTP_NO_BODY. 205: no content
     *  (::PROTO_HTTP_NO_BODY writes `Content-Length: 0` where the status may have a body). 101, 2xx
     *  to CONNECT: ::PROTO_HTTP_NO_BODY or ::PROTO_HTTP_TUNNEL */
    proto_http_framing framing;
    bool close; /**< announce that this is the last response of the connection */
    /** say `keep-alive` aloud, as an HTTP/1.0 client needs it; not said where `close` is */
    bool keep_alive;
} proto_http_response;

/**
 * Appends a request head (RFC 9112 sections 3 and 5), always as HTTP/1.1. Connection fields among
 * `fields` (for Upgrade, or to name hop-by-hop fields) are joined with `close`.
 * @param request What to say.
 * @param out     Where; all of it is appended, or nothing.
 * @param fault   May be NULL. On an error: which, and in `offset` the index of the field at fault,
 *                or `field_count` where it is not in a field.
 * @return ::PROTO_OK or an error. CR, LF, NUL or another control character anywhere is one, and so
 *         is anything that proto_http_request_read() would refuse:
 *   - ::PROTO_ERR_NO_SPACE, which alone sets proto_out::failed;
 *   - the start line: ::PROTO_ERR_HTTP_METHOD, ::PROTO_ERR_HTTP_TARGET,
 *     ::PROTO_ERR_HTTP_TARGET_FORM, ::PROTO_ERR_HTTP_TARGET_TOO_LONG (above 2^32-1 bytes);
 *   - `authority`: ::PROTO_ERR_HTTP_HOST_EMPTY, ::PROTO_ERR_HTTP_HOST_SYNTAX,
 *     ::PROTO_ERR_HTTP_HOST_MISMATCH;
 *   - a field: ::PROTO_ERR_HTTP_FIELD_NAME, ::PROTO_ERR_HTTP_FIELD_VALUE,
 *     ::PROTO_ERR_HTTP_FRAMING_FIELD for one of the writer's own,
 *     ::PROTO_ERR_HTTP_CONNECTION_SYNTAX, ::PROTO_ERR_HTTP_EXPECT (RFC 9110 section 10.1.1);
 *   - ::PROTO_ERR_HTTP_CONNECTION_OPTION: Upgrade or TE that no Connection field names (RFC 9110
 *     sections 7.8 and 10.1.4);
 *   - `framing`: ::PROTO_ERR_HTTP_BODY_FORBIDDEN, ::PROTO_ERR_HTTP_CODING_FORBIDDEN,
 *     ::PROTO_ERR_HTTP_LENGTH_OVERFLOW.
 */
PROTO_API proto_err proto_http_request_write(const proto_http_request *request, proto_out *out,
                                             proto_fault *fault);

/**
 * Appends a response head (RFC 9112 sections 4 and 5), always as HTTP/1.1.
 * @param response What to say.
 * @param method   The method answered, for what its response may hold: none to HEAD, no framing in
 *                 a 2xx to CONNECT.
 * @param out      Where; all of it is appended, or nothing.
 * @param fault    As for proto_http_request_write().
 * @return As proto_http_request_write() about space, fields and framing, and besides
 *   - the status line: ::PROTO_ERR_HTTP_STATUS, ::PROTO_ERR_HTTP_REASON;
 *   - ::PROTO_ERR_HTTP_UPGRADE_MISSING: a 101 without an Upgrade field that names a protocol other
 *     than HTTP/1.1, or a 426 without one that names any (RFC 9110 sections 15.2.2 and 15.5.22).
 */
PROTO_API proto_err proto_http_response_write(const proto_http_response *response,
                                              proto_http_method method, proto_out *out,
                                              proto_fault *fault);

/**
 * Appends what goes before a chunk of @p size bytes (RFC 9112 section 7.1). After it: the bytes,
 * then CR LF.
 * @param size Bytes of the chunk: 1 to 2^63-1.
 * @param out  Where; all of it is appended, or nothing.
 * @return ::PROTO_OK, ::PROTO_ERR_NO_SPACE, ::PROTO_ERR_STATE for a size of 0, which would end the
 *         body, or ::PROTO_ERR_HTTP_CHUNK_OVERFLOW for one above 2^63-1.
 */
PROTO_API proto_err proto_http_chunk_begin_write(uint64_t size, proto_out *out);

/** Appends @p data as a whole chunk (RFC 9112 section 7.1), or nothing; nothing for an empty one,
 *  which would end the body. @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE. */
PROTO_API proto_err proto_http_chunk_write(proto_slice data, proto_out *out);

/**
 * Appends the last chunk and the trailer section (RFC 9112 sections 7.1 and 7.1.2).
 * @param trailer The trailer fields; may be NULL with a @p count of 0. Those that come too late
 *                there are refused (RFC 9110 section 6.5.1): the same that proto_http_body_init()
 *                names.
 * @param count   How many.
 * @param out     Where; all or nothing.
 * @param fault   May be NULL. On an error: which, and in `offset` the index of the field at fault,
 *                or @p count for want of space.
 * @return ::PROTO_OK, ::PROTO_ERR_NO_SPACE, ::PROTO_ERR_HTTP_TRAILER_FIELD,
 *         ::PROTO_ERR_HTTP_FIELD_NAME or ::PROTO_ERR_HTTP_FIELD_VALUE.
 */
PROTO_API proto_err proto_http_last_chunk_write(const proto_http_pair *trailer, size_t count,
                                                proto_out *out, proto_fault *fault);

/** @} */

/* ------------------------------------------------------------------------------- connections -- */

/** @name Connections
 *
 * A connection (RFC 9112 section 9) is two half-duplex channels: requests one way, responses the
 * other. Each is a machine of the few states in ::PROTO_HTTP_STATES that moves by the one table
 * ::PROTO_HTTP_TRANSITIONS, whichever side of the connection it is seen from. The program reads one
 * of them with proto_http_next() and writes the other with the `proto_http_send` functions. A
 * message that is sent is begun, given content, and ended with proto_http_send_end(), also when it
 * has none; only an interim response is whole at once.
 *
 * A server reads requests one at a time: after a request is complete, proto_http_next() says
 * ::PROTO_HTTP_EVENT_PAUSED until the response is complete as well, so that pipelined requests are
 * answered in order, and none is read after a response that closes. It may answer before the
 * request is complete; the rest of the request is then read as usual, or not at all if the response
 * closes.
 *
 * A client may send up to ::PROTO_HTTP_PIPELINE requests before their responses come; after CONNECT
 * or an offer to upgrade it waits for the answer. A final response may be complete before its
 * request is: the client goes on sending then (RFC 9110 section 7.5), or closes the connection. One
 * that the server closes after ends the connection at once; requests behind it stay unanswered.
 *
 * A command that is refused changes nothing and appends nothing. After ::PROTO_ERR_NO_SPACE it can
 * be repeated with more room, once the caller has cleared proto_out::failed.
 * @{ */

/** How many requests of a client may be unanswered at a time (RFC 9112 section 9.3.2); one more is
 *  ::PROTO_ERR_STATE. */
#define PROTO_HTTP_PIPELINE 16

/** How many interim responses (1xx, RFC 9110 section 15.2) a client takes before the final one; one
 *  more is ::PROTO_ERR_HTTP_INTERIM. */
#define PROTO_HTTP_INTERIMS 16

/** Which side of a connection the program is. */
typedef enum proto_http_role {
    PROTO_HTTP_SERVER, /**< reads requests, sends responses */
    PROTO_HTTP_CLIENT  /**< sends requests, reads responses */
} proto_http_role;

/** The states of a channel: `X(NAME, "meaning")`. */
#define PROTO_HTTP_STATES(X)                                           \
    X(IDLE, "between messages, or inside a head that is not complete") \
    X(OPEN, "the head has passed, the body has not ended")             \
    X(DONE, "the message is complete")                                 \
    X(TUNNELLED, "what passes now is another protocol's")              \
    X(CLOSED, "no message passes any more")                            \
    X(BROKEN, "the protocol was violated; nothing more is believed")

/** What moves a channel: `X(NAME, "meaning")`. */
#define PROTO_HTTP_STEPS(X)                                                     \
    X(PASS_INTERIM, "an interim response passes")                               \
    X(PASS_HEAD, "the head of a request or of a final response passes")         \
    X(PASS_BODY, "content passes")                                              \
    X(PASS_END, "the message ends")                                             \
    X(REUSE, "both sides are ready for the next message")                       \
    X(SWITCH, "both sides agreed on another protocol")                          \
    X(CLOSE, "no message follows: one said so, or the peer closed, or gave up") \
    X(BREAK, "the peer violated the protocol, or closed within a message")

/** The table: `X(STATE, STEP, NEXT)`. A step that is not here is refused. */
#define PROTO_HTTP_TRANSITIONS(X) \
    X(IDLE, PASS_INTERIM, IDLE)   \
    X(IDLE, PASS_HEAD, OPEN)      \
    X(IDLE, CLOSE, CLOSED)        \
    X(IDLE, BREAK, BROKEN)        \
    X(OPEN, PASS_BODY, OPEN)      \
    X(OPEN, PASS_END, DONE)       \
    X(OPEN, CLOSE, CLOSED)        \
    X(OPEN, BREAK, BROKEN)        \
    X(DONE, REUSE, IDLE)          \
    X(DONE, SWITCH, TUNNELLED)    \
    X(DONE, CLOSE, CLOSED)        \
    X(DONE, BREAK, BROKEN)

/** A channel's state. */
typedef enum proto_http_state {
#define PROTO_HTTP_STATE_ENUMERATOR(name, text) \
    PROTO_HTTP_STATE_##name, /**< see ::PROTO_HTTP_STATES */
    PROTO_HTTP_STATES(PROTO_HTTP_STATE_ENUMERATOR)
#undef PROTO_HTTP_STATE_ENUMERATOR
} proto_http_state;

/** A channel's step. */
typedef enum proto_http_step {
#define PROTO_HTTP_STEP_ENUMERATOR(name, text) \
    PROTO_HTTP_STEP_##name, /**< see ::PROTO_HTTP_STEPS */
    PROTO_HTTP_STEPS(PROTO_HTTP_STEP_ENUMERATOR)
#undef PROTO_HTTP_STEP_ENUMERATOR
} proto_http_step;

/** @return The name of @p state, "IDLE", or an empty string for a number that is none; static
 *  storage. */
PROTO_API const char *proto_http_state_name(proto_http_state state);

/** @return The name of @p step, "PASS_HEAD", or an empty string for a number that is none; static
 *  storage. */
PROTO_API const char *proto_http_step_name(proto_http_step step);

/** What an event is about; the pointers are into the connection and valid until the next call on
 *  it. */
typedef struct proto_http_message {
    /** with HEAD, INTERIM, BODY and END: the head of the message being read; else NULL. Its bytes
     *  are used up with HEAD, so its texts are there only as long as the caller leaves them in
     *  place */
    const proto_http_head *head;
    /** with BODY: content, a slice of the input and valid as long as its bytes; else empty */
    proto_slice body;
    const proto_http_fields *trailer; /**< with END: the trailer fields, seldom any; else NULL */
} proto_http_message;

/** A connection. */
typedef struct proto_http {
    proto_http_head head; /**< the message being read */
    proto_http_body body; /**< its body; means nothing before the first HEAD */
    /** after FAILED: what, and where in the message, counted from its first byte; `err` is
     *  ::PROTO_OK before */
    proto_fault fault;
    /* private: */
    uint64_t send_left; /**< private: bytes that the message being sent still owes */
    uint64_t
        pipeline;    /**< private: methods of unanswered requests, four bits each, oldest lowest */
    uint64_t offers; /**< private: protocols that the last request offers to switch to */
    uint8_t unanswered;   /**< private: how many requests of a client are */
    uint8_t interims;     /**< private: interim responses since the last final one */
    uint8_t role;         /**< private */
    uint8_t request;      /**< private: state of the request channel */
    uint8_t response;     /**< private: state of the response channel */
    uint8_t send_framing; /**< private: of the message being sent, as the caller wants it */
    bool send_nothing;    /**< private: its content is counted and not sent (HEAD, 304) */
    bool send_unchunked;  /**< private: its chunks are sent bare, to an HTTP/1.0 client */
    bool chunk_open;      /**< private: a chunk sent still lacks its CR LF */
    bool request_closes;  /**< private: the last request is the last of the connection */
    bool response_closes; /**< private: so is the response at hand */
    /** private: a client's last request offers some, or is a CONNECT; none may follow before the
     *  answer */
    bool may_switch;
    bool switching;       /**< private: both sides agreed on another protocol */
    bool awaits_continue; /**< private: the client waits for 100 (Continue) */
} proto_http;

/**
 * Prepares a connection. Nothing needs to be released later.
 * @param http   The connection.
 * @param role   Which side the program is.
 * @param config Limits and leniencies, borrowed as long as the connection is used; NULL for the
 *               strict defaults.
 * @param fields The caller's array for the fields of a message and its trailer, borrowed as long as
 *               the connection is used.
 * @param cap    How many fields fit; a message with more, its trailer included, fails with
 *               ::PROTO_ERR_HTTP_TOO_MANY_FIELDS (431).
 */
PROTO_API void proto_http_init(proto_http *http, proto_http_role role,
                               const proto_http_config *config, proto_http_field *fields,
                               uint32_t cap);

/**
 * Reads on.
 * @param http    The connection.
 * @param in      What has arrived; moved over what is used up. Its `eof` counts once all before it
 *                is read.
 * @param message What the event is about; set by every call.
 * @return One event.
 *   - NEED_INPUT: as in proto_http_request_read(). In a buffer that is full, nothing can be added:
 *     choose proto_http_config::max_head no larger than the buffer and the engine fails with 431
 *     first.
 *   - HEAD: a request, or a final response. A body of any kind, even none, is followed by END; a
 *     response that switches protocols (101, or 2xx to CONNECT) by TUNNEL. A 101 is believed only
 *     where it answers an offer, names a protocol in Upgrade, names Upgrade in Connection, and the
 *     protocol is one that was offered (RFC 9110 sections 7.8 and 15.2.2).
 *   - INTERIM: a 1xx response (a client's).
 *   - BODY, END: of the message whose head was last. In between, the caller may use
 *     proto_http_body_read(), proto_http_body_pending() and proto_http_body_skip() on
 *     proto_http::body.
 *   - PAUSED: a server has to finish its response; a client has no request unanswered, or has to
 *     finish the one that was answered. The input is not touched, but that a client throws away
 *     empty lines that answer nothing (RFC 9112 section 9.2).
 *   - TUNNEL: repeated; `in` holds what came behind the switch and is the caller's.
 *   - CLOSED: repeated; close the connection. `in` may hold bytes behind the last message: they are
 *     to be thrown away.
 *   - FAILED: repeated; `fault` tells: an error of proto_http_request_read() or
 *     proto_http_response_read(), of the body, or ::PROTO_ERR_HTTP_UNSOLICITED,
 *     ::PROTO_ERR_HTTP_INTERIM, ::PROTO_ERR_HTTP_UPGRADE, ::PROTO_ERR_HTTP_UPGRADE_MISSING or
 *     ::PROTO_ERR_HTTP_CONNECTION_OPTION, the last three of a 101. A server that has not begun to
 *     respond may send one response, which closes; once a response is complete, CLOSED follows.
 *
 * The end of input between messages is CLOSED, within one HTTP_TRUNCATED. A request without an
 * answer counts as within: for a client whose request is safe to repeat, `fault.offset` is 0 where
 * no byte of the answer came (RFC 9110 section 9.2.2). Other bytes that reach a client while no
 * request is unanswered are HTTP_UNSOLICITED, and `in` stays before the first of them. In practice
 * they are mostly the 408 of a server that is about to close an idle connection: they answer no
 * request, and the connection is of no more use.
 */
PROTO_API proto_http_event proto_http_next(proto_http *http, proto_in *in,
                                           proto_http_message *message);

/** @return The status with which a server answers the failure of @p http, as proto_http_status_of()
 *  its error; 500 where nothing failed. */
PROTO_API int proto_http_status_hint(const proto_http *http);

/** @return The state of the request channel. */
PROTO_API proto_http_state proto_http_request_state(const proto_http *http);

/** @return The state of the response channel. */
PROTO_API proto_http_state proto_http_response_state(const proto_http *http);

/** @return Whether the connection can carry another message after the one at hand, as far as is
 *  known now (RFC 9112 section 9.3): nobody has said `close` or is about to switch protocols, and
 *  the connection has neither failed nor ended. */
PROTO_API bool proto_http_persists(const proto_http *http);

/**
 * @return Whether the client waits for 100 (Continue): it has neither got it nor a final response,
 *         and nothing of its content has been read (for a server) or sent (for a client). False
 *         once the request is complete or the connection has failed or ended.
 *
 * A server that wants the body sends an interim response of status 100; one that does not sends its
 * final response, which then closes. A client holds the body back while this is true, but not for
 * ever (RFC 9110 section 10.1.1). If a final response comes instead, the connection ends with it,
 * whatever it says: the server may take what comes next for the body or for a request.
 */
PROTO_API bool proto_http_awaits_continue(const proto_http *http);

/**
 * Begins a request (RFC 9112 section 9.3.2). `close` is the caller's choice; the response may still
 * close earlier. proto_http_send_end() must follow.
 * @param http    The connection, a client's.
 * @param request What to say, as for proto_http_request_write().
 * @param out     Where; all of it is appended, or nothing.
 * @param fault   As for proto_http_request_write().
 * @return ::PROTO_OK, an error of proto_http_request_write(), or ::PROTO_ERR_STATE: a server, a
 *         request not ended, too many unanswered, after `close`, or after CONNECT or an upgrade
 *         offered and not yet answered.
 */
PROTO_API proto_err proto_http_send_request(proto_http *http, const proto_http_request *request,
                                            proto_out *out, proto_fault *fault);

/**
 * Begins a final response, or sends an interim one (1xx) whole. `close` and `keep_alive` are added
 * where the request or the state of the connection demands; a chunked body to an HTTP/1.0 client
 * becomes one that ends with the connection, its trailer fields dropped. 101 needs an upgrade that
 * was asked for, and a 2xx to CONNECT likewise ends HTTP: what the server reads once the request is
 * complete is then ::PROTO_HTTP_EVENT_TUNNEL. A final response must be ended with
 * proto_http_send_end(), an interim one and 101 must not.
 *
 * A server that has waited too long for a request may send 408 (Request Timeout) without one; it
 * closes (RFC 9110 section 15.5.9).
 * @param http     The connection, a server's.
 * @param response What to say, as for proto_http_response_write().
 * @param out      Where; all of it is appended, or nothing.
 * @param fault    As for proto_http_request_write().
 * @return ::PROTO_OK, an error of proto_http_response_write(), ::PROTO_ERR_HTTP_UPGRADE for a 101
 *         to a protocol that the request did not offer (RFC 9110 section 7.8), or
 *         ::PROTO_ERR_STATE: a client, no request to answer, already answered, an interim response
 *         to HTTP/1.0, 101 without an offer or while the client waits for 100.
 */
PROTO_API proto_err proto_http_send_response(proto_http *http, const proto_http_response *response,
                                             proto_out *out, proto_fault *fault);

/**
 * Sends content by copying it into the sink, with its framing. Content of a response to HEAD is
 * counted and not sent.
 * @param http The connection, after the head of a message was sent.
 * @param data Content; nothing happens where it is empty.
 * @param out  Where; all of it is appended, or nothing.
 * @return ::PROTO_OK, ::PROTO_ERR_NO_SPACE, ::PROTO_ERR_HTTP_BODY_LENGTH (more than the head
 *         promised, RFC 9110 section 8.6) or ::PROTO_ERR_STATE: no message is being sent.
 */
PROTO_API proto_err proto_http_send_body(proto_http *http, proto_slice data, proto_out *out);

/**
 * Sends the framing of @p size bytes of content that the caller will transmit itself, right after
 * what is in @p out, by sendfile() or a gathering write. For HEAD the caller transmits nothing: see
 * proto_http_send_pending().
 * @param http The connection, after the head of a message was sent.
 * @param size Bytes of content; nothing happens for 0.
 * @param out  Where the framing goes, if there is any; all of it is appended, or nothing.
 * @return As proto_http_send_body(), or ::PROTO_ERR_HTTP_CHUNK_OVERFLOW for a chunk of more than
 *         2^63-1 bytes.
 */
PROTO_API proto_err proto_http_send_body_frame(proto_http *http, uint64_t size, proto_out *out);

/** @return How many bytes of a body of known length have not been sent; 0 where none may be (HEAD,
 *  304), where the length is not known, or where no message is being sent. */
PROTO_API uint64_t proto_http_send_pending(const proto_http *http);

/**
 * Ends the message being sent, also one without content.
 * @param http    The connection.
 * @param trailer Trailer fields; only a chunked body may have any (RFC 9110 section 6.5). They are
 *                dropped where its chunks are not sent: to HEAD, or to an HTTP/1.0 client.
 * @param count   How many; 0 with a NULL @p trailer.
 * @param out     Where; all of it is appended, or nothing.
 * @param fault   As for proto_http_last_chunk_write().
 * @return ::PROTO_OK, ::PROTO_ERR_NO_SPACE, ::PROTO_ERR_HTTP_BODY_LENGTH (fewer bytes than
 *         promised, RFC 9110 section 8.6), an error of proto_http_last_chunk_write(), or
 *         ::PROTO_ERR_STATE: nothing is being sent, or trailer fields without chunks.
 */
PROTO_API proto_err proto_http_send_end(proto_http *http, const proto_http_pair *trailer,
                                        size_t count, proto_out *out, proto_fault *fault);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
