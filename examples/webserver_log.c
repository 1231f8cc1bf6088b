/* SPDX-License-Identifier: MIT */
/*
 * The access log. Lines are gathered in each thread and written many at a time, so that a request
 * does not cost a write. A log that nobody reads (a full pipe) must not stop the server: lines are
 * then dropped, and counted.
 */
#include "webserver.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_LINE = 1024 };

static int log_fd = -1;
/* Between asking whether there is room for a piece and writing it nobody else may write. */
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

bool log_open(const char *where)
{
    if (strcmp(where, "none") == 0) return true;
    log_fd = strcmp(where, "-") == 0
                 ? STDOUT_FILENO
                 : open(where, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
    return log_fd >= 0;
}

bool log_wanted(void)
{
    return log_fd >= 0;
}

void log_escaped(char *text, size_t cap, proto_slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = strlen(text);
    for (size_t i = 0; i < bytes.len && at + 5 <= cap; i++) {
        uint8_t byte = bytes.ptr[i];
        if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
            text[at++] = (char)byte;
            continue;
        }
        text[at++] = '\\';
        text[at++] = 'x';
        text[at++] = digits[byte >> 4];
        text[at++] = digits[byte & 15];
    }
    text[at] = '\0';
}

/* 22/Nov/2026:13:26:42 +0000 */
static void stamp_second(struct log_lines *lines, int64_t second)
{
    proto_date_civil t;
    if (lines->second == second && lines->stamp[0]) return;
    if (proto_date_split(second, &t) != PROTO_OK) return;
    lines->second = second;
    snprintf(lines->stamp, sizeof lines->stamp, "%02u/%s/%04d:%02u:%02u:%02u +0000",
             (unsigned)t.day, proto_date_month_name(t.month), (int)t.year, (unsigned)t.hour,
             (unsigned)t.minute, (unsigned)t.second);
}

void log_put(struct log_lines *lines, const struct log_entry *entry, uint64_t now)
{
    if (!log_wanted()) return;
    if (lines->len + LONGEST_LINE > sizeof lines->text) log_flush(lines);
    if (lines->len + LONGEST_LINE > sizeof lines->text) {
        lines->lost++;
        return;
    }
    if (lines->len == 0) lines->since = now;
    stamp_second(lines, entry->time);
    char size[24] = "-"; /* as the format has it where no content was sent */
    if (entry->size > 0) snprintf(size, sizeof size, "%llu", (unsigned long long)entry->size);
    int length = snprintf(lines->text + lines->len, LONGEST_LINE, "%s - - [%s] \"%s\" %d %s\n",
                          entry->peer, lines->stamp, entry->request[0] ? entry->request : "-",
                          entry->status, size);
    lines->len += (size_t)length;
}

/* A piece of whole lines that a pipe takes at once, if it takes anything. */
static size_t piece_length(const struct log_lines *lines)
{
    if (lines->len <= PIPE_BUF) return lines->len;
    const char *end = memrchr(lines->text, '\n', PIPE_BUF);
    return end ? (size_t)(end - lines->text) + 1 : PIPE_BUF;
}

/* Returns whether there was room. What cannot be written at all is thrown away. */
static bool write_piece(struct log_lines *lines)
{
    struct pollfd room = {.fd = log_fd, .events = POLLOUT};
    if (poll(&room, 1, 0) == 0) return false;
    ssize_t written = write(log_fd, lines->text, piece_length(lines));
    if (written < 0 && errno == EAGAIN) return false;
    size_t gone = written > 0 ? (size_t)written : lines->len;
    memmove(lines->text, lines->text + gone, lines->len - gone);
    lines->len -= gone;
    return true;
}

void log_flush(struct log_lines *lines)
{
    if (lines->len == 0) return;
    pthread_mutex_lock(&log_lock);
    while (lines->len > 0 && write_piece(lines))
        continue;
    pthread_mutex_unlock(&log_lock);
    if (lines->lost == 0 || lines->len > 0) return;
    lines->len = (size_t)snprintf(lines->text, LONGEST_LINE, "# %llu lines lost\n",
                                  (unsigned long long)lines->lost);
    lines->lost = 0;
}
