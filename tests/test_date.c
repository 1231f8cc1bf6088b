// SPDX-License-Identifier: MIT
// The calendar, every day of it, and the three forms of a date, beside the C library's.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/date.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

// The date of RFC 9110's examples, and a present for dates that name their century.
#define EXAMPLE INT64_C(784111777)
#define NOW     INT64_C(1700000000)
#define DAY     INT64_C(86400)

// ------------------------------------------------------------------------------------------------------------ helpers --

// Reads a copy in an allocation of exactly its size, so that a sanitizer sees the first byte too far.
static proto_err read_exact(const char *text, size_t len, int64_t now, int64_t *seconds,
                            proto_fault *fault)
{
    uint8_t *copy = malloc(len);
    if (len > 0) memcpy(copy, text, len);
    proto_err err = proto_date_read(proto_slice_of(copy, len), now, seconds, fault);
    free(copy);
    return err;
}

static void assert_reads_at(const char *text, int64_t now, int64_t expected)
{
    int64_t seconds = -1;
    proto_fault fault = {PROTO_ERR_STATE, 99};
    proto_err err = read_exact(text, strlen(text), now, &seconds, &fault);
    if (err != PROTO_OK)
        fail_msg("%s: %s at %u", text, proto_err_name(err), (unsigned)fault.offset);
    assert_int_equal(fault.err, PROTO_OK);
    assert_int_equal(fault.offset, 0);
    if (seconds != expected) fail_msg("%s: %lld", text, (long long)seconds);
}

static void assert_reads(const char *text, int64_t expected)
{
    assert_reads_at(text, NOW, expected);
}

static void assert_refuses_at(const char *text, int64_t now, proto_err expected, size_t offset)
{
    int64_t seconds = 42;
    proto_fault fault;
    proto_err err = read_exact(text, strlen(text), now, &seconds, &fault);
    if (err != expected || fault.offset != offset)
        fail_msg("%s: %s at %u", text, proto_err_name(err), (unsigned)fault.offset);
    assert_int_equal(fault.err, expected);
    assert_int_equal(seconds, 42);
    assert_int_equal(read_exact(text, strlen(text), now, &seconds, NULL), expected);
}

static void assert_refuses(const char *text, proto_err expected, size_t offset)
{
    assert_refuses_at(text, NOW, expected, offset);
}

static const char *written(int64_t seconds)
{
    static char text[PROTO_DATE_LENGTH + 1];
    proto_out out = proto_out_of(text, PROTO_DATE_LENGTH);
    assert_int_equal(proto_date_write(seconds, &out), PROTO_OK);
    assert_int_equal(out.len, PROTO_DATE_LENGTH);
    return text;
}

// The three forms as the C library writes them, but for the year, which it does not pad.
static const char *imf_fixdate(const struct tm *tm)
{
    static char text[80];
    char day[24], time[24];
    strftime(day, sizeof day, "%a, %d %b", tm);
    strftime(time, sizeof time, "%H:%M:%S GMT", tm);
    snprintf(text, sizeof text, "%s %04d %s", day, tm->tm_year + 1900, time);
    return text;
}

static const char *rfc850_date(const struct tm *tm)
{
    static char text[80];
    char day[24], time[24];
    strftime(day, sizeof day, "%A, %d-%b", tm);
    strftime(time, sizeof time, "%H:%M:%S GMT", tm);
    snprintf(text, sizeof text, "%s-%02d %s", day, (tm->tm_year + 1900) % 100, time);
    return text;
}

static const char *asctime_date(const struct tm *tm)
{
    static char text[80];
    char day[48];
    strftime(day, sizeof day, "%a %b %e %H:%M:%S", tm);
    snprintf(text, sizeof text, "%s %04d", day, tm->tm_year + 1900);
    return text;
}

// Seconds all over the range of years: a step that is prime, so that every time of day and of year comes.
#define STEP INT64_C(7999993)

