/* SPDX-License-Identifier: MIT */
#include "proto/http_conditional.h"

#include "ascii.h"
#include "proto/date.h"

/* ----------------------------------------------------------------------------- small readers -- */

static void advance(proto_slice *text, size_t count)
{
    text->ptr += count;
    text->len -= count;
}

static bool take(proto_slice *text, uint8_t byte)
{
    if (text->len == 0 || text->ptr[0] != byte) return false;
    advance(text, 1);
    return true;
}

static void skip_blanks(proto_slice *text)
{
    while (text->len > 0 && (text->ptr[0] == ' ' || text->ptr[0] == '\t'))
        advance(text, 1);
}

/* Takes a row of digits. A number that does not fit is as good as the largest: no representation
   reaches so far. */
static bool take_number(proto_slice *text, uint64_t *number)
{
    if (text->len == 0 || !ascii_is(text->ptr[0], ASCII_DIGIT)) return false;
    uint64_t value = 0;
    while (text->len > 0 && ascii_is(text->ptr[0], ASCII_DIGIT)) {
        unsigned digit = text->ptr[0] - (unsigned)'0';
        value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
        advance(text, 1);
    }
    *number = value;
    return true;
}

/* Takes `bytes` and the byte that must follow it. */
static bool take_unit(proto_slice *text, uint8_t after)
{
    const size_t length = sizeof "bytes" - 1;
    if (text->len <= length || text->ptr[length] != after) return false;
    if (!proto_slice_equal_nocase(proto_slice_of(text->ptr, length), PROTO_LITERAL("bytes"))) {
        return false;
    }
    advance(text, length + 1);
    return true;
}

/* ------------------------------------------------------------------------------- entity tags -- */

/* etagc = %x21 / %x23-7E / obs-text (RFC 9110 section 8.8.3): no quote, no escape. */
static bool is_tag_byte(uint8_t byte)
{
    return byte > 0x20 && byte != '"' && byte != 0x7f;
}

static bool take_etag(proto_slice *text, proto_http_etag *etag)
{
    bool weak = text->len >= 2 && text->ptr[0] == 'W' && text->ptr[1] == '/';
    if (weak) advance(text, 2);
    if (!take(text, '"')) return false;
    size_t length = 0;
    while (length < text->len && is_tag_byte(text->ptr[length]))
        length++;
    *etag = (proto_http_etag){proto_slice_of(text->ptr, length), weak};
    advance(text, length);
    return take(text, '"');
}

bool proto_http_etag_next(proto_slice *list, proto_http_etag *etag)
{
    do
        skip_blanks(list);
    while (take(list, ','));
    if (list->len == 0) return false;
    bool is_tag = take_etag(list, etag);
    skip_blanks(list);
    is_tag = is_tag && (list->len == 0 || take(list, ','));
    if (!is_tag) advance(list, list->len);
    return is_tag;
}

bool proto_http_etag_read(proto_slice text, proto_http_etag *etag)
{
    return take_etag(&text, etag) && text.len == 0;
}

proto_err proto_http_etag_write(const proto_http_etag *etag, proto_out *out)
{
    for (size_t i = 0; i < etag->opaque.len; i++)
        if (!is_tag_byte(etag->opaque.ptr[i])) return PROTO_ERR_HTTP_FIELD_VALUE;
    size_t before = out->len;
    proto_out_slice(out, etag->weak ? PROTO_LITERAL("W/\"") : PROTO_LITERAL("\""));
    proto_out_slice(out, etag->opaque);
    if (proto_out_slice(out, PROTO_LITERAL("\""))) return PROTO_OK;
    out->len = before;
    return PROTO_ERR_NO_SPACE;
}

bool proto_http_etag_strongly_equal(const proto_http_etag *a, const proto_http_etag *b)
{
    return !a->weak && !b->weak && proto_slice_equal(a->opaque, b->opaque);
}

bool proto_http_etag_weakly_equal(const proto_http_etag *a, const proto_http_etag *b)
{
    return proto_slice_equal(a->opaque, b->opaque);
}

/* ------------------------------------------------------------------------------------ ranges -- */

typedef enum range_kind { RANGE_MALFORMED, RANGE_BEHIND, RANGE_WITHIN } range_kind;

