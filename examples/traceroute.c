/* SPDX-License-Identifier: MIT */
/* Which routers are on the way to a host. traceroute.h tells what is where. */
#include "traceroute.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "datagram.h"
#include "dice.h"
#include "report.h"
#include "signals.h"

/* So many probes leave before what has arrived is looked at. On a short path the answers are there
   by then, and nothing more is sent past the destination. */
enum { VOLLEY = 12 };

#define FULL_WAIT MILLISECONDS(1) /* where the system has no room for a probe now */

/* ----------------------------------------------------------------------------------- sending -- */

/* Whether there was one to send, and the system took it or will never. */
static bool send_probe(struct route *route, struct sockets *sockets, bool *full)
{
    proto_trace_report report;
    int error;
    sockets->outbox.count = 0;
    proto_out sink = icmp_outbox_sink(&sockets->outbox);
    if (!proto_trace_send(&route->trace, clock_exact(), &sink, &report)) return false;
    if (sockets->own_out) report.destination.port = 0; /* a raw socket has its header already */
    icmp_outbox_add(&sockets->outbox, &sink, &report.destination, report.hop->ttl);
    if (icmp_send(&sockets->out, &sockets->outbox, 0, &error) == 1) {
        proto_trace_sent_at(&route->trace, report.probe, sockets->outbox.began);
        route->sent++;
        return true;
    }
    *full = error == EAGAIN || error == ENOBUFS;
    if (*full)
        proto_trace_unsend(&route->trace);
    else if (error == EMSGSIZE)
        proto_trace_too_big(&route->trace, sockets_mtu(sockets, &route->config.source));
    else
        proto_trace_refuse(&route->trace);
    if (!*full) route->refused = error;
    return !*full;
}

/* Whether any was sent; `full` says that there is no room for more. */
static bool send_volley(struct route *route, struct sockets *sockets, bool *full)
{
    unsigned sent = 0;
    *full = false;
    while (sent < VOLLEY && send_probe(route, sockets, full))
        sent++;
    return sent > 0;
}

/* --------------------------------------------------------------------------------- receiving -- */

static void take_arrivals(struct route *route, const struct icmp_inbox *inbox)
{
    proto_trace_report report;
    for (unsigned i = 0; i < inbox->count; i++)
        proto_trace_receive(&route->trace, &inbox->each[i], &report);
}

static void receive_from(struct route *route, struct icmp_socket *it, struct icmp_inbox *inbox)
{
    do {
        if (icmp_receive(it, inbox) != 0) break;
        take_arrivals(route, inbox);
    } while (inbox->count == ICMP_BATCH);
    if (it->raw) return;
    do {
        icmp_receive_errors(it, inbox);
        take_arrivals(route, inbox);
    } while (it->has_errors);
}

static void receive_all(struct route *route, struct sockets *sockets)
{
    for (unsigned i = 0; i < sockets->count; i++)
        receive_from(route, &sockets->in[i], &sockets->inbox);
}

/* ------------------------------------------------------------------------------------ output -- */

/* Names are for the end: looking one up takes as long as it takes, and answers would wait. */
static void show_hops(struct route *route, bool running)
{
    const proto_trace_hop *hop;
    if (running && route->options->names) return;
    while ((hop = proto_trace_next(&route->trace)) != NULL) {
        if (route->options->json)
            json_hop(route, hop);
        else
            text_hop(route, hop);
    }
}

/* Why the host was not reached, where the last line does not show it. */
static int conclude(const struct route *route)
{
    static const char *const texts[] = {
#define TEXT(name, text) text,
        PROTO_TRACE_OUTCOMES(TEXT)
#undef TEXT
    };
    proto_trace_end end = proto_trace_outcome(&route->trace);
    if (end == PROTO_TRACE_END_REACHED) return EXIT_REACHED;
    if (route->sent == 0 && route->refused) {
        report(route->options->host, strerror(route->refused));
        return EXIT_ERROR;
    }
    report(route->options->host, texts[end]);
    if (route->refused) report("not all probes could be sent", strerror(route->refused));
    return EXIT_NOT_REACHED;
}

