/* SPDX-License-Identifier: MIT */
/*
 * usage: icmp_make < COMMANDS
 *
 * Writes one datagram for each line, in hexadecimal digits, for other programs to read:
 *
 *     4|6 KIND [NAME=VALUE]...
 *
 * KIND is a proto_icmp_kind_name() with dashes for blanks, or `udp`. Names are those of the fields of
 * proto_icmp, proto_ipv4 and proto_ipv6; payload, options and extensions are hexadecimal digits,
 * addresses are text. Further: `ports=SOURCE/DESTINATION` of UDP; `label=LABEL/CLASS/BOTTOM/TTL`, as
 * often as the stack is high; `object=CLASS/TYPE/DIGITS`; `interface=ROLE`, with `index`, `address`,
 * `name` and `link-mtu` before it.
 */
#include "proto/icmp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 66000, LABELS = 64 };

/* A datagram on its way. */
typedef struct making {
    proto_family family;
    bool udp;
    proto_icmp message;
    proto_ipv4 ipv4;
    proto_ipv6 ipv6;
    proto_address source, destination;
    proto_icmp_mpls labels[LABELS];
    size_t label_count;
    proto_icmp_interface interface;
    proto_out objects;
} making;

static void wrong(const char *what)
{
    fprintf(stderr, "icmp_make: %s\n", what);
    exit(2);
}

/* ------------------------------------------------------------------------------------ values -- */

static uint32_t number_of(const char *text)
{
    return (uint32_t)strtoul(text, NULL, 0);
}

/* The bytes take the place of their digits. */
static proto_slice bytes_of(char *digits)
{
    size_t len = strlen(digits) / 2;
    for (size_t i = 0; i < len; i++) {
        const char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};
        digits[i] = (char)strtoul(pair, NULL, 16);
    }
    return proto_slice_of(digits, len);
}

static proto_address address_of(const char *text)
{
    uint8_t octets[16];
    if (inet_pton(AF_INET, text, octets) == 1) return proto_address_ipv4(octets);
    if (inet_pton(AF_INET6, text, octets) == 1) return proto_address_ipv6(octets);
    wrong(text);
    abort();
}

/* The next of several numbers with slashes between them. */
static uint32_t part_of(char **text)
{
    uint32_t number = (uint32_t)strtoul(*text, text, 0);
    if (**text == '/') ++*text;
    return number;
}

static void label_add(making *at, char *value)
{
    if (at->label_count == LABELS) wrong("too many labels");
    proto_icmp_mpls *label = &at->labels[at->label_count++];
    label->label = part_of(&value);
    label->traffic_class = (uint8_t)part_of(&value);
    label->bottom = part_of(&value) != 0;
    label->ttl = (uint8_t)part_of(&value);
}

static void object_add(making *at, char *value)
{
    proto_icmp_object object = {0};
    object.number = (uint8_t)part_of(&value);
    object.type = (uint8_t)part_of(&value);
    object.data = bytes_of(value);
    if (proto_icmp_object_write(&object, &at->objects) != PROTO_OK) wrong("object");
}

static void interface_add(making *at, const char *role)
{
    at->interface.role = (proto_icmp_role)number_of(role);
    if (proto_icmp_interface_write(&at->interface, &at->objects) != PROTO_OK) wrong("interface");
    at->interface = (proto_icmp_interface){0};
}

static void ports_set(making *at, char *value)
{
    at->source.port = (uint16_t)part_of(&value);
    at->destination.port = (uint16_t)part_of(&value);
}

/* ------------------------------------------------------------------------------------- names -- */

static bool is(const char *name, const char *other)
{
    return strcmp(name, other) == 0;
}

static bool message_set(proto_icmp *message, const char *name, char *value)
{
    uint32_t number = number_of(value);
    if (is(name, "code")) return message->code = (uint8_t)number, true;
    if (is(name, "type")) return message->type = (uint8_t)number, true;
    if (is(name, "id")) return message->id = (uint16_t)number, true;
    if (is(name, "sequence")) return message->sequence = (uint16_t)number, true;
    if (is(name, "state")) return message->state = (uint8_t)number, true;
    if (is(name, "local")) return message->local = number, true;
    if (is(name, "active")) return message->active = number, true;
    if (is(name, "runs_ipv4")) return message->runs_ipv4 = number, true;
    if (is(name, "runs_ipv6")) return message->runs_ipv6 = number, true;
    if (is(name, "mtu")) return message->mtu = number, true;
    if (is(name, "pointer")) return message->pointer = number, true;
    if (is(name, "mask")) return message->mask = number, true;
    if (is(name, "originate")) return message->originate = number, true;
    if (is(name, "receive")) return message->receive = number, true;
    if (is(name, "transmit")) return message->transmit = number, true;
    if (is(name, "gateway")) return message->gateway = address_of(value), true;
    if (is(name, "payload")) return message->payload = bytes_of(value), true;
    return false;
}

