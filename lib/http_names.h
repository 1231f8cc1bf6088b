/* SPDX-License-Identifier: MIT */
/* What is known of names beyond their spelling. */
#ifndef HTTP_NAMES_H
#define HTTP_NAMES_H

#include "proto/http.h"

/* A set of field identifiers. */
#define HTTP_FIELD_BIT(name) (UINT64_C(1) << PROTO_HTTP_FIELD_##name)

/* Fields that frame or route a message, authenticate its sender or tell how to process its content: too late after it (RFC
   9110 section 6.5.1). Readers and writers refuse them in a trailer section. */
#define HTTP_FIELDS_NOT_IN_TRAILERS                                                               \
    (HTTP_FIELD_BIT(CONTENT_LENGTH) | HTTP_FIELD_BIT(TRANSFER_ENCODING) | HTTP_FIELD_BIT(HOST) |  \
     HTTP_FIELD_BIT(CONNECTION) | HTTP_FIELD_BIT(KEEP_ALIVE) | HTTP_FIELD_BIT(PROXY_CONNECTION) | \
     HTTP_FIELD_BIT(TE) | HTTP_FIELD_BIT(TRAILER) | HTTP_FIELD_BIT(UPGRADE) |                     \
     HTTP_FIELD_BIT(EXPECT) | HTTP_FIELD_BIT(MAX_FORWARDS) | HTTP_FIELD_BIT(RANGE) |              \
     HTTP_FIELD_BIT(CACHE_CONTROL) | HTTP_FIELD_BIT(AUTHORIZATION) |                              \
     HTTP_FIELD_BIT(PROXY_AUTHORIZATION) | HTTP_FIELD_BIT(PROXY_AUTHENTICATE) |                   \
     HTTP_FIELD_BIT(WWW_AUTHENTICATE) | HTTP_FIELD_BIT(COOKIE) | HTTP_FIELD_BIT(SET_COOKIE) |     \
     HTTP_FIELD_BIT(CONTENT_ENCODING) | HTTP_FIELD_BIT(CONTENT_TYPE) |                            \
     HTTP_FIELD_BIT(CONTENT_RANGE))

/* The usual spelling of a field's name with its length, as proto_http_field_name(). */
proto_slice http_field_spelling(proto_http_field_id id) __attribute__((visibility("hidden")));

/* The reason phrase with its length, as proto_http_reason(). */
proto_slice http_reason(int status) __attribute__((visibility("hidden")));

#endif
