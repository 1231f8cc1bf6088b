#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: tests/bench/ping/trace.sh [--quick]
#
# A part of the area "ping": how long traceroute takes beside the well-known one, on a path of eleven
# hops of which the sixth says nothing, and to a place that swallows everything; names not looked up.
# What starting a program takes is measured too, with --version, and does not count: it may be more
# than all the rest. Prints a table and bars, as an area does. BUILD says which build to take.
set -euo pipefail
cd "$(dirname "$0")/../../.."
source tests/support/tap.sh
source tests/support/network.sh
build=${BUILD:-build/release}

rounds=15
case ${1-} in
'') ;;
--quick) rounds=5 ;;
*) sed -n '3,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2 ;;
esac

if [ -z "${NETWORK_INSIDE-}" ]; then
    script/peers iproute2 nftables traceroute >&2
    cmake --build "$build" --target traceroute >"$build/trace_bench.log" ||
        { cat "$build/trace_bench.log" >&2; exit 2; }
fi
PATH=$PWD/build/peers/bin:$PATH
network_enter "$0" "$@"
network_routers >&2

# The program itself: the wrapper of script/peers is a shell, whose start would be counted.
theirs=
for file in build/peers/root/usr/bin/traceroute.db /usr/bin/traceroute.db; do
    if [ -x "$file" ]; then theirs=$(readlink -f "$file"); break; fi
done
[ -n "$theirs" ] || { echo 'trace: no traceroute to compare with' >&2; exit 2; }
ours=$(readlink -f "$build/bin/traceroute")
LD_LIBRARY_PATH=$(printf '%s:' "$PWD"/build/peers/root/{usr/,}lib/*/)
export LD_LIBRARY_PATH

# In a shell that is there already: milliseconds for each round, one command a line on standard input,
# in turns, so that what else the machine does meets all of them.
measure() { # ROUNDS < COMMANDS
    # shellcheck disable=SC2016 # the inner shell's
    at you taskset -c "$(taskset -pc $$ | sed 's/.*[ ,-]//')" bash -c '
        mapfile -t commands
        for ((round = 0; round < $0; round++)); do
            for i in "${!commands[@]}"; do
                began=${EPOCHREALTIME/./}
                ${commands[i]} >/dev/null 2>&1
                ended=${EPOCHREALTIME/./}
                echo "$i $((ended - began))"
            done
        done' "$1"
}
# The median of each command, in milliseconds.
medians() {
    sort -k1,1n -k2,2n | awk '
        { value[$1, ++count[$1]] = $2; last = $1 }
        END { for (i = 0; i <= last; i++) print value[i, int((count[i] + 1) / 2)] / 1000 }'
}
row() { # NAME OURS THEIRS
    awk -v name="$1" -v ours="$2" -v theirs="$3" 'BEGIN {
        printf "%-34s %10.1f", name, ours
        if (theirs != "") printf " %10.1f %8.1f", theirs, theirs / ours
        print "" }'
}
bar() { # NAME MEASURED NEEDED
    awk -v name="$1" -v measured="$2" -v needed="$3" 'BEGIN {
        printf "bar ping.%s measured=%.3f needed=%.3f %s\n", name, measured, needed,
            measured < needed ? "short" : "ok" }'
}
ratio() { # A B
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f", (b > 0 ? a / b : 0) }'
}

end=${place4[end]} hole=${place4[blackhole]}
mapfile -t times < <(measure "$rounds" <<<"$ours $end
$theirs -n $end
$ours -I $end
$theirs -n -I $end
$ours --version
$theirs --version" | medians)
# Theirs takes twenty seconds for that.
mapfile -t silence < <(measure 1 <<<"$ours $hole$([ "$rounds" -lt 15 ] || printf '\n%s -n %s' "$theirs" "$hole")" |
    medians)

printf '%-34s %10s %10s %8s\n' 'traceroute, milliseconds' ours theirs ratio
row 'eleven hops, one silent: UDP' "${times[0]}" "${times[1]}"
row 'eleven hops, one silent: ICMP' "${times[2]}" "${times[3]}"
row 'a black hole behind nine hops' "${silence[0]}" "${silence[1]-}"
row 'starting, and nothing else' "${times[4]}" "${times[5]}"
less() { # A B
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f", a - b }'
}
row 'UDP, less the start' "$(less "${times[0]}" "${times[4]}")" "$(less "${times[1]}" "${times[5]}")"
row 'ICMP, less the start' "$(less "${times[2]}" "${times[4]}")" "$(less "${times[3]}" "${times[5]}")"
bar trace-udp "$(ratio "$(less "${times[1]}" "${times[5]}")" "$(less "${times[0]}" "${times[4]}")")" 2
bar trace-icmp "$(ratio "$(less "${times[3]}" "${times[5]}")" "$(less "${times[2]}" "${times[4]}")")" 2
bar trace-black-hole "$(ratio 2000 "${silence[0]}")" 1
