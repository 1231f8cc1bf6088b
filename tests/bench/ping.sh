#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: tests/bench/ping.sh [--quick]
#
# What a ping costs the processor, beside fping and the ping of iputils, over loopback in a network
# that nobody else uses; what of it is the library's; and how far the times are off the truth when
# others keep the processor busy. BUILD says which build to take.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build/release}

rounds=7 pings=400 bench=()
case ${1-} in
'') ;;
--quick) rounds=3 pings=100 bench=(--quick) ;;
*) sed -n '3,/^set /{/^set /d;s/^# \{0,1\}//;p;}' tests/bench/ping.sh >&2; exit 2 ;;
esac

script/peers fping iputils-ping
cmake --build "$build" --target ping ping_bench spent known_delay >"$build/ping_bench.log" ||
    { cat "$build/ping_bench.log" >&2; exit 2; }

# On a path of its own, which this network has not.
if [ -z "${PING_BENCH_INSIDE-}" ]; then
    bash tests/bench/ping/trace.sh "$@" >"$build/ping_trace.log" 2>"$build/ping_trace.err" ||
        { cat "$build/ping_trace.err" >&2; exit 2; }
fi

# In a network of its own, where nobody else's packets come by.
if [ -z "${PING_BENCH_INSIDE-}" ]; then
    for way in -n -Urn; do
        if unshare "$way" ip link set lo up 2>/dev/null; then
            PING_BENCH_INSIDE=1 exec unshare "$way" bash "$0" "$@"
        fi
    done
    echo 'no network of its own: the figures will be less steady'
else
    ip link set lo up
fi

work=$(mktemp -d)
started=()
clean_up() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap clean_up EXIT

bars=$work/bars
bar() { # NAME MEASURED NEEDED
    awk -v name="$1" -v measured="$2" -v needed="$3" 'BEGIN {
        printf "bar ping.%s measured=%.3f needed=%.3f %s\n", name, measured, needed,
            measured < needed ? "short" : "ok" }' >>"$bars"
}
ratio() { # A B
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f", (b > 0 ? a / b : 0) }'
}

