// SPDX-License-Identifier: MIT
// Heads that nobody wrote: valid ones of every size and alignment must be read back exactly, and every change of one byte
// must come to the same on every path that classifies bytes and however the input is cut.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "paths.h"
#include "proto/http.h"
#include "snapshot.h"
#include "text.h"

enum { HEADS = 3000, SPACE = 1 << 16, MAX_FIELDS = 100, LONG = 200 };

static guard_pages guard;
static proto_simd paths[MAX_PATHS];
static size_t path_count;

/* -------------------------------------------------------------------------------- randomness -- */

static uint64_t state_of_random;

static uint32_t random_below(uint32_t limit)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 7;
    state_of_random ^= state_of_random << 17;
    return (uint32_t)(state_of_random >> 32) % limit;
}

/* Mostly short, often near a border of a block, seldom long. */
static uint32_t random_length(void)
{
    static const uint32_t borders[] = {8, 16, 32, 64, 128};
    switch (random_below(8)) {
    case 0: return random_below(600);
    case 1:
    case 2: return borders[random_below(5)] - 4 + random_below(8);
    default: return random_below(40);
    }
}

static uint8_t random_of(const char *alphabet)
{
    return (uint8_t)alphabet[random_below((uint32_t)strlen(alphabet))];
}

/* ------------------------------------------------------------------------------- valid heads -- */

/* A head as it was made: what reading it must find. */
typedef struct made_head {
    text_buffer text;
    proto_http_span method;
    proto_http_span target;
    proto_http_field fields[MAX_FIELDS + 1];
    uint32_t count;
} made_head;

static const char tchars[] =
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char uchars[] =
    "/?:@!$&'()*+,;=-._~%0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

static proto_http_span put_random(text_buffer *text, const char *alphabet, uint32_t len)
{
    proto_http_span span = {(uint32_t)text->len, len};
    for (uint32_t i = 0; i < len; i++) {
        uint8_t byte = random_of(alphabet);
        text_put(text, &byte, 1);
    }
    return span;
}

/* Any byte that a value may hold, but no white space at the ends. */
static proto_http_span put_value(text_buffer *text, uint32_t len)
{
    proto_http_span span = {(uint32_t)text->len, len};
    bool plain = random_below(4) != 0;
    for (uint32_t i = 0; i < len; i++) {
        bool inside = i > 0 && i + 1 < len;
        uint8_t byte = (uint8_t)(0x21 + random_below(0x7f - 0x21));
        if (inside && random_below(8) == 0) byte = ' ';
        if (inside && !plain && random_below(16) == 0) byte = '\t';
        if (!plain && random_below(8) == 0) byte = (uint8_t)(0x80 + random_below(0x80));
        text_put(text, &byte, 1);
    }
    return span;
}

static void put_blanks(text_buffer *text)
{
    if (random_below(4) != 0) {
        text_put(text, " ", 1);
        return;
    }
    for (uint32_t i = random_below(20); i > 0; i--)
        text_put(text, random_below(2) == 0 ? " " : "\t", 1);
}

static void put_field(made_head *model, const char *name, const char *value)
{
    proto_http_field *field = &model->fields[model->count++];
    text_buffer *text = &model->text;
    field->name = (proto_http_span){(uint32_t)text->len, (uint32_t)strlen(name)};
    text_put(text, name, strlen(name));
    text_put(text, ": ", 2);
    field->value = (proto_http_span){(uint32_t)text->len, (uint32_t)strlen(value)};
    text_put(text, value, strlen(value));
    text_put(text, "\r\n", 2);
}

/* A field that means nothing: its name begins with a letter that no meaningful name has. */
static void put_random_field(made_head *model)
{
    proto_http_field *field = &model->fields[model->count++];
    text_buffer *text = &model->text;
    field->name = (proto_http_span){(uint32_t)text->len, 1};
    text_put(text, "z", 1);
    field->name.len += put_random(text, tchars, random_length() % 80).len;
    text_put(text, ":", 1);
    put_blanks(text);
    field->value = put_value(text, random_length());
    if (random_below(4) == 0) put_blanks(text);
    text_put(text, "\r\n", 2);
}

