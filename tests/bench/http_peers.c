/* SPDX-License-Identifier: MIT */
#include "http_sides.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

/* The peers are loaded when the program runs, from libraries whose packages bring no headers along
 * or need not be there. What is declared here is as much of their binary interface as is used. */

/* ------------------------------------------------------------- picohttpparser, inside libh2o -- */

typedef struct phr_header {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
} phr_header;

typedef union phr_decoder {
    struct {
        size_t left;
        char consume_trailer;
    } known;
    char room[64];
} phr_decoder;

typedef int phr_request(const char *, size_t, const char **, size_t *, const char **, size_t *,
                        int *, phr_header *, size_t *, size_t);
typedef int phr_response(const char *, size_t, int *, int *, const char **, size_t *, phr_header *,
                         size_t *, size_t);
typedef ssize_t phr_chunked(phr_decoder *, char *, size_t *);

static phr_request *parse_request;
static phr_response *parse_response;
static phr_chunked *decode_chunked;

/* The table that both peers fill. */
static phr_header headers[HTTP_MAX_FIELDS];
static size_t header_count;
static http_tally content;
proto_slice http_pieces[HTTP_MAX_PIECES];

static int phr_read(const uint8_t *ptr, size_t len, size_t last_len)
{
    const char *method, *target;
    size_t method_len, target_len;
    int minor;
    header_count = HTTP_MAX_FIELDS;
    return parse_request((const char *)ptr, len, &method, &method_len, &target, &target_len, &minor,
                         headers, &header_count, last_len);
}

static bool phr_read_request(const uint8_t *ptr, size_t len)
{
    return phr_read(ptr, len, 0) == (int)len;
}

static bool phr_read_response(const uint8_t *ptr, size_t len)
{
    int minor, status;
    const char *reason;
    size_t reason_len;
    header_count = HTTP_MAX_FIELDS;
    return parse_response((const char *)ptr, len, &minor, &status, &reason, &reason_len, headers,
                          &header_count, 0) == (int)len;
}

static bool phr_read_bytewise(const uint8_t *ptr, size_t len)
{
    for (size_t arrived = 1; arrived < len; arrived++)
        if (phr_read(ptr, arrived, arrived - 1) != -2) return false;
    return phr_read(ptr, len, len - 1) == (int)len;
}

/* It moves the content together in place, so it needs a copy to work on. */
static bool phr_read_chunked(const uint8_t *ptr, size_t len)
{
    phr_decoder decoder;
    memset(&decoder, 0, sizeof decoder);
    decoder.known.consume_trailer = 1;
    memcpy(http_scratch, ptr, len);
    return decode_chunked(&decoder, (char *)http_scratch, &len) == 0;
}

static http_tally tally_of_head(void)
{
    http_tally tally = {header_count, 0};
    for (size_t i = 0; i < header_count; i++)
        tally.bytes += headers[i].name_len + headers[i].value_len;
    return tally;
}

static http_tally tally_of_content(void)
{
    return content;
}

/* ------------------------------------------------------------------------------- http-parser -- */

typedef struct hp_parser {
    uint32_t state[2];
    uint64_t content_length;
    uint16_t major, minor;
    uint32_t status_method_error;
    void *data;
} hp_parser;

typedef int hp_notice(hp_parser *);
typedef int hp_data(hp_parser *, const char *, size_t);

typedef struct hp_settings {
    hp_notice *on_message_begin;
    hp_data *on_url;
    hp_data *on_status;
    hp_data *on_header_field;
    hp_data *on_header_value;
    hp_notice *on_headers_complete;
    hp_data *on_body;
    hp_notice *on_message_complete;
    hp_notice *on_chunk_header;
    hp_notice *on_chunk_complete;
} hp_settings;

enum { HP_REQUEST, HP_RESPONSE };

static void (*hp_init)(hp_parser *, int);
static size_t (*hp_execute)(hp_parser *, const hp_settings *, const char *, size_t);
static void (*hp_pause)(hp_parser *, int);

static hp_settings head_settings, body_settings;
static hp_parser after_chunked_head;
static const char *target;
static size_t target_len;
static bool in_value;
static bool complete;

static int hp_on_target(hp_parser *parser, const char *at, size_t len)
{
    (void)parser;
    if (target_len == 0) target = at;
    target_len += len;
    return 0;
}

/* A name or a value may come in several parts, which lie one behind the other here. */
static int hp_on_name(hp_parser *parser, const char *at, size_t len)
{
    (void)parser;
    if (in_value || header_count == 0) {
        if (header_count == HTTP_MAX_FIELDS) return 1;
        headers[header_count++] = (phr_header){at, len, NULL, 0};
        in_value = false;
    } else {
        headers[header_count - 1].name_len += len;
    }
    return 0;
}

static int hp_on_value(hp_parser *parser, const char *at, size_t len)
{
    (void)parser;
    phr_header *header = &headers[header_count - 1];
    if (!in_value) {
        header->value = at;
        in_value = true;
    }
    header->value_len += len;
    return 0;
}

