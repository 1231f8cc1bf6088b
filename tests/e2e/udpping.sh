#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The UDP ping: its two programs together, and each with one that behaves otherwise.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/programs.sh

# What a ping of COUNT says, with times and addresses that differ from run to run taken out; sets status.
ping() { # COUNT ARGUMENT...
    local count=$1 output
    shift
    status=0
    output=$("$BIN/udpping" -n "$count" -i 0.2 -W 0.2 "$@" 127.0.0.1 "$port" 2>&1) || status=$?
    said=$(sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}/DATE/; s/RTT=[0-9]+\.[0-9]{3} ms/RTT=T/
        s/(minimum|maximum|average) = [0-9.]+ ms/\1 = T/g' <<<"$output")
}
lines() { # TEXT: how many lines are exactly so, or match
    grep -c -E "^$1\$" <<<"$said" || true
}
respond() { # ACTION...
    start "$UDP_RESPONDER" "$@"
}

# The assignment's lines.
start "$BIN/udppingd" -p 0 --loss 0
check 'the server says where it listens' grep -qE '^listening on 127\.0\.0\.1:[0-9]+$' "$log"
ping 10
equal 'ten replies to ten messages' 10 "$(lines 'Reply from 127\.0\.0\.1: PING [0-9]+ DATE, RTT=T')"
equal 'numbered from 1' 'Reply from 127.0.0.1: PING 1 DATE, RTT=T' "$(head -n 1 <<<"$said")"
equal 'to 10' 1 "$(lines 'Reply from 127\.0\.0\.1: PING 10 DATE, RTT=T')"
equal 'how many were lost' 1 "$(lines 'Packets: sent = 10, received = 10, lost = 0 \(0\.0% loss\)')"
equal 'and how long they took' 1 "$(lines 'RTT: minimum = T, maximum = T, average = T')"
equal 'success' 0 "$status"
check 'the date is that of the clock here' grep -qF "$(date +%Y-%m-%d)" \
    <("$BIN/udpping" -n 1 127.0.0.1 "$port")
check 'a name' grep -q '^Reply from 127.0.0.1: PING 1 ' <("$BIN/udpping" -n 1 localhost "$port")
server=$pid
stop "$server"
equal 'told to stop, the server exits with 0' 0 "$status"
equal 'and says what it did' '12 received, 12 answered, 0 lost on purpose, 0 not answered' "$(tail -n 1 "$log")"

# Loss: the same with the same seed, four of eleven by default.
start "$BIN/udppingd" -p 0 --seed 7 -q
"$BIN/udpping" -n 400 -i 0.004 -W 0.5 127.0.0.1 "$port" >"$scratch/first" || true
stop "$pid"
start "$BIN/udppingd" -p 0 --seed 7 -q
"$BIN/udpping" -n 400 -i 0.004 -W 0.5 127.0.0.1 "$port" >"$scratch/second" || true
stop "$pid"
received() {
    grep -o 'PING [0-9]*' "$1" | sort
}
lost=$(sed -n 's/^Packets: sent = 400, .*lost = \([0-9]*\) .*/\1/p' "$scratch/first")
check 'about four of eleven are lost' test "$lost" -gt 100 -a "$lost" -lt 190
equal 'the same with the same seed' "$(received "$scratch/first")" "$(received "$scratch/second")"
equal 'each is a reply or timed out' 400 "$(grep -c -E '^Reply from|^Request timed out$' "$scratch/first")"
start "$BIN/udppingd" -p 0 --loss 100
ping 3
equal 'what is lost times out' 'Request timed out|Request timed out|Request timed out' "$(head -n 3 <<<"$said" | paste -sd '|')"
equal 'all of it' 1 "$(lines 'Packets: sent = 3, received = 0, lost = 3 \(100\.0% loss\)')"
equal 'no times where nothing came' 0 "$(grep -c 'RTT' <<<"$said" || true)"
equal 'which is a failure' 1 "$status"

# trap 16: a late reply is not that to the next message.
start "$BIN/udppingd" -p 0 --loss 0 --delay 0.3
ping 4
equal 'late replies are late' 3 "$(lines 'Too late, reply from 127\.0\.0\.1: PING [1-3] DATE, RTT=T')"
equal 'and no replies' 0 "$(lines 'Reply from .*')"
equal 'each message has timed out' 4 "$(lines 'Request timed out')"
equal 'all are lost' 1 "$(lines 'Packets: sent = 4, received = 0, lost = 4 .*')"
respond late echo
ping 3
equal 'a late one and replies' 'Request timed out|Too late, reply from 127.0.0.1: Ping 1 DATE, RTT=T' \
    "$(grep -v -E '^(Reply|Packets|RTT|$)' <<<"$said" | paste -sd '|')"
respond late echo
check 'a late one has its own time' grep -qE '^Too late, .* Ping 1 .*, RTT=[345][0-9]{2}\.' \
    <("$BIN/udpping" -n 4 -i 0.2 -W 0.2 127.0.0.1 "$port")

# Nobody there: trap 45, the error of one message is told by the next call.
start "$BIN/udppingd" -p 0
stop "$pid"
ping 3
equal 'an unreachable port is told for each message' 3 "$(lines 'Reply from 127\.0\.0\.1: Destination Port Unreachable')"
equal 'none of them times out too' 0 "$(lines 'Request timed out')"
equal 'they are lost' 1 "$(lines 'Packets: sent = 3, received = 0, lost = 3 .*')"
equal 'failure' 1 "$status"

