/* SPDX-License-Identifier: MIT */
#include "probe.h"

proto_probe_claim probe_claim_of_error(proto_icmp_kind kind)
{
    bool ends = kind == PROTO_ICMP_UNREACHABLE || kind == PROTO_ICMP_TOO_BIG ||
                kind == PROTO_ICMP_TIME_EXCEEDED || kind == PROTO_ICMP_PARAMETER_PROBLEM;
    return ends ? PROTO_PROBE_CLAIM_ERROR : PROTO_PROBE_CLAIM_NOTE;
}

/* The header of the message as it must have been: an MTU is where either family has it, in the last
   two of four bytes, or in all of them. */
void probe_error_of(const proto_probe_arrival *arrival, proto_family family,
                    proto_probe_reading *reading)
{
    const uint8_t header[8] = {
        arrival->type,
        arrival->code,
        0,
        0,
        (uint8_t)(arrival->info >> 24),
        (uint8_t)(arrival->info >> 16),
        (uint8_t)(arrival->info >> 8),
        (uint8_t)arrival->info,
    };
    const proto_icmp_config config = {.family = family, .flags = PROTO_ICMP_SYSTEM_CHECKSUM};
    proto_slice bytes = proto_slice_of(header, sizeof header);
    reading->destination = arrival->destination;
    reading->has_icmp = proto_icmp_read(bytes, &config, &reading->icmp, NULL) == PROTO_OK;
    if (!reading->has_icmp) reading->icmp.kind = PROTO_ICMP_OTHER;
    reading->icmp.payload = reading->icmp.objects = (proto_slice){NULL, 0};
}
