/* SPDX-License-Identifier: MIT */
/* Sockets, targets, engines: all that is there before the first ping. */
#include "ping.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>

#include "memory.h"

/* Above so many hosts they share one histogram: those of a hundred thousand would fill memory, and
   filling it would take longer than pinging. */
enum { HISTOGRAMS = 1000 };

/* Probes that are remembered, of all that there will be. */
enum { FEWEST_SLOTS = 1 << 10, MOST_SLOTS = 1 << 20 };

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
