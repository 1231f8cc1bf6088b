/* SPDX-License-Identifier: MIT */
#ifndef PROTO_TRACE_H
#define PROTO_TRACE_H

#include "probe.h"

/**
 * @file proto/trace.h
 * @brief Traceroute: which routers a datagram passes on its way to a host.
 *
 * A probe with a time to live of 3 dies at the third router, which says so: time exceeded. One with
 * enough of it reaches the destination, which answers by itself: an echo reply, or an ICMP error
 * because nobody listens at the port. ::proto_trace sends such probes to all hops at once, as far
 * as its window goes, and makes a path of what comes back:
 *
 * 1. proto_trace_send() writes the probe that is due, if one is, and says with which time to live
 *    and to which port it goes. What the system does not take is given back by
 *    proto_trace_unsend(), proto_trace_refuse() or proto_trace_too_big().
 * 2. proto_trace_receive() says what a datagram means that has arrived.
 * 3. proto_trace_expire() gives up, one by one, the probes whose time is over. Call it when all
 *    that has arrived has been received.
 * 4. proto_trace_next() gives the hops, in order, each as soon as nothing more is awaited of it or
 *    of those before it.
 * 5. proto_trace_deadline() says until when the program may sleep, and proto_trace_outcome() how it
 *    has ended.
 *
 * **One path.** Routers that know several ways of equal cost choose one by addresses, protocol,
 * ports and sometimes the ICMP checksum. Probes that differ in these take different ways, and what
 * is then drawn as a path is none. With ::PROTO_TRACE_PARIS all of them stay the same; which probe
 * is which is told by the UDP checksum, which is made so by two bytes of the payload, or by the
 * ICMP sequence number, whose change two bytes make up for. Even the eight bytes that an old router
 * quotes are enough for that. ::PROTO_TRACE_CLASSIC changes the port with each probe.
 *
 * **What is believed.** An error counts if it quotes a probe that was sent, as far as the quote
 * goes: either the cookie in its payload, which is SipHash-1-3 of its number under the caller's
 * key, or addresses, ports and checksum. Who rewrites addresses or ports on the way, a NAT, leaves
 * a mark in the quote, which is reported (::proto_trace_change). An answer of the destination
 * counts if it comes from its address and bears the same.
 *
 * **How long to wait.** A probe is given up after
 * `min(max_wait, max(floor, here x RTT, near x RTT'))`, where RTT is the longest time of its own
 * hop's answers, and RTT' of the answers of the nearest hop behind it that has any; what is not
 * known is left out, and while neither is known it is `max_wait`. A hop that never answers costs
 * some milliseconds on a short path, and not seconds. An answer after that is LATE and is still put
 * in its place.
 *
 * **Silence is not loss.** Routers limit how many errors they send. A hop that leaves queries
 * unanswered while one behind it answers all has lost nothing: proto_trace_is_limited().
 *
 * **The end** comes with the first hop at which the destination answers; behind a hop that says
 * that there is no way on (`!H`, `!N`, `!X`); when the same routers come again in the same distance
 * twice, which is a loop; or when `max_silent` hops in a row have said nothing and none behind them
 * has.
 *
 * Memory is the caller's: a ::proto_trace_hop for each hop, and a ::proto_trace_probe for each
 * query of each hop.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** @name What to do
 * @{ */

/** With what to probe. */
typedef enum proto_trace_method {
    PROTO_TRACE_UDP, /**< datagrams to a port where nobody listens */
    PROTO_TRACE_ICMP /**< echo requests */
} proto_trace_method;

/** In what probes differ. */
typedef enum proto_trace_flow {
    PROTO_TRACE_PARIS,  /**< in nothing that routers look at: one path */
    PROTO_TRACE_CLASSIC /**< UDP: in the destination's port, upward from the first; ICMP: in the
                             checksum */
} proto_trace_flow;

/** The bytes of a probe's payload by which it is known: its number, two bytes for the checksum's
 *  sake, and its cookie. There are always as many. */
