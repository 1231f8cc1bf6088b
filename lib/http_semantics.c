/* SPDX-License-Identifier: MIT */
/* What a head means: the form of its target, how its body is framed, whether the connection
   persists. */
#include "http_head.h"
#include "http_host.h"
#include "http_lines.h"
#include "http_scan.h"
#include "proto/uri.h"

const uint32_t http_name_tails[32] = {
    [HTTP_LEN_HOST] = HTTP_FOUR('h', 'o', 's', 't'),
    [HTTP_LEN_EXPECT] = HTTP_FOUR('p', 'e', 'c', 't'),
    [HTTP_LEN_UPGRADE] = HTTP_FOUR('r', 'a', 'd', 'e'),
    [HTTP_LEN_CONNECTION] = HTTP_FOUR('t', 'i', 'o', 'n'),
    [HTTP_LEN_CONTENT_LENGTH] = HTTP_FOUR('n', 'g', 't', 'h'),
    [HTTP_LEN_TRANSFER_ENCODING] = HTTP_FOUR('d', 'i', 'n', 'g'),
};

static bool nocase(proto_slice text, proto_slice other)
{
    return proto_slice_equal_nocase(text, other);
}

/* ------------------------------------------------------------------------------------ target -- */

static proto_err refuse_target(const proto_http_head *head, uint32_t *at, proto_err err,
                               uint64_t offset)
{
    *at = head->target.at + (uint32_t)offset;
    return err;
}

/* Where the zeros begin that are all of a port. */
static size_t zeros_begin(proto_slice target)
{
    size_t at = target.len;
    while (target.ptr[at - 1] == '0')
        at--;
    return at;
}

/* RFC 9112 section 3.2.3: host and port, both. No server has port 0 (RFC 9110 section 9.3.6). */
static proto_err authority_form(proto_http_head *head, proto_slice target, uint32_t *at)
{
    proto_uri_authority authority;
    proto_fault fault;
    if (proto_uri_authority_read(target, &authority, &fault))
        return refuse_target(head, at, PROTO_ERR_HTTP_TARGET_FORM, fault.offset);
    if (!authority.has_port) return refuse_target(head, at, PROTO_ERR_HTTP_TARGET_FORM, target.len);
    if (authority.port == 0)
        return refuse_target(head, at, PROTO_ERR_HTTP_TARGET_FORM, zeros_begin(target));
    head->target_form = PROTO_HTTP_AUTHORITY_FORM;
    head->authority = head->target;
    return PROTO_OK;
}

/* scheme "://" (RFC 3986 section 3), or 0. */
static size_t scheme_length(proto_slice target)
{
    const uint8_t *end = target.ptr + target.len, *at = target.ptr;
    if (!ascii_is(*at, ASCII_ALPHA)) return 0;
    while (at < end &&
           (ascii_is(*at, ASCII_ALPHA | ASCII_DIGIT) || *at == '+' || *at == '-' || *at == '.'))
        at++;
    if (end - at < 3 || at[0] != ':' || at[1] != '/' || at[2] != '/') return 0;
    return (size_t)(at + 3 - target.ptr);
}

/* RFC 9112 section 3.2.2, for schemes that name a server. */
static proto_err absolute_form(proto_http_head *head, proto_slice target, uint32_t *at)
{
    size_t scheme = scheme_length(target);
    if (scheme == 0) return refuse_target(head, at, PROTO_ERR_HTTP_TARGET_FORM, 0);
    size_t end = scheme;
    while (end < target.len && target.ptr[end] != '/' && target.ptr[end] != '?')
        end++;
    proto_uri_authority authority;
    proto_fault fault;
    proto_slice text = proto_slice_of(target.ptr + scheme, end - scheme);
    if (proto_uri_authority_read(text, &authority, &fault))
        return refuse_target(head, at, PROTO_ERR_HTTP_TARGET_FORM, scheme + fault.offset);
    head->target_form = PROTO_HTTP_ABSOLUTE_FORM;
    head->authority.at = head->target.at + (uint32_t)scheme;
    head->authority.len = (uint32_t)(end - scheme);
    return PROTO_OK;
}

proto_err http_target_form(proto_http_head *head, uint32_t *at)
{
    proto_slice target = proto_http_text(&head->fields, head->target);
    if (head->method == PROTO_HTTP_CONNECT) return authority_form(head, target, at);
    if (target.ptr[0] == '/') {
        head->target_form = PROTO_HTTP_ORIGIN_FORM;
        return PROTO_OK;
    }
    if (target.len == 1 && target.ptr[0] == '*') {
        if (head->method != PROTO_HTTP_OPTIONS)
            return refuse_target(head, at, PROTO_ERR_HTTP_TARGET_FORM, 0);
        head->target_form = PROTO_HTTP_ASTERISK_FORM;
        return PROTO_OK;
    }
    return absolute_form(head, target, at);
}

