/* SPDX-License-Identifier: MIT */
/* What the files of the URI module share. */
#ifndef URI_TEXT_H
#define URI_TEXT_H

#include "ascii.h"
#include "proto/base.h"

/* The text, at an address even where it is empty: no arithmetic on NULL, and an empty part is not a
   missing one. */
static inline proto_slice uri_text(proto_slice text)
{
    return text.ptr ? text : PROTO_LITERAL("");
}

static inline bool uri_byte_in(uint8_t byte, const char *set)
{
    while (*set && byte != (uint8_t)*set)
        set++;
    return *set != '\0';
}

/* How many bytes there are before the first that is in the set. */
static inline size_t uri_length_before(proto_slice text, const char *set)
{
    size_t len = 0;
    while (len < text.len && !uri_byte_in(text.ptr[len], set))
        len++;
    return len;
}

/* Whether the percent sign at `at` begins pct-encoded (RFC 3986 section 2.1). */
static inline bool uri_percent_encoded(proto_slice text, size_t at)
{
    return text.len - at > 2 && ascii_is(text.ptr[at + 1], ASCII_HEX) &&
           ascii_is(text.ptr[at + 2], ASCII_HEX);
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986 section 3.1). Returns how much of
   the text is one. */
static inline size_t uri_scheme_length(proto_slice text)
{
    if (text.len == 0 || !ascii_is(text.ptr[0], ASCII_ALPHA)) return 0;
    size_t len = 1;
    while (len < text.len && (ascii_is(text.ptr[len], ASCII_ALPHA | ASCII_DIGIT) ||
                              uri_byte_in(text.ptr[len], "+-.")))
        len++;
    return len;
}

#endif
