/* SPDX-License-Identifier: MIT */
/* Heads in one pass, eight bytes in an ordinary register at a time. */
#include "http_scan.h"

enum { WIDTH = UINT32_MAX / 2 }; /* no run is so long that it is told in parts */

typedef uint8_t byte_set;
static const byte_set TOKEN_SET = ASCII_TOKEN, NAME_SET = ASCII_ALPHA | ASCII_DIGIT;

static inline uint32_t length_in(const uint8_t *at, const uint8_t *limit, const byte_set *set)
{
    const uint8_t *end = at;
    if (set == &TOKEN_SET)
        end = http_token_end(at, limit);
    else
        while (end < limit && (ascii_is(*end, NAME_SET) || *end == '.' || *end == '-'))
            end++;
    return (uint32_t)(end - at);
}

/* Eight bytes are asked at once. */
#define IS_TARGET
static inline bool is_target(const uint8_t *at, uint32_t len, const uint8_t *limit)
{
    unsigned all = ASCII_TARGET;
    (void)limit;
    for (; len >= 8; at += 8, len -= 8)
        all &= ascii_class[at[0]] & ascii_class[at[1]] & ascii_class[at[2]] & ascii_class[at[3]] &
               ascii_class[at[4]] & ascii_class[at[5]] & ascii_class[at[6]] & ascii_class[at[7]];
    for (; len > 0; at++, len--)
        all &= ascii_class[*at];
    return all != 0;
}

#include "http_head_fast.h"

/* The end of a name, most of which are letters and "-" throughout; `safe` is eight bytes before the
   limit. */
static inline const uint8_t *name_end(const uint8_t *at, const uint8_t *safe)
{
    for (; at <= safe; at += 8) {
        uint64_t others = http_word_no_letters(word_load(at));
        if (!others) continue;
        at += http_word_first(others);
        if (LIKELY(*at == ':')) return at;
        break;
    }
    return http_token_end(at, safe + 8);
}

/* The high bit of control characters, HTAB among them, and perhaps of bytes behind one; one that is
   marked wrongly, as by a byte of 0xff before it, is found not to end the line and makes the head
   irregular. */
static inline uint64_t seeming_controls(uint64_t word)
{
    return ((word - WORD_EACH(0x20)) | (word + WORD_EACH(1))) & ~word & WORD_EACH(0x80);
}

/* The end of a line's text: a control character, or what seems one, other than HTAB, or the
   limit. */
static inline const uint8_t *line_end(const uint8_t *at, const uint8_t *safe)
{
    for (; LIKELY(at <= safe); at += 8) {
        uint64_t controls = seeming_controls(word_load(at));
        if (!controls) continue;
        at += http_word_first(controls);
        if (LIKELY(*at != '\t')) return at;
        at -= 7;
    }
    return http_text_end(at, safe + 8);
}

/* One field line; NULL for what is not regular. Returns where the next line begins. That its end is
   looked for from its beginning, and not from the colon, keeps the search for the colon out of the
   way from line to line. */
static inline const uint8_t *take_field(const uint8_t *base, const uint8_t *line,
                                        const uint8_t *safe, proto_http_field *field)
{
    const uint8_t *stop = line_end(line, safe);
    const uint8_t *colon = name_end(line, safe);
    if (colon == line || stop > safe + 4) return NULL; /* no token goes over a stop */
    field->name = span_of((uint32_t)(line - base), (uint32_t)(colon - line));
    field->value = span_of((uint32_t)(colon + 2 - base), (uint32_t)(stop - colon - 2));
    if (LIKELY(is_regular(colon, stop))) return stop + 2;
    return fit_value(colon, stop, base, field) ? stop + 2 : NULL;
}

static inline __attribute__((always_inline)) bool split(proto_http_fields *fields,
                                                        head_shape *shape)
{
    if (shape->limit - shape->base < 24) return false;
    const uint8_t *base = shape->base, *safe = shape->limit - 8;
    uint32_t room = fields->cap < HTTP_SEEN ? fields->cap : HTTP_SEEN;
    const uint8_t *line = line_end(base, safe);
    if (line - base < HTTP_START_LINE || line > safe + 4) return false;
    shape->line_end = (uint32_t)(line - base);
    proto_http_field *field = fields->at, *last = field + room;
    uint64_t seen = 0;
    for (line += 2; load_pair(line) != HTTP_TWO('\r', '\n'); field++) {
        if (field == last || !(line = take_field(base, line, safe, field))) return false;
        uint32_t len = field->name.len;
        seen = seen + seen + http_name_decides(base + field->name.at + len, len);
    }
    shape->count = (uint32_t)(field - fields->at);
    shape->seen = shape->count ? seen << (64 - shape->count) : 0;
    shape->length = (uint32_t)(line + 2 - base);
    return true;
}

const http_reader http_reader_portable = {PROTO_SIMD_PORTABLE, read_request, read_response};
