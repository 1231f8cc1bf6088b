/* SPDX-License-Identifier: MIT */
#include "guard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void guard_open(guard_pages *guard, size_t size)
{
    guard->page = (size_t)sysconf(_SC_PAGESIZE);
    guard->size = (size / guard->page + 1) * guard->page;
    uint8_t *all = mmap(NULL, guard->size + 2 * guard->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
                        -1, 0);
    if (all == MAP_FAILED) abort();
    guard->memory = all + guard->page;
    if (mprotect(guard->memory, guard->size, PROT_READ | PROT_WRITE) != 0) abort();
}

void guard_close(guard_pages *guard)
{
    munmap(guard->memory - guard->page, guard->size + 2 * guard->page);
    guard->memory = NULL;
}

static uint8_t *copied(uint8_t *to, const void *bytes, size_t len)
{
    if (len > 0) memcpy(to, bytes, len);
    return to;
}

uint8_t *guard_low(const guard_pages *guard, const void *bytes, size_t len)
{
    if (len > guard->size) abort();
    return copied(guard->memory, bytes, len);
}

uint8_t *guard_high(const guard_pages *guard, const void *bytes, size_t len)
{
    if (len > guard->size) abort();
    return copied(guard->memory + (guard->size - len), bytes, len);
}
