"""Time dependent effects against metafor's rma.mv (sparse) and clubSandwich.

Run ``python benchmarks/dependent.py``. R with metafor and clubSandwich is needed for the pair;
without it, or beyond `METAFOR_UP_TO` studies, only the seconds of this library are printed.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from lkcm.synthesis.dependent import pool_dependent

#: Studies and effects of each data set.
SIZES = ((300, 1_000), (1_000, 3_500), (3_000, 10_000), (30_000, 100_000))
METAFOR_UP_TO = 1_000
RHO = 0.6


def simulate(studies: int, effects: int) -> pd.DataFrame:
    """Draw effects, one or more a study, sorted by study as metafor wants them."""
    generator = np.random.default_rng(20240101)
    extra = generator.integers(0, studies, effects - studies)
    study = np.sort(np.concatenate([np.arange(studies), extra]))
    vi = generator.uniform(0.02, 0.2, effects)
    common = generator.normal(size=(2, studies))[:, study]
    noise = np.sqrt(RHO * vi) * common[0] + generator.normal(0, np.sqrt((1 - RHO) * vi))
    yi = 0.4 + 0.25 * common[1] + generator.normal(0, 0.2, effects) + noise
    return pd.DataFrame({"study": study, "yi": yi, "vi": vi})


def run_metafor(table: pd.DataFrame) -> list[float]:
    """Return seconds of fit and sandwich, both variances, estimate, standard error and df."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "effects.csv"
        table.to_csv(file, index=False)
        script = Path(__file__).with_suffix(".R")
        command = ["Rscript", script, file, str(RHO)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(number) for number in out.split()]


def main() -> None:
    """Print seconds and, where R was run, their ratio and the difference of the results."""
    for studies, effects in SIZES:
        table = simulate(studies, effects)
        start = perf_counter()
        pooled = pool_dependent(table["yi"], table["vi"], table["study"], rho=RHO)
        seconds = perf_counter() - start
        line = f"{studies:6} studies {effects:7} effects  {seconds:6.2f} s"
        if studies <= METAFOR_UP_TO and shutil.which("Rscript"):
            fitted, sandwich, *values = run_metafor(table)
            mean = pooled.mean
            ours = [pooled.tau2_between, pooled.tau2_within, mean.estimate, mean.se, mean.df]
            np.testing.assert_allclose(ours, values, rtol=1e-3)
            total = fitted + sandwich
            line += f"  metafor {fitted:.1f} s + clubSandwich {sandwich:.1f} s"
            line += f"  {total / seconds:4.0f}x"
        print(line)


if __name__ == "__main__":
    main()
