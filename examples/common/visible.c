/* SPDX-License-Identifier: MIT */
#include "visible.h"

#include <stdio.h>
#include <string.h>

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '\\';
}

const char *visible(proto_slice bytes, char *text, size_t cap)
{
    size_t at = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        if (at + 8 > cap) {
            memcpy(text + at, "...", 4);
            return text;
        }
        uint8_t byte = bytes.ptr[i];
        if (is_plain(byte)) {
            text[at++] = (char)byte;
        } else {
            at += (size_t)snprintf(text + at, cap - at, byte == '\\' ? "\\\\" : "\\x%02x", byte);
        }
    }
    text[at] = '\0';
    return text;
}

const char *visible_json(proto_slice bytes, char *text, size_t cap)
{
    size_t at = 0;
    for (size_t i = 0; i < bytes.len && at + 8 <= cap; i++) {
        uint8_t byte = bytes.ptr[i];
        if (is_plain(byte) && byte != '"') {
            text[at++] = (char)byte;
        } else {
            at += (size_t)snprintf(text + at, cap - at, "\\u%04x", byte);
        }
    }
    text[at] = '\0';
    return text;
}
