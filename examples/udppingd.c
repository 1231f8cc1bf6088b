/* SPDX-License-Identifier: MIT */
/* A server to ping by UDP: returns what it gets in upper case, and loses some of it on purpose.
   udppingd.h tells what is where. */
#include "udppingd.h"

#include <errno.h>
#include <getopt.h>
#include <proto.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "clock.h"
#include "datagram.h"
#include "dice.h"
#include "options.h"
#include "report.h"
#include "signals.h"
#include "socket.h"
#include "visible.h"

static const char help[] =
    "usage: udppingd [OPTION]...\n"
    "Answers each UDP datagram with its text in upper case, but for some that it loses on purpose.\n"
    "\n"
    "  -p, --port PORT      the port to listen on (12000); 0 picks a free one\n"
    "  -b, --bind ADDRESS   the address to listen on (127.0.0.1); 0.0.0.0 or :: for all\n"
    "  -l, --loss CHANCE    how often a datagram is lost: percent, or one number of another (4/11)\n"
    "  -d, --delay TIME     answer so much later: seconds, or 20ms; of 20ms-100ms a random time,\n"
    "                       so that answers overtake each other\n"
    "  -s, --seed NUMBER    lose and delay as with the same number before\n"
    "  -q, --quiet          no line for each datagram\n"
    "  -h, --help           say this\n"
    "  -V, --version        say which version this is\n"
    "\n"
    "The first line of output is `listening on ADDRESS:PORT`. No more than 1,024 bytes of a datagram\n"
    "are returned, and nothing to ports below 1024, where other servers are. SIGTERM and SIGINT end\n"
    "the server once the answers that are due have been sent. Exit status: 0, 1 failed, 2 wrong\n"
    "usage.\n";

#define LONGEST_DELAY SECONDS(60)
#define DRAIN_LIMIT   SECONDS(5) /* for answers that are due after being told to stop */

enum { LOWEST_CLIENT_PORT = 1024, MAX_SHOWN = 256 };

struct options {
    uint16_t port;
    const char *bind;
    struct chance loss;
    uint64_t delay_from, delay_to;
    uint64_t seed;
    bool seeded;
    bool quiet;
};

static const struct option long_options[] = {
    {"port", required_argument, NULL, 'p'},
    {"bind", required_argument, NULL, 'b'},
    {"loss", required_argument, NULL, 'l'},
    {"delay", required_argument, NULL, 'd'},
    {"seed", required_argument, NULL, 's'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

struct server {
    struct options options;
    struct datagram_socket socket;
    int stop;
    bool stopping;
    uint64_t give_up; /* when not even what is due is sent any more */
    struct dice dice;
    uint64_t received, answered, lost, refused;
    struct datagram_batch batch;
    struct queue queue;
};

/* ------------------------------------------------------------------------------ command line -- */

static int read_port(uint16_t *port, const char *text)
{
    uint64_t number;
    if (!option_number(text, 65535, &number)) return misused(text, "not a port from 0 to 65535");
    *port = (uint16_t)number;
    return EXIT_OK;
}

static int read_loss(struct chance *loss, const char *text)
{
    if (option_chance(text, loss)) return EXIT_OK;
    return misused(text, "neither percent from 0 to 100 nor a part of a whole, such as 4/11");
}

static int read_delay(struct options *options, const char *text)
{
    if (option_times(text, LONGEST_DELAY, &options->delay_from, &options->delay_to)) return EXIT_OK;
    return misused(text, "neither a time of at most a minute nor a range of times");
}

static int read_seed(struct options *options, const char *text)
{
    options->seeded = true;
    if (option_number(text, UINT64_MAX, &options->seed)) return EXIT_OK;
    return misused(text, "not a whole number");
}

/* Returns EXIT_OK to go on, anything else to exit with, or -1 where all is said and done. */
static int read_option(struct options *options, int option)
{
    switch (option) {
    case 'p': return read_port(&options->port, optarg);
    case 'b': options->bind = optarg; return EXIT_OK;
    case 'l': return read_loss(&options->loss, optarg);
    case 'd': return read_delay(options, optarg);
    case 's': return read_seed(options, optarg);
    case 'q': options->quiet = true; return EXIT_OK;
    case 'h': fputs(help, stdout); return -1;
    case 'V': printf("udppingd (libproto) %s\n", proto_version()); return -1;
    default: return EXIT_USAGE; /* getopt has said why */
    }
}

static int read_options(struct options *options, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "p:b:l:d:s:qhV", long_options, NULL)) != -1) {
        int result = read_option(options, option);
        if (result != EXIT_OK) return result;
    }
    return optind < argc ? misused(argv[optind], "there is nothing to be given but options")
                         : EXIT_OK;
}

/* ---------------------------------------------------------------------------------- answering -- */

static void tell(const struct server *server, const struct datagram *it, const char *what)
{
    char from[ADDRESS_TEXT], text[MAX_SHOWN];
    if (server->options.quiet) return;
    address_text_with_port(&it->from, from);
    printf("%s %s: %s\n", what, from, visible(it->bytes, text, sizeof text));
}

