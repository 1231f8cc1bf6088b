// SPDX-License-Identifier: MIT
// Traceroute: which answers are believed, whatever they quote, and which are not.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "route.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char found[] = "1 r1\n2 r2\n3 dst\nREACHED\n";

static const struct way {
    proto_family family;
    proto_trace_method method;
    proto_probe_form form;
} ways[] = {
    {PROTO_IPV4, PROTO_TRACE_UDP, PROTO_PROBE_PACKET},
    {PROTO_IPV4, PROTO_TRACE_ICMP, PROTO_PROBE_PACKET},
    {PROTO_IPV6, PROTO_TRACE_UDP, PROTO_PROBE_MESSAGE},
    {PROTO_IPV6, PROTO_TRACE_ICMP, PROTO_PROBE_MESSAGE},
};

struct rig {
    struct route *route;
    struct route_trace *it;
};

static struct rig rig_of(const struct way *way)
{
    struct rig rig = {.route = route_new(way->family, 2)};
    rig.route->form = way->form;
    rig.it = route_trace_new(rig.route, way->method);
    return rig;
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

// A trace whose first probes are out, and what arrives first: router 1 about the first probe.
static struct route_arrival *first_arrival(struct rig rig)
{
    rig.route->config = &rig.it->config;
    proto_trace_init(&rig.it->trace, &rig.it->config, rig.it->hops, rig.it->probes);
    route_send(rig.it, rig.route);
    struct route_arrival *arrived = route_arrived(rig.route, PROTO_NEVER);
    assert_non_null(arrived);
    return arrived;
}

static proto_trace_event receive(struct rig rig, const struct route_arrival *arrived)
{
    proto_trace_report report;
    return proto_trace_receive(&rig.it->trace, &arrived->arrival, &report);
}

// Bytes of the quote of a probe, from the quoted IP header on.
static uint8_t *quote_of(struct route_arrival *arrived)
{
    bool packet = arrived->arrival.form == PROTO_PROBE_PACKET;
    return arrived->bytes + (packet ? 28 : 8);
}

// Puts checksums right where an IPv4 packet has been changed behind its header.
static void repair(struct route_arrival *arrived)
{
    if (arrived->arrival.form != PROTO_PROBE_PACKET) {
        arrived->arrival.verified = true;
        return;
    }
    uint8_t *message = arrived->bytes + 20;
    size_t len = arrived->arrival.bytes.len - 20;
    message[2] = message[3] = 0;
    uint16_t value = proto_checksum_of(message, len);
    message[2] = (uint8_t)(value >> 8);
    message[3] = (uint8_t)value;
}

// -------------------------------------------------------------------------------------- quotes --

// traps 18, 23 and 24: eight bytes, padding up to 128, options before them, a time to live that is
// not what it was
static void a_quote_of_any_kind_is_enough(void **state)
{
    static const struct route_router routers[] = {
        {.quote = 8},
        {.quote = 9},
        {.quote = 11},
        {.quote = 19},
        {.quote = 20},
        {.quote = 8, .padded = 128},
        {.quote = 15, .padded = 108},
        {.padded = 128},
        {.options = 4},
        {.options = 8, .quote = 8},
        {.options = 40},
        {.quoted_ttl = 255},
        {.unfinished_checksum = true},
    };
    for (size_t i = 0; i < COUNT(ways); i++) {
        for (size_t j = 0; j < COUNT(routers); j++) {
            struct rig rig = rig_of(&ways[i]);
            rig.route->router[1] = rig.route->router[2] = routers[j];
            bool icmp = ways[i].method == PROTO_TRACE_ICMP;
            if (icmp && routers[j].unfinished_checksum)
                rig.route->router[1].unfinished_checksum = false;
            assert_string_equal(run(rig), found);
            unsigned ttl = routers[j].quoted_ttl ? routers[j].quoted_ttl : 1;
            assert_int_equal(rig.it->probes[0].quoted_ttl, ttl);
            assert_int_equal(rig.it->probes[0].changed, 0);
            rig_free(rig);
        }
    }
}

static void less_than_eight_bytes_tell_only_a_port(void **state)
{
    for (int classic = 0; classic < 2; classic++) {
        struct rig rig = rig_of(&ways[0]);
        rig.it->config.flow = classic ? PROTO_TRACE_CLASSIC : PROTO_TRACE_PARIS;
        rig.route->router[1].quote = 4;
        assert_string_equal(run(rig), classic ? found : "1 *\n2 r2\n3 dst\nREACHED\n");
        assert_int_equal(rig.it->events[PROTO_TRACE_EVENT_UNKNOWN], classic ? 0 : 3);
        rig_free(rig);
    }
}

// Where only a port is quoted it must be that of one probe, and all else right.
static void a_port_alone_must_be_that_of_one_probe(void **state)
{
    static const struct {
        uint16_t first;
        unsigned place;
        uint8_t bits;
        proto_trace_event event;
    } table[] = {
        {33434, 23, 0, PROTO_TRACE_EVENT_ANSWER},
        {33434, 22, 0x80, PROTO_TRACE_EVENT_UNKNOWN}, // below the first port
        {33434, 22, 0x08, PROTO_TRACE_EVENT_UNKNOWN}, // behind the last
        {33434, 12, 0x01, PROTO_TRACE_EVENT_UNKNOWN}, // another source
        {65530, 23, 0, PROTO_TRACE_EVENT_UNKNOWN},    // of several
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct rig rig = rig_of(&ways[0]);
        rig.it->config.flow = PROTO_TRACE_CLASSIC;
        rig.it->config.destination.port = table[i].first;
        rig.route->router[1].quote = 4;
        struct route_arrival *arrived = first_arrival(rig);
        quote_of(arrived)[table[i].place] ^= table[i].bits;
        repair(arrived);
        assert_int_equal(receive(rig, arrived), table[i].event);
        free(arrived);
        rig_free(rig);
    }
}

static void the_error_queue_may_return_less_than_a_stamp(void **state)
{
    static const struct {
        proto_trace_method method;
        proto_trace_flow flow;
        unsigned quote;
        bool known;
    } table[] = {
        {PROTO_TRACE_UDP, PROTO_TRACE_PARIS, 20, true},
        {PROTO_TRACE_UDP, PROTO_TRACE_PARIS, 19, false},
        {PROTO_TRACE_UDP, PROTO_TRACE_PARIS, 8, false},
        {PROTO_TRACE_UDP, PROTO_TRACE_CLASSIC, 19, true},
        {PROTO_TRACE_UDP, PROTO_TRACE_CLASSIC, 8, true},
        {PROTO_TRACE_ICMP, PROTO_TRACE_PARIS, 8, true},
        {PROTO_TRACE_ICMP, PROTO_TRACE_PARIS, 7, false},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct rig rig = rig_of(&(struct way){PROTO_IPV4, table[i].method, PROTO_PROBE_RETURNED});
        rig.it->config.flow = table[i].flow;
        rig.route->router[1].quote = table[i].quote;
        struct route_arrival *arrived = first_arrival(rig);
        assert_int_equal(receive(rig, arrived),
                         table[i].known ? PROTO_TRACE_EVENT_ANSWER : PROTO_TRACE_EVENT_UNKNOWN);
        free(arrived);
        rig_free(rig);
    }
}

static void the_error_queue_names_types_of_all_kinds(void **state)
{
    static const struct {
        proto_family family;
        uint8_t type, code;
        proto_icmp_kind kind;
        proto_trace_event event;
    } table[] = {
        {PROTO_IPV4, 11, 0, PROTO_ICMP_TIME_EXCEEDED, PROTO_TRACE_EVENT_ANSWER},
        {PROTO_IPV4, 11, 1, PROTO_ICMP_TIME_EXCEEDED, PROTO_TRACE_EVENT_NOTE},
        {PROTO_IPV4, 3, 1, PROTO_ICMP_UNREACHABLE, PROTO_TRACE_EVENT_ANSWER},
        {PROTO_IPV4, 3, 4, PROTO_ICMP_TOO_BIG, PROTO_TRACE_EVENT_ANSWER},
        {PROTO_IPV4, 5, 1, PROTO_ICMP_REDIRECT, PROTO_TRACE_EVENT_NOTE},
        {PROTO_IPV4, 4, 0, PROTO_ICMP_SOURCE_QUENCH, PROTO_TRACE_EVENT_NOTE},
        {PROTO_IPV4, 12, 0, PROTO_ICMP_PARAMETER_PROBLEM, PROTO_TRACE_EVENT_ANSWER},
        {PROTO_IPV4, 77, 0, PROTO_ICMP_OTHER_ERROR, PROTO_TRACE_EVENT_NOTE},
        {PROTO_IPV6, 1, 4, PROTO_ICMP_UNREACHABLE, PROTO_TRACE_EVENT_ANSWER},
        {PROTO_IPV6, 2, 0, PROTO_ICMP_TOO_BIG, PROTO_TRACE_EVENT_ANSWER},
        {PROTO_IPV6, 3, 0, PROTO_ICMP_TIME_EXCEEDED, PROTO_TRACE_EVENT_ANSWER},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct rig rig = rig_of(
            &(struct way){table[i].family, PROTO_TRACE_UDP, PROTO_PROBE_RETURNED});
        struct route_arrival *arrived = first_arrival(rig);
        proto_trace_report report;
        arrived->arrival.type = table[i].type;
        arrived->arrival.code = table[i].code;
        arrived->arrival.info = 1400;
        assert_int_equal(proto_trace_receive(&rig.it->trace, &arrived->arrival, &report),
                         table[i].event);
        assert_int_equal(report.icmp.kind, table[i].kind);
        assert_int_equal(report.icmp.mtu, table[i].kind == PROTO_ICMP_TOO_BIG ? 1400 : 0);
        assert_ptr_equal(report.probe, rig.it->probes);
        free(arrived);
        rig_free(rig);
    }
}

static void what_a_nat_has_changed_is_told(void **state)
{
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct rig rig = rig_of(&ways[i]);
        rig.route->router[1].rewrites = true;
        rig.route->router[2].rewrites_checksum = true;
        assert_string_equal(run(rig), found);
        assert_int_equal(rig.it->probes[0].changed,
                         PROTO_TRACE_CHANGED_DESTINATION | PROTO_TRACE_CHANGED_CHECKSUM);
        assert_int_equal(rig.it->probes[3].changed, PROTO_TRACE_CHANGED_CHECKSUM);
        assert_int_equal(rig.it->probes[6].changed, 0);
        rig_free(rig);

        // Without the cookie it is not known what was changed, and by whom.
        rig = rig_of(&ways[i]);
        rig.route->router[1].rewrites = true;
        rig.route->router[1].quote = 8;
        assert_string_equal(run(rig), "1 *\n2 r2\n3 dst\nREACHED\n");
        rig_free(rig);
    }
}

