/* SPDX-License-Identifier: MIT */
/*
 * usage: delay_line [OPTION]... REPORT COMMAND [ARGUMENT]...
 *
 * Runs a command at one end of a slow and unreliable line, in a network of its own. The command's
 * end is 10.9.0.1 and 2001:db8:900::1, the other one, where there is a host that answers what hosts
 * answer, .2 and ::2. What the line did is in the file REPORT at the end, a line for each direction:
 *
 *   there taken=10 lost=3 doubled=1 reordered=0
 *   back taken=8 lost=1 doubled=0 reordered=0
 *
 *   --far COMMAND      runs this one command at the other end, as a shell would, until the end
 *   --delay MS         how long a packet takes, in each direction (0); fractions are understood
 *   --jitter MS        up to so much longer, evenly distributed (0)
 *   --loss PERCENT     of the packets, in each direction (0)
 *   --double PERCENT   of the packets arrive twice (0)
 *   --reorder PERCENT  of the packets do not wait at all, and so overtake others (0)
 *   --seed N           the same seed and the same packets give the same fate (1)
 *
 * What the hosts say by themselves to find neighbours and routers is not counted and suffers
 * nothing. Exits as the command does, or with 77 where such a network cannot be made.
 */
#include "delayed.h"
#include "tun.h"
#include "wire.h"

#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static struct settings {
    double delay, jitter, loss, twice, reorder;
    uint64_t random;
    const char *far;
} settings = {.random = 1};

/* One end of the line, and what came in there. */
static struct end {
    int fd;
    unsigned long taken, lost, doubled, reordered;
} ends[2];

static pid_t far_end;

/* splitmix64; a number from 0 to 1. */
static double chance(void)
{
    uint64_t mixed = settings.random += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (double)((mixed ^ mixed >> 31) >> 11) / 9007199254740992.0;
}

static bool happens(double percent)
{
    return chance() * 100 < percent;
}

/* ICMPv6 from router solicitations to redirects, and reports of multicast listeners. */
static bool is_housekeeping(const uint8_t *packet, size_t len)
{
    struct wire_received icmp;
    if (len > 40 && packet[0] >> 4 == 6 && packet[6] == 0) return true;
    return wire_read(packet, len, &icmp) && icmp.source.family == 6 && icmp.type >= 130 &&
           icmp.type <= 143;
}

static void put(size_t from, const uint8_t *packet, size_t len, bool waits)
{
    const double delay = waits ? settings.delay + chance() * settings.jitter : 0;
    delayed_put(tun_now() + (uint64_t)(delay * 1e6), packet, len)->user = 1 - from;
}

static void take(size_t from, const uint8_t *packet, size_t len)
{
    struct end *end = &ends[from];
    if (is_housekeeping(packet, len)) {
        put(from, packet, len, true);
        return;
    }
    end->taken++;
    if (happens(settings.loss)) {
        end->lost++;
        return;
    }
    if (happens(settings.twice)) {
        end->doubled++;
        put(from, packet, len, true);
    }
    const bool overtakes = happens(settings.reorder);
    if (overtakes) end->reordered++;
    put(from, packet, len, !overtakes);
}

static void send_due(void)
{
    while (delayed_first() && delayed_first()->due <= tun_now()) {
        struct packet *packet = delayed_take();
        if (write(ends[packet->user].fd, packet->bytes, packet->len) < 0) perror("write");
        free(packet);
    }
}

static void wait_for_something(void)
{
    enum { AT_MOST = 20000000 };
    struct pollfd ready[2] = {{.fd = ends[0].fd, .events = POLLIN},
                              {.fd = ends[1].fd, .events = POLLIN}};
    struct timespec time = {.tv_nsec = AT_MOST};
    const struct packet *first = delayed_first();
    const uint64_t now = tun_now();
    if (first && first->due <= now) return;
    if (first && first->due - now < AT_MOST) time.tv_nsec = (long)(first->due - now);
    ppoll(ready, 2, &time, NULL);
}

static int run(pid_t command)
{
    static uint8_t packet[65536];
    int status = 0;
    while (!tun_ended(command, &status)) {
        wait_for_something();
        for (size_t from = 0; from < 2; from++)
            for (ssize_t len; (len = read(ends[from].fd, packet, sizeof packet)) > 0;)
                take(from, packet, (size_t)len);
        send_due();
    }
    return status;
}

static void report(FILE *file)
{
    for (size_t i = 0; i < 2; i++)
        fprintf(file, "%s taken=%lu lost=%lu doubled=%lu reordered=%lu\n",
                i == 0 ? "there" : "back", ends[i].taken, ends[i].lost, ends[i].doubled,
                ends[i].reordered);
    fclose(file);
}

static int end_here(const char *ipv4, const char *ipv6)
{
    const int fd = tun_open("line");
    tun_configure("line", ipv4, ipv6);
    return fd;
}

/* Both ends, and what runs there; returns the command. */
static pid_t build(char **command)
{
    char shell[] = "sh", option[] = "-c";
    tun_enter_namespace();
    const int near = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    ends[0].fd = end_here("10.9.0.1", "2001:db8:900::1");
    tun_enter_namespace();
    ends[1].fd = end_here("10.9.0.2", "2001:db8:900::2");
    if (settings.far) {
        char line[4096];
        snprintf(line, sizeof line, "exec %s", settings.far);
        far_end = tun_start((char *[]){shell, option, line, NULL});
    }
    if (setns(near, CLONE_NEWNET) != 0) {
        perror("delay_line: setns");
        exit(1);
    }
    close(near);
    return tun_start(command);
}

static bool read_options(int argc, char **argv)
{
    static const struct option options[] = {
        {"delay", required_argument, NULL, 'd'},  {"jitter", required_argument, NULL, 'j'},
        {"loss", required_argument, NULL, 'l'},   {"reorder", required_argument, NULL, 'r'},
        {"double", required_argument, NULL, 't'}, {"seed", required_argument, NULL, 's'},
        {"far", required_argument, NULL, 'f'},    {NULL, 0, NULL, 0},
    };
    for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;)
        switch (option) {
        case 'd': settings.delay = atof(optarg); break;
        case 'f': settings.far = optarg; break;
        case 'j': settings.jitter = atof(optarg); break;
        case 'l': settings.loss = atof(optarg); break;
        case 'r': settings.reorder = atof(optarg); break;
        case 's': settings.random = strtoull(optarg, NULL, 0); break;
        case 't': settings.twice = atof(optarg); break;
        default: return false;
        }
    return argc - optind >= 2;
}

int main(int argc, char **argv)
{
    if (!read_options(argc, argv)) {
        fputs("usage: delay_line [OPTION]... REPORT COMMAND [ARGUMENT]...\n", stderr);
        return 2;
    }
    FILE *file = fopen(argv[optind], "we");
    if (!file) {
        perror(argv[optind]);
        return 1;
    }
    prctl(PR_SET_TIMERSLACK, 1);
    const int status = run(build(argv + optind + 1));
    if (far_end > 0) kill(far_end, SIGTERM);
    report(file);
    return status;
}
