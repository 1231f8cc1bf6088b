/* SPDX-License-Identifier: MIT */
/* Heads, by the exact rules. What is common is read by a fast twin (http_head_*.c) when the
   processor has one; this reader takes all the rest, finds every error, and goes on where the input
   was cut. */
#include "http_head.h"

#include "ascii.h"
#include "http_lines.h"
#include "http_scan.h"

#include <assert.h>

const http_method_key http_method_keys[16] = {
    [5] = {HTTP_EIGHT('G', 'E', 'T', 0, 0, 0, 0, 0), PROTO_HTTP_GET},
    [6] = {HTTP_EIGHT('H', 'E', 'A', 'D', 0, 0, 0, 0), PROTO_HTTP_HEAD},
    [12] = {HTTP_EIGHT('P', 'O', 'S', 'T', 0, 0, 0, 0), PROTO_HTTP_POST},
    [14] = {HTTP_EIGHT('P', 'U', 'T', 0, 0, 0, 0, 0), PROTO_HTTP_PUT},
    [4] = {HTTP_EIGHT('D', 'E', 'L', 'E', 'T', 'E', 0, 0), PROTO_HTTP_DELETE},
    [7] = {HTTP_EIGHT('C', 'O', 'N', 'N', 'E', 'C', 'T', 0), PROTO_HTTP_CONNECT},
    [13] = {HTTP_EIGHT('O', 'P', 'T', 'I', 'O', 'N', 'S', 0), PROTO_HTTP_OPTIONS},
    [15] = {HTTP_EIGHT('T', 'R', 'A', 'C', 'E', 0, 0, 0), PROTO_HTTP_TRACE},
    [9] = {HTTP_EIGHT('P', 'A', 'T', 'C', 'H', 0, 0, 0), PROTO_HTTP_PATCH},
};

/* ------------------------------------------------------------------------------- start lines -- */

/* Why the bytes at `at` are no version that we speak. */
static proto_err refuse_version(http_lines *lines, const uint8_t *at)
{
    static const uint8_t form[8] = {'H', 'T', 'T', 'P', '/', '0', '.', '0'};
    for (size_t i = 0; i < sizeof form; i++) { /* the LF stops it in time */
        bool digit = form[i] == '0' && ascii_is(at[i], ASCII_DIGIT);
        if (at[i] != form[i] && !digit)
            return http_line_refuse(lines, PROTO_ERR_HTTP_VERSION_SYNTAX, at + i);
    }
    return http_line_refuse(lines, PROTO_ERR_HTTP_VERSION, at + (at[5] == '1' ? 7 : 5));
}

static proto_err read_version(proto_http_head *head, http_lines *lines, const uint8_t *at,
                              const uint8_t *feed)
{
    uint64_t version = feed - at >= 8 ? word_load(at) : 0;
    head->minor = version != HTTP_1_0;
    if (version == HTTP_1_1 || version == HTTP_1_0) return PROTO_OK;
    proto_err err = refuse_version(lines, at);
    bool newer = err == PROTO_ERR_HTTP_VERSION && at[5] == '1';
    return newer && http_line_allows(lines, PROTO_HTTP_LENIENT_VERSION) ? PROTO_OK : err;
}

/* The line end at `at`, CR LF or by leniency LF, where `feed` is the line's LF. */
static bool line_ends(http_lines *lines, const uint8_t *at, const uint8_t *feed)
{
    if (at == feed) return http_line_allows(lines, PROTO_HTTP_LENIENT_BARE_LF);
    return at + 1 == feed && *at == '\r';
}

/* Why a request line does not go on as it must: there is a bare line end, or something else. */
static proto_err refuse_line(http_lines *lines, const uint8_t *at, const uint8_t *feed,
                             proto_err err)
{
    bool bare = (at == feed && !(lines->lenient & PROTO_HTTP_LENIENT_BARE_LF)) ||
                (*at == '\r' && at + 1 != feed);
    return http_line_refuse(lines, bare ? PROTO_ERR_HTTP_LINE_END : err, at);
}

