import pandas as pd

from lkcm.bias.reporting import reporting_shares
from lkcm.figures import figure_html
from lkcm.figures.reporting import matrix_chart, shares_chart

MATRIX = pd.DataFrame(
    {
        "anxiety": ["not mentioned", "figure", "silent", "not mentioned"],
        "stress": ["no difference", "direction", "significant", "not mentioned"],
    },
    index=pd.Index(["a", "b", "c", "d"], name="sample_id"),
)
LABELS = pd.Series({"a": "A 2013", "b": "B <i> 2014", "c": "C 2015"})


def values(chart):
    return next(iter(chart.to_dict()["datasets"].values()))


def drawn(chart):
    data = pd.DataFrame({"x": [1]})
    return figure_html(chart, title="t", alt="a", name="reporting", data=data)


def test_trials_that_give_most_come_first_and_gaps_stay_gaps():
    rows = values(matrix_chart(MATRIX, LABELS))
    assert len(rows) == 5
    places = {row["sample_id"]: row["start"] for row in rows}
    assert places == {"b": 0, "c": 1, "a": 2}
    words = {row["words"] for row in rows}
    assert "A 2013, stress: no difference, no figure" in words


def test_the_axis_has_room_for_every_trial():
    spec = matrix_chart(MATRIX, LABELS).to_dict()
    assert spec["encoding"]["x"]["scale"]["domain"] == [0, 4]
    assert "Trials (4)" in drawn(matrix_chart(MATRIX, LABELS))


def test_shares_are_stacked_in_the_order_of_the_states():
    shares = reporting_shares(MATRIX.assign(nothing="not mentioned"))
    rows = values(shares_chart(shares))
    assert {row["outcome"] for row in rows} == {"anxiety", "stress"}
    assert [row["rank"] for row in rows if row["outcome"] == "stress"] == [0, 1, 2, 3, 4]
    assert "1 of 2 trials (1 to 99 %)" in rows[0]["words"]
    assert "measured, nothing usable" in drawn(shares_chart(shares))
