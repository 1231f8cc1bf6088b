#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The program ping: on loopback, through a router that refuses, over a line that delays, loses, doubles and reorders, with
# and without privileges. All of it in networks that nobody else sees.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/network.sh
network_enter "$0" "$@"
source tests/support/programs.sh
ping=$BIN/ping
ip link set lo up

# Sets status, out and err; through `run`, if that is set, in another place.
run=()
get() { # ARGUMENT...
    status=0
    "${run[@]}" "$ping" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}
says() { # NAME PATTERN
    check "$1" grep -qE -e "$2" "$scratch/err"
    equal "$1, in one line" 1 "$(wc -l <"$scratch/err")"
}
shows() { # NAME PATTERN
    check "$1" grep -qaE -e "$2" "$scratch/out"
}
lines() { # PATTERN
    grep -caE -e "$1" "$scratch/out" || true
}
# A number of the last line of JSON.
total() { # NAME
    tail -n 1 "$scratch/out" | grep -oE "\"$1\":[0-9]+" | cut -d : -f 2
}
counts() { # NAME EXPECTED: sent received lost outstanding
    equal "$1" "$2" "$(total sent) $(total received) $(total lost) $(total outstanding)"
}

# ------------------------------------------------------------------------------------- as the assignment has it

for address in 127.0.0.1 ::1; do
    get "$address" -i 0.02
    equal "$address: exit status" 0 "$status"
    equal "$address: the first line" "Pinging $address [$address] with 56 bytes of data:" "$(head -n 1 "$scratch/out")"
    equal "$address: four replies" 4 "$(lines "^Reply from $address: bytes=56 time=[0-9]+\.[0-9]{3,6}ms TTL=64$")"
    shows "$address: counts" 'Sent = 4, Received = 4, Lost = 0 \(0% loss\)$'
    shows "$address: times" 'Minimum = [0-9.]+ms, Maximum = [0-9.]+ms, Average = [0-9.]+ms$'
    shows "$address: mdev, jitter" 'mdev = [0-9.]+ms, jitter = [0-9.]+ms$'
    shows "$address: percentiles" 'Percentiles: 50% = [0-9.]+ms, 90% = [0-9.]+ms, 99% = '
    # trap 9: a time that is cut to milliseconds is 0.
    equal "$address: no time is nothing" 0 "$(lines 'time=0\.0+ms')"
done
get localhost -n 2 -i 0.01
shows 'a name is shown with its address' '^Pinging localhost \[(127\.0\.0\.1|::1)\]'
get -n 1 $'nothing\033[31m.invalid'
equal 'a name that does not exist: exit status' 2 "$status"
# trap 42: what a stranger writes does not reach the terminal as it is.
says 'a name that does not exist' '^ping: nothing\\x1b\[31m\.invalid: cannot find this host: .*please check the input$'
get
equal 'no host: exit status' 2 "$status"
check 'no host: how it is used' grep -q '^usage: ping' "$scratch/err"
for wrong in '-n -1' '-n x' '-i -1' '-s 65508' '-t 0' '-t 256' '-p xyz' '-W 0' '--socket tcp' '--flood=0' '--json --plot'; do
    # shellcheck disable=SC2086 # words are what is wanted
    get $wrong 127.0.0.1
    equal "$wrong: exit status" 2 "$status"
    says "$wrong" 'see --help'
done
get --help
equal '--help' 0 "$status"

# ----------------------------------------------------------------------------------------------------- options

for size in 0 1 7 8 9 1400 65507; do
    get -s "$size" -n 2 -i 0.01 127.0.0.1 ::1
    equal "$size bytes" 4 "$(lines "bytes=$size time=")"