/* An empty value lies wherever its reader says, between the colon and the end of the line. */
static void make_head(made_head *model)
{
    text_buffer *text = &model->text;
    uint32_t count = random_below(3) == 0 ? random_below(MAX_FIELDS) : random_below(12);
    uint32_t host = random_below(count + 1);
    model->count = 0;
    text_clear(text);
    model->method = put_random(text, tchars, 1 + random_length() % 20);
    text_put(text, " /", 2);
    model->target = put_random(text, uchars, random_length());
    model->target.at--;
    model->target.len++;
    text_put(text, " HTTP/1.1\r\n", 11);
    for (uint32_t i = 0; i <= count; i++) {
        if (i == host)
            put_field(model, "Host", "a.example");
        else
            put_random_field(model);
    }
    text_put(text, "\r\n", 2);
}

static void assert_span(const proto_http_fields *fields, proto_http_span got, proto_http_span made,
                        const text_buffer *text)
{
    assert_int_equal(got.len, made.len);
    if (made.len > 0) assert_int_equal(got.at, made.at);
    proto_slice bytes = proto_http_text(fields, got);
    assert_memory_equal(bytes.ptr, text->ptr + got.at, got.len);
}

static void assert_read_back(const proto_http_head *head, const made_head *model)
{
    assert_int_equal(head->length, model->text.len);
    assert_int_equal(head->fields.count, model->count);
    assert_span(&head->fields, head->method_token, model->method, &model->text);
    assert_span(&head->fields, head->target, model->target, &model->text);
    for (uint32_t i = 0; i < model->count; i++) {
        assert_span(&head->fields, head->fields.at[i].name, model->fields[i].name, &model->text);
        assert_span(&head->fields, head->fields.at[i].value, model->fields[i].value, &model->text);
    }
    proto_slice authority = proto_http_text(&head->fields, head->authority);
    assert_true(proto_slice_equal(authority, PROTO_LITERAL("a.example")));
    assert_int_equal(head->framing, PROTO_HTTP_NO_BODY);
    assert_int_equal(head->flags, PROTO_HTTP_KEEP_ALIVE);
}

/* Shows `first` bytes and then the whole, at an address with the given remainder or, without one,
   before a forbidden page. */
static void read_back(const made_head *model, size_t first, int remainder)
{
    proto_http_field fields[MAX_FIELDS + 1];
    proto_http_head head;
    size_t len = model->text.len;
    const uint8_t *at = remainder < 0 ? guard_high(&guard, model->text.ptr, len) : NULL;
    if (remainder >= 0) {
        uint8_t *placed = guard.memory + remainder;
        memcpy(placed, model->text.ptr, len);
        at = placed;
    }
    proto_http_head_init(&head, NULL, fields, MAX_FIELDS + 1);
    proto_in in = proto_in_of(at, first);
    if (first < len) assert_int_equal(proto_http_request_read(&head, &in), PROTO_NEED_INPUT);
    in = proto_in_of(at, len);
    assert_int_equal(proto_http_request_read(&head, &in), PROTO_OK);
    assert_ptr_equal(in.pos, at + len);
    assert_read_back(&head, model);
}

static void what_was_made_is_read_back(void **state)
{
    made_head model = {0};
    state_of_random = 0x9e3779b97f4a7c15u;
    for (int i = 0; i < HEADS; i++) {
        make_head(&model);
        if (model.text.len > 60000) continue;
        for (size_t path = 0; path < path_count; path++) {
            proto_simd_use(paths[path]);
            read_back(&model, model.text.len, -1);
            read_back(&model, model.text.len, i % 64);
            read_back(&model, random_below((uint32_t)model.text.len), -1);
        }
    }
    text_free(&model.text);
}

