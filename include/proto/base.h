/* SPDX-License-Identifier: MIT */
#ifndef PROTO_BASE_H
#define PROTO_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file proto/base.h
 * @brief Slices, cursors, sinks, errors: what every libproto module is made of.
 *
 * libproto does no input or output. You read bytes from wherever they come, hand them to an engine,
 * and the engine says what they mean and what to send. Four small types carry everything across
 * that border:
 *
 * - ::proto_slice borrows bytes. It owns nothing and is never terminated by a NUL.
 * - ::proto_in is a cursor over the bytes that have arrived. The engine moves `pos` over what it
 *   has used up; the bytes behind `pos` are yours again. What it leaves unread you show it again
 *   next time, at any address, with more bytes after them.
 * - ::proto_out is a buffer of yours that an engine appends to. It appends whole units or nothing,
 *   and once it has failed it stays failed, so that a run of writes needs one check at its end.
 * - ::proto_err says what went wrong, and ::proto_fault says also where.
 *
 * A loop over any engine looks like this:
 *
 * 1. `event = X_next(&engine, &in, ...)`;
 * 2. on `NEED_INPUT`, keep the unread bytes `in.pos .. in.end`, append what the next read brings,
 *    or set `in.eof`;
 * 3. anything else is an event to act on.
 *
 * Nothing in the library allocates, blocks or looks at a clock. It keeps no state outside the
 * structures that you pass, but for the choice of instructions below. All functions may be called
 * from any thread as long as no two threads use one structure at the same time.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** Marks what the library exports. */
#if defined(__GNUC__)
#define PROTO_API __attribute__((visibility("default")))
#else
#define PROTO_API
#endif

/** The version of these headers, major part. */
#define PROTO_VERSION_MAJOR 0
/** The version of these headers, minor part. Before 1.0 a new minor version may change the binary
 *  interface. */
#define PROTO_VERSION_MINOR 1
/** The version of these headers, patch part. */
#define PROTO_VERSION_PATCH 0

/** @return The version of the library that is linked, as "MAJOR.MINOR.PATCH"; static storage. */
PROTO_API const char *proto_version(void);

/** @name Slices
 * @{ */

/** Borrowed bytes. `ptr` may be NULL where `len` is 0. Who hands one out says until when it is
 *  valid. */
typedef struct proto_slice {
    const uint8_t *ptr; /**< the first byte */
    size_t len;         /**< how many */
} proto_slice;

/** @return The slice of @p len bytes at @p ptr. */
static inline proto_slice proto_slice_of(const void *ptr, size_t len)
{
    proto_slice slice = {(const uint8_t *)ptr, len};
    return slice;
}

/** @return The slice of a NUL-terminated string, without its NUL; empty for NULL. */
static inline proto_slice proto_slice_text(const char *text)
{
    size_t len = 0;
    while (text && text[len])
        len++;
    return proto_slice_of(text, len);
}

/**
 * The slice of a string literal, as an expression: `take(PROTO_LITERAL("text"))`. Its bytes are
 * static storage. What C initialises before the program runs takes ::PROTO_SLICE_INIT.
 */
#define PROTO_LITERAL(text) proto_slice_of("" text, sizeof("" text) - 1)

/**
 * The initialiser of a slice of a string literal, constant, so that tables of slices can be
 * `static const`:
 *
 * @code
 * static const proto_slice units[] = {PROTO_SLICE_INIT("bytes"), PROTO_SLICE_INIT("none")};
 * assert(units[1].len == 4);
 * @endcode
 */
#define PROTO_SLICE_INIT(text)                          \
    {                                                   \
        (const uint8_t *)("" text), sizeof("" text) - 1 \
    }

/** @return Whether @p a and @p b hold the same bytes. */
PROTO_API bool proto_slice_equal(proto_slice a, proto_slice b);

/** @return Whether @p a and @p b hold the same bytes when the letters A-Z and a-z are taken for one
 *  another. No locale. */
PROTO_API bool proto_slice_equal_nocase(proto_slice a, proto_slice b);

/** @} */

/** @name Input and output
 * @{ */

