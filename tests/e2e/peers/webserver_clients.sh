#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The web server against other people's clients: curl, node, wrk, and a browser.
# shellcheck disable=SC2317 # functions are called by their names
set -euo pipefail
cd "$(dirname "$0")/../../.."
source tests/support/tap.sh
source tests/support/programs.sh
script/peers curl wrk nodejs chromium

root=$scratch/root
mkdir -p "$root/album"
head -c 1024 /dev/urandom >"$root/1k.bin"
head -c 102400 /dev/urandom >"$root/100k.bin"
head -c 30000000 /dev/urandom >"$root/30m.bin"
start_webserver "$root"

# curl.
curl() { "$PEERS/curl" -sS --max-time 30 "$@"; }
for name in 1k.bin 100k.bin 30m.bin; do
    check "curl: $name" cmp "$root/$name" <(curl "$url$name")
done
equal 'curl: three on one connection' 1 "$(curl "${url}1k.bin" "${url}100k.bin" "${url}1k.bin" -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects}\n' | awk '{sum += $1} END {print sum}')"
head -c 5000000 "$root/30m.bin" >"$scratch/resumed"
curl -C - -o "$scratch/resumed" "${url}30m.bin"
check 'curl: a download that goes on' cmp "$root/30m.bin" "$scratch/resumed"
cat >"$scratch/multipart.js" <<'END'
// The parts of what curl has received, by the boundary that its head names: "first-last matches", and that nothing is left.
const fs = require('fs');
const [, , received, original] = process.argv;
const all = fs.readFileSync(received), file = fs.readFileSync(original);
const boundary = /^content-type: multipart\/byteranges; boundary=(\S+)/im.exec(all.toString('latin1'))[1];
const content = all.subarray(all.indexOf('\r\n\r\n') + 4).toString('latin1').split(`\r\n--${boundary}`);
const shown = content.slice(1, -1).map((part) => {
    const end = part.indexOf('\r\n\r\n');
    const [, first, last] = /content-range: bytes (\d+)-(\d+)\/\d+/i.exec(part.slice(0, end));
    return `${first}-${last} ${part.slice(end + 4) === file.toString('latin1', +first, +last + 1)}`;
});
console.log([...shown, content[0] + content[content.length - 1].trim()].join(' '));
END
for name in 1k.bin 100k.bin; do
    curl -i -r 0-1,5-9,-300 -o "$scratch/parts" "$url$name"
    size=$(stat -c %s "$root/$name")
    equal "curl: several parts of $name" "0-1 true 5-9 true $((size - 300))-$((size - 1)) true --" \
        "$("$PEERS/node" "$scratch/multipart.js" "$scratch/parts" "$root/$name")"
done
curl --etag-save "$scratch/etag" -o "$scratch/copy" "${url}1k.bin"
equal 'curl: unchanged by its tag' 304 "$(curl --etag-compare "$scratch/etag" -o /dev/null -w '%{http_code}' "${url}1k.bin")"
equal 'curl: unchanged by its date' 304 "$(curl -z "$root/1k.bin" -o /dev/null -w '%{http_code}' "${url}1k.bin")"
equal 'curl: -I' 1024 "$(curl -I "${url}1k.bin" | field Content-Length)"
equal 'curl: a directory, followed' 200 "$(curl -L -o /dev/null -w '%{http_code}' "${url}album")"
equal 'curl: a body that waits to be asked for' 405 "$(curl -H 'Expect: 100-continue' --data-binary "@$root/100k.bin" -o /dev/null -w '%{http_code}' "$url")"
equal 'curl: a long body' 405 "$(curl --data-binary "@$root/30m.bin" -o /dev/null -w '%{http_code}' "$url")"
curl --parallel --parallel-max 50 -o "$scratch/parallel.#1" "${url}100k.bin?[1-200]" 2>/dev/null
equal 'curl: two hundred, fifty at a time' "200 1" "$(find "$scratch" -name 'parallel.*' | wc -l) $(sort -u < <(md5sum "$scratch"/parallel.* | cut -d ' ' -f 1) | wc -l)"

# node: an agent that keeps its connections.
cat >"$scratch/client.js" <<'END'
const http = require('http');
const agent = new http.Agent({keepAlive: true, maxSockets: 20});
const [, , url, count] = process.argv;
let left = +count, bytes = 0, bad = 0, connections = new Set();
for (let i = 0; i < count; i++) {
    http.get(url, {agent, headers: {'X-Number': i}}, (response) => {
        connections.add(response.socket.localPort);
        if (response.statusCode !== 200) bad++;
        response.on('data', (data) => bytes += data.length);
        response.on('end', () => { if (--left === 0) { console.log(bytes, bad, connections.size <= 20); agent.destroy(); } });
    }).on('error', (error) => { console.log(error.message); process.exit(1); });
}
END
equal 'node: a thousand requests over twenty connections' '102400000 0 true' "$("$PEERS/node" "$scratch/client.js" "${url}100k.bin" 1000)"

