/* SPDX-License-Identifier: MIT */
#ifndef PROTO_PROBE_H
#define PROTO_PROBE_H

#include "icmp.h"
#include "rtt.h"

/**
 * @file proto/probe.h
 * @brief Probes: what to send to whom and when, and what it means that something arrives.
 *
 * A ping is a probe that is sent, and an answer that comes in time, comes late, comes twice, comes
 * damaged, says that something is wrong, or does not come. That is the same for an ICMP echo
 * request, for a line of text over UDP and for whatever else a program asks with; so there is one
 * engine, ::proto_probe, and a ::proto_probe_codec for each kind of datagram: a table of functions
 * that write a probe and read what arrives.
 *
 * The engine knows the times at which probes are due, one after the other round its targets; which
 * of them are outstanding; and for each target the counts and round-trip times. It sends nothing:
 *
 * 1. proto_probe_send() writes the probe that is due, if one is; the program sends it. If the
 *    system cannot take it now (ENOBUFS, EAGAIN), proto_probe_unsend() takes it back, and it is due
 *    again; if the system refuses it (EMSGSIZE, ENETUNREACH), proto_probe_refuse() gives it up.
 *    Neither is a loss.
 * 2. proto_probe_receive() says what a datagram means that has arrived.
 * 3. proto_probe_expire() names, one by one, the probes whose time is over. Call it when all that
 *    has arrived has been received.
 * 4. proto_probe_deadline() says until when the program may sleep, and proto_probe_is_done() when
 *    it may stop.
 *
 * **Time.** All times are nanoseconds of one clock that never runs backwards. A round-trip time is
 * the difference of two times that the program gives: of sending, which proto_probe_sent_at() may
 * put right afterwards, and of receiving, best the system's own stamp. No time is ever read from a
 * packet. Probes to one target are due at fixed moments, so no error adds up; moments that have
 * passed while the program was suspended are skipped, not made up for.
 *
 * **Matching.** A reply counts if it comes from the target, names a probe that was sent, and bears
 * its cookie: eight bytes that only who has seen the probe can know (SipHash-1-3 of its number
 * under the caller's key). The number on the wire may be as short as the 16 bits of ICMP and may
 * wrap as often as it likes: the cookie tells the probes apart. An ICMP error counts if it quotes
 * such a probe to that target; the cookie is looked at as far as the quote goes.
 *
 * **Loss.** A probe is lost when its deadline passes without a reply, or when an ICMP error says
 * that there will be none. Until then it is outstanding, and neither received nor lost: at any
 * moment `sent == received + lost + outstanding`. A reply that comes later is reported, and the
 * probe stays lost.
 *
 * Memory is the caller's: one ::proto_probe_target for each target, and a ring of
 * ::proto_probe_slot, 32 bytes for each probe that is remembered.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** @name What is said
 * @{ */

/** What has happened. */
typedef enum proto_probe_event {
    PROTO_PROBE_NONE,      /**< nothing (more) */
    PROTO_PROBE_REPLY,     /**< the reply to a probe, in time */
    PROTO_PROBE_ANOTHER,   /**< a further reply to a probe to many hosts; not counted */
    PROTO_PROBE_DUPLICATE, /**< a further reply to a probe; its time is not recorded */
    PROTO_PROBE_LATE,      /**< a reply after the deadline; the probe is lost all the same */
    PROTO_PROBE_ERROR,     /**< an ICMP error ended a probe: it is lost */
    PROTO_PROBE_NOTE,      /**< an ICMP message about a probe that changes nothing: a redirect, a
                                source quench, or an error about one that is settled */
    PROTO_PROBE_CORRUPTED, /**< a reply that is damaged; the probe is left as it is */
    PROTO_PROBE_UNKNOWN,   /**< looks like an answer to one of ours and is to none: never sent, long
                                forgotten, from the wrong host, or forged */
    PROTO_PROBE_OWN,       /**< a request of our own, as seen on loopback */
    PROTO_PROBE_FOREIGN,   /**< nothing to do with us */
    PROTO_PROBE_TIMEOUT    /**< the deadline of a probe has passed: it is lost */
} proto_probe_event;

/** @return The name of @p event, "REPLY", or an empty string for a number that is none; static
 *  storage. */
PROTO_API const char *proto_probe_event_name(proto_probe_event event);

