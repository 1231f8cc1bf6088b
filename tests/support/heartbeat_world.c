/* SPDX-License-Identifier: MIT */
#include "heartbeat_world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const proto_heartbeat_config heartbeat_world_config = {
    .silence = 5000 * WORLD_MS,
    .reorder = 3,
    .grace = 1000 * WORLD_MS,
    .key = "0123456789abcde",
};

void world_open(heartbeat_world *world, const proto_heartbeat_config *config, size_t count)
{
    memset(world, 0, sizeof *world);
    world->peers = allocate(count * sizeof *world->peers);
    world->count = count;
    memset(world->peers, 0xa5, count * sizeof *world->peers);
    proto_heartbeat_receiver_init(&world->receiver, config, world->peers, count);
}

void world_close(heartbeat_world *world)
{
    free(world->peers);
    text_free(&world->said);
}

proto_address world_address(unsigned host, unsigned port)
{
    const uint8_t octets[4] = {192, (uint8_t)(host >> 16), (uint8_t)(host >> 8), (uint8_t)host};
    proto_address address = proto_address_ipv4(octets);
    address.port = (uint16_t)port;
    return address;
}

static unsigned long long number(uint64_t value)
{
    return value;
}

static void say(heartbeat_world *world, proto_heartbeat_event event,
                const proto_heartbeat_report *report)
{
    text_buffer *said = &world->said;
    text_format(said, "%s%s", said->len > 0 ? ", " : "", proto_heartbeat_event_name(event));
    if (event == PROTO_HEARTBEAT_LOST) {
        text_format(said, " %llu", number(report->first));
        if (report->count > 1)
            text_format(said, "-%llu", number(report->first + report->count - 1));
        return;
    }
    if (event == PROTO_HEARTBEAT_STOPPED) {
        text_format(said, " after %llu", number(report->silence / WORLD_MS));
        return;
    }
    if (event == PROTO_HEARTBEAT_MALFORMED) return;
    text_format(said, " %llu", number(report->beat.sequence));
    if (report->restarted) text_format(said, " anew");
    if (report->count > 0) text_format(said, " over %llu", number(report->count));
    if (report->silence > 0) text_format(said, " after %llu", number(report->silence / WORLD_MS));
    if (report->stepped) text_format(said, " stepped");
}

static void expire(heartbeat_world *world)
{
    proto_heartbeat_report report;
    proto_heartbeat_event event;
    while ((event = proto_heartbeat_expire(&world->receiver, world->now, &report)) !=
           PROTO_HEARTBEAT_NONE) {
        assert(report.peer);
        say(world, event, &report);
    }
    assert(proto_heartbeat_deadline(&world->receiver) > world->now);
}

void world_wait_until(heartbeat_world *world, uint64_t when)
{
    uint64_t deadline;
    while ((deadline = proto_heartbeat_deadline(&world->receiver)) <= when) {
        if (deadline > world->now) world->now = deadline;
        expire(world);
    }
    if (when > world->now) world->now = when;
}

proto_heartbeat_event world_receive(heartbeat_world *world, uint64_t when, unsigned host,
                                    unsigned port, proto_slice bytes)
{
    proto_heartbeat_arrival arrival = {
        .bytes = bytes,
        .source = world_address(host, port),
        .when = when,
        .wall = (int64_t)((uint64_t)WORLD_WALL + when),
    };
    world_wait_until(world, when);
    proto_heartbeat_event event = proto_heartbeat_receive(&world->receiver, &arrival,
                                                          &world->report);
    say(world, event, &world->report);
    expire(world);
    return event;
}

proto_heartbeat_event world_beat(heartbeat_world *world, uint64_t when, unsigned host,
                                 const proto_heartbeat *beat)
{
    uint8_t text[PROTO_HEARTBEAT_LENGTH];
    proto_out out = proto_out_of(text, sizeof text);
    if (proto_heartbeat_write(beat, &out) != PROTO_OK) abort();
    return world_receive(world, when, host, 5000, proto_slice_of(out.ptr, out.len));
}

const char *world_said(heartbeat_world *world)
{
    static char said[4096];
    size_t len = world->said.len < sizeof said - 1 ? world->said.len : sizeof said - 1;
    memcpy(said, text_string(&world->said), len);
    said[len] = '\0';
    text_clear(&world->said);
    return said;
}
