import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.synthesis.components import Likelihood, maximise
from lkcm.synthesis.covariance import Arms, sampling_covariance

STUDY = np.repeat(np.arange(8), [1, 3, 2, 4, 1, 5, 3, 2])


def data(seed=1, shared=False):
    generator = np.random.default_rng(seed)
    k = len(STUDY)
    vi = generator.uniform(0.02, 0.2, k)
    yi = 0.3 + generator.normal(0, 0.3, 8)[STUDY] + generator.normal(0, np.sqrt(vi + 0.05))
    x = np.column_stack([np.ones(k), generator.normal(size=k)])
    arms = None
    if shared:
        arms = Arms(np.arange(k), ["k"] * k, np.full(k, 20), np.full(k, 30), np.arange(k) % 2)
    return yi, vi, x, arms


def build(yi, vi, x, arms=None, rho=0.6, restricted=True):
    covariance = sampling_covariance(vi, STUDY, rho, arms)
    rotated = covariance.rotate(np.column_stack([yi, x]))
    return Likelihood(rotated[:, 0], rotated[:, 1:], covariance, restricted=restricted)


def plain_loglik(yi, x, sigma, restricted):
    inverse = np.linalg.inv(sigma)
    information = x.T @ inverse @ x
    residual = yi - x @ np.linalg.solve(information, x.T @ inverse @ yi)
    total = len(yi) * np.log(2 * np.pi) + np.linalg.slogdet(sigma)[1]
    total += residual @ inverse @ residual
    if restricted:
        total += np.linalg.slogdet(information)[1] - np.linalg.slogdet(x.T @ x)[1]
        total -= x.shape[1] * np.log(2 * np.pi)
    return -total / 2


@pytest.mark.parametrize("restricted", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize("shared", [True, False], ids=["shared control", "rho alone"])
@pytest.mark.parametrize("tau2", [(0.0, 0.0), (0.1, 0.0), (0.0, 0.1), (0.2, 0.05)], ids=str)
def test_the_likelihood_is_that_of_the_whole_table(tau2, shared, restricted):
    yi, vi, x, arms = data(shared=shared)
    likelihood = build(yi, vi, x, arms, restricted=restricted)
    covariance = likelihood.covariance
    sigma = np.zeros((len(yi), len(yi)))
    for _, rows, blocks in covariance.stacks(*tau2):
        for row, block in zip(rows, blocks, strict=True):
            sigma[np.ix_(row, row)] = block
    expected = plain_loglik(likelihood.y, likelihood.x, sigma, restricted)
    fit = likelihood.fit(np.array(tau2))
    assert fit.loglik == pytest.approx(expected, rel=1e-12)
    projected = np.linalg.inv(sigma) - fit.weighted_x @ fit.bread @ fit.weighted_x.T
    assert likelihood.trace(fit) == pytest.approx(np.trace(projected), rel=1e-10)


@pytest.mark.parametrize("restricted", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize("shared", [True, False], ids=["shared control", "rho alone"])
def test_slopes_are_those_of_the_likelihood(shared, restricted):
    likelihood = build(*data(shared=shared), restricted=restricted)
    tau2, step = np.array([0.05, 0.03]), 1e-5
    slope, observed, expected = likelihood.slopes(likelihood.fit(tau2))
    sides = [[likelihood.fit(tau2 + sign * move) for sign in (1, -1)] for move in step * np.eye(2)]
    numeric = [(high.loglik - low.loglik) / (2 * step) for high, low in sides]
    np.testing.assert_allclose(slope, numeric, rtol=1e-6)
    curved = [
        (likelihood.slopes(low)[0] - likelihood.slopes(high)[0]) / (2 * step)
        for high, low in sides
    ]
    np.testing.assert_allclose(observed, curved, rtol=1e-5)
    assert np.linalg.eigvalsh(expected)[0] > 0


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.booleans(), st.floats(0, 0.95), st.floats(0, 2))
def test_the_likelihood_is_nowhere_higher(seed, restricted, rho, spread):
    yi, vi, x, _ = data(seed)
    likelihood = build(spread * yi, vi, x, rho=rho, restricted=restricted)
    best = maximise(likelihood)
    grid = np.array([0, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1, 3])
    others = [np.array([between, within]) for between in grid for within in grid]
    others += [best.tau2 * factor for factor in (0.99, 1.01, [0.99, 1.01], [1.01, 0.99])]
    highest = max(likelihood.fit(tau2).loglik for tau2 in others)
    assert highest <= best.loglik + 1e-9
    slope = likelihood.slopes(best)[0]
    # At the top each slope is zero, or falls away from a variance of exactly zero.
    assert (np.abs(slope[best.tau2 > 0]) < 1e-6).all()
    assert (slope[best.tau2 == 0] <= 0).all()


def test_a_variance_that_is_not_free_is_zero():
    likelihood = build(*data())
    assert maximise(likelihood, (True, False)).tau2[1] == 0
    assert maximise(likelihood, (False, True)).tau2[0] == 0
    assert (maximise(likelihood, (False, False)).tau2 == 0).all()
