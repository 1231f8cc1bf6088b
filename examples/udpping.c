/* SPDX-License-Identifier: MIT */
/* A ping over UDP. udpping.h tells what is where. */
#include "udpping.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "dice.h"
#include "options.h"
#include "report.h"
#include "signals.h"

static const char help[] =
    "usage: udpping [OPTION]... SERVER_ADDRESS SERVER_PORT\n"
    "Sends numbered messages by UDP to a server that returns them, and shows how long each took.\n"
    "\n"
    "  -n, --count COUNT    how many messages (10); 0: until interrupted\n"
    "  -i, --interval TIME  from one message to the next (1): seconds, or 200ms\n"
    "  -W, --timeout TIME   how long a reply is waited for (1)\n"
    "  -4, -6               only IPv4, only IPv6\n"
    "      --json           a line of JSON for each event\n"
    "  -h, --help           say this\n"
    "  -V, --version        say which version this is\n"
    "\n"
    "Exit status: 0 if there was a reply, 1 if there was none or something failed, 2 wrong usage.\n";

enum { JSON = 256 };
#define LONGEST_TIME SECONDS(86400)
#define LINGER       SECONDS(30) /* for which a late reply is known for what it is */
#define BACK_OFF     MILLISECONDS(1)

static const struct option long_options[] = {
    {"count", required_argument, NULL, 'n'},
    {"interval", required_argument, NULL, 'i'},
    {"timeout", required_argument, NULL, 'W'},
    {"json", no_argument, NULL, JSON},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* ------------------------------------------------------------------------------ command line -- */

static int read_count(uint64_t *count, const char *text)
{
    if (option_number(text, UINT32_MAX, count)) return EXIT_OK;
    return misused(text, "not a number of messages");
}

static int read_time(uint64_t *time, const char *text)
{
    if (option_time(text, LONGEST_TIME, time) && *time > 0) return EXIT_OK;
    return misused(text, "not a time of at most a day, such as 1.5 or 200ms");
}

/* Returns EXIT_OK to go on, anything else to exit with, or -1 where all is said and done. */
static int read_option(struct udpping *ping, int option)
{
    switch (option) {
    case 'n': return read_count(&ping->count, optarg);
    case 'i': return read_time(&ping->interval, optarg);
    case 'W': return read_time(&ping->timeout, optarg);
    case '4': ping->family = AF_INET; return EXIT_OK;
    case '6': ping->family = AF_INET6; return EXIT_OK;
    case JSON: ping->json = true; return EXIT_OK;
    case 'h': fputs(help, stdout); return -1;
    case 'V': printf("udpping (libproto) %s\n", proto_version()); return -1;
    default: return EXIT_USAGE; /* getopt has said why */
    }
}

static int read_options(struct udpping *ping, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "n:i:W:46hV", long_options, NULL)) != -1) {
        int result = read_option(ping, option);
        if (result != EXIT_OK) return result;
    }
    if (argc - optind != 2) return misused("arguments", "not SERVER_ADDRESS SERVER_PORT");
    ping->host = argv[optind];
    ping->port = argv[optind + 1];
    uint64_t number;
    if (ping->port[0] >= '0' && ping->port[0] <= '9' &&
        (!option_number(ping->port, 65535, &number) || number == 0))
        return misused(ping->port, "not a port from 1 to 65535");
    return EXIT_OK;
}

/* ------------------------------------------------------------------------------------ sending -- */

/* Returns when to try again: at once where there is nothing to be tried. */
static uint64_t send_due(struct udpping *ping)
{
    for (;;) {
        uint8_t text[64];
        proto_out out = proto_out_of(text, sizeof text);
        proto_probe_report report;
        if (!proto_probe_send(&ping->engine, clock_exact(), &out, &report)) return 0;
        proto_slice message = proto_slice_of(out.ptr, out.len);
        int error = datagram_send(&ping->socket, message, NULL, NULL);
        if (error == EAGAIN || error == ENOBUFS) { /* no room now, which is no loss */
            proto_probe_unsend(&ping->engine);
            return clock_exact() + BACK_OFF;
        }
        if (error == 0) continue;
        proto_probe_refuse(&ping->engine, report.number);
        say_refused(ping, &report, strerror(error));
    }
}

/* ---------------------------------------------------------------------------------- receiving -- */

