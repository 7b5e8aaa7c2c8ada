import numpy as np
import pandas as pd
import pytest

from lkcm.figures.across_levels import LIMITS, cut, outcomes_chart, said_chart, steps_chart
from lkcm.figures.renderer import chart_spec, figure_html

STEPS = pd.DataFrame(
    {
        "step": ["pooled", "figures", "all, A", "all, B"] * 2,
        "variant": ["", "A", "A", "B"] * 2,
        "k": [0, 0, 3, 3, 2, 2, 9, 9],
        "added": [0, 0, 3, 0, 2, 2, 7, 0],
        "estimate": [np.nan, np.nan, 0.4, 0.5, np.nan, 3.4, 0.6, 0.7],
        "ci_low": [np.nan, np.nan, 0.1, 0.2, np.nan, -2.0, 0.3, 0.4],
        "ci_high": [np.nan, np.nan, 0.7, 0.8, np.nan, 9.0, 1.0, 1.1],
        "group": ["passive"] * 4 + ["active"] * 4,
        "panel": ["Passive"] * 4 + ["Active"] * 4,
    }
)
SAID = pd.DataFrame(
    {
        "label": ["A & B 2011", "C 2012", "D <i> 2013", "E 2014"],
        "group": ["passive", "passive", "passive", "mindfulness"],
        "panel": ["Passive"] * 3 + ["Mindfulness"],
        "figure": [True, False, False, False],
        "either": [False, False, True, False],
        "yi": [0.5, np.nan, np.nan, np.nan],
        "low": [0.1, 0.4, 0.5, -0.5],
        "high": [0.9, np.inf, np.inf, 0.5],
        "says": ["g 0.50", "significant", "significant, either side", "no difference"],
        "address": ["https://example.org", None, None, None],
    }
)


def drawn(chart):
    return figure_html(chart, title="A finding", alt="What it shows", name="x", data=SAID)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        pytest.param(0.1, 0.7, (0.1, 0.7, False, False), id="inside"),
        pytest.param(-np.inf, 0.7, (LIMITS[0], 0.7, True, False), id="open below"),
        pytest.param(0.1, 5.0, (0.1, LIMITS[1], False, True), id="beyond above"),
    ],
)
def test_intervals_are_cut_at_the_ends_of_the_axis_with_an_arrow(low, high, expected):
    found = cut(pd.DataFrame({"a": [low], "b": [high]}), "a", "b").iloc[0]
    arrows = pd.notna(found["left"]), pd.notna(found["right"])
    assert (found["from"], found["to"], *arrows) == expected


def test_each_step_has_its_words_and_each_comparator_a_panel():
    html = drawn(steps_chart(STEPS, {"a review: 0.81": 0.81}))
    for words in ("Passive", "Active", "k = 0: no trial yet", "k = 2: no estimate", "a review"):
        assert words in html
    assert "0.60 (0.30\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}1.00), k = 9" in html
    assert len(chart_spec(steps_chart(STEPS), title="x")["vconcat"]) == 2


def test_an_estimate_beyond_the_axis_is_written_not_drawn():
    spec = chart_spec(steps_chart(STEPS), title="x")
    rows = [row for table in spec["datasets"].values() for row in table if "words" in row]
    beyond = [row for row in rows if row["words"].startswith("3.40")]
    assert [row["estimate"] for row in beyond] == [None]


def test_what_each_report_says_is_drawn_on_both_sides_where_the_side_is_not_known():
    spec = chart_spec(said_chart(SAID), title="x")
    rows = [row for table in spec["datasets"].values() for row in table if "says" in row]
    either = next(row for row in rows if row["either"])
    assert (either["other_from"], either["other_to"]) == (LIMITS[0], -0.5)
    html = drawn(said_chart(SAID))
    assert "D &lt;i&gt; 2013" in html
    assert html.count("Mindfulness") >= 1


def test_both_readings_of_an_outcome_stand_under_one_another():
    rows = pd.DataFrame(
        {
            "line": ["stress, passive"] * 2 + ["stress, active"] * 2,
            "group": ["passive"] * 2 + ["active"] * 2,
            "reading": ["A", "B"] * 2,
            "estimate": [0.4, 0.5, 0.1, 2.5],
            "low": [0.1, 0.2, -4.0, 0.1],
            "high": [0.7, 0.9, 0.4, 5.0],
            "words": ["0.40", "0.50", "0.10", "2.50"],
        }
    )
    html = drawn(outcomes_chart(rows))
    for words in ("stress, passive", "stress, active", "Bare directions read as", "2.50"):
        assert words in html
