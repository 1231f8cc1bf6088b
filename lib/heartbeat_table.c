/* SPDX-License-Identifier: MIT */
/* All senders, in an array of the caller's: found by a hash, ordered by a heap, given up by lists. */
#include "heartbeat_peer.h"
#include "siphash.h"

#include <assert.h>
#include <string.h>

#define NOBODY UINT32_MAX

void table_init(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peers, size_t count)
{
    assert(count > 0 && count <= UINT32_C(1) << 31);
    receiver->table = peers;
    receiver->capacity = (uint32_t)count;
    for (unsigned list = 0; list < LIST_NONE; list++)
        receiver->first[list] = receiver->last[list] = NOBODY;
    for (size_t i = 0; i < count; i++) {
        peers[i].state = PROTO_HEARTBEAT_UNUSED;
        peers[i].bucket = NOBODY;
    }
}

static uint32_t index_of(const proto_heartbeat_receiver *receiver, const proto_heartbeat_peer *peer)
{
    return (uint32_t)(peer - receiver->table);
}

/* -------------------------------------------------------------------------------------- hash -- */

/* Which bucket a sender is in: its host, and its identifier or else its port. */
static uint32_t bucket_of(const proto_heartbeat_receiver *receiver, const proto_address *address,
                          proto_slice id)
{
    uint8_t bytes[16 + 2 + PROTO_HEARTBEAT_ID] = {0};
    siphash_key key = {{receiver->key[0], receiver->key[1]}};
    memcpy(bytes, address->octets, 16);
    bytes[16] = (uint8_t)address->port;
    bytes[17] = (uint8_t)(address->port >> 8);
    if (id.len > 0) {
        bytes[16] = bytes[17] = 0;
        memcpy(bytes + 18, id.ptr, id.len);
    }
    uint64_t hash = siphash(&key, bytes, 18 + id.len);
    return (uint32_t)((hash >> 32) * receiver->capacity >> 32);
}

static proto_slice id_of(const proto_heartbeat_peer *peer)
{
    return proto_slice_of(peer->id, peer->id_length);
}

static bool is_it(const proto_heartbeat_peer *peer, const proto_address *address, proto_slice id)
{
    if (!proto_slice_equal(id_of(peer), id)) return false;
    if (id.len == 0 && peer->address.port != address->port) return false;
    return proto_address_same_host(&peer->address, address);
}

proto_heartbeat_peer *table_find(const proto_heartbeat_receiver *receiver,
                                 const proto_address *address, proto_slice id)
{
    proto_heartbeat_peer *table = receiver->table;
    uint32_t at = table[bucket_of(receiver, address, id)].bucket;
    while (at != NOBODY && !is_it(&table[at], address, id))
        at = table[at].chained;
    return at != NOBODY ? &table[at] : NULL;
}

static void chain(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peer)
{
    uint32_t *bucket = &receiver->table[bucket_of(receiver, &peer->address, id_of(peer))].bucket;
    peer->chained = *bucket;
    *bucket = index_of(receiver, peer);
}

static void unchain(proto_heartbeat_receiver *receiver, const proto_heartbeat_peer *peer)
{
    uint32_t *at = &receiver->table[bucket_of(receiver, &peer->address, id_of(peer))].bucket;
    while (*at != index_of(receiver, peer))
        at = &receiver->table[*at].chained;
    *at = peer->chained;
}

/* ------------------------------------------------------------------------------------- lists -- */

static void unlist(proto_heartbeat_receiver *receiver, const proto_heartbeat_peer *peer)
{
    if (peer->list == LIST_NONE) return;
    uint32_t *to_it = peer->before == NOBODY ? &receiver->first[peer->list]
                                             : &receiver->table[peer->before].after;
    uint32_t *back_to_it = peer->after == NOBODY ? &receiver->last[peer->list]
                                                 : &receiver->table[peer->after].before;
    *to_it = peer->after;
    *back_to_it = peer->before;
}