static bool is_lost(struct server *server)
{
    struct chance loss = server->options.loss;
    return dice_roll(&server->dice, loss.whole) < loss.part;
}

static uint64_t delay_of(struct server *server)
{
    uint64_t from = server->options.delay_from;
    return from + dice_roll(&server->dice, server->options.delay_to - from + 1);
}

/* As in C's own locale, whatever the user's is. */
static void put_upper_case(struct reply *reply, proto_slice text)
{
    reply->len = text.len < MAX_TEXT ? text.len : MAX_TEXT;
    for (size_t i = 0; i < reply->len; i++) {
        uint8_t byte = text.ptr[i];
        reply->text[i] = byte >= 'a' && byte <= 'z' ? (uint8_t)(byte - 'a' + 'A') : byte;
    }
}

/* Whoever forges a sender could have two servers talk to each other for ever. */
static bool is_a_server(const struct server *server, const proto_address *from)
{
    return from->port < LOWEST_CLIENT_PORT || from->port == server->options.port;
}

static void answer(struct server *server, const struct datagram *it)
{
    server->received++;
    if (is_a_server(server, &it->from)) {
        server->refused++;
        tell(server, it, "no answer to the port of a server,");
        return;
    }
    /* Both are thrown whatever comes of it, so that a seed always means the same. */
    bool lost = is_lost(server);
    uint64_t delay = delay_of(server);
    struct reply *reply = lost ? NULL : queue_new(&server->queue);
    if (!reply) {
        server->lost += lost;
        server->refused += !lost;
        tell(server, it, lost ? "lost" : "no room for the answer to");
        return;
    }
    reply->due = it->arrived + delay;
    reply->to = it->from;
    reply->from = it->to;
    put_upper_case(reply, it->bytes);
    queue_put(&server->queue, reply);
    tell(server, it, "answered");
}

/* What the system cannot take now is lost, as it would be on the way. */
static void send_due(struct server *server, uint64_t now)
{
    for (struct reply *it; (it = queue_first(&server->queue)) && it->due <= now;) {
        proto_slice text = proto_slice_of(it->text, it->len);
        if (datagram_send(&server->socket, text, &it->to, &it->from) == 0) {
            server->answered++;
        } else {
            server->refused++;
        }
        queue_drop_first(&server->queue);
    }
}

/* --------------------------------------------------------------------------------------- loop -- */

static void receive(struct server *server)
{
    int error = datagram_receive(&server->socket, &server->batch);
    if (error != 0) report("receiving", strerror(error));
    for (unsigned i = 0; i < server->batch.count; i++)
        answer(server, &server->batch.each[i]);
    if (server->batch.count > 0) fflush(stdout);
}

static void be_told_to_stop(struct server *server)
{
    if (!signals_stopped(server->stop)) return;
    server->give_up = server->stopping ? 0 : clock_exact() + DRAIN_LIMIT;
    server->stopping = true;
}

static bool is_over(struct server *server)
{
    return server->stopping && (server->queue.count == 0 || clock_exact() >= server->give_up);
}

static void serve(struct server *server)
{
    const int fds[2] = {server->stop, server->socket.fd};
    while (!is_over(server)) {
        struct reply *first = queue_first(&server->queue);
        uint64_t deadline = first ? first->due : PROTO_NEVER;
        if (server->stopping && deadline > server->give_up) deadline = server->give_up;
        datagram_await(fds, server->stopping ? 1 : 2, deadline);
        be_told_to_stop(server);
        if (!server->stopping) receive(server);
        send_due(server, clock_exact());
    }
}

static void print_counts(const struct server *server)
{
    printf("%llu received, %llu answered, %llu lost on purpose, %llu not answered\n",
           (unsigned long long)server->received, (unsigned long long)server->answered,
           (unsigned long long)server->lost,
           (unsigned long long)server->refused + (unsigned long long)server->queue.count);
}

static int open_server(struct server *server)
{
    struct options *options = &server->options;
    const char *why = "";
    char address[SOCKET_TEXT];
    server->stop = signals_stop();
    if (server->stop < 0) return failed("signals", strerror(errno));
    server->dice.state = options->seed;
    if (!options->seeded) random_bytes(&server->dice.state, sizeof server->dice.state);
    if (!datagram_listen(&server->socket, options->bind, options->port, &why)) {
        char where[300];
        snprintf(where, sizeof where, "%.255s port %u", options->bind, (unsigned)options->port);
        return failed(where, why);
    }
    socket_text(server->socket.fd, address);
    options->port = datagram_port(&server->socket);
    printf("listening on %s\n", address);
    fflush(stdout);
    return EXIT_OK;
}

int main(int argc, char **argv)
{
    static struct server server;
    server.options = (struct options){.port = 12000, .bind = "127.0.0.1", .loss = {4, 11}};
    int result = read_options(&server.options, argc, argv);
    if (result != EXIT_OK) return result < 0 ? EXIT_OK : result;
    result = open_server(&server);
    if (result != EXIT_OK) return result;
    serve(&server);
    print_counts(&server);
    datagram_close(&server.socket);
    return EXIT_OK;
}
