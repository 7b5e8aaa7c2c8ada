import re
from html import unescape

import pandas as pd
import pytest
import vl_convert

from lkcm.effects import convert
from lkcm.figures.easel import VEGA_LITE
from lkcm.figures.informants import (
    agreement_chart,
    asked_chart,
    class_forest,
    contrast_chart,
    paired_chart,
)
from lkcm.figures.renderer import chart_spec, static_svg
from lkcm.informants.classes import ASKED, CLASSES, asked_matrix, informant_rows
from lkcm.informants.contrast import within_trials
from lkcm.informants.example import example_tables


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    trials, effects = example_tables()
    found = informant_rows(convert(effects, trials))
    half = 1.96 * found["vi"] ** 0.5
    return found.assign(
        low=found["yi"] - half,
        high=found["yi"] + half,
        label=found["effect_id"],
        **{"class": found["method"].map(CLASSES)},
    )


def drawn(chart, capfd) -> list[str]:
    """The texts of a drawing of which Vega-Lite has nothing to warn."""
    spec = chart_spec(chart, title="A finding.")
    vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, show_warnings=True)
    assert capfd.readouterr() == ("", "")
    svg = static_svg(spec, title="A finding.", prefix="chart")
    found = re.findall(r"<(?:text|tspan)\b[^>]*>([^<]+)", svg)
    return [unescape(text).replace("\N{NO-BREAK SPACE}", " ") for text in found]


def test_every_rater_has_a_row_and_empty_cells_say_none(rows, capfd):
    cells = asked_matrix(rows)
    cells = cells.assign(words="who")
    texts = drawn(asked_chart(cells), capfd)
    assert set(ASKED.values()) <= set(texts)
    assert texts.count("0") == cells["trials"].eq(0).sum()
    for count in cells.loc[cells["trials"] > 0, "trials"]:
        assert str(count) in texts
    assert {"kindness", "to others", "self-", "compassion"} <= set(texts)


def test_pairs_show_symbols_figures_and_what_is_silent(capfd):
    pairs = pd.DataFrame(
        {
            "label": ["A 2020", "B 2021 & <b>"],
            "self": ["not printed", "favours LKCM"],
            "other": ["no difference", "favours control"],
            "g_self": [None, 0.41],
            "g_other": [None, -0.2],
            "rater": "clinician",
            "asked": ["clinician: ptsd", "parent: empathy"],
            "address": [None, "https://example.org/b"],
        }
    ).astype({"g_self": float, "g_other": float})
    texts = drawn(paired_chart(pairs), capfd)
    for text in ("A 2020", "B 2021 & <b>", "not printed", "g 0.41", "g −0.20", "parent: empathy"):
        assert text in texts
    assert texts.count("the person") == texts.count("someone else") == 1


def test_agreement_stands_over_the_range_that_is_assumed(capfd):
    table = pd.DataFrame(
        {
            "label": ["one", "two"],
            "correlation": [0.2, 0.55],
            "corrected": [False, True],
            "own": [True, True],
            "words": ["one: .20", "two: .55"],
            "address": ["https://example.org", None],
        }
    )
    texts = drawn(agreement_chart(table, 0.1, 0.6), capfd)
    assert {"one", "two", "0.20", "0.55", "range assumed for change"} <= set(texts)


def test_a_forest_by_class_with_and_without_a_pooled_line(rows, capfd):
    alone = drawn(class_forest(rows), capfd)
    assert set(rows["label"]) <= set(alone)
    assert not any(text.startswith("Pooled") for text in alone)
    pooled = pd.DataFrame(
        {
            "class": ["self-report"], "label": ["Pooled, self"], "estimate": [0.5], "low": [0.3],
            "high": [0.7], "pi_low": [0.0], "pi_high": [1.0],
        }
    )  # fmt: skip
    bounds = pd.DataFrame({"words": ["expected"], "low": [0.1], "high": [0.3]})
    texts = drawn(class_forest(rows, pooled, bounds), capfd)
    assert {"Pooled, self", "expected", "0.50 (0.30 to 0.70)"} <= set(texts)


def test_contrasts_within_trials_stand_above_the_pooled_ones(rows, capfd):
    within = within_trials(rows)
    trials = within.trials.assign(label=within.trials["sample_id"])
    pooled = pd.DataFrame(
        {
            "label": ["within", "between"], "estimate": [0.3, 0.1], "low": [0.1, -0.4],
            "high": [0.5, 0.6], "pi_low": [0.0, None], "pi_high": [0.6, None],
        }
    ).astype({"pi_low": float, "pi_high": float})  # fmt: skip
    texts = drawn(contrast_chart(trials, pooled), capfd)
    assert {"within", "between", "0.10 (−0.40 to 0.60)"} <= set(texts)
    assert set(trials["label"]) <= set(texts)