#define PROTO_TRACE_STAMP 12

/** The most hops, and the most queries to each. */
#define PROTO_TRACE_MAX_HOPS    255
/** See ::PROTO_TRACE_MAX_HOPS. */
#define PROTO_TRACE_MAX_QUERIES 10

/** What an engine is to do. proto_trace_config_init() fills in all but the key. */
typedef struct proto_trace_config {
    proto_trace_method method; /**< UDP by default */
    proto_trace_flow flow;     /**< Paris by default */
    /** this host's address, as the system will send from it; UDP: and the port that it is bound to.
     *  The checksums are made with it. Of the destination's family */
    proto_address source;
    /** whom to look for; UDP: and the (first) port, not 0. A port of 0 becomes 33434 */
    proto_address destination;
    uint16_t identifier; /**< ICMP: of the echo requests, as the socket has it */
    /** UDP: write the header too, as raw sockets want it. Without, the payload alone; the system
     *  then makes the same checksum */
    bool with_header;
    bool find_mtu;   /**< send a probe that is too big again, smaller; see @ref size */
    bool pass_loops; /**< do not stop where the path is a loop */
    /** of each datagram with its IP header, in bytes; what is too small for the headers and the
     *  stamp is made larger. 60 by default over IPv4 and 80 over IPv6. With @ref find_mtu it only
     *  is the first, best the MTU of the link, and becomes smaller as routers say so */
    uint16_t size;
    uint8_t first_hop;  /**< the first time to live: 1 */
    uint8_t last_hop;   /**< the last: 30; not less than the first */
    uint8_t queries;    /**< how many probes each hop gets: 3; 1 to ::PROTO_TRACE_MAX_QUERIES */
    uint8_t max_silent; /**< end after so many silent hops: 8; 0: never */
    uint16_t window;    /**< at most so many probes are outstanding: 64; 0: no limit */
    uint8_t here;       /**< how many times another answer's time a hop may take: 3 */
    uint8_t near;       /**< the same for an answer from a hop behind it: 5 */
    uint64_t floor;     /**< but always so long, nanoseconds: 1 ms */
    uint64_t max_wait;  /**< and never longer, nanoseconds: 1.5 s; not 0 */
    uint64_t gap;       /**< at least so much between any two probes, nanoseconds: 0 */
    uint8_t key[16];    /**< random bytes that nobody else knows */
} proto_trace_config;

/**
 * Fills in the defaults.
 * @param config      What; its key is left as it is and is for the caller to choose.
 * @param method      With what to probe.
 * @param source      See proto_trace_config::source.
 * @param destination See proto_trace_config::destination.
 */
PROTO_API void proto_trace_config_init(proto_trace_config *config, proto_trace_method method,
                                       const proto_address *source,
                                       const proto_address *destination);

/** @} */

/** @name Probes and hops
 * @{ */

/** The states of a probe: `X(NAME, "meaning")`. */
#define PROTO_TRACE_STATES(X)                   \
    X(PLANNED, "not sent, or to be sent again") \
    X(WAITING, "sent, and not answered")        \
    X(ANSWERED, "there is an answer")           \
    X(SILENT, "given up")                       \
    X(REFUSED, "the system did not send it")    \
    X(CANCELLED, "of a hop behind the last one")

/** What happens to a probe: `X(NAME, "meaning")`. */
#define PROTO_TRACE_STEPS(X)                                                \
    X(SEND, "it was written")                                               \
    X(UNSEND, "the system could not take it")                               \
    X(REFUSE, "the system refused to send it")                              \
    X(ANSWER, "a router or the destination answers")                        \
    X(TOO_BIG, "it was too big, and is to be sent again as a smaller one")  \
    X(NOTE, "an ICMP message about it arrived that says nothing of a path") \
    X(EXPIRE, "its time is over")                                           \
    X(CANCEL, "the path has ended before it")

