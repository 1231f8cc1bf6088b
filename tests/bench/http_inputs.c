/* SPDX-License-Identifier: MIT */
#include "http_inputs.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* (a) A picture asked for by a browser of 2010: 9 fields, the longest a cookie. */
static const char REQUEST[] =
    "GET /media/gallery/2011/07/harbour-at-dawn-with-two-ferries-small.jpg HTTP/1.1\r\n"
    "Host: pictures.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; U; Linux x86_64; de-DE; rv:1.9.2.13) Gecko/20101206 Debian/6.0 "
    "(squeeze) Firefox/3.6.13\r\n"
    "Accept: image/png,image/*;q=0.8,*/*;q=0.5\r\n"
    "Accept-Language: de-de,de;q=0.8,en-us;q=0.5,en;q=0.3\r\n"
    "Accept-Encoding: gzip,deflate\r\n"
    "Accept-Charset: ISO-8859-1,utf-8;q=0.7,*;q=0.7\r\n"
    "Keep-Alive: 115\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: wp_visit=8842193760; wp_last=1302214401; "
    "__utma=91246013.1720354468.1299781203.1302199712.1302214398.17; "
    "__utmz=91246013.1301915127.14.3.utmccn=(referral)|utmcsr=search.example.net|utmcct=/images|"
    "utmcmd=referral; seen=4; theme=dusk; lang=de; w=960\r\n"
    "\r\n";

/* (b) What curl says. */
static const char CURL[] = "GET /a.html HTTP/1.1\r\n"
                           "Host: www.example.com\r\n"
                           "User-Agent: curl/7.88.1\r\n"
                           "Accept: */*\r\n"
                           "\r\n";

/* (c) A browser of today, with cookies: 19 fields. */
static const char BROWSER[] =
    "GET /shop/lamps/desk?colour=brass&sort=price-asc&page=3&session=7f0c2b19ad HTTP/1.1\r\n"
    "Host: www.lamps.example.com\r\n"
    "Connection: keep-alive\r\n"
    "Cache-Control: max-age=0\r\n"
    "sec-ch-ua: \"Chromium\";v=\"124\", \"Not-A.Brand\";v=\"99\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\n"
    "DNT: 1\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
    "*/*;q=0.8\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Referer: https://www.lamps.example.com/shop/lamps/desk?colour=brass&sort=price-asc&page=2\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9,de-AT;q=0.8,de;q=0.7\r\n"
    "Cookie: sid=s%3Ak9QmT4xZ0b7VnYw2.hP8uE1rLq5Jc6DfGa3; _ga=GA1.2.1180364527.1713862290; "
    "_gid=GA1.2.664190852.1714471203; consent=analytics:1|ads:0|v:7; basket=%5B%7B%22i%22%3A4711%2C"
    "%22n%22%3A2%7D%2C%7B%22i%22%3A815%2C%22n%22%3A1%7D%5D; ab=lamps-grid:B,checkout:A,font:C; "
    "tz=Europe%2FVienna; seen=4711,815,1138,2187,327,421,42; csrf=0d9f3a77c1b84e52a6e0; "
    "_fbp=fb.1.1713862291557.1029384756; visits=23; recent=%2Fshop%2Flamps%2Ffloor%7C%2Fshop%2Flamps%2Fceiling%7C%2Fshop%2F"
    "bulbs; experiment=eyJncmlkIjoiQiIsImZvbnQiOiJDIn0=; lastseen=1714471209318; new=0\r\n"
    "If-None-Match: W/\"5e2-18f2c0a94d0\"\r\n"
    "\r\n";

