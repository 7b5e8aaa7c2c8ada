import numpy as np
import pandas as pd
import pytest

from lkcm.figures.contrast_charts import CONTRAST, group_chart, level_lines, line_words, rho_chart
from lkcm.figures.renderer import figure_html
from lkcm.synthesis.level_contrasts import level_contrast

ROWS = pd.DataFrame(
    {
        "label": ["a <b>", "c", "d"],
        "group": ["passive", "active", "difference"],
        "estimate": [0.9, np.nan, 3.5],
        "low": [-2.0, np.nan, 0.1],
        "high": [1.4, np.nan, 9.0],
        "solid": [True, False, False],
        "words": ["0.90", "not fitted", "3.50"],
    }
)


def drawn(chart, data):
    return figure_html(chart, title="A title", alt="An alt", name="chart", data=data)


def test_what_lies_beyond_the_edge_is_cut_and_ends_in_an_arrow():
    spec = group_chart(ROWS, CONTRAST, domain=(-1, 2)).to_dict()
    (rows,) = (data for data in spec["datasets"].values() if any("from_" in row for row in data))
    assert [row["from_"] for row in rows] == [-1, None, 0.1]
    assert [row["to"] for row in rows] == [1.4, None, 2]
    assert [row["at"] for row in rows] == [0.9, None, None]
    shapes = [layer["mark"].get("shape") for layer in spec["layer"]]
    assert {"triangle-left", "triangle-right"} <= set(shapes)


def test_the_chart_is_drawn_with_its_words_escaped():
    html = drawn(group_chart(ROWS, CONTRAST, references={"0.81": 0.81}, legend="Comparator"), ROWS)
    assert "not fitted" in html
    assert "a &lt;b&gt;" in html


def test_without_arrows_there_are_none():
    inside = ROWS.assign(low=0.1, high=0.9, estimate=0.5)
    spec = group_chart(inside, CONTRAST).to_dict()
    assert not any("triangle" in str(layer["mark"].get("shape")) for layer in spec["layer"])


def test_rho_is_drawn():
    rows = pd.DataFrame(
        {"rho": [0.2, 0.9], "estimate": [0.4, 0.3], "ci_low": [-0.1, 0.0], "ci_high": [0.9, 0.7]}
    )
    assert "assumed correlation" in drawn(rho_chart(rows, "difference"), rows)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param((0.5, 0.1, 0.9, 12), "0.50 (0.10\xa0to\xa00.90)  k = 12", id="estimate"),
        pytest.param((0.5, np.nan, np.nan, None), "0.50", id="no interval"),
        pytest.param((np.nan, np.nan, np.nan, 3), "not fitted  k = 3", id="too few"),
    ],
)
def test_the_words_of_a_line(line, words):
    assert line_words(*line) == words


def test_two_groups_and_their_difference_make_three_lines():
    rows = pd.DataFrame(
        [
            {"group": group, "sample_id": f"{group}{i}", "effect_id": f"{group}{i}", "yi": y}
            for group, effects in (("passive", (0.9, 0.5, 0.7, 0.8)), ("active", (0.2, 0.1, 0.4)))
            for i, y in enumerate(effects)
        ]
    ).assign(
        **{"measure": "SMD", "vi": 0.05, "level": "1", "status": "poolable", "reason": ""},
        **{"instrument": "", "timepoint": "post", "followup_weeks": np.nan, "p_low": 0.0},
        **{"n_t_used": 40.0, "n_c_used": 40.0, "null_variance": 0.05, "sign_used": 1.0},
        **{"p_high": 1.0, "p_from": ""},
    )
    found = level_contrast(rows, "group", ("passive", "active"))
    lines = level_lines(found, "Stress", ("waiting", "attention"))
    assert [line["group"] for line in lines] == ["passive", "active", "difference"]
    assert lines[0]["label"] == "Stress, waiting"
    assert lines[1]["words"] == "not fitted  k = 3"
    assert np.isnan(lines[2]["estimate"])
