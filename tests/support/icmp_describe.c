/* SPDX-License-Identifier: MIT */
#include "icmp_describe.h"

#include <stdio.h>
#include <string.h>

/* -------------------------------------------------------------------------------------- words -- */

static void put(text_buffer *lines, const char *text)
{
    text_put(lines, text, strlen(text));
}

static void put_address(text_buffer *lines, const proto_address *address)
{
    char bytes[PROTO_ADDRESS_TEXT];
    proto_out out = proto_out_of(bytes, sizeof bytes);
    (void)proto_address_write(address, &out);
    text_put(lines, bytes, out.len);
}

/* All of a few bytes, the beginning of many. */
static void put_bytes(text_buffer *lines, const char *name, proto_slice bytes)
{
    if (bytes.len == 0) return;
    text_format(lines, "%s %zu:", name, bytes.len);
    for (size_t i = 0; i < bytes.len && i < 8; i++)
        text_format(lines, " %02x", bytes.ptr[i]);
    put(lines, bytes.len > 8 ? " ..\n" : "\n");
}

static void put_flag(text_buffer *lines, bool set, const char *name)
{
    if (set) text_format(lines, " %s", name);
}

static void put_number(text_buffer *lines, const char *name, uint32_t number)
{
    if (number > 0) text_format(lines, " %s=%u", name, (unsigned)number);
}

static void put_failure(text_buffer *lines, proto_fault fault)
{
    text_format(lines, "FAILED %s @%u\n", proto_err_name(fault.err) + strlen("PROTO_ERR_"),
                (unsigned)fault.offset);
}

/* ----------------------------------------------------------------------------------- headers -- */

static void put_pair(text_buffer *lines, const proto_address *source,
                     const proto_address *destination)
{
    put_address(lines, source);
    put(lines, " > ");
    put_address(lines, destination);
}

static void put_options(text_buffer *lines, proto_slice options)
{
    proto_ipv4_option option;
    while (proto_ipv4_option_next(&options, &option)) {
        text_format(lines, "option type=%u\n", option.type);
        put_bytes(lines, "option data", option.data);
    }
    put_bytes(lines, "malformed option", options);
}

static void put_ipv4(text_buffer *lines, const proto_ipv4 *datagram)
{
    put(lines, "ipv4 ");
    put_pair(lines, &datagram->source, &datagram->destination);
    text_format(lines, " protocol=%u ttl=%u length=%u", datagram->protocol, datagram->ttl,
                datagram->length);
    put_number(lines, "id", datagram->id);
    put_number(lines, "offset", datagram->offset);
    put_number(lines, "dscp", datagram->dscp);
    put_number(lines, "ecn", datagram->ecn);
    put_flag(lines, datagram->dont_fragment, "DF");
    put_flag(lines, datagram->more_fragments, "MF");
    put_flag(lines, datagram->reserved, "reserved");
    put_flag(lines, datagram->truncated, "truncated");
    text_format(lines, " payload=%zu\n", datagram->payload.len);
    put_options(lines, datagram->options);
}

static void put_ipv6(text_buffer *lines, const proto_ipv6 *datagram)
{
    put(lines, "ipv6 ");
    put_pair(lines, &datagram->source, &datagram->destination);
    text_format(lines, " protocol=%u ttl=%u length=%u", datagram->protocol, datagram->hop_limit,
                datagram->length);
    put_number(lines, "flow", datagram->flow_label);
    put_number(lines, "id", datagram->id);
    put_number(lines, "offset", datagram->offset);
    put_number(lines, "dscp", datagram->dscp);
    put_number(lines, "ecn", datagram->ecn);
    put_number(lines, "extensions", (uint32_t)datagram->extensions.len);
    put_number(lines, "segments", datagram->segments_left);
    put_flag(lines, datagram->fragment, "fragment");
    put_flag(lines, datagram->more_fragments, "MF");
    put_flag(lines, datagram->truncated, "truncated");
    text_format(lines, " payload=%zu\n", datagram->payload.len);
}