/** What has arrived. A reader moves `pos` towards `end`; it never writes through either. */
typedef struct proto_in {
    const uint8_t *pos; /**< the first byte not used up */
    const uint8_t *end; /**< one past the last byte */
    bool eof;           /**< the peer sends no more after `end`; input like any other */
} proto_in;

/** @return A cursor over @p len bytes at @p ptr, with more expected after them. */
static inline proto_in proto_in_of(const void *ptr, size_t len)
{
    const uint8_t *pos = (const uint8_t *)ptr;
    proto_in in = {pos, len ? pos + len : pos, false};
    return in;
}

/** A sink: an engine appends at `ptr + len` and never past `ptr + cap`. */
typedef struct proto_out {
    uint8_t *ptr; /**< the caller's buffer */
    size_t len;   /**< bytes in it */
    size_t cap;   /**< bytes that fit */
    /** something did not fit; every later append is refused until the caller clears this */
    bool failed;
} proto_out;

/** @return An empty sink over @p cap bytes at @p ptr. */
static inline proto_out proto_out_of(void *ptr, size_t cap)
{
    proto_out out = {(uint8_t *)ptr, 0, cap, false};
    return out;
}

/** Appends all @p len bytes at @p ptr, or none and sets `failed`. @return Whether they were
 *  appended. */
PROTO_API bool proto_out_put(proto_out *out, const void *ptr, size_t len);

/** Appends all of @p slice, or nothing and sets `failed`. @return Whether it was appended. */
PROTO_API bool proto_out_slice(proto_out *out, proto_slice slice);

/** Appends @p number in decimal, or nothing and sets `failed`. @return Whether it was appended. */
PROTO_API bool proto_out_decimal(proto_out *out, uint64_t number);

/** @} */

/** @name Time
 *
 * A time is a count of nanoseconds since some moment, on a clock of the caller's that never runs
 * backwards: CLOCK_MONOTONIC, or a counter in a test. The wall clock is another thing and comes into
 * nothing but texts.
 * @{ */

/** A deadline that does not come. */
#define PROTO_NEVER UINT64_MAX

/** @} */

/** @name Errors
 * @{ */

/**
 * Every error of the library: `X(NAME, "what is wrong")`. A name becomes `PROTO_ERR_NAME`; the
 * words are for a log or for a person and are given by proto_err_text().
 */
