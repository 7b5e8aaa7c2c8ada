"""What a published I2 implies: the spread of true effects, and what the pooled effect can say."""

from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Implied:
    """Heterogeneity that a review's own figures imply, if the sizes are right.

    Attributes
    ----------
    k : int
        Number of trials.
    mean_n : float
        Mean number of people a trial.
    i2 : float
        I2 in per cent, as published.
    variance : float
        Sampling variance of g in a trial of that size with equal arms, 4 / n.
    tau : float
        Standard deviation of the true effects that gives the I2.
    se : float
        Standard error of the pooled effect.
    prediction : tuple of two floats
        95 % prediction interval around the published effect, t with k - 1 df.
    """

    k: int
    mean_n: float
    i2: float
    variance: float
    tau: float
    se: float
    prediction: tuple[float, float]


def implied(estimate: float, k: int, n: float, i2: float) -> Implied:
    """Compute what a pooled effect, its k, n and I2 imply together.

    ``I2 = tau2 / (tau2 + v)`` (Higgins & Thompson 2002, Stat Med 21:1539) with v = 4 / mean n.

    Parameters
    ----------
    estimate : float
        Pooled effect.
    k : int
        Number of trials, at least 2.
    n : float
        People in all trials together.
    i2 : float
        I2 in per cent, from 0 to below 100.

    Raises
    ------
    ValueError
        An I2 or numbers out of range.
    """
    if not (0 <= i2 < 100 and k >= 2 and n >= 4 * k):
        raise ValueError(f"i2 {i2}, k {k}, n {n}: allowed: 0 <= i2 < 100, k >= 2, n >= 4 k")
    mean_n = n / k
    variance = 4 / mean_n
    tau2 = variance * i2 / (100 - i2)
    se = np.sqrt((tau2 + variance) / k)
    half = stats.t.isf(0.025, k - 1) * np.sqrt(tau2 + se**2)
    return Implied(
        k=k,
        mean_n=mean_n,
        i2=i2,
        variance=variance,
        tau=float(np.sqrt(tau2)),
        se=float(se),
        prediction=(float(estimate - half), float(estimate + half)),
    )


def contrast_power(found: Implied, difference: float, alpha: float = 0.05) -> float:
    """Return the power to tell two halves of the trials apart that differ so much.

    Two-sided z test of two subgroups of k / 2 trials each, the split with most power.

    Parameters
    ----------
    found : Implied
        The review.
    difference : float
        True difference of the subgroups' effects.
    alpha : float
        Two-sided level.
    """
    z, edge = difference / (2 * found.se), stats.norm.isf(alpha / 2)
    return float(stats.norm.sf(edge - z) + stats.norm.cdf(-edge - z))
