/* SPDX-License-Identifier: MIT */
#include "delayed.h"

#include <stdlib.h>
#include <string.h>

/* A heap. More than so many packets at once are no test any more. */
enum { MOST = 1 << 16 };

static struct packet *heap[MOST];
static size_t count;

static int before(const struct packet *a, const struct packet *b)
{
    return a->due != b->due ? a->due < b->due : a->number < b->number;
}

struct packet *delayed_put(uint64_t due, const uint8_t *bytes, size_t len)
{
    static uint64_t numbers;
    struct packet *packet = malloc(sizeof *packet + len);
    if (!packet || count == MOST) abort();
    *packet = (struct packet){.due = due, .number = numbers++, .len = len};
    memcpy(packet->bytes, bytes, len);
    size_t place = count++;
    for (; place > 0 && before(packet, heap[(place - 1) / 2]); place = (place - 1) / 2)
        heap[place] = heap[(place - 1) / 2];
    heap[place] = packet;
    return packet;
}

const struct packet *delayed_first(void)
{
    return count > 0 ? heap[0] : NULL;
}

struct packet *delayed_take(void)
{
    struct packet *first = heap[0], *last = heap[--count];
    size_t place = 0;
    for (size_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && before(heap[child + 1], heap[child])) child++;
        if (!before(heap[child], last)) break;
        heap[place] = heap[child];
    }
    heap[place] = last;
    return first;
}