/* (d) A page delivered by way of a cache. */
static const char RESPONSE[] = "HTTP/1.1 200 OK\r\n"
                               "Server: nginx/1.22.1\r\n"
                               "Date: Tue, 30 Apr 2024 10:15:42 GMT\r\n"
                               "Content-Type: text/html; charset=utf-8\r\n"
                               "Content-Length: 48213\r\n"
                               "Connection: keep-alive\r\n"
                               "Last-Modified: Mon, 29 Apr 2024 21:03:11 GMT\r\n"
                               "ETag: \"662ff8bf-bc55\"\r\n"
                               "Cache-Control: public, max-age=600, stale-while-revalidate=60\r\n"
                               "Vary: Accept-Encoding, Accept-Language\r\n"
                               "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n"
                               "X-Cache: HIT from edge-7.vie.example.net, MISS from shield-2b-7\r\n"
                               "Set-Cookie: visit=c41f09d2; Path=/; HttpOnly; Secure\r\n"
                               "\r\n";

static_assert(sizeof REQUEST - 1 == 703, "the size that the bars name");
static_assert(sizeof CURL - 1 == 85, "the size that the bars name");
static_assert(sizeof BROWSER - 1 == 1407, "the size that the bars name");
static_assert(sizeof RESPONSE - 1 == 520, "the size that the bars name");

enum { MIXED = 4096, MIXED_ROOM = 4096 };

/* --------------------------------------------------------------------------- chance and text -- */

static uint64_t chance_state;

static uint32_t below(uint32_t bound)
{
    chance_state = chance_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(((chance_state >> 33) * bound) >> 31);
}

static uint32_t between(uint32_t low, uint32_t high)
{
    return low + below(high - low + 1);
}

typedef struct text {
    char *ptr;
    size_t len;
    size_t cap;
} text;

__attribute__((format(printf, 2, 3))) static void add(text *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(out->ptr + out->len, out->cap - out->len, format, arguments);
    va_end(arguments);
    assert(len >= 0 && (size_t)len < out->cap - out->len);
    out->len += (size_t)len;
}

static void add_letters(text *out, uint32_t count)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    assert(count < out->cap - out->len);
    while (count--)
        out->ptr[out->len++] = letters[below(64)];
}

#define PICK(list) ((list)[below(sizeof(list) / sizeof *(list))])

/* ------------------------------------------------------------------------- (v) many requests -- */

static void add_host(text *out)
{
    static const char *const hosts[] = {"www.example.com",      "example.org",
                                        "api.example.net:8443", "static.cdn.example.com",
                                        "localhost:8080",       "192.0.2.17"};
    add(out, "Host: ");
    if (below(3) == 0) {
        add_letters(out, between(3, 12));
        add(out, ".example.com");
    } else {
        add(out, "%s", PICK(hosts));
    }
    add(out, "\r\n");
}

static void add_target(text *out)
{
    for (uint32_t segments = between(1, 5); segments; segments--) {
        add(out, "/");
        add_letters(out, between(2, 14));
    }
    if (below(3) == 0) {
        static const char *const kinds[] = {".html", ".css", ".js", ".png", ".jpg", ".json"};
        add(out, "%s", PICK(kinds));
    }
    for (uint32_t queries = below(4) ? 0 : between(1, 4), i = 0; i < queries; i++) {
        add(out, "%c", i ? '&' : '?');
        add_letters(out, between(1, 8));
        add(out, "=");
        add_letters(out, between(0, 16));
    }
}

static void user_agent(text *out)
{
    switch (below(4)) {
    case 0: add(out, "curl/7.%u.%u", between(50, 88), below(4)); break;
    case 1:
        add(out, "Mozilla/5.0 (X11; Linux x86_64; rv:%u.0) Gecko/20100101 Firefox/%u.0", 109,
            between(100, 130));
        break;
    case 2:
        add(out,
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/%u.0.0.0 Safari/537.36",
            between(90, 130));
        break;
    case 3: add(out, "fetcher/%u.%u (+https://example.org/about)", between(1, 9), below(20)); break;
    }
}

static void accept_types(text *out)
{
    static const char *const values[] = {
        "*/*", "application/json",
        "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/css,*/*;q=0.1"};
    add(out, "%s", PICK(values));
}

