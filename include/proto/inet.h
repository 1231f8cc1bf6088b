/* SPDX-License-Identifier: MIT */
#ifndef PROTO_INET_H
#define PROTO_INET_H

#include "base.h"

/**
 * @file proto/inet.h
 * @brief Addresses, the Internet checksum (RFC 1071, RFC 1624), and the headers of IPv4 (RFC 791),
 *        IPv6 (RFC 8200) and UDP (RFC 768).
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
 *
 * **Headers** are read from whatever has arrived and written to a sink. Who receives from a raw
 * IPv4 socket has the header of IP before the message; who receives from a ping socket or from any
 * IPv6 socket has not.
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
 *  one. The port does not matter. What is no address is no host. */
PROTO_API bool proto_address_same_host(const proto_address *a, const proto_address *b);

/** The longest text that proto_address_write() makes: an IPv6 address with a zone. */
#define PROTO_ADDRESS_TEXT 50

/**
 * Appends an address as text, without its port: `192.0.2.1`, or IPv6 in the canonical form of RFC
 * 5952 section 4, with `%` and the zone's number behind it where there is one (RFC 4007 section
 * 11). An IPv4-mapped address ends as one of IPv4 does (RFC 5952 section 5). Nothing is appended for
 * ::PROTO_FAMILY_NONE.
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
 * @param length      Of the message: its header and its data, in bytes; over IPv4 at most 65535.
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

/** @return Whether one piece that holds its own checksum is intact. Zeros alone are not, since their
 *  checksum is 0xffff, nor is a piece of no bytes. */
PROTO_API bool proto_checksum_ok(const void *ptr, size_t len);

/**
 * The checksum of a message in which one 16-bit word has changed, without looking at the rest (RFC
 * 1624 equation 3, which has not the error of RFC 1141: 0xffff is never given for 0). Only where the
 * message becomes zeros alone, which no IP packet is, a new sum would give 0xffff and this gives 0.
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

/** @name IPv4 and IPv6 headers
 *
 * A reader looks at one datagram from its first byte, believes nothing that the length does not
 * cover, and answers with slices of it. A writer appends a header; the payload is written behind
 * it.
 * @{ */

/** How a datagram came that is to be read; bits. */
typedef enum proto_ip_form {
    /** It is what an ICMP error quotes: the sender of the error has counted the TTL down, may have
     *  changed the length or forgotten to adapt the checksum, and has cut it short (RFC 792, RFC
     *  4443 section 2.4(c)). It is read as far as it goes, `truncated` is set where less is there
     *  than the length says, and its header checksum does not count. */
    PROTO_IP_QUOTED = 1 << 0,
    /** IPv4: the fields of length and offset are in this machine's order, and the header's own
     *  length has been taken off the total: raw sockets of macOS and of older BSDs. */
    PROTO_IP_HOST_ORDER = 1 << 1
} proto_ip_form;

/** The bytes of an IPv4 header without options. */
#define PROTO_IPV4_HEADER  20
/** The most bytes of options that an IPv4 header holds. */
#define PROTO_IPV4_OPTIONS 40

/** An IPv4 header (RFC 791 section 3.1), and what is behind it. */
typedef struct proto_ipv4 {
    proto_address source;      /**< without a port */
    proto_address destination; /**< without a port */
    /** the bytes behind the first 20 of the header; for proto_ipv4_option_next() */
    proto_slice options;
    /** what the total length covers, and has arrived: without a link's padding */
    proto_slice payload;
    uint16_t length;     /**< the total length, header and payload, in bytes */
    uint16_t id;         /**< the same in all fragments of one datagram */
    uint16_t offset;     /**< of a fragment's payload in the whole, in bytes */
    uint16_t checksum;   /**< of the header */
    uint8_t protocol;    /**< of the payload: 1 ICMP, 6 TCP, 17 UDP */
    uint8_t ttl;         /**< time to live, 0 to 255 */
    uint8_t dscp;        /**< RFC 2474: the upper six bits of the second octet */
    uint8_t ecn;         /**< RFC 3168: its lower two */
    bool dont_fragment;  /**< routers are to refuse it rather than cut it */
    bool more_fragments; /**< this is a fragment, and not the last */
    bool reserved;       /**< the flag that must be 0 */
    bool truncated;      /**< quoted: less is there than the length says */
} proto_ipv4;

