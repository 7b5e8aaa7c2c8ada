from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lkcm.harms.certainty import Domain
from lkcm.harms.findings import COLUMNS, answer_sentence, findings_text, summarise
from lkcm.synthesis.outcome import GroupPool
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import headline_test


def group(name, yi, n=400):
    yi = np.asarray(yi, dtype=float)
    kept = pd.DataFrame({"yi": yi, "n_t_used": n / 2, "n_c_used": n / 2})
    pooled = pool(yi, np.full(len(yi), 4 / n), test=headline_test(len(yi))) if len(yi) else None
    return GroupPool(name, kept, kept.head(0), pooled)


AGREE = [0.5, 0.45, 0.55, 0.5, 0.48, 0.52, 0.5, 0.49, 0.51, 0.5]


def test_a_line_a_comparator_with_shared_footnotes():
    found = summarise([group("passive", AGREE), group("active", AGREE[:4])], "stress", False)
    assert found.lines["group"].tolist() == ["passive", "active"]
    passive, active = found.lines.to_dict("records")
    assert passive["certainty"] == "⊕⊕◯◯ low (a, b)"
    assert active["certainty"] == "⊕◯◯◯ very low (a, c, b)"
    assert passive["evidence"] == "10 trials, 4,000 people"
    assert passive["words"].startswith("LKCM may lower stress beside passive comparators.")
    assert "69 of 100" in passive["words"]
    assert active["words"].startswith("It is very uncertain whether LKCM changes stress")
    assert list(found.footnotes) == ["a", "b", "c"]
    assert set(COLUMNS) <= set(found.lines)


@pytest.mark.parametrize(
    ("yi", "higher", "words"),
    [
        (AGREE, True, "LKCM may raise"),
        (AGREE, False, "LKCM may lower"),
        ([-g for g in AGREE], True, "LKCM may lower"),
        ([0.02, -0.02, 0.01, 0.0, -0.01, 0.02], True, "LKCM may or may not raise"),
    ],
)
def test_words_follow_the_interval(yi, higher, words):
    found = summarise([group("passive", yi)], "wellbeing", higher)
    assert found.lines["words"].iloc[0].startswith(words)


def test_people_of_100_are_told_only_where_zero_is_excluded():
    found = summarise([group("passive", [2.0, 0.1, -0.5])], "stress")
    assert found.lines["words"].iloc[0] == (
        "It is very uncertain whether LKCM changes stress beside passive comparators."
    )


def test_the_answer_is_that_of_the_pool_or_none():
    found = summarise([group("passive", AGREE), group("active", [0.5, 0.6])], "stress", False)
    told = answer_sentence(found, "passive", None).replace("\N{NO-BREAK SPACE}", " ")
    assert told == (
        "LKCM may lower stress beside passive comparators: g 0.50 (95 % CI 0.48 to 0.52) in "
        "the 10 trials (4,000 people) that can be pooled."
    )
    few = answer_sentence(found, "active", None)
    assert few == "Too few core trials print a figure to pool stress beside active comparators."


def test_the_answer_adds_what_abstracts_tell():
    fits = {name: SimpleNamespace(headline=True) for name in "AB"}
    kept = pd.DataFrame({"yi": [0.1] * 22})
    across = SimpleNamespace(
        fits=fits, chosen=SimpleNamespace(kept=kept), span=(0.4, 0.5), ci_span=(0.1, 0.9)
    )
    found = summarise([group("passive", [0.5, 0.1, -0.2])], "stress")
    told = answer_sentence(found, "passive", across).replace("\N{NO-BREAK SPACE}", " ")
    assert "comparators: g 0.13 (" in told
    assert "22 in all, g is 0.40 to 0.50 (95 % CI 0.10 to 0.90" in told
    fits["A"].headline = False
    assert "22" not in answer_sentence(found, "passive", across)


def test_two_trials_are_shown_not_graded():
    found = summarise([group("passive", [0.5, 0.6]), group("unknown", [])], "stress")
    [line] = found.lines.to_dict("records")
    assert line["effect"] == "0.50; 0.60" and line["certainty"] == "not graded"
    assert found.footnotes == {}
    assert findings_text(found, "passive") == "g 0.50; 0.60, 2 trials, 800 people"
    assert "no core trial" in findings_text(found, "active")


def test_no_trial_is_no_line():
    found = summarise([], "stress")
    assert found.lines.empty and list(found.lines)[:2] == ["group", "k"]


def test_another_judgement_on_reporting_can_be_handed_in():
    clean = Domain("publication bias", "not serious", "none seen that would have been seen")
    found = summarise([group("passive", AGREE)], "stress", reporting=clean)
    assert found.lines["certainty"].iloc[0].endswith("(a)")
    assert findings_text(found, "passive").startswith("g 0.50 (0.4")
