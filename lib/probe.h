/* SPDX-License-Identifier: MIT */
/* What the codecs of probes share. */
#ifndef PROBE_H
#define PROBE_H

#include "proto/probe.h"

/* A reading that says nothing yet. The ICMP message is left as it is: nobody looks at it. */
static inline void probe_reading_clear(proto_probe_reading *reading,
                                       const proto_probe_arrival *arrival)
{
    reading->claim = PROTO_PROBE_CLAIM_FOREIGN;
    reading->has_tag = false;
    reading->tag = 0;
    reading->ttl = arrival->ttl;
    reading->own = 0;
    reading->destination = (proto_address){.family = PROTO_FAMILY_NONE};
    reading->payload = (proto_slice){NULL, 0};
    reading->has_icmp = false;
}

/* Whether an error ends the probe that it quotes (RFC 1122 section 3.2.2): a redirect has passed it
   on, and a source quench means nothing any more (RFC 6633). */
proto_probe_claim probe_claim_of_error(proto_icmp_kind kind);

/* The ICMP error that a socket's error queue tells of, as if it had been read; and whom the probe
   was for. */
void probe_error_of(const proto_probe_arrival *arrival, proto_family family,
                    proto_probe_reading *reading);

#endif
