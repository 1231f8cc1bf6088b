/* SPDX-License-Identifier: MIT */
#include "proto/date.h"
#include "proto/probe.h"

#include "ascii.h"
#include "probe.h"

/* `Ping 4294967295 YYYY-MM-DD HH:MM:SS` */
enum { TEXT_MAX = 4 + 1 + 10 + 1 + 19 };

#define SECOND INT64_C(1000000000)

/* Rounded down, also before 1970. */
static int64_t seconds_of(int64_t time)
{
    return time / SECOND - (time % SECOND < 0);
}

static void put_two_digits(proto_out *out, unsigned number)
{
    const char digits[2] = {(char)('0' + number / 10), (char)('0' + number % 10)};
    proto_out_put(out, digits, sizeof digits);
}

static void put_date(proto_out *out, const proto_date_civil *date)
{
    put_two_digits(out, (unsigned)date->year / 100);
    put_two_digits(out, (unsigned)date->year % 100);
    const uint8_t rest[] = {date->month, date->day, date->hour, date->minute, date->second};
    for (size_t i = 0; i < sizeof rest; i++) {
        proto_out_put(out, &"-- ::"[i], 1);
        put_two_digits(out, rest[i]);
    }
}

/* Made aside, as all of it is appended or nothing. */
static proto_err text_write(const void *settings, const proto_probe_ticket *ticket, proto_out *out)
{
    const proto_probe_text *text = settings;
    int64_t time = (int64_t)(ticket->sent + (uint64_t)text->wall); /* modulo 2^64, as `wall` is */
    proto_date_civil date;
    (void)proto_date_split(seconds_of(time), &date); /* of the years 1677 to 2262 */
    uint8_t bytes[TEXT_MAX];
    proto_out line = proto_out_of(bytes, sizeof bytes);
    proto_out_slice(&line, PROTO_LITERAL("Ping "));
    proto_out_decimal(&line, (uint32_t)ticket->number);
    proto_out_slice(&line, PROTO_LITERAL(" "));
    put_date(&line, &date);
    return proto_out_put(out, bytes, line.len) ? PROTO_OK : PROTO_ERR_NO_SPACE;
}

/* The number behind `Ping `, written as we write it: without zeros before it. */
static bool number_read(proto_slice line, uint32_t *number)
{
    const size_t word = 5;
    if (line.len < word || line.len > TEXT_MAX) return false;
    if (!proto_slice_equal_nocase(proto_slice_of(line.ptr, word), PROTO_LITERAL("Ping ")))
        return false;
    uint64_t value = 0;
    size_t at = word;
    for (; at < line.len && ascii_is(line.ptr[at], ASCII_DIGIT) && value <= UINT32_MAX; at++)
        value = value * 10 + (uint64_t)(line.ptr[at] - '0');
    *number = (uint32_t)value;
    return at > word && line.ptr[word] != '0' && value <= UINT32_MAX;
}

static void text_read(const void *settings, const proto_probe_arrival *arrival,
                      proto_probe_reading *reading)
{
    (void)settings;
    probe_reading_clear(reading, arrival);
    if (arrival->form == PROTO_PROBE_PACKET) return;
    if (!number_read(arrival->bytes, &reading->tag)) return;
    reading->has_tag = true;
    reading->payload = arrival->bytes;
    reading->claim = PROTO_PROBE_CLAIM_REPLY;
    if (arrival->form == PROTO_PROBE_MESSAGE) return;
    probe_error_of(arrival, (proto_family)arrival->destination.family, reading);
    reading->claim = probe_claim_of_error(reading->icmp.kind);
}

/* A reply of the right number and another text has been damaged on its way, or made up. */
static proto_probe_match text_match(const void *settings, const proto_probe_reading *reading,
                                    const proto_probe_ticket *ticket)
{
    uint8_t bytes[TEXT_MAX];
    proto_out line = proto_out_of(bytes, sizeof bytes);
    (void)text_write(settings, ticket, &line); /* which there is room for */
    return proto_slice_equal_nocase(reading->payload, proto_slice_of(bytes, line.len))
               ? PROTO_PROBE_MATCH_YES
               : PROTO_PROBE_MATCH_DAMAGED;
}

const proto_probe_codec proto_probe_text_codec = {
    .write = text_write,
    .read = text_read,
    .match = text_match,
    .tag_mask = UINT32_MAX,
};
