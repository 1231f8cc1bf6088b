// SPDX-License-Identifier: MIT
// Whatever arrives, whenever, the counts of a probe's engine balance, and a reply counts only if it is one. The input is a
// row of steps: what is sent, how much time passes, and datagrams, some made from a probe that was sent, some from the input.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/probe.h"

enum { TARGETS = 3, SLOTS = 16, ROOM = 128, DATA = 24 };

typedef struct steps {
    const uint8_t *at, *end;
} steps;

typedef struct sent {
    uint8_t bytes[ROOM];
    size_t len;
    uint64_t number;
} sent;

typedef struct rig {
    proto_probe probe;
    proto_probe_echo echo;
    proto_probe_text text;
    proto_probe_target targets[TARGETS];
    proto_rtt rtt[TARGETS];
    proto_probe_slot slots[SLOTS];
    proto_probe_report report;
    sent sent[SLOTS];
    uint64_t now, replies;
    bool is_text, is_ipv6;
} rig;

static uint8_t next(steps *from)
{
    return from->at < from->end ? *from->at++ : 0;
}

static proto_address address_of(const rig *at, unsigned last)
{
    const uint8_t octets[16] = {10, 0, 0, (uint8_t)last};
    return at->is_ipv6 ? proto_address_ipv6(octets) : proto_address_ipv4(octets);
}

static void begin(rig *at, steps *from)
{
    static const uint8_t data[DATA] = "the data of the requests";
    uint8_t kind = next(from), window = next(from), size = next(from);
    at->is_text = kind & 1;
    at->is_ipv6 = kind & 2;
    at->now = 1000;
    proto_probe_echo_init(&at->echo, at->is_ipv6 ? PROTO_IPV6 : PROTO_IPV4, 0x1234,
                          proto_slice_of(data, size % (DATA + 1)));
    for (unsigned i = 0; i < TARGETS; i++) {
        at->targets[i].address = address_of(at, i);
        at->targets[i].rtt = i == 2 ? NULL : &at->rtt[i];
        at->targets[i].group = kind >> i & 4;
    }
    const proto_probe_config config = {
        .codec = at->is_text ? &proto_probe_text_codec : &proto_probe_echo_codec,
        .settings = at->is_text ? (const void *)&at->text : (const void *)&at->echo,
        .interval = 10 * (kind >> 5 & 1),
        .gap = kind >> 6 & 1,
        .timeout = 50,
        .linger = 20,
        .count = kind >> 7 ? 20 : 0,
        .window = window,
    };
    proto_probe_init(&at->probe, &config, at->targets, TARGETS, at->slots, SLOTS, at->now);
}

static void send_one(rig *at, uint8_t choice)
{
    uint8_t bytes[ROOM];
    proto_out out = proto_out_of(bytes, choice & 8 ? 7 : sizeof bytes);
    if (!proto_probe_send(&at->probe, at->now, &out, &at->report)) return;
    if (choice & 1) {
        proto_probe_unsend(&at->probe);
    } else if (choice & 2) {
        proto_probe_refuse(&at->probe, at->report.number);
    } else {
        if (choice & 4) proto_probe_sent_at(&at->probe, at->report.number, at->now - 3);
        sent *kept = &at->sent[at->report.number % SLOTS];
        memcpy(kept->bytes, bytes, out.len);
        kept->len = out.len;
        kept->number = at->report.number;
    }
}

// Nothing but the reply to what was sent is a reply.
static void check_reply(const rig *at, const proto_probe_arrival *arrival)
{
    const sent *kept = &at->sent[at->report.number % SLOTS];
    assert(kept->number == at->report.number);
    proto_slice payload = at->report.reading.payload;
    assert(at->report.target->group ||
           proto_address_same_host(&at->report.target->address, &arrival->source));
    if (at->is_text)
        assert(proto_slice_equal_nocase(payload, proto_slice_of(kept->bytes, kept->len)));
    else
        assert(payload.len == kept->len - 8 &&
               (payload.len == 0 || memcmp(payload.ptr, kept->bytes + 8, payload.len) == 0));
}

