/* SPDX-License-Identifier: MIT */
/* What becomes of the probes of a trace, and where the path ends. */
#ifndef TRACE_PATH_H
#define TRACE_PATH_H

#include "trace_wire.h"

static inline proto_trace_hop *trace_hop(const proto_trace *trace, uint32_t index)
{
    return &trace->hops[index / trace->config.queries];
}

/* Lets a step happen to a probe, which must be one that may. */
TRACE_INTERNAL proto_trace_event trace_move(proto_trace *trace, uint32_t index,
                                            proto_trace_step step);

/* Goes on over the hops that are complete, up to the end of the path where one of them is it. */
TRACE_INTERNAL void trace_settle(proto_trace *trace);

/* The destination has answered the probe of that index. */
TRACE_INTERNAL void trace_reach(proto_trace *trace, uint32_t index);

#endif
