/* SPDX-License-Identifier: MIT */
/* When heartbeats are sent, by an engine of its own or by that of probes. */
#include "proto/heartbeat.h"

#include <assert.h>

void proto_heartbeat_sender_init(proto_heartbeat_sender *sender,
                                 const proto_heartbeat_sender_config *config, uint64_t now)
{
    assert(config->interval > 0 && config->jitter < config->interval);
    *sender = (proto_heartbeat_sender){.config = *config, .sequence = 1, .moment = now, .due = now};
}

static proto_heartbeat beat_of(const proto_heartbeat_sender *sender, int64_t wall)
{
    const proto_heartbeat_sender_config *config = &sender->config;
    proto_heartbeat beat = {
        .sequence = sender->sequence,
        .stamp = wall,
        .id = config->id,
        .boot = config->boot,
        .has_boot = true,
        .every = config->interval,
    };
    return beat;
}

/* The next moment is the first of the row that is still to come; what was missed is not made up
   for. */
static uint64_t moment_after(const proto_heartbeat_sender *sender, uint64_t now)
{
    uint64_t interval = sender->config.interval;
    uint64_t passed = now > sender->moment ? (now - sender->moment) / interval : 0;
    return sender->moment + (passed + 1) * interval;
}

bool proto_heartbeat_send(proto_heartbeat_sender *sender, uint64_t now, int64_t wall,
                          uint64_t random, proto_out *out)
{
    if (now < sender->due) return false;
    proto_heartbeat beat = beat_of(sender, wall);
    proto_err err = proto_heartbeat_write(&beat, out);
    assert(err == PROTO_OK || err == PROTO_ERR_NO_SPACE); /* the identifier is the caller's */
    if (err != PROTO_OK) return false;
    sender->sequence++;
    sender->moment = moment_after(sender, now);
    sender->due = sender->moment + random % (sender->config.jitter + 1);
    return true;
}

void proto_heartbeat_unsend(proto_heartbeat_sender *sender)
{
    assert(sender->sequence > 1);
    sender->sequence--;
}

bool proto_heartbeat_bye(proto_heartbeat_sender *sender, int64_t wall, proto_out *out)
{
    proto_heartbeat beat = beat_of(sender, wall);
    beat.bye = true;
    if (proto_heartbeat_write(&beat, out) != PROTO_OK) return false;
    sender->sequence++;
    return true;
}

uint64_t proto_heartbeat_sender_deadline(const proto_heartbeat_sender *sender)
{
    return sender->due;
}

/* --------------------------------------------------------------------------------- as probes -- */

static proto_err probe_write(const void *settings, const proto_probe_ticket *ticket, proto_out *out)
{
    const proto_heartbeat_probe *probe = (const proto_heartbeat_probe *)settings;
    proto_heartbeat beat = {
        .sequence = ticket->sequence,
        .stamp = (int64_t)((uint64_t)probe->wall + ticket->sent),
        .id = probe->id,
        .boot = probe->boot,
        .has_boot = true,
        .every = probe->every,
    };
    return proto_heartbeat_write(&beat, out);
}

/* Nothing that comes back is an answer. */
static void probe_read(const void *settings, const proto_probe_arrival *arrival,
                       proto_probe_reading *reading)
{
    (void)settings;
    *reading = (proto_probe_reading){.claim = PROTO_PROBE_CLAIM_FOREIGN, .ttl = arrival->ttl};
}

static proto_probe_match probe_match(const void *settings, const proto_probe_reading *reading,
                                     const proto_probe_ticket *ticket)
{
    (void)settings;
    (void)reading;
    (void)ticket;
    return PROTO_PROBE_MATCH_NO;
}

const proto_probe_codec proto_heartbeat_codec = {
    .write = probe_write,
    .read = probe_read,
    .match = probe_match,
    .tag_mask = 0xffffffff,
    .one_way = true,
};
