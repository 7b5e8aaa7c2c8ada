import numpy as np
import pandas as pd
import pytest

from lkcm import evidence
from lkcm.synthesis.published import published_estimates


def reference(**columns):
    row = {
        "ref_id": "x", "authors": "A", "year": 2020, "question": "LKCM on depression",
        "subset": "RCTs", "estimate": -0.5, "metric": "SMD", "ci_low": -0.8, "ci_high": -0.2,
        "k": 3, "n": 100, "source_url": "https://example.org",
    }  # fmt: skip
    return pd.DataFrame([row | columns])


def test_the_sign_is_turned_with_its_interval_where_less_is_better():
    found = published_estimates(reference(), "depress", higher_is_better=False).iloc[0]
    assert (found["estimate"], found["low"], found["high"]) == (0.5, 0.2, 0.8)
    assert found["turned"]


def test_a_benefit_printed_as_positive_stays():
    one = reference(estimate=0.64, ci_low=0.45, ci_high=0.82)
    found = published_estimates(one, "depress", higher_is_better=False).iloc[0]
    assert (found["estimate"], found["low"], found["high"]) == (0.64, 0.45, 0.82)
    assert not found["turned"]


def test_harm_to_what_should_rise_stays_negative():
    one = reference(question="LKCM on wellbeing")
    found = published_estimates(one, "wellbeing", higher_is_better=True).iloc[0]
    assert found["estimate"] == -0.5


def test_an_interval_that_is_not_printed_stays_empty():
    one = reference(ci_low=np.nan, ci_high=np.nan)
    found = published_estimates(one, "depress", higher_is_better=False).iloc[0]
    assert np.isnan(found["low"])
    assert np.isnan(found["high"])


@pytest.mark.parametrize(
    "columns",
    [
        {"metric": "r"},
        {"subset": "uncontrolled trials"},
        {"subset": "pre-post, clinical samples"},
        {"estimate": np.nan},
        {"question": "LKCM on anxiety"},
        {"question": "depression"},
    ],
    ids=str,
)
def test_what_is_no_between_group_estimate_of_the_outcome_stays_out(columns):
    assert published_estimates(reference(**columns), "depress", False).empty


@pytest.mark.parametrize(
    ("question", "family"),
    [
        ("LKM on depression", "LKCM and compassion"),
        ("CFT on depression", "LKCM and compassion"),
        ("self-compassion interventions on depression", "LKCM and compassion"),
        ("MBPs on depression", "mindfulness and meditation"),
        ("exercise on depression", "other programmes"),
    ],
)
def test_programmes_are_told_apart(question, family):
    found = published_estimates(reference(question=question), "depress", False)
    assert found["family"].tolist() == [family]


def test_lv_et_al_stand_first_in_the_real_table():
    found = published_estimates(
        evidence.load(tables=["reference_estimates"]).table("reference_estimates"),
        "^self-compassion",
        higher_is_better=True,
    )
    assert found["review"][0] == "Lv et al. 2024"
    assert found["estimate"][0] == 0.56
    assert not found["subset"].str.contains("uncontrolled").any()
    assert len(found) >= 6
