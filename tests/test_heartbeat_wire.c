// SPDX-License-Identifier: MIT
// Senders and a receiver of heartbeats over a wire that loses, delays, doubles and reorders, beside plain models of what must come
// out; and how long a silence is suspicious.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "heartbeat_peer.h"
#include "heartbeat_world.h"

#define MS WORLD_MS

// ------------------------------------------------------------------------------------------------------------ helpers --

static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (random_state >> 33) % limit;
}

// ---------------------------------------------------------------------------------------------------------- the wire --

enum { FLIGHTS = 64, NUMBERS = 3000 };

typedef struct wire {
    unsigned loss, twice; // percent
    uint64_t delay, spread;
    struct flight {
        uint64_t arrives;
        uint64_t number;
    } flights[FLIGHTS];
    unsigned count;
} wire;

static void wire_put(wire *it, uint64_t now, uint64_t number)
{
    for (int copies = random_below(100) < it->twice ? 2 : 1; copies > 0; copies--) {
        if (random_below(100) < it->loss) continue;
        assert_true(it->count < FLIGHTS);
        uint64_t delay = it->delay + (it->spread > 0 ? random_below(it->spread) : 0);
        it->flights[it->count++] = (struct flight){now + delay, number};
    }
}

static unsigned wire_first(const wire *it)
{
    unsigned first = 0;
    for (unsigned i = 1; i < it->count; i++)
        if (it->flights[i].arrives < it->flights[first].arrives) first = i;
    return first;
}

// What became of each number.
typedef struct outcome {
    uint8_t arrived, counted, lost, late;
} outcome;

typedef struct line {
    heartbeat_world world;
    outcome numbers[NUMBERS + 1];
    uint64_t first, highest;
    unsigned restarts, stops;
} line;

static void note_losses(line *it, uint64_t now)
{
    proto_heartbeat_report report;
    proto_heartbeat_event event;
    while ((event = proto_heartbeat_expire(&it->world.receiver, now, &report)) !=
           PROTO_HEARTBEAT_NONE) {
        if (event == PROTO_HEARTBEAT_STOPPED) it->stops++;
        for (uint64_t i = 0; i < report.count; i++)
            it->numbers[report.first + i].lost++;
    }
}

// Everything that is said in time, and then one datagram.
static void deliver(line *it, uint64_t when, uint64_t number, bool boot)
{
    uint8_t text[PROTO_HEARTBEAT_LENGTH];
    proto_out out = proto_out_of(text, sizeof text);
    proto_heartbeat beat = {.sequence = number,
                            .stamp = WORLD_WALL + (int64_t)(number * 100 * MS),
                            .has_boot = boot,
                            .boot = 1};
    assert_int_equal(proto_heartbeat_write(&beat, &out), PROTO_OK);
    proto_heartbeat_arrival arrival = {proto_slice_of(out.ptr, out.len), world_address(1, 1), when,
                                       WORLD_WALL + (int64_t)when};
    proto_heartbeat_report report;
    uint64_t deadline;
    while ((deadline = proto_heartbeat_deadline(&it->world.receiver)) < when)
        note_losses(it, deadline);
    it->numbers[number].arrived++;
    switch (proto_heartbeat_receive(&it->world.receiver, &arrival, &report)) {
    case PROTO_HEARTBEAT_FIRST:
    case PROTO_HEARTBEAT_BACK:
    case PROTO_HEARTBEAT_BEAT:
    case PROTO_HEARTBEAT_REORDERED: it->numbers[number].counted++; break;
    case PROTO_HEARTBEAT_DUPLICATE: assert_int_equal(it->numbers[number].counted, 1); break;
    case PROTO_HEARTBEAT_LATE: it->numbers[number].late++; break;
    default: it->restarts++;
    }
    if (number > it->highest) it->highest = number;
    note_losses(it, when);
    const proto_heartbeat_peer *peer = report.peer;
    it->first = peer->lowest;
    assert_int_equal(peer->counts.received + peer->counts.lost + proto_heartbeat_pending(peer),
                     peer->sequence - peer->lowest + 1);
    assert_int_equal(peer->sequence, it->highest);
}

