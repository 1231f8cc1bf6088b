/* SPDX-License-Identifier: MIT */
/* Heads in one pass, eight bytes in an ordinary register at a time. */
#include "http_scan.h"

enum { WIDTH = UINT32_MAX / 2 }; /* no run is so long that it is told in parts */

typedef uint8_t byte_set;
static const byte_set TOKEN_SET = ASCII_TOKEN, TARGET_SET = ASCII_TARGET, NAME_SET = ASCII_HOST;

static inline uint32_t length_in(const uint8_t *at, const uint8_t *limit, const byte_set *set)
{
    return (uint32_t)(http_class_end(at, limit, *set) - at);
}

/* The high bits of bytes that are in a set of their own: letters, digits, "-" and ".". A byte above
   0x7f spoils the bits of others, but it is none itself. */
static inline uint64_t names(uint64_t word)
{
    uint64_t lower = word | WORD_EACH(0x20);
    uint64_t letters = (lower + WORD_EACH(0x80 - 'a')) ^ (lower + WORD_EACH(0x7f - 'z'));
    uint64_t dash_to_9 = (word + WORD_EACH(0x80 - '-')) ^ (word + WORD_EACH(0x7f - '9'));
    uint64_t no_slash = (word ^ WORD_EACH('/')) + WORD_EACH(0x7f);
    return (letters | dash_to_9) & no_slash & ~word & WORD_EACH(0x80);
}

static inline unsigned classes_of_four(const uint8_t *at)
{
    return ascii_class[at[0]] & ascii_class[at[1]] & ascii_class[at[2]] & ascii_class[at[3]];
}

/* Several bytes are asked at once, the last ones perhaps again. */
#define IS_ALL
static inline bool is_all(const uint8_t *at, uint32_t len, const uint8_t *limit,
                          const byte_set *set)
{
    if (set == &NAME_SET && len >= 8) {
        const uint8_t *last = at + len - 8;
        uint64_t all = names(word_load(last));
        for (; at < last; at += 8)
            all &= names(word_load(at));
        return all == WORD_EACH(0x80);
    }
    if (len < 4) return http_class_end(at, limit, *set) >= at + len;
    const uint8_t *last = at + len - 4;
    unsigned all = *set;
    for (; at < last; at += 4)
        all &= classes_of_four(at);
    return (all & classes_of_four(last)) != 0;
}

#include "http_head_fast.h"

/* The high bits that the next two return are right up to the first; where one is set wrongly, as by
   a carry out of a byte of 0xff, or missing for such a carry, the byte there tells. */

/* Bytes that are neither letters nor "-". */
static inline uint64_t seeming_others(uint64_t word)
{
    uint64_t lower = word | WORD_EACH(0x20);
    uint64_t letters = (lower + WORD_EACH(0x80 - 'a')) ^ (lower + WORD_EACH(0x7f - 'z'));
    uint64_t no_dash = (word ^ WORD_EACH('-')) + WORD_EACH(0x7f);
    return ((~letters & no_dash) | word) & WORD_EACH(0x80);
}

/* Bytes that are no visible character of ASCII and no blank; those above 0x7f may be text. */
static inline uint64_t seeming_controls(uint64_t word)
{
    return ((word - WORD_EACH(0x20)) | (word + WORD_EACH(1))) & WORD_EACH(0x80);
}

/* The end of a line's text: a control character, or what seems one, other than HTAB, or the
   limit. */
static inline const uint8_t *line_end(const uint8_t *at, const uint8_t *safe)
{
    const uint8_t *limit = safe + 8;
    uint64_t controls = 0;
    if (!LIKELY(at <= safe)) return http_text_end(at, limit);
    for (; at <= safe; at += 8)
        if ((controls = seeming_controls(word_load(at)))) break;
    if (!controls) { /* the last bytes, and some before them again */
        at = safe;
        controls = seeming_controls(word_load(at));
        if (!controls) return limit;
    }
    at += http_word_first(controls);
    return LIKELY(*at == '\r') ? at : http_text_end(at, limit);
}

/* One field line; NULL for what is not regular. Returns where the next line begins. The line's end
   is looked for from the eight bytes on in which the name ends, not from the name's end, which is
   thus out of the way from line to line. */
static inline const uint8_t *take_field(const uint8_t *base, const uint8_t *line,
                                        const uint8_t *safe, proto_http_field *field,
                                        uint64_t *seen)
{
    uint64_t others;
    const uint8_t *at = line;
    do {
        if (!LIKELY(at <= safe)) return NULL;
        others = seeming_others(word_load(at));
        at += 8;
    } while (!others);
    const uint8_t *stop = line_end(at - 8, safe), *colon = at - 8 + http_word_first(others);
    if (!LIKELY(*colon == ':')) colon = http_token_end(line, safe + 8);
    uint32_t len = (uint32_t)(colon - line);
    if (len == 0 || stop > safe + 4) return NULL; /* no token goes over a stop */
    field->name = span_of((uint32_t)(line - base), len);
    field->value = span_of((uint32_t)(colon - base) + 2, (uint32_t)(stop - colon) - 2);
    *seen = *seen + *seen + http_name_decides(colon, len);
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
    uint32_t count = 0;
    uint64_t seen = 0;
    for (line += 2; load_pair(line) != HTTP_TWO('\r', '\n'); count++)
        if (count == room || !(line = take_field(base, line, safe, &fields->at[count], &seen)))
            return false;
    shape->count = count;
    shape->seen = count ? seen << (64 - count) : 0;
    shape->length = (uint32_t)(line + 2 - base);
    return true;
}

const http_reader http_reader_portable = {read_request, read_response};
