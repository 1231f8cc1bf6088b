/* SPDX-License-Identifier: MIT */
#include "http_lines.h"

#include "ascii.h"
#include "http_scan.h"

/* No sum or difference of two limits leaves 32 bits, whatever the configuration says. */
enum { LARGEST = 1 << 30 };

/* The limit in force where the configuration says `limit`. */
static uint32_t bounded(uint32_t limit, uint32_t standard)
{
    if (limit == 0) return standard;
    return limit < LARGEST ? limit : LARGEST;
}

uint32_t http_max_head(const proto_http_config *config)
{
    return bounded(config ? config->max_head : 0, 65536);
}

uint32_t http_max_line(const proto_http_config *config)
{
    uint32_t max = bounded(config ? config->max_line : 0, 16384);
    return max < 2 ? 2 : max; /* or the CR that comes first of a blank line would be too long */
}

uint32_t http_max_extension(const proto_http_config *config)
{
    return bounded(config ? config->max_extension : 0, 256);
}

uint32_t http_max_overhead(const proto_http_config *config)
{
    return bounded(config ? config->max_overhead : 0, 16384);
}

uint32_t http_max_trailer(const proto_http_config *config)
{
    return bounded(config ? config->max_trailer : 0, 8192);
}

uint64_t http_max_body(const proto_http_config *config)
{
    uint64_t max = config ? config->max_body : 0;
    return max > 0 && max < INT64_MAX ? max : INT64_MAX;
}

uint32_t http_lenient(const proto_http_config *config)
{
    return config ? config->lenient : 0;
}

bool http_line_allows(http_lines *lines, proto_http_lenient leniency)
{
    if (!(lines->lenient & (uint32_t)leniency)) return false;
    lines->deviations |= (uint32_t)leniency;
    return true;
}

proto_err http_line_refuse(http_lines *lines, proto_err err, const uint8_t *at)
{
    lines->fault = (uint32_t)(at - lines->base);
    return err;
}

const uint8_t *http_line_feed(const http_lines *lines)
{
    uint32_t from = lines->scanned > lines->line ? lines->scanned : lines->line;
    uint32_t room = lines->max_line < lines->end - lines->line ? lines->line + lines->max_line
                                                               : lines->end;
    return from < room ? memchr(lines->base + from, '\n', room - from) : NULL;
}

proto_err http_line_unfinished(http_lines *lines)
{
    if (lines->end - lines->line >= lines->max_line)
        return http_line_refuse(lines, PROTO_ERR_HTTP_LINE_TOO_LONG,
                                lines->base + lines->line + lines->max_line);
    lines->scanned = lines->end;
    return PROTO_NEED_INPUT;
}

proto_err http_line_check_text(http_lines *lines, const uint8_t *at, const uint8_t *feed,
                               proto_err err, const uint8_t **end)
{
    for (; at < feed && *at != '\r'; at++) {
        if (ascii_is(*at, ASCII_TEXT)) continue;
        if (*at == 0 || !http_line_allows(lines, PROTO_HTTP_LENIENT_CONTROLS))
            return http_line_refuse(lines, err, at);
    }
    *end = at;
    if (at + 1 == feed) return PROTO_OK;
    if (at == feed && http_line_allows(lines, PROTO_HTTP_LENIENT_BARE_LF)) return PROTO_OK;
    return http_line_refuse(lines, PROTO_ERR_HTTP_LINE_END, at);
}

