#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nothing that a client sends, and nothing that lies in its root, leads the web server astray.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/programs.sh

root=$scratch/root
mkdir -p "$root/folder" "$root/.well-known" "$scratch/outside"
echo 'inside' >"$root/inside.txt"
echo 'outside' >"$scratch/outside/outside.txt"
echo 'hidden' >"$root/.hidden"
echo 'known' >"$root/.well-known/known"
ln -s inside.txt "$root/to_inside"
ln -s ../inside.txt "$root/folder/to_inside"
ln -s ../outside/outside.txt "$root/to_outside"
ln -s ../outside "$root/to_outside_folder"
ln -s / "$root/to_all"
ln -s "$root/inside.txt" "$root/absolute"
ln -s loop "$root/loop"
ln -s /dev/zero "$root/to_device"
ln -s /proc/self/environ "$root/to_proc"
ln -s folder "$root/to_folder"
echo 'plain' >"$root/folder/plain.txt"
mkfifo "$root/fifo"
mknod "$root/device" c 1 5 2>/dev/null || true # root alone can
echo 'locked' >"$root/locked"
chmod 000 "$root/locked"

# Root may read everything, unless it gives up what lets it.
owner=()
if [ "$(id -u)" -eq 0 ]; then
    owner=(setpriv '--bounding-set=-dac_override,-dac_read_search')
fi
start "${owner[@]}" "$BIN/webserver" -p 0 --timeout 2 "$root"

get() { raw "GET $1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"; }

# Names, what each of them gets, and what where no symbolic link is followed.
names=$(
    cat <<'END'
/inside.txt 200
/to_inside 200 404
/folder/to_inside 200 404
/./inside.txt 200
//inside.txt 200
/folder/../inside.txt 200
/folder/%2e%2E/inside.txt 200
/%69nside.txt 200
/to_folder/plain.txt 200 404
/to_folder/../to_folder/ 200 404
/inside.txt/ 404
/inside.txt/inside.txt 404
/to_outside 404
/to_outside_folder/outside.txt 404
/to_outside_folder/ 404
/to_all/etc/passwd 404
/absolute 404
/loop 404
/to_device 404
/to_proc 404
/device 404
/fifo 404
/fifo/ 404
/.hidden 404
/folder/../.hidden 404
/.well-known/known 200
/../outside/outside.txt 400
/../../../../../../etc/passwd 400
/folder/../../outside/outside.txt 400
/%2e%2e/outside/outside.txt 400
/..%2foutside/outside.txt 400
/%2e%2e%2foutside%2foutside.txt 400
/folder%2f..%2f..%2foutside%2foutside.txt 400
/..%5coutside%5coutside.txt 404
/%252e%252e/outside/outside.txt 404
/..%c0%afoutside/outside.txt 404
/..;/outside/outside.txt 404
/inside.txt%00.html 400
/inside.txt%00 400
/inside%zz.txt 400
/inside%2 400
/inside.txt%20 404
END
)
long=$(printf 'a%.0s' {1..300})
deep=$(printf 'a/%.0s' {1..3000})

no_name_leads_out() { # PREFIX WHETHER-LINKS-ARE-FOLLOWED
    local target expected unfollowed response listing writer
    while read -r target expected unfollowed; do
        if ! "$2"; then expected=${unfollowed:-$expected}; fi
        response=$(get "$target")
        equal "$1GET $target" "$expected" "$(statuses <<<"$response")"
        check "$1GET $target gives nothing away" \
            test -z "$(grep -aE '^(outside|hidden|root:|PATH=)' <<<"$response")"
    done <<<"$names"
    equal "$1a name that is too long" 404 "$(get "/$long" | statuses)"
    equal "$1a path that is too long" 414 "$(get "/$deep" | statuses)"
    equal "$1a file that may not be read" 403 "$(get /locked | statuses)"

    # A FIFO is left alone: who writes to it is not woken.
    (echo woken >"$root/fifo") &
    writer=$!
    started+=("$writer")
    get /fifo >/dev/null
    listing=$(get /)
    sleep 0.2
    check "$1a FIFO is not opened" kill -0 "$writer"
    kill "$writer" || true
    check "$1what cannot be had is not listed" \
        test -z "$(grep -E 'fifo|to_outside|to_all|loop|\./device|to_device|hidden' <<<"$listing")"
    check "$1what can is" grep -q '"./inside.txt"' <<<"$listing"
    equal "$1a link is listed where it is followed" "$2" \
        "$(grep -q to_inside <<<"$listing" && echo true || echo false)"
}
no_name_leads_out '' true
equal 'a target that is too long' 414 "$(get "/$(printf 'a%.0s' {1..17000})" | statuses)"

