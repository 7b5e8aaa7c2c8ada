"""Power of a future meta-analysis: mean effect, moderator, and dependent effects.

One effect a trial: Hedges & Pigott (2001, Psychol Methods 6:203; 2004, 9:426), with the t that
Knapp-Hartung intervals use. Several effects a trial: the approximation of Vembye, Pustejovsky &
Pigott (2023, J Educ Behav Stat 48:70) for correlated and hierarchical effects with CR2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.planning import refuse
from lkcm.planning.trials.two_arm import Array, beyond


def mean_power(
    effect: ArrayLike, k: ArrayLike, n_arm: ArrayLike, tau2: ArrayLike, *, alpha: float = 0.05
) -> Array:
    """Return the power of a random-effects meta-analysis to find its mean effect.

    Parameters
    ----------
    effect : array-like
        Mean of the true effects.
    k, n_arm : array-like
        Number of trials, at least 2, and people in each of their two equal arms.
    tau2 : array-like
        Variance of the true effects.
    alpha : float
        Two-sided type I error.

    Returns
    -------
    array
        All arguments broadcast.
    """
    k, variance = np.asarray(k, float), sampling_variance(effect, n_arm)
    return _power(effect, (variance + np.asarray(tau2)) / k, k - 1, alpha)


def moderator_power(
    difference: ArrayLike,
    k_first: ArrayLike,
    k_second: ArrayLike,
    n_arm: ArrayLike,
    tau2: ArrayLike,
    *,
    alpha: float = 0.05,
) -> Array:
    """Return the power to see that two kinds of trials differ in their mean effects.

    Parameters
    ----------
    difference : array-like
        Difference of the two means.
    k_first, k_second : array-like
        Numbers of trials of each kind, together at least 3.
    n_arm, tau2, alpha
        As `mean_power`; tau2 is the variance within each kind.

    Returns
    -------
    array
        All arguments broadcast.
    """
    first, second = np.asarray(k_first, float), np.asarray(k_second, float)
    variance = (sampling_variance(0.0, n_arm) + np.asarray(tau2)) * (1 / first + 1 / second)
    return _power(difference, variance, first + second - 2, alpha)


def sampling_variance(effect: ArrayLike, n_arm: ArrayLike) -> Array:
    """Return the sampling variance of a standardised mean difference with equal arms."""
    n_arm = np.asarray(n_arm, float)
    return 2 / n_arm + np.asarray(effect, float) ** 2 / (4 * n_arm)


@dataclass(frozen=True)
class FutureTrials:
    """Trials with several effects each, as they may come.

    Attributes
    ----------
    variances : array-like, shape (k,)
        Sampling variance of the effects of each trial.
    effects : array-like, shape (k,)
        Number of effects of each trial.
    tau2, omega2 : float
        Variance of the true effects between trials and within them.
    rho : float
        Correlation of sampling errors within a trial.
    """

    variances: ArrayLike
    effects: ArrayLike
    tau2: float
    omega2: float
    rho: float = 0.6

    def __post_init__(self) -> None:
        variances, effects = np.asarray(self.variances, float), np.asarray(self.effects, float)
        refuse(
            {
                "variances and numbers of effects are not lists of one length": variances.ndim != 1
                or variances.shape != effects.shape,
                "fewer than 3 trials": variances.size < 3,
                "a variance is not above zero": bool((variances <= 0).any()),
                "a trial has no effect": bool((effects < 1).any()),
                f"rho is {self.rho}; allowed: 0 to 1": not 0 <= self.rho <= 1,
                "tau2 or omega2 is below zero": min(self.tau2, self.omega2) < 0,
            }
        )

    def weights(self) -> Array:
        """Return the inverse variance of each trial's mean effect."""
        v, k = np.asarray(self.variances, float), np.asarray(self.effects, float)
        return k / (k * (self.tau2 + self.rho * v) + self.omega2 + (1 - self.rho) * v)

    def precision(self) -> tuple[float, float]:
        """Return the standard error of the mean effect and Satterthwaite's degrees of freedom."""
        return _cr2_precision(self.weights())


def dependent_power(effect: ArrayLike, review: FutureTrials, *, alpha: float = 0.05) -> Array:
    """Return the power to find the mean of dependent effects with CR2.

    Parameters
    ----------
    effect : array-like
        Mean of the true effects.
    review : FutureTrials
        The trials.
    alpha : float
        Two-sided type I error.
    """
    se, df = review.precision()
    return _power(effect, se**2, df, alpha)


def dependent_moderator_power(
    difference: ArrayLike, first: FutureTrials, second: FutureTrials, *, alpha: float = 0.05
) -> Array:
    """Return the power to see that two kinds of trials with dependent effects differ.

    Parameters
    ----------
    difference : array-like
        Difference of the two means.
    first, second : FutureTrials
        The trials of each kind.
    alpha : float
        Two-sided type I error; degrees of freedom are Satterthwaite's for two variances.
    """
    (se_1, df_1), (se_2, df_2) = first.precision(), second.precision()
    variance = se_1**2 + se_2**2
    df = variance**2 / (se_1**4 / df_1 + se_2**4 / df_2)
    return _power(difference, variance, df, alpha)


def _cr2_precision(w: Array) -> tuple[float, float]:
    """Return SE and df of a weighted mean of trial means under CR2 with the right weights.

    With residual covariances 1 / w_j - 1 / W on the diagonal and - 1 / W off it, the variance of
    the CR2 estimate is a sum over trials; 2 E^2 / Var are its degrees of freedom.
    """
    total, others = w.sum(), w.sum() - w
    inverse = (
        (w**2 / others**2).sum()
        - 2 / total * (w**3 / others**2).sum()
        + ((w**2 / others).sum() / total) ** 2
    )
    return float(1 / np.sqrt(total)), float(1 / inverse)


def _power(effect: ArrayLike, variance: ArrayLike, df: ArrayLike, alpha: float) -> Array:
    ncp, df = np.broadcast_arrays(np.asarray(effect, float) / np.sqrt(variance), df)
    usable = np.maximum(df, 1.0)
    critical = stats.t.isf(alpha / 2, usable)
    found = beyond(critical, usable, ncp) + beyond(critical, usable, -ncp)
    return np.where(df >= 1, found, 0.0)
