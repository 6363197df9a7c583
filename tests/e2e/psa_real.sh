#!/usr/bin/env bash
# ctest: ci
# The 37 men of the CC0 trial, wrapped as three hospitals' FHIR, through everything to cross-validated forecasts.
program=$(realpath "$1")
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
if ! data=$(tap_data); then
    tap_skip "the real men are scored" "TWINWARD_DATA is not set"
    tap_done
fi
tap_dir
cd "$tap_tmp" || exit 99
# tap_tmp is set by tap_dir
run() { "$program" "$@" --quiet --json; }
id() { grep -o "\"$1\":\"[0-9a-f]*" | cut -d'"' -f4; }

"$program" synth --quiet --from-psa "$data/twin/psa_ias_bruchovsky.csv" --out hospitals > /dev/null
run init --researchers lab --seed 1 > /dev/null
run enrol --insecure --people hospitals/people.tsv --custodial --permit HMB > /dev/null
for n in 1 2 3; do
    run collect --insecure "hospital-$n" "hospitals/hospital-$n" > "collect-$n"
done
project=$(run project open --insecure --purpose HMB --categories labs,medications,encounters,demographics | id project)
run project approve --insecure "$project" --steward steward-1 > /dev/null
run project approve --insecure "$project" --steward steward-2 > /dev/null
release=$(run release --insecure "$project" | id release)
run open --insecure "$release" > opened
run twin score --insecure "$release" > scores.json
tap_has "all 37 men are opened" '"persons":37' opened
value()
{
    awk -v name="\"$1\":" '/"name": "twin"/ { on = 1 } on && $1 == name { gsub(/,/, ""); print $2; exit }' scores.json
}
skill=$(value skill)
cover=$(value cover90)
echo "# next cycle: skill $skill against the population forecast, $cover in the 90 % band"
tap_ok "CRPS is at least 15 % better than the population forecast" awk -v v="$skill" 'BEGIN { exit !(v >= 0.15) }'
tap_ok "coverage of the 90 % band is in [.85, .95]" awk -v v="$cover" 'BEGIN { exit !(v >= 0.85 && v <= 0.95) }'
tap_ok "the audit finds nothing" "$program" audit twinward-site
tap_done
