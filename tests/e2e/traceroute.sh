#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# traceroute on a path of its own: you --- r1 --- r2 --- r3 --- end. r2 forwards and says nothing, the last link takes
# 1300 bytes, and r3 refuses, swallows or sends back what goes to some places.
# shellcheck disable=SC2016,SC2317 # functions are called by their names
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/network.sh
network_enter "$0" "$@"
source tests/support/programs.sh

end4=10.0.4.2 end6=2001:db8:4::2 silent4=198.51.100.1 silent6=2001:db8:99::1

build() {
    local k
    network_node you r1 r2 r3 end
    network_router r1 r2 r3
    network_link you r1 10.0.1 2001:db8:1
    network_link r1 r2 10.0.2 2001:db8:2
    network_link r2 r3 10.0.3 2001:db8:3
    network_link r3 end 10.0.4 2001:db8:4 1300
    network_routes you '' '' 'via 10.0.1.2' 'via 2001:db8:1::2'
    network_routes end '' '' 'via 10.0.4.1' 'via 2001:db8:4::1'
    network_set end ipv6/icmp/ratelimit=0 ipv4/icmp_msgs_per_sec=1000000 ipv4/icmp_msgs_burst=100000
    network_routes r1 '' '' 'via 10.0.2.2' 'via 2001:db8:2::2'
    network_routes r2 10.0.2.1 2001:db8:2::1 'via 10.0.3.2' 'via 2001:db8:3::2'
    network_routes r3 10.0.3.1 2001:db8:3::1 '' ''
    # What it would say itself it cannot send.
    for k in '' -6; do ip ${k:+$k} -n r2 rule add iif lo blackhole; done
    ip -n r3 -b - <<<"route add blackhole $silent4
route add blackhole $silent6
route add unreachable 198.51.100.2
route add prohibit 198.51.100.3
route add 198.51.100.4 via 10.0.3.1
route add 198.51.100.5 via 10.0.4.2"
}

# Sets status, out and err.
trace() { # ARGUMENT...
    status=0
    at you "${as[@]}" "$BIN/traceroute" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
    out=$(sed -E 's/ +[0-9]+\.[0-9]{3} ms/ T/g' "$scratch/out")
    err=$(cat "$scratch/err")
}
as=()

# What a trace that is not disturbed shows.
path4=" 1  10.0.1.2 T T T
 2  * * *
 3  10.0.3.2 T T T
 4  $end4 T T T"
path6=" 1  2001:db8:1::2 T T T
 2  * * *
 3  2001:db8:3::2 T T T
 4  $end6 T T T"

finds_the_path() { # NAME OPTION...
    local name=$1
    shift
    trace "$@" "$end4"
    equal "$name, IPv4" "traceroute to $end4 ($end4), 30 hops max, 60 byte packets
$path4" "$out"
    equal "$name, IPv4: reached" 0 "$status"
    trace "$@" "$end6"
    equal "$name, IPv6" "traceroute to $end6 ($end6), 30 hops max, 80 byte packets
$path6" "$out"
    equal "$name, IPv6: reached" 0 "$status"
}

of_json() { # NAME: the value of a member of the last line
    tail -n 1 "$scratch/out" | grep -oE "\"$1\":[^,}]+" | cut -d: -f2
}
at_most() { # NUMBER LIMIT
    awk -v number="$1" -v limit="$2" 'BEGIN {exit !(number != "" && number <= limit)}'
}

if ! build; then
    not_ok 'the path is built'
    finish
fi

finds_the_path 'UDP'
finds_the_path 'ICMP' -I
finds_the_path 'a port for each probe' --flow classic

# Without any privilege.
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all)
if "${nobody[@]}" true 2>/dev/null; then
    as=("${nobody[@]}")
    finds_the_path 'UDP without privileges'
    finds_the_path 'UDP without privileges, a port for each probe' --flow classic
    network_set you ipv4/ping_group_range='1 0'
    trace -I "$end4"
    equal 'ICMP without privileges is trouble' 2 "$status"
    check 'and what to do is said' grep -q 'setcap cap_net_raw+ep .*traceroute' "$scratch/err"
    network_set you ipv4/ping_group_range='0 2147483647'
    finds_the_path 'ICMP by a ping socket' -I
    trace --mtu "$end4"
    check 'the MTU without privileges' grep -q '^ 4  F=1300' "$scratch/out"
    as=()
else
    skip 'without privileges' 'there are no other users here'
fi

# Silence.
trace --json "$end4"
equal 'JSON: the outcome' '"reached"' "$(of_json outcome)"
check 'a silent hop costs little' at_most "$(of_json took_ms)" 300
trace -w 1,3,5,200ms --json "$end4"
check 'as much as is asked for' at_most 200 "$(of_json took_ms)"
check 'JSON: who is silent loses nothing' grep -q '"limited":\[2\]' "$scratch/out"
check 'JSON: the way back' grep -q '"from":"10.0.3.2".*"ttl":62,"way_back":3' "$scratch/out"
for place in "$silent4" "$silent6"; do
    trace --json "$place"
    equal "$place: swallowed" '"silence"' "$(of_json outcome)"
    equal "$place: not reached" 1 "$status"
    check "$place: it ends within two seconds" at_most "$(of_json took_ms)" 2000
done
trace -w 0.05 -S 3 "$silent4"
equal 'so many silent hops' '4  * * *' "$(tail -n 1 <<<"$out" | sed 's/^ *//')"
trace -w 0.05 -S 0 -m 12 "$silent4"
equal 'or all' '12  * * *' "$(tail -n 1 <<<"$out")"
equal 'the last line of trouble says why' \
    "traceroute: $silent4: the last hop that was allowed has been probed" "$err"

