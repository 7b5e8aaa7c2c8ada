"""Power of the checks over numbers of trials and heterogeneity: a grid that computes in shards.

Every cell has its own stream of random numbers, so that the grid is the same however it is cut
into shards. The full grid is stored beside this module; ``make power-grid`` computes it anew. Run
as a program, the module computes one shard, or gathers the shards of a grid.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lkcm.bias.power import COLUMNS, measure
from lkcm.bias.simulation import SELECTIONS, simulate_reviews
from lkcm.synthesis.heterogeneity import Array

#: People an arm in the trials of this review whose sizes were known when the grid was laid down:
#: the middles of the tenths of their distribution (November 2026, 109 trials).
ARMS = (13, 15, 17, 20, 25, 30, 36, 47, 65, 119)
#: Mean true effect: small, as the commentary's figure against active comparators.
MU = 0.3
#: Where the full grid is stored.
STORED = Path(__file__).with_suffix(".csv")
#: Digits that are stored.
DIGITS = 4


@dataclass(frozen=True)
class Scale:
    """Extent of a grid.

    Attributes
    ----------
    ks : tuple of int
        Numbers of trials.
    taus : tuple of float
        Standard deviations of the true effects.
    sets, few : int
        Simulated reviews a cell, and how many of them costly checks are asked about.
    """

    ks: tuple[int, ...]
    taus: tuple[float, ...]
    sets: int
    few: int


#: The small grid tries the pipeline, the full one is what the book shows.
SCALES = {
    "small": Scale((5, 20, 50), (0.0, 0.4, 1.76), 200, 50),
    "full": Scale(
        (5, 8, 12, 20, 31, 50, 100, 200),
        (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 1.76),
        2000,
        500,
    ),
}


def typical_arms(k: int, mean: float | None = None) -> Array:
    """Return the people an arm of k trials that are typical of this review.

    Parameters
    ----------
    k : int
        Number of trials.
    mean : float, optional
        Scale them to this mean.

    Returns
    -------
    array, shape (k,)
        Whole numbers of at least 4, rising; quantiles of `ARMS` at even distances.
    """
    places = (np.arange(k) + 0.5) / k
    known = (np.arange(len(ARMS)) + 0.5) / len(ARMS)
    arms = np.exp(np.interp(places, known, np.log(ARMS)))
    if mean is not None:
        arms = arms * mean / arms.mean()
    return np.maximum(4.0, np.rint(arms))


def cells(scale: Scale) -> list[tuple[str, int, float]]:
    """List the cells of a grid: selection, number of trials, tau."""
    return [
        (selection, k, tau) for selection in SELECTIONS for k in scale.ks for tau in scale.taus
    ]


def compute(
    some: Sequence[tuple[str, int, float]], sets: int, few: int, seed: int = 20240101
) -> pd.DataFrame:
    """Measure all checks in the given cells.

    Parameters
    ----------
    some : sequence of (str, int, float)
        Of `cells`.
    sets, few : int
        As `Scale`.
    seed : int
        Each cell has its own stream of it.

    Returns
    -------
    DataFrame
        As `lkcm.bias.power.power_at`, at mean true effect `MU`.
    """
    tables = [pd.DataFrame(columns=list(COLUMNS))]
    for selection, k, tau in some:
        place = [seed, list(SELECTIONS).index(selection), k, round(1000 * tau)]
        arms, generator = typical_arms(k), np.random.default_rng(place)
        options = {"mu": MU, "tau": tau, "sets": sets, "selection": selection}
        review = simulate_reviews(generator, arms, arms, **options)
        (measured,) = measure([review], [MU], few=few)
        tables.append(measured.assign(selection=selection, mu=MU, tau=tau))
    filled = [table for table in tables if len(table)] or tables
    return pd.concat(filled, ignore_index=True)[list(COLUMNS)]


def shard(scale: str, number: int, of: int) -> pd.DataFrame:
    """Compute one shard of a grid.

    Parameters
    ----------
    scale : str
        Of `SCALES`.
    number, of : int
        The shard, from 0, and how many there are: it has every ``of``-th cell.

    Raises
    ------
    ValueError
        An unknown scale, or a number outside of its shards.
    """
    if scale not in SCALES:
        raise ValueError(f"scale {scale!r} is unknown; allowed: {', '.join(SCALES)}")
    extent = SCALES[scale]
    if not 0 <= number < of:
        raise ValueError(f"shard {number} of {of}; allowed: 0 to {of - 1}")
    return compute(cells(extent)[number::of], extent.sets, extent.few)


def gather(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put shards together, in the order of selection, number of trials and tau."""
    whole = pd.concat(parts, ignore_index=True)
    order = whole["selection"].map(list(SELECTIONS).index)
    whole = whole.assign(order=order).sort_values(["order", "k", "tau"], kind="stable")
    return whole.drop(columns="order").reset_index(drop=True).round(DIGITS)


def trials_needed(grid: pd.DataFrame, power: float, alarms: float) -> pd.DataFrame:
    """Return the fewest trials of a grid at which each check has power enough.

    Parameters
    ----------
    grid : DataFrame
        From `gather` or `stored`.
    power, alarms : float
        Power that is enough, and false alarms that are at most allowed at that number of trials.

    Returns
    -------
    DataFrame
        ``check``, ``selection`` (other than "none"), ``tau``, ``k``; NaN where no number of
        trials in the grid is enough.
    """
    rates = grid.dropna(subset="rate")
    by_selection = rates.pivot(index=["check", "tau", "k"], columns="selection", values="rate")
    sound = by_selection["none"] <= alarms
    lines = []
    for selection in [name for name in SELECTIONS if name != "none"]:
        able = (sound & (by_selection[selection] >= power)).reset_index(name="able")
        fewest = able["k"].where(able["able"]).groupby([able["check"], able["tau"]]).min()
        lines.append(fewest.reset_index(name="k").assign(selection=selection))
    return pd.concat(lines, ignore_index=True)[["check", "selection", "tau", "k"]]


def stored() -> pd.DataFrame:
    """Return the stored full grid."""
    return pd.read_csv(STORED)


def _lines(argv: list[str] | None) -> Iterator[str]:
    parser = argparse.ArgumentParser(prog="python -m lkcm.bias.power_grid", description=__doc__)
    parser.add_argument("--scale", choices=SCALES, help="compute a shard of this grid")
    parser.add_argument("--shard", type=int, help="its number, from 0")
    parser.add_argument("--of", type=int, default=1, help="number of shards")
    parser.add_argument("--gather", type=Path, nargs="+", help="or put these shards together")
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args(argv)
    if args.gather:
        table = gather([pd.read_csv(path) for path in args.gather])
    elif args.scale is None or args.shard is None:
        parser.error("either --scale and --shard, or --gather")
    else:
        table = shard(args.scale, args.shard, args.of)
    table.to_csv(args.output, index=False)
    yield f"{args.output}: {len(table)} rows"


def main(argv: list[str] | None = None) -> int:
    """Compute a shard or gather shards; returns the exit status."""
    try:
        print(*_lines(argv), sep="\n")
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
