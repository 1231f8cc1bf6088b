/* SPDX-License-Identifier: MIT */
#ifndef PROTO_ICMP_H
#define PROTO_ICMP_H

#include "inet.h"

/**
 * @file proto/icmp.h
 * @brief ICMP for IPv4 and IPv6: echo, timestamps, every error with the datagram that it quotes,
 *        and extensions (RFC 792, 950, 1191, 4443, 4884, 4950, 5837, 8335).
 *
 * One struct, ::proto_icmp, is a message of either family. proto_icmp_read() makes one out of bytes
 * after it has looked at length, checksum and type, in this order; proto_icmp_write() makes bytes
 * out of one. What the two families call by different numbers is one ::proto_icmp_kind; the numbers
 * are kept beside it.
 *
 * @code
 * static const proto_icmp_config config = {.family = PROTO_IPV4};
 * uint8_t buffer[64];
 * proto_out out = proto_out_of(buffer, sizeof buffer);
 * proto_icmp request = {.kind = PROTO_ICMP_ECHO_REQUEST, .id = 7, .sequence = 1,
 *                       .payload = PROTO_LITERAL("ping")};
 * assert(proto_icmp_write(&request, &config, &out) == PROTO_OK);
 *
 * proto_icmp message;
 * assert(proto_icmp_read(proto_slice_of(out.ptr, out.len), &config, &message, NULL) == PROTO_OK);
 * assert(message.kind == PROTO_ICMP_ECHO_REQUEST && message.type == 8 && message.sequence == 1);
 * @endcode
 *
 * **Errors** say something about a datagram, and quote its beginning: proto_icmp_is_error().
 * proto_icmp_quote_read() reads that as far as it goes, which may be eight bytes behind its header
 * of IP, or less. Nothing in it is more than a claim of whoever sent the error: a program that acts
 * on one compares it with what it has sent.
 *
 * **Extensions** (RFC 4884) may stand behind the quoted datagram: a list of objects, for
 * proto_icmp_object_next(), such as the MPLS labels of the datagram or the interface that it came
 * in by.
 *
 * A reader never writes into what it reads. All slices are of the caller's bytes and are valid as
 * long as these. Faults count from the first byte of the message.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** @name Messages
 * @{ */

/**
 * What a message is: `X(NAME, IPv4 type, IPv6 type, "words")`; a type of -1 means that the family
 * has none. ::PROTO_ICMP_TOO_BIG is of type 3 in IPv4, with the code 4.
 */
#define PROTO_ICMP_KINDS(X)                                    \
    X(ECHO_REQUEST, 8, 128, "echo request")                    \
    X(ECHO_REPLY, 0, 129, "echo reply")                        \
    X(TIMESTAMP_REQUEST, 13, -1, "timestamp request")          \
    X(TIMESTAMP_REPLY, 14, -1, "timestamp reply")              \
    X(MASK_REQUEST, 17, -1, "address mask request")            \
    X(MASK_REPLY, 18, -1, "address mask reply")                \
    X(EXTENDED_ECHO_REQUEST, 42, 160, "extended echo request") \
    X(EXTENDED_ECHO_REPLY, 43, 161, "extended echo reply")     \
    X(UNREACHABLE, 3, 1, "destination unreachable")            \
    X(TOO_BIG, 3, 2, "packet too big")                         \
    X(TIME_EXCEEDED, 11, 3, "time exceeded")                   \
    X(PARAMETER_PROBLEM, 12, 4, "parameter problem")           \
    X(SOURCE_QUENCH, 4, -1, "source quench")                   \
    X(REDIRECT, 5, 137, "redirect")

/** What a message is. */
typedef enum proto_icmp_kind {
    /** any that has no number here: all behind the first four bytes is the payload */
    PROTO_ICMP_OTHER,
    /** such a one of a type below 128 in IPv6, where those are errors: RFC 4443 section 2.4(a)
     *  wants it handed on to who is concerned; the quoted datagram is the payload */
    PROTO_ICMP_OTHER_ERROR,
#define PROTO_ICMP_KIND_ENUMERATOR(name, ipv4, ipv6, words) \
    PROTO_ICMP_##name, /**< see ::PROTO_ICMP_KINDS */
    PROTO_ICMP_KINDS(PROTO_ICMP_KIND_ENUMERATOR)
#undef PROTO_ICMP_KIND_ENUMERATOR
} proto_icmp_kind;

