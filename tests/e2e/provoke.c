/* SPDX-License-Identifier: MIT */
/*
 * usage: provoke [OPTION]... KIND SOURCE DESTINATION
 *
 * Sends a datagram that makes some kernel on the way say something about it, and prints each ICMP
 * message that comes back as the hexadecimal digits of its datagram, IP header and all, a line
 * each. Exits with 1 if nothing came. KIND is
 *
 *   echo             an echo request
 *   timestamp        a timestamp request (IPv4)
 *   extended-echo    whether the interface `lo` over there is up (RFC 8335)
 *   udp              a datagram to port 9
 *   protocol         protocol 253, which is for experiments
 *   option           an echo request with an option that is wrong in its third byte; over IPv6 with
 *                    a destination option that nobody knows and that is not to be ignored
 *   fragment         the first fragment of an echo request whose others never come
 *
 *   --size BYTES     behind the ICMP or UDP header (32)
 *   --ttl N          (64)
 *   --df             not to be fragmented (IPv4; over IPv6 nothing ever is)
 *   --route          the IPv4 header has an option that records the route
 *   --wait MS        for how long to wait (1000)
 *   --count N        for how many messages (1)
 */
#include "tun.h"
#include "wire.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAGMENT = 44, NOBODY = 253 };

static struct wire_message message = {.ttl = 64, .body_len = 32};
static bool df, route;

/* The interface that is asked for is named in an extension structure (RFC 8335 section 2). */
static void extended_echo(void)
{
    static const uint8_t question[] = {0x20, 0, 0, 0, 0, 8, 3, 1, 'l', 'o', 0, 0};
    message.type = message.source.family == 6 ? 160 : 42;
    message.rest[2] = 7;
    message.rest[3] = 1; /* the L bit: one of the host that is asked */
    memcpy(message.body, question, sizeof question);
    message.body_len = sizeof question;
    wire_put16(message.body + 2, wire_checksum(0, message.body, sizeof question));
}

static void options(const char *kind)
{
    if (strcmp(kind, "option") == 0 && message.source.family == 6) {
        memcpy(message.options, (const uint8_t[]){0, 0, 0x9e, 4, 0, 0, 0, 0}, 8);
        message.options_len = 8;
    } else if (strcmp(kind, "option") == 0) {
        memcpy(message.options, (const uint8_t[]){7, 3, 1, 0}, 4);
        message.options_len = 4;
    } else if (route) {
        memset(message.options, 0, 40);
        memcpy(message.options, (const uint8_t[]){7, 39, 4}, 3);
        message.options_len = 40;
    }
}

static size_t icmp(const char *kind, uint8_t *to)
{
    message.type = message.source.family == 6 ? 128 : 8;
    wire_put16(message.rest, 0xabcd);
    wire_put16(message.rest + 2, 7);
    for (size_t i = 0; i < message.body_len; i++)
        message.body[i] = (uint8_t)i;
    if (strcmp(kind, "timestamp") == 0) {
        message.type = 13;
        message.body_len = 12;
    } else if (strcmp(kind, "extended-echo") == 0) {
        extended_echo();
    }
    options(kind);
    return wire_message_write(&message, to);
}

static size_t other(uint8_t protocol, uint8_t *to)
{
    uint8_t payload[8 + WIRE_BODY_MAX] = {0xc0, 0x00, 0, 9};
    const size_t len = 8 + message.body_len;
    wire_put16(payload + 4, (unsigned)len);
    wire_put16(payload + 6, 0);
    const uint32_t pseudo = wire_pseudo_sum(&message.source, &message.destination, protocol, len);
    wire_put16(payload + 6, wire_checksum(pseudo, payload, len));
    const size_t begin = wire_ip_header(to, &message.source, &message.destination, protocol,
                                        message.ttl, len);
    memcpy(to + begin, payload, len);
    return begin + len;
}

/* Of IPv6, a header goes between; its data is a multiple of 8, as all but the last have to be. */
static size_t fragment(uint8_t *to)
{
    size_t len = icmp("echo", to);
    if (message.source.family == 4) {
        wire_put16(to + 6, 0x2000);
        return len;
    }
    memmove(to + 48, to + 40, len - 40);
    memcpy(to + 40, (const uint8_t[]){WIRE_ICMPV6, 0, 0, 1, 0, 0, 0, 9}, 8);
    to[6] = FRAGMENT;
    wire_put16(to + 4, (unsigned)(len - 40 + 8));
    return len + 8;
}

