/* SPDX-License-Identifier: MIT */
/* Which protocols Upgrade fields name, and whether a switch to them was asked for. */
#ifndef HTTP_UPGRADE_H
#define HTTP_UPGRADE_H

#include "proto/http.h"

/* The protocols of an Upgrade field (RFC 9110 section 7.8) as a set that can be kept when the text
   is gone: each is up to six of 64 bits, and sets are joined by OR. What is in a set is always found
   there. Something else is found by a chance of about one in a million where one protocol is in it,
   of one in a thousand where four are: enough to notice a mistake, and a peer that means to lie need
   not do it here.

   HTTP/1.1 does not count. It is spoken already, so nothing switches to it; a list may end with it,
   which then goes on above another layer (RFC 2817 section 3.3). 0 where no other is named. */
uint64_t http_protocols(proto_slice list) __attribute__((visibility("hidden")));

/* Those that all Upgrade fields of a message name. */
uint64_t http_protocols_read(const proto_http_fields *fields) __attribute__((visibility("hidden")));
uint64_t http_protocols_sent(const proto_http_pair *fields, size_t count)
    __attribute__((visibility("hidden")));

/* The index of the first field that names a protocol which is not among `offers`, or `count`. */
size_t http_unoffered(const proto_http_pair *fields, size_t count, uint64_t offers)
    __attribute__((visibility("hidden")));

/* Whether to believe a 101 that answers a request with these offers, 0 for none. On an error `*at`
   is the place of what is wrong. */
proto_err http_switch_judge(const proto_http_head *head, uint64_t offers, uint32_t *at)
    __attribute__((visibility("hidden")));

#endif
