/* SPDX-License-Identifier: MIT */
/* Whether figures can be those of recorded times: for those that come from elsewhere. */
#ifndef RTT_CHECK_H
#define RTT_CHECK_H

#include "proto/rtt.h"

#include "wide.h"

/* What the histogram says of the other figures. */
typedef struct rtt_limits {
    uint64_t times; /* in its buckets */
    size_t lowest;  /* bucket that is not empty, if there is one */
    size_t highest;
    wide least_sum, greatest_sum;
    wide least_squares, greatest_squares;
} rtt_limits;

rtt_limits rtt_limits_of(const proto_rtt *rtt);

/* Whether all of the received times are in the histogram, and the clipped ones among them; or as
   many as there was room for. */
bool rtt_histogram_possible(const proto_rtt *rtt, const rtt_limits *limits);

bool rtt_min_possible(const proto_rtt *rtt, const rtt_limits *limits);
bool rtt_max_possible(const proto_rtt *rtt, const rtt_limits *limits);
bool rtt_sum_possible(const proto_rtt *rtt, const rtt_limits *limits);
bool rtt_squares_possible(const proto_rtt *rtt, const rtt_limits *limits);

/* All of these. */
bool rtt_possible(const proto_rtt *rtt);

#endif