static bool header_set(making *at, const char *name, char *value)
{
    uint32_t number = number_of(value);
    if (is(name, "ttl")) return at->ipv4.ttl = at->ipv6.hop_limit = (uint8_t)number, true;
    if (is(name, "dscp")) return at->ipv4.dscp = at->ipv6.dscp = (uint8_t)number, true;
    if (is(name, "ecn")) return at->ipv4.ecn = at->ipv6.ecn = (uint8_t)number, true;
    if (is(name, "ip-id")) return at->ipv4.id = (uint16_t)number, true;
    if (is(name, "offset")) return at->ipv4.offset = (uint16_t)number, true;
    if (is(name, "dont_fragment")) return at->ipv4.dont_fragment = number, true;
    if (is(name, "more_fragments")) return at->ipv4.more_fragments = number, true;
    if (is(name, "options")) return at->ipv4.options = bytes_of(value), true;
    if (is(name, "flow_label")) return at->ipv6.flow_label = number, true;
    if (is(name, "next_header")) return at->ipv6.next_header = (uint8_t)number, true;
    if (is(name, "extensions")) return at->ipv6.extensions = bytes_of(value), true;
    return false;
}

static bool object_set(making *at, const char *name, char *value)
{
    proto_icmp_interface *interface = &at->interface;
    if (is(name, "ports")) return ports_set(at, value), true;
    if (is(name, "label")) return label_add(at, value), true;
    if (is(name, "object")) return object_add(at, value), true;
    if (is(name, "interface")) return interface_add(at, value), true;
    if (is(name, "index"))
        return interface->has_index = true, interface->index = number_of(value), true;
    if (is(name, "link-mtu"))
        return interface->has_mtu = true, interface->mtu = number_of(value), true;
    if (is(name, "address")) return interface->address = address_of(value), true;
    if (is(name, "name")) return interface->name = proto_slice_text(value), true;
    return false;
}

static void kind_set(making *at, char *words)
{
    at->udp = is(words, "udp");
    for (char *dash = words; (dash = strchr(dash, '-')) != NULL;)
        *dash = ' ';
    for (int kind = 0; kind <= PROTO_ICMP_REDIRECT; kind++)
        if (is(words, proto_icmp_kind_name((proto_icmp_kind)kind))) {
            at->message.kind = (proto_icmp_kind)kind;
            return;
        }
    if (!at->udp) wrong(words);
}

/* ----------------------------------------------------------------------------------- writing -- */

static proto_err transport_write(making *at, proto_out *out)
{
    proto_icmp_config config = {at->family, 0, &at->source, &at->destination};
    if (at->label_count > 0 &&
        proto_icmp_mpls_write(at->labels, at->label_count, &at->objects) != PROTO_OK)
        wrong("labels");
    if (at->udp) return proto_udp_write(&at->source, &at->destination, at->message.payload, out);
    at->message.objects = proto_slice_of(at->objects.ptr, at->objects.len);
    return proto_icmp_write(&at->message, &config, out);
}

static proto_err header_write(making *at, size_t payload, proto_out *out)
{
    uint8_t protocol = at->udp ? 17 : at->family == PROTO_IPV4 ? 1 : 58;
    at->ipv4.source = at->ipv6.source = at->source;
    at->ipv4.destination = at->ipv6.destination = at->destination;
    at->ipv4.protocol = protocol;
    if (at->ipv6.extensions.len == 0) at->ipv6.next_header = protocol;
    return at->family == PROTO_IPV4 ? proto_ipv4_write(&at->ipv4, payload, out)
                                    : proto_ipv6_write(&at->ipv6, payload, out);
}

static void datagram_print(making *at)
{
    static uint8_t message[LARGEST], datagram[LARGEST];
    proto_out inner = proto_out_of(message, sizeof message);
    proto_out out = proto_out_of(datagram, sizeof datagram);
    proto_err err = transport_write(at, &inner);
    if (err == PROTO_OK) err = header_write(at, inner.len, &out);
    if (err != PROTO_OK || !proto_out_put(&out, message, inner.len)) {
        puts(proto_err_name(err));
        return;
    }
    for (size_t i = 0; i < out.len; i++)
        printf("%02x", datagram[i]);
    putchar('\n');
}

static void line_obey(char *line)
{
    static uint8_t objects[LARGEST];
    making at = {.family = *line == '4' ? PROTO_IPV4 : PROTO_IPV6};
    bool ipv4 = at.family == PROTO_IPV4;
    at.source = address_of(ipv4 ? "192.0.2.1" : "2001:db8::1");
    at.destination = address_of(ipv4 ? "198.51.100.2" : "2001:db8::2");
    at.ipv4.ttl = at.ipv6.hop_limit = 64;
    at.objects = proto_out_of(objects, sizeof objects);
    (void)strtok(line, " ");
    char *word = strtok(NULL, " ");
    if (word == NULL) wrong("no kind");
    kind_set(&at, word);
    while ((word = strtok(NULL, " ")) != NULL) {
        char *value = strchr(word, '=');
        if (value == NULL) wrong(word);
        *value++ = '\0';
        if (!header_set(&at, word, value) && !object_set(&at, word, value) &&
            !message_set(&at.message, word, value))
            wrong(word);
    }
    datagram_print(&at);
}

int main(void)
{
    static char line[3 * LARGEST];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        line_obey(line);
    }
    return 0;
}
