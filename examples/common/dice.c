/* SPDX-License-Identifier: MIT */
#include "dice.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "report.h"

void random_bytes(void *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t more = getrandom((char *)bytes + done, size - done, 0);
        if (more < 0 && errno != EINTR) {
            report("getrandom", "the system has no random numbers");
            exit(EXIT_FAILED);
        }
        if (more > 0) done += (size_t)more;
    }
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t next_number(struct dice *dice)
{
    uint64_t number = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
    return number ^ number >> 31;
}

uint64_t dice_roll(struct dice *dice, uint64_t limit)
{
    if (limit == 0) return 0;
    uint64_t uneven = (0 - limit) % limit; /* of 2^64 numbers, so many would make some likelier */
    uint64_t number;
    do
        number = next_number(dice);
    while (number < uneven);
    return number % limit;
}
