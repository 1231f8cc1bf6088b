/* SPDX-License-Identifier: MIT */
/* Numbers as they are given on a command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a whole number of at most `most`. Returns whether it is one, and nothing else. */
bool option_number(const char *text, uint64_t most, uint64_t *number);

/* Reads a time: seconds, which may have a fraction, or with a unit behind it: `1.5`, `20ms`, `3us`,
   `2s`, `1m`. In nanoseconds, exact. Returns whether it is one, and at most `most`. */
bool option_time(const char *text, uint64_t most, uint64_t *nanoseconds);

/* Reads a range of times, `20ms-100ms`, or one time, which is a range of its own. */
bool option_times(const char *text, uint64_t most, uint64_t *from, uint64_t *to);

/* How often something happens: `part` times of `whole`. */
struct chance {
    uint32_t part;
    uint32_t whole;
};

/* Reads a chance: percent, which may have a fraction and the sign (`36.4`, `36.4%`), or one number
   of another (`4/11`). Returns whether it is one, and not more than always. */
bool option_chance(const char *text, struct chance *chance);

#endif
