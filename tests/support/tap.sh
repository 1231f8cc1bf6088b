# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For tests in shell: each result is one line, `ok NAME`, `not ok NAME` or `skip NAME: WHY`, which
# script/test counts. Source this file, and end the test with `finish`.

tap_failures=0

ok() { # NAME
    echo "ok $1"
}

not_ok() { # NAME [DETAIL]
    echo "not ok $1"
    if [ -n "${2-}" ]; then sed 's/^/    /' <<<"$2"; fi
    tap_failures=$((tap_failures + 1))
}

skip() { # NAME WHY
    echo "skip $1: $2"
}

# Shows what the command says only if it fails.
check() { # NAME COMMAND...
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$output"; fi
}

equal() { # NAME EXPECTED ACTUAL
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected: $2
actual:   $3"; fi
}

finish() {
    exit $((tap_failures > 0))
}
