import numpy as np
import pandas as pd

from lkcm.figures.head_to_head_charts import bounds_chart, unit_chart
from lkcm.figures.renderer import figure_html


def drawn(chart, data):
    return figure_html(chart, title="A title", alt="An alt", name="chart", data=data)


def test_a_symbol_a_trial():
    said = pd.DataFrame(
        {
            "outcome": ["stress", "stress", "anxiety"],
            "says": ["no difference", "favours LKCM", "unknown"],
            "used": [True, True, False],
            "detail": ["one", "two", "three"],
        }
    )
    html = drawn(unit_chart(said, "mindfulness"), said)
    assert "LKCM did better" in html
    assert "mindfulness did better" not in html  # no trial says so
    rows = next(iter(unit_chart(said, "mindfulness").to_dict()["datasets"].values()))
    places = {(row["outcome"], row["says"]): row["place"] for row in rows}
    assert places["stress", "favours LKCM"] == 1
    assert places["stress", "no difference"] == 2


def test_open_ends_become_arrows():
    rows = pd.DataFrame(
        {
            "label": ["a", "b"],
            "low": [-0.4, -np.inf],
            "high": [0.4, -0.3],
            "words": ["-0.4 to 0.4", "below -0.3"],
            "detail": ["one", "two"],
        }
    )
    spec = bounds_chart(rows, "mindfulness").to_dict()
    shapes = [layer["mark"].get("shape") for layer in spec["layer"]]
    assert "triangle-left" in shapes
    assert "triangle-right" not in shapes
    assert "below -0.3" in drawn(bounds_chart(rows, "mindfulness"), rows.drop(columns=["low"]))