# Strange replies.
respond twice echo
ping 2
equal 'a second reply is told' 1 "$(lines 'Once more, reply from 127\.0\.0\.1: Ping 1 DATE, RTT=T')"
equal 'and not counted' 1 "$(lines 'Packets: sent = 2, received = 2, lost = 0 \(0\.0% loss\), duplicates = 1')"
respond garbled longer echo
ping 3
equal 'damaged replies are none' 2 "$(lines 'Not counted, damaged, from 127\.0\.0\.1: Ping .*')"
equal 'their messages time out' 2 "$(lines 'Request timed out')"
respond echo again echo
ping 3
equal 'the reply to the message before is its second' 1 "$(lines 'Once more, reply from .* Ping 1 DATE, RTT=T')"
equal 'and not that to this one' 1 "$(lines 'Request timed out')"
respond unsent echo
ping 2
equal 'a reply to what was not sent' 1 "$(lines 'Not counted, no reply, from 127\.0\.0\.1: PING 4000 .*')"
respond empty echo
ping 2
equal 'an empty one' 1 "$(lines 'Not counted, no reply, from 127\.0\.0\.1: ')"
# trap 45: another port than the one that was asked.
respond other_port echo
ping 2
equal 'a reply from another port is none' 1 "$(lines 'Packets: sent = 2, received = 1, lost = 1 .*')"
# trap 42
respond escapes echo
ping 2
equal 'control characters are made visible' 1 "$(grep -c -F 'from 127.0.0.1: \x1b[2J\x1b]0;title\x07\x0d\x0aReply from 127.0.0.1: forged' <<<"$said")"
equal 'none gets out' 0 "$(LC_ALL=C grep -c $'[\x01-\x08\x0b-\x1f]' <<<"$said" || true)"

# trap 44: interrupted, it says once how it went; what is on its way is not lost. trap 37
respond silence
"$BIN/udpping" -n 0 -i 0.1 -W 9 127.0.0.1 "$port" >"$scratch/interrupted" &
client=$!
sleep 0.5
kill -INT "$client"
wait "$client" || status=$?
equal 'interrupted, one summary' 1 "$(grep -c '^Packets: sent = ' "$scratch/interrupted")"
equal 'what is on its way is not lost' 1 "$(grep -c -E 'received = 0, lost = 0 \(0\.0% loss\), not awaited = [0-9]+$' "$scratch/interrupted")"

# JSON.
respond echo silence escapes echo
"$BIN/udpping" -n 4 -i 0.1 -W 0.1 --json 127.0.0.1 "$port" >"$scratch/json"
if command -v python3 >/dev/null; then
    equal 'JSON: a line for each event' 'foreign reply reply statistics timeout timeout' "$(python3 -c '
import json, sys
print(*sorted(json.loads(line)["event"] for line in sys.stdin))' <"$scratch/json")"
fi

# The server is no amplifier.
start "$BIN/udppingd" -p 0 --loss 0
ask() { # FORMAT: sends it, prints how long the answer is
    local answer
    exec 9<>"/dev/udp/127.0.0.1/$port"
    # shellcheck disable=SC2059
    printf "$1" >&9
    answer=$(timeout 0.5 dd bs=4096 count=1 <&9 2>/dev/null | wc -c)
    exec 9>&-
    echo "$answer"
}
equal 'an answer is as long as its question' 5 "$(ask hello)"
equal 'a long one is cut' 1024 "$(ask "$(printf 'a%.0s' {1..1500})")"
equal 'bytes above 0x7f stay' 3 "$(ask '\303\274a')"
stop "$pid"
start "$BIN/udppingd" -p 0 --loss 0 --delay 10
"$BIN/udpping" -n 1 -W 0.1 127.0.0.1 "$port" >"$scratch/drain" || true
begun=$SECONDS
stop "$pid"
equal 'what is not due in a while keeps no server' 0 "$status"
check 'for long' test $((SECONDS - begun)) -le 7

# Usage.
usage() { # PROGRAM ARGUMENT...
    status=0
    "$BIN/$1" "${@:2}" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
    echo "$status"
}
for arguments in '' '127.0.0.1' '127.0.0.1 0' '127.0.0.1 65536' '-n x 127.0.0.1 9' '-i 0 127.0.0.1 9' '-W 1x 127.0.0.1 9' '--what 127.0.0.1 9'; do
    # shellcheck disable=SC2086
    equal "udpping '$arguments' is wrong usage" 2 "$(usage udpping $arguments)"
done
for arguments in 'x' '-p x' '-p 65536' '--loss 101' '--loss 5/4' '--loss 1/0' '--delay x' '--delay 2-1' '--delay 61' '--seed x'; do
    # shellcheck disable=SC2086
    equal "udppingd '$arguments' is wrong usage" 2 "$(usage udppingd $arguments)"
done
equal 'a name that does not exist' 1 "$(usage udpping does-not-exist.invalid 9)"
equal 'is told in one line' 1 "$(wc -l <"$scratch/err")"
equal 'an address that is not of this machine' 1 "$(usage udppingd -b 192.0.2.1)"
for program in udpping udppingd; do
    check "$program --help" test "$(usage $program --help)" = 0
    check "$program --version" test "$(usage $program --version)" = 0
done
finish
