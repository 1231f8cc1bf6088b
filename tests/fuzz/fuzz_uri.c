// SPDX-License-Identifier: MIT
// What is read is written again as it was; references resolve as in a word-for-word rendering of RFC 3986 section 5.2; hosts
// are addresses where the system's own reader says so. The input is a reference, or a base and a reference with a line feed
// between them.

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/uri.h"

static void *allocated(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL) abort();
    return memory;
}

// --------------------------------------------------------------------------------------------------------------- model --

typedef struct grown {
    char *ptr;
    size_t len;
} grown;

static void append(grown *string, const void *bytes, size_t len)
{
    string->ptr = realloc(string->ptr, string->len + len + 1);
    if (string->ptr == NULL) abort();
    if (len > 0) memcpy(string->ptr + string->len, bytes, len);
    string->len += len;
    string->ptr[string->len] = '\0';
}

static void append_part(grown *string, const char *before, proto_slice part)
{
    if (part.ptr == NULL) return;
    append(string, before, strlen(before));
    append(string, part.ptr, part.len);
}

static bool starts(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

// Section 5.2.4, letter by letter, with an input and an output buffer. No part of a URI holds a NUL.
static grown without_dots(const grown *path)
{
    grown output = {0};
    append(&output, "", 0);
    char *rest = allocated(path->len + 1), *input = rest;
    memcpy(input, path->ptr, path->len + 1);
    while (*input != '\0') {
        if (starts(input, "../")) { // A
            input += 3;
        } else if (starts(input, "./")) {
            input += 2;
        } else if (starts(input, "/./") || strcmp(input, "/.") == 0) { // B
            input += input[2] != '\0' ? 2 : 1;
            *input = '/';
        } else if (starts(input, "/../") || strcmp(input, "/..") == 0) { // C
            input += input[3] != '\0' ? 3 : 2;
            *input = '/';
            char *slash = strrchr(output.ptr, '/');
            output.len = slash != NULL ? (size_t)(slash - output.ptr) : 0;
            output.ptr[output.len] = '\0';
        } else if (strcmp(input, ".") == 0 || strcmp(input, "..") == 0) { // D
            input += strlen(input);
        } else { // E
            size_t len = 1 + strcspn(input + 1, "/");
            append(&output, input, len);
            input += len;
        }
    }
    free(rest);
    return output;
}

// Section 5.2.3.
static grown merged(const proto_uri *base, const proto_uri *reference)
{
    grown path = {0};
    append(&path, base->path.ptr, base->path.len);
    if (base->authority.ptr != NULL && base->path.len == 0) {
        append(&path, "/", 1);
    } else {
        char *slash = strrchr(path.ptr, '/');
        path.len = slash != NULL ? (size_t)(slash - path.ptr) + 1 : 0;
    }
    append(&path, reference->path.ptr, reference->path.len);
    return path;
}

static grown path_of(const proto_uri *base, const proto_uri *r)
{
    bool own = r->scheme.ptr != NULL || r->authority.ptr != NULL;
    grown path = {0};
    if (!own && r->path.len == 0) {
        append(&path, base->path.ptr, base->path.len);
        return path;
    }
    if (own || r->path.ptr[0] == '/')
        append(&path, r->path.ptr, r->path.len);
    else
        path = merged(base, r);
    grown clean = without_dots(&path);
    free(path.ptr);
    return clean;
}

// Sections 5.2.2 and 5.3, and what keeps two slashes from becoming an authority.
static grown resolved(const proto_uri *base, const proto_uri *r)
{
    grown result = {0};
    bool own = r->scheme.ptr != NULL || r->authority.ptr != NULL;
    proto_slice authority = own ? r->authority : base->authority;
    bool keeps_query = !own && r->path.len == 0 && r->query.ptr == NULL;
    append_part(&result, "", r->scheme.ptr != NULL ? r->scheme : base->scheme);
    append(&result, ":", 1);
    append_part(&result, "//", authority);
    grown path = path_of(base, r);
    if (authority.ptr == NULL && starts(path.ptr, "//")) append(&result, "/.", 2);
    append(&result, path.ptr, path.len);
    append_part(&result, "?", keeps_query ? base->query : r->query);
    append_part(&result, "#", r->fragment);
    free(path.ptr);
    return result;
}

// -------------------------------------------------------------------------------------------------------------- checks --

// Reads from a copy of exactly its size, which the parts point into: to be freed.
static uint8_t *read_copy(proto_slice text, proto_uri *uri, proto_err *err)
{
    uint8_t *copy = allocated(text.len);
    if (text.len > 0) memcpy(copy, text.ptr, text.len);
    proto_fault fault;
    *err = proto_uri_read(proto_slice_of(copy, text.len), uri, &fault);
    assert(fault.err == *err && fault.offset <= text.len);
    return copy;
}

static void check_written(const proto_uri *uri, proto_slice text)
{
    uint8_t *buffer = allocated(text.len);
    proto_out out = proto_out_of(buffer, text.len);
    assert(proto_uri_write(uri, &out) == PROTO_OK);
    assert(proto_slice_equal(proto_slice_of(out.ptr, out.len), text));
    free(buffer);
}

static void check_resolved(const proto_uri *base, const proto_uri *reference, size_t size)
{
    uint8_t *buffer = allocated(size + 3);
    proto_out out = proto_out_of(buffer, size + 3);
    assert(proto_uri_resolve(base, reference, &out) == PROTO_OK);
    grown expected = resolved(base, reference);
    proto_slice result = proto_slice_of(out.ptr, out.len);
    assert(proto_slice_equal(result, proto_slice_of(expected.ptr, expected.len)));

    // It is a URI, and says the same again where no path is taken over as it is.
    proto_uri uri;
    proto_err err;
    uint8_t *copy = read_copy(result, &uri, &err);
    assert(err == PROTO_OK && uri.scheme.ptr != NULL);
    grown again = resolved(base, &uri);
    if (reference->path.len > 0)
        assert(proto_slice_equal(result, proto_slice_of(again.ptr, again.len)));
    free(again.ptr);
    free(copy);

    for (size_t cap = 0; cap < out.len; cap += 1 + cap / 4) {
        uint8_t *small = allocated(cap);
        proto_out tight = proto_out_of(small, cap);
        assert(proto_uri_resolve(base, reference, &tight) == PROTO_ERR_NO_SPACE);
        assert(tight.len == 0 && tight.failed);
        free(small);
    }
    free(expected.ptr);
    free(buffer);
}

static void check_host(proto_slice text)
{
    proto_uri_authority authority;
    proto_fault fault;
    proto_err err = proto_uri_authority_read(text, &authority, &fault);
    assert(fault.err == err && fault.offset <= text.len);
    if (err != PROTO_OK) return;
    char host[64] = "";
    struct in6_addr address;
    if (authority.host.len < sizeof host) memcpy(host, authority.host.ptr, authority.host.len);
    bool is_literal = text.ptr[0] == '[';
    bool ipv4 = !is_literal && inet_pton(AF_INET, host, &address) == 1;
    bool ipv6 = is_literal && inet_pton(AF_INET6, host, &address) == 1;
    assert(ipv4 == (authority.kind == PROTO_URI_HOST_IPV4));
    assert(ipv6 == (authority.kind == PROTO_URI_HOST_IPV6));
    assert(authority.host.len > 0 && (authority.has_port || authority.port == 0));
    assert(memchr(text.ptr, '@', text.len) == NULL);
}

// The text between brackets is an address exactly where the system says so.
static void check_ipv6(proto_slice text)
{
    char literal[50] = "[";
    struct in6_addr address;
    if (text.len > 45 || (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)) return;
    if (text.len > 0) memcpy(literal + 1, text.ptr, text.len);
    bool valid = inet_pton(AF_INET6, literal + 1, &address) == 1;
    literal[text.len + 1] = ']';
    proto_uri_authority authority;
    proto_err err = proto_uri_authority_read(proto_slice_text(literal), &authority, NULL);
    bool is_ipv6 = err == PROTO_OK && authority.kind == PROTO_URI_HOST_IPV6;
    assert(valid == is_ipv6);
}

static void check_dots(proto_slice path)
{
    if (path.len > 0 && memchr(path.ptr, '\0', path.len) != NULL) return;
    uint8_t *buffer = allocated(path.len);
    proto_out out = proto_out_of(buffer, path.len);
    assert(proto_uri_dot_segments_remove(path, &out) == PROTO_OK);
    grown input = {0};
    append(&input, path.ptr, path.len);
    grown expected = without_dots(&input);
    assert(proto_slice_equal(proto_slice_of(out.ptr, out.len),
                             proto_slice_of(expected.ptr, expected.len)));
    free(expected.ptr);
    free(input.ptr);
    free(buffer);
}

static void check_reference(proto_slice text)
{
    static const char *const bases[] = {"http://a/b/c/d;p?q", "http://h", "urn:x/y", "x:"};
    proto_uri uri;
    proto_err err;
    uint8_t *copy = read_copy(text, &uri, &err);
    if (err == PROTO_OK) {
        check_written(&uri, text);
        for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
            proto_uri base;
            assert(proto_uri_read(proto_slice_text(bases[i]), &base, NULL) == PROTO_OK);
            check_resolved(&base, &uri, text.len + strlen(bases[i]));
        }
        if (uri.authority.len > 0) check_host(uri.authority);
    }
    free(copy);
}

static void check_pair(proto_slice base_text, proto_slice text)
{
    proto_uri base, uri;
    proto_err base_err, err;
    uint8_t *base_copy = read_copy(base_text, &base, &base_err);
    uint8_t *copy = read_copy(text, &uri, &err);
    if (base_err == PROTO_OK && err == PROTO_OK && base.scheme.ptr != NULL)
        check_resolved(&base, &uri, base_text.len + text.len);
    free(base_copy);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    proto_slice text = proto_slice_of(data, size);
    check_reference(text);
    check_host(text);
    check_ipv6(text);
    check_dots(text);
    const uint8_t *line_feed = size > 0 ? memchr(data, '\n', size) : NULL;
    if (line_feed == NULL) return 0;
    size_t first = (size_t)(line_feed - data);
    check_pair(proto_slice_of(data, first), proto_slice_of(line_feed + 1, size - first - 1));
    return 0;
}