// traps 13 and 47: who knows the ports, the identifier or the address, and no more, is not believed
static void each_thing_that_is_wrong_makes_an_answer_unknown_or_foreign(void **state)
{
    enum { IP4 = 20, IP6 = 40 };
    static const struct {
        size_t way;
        unsigned place, quote;
        proto_trace_event event;
    } table[] = {
        {0, 9, 0, PROTO_TRACE_EVENT_FOREIGN},         // another protocol
        {0, 16, 8, PROTO_TRACE_EVENT_FOREIGN},        // another destination
        {0, 12, 8, PROTO_TRACE_EVENT_UNKNOWN},        // another source
        {0, 16, 0, PROTO_TRACE_EVENT_ANSWER},         // but the right cookie
        {0, 7, 0, PROTO_TRACE_EVENT_FOREIGN},         // a later fragment: trap 27
        {0, IP4 + 0, 8, PROTO_TRACE_EVENT_FOREIGN},   // another source port: trap 47
        {0, IP4 + 3, 8, PROTO_TRACE_EVENT_UNKNOWN},   // another port there
        {0, IP4 + 6, 8, PROTO_TRACE_EVENT_UNKNOWN},   // another checksum: no tag of ours
        {0, IP4 + 8, 9, PROTO_TRACE_EVENT_UNKNOWN},   // another tag in the payload
        {0, IP4 + 12, 0, PROTO_TRACE_EVENT_UNKNOWN},  // another cookie
        {0, IP4 + 13, 14, PROTO_TRACE_EVENT_UNKNOWN}, // and in what there is of it
        {1, IP4 + 0, 0, PROTO_TRACE_EVENT_FOREIGN},   // an echo reply is quoted
        {1, IP4 + 4, 8, PROTO_TRACE_EVENT_FOREIGN},   // another identifier
        {1, IP4 + 6, 8, PROTO_TRACE_EVENT_UNKNOWN},   // another sequence number
        {1, IP4 + 14, 0, PROTO_TRACE_EVENT_UNKNOWN},  // another cookie
        {2, 6, 0, PROTO_TRACE_EVENT_FOREIGN},         // another next header
        {2, 39, 8, PROTO_TRACE_EVENT_FOREIGN},        // another destination
        {2, IP6 + 15, 0, PROTO_TRACE_EVENT_UNKNOWN},  // another cookie
        {3, IP6 + 19, 0, PROTO_TRACE_EVENT_UNKNOWN},  // another cookie
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct rig rig = rig_of(&ways[table[i].way]);
        rig.route->router[1].quote = table[i].quote;
        struct route_arrival *arrived = first_arrival(rig);
        quote_of(arrived)[table[i].place] ^= 0x08;
        repair(arrived);
        proto_trace_event event = receive(rig, arrived);
        if (event != table[i].event) print_message("row %zu\n", i);
        assert_int_equal(event, table[i].event);
        free(arrived);
        rig_free(rig);
    }
}

