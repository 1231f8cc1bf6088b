/* SPDX-License-Identifier: MIT */
#include "vector.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static const char *const lenient_names[] = {
    "bare-lf",       "obs-fold",     "controls", "equal-lengths", "coding-over-length",
    "coding-in-1.0", "codings",      "target",   "host-empty",    "host-mismatch",
    "status-line",   "chunk-blanks", "version",  "scheme"};

enum { LENIENCIES = sizeof lenient_names / sizeof *lenient_names, DEFAULT_FIELDS = 128 };

/* A document being read. */
typedef struct vector_document {
    vector_list *into;
    vector_case *at; /* the case at hand, NULL before the first */
    const char *file;
    int line;
    text_buffer input;
    text_buffer events;
} vector_document;

const char *vector_lenient_name(unsigned bit)
{
    return bit < LENIENCIES ? lenient_names[bit] : NULL;
}

static void malformed(const vector_document *document, const char *wrong)
{
    fprintf(stderr, "%s:%d: %s\n", document->file, document->line, wrong);
    exit(1);
}

static bool is(proto_slice word, const char *text)
{
    return proto_slice_equal(word, proto_slice_text(text));
}

static bool skip_text(proto_slice *line, const char *text)
{
    size_t len = strlen(text);
    if (line->len < len || memcmp(line->ptr, text, len) != 0) return false;
    *line = proto_slice_of(line->ptr + len, line->len - len);
    return true;
}

/* Takes what stands before `end` off the line, and `end`; all of it where there is no `end`. */
static proto_slice up_to(proto_slice *line, const char *end)
{
    proto_slice rest = *line;
    while (rest.len > 0 && !skip_text(&rest, end))
        rest = proto_slice_of(rest.ptr + 1, rest.len - 1);
    size_t len = line->len - rest.len;
    if (line->len > 0 && len >= strlen(end) &&
        memcmp(rest.ptr - strlen(end), end, strlen(end)) == 0)
        len -= strlen(end);
    proto_slice word = proto_slice_of(line->ptr, len);
    *line = rest;
    return word;
}

