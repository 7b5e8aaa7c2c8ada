import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import ndtr
from scipy.stats import chi2, norm

from lkcm.bias.copas import EXPLAINED, SMALLEST, copas, copas_many
from lkcm.bias.copas_likelihood import CopasLikelihood
from lkcm.bias.simulation import simulate_reviews
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import PoolError


def test_without_selection_it_is_the_pool(oracle):
    case = oracle["linde2005_rr"]
    # Nobody unseen: the correlation cannot matter.
    row = copas(case["yi"], case["vi"], smallest=[1 - 1e-12], largest=1 - 1e-12).iloc[0]
    plain = pool(case["yi"], case["vi"], method="ML", test="wald")
    assert row["estimate"] == pytest.approx(plain.estimate, abs=2e-3)
    assert row["tau2"] == pytest.approx(plain.tau2, abs=2e-3)
    assert row["se"] == pytest.approx(plain.se, rel=0.1)
    assert row["unseen"] < 1e-9


def test_the_effect_shrinks_as_fewer_small_trials_are_seen(oracle):
    case = oracle["bangertdrowns2004"]
    table = copas(case["yi"], case["vi"], smallest=[0.9, 0.6, 0.3])
    assert (np.diff(table["estimate"]) < 0).all()
    assert (np.diff(table["unseen"]) > 0).all()
    assert (table["ci_low"] < table["estimate"]).all()
    assert table["explained"].tolist() == (table["p_left"] >= 0.10).tolist()


@pytest.mark.slow
def test_the_effect_is_recovered_where_the_chances_are_right():
    generator = np.random.default_rng(4)
    found = []
    for _ in range(10):
        se = np.sqrt(generator.uniform(0.01, 0.2, 800))
        noise = generator.normal(size=(2, 800))
        rho, gamma = 0.7, (-1.0, 0.2)
        error = rho * noise[0] + np.sqrt(1 - rho**2) * noise[1]
        yi = 0.2 + se * error + generator.normal(0, 0.1, 800)
        seen = np.flatnonzero(gamma[0] + gamma[1] / se + noise[0] > 0)[:150]
        y, s = yi[seen], se[seen]
        ends = ndtr(gamma[0] + gamma[1] / np.array([s.max(), s.min()]))
        found.append(copas(y, s**2, smallest=[ends[0]], largest=ends[1])["estimate"][0])
    assert np.mean(found) == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize(
    ("yi", "vi", "options", "words"),
    [
        pytest.param([1, 2, 3, 4], [1, 2, 3, 4], {}, "needs k >= 5", id="four trials"),
        pytest.param([1] * 5, [1] * 5, {}, "needs standard errors that differ", id="equal"),
        pytest.param([1] * 5, [1, 2, 3, 4, 5], {"largest": 1.0}, "below 1", id="chance"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(yi, vi, options, words):
    with pytest.raises(PoolError, match=words):
        copas(yi, vi, **options)


@pytest.mark.parametrize("slope", [[], [0.4]], ids=["plain", "sloped"])
def test_derivatives_are_those_of_the_value(simulated, assert_derivatives, slope):
    yi, vi = simulated(12, 4)
    likelihood = CopasLikelihood(yi, np.sqrt(vi), -1 + 0.4 / np.sqrt(vi))
    at = np.array([0.1, 0.07, 0.6, *slope])[:, None] * np.ones(4)
    assert_derivatives(likelihood, at)


def test_without_correlation_it_is_a_normal_likelihood(simulated):
    yi, vi = simulated(12, 4)
    at = np.array([[0.1], [0.07], [0.0]]) * np.ones(4)
    value = CopasLikelihood(yi, np.sqrt(vi), np.ones_like(yi))(at, np.arange(4))[0]
    np.testing.assert_allclose(value, norm.logpdf(yi, 0.1, np.sqrt(vi + 0.07)).sum(0))


@pytest.fixture(scope="module")
def many():
    """Reviews under strong selection, one of them shorter, with what is made of them."""
    n = np.array([12.0, 15, 18, 22, 25, 30, 40, 55, 70, 100] * 2)
    generator = np.random.default_rng(5)
    drawn = simulate_reviews(generator, n, n, mu=0.2, tau=0.2, sets=40, selection="strong")
    yi, vi = drawn.yi.copy(), drawn.vi.copy()
    yi[15:, 0] = vi[15:, 0] = np.nan
    return yi, vi, copas_many(yi, vi)


def test_the_weakest_selection_that_explains_the_asymmetry_is_taken(many):
    yi, vi, table = many
    assert table["smallest"].nunique() > 2
    for b, row in table.iterrows():
        present = np.isfinite(yi[:, b])
        steps = copas(yi[present, b], vi[present, b])
        if row["asymmetry_p"] >= EXPLAINED:
            assert row["smallest"] == 1
            plain = pool(yi[present, b], vi[present, b], method="ML", test="wald")
            assert row["estimate"] == pytest.approx(plain.estimate, abs=1e-5)
        elif steps["explained"].any():
            first = steps[steps["explained"]].iloc[0]
            assert row[["smallest", "estimate", "tau2", "rho"]].tolist() == pytest.approx(
                first[["smallest", "estimate", "tau2", "rho"]].tolist(), abs=1e-5
            )
        else:
            assert row[["smallest", "estimate"]].isna().all()


def test_asymmetry_without_selection_is_tested_by_the_likelihood_ratio(many):
    yi, vi, table = many
    y, v = yi[:, 1], vi[:, 1]

    def minus(at):
        return -norm.logpdf(y, at[0] + at[2] * np.sqrt(v), np.sqrt(v + at[1] ** 2)).sum()

    options = {
        "method": "Nelder-Mead",
        "options": {"xatol": 1e-8, "fatol": 1e-12, "maxiter": 9999},
    }
    sloped = minimize(minus, [0.3, 0.2, 0.5], **options)
    plain = minimize(lambda at: minus([*at, 0.0]), [0.3, 0.2], **options)
    p = chi2.sf(2 * (plain.fun - sloped.fun), 1)
    assert table.loc[1, "asymmetry_p"] == pytest.approx(p, abs=1e-5)
    assert table.loc[1, "asymmetry"] == pytest.approx(sloped.x[2], abs=1e-3)


def test_equal_standard_errors_and_few_trials_have_no_answer():
    table = copas_many(np.ones((5, 1)), np.full((5, 1), 0.1))
    assert table.drop(columns="k").isna().all(axis=None)
    assert copas_many(np.ones((4, 1)), [[1], [2], [3], [4]])["estimate"].isna().all()
    assert list(SMALLEST) == sorted(SMALLEST, reverse=True)