// An earlier trace from the same port, with another key.
static void answers_to_another_trace_are_none_to_this(void **state)
{
    for (size_t i = 0; i < COUNT(ways); i++) {
        for (unsigned quote = 8; quote <= 40; quote += 32) {
            struct rig other = rig_of(&ways[i]), rig = rig_of(&ways[i]);
            other.route->router[1].quote = other.route->router[2].quote = quote;
            other.it->config.key[3] ^= 1;
            free(first_arrival(rig));
            struct route_arrival *arrived = first_arrival(other);
            unsigned believed = 0;
            for (; arrived; arrived = route_arrived(other.route, PROTO_NEVER)) {
                proto_trace_event event = receive(rig, arrived);
                believed += event == PROTO_TRACE_EVENT_ANSWER;
                assert_true(event == PROTO_TRACE_EVENT_ANSWER ||
                            event == PROTO_TRACE_EVENT_UNKNOWN);
                free(arrived);
            }
            assert_int_equal(believed, 0);
            rig_free(rig);
            rig_free(other);
        }
    }
}

static void an_error_that_quotes_nothing_is_corrupted(void **state)
{
    static const uint8_t nothing[] = {11, 0, 0xf4, 0xff, 0, 0, 0, 0};
    static const uint8_t half[] = {11, 0, 0xaf, 0xff, 0, 0, 0, 0, 0x45, 0};
    struct rig rig = rig_of(&ways[0]);
    free(first_arrival(rig));
    proto_trace_report report;
    proto_probe_arrival arrival = {.bytes = proto_slice_of(nothing, sizeof nothing),
                                   .source = route_router_address(rig.route, 1),
                                   .ttl = -1};
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report),
                     PROTO_TRACE_EVENT_CORRUPTED);
    arrival.bytes = proto_slice_of(half, sizeof half);
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report),
                     PROTO_TRACE_EVENT_CORRUPTED);
    rig_free(rig);
}