/* ------------------------------------------------------------------------------------ fields -- */

/* What the fields said so far. Offsets are of names; 0 where there was none, as no field begins
   there. */
typedef struct meaning {
    proto_http_head *head;
    uint32_t lenient;
    uint32_t host;
    uint32_t length;
    uint32_t coding;
    uint32_t unknown_coding; /* of the coding itself */
    uint32_t expect;
    bool chunked;      /* the last coding so far is chunked */
    bool other_coding; /* there is another one */
    bool close;
    bool keep_alive;
    bool names_upgrade;
    bool upgrade;
} meaning;

static proto_err refuse(meaning *m, proto_err err, uint32_t offset)
{
    m->head->fault.err = err;
    m->head->fault.offset = offset;
    m->head->stop = 0; /* no more bytes are taken in */
    return err;
}

static bool allows(meaning *m, proto_http_lenient leniency)
{
    if (!(m->lenient & (uint32_t)leniency)) return false;
    m->head->deviations |= (uint32_t)leniency;
    return true;
}

static bool is_response(const meaning *m)
{
    return m->head->status != 0;
}

/* RFC 9112 section 3.2. */
static proto_err take_host(meaning *m, const proto_http_field *field, proto_slice value)
{
    if (is_response(m)) return PROTO_OK;
    if (m->host) return refuse(m, PROTO_ERR_HTTP_HOST_DUPLICATE, field->name.at);
    m->host = field->name.at;
    proto_uri_authority authority;
    proto_fault fault;
    if (value.len == 0) {
        if (!allows(m, PROTO_HTTP_LENIENT_HOST_EMPTY))
            return refuse(m, PROTO_ERR_HTTP_HOST_EMPTY, field->value.at);
    } else if (proto_uri_authority_read(value, &authority, &fault)) {
        return refuse(m, PROTO_ERR_HTTP_HOST_SYNTAX, field->value.at + (uint32_t)fault.offset);
    }
    if (m->head->target_form == PROTO_HTTP_ORIGIN_FORM ||
        m->head->target_form == PROTO_HTTP_ASTERISK_FORM) {
        m->head->authority = field->value;
        return PROTO_OK;
    }
    if (http_host_agrees(m->head, value) || allows(m, PROTO_HTTP_LENIENT_HOST_MISMATCH))
        return PROTO_OK;
    return refuse(m, PROTO_ERR_HTTP_HOST_MISMATCH, field->value.at);
}

/* Reads 1*DIGIT at `*at`, up to 2^63-1. `*at` is left at the byte at fault, or behind the
   digits. */
static proto_err read_length(proto_slice value, size_t *at, uint64_t *length)
{
    size_t begin = *at;
    *length = 0;
    for (; *at < value.len && ascii_is(value.ptr[*at], ASCII_DIGIT); ++*at) {
        uint64_t digit = (uint64_t)(value.ptr[*at] - '0');
        if (*length > ((uint64_t)INT64_MAX - digit) / 10) {
            *at = begin;
            return PROTO_ERR_HTTP_LENGTH_OVERFLOW;
        }
        *length = *length * 10 + digit;
    }
    return *at > begin ? PROTO_OK : PROTO_ERR_HTTP_LENGTH_SYNTAX;
}

/* One length beside those that were before it. */
static proto_err add_length(meaning *m, uint64_t length, uint32_t offset)
{
    bool equal = length == m->head->content_length;
    if (m->head->has_length && !(equal && allows(m, PROTO_HTTP_LENIENT_EQUAL_LENGTHS)))
        return refuse(m, PROTO_ERR_HTTP_LENGTH_DUPLICATE, offset);
    m->head->has_length = true;
    m->head->content_length = length;
    return PROTO_OK;
}

/* RFC 9110 section 8.6. A list is read to its end only to find its first fault. */
static proto_err take_length(meaning *m, const proto_http_field *field, proto_slice value)
{
    size_t at = 0;
    m->length = field->name.at;
    for (;;) {
        uint64_t length;
        size_t begin = at;
        proto_err err = read_length(value, &at, &length);
        if (err) return refuse(m, err, field->value.at + (uint32_t)at);
        err = add_length(m, length, begin ? field->value.at + (uint32_t)begin : field->name.at);
        if (err) return err;
        while (at < value.len && http_is_blank(value.ptr[at]))
            at++;
        if (at == value.len) return PROTO_OK;
        if (value.ptr[at] != ',')
            return refuse(m, PROTO_ERR_HTTP_LENGTH_SYNTAX, field->value.at + (uint32_t)at);
        at++;
        while (at < value.len && http_is_blank(value.ptr[at]))
            at++;
    }
}

