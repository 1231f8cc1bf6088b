/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <arpa/inet.h>
#include <string.h>

enum { DESTINATION_OPTIONS = 60 };

uint16_t wire_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

void wire_put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void wire_put32(uint8_t *at, uint32_t value)
{
    wire_put16(at, value >> 16);
    wire_put16(at + 2, value & 0xffff);
}

static size_t octets_of(const struct wire_address *address)
{
    return address->family == 6 ? 16 : 4;
}

bool wire_address_read(const char *text, struct wire_address *address)
{
    memset(address, 0, sizeof *address);
    address->family = 4;
    if (inet_pton(AF_INET, text, address->octets) == 1) return true;
    address->family = 6;
    return inet_pton(AF_INET6, text, address->octets) == 1;
}

/* RFC 1071 as it is told: words in network order, the last odd byte is a high one. */
static uint32_t sum_of(uint32_t sum, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    return sum;
}

uint16_t wire_checksum(uint32_t sum, const uint8_t *bytes, size_t len)
{
    sum = sum_of(sum, bytes, len);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint32_t wire_pseudo_sum(const struct wire_address *source, const struct wire_address *destination,
                         uint8_t protocol, size_t len)
{
    uint32_t sum = (uint32_t)protocol + (uint32_t)len;
    if (protocol == WIRE_ICMP) return 0;
    sum = sum_of(sum, source->octets, octets_of(source));
    return sum_of(sum, destination->octets, octets_of(destination));
}

static void ipv4_header(uint8_t *to, const struct wire_address *source,
                        const struct wire_address *destination, uint8_t protocol, uint8_t ttl,
                        size_t options_len, size_t len)
{
    static unsigned identification = 0x1000;
    memset(to, 0, 20);
    to[0] = (uint8_t)(0x40 | (20 + options_len) / 4);
    wire_put16(to + 2, (unsigned)(20 + options_len + len));
    wire_put16(to + 4, identification++);
    to[8] = ttl;
    to[9] = protocol;
    memcpy(to + 12, source->octets, 4);
    memcpy(to + 16, destination->octets, 4);
    wire_put16(to + 10, wire_checksum(0, to, 20 + options_len));
}

static void ipv6_header(uint8_t *to, const struct wire_address *source,
                        const struct wire_address *destination, uint8_t protocol, uint8_t ttl,
                        size_t len)
{
    memset(to, 0, 40);
    to[0] = 0x60;
    wire_put16(to + 4, (unsigned)len);
    to[6] = protocol;
    to[7] = ttl;
    memcpy(to + 8, source->octets, 16);
    memcpy(to + 24, destination->octets, 16);
}

size_t wire_ip_header(uint8_t *to, const struct wire_address *source,
                      const struct wire_address *destination, uint8_t protocol, uint8_t ttl,
                      size_t len)
{
    if (source->family == 4) {
        ipv4_header(to, source, destination, protocol, ttl, 0, len);
        return 20;
    }
    ipv6_header(to, source, destination, protocol, ttl, len);
    return 40;
}

/* IP header and options of a message with `len` bytes of WIRE_ICMP; returns their length. */
static size_t headers(const struct wire_message *message, uint8_t *to, size_t len)
{
    const size_t options = message->options_len;
    if (message->source.family == 4) {
        memcpy(to + 20, message->options, options);
        ipv4_header(to, &message->source, &message->destination, WIRE_ICMP, message->ttl, options,
                    len);
        return 20 + options;
    }
    if (options == 0)
        return wire_ip_header(to, &message->source, &message->destination, WIRE_ICMPV6,
                              message->ttl, len);
    ipv6_header(to, &message->source, &message->destination, DESTINATION_OPTIONS, message->ttl,
                options + len);
    memcpy(to + 40, message->options, options);
    to[40] = WIRE_ICMPV6;
    to[41] = (uint8_t)(options / 8 - 1);
    return 40 + options;
}

static size_t icmp_message(const struct wire_message *message, uint8_t *to)
{
    size_t len = 8 + message->body_len;
    to[0] = message->type;
    to[1] = message->code;
    wire_put16(to + 2, 0);
    memcpy(to + 4, message->rest, 4);
    memcpy(to + 8, message->body, message->body_len);
    if (message->icmp_len != 0) len = message->icmp_len;
    const uint8_t protocol = message->source.family == 4 ? WIRE_ICMP : WIRE_ICMPV6;
    const uint32_t pseudo = wire_pseudo_sum(&message->source, &message->destination, protocol, len);
    wire_put16(to + 2, wire_checksum(pseudo, to, len) ^ (message->wrong_checksum ? 0x0101 : 0));
    return len;
}

size_t wire_message_write(const struct wire_message *message, uint8_t to[WIRE_MAX])
{
    uint8_t icmp[8 + WIRE_BODY_MAX];
    const size_t len = icmp_message(message, icmp);
    const size_t begin = headers(message, to, len);
    memcpy(to + begin, icmp, len);
    memset(to + begin + len, 0x5a, message->padding);
    return begin + len + message->padding;
}

static bool read_ipv4(const uint8_t *datagram, size_t len, struct wire_received *result)
{
    const size_t header = (size_t)(datagram[0] & 15) * 4;
    if (len < 20 || header < 20 || len < header) return false;
    if ((wire_get16(datagram + 6) & 0x1fff) != 0) return false;
    result->source.family = result->destination.family = 4;
    memcpy(result->source.octets, datagram + 12, 4);
    memcpy(result->destination.octets, datagram + 16, 4);
    result->ttl = datagram[8];
    result->protocol = datagram[9];
    result->icmp = datagram + header;
    result->icmp_len = len - header;
    return true;
}

static bool read_ipv6(const uint8_t *datagram, size_t len, struct wire_received *result)
{
    if (len < 40) return false;
    result->source.family = result->destination.family = 6;
    memcpy(result->source.octets, datagram + 8, 16);
    memcpy(result->destination.octets, datagram + 24, 16);
    result->protocol = datagram[6];
    result->ttl = datagram[7];
    result->icmp = datagram + 40;
    result->icmp_len = len - 40;
    return true;
}

bool wire_ip_read(const uint8_t *datagram, size_t len, struct wire_received *result)
{
    memset(result, 0, sizeof *result);
    if (len == 0) return false;
    const bool read = datagram[0] >> 4 == 4   ? read_ipv4(datagram, len, result)
                      : datagram[0] >> 4 == 6 ? read_ipv6(datagram, len, result)
                                              : false;
    result->datagram = datagram;
    result->len = len;
    return read && result->icmp_len >= 8;
}

bool wire_read(const uint8_t *datagram, size_t len, struct wire_received *result)
{
    if (!wire_ip_read(datagram, len, result)) return false;
    if (result->protocol != (result->source.family == 4 ? WIRE_ICMP : WIRE_ICMPV6)) return false;
    result->type = result->icmp[0];
    result->code = result->icmp[1];
    return true;
}
