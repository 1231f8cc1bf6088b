/* SPDX-License-Identifier: MIT */
/*
 * Many connections at a time: several threads, each with a loop of its own over epoll, its own
 * connections and its own kept files. They share the listening socket, which wakes one of them for
 * each client, and the number of all connections, and nothing else.
 *
 * Sockets are watched edge-triggered: epoll tells once that something has changed, and
 * connection_run() goes on until it must wait. Looking at all deadlines once in a while is cheaper
 * than keeping them sorted at every request.
 */
#include "webserver.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "report.h"

enum { EVENTS_A_ROUND = 128, ACCEPTS_A_ROUND = 8 };

#define SWEEP_INTERVAL MILLISECONDS(500)
#define KEEP_UNUSED    SECONDS(10) /* files */

struct loop {
    struct worker work;
    const struct server *server;
    int epoll;
    atomic_uint *connections; /* of all loops */
    unsigned queued;          /* connections that wait for their next turn only */
    bool accepting;
    bool called;  /* a client has come */
    bool stopped; /* the signal has come */
    bool draining;
    uint64_t drain_end;
    uint64_t swept;
    struct connection *all; /* what did something last comes first */
    struct connection *last;
    pthread_t thread;
};

/* --------------------------------------------------------------------------- the connections -- */

static void take_out(struct loop *loop, struct connection *it)
{
    *(it->next ? &it->next->previous : &loop->last) = it->previous;
    *(it->previous ? &it->previous->next : &loop->all) = it->next;
}

static void put_first(struct loop *loop, struct connection *it)
{
    it->previous = NULL;
    it->next = loop->all;
    *(it->next ? &it->next->previous : &loop->last) = it;
    loop->all = it;
}

static void forget(struct loop *loop, struct connection *it)
{
    take_out(loop, it);
    if (it->queued) loop->queued--;
    atomic_fetch_sub(loop->connections, 1);
    connection_close(it);
}

static void remember(struct loop *loop, struct connection *it)
{
    put_first(loop, it);
    atomic_fetch_add(loop->connections, 1);
}

static void move_first(struct loop *loop, struct connection *it)
{
    if (loop->all == it) return;
    take_out(loop, it);
    put_first(loop, it);
}

/* Interest in output is added when it is first needed, and then stays: it costs nothing when there
   is none. */
static bool watch(struct loop *loop, struct connection *it, bool output)
{
    if (it->watched && (it->watched_output || !output)) return true;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = it};
    if (output) event.events |= EPOLLOUT;
    int how = it->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    it->watched = true;
    it->watched_output = output;
    return epoll_ctl(loop->epoll, how, it->via.fd, &event) == 0;
}

static void set_queued(struct loop *loop, struct connection *it, bool queued)
{
    if (it->queued == queued) return;
    it->queued = queued;
    loop->queued += queued ? 1u : -1u;
}

static void settle(struct loop *loop, struct connection *it, enum need need)
{
    set_queued(loop, it, need == NEED_TURN);
    move_first(loop, it);
    switch (need) {
    case NEED_INPUT:
    case NEED_TURN:
        if (!watch(loop, it, false)) forget(loop, it);
        break;
    case NEED_OUTPUT:
        if (!watch(loop, it, true)) forget(loop, it);
        break;
    case NEED_NOTHING: forget(loop, it); break;
    }
}

/* ------------------------------------------------------------------------------- new clients -- */

/* Each thread waits for clients only while it can take one. EPOLLEXCLUSIVE: a client wakes one
   thread, not all. */
static void accept_clients(struct loop *loop, bool on)
{
    if (loop->accepting == on) return;
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &loop->accepting};
    int how = on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL;
    if (epoll_ctl(loop->epoll, how, loop->server->listener, &event) == 0) loop->accepting = on;
}

static bool is_full(const struct loop *loop)
{
    return atomic_load(loop->connections) >= loop->server->max_connections;
}

/* The connection that has been idle for longest, or NULL: those that have something to do are not
   touched. */
static struct connection *spare(const struct loop *loop)
{
    struct connection *it = loop->last;
    while (it && !connection_is_spare(it))
        it = it->previous;
    return it;
}

/* Returns whether there may be more. Out of descriptors or memory, or full of connections that are
   needed: none is asked for until the next sweep, for the listening socket would be reported again
   and again. */
static bool accept_one(struct loop *loop)
{
    char peer[SOCKET_TEXT];
    bool full = is_full(loop);
    struct connection *leaving = full ? spare(loop) : NULL;
    if (full && !leaving) {
        accept_clients(loop, false);
        return false;
    }
    int fd = socket_accept(loop->server->listener, peer);
    if (fd < 0) {
        if (errno == EAGAIN) return false;
        if (errno != ECONNABORTED && errno != EINTR) accept_clients(loop, false);
        return loop->accepting;
    }
    if (leaving) forget(loop, leaving);
    struct connection *it = connection_open(&loop->work, fd, peer);
    if (!it) return false;
    remember(loop, it);
    settle(loop, it, connection_run(it)); /* the request is often there already */
    return true;
}

static void accept_some(struct loop *loop, unsigned most)
{
    while (most-- > 0 && accept_one(loop))
        continue;
}

/* ---------------------------------------------------------------------------------- the ends -- */

