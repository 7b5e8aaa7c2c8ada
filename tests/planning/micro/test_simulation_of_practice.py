import numpy as np
import pytest

from lkcm.planning.micro.proximal_size import Micro, course
from lkcm.planning.micro.simulation import omitted_moderator, planned_trials, practice_trial
from lkcm.planning.micro.wcls import wcls


def test_the_same_seed_gives_the_same_trial():
    first, second = practice_trial(seed=1), practice_trial(seed=1)
    np.testing.assert_array_equal(first.occasions.outcome, second.occasions.outcome)
    np.testing.assert_array_equal(first.minutes, second.minutes)


def test_nobody_is_prompted_where_that_cannot_be():
    o = practice_trial(seed=2).occasions
    assert (o.action[o.available == 0] == 0).all()
    assert o.available.mean() == pytest.approx(0.7, abs=0.03)
    assert set(np.unique(o.probability)) == {0.3, 0.5}


def test_the_truth_of_the_example_is_recovered_in_a_large_trial():
    trial = practice_trial(800, seed=3)
    found = wcls(trial.occasions, ["stress"], ["stress", "evening"])
    expected = [trial.truth["calm"], trial.truth["stress"]]
    assert np.abs(found.estimate - expected) == pytest.approx([0, 0], abs=0.06)
    log_ratio = wcls(trial.practised, (), ["stress"], link="log").estimate[0]
    assert log_ratio == pytest.approx(trial.truth["practised"], abs=0.06)


def test_errors_of_one_participant_are_correlated_as_published():
    o = omitted_moderator(200, 30, 5, seed=4, effect=0.0, moderation=0.0)
    error = o.outcome - 0.8 * o.covariates["state"]
    for lag in (1, 2, 4):
        found = np.corrcoef(error[..., lag:].ravel(), error[..., :-lag].ravel())[0, 1]
        assert found == pytest.approx(0.5 ** (lag / 2), abs=0.02)


def test_a_planned_trial_has_its_effect_day_by_day():
    trial = Micro(course(4, 1.0, 0.0), a_day=2)
    o = planned_trials(trial, 500, 20, seed=5)
    on = np.array([o.outcome[..., t][o.action[..., t] == 1].mean() for t in range(8)])
    assert on == pytest.approx(np.repeat(trial.effect, 2), abs=0.05)
