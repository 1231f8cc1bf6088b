/* SPDX-License-Identifier: MIT */
/* The datagram of a heartbeat: a line of text. */
#include "proto/heartbeat.h"

#include "ascii.h"
#include "outcome.h"
#include "proto/date.h"

#include <string.h>

#define SECOND INT64_C(1000000000)

/* Whole seconds of which every nanosecond has a number. */
#define EARLIEST (-INT64_C(9223372036))
#define LATEST   INT64_C(9223372035)

/* ----------------------------------------------------------------------------------- reading -- */

typedef struct heartbeat_cursor {
    proto_slice text;
    size_t at; /* after an error, the byte at fault */
} heartbeat_cursor;

/* The byte at the cursor; NUL, which is nowhere in a heartbeat, at the end. */
static uint8_t peek(const heartbeat_cursor *cursor)
{
    return cursor->at < cursor->text.len ? cursor->text.ptr[cursor->at] : 0;
}

static bool take(heartbeat_cursor *cursor, uint8_t byte)
{
    if (peek(cursor) != byte) return false;
    cursor->at++;
    return true;
}

static bool at_blank_or_end(const heartbeat_cursor *cursor)
{
    return cursor->at == cursor->text.len || peek(cursor) == ' ';
}

static void pass_blanks(heartbeat_cursor *cursor)
{
    while (take(cursor, ' ')) {}
}

/* A row of digits that is a number of 64 bits. */
static bool number_take(heartbeat_cursor *cursor, uint64_t *number)
{
    if (!ascii_is(peek(cursor), ASCII_DIGIT)) return false;
    for (*number = 0; ascii_is(peek(cursor), ASCII_DIGIT); cursor->at++) {
        uint64_t digit = peek(cursor) & 15u;
        if (*number > (UINT64_MAX - digit) / 10) return false;
        *number = *number * 10 + digit;
    }
    return true;
}

/* What stands behind a decimal point, if there is one, as nanoseconds. */
static bool fraction_take(heartbeat_cursor *cursor, int64_t *nanoseconds)
{
    int64_t worth = SECOND;
    *nanoseconds = 0;
    if (!take(cursor, '.')) return true;
    if (!ascii_is(peek(cursor), ASCII_DIGIT)) return false;
    for (; ascii_is(peek(cursor), ASCII_DIGIT); cursor->at++) {
        worth /= 10;
        *nanoseconds += (peek(cursor) & 15) * worth;
    }
    return true;
}

static bool digits_take(heartbeat_cursor *cursor, unsigned count, unsigned *number)
{
    for (*number = 0; count > 0; count--, cursor->at++) {
        if (!ascii_is(peek(cursor), ASCII_DIGIT)) return false;
        *number = *number * 10 + (peek(cursor) & 15u);
    }
    return true;
}

/* Three numbers, of two digits but for the first, with separators between. */
static bool triple_take(heartbeat_cursor *cursor, unsigned first_digits, uint8_t separator,
                        unsigned triple[3])
{
    return digits_take(cursor, first_digits, &triple[0]) && take(cursor, separator) &&
           digits_take(cursor, 2, &triple[1]) && take(cursor, separator) &&
           digits_take(cursor, 2, &triple[2]);
}

/* time-offset = "Z" / ( "+" / "-" ) 2DIGIT ":" 2DIGIT (RFC 3339 section 5.6), or nothing. */
static bool offset_take(heartbeat_cursor *cursor, int64_t *seconds)
{
    unsigned hour, minute;
    *seconds = 0;
    if (at_blank_or_end(cursor) || take(cursor, 'Z') || take(cursor, 'z')) return true;
    bool west = peek(cursor) == '-';
    if (!take(cursor, '-') && !take(cursor, '+')) return false;
    if (!digits_take(cursor, 2, &hour) || !take(cursor, ':')) return false;
    if (!digits_take(cursor, 2, &minute) || hour > 23 || minute > 59) return false;
    *seconds = (int64_t)hour * 3600 + (int64_t)minute * 60;
    if (west) *seconds = -*seconds;
    return true;
}

