"""Lines through effects, and the (restricted) likelihood of their scatter, for many data sets.

Every function takes tables of shape (k, B) and returns arrays of shape (B,). A variance of
infinity leaves a trial out.
"""

from dataclasses import dataclass

import numpy as np

from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.roots import find_root


@dataclass(frozen=True)
class Line:
    """A weighted line ``effect = limit + slope x`` through each data set.

    Attributes
    ----------
    limit, slope : array, shape (B,)
        Effect at x = 0, and its change by one unit of x.
    limit_unit, slope_unit : array, shape (B,)
        Variances of the two where the weights are inverse variances.
    scatter : array, shape (B,)
        Weighted sum of squared residuals.
    """

    limit: Array
    slope: Array
    limit_unit: Array
    slope_unit: Array
    scatter: Array


def weighted_line(yi: Array, x: Array, weights: Array) -> Line:
    """Fit a line by weighted least squares.

    Parameters
    ----------
    yi, x, weights : array, shape (k, B)
        Effects, predictor and weights.

    Returns
    -------
    Line
        NaN or infinite where the predictor is constant.
    """
    total = weights.sum(0)
    centre = (weights * x).sum(0) / total
    apart = x - centre
    weighted = weights * apart
    spread = (weighted * apart).sum(0)
    mean = (weights * yi).sum(0) / total
    slope = (weighted * yi).sum(0) / spread
    residual = yi - mean - slope * apart
    return Line(
        limit=mean - slope * centre,
        slope=slope,
        limit_unit=1 / total + centre**2 / spread,
        slope_unit=1 / spread,
        scatter=(weights * residual**2).sum(0),
    )


def likelihood_tau2(
    yi: Array,
    vi: Array,
    x: Array | None = None,
    *,
    restricted: bool = True,
    start: Array | None = None,
) -> Array:
    """Find the variance between trials at the top of the (restricted) likelihood.

    Parameters
    ----------
    yi, vi : array, shape (k, B)
        Effects and their sampling variances.
    x : array, shape (k, B), optional
        Predictor of a meta-regression, not constant.
    restricted : bool
        Whether the likelihood is the restricted one; without, there is no predictor.
    start : array, shape (B,), optional
        Where to begin; by default DerSimonian and Laird's estimate.

    Returns
    -------
    array, shape (B,)
        tau2, in squared units of the effect; NaN where none is found.
    """
    if start is None:
        start = moments_tau2(yi, vi)
    slope = _regression_slope if x is not None else _mean_slope if restricted else _ml_slope
    tables = (yi, vi) if x is None else (yi, vi, x)

    def falling(tau2: Array, sets: np.ndarray) -> tuple[Array, Array]:
        everyone = len(sets) == yi.shape[1]
        return slope(tau2, *(table if everyone else table[:, sets] for table in tables))

    return find_root(falling, start, vi.min(0), lower=0.0)


def moments_tau2(yi: Array, vi: Array) -> Array:
    """Estimate the variance between trials by DerSimonian and Laird's moments.

    Parameters
    ----------
    yi, vi : array, shape (k, B)
        Effects and their sampling variances.

    Returns
    -------
    array, shape (B,)
        tau2, zero for one trial.
    """
    w = 1 / vi
    total, squares = w.sum(0), (w**2).sum(0)
    q = (w * (yi - (w * yi).sum(0) / total) ** 2).sum(0)
    room = total - squares / total
    excess = q - (np.isfinite(vi).sum(0) - 1)
    return np.maximum(0.0, excess) / np.where(room > 0, room, 1.0)


def pooled_mean(yi: Array, vi: Array, tau2: Array | float) -> tuple[Array, Array]:
    """Pool by inverse variance.

    Parameters
    ----------
    yi, vi : array, shape (k, B)
        Effects and their sampling variances.
    tau2 : array, shape (B,), or float
        Variance between trials.

    Returns
    -------
    mean, se : array, shape (B,)
        Pooled effect and its standard error (Wald).
    """
    w = 1 / (vi + tau2)
    total = w.sum(0)
    return (w * yi).sum(0) / total, 1 / np.sqrt(total)


def _mean_slope(tau2: Array, yi: Array, vi: Array) -> tuple[Array, Array]:
    """Slope of the restricted likelihood of a mean, doubled, and the slope of that slope.

    With P the projection of Viechtbauer (2005, J Educ Behav Stat 30:261): y'PPy - tr P, and
    tr PP - 2 y'PPPy.
    """
    w, w2, pulled, sums = _moments(tau2, yi, vi)
    total, squares = sums
    pull = squares / total
    value = (pulled * pulled).sum(0) - total + pull
    bend = squares - 2 * (w2 * w).sum(0) / total + pull**2
    return value, bend - 2 * ((w * pulled * pulled).sum(0) - (w * pulled).sum(0) ** 2 / total)


def _ml_slope(tau2: Array, yi: Array, vi: Array) -> tuple[Array, Array]:
    w, _, pulled, (total, squares) = _moments(tau2, yi, vi)
    value = (pulled * pulled).sum(0) - total
    fall = (w * pulled * pulled).sum(0) - (w * pulled).sum(0) ** 2 / total
    return value, squares - 2 * fall


def _moments(tau2: Array, yi: Array, vi: Array) -> tuple[Array, Array, Array, tuple[Array, Array]]:
    w = 1 / (vi + tau2)
    total = w.sum(0)
    pulled = w * (yi - (w * yi).sum(0) / total)
    w2 = w * w
    return w, w2, pulled, (total, w2.sum(0))


def _regression_slope(tau2: Array, yi: Array, vi: Array, x: Array) -> tuple[Array, Array]:
    """As `_mean_slope` with a predictor, centred so that it is orthogonal to the mean."""
    w = 1 / (vi + tau2)
    total = w.sum(0)
    apart = x - (w * x).sum(0) / total
    spread = (w * apart * apart).sum(0)
    residual = yi - (w * yi).sum(0) / total
    residual -= (w * apart * yi).sum(0) / spread * apart
    w2, pulled = w * w, w * residual
    w3 = w2 * w
    squares, cross, steep = w2.sum(0), (w2 * apart).sum(0), (w2 * apart * apart).sum(0)
    pull, push = squares / total, steep / spread
    value = (pulled * pulled).sum(0) - (total - pull - push)
    bend = squares - 2 * (w3.sum(0) / total + (w3 * apart * apart).sum(0) / spread)
    bend += pull**2 + 2 * cross**2 / (total * spread) + push**2
    fall = (w * pulled * pulled).sum(0) - (w * pulled).sum(0) ** 2 / total
    fall -= (w * apart * pulled).sum(0) ** 2 / spread
    return value, bend - 2 * fall
