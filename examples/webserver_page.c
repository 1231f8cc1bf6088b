/* SPDX-License-Identifier: MIT */
/* The pages that the server writes itself. */
#include "webserver.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char page_style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}";
static const char table_style[] =
    "table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.3rem 1rem .3rem 0;border-bottom:1px solid #8884}"
    "td:first-child,h1{overflow-wrap:anywhere}"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    "a{text-decoration:none}";

/* Text as HTML shows it, whatever it holds. */
static void put_text(FILE *page, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': fputs("&amp;", page); break;
        case '<': fputs("&lt;", page); break;
        case '>': fputs("&gt;", page); break;
        case '"': fputs("&quot;", page); break;
        case '\'': fputs("&#39;", page); break;
        default: fputc(*text, page);
        }
    }
}

static void put_begin(FILE *page, const char *title, const char *more_style)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
          page);
    put_text(page, title);
    fprintf(page, "</title>\n<style>%s%s</style>\n</head>\n<body>\n<h1>", page_style, more_style);
    put_text(page, title);
    fputs("</h1>\n", page);
}

static void put_end(FILE *page)
{
    fprintf(page, "<p><small>libproto %s</small></p>\n</body>\n</html>\n", proto_version());
}

size_t page_error(char *page, size_t cap, int status, const char *why)
{
    FILE *file = fmemopen(page, cap, "w");
    if (!file) return 0;
    char title[64];
    snprintf(title, sizeof title, "%d %s", status, proto_http_reason(status));
    put_begin(file, title, "");
    fputs("<p>", file);
    put_text(file, why);
    fputs(".</p>\n", file);
    put_end(file);
    long length = ftell(file);
    return fclose(file) == 0 && length > 0 ? (size_t)length : 0;
}

/* ---------------------------------------------------------------------------------- listings -- */

struct listed {
    char *name;
    bool directory;
    int64_t size;
    int64_t modified;
};

struct listing {
    struct listed *at;
    size_t count;
    size_t cap;
    bool more; /* there are names that are not listed */
};

/* Directories first, then by name. */
static int compare(const void *left, const void *right)
{
    const struct listed *a = left;
    const struct listed *b = right;
    if (a->directory != b->directory) return a->directory ? -1 : 1;
    return strcmp(a->name, b->name);
}

static bool grow(struct listing *list)
{
    if (list->count < list->cap) return true;
    size_t cap = list->cap ? list->cap * 2 : 64;
    struct listed *at = realloc(list->at, cap * sizeof *at);
    if (!at) return false;
    list->at = at;
    list->cap = cap;
    return true;
}

/* Links are looked through, as they will be when somebody follows them: what cannot be had is not
   listed. */
static bool look_inside(const struct site *site, const char *path, const char *name,
                        struct stat *status)
{
    char full[MAX_PATH];
    int length = snprintf(full, sizeof full, "%s%s", path, name);
    return length > 0 && (size_t)length < sizeof full && look_below(site, full, status);
}

static void list_name(struct listing *list, const struct site *site, const char *path,
                      const char *name)
{
    struct stat status;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return;
    if (!site->hidden && names_hidden(name)) return;
    if (!look_inside(site, path, name, &status) || !grow(list)) return;
    struct listed it = {strdup(name), S_ISDIR(status.st_mode), status.st_size, status.st_mtime};
    if (it.name) list->at[list->count++] = it;
}

static struct listing list_directory(const struct site *site, const char *path, DIR *directory)
{
    struct listing list = {0};
    struct dirent *entry;
    while (list.count < MAX_LISTED && (entry = readdir(directory)))
        list_name(&list, site, path, entry->d_name);
    list.more = list.count == MAX_LISTED;
    if (list.count > 0) qsort(list.at, list.count, sizeof *list.at, compare);
    return list;
}

static void free_listing(struct listing *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->at[i].name);
    free(list->at);
}

static void put_size(FILE *page, int64_t size)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    double number = (double)size;
    size_t unit = 0;
    for (; number >= 1000 && unit + 1 < sizeof units / sizeof *units; unit++)
        number /= 1000;
    fprintf(page, unit ? "%.1f %s" : "%.0f %s", number, units[unit]);
}

static void put_row(FILE *page, const struct listed *it)
{
    uint8_t link[3 * 256];
    proto_out out = proto_out_of(link, sizeof link);
    if (proto_uri_encode(proto_slice_text(it->name), PROTO_URI_SEGMENT, &out) != PROTO_OK) return;
    const char *slash = it->directory ? "/" : "";
    fprintf(page, "<tr><td><a href=\"./%.*s%s\">", (int)out.len, (const char *)link, slash);
    put_text(page, it->name);
    fprintf(page, "%s</a></td><td class=\"n\">", slash);
    if (!it->directory) put_size(page, it->size);
    fputs("</td><td class=\"n\">", page);
    proto_date_civil t;
    if (proto_date_split(it->modified, &t) == PROTO_OK) {
        fprintf(page, "%04d-%02u-%02u %02u:%02u", (int)t.year, (unsigned)t.month, (unsigned)t.day,
                (unsigned)t.hour, (unsigned)t.minute);
    }
    fputs("</td></tr>\n", page);
}

static void put_listing(FILE *page, const char *path, const struct listing *list)
{
    char title[MAX_PATH + 16];
    snprintf(title, sizeof title, "Index of /%s", path);
    put_begin(page, title, table_style);
    fputs(
        "<table>\n<tr><th>Name</th><th class=\"n\">Size</th><th class=\"n\">Changed (UTC)</th></tr>\n",
        page);
    if (path[0]) fputs("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n", page);
    for (size_t i = 0; i < list->count; i++)
        put_row(page, &list->at[i]);
    fputs("</table>\n", page);
    if (list->more) fprintf(page, "<p>Only %d names are listed.</p>\n", MAX_LISTED);
    put_end(page);
}

/* Into a file without a name, so that a long page is sent as any file is and takes no memory of a
   connection's. */
int page_listing(const struct site *site, const char *path, int directory)
{
    DIR *names = fdopendir(directory);
    if (!names) {
        close(directory);
        return -1;
    }
    struct listing list = list_directory(site, path, names);
    closedir(names);
    int fd = memfd_create("listing", MFD_CLOEXEC);
    FILE *page = fd < 0 ? NULL : fdopen(dup(fd), "w");
    if (page) put_listing(page, path, &list);
    free_listing(&list);
    if (page && fclose(page) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}
