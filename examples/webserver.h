/* SPDX-License-Identifier: MIT */
/*
 * The parts of the web server, bottom up:
 *
 * - webserver_types.c: media types of file names
 * - webserver_log.c: the access log
 * - webserver_open.c: opening files without leaving the root
 * - webserver_page.c: pages that the server writes itself: errors and listings
 * - webserver_resource.c: what a path names, kept ready for a second
 * - webserver_respond.c: from a request to its response
 * - webserver_connection.c: one connection, from its first byte to its last
 * - webserver_threads.c: many connections at a time: a loop over epoll in each of several threads
 * - webserver_iterative.c: one connection at a time
 * - webserver.c: the command line
 */
#ifndef WEBSERVER_H
#define WEBSERVER_H

#include <proto.h>
#include <stdio.h>
#include <sys/stat.h>

#include "clock.h"
#include "socket.h"
#include "stream.h"

/* Sizes. A connection never takes more memory than a `connection`, whatever its client does. */
enum {
    MAX_HEAD = 16 * 1024,      /* bytes of a request's head */
    MAX_FIELDS = 100,          /* fields of a request */
    MAX_BODY = 64 * 1024,      /* bytes of a request's body that are read to save the connection */
    MAX_IN_MEMORY = 16 * 1024, /* bytes of a file that is answered from memory */
    MAX_ANSWER = MAX_IN_MEMORY + 4096, /* bytes of such an answer, with all heads of its parts */
    OUTBOX_SIZE = 2 * MAX_ANSWER,      /* answers that wait to be sent together */
    MAX_PATH = 4096,                   /* bytes of a path, with its NUL */
    MAX_CONNECTIONS = 65536,           /* that can be asked for */
    MAX_THREADS = 64,
    MAX_LISTED = 10000 /* names in a listing */
};

/* Times. */
#define LINGER_LIMIT SECONDS(2)        /* for a client to see why it is turned away */
#define SILENT_LIMIT MILLISECONDS(500) /* for a first request, where others want the place */
#define DRAIN_LIMIT  SECONDS(10)       /* for responses under way when the server is told to stop */
#define FRESH_LIMIT  MILLISECONDS(800) /* before a file is looked at again */
#define LOG_LIMIT    MILLISECONDS(100) /* before a log line is written out */

/* How long clients are waited for. */
struct limits {
    uint64_t request; /* from a request's first byte, or a connection's start, to its last */
    uint64_t send;    /* without a byte of a response being taken */
    uint64_t idle;    /* between two requests */
};

/* ------------------------------------------------------------------------------- media types -- */

/* The Content-Type of a file by its name's extension. */
proto_slice type_of(const char *path);

/* ----------------------------------------------------------------------------------- logging -- */

/* Opens the access log: a file, `-` for standard output or `none`. Returns whether it could, with
   the reason in errno. */
bool log_open(const char *where);

/* Whether there is a log at all. */
bool log_wanted(void);

/* One response, as the common log format tells of it. */
struct log_entry {
    const char *peer;
    const char *request; /* the request line; empty where none was read */
    int64_t time;        /* seconds since 1970 */
    int status;
    uint64_t size; /* bytes of content that were sent */
};

/* Lines that wait to be written, one of these in each thread. */
struct log_lines {
    size_t len;
    uint64_t since; /* when the first was put here */
    uint64_t lost;  /* lines dropped because nobody took them */
    int64_t second; /* what `stamp` says */
    char stamp[32];
    char text[32 * 1024];
};

void log_put(struct log_lines *lines, const struct log_entry *entry, uint64_t now);

/* Writes out what waits, as far as that needs no waiting. */
void log_flush(struct log_lines *lines);

/* Appends the bytes to `text`, with `\xNN` for what could deceive whoever reads the log. */
void log_escaped(char *text, size_t cap, proto_slice bytes);

/* ------------------------------------------------------------------------- the document root -- */

/* What is served. */
struct site {
    int root;    /* the open directory */
    bool hidden; /* also names that begin with a dot */
};

/* Opens what a path below the root names: a regular file or a directory, and no other kind.
   Symbolic links are followed as long as they do not lead out of the root. Returns -1 with
   errno. */
int open_below(const struct site *site, const char *path, struct stat *status);

/* As open_below(), but only looks. */
bool look_below(const struct site *site, const char *path, struct stat *status);

/* Whether the path has a name in it that begins with a dot, which is not shown unless asked for. */
bool names_hidden(const char *path);

/* ------------------------------------------------------------------------------------- pages -- */

/* Writes a page that says what went wrong, in words. Returns its length, at most `cap`. */
size_t page_error(char *page, size_t cap, int status, const char *why);

/* Writes a page that lists an open directory, which is closed. Returns a file of its own with the
   page in it, or -1. */
int page_listing(const struct site *site, const char *path, int directory);

/* --------------------------------------------------------------------------------- resources -- */

/* What a path names: a file, a listing, a redirection (301), or nothing that can be had (403, 404,
   500, 503). */
