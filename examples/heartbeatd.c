/* SPDX-License-Identifier: MIT */
/* Watches the heartbeats of any number of senders. heartbeatd.h tells what is where. */
#include "heartbeatd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "dice.h"
#include "options.h"
#include "report.h"
#include "signals.h"
#include "socket.h"

static const char help[] =
    "usage: heartbeatd [OPTION]...\n"
    "Listens for heartbeats by UDP, says how long each was under way and which are lost, and which\n"
    "senders have stopped and are back.\n"
    "\n"
    "  -p, --port PORT       the port to listen on (12001); 0 picks a free one\n"
    "  -b, --bind ADDRESS    the address to listen on (127.0.0.1); 0.0.0.0 or :: for all\n"
    "  -t, --silence TIME    after how long without a heartbeat a sender has stopped (5): seconds,\n"
    "                        or 500ms\n"
    "  -a, --adaptive[=PHI]  after a silence that is too unlikely for how it was heard so far: once\n"
    "                        in 10^PHI times (8)\n"
    "  -g, --grace TIME      how long a missing heartbeat may still come before it is lost (1)\n"
    "  -r, --reorder COUNT   how many later ones make it lost (3)\n"
    "      --senders COUNT   for how many senders there is room (1024)\n"
    "  -T, --table           show a table of all senders; on a terminal that is so anyway\n"
    "      --lines           show no table\n"
    "      --json            a line of JSON for each event\n"
    "  -q, --quiet           no line for heartbeats that come as they should\n"
    "  -h, --help            say this\n"
    "  -V, --version         say which version this is\n"
    "\n"
    "The first line of output is `listening on ADDRESS:PORT`. SIGTERM and SIGINT end the server; a\n"
    "table of all senders is the last it says. Exit status: 0, 1 failed, 2 wrong usage.\n";

enum { JSON = 256, SENDERS, LINES, MAX_BATCHES = 16 };
#define LONGEST_TIME SECONDS(86400)

static const struct option long_options[] = {
    {"port", required_argument, NULL, 'p'},
    {"bind", required_argument, NULL, 'b'},
    {"silence", required_argument, NULL, 't'},
    {"adaptive", optional_argument, NULL, 'a'},
    {"grace", required_argument, NULL, 'g'},
    {"reorder", required_argument, NULL, 'r'},
    {"senders", required_argument, NULL, SENDERS},
    {"table", no_argument, NULL, 'T'},
    {"lines", no_argument, NULL, LINES},
    {"json", no_argument, NULL, JSON},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* ------------------------------------------------------------------------------ command line -- */

static int read_port(uint16_t *port, const char *text)
{
    uint64_t number;
    if (!option_number(text, 65535, &number)) return misused(text, "not a port from 0 to 65535");
    *port = (uint16_t)number;
    return EXIT_OK;
}

static int read_time(uint64_t *time, const char *text)
{
    if (option_time(text, LONGEST_TIME, time) && *time > 0) return EXIT_OK;
    return misused(text, "not a time of at most a day, such as 1.5 or 200ms");
}

static int read_suspicion(uint32_t *suspicion, const char *text)
{
    uint64_t number = 8;
    if (text && (!option_number(text, 32, &number) || number == 0))
        return misused(text, "not a number from 1 to 32");
    *suspicion = (uint32_t)number * 1000;
    return EXIT_OK;
}

static int read_reorder(uint32_t *reorder, const char *text)
{
    uint64_t number;
    if (!option_number(text, PROTO_HEARTBEAT_REORDER, &number) || number == 0)
        return misused(text, "not a number from 1 to 8");
    *reorder = (uint32_t)number;
    return EXIT_OK;
}

static int read_senders(uint64_t *senders, const char *text)
{
    if (option_number(text, MAX_SENDERS, senders) && *senders > 0) return EXIT_OK;
    return misused(text, "not a number from 1 to 1000000");
}

/* Returns EXIT_OK to go on, anything else to exit with, or -1 where all is said and done. */
static int read_option(struct options *options, int option)
{
    switch (option) {
    case 'p': return read_port(&options->port, optarg);
    case 'b': options->bind = optarg; return EXIT_OK;
    case 't': return read_time(&options->receiver.silence, optarg);
    case 'a': return read_suspicion(&options->receiver.suspicion, optarg);
    case 'g': return read_time(&options->receiver.grace, optarg);
    case 'r': return read_reorder(&options->receiver.reorder, optarg);
    case SENDERS: return read_senders(&options->senders, optarg);
    case 'T': options->table = true; return EXIT_OK;
    case LINES: options->table = false; return EXIT_OK;
    case JSON: options->json = true; return EXIT_OK;
    case 'q': options->quiet = true; return EXIT_OK;
    case 'h': fputs(help, stdout); return -1;
    case 'V': printf("heartbeatd (libproto) %s\n", proto_version()); return -1;
    default: return EXIT_USAGE; /* getopt has said why */
    }
}

static int read_options(struct options *options, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "p:b:t:a::g:r:TqhV", long_options, NULL)) != -1) {
        int result = read_option(options, option);
        if (result != EXIT_OK) return result;
    }
    if (options->json) options->table = false;
    return optind < argc ? misused(argv[optind], "there is nothing to be given but options")
                         : EXIT_OK;
}