/* suffix-range = "-" suffix-length: the last bytes (RFC 9110 section 14.1.1). */
static range_kind suffix_range(uint64_t length, uint64_t size, proto_http_range *range)
{
    if (length == 0 || size == 0) return RANGE_BEHIND;
    range->size = length < size ? length : size;
    range->first = size - range->size;
    return RANGE_WITHIN;
}

/* int-range = first-pos "-" [ last-pos ] */
static range_kind int_range(uint64_t first, uint64_t last, uint64_t size, proto_http_range *range)
{
    if (first > last) return RANGE_MALFORMED;
    if (first >= size) return RANGE_BEHIND;
    range->first = first;
    range->size = last < size ? last - first + 1 : size - first;
    return RANGE_WITHIN;
}

static range_kind range_read(proto_slice text, uint64_t size, proto_http_range *range)
{
    uint64_t first = 0;
    uint64_t last = UINT64_MAX;
    bool has_first = take_number(&text, &first);
    if (!take(&text, '-')) return RANGE_MALFORMED;
    bool has_last = take_number(&text, &last);
    if (text.len != 0 || (!has_first && !has_last)) return RANGE_MALFORMED;
    return has_first ? int_range(first, last, size, range) : suffix_range(last, size, range);
}

static uint64_t range_end(const proto_http_range *range)
{
    return range->first + range->size;
}

/* Whether two overlap or lie side by side. */
static bool ranges_meet(const proto_http_range *a, const proto_http_range *b)
{
    return a->first <= range_end(b) && b->first <= range_end(a);
}

static proto_http_range ranges_joined(const proto_http_range *a, const proto_http_range *b)
{
    uint64_t first = a->first < b->first ? a->first : b->first;
    uint64_t end = range_end(a) > range_end(b) ? range_end(a) : range_end(b);
    return (proto_http_range){first, end - first};
}

/* The parts do not meet one another, so that one pass finds all that the new one joins. */
static void part_add(proto_http_parts *parts, proto_http_range range)
{
    proto_http_range *place = NULL;
    size_t count = 0;
    for (size_t i = 0; i < parts->count; i++) {
        proto_http_range part = parts->at[i];
        if (ranges_meet(&part, &range)) {
            range = ranges_joined(&part, &range);
            if (place) continue;
            place = &parts->at[count];
        }
        parts->at[count++] = part;
    }
    if (!place) place = &parts->at[count++];
    *place = range;
    parts->count = count;
}

/* Returns how many ranges there are, or 0 where they do not count. */
static size_t parts_read(proto_slice value, uint64_t size, proto_http_parts *parts)
{
    size_t ranges = 0;
    if (!take_unit(&value, '=')) return 0;
    for (proto_slice member; proto_http_list_next(&value, &member); ranges++) {
        proto_http_range range;
        range_kind kind = range_read(member, size, &range);
        if (kind == RANGE_MALFORMED || ranges == PROTO_HTTP_PARTS) return 0;
        if (kind == RANGE_WITHIN) part_add(parts, range);
    }
    return ranges;
}

proto_http_ranges proto_http_ranges_read(proto_slice value, uint64_t size, proto_http_parts *parts)
{
    parts->count = 0;
    size_t ranges = parts_read(value, size, parts);
    if (ranges == 0) parts->count = 0;
    /* Nothing of an empty representation can be named by a Content-Range, so its ranges are passed
       over. */
    if (ranges == 0 || size == 0) return PROTO_HTTP_RANGES_IGNORED;
    return parts->count > 0 ? PROTO_HTTP_RANGES_GIVEN : PROTO_HTTP_RANGES_UNSATISFIABLE;
}

static proto_err all_or_nothing(proto_out *out, size_t before)
{
    if (!out->failed) return PROTO_OK;
    out->len = before;
    return PROTO_ERR_NO_SPACE;
}

proto_err proto_http_content_range_write(const proto_http_range *range, uint64_t size,
                                         proto_out *out)
{
    size_t before = out->len;
    proto_out_slice(out, PROTO_LITERAL("bytes "));
    proto_out_decimal(out, range->first);
    proto_out_slice(out, PROTO_LITERAL("-"));
    proto_out_decimal(out, range->first + (range->size - 1));
    proto_out_slice(out, PROTO_LITERAL("/"));
    proto_out_decimal(out, size);
    return all_or_nothing(out, before);
}

