/* SPDX-License-Identifier: MIT */
#include "traceroute.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "privileges.h"
#include "report.h"

enum { LONGEST = 65535, USUAL = 2048 };

static int set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value);
}

/* --------------------------------------------------------------------------------- addresses -- */

static bool bind_to(int fd, int family, const proto_address *address)
{
    struct sockaddr_storage system;
    socklen_t size = address_to_system(address, family, &system);
    return bind(fd, (struct sockaddr *)&system, size) == 0;
}

static bool bound_to(int fd, proto_address *address)
{
    struct sockaddr_storage system;
    socklen_t size = sizeof system;
    if (getsockname(fd, (struct sockaddr *)&system, &size) != 0) return false;
    *address = address_of_system(&system);
    return true;
}

static bool use_interface(struct icmp_socket *it, const struct options *options)
{
    if (!options->interface || it->fd < 0) return true;
    int error = icmp_socket_use_interface(it, options->interface);
    if (error != 0) report(options->interface, strerror(error));
    return error == 0;
}

/* The address from which this machine reaches the destination: no datagram is sent for that. */
static bool find_source(const struct options *options, const proto_address *destination,
                        proto_address *source)
{
    int family = destination->family == PROTO_IPV6 ? AF_INET6 : AF_INET;
    struct icmp_socket probe = {.fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_storage system;
    proto_address to = *destination;
    const char *why;
    bool found = false;
    if (probe.fd < 0) return false;
    if (to.port == 0) to.port = 33434;
    if (options->source && address_resolve(options->source, NULL, family, source, 1, &why) == 0) {
        report(options->source, why);
        close(probe.fd);
        return false;
    }
    socklen_t size = address_to_system(&to, family, &system);
    if (options->source && !bind_to(probe.fd, family, source)) {
        report(options->source, strerror(errno));
    } else if (use_interface(&probe, options)) {
        found = connect(probe.fd, (struct sockaddr *)&system, size) == 0 &&
                bound_to(probe.fd, source);
        if (!found) report(options->host, strerror(errno));
    }
    close(probe.fd);
    source->port = 0;
    return found;
}

static bool has_address(const struct ifaddrs *it, const proto_address *address)
{
    struct sockaddr_storage system = {0};
    if (!it->ifa_addr) return false;
    int family = it->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) return false;
    memcpy(&system, it->ifa_addr,
           family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
    proto_address own = address_of_system(&system);
    return proto_address_same_host(&own, address);
}

uint16_t sockets_mtu(const struct sockets *sockets, const proto_address *source)
{
    struct ifaddrs *list;
    struct ifreq request = {0};
    if (getifaddrs(&list) != 0) return 0;
    for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
        if (!has_address(at, source)) continue;
        strncpy(request.ifr_name, at->ifa_name, sizeof request.ifr_name - 1);
        if (ioctl(sockets->in[0].fd, SIOCGIFMTU, &request) != 0) request.ifr_mtu = 0;
        break;
    }
    freeifaddrs(list);
    return request.ifr_mtu > LONGEST ? LONGEST : (uint16_t)request.ifr_mtu;
}

/* ----------------------------------------------------------------------------------- opening -- */

/* A socket of UDP as one of icmp_socket.h, of the kind that is not raw: what arrives is what was
   sent, and errors come through the queue. */
static bool open_udp(struct icmp_socket *it, int family, const proto_address *source)
{
    bool ipv6 = family == AF_INET6;
    *it = (struct icmp_socket){
        .fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
        .family = family,
    };
    if (it->fd < 0) return false;
    set(it->fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, 1);
    arrival_stamps(it->fd);
    arrival_read(&it->clock);
    return bind_to(it->fd, family, source);
}

static bool ask_for_errors(const struct icmp_socket *it)
{
    bool ipv6 = it->family == AF_INET6;
    return set(it->fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_RECVERR : IP_RECVERR, 1) == 0;
}

