// SPDX-License-Identifier: MIT
// Traceroute, step by step: sending, sizes, states, and the small functions.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "route.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

#define MS ROUTE_MS

struct rig {
    struct route *route;
    struct route_trace *it;
    proto_trace_report report;
};

static struct rig rig_new(proto_family family, proto_trace_method method, unsigned routers)
{
    struct rig rig = {.route = route_new(family, routers)};
    rig.it = route_trace_new(rig.route, method);
    rig.route->form = family == PROTO_IPV4 ? PROTO_PROBE_PACKET : PROTO_PROBE_MESSAGE;
    rig.route->config = &rig.it->config;
    return rig;
}

static void rig_free(struct rig rig)
{
    route_trace_free(rig.it);
    route_free(rig.route);
}

static void begin(struct rig *rig)
{
    proto_trace_init(&rig->it->trace, &rig->it->config, rig->it->hops, rig->it->probes);
}

// Sends one, if one is due, to nobody. Returns its size, or 0.
static size_t send_one(struct rig *rig, uint64_t now)
{
    static uint8_t room[65535];
    proto_out out = proto_out_of(room, sizeof room);
    return proto_trace_send(&rig->it->trace, now, &out, &rig->report) ? out.len : 0;
}

static uint8_t state_of(const struct rig *rig, unsigned probe)
{
    return rig->it->probes[probe].state;
}

// ------------------------------------------------------------------------------------- sending --

static void probes_are_sent_hop_by_hop_within_the_window(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 3);
    rig.it->config.window = 4;
    begin(&rig);
    for (unsigned i = 0; i < 4; i++) {
        assert_true(proto_trace_deadline(&rig.it->trace) <= 100);
        assert_int_equal(send_one(&rig, 100), 32);
        assert_ptr_equal(rig.report.probe, &rig.it->probes[i]);
        assert_int_equal(rig.report.hop->ttl, 1 + i / 3);
        assert_int_equal(rig.report.destination.port, 33434);
    }
    assert_int_equal(send_one(&rig, 100), 0);
    assert_int_equal(proto_trace_deadline(&rig.it->trace), 100 + 1500 * MS);
    // The one that is given up makes room for the next.
    proto_trace_report report;
    assert_int_equal(proto_trace_expire(&rig.it->trace, 99 + 1500 * MS, &report),
                     PROTO_TRACE_EVENT_NONE);
    assert_null(report.probe);
    assert_int_equal(proto_trace_expire(&rig.it->trace, 100 + 1500 * MS, &report),
                     PROTO_TRACE_EVENT_SILENT);
    assert_ptr_equal(report.probe, &rig.it->probes[0]);
    assert_int_equal(send_one(&rig, 100 + 1500 * MS), 32);
    rig_free(rig);
}

static void who_waits_for_ever_has_no_deadline(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 3);
    rig.it->config.max_wait = PROTO_NEVER;
    rig.it->config.window = 1;
    begin(&rig);
    assert_int_equal(send_one(&rig, 7), 32);
    assert_int_equal(proto_trace_deadline(&rig.it->trace), PROTO_NEVER);
    assert_int_equal(proto_trace_expire(&rig.it->trace, PROTO_NEVER - 1, &rig.report),
                     PROTO_TRACE_EVENT_NONE);
    rig_free(rig);
}

static void a_gap_is_kept_between_probes(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 3);
    rig.it->config.gap = 5 * MS;
    begin(&rig);
    assert_int_equal(send_one(&rig, 10 * MS), 32);
    assert_int_equal(send_one(&rig, 15 * MS - 1), 0);
    assert_int_equal(proto_trace_deadline(&rig.it->trace), 15 * MS);
    assert_int_equal(send_one(&rig, 15 * MS), 32);
    // What could not be sent is due at once.
    proto_trace_unsend(&rig.it->trace);
    assert_int_equal(proto_trace_deadline(&rig.it->trace), 0);
    assert_int_equal(state_of(&rig, 1), PROTO_TRACE_STATE_PLANNED);
    assert_int_equal(send_one(&rig, 15 * MS), 32);
    assert_ptr_equal(rig.report.probe, &rig.it->probes[1]);
    rig_free(rig);
}

