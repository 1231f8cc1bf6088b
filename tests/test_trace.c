// SPDX-License-Identifier: MIT
// Traceroute over paths in memory: the hops that it finds, and how long it takes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "route.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

#define MS ROUTE_MS

// All ways to trace.
static const struct way {
    proto_family family;
    proto_trace_method method;
    proto_trace_flow flow;
    bool with_header;
    proto_probe_form form;
} ways[] = {
    {PROTO_IPV4, PROTO_TRACE_UDP, PROTO_TRACE_PARIS, true, PROTO_PROBE_PACKET},
    {PROTO_IPV4, PROTO_TRACE_UDP, PROTO_TRACE_PARIS, false, PROTO_PROBE_PACKET},
    {PROTO_IPV4, PROTO_TRACE_UDP, PROTO_TRACE_PARIS, false, PROTO_PROBE_RETURNED},
    {PROTO_IPV4, PROTO_TRACE_UDP, PROTO_TRACE_CLASSIC, false, PROTO_PROBE_MESSAGE},
    {PROTO_IPV4, PROTO_TRACE_UDP, PROTO_TRACE_CLASSIC, false, PROTO_PROBE_RETURNED},
    {PROTO_IPV4, PROTO_TRACE_ICMP, PROTO_TRACE_PARIS, false, PROTO_PROBE_PACKET},
    {PROTO_IPV4, PROTO_TRACE_ICMP, PROTO_TRACE_PARIS, false, PROTO_PROBE_MESSAGE},
    {PROTO_IPV4, PROTO_TRACE_ICMP, PROTO_TRACE_CLASSIC, false, PROTO_PROBE_PACKET},
    {PROTO_IPV6, PROTO_TRACE_UDP, PROTO_TRACE_PARIS, true, PROTO_PROBE_MESSAGE},
    {PROTO_IPV6, PROTO_TRACE_UDP, PROTO_TRACE_PARIS, false, PROTO_PROBE_RETURNED},
    {PROTO_IPV6, PROTO_TRACE_UDP, PROTO_TRACE_CLASSIC, true, PROTO_PROBE_MESSAGE},
    {PROTO_IPV6, PROTO_TRACE_ICMP, PROTO_TRACE_PARIS, false, PROTO_PROBE_MESSAGE},
    {PROTO_IPV6, PROTO_TRACE_ICMP, PROTO_TRACE_CLASSIC, false, PROTO_PROBE_MESSAGE},
};

struct rig {
    struct route *route;
    struct route_trace *it;
};

static struct rig rig_of(const struct way *way, unsigned routers)
{
    struct rig rig = {.route = route_new(way->family, routers)};
    rig.route->form = way->form;
    rig.it = route_trace_new(rig.route, way->method);
    rig.it->config.flow = way->flow;
    rig.it->config.with_header = way->with_header;
    return rig;
}

static struct rig rig_new(unsigned routers)
{
    return rig_of(&ways[0], routers);
}

static const char *run(struct rig rig)
{
    return route_run(rig.it, rig.route);
}

static void rig_free(struct rig rig)
{
    route_trace_free(rig.it);
    route_free(rig.route);
}

// --------------------------------------------------------------------------------------- paths --

static void each_way_of_tracing_finds_the_path(void **state)
{
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct rig rig = rig_of(&ways[i], 3);
        assert_string_equal(run(rig), "1 r1\n2 r2\n3 r3\n4 dst\nREACHED\n");
        assert_int_equal(rig.it->took, 8 * MS);
        assert_int_equal(rig.it->hops[2].slowest, 6 * MS);
        assert_int_equal(rig.it->probes[0].rtt, 2 * MS);
        assert_int_equal(rig.it->probes[0].changed, 0);
        assert_int_equal(rig.it->events[PROTO_TRACE_EVENT_ANSWER], 12);
        rig_free(rig);
    }
}

static void all_hops_are_asked_at_once(void **state)
{
    struct rig rig = rig_new(10);
    rig.it->config.window = 0;
    rig.route->destination.silent = true;
    route_run(rig.it, rig.route);
    assert_int_equal(rig.route->sent, 90);
    assert_int_equal(rig.it->took, 1500 * MS);
    rig_free(rig);
}

