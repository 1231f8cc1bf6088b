/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* A row of digits at the front; NULL where there is none, or it is too large. */
static const char *digits(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    if (text[0] < '0' || text[0] > '9') return NULL;
    *number = strtoull(text, &end, 10);
    return errno == 0 ? end : NULL;
}

bool option_number(const char *text, uint64_t most, uint64_t *number)
{
    const char *end = digits(text, number);
    return end && *end == '\0' && *number <= most;
}

/* `12`, `12.5`, `.5`, in units of 1/`scale`; digits too fine for it are dropped. */
static const char *fraction(const char *text, uint64_t scale, uint64_t *number)
{
    uint64_t whole = 0;
    const char *at = text[0] == '.' ? text : digits(text, &whole);
    if (!at || whole > UINT64_MAX / scale - 1) return NULL;
    *number = whole * scale;
    if (*at != '.') return at;
    if (at[1] < '0' || at[1] > '9') return NULL;
    for (at++; *at >= '0' && *at <= '9'; at++) {
        scale /= 10;
        *number += (uint64_t)(*at - '0') * scale;
    }
    return at;
}

static const struct unit {
    const char *name;
    uint64_t nanoseconds;
} units[] = {
    {"ms", 1000000}, {"us", 1000}, {"ns", 1}, {"s", 1000000000}, {"m", UINT64_C(60000000000)},
};

static const char *time_with_unit(const char *text, uint64_t *nanoseconds)
{
    size_t number = strspn(text, "0123456789.");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t length = strlen(units[i].name);
        if (strncmp(text + number, units[i].name, length) != 0) continue;
        const char *end = fraction(text, units[i].nanoseconds, nanoseconds);
        return end ? end + length : NULL;
    }
    return fraction(text, SECONDS(1), nanoseconds);
}

bool option_time(const char *text, uint64_t most, uint64_t *nanoseconds)
{
    const char *end = time_with_unit(text, nanoseconds);
    return end && *end == '\0' && *nanoseconds <= most;
}

bool option_times(const char *text, uint64_t most, uint64_t *from, uint64_t *to)
{
    const char *end = time_with_unit(text, from);
    if (end && *end == '-') return option_time(end + 1, most, to) && *from <= *to;
    *to = *from;
    return end && *end == '\0' && *from <= most;
}

bool option_chance(const char *text, struct chance *chance)
{
    uint64_t part, whole = 0;
    const char *end = digits(text, &part);
    if (end && *end == '/') {
        if (!option_number(end + 1, UINT32_MAX, &whole)) return false;
    } else {
        end = fraction(text, 10000, &part);
        whole = 1000000;
        if (!end || (strcmp(end, "%") != 0 && *end != '\0')) return false;
    }
    *chance = (struct chance){(uint32_t)part, (uint32_t)whole};
    return whole > 0 && part <= whole;
}