/* Each length of a name and of a value at each place relative to the blocks. */
static void every_length_at_every_place_is_read_back(void **state)
{
    made_head model = {0};
    state_of_random = 1;
    for (uint32_t pad = 0; pad < 66; pad++)
        for (uint32_t len = 0; len < 70; len++) {
            model.count = 0;
            text_clear(&model.text);
            text_put(&model.text, "GET /", 5);
            model.method = (proto_http_span){0, 3};
            model.target = put_random(&model.text, uchars, pad);
            model.target.at--;
            model.target.len++;
            text_put(&model.text, " HTTP/1.1\r\n", 11);
            put_field(&model, "Host", "a.example");
            text_put(&model.text, "z", 1);
            model.fields[1].name = put_random(&model.text, tchars, len);
            model.fields[1].name.at--;
            model.fields[1].name.len++;
            text_put(&model.text, ": ", 2);
            model.fields[1].value = put_value(&model.text, 69 - len);
            text_put(&model.text, "\r\n\r\n", 4);
            model.count = 2;
            for (size_t path = 0; path < path_count; path++) {
                proto_simd_use(paths[path]);
                read_back(&model, model.text.len, -1);
                read_back(&model, model.text.len, 0);
            }
        }
    text_free(&model.text);
}

/* --------------------------------------------------------------------------------- mutations -- */

static const struct {
    const char *text;
    uint32_t lenient;
    bool response;
} originals[] = {
    {"GET /a?b=c HTTP/1.1\r\nHost: example.org:80\r\nAccept: */*\r\nX: y z\r\n\r\n", 0, false},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close, te\r\nExpect: 100-continue\r\n\r\n",
     0, false},
    {"PUT http://a/b HTTP/1.1\r\nhost: a\r\nContent-Length: 12\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
     0, false},
    {"\r\nGET /some/longer/path/to/a/file.html?with=a&query=too HTTP/1.1\r\nHost: www.example.org\r\n"
     "User-Agent: Something/1.0 (a comment; and more)\r\nAccept-Language: en-GB,en;q=0.9\r\nCookie: a=b; c=d\r\n\r\n",
     0, false},
    {"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\n", 0,
     true},
    {"HTTP/1.0 404 Not here\r\nConnection: keep-alive\r\nTransfer-Encoding:chunked\r\n\r\n",
     PROTO_HTTP_LENIENT_CODING_IN_10, true},
    {"POST / HTTP/1.1\nHost: a\r\nX: b\n c\r\nContent-Length: 1, 1\r\nTransfer-Encoding: x, chunked\r\n\r\n",
     (PROTO_HTTP_LENIENT_SCHEME << 1) - 1, false},
};

static void assert_same(const head_snapshot *reference, const head_snapshot *other,
                        const uint8_t *bytes, size_t len, const char *how)
{
    const char *difference = head_snapshot_difference(reference, other);
    if (difference == NULL) return;
    text_buffer text = {0};
    text_escaped(&text, proto_slice_of(bytes, len));
    print_error("%s\n  %s differs: %s @%u, then %s @%u (%s, %s)\n", text_string(&text), difference,
                proto_err_name(reference->err), (unsigned)reference->head.fault.offset,
                proto_err_name(other->err), (unsigned)other->head.fault.offset, how,
                proto_simd_name(proto_simd_used()));
    text_free(&text);
    fail();
}

static head_snapshot reference, other;

/* Every path that reads the whole at once against the reader of what comes in pieces, which is the
   plainest. */
static void compare_paths(const head_reading *reading, const uint8_t *bytes, size_t len)
{
    proto_slice all = proto_slice_of(bytes, len);
    proto_simd_use(PROTO_SIMD_PORTABLE);
    head_snapshot_take(&reference, reading, &guard, all, 1, len);
    for (size_t path = 0; path < path_count; path++) {
        proto_simd_use(paths[path]);
        head_snapshot_take(&other, reading, &guard, all, len, 1);
        assert_same(&reference, &other, bytes, len, "whole");
        head_snapshot_take(&other, reading, &guard, all, 0, len);
        assert_same(&reference, &other, bytes, len, "whole, behind a forbidden page");
    }
}

static void compare_ways(const head_reading *reading, const uint8_t *bytes, size_t len, size_t at)
{
    proto_slice all = proto_slice_of(bytes, len);
    compare_paths(reading, bytes, len);
    head_snapshot_take(&other, reading, &guard, all, at, len);
    assert_same(&reference, &other, bytes, len, "split before the byte");
    head_snapshot_take(&other, reading, &guard, all, at + 1, len);
    assert_same(&reference, &other, bytes, len, "split behind the byte");
    head_snapshot_take(&other, reading, &guard, all, 1, 1 + at % 5);
    assert_same(&reference, &other, bytes, len, "in small steps");
}

