#!/usr/bin/env bash
# psa_score.sh [--json] TABLE.csv: the PSA table of docs/benchmarks.md, made by the whole way: the men of a table of
# visits become three hospitals' FHIR, are de-identified, sealed, released, opened, and scored by five-fold
# cross-validation.
# --json prints the scores as `twinward twin score` keeps them.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"

json=0
if [ "${1:-}" = --json ]; then
    json=1
    shift
fi
[ $# = 1 ] || die 2 "one table of visits is needed" "bench/psa_score.sh TABLE.csv"
[ -r "$1" ] || die 4 "$1 cannot be read" "name the table of visits"
program=${TWINWARD:-$root/build/release/twinward}
[ -x "$program" ] || die 9 "the program is not built" "scripts/build release"

site=$(mktemp -d)
trap 'rm -rf -- "$site"' EXIT
"$program" demo --quiet --seed 1 --dir "$site/demo" --input "$1" >"$site/summary"
scores=$(find "$site/demo/grantees" -name score.json)
[ -n "$scores" ] || die 1 "the demo left no scores" "run twinward demo --input $1 and read its summary"
if [ $json = 1 ]; then
    cat "$scores"
    exit
fi

printf '%s; %s cores; %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(date -u +%F)"
# One member a line, as the program writes it.
awk '
function value(line) { sub(/^[^:]*: */, "", line); gsub(/[",]/, "", line); return line }
function show(title) { printf "\n%s: %s values, %s forecasts\n\n", title, values, forecasts
    print "| method | CRPS (95 %) | skill (95 %) | CRPS ug/L | in 50 % | in 90 % | log score | PIT KS |"
    print "|---|---|---|---|---|---|---|---|" }
/"men":/ { men = value($0) }
/"folds":/ { folds = value($0) }
/"draws":/ { printf "%s men, %s folds, %s draws\n", men, folds, value($0) }
/"next_cycle":/ { title = "Next cycle, from the end of the one before" }
/"off_phase":/ { title = "Off phase, from the end of on" }
/"values":/ { values = value($0) }
/"forecasts":/ { forecasts = value($0); show(title) }
/"name":/ { name = value($0) }
/"(crps|skill|cover|log_score)[a-z_0-9]*":/ { key = $1; gsub(/[":]/, "", key); v[key] = value($0) }
/"pit_ks":/ { log_score = v["log_score"] == "null" ? "-" : sprintf("%.2f", v["log_score"])
    printf "| %s | %.3f (%.3f to %.3f) | %.1f %% (%.1f to %.1f) | %.2f | %.2f | %.2f | %s | %.2f |\n", name, v["crps"],
        v["crps_lo"], v["crps_hi"], 100 * v["skill"], 100 * v["skill_lo"], 100 * v["skill_hi"], v["crps_ug_l"],
        v["cover50"], v["cover90"], log_score, value($0) }
/"crps_twin":/ { low = value($0) }
/"crps_population":/ { printf "\nLowest value of the next cycle: CRPS %.3f, population %.3f\n", low, value($0) }
' "$scores"
