"""What works for whom: a doubly robust learner, judged in trials that it has never seen.

Every prediction for a trial comes from the other trials, and is held against that trial's own
doubly robust scores (Kennedy 2023, Electron J Stat 17:3008). Without EconML the learner is linear;
with it a causal forest stands beside. A learner is of use only where its ranking pays (RATE,
Yadlowsky et al. 2025, J Am Stat Assoc 120:38) and its predictions are calibrated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.ipd.crossproducts import ParticipantError
from lkcm.ipd.two_stage import TREATMENT
from lkcm.synthesis.heterogeneity import Array

#: Ridge of the linear models, relative to the sums of squares.
RIDGE = 1e-3
#: Fewest trials: each is predicted by the others, which predict one another.
WHOM_FROM = 5
#: Shares of participants, best predicted first, at which the gain is computed.
SHARES = np.linspace(0.05, 1.0, 39)


@dataclass(frozen=True)
class Cohort:
    """Complete participants as learners read them.

    Attributes
    ----------
    trial : array of int, shape (N,)
        Trial of each, from 0.
    labels : tuple of str
        Names of the trials.
    x : array, shape (N, p)
        Features, centred in the trial and in SDs.
    names : tuple of str
        Features.
    treatment, share, y : array, shape (N,)
        Arm, share of the LKCM arm in the trial, and outcome around its trial's mean.
    left_out : tuple of str
        Features that a whole trial lacks.
    """

    trial: Array
    labels: tuple[str, ...]
    x: Array
    names: tuple[str, ...]
    treatment: Array
    share: Array
    y: Array
    left_out: tuple[str, ...]


def cohort(frame: pd.DataFrame, outcome: str, features: Sequence[str]) -> Cohort:
    """Prepare participants; features that any trial never measured are left out and named.

    Raises
    ------
    ParticipantError
        Fewer than `WHOM_FROM` trials, or no feature.
    """
    measured = frame.groupby("trial")[list(features)].agg(lambda v: v.notna().any()).all()
    names = [name for name in features if measured[name]]
    known = frame[["trial", TREATMENT, outcome, *names]].dropna()
    arms = known.groupby("trial")[TREATMENT].transform("nunique")
    known = known[arms == 2]
    labels, trial = np.unique(known["trial"].to_numpy(), return_inverse=True)
    if len(labels) < WHOM_FROM:
        raise ParticipantError(f"{len(labels)} trials; learning for whom needs {WHOM_FROM}")
    if not names:
        raise ParticipantError("no feature is measured in every trial")
    groups = known.groupby("trial")
    x = known[names] - groups[names].transform("mean")
    spread = x.std().replace(0, 1.0)
    return Cohort(
        trial=trial,
        labels=tuple(map(str, labels)),
        x=(x / spread).to_numpy(),
        names=tuple(names),
        treatment=known[TREATMENT].to_numpy(dtype=float),
        share=groups[TREATMENT].transform("mean").to_numpy(dtype=float),
        y=(known[outcome] - groups[outcome].transform("mean")).to_numpy(),
        left_out=tuple(name for name in features if name not in names),
    )


def _design(people: Cohort, treatment: Array) -> Array:
    """Return features, treatment around its share, and their products."""
    moved = (treatment - people.share)[:, None]
    one = np.ones((len(people.y), 1))
    return np.hstack([one, people.x, moved, people.x * moved])


def scores(people: Cohort) -> tuple[Array, Array]:
    """Return doubly robust scores of the effect and predictions, all from other trials.

    Returns
    -------
    score : array, shape (N,)
        Unbiased for the participant's effect, from outcome models of the other trials and the
        known share of the LKCM arm.
    predicted : array, shape (N,)
        Effect predicted by a line through the scores of the other trials, in which neither score
        nor line has seen the participant's trial.
    """
    k = len(people.labels)
    design = _design(people, people.treatment)
    inside = np.eye(k)[people.trial]
    square = np.einsum("nk,np,nq->kpq", inside, design, design, optimize=True)
    aside = np.einsum("nk,np,n->kp", inside, design, people.y, optimize=True)
    # Models without trials i and j, for all pairs at once; i = j leaves one trial out.
    without = square.sum(axis=0) - square[:, None] - square[None]
    without_y = aside.sum(axis=0) - aside[:, None] - aside[None]
    own = np.arange(k)
    without[own, own] += square
    without_y[own, own] += aside
    size = np.diagonal(without, axis1=2, axis2=3)
    without = without + RIDGE * size[..., None] * np.eye(design.shape[1])
    beta = np.linalg.solve(without, without_y[..., None])[..., 0]
    line = np.hstack([np.ones((len(people.y), 1)), people.x])
    predicted = np.empty(len(people.y))
    for trial in range(k):
        others = people.trial != trial
        target = _score(people, beta[trial, people.trial])[others]
        fit = np.linalg.lstsq(line[others], target, rcond=None)[0]
        predicted[~others] = line[~others] @ fit
    return _score(people, beta[people.trial, people.trial]), predicted


def _score(people: Cohort, beta: Array) -> Array:
    """Return doubly robust scores by one outcome model a participant, shape (N, p)."""
    if beta.ndim == 1:
        beta = np.broadcast_to(beta, (len(people.y), beta.size))
    treated, control, seen = (
        (_design(people, arm) * beta).sum(axis=1)
        for arm in (np.ones_like(people.y), np.zeros_like(people.y), people.treatment)
    )
    weight = (people.treatment - people.share) / (people.share * (1 - people.share))
    return treated - control + weight * (people.y - seen)


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


def forest_available() -> bool:
    """Tell whether EconML is installed (``pip install 'lkcm[whom]'``)."""
    from importlib.util import find_spec

    return find_spec("econml") is not None


def forest_predictions(people: Cohort, *, trees: int = 400, seed: int) -> Array:
    """Predict effects by a causal forest of the other trials; treatment centred by trial.

    Parameters
    ----------
    people : Cohort
        The participants.
    trees : int
        Trees of each forest, a multiple of 4.
    seed : int
        Of the forests.

    Returns
    -------
    array, shape (N,)
    """
    from econml.grf import CausalForest

    predicted = np.empty(len(people.y))
    moved = people.treatment - people.share
    for trial in range(len(people.labels)):
        own = people.trial == trial
        forest = CausalForest(
            n_estimators=trees, min_samples_leaf=10, honest=True, n_jobs=1, random_state=seed
        )
        forest.fit(people.x[~own], moved[~own], people.y[~own])
        predicted[own] = forest.predict(people.x[own])[:, 0]
    return predicted