struct resource {
    int status;
    int file;         /* an open file, or -1 where `content` has all of it */
    uint8_t *content; /* a small file's bytes */
    uint64_t size;
    int64_t modified;          /* or PROTO_HTTP_NOT_DATED, for a listing */
    proto_slice type;          /* its Content-Type */
    proto_http_pair fields[3]; /* the other response fields that depend on it alone */
    size_t field_count;
    struct stat seen; /* to tell whether it has changed */
    uint64_t looked;  /* when it was last looked at */
    uint64_t used;    /* when it was last asked for */
    unsigned users;   /* responses that send it, and the table that keeps it */
    char etag[64];    /* empty for a listing */
    char dated[PROTO_DATE_LENGTH + 1];
    char path[];
};

/* The resources that a thread keeps ready. Zero-initialise. */
enum { KEPT_SETS = 128, KEPT_WAYS = 4 };
struct resources {
    struct resource *kept[KEPT_SETS][KEPT_WAYS];
};

/* What a path names, as it is now or was less than FRESH_LIMIT ago. NULL when there is no
   memory. */
struct resource *resource_get(struct resources *all, const struct site *site, const char *path,
                              uint64_t now);

/* Gives it back. */
void resource_release(struct resource *it);

/* Lets go of what has not been asked for in a while, or of everything. */
void resources_trim(struct resources *all, uint64_t used_before);

/* ------------------------------------------------------------------------------- connections -- */

/* What the connections of a thread share. */
struct worker {
    const struct site *site;
    const struct limits *limits;
    struct resources files;
    struct log_lines log;
    uint64_t now;    /* looked up once a round */
    int64_t seconds; /* looked up once a round */
    int64_t dated;   /* the second that `date` tells */
    char date[PROTO_DATE_LENGTH + 1];
    bool last_requests; /* every response now ends its connection */
};

/* Looks at the clock. */
void worker_tick(struct worker *work);

/* A file that is sent in several parts. */
struct parts {
    proto_http_parts all;
    size_t next; /* the part that is to be begun */
    proto_http_multipart form;
    char boundary[33];
};

struct connection {
    struct worker *work;
    struct stream via;
    struct inbox input;
    struct outbox output;
    proto_http http;
    struct resource *body; /* a file that is sent after what is in `output`, or NULL */
    uint64_t body_at;
    uint64_t body_left;
    bool body_in_parts;     /* there is more behind `body_left`: see `parts` */
    struct log_entry entry; /* of the response being sent */
    uint64_t deadline;
    bool begun;     /* a request has begun to arrive and has not ended */
    bool answered;  /* at least one request was */
    bool blocked;   /* the client does not read */
    bool late;      /* a request did not come in time */
    bool over;      /* what is in `output` is the last that is sent */
    bool refused;   /* the client may still be sending what nobody reads */
    bool lingering; /* all is sent; what still arrives is thrown away */
    bool hung_up;   /* the client sends no more: what there is can be read without waiting */
    /* For the loop that has many: */
    struct connection *next, *previous;
    bool watched, watched_output, queued;
    char peer[SOCKET_TEXT];
    char request[512]; /* the request line, for the log */
    struct parts parts;
    proto_http_field fields[MAX_FIELDS];
    uint8_t in[MAX_HEAD];
    uint8_t out[OUTBOX_SIZE];
};

/* Why a connection stopped for now. */
enum need {
    NEED_INPUT,  /* until something arrives */
    NEED_OUTPUT, /* until the client reads */
    NEED_TURN,   /* others are to be served in between */
    NEED_NOTHING /* it is over */
};

/* A connection over a socket just accepted from `peer`. NULL when there is no memory, and the
   socket is closed. */
struct connection *connection_open(struct worker *work, int fd, const char *peer);

/* Goes on as far as it can without waiting. Who calls sees to it that `deadline` is kept. */
enum need connection_run(struct connection *it);

/* After `deadline`: the client gets to know, if it had begun a request. */
enum need connection_expire(struct connection *it);

/* Whether it is between two requests. */
bool connection_is_idle(const struct connection *it);

/* Whether it may be closed to make room for another: it is idle, and not because it is new. */
bool connection_is_spare(const struct connection *it);

/* Closes the socket and frees what there is. */
void connection_close(struct connection *it);

/* --------------------------------------------------------------------------------- responses -- */

/* Answers the request whose head was just read: puts a response into `output`, and the file to be
   sent after it into `body`. */
void respond(struct connection *it, const proto_http_head *head);

/* After a part of `body`: puts what divides it from the next into `output`, or what stands behind
   the last. Returns whether there is a next. */
bool respond_next_part(struct connection *it);

/* Answers what could not be read, or came too late, and ends the connection. */
void respond_refusal(struct connection *it);

/* --------------------------------------------------------------------------------- the loops -- */

/* Where connections come from, and when to stop. */
struct server {
    struct site site;
    struct limits limits;
    unsigned max_connections;
    int listener;
    int stop; /* readable when the server is to stop */
};

/* Serve until told to stop. Return whether they could. */
bool serve_threads(const struct server *server, unsigned threads);
bool serve_iteratively(const struct server *server, bool once);

#endif
