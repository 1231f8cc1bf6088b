/* SPDX-License-Identifier: MIT */
/*
 * The parts of the web client, bottom up:
 *
 *   httpget_place.c      whom to ask for what: URLs, and where a redirection leads
 *   httpget_output.c     where a response goes: the terminal, or a file that is there whole or not
 *                        at all
 *   httpget_exchange.c   one request and its response
 *   httpget.c            the command line, and following redirections
 */
#ifndef HTTPGET_H
#define HTTPGET_H

#include <proto.h>
#include <stdio.h>

#include "clock.h"
#include "report.h"
#include "stream.h"

/* What httpget exits with beyond what every program does. */
enum {
    EXIT_BROKEN = 3,       /* the response was not HTTP, or ended too early */
    EXIT_CLIENT_ERROR = 4, /* the server says that the request is at fault: 4xx */
    EXIT_SERVER_ERROR = 5  /* the server says that it failed: 5xx */
};

enum { MAX_URL = 8192, MAX_EXTRA = 64, MAX_REDIRECTS = 10 };

/* ------------------------------------------------------------------------------------ places -- */

/* Whom to ask for what. The slices are of `text`, so it must not be copied. */
struct place {
    uint8_t text[MAX_URL]; /* the URL, encoded */
    proto_uri uri;
    char host[256];
    char port[8];
    uint8_t target[MAX_URL]; /* path and query, as the request line has them */
    size_t target_length;
};

/* Each returns NULL, or says what is wrong. */
const char *place_of_url(struct place *place, proto_slice url);
const char *place_of_file(struct place *place, const char *host, const char *port,
                          const char *file);
const char *place_redirected(struct place *place, const struct place *from, proto_slice location);

/* Whether two places have one owner: the same scheme, host and port. */
bool place_same_origin(const struct place *a, const struct place *b);

/* The URL for people, NUL-terminated. */
const char *place_text(const struct place *place);

/* ----------------------------------------------------------------------------------- options -- */

struct options {
    const char *method; /* NULL: what the rest of the options makes of it */
    const char *data;   /* the body, or NULL */
    const char *output; /* the file for the body, or NULL */
    bool show_head;     /* even though the body goes to a file */
    bool follow;
    uint64_t timeout;
    proto_http_pair extra[MAX_EXTRA];
    size_t extra_count;
};

/* ------------------------------------------------------------------------------------ output -- */

/* Where a body goes. */
struct output {
    const char *path; /* NULL: standard output */
    FILE *file;       /* NULL before the first byte */
    char *part;       /* the name beside `path` that the file has until it is whole, or NULL */
    uint64_t written;
    uint64_t expected; /* or PROTO_HTTP_SIZE_UNKNOWN */
    uint64_t started;
    uint64_t drawn; /* when the progress bar was */
};

/* Shows a head as it came, what could harm a terminal made visible. */
void output_head(proto_slice head);

/* Each returns whether it could; errno says why not. */
bool output_begin(struct output *output, const char *path, uint64_t expected);
bool output_put(struct output *output, proto_slice bytes);
bool output_finish(struct output *output);

/* Leaves nothing behind of what was begun. */
void output_abandon(struct output *output);

/* ---------------------------------------------------------------------------------- exchange -- */

/* What came of a request. */
struct outcome {
    int exit_status;
    int status;             /* of the final response, or 0 */
    char location[MAX_URL]; /* its Location field, or empty */
    size_t location_length;
};

/* Asks, and lets the response go where the options say. What fails is reported. */
void exchange(const struct place *place, const struct options *options, struct outcome *outcome);

/* Whether a response is to be followed rather than shown. */
bool redirects(int status);

#endif
