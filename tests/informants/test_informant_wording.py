from dataclasses import replace

import pandas as pd
import pytest

from lkcm.informants.agreement_range import over_draws
from lkcm.informants.anchor import Anchor
from lkcm.informants.informant_design import trial_sizes
from lkcm.informants.informant_wording import (
    CONCLUSIONS,
    asked_sentence,
    class_sentence,
    conclusion,
    contrast_sentence,
    method_lines,
    pooled_lines,
    telling_trial_sentence,
)
from lkcm.informants.methods import multi_method

OUTCOME = ["other-compassion"]


@pytest.fixture(scope="module")
def model(example):
    return multi_method(example, OUTCOME)


@pytest.mark.parametrize(
    ("k", "estimate", "interval", "expected"),
    [
        (2, 0.5, (0.2, 0.8), "nothing yet"),
        (4, 0.5, (0.2, 0.8), "very uncertain"),
        (9, 0.1, (-0.2, 0.4), "unclear"),
        (9, 0.5, (-0.2, 1.2), "favours LKCM on average"),
        (9, 0.5, (0.1, 0.9), "favours LKCM"),
        (9, -0.5, (-0.9, 0.1), "favours control"),
    ],
)
def test_the_conclusion_comes_from_k_and_both_intervals(model, k, estimate, interval, expected):
    drawn = over_draws([estimate], [0.1], [30])
    one = replace(model.classes["self"], k=k, drawn=drawn, prediction_interval=interval)
    assert conclusion(one) == expected
    assert expected in CONCLUSIONS


def test_a_class_that_nobody_asked(made):
    found = multi_method(made({"trial": "a", "g": 0.5}), OUTCOME)
    assert conclusion(found.classes["second-person"]) == "nothing was asked"
    assert class_sentence(found.classes["second-person"], "kindness") == (
        "Second-person report on kindness: no trial asked."
    )
    assert class_sentence(found.classes["self"], "kindness") == (
        "Self-report on kindness: nothing yet. 1 trial with a usable report (1 in favour of "
        "LKCM), 1 with a figure; a model needs three."
    )
    assert contrast_sentence(found.within).endswith("with figures: a model needs three.")


def test_sentences_of_a_model_have_interval_k_and_prediction(model):
    words = class_sentence(model.classes["second-person"], "kindness")
    assert words.startswith("Second-person report on kindness: g ")
    assert "in 11 trials; a further trial: " in words
    assert "in 8 trials" in contrast_sentence(model.within)
    assert contrast_sentence(model.between).startswith("Between trials, self-report minus")


def test_who_was_asked():
    trials = pd.DataFrame(
        {"raters": ["clinician", "parent, clinician", "significant-other"], "kindness": [0, 1, 0]}
    )
    assert asked_sentence(trials, 250) == (
        "Three of 250 trials asked someone other than the trained person about that person: two "
        "asked someone from daily life, one a partner, a friend or family other than a parent, "
        "and one asked about kindness."
    )
    assert asked_sentence(trials.head(0), 250).startswith("None of 250 trials")


def test_the_trial_that_would_tell():
    anchor = Anchor(0.5, (0.3, 0.7), 4, "")
    words = telling_trial_sentence(trial_sizes(0.5, 0.4, 0.4), anchor, pd.Series([50, 60, 300]), 1)
    assert "128 people" in words and "788 if" in words
    assert words.endswith("the median trial here randomised 60, the largest 300.")
    nothing = telling_trial_sentence(trial_sizes(0.5, 0, 0.4), anchor, pd.Series(dtype=float))
    assert "cannot be sized" in nothing
    alone = telling_trial_sentence(trial_sizes(0.5, 0.4, 0.4), anchor, pd.Series(dtype=float))
    assert alone.endswith("self-report.")


def test_lines_of_the_table_leave_out_what_is_not_there(model, made):
    few = multi_method(made({"trial": "a", "g": 0.5}), OUTCOME)
    lines = method_lines({("kindness", "passive"): model, ("kindness", "active"): few})
    assert len(lines) == 4
    assert lines["verdict"].iloc[2:].tolist() == ["nothing yet", "nothing was asked"]
    assert lines["effect"].isna().tolist() == [False, False, True, True]
    assert "\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}" in lines["across"].iloc[0]
    assert method_lines({("kindness", "active"): few})["trials"].tolist() == ["1 (1)", "0"]


def test_a_forest_has_lines_of_the_classes_with_a_model(model, made):
    lines = pooled_lines(model)
    assert lines["label"].tolist() == [
        "Pooled, self-report (k = 12)",
        "Pooled, second-person report (k = 11)",
    ]
    assert (lines["pi_low"] < lines["low"]).all()
    assert pooled_lines(multi_method(made({"trial": "a", "g": 0.5}), OUTCOME)).empty