static proto_http_span span_of(const http_lines *lines, const uint8_t *from, const uint8_t *to)
{
    proto_http_span span = {(uint32_t)(from - lines->base), (uint32_t)(to - from)};
    return span;
}

/* RFC 9112 section 3.2; by leniency also what browsers leave unencoded. */
static const uint8_t *target_end_of(http_lines *lines, const uint8_t *at, const uint8_t *feed)
{
    at = http_class_end(at, feed, ASCII_TARGET);
    if (ascii_is(*at, ASCII_BROWSER) && http_line_allows(lines, PROTO_HTTP_LENIENT_TARGET))
        at = http_class_end(at, feed, ASCII_TARGET | ASCII_BROWSER);
    return at;
}

/* request-line = method SP request-target SP HTTP-version CRLF (RFC 9112 section 3). */
static proto_err read_request_line(proto_http_head *head, http_lines *lines, const uint8_t *at,
                                   const uint8_t *feed)
{
    const uint8_t *method_end = http_token_end(at, feed);
    if (method_end == at || !(*method_end == ' ' || *method_end == '\r' || *method_end == '\n'))
        return http_line_refuse(lines, PROTO_ERR_HTTP_METHOD, method_end);
    if (*method_end != ' ')
        return refuse_line(lines, method_end, feed, PROTO_ERR_HTTP_REQUEST_LINE);
    const uint8_t *target = method_end + 1;
    const uint8_t *target_end = target_end_of(lines, target, feed);
    bool none = target_end == target && *target_end == ' ';
    if (none || *target_end == '\r' || *target_end == '\n')
        return refuse_line(lines, target_end, feed, PROTO_ERR_HTTP_REQUEST_LINE);
    if (*target_end != ' ') return http_line_refuse(lines, PROTO_ERR_HTTP_TARGET, target_end);
    proto_err err = read_version(head, lines, target_end + 1, feed);
    if (err) return err;
    if (!line_ends(lines, target_end + 9, feed))
        return refuse_line(lines, target_end + 9, feed, PROTO_ERR_HTTP_REQUEST_LINE);
    head->method_token = span_of(lines, at, method_end);
    head->target = span_of(lines, target, target_end);
    return PROTO_OK;
}

