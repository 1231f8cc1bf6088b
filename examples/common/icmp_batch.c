/* SPDX-License-Identifier: MIT */
/* Messages by the batch, of icmp_socket.h. */
#include "icmp_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* needs the line before */
#include <linux/errqueue.h>

#include "clock.h"

static bool is_ipv6(const struct icmp_socket *it)
{
    return it->family == AF_INET6;
}

/* --------------------------------------------------------------------------------- sending -- */

bool icmp_outbox_init(struct icmp_outbox *box, size_t room)
{
    box->count = 0;
    box->room = room;
    box->bytes = malloc(room * ICMP_BATCH);
    return box->bytes != NULL;
}

proto_out icmp_outbox_sink(struct icmp_outbox *box)
{
    return proto_out_of(box->bytes + box->count * box->room, box->room);
}

static socklen_t put_name(union icmp_name *name, const proto_address *address)
{
    if (address->family == PROTO_IPV6) {
        name->six = (struct sockaddr_in6){
            .sin6_family = AF_INET6,
            .sin6_port = htons(address->port),
            .sin6_scope_id = address->zone,
        };
        memcpy(&name->six.sin6_addr, address->octets, 16);
        return sizeof name->six;
    }
    name->four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(address->port)};
    memcpy(&name->four.sin_addr, address->octets, 4);
    return sizeof name->four;
}

/* Sockets of both families take the time to live as an int. */
static void put_ttl(struct msghdr *message, union icmp_ttl *control, bool ipv6, int ttl)
{
    memset(control, 0, sizeof *control);
    message->msg_control = control->bytes;
    message->msg_controllen = sizeof control->bytes;
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    header->cmsg_level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    header->cmsg_type = ipv6 ? IPV6_HOPLIMIT : IP_TTL;
    header->cmsg_len = CMSG_LEN(sizeof ttl);
    memcpy(CMSG_DATA(header), &ttl, sizeof ttl);
}

void icmp_outbox_add(struct icmp_outbox *box, const proto_out *message, const proto_address *to,
                     int ttl)
{
    unsigned i = box->count++;
    box->places[i] = (struct iovec){message->ptr, message->len};
    box->headers[i].msg_hdr = (struct msghdr){
        .msg_name = &box->names[i],
        .msg_namelen = put_name(&box->names[i], to),
        .msg_iov = &box->places[i],
        .msg_iovlen = 1,
    };
    if (ttl > 0) put_ttl(&box->headers[i].msg_hdr, &box->ttls[i], to->family == PROTO_IPV6, ttl);
}

/* A ping socket tells of an ICMP error by the next call, whatever that is about; the call has then
   done nothing. */
static bool may_be_of_another(const struct icmp_socket *it, int error)
{
    return !it->raw &&
           (error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
            error == EHOSTDOWN || error == ENOPROTOOPT || error == EPROTO || error == EMSGSIZE ||
            error == ENONET || error == EOPNOTSUPP || error == EREMOTEIO || error == EACCES);
}

/* What interrupts a batch makes it longer for those behind, but not for those before: so what counts
   is how quickly it goes at best. */
static void note_pace(struct icmp_socket *it, const struct icmp_outbox *box, unsigned sent)
{
    enum { ENOUGH = 8 };
    if (sent < ENOUGH) return;
    uint64_t pace = (clock_exact() - box->began) / sent;
    if (it->pace == 0 || pace < it->pace) it->pace = pace;
}

unsigned icmp_send(struct icmp_socket *it, struct icmp_outbox *box, unsigned from, int *error)
{
    unsigned sent = 0;
    *error = 0;
    box->began = clock_exact();
    for (int tries = 0; from + sent < box->count && tries < 4;) {
        unsigned rest = box->count - from - sent;
        int count = sendmmsg(it->fd, box->headers + from + sent, rest, MSG_NOSIGNAL);
        if (count > 0) {
            sent += (unsigned)count;
            tries = 0;
            continue;
        }
        *error = errno;
        if (!may_be_of_another(it, *error) && *error != EINTR) break;
        it->has_errors = true;
        tries++;
    }
    if (from + sent == box->count) *error = 0;
    note_pace(it, box, sent);
    return sent;
}

