/* SPDX-License-Identifier: MIT */
#ifndef PROTO_HEARTBEAT_H
#define PROTO_HEARTBEAT_H

#include "probe.h"

/**
 * @file proto/heartbeat.h
 * @brief Heartbeats over UDP: who is alive, and what the way to here loses, delays and reorders.
 *
 * A sender says at regular intervals that it is there: a number that counts up, and the time it is.
 * Nothing is answered. From that alone a receiver knows for each of many senders which datagrams
 * were lost on the way, which came twice or out of order, how evenly they come, and, when nothing
 * comes any more, that the sender has stopped.
 *
 * **The datagram** is a line of text, so that a person can read one and send one:
 *
 *     Heartbeat/1 7 2026-11-22T10:00:00.123456789Z id=alpha boot=1795341600 every=1
 *
 * Number and time must be there. The rest may be missing, `Heartbeat/1` too: `echo "7 $(date +%s)" |
 * nc -u HOST PORT` sends a heartbeat. proto_heartbeat_read() and proto_heartbeat_write() are the
 * codec.
 *
 * **The sender**, ::proto_heartbeat_sender, knows when the next one is due. The moments are fixed in
 * advance, so that no error adds up; those that pass while the machine is suspended are skipped, not
 * made up for.
 *
 * **The receiver**, ::proto_heartbeat_receiver, is told of every datagram:
 *
 * 1. proto_heartbeat_receive() says what it means: a sender not heard before, the next one of a
 *    sender, one that was overtaken, a duplicate, a sender that is back or was started anew.
 * 2. proto_heartbeat_expire() says, one by one, what has become certain meanwhile: that numbers are
 *    lost, that a sender has stopped. Call it until it says ::PROTO_HEARTBEAT_NONE, after each
 *    proto_heartbeat_receive() and whenever proto_heartbeat_deadline() has come.
 *
 * **Loss.** A number that is passed over may only be late. It is reported lost when
 * proto_heartbeat_config::reorder later numbers have come, or proto_heartbeat_config::grace after it
 * was missed, whichever is first. It stays lost if it comes after all, and that is reported too. At
 * any moment each number from the first that was heard to the highest is received, lost or pending.
 *
 * **Silence.** A sender has stopped when nothing new has come from it for
 * proto_heartbeat_config::silence; or, with proto_heartbeat_config::suspicion, when the silence is
 * too unlikely for what was observed of its spacing and loss. That is the accrual failure detector
 * of Hayashibara, Defago, Yared and Katayama (2004): the suspicion is the negative decimal logarithm
 * of the probability that an alive sender is silent for so long. Theirs takes a lost heartbeat for a
 * long spacing. Here numbers tell the two apart, so that one loss on an otherwise regular line does
 * not look like a death, and a lossy line needs a longer silence than a good one.
 *
 * **Restarts.** A sender that gives its `boot`, a number that differs each time it is started, is
 * known to have been started anew by that. Without it, a number that goes back is believed if the
 * time stamp went on as the clock did, or else if the next number follows it, as RFC 3550 appendix
 * A.1 advises.
 *
 * **Clocks.** How long a datagram was on its way is the difference of two clocks and worth as much
 * as their agreement: proto_heartbeat_report::difference is what was measured, their offset in it.
 * How that difference varies needs no agreement: proto_heartbeat_peer::jitter. Silence, spacing and
 * every decision depend on the receiver's monotonic clock alone.
 *
 * **Who is who.** A sender with an `id` is told by it and its host's address, whatever port it sends
 * from: it may be restarted, and a translator of addresses may move it. One without is told by
 * address and port. Two senders behind one translator differ in one or the other. Senders are found
 * by a hash under a key of the caller's, so that nobody can choose addresses that collide.
 *
 * **Room.** Memory is the caller's, an array of ::proto_heartbeat_peer. When it is full, a sender
 * not heard before takes the place of one that has sent a single datagram and stopped; else of the
 * one that has stopped for longest; else of the one that was the first to send a single datagram. A
 * sender that was heard twice and has not stopped is never pushed out; if all places are held by
 * such, the new one is refused. So whoever forges any number of senders cannot displace those that
 * are alive.
 *
 * Nothing here is authenticated: who can send datagrams with another's address can speak as it.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** @name The datagram
 * @{ */

/** The longest identifier, in bytes. */
#define PROTO_HEARTBEAT_ID 32

/** No datagram that proto_heartbeat_write() makes is longer. */
#define PROTO_HEARTBEAT_LENGTH 192

