#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Requests that two programs could understand differently: each is refused with one response, and what hides behind it is not
# taken for a request. (tests/vectors has the same for the library, with the RFC's sentences; these go through a socket.)
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/programs.sh

mkdir -p "$scratch/root"
echo hello >"$scratch/root/index.html"
start_webserver --timeout 2 "$scratch/root"

# Behind each request comes another, which must not be answered. The body that a lenient program would see is `0\r\n\r\n`.
hidden='GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n'
number=0
refused() { # STATUS NAME BYTES
    number=$((number + 1))
    equal "$2" "$1" "$(raw "$3$hidden" 3 | statuses)"
}
head='GET / HTTP/1.1\r\nHost: a\r\n'
post='POST / HTTP/1.1\r\nHost: a\r\n'
chunked='Transfer-Encoding: chunked\r\n'

# Both framings.
refused 400 'CL.TE' "${post}Content-Length: 5\r\n${chunked}\r\n0\r\n\r\n"
refused 400 'TE.CL' "${post}${chunked}Content-Length: 5\r\n\r\n0\r\n\r\n"
refused 400 'CL.TE of a GET' "${head}Content-Length: 5\r\n${chunked}\r\n0\r\n\r\n"

# Content-Length.
refused 400 'two lengths' "${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345"
refused 400 'two equal lengths' "${post}Content-Length: 5\r\nContent-Length: 5\r\n\r\n12345"
refused 400 'a list of lengths' "${post}Content-Length: 5, 5\r\n\r\n12345"
refused 400 'a length with a sign' "${post}Content-Length: +5\r\n\r\n12345"
refused 400 'a negative length' "${post}Content-Length: -5\r\n\r\n12345"
refused 400 'a length in hexadecimal' "${post}Content-Length: 0x5\r\n\r\n12345"
refused 400 'a length with a blank inside' "${post}Content-Length: 1 0\r\n\r\n12345"
refused 400 'no length' "${post}Content-Length:\r\n\r\n12345"
refused 400 'a length with a letter' "${post}Content-Length: 5x\r\n\r\n12345"
refused 413 'a length that overflows' "${post}Content-Length: 18446744073709551621\r\n\r\n12345"
refused 400 'a length with a point' "${post}Content-Length: 5.0\r\n\r\n12345"

# Transfer-Encoding.
refused 501 'a coding that is not chunked' "${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"
refused 501 'identity' "${post}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"
refused 501 'gzip, chunked' "${post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
refused 400 'chunked twice' "${post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"
refused 400 'chunked twice, in two fields' "${post}${chunked}${chunked}\r\n0\r\n\r\n"
refused 400 'an empty coding' "${post}Transfer-Encoding:\r\n\r\n0\r\n\r\n"
refused 400 'a quoted coding' "${post}Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"
refused 400 'a parameter of chunked' "${post}Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n"
refused 400 'a coding with a control character' "${post}Transfer-Encoding: \0013chunked\r\n\r\n0\r\n\r\n"
refused 400 'a coding in HTTP/1.0' "POST / HTTP/1.0\r\n${chunked}\r\n0\r\n\r\n"

# Lines and names.
refused 400 'a blank before the colon' "${post}Content-Length : 5\r\n\r\n12345"
refused 400 'a tabulator before the colon' "${post}Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"
refused 400 'a line that begins with a blank' "${post} Content-Length: 5\r\n\r\n12345"
refused 400 'a folded line' "${post}X: a\r\n Content-Length: 5\r\n\r\n12345"
refused 400 'a folded coding' "${post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"
refused 400 'no colon' "${post}Content-Length 5\r\n\r\n12345"
refused 400 'no name' "${post}: 5\r\n\r\n12345"
refused 400 'a name with a control character' "${post}Content-Length\0001: 5\r\n\r\n12345"
refused 400 'a name with a NUL' "${post}Content-Len\0000gth: 5\r\n\r\n12345"
refused 400 'a name with a letter of another alphabet' "${post}Content-Length\0303\0251: 5\r\n\r\n12345"
refused 400 'a NUL in a value' "${post}X: a\0000b\r\n\r\n"
refused 400 'a bare CR in a value' "${post}X: a\rContent-Length: 5\r\n\r\n12345"
refused 400 'a bare LF after a value' "${post}X: a\nContent-Length: 5\r\n\r\n12345"
refused 400 'bare LF everywhere' "GET / HTTP/1.1\nHost: a\n\n"
refused 400 'a bare LF as the blank line' "${head}\n"
refused 400 'a vertical tabulator in a value' "${post}X: a\0013b\r\n\r\n"

