"""Time a multiverse at once against its specifications one after another.

Run ``python benchmarks/multiverse.py``: all combinations of choices for self-compassion, against a
loop that pools the data set of every specification of the headline curve anew.
"""

from time import perf_counter

import numpy as np

from lkcm import evidence
from lkcm.synthesis.choices import ESTIMATORS, TESTS
from lkcm.synthesis.multiverse import multiverse
from lkcm.synthesis.pool import pool

LOOPED = 200


def main() -> None:
    """Print seconds at once, seconds looped (estimated from the first fits), and the ratio."""
    found = evidence.load(tables=["trials", "effects"])
    effects, trials = found.table("effects"), found.table("trials")
    pool([0.1, 0.2, 0.4], [0.1, 0.1, 0.1])  # PyMARE is imported before the clock starts
    start = perf_counter()
    every = multiverse(effects, trials, "self-compassion")
    at_once = perf_counter() - start
    generator = np.random.default_rng(20240101)
    start = perf_counter()
    for place in generator.integers(0, len(every.fits), LOOPED):
        line = every.fits.iloc[place]
        yi = generator.normal(line["estimate"], 0.3, int(line["k"]))
        test = TESTS.options[line[TESTS.name]]
        pool(
            yi, np.full(len(yi), 0.05), method=ESTIMATORS.options[line[ESTIMATORS.name]], test=test
        )
    looped = (perf_counter() - start) * len(every.fits) / LOOPED
    sets = every.fits["data_set"].nunique()
    print(f"{len(every.fits)} fits of {sets} data sets: {at_once:.1f} s, selection and all")
    print(f"one after another {looped:.0f} s (pooling alone)   {looped / at_once:.0f}x")


if __name__ == "__main__":
    main()
