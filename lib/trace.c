/* SPDX-License-Identifier: MIT */
/* Traceroute: which probe when, what becomes of it, and where the path ends. */
#include "proto/trace.h"

#include "trace_path.h"

#include <assert.h>
#include <string.h>

enum { FIRST_PORT = 33434 };

#define MILLISECONDS(n) ((n)*UINT64_C(1000000))

static const char *name_of(const char *const *names, size_t count, unsigned index)
{
    return index < count ? names[index] : "";
}

const char *proto_trace_event_name(proto_trace_event event)
{
#define NAME(name, text) #name,
    static const char *const names[] = {PROTO_TRACE_EVENTS(NAME)};
    return name_of(names, sizeof names / sizeof *names, event);
}

const char *proto_trace_end_name(proto_trace_end end)
{
    static const char *const names[] = {PROTO_TRACE_OUTCOMES(NAME)};
    return name_of(names, sizeof names / sizeof *names, end);
#undef NAME
}

/* -------------------------------------------------------------------------------- beginning -- */

void proto_trace_config_init(proto_trace_config *config, proto_trace_method method,
                             const proto_address *source, const proto_address *destination)
{
    uint8_t key[sizeof config->key];
    memcpy(key, config->key, sizeof key);
    *config = (proto_trace_config){
        .method = method,
        .source = *source,
        .destination = *destination,
        .size = source->family == PROTO_IPV4 ? 60 : 80,
        .first_hop = 1,
        .last_hop = 30,
        .queries = 3,
        .max_silent = 8,
        .window = 64,
        .here = 3,
        .near = 5,
        .floor = MILLISECONDS(1),
        .max_wait = MILLISECONDS(1500),
    };
    memcpy(config->key, key, sizeof key);
}

static uint16_t smallest_size(const proto_trace *trace)
{
    return (uint16_t)(trace_header_size(&trace->config) + PROTO_TRACE_STAMP);
}

static void check_config(const proto_trace_config *config)
{
    assert(config->source.family == PROTO_IPV4 || config->source.family == PROTO_IPV6);
    assert(config->source.family == config->destination.family);
    assert(config->first_hop >= 1 && config->first_hop <= config->last_hop);
    assert(config->queries >= 1 && config->queries <= PROTO_TRACE_MAX_QUERIES);
    assert(config->max_wait > 0);
    (void)config;
}

static void init_secrets(proto_trace *trace)
{
    siphash_key key = siphash_key_of(trace->config.key);
    uint64_t hash = siphash_number(siphash_begin(&key), 0);
    memcpy(trace->key, key.word, sizeof trace->key);
    trace->offset = (uint16_t)(hash % TRACE_TAGS);
    trace->flat = (uint16_t)(1 + (hash >> 32) % TRACE_TAGS);
}

void proto_trace_init(proto_trace *trace, const proto_trace_config *config, proto_trace_hop *hops,
                      proto_trace_probe *probes)
{
    check_config(config);
    *trace = (proto_trace){.config = *config, .hops = hops, .size = config->size};
    proto_address *destination = &trace->config.destination;
    if (trace_is_icmp(trace))
        destination->port = 0;
    else if (destination->port == 0)
        destination->port = FIRST_PORT;
    if (trace->size < smallest_size(trace)) trace->size = smallest_size(trace);
    trace->count = trace->last = (uint16_t)(config->last_hop - config->first_hop + 1);
    init_secrets(trace);
    for (uint16_t i = 0; i < trace->count; i++) {
        hops[i] = (proto_trace_hop){
            .probes = probes + (size_t)i * config->queries,
            .ttl = (uint8_t)(config->first_hop + i),
            .open = config->queries,
        };
    }
    for (uint32_t i = 0; i < trace_capacity(trace); i++)
        probes[i] = (proto_trace_probe){.state = PROTO_TRACE_STATE_PLANNED, .size = trace->size};
}

/* --------------------------------------------------------------------------------- sending -- */

static proto_trace_event tell(const proto_trace *trace, uint32_t index, proto_trace_event event,
                              proto_trace_report *report)
{
    report->hop = trace_hop(trace, index);
    report->probe = trace_probe(trace, index);
    return event;
}

/* The next probe that is planned, or the end of them. */
static uint32_t next_planned(const proto_trace *trace)
{
    uint32_t index = trace->cursor, end = (uint32_t)trace->last * trace->config.queries;
    while (index < end && trace_probe(trace, index)->state != PROTO_TRACE_STATE_PLANNED)
        index++;
    return index;
}

/* When a probe is to be sent. */
static uint64_t next_due(const proto_trace *trace)
{
    uint16_t window = trace->config.window;
    if (window > 0 && trace->waiting >= window) return PROTO_NEVER;
    if (next_planned(trace) >= (uint32_t)trace->last * trace->config.queries) return PROTO_NEVER;
    return trace->earliest;
}

