/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "clock.h"
#include "options.h"
#include "report.h"
#include "traceroute.h"

static const char help[] =
    "usage: traceroute [OPTION]... HOST [SIZE]\n"
    "Shows the routers between here and a host, and how long they take to answer.\n"
    "\n"
    "  -4, -6                the host's address of IPv4 or of IPv6\n"
    "  -U, --udp             probe with UDP (so it is)\n"
    "  -I, --icmp            probe with ICMP echo requests\n"
    "  -q, --queries N       probes to each hop (3), 10 at most\n"
    "  -m, --max-hops HOPS   the last hop (30), 255 at most\n"
    "  -f, --first HOP       the first hop (1)\n"
    "  -w, --wait MAX[,HERE[,NEAR[,LEAST]]]\n"
    "                        how long to wait for an answer: at most MAX (1.5 seconds); HERE times\n"
    "                        the time of another answer of the same hop (3), or NEAR times that of\n"
    "                        one behind it (5), but LEAST at least (1ms)\n"
    "  -N, --window N        probes on their way at once (64)\n"
    "  -z, --gap TIME        at least so long between two probes (0)\n"
    "  -S, --max-silent N    end after so many silent hops in a row (8); 0: go on to the last\n"
    "  -p, --port PORT       the port to probe (33434); with --flow classic the first one\n"
    "  -s, --source ADDRESS  the address of this machine to probe from\n"
    "  -i, --interface NAME  the interface to probe by\n"
    "      --flow KIND       paris: all probes take one way (so it is); classic: a port for each\n"
    "  -F, --dont-fragment   do not let routers cut up what is too big for a link\n"
    "      --mtu             find out the path's MTU: begin with the interface's, shown as F=1500\n"
    "      --back            show how long the way back seems to be, as '-9', where it is another\n"
    "  -n, --numeric         no names (so it is)\n"
    "      --names           show names too, looked up once all addresses are known\n"
    "  -j, --json            a line of JSON for each hop\n"
    "  -h, --help            say this\n"
    "  -V, --version         say which version this is\n"
    "\n"
    "Times are seconds, or have a unit: 20ms. SIZE is that of a probe with its IP header, in bytes.\n"
    "Exit status: 0 the host was reached, 1 it was not, 2 trouble or wrong usage.\n";

enum { FLOW = 256, MTU, BACK, NAMES };

static const struct option long_options[] = {
    {"udp", no_argument, NULL, 'U'},
    {"icmp", no_argument, NULL, 'I'},
    {"queries", required_argument, NULL, 'q'},
    {"max-hops", required_argument, NULL, 'm'},
    {"first", required_argument, NULL, 'f'},
    {"wait", required_argument, NULL, 'w'},
    {"window", required_argument, NULL, 'N'},
    {"gap", required_argument, NULL, 'z'},
    {"max-silent", required_argument, NULL, 'S'},
    {"port", required_argument, NULL, 'p'},
    {"source", required_argument, NULL, 's'},
    {"interface", required_argument, NULL, 'i'},
    {"flow", required_argument, NULL, FLOW},
    {"dont-fragment", no_argument, NULL, 'F'},
    {"mtu", no_argument, NULL, MTU},
    {"back", no_argument, NULL, BACK},
    {"numeric", no_argument, NULL, 'n'},
    {"names", no_argument, NULL, NAMES},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* -1 to go on. */
static int read_number(const char *text, uint64_t least, uint64_t most, const char *wrong,
                       uint64_t *number)
{
    if (option_number(text, most, number) && *number >= least) return -1;
    return misused(text, wrong);
}

static int read_byte(const char *text, uint64_t least, uint64_t most, const char *wrong,
                     uint8_t *byte)
{
    uint64_t number;
    int result = read_number(text, least, most, wrong, &number);
    if (result < 0) *byte = (uint8_t)number;
    return result;
}

static int read_word(const char *text, uint64_t least, const char *wrong, uint16_t *word)
{
    uint64_t number;
    int result = read_number(text, least, 65535, wrong, &number);
    if (result < 0) *word = (uint16_t)number;
    return result;
}

static int read_time(const char *text, uint64_t least, uint64_t *time)
{
    if (option_time(text, SECONDS(3600), time) && *time >= least) return -1;
    return misused(text, "not a time of at most an hour");
}

/* `5`, `5,3`, `5,3,10`, `5,3,10,20ms`. */
static int read_wait(char *text, struct options *options)
{
    static const char wrong[] = "not a number from 0 to 255";
    char *parts[4] = {text};
    for (int i = 1; i < 4 && (text = strchr(text, ',')) != NULL; i++) {
        *text++ = '\0';
        parts[i] = text;
    }
    int result = read_time(parts[0], 1, &options->max_wait);
    if (result < 0 && parts[1]) result = read_byte(parts[1], 0, 255, wrong, &options->here);
    if (result < 0 && parts[2]) result = read_byte(parts[2], 0, 255, wrong, &options->near);
    if (result < 0 && parts[3]) result = read_time(parts[3], 0, &options->floor);
    return result;
}

static int read_flow(const char *text, struct options *options)
{
    options->classic = strcmp(text, "classic") == 0;
    if (options->classic || strcmp(text, "paris") == 0) return -1;
    return misused(text, "neither paris nor classic");
}

static int read_option(struct options *options, int option)
{
    switch (option) {
    case '4': options->family = AF_INET; return -1;
    case '6': options->family = AF_INET6; return -1;
    case 'U': options->icmp = false; return -1;
    case 'I': options->icmp = true; return -1;
    case 'q':
        return read_byte(optarg, 1, PROTO_TRACE_MAX_QUERIES, "not a number from 1 to 10",
                         &options->queries);
    case 'm': return read_byte(optarg, 1, 255, "not a hop from 1 to 255", &options->last_hop);
    case 'f': return read_byte(optarg, 1, 255, "not a hop from 1 to 255", &options->first_hop);
    case 'w': return read_wait(optarg, options);
    case 'N': return read_word(optarg, 1, "not a number from 1 to 65535", &options->window);
    case 'z': return read_time(optarg, 0, &options->gap);
    case 'S': return read_byte(optarg, 0, 255, "not a number from 0 to 255", &options->max_silent);
    case 'p': return read_word(optarg, 1, "not a port from 1 to 65535", &options->port);
    case 's': options->source = optarg; return -1;
    case 'i': options->interface = optarg; return -1;
    case FLOW: return read_flow(optarg, options);
    case 'F': options->dont_fragment = true; return -1;
    case MTU: options->find_mtu = true; return -1;
    case BACK: options->way_back = true; return -1;
    case 'n': options->names = false; return -1;
    case NAMES: options->names = true; return -1;
    case 'j': options->json = true; return -1;
    case 'h': fputs(help, stdout); return EXIT_REACHED;
    case 'V': printf("traceroute (libproto) %s\n", proto_version()); return EXIT_REACHED;
    default: return EXIT_USAGE; /* getopt has said why */
    }
}

static int read_words(struct options *options, int count, char **words)
{
    if (count < 1 || count > 2) return misused("arguments", "not HOST or HOST SIZE");
    options->host = words[0];
    if (options->first_hop > options->last_hop) {
        return misused("hops", "the first one is behind the last");
    }
    return count == 2 ? read_word(words[1], 1, "not a size from 1 to 65535", &options->size) : -1;
}

int options_read(struct options *options, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "46UIq:m:f:w:N:z:S:p:s:i:FnjhV", long_options,
                                 NULL)) != -1) {
        int result = read_option(options, option);
        if (result >= 0) return result;
    }
    return read_words(options, argc - optind, argv + optind);
}
