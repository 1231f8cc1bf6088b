/* SPDX-License-Identifier: MIT */
/*
 * One connection at a time, one request each: the server of the first lesson. While it serves one
 * client all others wait, which is what webserver_threads.c is for.
 */
#include "webserver.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "report.h"

struct turn {
    struct worker work;
    const struct server *server;
    bool stopping;
};

/* Waits for `events` on `fd`, or for the order to stop. Returns whether what was waited for has
   come. */
static bool await(struct turn *turn, int fd, short events, int wait)
{
    struct pollfd fds[] = {{.fd = fd, .events = events},
                           {.fd = turn->stopping ? -1 : turn->server->stop, .events = POLLIN}};
    int ready = poll(fds, 2, wait);
    worker_tick(&turn->work);
    if (ready > 0 && fds[1].revents) turn->stopping = true;
    return ready > 0 && fds[0].revents;
}

static enum need wait_and_run(struct turn *turn, struct connection *it, enum need need)
{
    short events = need == NEED_OUTPUT ? POLLOUT : POLLIN;
    int wait = need == NEED_TURN ? 0 : clock_wait(turn->work.now, it->deadline);
    it->input.drained = false;
    if (await(turn, it->via.fd, events, wait) || need == NEED_TURN) return connection_run(it);
    if (it->deadline <= turn->work.now) return connection_expire(it);
    return turn->stopping && connection_is_idle(it) ? NEED_NOTHING : need;
}

/* Returns whether the client asked anything. */
static bool serve_one(struct turn *turn, int fd, const char *peer)
{
    struct connection *it = connection_open(&turn->work, fd, peer);
    if (!it) return false;
    enum need need = connection_run(it);
    while (need != NEED_NOTHING)
        need = wait_and_run(turn, it, need);
    bool answered = it->answered;
    connection_close(it);
    log_flush(&turn->work.log);
    resources_trim(&turn->work.files, UINT64_MAX);
    return answered;
}

bool serve_iteratively(const struct server *server, bool once)
{
    struct turn *turn = calloc(1, sizeof *turn);
    if (!turn) return false;
    turn->server = server;
    turn->work.site = &server->site;
    turn->work.limits = &server->limits;
    turn->work.last_requests = true;
    worker_tick(&turn->work);
    while (!turn->stopping) {
        char peer[SOCKET_TEXT];
        if (!await(turn, server->listener, POLLIN, -1)) continue;
        int fd = socket_accept(server->listener, peer);
        if (fd >= 0 && serve_one(turn, fd, peer) && once) break;
        if (fd < 0 && (errno == EMFILE || errno == ENFILE)) await(turn, -1, 0, 1000);
    }
    free(turn);
    return true;
}
