/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { LARGE_PAGE = 2 << 20, LARGE = LARGE_PAGE / 16 };

void *memory_array(size_t count, size_t size)
{
    if (count == 0) count = 1;
    if (count > (SIZE_MAX - 2 * LARGE_PAGE) / size) return NULL;
    size_t bytes = count * size;
    if (bytes < LARGE) return calloc(count, size);
    bytes = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    uint8_t *at = mmap(NULL, bytes + LARGE_PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return NULL;
    at += (LARGE_PAGE - (uintptr_t)at % LARGE_PAGE) % LARGE_PAGE;
    madvise(at, bytes, MADV_HUGEPAGE); /* a wish; without it there are small pages */
    return at;
}
