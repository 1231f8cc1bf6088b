/* SPDX-License-Identifier: MIT */
/* Replies that are sent later: a binary heap of bounded size. */
#include "udppingd.h"

struct reply *queue_new(struct queue *queue)
{
    if (queue->count == MAX_WAITING) return NULL;
    uint16_t place = queue->spared > 0 ? queue->spare[--queue->spared] : (uint16_t)queue->touched++;
    queue->heap[queue->count] = place;
    return &queue->places[place];
}

static bool is_before(const struct queue *queue, unsigned a, unsigned b)
{
    const struct reply *one = &queue->places[queue->heap[a]];
    const struct reply *other = &queue->places[queue->heap[b]];
    return one->due != other->due ? one->due < other->due : one->number < other->number;
}

static void exchange(struct queue *queue, unsigned a, unsigned b)
{
    uint16_t place = queue->heap[a];
    queue->heap[a] = queue->heap[b];
    queue->heap[b] = place;
}

void queue_put(struct queue *queue, struct reply *reply)
{
    reply->number = queue->put++;
    unsigned at = queue->count++;
    for (; at > 0 && is_before(queue, at, (at - 1) / 2); at = (at - 1) / 2)
        exchange(queue, at, (at - 1) / 2);
}

struct reply *queue_first(struct queue *queue)
{
    return queue->count > 0 ? &queue->places[queue->heap[0]] : NULL;
}

void queue_drop_first(struct queue *queue)
{
    queue->spare[queue->spared++] = queue->heap[0];
    queue->heap[0] = queue->heap[--queue->count];
    for (unsigned at = 0;;) {
        unsigned first = at, left = 2 * at + 1, right = left + 1;
        if (left < queue->count && is_before(queue, left, first)) first = left;
        if (right < queue->count && is_before(queue, right, first)) first = right;
        if (first == at) return;
        exchange(queue, at, first);
        at = first;
    }
}
