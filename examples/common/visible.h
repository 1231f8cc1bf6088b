/* SPDX-License-Identifier: MIT */
/* Bytes from strangers, made fit to be shown: nothing in them moves the cursor, changes colours,
   types for the user or ends a line. */
#ifndef VISIBLE_H
#define VISIBLE_H

#include <proto/base.h>

/* Writes the bytes as printable ASCII, the others as \xNN and a backslash as \\, with a NUL behind
   them; cut, with `...` at the end, where they do not fit. Returns `text`. */
const char *visible(proto_slice bytes, char *text, size_t cap);

/* Writes the bytes as what stands between the quotes of a JSON string: each byte above 0x7f as the
   character of that number, so that nothing has to be valid UTF-8. Cut where they do not fit.
   Returns `text`. */
const char *visible_json(proto_slice bytes, char *text, size_t cap);

#endif
