#!/usr/bin/env bash
# ctest: quick
# What a golden file cannot show: streams, completion, the lists of docs/cli.md. shell.sh PROGRAM
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
page=$here/../../docs/cli.md
program=$(realpath -- "${1:-$here/../../build/dev/twinward}")
tap_dir
mkdir "$tap_tmp/bin" "$tap_tmp/home"
ln -s "$program" "$tap_tmp/bin/twinward"
export PATH="$tap_tmp/bin:$PATH"
cd "$tap_tmp/home" || exit 1

# commands: the names of all commands, a line each.
commands()
{
    twinward help --json | grep -o '"name":"[^"]*","arguments"' | cut -d '"' -f 4
}

# ---- lists

# The list in docs/cli.md is that of the program; TWINWARD_ACCEPT=1 rewrites it.
listed()
{
    sed -n '/^<!-- commands -->$/,/^<!-- end of commands -->$/p' "$page" | grep -v -e '^```' -e '^<!--'
}
if [ -n "${TWINWARD_ACCEPT:-}" ]; then
    twinward help | grep '^  ' >"$tap_tmp/list"
    sed -i -e '/^<!-- commands -->$/,/^<!-- end of commands -->$/{/^  /d}' "$page"
    sed -i -e '/^<!-- commands -->$/{n;r '"$tap_tmp/list"'
}' "$page"
fi
tap_is "docs/cli.md lists the commands" "$(twinward help | grep '^  ')" "$(listed)"

while IFS= read -r command; do
    tap_ok "the help of $command has a golden file" test -s "$here/help/${command// /-}/out"
done < <(commands)

# ---- completion

# complete_line WORD...: what bash offers at the end of this line.
complete_line()
{
    # shellcheck disable=SC2016
    bash -c 'source <(twinward completion bash); COMP_WORDS=(twinward "$@"); COMP_CWORD=$#; _twinward
        printf "%s " "${COMPREPLY[@]}"' bash "$@"
}
tap_is "completion: a first word" "collect consent completion " "$(complete_line co)"
tap_is "completion: the first word of a command of two" "project " "$(complete_line pro)"
tap_is "completion: the second word" "set dry-run decide " "$(complete_line consent '')"
tap_is "completion: an option of a command" "--people --policy --permit " "$(complete_line enrol --p)"
tap_is "completion: an option of a command of two words" "--steward " "$(complete_line project approve abcd --st)"
tap_is "completion: an option that all have" "--json " "$(complete_line audit dir --js)"
tap_is "completion: a file where no option is begun" " " "$(complete_line audit '')"

# ---- streams

twinward release x --dir none >out 2>err
tap_is "an error leaves stdout alone" "" "$(cat out)"
tap_has "and stands on stderr" "error[TW1040]" err
twinward help >out 2>err
tap_is "help leaves stderr alone" "" "$(cat err)"
tap_exits 1 "a full disk under stdout is an error" bash -c 'twinward help >/dev/full'
tap_ok "a closed stdout is not" bash -c 'twinward help >&-'

# With stdout closed a file must not get its number: else the words for a person would be written into the site.
twinward init --dir site --seed 1 >&- 2>err
tap_ok "a site made with stdout closed is whole" twinward audit site
tap_is "nothing was said on stderr" "" "$(cat err)"

twinward collect north in --dir site --insecure --quiet >out 2>err
tap_lacks "--quiet silences the note on witnesses" witness err
twinward collect north in --dir site --insecure >out 2>err
tap_has "which is there without it" "witness: none" err
twinward collect north in --dir site --insecure --verbose >out 2>err
tap_has "--verbose says where an error arose" "  at: src/" err

# A terminal, by script(1): colours, and how to have none.
if command -v script >/dev/null; then
    shown()
    {
        script -qec "$1" /dev/null </dev/null | head -n 1 | tr -d '\r'
    }
    export TERM=xterm
    unset NO_COLOR
    red=$'\033[31m'
    tap_is "a terminal gets a colour" "${red}error" "$(shown 'twinward nothing' | cut -c 1-10)"
    tap_is "not with NO_COLOR" "error[TW10" "$(NO_COLOR=1 shown 'twinward nothing' | cut -c 1-10)"
    tap_is "an empty NO_COLOR means nothing" "${red}error" "$(NO_COLOR='' shown 'twinward nothing' | cut -c 1-10)"
    tap_is "not with TERM=dumb" "error[TW10" "$(TERM=dumb shown 'twinward nothing' | cut -c 1-10)"
    tap_is "not with --no-color" "error[TW10" "$(shown 'twinward release --no-color' | cut -c 1-10)"
fi
tap_done
