/* SPDX-License-Identifier: MIT */
/* Field lines, as heads and trailer sections share them. */
#ifndef HTTP_LINES_H
#define HTTP_LINES_H

#include "proto/http.h"

/* A run of lines that ends in a blank one. Offsets count from `base`; those that must survive a
   refill are the caller's to keep between calls: `line` and `scanned`. */
typedef struct http_lines {
    const uint8_t *base;
    uint32_t end;        /* bytes that may be looked at */
    uint32_t line;       /* where the line at hand begins */
    uint32_t scanned;    /* no LF lies between `line` and here */
    uint32_t lenient;    /* ::proto_http_lenient */
    uint32_t max_line;   /* bytes of a line with its end */
    uint32_t deviations; /* leniencies used: added to */
    uint32_t fault;      /* offset of the byte at fault, after an error */
} http_lines;

/* Reads field lines into the table up to and including the blank line. PROTO_OK: `line` is behind
   the blank line. PROTO_NEED_INPUT: `line` and `scanned` tell how far it came; fields of complete
   lines are in the table. */
proto_err http_field_lines_read(http_lines *lines, proto_http_fields *fields)
    __attribute__((visibility("hidden")));

/* What the readers of start lines and of field lines share. A line is judged when its LF has come,
   not before, so that the verdict does not depend on how the input was cut. */

/* Records that a rule is relaxed, if the configuration allows it. */
bool http_line_allows(http_lines *lines, proto_http_lenient leniency)
    __attribute__((visibility("hidden")));
/* Returns `err` and notes its place. */
proto_err http_line_refuse(http_lines *lines, proto_err err, const uint8_t *at)
    __attribute__((visibility("hidden")));
/* The LF of the line at hand, or NULL where it is not in sight within the limit. */
const uint8_t *http_line_feed(const http_lines *lines) __attribute__((visibility("hidden")));
/* What to say of a line without an end. */
proto_err http_line_unfinished(http_lines *lines) __attribute__((visibility("hidden")));
/* Checks the text [at, feed) up to its line end; `*end` is where the text ends. `err` is for a
   control character. */
proto_err http_line_check_text(http_lines *lines, const uint8_t *at, const uint8_t *feed,
                               proto_err err, const uint8_t **end)
    __attribute__((visibility("hidden")));

/* The limits in force: the configuration's, or the defaults; never more than the largest there is. */
uint32_t http_max_head(const proto_http_config *config) __attribute__((visibility("hidden")));
uint32_t http_max_line(const proto_http_config *config) __attribute__((visibility("hidden")));
uint32_t http_max_extension(const proto_http_config *config) __attribute__((visibility("hidden")));
uint32_t http_max_overhead(const proto_http_config *config) __attribute__((visibility("hidden")));
uint32_t http_max_trailer(const proto_http_config *config) __attribute__((visibility("hidden")));
uint64_t http_max_body(const proto_http_config *config) __attribute__((visibility("hidden")));
uint32_t http_lenient(const proto_http_config *config) __attribute__((visibility("hidden")));

#endif
