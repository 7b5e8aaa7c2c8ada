import numpy as np
import pandas as pd

from lkcm.figures.follow_up_charts import SAID_MARK, TIMES, time_chart, twice_chart
from lkcm.figures.renderer import chart_spec, figure_html
from lkcm.synthesis.follow_up import SAID

MARKS = pd.DataFrame(
    {
        "line": ["A & B 2011, stress"] * 2 + ["C 2012, anxiety"] * 2,
        "time": list(TIMES) * 2,
        "said": [SAID[0], SAID[2], SAID[1], SAID[1]],
        "weeks": ["", "12 weeks", "", "time not stated"],
    }
)
EFFECTS = pd.DataFrame(
    {
        "weeks": [0.0, 12.0],
        "yi": [0.5, 0.3],
        "low": [0.1, -0.1],
        "high": [0.9, 0.7],
        "group": ["passive"] * 2,
        "pair": ["e1"] * 2,
        "words": [np.nan, "A 2011, stress"],
        "detail": ["g 0.5", "g 0.3"],
    }
)


def drawn(chart):
    return figure_html(chart, title="A finding", alt="It", name="x", data=MARKS)


def test_everything_that_can_be_said_has_a_mark():
    assert tuple(SAID_MARK) == SAID


def test_results_told_twice_are_joined():
    html = drawn(twice_chart(MARKS))
    for words in ("A &amp; B 2011, stress", "12 weeks", "at follow-up", SAID[2]):
        assert words in html
    assert SAID[4] not in html


def test_effects_over_time_name_the_result_once():
    html = drawn(time_chart(EFFECTS))
    assert html.count(">A 2011, stress</text>") == 1
    assert len(chart_spec(time_chart(EFFECTS), title="x")["layer"]) == 5
