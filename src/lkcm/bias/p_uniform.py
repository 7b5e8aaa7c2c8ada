"""p-uniform*: effect and heterogeneity from trials taken as they passed, or not, a threshold.

van Aert & van Assen (2021, preprint, MetaArXiv): each trial's density is that of its own side
of one-sided p = .025, so that no chance to be seen need be estimated.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from lkcm.bias.maximum import maximise
from lkcm.bias.regression import likelihood_tau2, pooled_mean
from lkcm.bias.selection import standard_errors
from lkcm.bias.sets import NO_TOP, WALD, in_blocks, one_set, undefined, wald
from lkcm.bias.step_likelihood import normal_derivatives
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import Interval

MINIMUM = 3
#: One-sided p value of the threshold.
STEP = 0.025
COLUMNS = (*WALD, "tau2", "loglik")


@dataclass(frozen=True)
class PUniform:
    """p-uniform*; what the trials do not define is None.

    Attributes
    ----------
    k : int
        Number of trials.
    estimate, se, ci, p : float, float, tuple of two floats, float; or None
        Effect, its standard error, 95 % interval and two-sided p value (Wald).
    tau2 : float or None
        Variance between trials (ML).
    loglik : float or None
        Log-likelihood, given the sides on which the trials lie.
    needs : str or None
        What is missing, in words.
    """

    k: int
    estimate: float | None
    se: float | None
    ci: Interval
    p: float | None
    tau2: float | None
    loglik: float | None
    needs: str | None


def p_uniform(yi: ArrayLike, vi: ArrayLike) -> PUniform:
    """Estimate the effect by p-uniform*.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects, positive where they favour the treatment, and their sampling variances.

    Returns
    -------
    PUniform
        Adjusted effect.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used.
    """
    row = one_set(p_uniform_many, yi, vi)
    missing = undefined(row, MINIMUM, "estimate", NO_TOP)
    low, high = row.pop("ci_low"), row.pop("ci_high")
    return PUniform(ci=None if low is None else (low, high), needs=missing, **row)


def p_uniform_many(yi: ArrayLike, vi: ArrayLike) -> pd.DataFrame:
    """Estimate the effects of many data sets as `p_uniform`.

    Parameters
    ----------
    yi, vi : array-like, shape (k, B)
        A data set a column, NaN where it has fewer trials.

    Returns
    -------
    DataFrame
        ``k`` and `COLUMNS`, a data set a row; NaN where not defined.

    Raises
    ------
    PoolError
        As `p_uniform`, for any of the data sets.
    """
    return in_blocks(_block, COLUMNS, MINIMUM, yi, vi)


def _block(yi: Array, vi: Array) -> dict[str, Array]:
    tau2 = likelihood_tau2(yi, vi, restricted=False)
    start = np.stack([pooled_mean(yi, vi, tau2)[0], tau2 + 0.1 * vi.mean(0)])
    lower, upper = np.full_like(start, -np.inf), np.full_like(start, np.inf)
    lower[1] = 0.0
    reach = np.stack([np.std(yi, axis=0) + np.sqrt(vi.mean(0)), 4 * start[1]])
    top = maximise(_OneSide(yi, vi), start, lower, upper, reach)
    columns = wald(top.at[0], standard_errors(top)[0]) | {
        "tau2": top.at[1],
        "loglik": top.value,
    }
    return {name: np.where(top.reached, values, np.nan) for name, values in columns.items()}


@dataclass(frozen=True)
class _OneSide:
    """Log-likelihood of effect and tau2, each trial given its side of the threshold."""

    yi: Array
    vi: Array

    def __call__(self, at: Array, sets: np.ndarray) -> tuple[Array, Array, Array]:
        y, v = self.yi[:, sets], self.vi[:, sets]
        s2, residual = v + at[1], y - at[0]
        bound = -special.ndtri(STEP) * np.sqrt(v)
        s, side = np.sqrt(s2), np.where(y >= bound, -1.0, 1.0)
        c = (bound - at[0]) / s
        inside = special.log_ndtr(side * c)
        # Slope of log Phi(side c) by c, and the slope of that.
        mills = side * np.exp(-0.5 * c * c - inside) / np.sqrt(2 * np.pi)
        bend = -mills * (c + mills)
        by = (-1 / s, -0.5 * c / s2)
        twice = {(0, 0): 0.0, (0, 1): 0.5 / (s2 * s), (1, 1): 0.75 * c / s2**2}
        first, second = normal_derivatives(residual, s2)
        value = -0.5 * (np.log(2 * np.pi * s2) + residual**2 / s2) - inside
        gradient, hessian = np.empty_like(at), np.empty((at.shape[1], 2, 2))
        for a in (0, 1):
            gradient[a] = (first[a] - mills * by[a]).sum(0)
        for (a, b), curve in twice.items():
            curved = second[a, b] - bend * by[a] * by[b] - mills * curve
            hessian[:, a, b] = hessian[:, b, a] = curved.sum(0)
        return value.sum(0), gradient, hessian
