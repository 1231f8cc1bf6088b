# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Networks for tests: hosts and routers in namespaces. Source tap.sh first; then
#
#   network_enter "$0" "$@"    runs the test again, where whatever it builds is seen by nobody else
#                              and is gone when it ends; skips it where that is not allowed
#   network_node NAME...       new hosts, which are not connected
#   network_link A B NET4 NET6 [MTU]   joins two; A gets NET4.1 and NET6::1, B the .2 and ::2
#   network_routers            builds the path below
#   at NAME COMMAND...         runs a command at a host
#
# Needs `ip` (iproute2), and the path below `nft` (nftables) too; no root, where the system lets its
# users have namespaces.
#
#   you --- r1 --- r2 --- r3 ==two ways== r4 or r4b --- r5 --- r6 --- r7 ---1280 bytes--- r8 --- r9 --- r10 --- end
#
# Router K answers as 10.0.K.2 and 2001:db8:K::2, r4b as 10.1.4.2 and 2001:db8:14::2; what reached r5 through r4b
# it answers as 10.0.5.2 and 2001:db8:15::2. r6 never says that a time is exceeded. `end` is 10.0.11.2 and
# 2001:db8:11::2, and place4[end] and place6[end] in the tables below; the other places there are at r10 or
# behind it.

# shellcheck disable=SC2034 # for who sources this
{
    # Swallowed without a word; refused in as many words; 36 of 100 lost; each answer three times (IPv6: twice); sent
    # back and forth until its time is over; a host that answers.
    declare -A place4=(
        [blackhole]=198.51.100.1 [host-unreachable]=198.51.100.2 [admin-prohibited]=198.51.100.3
        [net-unreachable]=198.51.100.4 [net-prohibited]=198.51.100.5 [host-prohibited]=198.51.100.6
        [lossy]=198.51.100.7 [doubled]=198.51.100.8 [loop]=198.51.100.9 [end]=198.51.100.10
        # in a network that r1 says is reached another way; a neighbour of r10 that is not there
        [redirected]=198.51.101.1 [absent]=10.0.11.99
    )
    # Of IPv6 the prohibitions are called "policy fails" (5) and "reject route" (6).
    declare -A place6=(
        [blackhole]=2001:db8:99::1 [host-unreachable]=2001:db8:99::2 [admin-prohibited]=2001:db8:99::3
        [net-unreachable]=2001:db8:99::4 [policy-fail]=2001:db8:99::5 [reject-route]=2001:db8:99::6
        [lossy]=2001:db8:99::7 [doubled]=2001:db8:99::8 [loop]=2001:db8:99::9 [end]=2001:db8:99::10
        [redirected]=2001:db8:93::1 [absent]=2001:db8:11::99
    )
}

network_enter() { # SCRIPT ARGUMENT...
    if [ -n "${NETWORK_INSIDE-}" ]; then
        # `ip netns` keeps names below /run, which has to be writable and ours alone.
        mount -t tmpfs network /run && mkdir /run/netns
        return
    fi
    local way why
    if ! command -v ip >/dev/null; then
        skip "$(basename "$1" .sh)" 'there is no `ip` (iproute2)'
        finish
    fi
    for way in -mn -Urmn; do
        if why=$(unshare "$way" mount -t tmpfs network /run 2>&1); then
            NETWORK_INSIDE=1 exec unshare "$way" bash "$@"
        fi
    done
    skip "$(basename "$1" .sh)" "no namespaces here: $why"
    finish
}

at() { # NAME COMMAND...
    local name=$1
    shift
    nsenter --net="/run/netns/$name" "$@"
}

# Writes to files below /proc/sys/net/ of a host.
network_set() { # NAME FILE=VALUE...
    # shellcheck disable=SC2016 # the inner shell's
    at "$1" sh -c 'for set; do echo "${set#*=}" >"/proc/sys/net/${set%%=*}"; done' sh "${@:2}"
}

# Addresses are usable at once.
network_node() { # NAME...
    local node
    printf 'netns add %s\n' "$@" | ip -b -
    for node; do
        ip -n "$node" link set lo up
        network_set "$node" ipv6/conf/default/accept_dad=0 ipv6/conf/all/accept_dad=0 \
            ipv4/conf/all/rp_filter=0 ipv4/conf/default/rp_filter=0 \
            ipv4/icmp_ratelimit=0 ipv6/icmp/ratelimit=0
    done
}

# Speaks for others, and says whatever there is to say, without sparing anybody's ears.
network_router() { # NAME...
    local node
    for node; do
        network_set "$node" ipv4/ip_forward=1 ipv6/conf/all/forwarding=1 \
            ipv{4,6}/fib_multipath_hash_policy=1 ipv4/icmp_msgs_per_sec=1000000 \
            ipv4/icmp_msgs_burst=100000
    done
}

# The interface to a neighbour has the neighbour's name.
network_link() { # A B NET4 NET6 [MTU]
    local mtu=${5-1500}
    ip link add "$2" netns "$1" mtu "$mtu" type veth peer name "$1" netns "$2" mtu "$mtu"
    ip -n "$1" -b - <<<"addr add $3.1/24 dev $2
addr add $4::1/64 dev $2
link set $2 up"
    ip -n "$2" -b - <<<"addr add $3.2/24 dev $1
addr add $4::2/64 dev $1
link set $1 up"
}