done
get -p ff00aa -s 100 -n 2 -i 0.01 127.0.0.1
shows 'a pattern' 'Received = 2'
get -I 127.0.0.9 -n 2 -i 0.01 127.0.0.1
shows 'a source' 'Received = 2'
get -I lo -n 2 -i 0.01 127.0.0.1 ::1
shows 'an interface' 'Received = 4'
get -I 192.0.2.77 -n 1 127.0.0.1
equal 'a source that is not ours' 2 "$status"
says 'a source that is not ours' '192.0.2.77: Cannot assign'
get -4 -n 1 localhost
shows '-4' 'Reply from 127.0.0.1'
get -6 -n 1 ::1
shows '-6' 'Reply from ::1'
get -4 ::1
equal '-4 of an IPv6 address' 2 "$status"
get -q -n 3 -i 0.01 127.0.0.1
equal '-q: no line for each' 0 "$(lines '^Reply')"
shows '-q: the end' 'Received = 3'
# trap 38: moments are fixed, so that no error adds up.
get --json -n 11 -i 0.05 127.0.0.1
duration=$(total duration_ns)
check 'eleven pings each 50 ms take half a second' test "$duration" -ge 500000000 -a "$duration" -lt 700000000
get -A -q -n 200 127.0.0.1
shows 'adaptive: as soon as the reply is there' 'Received = 200'
# trap 20: a TTL above 127 is not negative.
get -n 1 -t 255 127.0.0.1
equal 'a time to live of 255' 0 "$status"
get -w 0.3 -n 0 -i 0.1 127.0.0.1
equal 'a limit ends it' 0 "$status"

# --------------------------------------------------------------------------------------------------- many hosts

for ((i = 0; i < 300; i++)); do echo "127.1.$((i / 200)).$((i % 200 + 1)) # host $i"; done >"$scratch/hosts"
printf '\n# nothing\n  ::1\r\n' >>"$scratch/hosts"
get -q -n 2 -i 0.2 -f "$scratch/hosts"
equal 'a file of hosts: exit status' 0 "$status"
equal 'a file of hosts: a line for each' 301 "$(lines ': sent=2 received=2 lost=0 \(0%\) min/max/avg=')"
shows 'a file of hosts: all' 'Sent = 602, Received = 602'
status=0
echo 127.0.0.3 | "$ping" -n 1 -f - >"$scratch/out" || status=$?
shows 'hosts from standard input' 'Reply from 127.0.0.3'
get -n 1 -f "$scratch/nothing"
equal 'no such file' 2 "$status"
: >"$scratch/empty"
get -n 1 -f "$scratch/empty"
equal 'a file without hosts' 2 "$status"
get -n 2 -i 0.05 127.0.0.1 nothing.invalid 127.0.0.1
equal 'one of several does not exist: exit status' 2 "$status"
shows 'the others are pinged, one of them twice' 'Sent = 4, Received = 4'

# trap 30: a clock that is set while a ping is on its way; in both directions.
for step in 3600 -3600 5; do
    run=(env LD_PRELOAD="$TOOLS/clock_step.so" CLOCK_STEP="$step" ASAN_OPTIONS=verify_asan_link_order=0)
    get --json -n 60 -i 0.005 127.0.0.1
    run=()
    counts "a clock that is set by $step s loses nothing" '60 60 0 0'
    check "a clock that is set by $step s makes no time long" test "$(total max_ns)" -lt 1000000000
    check "a clock that is set by $step s makes no time nothing" test "$(total min_ns)" -gt 1000
done

# No ceiling where sequence numbers come to an end; the same number means another ping each time. trap 14
get -q --flood --json -n 70000 127.0.0.1
counts 'a flood past the end of sequence numbers' '70000 70000 0 0'
# traps 21, 22: what it sends itself to itself is no reply, on one socket for both directions.
equal 'nothing else was seen' '0 0 0 0' "$(total own) $(total unknown) $(total foreign) $(total duplicates)"
# traps 12, 13, 15: two at a time, of the same host.
"$ping" -q --json -n 40 -i 0.01 127.0.0.1 >"$scratch/other" &
other=$!
get -q --json -n 40 -i 0.01 127.0.0.1
wait "$other"
counts 'two at a time: the one' '40 40 0 0'
cp "$scratch/other" "$scratch/out"
counts 'two at a time: the other' '40 40 0 0'

# -------------------------------------------------------------------------------------------------- interrupted

interrupt() { # WHEN-IN-SECONDS SIGNAL ARGUMENT...
    local how=$2 after=$1
    shift 2
    status=0
    timeout -s "$how" "$after" "$ping" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}
