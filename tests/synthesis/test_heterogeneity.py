import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.synthesis import METHODS
from lkcm.synthesis.heterogeneity import (
    estimate_tau2,
    polish_likelihood,
    q_profile,
    q_statistic,
    tau2_where_q,
    typical_variance,
)

#: Five made-up trials that differ clearly more than their variances allow.
YI = np.array([[0.1], [0.9], [-0.3], [0.6], [1.4]])
VI = np.array([[0.05], [0.08], [0.04], [0.1], [0.06]])

#: Pooling imports and warms up PyMARE in the first example: no deadline, and few examples.
unhurried = settings(deadline=None, max_examples=50)


def test_hedges_and_dersimonian_laird_are_their_closed_forms():
    assert estimate_tau2(YI, VI, "HE")[0] == pytest.approx(YI.var(ddof=1) - VI.mean(), rel=1e-12)
    w = 1 / VI
    excess = q_statistic(YI, VI)[0] - 4
    expected = excess / (w.sum() - (w**2).sum() / w.sum())
    assert estimate_tau2(YI, VI, "DL")[0] == pytest.approx(expected, rel=1e-12)


def test_paule_mandel_makes_q_its_degrees_of_freedom():
    tau2 = estimate_tau2(YI, VI, "PM")
    assert q_statistic(YI, VI, tau2)[0] == pytest.approx(4, rel=1e-12)


def test_with_equal_variances_every_moment_estimate_is_the_same():
    vi = np.full_like(YI, 0.07)
    expected = YI.var(ddof=1) - 0.07
    for method in ("REML", "DL", "PM", "HE"):
        assert estimate_tau2(YI, vi, method)[0] == pytest.approx(expected, rel=1e-10)
    assert estimate_tau2(YI, vi, "ML")[0] == pytest.approx(YI.var() - 0.07, rel=1e-10)
    assert estimate_tau2(YI, vi, "FE")[0] == 0


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_polishing_forgets_where_it_started(method):
    ends = [
        polish_likelihood(YI, VI, np.array([start]), restricted=method == "REML")[0]
        for start in (0.0, 0.1, 0.3, 3.0)
    ]
    np.testing.assert_allclose(ends, ends[0], rtol=1e-12)


def test_the_q_profile_puts_q_on_the_chi_square_limits():
    low, high = q_profile(YI, VI, 0.95)
    # Limits of chi square with 4 df, from printed tables.
    assert q_statistic(YI, VI, low)[0] == pytest.approx(11.14329, abs=1e-4)
    assert q_statistic(YI, VI, high)[0] == pytest.approx(0.48442, abs=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_tau2_is_zero_where_effects_agree(method):
    yi = np.array([[0.2], [0.21], [0.19]])
    assert estimate_tau2(yi, np.full_like(yi, 0.1), method)[0] == 0


def test_the_typical_variance_of_equal_variances_is_that_variance():
    assert typical_variance(np.full((6, 2), 0.03)) == pytest.approx([0.03, 0.03])


@unhurried
@given(
    st.lists(st.floats(-3, 3), min_size=3, max_size=8),
    st.lists(st.floats(-4, 2), min_size=8, max_size=8),
    st.floats(0.001, 30),
)
def test_q_meets_any_target_or_is_below_it_at_zero(effects, exponents, target):
    yi = np.array(effects)[:, None]
    vi = 10.0 ** np.array(exponents)[: len(effects), None]
    tau2 = tau2_where_q(yi, vi, target)
    q = q_statistic(yi, vi, tau2)[0]
    assert q == pytest.approx(target, rel=1e-9) if tau2[0] > 0 else q <= target * (1 + 1e-9)


def test_data_sets_side_by_side_are_computed_as_alone():
    yi, vi = np.hstack([YI, YI / 2, YI * 0]), np.hstack([VI, VI * 2, VI])
    for method in METHODS:
        together = estimate_tau2(yi, vi, method)
        alone = [estimate_tau2(yi[:, [i]], vi[:, [i]], method)[0] for i in range(3)]
        np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-15)
