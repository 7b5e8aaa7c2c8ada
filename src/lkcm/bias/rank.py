"""Begg and Mazumdar's rank test: whether effects and their variances go together."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from lkcm.bias.sets import in_blocks, one_set, undefined
from lkcm.synthesis.heterogeneity import Array

MINIMUM = 3
COLUMNS = ("tau", "p", "exact")
#: Most trials of an exact p value; R has none beyond, and the normal one is as good there.
EXACT_UP_TO = 170


@dataclass(frozen=True)
class RankTest:
    """Rank correlation of standardised effects and variances.

    Attributes
    ----------
    k : int
        Number of trials.
    tau, p : float or None
        Kendall's tau-b and its two-sided p value; above zero, small trials have larger effects.
    exact : bool or None
        Whether p is exact; with ties or very many trials it is from a normal distribution.
    needs : str or None
        What is missing, in words, where nothing is defined.
    """

    k: int
    tau: float | None
    p: float | None
    exact: bool | None
    needs: str | None


def rank_test(yi: ArrayLike, vi: ArrayLike) -> RankTest:
    """Test for small-study effects by Kendall's rank correlation.

    Begg & Mazumdar (1994, Biometrics 50:1088), as metafor's ``ranktest``: exact where nothing is
    tied (up to `EXACT_UP_TO` trials), else normal with the variance for ties and no correction
    for continuity.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.

    Returns
    -------
    RankTest
        tau and p.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used.
    """
    row = one_set(rank_test_many, yi, vi)
    missing = undefined(row, MINIMUM, "p", "needs effects and variances that differ")
    exact = None if row["exact"] is None else bool(row["exact"])
    return RankTest(**row | {"exact": exact}, needs=missing)


def rank_test_many(yi: ArrayLike, vi: ArrayLike) -> pd.DataFrame:
    """Test many data sets as `rank_test`.

    Parameters
    ----------
    yi, vi : array-like, shape (k, B)
        A data set a column, NaN where it has fewer trials.

    Returns
    -------
    DataFrame
        ``k``, ``tau``, ``p`` and ``exact`` (1 or 0), a data set a row; NaN where not defined.

    Raises
    ------
    PoolError
        As `rank_test`, for any of the data sets.
    """
    return in_blocks(_block, COLUMNS, MINIMUM, yi, vi)


def _block(yi: Array, vi: Array) -> dict[str, Array]:
    w = 1 / vi
    mean, variance = (w * yi).sum(0) / w.sum(0), 1 / w.sum(0)
    order = np.argsort(vi, axis=0, kind="stable")
    z = np.take_along_axis((yi - mean) / np.sqrt(vi - variance), order, axis=0)
    v = np.take_along_axis(vi, order, axis=0)
    k, score = len(yi), np.zeros(yi.shape[1])
    for lag in range(1, k):
        risen = v[lag:] > v[:-lag]
        score += (np.sign(z[lag:] - z[:-lag]) * risen).sum(0)
    pairs = k * (k - 1) / 2
    (tied_z, *ties_z), (tied_v, *ties_v) = _ties(z), _ties(v)
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = score / np.sqrt((pairs - tied_z) * (pairs - tied_v))
        normal = 2 * special.ndtr(-np.abs(score) / np.sqrt(_tied_variance(k, ties_z, ties_v)))
    exact = (tied_z == 0) & (tied_v == 0) & (k <= EXACT_UP_TO)
    p = normal
    if exact.any():
        agreeing = np.rint((score + pairs) / 2).astype(int)
        p = np.where(exact, _two_sided(k)[agreeing], normal)
    return {"tau": tau, "p": np.where(np.isfinite(tau), p, np.nan), "exact": exact}


def _ties(values: Array) -> tuple[Array, Array, Array]:
    """Sum t(t-1)/2, t(t-1)(2t+5) and t(t-1)(t-2) over the groups of t equal values."""
    ordered = np.sort(values, axis=0)
    run, sums = np.zeros(values.shape[1]), np.zeros((3, values.shape[1]))
    for below, value in zip(ordered[:-1], ordered[1:], strict=True):
        # The n-th equal value adds what the sums gain when a group grows from n to n + 1.
        run = np.where(value == below, run + 1, 0)
        grown = run + 1
        sums += [run, _polynomial(grown) - _polynomial(run), 3 * run * (run - 1)]
    return tuple(sums)


def _polynomial(t: Array) -> Array:
    return t * (t - 1) * (2 * t + 5)


def _tied_variance(k: int, z: list[Array], v: list[Array]) -> Array:
    """Variance of the score with ties (Kendall 1970, Rank correlation methods, eq. 4.3)."""
    (z5, z2), (v5, v2) = z, v
    z1, v1 = _pairs(z5, z2), _pairs(v5, v2)
    variance = (_polynomial(k) - z5 - v5) / 18
    variance = variance + z2 * v2 / (9 * k * (k - 1) * (k - 2))
    return variance + z1 * v1 / (2 * k * (k - 1))


def _pairs(fives: Array, twos: Array) -> Array:
    """Recover the sum of t(t-1): t(t-1)(2t+5) = 2 t(t-1)(t-2) + 9 t(t-1)."""
    return (fives - 2 * twos) / 9


@cache
def _two_sided(k: int) -> Array:
    """Two-sided exact p value by the number of pairs that agree, no ties."""
    chances = np.ones(1)
    for trials in range(2, k + 1):
        chances = np.convolve(chances, np.full(trials, 1 / trials))
    below, above = np.cumsum(chances), np.cumsum(chances[::-1])[::-1]
    return np.minimum(1.0, 2 * np.minimum(below, above))
