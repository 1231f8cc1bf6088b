/* SPDX-License-Identifier: MIT */
#include "http_sides.h"

#include <string.h>

#include "proto/http.h"

const char http_chunked_head[] = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/* One for all messages, as a server has one for a connection. */
static proto_http_field fields[HTTP_MAX_FIELDS];
static proto_http_head head;
static proto_http_head chunked_head;
static http_tally content;

static bool ours_read_request(const uint8_t *ptr, size_t len)
{
    proto_in in = proto_in_of(ptr, len);
    return proto_http_request_read(&head, &in) == PROTO_OK;
}

static bool ours_read_response(const uint8_t *ptr, size_t len)
{
    proto_in in = proto_in_of(ptr, len);
    return proto_http_response_read(&head, PROTO_HTTP_GET, &in) == PROTO_OK;
}

static bool ours_read_bytewise(const uint8_t *ptr, size_t len)
{
    for (size_t arrived = 1; arrived < len; arrived++) {
        proto_in in = proto_in_of(ptr, arrived);
        if (proto_http_request_read(&head, &in) != PROTO_NEED_INPUT) return false;
    }
    return ours_read_request(ptr, len);
}

static http_tally tally_of_head(void)
{
    http_tally tally = {head.fields.count, 0};
    for (uint32_t i = 0; i < head.fields.count; i++)
        tally.bytes += head.fields.at[i].name.len + head.fields.at[i].value.len;
    return tally;
}

static bool ours_read_chunked(const uint8_t *ptr, size_t len)
{
    proto_http_body body;
    proto_in in = proto_in_of(ptr, len);
    proto_http_event event;
    content = (http_tally){0, 0};
    proto_http_body_init(&body, &chunked_head);
    do {
        size_t count;
        event = proto_http_body_read(&body, &in, http_pieces, HTTP_MAX_PIECES, &count);
        content.items += count;
    } while (event == PROTO_HTTP_EVENT_BODY);
    content.bytes = body.received;
    return event == PROTO_HTTP_EVENT_END;
}

static http_tally tally_of_content(void)
{
    return content;
}

size_t http_ours_add(http_side *sides, size_t count)
{
    static const proto_simd paths[] = {PROTO_SIMD_PORTABLE, PROTO_SIMD_NEON, PROTO_SIMD_SSSE3,
                                       PROTO_SIMD_AVX2, PROTO_SIMD_AVX512};
    proto_simd best = proto_simd_used();
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (proto_simd_use(paths[i]))
            sides[count++] = (http_side){
                proto_simd_name(paths[i]),
                true,
                paths[i],
                {ours_read_request, ours_read_response, ours_read_bytewise, ours_read_chunked},
                {tally_of_head, tally_of_head, tally_of_head, tally_of_content},
            };
    proto_simd_use(best);
    proto_in in = proto_in_of(http_chunked_head, strlen(http_chunked_head));
    proto_http_head_init(&chunked_head, NULL, fields, HTTP_MAX_FIELDS);
    proto_http_request_read(&chunked_head, &in);
    proto_http_head_init(&head, NULL, fields, HTTP_MAX_FIELDS);
    return count;
}
