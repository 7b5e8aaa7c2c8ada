"""Selection models: how much likelier some p values are printed than others, and the effect then.

Hedges & Vevea (1996, J Educ Behav Stat 21:299): the chance that a trial is seen is a step
function of its one-sided p value; effect, heterogeneity and steps are estimated together.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from lkcm.bias.maximum import Function, Maximum, highest, in_own_units
from lkcm.bias.regression import likelihood_tau2, pooled_mean
from lkcm.bias.sets import NO_TOP, WALD, in_blocks, one_set, undefined, wald
from lkcm.bias.step_likelihood import StepLikelihood
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import Interval, PoolError

#: One-sided p values at which the chance to be seen steps: three and four parameters.
THREE_PSM, FOUR_PSM = (0.025,), (0.025, 0.5)
#: Relative chances beyond this are held at it, as metafor does.
LARGEST_WEIGHT = 100.0
COLUMNS = (*WALD, "tau2", "loglik", "lrt", "lrt_p")

#: log of the smallest relative chance: far below what any review can tell from none.
_LOWEST = -20.0


@dataclass(frozen=True)
class Selection:
    """A selection model; what the trials do not define is None.

    Attributes
    ----------
    k : int
        Number of trials.
    model : str
        ``step`` or ``beta``.
    steps : tuple of float
        One-sided p values of the steps; empty for the beta weight.
    estimate, se, ci, p : float, float, tuple of two floats, float; or None
        Effect adjusted for selection, its standard error, 95 % interval and two-sided p (Wald).
    tau2 : float or None
        Variance between trials (ML).
    weights : tuple of float
        Chances to be seen relative to the most significant interval, one a further interval; for
        the beta weight its two exponents.
    weights_se : tuple of float or None
        Their standard errors; None where the likelihood gives none.
    loglik : float or None
        Log-likelihood.
    lrt, lrt_p : float or None
        Likelihood-ratio test of no selection, chi square with a df for each weight.
    needs : str or None
        What is missing, in words, where nothing is defined.
    """

    k: int
    model: str
    steps: tuple[float, ...]
    estimate: float | None
    se: float | None
    ci: Interval
    p: float | None
    tau2: float | None
    weights: tuple[float, ...]
    weights_se: tuple[float | None, ...]
    loglik: float | None
    lrt: float | None
    lrt_p: float | None
    needs: str | None


def step_selection(
    yi: ArrayLike, vi: ArrayLike, steps: tuple[float, ...] = THREE_PSM
) -> Selection:
    """Fit a step-function selection model.

    ML, as metafor's ``selmodel(rma(yi, vi, method = "ML"), type = "stepfun", steps,
    alternative = "greater")``.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects, positive where they favour the treatment, and their sampling variances.
    steps : tuple of float
        One-sided p values, rising between 0 and 1: `THREE_PSM` or `FOUR_PSM`.

    Returns
    -------
    Selection
        Adjusted effect, weights and test.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used, or steps that do not rise.
    """
    row = one_set(step_selection_many, yi, vi, steps=steps)
    ends = " and ".join(f"{step:g}" for step in steps)
    one_side = row["seen"] < len(steps) + 1
    otherwise = f"needs results on every side of one-sided p = {ends}" if one_side else NO_TOP
    missing = undefined(row, len(steps) + 3, "estimate", otherwise)
    return selection_result(row, "step", len(steps), missing, tuple(steps))


def step_selection_many(
    yi: ArrayLike, vi: ArrayLike, steps: tuple[float, ...] = THREE_PSM
) -> pd.DataFrame:
    """Fit step-function selection models to many data sets, as `step_selection`.

    Parameters
    ----------
    yi, vi : array-like, shape (k, B)
        A data set a column, NaN where it has fewer trials.
    steps : tuple of float
        As `step_selection`.

    Returns
    -------
    DataFrame
        ``k``, `COLUMNS`, ``weight_1``, ``weight_1_se`` ... and ``seen``, the number of intervals
        of p that hold results, a data set a row; NaN where not defined.

    Raises
    ------
    PoolError
        As `step_selection`, for any of the data sets.
    """
    if not steps or list(steps) != sorted(set(steps)) or not 0 < steps[0] <= steps[-1] < 1:
        raise PoolError(f"steps are {steps}; allowed: p values rising between 0 and 1")
    quantiles = -special.ndtri(np.asarray(steps))

    def block(yi: Array, vi: Array) -> dict[str, Array]:
        bounds = quantiles[:, None, None] * np.sqrt(vi)
        interval = (yi < bounds).sum(0)
        counts = np.stack([(interval == i).sum(0) for i in range(len(steps) + 1)])
        seen = (counts > 0).sum(0)
        likelihood = StepLikelihood(yi, vi, bounds, counts)
        fitted = (seen == len(steps) + 1) & (len(yi) >= len(steps) + 3)
        return fit_selection(likelihood, yi, vi, len(steps), fitted) | {"seen": seen}

    columns = (*COLUMNS, *weight_columns(len(steps)), "seen")
    return in_blocks(block, columns, 1, yi, vi)


def weight_columns(weights: int) -> tuple[str, ...]:
    """Name the columns of so many weights and of their standard errors."""
    names = [f"weight_{i + 1}" for i in range(weights)]
    return (*names, *(f"{name}_se" for name in names))


def selection_result(
    row: dict[str, float | None],
    model: str,
    weights: int,
    missing: str | None,
    steps: tuple[float, ...] = (),
) -> Selection:
    """Turn a row of a ``*_many`` table into a `Selection`."""
    names = weight_columns(weights)
    low, high = row["ci_low"], row["ci_high"]
    plain = ("k", "estimate", "se", "p", "tau2", "loglik", "lrt", "lrt_p")
    return Selection(
        model=model,
        steps=steps,
        ci=None if low is None else (low, high),
        weights=() if missing else tuple(row[name] for name in names[:weights]),
        weights_se=() if missing else tuple(row[name] for name in names[weights:]),
        needs=missing,
        **{name: row[name] for name in plain},
    )


def fit_selection(
    likelihood: Function,
    yi: Array,
    vi: Array,
    weights: int,
    fitted: np.ndarray,
    *,
    lowest: float = _LOWEST,
    further: tuple[tuple[float, ...], ...] = (),
) -> dict[str, Array]:
    """Maximise a selection likelihood, from the fit without selection.

    Parameters
    ----------
    likelihood : callable
        Log-likelihood of (effect, tau2, log of weights) with its derivatives, for `maximise`;
        at weights of one it is that without selection.
    yi, vi : array, shape (k, b)
        Effects and variances.
    weights : int
        Number of weights.
    fitted : array of bool, shape (b,)
        Data sets to fit.
    lowest : float
        Logarithm of the smallest weight.
    further : tuple of tuples of float
        Logarithms of weights from which to climb as well, the highest top being kept, for a
        likelihood with several.

    Returns
    -------
    dict of str to array of shape (b,)
        `COLUMNS` and the weights' columns; NaN for those that are not fitted.
    """
    sets = np.flatnonzero(fitted)
    result = {name: np.full(len(fitted), np.nan) for name in (*COLUMNS, *weight_columns(weights))}
    if not len(sets):
        return result
    y, v = yi[:, sets], vi[:, sets]
    tau2 = likelihood_tau2(y, v, restricted=False)
    start = np.vstack([pooled_mean(y, v, tau2)[0], tau2, np.zeros((weights, len(sets)))])
    lower, upper = np.full_like(start, -np.inf), np.full_like(start, np.inf)
    lower[1], lower[2:], upper[2:] = 0.0, lowest, np.log(LARGEST_WEIGHT)

    def function(at: Array, active: np.ndarray) -> tuple[Array, Array, Array]:
        return likelihood(at, sets[active])

    without = function(start, np.arange(len(sets)))[0]
    # Begun away from tau2 = 0, where a climb could hold on to the bound.
    start[1] += 0.1 * v.mean(0)
    reach = np.full_like(start, 2.0)
    reach[:2] = np.std(y, axis=0) + np.sqrt(v.mean(0)), 4 * start[1]
    starts = [start]
    for logs in further:
        starts.append(np.vstack([start[:2], *(np.full(len(sets), log) for log in logs)]))
    top = highest(function, starts, lower, upper, reach)
    for name, values in _summary(top, without, weights).items():
        result[name][sets] = np.where(top.reached, values, np.nan)
    return result


def _summary(top: Maximum, without: Array, weights: int) -> dict[str, Array]:
    errors = standard_errors(top)
    lrt = np.maximum(0.0, 2 * (top.value - without))
    summary = wald(top.at[0], errors[0]) | {
        "tau2": top.at[1],
        "loglik": top.value,
        "lrt": lrt,
        "lrt_p": special.chdtrc(weights, lrt),
    }
    for i, weight in enumerate(np.exp(top.at[2:])):
        summary[f"weight_{i + 1}"] = weight
        summary[f"weight_{i + 1}_se"] = weight * errors[2 + i]
    return summary


def standard_errors(top: Maximum) -> Array:
    """Invert the information; where it is no covariance, without tau2, which is then zero.

    Parameters
    ----------
    top : Maximum
        Its second parameter is tau2.

    Returns
    -------
    array, shape (p, B)
        Standard errors of the parameters; NaN where there is no covariance.
    """
    information = -top.hessian
    errors = _roots(information)
    lost = ~np.isfinite(errors).all(0)
    if lost.any():
        without = information[lost]
        without[:, 1, :] = without[:, :, 1] = 0.0
        without[:, 1, 1] = 1.0
        errors[:, lost] = _roots(without)
    return errors


def _roots(information: Array) -> Array:
    scaled, units = in_own_units(information)
    values, vectors = np.linalg.eigh(scaled)
    positive = values[:, 0] > 1e-12
    inverse = (vectors**2 / np.where(positive[:, None], values, 1.0)[:, None, :]).sum(2)
    return np.where(positive, (np.sqrt(inverse) / units).T, np.nan)
