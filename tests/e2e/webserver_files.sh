#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The web server gives files: whole, in part, or not at all when the client has them.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/programs.sh

root=$scratch/root
mkdir -p "$root/folder/below" "$root/site"
echo '<h1>Welcome</h1>' >"$root/site/index.html"
printf 'Hello, world\n' >"$root/hello.txt"
head -c 1000 /dev/urandom >"$root/small.bin"
head -c 300000 /dev/urandom >"$root/large.bin"
head -c 16384 /dev/urandom >"$root/edge.bin"
: >"$root/empty"
echo x >"$root/folder/a b&<c>\"'.txt"
echo x >"$root/folder/100%?#.txt"
echo x >"$root/folder/.secret"
touch -d '1994-11-06 08:49:37 UTC' "$root/hello.txt"
start_webserver "$root"

head_of() { raw "HEAD $1 HTTP/1.1\r\nHost: a\r\n${2-}Connection: close\r\n\r\n"; }
get() { raw "GET $1 HTTP/1.1\r\nHost: a\r\n${2-}Connection: close\r\n\r\n"; }
body() { LC_ALL=C sed '1,/^\r*$/d'; }
head_only() { LC_ALL=C sed '/^\r*$/q'; }

equal 'the first line says where' 'listening on http://127.0.0.1:' "$(head -n 1 "$log" | sed 's/[0-9]*\/$//')"

for name in hello.txt small.bin edge.bin large.bin empty; do
    check "$name arrives as it is" cmp "$root/$name" <(get "/$name" | body)
    size=$(stat -c %s "$root/$name")
    equal "$name has its length" "$size" "$(head_of "/$name" | field Content-Length)"
    equal "$name: HEAD sends no body" "" "$(head_of "/$name" | body)"
done

# Status lines.
equal 'a file' 200 "$(get /hello.txt | statuses)"
equal 'a file that is not there' 404 "$(get /nothing | statuses)"
check 'the 404 has a page' grep -q '<h1>404 Not Found</h1>' <(get /nothing)
equal 'a file is no directory' 404 "$(get /hello.txt/ | statuses)"
equal 'an absolute target' 200 "$(raw 'GET http://a/hello.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' | statuses)"
equal 'an absolute target of https' 421 "$(raw 'GET https://a/hello.txt HTTP/1.1\r\nHost: a\r\n\r\n' | statuses)"
equal 'an absolute target of ftp' 421 "$(raw 'HEAD ftp://a/hello.txt HTTP/1.1\r\nHost: a\r\n\r\n' | statuses)"
equal 'a query is not part of the name' 200 "$(get '/hello.txt?a=b' | statuses)"
equal 'HTTP/1.0' 200 "$(raw 'GET /hello.txt HTTP/1.0\r\n\r\n' | statuses)"

# Types.
while read -r name type; do
    touch "$root/$name"
    equal "the type of $name" "$type" "$(head_of "/$name" | field Content-Type)"
done <<'END'
t.html text/html; charset=utf-8
t.css text/css; charset=utf-8
t.js text/javascript; charset=utf-8
t.PNG image/png
t.jpg image/jpeg
t.svg image/svg+xml
t.tar.gz application/gzip
t.unknown application/octet-stream
t application/octet-stream
END

# Directories.
equal 'a directory without its slash' 301 "$(get /folder | statuses)"
equal 'it is elsewhere' /folder/ "$(get /folder | field Location)"
equal 'the query goes along' '/folder/?x=1' "$(get '/folder?x=1' | field Location)"
equal 'an index is the directory' '<h1>Welcome</h1>' "$(get /site/ | body)"
listing=$(get /folder/ | body)
check 'a listing has names as text' grep -qF '>a b&amp;&lt;c&gt;&quot;&#39;.txt</a>' <<<"$listing"
check 'and as links' grep -qF 'href="./a%20b%26%3Cc%3E%22%27.txt"' <<<"$listing"
check 'whatever they hold' grep -qF 'href="./100%25%3F%23.txt"' <<<"$listing"
check 'directories come first' grep -qF '"./below/"' <(grep -F 'href="./' <<<"$listing" | head -n 1)
check 'and up' grep -qF 'href="../"' <<<"$listing"
check 'what is hidden is not listed' test -z "$(grep -F secret <<<"$listing")"
equal 'the links work' x "$(get '/folder/100%25%3F%23.txt' | body)"