/** In what a datagram was found. */
typedef enum proto_probe_form {
    PROTO_PROBE_MESSAGE, /**< an ICMP message or the payload of UDP: most sockets */
    PROTO_PROBE_PACKET,  /**< the same behind its IPv4 header: raw IPv4 sockets */
    PROTO_PROBE_RETURNED /**< a probe of ours that came back through a socket's error queue, in
                              the form of ::PROTO_PROBE_MESSAGE; an ICMP error was about it */
} proto_probe_form;

/** A datagram that has arrived, and what the system said of it. */
typedef struct proto_probe_arrival {
    proto_slice bytes;         /**< all of it */
    proto_address source;      /**< who sent it; with RETURNED who sent the error */
    proto_address destination; /**< to whom it was sent, where the system told; with RETURNED the
                                    probe's destination */
    uint64_t when;             /**< its time of arrival */
    proto_probe_form form;     /**< how @ref bytes begin */
    int16_t ttl;   /**< its time to live or hop limit as received; -1 where not known. Of a PACKET
                         the header's is taken */
    bool verified; /**< the system has verified the ICMP checksum, and perhaps taken it out */
    uint8_t type;  /**< with RETURNED: the ICMP error's type */
    uint8_t code;  /**< with RETURNED: its code */
    uint32_t info; /**< with RETURNED: the MTU where it names one, else 0 */
} proto_probe_arrival;

/** What a codec makes of an arrival, before the engine looks for the probe. */
typedef enum proto_probe_claim {
    PROTO_PROBE_CLAIM_FOREIGN, /**< it is not about a probe of this codec's settings */
    PROTO_PROBE_CLAIM_OWN,     /**< it is a request of our own */
    PROTO_PROBE_CLAIM_DAMAGED, /**< it is damaged; if `has_tag`, it seems to be about that probe */
    PROTO_PROBE_CLAIM_REPLY,   /**< it is a reply to the probe of that tag */
    PROTO_PROBE_CLAIM_ERROR,   /**< it is an error that ends the probe of that tag */
    PROTO_PROBE_CLAIM_NOTE     /**< it is about the probe of that tag and does not end it */
} proto_probe_claim;

/** An arrival as read. Slices are of its bytes. */
typedef struct proto_probe_reading {
    proto_probe_claim claim;   /**< what it says it is */
    bool has_tag;              /**< whether @ref tag means something */
    uint32_t tag;              /**< which probe it names, as far as the wire's number goes */
    int16_t ttl;               /**< time to live or hop limit of the arrival; -1 where not known */
    uint32_t own;              /**< the codec's own, from reading to matching */
    proto_address destination; /**< of an ERROR or a NOTE: whom the probe was for that it quotes */
    proto_slice payload;       /**< the data of a reply, or what is quoted of a probe's data */
    proto_icmp icmp;           /**< the ICMP error or note, if `has_icmp` */
    bool has_icmp;             /**< whether it is one */
} proto_probe_reading;

/** @} */

/** @name Codecs
 * @{ */

/** A probe, as its codec writes it and knows it again. */
typedef struct proto_probe_ticket {
    uint64_t number;   /**< counts all probes of the engine, from 1 */
    uint64_t cookie;   /**< what only who has seen it knows */
    uint64_t sent;     /**< when it was written */
    uint32_t sequence; /**< counts the probes to its target, from 1; wraps */
} proto_probe_ticket;

/** Whether an arrival is about a probe. */
typedef enum proto_probe_match {
    PROTO_PROBE_MATCH_NO,      /**< it is about another one, or forged */
    PROTO_PROBE_MATCH_DAMAGED, /**< it is, and bytes are not as they were sent */
    PROTO_PROBE_MATCH_YES      /**< it is */
} proto_probe_match;

/** A kind of datagram to probe with. `settings` is what the program configured the engine with. */
typedef struct proto_probe_codec {
    /** Appends the datagram of a probe, as it is handed to the socket. */
    proto_err (*write)(const void *settings, const proto_probe_ticket *ticket, proto_out *out);
    /** Reads an arrival: all fields of the reading, whatever it is. */
    void (*read)(const void *settings, const proto_probe_arrival *arrival,
                 proto_probe_reading *reading);
    /** Says whether what was read is about @p ticket, whose number has the tag that was read. */
    proto_probe_match (*match)(const void *settings, const proto_probe_reading *reading,
                               const proto_probe_ticket *ticket);
    /** how many probes there are until a tag comes again, less 1: 0xffff or 0xffffffff. The tag of
     *  a probe is its number, cut to these bits */
    uint32_t tag_mask;
    /** no reply is expected: probes are counted as sent, and nothing is ever outstanding */
    bool one_way;
} proto_probe_codec;