// trap 34: what the system does not send is neither loss nor silence
static void a_refused_probe_is_not_waited_for(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_ICMP, 3);
    rig.it->config.last_hop = 2;
    rig.it->config.queries = 1;
    begin(&rig);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(send_one(&rig, 0), 40);
        proto_trace_refuse(&rig.it->trace);
        assert_int_equal(state_of(&rig, i), PROTO_TRACE_STATE_REFUSED);
        assert_int_equal(proto_trace_next(&rig.it->trace)->ttl, 1 + i);
        assert_null(proto_trace_next(&rig.it->trace));
    }
    assert_int_equal(proto_trace_outcome(&rig.it->trace), PROTO_TRACE_END_EXHAUSTED);
    assert_int_equal(rig.it->hops[0].silent, 0);
    assert_int_equal(proto_trace_deadline(&rig.it->trace), PROTO_NEVER);
    rig_free(rig);
}

static void a_sink_that_is_too_small_gets_nothing(void **state)
{
    static const struct {
        proto_trace_method method;
        bool with_header;
        size_t size;
    } table[] = {
        {PROTO_TRACE_UDP, false, 32}, {PROTO_TRACE_UDP, true, 40}, {PROTO_TRACE_ICMP, false, 40}};
    for (size_t i = 0; i < COUNT(table); i++) {
        struct rig rig = rig_new(PROTO_IPV4, table[i].method, 3);
        rig.it->config.with_header = table[i].with_header;
        begin(&rig);
        for (size_t room = 0; room <= table[i].size; room++) {
            uint8_t *buffer = malloc(room + 2);
            proto_out out = {buffer, 2, room + 2, false};
            bool sent = proto_trace_send(&rig.it->trace, 0, &out, &rig.report);
            assert_int_equal(sent, room == table[i].size);
            assert_int_equal(out.len, sent ? 2 + room : 2);
            assert_int_equal(out.failed, !sent);
            if (!sent) assert_false(proto_trace_send(&rig.it->trace, 0, &out, &rig.report));
            free(buffer);
        }
        uint8_t large[100];
        proto_out failed = {large, 0, sizeof large, true};
        assert_false(proto_trace_send(&rig.it->trace, 0, &failed, &rig.report));
        assert_int_equal(failed.len, 0);
        rig_free(rig);
    }
}

static void the_time_of_sending_can_be_put_right(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 1);
    begin(&rig);
    route_send(rig.it, rig.route);
    proto_trace_sent_at(&rig.it->trace, &rig.it->probes[0], ROUTE_START + MS);
    struct route_arrival *arrived = route_arrived(rig.route, PROTO_NEVER);
    proto_trace_receive(&rig.it->trace, &arrived->arrival, &rig.report);
    assert_int_equal(rig.report.rtt, MS);
    assert_int_equal(rig.it->probes[0].rtt, MS);
    // Not once it is answered.
    proto_trace_sent_at(&rig.it->trace, &rig.it->probes[0], ROUTE_START);
    proto_trace_receive(&rig.it->trace, &arrived->arrival, &rig.report);
    assert_int_equal(rig.report.rtt, MS);
    free(arrived);
    rig_free(rig);
}

static void sizes_are_at_least_what_a_probe_needs(void **state)
{
    static const struct {
        proto_family family;
        uint16_t size;
        size_t payload;
    } table[] = {
        {PROTO_IPV4, 0, 12},        {PROTO_IPV4, 40, 12},     {PROTO_IPV4, 41, 13},
        {PROTO_IPV4, 60, 32},       {PROTO_IPV6, 0, 12},      {PROTO_IPV6, 60, 12},
        {PROTO_IPV6, 80, 32},       {PROTO_IPV4, 1499, 1471}, {PROTO_IPV4, 65535, 65507},
        {PROTO_IPV6, 65535, 65487},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        for (int icmp = 0; icmp < 2; icmp++) {
            struct rig rig = rig_new(table[i].family, icmp ? PROTO_TRACE_ICMP : PROTO_TRACE_UDP, 1);
            rig.it->config.size = table[i].size;
            rig.it->config.queries = 1;
            begin(&rig);
            assert_int_equal(send_one(&rig, 0), table[i].payload + (icmp ? 8 : 0));
            rig_free(rig);
        }
    }
}

