/* SPDX-License-Identifier: MIT */
/* SipHash-1-3, a keyed hash for what an attacker must not guess or steer: cookies, tables. After
   Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), with one round a word and three
   at the end. */
#ifndef SIPHASH_H
#define SIPHASH_H

#include "word.h"

typedef struct siphash_key {
    uint64_t word[2];
} siphash_key;

typedef struct siphash_state {
    uint64_t a, b, c, d;
} siphash_state;

static inline uint64_t rotated_left(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void siphash_round(siphash_state *state)
{
    state->a += state->b;
    state->b = rotated_left(state->b, 13) ^ state->a;
    state->a = rotated_left(state->a, 32);
    state->c += state->d;
    state->d = rotated_left(state->d, 16) ^ state->c;
    state->a += state->d;
    state->d = rotated_left(state->d, 21) ^ state->a;
    state->c += state->b;
    state->b = rotated_left(state->b, 17) ^ state->c;
    state->c = rotated_left(state->c, 32);
}

static inline void siphash_add(siphash_state *state, uint64_t word)
{
    state->d ^= word;
    siphash_round(state);
    state->a ^= word;
}

static inline siphash_state siphash_begin(const siphash_key *key)
{
    siphash_state state = {
        key->word[0] ^ UINT64_C(0x736f6d6570736575),
        key->word[1] ^ UINT64_C(0x646f72616e646f6d),
        key->word[0] ^ UINT64_C(0x6c7967656e657261),
        key->word[1] ^ UINT64_C(0x7465646279746573),
    };
    return state;
}

/* The last word holds the bytes that fill none, and the length of all. */
static inline uint64_t siphash_end(siphash_state *state, uint64_t last)
{
    siphash_add(state, last);
    state->c ^= 0xff;
    siphash_round(state);
    siphash_round(state);
    siphash_round(state);
    return state->a ^ state->b ^ state->c ^ state->d;
}

/* Sixteen bytes, the first the lowest. */
static inline siphash_key siphash_key_of(const uint8_t bytes[16])
{
    siphash_key key = {{0, 0}};
    for (unsigned i = 0; i < 16; i++)
        key.word[i / 8] |= (uint64_t)bytes[i] << 8 * (i % 8);
    return key;
}

static inline uint64_t siphash(const siphash_key *key, const uint8_t *bytes, size_t len)
{
    siphash_state state = siphash_begin(key);
    uint64_t word = 0;
    for (size_t i = 0; i < len; i++) {
        word |= (uint64_t)bytes[i] << 8 * (i % 8);
        if (i % 8 != 7) continue;
        siphash_add(&state, word);
        word = 0;
    }
    return siphash_end(&state, word | (uint64_t)len << 56);
}

/* As siphash() of the number's eight bytes, the lowest first, from what siphash_begin() gave. */
static inline uint64_t siphash_number(siphash_state begun, uint64_t number)
{
    siphash_add(&begun, number);
    return siphash_end(&begun, UINT64_C(8) << 56);
}

#endif
