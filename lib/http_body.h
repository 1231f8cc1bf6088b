/* SPDX-License-Identifier: MIT */
/* What the reader of bodies shares with the writer of trailers. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "proto/http.h"

/* Whether a field may stand in a trailer section. RFC 9110 section 6.5.1 keeps out what concerns
   framing, routing, request modifiers, authentication and the content's format. Response controls
   (Date, Expires...) harm nobody in a section that is never merged. */
bool http_field_may_trail(proto_http_field_id id) __attribute__((visibility("hidden")));

#endif