# No way on. The system rations these answers: so few hops.
trace -m 3 198.51.100.2
equal 'a host that is unreachable' ' 3  10.0.3.2 T !H T !H T !H' "$(tail -n 1 <<<"$out")"
equal 'is not reached' 1 "$status"
trace -f 3 -m 3 -q 1 198.51.100.3
equal 'a place that is prohibited' ' 3  10.0.3.2 T !X' "$(tail -n 1 <<<"$out")"
trace -q 1 198.51.100.4
equal 'a loop ends' "traceroute: 198.51.100.4: the path is a loop" "$err"
equal 'when it has come round' '7  10.0.3.2 T' "$(tail -n 1 <<<"$out" | sed 's/^ *//')"

# Sizes.
for method in -U -I; do
    trace "$method" --mtu "$end4"
    equal "$method: the MTU, IPv4" " 1  F=1500 10.0.1.2 T T T
 2  * * *
 3  10.0.3.2 T T T
 4  F=1300 $end4 T T T" "$(tail -n +2 <<<"$out")"
    trace "$method" --mtu "$end6"
    equal "$method: the MTU, IPv6" " 4  F=1300 $end6 T T T" "$(tail -n 1 <<<"$out")"
done
trace -F "$end4" 1400
equal 'too big for a link' ' 4  10.0.3.2 T !F-1300 T !F-1300 T !F-1300' "$(tail -n 1 <<<"$out")"
trace "$end4" 1400
equal 'a large probe may be cut up' "$path4" "$(tail -n +2 <<<"$out")"
trace -F "$end4" 2000
equal 'larger than the own link' 2 "$status"
equal 'is said' "traceroute: $end4: Message too long" "$err"

# Options.
trace -f 3 -q 1 "$end4"
equal 'a first hop, and one query' " 3  10.0.3.2 T
 4  $end4 T" "$(tail -n +2 <<<"$out")"
trace -m 1 -q 10 "$end4"
equal 'a last hop, and ten' ' 1  10.0.1.2 T T T T T T T T T T' "$(tail -n 1 <<<"$out")"
equal 'which is not the destination' 1 "$status"
trace --back -z 2ms -N 2 "$end4"
equal 'one after the other' "$path4" "$(tail -n +2 <<<"$out")"
ip -n you addr add 10.0.1.77/24 dev r1
trace --json -s 10.0.1.77 "$end4"
check 'from another address' grep -q '"source":"10.0.1.77"' "$scratch/out"
equal 'reached from there' 0 "$status"
trace -s 192.0.2.1 "$end4"
equal 'from an address of others' 2 "$status"
cat >"$scratch/hosts" <<END
10.0.1.2 first.test
10.0.3.2 third.test
$end4 end.test
END
if mount --bind "$scratch/hosts" /etc/hosts 2>/dev/null; then
    trace -q 1 --names end.test
    equal 'names' "traceroute to end.test ($end4), 30 hops max, 60 byte packets
 1  first.test (10.0.1.2) T
 2  *
 3  third.test (10.0.3.2) T
 4  end.test ($end4) T" "$out"
    umount /etc/hosts
else
    skip 'names' 'there can be no other /etc/hosts'
fi
# A name server that says nothing keeps nobody waiting but the reader.
printf 'nameserver %s\noptions timeout:1 attempts:1\n' "$silent4" >"$scratch/resolv.conf"
if mount --bind "$scratch/resolv.conf" /etc/resolv.conf 2>/dev/null; then
    trace -q 1 --names -j -m 3 "$end4"
    # trap 43
    check 'names are no part of what is measured' at_most "$(of_json took_ms)" 300
    umount /etc/resolv.conf
else
    skip 'names that nobody knows' 'there can be no other /etc/resolv.conf'
fi
for wrong in '-q 11' '-q 0' '-m 0' '-f 9 -m 8' '-w never' '-p 0' '--flow dublin' '-S 300' '' 'a b c'; do
    # shellcheck disable=SC2086 # words are what is wanted
    trace $wrong ${wrong:+"$end4"}
    equal "wrong usage: $wrong" 2 "$status"
done
trace --help
check 'help' grep -q '^usage: traceroute' "$scratch/out"

# A service at the port of the first probe to the end.
start nsenter --net=/run/netns/end "$BIN/udppingd" -b 10.0.4.2 -p 33443 --loss 0 -q
trace --json --flow classic "$end4"
equal 'a server at the port is the destination' 0 "$status"
check 'and answers without ICMP' grep -q '"hop":4,.*"answer":"reached","ttl":61.*"type":3' "$scratch/out"
stop "$pid"

# Several at once: none takes the answers of another.
several() {
    local i pids=() methods=(-I -U)
    for i in 1 2 3 4 5 6; do
        at you "$BIN/traceroute" "${methods[i % 2]}" -q 10 "$end4" >"$scratch/several.$i" &
        pids+=($!)
    done
    wait "${pids[@]}"
    for i in 1 2 3 4 5 6; do
        [ "$(awk 'NR > 1 {print $1, $2}' "$scratch/several.$i")" = "1 10.0.1.2
2 *
3 10.0.3.2
4 $end4" ] || { cat "$scratch/several.$i"; return 1; }
    done
}
check 'several at once' several

# Stopped.
nsenter --net=/run/netns/you "$BIN/traceroute" -w 30 "$silent4" >"$scratch/out" 2>"$scratch/err" &
pid=$!
started+=("$pid")
eventually grep -q '^ 1' "$scratch/out"
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
equal 'interrupted' 1 "$status"
check 'it says so' grep -q 'the program has stopped it' "$scratch/err"
finish