/** @return The words of @p kind, "echo request"; "other" and "other error"; an empty string for a
 *  number that is none; static storage. */
PROTO_API const char *proto_icmp_kind_name(proto_icmp_kind kind);

/** @return Whether @p kind is about a datagram that it quotes, in its payload. A redirect and a
 *  source quench are, though they end nothing. */
PROTO_API bool proto_icmp_is_error(proto_icmp_kind kind);

/**
 * The type by which a family knows a kind, as for a socket's filter.
 * @param family Which.
 * @param kind   What.
 * @param type   The result; not touched if there is none.
 * @return Whether the family has it.
 */
PROTO_API bool proto_icmp_type_of(proto_family family, proto_icmp_kind kind, uint8_t *type);

/** How messages come and go; bits. */
typedef enum proto_icmp_flag {
    /** The system verifies checksums when receiving and computes them when sending, as it does for
     *  ICMPv6 sockets and for ping sockets: the field is not looked at, and written as 0. */
    PROTO_ICMP_SYSTEM_CHECKSUM = 1 << 0,
    /** An error whose length field is 0 may have extensions all the same, behind 128 bytes of
     *  quote: routers from before RFC 4884 do so (its section 5.5). Bytes of the quoted datagram
     *  that happen to look like extensions, or are meant to, can then be taken for some; they must
     *  have the right version and a right checksum that is not 0. */
    PROTO_ICMP_GUESS_EXTENSIONS = 1 << 1
} proto_icmp_flag;

/** What is the same for all messages of a socket. */
typedef struct proto_icmp_config {
    proto_family family; /**< whose messages they are */
    unsigned flags;      /**< bits of ::proto_icmp_flag */
    /** IPv6 without ::PROTO_ICMP_SYSTEM_CHECKSUM: the sender, which the checksum covers (RFC 4443
     *  section 2.3); else not looked at */
    const proto_address *source;
    const proto_address *destination; /**< likewise the receiver */
} proto_icmp_config;

/** What became of the extensions of an error (RFC 4884). */
typedef enum proto_icmp_extensions {
    PROTO_ICMP_EXTENSIONS_NONE,    /**< there are none */
    PROTO_ICMP_EXTENSIONS_GIVEN,   /**< they are where the length field says */
    PROTO_ICMP_EXTENSIONS_GUESSED, /**< by ::PROTO_ICMP_GUESS_EXTENSIONS */
    /** they are damaged, of an unknown version, or the length field is wrong: they do not count,
     *  and the error does */
    PROTO_ICMP_EXTENSIONS_BAD
} proto_icmp_extensions;

/** The code of ::PROTO_ICMP_UNREACHABLE by which a host says that nobody listens there, in IPv4. */
#define PROTO_ICMP4_PORT_UNREACHABLE 3
/** As ::PROTO_ICMP4_PORT_UNREACHABLE, in IPv6. */
#define PROTO_ICMP6_PORT_UNREACHABLE 4

/** Set in a time of a timestamp message that is not milliseconds since midnight UT (RFC 792). */
#define PROTO_ICMP_TIME_NONSTANDARD 0x80000000u

/** A message. What its kind has no use for is 0. */
typedef struct proto_icmp {
    /** The data of an echo; what an error quotes, with the padding of RFC 4884; all behind the
     *  first eight bytes of an extended echo reply, all behind the first four of
     *  ::PROTO_ICMP_OTHER; of the others, what is behind the fields that they have. */
    proto_slice payload;
    /** The objects of an error's extensions, or of an extended echo request; for
     *  proto_icmp_object_next(). */
    proto_slice objects;
    proto_icmp_kind kind; /**< what it is */
    uint8_t family;       /**< a ::proto_family */
    uint8_t type;         /**< as on the wire; written only of ::PROTO_ICMP_OTHER and of
                               ::PROTO_ICMP_OTHER_ERROR */
    uint8_t code;         /**< as on the wire; for proto_icmp_text() */
    uint8_t extensions;   /**< a ::proto_icmp_extensions; not written */
    uint16_t checksum;    /**< as on the wire; not written */
    uint16_t id;          /**< of a query and its reply */
    uint16_t sequence;    /**< of a query and its reply; eight bits in extended echo */
    uint8_t state;        /**< extended echo reply: of a neighbour, RFC 8335 section 3 */
    bool local;           /**< extended echo request: the interface is the receiver's own */
    bool active;          /**< extended echo reply: the interface is up */
    bool runs_ipv4;       /**< extended echo reply: and IPv4 runs on it */
    bool runs_ipv6;       /**< extended echo reply: and IPv6 does */
    uint32_t mtu;         /**< too big: the next link's; 0 from routers from before RFC 1191 */
    /** parameter problem: the byte of the quoted datagram that is wrong; it may be behind the end
     *  of the quote. In IPv4 only code 0 has one. Other error: the four bytes before the quote */
    uint32_t pointer;
    uint32_t mask;         /**< address mask reply: 255.255.255.0 is 0xffffff00 */
    uint32_t originate;    /**< timestamps: when the request was sent, by the sender's clock */
    uint32_t receive;      /**< timestamps: when it arrived, by the other's */
    uint32_t transmit;     /**< timestamps: when the reply was sent, by the other's */
    proto_address gateway; /**< redirect: the better first hop, without a port or zone */
} proto_icmp;

