import numpy as np
import pytest
import statsmodels.api as sm

from lkcm.planning import PlanError
from lkcm.planning.micro.practice import LONGEST, dose_associations, streak_table, streaks
from lkcm.planning.micro.simulation import practice_trial


def test_streaks_count_days_in_a_row():
    days = [[1, 1, 0, 1, 1, 1], [0, 0, 1, 0, 1, 1]]
    assert streaks(days).tolist() == [[1, 2, 0, 1, 2, 3], [0, 0, 1, 0, 1, 2]]


def test_within_and_between_are_regressions_of_their_own():
    random = np.random.default_rng(1)
    x = random.gamma(2, 10, (20, 1)) + random.gamma(2, 3, (20, 15))
    y = 0.02 * x + random.standard_normal(x.shape) + random.normal(0, 1, (20, 1))
    table = dose_associations(x, y).set_index("kind")
    between = sm.OLS(y.mean(1), sm.add_constant(x.mean(1) / 10)).fit()
    assert table.loc["between people", "estimate"] == pytest.approx(between.params[1])
    assert table.loc["between people", "se"] == pytest.approx(between.bse[1])
    inner_x, inner_y = (v - v.mean(1, keepdims=True) for v in (x / 10, y))
    within = sm.GEE(inner_y.ravel(), inner_x.ravel(), np.repeat(np.arange(20), 15)).fit()
    assert table.loc["within people", "estimate"] == pytest.approx(within.params[0])
    corrected = within.bse[0] * np.sqrt(20 / 19)
    assert table.loc["within people", "se"] == pytest.approx(corrected, rel=1e-6)


def test_missing_days_are_left_out():
    random = np.random.default_rng(2)
    x, y = random.gamma(2, 5, (10, 6)), random.standard_normal((10, 6))
    x[0, :5] = np.nan
    y[3, 2] = np.nan
    whole = dose_associations(x, y)
    assert np.isfinite(whole["estimate"]).all()
    assert whole["df"].tolist() == [7, 8]  # one person has a single day


def test_a_dose_without_effect_goes_with_mood_all_the_same():
    trial = practice_trial(seed=5)
    table = dose_associations(trial.minutes, trial.mood)
    assert (table["ci_low"] > 0).all()


def independent_days(seed, n=80, days=40):
    random = np.random.default_rng(seed)
    return random.random((n, days)) < random.beta(1, 1, (n, 1))


def test_habits_look_like_streaks_until_days_are_shuffled():
    table = streak_table(independent_days(1), seed=1)
    assert table["rate"].iloc[-1] > table["rate"].iloc[0] + 0.3
    inside = (table["rate"] >= table["low"]) & (table["rate"] <= table["high"])
    assert inside.mean() >= 0.8
    assert table["streak"].tolist() == list(range(LONGEST + 1))
    assert table["days"].sum() == 80 * 39


def test_shuffled_bands_hold_what_is_only_habit():
    held = []
    for seed in range(20):
        table = streak_table(independent_days(seed, 30, 20), seed=seed, shuffles=200)
        held += ((table["rate"] >= table["low"]) & (table["rate"] <= table["high"])).tolist()
    assert np.mean(held) == pytest.approx(0.95, abs=0.07)


def test_a_true_streak_is_seen():
    random = np.random.default_rng(3)
    days = np.zeros((60, 40), dtype=bool)
    for t in range(1, 40):
        days[:, t] = random.random(60) < np.where(days[:, t - 1], 0.8, 0.2)
    table = streak_table(days, seed=1)
    assert table["rate"].iloc[0] < table["low"].iloc[0]
    assert table["rate"].iloc[1] > table["high"].iloc[1]


def test_what_cannot_be_told_is_refused():
    with pytest.raises(PlanError, match="differ in shape"):
        dose_associations(np.ones((3, 4)), np.ones((3, 5)))
    with pytest.raises(PlanError, match="fewer than three people"):
        dose_associations(np.ones((2, 4)), np.ones((2, 4)))
    with pytest.raises(PlanError, match="everybody practises the same"):
        dose_associations(np.ones((4, 4)), np.random.default_rng(1).random((4, 4)))
    with pytest.raises(PlanError, match="at least 3 days"):
        streak_table(np.ones((4, 2)), seed=1)
