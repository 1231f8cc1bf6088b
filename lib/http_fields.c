/* SPDX-License-Identifier: MIT */
#include "http_names.h"

uint32_t proto_http_find_name(const proto_http_fields *fields, proto_slice name, uint32_t from)
{
    for (; from < fields->count; from++) {
        proto_http_span span = fields->at[from].name;
        if (span.len == name.len && proto_slice_equal_nocase(proto_http_text(fields, span), name))
            return from;
    }
    return fields->count;
}

uint32_t proto_http_find(const proto_http_fields *fields, proto_http_field_id id, uint32_t from)
{
    return proto_http_find_name(fields, http_field_spelling(id), from);
}

proto_slice proto_http_value(const proto_http_fields *fields, proto_http_field_id id)
{
    uint32_t found = proto_http_find(fields, id, 0);
    if (found == fields->count) return proto_slice_of(NULL, 0);
    return proto_http_text(fields, fields->at[found].value);
}

/* Up to the next comma outside quotes (RFC 9110 section 5.6.4). */
static size_t member_length(proto_slice list)
{
    bool quoted = false;
    for (size_t at = 0; at < list.len; at++) {
        if (list.ptr[at] == '"')
            quoted = !quoted;
        else if (list.ptr[at] == '\\' && quoted)
            at++;
        else if (list.ptr[at] == ',' && !quoted)
            return at;
    }
    return list.len;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static proto_slice without_blanks(proto_slice text)
{
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    while (text.len > 0 && is_blank(text.ptr[0]))
        text.ptr++, text.len--;
    return text;
}

bool proto_http_list_next(proto_slice *list, proto_slice *member)
{
    while (list->len > 0) {
        size_t len = member_length(*list);
        size_t comma = len < list->len ? 1 : 0;
        *member = without_blanks(proto_slice_of(list->ptr, len));
        *list = proto_slice_of(list->ptr + len + comma, list->len - len - comma);
        if (member->len > 0) return true;
    }
    return false;
}

bool proto_http_has_token(const proto_http_fields *fields, proto_http_field_id id,
                          proto_slice token)
{
    uint32_t found = proto_http_find(fields, id, 0);
    for (; found < fields->count; found = proto_http_find(fields, id, found + 1)) {
        proto_slice list = proto_http_text(fields, fields->at[found].value), member;
        while (proto_http_list_next(&list, &member))
            if (proto_slice_equal_nocase(member, token)) return true;
    }
    return false;
}
