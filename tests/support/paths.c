/* SPDX-License-Identifier: MIT */
#include "paths.h"

size_t simd_paths(proto_simd paths[MAX_PATHS])
{
    proto_simd used = proto_simd_used();
    size_t count = 0;
    for (int path = PROTO_SIMD_PORTABLE; path <= PROTO_SIMD_AVX512; path++)
        if (proto_simd_use((proto_simd)path)) paths[count++] = (proto_simd)path;
    proto_simd_use(used);
    return count;
}
