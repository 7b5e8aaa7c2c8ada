"""Effect direction plots: which arm did better, by trial and outcome, without any figure.

Boon & Thomson (2021, Res Synth Methods 12:29) revise the plot of Thomson & Thomas (2013): where
a trial has several results on an outcome, their direction is the one that at least seven in ten
of them share, else they conflict.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lkcm.effects.rows import ALPHA
from lkcm.synthesis.combine import NO_BETTER_DIRECTION

#: Share of a trial's results on an outcome that must agree.
AGREE = 0.7
#: Directions of a cell, in the order of a legend.
CELLS = ("favours LKCM", "no difference", "conflicting", "favours control")
#: Sizes of trials in people analysed, in words, from the upper bound of each (Boon & Thomson).
SIZES = {"below 50": 50.0, "50 to 300": 300.0, "above 300": np.inf}


def effect_directions(rows: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Give the direction of each sample's results on each outcome.

    Parameters
    ----------
    rows : DataFrame
        Converted effects (`lkcm.effects.convert`), narrowed to reporters and comparators.
    outcomes : sequence of str
        Outcomes of the plot; those without a better direction are left out.

    Returns
    -------
    DataFrame
        One row a sample and outcome that tells a direction or a lack of difference:
        ``sample_id``, ``outcome``, ``direction`` (of `CELLS`), ``results`` (rows that tell),
        ``favours``, ``none``, ``against`` (counts of them), ``figure`` (bool: whether one of
        them has an effect size), ``n`` (most people analysed, NaN where not known) and ``size``
        (of `SIZES`, or "not known"). "No difference" is a row that is not statistically
        significant and names no arm.
    """
    named = [name for name in outcomes if name not in NO_BETTER_DIRECTION]
    usable = rows["outcome"].isin(named) & rows["status"].ne("excluded")
    usable &= rows["higher_is_better"].isin(["yes", "no"])
    sign = rows["sign_used"]
    told = rows.assign(
        favours=sign > 0,
        against=sign < 0,
        none=sign.eq(0) & rows["p_low"].ge(ALPHA),
        figure=rows["status"].isin(["poolable", "sensitivity"]),
        n=rows[["n_t_used", "n_c_used"]].sum(axis=1, skipna=False),
    )
    told = told[usable & told[["favours", "against", "none"]].any(axis=1)]
    by_cell = told.groupby(["sample_id", "outcome"], sort=False)
    cells = by_cell[["favours", "none", "against"]].sum().astype(int)
    cells = cells.assign(figure=by_cell["figure"].any(), n=by_cell["n"].max())
    cells["results"] = cells[["favours", "none", "against"]].sum(axis=1)
    needed = AGREE * cells["results"]
    cells["direction"] = np.select(
        [cells["favours"] >= needed, cells["none"] >= needed, cells["against"] >= needed],
        ["favours LKCM", "no difference", "favours control"],
        "conflicting",
    )
    cells["size"] = size_words(cells["n"])
    columns = ["sample_id", "outcome", "direction", "results", "favours", "none", "against"]
    return cells.reset_index()[[*columns, "figure", "n", "size"]]


def size_words(n: pd.Series) -> np.ndarray:
    """Name the size of trials by `SIZES`, "not known" where missing."""
    limits = list(SIZES.values())
    return np.select(
        [n < limits[0], n <= limits[1], n > limits[1]], list(SIZES), default="not known"
    )


def direction_counts(cells: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Count samples by outcome and direction.

    Parameters
    ----------
    cells : DataFrame
        Of `effect_directions`.
    outcomes : sequence of str
        Outcomes in the order of the table; those without a cell stay out.

    Returns
    -------
    DataFrame
        ``outcome``, one column for each of `CELLS` and ``samples``.
    """
    counts = pd.crosstab(cells["outcome"], cells["direction"])
    present = [name for name in outcomes if name in counts.index]
    counts = counts.reindex(index=present, columns=list(CELLS), fill_value=0)
    counts = counts.assign(samples=counts.sum(axis=1))
    return counts.rename_axis(index="outcome", columns=None).reset_index()
