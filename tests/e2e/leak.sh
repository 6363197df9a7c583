#!/usr/bin/env bash
# ctest: quick
# After a whole demo no file of it, and nothing that it said, holds a planted identifier in any disguise: leak.sh PROGRAM
# The generator's own folder is moved aside; what the scanner finds in there shows that it is not blind.
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"

program=$(realpath -- "$1")
leakscan=$(dirname -- "$program")/leakscan

tap_dir
cd "$tap_tmp" || exit 99
mkdir said
tap_ok "a demo runs" sh -c '"$0" demo --patients 8 --seed 9 --dir site >said/out 2>said/err' "$program"
tap_ok "its folder is audited" sh -c '"$0" audit site >said/audit 2>&1' "$program"
tap_ok "a patient looks" sh -c '"$0" disclosures person-001 --dir site --insecure >said/looks 2>&1' "$program"
mv site/hospitals aside
tap_ok "the generator planted identifiers" test "$(wc -l <aside/planted.tsv)" -gt 50
tap_ok "none of them is in the site, nor in what was said" "$leakscan" aside/planted.tsv site said
tap_exits 1 "the scanner finds them where they come from" "$leakscan" aside/planted.tsv aside
awk -F '\t' '$1 == "mrn" { printf "%s", $2; exit }' aside/planted.tsv | base64 >site/vault/canary
tap_exits 1 "and one that is slipped in, in base64" "$leakscan" aside/planted.tsv site
tap_done
