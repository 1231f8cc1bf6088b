#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: tests/bench/rtt.sh [--quick] [--core N]
#
# What it costs to record a round-trip time, all moments and the histogram, beside what it costs to
# append it to an array: at most 2.5 times as much, so that nothing is gained by keeping times for
# later. A bar says how many times as fast the first is as the second: 0.4 at least.
# BUILD says which build to take.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build/release}
cmake --build "$build" --target rtt_bench >"$build/rtt_bench.log" || { cat "$build/rtt_bench.log" >&2; exit 2; }
exec "$build/tests/bench/rtt_bench" "$@"
