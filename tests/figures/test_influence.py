import numpy as np
import pandas as pd

from lkcm.bias.gosh import gosh
from lkcm.bias.influence import influence
from lkcm.bias.wording import gosh_cells
from lkcm.figures import figure_html
from lkcm.figures.influence import baujat_chart, gosh_chart

YI = np.array([0.9, 0.7, 0.3, 0.6, 0.2, 0.4])
VI = np.array([0.1, 0.08, 0.05, 0.06, 0.03, 0.04])


def drawn(chart):
    data = pd.DataFrame({"x": [1]})
    return figure_html(chart, title="t", alt="a", name="influence", data=data)


def test_subsets_are_cells_with_their_numbers():
    cells = gosh_cells(gosh(YI, VI))
    html = drawn(gosh_chart(cells, 0.5, "g of the subset"))
    assert "g of the subset" in html and "I² of the subset (%)" in html


def test_one_cell_is_drawn_too():
    one = pd.DataFrame({"x": [0.0], "x2": [1.0], "y": [0.0], "y2": [1.0], "subsets": [7]})
    assert "Subsets" in drawn(gosh_chart(one, 0.5, "g"))


def test_only_named_trials_bear_a_label():
    rows = influence(YI, VI).assign(label=[f"Trial {i}" for i in range(6)])
    html = drawn(baujat_chart(rows.assign(named=rows["label"] == "Trial 4")))
    svg = html[html.index("<svg") : html.index("</svg>")]
    assert ">Trial 4<" in svg and ">Trial 2<" not in svg
