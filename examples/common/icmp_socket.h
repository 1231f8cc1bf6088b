/* SPDX-License-Identifier: MIT */
/*
 * Sockets for ICMP and ICMPv6, and messages by the batch.
 *
 * There are two kinds. A ping socket needs no privilege where the administrator lets a user's group
 * have one (net.ipv4.ping_group_range): the system sets the identifier, verifies checksums, hands
 * over the replies to this socket's own requests alone, and tells of ICMP errors through a queue of
 * their own. A raw socket needs CAP_NET_RAW or root and is given every ICMP message that comes to
 * this machine, of which a filter lets pass what may answer a request. Over IPv4 it sees the IP
 * header too.
 *
 * What arrives has the form that proto_probe_receive() takes, stamped with the time at which the
 * kernel took it from the wire.
 */
#ifndef ICMP_SOCKET_H
#define ICMP_SOCKET_H

#include <netinet/in.h>
#include <proto/probe.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "arrival.h"

/* Messages sent or received by one call of the system. More do not make it cheaper. */
enum { ICMP_BATCH = 64 };

/* ---------------------------------------------------------------------------------- sockets -- */

enum icmp_kind {
    ICMP_KIND_ANY, /* a ping socket, or else a raw one */
    ICMP_KIND_PING,
    ICMP_KIND_RAW
};

struct icmp_socket {
    int fd;     /* non-blocking, closed on exec; -1 where there is none */
    int family; /* AF_INET or AF_INET6 */
    bool raw;
    bool own_stamps;     /* messages count as arrived when the program got them */
    uint16_t identifier; /* of echo requests sent here */
    bool has_errors;     /* something may be in the queue of errors */
    struct arrival_clock clock;
    uint64_t pace;       /* nanoseconds that a message of a batch takes to be sent, at the least */
    uint64_t strangers;  /* messages that were longer than any that can be meant for us */
    uint64_t overflowed; /* messages that nobody fetched in time and the kernel dropped */
    uint32_t drops;      /* the kernel's count of them, which wraps */
};

/* Opens a socket for PROTO_IPV4 or PROTO_IPV6. This is what a privilege may be needed for, and all
   of it. Returns 0, or the error, for icmp_socket_advice(). */
int icmp_socket_open(struct icmp_socket *it, proto_family family, enum icmp_kind kind);

/* What to do where no socket can be had, in one line. */
void icmp_socket_advice(int error, enum icmp_kind kind, char *text, size_t size);

/* Binds to an address of this machine, or NULL for whichever the system takes, and finds out the
   identifier. To be called once, before anything is sent. Returns 0 or the error. */
int icmp_socket_bind(struct icmp_socket *it, const proto_address *source);

/* How datagrams leave. Each returns 0 or the error. */
int icmp_socket_set_ttl(struct icmp_socket *it, int ttl);
int icmp_socket_forbid_fragments(struct icmp_socket *it);
int icmp_socket_allow_broadcast(struct icmp_socket *it);
int icmp_socket_use_interface(struct icmp_socket *it, const char *name);

void icmp_socket_close(struct icmp_socket *it);

/* ---------------------------------------------------------------------------------- sending -- */

/* Messages to be sent, and where they are kept. */
struct icmp_outbox {
    unsigned count;
    uint64_t began; /* when the last call began to send */
    size_t room;    /* for each message */
    uint8_t *bytes;
    struct mmsghdr headers[ICMP_BATCH];
    struct iovec places[ICMP_BATCH];
    union icmp_name {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } names[ICMP_BATCH];
    union icmp_ttl {
        max_align_t alignment;
        uint8_t bytes[CMSG_SPACE(sizeof(int))];
    } ttls[ICMP_BATCH];
};

/* Makes an outbox for messages of up to `room` bytes. Returns whether there was memory. Nothing is
   touched that will not be used. */
bool icmp_outbox_init(struct icmp_outbox *box, size_t room);

/* The sink for the next message; only while `count` is less than ICMP_BATCH. */
proto_out icmp_outbox_sink(struct icmp_outbox *box);

/* Adds what was written to that sink; with a time to live of its own, or 0 for the socket's. */
void icmp_outbox_add(struct icmp_outbox *box, const proto_out *message, const proto_address *to,
                     int ttl);

/* Sends messages from number `from` on, as many as the system takes, and returns how many that
   were. Where they are not all, `error` is what the next one has met: EAGAIN and ENOBUFS say that
   there is no room now, others that the system does not send this one. */
unsigned icmp_send(struct icmp_socket *it, struct icmp_outbox *box, unsigned from, int *error);

/* When message `i` of those of the last call left, as far as that is known: they leave one after
   the other, and no sooner than this. */
uint64_t icmp_sent_when(const struct icmp_socket *it, const struct icmp_outbox *box, unsigned i);

void icmp_outbox_free(struct icmp_outbox *box);

/* -------------------------------------------------------------------------------- receiving -- */

enum { ICMP_CONTROL = 192 }; /* for what is asked for, and half as much again */

/* Messages that arrived, and where they are kept. */
struct icmp_inbox {
    unsigned count;
    bool more; /* than there was room for: some may still wait */
    proto_probe_arrival each[ICMP_BATCH];
    /* The system's: */
    size_t room;
    uint8_t *bytes;
    struct mmsghdr headers[ICMP_BATCH];
    struct iovec places[ICMP_BATCH];
    struct sockaddr_in6 names[ICMP_BATCH]; /* either family */
    _Alignas(max_align_t) uint8_t controls[ICMP_BATCH][ICMP_CONTROL];
};

/* Makes an inbox for replies with up to `size` bytes of data, and errors. Returns whether there was
   memory. */
bool icmp_inbox_init(struct icmp_inbox *box, proto_family family, size_t size);

/* Receives what waits, as far as there is room. Returns 0 or the error; with 0, `count` may be 0. */
int icmp_receive(struct icmp_socket *it, struct icmp_inbox *box);

/* Receives what waits in the queue of errors of a ping socket. */
void icmp_receive_errors(struct icmp_socket *it, struct icmp_inbox *box);

void icmp_inbox_free(struct icmp_inbox *box);

#endif
