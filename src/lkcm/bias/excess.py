"""Counting statistically significant trials: excess significance, and fail-safe numbers.

Neither is evidence of bias in abstracts, which print what was significant.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from lkcm.bias.sets import checked_trials, in_blocks, one_set, undefined
from lkcm.synthesis.heterogeneity import Array

MINIMUM = 3
COLUMNS = ("observed", "expected", "chi2", "p", "exact_p")
#: With fewer expected failures than this there is no room for an excess.
CERTAIN = 1e-9
#: Always shown with a fail-safe number.
FAIL_SAFE_WARNING = (
    "A fail-safe number assumes that what is missing averages zero and says nothing of its size "
    "or of heterogeneity; it is shown because readers ask for it, and should persuade nobody."
)


@dataclass(frozen=True)
class Excess:
    """Test of excess significance; what the trials do not define is None.

    Attributes
    ----------
    k : int
        Number of trials.
    observed : int or None
        Statistically significant trials, two-sided .05.
    expected : float or None
        Sum of the trials' power at the pooled effect.
    chi2, p : float or None
        Ioannidis and Trikalinos's chi square (1 df) and its p value.
    exact_p : float or None
        Chance of at least so many, from the trials' own powers.
    needs : str or None
        What is missing, in words.
    """

    k: int
    observed: int | None
    expected: float | None
    chi2: float | None
    p: float | None
    exact_p: float | None
    needs: str | None


@dataclass(frozen=True)
class FailSafe:
    """Numbers of unseen trials that would undo a result.

    Attributes
    ----------
    k : int
        Number of trials.
    rosenthal : int
        Trials with z = 0 that bring the combined one-sided p value to .05.
    orwin : int or None
        Trials with no effect that bring the mean effect to ``target``; None where it is not
        above it already.
    target : float
        Effect that would be too small to matter, in the unit of the effects.
    warning : str
        To be shown with the numbers.
    """

    k: int
    rosenthal: int
    orwin: int | None
    target: float
    warning: str = FAIL_SAFE_WARNING


def excess_significance(yi: ArrayLike, vi: ArrayLike, *, tau2: float = 0.0) -> Excess:
    """Compare the number of significant trials with what their power lets expect.

    Ioannidis & Trikalinos (2007, Clin Trials 4:245), as metafor's ``tes(yi, vi)``; the exact
    p value is that of ``test = "exact"``.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.
    tau2 : float
        Variance of true effects between trials, over which power is averaged.

    Returns
    -------
    Excess
        Counts and tests.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used.
    """
    row = one_set(excess_significance_many, yi, vi, tau2=tau2)
    if row["observed"] is not None:
        row["observed"] = int(row["observed"])
    return Excess(**row, needs=undefined(row, MINIMUM, "p", "needs trials that could fail"))


def excess_significance_many(yi: ArrayLike, vi: ArrayLike, *, tau2: float = 0.0) -> pd.DataFrame:
    """Test many data sets as `excess_significance`.

    Parameters
    ----------
    yi, vi : array-like, shape (k, B)
        A data set a column, NaN where it has fewer trials.
    tau2 : float
        As `excess_significance`.

    Returns
    -------
    DataFrame
        ``k`` and `COLUMNS`, a data set a row; NaN where not defined.

    Raises
    ------
    PoolError
        As `excess_significance`, for any of the data sets.
    """

    def block(yi: Array, vi: Array) -> dict[str, Array]:
        weights = 1 / (vi + tau2)
        mean = (weights * yi).sum(0) / weights.sum(0)
        critical, spread = special.ndtri(0.975), np.sqrt(1 + tau2 / vi)
        ncp = mean / np.sqrt(vi)
        power = special.ndtr((ncp - critical) / spread) + special.ndtr((-ncp - critical) / spread)
        observed = (np.abs(yi) / np.sqrt(vi) >= critical).sum(0)
        expected = power.sum(0)
        room = len(yi) - expected
        open_ = room >= CERTAIN
        chi2 = (observed - expected) ** 2 * (1 / expected + 1 / np.where(open_, room, np.nan))
        counts = np.arange(len(yi) + 1)[:, None]
        exact = np.where(counts >= observed, _chances(power), 0.0).sum(0)
        return {
            "observed": observed,
            "expected": expected,
            "chi2": chi2,
            "p": special.chdtrc(1, chi2),
            "exact_p": np.where(open_, np.minimum(1.0, exact), np.nan),
        }

    return in_blocks(block, COLUMNS, MINIMUM, yi, vi)


def _chances(power: Array) -> Array:
    """Chances of 0 to k significant trials, each with its own power: shape (k + 1, B)."""
    chances = np.zeros((len(power) + 1, power.shape[1]))
    chances[0] = 1.0
    for one in power:
        chances[1:] = chances[1:] * (1 - one) + chances[:-1] * one
        chances[0] *= 1 - one
    return chances


def fail_safe(yi: ArrayLike, vi: ArrayLike, *, target: float = 0.1) -> FailSafe:
    """Compute Rosenthal's and Orwin's fail-safe numbers, with their warning.

    Rosenthal (1979, Psychol Bull 86:638) and Orwin (1983, J Educ Stat 8:157), as metafor's
    ``fsn``, rounded up.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.
    target : float
        Effect that would be too small to matter, above zero.

    Returns
    -------
    FailSafe
        The numbers and `FAIL_SAFE_WARNING`.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used.
    """
    effects, variances = checked_trials(yi, vi)
    k, critical = len(effects), special.ndtri(0.95)
    combined = abs((effects / np.sqrt(variances)).sum()) / np.sqrt(k)
    rosenthal = max(0, int(np.ceil(k * (combined / critical) ** 2 - k)))
    mean = abs(effects.mean())
    orwin = int(np.ceil(k * (mean - target) / target)) if mean > target else None
    return FailSafe(k, rosenthal, orwin, target)
