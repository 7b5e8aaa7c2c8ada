"""Variance of the true effects between trials: estimates of tau2, Cochran's Q, Q-profile.

Every function takes ``yi`` and ``vi`` of shape (k, B), k trials in each of B data sets without
gaps, and returns arrays of shape (B,): nothing loops over data sets.
"""

import warnings
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

#: A root is found when a step moves it by less than this part of tau2 plus the smallest variance;
#: below it the rounding of Q and of the likelihood's slope decides.
ROOT_TOLERANCE = 1e-14
#: Newton doubles its distance from a far start: 200 steps span more than any double can need.
MAX_STEPS = 200


def pymare() -> ModuleType:
    """Import PyMARE on first use.

    Returns
    -------
    module
        ``pymare`` with ``pymare.estimators`` loaded.
    """
    with warnings.catch_warnings():
        # PyMARE 0.0.13 leaves a file of its own unclosed while it is imported.
        warnings.simplefilter("ignore", ResourceWarning)
        import pymare.estimators
    return pymare


def estimate_tau2(yi: Array, vi: Array, method: str) -> Array:
    """Estimate the variance of the true effects between trials.

    REML, ML, DL and HE are PyMARE's; the likelihood estimates are then polished to the root of
    the likelihood's slope, because a search on the likelihood itself stops at the square root of
    machine precision. PM solves Q(tau2) = k - 1 (DerSimonian & Kacker 2007). FE is zero.

    Parameters
    ----------
    yi, vi : array, shape (k, B)
        Effects and their sampling variances, k of at least 2.
    method : {"REML", "DL", "PM", "ML", "HE", "FE"}
        The estimator.

    Returns
    -------
    array, shape (B,)
        tau2, never negative, in squared units of the effect.
    """
    if method == "FE":
        return np.zeros(yi.shape[1])
    if method == "PM":
        return tau2_where_q(yi, vi, len(yi) - 1)
    engine = pymare()
    estimators = {
        "REML": lambda: engine.estimators.VarianceBasedLikelihoodEstimator(method="REML"),
        "ML": lambda: engine.estimators.VarianceBasedLikelihoodEstimator(method="ML"),
        "DL": engine.estimators.DerSimonianLaird,
        "HE": engine.estimators.Hedges,
    }
    fitted = estimators[method]().fit_dataset(engine.Dataset(y=yi, v=vi))
    tau2 = np.ravel(fitted.params_["tau2"])
    if method in ("DL", "HE"):
        return tau2
    return polish_likelihood(yi, vi, tau2, restricted=method == "REML")


def polish_likelihood(yi: Array, vi: Array, tau2: Array, *, restricted: bool) -> Array:
    """Move tau2 from near the top of the (restricted) likelihood onto it.

    Newton's steps on the slope, Fisher's where the curvature is not that of a maximum, held at
    zero or above (Viechtbauer 2005, J Educ Behav Stat 30:261, eq. 8 and 12 give slope and
    information).

    Parameters
    ----------
    yi, vi : array, shape (k, B)
        Effects and their sampling variances.
    tau2 : array, shape (B,)
        Start, near the maximum.
    restricted : bool
        Whether the likelihood is the restricted one.

    Returns
    -------
    array, shape (B,)
        tau2 at the maximum.
    """
    for _ in range(MAX_STEPS):
        w, residual = _weights_and_residuals(yi, vi, tau2)
        sum_w, sum_w2 = w.sum(0), (w**2).sum(0)
        slope = ((w * residual) ** 2).sum(0) - sum_w
        curvature = sum_w2 - 2 * (w**3 * residual**2).sum(0)
        curvature += 2 * (w**2 * residual).sum(0) ** 2 / sum_w
        information = sum_w2
        if restricted:
            pull, sum_w3 = sum_w2 / sum_w, (w**3).sum(0)
            slope = slope + pull
            curvature = curvature + pull**2 - 2 * sum_w3 / sum_w
            information = information + pull**2 - 2 * sum_w3 / sum_w
        step = slope / np.where(curvature < 0, -curvature, information)
        moved = np.maximum(tau2 + step, 0.0)
        still = np.abs(moved - tau2) <= ROOT_TOLERANCE * (tau2 + vi.min(0))
        tau2 = moved
        if still.all():
            break
    return tau2


def q_statistic(yi: Array, vi: Array, tau2: Array | float = 0.0) -> Array:
    """Compute the generalised Q: squared deviations weighted by 1 / (vi + tau2).

    Parameters
    ----------
    yi, vi : array, shape (k, B)
        Effects and their sampling variances.
    tau2 : array, shape (B,), or float
        Variance between trials; 0 gives Cochran's Q.

    Returns
    -------
    array, shape (B,)
        Q, without unit; chi square with k - 1 df when tau2 is the true variance.
    """
    w, residual = _weights_and_residuals(yi, vi, tau2)
    return (w * residual**2).sum(0)


def tau2_where_q(yi: Array, vi: Array, target: float) -> Array:
    """Find the tau2 at which the generalised Q falls to a target.

    Q falls and is convex in tau2, so Newton's steps from zero climb to the root and cannot pass
    it. The answer is zero where Q is below the target already at zero.

    Parameters
    ----------
    yi, vi : array, shape (k, B)
        Effects and their sampling variances.
    target : float
        The value of Q looked for, above zero.

    Returns
    -------
    array, shape (B,)
        tau2.
    """
    tau2 = np.zeros(yi.shape[1])
    for _ in range(MAX_STEPS):
        w, residual = _weights_and_residuals(yi, vi, tau2)
        fall = ((w * residual) ** 2).sum(0)
        excess = (w * residual**2).sum(0) - target
        step = np.maximum(excess, 0.0) / np.where(excess > 0, fall, 1.0)
        tau2 = tau2 + step
        if (step <= ROOT_TOLERANCE * (tau2 + vi.min(0))).all():
            break
    return tau2


def q_profile(yi: Array, vi: Array, level: float) -> tuple[Array, Array]:
    """Compute the Q-profile confidence interval of tau2 (Viechtbauer 2007, Stat Med 26:37).

    Parameters
    ----------
    yi, vi : array, shape (k, B)
        Effects and their sampling variances, k of at least 2.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    low, high : array, shape (B,)
        Bounds. Both are zero where even tau2 = 0 is too large for effects that agree so well:
        the interval is then empty, as metafor's ``confint`` also says.
    """
    tail, df = (1 - level) / 2, len(yi) - 1
    low = tau2_where_q(yi, vi, stats.chi2.isf(tail, df))
    high = tau2_where_q(yi, vi, stats.chi2.ppf(tail, df))
    return low, high


def typical_variance(vi: Array) -> Array:
    """Compute the typical sampling variance (Higgins & Thompson 2002, Stat Med 21:1539, eq. 9).

    Parameters
    ----------
    vi : array, shape (k, B)
        Sampling variances, k of at least 2.

    Returns
    -------
    array, shape (B,)
        The variance that, set beside tau2, gives I2 = tau2 / (tau2 + typical variance).
    """
    w = 1 / vi
    return (len(vi) - 1) / (w.sum(0) - (w**2).sum(0) / w.sum(0))


def _weights_and_residuals(yi: Array, vi: Array, tau2: Array | float) -> tuple[Array, Array]:
    w = 1 / (vi + tau2)
    return w, yi - (w * yi).sum(0) / w.sum(0)
