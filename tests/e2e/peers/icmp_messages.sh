#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the kernels of ten routers say, provoked message by message, and what the library reads in it.
# shellcheck disable=SC2317 # functions are called by their names
set -euo pipefail
cd "$(dirname "$0")/../../.."
source tests/support/tap.sh
source tests/support/network.sh
if [ -z "${NETWORK_INSIDE-}" ]; then script/peers iproute2 nftables; fi
PATH=$PWD/build/peers/bin:$PATH
network_enter "$0" "$@"
source tests/support/programs.sh

if ! network_routers; then
    not_ok 'the path of ten routers'
    finish
fi
network_set end ipv4/icmp_echo_enable_probe=1 ipv4/ipfrag_time=1 ipv6/ip6frag_time=1

# Provokes a message, reads it, and compares from its type on: with a text in which `*` stands for anything. What it begins
# with, who sent it to whom, is FROM; what was provoked at DESTINATION has to be quoted.
says() { # NAME FROM EXPECTED PROVOKE_ARGUMENT... DESTINATION
    local name=$1 from=$2 expected=$3 arguments=("${@:4}") destination=${*: -1} source=10.0.1.1 raw said version=4
    if [[ $destination == *:* ]]; then source=2001:db8:1::1 version=6; fi
    unset 'arguments[-1]'
    name="IPv$version, $name"
    if ! raw=$(at you "$TOOLS/provoke" --wait 4000 "${arguments[@]}" "$source" "$destination" 2>&1); then
        not_ok "$name" "nothing came: $raw"
        return
    fi
    said=$("$TOOLS/icmp_dump" <<<"$raw" || true)
    expected="ipv$version $from > $source protocol=* payload=*; ${expected//@/$source*> $destination}"
    # shellcheck disable=SC2053 # it is a pattern
    if [[ $said == $expected ]]; then ok "$name"; else not_ok "$name" "expected: $expected
said:     $said
raw:      $raw"; fi
}

four=${place4[end]} six=${place6[end]}
quote4='quote @ protocol=1 * type=8 echo=43981/7'
quote6='quote @ protocol=58 * type=128 echo=43981/7'
udp='quote @ port 9 protocol=17 *'

# Before anything has told the sender that not all of the path takes as much.
says 'time exceeded, cut at 1280 bytes' 2001:db8:1::2 "time exceeded 3/0 *; $quote6 truncated; transport 1192: *" --ttl 1 --size 1400 echo "$six"
for size in 0 1 32 55 1232; do
    payload=
    if [ $size -gt 0 ]; then payload="; payload $size: 00*"; fi
    says "echo reply with $size bytes" "$four" "echo reply 0/0 * id=43981 sequence=7$payload" --size $size echo "$four"
    says "echo reply with $size bytes" "$six" "echo reply 129/0 * id=43981 sequence=7$payload" --size $size echo "$six"
done
says 'echo reply with the route recorded' "$four" "option type=7; option data 37: 28 0a 00 02 01 *; echo reply 0/0 *" --route echo "$four"
says 'timestamp reply' "$four" 'timestamp reply 14/0 * id=43981 sequence=7 originate=66051 receive=* transmit=*' timestamp "$four"
says 'extended echo reply' "$four" 'extended echo reply 43/0 * id=43981 sequence=7 active ipv4 ipv6*' extended-echo "$four"
says 'extended echo reply' "$six" 'extended echo reply 161/0 * id=43981 sequence=7 active ipv4 ipv6*' extended-echo "$six"

