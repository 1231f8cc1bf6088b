/* SPDX-License-Identifier: MIT */
#include "httpget.h"

#include <string.h>

/* The default of the scheme (RFC 9110 section 4.2.1). */
static const char http_port[] = "80";

static void copy_text(char *text, size_t cap, proto_slice slice)
{
    size_t length = slice.len < cap ? slice.len : cap - 1;
    memcpy(text, slice.ptr, length);
    text[length] = '\0';
}

static const char *check_scheme(const proto_uri *uri)
{
    if (!uri->scheme.ptr || !uri->authority.ptr) return "not a URL like http://host/path";
    if (proto_slice_equal_nocase(uri->scheme, PROTO_LITERAL("http"))) return NULL;
    if (proto_slice_equal_nocase(uri->scheme, PROTO_LITERAL("https"))) {
        return "https is not supported yet: this version has no TLS";
    }
    return "not an http URL";
}

static const char *read_authority(struct place *place)
{
    proto_uri_authority authority;
    proto_err err = proto_uri_authority_read(place->uri.authority, &authority, NULL);
    if (err != PROTO_OK) return proto_err_text(err);
    if (authority.host.len >= sizeof place->host) return "the host name is too long";
    copy_text(place->host, sizeof place->host, authority.host);
    strcpy(place->port, http_port);
    if (authority.has_port) snprintf(place->port, sizeof place->port, "%u", authority.port);
    return NULL;
}

/* What is asked of the server: the URL without the server, and without the fragment, which is
   nobody's but the reader's. */
static const char *write_target(struct place *place)
{
    proto_uri target = {.path = place->uri.path, .query = place->uri.query};
    if (target.path.len == 0) target.path = PROTO_LITERAL("/");
    proto_out out = proto_out_of(place->target, sizeof place->target);
    proto_err err = proto_uri_write(&target, &out);
    place->target_length = out.len;
    return err == PROTO_OK ? NULL : proto_err_text(err);
}

/* `text` holds an encoded URL. */
static const char *read_text(struct place *place, size_t length)
{
    place->text[length] = '\0';
    proto_err err = proto_uri_read(proto_slice_of(place->text, length), &place->uri, NULL);
    if (err != PROTO_OK) return proto_err_text(err);
    const char *wrong = check_scheme(&place->uri);
    if (!wrong) wrong = read_authority(place);
    return wrong ? wrong : write_target(place);
}

const char *place_of_url(struct place *place, proto_slice url)
{
    proto_out out = proto_out_of(place->text, sizeof place->text - 1);
    proto_err err = proto_uri_encode(url, PROTO_URI_WHOLE, &out);
    return err == PROTO_OK ? read_text(place, out.len) : "the URL is too long";
}

/* A file's name is a name, not a part of a URL: what it may hold that has a meaning there is
   encoded. */
const char *place_of_file(struct place *place, const char *host, const char *port, const char *file)
{
    bool six = strchr(host, ':') != NULL;
    proto_out out = proto_out_of(place->text, sizeof place->text - 1);
    proto_out_slice(&out, six ? PROTO_LITERAL("http://[") : PROTO_LITERAL("http://"));
    proto_uri_encode(proto_slice_text(host), PROTO_URI_WHOLE, &out);
    proto_out_slice(&out, six ? PROTO_LITERAL("]:") : PROTO_LITERAL(":"));
    proto_out_slice(&out, proto_slice_text(port));
    proto_out_slice(&out, PROTO_LITERAL("/"));
    proto_uri_encode(proto_slice_text(file + (file[0] == '/')), PROTO_URI_PATH, &out);
    return out.failed ? "the name is too long" : read_text(place, out.len);
}

const char *place_redirected(struct place *place, const struct place *from, proto_slice location)
{
    uint8_t encoded[MAX_URL];
    proto_uri reference;
    proto_out out = proto_out_of(encoded, sizeof encoded);
    if (proto_uri_encode(location, PROTO_URI_WHOLE, &out) != PROTO_OK) return "it is too long";
    proto_err err = proto_uri_read(proto_slice_of(encoded, out.len), &reference, NULL);
    if (err != PROTO_OK) return proto_err_text(err);
    proto_out text = proto_out_of(place->text, sizeof place->text - 1);
    err = proto_uri_resolve(&from->uri, &reference, &text);
    return err == PROTO_OK ? read_text(place, text.len) : proto_err_text(err);
}

bool place_same_origin(const struct place *a, const struct place *b)
{
    return proto_slice_equal_nocase(a->uri.scheme, b->uri.scheme) &&
           proto_slice_equal_nocase(proto_slice_text(a->host), proto_slice_text(b->host)) &&
           strcmp(a->port, b->port) == 0;
}

const char *place_text(const struct place *place)
{
    return (const char *)place->text;
}
