/* SPDX-License-Identifier: MIT */
#ifndef PROTO_H
#define PROTO_H

/**
 * @file proto.h
 * @brief All of libproto.
 */

#include "proto/base.h"
#include "proto/date.h"
#include "proto/heartbeat.h"
#include "proto/http.h"
#include "proto/http_conditional.h"
#include "proto/icmp.h"
#include "proto/inet.h"
#include "proto/probe.h"
#include "proto/rtt.h"
#include "proto/trace.h"
#include "proto/uri.h"

#endif
