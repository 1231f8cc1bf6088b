/* SPDX-License-Identifier: MIT */
#include "tun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t tun_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static _Noreturn void impossible(const char *what)
{
    fprintf(stderr, "no network of its own: %s: %s\n", what, strerror(errno));
    exit(TUN_EXIT_IMPOSSIBLE);
}

static void write_file(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) impossible(path);
    close(fd);
}

/* Without root there is a user namespace around it, in which one is. */
void tun_enter_namespace(void)
{
    char map[64];
    const uid_t user = geteuid();
    const gid_t group = getegid();
    if (unshare(CLONE_NEWNET) == 0) return;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) impossible("unshare");
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1", (unsigned)user);
    write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "0 %u 1", (unsigned)group);
    write_file("/proc/self/gid_map", map);
}

int tun_open(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) impossible("/dev/net/tun");
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, TUNSETIFF, &request) != 0) impossible(name);
    return fd;
}

static void set_up(int fd, const char *name)
{
    struct ifreq request = {.ifr_flags = 0};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) impossible(name);
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP | IFF_RUNNING);
    if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) impossible(name);
}

static void set_ipv4(int fd, const char *name, unsigned long what, const char *value)
{
    struct ifreq request = {.ifr_flags = 0};
    struct sockaddr_in address = {.sin_family = AF_INET};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (inet_pton(AF_INET, value, &address.sin_addr) != 1) impossible(value);
    memcpy(&request.ifr_addr, &address, sizeof address);
    if (ioctl(fd, what, &request) != 0) impossible(value);
}

static void set_ipv6(const char *name, const char *value)
{
    struct ifreq index = {.ifr_flags = 0};
    struct in6_ifreq request = {.ifr6_prefixlen = 64};
    const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) impossible("IPv6");
    strncpy(index.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, SIOCGIFINDEX, &index) != 0) impossible(name);
    request.ifr6_ifindex = index.ifr_ifindex;
    if (inet_pton(AF_INET6, value, &request.ifr6_addr) != 1) impossible(value);
    if (ioctl(fd, SIOCSIFADDR, &request) != 0) impossible(value);
    close(fd);
}

void tun_configure(const char *name, const char *ipv4, const char *ipv6)
{
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) impossible("IPv4");
    set_up(fd, "lo");
    set_ipv4(fd, name, SIOCSIFADDR, ipv4);
    set_ipv4(fd, name, SIOCSIFNETMASK, "255.255.255.0");
    set_up(fd, name);
    set_ipv6(name, ipv6);
    close(fd);
}

pid_t tun_start(char **command)
{
    const pid_t process = fork();
    if (process < 0) impossible("fork");
    if (process > 0) return process;
    /* If the responder dies, nobody would answer what it started. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

int tun_ended(pid_t process, int *status)
{
    int result;
    if (waitpid(process, &result, WNOHANG) != process) return 0;
    *status = WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
    return 1;
}