/* ----------------------------------------------------------------------------------- objects -- */

static void put_labels(text_buffer *lines, proto_slice entries)
{
    proto_icmp_mpls entry;
    while (proto_icmp_mpls_next(&entries, &entry))
        text_format(lines, "mpls label=%u tc=%u ttl=%u%s\n", (unsigned)entry.label,
                    entry.traffic_class, entry.ttl, entry.bottom ? " bottom" : "");
    put_bytes(lines, "malformed label", entries);
}

static void put_interface(text_buffer *lines, const proto_icmp_object *object)
{
    static const char *const roles[] = {"incoming", "incoming part", "outgoing", "next hop",
                                        "probed"};
    proto_icmp_interface interface;
    if (proto_icmp_interface_read(object, &interface) != PROTO_OK) {
        put(lines, "malformed interface\n");
        return;
    }
    text_format(lines, "interface %s", roles[interface.role]);
    if (interface.has_index) text_format(lines, " index=%u", (unsigned)interface.index);
    if (interface.address.family != PROTO_FAMILY_NONE) {
        put(lines, " address=");
        put_address(lines, &interface.address);
    }
    if (interface.name.len > 0) {
        put(lines, " name=");
        text_escaped(lines, interface.name);
    }
    if (interface.has_mtu) text_format(lines, " mtu=%u", (unsigned)interface.mtu);
    put(lines, "\n");
}

static void put_objects(text_buffer *lines, const proto_icmp *message)
{
    static const char *const states[] = {"", "given", "guessed", "bad"};
    proto_slice objects = message->objects;
    proto_icmp_object object;
    if (message->extensions != PROTO_ICMP_EXTENSIONS_NONE)
        text_format(lines, "extensions %s\n", states[message->extensions]);
    while (proto_icmp_object_next(&objects, &object)) {
        text_format(lines, "object class=%u type=%u\n", object.number, object.type);
        if (object.number == PROTO_ICMP_CLASS_MPLS && object.type == 1)
            put_labels(lines, object.data);
        else if (object.number == PROTO_ICMP_CLASS_INTERFACE ||
                 object.number == PROTO_ICMP_CLASS_IDENTIFICATION)
            put_interface(lines, &object);
        else
            put_bytes(lines, "object data", object.data);
    }
    put_bytes(lines, "malformed object", objects);
}

/* ------------------------------------------------------------------------------------ quotes -- */

static void put_host(text_buffer *lines, const proto_address *address, bool has_port)
{
    put_address(lines, address);
    if (has_port) text_format(lines, " port %u", address->port);
}

static void put_quote(text_buffer *lines, const proto_icmp *message)
{
    proto_icmp_quote quote;
    proto_fault fault;
    put(lines, "quote ");
    if (proto_icmp_quote_read(message, &quote, &fault) != PROTO_OK) {
        put_failure(lines, fault);
        return;
    }
    put_host(lines, &quote.source, quote.has_ports);
    put(lines, " > ");
    put_host(lines, &quote.destination, quote.has_ports);
    text_format(lines, " protocol=%u ttl=%u length=%u", quote.protocol, quote.ttl,
                (unsigned)quote.length);
    put_number(lines, "id", quote.id);
    put_number(lines, "offset", quote.offset);
    put_number(lines, "dscp", quote.dscp);
    put_number(lines, "ecn", quote.ecn);
    if (quote.has_echo)
        text_format(lines, " type=%u echo=%u/%u", quote.echo_type, quote.echo_id,
                    quote.echo_sequence);
    put_flag(lines, quote.more_fragments, "MF");
    put_flag(lines, quote.truncated, "truncated");
    put(lines, "\n");
    put_bytes(lines, "transport", quote.transport);
}

/* ---------------------------------------------------------------------------------- messages -- */

static bool is_timestamp(proto_icmp_kind kind)
{
    return kind == PROTO_ICMP_TIMESTAMP_REQUEST || kind == PROTO_ICMP_TIMESTAMP_REPLY;
}

