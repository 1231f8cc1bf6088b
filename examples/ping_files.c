/* SPDX-License-Identifier: MIT */
/*
 * Files for other programs. A file that others read while it is renewed is written beside itself
 * and then takes its name, so that nobody ever reads half of it.
 */
#include "ping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAMILY_ROOM = 1 << 16, LOG_ROOM = 1 << 16, LABELS = 2 };

/* -------------------------------------------------------------------------- written beside it -- */

struct beside {
    const char *path;
    char *part;
    FILE *file;
};

static bool beside_failed(struct beside *it)
{
    report(it->path, strerror(errno));
    if (it->file) fclose(it->file);
    if (it->part) remove(it->part);
    free(it->part);
    return false;
}

static bool beside_open(struct beside *it, const char *path)
{
    size_t size = strlen(path) + sizeof ".part";
    *it = (struct beside){.path = path, .part = malloc(size)};
    if (!it->part) return beside_failed(it);
    snprintf(it->part, size, "%s.part", path);
    it->file = fopen(it->part, "we");
    return it->file ? true : beside_failed(it);
}

static bool beside_close(struct beside *it)
{
    bool good = !ferror(it->file);
    good = fclose(it->file) == 0 && good;
    it->file = NULL;
    if (!good || rename(it->part, it->path) != 0) return beside_failed(it);
    free(it->part);
    return true;
}

static void write_out(FILE *file, const proto_out *text)
{
    fwrite(text->ptr, 1, text->len, file);
}

/* ------------------------------------------------------------------------------------- metrics -- */

static void write_series(FILE *file, proto_rtt_family family, const struct host *host,
                         const proto_rtt *rtt, proto_out *room)
{
    uint8_t text[PROTO_ADDRESS_TEXT];
    proto_out address = proto_out_of(text, sizeof text);
    proto_address_write(&host->address, &address);
    const proto_rtt_label labels[LABELS] = {
        {PROTO_SLICE_INIT("host"), proto_slice_text(host->name)},
        {PROTO_SLICE_INIT("address"), proto_slice_of(address.ptr, address.len)},
    };
    const proto_rtt_series series = {rtt, labels, LABELS};
    room->len = 0;
    if (proto_rtt_samples_write(family, NULL, &series, room) == PROTO_OK) write_out(file, room);
    room->failed = false;
}

/* Without a label where all hosts have one histogram. */
static void write_shared(FILE *file, proto_rtt_family family, const proto_rtt *rtt, proto_out *room)
{
    const proto_rtt_series series = {rtt, NULL, 0};
    room->len = 0;
    if (proto_rtt_samples_write(family, NULL, &series, room) == PROTO_OK) write_out(file, room);
    room->failed = false;
}

static void write_family(struct ping *ping, FILE *file, proto_rtt_family family, proto_out *room)
{
    room->len = 0;
    proto_rtt_family_write(family, NULL, room);
    write_out(file, room);
    if (ping->shared) write_shared(file, family, ping->rtts, room);
    for (size_t i = 0; !ping->shared && i < ping->hosts.count; i++)
        write_series(file, family, &ping->hosts.list[i], &ping->rtts[i], room);
}

bool metrics_write(struct ping *ping)
{
    static uint8_t storage[FAMILY_ROOM];
    struct beside it;
    proto_out room = proto_out_of(storage, sizeof storage);
    if (!ping->options.metrics) return true;
    if (!beside_open(&it, ping->options.metrics)) return false;
    for (int family = 0; family < PROTO_RTT_FAMILIES; family++)
        write_family(ping, it.file, (proto_rtt_family)family, &room);
    return beside_close(&it);
}

/* ----------------------------------------------------------------------------------------- log -- */

static FILE *hdr_log;
static uint64_t hdr_log_since;

bool hdr_log_begin(struct ping *ping)
{
    static uint8_t storage[LOG_ROOM];
    const char *path = ping->options.hdr_log;
    proto_out room = proto_out_of(storage, sizeof storage);
    if (!path) return true;
    hdr_log = fopen(path, "we");
    if (!hdr_log) {
        report(path, strerror(errno));
        return false;
    }
    hdr_log_since = ping->began;
    proto_rtt_hdr_head_write((uint64_t)((int64_t)ping->began + ping->wall), &room);
    write_out(hdr_log, &room);
    return true;
}

bool hdr_log_write(struct ping *ping, uint64_t now)
{
    static uint8_t storage[LOG_ROOM];
    proto_out room = proto_out_of(storage, sizeof storage);
    if (!hdr_log) return true;
    const proto_rtt_hdr_interval interval = {
        .start = (uint64_t)((int64_t)hdr_log_since + ping->wall),
        .length = now - hdr_log_since,
        .tag = proto_slice_text(ping->hosts.count == 1 ? ping->hosts.list[0].name : ""),
    };
    proto_rtt new = *ping_total(ping), all = new;
    proto_rtt_subtract(&new, &ping->logged);
    proto_rtt_hdr_write(&new, &interval, &room);
    write_out(hdr_log, &room);
    fflush(hdr_log);
    ping->logged = all;
    hdr_log_since = now;
    return true;
}

bool hdr_log_end(void)
{
    if (!hdr_log) return true;
    bool good = !ferror(hdr_log);
    good = fclose(hdr_log) == 0 && good;
    hdr_log = NULL;
    if (!good) report("--hdr-log", strerror(errno));
    return good;
}
