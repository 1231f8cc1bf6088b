/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *allocate(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL) abort();
    return memory;
}

static void reserve(text_buffer *text, size_t more)
{
    if (text->cap - text->len > more) return;
    text->cap = (text->len + more + 64) * 2;
    text->ptr = realloc(text->ptr, text->cap);
    if (text->ptr == NULL) abort();
}

void text_put(text_buffer *text, const void *bytes, size_t len)
{
    reserve(text, len);
    if (len > 0) memcpy(text->ptr + text->len, bytes, len);
    text->len += len;
    text->ptr[text->len] = '\0';
}

void text_format(text_buffer *text, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof line) abort();
    text_put(text, line, (size_t)len);
}

void text_clear(text_buffer *text)
{
    text->len = 0;
    if (text->ptr != NULL) text->ptr[0] = '\0';
}

void text_free(text_buffer *text)
{
    free(text->ptr);
    *text = (struct text_buffer){0};
}

const char *text_string(const text_buffer *text)
{
    return text->ptr != NULL ? text->ptr : "";
}

static void escaped_byte(text_buffer *text, uint8_t byte)
{
    switch (byte) {
    case '\r': text_put(text, "\\r", 2); break;
    case '\n': text_put(text, "\\n", 2); break;
    case '\t': text_put(text, "\\t", 2); break;
    case '\\': text_put(text, "\\\\", 2); break;
    default:
        if (byte >= 0x20 && byte < 0x7f)
            text_put(text, &byte, 1);
        else
            text_format(text, "\\x%02x", byte);
    }
}

void text_escaped(text_buffer *text, proto_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        escaped_byte(text, bytes.ptr[i]);
}

static int hex_value(uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = byte != 0 ? strchr(digits, byte) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

static bool hex_byte(text_buffer *text, const proto_slice *visible)
{
    int high = visible->len > 0 ? hex_value(visible->ptr[0]) : -1;
    int low = visible->len > 1 ? hex_value(visible->ptr[1]) : -1;
    if (high < 0 || low < 0) return false;
    uint8_t byte = (uint8_t)(high * 16 + low);
    text_put(text, &byte, 1);
    return true;
}

static void skip(proto_slice *visible, size_t count)
{
    visible->ptr += count;
    visible->len -= count;
}

/* How long the text before the closing brace is, repetitions in it included; `len` where there is
   none. */
static size_t braced_length(proto_slice visible)
{
    size_t depth = 0;
    for (size_t i = 0; i < visible.len; i++) {
        if (visible.ptr[i] == '\\') {
            i++;
            if (i < visible.len && visible.ptr[i] == '{') depth++;
        } else if (visible.ptr[i] == '}' && depth-- == 0) {
            return i;
        }
    }
    return visible.len;
}

static const char *repeated(text_buffer *text, proto_slice *visible)
{
    size_t count = 0;
    while (visible->len > 0 && visible->ptr[0] >= '0' && visible->ptr[0] <= '9') {
        count = count * 10 + (visible->ptr[0] - (size_t)'0');
        skip(visible, 1);
    }
    if (visible->len == 0 || visible->ptr[0] != ' ') return "\\{ wants a number and a blank";
    skip(visible, 1);
    size_t len = braced_length(*visible);
    if (len == visible->len) return "\\{ without its }";
    for (; count > 0; count--) {
        const char *wrong = text_unescaped(text, proto_slice_of(visible->ptr, len), NULL);
        if (wrong != NULL) return wrong;
    }
    skip(visible, len + 1);
    return NULL;
}

static const char *escape(text_buffer *text, proto_slice *visible, size_t *mark)
{
    static const char plain[] = "r\rn\nt\t\\\\}}";
    uint8_t what = visible->ptr[0];
    skip(visible, 1);
    for (const char *pair = plain; *pair != '\0'; pair += 2)
        if (*pair == what) return text_put(text, pair + 1, 1), NULL;
    if (what == '0') return text_put(text, "", 1), NULL;
    if (what == '{') return repeated(text, visible);
    if (what == '!') {
        if (mark != NULL) *mark = text->len;
        return NULL;
    }
    if (what != 'x' || !hex_byte(text, visible)) return "an unknown escape";
    skip(visible, 2);
    return NULL;
}

const char *text_unescaped(text_buffer *text, proto_slice visible, size_t *mark)
{
    while (visible.len > 0) {
        uint8_t byte = visible.ptr[0];
        skip(&visible, 1);
        if (byte != '\\') {
            text_put(text, &byte, 1);
            continue;
        }
        if (visible.len == 0) return "a lone backslash";
        const char *wrong = escape(text, &visible, mark);
        if (wrong != NULL) return wrong;
    }
    return NULL;
}
