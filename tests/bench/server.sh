#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: tests/bench/server.sh [--quick]
#
# What a request costs webserver, nginx and lighttpd, and a floor that only answers: CPU time of the
# server, all its processes, for each request of wrk's. Server on one core, wrk on another, over
# loopback. The servers take turns; ratios are taken within a round and the median of the rounds
# counts. BUILD says which build to take.
# shellcheck disable=SC2317 # some functions are called by a trap, or by name
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build/release}

# After so many seconds nothing is tried again, and no round but the first goes on.
rounds=4 seconds=2 limit=190
case ${1-} in
'') ;;
--quick) rounds=1 seconds=1 limit=15 ;;
*) sed -n '3,/^set /{/^set /d;s/^# \{0,1\}//;p;}' tests/bench/server.sh >&2; exit 2 ;;
esac

readonly CONNECTIONS=64 TRIES=3
readonly FOREIGN_LIMIT=8 # percent of a core that others may take during a run

script/peers nginx lighttpd wrk
peers=$PWD/build/peers
cmake --build "$build" --target webserver floor_server >"$build/server_bench.log" ||
    { cat "$build/server_bench.log" >&2; exit 2; }

# ------------------------------------------------------------------------------------ start and end

work=$(mktemp -d)
started=()

end_servers() {
    local pid
    for pid in "${started[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in "${started[@]}"; do
        for _ in {1..50}; do
            kill -0 "$pid" 2>/dev/null || continue 2
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap end_servers EXIT
trap 'exit 130' INT TERM

die() {
    echo "server: $*" >&2
    exit 2
}

# ------------------------------------------------------------------------------------- the machine

# The first two cores that this process may use.
allowed_cores() {
    local range first last core
    for range in $(taskset -pc $$ | sed 's/.*: //; s/,/ /g'); do
        first=${range%-*} last=${range#*-}
        for ((core = first; core <= last; core++)); do echo "$core"; done
    done | head -n 2
}

mapfile -t cores < <(allowed_cores)
if [ ${#cores[@]} -lt 2 ]; then die "needs two cores: one for the server, one for wrk"; fi
ticks_a_second=$(getconf CLK_TCK)

# Nanoseconds that processes have run, in all their threads.
cpu_of() { # PID...
    local pid files=()
    for pid; do files+=(/proc/"$pid"/task/*/schedstat); done
    cat "${files[@]}" 2>/dev/null | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# Nanoseconds that the machine has been busy, in all its cores.
busy() {
    awk -v tick="$ticks_a_second" \
        '/^cpu / { printf "%.0f\n", ($2 + $3 + $4 + $7 + $8 + $9) * 1e9 / tick }' /proc/stat
}

children_of() { # PID
    local stat
    for stat in /proc/[0-9]*/stat; do
        awk -v parent="$1" '{ pid = $1; sub(/.*\) /, ""); if ($2 == parent) print pid }' "$stat" \
            2>/dev/null || true
    done
}

# ------------------------------------------------------------------------------------- the servers

declare -A port pid
declare -A words=(
    [webserver]='webserver'
    [nginx]='nginx'
    [nginx-cache]='nginx, open_file_cache'
    [nginx-tuned]='nginx, open_file_cache, no tcp_nopush'
    [lighttpd]='lighttpd'
    [floor-1k]='floor: a fixed answer'
    [floor-100k]='floor: a fixed answer'
)

listens() { # PORT
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() {
    local candidate
    for _ in {1..50}; do
        candidate=$((20000 + RANDOM % 10000))
        if ! listens "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    die "no free port"
}

# A server ends when this script does, however that comes.
launch() { # NAME COMMAND...
    local name=$1
    shift
    setpriv --pdeathsig TERM taskset -c "${cores[0]}" "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null &
    pid[$name]=$!
    started+=($!)
}

await() { # NAME COMMAND...: until the command succeeds
    local name=$1
    shift
    for _ in {1..100}; do
        if "$@"; then return; fi
        kill -0 "${pid[$name]}" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/$name.err" >&2
    die "$name does not start"
}

# Ours say on their first line where they listen.
said_port() { # NAME
    local said
    said=$(sed -n '1s|^listening on http://127.0.0.1:\([0-9]*\)/$|\1|p' "$work/$1.out")
    [ -n "$said" ] && port[$1]=$said
}

start_ours() { # NAME COMMAND...
    launch "$@"
    await "$1" said_port "$1"
}

nginx_config() { # NAME PORT NOPUSH CACHE
    local mime=$peers/root/etc/nginx/mime.types
    if [ ! -e "$mime" ]; then mime=/etc/nginx/mime.types; fi
    cat <<END
worker_processes 2;
daemon off;
pid $work/$1.pid;
error_log stderr error;
events { worker_connections 768; }
http {
    sendfile on;
    tcp_nopush $3;
    types_hash_max_size 2048;
    include $mime;
    default_type application/octet-stream;
    access_log off;
    $4
    client_body_temp_path $work/$1.body;
    proxy_temp_path $work/$1.proxy;
    fastcgi_temp_path $work/$1.fastcgi;
    uwsgi_temp_path $work/$1.uwsgi;
    scgi_temp_path $work/$1.scgi;
    server { listen 127.0.0.1:$2; root $work/root; }
}
END
}

start_nginx() { # NAME NOPUSH CACHE
    port[$1]=$(free_port)
    nginx_config "$1" "${port[$1]}" "$2" "$3" >"$work/$1.conf"
    launch "$1" "$peers/bin/nginx" -c "$work/$1.conf"
    await "$1" listens "${port[$1]}"
}

start_lighttpd() {
    port[lighttpd]=$(free_port)
    cat >"$work/lighttpd.conf" <<END
server.document-root = "$work/root"
server.bind = "127.0.0.1"
server.port = ${port[lighttpd]}
server.modules = ("mod_indexfile", "mod_staticfile")
mimetype.assign = ("" => "application/octet-stream")
END
    launch lighttpd "$peers/bin/lighttpd" -D -f "$work/lighttpd.conf"
    await lighttpd listens "${port[lighttpd]}"
}

# Every server must hand out the very file. The request goes in one piece, as wrk's do.
check() { # NAME FILE
    printf 'GET /%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >"$work/request"
    exec 3<>"/dev/tcp/127.0.0.1/${port[$1]}"
    cat "$work/request" >&3
    timeout 5 cat <&3 >"$work/answer" || true
    exec 3<&-
    if ! head -n 1 "$work/answer" | grep -q '^HTTP/1.1 200 ' ||
        ! sed '1,/^\r$/d' "$work/answer" | cmp -s - "$work/root/$2"
    then
        die "$1 does not deliver $2"
    fi
}

mkdir "$work/root"
chmod 755 "$work" "$work/root"
head -c 1024 /dev/urandom >"$work/root/1k.bin"
head -c 102400 /dev/urandom >"$work/root/100k.bin"

cache='open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s;'
start_ours webserver "$build/bin/webserver" -p 0 --log none "$work/root"
start_nginx nginx on ''
start_nginx nginx-cache on "$cache"
start_nginx nginx-tuned off "$cache"
start_lighttpd
start_ours floor-1k "$build/tests/bench/floor_server" "$work/root/1k.bin"
start_ours floor-100k "$build/tests/bench/floor_server" "$work/root/100k.bin"

# ------------------------------------------------------------------------------------- measurement

# SCENARIO: what is asked for, and of whom.
declare -A file=([keepalive-1k]=1k.bin [keepalive-100k]=100k.bin [close-1k]=1k.bin)
declare -A sides=(
    [keepalive-1k]='webserver nginx nginx-cache nginx-tuned lighttpd floor-1k'
    [keepalive-100k]='webserver nginx nginx-tuned lighttpd floor-100k'
    [close-1k]='webserver nginx nginx-cache lighttpd floor-1k'
)
scenarios=(keepalive-1k keepalive-100k close-1k)

wrk() { # SCENARIO NAME SECONDS
    local fields=()
    if [ "$1" = close-1k ]; then fields=(-H 'Connection: close'); fi
    taskset -c "${cores[1]}" "$peers/bin/wrk" -t 1 -c $CONNECTIONS -d "$3s" --latency \
        "${fields[@]}" "http://127.0.0.1:${port[$2]}/${file[$1]}" 2>&1 || echo 'wrk failed'
    # What its children took, and it is in a shell of its own: a pipeline would make another.
    times >"$work/times"
    tail -n 1 "$work/times"
}

# Prints: requests, requests a second, nanoseconds of wrk, failures, and wrk's word for p99.
digest() {
    awk '
        function seconds(time, part) { split(time, part, /[ms]/); return 60 * part[1] + part[2] }
        / requests in / { requests = $1 }
        /^Requests\/sec:/ { rate = $2 }
        / 99% / { p99 = $2 }
        /Socket errors:/ { gsub(/,/, ""); failures += $4 + $6 + $8 + $10 }
        /Non-2xx/ { failures += $NF }
        /^[0-9]+m[0-9.]+s [0-9]+m[0-9.]+s$/ { cpu = (seconds($1) + seconds($2)) * 1e9 }
        { said = said "\n" $0 }
        END {
            if (!requests) print "wrk says:" said >"/dev/stderr"
            printf "%d %.0f %.0f %d %s\n", requests, rate, cpu, failures, p99
        }'
}

# One run. Appends to the results: scenario, round, side, microseconds of CPU a request, rate, p99.
# Fails if others kept the machine busy.
run() { # SCENARIO ROUND NAME
    local pids server_before busy_before server_used busy_used requests rate wrk_used failures p99
    mapfile -t pids < <(echo "${pid[$3]}"; children_of "${pid[$3]}")
    server_before=$(cpu_of "${pids[@]}")
    busy_before=$(busy)
    read -r requests rate wrk_used failures p99 < <(wrk "$1" "$3" "$seconds" | digest)
    busy_used=$(($(busy) - busy_before))
    server_used=$(($(cpu_of "${pids[@]}") - server_before))
    if [ "$requests" -eq 0 ] || [ "$failures" -gt $((requests / 1000)) ]; then
        die "$3, $1: $failures of $requests requests failed"
    fi
    awk -v scenario="$1" -v round="$2" -v name="$3" -v used="$server_used" -v count="$requests" \
        -v rate="$rate" -v p99="$p99" \
        'BEGIN { printf "%s %d %s %.3f %d %s\n", scenario, round, name, used / count / 1000, rate, p99 }' \
        >"$work/run"
    [ $(((busy_used - server_used - wrk_used) / 10000000 / seconds)) -le $FOREIGN_LIMIT ]
}

runs=0 noisy=0
run_quietly() { # SCENARIO ROUND NAME
    local try
    for ((try = 0; try < TRIES; try++)); do
        if run "$@"; then break; fi
        if [ $((try + 1)) -eq $TRIES ] || [ $SECONDS -ge $limit ]; then
            noisy=$((noisy + 1))
            break
        fi
    done
    runs=$((runs + 1))
    cat "$work/run" >>"$work/results"
}

for scenario in "${scenarios[@]}"; do
    for name in ${sides[$scenario]}; do check "$name" "${file[$scenario]}"; done
done
for name in webserver nginx nginx-cache nginx-tuned lighttpd; do
    wrk keepalive-1k "$name" 1 >/dev/null # warms up
done
SECONDS=0
for ((round = 0; round < rounds; round++)); do
    for scenario in "${scenarios[@]}"; do
        for name in ${sides[$scenario]}; do
            if [ "$round" -gt 0 ] && [ $SECONDS -ge $limit ]; then break 3; fi
            run_quietly "$scenario" "$round" "$name"
        done
    done
done

# ------------------------------------------------------------------------------------------ report

median() {
    sort -g | awk '{ v[NR] = $1 } END { if (NR) printf "%.3f\n", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

column() { # SCENARIO NAME COLUMN
    awk -v s="$1" -v n="$2" -v c="$3" '$1 == s && $3 == n { print $c }' "$work/results" | median
}

# The median of what the first costs in terms of the second, round by round.
ratio() { # SCENARIO NAME OTHER
    awk -v s="$1" -v a="$2" -v b="$3" '
        $1 == s && $3 == a { x[$2] = $4 }
        $1 == s && $3 == b { y[$2] = $4 }
        END { for (r in x) if (r in y) print x[r] / y[r] }' "$work/results" | median
}

p99() { # SCENARIO NAME
    awk -v s="$1" -v n="$2" '$1 == s && $3 == n { p = $6 } END { print p }' "$work/results"
}

table() { # SCENARIO
    local name
    printf '\n%s\n  %-38s %12s %11s %9s %15s\n' "$1" '' 'us/request' 'requests/s' 'p99' 'x webserver'
    for name in ${sides[$1]}; do
        printf '  %-38s %12.2f %11.0f %9s %15.2f\n' "${words[$name]}" "$(column "$1" "$name" 4)" \
            "$(column "$1" "$name" 5)" "$(p99 "$1" "$name")" "$(ratio "$1" "$name" webserver)"
    done
}

short=0
bar() { # NAME MEASURED NEEDED
    local word=ok
    if ! awk -v m="$2" -v n="$3" 'BEGIN { exit !(m <= n) }'; then word=short short=1; fi
    printf 'bar server.%s measured=%.3f needed=%.3f %s\n' "$1" "$2" "$3" "$word"
}

echo "Serving files: $CONNECTIONS connections, $round rounds of $seconds s; medians of the CPU time that the"
echo "server takes for a request. The bars say how much webserver may take of what another server"
echo "takes: smaller is better."
for scenario in "${scenarios[@]}"; do table "$scenario"; done
if [ $((noisy * 2)) -gt "$runs" ]; then
    printf '\ntoo noisy to tell: others kept the machine busy in %d of %d runs\n' "$noisy" "$runs"
elif [ $noisy -gt 0 ]; then
    printf '\nothers kept the machine busy in %d of %d runs\n' "$noisy" "$runs"
fi
echo
bar keepalive-1k-of-nginx "$(ratio keepalive-1k webserver nginx)" 0.5
bar keepalive-1k-of-nginx-cache "$(ratio keepalive-1k webserver nginx-cache)" 0.75
bar keepalive-1k-of-lighttpd "$(ratio keepalive-1k webserver lighttpd)" 0.85
bar keepalive-100k-of-nginx-tuned "$(ratio keepalive-100k webserver nginx-tuned)" 1.0
bar close-1k-of-nginx "$(ratio close-1k webserver nginx)" 1.0
exit $short