/** @} */

/** @name The engine
 * @{ */

/** The states of a probe: `X(NAME, "meaning")`. */
#define PROTO_PROBE_STATES(X)                     \
    X(WAITING, "sent, and not settled")           \
    X(ANSWERED, "a reply came in time: received") \
    X(FAILED, "an ICMP error ended it: lost")     \
    X(LOST, "its deadline passed: lost")          \
    X(CLOSED, "nothing is awaited: the system refused it, or it is one-way")

/** What happens to a probe: `X(NAME, "meaning")`. */
#define PROTO_PROBE_STEPS(X)                             \
    X(REPLY, "a reply arrived before the deadline")      \
    X(LATE_REPLY, "a reply arrived after the deadline")  \
    X(ERROR, "an ICMP error arrived that quotes it")     \
    X(NOTE, "an ICMP message arrived that ends nothing") \
    X(EXPIRE, "the deadline passed")                     \
    X(REFUSE, "the system refused to send it")

/** The table: `X(STATE, STEP, NEXT, EVENT)`. What is not here does not happen. Beyond the table, a
 *  second late reply is a DUPLICATE, and a DUPLICATE from a group of hosts is ANOTHER. */
#define PROTO_PROBE_TRANSITIONS(X)               \
    X(WAITING, REPLY, ANSWERED, REPLY)           \
    X(WAITING, LATE_REPLY, WAITING, LATE)        \
    X(WAITING, ERROR, FAILED, ERROR)             \
    X(WAITING, NOTE, WAITING, NOTE)              \
    X(WAITING, EXPIRE, LOST, TIMEOUT)            \
    X(WAITING, REFUSE, CLOSED, NONE)             \
    X(ANSWERED, REPLY, ANSWERED, DUPLICATE)      \
    X(ANSWERED, LATE_REPLY, ANSWERED, DUPLICATE) \
    X(ANSWERED, ERROR, ANSWERED, NOTE)           \
    X(ANSWERED, NOTE, ANSWERED, NOTE)            \
    X(FAILED, REPLY, ANSWERED, REPLY)            \
    X(FAILED, LATE_REPLY, FAILED, LATE)          \
    X(FAILED, ERROR, FAILED, NOTE)               \
    X(FAILED, NOTE, FAILED, NOTE)                \
    X(LOST, REPLY, LOST, LATE)                   \
    X(LOST, LATE_REPLY, LOST, LATE)              \
    X(LOST, ERROR, LOST, NOTE)                   \
    X(LOST, NOTE, LOST, NOTE)

/** A probe's state. */
typedef enum proto_probe_state {
#define PROTO_PROBE_STATE_ENUMERATOR(name, text) \
    PROTO_PROBE_STATE_##name, /**< see ::PROTO_PROBE_STATES */
    PROTO_PROBE_STATES(PROTO_PROBE_STATE_ENUMERATOR)
#undef PROTO_PROBE_STATE_ENUMERATOR
} proto_probe_state;

/** What happens to a probe. */
typedef enum proto_probe_step {
#define PROTO_PROBE_STEP_ENUMERATOR(name, text) \
    PROTO_PROBE_STEP_##name, /**< see ::PROTO_PROBE_STEPS */
    PROTO_PROBE_STEPS(PROTO_PROBE_STEP_ENUMERATOR)
#undef PROTO_PROBE_STEP_ENUMERATOR
} proto_probe_step;

/** Someone to probe. The caller sets the public fields, zeroes the rest, and keeps it in place. */
typedef struct proto_probe_target {
    proto_address address;   /**< where to; replies must come from there */
    bool group;              /**< the address is a multicast or broadcast one: anyone may answer */
    proto_rtt *rtt;          /**< gets the round-trip times and counts; several targets may share
                                one; NULL for none */
    void *user;              /**< the caller's own */
    proto_rtt_counts counts; /**< of this target alone, whatever `rtt` is */
    /** private: */
    uint64_t due;    /* when its next probe is */
    uint64_t newest; /* number of the newest probe of it that was answered */
    uint64_t turns;  /* how many probes it has had, refused ones too */
    bool stopped;
} proto_probe_target;

