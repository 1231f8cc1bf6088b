/* SPDX-License-Identifier: MIT */
/* Random numbers: to be repeated with a seed, or not to be guessed. */
#ifndef DICE_H
#define DICE_H

#include <stddef.h>
#include <stdint.h>

/* Fills the bytes with what nobody can guess. */
void random_bytes(void *bytes, size_t size);

/* A row of numbers that the first decides. Not for secrets. */
struct dice {
    uint64_t state;
};

/* The next: from 0 to `limit` - 1, each as likely as another; 0 for a limit of 0. */
uint64_t dice_roll(struct dice *dice, uint64_t limit);

#endif
