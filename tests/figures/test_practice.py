import numpy as np
import pandas as pd
import pytest
import vl_convert

from lkcm.figures.easel import VEGA_LITE
from lkcm.figures.practice import (
    delivery_chart,
    intervals_chart,
    proximal_size_chart,
    streak_chart,
)
from lkcm.figures.renderer import SYNTHETIC, chart_spec
from lkcm.planning.micro.practice import streak_table


@pytest.fixture
def charts():
    deliveries = pd.DataFrame(
        {
            "outcome": ["stress & <b>"] * 2,
            "delivery": ["in person", "digital"],
            "estimate": [0.4, np.nan],
            "low": [0.1, np.nan],
            "high": [0.7, np.nan],
            "words": ["0.40 (0.10 to 0.70), k = 5", "cannot be told, k = 2"],
        }
    )
    sizes = pd.DataFrame({"design": list("aabb"), "effect": [0.1, 0.2] * 2, "n": [60, 20, 90, 30]})
    intervals = pd.DataFrame(
        {
            "label": ["all moments", "where stress = 1"],
            "estimate": [0.1, 0.3],
            "ci_low": [0.0, 0.1],
            "ci_high": [0.2, 0.5],
            "truth": [np.nan, 0.35],
            "words": ["0.10", "0.30"],
        }
    )
    random = np.random.default_rng(1)
    runs = streak_table(random.random((20, 20)) < 0.5, seed=1, shuffles=50)
    runs = runs.assign(label=runs["streak"].astype(str), words="days")
    return {
        "delivery": (delivery_chart(deliveries), "cannot be told, k = 2", False),
        "sizes": (proximal_size_chart(sizes), "Participants (log scale)", False),
        "intervals": (intervals_chart(intervals, "An axis"), "An axis", True),
        "streaks": (streak_chart(runs), "as observed", True),
    }


@pytest.mark.parametrize("name", ["delivery", "sizes", "intervals", "streaks"])
def test_it_draws_without_a_warning_and_in_words(charts, name, capfd):
    chart, words, synthetic = charts[name]
    spec = chart_spec(chart, title="A finding.", synthetic=synthetic)
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, show_warnings=True)
    assert capfd.readouterr() == ("", "")
    assert f">{words}</text>" in svg
    assert (SYNTHETIC in svg) == synthetic
    assert "<b>" not in svg


def test_what_cannot_be_told_has_no_point(charts):
    svg = vl_convert.vegalite_to_svg(
        chart_spec(charts["delivery"][0], title="t"), vl_version=VEGA_LITE
    )
    assert svg.count('aria-roledescription="point"') == 1