/** No datagram that is longer is read. */
#define PROTO_HEARTBEAT_LONGEST 1024

/** The highest sequence number: 2^63 - 1. */
#define PROTO_HEARTBEAT_HIGHEST UINT64_C(0x7fffffffffffffff)

/** What a datagram says. */
typedef struct proto_heartbeat {
    uint64_t sequence; /**< counts the sender's heartbeats; at most ::PROTO_HEARTBEAT_HIGHEST */
    int64_t stamp;     /**< the sender's time of day at sending, nanoseconds since 1970, UTC */
    /** who it is: 1 to ::PROTO_HEARTBEAT_ID letters, digits or any of `-._~:@+`; empty where it is
     *  not said */
    proto_slice id;
    uint64_t boot;  /**< which run of the sender this is, if @ref has_boot */
    bool has_boot;  /**< whether there is a @ref boot */
    bool bye;       /**< the sender stops now, on purpose */
    uint64_t every; /**< the interval that the sender keeps, nanoseconds; 0 where it is not said */
} proto_heartbeat;

/**
 * Reads a datagram:
 *
 *     [ "Heartbeat" [ "/1" ] ] SEQUENCE TIME *( NAME=VALUE / "bye" ) [ CR ] [ LF ]
 *
 * with one or more blanks in between, and letters in either case. TIME is a date of RFC 3339, where
 * `T` may be a blank and the zone may be missing and then is UTC; or a decimal number since 1970: of
 * seconds, with a fraction or not, or if it has none and more than 11, 14, 17 digits, of
 * milliseconds, microseconds, nanoseconds. Digits finer than nanoseconds are dropped. The names are
 * `id`, `boot` (a number) and `every` (seconds, with a fraction or not), each at most once; others
 * are passed over, for later versions.
 *
 * @param bytes  The whole datagram.
 * @param result What it says; slices of @p bytes. Unchanged after an error.
 * @param fault  May be NULL; the error and its offset in @p bytes.
 * @return ::PROTO_OK, ::PROTO_ERR_HEARTBEAT_LENGTH, ::PROTO_ERR_HEARTBEAT_VERSION,
 *         ::PROTO_ERR_HEARTBEAT_SEQUENCE, ::PROTO_ERR_HEARTBEAT_TIME or
 *         ::PROTO_ERR_HEARTBEAT_WORD.
 */
PROTO_API proto_err proto_heartbeat_read(proto_slice bytes, proto_heartbeat *result,
                                         proto_fault *fault);

/**
 * Appends a datagram, with a line feed at its end.
 * @param beat What it shall say.
 * @param out  Where; ::PROTO_HEARTBEAT_LENGTH bytes are always enough.
 * @return ::PROTO_OK, or an error, and nothing is appended: ::PROTO_ERR_NO_SPACE;
 *         ::PROTO_ERR_HEARTBEAT_SEQUENCE for a number that is too high;
 *         ::PROTO_ERR_HEARTBEAT_WORD for an identifier that is too long or holds another character.
 */
PROTO_API proto_err proto_heartbeat_write(const proto_heartbeat *beat, proto_out *out);

/** @} */

/** @name The sender
 * @{ */

/** What a sender is to do. */
typedef struct proto_heartbeat_sender_config {
    proto_slice id;    /**< see proto_heartbeat::id; stays in place */
    uint64_t boot;     /**< a number that no earlier run had: the time it is, or a random one */
    uint64_t interval; /**< from one heartbeat to the next, nanoseconds; not 0 */
    uint64_t jitter;   /**< each is sent up to so much later than due; less than the interval */
} proto_heartbeat_sender_config;

/** A sender. All of it is private. */
typedef struct proto_heartbeat_sender {
    /** private: */
    proto_heartbeat_sender_config config;
    uint64_t sequence; /* of the next */
    uint64_t moment;   /* when it is due by the interval alone */
    uint64_t due;      /* and with its jitter */
} proto_heartbeat_sender;

/** Begins. The first heartbeat, number 1, is due at once. */
PROTO_API void proto_heartbeat_sender_init(proto_heartbeat_sender *sender,
                                           const proto_heartbeat_sender_config *config,
                                           uint64_t now);

