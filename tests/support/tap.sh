# shellcheck shell=bash
# TAP for shell tests. To be sourced; ends a test with `tap_done`.
#
#   tap_ok NAME COMMAND...       passes when the command exits 0; its output is shown when it does not
#   tap_exits CODE NAME COMMAND...   passes when the command exits with that code
#   tap_is NAME WANT GOT         passes when both texts are equal
#   tap_has NAME TEXT FILE       passes when the file holds the text (a fixed string)
#   tap_lacks NAME TEXT FILE     passes when the file exists and does not hold it
#   tap_skip NAME WHY            counts as skipped
#   tap_data                     path of the real data (TWINWARD_DATA); 1 when there is none
#   tap_dir                      a fresh folder for this test, removed at its end; its path is in $tap_tmp
#   tap_done                     prints the plan and exits 0 when nothing failed
#
# A test that stops before tap_done has printed no plan and exits with another code than 0: it counts as failed.

set -uo pipefail
tap_count=0
tap_failed=0
tap_tmp=
tap_ended=

tap_at_exit()
{
    local code=$?
    [ -z "$tap_tmp" ] || rm -rf -- "$tap_tmp"
    [ -n "$tap_ended" ] || {
        echo "Bail out! ended before its last line"
        [ "$code" != 0 ] || code=99
    }
    exit "$code"
}
trap tap_at_exit EXIT

tap_pass()
{
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s\n' "$tap_count" "$1"
}

# tap_fail NAME [FILE]: the file's lines are shown as comments.
tap_fail()
{
    tap_count=$((tap_count + 1))
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$1"
    [ $# -lt 2 ] || tail -n 40 -- "$2" | sed 's/^/# /'
    return 0
}

tap_skip()
{
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

tap_exits()
{
    local want=$1 name=$2 code=0 out
    shift 2
    out=$(mktemp)
    "$@" >"$out" 2>&1 </dev/null || code=$?
    if [ "$code" = "$want" ]; then
        tap_pass "$name"
    else
        printf 'exit code %s instead of %s: %s\n' "$code" "$want" "$*" >>"$out"
        tap_fail "$name" "$out"
    fi
    rm -f -- "$out"
}

tap_ok()
{
    local name=$1
    shift
    tap_exits 0 "$name" "$@"
}

tap_is()
{
    if [ "$2" = "$3" ]; then
        tap_pass "$1"
    else
        tap_fail "$1"
        printf '#   want: %s\n#   got:  %s\n' "${2//$'\n'/$'\n#         '}" "${3//$'\n'/$'\n#         '}"
    fi
}

tap_has()
{
    if grep -qF -- "$2" "$3"; then
        tap_pass "$1"
    else
        tap_fail "$1" "$3"
    fi
}

tap_lacks()
{
    if [ -r "$3" ] && ! grep -qF -- "$2" "$3"; then
        tap_pass "$1"
    else
        tap_fail "$1" "$3"
    fi
}

tap_data()
{
    [ -n "${TWINWARD_DATA:-}" ] && [ -d "$TWINWARD_DATA" ] && printf '%s\n' "$TWINWARD_DATA"
}

tap_dir()
{
    tap_tmp=$(mktemp -d)
}

tap_done()
{
    tap_ended=1
    printf '1..%d\n' "$tap_count"
    [ "$tap_failed" = 0 ] && [ "$tap_count" -gt 0 ]
    exit
}