// --------------------------------------------------------------------------------------- sizes --

static void the_path_mtu_is_found(void **state)
{
    static const proto_family families[] = {PROTO_IPV4, PROTO_IPV6};
    for (size_t i = 0; i < 2; i++) {
        for (int method = 0; method < 2; method++) {
            struct rig rig = rig_new(families[i], (proto_trace_method)method, 5);
            rig.it->config.find_mtu = true;
            rig.it->config.size = 1500;
            rig.route->router[2].mtu = 1400;
            rig.route->router[4].mtu = 1280;
            assert_string_equal(route_run(rig.it, rig.route),
                                "1 r1\n2 r2\n3 r3\n4 r4\n5 r5\n6 dst\nREACHED\n");
            assert_int_equal(proto_trace_mtu(&rig.it->trace), 1280);
            assert_int_equal(rig.route->largest, 1280);
            assert_int_equal(rig.it->hops[1].probes[0].size, 1500);
            assert_int_equal(rig.it->hops[2].probes[0].size, 1400);
            assert_int_equal(rig.it->hops[4].probes[0].size, 1280);
            assert_true(rig.it->events[PROTO_TRACE_EVENT_TOO_BIG] > 0);
            rig_free(rig);
        }
    }
}

static void a_router_that_names_no_mtu_is_asked_again(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 2);
    rig.it->config.find_mtu = true;
    rig.it->config.size = 9000;
    rig.route->router[1].mtu = 1100;
    rig.route->router[1].says_no_mtu = true;
    assert_string_equal(route_run(rig.it, rig.route), "1 r1\n2 r2\n3 dst\nREACHED\n");
    assert_int_equal(rig.route->largest, 1006); // RFC 1191 section 7.1
    assert_int_equal(proto_trace_mtu(&rig.it->trace), 0);
    rig_free(rig);
}

static void without_asking_for_it_too_big_is_the_end(void **state)
{
    struct rig rig = rig_new(PROTO_IPV6, PROTO_TRACE_UDP, 3);
    rig.it->config.size = 1400;
    rig.route->router[2].mtu = 1280;
    assert_string_equal(route_run(rig.it, rig.route), "1 r1\n2 r2\n3 r2 !F-1280 !F-1280 !F-1280\n"
                                                      "UNREACHABLE\n");
    assert_int_equal(proto_trace_mtu(&rig.it->trace), 1280);
    rig_free(rig);
}

static void no_size_is_tried_that_every_link_takes(void **state)
{
    static const struct {
        proto_family family;
        uint16_t size;
        uint32_t mtu, found;
        const char *path;
    } table[] = {
        // Who says less than IPv6 allows gets what it allows, and then no more.
        {PROTO_IPV6, 1500, 700, 0, "1 r1\n2 r1 !F-700 !F-700 !F-700\nUNREACHABLE\n"},
        {PROTO_IPV4, 576, 100, 100, "1 r1\n2 dst\nREACHED\n"},
        {PROTO_IPV4, 576, 40, 0, "1 r1\n2 r1 !F-40 !F-40 !F-40\nUNREACHABLE\n"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct rig rig = rig_new(table[i].family, PROTO_TRACE_ICMP, 1);
        rig.it->config.find_mtu = true;
        rig.it->config.size = table[i].size;
        rig.route->router[1].mtu = table[i].mtu;
        assert_string_equal(route_run(rig.it, rig.route), table[i].path);
        assert_int_equal(proto_trace_mtu(&rig.it->trace), table[i].found);
        rig_free(rig);
    }
}

static void there_are_as_many_attempts_as_numbers(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 1);
    rig.it->config.find_mtu = true;
    rig.it->config.size = 1000;
    rig.it->config.last_hop = 255;
    rig.it->config.queries = 10;
    begin(&rig);
    unsigned attempts = 1;
    assert_true(send_one(&rig, 0) > 0);
    for (;; attempts++) {
        proto_trace_too_big(&rig.it->trace, 1000 - attempts);
        if (state_of(&rig, 0) == PROTO_TRACE_STATE_REFUSED) break;
        assert_int_equal(send_one(&rig, 0), 1000 - attempts - 28);
        assert_ptr_equal(rig.report.probe, rig.it->probes);
    }
    assert_int_equal(attempts, 65534 / 2550);
    rig_free(rig);
}

