import pandas as pd
import pytest

from lkcm.figures import figure_html
from lkcm.figures.forest import comparison, forest, leave_one_out_chart


@pytest.fixture
def trials():
    return pd.DataFrame(
        {
            "label": ["Neff 2013", "Friis 2016", "Neff 2013"],
            "group": ["passive", "passive", "active"],
            "yi": [0.8, 0.4, 0.2],
            "low": [0.4, 0.0, -0.2],
            "high": [1.2, 0.8, 0.6],
            "weight": [60.0, 40.0, 100.0],
            "level": ["1", "2b", "2a"],
            "detail": ["a", "b <script>", "c"],
            "address": ["https://example.org", None, None],
        }
    )


@pytest.fixture
def pooled():
    return pd.DataFrame(
        {
            "label": ["Pooled"], "group": ["passive"], "estimate": [0.6], "low": [0.1],
            "high": [1.1], "pi_low": [-0.5], "pi_high": [1.7],
        }
    )  # fmt: skip


def drawn(chart):
    data = pd.DataFrame({"x": [1]})
    html = figure_html(chart, title="t", alt="a", name="forest", data=data)
    return html.replace("\N{NO-BREAK SPACE}", " ")


def test_a_trial_in_two_groups_has_two_lines(trials, pooled):
    html = drawn(forest(trials, pooled))
    assert "Neff 2013, passive" in html
    assert "Neff 2013, active" in html
    assert "Friis 2016" in html


def test_figures_weights_and_pool_are_written_out(trials, pooled):
    html = drawn(forest(trials, pooled, {"commentary 0.81": 0.81}))
    assert "0.80 (0.40 to 1.20)   60 %" in html
    assert "0.60 (0.10 to 1.10)" in html
    assert "commentary 0.81" in html
    assert "favours control" in html


def test_no_pool_and_no_trials_draw(trials, pooled):
    assert "Friis 2016" in drawn(forest(trials, pooled.head(0)))
    assert "0.60" in drawn(forest(trials.head(0), pooled))


def test_groups_stand_together_with_their_pool_last(trials, pooled):
    spec = forest(trials.iloc[[2, 0, 1]], pooled).to_dict()
    sort = next(
        layer["encoding"]["y"]["sort"]
        for layer in spec["layer"]
        if "sort" in layer["encoding"].get("y", {})
    )
    assert sort == ["Neff 2013, passive", "Friis 2016", "Pooled", "Neff 2013, active"]


def test_comparison_marks_ours(trials):
    rows = pd.DataFrame(
        {
            "label": ["This book", "Lv et al. 2024"], "estimate": [0.9, 0.56],
            "low": [0.2, None], "high": [1.6, None], "ours": [True, False], "detail": ["x", "y"],
        }
    )  # fmt: skip
    html = drawn(comparison(rows))
    assert "0.90 (0.20 to 1.60)" in html
    assert ">0.56<" in html


def test_leave_one_out(trials):
    rows = trials.head(2).rename(columns={"yi": "estimate"})
    assert "0.40 (0.00 to 0.80)" in drawn(leave_one_out_chart(rows, 0.6))