static void run(line *it, const proto_heartbeat_config *config, wire *over, bool boot)
{
    memset(it, 0, sizeof *it);
    world_open(&it->world, config, 1);
    for (uint64_t number = 1; number <= NUMBERS || over->count > 0;) {
        uint64_t sends = number <= NUMBERS ? number * 100 * MS : PROTO_NEVER;
        unsigned first = over->count > 0 ? wire_first(over) : 0;
        if (over->count > 0 && over->flights[first].arrives <= sends) {
            struct flight arrived = over->flights[first];
            over->flights[first] = over->flights[--over->count];
            deliver(it, arrived.arrives, arrived.number, boot);
        } else {
            wire_put(over, sends, number++);
        }
    }
    note_losses(it, PROTO_NEVER - 1);
    world_close(&it->world);
}

static void each_number_is_received_once_or_lost_once_and_never_both(void **state)
{
    static line it;
    for (unsigned seed = 1; seed <= 200; seed++) {
        proto_heartbeat_config config = heartbeat_world_config;
        random_state = seed;
        wire over = {.loss = (unsigned)random_below(70),
                     .twice = (unsigned)random_below(30),
                     .delay = random_below(300 * MS),
                     .spread = random_below(1000 * MS)};
        config.reorder = 1 + (uint32_t)random_below(PROTO_HEARTBEAT_REORDER);
        config.grace = random_below(2000 * MS);
        run(&it, &config, &over, seed % 2);
        for (uint64_t number = 1; number <= it.highest; number++) {
            const outcome *one = &it.numbers[number];
            assert_true(one->counted <= 1 && one->lost <= 1);
            assert_true(one->counted + one->lost == 1 || number < it.first);
            if (one->arrived == 0) assert_int_equal(one->counted, 0);
            if (one->late > 0 && number >= it.first) assert_int_equal(one->lost, 1);
        }
        assert_int_equal(it.restarts, 0);
    }
}

// On a wire that reorders within the limits, exactly what the wire has lost is reported.
static void what_is_reported_lost_is_what_the_wire_lost(void **state)
{
    static line it;
    for (unsigned seed = 1; seed <= 100; seed++) {
        proto_heartbeat_config config = heartbeat_world_config;
        random_state = seed;
        config.reorder = 4;
        config.grace = 1000 * MS;
        wire over = {.loss = (unsigned)random_below(70),
                     .twice = 10,
                     .delay = 5 * MS,
                     .spread = 350 * MS}; // at most three others overtake
        run(&it, &config, &over, true);
        for (uint64_t number = it.first; number <= it.highest; number++)
            assert_int_equal(it.numbers[number].lost, it.numbers[number].arrived == 0);
    }
}

// ------------------------------------------------------------------------------------------------------- many senders --

// The heap's first is the least of all, and every sender is found again, whatever came, went and was pushed out.
static void any_number_of_senders_is_kept_like_a_plain_list_would(void **state)
{
    enum { ROOM = 37, HOSTS = 80 };
    heartbeat_world world;
    proto_heartbeat_config config = heartbeat_world_config;
    uint64_t numbers[HOSTS] = {0};
    random_state = 7;
    config.suspicion = 3000;
    world_open(&world, &config, ROOM);
    for (uint64_t now = 0, i = 0; i < 60000; i++) {
        unsigned host = (unsigned)random_below(1 + random_below(HOSTS));
        now += random_below(200 * MS);
        numbers[host] += 1 + (random_below(10) == 0 ? random_below(5) : 0);
        proto_heartbeat beat = {.sequence = numbers[host],
                                .stamp = WORLD_WALL + (int64_t)now,
                                .has_boot = true,
                                .bye = random_below(50) == 0};
        bool known = false;
        for (unsigned at = 0; at < ROOM && proto_heartbeat_peer_at(&world.receiver, at); at++) {
            proto_address address = world_address(host, 5000);
            known |= proto_address_same_host(&world.peers[at].address, &address);
        }
        proto_heartbeat_event event = world_beat(&world, now, host, &beat);
        assert_true(known || event == PROTO_HEARTBEAT_FIRST || event == PROTO_HEARTBEAT_FULL);
        // Time has passed before it arrived, which changes who is known, but makes nobody known.
        if (!known) assert_true(event != PROTO_HEARTBEAT_BEAT);
        uint64_t least = PROTO_NEVER;
        for (unsigned at = 0; at < world.receiver.peers; at++)
            if (world.peers[at].due < least) least = world.peers[at].due;
        assert_true(proto_heartbeat_deadline(&world.receiver) == least);
        text_clear(&world.said);
    }
    assert_true(world.receiver.evicted > 1000);
    world_close(&world);
}

