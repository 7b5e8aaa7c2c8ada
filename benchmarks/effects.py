"""Time the conversion of a large effects table: python benchmarks/effects.py [ROWS].

All rows at once, against the first hundred converted one after another.
"""

import sys
import time
from pathlib import Path

import pandas as pd

from lkcm.effects import convert

DATA = Path(__file__).parents[1] / "data"
LOOPED = 100


def main(rows: int = 100_000) -> None:
    """Tile the evidence to `rows` rows with ids of their own, and convert it once."""
    effects, trials = pd.read_csv(DATA / "effects.csv"), pd.read_csv(DATA / "trials.csv")
    copies = -(-rows // len(effects))
    tiled = pd.concat([effects] * copies, ignore_index=True).head(rows)
    tiled["effect_id"] = tiled["effect_id"] + "~" + tiled.index.astype(str)
    start = time.perf_counter()
    convert(tiled, trials)
    at_once = time.perf_counter() - start
    start = time.perf_counter()
    for place in range(LOOPED):
        convert(tiled.iloc[[place]], trials)
    looped = (time.perf_counter() - start) * rows / LOOPED
    print(f"{rows} rows in {at_once:.2f} s, looped {looped:.0f} s   {looped / at_once:.0f}x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