static bool stamp_set(int64_t seconds, int64_t nanoseconds, int64_t *stamp)
{
    if (seconds < EARLIEST || seconds > LATEST) return false;
    *stamp = seconds * SECOND + nanoseconds;
    return true;
}

/* date-time (RFC 3339 section 5.6). A leap second counts as the one before it, as POSIX has it. */
static bool date_take(heartbeat_cursor *cursor, int64_t *stamp)
{
    unsigned day[3], clock[3];
    int64_t seconds, nanoseconds, offset;
    if (!triple_take(cursor, 4, '-', day)) return false;
    if (!take(cursor, 'T') && !take(cursor, 't') && !take(cursor, ' ')) return false;
    if (!triple_take(cursor, 2, ':', clock)) return false;
    if (!fraction_take(cursor, &nanoseconds) || !offset_take(cursor, &offset)) return false;
    proto_date_civil civil = {
        .year = (int32_t)day[0],
        .month = (uint8_t)day[1],
        .day = (uint8_t)day[2],
        .hour = (uint8_t)clock[0],
        .minute = (uint8_t)clock[1],
        .second = clock[2] == 60 ? 59 : (uint8_t)clock[2],
    };
    if (proto_date_join(&civil, &seconds) != PROTO_OK) return false;
    return stamp_set(seconds - offset, nanoseconds, stamp);
}

/* A number since 1970. How long it is tells its unit: seconds have eleven digits until the year
   5138. */
static bool epoch_take(heartbeat_cursor *cursor, int64_t *stamp)
{
    uint64_t number;
    int64_t nanoseconds;
    size_t first = cursor->at;
    if (!number_take(cursor, &number)) return false;
    size_t digits = cursor->at - first;
    if (peek(cursor) == '.' || digits <= 11) {
        if (number > (uint64_t)LATEST || !fraction_take(cursor, &nanoseconds)) return false;
        *stamp = (int64_t)number * SECOND + nanoseconds;
        return true;
    }
    uint64_t unit = digits <= 14 ? 1000000 : digits <= 17 ? 1000 : 1;
    if (number > INT64_MAX / unit) return false;
    *stamp = (int64_t)(number * unit);
    return true;
}

static proto_err stamp_read(heartbeat_cursor *cursor, int64_t *stamp)
{
    pass_blanks(cursor);
    size_t first = cursor->at;
    bool date = cursor->text.len - first > 4 && cursor->text.ptr[first + 4] == '-';
    bool taken = date ? date_take(cursor, stamp) : epoch_take(cursor, stamp);
    return taken && at_blank_or_end(cursor) ? PROTO_OK : PROTO_ERR_HEARTBEAT_TIME;
}

static proto_err sequence_read(heartbeat_cursor *cursor, uint64_t *sequence)
{
    pass_blanks(cursor);
    bool taken = number_take(cursor, sequence) && at_blank_or_end(cursor);
    if (taken && *sequence <= PROTO_HEARTBEAT_HIGHEST) return PROTO_OK;
    return PROTO_ERR_HEARTBEAT_SEQUENCE;
}

/* The first word, which may be missing. */
static proto_err version_read(heartbeat_cursor *cursor)
{
    static const char name[] = "heartbeat";
    pass_blanks(cursor);
    if (!ascii_is(peek(cursor), ASCII_ALPHA)) return PROTO_OK;
    for (size_t i = 0; i < sizeof name - 1; i++, cursor->at++)
        if (ascii_lower(peek(cursor)) != (uint8_t)name[i]) return PROTO_ERR_HEARTBEAT_VERSION;
    if (take(cursor, '/') && !take(cursor, '1')) return PROTO_ERR_HEARTBEAT_VERSION;
    return at_blank_or_end(cursor) ? PROTO_OK : PROTO_ERR_HEARTBEAT_VERSION;
}

