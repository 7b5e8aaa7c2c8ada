"""What a second person should see if self-reports are right: two bounds, and what is observed."""

from dataclasses import dataclass

import numpy as np

from lkcm.informants.agreement_range import Agreement
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import Interval, PoolError
from lkcm.words import interval, span, two

#: Two readings of a self-reported effect, and what each lets a second person see.
READINGS = {
    "trait": "the trait itself moved: a second person sees it as far as their rating loads on it",
    "score": "the second person tracks the self-report score: they see the share that agrees",
}
#: Draws of the self-reported effect and of the agreement behind the interval of a bound.
DRAWS = 4000


@dataclass(frozen=True)
class Bound:
    """The effect that a second person should see under one reading.

    Attributes
    ----------
    reading : str
        A key of `READINGS`.
    low, high : float
        The expected effect at the ends of the range (of agreement, or of loadings).
    ci : tuple of two floats, or None
        With the uncertainty of the self-reported effect too; None where that has no interval.
    """

    reading: str
    low: float
    high: float
    ci: Interval


@dataclass(frozen=True)
class Expectation:
    """Both bounds of the second-person effect, from a self-reported one.

    Attributes
    ----------
    g_self : float
        The self-reported effect.
    g_self_ci : tuple of two floats, or None
        Its interval.
    trait, score : Bound
        The two readings.
    """

    g_self: float
    g_self_ci: Interval
    trait: Bound
    score: Bound

    def sentence(self) -> str:
        """Say both bounds in one sentence."""
        trait = (
            f"about {two(self.trait.low)}"
            if self.trait.low == self.trait.high
            else f"{span((self.trait.low, self.trait.high))}"
        )
        return (
            f"If the self-reported effect, g {interval(self.g_self, self.g_self_ci)}, is a change "
            f"of the person, someone else should see {trait}; if they only follow what the person "
            f"says of themselves, {span((self.score.low, self.score.high))}."
        )


def expected_effect(
    g_self: float,
    g_self_ci: Interval = None,
    agreement: Agreement | None = None,
    loadings: tuple[float, float] = (1.0, 1.0),
    level: float = 0.95,
) -> Expectation:
    """Compute the effect that a second person should see, under two readings.

    If a latent trait moves by Delta, each measure moves by its loading times Delta, so that
    ``g_other = g_self lambda_o / lambda_s``. If the self-report score moves and the other's
    rating correlates r with that score, ``g_other = g_self r``.

    Parameters
    ----------
    g_self : float
        Self-reported effect, positive = favours LKCM.
    g_self_ci : tuple of two floats, optional
        Its interval.
    agreement : Agreement, optional
        Range of r.
    loadings : tuple of two floats
        Range of the ratio of the other's loading to the person's own; (1, 1) for equal ones.
    level : float
        Level of the intervals.

    Returns
    -------
    Expectation

    Raises
    ------
    PoolError
        Loadings below zero or in the wrong order, or a level out of range.
    """
    if not 0 <= loadings[0] <= loadings[1]:
        raise PoolError(f"loadings run from {loadings[0]} to {loadings[1]}; allowed: 0 or above")
    if not 0 < level < 1:
        raise PoolError(f"level is {level}; allowed: above 0 and below 1")
    agreement = agreement or Agreement()
    ranges = {"trait": loadings, "score": (agreement.low, agreement.high)}
    bounds = {}
    for reading, (low, high) in ranges.items():
        ends = sorted((g_self * low, g_self * high))
        ci = _interval(g_self, g_self_ci, (low, high), agreement.seed, level)
        bounds[reading] = Bound(reading, ends[0], ends[1], ci)
    return Expectation(g_self, g_self_ci, bounds["trait"], bounds["score"])


def _interval(
    g_self: float, ci: Interval, factor: tuple[float, float], seed: int, level: float
) -> Interval:
    """Draw the effect (normal) and the factor (uniform); quantiles of their product."""
    if ci is None:
        return None
    if factor[0] == factor[1]:
        return tuple(sorted((ci[0] * factor[0], ci[1] * factor[0])))
    rng = np.random.default_rng(seed)
    # intervals are not symmetric everywhere: each half is drawn with its own width
    z = rng.standard_normal(DRAWS)
    widths = np.where(z < 0, g_self - ci[0], ci[1] - g_self) / 1.959964
    drawn: Array = (g_self + z * widths) * rng.uniform(*factor, DRAWS)
    tail = (1 - level) / 2
    return tuple(float(end) for end in np.quantile(drawn, [tail, 1 - tail]))


def verdict(
    expected: Expectation, observed: float | None, ci: Interval, contrast: Interval = None
) -> str:
    """Say which readings the observed second-person effect can be told from.

    A reading fits if the interval of the second-person effect meets that of the bound and,
    where trials asked both, their contrast meets the self-reported effect minus the bound.

    Parameters
    ----------
    expected : Expectation
        The bounds.
    observed : float or None
        Second-person effect.
    ci : tuple of two floats, or None
        Its interval.
    contrast : tuple of two floats, optional
        Interval of self minus second person within trials.

    Returns
    -------
    str
        A sentence.
    """
    if observed is None or ci is None:
        return "No second-person effect with an interval: the readings cannot be told apart yet."
    seen = f"The second-person effect, g {interval(observed, ci)},"
    readings = {
        "a change of the person": expected.trait,
        "agreement with the self-report alone": expected.score,
        "no change that anyone else sees": Bound("none", 0.0, 0.0, None),
    }
    if contrast is not None:
        seen = f"{seen} with {span(contrast)} less than the self-report in the same trials,"
    fits = []
    for words, bound in readings.items():
        meets = _meet(ci, bound.ci or (bound.low, bound.high))
        if contrast is not None:
            lost = expected.g_self - bound.high, expected.g_self - bound.low
            meets = meets and _meet(contrast, lost)
        fits += [words] if meets else []
    if not fits:
        return f"{seen} fits none of the readings."
    only = "fits only" if len(fits) == 1 else "fits"
    joined = fits[0] if len(fits) == 1 else f"{', '.join(fits[:-1])} and {fits[-1]}"
    return f"{seen} {only} {joined}."


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
