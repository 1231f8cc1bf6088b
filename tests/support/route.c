/* SPDX-License-Identifier: MIT */
#include "route.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBE_ROOM = 65535, UDP = 17, ICMP4 = 1, ICMP6 = 58, LONGEST_WAY = 600 };

static uint32_t dice(struct route *route, uint32_t sides)
{
    route->random = route->random * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)route->random * sides >> 32);
}

/* ----------------------------------------------------------------------------- addresses -- */

static proto_address address(proto_family family, const char octets4[4], const uint8_t octets6[16])
{
    uint8_t four[4];
    memcpy(four, octets4, 4);
    return family == PROTO_IPV4 ? proto_address_ipv4(four) : proto_address_ipv6(octets6);
}

proto_address route_source(const struct route *route)
{
    static const uint8_t octets[16] = {[0] = 0xfd, [15] = 2};
    proto_address source = address(route->family, "\x0a\x00\x00\x02", octets);
    source.port = 40000;
    return source;
}

static proto_address destination_or(const struct route *route, uint8_t last)
{
    const uint8_t octets[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = last};
    const char four[4] = {(char)192, 0, 2, (char)last};
    proto_address destination = address(route->family, four, octets);
    destination.port = 33434;
    return destination;
}

proto_address route_destination(const struct route *route)
{
    return destination_or(route, 9);
}

static proto_address router_address(const struct route *route, unsigned router, bool second)
{
    const uint8_t octets[16] = {0xfd, 0, second, (uint8_t)router, [15] = 1};
    const char four[4] = {10, (char)second, (char)router, 1};
    if (route->router[router].as_destination) return destination_or(route, 9);
    if (route->router[router].same_as)
        return router_address(route, route->router[router].same_as, second);
    return address(route->family, four, octets);
}

proto_address route_router_address(const struct route *route, unsigned router)
{
    return router_address(route, router, false);
}

/* ----------------------------------------------------------------------------- arrivals -- */

struct route *route_new(proto_family family, unsigned routers)
{
    struct route *route = calloc(1, sizeof *route);
    assert_non_null(route);
    route->family = family;
    route->routers = routers;
    route->now = ROUTE_START;
    route->random = 1;
    return route;
}

void route_free(struct route *route)
{
    for (unsigned i = 0; i < route->queued; i++)
        free(route->queue[i]);
    free(route);
}

static void enqueue(struct route *route, const struct route_arrival *it)
{
    static uint64_t order;
    assert_true(route->queued < ROUTE_QUEUE);
    struct route_arrival *copy = allocate(sizeof *copy);
    *copy = *it;
    copy->order = order++;
    copy->arrival.bytes.ptr = copy->bytes;
    route->queue[route->queued++] = copy;
}

struct route_arrival *route_arrived(struct route *route, uint64_t until)
{
    unsigned best = 0;
    if (route->queued == 0) return NULL;
    for (unsigned i = 1; i < route->queued; i++) {
        const struct route_arrival *a = route->queue[i], *b = route->queue[best];
        bool sooner = a->arrival.when < b->arrival.when ||
                      (a->arrival.when == b->arrival.when && a->order < b->order);
        if (sooner) best = i;
    }
    struct route_arrival *it = route->queue[best];
    if (it->arrival.when > until) return NULL;
    route->queue[best] = route->queue[--route->queued];
    if (it->arrival.when > route->now) route->now = it->arrival.when;
    return it;
}

/* Lets something arrive, later by `delay`. */
static void answer(struct route *route, struct route_arrival *it, const proto_address *source,
                   uint64_t delay)
{
    uint16_t port = it->arrival.source.port; /* of a datagram of UDP */
    bool packet = route->form == PROTO_PROBE_PACKET && port == 0;
    if (dice(route, 100) < route->loses) return;
    it->arrival.form = port ? PROTO_PROBE_MESSAGE : route->form;
    it->arrival.source = *source;
    it->arrival.source.port = port;
    it->arrival.destination = route_source(route);
    it->arrival.verified = route->verified;
    if (packet) {
        uint8_t whole[ROUTE_ARRIVAL];
        proto_out out = proto_out_of(whole, sizeof whole);
        proto_address own = route_source(route);
        proto_ipv4 header = {.source = *source,
                             .destination = own,
                             .protocol = ICMP4,
                             .ttl = (uint8_t)it->arrival.ttl};
        assert_int_equal(proto_ipv4_write(&header, it->arrival.bytes.len, &out), PROTO_OK);
        assert_true(proto_out_put(&out, it->bytes, it->arrival.bytes.len));
        memcpy(it->bytes, whole, out.len);
        it->arrival.bytes.len = out.len;
        it->arrival.ttl = -1;
    }
    unsigned copies = 1 + (dice(route, 100) < route->doubles);
    for (unsigned i = 0; i < copies; i++) {
        uint64_t jitter = route->jitter ? dice(route, (uint32_t)route->jitter) : 0;
        it->arrival.when = route->now + delay + jitter + i;
        enqueue(route, it);
    }
}