/**
 * Reads a message: length, then checksum, then type and what the type has.
 * @param bytes   All of it, from the type on: the payload of an IP datagram that is no fragment.
 * @param config  How it came.
 * @param message The result, slices of @p bytes; not touched after an error.
 * @param fault   May be NULL; the error and its offset in @p bytes.
 * @return ::PROTO_OK, ::PROTO_ERR_ICMP_SHORT (fewer bytes than a message of this type has) or
 *         ::PROTO_ERR_ICMP_CHECKSUM.
 */
PROTO_API proto_err proto_icmp_read(proto_slice bytes, const proto_icmp_config *config,
                                    proto_icmp *message, proto_fault *fault);

/**
 * Appends a message with its checksum.
 *
 * The payload of an error is the datagram that it is about, all of it, from its IP header on. As
 * much of it is quoted as a message may hold that every host can take: 576 bytes with an IPv4
 * header of 20 (RFC 1122 section 3.2.2, RFC 1812 section 4.3.2.3), 1280 with an IPv6 header of 40
 * (RFC 4443 section 2.4(c)). Where there are objects, the quote is padded with zeros to at least
 * 128 bytes, its length is said, and the extension structure follows with its own checksum (RFC
 * 4884).
 *
 * Of a number that is too large for its field the lower bits are written; of an MTU in IPv4, the
 * largest that there is.
 *
 * @param message What; its `kind` decides the type, `payload` and `objects` must not overlap the
 *                sink's buffer.
 * @param config  Where it goes.
 * @param out     Where.
 * @return ::PROTO_OK, ::PROTO_ERR_ICMP_KIND (the family has no such message, or none with such
 *         objects), ::PROTO_ERR_ICMP_LENGTH (more than an IP datagram holds, or objects that leave
 *         no room for 128 bytes of quote), ::PROTO_ERR_ICMP_QUOTE (a redirect of IPv6 that quotes
 *         no IPv6 header: it names that datagram's destination) or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_icmp_write(const proto_icmp *message, const proto_icmp_config *config,
                                     proto_out *out);

/** @} */

/** @name The datagram that an error quotes
 * @{ */

/** What is known of the datagram that an error is about. */
typedef struct proto_icmp_quote {
    proto_address source;      /**< who sent it; with its port, if `has_ports` */
    proto_address destination; /**< whom it was for; with its port, if `has_ports` */
    /** its bytes behind all headers of IP, as far as they are quoted; empty in a later fragment,
     *  which has no header there */
    proto_slice transport;
    uint32_t length;        /**< of the whole datagram with its headers, as its header says */
    uint32_t id;            /**< of IPv4; in IPv6 of the fragment, else 0 */
    uint16_t offset;        /**< of a fragment, in bytes: not 0 in a later one */
    uint16_t checksum;      /**< UDP, UDP-Lite, ICMP: its checksum, as quoted; else 0 */
    uint16_t echo_id;       /**< if `has_echo`: the identifier */
    uint16_t echo_sequence; /**< if `has_echo`: the sequence number; of extended echo eight bits */
    uint8_t protocol;       /**< 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6 */
    uint8_t ttl;            /**< as it was when the error arose */
    uint8_t dscp;           /**< as it was when the error arose */
    uint8_t ecn;            /**< as it was when the error arose */
    uint8_t echo_type;      /**< if `has_echo`: of its ICMP message */
    bool has_ports;         /**< TCP, UDP, UDP-Lite, SCTP, DCCP: both ports are quoted */
    bool has_echo; /**< ICMP: a query or reply with identifier and sequence number is quoted */
    bool more_fragments; /**< it was a fragment, and not the last */
    bool truncated;      /**< less is quoted than its length says, as is usual */
} proto_icmp_quote;

