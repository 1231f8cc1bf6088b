/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <stdio.h>

void report(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
}

int failed(const char *what, const char *why)
{
    report(what, why);
    return EXIT_FAILED;
}

int misused(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s (see --help)\n", program_invocation_short_name, what, why);
    return EXIT_USAGE;
}
