#!/usr/bin/env bash
# ctest: ci
# Other people's tools take what twinward gives: FMPy validates, compiles and runs an FMU, state taken and set; numpy
# reads runs through the Python package, whose values are the program's; the notebook's cells run; and Open MPI's
# launcher runs a cohort.
program=$(realpath "$1")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
tap_dir
cd "$tap_tmp" || exit 99

# same WANT GOT: two CSV files of numbers are equal to 2e-4, what a bend in a rate costs at the default tolerances.
same()
{
    awk -F, 'NR == FNR { want[FNR] = $0; n = FNR; next }
        FNR == 1 { next }
        { split(want[FNR], w, ",")
          for (i = 1; i <= NF; i++) { d = $i - w[i]; if (d < 0) d = -d; a = w[i] < 0 ? -w[i] : w[i]
            if (!(d <= 1e-7 + 2e-4 * a)) { print "line " FNR ": " $i " is not " w[i]; bad = 1 } } }
        END { exit bad || n != FNR }' "$1" "$2"
}

# fmu NAME MODEL OBSERVE END [PARAMETER=VALUE]
fmu()
{
    local name=$1 model=$2 observe=$3 end=$4 given=${5:-}
    "$program" twin export "$model" --out "$name.fmu" --quiet
    if [ -n "$given" ]; then
        printf 'id,%s\n1,%s\n' "${given%%=*}" "${given#*=}" >"$name.people"
        set -- --patients "$name.people"
    else
        set --
    fi
    "$program" twin simulate "$model" "$@" --to "$end" --points 10 --observe "$observe" --quiet |
        cut -d, -f2- >"$name.want"
    tap_ok "FMPy: $name" venv/bin/python "$root/tests/e2e/fmu.py" "$name.fmu" "$observe" "$end" 10 "$given"
    venv/bin/python "$root/tests/e2e/fmu.py" "$name.fmu" "$observe" "$end" 10 "$given" 2>/dev/null |
        sed -n '/^time,/,$p' >"$name.got"
    tap_ok "FMPy: $name has the program's values" same "$name.want" "$name.got"
}

if ! python3 -m venv venv >/dev/null 2>&1 ||
    ! venv/bin/pip install --quiet numpy fmpy==0.3.32 setuptools wheel >pip.out 2>&1; then
    tap_skip "FMPy and numpy" "no Python packages to be had here"
    tap_done
fi

fmu radiotherapy "$root/models/rt-psi/model.xml" V 40
fmu resistant "$root/models/rt-psi/model.xml" V 40 alpha=0.05
fmu doses "$root/models/theophylline/model.xml" cp,depot 30
fmu glucose "$root/models/bergman/model.xml" G,X,I 100

# A cohort under mpirun is the same bytes as one process.
model=$root/models/rt-psi/model.xml
awk 'BEGIN { srand(7); print "id,alpha"
    for (i = 1; i <= 1000; i++) printf "p%d,%.6f\n", i, 0.01 + 0.3 * rand() }' >cohort.csv
"$program" twin simulate "$model" --patients cohort.csv --to 40 --points 40 --out one.csv --quiet
tap_ok "a cohort under mpirun" mpirun --allow-run-as-root --oversubscribe -n 4 \
    "$program" twin simulate "$model" --patients cohort.csv --to 40 --points 40 --out four.csv --quiet
tap_ok "is the same bytes as one process" cmp one.csv four.csv
tap_is "and leaves nothing else" "cohort.csv four.csv one.csv" "$(echo *.csv*)"

tap_ok "the library of the engine builds" bash -c "
    cmake -S '$root' -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DTW_TESTS=OFF &&
    cmake --build build --target twinward_twin"
cp -r "$root/python" package
tap_ok "pip installs the package" env TWINWARD_LIBRARY="$tap_tmp/build/libtwinward-twin.so" \
    venv/bin/pip install --quiet --no-build-isolation --no-deps ./package
cat >compare.py <<'PY'
import sys

import numpy as np
import twinward

model = twinward.Model(sys.argv[1])
alpha = np.array([0.05, 0.1, 0.2])
runs = model.simulate(np.linspace(0, 40, 11), observe=["V"], alpha=alpha, threads=2)
assert runs.ok.all() and runs.values.shape == (3, 11, 1)
for i in range(3):
    for t, v in zip(runs.time, runs["V"][i]):
        print(f"{i + 1},{t:.12g},{v:.12g}")
place = np.empty((3, 11, 1))
again = model.simulate(np.linspace(0, 40, 11), observe=["V"], out=place, alpha=alpha, threads=1)
assert again.values is place and (place == runs.values).all()
try:
    model.simulate([0, 1], observe=["nothing"])
except twinward.Error as e:
    assert "nothing" in str(e)
else:
    raise SystemExit("an unknown name was taken")
PY
printf 'id,alpha\n1,0.05\n2,0.1\n3,0.2\n' >people
"$program" twin simulate "$root/models/rt-psi/model.xml" --patients people --to 40 --points 10 --observe V --quiet |
    tail -n +2 >want
tap_ok "the package runs" bash -c "venv/bin/python compare.py '$root/models/rt-psi/model.xml' >got"
tap_is "the package has the program's numbers" "$(cat want)" "$(cat got)"
cat >cells.py <<'PY'
import json
import os
import sys

os.chdir(os.path.dirname(sys.argv[1]))
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]))
PY
tap_ok "the notebook's cells run" venv/bin/python cells.py "$root/examples/python/cohort.ipynb"
tap_done
