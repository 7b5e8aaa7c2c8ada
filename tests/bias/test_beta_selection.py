import numpy as np
import pytest

from lkcm.bias.beta_selection import BetaLikelihood, beta_selection, beta_selection_many
from lkcm.bias.step_likelihood import StepLikelihood


@pytest.mark.parametrize("name", ["bcg_rr", "normand1999_smd", "cohen1981_zcor"])
def test_metafor_agrees(oracle, name):
    case = oracle[name]
    expected = case["beta"]
    ours = beta_selection(case["sign"] * case["yi"], case["vi"])
    # metafor stops a little below the top of these flat hills.
    assert -1e-6 < ours.loglik - expected["loglik"] < 1e-3
    assert ours.lrt_p == pytest.approx(expected["lrt_p"], abs=1e-3)
    assert ours.estimate == pytest.approx(expected["estimate"], abs=0.1 * expected["se"])


def test_derivatives_are_those_of_the_value(simulated, assert_derivatives):
    at = np.array([[0.1], [0.07], [-0.3], [0.4]]) * np.ones(4)
    assert_derivatives(BetaLikelihood(*simulated(12, 4)), at)


def test_exponents_of_one_are_no_selection(simulated):
    yi, vi = simulated(12, 4)
    bounds, counts = 1.96 * np.sqrt(vi)[None], np.zeros((2, 4))
    sets, effect = np.arange(4), np.array([[0.2], [0.1]]) * np.ones(4)
    beta = BetaLikelihood(yi, vi)(np.vstack([effect, np.zeros((2, 4))]), sets)[0]
    plain = StepLikelihood(yi, vi, bounds, counts)(np.vstack([effect, np.zeros((1, 4))]), sets)[0]
    np.testing.assert_allclose(beta, plain, atol=1e-6)


def test_many_data_sets_are_those_one_by_one(simulated):
    yi, vi = simulated(20, 3)
    table = beta_selection_many(yi, vi)
    one = beta_selection(yi[:, 1], vi[:, 1])
    row = table.loc[1, ["estimate", "tau2", "weight_1", "weight_2", "lrt"]].tolist()
    assert row == pytest.approx([one.estimate, one.tau2, *one.weights, one.lrt], rel=1e-5)


def test_too_few_trials_are_told_in_words():
    result = beta_selection([1, 2, 3, 4], [1, 1, 1, 1])
    assert (result.needs, result.estimate, result.weights) == ("needs k >= 5", None, ())