static void answer_icmp(struct route *route, const proto_icmp *message, const proto_address *source,
                        int ttl, uint64_t delay)
{
    proto_address own = route_source(route);
    proto_icmp_config config = {.family = route->family, .source = source, .destination = &own};
    struct route_arrival it = {.arrival = {.ttl = (int16_t)ttl}};
    proto_out out = proto_out_of(it.bytes, sizeof it.bytes);
    assert_int_equal(proto_icmp_write(message, &config, &out), PROTO_OK);
    it.arrival.bytes.len = out.len;
    answer(route, &it, source, delay);
}

/* ----------------------------------------------------------------------------- probes -- */

/* A probe on its way. */
struct traveller {
    const proto_trace_report *report;
    proto_address source, destination;
    proto_slice message; /* with its header */
    uint8_t protocol;
    unsigned size;
};

static void put_headers(const struct route *route, const struct traveller *probe,
                        const struct route_router *router, proto_out *out)
{
    static const uint8_t four[40] = {1, 1, 1, 1, 1, 1, 1, 1};
    uint8_t six[8] = {probe->protocol, 0, 1, 4, 0, 0, 0, 0}; /* destination options, padding */
    uint8_t ttl = router->quoted_ttl ? router->quoted_ttl : 1;
    proto_address destination = router->rewrites ? destination_or(route, 77) : probe->destination;
    if (route->family == PROTO_IPV4) {
        proto_ipv4 header = {.source = probe->source,
                             .destination = destination,
                             .ttl = ttl,
                             .protocol = probe->protocol,
                             .options = proto_slice_of(four, router->options)};
        assert_int_equal(proto_ipv4_write(&header, probe->message.len, out), PROTO_OK);
    } else {
        proto_ipv6 header = {.source = probe->source,
                             .destination = destination,
                             .hop_limit = ttl,
                             .next_header = router->options ? 60 : probe->protocol,
                             .extensions = proto_slice_of(six, router->options ? 8 : 0)};
        assert_int_equal(proto_ipv6_write(&header, probe->message.len, out), PROTO_OK);
    }
}

/* What the router quotes of a probe. */
static void put_quote(const struct route *route, const struct traveller *probe,
                      const struct route_router *router, proto_out *out)
{
    static const uint8_t zeros[1500];
    size_t len = probe->message.len < 1300 ? probe->message.len : 1300;
    put_headers(route, probe, router, out);
    uint8_t *message = out->ptr + out->len;
    if (router->quote > 0 && router->quote < len) len = router->quote;
    assert_true(proto_out_put(out, probe->message.ptr, len));
    uint8_t *checksum = message + (probe->protocol == UDP ? 6 : 2);
    if (router->unfinished_checksum) {
        proto_checksum sum = {0};
        proto_checksum_pseudo_header(&sum, &probe->source, &probe->destination, probe->protocol,
                                     (uint32_t)probe->message.len);
        uint16_t value = (uint16_t)~proto_checksum_value(&sum);
        checksum[0] = (uint8_t)(value >> 8);
        checksum[1] = (uint8_t)value;
    }
    if (router->rewrites || router->rewrites_checksum) checksum[0] ^= 0x55;
    if (router->padded > len) assert_true(proto_out_put(out, zeros, router->padded - len));
}

static void return_probe(struct route *route, const struct traveller *probe,
                         const proto_icmp *error, const struct route_router *router,
                         const proto_address *source, uint64_t delay)
{
    struct route_arrival it = {.arrival = {.ttl = -1}};
    size_t skip = probe->protocol == UDP ? 8 : 0, len = probe->message.len;
    if (router->quote > 0 && router->quote < len) len = router->quote;
    memcpy(it.bytes, probe->message.ptr + skip, len - skip);
    it.arrival.bytes.len = len - skip;
    uint8_t type = 0;
    assert_true(proto_icmp_type_of(route->family, error->kind, &type));
    it.arrival.type = type;
    it.arrival.code = error->kind == PROTO_ICMP_TOO_BIG && route->family == PROTO_IPV4
                          ? 4
                          : error->code;
    it.arrival.info = error->mtu;
    answer(route, &it, source, delay);
    route->queue[route->queued - 1]->arrival.destination = probe->destination;
}

