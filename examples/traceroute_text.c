/* SPDX-License-Identifier: MIT */
/* What is shown to people, in the form that they know from other programs of this name. */
#include "traceroute.h"

#include <netdb.h>
#include <string.h>

#include "address.h"
#include "visible.h"

const char *mark_text(const proto_trace_probe *probe, char text[PROTO_ICMP_MARK + 1])
{
    proto_out out = proto_out_of(text, PROTO_ICMP_MARK);
    proto_trace_mark_write(probe, &out);
    text[out.len] = '\0';
    return text;
}

void text_begin(const struct route *route)
{
    char address[ADDRESS_TEXT];
    address_text(&route->destination, address);
    printf("traceroute to %s (%s), %u hops max, %u byte packets\n", route->options->host, address,
           route->config.last_hop, route->config.size);
}

bool name_of(const proto_address *address, char name[MAX_NAME])
{
    struct sockaddr_storage system;
    int family = address->family == PROTO_IPV6 ? AF_INET6 : AF_INET;
    socklen_t size = address_to_system(address, family, &system);
    return getnameinfo((struct sockaddr *)&system, size, name, MAX_NAME, NULL, 0, NI_NAMEREQD) == 0;
}

/* Made fit to be shown: whoever owns the address wrote its name. */
static void put_name(const proto_address *address, const char *number)
{
    char name[MAX_NAME], shown[MAX_NAME];
    if (!name_of(address, name)) snprintf(name, sizeof name, "%s", number);
    printf(" %s (%s)", visible(proto_slice_text(name), shown, sizeof shown), number);
}

static void put_labels(proto_slice entries)
{
    proto_icmp_mpls label;
    const char *before = " <MPLS:";
    while (proto_icmp_mpls_next(&entries, &label)) {
        printf("%sL=%u,E=%u,S=%u,T=%u", before, label.label, label.traffic_class, label.bottom,
               label.ttl);
        before = "/";
    }
    if (before[0] == '/') printf(">");
}

static const char *role_text(proto_icmp_role role)
{
    switch (role) {
    case PROTO_ICMP_INCOMING: return "in";
    case PROTO_ICMP_INCOMING_PART: return "in part";
    case PROTO_ICMP_OUTGOING: return "out";
    case PROTO_ICMP_NEXT_HOP: return "next";
    case PROTO_ICMP_PROBED_INTERFACE: return "probed";
    }
    return "";
}

static void put_interface(const proto_icmp_object *object)
{
    proto_icmp_interface interface;
    char address[ADDRESS_TEXT], name[4 * PROTO_ICMP_NAME + 8];
    if (proto_icmp_interface_read(object, &interface) != PROTO_OK) return;
    printf(" <INT:%s", role_text(interface.role));
    if (interface.has_index) printf(",index=%u", interface.index);
    if (interface.address.family != PROTO_FAMILY_NONE) {
        address_text(&interface.address, address);
        printf(",address=%s", address);
    }
    if (interface.name.len > 0) printf(",name=%s", visible(interface.name, name, sizeof name));
    if (interface.has_mtu) printf(",mtu=%u", interface.mtu);
    printf(">");
}

static void put_objects(const proto_trace_probe *probe)
{
    proto_slice objects = proto_trace_objects(probe);
    proto_icmp_object object;
    while (proto_icmp_object_next(&objects, &object)) {
        if (object.number == PROTO_ICMP_CLASS_MPLS && object.type == 1) put_labels(object.data);
        if (object.number == PROTO_ICMP_CLASS_INTERFACE) put_interface(&object);
    }
}

static void put_way_back(const proto_trace_hop *hop, const proto_trace_probe *probe)
{
    unsigned back = proto_trace_way_back(probe->ttl);
    if (back > 0 && back != hop->ttl) printf(" '-%u'", back);
}

/* Who answered, unless that is the same as the one before. */
static void put_responder(const struct route *route, const proto_trace_hop *hop,
                          const proto_trace_probe *probe, const proto_trace_probe *before)
{
    char address[ADDRESS_TEXT];
    if (before && proto_address_same_host(&before->source, &probe->source)) return;
    address_text(&probe->source, address);
    if (route->options->names)
        put_name(&probe->source, address);
    else
        printf(" %s", address);
    put_objects(probe);
    if (route->options->way_back) put_way_back(hop, probe);
}

static void put_probe(const struct route *route, const proto_trace_hop *hop,
                      const proto_trace_probe *probe, const proto_trace_probe *before)
{
    char mark[PROTO_ICMP_MARK + 1];
    if (probe->state != PROTO_TRACE_STATE_ANSWERED) {
        /* What the system has refused to send, or nobody waits for any more, is no silence. */
        printf(probe->state == PROTO_TRACE_STATE_SILENT ? " *" : " -");
        return;
    }
    put_responder(route, hop, probe, before);
    printf("  %.3f ms", (double)probe->rtt / 1e6);
    if (mark_text(probe, mark)[0]) printf(" %s", mark);
}

void text_hop(struct route *route, const proto_trace_hop *hop)
{
    const proto_trace_probe *before = NULL;
    printf("%2u ", hop->ttl);
    if (route->options->find_mtu && hop->probes[0].size != route->size_shown) {
        route->size_shown = hop->probes[0].size;
        printf(" F=%u", route->size_shown);
    }
    for (unsigned i = 0; i < route->config.queries; i++) {
        const proto_trace_probe *probe = &hop->probes[i];
        put_probe(route, hop, probe, before);
        if (probe->state == PROTO_TRACE_STATE_ANSWERED) before = probe;
    }
    printf("\n");
    fflush(stdout);
}