interrupt 0.5 INT -n 0 -i 0.1 127.0.0.1
# trap 44: once.
equal '^C: the statistics, once' 1 "$(lines '^Ping statistics')"
interrupt 0.5 TERM -n 0 -i 0.1 127.0.0.1
equal 'SIGTERM: the statistics' 1 "$(lines '^Ping statistics')"
# trap 11: of no reply there is no minimum. Behind the neighbour there is nobody.
ip link add nowhere type veth peer name there && ip link set nowhere up && ip link set there up
ip addr add 192.0.2.1/24 dev nowhere && ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev nowhere
# trap 37: what is on its way when it is interrupted is not lost.
interrupt 0.5 INT --json -n 1 -W 5 192.0.2.2
counts '^C: what is on its way is not lost' '1 0 0 1'
check 'no reply, no minimum' grep -q '"min_ns":null' "$scratch/out"
get -n 2 -i 0.1 -W 0.2 192.0.2.2
equal 'nobody there: exit status' 1 "$status"
equal 'nobody there: Request timed out' 2 "$(lines '^Request timed out$')"
shows 'nobody there: all lost' 'Lost = 2 \(100% loss\)'
equal 'nobody there: no times' 0 "$(lines 'Minimum')"
# Its output is gone: it ends.
status=0
timeout 5 "$ping" -n 0 -i 0.05 127.0.0.1 | head -n 1 >/dev/null || status=$?
check 'who reads its output has gone: it ends' test "$status" -ne 124

# ------------------------------------------------------------------------------------------------------- output

get --json -n 3 -i 0.02 127.0.0.1 ::1
if command -v python3 >/dev/null; then
    check 'each line is JSON' python3 -c 'import json, sys
for line in open(sys.argv[1]): json.loads(line)' "$scratch/out"
else
    skip 'each line is JSON' 'needs python3'
fi
equal 'JSON: a line for each event' '2 6 2 1' \
    "$(lines '"event":"start"') $(lines '"event":"reply"') $(lines '"event":"statistics"') $(lines '"event":"total"')"
shows 'JSON: a reply' '^\{"event":"reply","host":"::1","address":"::1","sequence":1,"from":"::1","bytes":56,"rtt_ns":[0-9]+,"ttl":64,"time":[0-9.]+\}$'
counts 'JSON: the sum' '6 6 0 0'
get -n 20 -i 0.01 -q --plot --svg "$scratch/x.svg" --metrics "$scratch/x.prom" --hdr-log "$scratch/x.hlog" 127.0.0.1
equal 'pictures and files: exit status' 0 "$status"
shows 'a picture at the end' '^ +[0-9.]+ ms .*█'
check 'SVG' grep -q '</svg>' "$scratch/x.svg"
if command -v python3 >/dev/null; then
    check 'SVG is XML' python3 -c 'import sys, xml.dom.minidom
xml.dom.minidom.parse(sys.argv[1])' "$scratch/x.svg"
fi
check 'metrics' grep -qE '^ping_.*\{host="127.0.0.1",address="127.0.0.1"\} 20$' "$scratch/x.prom"
check 'a log of HdrHistogram' grep -q 'HISTF' "$scratch/x.hlog"
equal 'no pieces are left' '' "$(find "$scratch" -name '*.part')"
get -n 1 --svg "$scratch/nowhere/x.svg" 127.0.0.1
equal 'a file that cannot be written' 2 "$status"
if command -v script >/dev/null; then
    script -qec "'$ping' --plot -n 5 -i 0.02 127.0.0.1" /dev/null </dev/null >"$scratch/out"
    shows 'on a terminal the picture is drawn over itself' $'\033\\[[0-9]+A'
fi

# trap 43: a name server that says nothing holds up nobody. trap 42: nor does a name do any harm.
if printf 'nameserver 192.0.2.2\n' >"$scratch/resolv" && mount --bind "$scratch/resolv" /etc/resolv.conf 2>/dev/null; then
    get --json -H -n 3 -i 0.05 127.0.0.1 127.0.0.77
    check 'names that cannot be found hold up nothing' test "$(total duration_ns)" -lt 1500000000
    printf '127.0.0.1 localhost\n127.0.0.7 evil\033[31mname\n' >"$scratch/names"
    mount --bind "$scratch/names" /etc/hosts
    get -H -n 3 -i 0.1 127.0.0.7
    equal 'names do not reach the terminal as they are' 0 "$(lines $'\033')"
    get -H -n 3 -i 0.1 127.0.0.1
    shows 'a name that is known' 'Reply from localhost \[127.0.0.1\]: bytes=56'
    umount /etc/hosts /etc/resolv.conf
