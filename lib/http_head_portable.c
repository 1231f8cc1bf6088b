/* SPDX-License-Identifier: MIT */
/* Heads in one pass, eight bytes in an ordinary register at a time. */
#include "http_scan.h"

/* Up to `len`; one byte after the other, as most are short. */
static inline size_t usual_name(const uint8_t *at, size_t len, const uint8_t *limit)
{
    size_t i = 0;
    (void)limit;
    while (i < len && (ascii_is(at[i], ASCII_DIGIT | ASCII_ALPHA) || at[i] == '.' || at[i] == '-'))
        i++;
    return i;
}

#include "http_head_usual.h"

/* The end of a token. Most names are letters and "-" throughout. */
static inline const uint8_t *name_end(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t others = http_word_no_letters(word_load(at));
        if (!others) continue;
        at += http_word_first(others);
        break;
    }
    return at < end && *at == ':' ? at : http_token_end(at, end);
}

/* One field line; NULL for what is not regular, the blank line included. Returns where the next line begins. */
static inline const uint8_t *take_field(const uint8_t *base, const uint8_t *line,
                                        const uint8_t *end, proto_http_field *field)
{
    const uint8_t *colon = name_end(line, end);
    if (colon == line || end - colon < 6 || *colon != ':') return NULL;
    const uint8_t *value = colon + 1 + (colon[1] == ' ');
    if (http_is_blank(*value)) value = http_blanks_end(value, end);
    const uint8_t *stop = http_text_end(value, end);
    if (end - stop < 4 || load_pair(stop) != HTTP_TWO('\r', '\n')) return NULL;
    const uint8_t *next = stop + 2;
    if (http_is_blank(stop[-1])) stop = http_blanks_begin(value, stop);
    field->name = span_of((uint32_t)(line - base), (uint32_t)(colon - line));
    field->value = span_of((uint32_t)(value - base), (uint32_t)(stop - value));
    return next;
}

/* All lines behind the start line, up to the blank one. */
static inline bool take_fields(proto_http_fields *fields, head_shape *shape, const uint8_t *line)
{
    const uint8_t *base = shape->base, *end = shape->limit;
    uint32_t room = fields->cap < HTTP_SEEN ? fields->cap : HTTP_SEEN, count = 0;
    uint64_t seen = 0;
    while (end - line >= 2 && load_pair(line) != HTTP_TWO('\r', '\n')) {
        proto_http_field *field = &fields->at[count];
        if (count == room || !(line = take_field(base, line, end, field))) return false;
        uint32_t len = field->name.len;
        seen |= http_name_decides(base + field->name.at + len, len) << count++;
    }
    shape->length = (uint32_t)(line + 2 - base);
    shape->count = count;
    shape->seen = seen;
    return end - line >= 2;
}

/* "HTTP/1.1" or "HTTP/1.0". */
static inline bool take_version(proto_http_head *head, const uint8_t *at)
{
    uint64_t version = word_load(at);
    head->minor = version == HTTP_1_1;
    return version == HTTP_1_1 || version == HTTP_1_0;
}

/* method SP "/"... SP version; any other form of target is left to the exact reader. */
static inline const uint8_t *take_request_line(proto_http_head *head, const head_shape *shape)
{
    const uint8_t *base = shape->base, *end = shape->limit;
    const uint8_t *method_end = http_token_end(base, end);
    if (method_end == base || end - method_end < 16) return NULL;
    if (load_pair(method_end) != HTTP_TWO(' ', '/')) return NULL;
    const uint8_t *target = method_end + 1, *target_end = http_target_end(target, end);
    if (end - target_end < 11 || *target_end != ' ' || !take_version(head, target_end + 1))
        return NULL;
    if (load_pair(target_end + 9) != HTTP_TWO('\r', '\n')) return NULL;
    head->method = (uint8_t)http_method(base, (size_t)(method_end - base));
    if (head->method == PROTO_HTTP_CONNECT) return NULL;
    head->method_token = span_of(0, (uint32_t)(method_end - base));
    head->target = span_of((uint32_t)(target - base), (uint32_t)(target_end - target));
    head->target_form = PROTO_HTTP_ORIGIN_FORM;
    head->reason = span_of(0, 0);
    head->status = 0;
    return target_end + 11;
}

static inline const uint8_t *take_status_line(proto_http_head *head, const head_shape *shape)
{
    const uint8_t *base = shape->base, *end = shape->limit;
    if (end - base < 17 || !take_version(head, base) || base[8] != ' ' || base[12] != ' ')
        return NULL;
    unsigned a = base[9] - (unsigned)'0', b = base[10] - (unsigned)'0',
             c = base[11] - (unsigned)'0';
    if (a - 1 > 8 || b > 9 || c > 9) return NULL;
    const uint8_t *reason_end = http_text_end(base + 13, end);
    if (end - reason_end < 4 || load_pair(reason_end) != HTTP_TWO('\r', '\n')) return NULL;
    head->method_token = span_of(0, 0);
    head->target = span_of(0, 0);
    head->target_form = 0;
    head->reason = span_of(13, (uint32_t)(reason_end - base - 13));
    head->status = (uint16_t)(a * 100 + b * 10 + c);
    return reason_end + 2;
}

static http_fast read_request(proto_http_head *head, const uint8_t *base, size_t size)
{
    head_shape shape = {.base = base, .limit = base + size};
    const uint8_t *line = take_request_line(head, &shape);
    if (!line || !take_fields(&head->fields, &shape, line)) return HTTP_DECLINED;
    return decide_request(head, &shape);
}

static http_fast read_response(proto_http_head *head, const uint8_t *base, size_t size)
{
    head_shape shape = {.base = base, .limit = base + size};
    const uint8_t *line = take_status_line(head, &shape);
    if (!line || !take_fields(&head->fields, &shape, line)) return HTTP_DECLINED;
    return decide_response(head, &shape);
}

const http_reader http_reader_portable = {PROTO_SIMD_PORTABLE, read_request, read_response};
