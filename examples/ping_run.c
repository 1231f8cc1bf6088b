/* SPDX-License-Identifier: MIT */
/* The engines, one for each family, their sockets, and the loop that they share. */
#include "ping.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>

#include "datagram.h"
#include "memory.h"
#include "signals.h"

/* Above so many hosts they share one histogram: those of a hundred thousand would fill memory, and
   filling it would take longer than pinging. */
enum { HISTOGRAMS = 1000 };

/* Probes that are remembered, of all that there will be. */
enum { FEWEST_SLOTS = 1 << 10, MOST_SLOTS = 1 << 20 };

/* When the system's queues are full. */
#define BACK_OFF MILLISECONDS(1)

/* What was missed by waking up late is sent all the same. */
#define CATCH_UP MILLISECONDS(10)

/* How often somebody who waits sees what there is, and how often files are renewed. */
#define DRAW_INTERVAL  MILLISECONDS(100)
#define FILES_INTERVAL SECONDS(5)

/* ------------------------------------------------------------------------------------- sockets -- */

static proto_family family_of(size_t lane)
{
    return lane == 0 ? PROTO_IPV4 : PROTO_IPV6;
}

static bool is_wanted(const struct options *options, size_t lane)
{
    int family = lane == 0 ? AF_INET : AF_INET6;
    return options->family == AF_UNSPEC || options->family == family;
}

static int no_socket(const struct options *options, int error)
{
    char advice[1024];
    icmp_socket_advice(error, options->socket, advice, sizeof advice);
    report("no ICMP socket", advice);
    return PING_ERROR;
}

/* A machine may well lack one of the families; who pings it is told then. */
int sockets_open(struct ping *ping)
{
    int error = 0;
    bool any = false;
    for (size_t i = 0; i < LANES; i++) {
        ping->lanes[i].socket.fd = -1;
        if (!is_wanted(&ping->options, i)) continue;
        int failure = icmp_socket_open(&ping->lanes[i].socket, family_of(i), ping->options.socket);
        if (failure == 0)
            any = true;
        else if (error == 0)
            error = failure;
    }
    return any ? EXIT_OK : no_socket(&ping->options, error);
}

static int set_source(const struct options *options, struct icmp_socket *socket)
{
    proto_address source = {.family = PROTO_FAMILY_NONE};
    if (!options->source) return icmp_socket_bind(socket, NULL);
    bool six = socket->family == AF_INET6;
    if (inet_pton(socket->family, options->source, source.octets) == 1) {
        source.family = six ? PROTO_IPV6 : PROTO_IPV4;
        return icmp_socket_bind(socket, &source);
    }
    int error = icmp_socket_use_interface(socket, options->source);
    return error != 0 ? error : icmp_socket_bind(socket, NULL);
}

/* No link is so narrow that what is short is cut to pieces. Saying so spares the system the search
   for an identification, which only pieces need (RFC 6864 section 4.1): a twentieth of what a ping
   costs. */
static bool forbids_fragments(const struct options *options, const struct icmp_socket *socket)
{
    enum { SHORT = 552 - 20 - 8 }; /* Linux does not believe in narrower paths */
    return options->dont_fragment || (socket->family == AF_INET && options->size <= SHORT);
}

static int set_up_socket(const struct options *options, struct icmp_socket *socket)
{
    socket->own_stamps = options->user_stamps;
    int error = set_source(options, socket);
    if (error != 0) {
        report(options->source ? options->source : "bind", strerror(error));
        return PING_ERROR;
    }
    if (error == 0 && options->ttl > 0) error = icmp_socket_set_ttl(socket, options->ttl);
    if (error == 0 && forbids_fragments(options, socket))
        error = icmp_socket_forbid_fragments(socket);
    if (error == 0 && options->broadcast) error = icmp_socket_allow_broadcast(socket);
    if (error == 0) return EXIT_OK;
    report("socket", strerror(error));
    return PING_ERROR;
}

/* ------------------------------------------------------------------------------------- engines -- */

static int no_memory(void)
{
    report("memory", strerror(ENOMEM));
    return PING_ERROR;
}

/* Anybody may answer. Broadcast addresses of a subnet cannot be told from others; who allows them
   expects several answers. */
static bool is_group(const proto_address *address, bool broadcast)
{
    if (address->family == PROTO_IPV6) return address->octets[0] == 0xff;
    return (address->octets[0] & 0xf0) == 0xe0 || broadcast;
}

static uint8_t digit(char character)
{
    if (character <= '9') return (uint8_t)(character - '0');
    return (uint8_t)((character | 0x20) - 'a' + 10);
}

/* What a request carries behind its cookie: the pattern, or all numbers one after the other. */
static bool make_data(struct ping *ping)
{
    const char *pattern = ping->options.pattern;
    size_t digits = pattern ? strlen(pattern) : 0;
    ping->data = malloc(ping->options.size + 1);
    if (!ping->data) return false;
    for (size_t i = 0; i < ping->options.size; i++) {
        if (digits == 0) {
            ping->data[i] = (uint8_t)i;
        } else if (digits == 1) {
            ping->data[i] = digit(pattern[0]);
        } else {
            size_t pair = i % (digits / 2) * 2;
            ping->data[i] = (uint8_t)(digit(pattern[pair]) << 4 | digit(pattern[pair + 1]));
        }
    }
    return true;
}