# wrk: nothing but 2xx, no socket error, and the log has counted as many.
load() { # SECONDS FILE
    "$PEERS/wrk" -t 1 -c 64 -d "$1s" "$url$2" >"$scratch/wrk" 2>&1
    ! grep -E 'Socket errors|Non-2xx' "$scratch/wrk" && grep -qE '^ +[1-9][0-9]* requests in' "$scratch/wrk"
}
check 'wrk: a load of small files' load 3 1k.bin
check 'wrk: a load of larger ones' load 3 100k.bin
requests=$(awk '$2 == "requests" {print $1}' "$scratch/wrk")
sleep 0.5
logged=$(grep -c '"GET /100k.bin HTTP/1.1" 200 102400$' "$log")
lost=$(awk '/lines lost/ {sum += $2} END {print sum + 0}' "$log")
check "every request is in the log ($requests of wrk's)" test "$logged" -ge $((requests - lost))

# A thousand connections that say nothing, and as many that stop in the middle, hinder nobody.
idle() {
    "$PEERS/node" -e '
        const net = require("net");
        let open = 0;
        for (let i = 0; i < 2000; i++)
            net.connect(+process.argv[1], "127.0.0.1", function () {
                if (i % 2) this.write("GET /1k.bin HTTP/1.1\r\nHost:");
                if (++open === 2000) console.log("open");
            }).on("error", (error) => { console.log(error.message); process.exit(1); });
        setTimeout(() => process.exit(0), 12000);' "$port" >"$scratch/idle" &
    started+=($!)
    eventually grep -q open "$scratch/idle"
}
ulimit -n "$(ulimit -H -n)"
check 'two thousand idle connections' idle
check 'wrk: a load beside them' load 3 1k.bin
equal 'curl beside them' 200 "$(curl -o /dev/null -w '%{http_code}' "${url}1k.bin")"
memory=$(awk '/^VmRSS/ {print $2}' "/proc/$pid/status")
check "in little memory ($memory KB)" test "$memory" -lt 120000

# A browser: a page with a style, a script and images, all of which are fetched and shown.
cat >"$root/album/index.html" <<'END'
<!DOCTYPE html><meta charset="utf-8"><title>Album</title><link rel="stylesheet" href="style.css">
<h1>Album</h1><img src="red.svg"><img src="green.svg"><img src="b%20l%26ue.svg"><p id="sum">?</p><script src="sum.js"></script>
END
echo 'body { margin: 0; background: #fff } img { display: block; width: 300px; height: 100px }' >"$root/album/style.css"
echo 'document.getElementById("sum").textContent = "sum " + [...document.images].reduce((n, i) => n + i.naturalWidth, 0)
document.title = "loaded"' >"$root/album/sum.js"
picture() { # NAME COLOUR
    echo "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"100\"><rect width=\"300\" height=\"100\" fill=\"$2\"/></svg>" >"$root/album/$1.svg"
}
picture red '#f00'
picture green '#0f0'
picture 'b l&ue' '#00f'
browse() { # ARGUMENT...
    HOME=$scratch timeout 60 "$PEERS/chromium" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --user-data-dir="$scratch/profile" --no-first-run --no-default-browser-check \
        --disable-background-networking --disable-component-update --disable-sync --disable-default-apps \
        --disable-extensions --no-pings --mute-audio --hide-scrollbars \
        --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' --window-size=640,480 \
        --virtual-time-budget=5000 "$@" 2>"$scratch/browser.log"
}
shown=$(browse --dump-dom "${url}album/")
check 'Chromium: the script runs and sees all images' grep -q 'sum 900' <<<"$shown"
browse --screenshot="$scratch/page.png" "${url}album/" >/dev/null || true
check 'Chromium: a screenshot' test -s "$scratch/page.png"
# The middle of each image, as its colour: looked at by the browser itself, from a file.
cat >"$root/look.html" <<'END'
<canvas id="c" width="640" height="480"></canvas><pre id="out"></pre><script>
const image = new Image();
image.onload = () => {
    const canvas = document.getElementById('c').getContext('2d');
    canvas.drawImage(image, 0, 0);
    const counts = {};
    const data = canvas.getImageData(0, 0, 640, 480).data;
    for (let i = 0; i < data.length; i += 4) {
        const colour = [data[i], data[i + 1], data[i + 2]].join();
        counts[colour] = (counts[colour] || 0) + 1;
    }
    document.getElementById('out').textContent =
        ['255,0,0', '0,255,0', '0,0,255'].map((c) => counts[c]).join(' ');
};
image.src = 'page.png';
</script>
END
cp "$scratch/page.png" "$root/page.png"
equal 'Chromium: every pixel of every image' '30000 30000 30000' "$(browse --dump-dom "${url}look.html" | sed -n 's/.*<pre id="out">\(.*\)<\/pre>.*/\1/p')"
check 'Chromium: the listing' grep -q '<a href="./album/">album/</a>' <(browse --dump-dom "$url")
if [ -n "${SCREENSHOT-}" ]; then
    browse --screenshot="$SCREENSHOT" "$url" >/dev/null || true
fi
stop "$pid"
equal 'it ends well' 0 "$status"
finish
