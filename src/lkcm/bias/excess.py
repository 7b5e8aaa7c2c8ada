"""Counting statistically significant trials: excess significance, and fail-safe numbers.

Neither is evidence of bias in abstracts, which print what was significant.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from lkcm.bias.sets import checked_trials, needs
from lkcm.synthesis.heterogeneity import Array

MINIMUM = 3
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
    effects, variances = checked_trials(yi, vi)
    k = len(effects)
    if k < MINIMUM:
        return Excess(k, *[None] * 5, needs=needs(MINIMUM))
    weights = 1 / (variances + tau2)
    mean = (weights * effects).sum() / weights.sum()
    critical, spread = special.ndtri(0.975), np.sqrt(1 + tau2 / variances)
    ncp = mean / np.sqrt(variances)
    power = special.ndtr((ncp - critical) / spread) + special.ndtr((-ncp - critical) / spread)
    observed = int((np.abs(effects) / np.sqrt(variances) >= critical).sum())
    expected = float(power.sum())
    if k - expected < CERTAIN:
        return Excess(k, observed, expected, *[None] * 3, needs="needs trials that could fail")
    chi2 = (observed - expected) ** 2 * (1 / expected + 1 / (k - expected))
    return Excess(
        k=k,
        observed=observed,
        expected=expected,
        chi2=float(chi2),
        p=float(special.chdtrc(1, chi2)),
        exact_p=float(min(1.0, _chances(power)[observed:].sum())),
        needs=None,
    )


def _chances(power: Array) -> Array:
    """Chances of 0 to k significant trials, each with its own power."""
    chances = np.ones(1)
    for one in power:
        chances = np.convolve(chances, [1 - one, one])
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