#define PROTO_ERRORS(X)                                                                            \
    /* Not failures of the peer. */                                                                \
    X(STATE, "the call is not allowed in this state")                                              \
    X(NO_SPACE, "the output buffer is too small")                                                  \
    /* HTTP: start lines (RFC 9112 sections 3 and 4). */                                           \
    X(HTTP_TRUNCATED, "the connection ended inside a message (RFC 9112 section 8)")                \
    X(HTTP_METHOD, "the method is not a token (RFC 9110 section 9.1)")                             \
    X(HTTP_REQUEST_LINE,                                                                           \
      "the request line is not method SP target SP version (RFC 9112 section 3)")                  \
    X(HTTP_TARGET, "the request target holds a byte that no URI may hold (RFC 9112 section 3.2)")  \
    X(HTTP_TARGET_FORM,                                                                            \
      "the request target has no form that this method may use (RFC 9112 section 3.2)")            \
    X(HTTP_SCHEME,                                                                                 \
      "the request target's scheme is not that of this connection (RFC 9110 section 7.4)")         \
    X(HTTP_VERSION_SYNTAX, "the protocol version is not HTTP/DIGIT.DIGIT (RFC 9112 section 2.3)")  \
    X(HTTP_VERSION,                                                                                \
      "the protocol version is neither HTTP/1.0 nor HTTP/1.1 (RFC 9110 section 6.2)")              \
    X(HTTP_STATUS_LINE, "the status line is not version SP status SP reason (RFC 9112 section 4)") \
    X(HTTP_STATUS, "the status code is not three digits from 100 up (RFC 9110 section 15)")        \
    X(HTTP_REASON, "the reason phrase holds a control character (RFC 9112 section 4)")             \
    /* HTTP: field lines (RFC 9112 section 5, RFC 9110 section 5). */                              \
    X(HTTP_LINE_END, "a line does not end in CR LF (RFC 9112 section 2.2)")                        \
    X(HTTP_FIELD_NAME, "a field name is empty or not a token (RFC 9110 section 5.1)")              \
    X(HTTP_FIELD_COLON, "a field line has no colon (RFC 9112 section 5)")                          \
    X(HTTP_FIELD_BLANK,                                                                            \
      "there is white space before the colon of a field line (RFC 9112 section 5.1)")              \
    X(HTTP_FIELD_FOLD, "a field line begins with white space (RFC 9112 sections 2.2 and 5.2)")     \
    X(HTTP_FIELD_VALUE, "a field value holds a control character (RFC 9110 section 5.5)")          \
    /* HTTP: what the fields mean. */                                                              \
    X(HTTP_HOST_MISSING, "an HTTP/1.1 request has no Host field (RFC 9112 section 3.2)")           \
    X(HTTP_HOST_DUPLICATE, "a request has more than one Host field (RFC 9112 section 3.2)")        \
    X(HTTP_HOST_SYNTAX, "the Host field is not host or host:port (RFC 9110 section 7.2)")          \
    X(HTTP_HOST_EMPTY, "the Host field is empty (RFC 9110 section 4.2.1)")                         \
    X(HTTP_HOST_MISMATCH,                                                                          \
      "the Host field and the target's authority differ (RFC 9112 section 3.2.2)")                 \
    X(HTTP_LENGTH_SYNTAX, "Content-Length is not a row of digits (RFC 9110 section 8.6)")          \
    X(HTTP_LENGTH_OVERFLOW, "Content-Length is larger than 2^63-1 (RFC 9110 section 8.6)")         \
    X(HTTP_LENGTH_DUPLICATE, "Content-Length is given more than once (RFC 9112 section 6.3)")      \
    X(HTTP_LENGTH_AND_CODING,                                                                      \
      "both Content-Length and Transfer-Encoding are given (RFC 9112 section 6.3)")                \
    X(HTTP_CODING_SYNTAX, "Transfer-Encoding is not a list of codings (RFC 9112 section 6.1)")     \
    X(HTTP_CODING_UNKNOWN,                                                                         \
      "Transfer-Encoding names a coding other than chunked (RFC 9112 section 6.1)")                \
    X(HTTP_CODING_NOT_LAST, "chunked is not the one last transfer coding (RFC 9112 section 6.3)")  \
    X(HTTP_CODING_VERSION, "Transfer-Encoding in an HTTP/1.0 message (RFC 9112 section 6.1)")      \
    X(HTTP_CODING_FORBIDDEN,                                                                       \
      "a body framing where none may be (RFC 9110 section 8.6, RFC 9112 section 6.1)")             \
    X(HTTP_CONNECTION_SYNTAX, "Connection is not a list of tokens (RFC 9110 section 7.6.1)")       \
    X(HTTP_CONNECTION_OPTION,                                                                      \
      "a field for this connection alone is not named in Connection (RFC 9110 section 7.6.1)")     \
    X(HTTP_EXPECT, "an expectation other than 100-continue (RFC 9110 section 10.1.1)")             \
    /* HTTP: limits. */                                                                            \
    X(HTTP_TARGET_TOO_LONG, "the request line is longer than the limit")                           \
    X(HTTP_LINE_TOO_LONG, "a line of the head is longer than the limit")                           \
    X(HTTP_TOO_MANY_FIELDS, "there are more fields than the limit")                                \
    X(HTTP_HEAD_TOO_LARGE, "the head is larger than the limit")                                    \
    X(HTTP_BODY_TOO_LARGE, "the body is larger than the limit")                                    \
    X(HTTP_TRAILER_TOO_LARGE, "the trailer section is larger than the limit")                      \
    X(HTTP_EXTENSION_TOO_LONG, "a chunk extension is longer than the limit")                       \
    X(HTTP_OVERHEAD, "the chunk framing of a body is larger than the limit")                       \
    /* HTTP: bodies (RFC 9112 section 7.1). */                                                     \
    X(HTTP_CHUNK_SIZE, "a chunk size is not 1 to 16 hexadecimal digits (RFC 9112 section 7.1)")    \
    X(HTTP_CHUNK_OVERFLOW, "a chunk size is larger than 2^63-1 (RFC 9112 section 7.1)")            \
    X(HTTP_CHUNK_EXTENSION, "a chunk extension is malformed (RFC 9112 section 7.1.1)")             \
    X(HTTP_CHUNK_END, "chunk data is not followed by CR LF (RFC 9112 section 7.1)")                \
    X(HTTP_TRAILER_FIELD,                                                                          \
      "a field that must not be in a trailer section (RFC 9110 section 6.5.1)")                    \
    /* HTTP: connections. */                                                                       \
    X(HTTP_UNSOLICITED, "a response that nothing asked for (RFC 9112 section 9.2)")                \
    X(HTTP_UPGRADE, "a switch to a protocol that was not asked for (RFC 9110 section 15.2.2)")     \
    X(HTTP_UPGRADE_MISSING,                                                                        \
      "a 101 or 426 response names no protocol in Upgrade (RFC 9110 sections 15.2.2, 15.5.22)")    \
    X(HTTP_INTERIM, "too many interim responses before the final one (RFC 9110 section 15.2)")     \
    /* HTTP: writing. */                                                                           \
    X(HTTP_FRAMING_FIELD,                                                                          \
      "a framing field is given as a field: the writer writes it from the body's kind")            \
    X(HTTP_BODY_FORBIDDEN, "this message can have no body (RFC 9110 section 6.4.1)")               \
    X(HTTP_BODY_LENGTH, "more or fewer body bytes than the head promised (RFC 9110 section 8.6)")  \
    /* URIs (RFC 3986). */                                                                         \
    X(URI_SCHEME, "the scheme is missing or malformed (RFC 3986 section 3.1)")                     \
    X(URI_USERINFO, "the authority holds user information (RFC 9110 section 4.2.4)")               \
    X(URI_HOST, "the host is malformed or missing (RFC 3986 section 3.2.2)")                       \
    X(URI_PORT, "the port is not a number from 0 to 65535 (RFC 3986 section 3.2.3)")               \
    X(URI_CHARACTER, "a character that must be percent-encoded (RFC 3986 section 2)")              \
    X(URI_PERCENT,                                                                                 \
      "a percent sign without two hexadecimal digits after it (RFC 3986 section 2.1)")             \
    X(URI_NUL, "an encoded NUL in a path")                                                         \
    X(URI_ENCODED_SLASH, "an encoded slash in a path segment")                                     \
    X(URI_ESCAPES, "the path leads above its root")                                                \
    /* Heartbeats. */                                                                              \
    X(HEARTBEAT_LENGTH, "a datagram longer than 1,024 bytes is no heartbeat")                      \
    X(HEARTBEAT_VERSION, "a version of heartbeats other than 1")                                   \
    X(HEARTBEAT_SEQUENCE, "the sequence number is not a number from 0 to 2^63-1")                  \
    X(HEARTBEAT_TIME,                                                                              \
      "the time stamp is neither a date (RFC 3339 section 5.6) nor a number since 1970")           \
    X(HEARTBEAT_WORD, "a word behind the time stamp is malformed or given twice")                  \
    /* Dates. */                                                                                   \
    X(DATE_SYNTAX, "not one of the three forms of an HTTP date (RFC 9110 section 5.6.7)")          \
    X(DATE_RANGE, "a date that does not exist or lies outside the years 0000 to 9999")             \
    /* Statistics of round-trip times. */                                                          \
    X(RTT_SIGNATURE, "these bytes are not statistics of round-trip times")                         \
    X(RTT_VERSION, "statistics of a version that this library does not know")                      \
    X(RTT_TRUNCATED, "the statistics end too early")                                               \
    X(RTT_NUMBER, "a number that is too large, or in a longer form than it needs")                 \
    X(RTT_CONTRADICTION, "figures that no run of probes can have")                                 \
    X(RTT_TRAILING, "there are bytes behind the statistics")                                       \
    X(RTT_EARLIER, "what is to be taken out is not an earlier state")                              \
    /* Headers of IP and UDP. */                                                                   \
    X(IP_SHORT, "a datagram ends inside its header (RFC 791 section 3.1, RFC 8200 section 3)")     \
    X(IP_VERSION, "the version of IP is another one (RFC 791 section 3.1, RFC 8200 section 3)")    \
    X(IP_LENGTH, "a length that the header does not fit into, or what arrived does not fill")      \
    X(IP_FRAGMENT, "a fragment that fits into no datagram (RFC 791 section 3.2, RFC 8200 4.5)")    \
    X(IPV4_HEADER_LENGTH, "a header length of less than 20 bytes (RFC 791 section 3.1)")           \
    X(IPV4_CHECKSUM, "the checksum of the header is wrong (RFC 791 section 3.1)")                  \
    X(IPV6_EXTENSION, "an extension header cut off, misplaced, or one too many (RFC 8200 4)")      \
    X(UDP_LENGTH, "a length that a UDP datagram cannot have (RFC 768)")                            \
    X(UDP_CHECKSUM, "the checksum of a UDP datagram is wrong or missing (RFC 768, RFC 8200 8.1)")  \
    /* ICMP. */                                                                                    \
    X(ICMP_SHORT, "a message ends before all of its fields (RFC 792, RFC 4443)")                   \
    X(ICMP_CHECKSUM, "the checksum of a message is wrong (RFC 792, RFC 4443 section 2.3)")         \
    X(ICMP_KIND, "a message that this family has not, or has without objects")                     \
    X(ICMP_LENGTH, "more than a message may hold (RFC 1812 4.3.2.3, RFC 4443 section 2.4)")        \
    X(ICMP_QUOTE, "no datagram is quoted (RFC 792, RFC 4443 section 2.4)")                         \
    X(ICMP_OBJECT, "a malformed object of an extension (RFC 4884 section 8, RFC 5837, RFC 8335)")

