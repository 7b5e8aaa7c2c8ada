"""Is LKCM not inferior to an established treatment? What figures, and words alone, can exclude.

A trial is not inferior by a margin m if its lower confidence limit lies above minus m. Where only
words are printed they still bound that limit: a statistically significant advantage puts it above
zero, an advantage of any size above -1.96 s, "no difference" above -3.92 s, with s the standard
error of a difference of zero at the trial's size.
"""

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.synthesis.one_per_sample import one_per_sample

#: Readings of a lower limit, with the rule of each.
READINGS = {
    "superior": "the lower limit lies above zero",
    "not inferior": "the lower limit lies above minus the margin",
    "cannot be told": "the lower limit may lie on either side of minus the margin",
    "inferior": "the whole interval lies below minus the margin",
}


def non_inferiority(rows: pd.DataFrame, margin: float) -> pd.DataFrame:
    """Judge results against an established treatment by a stated margin, one a trial and outcome.

    Parameters
    ----------
    rows : DataFrame
        Converted rows (`lkcm.effects.convert`) against psychotherapy.
    margin : float
        How much worse than the treatment, in g, still counts as not inferior; above zero.

    Returns
    -------
    DataFrame
        Rows with a figure, a direction or a statement of significance: ``worst`` and ``best``
        (between which the lower confidence limit lies; equal for a figure, missing where nothing
        bounds it), ``basis`` ("figure" or "words") and ``reading`` (a key of `READINGS`).

    Raises
    ------
    ValueError
        A margin that is not above zero.
    """
    if not margin > 0:
        raise ValueError(f"margin is {margin}; allowed: above zero")
    told = _chosen(rows[rows["measure"].eq("SMD") & rows["harm"].eq("none")])
    z = stats.norm.isf(0.025)
    figure = told["status"].isin(["poolable", "sensitivity"])
    s = np.sqrt(told["null_variance"].astype(float))
    sign, sure, no = told["sign_used"], told["p_high"] <= 0.05, told["p_low"] >= 0.05
    limit = told["yi"].astype(float) - z * np.sqrt(told["vi"].astype(float))
    upper = told["yi"].astype(float) + z * np.sqrt(told["vi"].astype(float))
    ahead = sign.eq(1)
    worst = np.select([figure, ahead & sure, ahead, no], [limit, 0.0, -z * s, -2 * z * s], np.nan)
    best = np.select([figure, ahead & sure, no], [limit, np.nan, 0.0], np.nan)
    behind = (figure & (upper < -margin)).to_numpy()
    known = np.isfinite(worst)
    reading = np.select(
        [behind, known & (worst >= 0), known & (worst > -margin)],
        ["inferior", "superior", "not inferior"],
        "cannot be told",
    )
    basis = np.where(figure, "figure", "words")
    return told.assign(worst=worst, best=best, basis=basis, reading=reading)


def _chosen(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep one row a trial and outcome: a figure first, then a row with sizes."""
    says = rows["sign_used"].ne(0) | rows["p_low"].gt(0) | rows["p_high"].lt(1)
    says |= rows["status"].isin(["poolable", "sensitivity"])
    rows = rows[says & rows["status"].ne("excluded")]
    kept = []
    for _, some in rows.groupby("outcome", sort=False):
        stand_in = some.assign(
            yi=some["yi"].fillna(0.0),
            vi=some["vi"].fillna(some["null_variance"]).fillna(1e6),
            level=some["level"].where(some["status"].ne("censored"), "3"),
            status="poolable",
        )
        kept.extend(one_per_sample(stand_in).kept.index)
    return rows.loc[rows.index.isin(kept)]
