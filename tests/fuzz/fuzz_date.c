// SPDX-License-Identifier: MIT
// A text that is read as a date is what the C library writes for it, to the byte; and every second that can be written is
// read again in each form. The input is a text; its first eight bytes are also a present and a second.

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/date.h"

typedef struct date_forms {
    char imf[80], rfc850[80], ansi[80];
} date_forms;

static date_forms forms_of(int64_t seconds)
{
    date_forms forms;
    time_t time = (time_t)seconds;
    struct tm tm;
    char day[24], full[24], hour[24], ansi[48];
    if (gmtime_r(&time, &tm) == NULL) abort();
    int year = tm.tm_year + 1900;
    strftime(day, sizeof day, "%a, %d %b", &tm);
    strftime(full, sizeof full, "%A, %d-%b", &tm);
    strftime(ansi, sizeof ansi, "%a %b %e %H:%M:%S", &tm);
    strftime(hour, sizeof hour, "%H:%M:%S", &tm);
    snprintf(forms.imf, sizeof forms.imf, "%s %04d %s GMT", day, year, hour);
    snprintf(forms.rfc850, sizeof forms.rfc850, "%s-%02d %s GMT", full, year % 100, hour);
    snprintf(forms.ansi, sizeof forms.ansi, "%s %04d", ansi, year);
    return forms;
}

// What else the grammar allows: a leap second at the end of a day, and a zero for the blank of asctime().
static void make_canonical(char *text, size_t len)
{
    char *leap = strstr(text, "23:59:60");
    if (leap != NULL) memcpy(leap, "23:59:59", 8);
    if (len > 8 && text[3] == ' ' && text[8] == '0') text[8] = ' ';
}

static void check_text(const uint8_t *data, size_t size, int64_t now)
{
    int64_t seconds = 0;
    proto_fault fault;
    proto_err err = proto_date_read(proto_slice_of(data, size), now, &seconds, &fault);
    assert(fault.err == err && fault.offset <= size);
    if (err != PROTO_OK) {
        assert(err == PROTO_ERR_DATE_SYNTAX || err == PROTO_ERR_DATE_RANGE);
        return;
    }
    assert(seconds >= PROTO_DATE_MIN && seconds <= PROTO_DATE_MAX);
    char text[64];
    assert(size < sizeof text);
    memcpy(text, data, size);
    text[size] = '\0';
    make_canonical(text, size);
    date_forms forms = forms_of(seconds);
    bool imf = strcmp(text, forms.imf) == 0, ansi = strcmp(text, forms.ansi) == 0;
    bool rfc850 = strcmp(text, forms.rfc850) == 0;
    assert(strlen(text) == size && imf + ansi + rfc850 == 1);
    // At most fifty years of at most 366 days ahead.
    if (rfc850 && now <= PROTO_DATE_MAX) assert(seconds - 51 * INT64_C(31622400) < now);
}

static void check_reads(const char *text, int64_t seconds)
{
    int64_t again = 0;
    assert(proto_date_read(proto_slice_text(text), seconds, &again, NULL) == PROTO_OK);
    assert(again == seconds);
}

static void check_second(int64_t seconds)
{
    uint8_t *buffer = malloc(PROTO_DATE_LENGTH);
    proto_out out = proto_out_of(buffer, PROTO_DATE_LENGTH);
    proto_err err = proto_date_write(seconds, &out);
    bool in_range = seconds >= PROTO_DATE_MIN && seconds <= PROTO_DATE_MAX;
    assert(err == (in_range ? PROTO_OK : PROTO_ERR_DATE_RANGE));
    if (in_range) {
        date_forms forms = forms_of(seconds);
        assert(proto_slice_equal(proto_slice_of(out.ptr, out.len), proto_slice_text(forms.imf)));
        check_reads(forms.imf, seconds);
        check_reads(forms.rfc850, seconds);
        check_reads(forms.ansi, seconds);
    }
    free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t number = 0;
    memcpy(&number, data, size < sizeof number ? size : sizeof number);
    check_text(data, size, INT64_C(1700000000));
    check_text(data, size, PROTO_DATE_MAX);
    check_text(data, size, number);
    check_second(number);
    check_second(number % PROTO_DATE_MAX);
    return 0;
}
