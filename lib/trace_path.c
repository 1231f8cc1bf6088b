/* SPDX-License-Identifier: MIT */
/* What becomes of the probes of a trace, and where the path ends. */
#include "trace_path.h"

#include <assert.h>

/* ----------------------------------------------------------------------------------- states -- */

typedef struct transition {
    uint8_t next; /* and one more; 0 where it does not happen */
    uint8_t event;
} transition;

static const transition transitions[PROTO_TRACE_STATE_CANCELLED + 1][PROTO_TRACE_STEP_CANCEL + 1] =
    {
#define TRANSITION(state, step, next, event)                                              \
    [PROTO_TRACE_STATE_##state][PROTO_TRACE_STEP_##step] = {PROTO_TRACE_STATE_##next + 1, \
                                                            PROTO_TRACE_EVENT_##event},
        PROTO_TRACE_TRANSITIONS(TRANSITION)
#undef TRANSITION
};

static void add(uint8_t *counter, int by)
{
    *counter = (uint8_t)(*counter + by);
}

/* A probe in that state is one more or, with -1, one less. */
static void count(proto_trace *trace, proto_trace_hop *hop, uint8_t state, int by)
{
    switch ((proto_trace_state)state) {
    case PROTO_TRACE_STATE_PLANNED: add(&hop->open, by); return;
    case PROTO_TRACE_STATE_WAITING:
        add(&hop->open, by);
        add(&hop->waiting, by);
        trace->waiting += (uint32_t)by;
        return;
    case PROTO_TRACE_STATE_ANSWERED: add(&hop->answered, by); return;
    case PROTO_TRACE_STATE_SILENT: add(&hop->silent, by); return;
    case PROTO_TRACE_STATE_REFUSED:
    case PROTO_TRACE_STATE_CANCELLED: return;
    }
}

proto_trace_event trace_move(proto_trace *trace, uint32_t index, proto_trace_step step)
{
    proto_trace_probe *probe = trace_probe(trace, index);
    transition entry = transitions[probe->state][step];
    assert(entry.next != 0);
    count(trace, trace_hop(trace, index), probe->state, -1);
    probe->state = (uint8_t)(entry.next - 1);
    count(trace, trace_hop(trace, index), probe->state, 1);
    return (proto_trace_event)entry.event;
}

/* --------------------------------------------------------------------------------- the end -- */

/* The path has no more than `last` hops. */
static void cut(proto_trace *trace, uint16_t last)
{
    for (uint32_t i = (uint32_t)last * trace->config.queries; i < trace_capacity(trace); i++)
        if (trace_probe(trace, i)->state != PROTO_TRACE_STATE_CANCELLED)
            trace_move(trace, i, PROTO_TRACE_STEP_CANCEL);
    trace->last = last;
}

static void finish(proto_trace *trace, proto_trace_end end, uint16_t last)
{
    trace->end = (uint8_t)end;
    cut(trace, last);
}

/* The router of a hop, or NULL. */
static const proto_address *router_of(const proto_trace *trace, uint32_t hop)
{
    const proto_trace_probe *probe = trace->hops[hop].probes;
    for (uint8_t i = 0; i < trace->config.queries; i++, probe++)
        if (probe->state == PROTO_TRACE_STATE_ANSWERED && probe->answer == PROTO_TRACE_EXCEEDED)
            return &probe->source;
    return NULL;
}

/* How far back the router of a hop is found, with others in between. That two hops in a row have
   the same one is something else: a router that counts twice, or a NAT. */
static uint8_t period_of(const proto_trace *trace, uint32_t hop)
{
    const proto_address *router = router_of(trace, hop);
    for (uint32_t back = 1; router && back <= hop; back++) {
        const proto_address *other = router_of(trace, hop - back);
        if (other && proto_address_same_host(router, other)) return back > 1 ? (uint8_t)back : 0;
    }
    return 0;
}

/* A period leads back to a hop that there is. One router twice may be two that have the same
   private address. Two that come again after the same number of hops, or one that does so twice,
   are a loop. */
static bool is_loop(const proto_trace *trace, uint32_t hop)
{
    uint8_t period = trace->hops[hop].period;
    for (uint32_t back = 1; back <= period; back++)
        if (trace->hops[hop - back].period == period) return true;
    return false;
}

static bool is_answered_behind(const proto_trace *trace, uint32_t hop)
{
    for (uint32_t i = hop + 1; i < trace->count; i++)
        if (trace->hops[i].answered > 0) return true;
    return false;
}

/* Whether the hop that is complete is the last, and why. Where the destination has answered it is
   known already which one that is. */
static proto_trace_end end_at(const proto_trace *trace, uint16_t index)
{
    const proto_trace_config *config = &trace->config;
    const proto_trace_hop *hop = &trace->hops[index];
    if (trace->end != PROTO_TRACE_END_RUNNING) return (proto_trace_end)trace->end;
    if (hop->unreachable > 0 && hop->exceeded == 0) return PROTO_TRACE_END_UNREACHABLE;
    if (!config->pass_loops && is_loop(trace, index)) return PROTO_TRACE_END_LOOP;
    if (config->max_silent > 0 && trace->silent >= config->max_silent &&
        !is_answered_behind(trace, index))
        return PROTO_TRACE_END_SILENCE;
    return index + 1 == trace->count ? PROTO_TRACE_END_EXHAUSTED : PROTO_TRACE_END_RUNNING;
}

/* Goes on over the hops that are complete. */
void trace_settle(proto_trace *trace)
{
    while (trace->front < trace->last && trace->hops[trace->front].open == 0) {
        uint16_t index = trace->front++;
        proto_trace_hop *hop = &trace->hops[index];
        hop->period = period_of(trace, index);
        trace->silent = hop->answered > 0 ? 0 : (uint16_t)(trace->silent + 1);
        proto_trace_end end = end_at(trace, index);
        if (end != trace->end) finish(trace, end, trace->front);
    }
}

/* The destination has answered. What lies before the front has been given out as it is. */
void trace_reach(proto_trace *trace, uint32_t index)
{
    uint16_t last = (uint16_t)(index / trace->config.queries + 1);
    if (last < trace->front) last = trace->front;
    if (last < trace->last || trace->end == PROTO_TRACE_END_RUNNING)
        finish(trace, PROTO_TRACE_END_REACHED, last);
}

proto_trace_end proto_trace_outcome(const proto_trace *trace)
{
    return trace->front == trace->last ? (proto_trace_end)trace->end : PROTO_TRACE_END_RUNNING;
}

void proto_trace_stop(proto_trace *trace)
{
    uint16_t last = trace->last;
    while (last > trace->front && trace->hops[last - 1].answered == 0)
        last--;
    if (trace->end == PROTO_TRACE_END_RUNNING) trace->end = PROTO_TRACE_END_STOPPED;
    cut(trace, last);
    for (uint32_t i = 0; i < (uint32_t)last * trace->config.queries; i++) {
        uint8_t state = trace_probe(trace, i)->state;
        if (state == PROTO_TRACE_STATE_PLANNED || state == PROTO_TRACE_STATE_WAITING)
            trace_move(trace, i, PROTO_TRACE_STEP_CANCEL);
    }
    trace_settle(trace);
}

const proto_trace_hop *proto_trace_next(proto_trace *trace)
{
    return trace->given < trace->front ? &trace->hops[trace->given++] : NULL;
}

bool proto_trace_is_limited(const proto_trace *trace, const proto_trace_hop *hop)
{
    if (hop->silent == 0) return false;
    for (const proto_trace_hop *other = hop + 1; other < trace->hops + trace->last; other++)
        if (other->answered == trace->config.queries) return true;
    return false;
}