/* One transfer coding, in the order in which they were applied (RFC 9112 section 6.1). */
static proto_err add_coding(meaning *m, proto_slice coding, uint32_t offset)
{
    bool chunked = nocase(coding, PROTO_LITERAL("chunked"));
    if (m->chunked) return refuse(m, PROTO_ERR_HTTP_CODING_NOT_LAST, offset);
    if (!chunked && !m->unknown_coding && !allows(m, PROTO_HTTP_LENIENT_OTHER_CODINGS))
        m->unknown_coding = offset;
    m->chunked = chunked;
    m->other_coding |= !chunked;
    return PROTO_OK;
}

/* A list of bare tokens with nothing empty in it: parameters, quotes and stray commas have all been
   used to make two parsers disagree. */
static proto_err take_coding(meaning *m, const proto_http_field *field, proto_slice value)
{
    const uint8_t *at = value.ptr, *end = value.ptr + value.len;
    m->coding = field->name.at;
    for (;;) {
        const uint8_t *token = at;
        at = http_token_end(at, end);
        uint32_t offset = field->value.at + (uint32_t)(token - value.ptr);
        if (at == token) return refuse(m, PROTO_ERR_HTTP_CODING_SYNTAX, offset);
        proto_slice coding = proto_slice_of(token, (size_t)(at - token));
        const uint8_t *comma = http_blanks_end(at, end);
        if (comma < end && *comma != ',')
            return refuse(m, PROTO_ERR_HTTP_CODING_SYNTAX,
                          field->value.at + (uint32_t)(at - value.ptr));
        proto_err err = add_coding(m, coding, offset);
        if (err || comma == end) return err;
        at = http_blanks_end(comma + 1, end);
    }
}

/* RFC 9110 section 7.6.1. */
static proto_err take_connection(meaning *m, const proto_http_field *field, proto_slice value)
{
    const uint8_t *at = value.ptr, *end = value.ptr + value.len;
    while (at < end) {
        const uint8_t *token = at;
        at = http_token_end(at, end);
        proto_slice option = proto_slice_of(token, (size_t)(at - token));
        m->close |= nocase(option, PROTO_LITERAL("close"));
        m->keep_alive |= nocase(option, PROTO_LITERAL("keep-alive"));
        m->names_upgrade |= nocase(option, PROTO_LITERAL("upgrade"));
        at = http_blanks_end(at, end);
        if (at < end && *at != ',')
            return refuse(m, PROTO_ERR_HTTP_CONNECTION_SYNTAX,
                          field->value.at + (uint32_t)(at - value.ptr));
        at = at < end ? http_blanks_end(at + 1, end) : at;
    }
    return PROTO_OK;
}

/* RFC 9110 section 10.1.1; an HTTP/1.0 client cannot expect anything. */
static proto_err take_expect(meaning *m, const proto_http_field *field, proto_slice value)
{
    if (is_response(m) || m->head->minor == 0) return PROTO_OK;
    proto_slice expectation;
    while (proto_http_list_next(&value, &expectation)) {
        uint32_t at = (uint32_t)(expectation.ptr - m->head->fields.base);
        if (!nocase(expectation, PROTO_LITERAL("100-continue")))
            return refuse(m, PROTO_ERR_HTTP_EXPECT, at);
        m->expect = field->name.at;
    }
    return PROTO_OK;
}

static proto_err take_field(meaning *m, const proto_http_field *field)
{
    proto_slice name = proto_http_text(&m->head->fields, field->name);
    proto_slice value = proto_http_text(&m->head->fields, field->value);
    switch (name.len) {
    case HTTP_LEN_HOST: return take_host(m, field, value);
    case HTTP_LEN_EXPECT:
        return nocase(name, PROTO_LITERAL("expect")) ? take_expect(m, field, value) : PROTO_OK;
    case HTTP_LEN_UPGRADE:
        m->upgrade |= value.len > 0 && nocase(name, PROTO_LITERAL("upgrade"));
        return PROTO_OK;
    case HTTP_LEN_CONNECTION:
        return nocase(name, PROTO_LITERAL("connection")) ? take_connection(m, field, value)
                                                         : PROTO_OK;
    case HTTP_LEN_CONTENT_LENGTH:
        return nocase(name, PROTO_LITERAL("content-length")) ? take_length(m, field, value)
                                                             : PROTO_OK;
    case HTTP_LEN_TRANSFER_ENCODING:
        return nocase(name, PROTO_LITERAL("transfer-encoding")) ? take_coding(m, field, value)
                                                                : PROTO_OK;
    default: return PROTO_OK; /* the same length modulo 32 */
    }
}

static proto_err take_fields(meaning *m)
{
    const proto_http_fields *fields = &m->head->fields;
    proto_err err = PROTO_OK;
    for (uint64_t left = m->head->seen; left && !err;)
        err = take_field(m, &fields->at[http_next_seen(&left)]);
    for (uint32_t i = HTTP_SEEN; i < fields->count && !err; i++)
        if (http_name_decides(fields->base + fields->at[i].name.at + fields->at[i].name.len,
                              fields->at[i].name.len))
            err = take_field(m, &fields->at[i]);
    return err;
}

