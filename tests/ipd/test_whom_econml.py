"""The causal forest, and EconML's doubly robust learner beside our own."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from lkcm.ipd.calibration import judge
from lkcm.ipd.participants import prepare
from lkcm.ipd.plan import _assumed
from lkcm.ipd.synthetic import TRUTH, synthesise
from lkcm.ipd.whom import (
    RIDGE,
    Cohort,
    _design,
    cohort,
    forest_available,
    forest_predictions,
    scores,
)

TREES = 100


def people_of(slope, trials=10, n=160):
    plan = _assumed(trials).assign(n=n, trial=[f"S{i:02d}" for i in range(trials)])
    frame = synthesise(plan, 1, replace(TRUTH, slope_within=slope))
    return cohort(prepare(frame), "post", ["severity", "baseline", "age"])


@pytest.fixture(scope="module")
def varied():
    """Participants whose gain rises by 0.4 SD per SD of severity; scores and predictions."""
    people = people_of(0.4)
    return people, *scores(people), forest_predictions(people, trees=TREES, seed=1)


def test_the_forest_recovers_who_gains(varied):
    people, score, line, forest = varied
    verdict = judge(people, score, forest, "causal forest", seed=1)
    assert verdict.usable and verdict.slope == pytest.approx(1, abs=0.3)
    # The true gain is a line in severity; the forest sees other trials and two idle features.
    truth = 0.4 * people.x[:, people.names.index("severity")]
    assert np.corrcoef(forest, truth)[0, 1] > 0.85
    assert np.corrcoef(forest, line)[0, 1] > 0.8
    assert forest.mean() == pytest.approx(line.mean(), abs=0.05)
    # Regularised, it says less than there is, and never the opposite.
    assert 0.4 < np.polyfit(truth, forest, 1)[0] < 1.1


def test_the_forest_finds_nothing_where_there_is_nothing():
    people = people_of(0.0)
    forest = forest_predictions(people, trees=TREES, seed=1)
    assert not judge(people, scores(people)[0], forest, "causal forest", seed=1).usable


def test_no_forest_has_seen_the_trial_that_it_predicts(varied):
    people, _, _, forest = varied
    own = people.trial == 3
    y = np.where(own, -5 * people.y + 3 * people.treatment * people.x[:, 0], people.y)
    other = forest_predictions(replace(people, y=y), trees=TREES, seed=1)
    np.testing.assert_array_equal(other[own], forest[own])
    assert all((other != forest)[people.trial == trial].any() for trial in (0, 1, 2, 4))


class Lines(RegressorMixin, BaseEstimator):
    """Our ridge model of the outcome, as EconML's learner asks for it: features, share, arm."""

    def _table(self, rows):
        *_, share, arm = rows.T
        nothing = np.zeros(len(rows))
        rest = {"trial": nothing, "labels": (), "names": (), "left_out": (), "y": nothing}
        return _design(Cohort(x=rows[:, :-2], treatment=arm, share=share, **rest), arm)

    def fit(self, rows, y):
        table = self._table(rows)
        square = table.T @ table
        self.beta_ = np.linalg.solve(square + RIDGE * np.diag(np.diag(square)), table.T @ y)
        return self

    def predict(self, rows):
        return self._table(rows) @ self.beta_


class Shares(ClassifierMixin, BaseEstimator):
    """The known share of the LKCM arm, which stands in the last column."""

    def fit(self, rows, arm):
        self.classes_ = np.unique(arm)
        return self

    def predict_proba(self, rows):
        return np.column_stack([1 - rows[:, -1], rows[:, -1]])

    def predict(self, rows):
        return (rows[:, -1] > 0.5).astype(float)


def test_econmls_doubly_robust_learner_agrees():
    """The same learner, cross-fitted by trial by other people's code: the same predictions."""
    from econml.dr import LinearDRLearner

    people = people_of(0.4, trials=6, n=80)
    expected = scores(people)[1]
    predicted = np.empty(len(people.y))
    for trial in range(len(people.labels)):
        own = people.trial == trial
        inside = people.trial[~own]
        folds = [(np.flatnonzero(inside != j), np.flatnonzero(inside == j)) for j in set(inside)]
        learner = LinearDRLearner(
            model_propensity=Shares(), model_regression=Lines(), cv=folds, random_state=1
        )
        share = people.share[~own, None]
        learner.fit(people.y[~own], people.treatment[~own], X=people.x[~own], W=share)
        predicted[own] = learner.effect(people.x[own])
    np.testing.assert_allclose(predicted, expected, atol=1e-8)


def test_without_econml_the_forest_is_not_available(monkeypatch):
    assert forest_available()
    monkeypatch.setitem(sys.modules, "econml", None)
    assert not forest_available()