/** The table: `X(STATE, STEP, NEXT, EVENT)`. What is not here does not happen. */
#define PROTO_TRACE_TRANSITIONS(X)           \
    X(PLANNED, SEND, WAITING, NONE)          \
    X(PLANNED, ANSWER, PLANNED, UNKNOWN)     \
    X(PLANNED, NOTE, PLANNED, UNKNOWN)       \
    X(PLANNED, CANCEL, CANCELLED, NONE)      \
    X(WAITING, UNSEND, PLANNED, NONE)        \
    X(WAITING, REFUSE, REFUSED, NONE)        \
    X(WAITING, ANSWER, ANSWERED, ANSWER)     \
    X(WAITING, TOO_BIG, PLANNED, TOO_BIG)    \
    X(WAITING, NOTE, WAITING, NOTE)          \
    X(WAITING, EXPIRE, SILENT, SILENT)       \
    X(WAITING, CANCEL, CANCELLED, NONE)      \
    X(ANSWERED, ANSWER, ANSWERED, DUPLICATE) \
    X(ANSWERED, NOTE, ANSWERED, NOTE)        \
    X(ANSWERED, CANCEL, ANSWERED, NONE)      \
    X(SILENT, ANSWER, ANSWERED, LATE)        \
    X(SILENT, TOO_BIG, SILENT, NOTE)         \
    X(SILENT, NOTE, SILENT, NOTE)            \
    X(SILENT, CANCEL, SILENT, NONE)          \
    X(REFUSED, ANSWER, REFUSED, UNKNOWN)     \
    X(REFUSED, NOTE, REFUSED, UNKNOWN)       \
    X(REFUSED, CANCEL, REFUSED, NONE)        \
    X(CANCELLED, ANSWER, CANCELLED, BEYOND)  \
    X(CANCELLED, NOTE, CANCELLED, BEYOND)

/** A probe's state. */
typedef enum proto_trace_state {
#define PROTO_TRACE_STATE_ENUMERATOR(name, text) \
    PROTO_TRACE_STATE_##name, /**< see ::PROTO_TRACE_STATES */
    PROTO_TRACE_STATES(PROTO_TRACE_STATE_ENUMERATOR)
#undef PROTO_TRACE_STATE_ENUMERATOR
} proto_trace_state;

/** What happens to a probe. */
typedef enum proto_trace_step {
#define PROTO_TRACE_STEP_ENUMERATOR(name, text) \
    PROTO_TRACE_STEP_##name, /**< see ::PROTO_TRACE_STEPS */
    PROTO_TRACE_STEPS(PROTO_TRACE_STEP_ENUMERATOR)
#undef PROTO_TRACE_STEP_ENUMERATOR
} proto_trace_step;

/** What an answer says. */
typedef enum proto_trace_answer {
    PROTO_TRACE_EXCEEDED, /**< a router: its time to live ended here */
    /** the destination; or a port unreachable, which only a destination says, from another address
     *  than was asked for */
    PROTO_TRACE_REACHED,
    PROTO_TRACE_UNREACHABLE /**< a router: there is no way on. proto_trace_mark_write() says why */
} proto_trace_answer;

/** What somebody on the way has changed in a probe before it was quoted; bits. */
typedef enum proto_trace_change {
    PROTO_TRACE_CHANGED_SOURCE = 1 << 0,      /**< its source's address */
    PROTO_TRACE_CHANGED_DESTINATION = 1 << 1, /**< its destination's address */
    PROTO_TRACE_CHANGED_PORT = 1 << 2,        /**< a port, or the ICMP identifier */
    /** the checksum, which a router between never touches: a NAT does, which has put the addresses
     *  back for the quote and has forgotten this */
    PROTO_TRACE_CHANGED_CHECKSUM = 1 << 3
} proto_trace_change;

/** So many bytes of an answer's extensions are kept, as far as they are whole objects. */
#define PROTO_TRACE_OBJECTS 128

