#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every request of the documents that must be refused is refused by the web server, with its status, and ends the connection:
# what an attacker hides behind it is never answered. Needs SEND_VECTORS, the program that sends them.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/programs.sh

mkdir "$scratch/root"
echo 'hello' >"$scratch/root/index.html"

attack() { # THREADS OPTION...
    local threads=$1
    shift
    start_webserver -t "$threads" --timeout 5 "$scratch/root"
    "$SEND_VECTORS" "$@" "$port" tests/vectors/*.txt || tap_failures=$((tap_failures + 1))
    stop "$pid"
    equal "the server with -t $threads is well afterwards" 0 "$status"
}

attack 2
attack 0 --single
finish
