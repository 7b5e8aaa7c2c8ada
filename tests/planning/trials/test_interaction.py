import numpy as np
import pytest
from scipy import stats

from lkcm.planning import PlanError
from lkcm.planning.trials.interaction import interaction_power, interaction_size
from lkcm.planning.trials.two_arm import TwoArm, sample_size

PLAIN = TwoArm()


def test_two_halves_need_four_times_the_people_for_the_same_difference():
    assert interaction_size(0.3, PLAIN) == pytest.approx(4 * sample_size(0.3, PLAIN)[0], rel=0.01)


def test_half_the_difference_needs_sixteen_times():
    found = interaction_size(0.15, PLAIN) / sample_size(0.3, PLAIN)[0]
    assert found == pytest.approx(16, rel=0.01)


def test_rarer_kinds_and_scales():
    assert interaction_size(0.5, PLAIN, share=0.1) > interaction_size(0.5, PLAIN)
    assert interaction_size(0.25, PLAIN, share=None) == pytest.approx(
        interaction_size(0.5, PLAIN), abs=1
    )


@pytest.mark.parametrize("difference", [0.0, 0.6])
def test_simulated_interactions_have_the_power_of_the_formula(difference):
    n, trials = 60, 4000
    random = np.random.default_rng(11)
    arm, kind = np.repeat([0.5, -0.5], n), np.tile([0.5, -0.5], n)
    x = np.column_stack([np.ones(2 * n), arm, kind, arm * kind])
    y = 0.3 * arm + difference * arm * kind + random.standard_normal((trials, 2 * n))
    bread = np.linalg.inv(x.T @ x)
    beta = y @ x @ bread
    residual = y - beta @ x.T
    t = beta[:, 3] / np.sqrt((residual**2).sum(1) / (2 * n - 4) * bread[3, 3])
    found = (np.abs(t) > stats.t.isf(0.025, 2 * n - 4)).mean()
    expected = float(interaction_power(difference, n, PLAIN))
    assert found == pytest.approx(expected, abs=3.5 * np.sqrt(expected * (1 - expected) / trials))


def test_too_few_people_leave_no_test():
    assert interaction_power(1.0, 2, PLAIN) == 0


def test_what_cannot_be_planned_is_refused():
    with pytest.raises(PlanError, match="without groups; share is 1"):
        interaction_power(0.5, 20, TwoArm(group_size=5), share=1)
    with pytest.raises(PlanError, match="difference to find is zero"):
        interaction_size(0, PLAIN)