proto_err proto_http_content_range_none_write(uint64_t size, proto_out *out)
{
    size_t before = out->len;
    proto_out_slice(out, PROTO_LITERAL("bytes */"));
    proto_out_decimal(out, size);
    return all_or_nothing(out, before);
}

/* complete-length = 1*DIGIT, or "*" where the sender does not know it. */
static bool take_size(proto_slice *text, uint64_t *size)
{
    if (take(text, '*')) {
        *size = PROTO_HTTP_SIZE_UNKNOWN;
        return true;
    }
    return take_number(text, size) && *size != PROTO_HTTP_SIZE_UNKNOWN;
}

bool proto_http_content_range_read(proto_slice value, proto_http_range *range, uint64_t *size)
{
    uint64_t first = 0;
    uint64_t last = 0;
    if (!take_unit(&value, ' ')) return false;
    bool none = take(&value, '*');
    if (!none &&
        !(take_number(&value, &first) && take(&value, '-') && take_number(&value, &last))) {
        return false;
    }
    if (!take(&value, '/') || !take_size(&value, size) || value.len != 0) return false;
    *range = (proto_http_range){first, none ? 0 : last - first + 1};
    /* An unsatisfied range is told together with the size; a range ends within it (RFC 9110 section
       14.4). */
    if (none) return *size != PROTO_HTTP_SIZE_UNKNOWN;
    return first <= last && last < *size;
}

/* ----------------------------------------------------------------------------- several parts -- */

/* bchars (RFC 2046 section 5.1.1), as far as they are also those of a token: some readers do not
   understand a boundary in quotes (RFC 9110 section 14.6). */
static bool is_boundary_byte(uint8_t byte)
{
    return ascii_is(byte, ASCII_DIGIT | ASCII_ALPHA) || byte == '\'' || byte == '+' ||
           byte == '-' || byte == '.' || byte == '_';
}

static bool is_boundary(proto_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_boundary_byte(text.ptr[i])) return false;
    return text.len >= 1 && text.len <= 70;
}

static bool is_field_value(proto_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!ascii_is(text.ptr[i], ASCII_TEXT)) return false;
    return true;
}

proto_err proto_http_multipart_type_write(const proto_http_multipart *multipart, proto_out *out)
{
    size_t before = out->len;
    if (!is_boundary(multipart->boundary)) return PROTO_ERR_HTTP_FIELD_VALUE;
    proto_out_slice(out, PROTO_LITERAL("multipart/byteranges; boundary="));
    proto_out_slice(out, multipart->boundary);
    return all_or_nothing(out, before);
}

/* What is written and what is counted. */
typedef struct part_head {
    uint8_t range[72];
    proto_slice pieces[7];
    size_t count;
} part_head;

/* The line end before a boundary belongs to it (RFC 2046 section 5.1.1), also to the first, where
   nothing stands before it (RFC 9110 section 14.6). */
static void part_head_make(part_head *head, const proto_http_multipart *multipart,
                           const proto_http_range *part)
{
    proto_out range = proto_out_of(head->range, sizeof head->range);
    proto_http_content_range_write(part, multipart->size, &range);
    head->count = 0;
    head->pieces[head->count++] = PROTO_LITERAL("\r\n--");
    head->pieces[head->count++] = multipart->boundary;
    if (multipart->type.len > 0) {
        head->pieces[head->count++] = PROTO_LITERAL("\r\nContent-Type: ");
        head->pieces[head->count++] = multipart->type;
    }
    head->pieces[head->count++] = PROTO_LITERAL("\r\nContent-Range: ");
    head->pieces[head->count++] = proto_slice_of(range.ptr, range.len);
    head->pieces[head->count++] = PROTO_LITERAL("\r\n\r\n");
}

proto_err proto_http_part_head_write(const proto_http_multipart *multipart,
                                     const proto_http_range *part, proto_out *out)
{
    size_t before = out->len;
    part_head head;
    if (!is_boundary(multipart->boundary) || !is_field_value(multipart->type))
        return PROTO_ERR_HTTP_FIELD_VALUE;
    part_head_make(&head, multipart, part);
    for (size_t i = 0; i < head.count; i++)
        proto_out_slice(out, head.pieces[i]);
    return all_or_nothing(out, before);
}