static void accept_language(text *out)
{
    static const char *const values[] = {"en", "en-US,en;q=0.5", "de-AT,de;q=0.9,en;q=0.7",
                                         "fr-CA,fr;q=0.8,en;q=0.3,*;q=0.1"};
    add(out, "%s", PICK(values));
}

static void accept_encoding(text *out)
{
    static const char *const values[] = {"gzip", "gzip, deflate", "gzip, deflate, br", "identity"};
    add(out, "%s", PICK(values));
}

static void connection(text *out)
{
    static const char *const values[] = {"keep-alive", "keep-alive", "keep-alive", "close"};
    add(out, "%s", PICK(values));
}

static void cache_control(text *out)
{
    static const char *const values[] = {"no-cache", "max-age=0", "no-store, no-cache"};
    add(out, "%s", PICK(values));
}

static void url(text *out)
{
    add(out, "https://www.example.com");
    add_target(out);
}

static void cookie(text *out)
{
    for (uint32_t pairs = between(1, 6), i = 0; i < pairs; i++) {
        add(out, i ? "; " : "");
        add_letters(out, between(2, 10));
        add(out, "=");
        add_letters(out, between(1, 48));
    }
}

static void bearer(text *out)
{
    add(out, "Bearer ");
    add_letters(out, between(20, 90));
}

static void tag(text *out)
{
    add(out, "\"");
    add_letters(out, between(8, 24));
    add(out, "\"");
}

static void date(text *out)
{
    add(out, "Tue, %02u Apr 2024 %02u:%02u:%02u GMT", between(1, 28), below(24), below(60),
        below(60));
}

static void address(text *out)
{
    add(out, "192.0.2.%u", below(256));
    if (below(3) == 0) add(out, ", 198.51.100.%u", below(256));
}

static void identifier(text *out)
{
    add_letters(out, 32);
}

static void one(text *out)
{
    add(out, "1");
}

static void site(text *out)
{
    static const char *const values[] = {"same-origin", "cross-site", "none"};
    add(out, "%s", PICK(values));
}

static void mode(text *out)
{
    static const char *const values[] = {"navigate", "no-cors", "cors"};
    add(out, "%s", PICK(values));
}

/* Each field in so many of a hundred requests. */
static const struct optional_field {
    const char *name;
    uint32_t percent;
    void (*value)(text *out);
} optional_fields[] = {
    {"User-Agent", 96, user_agent},
    {"Accept", 92, accept_types},
    {"Accept-Language", 70, accept_language},
    {"Accept-Encoding", 84, accept_encoding},
    {"Referer", 52, url},
    {"Connection", 72, connection},
    {"Cookie", 58, cookie},
    {"Cache-Control", 26, cache_control},
    {"Authorization", 16, bearer},
    {"If-None-Match", 18, tag},
    {"If-Modified-Since", 18, date},
    {"X-Forwarded-For", 30, address},
    {"X-Request-Id", 26, identifier},
    {"Sec-Fetch-Site", 34, site},
    {"Sec-Fetch-Mode", 34, mode},
    {"Upgrade-Insecure-Requests", 30, one},
    {"DNT", 18, one},
};

static void add_content_fields(text *out)
{
    static const char *const types[] = {"application/json", "application/x-www-form-urlencoded",
                                        "text/plain; charset=utf-8"};
    add(out, "Content-Type: %s\r\n", PICK(types));
    if (below(5))
        add(out, "Content-Length: %u\r\n", below(100000));
    else
        add(out, "Transfer-Encoding: chunked\r\n");
}

