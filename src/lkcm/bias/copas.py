"""Copas's sensitivity analysis: the effect under selection that gets stronger step by step.

Copas & Shi (2000, Biostatistics 1:247): a trial is seen where a latent value above zero,
gamma0 + gamma1 / se + noise, and the noise correlates with the effect's. The data say next to
nothing of the two gammas, so they are set and the rest is estimated.

It has no test of selection of its own. What it has is a test of the asymmetry that selection
of a set strength leaves (a slope of the effects on their standard errors), and a rule, that of
the R package metasens: where the test says nothing without any selection the pooled effect
stands; else the weakest selection is taken that leaves nothing. `copas_many` follows it, so that
"detects" means that the test rejects where no selection is allowed for.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from lkcm.bias.copas_likelihood import CopasLikelihood
from lkcm.bias.maximum import Maximum, highest
from lkcm.bias.regression import likelihood_tau2, pooled_mean, weighted_line
from lkcm.bias.selection import standard_errors
from lkcm.bias.sets import EQUAL, checked_trials, in_blocks, needs
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import PoolError

MINIMUM = 5
#: Chances that the smallest trial is seen, and the chance of the largest.
SMALLEST, LARGEST = (0.99, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1), 0.99
#: p value of what asymmetry is left, from which on selection explains the funnel.
EXPLAINED = 0.10
COLUMNS = ("estimate", "tau2", "rho", "smallest", "asymmetry", "asymmetry_p")

#: Nearer to -1 or 1 the likelihood has spikes at single trials.
_RHO = 0.99
#: Quantile of a chance to be seen of one, as in metasens.
_CERTAIN = 10.0
#: Climbs start at this correlation and at minus it: there may be a top on either side of zero.
_START = 0.7


def copas(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    smallest: Sequence[float] = SMALLEST,
    largest: float = LARGEST,
) -> pd.DataFrame:
    """Estimate the effect under selection of rising strength.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.
    smallest : sequence of float
        Chances that the trial with the largest standard error is seen, between 0 and 1.
    largest : float
        Chance that the trial with the smallest standard error is seen.

    Returns
    -------
    DataFrame
        One row a chance: ``smallest``, ``gamma0``, ``gamma1``, ``estimate``, ``se``, ``ci_low``,
        ``ci_high`` (95 %, from the curvature), ``tau2``, ``rho``, ``unseen`` (trials not seen,
        expected), ``p_left`` (likelihood ratio test of asymmetry that selection leaves) and
        ``explained`` (bool: ``p_left`` of `EXPLAINED` or more).

    Raises
    ------
    PoolError
        Effects or variances that cannot be used, fewer than `MINIMUM` trials, standard errors
        that do not differ, or chances that are none.
    """
    effects, variances = checked_trials(yi, vi)
    se = np.sqrt(variances)
    if len(se) < MINIMUM:
        raise PoolError(needs(MINIMUM))
    if np.ptp(se) <= EQUAL * se.max():
        raise PoolError("needs standard errors that differ")
    if not all(0 < chance < 1 for chance in (*smallest, largest)):
        raise PoolError("chances to be seen: allowed above 0 and below 1")
    chances = np.asarray(smallest, dtype=float)
    y, s = (np.repeat(values[:, None], len(chances), axis=1) for values in (effects, se))
    gamma0, gamma1 = _gammas(s, chances, largest)
    u = gamma0 + gamma1 / s
    top, sloped = _fits(y, s, u)
    p_left = _left(top, sloped)
    error = standard_errors(_within(top))[0]
    half = special.ndtri(0.975) * error
    return pd.DataFrame(
        {
            "smallest": chances,
            "gamma0": gamma0,
            "gamma1": gamma1,
            "estimate": top.at[0],
            "se": error,
            "ci_low": top.at[0] - half,
            "ci_high": top.at[0] + half,
            "tau2": top.at[1],
            "rho": top.at[2],
            "unseen": (special.ndtr(-u) / special.ndtr(u)).sum(0),
            "p_left": p_left,
            "explained": p_left >= EXPLAINED,
        }
    )


def copas_many(yi: ArrayLike, vi: ArrayLike) -> pd.DataFrame:
    """Correct many data sets by the weakest selection that leaves no asymmetry.

    The chances are none missing, then `SMALLEST` one after the other, each for the data sets
    whose asymmetry is not explained yet (`EXPLAINED`).

    Parameters
    ----------
    yi, vi : array-like, shape (k, B)
        A data set a column, NaN where it has fewer trials.

    Returns
    -------
    DataFrame
        ``k``, ``estimate``, ``tau2`` and ``rho`` under the selection that was taken, ``smallest``
        (the chance that the smallest trial is seen under it, one without selection), and without
        selection ``asymmetry`` (slope of the effects on their standard errors) and
        ``asymmetry_p`` (likelihood ratio test, two-sided). NaN where not defined; the first four
        also where no selection explains the asymmetry.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used, for any of the data sets.
    """
    return in_blocks(_block, COLUMNS, MINIMUM, yi, vi)


def _block(yi: Array, vi: Array) -> dict[str, Array]:
    se = np.sqrt(vi)
    result = {name: np.full(yi.shape[1], np.nan) for name in COLUMNS}
    left = np.flatnonzero(np.ptp(se, axis=0) > EQUAL * se.max(0))
    for chance in (1.0, *SMALLEST):
        if not len(left):
            break
        y, s = yi[:, left], se[:, left]
        if chance == 1:
            top, sloped = _fits(y, s, np.full_like(s, _CERTAIN), 0.0)
        else:
            gamma0, gamma1 = _gammas(s, np.full(len(left), chance), LARGEST)
            top, sloped = _fits(y, s, gamma0 + gamma1 / s)
        p = _left(top, sloped)
        if chance == 1:
            result["asymmetry"][left], result["asymmetry_p"][left] = sloped.at[3], p
        explained = p >= EXPLAINED
        at = dict(zip(COLUMNS, top.at, strict=False)) | {"smallest": np.full(len(left), chance)}
        for name, values in at.items():
            result[name][left[explained]] = values[explained]
        left = left[~explained]
    return result


def _gammas(se: Array, smallest: Array, largest: float) -> tuple[Array, Array]:
    """Find the two gammas from the chances of the smallest and the largest trial."""
    low, high = special.ndtri(smallest), special.ndtri(largest)
    gamma1 = (high - low) / (1 / se.min(0) - 1 / se.max(0))
    return low - gamma1 / se.max(0), gamma1


def _fits(yi: Array, se: Array, u: Array, rho: float = _RHO) -> tuple[Maximum, Maximum]:
    """Maximise the likelihood without and with a slope, rho being at most so large."""
    vi, likelihood = se**2, CopasLikelihood(yi, se, u)
    tau2 = likelihood_tau2(yi, vi, restricted=False)
    # Begun away from tau2 = 0, where a climb could hold on to the bound.
    away, nothing = 0.1 * vi.mean(0), np.zeros(yi.shape[1])
    line = weighted_line(yi, se, 1 / (vi + tau2))
    reach = np.stack([np.std(yi, axis=0) + np.sqrt(vi.mean(0)), 4 * (tau2 + away)])
    reach = np.vstack([reach, nothing + 0.5, nothing + 2.0])
    correlations = (_START, -_START) if rho else (0.0,)
    mean = pooled_mean(yi, vi, tau2)[0]
    starts = [np.stack([mean, tau2 + away, nothing + start]) for start in correlations]
    top = _top(likelihood, starts, reach[:3], rho)
    starts = [
        np.stack([line.limit, tau2 + away, nothing + start, line.slope]) for start in correlations
    ]
    starts.insert(0, np.vstack([top.at, nothing]))
    starts[0][1] += away
    return top, _top(likelihood, starts, reach, rho)


def _top(likelihood: CopasLikelihood, starts: list[Array], reach: Array, rho: float) -> Maximum:
    lower, upper = np.full_like(reach, -np.inf), np.full_like(reach, np.inf)
    lower[1], lower[2], upper[2] = 0.0, -rho, rho
    return highest(likelihood, starts, lower, upper, reach)


def _left(top: Maximum, sloped: Maximum) -> Array:
    """Return the p value of the asymmetry that selection leaves, NaN without both tops."""
    p = special.chdtrc(1, np.maximum(0.0, 2 * (sloped.value - top.value)))
    return np.where(top.reached & sloped.reached, p, np.nan)


def _within(top: Maximum) -> Maximum:
    """Take a correlation at its bound out of the curvature, as it cannot move there."""
    hessian = top.hessian.copy()
    bound = np.abs(top.at[2]) >= _RHO
    hessian[bound, 2, :] = hessian[bound, :, 2] = 0.0
    hessian[bound, 2, 2] = -1.0
    return Maximum(top.at, top.value, hessian, top.reached)
