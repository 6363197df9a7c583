#!/usr/bin/env python3
"""libRoadRunner on the models of bench_sim: libroadrunner.py FOLDER [COUNT]

Prints figures as bench programs do: simulations a second of processor time, of a loop in Python (reset, set parameters,
simulate): the cost of these calls is in the figure. Needs the package libroadrunner (Apache-2.0).
"""
import json
import math
import os
import random
import sys
import time

import roadrunner

JOBS = [
    ("bergman", ["p1", "p2", "p3", "n", "gamma", "G0", "I0"], ["G", "X", "I"], 180, 181),
    ("tumour", ["lambda", "K", "alpha"], ["V"], 100, 101),
    ("pk", ["ka", "CL", "V1", "Q", "V2"], ["A", "C", "P"], 168, 169),
]


def figure(name, value, unit, n):
    print(json.dumps(dict(name=name, value=value, unit=unit, n=n)), flush=True)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_ERROR)
    for name, parameters, outputs, end, points in JOBS:
        start = time.process_time()
        rr = roadrunner.RoadRunner(os.path.join(sys.argv[1], name + ".xml"))
        figure("roadrunner.%s.load" % name, (time.process_time() - start) * 1e3, "ms", 1)
        rr.getIntegrator().relative_tolerance = 1e-6
        rr.getIntegrator().absolute_tolerance = 1e-9
        rr.timeCourseSelections = ["time"] + outputs
        ids = list(rr.model.getGlobalParameterIds())
        index = [ids.index(p) for p in parameters]
        base = [rr.model.getGlobalParameterValues()[i] for i in index]
        random.seed(1)
        sets = [[b * math.exp(random.gauss(0, 0.2)) for b in base] for _ in range(count)]
        start = time.process_time()
        for values in sets:
            rr.reset()
            rr.model.setGlobalParameterValues(index, values)
            rr.simulate(0, end, points)
        spent = time.process_time() - start
        figure("roadrunner.%s" % name, count / spent, "simulations/s", count)


if __name__ == "__main__":
    main()