/* A router says something about a probe. */
static void complain(struct route *route, const struct traveller *probe, unsigned hops,
                     const struct route_router *router, const proto_icmp *about,
                     const proto_address *source)
{
    uint8_t quote[ROUTE_ARRIVAL + 100];
    proto_out out = proto_out_of(quote, sizeof quote);
    proto_icmp error = *about;
    uint64_t delay = 2 * ROUTE_MS * hops + router->slow;
    if (route->form == PROTO_PROBE_RETURNED) {
        return_probe(route, probe, &error, router, source, delay);
        return;
    }
    put_quote(route, probe, router, &out);
    error.payload = proto_slice_of(quote, out.len);
    error.objects = router->objects;
    answer_icmp(route, &error, source, (int)(256 - hops), delay);
}

static bool may_say(struct route *route, unsigned router, unsigned limit)
{
    return limit == 0 || route->said[router]++ < limit;
}

static void serve(struct route *route, const struct traveller *probe, uint64_t delay)
{
    struct route_arrival it = {.arrival = {.ttl = 64}};
    size_t len = route->destination.answers_few ? 2 : probe->message.len - 8;
    memcpy(it.bytes, probe->message.ptr + 8, len);
    it.arrival.bytes.len = len;
    it.arrival.source.port = probe->destination.port;
    answer(route, &it, &probe->destination, delay);
}

static void reply(struct route *route, const struct traveller *probe, const proto_address *from,
                  unsigned hops)
{
    static uint8_t data[PROBE_ROOM];
    proto_icmp message;
    proto_icmp_config config = {.family = route->family, .flags = PROTO_ICMP_SYSTEM_CHECKSUM};
    assert_int_equal(proto_icmp_read(probe->message, &config, &message, NULL), PROTO_OK);
    memcpy(data, message.payload.ptr, message.payload.len);
    if (route->destination.damages) data[message.payload.len - 1] ^= 1;
    if (route->destination.forges) data[5] ^= 1;
    message.payload = proto_slice_of(data, message.payload.len - route->destination.shortens);
    message.kind = PROTO_ICMP_ECHO_REPLY;
    answer_icmp(route, &message, from, (int)(65 - hops), 2 * ROUTE_MS * hops);
}

static void arrive(struct route *route, const struct traveller *probe, unsigned hops, unsigned left)
{
    static const struct route_router nothing_special;
    proto_address from = destination_or(route, route->destination.elsewhere ? 10 : 9);
    proto_icmp error = {.kind = route->destination.refuses, .code = route->destination.code};
    if (probe->size > route->largest) route->largest = probe->size;
    if (route->destination.silent || !may_say(route, 0, route->destination.limit)) return;
    /* What it takes on the way back is as much as on the way there. */
    if (route->destination.ttl_left && left < hops) return;
    if (error.kind) {
        complain(route, probe, hops, &nothing_special, &error, &from);
    } else if (probe->protocol != UDP) {
        reply(route, probe, &from, hops);
    } else if (route->destination.serves) {
        serve(route, probe, 2 * ROUTE_MS * hops);
    } else {
        error.kind = PROTO_ICMP_UNREACHABLE;
        error.code = route->family == PROTO_IPV4 ? PROTO_ICMP4_PORT_UNREACHABLE
                                                 : PROTO_ICMP6_PORT_UNREACHABLE;
        complain(route, probe, hops, &nothing_special, &error, &from);
    }
}

static bool is_second(const struct traveller *probe)
{
    /* What a router that balances by flow looks at: ports, or the first bytes of ICMP. */
    const uint8_t *at = probe->message.ptr;
    return (at[0] ^ at[1] ^ at[2] ^ at[3]) & 1;
}

