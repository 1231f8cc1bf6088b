/* SPDX-License-Identifier: MIT */
/* Says at regular intervals that this machine is alive. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <proto.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "datagram.h"
#include "dice.h"
#include "options.h"
#include "report.h"
#include "signals.h"

static const char help[] =
    "usage: heartbeat [OPTION]... SERVER_ADDRESS SERVER_PORT\n"
    "Sends a heartbeat by UDP once a second: a number, and the time it is. heartbeatd watches them.\n"
    "\n"
    "  -i, --interval TIME  from one heartbeat to the next (1): seconds, or 200ms\n"
    "  -n, --count COUNT    stop after so many\n"
    "  -I, --id NAME        who this is (the name of this machine): up to 32 letters, digits or\n"
    "                       any of -._~:@+\n"
    "  -j, --jitter TIME    send each up to so much later, at random\n"
    "  -l, --loss CHANCE    do not send some, to try the server: percent, or 1/10\n"
    "  -s, --seed NUMBER    do not send the same ones as with the same number before\n"
    "  -4, -6               only IPv4, only IPv6\n"
    "  -q, --quiet          no line for each heartbeat\n"
    "  -h, --help           say this\n"
    "  -V, --version        say which version this is\n"
    "\n"
    "SIGTERM and SIGINT end it; its last heartbeat says so. Exit status: 0, 1 failed, 2 wrong usage.\n";

#define LONGEST_TIME SECONDS(86400)

enum { MAX_CLIENTS = 1000 }; /* of one name on one machine */

struct heartbeat {
    const char *host, *port;
    int family;
    uint64_t interval, jitter, count, sent;
    struct chance loss;
    struct dice dice;
    bool seeded, quiet;
    bool trouble; /* something went wrong since the last heartbeat */
    bool told;    /* and that has been said */
    int stop;
    char id[PROTO_HEARTBEAT_ID + 1];
    proto_address server;
    struct datagram_socket socket;
    struct datagram_error error;
    proto_heartbeat_sender sender;
};

/* ------------------------------------------------------------------------------ command line -- */

static const struct option long_options[] = {
    {"interval", required_argument, NULL, 'i'}, {"count", required_argument, NULL, 'n'},
    {"id", required_argument, NULL, 'I'},       {"jitter", required_argument, NULL, 'j'},
    {"loss", required_argument, NULL, 'l'},     {"seed", required_argument, NULL, 's'},
    {"quiet", no_argument, NULL, 'q'},          {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},        {NULL, 0, NULL, 0},
};

static int read_interval(struct heartbeat *it, const char *text)
{
    if (option_time(text, LONGEST_TIME, &it->interval) && it->interval > 0) return EXIT_OK;
    return misused(text, "not a time of at most a day, such as 1.5 or 200ms");
}

static int read_jitter(struct heartbeat *it, const char *text)
{
    if (option_time(text, LONGEST_TIME, &it->jitter)) return EXIT_OK;
    return misused(text, "not a time");
}

static int read_count(struct heartbeat *it, const char *text)
{
    if (option_number(text, UINT64_MAX, &it->count) && it->count > 0) return EXIT_OK;
    return misused(text, "not a number of heartbeats");
}

static int read_loss(struct heartbeat *it, const char *text)
{
    if (option_chance(text, &it->loss)) return EXIT_OK;
    return misused(text, "neither percent from 0 to 100 nor a part of a whole, such as 1/10");
}

static int read_seed(struct heartbeat *it, const char *text)
{
    it->seeded = true;
    if (option_number(text, UINT64_MAX, &it->dice.state)) return EXIT_OK;
    return misused(text, "not a whole number");
}

/* What fits is for the library to say. */
static int read_id(struct heartbeat *it, const char *text)
{
    uint8_t bytes[PROTO_HEARTBEAT_LENGTH];
    proto_out out = proto_out_of(bytes, sizeof bytes);
    proto_heartbeat beat = {.id = proto_slice_text(text)};
    if (!*text || proto_heartbeat_write(&beat, &out) != PROTO_OK)
        return misused(text, "not a name of 1 to 32 letters, digits or any of -._~:@+");
    memcpy(it->id, text, strlen(text) + 1);
    return EXIT_OK;
}

/* Returns EXIT_OK to go on, anything else to exit with, or -1 where all is said and done. */
static int read_option(struct heartbeat *it, int option)
{
    switch (option) {
    case 'i': return read_interval(it, optarg);
    case 'n': return read_count(it, optarg);
    case 'I': return read_id(it, optarg);
    case 'j': return read_jitter(it, optarg);
    case 'l': return read_loss(it, optarg);
    case 's': return read_seed(it, optarg);
    case '4': it->family = AF_INET; return EXIT_OK;
    case '6': it->family = AF_INET6; return EXIT_OK;
    case 'q': it->quiet = true; return EXIT_OK;
    case 'h': fputs(help, stdout); return -1;
    case 'V': printf("heartbeat (libproto) %s\n", proto_version()); return -1;
    default: return EXIT_USAGE; /* getopt has said why */
    }
}

