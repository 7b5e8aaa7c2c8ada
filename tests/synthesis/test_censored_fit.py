import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from lkcm.synthesis.censored_fit import COLUMNS, fit_many
from lkcm.synthesis.censored_likelihood import Contributions, derivatives
from lkcm.synthesis.pool import pool_many
from lkcm.synthesis.pooled import PoolError

INF = np.inf
FIGURES = (0.31, 0.85, 1.10, 0.42, -0.20)
LOW = np.array([*FIGURES, 0.55, 0.50, -INF, -0.6, -0.5, 0.0, -INF])[:, None]
HIGH = np.array([*FIGURES, INF, INF, -0.45, 0.6, 0.5, INF, 0.0])[:, None]
#: survival 3.5-3 (R 4.2.2): survreg(Surv(low, high, type = "interval2") ~ 1, dist = "gaussian")
#: on these bounds: intercept, scale and log-likelihood.
SURVREG = (0.338145299066371, 0.618470910917893, -10.651446526809881)

VARIANCE = np.linspace(0.03, 0.12, 12)[:, None]
EITHER = np.zeros((12, 1), bool)
Z = stats.norm.isf(0.025)

unhurried = settings(deadline=None, max_examples=25)


def fit(low, high, variance, either=None, **options):
    return fit_many(low, high, variance, either, **options)


def loglik(mu, tau2, tables=(LOW, HIGH, VARIANCE, EITHER)):
    trials = Contributions.arrange(*tables)
    return derivatives(trials, np.array([mu]), np.array([tau2])).value[0]


def test_equal_variances_give_the_censored_normal_of_survreg():
    found = fit(LOW, HIGH, np.full_like(LOW, 0.04)).iloc[0]
    mean, scale, value = SURVREG
    assert found["estimate"] == pytest.approx(mean, rel=1e-7)
    assert found["tau2"] + 0.04 == pytest.approx(scale**2, rel=1e-7)
    assert found["loglik"] == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("method", ["ML", "REML"])
@pytest.mark.parametrize("k", [2, 3, 5, 20])
@pytest.mark.parametrize("tau", [0.0, 0.5])
def test_figures_alone_are_pooled_as_pool_does(method, k, tau):
    generator = np.random.default_rng(k)
    vi = generator.uniform(0.01, 0.3, (k, 200))
    yi = generator.normal(0.4, np.sqrt(vi + tau**2))
    found = fit(yi, yi, vi, method=method)
    expected = pool_many(yi, vi, method=method, test="wald")
    np.testing.assert_allclose(found["estimate"], expected["estimate"], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found["tau2"], expected["tau2"], rtol=1e-8, atol=1e-10)
    assert found["bounded"].eq(k).all()


def test_the_maximum_is_that_of_a_general_optimiser():
    found = fit(LOW, HIGH, VARIANCE).iloc[0]
    best = optimize.minimize(
        lambda x: -loglik(x[0], np.exp(x[1])),
        [0.0, -1.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-13},
    )
    assert found["estimate"] == pytest.approx(best.x[0], abs=1e-6)
    assert found["tau2"] == pytest.approx(np.exp(best.x[1]), abs=1e-6)
    assert found["loglik"] == pytest.approx(-best.fun, abs=1e-10)


@pytest.mark.parametrize("end", ["ci_low", "ci_high"])
def test_the_deviance_at_the_ends_of_mu_is_the_chi_square_limit(end):
    found = fit(LOW, HIGH, VARIANCE).iloc[0]
    best = optimize.minimize_scalar(
        lambda x: -loglik(found[end], x), bounds=(0, 5), method="bounded", options={"xatol": 1e-9}
    )
    assert 2 * (found["loglik"] + best.fun) == pytest.approx(Z**2, rel=1e-7)


