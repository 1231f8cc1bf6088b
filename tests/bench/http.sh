#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: tests/bench/http.sh [--quick] [OPTION...]
#
# Reads heads and chunked bodies with libproto on each of its paths and with the parsers of two
# Debian packages. The options are those of http_bench; BUILD says which build to take.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build/release}

script/peers libh2o0.13 libhttp-parser2.9
cmake --build "$build" --target http_bench >"$build/http_bench.log" || { cat "$build/http_bench.log" >&2; exit 2; }
exec "$build/tests/bench/http_bench" --count "$@"
