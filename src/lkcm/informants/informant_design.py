"""The trial that would tell: how many informants a person, and how many people."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.informants.expectation import READINGS
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import PoolError

#: Numbers of informants a person that a trial may ask.
INFORMANTS = (1, 2, 3)
#: Two-sided level of the test.
ALPHA = 0.05


def mean_reliability(single: ArrayLike, informants: ArrayLike) -> Array:
    """Reliability of the mean of several informants (Spearman 1910; Brown 1910).

    Parameters
    ----------
    single : array-like
        Reliability of one informant: the correlation of two informants on the same person.
    informants : array-like
        Number of informants.

    Returns
    -------
    array
        ``m r / (1 + (m - 1) r)``.
    """
    r, m = np.asarray(single, dtype=float), np.asarray(informants, dtype=float)
    return m * r / (1 + (m - 1) * r)


def informants_needed(target: float, single: float) -> int:
    """Find the number of informants whose mean has a reliability.

    Parameters
    ----------
    target : float
        Reliability wanted, above 0 and below 1.
    single : float
        Correlation of two informants on the same person, above 0 and below 1.

    Returns
    -------
    int
        The smallest number, ``target (1 - r) / (r (1 - target))`` rounded up.

    Raises
    ------
    PoolError
        A reliability out of range.
    """
    for name, value in (("target", target), ("single", single)):
        if not 0 < value < 1:
            raise PoolError(f"{name} reliability is {value}; allowed: above 0 and below 1")
    exact = target * (1 - single) / (single * (1 - target))
    # an exact number of informants is not rounded up for the noise of binary fractions
    return max(1, int(np.ceil(exact - 1e-9)))


def effect_on_mean(g_single: ArrayLike, between: ArrayLike, informants: ArrayLike) -> Array:
    """Standardised effect on the mean of several informants of each person.

    What the informants see in common stays, what is each one's own averages out: the standard
    deviation of the mean is ``sqrt((1 + (m - 1) r) / m)`` of one informant's.

    Parameters
    ----------
    g_single : array-like
        Standardised effect on one informant's rating.
    between : array-like
        Correlation r of two informants on the same person.
    informants : array-like
        Number m of informants.
    """
    r, m = np.asarray(between, dtype=float), np.asarray(informants, dtype=float)
    return np.asarray(g_single, dtype=float) * np.sqrt(m / (1 + (m - 1) * r))


def arm_size(g: ArrayLike, power: ArrayLike = 0.8, alpha: float = ALPHA) -> Array:
    """People an arm for a two-sided two-sample t test, equal arms.

    ``n = 2 (z_(1 - alpha/2) + z_power)^2 / g^2 + z_(1 - alpha/2)^2 / 4`` rounded up (Guenther
    1981, Am Stat 35:243): the noncentral t's size to within one person. Closed, so that a chart
    computes it too.

    Parameters
    ----------
    g : array-like
        True standardised effect, not zero.
    power : array-like
        Wanted chance of a statistically significant result, above ``alpha`` and below 1.
    alpha : float
        Two-sided level.

    Returns
    -------
    array
        Whole numbers; inf where ``g`` is zero.
    """
    z = stats.norm.isf(alpha / 2)
    with np.errstate(divide="ignore"):
        exact = 2 * (z + stats.norm.ppf(power)) ** 2 / np.asarray(g, dtype=float) ** 2 + z**2 / 4
    return np.ceil(exact - 1e-9)


def power_of(g: ArrayLike, n_arm: ArrayLike, alpha: float = ALPHA) -> Array:
    """Power of the two-sided two-sample t test, by the noncentral t.

    Parameters
    ----------
    g : array-like
        True standardised effect.
    n_arm : array-like
        People an arm.
    alpha : float
        Two-sided level.
    """
    n = np.asarray(n_arm, dtype=float)
    df, shift = 2 * n - 2, np.abs(np.asarray(g, dtype=float)) * np.sqrt(n / 2)
    critical = stats.t.isf(alpha / 2, df)
    return stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)


def trial_sizes(
    g_self: float,
    agreement: float,
    between: float,
    *,
    loading: float = 1.0,
    power: float = 0.8,
    lost: float = 0.0,
    informants: Sequence[int] = INFORMANTS,
) -> pd.DataFrame:
    """Size the trial that sees the expected second-person effect, under both readings.

    Parameters
    ----------
    g_self : float
        Self-reported effect.
    agreement : float
        Correlation of self and one informant.
    between : float
        Correlation of two informants of the same person.
    loading : float
        Ratio of the informant's loading on the trait to the person's own.
    power : float
        As `arm_size`.
    lost : float
        Share of people without any informant's rating at the end, from 0 to below 1.
    informants : sequence of int
        Numbers of informants a person.

    Returns
    -------
    DataFrame
        One row a reading and number of informants: ``reading``, ``informants``, ``g`` (on their
        mean), ``reliability`` of their mean, ``per_arm`` (people to be analysed) and ``people``
        (to randomise into both arms; missing where the expected effect is zero).

    Raises
    ------
    PoolError
        A share or correlation out of range; all problems at once.
    """
    ranges = {"agreement": agreement, "between": between, "lost": lost}
    problems = [
        f"{name} is {value}; allowed: from 0 to {'below 1' if name == 'lost' else '1'}"
        for name, value in ranges.items()
        if not 0 <= value <= 1 or (name == "lost" and value == 1)
    ]
    if not ALPHA < power < 1:
        problems.append(f"power is {power}; allowed: above {ALPHA} and below 1")
    if problems:
        raise PoolError("; ".join(problems))
    factor = {"trait": loading, "score": agreement}
    rows = pd.DataFrame(
        [(reading, m) for reading in READINGS for m in informants],
        columns=["reading", "informants"],
    )
    single = g_self * rows["reading"].map(factor).to_numpy(float)
    g = effect_on_mean(single, between, rows["informants"])
    per_arm = arm_size(g, power)
    people = 2 * np.ceil(per_arm / (1 - lost) - 1e-9)
    return rows.assign(
        g=g,
        reliability=mean_reliability(between, rows["informants"]),
        per_arm=np.where(np.isfinite(per_arm), per_arm, np.nan),
        people=np.where(np.isfinite(people), people, np.nan),
    )


def reliability_table(
    singles: Sequence[float], targets: Sequence[float] = (0.5, 0.6, 0.7, 0.8)
) -> pd.DataFrame:
    """Tabulate informants needed and reliabilities reached.

    Parameters
    ----------
    singles : sequence of float
        Correlations of two informants on the same person, above 0 and below 1.
    targets : sequence of float
        Reliabilities wanted of their mean.

    Returns
    -------
    DataFrame
        One row a correlation: ``single``, the informants needed under each target's name, and
        the reliability of ``one``, ``two`` and ``three``.
    """
    rows = []
    for single in singles:
        row = {"single": float(single)}
        row |= {f"{target:g}": informants_needed(target, single) for target in targets}
        reached = mean_reliability(single, np.arange(1, 4))
        rows.append(row | dict(zip(("one", "two", "three"), reached.tolist(), strict=True)))
    return pd.DataFrame(rows)
