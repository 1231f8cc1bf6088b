/* SPDX-License-Identifier: MIT */
#include "icmp_vector.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A document being read. */
typedef struct icmp_document {
    icmp_vector_list *into;
    const char *file;
    int line;
    text_buffer bytes;
    text_buffer lines;
} icmp_document;

static void malformed(const icmp_document *document, const char *wrong)
{
    fprintf(stderr, "%s:%d: %s\n", document->file, document->line, wrong);
    exit(1);
}

static char *string_of(const char *text, size_t len)
{
    char *string = allocate(len + 1);
    if (len > 0) memcpy(string, text, len);
    string[len] = '\0';
    return string;
}

static bool starts(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* ---------------------------------------------------------------------------------- one case -- */

static proto_address address_of(const icmp_document *document, const char *text)
{
    uint8_t octets[16];
    if (inet_pton(AF_INET6, text, octets) == 1) return proto_address_ipv6(octets);
    malformed(document, "an address of IPv6 is expected");
    abort();
}

static void case_end(icmp_document *document)
{
    if (document->into->count == 0) return;
    icmp_vector *at = &document->into->at[document->into->count - 1];
    if (at->lines != NULL) return;
    if (document->lines.len == 0) malformed(document, "nothing must be read in the case before");
    at->size = document->bytes.len;
    at->bytes = allocate(at->size);
    if (at->size > 0) memcpy(at->bytes, document->bytes.ptr, at->size);
    at->lines = string_of(document->lines.ptr, document->lines.len);
    text_clear(&document->bytes);
    text_clear(&document->lines);
}

static void case_begin(icmp_document *document, const char *title)
{
    case_end(document);
    icmp_vector_list *into = document->into;
    const char *slash = strrchr(document->file, '/');
    const char *base = slash != NULL ? slash + 1 : document->file;
    into->at = realloc(into->at, (into->count + 1) * sizeof *into->at);
    if (into->at == NULL) abort();
    into->at[into->count++] = (icmp_vector){.file = string_of(base, strlen(base)),
                                            .line = document->line,
                                            .title = string_of(title, strlen(title)),
                                            .source = address_of(document, "2001:db8::1"),
                                            .destination = address_of(document, "2001:db8::2")};
}

static void option_read(const icmp_document *document, icmp_vector *at, const char *option)
{
    if (starts(option, "from "))
        at->source = address_of(document, option + 5);
    else if (starts(option, "to "))
        at->destination = address_of(document, option + 3);
    else if (strcmp(option, "system-checksum") == 0)
        at->reading.config.flags |= PROTO_ICMP_SYSTEM_CHECKSUM;
    else if (strcmp(option, "guess") == 0)
        at->reading.config.flags |= PROTO_ICMP_GUESS_EXTENSIONS;
    else if (strcmp(option, "quoted") == 0)
        at->reading.form |= PROTO_IP_QUOTED;
    else if (strcmp(option, "not-ours") == 0)
        at->not_ours = true;
    else
        malformed(document, "no such option; icmp_vector.h lists them");
}

/* `ipv4 datagram with guess, quoted`: the string is cut to pieces. */
static void reading_read(const icmp_document *document, icmp_vector *at, char *text)
{
    char *options = strstr(text, " with ");
    if (options != NULL) *options = '\0';
    char *kind = strchr(text, ' ');
    if (kind != NULL) *kind++ = '\0';
    bool ipv4 = strcmp(text, "ipv4") == 0;
    if (!ipv4 && strcmp(text, "ipv6") != 0) malformed(document, "neither ipv4 nor ipv6");
    if (kind != NULL && strcmp(kind, "datagram") != 0) malformed(document, "no datagram");
    at->reading.config.family = ipv4 ? PROTO_IPV4 : PROTO_IPV6;
    at->reading.datagram = kind != NULL;
    for (char *next, *option = options != NULL ? options + 6 : NULL; option != NULL;
         option = next) {
        next = strstr(option, ", ");
        if (next != NULL) *next = '\0', next += 2;
        option_read(document, at, option);
    }
}

static void bytes_read(icmp_document *document, const char *text)
{
    char *end;
    for (text += strspn(text, " "); *text != '\0' && *text != '#'; text = end + strspn(end, " ")) {
        unsigned long value = strtoul(text, &end, 16), times = 1;
        if (end != text + 2) malformed(document, "not two hexadecimal digits");
        if (*end == '*') times = strtoul(end + 1, &end, 10);
        uint8_t byte = (uint8_t)value;
        while (times-- > 0)
            text_put(&document->bytes, &byte, 1);
    }
}

/* --------------------------------------------------------------------------------- documents -- */

static void line_read(icmp_document *document, char *line)
{
    icmp_vector_list *into = document->into;
    icmp_vector *at = into->count > 0 ? &into->at[into->count - 1] : NULL;
    if (starts(line, "## "))
        case_begin(document, line + 3);
    else if (at == NULL || at->lines != NULL)
        return; /* prose before the first case */
    else if (starts(line, ": "))
        reading_read(document, at, line + 2);
    else if (starts(line, "> "))
        bytes_read(document, line + 2);
    else if (starts(line, "= "))
        text_format(&document->lines, "%s\n", line + 2);
    else if (strstr(line, "RFC ") != NULL)
        at->cites = true;
}

static void document_read(icmp_vector_list *vectors, const char *path)
{
    icmp_document document = {.into = vectors, .file = path};
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    if (file == NULL) malformed(&document, "cannot be opened");
    for (ssize_t len; (len = getline(&line, &cap, file)) >= 0;) {
        if (len > 0 && line[len - 1] == '\n') line[len - 1] = '\0';
        document.line++;
        line_read(&document, line);
    }
    case_end(&document);
    free(line);
    fclose(file);
    text_free(&document.bytes);
    text_free(&document.lines);
}

static int is_document(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".txt") == 0;
}

void icmp_vectors_read(icmp_vector_list *vectors, const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_document, alphasort);
    for (int i = 0; i < count; i++) {
        text_buffer path = {0};
        text_format(&path, "%s/%s", directory, entries[i]->d_name);
        document_read(vectors, path.ptr);
        text_free(&path);
        free(entries[i]);
    }
    if (count >= 0) free(entries);
    for (size_t i = 0; i < vectors->count; i++) {
        vectors->at[i].reading.config.source = &vectors->at[i].source;
        vectors->at[i].reading.config.destination = &vectors->at[i].destination;
    }
}

void icmp_vectors_free(icmp_vector_list *vectors)
{
    for (size_t i = 0; i < vectors->count; i++) {
        free(vectors->at[i].file);
        free(vectors->at[i].title);
        free(vectors->at[i].bytes);
        free(vectors->at[i].lines);
    }
    free(vectors->at);
    *vectors = (icmp_vector_list){0};
}