/**
 * Reads an IPv4 datagram: its length against what has arrived, and the checksum of its header. A
 * payload ends where the total length says, whatever stands behind it.
 * @param bytes    What has arrived, from the header on.
 * @param form     Bits of ::proto_ip_form, or 0.
 * @param datagram The result, slices of @p bytes; not touched after an error.
 * @param fault    May be NULL; the error and its offset in @p bytes.
 * @return ::PROTO_OK, or
 *         ::PROTO_ERR_IP_SHORT (the bytes end inside the header),
 *         ::PROTO_ERR_IP_VERSION,
 *         ::PROTO_ERR_IPV4_HEADER_LENGTH (less than 20 bytes),
 *         ::PROTO_ERR_IPV4_CHECKSUM,
 *         ::PROTO_ERR_IP_LENGTH (less than the header, or more than has arrived), or
 *         ::PROTO_ERR_IP_FRAGMENT (one that reaches behind byte 65535, or is not the last and no
 *         multiple of eight bytes). A quoted one fails with the first three only.
 */
PROTO_API proto_err proto_ipv4_read(proto_slice bytes, unsigned form, proto_ipv4 *datagram,
                                    proto_fault *fault);

/**
 * Appends an IPv4 header with its checksum. Options are padded with zeros to a multiple of four
 * bytes. Of @p datagram, `payload`, `length`, `checksum` and `truncated` do not count.
 * @param datagram What.
 * @param payload  How many bytes will stand behind it.
 * @param out      Where.
 * @return ::PROTO_OK, ::PROTO_ERR_IP_LENGTH (options of more than 40 bytes, or more than 65535
 *         bytes in all), ::PROTO_ERR_IP_FRAGMENT (an offset that is no multiple of eight, and as
 *         when reading) or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_ipv4_write(const proto_ipv4 *datagram, size_t payload, proto_out *out);

/** An option of an IPv4 header. */
typedef struct proto_ipv4_option {
    uint8_t type;     /**< with its copied flag and class: 7 record route, 68 timestamp */
    proto_slice data; /**< behind its length octet */
} proto_ipv4_option;

/**
 * Takes the next option off the list (RFC 791 section 3.1). Those of no operation are passed over.
 * @param options What is left; begin with a copy of proto_ipv4::options. Empty after the end of the
 *                list; not empty after a malformed option, which it begins with.
 * @param option  The result, a slice of the datagram.
 * @return Whether there was one.
 */
PROTO_API bool proto_ipv4_option_next(proto_slice *options, proto_ipv4_option *option);

/** The bytes of an IPv6 header without extension headers. */
#define PROTO_IPV6_HEADER     40
/** The most extension headers that are walked over. */
#define PROTO_IPV6_EXTENSIONS 16

/** An IPv6 header (RFC 8200 section 3), its extension headers, and what is behind them. */
typedef struct proto_ipv6 {
    proto_address source; /**< without a port or zone */
    /** without a port or zone; where proto_ipv6::segments_left is not 0, a stop on the way */
    proto_address destination;
    proto_slice extensions; /**< the extension headers that were walked over */
    /** what the length covers, and has arrived, behind them: without a link's padding */
    proto_slice payload;
    uint32_t flow_label;   /**< 20 bits */
    uint32_t id;           /**< of a fragment; the same in all of one datagram */
    uint16_t length;       /**< of all behind the first 40 bytes */
    uint16_t offset;       /**< of a fragment's payload in the whole, in bytes */
    uint8_t next_header;   /**< as the first 40 bytes have it */
    uint8_t protocol;      /**< of the payload, behind all extension headers: 17 UDP, 58 ICMPv6 */
    uint8_t hop_limit;     /**< 0 to 255 */
    uint8_t dscp;          /**< the upper six bits of the traffic class */
    uint8_t ecn;           /**< its lower two */
    uint8_t segments_left; /**< of a routing header */
    bool fragment;         /**< there is a fragment header */
    bool more_fragments;   /**< and it is not the last */
    bool truncated;        /**< quoted: less is there than the length says */
} proto_ipv6;

