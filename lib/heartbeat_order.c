/* SPDX-License-Identifier: MIT */
/* The numbers of one sender: which are next, late, twice, pending, lost, or of a new run. */
#include "heartbeat_peer.h"

#include <string.h>

enum {
    WINDOW = 64,      /* numbers below the highest of which is known whether they came */
    NEAR_WRAP = 16,   /* numbers around a wrap by which it is known for one */
    PLAUSIBLE = 1000, /* numbers that may be passed over without a second thought */
};

#define STAMP_UNIT UINT64_C(50000000)  /* half a spacing that is not known */
#define LONGEST    (UINT64_C(1) << 60) /* nanoseconds; 36 years */

static uint64_t bit(uint64_t index)
{
    return UINT64_C(1) << index;
}

/* -------------------------------------------------------------------------------------- gaps -- */

static bool is_filled(const proto_heartbeat_gap *gap, uint64_t number)
{
    uint64_t index = gap->last - number;
    return index < WINDOW && (gap->filled & bit(index)) != 0;
}

/* A gap begins and ends with a number that is missing, or is no more. */
static bool gap_trim(proto_heartbeat_gap *gap)
{
    while (gap->first <= gap->last && is_filled(gap, gap->last)) {
        gap->last--;
        gap->filled >>= 1;
    }
    while (gap->first <= gap->last && is_filled(gap, gap->first))
        gap->first++;
    return gap->first <= gap->last;
}

static uint64_t gap_missing(const proto_heartbeat_gap *gap)
{
    uint64_t span = gap->last - gap->first + 1;
    uint64_t missing = span;
    for (uint64_t i = 0; i < span && i < WINDOW; i++)
        missing -= gap->filled >> i & 1;
    return missing;
}

static void gap_remove(proto_heartbeat_peer *peer, unsigned index)
{
    peer->gap_count--;
    for (; index < peer->gap_count; index++)
        peer->gaps[index] = peer->gaps[index + 1];
}

static void gap_insert(proto_heartbeat_peer *peer, unsigned index, proto_heartbeat_gap gap)
{
    for (unsigned at = peer->gap_count; at > index; at--)
        peer->gaps[at] = peer->gaps[at - 1];
    peer->gaps[index] = gap;
    peer->gap_count++;
}

/* The gap that a number is in, or `gap_count`. */
static unsigned gap_of(const proto_heartbeat_peer *peer, uint64_t number)
{
    unsigned index = 0;
    while (index < peer->gap_count &&
           (number < peer->gaps[index].first || number > peer->gaps[index].last))
        index++;
    return index;
}

uint64_t proto_heartbeat_pending(const proto_heartbeat_peer *peer)
{
    uint64_t pending = 0;
    for (unsigned i = 0; i < peer->gap_count; i++)
        pending += gap_missing(&peer->gaps[i]);
    return pending;
}

uint64_t order_due(const proto_heartbeat_peer *peer, const proto_heartbeat_config *config)
{
    if (peer->gap_count == 0) return PROTO_NEVER;
    const proto_heartbeat_gap *oldest = &peer->gaps[0];
    if (peer->sequence - oldest->last >= config->reorder) return 0;
    return config->grace < PROTO_NEVER - oldest->since ? oldest->since + config->grace
                                                       : PROTO_NEVER;
}

uint64_t order_give_up(proto_heartbeat_peer *peer, uint64_t *first)
{
    proto_heartbeat_gap *gap = &peer->gaps[0];
    *first = gap->first;
    /* Of a long row all but the end is missing. */
    if (gap->last - gap->first >= WINDOW) gap->first = gap->last - (WINDOW - 1);
    while (gap->first <= gap->last && !is_filled(gap, gap->first))
        gap->first++;
    uint64_t count = gap->first - *first;
    if (!gap_trim(gap)) gap_remove(peer, 0);
    return count;
}

/* ------------------------------------------------------------------------------------ taking -- */

static bool was_seen(const proto_heartbeat_peer *peer, uint64_t number)
{
    uint64_t index = peer->sequence - number;
    return index < WINDOW && (peer->seen & bit(index)) != 0;
}

static void begin_at(proto_heartbeat_peer *peer, uint64_t number, const proto_heartbeat *beat)
{
    peer->sequence = number;
    peer->lowest = number;
    peer->seen = 1;
    peer->gap_count = 0;
    peer->period = 0;
    peer->has_expected = false;
    peer->has_boot = beat->has_boot;
    peer->boot = beat->boot;
}

void order_begin(proto_heartbeat_peer *peer, const proto_heartbeat *beat)
{
    peer->has_former_boot = false;
    begin_at(peer, beat->sequence, beat);
}

uint64_t order_restart(proto_heartbeat_peer *peer, const proto_heartbeat *beat)
{
    uint64_t pending = proto_heartbeat_pending(peer);
    if (peer->has_boot && beat->has_boot) { /* and they differ: see order_judge() */
        peer->former_boot = peer->boot;
        peer->has_former_boot = true;
    }
    begin_at(peer, beat->sequence, beat);
    return pending;
}

uint64_t order_advance(proto_heartbeat_peer *peer, uint64_t number, uint64_t when,
                       uint64_t *dropped)
{
    uint64_t steps = number - peer->sequence;
    uint64_t ignored;
    *dropped = 0;
    if (steps > 1) {
        while (peer->gap_count == PROTO_HEARTBEAT_GAPS)
            *dropped += order_give_up(peer, &ignored);
        proto_heartbeat_gap gap = {peer->sequence + 1, number - 1, 0, when};
        gap_insert(peer, peer->gap_count, gap);
    }
    peer->seen = steps < WINDOW ? peer->seen << steps | 1 : 1;
    peer->sequence = number;
    peer->has_expected = false;
    return steps - 1;
}

