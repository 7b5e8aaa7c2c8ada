"""Time data sets pooled at once against one after another.

Run ``python benchmarks/pool.py``: 10,000 data sets of 30 trials, as a simulation or a multiverse
needs them, against a loop over the first 200.
"""

from time import perf_counter

import numpy as np

from lkcm.synthesis import METHODS
from lkcm.synthesis.pool import pool, pool_many

TRIALS, SETS, LOOPED = 30, 10_000, 200


def main() -> None:
    """Print seconds per 10,000 data sets, at once and looped, and their ratio."""
    generator = np.random.default_rng(20240101)
    vi = generator.uniform(0.02, 0.2, (TRIALS, SETS))
    yi = generator.normal(0.4, np.sqrt(vi + 0.05))
    pool(yi[:, 0], vi[:, 0])
    print(f"{SETS} data sets of {TRIALS} trials; seconds")
    for method in METHODS:
        start = perf_counter()
        table = pool_many(yi, vi, method=method)
        at_once = perf_counter() - start
        start = perf_counter()
        singly = [pool(yi[:, i], vi[:, i], method=method).estimate for i in range(LOOPED)]
        looped = (perf_counter() - start) * SETS / LOOPED
        np.testing.assert_allclose(table["estimate"][:LOOPED], singly, rtol=1e-9)
        print(
            f"{method:5} at once {at_once:6.2f}   looped {looped:6.1f}   {looped / at_once:4.0f}x"
        )


if __name__ == "__main__":
    main()
