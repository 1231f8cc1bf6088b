/* SPDX-License-Identifier: MIT */
#include "datagram.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"

/* ------------------------------------------------------------------------------------ making -- */

static void turn_on(int fd, int level, int option)
{
    int on = 1;
    setsockopt(fd, level, option, &on, sizeof on); /* what the system lacks, it lacks */
}

/* A socket that says when a datagram came, where to, and how many it had to drop. */
static int make_socket(struct datagram_socket *made, int family)
{
    *made = (struct datagram_socket){.family = family};
    made->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
    if (made->fd < 0) return errno;
    arrival_stamps(made->fd);
    turn_on(made->fd, SOL_SOCKET, SO_RXQ_OVFL);
    if (family == AF_INET6) {
        turn_on(made->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
    } else {
        turn_on(made->fd, IPPROTO_IP, IP_PKTINFO);
    }
    arrival_read(&made->clock);
    return 0;
}

static int family_of(const proto_address *address)
{
    return address->family == PROTO_IPV6 ? AF_INET6 : AF_INET;
}

/* Where it cannot be done, the socket is closed. */
static int attach(struct datagram_socket *made, const proto_address *address,
                  int (*call)(int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_storage system;
    int error = make_socket(made, family_of(address));
    if (error != 0) return error;
    socklen_t size = address_to_system(address, made->family, &system);
    if (call(made->fd, (const struct sockaddr *)&system, size) == 0) return 0;
    error = errno;
    datagram_close(made);
    return error;
}

bool datagram_listen(struct datagram_socket *made, const char *address, uint16_t port,
                     const char **why)
{
    proto_address place;
    char service[8];
    snprintf(service, sizeof service, "%u", (unsigned)port);
    if (address_resolve(address, service, AF_UNSPEC, &place, 1, why) == 0) return false;
    int error = attach(made, &place, bind);
    if (error != 0) *why = strerror(error);
    return error == 0;
}

bool datagram_dial(struct datagram_socket *made, const char *host, const char *port, int family,
                   proto_address *peer, const char **why)
{
    proto_address list[DATAGRAM_ADDRESSES];
    size_t count = address_resolve(host, port, family, list, DATAGRAM_ADDRESSES, why);
    for (size_t i = 0; i < count; i++) {
        int error = attach(made, &list[i], connect);
        if (error != 0) {
            *why = strerror(error);
            continue;
        }
        turn_on(made->fd, IPPROTO_IP, IP_RECVERR);
        if (made->family == AF_INET6) turn_on(made->fd, IPPROTO_IPV6, IPV6_RECVERR);
        *peer = list[i];
        return true;
    }
    return false;
}

uint16_t datagram_port(const struct datagram_socket *socket)
{
    struct sockaddr_storage system = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof system;
    getsockname(socket->fd, (struct sockaddr *)&system, &size);
    return address_of_system(&system).port;
}

void datagram_close(struct datagram_socket *socket)
{
    close(socket->fd);
    socket->fd = -1;
}

/* ----------------------------------------------------------------------------------- sending -- */

union control {
    struct cmsghdr header; /* for its alignment */
    uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static void put_control(struct msghdr *message, union control *control, int level, int type,
                        const void *data, size_t size)
{
    memset(control, 0, sizeof *control);
    message->msg_control = control->bytes;
    message->msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), data, size);
}

/* A machine with several addresses answers from the one that was asked: a client that listens to
   its peer alone would not hear another. */
static void put_source(struct msghdr *message, union control *control, int family,
                       const proto_address *from)
{
    struct sockaddr_storage system;
    if (address_to_system(from, family, &system) == 0) return;
    if (family == AF_INET6) {
        struct in6_pktinfo source = {.ipi6_addr = ((struct sockaddr_in6 *)&system)->sin6_addr,
                                     .ipi6_ifindex = from->zone};
        put_control(message, control, IPPROTO_IPV6, IPV6_PKTINFO, &source, sizeof source);
    } else {
        struct in_pktinfo source = {.ipi_spec_dst = ((struct sockaddr_in *)&system)->sin_addr};
        put_control(message, control, IPPROTO_IP, IP_PKTINFO, &source, sizeof source);
    }
}

/* An error of an earlier datagram is told by the next call, which then has done nothing. */
static bool may_be_old(int error)
{
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
           error == EHOSTDOWN || error == ENOPROTOOPT || error == EPROTO || error == EINTR;
}

int datagram_send(struct datagram_socket *socket, proto_slice bytes, const proto_address *to,
                  const proto_address *from)
{
    uint8_t none = 0;
    struct iovec place = {bytes.len > 0 ? (void *)(uintptr_t)bytes.ptr : &none, bytes.len};
    struct msghdr message = {.msg_iov = &place, .msg_iovlen = 1};
    struct sockaddr_storage name;
    union control control;
    if (to) {
        message.msg_name = &name;
        message.msg_namelen = address_to_system(to, socket->family, &name);
        if (message.msg_namelen == 0) return EAFNOSUPPORT;
    }
    if (from) put_source(&message, &control, socket->family, from);
    int error = 0;
    for (int tries = 0; tries < 3; tries++) {
        if (sendmsg(socket->fd, &message, MSG_NOSIGNAL) >= 0) return 0;
        error = errno;
        if (!may_be_old(error)) break;
    }
    return error;
}

/* --------------------------------------------------------------------------------- receiving -- */

static void prepare(struct datagram_batch *batch)
{
    for (size_t i = 0; i < DATAGRAM_BATCH; i++) {
        batch->places[i] = (struct iovec){batch->bytes[i], DATAGRAM_SIZE};
        batch->headers[i].msg_hdr = (struct msghdr){
            .msg_name = &batch->names[i],
            .msg_namelen = sizeof batch->names[i],
            .msg_iov = &batch->places[i],
            .msg_iovlen = 1,
            .msg_control = batch->controls[i],
            .msg_controllen = DATAGRAM_CONTROL,
        };
    }
}

static proto_address local_ipv4(const void *data)
{
    struct in_pktinfo info;
    struct sockaddr_storage system;
    memcpy(&info, data, sizeof info);
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr = info.ipi_spec_dst};
    memcpy(&system, &four, sizeof four);
    return address_of_system(&system);
}

