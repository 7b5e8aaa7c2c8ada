"""Fit the likelihood of figures and bounds: estimates and profile intervals, many sets at once.

tau2 is found on its profile (mu at its best for each tau2), by safeguarded Newton steps; every
step is taken for all data sets that have not arrived, none in a Python loop over data sets.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from lkcm.synthesis.censored_likelihood import (
    Array,
    Contributions,
    Derivatives,
    checked_tables,
    derivatives,
)
from lkcm.synthesis.pooled import PoolError
from lkcm.synthesis.roots import Falling, find_root

#: "ML": the likelihood itself. "REML": the profile of tau2 with Cox & Reid's adjustment,
#: -1/2 log of mu's information (1987, J R Stat Soc B 49:1), which is REML where all are figures.
METHODS = ("ML", "REML")
#: Trials bounded on both sides without which the likelihood has no maximum: with open bounds
#: alone mu and tau2 can grow for ever, and REML gives one trial away for mu.
BOUNDED_NEEDED = {"ML": 1, "REML": 2}
#: Columns of a table with one fit a row.
COLUMNS = (
    *("k", "figures", "bounded", "estimate", "se", "ci_low", "ci_high"),
    *("tau2", "tau2_ci_low", "tau2_ci_high", "loglik"),
)
#: Values of tau2 at which the search looks first, in parts of the set's variance.
FIRST_LOOK = (0.0, 3e-4, 1e-3, 3e-3, 0.007, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0, 2.0)
#: So many fits of the first look are made together; where sets are few, calls are the cost.
TOGETHER = 512
#: An end at which the log-likelihood is above its limit by more than this is not the end.
MISSED = 1e-6


@dataclass(frozen=True)
class _Problem:
    """Data sets with their scale, and whether tau2 is restricted."""

    trials: Contributions
    scale: Array
    restricted: bool

    def take(self, sets: NDArray[np.intp]) -> "_Problem":
        return _Problem(self.trials.take(sets), self.scale[sets], self.restricted)

    def with_mirror_image(self) -> "_Problem":
        trials = self.trials.beside(self.trials.mirrored())
        return _Problem(trials, np.tile(self.scale, 2), self.restricted)


def fit_many(
    low: ArrayLike,
    high: ArrayLike,
    variance: ArrayLike,
    either: ArrayLike | None = None,
    *,
    method: str = "ML",
    level: float = 0.95,
    tau2_interval: bool = True,
) -> pd.DataFrame:
    """Fit many data sets at once.

    Parameters
    ----------
    low, high : array-like, shape (k, B)
        Bounds of each trial's effect, one data set a column; equal where the effect is a figure,
        -inf or inf where open. NaN, with ``variance``, where a data set has fewer trials.
    variance : array-like, shape (k, B)
        Sampling variances.
    either : array-like of bool, shape (k, B), optional
        Whether the effect may as well lie between ``-high`` and ``-low``; by default nowhere.
    method : {"ML", "REML"}
        Of `METHODS`.
    level : float
        Level of the intervals, between 0 and 1.
    tau2_interval : bool
        Whether the interval of tau2 is computed too.

    Returns
    -------
    DataFrame
        One row a data set, columns `COLUMNS`; ``bounded`` counts the trials that bound their
        effect on both sides, figures among them. The intervals are those of the profile
        likelihood (under REML, of the adjusted one). NaN where fewer trials are bounded than
        `BOUNDED_NEEDED`, for the likelihood then has no maximum; and where trials are
        significant in an unknown direction and no other trial has a direction.

    Raises
    ------
    PoolError
        Shapes that differ, no trials, bounds in the wrong order, variances that are not above
        zero, or an unknown option.
    """
    if method not in METHODS:
        raise PoolError(f"method {method!r} is unknown; allowed: {', '.join(METHODS)}")
    if not 0 < level < 1:
        raise PoolError(f"level is {level}; allowed: above 0 and below 1")
    tables = checked_tables(low, high, variance, either)
    low, high, variance, either = tables
    has_effect = ~np.isnan(variance)
    columns = {name: np.full(variance.shape[1], np.nan) for name in COLUMNS}
    columns["k"] = has_effect.sum(axis=0)
    columns["figures"] = (has_effect & (low == high)).sum(axis=0)
    columns["bounded"] = (has_effect & np.isfinite(low) & np.isfinite(high)).sum(axis=0)
    # where no trial says which arm did better, mu and -mu are equally likely
    undirected = either.any(axis=0) & (either | (low == -high) | ~has_effect).all(axis=0)
    sets = np.flatnonzero((columns["bounded"] >= BOUNDED_NEEDED[method]) & ~undirected)
    if len(sets):
        trials = Contributions.arrange(*(table[:, sets] for table in tables))
        scale = _scale(*(table[:, sets] for table in tables[:3]))
        problem = _Problem(trials, scale, method == "REML")
        for name, values in _fit(problem, level, tau2_interval).items():
            columns[name][sets] = values
    return pd.DataFrame(columns)


def _fit(problem: _Problem, level: float, tau2_interval: bool) -> dict[str, Array]:
    tau2, mu = _top(problem)
    at_top = derivatives(problem.trials, mu, tau2)
    loglik = at_top.value + _adjustment(problem, at_top)
    z = stats.norm.isf((1 - level) / 2)
    se = _standard_error(at_top, tau2)
    found = {"estimate": mu, "se": se, "tau2": tau2, "loglik": loglik}
    # the lower end is the upper one of the mirror image
    tau2_of, loglik_of, se_of = (np.tile(values, 2) for values in (tau2, loglik, se))
    both = problem.with_mirror_image()
    ends = _upper_end_of_mu(both, np.concatenate([mu, -mu]), tau2_of, loglik_of, z, se_of)
    found["ci_high"], found["ci_low"] = ends[: len(mu)], -ends[len(mu) :]
    if tau2_interval:
        ends = _ends_of_tau2(problem, mu, tau2, loglik, z)
        found["tau2_ci_low"], found["tau2_ci_high"] = ends
    return found


def _top(problem: _Problem) -> tuple[Array, Array]:
    """Find the maximum: the best of a first look at some tau2, then the root of the slope."""
    best = np.full(problem.trials.sets, -np.inf)
    start, mu = np.zeros_like(best), np.zeros_like(best)
    # with a significance in either direction the likelihood can have a top on each side of zero
    for side in (-1.0, 1.0) if problem.trials.either.any() else (0.0,):
        mu_at = side * problem.scale
        for many, tau2 in _looks(problem):
            at = _best_mu(many, tau2, np.resize(mu_at, len(tau2)))
            here = derivatives(many.trials, at, tau2)
            value, place = _highest(here.value + _adjustment(many, here), len(best))
            better = value > best
            best = np.where(better, value, best)
            start, mu = np.where(better, tau2[place], start), np.where(better, at[place], mu)
            mu_at = at[-len(best) :]

    def slope(tau2: Array, sets: NDArray[np.intp]) -> tuple[Array, Array]:
        some = problem.take(sets)
        mu[sets] = _best_mu(some, tau2, mu[sets])
        return _profile_slope(some, mu[sets], tau2)

    tau2 = find_root(slope, start, problem.scale**2, lower=0.0)
    return tau2, _best_mu(problem, tau2, mu)


def _looks(problem: _Problem) -> Iterator[tuple[_Problem, Array]]:
    """Yield the data sets again and again, one after another, with the tau2 of `FIRST_LOOK`.

    The largest come first; few data sets are looked at with many tau2 at once.
    """
    sets = problem.trials.sets
    once = max(1, TOGETHER // sets)
    parts = FIRST_LOOK[::-1]
    for at in range(0, len(parts), once):
        some = parts[at : at + once]
        many = problem.take(np.tile(np.arange(sets), len(some)))
        yield many, np.repeat(some, sets) * many.scale**2


def _highest(values: Array, sets: int) -> tuple[Array, NDArray[np.intp]]:
    """Give each data set's highest of the values of `_looks`, and where it stands among them."""
    table = values.reshape(-1, sets)
    row = np.where(np.isnan(table), -np.inf, table).argmax(0)
    place = row * sets + np.arange(sets)
    return values[place], place