static size_t datagram(const char *kind, uint8_t *to)
{
    size_t len;
    if (strcmp(kind, "udp") == 0)
        len = other(WIRE_UDP, to);
    else if (strcmp(kind, "protocol") == 0)
        len = other(NOBODY, to);
    else if (strcmp(kind, "fragment") == 0)
        len = fragment(to);
    else
        len = icmp(kind, to);
    if (df && message.source.family == 4) to[6] |= 0x40;
    return len;
}

static void fail(const char *what)
{
    perror(what);
    exit(2);
}

/* The kernel fills in the checksum of the IPv4 header. */
static void send_datagram(const uint8_t *bytes, size_t len)
{
    struct sockaddr_in6 to6 = {.sin6_family = AF_INET6};
    struct sockaddr_in to4 = {.sin_family = AF_INET};
    const bool ipv6 = message.destination.family == 6;
    const int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (fd < 0) fail("socket");
    memcpy(&to6.sin6_addr, message.destination.octets, 16);
    memcpy(&to4.sin_addr, message.destination.octets, 4);
    const ssize_t sent = ipv6 ? sendto(fd, bytes, len, 0, (struct sockaddr *)&to6, sizeof to6)
                              : sendto(fd, bytes, len, 0, (struct sockaddr *)&to4, sizeof to4);
    if (sent < 0) fail("sendto");
    close(fd);
}

/* For us, and no talk of neighbours, routers and listeners. */
static bool is_answer(const uint8_t *bytes, size_t len, const struct sockaddr_ll *from)
{
    struct wire_received received;
    if (from->sll_pkttype != PACKET_HOST || !wire_read(bytes, len, &received)) return false;
    const bool is_redirect = received.type == 137;
    return received.source.family == 4 || is_redirect || received.type < 130 || received.type > 143;
}

static int collect(int fd, int wait, int count)
{
    static uint8_t bytes[65536];
    const uint64_t until = tun_now() + (uint64_t)wait * 1000000;
    int collected = 0;
    for (uint64_t now; collected < count && (now = tun_now()) < until;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        struct sockaddr_ll from;
        socklen_t size = sizeof from;
        if (poll(&ready, 1, (int)((until - now) / 1000000) + 1) <= 0) continue;
        const ssize_t len = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size);
        if (len <= 0 || !is_answer(bytes, (size_t)len, &from)) continue;
        for (ssize_t i = 0; i < len; i++)
            printf("%02x", (unsigned)bytes[i]);
        putchar('\n');
        collected++;
    }
    return collected;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"size", required_argument, NULL, 's'},
        {"ttl", required_argument, NULL, 't'},
        {"df", no_argument, NULL, 'd'},
        {"route", no_argument, NULL, 'r'},
        {"wait", required_argument, NULL, 'w'},
        {"count", required_argument, NULL, 'c'},
        {NULL, 0, NULL, 0},
    };
    uint8_t bytes[WIRE_MAX];
    int wait = 1000, count = 1;
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
        switch (option) {
        case 's': message.body_len = strtoul(optarg, NULL, 10) % (WIRE_BODY_MAX + 1); break;
        case 't': message.ttl = (uint8_t)atoi(optarg); break;
        case 'd': df = true; break;
        case 'r': route = true; break;
        case 'w': wait = atoi(optarg); break;
        case 'c': count = atoi(optarg); break;
        default: return 2;
        }
    if (argc - optind != 3 || !wire_address_read(argv[optind + 1], &message.source) ||
        !wire_address_read(argv[optind + 2], &message.destination)) {
        fputs("usage: provoke [OPTION]... KIND SOURCE DESTINATION\n", stderr);
        return 2;
    }
    const int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
    if (fd < 0) fail("socket");
    const size_t len = datagram(argv[optind], bytes);
    send_datagram(bytes, len);
    return collect(fd, wait, count) > 0 ? 0 : 1;
}
