/* SPDX-License-Identifier: MIT */
/* Feeds bytes to a reader in pieces and writes down the events it gives, one a line. */
#ifndef REPLAY_H
#define REPLAY_H

#include "guard.h"
#include "text.h"
#include "vector.h"

/* Where the bytes lie that a reader is shown. */
typedef enum replay_place {
    REPLAY_HEAP, /* an allocation of exactly their size */
    REPLAY_LOW,  /* right behind a forbidden page */
    REPLAY_HIGH  /* right before a forbidden page */
} replay_place;

/* How the bytes are shown: `first` of them, then `step` more at a time; behind them `trailing`
   bytes that are not a part of the case, and which the reader is to leave. What is unread is shown
   again, each time at another address. */
typedef struct replay_plan {
    size_t first;
    size_t step;
    replay_place place;
    proto_slice trailing;
    bool stop; /* at the end of the case's bytes, as soon as a message has ended there */
} replay_plan;

/* The whole at once. */
replay_plan replay_whole(replay_place place);

/* In two pieces. */
replay_plan replay_split(size_t at, replay_place place);

/* In pieces of `step` bytes. */
replay_plan replay_steps(size_t step, replay_place place);

/* Appends the events to `events`; returns how many bytes the reader used up. `guard` holds at least
   the case's bytes and the trailing ones. */
size_t replay(const vector_case *vector, const replay_plan *plan, const guard_pages *guard,
              text_buffer *events);

/* Appends what a head says, as documents show it. */
void replay_head(const proto_http_head *head, bool counted, text_buffer *events);

#endif