proto_err proto_http_multipart_end_write(const proto_http_multipart *multipart, proto_out *out)
{
    size_t before = out->len;
    if (!is_boundary(multipart->boundary)) return PROTO_ERR_HTTP_FIELD_VALUE;
    proto_out_slice(out, PROTO_LITERAL("\r\n--"));
    proto_out_slice(out, multipart->boundary);
    proto_out_slice(out, PROTO_LITERAL("--\r\n"));
    return all_or_nothing(out, before);
}

uint64_t proto_http_multipart_length(const proto_http_multipart *multipart,
                                     const proto_http_parts *parts)
{
    uint64_t length = sizeof "\r\n----\r\n" - 1 + multipart->boundary.len;
    for (size_t i = 0; i < parts->count; i++) {
        part_head head;
        part_head_make(&head, multipart, &parts->at[i]);
        for (size_t j = 0; j < head.count; j++)
            length += head.pieces[j].len;
        length += parts->at[i].size;
    }
    return length;
}

/* ------------------------------------------------------------------------------ the decision -- */

/* The fields that decide. One that must stand once and stands twice has no valid value (RFC 9110
   section 5.3). */
typedef struct conditions {
    const proto_http_fields *fields;
    proto_slice if_modified_since;
    proto_slice if_unmodified_since;
    proto_slice if_range;
    proto_slice range;
    uint32_t if_match;      /* the index of the first, or the number of fields */
    uint32_t if_none_match; /* as if_match */
    bool has_if_range;
    bool any;
} conditions;

static void note_singleton(proto_slice *slot, proto_slice value)
{
    *slot = slot->ptr ? proto_slice_of(slot->ptr, 0) : value;
}

static void note_field(conditions *given, uint32_t index)
{
    const proto_http_fields *fields = given->fields;
    proto_slice value = proto_http_text(fields, fields->at[index].value);
    switch (proto_http_field_id_of(proto_http_text(fields, fields->at[index].name))) {
    case PROTO_HTTP_FIELD_IF_MATCH:
        if (given->if_match == fields->count) given->if_match = index;
        break;
    case PROTO_HTTP_FIELD_IF_NONE_MATCH:
        if (given->if_none_match == fields->count) given->if_none_match = index;
        break;
    case PROTO_HTTP_FIELD_IF_MODIFIED_SINCE:
        note_singleton(&given->if_modified_since, value);
        break;
    case PROTO_HTTP_FIELD_IF_UNMODIFIED_SINCE:
        note_singleton(&given->if_unmodified_since, value);
        break;
    case PROTO_HTTP_FIELD_IF_RANGE:
        note_singleton(&given->if_range, value);
        given->has_if_range = true;
        break;
    case PROTO_HTTP_FIELD_RANGE: note_singleton(&given->range, value); break;
    default: return; /* the other fields have no part in this */
    }
    given->any = true;
}

/* One pass. All the names begin with I or R, which few others do. */
static conditions conditions_of(const proto_http_fields *fields)
{
    conditions given = {
        .fields = fields, .if_match = fields->count, .if_none_match = fields->count};
    for (uint32_t i = 0; i < fields->count; i++) {
        uint8_t initial = (uint8_t)(fields->base[fields->at[i].name.at] | 0x20);
        if (initial == 'i' || initial == 'r') note_field(&given, i);
    }
    return given;
}

typedef bool etag_comparison(const proto_http_etag *a, const proto_http_etag *b);

/* Whether a list, over all fields of that name, is `*` or holds the representation's tag. */
static bool any_tag_matches(const proto_http_fields *fields, proto_http_field_id id, uint32_t from,
                            const proto_http_representation *current, etag_comparison *equal)
{
    proto_http_etag mine;
    bool has_mine = current && proto_http_etag_read(current->etag, &mine);
    for (uint32_t i = from; i < fields->count; i = proto_http_find(fields, id, i + 1)) {
        proto_slice list = proto_http_text(fields, fields->at[i].value);
        if (proto_slice_equal(list, PROTO_LITERAL("*"))) return current != NULL;
        for (proto_http_etag theirs; proto_http_etag_next(&list, &theirs);)
            if (has_mine && equal(&mine, &theirs)) return true;
    }
    return false;
}

