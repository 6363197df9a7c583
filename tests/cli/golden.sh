#!/usr/bin/env bash
# ctest: quick
# Golden output of the program: each case is a folder with cmd, in/ (optional) and out. TWINWARD_ACCEPT=1 rewrites out.
set -u
program=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$program" "$work/bin/twinward"
number=0
failed=0
mapfile -t cases < <(find "$here" -name cmd -printf '%h\n' | sort)
echo "1..${#cases[@]}"
for case in "${cases[@]}"; do
    number=$((number + 1))
    name=${case#"$here"/}
    run=$work/$number
    mkdir "$run"
    [ -d "$case/in" ] && cp -r "$case/in" "$run/in"
    got=$(cd "$run" && env -u TWINWARD_CRASH_AT PATH="$work/bin:$PATH" TERM=dumb bash "$case/cmd" 2>&1 < /dev/null
          echo "exit $?")
    if [ -n "${TWINWARD_ACCEPT:-}" ]; then
        printf '%s\n' "$got" > "$case/out"
    fi
    if [ "$got" = "$(cat "$case/out" 2>/dev/null)" ]; then
        echo "ok $number - $name"
    else
        failed=$((failed + 1))
        echo "not ok $number - $name"
        diff <(printf '%s\n' "$got") "$case/out" | sed 's/^/# /'
    fi
done
[ "$failed" -eq 0 ]
