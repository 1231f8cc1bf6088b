/* SPDX-License-Identifier: MIT */
/* For programs that need a privilege once, to open a socket, and never again. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stdbool.h>

/* Whether the user who started the program may do everything. Ask before privileges are dropped. */
bool privileges_of_root(void);

/*
 * Gives up what the program was given beyond its user's own rights: the user it was set to, and all
 * capabilities; and nothing that it might ever start can get them back. With `keep_files` a program
 * that root has started may still write where root may. Call it before there are threads. Returns
 * whether it could; errno says why not.
 */
bool privileges_drop(bool keep_files);

#endif
