import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import FTestAnovaPower, TTestIndPower

from lkcm.planning import PlanError
from lkcm.planning.trials.two_arm import (
    TwoArm,
    beyond,
    closed_size,
    power,
    precision,
    sample_size,
)

PLAIN = TwoArm()
#: Cohen (1988), table 2.4.1: people an arm at two-sided .05 and power .80.
COHEN = {0.20: 393, 0.30: 175, 0.40: 99, 0.50: 64, 0.60: 45, 0.70: 33, 0.80: 26, 1.00: 17}
#: Cohen (1992), table 2: the same three effects at power .80 and alpha .01.
COHEN_01 = {0.20: 586, 0.50: 95, 0.80: 38}


@pytest.mark.parametrize("effect", [0.05, 0.23, 0.5, 0.81, 2.0])
@pytest.mark.parametrize("n", [2, 5, 25, 300, 4000])
@pytest.mark.parametrize("ratio", [1, 0.5, 2])
def test_power_is_that_of_statsmodels(effect, n, ratio):
    theirs = TTestIndPower().power(effect, n, 0.05, ratio=ratio)
    # Where the other tail is far away, statsmodels gives no number.
    if n * (1 + ratio) > 3 and np.isfinite(theirs):
        assert power(effect, n, TwoArm(ratio=ratio)) == pytest.approx(theirs, abs=1e-10)


def test_two_equal_arms_are_an_analysis_of_variance():
    theirs = FTestAnovaPower().power(0.25, 128, 0.05, k_groups=2)
    assert power(0.5, 64, PLAIN) == pytest.approx(theirs, abs=1e-8)


@pytest.mark.parametrize(("effect", "n"), COHEN.items())
def test_sizes_are_those_of_cohens_table(effect, n):
    assert sample_size(effect, PLAIN)[0] == pytest.approx(n, abs=1)


@pytest.mark.parametrize(("effect", "n"), COHEN_01.items())
def test_sizes_at_one_per_cent_are_those_of_cohens_primer(effect, n):
    assert sample_size(effect, TwoArm(alpha=0.01))[0] == pytest.approx(n, abs=1)


@given(
    st.floats(0.05, 2),
    st.floats(0, 0.9),
    st.floats(0, 0.5),
    st.floats(0.3, 3),
    st.floats(0.5, 0.95),
)
def test_the_size_found_is_the_smallest(effect, r, dropout, ratio, wanted):
    design = TwoArm(r=r, dropout=dropout, ratio=ratio)
    n, _ = sample_size(effect, design, power_wanted=wanted)
    assert power(effect, n, design) >= wanted
    assert n == 2 or power(effect, n - 1, design) < wanted


@given(st.floats(0.05, 1.2), st.floats(0, 0.9), st.floats(0, 0.4))
def test_the_closed_form_is_within_one_person_analysed(effect, r, dropout):
    design = TwoArm(r=r, dropout=dropout)
    exact = sample_size(effect, design)[0]
    if exact >= 12:
        assert abs(closed_size(effect, design) - exact) <= 1 + 1 / (1 - dropout)


@given(st.floats(0.1, 1), st.integers(5, 500))
def test_power_does_not_depend_on_the_sign(effect, n):
    assert power(effect, n, PLAIN) == pytest.approx(power(-effect, n, PLAIN))


def test_without_effect_power_is_alpha_and_half_of_it_favours():
    assert power(0, [5, 50, 5000], PLAIN) == pytest.approx([0.05] * 3)
    assert power(0, 50, PLAIN, favours_only=True) == pytest.approx(0.025)


def test_a_baseline_saves_its_share_of_people():
    assert sample_size(0.1, TwoArm(r=0.6))[0] == pytest.approx(0.64 * 1571, abs=2)


def test_a_cluster_trial_multiplies_by_its_design_effect():
    alone, groups = precision(5000, PLAIN), precision(5000, TwoArm(group_size=20, icc=0.05))
    assert (groups[0] / alone[0]) ** 2 == pytest.approx(1.95)
    assert groups[1] == 10000 / 20 - 2


def test_groups_in_one_arm_inflate_only_that_arm():
    se, df = precision(60, TwoArm(group_size=10, icc=0.1, grouped="lkcm"))
    assert se**2 == pytest.approx(1.9 / 60 + 1 / 60)
    assert 5 < df < 60
    even, even_df = precision(60, TwoArm(group_size=1.0001, icc=0.0, grouped="lkcm"))
    assert even_df == pytest.approx(118, rel=1e-3)