// ---------------------------------------------------------------------------------------------------------- suspicion --

// Beats at intervals of `every`, give or take `spread`, of which `loss` percent are lost. Returns how often it was said to have
// stopped, and how long it took to be said in truth, in `*detected`.
static unsigned mistakes(uint32_t suspicion, uint64_t beats, uint64_t every, uint64_t spread,
                         unsigned loss, uint64_t *detected)
{
    proto_heartbeat_config config = heartbeat_world_config;
    heartbeat_world world;
    uint64_t last = 0;
    config.suspicion = suspicion;
    config.silence = 1000 * every;
    world_open(&world, &config, 1);
    for (uint64_t i = 1; i <= beats; i++) {
        proto_heartbeat beat = {.sequence = i, .stamp = WORLD_WALL, .has_boot = true};
        uint64_t when = i * every + random_below(spread + 1);
        if (i > 1 && i < beats && random_below(100) < loss) continue;
        world_beat(&world, when, 1, &beat);
        text_clear(&world.said);
        last = when;
    }
    const proto_heartbeat_peer *peer = proto_heartbeat_peer_at(&world.receiver, 0);
    unsigned stops = (unsigned)peer->counts.stops;
    world_wait_until(&world, last + 10000 * every);
    assert_int_equal(peer->state, PROTO_HEARTBEAT_IS_STOPPED);
    assert_int_equal(peer->counts.stops, stops + 1);
    proto_heartbeat_peer copy = *peer;
    // When it was said is in what was said last.
    *detected = strtoull(strstr(text_string(&world.said), "STOPPED after ") + 14, NULL, 10) * MS;
    assert_true(proto_heartbeat_suspicion(&copy, last + *detected + MS) >= suspicion - 1);
    world_close(&world);
    return stops;
}

static void suspicion_adapts_to_the_spacing_and_the_loss_of_a_sender(void **state)
{
    uint64_t detected;
    random_state = 3;
    static const struct {
        uint64_t every, spread;
        unsigned loss;
        uint64_t least, most; // of silence, in spacings
    } lines[] = {
        {1000 * MS, 0, 0, 3, 5},         {100 * MS, 0, 0, 3, 5},
        {60000 * MS, 0, 0, 3, 5},        {1000 * MS, 500 * MS, 0, 3, 6},
        {1000 * MS, 100 * MS, 5, 4, 10}, {1000 * MS, 100 * MS, 36, 10, 28},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_int_equal(
            mistakes(8000, 3000, lines[i].every, lines[i].spread, lines[i].loss, &detected), 0);
        assert_true(detected >= lines[i].least * lines[i].every);
        assert_true(detected <= lines[i].most * lines[i].every);
    }
}

// It errs about as often as it says: with a suspicion of 1.5 and losses of one in ten, when two in a row are lost.
static void suspicion_is_a_probability(void **state)
{
    uint64_t detected;
    random_state = 4;
    unsigned stops = mistakes(1500, 20000, 1000 * MS, 10 * MS, 10, &detected);
    assert_in_range(stops, 50, 700); // of 20,000; 10^-1.5 would be 632
    unsigned fewer = mistakes(2500, 20000, 1000 * MS, 10 * MS, 10, &detected);
    assert_in_range(fewer, 1, stops / 3);
}

static void suspicion_grows_with_silence_and_reaches_its_limit_when_it_says_so(void **state)
{
    random_state = 5;
    for (unsigned trial = 0; trial < 300; trial++) {
        proto_heartbeat_peer peer = {
            .state = PROTO_HEARTBEAT_IS_ALIVE,
            .samples = 10,
            .heard = 1000,
            .spacing = 1 +
                       random_below(UINT64_C(1) << random_below(31)) * (1 + random_below(65536)),
            .loss = (uint32_t)random_below(65537),
        };
        peer.deviation = random_below(peer.spacing + 1);
        uint32_t before = 0;
        for (uint64_t step = 0; step < 400; step++) {
            uint32_t now = proto_heartbeat_suspicion(&peer, 1000 + step * (peer.spacing / 8 + 1));
            assert_true(now >= before);
            before = now;
        }
    }
}

