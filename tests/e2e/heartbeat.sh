#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Heartbeats: senders that lose, stop, are killed and come back, and the server that watches them.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/programs.sh

# Starts a sender; sets client.
beat() { # ARGUMENT...
    "$BIN/heartbeat" -q "$@" 127.0.0.1 "$port" 2>"$scratch/beat.err" &
    client=$!
    started+=("$client")
}
said() { # PATTERN: whether the server has
    grep -qE "$1" "$log"
}
how_often() { # PATTERN
    grep -c -E "$1" "$log" || true
}
send() { # FORMAT: a datagram made by hand
    # shellcheck disable=SC2059
    printf "$1" >"/dev/udp/127.0.0.1/$port"
}

# The assignment: time differences, losses, a client that stops, and is back.
start "$BIN/heartbeatd" -p 0 --silence 0.6 --grace 0.2
equal 'the server says where it listens' "listening on 127.0.0.1:$port" "$(head -n 1 "$log")"
status=0
"$BIN/heartbeat" -i 0.05 -n 20 --loss 30% --seed 5 --id lossy 127.0.0.1 "$port" >"$scratch/sent" || status=$?
equal 'a sender that has sent all exits with 0' 0 "$status"
check 'it shows what it sends' grep -qE '^Heartbeat/1 1 [0-9-]{10}T[0-9:.]+Z id=lossy boot=[0-9]+ every=0\.05$' "$scratch/sent"
check 'the server says goodbye to it' eventually said '^lossy \(127\.0\.0\.1\): says goodbye, number 21,'
check 'each datagram has a time difference' test "$(how_often '^lossy .*number [0-9]+, time difference -?[0-9]+\.[0-9]{3} ms')" = \
    "$(($(grep -c -v '^not sent' "$scratch/sent") + 1))"
lost() { # the numbers that are said to be lost, one a line
    sed -n -E 's/^lossy .*: lost ([0-9]+)( to ([0-9]+).*)?$/\1 \3/p' "$log" | while read -r first last; do
        seq "$first" "${last:-$first}"
    done
}
not_sent=$(sed -n 's/^not sent: Heartbeat.1 \([0-9]*\) .*/\1/p' "$scratch/sent")
eventually said '^lossy .*: lost 18'
equal 'exactly those that were not sent are lost' "$not_sent" "$(lost)"
check 'and there are some' test "$(wc -w <<<"$not_sent")" -gt 2
sleep 0.8
equal 'who has said goodbye has not stopped' 0 "$(how_often '^lossy .*stopped')"

# trap 46: death by silence, and the return.
beat -i 0.05 --id victim
check 'a sender' eventually said '^victim .*: number 3,'
kill -9 "$client"
wait "$client" 2>/dev/null || true
check 'killed, it has stopped' eventually said '^victim \(127\.0\.0\.1\): stopped, nothing heard for 0\.6[0-9]* s$'
equal 'which is said once' 1 "$(how_often '^victim .*stopped')"
beat -i 0.05 --id victim
check 'started anew, it is back' eventually said '^victim \(127\.0\.0\.1\): back after [0-9.]+ s, started anew, number 1,'
check 'and goes on' eventually said '^victim .*: number 8,'
kill -STOP "$client"
stopped_twice() {
    test "$(how_often '^victim .*stopped')" = 2
}
check 'held up, it has stopped' eventually stopped_twice
kill -CONT "$client"
check 'let go, it is back, and not anew' eventually said '^victim .*: back after [0-9.]+ s, number [0-9]+,'
equal 'what it did not send is not lost' 0 "$(how_often '^victim .*lost')"
kill "$client"
status=0
wait "$client" || status=$?
equal 'told to stop, it exits with 0' 0 "$status"
check 'and says goodbye' eventually said '^victim .*: says goodbye'

# trap 46: two behind one address.
beat -i 0.05
first=$client
check 'a sender without a name has one' eventually said '^[^ ]+ \(127\.0\.0\.1\): first heard, number 1,.*'
beat -i 0.05
second=$client
check 'another is another' eventually said '^[^ ]+-2 \(127\.0\.0\.1\): number 3,'
kill "$first" "$second"
wait "$first" "$second" || true

# By hand.
send '7 1795341600'
check 'a number and a time are a heartbeat' eventually said '^127\.0\.0\.1:[0-9]+: first heard, number 7, time difference -?[0-9]+\.[0-9]{3} ms$'
check 'which has stopped soon' eventually said '^127\.0\.0\.1:[0-9]+: stopped'
send "Heartbeat 1 $(date -u +%Y-%m-%dT%H:%M:%S.%NZ) id=hand\r\n"
check 'a date does too' eventually said '^hand \(127\.0\.0\.1\): first heard, number 1, time difference [0-9]{1,4}\.[0-9]{3} ms$'
send '3 1795341600 id=order'
send '5 1795341601 id=order'
send '4 1795341600.5 id=order'
send '5 1795341601 id=order'
check 'one was overtaken' eventually said '^order .*: overtaken, number 4,'
check 'and one came twice' eventually said '^order .*: once more, number 5,'