/* --------------------------------------------------------------------------------------- loop -- */

static void expire(struct server *server, uint64_t now)
{
    proto_heartbeat_report report;
    proto_heartbeat_event event;
    while ((event = proto_heartbeat_expire(&server->receiver, now, &report)) !=
           PROTO_HEARTBEAT_NONE)
        say_event(server, event, &report, NULL, now);
}

/* Whatever has become certain before a datagram arrived is said before it. */
static void take(struct server *server, const struct datagram *it)
{
    proto_heartbeat_arrival arrival = {
        .bytes = it->bytes,
        .source = it->from,
        .when = it->arrived,
        .wall = it->arrived_real,
    };
    proto_heartbeat_report report;
    expire(server, it->arrived);
    proto_heartbeat_event event = proto_heartbeat_receive(&server->receiver, &arrival, &report);
    say_event(server, event, &report, it, it->arrived);
    expire(server, it->arrived);
}

/* Not for ever, so that who sends without end does not keep all else from being done. */
static void receive(struct server *server)
{
    for (unsigned batches = 0; batches < MAX_BATCHES; batches++) {
        int error = datagram_receive(&server->socket, &server->batch);
        if (error != 0) report("receiving", strerror(error));
        server->wall = server->socket.clock.real - (int64_t)server->socket.clock.exact;
        for (unsigned i = 0; i < server->batch.count; i++)
            take(server, &server->batch.each[i]);
        if (server->batch.count < DATAGRAM_BATCH) break;
    }
    if (server->socket.overflowed == server->overflowed) return;
    say_overflow(server, server->socket.overflowed - server->overflowed);
    server->overflowed = server->socket.overflowed;
}

static void serve(struct server *server)
{
    const int fds[2] = {server->stop, server->socket.fd};
    while (!signals_stopped(server->stop)) {
        uint64_t drawing = table_draw(server, clock_exact());
        uint64_t deadline = proto_heartbeat_deadline(&server->receiver);
        fflush(stdout);
        datagram_await(fds, 2, drawing < deadline ? drawing : deadline);
        receive(server);
        expire(server, clock_exact());
    }
}

static int open_server(struct server *server)
{
    struct options *options = &server->options;
    const char *why = "";
    char address[SOCKET_TEXT];
    server->stop = signals_stop();
    if (server->stop < 0) return failed("signals", strerror(errno));
    server->peers = malloc(options->senders * sizeof *server->peers);
    if (!server->peers) return failed("memory", strerror(ENOMEM));
    random_bytes(options->receiver.key, sizeof options->receiver.key);
    proto_heartbeat_receiver_init(&server->receiver, &options->receiver, server->peers,
                                  options->senders);
    if (!datagram_listen(&server->socket, options->bind, options->port, &why)) {
        char where[300];
        snprintf(where, sizeof where, "%.255s port %u", options->bind, (unsigned)options->port);
        return failed(where, why);
    }
    server->wall = clock_real() - (int64_t)clock_exact();
    socket_text(server->socket.fd, address);
    printf("listening on %s\n", address);
    fflush(stdout);
    return EXIT_OK;
}

int main(int argc, char **argv)
{
    static struct server server;
    server.options = (struct options){
        .port = 12001,
        .bind = "127.0.0.1",
        .senders = 1024,
        .table = isatty(STDOUT_FILENO),
        .receiver = {.silence = SECONDS(5), .grace = SECONDS(1), .reorder = 3},
    };
    int result = read_options(&server.options, argc, argv);
    if (result != EXIT_OK) return result < 0 ? EXIT_OK : result;
    result = open_server(&server);
    if (result != EXIT_OK) return result;
    serve(&server);
    if (!server.options.json) table_print(&server, clock_exact());
    datagram_close(&server.socket);
    free(server.peers);
    return EXIT_OK;
}
