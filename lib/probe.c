/* SPDX-License-Identifier: MIT */
#include "proto/probe.h"

#include "address.h"
#include "siphash.h"

#include <assert.h>

/* What happens for each probe: a call would cost a tenth of it. Where nothing is optimised, one copy
   is what coverage counts. */
#ifdef __OPTIMIZE__
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static
#endif

/* ------------------------------------------------------------------------------------- names -- */

const char *proto_probe_event_name(proto_probe_event event)
{
    static const char names[][10] = {
        [PROTO_PROBE_NONE] = "NONE",       [PROTO_PROBE_REPLY] = "REPLY",
        [PROTO_PROBE_ANOTHER] = "ANOTHER", [PROTO_PROBE_DUPLICATE] = "DUPLICATE",
        [PROTO_PROBE_LATE] = "LATE",       [PROTO_PROBE_ERROR] = "ERROR",
        [PROTO_PROBE_NOTE] = "NOTE",       [PROTO_PROBE_CORRUPTED] = "CORRUPTED",
        [PROTO_PROBE_UNKNOWN] = "UNKNOWN", [PROTO_PROBE_OWN] = "OWN",
        [PROTO_PROBE_FOREIGN] = "FOREIGN", [PROTO_PROBE_TIMEOUT] = "TIMEOUT",
    };
    return (size_t)event < sizeof names / sizeof *names ? names[event] : "";
}

/* ------------------------------------------------------------------------------------- table -- */

typedef struct rule {
    bool allowed;
    uint8_t next;
    uint8_t event;
} rule;

