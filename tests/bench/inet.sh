#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: tests/bench/inet.sh [--quick] [OPTION...]
#
# Makes Internet checksums with libproto on each of its paths, with the textbook's loop, and with
# chains of additions with carry. With options, which are those of inet_bench, one process is asked,
# and without five. BUILD says which build to take.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build/release}

cmake --build "$build" --target inet_bench >"$build/inet_bench.log" || { cat "$build/inet_bench.log" >&2; exit 2; }
bench=$build/tests/bench/inet_bench
[ $# -eq 0 ] || exec "$bench" "$@"

# Where code happens to lie in memory makes a side faster or slower for as long as a process lives.
# So five are asked, each with a copy of its own of the library; the tables are the first one's, the
# bars are medians.
results=$(mktemp -d)
trap 'rm -r "$results"' EXIT
for run in 1 2 3 4 5; do
    cp -L --remove-destination "$build"/lib/libproto.so.* "$results/"
    LD_LIBRARY_PATH=$results "$bench" >"$results/$run" || [ $? -eq 1 ]
done
sed '/^bar /d' "$results/1"
grep -h '^bar ' "$results"/[1-5] | tr '=' ' ' | awk -f tests/bench/medians.awk