static void a_silent_hop_costs_milliseconds(void **state)
{
    struct rig rig = rig_new(10);
    rig.route->router[6].silent = true;
    assert_string_equal(run(rig), "1 r1\n2 r2\n3 r3\n4 r4\n5 r5\n6 *\n7 r7\n8 r8\n9 r9\n10 r10\n"
                                  "11 dst\nREACHED\n");
    // Hop 7 answers after 14 ms, so hop 6 is given up after five times as long.
    assert_int_equal(rig.it->took, 70 * MS);
    rig_free(rig);
}

static void a_hop_is_given_up_after_its_share_of_time(void **state)
{
    static const struct {
        uint8_t here, near;
        uint64_t floor, max_wait;
        unsigned limit; // answers of the hop, of three
        uint64_t took;
    } table[] = {
        {3, 5, 10 * MS, 1500 * MS, 0, 8 * MS},     // nothing is missing
        {3, 5, 10 * MS, 1500 * MS, 2, 30 * MS},    // 5 x the 6 ms of hop 3
        {3, 0, 10 * MS, 1500 * MS, 2, 12 * MS},    // 3 x its own 4 ms
        {9, 5, 10 * MS, 1500 * MS, 2, 36 * MS},    // the longer of both
        {0, 0, 10 * MS, 1500 * MS, 2, 10 * MS},    // the floor
        {0, 0, 0, 1500 * MS, 2, 8 * MS},           // not even that: when all has arrived
        {3, 5, 10 * MS, 25 * MS, 2, 25 * MS},      // never longer than that
        {255, 255, 90 * MS, 5 * MS, 2, 5 * MS},    // whatever the floor
        {3, 255, 0, UINT64_MAX / 2, 2, 1530 * MS}, // hardly a limit
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct rig rig = rig_new(3);
        rig.it->config.here = table[i].here;
        rig.it->config.near = table[i].near;
        rig.it->config.floor = table[i].floor;
        rig.it->config.max_wait = table[i].max_wait;
        rig.it->config.window = 0;
        rig.route->router[2].limit = table[i].limit;
        run(rig);
        assert_int_equal(rig.it->took, table[i].took);
        rig_free(rig);
    }
}

static void a_black_hole_ends_within_two_seconds(void **state)
{
    for (unsigned routers = 0; routers < 4; routers++) {
        struct rig rig = rig_new(routers);
        rig.route->destination.silent = true;
        run(rig);
        assert_int_equal(proto_trace_outcome(&rig.it->trace), PROTO_TRACE_END_SILENCE);
        assert_int_equal(rig.it->trace.given, routers + 8);
        assert_true(rig.it->took < 2000 * MS);
        rig_free(rig);
    }
}

static void silence_is_no_end_where_somebody_answers_behind_it(void **state)
{
    struct rig rig = rig_new(11);
    for (unsigned i = 2; i <= 10; i++)
        rig.route->router[i].silent = true;
    rig.it->config.queries = 1;
    assert_string_equal(run(rig), "1 r1\n2 *\n3 *\n4 *\n5 *\n6 *\n7 *\n8 *\n9 *\n10 *\n11 r11\n"
                                  "12 dst\nREACHED\n");
    rig_free(rig);
}

static void silence_counts_from_the_last_that_answered(void **state)
{
    struct rig rig = rig_new(11);
    for (unsigned i = 2; i <= 10; i++)
        rig.route->router[i].silent = true;
    rig.route->destination.silent = true;
    rig.it->config.queries = 1;
    rig.it->config.max_silent = 3;
    assert_string_equal(run(rig), "1 r1\n2 *\n3 *\n4 *\n5 *\n6 *\n7 *\n8 *\n9 *\n10 *\n11 r11\n"
                                  "12 *\n13 *\n14 *\nSILENCE\n");
    rig_free(rig);
}

