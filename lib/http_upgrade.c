/* SPDX-License-Identifier: MIT */
#include "http_upgrade.h"

#include "ascii.h"

/* Without regard to case, as names are to be compared (RFC 9110 section 7.8). The upper bits of the
   product depend on all bytes. */
static uint64_t hash_of(proto_slice protocol)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < protocol.len; i++)
        hash = (hash ^ ascii_lower(protocol.ptr[i])) * UINT64_C(0x9e3779b97f4a7c15);
    return hash;
}

static uint64_t bits_of(proto_slice protocol)
{
    enum { BITS = 6, INDEX_BITS = 6 };
    uint64_t hash = hash_of(protocol);
    uint64_t set = 0;
    for (int i = 0; i < BITS; i++, hash <<= INDEX_BITS)
        set |= UINT64_C(1) << (hash >> (64 - INDEX_BITS));
    return set;
}

uint64_t http_protocols(proto_slice list)
{
    uint64_t set = 0;
    proto_slice protocol;
    while (proto_http_list_next(&list, &protocol))
        if (!proto_slice_equal_nocase(protocol, PROTO_LITERAL("HTTP/1.1")))
            set |= bits_of(protocol);
    return set;
}

static uint32_t next_upgrade(const proto_http_fields *fields, uint32_t from)
{
    return proto_http_find(fields, PROTO_HTTP_FIELD_UPGRADE, from);
}

uint64_t http_protocols_read(const proto_http_fields *fields)
{
    uint64_t set = 0;
    for (uint32_t i = next_upgrade(fields, 0); i < fields->count; i = next_upgrade(fields, i + 1))
        set |= http_protocols(proto_http_text(fields, fields->at[i].value));
    return set;
}

static uint64_t protocols_of(const proto_http_pair *field)
{
    bool upgrade = proto_http_field_id_of(field->name) == PROTO_HTTP_FIELD_UPGRADE;
    return upgrade ? http_protocols(field->value) : 0;
}

uint64_t http_protocols_sent(const proto_http_pair *fields, size_t count)
{
    uint64_t set = 0;
    for (size_t i = 0; i < count; i++)
        set |= protocols_of(&fields[i]);
    return set;
}

size_t http_unoffered(const proto_http_pair *fields, size_t count, uint64_t offers)
{
    size_t i = 0;
    while (i < count && !(protocols_of(&fields[i]) & ~offers))
        i++;
    return i;
}

proto_err http_switch_judge(const proto_http_head *head, uint64_t offers, uint32_t *at)
{
    enum { STATUS_AT = 9 };
    const proto_http_fields *fields = &head->fields;
    uint64_t named = http_protocols_read(fields);
    *at = STATUS_AT;
    /* RFC 9110 section 15.2.2: only at the client's request; HTTP/1.0 has no Upgrade. */
    if (offers == 0 || head->minor == 0) return PROTO_ERR_HTTP_UPGRADE;
    if (named == 0) return PROTO_ERR_HTTP_UPGRADE_MISSING;
    *at = fields->at[next_upgrade(fields, 0)].name.at;
    /* RFC 9110 section 7.8: what Connection does not name may come from another connection. */
    if (!(head->flags & PROTO_HTTP_UPGRADE)) return PROTO_ERR_HTTP_CONNECTION_OPTION;
    return named & ~offers ? PROTO_ERR_HTTP_UPGRADE : PROTO_OK;
}