static int read_options(struct heartbeat *it, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "i:n:I:j:l:s:46qhV", long_options, NULL)) != -1) {
        int result = read_option(it, option);
        if (result != EXIT_OK) return result;
    }
    if (it->jitter >= it->interval) return misused("--jitter", "as long as the interval or longer");
    if (argc - optind != 2) return misused("arguments", "not SERVER_ADDRESS SERVER_PORT");
    it->host = argv[optind];
    it->port = argv[optind + 1];
    return EXIT_OK;
}

/* ----------------------------------------------------------------------------------- identity -- */

/* Whether no other process of this machine has the name. It is free again when this one ends,
   however that may be. */
static bool claim(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1,
                          "libproto/heartbeat/%s", name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return true;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    if (bind(fd, (struct sockaddr *)&address, size) == 0 || errno != EADDRINUSE) return true;
    close(fd);
    return false;
}

/* The name of this machine; the second client that runs on it adds a 2, and so on. So two of them
   are two senders, and one that is started anew is the one it was. */
static void choose_id(struct heartbeat *it)
{
    char host[PROTO_HEARTBEAT_ID - 4] = "";
    gethostname(host, sizeof host - 1);
    for (char *at = host; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '.') *at = '-';
    for (unsigned number = 1; number < MAX_CLIENTS; number++) {
        snprintf(it->id, sizeof it->id, number == 1 ? "%s" : "%s-%u", *host ? host : "unnamed",
                 number);
        if (claim(it->id)) return;
    }
}

/* ------------------------------------------------------------------------------------ sending -- */

/* What goes wrong with every heartbeat is said once, and again after one went well. */
static void complain(struct heartbeat *it, const char *what, const char *why)
{
    if (!it->told) report(what, why);
    it->trouble = it->told = true;
}

static void look_for_errors(struct heartbeat *it)
{
    while (datagram_error_receive(&it->socket, &it->error)) {
        char from[ADDRESS_TEXT];
        const struct datagram_error *error = &it->error;
        if (!error->icmp) continue;
        address_text(&error->from, from);
        complain(it, from,
                 proto_icmp_text((proto_family)it->server.family, error->type, error->code));
    }
}

static void show(const struct heartbeat *it, const char *what, const proto_out *out)
{
    if (it->quiet) return;
    printf("%s%.*s", what, (int)out->len, (const char *)out->ptr);
    fflush(stdout);
}

/* What the system did not take keeps its number, so that it does not look lost. */
static void send_due(struct heartbeat *it)
{
    uint8_t text[PROTO_HEARTBEAT_LENGTH];
    proto_out out = proto_out_of(text, sizeof text);
    uint64_t random = dice_roll(&it->dice, UINT64_MAX);
    if (!proto_heartbeat_send(&it->sender, clock_exact(), clock_real(), random, &out)) return;
    if (!it->trouble) it->told = false;
    it->trouble = false;
    it->sent++;
    if (dice_roll(&it->dice, it->loss.whole) < it->loss.part) {
        show(it, "not sent: ", &out);
        return;
    }
    int error = datagram_send(&it->socket, proto_slice_of(out.ptr, out.len), NULL, NULL);
    if (error == 0) {
        show(it, "", &out);
        return;
    }
    it->sent--;
    proto_heartbeat_unsend(&it->sender);
    complain(it, it->host, strerror(error));
}

static void say_bye(struct heartbeat *it)
{
    uint8_t text[PROTO_HEARTBEAT_LENGTH];
    proto_out out = proto_out_of(text, sizeof text);
    if (proto_heartbeat_bye(&it->sender, clock_real(), &out))
        (void)datagram_send(&it->socket, proto_slice_of(out.ptr, out.len), NULL, NULL);
}

static void run(struct heartbeat *it)
{
    const int fds[2] = {it->stop, it->socket.fd};
    while (it->count == 0 || it->sent < it->count) {
        send_due(it);
        datagram_await(fds, 2, proto_heartbeat_sender_deadline(&it->sender));
        look_for_errors(it);
        if (signals_stopped(it->stop)) break;
    }
    say_bye(it);
}

static void begin(struct heartbeat *it)
{
    if (!it->seeded) random_bytes(&it->dice.state, sizeof it->dice.state);
    if (!it->id[0]) choose_id(it);
    proto_heartbeat_sender_config config = {
        .id = proto_slice_text(it->id),
        .boot = (uint64_t)clock_real() / 1000000,
        .interval = it->interval,
        .jitter = it->jitter,
    };
    proto_heartbeat_sender_init(&it->sender, &config, clock_exact());
}

int main(int argc, char **argv)
{
    static struct heartbeat it = {.interval = SECONDS(1), .loss = {0, 1}};
    const char *why = "";
    int result = read_options(&it, argc, argv);
    if (result != EXIT_OK) return result < 0 ? EXIT_OK : result;
    it.stop = signals_stop();
    if (it.stop < 0) return failed("signals", strerror(errno));
    if (!datagram_dial(&it.socket, it.host, it.port, it.family, &it.server, &why))
        return failed(it.host, why);
    begin(&it);
    run(&it);
    return EXIT_OK;
}