/** A probe that is remembered. All of it is private. */
typedef struct proto_probe_slot {
    /** private: */
    uint64_t sent;
    uint64_t cookie; /* if `moved`, when it was written */
    uint32_t target; /* its index */
    uint32_t sequence;
    uint32_t recorded; /* the lower half of its number in the target's statistics */
    uint8_t state;
    bool late;  /* a late reply has come */
    bool moved; /* `sent` was put right */
} proto_probe_slot;

/** What an engine is to do. */
typedef struct proto_probe_config {
    const proto_probe_codec *codec; /**< the kind of datagram */
    const void *settings;           /**< the codec's own; stays in place */
    uint64_t interval;              /**< from one probe of a target to its next, nanoseconds */
    uint64_t gap;                   /**< at least so much between any two probes, nanoseconds */
    uint64_t timeout;               /**< for how long a reply is waited for, nanoseconds; not 0 */
    uint64_t linger; /**< for how much longer a late reply is known for what it is; a probe is
                            also forgotten when the ring has come round to its slot */
    uint64_t count;  /**< how many probes each target gets; 0: until it is stopped */
    /** 0: probes are due by @ref interval alone. Otherwise one is due also, before its time, while
     *  fewer than so many are outstanding: 1 makes a ping adaptive, more make it a flood */
    uint32_t window;
    uint8_t key[16]; /**< random bytes that nobody else knows */
} proto_probe_config;

/** An engine. All of it is private but what functions tell. */
typedef struct proto_probe {
    /** private: */
    proto_probe_config config;
    proto_probe_target *targets;
    proto_probe_slot *slots;
    size_t target_count;
    size_t slot_mask;
    size_t active;    /* targets that get more probes */
    size_t cursor;    /* the one whose turn it is, if any is active */
    uint64_t hash[4]; /* of the key alone, to go on from */
    uint64_t first;   /* number of the oldest probe that may be outstanding */
    uint64_t next;    /* number of the next probe */
    uint64_t outstanding;
    uint64_t earliest; /* no probe before this: the gap */
} proto_probe;

/** What a probe or an event is about. Valid until the next call with the same report. */
typedef struct proto_probe_report {
    proto_probe_target *target;  /**< whose probe; NULL where that is not known */
    uint64_t number;             /**< the probe's number, from 1 over all targets; 0: not known */
    uint32_t sequence;           /**< its number among its target's, from 1 */
    uint64_t rtt;                /**< from sending until this arrival, nanoseconds */
    bool reordered;              /**< a reply that a later probe's reply has overtaken */
    proto_probe_reading reading; /**< what arrived; with TIMEOUT and from proto_probe_send()
                                      nothing that means anything */
} proto_probe_report;

/**
 * Begins. The first probe is due at once, to the first target.
 * @param probe        The engine.
 * @param config       What to do; copied.
 * @param targets      Whom to probe, in this order; kept, and updated as things happen.
 * @param target_count How many, at least 1.
 * @param slots        The ring; its contents do not matter.
 * @param slot_count   A power of two. No more probes than this are ever outstanding: those that are
 *                     due later wait.
 * @param now          The time.
 */
PROTO_API void proto_probe_init(proto_probe *probe, const proto_probe_config *config,
                                proto_probe_target *targets, size_t target_count,
                                proto_probe_slot *slots, size_t slot_count, uint64_t now);

/**
 * Appends the probe that is due, and counts it as sent at @p now. To be called until it says no;
 * with a new sink for each probe where several are to be sent at once.
 * @param probe  The engine.
 * @param now    The time.
 * @param out    Where the datagram goes.
 * @param report Whom it is for, and its number.
 * @return Whether there is one to be sent. No: none is due, or @p out has failed for want of space.
 */
PROTO_API bool proto_probe_send(proto_probe *probe, uint64_t now, proto_out *out,
                                proto_probe_report *report);

/** Puts the time right at which probe @p number was sent, to the system's own stamp for instance. It
 *  does nothing where that probe is no longer waiting. */
PROTO_API void proto_probe_sent_at(proto_probe *probe, uint64_t number, uint64_t when);

/** Takes back the probe that was written last, because the system could not take it now; it is due
 *  again at once. May be repeated, for the one before, as long as nothing else was called in
 *  between. */
PROTO_API void proto_probe_unsend(proto_probe *probe);

/** Gives up probe @p number, which was just written, because the system has refused to send it. Its
 *  turn is used up; it counts among its target's errors and is neither sent nor lost. The next is due
 *  after the interval, also where a window has room: it would be refused as well. */