// ----------------------------------------------------------------------------------------------------------- calendar --

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static void every_day_of_ten_thousand_years_has_its_place(void **state)
{
    int64_t seconds = PROTO_DATE_MIN;
    unsigned weekday = 6;
    for (int year = 0; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= days_in(year, month); day++) {
                proto_date_civil civil;
                int64_t joined;
                bool same = proto_date_split(seconds, &civil) == PROTO_OK && civil.year == year &&
                            civil.month == month && civil.day == day && civil.weekday == weekday &&
                            civil.hour == 0 && civil.minute == 0 && civil.second == 0 &&
                            proto_date_join(&civil, &joined) == PROTO_OK && joined == seconds;
                if (!same) fail_msg("%04d-%02d-%02d", year, month, day);
                seconds += DAY;
                weekday = (weekday + 1) % 7;
            }
        }
    }
    assert_int_equal(seconds, PROTO_DATE_MAX + 1);
}

static void every_second_of_a_day_has_its_place(void **state)
{
    for (int64_t second = 0; second < DAY; second++) {
        proto_date_civil civil;
        int64_t joined;
        assert_int_equal(proto_date_split(-DAY + second, &civil), PROTO_OK);
        assert_int_equal((civil.hour * 60 + civil.minute) * 60 + civil.second, second);
        assert_true(civil.minute < 60 && civil.second < 60 && civil.day == 31);
        assert_int_equal(proto_date_join(&civil, &joined), PROTO_OK);
        assert_int_equal(joined, -DAY + second);
    }
}

static void the_calendar_is_that_of_gmtime(void **state)
{
    for (int64_t seconds = 0; seconds <= PROTO_DATE_MAX; seconds += STEP / 8) {
        time_t time = (time_t)seconds;
        struct tm tm;
        proto_date_civil civil;
        assert_non_null(gmtime_r(&time, &tm));
        assert_int_equal(proto_date_split(seconds, &civil), PROTO_OK);
        assert_true(civil.year == tm.tm_year + 1900 && civil.month == tm.tm_mon + 1 &&
                    civil.day == tm.tm_mday && civil.hour == tm.tm_hour &&
                    civil.minute == tm.tm_min && civil.second == tm.tm_sec &&
                    civil.weekday == tm.tm_wday);
    }
}

