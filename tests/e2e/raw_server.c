// SPDX-License-Identifier: MIT
// A server that answers every request with the bytes of a file, whatever they are: `raw_server FILE` says where it listens as
// webserver does, and shows each head that it gets.

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char request[65536];
static char answer[1 << 20];

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static size_t read_answer(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    size_t length = fread(answer, 1, sizeof answer, file);
    fclose(file);
    return length;
}

static void serve(int fd, const char *path)
{
    size_t length = 0;
    ssize_t size = 1;
    while (!strstr(request, "\r\n\r\n") && length + 1 < sizeof request && size > 0) {
        size = read(fd, request + length, sizeof request - 1 - length);
        if (size > 0) length += (size_t)size;
        request[length] = '\0';
    }
    fputs(request, stdout);
    fflush(stdout);
    memset(request, 0, sizeof request);
    length = read_answer(path);
    for (size_t sent = 0; sent < length; sent += (size_t)size) {
        size = send(fd, answer + sent, length - sent, MSG_NOSIGNAL);
        if (size <= 0) return;
    }
    shutdown(fd, SHUT_WR);
    struct pollfd peer = {.fd = fd, .events = POLLIN};
    while (poll(&peer, 1, 1000) > 0 && read(fd, request, sizeof request - 1) > 0)
        continue;
    memset(request, 0, sizeof request);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    if (argc != 2) return 2;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 ||
        listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        fail("listen");
    }
    printf("listening on http://127.0.0.1:%u/\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) fail("accept");
        serve(fd, argv[1]);
        close(fd);
    }
}