bool proto_trace_send(proto_trace *trace, uint64_t now, proto_out *out, proto_trace_report *report)
{
    *report = (proto_trace_report){0};
    trace->cursor = next_planned(trace);
    uint64_t due = next_due(trace);
    if (due == PROTO_NEVER || due > now || !trace_write(trace, trace->cursor, out)) return false;
    trace->latest = trace->cursor;
    trace_move(trace, trace->latest, PROTO_TRACE_STEP_SEND);
    tell(trace, trace->latest, PROTO_TRACE_EVENT_NONE, report);
    report->probe->sent = now;
    report->probe->size = trace->size;
    report->destination = trace->config.destination;
    report->destination.port = trace_port(trace, trace->latest);
    trace->earliest = now + trace->config.gap;
    return true;
}

void proto_trace_sent_at(proto_trace *trace, proto_trace_probe *probe, uint64_t when)
{
    (void)trace;
    if (probe->state == PROTO_TRACE_STATE_WAITING) probe->sent = when;
}

/* A probe is planned that may lie before the cursor. */
static void plan_again(proto_trace *trace, uint32_t index)
{
    if (index < trace->cursor) trace->cursor = index;
}

void proto_trace_unsend(proto_trace *trace)
{
    trace_move(trace, trace->latest, PROTO_TRACE_STEP_UNSEND);
    plan_again(trace, trace->latest);
    trace->earliest = 0;
}

void proto_trace_refuse(proto_trace *trace)
{
    trace_move(trace, trace->latest, PROTO_TRACE_STEP_REFUSE);
    trace_settle(trace);
}

/* ------------------------------------------------------------------------------------- sizes -- */

/* What to try where a router does not say what would fit (RFC 1191 section 7.1). */
static uint16_t plateau_below(uint16_t size)
{
    static const uint16_t plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};
    for (size_t i = 0; i < sizeof plateaus / sizeof *plateaus; i++)
        if (plateaus[i] < size) return plateaus[i];
    return 0;
}

/* What any link takes (RFC 791 section 3.2, RFC 8200 section 5). */
static uint16_t least_mtu(const proto_trace *trace)
{
    return trace->config.source.family == PROTO_IPV4 ? 68 : 1280;
}

/* The size for a probe that was too big, or 0 where there is none. */
static uint16_t smaller_size(const proto_trace *trace, uint16_t size, uint32_t mtu)
{
    if (trace->size < size) return trace->size;
    uint16_t smaller = mtu > 0 && mtu < size ? (uint16_t)mtu : plateau_below(size);
    if (smaller < least_mtu(trace)) smaller = least_mtu(trace);
    return smaller < size ? smaller : 0;
}

/* Whether a probe that was too big is to be sent again, as a smaller one: then it is prepared for
   that. One that has been given up only tells the next ones their size. An MTU that no link may
   have is none. */
static bool shrink(proto_trace *trace, uint32_t index, uint32_t mtu)
{
    proto_trace_probe *probe = trace_probe(trace, index);
    bool waiting = probe->state == PROTO_TRACE_STATE_WAITING;
    if (!waiting && probe->state != PROTO_TRACE_STATE_SILENT) return false;
    if (mtu < least_mtu(trace)) mtu = 0;
    if (mtu > 0 && (trace->mtu == 0 || mtu < trace->mtu)) trace->mtu = mtu;
    uint16_t size = smaller_size(trace, probe->size, mtu);
    if (!trace->config.find_mtu || size == 0) return false;
    if ((probe->attempt + 2u) * trace_capacity(trace) > TRACE_TAGS) return false;
    trace->size = size;
    if (!waiting) return true;
    probe->attempt++;
    plan_again(trace, index);
    return true;
}

void proto_trace_too_big(proto_trace *trace, uint32_t mtu)
{
    bool again = shrink(trace, trace->latest, mtu);
    trace_move(trace, trace->latest, again ? PROTO_TRACE_STEP_TOO_BIG : PROTO_TRACE_STEP_REFUSE);
    trace_settle(trace);
}

uint32_t proto_trace_mtu(const proto_trace *trace)
{
    return trace->mtu;
}

/* ------------------------------------------------------------------------------- receiving -- */

/* As many whole objects as there is room for. */
static void keep_objects(proto_trace_probe *probe, proto_slice objects)
{
    proto_out kept = proto_out_of(probe->objects, sizeof probe->objects);
    proto_icmp_object object;
    while (proto_icmp_object_next(&objects, &object))
        if (proto_icmp_object_write(&object, &kept) != PROTO_OK) break;
    probe->objects_size = (uint16_t)kept.len;
}

static void keep(proto_trace_probe *probe, const trace_reading *reading,
                 const proto_trace_report *report, proto_trace_event event)
{
    const proto_icmp *icmp = &report->icmp;
    probe->answer = (uint8_t)reading->answer;
    probe->late = event == PROTO_TRACE_EVENT_LATE;
    probe->changed = reading->changed;
    probe->source = reading->source;
    probe->source.port = 0;
    probe->rtt = report->rtt;
    probe->ttl = reading->ttl;
    probe->quoted_ttl = reading->quoted_ttl;
    probe->family = reading->source.family;
    probe->kind = (uint8_t)icmp->kind;
    probe->type = icmp->type;
    probe->code = icmp->code;
    probe->mtu = icmp->mtu;
    keep_objects(probe, icmp->objects);
}

