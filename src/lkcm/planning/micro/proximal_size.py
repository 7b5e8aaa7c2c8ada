"""How many participants a micro-randomised trial needs (Liao et al. 2016, Stat Med 35:1944)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.planning import refuse
from lkcm.planning.trials.two_arm import Array, smallest


@dataclass(frozen=True)
class Micro:
    """A micro-randomised trial before its size.

    Attributes
    ----------
    effect : array-like, shape (days,)
        Standardised proximal effect on each day.
    a_day : int
        Occasions a day.
    probability : float
        Probability of a prompt at an occasion.
    availability : float or array-like, shape (days,)
        Probability that a prompt can be given.
    tested : int
        Coefficients of the effect that are tested: 1 constant, 2 linear, 3 quadratic in days.
    controls : int
        Coefficients of the outcome's course without prompts.
    alpha : float
        Type I error.
    """

    effect: ArrayLike
    a_day: int = 5
    probability: float = 0.4
    availability: ArrayLike = 0.7
    tested: int = 3
    controls: int = 3
    alpha: float = 0.05

    def __post_init__(self) -> None:
        effect, available = np.asarray(self.effect, float), np.asarray(self.availability, float)
        refuse(
            {
                "effect is not a list with a number a day": effect.ndim != 1 or not effect.size,
                "availability is not one number, or one a day": available.ndim == 1
                and available.shape != effect.shape,
                "availability is not above 0 and up to 1": bool(
                    ((available <= 0) | (available > 1)).any()
                ),
                f"probability is {self.probability}; allowed: above 0 and below 1": not 0
                < self.probability
                < 1,
                "a_day, tested or controls is below 1": min(self.a_day, self.tested, self.controls)
                < 1,
            }
        )

    @property
    def noncentrality(self) -> float:
        """Noncentrality that each participant adds: sum of availability p (1 - p) effect^2."""
        effect = np.asarray(self.effect, float)
        spread = self.probability * (1 - self.probability)
        return float((np.asarray(self.availability) * spread * effect**2).sum() * self.a_day)


def proximal_power(participants: ArrayLike, trial: Micro) -> Array:
    """Return the power to find a proximal effect that may change over the days.

    Parameters
    ----------
    participants : array-like
        Their number.
    trial : Micro
        The trial.
    """
    n = np.asarray(participants, float)
    last = n - trial.controls - trial.tested
    usable = np.maximum(last, 1.0)
    critical = stats.f.isf(trial.alpha, trial.tested, usable)
    found = stats.ncf.sf(critical, trial.tested, usable, n * trial.noncentrality)
    return np.where(last >= 1, found, 0.0)


def proximal_size(trial: Micro, *, power_wanted: float = 0.8) -> int:
    """Return the smallest number of participants with a wanted power.

    Parameters
    ----------
    trial : Micro
        The trial; not all its effects are zero.
    power_wanted : float
        Power of the F test.

    Raises
    ------
    PlanError
        No effect on any day, or a power out of range.
    """
    refuse(
        {
            "the effect is zero on every day: no size is enough": trial.noncentrality == 0,
            f"power is {power_wanted}; allowed: above alpha and below 1": not trial.alpha
            < power_wanted
            < 1,
        }
    )
    return smallest(lambda n: bool(proximal_power(n, trial) >= power_wanted), "this effect")


def course(days: int, mean: float, initial: float | None = None, peak: int | None = None) -> Array:
    """Return a standardised effect by day: constant, linear, or quadratic with a peak.

    Parameters
    ----------
    days : int
        Number of days, at least 2.
    mean : float
        Mean effect.
    initial : float, optional
        Effect on the first day; without it the effect is constant.
    peak : int, optional
        Days after the first at which it is largest (or smallest); without it, it is linear.

    Returns
    -------
    array, shape (days,)

    Raises
    ------
    PlanError
        Fewer than two days, or a peak at which the mean cannot be met.
    """
    refuse({f"days is {days}; needed: at least 2": days < 2})
    day = np.arange(days, dtype=float)
    if initial is None:
        return np.full(days, float(mean))
    if peak is None:
        return initial + (mean - initial) * day / day.mean()
    bend = (day**2).mean() - 2 * peak * day.mean()
    refuse({f"peak is {peak}: no such course has this mean": abs(bend) < 1e-9})
    return initial + (mean - initial) / bend * (day**2 - 2 * peak * day)
