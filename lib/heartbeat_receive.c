/* SPDX-License-Identifier: MIT */
/* The receiver of heartbeats: what each datagram means, and what the passing of time does. */
#include "heartbeat_peer.h"
#include "siphash.h"

#include <assert.h>

#define STEP INT64_C(10000000000) /* a difference that no network makes: a clock was set */

const char *proto_heartbeat_event_name(proto_heartbeat_event event)
{
    switch (event) {
#define NAME(name, text) \
    case PROTO_HEARTBEAT_##name: return #name;
        PROTO_HEARTBEAT_EVENTS(NAME)
#undef NAME
    }
    return "";
}

void proto_heartbeat_receiver_init(proto_heartbeat_receiver *receiver,
                                   const proto_heartbeat_config *config,
                                   proto_heartbeat_peer *peers, size_t count)
{
    assert(config->silence > 0 && config->suspicion <= 32000);
    assert(config->reorder >= 1 && config->reorder <= PROTO_HEARTBEAT_REORDER);
    siphash_key key = siphash_key_of(config->key);
    *receiver = (proto_heartbeat_receiver){.config = *config, .key = {key.word[0], key.word[1]}};
    table_init(receiver, peers, count);
}

const proto_heartbeat_peer *proto_heartbeat_peer_at(const proto_heartbeat_receiver *receiver,
                                                    size_t index)
{
    return index < receiver->peers ? &receiver->table[index] : NULL;
}

/* ----------------------------------------------------------------------------------- waiting -- */

static uint64_t later(uint64_t when, uint64_t by)
{
    return by < PROTO_NEVER - when ? when + by : PROTO_NEVER;
}

static void reschedule(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peer)
{
    uint64_t limit = silence_limit(peer, &receiver->config);
    bool alive = peer->state == PROTO_HEARTBEAT_IS_ALIVE;
    peer->silent_at = alive ? later(peer->heard, limit) : PROTO_NEVER;
    peer->due = order_due(peer, &receiver->config);
    if (peer->silent_at < peer->due) peer->due = peer->silent_at;
    table_reschedule(receiver, peer);
}

uint64_t proto_heartbeat_deadline(const proto_heartbeat_receiver *receiver)
{
    const proto_heartbeat_peer *first = table_first(receiver);
    return first ? first->due : PROTO_NEVER;
}

static proto_heartbeat_event give_up_numbers(proto_heartbeat_receiver *receiver,
                                             proto_heartbeat_peer *peer,
                                             proto_heartbeat_report *report)
{
    report->count = order_give_up(peer, &report->first);
    peer->counts.lost += report->count;
    silence_note_lost(peer, report->count);
    reschedule(receiver, peer);
    return PROTO_HEARTBEAT_LOST;
}

/* A sender heard once keeps its place among those that are given up first. */
static void end(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peer,
                proto_heartbeat_state state)
{
    peer->state = (uint8_t)state;
    if (peer->list == LIST_NONE) table_list(receiver, peer, LIST_ENDED);
}

static proto_heartbeat_event stop(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peer,
                                  uint64_t now, proto_heartbeat_report *report)
{
    report->silence = now - peer->heard;
    report->suspicion = proto_heartbeat_suspicion(peer, now);
    peer->counts.stops++;
    end(receiver, peer, PROTO_HEARTBEAT_IS_STOPPED);
    reschedule(receiver, peer);
    return PROTO_HEARTBEAT_STOPPED;
}

proto_heartbeat_event proto_heartbeat_expire(proto_heartbeat_receiver *receiver, uint64_t now,
                                             proto_heartbeat_report *report)
{
    proto_heartbeat_peer *peer = table_first(receiver);
    *report = (proto_heartbeat_report){0};
    if (!peer || peer->due > now || peer->due == PROTO_NEVER) return PROTO_HEARTBEAT_NONE;
    report->peer = peer;
    if (order_due(peer, &receiver->config) <= now) return give_up_numbers(receiver, peer, report);
    return stop(receiver, peer, now, report);
}

