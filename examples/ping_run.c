/* SPDX-License-Identifier: MIT */
/* The loop that the engines share, of both families. */
#include "ping.h"

#include <errno.h>

#include "datagram.h"
#include "signals.h"

/* When the system's queues are full. */
#define BACK_OFF MILLISECONDS(1)

/* What was missed by waking up late is sent all the same. */
#define CATCH_UP MILLISECONDS(10)

/* How often somebody who waits sees what there is, and how often files are renewed. */
#define DRAW_INTERVAL  MILLISECONDS(100)
#define FILES_INTERVAL SECONDS(5)

/* -------------------------------------------------------------------------------------- events -- */

static void note_reply(struct ping *ping, const proto_probe_report *report, uint64_t when)
{
    struct host *host = host_of(report->target);
    if (report->rtt < host->min) host->min = report->rtt;
    if (report->rtt > host->max) host->max = report->rtt;
    host->sum += report->rtt;
    if (ping->pictures) timeline_note(&ping->timeline, when, report->rtt);
}

static void happens(struct ping *ping, const struct happening *it)
{
    ping->events[it->event]++;
    if (it->event == PROTO_PROBE_REPLY)
        note_reply(ping, it->report, it->when);
    else if (ping->pictures && (it->event == PROTO_PROBE_TIMEOUT || it->event == PROTO_PROBE_ERROR))
        timeline_note(&ping->timeline, it->when, PROTO_NEVER);
    lines_event(ping, it);
}

/* ------------------------------------------------------------------------------------- sending -- */

/* Where there is a gap between pings, each is written as of the moment at which it was due: else every
   delay in waking up would be added to the gap. Long delays are not made up for. */
static uint64_t moment_of_next(const struct lane *lane, uint64_t now)
{
    if (lane->gap == 0 || now < CATCH_UP) return now;
    uint64_t due = proto_probe_deadline(&lane->engine);
    if (due < now - CATCH_UP) return now - CATCH_UP;
    return due < now ? due : now;
}

static bool write_next(struct lane *lane, uint64_t now, proto_out *message,
                       proto_probe_report *report)
{
    /* What is due may be that an older one is given up; then it is to be now. */
    return proto_probe_send(&lane->engine, moment_of_next(lane, now), message, report) ||
           (lane->gap > 0 && proto_probe_send(&lane->engine, now, message, report));
}

static void fill(struct lane *lane, uint64_t now)
{
    proto_probe_report report;
    lane->out.count = 0;
    while (lane->out.count < ICMP_BATCH) {
        unsigned i = lane->out.count;
        proto_out message = icmp_outbox_sink(&lane->out);
        if (!write_next(lane, now, &message, &report)) return;
        lane->numbers[i] = report.number;
        lane->whose[i] = report.target;
        icmp_outbox_add(&lane->out, &message, &report.target->address, 0);
    }
}

static bool is_full(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ENOMEM;
}

/* What was due was written a while before it leaves, and the messages of a batch leave one after the
   other. */
static void put_times_right(struct lane *lane, unsigned from, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        proto_probe_sent_at(&lane->engine, lane->numbers[from + i],
                            icmp_sent_when(&lane->socket, &lane->out, i));
}

/* Sends what is due. Returns whether there may be more. */
static bool send_due(struct ping *ping, struct lane *lane, uint64_t now)
{
    int errors[ICMP_BATCH] = {0};
    unsigned sent = 0;
    if (now < lane->blocked_until) return false;
    fill(lane, now);
    while (sent < lane->out.count) {
        int error;
        unsigned count = icmp_send(&lane->socket, &lane->out, sent, &error);
        put_times_right(lane, sent, count);
        sent += count;
        if (error != 0 && is_full(error)) break;
        if (error != 0) errors[sent++] = error;
    }
    for (unsigned i = lane->out.count; i > sent; i--)
        proto_probe_unsend(&lane->engine);
    if (sent < lane->out.count) lane->blocked_until = now + BACK_OFF;
    for (unsigned i = 0; i < sent; i++) {
        if (errors[i] == 0) continue;
        proto_probe_refuse(&lane->engine, lane->numbers[i]);
        ping->refused++;
        lines_refused(ping, lane->whose[i], errors[i]);
    }
    return lane->out.count == ICMP_BATCH;
}

/* ----------------------------------------------------------------------------------- receiving -- */

static void take(struct ping *ping, struct lane *lane)
{
    proto_probe_report report;
    for (unsigned i = 0; i < lane->in.count; i++) {
        struct happening it = {.report = &report, .arrival = &lane->in.each[i]};
        it.when = it.arrival->when;
        it.event = proto_probe_receive(&lane->engine, it.arrival, &report);
        happens(ping, &it);
    }
}

/* Takes what has arrived. Returns whether there may be more. */
static bool receive(struct ping *ping, struct lane *lane)
{
    icmp_receive(&lane->socket, &lane->in);
    bool more = lane->in.more;
    take(ping, lane);
    if (!lane->socket.has_errors) return more;
    icmp_receive_errors(&lane->socket, &lane->in);
    take(ping, lane);
    return more || lane->socket.has_errors;
}

