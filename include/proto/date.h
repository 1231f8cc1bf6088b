/* SPDX-License-Identifier: MIT */
#ifndef PROTO_DATE_H
#define PROTO_DATE_H

#include "base.h"

/**
 * @file proto/date.h
 * @brief Dates as HTTP writes them (RFC 9110 section 5.6.7), and the calendar behind them.
 *
 * Time is a signed count of seconds since 1970-01-01 00:00:00 UTC, without leap seconds, as POSIX
 * counts it. The calendar is the proleptic Gregorian one, from the year 0000 to 9999. The library
 * has no clock: where the present matters, it is a parameter.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** The length of a date as proto_date_write() writes it. */
#define PROTO_DATE_LENGTH 29

/** The first second that can be written: 0000-01-01 00:00:00. */
#define PROTO_DATE_MIN (-INT64_C(62167219200))

/** The last second that can be written: 9999-12-31 23:59:59. */
#define PROTO_DATE_MAX INT64_C(253402300799)

/** A date and time in UTC. */
typedef struct proto_date_civil {
    int32_t year;    /**< 0 to 9999 */
    uint8_t month;   /**< 1 to 12 */
    uint8_t day;     /**< 1 to 31 */
    uint8_t hour;    /**< 0 to 23 */
    uint8_t minute;  /**< 0 to 59 */
    uint8_t second;  /**< 0 to 59 */
    uint8_t weekday; /**< 0 for Sunday to 6 for Saturday */
} proto_date_civil;

/** Splits @p seconds. @return ::PROTO_OK, or ::PROTO_ERR_DATE_RANGE outside ::PROTO_DATE_MIN to
 *  ::PROTO_DATE_MAX, and then @p civil is unchanged. */
PROTO_API proto_err proto_date_split(int64_t seconds, proto_date_civil *civil);

/** Joins a date, whose `weekday` is not looked at. @return ::PROTO_OK, or ::PROTO_ERR_DATE_RANGE
 *  for one that does not exist, and then @p seconds is unchanged. */
PROTO_API proto_err proto_date_join(const proto_date_civil *civil, int64_t *seconds);

/** @return "Jan" to "Dec" for 1 to 12, "" for another number; static storage. */
PROTO_API const char *proto_date_month_name(unsigned month);

/**
 * Appends @p seconds as an IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`.
 * @return ::PROTO_OK, ::PROTO_ERR_DATE_RANGE or ::PROTO_ERR_NO_SPACE; on an error nothing is
 *         appended.
 */
PROTO_API proto_err proto_date_write(int64_t seconds, proto_out *out);

/**
 * Reads a date in any of the three forms that a recipient must accept: IMF-fixdate, the obsolete
 * RFC 850 form (`Sunday, 06-Nov-94 08:49:37 GMT`) and that of asctime()
 * (`Sun Nov  6 08:49:37 1994`). Case matters, the time zone is GMT and nothing else, the date must
 * exist and fall on the weekday given. A leap second, 23:59:60, is taken for the second before it,
 * as POSIX has no number for it.
 * @param text    The whole of it, without white space around it.
 * @param now     The present, which decides the century of the RFC 850 form: the year is the latest
 *                with these two digits that makes the date no more than 50 years later than now, to
 *                the second. So a date that would be further in the future is the most recent one
 *                in the past with the same two digits, as RFC 9110 section 5.6.7 demands. A present
 *                outside ::PROTO_DATE_MIN to ::PROTO_DATE_MAX counts as the nearer of the two.
 * @param seconds The date; unchanged after an error.
 * @param fault   May be NULL; the error and its offset in @p text: the byte that does not fit the
 *                form, the number that is too large, or 0 where the day does not exist or is not
 *                the weekday given.
 * @return ::PROTO_OK, ::PROTO_ERR_DATE_SYNTAX or ::PROTO_ERR_DATE_RANGE.
 */
PROTO_API proto_err proto_date_read(proto_slice text, int64_t now, int64_t *seconds,
                                    proto_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