uint64_t icmp_sent_when(const struct icmp_socket *it, const struct icmp_outbox *box, unsigned i)
{
    return box->began + it->pace * i;
}

void icmp_outbox_free(struct icmp_outbox *box)
{
    free(box->bytes);
    box->bytes = NULL;
}

/* ------------------------------------------------------------------------------- receiving -- */

/* An IPv4 header with all options, the ICMP header, and the longest errors (RFC 1812 section 4.3.2.3,
   RFC 4443 section 2.4). What is longer is meant for nobody here. A few bytes more keep messages from
   the same lines of the processor's cache. */
enum { HEADERS = 60 + 8, LONGEST_IPV4 = 576, LONGEST_IPV6 = 1280, OFF_LINE = 64 };

bool icmp_inbox_init(struct icmp_inbox *box, proto_family family, size_t size)
{
    box->count = 0;
    size_t most = family == PROTO_IPV6 ? LONGEST_IPV6 : LONGEST_IPV4;
    if (most < size) most = size;
    box->room = (most + HEADERS + 127) / 128 * 128 + OFF_LINE;
    box->bytes = malloc(box->room * ICMP_BATCH);
    return box->bytes != NULL;
}

static void prepare(struct icmp_inbox *box)
{
    for (unsigned i = 0; i < ICMP_BATCH; i++) {
        box->places[i] = (struct iovec){box->bytes + i * box->room, box->room};
        box->headers[i].msg_hdr = (struct msghdr){
            .msg_name = &box->names[i],
            .msg_namelen = sizeof box->names[i],
            .msg_iov = &box->places[i],
            .msg_iovlen = 1,
            .msg_control = box->controls[i],
            .msg_controllen = ICMP_CONTROL,
        };
    }
}

/* Both families begin alike. */
static proto_address name_read(const struct sockaddr_in6 *name)
{
    proto_address address = {.family = PROTO_FAMILY_NONE};
    if (name->sin6_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, name, sizeof four);
        address.family = PROTO_IPV4;
        address.port = ntohs(four.sin_port);
        memcpy(address.octets, &four.sin_addr, 4);
    } else if (name->sin6_family == AF_INET6) {
        address.family = PROTO_IPV6;
        address.port = ntohs(name->sin6_port);
        address.zone = name->sin6_scope_id;
        memcpy(address.octets, &name->sin6_addr, 16);
    }
    return address;
}

/* The time to live is given as an int; an IPv4 socket of another system may give a byte. */
static int16_t ttl_read(const struct cmsghdr *at)
{
    int wide = 0;
    const uint8_t *data = CMSG_DATA(at);
    if (at->cmsg_len < CMSG_LEN(sizeof wide)) return data[0];
    memcpy(&wide, data, sizeof wide);
    return (int16_t)(wide >= 0 && wide <= 255 ? wide : -1);
}

static void count_drops(struct icmp_socket *it, const struct cmsghdr *at)
{
    uint32_t drops;
    memcpy(&drops, CMSG_DATA(at), sizeof drops);
    it->overflowed += drops - it->drops;
    it->drops = drops;
}

static uint64_t stamp_read(const struct icmp_socket *it, const struct cmsghdr *at)
{
    struct timespec stamp;
    bool by_kernel;
    memcpy(&stamp, CMSG_DATA(at), sizeof stamp);
    int64_t real = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
    return arrival_time(&it->clock, real, &by_kernel);
}

static bool is(const struct cmsghdr *at, int level, int type)
{
    return at->cmsg_level == level && at->cmsg_type == type;
}

/* What an ICMP error said of a message of ours. One that this machine itself has made was told to
   who sent it, and is passed over: `form` stays as it was. */
