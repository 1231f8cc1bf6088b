/* SPDX-License-Identifier: MIT */
/* Memory between two pages that must not be touched. */
#ifndef GUARD_H
#define GUARD_H

#include <stddef.h>
#include <stdint.h>

typedef struct guard_pages {
    uint8_t *memory; /* between the pages */
    size_t size;
    size_t page;
} guard_pages;

void guard_open(guard_pages *guard, size_t size);
void guard_close(guard_pages *guard);

/* Copies so that the byte before the first is forbidden; returns the copy. */
uint8_t *guard_low(const guard_pages *guard, const void *bytes, size_t len);

/* Copies so that the byte behind the last is forbidden; returns the copy. */
uint8_t *guard_high(const guard_pages *guard, const void *bytes, size_t len);

#endif
