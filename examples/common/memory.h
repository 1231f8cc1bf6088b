/* SPDX-License-Identifier: MIT */
/* Memory for large arrays. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* An array of `count` elements of `size` bytes, all zero, which lives as long as the program. Where
   it is large it is of large pages, if the system has them: the first use of each small one costs
   what several pings do. NULL where there is not so much. Not for several threads. */
void *memory_array(size_t count, size_t size);

#endif
