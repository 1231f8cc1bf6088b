#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: rfc_coverage.sh
#
# Looks whether every test that docs/rfc-coverage.md and docs/traps.md name exists, and whether what
# is said to be done, or refused, and each trap has one.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/support/tap.sh

named() { # PAGE
    grep -oE '`([a-z_0-9]+|[0-9]{2}-[a-z-]+): [^`]+`' "$1" | tr -d '`' |
        grep -vxF 'file: title' | sort -u
}

exists() { # FILE TITLE
    case $1 in
    test_*) grep -qE "cmocka_unit_test[a-z_]*\($2\b" "tests/$1.c" ;;
    [0-9][0-9]-*) grep -rqxF "## $2" tests/vectors --include="$1.txt" ;;
    *) grep -rqF -e "'$2'" -e "\"$2\"" tests/e2e --include="$1.sh" ;;
    esac
}

all_exist() { # PAGE
    local name missing=0
    while read -r name; do
        exists "${name%%: *}" "${name#*: }" && continue
        echo "there is no $name"
        missing=1
    done < <(named "$1")
    return $missing
}

# Rows whose status is none of the words of the page, or wants a test and has none.
incomplete() { # PAGE
    awk -F' *[|] *' '/^[|] [0-9]/ && (NF != 6 || $4 !~ /^(done|stricter|program|not done)/ ||
        ($4 ~ /^(done|stricter)/ && $5 !~ /^`[^`]+: [^`]+`/))' "$1"
}

# Traps without a test.
untested() { # PAGE
    awk -F' *[|] *' '/^[|] [0-9]/ && $4 !~ /^`[^`]+: [^`]+`/ {print $2}' "$1"
}

number=$(named docs/rfc-coverage.md | wc -l)
check "the page names tests" test "$number" -gt 100
check "every test that the page names exists" all_exist docs/rfc-coverage.md

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
echo '`test_uri: no_such_test` and `01-request-line: No such title`, `webserver_files: nor this`' >"$scratch"
equal "one that does not exist is found" 3 "$(all_exist "$scratch" | wc -l || true)"
equal "what is said to be done has a test" "" "$(incomplete docs/rfc-coverage.md)"
printf '%s\n' '| 1 | a | done | |' '| 1 | a | perhaps | `test_a: b` |' '| 1 | a | program | |' >"$scratch"
equal "a row without one is found" 2 "$(incomplete "$scratch" | wc -l)"

equal "there are 47 traps" 47 "$(grep -cE '^\| [0-9]' docs/traps.md)"
equal "each trap has a test" "" "$(untested docs/traps.md)"
check "every test of a trap exists" all_exist docs/traps.md
finish
