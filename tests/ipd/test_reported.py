import pandas as pd
import pytest

from lkcm import evidence as tables
from lkcm.ipd.reported import (
    decide,
    elements_reported,
    mediators,
    participant_reviews,
    reported_tests,
)
from lkcm.paths import DATA


@pytest.fixture(scope="module")
def evidence():
    return tables.load(DATA, ["trials", "reference_estimates"])


def test_shares_count_samples(evidence):
    trials = evidence.table("trials")
    found = elements_reported(trials).set_index("item")
    assert (found["trials"] == trials["sample_id"].nunique()).all()
    assert found["share"].is_monotonic_decreasing
    row = found.loc["a mediator"]
    yes = trials[trials["mediation_tested"] == "yes"]["sample_id"].nunique()
    assert row["stated"] == yes and row["low"] < row["share"] < row["high"]


def test_trials_with_tests_are_listed(evidence):
    trials = evidence.table("trials")
    labels = pd.Series(trials["trial_id"].to_numpy(), index=trials["trial_id"])
    found = reported_tests(trials, labels)
    assert (found["what"] == "moderator").sum() == (trials["moderator_tested"] == "yes").sum()
    assert found.loc[found["what"] == "mediator", "named"].notna().any()
    assert found.loc[found["what"] != "mediator", "named"].isna().all()


def test_mediators_are_counted_one_by_one():
    trials = pd.DataFrame(
        {
            "sample_id": ["a", "b", "c"],
            "mediation_tested": ["yes", "yes", "not-stated"],
            "mediator": ["warmth; calm", "calm", "calm"],
        }
    )
    assert mediators(trials).to_dict() == {"calm": 2, "warmth": 1}


def test_reviews_of_participants_are_known_by_their_words():
    texts = ["Individual participant data meta-analysis", "IPD of trials", "A meta-analysis"]
    references = pd.DataFrame({"title": texts, "question": None, "subset": None})
    assert len(participant_reviews(references)) == 2


def decided(trials, references, aggregate):
    columns = {"k": 17, "participants": [0.9, 1.0, 1.0], "aggregate": aggregate}
    powers = None if aggregate is None else pd.DataFrame(columns)
    return {found.claim_id: found for found in decide(trials, references, powers)}


def test_claims_are_decided_by_rule(evidence):
    trials, references = evidence.table("trials"), evidence.table("reference_estimates")
    found = decided(trials, references, [0.1, 0.4, 0.9])
    assert set(found) == {"c12", "c13", "c32", "c33", "c34", "c35"}
    assert found["c12"].verdict == found["c32"].verdict == found["c33"].verdict == "supported"
    assert found["c34"].verdict == "cannot be told"
    assert found["c35"].verdict == "cannot be told" and "in 1 of 3 cases" in found["c33"].sentence
    assert decided(trials, references.head(0), None)["c33"].verdict == "cannot be told"
    strong = decided(trials, references, [0.7, 0.85, 0.9])["c33"]
    assert strong.verdict == "not what this evidence shows"
