"""What FMPy makes of an exported FMU: it validates it, compiles its source, runs it, and takes and sets its state.

usage: fmu.py FMU OUTPUTS END INTERVALS PARAMETERS     PARAMETERS: "name=value,..." or ""
Prints a CSV: time and the outputs.
"""

import shutil
import sys
import tempfile

import fmpy
from fmpy.build import build_platform_binary
from fmpy.fmi2 import FMU2Slave
from fmpy.model_description import read_model_description
from fmpy.validation import validate_fmu

path, outputs, end, intervals, given = (
    sys.argv[1],
    sys.argv[2].split(","),
    float(sys.argv[3]),
    int(sys.argv[4]),
    sys.argv[5],
)
start = {k: float(v) for k, v in (item.split("=") for item in given.split(",") if item)}

problems = validate_fmu(path)
assert not problems, problems
folder = tempfile.mkdtemp()
shutil.unpack_archive(path, folder, "zip")
build_platform_binary(folder)
rows = fmpy.simulate_fmu(
    folder,
    stop_time=end,
    step_size=end / intervals,
    output_interval=end / intervals,
    output=outputs,
    start_values=start,
)
print("time," + ",".join(outputs))
for row in rows:  # in the order asked for, not in the model's
    print(",".join(f"{row[name]:.15g}" for name in ["time", *outputs]))

# What-if: half of the way, state taken, to the end, state set again, to the end: the same.
description = read_model_description(folder)
reference = {v.name: v.valueReference for v in description.modelVariables}
slave = FMU2Slave(
    guid=description.guid,
    unzipDirectory=folder,
    modelIdentifier=description.coSimulation.modelIdentifier,
    instanceName="one",
)
slave.instantiate()
slave.setupExperiment(startTime=0.0)
slave.enterInitializationMode()
for name, value in start.items():
    slave.setReal([reference[name]], [value])
slave.exitInitializationMode()
wanted = [reference[o] for o in outputs]
slave.doStep(0.0, end / 2)
state = slave.getFMUstate()
text = slave.serializeFMUstate(state)
ends = []
for _ in range(2):
    slave.doStep(end / 2, end / 2)
    ends.append(slave.getReal(wanted))
    slave.setFMUstate(slave.deSerializeFMUstate(text))
assert ends[0] == ends[1], ends
assert slave.getReal([reference["time"]]) == [end / 2]
slave.freeFMUstate(state)
slave.terminate()
slave.freeInstance()
shutil.rmtree(folder)
