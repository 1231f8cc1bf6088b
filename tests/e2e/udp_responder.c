// SPDX-License-Identifier: MIT
// A server of UDP that answers as it is told: `udp_responder ACTION...` does the first action with the first datagram, the second
// with the second, and the last with all others. It says where it listens as udppingd does.

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char datagram[4096], previous[4096];
static size_t length, previous_length;
static struct sockaddr_in peer;
static int server, stranger;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void answer(int from, const void *bytes, size_t size)
{
    if (sendto(from, bytes, size, 0, (struct sockaddr *)&peer, sizeof peer) < 0) perror("sendto");
}

static void echo(void)
{
    answer(server, datagram, length);
}

static void silence(void) {}

static void late(void)
{
    usleep(350000);
    echo();
}

static void twice(void)
{
    echo();
    echo();
}

static void again(void) // the answer to the one before, with the time of day that this one has
{
    answer(server, previous, previous_length);
}

static void garbled(void)
{
    datagram[length - 1] ^= 1;
    echo();
}

static void longer(void)
{
    memcpy(datagram + length, "!", 2);
    answer(server, datagram, length + 1);
}

static void empty(void)
{
    answer(server, "", 0);
}

static void escapes(void)
{
    static const char bytes[] = "\x1b[2J\x1b]0;title\x07\r\nReply from 127.0.0.1: forged";
    answer(server, bytes, sizeof bytes - 1);
}

static void unsent(void)
{
    static const char bytes[] = "PING 4000 2026-11-22 10:00:00";
    answer(server, bytes, sizeof bytes - 1);
}

static void other_port(void)
{
    answer(stranger, datagram, length);
}

static const struct {
    const char *name;
    void (*run)(void);
} actions[] = {
    {"echo", echo},     {"silence", silence},       {"late", late},
    {"twice", twice},   {"again", again},           {"garbled", garbled},
    {"longer", longer}, {"empty", empty},           {"escapes", escapes},
    {"unsent", unsent}, {"other_port", other_port},
};

static void act(const char *name)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(name, actions[i].name) == 0) {
            actions[i].run();
            return;
        }
    fprintf(stderr, "no action: %s\n", name);
    exit(2);
}

static int bound_socket(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (fd < 0 || bind(fd, (struct sockaddr *)address, size) != 0) fail("bind");
    if (getsockname(fd, (struct sockaddr *)address, &size) != 0) fail("getsockname");
    return fd;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    stranger = bound_socket(&address);
    server = bound_socket(&address);
    printf("listening on 127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    for (int i = 1; argc > 1;) {
        socklen_t size = sizeof peer;
        ssize_t received = recvfrom(server, datagram, sizeof datagram - 2, 0,
                                    (struct sockaddr *)&peer, &size);
        if (received < 0) fail("recvfrom");
        length = (size_t)received;
        char copy[sizeof previous];
        memcpy(copy, datagram, length);
        size_t copied = length;
        act(argv[i]);
        memcpy(previous, copy, copied);
        previous_length = copied;
        if (i + 1 < argc) i++;
    }
    return 2;
}