# Methods.
equal 'POST' 405 "$(raw 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab' | statuses)"
equal 'what is allowed' 'GET, HEAD, OPTIONS' "$(raw 'DELETE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' | field Allow)"
equal 'OPTIONS' 204 "$(raw 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' | statuses)"
equal 'a method that nobody knows' 501 "$(raw 'BREW / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' | statuses)"
equal 'methods have a case' 501 "$(raw 'get / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' | statuses)"

# Validators.
etag=$(head_of /hello.txt | field ETag)
date='Sun, 06 Nov 1994 08:49:37 GMT'
equal 'Last-Modified' "$date" "$(head_of /hello.txt | field Last-Modified)"
check 'the tag is a strong one' grep -qE '^"[^"]+"$' <<<"$etag"
condition() { # NAME STATUS FIELDS
    equal "$1" "$2" "$(get /hello.txt "$3" | statuses)"
}
condition 'If-None-Match' 304 "If-None-Match: $etag\r\n"
condition 'If-None-Match: another' 200 'If-None-Match: "x"\r\n'
condition 'If-None-Match counts before the date' 200 "If-None-Match: \"x\"\r\nIf-Modified-Since: $date\r\n"
condition 'If-Modified-Since' 304 "If-Modified-Since: $date\r\n"
condition 'If-Modified-Since, before' 200 'If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n'
condition 'If-Modified-Since, in the form of RFC 850' 304 'If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n'
condition 'If-Match' 200 "If-Match: $etag\r\n"
condition 'If-Match: another' 412 'If-Match: "x"\r\n'
condition 'If-Unmodified-Since, before' 412 'If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n'
equal 'a 304 has no body' "" "$(get /hello.txt "If-None-Match: $etag\r\n" | body)"
equal 'a 304 has the tag' "$etag" "$(get /hello.txt "If-None-Match: $etag\r\n" | field ETag)"
# The names of the fields of a response that has no list of them twice.
names() { head_only | LC_ALL=C tr -d '\r' | LC_ALL=C sed -n 's/^\([A-Za-z-]*\):.*/\1/p' | sort | tr '\n' ' ' | sed 's/ $//'; }
equal 'a 304 says what a cache must know, and no more' 'Connection Date ETag Server' \
    "$(get /hello.txt "If-Modified-Since: $date\r\n" | names)"
equal 'a 206 says what a 200 does' "$(get /hello.txt | names | sed 's/Content-Type/Content-Range &/')" \
    "$(get /hello.txt 'Range: bytes=0-1\r\n' | names)"
equal 'a 206 has the tag' "$etag" "$(get /hello.txt 'Range: bytes=0-1\r\n' | field ETag)"
equal 'a 206 of several parts has the tag' "$etag" "$(get /hello.txt 'Range: bytes=0-1,5-9\r\n' | head_only | field ETag)"
equal 'a listing is there' 304 "$(get /folder/ 'If-None-Match: *\r\n' | statuses)"
equal 'and has no validators' 'Cache-Control Connection Date Server' "$(get /folder/ 'If-None-Match: *\r\n' | names)"
equal 'so that no tag is its own' 200 "$(get /folder/ "If-None-Match: $etag, \"\"\r\n" | statuses)"
equal 'nor a date' 200 "$(get /folder/ 'If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT\r\n' | statuses)"
equal 'a change of it is not asked for' 412 "$(get /folder/ "If-Match: $etag\r\n" | statuses)"
touch -d '+1 day' "$root/future"
equal 'a date in the future is no last modification' '' "$(head_of /future | field Last-Modified)"
check 'a tag tells that file from others' test -n "$(head_of /future | field ETag)"
equal 'and a date does not' 200 "$(get /future 'If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT\r\n' | statuses)"

