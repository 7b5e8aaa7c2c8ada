import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lkcm.ipd.crossproducts import ONE, crossproducts, regress
from lkcm.ipd.power import (
    Scene,
    interaction_variance,
    power,
    power_by_trials,
    regression_p,
    trials_needed,
)

# metadat's dat.bcg: log risk ratios, variances and latitude.
BCG = (
    [-0.88931133, -1.58538866, -1.34807315, -1.44155119, -0.21754732, -0.78611559, -1.62089822]
    + [0.01195233, -0.46941765, -1.37134480, -0.33935883, 0.44591340, -0.01731395],
    [0.32558477, 0.19458112, 0.41536797, 0.02001003, 0.05121017, 0.00690562, 0.22301725]
    + [0.00396158, 0.05643421, 0.07302479, 0.01241221, 0.53250585, 0.07140466],
    [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33],
)


def test_the_meta_regression_is_metafors():
    # metafor 3.8.1: rma(yi, vi, mods = ~ ablat, method = "DL", test = "adhoc")
    yi, vi, x = (np.array(column, dtype=float)[:, None] for column in BCG)
    assert regression_p(yi, vi, x)[0] == pytest.approx(0.0036116738, rel=1e-6)
    many = regression_p(np.tile(yi, 3), vi, np.tile(x, 3))
    assert np.ptp(many) == 0


def test_the_variance_of_an_interaction_is_that_of_participants(generator):
    n, k, residual = 100, 400, 0.8
    trial, treatment = np.repeat(np.arange(k), n), np.tile([0.0, 1.0], k * n // 2)
    x, noise = generator.normal(size=k * n), residual * generator.normal(size=k * n)
    columns = {"tx": treatment * x, "t": treatment, "x": x, "y": noise}
    products = crossproducts(columns, trial, centre=True)
    estimates, _ = regress(products.without((ONE, "t", "x")), "y", ["tx"]).column("tx")
    assert estimates.var() == pytest.approx(interaction_variance(n, residual), rel=0.2)


def test_without_a_slope_the_power_is_the_level_or_less():
    for share in power([80] * 20, 0.0, Scene(), sets=4000, seed=1).values():
        # The factor of the interval is never below 1: the test errs on the safe side.
        assert 0.02 < share < 0.06


def test_power_is_that_of_a_formula_where_trials_do_not_differ():
    scene = Scene(tau=0.0, tau_slope=0.0)
    found = power([100] * 30, 0.1, scene, sets=4000, seed=1)["participants"]
    shift = 0.1 / np.sqrt(interaction_variance(100, scene.residual) / 30)
    expected = stats.norm.sf(1.96 - shift)
    # tau2 is estimated and the factor is never below 1: a little less than the formula.
    assert expected - 0.1 < found < expected + 0.01


def test_participants_need_fewer_trials_and_more_spread_helps_aggregate_data():
    few = power([70] * 20, 0.15, Scene(spread=0.3), seed=1)
    wide = power([70] * 20, 0.15, Scene(spread=1.0), seed=1)
    assert few["aggregate"] < wide["aggregate"] and few["participants"] == wide["participants"]
    curve = power_by_trials((5, 10, 20, 40), 70, 0.15, Scene(), seed=1)
    assert 10 < trials_needed(curve, "participants' data") < 20
    assert trials_needed(curve, "aggregate data") is None
    assert trials_needed(curve.assign(power=0.9), "aggregate data") == 5


def test_needed_is_by_straight_lines():
    curve = pd.DataFrame({"trials": [10, 20], "approach": "a", "power": [0.7, 0.9]})
    assert trials_needed(curve, "a") == pytest.approx(15)
