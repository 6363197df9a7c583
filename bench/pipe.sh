#!/usr/bin/env bash
# pipe.sh FOLDER MEGABYTES [NAME]: stream so many megabytes of FHIR (NDJSON of Bundles, fresh records each time) into
# `twinward collect SOURCE -` and print figures: NAME (default pipe.rss) peak resident memory in MiB, NAME_anon its part
# that is not of mapped files (sampled), NAME_speed MB/s on the wall, NAME_records. FOLDER must not exist; it goes.
#
# The register and the ledger's store are mapped files: their pages count as resident while the system has room for
# them, and are given back when it has not. TWINWARD_BUILD names a release build (default build/release).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"

[ $# -ge 2 ] || die 2 "a folder and a number of megabytes are needed" "bench/pipe.sh FOLDER MEGABYTES"
folder=$1
megabytes=$2
build=${TWINWARD_BUILD:-$root/build/release}
program=$build/twinward
flood=$build/bench_flood
for name in "$program" "$flood"; do
    [ -x "$name" ] || die 9 "$name is not built" "scripts/bench --only pipe"
done
[ ! -e "$folder" ] || die 5 "$folder is there already" "name a new folder"
mkdir -p "$folder"
name=${3:-pipe.rss}
writer=
trap '[ -z "$writer" ] || kill "$writer" 2>/dev/null; rm -rf -- "$folder"' EXIT

"$program" synth -q --hospitals 1 --patients 40 --out "$folder/in" >&2
"$program" init -q --dir "$folder/site" --sources hospital-1 >&2
"$program" enrol -q --dir "$folder/site" --people "$folder/in/people.tsv" --custodial --permit HMB >&2

# status KEY PID: a line of /proc/PID/status, in KiB; 0 when the process is gone.
status()
{
    awk -v key="$1:" '$1 == key { n = $2 } END { print n + 0 }' "/proc/$2/status" 2>/dev/null || echo 0
}

mapfile -t bundles < <(grep -l '"Bundle"' "$folder"/in/hospital-1/*.json)
mkfifo "$folder/pipe"
from=$(date +%s.%N)
"$flood" "$megabytes" "${bundles[@]}" >"$folder/pipe" &
writer=$!
"$program" collect --json -q --dir "$folder/site" --format ndjson hospital-1 - <"$folder/pipe" >"$folder/report.json" &
pid=$!
anon=0
peak=0
while kill -0 "$pid" 2>/dev/null; do
    now=$(status RssAnon "$pid")
    [ "$now" -le "$anon" ] || anon=$now
    now=$(status VmHWM "$pid")
    [ "$now" -le "$peak" ] || peak=$now
    sleep 0.05
done
code=0
wait "$pid" || code=$?
to=$(date +%s.%N)
wait "$writer" || true
writer=
cat "$folder/report.json" >&2
[ "$code" = 0 ] || die "$code" "collect failed"

# figure NAME VALUE UNIT
figure()
{
    printf '{"name":"%s","value":%s,"unit":"%s","n":%d}\n' "$1" "$2" "$3" "$megabytes"
}
figure "$name" "$(awk -v k="$peak" 'BEGIN { printf "%.1f", k / 1024 }')" MiB
figure "${name}_anon" "$(awk -v k="$anon" 'BEGIN { printf "%.1f", k / 1024 }')" MiB
figure "${name}_speed" "$(awk -v a="$from" -v b="$to" -v m="$megabytes" 'BEGIN { printf "%.2f", m / (b - a) }')" MB/s
accepted=$(grep -o "\"accepted\": *[0-9]*" "$folder/report.json" | head -n 1 | tr -dc 0-9)
figure "${name}_records" "${accepted:-0}" records
