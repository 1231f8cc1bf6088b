/* SPDX-License-Identifier: MIT */
#ifndef INET_SIDES_H
#define INET_SIDES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What libproto's checksums are compared with. Sums are returned in the machine's order of bytes,
   which spares these an instruction that ours have. */

uint16_t inet_textbook(const void *ptr, size_t len);

/* Chains of additions with carry, 64 bits each: a loop of two a turn, and a row of eight that
   shorter messages take parts of. On processors without such instructions, the like in C. */
uint16_t inet_carry_loop(const void *ptr, size_t len);
uint16_t inet_carry_row(const void *ptr, size_t len);

/* Loads every byte with the widest instructions there are, and copies it; no sum. */
uint16_t inet_load(const void *ptr, size_t len);
uint16_t inet_memcpy(const void *ptr, size_t len);

/* The last byte of a message of an odd length, as the first half of a word. */
static inline uint16_t inet_last_byte(const void *ptr)
{
    uint16_t word = 0;
    memcpy(&word, ptr, 1);
    return word;
}

#endif
