/* SPDX-License-Identifier: MIT */
/* TCP connections, made and accepted. Every socket is non-blocking and closed on exec. */
#ifndef SOCKET_H
#define SOCKET_H

#include <stdbool.h>
#include <stdint.h>

/* The longest text of socket_text(), with its NUL. */
enum { SOCKET_TEXT = 64 };

/* Connects to a host given by name or number; all of its addresses are tried, in the system's
   order, until one answers or `deadline` comes (see clock_now()). Returns the socket, or -1 with
   the reason in `why`. */
int socket_dial(const char *host, const char *port, uint64_t deadline, const char **why);

/* Listens on an address of this machine, given by name or number; port 0 lets the system choose.
   Returns the socket, or -1 with the reason in `why`. */
int socket_listen(const char *address, uint16_t port, const char **why);

/* Writes the address and port that a socket is bound to as a URI has them: `127.0.0.1:8080`,
   `[::1]:8080`. */
void socket_text(int fd, char text[SOCKET_TEXT]);

/* Takes a connection that waits, and the client's address as text. What is sent over it leaves at
   once (TCP_NODELAY). Returns -1 with errno set: EAGAIN where none waits. */
int socket_accept(int listener, char peer[SOCKET_TEXT]);

/* Whether something has arrived that was not read yet. */
bool socket_has_input(int fd);

/* Ends what this side sends, so that the peer sees the end of it while its last bytes can still be
   read. */
void socket_end(int fd);

#endif