/* ---------------------------------------------------------------------------------- measuring -- */

/* a - b, or as near to it as there is a number. */
static int64_t difference(int64_t a, int64_t b)
{
    if (b > 0 && a < INT64_MIN + b) return INT64_MIN;
    if (b < 0 && a > INT64_MAX + b) return INT64_MAX;
    return a - b;
}

/* A time of the monotonic clock less another. */
static int64_t elapsed(uint64_t to, uint64_t from)
{
    uint64_t apart = to > from ? to - from : from - to;
    if (apart > INT64_MAX) apart = INT64_MAX;
    return to > from ? (int64_t)apart : -(int64_t)apart;
}

static void note_difference(proto_heartbeat_peer *peer, const proto_heartbeat_report *report)
{
    peer->difference = report->difference;
    if (report->stepped || report->difference < peer->least_difference)
        peer->least_difference = report->difference;
}

/* D and J of RFC 3550 section 6.4.1, of heartbeats in order. */
static void note_variation(proto_heartbeat_peer *peer, uint64_t when,
                           proto_heartbeat_report *report)
{
    report->variation = difference(elapsed(when, peer->heard),
                                   difference(report->beat.stamp, peer->stamp));
    report->stepped = report->variation >= STEP || report->variation <= -STEP;
    if (report->stepped) return;
    uint64_t size = report->variation < 0 ? (uint64_t)-report->variation
                                          : (uint64_t)report->variation;
    peer->jitter_sum += size - (peer->jitter_sum + 8) / 16;
    peer->jitter = peer->jitter_sum / 16;
}

/* ---------------------------------------------------------------------------------- receiving -- */

/* What is new is a sign of life. */
static void hear(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peer,
                 const proto_heartbeat_arrival *arrival, const proto_heartbeat *beat)
{
    peer->address = arrival->source;
    if (beat->has_boot && !peer->has_boot) {
        peer->has_boot = true;
        peer->boot = beat->boot;
    }
    peer->stamp = beat->stamp;
    if (arrival->when > peer->heard) peer->heard = arrival->when;
    if (peer->state != PROTO_HEARTBEAT_IS_ALIVE && peer->list == LIST_ENDED)
        table_list(receiver, peer, LIST_NONE);
    peer->state = PROTO_HEARTBEAT_IS_ALIVE;
    peer->counts.received++;
    silence_note_received(peer);
    if (peer->counts.received == 2) table_list(receiver, peer, LIST_NONE);
    if (beat->bye) end(receiver, peer, PROTO_HEARTBEAT_IS_GONE);
}

static proto_heartbeat_event receive_first(proto_heartbeat_receiver *receiver,
                                           const proto_heartbeat_arrival *arrival,
                                           proto_heartbeat_report *report)
{
    const proto_heartbeat *beat = &report->beat;
    proto_heartbeat_peer *peer = table_add(receiver, &arrival->source, beat->id);
    if (!peer) {
        receiver->refused++;
        return PROTO_HEARTBEAT_FULL;
    }
    report->peer = peer;
    peer->since = peer->heard = arrival->when;
    peer->least_difference = INT64_MAX;
    order_begin(peer, beat);
    silence_begin(peer, beat->every);
    table_list(receiver, peer, LIST_NEW);
    hear(receiver, peer, arrival, beat);
    note_difference(peer, report);
    reschedule(receiver, peer);
    return PROTO_HEARTBEAT_FIRST;
}

static proto_heartbeat_event event_of(const proto_heartbeat_report *report,
                                      proto_heartbeat_state before)
{
    if (before != PROTO_HEARTBEAT_IS_ALIVE) return PROTO_HEARTBEAT_BACK;
    if (report->beat.bye) return PROTO_HEARTBEAT_LEFT;
    return report->restarted ? PROTO_HEARTBEAT_RESTARTED : PROTO_HEARTBEAT_BEAT;
}

static void restart(proto_heartbeat_peer *peer, proto_heartbeat_report *report)
{
    report->restarted = true;
    report->count = order_restart(peer, &report->beat);
    peer->counts.lost += report->count;
    peer->counts.restarts++;
}