# Each response says when it was made.
dates() { LC_ALL=C tr -d '\r' | LC_ALL=C grep -acE '^Date: (Sun|Mon|Tue|Wed|Thu|Fri|Sat), [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} GMT$'; }
undated=
while read -r expected request; do
    response=$(raw "$request\r\nConnection: close\r\n\r\n" | head_only)
    got="$(statuses <<<"$response") $(dates <<<"$response")"
    if [ "$got" != "$expected 1" ]; then undated+="$expected: $got; "; fi
done <<'END'
200 GET /hello.txt HTTP/1.1\r\nHost: a
200 HEAD /folder/ HTTP/1.1\r\nHost: a
204 OPTIONS * HTTP/1.1\r\nHost: a
206 GET /small.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1
301 GET /folder HTTP/1.1\r\nHost: a
304 GET /hello.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: *
400 GET / HTTP/1.1\r\nHost: a\r\nHost: b
404 GET /nothing HTTP/1.1\r\nHost: a
405 DELETE / HTTP/1.1\r\nHost: a
412 GET /hello.txt HTTP/1.1\r\nHost: a\r\nIf-Match: "x"
416 GET /small.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=1000-
417 POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles
421 GET https://a/ HTTP/1.1\r\nHost: a
501 BREW / HTTP/1.1\r\nHost: a
505 GET / HTTP/2.0\r\nHost: a
END
equal 'Date of all responses' '' "$undated"

printf 'Hello, again\n' >"$root/hello.txt"
sleep 1
condition 'a changed file has another tag' 200 "If-None-Match: $etag\r\n"
equal 'and arrives as it is now' 'Hello, again' "$(get /hello.txt | body)"
rm "$root/hello.txt"
sleep 1
equal 'a removed file is gone' 404 "$(get /hello.txt | statuses)"

# Parts: of a file in memory and of one that is sent from the disk.
part() { # NAME FIRST SIZE RANGE
    local name
    for name in small.bin large.bin; do
        local size
        size=$(stat -c %s "$root/$name")
        local first=$2
        if [ "$first" -lt 0 ]; then first=$((size + first)); fi
        local count=$3
        if [ "$count" -lt 0 ]; then count=$((size - first)); fi
        local response=$scratch/response
        get "/$name" "Range: bytes=$4\r\n" >"$response"
        equal "$1 of $name" 206 "$(statuses <"$response")"
        equal "$1 of $name, named" "bytes $first-$((first + count - 1))/$size" "$(field Content-Range <"$response")"
        check "$1 of $name, its bytes" cmp <(tail -c "+$((first + 1))" "$root/$name" | head -c "$count") <(body <"$response")
    done
}
part 'the first bytes' 0 10 0-9
part 'the last bytes' -10 10 -10
part 'the rest' 900 -1 900-
part 'one byte' 999 1 999-999
part 'more than there is' 990 -1 990-99999999
equal 'behind the end' 416 "$(get /small.bin 'Range: bytes=1000-\r\n' | statuses)"
equal 'behind the end, the size' 'bytes */1000' "$(get /small.bin 'Range: bytes=1000-\r\n' | field Content-Range)"
part 'ranges that overlap' 10 90 10-59,50-99
equal 'no range at all' 200 "$(get /small.bin 'Range: bytes=5-1\r\n' | statuses)"
equal 'another unit' 200 "$(get /small.bin 'Range: lines=0-1\r\n' | statuses)"
etag=$(head_of /small.bin | field ETag)
equal 'If-Range' 206 "$(get /small.bin "If-Range: $etag\r\nRange: bytes=0-1\r\n" | statuses)"
equal 'If-Range: another' 200 "$(get /small.bin 'If-Range: "x"\r\nRange: bytes=0-1\r\n' | statuses)"
equal 'HEAD knows no parts' 200 "$(head_of /small.bin 'Range: bytes=0-1\r\n' | statuses)"