/* RFC 9112 section 5.2: a continuation lengthens the value of the line before it. */
static proto_err folded_line(http_lines *lines, proto_http_fields *fields, const uint8_t *line,
                             const uint8_t *feed)
{
    const uint8_t *stop;
    if (fields->count == 0 || !http_line_allows(lines, PROTO_HTTP_LENIENT_OBS_FOLD))
        return http_line_refuse(lines, PROTO_ERR_HTTP_FIELD_FOLD, line);
    proto_err err = http_line_check_text(lines, line, feed, PROTO_ERR_HTTP_FIELD_VALUE, &stop);
    if (err) return err;
    const uint8_t *begin = http_blanks_end(line, stop);
    stop = http_blanks_begin(begin, stop);
    if (begin == stop) return PROTO_OK;
    proto_http_span *value = &fields->at[fields->count - 1].value;
    if (value->len == 0) value->at = (uint32_t)(begin - lines->base);
    value->len = (uint32_t)(stop - lines->base) - value->at;
    return PROTO_OK;
}

/* What is wrong with a line whose name is not followed by a colon. */
static proto_err misnamed(http_lines *lines, const uint8_t *at, const uint8_t *feed)
{
    if (*at == '\r' && at + 1 != feed) return http_line_refuse(lines, PROTO_ERR_HTTP_LINE_END, at);
    if (*at == '\r' || *at == '\n') return http_line_refuse(lines, PROTO_ERR_HTTP_FIELD_COLON, at);
    const uint8_t *after = http_blanks_end(at, feed);
    bool blank = after > at && *after == ':';
    return http_line_refuse(lines, blank ? PROTO_ERR_HTTP_FIELD_BLANK : PROTO_ERR_HTTP_FIELD_NAME,
                            at);
}

/* field-line = field-name ":" OWS field-value OWS (RFC 9112 section 5), complete. */
static proto_err field_line(http_lines *lines, proto_http_fields *fields, const uint8_t *line,
                            const uint8_t *feed)
{
    if (*line == ' ' || *line == '\t') return folded_line(lines, fields, line, feed);
    const uint8_t *colon = http_token_end(line, feed);
    if (*colon != ':') return misnamed(lines, colon, feed);
    if (colon == line) return http_line_refuse(lines, PROTO_ERR_HTTP_FIELD_NAME, line);
    const uint8_t *value = http_blanks_end(colon + 1, feed);
    const uint8_t *stop;
    proto_err err = http_line_check_text(lines, value, feed, PROTO_ERR_HTTP_FIELD_VALUE, &stop);
    if (err) return err;
    if (fields->count == fields->cap)
        return http_line_refuse(lines, PROTO_ERR_HTTP_TOO_MANY_FIELDS, line);
    stop = http_blanks_begin(value, stop);
    proto_http_field *field = &fields->at[fields->count++];
    field->name.at = lines->line;
    field->name.len = (uint32_t)(colon - line);
    field->value.at = (uint32_t)(value - lines->base);
    field->value.len = (uint32_t)(stop - value);
    return PROTO_OK;
}

/* Whether the line is the blank one that ends the section; `*next` is then behind it. */
static bool blank_line(http_lines *lines, const uint8_t *line, const uint8_t *feed)
{
    if (line == feed) return http_line_allows(lines, PROTO_HTTP_LENIENT_BARE_LF);
    return line + 1 == feed && *line == '\r';
}

/* Reads the line at hand. PROTO_OK: `line` has moved, and `*blank` says whether it was the last. */
static proto_err read_line(http_lines *lines, proto_http_fields *fields, bool *blank)
{
    const uint8_t *line = lines->base + lines->line;
    const uint8_t *feed = http_line_feed(lines);
    if (!feed) return http_line_unfinished(lines);
    *blank = blank_line(lines, line, feed);
    if (!*blank) {
        if (line == feed) return http_line_refuse(lines, PROTO_ERR_HTTP_LINE_END, line);
        proto_err err = field_line(lines, fields, line, feed);
        if (err) return err;
    }
    lines->line = (uint32_t)(feed + 1 - lines->base);
    return PROTO_OK;
}

proto_err http_field_lines_read(http_lines *lines, proto_http_fields *fields)
{
    for (bool blank = false; !blank;) {
        proto_err err = read_line(lines, fields, &blank);
        if (err) return err;
    }
    return PROTO_OK;
}