/** A probe, and its answer. The caller reads what is public. */
typedef struct proto_trace_probe {
    uint8_t state;         /**< a ::proto_trace_state. The rest counts if it is ANSWERED */
    uint8_t answer;        /**< a ::proto_trace_answer */
    bool late;             /**< the answer came when it had been given up */
    uint8_t changed;       /**< bits of ::proto_trace_change */
    proto_address source;  /**< who answered */
    uint64_t rtt;          /**< from sending until the answer's arrival, nanoseconds */
    int16_t ttl;           /**< the answer's time to live as it arrived; -1: not known. See
                                proto_trace_way_back() */
    int16_t quoted_ttl;    /**< the probe's own when the error arose; -1: not known. It ought to be
                                1 or 0: more shows a tunnel that hides its inside */
    uint8_t type;          /**< the answer's ICMP type; 0 of one that is UDP */
    uint8_t code;          /**< its code */
    uint8_t kind;          /**< a ::proto_icmp_kind; ::PROTO_ICMP_OTHER of an answer that is UDP */
    uint8_t family;        /**< a ::proto_family */
    uint32_t mtu;          /**< of a kind ::PROTO_ICMP_TOO_BIG: the MTU that it names; else 0 */
    uint16_t size;         /**< of the probe as it was sent last, with its IP header */
    uint16_t objects_size; /**< how many bytes of @ref objects there are */
    /** MPLS labels, the interface that the probe came in by, and whatever else was said, for
     *  proto_icmp_object_next(); see proto_trace_objects() */
    uint8_t objects[PROTO_TRACE_OBJECTS];
    /** private: */
    uint64_t sent;
    uint16_t attempt;
} proto_trace_probe;

/** A hop. */
typedef struct proto_trace_hop {
    proto_trace_probe *probes; /**< as many as proto_trace_config::queries */
    uint64_t slowest;          /**< the longest time of its answers, nanoseconds */
    uint8_t ttl;               /**< its distance: the time to live of its probes */
    uint8_t open;              /**< how many of its probes are PLANNED or WAITING */
    uint8_t answered;          /**< how many are ANSWERED */
    uint8_t silent;            /**< how many are SILENT */
    uint8_t period;            /**< so many hops before, the same router answered, and others in
                                    between; 0: no. Known once the hop is complete */
    /** private: */
    uint8_t waiting;
    uint8_t unreachable; /* how many are answered so */
    uint8_t exceeded;    /* how many are answered so */
} proto_trace_hop;

/** @return The extension objects that came with an answer; a slice of @p probe. */
PROTO_API proto_slice proto_trace_objects(const proto_trace_probe *probe);

/** Appends the mark of an answer, `!H`, as proto_icmp_mark_write() makes it; nothing for a probe
 *  that is not answered. @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE. */
PROTO_API proto_err proto_trace_mark_write(const proto_trace_probe *probe, proto_out *out);

/**
 * @param ttl The time to live of an answer as it arrived.
 * @return How many hops it has come, if whoever sent it began with the next of 64, 128 and 255, as
 *         nearly all do; 0 where @p ttl is not known.
 */
PROTO_API unsigned proto_trace_way_back(int16_t ttl);

/** @} */

/** @name The engine
 * @{ */

/** What has happened. */
#define PROTO_TRACE_EVENTS(X)                                                          \
    X(NONE, "nothing (more)")                                                          \
    X(ANSWER, "the answer to a probe")                                                 \
    X(LATE, "the answer to a probe that had been given up")                            \
    X(DUPLICATE, "a further answer to a probe")                                        \
    X(BEYOND, "about a probe behind the last hop, as is usual")                        \
    X(TOO_BIG, "a probe was too big, and will be sent again as a smaller one")         \
    X(NOTE, "about a probe, and says nothing of a path: a redirect, a source quench")  \
    X(CORRUPTED, "damaged")                                                            \
    X(UNKNOWN, "seems to be about a probe and is about none: not sent, forged, mixed") \
    X(OWN, "a request of our own, as seen on loopback")                                \
    X(FOREIGN, "nothing to do with us")                                                \
    X(SILENT, "a probe was given up")