static void the_hops_may_be_exhausted(void **state)
{
    struct rig rig = rig_new(9);
    rig.it->config.first_hop = 3;
    rig.it->config.last_hop = 5;
    assert_string_equal(run(rig), "3 r3\n4 r4\n5 r5\nEXHAUSTED\n");
    rig_free(rig);
    rig = rig_new(9);
    rig.route->destination.silent = true;
    rig.it->config.last_hop = 20;
    rig.it->config.max_silent = 0;
    run(rig);
    assert_int_equal(proto_trace_outcome(&rig.it->trace), PROTO_TRACE_END_EXHAUSTED);
    assert_int_equal(rig.it->trace.given, 20);
    rig_free(rig);
}

static void nothing_more_is_sent_once_the_destination_has_answered(void **state)
{
    struct rig rig = rig_new(2);
    rig.it->config.window = 12;
    run(rig);
    assert_int_equal(rig.route->sent,
                     12 + 6); // hops 1 to 4, and two when hops 1 and 2 have answered
    assert_int_equal(rig.it->probes[3 * 3].state, PROTO_TRACE_STATE_CANCELLED);
    rig_free(rig);
}

static void the_largest_trace_fits(void **state)
{
    struct rig rig = rig_new(9);
    rig.route->router[9].back_to = 9; // never any further
    rig.it->config.last_hop = 255;
    rig.it->config.queries = 10;
    rig.it->config.pass_loops = true;
    run(rig);
    assert_int_equal(proto_trace_outcome(&rig.it->trace), PROTO_TRACE_END_EXHAUSTED);
    assert_int_equal(rig.route->sent, 2550);
    assert_int_equal(rig.it->hops[254].ttl, 255);
    assert_int_equal(rig.it->hops[254].answered, 10);
    rig_free(rig);
}

// ---------------------------------------------------------------------------------------- flow --

// trap 47: ports that differ make links where there are none
static void one_flow_takes_one_way_and_many_take_several(void **state)
{
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct rig rig = rig_of(&ways[i], 4);
        rig.route->router[2].two = rig.route->router[3].two = true;
        bool paris = ways[i].flow == PROTO_TRACE_PARIS;
        run(rig);
        if (ways[i].method == PROTO_TRACE_UDP || paris)
            assert_int_equal(rig.route->flow_differs, !paris);
        for (unsigned hop = 1; hop <= 2; hop++) {
            const proto_trace_probe *probe = rig.it->hops[hop].probes;
            bool same = proto_address_same_host(&probe[0].source, &probe[1].source);
            if (ways[i].method == PROTO_TRACE_UDP) assert_int_equal(same, paris);
            if (paris) assert_true(same);
        }
        rig_free(rig);
    }
}

// trap 47: the port does not go past 65535, to 0 and to services
static void ports_begin_again_before_they_wrap(void **state)
{
    struct rig rig = rig_of(&ways[4], 6);
    unsigned below = 0;
    rig.route->form = PROTO_PROBE_MESSAGE;
    rig.it->config.destination.port = 65530;
    rig.route->config = &rig.it->config;
    proto_trace_init(&rig.it->trace, &rig.it->config, rig.it->hops, rig.it->probes);
    uint8_t room[64];
    proto_out out = proto_out_of(room, sizeof room);
    proto_trace_report report;
    for (unsigned i = 0; proto_trace_send(&rig.it->trace, ROUTE_START, &out, &report); i++) {
        assert_int_equal(report.destination.port, 65530 + i % 6);
        below += report.destination.port < 65530;
        out.len = 0;
    }
    assert_int_equal(below, 0);
    run(rig);
    assert_int_equal(proto_trace_outcome(&rig.it->trace), PROTO_TRACE_END_REACHED);
    rig_free(rig);
}

// ----------------------------------------------------------------------------------- the end --

