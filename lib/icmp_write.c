/* SPDX-License-Identifier: MIT */
/* Messages of ICMP, written. */
#include "proto/icmp.h"

#include "checksum.h"
#include "icmp_layout.h"
#include "wire.h"

#include <assert.h>
#include <string.h>

/* The longest message of an error: what every host takes, less a header of IP without options (RFC
   1812 section 4.3.2.3, RFC 4443 section 2.4(c)); and that of any other, less the same. */
enum {
    ERROR4_MAX = 576 - PROTO_IPV4_HEADER,
    ERROR6_MAX = 1280 - PROTO_IPV6_HEADER,
    MESSAGE4_MAX = UINT16_MAX - PROTO_IPV4_HEADER,
    MESSAGE6_MAX = UINT16_MAX
};

/* A message in the order of its bytes. */
typedef struct icmp_parts {
    uint8_t head[ICMP6_REDIRECT + 8];
    size_t head_len;
    proto_slice payload;
    size_t padding; /* zeros behind the payload */
    bool structure; /* there is one, with these objects */
    proto_slice objects;
} icmp_parts;

static bool is_ipv6(const proto_icmp_config *config)
{
    return config->family == PROTO_IPV6;
}

/* -------------------------------------------------------------------------------------- parts -- */

static void sequence_put(const proto_icmp *message, icmp_parts *parts)
{
    wire_put16(parts->head + 4, message->id);
    wire_put16(parts->head + 6, message->sequence);
}

static void times_put(const proto_icmp *message, icmp_parts *parts)
{
    parts->head_len = ICMP_TIMES;
    wire_put32(parts->head + 8, message->originate);
    wire_put32(parts->head + 12, message->receive);
    wire_put32(parts->head + 16, message->transmit);
}

static void mask_put(const proto_icmp *message, icmp_parts *parts)
{
    parts->head_len = ICMP_MASK;
    wire_put32(parts->head + 8, message->mask);
}

static void extended_request_put(const proto_icmp *message, icmp_parts *parts)
{
    parts->head[6] = (uint8_t)message->sequence;
    parts->head[7] = message->local;
    parts->structure = message->objects.len > 0;
    parts->payload = proto_slice_of(NULL, 0);
}

static void extended_reply_put(const proto_icmp *message, icmp_parts *parts)
{
    parts->head[6] = (uint8_t)message->sequence;
    parts->head[7] = (uint8_t)(message->state << 5 | (message->active ? 4 : 0) |
                               (message->runs_ipv4 ? 2 : 0) | (message->runs_ipv6 ? 1 : 0));
}

/* Echo goes another way. */
static void query_parts(const proto_icmp *message, icmp_parts *parts)
{
    proto_icmp_kind kind = message->kind;
    sequence_put(message, parts);
    if (kind == PROTO_ICMP_TIMESTAMP_REQUEST || kind == PROTO_ICMP_TIMESTAMP_REPLY)
        times_put(message, parts);
    else if (kind == PROTO_ICMP_EXTENDED_ECHO_REQUEST)
        extended_request_put(message, parts);
    else if (kind == PROTO_ICMP_EXTENDED_ECHO_REPLY)
        extended_reply_put(message, parts);
    else
        mask_put(message, parts);
}

static size_t less_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t error_max(const proto_icmp_config *config)
{
    return is_ipv6(config) ? ERROR6_MAX : ERROR4_MAX;
}

/* With objects, the quote is a whole number of units, and is long enough for who does not know of
   the length field to find what is behind it (RFC 4884 section 4). */
static proto_err objects_place(const proto_icmp_config *config, icmp_length_field field,
                               icmp_parts *parts)
{
    size_t max = error_max(config) - ICMP_HEADER - ICMP_STRUCTURE;
    if (field.unit == 0) return PROTO_ERR_ICMP_KIND;
    if (parts->objects.len > max - ICMP_QUOTE_MIN) return PROTO_ERR_ICMP_LENGTH;
    size_t room = (max - parts->objects.len) / field.unit * field.unit;
    size_t quote = (parts->payload.len + field.unit - 1) / field.unit * field.unit;
    quote = less_of(quote > ICMP_QUOTE_MIN ? quote : ICMP_QUOTE_MIN, room);
    parts->payload.len = less_of(parts->payload.len, quote);
    parts->padding = quote - parts->payload.len;
    parts->head[field.offset] = (uint8_t)(quote / field.unit);
    parts->structure = true;
    return PROTO_OK;
}