/**
 * Appends the heartbeat that is due, if one is. Moments that were missed by a whole interval or more
 * are skipped, and their numbers are not used: what was never sent is not lost.
 * @param sender The sender.
 * @param now    The time.
 * @param wall   The time of day, nanoseconds since 1970, UTC.
 * @param random A random number, which decides how much later the next one is sent; of no account
 *               where proto_heartbeat_sender_config::jitter is 0.
 * @param out    Where; ::PROTO_HEARTBEAT_LENGTH bytes are always enough.
 * @return Whether there is one to be sent. No: none is due, or @p out has failed for want of space
 *         and it still is.
 */
PROTO_API bool proto_heartbeat_send(proto_heartbeat_sender *sender, uint64_t now, int64_t wall,
                                    uint64_t random, proto_out *out);

/** Takes back the heartbeat that was written last, because the system could not take it: its number
 *  is used again at the next moment. */
PROTO_API void proto_heartbeat_unsend(proto_heartbeat_sender *sender);

/** Appends the last heartbeat, which says that the sender stops on purpose. @return Whether there
 *  was room. */
PROTO_API bool proto_heartbeat_bye(proto_heartbeat_sender *sender, int64_t wall, proto_out *out);

/** @return When the next heartbeat is due. */
PROTO_API uint64_t proto_heartbeat_sender_deadline(const proto_heartbeat_sender *sender);

/** The settings of ::proto_heartbeat_codec. */
typedef struct proto_heartbeat_probe {
    proto_slice id; /**< see proto_heartbeat::id; stays in place */
    uint64_t boot;  /**< see proto_heartbeat_sender_config::boot */
    uint64_t every; /**< the engine's interval, nanoseconds */
    int64_t wall;   /**< the time of day, nanoseconds since 1970, UTC, less the engine's clock */
} proto_heartbeat_probe;

/** Heartbeats as probes that nobody answers, for an engine that sends to many receivers at once
 *  (`proto/probe.h`). The number is that of the target's probes. */
PROTO_API extern const proto_probe_codec proto_heartbeat_codec;

/** @} */

/** @name The receiver
 * @{ */

/** What has happened: `X(NAME, "meaning")`. Those up to FULL come from proto_heartbeat_receive(), the
 *  others from proto_heartbeat_expire(). */
#define PROTO_HEARTBEAT_EVENTS(X)                                                      \
    X(NONE, "nothing (more)")                                                          \
    X(FIRST, "a sender that was not known")                                            \
    X(BEAT, "the next heartbeat of a sender, or one after a gap")                      \
    X(BACK, "a heartbeat of a sender that had stopped or left")                        \
    X(RESTARTED, "a sender has been started anew and counts from another number")      \
    X(LEFT, "the last heartbeat of a sender that stops on purpose")                    \
    X(REORDERED, "one that a later one has overtaken; it was pending and is received") \
    X(DUPLICATE, "one that has been received before")                                  \
    X(LATE, "one that is lost already, or is of an earlier run; it changes nothing")   \
    X(DOUBTFUL, "a number far off; it counts if the next one follows it")              \
    X(MALFORMED, "not a heartbeat: see the fault")                                     \
    X(FULL, "a sender for whom there is no room; it changes nothing")                  \
    X(LOST, "numbers of a sender that have not come and will hardly come any more")    \
    X(STOPPED, "nothing new has come from a sender for too long")

/** What has happened. */
typedef enum proto_heartbeat_event {
#define PROTO_HEARTBEAT_EVENT_ENUMERATOR(name, text) \
    PROTO_HEARTBEAT_##name, /**< see ::PROTO_HEARTBEAT_EVENTS */
    PROTO_HEARTBEAT_EVENTS(PROTO_HEARTBEAT_EVENT_ENUMERATOR)
#undef PROTO_HEARTBEAT_EVENT_ENUMERATOR
} proto_heartbeat_event;

/** @return The name of @p event, "BEAT", or an empty string for a number that is none; static
 *  storage. */
PROTO_API const char *proto_heartbeat_event_name(proto_heartbeat_event event);

/** How a sender is. */
typedef enum proto_heartbeat_state {
    PROTO_HEARTBEAT_UNUSED = 0, /**< there is none in this place */
    PROTO_HEARTBEAT_IS_ALIVE,   /**< it is heard */
    PROTO_HEARTBEAT_IS_STOPPED, /**< it was silent for too long */
    PROTO_HEARTBEAT_IS_GONE     /**< it has said that it stops */
} proto_heartbeat_state;