/* Whether the router has forwarded it. */
static bool pass(struct route *route, const struct traveller *probe, unsigned number, unsigned hops,
                 unsigned ttl)
{
    const struct route_router *router = &route->router[number];
    proto_address own = router_address(route, number, router->two && is_second(probe));
    proto_icmp error = {.kind = PROTO_ICMP_OTHER};
    bool refuses = router->refuses &&
                   (!router->refuses_one_in || route->sent % router->refuses_one_in == 0);
    if (ttl == hops) {
        error.kind = PROTO_ICMP_TIME_EXCEEDED;
    } else if (refuses) {
        error.kind = router->refuses;
        error.code = router->code;
    } else if (router->mtu && probe->size > router->mtu) {
        error.kind = PROTO_ICMP_TOO_BIG;
        error.mtu = router->says_no_mtu ? 0 : router->mtu;
    }
    /* In a prerouting chain a firewall refuses what would die here as well. */
    if (refuses && ttl == hops) error = (proto_icmp){.kind = router->refuses, .code = router->code};
    if (error.kind == PROTO_ICMP_OTHER) return !router->drops;
    if (!router->silent && !router->drops && may_say(route, number, router->limit))
        complain(route, probe, hops, router, &error, &own);
    return false;
}

static void travel(struct route *route, const struct traveller *probe)
{
    unsigned number = 1, ttl = probe->report->hop->ttl;
    for (unsigned hops = 1; hops <= LONGEST_WAY; hops++) {
        if (number > route->routers) {
            arrive(route, probe, hops, ttl - hops + 1);
            return;
        }
        if (!pass(route, probe, number, hops, ttl)) return;
        unsigned back = route->router[number].back_to;
        number = back ? back : number + 1;
    }
}

/* ----------------------------------------------------------------------------- checking -- */

