import numpy as np
from scipy import stats

from lkcm.bias.step_likelihood import StepLikelihood


def test_derivatives_are_those_of_the_value(simulated, assert_derivatives):
    yi, vi = simulated(12, 4)
    bounds = np.array([1.96, 0.0])[:, None, None] * np.sqrt(vi)
    interval = (yi < bounds).sum(0)
    counts = np.stack([(interval == i).sum(0) for i in range(3)])
    at = np.array([[0.1], [0.07], [-0.7], [-0.4]]) * np.ones(4)
    assert_derivatives(StepLikelihood(yi, vi, bounds, counts), at)


def test_chances_of_one_are_no_selection(simulated):
    yi, vi = simulated(12, 1)
    likelihood = StepLikelihood(yi, vi, 1.96 * np.sqrt(vi)[None], np.zeros((2, 1)))
    value = likelihood(np.array([[0.2], [0.1], [0.0]]), np.arange(1))[0]
    np.testing.assert_allclose(value, stats.norm.logpdf(yi, 0.2, np.sqrt(vi + 0.1)).sum(0))


def test_a_lower_chance_is_made_up_for_by_those_that_are_seen(simulated):
    yi, vi = simulated(1, 1)
    bounds = 1.96 * np.sqrt(vi)[None]
    at = np.array([[0.2], [0.1], [np.log(0.3)]])
    seen = StepLikelihood(yi, vi, bounds, np.array([[1], [0]]))(at, np.arange(1))[0]
    below = stats.norm.cdf(bounds[0], 0.2, np.sqrt(vi + 0.1))
    expected = stats.norm.logpdf(yi, 0.2, np.sqrt(vi + 0.1)) - np.log(1 - 0.7 * below)
    np.testing.assert_allclose(seen, expected[0])