// Where only the delay counts, it is the tail of the normal distribution.
static void suspicion_of_a_delay_is_that_of_the_normal_distribution(void **state)
{
    static const struct {
        unsigned eighths; // of a deviation after it was due
        uint32_t suspicion;
    } delays[] = {{0, 301}, {8, 800}, {12, 1175}, {16, 1643}, {4, 511}};
    proto_heartbeat_peer peer = {
        .samples = 10, .heard = 5, .spacing = 1000 * MS, .deviation = 100 * MS, .loss = 0};
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        uint64_t now = 5 + 1000 * MS + delays[i].eighths * 100 * MS / 8;
        assert_int_equal(proto_heartbeat_suspicion(&peer, now), delays[i].suspicion);
    }
    peer.heard += UINT64_C(1) << 50; // whenever that was
    assert_int_equal(proto_heartbeat_suspicion(&peer, 5 + (UINT64_C(1) << 50) + 1000 * MS), 301);
    peer.heard = 5;
    // Then it could be a loss, of which at least one in 256 is reckoned with.
    assert_in_range(proto_heartbeat_suspicion(&peer, 5 + 1600 * MS), 2408, 2410);
    assert_in_range(proto_heartbeat_suspicion(&peer, 5 + 2000 * MS), 2408 + 301, 2408 + 302);
    peer.loss = 65536; // at most one in two
    assert_in_range(proto_heartbeat_suspicion(&peer, 5 + 1600 * MS), 301, 303);
    assert_true(proto_heartbeat_suspicion(&peer, PROTO_NEVER) > 32000);
    assert_int_equal(proto_heartbeat_suspicion(&peer, 5), 0);
    peer.samples = 1;
    assert_int_equal(proto_heartbeat_suspicion(&peer, PROTO_NEVER), 0);
}

static void an_announced_interval_is_believed_from_the_first(void **state)
{
    proto_heartbeat_config config = heartbeat_world_config;
    heartbeat_world world;
    config.suspicion = 8000;
    world_open(&world, &config, 2);
    world_receive(&world, 0, 1, 1, PROTO_LITERAL("1 1795341600 every=60"));
    world_receive(&world, 0, 2, 1, PROTO_LITERAL("1 1795341600"));
    world_wait_until(&world, 100000 * MS);
    assert_string_equal(world_said(&world), "FIRST 1, FIRST 1, STOPPED after 5000");
    world_wait_until(&world, 3600000 * MS);
    assert_non_null(strstr(world_said(&world), "STOPPED after 5"));
    // Said again it changes nothing.
    world_receive(&world, 3600000 * MS, 2, 1, PROTO_LITERAL("2 1795345200 every=1"));
    world_receive(&world, 3602000 * MS, 2, 1, PROTO_LITERAL("3 1795345202 every=1"));
    assert_true(world.report.peer->spacing > 1000 * MS);
    // Another interval begins anew.
    world_receive(&world, 3602000 * MS, 1, 1, PROTO_LITERAL("2 1795345200 every=0.1"));
    assert_int_equal(world.report.peer->spacing, 100 * MS);
    world_wait_until(&world, 3604000 * MS);
    assert_non_null(strstr(world_said(&world), "STOPPED after"));
    world_close(&world);
}

static void a_spacing_is_known_after_eight_heartbeats(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 1);
    for (uint64_t i = 1; i <= 8; i++) {
        proto_heartbeat beat = {.sequence = i, .stamp = WORLD_WALL, .has_boot = true};
        world_beat(&world, i * 1000 * MS, 1, &beat);
        uint32_t suspicion = proto_heartbeat_suspicion(world.report.peer, (i + 2) * 1000 * MS);
        assert_int_equal(suspicion > 0, i == 8);
        // Nothing is known of how spacings deviate after one of them: a quarter is assumed.
        if (i == 2) assert_int_equal(world.report.peer->deviation, 312500000);
    }
    world_close(&world);
}

