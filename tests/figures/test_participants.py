import pandas as pd
import pytest

from lkcm.figures.participants import (
    band_chart,
    beside_truth,
    coverage_chart,
    power_chart,
    slopes_chart,
    trial_forest,
)
from lkcm.figures.renderer import chart_spec, static_svg

NAN = float("nan")


def svg(chart):
    return static_svg(chart_spec(chart, title="t", synthetic=True), title="t", prefix="x")


def test_estimates_stand_beside_the_truth_where_there_is_one():
    rows = pd.DataFrame(
        {"label": ["one", "two"], "estimate": [0.4, 0.1], "low": [0.1, -0.2], "high": [0.7, 0.4]}
    )
    known = chart_spec(beside_truth(rows.assign(truth=[0.5, NAN]), "SD"), title="t")
    unknown = chart_spec(beside_truth(rows.assign(truth=NAN), "SD"), title="t")
    assert len(known["layer"]) == len(unknown["layer"]) + 1
    drawn = svg(beside_truth(rows.assign(truth=NAN), "SD"))
    assert "0.40 (0.10" in drawn and "Synthetic data" in drawn


def test_trials_and_their_pool():
    trials = pd.DataFrame(
        {"label": ["S1"], "group": ["passive"], "yi": [0.2], "low": [0], "high": [0.4], "n": [40]}
    )
    pooled = pd.DataFrame(
        {"label": ["Pooled"], "estimate": [0.2], "low": [0.1], "high": [0.3]}
    ).assign(pi_low=NAN, pi_high=NAN)
    drawn = svg(trial_forest(trials, pooled))
    assert "S1" in drawn and "Pooled" in drawn and "passive" in drawn


def test_coverage_shows_the_elements_named():
    shares = pd.DataFrame({"element": ["age", "arm"], "trial": "S1", "share": [0.5, 1.0]})
    drawn = svg(coverage_chart(shares, {"age": "Age"}))
    assert "Age" in drawn and "arm" not in drawn


def test_slopes_within_and_across():
    effects = pd.DataFrame({"trial": ["a", "b"], "mean": [0, 1], "yi": [0.1, 0.3], "slope": 0.2})
    lines = pd.DataFrame({"kind": "across trials", "x": [0, 1], "y": [0.3, 0.1]})
    drawn = svg(slopes_chart(effects, lines, "Severity"))
    assert "within trials" in drawn and "across trials" in drawn and "Severity" in drawn


@pytest.mark.parametrize("group", [False, True])
def test_a_band_alone_or_by_group(group):
    points = pd.DataFrame({"x": [0, 1], "y": [0, 1], "low": [-1, 0], "high": [1, 2]})
    points = points.assign(group="both arms") if group else points
    truth = points[["x", "y"]]
    drawn = svg(band_chart(points, "x", "y", truth=truth, percent=True))
    assert ("both arms" in drawn) == group


def test_power_marks_what_is_wanted_and_had():
    curve = pd.DataFrame(
        {"trials": [5, 50], "participants": [50, 500], "approach": "a", "power": [0.1, 0.9]}
    )
    assert "16 print size and age" in svg(power_chart(curve, 0.8, 16))
    assert "print size" not in svg(power_chart(curve, 0.8, None))