static void error_read(proto_probe_arrival *it, const struct cmsghdr *at)
{
    struct sock_extended_err error;
    struct sockaddr_in6 offender = {.sin6_family = AF_UNSPEC};
    size_t size = at->cmsg_len - CMSG_LEN(0);
    if (size < sizeof error) return;
    memcpy(&error, CMSG_DATA(at), sizeof error);
    if (error.ee_origin != SO_EE_ORIGIN_ICMP && error.ee_origin != SO_EE_ORIGIN_ICMP6) return;
    size -= sizeof error;
    if (size > sizeof offender) size = sizeof offender;
    memcpy(&offender, (const uint8_t *)CMSG_DATA(at) + sizeof error, size);
    it->form = PROTO_PROBE_RETURNED;
    it->destination = it->source;
    it->source = name_read(&offender);
    it->type = error.ee_type;
    it->code = error.ee_code;
    it->info = error.ee_errno == EMSGSIZE ? error.ee_info : 0;
}

static void control_read(struct icmp_socket *it, proto_probe_arrival *arrival, struct msghdr *from)
{
    for (struct cmsghdr *at = CMSG_FIRSTHDR(from); at; at = CMSG_NXTHDR(from, at)) {
        if (is(at, SOL_SOCKET, SO_TIMESTAMPNS)) {
            if (!it->own_stamps) arrival->when = stamp_read(it, at);
        } else if (is(at, IPPROTO_IP, IP_TTL) || is(at, IPPROTO_IPV6, IPV6_HOPLIMIT)) {
            arrival->ttl = ttl_read(at);
        } else if (is(at, SOL_SOCKET, SO_RXQ_OVFL)) {
            count_drops(it, at);
        } else if (is(at, IPPROTO_IP, IP_RECVERR) || is(at, IPPROTO_IPV6, IPV6_RECVERR)) {
            error_read(arrival, at);
        }
    }
}

static void message_read(struct icmp_socket *it, struct icmp_inbox *box, unsigned i,
                         proto_probe_arrival *arrival)
{
    *arrival = (proto_probe_arrival){
        .bytes = proto_slice_of(box->bytes + i * box->room, box->headers[i].msg_len),
        .source = name_read(&box->names[i]),
        .when = it->clock.exact,
        .form = it->raw && !is_ipv6(it) ? PROTO_PROBE_PACKET : PROTO_PROBE_MESSAGE,
        .ttl = -1,
        .verified = !it->raw || is_ipv6(it),
    };
    control_read(it, arrival, &box->headers[i].msg_hdr);
}

static int fetch(struct icmp_socket *it, struct icmp_inbox *box, int flags)
{
    int count;
    box->count = 0;
    prepare(box);
    do
        count = recvmmsg(it->fd, box->headers, ICMP_BATCH, flags | MSG_DONTWAIT, NULL);
    while (count < 0 && errno == EINTR);
    if (count > 0) arrival_read(&it->clock);
    box->more = count == ICMP_BATCH;
    return count;
}

int icmp_receive(struct icmp_socket *it, struct icmp_inbox *box)
{
    int count = fetch(it, box, 0);
    if (count < 0 && may_be_of_another(it, errno)) {
        it->has_errors = true;
        return 0;
    }
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
    for (unsigned i = 0; i < (unsigned)count; i++) {
        if (box->headers[i].msg_hdr.msg_flags & MSG_TRUNC)
            it->strangers++;
        else
            message_read(it, box, i, &box->each[box->count++]);
    }
    return 0;
}

void icmp_receive_errors(struct icmp_socket *it, struct icmp_inbox *box)
{
    int count = fetch(it, box, MSG_ERRQUEUE);
    it->has_errors = box->more;
    for (unsigned i = 0; count > 0 && i < (unsigned)count; i++) {
        message_read(it, box, i, &box->each[box->count]);
        if (box->each[box->count].form == PROTO_PROBE_RETURNED) box->count++;
    }
}

void icmp_inbox_free(struct icmp_inbox *box)
{
    free(box->bytes);
    box->bytes = NULL;
}
