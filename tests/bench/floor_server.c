/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* usage: floor_server FILE Answers whatever ends in a blank line with FILE, reading nothing of it
 * but whether the client wants to close. What this costs is the machine's; what a server costs
 * above it is the server's own. */

enum { MAX_CONNECTIONS = 4096, SMALL = 16384, EVENTS = 64 };

/* A small file goes out of memory together with its head, a large one out of the page cache behind
   it. */
typedef struct answer {
    char memory[SMALL + 256];
    size_t head_len, memory_len, total_len;
} answer;

typedef struct connection {
    const answer *answer;
    size_t sent; /* bytes of the answer that have gone */
    bool busy;
} connection;

static connection connections[MAX_CONNECTIONS]; /* by descriptor */
static answer staying, closing;
static int file = -1;

static void die(const char *what)
{
    fprintf(stderr, "floor_server: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void prepare(answer *one, const char *path, size_t size, const char *field)
{
    one->head_len = (size_t)snprintf(one->memory, 256,
                                     "HTTP/1.1 200 OK\r\nServer: floor\r\n"
                                     "Content-Type: application/octet-stream\r\n"
                                     "Content-Length: %zu\r\n"
                                     "Last-Modified: Tue, 30 Apr 2024 10:15:42 GMT\r\n%s\r\n",
                                     size, field);
    one->memory_len = one->head_len;
    one->total_len = one->head_len + size;
    if (size > SMALL) return;
    if (pread(file, one->memory + one->head_len, size, 0) != (ssize_t)size) die(path);
    one->memory_len = one->total_len;
}

static void load(const char *path)
{
    struct stat status;
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0) die(path);
    prepare(&staying, path, (size_t)status.st_size, "");
    prepare(&closing, path, (size_t)status.st_size, "Connection: close\r\n");
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 1024) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        die("listen");
    printf("listening on http://127.0.0.1:%d/\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void watch(int epoll, int operation, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, operation, fd, &event) != 0) die("epoll_ctl");
}

static ssize_t send_more(int fd, const connection *one)
{
    const answer *what = one->answer;
    if (one->sent < what->memory_len)
        return send(fd, what->memory + one->sent, what->memory_len - one->sent, MSG_NOSIGNAL);
    off_t at = (off_t)(one->sent - what->head_len);
    return sendfile(fd, file, &at, what->total_len - one->sent);
}

/* Returns whether the connection is to go on. */
static bool transmit(int epoll, int fd, connection *one)
{
    while (one->sent < one->answer->total_len) {
        ssize_t sent = send_more(fd, one);
        if (sent < 0 && errno == EAGAIN) {
            if (!one->busy) watch(epoll, EPOLL_CTL_MOD, fd, EPOLLOUT);
            one->busy = true;
            return true;
        }
        if (sent <= 0) return false;
        one->sent += (size_t)sent;
    }
    if (one->busy) watch(epoll, EPOLL_CTL_MOD, fd, EPOLLIN);
    one->busy = false;
    one->sent = 0;
    return one->answer == &staying;
}

static bool answer_request(int epoll, int fd)
{
    char request[8192];
    connection *one = &connections[fd];
    ssize_t got = recv(fd, request, sizeof request, 0);
    if (got < 0) return errno == EAGAIN;
    if (got < 4 || memcmp(request + got - 4, "\r\n\r\n", 4) != 0) return false;
    one->answer = memmem(request, (size_t)got, "Connection: close", 17) ? &closing : &staying;
    return transmit(epoll, fd, one);
}

static void finish(int fd)
{
    connections[fd] = (connection){NULL, 0, false};
    close(fd);
}

static void accept_one(int epoll, int listener)
{
    int on = 1;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (fd >= MAX_CONNECTIONS) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN);
    if (!answer_request(epoll, fd)) finish(fd);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: floor_server FILE\n");
        return 2;
    }
    load(argv[1]);
    int listener = listen_on_loopback();
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener)
                accept_one(epoll, listener);
            else if (!(connections[fd].busy ? transmit(epoll, fd, &connections[fd])
                                            : answer_request(epoll, fd)))
                finish(fd);
        }
    }
}
