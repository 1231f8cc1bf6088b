#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The web client against other people's servers: nginx, and node's http module.
# shellcheck disable=SC2317 # functions are called by their names
set -euo pipefail
cd "$(dirname "$0")/../../.."
source tests/support/tap.sh
source tests/support/programs.sh
script/peers nginx nodejs

root=$scratch/root
mkdir -p "$root/folder" "$scratch/tmp"
printf 'Hello, world\n' >"$root/hello.txt"
head -c 30000000 /dev/urandom >"$root/large.bin"
chmod -R a+rX "$scratch"

# Sets status, out and err.
get() { # ARGUMENT...
    status=0
    "$BIN/httpget" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}
shows() { # NAME PATTERN
    check "$1" grep -qaE -e "$2" "$scratch/out"
}

# A free port for nginx, which cannot be asked for the one it got: one that a server just had.
start_webserver "$root"
nginx_port=$port
stop "$pid"
cat >"$scratch/nginx.conf" <<END
daemon off; master_process off; pid $scratch/nginx.pid; error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path $scratch/tmp/1; proxy_temp_path $scratch/tmp/2; fastcgi_temp_path $scratch/tmp/3;
    uwsgi_temp_path $scratch/tmp/4; scgi_temp_path $scratch/tmp/5;
    default_type text/plain;
    server {
        listen 127.0.0.1:$nginx_port;
        root $root;
        location /moved { return 302 /hello.txt; }
        location /failed { return 500 "failed\n"; }
        location /chunks { ssi on; ssi_types *; alias $root/; }
    }
}
END
"$PEERS/nginx" -c "$scratch/nginx.conf" -p "$scratch" 2>"$scratch/nginx.log" &
nginx=$!
started+=("$nginx")
answers() { "$BIN/httpget" -o - "http://127.0.0.1:$nginx_port/hello.txt"; }
check 'nginx is there' eventually answers

get 127.0.0.1 "$nginx_port" hello.txt
equal 'nginx: a file' 'Hello, world' "$(tail -n 1 "$scratch/out")"
shows 'nginx: its head' '^Server: nginx'
get 127.0.0.1 "$nginx_port" nothing.txt
equal 'nginx: no such file' 4 "$status"
shows 'nginx: its page' '404 Not Found</h1>'
get -o "$scratch/large.bin" "http://127.0.0.1:$nginx_port/large.bin"
check 'nginx: a large file' cmp "$scratch/large.bin" "$root/large.bin"
get -o - "http://127.0.0.1:$nginx_port/chunks/large.bin"
check 'nginx: a large file in chunks' cmp "$scratch/out" "$root/large.bin"
get -L -o - "http://127.0.0.1:$nginx_port/moved"
equal 'nginx: a redirection, followed' 'Hello, world' "$(cat "$scratch/out")"
get "http://127.0.0.1:$nginx_port/failed"
equal 'nginx: a failure' 5 "$status"
get -X HEAD "http://127.0.0.1:$nginx_port/large.bin"
equal 'nginx: HEAD' 30000000 "$(field Content-Length <"$scratch/out")"
get -H 'Range: bytes=0-4' -o - "http://127.0.0.1:$nginx_port/hello.txt"
equal 'nginx: a part' Hello "$(cat "$scratch/out")"
get -d a=b "http://127.0.0.1:$nginx_port/hello.txt"
equal 'nginx: POST to a file' 4 "$status"
stop "$nginx"

# node says what it was sent, in pieces; and closes in the middle.
cat >"$scratch/server.js" <<'END'
const http = require('http');
const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (data) => body += data);
    request.on('end', () => {
        if (request.url === '/hints') response.writeEarlyHints({link: '</style.css>; rel=preload'});
        if (request.url === '/trailer') response.setHeader('Trailer', 'X-Sum');
        if (request.url === '/cut') { response.write('half'); setTimeout(() => response.socket.destroy(), 100); return; }
        if (request.url === '/short') {
            response.setHeader('Content-Length', 100);
            response.write('half');
            setTimeout(() => response.socket.destroy(), 100);
            return;
        }
        response.write(request.method + ' ' + request.url + '\n');
        setTimeout(() => {
            response.write('host ' + request.headers.host + '\n');
            if (request.url === '/trailer') response.addTrailers({'X-Sum': '1'});
            response.end('type ' + request.headers['content-type'] + '\nbody ' + body + '\n');
        }, 50);
    });
});
server.listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + server.address().port + '/'));
END
start "$PEERS/node" "$scratch/server.js"
get -o - "${url}a?b=c"
equal 'node: what it was asked' 'GET /a?b=c' "$(head -n 1 "$scratch/out")"
equal 'node: of whom' "host 127.0.0.1:$port" "$(sed -n 2p "$scratch/out")"
get -d 'a=b' -o - "$url"
equal 'node: a form' 'POST / type application/x-www-form-urlencoded body a=b' "$(sed 2d "$scratch/out" | paste -sd ' ')"
get -X PUT -H 'Content-Type: text/plain' -d text -o - "$url"
equal 'node: a body of another type' 'PUT / type text/plain body text' "$(sed 2d "$scratch/out" | paste -sd ' ')"
get "${url}hints"
shows 'node: early hints' '^HTTP/1.1 103'
shows 'node: and the response' '^GET /hints'
get "${url}trailer"
equal 'node: a trailer' 0 "$status"
get "${url}cut"
equal 'node: chunks that are cut' 3 "$status"
get "${url}short"
equal 'node: a body that is cut' 3 "$status"
check 'node: it says how much came' grep -q 'after 4 of 100 bytes$' "$scratch/err"
finish