static unsigned word_at(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* Ports; or type, code and checksum. */
static void note_flow(struct route *route, const proto_slice message)
{
    if (!route->has_flow) memcpy(route->flow, message.ptr, sizeof route->flow);
    route->has_flow = true;
    if (memcmp(route->flow, message.ptr, sizeof route->flow) != 0) route->flow_differs = true;
}

/* The message with its header as it is on the wire, from what the program handed to its socket. */
static void complete(struct route *route, struct traveller *probe, proto_slice bytes,
                     proto_out *out)
{
    proto_udp udp;
    if (probe->protocol == UDP && !route->config->with_header) {
        assert_int_equal(proto_udp_write(&probe->source, &probe->destination, bytes, out),
                         PROTO_OK);
    } else {
        assert_true(proto_out_put(out, bytes.ptr, bytes.len));
        if (probe->protocol == ICMP6) {
            proto_checksum sum = {0};
            assert_int_equal(word_at(bytes.ptr + 2), 0);
            proto_checksum_pseudo_header(&sum, &probe->source, &probe->destination, ICMP6,
                                         (uint32_t)bytes.len);
            proto_checksum_add(&sum, bytes.ptr, bytes.len);
            out->ptr[2] = (uint8_t)(proto_checksum_value(&sum) >> 8);
            out->ptr[3] = (uint8_t)proto_checksum_value(&sum);
        }
    }
    probe->message = proto_slice_of(out->ptr, out->len);
    if (probe->protocol == ICMP4) assert_true(proto_checksum_ok(out->ptr, out->len));
    if (probe->protocol != UDP) return;
    assert_int_equal(
        proto_udp_read(probe->message, &probe->source, &probe->destination, &udp, NULL), PROTO_OK);
    assert_true(udp.checksum != 0 && udp.checksum != 0xffff);
    assert_int_equal(udp.source, 40000);
    assert_int_equal(udp.destination, probe->report->destination.port);
}

void route_take(struct route *route, const proto_trace_report *report, proto_slice bytes)
{
    static uint8_t wire[PROBE_ROOM + 8];
    proto_out out = proto_out_of(wire, sizeof wire);
    bool icmp = route->config->method == PROTO_TRACE_ICMP;
    struct traveller probe = {
        .report = report,
        .source = route_source(route),
        .destination = report->destination,
        .protocol = icmp ? route->family == PROTO_IPV4 ? ICMP4 : ICMP6 : UDP,
    };
    complete(route, &probe, bytes, &out);
    probe.size = (unsigned)(out.len + (route->family == PROTO_IPV4 ? 20 : 40));
    assert_int_equal(probe.size, report->probe->size);
    note_flow(route, probe.message);
    route->sent++;
    travel(route, &probe);
}

/* ----------------------------------------------------------------------------- running -- */

struct route_trace *route_trace_new(const struct route *route, proto_trace_method method)
{
    struct route_trace *it = calloc(1, sizeof *it);
    proto_address source = route_source(route), destination = route_destination(route);
    assert_non_null(it);
    memcpy(it->config.key, "0123456789abcdef", 16);
    proto_trace_config_init(&it->config, method, &source, &destination);
    it->config.identifier = 0x1234;
    memset(it->hops, 0xa5, sizeof it->hops);
    memset(it->probes, 0xa5, sizeof it->probes);
    return it;
}

void route_trace_free(struct route_trace *it)
{
    text_free(&it->text);
    free(it);
}

static void name_of(const struct route *route, const proto_address *from, char name[16])
{
    proto_address destination = route_destination(route);
    snprintf(name, 16, "?");
    if (proto_address_same_host(from, &destination)) snprintf(name, 16, "dst");
    for (unsigned i = 1; i <= route->routers; i++)
        for (int second = 0; second < 2; second++) {
            proto_address own = router_address(route, i, second);
            if (route->router[i].as_destination || route->router[i].same_as) continue;
            if (proto_address_same_host(from, &own))
                snprintf(name, 16, "r%u%s", i, second ? "b" : "");
        }
}

static void put_probe(const struct route *route, const proto_trace_probe *probe, char last[16],
                      text_buffer *text)
{
    char name[16], mark[PROTO_ICMP_MARK + 1] = "";
    proto_out out = proto_out_of(mark, sizeof mark - 1);
    switch ((proto_trace_state)probe->state) {
    case PROTO_TRACE_STATE_PLANNED: snprintf(name, sizeof name, "planned"); break;
    case PROTO_TRACE_STATE_WAITING: snprintf(name, sizeof name, "waiting"); break;
    case PROTO_TRACE_STATE_SILENT: snprintf(name, sizeof name, "*"); break;
    case PROTO_TRACE_STATE_REFUSED: snprintf(name, sizeof name, "x"); break;
    case PROTO_TRACE_STATE_CANCELLED: snprintf(name, sizeof name, "-"); break;
    case PROTO_TRACE_STATE_ANSWERED: name_of(route, &probe->source, name); break;
    }
    assert_int_equal(proto_trace_mark_write(probe, &out), PROTO_OK);
    if (strcmp(name, last) != 0) text_format(text, " %s", name);
    if (mark[0]) text_format(text, " %s", mark);
    memcpy(last, name, sizeof name);
}

static void put_hops(struct route_trace *it, const struct route *route)
{
    const proto_trace_hop *hop;
    while ((hop = proto_trace_next(&it->trace)) != NULL) {
        char last[16] = "";
        text_format(&it->text, "%u", hop->ttl);
        for (unsigned i = 0; i < it->config.queries; i++)
            put_probe(route, &hop->probes[i], last, &it->text);
        text_format(&it->text, "\n");
    }
}

unsigned route_send(struct route_trace *it, struct route *route)
{
    static uint8_t room[PROBE_ROOM];
    unsigned count = 0;
    for (;; count++) {
        proto_trace_report report;
        proto_out out = proto_out_of(room, sizeof room);
        if (!proto_trace_send(&it->trace, route->now, &out, &report)) return count;
        assert_non_null(report.hop);
        assert_true(report.probe >= report.hop->probes);
        route_take(route, &report, proto_slice_of(out.ptr, out.len));
    }
}

/* Whether something arrived by then; all that arrives at that moment is received. */
static bool receive(struct route_trace *it, struct route *route, uint64_t until)
{
    proto_trace_report report;
    struct route_arrival *arrived;
    bool any = false;
    while ((arrived = route_arrived(route, any ? route->now : until)) != NULL) {
        it->events[proto_trace_receive(&it->trace, &arrived->arrival, &report)]++;
        free(arrived);
        any = true;
    }
    return any;
}

const char *route_run(struct route_trace *it, struct route *route)
{
    proto_trace_report report;
    route->config = &it->config;
    proto_trace_init(&it->trace, &it->config, it->hops, it->probes);
    uint64_t began = route->now;
    while (proto_trace_outcome(&it->trace) == PROTO_TRACE_END_RUNNING) {
        route_send(it, route);
        uint64_t deadline = proto_trace_deadline(&it->trace);
        assert_true(deadline != PROTO_NEVER);
        if (!receive(it, route, deadline) && deadline > route->now) route->now = deadline;
        while (proto_trace_expire(&it->trace, route->now, &report) != PROTO_TRACE_EVENT_NONE)
            it->events[PROTO_TRACE_EVENT_SILENT]++;
        put_hops(it, route);
    }
    put_hops(it, route);
    assert_int_equal(proto_trace_deadline(&it->trace), PROTO_NEVER);
    assert_int_equal(route_send(it, route), 0);
    it->took = route->now - began;
    text_format(&it->text, "%s\n", proto_trace_end_name(proto_trace_outcome(&it->trace)));
    return text_string(&it->text);
}