/** How often what has happened with a sender. */
typedef struct proto_heartbeat_counts {
    uint64_t received; /**< heartbeats that came in time, each number once */
    uint64_t lost;     /**< numbers that did not, and were reported LOST or given up by a restart */
    uint64_t reordered;  /**< of those received, how many a later one had overtaken */
    uint64_t duplicates; /**< DUPLICATE events */
    uint64_t late;       /**< LATE and DOUBTFUL events */
    uint64_t restarts;   /**< how often it was started anew */
    uint64_t stops;      /**< STOPPED events */
} proto_heartbeat_counts;

/** How many gaps in a sender's numbers can be pending at a time. */
#define PROTO_HEARTBEAT_GAPS 5

/** The largest proto_heartbeat_config::reorder. With it no more than ::PROTO_HEARTBEAT_GAPS can be
 *  pending at the moment when one becomes certain. */
#define PROTO_HEARTBEAT_REORDER 8

/** A row of numbers that were passed over. All of it is private. */
typedef struct proto_heartbeat_gap {
    /** private: */
    uint64_t first, last;
    uint64_t filled; /* bit i: last - i has come after all */
    uint64_t since;
} proto_heartbeat_gap;

/** A sender, as known. The public members are to be read only. */
typedef struct proto_heartbeat_peer {
    proto_address address;          /**< from where it was heard last, with the port */
    uint8_t id[PROTO_HEARTBEAT_ID]; /**< its identifier, if it gives one */
    uint8_t id_length;              /**< bytes of it; 0: none */
    uint8_t state;                  /**< a ::proto_heartbeat_state */
    bool has_boot;                  /**< whether there is a @ref boot */
    uint64_t boot;                  /**< which run of it this is */
    uint64_t every;                 /**< the interval that it says it keeps; 0: it does not say */
    proto_heartbeat_counts counts;  /**< since it is known */
    uint64_t sequence;        /**< the highest number of this run; the wraps of a counter of 16
                                        or 32 bits are added up */
    uint64_t since;           /**< when it was heard first */
    uint64_t heard;           /**< when something new was heard last */
    int64_t difference;       /**< see proto_heartbeat_report::difference; of the last */
    int64_t least_difference; /**< the least since it is known, or since a clock was set */
    uint64_t jitter;  /**< of the times under way, as RFC 3550 section 6.4.1 has it, nanoseconds */
    uint64_t spacing; /**< from one number to the next, smoothed, nanoseconds; 0: not known */
    uint64_t deviation; /**< standard deviation of that, estimated, nanoseconds */
    /** private: */
    uint64_t jitter_sum; /* sixteen times the jitter */
    uint64_t mean_deviation;
    uint64_t silent_at; /* when it has stopped, if nothing comes */
    uint64_t due;       /* when there is something to say of it */
    uint64_t seen;      /* bit i: sequence - i has come */
    uint64_t lowest;    /* the first number of this run that was heard */
    uint64_t period;    /* what its counter is known to wrap at, or 0 */
    uint64_t expected;  /* what would confirm a doubtful number */
    uint64_t former_boot;
    int64_t stamp; /* of the highest number */
    proto_heartbeat_gap gaps[PROTO_HEARTBEAT_GAPS];
    uint32_t loss;    /* share of numbers lost lately, in 1/65536 */
    uint32_t samples; /* of the spacing */
    uint8_t gap_count;
    bool has_former_boot;
    bool has_expected;
    uint8_t list;           /* which it is on */
    uint32_t after, before; /* on that list */
    uint32_t bucket,
        chained;          /* of the hash: the first of this place's bucket; the next of a bucket */
    uint32_t heap, place; /* of the heap: whom this place holds; where this one is */
} proto_heartbeat_peer;

/** What a receiver is to do. */
typedef struct proto_heartbeat_config {
    /** after how long a sender has stopped, nanoseconds; not 0. With a @ref suspicion, only as long
     *  as its spacing is not known: before its eighth heartbeat, unless it says what interval it
     *  keeps. ::PROTO_NEVER: it has not */
    uint64_t silence;
    /** at which suspicion a sender has stopped, in thousandths: 8000 errs once in 10^8 times, if all
     *  is as it was. At most 32000; 0: the fixed silence counts always */
    uint32_t suspicion;
    /** how many later numbers make one lost that is missing: 1 to ::PROTO_HEARTBEAT_REORDER */
    uint32_t reorder;
    uint64_t grace;  /**< how long after it was missed a number is lost, nanoseconds */
    uint8_t key[16]; /**< random bytes that nobody else knows */
} proto_heartbeat_config;

