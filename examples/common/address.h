/* SPDX-License-Identifier: MIT */
/* Addresses: as libproto has them, as the system has them, as people write them. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <proto/inet.h>
#include <stdbool.h>
#include <sys/socket.h>

/* The longest text of an address with a port, with its NUL. */
enum { ADDRESS_TEXT = PROTO_ADDRESS_TEXT + 10 };

/* What the system calls AF_INET or AF_INET6; an IPv4 address in the clothes of IPv6
   (::ffff:192.0.2.1), as a socket for both gives it, is an IPv4 address here. */
proto_address address_of_system(const struct sockaddr_storage *system);

/* The other way, for a socket of this family (AF_INET, AF_INET6): a socket for both takes an IPv4
   address in the clothes of IPv6. Returns its size, or 0 where the socket cannot reach it. */
socklen_t address_to_system(const proto_address *address, int family,
                            struct sockaddr_storage *system);

/* The addresses of a host given by name or number, at most `cap`, in the order to try them; `family`
   is AF_UNSPEC, AF_INET or AF_INET6. `port` is a number or a service's name, or NULL. Where a name
   means this machine, 127.0.0.1 comes first, because that is where servers listen unless they are
   told otherwise, and who sends datagrams does not get to know that nobody does. Returns how many
   there are, or 0 with the reason in `why`. This may take as long as name servers do: call it
   before anything is timed. */
size_t address_resolve(const char *host, const char *port, int family, proto_address *list,
                       size_t cap, const char **why);

/* Writes `192.0.2.1`, `2001:db8::1`, `fe80::1%2`. */
void address_text(const proto_address *address, char text[ADDRESS_TEXT]);

/* Writes `192.0.2.1:7`, `[2001:db8::1]:7`. */
void address_text_with_port(const proto_address *address, char text[ADDRESS_TEXT]);

/* Whether host, zone and port are the same. */
bool address_equal(const proto_address *a, const proto_address *b);

#endif