# The programs themselves: the wrappers of script/peers are shells, which would be counted.
peer() { # NAME
    local file
    for file in build/peers/root/{usr/bin,bin,usr/sbin}/"$1" /usr/bin/"$1" /bin/"$1"; do
        if [ -x "$file" ]; then
            echo "$PWD/${file#"$PWD/"}" | sed "s|^$PWD//|/|"
            return
        fi
    done
    echo "ping: no $1" >&2
    exit 2
}
ours=$(readlink -f "$build/bin/ping")
fping=$(peer fping)
iputils=$(peer ping)
LD_LIBRARY_PATH=$(printf '%s:' "$PWD"/build/peers/root/{usr/,}lib/*/)
export LD_LIBRARY_PATH

# The last two cores that this process may use: one for what is measured, one for who answers.
mapfile -t cores < <(taskset -pc $$ | sed 's/.*: //; s/,/\n/g' | awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }')
core=${cores[-1]}
other=${cores[0]}

# Nanoseconds of the processor for each ping, the least of several runs; its output is in $work/NAME.
declare -A least
measure() { # NAME PINGS COMMAND...
    local name=$1 count=$2 spent status
    shift 2
    read -r spent status < <(taskset -c "$core" "$build/tests/bench/spent" "$work/$name" "$@")
    if [ "$status" -gt 1 ]; then
        echo "ping: $* ended with $status" >&2
        sed 's/^/    /' "$work/$name" | tail -n 5 >&2
        exit 2
    fi
    spent=$((spent / count))
    if [ -z "${least[$name]-}" ] || [ "$spent" -lt "${least[$name]}" ]; then least[$name]=$spent; fi
}
row() { # WORDS NAME
    awk -v words="$1" -v ns="${least[$2]}" 'BEGIN { printf "  %-44s %7.2f us\n", words, ns / 1000 }'
}

# ------------------------------------------------------------------------------------------- many hosts

awk 'BEGIN { for (i = 0; i < 10000; i++) printf "127.%d.%d.%d\n", 1 + i / 62500, i / 250 % 250, i % 250 + 1 }' >"$work/10000"
head -n 1000 "$work/10000" >"$work/1000"
for ((i = 0; i < rounds; i++)); do
    measure ours-10000 10000 "$ours" -q --flood -n 1 -f "$work/10000"
    measure fping-10000 10000 "$fping" -q -c1 -i0 -f "$work/10000"
    measure ours-flood 100000 "$ours" -q --flood -n 100000 127.0.0.1
    measure iputils-flood 100000 "$iputils" -f -q -c100000 127.0.0.1
done
echo 'CPU time for each ping, user and system, the least of the runs:'
row 'ping, 10,000 hosts' ours-10000
row 'fping -q -c1 -i0, 10,000 hosts' fping-10000
row 'ping --flood, 100,000 to one host' ours-flood
row 'iputils ping -f -q, 100,000 to one host' iputils-flood
bar cpu-10000 "$(ratio "${least[fping-10000]}" "${least[ours-10000]}")" 8
bar cpu-flood "$(ratio "${least[iputils-flood]}" "${least[ours-flood]}")" 2.222

# What came back of what went out, of `Sent = N, Received = N`.
share() { # NAME PINGS
    local counts
    counts=$(grep -oE 'Sent = [0-9]+, Received = [0-9]+' "$work/$1" | tail -n 1 | tr -dc '0-9 ')
    awk -v counts="$counts" -v wanted="$2" 'BEGIN { split(counts, n); printf "%.6f", n[1] == wanted ? n[2] / n[1] : 0 }'
}
bar answered-10000 "$(share ours-10000 10000)" 1
bar answered-flood "$(share ours-flood 100000)" 1
# More probes than sequence numbers: to a thousand hosts, and to one.
measure ceiling 100000 "$ours" -q --flood -n 100 -f "$work/1000"
row 'ping, 1,000 hosts, 100 each' ceiling
bar answered-1000x100 "$(share ceiling 100000)" 1

# ------------------------------------------------------------------------------------------- the engine

echo
taskset -c "$core" "$build/tests/bench/ping_bench" --core "$core" "${bench[@]}" >"$work/engine" || [ $? -eq 1 ]
sed '/^bar /d' "$work/engine"
grep '^bar ' "$work/engine" >>"$bars"

# ------------------------------------------------------------------------------------------- a busy processor

# The mean of what a ping says beyond the true delay, in nanoseconds; without the twentieth that is
# furthest off, because who answers may itself have been taken off its processor.
error_of() { # NAME OPTION...
    local name=$1
    shift
    # Who answers is not to wait for others, where that can be had; who asks is.
    "${first[@]}" "$build/tests/known_delay" --delay 10 --processor "$other" "$work/$name.log" \
        taskset -c "$core" "$ours" --json -n "$pings" -i 0.012 "$@" 192.0.2.10 >"$work/$name.json"
    awk 'FNR == NR { delay[$3] = $4; next }
        /"event":"reply"/ {
            match($0, /"sequence":[0-9]+/); sequence = substr($0, RSTART + 11, RLENGTH - 11)
            match($0, /"rtt_ns":[0-9]+/); rtt = substr($0, RSTART + 9, RLENGTH - 9)
            if (sequence in delay) print rtt - delay[sequence]
        }' "$work/$name.log" "$work/$name.json" | sort -n |
        awk '{ error[NR] = $1 }
            END { for (i = 1; i <= NR * 0.95; i++) sum += error[i]
                printf "%.0f\n", (NR ? sum / (i - 1) : -1) }'
}
first=()
if chrt -R -f 1 true 2>/dev/null; then first=(chrt -R -f 1); fi
for ((i = 0; i < 3; i++)); do
    taskset -c "$core" sh -c 'while :; do :; done' &
    started+=($!)
done
kernel=$(error_of kernel)
user=$(error_of user --user-stamps)
for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
awk -v kernel="$kernel" -v user="$user" 'BEGIN {
    print "Three others on the core; a true delay of 10 ms is overestimated, on average, by"
    printf "  %.1f us with the times of the kernel, %.1f us with those of the program\n\n", kernel / 1000, user / 1000 }'
bar busy-core "$(ratio "$user" "$kernel")" 10

sed '/^bar /d' "$build/ping_trace.log"
echo
grep '^bar ' "$build/ping_trace.log" >>"$bars" || true # there are none where it may not make its path

cat "$bars"
! grep -q ' short$' "$bars"