/** A receiver. All of it is private but the counts. */
typedef struct proto_heartbeat_receiver {
    uint64_t malformed; /**< MALFORMED events */
    uint64_t refused;   /**< FULL events */
    uint64_t evicted;   /**< senders whose place was given to another */
    uint32_t peers;     /**< senders that are known, in the first so many places */
    /** private: */
    proto_heartbeat_config config;
    uint64_t key[2];
    proto_heartbeat_peer *table;
    uint32_t capacity;
    uint32_t first[2], last[2]; /* of the two lists */
} proto_heartbeat_receiver;

/** A datagram that has arrived. */
typedef struct proto_heartbeat_arrival {
    proto_slice bytes;    /**< all of it */
    proto_address source; /**< who sent it */
    uint64_t when;        /**< its time of arrival */
    int64_t wall;         /**< the time of day then, nanoseconds since 1970, UTC */
} proto_heartbeat_arrival;

/** What an event is about. Valid until the next call with the same report; the peer's members
 *  change with further calls. */
typedef struct proto_heartbeat_report {
    const proto_heartbeat_peer *peer; /**< whose; NULL with MALFORMED and FULL */
    proto_heartbeat beat;             /**< what was received; slices of the datagram */
    /** of what was received, its arrival less its time stamp, nanoseconds: the time under way and
     *  what the two clocks differ by */
    int64_t difference;
    /** with BEAT: by how much longer than the last in order it was under way; needs no clocks that
     *  agree */
    int64_t variation;
    bool
        stepped; /**< the variation is of ten seconds or more: a clock was set; it is not counted */
    bool restarted; /**< with RESTARTED and sometimes BACK: it was started anew */
    /** with LOST: the first number. With BEAT: the first of those passed over, now pending */
    uint64_t first;
    /** with LOST: how many numbers. With BEAT: how many were passed over. Where the sender was started
     *  anew: how many were pending and are lost */
    uint64_t count;
    uint64_t silence;   /**< with STOPPED and BACK: for how long nothing was heard, nanoseconds */
    uint32_t suspicion; /**< with STOPPED: how suspicious that is, in thousandths; 0: not known */
    proto_fault fault;  /**< with MALFORMED */
} proto_heartbeat_report;

/**
 * Begins.
 * @param receiver The receiver.
 * @param config   What to do; copied.
 * @param peers    Room for senders; kept, and its contents do not matter.
 * @param count    For how many, from 1 to 2^31.
 */
PROTO_API void proto_heartbeat_receiver_init(proto_heartbeat_receiver *receiver,
                                             const proto_heartbeat_config *config,
                                             proto_heartbeat_peer *peers, size_t count);

/**
 * Says what has arrived.
 * @param receiver The receiver.
 * @param arrival  The datagram.
 * @param report   What it means; always written.
 * @return The event: one of FIRST to FULL.
 */
PROTO_API proto_heartbeat_event proto_heartbeat_receive(proto_heartbeat_receiver *receiver,
                                                        const proto_heartbeat_arrival *arrival,
                                                        proto_heartbeat_report *report);

/**
 * Says what has become certain. To be called until it says ::PROTO_HEARTBEAT_NONE. If it is not
 * called between two datagrams, losses are counted all the same, but some may not be reported.
 * @param receiver The receiver.
 * @param now      The time.
 * @param report   About whom; always written.
 * @return ::PROTO_HEARTBEAT_LOST, ::PROTO_HEARTBEAT_STOPPED or ::PROTO_HEARTBEAT_NONE.
 */
PROTO_API proto_heartbeat_event proto_heartbeat_expire(proto_heartbeat_receiver *receiver,
                                                       uint64_t now,
                                                       proto_heartbeat_report *report);

/** @return When proto_heartbeat_expire() has something to say if nothing arrives; ::PROTO_NEVER if
 *  it will not. In constant time, however many senders there are. */
PROTO_API uint64_t proto_heartbeat_deadline(const proto_heartbeat_receiver *receiver);

/** @return The sender in place @p index of the caller's array, or NULL if there is none, or no such
 *  place. A place is given to another sender only with an event FIRST. */
PROTO_API const proto_heartbeat_peer *proto_heartbeat_peer_at(
    const proto_heartbeat_receiver *receiver, size_t index);

/** @return How many numbers of @p peer are pending: passed over, and not reported lost. */
PROTO_API uint64_t proto_heartbeat_pending(const proto_heartbeat_peer *peer);

/** @return How suspicious the silence of @p peer is at @p now, in thousandths; 0 as long as its
 *  spacing is not known. */
PROTO_API uint32_t proto_heartbeat_suspicion(const proto_heartbeat_peer *peer, uint64_t now);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
