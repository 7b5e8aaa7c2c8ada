"""What works for whom: a doubly robust learner that never sees the trial that it predicts.

Every prediction for a trial comes from the other trials, and so do the outcome models behind its
doubly robust scores (Kennedy 2023, Electron J Stat 17:3008). The learner is linear, and EconML's
``LinearDRLearner`` with these models and folds predicts the same; its causal forest may stand
beside. `lkcm.ipd.calibration` says whether a learner is of use.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.ipd.crossproducts import ParticipantError
from lkcm.ipd.two_stage import TREATMENT
from lkcm.synthesis.heterogeneity import Array

#: Ridge of the linear models, relative to the sums of squares.
RIDGE = 1e-3
#: Fewest trials: each is predicted by the others, which predict one another.
WHOM_FROM = 5


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
