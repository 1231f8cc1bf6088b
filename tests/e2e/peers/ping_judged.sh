#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ping beside iputils ping and fping: on a path of ten routers with everything that can go wrong there, and on a line
# that loses the same packets for each of them.
# shellcheck disable=SC2317 # functions are called by their names
set -euo pipefail
cd "$(dirname "$0")/../../.."
source tests/support/tap.sh
source tests/support/network.sh
if [ -z "${NETWORK_INSIDE-}" ]; then script/peers iproute2 nftables iputils-ping fping; fi
PATH=$PWD/build/peers/bin:$PATH
network_enter "$0" "$@"
source tests/support/programs.sh
theirs=$PEERS/ping

# A number from a line of JSON, or a text; nothing where there is none.
field_of() { # KEY < LINES
    sed -nE 's/.*"'"$1"'":("([^"]*)"|([0-9]+)).*/\2\3/p'
}
lines_of() { # EVENT FILE
    grep "^{\"event\":\"$1\"" "$2" || true
}
total() { # KEY FILE
    lines_of total "$2" | field_of "$1"
}
# "Sent, received, lost" in one word, for comparison.
ours_counts() { # FILE
    echo "$(total sent "$1")/$(total received "$1")"
}
theirs_counts() { # FILE
    sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1\/\2/p' "$1"
}
# rtt min/avg/max/mdev = 0.058/0.244/0.772/0.304 ms
theirs_rtt() { # 1|2|3|4 FILE
    sed -n 's/^rtt .* = \([^ ]*\) ms.*/\1/p' "$2" | cut -d / -f "$1"
}
between() { # NAME FROM VALUE TO
    if awk -v from="$2" -v value="$3" -v to="$4" 'BEGIN { exit !(value != "" && from <= value && value <= to) }'; then
        ok "$1"
    else
        not_ok "$1" "$3 is not between $2 and $4"
    fi
}

# Both at the same time, to the same place.
both() { # ADDRESS [OPTION...]
    at you "$BIN/ping" --json -i 0.2 -W 1 -n 4 "${@:2}" "$1" >"$scratch/ours" 2>&1 &
    local ours=$!
    at you "$theirs" -n -i 0.2 -W 1 -c 4 "$1" >"$scratch/theirs" 2>&1 || true
    wait "$ours" || true
}

# What ours makes of a refusal, in numbers, and what theirs says in words.
refused() { # PLACE FAMILY TYPE CODE FROM WORDS
    local place=$1 name="$1, IPv$2" address
    if [ "$2" = 4 ]; then address=${place4[$place]}; else address=${place6[$place]}; fi
    both "$address"
    equal "$name: ours" "4 of $3/$4 from $5" "$(lines_of error "$scratch/ours" |
        sed -nE 's/.*"from":"([^"]*)","type":([0-9]+),"code":([0-9]+).*/\2\/\3 from \1/p' | sort | uniq -c |
        sed 's/^ *\([0-9]*\)/\1 of/')"
    equal "$name: theirs" "4 of $6 from $5" "$(sed -nE "s/^From ([^ ]*) icmp_seq=[0-9]+ ($6).*/\2 from \1/p" "$scratch/theirs" |
        sort | uniq -c | sed 's/^ *\([0-9]*\)/\1 of/')"
    equal "$name: nothing else" '4/0 0 0' "$(ours_counts "$scratch/ours") $(total late "$scratch/ours") $(total duplicates "$scratch/ours")"
}

if ! network_routers; then
    not_ok 'the path of ten routers'
    finish
fi

refused host-unreachable 4 3 1 10.0.10.2 'Destination Host Unreachable'
refused net-unreachable 4 3 0 10.0.10.2 'Destination Net Unreachable'
refused admin-prohibited 4 3 13 10.0.10.2 'Packet filtered'
refused net-prohibited 4 3 9 10.0.10.2 'Destination Net Prohibited'
refused host-prohibited 4 3 10 10.0.10.2 'Destination Host Prohibited'
refused loop 4 11 0 10.0.10.2 'Time to live exceeded'
refused host-unreachable 6 1 3 2001:db8:10::2 'Destination unreachable: Address unreachable'
refused net-unreachable 6 1 0 2001:db8:10::2 'Destination unreachable: No route'
refused admin-prohibited 6 1 1 2001:db8:10::2 'Destination unreachable: Administratively prohibited'
refused policy-fail 6 1 5 2001:db8:10::2 'Destination unreachable: Unknown code 5'
refused reject-route 6 1 6 2001:db8:10::2 'Destination unreachable: Unknown code 6'
refused loop 6 3 0 2001:db8:10::2 'Time exceeded: Hop limit'
refused absent 4 3 1 10.0.10.2 'Destination Host Unreachable'
refused absent 6 1 3 2001:db8:10::2 'Destination unreachable: Address unreachable'

