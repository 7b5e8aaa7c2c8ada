import numpy as np
import pandas as pd
import pytest

from lkcm.bias.funnel import funnel_contours
from lkcm.figures import figure_html
from lkcm.figures.bias import (
    SELECTION,
    bias_curves,
    bias_left,
    contour_funnel,
    power_curves,
    power_dots,
)


def drawn(chart):
    data = pd.DataFrame({"x": [1]})
    return figure_html(chart, title="t", alt="a", name="bias", data=data)


@pytest.fixture
def trials():
    return pd.DataFrame(
        {
            "label": ["A 2013", "B 2016", "C 2020"],
            "group": ["passive", "active", "passive"],
            "yi": [0.8, 0.4, -0.2],
            "se": [0.3, 0.2, 0.1],
            "detail": ["A", "B <script>", "C"],
        }
    )


def test_the_funnel_has_its_zones_its_cone_and_its_trials(trials):
    spec = contour_funnel(trials, funnel_contours(0.35, 0.4), 0.4, "g").to_dict()
    marks = [layer["mark"]["type"] for layer in spec["layer"]]
    assert marks.count("area") == 3 and marks.count("point") == 1 and marks.count("line") == 1
    scales = [layer["encoding"].get("y", {}).get("scale") for layer in spec["layer"]]
    assert {"domain": [0, 0.35], "reverse": True, "nice": False} in scales
    html = drawn(contour_funnel(trials, funnel_contours(0.35, 0.4), 0.4, "g"))
    assert "<script>alert" not in html and "B <script>" not in html.split("</div>")[0]


def test_a_funnel_without_a_pool_has_neither_line_nor_cone(trials):
    spec = contour_funnel(trials, funnel_contours(0.35, 0.0), None, "g").to_dict()
    assert "line" not in [layer["mark"]["type"] for layer in spec["layer"]]


@pytest.fixture
def rates():
    return pd.DataFrame(
        [
            {"name": name, "selection": selection, "rate": rate, "rate_se": 0.02}
            for name in ("Egger", "Rank")
            for selection, rate in zip(SELECTION, (0.01, 0.3, 0.99, 0.1), strict=True)
        ]
    )


def test_power_stays_within_nought_and_one_and_keeps_its_order(rates):
    spec = power_dots(rates, 0.8, 0.1).to_dict()
    values = next(rows for rows in spec["datasets"].values() if "rate" in rows[0])
    assert all(0 <= row["low"] <= row["rate"] <= row["high"] <= 1 for row in values)
    assert values[0]["words"] == "Egger: positive in 1 % under no selection"
    html = drawn(power_dots(rates, 0.8, 0.1))
    assert html.index(">Egger<") < html.index(">Rank<")
    assert "power needed" in html and "selection within abstracts" in html


def test_bias_that_is_left_is_drawn_with_its_sign(rates):
    rows = rates.rename(columns={"rate": "bias", "rate_se": "bias_se"}).assign(bias=-0.2)
    spec = bias_left(rows).to_dict()
    values = next(v for v in spec["datasets"].values() if "bias" in v[0])
    assert values[1]["words"] == "Egger: -0.20 under moderate selection of trials"
    assert "too high" in drawn(bias_left(rows))


@pytest.mark.parametrize("reviews", [0, 1, 2])
def test_every_check_has_its_panel_and_every_review_its_mark(reviews):
    grid = pd.DataFrame(
        [
            {"name": name, "k": k, "tau": tau, "rate": np.clip(k / 200 - tau / 4, 0, 1)}
            for name in ("Egger", "Rank", "Trim and fill")
            for k in (5, 50, 200)
            for tau in (0.0, 0.4)
        ]
    )
    marks = [
        {"name": name, "k": 8, "tau": 0.4, "rate": 0.1, "review": review}
        for name in ("Egger", "Rank", "Trim and fill")
        for review in ("this review", "Lv et al. 2024")[:reviews]
    ]
    points = pd.DataFrame(marks, columns=["name", "k", "tau", "rate", "review"])
    html = drawn(power_curves(grid, points, 0.8))
    for name in ("Egger", "Rank", "Trim and fill"):
        assert f">{name}<" in html
    assert ("Lv et al. 2024" in html) == (reviews == 2)
    assert "False alarms" in drawn(power_curves(grid, points, 0.1, "False alarms"))


def test_bias_over_trials_is_cut_off_where_the_axis_ends():
    cells = [
        {"name": name, "k": k, "tau": tau, "bias": bias}
        for name in ("No correction", "Beta")
        for k, bias in ((5, -3.0), (50, 0.1), (200, 0.2))
        for tau in (0.0, 0.4)
    ]
    chart = bias_curves(pd.DataFrame(cells), 0.5)
    first = chart.to_dict()["concat"][0]["layer"]
    assert first[1]["encoding"]["y"]["scale"]["domain"] == [-0.5, 0.5]
    assert first[1]["mark"]["clip"]
    html = drawn(chart)
    assert ">No correction<" in html and ">Beta<" in html
