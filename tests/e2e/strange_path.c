/* SPDX-License-Identifier: MIT */
/*
 * usage: strange_path COMMAND [ARGUMENT]...
 *        strange_path --list
 *
 * Runs a command in a network of its own, in which the way to each address is another one, of
 * routers that do what routers on the Internet do and kernels do not: paths for a traceroute.
 * `--list` prints a line for each: its name, its IPv4 address and its IPv6 address. Router K of every
 * path is 192.0.2.(200 + K) and 2001:db8::f:K (K as a hexadecimal number), and answers after K
 * milliseconds; the destination is the sixth hop. Exits as the command does, or with 77 where such a
 * network cannot be made.
 */
#include "delayed.h"
#include "tun.h"
#include "wire.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_HOST = 10, LENGTH = 6, STRANGER = 50 };

/* A probe that came, to be answered by the router that its time to live ends at, or by its
 * destination. */
struct probe {
    struct wire_received packet;
    unsigned hop;
    unsigned number; /* how many like it came to this hop of this path before it */
};

static bool is_ipv6(const struct probe *probe)
{
    return probe->packet.source.family == 6;
}

static void send_at(const struct wire_message *message, unsigned milliseconds)
{
    uint8_t bytes[WIRE_MAX];
    const size_t len = wire_message_write(message, bytes);
    delayed_put(tun_now() + milliseconds * 1000000u, bytes, len);
}

static struct wire_address router(const struct probe *probe, unsigned hop)
{
    struct wire_address address = probe->packet.source;
    if (is_ipv6(probe)) {
        wire_put16(address.octets + 12, 0x0f);
        wire_put16(address.octets + 14, hop);
    } else {
        address.octets[3] = (uint8_t)(200 + hop);
    }
    return address;
}

/* What the router at `hop` says when the time of the probe is over there: time to live 1, a whole
 * quote. */
static struct wire_message exceeded(const struct probe *probe, unsigned hop)
{
    struct wire_message error = {.source = router(probe, hop), .ttl = (uint8_t)(65 - hop)};
    error.destination = probe->packet.source;
    error.type = is_ipv6(probe) ? 3 : 11;
    error.body_len = probe->packet.len < 500 ? probe->packet.len : 500;
    memcpy(error.body, probe->packet.datagram, error.body_len);
    error.body[is_ipv6(probe) ? 7 : 8] = 1;
    return error;
}

static struct wire_message refused(const struct probe *probe, unsigned hop, unsigned ipv4_code,
                                   unsigned ipv6_code)
{
    struct wire_message error = exceeded(probe, hop);
    error.type = is_ipv6(probe) ? 1 : 3;
    error.code = (uint8_t)(is_ipv6(probe) ? ipv6_code : ipv4_code);
    return error;
}

/* The destination's answer: to an echo request its reply, to all else that nobody listens. */
static struct wire_message arrived(const struct probe *probe)
{
    const struct wire_received *packet = &probe->packet;
    struct wire_message answer = refused(probe, LENGTH, 3, 4);
    answer.source = packet->destination;
    if (packet->protocol == WIRE_UDP) return answer;
    answer.type = is_ipv6(probe) ? 129 : 0;
    answer.code = 0;
    memcpy(answer.rest, packet->icmp + 4, 4);
    answer.body_len = packet->icmp_len - 8 < WIRE_BODY_MAX ? packet->icmp_len - 8 : WIRE_BODY_MAX;
    memcpy(answer.body, packet->icmp + 8, answer.body_len);
    return answer;
}

static void ordinary(const struct probe *probe)
{
    const unsigned hop = probe->hop < LENGTH ? probe->hop : LENGTH;
    const struct wire_message answer = hop < LENGTH ? exceeded(probe, hop) : arrived(probe);
    send_at(&answer, hop);
}

/* Puts an extension structure of `len` bytes behind a quote of 128 (RFC 4884). */
static void extend(const struct probe *probe, struct wire_message *error, const uint8_t *objects,
                   size_t len, bool length_said)
{
    if (error->body_len < 128) memset(error->body + error->body_len, 0, 128 - error->body_len);
    uint8_t *extension = error->body + 128;
    memcpy(extension, (const uint8_t[]){0x20, 0, 0, 0}, 4);
    memcpy(extension + 4, objects, len);
    error->body_len = 128 + 4 + len;
    wire_put16(extension + 2, wire_checksum(0, extension, 4 + len));
    if (length_said) error->rest[is_ipv6(probe) ? 0 : 1] = is_ipv6(probe) ? 16 : 32;
}

/* Labels 24001 with time to live 1, and at the third hop 24002 and 3 with 2 and 3. */
static void labelled(const struct probe *probe, bool length_said)
{
    static const uint8_t one[] = {0, 8, 1, 1, 0x05, 0xdc, 0x11, 1};
    static const uint8_t two[] = {0, 12, 1, 1, 0x05, 0xdc, 0x20, 2, 0, 0, 0x31, 3};
    struct wire_message error = exceeded(probe, probe->hop);
    if (probe->hop != 2 && probe->hop != 3) {
        ordinary(probe);
        return;
    }
    if (probe->hop == 2)
        extend(probe, &error, one, sizeof one, length_said);
    else
        extend(probe, &error, two, sizeof two, length_said);
    send_at(&error, probe->hop);
}

