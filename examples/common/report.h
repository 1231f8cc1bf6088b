/* SPDX-License-Identifier: MIT */
/* How a program speaks of trouble: one line, `program: what: why`, on standard error. */
#ifndef REPORT_H
#define REPORT_H

/* What programs exit with. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Says that `what` went wrong, and why. */
void report(const char *what, const char *why);

/* As report(), and returns EXIT_FAILED, for `return failed(...)` out of main(). */
int failed(const char *what, const char *why);

/* Says what is wrong with the command line and where help is; returns EXIT_USAGE. */
int misused(const char *what, const char *why);

#endif
