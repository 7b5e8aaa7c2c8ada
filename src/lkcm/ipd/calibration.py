"""Whether predicted gains are of use: calibration and ranking in trials not seen before.

A learner is of use only where its ranking pays (RATE, Yadlowsky et al. 2025, J Am Stat Assoc
120:38) and its predictions are calibrated. Trials are the units of all errors.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.ipd.whom import Cohort
from lkcm.synthesis.heterogeneity import Array

#: Shares of participants, best predicted first, at which the gain is computed.
SHARES = np.linspace(0.05, 1.0, 39)


@dataclass(frozen=True)
class Verdict:
    """Whether predictions are of use in trials that the learner has not seen.

    Attributes
    ----------
    learner : str
        What predicts.
    slope, slope_ci : float, tuple of two floats
        Calibration: change of the effect per unit of the predicted one; 1 is right, 0 is none.
    rate, rate_ci : float, tuple of two floats
        Area under the curve of what is gained by treating those first who are predicted to gain
        most (AUTOC), with a bootstrap over trials; 0 is chance.
    curve : DataFrame
        ``share``, ``gain``, ``low``, ``high``: effect among the best predicted share less the
        effect among all.
    groups : DataFrame
        ``group`` (fifths by prediction in the trial), ``predicted``, ``found``, ``low``, ``high``.
    usable : bool
        Whether both intervals lie above zero.
    """

    learner: str
    slope: float
    slope_ci: tuple[float, float]
    rate: float
    rate_ci: tuple[float, float]
    curve: pd.DataFrame
    groups: pd.DataFrame
    usable: bool


def judge(
    people: Cohort, score: Array, predicted: Array, learner: str, *, draws: int = 500, seed: int
) -> Verdict:
    """Hold predictions against the scores of the predicted trials.

    Parameters
    ----------
    people : Cohort
        The participants.
    score, predicted : array, shape (N,)
        Doubly robust scores and predictions.
    learner : str
        Its name.
    draws : int
        Bootstrap samples of trials.
    seed : int
        Of the bootstrap.
    """
    k = len(people.labels)
    # Trials differ in their mean effect; what is judged is who gains more within a trial.
    centred = predicted - _means(predicted, people.trial)[people.trial]
    around = score - _means(score, people.trial)[people.trial]
    slope, se = _clustered(centred, around, people.trial)
    half = float(stats.t.isf(0.025, k - 1)) * se
    rank = pd.Series(-centred).groupby(people.trial).rank(pct=True, method="first").to_numpy()
    top = rank[:, None] <= SHARES + 1e-9
    inside = np.eye(k)[people.trial]
    sums, counts = inside.T @ (top * around[:, None]), inside.T @ top
    chosen = np.random.default_rng(seed).multinomial(k, np.full(k, 1 / k), draws)
    gains = (chosen @ sums) / (chosen @ counts)
    gain = sums.sum(axis=0) / counts.sum(axis=0)
    rates = gains.mean(axis=1)
    rate_ci = tuple(np.quantile(rates, [0.025, 0.975]).tolist())
    low, high = np.quantile(gains, [0.025, 0.975], axis=0)
    curve = pd.DataFrame({"share": SHARES, "gain": gain, "low": low, "high": high})
    slope_ci = (slope - half, slope + half)
    return Verdict(
        learner=learner,
        slope=slope,
        slope_ci=slope_ci,
        rate=float(gain.mean()),
        rate_ci=rate_ci,
        curve=curve,
        groups=_fifths(rank, predicted, score, people.trial),
        usable=slope_ci[0] > 0 and rate_ci[0] > 0,
    )


def _means(values: Array, trial: Array) -> Array:
    return np.bincount(trial, values) / np.bincount(trial)


def _clustered(x: Array, y: Array, trial: Array) -> tuple[float, float]:
    """Regress through the origin, with a standard error that trusts trials only (CR1)."""
    square = float(x @ x)
    if square == 0:
        return 0.0, float("inf")
    slope = float(x @ y) / square
    k = trial.max() + 1
    pieces = np.bincount(trial, x * (y - slope * x))
    return slope, float(np.sqrt((pieces**2).sum() * k / (k - 1))) / square


def _fifths(rank: Array, predicted: Array, score: Array, trial: Array) -> pd.DataFrame:
    fifth = np.minimum((rank * 5 - 1e-9).astype(int), 4)
    rows = []
    for place in range(5):
        own = fifth == place
        labels, codes = np.unique(trial[own], return_inverse=True)
        mean = score[own].mean()
        pieces = np.bincount(codes, score[own] - mean)
        se = float(np.sqrt((pieces**2).sum() * len(labels) / (len(labels) - 1))) / own.sum()
        half = float(stats.t.isf(0.025, len(labels) - 1)) * se
        rows.append((place + 1, predicted[own].mean(), mean, mean - half, mean + half))
    return pd.DataFrame(rows, columns=["group", "predicted", "found", "low", "high"])


def best_line(people: Cohort, score: Array) -> pd.DataFrame:
    """Return the best linear projection of the effect on the features, errors by trial (CR1).

    Returns
    -------
    DataFrame
        ``name``, ``estimate``, ``low``, ``high``, ``p``; per SD within trials.
    """
    k = len(people.labels)
    around = score - _means(score, people.trial)[people.trial]
    bread = np.linalg.pinv(people.x.T @ people.x)
    beta = bread @ people.x.T @ around
    pieces = np.eye(k)[people.trial].T @ (people.x * (around - people.x @ beta)[:, None])
    covariance = bread @ (pieces.T @ pieces) @ bread * k / (k - 1)
    se = np.sqrt(np.diag(covariance))
    half = stats.t.isf(0.025, k - 1) * se
    p = 2 * stats.t.sf(np.abs(beta) / se, k - 1)
    columns = {"name": people.names, "estimate": beta, "low": beta - half, "high": beta + half}
    return pd.DataFrame(columns | {"p": p})
