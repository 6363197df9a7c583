#!/usr/bin/env bash
# ctest: quick
# The walk-through of README.md, run for real: walkthrough.sh PROGRAM
#
# Between "<!-- walkthrough -->" and "<!-- end of walkthrough -->" every command of a ```sh block is run, in order, in
# one shell and one empty folder. A command ends with its line, unless that ends with a backslash; "# exit N" at its end
# is the code that it must exit with (else 0). Each line of a ```text block must be in what the commands of the block
# before it wrote, on stdout or stderr; "..." in it stands for anything.
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=$(realpath -- "${1:-$top/build/dev/twinward}")

# steps FILE: the walk-through as lines "block", "run COMMAND", "see LINE".
steps()
{
    awk '
        /^<!-- walkthrough -->$/ { inside = 1; next }
        /^<!-- end of walkthrough -->$/ { inside = 0; next }
        !inside { next }
        /^```sh$/ { fence = "run"; print "block"; next }
        /^```text$/ { fence = "see"; next }
        /^```/ { fence = ""; command = ""; next }
        fence == "see" && NF { print "see " $0 }
        fence == "run" {
            line = $0
            sub(/^ +/, "", line)
            if (line ~ /^#/ || line == "")
                next
            if (sub(/\\$/, "", line)) {
                command = command line
                next
            }
            print "run " command line
            command = ""
        }
    ' "$1"
}

# holds LINE FILE: whether a line of the file fits, "..." standing for anything.
holds()
{
    local pattern
    pattern=$(printf '%s' "$1" | sed -e 's/[][\.*^$]/\\&/g' -e 's/\\\.\\\.\\\./.*/g')
    grep -q -- "$pattern" "$2"
}

tap_dir
mkdir "$tap_tmp/bin" "$tap_tmp/home"
ln -s "$program" "$tap_tmp/bin/twinward"
export PATH="$tap_tmp/bin:$PATH" HOME="$tap_tmp/home" NO_COLOR=1
unset TWINWARD_DIR
steps "$top/README.md" >"$tap_tmp/steps"
cd "$tap_tmp/home" || exit 1
: >"$tap_tmp/out"

commands=0
while IFS= read -r step <&3; do
    case "$step" in
    block) : >"$tap_tmp/out" ;;
    'run '*)
        command=${step#run }
        want=0
        if [[ $command =~ '# exit '([0-9]+)$ ]]; then
            want=${BASH_REMATCH[1]}
        fi
        code=0
        eval "$command" >"$tap_tmp/one" 2>&1 </dev/null || code=$?
        cat "$tap_tmp/one" >>"$tap_tmp/out"
        commands=$((commands + 1))
        if [ "$code" = "$want" ]; then
            tap_pass "${command//\#/}"
        else
            echo "exit code $code instead of $want" >>"$tap_tmp/one"
            tap_fail "${command//\#/}" "$tap_tmp/one"
        fi
        ;;
    'see '*)
        line=${step#see }
        if holds "$line" "$tap_tmp/out"; then
            tap_pass "it said: ${line//\#/}"
        else
            tap_fail "it said: ${line//\#/}" "$tap_tmp/out"
        fi
        ;;
    esac
done 3<"$tap_tmp/steps"

if [ "$commands" -ge 10 ]; then
    tap_pass "the walk-through has $commands commands"
else
    tap_fail "README.md has a walk-through of ten commands or more"
fi

# What the walk-through leaves behind: no folder or key that others can read.
loose=$(find "$tap_tmp/home/twinward-site" \( -type f -perm /077 -o -type d -perm /077 \) 2>&1 | head -n 3)
tap_is "nothing in the site is readable by others" '' "$loose"
tap_done