# The routes of each router: to `you` by the left, to everything else by the right.
network_routes() { # NAME LEFT4 LEFT6 RIGHT4 RIGHT6
    {
        if [ -n "$2" ]; then printf 'route add 10.0.1.0/24 via %s\nroute add 2001:db8:1::/64 via %s\n' "$2" "$3"; fi
        if [ -n "$4" ]; then printf 'route add default %s\nroute add default %s\n' "$4" "$5"; fi
    } | ip -n "$1" -b -
}

network_path() {
    local k left=you mtu
    network_node you r{1..10} r4b end
    network_router r{1..10} r4b
    for k in {1..10}; do
        mtu=$((k == 8 ? 1280 : 1500))
        network_link "$left" "r$k" "10.0.$k" "2001:db8:$k" "$mtu"
        left=r$k
    done
    network_link r10 end 10.0.11 2001:db8:11
    network_link r3 r4b 10.1.4 2001:db8:14
    network_link r4b r5 10.1.5 2001:db8:15
    network_routes r1 '' '' 'via 10.0.2.2' 'via 2001:db8:2::2'
    for k in 2 {4..9}; do
        network_routes "r$k" "10.0.$k.1" "2001:db8:$k::1" "via 10.0.$((k + 1)).2" "via 2001:db8:$((k + 1))::2"
    done
    network_routes r3 10.0.3.1 2001:db8:3::1 'nexthop via 10.0.4.2 nexthop via 10.1.4.2' \
        'nexthop via 2001:db8:4::2 nexthop via 2001:db8:14::2'
    network_routes r4b 10.1.4.1 2001:db8:14::1 'via 10.1.5.2' 'via 2001:db8:15::2'
    network_routes r10 10.0.10.1 2001:db8:10::1 '' ''
    network_routes you '' '' 'via 10.0.1.2' 'via 2001:db8:1::2'
    network_routes end '' '' 'via 10.0.11.1' 'via 2001:db8:11::1'
}

# The places of the tables above. Reject rules and not `ip route add unreachable`, whose answers are rationed for each
# host, by no setting that a namespace has.
network_places() {
    local name rules=''
    for name in lossy doubled end; do
        ip -n end -b - <<<"addr add ${place4[$name]}/32 dev lo
addr add ${place6[$name]}/128 dev lo"
        ip -n r10 -b - <<<"route add ${place4[$name]} via 10.0.11.2
route add ${place6[$name]} via 2001:db8:11::2"
    done
    ip -n r10 -b - <<<"route add blackhole ${place4[blackhole]}
route add blackhole ${place6[blackhole]}
route add ${place4[loop]} via 10.0.10.1
route add ${place6[loop]} via 2001:db8:10::1"
    for name in host-unreachable admin-prohibited net-unreachable net-prohibited host-prohibited; do
        rules+="ip daddr ${place4[$name]} reject with icmp type $name;"
    done
    for name in host-unreachable:addr-unreachable admin-prohibited:admin-prohibited net-unreachable:no-route \
        policy-fail:policy-fail reject-route:reject-route
    do
        rules+="ip6 daddr ${place6[${name%:*}]} reject with icmpv6 type ${name#*:};"
    done
    at r10 nft "
        table inet places {
            chain refuse {
                type filter hook prerouting priority -150;
                $rules
                ip daddr ${place4[lossy]} numgen random mod 100 < 36 drop;
                ip6 daddr ${place6[lossy]} numgen random mod 100 < 36 drop;
            }
        }
        table ip doubled {
            chain forward {
                type filter hook forward priority 0;
                ip saddr ${place4[doubled]} dup to 10.0.10.1 device r9;
                ip saddr ${place4[doubled]} dup to 10.0.10.1 device r9;
            }
        }
        table ip6 doubled {
            chain forward {
                type filter hook forward priority 0;
                ip6 saddr ${place6[doubled]} dup to 2001:db8:10::1 device r9;
            }
        }"
    at r6 nft 'table inet silent {
            chain output {
                type filter hook output priority 0;
                icmp type time-exceeded drop;
                icmpv6 type time-exceeded drop;
            }
        }'
    # A neighbour that does not answer is given up soon.
    network_set r10 ipv{4,6}/neigh/end/{mcast_solicit=1,retrans_time_ms=200}
    # The ways that r1 recommends end at `you`.
    ip -n you addr add 10.0.1.9/24 dev r1
    ip -n you addr add fe80::9/64 dev r1
    ip -n r1 -b - <<<"route add 198.51.101.0/24 via 10.0.1.9
route add 2001:db8:93::/64 via fe80::9 dev you"
}

# A closed port that says so.
network_reaches() { # NAME ADDRESS
    local said
    # shellcheck disable=SC2016 # the inner shell's
    said=$(at "$1" timeout 0.5 bash -c '</dev/tcp/$0/9' "$2" 2>&1) || true
    [[ $said == *refused* ]]
}

network_routers() {
    local tries
    if ! { network_path && network_places; }; then return 1; fi
    for ((tries = 0; tries < 100; tries++)); do
        if network_reaches you "${place4[end]}" && network_reaches you "${place6[end]}"; then return; fi
        sleep 0.05
    done
    echo '# the end of the path is not reached'
    return 1
}
