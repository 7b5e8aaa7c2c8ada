import numpy as np
import pandas as pd
import pytest

from lkcm.informants.views import paired_views, published_agreement, second_person_trials


def test_pairs_prefer_the_same_outcome_then_the_same_construct(made):
    rows = made(
        {"trial": "a", "reporter": "partner", "g": 0.2},
        {"trial": "a", "g": 0.5},
        {"trial": "a", "outcome": "empathy", "sign": "-"},
        {"trial": "b", "reporter": "clinician", "outcome": "ptsd", "sign": "+"},
        {"trial": "b", "outcome": "depression", "sign": "+", "significant": "no"},
        {"trial": "c", "reporter": "clinician", "outcome": "other", "sign": "+"},
        {"trial": "c", "outcome": "other", "sign": "+"},
    )
    found = paired_views(rows).set_index("sample_id")
    assert found["match"].tolist() == ["same outcome", "same construct", "none"]
    assert found["self"].tolist() == ["favours LKCM", "no difference", "not printed"]
    assert found.loc["a", ["g_other", "g_self"]].tolist() == pytest.approx([0.2, 0.5], abs=0.01)
    assert found.loc["b", "rater"] == "clinician"


def test_self_reports_that_differ_say_so(made):
    rows = made(
        {"trial": "a", "reporter": "partner", "sign": "+"},
        {"trial": "a", "sign": "+"},
        {"trial": "a", "sign": "-"},
    )
    assert paired_views(rows)["self"].tolist() == ["differ"]


def test_nothing_gives_an_empty_table(made):
    rows = made({"trial": "a", "sign": "+"})
    assert paired_views(rows).empty
    assert second_person_trials(rows).empty


def test_trials_that_asked_a_second_person(made):
    rows = made(
        {"trial": "a", "reporter": "partner", "sign": "+"},
        {"trial": "a", "reporter": "clinician", "outcome": "depression", "sign": "+"},
        {"trial": "b", "reporter": "clinician", "outcome": "depression", "sign": "+"},
    )
    found = second_person_trials(rows).set_index("sample_id")
    assert found["kindness"].tolist() == [True, False]
    assert found.loc["a", "raters"] == "clinician, significant-other"


def test_published_agreement_is_grouped_and_never_pooled():
    table = pd.DataFrame(
        {
            "source": ["A", "B", "C"],
            "construct": ["mindfulness", "change in stress", "empathy"],
            "reporter_a": ["self", "self", "parent"],
            "reporter_b": ["close other", "physiology (cortisol)", "teacher"],
            "correlation": [0.4, np.nan, 0.2],
            "notes": ["corrected for unreliability in both", None, ""],
        }
    )
    found = published_agreement(table)
    assert found["source"].tolist() == ["C", "A", "B"]
    assert found["other"].tolist() == ["parent or teacher", "close other", "task or body"]
    assert found["corrected"].tolist() == [False, True, False]
    assert found["change"].tolist() == [False, False, True]
    assert found["own"].tolist() == [False, True, True]
