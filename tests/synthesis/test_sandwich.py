from dataclasses import replace

import numpy as np
import pytest
from scipy import linalg

from lkcm.synthesis.components import Likelihood, maximise
from lkcm.synthesis.covariance import Arms, sampling_covariance
from lkcm.synthesis.pooled import PoolError
from lkcm.synthesis.sandwich import cr2

STUDY = np.repeat(np.arange(9), [1, 3, 2, 4, 1, 5, 3, 2, 2])
K = len(STUDY)
SHARED = Arms(np.arange(K), ["k"] * K, np.full(K, 20), np.full(K, 30), np.arange(K) % 2)


def fitted(arms=None, indicator=None, seed=2):
    generator = np.random.default_rng(seed)
    vi = generator.uniform(0.02, 0.2, K)
    yi = generator.normal(0.3, 0.3, 9)[STUDY] + generator.normal(0, np.sqrt(vi))
    second = generator.normal(size=K) if indicator is None else (STUDY == indicator) * 1.0
    x = np.column_stack([np.ones(K), second, STUDY % 2])
    covariance = sampling_covariance(vi, STUDY, 0.6, arms)
    rotated = covariance.rotate(np.column_stack([yi, x]))
    likelihood = Likelihood(rotated[:, 0], rotated[:, 1:], covariance, restricted=True)
    return rotated[:, 1:], maximise(likelihood), covariance


def plain_cr2(x, fit, covariance):
    """Bell and McCaffrey's formulas with whole tables: the covariance, and the G of each study."""
    sigma = np.zeros((K, K))
    for _, rows, blocks in covariance.stacks(*fit.tau2):
        for row, block in zip(rows, blocks, strict=True):
            sigma[np.ix_(row, row)] = block
    inverse = np.linalg.inv(sigma)
    residual_maker = np.eye(K) - x @ fit.bread @ x.T @ inverse
    meat, g = 0, []
    for study in range(9):
        mine = covariance.codes == study
        upper = np.linalg.cholesky(sigma[np.ix_(mine, mine)]).T
        spread = (residual_maker @ sigma @ residual_maker.T)[np.ix_(mine, mine)]
        adjust = upper.T @ linalg.inv(linalg.sqrtm(upper @ spread @ upper.T).real) @ upper
        weighted = x[mine].T @ inverse[np.ix_(mine, mine)] @ adjust
        score = weighted @ fit.residual[mine]
        meat = meat + np.outer(score, score)
        g.append(fit.bread @ weighted @ residual_maker[mine] @ linalg.sqrtm(sigma).real)
    return fit.bread @ meat @ fit.bread, g


@pytest.mark.parametrize("arms", [None, SHARED], ids=["rho alone", "shared control"])
def test_blocks_give_what_whole_tables_give(arms):
    x, fit, covariance = fitted(arms)
    sandwich = cr2(x, fit, covariance)
    expected, g = plain_cr2(x, fit, covariance)
    np.testing.assert_allclose(sandwich.covariance, expected, rtol=1e-8)
    for contrast in np.vstack([np.eye(3), [1, -2, 0.5]]):
        quadratic = np.array([[(contrast @ a) @ (contrast @ b) for b in g] for a in g])
        df = np.trace(quadratic) ** 2 / np.sum(quadratic**2)
        assert sandwich.df(contrast) == pytest.approx(df, rel=1e-8)


@pytest.mark.parametrize("arms", [None, SHARED], ids=["rho alone", "shared control"])
def test_the_expected_covariance_is_the_models_when_the_model_is_true(arms):
    x, fit, covariance = fitted(arms)
    sandwich = cr2(x, fit, covariance)
    taken = sandwich.shared @ np.swapaxes(sandwich.shared, 1, 2)
    np.testing.assert_allclose((sandwich.own - taken).sum(axis=0), fit.bread, rtol=1e-9)


def test_a_test_of_one_coefficient_is_the_square_of_its_t():
    x, fit, covariance = fitted()
    sandwich = cr2(x, fit, covariance)
    row = np.array([[0.0, 1.0, 0.0]])
    wald = sandwich.wald(fit.beta, row)
    t = fit.beta[1] / np.sqrt(sandwich.covariance[1, 1])
    assert wald.statistic == pytest.approx(t**2)
    assert wald.df_denom == pytest.approx(sandwich.df(row[0]))


def test_a_wald_test_does_not_hang_on_how_the_hypothesis_is_written():
    x, fit, covariance = fitted()
    sandwich = cr2(x, fit, covariance)
    rows = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    mixed = np.array([[2.0, 1.0], [-1.0, 3.0]]) @ rows
    one, other = sandwich.wald(fit.beta, rows), sandwich.wald(fit.beta, mixed)
    assert one.to_dict() == pytest.approx(other.to_dict(), rel=1e-9)


@pytest.mark.parametrize(("study", "kept"), [(4, 0.0), (3, 0.34)], ids=["one effect", "four"])
def test_a_study_that_alone_determines_a_mean_gives_it_too_little_error(study, kept):
    x, fit, covariance = fitted(indicator=study)
    sandwich = cr2(x, fit, covariance)
    assert sandwich.full_leverage.tolist() == [study]
    mean = np.array([1.0, 1.0, study % 2])
    taken = sandwich.shared @ np.swapaxes(sandwich.shared, 1, 2)
    expected = mean @ (sandwich.own - taken).sum(axis=0) @ mean
    assert expected / (mean @ fit.bread @ mean) == pytest.approx(kept, abs=0.01)
    assert np.isnan(sandwich.df(mean)) == (kept == 0)


def test_a_mean_without_robust_error_cannot_be_tested():
    x, fit, covariance = fitted(indicator=4)
    with pytest.raises(PoolError, match="too few studies"):
        cr2(x, fit, covariance).wald(fit.beta, np.array([[1.0, 1.0, 0.0]]))


def test_effects_that_leave_no_residual_cannot_be_tested():
    x, fit, covariance = fitted()
    exact = replace(fit, residual=1e-16 * fit.residual)
    with pytest.raises(PoolError, match="no residual"):
        cr2(x, exact, covariance).wald(fit.beta, np.eye(3)[1:])
