import pandas as pd

from lkcm.figures.renderer import figure_html
from lkcm.figures.validation_charts import FLOOR, difference_chart

COMPARED = pd.DataFrame(
    {
        "program": ["metafor", "metafor", "robumeta"],
        "set": ["a", "a", "b"],
        "quantity": ["se", "se", "p"],
        "difference": [0.0, 1e-9, 0.0],
    }
)


def test_one_tick_a_set_and_quantity_and_no_difference_at_the_floor():
    chart = difference_chart(COMPARED, {"p": "p value", "se": "standard error"})
    rows = next(d for d in chart.to_dict()["datasets"].values() if "detail" in d[0])
    assert [row["shown"] for row in rows] == [1e-9, FLOOR]
    html = figure_html(chart, title="A title", alt="An alt", name="chart", data=COMPARED)
    assert "standard error" in html
    assert "1e-6" in html
