#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: pages.sh
#
# Looks whether the pages are plain Markdown whose links lead somewhere, and whether each public
# name is on one of them or is found from a header that one of them names.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/support/tap.sh
pages=(README.md CONTRIBUTING.md CHANGELOG.md docs/*.md)

# Outside of code blocks: commands of Doxygen, labels of headings, links to names.
not_plain() { # PAGE...
    awk '/^ *```/ { code = !code }
        !code && (/[\\@](ref|page|dotfile|image|section|subpage)[ {]/ || /^#.*{#/ ||
            /(^|[^A-Za-z_])::(proto|PROTO)_/) { print FILENAME ":" FNR ": " $0 }' "$@"
}

broken_links() { # PAGE...
    local page target
    for page in "$@"; do
        while read -r target; do
            [ -e "$(dirname "$page")/${target%%#*}" ] || echo "$page: $target"
        done < <(grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//' | grep -vE '^(https?:|#)')
    done
}

nothing() { # COMMAND...
    local output
    output=$("$@")
    [ -z "$output" ] || { echo "$output"; return 1; }
}

public_functions() { # HEADER
    grep -ohE '\bproto_[a-z0-9_]+\(' "$1" | tr -d '(' | sort -u
}

# A page that is about a header names it; the header says the rest.
unreachable() {
    local header name
    for header in include/proto/*.h; do
        grep -qF "\`proto/${header##*/}\`" docs/overview.md || echo "$header is not in the overview"
        for name in $(public_functions "$header"); do
            grep -qrw "$name" docs/*.md README.md || echo "$name of $header is on no page"
        done
    done
}

check "the pages are plain Markdown" nothing not_plain "${pages[@]}"
check "their links lead somewhere" nothing broken_links "${pages[@]}"
check "every public function is on a page" nothing unreachable

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
printf '# A {#a}\nsee \\ref b and ::proto_c\n[x](nowhere.md)\n' >"$scratch"
equal "what is not plain is found" 2 "$(not_plain "$scratch" | wc -l)"
equal "a link that leads nowhere is found" 1 "$(broken_links "$scratch" | wc -l)"
finish
