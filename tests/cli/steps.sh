#!/usr/bin/env bash
# ctest: quick
# Every command once with --json: one object a line on stdout, with the members that docs/cli.md says, in that order.
# steps.sh PROGRAM
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
page=$here/../../docs/cli.md
program=$(realpath -- "${1:-$here/../../build/dev/twinward}")
tap_dir
mkdir "$tap_tmp/bin"
ln -s "$program" "$tap_tmp/bin/twinward"
export PATH="$tap_tmp/bin:$PATH"
cd "$tap_tmp" || exit 1

# members: names of the outermost object of a JSON text, in order, each followed by a blank.
members()
{
    awk '{
        depth = 0
        for (i = 1; i <= length($0); i++) {
            c = substr($0, i, 1)
            if (c == "\"") {
                for (j = i + 1; substr($0, j, 1) != "\""; j++)
                    if (substr($0, j, 1) == "\\")
                        j++
                if (depth == 1 && substr($0, j + 1, 1) == ":")
                    printf "%s ", substr($0, i + 1, j - i - 1)
                i = j
            } else if (c ~ /[{[]/)
                depth++
            else if (c ~ /[]}]/)
                depth--
        }
    }'
}

# documented COMMAND: the members that the page says, likewise.
documented()
{
    grep "^| \`$1\` |" "$page" | cut -d '|' -f 3 | tr -d '`,' | sed 's/^ */v /; s/  *$/ /'
}

seen=
# step COMMAND WORD...: run it with --json; its output is in ./out.
step()
{
    local command=$1 code=0
    shift
    # shellcheck disable=SC2086
    twinward $command "$@" --json >out 2>err </dev/null || code=$?
    [ "$code" = 0 ] || cat err >>out
    tap_is "$command ends with 0" 0 "$code"
    tap_is "$command writes one line" 1 "$(wc -l <out)"
    tap_is "$command has its members" "$(documented "$command")" "$(members <out)"
    seen="$seen$command
"
}

# member NAME: its value in ./out, a text without quotation marks or a number.
member()
{
    grep -o "\"$1\":\"*[^\",}]*" out | head -n 1 | sed 's/^[^:]*:"*//'
}

step init
step synth --patients 6
step 'wallet new' eve
step enrol --people hospitals/people.tsv --custodial --permit HMB
tap_is "six wallets were made" 6 "$(member wallets)"
for n in 1 2 3; do
    step collect "hospital-$n" "hospitals/hospital-$n"
    tap_is "each resource read is accounted for" "$(member read)" \
        "$(($(member accepted) + $(member refused_by_type) + $(member dead_letters)))"
done
step deid --key key --out clean hospitals/hospital-1
tap_is "each unit read is accounted for" "$(member units)" "$(($(member passed) + $(member left_out)))"
step 'source status' hospital-1
step 'source dead-letters' hospital-1
step 'source replay' hospital-1
step 'project open' --purpose HMB --categories labs,medications,encounters
project=$(member project)
tap_is "the project has a whole id" 64 "${#project}"
step 'consent dry-run' person-001 --permit POA
step 'project approve' "${project:0:12}" --steward steward-1
tap_is "one of two approved" false "$(member live)"
step 'project approve' "${project:0:4}" --steward steward-2
tap_is "two of two approved" true "$(member live)"
step 'consent set' person-001 --permit NRES --category labs
step release "$project"
release=$(member release)
step open "${release:0:12}"
tap_is "six persons were opened" 6 "$(member persons)"
step 'twin fit' "$release"
step 'twin forecast' "$release"
model=$here/../../models/bergman/model.xml
step 'twin check' "$model"
printf 'id,p1\none,0.03\ntwo,0.02\n' >people.csv
step 'twin simulate' "$model" --patients people.csv --to 60 --points 6 --observe G --out runs.csv
tap_is "two patients were simulated" 2 "$(member 'done')"
printf 'kind\tname\tlaw\tlower\tupper\tmean\tsd\tsymbol\n' >card.tsv
printf 'parameter\tp1\tlog\t0.001\t1\t\t\t\nobservable\tglucose\tlognormal\t\t\t\t0.02\tG\n' >>card.tsv
awk -F, 'BEGIN { print "id,time,observable,value" } NR > 1 { print $1 "," $2 ",glucose," $3 }' runs.csv >values.csv
step 'twin estimate' "$model" --card card.tsv --data values.csv --out estimates
step 'twin export' "$model" --out bergman.fmu
sed "s|source='model.xml'|source='$(basename "$model")'|; s|\[@id='k'\]|[@id='p1']|; s|\[@id='S1'\]|[@id='G']|" \
    "$here/../../fuzz/corpus/sedml/seed-experiment" | sed "s|<repeatedTask.*</repeatedTask>||" >experiment.sedml
cp "$model" model.xml
step 'twin run' experiment.sedml --out results
tap_ok "its report and its plot are there" test -s results/out.csv -a -s results/p.svg
step disclosures person-001
step stop person-001 --category labs
step erase person-002 --confirm person-002
step audit twinward-site
tap_is "the audit verifies" true "$(member verified)"
step verify "$(find twinward-site/sources -name '*.tlog-proof' | sort | head -n 1)"
step report
step 'consent decide' --cases "$here/decide/agrees/in/cases.json"
step help
step version
step explain
step completion bash
step man

# shellcheck disable=SC2016
tap_is "each command of the page was run" "$(sed -n 's/^| `\([^`]*\)` |.*/\1/p' "$page" | sort)" \
    "$(printf '%s' "$seen" | sort -u)"
tap_done
