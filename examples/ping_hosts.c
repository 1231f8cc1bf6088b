/* SPDX-License-Identifier: MIT */
/* Whom to ping. */
#include "ping.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "address.h"
#include "memory.h"
#include "visible.h"

enum { LONGEST_NAME = 1024 };

static void add(struct hosts *hosts, const char *name, const proto_address *address)
{
    hosts->list[hosts->count++] = (struct host){
        .name = name, .address = *address, .min = PROTO_NEVER};
}

/* Thousands of addresses in a file need no name server. */
static bool is_number(const char *name, int family, proto_address *address)
{
    *address = (proto_address){.family = PROTO_FAMILY_NONE};
    if (family != AF_INET6 && inet_pton(AF_INET, name, address->octets) == 1)
        address->family = PROTO_IPV4;
    else if (family != AF_INET && inet_pton(AF_INET6, name, address->octets) == 1)
        address->family = PROTO_IPV6;
    return address->family != PROTO_FAMILY_NONE;
}

static void report_unknown(const char *name, const char *why)
{
    char shown[LONGEST_NAME], text[256];
    snprintf(text, sizeof text, "cannot find this host: %s; please check the input", why);
    report(visible(proto_slice_text(name), shown, sizeof shown), text);
}

static void find(struct hosts *hosts, const char *name, int family)
{
    proto_address address;
    const char *why = "it has no name";
    if (is_number(name, family, &address) ||
        (name[0] != '\0' && address_resolve(name, NULL, family, &address, 1, &why) > 0)) {
        add(hosts, name, &address);
        return;
    }
    report_unknown(name, why);
    hosts->failed = true;
}

/* All of a file, or of what comes through a pipe, with a NUL behind it; NULL where it cannot be had.
   Its size tells how much room it takes, if it has one. */
static char *read_all(FILE *file)
{
    struct stat status;
    size_t room = 1 << 16, len = 0;
    if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode))
        room = (size_t)status.st_size + 2;
    char *text = memory_array(room, 1);
    while (text) {
        len += fread(text + len, 1, room - len - 1, file);
        if (len < room - 1) return ferror(file) ? NULL : text;
        char *more = memory_array(4 * room, 1);
        if (more) memcpy(more, text, len);
        text = more;
        room *= 4;
    }
    return NULL;
}

static char *read_file(const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "re");
    char *text = file ? read_all(file) : NULL;
    if (!text) report(path, strerror(errno));
    if (file && !standard) fclose(file);
    return text;
}

static size_t count_lines(const char *text)
{
    size_t lines = 1;
    for (; (text = strchr(text, '\n')) != NULL; text++)
        lines++;
    return lines;
}

/* The first word of each line; `#` begins a comment. The names stay in the text. */
static void find_in_text(struct hosts *hosts, char *text, int family)
{
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = '\0';
        char *word = line + strspn(line, " \t");
        word[strcspn(word, " \t\r#")] = '\0';
        if (word[0] != '\0') find(hosts, word, family);
    }
}

bool hosts_find(struct hosts *hosts, const struct options *options)
{
    size_t room = options->word_count;
    if (options->file) {
        hosts->text = read_file(options->file);
        if (!hosts->text) return false;
        room += count_lines(hosts->text);
    }
    hosts->list = memory_array(room, sizeof *hosts->list);
    if (!hosts->list) {
        report("hosts", strerror(ENOMEM));
        return false;
    }
    for (size_t i = 0; i < options->word_count; i++)
        find(hosts, options->words[i], options->family);
    if (hosts->text) find_in_text(hosts, hosts->text, options->family);
    if (hosts->count == 0 && !hosts->failed) report(options->file, "names no host");
    return hosts->count > 0;
}

bool hosts_are_local(const struct hosts *hosts)
{
    static const uint8_t loopback[16] = {[15] = 1};
    for (size_t i = 0; i < hosts->count; i++) {
        const proto_address *address = &hosts->list[i].address;
        bool local = address->family == PROTO_IPV4 ? address->octets[0] == 127
                                                   : memcmp(address->octets, loopback, 16) == 0;
        if (!local) return false;
    }
    return true;
}
