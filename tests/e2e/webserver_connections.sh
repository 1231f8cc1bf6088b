#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The web server's connections: many requests on one, many at a time, one at a time, and their ends.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/programs.sh

root=$scratch/root
mkdir -p "$root"
echo hello >"$root/hello.txt"
head -c 50000 /dev/urandom >"$root/large.bin"
echo >>"$root/large.bin" # so that what follows it begins a line
truncate -s 200M "$root/huge"
start_webserver --timeout 3 --keep-alive 2 "$root"

get='GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n'
last='GET /hello.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
repeat() { # COUNT TEXT
    local i
    for ((i = 0; i < $1; i++)); do printf %s "$2"; done
}

# One connection, many requests.
equal 'requests one after the other on a connection' '200 200 200' "$(raw "$get$get$last" | statuses)"
equal 'none after the last' 200 "$(raw "$last$get" | statuses)"
equal 'HTTP/1.0 ends the connection' 200 "$(raw 'GET /hello.txt HTTP/1.0\r\n\r\n' | statuses)"
equal 'HTTP/1.0 may keep it' '200 200' "$(raw "GET /hello.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n$last" | statuses)"
equal 'a short body is passed over' '200 200' "$(raw "GET /hello.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345$last" | statuses)"
equal 'a chunked one too' '200 200' "$(raw "GET /hello.txt HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n$last" | statuses)"
equal 'a long one ends the connection' 405 "$(raw "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n$last" | statuses)"
equal 'and one that waits to be asked for' 405 "$(raw 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n' | statuses)"
exec 7<>"/dev/tcp/127.0.0.1/$port"
# shellcheck disable=SC2059
printf "$get" >&7
begun=$SECONDS
equal 'an idle connection is ended' 200 "$(timeout 8 cat <&7 | statuses)"
check 'in time' test $((SECONDS - begun)) -le 5
exec 7>&-

