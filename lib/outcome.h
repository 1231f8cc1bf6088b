/* SPDX-License-Identifier: MIT */
/* How a reader or a writer ends. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "proto/base.h"

/* Tells the caller what went wrong and where, if it wants to know. */
static inline proto_err outcome(proto_fault *fault, proto_err err, size_t offset)
{
    if (fault) *fault = (proto_fault){err, err == PROTO_OK ? 0 : offset};
    return err;
}

/* All or nothing: after an error the sink is what it was `before`. Only for want of space does it
   stay failed. */
static inline proto_err outcome_of_writing(proto_out *out, proto_out before, proto_err err)
{
    if (err == PROTO_OK && out->failed) err = PROTO_ERR_NO_SPACE;
    if (err != PROTO_OK) *out = before;
    if (err == PROTO_ERR_NO_SPACE) out->failed = true;
    return err;
}

#endif