refusal() { # PLACE 4|6 TYPE/CODE MARK
    local address quote from
    if [ "$2" = 4 ]; then
        address=${place4[$1]} quote=$quote4 from=10.0.10.2
    else
        address=${place6[$1]} quote=$quote6 from=2001:db8:10::2
    fi
    says "$1" "$from" "destination unreachable $3 * mark=$4; $quote; transport 40: *" echo "$address"
}
refusal net-unreachable 4 3/0 !N
refusal host-unreachable 4 3/1 !H
refusal absent 4 3/1 !H
refusal net-prohibited 4 3/9 !X
refusal host-prohibited 4 3/10 !X
refusal admin-prohibited 4 3/13 !X
refusal net-unreachable 6 1/0 !N
refusal admin-prohibited 6 1/1 !X
refusal host-unreachable 6 1/3 !H
refusal absent 6 1/3 !H
refusal policy-fail 6 1/5 !X
refusal reject-route 6 1/6 !X
says 'unreachable, about a header with options' 10.0.10.2 "destination unreachable 3/0 * $quote4*" --route echo "${place4[net-unreachable]}"
says 'protocol unreachable' "$four" 'destination unreachable 3/2 * mark=!P; quote @ protocol=253 *' protocol "$four"
says 'unknown next header' "$six" 'parameter problem 4/1 * pointer=6 * quote @ protocol=253 *' protocol "$six"
for size in 0 1 32; do
    says "port unreachable, $size bytes" "$four" "destination unreachable 3/3 \"Destination Port Unreachable\"; $udp; transport $((8 + size)): c0 00 00 09 *" --size $size udp "$four"
    says "port unreachable, $size bytes" "$six" "destination unreachable 1/4 \"Port Unreachable\"; $udp; transport $((8 + size)): c0 00 00 09 *" --size $size udp "$six"
done
says 'port unreachable, cut at 576 bytes' "$four" "destination unreachable 3/3 *; $udp length=1428 * truncated; transport 528: *" --size 1400 udp "$four"
says 'fragmentation needed' 10.0.7.2 "packet too big 3/4 * mtu=1280 mark=!F-1280; quote @ * length=1428 * truncated; transport 528: *" --df --size 1400 echo "$four"
says 'packet too big, cut at 1280 bytes' 2001:db8:7::2 "packet too big 2/0 * mtu=1280 mark=!F-1280; quote @ * length=1448 * truncated; transport 1192: *" --size 1400 echo "$six"
says redirect 10.0.1.2 "redirect 5/1 * gateway=10.0.1.9 * $quote4*" echo "${place4[redirected]}"
says redirect 'fe80::*' "redirect 137/0 * gateway=fe80::9 * $quote6*" echo "${place6[redirected]}"

for hop in 1 2 3 7 8 9 10; do
    says "time exceeded at hop $hop" "10.0.$hop.2" "time exceeded 11/0 *; $quote4; *" --ttl $hop echo "$four"
    says "time exceeded at hop $hop" "2001:db8:$hop::2" "time exceeded 3/0 *; $quote6; *" --ttl $hop echo "$six"
done
says 'time exceeded for UDP' 10.0.1.2 "time exceeded 11/0 *; $udp*" --ttl 1 udp "$four"
says 'time exceeded for UDP' 2001:db8:1::2 "time exceeded 3/0 *; $udp*" --ttl 1 udp "$six"
says 'time exceeded, with one byte' 10.0.1.2 "time exceeded 11/0 *; $quote4; transport 9: *" --ttl 1 --size 1 echo "$four"
says 'time exceeded, with no byte' 10.0.1.2 "time exceeded 11/0 *; $quote4; transport 8: *" --ttl 1 --size 0 echo "$four"
says 'time exceeded, with no byte' 2001:db8:1::2 "time exceeded 3/0 *; $quote6; transport 8: *" --ttl 1 --size 0 echo "$six"
says 'time exceeded, about a header with options' 10.0.1.2 "time exceeded 11/0 *; $quote4; *" --ttl 1 --route echo "$four"
says 'time exceeded, with options twice and cut at 576 bytes' 10.0.1.2 "option type=7; option data 37: *; time exceeded 11/0 *; $quote4 truncated; transport 448: *" --ttl 1 --route --size 1400 echo "$four"
says 'a loop' 10.0.10.2 "time exceeded 11/0 *; $quote4; *" echo "${place4[loop]}"
says 'a loop' 2001:db8:10::2 "time exceeded 3/0 *; $quote6; *" echo "${place6[loop]}"
says 'fragments that stay away' "$four" "time exceeded 11/1 *; $quote4 MF; *" fragment "$four"
says 'fragments that stay away' "$six" "time exceeded 3/1 *; quote @ protocol=58 * id=9 type=128 echo=43981/7 MF; *" fragment "$six"
says 'parameter problem: an option' 10.0.1.2 "parameter problem 12/0 * pointer=22 * $quote4*" option "$four"
says 'parameter problem: an option' "$six" "parameter problem 4/2 * pointer=42 * $quote6*" option "$six"
finish
