/* SPDX-License-Identifier: MIT */
/* A web server for the files of a directory. webserver.h tells what is where; this is the command
   line. */
#include "webserver.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "report.h"

static const char help[] =
    "usage: webserver [OPTION]... [ROOT]\n"
    "Serves the files below ROOT (the current directory) by HTTP/1.1.\n"
    "\n"
    "  -p, --port PORT      the port to listen on (8080); 0 picks a free one\n"
    "  -t, --threads N      how many threads serve (as many as there are processors);\n"
    "                       0: one client after the other, one request each\n"
    "  -b, --bind ADDRESS   the address to listen on (127.0.0.1); 0.0.0.0 or :: for all\n"
    "      --once           serve one request and exit\n"
    "      --log FILE       where the access log goes (- for standard output, which it is);\n"
    "                       none for no log\n"
    "      --hidden         also serve names that begin with a dot\n"
    "      --timeout SECS   how long a request may take to arrive, and how long a client may\n"
    "                       refuse to read any of a response (15)\n"
    "      --keep-alive SECS  how long a connection may be idle between requests (60)\n"
    "      --max-connections N  how many connections there may be (4096); when there are as\n"
    "                       many, a new one takes the place of the one longest idle\n"
    "  -h, --help           say this\n"
    "  -V, --version        say which version this is\n"
    "\n"
    "The first line of output is `listening on http://ADDRESS:PORT/`. SIGTERM and SIGINT end the\n"
    "server once it has answered what it was asked. Exit status: 0, 1 failed, 2 wrong usage.\n";

struct options {
    uint16_t port;
    unsigned threads;
    const char *bind;
    const char *log;
    const char *root;
    unsigned timeout;
    unsigned keep_alive;
    unsigned connections;
    bool once;
    bool hidden;
};

enum { ONCE = 256, LOG, HIDDEN, TIMEOUT, KEEP_ALIVE, CONNECTIONS, MAX_SECONDS = 86400 };

static const struct option long_options[] = {
    {"port", required_argument, NULL, 'p'},
    {"threads", required_argument, NULL, 't'},
    {"bind", required_argument, NULL, 'b'},
    {"once", no_argument, NULL, ONCE},
    {"log", required_argument, NULL, LOG},
    {"hidden", no_argument, NULL, HIDDEN},
    {"timeout", required_argument, NULL, TIMEOUT},
    {"keep-alive", required_argument, NULL, KEEP_ALIVE},
    {"max-connections", required_argument, NULL, CONNECTIONS},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* As many as can run at the same time: more would only take turns. */
static unsigned default_threads(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > MAX_THREADS ? MAX_THREADS : (unsigned)count;
}

static bool read_number(const char *text, unsigned long most, unsigned long *number)
{
    char *end;
    errno = 0;
    *number = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *number <= most;
}

static int read_port(uint16_t *port, const char *text)
{
    unsigned long number;
    if (!read_number(text, 65535, &number)) return misused(text, "not a port from 0 to 65535");
    *port = (uint16_t)number;
    return EXIT_OK;
}

static int read_threads(unsigned *threads, const char *text)
{
    unsigned long number;
    if (!read_number(text, MAX_THREADS, &number)) {
        return misused(text, "not a number of threads from 0 to 64");
    }
    *threads = (unsigned)number;
    return EXIT_OK;
}

static int read_seconds(unsigned *seconds, const char *text)
{
    unsigned long number;
    if (!read_number(text, MAX_SECONDS, &number) || number == 0) {
        return misused(text, "not a number of seconds from 1 to 86400");
    }
    *seconds = (unsigned)number;
    return EXIT_OK;
}

static int read_connections(unsigned *connections, const char *text)
{
    unsigned long number;
    if (!read_number(text, MAX_CONNECTIONS, &number) || number == 0) {
        return misused(text, "not a number of connections from 1 to 65536");
    }
    *connections = (unsigned)number;
    return EXIT_OK;
}

/* Returns EXIT_OK to go on, anything else to exit with, or -1 where all is said and done. */
static int read_option(struct options *options, int option)
{
    switch (option) {
    case 'p': return read_port(&options->port, optarg);
    case 't': return read_threads(&options->threads, optarg);
    case 'b': options->bind = optarg; return EXIT_OK;
    case ONCE: options->once = true; return EXIT_OK;
    case LOG: options->log = optarg; return EXIT_OK;
    case HIDDEN: options->hidden = true; return EXIT_OK;
    case TIMEOUT: return read_seconds(&options->timeout, optarg);
    case KEEP_ALIVE: return read_seconds(&options->keep_alive, optarg);
    case CONNECTIONS: return read_connections(&options->connections, optarg);
    case 'h': fputs(help, stdout); return -1;
    case 'V': printf("webserver (libproto) %s\n", proto_version()); return -1;
    default: return EXIT_USAGE; /* getopt has said why */
    }
}

static int read_options(struct options *options, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "p:t:b:hV", long_options, NULL)) != -1) {
        int result = read_option(options, option);
        if (result != EXIT_OK) return result;
    }
    if (optind < argc) options->root = argv[optind++];
    if (optind < argc) return misused(argv[optind], "one root is enough");
    return EXIT_OK;
}

/* Every connection needs a descriptor, and every larger file that is kept open. */
static void allow_many_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* A descriptor that becomes readable when the server is told to stop. The signals must be blocked
   before any thread is. */
static int stop_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int open_server(struct server *server, const struct options *options)
{
    const char *why = "";
    server->stop = stop_signals();
    if (server->stop < 0) return failed("signals", strerror(errno));
    uint64_t patience = SECONDS(options->timeout);
    server->limits = (struct limits){patience, patience, SECONDS(options->keep_alive)};
    server->max_connections = options->connections;
    server->site.hidden = options->hidden;
    server->site.root = open(options->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (server->site.root < 0) return failed(options->root, strerror(errno));
    if (!log_open(options->log)) return failed(options->log, strerror(errno));
    server->listener = socket_listen(options->bind, options->port, &why);
    if (server->listener < 0) {
        char where[300];
        snprintf(where, sizeof where, "%.255s port %u", options->bind, (unsigned)options->port);
        return failed(where, why);
    }
    return EXIT_OK;
}

int main(int argc, char **argv)
{
    struct options options = {
        .port = 8080,
        .threads = default_threads(),
        .bind = "127.0.0.1",
        .log = "-",
        .root = ".",
        .timeout = 15,
        .keep_alive = 60,
        .connections = 4096,
    };
    int result = read_options(&options, argc, argv);
    if (result != EXIT_OK) return result < 0 ? EXIT_OK : result;

    struct server server = {.listener = -1};
    allow_many_files();
    result = open_server(&server, &options);
    if (result != EXIT_OK) return result;

    char address[SOCKET_TEXT];
    socket_text(server.listener, address);
    printf("listening on http://%s/\n", address);
    fflush(stdout);

    bool served = options.once || options.threads == 0 ? serve_iteratively(&server, options.once)
                                                       : serve_threads(&server, options.threads);
    return served ? EXIT_OK : EXIT_FAILED;
}
