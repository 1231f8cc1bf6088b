# SPDX-License-Identifier: MIT
# Counts the results in what `ctest -V` or a test in shell (see tap.sh) said: cmocka's cases, the
# shell tests' lines, and of a test that has neither, the test itself. Prints
#
#   skip NAME[: WHY]    for each that was skipped
#   fail NAME           for each that failed
#   passed N
#   failed N
#   skipped N
#
# and shows on standard error how each CTest test ended, with all it said if it failed.

{ test = "" }

match($0, /^ *[0-9]+: /) {
    test = substr($0, 1, RLENGTH - 2) + 0
    line = substr($0, RLENGTH + 1)
    said[test] = said[test] line "\n"
    count_line(line)
    next
}

/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
    sub(/^ *[0-9]+\/[0-9]+ Test +#/, "")
    finish_test($0 + 0, $2, $0 ~ / Passed / ? "passed" : $0 ~ /\*\*\*Skipped/ ? "skipped" : "failed")
    next
}

{ count_line($0) }

END {
    print "passed " count["passed"] + 0
    print "failed " count["failed"] + 0
    print "skipped " count["skipped"] + 0
}

function count_line(line) {
    if (line ~ /^\[ RUN      \] /) {
        running[test] = substr(line, 14)
        why[test] = ""
    } else if (line ~ /^\[ +(OK|FAILED|ERROR|SKIPPED) +\] [^-]/) {
        if (running[test] == "")
            return # the summary repeats what failed
        if (line ~ /SKIPPED/)
            skip(running[test] (why[test] == "" ? "" : ":" why[test]))
        else if (line ~ /OK/)
            add("passed")
        else
            fail(running[test])
        running[test] = ""
    } else if (line ~ /^ok /)
        add("passed")
    else if (line ~ /^not ok /)
        fail(substr(line, 8))
    else if (line ~ /^skip /)
        skip(substr(line, 6))
    else if (running[test] != "")
        why[test] = why[test] " " line
}

function add(kind) {
    count[kind]++
    seen[test, kind]++
    seen[test]++
}

function skip(name) {
    print "skip " name
    add("skipped")
}

function fail(name) {
    print "fail " name
    add("failed")
}

# A test can crash in a case, fail outside of its cases, or have none.
function finish_test(number, name, kind) {
    test = number
    if (running[test] != "")
        fail(name ": " running[test] ": not finished")
    if (kind == "failed" && !seen[test, "failed"])
        fail(name)
    else if (!seen[test] && kind == "skipped")
        skip(name)
    else if (!seen[test])
        add(kind)
    if (kind == "failed")
        printf "%s", said[test] > "/dev/stderr"
    printf "%-8s %s (%d passed, %d failed, %d skipped)\n", kind, name, seen[test, "passed"],
        seen[test, "failed"], seen[test, "skipped"] > "/dev/stderr"
}
