#!/usr/bin/env bash
# ctest: quick
# Golden output of the program: golden.sh PROGRAM
#
# Each folder with a file cmd is a case: cmd is run by bash in an empty folder with the case's in/ (if there is one) as
# ./in; what it says on stdout and stderr and the code it exits with must be what stands in out.
# TWINWARD_ACCEPT=1 rewrites out: read the difference before you keep it.
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath -- "${1:-$here/../../build/dev/twinward}")
tap_dir
mkdir "$tap_tmp/bin"
ln -s "$program" "$tap_tmp/bin/twinward"
export PATH="$tap_tmp/bin:$PATH" TERM=dumb LC_ALL=C
unset TWINWARD_CRASH_AT TWINWARD_CRASH_LOG

# run_case CASE FOLDER: what it says, and the exit code.
run_case()
{
    local code=0
    mkdir "$2"
    if [ -d "$1/in" ]; then
        cp -r "$1/in" "$2/in"
    fi
    (cd "$2" && bash "$1/cmd") </dev/null 2>&1 || code=$?
    echo "exit $code"
}

while IFS= read -r case; do
    run_case "$case" "$tap_tmp/$tap_count" >"$tap_tmp/got"
    [ -z "${TWINWARD_ACCEPT:-}" ] || cp "$tap_tmp/got" "$case/out"
    if diff "$case/out" "$tap_tmp/got" >"$tap_tmp/diff" 2>&1; then
        tap_pass "${case#"$here"/}"
    else
        tap_fail "${case#"$here"/}" "$tap_tmp/diff"
    fi
done < <(find "$here" -name cmd -printf '%h\n' | sort)
tap_done
