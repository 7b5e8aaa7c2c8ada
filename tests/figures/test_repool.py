import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
import vl_convert

from lkcm.figures.easel import VEGA_LITE
from lkcm.figures.renderer import chart_spec, static_svg
from lkcm.figures.repool import repool_chart


def drawn(effects: pd.DataFrame, **start) -> list[str]:
    """The texts of the static drawing."""
    spec = chart_spec(repool_chart(effects, **start), title="A finding.")
    svg = static_svg(spec, title="A finding.", prefix="repool")
    return [
        unescape(re.sub(r"<[^>]+>", "", text))
        for text in re.findall(r"<(?:text|tspan)\b[^>]*>[^<]+", svg)
    ]


#: How the chart starts, and the rows that then pass.
STARTS = [
    ({}, "level == level"),
    ({"comparator": "passive"}, "comparator == 'passive'"),
    (
        {"comparator": "active", "core_only": True},
        "comparator == 'active' and lkcm_core == 'yes'",
    ),
    ({"weakest": "2a"}, "level in ['1', '2a']"),
    (
        {"comparator": "mindfulness", "weakest": "1"},
        "comparator == 'mindfulness' and level == '1'",
    ),
    (
        {"comparator": "unknown", "core_only": True},
        "comparator == 'unknown' and lkcm_core == 'yes'",
    ),
]


@pytest.mark.parametrize(("start", "rows"), STARTS, ids=[str(start) for start, _ in STARTS])
def test_static_drawing_shows_the_start_as_the_library_pools_it(public_set, in_words, start, rows):
    chosen = public_set.query(rows)
    texts = drawn(public_set, **start)
    words = in_words(chosen)
    assert [text for text in texts if text in words] == words
    assert texts.count("left out") == len(public_set) - len(chosen)
    assert texts.count("Pooled") == (len(chosen) >= 3)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_few_trials_are_drawn_whole_and_only_three_are_pooled(public_set, in_words, k):
    effects = public_set.head(k)
    texts = drawn(effects)
    words = in_words(effects)
    assert [text for text in texts if text in words] == words
    assert ("Not pooled" in texts) == (k < 3)


@pytest.mark.parametrize("k", [9, 10])
def test_interval_of_trials_that_agree_is_held_wide_only_below_ten(public_set, in_words, k):
    effects = public_set.head(k).assign(yi=lambda rows: rows["yi"] / 10)
    texts = drawn(effects)
    words = in_words(effects)
    assert [text for text in texts if text in words] == words
    assert any("ad hoc" in text for text in texts) == (k < 10)


def test_rows_keep_their_order(public_set):
    effects = public_set.iloc[::-1]
    texts = drawn(effects, comparator="active")
    assert [text for text in texts if text in set(effects["label"])] == list(effects["label"])


def test_pooled_numbers_do_not_depend_on_the_order_of_rows(public_set, in_words):
    words = in_words(public_set)
    texts = drawn(public_set.sample(frac=1, random_state=1))
    assert [text for text in texts if text in words] == words


def test_published_effects_stand_as_quiet_lines(public_set):
    texts = drawn(public_set, references={"commentary 0.81": 0.81})
    assert "commentary 0.81" in texts


def test_labels_link_to_what_was_read(public_set):
    spec = chart_spec(repool_chart(public_set), title="A finding.")
    svg = static_svg(spec, title="A finding.", prefix="repool")
    assert svg.count("<a ") == public_set["address"].notna().sum()


@pytest.mark.parametrize("k", [1, 19])
def test_vega_lite_has_nothing_to_warn_of(public_set, k, capfd):
    spec = chart_spec(repool_chart(public_set.head(k), references={"x": 0.8}), title="A finding.")
    vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, show_warnings=True)
    assert capfd.readouterr() == ("", "")


def offered(effects: pd.DataFrame) -> dict[str, dict]:
    params = repool_chart(effects, name="sc").to_dict()["params"]
    return {param["name"]: param["bind"] for param in params if "bind" in param}


def test_comparators_are_offered_by_class_and_by_kind(public_set):
    bind = offered(public_set)["sc_comparator"]
    assert dict(zip(bind["options"], bind["labels"], strict=True)) == {
        "all": "all",
        "passive": "passive",
        "passive/no-treatment": "passive: no treatment",
        "passive/waitlist": "passive: waitlist",
        "mindfulness": "mindfulness",
        "unknown": "not stated",
        "active": "active",
        "active/attention": "active: attention",
        "active/relaxation": "active: relaxation",
    }


def test_inputs_that_change_nothing_are_not_offered(public_set):
    assert list(offered(public_set)) == ["sc_comparator", "sc_level", "sc_core", "sc_size"]
    alike = public_set.assign(
        comparator="passive", comparator_type="waitlist", level="2a", lkcm_core=None, n_total=None
    )
    assert offered(alike) == {}


@pytest.mark.parametrize(
    ("changes", "options", "words"),
    [
        ({"comparator": "waitlist"}, {}, r"comparator \['waitlist'\]; allowed: \['passive'"),
        ({"level": "3", "vi": 0.0}, {}, r"level \['3'\].*; yi and vi must be numbers"),
        ({"comparator_type": None}, {}, r"comparator_type \['\(empty\)'\]"),
        ({"yi": np.inf}, {}, "yi and vi must be numbers"),
        ({}, {"comparator": "other"}, "comparator 'other' is not in the data"),
        ({}, {"weakest": "3", "name": "a-b"}, "weakest '3'.*; name 'a-b'"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_all_problems(public_set, changes, options, words):
    with pytest.raises(ValueError, match=words):
        repool_chart(public_set.assign(**changes), **options)


def test_missing_columns_and_rows_are_refused(public_set):
    with pytest.raises(ValueError, match=r"columns missing: \['vi', 'level'\]"):
        repool_chart(public_set.drop(columns=["vi", "level"]))
    with pytest.raises(ValueError, match="no effects"):
        repool_chart(public_set.head(0))