/* The first that was heard had overtaken this one: it counts, and what is between is missing. */
static void begin_earlier(proto_heartbeat_peer *peer, uint64_t number, uint64_t when)
{
    uint64_t since = peer->gap_count > 0 ? peer->gaps[0].since : when;
    proto_heartbeat_gap gap = {number + 1, peer->lowest - 1, 0, since};
    if (gap.first <= gap.last) gap_insert(peer, 0, gap);
    peer->lowest = number;
}

void order_fill(proto_heartbeat_peer *peer, uint64_t number, uint64_t when)
{
    peer->seen |= bit(peer->sequence - number);
    if (number < peer->lowest) {
        begin_earlier(peer, number, when);
        return;
    }
    unsigned index = gap_of(peer, number);
    proto_heartbeat_gap *gap = &peer->gaps[index];
    gap->filled |= bit(gap->last - number);
    if (!gap_trim(gap)) gap_remove(peer, index);
}

/* ----------------------------------------------------------------------------------- judging -- */

/* A counter of 16 or 32 bits is known by the first time that it wraps. */
static void period_find(proto_heartbeat_peer *peer, uint64_t raw)
{
    static const unsigned widths[] = {16, 32};
    for (unsigned i = 0; i < 2 && peer->period == 0; i++) {
        uint64_t period = bit(widths[i]);
        if (peer->sequence < period && period - peer->sequence <= NEAR_WRAP &&
            raw + period - peer->sequence <= NEAR_WRAP)
            peer->period = period;
    }
}

/* The number nearest to the highest that looks like this one on the wire (RFC 3550 appendix A.1). */
static uint64_t extended(const proto_heartbeat_peer *peer, uint64_t raw)
{
    if (peer->period == 0 || raw >= peer->period) return raw;
    uint64_t ahead = (raw - peer->sequence) & (peer->period - 1);
    if (ahead < peer->period / 2) return peer->sequence + ahead;
    return peer->sequence - (peer->period - ahead); /* it has wrapped at least once */
}

/* Whether so many numbers may have been passed over in the time since the last one. */
static bool is_plausible(const proto_heartbeat_peer *peer, uint64_t steps, uint64_t when)
{
    uint64_t elapsed = when > peer->heard ? when - peer->heard : 0;
    if (steps <= PLAUSIBLE) return true;
    return peer->spacing > 0 && steps / 4 <= elapsed / peer->spacing;
}

/* Whether the time stamp went on since the highest number by about as much as the clock here did.
   That of an older heartbeat would have gone back; after a clock was set it would have jumped. */
static bool is_newer(const proto_heartbeat_peer *peer, const proto_heartbeat *beat, uint64_t when)
{
    if (beat->stamp <= peer->stamp) return false;
    uint64_t by_stamp = (uint64_t)beat->stamp - (uint64_t)peer->stamp;
    uint64_t by_clock = when > peer->heard ? when - peer->heard : 0;
    uint64_t unit = peer->spacing > 0 ? peer->spacing / 2 : STAMP_UNIT;
    if (by_clock > LONGEST) return false;
    return by_stamp >= unit && by_stamp >= by_clock / 2 && by_stamp <= 2 * by_clock + unit / 2;
}

/* A number that is not to be believed, unless it follows one that was not either. */
static order_verdict doubt(proto_heartbeat_peer *peer, uint64_t raw)
{
    if (peer->has_expected && peer->expected == raw) return ORDER_RESTART;
    peer->expected = raw + 1;
    peer->has_expected = true;
    return ORDER_DOUBTFUL;
}

/* A number not above the highest, of the same run or, unless it was `told`, perhaps of a new one. */
static order_verdict judge_behind(proto_heartbeat_peer *peer, const proto_heartbeat *beat,
                                  uint64_t number, bool told)
{
    bool alive = peer->state == PROTO_HEARTBEAT_IS_ALIVE;
    bool known = peer->sequence - number < WINDOW;
    if (was_seen(peer, number)) return ORDER_SEEN;
    /* So far back nobody could tell it from a duplicate. */
    if (gap_of(peer, number) < peer->gap_count) return known ? ORDER_FILLED : ORDER_LATE;
    /* Before the first, as long as that takes no more room than there is. */
    if (known && alive && number < peer->lowest && peer->gap_count < PROTO_HEARTBEAT_GAPS)
        return ORDER_FILLED;
    return told || (known && alive) ? ORDER_LATE : doubt(peer, beat->sequence);
}

order_verdict order_judge(proto_heartbeat_peer *peer, const proto_heartbeat *beat, uint64_t when,
                          uint64_t *number)
{
    bool told = beat->has_boot && peer->has_boot;
    bool alive = peer->state == PROTO_HEARTBEAT_IS_ALIVE;
    *number = beat->sequence;
    if (told && beat->boot != peer->boot) {
        bool former = peer->has_former_boot && beat->boot == peer->former_boot;
        return former && alive ? ORDER_LATE : ORDER_RESTART;
    }
    period_find(peer, beat->sequence);
    *number = extended(peer, beat->sequence);
    if (*number > peer->sequence) {
        bool believed = told || is_plausible(peer, *number - peer->sequence, when);
        return believed ? ORDER_NEXT : doubt(peer, beat->sequence);
    }
    if (!told && is_newer(peer, beat, when)) return ORDER_RESTART;
    return judge_behind(peer, beat, *number, told);
}
