/* SPDX-License-Identifier: MIT */
/* From a request to its response. What HTTP demands is the library's business; this is what a file
   server wants to say. */
#include "webserver.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

/* The fields of a response. */
struct fields {
    proto_http_pair at[10];
    size_t count;
};

static void add(struct fields *fields, proto_http_field_id id, proto_slice value)
{
    proto_slice name = proto_slice_text(proto_http_field_name(id));
    fields->at[fields->count++] = (proto_http_pair){name, value};
}

static struct fields common_fields(const struct connection *it)
{
    struct fields fields = {.count = 2};
    fields.at[0] = (proto_http_pair){PROTO_LITERAL("Date"),
                                     proto_slice_of(it->work->date, PROTO_DATE_LENGTH)};
    fields.at[1] = (proto_http_pair){PROTO_LITERAL("Server"), PROTO_LITERAL("libproto")};
    return fields;
}

static void add_resource_fields(struct fields *fields, const struct resource *from)
{
    for (size_t i = 0; i < from->field_count; i++)
        fields->at[fields->count++] = from->fields[i];
}

/* Those that a 304 has to repeat, and no more (RFC 9110 section 15.4.5). */
static void add_cache_fields(struct fields *fields, const struct resource *from)
{
    for (size_t i = 0; i < from->field_count; i++) {
        proto_http_field_id id = proto_http_field_id_of(from->fields[i].name);
        if (id == PROTO_HTTP_FIELD_ETAG || id == PROTO_HTTP_FIELD_CACHE_CONTROL)
            fields->at[fields->count++] = from->fields[i];
    }
}

/* Puts a head into the outbox. Returns whether a response could be begun. */
static bool begin(struct connection *it, int status, const struct fields *fields, uint64_t length)
{
    bool bare = status == 204 || status == 304;
    proto_http_response response = {
        .status = status,
        .fields = fields->at,
        .field_count = fields->count,
        .framing = bare ? PROTO_HTTP_NO_BODY : PROTO_HTTP_LENGTH,
        .content_length = bare ? 0 : length,
        .close = it->refused || it->work->last_requests,
    };
    it->entry.status = status;
    it->entry.size = 0;
    if (proto_http_send_response(&it->http, &response, &it->output.out, NULL) == PROTO_OK)
        return true;
    it->over = it->refused = true;
    return false;
}

static void log_response(struct connection *it)
{
    it->entry.time = it->work->seconds;
    log_put(&it->work->log, &it->entry, it->work->now);
}

static void finish(struct connection *it)
{
    log_response(it);
    proto_http_send_end(&it->http, NULL, 0, &it->output.out, NULL);
}

/* Content that lies in memory goes out together with the head. */
static void send_bytes(struct connection *it, const void *bytes, uint64_t size)
{
    it->entry.size = proto_http_send_pending(&it->http);
    proto_http_send_body(&it->http, proto_slice_of(bytes, (size_t)size), &it->output.out);
    finish(it);
}

static void send_page(struct connection *it, int status, struct fields *fields, const char *why)
{
    char page[3072];
    size_t size = page_error(page, sizeof page, status, why);
    add(fields, PROTO_HTTP_FIELD_CONTENT_TYPE, PROTO_LITERAL("text/html; charset=utf-8"));
    if (begin(it, status, fields, size)) send_bytes(it, page, size);
}

static void respond_error(struct connection *it, int status, const char *why)
{
    struct fields fields = common_fields(it);
    send_page(it, status, &fields, why);
}

/* What the library has against a request, in its words. */
static void respond_fault(struct connection *it, int status, proto_err err)
{
    char why[200];
    snprintf(why, sizeof why, "This request cannot be answered: %s", proto_err_text(err));
    respond_error(it, status, why);
}

/* ------------------------------------------------------------------------------------- files -- */

/* The head; the file itself is sent later, by connection_run(). */
static void send_file(struct connection *it, struct resource *from, const proto_http_range *part)
{
    it->body_at = part->first;
    it->body_left = proto_http_send_pending(&it->http); /* nothing, for HEAD */
    if (it->body_left == 0) {
        finish(it);
        return;
    }
    it->body = from;
    from->users++;
    proto_http_send_body_frame(&it->http, it->body_left, &it->output.out);
    proto_http_send_end(&it->http, NULL, 0, &it->output.out, NULL);
}

static void send_part(struct connection *it, int status, struct fields *fields,
                      struct resource *from, const proto_http_range *part)
{
    add(fields, PROTO_HTTP_FIELD_CONTENT_TYPE, from->type);
    add_resource_fields(fields, from);
    if (!begin(it, status, fields, part->size)) return;
    if (from->file >= 0) {
        send_file(it, from, part);
    } else {
        send_bytes(it, from->content + part->first, part->size);
    }
}

