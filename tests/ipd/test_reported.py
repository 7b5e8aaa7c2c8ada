import pandas as pd
import pytest

from lkcm import evidence as tables
from lkcm.ipd.reported import (
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
