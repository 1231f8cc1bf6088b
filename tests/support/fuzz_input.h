/* SPDX-License-Identifier: MIT */
/*
 * How a fuzz target of heads reads its input: five bytes that say how the rest is to be read, so
 * that a corpus of one target serves the other. Bytes that are missing count as 0, which is a
 * strict reading of a request.
 *
 *     0 bit 0: a response; bit 1: the input ends there; bits 2-5: the method that a response
 *     answers 1, 2 leniencies, low byte first 3 limits: bits 0-1 of the head, bits 2-3 of a line,
 *     bits 4-5 of the table 4 how the input is cut
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include "proto/http.h"
#include "snapshot.h"

enum { FUZZ_INPUT_PREFIX = 5 };

typedef struct fuzz_input {
    proto_http_config config;
    head_reading reading; /* its `config` is the caller's to set */
    proto_slice bytes;
    uint8_t cut;
} fuzz_input;

fuzz_input fuzz_input_of(const uint8_t *data, size_t size);

#endif
