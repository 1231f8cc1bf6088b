/* SPDX-License-Identifier: MIT */
/* Being told to stop, as something to wait for like any other input. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/* Returns a descriptor that becomes readable at SIGINT or SIGTERM, which do nothing else any more,
   or -1 with errno. To be called before there are threads. */
int signals_stop(void);

/* Whether one has come since; each counts once. */
bool signals_stopped(int fd);

#endif
