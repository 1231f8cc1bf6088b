/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a connection, between a socket and an engine of libproto.
 *
 * An engine reads from a `proto_in` and writes to a `proto_out`; here they are filled and emptied.
 * What a stream runs over is a table of three functions: plain TCP now, and the place where TLS
 * will be another table.
 */
#ifndef STREAM_H
#define STREAM_H

#include <proto/base.h>
#include <sys/types.h>

struct stream;

/* Each moves what it can at once and returns how much, 0 at the peer's end (read) or the file's
   (send_file), or -1 with errno; EAGAIN where it would have to wait. */
struct stream_layer {
    ssize_t (*read)(struct stream *, void *, size_t);
    ssize_t (*write)(struct stream *, const void *, size_t);
    ssize_t (*send_file)(struct stream *, int file, off_t *at, size_t);
};

struct stream {
    int fd; /* the socket, non-blocking */
    const struct stream_layer *layer;
    void *session; /* the layer's own; plain TCP has none */
};

/* A stream over plain TCP. */
struct stream stream_plain(int fd);

/* How a transfer went. */
enum transfer {
    TRANSFER_DONE,  /* something was moved, or nothing had to be */
    TRANSFER_WAIT,  /* the peer has nothing to say, or does not read */
    TRANSFER_FAILED /* the connection is broken; errno says how */
};

/* What arrives: storage, and a cursor over what is unread in it. */
struct inbox {
    proto_in in;
    uint8_t *storage;
    size_t cap;
    bool drained; /* the last read brought less than there was room for: there is no more for now */
};

/* Reads once into the room behind what is unread, which is moved to the front where it helps. At
   the peer's end `in.eof` is set. A full inbox fails with ENOBUFS. */
enum transfer stream_refill(struct stream *via, struct inbox *box);

/* What leaves: a sink, and how much of it has gone. */
struct outbox {
    proto_out out;
    size_t sent;
};

/* Writes all that is in the outbox and then makes it empty, or says why not. */
enum transfer stream_flush(struct stream *via, struct outbox *box);

/* Moves bytes of a file, at most `most`, and counts them in `at` and `left`. A file that ends too
   early fails with ENODATA. */
enum transfer stream_send_file(struct stream *via, int file, uint64_t *at, uint64_t *left,
                               size_t most);

/* For programs with one connection: wait until `deadline` for what they need, and fail with
   ETIMEDOUT. */
bool stream_await_input(struct stream *via, struct inbox *box, uint64_t deadline);
bool stream_await_output(struct stream *via, struct outbox *box, uint64_t deadline);

#endif
