"""Error spent look by look: boundaries for tests that are repeated as evidence grows.

At looks with information fractions t_1 < t_2 < ... the statistics Z_i are jointly normal with
correlation sqrt(t_i / t_j). The recursive integration is Armitage, McPherson & Rowe's (1969, J R
Stat Soc A 132:235); spending functions are Lan & DeMets's (1983, Biometrika 70:659).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from lkcm.planning import refuse
from lkcm.planning.trials.two_arm import Array

#: A boundary no statistic reaches: nothing is spent there.
NEVER = 8.0
#: Points of the integration grid; 401 give boundaries to five decimals.
GRID = 401


def obrien_fleming(fraction: ArrayLike, alpha: float) -> Array:
    """Return the two-sided error spent by an O'Brien-Fleming-type function: little at first."""
    fraction = np.clip(np.asarray(fraction, float), 0, 1)
    with np.errstate(divide="ignore"):
        return 4 * stats.norm.sf(stats.norm.isf(alpha / 4) / np.sqrt(fraction))


def pocock(fraction: ArrayLike, alpha: float) -> Array:
    """Return the two-sided error spent by a Pocock-type function: alike at each look."""
    return alpha * np.log(1 + (np.e - 1) * np.clip(np.asarray(fraction, float), 0, 1))


#: Spending functions by name.
SPENDING: dict[str, Callable[[ArrayLike, float], Array]] = {
    "O'Brien-Fleming": obrien_fleming,
    "Pocock": pocock,
}


@dataclass(frozen=True)
class _Walk:
    """Density of Z at a look among walks that have not crossed, on a grid with weights."""

    z: Array
    weight: Array
    fraction: float


def spent_boundaries(
    fractions: ArrayLike, *, alpha: float = 0.05, spending: str = "O'Brien-Fleming"
) -> Array:
    """Return two-sided boundaries that spend a type I error by a spending function.

    Parameters
    ----------
    fractions : array-like, shape (looks,)
        Information at each look as a share of the required information, increasing; beyond one
        nothing is left to spend, and the last look up to one spends its share only.
    alpha : float
        Two-sided type I error over all looks.
    spending : str
        A key of `SPENDING`.

    Returns
    -------
    array, shape (looks,)
        Boundary of |Z| at each look; `NEVER` where nothing can be spent.

    Raises
    ------
    PlanError
        Fractions that do not increase or an unknown function.
    """
    fractions = _checked(fractions)
    refuse(
        {
            f"spending {spending!r}; allowed: {', '.join(SPENDING)}": spending not in SPENDING,
            f"alpha is {alpha}; allowed: above 0 and below 1": not 0 < alpha < 1,
        }
    )
    spent = np.diff(SPENDING[spending](fractions, alpha), prepend=0.0)
    boundaries, walk = [], None
    for fraction, error in zip(fractions, spent, strict=True):
        bound = _boundary(walk, fraction, error)
        walk = _step(walk, fraction, bound)
        boundaries.append(bound)
    return np.array(boundaries)


def crossing(fractions: ArrayLike, boundaries: ArrayLike, drift: float = 0.0) -> Array:
    """Return the probability to cross a boundary first at each look.

    Parameters
    ----------
    fractions, boundaries : array-like, shape (looks,)
        Information fractions, increasing, and boundaries of |Z|.
    drift : float
        Mean of Z at full information; zero under no effect.

    Returns
    -------
    array, shape (looks,)
        Their sum is the overall type I error (drift 0) or power.
    """
    fractions, bounds = _checked(fractions), np.asarray(boundaries, float)
    refuse({"fractions and boundaries differ in number": fractions.shape != bounds.shape})
    found, walk = [], None
    for fraction, bound in zip(fractions, bounds, strict=True):
        found.append(_tail(walk, fraction, bound, drift))
        walk = _step(walk, fraction, bound, drift)
    return np.array(found)


def constant_boundaries(looks: int, shape: float, *, alpha: float = 0.05) -> Array:
    """Return boundaries C (i / K)^(shape - 1/2) at equal steps (Wang & Tsiatis 1987).

    Parameters
    ----------
    looks : int
        Number of equally spaced looks.
    shape : float
        0 is O'Brien & Fleming's (1979), 0.5 is Pocock's (1977).
    alpha : float
        Two-sided type I error over all looks.
    """
    fractions = np.arange(1, looks + 1) / looks
    form = fractions ** (shape - 0.5)

    def excess(constant: float) -> float:
        return float(crossing(fractions, constant * form).sum() - alpha)

    return optimize.brentq(excess, 0.5, 6.0, xtol=1e-8) * form


def required_drift(
    fractions: ArrayLike, boundaries: ArrayLike, *, power_wanted: float = 0.8
) -> float:
    """Return the mean of Z at full information that crosses with a wanted power.

    Its square is the information needed in parts of 1 / effect^2.
    """
    return optimize.brentq(
        lambda drift: float(crossing(fractions, boundaries, drift).sum() - power_wanted), 0.1, 20
    )


def _checked(fractions: ArrayLike) -> Array:
    fractions = np.asarray(fractions, float)
    wrong = fractions.ndim != 1 or fractions.size == 0 or not np.isfinite(fractions).all()
    refuse({"information fractions are not a list of numbers": wrong})
    increasing = bool((np.diff(fractions, prepend=0.0) > 0).all())
    refuse({"information fractions do not increase from above zero": not increasing})
    return fractions


def _boundary(walk: _Walk | None, fraction: float, error: float) -> float:
    if error <= 1e-13 or _tail(walk, fraction, NEVER) >= error:
        return NEVER
    return optimize.brentq(
        lambda bound: _tail(walk, fraction, bound) - error, 0.0, NEVER, xtol=1e-10
    )


def _tail(walk: _Walk | None, fraction: float, bound: float, drift: float = 0.0) -> float:
    """Return the probability that |Z| exceeds the bound at this look and at none before."""
    if walk is None:
        mean = drift * np.sqrt(fraction)
        return float(stats.norm.sf(bound - mean) + stats.norm.cdf(-bound - mean))
    mean, sd = _transition(walk, fraction, drift)
    beyond = stats.norm.sf((bound - mean) / sd) + stats.norm.cdf((-bound - mean) / sd)
    return float(walk.weight @ beyond)


def _transition(walk: _Walk, fraction: float, drift: float) -> tuple[Array, float]:
    """Return mean and standard deviation of Z at the next look, given Z at this one."""
    share = walk.fraction / fraction
    mean = walk.z * np.sqrt(share) + drift * (fraction - walk.fraction) / np.sqrt(fraction)
    return mean, float(np.sqrt(1 - share))


def _step(walk: _Walk | None, fraction: float, bound: float, drift: float = 0.0) -> _Walk:
    """Carry the density to the next look, inside its boundary, by Simpson's rule."""
    z = np.linspace(-bound, bound, GRID)
    simpson = np.full(GRID, 2.0)
    simpson[1::2] = 4.0
    simpson[[0, -1]] = 1.0
    simpson *= (z[1] - z[0]) / 3
    if walk is None:
        density = stats.norm.pdf(z - drift * np.sqrt(fraction))
    else:
        mean, sd = _transition(walk, fraction, drift)
        distance = (z[:, None] - mean) / sd
        density = np.exp(-0.5 * distance * distance) @ walk.weight / (sd * np.sqrt(2 * np.pi))
    return _Walk(z, simpson * density, fraction)