static void expire(struct ping *ping, struct lane *lane, uint64_t now)
{
    proto_probe_report report;
    while (proto_probe_expire(&lane->engine, now, &report) == PROTO_PROBE_TIMEOUT) {
        struct happening it = {.event = PROTO_PROBE_TIMEOUT, .report = &report, .when = now};
        happens(ping, &it);
    }
}

/* ---------------------------------------------------------------------------------------- loop -- */

/* What is looked at less often than packets come. */
struct clockwork {
    uint64_t look; /* whether somebody says stop */
    uint64_t draw;
    uint64_t files;
    uint64_t end;
};

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Sends, receives and gives up. Returns whether there is more to be done at once. */
static bool turn(struct ping *ping, uint64_t now)
{
    bool busy = false;
    for (size_t i = 0; i < LANES; i++) {
        struct lane *lane = &ping->lanes[i];
        if (!lane->used) continue;
        bool sent = send_due(ping, lane, now);
        bool received = receive(ping, lane);
        if (!received) expire(ping, lane, now);
        busy = busy || sent || received;
    }
    return busy;
}

static uint64_t next_moment(const struct ping *ping)
{
    uint64_t next = PROTO_NEVER;
    for (size_t i = 0; i < LANES; i++) {
        const struct lane *lane = &ping->lanes[i];
        if (!lane->used) continue;
        uint64_t moment = proto_probe_deadline(&lane->engine);
        if (moment < lane->blocked_until) moment = lane->blocked_until;
        next = earlier(next, moment);
    }
    return next;
}

static bool is_done(const struct ping *ping)
{
    for (size_t i = 0; i < LANES; i++)
        if (ping->lanes[i].used && !proto_probe_is_done(&ping->lanes[i].engine)) return false;
    return true;
}

/* A socket that tells of errors in a queue of its own is readable then too. */
static void rest(struct ping *ping, int stop, uint64_t until)
{
    int fds[LANES + 1] = {stop};
    unsigned count = 1;
    for (size_t i = 0; i < LANES; i++)
        if (ping->lanes[i].used) fds[count++] = ping->lanes[i].socket.fd;
    output_flush(&ping->output);
    if (!datagram_await(fds, count, until)) return;
    for (size_t i = 0; i < LANES; i++)
        ping->lanes[i].socket.has_errors = ping->lanes[i].used && !ping->lanes[i].socket.raw;
}

static void renew(struct ping *ping, struct clockwork *work, uint64_t now)
{
    if (now >= work->draw) {
        plot_draw(ping);
        work->draw = now + DRAW_INTERVAL;
    }
    if (now >= work->files) {
        metrics_write(ping);
        hdr_log_write(ping, now);
        work->files = now + FILES_INTERVAL;
    }
}

static struct clockwork wind_up(const struct ping *ping)
{
    const struct options *options = &ping->options;
    struct clockwork work = {PROTO_NEVER, PROTO_NEVER, PROTO_NEVER, PROTO_NEVER};
    work.look = 0;
    if (ping->drawing) work.draw = ping->began;
    if (options->metrics || options->hdr_log) work.files = ping->began + FILES_INTERVAL;
    if (options->limit > 0) work.end = ping->began + options->limit;
    return work;
}

/* Until the last ping is settled. Returns whether it came to that. */
static bool go_on(struct ping *ping, int stop)
{
    struct clockwork work = wind_up(ping);
    while (!is_done(ping)) {
        uint64_t now = clock_exact();
        bool busy = turn(ping, now);
        if (now >= work.end || ping->output.error != 0) return false;
        if (now >= work.look) {
            if (signals_stopped(stop)) return false;
            work.look = now + MILLISECONDS(10);
        }
        renew(ping, &work, now);
        if (busy || is_done(ping)) continue;
        rest(ping, stop,
             earlier(earlier(next_moment(ping), work.draw), earlier(work.files, work.end)));
        work.look = 0;
    }
    return true;
}

/* What comes twice comes soon after; who would leave at once would not see it. */
static void linger(struct ping *ping, int stop)
{
    uint64_t longest = 0;
    for (size_t i = 0; i < ping->hosts.count; i++)
        if (ping->hosts.list[i].max > longest) longest = ping->hosts.list[i].max;
    uint64_t wait = earlier(longest + MILLISECONDS(1), MILLISECONDS(100));
    uint64_t until = clock_exact() + wait;
    for (uint64_t now; (now = clock_exact()) < until && !signals_stopped(stop);)
        if (!turn(ping, now)) rest(ping, stop, until);
}

void run(struct ping *ping, int stop)
{
    if (go_on(ping, stop)) linger(ping, stop);
    for (size_t i = 0; i < LANES; i++)
        if (ping->lanes[i].used) proto_probe_stop_all(&ping->lanes[i].engine);
    ping->ended = clock_exact();
}
