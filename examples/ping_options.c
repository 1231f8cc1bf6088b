/* SPDX-License-Identifier: MIT */
/* The command line. */
#include "ping.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "options.h"

static const char help[] =
    "usage: ping [OPTION]... DESTINATION_HOST...\n"
    "       ping [OPTION]... -f FILE\n"
    "Asks hosts whether they are there (ICMP echo), and how long the way there and back takes.\n"
    "\n"
    "  -n, --count COUNT     so many pings to each host (4); 0: until interrupted. -c is the same\n"
    "  -i, --interval TIME   from one ping to a host to the next (1 s)\n"
    "  -W, --timeout TIME    how long a reply is waited for (1 s)\n"
    "  -w, --limit TIME      end after so long\n"
    "  -s, --size BYTES      of data in each ping (56)\n"
    "  -p, --pattern HEX     what the data are made of\n"
    "  -t, --ttl HOPS        time to live, hop limit\n"
    "  -I, --source SOURCE   an address of this machine, or an interface\n"
    "  -4, -6                IPv4 or IPv6 alone\n"
    "  -D, --dont-fragment   what is too long for the path is refused, and not cut to pieces\n"
    "  -b, --broadcast       allow broadcast addresses, from which many may answer\n"
    "  -f, --file FILE       ping the hosts that FILE names, one in a line; - is standard input\n"
    "  -A, --adaptive        the next ping as soon as the reply is there\n"
    "      --flood[=WINDOW]  as fast as replies come, with so many outstanding at most (64)\n"
    "      --gap TIME        at least so long between any two pings\n"
    "      --linger TIME     how long replies that come too late are still known (10 s)\n"
    "      --socket KIND     ping or raw; otherwise whichever the system allows\n"
    "      --user-stamps     take times in the program and not in the kernel\n"
    "  -H, --names           show the names of addresses, once they are known\n"
    "  -q, --quiet           only what is said at the end\n"
    "      --json            a line of JSON for each event\n"
    "      --plot            draw the times: on a terminal while they come, else at the end\n"
    "      --svg FILE        draw them into a file\n"
    "      --metrics FILE    for Prometheus' textfile collector, renewed every five seconds\n"
    "      --hdr-log FILE    a log of HdrHistogram, a line for every five seconds\n"
    "  -h, --help            say this\n"
    "  -V, --version         say which version this is\n"
    "\n"
    "TIME is in seconds, or with a unit: 0.2, 200ms, 5m. Intervals below 2 ms and floods are for\n"
    "root, except to this machine. ^C ends it; the statistics are shown all the same.\n"
    "Exit status: 0 there was a reply, 1 there was none, 2 an error.\n";

enum { FLOOD = 256, GAP, LINGER, SOCKET, USER_STAMPS, JSON, PLOT, SVG, METRICS, HDR_LOG };

enum { MOST_DATA = 65507, DEFAULT_WINDOW = 64, LARGEST_WINDOW = 1 << 20 };

#define LONGEST_TIME SECONDS(86400)

static const char short_options[] = "n:c:i:W:w:s:p:t:I:46Dbf:AHqhV";