static int hp_on_head(hp_parser *parser)
{
    complete = true;
    hp_pause(parser, 1);
    return 0;
}

static int hp_on_content(hp_parser *parser, const char *at, size_t len)
{
    (void)parser;
    http_pieces[content.items++ % HTTP_MAX_PIECES] = proto_slice_of(at, len);
    content.bytes += len;
    return 0;
}

static int hp_on_end(hp_parser *parser)
{
    (void)parser;
    complete = true;
    return 0;
}

static void hp_begin(hp_parser *parser, int type)
{
    hp_init(parser, type);
    header_count = target_len = 0;
    in_value = complete = false;
}

static bool hp_read_head(const uint8_t *ptr, size_t len, int type)
{
    hp_parser parser;
    hp_begin(&parser, type);
    hp_execute(&parser, &head_settings, (const char *)ptr, len);
    return complete;
}

static bool hp_read_request(const uint8_t *ptr, size_t len)
{
    return hp_read_head(ptr, len, HP_REQUEST);
}

static bool hp_read_response(const uint8_t *ptr, size_t len)
{
    return hp_read_head(ptr, len, HP_RESPONSE);
}

static bool hp_read_bytewise(const uint8_t *ptr, size_t len)
{
    hp_parser parser;
    hp_begin(&parser, HP_REQUEST);
    for (size_t i = 0; i < len; i++)
        hp_execute(&parser, &head_settings, (const char *)ptr + i, 1);
    return complete;
}

static bool hp_read_chunked(const uint8_t *ptr, size_t len)
{
    hp_parser parser = after_chunked_head;
    content = (http_tally){0, 0};
    complete = false;
    return hp_execute(&parser, &body_settings, (const char *)ptr, len) == len && complete;
}

static void hp_prepare(void)
{
    head_settings = (hp_settings){.on_url = hp_on_target,
                                  .on_header_field = hp_on_name,
                                  .on_header_value = hp_on_value,
                                  .on_headers_complete = hp_on_head};
    body_settings = (hp_settings){.on_body = hp_on_content, .on_message_complete = hp_on_end};
    hp_init(&after_chunked_head, HP_REQUEST);
    hp_execute(&after_chunked_head, &body_settings, http_chunked_head, strlen(http_chunked_head));
}

/* ----------------------------------------------------------------------------------- loading -- */

/* POSIX wants this way round the rule that an object pointer is not a function pointer. */
static bool find(void *library, const char *name, void *function)
{
    void *symbol = library ? dlsym(library, name) : NULL;
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static void *open_unpacked(const char *peers, const char *name, size_t len, int mode)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/root/usr/lib/" MULTIARCH "/%.*s", peers, (int)len, name);
    return dlopen(path, mode);
}

/* A library that is unpacked and not installed may need others that are: "NAME: cannot open ..."
   names one that it lacks. */
static void *open_library(const char *peers, const char *name)
{
    enum { MAX_NEEDED = 16 };
    const char *said = "";
    for (int i = 0; i < MAX_NEEDED; i++) {
        void *library = open_unpacked(peers, name, strlen(name), RTLD_LAZY);
        if (library) return library;
        said = dlerror();
        if (said[0] == '/' || !open_unpacked(peers, said, strcspn(said, ":"), RTLD_LAZY)) break;
    }
    void *installed = dlopen(name, RTLD_LAZY);
    if (!installed)
        fprintf(stderr, "http_bench: %s: unpack it with script/peers (%s)\n", name, dlerror());
    return installed;
}

static size_t phr_add(http_side *sides, size_t count, const char *peers)
{
    void *library = open_library(peers, "libh2o.so.0.13");
    if (!find(library, "phr_parse_request", &parse_request) ||
        !find(library, "phr_parse_response", &parse_response) ||
        !find(library, "phr_decode_chunked", &decode_chunked))
        return count;
    sides[count++] = (http_side){
        .name = "picohttpparser",
        .read = {phr_read_request, phr_read_response, phr_read_bytewise, phr_read_chunked},
        .tally = {tally_of_head, tally_of_head, tally_of_head, NULL},
    };
    return count;
}

static size_t hp_add(http_side *sides, size_t count, const char *peers)
{
    void *library = open_library(peers, "libhttp_parser.so.2.9");
    if (!find(library, "http_parser_init", &hp_init) ||
        !find(library, "http_parser_execute", &hp_execute) ||
        !find(library, "http_parser_pause", &hp_pause))
        return count;
    hp_prepare();
    sides[count++] = (http_side){
        .name = "http-parser",
        .read = {hp_read_request, hp_read_response, hp_read_bytewise, hp_read_chunked},
        .tally = {tally_of_head, tally_of_head, tally_of_head, tally_of_content},
    };
    return count;
}

size_t http_peers_add(http_side *sides, size_t count, const char *peers)
{
    count = phr_add(sides, count, peers);
    return hp_add(sides, count, peers);
}
