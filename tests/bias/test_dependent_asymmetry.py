import numpy as np
import pytest

from lkcm.bias.dependent_asymmetry import egger_dependent, pet_peese_dependent
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


def test_pet_and_peese_are_intercepts_and_the_rule_is_one_sided(effects):
    yi, vi = effects
    both = pet_peese_dependent(yi, vi, STUDIES)
    fit = pool_dependent(yi, vi, STUDIES, moderators={"v": vi})
    ours = [both.peese.estimate, both.peese.se]
    assert ours == pytest.approx([fit.mean.estimate, fit.mean.se])
    assert both.pet.estimate == egger_dependent(yi, vi, STUDIES).limit
    up, down = (pet_peese_dependent(shift + yi, vi, STUDIES) for shift in (3, -3))
    assert (up.chosen, down.chosen) == ("peese", "pet")


@pytest.mark.parametrize(
    ("vi", "study", "words"),
    [
        pytest.param([0.1, 0.2, 0.3, 0.4], [1, 1, 2, 2], "needs studies >= 3", id="two studies"),
        pytest.param([0.1] * 4, [1, 2, 3, 4], "needs predictors that differ", id="equal errors"),
    ],
)
def test_too_little_is_told_in_words(vi, study, words):
    trials = ([0.1, 0.5, 0.3, 0.4], vi, study)
    both = pet_peese_dependent(*trials)
    for result in (egger_dependent(*trials), both.pet, both.peese):
        assert (result.needs, result.p) == (words, None)
    assert both.chosen is None


def test_sizes_that_do_not_fit_are_told_in_words(effects):
    with pytest.raises(PoolError, match="as many as effects"):
        egger_dependent(*effects, STUDIES, [1, 2])
