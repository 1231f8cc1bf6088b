/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include <limits.h>

uint64_t clock_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return SECONDS(time.tv_sec) + (uint64_t)time.tv_nsec;
}

uint64_t clock_exact(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return SECONDS(time.tv_sec) + (uint64_t)time.tv_nsec;
}

int64_t clock_real(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t clock_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME_COARSE, &time);
    return time.tv_sec;
}

int clock_wait(uint64_t now, uint64_t deadline)
{
    if (deadline <= now) return 0;
    uint64_t wait = (deadline - now + MILLISECONDS(1) - 1) / MILLISECONDS(1);
    return wait < INT_MAX ? (int)wait : INT_MAX;
}

struct timespec clock_wait_exact(uint64_t now, uint64_t deadline)
{
    uint64_t wait = deadline > now ? deadline - now : 0;
    if (wait > SECONDS(86400)) wait = SECONDS(86400); /* whoever waits so long asks again */
    return (struct timespec){(time_t)(wait / SECONDS(1)), (long)(wait % SECONDS(1))};
}
