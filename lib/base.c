/* SPDX-License-Identifier: MIT */
#include "proto/base.h"

#include "word.h"

#include <string.h>

#define TEXT_OF(number)                 #number
#define VERSION_OF(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *proto_version(void)
{
    return VERSION_OF(PROTO_VERSION_MAJOR, PROTO_VERSION_MINOR, PROTO_VERSION_PATCH);
}

bool proto_slice_equal(proto_slice a, proto_slice b)
{
    if (a.len != b.len) return false;
    return a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0;
}

static bool words_equal_nocase(uint64_t a, uint64_t b)
{
    return a == b || word_lower(a) == word_lower(b);
}

bool proto_slice_equal_nocase(proto_slice a, proto_slice b)
{
    size_t len = a.len;
    if (len != b.len) return false;
    if (len < 8)
        return words_equal_nocase(word_load_short(a.ptr, len), word_load_short(b.ptr, len));
    for (size_t at = 0; at < len - 8; at += 8)
        if (!words_equal_nocase(word_load(a.ptr + at), word_load(b.ptr + at))) return false;
    /* The last word overlaps the one before it unless the length is a multiple of eight. */
    return words_equal_nocase(word_load(a.ptr + len - 8), word_load(b.ptr + len - 8));
}

bool proto_out_put(proto_out *out, const void *ptr, size_t len)
{
    if (out->failed || len > out->cap - out->len) {
        out->failed = true;
        return false;
    }
    if (len > 0) memcpy(out->ptr + out->len, ptr, len);
    out->len += len;
    return true;
}

bool proto_out_slice(proto_out *out, proto_slice slice)
{
    return proto_out_put(out, slice.ptr, slice.len);
}

bool proto_out_decimal(proto_out *out, uint64_t number)
{
    uint8_t digits[20]; /* 2^64-1 has twenty */
    size_t first = sizeof digits;
    do
        digits[--first] = (uint8_t)('0' + number % 10);
    while ((number /= 10) > 0);
    return proto_out_put(out, digits + first, sizeof digits - first);
}

const char *proto_err_name(proto_err err)
{
    switch (err) {
    case PROTO_OK: return "PROTO_OK";
    case PROTO_NEED_INPUT: return "PROTO_NEED_INPUT";
#define NAME(name, text) \
    case PROTO_ERR_##name: return "PROTO_ERR_" #name;
        PROTO_ERRORS(NAME)
#undef NAME
    }
    return "not an error of libproto";
}

const char *proto_err_text(proto_err err)
{
    switch (err) {
    case PROTO_OK: return "success";
    case PROTO_NEED_INPUT: return "more input is needed";
#define TEXT(name, text) \
    case PROTO_ERR_##name: return text;
        PROTO_ERRORS(TEXT)
#undef TEXT
    }
    return "not an error of libproto";
}