#: Sets whose likelihood has two tops in tau2: low, high and variance.
TWO_TOPS = np.array(
    [
        *([-0.233, -0.233, 0.059], [0.501, 0.501, 0.061], [-0.491, 0.491, 0.063]),
        *([0.0, INF, 0.101], [-0.351, 0.351, 0.032], [-1.515, 1.515, 0.597]),
        *([-1.818, 1.818, 0.861], [0.108, INF, 0.003], [0.565, INF, 0.083]),
    ]
)
TWO_TOPS_AT_THE_END = np.array(
    [
        *([0.965, 0.965, 0.142], [-1.715, 1.715, 0.766], [-0.556, 0.556, 0.081]),
        *([-0.606, 0.606, 0.095], [0.364, INF, 0.035], [0.274, 0.274, 0.079]),
        *([-1.234, 1.234, 0.396], [0.882, 0.882, 0.005], [-0.921, 0.921, 0.221]),
        *([0.376, INF, 0.037], [-0.594, 0.594, 0.092]),
    ]
)


def test_of_two_tops_the_higher_is_found():
    low, high, variance = (column[:, None] for column in TWO_TOPS.T)
    found = fit(low, high, variance, method="REML").iloc[0]
    assert found["tau2"] == pytest.approx(0.101, abs=0.005)
    assert found["ci_low"] < found["estimate"] < found["ci_high"]


def test_a_second_top_at_the_end_of_the_interval_is_not_missed():
    low, high, variance = (column[:, None] for column in TWO_TOPS_AT_THE_END.T)
    found = fit(low, high, variance).iloc[0]
    tables = (low, high, variance, np.zeros_like(low, bool))
    grid = np.linspace(0, 2, 4001)
    trials = Contributions.arrange(*(np.repeat(table, len(grid), axis=1) for table in tables))
    for end in ("ci_low", "ci_high"):
        top = derivatives(trials, np.full(len(grid), found[end]), grid).value.max()
        assert 2 * (found["loglik"] - top) == pytest.approx(Z**2, abs=1e-4)


def test_the_deviance_at_the_ends_of_tau2_is_the_chi_square_limit():
    found = fit(LOW, HIGH, VARIANCE, level=0.8).iloc[0]
    assert 0 < found["tau2_ci_low"] < found["tau2"] < found["tau2_ci_high"]
    for end in ("tau2_ci_low", "tau2_ci_high"):
        best = optimize.minimize_scalar(lambda x, at=found[end]: -loglik(x, at), (0.0, 0.5))
        limit = stats.chi2.isf(0.2, 1)
        assert 2 * (found["loglik"] + best.fun) == pytest.approx(limit, rel=1e-7)


def test_the_restricted_profile_is_the_adjusted_one():
    found = fit(LOW, HIGH, VARIANCE, method="REML").iloc[0]

    def adjusted(tau2):
        best = optimize.minimize_scalar(lambda x: -loglik(x, tau2), (0.0, 0.5))
        trials = Contributions.arrange(LOW, HIGH, VARIANCE, EITHER)
        information = -derivatives(trials, np.array([best.x]), np.array([tau2])).mm[0]
        return -best.fun - 0.5 * np.log(information)

    top = optimize.minimize_scalar(
        lambda x: -adjusted(x), bounds=(0, 3), method="bounded", options={"xatol": 1e-8}
    )
    assert found["tau2"] == pytest.approx(top.x, abs=1e-5)
    assert found["loglik"] == pytest.approx(-top.fun, abs=1e-9)
    assert found["tau2"] > fit(LOW, HIGH, VARIANCE).loc[0, "tau2"]


@unhurried
@given(st.permutations(range(12)), st.floats(0.01, 100), st.sampled_from(["ML", "REML"]))
def test_order_scale_and_sign_change_nothing_else(order, unit, method):
    low, high, variance = LOW[order] * unit, HIGH[order] * unit, VARIANCE[order] * unit**2
    plain = fit(LOW, HIGH, VARIANCE, method=method).iloc[0]
    scaled = fit(low, high, variance, method=method).iloc[0]
    turned = fit(-high, -low, variance, method=method).iloc[0]
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert scaled[name] == pytest.approx(unit * plain[name], rel=1e-7)
    for name in ("tau2", "tau2_ci_low", "tau2_ci_high"):
        assert scaled[name] == pytest.approx(unit**2 * plain[name], rel=1e-6, abs=1e-12 * unit**2)
        assert turned[name] == pytest.approx(scaled[name], rel=1e-6, abs=1e-12 * unit**2)
    assert turned["estimate"] == pytest.approx(-scaled["estimate"], rel=1e-7)
    assert turned["ci_low"] == pytest.approx(-scaled["ci_high"], rel=1e-7)