static bool make_targets(struct ping *ping)
{
    size_t counts[LANES] = {0};
    for (size_t i = 0; i < ping->hosts.count; i++)
        counts[ping->hosts.list[i].address.family == PROTO_IPV6]++;
    for (size_t i = 0; i < LANES; i++) {
        ping->lanes[i].targets = memory_array(counts[i], sizeof *ping->lanes[i].targets);
        if (!ping->lanes[i].targets) return false;
    }
    return true;
}

static bool share_out(struct ping *ping)
{
    if (!make_targets(ping)) return false;
    for (size_t i = 0; i < ping->hosts.count; i++) {
        struct host *host = &ping->hosts.list[i];
        struct lane *lane = &ping->lanes[host->address.family == PROTO_IPV6];
        host->target = &lane->targets[lane->target_count++];
        host->rtt = ping->shared ? NULL : &ping->rtts[i];
        *host->target = (proto_probe_target){
            .address = host->address,
            .group = is_group(&host->address, ping->options.broadcast),
            .rtt = ping->shared ? ping->rtts : &ping->rtts[i],
            .user = host,
        };
    }
    return true;
}

/* So many as can be told apart for as long as late replies are; of a flood as many as there may be. */
static size_t slots_for(const struct ping *ping, const struct lane *lane)
{
    const struct options *options = &ping->options;
    uint64_t all = MOST_SLOTS;
    size_t slots = FEWEST_SLOTS;
    if (options->window == 0 && !options->adaptive && options->interval > 0)
        all = ((options->timeout + options->linger) / options->interval + 2) * lane->target_count;
    if (options->count > 0 && options->count < all / lane->target_count)
        all = options->count * lane->target_count;
    while (slots < all && slots < MOST_SLOTS)
        slots *= 2;
    return slots;
}

/* Hosts are not pinged all at once: within half of the interval, and a hundred a second at most where
   there is time for that. */
static uint64_t gap_for(const struct ping *ping)
{
    const struct options *options = &ping->options;
    if (options->has_gap) return options->gap;
    if (options->window > 0 || ping->hosts.count == 1) return 0;
    uint64_t gap = options->interval / (2 * ping->hosts.count);
    return gap < MILLISECONDS(10) ? gap : MILLISECONDS(10);
}

static uint32_t window_for(const struct ping *ping, const struct lane *lane)
{
    if (ping->options.window > 0) return ping->options.window;
    return ping->options.adaptive ? (uint32_t)lane->target_count : 0;
}

static int begin_engine(struct ping *ping, struct lane *lane, proto_family family)
{
    proto_probe_config config = {
        .codec = &proto_probe_echo_codec,
        .settings = &lane->echo,
        .interval = ping->options.interval,
        .gap = gap_for(ping),
        .timeout = ping->options.timeout,
        .linger = ping->options.linger,
        .count = ping->options.count,
        .window = window_for(ping, lane),
    };
    if (getrandom(config.key, sizeof config.key, 0) != (ssize_t)sizeof config.key) {
        report("random numbers", strerror(errno));
        return PING_ERROR;
    }
    lane->gap = config.gap;
    proto_probe_echo_init(&lane->echo, family, lane->socket.identifier,
                          proto_slice_of(ping->data, ping->options.size));
    proto_probe_init(&lane->engine, &config, lane->targets, lane->target_count, lane->slots,
                     slots_for(ping, lane), ping->began);
    return EXIT_OK;
}

static int begin_lane(struct ping *ping, size_t index)
{
    struct lane *lane = &ping->lanes[index];
    if (lane->target_count == 0) {
        icmp_socket_close(&lane->socket);
        return EXIT_OK;
    }
    if (lane->socket.fd < 0) return no_socket(&ping->options, EAFNOSUPPORT);
    lane->used = true;
    lane->slots = memory_array(slots_for(ping, lane), sizeof *lane->slots);
    if (!lane->slots || !icmp_outbox_init(&lane->out, ping->options.size + 8) ||
        !icmp_inbox_init(&lane->in, family_of(index), ping->options.size))
        return no_memory();
    int result = set_up_socket(&ping->options, &lane->socket);
    return result == EXIT_OK ? begin_engine(ping, lane, family_of(index)) : result;
}

int run_prepare(struct ping *ping)
{
    size_t count = ping->hosts.count;
    ping->shared = count > HISTOGRAMS;
    ping->rtts = memory_array(ping->shared ? 1 : count, sizeof *ping->rtts);
    if (!ping->rtts || !make_data(ping) || !share_out(ping)) return no_memory();
    prctl(PR_SET_TIMERSLACK, 1000); /* wakes up within a microsecond and not within fifty */
    ping->began = clock_exact();
    ping->wall = clock_real() - (int64_t)ping->began;
    timeline_begin(&ping->timeline, ping->began);
    for (size_t i = 0; i < LANES; i++) {
        int result = begin_lane(ping, i);
        if (result != EXIT_OK) return result;
    }
    return EXIT_OK;
}

void run_free(struct ping *ping)
{
    for (size_t i = 0; i < LANES; i++) {
        struct lane *lane = &ping->lanes[i];
        icmp_socket_close(&lane->socket);
        icmp_outbox_free(&lane->out);
        icmp_inbox_free(&lane->in);
    }
    free(ping->data);
}

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
