#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ICMP as the library writes and reads it, against scapy: each message is written by both, and must be the same bytes; what
# scapy writes is read by the library, and scapy takes apart and puts together again what the library has written.
set -euo pipefail
cd "$(dirname "$0")/../../.."
source tests/support/tap.sh
script/peers python3-scapy python3 python3-minimal

results=$(mktemp)
trap 'rm -f "$results"' EXIT
# An unpacked package has its modules elsewhere than an installed one.
if ! PYTHONPATH=$PWD/build/peers/root/usr/lib/python3/dist-packages \
    "$PEERS/python3" tests/e2e/peers/icmp_scapy.py "$TOOLS/icmp_make" "$TOOLS/icmp_dump" >"$results" 2>&1
then
    not_ok 'scapy runs to its end' "$(tail -n 20 "$results")"
fi
grep -v '^#' "$results" || true
tap_failures=$((tap_failures + $(grep -c '^not ok' "$results" || true)))
check 'scapy was asked often enough' test "$(grep -c '^ok' "$results")" -ge 100
finish
