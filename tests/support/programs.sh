# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For tests of the programs: servers on free ports, requests byte by byte. Needs BIN, the directory of the programs; source
# tap.sh too, and this file before anything is started.

scratch=$(mktemp -d)
started=()

# Only what was started here, by its number.
clean_up() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
    # A browser's helpers outlive it by a moment and may still write there; that fails no test.
    eventually remove_scratch || true
}
remove_scratch() {
    chmod -R u+rwx "$scratch" && rm -rf "$scratch"
}
trap clean_up EXIT

# Waits, up to ten seconds, until a command succeeds.
eventually() { # COMMAND...
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.05
    done
    return 1
}

# Starts a server that says `listening on ...` first; sets pid, url, port and log (its output).
start() { # COMMAND...
    log=$scratch/log.${#started[@]}
    "$@" >"$log" 2>&1 &
    pid=$!
    started+=("$pid")
    eventually grep -q '^listening on ' "$log" || { echo "# does not listen: $*"; cat "$log"; }
    url=$(sed -n 's/^listening on //p;q' "$log")
    port=${url##*:}
    port=${port%/}
}

start_webserver() { # ARGUMENT...
    start "$BIN/webserver" -p 0 "$@"
}

# Tells a server to stop; sets status to what it exits with.
# shellcheck disable=SC2034 # for who sources this
stop() { # PID
    kill "$1" 2>/dev/null || true
    status=0
    wait "$1" || status=$?
}

# Sends bytes (written with escapes, \r\n\0101) to the server and prints what it says until it closes, or for SECONDS.
raw() { # BYTES [SECONDS]
    exec 9<>"/dev/tcp/127.0.0.1/$port" || return
    # A server may refuse before it has read all.
    (trap '' PIPE; printf %b "$1" >&9) 2>/dev/null || true
    timeout "${2-5}" cat <&9 2>/dev/null || true
    exec 9>&-
}

# The status of each response, in one line.
statuses() {
    LC_ALL=C grep -a -o '^HTTP/1\.1 [0-9]*' | cut -d ' ' -f 2 | tr '\n' ' ' | sed 's/ $//'
}

# The value of a field of the (last) response head.
field() { # NAME
    LC_ALL=C tr -d '\r' | LC_ALL=C sed -n "s/^$1: //Ip" | tail -n 1
}
