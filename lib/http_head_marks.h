/* SPDX-License-Identifier: MIT */
/* What the twins with vectors have in common: they note where the first token and the text of each
   line end, by turns, two marks a line, and make the table of fields from the marks. The first
   token of the first line counts for nothing.

   The including file has defined, besides what http_head_fast.h asks for,

     enum { FIELDS_AT_ONCE }
     fill_some(marks, fields)   so many fields from marks, of which the first is the end of the line
                                before */
#ifndef HTTP_HEAD_MARKS_H
#define HTTP_HEAD_MARKS_H

#include "http_head_fast.h"

enum { MAX_MARKS = 2 * (HTTP_SEEN + 1) };

/* How many fields there are cannot be foretold, so some more are written where there is room. */
static inline void fill_table(const proto_http_fields *fields, const uint32_t *marks,
                              uint32_t count)
{
    uint32_t i = 0;
    for (; i < count && fields->cap - i >= FIELDS_AT_ONCE; i += FIELDS_AT_ONCE)
        fill_some(marks + 2 * i, fields->at + i);
    for (; i < count; i++) {
        const uint32_t *mark = marks + 2 * i;
        fields->at[i].name = span_of(mark[0] + 2, mark[1] - mark[0] - 2);
        fields->at[i].value = span_of(mark[1] + 2, mark[2] - mark[1] - 2);
    }
}

#endif
