import numpy as np
import pandas as pd

from lkcm.figures import figure_html
from lkcm.figures.gold_standard import CELL, counts_bars, ledger_chart, limits_chart


def drawn(chart):
    data = pd.DataFrame({"x": [1]})
    html = figure_html(chart, title="t", alt="a", name="ledger", data=data)
    return html.replace("\N{NO-BREAK SPACE}", " ")


def test_the_three_cells_differ_by_shape_too():
    shapes = [shape for _, shape in CELL.values()]
    assert len(set(shapes)) == 3 and list(CELL) == ["yes", "no", "not stated"]
    cells = pd.DataFrame(
        {
            "label": ["Neff <b> 2013"] * 3,
            "item": ["registered", "large", "blinded"],
            "cell": list(CELL),
            "detail": ["a", "b", "c"],
            "address": [None, None, "https://example.org"],
        }
    )
    html = drawn(ledger_chart(cells, ["registered", "large", "blinded"]))
    assert "Neff &lt;b&gt; 2013" in html and "https://example.org" in html
    silent = ledger_chart(cells[cells["cell"] == "not stated"], ["blinded"]).to_dict()
    assert silent["encoding"]["color"]["scale"]["domain"] == ["not stated"]


def test_bars_add_up_to_the_trials():
    counts = pd.DataFrame(
        {
            "item": ["registered"],
            "yes": [3],
            "no": [1],
            "not_stated": [6],
            "words": ["3 yes, 1 no"],
        }
    )
    chart = counts_bars(counts)
    long = chart.layer[0].data
    assert long["trials"].tolist() == [3, 1, 6]
    assert "3 yes, 1 no" in drawn(chart)


def test_open_limits_have_an_arrow_and_the_margin_is_drawn():
    rows = pd.DataFrame(
        {
            "label": ["Kearney 2021, ptsd", "Torrijos 2021, pain"],
            "worst": [-0.5, 0.0],
            "best": [0.0, np.nan],
            "reading": ["cannot be told", "superior"],
            "detail": ["a", "b"],
        }
    )
    chart = limits_chart(rows, 0.2)
    html = drawn(chart)
    assert "margin" in html and "LKCM better" in html
    assert "not inferior" not in html
    assert drawn(limits_chart(rows.assign(best=[0.0, 0.4]), 0.2))
