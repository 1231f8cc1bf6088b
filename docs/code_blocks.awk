# SPDX-License-Identifier: MIT
# awk -v out=DIR -f code_blocks.awk FILE...
#
# Writes every C block of Markdown pages and of headers' comments as a program into DIR: the text
# between ```c and ``` or between @code and @endcode. How a block is made a program:
#
#   it has a line `int main...`            it is one already
#   it has a line that is only `{`         it defines functions: compiled, with an empty main
#   anything else                          statements: run inside a function that returns int 0;
#                                          lines that begin with # go before that function
#   the line before it is                  it is the rest of the program of the block before it
#     <!-- continues -->
#
# Names begin with the file and the line where the block is, and so do the compiler's messages.
# assert(), <stdint.h>, <stdio.h>, <string.h> and <proto.h> are there already.

FNR == 1 {
    flush_program()
    inside = continues = 0
    markdown = FILENAME ~ /\.md$/
}

{
    line = $0
    if (!markdown)
        sub(/^ *(\*|\/\/[\/!]<?|\/\*\*<?) ?/, "", line)
}

!inside && (markdown ? line ~ /^ *```c *$/ : line ~ /^ *[@\\]code(\{\.c\})? *$/) {
    if (!continues)
        begin_program()
    match(line, /^ */)
    indent = RLENGTH
    inside = 1
    place_needed = 1
    next
}

inside && (markdown ? line ~ /^ *``` *$/ : line ~ /^ *[@\\]endcode *$/) {
    inside = continues = 0
    next
}

inside {
    add(line)
    next
}

/[^ ]/ { continues = markdown && line ~ /^ *<!-- continues -->/ }

END { flush_program() }

function begin_program() {
    flush_program()
    name = FILENAME "_" FNR
    gsub(/[^A-Za-z0-9_.]/, "_", name)
    name = out "/" name ".c"
    head = body = ""
    whole = functions = 0
}

function add(text, place) {
    if (substr(text, 1, indent) ~ /^ *$/)
        text = substr(text, indent + 1)
    if (text ~ /^int main/)
        whole = 1
    if (text ~ /^[{]/)
        functions = 1
    place = "#line " FNR " \"" FILENAME "\"\n"
    if (text ~ /^#/) {
        head = head place text "\n"
        place_needed = 1
        whole_text = whole_text place text "\n"
        return
    }
    body = body (place_needed ? place : "") text "\n"
    whole_text = whole_text (place_needed ? place : "") text "\n"
    place_needed = 0
}

function flush_program() {
    if (name == "")
        return
    printf "#include <assert.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <string.h>\n" > name
    printf "#include <proto.h>\n" > name
    if (whole)
        printf "%s", whole_text > name
    else if (functions)
        printf "%sint main(void)\n{\n    return 0;\n}\n", whole_text > name
    else
        printf "%sstatic int block(void)\n{\n%s    return 0;\n}\n\nint main(void)\n{\n    return block();\n}\n", head, body > name
    close(name)
    name = whole_text = ""
}