/** What went wrong; zero is success. */
typedef enum proto_err {
    PROTO_OK = 0, /**< success */
    PROTO_NEED_INPUT =
        1, /**< not a failure: the input ends before the unit does; bring more, or set `eof` */
#define PROTO_ERR_ENUMERATOR(name, text) PROTO_ERR_##name, /**< see ::PROTO_ERRORS */
    PROTO_ERRORS(PROTO_ERR_ENUMERATOR)
#undef PROTO_ERR_ENUMERATOR
} proto_err;

/** A failure and its place. */
typedef struct proto_fault {
    proto_err err;   /**< ::PROTO_OK where nothing failed */
    uint64_t offset; /**< of the byte at fault; each function says from where it counts */
} proto_fault;

/** @return The name of @p err as the code spells it, `"PROTO_ERR_HTTP_METHOD"`; static storage. */
PROTO_API const char *proto_err_name(proto_err err);

/** @return What @p err means, in words that a person understands, with the RFC's section; static
 *  storage. */
PROTO_API const char *proto_err_text(proto_err err);

/** @} */

/** @name Choice of instructions
 *
 * Readers of heads and checksums take 64, 32 or 16 bytes at a time where the processor can, and eight
 * bytes in an ordinary register where it cannot. The first call that needs to know asks the
 * processor. All paths give the same results on every input.
 * @{ */

/** A way of taking bytes, from the plainest to the widest. */
typedef enum proto_simd {
    PROTO_SIMD_PORTABLE, /**< eight bytes in a 64-bit register, on any machine */
    PROTO_SIMD_NEON,     /**< 16 bytes (64-bit ARM) */
    PROTO_SIMD_SSSE3,    /**< 16 bytes (x86) */
    PROTO_SIMD_AVX2,     /**< 32 bytes (x86) */
    PROTO_SIMD_AVX512    /**< 64 bytes (x86 with AVX-512 BW, VL, VBMI and VBMI2) */
} proto_simd;

/** @return The path in use; the widest that this processor has unless proto_simd_use() chose
 *  another. */
PROTO_API proto_simd proto_simd_used(void);

/**
 * Chooses a path for the whole process, for tests, benchmarks and processors that slow down in wide
 * vectors.
 * @param simd The path wanted.
 * @return Whether the library was built with it and this processor has it; if not, nothing changes.
 */
PROTO_API bool proto_simd_use(proto_simd simd);

/** @return "portable", "neon", "ssse3", "avx2" or "avx512"; static storage. */
PROTO_API const char *proto_simd_name(proto_simd simd);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