// ------------------------------------------------------------------------------------- replies --

static void a_reply_must_come_from_the_destination_with_all_that_was_sent(void **state)
{
    static const proto_family families[] = {PROTO_IPV4, PROTO_IPV6};
    for (size_t i = 0; i < COUNT(families); i++) {
        struct way way = {families[i], PROTO_TRACE_ICMP, PROTO_PROBE_MESSAGE};
        for (unsigned wrong = 0; wrong < 4; wrong++) {
            struct rig rig = rig_of(&way);
            rig.route->destination.damages = wrong == 0;
            rig.route->destination.shortens = wrong == 1;
            rig.route->destination.forges = wrong == 2;
            rig.route->destination.elsewhere = wrong == 3;
            rig.it->config.last_hop = 3;
            rig.it->config.queries = 1;
            assert_string_equal(run(rig), "1 r1\n2 r2\n3 *\nEXHAUSTED\n");
            assert_int_equal(rig.it->events[PROTO_TRACE_EVENT_CORRUPTED], wrong < 2);
            assert_int_equal(rig.it->events[PROTO_TRACE_EVENT_UNKNOWN], wrong >= 2);
            rig_free(rig);
        }
    }
}

// What a raw socket sees of another program's pings.
static void a_reply_with_another_identifier_is_foreign(void **state)
{
    struct rig rig = rig_of(&(struct way){PROTO_IPV4, PROTO_TRACE_ICMP, PROTO_PROBE_MESSAGE});
    rig.route->routers = 0;
    struct route_arrival *arrived = first_arrival(rig);
    arrived->arrival.verified = true;
    arrived->bytes[4] ^= 1;
    assert_int_equal(receive(rig, arrived), PROTO_TRACE_EVENT_FOREIGN);
    arrived->bytes[4] ^= 1;
    assert_int_equal(receive(rig, arrived), PROTO_TRACE_EVENT_ANSWER);
    free(arrived);
    rig_free(rig);
}

