/* SPDX-License-Identifier: MIT */
/* Sets of bytes below 0x80 for a look-up by halves: bit h of low[l] says whether the byte 16h + l
   is in the set. */
#ifndef HTTP_HEAD_SETS_H
#define HTTP_HEAD_SETS_H

#include "ascii_grammar.h"

/* Which high halves of a byte, 0 to 7, go with each low half. */
typedef struct byte_set {
    uint8_t low[16];
} byte_set;

#define SET_BIT(in, low, high) (in(16 * (high) + (low)) ? 1 << (high) : 0)
#define SET_LOW(in, low)                                                                     \
    (SET_BIT(in, low, 0) | SET_BIT(in, low, 1) | SET_BIT(in, low, 2) | SET_BIT(in, low, 3) | \
     SET_BIT(in, low, 4) | SET_BIT(in, low, 5) | SET_BIT(in, low, 6) | SET_BIT(in, low, 7))
#define SET_OF(in)                                                                              \
    {                                                                                           \
        {                                                                                       \
            SET_LOW(in, 0), SET_LOW(in, 1), SET_LOW(in, 2), SET_LOW(in, 3), SET_LOW(in, 4),     \
                SET_LOW(in, 5), SET_LOW(in, 6), SET_LOW(in, 7), SET_LOW(in, 8), SET_LOW(in, 9), \
                SET_LOW(in, 10), SET_LOW(in, 11), SET_LOW(in, 12), SET_LOW(in, 13),             \
                SET_LOW(in, 14), SET_LOW(in, 15)                                                \
        }                                                                                       \
    }

static const byte_set TOKEN_SET = SET_OF(GRAMMAR_TOKEN);
static const byte_set TARGET_SET = SET_OF(GRAMMAR_TARGET);
static const byte_set NAME_SET = SET_OF(GRAMMAR_NAME);

#endif