/**
 * Reads what an error quotes, as far as it goes.
 * @param message An error, as read: proto_icmp_is_error().
 * @param quote   The result, a slice of the message's payload; not touched after an error.
 * @param fault   May be NULL; the error and its offset in the payload.
 * @return ::PROTO_OK, ::PROTO_ERR_ICMP_QUOTE (the message is no error, or quotes nothing) or, where
 *         not even the header of IP is there or is one, ::PROTO_ERR_IP_SHORT,
 *         ::PROTO_ERR_IP_VERSION or ::PROTO_ERR_IPV4_HEADER_LENGTH.
 */
PROTO_API proto_err proto_icmp_quote_read(const proto_icmp *message, proto_icmp_quote *quote,
                                          proto_fault *fault);

/** What is known of a datagram that might be answered by an error; bits. */
typedef enum proto_icmp_answer_flag {
    /** It came to a broadcast address, of the link or of the subnet, or to a multicast address of
     *  the link; addresses of IP that show it themselves need not be named. */
    PROTO_ICMP_WAS_BROADCAST = 1 << 0,
    /** It came over the loopback interface, where 127.0.0.1 and ::1 are hosts like any other. */
    PROTO_ICMP_WAS_LOOPBACK = 1 << 1
} proto_icmp_answer_flag;

/**
 * Says whether an error may be sent about a datagram: never about an ICMP error or an ICMP message
 * that might be one, a fragment but the first, or what came to many hosts or from none or many (RFC
 * 1122 section 3.2.2; RFC 4443 section 2.4(e), which permits two errors about a multicast). How
 * often is for the program to limit (section 2.4(f)).
 * @param datagram All that has arrived, from the IP header on, of either family.
 * @param kind     The error that would be sent.
 * @param code     And its code.
 * @param flags    Bits of ::proto_icmp_answer_flag.
 * @return Whether it may.
 */
PROTO_API bool proto_icmp_may_answer(proto_slice datagram, proto_icmp_kind kind, uint8_t code,
                                     unsigned flags);

/** @} */

/** @name Extensions
 * @{ */

/** An object of an extension structure (RFC 4884 section 8). */
typedef struct proto_icmp_object {
    uint8_t number;   /**< its class: 1 MPLS, 2 interface information, 3 interface identification */
    uint8_t type;     /**< its C-type within the class */
    proto_slice data; /**< behind its header of four bytes */
} proto_icmp_object;

/**
 * Takes the next object off a list.
 * @param objects What is left; begin with a copy of proto_icmp::objects. Empty after the last one;
 *                not empty where a malformed object stands, which it begins with.
 * @param object  The result, a slice of the message.
 * @return Whether there was one.
 */
PROTO_API bool proto_icmp_object_next(proto_slice *objects, proto_icmp_object *object);

/** Appends one object; a row of them is what proto_icmp::objects wants. @return ::PROTO_OK,
 *  ::PROTO_ERR_ICMP_OBJECT (more than 65531 bytes of data, or no multiple of four) or
 *  ::PROTO_ERR_NO_SPACE. */
PROTO_API proto_err proto_icmp_object_write(const proto_icmp_object *object, proto_out *out);

/** The class of an object of MPLS labels. */
#define PROTO_ICMP_CLASS_MPLS           1
/** The class of an object of interface information. */
#define PROTO_ICMP_CLASS_INTERFACE      2
/** The class of an object of interface identification. */
#define PROTO_ICMP_CLASS_IDENTIFICATION 3

/** An entry of an MPLS label stack (RFC 3032 section 2.1, RFC 4950 section 4). */
typedef struct proto_icmp_mpls {
    uint32_t label;        /**< 20 bits */
    uint8_t traffic_class; /**< three bits, once called experimental */
    uint8_t ttl;           /**< time to live of the label */
    bool bottom;           /**< the last one of the stack */
} proto_icmp_mpls;