/* No new clients, no new requests; what has been asked is still answered. */
static void drain(struct loop *loop)
{
    if (loop->draining) return;
    loop->draining = true;
    loop->drain_end = loop->work.now + DRAIN_LIMIT;
    loop->work.last_requests = true;
    accept_some(loop, loop->server->max_connections); /* who has connected before */
    accept_clients(loop, false);
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, loop->server->stop, NULL);
    struct connection *next;
    for (struct connection *it = loop->all; it; it = next) {
        next = it->next;
        if (!connection_is_idle(it)) continue;
        if (it->answered) {
            forget(loop, it);
        } else {
            it->deadline = loop->work.now + SILENT_LIMIT;
        }
    }
}

static void sweep(struct loop *loop)
{
    uint64_t now = loop->work.now;
    loop->swept = now;
    struct connection *next;
    for (struct connection *it = loop->all; it; it = next) {
        next = it->next;
        if (it->deadline <= now) settle(loop, it, connection_expire(it));
    }
    if (now > KEEP_UNUSED) resources_trim(&loop->work.files, now - KEEP_UNUSED);
    if (loop->draining) return;
    accept_clients(loop, true);
    if (is_full(loop)) accept_some(loop, ACCEPTS_A_ROUND); /* whom another loop could not take */
}

/* -------------------------------------------------------------------------------- the rounds -- */

static void handle(struct loop *loop, const struct epoll_event *event)
{
    if (event->data.ptr == &loop->accepting) {
        loop->called = true;
        return;
    }
    if (event->data.ptr == &loop->stopped) {
        loop->stopped = true;
        return;
    }
    struct connection *it = event->data.ptr;
    if (event->events & ~(uint32_t)EPOLLOUT) it->input.drained = false;
    if (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) it->hung_up = true;
    settle(loop, it, connection_run(it));
}

static void run_queued(struct loop *loop)
{
    struct connection *next;
    for (struct connection *it = loop->all; it && loop->queued > 0; it = next) {
        next = it->next;
        if (it->queued) settle(loop, it, connection_run(it));
    }
}

static int patience(const struct loop *loop)
{
    uint64_t now = loop->work.now;
    if (loop->queued > 0) return 0;
    if (loop->work.log.len > 0) return clock_wait(now, loop->work.log.since + LOG_LIMIT);
    if (loop->all || !loop->accepting) return clock_wait(now, loop->swept + SWEEP_INTERVAL);
    return -1;
}

static void do_chores(struct loop *loop)
{
    if (loop->work.log.len > 0 && loop->work.now - loop->work.log.since >= LOG_LIMIT) {
        log_flush(&loop->work.log);
        loop->work.log.since = loop->work.now; /* for what could not be written */
    }
    if (loop->work.now - loop->swept >= SWEEP_INTERVAL) sweep(loop);
}

static bool finished(const struct loop *loop)
{
    return loop->draining && (!loop->all || loop->work.now >= loop->drain_end);
}

static void *run(void *argument)
{
    struct loop *loop = argument;
    struct epoll_event events[EVENTS_A_ROUND];
    while (!finished(loop)) {
        int count = epoll_wait(loop->epoll, events, EVENTS_A_ROUND, patience(loop));
        worker_tick(&loop->work);
        for (int i = 0; i < count; i++)
            handle(loop, &events[i]);
        if (loop->queued > 0) run_queued(loop);
        /* Not before: the events may be of connections that these close. */
        if (loop->called) accept_some(loop, ACCEPTS_A_ROUND);
        loop->called = false;
        if (loop->stopped) drain(loop);
        do_chores(loop);
    }
    while (loop->all)
        forget(loop, loop->all);
    resources_trim(&loop->work.files, UINT64_MAX);
    log_flush(&loop->work.log);
    return NULL;
}

/* ------------------------------------------------------------------------------- the threads -- */

static bool open_loop(struct loop *loop, const struct server *server, atomic_uint *connections)
{
    loop->server = server;
    loop->work.site = &server->site;
    loop->work.limits = &server->limits;
    loop->connections = connections;
    worker_tick(&loop->work);
    loop->swept = loop->work.now;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &loop->stopped};
    if (loop->epoll < 0 || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, server->stop, &event) != 0) {
        return false;
    }
    accept_clients(loop, true);
    return loop->accepting;
}

/* Returns how many of the loops could be opened. */
static unsigned open_loops(struct loop *loops, const struct server *server, unsigned threads,
                           atomic_uint *connections)
{
    unsigned opened = 0;
    while (opened < threads && open_loop(&loops[opened], server, connections))
        opened++;
    return opened;
}

/* The first runs in the thread that calls. A loop that gets no thread must not be woken for clients
   either. */
static void run_all(struct loop *loops, unsigned count)
{
    unsigned started = 1;
    while (started < count &&
           pthread_create(&loops[started].thread, NULL, run, &loops[started]) == 0)
        started++;
    for (unsigned i = started; i < count; i++)
        close(loops[i].epoll);
    run(&loops[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(loops[i].thread, NULL);
    for (unsigned i = 0; i < started; i++)
        close(loops[i].epoll);
}

bool serve_threads(const struct server *server, unsigned threads)
{
    atomic_uint connections = 0;
    struct loop *loops = calloc(threads, sizeof *loops);
    unsigned opened = loops ? open_loops(loops, server, threads, &connections) : 0;
    if (opened < threads) report("threads", strerror(errno));
    if (opened > 0) run_all(loops, opened);
    free(loops);
    return opened > 0;
}
