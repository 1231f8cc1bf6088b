/* SPDX-License-Identifier: MIT */
#include "icmp_socket.h"

#include <errno.h>
#include <limits.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "address.h"

/* Replies to a flood wait here while the program does something else. */
enum { RECEIVE_BUFFER = 8 << 20, SEND_BUFFER = 1 << 20 };

/* -------------------------------------------------------------------------------- settings -- */

static int set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0 ? 0 : errno;
}

static bool is_ipv6(const struct icmp_socket *it)
{
    return it->family == AF_INET6;
}

/* Own requests, which loopback shows to a raw socket too, and what is not about echo at all stay in
   the kernel: filtered before a copy is made. Neighbour discovery would flood an ICMPv6 socket. */
static void filter_raw(const struct icmp_socket *it)
{
    static const uint8_t four[] = {ICMP_ECHOREPLY, ICMP_DEST_UNREACH,  ICMP_SOURCE_QUENCH,
                                   ICMP_REDIRECT,  ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB};
    static const uint8_t six[] = {ICMP6_ECHO_REPLY,    ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG,
                                  ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB,  ND_REDIRECT};
    if (is_ipv6(it)) {
        struct icmp6_filter filter;
        ICMP6_FILTER_SETBLOCKALL(&filter);
        for (size_t i = 0; i < sizeof six; i++)
            ICMP6_FILTER_SETPASS(six[i], &filter);
        setsockopt(it->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
        return;
    }
    struct icmp_filter filter = {.data = ~UINT32_C(0)};
    for (size_t i = 0; i < sizeof four; i++)
        filter.data &= ~(UINT32_C(1) << four[i]);
    setsockopt(it->fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
}

/* What a ping socket does not say by itself: errors, and the time to live, which an IPv6 socket
   never shows in a header. */
static void ask_for_more(const struct icmp_socket *it)
{
    if (is_ipv6(it)) {
        set(it->fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
        if (!it->raw) set(it->fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
    } else if (!it->raw) {
        set(it->fd, IPPROTO_IP, IP_RECVTTL, 1);
        set(it->fd, IPPROTO_IP, IP_RECVERR, 1);
    }
}

/* Beyond what the system grants everybody where the program may. */
static void enlarge_buffers(int fd)
{
    if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER) != 0)
        set(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
    set(fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
    set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
}

/* --------------------------------------------------------------------------------- opening -- */

static int open_kind(struct icmp_socket *it, int type)
{
    int protocol = is_ipv6(it) ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
    it->fd = socket(it->family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    return it->fd < 0 ? errno : 0;
}

int icmp_socket_open(struct icmp_socket *it, proto_family family, enum icmp_kind kind)
{
    *it = (struct icmp_socket){.fd = -1, .family = family == PROTO_IPV6 ? AF_INET6 : AF_INET};
    int error = kind == ICMP_KIND_RAW ? EACCES : open_kind(it, SOCK_DGRAM);
    /* EACCES: not this group. EPROTONOSUPPORT: a kernel without such sockets. */
    if (error != 0 && kind != ICMP_KIND_PING) {
        it->raw = true;
        error = open_kind(it, SOCK_RAW);
    }
    if (error != 0) return error;
    if (it->raw) filter_raw(it);
    ask_for_more(it);
    enlarge_buffers(it->fd);
    arrival_stamps(it->fd);
    arrival_read(&it->clock);
    return 0;
}

static const char *own_path(char *path, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", path, size - 1);
    if (len <= 0) return "ping";
    path[len] = '\0';
    return path;
}

void icmp_socket_advice(int error, enum icmp_kind kind, char *text, size_t size)
{
    char path[PATH_MAX];
    bool denied = error == EPERM || error == EACCES;
    if (!denied) {
        snprintf(text, size, "%s", strerror(error));
    } else if (kind == ICMP_KIND_PING) {
        snprintf(text, size,
                 "%s; let your group %ld have ping sockets: "
                 "sysctl -w net.ipv4.ping_group_range=\"%ld %ld\"",
                 strerror(error), (long)getgid(), (long)getgid(), (long)getgid());
    } else {
        snprintf(text, size,
                 "%s; as root, either let every group have ping sockets: "
                 "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\", "
                 "or let this program have raw ones: setcap cap_net_raw+ep %s",
                 strerror(error), own_path(path, sizeof path));
    }
}

/* -------------------------------------------------------------------------------- settings -- */

/* The process's number would be 1 in every container, and be guessed anywhere. */
static int choose_identifier(struct icmp_socket *it)
{
    if (getrandom(&it->identifier, sizeof it->identifier, 0) < 0) return errno;
    return 0;
}

int icmp_socket_bind(struct icmp_socket *it, const proto_address *source)
{
    static const proto_address any[] = {{.family = PROTO_IPV4}, {.family = PROTO_IPV6}};
    struct sockaddr_storage name;
    if (it->raw && !source) return choose_identifier(it);
    socklen_t size = address_to_system(source ? source : &any[is_ipv6(it)], it->family, &name);
    if (bind(it->fd, (const struct sockaddr *)&name, size) != 0) return errno;
    if (it->raw) return choose_identifier(it);
    /* The system puts an identifier of its own choice into what a ping socket sends; it is where
       others have a port. */
    if (getsockname(it->fd, (struct sockaddr *)&name, &size) != 0) return errno;
    it->identifier = address_of_system(&name).port;
    return 0;
}

int icmp_socket_set_ttl(struct icmp_socket *it, int ttl)
{
    if (is_ipv6(it)) {
        set(it->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ttl);
        return set(it->fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl);
    }
    set(it->fd, IPPROTO_IP, IP_MULTICAST_TTL, ttl);
    return set(it->fd, IPPROTO_IP, IP_TTL, ttl);
}

/* What the system has learnt of the path does not count: what is too long is to be refused by the
   router that cannot pass it on, so that it can be named. */
int icmp_socket_forbid_fragments(struct icmp_socket *it)
{
    if (is_ipv6(it)) {
        set(it->fd, IPPROTO_IPV6, IPV6_DONTFRAG, 1);
        return set(it->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
    }
    return set(it->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
}

int icmp_socket_allow_broadcast(struct icmp_socket *it)
{
    return set(it->fd, SOL_SOCKET, SO_BROADCAST, 1);
}

int icmp_socket_use_interface(struct icmp_socket *it, const char *name)
{
    int error = setsockopt(it->fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name));
    return error == 0 ? 0 : errno;
}

void icmp_socket_close(struct icmp_socket *it)
{
    if (it->fd >= 0) close(it->fd);
    it->fd = -1;
}