// A link of this machine takes less than was tried.
static void the_system_may_say_that_a_probe_is_too_big(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 1);
    rig.it->config.find_mtu = true;
    rig.it->config.size = 9000;
    begin(&rig);
    assert_int_equal(send_one(&rig, 0), 9000 - 28);
    proto_trace_too_big(&rig.it->trace, 1500);
    assert_int_equal(send_one(&rig, 0), 1500 - 28);
    assert_ptr_equal(rig.report.probe, rig.it->probes);
    rig_free(rig);

    rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 1);
    begin(&rig);
    assert_int_equal(send_one(&rig, 0), 32);
    proto_trace_too_big(&rig.it->trace, 50);
    assert_int_equal(state_of(&rig, 0), PROTO_TRACE_STATE_REFUSED);
    rig_free(rig);
}

// An answer to the first attempt when the second is out; and an error that was too late to matter.
static void an_earlier_attempt_is_no_longer_waited_for(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 3);
    rig.it->config.find_mtu = true;
    rig.it->config.size = 1500;
    rig.it->config.queries = 1;
    rig.it->config.window = 2;
    rig.route->router[1].mtu = 1300;
    begin(&rig);
    route_send(rig.it, rig.route);
    struct route_arrival *first = route_arrived(rig.route, PROTO_NEVER);
    proto_trace_receive(&rig.it->trace, &first->arrival, &rig.report);
    struct route_arrival *second = route_arrived(rig.route, PROTO_NEVER);
    assert_int_equal(proto_trace_receive(&rig.it->trace, &second->arrival, &rig.report),
                     PROTO_TRACE_EVENT_TOO_BIG);
    assert_int_equal(state_of(&rig, 1), PROTO_TRACE_STATE_PLANNED);
    assert_int_equal(proto_trace_receive(&rig.it->trace, &second->arrival, &rig.report),
                     PROTO_TRACE_EVENT_DUPLICATE);
    assert_int_equal(state_of(&rig, 1), PROTO_TRACE_STATE_PLANNED);
    free(first);
    free(second);
    rig_free(rig);
}

static void a_probe_that_was_given_up_still_tells_the_next_their_size(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 4);
    rig.it->config.find_mtu = true;
    rig.it->config.size = 1500;
    rig.it->config.queries = 1;
    rig.it->config.window = 2;
    rig.route->router[1].mtu = 1300;
    begin(&rig);
    route_send(rig.it, rig.route);
    while (proto_trace_expire(&rig.it->trace, ROUTE_START + 1500 * MS, &rig.report))
        continue;
    free(route_arrived(rig.route, PROTO_NEVER));
    struct route_arrival *second = route_arrived(rig.route, PROTO_NEVER);
    assert_int_equal(proto_trace_receive(&rig.it->trace, &second->arrival, &rig.report),
                     PROTO_TRACE_EVENT_NOTE);
    assert_int_equal(state_of(&rig, 1), PROTO_TRACE_STATE_SILENT);
    assert_int_equal(proto_trace_mtu(&rig.it->trace), 1300);
    assert_int_equal(send_one(&rig, ROUTE_START + 1500 * MS), 1300 - 28);
    free(second);
    rig_free(rig);
}

// What quotes a probe that is answered, or was never sent, says nothing of the path.
static void only_a_probe_that_is_out_can_be_too_big(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 3);
    rig.route->form = PROTO_PROBE_RETURNED;
    begin(&rig);
    route_send(rig.it, rig.route);
    struct route_arrival *arrived = route_arrived(rig.route, PROTO_NEVER);
    proto_trace_event event = proto_trace_receive(&rig.it->trace, &arrived->arrival, &rig.report);
    assert_int_equal(event, PROTO_TRACE_EVENT_ANSWER);
    arrived->arrival.type = 3;
    arrived->arrival.code = 4;
    arrived->arrival.info = 999;
    event = proto_trace_receive(&rig.it->trace, &arrived->arrival, &rig.report);
    assert_int_equal(event, PROTO_TRACE_EVENT_DUPLICATE);
    assert_int_equal(proto_trace_mtu(&rig.it->trace), 0);
    begin(&rig); // the same numbers, none of them sent
    event = proto_trace_receive(&rig.it->trace, &arrived->arrival, &rig.report);
    assert_int_equal(event, PROTO_TRACE_EVENT_UNKNOWN);
    assert_int_equal(proto_trace_mtu(&rig.it->trace), 0);
    free(arrived);
    rig_free(rig);
}