# Several parts.
boundary_of() { head_only | field Content-Type | sed -n 's/^multipart\/byteranges; boundary=//p'; }
parts_are() { # NAME FILE RANGES FIRST+SIZE...
    local name=$1 file=$2 ranges=$3 response=$scratch/response expected=$scratch/expected part size boundary
    shift 3
    get "/$file" "Range: bytes=$ranges\r\n" >"$response"
    boundary=$(boundary_of <"$response")
    size=$(stat -c %s "$root/$file")
    for part; do
        printf -- '\r\n--%s\r\nContent-Type: application/octet-stream\r\n' "$boundary"
        printf 'Content-Range: bytes %d-%d/%d\r\n\r\n' "${part%+*}" $((part - 1)) "$size"
        tail -c "+$((${part%+*} + 1))" "$root/$file" | head -c "${part#*+}" || true # who is cut off
    done >"$expected"
    printf -- '\r\n--%s--\r\n' "$boundary" >>"$expected"
    equal "$name of $file" 206 "$(statuses <"$response")"
    check "$name of $file, their bytes" cmp "$expected" <(body <"$response")
    equal "$name of $file, their length" "$(stat -c %s "$expected")" \
        "$(head_only <"$response" | field Content-Length)"
    equal "$name of $file: the head names none" '' "$(head_only <"$response" | field Content-Range)"
}
for name in small.bin edge.bin large.bin; do
    size=$(stat -c %s "$root/$name")
    parts_are 'two parts' "$name" 0-1,5-9 0+2 5+5
    parts_are 'the end before the beginning' "$name" '-5, 0-0' $((size - 5))+5 0+1
    parts_are 'parts that are there' "$name" 0-9,99999999-,20-29 0+10 20+10
    sixteen=(0+1 {2..9..2}+1 {10..30..2}+1)
    parts_are 'sixteen parts' "$name" "$(printf '%s,' "${sixteen[@]}" | sed 's/\([0-9]*\)+1/\1-\1/g')" "${sixteen[@]}"
done
parts_are 'nearly all' edge.bin 0-8000,8002-16383 0+8001 8002+8382
parts_are 'nearly all' large.bin 150001-,0-149999 150001+149999 0+150000
equal 'seventeen parts: all' 200 "$(get /small.bin "Range: bytes=$(printf '%d-,' {32..0..2})\r\n" | statuses)"
equal 'several parts, the connection goes on' '206 206 200' "$(
    several='GET /large.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=0-99,150-\r\n\r\n'
    raw "$several${several/large/small}HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" | statuses
)"
equal 'several parts behind the end' 416 "$(get /small.bin 'Range: bytes=1000-,2000-\r\n' | statuses)"
several='Range: bytes=0-1,5-9\r\n'
check 'no boundary is used twice' test "$(get /small.bin "$several" | boundary_of)" != "$(get /small.bin "$several" | boundary_of)"
equal 'HEAD knows no several parts' 200 "$(head_of /small.bin "$several" | statuses)"
equal 'several parts, If-Range: another' 200 "$(get /small.bin "If-Range: \"x\"\r\n$several" | statuses)"
length=$(get /large.bin "$several" | head_only | field Content-Length)

# The log.
stop "$pid"
equal 'SIGTERM ends it well' 0 "$status"
check 'the log: a file' grep -qE '^127\.0\.0\.1 - - \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} \+0000\] "GET /large\.bin HTTP/1\.1" 200 300000$' "$log"
check 'the log: a part' grep -qF '"GET /large.bin HTTP/1.1" 206 10' "$log"
check 'the log: several parts' grep -qF "\"GET /large.bin HTTP/1.1\" 206 $length" "$log"
check 'the log: no body' grep -qF '"HEAD /large.bin HTTP/1.1" 200 -' "$log"
finish
