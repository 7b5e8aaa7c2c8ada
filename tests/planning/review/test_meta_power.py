import numpy as np
import pytest
from scipy import stats

from lkcm.planning import PlanError
from lkcm.planning.review.meta_power import (
    FutureTrials,
    dependent_moderator_power,
    dependent_power,
    mean_power,
    moderator_power,
    sampling_variance,
)
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.pool import pool_many

#: Valentine, Pigott & Rothstein (2010, J Educ Behav Stat 35:215) and Harrer et al. (2021, ch. 14)
#: use this normal form; a t of many trials must come to it.
NORMAL_CASES = [(0.2, 200, 25, 0.05), (0.1, 500, 30, 0.02)]


@pytest.mark.parametrize(("effect", "k", "n", "tau2"), NORMAL_CASES)
def test_many_trials_have_the_power_of_the_normal_formula(effect, k, n, tau2):
    ncp = effect / np.sqrt((2 / n + effect**2 / (4 * n) + tau2) / k)
    expected = stats.norm.sf(1.959964 - ncp) + stats.norm.cdf(-1.959964 - ncp)
    assert mean_power(effect, k, n, tau2) == pytest.approx(expected, abs=0.004)


def simulate(effect, k, n, tau2, seed, reviews=3000):
    random = np.random.default_rng(seed)
    truth = effect + np.sqrt(tau2) * random.standard_normal((k, reviews))
    v = np.full(truth.shape, float(sampling_variance(effect, n)))
    return truth + np.sqrt(v) * random.standard_normal(truth.shape), v


@pytest.mark.parametrize(("effect", "k", "tau2"), [(0, 8, 0.1), (0.3, 8, 0.1), (0.3, 20, 0.2)])
def test_simulated_knapp_hartung_has_the_power_of_the_formula(effect, k, tau2):
    y, v = simulate(effect, k, 30, tau2, seed=1)
    found = (pool_many(y, v, test="knapp-hartung")["p"] < 0.05).mean()
    assert found == pytest.approx(float(mean_power(effect, k, 30, tau2)), abs=0.03)


def test_simulated_moderators_have_the_power_of_the_formula():
    first, v = simulate(0.5, 12, 30, 0.05, seed=2)
    second, _ = simulate(0.1, 8, 30, 0.05, seed=3)
    # With equal variances the contrast is a two-sample t test of the trials' effects.
    found = (stats.ttest_ind(first, second).pvalue < 0.05).mean()
    expected = moderator_power(0.4, 12, 8, 30, 0.05)
    assert found == pytest.approx(float(expected), abs=0.03)


def test_heterogeneity_costs_more_than_small_trials():
    assert mean_power(0.3, 20, 500, 0.5) < mean_power(0.3, 20, 25, 0.05)


def test_one_effect_a_trial_is_the_plain_case():
    review = FutureTrials([0.08] * 12, [1] * 12, tau2=0.05, omega2=0.0)
    se, df = review.precision()
    assert (se**2, df) == (pytest.approx(0.13 / 12), pytest.approx(11))
    assert dependent_power(0.3, review) == pytest.approx(
        mean_power(0.3, 12, 2 / 0.08, 0.05 - 0.09 / 100), abs=1e-3
    )


def test_degrees_of_freedom_are_those_of_the_fitted_sandwich():
    # At the variances of the fit, the expected df are the ones that the fit reports.
    random = np.random.default_rng(4)
    sizes, effects = np.array([20, 30, 40, 60, 80, 120] * 2), np.array([1, 2, 3, 4, 2, 1] * 2)
    study = np.repeat(np.arange(12), effects)
    v = np.repeat(4 / sizes, effects)
    common = random.normal(0, 0.3, 12)[study]
    y = 0.4 + common + random.normal(0, 0.2, len(v)) + np.sqrt(v) * random.standard_normal(len(v))
    fit = pool_dependent(y, v, study)
    review = FutureTrials(4 / sizes, effects, fit.tau2_between, fit.tau2_within)
    se, df = review.precision()
    assert df == pytest.approx(fit.coefficients[0].df, rel=1e-6)
    assert se == pytest.approx(fit.coefficients[0].se_model, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.0, 0.25])
def test_simulated_dependent_effects_have_the_power_of_the_formula(effect):
    k, per, reviews, rho, tau2, omega2 = 20, 3, 400, 0.6, 0.04, 0.02
    random = np.random.default_rng(9)
    sizes = np.tile([30, 50, 80, 120], 5)
    study, v = np.repeat(np.arange(k), per), np.repeat(4 / sizes, per)
    shape = (reviews, k)
    common = np.repeat(np.sqrt(tau2) * random.standard_normal(shape), per, axis=1)
    common += np.repeat(np.sqrt(rho) * random.standard_normal(shape), per, axis=1) * np.sqrt(v)
    own = np.sqrt(omega2 + (1 - rho) * v) * random.standard_normal((reviews, k * per))
    p = [pool_dependent(y, v, study, rho=rho).coefficients[0].p for y in effect + common + own]
    expected = float(
        dependent_power(effect, FutureTrials(4 / sizes, [per] * k, tau2, omega2, rho))
    )
    error = np.sqrt(expected * (1 - expected) / reviews)
    assert np.mean(np.array(p) < 0.05) == pytest.approx(expected, abs=3 * error + 0.02)


def test_a_moderator_of_dependent_effects_has_less_power_than_the_mean():
    half = FutureTrials([0.08] * 10, [3] * 10, 0.05, 0.02)
    whole = FutureTrials([0.08] * 20, [3] * 20, 0.05, 0.02)
    assert dependent_moderator_power(0.3, half, half) < dependent_power(0.3, whole)


def test_one_trial_has_no_power():
    assert mean_power(0.5, 1, 50, 0.1) == 0


def test_all_problems_are_named_at_once():
    with pytest.raises(PlanError, match=r"fewer than 3 trials.*not above zero.*rho is 2"):
        FutureTrials([0.0, 0.1], [1, 2], 0.1, 0.1, rho=2)
    with pytest.raises(PlanError, match="lists of one length"):
        FutureTrials([0.1, 0.1, 0.1], [1, 2], 0.1, 0.1)