static void add_request(text *out)
{
    static const char *const methods[] = {"GET", "GET",  "GET",    "GET",  "GET",  "GET",
                                          "GET", "HEAD", "DELETE", "POST", "POST", "PUT"};
    const char *method = PICK(methods);
    size_t count = sizeof optional_fields / sizeof *optional_fields;
    size_t first = below((uint32_t)count);
    add(out, "%s ", method);
    add_target(out);
    add(out, " HTTP/1.1\r\n");
    add_host(out);
    for (size_t i = 0; i < count; i++) {
        const struct optional_field *field = &optional_fields[(first + i) % count];
        if (below(100) >= field->percent) continue;
        add(out, "%s: ", field->name);
        field->value(out);
        add(out, "\r\n");
    }
    if (method[0] == 'P') add_content_fields(out);
    add(out, "\r\n");
}

/* ----------------------------------------------------------------------------- making inputs -- */

static void *room(size_t size)
{
    void *ptr = malloc(size);
    if (!ptr) abort();
    return ptr;
}

static http_input input_of(const char *key, const char *title, http_kind kind, const char *ptr,
                           size_t len)
{
    http_bytes *message = room(sizeof *message);
    uint8_t *copy = room(len);
    memcpy(copy, ptr, len);
    *message = (http_bytes){copy, len};
    return (http_input){key, title, kind, message, 1, len};
}

static http_input mixed_input(void)
{
    http_bytes *messages = room(MIXED * sizeof *messages);
    text all = {room((size_t)MIXED * MIXED_ROOM), 0, (size_t)MIXED * MIXED_ROOM};
    chance_state = 2616;
    for (size_t i = 0; i < MIXED; i++) {
        size_t start = all.len;
        add_request(&all);
        messages[i] = (http_bytes){(uint8_t *)all.ptr + start, all.len - start};
    }
    return (http_input){"v", "4096 different requests", HTTP_REQUEST, messages, MIXED, all.len};
}

/* A chunked body of `total` bytes in chunks of `low` to `high`. */
static http_input chunked_input(const char *key, const char *title, uint32_t total, uint32_t low,
                                uint32_t high)
{
    size_t cap = (size_t)total * 6 + 64;
    text body = {room(cap), 0, cap};
    chance_state = total + low + high;
    for (uint32_t left = total; left;) {
        uint32_t size = between(low, high);
        if (size > left) size = left;
        add(&body, "%x\r\n", size);
        memset(body.ptr + body.len, 'x', size);
        body.len += size;
        add(&body, "\r\n");
        left -= size;
    }
    add(&body, "0\r\n\r\n");
    http_input input = input_of(key, title, HTTP_CHUNKED, body.ptr, body.len);
    free(body.ptr);
    return input;
}

size_t http_inputs_make(http_input inputs[HTTP_MAX_INPUTS])
{
    size_t n = 0;
    inputs[n++] = mixed_input();
    inputs[n++] = input_of("a", "a request with 9 fields", HTTP_REQUEST, REQUEST,
                           sizeof REQUEST - 1);
    inputs[n++] = input_of("b", "a request of curl, 3 fields", HTTP_REQUEST, CURL, sizeof CURL - 1);
    inputs[n++] = input_of("c", "a browser's request, 19 fields", HTTP_REQUEST, BROWSER,
                           sizeof BROWSER - 1);
    inputs[n++] = input_of("d", "a response with 12 fields", HTTP_RESPONSE, RESPONSE,
                           sizeof RESPONSE - 1);
    inputs[n++] = input_of("f", "(a), one byte at a time", HTTP_BYTEWISE, REQUEST,
                           sizeof REQUEST - 1);
    inputs[n++] = chunked_input("e1", "16 chunks of 64 KB", 16u << 16, 1u << 16, 1u << 16);
    inputs[n++] = chunked_input("e2", "4096 chunks of 16 bytes", 4096u * 16, 16, 16);
    inputs[n++] = chunked_input("e4", "chunks of 1 to 4096 bytes, 1 MB", 1u << 20, 1, 4096);
    inputs[n++] = chunked_input("e5", "chunks of 1 to 64 bytes, 64 KB", 1u << 16, 1, 64);
    return n;
}
