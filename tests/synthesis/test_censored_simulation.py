import numpy as np
import pytest

from lkcm.synthesis.censored_fit import fit_many
from lkcm.synthesis.censored_simulation import (
    SCENARIOS,
    SILENT,
    misspecification_grid,
    reported_bounds,
    simulate,
)

MU, TAU, SETS = 0.4, 0.3, 2000


@pytest.mark.parametrize("method", ["ML", "REML"])
@pytest.mark.parametrize("k", [20, 40])
def test_under_its_own_model_it_recovers_the_truth_with_nominal_coverage(k, method):
    review = simulate(np.random.default_rng(k), MU, TAU, k, SETS)
    found = fit_many(*reported_bounds(review, "A"), method=method, tau2_interval=method == "ML")
    assert found["estimate"].notna().mean() > 0.999
    assert found["estimate"].median() == pytest.approx(MU, abs=0.015)
    covered = found["ci_low"].lt(MU) & found["ci_high"].gt(MU)
    assert 0.93 <= covered.mean() <= 0.97
    if method == "ML":
        covered = found["tau2_ci_low"].le(TAU**2) & found["tau2_ci_high"].ge(TAU**2)
        assert 0.93 <= covered.mean() <= 0.98
        assert found["tau2"].mean() < TAU**2  # ML's known bias
    else:
        assert found["tau2"].median() == pytest.approx(TAU**2, abs=0.02)


def test_all_levels_say_more_than_the_figures_alone():
    grid = misspecification_grid(mus=(0.4,), taus=(0.3,), scenarios=("as assumed",), sets=300)
    width = grid.set_index("variant")["width"]
    assert width["A"] < 0.85 * width["figures"]


def test_each_reading_is_right_where_its_assumption_holds():
    options = {"mus": (0.3,), "taus": (0.2,), "k": 40, "sets": 600}
    names = ("as assumed", "directions significant")
    bias = misspecification_grid(scenarios=names, **options).set_index(["scenario", "variant"])
    bias = bias["bias"]
    assert abs(bias["as assumed", "A"]) < 0.015 < bias["as assumed", "B"]
    assert abs(bias["directions significant", "B"]) < 0.015
    assert bias["directions significant", "A"] < -0.015


def test_unmentioned_results_bias_every_reading():
    grid = misspecification_grid(
        mus=(0.2,), taus=(0.2,), scenarios=("silent if not significant",), sets=300
    )
    assert (grid["bias"] > 5 * grid["bias_se"]).all()
    assert (grid["coverage"] < 0.93).all()
    assert (grid.loc[grid["variant"] != "figures", "trials"] < 12).all()


def test_figures_printed_only_when_significant_bias_the_pool_not_the_synthesis():
    grid = misspecification_grid(
        mus=(0.4,), taus=(0.2,), scenarios=("figures if significant",), sets=600
    ).set_index("variant")
    assert grid.loc["figures", "bias"] > 0.15
    assert abs(grid.loc["A", "bias"]) < 0.02


def test_a_cell_does_not_depend_on_the_others():
    options = {"taus": (0.2,), "sets": 20}
    both = misspecification_grid(mus=(0.0, 0.5), scenarios=("as assumed", "trends"), **options)
    alone = misspecification_grid(mus=(0.5,), scenarios=("trends",), **options)
    found = both[(both["scenario"] == "trends") & (both["mu"] == 0.5)].reset_index(drop=True)
    assert found.equals(alone)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenarios_keep_mean_and_spread_of_the_effects(name):
    scenario = SCENARIOS[name]
    review = simulate(np.random.default_rng(7), 0.5, 0.4, 40, 2000, scenario)
    assert review.y.mean() == pytest.approx(0.5, abs=0.02)
    error = (scenario.test_error * review.s) ** 2
    # the variance of t with three degrees of freedom is itself badly estimated
    assert review.y.var() == pytest.approx(0.16 + error.mean(), rel=0.15)
    low, high, variance = reported_bounds(review, "A")
    silent = review.printed == SILENT
    assert (np.isnan(variance) == silent).all()
    truth = review.y[~silent]
    assert (low[~silent] <= truth).mean() > 0.9
    if scenario.test_error == 1:
        assert ((low[~silent] <= truth) & (truth <= high[~silent])).all()