static void respond_unsatisfiable(struct connection *it, struct fields *fields, uint64_t size)
{
    uint8_t text[32];
    proto_out out = proto_out_of(text, sizeof text);
    proto_http_content_range_none_write(size, &out);
    add(fields, PROTO_HTTP_FIELD_CONTENT_RANGE, proto_slice_of(text, out.len));
    send_page(it, 416, fields, "The range asked for lies behind the end of the file");
}

static void respond_part(struct connection *it, struct fields *fields, struct resource *from,
                         const proto_http_range *part)
{
    uint8_t text[72];
    proto_out out = proto_out_of(text, sizeof text);
    proto_http_content_range_write(part, from->size, &out);
    add(fields, PROTO_HTTP_FIELD_CONTENT_RANGE, proto_slice_of(text, out.len));
    send_part(it, 206, fields, from, part);
}

/* ------------------------------------------------------------------------------ several parts -- */

/* 128 bits that nobody can foresee, so that no file holds them. */
static bool draw_boundary(char boundary[33])
{
    uint64_t random[2];
    if (getrandom(random, sizeof random, 0) != sizeof random) return false;
    snprintf(boundary, 33, "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
    return true;
}

bool respond_next_part(struct connection *it)
{
    struct parts *parts = &it->parts;
    if (!it->body_in_parts) return false;
    size_t before = it->output.out.len;
    bool more = parts->next < parts->all.count;
    if (more) {
        const proto_http_range *part = &parts->all.at[parts->next++];
        proto_http_part_head_write(&parts->form, part, &it->output.out);
        it->body_at = part->first;
        it->body_left = part->size;
    } else {
        proto_http_multipart_end_write(&parts->form, &it->output.out);
        it->body_in_parts = false;
    }
    it->entry.size += it->output.out.len - before;
    return more;
}

/* The library counts the content all at once. A small file's parts go out together with the head,
   as its whole does; those of a larger one later, by connection_run(). */
static void send_parts(struct connection *it, struct resource *from)
{
    uint64_t length = proto_http_send_pending(&it->http);
    proto_http_send_body_frame(&it->http, length, &it->output.out);
    proto_http_send_end(&it->http, NULL, 0, &it->output.out, NULL);
    it->body_in_parts = true;
    if (from->file >= 0) {
        it->body = from;
        from->users++;
        respond_next_part(it);
        return;
    }
    while (respond_next_part(it)) {
        proto_out_put(&it->output.out, from->content + it->body_at, (size_t)it->body_left);
        it->entry.size += it->body_left;
    }
    log_response(it);
}

static void respond_parts(struct connection *it, struct fields *fields, struct resource *from)
{
    struct parts *parts = &it->parts;
    char type[96];
    proto_out out = proto_out_of(type, sizeof type);
    parts->next = 0;
    parts->form = (proto_http_multipart){proto_slice_text(parts->boundary), from->type, from->size};
    proto_http_multipart_type_write(&parts->form, &out);
    add(fields, PROTO_HTTP_FIELD_CONTENT_TYPE, proto_slice_of(type, out.len));
    add_resource_fields(fields, from);
    uint64_t length = proto_http_multipart_length(&parts->form, &parts->all);
    if (begin(it, 206, fields, length)) send_parts(it, from);
}

/* ------------------------------------------------------------------------ whole, part or none -- */

static void respond_file(struct connection *it, const proto_http_head *head, struct resource *from)
{
    proto_http_representation known = {proto_slice_text(from->etag), from->modified, from->size};
    proto_http_range whole = {0, from->size};
    proto_http_parts *parts = &it->parts.all;
    struct fields fields = common_fields(it);
    int status = proto_http_select(&head->fields, (proto_http_method)head->method, &known,
                                   it->work->seconds, parts);
    if (status == 206 && parts->count > 1 && !draw_boundary(it->parts.boundary)) status = 200;
    switch (status) {
    case 206:
        if (parts->count > 1) {
            respond_parts(it, &fields, from);
        } else {
            respond_part(it, &fields, from, &parts->at[0]);
        }
        return;
    case 416: respond_unsatisfiable(it, &fields, from->size); return;
    case 412:
        send_page(it, 412, &fields, "The file is not the one that the request is about");
        return;
    case 304:
        add_cache_fields(&fields, from);
        if (begin(it, 304, &fields, 0)) finish(it);
        return;
    default: send_part(it, 200, &fields, from, &whole);
    }
}

/* ------------------------------------------------------------------------------ all the rest -- */

/* To the same path with a slash behind it, so that the links in the page there lead where they
   should. */
static void respond_directory(struct connection *it, const proto_http_head *head, const char *path)
{
    uint8_t location[3 * MAX_PATH];
    proto_out out = proto_out_of(location, sizeof location);
    proto_slice query = proto_uri_query(proto_http_text(&head->fields, head->target));
    proto_out_slice(&out, PROTO_LITERAL("/"));
    proto_uri_encode(proto_slice_text(path), PROTO_URI_PATH, &out);
    proto_out_slice(&out, PROTO_LITERAL("/"));
    if (query.ptr && query.len < 1024) {
        proto_out_slice(&out, PROTO_LITERAL("?"));
        proto_out_slice(&out, query);
    }
    if (out.failed) {
        respond_error(it, 404, "There is no file of this name");
        return;
    }
    struct fields fields = common_fields(it);
    add(&fields, PROTO_HTTP_FIELD_LOCATION, proto_slice_of(location, out.len));
    send_page(it, 301, &fields, "This is a directory: its address ends in a slash");
}

static const char *words_for(int status)
{
    switch (status) {
    case 403: return "This file may not be read";
    case 404: return "There is no file of this name";
    case 503: return "The server has too many files open; try again in a moment";
    default: return "The file cannot be read";
    }
}

static void respond_path(struct connection *it, const proto_http_head *head)
{
    char path[MAX_PATH];
    proto_out out = proto_out_of(path, sizeof path - 1);
    proto_slice target = proto_http_text(&head->fields, head->target);
    proto_err err = proto_uri_path_read(target, &out, NULL);
    if (err != PROTO_OK) {
        respond_fault(it, err == PROTO_ERR_NO_SPACE ? 414 : proto_http_status_of(err), err);
        return;
    }
    path[out.len] = '\0';
    struct resource *found = resource_get(&it->work->files, it->work->site, path, it->work->now);
    int status = found ? found->status : 503;
    if (status == 200) {
        respond_file(it, head, found);
    } else if (status == 301) {
        respond_directory(it, head, path);
    } else {
        respond_error(it, status, words_for(status));
    }
    if (found) resource_release(found);
}

static void respond_options(struct connection *it)
{
    struct fields fields = common_fields(it);
    add(&fields, PROTO_HTTP_FIELD_ALLOW, PROTO_LITERAL("GET, HEAD, OPTIONS"));
    if (begin(it, 204, &fields, 0)) finish(it);
}

static void respond_not_allowed(struct connection *it)
{
    struct fields fields = common_fields(it);
    add(&fields, PROTO_HTTP_FIELD_ALLOW, PROTO_LITERAL("GET, HEAD, OPTIONS"));
    send_page(it, 405, &fields, "Files can be read here, and nothing else");
}

static void note_request(struct connection *it, const proto_http_head *head)
{
    it->request[0] = '\0';
    if (!log_wanted()) return;
    log_escaped(it->request, 40, proto_http_text(&head->fields, head->method_token));
    strcat(it->request, " ");
    log_escaped(it->request, sizeof it->request - 10, proto_http_text(&head->fields, head->target));
    strcat(it->request, head->minor ? " HTTP/1.1" : " HTTP/1.0");
}

/* The body of a request means nothing to this server. A short one is read and thrown away; rather
   than a long one, or one that the client holds back until it is asked for, the connection is given
   up. */
static bool gives_up(const struct connection *it, const proto_http_head *head)
{
    return proto_http_awaits_continue(&it->http) || head->content_length > MAX_BODY;
}

void respond(struct connection *it, const proto_http_head *head)
{
    note_request(it, head);
    it->answered = true;
    if (gives_up(it, head)) it->refused = true;
    switch ((proto_http_method)head->method) {
    case PROTO_HTTP_GET:
    case PROTO_HTTP_HEAD: respond_path(it, head); break;
    case PROTO_HTTP_OPTIONS: respond_options(it); break;
    case PROTO_HTTP_POST:
    case PROTO_HTTP_PUT:
    case PROTO_HTTP_DELETE:
    case PROTO_HTTP_CONNECT:
    case PROTO_HTTP_TRACE:
    case PROTO_HTTP_PATCH: respond_not_allowed(it); break;
    case PROTO_HTTP_OTHER_METHOD: respond_error(it, 501, "This method is not known here"); break;
    }
}

void respond_refusal(struct connection *it)
{
    it->request[0] = '\0';
    it->answered = true;
    it->over = it->refused = true;
    if (it->late) {
        respond_error(it, 408, "The request did not come in time");
    } else {
        respond_fault(it, proto_http_status_hint(&it->http), it->http.fault.err);
    }
}
