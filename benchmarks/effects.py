"""Time the conversion of a large effects table: python benchmarks/effects.py [ROWS]."""

import sys
import time
from pathlib import Path

import pandas as pd

from lkcm.effects import convert

DATA = Path(__file__).parents[1] / "data"


def main(rows: int = 100_000) -> None:
    """Tile the evidence to `rows` rows with ids of their own, and convert it once."""
    effects, trials = pd.read_csv(DATA / "effects.csv"), pd.read_csv(DATA / "trials.csv")
    copies = -(-rows // len(effects))
    tiled = pd.concat([effects] * copies, ignore_index=True).head(rows)
    tiled["effect_id"] = tiled["effect_id"] + "~" + tiled.index.astype(str)
    start = time.perf_counter()
    convert(tiled, trials)
    print(f"{rows} rows converted in {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