def test_two_groups_leave_no_test():
    assert power(1.0, [10, 15], TwoArm(group_size=10, icc=0.1)) == pytest.approx([0, 0], abs=0.2)
    assert power(1.0, 10, TwoArm(group_size=10, icc=0.1)) == 0
    assert power(1.0, 10, TwoArm(group_size=10, icc=0.1, grouped="lkcm")) == 0


def simulated(effect, n, design, seed, trials=4000):
    """Share of t tests that are significant in trials simulated with their baseline and groups."""
    random = np.random.default_rng(seed)
    size = int(design.group_size)

    def arm(mean, grouped):
        groups = random.normal(0, np.sqrt(design.icc), (trials, n // size, 1)) if grouped else 0
        own = random.normal(0, np.sqrt(1 - design.icc * bool(grouped)), (trials, n // size, size))
        return mean + (groups + own).reshape(trials, -1)

    grouped = size > 1
    treated, control = arm(effect, grouped), arm(0, grouped)
    if grouped:
        treated, control = (a.reshape(trials, -1, size).mean(2) for a in (treated, control))
    p = stats.ttest_ind(treated, control, axis=1).pvalue
    return (p < 0.05).mean()


@pytest.mark.parametrize(
    ("effect", "n", "design"),
    [
        (0.0, 40, PLAIN),
        (0.5, 40, PLAIN),
        (0.0, 100, TwoArm(group_size=10, icc=0.1)),
        (0.5, 100, TwoArm(group_size=10, icc=0.1)),
    ],
)
def test_simulated_error_and_power_are_those_of_the_formula(effect, n, design):
    found, expected = simulated(effect, n, design, seed=3), float(power(effect, n, design))
    assert found == pytest.approx(expected, abs=3.5 * np.sqrt(expected * (1 - expected) / 4000))


def test_simulated_ancova_has_the_power_of_the_formula():
    n, r, trials = 40, 0.6, 4000
    random = np.random.default_rng(5)
    arm = np.repeat([0.5, -0.5], n)
    base = random.standard_normal((trials, 2 * n))
    y = 0.4 * arm + r * base + np.sqrt(1 - r**2) * random.standard_normal(base.shape)
    x = np.stack([np.ones_like(base), np.broadcast_to(arm, base.shape), base], axis=2)
    bread = np.linalg.inv(x.transpose(0, 2, 1) @ x)
    beta = np.einsum("bij,btj,bt->bi", bread, x, y)
    residual = y - np.einsum("btj,bj->bt", x, beta)
    t = beta[:, 1] / np.sqrt((residual**2).sum(1) / (2 * n - 3) * bread[:, 1, 1])
    found = (np.abs(t) > stats.t.isf(0.025, 2 * n - 3)).mean()
    assert found == pytest.approx(float(power(0.4, n, TwoArm(r=r))), abs=0.025)


def test_far_tails_are_certain_and_finite():
    found = beyond(1.96, 1000, np.array([-50, 0, 1.96, 8, 80, 1e6]))
    assert found[[0, 5]] == pytest.approx([0, 1])
    assert np.isfinite(found).all() and (np.diff(found) >= 0).all()


def test_power_is_a_probability_everywhere():
    effects, sizes = np.meshgrid(np.linspace(-3, 3, 61), np.geomspace(2, 1e6, 60))
    found = power(effects, sizes, PLAIN)
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found[:, 31:], axis=1) >= -1e-9).all()


def test_all_problems_are_named_at_once():
    with pytest.raises(PlanError, match=r"r is 1.*dropout is -0.1.*ratio is 0.*alpha is 2"):
        TwoArm(r=1, dropout=-0.1, ratio=0, alpha=2)
    with pytest.raises(PlanError, match="effect to find is zero.*power is 1"):
        sample_size(0, PLAIN, power_wanted=1)
    with pytest.raises(PlanError, match="more than 10,000,000 people"):
        sample_size(1e-6, PLAIN)
    with pytest.raises(PlanError, match="no groups; the closed form has equal arms"):
        closed_size(0.5, TwoArm(group_size=5, ratio=2))
