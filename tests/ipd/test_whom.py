from dataclasses import replace

import numpy as np
import pytest

from lkcm.ipd.calibration import best_line, judge
from lkcm.ipd.crossproducts import ParticipantError
from lkcm.ipd.participants import prepare
from lkcm.ipd.synthetic import TRUTH, synthesise
from lkcm.ipd.whom import RIDGE, _design, cohort, scores

FEATURES = ["severity", "baseline", "age", "woman", "tertiary"]


def learned(plan, truth, seed):
    people = cohort(prepare(synthesise(plan, seed, truth)), "post", FEATURES)
    score, predicted = scores(people)
    return people, score, predicted


def test_heterogeneity_is_found_where_there_is_some(synthetic):
    plan = synthetic[2].assign(n=300)
    people, score, predicted = learned(plan, replace(TRUTH, slope_within=0.3), 1)
    verdict = judge(people, score, predicted, "line", seed=1)
    assert verdict.usable and verdict.slope == pytest.approx(1, abs=0.3)
    assert verdict.groups["found"].iloc[0] > verdict.groups["found"].iloc[-1]
    line = best_line(people, score).set_index("name")
    assert line.loc["severity", "low"] < 0.3 < line.loc["severity", "high"]
    assert people.left_out == ("tertiary",)


def test_nothing_is_found_where_there_is_nothing(synthetic):
    none = replace(TRUTH, slope_within=0.0)
    found = [judge(*learned(synthetic[2], none, seed), "line", seed=1) for seed in range(8)]
    assert sum(verdict.usable for verdict in found) <= 1
    assert found[0].curve["gain"].iloc[-1] == pytest.approx(0, abs=1e-12)


def test_scores_are_unbiased_for_the_effect(synthetic):
    _, score, _ = learned(synthetic[2].assign(n=600), TRUTH, 3)
    assert score.mean() == pytest.approx(TRUTH.effect, abs=0.07)


def test_no_prediction_has_seen_its_own_trial(synthetic):
    """One trial by brute force: models without it and without each other trial in turn."""
    people, score, predicted = learned(synthetic[2], TRUTH, 4)
    design, own = _design(people, people.treatment), people.trial == 0

    def model(rows):
        square = design[rows].T @ design[rows]
        square = square + RIDGE * np.diag(np.diag(square))
        return np.linalg.solve(square, design[rows].T @ people.y[rows])

    def score_of(rows, beta):
        t, e = people.treatment[rows], people.share[rows]
        arms = [_design(people, np.full_like(people.y, a))[rows] @ beta for a in (1.0, 0.0)]
        seen = design[rows] @ beta
        return arms[0] - arms[1] + (t - e) / (e * (1 - e)) * (people.y[rows] - seen)

    np.testing.assert_allclose(score[own], score_of(own, model(~own)))
    target = np.empty(len(people.y))
    for other in range(1, len(people.labels)):
        rows = people.trial == other
        target[rows] = score_of(rows, model(~own & ~rows))
    line = np.hstack([np.ones((len(people.y), 1)), people.x])
    fit = np.linalg.lstsq(line[~own], target[~own], rcond=None)[0]
    np.testing.assert_allclose(predicted[own], line[own] @ fit)


def test_few_trials_are_too_few(synthetic):
    _, numbers, _ = synthetic
    with pytest.raises(ParticipantError, match="4 trials"):
        cohort(numbers[numbers["trial"] < "S04"], "post", FEATURES)
    with pytest.raises(ParticipantError, match="no feature"):
        cohort(numbers, "post", ["tertiary"])
