#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How far ping's times are from the true ones while three busy processes share its processor, beside times taken in the
# program: by itself when told to, and by iputils ping -U.
set -euo pipefail
cd "$(dirname "$0")/../../.."
source tests/support/tap.sh
source tests/support/programs.sh
script/peers iputils-ping

# Two processors: one for who answers, one for those who ask.
mapfile -t processors < <(taskset -pc $$ | sed 's/.*: //' | tr ',' '\n' |
    while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done)
if [ "${#processors[@]}" -lt 2 ]; then
    skip 'how exact times are' 'there is only one processor'
    finish
fi

# shellcheck disable=SC2016 # the inner shell's
status=0
"$TOOLS/known_delay" --processor "${processors[0]}" "$scratch/true" taskset -c "${processors[1]}" bash -c '
    for hog in 1 2 3; do timeout 60 sh -c "while :; do :; done" & hogs+=($!); done
    "$1/ping" --json -n 250 -i 0.02 192.0.2.10 >"$3/kernel" & asking=$!
    "$1/ping" --json --user-stamps -n 250 -i 0.02 192.0.2.11 >"$3/user" & asking+=" $!"
    "$2/ping" -U -n -c 250 -i 0.02 192.0.2.12 >"$3/theirs" & asking+=" $!"
    wait $asking
    kill "${hogs[@]}"' bash "$BIN" "$PEERS" "$scratch" >"$scratch/log" 2>&1 || status=$?
if [ "$status" = 77 ]; then
    skip 'how exact times are' "$(cat "$scratch/log")"
    finish
fi

# Times of either program as "ADDRESS SEQUENCE NANOSECONDS".
times() { # FILE
    sed -nE 's/^\{"event":"reply".*"address":"([^"]*)","sequence":([0-9]+).*"rtt_ns":([0-9]+).*/\1 \2 \3/p' "$1"
    sed -nE 's/^64 bytes from ([^:]*): icmp_seq=([0-9]+) .*time=([0-9.]+) ms/\1 \2 \3e6/p' "$1"
}

# The mean of how far they are off, in microseconds; where the true one is known to 100 of them.
errors() { # FILE
    times "$1" | awk 'FNR == NR { if ($5 < 100000) truth[$1, $3] = $4; next }
        ($1, $2) in truth { error = $3 - truth[$1, $2]; sum += error < 0 ? -error : error; n++ }
        END { if (n < 50) print "nan"; else printf "%.1f\n", sum / n / 1000 }' "$scratch/true" -
}
kernel=$(errors "$scratch/kernel") user=$(errors "$scratch/user") theirs=$(errors "$scratch/theirs")
echo "# mean error beside three busy processes: $kernel us; with stamps of the program's own $user us, ping -U $theirs us"
if [[ "$kernel$user$theirs" == *nan* ]]; then
    skip 'how exact times are' 'this machine is too busy to answer at known times'
    finish
fi
# What it takes is a tenth; a test that others disturb asks for less.
less() { awk -v a="$1" -v b="$2" -v part="$3" 'BEGIN { exit !(a <= b / part) }'; }
check 'kernel stamps: the error is at most a quarter of that of stamps in the program' less "$kernel" "$user" 4
check 'kernel stamps: the error is at most a quarter of that of ping -U' less "$kernel" "$theirs" 4
finish
