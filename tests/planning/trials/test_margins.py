import numpy as np
import pytest
from scipy import stats

from lkcm.planning import PlanError
from lkcm.planning.trials.margins import (
    excess_size,
    excludable_excess,
    non_inferiority_assurance,
    non_inferiority_power,
    non_inferiority_size,
)
from lkcm.planning.trials.prior import Prior
from lkcm.planning.trials.two_arm import TwoArm, power

PLAIN = TwoArm()


def test_no_difference_against_a_margin_is_the_test_of_that_effect():
    expected = power(0.3, 100, PLAIN, favours_only=True)
    assert non_inferiority_power(0, 100, 0.3, PLAIN) == pytest.approx(expected)


def test_the_size_is_that_of_the_textbook_formula():
    z = stats.norm.isf(0.025) + stats.norm.ppf(0.9)
    found = non_inferiority_size(0, 0.2, PLAIN, power_wanted=0.9)
    assert found == pytest.approx(2 * z**2 / 0.2**2, abs=2)


@pytest.mark.parametrize(("effect", "n"), [(-0.3, 80), (0.0, 80), (0.1, 80)])
def test_simulated_trials_have_the_power_of_the_formula(effect, n):
    random = np.random.default_rng(4)
    treated, control = random.normal(effect, 1, (4000, n)), random.normal(0, 1, (4000, n))
    p = stats.ttest_ind(treated + 0.3, control, axis=1, alternative="greater").pvalue
    expected = float(non_inferiority_power(effect, n, 0.3, PLAIN))
    assert (p < 0.025).mean() == pytest.approx(expected, abs=0.028)


def test_assurance_of_a_certain_difference_is_power():
    sure = Prior("sure", "test", 0.1, 1e-9)
    found = non_inferiority_assurance([50, 90], 0.3, PLAIN, sure)
    assert found == pytest.approx(non_inferiority_power(0.1, [50, 90], 0.3, PLAIN))


def test_a_trial_excludes_the_excess_as_often_as_said():
    n, risk = 400, 0.12
    excess = float(excludable_excess(n, risk))
    random = np.random.default_rng(6)
    p_t, p_c = (random.binomial(n, risk, 20000) / n for _ in range(2))
    bound = p_t - p_c + 1.6449 * np.sqrt(p_t * (1 - p_t) / n + p_c * (1 - p_c) / n)
    assert (bound < excess).mean() == pytest.approx(0.8, abs=0.02)


def test_four_times_the_people_exclude_half_the_excess():
    assert excludable_excess(400, 0.1) / excludable_excess(100, 0.1) == pytest.approx(0.5)


def test_the_size_excludes_the_excess_that_it_was_asked_for():
    n = excess_size(0.05, 0.12)
    assert excludable_excess(n, 0.12) <= 0.05 < excludable_excess(n - 1, 0.12)


def test_what_cannot_be_planned_is_refused():
    with pytest.raises(PlanError, match="margin is 0"):
        non_inferiority_power(0, 50, 0, PLAIN)
    with pytest.raises(PlanError, match="beyond the margin"):
        non_inferiority_size(-0.3, 0.3, PLAIN)
    with pytest.raises(PlanError, match="risk"):
        excludable_excess(50, 1.0)
    with pytest.raises(PlanError, match="excess is 0"):
        excess_size(0, 0.1)