def _best_mu(problem: _Problem, tau2: Array, start: Array) -> Array:
    """Maximise over mu at given tau2."""

    def slope(mu: Array, sets: NDArray[np.intp]) -> tuple[Array, Array]:
        here = derivatives(problem.trials.take(sets), mu, tau2[sets])
        return here.m, here.mm

    return find_root(slope, start, problem.scale)


def _best_tau2(
    problem: _Problem, mu: Array, start: Array, inner_mu: Array
) -> tuple[Array, Derivatives, Array]:
    """Maximise over tau2 at given mu; give tau2, the derivatives there and the adjustment."""
    inner_mu = inner_mu.copy()

    def slope(tau2: Array, sets: NDArray[np.intp]) -> tuple[Array, Array]:
        some = problem.take(sets)
        here = derivatives(some.trials, mu[sets], tau2)
        if not problem.restricted:
            return here.t, here.tt
        inner_mu[sets] = _best_mu(some, tau2, inner_mu[sets])
        at_best = derivatives(some.trials, inner_mu[sets], tau2)
        pull, change = _pull(some, inner_mu[sets], tau2, at_best)
        return here.t + pull, here.tt + change

    tau2 = find_root(slope, start, problem.scale**2, lower=0.0)
    here = derivatives(problem.trials, mu, tau2)
    if not problem.restricted:
        return tau2, here, np.zeros_like(mu)
    at_best = derivatives(problem.trials, _best_mu(problem, tau2, inner_mu), tau2)
    return tau2, here, _adjustment(problem, at_best)


def _profile_slope(problem: _Problem, mu: Array, tau2: Array) -> tuple[Array, Array]:
    """Give the slope and curvature of tau2's profile, at the best mu."""
    here = derivatives(problem.trials, mu, tau2)
    slope, curvature = here.t, here.tt - here.mt**2 / here.mm
    if not problem.restricted:
        return slope, curvature
    pull, change = _pull(problem, mu, tau2, here)
    return slope + pull, curvature + change


