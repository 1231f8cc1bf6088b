/* SPDX-License-Identifier: MIT */
/* What Host may say beside a target that names an authority itself: one rule for who reads and who
   writes. */
#ifndef HTTP_HOST_H
#define HTTP_HOST_H

#include "proto/http.h"

/* The target of CONNECT must name a port, which Host leaves out where the URI of the tunnel's end does
   (RFC 9112 section 3.2.3); a server connects to what the target says (section 3.3). Otherwise both
   are the same. */
static inline bool http_host_agrees(const proto_http_head *head, proto_slice host)
{
    proto_slice own = proto_http_text(&head->fields, head->authority);
    bool connect = head->target_form == PROTO_HTTP_AUTHORITY_FORM;
    if (connect && host.len < own.len && own.ptr[host.len] == ':') own.len = host.len;
    return proto_slice_equal_nocase(own, host);
}

#endif
