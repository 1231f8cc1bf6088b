/* SPDX-License-Identifier: MIT */
/* What the parts of the head reader share: the exact one, its fast twins, and the one that decides
   what a head means. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "proto/http.h"
#include "simd.h"
#include "word.h"

#define HTTP_INTERNAL     __attribute__((visibility("hidden")))
#define LIKELY(condition) __builtin_expect(condition, 1)

/* The bytes of a short text as one number, in the order of memory. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HTTP_TWO(a, b) ((uint16_t)((a) | (b) << 8))
#define HTTP_FOUR(a, b, c, d) \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define HTTP_EIGHT(a, b, c, d, e, f, g, h) \
    ((uint64_t)HTTP_FOUR(a, b, c, d) | (uint64_t)HTTP_FOUR(e, f, g, h) << 32)
#else
#define HTTP_TWO(a, b) ((uint16_t)((a) << 8 | (b)))
#define HTTP_FOUR(a, b, c, d) \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define HTTP_EIGHT(a, b, c, d, e, f, g, h) \
    ((uint64_t)HTTP_FOUR(a, b, c, d) << 32 | (uint64_t)HTTP_FOUR(e, f, g, h))
#endif

#define HTTP_1_0 HTTP_EIGHT('H', 'T', 'T', 'P', '/', '1', '.', '0')
#define HTTP_1_1 HTTP_EIGHT('H', 'T', 'T', 'P', '/', '1', '.', '1')

/* How many fields proto_http_head::seen has a bit for, the first of them the highest; http_decide()
   looks at the names of the others itself. */
enum { HTTP_SEEN = 64 };

/* The fields that decide about framing and persistence have six different lengths; the last four
   letters of the one with a given length, modulo 32, in lower case. */
enum {
    HTTP_LEN_HOST = 4,
    HTTP_LEN_EXPECT = 6,
    HTTP_LEN_UPGRADE = 7,
    HTTP_LEN_CONNECTION = 10,
    HTTP_LEN_CONTENT_LENGTH = 14,
    HTTP_LEN_TRANSFER_ENCODING = 17
};
extern const uint32_t http_name_tails[32] HTTP_INTERNAL;

/* Bytes of the shortest start line: "M / HTTP/1.1". */
enum { HTTP_START_LINE = 12 };

/* Whether a name may be one of the six; `end` is behind it and at least four bytes of the head are
   before. */
static inline uint64_t http_name_decides(const uint8_t *end, uint32_t len)
{
    return (word_load_half(end - 4) | 0x20202020u) == http_name_tails[len & 31];
}

/* Takes the first field off a set of marks. */
static inline uint32_t http_next_seen(uint64_t *seen)
{
    uint32_t index = (uint32_t)__builtin_clzll(*seen);
    *seen ^= UINT64_C(1) << (63 - index);
    return index;
}

/* How far a fast twin came. It reads only what is whole and regular, and leaves the rest to the
   exact reader. */
typedef enum http_fast {
    HTTP_DECLINED, /* what it may have written into the head counts for nothing */
    HTTP_READ,   /* start line, fields, `length` and `seen` are there; http_decide() must follow */
    HTTP_DECIDED /* also what http_decide() would do */
} http_fast;

/* A way of reading heads of which nothing was looked at before. */
typedef struct http_reader {
    proto_err (*request)(proto_http_head *head, proto_in *in);
    proto_err (*response)(proto_http_head *head, proto_in *in);
} http_reader;

/* What a twin hands a head over to that it does not decide. */
HTTP_INTERNAL proto_err http_request_read_on(proto_http_head *head, proto_in *in, http_fast done);
HTTP_INTERNAL proto_err http_response_read_on(proto_http_head *head, proto_in *in, http_fast done);

extern const http_reader http_reader_avx512 HTTP_INTERNAL;
extern const http_reader http_reader_avx2 HTTP_INTERNAL;
extern const http_reader http_reader_ssse3 HTTP_INTERNAL;
extern const http_reader http_reader_neon HTTP_INTERNAL;
extern const http_reader http_reader_portable HTTP_INTERNAL;

/* By simd_place(). */
extern const http_reader *const http_readers[SIMD_PLACES] HTTP_INTERNAL;

/* Determines the form of a request's target and the authority in it; the target is known to be made
   of its bytes. On an error `*at` is the offset of the byte at fault. */
HTTP_INTERNAL proto_err http_target_form(proto_http_head *head, uint32_t *at);

/* Works out what the fields mean: framing, persistence, authority. The head is complete and `seen`
   marks the fields to look at. Fills `fault` on an error. */
HTTP_INTERNAL proto_err http_decide(proto_http_head *head);

/* Where a body follows from the status and the request's method alone, that framing; otherwise
   PROTO_HTTP_UNTIL_CLOSE. */
static inline proto_http_framing http_status_framing(unsigned status, unsigned method)
{
    if (status == 101 || (method == PROTO_HTTP_CONNECT && status / 100 == 2))
        return PROTO_HTTP_TUNNEL;
    if (method == PROTO_HTTP_HEAD || status / 100 == 1 || status == 204 || status == 304)
        return PROTO_HTTP_NO_BODY;
    return PROTO_HTTP_UNTIL_CLOSE;
}

/* A perfect hash over the known methods, so that no branch depends on which it is. */
typedef struct http_method_key {
    uint64_t spelling;
    proto_http_method method;
} http_method_key;
extern const http_method_key http_method_keys[16] HTTP_INTERNAL;

/* The first `len` bytes of a word in the order of memory, 1 to 8, and zeros. */
static inline uint64_t http_first_bytes(uint64_t word, size_t len)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return word & (~UINT64_C(0) >> (64 - 8 * len));
#else
    return word & (~UINT64_C(0) << (64 - 8 * len));
#endif
}

/* The method spelt by `len` bytes at `at`, at least one; eight may be read. */
static inline proto_http_method http_method(const uint8_t *at, size_t len)
{
    const http_method_key *key = &http_method_keys[((at[0] * 2u + at[1] + len) >> 2) & 15];
    if (len > 8) return PROTO_HTTP_OTHER_METHOD;
    return key->spelling == http_first_bytes(word_load(at), len) ? key->method
                                                                 : PROTO_HTTP_OTHER_METHOD;
}

#endif
