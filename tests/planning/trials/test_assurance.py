import numpy as np
import pytest

from lkcm.planning import PlanError
from lkcm.planning.trials.assurance import assurance, assured_size
from lkcm.planning.trials.prior import Prior, sceptical
from lkcm.planning.trials.two_arm import TwoArm, power

PLAIN = TwoArm()
WIDE = Prior("wide", "test", 0.5, 0.4, 5)


def test_a_certain_effect_gives_power():
    sure = Prior("sure", "test", 0.5, 1e-9)
    expected = power(0.5, [20, 64], PLAIN, favours_only=True)
    assert assurance([20, 64], PLAIN, sure) == pytest.approx(expected)


def test_a_normal_prior_and_large_trials_have_a_closed_form():
    # With known variance: Phi((mean - z se) / sqrt(scale^2 + se^2)).
    from scipy import stats

    n, prior = 2000, Prior("normal", "test", 0.2, 0.15)
    se = np.sqrt(2 / n)
    expected = stats.norm.cdf((0.2 - 1.959964 * se) / np.sqrt(0.15**2 + se**2))
    assert assurance(n, PLAIN, prior) == pytest.approx(expected, abs=0.002)


def test_assurance_agrees_with_simulated_trials():
    random = np.random.default_rng(8)
    truth = 0.5 + 0.4 * random.standard_t(5, 20000)
    found = power(truth, 40, PLAIN, favours_only=True).mean()
    assert assurance(40, PLAIN, WIDE) == pytest.approx(found, abs=0.01)


def test_assurance_rises_with_size_to_its_ceiling():
    found = assurance([10, 100, 1000, 1_000_000], PLAIN, WIDE)
    assert (np.diff(found) > 0).all()
    assert found[-1] == pytest.approx(WIDE.above(0), abs=0.005)
    assert found.max() <= WIDE.above(0) + 0.005


def test_the_assured_size_is_the_smallest():
    found = assured_size(PLAIN, WIDE)
    assert assurance(found.n_t, PLAIN, WIDE) >= 0.8 > assurance(found.n_t - 1, PLAIN, WIDE)
    assert found.words == f"{found.n_t:,} people in the LKCM arm"


def test_where_no_size_is_enough_the_ceiling_is_named():
    found = assured_size(PLAIN, sceptical("sceptic", 0.81))
    assert found.n_t is None
    assert found.words.endswith("the effect is above zero with probability 0.50")


def test_a_chance_out_of_range_is_refused():
    with pytest.raises(PlanError, match="wanted is 1"):
        assured_size(PLAIN, WIDE, wanted=1)
