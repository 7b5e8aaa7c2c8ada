import pandas as pd
import pytest

from lkcm.effects import DEFAULT_RULES
from lkcm.synthesis.choices import CONVERSIONS, CURVES, KINDS, MIXED, ROWS


@pytest.mark.parametrize("choice", [*CURVES, *MIXED], ids=lambda choice: choice.name)
def test_a_choice_has_a_kind_a_reason_and_a_headline_among_its_options(choice):
    assert choice.kind in KINDS
    assert choice.why
    assert choice.headline in choice.options
    assert len(choice.options) > 1


def test_what_answers_another_question_is_never_mixed():
    assert {choice.kind for choice in CURVES} == {"non-equivalent"}
    assert "non-equivalent" not in {choice.kind for choice in MIXED}


def test_the_headline_conversion_is_the_books():
    for choice in CONVERSIONS:
        for rule, value in choice.options[choice.headline].items():
            assert getattr(DEFAULT_RULES, rule) == value


def test_every_way_to_keep_rows_says_yes_or_no_of_each():
    rows = pd.DataFrame(
        {
            "lkcm_core": ["yes", "part", "doubtful"],
            "randomisation": ["stated", "quasi-experimental-label", "unclear"],
            "intervention_class": ["LKM", "CFT", "MSC"],
            "level": ["1", "2b", "2c"],
        }
    )
    kept = {
        (choice.name, name): keep(rows).tolist()
        for choice in ROWS
        for name, keep in choice.options.items()
    }
    assert kept["programmes", "core and part"] == [True, True, False]
    assert kept["quasi-experimental label", "left out"] == [True, False, True]
    assert kept["compassion-focused therapy", "left out"] == [True, False, True]
    assert kept["levels of evidence", "equal arms too (2b)"] == [True, True, False]
    assert all(
        kept[choice.name, name] == [True] * 3
        for choice in ROWS
        for name in choice.options
        if name in ("all", "kept", "exact p values too (2c)")
    )
