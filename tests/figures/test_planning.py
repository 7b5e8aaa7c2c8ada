import numpy as np
import pandas as pd
import pytest
import vl_convert

from lkcm.figures.easel import VEGA_LITE
from lkcm.figures.planning import (
    audit_chart,
    monitor_chart,
    next_trial_chart,
    review_power_chart,
)
from lkcm.figures.renderer import chart_spec
from lkcm.planning.review.sequential import Plan, boundaries_to_come, monitor
from lkcm.planning.trials.audit import by_period


@pytest.fixture
def audited():
    return pd.DataFrame(
        {
            "label": ["A & <b>", "B"] * 2,
            "year": [2012, 2020] * 2,
            "basis": ["stated", "equal arms assumed"] * 2,
            "effect": ["small"] * 2 + ["large"] * 2,
            "d": [0.2] * 2 + [0.8] * 2,
            "power": [0.1, 0.3, 0.6, 0.95],
            "detail": ["A & <b>: power 10 %"] * 4,
            "address": ["https://example.org", None] * 2,
        }
    )


@pytest.fixture
def value():
    sizes = [0, 25, 100]
    widths = {"ci_width": [1.5, 1.1, 1.0], "pi_width": [3.0, 2.4, 2.3]}
    table = pd.DataFrame({"n_arm": sizes, **widths, "words": "x"})
    return pd.concat([table.assign(trials=words) for words in ("one", "three")])


@pytest.fixture
def looks():
    y, v = np.array([0.5, 0.7, 0.3]), np.array([0.1, 0.1, 0.05])
    found = monitor(y, v, [2010, 2015, 2020], Plan("o", "c", 0.3, 0.05))
    return found.looks.assign(words="a look"), boundaries_to_come(found, [0.5, 1.0])


@pytest.fixture
def charts(audited, value, looks):
    periods = by_period(audited).assign(words="a median")
    powers = pd.DataFrame({"k": [5, 50] * 2, "power": [0.1, 0.9, 0.1, 0.4], "kind": list("aabb")})
    return {
        "audit": (audit_chart(audited, periods), ["small", "large", "stated", "100 %"]),
        "next": (next_trial_chart(value), ["today", "Further trials", "three"]),
        "review": (review_power_chart(powers), ["a", "b", "80 %"]),
        "monitor": (monitor_chart(*looks, 1.96), ["Cumulative z   (up: favours LKCM)"]),
    }


@pytest.mark.parametrize("name", ["audit", "next", "review", "monitor"])
def test_it_draws_without_a_warning_and_in_words(charts, name, capfd):
    chart, words = charts[name]
    spec = chart_spec(chart, title="A finding.")
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, show_warnings=True)
    assert capfd.readouterr() == ("", "")
    for text in words:
        assert f">{text}</text>" in svg
    assert "<b>" not in svg


def test_each_legend_stands_once(charts):
    svg = vl_convert.vegalite_to_svg(
        chart_spec(charts["next"][0], title="t"), vl_version=VEGA_LITE
    )
    assert svg.count(">Further trials</text>") == 1


def test_two_trials_have_no_present_width(value):
    chart = next_trial_chart(value.assign(ci_width=np.nan, pi_width=[np.nan, 2.0, 2.0] * 2))
    svg = vl_convert.vegalite_to_svg(chart_spec(chart, title="t"), vl_version=VEGA_LITE)
    assert "today" not in svg