// -------------------------------------------------------------------------------------- states --

static const char *const state_names[] = {
#define NAME(name, text) #name,
    PROTO_TRACE_STATES(NAME)
#undef NAME
};

// Brings probe 3, the first to router 2, into a state; router 1 stays unanswered.
static void bring(struct rig *rig, proto_trace_state wanted)
{
    rig->it->config.window = 4;
    rig->it->config.last_hop = 3;
    rig->route->router[1].silent = true;
    if (wanted == PROTO_TRACE_STATE_PLANNED) rig->it->config.window = 3;
    begin(rig);
    route_send(rig->it, rig->route);
    struct route_arrival *arrived = route_arrived(rig->route, PROTO_NEVER);
    if (wanted == PROTO_TRACE_STATE_ANSWERED)
        proto_trace_receive(&rig->it->trace, &arrived->arrival, &rig->report);
    if (wanted == PROTO_TRACE_STATE_REFUSED) proto_trace_refuse(&rig->it->trace);
    if (wanted == PROTO_TRACE_STATE_CANCELLED) proto_trace_stop(&rig->it->trace);
    while (wanted == PROTO_TRACE_STATE_SILENT &&
           proto_trace_expire(&rig->it->trace, PROTO_NEVER, &rig->report))
        continue;
    free(arrived);
    assert_int_equal(state_of(rig, 3), wanted);
}

// What arrives about probe 3: time exceeded, or a redirect.
static proto_trace_event receive_about_it(struct rig *rig, bool note)
{
    struct rig other = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 3);
    other.it->config.last_hop = 3; // the numbers are the same
    other.route->router[1].silent = true;
    other.route->form = PROTO_PROBE_RETURNED;
    begin(&other);
    route_send(other.it, other.route);
    struct route_arrival *arrived = route_arrived(other.route, PROTO_NEVER);
    if (note) arrived->arrival.type = 5;
    proto_trace_event event = proto_trace_receive(&rig->it->trace, &arrived->arrival, &rig->report);
    free(arrived);
    rig_free(other);
    return event;
}

static void each_state_takes_arrivals_as_the_table_says(void **state)
{
    static const struct {
        proto_trace_state state;
        proto_trace_step step;
        proto_trace_state next;
        proto_trace_event event;
    } table[] = {
#define ROW(from, step, to, event)                                              \
    {PROTO_TRACE_STATE_##from, PROTO_TRACE_STEP_##step, PROTO_TRACE_STATE_##to, \
     PROTO_TRACE_EVENT_##event},
        PROTO_TRACE_TRANSITIONS(ROW)
#undef ROW
    };
    unsigned rows = 0;
    for (size_t i = 0; i < COUNT(table); i++) {
        bool note = table[i].step == PROTO_TRACE_STEP_NOTE;
        if (!note && table[i].step != PROTO_TRACE_STEP_ANSWER) continue;
        struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 3);
        bring(&rig, table[i].state);
        assert_int_equal(receive_about_it(&rig, note), table[i].event);
        assert_string_equal(state_names[state_of(&rig, 3)], state_names[table[i].next]);
        bool known = table[i].event != PROTO_TRACE_EVENT_UNKNOWN;
        assert_ptr_equal(rig.report.probe, known ? &rig.it->probes[3] : NULL);
        assert_ptr_equal(rig.report.hop, known ? &rig.it->hops[1] : NULL);
        rig_free(rig);
        rows++;
    }
    assert_int_equal(rows, 2 * 6);
}