for family in 4 6; do
    if [ $family = 4 ]; then declare -n place=place4; else declare -n place=place6; fi
    both "${place[end]}"
    equal "the end, IPv$family: all come back" '4/4 4/4' "$(ours_counts "$scratch/ours") $(theirs_counts "$scratch/theirs")"
    equal "the end, IPv$family: the same distance" "$(sed -n 's/.* ttl=\([0-9]*\) .*/\1/p' "$scratch/theirs" | sort -u)" \
        "$(lines_of reply "$scratch/ours" | field_of ttl | sort -u)"
    both "${place[blackhole]}"
    equal "the black hole, IPv$family" '4/0 4/0' "$(ours_counts "$scratch/ours") $(theirs_counts "$scratch/theirs")"
    equal "the black hole, IPv$family: timed out" 4 "$(lines_of timeout "$scratch/ours" | wc -l)"
    both "${place[doubled]}"
    equal "answered again, IPv$family" '4/4 4/4' "$(ours_counts "$scratch/ours") $(theirs_counts "$scratch/theirs")"
    # Three answers over IPv4, two over IPv6; who ends with the last first answer may not see what follows it.
    most=$((4 * (family == 4 ? 2 : 1)))
    between "answered again, IPv$family: duplicates" $((most * 3 / 4)) "$(total duplicates "$scratch/ours")" "$most"
done

both "${place4[redirected]}"
equal 'redirected: it is told, and is no answer' '5/1 from 10.0.1.2 to 10.0.1.9' "$(lines_of note "$scratch/ours" |
    sed -nE 's/.*"from":"([^"]*)","type":([0-9]+),"code":([0-9]+).*"gateway":"([^"]*)".*/\2\/\3 from \1 to \4/p' | sort -u)"
equal 'redirected: nothing came back' 4/0 "$(ours_counts "$scratch/ours")"

at you "$BIN/ping" --json -i 0.2 -n 2 -D -s 1400 "${place4[end]}" >"$scratch/ours" 2>&1 || true
equal 'too big for the path, IPv4' '3/4 1280 from 10.0.7.2' "$(lines_of error "$scratch/ours" | head -n 1 |
    sed -nE 's/.*"from":"([^"]*)","type":([0-9]+),"code":([0-9]+).*"mtu":([0-9]+).*/\2\/\3 \4 from \1/p')"
at you "$BIN/ping" --json -i 0.2 -n 2 -D -s 1400 "${place6[end]}" >"$scratch/ours" 2>&1 || true
equal 'too big for the path, IPv6' '2/0 1280 from 2001:db8:7::2' "$(lines_of error "$scratch/ours" | head -n 1 |
    sed -nE 's/.*"from":"([^"]*)","type":([0-9]+),"code":([0-9]+).*"mtu":([0-9]+).*/\2\/\3 \4 from \1/p')"
at you "$BIN/ping" -n 2 -i 0.2 -s 1400 "${place4[end]}" >"$scratch/ours" 2>&1 || true
check 'in fragments it passes' grep -q 'Received = 2' "$scratch/ours"

# Of 300, 36 % are lost: with that many, four standard deviations are 11 %.
at you "$BIN/ping" --json -n 300 -i 0.01 -W 0.5 "${place4[lossy]}" >"$scratch/ours" 2>&1 || true
between 'every third is lost: ours' 0.25 "$(lines_of total "$scratch/ours" | sed -nE 's/.*"loss":([0-9.]+).*/\1/p')" 0.47
at you "$theirs" -n -q -c 300 -i 0.01 -W 0.5 "${place4[lossy]}" >"$scratch/theirs" 2>&1 || true
between 'every third is lost: theirs' 25 "$(sed -nE 's/.* ([0-9.]+)% packet loss.*/\1/p' "$scratch/theirs")" 47

