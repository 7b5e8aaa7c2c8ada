"""Time the bias checks against metafor, in one run on the same data, as ratios.

Run ``python benchmarks/bias.py``. R with metafor is needed for the ratios; without it only the
seconds of this library are printed.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from lkcm.bias.asymmetry import egger_many
from lkcm.bias.beta_selection import beta_selection_many
from lkcm.bias.copas import copas_many
from lkcm.bias.gosh import gosh
from lkcm.bias.selection import step_selection_many
from lkcm.bias.trim_and_fill import ESTIMATORS, trim_and_fill_many
from lkcm.synthesis.pool import pool_many

TRIALS, REVIEWS = 31, 5_000
#: Of the reviews, as many as the costly models are timed on here.
COSTLY = 500
#: Reviews, and subsets of the first sixteen trials, that metafor is given.
METAFOR_REVIEWS, METAFOR_SUBSETS, SUBSETS = 200, 5_000, 1_000_000


def simulate() -> tuple[np.ndarray, np.ndarray]:
    """Draw reviews of `TRIALS` trials, a review a column."""
    generator = np.random.default_rng(20240101)
    vi = generator.uniform(0.02, 0.2, (TRIALS, REVIEWS))
    return generator.normal(0.3, np.sqrt(vi + 0.1)), vi


def run_metafor(yi: np.ndarray, vi: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return microseconds per review or subset, and the sum of the results, by task."""
    table = pd.DataFrame(
        {
            "review": np.repeat(np.arange(METAFOR_REVIEWS), TRIALS),
            "yi": yi[:, :METAFOR_REVIEWS].T.ravel(),
            "vi": vi[:, :METAFOR_REVIEWS].T.ravel(),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "reviews.csv"
        table.to_csv(file, index=False)
        command = ["Rscript", Path(__file__).with_suffix(".R"), file, str(METAFOR_SUBSETS)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    tasks = (line.split() for line in out.splitlines())
    return {task: (1e6 * float(s) / float(n), float(value)) for task, s, n, value in tasks}


def timed(task: Callable[[], object], size: int) -> tuple[float, object]:
    """Return microseconds for each of ``size`` results, and the results."""
    start = perf_counter()
    result = task()
    return 1e6 * (perf_counter() - start) / size, result


def main() -> None:
    """Print microseconds a review or subset, of both, and their ratio."""
    yi, vi = simulate()
    first = (yi[:16, 0], vi[:16, 0])
    tasks = {
        "reml_egger": lambda: pool_many(yi, vi)["estimate"] + egger_many(yi, vi)["z"],
        "trim_and_fill": lambda: sum(
            trim_and_fill_many(yi, vi, estimator=estimator)["estimate"] for estimator in ESTIMATORS
        ),
        "selection_3psm": lambda: step_selection_many(yi, vi)["lrt"],
    }
    costly = (yi[:, :COSTLY], vi[:, :COSTLY])
    costly_tasks = {
        "selection_beta": lambda: beta_selection_many(*costly)["lrt"],
        "copas": lambda: copas_many(*costly)["estimate"],
    }
    pool_many(yi[:, :2], vi[:, :2])
    ours = {name: timed(task, REVIEWS) for name, task in tasks.items()}
    ours |= {name: timed(task, COSTLY) for name, task in costly_tasks.items()}
    for model in ("DL", "REML"):
        microseconds, result = timed(lambda m=model: gosh(*first, model=m, subsets=SUBSETS), 1)
        subsets = len(result.estimate)
        ours[f"gosh_{model.lower()}"] = (microseconds / subsets, result.estimate)
    metafor = run_metafor(yi, vi) if shutil.which("Rscript") else {}
    for name, (microseconds, result) in ours.items():
        line = f"{name:16}{microseconds:10.1f} us"
        if name in metafor:
            theirs, value = metafor[name]
            line += f"   metafor {theirs:10.0f} us   {theirs / microseconds:6.0f}x"
            compare(name, np.asarray(result), value)
        print(line)


def compare(name: str, result: np.ndarray, value: float) -> None:
    """Check that the same was computed: sums over reviews, means over drawn subsets."""
    if name == "selection_beta":
        # metafor climbs from one start, this library from two: its tops are as high or higher.
        assert result[:5].sum() > value - 0.01
    elif name.startswith("gosh"):
        np.testing.assert_allclose(result.mean(), value, atol=0.01)
    else:
        reviews = 20 if name == "selection_3psm" else METAFOR_REVIEWS
        np.testing.assert_allclose(np.nansum(result[:reviews]), value, rtol=1e-3)


if __name__ == "__main__":
    main()