/* status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF (RFC 9112 section 4). */
static proto_err read_status_line(proto_http_head *head, http_lines *lines, const uint8_t *at,
                                  const uint8_t *feed)
{
    proto_err err = read_version(head, lines, at, feed);
    if (err) return err;
    if (at[8] != ' ') return refuse_line(lines, at + 8, feed, PROTO_ERR_HTTP_STATUS_LINE);
    const uint8_t *code = at + 9;
    const uint8_t *code_end = http_class_end(code, feed, ASCII_DIGIT);
    if (code_end - code != 3 || code[0] == '0')
        return http_line_refuse(lines, PROTO_ERR_HTTP_STATUS, code);
    head->status = (uint16_t)((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0'));
    const uint8_t *reason = code_end + 1, *reason_end;
    if (*code_end != ' ') {
        if (*code_end != '\r' && *code_end != '\n')
            return http_line_refuse(lines, PROTO_ERR_HTTP_STATUS, code_end);
        if (!http_line_allows(lines, PROTO_HTTP_LENIENT_STATUS_LINE))
            return http_line_refuse(lines, PROTO_ERR_HTTP_STATUS_LINE, code_end);
        reason = code_end;
    }
    err = http_line_check_text(lines, reason, feed, PROTO_ERR_HTTP_REASON, &reason_end);
    if (!err) head->reason = span_of(lines, reason, reason_end);
    return err;
}

/* ---------------------------------------------------------------------------------- messages -- */

typedef enum head_kind { REQUEST, RESPONSE } head_kind;

static void begin_message(proto_http_head *head)
{
    static const proto_http_span none;
    head->fields.count = 0;
    head->method_token = head->target = head->authority = head->reason = none;
    head->content_length = head->seen = 0;
    head->length = head->deviations = 0;
    head->status = 0;
    head->minor = head->target_form = head->framing = head->flags = 0;
    head->has_length = false;
    head->line = head->scanned = 0;
    head->started = false;
}

void proto_http_head_init(proto_http_head *head, const proto_http_config *config,
                          proto_http_field *fields, uint32_t cap)
{
    assert(fields || !cap);
    head->config = config;
    head->fields.base = NULL;
    head->fields.at = fields;
    head->fields.cap = cap;
    head->method = PROTO_HTTP_OTHER_METHOD;
    head->fault.err = PROTO_OK;
    head->fault.offset = 0;
    head->stop = 0;
    uint32_t max_head = http_max_head(config), max_line = http_max_line(config);
    head->at_once = max_line < max_head ? max_line : max_head;
    begin_message(head);
}

static proto_err fail(proto_http_head *head, proto_err err, uint32_t offset)
{
    head->fault.err = err;
    head->fault.offset = offset;
    head->stop = 0; /* no more bytes are taken in */
    return err;
}

/* RFC 9112 section 2.2: a server passes over an empty line before the request line. One will do. */
static void pass_blank_line(http_lines *lines)
{
    const uint8_t *at = lines->base;
    if (lines->end >= 2 && at[0] == '\r' && at[1] == '\n') lines->line = 2;
}

/* What the target means, while the request line is at hand: an error in it comes before one in a
   later line. */
static proto_err understand_request_line(proto_http_head *head, http_lines *lines)
{
    const uint8_t *method = lines->base + head->method_token.at;
    head->method = (uint8_t)http_method(method, head->method_token.len);
    return http_target_form(head, &lines->fault);
}

static proto_err read_start_line(proto_http_head *head, http_lines *lines, head_kind kind)
{
    if (kind == REQUEST) pass_blank_line(lines);
    const uint8_t *at = lines->base + lines->line;
    const uint8_t *feed = http_line_feed(lines);
    if (!feed) return http_line_unfinished(lines);
    proto_err err = kind == REQUEST ? read_request_line(head, lines, at, feed)
                                    : read_status_line(head, lines, at, feed);
    if (err) return err;
    lines->line = (uint32_t)(feed + 1 - lines->base);
    head->started = true;
    return kind == REQUEST ? understand_request_line(head, lines) : PROTO_OK;
}

/* Marks the fields that http_decide() must look at. */
static void mark_fields(proto_http_head *head)
{
    const proto_http_field *field = head->fields.at;
    uint32_t count = head->fields.count < HTTP_SEEN ? head->fields.count : HTTP_SEEN;
    head->seen = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *end = head->fields.base + field[i].name.at + field[i].name.len;
        head->seen |= http_name_decides(end, field[i].name.len) << (63 - i);
    }
}

/* No line end in sight. */
static proto_err unfinished(proto_http_head *head, const proto_in *in, head_kind kind)
{
    size_t size = (size_t)(in->end - in->pos);
    uint32_t max = http_max_head(head->config);
    if (size >= max)
        return fail(head,
                    !head->started && kind == REQUEST ? PROTO_ERR_HTTP_TARGET_TOO_LONG
                                                      : PROTO_ERR_HTTP_HEAD_TOO_LARGE,
                    max);
    if (in->eof) return fail(head, PROTO_ERR_HTTP_TRUNCATED, (uint32_t)size);
    return PROTO_NEED_INPUT;
}

static proto_err read_lines(proto_http_head *head, http_lines *lines, head_kind kind)
{
    proto_err err = head->started ? PROTO_OK : read_start_line(head, lines, kind);
    if (err == PROTO_ERR_HTTP_LINE_TOO_LONG && kind == REQUEST)
        err = PROTO_ERR_HTTP_TARGET_TOO_LONG;
    if (err) return err;
    return http_field_lines_read(lines, &head->fields);
}

static proto_err exact_head(proto_http_head *head, const proto_in *in, head_kind kind)
{
    size_t size = (size_t)(in->end - in->pos);
    uint32_t max = http_max_head(head->config);
    http_lines lines = {
        .base = in->pos,
        .end = size < max ? (uint32_t)size : max,
        .line = head->line,
        .scanned = head->scanned,
        .lenient = http_lenient(head->config),
        .max_line = http_max_line(head->config),
        .deviations = head->deviations,
    };
    proto_err err = read_lines(head, &lines, kind);
    head->line = lines.line;
    head->scanned = lines.scanned;
    head->deviations = lines.deviations;
    uint32_t line_stop = lines.max_line < max - lines.line ? lines.line + lines.max_line : max;
    head->stop = line_stop;
    if (err == PROTO_NEED_INPUT) return unfinished(head, in, kind);
    if (err) return fail(head, err, lines.fault);
    head->length = lines.line;
    mark_fields(head);
    return http_decide(head);
}

/* Whether a message begins with this call. */
static inline bool begins(const proto_http_head *head)
{
    return head->scanned == 0 && head->fault.err == PROTO_OK;
}

/* More of a line that was looked at before and still has no end: the case of input that trickles
   in. */
static inline bool trickles(proto_http_head *head, const proto_in *in)
{
    size_t size = (size_t)(in->end - in->pos);
    if (size >= head->stop || size - head->scanned > 16 || in->eof) return false;
    for (const uint8_t *at = in->pos + head->scanned; at < in->end; at++)
        if (*at == '\n') return false;
    head->scanned = (uint32_t)size;
    return true;
}

/* All that is not done by a fast twin alone. */
static proto_err read_on(proto_http_head *head, proto_in *in, head_kind kind, http_fast done)
{
    if (head->fault.err) return head->fault.err;
    assert((size_t)(in->end - in->pos) >= head->scanned);
    head->fields.base = in->pos;
    if (done == HTTP_DECLINED && head->scanned == 0) begin_message(head);
    proto_err err = done == HTTP_READ ? http_decide(head) : exact_head(head, in, kind);
    if (err) return err;
    in->pos += head->length;
    head->scanned = 0;
    return PROTO_OK;
}

proto_err http_request_read_on(proto_http_head *head, proto_in *in, http_fast done)
{
    return read_on(head, in, REQUEST, done);
}

proto_err http_response_read_on(proto_http_head *head, proto_in *in, http_fast done)
{
    return read_on(head, in, RESPONSE, done);
}

static proto_err decide_and_read_request(proto_http_head *head, proto_in *in)
{
    return http_readers[simd_decide()]->request(head, in);
}

static proto_err decide_and_read_response(proto_http_head *head, proto_in *in)
{
    return http_readers[simd_decide()]->response(head, in);
}

static const http_reader undecided = {decide_and_read_request, decide_and_read_response};

const http_reader *const http_readers[SIMD_PLACES] = {
    [SIMD_UNDECIDED] = &undecided,
    [SIMD_PLACE(PROTO_SIMD_PORTABLE)] = &http_reader_portable,
#if defined(__x86_64__)
    [SIMD_PLACE(PROTO_SIMD_SSSE3)] = &http_reader_ssse3,
    [SIMD_PLACE(PROTO_SIMD_AVX2)] = &http_reader_avx2,
    [SIMD_PLACE(PROTO_SIMD_AVX512)] = &http_reader_avx512,
#elif defined(__aarch64__)
    [SIMD_PLACE(PROTO_SIMD_NEON)] = &http_reader_neon,
#endif
};

proto_err proto_http_request_read(proto_http_head *head, proto_in *in)
{
    if (LIKELY(begins(head))) return http_readers[simd_place()]->request(head, in);
    if (trickles(head, in)) return PROTO_NEED_INPUT;
    return read_on(head, in, REQUEST, HTTP_DECLINED);
}

proto_err proto_http_response_read(proto_http_head *head, proto_http_method method, proto_in *in)
{
    head->method = (uint8_t)method;
    if (LIKELY(begins(head))) return http_readers[simd_place()]->response(head, in);
    if (trickles(head, in)) return PROTO_NEED_INPUT;
    return read_on(head, in, RESPONSE, HTTP_DECLINED);
}
