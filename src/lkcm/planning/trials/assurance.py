"""Assurance: the chance that a trial succeeds, over all the effects that it may have.

Power holds the effect fixed; assurance averages power over a distribution of the effect (O'Hagan,
Stevens & Campbell 2005, Pharm Stat 4:187). Only results that favour LKCM count as success, so
that assurance has a ceiling: the probability that the effect is above zero at all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lkcm.planning import PlanError, refuse
from lkcm.planning.trials.prior import Prior
from lkcm.planning.trials.two_arm import Array, TwoArm, power, smallest

#: Slices of the prior; more change the third decimal at most.
POINTS = 201


def assurance(n_t: ArrayLike, design: TwoArm, prior: Prior, points: int = POINTS) -> Array:
    """Return the chance of a statistically significant result in favour of LKCM.

    Parameters
    ----------
    n_t : array-like
        People randomised to LKCM.
    design : TwoArm
        The trial.
    prior : Prior
        Distribution of its true effect.
    points : int
        Slices of the prior.

    Returns
    -------
    array
        In the shape of `n_t`.
    """
    sizes = np.asarray(n_t, dtype=float)
    effects = prior.quantiles(points)
    return power(effects, sizes[..., None], design, favours_only=True).mean(axis=-1)


@dataclass(frozen=True)
class Assured:
    """The size at which a trial reaches a wanted assurance.

    Attributes
    ----------
    n_t : int or None
        People randomised to LKCM; None where no size is enough.
    ceiling : float
        Assurance of a trial without end.
    words : str
        The answer in a sentence.
    """

    n_t: int | None
    ceiling: float
    words: str


def assured_size(design: TwoArm, prior: Prior, *, wanted: float = 0.8) -> Assured:
    """Return the smallest trial with a wanted assurance, or say that there is none.

    Parameters
    ----------
    design : TwoArm
        The trial.
    prior : Prior
        Distribution of its true effect.
    wanted : float
        Assurance, between 0 and 1.

    Raises
    ------
    PlanError
        `wanted` out of range.
    """
    refuse({f"wanted is {wanted}; allowed: above 0 and below 1": not 0 < wanted < 1})
    ceiling = prior.above(0.0)
    short = f"no size gives {100 * wanted:g} % assurance: the effect is above zero with "
    words = short + f"probability {ceiling:.2f}"
    if ceiling <= wanted:
        return Assured(None, ceiling, words)
    try:
        n_t = smallest(lambda n: bool(assurance(n, design, prior) >= wanted), "this assurance")
    except PlanError:
        return Assured(None, ceiling, "no size that could be run gives this assurance")
    return Assured(n_t, ceiling, f"{n_t:,} people in the LKCM arm")
