#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# traceroute on paths of routers that do what kernels do not: strange_path.c says what, the table below what has to be
# shown; over UDP and ICMP, by raw sockets and by those that everybody may have, IPv4 and IPv6.
# shellcheck disable=SC2317 # functions are called by their names
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/programs.sh

# NAME  OUTCOME  HOPS. 1 to 5 are routers, D is the destination, S one of its other addresses, * nobody; behind a colon a
# mark. "udp:" and "icmp:" begin what is so with one method only. "user-udp:*" means that without privileges the routers
# are not told apart: of a quote an ordinary socket is shown the data alone, and there are none in eight bytes.
expectations() {
    cat <<'TABLE'
ordinary         reached     1 2 3 4 5 D
labels           reached     1 2 3 4 5 D
labels-unsaid    reached     1 2 3 4 5 D
interface        reached     1 2 3 4 5 D
silent-hop       reached     1 2 * 4 5 D
black-hole       silence     1 2 3 * * * * * * * *
loop             loop        1 2 3 4 3 4
host-unreachable unreachable 1 2 3 4:!H
prohibited       unreachable 1 2 3 4:!X
too-big          reached     1 2 3 4 5 D
borrowed-ttl     reached     1 2 3 4 5 * * * * * D
somebody-elses   reached     1 2 3 4 5 D
elsewhere        reached     1 2 3 4 5 D
three-times      reached     1 2 3 4 5 D
slow-hop         reached     1 2 3 4 5 D
sparing          reached     1 2 3 4 5 D
short-quotes     reached     user-udp:* 1 2 3 4 5 D
translated       reached     1 2 3 4 5 D
zero-ttl         reached     1 2 4 4 5 D
other-address    reached     1 2 3 4 5 udp:S icmp:D
two-lengths      reached     1 2 3 4 5+D
damaged          reached     1 * 3 4 5 D
TABLE
}

# Patient, because the machine may be slow where the path is not.
options=(-q 2 -w '2,60,60' --json)

trace_into() { # FILE OPTION... ADDRESS
    local file=$1 status=0
    "$BIN/traceroute" "${options[@]}" "${@:2}" >"$file" 2>"$file.err" || status=$?
    echo "$status" >"$file.end"
}

# This runs in a network of its own, in which everybody may have ping sockets.
if [ "${1-}" = inside ]; then
    scratch=$3
    trap - EXIT
    echo 0 0 >/proc/sys/net/ipv4/ping_group_range
    while read -r name four six; do
        for run in $4; do
            while [ "$(jobs -rp | wc -l)" -ge 8 ]; do wait -n; done
            if [[ $run == *4 ]]; then address=$four; else address=$six; fi
            trace_into "$scratch/$2.$run.$name" "--${run%?}" "$address" &
        done
    done < <("$TOOLS/strange_path" --list)
    wait
    trace_into "$scratch/$2.mtu" --mtu "$("$TOOLS/strange_path" --list | awk '$1 == "too-big" { print $2 }')"
    exit
fi

# "1 2 3 4:!H", from lines of JSON: of each hop who answers and the mark, in the order of their first answers.
hops() { # FILE DESTINATION
    sed -n 's/^{"event":"hop",//p' "$1" | awk -v destination="$2" '{
        line = ""
        delete seen
        while (match($0, /"from":"[^"]*"/)) {
            name = substr($0, RSTART + 8, RLENGTH - 9)
            $0 = substr($0, RSTART + RLENGTH)
            mark = match($0, /^[^}]*"mark":"[^"]*"/) ? substr($0, 1, RLENGTH) : ""
            sub(/.*"mark":"/, "", mark)
            sub(/"$/, "", mark)
            if (name == destination) name = "D"
            sub(/^(192\.0\.2\.20|2001:db8::f:)/, "", name)
            sub(/^(192\.0\.2\.250|32)$/, "S", name)
            name = name (mark == "" ? "" : ":" mark)
            if (!(name in seen)) line = line (line == "" ? "" : "+") name
            seen[name] = 1
        }
        printf "%s%s", (NR > 1 ? " " : ""), (line == "" ? "*" : line)
    }'
}

