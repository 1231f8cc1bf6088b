/* SPDX-License-Identifier: MIT */
/* What reading one head came to, to be compared with what it comes to by another way. */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "guard.h"
#include "proto/http.h"

enum { SNAPSHOT_FIELDS = 128 };

/* How a head is read. */
typedef struct head_reading {
    const proto_http_config *config;
    proto_http_method method; /* that a response answers */
    uint32_t fields;          /* capacity of the table, at most SNAPSHOT_FIELDS */
    bool response;
    bool eof; /* the peer ends behind the bytes */
} head_reading;

typedef struct head_snapshot {
    proto_err err;
    size_t consumed;
    proto_http_head head;
    proto_http_field fields[SNAPSHOT_FIELDS];
} head_snapshot;

/* Reads a head of which `first` bytes are shown at first, and `step` more each time it wants more.
   The bytes end at a forbidden page every other time and begin behind one the others; the table has
   exactly its size. */
void head_snapshot_take(head_snapshot *snapshot, const head_reading *reading,
                        const guard_pages *guard, proto_slice bytes, size_t first, size_t step);

/* The first public member in which two differ that both must have, or NULL. */
const char *head_snapshot_difference(const head_snapshot *a, const head_snapshot *b);

#endif
