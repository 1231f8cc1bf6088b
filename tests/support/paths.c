/* SPDX-License-Identifier: MIT */
#include "paths.h"

#include <stdlib.h>
#include <string.h>

static bool is_wanted(proto_simd path)
{
    const char *only = getenv("LIBPROTO_SIMD");
    return !only || strcmp(only, proto_simd_name(path)) == 0;
}

size_t simd_paths(proto_simd paths[MAX_PATHS])
{
    proto_simd used = proto_simd_used();
    size_t count = 0;
    for (int path = PROTO_SIMD_PORTABLE; path <= PROTO_SIMD_AVX512; path++)
        if (is_wanted((proto_simd)path) && proto_simd_use((proto_simd)path))
            paths[count++] = (proto_simd)path;
    proto_simd_use(used);
    return count;
}