static void a_second_outside_the_range_has_no_date(void **state)
{
    static const int64_t outside[] = {INT64_MIN, PROTO_DATE_MIN - 1, PROTO_DATE_MAX + 1, INT64_MAX};
    for (size_t i = 0; i < COUNT(outside); i++) {
        proto_date_civil civil = {.year = 42};
        proto_out out = proto_out_of(NULL, 0);
        assert_int_equal(proto_date_split(outside[i], &civil), PROTO_ERR_DATE_RANGE);
        assert_int_equal(civil.year, 42);
        assert_int_equal(proto_date_write(outside[i], &out), PROTO_ERR_DATE_RANGE);
        assert_false(out.failed);
    }
    assert_string_equal(written(PROTO_DATE_MIN), "Sat, 01 Jan 0000 00:00:00 GMT");
    assert_string_equal(written(PROTO_DATE_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void a_date_that_does_not_exist_is_not_joined(void **state)
{
    static const proto_date_civil wrong[] = {{-1, 1, 1, 0, 0, 0, 0},
                                             {10000, 1, 1, 0, 0, 0, 0},
                                             {2024, 0, 1, 0, 0, 0, 0},
                                             {2024, 13, 1, 0, 0, 0, 0},
                                             {2024, 1, 0, 0, 0, 0, 0},
                                             {2024, 1, 32, 0, 0, 0, 0},
                                             {2024, 4, 31, 0, 0, 0, 0},
                                             {2024, 2, 30, 0, 0, 0, 0},
                                             {2023, 2, 29, 0, 0, 0, 0},
                                             {1900, 2, 29, 0, 0, 0, 0},
                                             {2100, 2, 29, 0, 0, 0, 0},
                                             {2024, 1, 1, 24, 0, 0, 0},
                                             {2024, 1, 1, 0, 60, 0, 0},
                                             {2024, 1, 1, 0, 0, 60, 0},
                                             {INT32_MIN, 1, 1, 0, 0, 0, 0},
                                             {INT32_MAX, 1, 1, 0, 0, 0, 0},
                                             {2024, 255, 255, 255, 255, 255, 255}};
    static const proto_date_civil right[] = {{2024, 2, 29, 0, 0, 0, 0},
                                             {2000, 2, 29, 23, 59, 59, 255},
                                             {0, 2, 29, 0, 0, 0, 9},
                                             {9999, 12, 31, 23, 59, 59, 0}};
    int64_t seconds = 42;
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(proto_date_join(&wrong[i], &seconds), PROTO_ERR_DATE_RANGE);
    assert_int_equal(seconds, 42);
    for (size_t i = 0; i < COUNT(right); i++)
        assert_int_equal(proto_date_join(&right[i], &seconds), PROTO_OK);
    assert_int_equal(seconds, PROTO_DATE_MAX);
}

static void months_have_names(void **state)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (unsigned month = 1; month <= 12; month++) {
        assert_int_equal(strlen(proto_date_month_name(month)), 3);
        assert_memory_equal(proto_date_month_name(month), names + (month - 1) * 3, 3);
    }
    assert_string_equal(proto_date_month_name(0), "");
    assert_string_equal(proto_date_month_name(13), "");
    assert_string_equal(proto_date_month_name(UINT32_MAX), "");
}

// ------------------------------------------------------------------------------------------------------------ writing --

static void a_date_is_written_whole_or_not_at_all(void **state)
{
    for (size_t cap = 0; cap <= PROTO_DATE_LENGTH + 2; cap++) {
        char *buffer = malloc(cap);
        proto_out out = proto_out_of(buffer, cap);
        bool fits = cap >= PROTO_DATE_LENGTH;
        proto_err err = proto_date_write(EXAMPLE, &out);
        assert_int_equal(err, fits ? PROTO_OK : PROTO_ERR_NO_SPACE);
        assert_int_equal(out.len, fits ? PROTO_DATE_LENGTH : 0);
        assert_int_equal(out.failed, !fits);
        if (fits) assert_memory_equal(buffer, "Sun, 06 Nov 1994 08:49:37 GMT", PROTO_DATE_LENGTH);
        free(buffer);
    }
    char room[64];
    proto_out failed = {(uint8_t *)room, 0, sizeof room, true};
    assert_int_equal(proto_date_write(EXAMPLE, &failed), PROTO_ERR_NO_SPACE);
}

static void what_was_written_is_read_again(void **state)
{
    for (int64_t seconds = PROTO_DATE_MIN; seconds <= PROTO_DATE_MAX; seconds += STEP)
        assert_reads(written(seconds), seconds);
    assert_reads(written(PROTO_DATE_MAX), PROTO_DATE_MAX);
    assert_reads(written(-1), -1);
}

// ------------------------------------------------------------------------------------------------------------ reading --

static void the_three_forms_of_the_rfc_are_one_date(void **state)
{
    assert_reads("Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE);
    assert_reads("Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE);
    assert_reads("Sun Nov  6 08:49:37 1994", EXAMPLE);
}

static void the_forms_that_the_c_library_writes_are_read(void **state)
{
    for (int64_t seconds = PROTO_DATE_MIN; seconds <= PROTO_DATE_MAX; seconds += STEP) {
        time_t time = (time_t)seconds;
        struct tm tm;
        assert_non_null(gmtime_r(&time, &tm));
        assert_string_equal(written(seconds), imf_fixdate(&tm));
        assert_reads_at(imf_fixdate(&tm), 0, seconds);
        assert_reads_at(asctime_date(&tm), 0, seconds);
        assert_reads_at(rfc850_date(&tm), seconds, seconds);
    }
}

static void a_day_of_two_digits_is_read_in_each_form(void **state)
{
    assert_reads("Wed, 16 Nov 1994 08:49:37 GMT", EXAMPLE + 10 * DAY);
    assert_reads("Wednesday, 16-Nov-94 08:49:37 GMT", EXAMPLE + 10 * DAY);
    assert_reads("Wed Nov 16 08:49:37 1994", EXAMPLE + 10 * DAY);
    // date3 = month SP ( 2DIGIT / ( SP 1DIGIT ))
    assert_reads("Sun Nov 06 08:49:37 1994", EXAMPLE);
}

static void february_has_29_days_in_leap_years_alone(void **state)
{
    assert_reads("Thu, 29 Feb 2024 00:00:00 GMT", INT64_C(1709164800));
    assert_reads("Tue, 29 Feb 2000 00:00:00 GMT", INT64_C(951782400));
    assert_reads("Tue, 29 Feb 0000 00:00:00 GMT", PROTO_DATE_MIN + 59 * DAY);
    assert_reads("Sun Feb 29 12:00:00 2088", INT64_C(3728894400));
    static const char *const years[] = {"1900", "2023", "2100", "2200", "9999", "0100"};
    static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    for (size_t year = 0; year < COUNT(years); year++) {
        for (size_t day = 0; day < 7; day++) {
            char text[32];
            snprintf(text, sizeof text, "%s, 29 Feb %s 00:00:00 GMT", weekdays[day], years[year]);
            assert_refuses(text, PROTO_ERR_DATE_RANGE, 0);
        }
    }
}

static void the_weekday_must_be_right(void **state)
{
    static const char *const names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};
    for (int day = 6; day < 13; day++) {
        for (int weekday = 0; weekday < 7; weekday++) {
            char texts[3][48];
            const char *name = names[weekday];
            snprintf(texts[0], 48, "%.3s, %02d Nov 1994 08:49:37 GMT", name, day);
            snprintf(texts[1], 48, "%s, %02d-Nov-94 08:49:37 GMT", name, day);
            snprintf(texts[2], 48, "%.3s Nov %2d 08:49:37 1994", name, day);
            for (int form = 0; form < 3; form++) {
                if (weekday == day - 6)
                    assert_reads(texts[form], EXAMPLE + (day - 6) * DAY);
                else
                    assert_refuses(texts[form], PROTO_ERR_DATE_RANGE, 0);
            }
        }
    }
}

static void a_leap_second_is_the_second_before_it(void **state)
{
    assert_reads("Sat, 31 Dec 2016 23:59:60 GMT", INT64_C(1483228799));
    assert_reads("Saturday, 31-Dec-16 23:59:60 GMT", INT64_C(1483228799));
    assert_reads("Sat Dec 31 23:59:60 2016", INT64_C(1483228799));
    assert_reads("Fri, 31 Dec 9999 23:59:60 GMT", PROTO_DATE_MAX);
    assert_refuses("Sat, 31 Dec 2016 23:58:60 GMT", PROTO_ERR_DATE_RANGE, 0);
    assert_refuses("Sat, 31 Dec 2016 22:59:60 GMT", PROTO_ERR_DATE_RANGE, 0);
    assert_refuses("Sat, 31 Dec 2016 23:59:61 GMT", PROTO_ERR_DATE_RANGE, 23);
}

static void a_malformed_date_is_refused_at_its_byte(void **state)
{
    static const struct {
        const char *text;
        proto_err err;
        size_t offset;
    } cases[] = {
        {"", PROTO_ERR_DATE_SYNTAX, 0},
        {"0", PROTO_ERR_DATE_SYNTAX, 0},
        {"-1", PROTO_ERR_DATE_SYNTAX, 0},
        {"784111777", PROTO_ERR_DATE_SYNTAX, 0},
        {"sun, 06 Nov 1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 0},
        {"SUN, 06 Nov 1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 0},
        {" Sun, 06 Nov 1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 0},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", PROTO_ERR_DATE_SYNTAX, 29},
        {"Sun, 06 Nov 1994 08:49:37 GMTx", PROTO_ERR_DATE_SYNTAX, 29},
        {"Sun,06 Nov 1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 4},
        {"Sun, 6 Nov 1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 6},
        {"Sun,  6 Nov 1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 5},
        {"Sun, 06 nov 1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 8},
        {"Sun, 06 Now 1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 8},
        {"Sun, 06-Nov-1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 7},
        {"Sun, 06 Nov 94 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 14},
        {"Sun, 06 Nov 19940 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 16},
        {"Sun, 06 Nov 1994 8:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 18},
        {"Sun, 06 Nov 1994 08:49 GMT", PROTO_ERR_DATE_SYNTAX, 22},
        {"Sun, 06 Nov 1994 08:49:37 UTC", PROTO_ERR_DATE_SYNTAX, 26},
        {"Sun, 06 Nov 1994 08:49:37 gmt", PROTO_ERR_DATE_SYNTAX, 26},
        {"Sun, 06 Nov 1994 08:49:37 +0000", PROTO_ERR_DATE_SYNTAX, 26},
        {"Sun, 06 Nov 1994 08:49:37", PROTO_ERR_DATE_SYNTAX, 25},
        {"Sun, +6 Nov 1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 5},
        {"Sun, 06 Nov -994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 12},
        {"Sunday, 06 Nov 1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 10},
        {"Sunday, 06-Nov-1994 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 17},
        {"Sun-ay, 06-Nov-94 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 0},
        {"Sunda, 06-Nov-94 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 0},
        {"Sundays, 06-Nov-94 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 6},
        {"Sunday 06-Nov-94 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 6},
        {"Sunday, 6-Nov-94 08:49:37 GMT", PROTO_ERR_DATE_SYNTAX, 9},
        {"Sun Nov 6 08:49:37 1994", PROTO_ERR_DATE_SYNTAX, 9},
        {"Sun Nov   6 08:49:37 1994", PROTO_ERR_DATE_SYNTAX, 9},
        {"Sun Nov  6 08:49:37 1994 GMT", PROTO_ERR_DATE_SYNTAX, 24},
        {"Sun Nov  6 08:49:37 1994\n", PROTO_ERR_DATE_SYNTAX, 24},
        {"Sun Nov  6 08:49:37 94", PROTO_ERR_DATE_SYNTAX, 22},
        {"Sun ", PROTO_ERR_DATE_SYNTAX, 4},
        {"Sun, 00 Nov 1994 08:49:37 GMT", PROTO_ERR_DATE_RANGE, 0},
        {"Sun, 31 Nov 1994 08:49:37 GMT", PROTO_ERR_DATE_RANGE, 0},
        {"Sun, 32 Oct 1994 08:49:37 GMT", PROTO_ERR_DATE_RANGE, 5},
        {"Sun, 06 Nov 1994 24:00:00 GMT", PROTO_ERR_DATE_RANGE, 17},
        {"Sun, 06 Nov 1994 08:60:37 GMT", PROTO_ERR_DATE_RANGE, 20},
        {"Sun, 06 Nov 1994 08:49:61 GMT", PROTO_ERR_DATE_RANGE, 23},
        {"Sun, 06 Nov 1994 08:49:99 GMT", PROTO_ERR_DATE_RANGE, 23},
        {"Sunday, 99-Nov-94 08:49:37 GMT", PROTO_ERR_DATE_RANGE, 8},
        {"Sun Nov 32 08:49:37 1994", PROTO_ERR_DATE_RANGE, 8},
        {"Sun Nov  0 08:49:37 1994", PROTO_ERR_DATE_RANGE, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_refuses(cases[i].text, cases[i].err, cases[i].offset);
    assert_int_equal(proto_date_read(proto_slice_of(NULL, 0), NOW, NULL, NULL),
                     PROTO_ERR_DATE_SYNTAX);
}

static const char *const forms[] = {
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",      "Wednesday, 29-Feb-12 23:59:59 GMT",
    "Wed Feb 29 23:59:59 2012",      "Fri, 31 Dec 9999 23:59:59 GMT"};

static void every_beginning_of_a_date_is_refused_at_its_end(void **state)
{
    for (size_t i = 0; i < COUNT(forms); i++) {
        for (size_t len = 0; len < strlen(forms[i]); len++) {
            int64_t seconds;
            proto_fault fault;
            proto_err err = read_exact(forms[i], len, NOW, &seconds, &fault);
            assert_int_equal(err, PROTO_ERR_DATE_SYNTAX);
            assert_true(fault.offset <= len);
        }
    }
}

// Whether the text is a date as the C library would write it in one of the forms.
static bool is_canonical(const char *text, int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;
    if (gmtime_r(&time, &tm) == NULL) return false;
    return strcmp(text, imf_fixdate(&tm)) == 0 || strcmp(text, rfc850_date(&tm)) == 0 ||
           strcmp(text, asctime_date(&tm)) == 0;
}

static void a_date_with_another_byte_is_another_date_or_none(void **state)
{
    size_t others = 0;
    for (size_t i = 0; i < COUNT(forms); i++) {
        for (size_t at = 0; at < strlen(forms[i]); at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                char text[48];
                size_t len = strlen(strcpy(text, forms[i]));
                text[at] = (char)byte;
                int64_t seconds;
                if (read_exact(text, len, NOW, &seconds, NULL) != PROTO_OK) continue;
                // `0` for the blank in `Nov  6` is the one other spelling.
                bool padded = text[8] == '0' && text[3] == ' ';
                if (padded) text[8] = ' ';
                if (strlen(text) != len || !is_canonical(text, seconds)) fail_msg("%s", text);
                others += (char)byte != forms[i][at];
            }
        }
    }
    assert_true(others > 0);
}

// ------------------------------------------------------------------------------------------------ years of two digits --

static int64_t at(const char *text)
{
    int64_t seconds = 0;
    assert_int_equal(proto_date_read(proto_slice_text(text), 0, &seconds, NULL), PROTO_OK);
    return seconds;
}

static void a_year_of_two_digits_is_at_most_fifty_years_ahead(void **state)
{
    int64_t now = at("Sat, 15 Jun 2024 12:30:30 GMT");
    int64_t in_fifty_years = at("Fri, 15 Jun 2074 12:30:30 GMT");
    assert_reads_at("Friday, 15-Jun-74 12:30:30 GMT", now, in_fifty_years);
    assert_reads_at("Friday, 15-Jun-74 12:30:29 GMT", now, in_fifty_years - 1);
    assert_reads_at("Thursday, 14-Jun-74 12:30:30 GMT", now, in_fifty_years - DAY);
    assert_reads_at("Tuesday, 15-May-74 12:30:31 GMT", now, at("Tue, 15 May 2074 12:30:31 GMT"));
    // One second, minute, hour, day or month later it is in the past.
    assert_reads_at("Saturday, 15-Jun-74 12:30:31 GMT", now, at("Sat, 15 Jun 1974 12:30:31 GMT"));
    assert_reads_at("Saturday, 15-Jun-74 12:31:00 GMT", now, at("Sat, 15 Jun 1974 12:31:00 GMT"));
    assert_reads_at("Saturday, 15-Jun-74 13:00:00 GMT", now, at("Sat, 15 Jun 1974 13:00:00 GMT"));
    assert_reads_at("Sunday, 16-Jun-74 00:00:00 GMT", now, at("Sun, 16 Jun 1974 00:00:00 GMT"));
    assert_reads_at("Monday, 01-Jul-74 00:00:00 GMT", now, at("Mon, 01 Jul 1974 00:00:00 GMT"));
    assert_reads_at("Wednesday, 01-Jan-75 00:00:00 GMT", now, at("Wed, 01 Jan 1975 00:00:00 GMT"));
    assert_refuses_at("Friday, 15-Jun-74 12:30:31 GMT", now, PROTO_ERR_DATE_RANGE, 0);
    // The last of a day or month is before the first of the next.
    now = at("Thu, 01 Aug 2024 00:00:00 GMT");
    assert_reads_at("Tuesday, 31-Jul-74 12:00:00 GMT", now, at("Tue, 31 Jul 2074 12:00:00 GMT"));
    now = at("Sun, 16 Jun 2024 00:00:00 GMT");
    assert_reads_at("Friday, 15-Jun-74 23:59:60 GMT", now, at("Fri, 15 Jun 2074 23:59:59 GMT"));
}

static void a_year_of_two_digits_may_be_in_the_next_century(void **state)
{
    int64_t now = at("Thu, 31 Dec 2099 23:59:59 GMT");
    assert_reads_at("Friday, 01-Jan-00 00:00:00 GMT", now, now + 1);
    assert_reads_at("Thursday, 31-Dec-99 23:59:59 GMT", now, now);
    assert_reads_at("Wednesday, 31-Dec-49 23:59:59 GMT", now, at("Wed, 31 Dec 2149 23:59:59 GMT"));
    assert_reads_at("Saturday, 01-Jan-50 00:00:00 GMT", now, at("Sat, 01 Jan 2050 00:00:00 GMT"));
}

// The rule as RFC 9110 section 5.6.7 has it, by trying: no year in the future that is nearer than 50 years is passed over.
static void each_year_of_two_digits_is_the_latest_that_the_rule_allows(void **state)
{
    for (int year = 60; year <= 9900; year += 7) {
        proto_date_civil present = {year, 7, 1, 0, 0, 0, 0};
        int64_t now;
        assert_int_equal(proto_date_join(&present, &now), PROTO_OK);
        for (int digits = 0; digits < 100; digits++) {
            int expected = year + 50;
            while (expected % 100 != digits)
                expected--;
            proto_date_civil civil = {expected, 7, 1, 0, 0, 0, 0};
            int64_t seconds;
            assert_int_equal(proto_date_join(&civil, &seconds), PROTO_OK);
            time_t time = (time_t)seconds;
            struct tm tm;
            assert_non_null(gmtime_r(&time, &tm));
            assert_reads_at(rfc850_date(&tm), now, seconds);
        }
    }
}

static void at_the_ends_of_time_some_years_of_two_digits_are_none(void **state)
{
    // 0050 is the latest that 0000 allows, and -0001 is not a year.
    assert_reads_at("Saturday, 01-Jan-50 00:00:00 GMT", PROTO_DATE_MIN,
                    at("Sat, 01 Jan 0050 00:00:00 GMT"));
    assert_refuses_at("Saturday, 01-Jan-51 00:00:00 GMT", PROTO_DATE_MIN, PROTO_ERR_DATE_RANGE, 0);
    assert_refuses_at("Saturday, 01-Jan-99 00:00:00 GMT", PROTO_DATE_MIN, PROTO_ERR_DATE_RANGE, 0);
    assert_reads_at("Friday, 31-Dec-99 23:59:59 GMT", PROTO_DATE_MAX + 1, PROTO_DATE_MAX);
    assert_reads_at("Saturday, 01-Jan-50 00:00:00 GMT", PROTO_DATE_MIN - 1,
                    at("Sat, 01 Jan 0050 00:00:00 GMT"));
    assert_reads_at("Saturday, 01-Jan-50 00:00:00 GMT", INT64_MIN,
                    at("Sat, 01 Jan 0050 00:00:00 GMT"));
    assert_reads_at("Friday, 31-Dec-99 23:59:59 GMT", PROTO_DATE_MAX, PROTO_DATE_MAX);
    assert_reads_at("Friday, 31-Dec-99 23:59:59 GMT", INT64_MAX, PROTO_DATE_MAX);
    assert_refuses_at("Saturday, 01-Jan-00 00:00:00 GMT", INT64_MAX, PROTO_ERR_DATE_RANGE, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_ten_thousand_years_has_its_place),
        cmocka_unit_test(every_second_of_a_day_has_its_place),
        cmocka_unit_test(the_calendar_is_that_of_gmtime),
        cmocka_unit_test(a_second_outside_the_range_has_no_date),
        cmocka_unit_test(a_date_that_does_not_exist_is_not_joined),
        cmocka_unit_test(months_have_names),
        cmocka_unit_test(a_date_is_written_whole_or_not_at_all),
        cmocka_unit_test(what_was_written_is_read_again),
        cmocka_unit_test(the_three_forms_of_the_rfc_are_one_date),
        cmocka_unit_test(the_forms_that_the_c_library_writes_are_read),
        cmocka_unit_test(a_day_of_two_digits_is_read_in_each_form),
        cmocka_unit_test(february_has_29_days_in_leap_years_alone),
        cmocka_unit_test(the_weekday_must_be_right),
        cmocka_unit_test(a_leap_second_is_the_second_before_it),
        cmocka_unit_test(a_malformed_date_is_refused_at_its_byte),
        cmocka_unit_test(every_beginning_of_a_date_is_refused_at_its_end),
        cmocka_unit_test(a_date_with_another_byte_is_another_date_or_none),
        cmocka_unit_test(a_year_of_two_digits_is_at_most_fifty_years_ahead),
        cmocka_unit_test(a_year_of_two_digits_may_be_in_the_next_century),
        cmocka_unit_test(each_year_of_two_digits_is_the_latest_that_the_rule_allows),
        cmocka_unit_test(at_the_ends_of_time_some_years_of_two_digits_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