else
    skip 'names' 'no mount here'
fi

# -------------------------------------------------------------------------------------------- errors on the way

network_node you router
network_router router
network_link you router 10.0.1 2001:db8:1
ip -n you route add default via 10.0.1.2
ip -n you route add default via 2001:db8:1::2
ip -n router -b - <<<'route add unreachable 10.1.1.0/24
route add prohibit 10.1.2.0/24
route add unreachable 2001:db8:11::/64'
network_node far
network_link router far 10.0.2 2001:db8:2 1280
ip -n far route add default via 10.0.2.1
ip -n far route add default via 2001:db8:2::1

refusals() { # KIND-OF-SOCKET
    run=(at you)
    # Errors of this kind are rationed, about one a second; one is enough.
    get --socket "$1" -n 3 -i 0.3 10.1.1.1
    shows "$1 socket: host unreachable" '^Reply from 10.0.1.2: Destination Host Unreachable$'
    equal "$1 socket: an error is no reply" 1 "$status"
    get --socket "$1" -n 10 -i 0.4 10.1.2.1
    shows "$1 socket: prohibited" '^Reply from 10.0.1.2: Communication Administratively Prohibited$'
    get --socket "$1" -n 3 -i 0.3 2001:db8:11::1
    shows "$1 socket, IPv6: refused" '^Reply from 2001:db8:1::2: (No Route to Destination|Address Unreachable)$'
    get --socket "$1" -n 2 -i 0.1 -t 1 10.0.2.2 2001:db8:2::2
    shows "$1 socket: time exceeded" '^Reply from 10.0.1.2: Time to Live Exceeded in Transit \(10.0.2.2 '
    shows "$1 socket, IPv6: time exceeded" '^Reply from 2001:db8:1::2: Hop Limit Exceeded in Transit \(2001:db8:2::2 '
    get --socket "$1" -n 2 -i 0.1 -D -s 1400 10.0.2.2 2001:db8:2::2
    shows "$1 socket: too long" "^Reply from 10.0.1.2: Fragmentation Needed and Don't Fragment Set \(MTU 1280\)"
    shows "$1 socket, IPv6: too long" '^Reply from 2001:db8:1::2: Packet Too Big \(MTU 1280\)'
    # trap 34: what the system does not send is neither sent nor lost.
    get --socket "$1" --json -n 2 -i 0.1 -D -s 1600 10.0.2.2
    counts "$1 socket: not sent, not lost" '0 0 0 0'
    equal "$1 socket: nothing could be sent" 2 "$status"
    # traps 17, 20, 32: with and without a header in front, the hop limit beside the message.
    get --socket "$1" -n 2 -i 0.1 10.0.2.2 2001:db8:2::2
    equal "$1 socket: the hop limit of a host behind a router" 4 "$(lines 'time=[0-9.]+ms TTL=63$')"
    run=()
}
refusals raw
echo '0 2147483647' | at you tee /proc/sys/net/ipv4/ping_group_range >/dev/null
refusals ping
ip -n you route del default via 10.0.1.2
run=(at you)
get -n 1 10.0.2.2
shows 'no way there' '^Could not be sent: Network is unreachable$'
run=()

# ---------------------------------------------------------------------------------- a line that is slow and bad

line() { # OPTION... -- ARGUMENT...
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    status=0
    "$TOOLS/delay_line" "${options[@]}" "$scratch/line" "$ping" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}
report_of() { # DIRECTION NAME
    grep "^$1 " "$scratch/line" | grep -oE "$2=[0-9]+" | cut -d = -f 2
}
line --delay 100 -- --json -n 3 -i 0.05 -W 1 10.9.0.2
if [ "$status" -eq 77 ]; then
    skip 'a slow line' 'no TUN devices here'
