#!/usr/bin/env bash
# ctest: quick
# leak.sh PROGRAM: after a whole demo no file of it, and nothing that it said, holds a planted identifier in a disguise.
# The generator's own folder is moved aside; what the scanner finds in there shows that it is not blind.
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"

program=$(realpath -- "$1")
leakscan=$(dirname -- "$program")/leakscan

tap_dir
cd "$tap_tmp" || exit 99
mkdir said

# say FILE COMMAND...: what the program says is kept, to be looked through as well.
say()
{
    local file=$1
    shift
    "$program" "$@" >"said/$file" 2>&1 </dev/null
}

tap_ok "a demo runs" say demo demo --patients 8 --seed 9 --dir site
tap_ok "its folder is audited" say audit audit site
tap_ok "a patient looks" say looks disclosures person-001 --dir site --insecure
mv site/hospitals aside
tap_ok "the generator planted identifiers" test "$(wc -l <aside/planted.tsv)" -gt 50
tap_ok "none of them is in the site, nor in what was said" "$leakscan" aside/planted.tsv site said
tap_exits 1 "the scanner finds them where they come from" "$leakscan" aside/planted.tsv aside
awk -F '\t' '$1 == "mrn" { printf "%s", $2; exit }' aside/planted.tsv | base64 >site/vault/canary
tap_exits 1 "and one that is slipped in, in base64" "$leakscan" aside/planted.tsv site
tap_done