static void a_trace_can_be_stopped_at_any_moment(void **state)
{
    for (unsigned arrivals = 0; arrivals < 14; arrivals++) {
        struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 3);
        rig.route->router[2].silent = true;
        begin(&rig);
        route_send(rig.it, rig.route);
        for (unsigned i = 0; i < arrivals; i++) {
            struct route_arrival *arrived = route_arrived(rig.route, PROTO_NEVER);
            proto_trace_receive(&rig.it->trace, &arrived->arrival, &rig.report);
            free(arrived);
        }
        proto_trace_stop(&rig.it->trace);
        // Three answers of router 1, of router 3, and then of the destination.
        static const unsigned hops[] = {0, 1, 1, 1, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4};
        assert_int_equal(proto_trace_outcome(&rig.it->trace),
                         arrivals > 6 ? PROTO_TRACE_END_REACHED : PROTO_TRACE_END_STOPPED);
        assert_int_equal(proto_trace_deadline(&rig.it->trace), PROTO_NEVER);
        unsigned count = 0;
        while (proto_trace_next(&rig.it->trace))
            count++;
        assert_int_equal(count, hops[arrivals]);
        assert_int_equal(send_one(&rig, PROTO_NEVER), 0);
        assert_int_equal(proto_trace_expire(&rig.it->trace, PROTO_NEVER, &rig.report),
                         PROTO_TRACE_EVENT_NONE);
        proto_trace_stop(&rig.it->trace); // nothing more
        rig_free(rig);
    }
}

// One that was to be sent again lies before one that is answered.
static void what_is_still_planned_is_cancelled_too(void **state)
{
    struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 3);
    rig.it->config.window = 4;
    begin(&rig);
    for (unsigned i = 0; i < 4; i++)
        assert_true(send_one(&rig, ROUTE_START) > 0);
    proto_trace_unsend(&rig.it->trace);
    route_send(rig.it, rig.route);
    struct route_arrival *arrived = route_arrived(rig.route, PROTO_NEVER);
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrived->arrival, &rig.report),
                     PROTO_TRACE_EVENT_ANSWER);
    assert_int_equal(state_of(&rig, 3), PROTO_TRACE_STATE_ANSWERED);
    proto_trace_stop(&rig.it->trace);
    assert_int_equal(state_of(&rig, 2), PROTO_TRACE_STATE_CANCELLED);
    assert_int_equal(state_of(&rig, 4), PROTO_TRACE_STATE_CANCELLED);
    assert_int_equal(rig.it->hops[1].open, 0);
    assert_int_equal(proto_trace_next(&rig.it->trace)->ttl, 1);
    assert_int_equal(proto_trace_next(&rig.it->trace)->ttl, 2);
    assert_null(proto_trace_next(&rig.it->trace));
    free(arrived);
    rig_free(rig);
}

// ------------------------------------------------------------------------------ small functions --

static void names_are_those_of_the_lists(void **state)
{
    assert_string_equal(proto_trace_event_name(PROTO_TRACE_EVENT_NONE), "NONE");
    assert_string_equal(proto_trace_event_name(PROTO_TRACE_EVENT_SILENT), "SILENT");
    assert_string_equal(proto_trace_event_name((proto_trace_event)99), "");
    assert_string_equal(proto_trace_end_name(PROTO_TRACE_END_RUNNING), "RUNNING");
    assert_string_equal(proto_trace_end_name(PROTO_TRACE_END_STOPPED), "STOPPED");
    assert_string_equal(proto_trace_end_name((proto_trace_end)99), "");
}

static void the_way_back_is_guessed(void **state)
{
    static const struct {
        int16_t ttl;
        unsigned hops;
    } table[] = {{-1, 0},  {255, 1}, {250, 6}, {129, 127}, {128, 1}, {120, 9},
                 {65, 64}, {64, 1},  {55, 10}, {1, 64},    {0, 65}};
    for (size_t i = 0; i < COUNT(table); i++)
        assert_int_equal(proto_trace_way_back(table[i].ttl), table[i].hops);
}