def _adjustment(problem: _Problem, at_best_mu: Derivatives) -> Array:
    """Give -1/2 log of mu's information, the whole of Cox & Reid's adjustment; 0 under ML."""
    if not problem.restricted:
        return np.zeros(problem.trials.sets)
    return -0.5 * np.log(-at_best_mu.mm)


def _pull(
    problem: _Problem, mu: Array, tau2: Array, at_best_mu: Derivatives
) -> tuple[Array, Array]:
    """Give the slope of the adjustment by tau2 and, as a difference quotient, its curvature."""
    step = 1e-6 * (tau2 + problem.scale**2)
    follows = mu - step * at_best_mu.mt / at_best_mu.mm
    further = derivatives(problem.trials, follows, tau2 + step)
    here = _adjustment_slope(at_best_mu)
    return here, (_adjustment_slope(further) - here) / step


def _adjustment_slope(at_best_mu: Derivatives) -> Array:
    information = -at_best_mu.mm
    return 0.5 * (at_best_mu.mmt + at_best_mu.mmm * at_best_mu.mt / information) / information


def _standard_error(at_top: Derivatives, tau2: Array) -> Array:
    """Give mu's standard error from the observed information, tau2 estimated too if above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = -(at_top.mm - at_top.mt**2 / at_top.tt)
    usable = (tau2 > 0) & (at_top.tt < 0) & (joint > 0)
    return 1 / np.sqrt(np.where(usable, joint, -at_top.mm))


def _upper_end_of_mu(
    problem: _Problem, mu: Array, tau2: Array, loglik: Array, z: float, se: Array
) -> Array:
    """Find where the root of the deviance, nearly a straight line, has risen to z."""
    end = _end_from(problem, mu, tau2, loglik, z, mu + z * se)
    # tau2's likelihood can have two tops: where the other is higher, the end lies further out
    value, start = _second_look(problem, end, tau2)
    missed = np.flatnonzero(value > loglik - 0.5 * z**2 + MISSED)
    if len(missed):
        some = problem.take(missed)
        end[missed] = _end_from(
            some, end[missed], start[missed], loglik[missed], z, end[missed] + 0.1 * se[missed]
        )
    return end


def _end_from(
    problem: _Problem, mu: Array, tau2: Array, loglik: Array, z: float, start: Array
) -> Array:
    tau2 = tau2.copy()

    def gap(x: Array, sets: NDArray[np.intp]) -> tuple[Array, Array]:
        found = _best_tau2(problem.take(sets), x, tau2[sets], mu[sets])
        tau2[sets], here, adjustment = found
        root = _root_deviance(loglik[sets], here.value + adjustment)
        return z - root, here.m / root

    return find_root(gap, start, problem.scale, lower=mu)


def _second_look(problem: _Problem, mu: Array, tau2: Array) -> tuple[Array, Array]:
    """Give the highest value at given mu among some values of tau2, and where it is."""
    best, found, inner_mu = np.full(len(mu), -np.inf), tau2, mu
    for many, at in _looks(problem):
        value = derivatives(many.trials, np.resize(mu, len(at)), at).value
        if problem.restricted:
            inner = _best_mu(many, at, np.resize(inner_mu, len(at)))
            value = value + _adjustment(many, derivatives(many.trials, inner, at))
            inner_mu = inner[-len(mu) :]
        value, place = _highest(value, len(mu))
        found = np.where(value > best, at[place], found)
        best = np.fmax(best, value)
    return best, found


def _ends_of_tau2(
    problem: _Problem, mu: Array, tau2: Array, loglik: Array, z: float
) -> tuple[Array, Array]:
    """Find where the root deviance of tau2's profile has risen to z; 0 where it does not."""

    def gap(side: float) -> Falling:
        best = mu.copy()

        def function(x: Array, sets: NDArray[np.intp]) -> tuple[Array, Array]:
            some = problem.take(sets)
            best[sets] = _best_mu(some, x, best[sets])
            here = derivatives(some.trials, best[sets], x)
            root = _root_deviance(loglik[sets], here.value + _adjustment(some, here))
            return side * (z - root), side * _profile_slope(some, best[sets], x)[0] / root

        return function

    size = problem.scale**2
    high = find_root(gap(1.0), 2 * tau2 + 0.1 * size, size, lower=tau2)
    low = find_root(gap(-1.0), tau2 / 4, size, lower=0.0, upper=tau2)
    return low, high


def _root_deviance(top: Array, value: Array) -> Array:
    return np.sqrt(np.maximum(2 * (top - value), 1e-20))


def _scale(low: Array, high: Array, variance: Array) -> Array:
    """Give the root of the typical variance plus the spread of the bounds, a set's yardstick."""
    ends = np.stack([low, high])
    ends = np.where(np.isfinite(ends), ends, np.nan).reshape(-1, low.shape[1])
    return np.sqrt(np.nanmedian(variance, axis=0) + np.nanvar(ends, axis=0))
