/* SPDX-License-Identifier: MIT */
/*
 * How long a sender may be silent, from how it was heard so far.
 *
 * With heartbeats `spacing` apart, that deviate as a normal distribution does, of which a share p is
 * lost, the next to arrive is the first with probability 1 - p, the second with p (1 - p), and so
 * on. That none has come after a time t has the probability of a sum, whose largest term is
 *
 *     max over n of  p^n Q((t - (n + 1) spacing) / deviation)
 *
 * where Q is the upper tail of the normal distribution. The suspicion is its negative decimal
 * logarithm, a minimum over n of n losses and a delay. With p = 0 it is that of Hayashibara et al.
 * All in thousandths, and in integers.
 */
#include "heartbeat_peer.h"

enum {
    SMOOTHING = 16,      /* spacings over which they are averaged, about */
    LOSS_SMOOTHING = 32, /* numbers over which their loss is */
    LOSS_ALL = 65536,    /* a probability of 1 */
    LOSS_AT_FIRST = LOSS_ALL / 8,
    LOSS_LEAST = LOSS_ALL / 256, /* however good the line: every loss is possible */
    LOSS_MOST = LOSS_ALL / 2,
    KNOWN = 7,  /* spacings after which they are trusted */
    TERMS = 128 /* 32000 / -1000 log10(1/2), and some */
};

#define LONGEST         (UINT64_C(1) << 47) /* nanoseconds; 39 hours. No product below overflows */
#define FOREVER         (UINT64_C(1) << 62)
#define LEAST_DEVIATION UINT64_C(1000000) /* what a scheduler does to any program */

/* ------------------------------------------------------------------------------- observation -- */

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* The mean moved by 1/`share` of its distance from a new value. */
static uint64_t moved(uint64_t mean, uint64_t value, uint64_t share)
{
    return value > mean ? mean + (value - mean) / share : mean - (mean - value) / share;
}

/* The standard deviation of a normal distribution is 1.2533 times its mean deviation. */
static void deviation_set(proto_heartbeat_peer *peer)
{
    peer->deviation = peer->mean_deviation + peer->mean_deviation / 4;
}

void silence_begin(proto_heartbeat_peer *peer, uint64_t every)
{
    peer->every = every;
    peer->samples = every > 0 ? KNOWN : 0;
    peer->spacing = every < LONGEST ? every : LONGEST;
    peer->mean_deviation = peer->spacing / 8;
    peer->loss = LOSS_AT_FIRST;
    deviation_set(peer);
}

void silence_note_spacing(proto_heartbeat_peer *peer, uint64_t elapsed, uint64_t numbers)
{
    uint64_t spacing = elapsed / numbers;
    if (spacing > LONGEST) spacing = LONGEST;
    if (spacing == 0) spacing = 1; /* 0 is for none */
    if (peer->samples == 0) {
        peer->spacing = spacing;
        peer->mean_deviation = spacing / 4;
    } else {
        uint64_t share = peer->samples < SMOOTHING ? peer->samples + 1 : SMOOTHING;
        uint64_t off = distance(spacing, peer->spacing);
        peer->mean_deviation = moved(peer->mean_deviation, off, share);
        peer->spacing = moved(peer->spacing, spacing, share);
    }
    if (peer->samples < SMOOTHING) peer->samples++;
    deviation_set(peer);
}

void silence_note_received(proto_heartbeat_peer *peer)
{
    peer->loss -= peer->loss / LOSS_SMOOTHING;
}

/* More than a few times the smoothing make no difference. */
void silence_note_lost(proto_heartbeat_peer *peer, uint64_t numbers)
{
    for (uint64_t i = 0; i < numbers && i < 8 * LOSS_SMOOTHING; i++)
        peer->loss += (LOSS_ALL - peer->loss) / LOSS_SMOOTHING;
}

/* ---------------------------------------------------------------------------------- suspicion -- */

enum { FIRST_Z = -3, TAILS = 55, STEPS = 128 }; /* a step is half a deviation, in 128 parts */

