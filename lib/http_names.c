/* SPDX-License-Identifier: MIT */
#include "http_names.h"

#include <string.h>

/* ----------------------------------------------------------------------------------- methods -- */

static bool spelt(proto_slice token, const char *spelling, size_t len)
{
    return token.len == len && memcmp(token.ptr, spelling, len) == 0;
}

proto_http_method proto_http_method_of(proto_slice token)
{
#define CHOOSE(name) spelt(token, #name, sizeof(#name) - 1) ? PROTO_HTTP_##name:
    return PROTO_HTTP_METHODS(CHOOSE) PROTO_HTTP_OTHER_METHOD;
#undef CHOOSE
}

const char *proto_http_method_name(proto_http_method method)
{
    switch (method) {
    case PROTO_HTTP_OTHER_METHOD: break;
#define NAME(name) \
    case PROTO_HTTP_##name: return #name;
        PROTO_HTTP_METHODS(NAME)
#undef NAME
    }
    return "";
}

/* ------------------------------------------------------------------------------------ fields -- */

/* A field is looked up by the length of its name and the letters at its ends, which no two known
   names have in common; one comparison then decides. A name that is missing below does not compile,
   nor do two in the same place (the compiler warns of an initialiser given twice). Letters that are
   wrong make a test fail that looks up each name. */
#define ENDS(X)                      \
    X(ACCEPT, 'a', 't')              \
    X(ACCEPT_ENCODING, 'a', 'g')     \
    X(ACCEPT_LANGUAGE, 'a', 'e')     \
    X(ACCEPT_RANGES, 'a', 's')       \
    X(AGE, 'a', 'e')                 \
    X(ALLOW, 'a', 'w')               \
    X(AUTHORIZATION, 'a', 'n')       \
    X(CACHE_CONTROL, 'c', 'l')       \
    X(CONNECTION, 'c', 'n')          \
    X(CONTENT_DISPOSITION, 'c', 'n') \
    X(CONTENT_ENCODING, 'c', 'g')    \
    X(CONTENT_LANGUAGE, 'c', 'e')    \
    X(CONTENT_LENGTH, 'c', 'h')      \
    X(CONTENT_LOCATION, 'c', 'n')    \
    X(CONTENT_RANGE, 'c', 'e')       \
    X(CONTENT_TYPE, 'c', 'e')        \
    X(COOKIE, 'c', 'e')              \
    X(DATE, 'd', 'e')                \
    X(ETAG, 'e', 'g')                \
    X(EXPECT, 'e', 't')              \
    X(EXPIRES, 'e', 's')             \
    X(FORWARDED, 'f', 'd')           \
    X(FROM, 'f', 'm')                \
    X(HOST, 'h', 't')                \
    X(IF_MATCH, 'i', 'h')            \
    X(IF_MODIFIED_SINCE, 'i', 'e')   \
    X(IF_NONE_MATCH, 'i', 'h')       \
    X(IF_RANGE, 'i', 'e')            \
    X(IF_UNMODIFIED_SINCE, 'i', 'e') \
    X(KEEP_ALIVE, 'k', 'e')          \
    X(LAST_MODIFIED, 'l', 'd')       \
    X(LINK, 'l', 'k')                \
    X(LOCATION, 'l', 'n')            \
    X(MAX_FORWARDS, 'm', 's')        \
    X(ORIGIN, 'o', 'n')              \
    X(PRAGMA, 'p', 'a')              \
    X(PROXY_AUTHENTICATE, 'p', 'e')  \
    X(PROXY_AUTHORIZATION, 'p', 'n') \
    X(PROXY_CONNECTION, 'p', 'n')    \
    X(RANGE, 'r', 'e')               \
    X(REFERER, 'r', 'r')             \
    X(RETRY_AFTER, 'r', 'r')         \
    X(SERVER, 's', 'r')              \
    X(SET_COOKIE, 's', 'e')          \
    X(TE, 't', 'e')                  \
    X(TRAILER, 't', 'r')             \
    X(TRANSFER_ENCODING, 't', 'g')   \
    X(UPGRADE, 'u', 'e')             \
    X(USER_AGENT, 'u', 't')          \
    X(VARY, 'v', 'y')                \
    X(VIA, 'v', 'a')                 \
    X(WWW_AUTHENTICATE, 'w', 'e')

