/* SPDX-License-Identifier: MIT */
#ifndef ASCII_GRAMMAR_H
#define ASCII_GRAMMAR_H

/* The grammars, each as a predicate over a constant. */
#define GRAMMAR_DIGIT(c) ((c) >= '0' && (c) <= '9')
#define GRAMMAR_ALPHA(c) (((c) >= 'A' && (c) <= 'Z') || ((c) >= 'a' && (c) <= 'z'))
#define GRAMMAR_HEX(c) \
    (GRAMMAR_DIGIT(c) || ((c) >= 'A' && (c) <= 'F') || ((c) >= 'a' && (c) <= 'f'))

/* RFC 9110 section 5.6.2. */
#define GRAMMAR_TOKEN(c)                                                                  \
    (GRAMMAR_DIGIT(c) || GRAMMAR_ALPHA(c) || (c) == '!' || (c) == '#' || (c) == '$' ||    \
     (c) == '%' || (c) == '&' || (c) == '\'' || (c) == '*' || (c) == '+' || (c) == '-' || \
     (c) == '.' || (c) == '^' || (c) == '_' || (c) == '`' || (c) == '|' || (c) == '~')
/* RFC 9110 section 5.5. */
#define GRAMMAR_TEXT(c) ((c) == '\t' || ((c) >= ' ' && (c) != 0x7f))

/* RFC 3986 section 2. */
#define GRAMMAR_UNRESERVED(c) \
    (GRAMMAR_DIGIT(c) || GRAMMAR_ALPHA(c) || (c) == '-' || (c) == '.' || (c) == '_' || (c) == '~')
#define GRAMMAR_SUB_DELIM(c)                                                              \
    ((c) == '!' || (c) == '$' || (c) == '&' || (c) == '\'' || (c) == '(' || (c) == ')' || \
     (c) == '*' || (c) == '+' || (c) == ',' || (c) == ';' || (c) == '=')
#define GRAMMAR_HOST(c) (GRAMMAR_UNRESERVED(c) || GRAMMAR_SUB_DELIM(c))
#define GRAMMAR_TARGET(c)                                                                     \
    (GRAMMAR_HOST(c) || (c) == '%' || (c) == ':' || (c) == '/' || (c) == '?' || (c) == '[' || \
     (c) == ']' || (c) == '@')
#define GRAMMAR_BROWSER(c)                                                                \
    ((c) == '"' || (c) == '<' || (c) == '>' || (c) == '\\' || (c) == '^' || (c) == '`' || \
     (c) == '{' || (c) == '|' || (c) == '}' || (c) > 0x7f)

/* What the names of hosts are made of in practice. */
#define GRAMMAR_NAME(c) \
    (GRAMMAR_DIGIT(c) || GRAMMAR_ALPHA(c) || (c) == '-' || (c) == '.' || (c) == '_')

#endif
