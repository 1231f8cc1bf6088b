/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { LARGE_PAGE = 2 << 20, LARGE = LARGE_PAGE / 32, LINE = 64 };

/* What is left of the pages that were taken last. */
static uint8_t *rest;
static size_t rest_size;

static bool take_pages(size_t bytes)
{
    bytes = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    uint8_t *at = mmap(NULL, bytes + LARGE_PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return false;
    rest = at + (LARGE_PAGE - (uintptr_t)at % LARGE_PAGE) % LARGE_PAGE;
    rest_size = bytes;
    madvise(rest, bytes, MADV_HUGEPAGE); /* a wish; without it there are small pages */
    return true;
}

void *memory_array(size_t count, size_t size)
{
    if (count == 0) count = 1;
    if (count > (SIZE_MAX - 2 * LARGE_PAGE) / size) return NULL;
    size_t bytes = (count * size + LINE - 1) / LINE * LINE;
    if (bytes < LARGE) return calloc(count, size);
    if (bytes > rest_size && !take_pages(bytes)) return NULL;
    uint8_t *at = rest;
    rest += bytes;
    rest_size -= bytes;
    return at;
}