/**
 * Reads an IPv6 datagram and walks over its extension headers to the upper protocol: hop-by-hop
 * options, routing, fragment, destination options, authentication, mobility, host identity and
 * shim6 headers. Behind a fragment header of an offset other than 0 there is no header, but the
 * middle of something; there the walk ends, and so it does at any other protocol. Jumbograms (RFC
 * 2675) are not read.
 * @param bytes    What has arrived, from the header on.
 * @param form     ::PROTO_IP_QUOTED or 0.
 * @param datagram The result, slices of @p bytes; not touched after an error.
 * @param fault    May be NULL; the error and its offset in @p bytes.
 * @return ::PROTO_OK, or
 *         ::PROTO_ERR_IP_SHORT (the bytes end inside the first 40),
 *         ::PROTO_ERR_IP_VERSION,
 *         ::PROTO_ERR_IP_LENGTH (more than has arrived),
 *         ::PROTO_ERR_IPV6_EXTENSION (an extension header that is cut off, hop-by-hop options that
 *         are not the first, or more than ::PROTO_IPV6_EXTENSIONS), or
 *         ::PROTO_ERR_IP_FRAGMENT (as of IPv4). A quoted one fails with the first two only: its
 *         `protocol` and `payload` are then those of the first header that is not whole.
 */
PROTO_API proto_err proto_ipv6_read(proto_slice bytes, unsigned form, proto_ipv6 *datagram,
                                    proto_fault *fault);

/**
 * Appends an IPv6 header. Extension headers are copied as they are from `extensions`, which
 * `next_header` names the first of, or the upper protocol where there are none; of @p datagram
 * nothing else counts but addresses, flow label, hop limit, DSCP and ECN.
 * @param datagram What.
 * @param payload  How many bytes will stand behind it.
 * @param out      Where.
 * @return ::PROTO_OK, ::PROTO_ERR_IP_LENGTH (more than 65535 bytes behind the first 40) or
 *         ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_ipv6_write(const proto_ipv6 *datagram, size_t payload, proto_out *out);

/** @} */

/** @name UDP
 * @{ */

/** The bytes of a UDP header. */
#define PROTO_UDP_HEADER 8

/** A UDP datagram (RFC 768). */
typedef struct proto_udp {
    proto_slice payload;  /**< what its length covers */
    uint16_t source;      /**< port; 0 where no answer is wanted */
    uint16_t destination; /**< port */
    uint16_t length;      /**< header and payload, in bytes */
    uint16_t checksum;    /**< 0: none (IPv4 only) */
} proto_udp;

/**
 * Reads a UDP datagram: its length, and its checksum where the addresses are given.
 * @param bytes       The payload of an IP datagram that is no fragment.
 * @param source      Where it comes from, or NULL: the checksum is not looked at, because the
 *                    system has done so or because the bytes are quoted.
 * @param destination Where it goes to, of the same family; NULL with @p source.
 * @param datagram    The result, a slice of @p bytes; not touched after an error.
 * @param fault       May be NULL; the error and its offset in @p bytes.
 * @return ::PROTO_OK, ::PROTO_ERR_UDP_LENGTH (less than eight bytes, or more than are there) or
 *         ::PROTO_ERR_UDP_CHECKSUM (it is wrong; over IPv6, also none at all: RFC 8200 section
 *         8.1).
 */
PROTO_API proto_err proto_udp_read(proto_slice bytes, const proto_address *source,
                                   const proto_address *destination, proto_udp *datagram,
                                   proto_fault *fault);

/**
 * Appends a UDP datagram with its checksum; 0xffff is sent where that is 0, because 0 means none
 * (RFC 768; RFC 8200 section 8.1 too).
 * @param source      Where it comes from, with its port.
 * @param destination Where it goes to, with its port; of the same family.
 * @param payload     Its data; must not overlap the sink's buffer.
 * @param out         Where.
 * @return ::PROTO_OK, ::PROTO_ERR_UDP_LENGTH (more than 65527 bytes) or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_udp_write(const proto_address *source, const proto_address *destination,
                                    proto_slice payload, proto_out *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
