import pandas as pd
import pytest

from lkcm.effects.routes import ROUTES
from lkcm.figures.extraction import (
    CONVERSIONS,
    conversion_words,
    correlation_chart,
    range_chart,
    waterfall_chart,
    waterfall_steps,
)
from lkcm.figures.renderer import figure_html

COUNTS = pd.DataFrame(
    [
        ("poolable", "1", "SMD", "", 10, 4),
        ("poolable", "1", "logRR", "", 2, 2),
        ("poolable", "2a", "SMD", "", 30, 9),
        ("sensitivity", "2c", "SMD", "", 8, 5),
        ("censored", "3", "SMD", "p value is a bound, no figure", 70, 30),
        ("censored", "4", "SMD", "p value is a bound, no figure", 5, 3),
        *(("censored", "4", "SMD", f"reason {i}", i, 1) for i in range(1, 9)),
        ("excluded", "", "SMD", "held back", 200, 80),
    ],
    columns=["status", "level", "measure", "reason", "rows", "samples"],
)


def test_the_steps_add_up_from_all_rows_to_nothing():
    steps = waterfall_steps(COUNTS)
    assert steps["end"].iloc[0] == COUNTS["rows"].sum()
    assert steps["end"].iloc[-1] == 0
    moves = steps[steps["fate"] != "rows that remain"]
    assert moves["rows"].sum() == COUNTS["rows"].sum()
    assert (moves["start"] - moves["end"] == moves["rows"]).all()
    assert (moves["start"].to_numpy()[1:] == moves["end"].to_numpy()[:-1]).all()
    assert steps["step"].is_unique


def test_totals_say_what_remains():
    totals = waterfall_steps(COUNTS).set_index("step")["rows"]
    assert totals["rows that may count"] == COUNTS["rows"].sum() - 200
    assert totals["rows with an effect"] == 50
    assert totals["level 1: means or counts of both arms"] == 12


def test_rare_reasons_are_summed_and_a_single_one_is_named():
    steps = waterfall_steps(COUNTS, reasons_shown=3).set_index("step")["rows"]
    assert steps["p value is a bound, no figure"] == 75
    assert steps["6 other reasons, without a usable figure"] == 1 + 2 + 3 + 4 + 5 + 6
    named = waterfall_steps(COUNTS, reasons_shown=8)["step"]
    assert "reason 1" in named.to_list()


@pytest.mark.parametrize("status", ["poolable", "censored", "excluded"])
def test_rows_of_one_standing_make_a_waterfall(status):
    steps = waterfall_steps(COUNTS[COUNTS["status"] == status])
    assert steps["end"].iloc[-1] == 0
    assert "graphics-document" in figure_html(
        waterfall_chart(steps), title="t", alt="a", name="n", data=steps
    )


def test_every_conversion_has_words_with_and_without_its_model():
    codes = [route.code for route in ROUTES]
    assert set(codes) == set(CONVERSIONS)
    by_model = [
        f"{route.code}:{m}" for route in ROUTES if route.by_model for m in ("post", "change")
    ]
    assert conversion_words(pd.Series(codes + by_model)).notna().all()
    words = conversion_words(pd.Series(["means:post", "t:post", "means:change"]))
    assert words.tolist() == ["means after", "t", "mean changes"]


def test_lines_carry_colour_and_dash_by_conversion():
    table = pd.DataFrame(
        {
            "setting": [0.2, 0.9] * 2,
            "effect_id": ["x", "x", "y", "y"],
            "label": ["A", "A", "B", "B"],
            "kind": ["t", "t", "F", "F"],
            "yi": [0.5, 0.2, 0.3, 0.1],
            "se": [0.2, 0.1, 0.2, 0.1],
        }
    )
    chart = correlation_chart(table, 0.6)
    html = figure_html(chart, title="t", alt="a", name="n", data=table)
    assert html.count("stroke-dasharray") >= 2
    assert "Computed from" in html


def test_a_range_has_a_bar_and_a_point_a_row():
    changes = pd.DataFrame(
        {
            "label": ["A", "B", "A"],
            "assumption": ["model", "model", "r"],
            "yi": [0.5, 0.3, 0.5],
            "lowest": [0.4, 0.3, 0.2],
            "highest": [0.5, 0.4, 0.6],
            "change": [0.1, 0.1, 0.3],
        }
    )
    html = figure_html(range_chart(changes), title="t", alt="a", name="n", data=changes)
    assert html.index("model</text>") < html.index("r</text>", html.index("model</text>"))
    assert html.count('aria-roledescription="point"') == 3
