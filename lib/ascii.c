/* SPDX-License-Identifier: MIT */
#include "ascii.h"

/* The grammars, each as a predicate over a constant. */
#define DIGIT(c) ((c) >= '0' && (c) <= '9')
#define ALPHA(c) (((c) >= 'A' && (c) <= 'Z') || ((c) >= 'a' && (c) <= 'z'))
#define HEX(c)   (DIGIT(c) || ((c) >= 'A' && (c) <= 'F') || ((c) >= 'a' && (c) <= 'f'))

/* RFC 9110 section 5.6.2. */
#define TOKEN(c)                                                                                   \
    (DIGIT(c) || ALPHA(c) || (c) == '!' || (c) == '#' || (c) == '$' || (c) == '%' || (c) == '&' || \
     (c) == '\'' || (c) == '*' || (c) == '+' || (c) == '-' || (c) == '.' || (c) == '^' ||          \
     (c) == '_' || (c) == '`' || (c) == '|' || (c) == '~')
/* RFC 9110 section 5.5. */
#define TEXT(c) ((c) == '\t' || ((c) >= ' ' && (c) != 0x7f))

/* RFC 3986 section 2. */
#define UNRESERVED(c) (DIGIT(c) || ALPHA(c) || (c) == '-' || (c) == '.' || (c) == '_' || (c) == '~')
#define SUB_DELIM(c)                                                                      \
    ((c) == '!' || (c) == '$' || (c) == '&' || (c) == '\'' || (c) == '(' || (c) == ')' || \
     (c) == '*' || (c) == '+' || (c) == ',' || (c) == ';' || (c) == '=')
#define HOST(c) (UNRESERVED(c) || SUB_DELIM(c) || (c) == '%')
#define TARGET(c) \
    (HOST(c) || (c) == ':' || (c) == '/' || (c) == '?' || (c) == '[' || (c) == ']' || (c) == '@')
#define BROWSER(c)                                                                        \
    ((c) == '"' || (c) == '<' || (c) == '>' || (c) == '\\' || (c) == '^' || (c) == '`' || \
     (c) == '{' || (c) == '|' || (c) == '}' || (c) > 0x7f)

#define CLASS(c)                                                                                  \
    ((TOKEN(c) ? ASCII_TOKEN : 0) | (TEXT(c) ? ASCII_TEXT : 0) | (TARGET(c) ? ASCII_TARGET : 0) | \
     (BROWSER(c) ? ASCII_BROWSER : 0) | (DIGIT(c) ? ASCII_DIGIT : 0) | (HEX(c) ? ASCII_HEX : 0) | \
     (ALPHA(c) ? ASCII_ALPHA : 0) | (HOST(c) ? ASCII_HOST : 0))

#define FOUR(c)       CLASS(c), CLASS((c) + 1), CLASS((c) + 2), CLASS((c) + 3)
#define SIXTEEN(c)    FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)
#define SIXTY_FOUR(c) SIXTEEN(c), SIXTEEN((c) + 16), SIXTEEN((c) + 32), SIXTEEN((c) + 48)

const uint8_t ascii_class[256] = {SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)};