static void loss_is_smoothed_over_some_thirty_numbers(void **state)
{
    proto_heartbeat_peer peer = {.loss = 8192};
    silence_note_lost(&peer, 1);
    assert_int_equal(peer.loss, 8192 + (65536 - 8192) / 32);
    silence_note_received(&peer);
    assert_int_equal(peer.loss, 9984 - 9984 / 32);
    silence_note_lost(&peer, UINT64_MAX);
    assert_in_range(peer.loss, 65000, 65536);
}

// A pause that was reported as such says nothing about the spacing.
static void a_pause_is_not_learnt(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 1);
    for (uint64_t i = 0; i < 40; i++) {
        proto_heartbeat beat = {.sequence = i, .has_boot = true};
        uint64_t when = (i * 1000 + (i >= 20 ? 3600000 : 0)) * MS;
        beat.stamp = WORLD_WALL + (int64_t)when;
        world_beat(&world, when, 1, &beat);
    }
    assert_int_equal(world.report.peer->spacing, 1000 * MS);
    assert_int_equal(world.report.peer->jitter, 0);
    world_close(&world);
}

// The last one is sent when the sender is told to stop, and not when it is due.
static void a_goodbye_is_not_learnt_either(void **state)
{
    heartbeat_world world;
    world_open(&world, &heartbeat_world_config, 1);
    for (uint64_t i = 0; i < 10; i++) {
        proto_heartbeat beat = {
            .sequence = i, .stamp = WORLD_WALL, .has_boot = true, .bye = i == 9};
        world_beat(&world, (i < 9 ? i * 1000 : 8001) * MS, 1, &beat);
    }
    assert_int_equal(world.report.peer->spacing, 1000 * MS);
    world_close(&world);
}

static void spacings_of_any_length_overflow_nothing(void **state)
{
    static const uint64_t apart[] = {
        0, 1, 1000, UINT64_C(1) << 40, UINT64_C(1) << 47, UINT64_C(1) << 60};
    proto_heartbeat_config config = heartbeat_world_config;
    config.silence = PROTO_NEVER;
    config.suspicion = 32000;
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        heartbeat_world world;
        world_open(&world, &config, 1);
        for (uint64_t n = 1; n < 15; n++) {
            proto_heartbeat beat = {.sequence = n, .has_boot = true};
            world_beat(&world, n * apart[i], 1, &beat);
        }
        const proto_heartbeat_peer *peer = world.report.peer;
        assert_int_equal(peer->spacing > 0, apart[i] > 0);
        assert_true(peer->spacing <= UINT64_C(1) << 47);
        assert_true(proto_heartbeat_deadline(&world.receiver) > peer->heard);
        world_close(&world);
    }
    heartbeat_world world;
    world_open(&world, &config, 1);
    world_receive(&world, 0, 1, 1, PROTO_LITERAL("1 1 every=9223372035"));
    assert_true(proto_heartbeat_deadline(&world.receiver) < PROTO_NEVER);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_is_received_once_or_lost_once_and_never_both),
        cmocka_unit_test(what_is_reported_lost_is_what_the_wire_lost),
        cmocka_unit_test(any_number_of_senders_is_kept_like_a_plain_list_would),
        cmocka_unit_test(suspicion_adapts_to_the_spacing_and_the_loss_of_a_sender),
        cmocka_unit_test(suspicion_is_a_probability),
        cmocka_unit_test(suspicion_grows_with_silence_and_reaches_its_limit_when_it_says_so),
        cmocka_unit_test(suspicion_of_a_delay_is_that_of_the_normal_distribution),
        cmocka_unit_test(an_announced_interval_is_believed_from_the_first),
        cmocka_unit_test(a_spacing_is_known_after_eight_heartbeats),
        cmocka_unit_test(loss_is_smoothed_over_some_thirty_numbers),
        cmocka_unit_test(a_pause_is_not_learnt),
        cmocka_unit_test(a_goodbye_is_not_learnt_either),
        cmocka_unit_test(spacings_of_any_length_overflow_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
