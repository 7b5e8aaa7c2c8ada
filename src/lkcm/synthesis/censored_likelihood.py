"""The likelihood of effects that are known as figures or only as lying within bounds.

Trial i has the effect ``y_i ~ N(mu, variance_i + tau2)``. It contributes the density at ``y_i``
where a figure is printed, else the probability that ``y_i`` lies between ``low_i`` and
``high_i`` (in the spirit of Bushman & Wang 1996, Psychol Methods 1:66, with the between-trial
variance added). All derivatives are closed forms: the normal distribution obeys the heat
equation, ``dP/dtau2 = (1/2) d2P/dmu2``, so that derivatives by mu up to the fourth give those by
tau2 and the mixed ones.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr

from lkcm.synthesis import LARGEST
from lkcm.synthesis.pooled import PoolError

Array = NDArray[np.float64]

LOG_ROOT_2PI = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Contributions:
    """What the trials of many data sets contribute, figures and bounds apart.

    Attributes
    ----------
    y, v, there : array, shape (figures, B)
        Effects and variances of figures; ``there`` is 0 where a data set has fewer, else 1.
    low, high, s2 : array, shape (bounds, B)
        Bounds and sampling variances; a data set with fewer has bounds of -inf and inf.
    either : array of bool, shape (bounds, B)
        Whether the effect may as well lie between ``-high`` and ``-low``.
    """

    y: Array
    v: Array
    there: Array
    low: Array
    high: Array
    s2: Array
    either: NDArray[np.bool_]

    @classmethod
    def arrange(cls, low: Array, high: Array, variance: Array, either: Array) -> Self:
        """Arrange trials by what they contribute.

        Parameters
        ----------
        low, high, variance : array, shape (k, B)
            Bounds, equal for a figure, and sampling variances; NaN where a data set has fewer
            trials.
        either : array of bool, shape (k, B)
            As the attribute.
        """
        missing = np.isnan(variance)
        is_figure = (low == high) & ~missing
        top = _packed(is_figure, low, variance)
        rest = _packed(~is_figure & ~missing, low, high, variance, either)
        figure, bound = top[0], rest[0]
        return cls(
            y=np.where(figure, top[1], 0.0),
            v=np.where(figure, top[2], 1.0),
            there=figure.astype(float),
            low=np.where(bound, rest[1], -np.inf),
            high=np.where(bound, rest[2], np.inf),
            s2=np.where(bound, rest[3], 1.0),
            either=bound & rest[4].astype(bool),
        )

    @property
    def sets(self) -> int:
        """Number of data sets."""
        return self.y.shape[1]

    def take(self, sets: NDArray[np.intp]) -> Self:
        """Return the data sets of the given numbers."""
        if len(sets) == self.sets:
            return self
        return type(self)(**{name: block[:, sets] for name, block in vars(self).items()})

    def mirrored(self) -> Self:
        """Return the same trials with the arms exchanged."""
        turned = vars(self) | {"y": -self.y, "low": -self.high, "high": -self.low}
        return type(self)(**turned)

    def beside(self, other: Self) -> Self:
        """Return these data sets and then those of another, with as many trials."""
        theirs = vars(other)
        return type(self)(
            **{name: np.hstack([block, theirs[name]]) for name, block in vars(self).items()}
        )


@dataclass(frozen=True)
class Derivatives:
    """The log-likelihood of each data set and its derivatives, each of shape (B,).

    ``m`` stands for a derivative by mu, ``t`` for one by tau2.
    """

    value: Array
    m: Array
    mm: Array
    t: Array
    mt: Array
    tt: Array
    mmm: Array
    mmt: Array

    def __add__(self, other: Self) -> Self:
        """Add the contributions of other trials."""
        mine, others = vars(self), vars(other)
        return type(self)(**{name: mine[name] + others[name] for name in mine})


def derivatives(trials: Contributions, mu: Array, tau2: Array) -> Derivatives:
    """Compute the log-likelihood with its derivatives.

    Parameters
    ----------
    trials : Contributions
        The data sets.
    mu, tau2 : array, shape (B,)
        Where, tau2 at least zero.

    Returns
    -------
    Derivatives
        Densities with their constant, as metafor's ``logLik`` under ML.
    """
    return _of_figures(trials, mu, tau2) + _of_bounds(trials, mu, tau2)


def _of_figures(trials: Contributions, mu: Array, tau2: Array) -> Derivatives:
    w = trials.there / (trials.v + tau2)
    e = trials.y - mu
    we, w2 = w * e, w * w
    log_variance = trials.there * (LOG_ROOT_2PI + 0.5 * np.log(trials.v + tau2))
    squares = we * we
    return Derivatives(
        value=(-0.5 * we * e - log_variance).sum(0),
        m=we.sum(0),
        mm=-w.sum(0),
        t=0.5 * (squares - w).sum(0),
        mt=-(w * we).sum(0),
        tt=(0.5 * w2 - w * squares).sum(0),
        mmm=np.zeros(trials.sets),
        mmt=w2.sum(0),
    )


def _of_bounds(trials: Contributions, mu: Array, tau2: Array) -> Derivatives:
    spread = np.sqrt(trials.s2 + tau2)
    log_p, ratios = _interval(trials.low, trials.high, mu, spread)
    if trials.either.any():
        log_p, ratios = _add_mirror_image(trials, mu, spread, log_p, ratios)
    r1, r2, r3, r4 = ratios
    square = r1 * r1
    return Derivatives(
        value=log_p.sum(0),
        m=r1.sum(0),
        mm=(r2 - square).sum(0),
        t=0.5 * r2.sum(0),
        mt=0.5 * (r3 - r1 * r2).sum(0),
        tt=0.25 * (r4 - r2 * r2).sum(0),
        mmm=(r3 - 3 * r1 * r2 + 2 * r1 * square).sum(0),
        mmt=(0.5 * (r4 - r2 * r2) - r1 * r3 + square * r2).sum(0),
    )


def _interval(low: Array, high: Array, mu: Array, spread: Array) -> tuple[Array, list[Array]]:
    """Give log P(low < y < high) and P', P'', P''', P'''' by mu, each divided by P."""
    ends = [(low - mu) / spread, (high - mu) / spread]
    log_p = log_probability(*ends)
    ratios = [np.zeros_like(log_p) for _ in range(4)]
    for sign, z in zip((1, -1), ends, strict=True):
        density = sign * np.exp(-0.5 * z * z - LOG_ROOT_2PI - log_p)
        z = np.where(np.isfinite(z), z, 0.0)
        # the derivatives of a normal density are Hermite polynomials times it
        for ratio, hermite in zip(ratios, (1.0, z, z * z - 1, z * (z * z - 3)), strict=True):
            ratio += hermite * density
    return log_p, [ratio / spread**power for power, ratio in enumerate(ratios, start=1)]


def _add_mirror_image(
    trials: Contributions, mu: Array, spread: Array, log_p: Array, ratios: list[Array]
) -> tuple[Array, list[Array]]:
    """Add the probability of the interval on the other side of zero where either may be."""
    where = trials.either
    mu = np.broadcast_to(mu, where.shape)[where]
    image, image_ratios = _interval(-trials.high[where], -trials.low[where], mu, spread[where])
    both = np.logaddexp(log_p[where], image)
    share, image_share = np.exp(log_p[where] - both), np.exp(image - both)
    for ratio, other in zip(ratios, image_ratios, strict=True):
        ratio[where] = share * ratio[where] + image_share * other
    log_p[where] = both
    return log_p, ratios


def log_probability(low: Array, high: Array) -> Array:
    """Compute the log of the standard normal probability between two bounds, stably.

    Parameters
    ----------
    low, high : array
        Bounds in standard deviations, low below high; either may be infinite.

    Returns
    -------
    array
        log(Phi(high) - Phi(low)), exact in both tails and for narrow intervals.
    """
    with np.errstate(invalid="ignore"):
        right = low + high > 0
    # in the left tail no digit is lost to the 1 that Phi approaches in the right one
    lower, upper = np.where(right, -high, low), np.where(right, -low, high)
    log_upper = log_ndtr(upper)
    gap = log_ndtr(lower) - log_upper
    narrow = gap > -np.log(2)
    with np.errstate(divide="ignore"):
        near = np.log(-np.expm1(np.where(narrow, gap, -1.0)))
    return log_upper + np.where(narrow, near, np.log1p(-np.exp(np.where(narrow, -1.0, gap))))


def checked_tables(
    low: ArrayLike, high: ArrayLike, variance: ArrayLike, either: ArrayLike | None = None
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Return the tables as arrays of shape (k, B), or raise PoolError with all problems.

    Parameters
    ----------
    low, high, variance, either
        As `lkcm.synthesis.censored_fit.fit_many`.
    """
    low, high, variance = (np.asarray(table, dtype=float) for table in (low, high, variance))
    either = np.zeros(variance.shape, bool) if either is None else np.asarray(either, dtype=bool)
    tables = (low, high, variance, either)
    if variance.ndim != 2 or len({table.shape for table in tables}) > 1:
        raise PoolError("bounds and variances must be tables of one shape, a data set a column")
    missing = np.isnan(variance)
    problems = {
        "a bound or a variance is missing": (np.isnan(low) | np.isnan(high)) != missing,
        "a lower bound is above its upper bound": low > high,
        "a bound is infinite on the wrong side": (low == np.inf) | (high == -np.inf),
        "a variance is zero, negative or infinite": (variance <= 0) | np.isinf(variance),
        "bounds on either side of zero must not overlap or be a figure": (
            either & ((low < 0) | (low == high))
        ),
        f"a bound, a variance or its inverse is above {LARGEST:g}": (
            (_finite(low) > LARGEST)
            | (_finite(high) > LARGEST)
            | (variance > LARGEST)
            | (variance < 1 / LARGEST)
        ),
    }
    found = [words for words, wrong in problems.items() if wrong.any()]
    if found:
        raise PoolError("; ".join(found))
    return tables


def _finite(bound: Array) -> Array:
    """Give the size of a bound, 0 where it is open."""
    return np.where(np.isinf(bound), 0.0, np.abs(bound))


def _packed(chosen: NDArray[np.bool_], *tables: Array) -> list[Array]:
    """Move the chosen cells of each column to its top and cut what no column fills."""
    order = np.argsort(~chosen, axis=0, kind="stable")[: chosen.sum(axis=0).max(initial=0)]
    return [np.take_along_axis(table, order, axis=0) for table in (chosen, *tables)]