/**
 * Takes the next label off a stack.
 * @param entries What is left; begin with the data of an object of class ::PROTO_ICMP_CLASS_MPLS
 *                and type 1. Fewer than four bytes are no label.
 * @param entry   The result.
 * @return Whether there was one.
 */
PROTO_API bool proto_icmp_mpls_next(proto_slice *entries, proto_icmp_mpls *entry);

/** Appends an object with a stack of @p count labels, their `bottom` as it is given. @return
 *  ::PROTO_OK, ::PROTO_ERR_ICMP_OBJECT (more than 16382 labels, or a value too large for its field)
 *  or ::PROTO_ERR_NO_SPACE. */
PROTO_API proto_err proto_icmp_mpls_write(const proto_icmp_mpls *entries, size_t count,
                                          proto_out *out);

/** Which interface an object speaks of (RFC 5837 section 4.1). */
typedef enum proto_icmp_role {
    PROTO_ICMP_INCOMING,        /**< by which the quoted datagram came */
    PROTO_ICMP_INCOMING_PART,   /**< the component of it that it came by */
    PROTO_ICMP_OUTGOING,        /**< by which it would have left */
    PROTO_ICMP_NEXT_HOP,        /**< the neighbour's, to which it would have gone */
    PROTO_ICMP_PROBED_INTERFACE /**< which an extended echo request asks about (RFC 8335) */
} proto_icmp_role;

/** The longest name of an interface in an object of RFC 5837. */
#define PROTO_ICMP_NAME 63

/** What an object says of an interface. */
typedef struct proto_icmp_interface {
    proto_icmp_role role;  /**< which one */
    bool has_index;        /**< `index` is given */
    bool has_mtu;          /**< `mtu` is given; never of a probed interface */
    uint32_t index;        /**< the sender's ifIndex (RFC 2863) */
    uint32_t mtu;          /**< in bytes */
    proto_address address; /**< of family ::PROTO_FAMILY_NONE where none is given */
    /** UTF-8 as it came, without its padding; empty where none is given. Not to be shown on a
     *  terminal as it is: a stranger wrote it. */
    proto_slice name;
} proto_icmp_interface;

/**
 * Reads an object of class ::PROTO_ICMP_CLASS_INTERFACE (RFC 5837) or
 * ::PROTO_ICMP_CLASS_IDENTIFICATION (RFC 8335 section 2.1).
 * @param object    What.
 * @param interface The result, a slice of the object; not touched after an error.
 * @return ::PROTO_OK or ::PROTO_ERR_ICMP_OBJECT: it is of another class, is not as long as its
 *         parts, or names an interface by something unknown.
 */
PROTO_API proto_err proto_icmp_interface_read(const proto_icmp_object *object,
                                              proto_icmp_interface *interface);

/**
 * Appends an object that says this of an interface, in the class that its role asks for.
 * @param interface What; a probed interface is named in exactly one way: by index, address or name.
 * @param out       Where.
 * @return ::PROTO_OK, ::PROTO_ERR_ICMP_OBJECT (a name longer than ::PROTO_ICMP_NAME, or a probed
 *         interface named in no way or in several) or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_icmp_interface_write(const proto_icmp_interface *interface,
                                               proto_out *out);

/** @} */

/** @name In words
 * @{ */

/**
 * @param family Whose numbers they are.
 * @param type   A message's type.
 * @param code   Its code.
 * @return What they mean, "Destination Host Unreachable", for all that IANA has registered; for
 *         other codes what the type means, for other types "Unknown Type". Never NULL; static
 *         storage.
 */
PROTO_API const char *proto_icmp_text(proto_family family, uint8_t type, uint8_t code);

/** The longest mark that proto_icmp_mark_write() makes. */
#define PROTO_ICMP_MARK 13

/**
 * Appends the mark by which traceroute shows an error behind a hop: `!H`, `!N` or `!P` for a host,
 * net or protocol unreachable, `!X` where it is prohibited, `!S` a source route failed, `!F-1280`
 * too big for that MTU (`!F` where none is named), `!V` and `!C` for precedence, `!<code>` or
 * `!<type-code>` for others;
 * nothing for the answers that it hopes for: time exceeded in transit, port unreachable, and what
 * is no error.
 * @param message What.
 * @param out     Where; ::PROTO_ICMP_MARK bytes are always enough.
 * @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_icmp_mark_write(const proto_icmp *message, proto_out *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