else
    # trap 36: the last one is waited for as long as the others, and not for an interval.
    counts 'replies that take four intervals' '3 3 0 0'
    check 'they take as long as the line' test "$(total min_ns)" -ge 200000000
    # trap 16: what is late is nobody else's. The first reply comes when the second ping is awaited.
    line --delay 100 -- --json -n 6 -i 0.1 -W 0.15 10.9.0.2
    counts 'all are late' '6 0 6 0'
    check 'and are told to be' test "$(total late)" -ge 4
    line --loss 30 --seed 7 -- --json -n 100 -i 0.01 -W 0.2 2001:db8:900::2
    equal 'what was lost is what the line has lost' "$(total lost)" \
        "$(($(report_of there lost) + $(report_of back lost)))"
    line --double 50 -- --json -n 50 -i 0.01 -W 0.2 10.9.0.2
    check 'duplicates are no replies' test "$(total received)" -eq 50 -a "$(total duplicates)" -gt 10
    line --delay 20 --reorder 30 -- --json -n 50 -i 0.005 -W 0.5 10.9.0.2
    check 'what was overtaken is counted' test "$(total received)" -eq 50 -a "$(total reordered)" -gt 5
fi

# --------------------------------------------------------------------------------------------- the kernel drops

# trap 35: what the kernel drops because nobody fetches it is said to be.
"$ping" --json -q --socket raw -n 3 -i 1 127.0.0.1 >"$scratch/stopped" &
stopped=$!
started+=("$stopped")
eventually grep -q 'T (stopped)\|S (sleeping)' "/proc/$stopped/status"
sleep 0.3
kill -STOP "$stopped"
"$ping" -q --flood -s 1400 -n 30000 127.0.0.1 >/dev/null
kill -CONT "$stopped"
wait "$stopped"
cp "$scratch/stopped" "$scratch/out"
check 'what the kernel dropped is counted' test "$(total overflowed)" -gt 100
check 'replies to others are foreign' test "$(total foreign)" -gt 100

# -------------------------------------------------------------------------------------------------- privileges

capabilities() { # PID
    grep -E '^Cap(Prm|Eff)' "/proc/$1/status" | awk '{ print $2 }' | sort -u
}
"$ping" -q -n 0 127.0.0.1 >/dev/null &
running=$!
started+=("$running")
no_capabilities() {
    [ "$(capabilities "$running")" = 0000000000000000 ]
}
check 'no capability is kept' eventually no_capabilities
kill "$running"

if setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null; then
    chmod 755 "$scratch"
    cp -L "$ping" "$scratch/ping"
    run=(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all env "LD_LIBRARY_PATH=$(dirname "$BIN")/lib")
    ping=$scratch/ping
    # trap 33: the system allows neither.
    get -n 1 127.0.0.1
    equal 'no socket: exit status' 2 "$status"
    says 'no socket: what to do' 'no ICMP socket: Operation not permitted; .*ping_group_range="0 2147483647".*setcap cap_net_raw\+ep .*/ping$'
    get --socket ping -n 1 127.0.0.1
    says 'no ping socket: what to do' 'let your group 65534 .*ping_group_range="65534 65534"$'
    echo '65534 65534' >/proc/sys/net/ipv4/ping_group_range
    get -n 2 -i 0.05 127.0.0.1 ::1
    equal 'a ping socket: exit status' 0 "$status"
    equal 'a ping socket: replies' 4 "$(lines 'bytes=56 time=[0-9.]+ms TTL=64$')"
    # trap 31: the system chooses the identifier, and knows of two at a time whose is whose.
    get -q --json --flood -n 70000 127.0.0.1
    counts 'a ping socket: a flood of this machine' '70000 70000 0 0'
    get --flood -n 10 192.0.2.2
    equal 'a flood of others is for root: exit status' 2 "$status"
    says 'a flood of others is for root' 'only root may flood'
    get -i 0.001 -n 10 192.0.2.2
    says 'so are short intervals' 'only root may ping .* 2 ms'
    get -A --gap 2ms -n 1 -W 0.1 192.0.2.2
    equal 'but not slow adaptive pinging' 1 "$status"
else
    skip 'without privileges' 'needs root'
fi
finish
