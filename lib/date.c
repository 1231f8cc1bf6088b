/* SPDX-License-Identifier: MIT */
#include "proto/date.h"

#include "ascii.h"
#include "outcome.h"

#include <string.h>

static const char weekday_names[7][10] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};

static const char month_names[13][4] = {"",    "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

const char *proto_date_month_name(unsigned month)
{
    return month_names[month <= 12 ? month : 0];
}

/* ---------------------------------------------------------------------------------- calendar -- */

enum {
    DAY = 24 * 60 * 60,
    YEARS_IN_CYCLE = 400, /* after which the calendar repeats itself, weekdays and all */
    DAYS_IN_CYCLE = 400 * 365 + 97,
    WEEKDAY_OF_FIRST_DAY = 6 /* 0000-01-01 was a Saturday */
};

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 0000-01-01 to the first of January: 365 a year and one more for each leap year that is
   over. */
static unsigned days_before_year(unsigned year)
{
    return 365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

/* Days from the first of January to the first of the month; of month 13, the days of the year. */
static unsigned days_before_month(unsigned year, unsigned month)
{
    static const uint16_t days[14] = {0,   0,   31,  59,  90,  120, 151,
                                      181, 212, 243, 273, 304, 334, 365};
    return month > 2 && is_leap(year) ? days[month] + 1u : days[month];
}

/* The average year is up to three days off: the estimate is right or one year too late. */
static unsigned year_of_day(unsigned day)
{
    unsigned year = (day + 1) * YEARS_IN_CYCLE / DAYS_IN_CYCLE;
    return day < days_before_year(year) ? year - 1 : year;
}

proto_err proto_date_split(int64_t seconds, proto_date_civil *civil)
{
    if (seconds < PROTO_DATE_MIN || seconds > PROTO_DATE_MAX) return PROTO_ERR_DATE_RANGE;
    uint64_t since_first = (uint64_t)(seconds - PROTO_DATE_MIN);
    unsigned day = (unsigned)(since_first / DAY);
    unsigned second = (unsigned)(since_first % DAY);
    unsigned year = year_of_day(day);
    unsigned day_of_year = day - days_before_year(year);
    unsigned month = 1;
    while (day_of_year >= days_before_month(year, month + 1))
        month++;
    civil->year = (int32_t)year;
    civil->month = (uint8_t)month;
    civil->day = (uint8_t)(day_of_year - days_before_month(year, month) + 1);
    civil->hour = (uint8_t)(second / 3600);
    civil->minute = (uint8_t)(second / 60 % 60);
    civil->second = (uint8_t)(second % 60);
    civil->weekday = (uint8_t)((day + WEEKDAY_OF_FIRST_DAY) % 7);
    return PROTO_OK;
}

static bool exists(const proto_date_civil *civil)
{
    if (civil->year < 0 || civil->year > 9999 || civil->month < 1 || civil->month > 12)
        return false;
    unsigned year = (unsigned)civil->year;
    unsigned days = days_before_month(year, civil->month + 1u) -
                    days_before_month(year, civil->month);
    return civil->day >= 1 && civil->day <= days && civil->hour <= 23 && civil->minute <= 59 &&
           civil->second <= 59;
}

proto_err proto_date_join(const proto_date_civil *civil, int64_t *seconds)
{
    if (!exists(civil)) return PROTO_ERR_DATE_RANGE;
    unsigned year = (unsigned)civil->year;
    unsigned day = days_before_year(year) + days_before_month(year, civil->month) + civil->day - 1u;
    unsigned second = civil->hour * 3600u + civil->minute * 60u + civil->second;
    *seconds = PROTO_DATE_MIN + (int64_t)day * DAY + second;
    return PROTO_OK;
}

/* ----------------------------------------------------------------------------------- writing -- */

static void put_digits(char *at, unsigned number, unsigned count)
{
    for (; count > 0; number /= 10)
        at[--count] = (char)('0' + number % 10);
}

proto_err proto_date_write(int64_t seconds, proto_out *out)
{
    char text[] = "www, dd mmm yyyy hh:mm:ss GMT";
    proto_date_civil civil;
    proto_err err = proto_date_split(seconds, &civil);
    if (err != PROTO_OK) return err;
    memcpy(text, weekday_names[civil.weekday], 3);
    put_digits(text + 5, civil.day, 2);
    memcpy(text + 8, month_names[civil.month], 3);
    put_digits(text + 12, (unsigned)civil.year, 4);
    put_digits(text + 17, civil.hour, 2);
    put_digits(text + 20, civil.minute, 2);
    put_digits(text + 23, civil.second, 2);
    return proto_out_put(out, text, PROTO_DATE_LENGTH) ? PROTO_OK : PROTO_ERR_NO_SPACE;
}

/* ----------------------------------------------------------------------------------- reading -- */

/* The three forms of RFC 9110 section 5.6.7, letters as in strftime(). */
static const char imf_fixdate[] = "%a, %d %b %Y %H:%M:%S GMT";
static const char rfc850_date[] = "%A, %d-%b-%y %H:%M:%S GMT";
static const char asctime_date[] = "%a %b %e %H:%M:%S %Y";

typedef struct date_cursor {
    proto_slice text;
    size_t at; /* after an error, the byte at fault */
    proto_date_civil civil;
} date_cursor;

/* Takes the literal, or its first `longest` characters. */
static bool take(date_cursor *cursor, const char *literal, size_t longest)
{
    proto_slice text = cursor->text;
    size_t at = cursor->at;
    for (; longest > 0 && *literal; longest--, literal++, at++)
        if (at == text.len || text.ptr[at] != (uint8_t)*literal) return false;
    cursor->at = at;
    return true;
}

static proto_err weekday_read(date_cursor *cursor, size_t longest)
{
    for (uint8_t day = 0; day < 7; day++) {
        cursor->civil.weekday = day;
        if (take(cursor, weekday_names[day], longest)) return PROTO_OK;
    }
    return PROTO_ERR_DATE_SYNTAX;
}

static proto_err month_read(date_cursor *cursor)
{
    for (uint8_t month = 1; month <= 12; month++) {
        cursor->civil.month = month;
        if (take(cursor, month_names[month], 3)) return PROTO_OK;
    }
    return PROTO_ERR_DATE_SYNTAX;
}

static proto_err digits_read(date_cursor *cursor, unsigned count, unsigned *number)
{
    for (*number = 0; count > 0; count--, cursor->at++) {
        if (cursor->at == cursor->text.len) return PROTO_ERR_DATE_SYNTAX;
        uint8_t byte = cursor->text.ptr[cursor->at];
        if (!ascii_is(byte, ASCII_DIGIT)) return PROTO_ERR_DATE_SYNTAX;
        *number = *number * 10 + (byte & 15u);
    }
    return PROTO_OK;
}

static proto_err year_read(date_cursor *cursor, unsigned digits)
{
    unsigned year;
    proto_err err = digits_read(cursor, digits, &year);
    cursor->civil.year = (int32_t)year;
    return err;
}

/* Two digits; one where a blank stands for the first. */
static proto_err pair_read(date_cursor *cursor, bool may_be_blank, unsigned highest, uint8_t *field)
{
    unsigned number;
    unsigned count = may_be_blank && take(cursor, " ", 1) ? 1 : 2;
    proto_err err = digits_read(cursor, count, &number);
    *field = (uint8_t)number;
    if (err != PROTO_OK || number <= highest) return err;
    cursor->at -= count;
    return PROTO_ERR_DATE_RANGE;
}

static proto_err conversion_read(date_cursor *cursor, char conversion)
{
    proto_date_civil *civil = &cursor->civil;
    switch (conversion) {
    case 'a': return weekday_read(cursor, 3);
    case 'A': return weekday_read(cursor, sizeof weekday_names[0]);
    case 'b': return month_read(cursor);
    case 'd': return pair_read(cursor, false, 31, &civil->day);
    case 'e': return pair_read(cursor, true, 31, &civil->day);
    case 'H': return pair_read(cursor, false, 23, &civil->hour);
    case 'M': return pair_read(cursor, false, 59, &civil->minute);
    case 'S': return pair_read(cursor, false, 60, &civil->second);
    case 'y': return year_read(cursor, 2);
    default: return year_read(cursor, 4); /* Y */
    }
}

static proto_err form_read(date_cursor *cursor, const char *form)
{
    proto_err err = PROTO_OK;
    for (; *form && err == PROTO_OK; form++) {
        if (*form == '%')
            err = conversion_read(cursor, *++form);
        else if (!take(cursor, form, 1))
            err = PROTO_ERR_DATE_SYNTAX;
    }
    if (err == PROTO_OK && cursor->at < cursor->text.len) err = PROTO_ERR_DATE_SYNTAX;
    return err;
}

/* What follows three letters tells the forms apart. */
static const char *form_of(proto_slice text)
{
    if (text.len > 3 && text.ptr[3] == ' ') return asctime_date;
    return text.len > 3 && text.ptr[3] != ',' ? rfc850_date : imf_fixdate;
}

/* A number that grows with the time of the year. */
static unsigned time_of_year(const proto_date_civil *civil)
{
    unsigned day = civil->month * 32u + civil->day;
    return ((day * 24 + civil->hour) * 60 + civil->minute) * 61 + civil->second;
}

/* The latest year with these two digits that is not more than 50 years, to the second, after the
   present (RFC 9110 section 5.6.7). */
static void century_complete(proto_date_civil *civil, int64_t now)
{
    proto_date_civil present;
    if (now < PROTO_DATE_MIN) now = PROTO_DATE_MIN;
    if (now > PROTO_DATE_MAX) now = PROTO_DATE_MAX;
    (void)proto_date_split(now, &present);
    int32_t latest = present.year + 50;
    int32_t year = latest - latest % 100 + civil->year;
    if (year > latest || (year == latest && time_of_year(civil) > time_of_year(&present)))
        year -= 100;
    civil->year = year;
}

/* A leap second ends a day of UTC; POSIX time has no number for it (RFC 9110 section 5.6.7, RFC
   5322 section 3.3). */
static void leap_second_drop(proto_date_civil *civil)
{
    if (civil->hour == 23 && civil->minute == 59 && civil->second == 60) civil->second = 59;
}

proto_err proto_date_read(proto_slice text, int64_t now, int64_t *seconds, proto_fault *fault)
{
    date_cursor cursor = {.text = text};
    const char *form = form_of(text);
    proto_err err = form_read(&cursor, form);
    if (err != PROTO_OK) return outcome(fault, err, cursor.at);
    if (form == rfc850_date) century_complete(&cursor.civil, now);
    leap_second_drop(&cursor.civil);
    int64_t date;
    proto_date_civil real;
    err = proto_date_join(&cursor.civil, &date);
    if (err == PROTO_OK) err = proto_date_split(date, &real);
    if (err == PROTO_OK && real.weekday != cursor.civil.weekday) err = PROTO_ERR_DATE_RANGE;
    if (err == PROTO_OK) *seconds = date;
    return outcome(fault, err, 0);
}
