#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: tests/bench/http.sh [--quick] [OPTION...]
#
# Reads heads and chunked bodies with libproto on each of its paths and with the parsers of two
# Debian packages. With options, which are those of http_bench, one process is asked, and without
# five. BUILD says which build to take.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build/release}

script/peers libh2o0.13 libhttp-parser2.9
cmake --build "$build" --target http_bench >"$build/http_bench.log" || { cat "$build/http_bench.log" >&2; exit 2; }
bench=$build/tests/bench/http_bench
[ $# -eq 0 ] || exec "$bench" --count "$@"

# Where its code happens to lie in memory makes a side faster or slower, by up to a half, for as long
# as a library stays there. So five processes are asked, each with copies of its own of the
# libraries; the tables are the first one's, the bars are medians.
results=$(mktemp -d)
trap 'rm -r "$results"' EXIT
measure() {
    local name file
    cp -L --remove-destination "$build"/lib/libproto.so.* "$results/"
    for name in libh2o.so.0.13 libhttp_parser.so.2.9; do
        for file in build/peers/root/usr/lib/*/"$name" /usr/lib/*/"$name"; do
            [ -e "$file" ] || continue
            cp -L --remove-destination "$file" "$results/"
            break
        done
    done
    LD_LIBRARY_PATH=$results:$(printf '%s:' "$PWD"/build/peers/root/usr/lib/*/) \
        "$bench" --peers "$results" "$@" || [ $? -eq 1 ]
}

measure --count >"$results/1"
sed '/^bar /d' "$results/1"
for run in 2 3 4 5; do measure >"$results/$run"; done
grep -h '^bar ' "$results"/[1-5] | tr '=' ' ' | awk -f tests/bench/medians.awk
