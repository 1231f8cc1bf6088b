// SPDX-License-Identifier: MIT
// Whatever arrives at a trace, whenever, its hops add up, nothing is answered that was not sent, and it ends. The input is
// three bytes of configuration and a row of steps: sending, waiting, and datagrams, some about a probe that was sent, with
// a quote that is cut or changed, some from the input as they are.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/trace.h"

enum { HOPS = 6, QUERIES = 3, KEPT = 32, ROOM = 200, SIZE = 100, STEPS = 400 };

#define MS UINT64_C(1000000)

typedef struct steps {
    const uint8_t *at, *end;
} steps;

typedef struct sent {
    uint8_t bytes[ROOM];
    size_t len;
    proto_address destination;
    uint8_t ttl;
} sent;

typedef struct rig {
    proto_trace trace;
    proto_trace_config config;
    proto_trace_hop hops[HOPS];
    proto_trace_probe probes[HOPS * QUERIES];
    proto_trace_report report;
    sent sent[KEPT];
    unsigned count; // of all that was sent
    uint64_t now;
} rig;

static uint8_t next(steps *from)
{
    return from->at < from->end ? *from->at++ : 0;
}

static bool is_ipv4(const rig *at)
{
    return at->config.source.family == PROTO_IPV4;
}

static proto_address address_of(const rig *at, unsigned last)
{
    const uint8_t octets[16] = {10, 0, 0, (uint8_t)last};
    return is_ipv4(at) ? proto_address_ipv4(octets) : proto_address_ipv6(octets);
}

static void begin(rig *at, steps *from)
{
    uint8_t flags = next(from), shape = next(from), window = next(from);
    at->config.source.family = flags & 1 ? PROTO_IPV6 : PROTO_IPV4;
    proto_address source = address_of(at, 200), destination = address_of(at, 100);
    source.port = 40000;
    destination.port = flags & 0x80 ? 65530 : 33434;
    proto_trace_config_init(&at->config, flags & 2 ? PROTO_TRACE_ICMP : PROTO_TRACE_UDP, &source,
                            &destination);
    at->config.identifier = 0x1234;
    at->config.flow = flags & 4 ? PROTO_TRACE_CLASSIC : PROTO_TRACE_PARIS;
    at->config.with_header = true;
    at->config.find_mtu = flags & 8;
    at->config.pass_loops = flags & 16;
    at->config.size = SIZE;
    at->config.first_hop = (uint8_t)(1 + (shape >> 4));
    at->config.last_hop = (uint8_t)(at->config.first_hop + shape % HOPS);
    at->config.queries = (uint8_t)(1 + shape % QUERIES);
    at->config.max_silent = flags >> 5 & 3;
    at->config.window = window & 15;
    at->config.gap = (window >> 4) * MS;
    at->now = 1000 * MS;
    proto_trace_init(&at->trace, &at->config, at->hops, at->probes);
}

static void check(const rig *at)
{
    const proto_trace *trace = &at->trace;
    uint32_t waiting = 0;
    assert(trace->given <= trace->front && trace->front <= trace->last &&
           trace->last <= trace->count);
    for (unsigned i = 0; i < trace->count; i++) {
        const proto_trace_hop *hop = &at->hops[i];
        unsigned counts[PROTO_TRACE_STATE_CANCELLED + 1] = {0};
        for (unsigned j = 0; j < at->config.queries; j++)
            counts[hop->probes[j].state]++;
        assert(hop->open == counts[PROTO_TRACE_STATE_PLANNED] + counts[PROTO_TRACE_STATE_WAITING]);
        assert(hop->answered == counts[PROTO_TRACE_STATE_ANSWERED]);
        assert(hop->silent == counts[PROTO_TRACE_STATE_SILENT]);
        assert((i >= trace->front && i < trace->last) || hop->open == 0);
        assert(hop->period == 0 || (hop->period > 1 && hop->period <= i));
        waiting += counts[PROTO_TRACE_STATE_WAITING];
    }
    assert(waiting == trace->waiting);
    assert(at->config.window == 0 || waiting <= at->config.window);
    bool running = proto_trace_outcome(trace) == PROTO_TRACE_END_RUNNING;
    assert(running == (proto_trace_deadline(trace) != PROTO_NEVER));
}

