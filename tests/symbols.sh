#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: symbols.sh CC LIBPROTO.A LIBPROTO.SO
#
# The library does no I/O and has no state: its undefined symbols are in a short list, no variable
# is writable but the one choice of an instruction set, and nothing is exported but proto_*.
# A library that is wrong in each of these ways is checked as well, and must be caught.
set -euo pipefail
source "$(dirname "$0")/support/tap.sh"
cc=$1 static=$2 shared=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What a freestanding compiler may call, what gcc makes of a loop that looks for a NUL (strlen), and
# what its run-time choice of a processor needs.
allowed='memcpy memchr memcmp memmove memset strlen
__cpu_model __cpu_indicator_init _GLOBAL_OFFSET_TABLE_'
writable='proto_simd_choice'

# Of a symbol that one file of the archive takes from another, it is enough that one defines it.
needs() {
    comm -23 <(nm -u "$1" | awk 'NF == 2 {print $2}' | sort -u) \
        <(nm --defined-only "$1" | awk 'NF == 3 {print $3}' | sort -u) |
        grep -vxF "$(tr ' ' '\n' <<<"$allowed")" || true
}

# Tables of pointers are in .data.rel.ro, which is read-only once the library is loaded.
variables() {
    objdump -t "$1" | awk '
        {split($0, half, "\t")}
        NF > 3 && half[1] !~ / d / {
            n = split(half[1], left, " ")
            section = left[n]
            if (section ~ /^\.(data|bss|tdata|tbss)/ && section !~ /^\.data\.rel\.ro/ ||
                section == "*COM*")
                print $NF
        }' | grep -vxF "$writable" || true
}

exports() {
    nm -D --defined-only "$1" | awk '$2 != "A" {print $3}' | grep -v '^proto_' || true
}

equal "the library needs nothing from the system" "" "$(needs "$static")"
equal "the library has no writable variable" "" "$(variables "$static")"
equal "the shared library exports proto_* alone" "" "$(exports "$shared")"

cat >"$scratch/bad.c" <<'END'
#include <stdio.h>
int counter;
static int calls = 1;
static _Thread_local int mine;
static const char *const texts[] = {"a", "b"};
const char *proto_bad(int i);
void leaked(void);
const char *proto_bad(int i)
{
    counter++, calls++, mine++;
    return printf("%d%d", calls, mine) > 0 ? texts[i] : texts[0];
}
void leaked(void) {}
END
$cc -O2 -fPIC -c "$scratch/bad.c" -o "$scratch/bad.o"
$cc -shared "$scratch/bad.o" -o "$scratch/bad.so"
ar rc "$scratch/bad.a" "$scratch/bad.o"
equal "a call of stdio would be caught" "printf" "$(needs "$scratch/bad.a" | grep -v '^__tls')"
equal "writable variables would be caught" "calls counter mine" \
    "$(variables "$scratch/bad.a" | sort | paste -sd ' ')"
equal "a leaked name would be caught" "counter leaked" \
    "$(exports "$scratch/bad.so" | sort | paste -sd ' ')"
finish
