"""Standardised and raw mean differences from means and standard deviations.

Every function is vectorised: scalars or arrays that broadcast go in, an
``(estimate, variance)`` pair of arrays comes out. Sizes are numbers of people, means and
standard deviations are in the units of the scale, estimates are treatment minus control.
A missing input gives a missing (NaN) output.

Throughout, ``h = 1/n_t + 1/n_c``, ``N = n_t + n_c``, ``r`` is the correlation of baseline
with outcome, and ``J`` is the exact small-sample factor with ``N - 2`` degrees of freedom.

References
----------
Hedges (1981), J Educ Stat 6, 107-128. Morris & DeShon (2002), Psychol Methods 7, 105-125.
Morris (2008), Organ Res Methods 11, 364-386. Borenstein et al. (2009), Introduction to
Meta-Analysis, ch. 4. Cochrane Handbook (version 6), ch. 6 (measures), 10 (analysis),
15 (interpretation) and 23 (clusters and crossovers).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def _floats(*values: ArrayLike) -> list[NDArray[np.float64]]:
    return [np.asarray(value, dtype=float) for value in values]


def small_sample_factor(df: ArrayLike) -> NDArray[np.float64]:
    """Give Hedges' exact correction J for a standardised mean difference.

    ``J(m) = Gamma(m/2) / (sqrt(m/2) Gamma((m - 1)/2))`` (Hedges 1981), which
    1 - 3/(4m - 1) approximates; NaN for one degree of freedom or fewer.

    Parameters
    ----------
    df : array_like
        Degrees of freedom of the standard deviation, N - 2 for two arms.

    Returns
    -------
    ndarray
        The factor, between 0 and 1.
    """
    m = np.where(np.asarray(df, dtype=float) > 1, df, np.nan)
    return np.exp(gammaln(m / 2) - np.log(np.sqrt(m / 2)) - gammaln((m - 1) / 2))


def inverse_sizes(n_t: ArrayLike, n_c: ArrayLike) -> NDArray[np.float64]:
    """Give h = 1/n_t + 1/n_c, the variance of a mean difference in units of SD squared."""
    n_t, n_c = _floats(n_t, n_c)
    return 1 / n_t + 1 / n_c


def pooled_sd(
    sd_t: ArrayLike, sd_c: ArrayLike, n_t: ArrayLike, n_c: ArrayLike
) -> NDArray[np.float64]:
    """Pool two standard deviations by their degrees of freedom (Handbook 6.5.1.2).

    Parameters
    ----------
    sd_t, sd_c : array_like
        Standard deviations of the two arms, in scale units.
    n_t, n_c : array_like
        Arm sizes.

    Returns
    -------
    ndarray
        ``sqrt(((n_t - 1) sd_t^2 + (n_c - 1) sd_c^2) / (N - 2))``.
    """
    sd_t, sd_c, n_t, n_c = _floats(sd_t, sd_c, n_t, n_c)
    return np.sqrt(((n_t - 1) * sd_t**2 + (n_c - 1) * sd_c**2) / (n_t + n_c - 2))


def smd_variance(
    g: ArrayLike, n_t: ArrayLike, n_c: ArrayLike, factor: ArrayLike = 1.0
) -> NDArray[np.float64]:
    """Give the large-sample variance of g, metafor's "LS".

    ``v = factor h + g^2 / (2N)`` with g after the small-sample correction. `factor` is 1 for
    a post-test difference, 2(1 - r) for change scores and 1 - r^2 for ANCOVA.
    """
    g, n_t, n_c, factor = _floats(g, n_t, n_c, factor)
    return factor * inverse_sizes(n_t, n_c) + g**2 / (2 * (n_t + n_c))


def smd(
    mean_t: ArrayLike,
    sd_t: ArrayLike,
    n_t: ArrayLike,
    mean_c: ArrayLike,
    sd_c: ArrayLike,
    n_c: ArrayLike,
) -> Pair:
    """Give Hedges' g of two arms and its variance.

    ``g = J (mean_t - mean_c) / pooled sd``, ``v = h + g^2 / (2N)``: metafor's
    ``escalc("SMD")`` with its default ``vtype = "LS"`` (Handbook 6.5.1.2; Hedges 1981).
    """
    d = (np.asarray(mean_t, dtype=float) - mean_c) / pooled_sd(sd_t, sd_c, n_t, n_c)
    return smd_from_d(d, n_t, n_c)


def smd_from_d(d: ArrayLike, n_t: ArrayLike, n_c: ArrayLike, factor: ArrayLike = 1.0) -> Pair:
    """Correct a Cohen's d to Hedges' g and give its variance.

    ``g = J d``, ``v = factor h + g^2 / (2N)``; `factor` as in `smd_variance`.
    """
    d, n_t, n_c = _floats(d, n_t, n_c)
    g = small_sample_factor(n_t + n_c - 2) * d
    return g, smd_variance(g, n_t, n_c, factor)


def smd_from_changes(
    change_t: ArrayLike,
    sd_change_t: ArrayLike,
    n_t: ArrayLike,
    change_c: ArrayLike,
    sd_change_c: ArrayLike,
    n_c: ArrayLike,
    r: ArrayLike,
) -> Pair:
    """Give g in the raw-score metric from change scores and their standard deviations.

    With equal variances before and after, the SD of change is ``sqrt(2(1 - r))`` raw SDs, so
    ``g = J d_change sqrt(2(1 - r))`` and ``v = 2(1 - r) h + g^2 / (2N)``
    (Morris & DeShon 2002, eq. 11; Handbook 6.5.2.8 and 10.5.2).
    """
    factor = 2 * (1 - np.asarray(r, dtype=float))
    difference = np.asarray(change_t, dtype=float) - change_c
    d = difference / pooled_sd(sd_change_t, sd_change_c, n_t, n_c)
    return smd_from_d(d * np.sqrt(factor), n_t, n_c, factor)


def pre_post_control(
    change_t: ArrayLike,
    sd_pre_t: ArrayLike,
    n_t: ArrayLike,
    change_c: ArrayLike,
    sd_pre_c: ArrayLike,
    n_c: ArrayLike,
    r: ArrayLike,
) -> Pair:
    """Give the pre-post-control effect size d_ppc2 and its variance (Morris 2008).

    ``g = J (change_t - change_c) / pooled baseline sd`` and
    ``v = 2 J^2 (1-r) h (N-2)/(N-4) [1 + g^2 / (2(1-r) h)] - g^2`` (with the exact J).
    The variance needs N > 4 and r < 1, else it is NaN.
    """
    n_t, n_c, r = _floats(n_t, n_c, r)
    total = n_t + n_c
    j = small_sample_factor(total - 2)
    difference = np.asarray(change_t, dtype=float) - change_c
    g = j * difference / pooled_sd(sd_pre_t, sd_pre_c, n_t, n_c)
    spread = np.where(r < 1, 2 * (1 - r) * inverse_sizes(n_t, n_c), np.nan)
    df_ratio = (total - 2) / np.where(total > 4, total - 4, np.nan)
    return g, j**2 * spread * df_ratio * (1 + g**2 / spread) - g**2


def standardised_mean_change(mean_change: ArrayLike, sd_change: ArrayLike, n: ArrayLike) -> Pair:
    """Give the mean change in units of the SD of change, metafor's "SMCC".

    ``g = J(n - 1) mean_change / sd_change``, ``v = 1/n + g^2 / (2n)``: a within-arm effect,
    never a between-group one (Morris & DeShon 2002).
    """
    mean_change, sd_change, n = _floats(mean_change, sd_change, n)
    g = small_sample_factor(n - 1) * mean_change / sd_change
    return g, 1 / n + g**2 / (2 * n)


def standardised_mean_change_raw(
    mean_change: ArrayLike, sd_pre: ArrayLike, n: ArrayLike, r: ArrayLike
) -> Pair:
    """Give the mean change in units of the baseline SD, metafor's "SMCR".

    ``g = J(n - 1) mean_change / sd_pre``, ``v = 2(1 - r)/n + g^2 / (2n)``: a within-arm
    effect, never a between-group one (Becker 1988; Morris & DeShon 2002).
    """
    mean_change, sd_pre, n, r = _floats(mean_change, sd_pre, n, r)
    g = small_sample_factor(n - 1) * mean_change / sd_pre
    return g, 2 * (1 - r) / n + g**2 / (2 * n)


def mean_difference(
    mean_t: ArrayLike,
    sd_t: ArrayLike,
    n_t: ArrayLike,
    mean_c: ArrayLike,
    sd_c: ArrayLike,
    n_c: ArrayLike,
) -> Pair:
    """Give the raw mean difference with separate variances, metafor's "MD".

    ``mean_t - mean_c``, ``v = sd_t^2/n_t + sd_c^2/n_c`` (Handbook 6.5.1.1).
    """
    mean_t, sd_t, n_t, mean_c, sd_c, n_c = _floats(mean_t, sd_t, n_t, mean_c, sd_c, n_c)
    return mean_t - mean_c, sd_t**2 / n_t + sd_c**2 / n_c


def design_effect(
    n_t: ArrayLike, n_c: ArrayLike, units_per_arm: ArrayLike, icc: ArrayLike
) -> NDArray[np.float64]:
    """Give the factor by which clustering inflates a variance (Handbook 23.1.4).

    ``1 + (m - 1) ICC`` with m the mean number of people in a randomised unit,
    ``N / (2 units_per_arm)``; never below 1.
    """
    n_t, n_c, units, icc = _floats(n_t, n_c, units_per_arm, icc)
    m = (n_t + n_c) / (2 * units)
    return 1 + np.maximum(m - 1, 0) * icc


def crossover_variance(g: ArrayLike, n: ArrayLike, r: ArrayLike) -> NDArray[np.float64]:
    """Give the variance of an SMD from a crossover trial of n people.

    ``v = 2(1 - r) (1/n + g^2 / (2n))`` (Handbook 23.2.7.2; Elbourne et al. 2002).
    """
    g, n, r = _floats(g, n, r)
    return 2 * (1 - r) * (1 / n + g**2 / (2 * n))


def crossover_from_t(t: ArrayLike, n: ArrayLike, r: ArrayLike) -> Pair:
    """Give g from the paired t of a crossover trial of n people.

    ``g = J(n - 1) t sqrt(2(1 - r)/n)`` (Borenstein 2009, eq. 4.26 to 4.28), variance as
    `crossover_variance`.
    """
    t, n, r = _floats(t, n, r)
    g = small_sample_factor(n - 1) * t * np.sqrt(2 * (1 - r) / n)
    return g, crossover_variance(g, n, r)
