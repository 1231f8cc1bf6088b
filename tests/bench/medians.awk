# SPDX-License-Identifier: MIT
# Of each bar the median of all runs; exits with 1 if one is short. Reads the runs' `bar` lines, with
# their equals signs made blanks.
!($2 in count) { order[++bars] = $2; needed[$2] = $6 }
{ # kept in order of size
    place = ++count[$2]
    for (; place > 1 && value[$2, place - 1] > $4; place--) value[$2, place] = value[$2, place - 1]
    value[$2, place] = $4
}
END {
    for (i = 1; i <= bars; i++) {
        middle = value[order[i], int((count[order[i]] + 1) / 2)]
        short = short || middle < needed[order[i]]
        printf "bar %s measured=%.3f needed=%.3f %s\n", order[i], middle, needed[order[i]],
            middle < needed[order[i]] ? "short" : "ok"
    }
    exit short
}
