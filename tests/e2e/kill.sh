#!/usr/bin/env bash
# ctest: ci
# The long form of the tests that kill and alter: 200 random kills and more at crash points, every evidence byte that
# the quick tests only sample. kill.sh PROGRAM
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"

folder=$(dirname -- "$(realpath -- "$1")")
unset CMOCKA_MESSAGE_OUTPUT

# long NAME TEST VARIABLE=VALUE: runs a program of the C tests; its remarks come with the result.
long()
{
    local code=0
    env "$3" "$folder/$2" >"$tap_tmp/$2" 2>&1 </dev/null || code=$?
    grep '^# ' "$tap_tmp/$2"
    if [ "$code" = 0 ]; then
        tap_pass "$1"
    else
        tap_fail "$1" "$tap_tmp/$2"
    fi
}

tap_dir
long "200 random kills lose nothing" test_app_lossless TWINWARD_KILLS=200
long "kills at every crash point of every step are survived" test_app_kill TWINWARD_KILLS=200
long "every altered byte of evidence is named" test_app_flip TWINWARD_FLIPS=0

remark='^# \([0-9]*\) kills, \([0-9]*\) of them in the middle of a write.*'
kills=$(sed -n "s/$remark/\1 \2/p" "$tap_tmp/test_app_lossless" |
    awk '{ kills += $1; torn += $2 } END { print kills + 0, torn + 0 }')
echo "# ${kills% *} random kills, ${kills#* } in the middle of a write"
tap_ok "at least 200 kills" test "${kills% *}" -ge 200
tap_ok "at least 150 of them in the middle of a write" test "${kills#* }" -ge 150
tap_done