// trap 47: !H ends the trace; so does all that says that there is no way on
static void a_router_that_refuses_ends_the_path(void **state)
{
    static const struct {
        proto_family family;
        proto_icmp_kind kind;
        uint8_t code;
        const char *path;
    } table[] = {
        {PROTO_IPV4, PROTO_ICMP_UNREACHABLE, 1, "1 r1\n2 r2 !H !H !H\nUNREACHABLE\n"},
        {PROTO_IPV4, PROTO_ICMP_UNREACHABLE, 0, "1 r1\n2 r2 !N !N !N\nUNREACHABLE\n"},
        {PROTO_IPV4, PROTO_ICMP_UNREACHABLE, 13, "1 r1\n2 r2 !X !X !X\nUNREACHABLE\n"},
        {PROTO_IPV4, PROTO_ICMP_PARAMETER_PROBLEM, 0,
         "1 r1\n2 r2 !<12-0> !<12-0> !<12-0>\nUNREACHABLE\n"},
        {PROTO_IPV6, PROTO_ICMP_UNREACHABLE, 0, "1 r1\n2 r2 !N !N !N\nUNREACHABLE\n"},
        {PROTO_IPV6, PROTO_ICMP_UNREACHABLE, 3, "1 r1\n2 r2 !H !H !H\nUNREACHABLE\n"},
        {PROTO_IPV6, PROTO_ICMP_UNREACHABLE, 1, "1 r1\n2 r2 !X !X !X\nUNREACHABLE\n"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        for (size_t j = 0; j < COUNT(ways); j++) {
            if (ways[j].family != table[i].family) continue;
            struct rig rig = rig_of(&ways[j], 4);
            rig.route->router[2].refuses = table[i].kind;
            rig.route->router[2].code = table[i].code;
            assert_string_equal(run(rig), table[i].path);
            rig_free(rig);
        }
    }
}

// What some flows are refused, others are not.
static void a_hop_that_also_passes_is_not_the_end(void **state)
{
    struct rig rig = rig_new(3);
    rig.route->router[2].refuses = PROTO_ICMP_UNREACHABLE;
    rig.route->router[2].code = 13;
    rig.route->router[2].refuses_one_in = 3;
    assert_string_equal(run(rig), "1 r1\n2 r2 !X\n3 r3 r2 !X\n4 dst r2 !X\nREACHED\n");
    rig_free(rig);
}

static void a_late_refusal_ends_the_path_where_the_rest_is_silent(void **state)
{
    struct rig rig = rig_new(3);
    rig.route->router[3].refuses = PROTO_ICMP_UNREACHABLE;
    rig.route->router[3].code = 1;
    rig.route->router[3].limit = 1;
    assert_string_equal(run(rig), "1 r1\n2 r2\n3 r3 !H *\nUNREACHABLE\n");
    rig_free(rig);
}

static void a_destination_that_is_reached_is_what_its_address_says(void **state)
{
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct rig rig = rig_of(&ways[i], 1);
        rig.route->destination.refuses = PROTO_ICMP_UNREACHABLE;
        rig.route->destination.code = ways[i].family == PROTO_IPV4 ? 13 : 1;
        assert_string_equal(run(rig), "1 r1\n2 dst !X !X !X\nREACHED\n");
        rig_free(rig);
    }
}

// A host of several addresses answers from the one that is nearest.
static void only_the_destination_says_port_unreachable(void **state)
{
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct rig rig = rig_of(&ways[i], 1);
        bool udp = ways[i].method == PROTO_TRACE_UDP;
        rig.route->destination.elsewhere = true;
        rig.it->config.last_hop = 2;
        assert_string_equal(run(rig), udp ? "1 r1\n2 ?\nREACHED\n" : "1 r1\n2 *\nEXHAUSTED\n");
        assert_int_equal(rig.it->events[PROTO_TRACE_EVENT_UNKNOWN], udp ? 0 : 3);
        rig_free(rig);
    }
}

// trap 47: a destination that answers with the time to live that was left is heard only from twice
// its distance on
static void a_destination_that_answers_with_what_is_left_seems_twice_as_far(void **state)
{
    struct rig rig = rig_new(3);
    rig.route->destination.ttl_left = true;
    assert_string_equal(run(rig), "1 r1\n2 r2\n3 r3\n4 *\n5 *\n6 *\n7 dst\nREACHED\n");
    rig_free(rig);
}

