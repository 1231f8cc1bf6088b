/* SPDX-License-Identifier: MIT */
/*
 * usage: icmp_dump < DATAGRAMS
 *
 * Reads IP datagrams, a line of hexadecimal digits each, as `provoke` prints them, and says what the
 * library makes of them: a line each, facts apart by semicolons. Exits with 1 if a line is no
 * datagram.
 */
#include "icmp_describe.h"

#include <stdio.h>
#include <string.h>

static bool unhex(const char *digits, size_t count, uint8_t *bytes)
{
    static const char values[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        const char *value = digits[i] != '\0' ? strchr(values, digits[i]) : NULL;
        if (!value) return false;
        const unsigned high = i % 2 == 0 ? 0 : bytes[i / 2];
        bytes[i / 2] = (uint8_t)(high << 4 | (unsigned)(value - values));
    }
    return count > 0 && count % 2 == 0;
}

static void dump(proto_slice datagram)
{
    text_buffer lines = {0};
    const icmp_reading reading = {
        .config.family = datagram.ptr[0] >> 4 == 6 ? PROTO_IPV6 : PROTO_IPV4, .datagram = true};
    icmp_describe(&lines, datagram, &reading);
    for (size_t i = 0; i + 1 < lines.len; i++) {
        if (lines.ptr[i] == '\n')
            fputs("; ", stdout);
        else
            putchar(lines.ptr[i]);
    }
    putchar('\n');
    text_free(&lines);
}

int main(void)
{
    static char line[2 * 65536 + 2];
    static uint8_t bytes[65536];
    int status = 0;
    while (fgets(line, sizeof line, stdin)) {
        const size_t digits = strcspn(line, "\n");
        if (unhex(line, digits, bytes)) {
            dump(proto_slice_of(bytes, digits / 2));
        } else {
            puts("no datagram");
            status = 1;
        }
    }
    return status;
}