// trap 21: the loopback interface shows us our own requests
static void own_requests_are_no_answers(void **state)
{
    struct rig rig = rig_of(&ways[1]);
    proto_trace_report report;
    uint8_t room[100];
    proto_out out = proto_out_of(room, sizeof room);
    proto_trace_init(&rig.it->trace, &rig.it->config, rig.it->hops, rig.it->probes);
    assert_true(proto_trace_send(&rig.it->trace, 0, &out, &report));
    proto_probe_arrival arrival = {.bytes = proto_slice_of(out.ptr, out.len),
                                   .source = route_destination(rig.route)};
    arrival.source.port = 0;
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report), PROTO_TRACE_EVENT_OWN);
    arrival.verified = true;
    room[12] ^= 1; // somebody else's, with our identifier
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report),
                     PROTO_TRACE_EVENT_FOREIGN);
    arrival.bytes.len = 19;
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report),
                     PROTO_TRACE_EVENT_FOREIGN);
    room[4] ^= 1; // not even that
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report),
                     PROTO_TRACE_EVENT_FOREIGN);
    rig_free(rig);
}

static void what_else_arrives_is_foreign_or_corrupted(void **state)
{
    struct rig rig = rig_of(&ways[0]);
    struct route_arrival *arrived = first_arrival(rig);
    arrived->bytes[30] ^= 1; // the message's checksum is wrong
    assert_int_equal(receive(rig, arrived), PROTO_TRACE_EVENT_CORRUPTED);
    arrived->bytes[30] ^= 1;
    arrived->arrival.bytes.len--; // not all of the packet
    assert_int_equal(receive(rig, arrived), PROTO_TRACE_EVENT_CORRUPTED);
    arrived->arrival.bytes.len++;
    uint8_t *at = arrived->bytes;
    for (unsigned place = 6; place <= 9; place += place == 6 ? 1 : 2) {
        // More fragments, an offset, another protocol; with the header's checksum put right.
        uint8_t kept[20];
        memcpy(kept, at, 20);
        at[place] ^= place == 6 ? 0x20 : 0x10;
        at[10] = at[11] = 0;
        uint16_t value = proto_checksum_of(at, 20);
        at[10] = (uint8_t)(value >> 8);
        at[11] = (uint8_t)value;
        size_t len = arrived->arrival.bytes.len;
        if (place == 6) {
            // All but the last fragment are multiples of eight bytes.
            arrived->arrival.bytes.len = at[3] = (uint8_t)(20 + (len - 20) / 8 * 8);
            at[2] = at[10] = at[11] = 0;
            value = proto_checksum_of(at, 20);
            at[10] = (uint8_t)(value >> 8);
            at[11] = (uint8_t)value;
        }
        assert_int_equal(receive(rig, arrived), PROTO_TRACE_EVENT_FOREIGN);
        arrived->arrival.bytes.len = len;
        memcpy(at, kept, 20);
    }
    assert_int_equal(receive(rig, arrived), PROTO_TRACE_EVENT_ANSWER);
    assert_int_equal(receive(rig, arrived), PROTO_TRACE_EVENT_DUPLICATE);
    free(arrived);

    // A timestamp reply, an echo reply with UDP, datagrams of others.
    static const uint8_t timestamp[20] = {14, 0, 0xf1, 0xff};
    static const uint8_t reply[8] = {0, 0, 0xff, 0xff};
    proto_probe_arrival arrival = {.bytes = proto_slice_of(timestamp, 20),
                                   .ttl = 1,
                                   .source = route_router_address(rig.route, 1)};
    proto_trace_report report;
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report),
                     PROTO_TRACE_EVENT_FOREIGN);
    arrival.bytes = proto_slice_of(reply, 8);
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report),
                     PROTO_TRACE_EVENT_FOREIGN);
    arrival.source.port = 53;
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report),
                     PROTO_TRACE_EVENT_FOREIGN);
    arrival.source = route_destination(rig.route);
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report),
                     PROTO_TRACE_EVENT_UNKNOWN);
    arrival.bytes.len = 1;
    assert_int_equal(proto_trace_receive(&rig.it->trace, &arrival, &report),
                     PROTO_TRACE_EVENT_UNKNOWN);
    rig_free(rig);
}