static const rule rules[PROTO_PROBE_STATE_CLOSED + 1][PROTO_PROBE_STEP_REFUSE + 1] = {
#define RULE(state, step, next, event) \
    [PROTO_PROBE_STATE_##              \
        state][PROTO_PROBE_STEP_##step] = {true, PROTO_PROBE_STATE_##next, PROTO_PROBE_##event},
    PROTO_PROBE_TRANSITIONS(RULE)
#undef RULE
};

/* -------------------------------------------------------------------------------------- ring -- */

/* Probes are numbered in the order in which they are sent, which is that of their deadlines. The
   ring holds the newest of them, each at its number's place. From `first` on some may be waiting,
   before it none is. */
static proto_probe_slot *slot_of(const proto_probe *probe, uint64_t number)
{
    return &probe->slots[number & probe->slot_mask];
}

static bool is_in_ring(const proto_probe *probe, uint64_t number)
{
    return number != 0 && number < probe->next && probe->next - number <= probe->slot_mask + 1;
}

static bool is_waiting(const proto_probe_slot *slot)
{
    return slot->state == PROTO_PROBE_STATE_WAITING;
}

static uint64_t sum_or_never(uint64_t time, uint64_t span)
{
    return time < PROTO_NEVER - span ? time + span : PROTO_NEVER;
}

/* Stamps of different origin may contradict each other a little. */
static uint64_t elapsed(const proto_probe_slot *slot, uint64_t when)
{
    return when > slot->sent ? when - slot->sent : 0;
}

/* Of one in the ring. */
static bool is_remembered(const proto_probe *probe, uint64_t number, uint64_t when)
{
    const proto_probe_slot *slot = slot_of(probe, number);
    if (is_waiting(slot)) return true;
    uint64_t until = sum_or_never(probe->config.timeout, probe->config.linger);
    return slot->state != PROTO_PROBE_STATE_CLOSED && elapsed(slot, when) <= until;
}

static void pass_settled(proto_probe *probe)
{
    while (probe->first < probe->next && !is_waiting(slot_of(probe, probe->first)))
        probe->first++;
}

/* ---------------------------------------------------------------------------------- counting -- */

static void count_sent(proto_probe_target *target, proto_probe_slot *slot)
{
    target->counts.sent++;
    if (target->rtt) slot->recorded = (uint32_t)target->rtt->counts.sent++; /* proto_rtt_sent() */
}

/* A probe that was not sent after all. */
static void count_unsent(proto_probe_target *target)
{
    target->counts.sent--;
    if (target->rtt) target->rtt->counts.sent--;
}

/* The slot has the low half of its number in the statistics; the probe is one of the last 2^32. */
static void count_lost(proto_probe_target *target, const proto_probe_slot *slot)
{
    target->counts.lost++;
    if (!target->rtt) return;
    uint64_t next = target->rtt->counts.sent;
    proto_rtt_lost(target->rtt, next - (uint32_t)(next - slot->recorded));
}

INLINE void count_reply(proto_probe_target *target, proto_probe_report *report, bool was_lost)
{
    if (was_lost) {
        target->counts.lost--;
        if (target->rtt) target->rtt->counts.lost--;
    }
    report->reordered = report->number < target->newest;
    if (!report->reordered) target->newest = report->number;
    target->counts.received++;
    target->counts.reordered += report->reordered;
    if (!target->rtt) return;
    if (report->reordered)
        proto_rtt_record_reordered(target->rtt, report->rtt);
    else
        proto_rtt_record(target->rtt, report->rtt);
}

/* The counts that no statistics hang on, in both places. */
#define COUNT(target, member)                              \
    do {                                                   \
        (target)->counts.member++;                         \
        if ((target)->rtt) (target)->rtt->counts.member++; \
    } while (0)

static void count_other(const proto_probe_slot *slot, proto_probe_target *target,
                        proto_probe_event event)
{
    switch (event) {
    case PROTO_PROBE_ERROR:
        COUNT(target, errors);
        count_lost(target, slot);
        break;
    case PROTO_PROBE_TIMEOUT: count_lost(target, slot); break;
    case PROTO_PROBE_DUPLICATE: COUNT(target, duplicates); break;
    case PROTO_PROBE_LATE: COUNT(target, late); break;
    case PROTO_PROBE_CORRUPTED: COUNT(target, corrupted); break;
    case PROTO_PROBE_NONE:
    case PROTO_PROBE_REPLY:
    case PROTO_PROBE_ANOTHER:
    case PROTO_PROBE_NOTE:
    case PROTO_PROBE_UNKNOWN:
    case PROTO_PROBE_OWN:
    case PROTO_PROBE_FOREIGN: break;
    }
}

/* What the table does not say: which of several late replies, or of replies from a group of hosts,
   is the first. */
static proto_probe_event event_of(proto_probe_event event, proto_probe_slot *slot, bool group)
{
    if (event == PROTO_PROBE_LATE) {
        if (slot->late) event = PROTO_PROBE_DUPLICATE;
        slot->late = true;
    }
    return event == PROTO_PROBE_DUPLICATE && group ? PROTO_PROBE_ANOTHER : event;
}

static inline void report_probe(const proto_probe *probe, proto_probe_report *report,
                                uint64_t number, uint64_t when)
{
    const proto_probe_slot *slot = slot_of(probe, number);
    report->target = &probe->targets[slot->target];
    report->number = number;
    report->sequence = slot->sequence;
    report->rtt = elapsed(slot, when);
    report->reordered = false;
}

/* One step of the probe that the report is about. */
INLINE proto_probe_event step(proto_probe *probe, proto_probe_step taken,
                              proto_probe_report *report)
{
    proto_probe_slot *slot = slot_of(probe, report->number);
    proto_probe_state before = (proto_probe_state)slot->state;
    rule to = rules[before][taken];
    assert(to.allowed);
    slot->state = to.next;
    if (before == PROTO_PROBE_STATE_WAITING && !is_waiting(slot)) {
        probe->outstanding--;
        if (report->number == probe->first) pass_settled(probe);
    }
    proto_probe_event event = event_of((proto_probe_event)to.event, slot, report->target->group);
    if (event == PROTO_PROBE_REPLY)
        count_reply(report->target, report, before == PROTO_PROBE_STATE_FAILED);
    else
        count_other(slot, report->target, event);
    return event;
}

/* ----------------------------------------------------------------------------------- sending -- */

static bool is_active(const proto_probe *probe, const proto_probe_target *target)
{
    uint64_t count = probe->config.count;
    return !target->stopped && (count == 0 || target->turns < count);
}

/* The next one in the round that gets more probes, from the cursor on. */
static void find_active(proto_probe *probe)
{
    if (probe->active == 0) return;
    while (!is_active(probe, &probe->targets[probe->cursor]))
        probe->cursor = probe->cursor + 1 < probe->target_count ? probe->cursor + 1 : 0;
}

void proto_probe_init(proto_probe *probe, const proto_probe_config *config,
                      proto_probe_target *targets, size_t target_count, proto_probe_slot *slots,
                      size_t slot_count, uint64_t now)
{
    assert(target_count > 0 && target_count <= UINT32_MAX);
    assert(slot_count > 0 && (slot_count & (slot_count - 1)) == 0);
    assert(config->timeout > 0);
    siphash_key key = siphash_key_of(config->key);
    siphash_state hash = siphash_begin(&key);
    *probe = (proto_probe){
        .config = *config,
        .targets = targets,
        .slots = slots,
        .target_count = target_count,
        .slot_mask = slot_count - 1,
        .hash = {hash.a, hash.b, hash.c, hash.d},
        .first = 1,
        .next = 1,
        .earliest = now,
    };
    for (size_t i = 0; i < target_count; i++) {
        targets[i].due = now;
        if (is_active(probe, &targets[i])) probe->active++;
    }
    find_active(probe);
}

static uint64_t next_due(const proto_probe *probe)
{
    if (probe->active == 0 || probe->next - probe->first > probe->slot_mask) return PROTO_NEVER;
    if (probe->outstanding < probe->config.window) return probe->earliest;
    uint64_t due = probe->targets[probe->cursor].due;
    return due > probe->earliest ? due : probe->earliest;
}

/* Moments that have passed unused are skipped. */
static uint64_t due_after(uint64_t due, uint64_t now, uint64_t interval)
{
    if (now < due || interval == 0) return sum_or_never(now, interval);
    uint64_t skipped = now - due < interval ? 0 : (now - due) / interval;
    return sum_or_never(due + skipped * interval, interval);
}

static void take_turn(proto_probe *probe, proto_probe_target *target, uint64_t now)
{
    target->due = due_after(target->due, now, probe->config.interval);
    target->turns++;
    if (!is_active(probe, target)) probe->active--;
    if (++probe->cursor == probe->target_count) probe->cursor = 0;
    find_active(probe);
    probe->earliest = sum_or_never(now, probe->config.gap);
}

static void remember(proto_probe *probe, const proto_probe_ticket *ticket, size_t target)
{
    bool one_way = probe->config.codec->one_way;
    proto_probe_slot *slot = slot_of(probe, ticket->number);
    slot->sent = ticket->sent;
    slot->cookie = ticket->cookie;
    slot->target = (uint32_t)target;
    slot->sequence = ticket->sequence;
    slot->state = one_way ? PROTO_PROBE_STATE_CLOSED : PROTO_PROBE_STATE_WAITING;
    slot->late = slot->moved = false;
    probe->next++;
    if (one_way)
        probe->first = probe->next;
    else
        probe->outstanding++;
}

static uint64_t cookie_of(const proto_probe *probe, uint64_t number)
{
    const uint64_t *hash = probe->hash;
    return siphash_number((siphash_state){hash[0], hash[1], hash[2], hash[3]}, number);
}

bool proto_probe_send(proto_probe *probe, uint64_t now, proto_out *out, proto_probe_report *report)
{
    uint64_t due = next_due(probe);
    if (due > now || due == PROTO_NEVER) return false;
    proto_probe_target *target = &probe->targets[probe->cursor];
    proto_probe_ticket ticket = {
        .number = probe->next,
        .cookie = cookie_of(probe, probe->next),
        .sent = now,
        .sequence = (uint32_t)(target->turns + 1),
    };
    if (probe->config.codec->write(probe->config.settings, &ticket, out) != PROTO_OK) return false;
    remember(probe, &ticket, probe->cursor);
    count_sent(target, slot_of(probe, ticket.number));
    take_turn(probe, target, now);
    report->target = target;
    report->number = ticket.number;
    report->sequence = ticket.sequence;
    report->rtt = 0;
    report->reordered = false;
    return true;
}

/* What was written may depend on the time of writing. That is kept in place of the cookie, which can
   be had again. */
void proto_probe_sent_at(proto_probe *probe, uint64_t number, uint64_t when)
{
    if (!is_in_ring(probe, number)) return;
    proto_probe_slot *slot = slot_of(probe, number);
    if (!is_waiting(slot)) return;
    if (!slot->moved) slot->cookie = slot->sent;
    slot->moved = true;
    slot->sent = when;
}

static proto_probe_ticket ticket_of(const proto_probe *probe, uint64_t number)
{
    const proto_probe_slot *slot = slot_of(probe, number);
    if (!slot->moved) return (proto_probe_ticket){number, slot->cookie, slot->sent, slot->sequence};
    return (proto_probe_ticket){number, cookie_of(probe, number), slot->cookie, slot->sequence};
}

/* When that was due which is taken back, if it was sent at its time or later: the moments stay where
   they were. What was sent before its time is due then. */
static uint64_t due_before(uint64_t due, uint64_t sent, uint64_t interval)
{
    return due >= interval && due - interval < sent ? due - interval : sent;
}

void proto_probe_unsend(proto_probe *probe)
{
    proto_probe_slot *slot = slot_of(probe, probe->next - 1);
    bool waiting = is_waiting(slot);
    assert(probe->next > 1 && (waiting || probe->config.codec->one_way));
    uint64_t sent = ticket_of(probe, probe->next - 1).sent;
    proto_probe_target *target = &probe->targets[slot->target];
    probe->active -= is_active(probe, target);
    target->turns--;
    probe->active += is_active(probe, target);
    target->due = due_before(target->due, sent, probe->config.interval);
    count_unsent(target);
    probe->cursor = slot->target;
    find_active(probe);
    probe->earliest = sent;
    slot->state = PROTO_PROBE_STATE_CLOSED; /* it has taken an older one's place for good */
    probe->outstanding -= waiting;
    probe->next--;
    if (probe->first > probe->next) probe->first = probe->next;
}

/* Those behind a probe that was not sent are one less in the statistics. */
static void move_up(proto_probe *probe, uint64_t number, const proto_rtt *rtt)
{
    while (++number < probe->next) {
        proto_probe_slot *slot = slot_of(probe, number);
        if (probe->targets[slot->target].rtt == rtt) slot->recorded--;
    }
}

void proto_probe_refuse(proto_probe *probe, uint64_t number)
{
    assert(is_in_ring(probe, number));
    proto_probe_report report;
    report_probe(probe, &report, number, 0);
    if (!probe->config.codec->one_way) step(probe, PROTO_PROBE_STEP_REFUSE, &report);
    count_unsent(report.target);
    if (report.target->rtt) move_up(probe, number, report.target->rtt);
    COUNT(report.target, errors);
    uint64_t pause = sum_or_never(slot_of(probe, number)->sent, probe->config.interval);
    if (probe->config.window > 0 && pause > probe->earliest) probe->earliest = pause;
}

/* --------------------------------------------------------------------------------- receiving -- */

/* An answer must come from where the probe went; an error comes from anywhere on the way, and
   quotes where the probe went. */
static bool is_from_target(const proto_probe_target *target, const proto_probe_arrival *arrival,
                           const proto_probe_reading *reading)
{
    bool quotes = reading->claim == PROTO_PROBE_CLAIM_ERROR ||
                  reading->claim == PROTO_PROBE_CLAIM_NOTE;
    if (quotes) return proto_address_same_host(&target->address, &reading->destination);
    if (target->address.port != 0 && target->address.port != arrival->source.port) return false;
    return target->group || address_same_host(&target->address, &arrival->source);
}

INLINE proto_probe_match match(const proto_probe *probe, uint64_t number,
                               const proto_probe_arrival *arrival,
                               const proto_probe_reading *reading)
{
    const proto_probe_slot *slot = slot_of(probe, number);
    if (!is_from_target(&probe->targets[slot->target], arrival, reading))
        return PROTO_PROBE_MATCH_NO;
    if (reading->claim == PROTO_PROBE_CLAIM_DAMAGED) return PROTO_PROBE_MATCH_DAMAGED;
    const proto_probe_ticket ticket = ticket_of(probe, number);
    return probe->config.codec->match(probe->config.settings, reading, &ticket);
}

/* Which of the probes that are remembered the arrival is about; those of one tag lie `mask + 1`
   apart, and there is more than one only in a ring larger than that. */
static proto_probe_match find(const proto_probe *probe, const proto_probe_arrival *arrival,
                              const proto_probe_reading *reading, uint64_t *number)
{
    if (reading->claim == PROTO_PROBE_CLAIM_FOREIGN || reading->claim == PROTO_PROBE_CLAIM_OWN)
        return PROTO_PROBE_MATCH_NO;
    uint64_t mask = probe->config.codec->tag_mask;
    uint64_t newest = probe->next - 1;
    *number = newest - ((newest - reading->tag) & mask);
    for (; is_in_ring(probe, *number); *number -= mask + 1) {
        if (!is_remembered(probe, *number, arrival->when)) continue;
        proto_probe_match found = match(probe, *number, arrival, reading);
        if (found != PROTO_PROBE_MATCH_NO) return found;
    }
    return PROTO_PROBE_MATCH_NO;
}

static proto_probe_step step_of(const proto_probe *probe, const proto_probe_report *report)
{
    switch (report->reading.claim) {
    case PROTO_PROBE_CLAIM_ERROR: return PROTO_PROBE_STEP_ERROR;
    case PROTO_PROBE_CLAIM_NOTE: return PROTO_PROBE_STEP_NOTE;
    case PROTO_PROBE_CLAIM_FOREIGN:
    case PROTO_PROBE_CLAIM_OWN:
    case PROTO_PROBE_CLAIM_DAMAGED:
    case PROTO_PROBE_CLAIM_REPLY: break;
    }
    return report->rtt > probe->config.timeout ? PROTO_PROBE_STEP_LATE_REPLY
                                               : PROTO_PROBE_STEP_REPLY;
}

static void report_nothing(proto_probe_report *report)
{
    report->target = NULL;
    report->number = 0;
    report->sequence = 0;
    report->rtt = 0;
    report->reordered = false;
}

static proto_probe_event event_without_probe(proto_probe_claim claim)
{
    switch (claim) {
    case PROTO_PROBE_CLAIM_FOREIGN: return PROTO_PROBE_FOREIGN;
    case PROTO_PROBE_CLAIM_OWN: return PROTO_PROBE_OWN;
    case PROTO_PROBE_CLAIM_DAMAGED: return PROTO_PROBE_CORRUPTED;
    case PROTO_PROBE_CLAIM_REPLY:
    case PROTO_PROBE_CLAIM_ERROR:
    case PROTO_PROBE_CLAIM_NOTE: break;
    }
    return PROTO_PROBE_UNKNOWN;
}

proto_probe_event proto_probe_receive(proto_probe *probe, const proto_probe_arrival *arrival,
                                      proto_probe_report *report)
{
    const proto_probe_reading *reading = &report->reading;
    probe->config.codec->read(probe->config.settings, arrival, &report->reading);
    uint64_t number;
    proto_probe_match found = reading->has_tag ? find(probe, arrival, reading, &number)
                                               : PROTO_PROBE_MATCH_NO;
    if (found == PROTO_PROBE_MATCH_NO) {
        report_nothing(report);
        return event_without_probe(reading->claim);
    }
    report_probe(probe, report, number, arrival->when);
    if (found == PROTO_PROBE_MATCH_YES) return step(probe, step_of(probe, report), report);
    count_other(slot_of(probe, number), report->target, PROTO_PROBE_CORRUPTED);
    return PROTO_PROBE_CORRUPTED;
}

/* -------------------------------------------------------------------------------------- time -- */

static uint64_t oldest_deadline(const proto_probe *probe)
{
    if (probe->first == probe->next) return PROTO_NEVER;
    return sum_or_never(slot_of(probe, probe->first)->sent, probe->config.timeout);
}

proto_probe_event proto_probe_expire(proto_probe *probe, uint64_t now, proto_probe_report *report)
{
    uint64_t deadline = oldest_deadline(probe);
    if (deadline > now || deadline == PROTO_NEVER) return PROTO_PROBE_NONE;
    report_probe(probe, report, probe->first, now);
    return step(probe, PROTO_PROBE_STEP_EXPIRE, report);
}

uint64_t proto_probe_deadline(const proto_probe *probe)
{
    uint64_t due = next_due(probe), deadline = oldest_deadline(probe);
    return due < deadline ? due : deadline;
}

void proto_probe_stop(proto_probe *probe, proto_probe_target *target)
{
    if (is_active(probe, target)) probe->active--;
    target->stopped = true;
    find_active(probe);
}

void proto_probe_stop_all(proto_probe *probe)
{
    for (size_t i = 0; i < probe->target_count; i++)
        probe->targets[i].stopped = true;
    probe->active = 0;
}

bool proto_probe_is_done(const proto_probe *probe)
{
    return probe->active == 0 && probe->outstanding == 0;
}

uint64_t proto_probe_outstanding(const proto_probe *probe)
{
    return probe->outstanding;
}
