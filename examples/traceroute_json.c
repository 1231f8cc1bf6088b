/* SPDX-License-Identifier: MIT */
/* What is shown to programs: a JSON object in each line. */
#include "traceroute.h"

#include <ctype.h>
#include <string.h>

#include "address.h"
#include "visible.h"

enum { TEXT = 1024 };

/* A name of the library's as JSON has it: `unreachable` for UNREACHABLE. */
static const char *lower(const char *name, char text[32])
{
    size_t i = 0;
    for (; name[i] && i < 31; i++)
        text[i] = (char)tolower((unsigned char)name[i]);
    text[i] = '\0';
    return text;
}

static void put_string(const char *name, const char *value)
{
    char text[TEXT];
    printf("\"%s\":\"%s\"", name, visible_json(proto_slice_text(value), text, sizeof text));
}

static void put_address(const char *name, const proto_address *address)
{
    char text[ADDRESS_TEXT];
    address_text(address, text);
    printf("\"%s\":\"%s\"", name, text);
}

void json_begin(const struct route *route)
{
    const proto_trace_config *config = &route->config;
    printf("{\"event\":\"begin\",");
    put_string("host", route->options->host);
    printf(",");
    put_address("address", &route->destination);
    printf(",");
    put_address("source", &config->source);
    printf(",\"method\":\"%s\",\"flow\":\"%s\"", route->options->icmp ? "icmp" : "udp",
           route->options->classic ? "classic" : "paris");
    if (!route->options->icmp) {
        printf(",\"source_port\":%u,\"port\":%u", config->source.port,
               route->trace.config.destination.port);
    }
    printf(",\"max_hops\":%u,\"queries\":%u,\"size\":%u}\n", config->last_hop, config->queries,
           config->size);
    fflush(stdout);
}

static void put_labels(proto_slice entries)
{
    proto_icmp_mpls label;
    const char *before = ",\"mpls\":[";
    while (proto_icmp_mpls_next(&entries, &label)) {
        printf("%s{\"label\":%u,\"traffic_class\":%u,\"bottom\":%s,\"ttl\":%u}", before,
               label.label, label.traffic_class, label.bottom ? "true" : "false", label.ttl);
        before = ",";
    }
    if (before[1] == '\0') printf("]");
}

static void put_interface(const proto_icmp_object *object)
{
    static const char *const roles[] = {"incoming", "incoming_part", "outgoing", "next_hop",
                                        "probed"};
    proto_icmp_interface interface;
    char text[TEXT];
    if (proto_icmp_interface_read(object, &interface) != PROTO_OK) return;
    printf(",\"%s_interface\":{", roles[interface.role]);
    printf("\"name\":\"%s\"", visible_json(interface.name, text, sizeof text));
    if (interface.has_index) printf(",\"index\":%u", interface.index);
    if (interface.has_mtu) printf(",\"mtu\":%u", interface.mtu);
    if (interface.address.family != PROTO_FAMILY_NONE) {
        printf(",");
        put_address("address", &interface.address);
    }
    printf("}");
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

static void put_changes(uint8_t changed)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } bits[] = {
        {PROTO_TRACE_CHANGED_SOURCE, "source"},
        {PROTO_TRACE_CHANGED_DESTINATION, "destination"},
        {PROTO_TRACE_CHANGED_PORT, "port"},
        {PROTO_TRACE_CHANGED_CHECKSUM, "checksum"},
    };
    const char *before = ",\"changed\":[";
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        if (!(changed & bits[i].bit)) continue;
        printf("%s\"%s\"", before, bits[i].name);
        before = ",";
    }
    if (changed) printf("]");
}

static void put_answer(const struct route *route, const proto_trace_probe *probe)
{
    static const char *const answers[] = {"exceeded", "reached", "unreachable"};
    char mark[PROTO_ICMP_MARK + 1], name[MAX_NAME];
    put_address("from", &probe->source);
    if (route->options->names && name_of(&probe->source, name)) {
        printf(",");
        put_string("name", name);
    }
    printf(",\"rtt_ms\":%.6f,\"answer\":\"%s\"", (double)probe->rtt / 1e6, answers[probe->answer]);
    if (probe->kind != PROTO_ICMP_OTHER)
        printf(",\"type\":%u,\"code\":%u", probe->type, probe->code);
    if (mark_text(probe, mark)[0]) {
        printf(",\"mark\":\"%s\",", mark);
        put_string("text", proto_icmp_text((proto_family)probe->family, probe->type, probe->code));
    }
    if (probe->ttl >= 0)
        printf(",\"ttl\":%d,\"way_back\":%u", probe->ttl, proto_trace_way_back(probe->ttl));
    if (probe->quoted_ttl >= 0) printf(",\"quoted_ttl\":%d", probe->quoted_ttl);
    if (probe->mtu > 0) printf(",\"mtu\":%u", probe->mtu);
    if (probe->late) printf(",\"late\":true");
    put_changes(probe->changed);
    put_objects(probe);
}

static void put_probe(const struct route *route, const proto_trace_probe *probe)
{
    static const char *const states[] = {
#define NAME(name, text) #name,
        PROTO_TRACE_STATES(NAME)
#undef NAME
    };
    char state[32];
    printf("{");
    if (probe->state == PROTO_TRACE_STATE_ANSWERED)
        put_answer(route, probe);
    else
        put_string("answer", lower(states[probe->state], state));
    printf("}");
}

void json_hop(const struct route *route, const proto_trace_hop *hop)
{
    printf("{\"event\":\"hop\",\"hop\":%u,\"size\":%u,\"probes\":[", hop->ttl, hop->probes[0].size);
    for (unsigned i = 0; i < route->config.queries; i++) {
        if (i > 0) printf(",");
        put_probe(route, &hop->probes[i]);
    }
    printf("]}\n");
    fflush(stdout);
}

/* Which hops only seem to lose something is known in the end. */
static void put_limited(const struct route *route)
{
    const char *before = "";
    printf(",\"limited\":[");
    for (unsigned i = 0; i < route->trace.given; i++) {
        if (!proto_trace_is_limited(&route->trace, &route->hops[i])) continue;
        printf("%s%u", before, route->hops[i].ttl);
        before = ",";
    }
    printf("]");
}

void json_end(const struct route *route)
{
    char end[32];
    printf("{\"event\":\"end\",");
    put_string("outcome", lower(proto_trace_end_name(proto_trace_outcome(&route->trace)), end));
    printf(",\"sent\":%u,\"took_ms\":%.3f", route->sent,
           (double)(route->ended - route->began) / 1e6);
    put_limited(route);
    if (proto_trace_mtu(&route->trace) > 0) printf(",\"mtu\":%u", proto_trace_mtu(&route->trace));
    printf("}\n");
    fflush(stdout);
}