static bool send_one(rig *at)
{
    sent *it = &at->sent[at->count % KEPT];
    proto_out out = proto_out_of(it->bytes, sizeof it->bytes);
    if (!proto_trace_send(&at->trace, at->now, &out, &at->report)) return false;
    it->len = out.len;
    it->destination = at->report.destination;
    it->ttl = at->report.hop->ttl;
    at->count++;
    return true;
}

static void expire(rig *at)
{
    while (proto_trace_expire(&at->trace, at->now, &at->report) != PROTO_TRACE_EVENT_NONE)
        assert(at->report.probe->state == PROTO_TRACE_STATE_SILENT);
}

static void receive(rig *at, const proto_probe_arrival *arrival)
{
    proto_trace_probe before[HOPS * QUERIES];
    memcpy(before, at->probes, sizeof before);
    proto_trace_event event = proto_trace_receive(&at->trace, arrival, &at->report);
    assert(proto_trace_event_name(event)[0] != '\0' && event != PROTO_TRACE_EVENT_NONE &&
           event != PROTO_TRACE_EVENT_SILENT);
    bool answered = event == PROTO_TRACE_EVENT_ANSWER || event == PROTO_TRACE_EVENT_LATE;
    if (!answered) return;
    ptrdiff_t index = at->report.probe - at->probes;
    assert(before[index].state == PROTO_TRACE_STATE_WAITING ||
           before[index].state == PROTO_TRACE_STATE_SILENT);
    assert(at->report.probe->state == PROTO_TRACE_STATE_ANSWERED);
    assert(at->report.probe->late == (event == PROTO_TRACE_EVENT_LATE));
    assert(at->report.rtt == at->report.probe->rtt && at->report.hop->slowest >= at->report.rtt);
}

static void put_quote(const rig *at, const sent *probe, size_t len, proto_out *out)
{
    bool icmp = at->config.method == PROTO_TRACE_ICMP;
    if (is_ipv4(at)) {
        proto_ipv4 header = {.source = at->config.source,
                             .destination = probe->destination,
                             .ttl = 1,
                             .protocol = icmp ? 1 : 17};
        proto_ipv4_write(&header, probe->len, out);
    } else {
        proto_ipv6 header = {.source = at->config.source,
                             .destination = probe->destination,
                             .hop_limit = 1,
                             .next_header = icmp ? 58 : 17};
        proto_ipv6_write(&header, probe->len, out);
    }
    proto_out_put(out, probe->bytes, len < probe->len ? len : probe->len);
}

// An answer to a probe that was sent, or nearly one.
static void answer(rig *at, steps *from)
{
    if (at->count == 0) return;
    const sent *probe =
        &at->sent[(at->count - 1 - next(from) % (at->count < KEPT ? at->count : KEPT)) % KEPT];
    static const proto_icmp_kind kinds[] = {PROTO_ICMP_TIME_EXCEEDED, PROTO_ICMP_UNREACHABLE,
                                            PROTO_ICMP_TOO_BIG, PROTO_ICMP_REDIRECT};
    uint8_t kind = next(from), who = next(from), len = next(from), place = next(from),
            bits = next(from);
    uint8_t quote[2 * ROOM], bytes[3 * ROOM];
    proto_out quoted = proto_out_of(quote, sizeof quote), out = proto_out_of(bytes, sizeof bytes);
    put_quote(at, probe, len, &quoted);
    if (quoted.len > 0) quote[place % quoted.len] ^= bits;
    proto_address source = address_of(at, who), own = at->config.source;
    proto_icmp message = {.kind = kinds[kind & 3],
                          .code = kind >> 2 & 7,
                          .mtu = 40u + len,
                          .payload = proto_slice_of(quote, quoted.len)};
    proto_icmp_config config = {
        .family = (proto_family)own.family, .source = &source, .destination = &own};
    if (kind & 0x40) { // an echo reply of what was sent
        message = (proto_icmp){.kind = PROTO_ICMP_ECHO_REPLY, .id = 0x1234};
        if (probe->len < 8) return;
        message.sequence = (uint16_t)(probe->bytes[6] << 8 | probe->bytes[7]);
        message.payload = proto_slice_of(probe->bytes + 8, probe->len - 8);
    }
    if (proto_icmp_write(&message, &config, &out) != PROTO_OK) return;
    proto_probe_arrival arrival = {.bytes = proto_slice_of(bytes, out.len),
                                   .source = source,
                                   .when = at->now,
                                   .ttl = (int16_t)(kind & 0x80 ? -1 : len)};
    receive(at, &arrival);
}