static bool is_id_byte(uint8_t byte)
{
    switch (byte) {
    case '-':
    case '.':
    case '_':
    case '~':
    case ':':
    case '@':
    case '+': return true;
    default: return ascii_is(byte, ASCII_ALPHA | ASCII_DIGIT);
    }
}

static bool id_take(heartbeat_cursor *cursor, proto_heartbeat *beat)
{
    const uint8_t *first = cursor->text.ptr + cursor->at;
    size_t len = 0;
    if (beat->id.len > 0) return false;
    for (; len < PROTO_HEARTBEAT_ID && is_id_byte(peek(cursor)); len++)
        cursor->at++;
    beat->id = proto_slice_of(first, len);
    return len > 0;
}

static bool boot_take(heartbeat_cursor *cursor, proto_heartbeat *beat)
{
    if (beat->has_boot) return false;
    beat->has_boot = true;
    return number_take(cursor, &beat->boot);
}

static bool every_take(heartbeat_cursor *cursor, proto_heartbeat *beat)
{
    uint64_t seconds;
    int64_t nanoseconds;
    if (beat->every > 0) return false;
    if (!number_take(cursor, &seconds) || seconds > (uint64_t)LATEST) return false;
    if (!fraction_take(cursor, &nanoseconds)) return false;
    beat->every = seconds * (uint64_t)SECOND + (uint64_t)nanoseconds;
    return beat->every > 0;
}

static bool bye_take(heartbeat_cursor *cursor, proto_heartbeat *beat)
{
    (void)cursor;
    if (beat->bye) return false;
    beat->bye = true;
    return true;
}

/* For a later version: visible, and that is all that is known. */
static bool other_take(heartbeat_cursor *cursor, proto_heartbeat *beat)
{
    (void)beat;
    while (peek(cursor) > ' ' && peek(cursor) < 0x7f)
        cursor->at++;
    return true;
}

static bool is_word(proto_slice text, const char *name)
{
    return proto_slice_equal_nocase(text, proto_slice_text(name));
}

static proto_err word_read(heartbeat_cursor *cursor, proto_heartbeat *beat)
{
    size_t first = cursor->at;
    while (ascii_is(peek(cursor), ASCII_ALPHA | ASCII_DIGIT) || peek(cursor) == '-')
        cursor->at++;
    proto_slice name = proto_slice_of(cursor->text.ptr + first, cursor->at - first);
    bool (*value_take)(heartbeat_cursor *, proto_heartbeat *) = other_take;
    if (is_word(name, "id")) value_take = id_take;
    if (is_word(name, "boot")) value_take = boot_take;
    if (is_word(name, "every")) value_take = every_take;
    if (at_blank_or_end(cursor) && is_word(name, "bye")) {
        value_take = bye_take;
    } else if (name.len == 0 || !take(cursor, '=')) {
        return PROTO_ERR_HEARTBEAT_WORD;
    }
    bool taken = value_take(cursor, beat);
    return taken && at_blank_or_end(cursor) ? PROTO_OK : PROTO_ERR_HEARTBEAT_WORD;
}

static proto_err words_read(heartbeat_cursor *cursor, proto_heartbeat *beat)
{
    for (;;) {
        pass_blanks(cursor);
        if (cursor->at == cursor->text.len) return PROTO_OK;
        proto_err err = word_read(cursor, beat);
        if (err != PROTO_OK) return err;
    }
}

static proto_slice without_line_end(proto_slice bytes)
{
    if (bytes.len > 0 && bytes.ptr[bytes.len - 1] == '\n') bytes.len--;
    if (bytes.len > 0 && bytes.ptr[bytes.len - 1] == '\r') bytes.len--;
    return bytes;
}

