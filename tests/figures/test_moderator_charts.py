import numpy as np
import pandas as pd
import pytest

from lkcm.figures.moderator_charts import bubble_chart
from lkcm.figures.renderer import figure_html

POINTS = pd.DataFrame(
    {
        "x": [5.0, 6.0, 8.0],
        "yi": [0.2, 0.9, 0.4],
        "vi": [0.2, 0.05, 0.01],
        "group": ["passive", "active", "passive"],
        "detail": ["one <b>", "two", "three"],
    }
)
LINE = pd.DataFrame(
    {"x": [5.0, 8.0], "estimate": [0.3, 0.5], "low": [0.1, -9.0], "high": [0.5, 9]}
)


@pytest.mark.parametrize(
    ("line", "layers"),
    [
        pytest.param(LINE, 4, id="line and band"),
        pytest.param(LINE.assign(low=np.nan, high=np.nan), 3, id="no band"),
        pytest.param(LINE.head(0), 2, id="no line"),
    ],
)
def test_line_and_band_are_drawn_where_there_are_some(line, layers):
    chart = bubble_chart(POINTS, line, "weeks")
    assert len(chart.to_dict()["layer"]) == layers
    html = figure_html(chart, title="A title", alt="An alt", name="chart", data=POINTS)
    assert "weeks" in html
    assert "one &lt;b&gt;" in html


def test_the_axis_follows_the_trials_and_not_the_band():
    layer = bubble_chart(POINTS, LINE, "weeks").to_dict()["layer"][-1]
    assert layer["encoding"]["y"]["scale"]["domain"] == pytest.approx([-0.4, 1.3])


def test_doublings_are_labelled_in_people():
    html = figure_html(
        bubble_chart(POINTS, LINE, "people", "doublings"),
        title="t",
        alt="a",
        name="c",
        data=POINTS,
    )
    assert ">64<" in html