static void advance(proto_heartbeat_peer *peer, uint64_t number, uint64_t when, bool alive,
                    proto_heartbeat_report *report)
{
    uint64_t dropped;
    report->first = peer->sequence + 1;
    report->count = order_advance(peer, number, when, &dropped);
    peer->counts.lost += dropped;
    silence_note_lost(peer, dropped);
    if (!alive) return; /* the pause was none of the line's, nor of the interval */
    note_variation(peer, when, report);
    if (report->beat.bye) return; /* which does not wait for its moment */
    if (when > peer->heard) silence_note_spacing(peer, when - peer->heard, report->count + 1);
}

/* The next number, or the first of a new run. */
static proto_heartbeat_event receive_new(proto_heartbeat_receiver *receiver,
                                         proto_heartbeat_peer *peer,
                                         const proto_heartbeat_arrival *arrival, uint64_t number,
                                         bool restarted, proto_heartbeat_report *report)
{
    proto_heartbeat_state before = (proto_heartbeat_state)peer->state;
    bool alive = before == PROTO_HEARTBEAT_IS_ALIVE;
    if (!alive && arrival->when > peer->heard) report->silence = arrival->when - peer->heard;
    if (restarted) {
        restart(peer, report);
    } else {
        advance(peer, number, arrival->when, alive, report);
    }
    if (report->beat.every > 0 && report->beat.every != peer->every)
        silence_begin(peer, report->beat.every);
    note_difference(peer, report);
    hear(receiver, peer, arrival, &report->beat);
    reschedule(receiver, peer);
    return event_of(report, before);
}

static proto_heartbeat_event receive_filled(proto_heartbeat_receiver *receiver,
                                            proto_heartbeat_peer *peer,
                                            const proto_heartbeat_arrival *arrival, uint64_t number)
{
    order_fill(peer, number, arrival->when);
    peer->counts.received++;
    peer->counts.reordered++;
    silence_note_received(peer);
    if (peer->list == LIST_NEW) table_list(receiver, peer, LIST_NONE);
    reschedule(receiver, peer);
    return PROTO_HEARTBEAT_REORDERED;
}

static proto_heartbeat_event receive_known(proto_heartbeat_receiver *receiver,
                                           proto_heartbeat_peer *peer,
                                           const proto_heartbeat_arrival *arrival,
                                           proto_heartbeat_report *report)
{
    uint64_t number;
    report->peer = peer;
    switch (order_judge(peer, &report->beat, arrival->when, &number)) {
    case ORDER_NEXT: return receive_new(receiver, peer, arrival, number, false, report);
    case ORDER_RESTART: return receive_new(receiver, peer, arrival, number, true, report);
    case ORDER_FILLED: return receive_filled(receiver, peer, arrival, number);
    case ORDER_SEEN: peer->counts.duplicates++; return PROTO_HEARTBEAT_DUPLICATE;
    case ORDER_LATE: peer->counts.late++; return PROTO_HEARTBEAT_LATE;
    case ORDER_DOUBTFUL: break;
    }
    peer->counts.late++;
    return PROTO_HEARTBEAT_DOUBTFUL;
}

proto_heartbeat_event proto_heartbeat_receive(proto_heartbeat_receiver *receiver,
                                              const proto_heartbeat_arrival *arrival,
                                              proto_heartbeat_report *report)
{
    *report = (proto_heartbeat_report){0};
    proto_err err = proto_heartbeat_read(arrival->bytes, &report->beat, &report->fault);
    if (err != PROTO_OK) {
        receiver->malformed++;
        return PROTO_HEARTBEAT_MALFORMED;
    }
    report->difference = difference(arrival->wall, report->beat.stamp);
    proto_heartbeat_peer *peer = table_find(receiver, &arrival->source, report->beat.id);
    return peer ? receive_known(receiver, peer, arrival, report)
                : receive_first(receiver, arrival, report);
}