// trap 47: whoever has the destination's address and says that the time to live has ended is on the
// way, as behind a NAT
static void time_exceeded_from_the_destinations_address_is_a_hop(void **state)
{
    struct rig rig = rig_new(3);
    rig.route->router[2].as_destination = rig.route->router[3].as_destination = true;
    assert_string_equal(run(rig), "1 r1\n2 dst\n3 dst\n4 dst\nREACHED\n");
    assert_int_equal(rig.it->probes[5].answer, PROTO_TRACE_EXCEEDED);
    assert_int_equal(rig.it->probes[9].answer, PROTO_TRACE_REACHED);
    rig_free(rig);
}

// trap 47: an answer from the destination at a lower time to live than an earlier one
static void the_first_hop_with_the_destination_is_the_last(void **state)
{
    struct rig rig = rig_new(1);
    rig.route->jitter = 4 * MS;
    for (uint32_t seed = 0; seed < 50; seed++) {
        rig.route->random = seed;
        text_clear(&rig.it->text);
        assert_string_equal(run(rig), "1 r1\n2 dst\nREACHED\n");
        for (struct route_arrival *rest; (rest = route_arrived(rig.route, PROTO_NEVER));)
            free(rest);
    }
    rig_free(rig);
}

static void whatever_listens_at_the_port_is_the_destination(void **state)
{
    for (size_t i = 0; i < COUNT(ways); i++) {
        if (ways[i].method != PROTO_TRACE_UDP) continue;
        for (int few = 0; few < 2; few++) {
            struct rig rig = rig_of(&ways[i], 2);
            rig.route->destination.serves = true;
            rig.route->destination.answers_few = few;
            assert_string_equal(run(rig), "1 r1\n2 r2\n3 dst\nREACHED\n");
            assert_int_equal(rig.it->probes[6].ttl, 64);
            rig_free(rig);
        }
    }
}

// --------------------------------------------------------------------------------------- loops --

// trap 47
static void a_loop_ends_when_it_has_come_round_twice(void **state)
{
    struct rig rig = rig_new(5);
    rig.route->router[4].back_to = 3;
    assert_string_equal(run(rig), "1 r1\n2 r2\n3 r3\n4 r4\n5 r3\n6 r4\nLOOP\n");
    assert_int_equal(rig.it->hops[4].period, 2);
    rig_free(rig);

    rig = rig_new(5);
    rig.route->router[5].back_to = 1;
    rig.route->router[2].silent = rig.route->router[3].silent = rig.route->router[4].silent = true;
    assert_string_equal(run(rig), "1 r1\n2 *\n3 *\n4 *\n5 r5\n6 r1\n7 *\n8 *\n9 *\n10 r5\nLOOP\n");
    rig_free(rig);

    rig = rig_new(2);
    rig.route->router[2].back_to = 1;
    rig.route->router[2].silent = true;
    assert_string_equal(run(rig), "1 r1\n2 *\n3 r1\n4 *\n5 r1\nLOOP\n");
    rig_free(rig);
}

static void a_loop_may_be_looked_at(void **state)
{
    struct rig rig = rig_new(5);
    rig.route->router[4].back_to = 3;
    rig.it->config.pass_loops = true;
    rig.it->config.last_hop = 8;
    assert_string_equal(run(rig), "1 r1\n2 r2\n3 r3\n4 r4\n5 r3\n6 r4\n7 r3\n8 r4\nEXHAUSTED\n");
    rig_free(rig);
}

static void what_only_looks_like_a_loop_is_none(void **state)
{
    // A router that counts twice, or several behind one NAT.
    struct rig rig = rig_new(6);
    rig.route->router[3].same_as = rig.route->router[4].same_as = 2;
    assert_string_equal(run(rig), "1 r1\n2 r2\n3 r2\n4 r2\n5 r5\n6 r6\n7 dst\nREACHED\n");
    rig_free(rig);

    // Two with the same private address; and another two, at another distance.
    rig = rig_new(8);
    rig.route->router[5].same_as = 2;
    rig.route->router[8].same_as = 4;
    assert_string_equal(run(rig),
                        "1 r1\n2 r2\n3 r3\n4 r4\n5 r2\n6 r6\n7 r7\n8 r4\n9 dst\nREACHED\n");
    assert_int_equal(rig.it->hops[4].period, 3);
    assert_int_equal(rig.it->hops[7].period, 4);
    rig_free(rig);
}