static void receive(rig *at, const uint8_t *bytes, size_t len, steps *from)
{
    uint8_t how = next(from);
    uint8_t *copy = malloc(len > 0 ? len : 1);
    if (len > 0) memcpy(copy, bytes, len);
    const proto_probe_arrival arrival = {
        .bytes = proto_slice_of(copy, len),
        .source = address_of(at, how & 3),
        .destination = address_of(at, how >> 2 & 3),
        .when = at->now - (how >> 7),
        .form = how & 16 ? (how & 32 ? PROTO_PROBE_RETURNED : PROTO_PROBE_PACKET)
                         : PROTO_PROBE_MESSAGE,
        .ttl = -1,
        .verified = how >> 6 & 1,
        .type = next(from),
        .code = next(from),
    };
    proto_probe_event event = proto_probe_receive(&at->probe, &arrival, &at->report);
    assert(event != PROTO_PROBE_NONE && event != PROTO_PROBE_TIMEOUT);
    assert(proto_probe_event_name(event)[0] != '\0');
    if (event == PROTO_PROBE_REPLY || event == PROTO_PROBE_LATE) check_reply(at, &arrival);
    at->replies += event == PROTO_PROBE_REPLY;
    free(copy);
}

// A probe comes back as a good reply would, or nearly so.
static void reflect(rig *at, steps *from)
{
    const sent *kept = &at->sent[next(from) % SLOTS];
    uint8_t bytes[ROOM], change = next(from);
    memcpy(bytes, kept->bytes, kept->len);
    if (!at->is_text && kept->len >= 8) {
        bytes[0] = at->is_ipv6 ? 129 : 0;
        if (change > 0) bytes[change % kept->len] ^= next(from);
        bytes[2] = bytes[3] = 0;
        uint16_t sum = proto_checksum_of(bytes, kept->len);
        bytes[2] = (uint8_t)(sum >> 8);
        bytes[3] = (uint8_t)sum;
    }
    receive(at, bytes, kept->len, from);
}

static void check(const rig *at)
{
    uint64_t outstanding = 0, received = 0;
    for (unsigned i = 0; i < TARGETS; i++) {
        const proto_rtt_counts *counts = &at->targets[i].counts;
        assert(counts->sent >= counts->received + counts->lost);
        outstanding += counts->sent - counts->received - counts->lost;
        received += counts->received;
        if (at->targets[i].rtt)
            assert(memcmp(counts, &at->targets[i].rtt->counts, sizeof *counts) == 0);
    }
    assert(outstanding == proto_probe_outstanding(&at->probe) && outstanding <= SLOTS);
    assert(received == at->replies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    steps from = {data, data + size};
    rig *at = calloc(1, sizeof *at);
    begin(at, &from);
    while (from.at < from.end) {
        uint8_t step = next(&from);
        size_t left = (size_t)(from.end - from.at), len = (size_t)step >> 2;
        switch (step & 3) {
        case 0: send_one(at, step >> 2 & 15); break;
        case 1: reflect(at, &from); break;
        case 2:
            if (len > left) len = left;
            from.at += len;
            receive(at, from.at - len, len, &from);
            break;
        case 3:
            at->now += (uint64_t)(step >> 2) + 1;
            while (proto_probe_expire(&at->probe, at->now, &at->report) != PROTO_PROBE_NONE) {}
            if (step == 0xff) proto_probe_stop(&at->probe, &at->targets[1]);
        }
        check(at);
    }
    proto_probe_stop_all(&at->probe);
    while (proto_probe_expire(&at->probe, at->now + 1000, &at->report) != PROTO_PROBE_NONE) {}
    assert(proto_probe_is_done(&at->probe));
    check(at);
    free(at);
    return 0;
}