# Pipelining, also of more than any buffer holds.
count() { LC_ALL=C grep -a -c '^HTTP/1\.1 200' || true; }
equal 'a hundred requests at once' 100 "$(raw "$(repeat 99 "$get")$last" 20 | count)"
large='GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n'
response=$scratch/pipelined
raw "$(repeat 200 "$large$get")$last" 30 >"$response"
equal 'four hundred, with ten megabytes of answers' 401 "$(count <"$response")"
check 'nothing is lost' test "$(stat -c %s "$response")" -gt 10000000
byte_by_byte() {
    local i bytes
    bytes=$(printf '%b.' "$1")
    exec 7<>"/dev/tcp/127.0.0.1/$port"
    for ((i = 0; i < ${#bytes} - 1; i++)); do printf %s "${bytes:i:1}" >&7; done
    timeout 5 cat <&7
    exec 7>&-
}
equal 'a request byte by byte' 200 "$(byte_by_byte "$last" | statuses)"

# At the same time: one connection stays open in the middle of a request, another takes its time, and yet others are served.
exec 6<>"/dev/tcp/127.0.0.1/$port" 7<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /hello' >&6
printf 'GET /huge HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >&7
equal 'others are served meanwhile' 200 "$(raw "$last" 2 | statuses)"
printf '.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >&6
equal 'and then the one' 200 "$(timeout 5 cat <&6 | statuses)"
check 'and the other, whole' test "$(timeout 30 cat <&7 | wc -c)" -gt 209715200
exec 6>&- 7>&-
hundred() {
    local i jobs=()
    for ((i = 0; i < 100; i++)); do
        raw "$get$last" 20 &
        jobs+=($!)
    done
    wait "${jobs[@]}"
}
equal 'a hundred connections' 200 "$(hundred | count)"

# SIGTERM: what is under way is finished, what is idle ends.
exec 6<>"/dev/tcp/127.0.0.1/$port" 7<>"/dev/tcp/127.0.0.1/$port"
# shellcheck disable=SC2059
printf "$get" >&6
printf 'GET /huge HTTP/1.1\r\nHost: a\r\n\r\n' >&7
sleep 0.5
kill "$pid"
sleep 0.5
check 'no new connection' test -z "$(raw "$last" 1 2>/dev/null | statuses)"
equal 'an idle connection ends at once' 200 "$(timeout 2 cat <&6 | statuses)"
check 'a response is finished' test "$(timeout 30 cat <&7 | wc -c)" -gt 209715200
exec 6>&- 7>&-
stop "$pid"
equal 'and the server ends well' 0 "$status"
start_webserver "$root"
kill -INT "$pid"
stop "$pid"
equal 'SIGINT is the same' 0 "$status"

# Short of descriptors: who finds no room waits, the server does not run hot, and goes on when there is room.
# shellcheck disable=SC2016 # for the other shell
start bash -c 'ulimit -n 40; exec "$BIN/webserver" "$@"' - -p 0 -t 1 --timeout 9 "$root"
held=()
for i in {1..60}; do
    exec {fd}<>"/dev/tcp/127.0.0.1/$port"
    held+=("$fd")
done
processor_time() { awk '{print $14 + $15}' "/proc/$pid/stat"; }
before=$(processor_time)
check 'out of descriptors: others wait' test -z "$(raw "$last" 2 | statuses)"
check 'in peace' test $(($(processor_time) - before)) -lt 50
for fd in "${held[@]}"; do exec {fd}>&-; done
equal 'with room again all is well' 200 "$(raw "$last" 5 | statuses)"
stop "$pid"
equal 'and ends well' 0 "$status"

# Full: who has been idle for longest makes room, who has something to do stays.
ask() { # FD
    local line
    # shellcheck disable=SC2059
    printf "$get" >&"$1"
    while IFS= read -r -t 5 -u "$1" line; do
        if [ "$line" = hello ]; then return 0; fi
    done
    return 1
}
is_open() { # FD
    local status=0
    timeout 0.3 cat <&"$1" >"$scratch/rest" || status=$?
    test $status -eq 124
}
start_webserver -t 1 --max-connections 3 "$root"
for fd in 3 4 5; do
    eval "exec $fd<>/dev/tcp/127.0.0.1/$port"
    check "full: connection $fd is served" ask "$fd"
done
check 'full: the first is used again' ask 3
equal 'full: another is served at once' 200 "$(raw "$last" 1 | statuses)"
check 'full: the one longest idle made room' test ! "$(is_open 4 && echo open)"
check 'full: the others are open' is_open 3
check 'full: and served' ask 5
exec 3>&- 4>&- 5>&-
exec 3<>"/dev/tcp/127.0.0.1/$port" 4<>"/dev/tcp/127.0.0.1/$port" 5<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /hel' >&3
printf 'GET /huge HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >&4
printf 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n12345' >&5
sleep 0.7
check 'full of requests: others wait' test -z "$(raw "$last" 1.5 | statuses)"
printf 'lo.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >&3
equal 'full of requests: each is answered' 200 "$(timeout 5 cat <&3 | statuses)"
equal 'full of requests: then another' 200 "$(raw "$last" 5 | statuses)"
# shellcheck disable=SC2059
printf "6789$last" >&5
equal 'full of requests: each is read' '405 200' "$(timeout 5 cat <&5 | statuses)"
check 'full of requests: each is finished' test "$(timeout 30 cat <&4 | wc -c)" -gt 209715200
exec 3>&- 4>&- 5>&-
# Who has not said a word has a moment for it.
exec 3<>"/dev/tcp/127.0.0.1/$port" 4<>"/dev/tcp/127.0.0.1/$port" 5<>"/dev/tcp/127.0.0.1/$port"
equal 'full of silence: others do not wait for long' 200 "$(raw "$last" 3 | statuses)"
check 'full of silence: the others are open' is_open 5
exec 3>&- 4>&- 5>&-
stop "$pid"
equal 'full: it ends well' 0 "$status"
start_webserver -t 4 --max-connections 2 "$root"
held=()
for i in {1..12}; do
    exec {fd}<>"/dev/tcp/127.0.0.1/$port"
    held+=("$fd")
    if ask "$fd"; then echo served; fi
done >"$scratch/served"
equal 'full, with many threads: each new one is served' 12 "$(wc -l <"$scratch/served")"
for fd in "${held[@]}"; do
    if is_open "$fd"; then echo open; fi
done >"$scratch/open"
check 'full, with many threads: no more are open than may be' test "$(wc -l <"$scratch/open")" -le 2
for fd in "${held[@]}"; do exec {fd}>&-; done
stop "$pid"
equal 'full, with many threads: it ends well' 0 "$status"

# A log that nobody reads costs its lines, not the service.
mkfifo "$scratch/log"
exec 5<>"$scratch/log"
"$BIN/webserver" -p 0 "$root" >"$scratch/log" &
pid=$!
started+=("$pid")
read -r line <&5
port=${line##*:}
port=${port%/}
equal 'more lines than a pipe holds' 2000 "$(raw "$(repeat 1999 "$get")$last" 20 | count)"
equal 'and still it serves' 200 "$(raw "$last" | statuses)"
stop "$pid"
equal 'and still it ends' 0 "$status"
exec 5>&-

# One client after the other.
start_webserver -t 0 --timeout 2 "$root"
equal '-t 0 serves' 200 "$(raw "$last" | statuses)"
equal '-t 0 ends each connection after its request' 200 "$(raw "$get$get" | statuses)"
exec 7<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /hello' >&7
sleep 0.2
check '-t 0: others wait' test -z "$(raw "$last" 1 | statuses)"
printf '.txt HTTP/1.1\r\nHost: a\r\n\r\n' >&7
equal '-t 0: for the first' 200 "$(timeout 5 cat <&7 | statuses)"
exec 7>&-
equal '-t 0: then they are served' 200 "$(raw "$last" | statuses)"
exec 7<>"/dev/tcp/127.0.0.1/$port"
equal '-t 0: a silent client is left after a while' 200 "$(raw "$last" | statuses)"
exec 7>&-
stop "$pid"
equal '-t 0 ends well' 0 "$status"

# One request.
start_webserver --once "$root"
exec 7<>"/dev/tcp/127.0.0.1/$port"
exec 7>&-
equal '--once answers' 200 "$(raw "$get$get" | statuses)"
status=0
wait "$pid" || status=$?
equal '--once exits' 0 "$status"

# Its command line.
exits() { # NAME STATUS ARGUMENT...
    local name=$1 expected=$2 status=0
    shift 2
    "$BIN/webserver" "$@" >"$scratch/out" 2>&1 || status=$?
    equal "$name" "$expected" "$status"
}
exits '--help' 0 --help
check '--help tells the usage' grep -q '^usage: webserver' "$scratch/out"
exits '--version' 0 --version
exits 'no such option' 2 --what
exits 'no such port' 2 -p 65536
exits 'no number' 2 -p 80x
exits 'too many threads' 2 -t 65
exits 'no connections' 2 --max-connections 0
exits 'two roots' 2 a b
exits 'no such root' 1 "$scratch/nothing"
check 'that is one line' grep -qxE 'webserver: /.*/nothing: No such file or directory' "$scratch/out"
exits 'a root that is a file' 1 "$root/hello.txt"
exits 'an address of another machine' 1 --bind 192.0.2.1 -p 0 "$root"
start_webserver "$root"
exits 'a port in use' 1 -p "$port" "$root"
stop "$pid"
if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
    start_webserver --bind ::1 "$root"
    equal 'an IPv6 address' "http://[::1]:$port/" "$url"
    stop "$pid"
else
    skip 'an IPv6 address' 'this machine has none'
fi
finish