/** What has happened. */
typedef enum proto_trace_event {
#define PROTO_TRACE_EVENT_ENUMERATOR(name, text) \
    PROTO_TRACE_EVENT_##name, /**< see ::PROTO_TRACE_EVENTS */
    PROTO_TRACE_EVENTS(PROTO_TRACE_EVENT_ENUMERATOR)
#undef PROTO_TRACE_EVENT_ENUMERATOR
} proto_trace_event;

/** @return The name of @p event, "ANSWER", or an empty string for a number that is none; static
 *  storage. */
PROTO_API const char *proto_trace_event_name(proto_trace_event event);

/** How a trace ends: `X(NAME, "meaning")`. */
#define PROTO_TRACE_OUTCOMES(X)                                                  \
    X(RUNNING, "not yet")                                                        \
    X(REACHED, "the destination has answered")                                   \
    X(UNREACHABLE, "a router says that there is no way on")                      \
    X(LOOP, "the path is a loop")                                                \
    X(SILENCE, "too many hops in a row said nothing, and none behind them does") \
    X(EXHAUSTED, "the last hop that was allowed has been probed")                \
    X(STOPPED, "the program has stopped it")

/** How a trace ends. */
typedef enum proto_trace_end {
#define PROTO_TRACE_END_ENUMERATOR(name, text) \
    PROTO_TRACE_END_##name, /**< see ::PROTO_TRACE_OUTCOMES */
    PROTO_TRACE_OUTCOMES(PROTO_TRACE_END_ENUMERATOR)
#undef PROTO_TRACE_END_ENUMERATOR
} proto_trace_end;

/** @return The name of @p end, "REACHED", or an empty string for a number that is none; static
 *  storage. */
PROTO_API const char *proto_trace_end_name(proto_trace_end end);

/** An engine. All of it is private but what functions tell. */
typedef struct proto_trace {
    /** private: */
    proto_trace_config config;
    proto_trace_hop *hops;
    uint64_t key[2];
    uint64_t earliest; /* no probe before this: the gap */
    uint32_t cursor;   /* no probe before this one is PLANNED */
    uint32_t latest;   /* the one that was written last */
    uint32_t waiting;
    uint32_t mtu;
    uint16_t offset; /* from numbers to tags */
    uint16_t size;   /* of the next probe */
    uint16_t flat;   /* what the checksum of all echo requests is made */
    uint16_t count;  /* of hops */
    uint16_t last;   /* so many hops belong to the path; all, until its end is known */
    uint16_t front;  /* so many are complete */
    uint16_t given;  /* so many has proto_trace_next() given */
    uint16_t silent; /* so many before the front have said nothing */
    uint8_t end;
} proto_trace;

/** What a probe or an event is about. Valid until the next call with the same report. */
typedef struct proto_trace_report {
    proto_trace_hop *hop;      /**< whose probe; NULL where that is not known */
    proto_trace_probe *probe;  /**< which; NULL where that is not known */
    proto_address destination; /**< from proto_trace_send(): where to, with its port */
    uint64_t rtt;              /**< from sending until this arrival, nanoseconds */
    /** what arrived, if `has_icmp`; slices of its bytes. Of what the error queue returned, only
     *  kind, family, type, code and MTU are known */
    proto_icmp icmp;
    bool has_icmp; /**< whether it was a message of ICMP and intact */
} proto_trace_report;

/**
 * Begins. All probes are planned.
 * @param trace  The engine.
 * @param config What to do; copied.
 * @param hops   `last_hop - first_hop + 1` of them; kept. Their contents do not matter.
 * @param probes `queries` for each hop; kept. Their contents do not matter.
 */
PROTO_API void proto_trace_init(proto_trace *trace, const proto_trace_config *config,
                                proto_trace_hop *hops, proto_trace_probe *probes);

