#!/usr/bin/env bash
# ctest: quick
# leak.sh PROGRAM: after a whole demo no file of it, and nothing that it said, holds a planted identifier in a disguise;
# nor after commands that collect other formats, ask, propose, are given the wrong file, or are killed.
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

# One hospital a format, collected by commands that are killed after a part of the time that a whole one takes.
in=$tap_tmp/in
group=group
insecure=(--dir "$group" --insecure)

# collect N [OPTION...]: what hospital N needs; killed after $limit seconds, if that is set.
collect()
{
    local n=$1 mapping=() by=()
    shift
    [ ! -f "$in/hospital-$n.mapping.json" ] || mapping=(--mapping "$in/hospital-$n.mapping.json")
    [ -z "${limit:-}" ] || by=(timeout -s KILL "$limit")
    "${by[@]}" "$program" collect "hospital-$n" "$in/hospital-$n" --dir "$group" --insecure \
        --zone EST5EDT,M3.2.0,M11.1.0 "${mapping[@]}" "$@" </dev/null
}
clean()
{
    "$leakscan" in/planted.tsv group told
}
mkdir told
tap_ok "hospitals of three formats" "$program" synth --out in --patients 5 --seed 3 --formats hl7v2,ccda,csv
tap_ok "their site" "$program" init --dir group --seed 3
tap_ok "their people" "$program" enrol --people in/people.tsv --custodial "${insecure[@]}"
for n in 1 2 3; do
    cp -a group whole
    group=whole
    began=$EPOCHREALTIME
    tap_ok "hospital-$n is collected in a copy" collect "$n"
    ended=$EPOCHREALTIME
    group=group
    rm -rf whole
    for part in 0.2 0.4 0.6 0.8; do
        limit=$(awk "BEGIN { print ($ended - $began) * $part }")
        collect "$n" >>told/killed 2>&1
        limit=
        tap_ok "hospital-$n: nothing is left by a kill after $part of the time" clean
    done
    tap_ok "hospital-$n is collected" collect "$n"
    collect "$n" >"told/again-$n" 2>&1
    tap_ok "hospital-$n would be collected" collect "$n" --dry-run --json
    collect "$n" --dry-run >"told/dry-$n" 2>&1
    "$program" source status "hospital-$n" "${insecure[@]}" >"told/status-$n" 2>&1
    "$program" source dead-letters "hospital-$n" "${insecure[@]}" >"told/dead-$n" 2>&1
    "$program" source dead-letters "hospital-$n" --json "${insecure[@]}" >"told/json-$n" 2>&1
done
"$program" collect --suggest-mapping in/hospital-3/*.csv >told/mapping 2>&1
tap_ok "a mapping is proposed" grep -q patient_system told/mapping

# One file of each hospital taken for what it is not; each collection writes its dead letters anew.
for wrong in in/hospital-1/feed-00001.hl7 in/hospital-2/document-000001.xml in/hospital-3/patients.csv; do
    "$program" collect hospital-3 in/hospital-3 --mapping "$wrong" "${insecure[@]}" >>told/wrong 2>&1
    for format in fhir ndjson hl7v2 csv ccda; do
        "$program" collect hospital-1 "$wrong" --format "$format" "${insecure[@]}" >>told/wrong 2>&1
        cat group/sources/hospital-1/dead-letters.tsv >>told/letters
    done
done
tap_ok "there are dead letters" test "$(grep -vc '^file.line' told/letters)" -ge 10
tap_ok "no identifier of the three is in their site, nor in what was said" clean
tap_exits 1 "the scanner finds them where they come from" "$leakscan" in/planted.tsv in
tap_done