static void marks_are_of_answers_alone(void **state)
{
    proto_trace_probe probe = {.state = PROTO_TRACE_STATE_ANSWERED,
                               .kind = PROTO_ICMP_UNREACHABLE,
                               .family = PROTO_IPV4,
                               .type = 3,
                               .code = 1};
    char text[PROTO_ICMP_MARK];
    proto_out out = proto_out_of(text, sizeof text);
    assert_int_equal(proto_trace_mark_write(&probe, &out), PROTO_OK);
    assert_int_equal(out.len, 2);
    assert_memory_equal(text, "!H", 2);
    probe.state = PROTO_TRACE_STATE_WAITING;
    assert_int_equal(proto_trace_mark_write(&probe, &out), PROTO_OK);
    assert_int_equal(out.len, 2);
    probe.state = PROTO_TRACE_STATE_ANSWERED;
    out = proto_out_of(text, 1);
    assert_int_equal(proto_trace_mark_write(&probe, &out), PROTO_ERR_NO_SPACE);
    assert_int_equal(out.len, 0);
}

static void defaults_leave_the_key_alone(void **state)
{
    proto_trace_config config;
    memset(&config, 0x5a, sizeof config);
    struct rig rig = rig_new(PROTO_IPV6, PROTO_TRACE_UDP, 1);
    proto_address source = route_source(rig.route), destination = route_destination(rig.route);
    destination.port = 0;
    proto_trace_config_init(&config, PROTO_TRACE_UDP, &source, &destination);
    for (size_t i = 0; i < sizeof config.key; i++)
        assert_int_equal(config.key[i], 0x5a);
    assert_int_equal(config.size, 80);
    assert_int_equal(config.last_hop, 30);
    rig.it->config = config;
    begin(&rig);
    assert_int_equal(send_one(&rig, 0), 32);
    assert_int_equal(rig.report.destination.port, 33434);
    rig_free(rig);
}

// trap 47: two traces from the same port do not have the same tags
static void the_key_decides_which_checksums_are_used(void **state)
{
    uint8_t first[32], room[64];
    unsigned same = 0;
    for (unsigned key = 0; key < 50; key++) {
        struct rig rig = rig_new(PROTO_IPV4, PROTO_TRACE_UDP, 1);
        rig.it->config.key[0] = (uint8_t)key;
        begin(&rig);
        proto_out out = proto_out_of(room, sizeof room);
        assert_true(proto_trace_send(&rig.it->trace, 0, &out, &rig.report));
        if (key == 0) memcpy(first, room, sizeof first);
        if (key > 0) same += memcmp(first, room, 2) == 0;
        rig_free(rig);
    }
    assert_int_equal(same, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_are_sent_hop_by_hop_within_the_window),
        cmocka_unit_test(who_waits_for_ever_has_no_deadline),
        cmocka_unit_test(a_gap_is_kept_between_probes),
        cmocka_unit_test(a_refused_probe_is_not_waited_for),
        cmocka_unit_test(a_sink_that_is_too_small_gets_nothing),
        cmocka_unit_test(the_time_of_sending_can_be_put_right),
        cmocka_unit_test(sizes_are_at_least_what_a_probe_needs),
        cmocka_unit_test(the_path_mtu_is_found),
        cmocka_unit_test(a_router_that_names_no_mtu_is_asked_again),
        cmocka_unit_test(without_asking_for_it_too_big_is_the_end),
        cmocka_unit_test(no_size_is_tried_that_every_link_takes),
        cmocka_unit_test(there_are_as_many_attempts_as_numbers),
        cmocka_unit_test(the_system_may_say_that_a_probe_is_too_big),
        cmocka_unit_test(an_earlier_attempt_is_no_longer_waited_for),
        cmocka_unit_test(a_probe_that_was_given_up_still_tells_the_next_their_size),
        cmocka_unit_test(only_a_probe_that_is_out_can_be_too_big),
        cmocka_unit_test(each_state_takes_arrivals_as_the_table_says),
        cmocka_unit_test(a_trace_can_be_stopped_at_any_moment),
        cmocka_unit_test(what_is_still_planned_is_cancelled_too),
        cmocka_unit_test(names_are_those_of_the_lists),
        cmocka_unit_test(the_way_back_is_guessed),
        cmocka_unit_test(marks_are_of_answers_alone),
        cmocka_unit_test(defaults_leave_the_key_alone),
        cmocka_unit_test(the_key_decides_which_checksums_are_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
