/* SPDX-License-Identifier: MIT */
/* Host and port. */
#include "proto/uri.h"

#include "outcome.h"
#include "uri_text.h"

#include <string.h>

/* dec-octet (RFC 3986 section 3.2.2): 0 to 255 with no leading zero. Returns how many digits it
   has, 0 where there is none. */
static size_t octet_length(proto_slice text, size_t at)
{
    unsigned value = 0;
    size_t len = 0;
    for (; len < 3 && at + len < text.len && ascii_is(text.ptr[at + len], ASCII_DIGIT); len++)
        value = value * 10 + (text.ptr[at + len] & 15u);
    if (value > 255 || (len > 1 && text.ptr[at] == '0')) return 0;
    return len;
}

/* IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet, from `at` to the end. */
static bool ends_as_ipv4(proto_slice text, size_t at)
{
    for (int octet = 0; octet < 4; octet++) {
        if (octet > 0 && (at == text.len || text.ptr[at++] != '.')) return false;
        size_t len = octet_length(text, at);
        if (len == 0) return false;
        at += len;
    }
    return at == text.len;
}

/* h16 = 1*4HEXDIG. */
static size_t group_length(proto_slice text, size_t at)
{
    size_t len = 0;
    while (len < 4 && at + len < text.len && ascii_is(text.ptr[at + len], ASCII_HEX))
        len++;
    return len;
}

/* Groups with a colon between each two, or none; an IPv4 address may stand for the last two of the
   address. */
static bool groups_read(proto_slice part, size_t *at, bool is_last, unsigned *left)
{
    while (*at < part.len) {
        size_t len = group_length(part, *at);
        bool ipv4 = is_last && ends_as_ipv4(part, *at);
        unsigned groups = ipv4 ? 2 : 1;
        if (len == 0 || groups > *left) return false;
        *left -= groups;
        *at += ipv4 ? part.len - *at : len;
        if (*at == part.len) return true;
        if (part.ptr[*at] != ':' || ++*at == part.len) return false;
    }
    return true;
}

static size_t length_before_gap(proto_slice text)
{
    size_t len = 0;
    while (text.len - len >= 2 && (text.ptr[len] != ':' || text.ptr[len + 1] != ':'))
        len++;
    return text.len - len >= 2 ? len : text.len;
}

/* IPv6address (RFC 3986 section 3.2.2): eight groups, or fewer and in one place `::`, which stands
   for one group or more. */
static bool ipv6_read(proto_slice text, size_t *at)
{
    size_t gap = length_before_gap(text);
    unsigned left = gap == text.len ? 8 : 7;
    if (gap == text.len) return groups_read(text, at, true, &left) && left == 0;
    if (!groups_read(proto_slice_of(text.ptr, gap), at, false, &left)) return false;
    *at = gap + 2;
    return groups_read(text, at, true, &left);
}

/* IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ). */
static bool future_read(proto_slice text, size_t *at)
{
    size_t dot = 1;
    while (dot < text.len && ascii_is(text.ptr[dot], ASCII_HEX))
        dot++;
    *at = dot;
    if (dot == 1 || dot == text.len || text.ptr[dot] != '.') return false;
    for (++*at; *at < text.len; ++*at) {
        uint8_t byte = text.ptr[*at];
        if (!ascii_is(byte, ASCII_HOST) && byte != ':') return false;
    }
    return *at > dot + 1;
}

/* IP-literal = "[" ( IPv6address / IPvFuture ) "]". */
static proto_err literal_read(proto_slice text, size_t *at, proto_uri_authority *authority)
{
    size_t len = uri_length_before(text, "]");
    authority->host = proto_slice_of(text.ptr + 1, len - 1);
    bool future = len > 1 && ascii_lower(text.ptr[1]) == 'v';
    authority->kind = future ? PROTO_URI_HOST_FUTURE : PROTO_URI_HOST_IPV6;
    bool valid = future ? future_read(authority->host, at) : ipv6_read(authority->host, at);
    ++*at;
    if (!valid || len == text.len) return PROTO_ERR_URI_HOST;
    ++*at;
    return PROTO_OK;
}

/* reg-name, not empty as HTTP demands (RFC 9110 section 4.2.1), or IPv4address, which comes first
   in the grammar. */
static proto_err name_read(proto_slice text, size_t *at, proto_uri_authority *authority)
{
    for (; *at < text.len; ++*at) {
        if (text.ptr[*at] == '%' && !uri_percent_encoded(text, *at)) return PROTO_ERR_URI_PERCENT;
        if (text.ptr[*at] != '%' && !ascii_is(text.ptr[*at], ASCII_HOST)) break;
    }
    if (*at == 0) return PROTO_ERR_URI_HOST;
    authority->host = proto_slice_of(text.ptr, *at);
    authority->kind = ends_as_ipv4(authority->host, 0) ? PROTO_URI_HOST_IPV4 : PROTO_URI_HOST_NAME;
    return PROTO_OK;
}

/* [ ":" port ] up to the end; port = *DIGIT (RFC 3986 section 3.2.3). */
static proto_err port_read(proto_slice text, size_t *at, proto_uri_authority *authority)
{
    if (*at == text.len) return PROTO_OK;
    if (text.ptr[*at] != ':') return PROTO_ERR_URI_HOST;
    unsigned port = 0;
    for (++*at; *at < text.len; ++*at) {
        if (!ascii_is(text.ptr[*at], ASCII_DIGIT)) return PROTO_ERR_URI_PORT;
        port = port * 10 + (text.ptr[*at] & 15u);
        if (port > UINT16_MAX) return PROTO_ERR_URI_PORT;
        authority->has_port = true;
    }
    authority->port = (uint16_t)port;
    return PROTO_OK;
}

proto_err proto_uri_authority_read(proto_slice text, proto_uri_authority *authority,
                                   proto_fault *fault)
{
    proto_uri_authority result = {0};
    size_t at = 0;
    text = uri_text(text);
    bool literal = text.len > 0 && text.ptr[0] == '[';
    proto_err err = literal ? literal_read(text, &at, &result) : name_read(text, &at, &result);
    if (err == PROTO_OK) err = port_read(text, &at, &result);
    if (err == PROTO_OK) {
        *authority = result;
        return outcome(fault, PROTO_OK, 0);
    }
    /* What is wrong at first sight may only be wrong as a host: the port of
       `user:password@host`. */
    size_t user = uri_length_before(text, "@");
    return user < text.len ? outcome(fault, PROTO_ERR_URI_USERINFO, user) : outcome(fault, err, at);
}
