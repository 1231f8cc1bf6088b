/* SPDX-License-Identifier: MIT */
/*
 * Test cases as documents: tests/vectors/NAME.txt.
 *
 * A document is prose with cases in it. A case begins with its title and has, in this order, prose
 * that cites the RFC, who reads and how, the bytes, and the events that they must give:
 *
 *     ## A blank before the colon is refused
 *     RFC 9112 section 5.1: nothing stands between a field's name and its colon.
 *     : request with max_line=80, eof
 *     > GET / HTTP/1.1\r\n
 *     > Host\! : a\r\n
 *     = FAILED HTTP_FIELD_BLANK 400
 *
 * `>` lines are joined; their ends in the document mean nothing. Escapes are those of
 * text_unescaped(): \r \n \t \\ \0 \xNN, \{N ...} for N repetitions, and \! for the place that
 * FAILED must name.
 *
 * The reader is `request` or `response to METHOD` (heads, each with its body, one after the other),
 * `server` (a connection that answers every request with 200), or `client after METHOD, METHOD...`
 * (a connection that has sent these requests; UPGRADE stands for a GET that offers one). Options
 * after `with`: the leniencies by name; limits as NAME=NUMBER, and `fields` for the capacity of the
 * table; `secure` (the connection is); `eof` (the peer ends after the bytes); `counted` (fields are
 * counted, not listed); for a server `answer=STATUS`, `answer=0` (none), `early` (the answer does
 * not wait for the body), `close` (it closes).
 */
#ifndef VECTOR_H
#define VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/http.h"

typedef enum vector_role {
    VECTOR_REQUEST,
    VECTOR_RESPONSE,
    VECTOR_SERVER,
    VECTOR_CLIENT
} vector_role;

enum { VECTOR_METHODS = 20, VECTOR_NO_MARK = -1 };

typedef struct vector_case {
    char *file; /* base name of the vector_document */
    int line;   /* of the title */
    char *title;
    bool cites; /* its prose names an RFC */
    vector_role role;
    char methods[VECTOR_METHODS][12]; /* of the requests that are answered */
    size_t method_count;
    proto_http_config config;
    uint32_t fields; /* capacity of the table */
    bool eof;
    bool counted;
    bool early;
    bool close;
    int answer; /* status, 0 for none */
    uint8_t *input;
    size_t size;
    long mark;    /* offset in `input`, or VECTOR_NO_MARK */
    char *events; /* one a line, visible form */
} vector_case;

typedef struct vector_list {
    vector_case *at;
    size_t count;
} vector_list;

/* Reads one document, or all of a directory in the order of their names. A malformed document ends
   the program with its place and what is wrong. */
void vectors_read(vector_list *vectors, const char *path);
void vectors_read_all(vector_list *vectors, const char *directory);
void vectors_free(vector_list *vectors);

/* The name of leniency number `bit` in documents and events; NULL behind the last. */
const char *vector_lenient_name(unsigned bit);

#endif
