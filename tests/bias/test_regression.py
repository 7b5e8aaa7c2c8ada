import numpy as np
import pytest

from lkcm.bias.regression import likelihood_tau2, moments_tau2, pooled_mean, weighted_line
from lkcm.synthesis.heterogeneity import estimate_tau2


@pytest.mark.parametrize("method", ["REML", "ML", "DL"])
def test_tau2_is_that_of_the_pool(simulated, method):
    yi, vi = simulated(8, 300)
    ours = (
        moments_tau2(yi, vi)
        if method == "DL"
        else likelihood_tau2(yi, vi, restricted=method == "REML")
    )
    np.testing.assert_allclose(ours, estimate_tau2(yi, vi, method), rtol=1e-8, atol=1e-12)


def test_a_variance_of_infinity_leaves_a_trial_out(simulated):
    yi, vi = simulated(9, 50)
    out = vi.copy()
    out[4] = np.inf
    others = [np.delete(table, 4, axis=0) for table in (yi, vi)]
    np.testing.assert_allclose(likelihood_tau2(yi, out), likelihood_tau2(*others), atol=1e-12)
    for ours, theirs in zip(pooled_mean(yi, out, 0.1), pooled_mean(*others, 0.1), strict=True):
        np.testing.assert_allclose(ours, theirs)


def test_a_predictor_of_ones_and_zeros_is_two_means():
    yi = np.array([[0.0], [2.0], [5.0], [7.0]])
    line = weighted_line(yi, np.array([[0.0], [0.0], [1.0], [1.0]]), np.ones_like(yi))
    assert (line.limit[0], line.slope[0], line.scatter[0]) == pytest.approx((1, 5, 4))
    assert (line.limit_unit[0], line.slope_unit[0]) == pytest.approx((0.5, 1))


def test_the_residual_variance_needs_no_predictor_that_matters(simulated):
    yi, vi = simulated(200, 20, tau2=0.1, seed=3)
    x = np.random.default_rng(4).normal(size=yi.shape)
    tilted = likelihood_tau2(yi + 3 * x, vi, x)
    np.testing.assert_allclose(tilted, likelihood_tau2(yi, vi, x), rtol=1e-8)
    assert tilted.mean() == pytest.approx(0.1, abs=0.01)
