import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.evidence.describe import NOT_STATED
from lkcm.evidence.load import load
from lkcm.evidence.vocabularies import COMPARATOR_TYPE, STATED
from lkcm.harms.ledger import (
    CONDITIONS,
    ITEMS,
    OTHER_CONDITION,
    STANDARD,
    by_condition,
    condition,
    counts,
    ledger,
)
from lkcm.paths import DATA

CLINICAL = {"trial_id": "a", "clinical_level": "diagnosis", "n_arms": 2}
RESULT = {"trial_id": "a", "comparator_type": "waitlist", "sign": "+"}


def cells(evidence, trial, *rows):
    trials, effects = evidence([CLINICAL | trial], [RESULT | row for row in rows])
    return ledger(trials, effects).iloc[0]


@pytest.mark.parametrize(
    ("item", "trial", "row", "cell"),
    [
        ("registered", {"registered": "yes"}, {}, "yes"),
        ("registered", {"registration": "NCT1"}, {}, "yes"),
        ("registered", {"registered": "no"}, {}, "no"),
        ("registered", {}, {}, NOT_STATED),
        ("intention to treat", {"itt": "no"}, {}, "no"),
        ("intention to treat", {"itt": "not-stated"}, {}, NOT_STATED),
        ("active control", {}, {"comparator_type": "relaxation"}, "yes"),
        ("active control", {}, {"comparator_type": "mindfulness"}, "yes"),
        ("active control", {}, {}, "no"),
        ("active control", {"n_arms": 3}, {}, NOT_STATED),
        ("active control", {"n_arms": ""}, {}, NOT_STATED),
        ("active control", {}, {"comparator_type": "not-stated"}, NOT_STATED),
        ("established treatment", {}, {"comparator_type": "psychotherapy"}, "yes"),
        ("established treatment", {}, {"comparator_type": "relaxation"}, "no"),
        ("more than 100 in the LKCM group", {}, {"n_t": 101}, "yes"),
        ("more than 100 in the LKCM group", {}, {"n_t": 100}, "no"),
        ("more than 100 in the LKCM group", {"n_randomised": 100}, {}, "no"),
        ("more than 100 in the LKCM group", {"n_randomised": 150}, {}, NOT_STATED),
        ("more than 100 in the LKCM group", {"n_randomised": 300}, {"n_t": 60}, NOT_STATED),
        ("follow-up 6 months", {"followup_weeks_max": 26}, {}, "yes"),
        ("follow-up 6 months", {"followup_weeks_max": 12}, {}, "no"),
        ("follow-up 6 months", {}, {"followup_weeks": 30, "timepoint": "followup"}, "yes"),
        ("follow-up 6 months", {}, {"followup_weeks": 4, "timepoint": "followup"}, NOT_STATED),
        ("follow-up 12 months", {"followup_weeks_max": 30}, {}, "no"),
        ("follow-up 12 months", {"followup_weeks_max": 52}, {}, "yes"),
        ("blinded or clinician-rated", {"blinded_assessor": "yes"}, {}, "yes"),
        ("blinded or clinician-rated", {"blinded_assessor": "no"}, {}, "no"),
        (
            "blinded or clinician-rated",
            {"blinded_assessor": "no"},
            {"rater_role": "blind-assessor"},
            "yes",
        ),
        ("blinded or clinician-rated", {}, {"rater_role": "self"}, NOT_STATED),
        ("harms reported", {"harms_mentioned": "yes-other"}, {}, "yes"),
        ("harms reported", {"harms_mentioned": "not-mentioned"}, {}, NOT_STATED),
    ],
)
def test_each_cell_follows_its_rule(evidence, item, trial, row, cell):
    assert cells(evidence, trial, row)[item] == cell


def test_reports_of_one_sample_are_one_line(evidence):
    both = [
        CLINICAL | {"itt": "no", "sample_id": "s"},
        CLINICAL | {"trial_id": "b", "itt": "yes", "sample_id": "s", "followup_weeks_max": 60},
    ]
    trials, effects = evidence(both, [RESULT, RESULT | {"trial_id": "b", "outcome": "stress"}])
    table = ledger(trials, effects)
    assert len(table) == 1
    assert table.iloc[0][["intention to treat", "follow-up 12 months"]].tolist() == ["yes", "yes"]