// trap 30
static void an_answer_before_its_probe_takes_no_time(void **state)
{
    struct rig rig = rig_of(&ways[0]);
    struct route_arrival *arrived = first_arrival(rig);
    arrived->arrival.when = 7;
    assert_int_equal(receive(rig, arrived), PROTO_TRACE_EVENT_ANSWER);
    assert_int_equal(rig.it->probes[0].rtt, 0);
    free(arrived);
    rig_free(rig);
}

// ---------------------------------------------------------------------------------- extensions --

static void labels_and_interfaces_are_kept(void **state)
{
    uint8_t objects[300];
    proto_out out = proto_out_of(objects, sizeof objects);
    const proto_icmp_mpls labels[] = {{.label = 16001, .traffic_class = 3, .ttl = 1},
                                      {.label = 24, .bottom = true, .ttl = 254}};
    const proto_icmp_interface interface = {.role = PROTO_ICMP_INCOMING,
                                            .has_index = true,
                                            .index = 7,
                                            .name = PROTO_SLICE_INIT("ge-0/0/1")};
    assert_int_equal(proto_icmp_mpls_write(labels, 2, &out), PROTO_OK);
    assert_int_equal(proto_icmp_interface_write(&interface, &out), PROTO_OK);
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct rig rig = rig_of(&ways[i]);
        rig.route->router[2].objects = proto_slice_of(out.ptr, out.len);
        assert_string_equal(run(rig), found);
        assert_int_equal(proto_trace_objects(&rig.it->probes[0]).len, 0);
        proto_slice rest = proto_trace_objects(&rig.it->probes[3]);
        proto_icmp_object object;
        proto_icmp_mpls label;
        proto_icmp_interface read;
        assert_int_equal(rest.len, out.len);
        assert_true(proto_icmp_object_next(&rest, &object));
        assert_int_equal(object.number, PROTO_ICMP_CLASS_MPLS);
        assert_true(proto_icmp_mpls_next(&object.data, &label));
        assert_int_equal(label.label, 16001);
        assert_true(proto_icmp_object_next(&rest, &object));
        assert_int_equal(proto_icmp_interface_read(&object, &read), PROTO_OK);
        assert_int_equal(read.index, 7);
        assert_false(proto_icmp_object_next(&rest, &object));
        rig_free(rig);
    }
}

// trap 23: a router from before RFC 4884 does not say that there are any.
static void labels_behind_128_bytes_are_found_where_nobody_says_so(void **state)
{
    uint8_t objects[20];
    proto_out out = proto_out_of(objects, sizeof objects);
    const proto_icmp_mpls label = {.label = 16001, .bottom = true, .ttl = 1};
    assert_int_equal(proto_icmp_mpls_write(&label, 1, &out), PROTO_OK);
    struct rig rig = rig_of(&ways[0]);
    rig.route->router[1].objects = proto_slice_of(out.ptr, out.len);
    struct route_arrival *arrived = first_arrival(rig);
    quote_of(arrived)[-3] = 0; // the length
    repair(arrived);
    assert_int_equal(receive(rig, arrived), PROTO_TRACE_EVENT_ANSWER);
    assert_int_equal(proto_trace_objects(&rig.it->probes[0]).len, out.len);
    free(arrived);
    rig_free(rig);
}