static void take(struct udpping *ping, const proto_probe_arrival *arrival)
{
    proto_probe_report report;
    proto_probe_event event = proto_probe_receive(&ping->engine, arrival, &report);
    say_event(ping, event, &report, arrival, arrival->when);
}

/* What ICMP has to say comes through a queue of its own, with the message that it is about. */
static void take_errors(struct udpping *ping)
{
    while (datagram_error_receive(&ping->socket, &ping->error)) {
        const struct datagram_error *error = &ping->error;
        if (!error->icmp) continue; /* this machine's own; sending has said it */
        proto_probe_arrival arrival = {
            .bytes = error->bytes,
            .source = error->from,
            .destination = ping->target.address,
            .when = error->arrived,
            .form = PROTO_PROBE_RETURNED,
            .ttl = -1,
            .type = error->type,
            .code = error->code,
            .info = error->mtu,
        };
        take(ping, &arrival);
    }
}

static void take_all(struct udpping *ping)
{
    do {
        /* An error here is about an earlier message; the queue of errors has it. */
        (void)datagram_receive(&ping->socket, &ping->batch);
        for (unsigned i = 0; i < ping->batch.count; i++) {
            const struct datagram *it = &ping->batch.each[i];
            proto_probe_arrival arrival = {
                .bytes = it->bytes,
                .source = it->from,
                .destination = it->to,
                .when = it->arrived,
                .ttl = -1,
            };
            take(ping, &arrival);
        }
    } while (ping->batch.count == DATAGRAM_BATCH);
    take_errors(ping);
}

static void expire(struct udpping *ping)
{
    proto_probe_report report;
    uint64_t now = clock_exact();
    while (proto_probe_expire(&ping->engine, now, &report) == PROTO_PROBE_TIMEOUT)
        say_event(ping, PROTO_PROBE_TIMEOUT, &report, NULL, now);
}

/* --------------------------------------------------------------------------------------- loop -- */

static void run(struct udpping *ping)
{
    const int fds[2] = {ping->stop, ping->socket.fd};
    uint64_t again = send_due(ping);
    while (!proto_probe_is_done(&ping->engine) && !signals_stopped(ping->stop)) {
        uint64_t deadline = proto_probe_deadline(&ping->engine);
        datagram_await(fds, 2, again > deadline ? again : deadline);
        /* What has come before the deadline counts, even if this program is late. */
        take_all(ping);
        expire(ping);
        again = send_due(ping);
    }
}

/* The time of day in the messages is that of the user's clock and zone. */
static int64_t zone_offset(int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm local;
    return localtime_r(&time, &local) ? (int64_t)local.tm_gmtoff * 1000000000 : 0;
}

/* Where a message goes just when the wait for the last one ends, the end comes first. */
static uint64_t in_turn(const struct udpping *ping)
{
    return ping->interval == ping->timeout ? MILLISECONDS(1) : 0;
}

static void begin(struct udpping *ping)
{
    proto_probe_config config = {
        .codec = &proto_probe_text_codec,
        .settings = &ping->text,
        .interval = ping->interval + in_turn(ping),
        .timeout = ping->timeout,
        .linger = LINGER,
        .count = ping->count,
    };
    random_bytes(config.key, sizeof config.key);
    proto_rtt_init(&ping->rtt);
    ping->target.rtt = &ping->rtt;
    ping->wall = clock_real() - (int64_t)clock_exact();
    ping->text.wall = ping->wall + zone_offset(clock_seconds());
    proto_probe_init(&ping->engine, &config, &ping->target, 1, ping->slots, SLOTS, clock_exact());
}

int main(int argc, char **argv)
{
    static struct udpping ping = {.count = 10, .interval = SECONDS(1), .timeout = SECONDS(1)};
    const char *why = "";
    int result = read_options(&ping, argc, argv);
    if (result != EXIT_OK) return result < 0 ? EXIT_OK : result;
    ping.stop = signals_stop();
    if (ping.stop < 0) return failed("signals", strerror(errno));
    /* Names are looked up before anything is timed. */
    if (!datagram_dial(&ping.socket, ping.host, ping.port, ping.family, &ping.target.address, &why))
        return failed(ping.host, why);
    begin(&ping);
    run(&ping);
    say_summary(&ping);
    datagram_close(&ping.socket);
    return ping.target.counts.received > 0 ? EXIT_OK : EXIT_FAILED;
}
