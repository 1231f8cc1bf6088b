/* SPDX-License-Identifier: MIT */
/* What is known of one sender, part by part; and the table of all. */
#ifndef HEARTBEAT_PEER_H
#define HEARTBEAT_PEER_H

#include "proto/heartbeat.h"

/* ------------------------------------------------------------------------------------- numbers -- */

/* What a number means. */
typedef enum order_verdict {
    ORDER_NEXT,     /* higher than all before */
    ORDER_FILLED,   /* it was pending */
    ORDER_SEEN,     /* it was received before */
    ORDER_LATE,     /* it was given up, or nobody knows any more */
    ORDER_DOUBTFUL, /* it may be the first of a new run */
    ORDER_RESTART   /* it is of a new run */
} order_verdict;

/* Begins with the number of a first datagram, or of the first of a new run. */
void order_begin(proto_heartbeat_peer *peer, const proto_heartbeat *beat);

/* Says what a number means, and in `*number` which it is when the wraps of a short counter are added
   up. Only NEXT, FILLED and RESTART want to be taken. */
order_verdict order_judge(proto_heartbeat_peer *peer, const proto_heartbeat *beat, uint64_t when,
                          uint64_t *number);

/* Takes a number that is NEXT. Returns how many were passed over; `*dropped` is how many of those
   that were pending had to be given up for want of room. */
uint64_t order_advance(proto_heartbeat_peer *peer, uint64_t number, uint64_t when,
                       uint64_t *dropped);

/* Takes a number that is FILLED. */
void order_fill(proto_heartbeat_peer *peer, uint64_t number, uint64_t when);

/* Begins a new run with a heartbeat that is RESTART. Returns how many were pending. */
uint64_t order_restart(proto_heartbeat_peer *peer, const proto_heartbeat *beat);

/* When the oldest gap is given up; 0 for at once, PROTO_NEVER for none. */
uint64_t order_due(const proto_heartbeat_peer *peer, const proto_heartbeat_config *config);

/* Takes the first row of numbers out of the oldest gap. Returns how many, with the first in
   `*first`. */
uint64_t order_give_up(proto_heartbeat_peer *peer, uint64_t *first);

/* ------------------------------------------------------------------------------------- silence -- */

/* Begins, with the interval that the sender announces, if it does. */
void silence_begin(proto_heartbeat_peer *peer, uint64_t every);

/* Notes that so many numbers took so long. */
void silence_note_spacing(proto_heartbeat_peer *peer, uint64_t elapsed, uint64_t numbers);

/* Notes what became of numbers. */
void silence_note_received(proto_heartbeat_peer *peer);
void silence_note_lost(proto_heartbeat_peer *peer, uint64_t numbers);

/* How long the sender may be silent. */
uint64_t silence_limit(const proto_heartbeat_peer *peer, const proto_heartbeat_config *config);

/* --------------------------------------------------------------------------------------- table -- */

enum { LIST_NEW, LIST_ENDED, LIST_NONE }; /* heard once; heard more often, and stopped */

/* Finds a sender; NULL where it is not known. */
proto_heartbeat_peer *table_find(const proto_heartbeat_receiver *receiver,
                                 const proto_address *address, proto_slice id);

/* Makes room for one that is not known, on no list; NULL where there is none. */
proto_heartbeat_peer *table_add(proto_heartbeat_receiver *receiver, const proto_address *address,
                                proto_slice id);

void table_init(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peers, size_t count);

/* Puts a sender at the end of a list and takes it from the one it was on. */
void table_list(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peer, unsigned list);

/* Puts a sender where it belongs among the others after its `due` has changed. */
void table_reschedule(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peer);

/* The sender of whom there is something to say first; NULL where there is none at all. */
proto_heartbeat_peer *table_first(const proto_heartbeat_receiver *receiver);

#endif
