# SPDX-License-Identifier: MIT
# awk -f lists.awk HEADER
#
# What Doxygen reads instead of a header: each enumeration that is made from a list of
# X(NAME, "meaning") is written out, so that every enumerator has its own meaning as its text, and
# what a structure has behind `private:` is left out. No line moves.

/^#define [A-Z_]+\(X\)/ { list = substr($2, 1, index($2, "(") - 1) }
list != "" {
    text = $0
    sub(/ *\\$/, "", text)
    entries[list] = entries[list] " " text
    print
    if ($0 !~ /\\$/)
        list = ""
    next
}

# The macro that makes an enumerator of an entry: its lines are left blank.
/^#define [A-Z_]+\(name, text\)/ && /_ENUMERATOR/ { making = substr($2, 1, index($2, "(") - 1) }
making != "" && !made {
    if (match($0, /[A-Z_]+##name/))
        prefix[making] = substr($0, RSTART, RLENGTH - 6)
    made = $0 !~ /\\$/
    print ""
    next
}

made && match($0, /^ *[A-Z_]+\([A-Z_]+\)$/) {
    split($0, part, /[ ()]+/)
    for (i = 1; part[i] == ""; i++);
    print written(entries[part[i]], prefix[part[i + 1]])
    next
}

/^#undef/ && making != "" && $2 == making {
    making = made = ""
    print ""
    next
}

# Members that are nobody's business.
/^ *\/\*\* private: \*\/$/ {
    hidden = 1
    print "    /** @cond */"
    next
}
hidden && /^} / {
    hidden = 0
    print "/** @endcond */ " $0
    next
}

{ print }

function written(left, prefix, result, name, meaning) {
    while (match(left, /X\([A-Za-z0-9_]+, *"/)) {
        name = substr(left, RSTART + 2, RLENGTH - 2)
        sub(/,.*/, "", name)
        left = substr(left, RSTART + RLENGTH)
        match(left, /^([^"\\]|\\.)*("[ ]*"([^"\\]|\\.)*)*/)
        meaning = substr(left, 1, RLENGTH)
        left = substr(left, RLENGTH + 1)
        gsub(/" *"/, "", meaning)
        result = result prefix name ", /**< " meaning " */ "
    }
    return result
}