static char *string_of(proto_slice slice)
{
    char *string = allocate(slice.len + 1);
    if (slice.len > 0) memcpy(string, slice.ptr, slice.len);
    string[slice.len] = '\0';
    return string;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* ---------------------------------------------------------------------------------- one case -- */

/* Puts the place of the mark into "FAILED NAME 400". */
static void insert_mark(const vector_case *at, text_buffer *events, size_t begin)
{
    const char *line = events->ptr + begin;
    if (strncmp(line, "FAILED ", 7) != 0 || strchr(line, '@') != NULL) return;
    size_t name = strcspn(line + 7, " \n") + 7;
    char *rest = string_of(proto_slice_text(line + name));
    events->len = begin + name;
    text_format(events, " @%ld", at->mark);
    text_put(events, rest, strlen(rest));
    free(rest);
}

static void case_end(vector_document *document)
{
    vector_case *at = document->at;
    if (at == NULL) return;
    if (document->events.len == 0) malformed(document, "the case before this line has no events");
    at->size = document->input.len;
    at->input = allocate(at->size);
    if (at->size > 0) memcpy(at->input, document->input.ptr, at->size);
    at->events = string_of(proto_slice_of(document->events.ptr, document->events.len));
    text_clear(&document->input);
    text_clear(&document->events);
}

static void case_begin(vector_document *document, proto_slice title)
{
    case_end(document);
    vector_list *into = document->into;
    into->at = realloc(into->at, (into->count + 1) * sizeof *into->at);
    if (into->at == NULL) abort();
    document->at = &into->at[into->count++];
    *document->at = (vector_case){.file = string_of(proto_slice_text(base_name(document->file))),
                                  .line = document->line,
                                  .title = string_of(title),
                                  .fields = DEFAULT_FIELDS,
                                  .answer = 200,
                                  .mark = VECTOR_NO_MARK};
}

static void add_methods(vector_document *document, proto_slice list)
{
    vector_case *at = document->at;
    while (list.len > 0) {
        proto_slice method = up_to(&list, ", ");
        if (at->method_count == VECTOR_METHODS || method.len >= sizeof at->methods[0])
            malformed(document, "too many methods, or too long a one");
        memcpy(at->methods[at->method_count++], method.ptr, method.len);
    }
}

static void read_role(vector_document *document, proto_slice role)
{
    vector_case *at = document->at;
    if (is(role, "request"))
        at->role = VECTOR_REQUEST;
    else if (is(role, "server"))
        at->role = VECTOR_SERVER;
    else if (skip_text(&role, "response to "))
        at->role = VECTOR_RESPONSE, add_methods(document, role);
    else if (skip_text(&role, "client after "))
        at->role = VECTOR_CLIENT, add_methods(document, role);
    else
        malformed(document, "an unknown reader");
}

static bool read_number(vector_case *at, proto_slice name, uint64_t number)
{
    const struct {
        const char *name;
        uint32_t *value;
    } numbers[] = {
        {"max_head", &at->config.max_head},           {"max_line", &at->config.max_line},
        {"max_extension", &at->config.max_extension}, {"max_overhead", &at->config.max_overhead},
        {"max_trailer", &at->config.max_trailer},     {"fields", &at->fields}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (is(name, numbers[i].name)) return *numbers[i].value = (uint32_t)number, true;
    if (is(name, "max_body")) return at->config.max_body = number, true;
    if (is(name, "answer")) return at->answer = (int)number, true;
    return false;
}

static bool read_word(vector_case *at, proto_slice word)
{
    for (unsigned bit = 0; bit < LENIENCIES; bit++)
        if (is(word, lenient_names[bit])) return at->config.lenient |= 1u << bit, true;
    if (is(word, "secure")) return at->config.secure = true;
    if (is(word, "eof")) return at->eof = true;
    if (is(word, "counted")) return at->counted = true;
    if (is(word, "early")) return at->early = true;
    if (is(word, "close")) return at->close = true;
    return false;
}

static void read_option(vector_document *document, proto_slice option)
{
    proto_slice value = option;
    proto_slice name = up_to(&value, "=");
    char *digits = string_of(value);
    bool known = value.len > 0 ? read_number(document->at, name, strtoull(digits, NULL, 10))
                               : read_word(document->at, name);
    free(digits);
    if (known) return;
    fprintf(stderr, "\"%.*s\" ", (int)option.len, (const char *)option.ptr);
    malformed(document, "is not an option; vector.h lists them");
}

static void read_reader(vector_document *document, proto_slice line)
{
    proto_slice options = line;
    proto_slice role = up_to(&options, " with ");
    read_role(document, role);
    while (options.len > 0)
        read_option(document, up_to(&options, ", "));
}

static void read_input(vector_document *document, proto_slice line)
{
    size_t before = document->input.len;
    size_t mark = SIZE_MAX;
    const char *wrong = text_unescaped(&document->input, line, &mark);
    if (wrong != NULL) malformed(document, wrong);
    if (mark == SIZE_MAX) return;
    if (document->at->mark != VECTOR_NO_MARK || mark < before) malformed(document, "a second mark");
    document->at->mark = (long)mark;
}

/* An event is brought into the one form in which the reader's are printed. */
static void read_event(vector_document *document, proto_slice line)
{
    text_buffer bytes = {0};
    const char *wrong = text_unescaped(&bytes, line, NULL);
    if (wrong != NULL) malformed(document, wrong);
    size_t begin = document->events.len;
    text_escaped(&document->events, proto_slice_of(bytes.ptr, bytes.len));
    text_put(&document->events, "\n", 1);
    insert_mark(document->at, &document->events, begin);
    text_free(&bytes);
}

/* --------------------------------------------------------------------------------- documents -- */

static void read_prose(vector_document *document, proto_slice line)
{
    bool cites = false;
    while (line.len > 0 && !cites)
        if (!(cites = skip_text(&line, "RFC "))) line = proto_slice_of(line.ptr + 1, line.len - 1);
    if (cites && document->at != NULL) document->at->cites = true;
}

static void read_line(vector_document *document, proto_slice line)
{
    if (skip_text(&line, "## "))
        case_begin(document, line);
    else if (document->at == NULL)
        return;
    else if (skip_text(&line, ": "))
        read_reader(document, line);
    else if (skip_text(&line, "> "))
        read_input(document, line);
    else if (skip_text(&line, "= "))
        read_event(document, line);
    else
        read_prose(document, line);
}

void vectors_read(vector_list *vectors, const char *path)
{
    vector_document document = {.into = vectors, .file = path};
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    if (file == NULL) malformed(&document, "cannot be opened");
    for (ssize_t len; (len = getline(&line, &cap, file)) >= 0;) {
        document.line++;
        read_line(&document, proto_slice_of(line, (size_t)len - (line[len - 1] == '\n')));
    }
    case_end(&document);
    free(line);
    fclose(file);
    text_free(&document.input);
    text_free(&document.events);
}

static int is_document(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".txt") == 0;
}

void vectors_read_all(vector_list *vectors, const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_document, alphasort);
    for (int i = 0; i < count; i++) {
        text_buffer path = {0};
        text_format(&path, "%s/%s", directory, entries[i]->d_name);
        vectors_read(vectors, path.ptr);
        text_free(&path);
        free(entries[i]);
    }
    if (count >= 0) free(entries);
}

void vectors_free(vector_list *vectors)
{
    for (size_t i = 0; i < vectors->count; i++) {
        vector_case *at = &vectors->at[i];
        free(at->file);
        free(at->title);
        free(at->input);
        free(at->events);
    }
    free(vectors->at);
    *vectors = (struct vector_list){0};
}
