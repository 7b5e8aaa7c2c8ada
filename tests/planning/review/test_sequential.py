import numpy as np
import pytest

from lkcm.planning import PlanError
from lkcm.planning.review.sequential import Plan, boundaries_to_come, monitor, naive_error
from lkcm.planning.review.spending import spent_boundaries

PLAN = Plan("self-compassion", "passive", effect=0.3, tau2=0.05, power_wanted=0.8)
#: Armitage, McPherson & Rowe (1969), table 2: error after repeated tests at 5 %.
ARMITAGE = {1: 0.050, 2: 0.083, 3: 0.107, 4: 0.126, 5: 0.142, 10: 0.193, 20: 0.248}


@pytest.mark.parametrize(("looks", "error"), ARMITAGE.items())
def test_repeated_tests_at_five_per_cent(looks, error):
    assert naive_error(looks)[-1] == pytest.approx(error, abs=6e-4)


def test_information_is_that_of_a_trial_of_the_same_power():
    assert PLAN.information == pytest.approx((1.959964 + 0.841621) ** 2 / 0.09, rel=1e-5)


def test_without_heterogeneity_the_trials_are_the_sample_size():
    plan = Plan("o", "c", effect=0.5, tau2=0.0, power_wanted=0.8)
    assert plan.trials(63) == 1
    assert plan.trials(30) == 3


def test_heterogeneity_asks_for_trials_not_people():
    assert PLAN.trials(10_000) >= np.floor(PLAN.information * PLAN.tau2)


def evidence(effect, k, seed):
    random = np.random.default_rng(seed)
    v = random.uniform(0.03, 0.15, k)
    y = effect + np.sqrt(PLAN.tau2 + v) * random.standard_normal(k)
    return y, v


def test_a_large_effect_crosses_and_stays_crossed():
    y, v = evidence(0.9, 16, seed=1)
    found = monitor(y, v, np.repeat([2020, 2021, 2022, 2023], 4), PLAN)
    looks = found.looks
    assert looks["k"].tolist() == [4, 8, 12, 16]
    assert looks["crossed"].iloc[-1] and looks["crossed"].is_monotonic_increasing
    assert "crossed in favour of LKCM" in found.words
    assert found.repeated_p < 0.05
    w = 1 / (v + PLAN.tau2)
    assert looks["z"].iloc[-1] == pytest.approx((w * y).sum() / np.sqrt(w.sum()))
    assert looks["fraction"].iloc[-1] == pytest.approx(w.sum() / PLAN.information)


def test_boundaries_are_those_of_the_fractions():
    y, v = evidence(0.0, 8, seed=2)
    looks = monitor(y, v, np.arange(8) // 2, PLAN).looks
    bounds = spent_boundaries(looks["fraction"])
    assert looks["boundary"].to_numpy() == pytest.approx(bounds)


def test_the_repeated_p_agrees_with_the_boundary():
    for seed in range(6):
        y, v = evidence(0.35, 14, seed)
        found = monitor(y, v, np.arange(14) // 3, PLAN)
        last = found.looks.iloc[-1]
        assert (found.repeated_p <= 0.05) == (abs(last["z"]) >= last["boundary"])


@pytest.mark.parametrize(("effect", "spending"), [(0, "Pocock"), (0, None), (0.3, None)])
def test_simulated_reviews_err_and_find_as_often_as_planned(effect, spending):
    plan = Plan("o", "c", 0.3, 0.05, power_wanted=0.8, spending=spending or "O'Brien-Fleming")
    k, reviews = 16, 20_000
    random = np.random.default_rng(5)
    v, when = random.uniform(0.03, 0.12, k), np.arange(k) // 3
    w = 1 / (v + plan.tau2)
    w *= plan.information / w.sum()  # the last look has all the information needed
    v = 1 / w - plan.tau2
    looks = monitor(np.zeros(k), v, when, plan).looks
    y = effect + np.sqrt(v + plan.tau2) * random.standard_normal((reviews, k))
    last = np.flatnonzero(np.diff(when, append=99))
    z = ((w * y).cumsum(1) / np.sqrt(w.cumsum()))[:, last]
    found = (np.abs(z) >= looks["boundary"].to_numpy()).any(1).mean()
    if effect:
        assert found == pytest.approx(0.8, abs=0.03)
    else:
        assert found == pytest.approx(0.05, abs=0.006)


def test_looks_past_the_information_needed_spend_nothing_more():
    y, v = evidence(0.0, 60, seed=3)
    found = monitor(y, v, np.arange(60) // 20, PLAN)
    past = found.looks["fraction"] >= 1
    assert past.sum() >= 2
    assert found.looks["boundary"][past].nunique() == 1
    assert "information needed is there" in found.words


def test_the_order_of_trials_within_a_look_is_irrelevant():
    y, v = evidence(0.3, 9, seed=4)
    when, order = np.arange(9) // 3, np.array([2, 0, 1, 5, 3, 4, 8, 7, 6])
    first = monitor(y, v, when, PLAN).looks
    second = monitor(y[order], v[order], when[order], PLAN).looks
    assert first["z"].to_numpy() == pytest.approx(second["z"].to_numpy())


def test_looks_to_come_go_on_from_what_is_spent():
    y, v = evidence(0.0, 4, seed=2)
    seen = monitor(y, v, np.arange(4) // 2, PLAN)
    last = seen.looks["fraction"].iloc[-1]
    table = boundaries_to_come(seen, [0.01, 0.5, 1.0])
    assert table["fraction"].tolist() == pytest.approx([last, 0.5, 1.0])
    every = spent_boundaries([*seen.looks["fraction"], 0.5, 1.0])
    assert table["boundary"].to_numpy() == pytest.approx(every[-3:])
    first = boundaries_to_come(monitor([], [], [], PLAN), [0.5, 1.0])
    assert first["boundary"].to_numpy() == pytest.approx(spent_boundaries([0.5, 1.0]))


def test_no_trial_is_no_look():
    found = monitor([], [], [], PLAN)
    assert found.looks.empty and found.words == "no trial yet: no look"
    assert found.repeated_p is None


def test_an_early_look_says_that_nothing_can_cross():
    assert "no statistic can cross yet" in monitor([2.0], [0.5], [2020], PLAN).words


def test_what_is_not_a_plan_is_refused():
    with pytest.raises(PlanError, match=r"effect is 0.*tau2 is -1.*spending 'x'"):
        Plan("o", "c", effect=0, tau2=-1, spending="x")
    with pytest.raises(PlanError, match="differ in number"):
        monitor([0.1], [0.1, 0.2], [1], PLAN)
    with pytest.raises(PlanError, match="variances above zero"):
        monitor([0.1], [0.0], [1], PLAN)
