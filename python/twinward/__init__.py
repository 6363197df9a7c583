"""Run SBML models for many patients at once with twinward's engine.

    import numpy as np
    import twinward
    model = twinward.Model("bergman/model.xml")
    runs = model.simulate(np.linspace(0, 180, 181), observe=["G", "I"], p1=np.random.lognormal(-3.5, 0.2, 1000))
    runs.values.shape          # (1000, 181, 2)

Arrays of doubles go to the engine and come back without a copy.
"""

from ._engine import Error, Model, Runs

__all__ = ["Error", "Model", "Runs"]
__version__ = "0.1.0"