static proto_address local_ipv6(const void *data)
{
    struct in6_pktinfo info;
    struct sockaddr_storage system;
    memcpy(&info, data, sizeof info);
    if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) return (proto_address){.family = PROTO_FAMILY_NONE};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = info.ipi6_addr};
    if (IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr)) six.sin6_scope_id = info.ipi6_ifindex;
    memcpy(&system, &six, sizeof six);
    return address_of_system(&system);
}

static void read_control(struct datagram_socket *socket, struct datagram *it,
                         struct msghdr *message)
{
    for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
        if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO)
            it->to = local_ipv4(CMSG_DATA(at));
        if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO)
            it->to = local_ipv6(CMSG_DATA(at));
        if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_RXQ_OVFL)
            memcpy(&socket->overflowed, CMSG_DATA(at), sizeof socket->overflowed);
    }
}

static void read_datagram(struct datagram_socket *socket, struct datagram_batch *batch, size_t i)
{
    struct msghdr *message = &batch->headers[i].msg_hdr;
    struct datagram *it = &batch->each[i];
    size_t len = batch->headers[i].msg_len;
    *it = (struct datagram){.bytes = proto_slice_of(batch->bytes[i], len)};
    it->from = address_of_system(&batch->names[i]);
    it->cut = (message->msg_flags & MSG_TRUNC) != 0;
    it->arrived = arrival_of_message(&socket->clock, message, &it->by_kernel);
    it->arrived_real = socket->clock.real - (int64_t)(socket->clock.exact - it->arrived);
    read_control(socket, it, message);
}

int datagram_receive(struct datagram_socket *socket, struct datagram_batch *batch)
{
    int count;
    batch->count = 0;
    prepare(batch);
    do
        count = recvmmsg(socket->fd, batch->headers, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
    while (count < 0 && errno == EINTR);
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
    arrival_read(&socket->clock);
    batch->count = (unsigned)count;
    for (size_t i = 0; i < batch->count; i++)
        read_datagram(socket, batch, i);
    return 0;
}

/* ------------------------------------------------------------------------------------ errors -- */

static bool is_error(const struct cmsghdr *at)
{
    return (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_RECVERR) ||
           (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_RECVERR);
}

/* The address of who sent the ICMP message stands behind the kernel's account of it. */
static void read_error(struct datagram_error *error, const struct cmsghdr *at)
{
    struct sock_extended_err account;
    struct sockaddr_storage offender = {.ss_family = AF_UNSPEC};
    const uint8_t *data = CMSG_DATA(at);
    size_t size = at->cmsg_len - CMSG_LEN(0);
    if (size < sizeof account) return;
    memcpy(&account, data, sizeof account);
    size -= sizeof account;
    memcpy(&offender, data + sizeof account, size < sizeof offender ? size : sizeof offender);
    error->error = (int)account.ee_errno;
    error->icmp = account.ee_origin == SO_EE_ORIGIN_ICMP || account.ee_origin == SO_EE_ORIGIN_ICMP6;
    if (!error->icmp) return;
    error->type = account.ee_type;
    error->code = account.ee_code;
    error->from = address_of_system(&offender);
    error->from.port = 0;
    if (account.ee_errno == EMSGSIZE) error->mtu = account.ee_info;
}

bool datagram_error_receive(struct datagram_socket *socket, struct datagram_error *error)
{
    _Alignas(max_align_t) uint8_t control[512];
    struct iovec place = {error->storage, sizeof error->storage};
    struct msghdr message = {
        .msg_iov = &place,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    ssize_t len = recvmsg(socket->fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (len < 0) return false;
    arrival_read(&socket->clock);
    error->error = 0;
    error->type = error->code = 0;
    error->icmp = false;
    error->from = (proto_address){.family = PROTO_FAMILY_NONE};
    error->mtu = 0;
    error->bytes = proto_slice_of(error->storage, (size_t)len);
    bool by_kernel;
    error->arrived = arrival_of_message(&socket->clock, &message, &by_kernel);
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at))
        if (is_error(at)) read_error(error, at);
    return true;
}

/* ----------------------------------------------------------------------------------- waiting -- */

bool datagram_await(const int *fds, unsigned count, uint64_t deadline)
{
    struct pollfd polled[4];
    if (count > 4) count = 4;
    for (unsigned i = 0; i < count; i++)
        polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    struct timespec wait = clock_wait_exact(clock_exact(), deadline);
    return ppoll(polled, count, &wait, NULL) > 0;
}
