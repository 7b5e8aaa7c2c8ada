import numpy as np
import pandas as pd
import pytest

from lkcm.figures import figure_html
from lkcm.figures.harms import (
    REPORTING,
    bounds_chart,
    ratio_chart,
    reporting_squares,
    spared_chart,
)
from lkcm.harms.reporting import CLASSES


def drawn(chart, name="harms", **options):
    data = pd.DataFrame({"x": [1]})
    html = figure_html(chart, title="t", alt="a", name=name, data=data, **options)
    return html.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def lines():
    return pd.DataFrame(
        {
            "label": ["Neff 2013", "Friis <b> 2016", "Pooled (k = 2)"],
            "group": ["passive", "active", None],
            "pooled": [False, False, True],
            "spared": [12.0, -3.0, 5.0],
            "low": [2.0, -12.0, -4.0],
            "high": [22.0, 6.0, 14.0],
            "words": ["6 v 18", "9 v 6", "risk ratio 0.8"],
            "detail": ["a", "b", "c"],
        }
    )


def test_right_favours_lkcm_and_pooled_lines_are_no_comparator(lines):
    html = drawn(spared_chart(lines))
    assert "fewer with LKCM" in html and html.index("more with LKCM") < html.index("fewer with")
    assert "Friis &lt;b&gt; 2016" in html
    legend = html[html.index("Comparator") :]
    assert "passive" in legend and "null" not in legend.split("</svg>")[0]


def test_the_bound_is_drawn_only_where_there_is_one(lines):
    assert "one-sided limit" in drawn(spared_chart(lines, 4.0))
    assert "one-sided limit" not in drawn(spared_chart(lines))
    assert "Neff 2013" in drawn(spared_chart(lines.head(1)))


def test_one_square_is_one_trial_and_every_class_has_a_colour():
    assert set(REPORTING) == set(CLASSES)
    trials = pd.DataFrame(
        {
            "label": [f"Trial {place}" for place in range(30)],
            "harms": ["per arm", "none occurred"] + ["not mentioned"] * 28,
            "said": [None, "none <script>", *[None] * 28],
            "address": [None] * 30,
        }
    )
    chart = reporting_squares(trials)
    assert len(chart.data) == 30 and chart.data["harms"].iloc[0] == "per arm"
    html = drawn(chart)
    assert "mentioned otherwise" not in html and "<script>" not in html.split("<figure")[0]
    assert "Trial 1: none \\u003cscript>" in html


def test_bounds_are_written_beside_their_bars():
    rows = pd.DataFrame(
        {
            "label": ["Neff 2013", "Together"],
            "kind": ["serious", "any"],
            "upper": [0.047, 0.12],
            "words": ["0 of 62: above 4.7 % excluded", "0 of 20"],
        }
    )
    html = drawn(bounds_chart(rows))
    assert "0 of 62: above 4.7 % excluded" in html and "Events" in html


def test_ratios_stand_on_a_turned_logarithmic_axis():
    rows = pd.DataFrame(
        {
            "label": ["simulated truth", "counted"],
            "estimate": [0.6, 0.62],
            "low": [np.nan, 0.5],
            "high": [np.nan, 0.8],
            "words": ["0.60", "0.62 (0.50 to 0.80)"],
        }
    )
    spec = ratio_chart(rows, 0.6).to_dict()
    scales = {
        tuple(sorted(layer["encoding"]["x"]["scale"].items()))
        for layer in spec["layer"]
        if "scale" in layer["encoding"]["x"]
    }
    assert len(scales) == 1
    assert dict(next(iter(scales)))["reverse"] is True
    assert "Synthetic data" in drawn(ratio_chart(rows, 0.6), synthetic=True)
