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

for threads in 1 0; do
    start_webserver -t "$threads" --timeout 5 "$scratch/root"
    server=$pid
    echo "# with -t $threads"
    "$SEND_VECTORS" "$port" tests/vectors/*.txt || tap_failures=$((tap_failures + 1))
    stop "$server"
    equal "the server with -t $threads is well afterwards" 0 "$status"
done
finish