/* -------------------------------------------------------------------------------------- loop -- */

/* Until something arrives, time is up, or there is room again. */
static void await(const struct route *route, const struct sockets *sockets, int stop, bool full)
{
    int fds[3] = {stop};
    for (unsigned i = 0; i < sockets->count; i++)
        fds[1 + i] = sockets->in[i].fd;
    uint64_t deadline = proto_trace_deadline(&route->trace);
    if (full) deadline = clock_exact() + FULL_WAIT;
    datagram_await(fds, 1 + sockets->count, deadline);
}

static void run(struct route *route, struct sockets *sockets, int stop)
{
    while (proto_trace_outcome(&route->trace) == PROTO_TRACE_END_RUNNING) {
        proto_trace_report report;
        bool full, sent = send_volley(route, sockets, &full);
        receive_all(route, sockets);
        while (proto_trace_expire(&route->trace, clock_exact(), &report))
            continue;
        show_hops(route, true);
        if (signals_stopped(stop)) proto_trace_stop(&route->trace);
        if (!sent && proto_trace_outcome(&route->trace) == PROTO_TRACE_END_RUNNING)
            await(route, sockets, stop, full);
    }
    route->ended = clock_exact();
}

static void configure(struct route *route, const struct sockets *sockets,
                      const proto_address *source, uint16_t identifier)
{
    const struct options *options = route->options;
    proto_trace_config *config = &route->config;
    route->destination.port = options->port;
    random_bytes(config->key, sizeof config->key);
    proto_trace_config_init(config, options->icmp ? PROTO_TRACE_ICMP : PROTO_TRACE_UDP, source,
                            &route->destination);
    config->identifier = identifier;
    config->flow = options->classic ? PROTO_TRACE_CLASSIC : PROTO_TRACE_PARIS;
    config->with_header = sockets->own_out;
    config->find_mtu = options->find_mtu;
    config->first_hop = options->first_hop;
    config->last_hop = options->last_hop;
    config->queries = options->queries;
    config->max_silent = options->max_silent;
    config->window = options->window;
    config->here = options->here;
    config->near = options->near;
    config->max_wait = options->max_wait;
    config->floor = options->floor;
    config->gap = options->gap;
    if (options->find_mtu) config->size = sockets_mtu(sockets, source);
    if (options->size > 0) config->size = options->size;
}

static int trace(struct route *route, struct sockets *sockets)
{
    proto_address source;
    uint16_t identifier;
    int stop = signals_stop();
    if (stop < 0) {
        report("signals", strerror(errno));
        return EXIT_ERROR;
    }
    if (!sockets_open(sockets, route->options, &route->destination, &source, &identifier))
        return EXIT_ERROR;
    configure(route, sockets, &source, identifier);
    proto_trace_init(&route->trace, &route->config, route->hops, route->probes);
    if (route->options->json)
        json_begin(route);
    else
        text_begin(route);
    fflush(stdout);
    route->began = clock_exact();
    run(route, sockets, stop);
    show_hops(route, false);
    if (route->options->json) json_end(route);
    close(stop);
    return conclude(route);
}

int main(int argc, char **argv)
{
    static struct route route;
    static struct sockets sockets;
    struct options options = {
        .family = AF_UNSPEC,
        .queries = 3,
        .first_hop = 1,
        .last_hop = 30,
        .max_silent = 8,
        .window = 64,
        .here = 3,
        .near = 5,
        .max_wait = MILLISECONDS(1500),
        .floor = MILLISECONDS(1),
    };
    const char *why;
    int result = options_read(&options, argc, argv);
    if (result >= 0) return result;
    route.options = &options;
    if (address_resolve(options.host, NULL, options.family, &route.destination, 1, &why) == 0) {
        report(options.host, why);
        return EXIT_ERROR;
    }
    result = trace(&route, &sockets);
    sockets_close(&sockets);
    return result;
}
