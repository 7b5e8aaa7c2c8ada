"""Mediation: how it works. Power of the joint test of both paths, and its simulation.

Path a leads from treatment to mediator, path b from mediator to outcome with the treatment held.
The joint test asks that both be statistically significant; its error rate and power are among the
best of all tests of mediation (Fritz & MacKinnon 2007, Psychol Sci 18:233).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.planning import refuse
from lkcm.planning.trials.two_arm import Array, beyond, smallest


@dataclass(frozen=True)
class Paths:
    """Paths of a mediation model with residual variances of one.

    Attributes
    ----------
    a : float
        Effect of LKCM on the mediator, in residual standard deviations.
    b : float
        Change of the outcome for a standard deviation of the mediator, treatment held.
    direct : float
        Effect of LKCM on the outcome beside the mediator.
    """

    a: float
    b: float
    direct: float = 0.0


def joint_power(n: ArrayLike, paths: Paths, *, share: float = 0.5, alpha: float = 0.05) -> Array:
    """Return the power of the joint test, the product of the powers of its two parts.

    Parameters
    ----------
    n : array-like
        People analysed, in both arms.
    paths : Paths
        The truth.
    share : float
        Share randomised to LKCM.
    alpha : float
        Two-sided type I error of each part.

    Returns
    -------
    array
        The two estimates are uncorrelated, so that the product is exact but for the tails.
    """
    n = np.asarray(n, dtype=float)
    spread = np.sqrt(share * (1 - share))
    parts = []
    for size, df in ((paths.a * spread, n - 2), (paths.b, n - 3)):
        usable = np.maximum(df, 1.0)
        critical, ncp = stats.t.isf(alpha / 2, usable), abs(size) * np.sqrt(n)
        parts.append(beyond(critical, usable, ncp) + beyond(critical, usable, -ncp))
    return np.where(n > 4, parts[0] * parts[1], 0.0)


def joint_size(
    paths: Paths, *, share: float = 0.5, alpha: float = 0.05, power_wanted: float = 0.8
) -> int:
    """Return the smallest number of people analysed in both arms that shows a mediator.

    Parameters
    ----------
    paths, share, alpha
        As `joint_power`; neither path is zero.
    power_wanted : float
        Power of the joint test.

    Raises
    ------
    PlanError
        A path of zero.
    """
    refuse({"a path is zero: no size is enough": paths.a * paths.b == 0})
    return smallest(
        lambda n: bool(joint_power(n, paths, share=share, alpha=alpha) >= power_wanted),
        "this indirect effect",
    )


@dataclass(frozen=True)
class Simulated:
    """A share of simulations.

    Attributes
    ----------
    share : float
        Of the simulated trials in which the test is positive.
    error : float
        Its Monte Carlo standard error.
    """

    share: float
    error: float


def simulated_power(
    n: int,
    paths: Paths,
    *,
    seed: int,
    simulations: int = 4000,
    share: float = 0.5,
    alpha: float = 0.05,
) -> Simulated:
    """Simulate trials with participants and test both paths by least squares.

    Parameters
    ----------
    n : int
        People analysed, in both arms; at least 6.
    paths, share, alpha
        As `joint_power`.
    seed : int
        Of the generator.
    simulations : int
        Number of trials.
    """
    refuse({f"n is {n}; needed: at least 6 people": n < 6})
    generator = np.random.default_rng(seed)
    arm = (np.arange(n) < round(n * share)).astype(float)
    arm -= arm.mean()
    mediator = paths.a * arm + generator.standard_normal((simulations, n))
    outcome = paths.direct * arm + paths.b * mediator
    outcome += generator.standard_normal((simulations, n))
    arm_alone = np.broadcast_to(arm, mediator.shape)
    positive = _significant(arm_alone, mediator, n - 2, alpha)
    # The mediator without the arm, by Frisch and Waugh, gives path b with the treatment held.
    rest, held = _without(mediator, arm), _without(outcome, arm)
    positive &= _significant(rest, held, n - 3, alpha)
    found = float(positive.mean())
    return Simulated(found, float(np.sqrt(found * (1 - found) / simulations)))


def _without(values: Array, arm: Array) -> Array:
    centred = values - values.mean(axis=1, keepdims=True)
    return centred - np.outer(centred @ arm / (arm @ arm), arm)


def _significant(x: Array, y: Array, df: int, alpha: float) -> Array:
    """Return whether the slope of each row's y on its centred x differs from zero."""
    y = y - y.mean(axis=1, keepdims=True)
    square = (x * x).sum(axis=1)
    slope = (x * y).sum(axis=1) / square
    residual = ((y - slope[:, None] * x) ** 2).sum(axis=1)
    statistic = slope / np.sqrt(residual / df / square)
    return np.abs(statistic) > stats.t.isf(alpha / 2, df)