/* Whether the representation changed after the date; `unless` where the date or the
   representation's is not known, and the field therefore does not count. */
static bool changed_since(proto_slice date, const proto_http_representation *current, int64_t now,
                          bool unless)
{
    int64_t since;
    if (!current || current->modified == PROTO_HTTP_NOT_DATED) return unless;
    if (proto_date_read(date, now, &since, NULL) != PROTO_OK) return unless;
    return current->modified > since;
}

/* RFC 9110 section 13.2.2, steps 1 and 2. */
static bool precondition_fails(const conditions *given, const proto_http_representation *current,
                               int64_t now)
{
    if (given->if_match < given->fields->count) {
        return !any_tag_matches(given->fields, PROTO_HTTP_FIELD_IF_MATCH, given->if_match, current,
                                proto_http_etag_strongly_equal);
    }
    return given->if_unmodified_since.ptr &&
           changed_since(given->if_unmodified_since, current, now, false);
}

/* RFC 9110 section 13.2.2, steps 3 and 4. */
static int unless_client_has_it(const conditions *given, proto_http_method method,
                                const proto_http_representation *current, int64_t now)
{
    bool reads = method == PROTO_HTTP_GET || method == PROTO_HTTP_HEAD;
    if (given->if_none_match < given->fields->count) {
        bool has = any_tag_matches(given->fields, PROTO_HTTP_FIELD_IF_NONE_MATCH,
                                   given->if_none_match, current, proto_http_etag_weakly_equal);
        return !has ? 200 : reads ? 304 : 412;
    }
    if (!reads || !given->if_modified_since.ptr) return 200;
    return changed_since(given->if_modified_since, current, now, true) ? 200 : 304;
}

/* RFC 9110 section 13.1.5: the part must be of the representation that the client has the rest of,
   byte by byte. A date can promise that only when its second was over, because a file may change
   twice in one (section 8.8.2.2). */
static bool range_applies(const conditions *given, const proto_http_representation *current,
                          int64_t now)
{
    if (!given->has_if_range) return true;
    proto_http_etag mine;
    proto_http_etag theirs;
    if (proto_http_etag_read(given->if_range, &theirs)) {
        return proto_http_etag_read(current->etag, &mine) &&
               proto_http_etag_strongly_equal(&mine, &theirs);
    }
    int64_t date;
    return current->modified != PROTO_HTTP_NOT_DATED && current->modified < now &&
           proto_date_read(given->if_range, now, &date, NULL) == PROTO_OK &&
           date == current->modified;
}

/* RFC 9110 section 13.2.2, step 5. */
static int parts_or_all(const conditions *given, const proto_http_representation *current,
                        int64_t now, proto_http_parts *parts)
{
    if (!given->range.ptr || !range_applies(given, current, now)) return 200;
    switch (proto_http_ranges_read(given->range, current->size, parts)) {
    case PROTO_HTTP_RANGES_IGNORED: return 200;
    case PROTO_HTTP_RANGES_UNSATISFIABLE: return 416;
    case PROTO_HTTP_RANGES_GIVEN: break;
    }
    return 206;
}

/* RFC 9110 section 13.2.1: the others neither select a representation nor change one. */
static bool selects(proto_http_method method)
{
    return method != PROTO_HTTP_CONNECT && method != PROTO_HTTP_OPTIONS &&
           method != PROTO_HTTP_TRACE;
}

int proto_http_select(const proto_http_fields *fields, proto_http_method method,
                      const proto_http_representation *representation, int64_t now,
                      proto_http_parts *parts)
{
    parts->count = 0;
    if (!selects(method)) return 200;
    conditions given = conditions_of(fields);
    if (!given.any) return 200;
    if (precondition_fails(&given, representation, now)) return 412;
    int status = unless_client_has_it(&given, method, representation, now);
    if (status != 200 || method != PROTO_HTTP_GET || !representation) return status;
    return parts_or_all(&given, representation, now, parts);
}
