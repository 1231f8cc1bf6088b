#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: code_blocks.sh LIBPROTO.A PROGRAM_DIR CC [FLAG...]
#
# Compiles and runs every C block of the README, the pages and the headers, and looks whether the
# commands of the README's shell blocks exist. docs/code_blocks.awk says what a block may be.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/support/tap.sh
library=$1 programs=$2
shift 2
compile=("$@" -std=c11 -Wall -Wextra -Wpedantic -Werror -Wno-unused -UNDEBUG -Iinclude)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

extract() { # DIR FILE...
    local out=$1
    shift
    mkdir -p "$out"
    awk -v out="$out" -f docs/code_blocks.awk "$@"
}

# Writes PROGRAM.log, and PROGRAM.ok if it compiled and ran.
build_and_run() {
    local block=$1
    {
        "${compile[@]}" "$block" "$library" -o "${block%.c}" &&
            (cd "$scratch" && timeout 20 "${block%.c}" </dev/null) && : >"${block%.c}.ok"
    } >"${block%.c}.log" 2>&1 || true
}

# As many at a time as there are processors.
build_and_run_all() { # DIR
    local block
    for block in "$1"/*.c; do
        while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
        build_and_run "$block" &
    done
    wait
}

shell_commands() { # FILE
    awk '
        /^```sh *$/ {inside = 1; next}
        /^```/ {inside = 0}
        inside {if (!continued) print; continued = /\\$/}' "$1" |
        sed -E 's/^ *\$ //; s/\\$//; s/#.*//; s/(&&|\|\||[|;&])/\n/g' |
        awk '{
            for (i = 1; $i ~ /^[A-Z_]+=/ || $i == "sudo"; i++);
            if ($i != "") print $i
        }' | sort -u
}

exists() { # COMMAND
    case $1 in
    build/*/bin/*) [ -x "$programs/${1##*/}" ] ;;
    proto-*) [ -x "$programs/${1#proto-}" ] ;;
    */*) [ -x "$1" ] ;;
    git | curl | cc) ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# The extractor and this test must be able to fail.
cat >"$scratch/bad.md" <<'END'
```c
assert(1 + 1 == 3);
```

```c
int x = no_such_name;
```

```c
int two = 2;
```

<!-- continues -->
```c
assert(two == 2);
```
END
extract "$scratch/self" "$scratch/bad.md"
build_and_run_all "$scratch/self"
equal "two blocks that are wrong fail and one that is right does not" "3 1" \
    "$(ls "$scratch"/self/*.c | wc -l) $(ls "$scratch"/self/*.ok | wc -l)"

mapfile -t files < <(ls README.md docs/*.md include/*.h include/proto/*.h 2>/dev/null)
extract "$scratch/blocks" "${files[@]}"
if compgen -G "$scratch/blocks/*.c" >/dev/null; then
    build_and_run_all "$scratch/blocks"
    for block in "$scratch"/blocks/*.c; do
        name=$(basename "$block" .c)
        if [ -e "${block%.c}.ok" ]; then ok "$name"; else not_ok "$name" "$(cat "${block%.c}.log")"; fi
    done
fi

if [ -e README.md ]; then
    while read -r command; do
        check "README.md: $command exists" exists "$command"
    done < <(shell_commands README.md)
fi
finish
