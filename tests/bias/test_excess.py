import numpy as np
import pytest

from lkcm.bias.excess import (
    FAIL_SAFE_WARNING,
    excess_significance,
    excess_significance_many,
    fail_safe,
)
from lkcm.synthesis.pooled import PoolError

SETS = (
    *("bcg_rr", "normand1999_smd", "curtis1998_rom", "raudenbush1985", "bangertdrowns2004"),
    *("konstantopoulos2011", "linde2005_rr", "hart1999_irr", "bcg_first_three"),
)


@pytest.mark.parametrize("name", SETS)
def test_metafor_agrees(oracle, name):
    case = oracle[name]
    ours, expected = excess_significance(case["yi"], case["vi"]), case["excess"]
    assert ours.observed == expected["observed"]
    assert ours.expected == pytest.approx(expected["expected"], rel=1e-9)
    assert ours.chi2 == pytest.approx(expected["chi2"], rel=1e-8)
    assert ours.p == pytest.approx(expected["p"], rel=1e-8)
    if "exact" in expected:
        assert ours.exact_p == pytest.approx(expected["exact"], rel=1e-8)


@pytest.mark.parametrize("name", SETS)
def test_metafors_fail_safe_numbers(oracle, name):
    case = oracle[name]
    ours = fail_safe(case["yi"], case["vi"])
    assert ours.rosenthal == case["fsn"]["rosenthal"]
    assert (ours.orwin or 0) == case["fsn"]["orwin"]
    assert ours.warning == FAIL_SAFE_WARNING


def test_many_sets_at_once_are_each_by_itself():
    rng = np.random.default_rng(3)
    yi, vi = rng.normal(0.3, 0.4, (12, 40)), rng.uniform(0.02, 0.2, (12, 40))
    yi[9:, ::3] = vi[9:, ::3] = np.nan
    yi[2:, 7] = vi[2:, 7] = np.nan
    table = excess_significance_many(yi, vi, tau2=0.05)
    for column, row in enumerate(table.itertuples()):
        there = ~np.isnan(yi[:, column])
        alone = excess_significance(yi[there, column], vi[there, column], tau2=0.05)
        assert row.k == alone.k
        for name in ("observed", "expected", "chi2", "p", "exact_p"):
            value = getattr(alone, name)
            assert getattr(row, name) == pytest.approx(
                np.nan if value is None else value, nan_ok=True
            )
    assert np.isnan(table["p"][7])


def test_heterogeneity_draws_power_to_the_middle():
    yi, vi = [0.1, 0.5, 0.9, 0.2], [0.02, 0.03, 0.05, 0.04]
    powers = [excess_significance(yi, vi, tau2=tau2).expected for tau2 in (0.0, 0.1, 100.0)]
    assert powers[2] == pytest.approx(4, abs=0.2)
    assert len(set(powers)) == 3


def test_too_little_is_told_in_words():
    assert excess_significance([1, 2], [1, 1]).needs == "needs k >= 3"
    sure = excess_significance([9, 9, 9], [0.01] * 3)
    assert (sure.observed, sure.p, sure.needs) == (3, None, "needs trials that could fail")
    assert fail_safe([0.05, 0.02], [1, 1]).orwin is None
    with pytest.raises(PoolError, match="zero or negative"):
        fail_safe([1, 2], [1, 0])
