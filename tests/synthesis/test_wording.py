import pandas as pd
import pytest

from lkcm.paths import BOOK
from lkcm.synthesis.outcome import GroupPool, pool_group
from lkcm.synthesis.wording import (
    VERDICTS,
    people,
    sentence,
    summary,
    verdict,
    without_figure,
    without_figure_sentence,
)


def group(*effects, variance=0.04):
    rows = pd.DataFrame(
        {
            "effect_id": [f"e{i}" for i in range(len(effects))],
            "sample_id": [f"s{i}" for i in range(len(effects))],
            "measure": "SMD",
            "yi": list(effects),
            "vi": variance,
            "level": "1",
            "status": "poolable",
            "reason": "",
            "instrument": "SCS",
            "timepoint": "post",
            "followup_weeks": None,
            "n_t_used": 50.0,
            "n_c_used": 49.0,
        }
    )
    return pool_group(rows, "passive")


def test_no_trial():
    words = "Against waitlists, no core trial prints a figure that can be used."
    assert sentence(None, "waitlists") == words
    assert sentence(GroupPool("x", pd.DataFrame(), pd.DataFrame(), None), "waitlists") == words
    assert summary(GroupPool("x", pd.DataFrame(), pd.DataFrame(), None)) == {"k": 0}


def test_one_trial_is_not_pooled():
    found = sentence(group(0.5), "waitlists")
    assert "one core trial (99 people): g 0.50" in found
    assert "nothing to pool" in found
    assert summary(group(0.5))["effect"] == "0.50"


def test_two_trials_are_shown_not_pooled():
    assert "with g 0.50 and 0.70: shown, not pooled" in sentence(group(0.5, 0.7), "waitlists")
    line = summary(group(0.5, 0.7))
    assert line == {"k": 2, "n": "198", "effect": "0.50; 0.70 (not pooled)"}


def test_three_trials_are_very_uncertain():
    found = sentence(group(0.5, 0.7, 0.3), "waitlists")
    assert found.startswith("Against waitlists, g 0.50 (95\N{NO-BREAK SPACE}% CI ")
    assert "in 3 core trials (297 people); the true effect of a further trial: " in found
    assert found.endswith("Very uncertain: few trials.")


def test_five_trials_are_said_without_that():
    assert "uncertain" not in sentence(group(0.5, 0.7, 0.3, 0.4, 0.6), "waitlists")


def test_summary_of_a_pool():
    line = summary(group(0.1, 0.7, 1.3))
    assert line["k"] == 3
    assert line["i2"] == pytest.approx(100 * 0.32 / 0.36)  # REML: s2 - v = .36 - .04
    assert set(line) == {"k", "n", "effect", "plain", "prediction", "tau2", "i2", "q"}


def test_people():
    assert people(group(0.1, 0.2)) == "198"


@pytest.mark.parametrize(
    ("effects", "variance", "said"),
    [
        ((0.5, 0.6), 0.01, "cannot be told"),
        ((0.5, 0.6, 0.5), 0.01, "very uncertain"),
        ((0.5, 0.6, 0.5, 0.6, 0.5), 0.01, "favours LKCM"),
        ((0.2, 1.6, 0.4, 1.8, 0.6, 1.4), 0.01, "favours LKCM on average"),
        ((-0.5, 0.6, 0.1, -0.2, 0.3), 0.04, "unclear"),
        ((-0.5, -0.6, -0.5, -0.6, -0.5), 0.01, "favours control"),
    ],
    ids=str,
)
def test_verdicts(effects, variance, said):
    assert verdict(group(*effects, variance=variance)) == said
    assert said in VERDICTS


def test_no_trial_no_verdict():
    assert verdict(None) == "cannot be told"


@pytest.mark.parametrize(("said", "rule"), VERDICTS.items(), ids=list(VERDICTS))
def test_the_methods_page_shows_the_rules(said, rule):
    assert f"| {said} | {rule} |" in (BOOK / "methods.md").read_text(encoding="utf-8")


def test_no_spread_among_three_trials_is_not_taken_for_none():
    assert "if trials do not differ, which so few cannot tell" in sentence(
        group(0.5, 0.5, 0.5), "waitlists"
    )
    assert "do not differ" not in sentence(group(-0.5, 0.7, 2.0), "waitlists")
    assert "do not differ" not in sentence(group(0.5, 0.5, 0.5, 0.5, 0.5), "waitlists")


def test_trials_without_a_figure_are_counted_by_what_they_say():
    rows = pd.DataFrame(
        [
            ("s0", "censored", 1.0, 0.0),  # in the pool
            ("a", "censored", 1.0, 0.0),
            ("a", "censored", 0.0, 0.05),  # the trial names an arm elsewhere
            ("b", "sensitivity", -1.0, 0.001),  # an exact p alone
            ("c", "censored", 0.0, 0.05),
            ("d", "censored", 0.0, 0.0),  # a difference whose side is not told
            ("e", "excluded", 1.0, 0.0),
        ],
        columns=["sample_id", "status", "sign_used", "p_low"],
    )
    counts = without_figure(rows, [group(0.5)])
    assert counts == {"favours LKCM": 1, "favours control": 1, "no difference": 1}
    words = without_figure_sentence(counts, "stress")
    assert "1 favours LKCM, 1 favours the control and 1 finds no difference" in words
    words = without_figure_sentence(dict.fromkeys(counts, 2), "stress")
    assert "2 favour LKCM, 2 favour the control and 2 find no difference" in words