/* Every value at every place. */
static void a_changed_byte_comes_to_the_same_every_way(void **state)
{
    for (size_t i = 0; i < sizeof originals / sizeof *originals; i++) {
        proto_http_config config = {.lenient = originals[i].lenient};
        head_reading reading = {.config = &config,
                                .fields = 16,
                                .method = PROTO_HTTP_GET,
                                .response = originals[i].response};
        size_t len = strlen(originals[i].text);
        uint8_t *bytes = allocate(len);
        memcpy(bytes, originals[i].text, len);
        for (size_t at = 0; at < len; at++) {
            uint8_t before = bytes[at];
            for (int value = 0; value < 256; value++) {
                bytes[at] = (uint8_t)value;
                compare_ways(&reading, bytes, len, at);
            }
            bytes[at] = before;
        }
        free(bytes);
    }
}

/* A byte less, a byte more, two bytes exchanged. */
static void a_shifted_byte_comes_to_the_same_every_way(void **state)
{
    static const uint8_t inserted[] = " \t\r\n:\0a\x80";
    for (size_t i = 0; i < sizeof originals / sizeof *originals; i++) {
        proto_http_config config = {.lenient = originals[i].lenient};
        head_reading reading = {.config = &config,
                                .fields = 16,
                                .method = PROTO_HTTP_GET,
                                .response = originals[i].response};
        size_t len = strlen(originals[i].text);
        uint8_t *bytes = allocate(len + 1);
        for (size_t at = 0; at < len; at++) {
            memcpy(bytes, originals[i].text, at);
            memcpy(bytes + at, originals[i].text + at + 1, len - at - 1);
            compare_ways(&reading, bytes, len - 1, at);
            memcpy(bytes + at + 1, originals[i].text + at, len - at);
            for (size_t j = 0; j < sizeof inserted - 1; j++) {
                bytes[at] = inserted[j];
                compare_ways(&reading, bytes, len + 1, at);
            }
        }
        free(bytes);
    }
}

/* Changes in heads long enough for every part of the wide readers. */
static void a_changed_byte_in_a_random_head_comes_to_the_same_every_way(void **state)
{
    static const uint8_t telling[] = "\r\n\0 \t:\x7f\x80,;/\"(";
    head_reading reading = {.fields = MAX_FIELDS + 1};
    made_head model = {0};
    state_of_random = 7;
    for (int i = 0; i < HEADS; i++) {
        make_head(&model);
        size_t len = model.text.len;
        if (len > 16000) continue;
        uint8_t *bytes = (uint8_t *)model.text.ptr;
        size_t at = random_below((uint32_t)len);
        bytes[at] = random_below(2) == 0 ? (uint8_t)random_below(256)
                                         : telling[random_below(sizeof telling - 1)];
        compare_ways(&reading, bytes, len, len > 2000 ? len : at);
    }
    text_free(&model.text);
}

/* Every row of a few pieces, alone, as a whole head, and before fields: where there is less than a
   register holds, and where a register holds less than was hoped for. */
static void every_short_input_comes_to_the_same(void **state)
{
    static const char *const pieces[] = {"\r\n", " ", "/", "GET", ":", "\n", "HTTP/1.1", "\x01"};
    static const char *const behind[] = {
        "", "\r\n\r\n", "X: y\r\nHost: example.org\r\n\r\n",
        "\r\nX: y\r\nZ:\r\nHost: a.example.org\r\nAccept: text/plain\r\n\r\n"};
    enum { PIECES = sizeof pieces / sizeof *pieces, BEHIND = sizeof behind / sizeof *behind };
    text_buffer text = {0};
    for (int row = 0; row < PIECES * PIECES * PIECES * PIECES; row++)
        for (int end = 0; end < 2 * BEHIND; end++) {
            text_clear(&text);
            for (int rest = row; rest > 0; rest /= PIECES)
                text_put(&text, pieces[rest % PIECES], strlen(pieces[rest % PIECES]));
            text_put(&text, behind[end / 2], strlen(behind[end / 2]));
            head_reading reading = {.fields = 4, .response = end % 2 != 0};
            compare_paths(&reading, (const uint8_t *)text.ptr, text.len);
        }
    text_free(&text);
}