/* -1000 log10 Q(z) for z = -3, -2.5, ... 24. In between a straight line is off by at most 0.014. */
static const uint32_t tails[TAILS] = {
    1,     3,     10,    30,    75,    160,    301,    511,    800,    1175,   1643,
    2207,  2870,  3633,  4499,  5469,  6543,   7721,   9006,   10396,  11893,  13496,
    15206, 17023, 18947, 20979, 23118, 25365,  27719,  30181,  32750,  35428,  38213,
    41107, 44108, 47218, 50435, 53761, 57195,  60736,  64387,  68145,  72011,  75986,
    80069, 84260, 88560, 92968, 97484, 102109, 106842, 111683, 116633, 121691, 126857,
};

/* The suspicion of a delay of z deviations; z counts from -3, in parts of a step. */
static uint32_t tail(uint64_t z)
{
    uint64_t step = z / STEPS, part = z % STEPS;
    if (step >= TAILS - 1) return tails[TAILS - 1];
    return tails[step] + (uint32_t)((tails[step + 1] - tails[step]) * part / STEPS);
}

/* The other way: the least z that is as suspicious. */
static uint64_t tail_inverse(uint32_t suspicion)
{
    unsigned step = 0;
    if (suspicion <= tails[0]) return 0;
    while (tails[step + 1] < suspicion) /* at most 32000, see the configuration */
        step++;
    uint32_t rise = tails[step + 1] - tails[step];
    return (uint64_t)step * STEPS + ((suspicion - tails[step]) * (uint64_t)STEPS + rise - 1) / rise;
}

/* Heartbeats that come as if drawn by a machine still come late at times. */
static uint64_t deviation_of(const proto_heartbeat_peer *peer)
{
    uint64_t deviation = peer->deviation;
    if (deviation < peer->spacing / 16) deviation = peer->spacing / 16;
    return deviation < LEAST_DEVIATION ? LEAST_DEVIATION : deviation;
}

/* -1000 log10 of the probability that a number is lost; between the powers of two a straight line
   is off by at most 0.026. */
static uint32_t suspicion_of_loss(const proto_heartbeat_peer *peer)
{
    uint32_t loss = peer->loss;
    if (loss < LOSS_LEAST) loss = LOSS_LEAST;
    if (loss > LOSS_MOST) loss = LOSS_MOST;
    uint32_t halvings = 0;
    for (; loss < LOSS_ALL; loss *= 2)
        halvings++;
    uint32_t below = 1000 * halvings - 1000 * (loss - LOSS_ALL) / LOSS_ALL;
    return below * 30103 / 100000;
}

static bool is_known(const proto_heartbeat_peer *peer)
{
    return peer->samples >= KNOWN;
}

uint32_t proto_heartbeat_suspicion(const proto_heartbeat_peer *peer, uint64_t now)
{
    if (!is_known(peer) || now <= peer->heard) return 0;
    uint64_t silence = now - peer->heard < FOREVER ? now - peer->heard : FOREVER;
    uint64_t deviation = deviation_of(peer);
    uint32_t loss = suspicion_of_loss(peer), least = UINT32_MAX, losses = 0;
    for (uint64_t n = 1; n <= TERMS && losses < least; n++, losses += loss) {
        /* Three deviations before the n-th is due, its lateness begins to count. */
        uint64_t due = n * peer->spacing;
        uint64_t late = silence + 3 * deviation > due ? silence + 3 * deviation - due : 0;
        uint64_t z = late < 32 * deviation ? late * (2 * STEPS) / deviation : TAILS * STEPS;
        uint32_t suspicion = losses + tail(z);
        if (suspicion < least) least = suspicion;
    }
    return least;
}

/* The least silence of that suspicion: for each n the losses and the delay must reach it. */
static uint64_t silence_of(const proto_heartbeat_peer *peer, uint32_t suspicion)
{
    uint64_t deviation = deviation_of(peer), longest = 0;
    uint32_t loss = suspicion_of_loss(peer), losses = 0;
    for (uint64_t n = 1; losses < suspicion; n++, losses += loss) {
        uint64_t late = (tail_inverse(suspicion - losses) * deviation + 2 * STEPS - 1) /
                        (2 * STEPS);
        uint64_t silence = n * peer->spacing + late;
        silence = silence > 3 * deviation ? silence - 3 * deviation : 0;
        if (silence > longest) longest = silence;
    }
    return longest;
}

uint64_t silence_limit(const proto_heartbeat_peer *peer, const proto_heartbeat_config *config)
{
    if (config->suspicion == 0 || !is_known(peer)) return config->silence;
    return silence_of(peer, config->suspicion);
}
