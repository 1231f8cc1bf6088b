/* SPDX-License-Identifier: MIT */
/* Classes of bytes, as the grammars of HTTP and URI divide them. */
#ifndef ASCII_H
#define ASCII_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ASCII_TOKEN = 1 << 0, /* tchar (RFC 9110 section 5.6.2) */
    ASCII_TEXT =
        1 << 1, /* what a field value may hold: VCHAR, SP, HTAB, obs-text (RFC 9110 section 5.5) */
    ASCII_TARGET = 1 << 2, /* what a URI may hold before its fragment, and % (RFC 3986) */
    ASCII_BROWSER =
        1 << 3, /* what browsers put into a target besides: "<>\^`{|} and bytes above 0x7f */
    ASCII_DIGIT = 1 << 4,
    ASCII_HEX = 1 << 5,
    ASCII_ALPHA = 1 << 6,
    ASCII_HOST =
        1 << 7 /* unreserved and sub-delims: a registered name but for % (RFC 3986 section 3.2.2) */
};

extern const uint8_t ascii_class[256] __attribute__((visibility("hidden")));

static inline bool ascii_is(uint8_t byte, unsigned classes)
{
    return (ascii_class[byte] & classes) != 0;
}

static inline uint8_t ascii_lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

/* The value of a hexadecimal digit; meaningless for other bytes. */
static inline unsigned ascii_hex(uint8_t byte)
{
    return (byte & 15u) + (byte >> 6) * 9u;
}

#endif
