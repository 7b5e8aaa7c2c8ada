import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkcm.informants.agreement_range import Agreement, error_correlation, over_draws
from lkcm.informants.simulated_reporters import simulate
from lkcm.synthesis.pooled import PoolError


def test_draws_are_spread_over_the_range_and_repeat():
    drawn = Agreement(0.1, 0.6, draws=50, seed=1).values()
    assert drawn.shape == (50,)
    edges = np.linspace(0.1, 0.6, 51)
    assert np.all((edges[:-1] <= drawn) & (drawn <= edges[1:]))
    np.testing.assert_array_equal(drawn, Agreement(0.1, 0.6, draws=50, seed=1).values())
    assert Agreement(0.3, 0.3).values().tolist() == [0.3]
    assert Agreement().middle == pytest.approx(0.35)


@pytest.mark.parametrize(
    ("low", "high", "draws", "words"),
    [(0.5, 0.1, 20, "0.5 to 0.1"), (-0.1, 0.5, 20, "allowed"), (0, 1, 0, "0 draws")],
)
def test_a_range_that_is_none_is_refused(low, high, draws, words):
    with pytest.raises(PoolError, match=words):
        Agreement(low, high, draws)


def test_variances_within_and_between_draws_add_up():
    drawn = over_draws([0.2, 0.4], [0.1, 0.3], [10, 20])
    assert drawn.estimate == pytest.approx(0.3)
    assert drawn.se == pytest.approx(np.sqrt(0.05 + 0.01))
    assert drawn.df == 15
    assert drawn.over_agreement == (0.2, 0.4)
    assert drawn.ci == pytest.approx(
        (0.3 - 2.13145 * drawn.se, 0.3 + 2.13145 * drawn.se), rel=1e-5
    )
    assert over_draws([0.2], [np.nan], [3]).ci is None
    assert over_draws([0.2], [0.1], None).ci == pytest.approx((0.0040036, 0.3959964))


g = st.floats(-2, 2)


@given(g, g, st.floats(0.01, 0.5), st.floats(0.01, 0.5), st.floats(20, 500), st.floats(0, 1))
def test_a_correlation_stays_one_and_grows_with_agreement(one, other, h1, h2, n, r):
    pair = ([one, other], [h1, h2], [n, n])
    correlation = error_correlation(*pair, r)
    assert -1 - 1e-12 <= correlation <= 1 + 1e-12
    assert error_correlation(*pair, 0) == 0
    assert error_correlation([one, one], [h1, h1], [n, n], 1) == pytest.approx(1)


def test_the_covariance_is_the_one_that_trials_have():
    correlation = np.array([[1, 0.5], [0.5, 1]])
    drawn = simulate([1.2, 0.8], correlation, [40], [40], sets=60_000, seed=4)
    found = np.corrcoef(drawn.g[0, 0], drawn.g[1, 0])[0, 1]
    expected = error_correlation([1.2, 0.8], [0.05, 0.05], [80, 80], 0.5)
    assert found == pytest.approx(expected, abs=0.01)
    plain = error_correlation([0, 0], [0.05, 0.05], [80, 80], 0.5)
    assert abs(found - expected) < abs(found - plain)