static void put_time(text_buffer *lines, const char *name, uint32_t time)
{
    text_format(lines, " %s=%u%s", name, (unsigned)(time & ~PROTO_ICMP_TIME_NONSTANDARD),
                time & PROTO_ICMP_TIME_NONSTANDARD ? " nonstandard" : "");
}

static void put_query(text_buffer *lines, const proto_icmp *message)
{
    text_format(lines, " id=%u sequence=%u", message->id, message->sequence);
    if (is_timestamp(message->kind)) {
        put_time(lines, "originate", message->originate);
        put_time(lines, "receive", message->receive);
        put_time(lines, "transmit", message->transmit);
    }
    if (message->mask != 0) text_format(lines, " mask=%08x", (unsigned)message->mask);
    put_number(lines, "state", message->state);
    put_flag(lines, message->local, "local");
    put_flag(lines, message->active, "active");
    put_flag(lines, message->runs_ipv4, "ipv4");
    put_flag(lines, message->runs_ipv6, "ipv6");
}

static void put_error(text_buffer *lines, const proto_icmp *message)
{
    char mark[PROTO_ICMP_MARK];
    proto_out out = proto_out_of(mark, sizeof mark);
    put_number(lines, "mtu", message->mtu);
    put_number(lines, "pointer", message->pointer);
    if (message->kind == PROTO_ICMP_REDIRECT) {
        put(lines, " gateway=");
        put_address(lines, &message->gateway);
    }
    (void)proto_icmp_mark_write(message, &out);
    if (out.len > 0) text_format(lines, " mark=%.*s", (int)out.len, mark);
}

void icmp_describe_message(text_buffer *lines, const proto_icmp *message)
{
    bool error = proto_icmp_is_error(message->kind);
    text_format(lines, "%s %u/%u \"%s\"", proto_icmp_kind_name(message->kind), message->type,
                message->code,
                proto_icmp_text((proto_family)message->family, message->type, message->code));
    if (error)
        put_error(lines, message);
    else if (message->kind != PROTO_ICMP_OTHER)
        put_query(lines, message);
    put(lines, "\n");
    if (error)
        put_quote(lines, message);
    else
        put_bytes(lines, "payload", message->payload);
    put_objects(lines, message);
}

static proto_err header_read(text_buffer *lines, proto_slice *bytes, icmp_reading *reading,
                             proto_ipv6 *ipv6, proto_fault *fault)
{
    proto_ipv4 ipv4;
    bool is_ipv6 = reading->config.family == PROTO_IPV6;
    proto_err err = is_ipv6 ? proto_ipv6_read(*bytes, reading->form, ipv6, fault)
                            : proto_ipv4_read(*bytes, reading->form, &ipv4, fault);
    if (err != PROTO_OK) return err;
    if (is_ipv6) {
        put_ipv6(lines, ipv6);
        *bytes = ipv6->payload;
        reading->config.source = &ipv6->source;
        reading->config.destination = &ipv6->destination;
        reading->datagram = ipv6->protocol == 58 && ipv6->offset == 0;
    } else {
        put_ipv4(lines, &ipv4);
        *bytes = ipv4.payload;
        reading->datagram = ipv4.protocol == 1 && ipv4.offset == 0;
    }
    return PROTO_OK;
}

void icmp_describe(text_buffer *lines, proto_slice bytes, const icmp_reading *reading)
{
    icmp_reading how = *reading;
    proto_ipv6 ipv6;
    proto_icmp message;
    proto_fault fault;
    if (how.datagram && header_read(lines, &bytes, &how, &ipv6, &fault) != PROTO_OK) {
        put_failure(lines, fault);
        return;
    }
    if (reading->datagram && !how.datagram) {
        put_bytes(lines, "payload", bytes);
        return;
    }
    if (proto_icmp_read(bytes, &how.config, &message, &fault) == PROTO_OK)
        icmp_describe_message(lines, &message);
    else
        put_failure(lines, fault);
}
