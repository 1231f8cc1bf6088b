/* SPDX-License-Identifier: MIT */
/*
 * usage: hostile COMMAND [ARGUMENT]...
 *        hostile --list
 *
 * Runs a command in a network of its own, in which each address answers echo requests in another
 * wrong, late or malicious way (hostile_behaviours.c). `--list` prints a line for each: its name,
 * its IPv4 address and its IPv6 address, or `-` where it has none. Exits as the command does, or
 * with 77 where such a network cannot be made.
 */
#include "hostile.h"
#include "delayed.h"
#include "tun.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The host number of the first behaviour; those below are the command's and other people's. */
enum { FIRST_HOST = 10 };

static unsigned probes_of[2][256];

void send_after(const struct wire_message *message, unsigned milliseconds)
{
    uint8_t bytes[WIRE_MAX];
    const size_t len = wire_message_write(message, bytes);
    delayed_put(tun_now() + milliseconds * 1000000u, bytes, len);
}

static void send_due(int tun)
{
    while (delayed_first() && delayed_first()->due <= tun_now()) {
        struct packet *packet = delayed_take();
        if (write(tun, packet->bytes, packet->len) < 0) perror("hostile: write");
        free(packet);
    }
}

static size_t host_of(const struct wire_address *address)
{
    return address->octets[address->family == 6 ? 15 : 3];
}

static void receive(const uint8_t *datagram, size_t len)
{
    struct probe probe;
    if (!wire_read(datagram, len, &probe.request)) return;
    const bool ipv6 = probe.request.source.family == 6;
    if (probe.request.type != (ipv6 ? 128 : 8)) return;
    const size_t host = host_of(&probe.request.destination);
    if (host < FIRST_HOST || host - FIRST_HOST >= behaviour_count) return;
    const struct behaviour *behaviour = &behaviours[host - FIRST_HOST];
    if (ipv6 && behaviour->ipv4_only) return;
    probe.number = probes_of[ipv6][host]++;
    behaviour->answer(&probe);
}

static int wait_ms(void)
{
    enum { AT_MOST = 50 };
    const uint64_t now = tun_now();
    const struct packet *first = delayed_first();
    if (!first) return AT_MOST;
    if (first->due <= now) return 0;
    const uint64_t wait = (first->due - now) / 1000000 + 1;
    return wait < AT_MOST ? (int)wait : AT_MOST;
}

static int serve(int tun, pid_t command)
{
    static uint8_t datagram[65536];
    int status = 0;
    while (!tun_ended(command, &status)) {
        struct pollfd ready = {.fd = tun, .events = POLLIN};
        poll(&ready, 1, wait_ms());
        for (ssize_t len; (len = read(tun, datagram, sizeof datagram)) > 0;)
            receive(datagram, (size_t)len);
        send_due(tun);
    }
    return status;
}

static int list(void)
{
    for (size_t i = 0; i < behaviour_count; i++) {
        printf("%s 192.0.2.%zu ", behaviours[i].name, FIRST_HOST + i);
        if (behaviours[i].ipv4_only)
            puts("-");
        else
            printf("2001:db8::%zx\n", FIRST_HOST + i);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) return 2;
    if (strcmp(argv[1], "--list") == 0) return list();
    tun_enter_namespace();
    const int tun = tun_open("hostile");
    tun_configure("hostile", "192.0.2.1", "2001:db8::1");
    return serve(tun, tun_start(argv + 1));
}
