/* SPDX-License-Identifier: MIT */
/*
 * usage: delay_line [OPTION]... NAMESPACE_A NAMESPACE_B
 *
 * A slow and unreliable line between two network namespaces (files, as `ip netns` makes them): an
 * interface `line` in each, 10.9.0.1 and 2001:db8:900::1 in the first, .2 and ::2 in the second. Says
 * `ready` when it is, and when it is told to stop (SIGTERM) what it did, a line for each direction:
 *
 *   a->b taken=10 lost=3 duplicated=1 reordered=0
 *
 *   --delay MS         how long a packet takes, in each direction (0); fractions are understood
 *   --jitter MS        up to so much longer, evenly distributed (0)
 *   --loss PERCENT     of the packets, in each direction (0)
 *   --duplicate PERCENT
 *   --reorder PERCENT  of the packets do not wait at all, and so overtake others (0)
 *   --seed N           the same seed and the same packets give the same fate (1)
 *
 * What the hosts say by themselves to find neighbours and routers is not counted and suffers nothing.
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
    double delay, jitter, loss, duplicate, reorder;
    uint64_t random;
} settings = {.random = 1};

/* One end of the line, and what came in there. */
static struct end {
    int fd;
    unsigned long taken, lost, duplicated, reordered;
} ends[2];

static volatile sig_atomic_t stopped;

static void on_stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

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

static int end_in(const char *namespace, const char *ipv4, const char *ipv6)
{
    const int file = open(namespace, O_RDONLY | O_CLOEXEC);
    if (file < 0 || setns(file, CLONE_NEWNET) != 0) {
        perror(namespace);
        exit(1);
    }
    close(file);
    const int fd = tun_open("line");
    tun_configure("line", ipv4, ipv6);
    return fd;
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
    if (happens(settings.duplicate)) {
        end->duplicated++;
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

/* Never longer than a moment, so that a signal that comes just before is seen. */
static void wait_for_something(void)
{
    struct pollfd ready[2] = {{.fd = ends[0].fd, .events = POLLIN},
                              {.fd = ends[1].fd, .events = POLLIN}};
    struct timespec time = {.tv_nsec = 100000000};
    const struct packet *first = delayed_first();
    const uint64_t now = tun_now();
    if (first && first->due <= now) return;
    if (first && first->due - now < 100000000) time.tv_nsec = (long)(first->due - now);
    ppoll(ready, 2, &time, NULL);
}

static void run(void)
{
    static uint8_t packet[65536];
    while (!stopped) {
        wait_for_something();
        for (size_t from = 0; from < 2; from++)
            for (ssize_t len; (len = read(ends[from].fd, packet, sizeof packet)) > 0;)
                take(from, packet, (size_t)len);
        send_due();
    }
    for (size_t i = 0; i < 2; i++)
        printf("%s taken=%lu lost=%lu duplicated=%lu reordered=%lu\n", i == 0 ? "a->b" : "b->a",
               ends[i].taken, ends[i].lost, ends[i].duplicated, ends[i].reordered);
}

static bool read_options(int argc, char **argv)
{
    static const struct option options[] = {
        {"delay", required_argument, NULL, 'd'},
        {"jitter", required_argument, NULL, 'j'},
        {"loss", required_argument, NULL, 'l'},
        {"reorder", required_argument, NULL, 'r'},
        {"duplicate", required_argument, NULL, 'u'},
        {"seed", required_argument, NULL, 's'},
        {NULL, 0, NULL, 0},
    };
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (option) {
        case 'd': settings.delay = atof(optarg); break;
        case 'j': settings.jitter = atof(optarg); break;
        case 'l': settings.loss = atof(optarg); break;
        case 'r': settings.reorder = atof(optarg); break;
        case 'u': settings.duplicate = atof(optarg); break;
        case 's': settings.random = strtoull(optarg, NULL, 0); break;
        default: return false;
        }
    return argc - optind == 2;
}

int main(int argc, char **argv)
{
    if (!read_options(argc, argv)) {
        fputs("usage: delay_line [OPTION]... NAMESPACE_A NAMESPACE_B\n", stderr);
        return 2;
    }
    signal(SIGTERM, on_stop);
    signal(SIGINT, on_stop);
    prctl(PR_SET_TIMERSLACK, 1);
    ends[0].fd = end_in(argv[optind], "10.9.0.1", "2001:db8:900::1");
    ends[1].fd = end_in(argv[optind + 1], "10.9.0.2", "2001:db8:900::2");
    puts("ready");
    fflush(stdout);
    run();
    return 0;
}
