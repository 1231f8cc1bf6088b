/* SPDX-License-Identifier: MIT */
#ifndef PROTO_INET_H
#define PROTO_INET_H

#include "base.h"

/**
 * @file proto/inet.h
 * @brief Addresses, and the Internet checksum (RFC 1071, RFC 1624).
 *
 * **Addresses.** A ::proto_address is an IPv4 or IPv6 address with what a socket has beside it, a
 * port and a zone. It is what engines report and compare; a program copies it from and to its
 * `struct sockaddr`.
 *
 * **The checksum** of IP, ICMP, UDP and TCP is the complement of the one's complement sum of the
 * covered bytes, taken as big-endian 16-bit words; an odd last byte is the high half of a word
 * whose low half is zero (RFC 1071 section 1). A ::proto_checksum collects it over any number of
 * pieces of any length and alignment: the second piece of one that began with an odd number of
 * bytes goes on in the low half. What a checksum covers beside a message, the pseudo-header, is
 * added like another piece.
 *
 * @code
 * uint8_t message[] = {8, 0, 0, 0, 0x12, 0x34, 0, 1, 'a'};   // an echo request, no checksum yet
 * proto_checksum sum = {0};
 * proto_checksum_add(&sum, message, sizeof message);
 * uint16_t value = proto_checksum_value(&sum);
 * message[2] = (uint8_t)(value >> 8);
 * message[3] = (uint8_t)value;
 * assert(proto_checksum_ok(message, sizeof message));
 * @endcode
 *
 * All values are in the host's order, as numbers: 0x1234 is stored as 0x12, 0x34.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** @name Addresses
 * @{ */

/** Which Internet protocol, by its version number. */
typedef enum proto_family {
    PROTO_FAMILY_NONE = 0, /**< no address */
    PROTO_IPV4 = 4,        /**< four octets */
    PROTO_IPV6 = 6         /**< sixteen octets */
} proto_family;

/** An address, and a port and zone where they mean something. */
typedef struct proto_address {
    uint8_t octets[16]; /**< as on the wire; of an IPv4 address the first four, the rest zero */
    uint32_t zone;      /**< the interface's index of a link-local IPv6 address, 0 for none */
    uint16_t port;      /**< 0 where there is none */
    uint8_t family;     /**< a ::proto_family */
} proto_address;

/** @return The IPv4 address of four octets, without a port. */
PROTO_API proto_address proto_address_ipv4(const uint8_t octets[4]);

/** @return The IPv6 address of sixteen octets, without a port or zone. */
PROTO_API proto_address proto_address_ipv6(const uint8_t octets[16]);

/** @return Whether @p a and @p b are the same host: family and octets, and the zone where both have
 *  one. The port does not matter. */
PROTO_API bool proto_address_same_host(const proto_address *a, const proto_address *b);

/** The longest text that proto_address_write() makes: an IPv6 address with a zone. */
#define PROTO_ADDRESS_TEXT 50

/**
 * Appends an address as text, without its port: `192.0.2.1`, or IPv6 in the canonical form of RFC
 * 5952 section 4, with `%` and the zone's number behind it where there is one (RFC 4007 section
 * 11). Nothing is appended for ::PROTO_FAMILY_NONE.
 * @param address What.
 * @param out     Where; ::PROTO_ADDRESS_TEXT bytes are always enough.
 * @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_address_write(const proto_address *address, proto_out *out);

/** @} */

/** @name The Internet checksum
 * @{ */

/** A sum on its way. Begin with `{0}`. */
typedef struct proto_checksum {
    /** private: */
    uint64_t sum; /* one's complement, words in the host's order */
    bool odd;     /* an odd number of bytes has been added */
} proto_checksum;

/** Adds the @p len bytes at @p ptr, which go on where the last piece ended. */
PROTO_API void proto_checksum_add(proto_checksum *sum, const void *ptr, size_t len);

/** Copies @p len bytes from @p from to @p to, which do not overlap, and adds them, in one pass. */
PROTO_API void proto_checksum_copy(proto_checksum *sum, void *to, const void *from, size_t len);

/** Adds a number of 16 bits, as if its two bytes in network order were a piece. Only where an even
 *  number of bytes has been added so far. */
PROTO_API void proto_checksum_word(proto_checksum *sum, uint16_t word);

/**
 * Adds the pseudo-header of UDP, TCP or ICMPv6: over IPv4 (RFC 768) or IPv6 (RFC 8200 section 8.1).
 * @param sum         The sum, to which an even number of bytes has been added.
 * @param source      Of the same family as @p destination.
 * @param destination With routing headers, the final one.
 * @param protocol    17 for UDP, 58 for ICMPv6.
 * @param length      Of the message: its header and its data, in bytes.
 */
PROTO_API void proto_checksum_pseudo_header(proto_checksum *sum, const proto_address *source,
                                            const proto_address *destination, uint8_t protocol,
                                            uint32_t length);

/**
 * @return The checksum: the complement of the sum. A message whose checksum field holds it sums up
 * to 0xffff, that is to a value of 0. UDP sends 0xffff where the value is 0, because 0 means none
 * (RFC 768); proto_udp_write() does so.
 */
PROTO_API uint16_t proto_checksum_value(const proto_checksum *sum);

/** @return The checksum of one piece. */
PROTO_API uint16_t proto_checksum_of(const void *ptr, size_t len);

/** @return Whether one piece that holds its own checksum is intact. */
PROTO_API bool proto_checksum_ok(const void *ptr, size_t len);

/**
 * The checksum of a message in which one 16-bit word has changed, without looking at the rest (RFC
 * 1624 equation 3, which has not the error of RFC 1141: a message that is not all zeros never gets
 * 0xffff for 0).
 * @param checksum The old value of the checksum field.
 * @param from     The old word, as a number.
 * @param to       The new word.
 * @return The new value.
 */
PROTO_API uint16_t proto_checksum_update(uint16_t checksum, uint16_t from, uint16_t to);

/**
 * As proto_checksum_update(), for a row of bytes that has changed, such as an address.
 * @param checksum The old value of the checksum field.
 * @param from     The old bytes; they began at an even place of the message.
 * @param to       The new bytes.
 * @param len      How many there are of each; where it is odd, they were the message's last.
 * @return The new value.
 */
PROTO_API uint16_t proto_checksum_replace(uint16_t checksum, const void *from, const void *to,
                                          size_t len);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
