/* SPDX-License-Identifier: MIT */
/* What is known of names beyond their spelling. */
#ifndef HTTP_NAMES_H
#define HTTP_NAMES_H

#include "proto/http.h"

/* A set of field identifiers. */
#define HTTP_FIELD_BIT(name) (UINT64_C(1) << PROTO_HTTP_FIELD_##name)

/* The usual spelling of a field's name with its length, as proto_http_field_name(). */
proto_slice http_field_spelling(proto_http_field_id id) __attribute__((visibility("hidden")));

/* The reason phrase with its length, as proto_http_reason(). */
proto_slice http_reason(int status) __attribute__((visibility("hidden")));

#endif