/* ------------------------------------------------------------------------------- conclusions -- */

/* RFC 9112 sections 6.1 and 6.3: what must not stand together. Where chunked is not last, nobody can
   know where a request ends, and that comes first, whatever its codings are. */
static proto_err check_framing(meaning *m)
{
    proto_http_head *head = m->head;
    if (!m->coding) return PROTO_OK;
    if (!m->chunked && !is_response(m)) return refuse(m, PROTO_ERR_HTTP_CODING_NOT_LAST, m->coding);
    if (m->unknown_coding) return refuse(m, PROTO_ERR_HTTP_CODING_UNKNOWN, m->unknown_coding);
    if (head->minor == 0 && !allows(m, PROTO_HTTP_LENIENT_CODING_IN_10))
        return refuse(m, PROTO_ERR_HTTP_CODING_VERSION, m->coding);
    if (m->length && !allows(m, PROTO_HTTP_LENIENT_CODING_OVER_LENGTH))
        return refuse(m, PROTO_ERR_HTTP_LENGTH_AND_CODING,
                      m->coding > m->length ? m->coding : m->length);
    if (head->minor == 0 || m->length) m->close = true;
    return PROTO_OK;
}

static void conclude_framing(meaning *m)
{
    proto_http_head *head = m->head;
    if (m->coding)
        head->framing = m->chunked ? PROTO_HTTP_CHUNKED : PROTO_HTTP_UNTIL_CLOSE;
    else if (head->has_length)
        head->framing = PROTO_HTTP_LENGTH;
    else
        head->framing = is_response(m) ? PROTO_HTTP_UNTIL_CLOSE : PROTO_HTTP_NO_BODY;
    if (m->other_coding) head->flags |= PROTO_HTTP_OTHER_CODINGS;
}

/* RFC 9112 section 9.3. */
static void conclude_persistence(meaning *m)
{
    proto_http_head *head = m->head;
    bool persists = !m->close && (head->minor >= 1 || m->keep_alive);
    if (persists && head->framing != PROTO_HTTP_UNTIL_CLOSE) head->flags |= PROTO_HTTP_KEEP_ALIVE;
    if (m->upgrade && m->names_upgrade && head->minor >= 1) head->flags |= PROTO_HTTP_UPGRADE;
}

/* Whether the target names another scheme than that of the connection. */
static bool is_misdirected(const proto_http_head *head)
{
    bool secure = head->config && head->config->secure;
    proto_slice scheme = proto_http_text(&head->fields, head->target);
    if (head->target_form != PROTO_HTTP_ABSOLUTE_FORM) return false;
    scheme.len = head->authority.at - head->target.at - strlen("://");
    return !nocase(scheme, secure ? PROTO_LITERAL("https") : PROTO_LITERAL("http"));
}

static proto_err decide_request(meaning *m)
{
    proto_http_head *head = m->head;
    if (!m->host && head->minor >= 1) return refuse(m, PROTO_ERR_HTTP_HOST_MISSING, head->length);
    /* RFC 9110 section 7.4. */
    if (is_misdirected(head) && !allows(m, PROTO_HTTP_LENIENT_SCHEME))
        return refuse(m, PROTO_ERR_HTTP_SCHEME, head->target.at);
    conclude_framing(m);
    bool body = head->framing == PROTO_HTTP_CHUNKED || head->content_length > 0;
    if (m->expect && body) head->flags |= PROTO_HTTP_EXPECT_CONTINUE;
    return PROTO_OK;
}

/* RFC 9112 section 6.3, in its order. A 1xx or 204 that announces content is refused: who believes
   the announcement takes the next response for it. */
static proto_err decide_response(meaning *m)
{
    proto_http_head *head = m->head;
    bool none = head->status / 100 == 1 || head->status == 204;
    if (none && (m->coding || head->content_length > 0))
        return refuse(m, PROTO_ERR_HTTP_CODING_FORBIDDEN, m->coding ? m->coding : m->length);
    proto_http_framing framing = http_status_framing(head->status, head->method);
    conclude_framing(m);
    if (framing != PROTO_HTTP_UNTIL_CLOSE) head->framing = (uint8_t)framing;
    return PROTO_OK;
}

proto_err http_decide(proto_http_head *head)
{
    meaning m = {.head = head, .lenient = http_lenient(head->config)};
    proto_err err = take_fields(&m);
    if (!err) err = check_framing(&m);
    if (!err) err = is_response(&m) ? decide_response(&m) : decide_request(&m);
    if (!err) conclude_persistence(&m);
    return err;
}