// What the error queue returns of one.
static void give_back(rig *at, steps *from)
{
    if (at->count == 0) return;
    const sent *probe = &at->sent[(at->count - 1) % KEPT];
    uint8_t type = next(from), code = next(from), who = next(from), len = next(from);
    size_t skip = at->config.method == PROTO_TRACE_UDP ? 8 : 0;
    proto_probe_arrival arrival = {
        .bytes = proto_slice_of(probe->bytes + skip, len % (probe->len - skip + 1)),
        .source = address_of(at, who),
        .destination = probe->destination,
        .when = at->now,
        .form = PROTO_PROBE_RETURNED,
        .ttl = -1,
        .type = type,
        .code = code,
        .info = 40u + len};
    receive(at, &arrival);
}

static void receive_bytes(rig *at, steps *from)
{
    uint8_t form = next(from), len = next(from);
    size_t left = (size_t)(from->end - from->at), size = len < left ? len : left;
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL) abort();
    if (size > 0) memcpy(copy, from->at, size);
    from->at += size;
    proto_probe_arrival arrival = {.bytes = proto_slice_of(copy, size),
                                   .source = address_of(at, form >> 4 & 8 ? 100 : 1),
                                   .destination = at->config.destination,
                                   .when = at->now,
                                   .form = (proto_probe_form)((form & 3) % 3),
                                   .verified = form & 4,
                                   .ttl = 3,
                                   .type = (uint8_t)(form >> 2),
                                   .code = form};
    if (form & 8) arrival.source.port = at->config.destination.port;
    if (arrival.form == PROTO_PROBE_PACKET && !is_ipv4(at)) arrival.form = PROTO_PROBE_MESSAGE;
    receive(at, &arrival);
    free(copy);
}

static void step(rig *at, steps *from)
{
    uint8_t what = next(from);
    switch (what & 7) {
    case 0: send_one(at); break;
    case 1:
        at->now += next(from) * MS;
        expire(at);
        break;
    case 2: answer(at, from); break;
    case 3: give_back(at, from); break;
    case 4: receive_bytes(at, from); break;
    case 5:
        if (!send_one(at)) break;
        if (what & 8)
            proto_trace_unsend(&at->trace);
        else if (what & 16)
            proto_trace_too_big(&at->trace, next(from));
        else
            proto_trace_refuse(&at->trace);
        break;
    case 6: proto_trace_next(&at->trace); break;
    case 7:
        if (what == 0xff) proto_trace_stop(&at->trace);
        break;
    }
    check(at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rig it;
    steps from = {data, data + size};
    memset(&it, 0, sizeof it);
    begin(&it, &from);
    for (unsigned i = 0; i < STEPS && from.at < from.end; i++)
        step(&it, &from);
    // By itself it comes to an end.
    for (unsigned i = 0; proto_trace_outcome(&it.trace) == PROTO_TRACE_END_RUNNING; i++) {
        assert(i < 10 * HOPS * QUERIES);
        while (send_one(&it))
            continue;
        if (proto_trace_deadline(&it.trace) > it.now) it.now = proto_trace_deadline(&it.trace);
        if (it.now != PROTO_NEVER) expire(&it);
        check(&it);
    }
    unsigned given = it.trace.given;
    while (proto_trace_next(&it.trace) != NULL)
        given++;
    assert(given == it.trace.last);
    return 0;
}
