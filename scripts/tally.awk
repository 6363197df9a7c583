# Counts test cases from the log of `ctest -V` and from stages of our own.
#
# Lines read
#   "12: ok 3 - name"      a line of TAP printed by test number 12 (or by a named stage: "builds: ok 1")
#   " 3/40 Test #12: name ....   Passed  0.1 sec"   ctest's verdict
#   "@result builds builds Passed"   verdict on a stage: id, name, Passed or anything else
# A case is "ok" or "not ok" at the start of a TAP line; with "# SKIP" it is skipped, whichever it says (cmocka says
# "not ok"). A test without a failed case counts one failure when ctest did not pass it, when it printed no case, or
# fewer than it planned. With required=1 a skipped case is a failure.
#
# Prints the failures, each with the tail of its output, then "N passed, N failed, N skipped" as the last line.
# Exits 1 when something failed or nothing ran.

function fail(id, why)
{
    failed[id]++
    reason[id] = reason[id] "  " why "\n"
}

function skip_case(id, text)
{
    if (required)
        fail(id, "skipped, but nothing may be skipped: " text)
    else
        skipped[id]++
}

function tap(id, text)
{
    keep[id, ++kept[id]] = text
    if (text ~ /^1\.\.[0-9]+/) {
        plan[id] = substr(text, 4) + 0
        if (plan[id] == 0 && text ~ /# *[Ss][Kk][Ii][Pp]/) {
            cases[id]++
            plan[id] = 1
            skip_case(id, text)
        }
    } else if (text ~ /^(not )?ok( |$)/) {
        cases[id]++
        if (text ~ /# *[Ss][Kk][Ii][Pp]/)
            skip_case(id, text)
        else if (text ~ /^not/)
            fail(id, text)
        else
            passed[id]++
    } else if (text ~ /^Bail out!/) {
        fail(id, text)
    }
}

function verdict(id, name, status)
{
    order[++tests] = id
    names[id] = name
    state[id] = status
}

/^@result / {
    id = $2
    name = $3
    line = $0
    sub(/^@result [^ ]+ [^ ]+ /, "", line)
    verdict(id, name, line)
    next
}

/^[^ :]+: / {
    at = index($0, ": ")
    tap(substr($0, 1, at - 1), substr($0, at + 2))
    next
}

/^ *[0-9]+\/[0-9]+ +Test +#[0-9]+: / {
    line = $0
    sub(/^ *[0-9]+\/[0-9]+ +Test +#/, "", line)
    id = line
    sub(/:.*/, "", id)
    sub(/^[0-9]+: */, "", line)
    name = line
    sub(/ .*/, "", name)
    sub(/^[^ ]+ [ .]*/, "", line)
    sub(/^\*+/, "", line)
    sub(/ +[0-9.]+ sec.*$/, "", line)
    verdict(id, name, line)
}

function judge(id)
{
    if (state[id] == "Skipped") {
        if (!cases[id])
            skip_case(id, names[id])
    } else if (failed[id]) {
        return
    } else if (state[id] != "Passed") {
        fail(id, "ended badly: " state[id])
    } else if (!cases[id]) {
        fail(id, "printed no test case")
    } else if (plan[id] > cases[id]) {
        fail(id, (plan[id] - cases[id]) " of " plan[id] " cases did not run")
    }
}

function show(id, first, i)
{
    printf "\nFAILED %s\n%s", names[id], reason[id]
    first = kept[id] > tail ? kept[id] - tail + 1 : 1
    for (i = first; i <= kept[id]; i++)
        print "    | " keep[id, i]
}

BEGIN {
    if (!tail)
        tail = 60
}

END {
    for (t = 1; t <= tests; t++) {
        id = order[t]
        judge(id)
        n_passed += passed[id]
        n_failed += failed[id]
        n_skipped += skipped[id]
        if (failed[id])
            show(id)
    }
    printf "%d passed, %d failed, %d skipped\n", n_passed, n_failed, n_skipped
    exit n_failed > 0 || n_passed == 0
}
