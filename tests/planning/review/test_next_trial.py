import numpy as np
import pytest

from lkcm.planning import PlanError
from lkcm.planning.review.next_trial import COLUMNS, next_trial_value
from lkcm.planning.trials.prior import Prior
from lkcm.synthesis.pool import pool

Y, V = [0.5, 0.9, 0.2, 1.2, 0.6], [0.05, 0.1, 0.04, 0.2, 0.03]


def test_the_first_row_is_the_present_pool():
    now = next_trial_value(Y, V, [50], seed=1).iloc[0]
    fit = pool(Y, V, test="knapp-hartung-adhoc")
    assert now["ci_width"] == pytest.approx(fit.ci[1] - fit.ci[0])
    assert now["pi_width"] == pytest.approx(np.diff(fit.prediction_interval)[0])
    assert (now["k"], now["n_arm"], now["clear"], now["pi_change"]) == (5, 0, 1, 0)


def test_larger_trials_tell_more_and_more_trials_too():
    one = next_trial_value(Y, V, [20, 100, 1000], seed=1)
    assert (one["ci_width"].iloc[1:].diff().dropna() < 0).all()
    three = next_trial_value(Y, V, [100], seed=1, trials=3)
    assert three["ci_width"].iloc[1] < one["ci_width"].iloc[2]


def test_the_same_seed_gives_the_same_value():
    first, second = (next_trial_value(Y, V, [50], seed=3) for _ in range(2))
    assert first.equals(second)


def test_two_trials_and_a_prior_tell_of_the_first_interval():
    prior = Prior("view", "test", 0.3, 0.3)
    found = next_trial_value(Y[:2], V[:2], [50], seed=1, prior=prior)
    assert list(found.columns) == list(COLUMNS)
    assert np.isnan(found["pi_width"].iloc[0]) and found["pi_width"].iloc[1] > 0
    assert np.isnan(found["pi_change"].iloc[1])


def test_what_cannot_be_told_is_refused():
    with pytest.raises(PlanError, match="a prior is needed; fewer than three trials even"):
        next_trial_value(Y[:1], V[:1], [50], seed=1)
    with pytest.raises(PlanError, match="not 2 or more"):
        next_trial_value(Y, V, [1], seed=1)
