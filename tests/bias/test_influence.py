import numpy as np
import pytest

from lkcm.bias.influence import cumulative, influence
from lkcm.synthesis.pool import leave_one_out, pool
from lkcm.synthesis.pooled import PoolError

SETS = (
    *("bcg_rr", "normand1999_smd", "curtis1998_rom", "raudenbush1985", "berkey1998"),
    *("bangertdrowns2004", "hart1999_irr", "cohen1981_zcor", "bcg_first_three"),
)
METAFOR = {"cook.d": "cook_d", "cov.r": "cov_r", "tau2.del": "tau2_del", "QE.del": "q_del"}


@pytest.mark.parametrize("name", SETS)
def test_metafor_agrees(oracle, name):
    case = oracle[name]
    ours = influence(case["yi"], case["vi"])
    for column, values in case["single"]["influence"].items():
        found = ours[METAFOR.get(column, column)].astype(float)
        np.testing.assert_allclose(
            found, np.array(values, float), rtol=1e-7, atol=1e-9, err_msg=column
        )


@pytest.mark.parametrize("name", SETS)
def test_metafor_agrees_as_the_evidence_grows_and_without_each_trial(oracle, name):
    case = oracle[name]
    grown = cumulative(case["yi"], case["vi"])
    expected = case["single"]["cumulative"]
    names = {"estimate": "estimate", "tau2": "tau2", "se": "se", "ci_low": "ci.lb"}
    for ours, theirs in names.items():
        np.testing.assert_allclose(
            grown[ours][1:], np.array(expected[theirs], float)[1:], rtol=1e-8, atol=1e-12
        )
    assert grown["estimate"][0] == pytest.approx(case["yi"][0])
    left = leave_one_out(case["yi"], case["vi"])["estimate"]
    np.testing.assert_allclose(left, case["single"]["leave_one_out"], rtol=1e-8)


def test_cooks_distance_is_the_squared_shift_in_knapp_hartung_errors():
    yi, vi = [0.1, 0.5, 0.9, 0.2, 2.0], [0.02, 0.03, 0.05, 0.04, 0.03]
    full, without = pool(yi, vi), pool(yi[:4], vi[:4])
    expected = ((full.estimate - without.estimate) / full.se) ** 2
    assert influence(yi, vi)["cook_d"].iloc[4] == pytest.approx(expected)


def test_a_trial_far_off_is_flagged():
    table = influence([0.1, 0.2, 0.15, 0.12, 0.18, 3.0], [0.04] * 6)
    assert table["flagged"].tolist() == [False] * 5 + [True]


def test_equal_effects_have_no_influence_in_numbers():
    assert influence([0.3] * 4, [0.1, 0.2, 0.1, 0.3])["cook_d"].isna().all()


def test_too_few_trials_are_told_in_words():
    with pytest.raises(PoolError, match="needs k >= 3"):
        influence([1, 2], [1, 1])
    assert cumulative([1, 2], [1, 1])["estimate"].tolist() == [1, 1.5]