static void as_many_whole_objects_are_kept_as_there_is_room_for(void **state)
{
    uint8_t objects[300], data[60] = {0};
    proto_out out = proto_out_of(objects, sizeof objects);
    proto_icmp_object object = {.number = 9, .data = proto_slice_of(data, sizeof data)};
    for (int i = 0; i < 3; i++)
        assert_int_equal(proto_icmp_object_write(&object, &out), PROTO_OK);
    struct rig rig = rig_of(&ways[0]);
    rig.route->router[2].objects = proto_slice_of(out.ptr, out.len);
    assert_string_equal(run(rig), found);
    assert_int_equal(proto_trace_objects(&rig.it->probes[3]).len, 2 * 64);
    assert_memory_equal(rig.it->probes[3].objects, objects, 2 * 64);
    rig_free(rig);
}

// --------------------------------------------------------------------------------- properties --

// Whatever is cut off or changed, nothing is read that is not there, and only the probe that it is
// about is answered.
static void damaged_arrivals_are_never_another_probes(void **state)
{
    guard_pages guard;
    guard_open(&guard, ROUTE_ARRIVAL);
    for (size_t i = 0; i < COUNT(ways); i++) {
        for (unsigned verified = 0; verified < 2; verified++) {
            struct rig rig = rig_of(&ways[i]);
            struct route_arrival *arrived = first_arrival(rig);
            struct route_arrival copy = *arrived;
            size_t len = arrived->arrival.bytes.len;
            for (size_t cut = 0; cut < len; cut++) {
                copy.arrival.bytes = proto_slice_of(guard_high(&guard, arrived->bytes, cut), cut);
                copy.arrival.verified = verified;
                receive(rig, &copy);
                copy.arrival.form = PROTO_PROBE_RETURNED;
                receive(rig, &copy);
                copy.arrival.form = arrived->arrival.form;
            }
            for (size_t bit = 0; bit < 8 * len; bit++) {
                uint8_t *at = guard_low(&guard, arrived->bytes, len);
                at[bit / 8] ^= (uint8_t)(1u << bit % 8);
                copy.arrival.bytes = proto_slice_of(at, len);
                copy.arrival.verified = verified;
                proto_trace_event event = receive(rig, &copy);
                // Of what is protected by a checksum, nothing is believed that has changed.
                if (!verified && copy.arrival.form == PROTO_PROBE_PACKET)
                    assert_true(event == PROTO_TRACE_EVENT_CORRUPTED ||
                                event == PROTO_TRACE_EVENT_FOREIGN);
            }
            unsigned answered = 0;
            for (unsigned probe = 1; probe < 90; probe++)
                answered += rig.it->probes[probe].state == PROTO_TRACE_STATE_ANSWERED;
            assert_int_equal(answered, 0);
            free(arrived);
            rig_free(rig);
        }
    }
    guard_close(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quote_of_any_kind_is_enough),
        cmocka_unit_test(less_than_eight_bytes_tell_only_a_port),
        cmocka_unit_test(a_port_alone_must_be_that_of_one_probe),
        cmocka_unit_test(the_error_queue_may_return_less_than_a_stamp),
        cmocka_unit_test(the_error_queue_names_types_of_all_kinds),
        cmocka_unit_test(what_a_nat_has_changed_is_told),
        cmocka_unit_test(each_thing_that_is_wrong_makes_an_answer_unknown_or_foreign),
        cmocka_unit_test(answers_to_another_trace_are_none_to_this),
        cmocka_unit_test(an_error_that_quotes_nothing_is_corrupted),
        cmocka_unit_test(a_reply_must_come_from_the_destination_with_all_that_was_sent),
        cmocka_unit_test(a_reply_with_another_identifier_is_foreign),
        cmocka_unit_test(own_requests_are_no_answers),
        cmocka_unit_test(what_else_arrives_is_foreign_or_corrupted),
        cmocka_unit_test(an_answer_before_its_probe_takes_no_time),
        cmocka_unit_test(labels_and_interfaces_are_kept),
        cmocka_unit_test(labels_behind_128_bytes_are_found_where_nobody_says_so),
        cmocka_unit_test(as_many_whole_objects_are_kept_as_there_is_room_for),
        cmocka_unit_test(damaged_arrivals_are_never_another_probes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