/* What the hop and the path have of an answer. */
static void count_answer(proto_trace *trace, uint32_t index)
{
    const proto_trace_probe *probe = trace_probe(trace, index);
    proto_trace_hop *hop = trace_hop(trace, index);
    if (probe->rtt > hop->slowest) hop->slowest = probe->rtt;
    if (probe->answer == PROTO_TRACE_EXCEEDED) hop->exceeded++;
    if (probe->answer == PROTO_TRACE_UNREACHABLE) hop->unreachable++;
    if (probe->answer == PROTO_TRACE_REACHED) trace_reach(trace, index);
}

static proto_trace_event take(proto_trace *trace, const trace_reading *reading,
                              proto_trace_report *report)
{
    proto_trace_step step = reading->step;
    proto_trace_probe *probe = trace_probe(trace, reading->index);
    if (step == PROTO_TRACE_STEP_TOO_BIG && !shrink(trace, reading->index, report->icmp.mtu))
        step = PROTO_TRACE_STEP_ANSWER;
    proto_trace_event event = trace_move(trace, reading->index, step);
    if (event == PROTO_TRACE_EVENT_UNKNOWN) {
        report->hop = NULL;
        report->probe = NULL;
    }
    if (event != PROTO_TRACE_EVENT_ANSWER && event != PROTO_TRACE_EVENT_LATE) return event;
    keep(probe, reading, report, event);
    count_answer(trace, reading->index);
    trace_settle(trace);
    return event;
}

proto_trace_event proto_trace_receive(proto_trace *trace, const proto_probe_arrival *arrival,
                                      proto_trace_report *report)
{
    trace_reading reading;
    *report = (proto_trace_report){0};
    trace_read(trace, arrival, &reading, report);
    if (reading.event != PROTO_TRACE_EVENT_ANSWER && reading.event != PROTO_TRACE_EVENT_DUPLICATE)
        return reading.event;
    uint64_t sent = trace_probe(trace, reading.index)->sent;
    report->rtt = arrival->when > sent ? arrival->when - sent : 0;
    tell(trace, reading.index, reading.event, report);
    if (reading.event == PROTO_TRACE_EVENT_DUPLICATE) return reading.event;
    return take(trace, &reading, report);
}

/* --------------------------------------------------------------------------------- waiting -- */

static uint64_t product(uint64_t a, uint64_t b, uint64_t limit)
{
    return b != 0 && a > limit / b ? limit : a * b;
}

/* How long the answers of a hop are waited for. `behind` is the nearest one behind it that has any,
   or NULL. */
static uint64_t patience(const proto_trace_config *config, const proto_trace_hop *hop,
                         const proto_trace_hop *behind)
{
    uint64_t most = config->max_wait, wait = config->floor;
    if (hop->answered == 0 && behind == NULL) return most;
    uint64_t here = product(hop->slowest, config->here, most);
    uint64_t near = behind ? product(behind->slowest, config->near, most) : 0;
    if (here > wait) wait = here;
    if (near > wait) wait = near;
    return wait < most ? wait : most;
}

/* The probe of a hop that has been waiting for longest. */
static const proto_trace_probe *oldest_of(const proto_trace *trace, const proto_trace_hop *hop)
{
    const proto_trace_probe *oldest = NULL;
    for (uint8_t i = 0; i < trace->config.queries; i++) {
        const proto_trace_probe *probe = &hop->probes[i];
        if (probe->state != PROTO_TRACE_STATE_WAITING) continue;
        if (oldest == NULL || probe->sent < oldest->sent) oldest = probe;
    }
    return oldest;
}

/* When the next probe is to be given up, and which; PROTO_NEVER where none waits. */
static uint64_t next_silence(const proto_trace *trace, uint32_t *index)
{
    uint64_t first = PROTO_NEVER;
    const proto_trace_hop *behind = NULL;
    for (uint32_t i = trace->count; i > trace->front;) {
        const proto_trace_hop *hop = &trace->hops[--i];
        if (hop->waiting > 0) {
            const proto_trace_probe *probe = oldest_of(trace, hop);
            uint64_t wait = patience(&trace->config, hop, behind);
            uint64_t end = wait < PROTO_NEVER - probe->sent ? probe->sent + wait : PROTO_NEVER;
            if (end <= first) *index = (uint32_t)(probe - trace->hops[0].probes);
            if (end < first) first = end;
        }
        if (hop->answered > 0) behind = hop;
    }
    return first;
}

proto_trace_event proto_trace_expire(proto_trace *trace, uint64_t now, proto_trace_report *report)
{
    uint32_t index = 0;
    *report = (proto_trace_report){0};
    if (trace->waiting == 0 || next_silence(trace, &index) > now) return PROTO_TRACE_EVENT_NONE;
    tell(trace, index, PROTO_TRACE_EVENT_SILENT, report);
    proto_trace_event event = trace_move(trace, index, PROTO_TRACE_STEP_EXPIRE);
    trace_settle(trace);
    return event;
}

uint64_t proto_trace_deadline(const proto_trace *trace)
{
    uint32_t index;
    uint64_t due = next_due(trace), silence = next_silence(trace, &index);
    return due < silence ? due : silence;
}