# What is expected of one way to probe.
expected_of() { # root|user udp|icmp WORD...
    local who=$1 method=$2 word words=()
    shift 2
    for word; do
        case $word in
        user-udp:*)
            if [ "$who-$method" = user-udp ]; then
                echo '* * * * * D'
                return
            fi
            ;;
        "$method":*) words+=("${word#*:}") ;;
        udp:* | icmp:*) ;;
        *) words+=("$word") ;;
        esac
    done
    echo "${words[*]}"
}

judge() { # root|user RUN...
    local name outcome wanted run file address status
    set -f
    while read -r name outcome wanted; do
        for run in "${@:2}"; do
            file=$scratch/$1.$run.$name
            address=$(sed -nE 's/^\{"event":"begin".*"address":"([^"]*)".*/\1/p' "$file")
            status=$([ "$outcome" = reached ] && echo 0 || echo 1)
            # shellcheck disable=SC2086 # words are what is wanted
            equal "$name, $run as $1" "$outcome $status: $(expected_of "$1" "${run%?}" $wanted)" \
                "$(sed -nE 's/^\{"event":"end","outcome":"([a-z]*)".*/\1/p' "$file") $(cat "$file.end"): $(hops "$file" "$address")"
        done
    done < <(expectations)
    set +f
}

# A part of a hop's line.
hop_says() { # NAME RUN HOP PATTERN
    check "$1" grep -qE "^\{\"event\":\"hop\",\"hop\":$3,.*$4" "$scratch/$2"
}

equal 'every path has its expectation' "$("$TOOLS/strange_path" --list | cut -d ' ' -f 1 | sort)" \
    "$(expectations | cut -d ' ' -f 1 | sort)"
for who in root user; do
    status=0
    runs=(udp4 icmp4 udp6 icmp6)
    drop=()
    if [ $who = user ]; then
        runs=(udp4 icmp6)
        drop=(setpriv --bounding-set=-net_raw --inh-caps=-net_raw)
    fi
    "$TOOLS/strange_path" "${drop[@]}" bash "$0" inside $who "$scratch" "${runs[*]}" >"$scratch/log" 2>&1 || status=$?
    case $status in
    0) judge $who "${runs[@]}" ;;
    77) skip "strange paths, as $who" "$(cat "$scratch/log")" ;;
    *) not_ok "strange paths, as $who" "$(cat "$scratch/log")" ;;
    esac
done
if [ -s "$scratch/root.udp4.labels" ]; then
    for run in udp4 icmp4 udp6 icmp6; do
        for name in labels labels-unsaid; do
            hop_says "$name, $run: one label" "root.$run.$name" 2 '"mpls":\[\{"label":24001,"traffic_class":0,"bottom":true,"ttl":1\}\]'
            hop_says "$name, $run: two labels" "root.$run.$name" 3 '"mpls":\[\{"label":24002,[^}]*"bottom":false,"ttl":2\},\{"label":3,[^}]*"bottom":true,"ttl":3\}\]'
        done
        hop_says "interface, $run: its name cannot colour a terminal" "root.$run.interface" 2 '"incoming_interface":\{[^}]*"name":"eth\\u001b\[1m"'
        hop_says "zero-ttl, $run: what the router forwarded" "root.$run.zero-ttl" 3 '"quoted_ttl":0'
        hop_says "translated, $run: the checksum is another one" "root.$run.translated" 4 '"changed":\["checksum"\]'
        check "sparing, $run: no loss, but a limit" grep -q '"limited":\[3\]' "$scratch/root.$run.sparing"
    done
    hop_says 'too-big: smaller ones reach it' root.mtu 6 '"answer":"reached"'
    check 'too-big: the MTU' grep -q '"event":"end".*"mtu":600' "$scratch/root.mtu"
    check 'no byte of a stranger reaches the terminal' bash -c '! grep -l "$(printf "\\033")" "$1"/*' bash "$scratch"
fi
finish
