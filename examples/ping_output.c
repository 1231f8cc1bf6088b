/* SPDX-License-Identifier: MIT */
/*
 * Text, collected and written when the program would have to wait anyway, or when there is much of
 * it: a system call for each line would cost more than the ping that the line is about.
 */
#include "ping.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "visible.h"

void output_init(struct output *output, int fd)
{
    output->fd = fd;
    output->error = 0;
    output->text = proto_out_of(output->storage, sizeof output->storage);
}

void output_flush(struct output *output)
{
    size_t done = 0;
    while (done < output->text.len && output->error == 0) {
        ssize_t size = write(output->fd, output->storage + done, output->text.len - done);
        if (size >= 0)
            done += (size_t)size;
        else if (errno != EINTR)
            output->error = errno;
    }
    output->text.len = 0;
    output->text.failed = false;
}

void output_line(struct output *output)
{
    if (output->text.cap - output->text.len < OUTPUT_LINE) output_flush(output);
}

/* --------------------------------------------------------------------------------- for people -- */

void put_number(struct output *output, uint64_t number)
{
    char text[20];
    size_t at = sizeof text;
    do
        text[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    put_bytes(output, text + at, sizeof text - at);
}

/* `number` with `digits` of them behind the point. */
static void put_fraction(struct output *output, uint64_t number, unsigned digits)
{
    char text[24];
    size_t at = sizeof text;
    for (unsigned i = 0; i < digits; i++, number /= 10)
        text[--at] = (char)('0' + number % 10);
    text[--at] = '.';
    put_number(output, number);
    put_bytes(output, text + at, sizeof text - at);
}

void put_time(struct output *output, uint64_t time)
{
    if (time == 0 || time >= 1000) {
        put_fraction(output, (time + 500) / 1000, 3);
    } else {
        put_fraction(output, time, 6);
    }
}

void put_seconds(struct output *output, uint64_t time)
{
    put_fraction(output, time, 9);
}

void put_percent(struct output *output, uint32_t share)
{
    enum { PERCENT = PROTO_RTT_ALL / 100 };
    if (share % PERCENT == 0) {
        put_number(output, share / PERCENT);
    } else if (share > PERCENT) {
        put_fraction(output, (share + PERCENT / 20) / (PERCENT / 10), 1);
    } else {
        put_fraction(output, share, 4);
    }
}

void put_address(struct output *output, const proto_address *address)
{
    if (address->family == PROTO_FAMILY_NONE) {
        put(output, "an unknown address");
    } else {
        proto_address_write(address, &output->text);
    }
}

/* Most names are harmless as they are. */
void put_visible(struct output *output, const char *text)
{
    char shown[1024];
    size_t len = 0;
    while (text[len] > ' ' && text[len] < 0x7f && text[len] != '\\')
        len++;
    if (text[len] == '\0' && len < sizeof shown)
        put_bytes(output, text, len);
    else
        put(output, visible(proto_slice_text(text), shown, sizeof shown));
}

/* --------------------------------------------------------------------------------------- JSON -- */

void put_key(struct output *output, const char *key)
{
    bool first = output->text.len > 0 && output->storage[output->text.len - 1] == '{';
    put(output, first ? "\"" : ",\"");
    put(output, key);
    put(output, "\":");
}

void put_member(struct output *output, const char *key, uint64_t number)
{
    put_key(output, key);
    put_number(output, number);
}

void put_member_text(struct output *output, const char *key, const char *text)
{
    char shown[2048];
    put_key(output, key);
    put(output, "\"");
    put(output, visible_json(proto_slice_text(text), shown, sizeof shown));
    put(output, "\"");
}

void put_member_address(struct output *output, const char *key, const proto_address *address)
{
    put_key(output, key);
    put(output, "\"");
    proto_address_write(address, &output->text);
    put(output, "\"");
}