/* A raw socket that only sends: a filter keeps all of the machine's UDP out of it. */
static bool open_raw_udp(struct icmp_socket *it, int family, const proto_address *source)
{
    struct sock_filter nothing = {.code = BPF_RET | BPF_K, .k = 0};
    struct sock_fprog program = {.len = 1, .filter = &nothing};
    *it = (struct icmp_socket){
        .fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP),
        .family = family,
        .raw = true,
    };
    if (it->fd < 0) return false;
    setsockopt(it->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
    return bind_to(it->fd, family, source);
}

static bool open_for_udp(struct sockets *sockets, proto_family family, const proto_address *source)
{
    int system = family == PROTO_IPV6 ? AF_INET6 : AF_INET;
    proto_address any_port = *source;
    any_port.port = 0;
    if (!open_udp(&sockets->in[0], system, &any_port)) return false;
    sockets->count = 1;
    sockets->own_out = icmp_socket_open(&sockets->in[1], family, ICMP_KIND_RAW) == 0;
    if (!sockets->own_out) {
        sockets->out = sockets->in[0];
        return ask_for_errors(&sockets->in[0]);
    }
    sockets->count = 2;
    return open_raw_udp(&sockets->out, system, &any_port);
}

/* A raw socket shows more of an answer than a ping socket does: what else was said in it. */
static bool open_for_icmp(struct sockets *sockets, proto_family family, const proto_address *source)
{
    char advice[512];
    int error = icmp_socket_open(&sockets->in[0], family, ICMP_KIND_RAW);
    if (error != 0 && icmp_socket_open(&sockets->in[0], family, ICMP_KIND_PING) != 0) {
        icmp_socket_advice(error, ICMP_KIND_ANY, advice, sizeof advice);
        report("ICMP", advice);
        report("ICMP", "or probe with UDP (-U), which needs no privilege");
        return false;
    }
    sockets->count = 1;
    sockets->out = sockets->in[0];
    error = icmp_socket_bind(&sockets->in[0], source);
    if (error != 0) report("ICMP", strerror(error));
    return error == 0;
}

/* Over IPv4 what is too big for a link is cut up by routers, unless it must not be. */
static void set_fragmentation(struct sockets *sockets, const struct options *options)
{
    if (options->dont_fragment || options->find_mtu)
        icmp_socket_forbid_fragments(&sockets->out);
    else if (sockets->out.family == AF_INET)
        set(sockets->out.fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
}

/* Echo replies are as long as the requests. */
static bool make_room(struct sockets *sockets, const struct options *options, proto_family family)
{
    size_t longest = options->find_mtu ? LONGEST : options->size;
    if (longest < USUAL) longest = USUAL;
    bool made = icmp_outbox_init(&sockets->outbox, longest) &&
                icmp_inbox_init(&sockets->inbox, family, longest);
    if (!made) report("memory", strerror(errno));
    return made;
}

bool sockets_open(struct sockets *sockets, const struct options *options,
                  const proto_address *destination, proto_address *source, uint16_t *identifier)
{
    proto_family family = (proto_family)destination->family;
    if (!find_source(options, destination, source)) return false;
    bool opened = options->icmp ? open_for_icmp(sockets, family, source)
                                : open_for_udp(sockets, family, source);
    if (!opened && !options->icmp) report("UDP", strerror(errno));
    if (!opened) return false;
    for (unsigned i = 0; i < sockets->count; i++)
        if (!use_interface(&sockets->in[i], options)) return false;
    if (sockets->own_out && !use_interface(&sockets->out, options)) return false;
    if (!privileges_drop(false)) {
        report("privileges", strerror(errno));
        return false;
    }
    set_fragmentation(sockets, options);
    *identifier = sockets->in[0].identifier;
    if (!options->icmp && !bound_to(sockets->in[0].fd, source)) return false;
    return make_room(sockets, options, family);
}

void sockets_close(struct sockets *sockets)
{
    if (sockets->own_out) icmp_socket_close(&sockets->out);
    for (unsigned i = 0; i < sockets->count; i++)
        icmp_socket_close(&sockets->in[i]);
    icmp_outbox_free(&sockets->outbox);
    icmp_inbox_free(&sockets->inbox);
}
