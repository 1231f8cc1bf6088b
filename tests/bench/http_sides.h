/* SPDX-License-Identifier: MIT */
#ifndef HTTP_SIDES_H
#define HTTP_SIDES_H

#include <stdbool.h>

#include "http_inputs.h"
#include "proto/base.h"

/* Who reads: libproto on each of its paths, two parsers from Debian packages, and two loops that no
   parser can beat. */

/* What a message came to, to see that all sides read the same. */
typedef struct http_tally {
    size_t items; /* fields of a head, pieces of a body */
    size_t bytes; /* of field names and values, or of content */
} http_tally;

typedef struct http_side {
    const char *name;
    bool ours;
    proto_simd simd;                                   /* the path, where it is ours */
    bool (*read[HTTP_KINDS])(const uint8_t *, size_t); /* reads one message; NULL: not this kind */
    http_tally (*tally[HTTP_KINDS])(void); /* of the message last read; NULL: nothing to tell */
} http_side;

#define HTTP_MAX_SIDES 16

/* The sides this machine has. `peers` is where script/peers unpacks. Returns how many there are. */
size_t http_sides_make(http_side sides[HTTP_MAX_SIDES], const char *peers);

/* Each adds its sides behind `count` and returns the new count. */
size_t http_ours_add(http_side *sides, size_t count);
size_t http_peers_add(http_side *sides, size_t count, const char *peers);
size_t http_floors_add(http_side *sides, size_t count);

/* A request head that announces a chunked body. */
extern const char http_chunked_head[];

enum { HTTP_MAX_FIELDS = 64, HTTP_MAX_PIECES = 64, HTTP_SCRATCH = 1 << 21 };

/* For those who must write into what they read, or copy it. */
extern uint8_t http_scratch[HTTP_SCRATCH];

/* Where the pieces of a body go: for all to see, or the compiler would see that nobody looks. */
extern proto_slice http_pieces[HTTP_MAX_PIECES];

#endif