/* RFC 4861 section 4.5: the better hop, the destination, and the datagram in an option, whose length
   counts in units of eight bytes. */
static proto_err redirect6_parts(const proto_icmp *message, icmp_parts *parts)
{
    proto_ipv6 datagram;
    if (proto_ipv6_read(message->payload, PROTO_IP_QUOTED, &datagram, NULL) != PROTO_OK)
        return PROTO_ERR_ICMP_QUOTE;
    size_t option = less_of((message->payload.len + 7) / 8 + 1, (ERROR6_MAX - ICMP6_REDIRECT) / 8);
    memcpy(parts->head + 8, message->gateway.octets, 16);
    memcpy(parts->head + 24, datagram.destination.octets, 16);
    parts->head[ICMP6_REDIRECT] = ICMP6_REDIRECTED_HEADER;
    parts->head[ICMP6_REDIRECT + 1] = (uint8_t)option;
    parts->head_len = ICMP6_REDIRECT + 8;
    parts->payload.len = less_of(message->payload.len, option * 8 - 8);
    parts->padding = option * 8 - 8 - parts->payload.len;
    return PROTO_OK;
}

static void error_fields_put(const proto_icmp *message, const proto_icmp_config *config,
                             icmp_parts *parts)
{
    if (message->kind == PROTO_ICMP_TOO_BIG && is_ipv6(config))
        wire_put32(parts->head + 4, message->mtu);
    else if (message->kind == PROTO_ICMP_TOO_BIG)
        wire_put16(parts->head + 6, (uint16_t)less_of(message->mtu, UINT16_MAX));
    else if (message->kind == PROTO_ICMP_OTHER_ERROR ||
             (message->kind == PROTO_ICMP_PARAMETER_PROBLEM && is_ipv6(config)))
        wire_put32(parts->head + 4, message->pointer);
    else if (message->kind == PROTO_ICMP_PARAMETER_PROBLEM)
        parts->head[4] = (uint8_t)message->pointer;
    else if (message->kind == PROTO_ICMP_REDIRECT)
        memcpy(parts->head + 4, message->gateway.octets, 4);
}

static proto_err error_parts(const proto_icmp *message, const proto_icmp_config *config,
                             icmp_parts *parts)
{
    parts->payload.len = less_of(parts->payload.len, error_max(config) - ICMP_HEADER);
    if (message->kind == PROTO_ICMP_REDIRECT && is_ipv6(config))
        return parts->objects.len > 0 ? PROTO_ERR_ICMP_KIND : redirect6_parts(message, parts);
    error_fields_put(message, config, parts);
    if (parts->objects.len == 0) return PROTO_OK;
    return objects_place(config, icmp_length_field_of(config->family, message->kind), parts);
}

static proto_err type_put(const proto_icmp *message, const proto_icmp_config *config,
                          uint8_t head[2])
{
    bool other = message->kind == PROTO_ICMP_OTHER || message->kind == PROTO_ICMP_OTHER_ERROR;
    head[0] = message->type;
    head[1] = message->code;
    if (message->kind == PROTO_ICMP_TOO_BIG)
        head[1] = is_ipv6(config) ? message->code : ICMP4_TOO_BIG_CODE;
    if (other || proto_icmp_type_of(config->family, message->kind, head)) return PROTO_OK;
    return PROTO_ERR_ICMP_KIND;
}

static proto_err parts_of(const proto_icmp *message, const proto_icmp_config *config,
                          icmp_parts *parts)
{
    proto_err err = type_put(message, config, parts->head);
    parts->head_len = message->kind == PROTO_ICMP_OTHER ? 4 : ICMP_HEADER;
    parts->payload = message->payload;
    parts->objects = message->objects;
    if (err != PROTO_OK) return err;
    if (proto_icmp_is_error(message->kind)) return error_parts(message, config, parts);
    if (message->objects.len > 0 && message->kind != PROTO_ICMP_EXTENDED_ECHO_REQUEST)
        return PROTO_ERR_ICMP_KIND;
    if (message->kind != PROTO_ICMP_OTHER) query_parts(message, parts);
    return PROTO_OK;
}

/* -------------------------------------------------------------------------------------- bytes -- */

static size_t length_of(const icmp_parts *parts)
{
    return parts->head_len + parts->payload.len + parts->padding +
           (parts->structure ? ICMP_STRUCTURE + parts->objects.len : 0);
}