// ------------------------------------------------------------------------------------- silence --

// trap 47: a router that sends few errors loses nothing, which those behind it show
static void a_limited_router_is_told_from_loss(void **state)
{
    struct rig rig = rig_new(3);
    rig.route->router[1].limit = 1;
    rig.route->router[2].silent = true;
    assert_string_equal(run(rig), "1 r1 *\n2 *\n3 r3\n4 dst\nREACHED\n");
    assert_true(proto_trace_is_limited(&rig.it->trace, &rig.it->hops[0]));
    assert_true(proto_trace_is_limited(&rig.it->trace, &rig.it->hops[1]));
    assert_false(proto_trace_is_limited(&rig.it->trace, &rig.it->hops[2]));
    rig_free(rig);

    rig = rig_new(3);
    rig.route->router[2].limit = rig.route->router[3].limit = rig.route->destination.limit = 2;
    assert_string_equal(run(rig), "1 r1\n2 r2 *\n3 r3 *\n4 dst *\nREACHED\n");
    assert_false(proto_trace_is_limited(&rig.it->trace, &rig.it->hops[1]));
    rig_free(rig);
}

static void an_answer_that_comes_late_still_finds_its_place(void **state)
{
    struct rig rig = rig_new(3);
    rig.route->router[2].slow = 40 * MS; // longer than 5 x the 6 ms of hop 3
    rig.route->router[1].slow = 60 * MS; // longer than that: hop 1 is waited for
    rig.it->config.near = 5;
    rig.it->config.here = 9;
    rig.route->router[1].limit = 0;
    run(rig);
    assert_int_equal(rig.it->events[PROTO_TRACE_EVENT_LATE], 0);
    rig_free(rig);

    rig = rig_new(3);
    rig.route->router[1].slow = 25 * MS;
    rig.route->router[2].slow = 40 * MS;
    rig.it->config.near = 4; // hop 2 for 24 ms; hop 1, before hop 2 has answered, as well
    rig.it->config.floor = 20 * MS;
    rig.route->destination.limit = 2;
    rig.it->config.here = 20; // the destination is waited for
    assert_string_equal(run(rig), "1 *\n2 *\n3 r3\n4 dst *\nREACHED\n");
    assert_int_equal(rig.it->events[PROTO_TRACE_EVENT_LATE], 6);
    assert_int_equal(rig.it->hops[1].answered, 3);
    assert_true(rig.it->probes[3].late);
    assert_int_equal(rig.it->probes[3].rtt, 44 * MS);
    rig_free(rig);
}

// The destination was given up at hop 2, and that hop has been given out; behind it there is nothing
// to be waited for.
static void a_late_destination_ends_the_path_where_it_is_known_to_end(void **state)
{
    struct rig rig = rig_new(1);
    rig.it->config.max_wait = 3 * MS;
    rig.it->config.last_hop = 4;
    rig.it->config.queries = 1;
    rig.it->config.window = 2;
    assert_string_equal(run(rig), "1 r1\n2 *\nREACHED\n");
    rig_free(rig);

    rig = rig_new(1);
    rig.it->config.max_wait = 3 * MS;
    rig.it->config.last_hop = 5;
    rig.it->config.queries = 1;
    rig.it->config.window = 3;
    assert_string_equal(run(rig), "1 r1\n2 *\n3 *\nREACHED\n");
    assert_int_equal(rig.it->events[PROTO_TRACE_EVENT_LATE], 2);
    rig_free(rig);
}

