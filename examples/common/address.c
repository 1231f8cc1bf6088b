/* SPDX-License-Identifier: MIT */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static proto_address of_ipv4(const void *octets, in_port_t port)
{
    proto_address address = {.family = PROTO_IPV4, .port = ntohs(port)};
    memcpy(address.octets, octets, 4);
    return address;
}

proto_address address_of_system(const struct sockaddr_storage *system)
{
    if (system->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)system;
        return of_ipv4(&four->sin_addr, four->sin_port);
    }
    if (system->ss_family != AF_INET6) return (proto_address){.family = PROTO_FAMILY_NONE};
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)system;
    const uint8_t *octets = six->sin6_addr.s6_addr;
    if (memcmp(octets, mapped_prefix, sizeof mapped_prefix) == 0)
        return of_ipv4(octets + sizeof mapped_prefix, six->sin6_port);
    proto_address address = {
        .family = PROTO_IPV6,
        .port = ntohs(six->sin6_port),
        .zone = six->sin6_scope_id,
    };
    memcpy(address.octets, octets, sizeof address.octets);
    return address;
}

static socklen_t to_ipv6(const proto_address *address, struct sockaddr_storage *system)
{
    struct sockaddr_in6 six = {
        .sin6_family = AF_INET6,
        .sin6_port = htons(address->port),
        .sin6_scope_id = address->zone,
    };
    uint8_t *octets = six.sin6_addr.s6_addr;
    if (address->family == PROTO_IPV4) {
        memcpy(octets, mapped_prefix, sizeof mapped_prefix);
        memcpy(octets + sizeof mapped_prefix, address->octets, 4);
    } else {
        memcpy(octets, address->octets, sizeof address->octets);
    }
    memcpy(system, &six, sizeof six);
    return sizeof six;
}

socklen_t address_to_system(const proto_address *address, int family,
                            struct sockaddr_storage *system)
{
    memset(system, 0, sizeof *system);
    if (address->family == PROTO_FAMILY_NONE) return 0;
    if (family == AF_INET6) return to_ipv6(address, system);
    if (address->family != PROTO_IPV4) return 0;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(address->port)};
    memcpy(&four.sin_addr, address->octets, 4);
    memcpy(system, &four, sizeof four);
    return sizeof four;
}

/* --------------------------------------------------------------------------------- resolving -- */

static bool is_loopback(const proto_address *address)
{
    static const uint8_t loopback[16] = {[15] = 1};
    return address->family == PROTO_IPV6 && memcmp(address->octets, loopback, 16) == 0;
}

/* 127.0.0.1 before ::1, and all else as the system has it (RFC 6724). */
static void prefer_ipv4_loopback(proto_address *list, size_t count)
{
    for (size_t i = 1; i < count && is_loopback(&list[0]); i++) {
        if (list[i].family != PROTO_IPV4 || list[i].octets[0] != 127) continue;
        proto_address first = list[i];
        list[i] = list[0];
        list[0] = first;
    }
}

size_t address_resolve(const char *host, const char *port, int family, proto_address *list,
                       size_t cap, const char **why)
{
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0) {
        *why = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
        return 0;
    }
    size_t count = 0;
    for (struct addrinfo *at = found; at && count < cap; at = at->ai_next) {
        struct sockaddr_storage system = {.ss_family = AF_UNSPEC};
        memcpy(&system, at->ai_addr, at->ai_addrlen);
        list[count] = address_of_system(&system);
        if (list[count].family != PROTO_FAMILY_NONE) count++;
    }
    freeaddrinfo(found);
    prefer_ipv4_loopback(list, count);
    if (count == 0) *why = "no address of this kind";
    return count;
}

/* ------------------------------------------------------------------------------------- texts -- */

void address_text(const proto_address *address, char text[ADDRESS_TEXT])
{
    int family = address->family == PROTO_IPV6 ? AF_INET6 : AF_INET;
    if (address->family == PROTO_FAMILY_NONE ||
        !inet_ntop(family, address->octets, text, ADDRESS_TEXT))
        strcpy(text, "?");
    size_t len = strlen(text);
    if (address->zone > 0)
        snprintf(text + len, ADDRESS_TEXT - len, "%%%u", (unsigned)address->zone);
}

void address_text_with_port(const proto_address *address, char text[ADDRESS_TEXT])
{
    char host[ADDRESS_TEXT];
    address_text(address, host);
    bool six = address->family == PROTO_IPV6;
    snprintf(text, ADDRESS_TEXT, six ? "[%.50s]:%u" : "%.50s:%u", host, (unsigned)address->port);
}

bool address_equal(const proto_address *a, const proto_address *b)
{
    return a->port == b->port && a->family == b->family && a->zone == b->zone &&
           memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}