# Request lines.
refused 400 'two blanks' "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"
refused 400 'a tabulator' "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n"
refused 400 'a blank before the method' " GET / HTTP/1.1\r\nHost: a\r\n\r\n"
refused 400 'a blank after the version' "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"
refused 400 'a blank in the target' "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"
refused 400 'a control character in the target' "GET /\0001 HTTP/1.1\r\nHost: a\r\n\r\n"
refused 400 'no version' "GET /\r\nHost: a\r\n\r\n"
refused 400 'a lower-case version' "GET / http/1.1\r\nHost: a\r\n\r\n"
refused 400 'a version with two digits' "GET / HTTP/1.10\r\nHost: a\r\n\r\n"
refused 505 'HTTP/1.2' "GET / HTTP/1.2\r\nHost: a\r\n\r\n"
refused 505 'HTTP/2.0' "GET / HTTP/2.0\r\nHost: a\r\n\r\n"
refused 505 'HTTP/0.9' "GET / HTTP/0.9\r\n\r\n"
refused 400 'no slash' "GET index.html HTTP/1.1\r\nHost: a\r\n\r\n"
refused 400 'a fragment' "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"
refused 400 'an asterisk with GET' "GET * HTTP/1.1\r\nHost: a\r\n\r\n"
refused 400 'an authority with GET' "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"
refused 400 'a method that is no token' "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"

# Host.
refused 400 'no Host' 'GET / HTTP/1.1\r\nX: a\r\n\r\n'
refused 400 'two hosts' "${head}Host: b\r\n\r\n"
refused 400 'two equal hosts' "${head}Host: a\r\n\r\n"
refused 400 'an empty host' 'GET / HTTP/1.1\r\nHost:\r\n\r\n'
refused 400 'a host with a path' 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'
refused 400 'a host with a user' 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n'
refused 400 'a list of hosts' 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n'
refused 400 'a port that is no number' 'GET / HTTP/1.1\r\nHost: a:b\r\n\r\n'
refused 400 'another host than the target' 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n'

# Chunks: the request has been answered when its body turns out to be broken; then nothing more is.
broken_body() { # NAME CHUNKS
    number=$((number + 1))
    equal "$1" 200 "$(raw "${head}${chunked}\r\n$2$hidden" 3 | statuses)"
}
broken_body 'a chunk size in another notation' '0x1\r\na\r\n0\r\n\r\n'
broken_body 'a chunk size with a sign' '+1\r\na\r\n0\r\n\r\n'
broken_body 'a chunk size with a blank' '1 \r\na\r\n0\r\n\r\n'
broken_body 'a blank before a chunk size' ' 1\r\na\r\n0\r\n\r\n'
broken_body 'no chunk size' '\r\na\r\n0\r\n\r\n'
broken_body 'a chunk size that overflows' '10000000000000001\r\na\r\n0\r\n\r\n'
broken_body 'a bare LF after a chunk size' '1\na\r\n0\r\n\r\n'
broken_body 'a bare LF in an extension' '1;a\nb\r\na\r\n0\r\n\r\n'
broken_body 'a bare CR in an extension' '1;a\rb\r\na\r\n0\r\n\r\n'
broken_body 'a bare LF after a chunk' '1\r\na\n0\r\n\r\n'
broken_body 'a chunk longer than its size' '1\r\nab\r\n0\r\n\r\n'
broken_body 'a trailer that frames' '0\r\nContent-Length: 5\r\n\r\n'
broken_body 'a trailer with a blank before the colon' '0\r\nX : 5\r\n\r\n'

# And what is allowed is answered, together with what comes behind it.
allowed() { # NAME BYTES
    equal "$1" '200 404' "$(raw "$2GET /hidden HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" | statuses)"
}
allowed 'a plain request' "${head}\r\n"
allowed 'an empty line before it' "\r\n${head}\r\n"
allowed 'a body' "${head}Content-Length: 5\r\n\r\n12345"
allowed 'a chunked body' "${head}${chunked}\r\n1;a=\"b\"\r\na\r\n0\r\nX: a\r\n\r\n"
allowed 'chunked, in capitals' "${head}transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n"
allowed 'a body that looks like a request' "${head}Content-Length: 33\r\n\r\n${hidden}"
stop "$pid"
equal 'the server has borne it' 0 "$status"
check 'nothing hidden was asked for in secret' test "$(grep -c '"GET /hidden' "$log")" -le 6
finish
