/* SPDX-License-Identifier: MIT */
/*
 * What paths name. Opening a file, asking for its size and dates, and closing it again cost more
 * than sending it, so each thread keeps what was asked for lately: small files with their bytes,
 * larger ones open. Before FRESH_LIMIT is over nothing is looked at again; after it one look tells
 * whether it is still the same file, unchanged.
 */
#include "webserver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_mode == b->st_mode &&
           a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static bool names_directory(const char *path)
{
    size_t length = strlen(path);
    return length == 0 || path[length - 1] == '/';
}

/* The file that stands for a directory. Returns false where the name gets too long. */
static bool index_of(const char *path, char index[MAX_PATH])
{
    int length = snprintf(index, MAX_PATH, "%sindex.html", path);
    return length > 0 && length < MAX_PATH;
}

/* ----------------------------------------------------------------------------------- loading -- */

static int status_of(int error)
{
    switch (error) {
    case EACCES: return 403;
    case EMFILE:
    case ENFILE:
    case ENOMEM: return 503;
    case EIO: return 500;
    default: return 404; /* among them links out of the root: what is there is nobody's business */
    }
}

static void add_field(struct resource *it, proto_http_field_id id, proto_slice value)
{
    proto_slice name = proto_slice_text(proto_http_field_name(id));
    it->fields[it->field_count++] = (proto_http_pair){name, value};
}

/* Two versions of a file differ in one of these. The kernel's clock for files ticks every few
   milliseconds, which is the time in which two versions of the same size could still be taken for
   one another. */
static void tag(struct resource *it, const struct stat *status)
{
    char text[56];
    int length = snprintf(text, sizeof text, "%" PRIx64 "-%" PRIx64 "-%" PRIx64 "%08lx",
                          (uint64_t)status->st_ino, (uint64_t)status->st_size,
                          (uint64_t)status->st_mtim.tv_sec, (unsigned long)status->st_mtim.tv_nsec);
    proto_out out = proto_out_of(it->etag, sizeof it->etag - 1);
    proto_http_etag etag = {proto_slice_of(text, (size_t)length), false};
    if (proto_http_etag_write(&etag, &out) != PROTO_OK) return;
    add_field(it, PROTO_HTTP_FIELD_ETAG, proto_slice_of(it->etag, out.len));
}

/* A date in the future is nobody's last modification (RFC 9110 section 8.8.2.1). */
static void date(struct resource *it, const struct stat *status)
{
    proto_out out = proto_out_of(it->dated, sizeof it->dated - 1);
    if (status->st_mtim.tv_sec > clock_seconds()) return;
    if (proto_date_write(status->st_mtim.tv_sec, &out) != PROTO_OK) return;
    it->modified = status->st_mtim.tv_sec;
    add_field(it, PROTO_HTTP_FIELD_LAST_MODIFIED, proto_slice_of(it->dated, out.len));
}

/* Small files are held in memory and closed. If one changed while it was read, it is not kept:
   `looked` stays 0. */
static bool read_content(struct resource *it)
{
    it->content = malloc((size_t)it->size + 1);
    if (!it->content) return false;
    size_t length = 0;
    ssize_t size = 0;
    while (length < it->size &&
           (size = pread(it->file, it->content + length, it->size - length, (off_t)length)) > 0)
        length += (size_t)size;
    struct stat after;
    if (size < 0 || fstat(it->file, &after) != 0) return false;
    if (!same_file(&after, &it->seen)) it->looked = 0;
    it->size = length;
    close(it->file);
    it->file = -1;
    return true;
}

static void load_file(struct resource *it, const char *path, int fd)
{
    it->status = 200;
    it->file = fd;
    it->size = (uint64_t)it->seen.st_size;
    if (it->size <= MAX_IN_MEMORY && !read_content(it)) {
        it->status = 500;
        return;
    }
    it->type = type_of(path);
    add_field(it, PROTO_HTTP_FIELD_ACCEPT_RANGES, PROTO_LITERAL("bytes"));
    tag(it, &it->seen);
    date(it, &it->seen);
}