static void routers_that_lose_double_and_reorder_leave_a_path(void **state)
{
    for (uint32_t seed = 0; seed < 400; seed++) {
        struct rig rig = rig_of(&ways[seed % COUNT(ways)], seed % 12);
        rig.route->random = seed;
        if (rig.route->form != PROTO_PROBE_RETURNED) rig.route->loses = seed % 7 * 10;
        rig.route->doubles = seed % 5 * 10;
        rig.route->jitter = seed % 3 * 4 * MS;
        rig.it->config.window = (uint16_t)(seed % 4 * 7);
        rig.it->config.queries = (uint8_t)(1 + seed % 10);
        rig.it->config.gap = seed % 2 * MS;
        run(rig);
        unsigned answered = 0, silent = 0;
        for (unsigned i = 0; i < 30; i++) {
            const proto_trace_hop *hop = &rig.it->hops[i];
            assert_int_equal(hop->open, 0);
            answered += hop->answered;
            silent += hop->silent;
            uint64_t slowest = 0;
            for (unsigned j = 0; j < rig.it->config.queries; j++)
                if (hop->probes[j].rtt > slowest) slowest = hop->probes[j].rtt;
            assert_int_equal(hop->slowest, slowest);
        }
        const unsigned *events = rig.it->events;
        assert_int_equal(answered,
                         events[PROTO_TRACE_EVENT_ANSWER] + events[PROTO_TRACE_EVENT_LATE]);
        assert_int_equal(silent, events[PROTO_TRACE_EVENT_SILENT] - events[PROTO_TRACE_EVENT_LATE]);
        assert_int_equal(events[PROTO_TRACE_EVENT_UNKNOWN] + events[PROTO_TRACE_EVENT_FOREIGN] +
                             events[PROTO_TRACE_EVENT_CORRUPTED],
                         0);
        assert_true(rig.it->took < 2000 * MS + 300 * rig.it->config.gap);
        // Whoever is named is where he is.
        for (unsigned i = 0; i < seed % 12 && i < rig.it->trace.given; i++)
            for (unsigned j = 0; j < rig.it->config.queries; j++) {
                const proto_trace_probe *probe = &rig.it->hops[i].probes[j];
                proto_address own = route_router_address(rig.route, i + 1);
                if (probe->state == PROTO_TRACE_STATE_ANSWERED)
                    assert_true(proto_address_same_host(&probe->source, &own));
            }
        rig_free(rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_of_tracing_finds_the_path),
        cmocka_unit_test(all_hops_are_asked_at_once),
        cmocka_unit_test(a_silent_hop_costs_milliseconds),
        cmocka_unit_test(a_hop_is_given_up_after_its_share_of_time),
        cmocka_unit_test(a_black_hole_ends_within_two_seconds),
        cmocka_unit_test(silence_is_no_end_where_somebody_answers_behind_it),
        cmocka_unit_test(silence_counts_from_the_last_that_answered),
        cmocka_unit_test(the_hops_may_be_exhausted),
        cmocka_unit_test(nothing_more_is_sent_once_the_destination_has_answered),
        cmocka_unit_test(the_largest_trace_fits),
        cmocka_unit_test(one_flow_takes_one_way_and_many_take_several),
        cmocka_unit_test(ports_begin_again_before_they_wrap),
        cmocka_unit_test(a_router_that_refuses_ends_the_path),
        cmocka_unit_test(a_hop_that_also_passes_is_not_the_end),
        cmocka_unit_test(a_late_refusal_ends_the_path_where_the_rest_is_silent),
        cmocka_unit_test(a_destination_that_is_reached_is_what_its_address_says),
        cmocka_unit_test(only_the_destination_says_port_unreachable),
        cmocka_unit_test(a_destination_that_answers_with_what_is_left_seems_twice_as_far),
        cmocka_unit_test(time_exceeded_from_the_destinations_address_is_a_hop),
        cmocka_unit_test(the_first_hop_with_the_destination_is_the_last),
        cmocka_unit_test(whatever_listens_at_the_port_is_the_destination),
        cmocka_unit_test(a_loop_ends_when_it_has_come_round_twice),
        cmocka_unit_test(a_loop_may_be_looked_at),
        cmocka_unit_test(what_only_looks_like_a_loop_is_none),
        cmocka_unit_test(a_limited_router_is_told_from_loss),
        cmocka_unit_test(an_answer_that_comes_late_still_finds_its_place),
        cmocka_unit_test(a_late_destination_ends_the_path_where_it_is_known_to_end),
        cmocka_unit_test(routers_that_lose_double_and_reorder_leave_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