enum {
    SLOT_BITS = 7,
#define LENGTH(name, spelling) LENGTH_##name = sizeof(spelling) - 1,
    PROTO_HTTP_FIELDS(LENGTH)
#undef LENGTH
#define COUNT(name, spelling) +1
        FIELD_COUNT = PROTO_HTTP_FIELDS(COUNT),
#undef COUNT
#define COUNT(name, first, last) +1
    ENDS_COUNT = ENDS(COUNT)
#undef COUNT
};

_Static_assert(FIELD_COUNT == ENDS_COUNT, "each field has its place");
_Static_assert(FIELD_COUNT < 64, "a set of fields fits 64 bits");

/* The multiplier was found by trying: any that keeps the names apart will do. */
#define SLOT(length, first, last)                                                              \
    ((((uint32_t)(length) | (uint32_t)(first) << 8 | (uint32_t)(last) << 16) * 0xf232b50eu) >> \
     (32 - SLOT_BITS))

static const uint8_t slots[1 << SLOT_BITS] = {
#define PLACE(name, first, last) [SLOT(LENGTH_##name, first, last)] = PROTO_HTTP_FIELD_##name,
    ENDS(PLACE)
#undef PLACE
};

/* In place, so that the table holds no pointers and needs no relocation. */
typedef struct known_field {
    char spelling[23];
    uint8_t length;
} known_field;

static const known_field known[] = {[PROTO_HTTP_FIELD_OTHER] = {"", 0},
#define KNOWN(name, text) [PROTO_HTTP_FIELD_##name] = {text, LENGTH_##name},
                                    PROTO_HTTP_FIELDS(KNOWN)
#undef KNOWN
};

proto_slice http_field_spelling(proto_http_field_id id)
{
    const known_field *field = &known[(unsigned)id <= FIELD_COUNT ? id : PROTO_HTTP_FIELD_OTHER];
    return proto_slice_of(field->spelling, field->length);
}

const char *proto_http_field_name(proto_http_field_id id)
{
    return (const char *)http_field_spelling(id).ptr;
}

proto_http_field_id proto_http_field_id_of(proto_slice name)
{
    if (name.len == 0) return PROTO_HTTP_FIELD_OTHER;
    unsigned first = name.ptr[0] | 0x20u, last = name.ptr[name.len - 1] | 0x20u;
    proto_http_field_id id = (proto_http_field_id)slots[SLOT(name.len, first, last)];
    bool same = proto_slice_equal_nocase(name, http_field_spelling(id));
    return same ? id : PROTO_HTTP_FIELD_OTHER;
}

/* ------------------------------------------------------------------------------ status codes -- */

/* RFC 9110 section 15, and what other documents registered that a server or a client meets. */
#define REASONS(X)                            \
    X(100, "Continue")                        \
    X(101, "Switching Protocols")             \
    X(102, "Processing")                      \
    X(103, "Early Hints")                     \
    X(200, "OK")                              \
    X(201, "Created")                         \
    X(202, "Accepted")                        \
    X(203, "Non-Authoritative Information")   \
    X(204, "No Content")                      \
    X(205, "Reset Content")                   \
    X(206, "Partial Content")                 \
    X(207, "Multi-Status")                    \
    X(208, "Already Reported")                \
    X(226, "IM Used")                         \
    X(300, "Multiple Choices")                \
    X(301, "Moved Permanently")               \
    X(302, "Found")                           \
    X(303, "See Other")                       \
    X(304, "Not Modified")                    \
    X(305, "Use Proxy")                       \
    X(307, "Temporary Redirect")              \
    X(308, "Permanent Redirect")              \
    X(400, "Bad Request")                     \
    X(401, "Unauthorized")                    \
    X(402, "Payment Required")                \
    X(403, "Forbidden")                       \
    X(404, "Not Found")                       \
    X(405, "Method Not Allowed")              \
    X(406, "Not Acceptable")                  \
    X(407, "Proxy Authentication Required")   \
    X(408, "Request Timeout")                 \
    X(409, "Conflict")                        \
    X(410, "Gone")                            \
    X(411, "Length Required")                 \
    X(412, "Precondition Failed")             \
    X(413, "Content Too Large")               \
    X(414, "URI Too Long")                    \
    X(415, "Unsupported Media Type")          \
    X(416, "Range Not Satisfiable")           \
    X(417, "Expectation Failed")              \
    X(421, "Misdirected Request")             \
    X(422, "Unprocessable Content")           \
    X(423, "Locked")                          \
    X(424, "Failed Dependency")               \
    X(425, "Too Early")                       \
    X(426, "Upgrade Required")                \
    X(428, "Precondition Required")           \
    X(429, "Too Many Requests")               \
    X(431, "Request Header Fields Too Large") \
    X(451, "Unavailable For Legal Reasons")   \
    X(500, "Internal Server Error")           \
    X(501, "Not Implemented")                 \
    X(502, "Bad Gateway")                     \
    X(503, "Service Unavailable")             \
    X(504, "Gateway Timeout")                 \
    X(505, "HTTP Version Not Supported")      \
    X(506, "Variant Also Negotiates")         \
    X(507, "Insufficient Storage")            \
    X(508, "Loop Detected")                   \
    X(511, "Network Authentication Required")

