/* SPDX-License-Identifier: MIT */
/* A body is the same body however it is cut, and whether it is taken a piece at a time or many. */
#include <proto/http.h>

#include <stdlib.h>
#include <string.h>

enum { FIELDS = 6, PIECES = 7 };

/* What a reader made of the input. */
typedef struct outcome {
    uint8_t *content;
    size_t size;
    size_t consumed;
    proto_http_event event;
    proto_http_body body;
    proto_http_field fields[FIELDS];
    uint8_t trailer[256]; /* the names and values */
    size_t trailer_size;
} outcome;

/* The first bytes say what is read and how; the rest is the body. */
typedef struct plan {
    proto_http_config config;
    proto_http_framing framing;
    uint64_t length;
    bool eof;
    size_t step;
} plan;

enum { PLAN_SIZE = 4 };

static plan plan_of(const uint8_t *bytes)
{
    static const proto_http_framing framings[] = {
        PROTO_HTTP_CHUNKED, PROTO_HTTP_CHUNKED, PROTO_HTTP_CHUNKED,     PROTO_HTTP_CHUNKED,
        PROTO_HTTP_CHUNKED, PROTO_HTTP_LENGTH,  PROTO_HTTP_UNTIL_CLOSE, PROTO_HTTP_NO_BODY};
    plan p = {.framing = framings[bytes[0] & 7], .eof = bytes[0] & 8};
    if (bytes[0] & 16) p.config.lenient = UINT32_MAX;
    if (bytes[0] & 32) p.config.max_extension = 5, p.config.max_overhead = 12;
    if (bytes[0] & 64) p.config.max_body = bytes[1] + 1u;
    if (bytes[0] & 128) p.config.max_trailer = 30, p.config.max_line = 20;
    p.length = bytes[2];
    p.step = 1 + bytes[3] % 40;
    return p;
}

static void check(bool holds)
{
    if (!holds) abort();
}

static void keep_content(outcome *o, const uint8_t *shown, const uint8_t *end, proto_slice piece)
{
    check(piece.len > 0 && piece.ptr >= shown && piece.len <= (size_t)(end - piece.ptr));
    memcpy(o->content + o->size, piece.ptr, piece.len);
    o->size += piece.len;
}

static void keep_text(outcome *o, proto_slice text)
{
    for (size_t i = 0; i < text.len && o->trailer_size < sizeof o->trailer; i++)
        o->trailer[o->trailer_size++] = text.ptr[i];
}

static void keep_trailer(outcome *o)
{
    const proto_http_fields *trailer = &o->body.trailer;
    check(trailer->count <= trailer->cap);
    for (uint32_t i = 0; i < trailer->count; i++) {
        keep_text(o, proto_http_text(trailer, trailer->at[i].name));
        keep_text(o, PROTO_LITERAL(":"));
        keep_text(o, proto_http_text(trailer, trailer->at[i].value));
    }
}

/* Shows a copy of its own, so that a byte too far is seen. */
static void show(outcome *o, const uint8_t *data, size_t size, bool eof, size_t cap)
{
    uint8_t *copy = malloc(size + (size == 0));
    if (!copy) abort();
    memcpy(copy, data, size);
    proto_in in = {copy, copy + size, eof};
    do {
        proto_slice pieces[PIECES];
        size_t count = 1;
        o->event = cap == 1 ? proto_http_body_next(&o->body, &in, pieces)
                            : proto_http_body_read(&o->body, &in, pieces, cap, &count);
        if (cap == 1 && o->event != PROTO_HTTP_EVENT_BODY) count = 0;
        check(count <= cap);
        for (size_t i = 0; i < count; i++)
            keep_content(o, copy, copy + size, pieces[i]);
    } while (o->event == PROTO_HTTP_EVENT_BODY);
    if (o->event == PROTO_HTTP_EVENT_END) keep_trailer(o);
    o->consumed += (size_t)(in.pos - copy);
    check(in.pos <= in.end);
    free(copy);
}

static void run(const plan *p, const uint8_t *data, size_t size, size_t step, size_t cap,
                outcome *o)
{
    proto_http_head head;
    memset(o, 0, sizeof *o);
    o->content = malloc(size + 1);
    if (!o->content) abort();
    proto_http_head_init(&head, &p->config, o->fields, FIELDS);
    head.framing = (uint8_t)p->framing;
    head.content_length = p->length;
    proto_http_body_init(&o->body, &head);
    for (size_t shown = step < size ? step : size;;) {
        show(o, data + o->consumed, shown - o->consumed, p->eof && shown == size, cap);
        if (o->event != PROTO_HTTP_EVENT_NEED_INPUT || shown == size) break;
        shown = step < size - shown ? shown + step : size;
    }
    check(o->body.received == o->size);
}

static void check_same(const outcome *a, const outcome *b)
{
    check(a->event == b->event && a->size == b->size);
    check(memcmp(a->content, b->content, a->size) == 0);
    check(a->body.fault.err == b->body.fault.err && a->body.fault.offset == b->body.fault.offset);
    check(a->body.deviations == b->body.deviations && a->body.overhead == b->body.overhead);
    check(a->trailer_size == b->trailer_size);
    check(memcmp(a->trailer, b->trailer, a->trailer_size) == 0);
    if (a->event != PROTO_HTTP_EVENT_FAILED) check(a->consumed == b->consumed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    outcome whole, other;
    if (size < PLAN_SIZE) return 0;
    plan p = plan_of(data);
    data += PLAN_SIZE;
    size -= PLAN_SIZE;
    const size_t steps[] = {SIZE_MAX, SIZE_MAX, 1, p.step, p.step};
    const size_t caps[] = {1, 2, 1, 1, PIECES};
    run(&p, data, size, SIZE_MAX, PIECES, &whole);
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
        run(&p, data, size, steps[i], caps[i], &other);
        check_same(&whole, &other);
        free(other.content);
    }
    free(whole.content);
    return 0;
}
