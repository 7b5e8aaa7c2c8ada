"""Cumulative synthesis: the estimate after each trial in the order of publication."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.synthesis.censored_fit import fit_many
from lkcm.synthesis.contributions import bounds
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pool import pool_many
from lkcm.synthesis.pooled import ADHOC_BELOW, HEADLINE_FROM, PoolError, headline_test

#: Columns of a cumulative synthesis.
COLUMNS = ("year", "k", "estimate", "ci_low", "ci_high", "tau2")


def cumulative(
    yi: ArrayLike,
    vi: ArrayLike,
    year: ArrayLike,
    *,
    method: str = "REML",
    level: float = 0.95,
) -> pd.DataFrame:
    """Pool again after each trial, in order of year, as metafor's ``cumul``.

    Each pool has the test of a headline of its size (`lkcm.synthesis.pooled.headline_test`).

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances, one of each a trial.
    year : array-like, shape (k,)
        Year of each trial, NaN where not known: these come last. Trials of one year keep the
        order in which they are given.
    method, level
        As `lkcm.synthesis.pool.pool`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row a trial in the order in which they enter; the index is the
        trial's place in the input. NaN before the third trial, which makes a headline.

    Raises
    ------
    PoolError
        As `lkcm.synthesis.pool.pool_many`, or years of another length.
    """
    effects, variances = np.asarray(yi, float), np.asarray(vi, float)
    order = _order(year, len(effects))
    lines = _lines(order, year)
    k = len(order)
    if not k:
        return lines
    sets = np.arange(k)
    yi_sets, vi_sets = (_growing(values[order]) for values in (effects, variances))
    for some in (sets[sets + 1 < ADHOC_BELOW], sets[sets + 1 >= ADHOC_BELOW]):
        some = some[some + 1 >= HEADLINE_FROM]
        if not len(some):
            continue
        test = headline_test(int(some[0]) + 1)
        options = {"method": method, "test": test, "level": level}
        found = pool_many(yi_sets[:, some], vi_sets[:, some], **options)
        lines.iloc[some, 2:] = found[list(COLUMNS[2:])].to_numpy()
    return lines


def cumulative_levels(
    kept: pd.DataFrame, year: ArrayLike, variant: str = "A", level: float = 0.95
) -> pd.DataFrame:
    """Synthesise all levels of evidence again after each trial, in order of year.

    Parameters
    ----------
    kept : DataFrame
        ``kept`` of `lkcm.synthesis.contributions.Chosen`.
    year : array-like, shape (k,)
        As `cumulative`.
    variant, level
        As `lkcm.synthesis.censored.synthesise`.

    Returns
    -------
    DataFrame
        As `cumulative`; NaN until three trials bound the effect on both sides.
    """
    order = _order(year, len(kept))
    lines = _lines(order, year)
    if kept.empty:
        return lines
    says = bounds(kept, variant).iloc[order]
    low, high, variance = (
        _growing(says[name].to_numpy(float)) for name in ("low", "high", "variance")
    )
    either = says["either"].to_numpy(bool)[:, None] & ~np.isnan(variance)
    found = fit_many(low, high, variance, either, level=level, tau2_interval=False)
    headline = (found["bounded"] >= HEADLINE_FROM).to_numpy()
    lines.iloc[headline, 2:] = found.loc[headline, list(COLUMNS[2:])].to_numpy()
    return lines


def _order(year: ArrayLike, k: int) -> np.ndarray:
    years = np.asarray(year, dtype=float)
    if years.shape != (k,):
        raise PoolError(f"{k} effects but {years.size} years")
    return np.argsort(years, kind="stable")


def _lines(order: np.ndarray, year: ArrayLike) -> pd.DataFrame:
    lines = pd.DataFrame(np.nan, index=order, columns=list(COLUMNS))
    k = np.arange(1, len(order) + 1)
    return lines.assign(year=np.asarray(year, dtype=float)[order], k=k)


def _growing(values: Array) -> Array:
    """Give a data set a column, each with one trial more than the one before, the rest NaN."""
    place = np.arange(len(values))
    return np.where(place[:, None] <= place, values[:, None], np.nan)
