"""Time the synthesis across levels: data sets fitted at once against one after another.

Run ``python benchmarks/censored.py``: 2,000 simulated reviews of 20 and of 40 trials, a third of
them with a figure, against a loop over the first 50; estimate and both profile intervals.
"""

from time import perf_counter

import numpy as np

from lkcm.synthesis.censored_fit import METHODS, fit_many
from lkcm.synthesis.censored_simulation import reported_bounds, simulate

TRIALS, SETS, LOOPED = (20, 40), 2000, 50


def main() -> None:
    """Print fits per second, at once and looped, and their ratio."""
    for k in TRIALS:
        tables = reported_bounds(simulate(np.random.default_rng(k), 0.4, 0.3, k, SETS), "A")
        for method in METHODS:
            start = perf_counter()
            together = fit_many(*tables, method=method)
            at_once = SETS / (perf_counter() - start)
            start = perf_counter()
            alone = [
                fit_many(*(table[:, [i]] for table in tables), method=method).loc[0, "estimate"]
                for i in range(LOOPED)
            ]
            looped = LOOPED / (perf_counter() - start)
            np.testing.assert_allclose(together["estimate"][:LOOPED], alone, rtol=1e-8)
            print(
                f"{method:4} {k} trials: {at_once:6.0f} fits/s at once, {looped:4.0f} looped, "
                f"{at_once / looped:4.0f}x"
            )


if __name__ == "__main__":
    main()
