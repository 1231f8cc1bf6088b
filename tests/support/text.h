/* SPDX-License-Identifier: MIT */
/* Text that grows, and the visible form of bytes. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base.h"

/* Zero-initialise; `ptr` is NUL-terminated once anything was put. */
typedef struct text_buffer {
    char *ptr;
    size_t len;
    size_t cap;
} text_buffer;

void text_put(text_buffer *text, const void *bytes, size_t len);
void text_format(text_buffer *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_clear(text_buffer *text);
void text_free(text_buffer *text);

/* The bytes with CR, LF, HTAB and the backslash as \r \n \t \\, and what else is not printable
   ASCII as \xNN. */
void text_escaped(text_buffer *text, proto_slice bytes);

/* The bytes that the visible form stands for. Beyond the escapes above: \0 a NUL; \{N ...} what is
   in the braces N times, where \} is a brace; \! nothing, but its place goes to `mark` when that is
   not NULL. Returns NULL, or what is wrong. */
const char *text_unescaped(text_buffer *text, proto_slice visible, size_t *mark);

/* What there is, never NULL. */
const char *text_string(const text_buffer *text);

/* malloc that ends the program instead of failing; NULL-safe sizes. */
void *allocate(size_t size);

#endif
