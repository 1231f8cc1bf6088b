/* SPDX-License-Identifier: MIT */
/* How it went over time, in as much memory for a year as for a minute. */
#include "ping.h"

#include <string.h>

void timeline_begin(struct timeline *timeline, uint64_t now)
{
    timeline->began = now;
    timeline->width = MILLISECONDS(1);
}

static void add(struct timeline_column *into, const struct timeline_column *from)
{
    if (from->count > 0 && (into->count == 0 || from->min < into->min)) into->min = from->min;
    if (from->max > into->max) into->max = from->max;
    into->sum += from->sum;
    into->count += from->count;
    into->lost += from->lost;
}

/* Two columns become one, each as wide as both. */
static void widen(struct timeline *timeline)
{
    for (size_t i = 0; i < TIMELINE_COLUMNS / 2; i++) {
        struct timeline_column both = timeline->columns[2 * i];
        add(&both, &timeline->columns[2 * i + 1]);
        timeline->columns[i] = both;
    }
    memset(timeline->columns + TIMELINE_COLUMNS / 2, 0, sizeof timeline->columns / 2);
    timeline->used = (timeline->used + 1) / 2;
    timeline->width *= 2;
}

void timeline_note(struct timeline *timeline, uint64_t now, uint64_t time)
{
    uint64_t since = now > timeline->began ? now - timeline->began : 0;
    while (since / timeline->width >= TIMELINE_COLUMNS)
        widen(timeline);
    size_t at = (size_t)(since / timeline->width);
    if (at >= timeline->used) timeline->used = at + 1;
    struct timeline_column note = {.lost = 1};
    if (time != PROTO_NEVER)
        note = (struct timeline_column){.min = time, .max = time, .sum = time, .count = 1};
    add(&timeline->columns[at], &note);
    timeline->recent[timeline->recent_count++ % TIMELINE_RECENT] = time;
}
