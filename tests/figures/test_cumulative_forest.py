import numpy as np
import pandas as pd

from lkcm.figures.cumulative_forest import cumulative_chart
from lkcm.figures.renderer import chart_spec, figure_html

ROWS = pd.DataFrame(
    {
        "panel": ["Figures"] * 3 + ["All levels"],
        "label": ["A 2011", "B & C 2012", "D 2013", "E 2014"],
        "k": [2, 3, 4, 9],
        "estimate": [np.nan, 0.4, 0.5, 0.6],
        "ci_low": [np.nan, 0.1, 0.2, 0.3],
        "ci_high": [np.nan, 0.7, 0.8, 0.9],
    }
)


def test_each_kind_of_synthesis_has_a_panel_and_each_estimate_a_line():
    chart = cumulative_chart(ROWS, "passive")
    assert len(chart_spec(chart, title="x")["vconcat"]) == 2
    html = figure_html(chart, title="A finding", alt="It", name="x", data=ROWS)
    for words in ("+ B &amp; C 2012", "All levels", "k = 9"):
        assert words in html
    assert "+ A 2011" not in html
