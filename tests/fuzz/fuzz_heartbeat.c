// SPDX-License-Identifier: MIT
// What is read as a heartbeat is written and read again the same. And a receiver with room for four is told of whatever comes:
// each line of the input is a datagram, and the byte behind its line feed says who sends the next one, and how much later. Every
// datagram has one event, what becomes certain is said in a bounded number of events, and then nothing is due.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/heartbeat.h"

enum { ROOM = 4 };

static void check_text(proto_slice bytes)
{
    proto_heartbeat beat, again;
    proto_fault fault;
    proto_err err = proto_heartbeat_read(bytes, &beat, &fault);
    assert(fault.err == err && fault.offset <= bytes.len);
    if (err != PROTO_OK) return;
    uint8_t text[PROTO_HEARTBEAT_LENGTH];
    proto_out out = proto_out_of(text, sizeof text);
    err = proto_heartbeat_write(&beat, &out);
    assert(err == PROTO_OK);
    err = proto_heartbeat_read(proto_slice_of(out.ptr, out.len), &again, NULL);
    assert(err == PROTO_OK);
    assert(beat.sequence == again.sequence && beat.stamp == again.stamp);
    assert(beat.every == again.every && beat.boot == again.boot);
    assert(beat.has_boot == again.has_boot && beat.bye == again.bye);
    assert(proto_slice_equal(beat.id, again.id));
}

static void expire(proto_heartbeat_receiver *receiver, uint64_t now)
{
    proto_heartbeat_report report;
    unsigned events = 0;
    for (;;) {
        proto_heartbeat_event event = proto_heartbeat_expire(receiver, now, &report);
        if (event == PROTO_HEARTBEAT_NONE) break;
        assert(report.peer != NULL);
        assert(event != PROTO_HEARTBEAT_LOST || report.count > 0);
        events++;
    }
    // A stop of each, and a gap of 64 numbers falls into 32 rows at most.
    assert(events <= ROOM * (1 + PROTO_HEARTBEAT_GAPS * 32));
    assert(proto_heartbeat_deadline(receiver) > now);
}

static void receive(proto_heartbeat_receiver *receiver, proto_slice line, uint8_t how, uint64_t now)
{
    proto_heartbeat_arrival arrival = {
        .bytes = line,
        .source = {.octets = {192, 0, 2, how & 7}, .family = PROTO_IPV4, .port = how & 8},
        .when = now,
        .wall = (int64_t)(UINT64_C(1795341600000000000) + now),
    };
    proto_heartbeat_report report;
    proto_heartbeat_event event = proto_heartbeat_receive(receiver, &arrival, &report);
    assert(event > PROTO_HEARTBEAT_NONE && event < PROTO_HEARTBEAT_LOST);
    assert((report.peer == NULL) ==
           (event == PROTO_HEARTBEAT_MALFORMED || event == PROTO_HEARTBEAT_FULL));
    assert((report.fault.err != PROTO_OK) == (event == PROTO_HEARTBEAT_MALFORMED));
    if (report.peer != NULL) (void)proto_heartbeat_suspicion(report.peer, now + 1);
}

static void check_receiver(const uint8_t *data, size_t size)
{
    proto_heartbeat_config config = {
        .silence = 5000000000, .suspicion = 4000, .reorder = 1 + data[0] % 8, .grace = 1000000000};
    proto_heartbeat_receiver receiver;
    proto_heartbeat_peer *peers = malloc(ROOM * sizeof *peers);
    uint64_t now = 0;
    uint8_t how = data[0];
    proto_heartbeat_receiver_init(&receiver, &config, peers, ROOM);
    for (size_t at = 1; at < size;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t len = end != NULL ? (size_t)(end - data) - at : size - at;
        now += (UINT64_C(1) << (how >> 4) * 2) * 1000;
        receive(&receiver, proto_slice_of(data + at, len), how, now);
        if (how & 1) expire(&receiver, now);
        at += len + 1;
        how = at < size ? data[at++] : 0;
    }
    expire(&receiver, UINT64_MAX - 1);
    free(peers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_text(proto_slice_of(data, size));
    if (size > 0) check_receiver(data, size);
    return 0;
}