static void put_many(text_buffer *text, int count)
{
    for (int i = 0; i < count; i++)
        text_put(text, "x", 1);
}

/* A head with one long part: method, target, name, value, reason; `pad` moves it. Returns where it
   begins. */
static size_t make_long(text_buffer *text, int part, int pad)
{
    static const char *const pieces[][3] = {
        {"", "", " / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"GET /", "", " HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"GET /", " HTTP/1.1\r\nHost: a\r\n", ": x\r\nY: z\r\n\r\n"},
        {"GET /", " HTTP/1.1\r\nHost: a\r\nX: ", "\r\nY: z\r\n\r\n"},
        {"HTTP/1.1 200 ", "", "\r\nContent-Length: 1\r\n\r\n"},
    };
    text_clear(text);
    text_put(text, pieces[part][0], strlen(pieces[part][0]));
    put_many(text, pad);
    text_put(text, pieces[part][1], strlen(pieces[part][1]));
    size_t begin = text->len;
    put_many(text, LONG);
    text_put(text, pieces[part][2], strlen(pieces[part][2]));
    return begin;
}

/* Where no line ends for several blocks, nothing else covers up for a byte that one path
   overlooks. */
static void a_telling_byte_anywhere_in_a_long_part_comes_to_the_same(void **state)
{
    static const uint8_t telling[] = "\r\n\0\t :\x01\x1f\x7f\x80\xff/(@[`{";
    text_buffer text = {0};
    for (int part = 0; part < 5; part++)
        for (int pad = 0; pad < 64; pad += 9) {
            head_reading reading = {.fields = 4, .response = part == 4, .method = PROTO_HTTP_GET};
            size_t begin = make_long(&text, part, pad);
            for (size_t at = begin; at < begin + LONG; at++)
                for (size_t i = 0; i < sizeof telling - 1; i++) {
                    text.ptr[at] = (char)telling[i];
                    compare_paths(&reading, (const uint8_t *)text.ptr, text.len);
                    text.ptr[at] = 'x';
                }
        }
    text_free(&text);
}

/* Around the number of fields that a fast reader remembers anything of, with room in the table for
   them or not quite. */
static void any_number_of_fields_comes_to_the_same(void **state)
{
    text_buffer text = {0};
    for (uint32_t count = 1; count <= 70; count++) {
        text_clear(&text);
        text_format(&text, "GET / HTTP/1.1\r\nHost: a\r\n");
        for (uint32_t i = 2; i < count; i++)
            text_format(&text, "Accept: %c\r\n", 'a' + (char)(i % 26));
        if (count > 1) text_format(&text, "Content-Length: 5\r\n");
        text_format(&text, "\r\n");
        for (uint32_t cap = count - 1; cap <= count + 1; cap++) {
            head_reading reading = {.fields = cap};
            compare_paths(&reading, (const uint8_t *)text.ptr, text.len);
        }
    }
    text_free(&text);
}

static int open_guard(void **state)
{
    guard_open(&guard, SPACE);
    path_count = simd_paths(paths);
    return 0;
}

static int close_guard(void **state)
{
    guard_close(&guard);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_made_is_read_back),
        cmocka_unit_test(every_length_at_every_place_is_read_back),
        cmocka_unit_test(a_changed_byte_comes_to_the_same_every_way),
        cmocka_unit_test(a_shifted_byte_comes_to_the_same_every_way),
        cmocka_unit_test(a_changed_byte_in_a_random_head_comes_to_the_same_every_way),
        cmocka_unit_test(every_short_input_comes_to_the_same),
        cmocka_unit_test(a_telling_byte_anywhere_in_a_long_part_comes_to_the_same),
        cmocka_unit_test(any_number_of_fields_comes_to_the_same),
    };
    return cmocka_run_group_tests(tests, open_guard, close_guard);
}