PROTO_API void proto_probe_refuse(proto_probe *probe, uint64_t number);

/**
 * Says what has arrived. A reply is in time or late by its time of arrival, not by when this is
 * called; one that comes after proto_probe_expire() has given its probe up is late all the same.
 * @param probe   The engine.
 * @param arrival The datagram. Nothing is written to it.
 * @param report  What it means; slices in it are of the datagram.
 * @return The event: all but ::PROTO_PROBE_NONE and ::PROTO_PROBE_TIMEOUT.
 */
PROTO_API proto_probe_event proto_probe_receive(proto_probe *probe,
                                                const proto_probe_arrival *arrival,
                                                proto_probe_report *report);

/**
 * Gives up the oldest probe whose time is over. To be called until it says ::PROTO_PROBE_NONE.
 * @param probe  The engine.
 * @param now    The time.
 * @param report Which one.
 * @return ::PROTO_PROBE_TIMEOUT or ::PROTO_PROBE_NONE.
 */
PROTO_API proto_probe_event proto_probe_expire(proto_probe *probe, uint64_t now,
                                               proto_probe_report *report);

/** @return When the next probe is due or the next deadline passes, whichever is first;
 *  ::PROTO_NEVER if nothing more happens by itself. */
PROTO_API uint64_t proto_probe_deadline(const proto_probe *probe);

/** Sends no more probes to @p target, which is one of the engine's; those outstanding are still
 *  awaited. */
PROTO_API void proto_probe_stop(proto_probe *probe, proto_probe_target *target);

/** Sends no more probes to anyone. */
PROTO_API void proto_probe_stop_all(proto_probe *probe);

/** @return Whether all probes have been sent and are settled. */
PROTO_API bool proto_probe_is_done(const proto_probe *probe);

/** @return How many probes are outstanding, over all targets. */
PROTO_API uint64_t proto_probe_outstanding(const proto_probe *probe);

/** @} */

/** @name ICMP echo
 * @{ */

/** How many bytes of an echo request's data are its cookie; of shorter data all. */
#define PROTO_PROBE_COOKIE 8

/** The settings of ::proto_probe_echo_codec. */
typedef struct proto_probe_echo {
    uint8_t family;      /**< ::PROTO_IPV4 or ::PROTO_IPV6 */
    uint16_t identifier; /**< of the messages, as the socket has it */
    /** the data of a request, at most 65,507 bytes, of which the first ::PROTO_PROBE_COOKIE are
     *  replaced by the cookie; stays in place and as it is. Fewer than eight bytes hold so much
     *  less that cannot be guessed */
    proto_slice data;
    /** private: */
    uint64_t mask; /* how much of a cookie there is room for */
    uint32_t sum;  /* of what is the same in all requests */
} proto_probe_echo;

/**
 * Prepares the settings.
 * @param echo       The settings.
 * @param family     ::PROTO_IPV4 or ::PROTO_IPV6.
 * @param identifier Which replies are ours, where the system has not decided that already.
 * @param data       The data of a request, see proto_probe_echo::data.
 */
PROTO_API void proto_probe_echo_init(proto_probe_echo *echo, proto_family family,
                                     uint16_t identifier, proto_slice data);

/**
 * ICMP echo requests (RFC 792, RFC 4443 section 4.1). The sequence number is the probe's number, cut
 * to 16 bits. IPv4 messages are written with their checksum; of ICMPv6, whose checksum covers the
 * addresses, the system writes and verifies it, as RFC 3542 section 3.1 demands of raw sockets.
 */
PROTO_API extern const proto_probe_codec proto_probe_echo_codec;

/** @} */

/** @name A line of text over UDP
 * @{ */

/** The settings of ::proto_probe_text_codec. */
typedef struct proto_probe_text {
    /** the wall clock, local time, in nanoseconds since 1970-01-01 00:00:00, less the engine's
     *  clock: what turns the time of sending into a date */
    int64_t wall;
} proto_probe_text;

/**
 * `Ping 7 2026-11-22 19:30:00`: the number of the probe and the date of its sending, in ASCII, with
 * nothing behind it. A reply is the same text in upper or lower case. There is no room for a cookie;
 * the text is compared whole.
 */
PROTO_API extern const proto_probe_codec proto_probe_text_codec;

/** @} */

#ifdef __cplusplus
}
#endif

#endif
