"""How far two reporters of the same people agree, as a range that is drawn from.

The sampling errors of two effects on the same people correlate as far as the measures do. For
self-report and second person no coefficient of change is known, so it is a range, not a number.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import Interval, PoolError


@dataclass(frozen=True)
class Agreement:
    """A range of the correlation between two reporters, and how it is drawn.

    Attributes
    ----------
    low, high : float
        Ends of the range, from 0 to 1.
    draws : int
        Number of draws, each from its own part of the range.
    seed : int
        Of the draws.
    """

    low: float = 0.1
    high: float = 0.6
    draws: int = 20
    seed: int = 26

    def __post_init__(self) -> None:
        problems = []
        if not 0 <= self.low <= self.high <= 1:
            problems.append(
                f"agreement runs from {self.low} to {self.high}; allowed: from 0 to 1, the lower "
                "end first"
            )
        if self.draws < 1:
            problems.append(f"{self.draws} draws; allowed: one or more")
        if problems:
            raise PoolError("; ".join(problems))

    @property
    def middle(self) -> float:
        """The middle of the range."""
        return (self.low + self.high) / 2

    def values(self) -> Array:
        """Draw the correlations, shape (draws,), in ascending order.

        Returns
        -------
        array
            One uniform draw from each of equal parts of the range; one value where the range is
            a point.
        """
        if self.low == self.high:
            return np.array([self.low])
        place = np.arange(self.draws) + np.random.default_rng(self.seed).uniform(size=self.draws)
        return self.low + (self.high - self.low) * place / self.draws


@dataclass(frozen=True)
class Drawn:
    """An estimate over the draws of an agreement.

    Attributes
    ----------
    estimate : float
        Mean over the draws.
    se : float or None
        Root of the mean sampling variance plus the variance of the estimates.
    df : float or None
        Mean degrees of freedom; None for a normal reference.
    ci : tuple of two floats, or None
        Interval that covers both.
    over_agreement : tuple of two floats
        Lowest and highest estimate of the draws.
    """

    estimate: float
    se: float | None
    df: float | None
    ci: Interval
    over_agreement: tuple[float, float]

    def half_width(self, extra: float = 0.0, level: float = 0.95) -> float:
        """Half the width of an interval whose variance is se2 plus ``extra``."""
        tail = (1 - level) / 2
        quantile = stats.norm.isf(tail) if self.df is None else stats.t.isf(tail, self.df)
        return float(quantile * np.sqrt(self.se**2 + extra))


def over_draws(
    estimates: ArrayLike, errors: ArrayLike, dfs: ArrayLike | None, level: float = 0.95
) -> Drawn:
    """Put the estimates of several draws of the agreement together.

    The agreement is a nuisance with a distribution: by the law of total variance the variance of
    the estimate is the mean of its variances plus the variance of its means.

    Parameters
    ----------
    estimates, errors : array-like, shape (draws,)
        Estimates and standard errors, NaN for an error that is not defined.
    dfs : array-like, shape (draws,), or None
        Degrees of freedom; None for a normal reference.
    level : float
        Level of the interval.

    Returns
    -------
    Drawn
        Without an interval where a draw has none.
    """
    estimates, errors = np.asarray(estimates, dtype=float), np.asarray(errors, dtype=float)
    mean = float(estimates.mean())
    ends = (float(estimates.min()), float(estimates.max()))
    freedom = None if dfs is None else np.asarray(dfs, dtype=float)
    if np.isnan(errors).any() or (freedom is not None and np.isnan(freedom).any()):
        return Drawn(mean, None, None, None, ends)
    se = float(np.sqrt(np.mean(errors**2) + np.var(estimates)))
    drawn = Drawn(mean, se, None if freedom is None else float(freedom.mean()), None, ends)
    half = drawn.half_width(level=level)
    return Drawn(mean, se, drawn.df, (mean - half, mean + half), ends)


def error_correlation(
    g: ArrayLike, null_variance: ArrayLike, total: ArrayLike, agreement: ArrayLike
) -> Array:
    """Correlate the sampling errors of two standardised mean differences of the same people.

    Gleser & Olkin (2009, Handbook of Research Synthesis, eq. 19.27): the covariance is
    ``r h + r^2 g_1 g_2 / 2N`` where the variances are ``h + g^2 / 2N``. With agreement 0 it is
    0, with agreement 1 and equal effects it is 1.

    Parameters
    ----------
    g : array-like, shape (2, ...)
        The two effects.
    null_variance : array-like, shape (2, ...)
        ``h`` of each, times the factor of its model.
    total : array-like, shape (2, ...)
        People in both arms.
    agreement : array-like
        Correlation of the two measures within arms.

    Returns
    -------
    array
        The correlation, of the shape to which the arguments broadcast.
    """
    g, h, n = (np.asarray(values, dtype=float) for values in (g, null_variance, total))
    r = np.asarray(agreement, dtype=float)
    variance = h + g**2 / (2 * n)
    covariance = r * np.sqrt(h[0] * h[1]) + r**2 * g[0] * g[1] / (2 * np.sqrt(n[0] * n[1]))
    return covariance / np.sqrt(variance[0] * variance[1])
