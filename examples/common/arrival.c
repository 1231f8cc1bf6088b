/* SPDX-License-Identifier: MIT */
#include "arrival.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "clock.h"

/* Older than this no packet gets in a receive buffer; a program that was stopped for longer has
   other worries. */
#define OLDEST SECONDS(60)

/* The two clocks are read one after the other, and a program may be interrupted in between: then
   they are read again. */
#define CLOSE_TOGETHER 5000

void arrival_read(struct arrival_clock *clock)
{
    uint64_t before = 0, after = 0;
    int64_t real = 0;
    for (int tries = 0; tries < 4; tries++) {
        before = clock_exact();
        real = clock_real();
        after = clock_exact();
        if (after - before < CLOSE_TOGETHER) break;
    }
    arrival_note(clock, before + (after - before) / 2, real);
}

/* Both clocks run at one rate, also while it is being adjusted; only setting the one changes their
   distance, and reading them has its error. */
#define SAME_DISTANCE 200000

void arrival_note(struct arrival_clock *clock, uint64_t exact, int64_t real)
{
    int64_t step = (real - clock->real) - (int64_t)(exact - clock->exact);
    clock->steady = clock->begun && step >= -SAME_DISTANCE && step <= SAME_DISTANCE;
    clock->begun = true;
    clock->exact = exact;
    clock->real = real;
}

uint64_t arrival_time(const struct arrival_clock *clock, int64_t stamp, bool *by_kernel)
{
    int64_t age = clock->real - stamp;
    *by_kernel = clock->steady && age >= 0 && (uint64_t)age <= OLDEST &&
                 (uint64_t)age <= clock->exact;
    return *by_kernel ? clock->exact - (uint64_t)age : clock->exact;
}

bool arrival_stamps(int fd)
{
    int on = 1;
    return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
}

uint64_t arrival_of_message(const struct arrival_clock *clock, struct msghdr *message,
                            bool *by_kernel)
{
    for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
        if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SO_TIMESTAMPNS) continue;
        struct timespec stamp;
        memcpy(&stamp, CMSG_DATA(at), sizeof stamp);
        return arrival_time(clock, (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec, by_kernel);
    }
    *by_kernel = false;
    return clock->exact;
}
