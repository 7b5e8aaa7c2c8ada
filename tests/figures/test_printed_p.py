import pandas as pd

from lkcm.figures.printed_p import COLOURS, albatross_chart, censoring_chart, p_histogram
from lkcm.figures.renderer import chart_spec, figure_html
from lkcm.synthesis.p_values import BINS, DIRECTIONS, albatross_contours

COUNTS = pd.DataFrame(
    {
        "form": ["exact p", "exact p", "direction only"],
        "direction": ["favours LKCM", "favours control", "favours LKCM"],
        "rows": [5, 1, 40],
        "total": [6, 6, 40],
        "place": [0, 2, 0],
    }
)


def drawn(chart):
    return figure_html(chart, title="A finding", alt="What it shows", name="x", data=COUNTS)


def test_the_directions_are_those_of_the_tables():
    assert set(COLOURS) == set(DIRECTIONS.values())


def test_rows_are_counted_by_form_and_direction():
    html = drawn(censoring_chart(COUNTS))
    for words in ("exact p", "direction only", "favours control", ">40<"):
        assert words in html
    assert "direction not stated" not in html


def test_the_histogram_keeps_the_order_of_the_bins():
    bins = pd.DataFrame(
        [
            {"bin": name, "kind": kind, "rows": 3}
            for name in BINS.values()
            for kind in ("exact", "bound")
        ]
    )
    spec = chart_spec(p_histogram(bins), title="x")
    assert spec["encoding"]["x"]["sort"] == list(BINS.values())
    assert "Two-sided p as printed" in drawn(p_histogram(bins))


def test_an_albatross_plot_names_its_contours_and_keeps_small_n():
    contours = albatross_contours([0.5, 0.05, 0.001], [0.25, 0.5]).assign(words=None)
    contours.loc[2, "words"] = "0.25"
    points = pd.DataFrame(
        {
            "signed_z": [2.5, -1.0],
            "n": [40.0, 90.0],
            "direction": ["favours LKCM", "favours control"],
            "bound": [True, False],
            "detail": ["A 2011: p < .05", "B 2012: p = .32"],
        }
    )
    html = drawn(albatross_chart(points, contours))
    for words in ("0.25", "A 2011", "two-sided p value", "People analysed"):
        assert words in html
