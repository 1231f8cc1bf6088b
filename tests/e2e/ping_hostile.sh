#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ping against a hostile responder: what it makes of replies that are wrong, late, forged, doubled or somebody else's.
# hostile_behaviours.c says what is done to it, the table below what it may count. Many of docs/traps.md are among it: traps
# 8, 10, 11, 13, 15, 16, 18, 20, 21, 23 to 28 and 36.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/tap.sh
source tests/support/programs.sh

# What the delays of the responder are made for: a ping each 200 ms, given up after 500.
pings=10
timing=(-i 0.2 -W 0.5 -n "$pings")

# NAME  REPLIES  WHAT ELSE. An event that is not named must not be seen; "bad" are those called corrupted or unknown. A
# number is exact, A-B a range: the kernel keeps some of the bad ones for itself, and ping does not wait for what may come
# behind its last reply. "raw4:" and the like say what a socket of that kind and family sees instead. A ping that is
# neither replied to nor refused must have timed out. rtt=A-B is about every reply, in milliseconds.
expectations() {
    cat <<'TABLE'
honest                   10
silent                   0
wrong-checksum           0    bad=0-10 raw4:bad=10
header-only              0    bad=10
four-bytes               0    bad=0-10
cut-payload              0    corrupted=10
longer-payload           0    corrupted=10
wrong-identifier         0
wrong-sequence           0    bad=10
wrong-source             0    bad=0-10
wrong-byte               0    corrupted=10
forged-time              0    bad=10
reply-code-1             0    bad=0-10
reflected                0
timestamp-reply          0
unknown-type             0
with-options             10
with-route               10
with-padding             10
strange-ttl              10
twice                    10   duplicate=9-10
three-times              10   duplicate=18-20
again-too-late           10   duplicate=4-9
late                     0    late=5-9
late-for-the-next        9    late=1 rtt=300-500
reverse                  10   reordered=5
guessed                  10   bad=9-10
guessed-for-the-next     0    bad=9-10
replayed                 1    duplicate=9
flood                    0
flood-and-reply          10   rtt=300-500
error-other-identifier   0
error-other-sequence     0    bad=0-10
error-other-destination  0    bad=0-10
error-other-source       0    error=10
error-other-protocol     0    bad=0-10
error-about-a-reply      0    bad=0-10
error-later-fragment     0    bad=0-10 ping4:error=0-10
error-no-quote           0    bad=0-10
error-cut-quote          0    bad=0-10
error-cut-itself         0    bad=0-10
error-wrong-checksum     0    bad=0-10
error-whole              0    error=10
error-eight-bytes        0    error=10
error-quoted-options     0    error=10
error-changed-quote      0    error=10
error-unknown-code       0    error=10 ping4:error=0-10
error-after-reply        10   note=9-10
error-twice              0    error=10 note=9-10
error-then-reply         9-10 error=10 timeout=0
error-too-late           0    note=5-9
frag-needed-for-nothing  0    error=10
quench-then-reply        10   note=0-10 raw4:note=10
redirect-then-reply      10   note=0-10 raw4:note=10
extension                0    error=10
extension-wrong-checksum 0    error=10
extension-object-length  0    error=10
extension-beyond         0    error=10
TABLE
}

# The behaviours and their addresses in one family; without those that need ping for themselves, if asked to: a guess of
# the next number means the next ping of one host, and a flood is for one only.
behaviours() { # 4|6 [shared]
    "$TOOLS/hostile" --list | awk -v field="$(($1 / 2))" -v shared="${2-}" '
        $field != "-" && !(shared && /^(guessed|flood)/) { print $1, $field }'
}

# What was said goes into a file, and so does the exit status.
ping_into() { # FILE SOCKET ADDRESS...
    local file=$1 status=0
    "$BIN/ping" --json --socket "${2%?}" "${timing[@]}" "${@:3}" >"$file" 2>"$file.err" || status=$?
    echo "$status" >"$file.end"
}

# One ping for each behaviour, ten at a time: a raw socket sees what comes to all of them.
alone() { # SOCKET
    local name address others
    while read -r name address; do
        others=9
        if [[ $name == flood* ]]; then others=0; fi
        while [ "$(jobs -rp | wc -l)" -gt "$others" ]; do wait -n; done
        ping_into "$scratch/$1.$name" "$1" "$address" &
        if [[ $name == flood* ]]; then wait; fi
    done < <(behaviours "${1#"${1%?}"}")
    wait
}