proto_slice http_reason(int status)
{
    switch (status) {
#define REASON(code, text) \
    case code: return PROTO_LITERAL(text);
        REASONS(REASON)
#undef REASON
    default: return PROTO_LITERAL("");
    }
}

const char *proto_http_reason(int status)
{
    return (const char *)http_reason(status).ptr;
}

/* The errors that are not answered with 400. */
static const uint16_t answers[] = {
    /* What only the caller can get wrong, or the peer only in a response. */
    [PROTO_OK] = 500,
    [PROTO_NEED_INPUT] = 500,
    [PROTO_ERR_STATE] = 500,
    [PROTO_ERR_NO_SPACE] = 500,
    [PROTO_ERR_HTTP_STATUS_LINE] = 500,
    [PROTO_ERR_HTTP_STATUS] = 500,
    [PROTO_ERR_HTTP_REASON] = 500,
    [PROTO_ERR_HTTP_UNSOLICITED] = 500,
    [PROTO_ERR_HTTP_UPGRADE] = 500,
    [PROTO_ERR_HTTP_UPGRADE_MISSING] = 500,
    [PROTO_ERR_HTTP_CONNECTION_OPTION] = 500,
    [PROTO_ERR_HTTP_FRAMING_FIELD] = 500,
    [PROTO_ERR_HTTP_BODY_FORBIDDEN] = 500,
    [PROTO_ERR_HTTP_BODY_LENGTH] = 500,
    /* RFC 9110 section 15.5.14: more than the server is willing to process. */
    [PROTO_ERR_HTTP_LENGTH_OVERFLOW] = 413,
    [PROTO_ERR_HTTP_CHUNK_OVERFLOW] = 413,
    [PROTO_ERR_HTTP_BODY_TOO_LARGE] = 413,
    [PROTO_ERR_HTTP_EXTENSION_TOO_LONG] = 413,
    [PROTO_ERR_HTTP_OVERHEAD] = 413,
    [PROTO_ERR_HTTP_TARGET_TOO_LONG] = 414,
    [PROTO_ERR_HTTP_EXPECT] = 417,
    [PROTO_ERR_HTTP_SCHEME] = 421,
    /* RFC 6585 section 5. */
    [PROTO_ERR_HTTP_LINE_TOO_LONG] = 431,
    [PROTO_ERR_HTTP_TOO_MANY_FIELDS] = 431,
    [PROTO_ERR_HTTP_HEAD_TOO_LARGE] = 431,
    [PROTO_ERR_HTTP_TRAILER_TOO_LARGE] = 431,
    /* RFC 9112 section 6.1. */
    [PROTO_ERR_HTTP_CODING_UNKNOWN] = 501,
    [PROTO_ERR_HTTP_VERSION] = 505,
};

int proto_http_status_of(proto_err err)
{
    bool listed = (unsigned)err < sizeof answers / sizeof answers[0] && answers[err] != 0;
    return listed ? answers[err] : 400;
}

/* ---------------------------------------------------------------------------- events, states -- */

const char *proto_http_event_name(proto_http_event event)
{
    switch (event) {
#define NAME(name, text) \
    case PROTO_HTTP_EVENT_##name: return #name;
        PROTO_HTTP_EVENTS(NAME)
#undef NAME
    }
    return "";
}

const char *proto_http_state_name(proto_http_state state)
{
    switch (state) {
#define NAME(name, text) \
    case PROTO_HTTP_STATE_##name: return #name;
        PROTO_HTTP_STATES(NAME)
#undef NAME
    }
    return "";
}

const char *proto_http_step_name(proto_http_step step)
{
    switch (step) {
#define NAME(name, text) \
    case PROTO_HTTP_STEP_##name: return #name;
        PROTO_HTTP_STEPS(NAME)
#undef NAME
    }
    return "";
}