static void labels(const struct probe *probe)
{
    labelled(probe, true);
}

/* As routers did before RFC 4884. */
static void labels_unsaid(const struct probe *probe)
{
    labelled(probe, false);
}

/* The second router names the interface that the probe came by (RFC 5837): index 7, a name that
 * would colour a terminal, MTU 1500. */
static void interface(const struct probe *probe)
{
    static const uint8_t object[] = {0,   20,  2,    0x0b, 0,   0,   0, 7, 8,    'e',
                                     't', 'h', 0x1b, '[',  '1', 'm', 0, 0, 0x05, 0xdc};
    struct wire_message error = exceeded(probe, probe->hop);
    if (probe->hop != 2) {
        ordinary(probe);
        return;
    }
    extend(probe, &error, object, sizeof object, true);
    send_at(&error, probe->hop);
}

static void silent_hop(const struct probe *probe)
{
    if (probe->hop != 3) ordinary(probe);
}

static void black_hole(const struct probe *probe)
{
    if (probe->hop < 4) ordinary(probe);
}

/* Behind the third router it goes round between the third and the fourth. */
static void loop(const struct probe *probe)
{
    const unsigned hop = probe->hop < 3 ? probe->hop : 3 + (probe->hop - 3) % 2;
    const struct wire_message error = exceeded(probe, hop);
    send_at(&error, hop);
}

static void refused_from_hop(const struct probe *probe, unsigned hop, unsigned ipv4_code,
                             unsigned ipv6_code)
{
    const struct wire_message error = refused(probe, hop, ipv4_code, ipv6_code);
    if (probe->hop < hop)
        ordinary(probe);
    else
        send_at(&error, hop);
}

static void host_unreachable(const struct probe *probe)
{
    refused_from_hop(probe, 4, 1, 3);
}

static void prohibited(const struct probe *probe)
{
    refused_from_hop(probe, 4, 13, 1);
}

/* The link behind the third router takes 1280 bytes, or over IPv4 600. */
static void too_big(const struct probe *probe)
{
    const unsigned mtu = is_ipv6(probe) ? 1280 : 600;
    struct wire_message error = refused(probe, 3, 4, 0);
    if (probe->hop < 4 || probe->packet.len <= mtu) {
        ordinary(probe);
        return;
    }
    if (is_ipv6(probe)) error.type = 2;
    wire_put16(error.rest + 2, mtu);
    send_at(&error, 3);
}

/* The destination answers with the time to live that was left of the probe: it has to be as much as
 * the way back is long. */
static void borrowed_ttl(const struct probe *probe)
{
    if (probe->hop < LENGTH || probe->hop >= 2 * LENGTH - 1) ordinary(probe);
}

/* A datagram of somebody else's bears other data, if as much of it is quoted at all. */
static void make_foreign(const struct probe *probe, struct wire_message *error)
{
    const size_t data = (is_ipv6(probe) ? 40 : 20) + 8;
    if (probe->number % 2 == 1) error->body_len = data;
    for (size_t i = data; i < error->body_len; i++)
        error->body[i] ^= 0x15;
}

/* Before each answer, one about somebody else's probe to the same host: from another port, or with
 * another identifier. */
static void somebody_elses(const struct probe *probe)
{
    struct wire_message error = exceeded(probe, STRANGER);
    error.body[(is_ipv6(probe) ? 40 : 20) + (probe->packet.protocol == WIRE_UDP ? 1 : 5)] ^= 0x15;
    make_foreign(probe, &error);
    send_at(&error, 0);
    ordinary(probe);
}

/* Before each answer one about somebody else's probe, which differs in the host that it was for. */
static void elsewhere(const struct probe *probe)
{
    struct wire_message error = exceeded(probe, STRANGER);
    error.body[is_ipv6(probe) ? 39 : 19] ^= 0x15;
    make_foreign(probe, &error);
    send_at(&error, 0);
    ordinary(probe);
}

static void three_times(const struct probe *probe)
{
    for (unsigned i = 0; i < 3; i++)
        ordinary(probe);
}

static void slow_hop(const struct probe *probe)
{
    const struct wire_message error = exceeded(probe, 3);
    if (probe->hop == 3)
        send_at(&error, 200);
    else
        ordinary(probe);
}

/* The third router says one thing in so many seconds, however much it is asked. */
static void sparing(const struct probe *probe)
{
    if (probe->hop != 3 || probe->number == 0) ordinary(probe);
}

/* Eight bytes behind the quoted header are all that RFC 792 asks for. */
static void short_quotes(const struct probe *probe)
{
    struct wire_message error = exceeded(probe, probe->hop);
    error.body_len = is_ipv6(probe) ? 48 : 28;
    if (probe->hop < LENGTH)
        send_at(&error, probe->hop);
    else
        ordinary(probe);
}

/* Behind the third router somebody translated addresses: the checksum is another one, and so are
 * what a router may change and the class of traffic. */