def test_other_samples_have_no_line(evidence):
    trials, effects = evidence([CLINICAL | {"clinical_level": "none"}], [RESULT])
    table = ledger(trials, effects)
    assert table.empty and list(table[list(ITEMS)]) == list(ITEMS)
    assert counts(table)["trials"].tolist() == [0] * len(ITEMS)
    assert by_condition(table).empty


def test_the_strongest_comparator_is_named(evidence):
    assert cells(evidence, {}, {})["strongest"] == "waitlist"
    assert cells(evidence, {}, {"comparator_type": "not-stated"})["strongest"] == NOT_STATED
    two = ({}, {"comparator_type": "psychotherapy", "outcome": "stress"})
    assert cells(evidence, {}, *two)["strongest"] == "psychotherapy"


def test_counts_add_up_and_the_standard_is_all_of_it(evidence):
    full = {"followup_weeks_max": 52, "blinded_assessor": "yes"}
    table = pd.DataFrame(
        [
            cells(evidence, full, {"comparator_type": "psychotherapy"}),
            cells(evidence, {"population": "chronic pain"}, {}),
        ]
    )
    found = counts(table)
    assert (found[["yes", "no", "not_stated"]].sum(axis=1) == 2).all()
    conditions = by_condition(table).set_index("condition")
    assert conditions["all"].tolist() == [1, 0] and conditions.loc["pain", "trials"] == 1
    assert set(STANDARD) <= set(ITEMS)


@pytest.mark.parametrize(
    ("population", "name"),
    [
        ("outpatients with depressive, anxiety or adjustment disorders", "depression or bipolar"),
        ("female adolescents with suicidal ideation", "self-harm or suicide"),
        ("Breast cancer survivors", "cancer"),
        ("people with psoriasis", OTHER_CONDITION),
        (None, OTHER_CONDITION),
    ],
)
def test_conditions_are_found_by_words(population, name):
    assert condition(pd.Series([population])).tolist() == [name]
    assert name in (*CONDITIONS, OTHER_CONDITION)


# ---- silence is never "no"

TRIALS, EFFECTS = (load(DATA, ["trials", "effects"]).table(name) for name in ("trials", "effects"))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_not_stated_never_turns_into_no(data):
    silenced = data.draw(st.sets(st.sampled_from(sorted(TRIALS["trial_id"])), min_size=1))
    mine, rows = TRIALS.copy(), EFFECTS.copy()
    quiet = mine["trial_id"].isin(silenced)
    quiet |= mine["sample_id"].isin(mine.loc[quiet, "sample_id"])
    for column in ("registered", "itt", "blinded_assessor"):
        mine.loc[quiet, column] = "not-stated"
    mine.loc[quiet, ["followup_weeks_max", "n_randomised", "registration"]] = None
    mine.loc[quiet, "harms_mentioned"] = "not-mentioned"
    hushed = rows["trial_id"].isin(mine.loc[quiet, "trial_id"])
    rows.loc[hushed, ["n_t", "followup_weeks"]] = None
    rows.loc[hushed, "comparator_type"] = "not-stated"
    table = ledger(mine, rows)
    lines = table[table["sample_id"].isin(mine.loc[quiet, "sample_id"])]
    assert not lines[list(ITEMS)].eq("no").any(axis=None)


def test_the_vocabulary_still_says_not_stated():
    assert "not-stated" in STATED and "not-stated" in COMPARATOR_TYPE
    table = ledger(TRIALS, EFFECTS)
    assert table[list(ITEMS)].isin(["yes", "no", NOT_STATED]).all(axis=None)
    for column, item in (("itt", "intention to treat"), ("blinded_assessor", None)):
        said_no = set(TRIALS.loc[TRIALS[column].eq("no"), "sample_id"])
        item = item or "blinded or clinician-rated"
        assert set(table.loc[table[item].eq("no"), "sample_id"]) <= said_no
