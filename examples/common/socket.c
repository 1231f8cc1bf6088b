/* SPDX-License-Identifier: MIT */
#include "socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

/* Connections that the system completes before the program accepts them. */
enum { BACKLOG = 1024 };

static struct addrinfo *resolve(const char *host, const char *port, int flags, const char **why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
    struct addrinfo *list = NULL;
    int error = getaddrinfo(host, port, &hints, &list);
    if (error == 0) return list;
    *why = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
    return NULL;
}

static int socket_for(const struct addrinfo *address)
{
    return socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                  address->ai_protocol);
}

/* 0, or the error that kept the connection from being made. */
static int finish_connect(int fd, uint64_t deadline)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    int ready;
    do
        ready = poll(&poll_fd, 1, clock_wait(clock_now(), deadline));
    while (ready < 0 && errno == EINTR);
    if (ready == 0) return ETIMEDOUT;
    if (ready < 0) return errno;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

static int connect_to(const struct addrinfo *address, uint64_t deadline)
{
    int fd = socket_for(address);
    if (fd < 0) return -1;
    int error = 0;
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
        error = errno == EINPROGRESS ? finish_connect(fd, deadline) : errno;
    }
    if (error == 0) return fd;
    close(fd);
    errno = error;
    return -1;
}

/* The time left is shared by the addresses not yet tried, so that a silent first one does not use
   it up. */
static uint64_t share_of(uint64_t deadline, const struct addrinfo *rest)
{
    uint64_t now = clock_now();
    unsigned addresses = 0;
    for (; rest; rest = rest->ai_next)
        addresses++;
    return deadline <= now ? now : now + (deadline - now) / addresses;
}

int socket_dial(const char *host, const char *port, uint64_t deadline, const char **why)
{
    struct addrinfo *list = resolve(host, port, 0, why);
    if (!list) return -1;
    int fd = -1;
    for (struct addrinfo *at = list; at && fd < 0; at = at->ai_next) {
        fd = connect_to(at, share_of(deadline, at));
        if (fd < 0) *why = strerror(errno);
    }
    freeaddrinfo(list);
    return fd;
}

static int listen_at(const struct addrinfo *address)
{
    int fd = socket_for(address);
    if (fd < 0) return -1;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* for every socket accepted here */
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int socket_listen(const char *address, uint16_t port, const char **why)
{
    char service[8];
    snprintf(service, sizeof service, "%u", (unsigned)port);
    struct addrinfo *list = resolve(address, service, AI_PASSIVE | AI_NUMERICSERV, why);
    if (!list) return -1;
    int fd = listen_at(list);
    if (fd < 0) *why = strerror(errno);
    freeaddrinfo(list);
    return fd;
}

void socket_text(int fd, char text[SOCKET_TEXT])
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof address;
    char host[INET6_ADDRSTRLEN] = "?";
    char port[8] = "?";
    text[0] = '\0';
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) return;
    getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    bool six = address.ss_family == AF_INET6;
    snprintf(text, SOCKET_TEXT, six ? "[%s]:%s" : "%s:%s", host, port);
}

/* getnameinfo() would do, at fifty times the price. */
static void write_host(const struct sockaddr_storage *address, char text[SOCKET_TEXT])
{
    const void *number = &((const struct sockaddr_in *)address)->sin_addr;
    if (address->ss_family == AF_INET6) number = &((const struct sockaddr_in6 *)address)->sin6_addr;
    if (!inet_ntop(address->ss_family, number, text, SOCKET_TEXT)) strcpy(text, "-");
}

int socket_accept(int listener, char peer[SOCKET_TEXT])
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof address;
    int fd = accept4(listener, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return -1;
    write_host(&address, peer);
    return fd;
}

bool socket_has_input(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void socket_end(int fd)
{
    shutdown(fd, SHUT_WR);
}