static void translated(const struct probe *probe)
{
    struct wire_message error = exceeded(probe, probe->hop);
    if (probe->hop < 4 || probe->hop >= LENGTH) {
        ordinary(probe);
        return;
    }
    const size_t header = is_ipv6(probe) ? 40 : 20;
    const size_t checksum = header + (probe->packet.protocol == WIRE_UDP ? 6 : 2);
    wire_put16(error.body + checksum, wire_get16(error.body + checksum) + 0x1234u);
    if (!is_ipv6(probe)) {
        error.body[1] = 0x28;
        memset(error.body + 10, 0, 2);
    }
    send_at(&error, probe->hop);
}

/* The third router forwards what has no time left: the fourth is seen twice. */
static void zero_ttl(const struct probe *probe)
{
    struct wire_message error = exceeded(probe, 4);
    if (probe->hop != 3) {
        ordinary(probe);
        return;
    }
    error.body[is_ipv6(probe) ? 7 : 8] = 0;
    send_at(&error, 4);
}

/* The destination has several addresses, and says from another one that nobody listens. */
static void other_address(const struct probe *probe)
{
    struct wire_message answer = arrived(probe);
    if (probe->hop < LENGTH || probe->packet.protocol != WIRE_UDP) {
        ordinary(probe);
        return;
    }
    answer.source = router(probe, STRANGER);
    send_at(&answer, LENGTH);
}

/* Of the ways, one is a hop shorter. */
static void two_lengths(const struct probe *probe)
{
    struct probe nearer = *probe;
    if (probe->hop == LENGTH - 1 && probe->number % 2 == 1) nearer.hop = LENGTH;
    ordinary(&nearer);
}

static void damaged(const struct probe *probe)
{
    struct wire_message error = exceeded(probe, 2);
    if (probe->hop != 2) {
        ordinary(probe);
        return;
    }
    error.wrong_checksum = true;
    send_at(&error, 2);
}

static const struct path {
    const char *name;
    void (*pass)(const struct probe *probe);
} paths[] = {
    {"ordinary", ordinary},
    {"labels", labels},
    {"labels-unsaid", labels_unsaid},
    {"interface", interface},
    {"silent-hop", silent_hop},
    {"black-hole", black_hole},
    {"loop", loop},
    {"host-unreachable", host_unreachable},
    {"prohibited", prohibited},
    {"too-big", too_big},
    {"borrowed-ttl", borrowed_ttl},
    {"somebody-elses", somebody_elses},
    {"elsewhere", elsewhere},
    {"three-times", three_times},
    {"slow-hop", slow_hop},
    {"sparing", sparing},
    {"short-quotes", short_quotes},
    {"translated", translated},
    {"zero-ttl", zero_ttl},
    {"other-address", other_address},
    {"two-lengths", two_lengths},
    {"damaged", damaged},
};
enum { PATHS = sizeof paths / sizeof *paths };

static void receive(const uint8_t *datagram, size_t len)
{
    static unsigned numbers[2][2][PATHS][256];
    struct probe probe;
    if (!wire_ip_read(datagram, len, &probe.packet)) return;
    const struct wire_address *to = &probe.packet.destination;
    const size_t host = to->octets[is_ipv6(&probe) ? 15 : 3];
    const uint8_t protocol = probe.packet.protocol;
    if (protocol != WIRE_UDP && protocol != (is_ipv6(&probe) ? WIRE_ICMPV6 : WIRE_ICMP)) return;
    if (to->octets[0] >= 0xe0 || host < FIRST_HOST || host >= FIRST_HOST + PATHS) return;
    probe.hop = probe.packet.ttl;
    probe.number = numbers[is_ipv6(&probe)][protocol == WIRE_UDP][host - FIRST_HOST][probe.hop]++;
    paths[host - FIRST_HOST].pass(&probe);
}

static void send_due(int tun)
{
    while (delayed_first() && delayed_first()->due <= tun_now()) {
        struct packet *packet = delayed_take();
        if (write(tun, packet->bytes, packet->len) < 0) perror("strange_path: write");
        free(packet);
    }
}

static int serve(int tun, pid_t command)
{
    static uint8_t datagram[65536];
    int status = 0;
    while (!tun_ended(command, &status)) {
        struct pollfd ready = {.fd = tun, .events = POLLIN};
        poll(&ready, 1, delayed_first() ? 1 : 20);
        for (ssize_t len; (len = read(tun, datagram, sizeof datagram)) > 0;)
            receive(datagram, (size_t)len);
        send_due(tun);
    }
    return status;
}

static int list(void)
{
    for (size_t i = 0; i < PATHS; i++)
        printf("%s 192.0.2.%zu 2001:db8::%zx\n", paths[i].name, FIRST_HOST + i, FIRST_HOST + i);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) return 2;
    if (strcmp(argv[1], "--list") == 0) return list();
    tun_enter_namespace();
    const int tun = tun_open("strange");
    tun_configure("strange", "192.0.2.1", "2001:db8::1");
    return serve(tun, tun_start(argv + 1));
}
