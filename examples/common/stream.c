/* SPDX-License-Identifier: MIT */
#include "stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "clock.h"

/* --------------------------------------------------------------------------------- plain TCP -- */

static ssize_t plain_read(struct stream *via, void *bytes, size_t size)
{
    return recv(via->fd, bytes, size, 0);
}

static ssize_t plain_write(struct stream *via, const void *bytes, size_t size)
{
    return send(via->fd, bytes, size, MSG_NOSIGNAL);
}

static ssize_t plain_send_file(struct stream *via, int file, off_t *at, size_t size)
{
    return sendfile(via->fd, file, at, size);
}

struct stream stream_plain(int fd)
{
    static const struct stream_layer plain = {plain_read, plain_write, plain_send_file};
    return (struct stream){fd, &plain, NULL};
}

/* --------------------------------------------------------------------------- without waiting -- */

static enum transfer failure(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? TRANSFER_WAIT : TRANSFER_FAILED;
}

/* What is unread goes to the front, when it is nothing or when there is no room behind it. */
static void make_room(struct inbox *box)
{
    size_t unread = (size_t)(box->in.end - box->in.pos);
    if (unread > 0 && box->in.end < box->storage + box->cap) return;
    if (unread > 0) memmove(box->storage, box->in.pos, unread);
    box->in.pos = box->storage;
    box->in.end = box->storage + unread;
}

enum transfer stream_refill(struct stream *via, struct inbox *box)
{
    make_room(box);
    uint8_t *end = box->storage + (box->in.end - box->storage);
    size_t room = (size_t)(box->storage + box->cap - end);
    if (room == 0) {
        errno = ENOBUFS;
        return TRANSFER_FAILED;
    }
    ssize_t size;
    do
        size = via->layer->read(via, end, room);
    while (size < 0 && errno == EINTR);
    box->drained = size < (ssize_t)room;
    if (size < 0) return failure();
    if (size == 0) box->in.eof = true;
    box->in.end += size;
    return TRANSFER_DONE;
}

enum transfer stream_flush(struct stream *via, struct outbox *box)
{
    while (box->sent < box->out.len) {
        ssize_t size = via->layer->write(via, box->out.ptr + box->sent, box->out.len - box->sent);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failure();
        box->sent += (size_t)size;
    }
    box->out.len = box->sent = 0;
    return TRANSFER_DONE;
}

enum transfer stream_send_file(struct stream *via, int file, uint64_t *at, uint64_t *left,
                               size_t most)
{
    off_t offset = (off_t)*at;
    ssize_t size;
    do
        size = via->layer->send_file(via, file, &offset, *left < most ? (size_t)*left : most);
    while (size < 0 && errno == EINTR);
    if (size < 0) return failure();
    if (size == 0) {
        errno = ENODATA;
        return TRANSFER_FAILED;
    }
    *at += (uint64_t)size;
    *left -= (uint64_t)size;
    return TRANSFER_DONE;
}

/* ----------------------------------------------------------------------------------- waiting -- */

static bool await(int fd, short events, uint64_t deadline)
{
    struct pollfd poll_fd = {.fd = fd, .events = events};
    int ready;
    do
        ready = poll(&poll_fd, 1, clock_wait(clock_now(), deadline));
    while (ready < 0 && errno == EINTR);
    if (ready == 0) errno = ETIMEDOUT;
    return ready > 0;
}

bool stream_await_input(struct stream *via, struct inbox *box, uint64_t deadline)
{
    enum transfer result;
    while ((result = stream_refill(via, box)) == TRANSFER_WAIT)
        if (!await(via->fd, POLLIN, deadline)) return false;
    return result == TRANSFER_DONE;
}

bool stream_await_output(struct stream *via, struct outbox *box, uint64_t deadline)
{
    enum transfer result;
    while ((result = stream_flush(via, box)) == TRANSFER_WAIT)
        if (!await(via->fd, POLLOUT, deadline)) return false;
    return result == TRANSFER_DONE;
}