# Pages repeat nothing of what the client sent.
check 'no target in a page' test -z "$(get '/%3Cscript%3Ealert(1)%3C/script%3E' | grep -i script)"

# Limits.
field=$(printf 'a%.0s' {1..17000})
equal 'a head that is too large' 431 "$(raw "GET / HTTP/1.1\r\nHost: a\r\nX: $field\r\n\r\n" | statuses)"
fields=$(printf 'X: y\\r\\n%.0s' {1..150})
equal 'too many fields' 431 "$(raw "GET / HTTP/1.1\r\nHost: a\r\n$fields\r\n" | statuses)"
# shellcheck disable=SC2317 # called by its name
endless() {
    exec 8<>"/dev/tcp/127.0.0.1/$port"
    (trap '' PIPE; yes 'X: endless' | head -c 50000000 >&8) 2>/dev/null || true
    timeout 5 cat <&8 2>/dev/null || true
    exec 8>&-
}
check 'a client that sends for ever is cut off' endless

# Slow clients, two seconds being allowed for a request.
slow() { # BYTES-A-SECOND...
    exec 7<>"/dev/tcp/127.0.0.1/$port"
    local begun=$SECONDS byte
    for byte; do
        (trap '' PIPE; printf '%b' "$byte" >&7) 2>/dev/null || break
        sleep 1
    done
    timeout 8 cat <&7 2>/dev/null | statuses || true
    exec 7>&-
    taken=$((SECONDS - begun))
}
slow >"$scratch/silent"
check 'a silent client is left' test "$taken" -le 5
equal 'without a word' '' "$(cat "$scratch/silent")"
slow G E T ' ' / ' ' H T T P >"$scratch/slow"
check 'one byte a second does not last' test "$taken" -le 13
exec 7<>"/dev/tcp/127.0.0.1/$port"
printf 'GET / HTTP/1.1\r\nHost' >&7
equal 'a request that does not end is told so' 408 "$(timeout 8 cat <&7 | statuses)"
exec 7>&-

# A client that does not read, of a file that no socket buffer holds.
truncate -s 100M "$root/huge"
exec 7<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /huge HTTP/1.1\r\nHost: a\r\n\r\n' >&7
sleep 5
exec 7>&-
sleep 0.5
check 'a client that does not read is left' grep -q '"GET /huge HTTP/1.1" 200 [0-9]*$' "$log"
equal 'while others are served' 200 "$(get /inside.txt | statuses)"

# A file that shrinks while it is sent: the connection ends short, and nothing else is sent in its place.
exec 7<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /huge HTTP/1.1\r\nHost: a\r\n\r\n' >&7
sleep 0.3
truncate -s 1M "$root/huge"
received=$(timeout 8 cat <&7 | wc -c)
check 'a file that shrinks ends the connection' test "$received" -lt 104857600
exec 7>&-

# The log cannot be forged.
raw 'GET /a"b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >/dev/null
get '/%0A127.0.0.1' >/dev/null
stop "$pid"
equal 'it still ends well' 0 "$status"
check 'no control character reaches the log' test -z "$(LC_ALL=C grep -aP '[^\x20-\x7e]' "$log")"

# The same names where the kernel does not know how to stay below a directory.
if "$WITHOUT_OPENAT2" true 2>"$scratch/why"; then
    start "${owner[@]}" "$WITHOUT_OPENAT2" "$BIN/webserver" -p 0 "$root"
    no_name_leads_out 'without openat2: ' false
    stop "$pid"
    equal 'without openat2: it ends well' 0 "$status"
else
    skip 'without openat2' "$(cat "$scratch/why")"
fi
finish
