import pandas as pd

from lkcm.figures.assumptions import READINGS, assumptions_chart
from lkcm.figures.renderer import chart_spec, figure_html

CELLS = pd.DataFrame(
    [
        {"scenario": scenario, "reading": reading, "bias": bias, "coverage": 0.95 - bias}
        for scenario, bias in (("as assumed", 0.0), ("silence", 0.2))
        for reading in READINGS
    ]
)


def test_bias_and_coverage_stand_side_by_side_with_what_is_wanted():
    chart = assumptions_chart(CELLS)
    assert len(chart_spec(chart, title="x")["hconcat"]) == 2
    html = figure_html(chart, title="A finding", alt="It", name="x", data=CELLS, synthetic=True)
    for words in ("silence", "Coverage of the 95 % interval", "Bias of the estimate", *READINGS):
        assert words in html
    assert "Synthetic data" in html
    assert "95 %" in html
