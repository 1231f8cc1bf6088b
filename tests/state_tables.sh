#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: state_tables.sh STATE_DIAGRAM [--write]
#
# Looks whether the tables of states in docs/design.md are those of the library, as the program
# docs/state_diagram.c prints them; with --write, makes them so.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/support/tap.sh
program=$1 page=docs/design.md

tables() {
    sed -n 's/^<!-- tables: \(.*\) -->$/\1/p' "$page"
}

in_page() { # NAME PAGE
    sed -n "/^<!-- tables: $1 -->\$/,/^<!-- end of tables -->\$/p" "$2" | sed '1d;$d'
}

if [ "${2-}" = --write ]; then
    for name in $(tables); do
        "$program" -t "$name" >"$page.tables"
        sed -i -e "/^<!-- tables: $name -->\$/,/^<!-- end of tables -->\$/{/^<!--/!d}" \
            -e "/^<!-- tables: $name -->\$/r $page.tables" "$page"
    done
    rm -f "$page.tables"
fi

check "the page has tables" test -n "$(tables)"
for name in $(tables); do
    equal "$name" "$("$program" -t "$name")" "$(in_page "$name" "$page")"
    check "$name has its diagram" grep -qxF "<!-- diagram: $name -->" "$page"
done

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
sed 's/^| IDLE .*/| IDLE | | |/' "$page" >"$scratch"
check "a table that differs is found" \
    test "$("$program" -t http_message)" != "$(in_page http_message "$scratch")"
finish