# trap 42
send '\033[2J\033]0;owned\007'
check 'what is no heartbeat is told' eventually said '^127\.0\.0\.1:[0-9]+: not a heartbeat, .*, at byte 0 of: \\x1b\[2J\\x1b\]0;owned\\x07$'
equal 'and made harmless' 0 "$(LC_ALL=C grep -c $'[\x01-\x08\x0b-\x1f]' "$log" || true)"
for ((i = 0; i < 100; i++)); do send rubbish; done
check 'a flood of it fills no log' test "$(how_often 'not a heartbeat')" -lt 60

server=$pid
stop "$server"
equal 'told to stop, the server exits with 0' 0 "$status"
check 'its last words are a table of all' grep -qE '^lossy +left +.* 21 +' "$log"
check 'and of what was none' grep -qE '^Datagrams that were no heartbeats: 10[0-9]\.' "$log"

# Nobody there: trap 45
"$BIN/heartbeat" -i 0.05 -n 10 -q 127.0.0.1 "$port" >"$scratch/out" 2>"$scratch/err" || true
equal 'that nobody listens is said once' 'heartbeat: 127.0.0.1: Destination Port Unreachable' "$(cat "$scratch/err")"

# A silence that adapts to the sender: of 50 ms here.
start "$BIN/heartbeatd" -p 0 --silence 60 --adaptive --json
beat -i 0.05 --id quick
check 'JSON: a line for each event' eventually said '"event":"beat".*"id":"quick","sequence":9,"difference_ns":'
kill -9 "$client"
wait "$client" 2>/dev/null || true
check 'stopped long before a fixed minute' eventually said '"event":"stopped".*"id":"quick".*"silence_ns":[0-9]{8,10},'
if command -v python3 >/dev/null; then
    stop "$pid"
    check 'it is JSON' python3 -c '
import json, sys
for line in list(open(sys.argv[1]))[1:]: json.loads(line)' "$log"
fi

# The table.
start "$BIN/heartbeatd" -p 0 --table -q
beat -i 0.05 --id drawn
check 'the table has a row for each sender' eventually said '^drawn +alive +[0-9.]+ s +'
check 'and is drawn over itself' eventually grep -qF $'\033[2A\033[J' "$log"
kill "$client"
wait "$client" || true

# Room for two: a third is refused as long as both are alive, and taken when one has stopped.
start "$BIN/heartbeatd" -p 0 --senders 2 --silence 0.5 -q
beat -i 0.05 --id one
beat -i 0.05 --id two
two=$client
check 'two senders' eventually said '^two .*first heard'
sleep 0.3
for ((i = 0; i < 20; i++)); do send "1 1 id=forged$i"; done
check 'no room for others' eventually said 'there is no room for another sender$'
equal 'those that are alive stay' 0 "$(how_often '^(one|two) .*stopped')"
kill -9 "$two"
wait "$two" 2>/dev/null || true
check 'until one has stopped' eventually said '^two .*stopped'
send '1 1 id=three'
check 'then there is room' eventually said '^three .*first heard'

# trap 35: what the kernel had to drop because nobody fetched it was not lost on the way.
start "$BIN/heartbeatd" -p 0 -q
kill -STOP "$pid"
"$BIN/heartbeat" -q -i 200us -n 4000 --id fast 127.0.0.1 "$port"
kill -CONT "$pid"
check 'the server is there again' eventually said '^fast .*first heard'
send '1 1 id=afterwards'
check 'datagrams that were lost here are told apart' eventually said '^[0-9]+ datagrams were lost here, because this program was too slow$'

# IPv6, where there is any.
if start "$BIN/heartbeatd" -p 0 -b ::1 && grep -q '^listening on \[::1\]' "$log"; then
    "$BIN/heartbeat" -q -i 0.05 -n 3 --id six ::1 "$port"
    check 'IPv6' eventually said '^six \(::1\): says goodbye'
else
    skip 'IPv6' 'there is no ::1 here'
fi

# Usage.
usage() { # PROGRAM ARGUMENT...
    status=0
    "$BIN/$1" "${@:2}" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
    echo "$status"
}
for arguments in '' '127.0.0.1' '-i 0 127.0.0.1 9' '-n 0 127.0.0.1 9' '-j 1 127.0.0.1 9' '-I a,b 127.0.0.1 9' '-l 2/1 127.0.0.1 9' '--what 127.0.0.1 9'; do
    # shellcheck disable=SC2086
    equal "heartbeat '$arguments' is wrong usage" 2 "$(usage heartbeat $arguments)"
done
for arguments in 'x' '-p x' '-t 0' '-a0' '-a33' '-g x' '-r 0' '-r 9' '--senders 0'; do
    # shellcheck disable=SC2086
    equal "heartbeatd '$arguments' is wrong usage" 2 "$(usage heartbeatd $arguments)"
done
equal 'a name that does not exist' 1 "$(usage heartbeat does-not-exist.invalid 9)"
for program in heartbeat heartbeatd; do
    check "$program --help" test "$(usage $program --help)" = 0
    check "$program --version" test "$(usage $program --version)" = 0
done
finish