static void load_listing(struct resource *it, const struct site *site, int directory)
{
    struct stat status;
    it->file = page_listing(site, it->path, directory);
    bool made = it->file >= 0 && fstat(it->file, &status) == 0;
    it->status = made ? 200 : 500;
    if (!made) return;
    it->size = (uint64_t)status.st_size;
    it->type = PROTO_LITERAL("text/html; charset=utf-8");
    add_field(it, PROTO_HTTP_FIELD_CACHE_CONTROL, PROTO_LITERAL("no-cache"));
}

static void load_directory(struct resource *it, const struct site *site, int directory)
{
    if (!names_directory(it->path)) {
        close(directory);
        it->status = 301;
        return;
    }
    char index[MAX_PATH];
    struct stat status;
    int fd = index_of(it->path, index) ? open_below(site, index, &status) : -1;
    if (fd < 0) {
        load_listing(it, site, directory);
    } else if (S_ISREG(status.st_mode)) {
        close(directory);
        it->seen = status;
        load_file(it, index, fd);
    } else {
        close(fd);
        load_listing(it, site, directory);
    }
}

static struct resource *load(const struct site *site, const char *path, uint64_t now)
{
    size_t length = strlen(path) + 1;
    struct resource *it = calloc(1, sizeof *it + length);
    if (!it) return NULL;
    memcpy(it->path, path, length);
    it->file = -1;
    it->users = 1;
    it->looked = it->used = now;
    it->modified = PROTO_HTTP_NOT_DATED;
    it->status = 404;
    if (!site->hidden && names_hidden(path)) return it;
    int fd = open_below(site, path, &it->seen);
    if (fd < 0) {
        it->status = status_of(errno);
    } else if (S_ISDIR(it->seen.st_mode)) {
        load_directory(it, site, fd);
    } else {
        load_file(it, path, fd);
    }
    return it;
}

/* ----------------------------------------------------------------------------------- keeping -- */

void resource_release(struct resource *it)
{
    if (--it->users > 0) return;
    if (it->file >= 0) close(it->file);
    free(it->content);
    free(it);
}

/* Listings and redirections are made anew: only what a file says of itself can be compared. */
static bool unchanged(struct resource *it, const struct site *site, uint64_t now)
{
    char index[MAX_PATH];
    struct stat status;
    if (it->etag[0] == '\0') return false;
    const char *path = it->path;
    if (names_directory(path)) {
        if (!index_of(path, index)) return false;
        path = index;
    }
    if (!look_below(site, path, &status) || !same_file(&status, &it->seen)) return false;
    it->looked = now;
    return true;
}

/* FNV-1a */
static size_t set_of(const char *path)
{
    uint32_t hash = 2166136261u;
    for (; *path; path++)
        hash = (hash ^ (uint8_t)*path) * 16777619u;
    return hash % KEPT_SETS;
}

/* The place in which a path is kept, else one to keep it in: an empty one or the one longest
   unused. */
static struct resource **place_of(struct resource *set[KEPT_WAYS], const char *path)
{
    struct resource **place = &set[0];
    for (size_t i = 0; i < KEPT_WAYS; i++) {
        if (set[i] && strcmp(set[i]->path, path) == 0) return &set[i];
        if (*place && (!set[i] || set[i]->used < (*place)->used)) place = &set[i];
    }
    return place;
}

static void keep(struct resource **place, struct resource *it)
{
    if (*place) resource_release(*place);
    *place = it;
    it->users++;
}

struct resource *resource_get(struct resources *all, const struct site *site, const char *path,
                              uint64_t now)
{
    struct resource **place = place_of(all->kept[set_of(path)], path);
    struct resource *it = *place;
    if (it && strcmp(it->path, path) == 0) {
        if (now - it->looked < FRESH_LIMIT || unchanged(it, site, now)) {
            it->used = now;
            it->users++;
            return it;
        }
        *place = NULL;
        resource_release(it);
    }
    it = load(site, path, now);
    if (it && (it->status == 200 || it->status == 301)) keep(place, it);
    return it;
}

void resources_trim(struct resources *all, uint64_t used_before)
{
    for (size_t i = 0; i < (size_t)KEPT_SETS * KEPT_WAYS; i++) {
        struct resource **place = &all->kept[i / KEPT_WAYS][i % KEPT_WAYS];
        if (!*place || (*place)->used >= used_before) continue;
        resource_release(*place);
        *place = NULL;
    }
}