/* What is behind the payload. */
static void end_put(const icmp_parts *parts, uint8_t *at)
{
    if (parts->padding > 0) memset(at, 0, parts->padding);
    if (!parts->structure) return;
    at += parts->padding;
    memcpy(at + ICMP_STRUCTURE, parts->objects.ptr, parts->objects.len);
    icmp_structure_put(at, parts->objects.len);
}

static void pseudo_header_add(proto_checksum *sum, const proto_icmp_config *config, size_t length)
{
    assert(config->source && config->destination);
    proto_checksum_pseudo_header(sum, config->source, config->destination, ICMP6_PROTOCOL,
                                 (uint32_t)length);
}

static void checksum_put(const proto_icmp_config *config, uint8_t *at, size_t length)
{
    proto_checksum sum = {0};
    if (config->flags & PROTO_ICMP_SYSTEM_CHECKSUM) return;
    if (is_ipv6(config)) pseudo_header_add(&sum, config, length);
    proto_checksum_add(&sum, at, length);
    wire_put16(at + ICMP_CHECKSUM, proto_checksum_value(&sum));
}

/* Where the next `length` bytes go; NULL if there is no room for them. */
static uint8_t *place_in(proto_out *out, size_t length)
{
    if (out->failed || length > out->cap - out->len) {
        out->failed = true;
        return NULL;
    }
    uint8_t *at = out->ptr + out->len;
    out->len += length;
    return at;
}

static size_t message_max(const proto_icmp_config *config)
{
    return is_ipv6(config) ? MESSAGE6_MAX : MESSAGE4_MAX;
}

static proto_err parts_write(const icmp_parts *parts, const proto_icmp_config *config,
                             proto_out *out)
{
    size_t max = message_max(config);
    if (parts->payload.len > max || parts->objects.len > max) return PROTO_ERR_ICMP_LENGTH;
    size_t length = length_of(parts);
    if (length > max) return PROTO_ERR_ICMP_LENGTH;
    uint8_t *at = place_in(out, length);
    if (at == NULL) return PROTO_ERR_NO_SPACE;
    memcpy(at, parts->head, parts->head_len);
    if (parts->payload.len > 0)
        memcpy(at + parts->head_len, parts->payload.ptr, parts->payload.len);
    end_put(parts, at + parts->head_len + parts->payload.len);
    checksum_put(config, at, length);
    return PROTO_OK;
}

/* What a ping writes by the thousand goes straight to its place: the header in one store, and the
   sum from there and from the payload as it is copied. */
static void echo_put(const proto_icmp *message, const proto_icmp_config *config, uint8_t *at)
{
    uint8_t type = 0;
    proto_slice payload = message->payload;
    proto_checksum sum = {0};
    (void)proto_icmp_type_of(config->family, message->kind, &type);
    wire_put64(at, (uint64_t)type << 56 | (uint64_t)message->code << 48 |
                       (uint32_t)message->id << 16 | message->sequence);
    if (config->flags & PROTO_ICMP_SYSTEM_CHECKSUM) {
        if (payload.len > 0) memcpy(at + ICMP_HEADER, payload.ptr, payload.len);
        return;
    }
    if (is_ipv6(config)) pseudo_header_add(&sum, config, ICMP_HEADER + payload.len);
    sum.sum = checksum_plus(sum.sum, word_load(at));
    proto_checksum_copy(&sum, at + ICMP_HEADER, payload.ptr, payload.len);
    wire_put16(at + ICMP_CHECKSUM, proto_checksum_value(&sum));
}

static proto_err echo_write(const proto_icmp *message, const proto_icmp_config *config,
                            proto_out *out)
{
    size_t payload = message->payload.len;
    if (payload > message_max(config) - ICMP_HEADER) return PROTO_ERR_ICMP_LENGTH;
    uint8_t *at = place_in(out, ICMP_HEADER + payload);
    if (at == NULL) return PROTO_ERR_NO_SPACE;
    echo_put(message, config, at);
    return PROTO_OK;
}

proto_err proto_icmp_write(const proto_icmp *message, const proto_icmp_config *config,
                           proto_out *out)
{
    bool echo = message->kind == PROTO_ICMP_ECHO_REQUEST || message->kind == PROTO_ICMP_ECHO_REPLY;
    if (echo && message->objects.len == 0) return echo_write(message, config, out);
    icmp_parts parts = {.padding = 0};
    proto_err err = parts_of(message, config, &parts);
    return err != PROTO_OK ? err : parts_write(&parts, config, out);
}
