import numpy as np
import pandas as pd
import pytest

from lkcm.informants.classes import (
    ASKED,
    CLASSES,
    CONSTRUCT_WORDS,
    SECOND_PERSON,
    asked_matrix,
    informant_rows,
    measurement_class,
    rater,
)

CASES = [
    ("self", "self", "participant", "self"),
    ("self", "not-stated", "participant", "self"),
    ("self", "record", "participant", "record"),
    ("partner", "not-stated", "participant", "second-person"),
    ("peer", "significant-other", "participant", "second-person"),
    ("parent", "parent", "participant", "second-person"),
    ("parent", "parent", "child", "others"),
    ("parent", "not-stated", "child", "others"),
    ("teacher", "teacher-other", "participant", "second-person"),
    ("teacher", "teacher-delivers", "participant", "deliverer"),
    ("teacher", "not-stated", "participant", "not-stated"),
    ("clinician", "clinician", "participant", "second-person"),
    ("clinician", "blind-assessor", "participant", "second-person"),
    ("clinician", "not-stated", "participant", "not-stated"),
    ("observer", "coder", "participant", "coder"),
    ("observer", "record", "participant", "record"),
    ("observer", "not-stated", "participant", "not-stated"),
    ("patient-of-participant", "recipient", "participant", "second-person"),
    ("patient-of-participant", "recipient", "patient", "others"),
    ("behaviour-task", "task", "participant", "behaviour"),
    ("implicit-task", "task", "participant", "implicit"),
    ("implicit-task", "not-stated", "participant", "implicit"),
    ("physiology", "device", "participant", "physiology"),
    ("physiology", "device", "child", "others"),
    ("self", "self", "", "self"),
    ("clinician", "clinician", None, "second-person"),
    ("", "not-stated", "student", "others"),
    ("", "", "participant", "not-stated"),
]


@pytest.mark.parametrize(("reporter", "role", "about", "expected"), CASES)
def test_class_of_a_measurement(reporter, role, about, expected):
    row = pd.DataFrame({"reporter": [reporter], "rater_role": [role], "about": [about]})
    assert measurement_class(row).tolist() == [expected]
    assert expected in CLASSES


def test_second_persons_are_those_of_the_rule():
    rules = {"significant-other", "parent", "teacher-other", "clinician", "blind-assessor"}
    assert set(SECOND_PERSON) == rules | {"recipient"}
    stated = pd.DataFrame({"reporter": ["parent"], "rater_role": ["teacher-other"]})
    assert rater(stated).tolist() == ["teacher-other"]


def test_harm_one_arm_and_lkcm_against_lkcm_are_left_out():
    columns = {
        "harm": ["none", "dropout", "none", "none", "none"],
        "effect_scope": ["between-group"] * 2 + ["within-group"] + ["between-group"] * 2,
        "comparator_type": ["waitlist"] * 3 + ["other-lkcm", "attention"],
        "outcome": ["empathy"] * 4 + ["adverse-event"],
    }
    same = {"reporter": "self", "rater_role": "self", "about": "participant"}
    rows = informant_rows(pd.DataFrame(columns).assign(**same))
    assert rows.index.tolist() == [0]
    assert rows["construct"].tolist() == ["kindness"]
    assert rows["group"].tolist() == ["passive"]


def test_the_matrix_has_every_cell_and_counts_trials_once(made):
    rows = made(
        {"trial": "a", "g": 0.5},
        {"trial": "a", "g": 0.4},
        {"trial": "b", "sign": "+"},
        {"trial": "b", "reporter": "partner", "outcome": "depression", "sign": "?"},
    )
    cells = asked_matrix(rows).set_index(["asked", "construct"])
    assert len(cells) == len(ASKED) * len(CONSTRUCT_WORDS)
    assert cells.loc[("self", "kindness"), ["trials", "figures"]].tolist() == [2, 1]
    assert cells.loc[("significant-other", "symptoms"), "who"] == "b"
    assert cells["trials"].sum() == 3
    assert cells.loc[("self", "kindness"), "instruments"] == "scale 0, scale 1, scale 2"
    assert set(cells["whom"]) == {"participant", ""}
    assert not np.isnan(cells["figures"]).any()
