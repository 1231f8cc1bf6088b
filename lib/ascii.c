/* SPDX-License-Identifier: MIT */
#include "ascii.h"

#include "ascii_grammar.h"

#define CLASS(c)                                                                         \
    ((GRAMMAR_TOKEN(c) ? ASCII_TOKEN : 0) | (GRAMMAR_TEXT(c) ? ASCII_TEXT : 0) |         \
     (GRAMMAR_TARGET(c) ? ASCII_TARGET : 0) | (GRAMMAR_BROWSER(c) ? ASCII_BROWSER : 0) | \
     (GRAMMAR_DIGIT(c) ? ASCII_DIGIT : 0) | (GRAMMAR_HEX(c) ? ASCII_HEX : 0) |           \
     (GRAMMAR_ALPHA(c) ? ASCII_ALPHA : 0) | (GRAMMAR_HOST(c) ? ASCII_HOST : 0))

#define FOUR(c)       CLASS(c), CLASS((c) + 1), CLASS((c) + 2), CLASS((c) + 3)
#define SIXTEEN(c)    FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)
#define SIXTY_FOUR(c) SIXTEEN(c), SIXTEEN((c) + 16), SIXTEEN((c) + 32), SIXTEEN((c) + 48)

const uint8_t ascii_class[256] = {SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)};
