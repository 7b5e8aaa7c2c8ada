import pandas as pd

from lkcm.figures.direction_plot import CELL_COLOUR, CELL_SHAPE, SIZE, direction_chart
from lkcm.figures.renderer import chart_spec, figure_html
from lkcm.synthesis.effect_direction import CELLS, SIZES

CELLS_DRAWN = pd.DataFrame(
    {
        "label": ["A 2011", "A 2011", "B & C 2012"],
        "outcome": ["stress", "anxiety", "stress"],
        "direction": ["favours LKCM", "no difference", "conflicting"],
        "size": ["below 50", "below 50", "not known"],
        "figure": [True, False, False],
        "detail": ["1 of 1", "0 of 1", "1 of 2"],
    }
)


def test_every_direction_and_size_has_a_mark():
    assert set(CELL_COLOUR) == set(CELL_SHAPE) == set(CELLS)
    assert set(SIZE) == {*SIZES, "not known"}


def test_trials_and_outcomes_stand_in_the_given_order():
    chart = direction_chart(CELLS_DRAWN, ["B & C 2012", "A 2011"], ["anxiety", "stress"])
    encoding = chart_spec(chart, title="x")["encoding"]
    assert encoding["y"]["sort"] == ["B & C 2012", "A 2011"]
    assert encoding["x"]["scale"]["domain"] == ["anxiety", "stress"]
    assert encoding["fillOpacity"]["scale"]["range"] == [0.0, 1.0]
    html = figure_html(chart, title="A finding", alt="It", name="x", data=CELLS_DRAWN)
    for words in ("B &amp; C 2012", "conflicting", "People analysed"):
        assert words in html
    assert "favours control" not in html