proto_err proto_heartbeat_read(proto_slice bytes, proto_heartbeat *result, proto_fault *fault)
{
    if (bytes.len > PROTO_HEARTBEAT_LONGEST)
        return outcome(fault, PROTO_ERR_HEARTBEAT_LENGTH, PROTO_HEARTBEAT_LONGEST);
    heartbeat_cursor cursor = {without_line_end(bytes), 0};
    proto_heartbeat beat = {0};
    proto_err err = version_read(&cursor);
    if (err == PROTO_OK) err = sequence_read(&cursor, &beat.sequence);
    if (err == PROTO_OK) err = stamp_read(&cursor, &beat.stamp);
    if (err == PROTO_OK) err = words_read(&cursor, &beat);
    if (err == PROTO_OK) *result = beat;
    return outcome(fault, err, cursor.at);
}

/* ----------------------------------------------------------------------------------- writing -- */

static void put_digits(uint8_t *at, unsigned number, unsigned count)
{
    for (; count > 0; number /= 10)
        at[--count] = (uint8_t)('0' + number % 10);
}

static void put_stamp(int64_t stamp, proto_out *out)
{
    uint8_t text[] = " yyyy-mm-ddThh:mm:ss.nnnnnnnnnZ";
    int64_t seconds = stamp / SECOND, nanoseconds = stamp % SECOND;
    if (nanoseconds < 0) {
        seconds--;
        nanoseconds += SECOND;
    }
    proto_date_civil civil = {0};
    (void)proto_date_split(seconds, &civil); /* the years 1677 to 2262 */
    put_digits(text + 1, (unsigned)civil.year, 4);
    put_digits(text + 6, civil.month, 2);
    put_digits(text + 9, civil.day, 2);
    put_digits(text + 12, civil.hour, 2);
    put_digits(text + 15, civil.minute, 2);
    put_digits(text + 18, civil.second, 2);
    put_digits(text + 21, (unsigned)nanoseconds, 9);
    proto_out_put(out, text, sizeof text - 1);
}

/* Seconds, with no more digits behind the point than it takes. */
static void put_every(uint64_t every, proto_out *out)
{
    uint8_t text[] = ".nnnnnnnnn";
    size_t len = sizeof text - 1;
    put_digits(text + 1, (unsigned)(every % (uint64_t)SECOND), 9);
    while (len > 0 && (text[len - 1] == '0' || text[len - 1] == '.'))
        len--;
    proto_out_slice(out, PROTO_LITERAL(" every="));
    proto_out_decimal(out, every / (uint64_t)SECOND);
    proto_out_put(out, text, len);
}

static bool is_id(proto_slice id)
{
    if (id.len > PROTO_HEARTBEAT_ID) return false;
    for (size_t i = 0; i < id.len; i++)
        if (!is_id_byte(id.ptr[i])) return false;
    return true;
}

proto_err proto_heartbeat_write(const proto_heartbeat *beat, proto_out *out)
{
    proto_out before = *out;
    if (beat->sequence > PROTO_HEARTBEAT_HIGHEST) return PROTO_ERR_HEARTBEAT_SEQUENCE;
    if (!is_id(beat->id)) return PROTO_ERR_HEARTBEAT_WORD;
    proto_out_slice(out, PROTO_LITERAL("Heartbeat/1 "));
    proto_out_decimal(out, beat->sequence);
    put_stamp(beat->stamp, out);
    if (beat->id.len > 0) {
        proto_out_slice(out, PROTO_LITERAL(" id="));
        proto_out_slice(out, beat->id);
    }
    if (beat->has_boot) {
        proto_out_slice(out, PROTO_LITERAL(" boot="));
        proto_out_decimal(out, beat->boot);
    }
    if (beat->every > 0) put_every(beat->every, out);
    if (beat->bye) proto_out_slice(out, PROTO_LITERAL(" bye"));
    proto_out_slice(out, PROTO_LITERAL("\n"));
    return outcome_of_writing(out, before, PROTO_OK);
}
