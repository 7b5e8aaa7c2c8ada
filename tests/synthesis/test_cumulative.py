import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.paths import ROOT
from lkcm.synthesis.censored import fit_chosen
from lkcm.synthesis.contributions import choose
from lkcm.synthesis.cumulative import COLUMNS, cumulative, cumulative_levels
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import PoolError

#: metafor's cumul() of the BCG trials; see tests/oracles/cumulative.R.
ORACLE = json.loads((ROOT / "tests/oracles/cumulative.json").read_text("utf-8"))
SILENT = {
    **{"measure": "SMD", "yi": np.nan, "vi": np.nan, "level": "4", "status": "censored"},
    **{"reason": "", "instrument": "", "timepoint": "post", "followup_weeks": np.nan},
    **{"n_t_used": 32.0, "n_c_used": 32.0, "null_variance": 0.0625, "sign_used": 0.0},
    **{"p_low": 0.0, "p_high": 1.0, "p_from": ""},
}
FIGURE = {"status": "poolable", "level": "1", "vi": 0.07, "sign_used": 1.0}
WORDS = {"p_high": 0.05, "p_from": "significance stated", "sign_used": 1.0}
NONE = {"p_low": 0.05, "p_from": "significance stated"}


@pytest.fixture(scope="module")
def kept():
    rows = [WORDS, FIGURE | {"yi": 0.3}, NONE, FIGURE | {"yi": 0.8}, WORDS]
    rows = [{"effect_id": f"t{i}-1", "sample_id": f"t{i}"} | row for i, row in enumerate(rows)]
    return choose(pd.DataFrame([SILENT | row for row in rows])).kept


def test_it_is_metafors_cumul():
    found = cumulative(ORACLE["yi"], ORACLE["vi"], ORACLE["year"])
    k = found["k"].to_numpy()
    assert k.tolist() == list(range(1, 14))
    assert found.loc[k < 3, "estimate"].isna().all()
    for test, some in (("adhoc", (k >= 3) & (k < 10)), ("knha", k >= 10)):
        expected = pd.DataFrame(ORACLE[test])[some].reset_index(drop=True)
        for name in expected:
            ours = found.loc[some, name].to_numpy()
            np.testing.assert_allclose(ours, expected[name], rtol=1e-6, atol=1e-9)


def test_the_last_line_is_the_pool_of_all_whatever_the_years():
    yi, vi = np.array(ORACLE["yi"]), np.array(ORACLE["vi"])
    whole = pool(yi, vi)
    years = np.array(ORACLE["year"], float)
    years[4] = np.nan
    found = cumulative(yi, vi, years)
    assert found.index[-1] == 4
    assert found["year"].isna().tolist() == [False] * 12 + [True]
    last = found.iloc[-1]
    assert [last["estimate"], last["ci_low"], last["ci_high"]] == pytest.approx(
        [whole.estimate, *whole.ci]
    )


@settings(max_examples=10)
@given(st.permutations(range(13)))
def test_rows_may_stand_in_any_order(order):
    order = np.array(order)
    yi, vi = np.array(ORACLE["yi"]), np.array(ORACLE["vi"])
    # a different year for each trial, so that the order is given
    year = np.arange(13.0)[::-1]
    first = cumulative(yi, vi, year)
    second = cumulative(yi[order], vi[order], year[order])
    np.testing.assert_allclose(first.to_numpy(), second.to_numpy(), rtol=1e-9)


def test_all_levels_are_fitted_again_after_each_trial(kept):
    year = np.array([2015, 2011, 2012, 2013, 2014])
    found = cumulative_levels(kept, year)
    assert found["year"].tolist() == [2011, 2012, 2013, 2014, 2015]
    assert found["estimate"].isna().tolist() == [True, True, False, False, False]
    ordered = kept.iloc[np.argsort(year)]
    for k in (3, 4, 5):
        alone = fit_chosen(ordered[:k])
        values = found.iloc[k - 1][["estimate", "ci_low", "ci_high", "tau2"]].astype(float)
        np.testing.assert_allclose(values, [alone.estimate, *alone.ci, alone.tau2], atol=1e-9)


def test_nothing_gives_an_empty_table_and_years_must_fit(kept):
    assert cumulative([], [], []).empty
    assert list(cumulative([], [], []).columns) == list(COLUMNS)
    assert cumulative_levels(kept[:0], []).empty
    with pytest.raises(PoolError, match="5 effects but 2 years"):
        cumulative_levels(kept, [2010, 2011])
