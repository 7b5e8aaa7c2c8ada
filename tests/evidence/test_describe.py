import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lkcm.evidence import describe
from lkcm.evidence.describe import (
    counts,
    gap_map,
    listed,
    lkcm_group_sizes,
    one_per_sample,
    reporting,
    share_with_interval,
)


@pytest.fixture
def trials():
    return pd.DataFrame(
        {
            "trial_id": ["a1", "a2", "b", "c"],
            "sample_id": ["a", "a", "b", "c"],
            "year": [2015, 2013, None, 2020],
            "n_randomised": [90.0, 80.0, 60.0, None],
            "n_arms": ["3", "2", "not-stated", "2"],
            "clinical_level": ["diagnosis", "diagnosis", "none", "none"],
        }
    )


@pytest.fixture
def effects():
    return pd.DataFrame(
        {
            "trial_id": ["a1", "a2", "b", "b", "c"],
            "n_t": [None, 33.0, None, None, None],
            "outcome": ["stress", "stress", "stress", "stress", "other"],
            "comparator_type": ["waitlist", "waitlist", "waitlist", "waitlist", None],
            "effect_scope": ["between-group"] * 3 + ["between-group", "between-group"],
            "sign": ["+", "?", "+", "-", "-"],
        }
    )


def test_reports_of_one_sample_are_one_trial(trials):
    found = one_per_sample(trials)
    assert found["trial_id"].tolist() == ["a2", "b", "c"]
    assert found["reports"].tolist() == [2, 1, 1]


def test_group_sizes_say_how_they_are_known(trials, effects):
    found = lkcm_group_sizes(trials, effects).set_index("sample_id")
    assert found["group_n"].tolist()[0] == 33
    assert np.isnan(found["group_n"]["b"])
    assert found["group_basis"].tolist() == ["stated", "not stated", "not stated"]
    effects["n_t"] = np.nan
    found = lkcm_group_sizes(trials, effects).set_index("sample_id")
    assert found["group_n"]["a"] == 40  # 80 in two arms; the three-arm report gives 30
    assert found["group_basis"]["a"] == "equal arms assumed"


@pytest.mark.parametrize(("yes", "n"), [(0, 62), (8, 250), (10, 10)])
def test_exact_interval(yes, n):
    share, low, high = share_with_interval(yes, n)
    assert share == yes / n
    if yes:
        assert stats.binom.sf(yes - 1, n, low) == pytest.approx(0.025)
    else:
        assert low == 0
    if yes < n:
        assert stats.binom.cdf(yes, n, high) == pytest.approx(0.025)
    else:
        assert high == 1


def test_no_trials_no_share():
    share, low, high = share_with_interval(0, 0)
    assert np.isnan(share)
    assert (low, high) == (0, 1)


def test_gap_map_counts_trials_not_rows(trials, effects):
    found = gap_map(trials, effects)
    cell = found.set_index(["population", "outcome"])
    clinical = cell.loc[("clinical", "stress")]
    assert clinical["comparator"] == "waitlist"
    assert clinical["trials"] == 1  # two reports of one sample
    assert clinical["favours_lkcm"] == 1
    assert cell.loc[("non-clinical", "stress"), "mixed"] == 1
    other = cell.loc[("non-clinical", describe.OTHER_OUTCOMES)]
    assert (other["comparator"], other["favours_control"]) == ("not stated", 1)
    assert other["direction"] == "most favour control"
    directions = ["favours_lkcm", "favours_control", "mixed", "unknown"]
    assert (found[directions].sum(axis=1) == found["trials"]).all()


def test_gap_map_leaves_out_within_group_rows(trials, effects):
    effects["effect_scope"] = "within-group"
    assert gap_map(trials, effects).empty


def test_gap_map_sums_rare_outcomes(trials, effects):
    effects.loc[0:3, "outcome"] = ["stress", "stress", "shame", "stress"]
    found = gap_map(trials, effects, outcomes=1)
    assert set(found["outcome"]) == {"stress", describe.OTHER_OUTCOMES}


def test_counts_put_other_and_not_stated_last():
    trials = pd.DataFrame({"country": ["Peru", "Peru", "Chad", None, None, None, "Oman"]})
    found = counts(trials, "country", most=1)
    assert found["country"].tolist() == ["Peru", "not stated", "other"]
    assert found["trials"].tolist() == [2, 3, 2]
    assert found["trials"].sum() == len(trials)


def test_reporting_counts_samples_and_never_takes_not_stated_for_no():
    from lkcm import evidence

    trials = evidence.load().table("trials")
    found = reporting(trials).set_index("item")
    assert (found["trials"] == trials["sample_id"].nunique()).all()
    stated = trials.groupby("sample_id")["n_randomised"].max().notna().sum()
    assert found.loc["number randomised", "stated"] == stated
    assert ((found["low"] <= found["share"]) & (found["share"] <= found["high"])).all()
    assert found["share"].is_monotonic_decreasing


def test_listed():
    values = pd.Series(["b", "a", "b", None])
    assert listed(values, pd.Series([1, 1, 1, 2])).to_dict() == {1: "a, b"}