void table_list(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peer, unsigned list)
{
    unlist(receiver, peer);
    peer->list = (uint8_t)list;
    if (list == LIST_NONE) return;
    uint32_t last = receiver->last[list];
    *(last == NOBODY ? &receiver->first[list] : &receiver->table[last].after) = index_of(receiver,
                                                                                         peer);
    peer->before = last;
    peer->after = NOBODY;
    receiver->last[list] = index_of(receiver, peer);
}

/* -------------------------------------------------------------------------------------- heap -- */

/* Place i of the heap is kept in peer i; it has nothing to do with who is there. */
static proto_heartbeat_peer *heap_at(const proto_heartbeat_receiver *receiver, uint32_t place)
{
    return &receiver->table[receiver->table[place].heap];
}

static void heap_put(proto_heartbeat_receiver *receiver, uint32_t place, proto_heartbeat_peer *peer)
{
    receiver->table[place].heap = index_of(receiver, peer);
    peer->place = place;
}

static uint32_t risen(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peer)
{
    uint32_t place = peer->place;
    while (place > 0 && heap_at(receiver, (place - 1) / 2)->due > peer->due) {
        heap_put(receiver, place, heap_at(receiver, (place - 1) / 2));
        place = (place - 1) / 2;
    }
    return place;
}

static uint32_t sunk(proto_heartbeat_receiver *receiver, const proto_heartbeat_peer *peer)
{
    uint32_t place = peer->place;
    for (;;) {
        uint64_t child = 2 * (uint64_t)place + 1;
        if (child >= receiver->peers) return place;
        uint32_t left = (uint32_t)child, least = left;
        if (left + 1 < receiver->peers &&
            heap_at(receiver, left + 1)->due < heap_at(receiver, left)->due)
            least = left + 1;
        if (heap_at(receiver, least)->due >= peer->due) return place;
        heap_put(receiver, place, heap_at(receiver, least));
        place = least;
    }
}

void table_reschedule(proto_heartbeat_receiver *receiver, proto_heartbeat_peer *peer)
{
    heap_put(receiver, risen(receiver, peer), peer);
    heap_put(receiver, sunk(receiver, peer), peer);
}

proto_heartbeat_peer *table_first(const proto_heartbeat_receiver *receiver)
{
    return receiver->peers > 0 ? heap_at(receiver, 0) : NULL;
}

/* -------------------------------------------------------------------------------------- room -- */

/* Whose place another may have: see the header. */
static proto_heartbeat_peer *dispensable(const proto_heartbeat_receiver *receiver)
{
    uint32_t young = receiver->first[LIST_NEW], ended = receiver->first[LIST_ENDED];
    proto_heartbeat_peer *table = receiver->table;
    if (young != NOBODY && table[young].state != PROTO_HEARTBEAT_IS_ALIVE) return &table[young];
    if (ended != NOBODY) return &table[ended];
    return young != NOBODY ? &table[young] : NULL;
}

static proto_heartbeat_peer *place_for_another(proto_heartbeat_receiver *receiver)
{
    if (receiver->peers < receiver->capacity) {
        proto_heartbeat_peer *place = &receiver->table[receiver->peers];
        place->place = receiver->peers++;
        place->heap = place->place;
        return place;
    }
    proto_heartbeat_peer *place = dispensable(receiver);
    if (!place) return NULL;
    unlist(receiver, place);
    unchain(receiver, place);
    receiver->evicted++;
    return place;
}

proto_heartbeat_peer *table_add(proto_heartbeat_receiver *receiver, const proto_address *address,
                                proto_slice id)
{
    proto_heartbeat_peer *peer = place_for_another(receiver);
    if (!peer) return NULL;
    /* What is of the place and not of who has it stays. */
    proto_heartbeat_peer blank = {.bucket = peer->bucket, .heap = peer->heap, .place = peer->place};
    *peer = blank;
    peer->address = *address;
    peer->id_length = (uint8_t)id.len;
    if (id.len > 0) memcpy(peer->id, id.ptr, id.len);
    peer->list = LIST_NONE;
    peer->due = PROTO_NEVER;
    chain(receiver, peer);
    table_reschedule(receiver, peer);
    return peer;
}
