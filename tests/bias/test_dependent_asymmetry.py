import numpy as np
import pytest

from lkcm.bias.dependent_asymmetry import egger_dependent
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.pooled import PoolError

STUDIES = np.repeat(np.arange(12), 3)


@pytest.fixture
def effects():
    generator = np.random.default_rng(2)
    vi = generator.uniform(0.02, 0.2, 36)
    return generator.normal(0.3 + 0.2 * generator.normal(size=12)[STUDIES], np.sqrt(vi)), vi


def test_it_is_the_meta_regression_on_the_error(effects):
    yi, vi = effects
    result = egger_dependent(yi, vi, STUDIES, rho=0.5)
    fit = pool_dependent(yi, vi, STUDIES, rho=0.5, moderators={"se": np.sqrt(vi)})
    slope = fit.coefficients[1]
    assert (result.statistic, result.df, result.p) == (slope.statistic, slope.df, slope.p)
    assert (result.k, result.limit) == (36, fit.mean.estimate)
    assert result.tau2 == fit.tau2


def test_the_size_may_be_the_predictor(effects):
    yi, vi = effects
    result = egger_dependent(yi, vi, STUDIES, vi)
    assert result.predictor == "size"
    assert result.statistic == egger_dependent(yi, vi, STUDIES).statistic


@pytest.mark.parametrize(
    ("vi", "study", "words"),
    [
        pytest.param([0.1, 0.2, 0.3, 0.4], [1, 1, 2, 2], "needs studies >= 3", id="two studies"),
        pytest.param([0.1] * 4, [1, 2, 3, 4], "needs predictors that differ", id="equal errors"),
    ],
)
def test_too_little_is_told_in_words(vi, study, words):
    result = egger_dependent([0.1, 0.5, 0.3, 0.4], vi, study)
    assert (result.needs, result.p) == (words, None)


def test_sizes_that_do_not_fit_are_told_in_words(effects):
    with pytest.raises(PoolError, match="as many as effects"):
        egger_dependent(*effects, STUDIES, [1, 2])