# Many at once, beside fping.
names=(end blackhole host-unreachable admin-prohibited net-unreachable net-prohibited host-prohibited loop absent)
printf '%s\n' "${names[@]/%/x}" | sed 's/x$//' | while read -r name; do echo "${place4[$name]}"; done >"$scratch/hosts"
at you "$BIN/ping" --json -n 3 -i 0.3 -f "$scratch/hosts" >"$scratch/ours" 2>&1 || true
at you "$PEERS/fping" -q -C 3 -p 300 -f "$scratch/hosts" >"$scratch/theirs" 2>&1 || true
equal 'many hosts: who answers, and how often' \
    "$(awk '{ n = 0; for (i = 3; i <= NF; i++) n += $i != "-"; print $1, n }' <(grep ' : ' "$scratch/theirs") | sort)" \
    "$(lines_of statistics "$scratch/ours" |
        sed -nE 's/.*"address":"([^"]*)".*"received":([0-9]+).*/\1 \2/p' | sort)"

# The line gives the same packets the same fate: 25 % each way, and it says which.
line() { # NAME OPTION... -- COMMAND...
    local name=$1 options=()
    shift
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    "$TOOLS/delay_line" "${options[@]}" "$scratch/$name.line" "$@" >"$scratch/$name" 2>&1 || true
}
line_said() { # there|back KEY NAME
    sed -nE "s/^$1 .*$2=([0-9]+).*/\1/p" "$scratch/$3.line"
}
for address in 10.9.0.2 2001:db8:900::2; do
    line ours --delay 3 --loss 25 --seed 7 -- "$BIN/ping" --json -n 100 -i 0.02 -W 0.5 "$address"
    line theirs --delay 3 --loss 25 --seed 7 -- "$theirs" -n -q -c 100 -i 0.02 -W 0.5 "$address"
    equal "$address: all were sent" 100 "$(line_said there taken ours)"
    equal "$address: lost is what was lost" "100/$((100 - $(line_said there lost ours) - $(line_said back lost ours)))" \
        "$(ours_counts "$scratch/ours")"
    equal "$address: as theirs" "$(theirs_counts "$scratch/theirs")" "$(ours_counts "$scratch/ours")"
    between "$address: no time is too short" 6 "$(awk -v ns="$(total min_ns "$scratch/ours")" 'BEGIN { print ns / 1e6 }')" 9
    between "$address: the mean is theirs" "$(theirs_rtt 1 "$scratch/theirs")" \
        "$(awk -v ns="$(total mean_ns "$scratch/ours")" 'BEGIN { print ns / 1e6 }')" \
        "$(awk -v avg="$(theirs_rtt 2 "$scratch/theirs")" 'BEGIN { print avg + 3 }')"
done

line ours --delay 20 --double 40 --seed 3 -- "$BIN/ping" --json -n 50 -i 0.02 -W 1 10.9.0.2
arrived=$(($(line_said back taken ours) - $(line_said back lost ours) + $(line_said back doubled ours)))
equal 'doubled on the line: none is missing' 50/50 "$(ours_counts "$scratch/ours")"
# What follows the last first answer need not be waited for.
between 'doubled on the line: the rest are duplicates' $((arrived - 50 - 8)) "$(total duplicates "$scratch/ours")" $((arrived - 50))

line ours --delay 30 --reorder 30 --seed 5 -- "$BIN/ping" --json -n 60 -i 0.01 -W 1 10.9.0.2
equal 'out of order on the line: none is missing' '60/60 0' "$(ours_counts "$scratch/ours") $(total duplicates "$scratch/ours")"
between 'out of order on the line: it is seen' 5 "$(total reordered "$scratch/ours")" 55

line ours --delay 30 --jitter 40 --seed 9 -- "$BIN/ping" --json -n 60 -i 0.02 -W 1 10.9.0.2
between 'jitter on the line: the spread of two even distributions' 8 \
    "$(awk -v ns="$(total mdev_ns "$scratch/ours")" 'BEGIN { print ns / 1e6 }')" 25
finish
