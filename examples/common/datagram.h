/* SPDX-License-Identifier: MIT */
/* UDP: sockets for asking one peer and for answering many; what arrives, when, and what went
   wrong on the way. */
#ifndef DATAGRAM_H
#define DATAGRAM_H

#include <netinet/in.h>
#include <proto/inet.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "arrival.h"

enum {
    DATAGRAM_BATCH = 32,     /* received by one call of the system */
    DATAGRAM_SIZE = 2048,    /* bytes of one that are kept */
    DATAGRAM_CONTROL = 160,  /* what the kernel says beside it */
    DATAGRAM_ADDRESSES = 16, /* of a host, that are tried */
};

struct datagram_socket {
    int fd; /* non-blocking, closed on exec */
    int family;
    struct arrival_clock clock;
    uint32_t overflowed; /* datagrams lost because nobody fetched them in time */
};

/* One that arrived. */
struct datagram {
    proto_slice bytes;
    proto_address from;
    proto_address to;     /* what of this machine's addresses it was sent to */
    uint64_t arrived;     /* as clock_exact() */
    int64_t arrived_real; /* as clock_real() */
    bool by_kernel;       /* the kernel noted when */
    bool cut;             /* it was longer */
};

/* A row of them, and where they are kept. Some 80 KB: static, or part of what is. */
struct datagram_batch {
    unsigned count;
    struct datagram each[DATAGRAM_BATCH];
    /* The system's: */
    struct mmsghdr headers[DATAGRAM_BATCH];
    struct iovec places[DATAGRAM_BATCH];
    struct sockaddr_storage names[DATAGRAM_BATCH];
    _Alignas(max_align_t) uint8_t controls[DATAGRAM_BATCH][DATAGRAM_CONTROL];
    uint8_t bytes[DATAGRAM_BATCH][DATAGRAM_SIZE];
};

/* Binds to an address of this machine, given by name or number, to hear from anybody; port 0 lets
   the system choose. Returns whether it could, or the reason in `why`. */
bool datagram_listen(struct datagram_socket *socket, const char *address, uint16_t port,
                     const char **why);

/* Resolves a host and makes a socket that hears from this one peer alone: what other addresses or
   ports send is dropped by the system. `family` is AF_UNSPEC, AF_INET or AF_INET6. Nothing is sent.
   Returns whether it could, or the reason in `why`. */
bool datagram_dial(struct datagram_socket *socket, const char *host, const char *port, int family,
                   proto_address *peer, const char **why);

/* The port that a socket is bound to. */
uint16_t datagram_port(const struct datagram_socket *socket);

/* Sends one datagram: `to` an address, or NULL for the peer; `from` is the address of this machine
   to send it from, or NULL. Returns 0 or the error. EAGAIN and ENOBUFS say that there is no room
   now; the datagram was not sent, and is not lost either. */
int datagram_send(struct datagram_socket *socket, proto_slice bytes, const proto_address *to,
                  const proto_address *from);

/* Receives what waits, as far as there is room. Returns 0 or the error; with 0, `count` may be 0.
   An error such as ECONNREFUSED is about an earlier datagram of ours; datagram_error_receive()
   says about which. */
int datagram_receive(struct datagram_socket *socket, struct datagram_batch *batch);

/* What an ICMP error says about a datagram of ours. */
struct datagram_error {
    int error;          /* what the system makes of it: ECONNREFUSED, EHOSTUNREACH... */
    uint8_t type, code; /* of the ICMP message; 0 where this machine itself is at fault */
    bool icmp;
    proto_address from; /* who says it: the peer, a router on the way, or nobody */
    uint32_t mtu;       /* where it was too long for a link */
    proto_slice bytes;  /* the datagram of ours, or its beginning */
    uint64_t arrived;
    uint8_t storage[DATAGRAM_SIZE];
};

/* Takes the oldest error of a socket that has a peer. Returns whether there was one. */
bool datagram_error_receive(struct datagram_socket *socket, struct datagram_error *error);

/* Waits until something arrives at one of `count` sockets or other descriptors, or until
   `deadline`, as clock_exact(). Returns whether something has; a signal ends the wait too. */
bool datagram_await(const int *fds, unsigned count, uint64_t deadline);

void datagram_close(struct datagram_socket *socket);

#endif
