# SPDX-License-Identifier: MIT
# awk -f markdown.awk PAGE
#
# What Doxygen reads instead of a page, so that the page is plain Markdown to everybody else:
#
#   the first heading           gets the page's name, which is the file's
#   `name` of the library       becomes a link to where it is documented
#   <!-- diagram: NAME -->      becomes the diagram NAME.dot
#
# Code blocks stay as they are. No line moves.

/^ *```/ { code = !code }

code { print; next }

FNR == 1 && /^# [^{]*$/ && FILENAME !~ /README/ {
    name = FILENAME
    gsub(/.*\/|\.md$/, "", name)
    print $0 " {#" name "}"
    next
}

match($0, /^<!-- diagram: [a-z_]+ -->$/) {
    print "\\dotfile " $3 ".dot \"Made from the table when this reference is built\""
    next
}

{
    while (match($0, /`(proto_[a-z0-9_]*[a-z0-9](\(\))?|PROTO_[A-Z0-9_]*[A-Z0-9])`/)) {
        word = substr($0, RSTART + 1, RLENGTH - 2)
        link = word ~ /\)$/ ? word : "::" word
        $0 = substr($0, 1, RSTART - 1) link substr($0, RSTART + RLENGTH)
    }
    print
}
