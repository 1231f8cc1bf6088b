/* SPDX-License-Identifier: MIT */
/*
 * Loaded before a program (LD_PRELOAD), it sets the clock of the wall, as that program sees it, by
 * CLOCK_STEP seconds, and back, again and again: each time just between the kernel's stamp and the
 * program's look at the clock.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time)
{
    static unsigned calls;
    const int result = (int)syscall(SYS_clock_gettime, clock, time);
    const char *step = getenv("CLOCK_STEP");
    enum { PERIOD = 16 };
    if (clock == CLOCK_REALTIME && step && ++calls % PERIOD == 0) time->tv_sec += atol(step);
    return result;
}
