/* SPDX-License-Identifier: MIT */
/*
 * Where a response goes. A file is written beside the one that is meant and takes its name when it
 * is whole, so that nobody ever finds half of it; what is left of a failure, or of Ctrl-C, is taken
 * away.
 */
#include "httpget.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BAR_WIDTH = 30 };
#define DRAW_INTERVAL MILLISECONDS(100)

/* --------------------------------------------------------------------------------- terminals -- */

/* What comes from a server must not move the cursor, change colours or type for the user. */
static void put_visible(proto_slice bytes, bool text_only)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = bytes.ptr[i];
        bool harmless = byte >= 0x20 ? byte != 0x7f && (byte < 0x80 || !text_only)
                                     : byte == '\n' || byte == '\t' || byte == '\r';
        if (harmless) {
            putchar(byte);
        } else {
            printf("\\x%02x", byte);
        }
    }
}

void output_head(proto_slice head)
{
    if (isatty(STDOUT_FILENO)) {
        put_visible(head, true);
    } else {
        fwrite(head.ptr, 1, head.len, stdout);
    }
}

/* ---------------------------------------------------------------------------------- progress -- */

static void print_amount(uint64_t bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    double number = (double)bytes;
    size_t unit = 0;
    for (; number >= 1000 && unit + 1 < sizeof units / sizeof *units; unit++)
        number /= 1000;
    fprintf(stderr, unit ? "%.1f %s" : "%.0f %s", number, units[unit]);
}

static void print_bar(uint64_t done, uint64_t all)
{
    double part = all > 0 ? (double)done / (double)all : 1;
    int filled = (int)(part * BAR_WIDTH);
    fputc('[', stderr);
    for (int i = 0; i < BAR_WIDTH; i++)
        fputc(i < filled ? '=' : i == filled ? '>' : ' ', stderr);
    fprintf(stderr, "] %3d%%  ", (int)(part * 100));
}

/* The line is drawn over itself; the last drawing stays. */
static void draw_progress(struct output *output, bool last)
{
    uint64_t now = clock_now();
    if (!output->part || !isatty(STDERR_FILENO)) return;
    if (!last && now - output->drawn < DRAW_INTERVAL) return;
    output->drawn = now;
    uint64_t elapsed = now - output->started + 1;
    fputc('\r', stderr);
    if (output->expected != PROTO_HTTP_SIZE_UNKNOWN) print_bar(output->written, output->expected);
    print_amount(output->written);
    fputs("  ", stderr);
    print_amount((uint64_t)((double)output->written / ((double)elapsed / 1e9)));
    fputs(last ? "/s   \n" : "/s   ", stderr);
}

/* ------------------------------------------------------------------------------------- files -- */

/* The part file, for whoever interrupts the program. */
static char *volatile interrupted_part;

static void clean_up(int signal_number)
{
    if (interrupted_part) unlink(interrupted_part);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void clean_up_when_interrupted(char *part)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    interrupted_part = part;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], part ? clean_up : SIG_DFL);
}

/* A pipe or a device is written to as it is: there is nothing to put in its place. */
static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

static bool open_part(struct output *output)
{
    static const char suffix[] = ".part-XXXXXX";
    size_t length = strlen(output->path);
    char *part = malloc(length + sizeof suffix);
    if (!part) return false;
    memcpy(part, output->path, length);
    memcpy(part + length, suffix, sizeof suffix);
    int fd = mkstemp(part);
    if (fd < 0) {
        free(part);
        return false;
    }
    clean_up_when_interrupted(part);
    output->part = part;
    mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    output->file = fdopen(fd, "w");
    return output->file != NULL;
}

bool output_begin(struct output *output, const char *path, uint64_t expected)
{
    *output = (struct output){.path = path, .expected = expected, .started = clock_now()};
    if (path && strcmp(path, "-") == 0) output->path = NULL;
    if (!output->path) {
        output->file = stdout;
        return true;
    }
    if (!is_special(output->path)) return open_part(output);
    output->file = fopen(output->path, "w");
    return output->file != NULL;
}

bool output_put(struct output *output, proto_slice bytes)
{
    output->written += bytes.len;
    draw_progress(output, false);
    if (!output->path && isatty(STDOUT_FILENO)) {
        put_visible(bytes, false);
        return !ferror(stdout);
    }
    return fwrite(bytes.ptr, 1, bytes.len, output->file) == bytes.len;
}

bool output_finish(struct output *output)
{
    draw_progress(output, true);
    if (!output->path) return fflush(stdout) == 0;
    FILE *file = output->file;
    output->file = NULL;
    if (fclose(file) != 0) return false;
    if (!output->part) return true;
    if (rename(output->part, output->path) != 0) return false;
    clean_up_when_interrupted(NULL);
    free(output->part);
    output->part = NULL;
    return true;
}

void output_abandon(struct output *output)
{
    int error = errno;
    if (!output->path) fflush(stdout);
    if (output->path && output->file) fclose(output->file);
    if (output->part) {
        unlink(output->part);
        clean_up_when_interrupted(NULL);
        free(output->part);
    }
    *output = (struct output){0};
    errno = error;
}
