/* SPDX-License-Identifier: MIT */
/* The Internet checksum as textbooks have it: one 16-bit word a turn, carries in the upper half of 32
   bits. Compiled with -O2, as programs that copy it are. */
#include "inet_sides.h"

uint16_t inet_textbook(const void *ptr, size_t len)
{
    const uint16_t *word = ptr;
    uint32_t sum = 0;
    for (; len > 1; len -= 2)
        sum += *word++;
    if (len == 1) sum += inet_last_byte(word);
    sum = (sum >> 16) + (sum & 0xffff);
    sum += sum >> 16;
    return (uint16_t)~sum;
}
