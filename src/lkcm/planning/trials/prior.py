"""What effect a new trial may have: a distribution, from the review or from a stated view."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from lkcm.planning import refuse
from lkcm.planning.trials.two_arm import Array
from lkcm.synthesis.censored import Censored
from lkcm.synthesis.pooled import HEADLINE_FROM, Pooled


@dataclass(frozen=True)
class Prior:
    """The distribution of the true effect in a new trial: a t, or a normal without `df`.

    Attributes
    ----------
    name : str
        Short name, for a reader.
    source : str
        Where it comes from, in words.
    mean, scale : float
        Centre and scale, in standard deviations of the outcome.
    df : float or None
        Degrees of freedom; None is a normal distribution.
    """

    name: str
    source: str
    mean: float
    scale: float
    df: float | None = None

    @property
    def _distribution(self):
        where = {"loc": self.mean, "scale": self.scale}
        return stats.norm(**where) if self.df is None else stats.t(self.df, **where)

    def quantiles(self, points: int = 201) -> Array:
        """Return the middles of `points` slices of equal probability, lowest first."""
        return self._distribution.ppf((np.arange(points) + 0.5) / points)

    def above(self, value: float) -> float:
        """Return the probability that the true effect lies above a value."""
        return float(self._distribution.sf(value))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the central interval of that level."""
        low, high = self._distribution.interval(level)
        return float(low), float(high)


def predictive(pooled: Pooled | None, name: str) -> Prior | None:
    """Return the predictive distribution of a pooled effect.

    It is the distribution behind the prediction interval: t with k - 1 degrees of freedom around
    the estimate, with variance tau2 + SE^2.

    Parameters
    ----------
    pooled : Pooled or None
        The pooled effect.
    name : str
        For a reader.

    Returns
    -------
    Prior or None
        None below three trials: two trials say nothing of their spread.
    """
    if pooled is None or pooled.k < HEADLINE_FROM or pooled.tau2 is None:
        return None
    scale = float(np.sqrt(pooled.tau2 + pooled.se**2))
    source = f"predictive distribution of {pooled.k} pooled trials"
    return Prior(name, source, pooled.estimate, scale, pooled.k - 1)


def across_levels(fit: Censored, name: str) -> Prior | None:
    """Return the predictive distribution of a synthesis across levels of evidence.

    Parameters
    ----------
    fit : Censored
        One variant of `lkcm.synthesis.censored.synthesise`.
    name : str
        For a reader.

    Returns
    -------
    Prior or None
        With tau2 at the upper end of its interval and degrees of freedom from the trials that
        bound their effect on both sides: the others say little of the spread, and an estimate of
        zero would promise too much. None without a headline.
    """
    if not fit.headline or fit.estimate is None or fit.se is None or fit.tau2_ci is None:
        return None
    source = (
        f"predictive distribution of {fit.k} trials across levels of evidence, variant "
        f"{fit.variant}; {fit.bounded} of them bound their effect; \N{GREEK SMALL LETTER TAU}² at "
        "the upper end of its interval"
    )
    scale = float(np.sqrt(fit.tau2_ci[1] + fit.se**2))
    return Prior(name, source, fit.estimate, scale, fit.bounded - 1)


def implied(name: str, estimate: float, k: float, n: float, i2: float) -> Prior:
    """Return what a published estimate with its I2 implies if its sizes are right.

    A trial of n / k people in two equal arms has variance v = 4 k / n; I2 = tau2 / (tau2 + v)
    gives tau2, and SE^2 = (tau2 + v) / k.

    Parameters
    ----------
    name : str
        For a reader.
    estimate : float
        Pooled standardised mean difference.
    k, n : float
        Numbers of trials and of people in all of them.
    i2 : float
        In per cent, below 100.

    Raises
    ------
    PlanError
        Numbers out of range.
    """
    refuse(
        {
            f"k is {k}; needed: at least 3 trials": not k >= HEADLINE_FROM,
            f"n is {n}; needed: at least 4 people a trial": not n >= 4 * k,
            f"i2 is {i2}; allowed: 0 to below 100": not 0 <= i2 < 100,
        }
    )
    variance = 4 * k / n
    tau2 = variance * i2 / (100 - i2)
    scale = float(np.sqrt(tau2 + (tau2 + variance) / k))
    source = f"implied by a published I² of {i2:g} % in {k:g} trials of {n / k:.0f} people"
    return Prior(name, source, estimate, scale, k - 1)


def sceptical(name: str, alternative: float, beyond: float = 0.05) -> Prior:
    """Return a sceptic's view: centred on no effect, the hoped-for one improbable.

    Spiegelhalter, Freedman & Parmar (1994, J R Stat Soc A 157:357).

    Parameters
    ----------
    name : str
        For a reader.
    alternative : float
        The effect that enthusiasts expect, above zero.
    beyond : float
        Probability that the sceptic gives to effects above it.

    Raises
    ------
    PlanError
        Numbers out of range.
    """
    refuse(
        {
            f"alternative is {alternative}; allowed: above 0": not alternative > 0,
            f"beyond is {beyond}; allowed: above 0 and below .5": not 0 < beyond < 0.5,
        }
    )
    source = f"centred on no effect, {100 * beyond:g} % beyond {alternative:.2f}"
    return Prior(name, source, 0.0, float(alternative / stats.norm.isf(beyond)))
