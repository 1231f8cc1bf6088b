/* SPDX-License-Identifier: MIT */
#ifndef HTTP_INPUTS_H
#define HTTP_INPUTS_H

#include <stddef.h>
#include <stdint.h>

/* What the readers are fed with. */

typedef enum http_kind {
    HTTP_REQUEST,  /* the head of a request, whole */
    HTTP_RESPONSE, /* the head of a response, whole */
    HTTP_BYTEWISE, /* the head of a request, one byte more at a time */
    HTTP_CHUNKED,  /* a chunked body, whole */
    HTTP_KINDS
} http_kind;

typedef struct http_bytes {
    const uint8_t *ptr;
    size_t len;
} http_bytes;

typedef struct http_input {
    const char *key;
    const char *title;
    http_kind kind;
    http_bytes *messages; /* read in turn, over and over */
    size_t count;
    size_t bytes; /* of all messages */
} http_input;

#define HTTP_MAX_INPUTS 16

/* Makes all inputs, the same in every run. They last as long as the program. Returns how many there
   are. */
size_t http_inputs_make(http_input inputs[HTTP_MAX_INPUTS]);

#endif
