#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The web client: against the web server, and against a server that says whatever it is told to.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/programs.sh

root=$scratch/root
mkdir -p "$root/folder"
printf 'Hello, world\n' >"$root/hello.txt"
printf 'odd\n' >"$root/a b?#%.txt"
head -c 3000000 /dev/urandom >"$root/large.bin"
start_webserver "$root"
cd "$scratch"

# Sets status, out and err.
get() { # ARGUMENT...
    status=0
    "$BIN/httpget" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}
says() { # NAME PATTERN
    check "$1" grep -qE -e "$2" "$scratch/err"
    equal "$1, in one line" 1 "$(wc -l <"$scratch/err")"
}
shows() { # NAME PATTERN
    check "$1" grep -qaE -e "$2" "$scratch/out"
}

# As the assignment has it.
get 127.0.0.1 "$port" hello.txt
equal 'a file: exit status' 0 "$status"
equal 'a file: status line' $'HTTP/1.1 200 OK\r' "$(head -n 1 out)"
shows 'a file: fields' '^Content-Length: 13'
equal 'a file: body' 'Hello, world' "$(tail -n 1 out)"
get localhost "$port" /hello.txt
equal 'a server by name, a file with its slash' 0 "$status"
get 127.0.0.1 "$port" nothing.txt
equal 'no such file: exit status' 4 "$status"
equal 'no such file: status line' $'HTTP/1.1 404 Not Found\r' "$(head -n 1 out)"
shows 'no such file: page' '<h1>404 Not Found</h1>'
get 127.0.0.1 "$port" 'a b?#%.txt'
equal 'a file with any name' odd "$(tail -n 1 out)"

# By URL.
get "${url}hello.txt"
equal 'a URL' 'Hello, world' "$(tail -n 1 out)"
get "${url}a%20b%3F%23%25.txt?query#fragment"
equal 'a URL, encoded, with query and fragment' odd "$(tail -n 1 out)"
get "${url%/}"
equal 'a URL without a path' 0 "$status"
get -X HEAD "${url}large.bin"
equal 'HEAD' 0 "$status"
equal 'HEAD has no body' $'\r' "$(tail -n 1 out)"
get -d a=b "$url"
equal '-d posts' 4 "$status"
shows '-d posts, which is not allowed' '^HTTP/1.1 405'
get -H 'Range: bytes=7-' -o - "${url}hello.txt"
equal '-H, and -o - for the body alone' world "$(cat out)"

# Into a file.
get -o large.bin "${url}large.bin"
equal '-o: exit status' 0 "$status"
check '-o: the file' cmp large.bin "$root/large.bin"
equal '-o: nothing else' 0 "$(wc -c <out)"
get -i -o hello.txt "${url}hello.txt"
shows '-o -i shows the head' '^HTTP/1.1 200 OK'
equal '-o -i: the file has the body' 'Hello, world' "$(cat hello.txt)"
get -o hello.txt "${url}nothing.txt"
equal '-o of what is not there: exit status' 4 "$status"
says '-o of what is not there' '/nothing.txt: 404 Not Found$'
equal '-o of what is not there leaves the file' 'Hello, world' "$(cat hello.txt)"
get -o nowhere/file "${url}hello.txt"
equal '-o to a folder that is not there' 1 "$status"
says '-o to a folder that is not there' 'nowhere/file: No such file or directory$'
get -o /dev/null "${url}large.bin"
equal '-o to a device' 0 "$status"
check '-o to a device leaves it one' test -c /dev/null
equal 'no pieces are left' '' "$(find . -name '*.part-*')"

# Redirections.
get "${url}folder"
equal 'a redirection is not followed' 0 "$status"
shows 'but shown' '^HTTP/1.1 301'
get -L "${url}folder"
shows '-L follows it' 'Index of /folder/'

# What cannot be.
get https://127.0.0.1/
equal 'https' 2 "$status"
says 'https comes later' 'no TLS'
get ftp://127.0.0.1/
equal 'another scheme' 2 "$status"
get 'http://user@127.0.0.1/'
equal 'a user in the URL' 2 "$status"
get 127.0.0.1 port file
equal 'a port that is no number' 2 "$status"
get a b
equal 'two arguments' 2 "$status"
get --what
equal 'no such option' 2 "$status"
get -H nonsense "$url"
equal 'no such field' 2 "$status"
get -H $'X: a\r\nY: b' "$url"
equal 'a field that would be two' 2 "$status"
get -X 'GET /' "$url"
equal 'a method that is none' 2 "$status"
get --help
equal '--help' 0 "$status"
get nothing.invalid 80 x
equal 'a name that does not exist' 1 "$status"
closed=$port
stop "$pid"
get 127.0.0.1 "$closed" x
equal 'nobody there' 1 "$status"
says 'nobody there' 'httpget: http://127.0.0.1:[0-9]*/x: Connection refused$'

