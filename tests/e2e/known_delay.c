/* SPDX-License-Identifier: MIT */
/*
 * usage: known_delay [--delay MS] [--jitter MS] [--processor N] LOG COMMAND [ARGUMENT]...
 *
 * Runs a command in a network of its own, in which every address of 192.0.2.0/24 and 2001:db8::/64
 * answers echo requests after a delay (10 ms) that it keeps exactly, because it does nothing else
 * than look at the clock, and writes down, so that the round-trip times that a ping shows can be
 * compared with the true ones. A line of LOG for each request:
 *
 *   ADDRESS IDENTIFIER SEQUENCE NANOSECONDS DOUBT
 *
 * NANOSECONDS is the time from when the request was taken until the reply was handed over, and DOUBT
 * how much longer it may have been: the request may have come at any time since this program had
 * looked before, which is long ago if the system had somebody else run. `--jitter` adds up to so
 * much, `--processor` is the only one that answers; the command is to be kept from it
 * (taskset), or neither has a clock to be trusted. Exits as the command does, or with 77 where such
 * a network cannot be made.
 */
#include "delayed.h"
#include "tun.h"
#include "wire.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t delay = 10000000, jitter;

static uint64_t next_delay(void)
{
    static uint64_t random = 1;
    random = random * 6364136223846793005u + 1442695040888963407u;
    return delay + (jitter > 0 ? (random >> 33) % jitter : 0);
}

/* The reply waits with the moment at which its request was taken. */
static void answer(const uint8_t *datagram, size_t len, uint64_t now, uint64_t nothing)
{
    static uint8_t bytes[WIRE_MAX];
    struct wire_received request;
    struct wire_message reply = {.ttl = 64};
    if (!wire_read(datagram, len, &request) || request.icmp_len - 8 > WIRE_BODY_MAX) return;
    if (request.type != (request.source.family == 6 ? 128 : 8)) return;
    reply.source = request.destination;
    reply.destination = request.source;
    reply.type = request.source.family == 6 ? 129 : 0;
    memcpy(reply.rest, request.icmp + 4, 4);
    reply.body_len = request.icmp_len - 8;
    memcpy(reply.body, request.icmp + 8, reply.body_len);
    len = wire_message_write(&reply, bytes);
    struct packet *packet = delayed_put(now + next_delay(), bytes, len);
    packet->user = now;
    packet->doubt = now - nothing;
}

static void note(FILE *log, const struct packet *packet, uint64_t sent)
{
    struct wire_received reply;
    char address[INET6_ADDRSTRLEN];
    if (!wire_read(packet->bytes, packet->len, &reply)) return;
    inet_ntop(reply.source.family == 6 ? AF_INET6 : AF_INET, reply.source.octets, address,
              sizeof address);
    fprintf(log, "%s %u %u %" PRIu64 " %" PRIu64 "\n", address,
            (unsigned)wire_get16(reply.icmp + 4), (unsigned)wire_get16(reply.icmp + 6),
            sent - packet->user, packet->doubt);
}

static void send_due(int tun, FILE *log)
{
    uint64_t now;
    while (delayed_first() && delayed_first()->due <= (now = tun_now())) {
        struct packet *packet = delayed_take();
        if (write(tun, packet->bytes, packet->len) < 0) perror("write");
        packet->doubt += tun_now() - now;
        note(log, packet, now);
        free(packet);
    }
}

/* Never sleeps: who sleeps wakes up late. When nothing is there to be read, nothing was at the moment
 * before; whatever comes next has come since. */
static int serve(int tun, FILE *log, pid_t command)
{
    static uint8_t datagram[65536];
    uint64_t looked = 0, nothing = tun_now();
    int status = 0;
    for (;;) {
        const uint64_t before = tun_now();
        const ssize_t len = read(tun, datagram, sizeof datagram);
        const uint64_t now = tun_now();
        if (len > 0)
            answer(datagram, (size_t)len, now, nothing);
        else
            nothing = before;
        send_due(tun, log);
        if (now - looked < 20000000) continue;
        if (tun_ended(command, &status)) return status;
        looked = now;
    }
}

static void stay_on(int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)processor, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) perror("known_delay: --processor");
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"delay", required_argument, NULL, 'd'},
                                            {"jitter", required_argument, NULL, 'j'},
                                            {"processor", required_argument, NULL, 'p'},
                                            {NULL, 0, NULL, 0}};
    int processor = -1;
    for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;)
        switch (option) {
        case 'd': delay = (uint64_t)(atof(optarg) * 1e6); break;
        case 'j': jitter = (uint64_t)(atof(optarg) * 1e6); break;
        case 'p': processor = atoi(optarg); break;
        default: return 2;
        }
    if (argc - optind < 2) return 2;
    FILE *log = fopen(argv[optind], "we");
    if (!log) {
        perror(argv[optind]);
        return 1;
    }
    tun_enter_namespace();
    const int tun = tun_open("known");
    tun_configure("known", "192.0.2.1", "2001:db8::1");
    const pid_t command = tun_start(argv + optind + 1);
    if (processor >= 0) stay_on(processor);
    const int status = serve(tun, log, command);
    return fclose(log) == 0 ? status : 1;
}