# One ping for all of them; its lines are then sorted by the address that they speak of.
together() { # SOCKET
    local family=${1#"${1%?}"} name address addresses
    mapfile -t addresses < <(behaviours "$family" shared | cut -d ' ' -f 2)
    ping_into "$scratch/all.$1" "$1" "${addresses[@]}"
    while read -r name address; do
        grep -F -e "\"address\":\"$address\"" -e "\"from\":\"$address\"" "$scratch/all.$1" >"$scratch/$1.$name" || true
    done < <(behaviours "$family" shared)
}

# This runs in a network of its own.
if [ "${1-}" = inside ]; then
    scratch=$4
    trap - EXIT
    if [[ $3 == ping* ]]; then echo 0 0 >/proc/sys/net/ipv4/ping_group_range; fi
    "$2" "$3"
    exit
fi

# Looks at all files of one kind of socket; prints a result for each behaviour, and behind those that failed why.
judge() { # SOCKET
    expectations | awk -v socket="$1" -v pings="$pings" '
        function range(name, text,    ends) {
            split(text (text ~ /-/ ? "" : "-" text), ends, "-")
            if (seen[name] + 0 < ends[1] || seen[name] + 0 > ends[2])
                wrong = wrong "\n    " name ": " seen[name] + 0 ", not " text
        }
        function number(line, key) {
            return match(line, "\"" key "\":[0-9]+") ? substr(line, RSTART + length(key) + 3) + 0 : -1
        }
        function sums(line) {
            if (number(line, "sent") != pings || number(line, "received") != seen["reply"] + 0 ||
                number(line, "lost") != pings - seen["reply"])
                wrong = wrong "\n    the sums at the end are not those of the events"
            seen["sums"] = 1
        }
        function look(file, from, to,    line, time) {
            delete seen
            said = first = ""
            while ((getline line <file) > 0) {
                said = said "\n    " line
                if (!match(line, /^{"event":"[a-z]+"/)) continue
                event = substr(line, 11, RLENGTH - 11)
                seen[event]++
                if (line ~ /"reordered":true/) seen["reordered"]++
                if (event == "statistics") sums(line)
                if (match(line, /"time":[0-9.]+/)) {
                    last = substr(line, RSTART + 7, RLENGTH - 7) + 0
                    if (first == "") first = last
                }
                time = number(line, "rtt_ns") / 1e6
                if (event == "reply" && (time < from || time > to))
                    wrong = wrong "\n    a reply after " time " ms"
            }
            close(file)
            seen["bad"] = seen["corrupted"] + seen["unknown"]
        }
        {
            file = prefix $1
            wrong = ""
            delete want
            for (i = 3; i <= NF; i++) {
                split($i, token, "=")
                if (token[1] !~ /:/) want[token[1]] = token[2]
            }
            for (i = 3; i <= NF; i++) {
                split($i, token, "=")
                if (index(token[1], socket ":") == 1) want[substr(token[1], length(socket) + 2)] = token[2]
            }
            split("rtt" in want ? want["rtt"] : "0-500", times, "-")
            if ((getline line <file) < 0) next
            close(file)
            look(file, times[1], times[2])
            range("reply", $2)
            range("sums", 1)
            if (!("bad" in want)) want["bad"] = "corrupted" in want ? want["corrupted"] : 0
            if (!("timeout" in want)) want["timeout"] = pings - seen["reply"] - seen["error"]
            split("duplicate late error note another reordered refused", others, " ")
            for (i in others) if (!(others[i] in want)) want[others[i]] = 0
            for (name in want) if (name != "rtt") range(name, want[name])
            # However much arrives, what is awaited is given up in time.
            if (last - first > pings * 0.2 + 0.5 + 2) wrong = wrong "\n    it took " last - first " s"
            if ((getline line <(file ".end")) > 0) {
                if (line != (seen["reply"] == 0)) wrong = wrong "\n    exit status " line
                close(file ".end")
            }
            print (wrong == "" ? "ok " : "not ok ") $1 ", " socket (wrong == "" ? "" : wrong said)
        }' prefix="$scratch/$1." -
}

result() { # MODE SOCKET
    local status=0 results
    "$TOOLS/hostile" bash "$0" inside "$1" "$2" "$scratch" >"$scratch/log" 2>&1 || status=$?
    case $status in
    0)
        results=$(judge "$2")
        printf '%s\n' "$results"
        tap_failures=$((tap_failures + $(grep -c '^not ok' <<<"$results" || true)))
        ;;
    77) skip "hostile responder, $2" "$(cat "$scratch/log")" ;;
    *) not_ok "hostile responder, $2" "$(cat "$scratch/log")" ;;
    esac
}

equal 'every behaviour has its expectation' "$("$TOOLS/hostile" --list | cut -d ' ' -f 1 | sort)" \
    "$(expectations | cut -d ' ' -f 1 | sort)"
result alone raw4
result together ping4
result together raw6
result together ping6
equal 'nothing was said on standard error' '' "$(cat "$scratch"/*.err 2>/dev/null)"
finish