# Responses that go wrong.
answer=$scratch/answer
: >"$answer"
start "$RAW_SERVER" "$answer"
answered() { # BYTES ARGUMENT...
    printf %b "$1" >"$answer"
    shift
    get "$@" "$url"
}
answered 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345'
equal 'a body that is cut: exit status' 3 "$status"
says 'a body that is cut' 'ended after 5 of 10 bytes$'
answered 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345' -o cut
equal 'a body that is cut: no file' 3 "$status"
check 'a body that is cut leaves nothing' test -z "$(find . -name 'cut*')"
answered 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n' -o -
equal 'chunks that are cut' 3 "$status"
says 'chunks that are cut' 'after 5 bytes$'
answered 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n3;x=y\r\n678\r\n0\r\nX: y\r\n\r\n' -o -
equal 'chunks' 12345678 "$(cat out)"
answered 'HTTP/1.1 200 OK\r\n\r\nto the end' -o -
equal 'a body to the end of the connection' 'to the end' "$(cat out)"
answered 'HTTP/1.0 200 OK\r\n\r\nold' -o -
equal 'HTTP/1.0' old "$(cat out)"
answered 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n'
equal 'an interim response' 0 "$status"
shows 'an interim response is shown' '^HTTP/1.1 103 Early'
shows 'and the final one' '^HTTP/1.1 204 No'
answered ''
equal 'no response' 3 "$status"
says 'no response' 'closed the connection'
answered 'HTTP/1.1 200 OK\r\nContent-Le'
equal 'half a head' 3 "$status"
answered 'SSH-2.0-OpenSSH_9.2\r\n'
equal 'another protocol' 3 "$status"
says 'another protocol' 'not a valid response: '
answered 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
equal 'a length and chunks' 3 "$status"
answered 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12'
equal 'two lengths' 3 "$status"
answered 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops'
equal 'a server that failed' 5 "$status"
answered 'HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n' -L
equal 'a redirection without end' 1 "$status"
says 'a redirection without end' 'redirected too often$'
answered 'HTTP/1.1 302 Found\r\nLocation: https://a/\r\nContent-Length: 0\r\n\r\n' -L
equal 'a redirection to https' 1 "$status"
answered 'HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n' -L
equal 'a redirection to a file' 1 "$status"
answered '' --timeout 1 -X POST -d x=y
check 'what is sent' grep -q '^POST / HTTP/1.1' "$log"
check 'what is sent, the host' grep -q "^Host: 127.0.0.1:$port" "$log"
check 'what is sent, the type' grep -q '^Content-Type: application/x-www-form-urlencoded' "$log"

# Fields of the user's go to no other server. The same server by its other name is another one.
: >"$log.secret"
printf 'HTTP/1.1 307 Temporary Redirect\r\nLocation: http://localhost:%s/other\r\nContent-Length: 0\r\n\r\n' "$port" >"$answer"
: >"$log"
get -L -H 'Authorization: Basic c2VjcmV0' "$url"
check 'a redirection to another server is followed' grep -q '^GET /other' "$log"
equal 'without the fields of the user' 1 "$(grep -c '^Authorization' "$log")"
get -L -d secret "$url"
equal 'and data are not sent there' 1 "$status"
says 'and data are not sent there' 'not sent to another server'

# A terminal is not at the server's mercy.
if command -v script >/dev/null; then
    answered 'HTTP/1.1 200 \0351\0233\r\nContent-Length: 9\r\n\r\n\0033[31mred\0007'
    terminal=$(script -qec "'$BIN/httpget' '$url'" /dev/null </dev/null)
    check 'no control character reaches a terminal' test -z "$(LC_ALL=C grep -a $'[\033\007\233]' <<<"$terminal")"
    check 'but can be seen' grep -qF '\x1b[31mred\x07' <<<"$terminal"
    check 'elsewhere the body is as it came' grep -qaF $'\033[31mred\007' "$scratch/out"
else
    skip 'no control character reaches a terminal' 'needs script(1)'
fi

# A silent server.
mkfifo "$scratch/silent"
start "$RAW_SERVER" "$scratch/silent"
get --timeout 1 "$url"
equal 'a silent server' 1 "$status"
says 'a silent server' 'silent for too long$'

# Interrupted.
start_webserver "$root"
truncate -s 2G "$root/huge"
"$BIN/httpget" -o huge "${url}huge" 2>/dev/null &
client=$!
eventually compgen -G 'huge.part-*'
kill -TERM "$client"
status=0
wait "$client" || status=$?
equal 'interrupted' 143 "$status"
check 'nothing is left' test -z "$(find . -name 'huge*' -not -path './root/*')"
finish