/**
 * Appends the probe that is due, and counts it as sent at @p now: an ICMP message, whose checksum
 * is there over IPv4, and for the system to make over IPv6; or the payload of a UDP datagram, with
 * its header if so configured. It is to be sent with the time to live (the hop limit) of the
 * report's hop. To be called until it says no.
 *
 * Between several calls it pays to fetch what has arrived already: once the destination has
 * answered, nothing goes to the hops behind it.
 * @param trace  The engine.
 * @param now    The time.
 * @param out    Where the probe goes: at most proto_trace_config::size bytes.
 * @param report Its hop, the probe, and where to send it.
 * @return Whether there is one to be sent. No: none is due, or @p out has failed for want of space.
 */
PROTO_API bool proto_trace_send(proto_trace *trace, uint64_t now, proto_out *out,
                                proto_trace_report *report);

/** Puts the time right at which @p probe was sent, to the system's own stamp for instance. It does
 *  nothing where that probe is no longer waiting. */
PROTO_API void proto_trace_sent_at(proto_trace *trace, proto_trace_probe *probe, uint64_t when);

/** Takes back the probe that was written last, because the system could not take it now: it is due
 *  again at once. Only before anything else is called. */
PROTO_API void proto_trace_unsend(proto_trace *trace);

/** Gives up the probe that was written last, because the system has refused to send it. Only before
 *  anything else is called. */
PROTO_API void proto_trace_refuse(proto_trace *trace);

/**
 * Takes back the probe that was written last, because the system says that it is too big for its
 * own link. With `find_mtu`, it is due again and smaller, if it can be; else it is refused. Only
 * before anything else is called.
 * @param trace The engine.
 * @param mtu   The link's, in bytes; 0 where it is not known.
 */
PROTO_API void proto_trace_too_big(proto_trace *trace, uint32_t mtu);

/**
 * Says what has arrived: an ICMP message or packet, what came back through an error queue, or a
 * datagram of UDP, which is known by the port of its source.
 * @param trace   The engine.
 * @param arrival The datagram. Nothing is written to it.
 * @param report  What it means; slices in it are of the datagram.
 * @return The event: all but NONE and SILENT.
 */
PROTO_API proto_trace_event proto_trace_receive(proto_trace *trace,
                                                const proto_probe_arrival *arrival,
                                                proto_trace_report *report);

/**
 * Gives up a probe whose time is over. To be called until it says NONE.
 * @param trace  The engine.
 * @param now    The time.
 * @param report Which one.
 * @return ::PROTO_TRACE_EVENT_SILENT or ::PROTO_TRACE_EVENT_NONE.
 */
PROTO_API proto_trace_event proto_trace_expire(proto_trace *trace, uint64_t now,
                                               proto_trace_report *report);

/** @return The next hop that is complete, in order, or NULL: none is, or all have been given. */
PROTO_API const proto_trace_hop *proto_trace_next(proto_trace *trace);

/** @return When the next probe is due or the next is to be given up, whichever is first;
 *  ::PROTO_NEVER when all is over. In steps as many as there are probes outstanding. */
PROTO_API uint64_t proto_trace_deadline(const proto_trace *trace);

/** @return How it has ended; ::PROTO_TRACE_END_RUNNING until all hops to the last are complete. */
PROTO_API proto_trace_end proto_trace_outcome(const proto_trace *trace);

/** Ends it: no probe is awaited any more. The hops that have been answered are complete as they
 *  are. */
PROTO_API void proto_trace_stop(proto_trace *trace);

/** @return The smallest MTU that a router has named, so far; 0 for none. */
PROTO_API uint32_t proto_trace_mtu(const proto_trace *trace);

/** @return Whether @p hop has left queries unanswered though a hop behind it has answered all of
 *  its own: what it loses are errors that it does not send, and no traffic. */
PROTO_API bool proto_trace_is_limited(const proto_trace *trace, const proto_trace_hop *hop);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