def test_data_sets_side_by_side_are_fitted_as_alone():
    gap = np.where(np.arange(12)[:, None] % 5 == 4, np.nan, 1.0)
    tables = [np.hstack([table, table * gap]) for table in (LOW, HIGH, VARIANCE)]
    together = fit(*tables)
    kept = ~np.isnan(gap[:, 0])
    alone = [fit(LOW, HIGH, VARIANCE), fit(LOW[kept], HIGH[kept], VARIANCE[kept])]
    for i, one in enumerate(alone):
        np.testing.assert_allclose(together.loc[i].astype(float), one.loc[0].astype(float), 1e-9)


def test_a_row_that_says_nothing_changes_nothing_but_k():
    more = [np.vstack([t, [[end]]]) for t, end in ((LOW, -INF), (HIGH, INF), (VARIANCE, 0.05))]
    expected, found = fit(LOW, HIGH, VARIANCE).iloc[0], fit(*more).iloc[0]
    assert found["k"] == expected["k"] + 1
    names = list(COLUMNS[3:])
    np.testing.assert_allclose(found[names].astype(float), expected[names].astype(float), 1e-9)


def test_a_significance_in_either_direction_takes_the_side_of_the_others():
    low, high = np.vstack([LOW, [[0.5]]]), np.vstack([HIGH, [[INF]]])
    variance = np.vstack([VARIANCE, [[0.065]]])
    either = np.vstack([EITHER, [[True]]])
    known = fit(low, high, variance).loc[0, "estimate"]
    unknown = fit(low, high, variance, either).loc[0, "estimate"]
    without = fit(LOW, HIGH, VARIANCE).loc[0, "estimate"]
    assert without < unknown < known


def test_the_estimate_rises_with_what_a_trial_says():
    says = [(-INF, 0.0), (-0.5, 0.5), (0.0, INF), (0.5, INF), (0.9, INF)]
    estimates = []
    for low, high in says:
        lows, highs = LOW.copy(), HIGH.copy()
        lows[-1], highs[-1] = low, high
        estimates.append(fit(lows, highs, VARIANCE).loc[0, "estimate"])
    assert estimates == sorted(estimates)


@pytest.mark.parametrize(
    ("low", "high", "method"),
    [
        pytest.param([0.5, 0.5, 0.0], [INF, INF, INF], "ML", id="all in one direction"),
        pytest.param([0.5, -INF, 0.0], [INF, -0.5, INF], "ML", id="both directions"),
        pytest.param([0.4, 0.5, 0.0], [0.4, INF, INF], "REML", id="one figure under REML"),
        pytest.param([np.nan] * 3, [np.nan] * 3, "ML", id="no trial"),
    ],
)
def test_without_a_maximum_there_is_no_number(low, high, method):
    low, high = np.array(low)[:, None], np.array(high)[:, None]
    found = fit(low, high, np.where(np.isnan(low), np.nan, 0.06), method=method).iloc[0]
    assert found[list(COLUMNS[3:])].isna().all()


def test_effects_that_agree_have_no_tau2():
    yi = np.full((5, 1), 0.3)
    found = fit(yi, yi, np.full((5, 1), 0.1)).iloc[0]
    assert found["tau2"] == found["tau2_ci_low"] == 0
    assert found["estimate"] == pytest.approx(0.3, rel=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"method": "DL"}, "ML, REML"), ({"level": 95}, "level is 95")],
    ids=["method", "level"],
)
def test_unknown_options_are_refused(options, message):
    with pytest.raises(PoolError, match=message):
        fit(LOW, HIGH, VARIANCE, **options)
