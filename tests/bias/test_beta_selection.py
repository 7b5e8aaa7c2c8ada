import json
from pathlib import Path

import numpy as np
import pytest

from lkcm.bias.beta_selection import BetaLikelihood, beta_selection, beta_selection_many
from lkcm.bias.step_likelihood import StepLikelihood

ORACLES = Path(__file__).parents[1] / "oracles"


CASES = json.loads((ORACLES / "beta.json").read_text())["cases"]
#: Of both programs' likelihoods, by rounding of the integrals and metafor's stopping rule.
AGREES = 1e-4


@pytest.fixture(params=CASES, ids=[case["set"] for case in CASES])
def beside(request):
    case = request.param
    trials = json.loads((ORACLES / "pool.json").read_text())["sets"][case["set"]]
    return case, beta_selection(case["sign"] * np.array(trials["yi"]), trials["vi"])


def test_metafor_agrees(beside):
    case, ours = beside
    for name in ("estimate", "tau2", "loglik", "lrt", "lrt_p"):
        assert getattr(ours, name) == pytest.approx(case[name], abs=AGREES, rel=AGREES), name
    assert ours.weights == pytest.approx(case["weights"], abs=AGREES, rel=AGREES)


def test_metafor_agrees_on_the_standard_error_where_the_top_is_inside(beside):
    case, ours = beside
    if min(case["weights"]) > 1e-3 and case["tau2"] > 1e-6:
        assert ours.se == pytest.approx(case["se"], rel=2e-4)


def test_the_highest_top_is_found_where_the_start_without_selection_misses_it():
    missed = [case for case in CASES if case["default"] < case["loglik"] - 0.1]
    assert {"bangertdrowns2004", "linde2005_rr"} <= {case["set"] for case in missed}


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
