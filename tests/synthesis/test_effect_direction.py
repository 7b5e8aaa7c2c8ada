import numpy as np
import pandas as pd
import pytest

from lkcm.synthesis.effect_direction import CELLS, direction_counts, effect_directions, size_words

#: A row that tells nothing yet.
SILENT = {
    **{"sample_id": "a", "outcome": "stress", "status": "censored", "higher_is_better": "no"},
    **{"sign_used": 0.0, "p_low": 0.0, "n_t_used": 30.0, "n_c_used": 40.0},
}
AHEAD, BEHIND, NONE = {"sign_used": 1.0}, {"sign_used": -1.0}, {"p_low": 0.05}


def table(*rows):
    return pd.DataFrame([SILENT | row for row in rows])


@pytest.mark.parametrize(
    ("rows", "direction"),
    [
        pytest.param([AHEAD], "favours LKCM", id="one"),
        pytest.param([AHEAD] * 7 + [NONE] * 3, "favours LKCM", id="seven in ten"),
        pytest.param([AHEAD] * 2 + [NONE], "conflicting", id="two in three"),
        pytest.param([AHEAD, BEHIND], "conflicting", id="both ways"),
        pytest.param([NONE, NONE], "no difference", id="none"),
        pytest.param([BEHIND, BEHIND, BEHIND, NONE], "favours control", id="against"),
        pytest.param([NONE | AHEAD], "favours LKCM", id="not significant, but a direction"),
        pytest.param([AHEAD, {}], "favours LKCM", id="a row that tells nothing does not count"),
    ],
)
def test_seven_in_ten_results_give_the_direction(rows, direction):
    found = effect_directions(table(*rows), ["stress"])
    assert found["direction"].tolist() == [direction]
    assert found.loc[0, "results"] == found.loc[0, ["favours", "none", "against"]].sum()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({}, id="nothing told"),
        pytest.param(AHEAD | {"status": "excluded"}, id="excluded"),
        pytest.param(AHEAD | {"outcome": "brain"}, id="no better direction"),
        pytest.param(AHEAD | {"higher_is_better": ""}, id="direction of the scale not known"),
        pytest.param(AHEAD | {"outcome": "pain"}, id="another outcome"),
    ],
)
def test_what_tells_no_direction_is_left_out(row):
    assert effect_directions(table(row), ["stress", "brain"]).empty


def test_a_cell_says_whether_a_figure_stands_behind_it_and_how_many_people():
    rows = table(AHEAD | {"status": "poolable", "n_t_used": 200.0, "n_c_used": 150.0}, AHEAD)
    found = effect_directions(rows, ["stress"]).iloc[0]
    assert found["figure"]
    assert (found["n"], found["size"]) == (350, "above 300")


def test_sizes_have_the_bounds_of_the_paper():
    n = pd.Series([10, 49.5, 50, 300, 301, np.nan])
    expected = ["below 50", "below 50", "50 to 300", "50 to 300", "above 300", "not known"]
    assert size_words(n).tolist() == expected


def test_counts_add_up_and_keep_the_order_of_the_outcomes():
    rows = [AHEAD, AHEAD | {"sample_id": "b"}, NONE | {"outcome": "anxiety"}]
    cells = effect_directions(table(*rows), ["anxiety", "stress", "pain"])
    found = direction_counts(cells, ["anxiety", "stress", "pain"])
    assert found["outcome"].tolist() == ["anxiety", "stress"]
    assert found["samples"].tolist() == [1, 2]
    assert (found[list(CELLS)].sum(axis=1) == found["samples"]).all()
    assert direction_counts(cells[:0], ["anxiety"]).empty
