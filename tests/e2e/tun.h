/* SPDX-License-Identifier: MIT */
/*
 * Networks that exist for one command: a namespace of its own, in it an interface whose other end
 * is a program. Nothing of it is left when the program ends, and any number may run beside each
 * other.
 */
#ifndef TUN_H
#define TUN_H

#include <stdint.h>
#include <sys/types.h>

/* What a program exits with that cannot make a network, as tests that are skipped do. */
enum { TUN_EXIT_IMPOSSIBLE = 77 };

/* Nanoseconds of the monotonic clock. */
uint64_t tun_now(void);

/* Makes a network namespace, with root's rights in it, and goes there. Says why if it cannot, and
 * exits with TUN_EXIT_IMPOSSIBLE; so do the others here. */
void tun_enter_namespace(void);

/* Makes an interface in the present namespace; returns a descriptor that does not block, which
 * gives and takes whole IP datagrams. */
int tun_open(const char *name);

/* Gives it an address of each family (/24 and /64) and starts it, and the loopback too. */
void tun_configure(const char *name, const char *ipv4, const char *ipv6);

/* Starts a command; returns the process. */
pid_t tun_start(char **command);

/* Whether a process that was started has ended; sets what to exit with. */
int tun_ended(pid_t process, int *status);

#endif
