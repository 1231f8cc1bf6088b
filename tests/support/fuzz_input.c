/* SPDX-License-Identifier: MIT */
#include "fuzz_input.h"

#include <string.h>

fuzz_input fuzz_input_of(const uint8_t *data, size_t size)
{
    static const uint32_t heads[] = {0, 200, 64, 1000};
    static const uint32_t lines[] = {0, 40, 16, 100};
    static const uint32_t tables[] = {SNAPSHOT_FIELDS, 16, 3, 0};
    uint8_t prefix[FUZZ_INPUT_PREFIX] = {0};
    size_t len = size < sizeof prefix ? size : sizeof prefix;
    fuzz_input input = {.bytes = proto_slice_of(data + len, size - len)};
    if (len > 0) memcpy(prefix, data, len);
    input.config.lenient = (prefix[1] | (uint32_t)prefix[2] << 8) &
                           (((uint32_t)PROTO_HTTP_LENIENT_SCHEME << 1) - 1);
    input.config.secure = prefix[0] >> 6 & 1;
    input.config.max_head = heads[prefix[3] & 3];
    input.config.max_line = lines[prefix[3] >> 2 & 3];
    input.reading.fields = tables[prefix[3] >> 4 & 3];
    input.reading.response = prefix[0] & 1;
    input.reading.eof = prefix[0] >> 1 & 1;
    input.reading.method = (proto_http_method)((prefix[0] >> 2 & 15) % (PROTO_HTTP_PATCH + 1));
    input.cut = prefix[4];
    return input;
}