static const struct option long_options[] = {
    {"count", required_argument, NULL, 'n'},
    {"interval", required_argument, NULL, 'i'},
    {"timeout", required_argument, NULL, 'W'},
    {"limit", required_argument, NULL, 'w'},
    {"size", required_argument, NULL, 's'},
    {"pattern", required_argument, NULL, 'p'},
    {"ttl", required_argument, NULL, 't'},
    {"source", required_argument, NULL, 'I'},
    {"dont-fragment", no_argument, NULL, 'D'},
    {"broadcast", no_argument, NULL, 'b'},
    {"file", required_argument, NULL, 'f'},
    {"adaptive", no_argument, NULL, 'A'},
    {"flood", optional_argument, NULL, FLOOD},
    {"gap", required_argument, NULL, GAP},
    {"linger", required_argument, NULL, LINGER},
    {"socket", required_argument, NULL, SOCKET},
    {"user-stamps", no_argument, NULL, USER_STAMPS},
    {"names", no_argument, NULL, 'H'},
    {"quiet", no_argument, NULL, 'q'},
    {"json", no_argument, NULL, JSON},
    {"plot", no_argument, NULL, PLOT},
    {"svg", required_argument, NULL, SVG},
    {"metrics", required_argument, NULL, METRICS},
    {"hdr-log", required_argument, NULL, HDR_LOG},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static int read_number(uint64_t *number, const char *text, uint64_t least, uint64_t most)
{
    char why[80];
    if (option_number(text, most, number) && *number >= least) return EXIT_OK;
    snprintf(why, sizeof why, "not a number from %llu to %llu", (unsigned long long)least,
             (unsigned long long)most);
    return misused(text, why);
}

static int read_time(uint64_t *time, const char *text, uint64_t least)
{
    if (option_time(text, LONGEST_TIME, time) && *time >= least) return EXIT_OK;
    return misused(text, least > 0 ? "not a time of more than 0 and at most a day"
                                   : "not a time of at most a day");
}

static int read_interval(struct options *options, const char *text)
{
    options->has_interval = true;
    return read_time(&options->interval, text, 0);
}

static int read_gap(struct options *options, const char *text)
{
    options->has_gap = true;
    return read_time(&options->gap, text, 0);
}

static int read_size(struct options *options, const char *text)
{
    uint64_t size = 0;
    int result = read_number(&size, text, 0, MOST_DATA);
    options->size = (size_t)size;
    return result;
}

static int read_ttl(struct options *options, const char *text)
{
    uint64_t ttl = 0;
    int result = read_number(&ttl, text, 1, 255);
    options->ttl = (int)ttl;
    return result;
}

static int read_flood(struct options *options, const char *text)
{
    uint64_t window = DEFAULT_WINDOW;
    int result = text ? read_number(&window, text, 1, LARGEST_WINDOW) : EXIT_OK;
    options->window = (uint32_t)window;
    return result;
}

static int read_socket(struct options *options, const char *text)
{
    options->socket = strcmp(text, "raw") == 0 ? ICMP_KIND_RAW : ICMP_KIND_PING;
    if (strcmp(text, "raw") == 0 || strcmp(text, "ping") == 0) return EXIT_OK;
    return misused(text, "neither ping nor raw");
}

static int read_pattern(struct options *options, const char *text)
{
    size_t digits = strspn(text, "0123456789abcdefABCDEF");
    options->pattern = text;
    if (digits > 0 && digits <= 32 && text[digits] == '\0') return EXIT_OK;
    return misused(text, "not 1 to 32 hexadecimal digits");
}

static int read_long_option(struct options *options, int option)
{
    switch (option) {
    case FLOOD: return read_flood(options, optarg);
    case GAP: return read_gap(options, optarg);
    case LINGER: return read_time(&options->linger, optarg, 0);
    case SOCKET: return read_socket(options, optarg);
    case USER_STAMPS: options->user_stamps = true; return EXIT_OK;
    case JSON: options->json = true; return EXIT_OK;
    case PLOT: options->plot = true; return EXIT_OK;
    case SVG: options->svg = optarg; return EXIT_OK;
    case METRICS: options->metrics = optarg; return EXIT_OK;
    case HDR_LOG: options->hdr_log = optarg; return EXIT_OK;
    default: return EXIT_USAGE; /* getopt has said why */
    }
}

static int read_option(struct options *options, int option)
{
    switch (option) {
    case 'n':
    case 'c': return read_number(&options->count, optarg, 0, UINT32_MAX);
    case 'i': return read_interval(options, optarg);
    case 'W': return read_time(&options->timeout, optarg, 1);
    case 'w': return read_time(&options->limit, optarg, 1);
    case 's': return read_size(options, optarg);
    case 'p': return read_pattern(options, optarg);
    case 't': return read_ttl(options, optarg);
    case 'I': options->source = optarg; return EXIT_OK;
    case '4': options->family = AF_INET; return EXIT_OK;
    case '6': options->family = AF_INET6; return EXIT_OK;
    case 'D': options->dont_fragment = true; return EXIT_OK;
    case 'b': options->broadcast = true; return EXIT_OK;
    case 'f': options->file = optarg; return EXIT_OK;
    case 'A': options->adaptive = true; return EXIT_OK;
    case 'H': options->names = true; return EXIT_OK;
    case 'q': options->quiet = true; return EXIT_OK;
    case 'h': fputs(help, stdout); return -1;
    case 'V': printf("ping (libproto) %s\n", proto_version()); return -1;
    default: return read_long_option(options, option);
    }
}

/* A flood sends a hundred pings a second where no reply comes, as floods always did. */
static void complete(struct options *options)
{
    if (options->window > 0 && !options->has_interval) options->interval = MILLISECONDS(10);
}

int options_read(struct options *options, int argc, char **argv)
{
    int option;
    *options = (struct options){
        .count = 4,
        .interval = SECONDS(1),
        .timeout = SECONDS(1),
        .linger = SECONDS(10),
        .size = 56,
        .family = AF_UNSPEC,
    };
    while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        int result = read_option(options, option);
        if (result != EXIT_OK) return result;
    }
    options->words = argv + optind;
    options->word_count = (size_t)(argc - optind);
    if (options->word_count == 0 && !options->file) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    if (options->json && options->plot) return misused("--json, --plot", "one of them");
    complete(options);
    return EXIT_OK;
}
