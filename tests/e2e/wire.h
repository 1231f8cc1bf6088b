/* SPDX-License-Identifier: MIT */
/*
 * Datagrams made and taken apart by hand, for the programs that judge libproto: they share no line
 * with it, so that a mistake of the library is not made twice.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_ICMP = 1, WIRE_UDP = 17, WIRE_ICMPV6 = 58 };
enum { WIRE_MAX = 4096, WIRE_BODY_MAX = 2048, WIRE_OPTIONS_MAX = 40 };

/* An IPv4 or IPv6 address: `family` is 4 or 6, and says how many of the octets count. */
struct wire_address {
    int family;
    uint8_t octets[16];
};

/*
 * An ICMP message in an IP datagram, as its sender thinks of it. The fields from `wrong_checksum`
 * on say how the bytes depart from what the rest says.
 */
struct wire_message {
    struct wire_address source, destination;
    uint8_t ttl, type, code;
    uint8_t rest[4]; /* identifier and sequence number, gateway, pointer, MTU */
    uint8_t body[WIRE_BODY_MAX];
    size_t body_len;
    uint8_t options[WIRE_OPTIONS_MAX]; /* of IPv4; of IPv6 a header of destination options */
    size_t options_len;                /* a multiple of 4; of 8 for IPv6 */
    bool wrong_checksum;
    size_t icmp_len; /* if not 0, so much of the message is sent, with the right checksum */
    size_t padding;  /* bytes behind the end of the datagram */
};

/* A datagram that was read, an echo request for instance; pointers are into it. */
struct wire_received {
    struct wire_address source, destination;
    uint8_t ttl, protocol;
    uint8_t type, code;  /* of ICMP, else 0 */
    const uint8_t *icmp; /* what is behind the IP header; at least eight bytes */
    size_t icmp_len;
    const uint8_t *datagram;
    size_t len;
};

uint16_t wire_get16(const uint8_t *at);
void wire_put16(uint8_t *at, unsigned value);
void wire_put32(uint8_t *at, uint32_t value);

/* "192.0.2.1" or "2001:db8::1"; false if it is neither. */
bool wire_address_read(const char *text, struct wire_address *address);

/* The Internet checksum of one piece, begun with `sum`. */
uint16_t wire_checksum(uint32_t sum, const uint8_t *bytes, size_t len);

/* The sum of the pseudo-header that ICMPv6 and UDP begin with; of ICMP over IPv4 there is none. */
uint32_t wire_pseudo_sum(const struct wire_address *source, const struct wire_address *destination,
                         uint8_t protocol, size_t len);

/* Writes an IP header without options for `len` bytes to follow; returns its length. */
size_t wire_ip_header(uint8_t *to, const struct wire_address *source,
                      const struct wire_address *destination, uint8_t protocol, uint8_t ttl,
                      size_t len);

/* Writes the datagram of a message; returns its length, padding included. */
size_t wire_message_write(const struct wire_message *message, uint8_t to[WIRE_MAX]);

/* Reads a datagram of any protocol, without extension headers and no later fragment; false if it is
 * none. */
bool wire_ip_read(const uint8_t *datagram, size_t len, struct wire_received *result);

/* As wire_ip_read(), but only if it holds an ICMP message. */
bool wire_read(const uint8_t *datagram, size_t len, struct wire_received *result);

#endif
