import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lkcm.synthesis.combine import (
    NO_BETTER_DIRECTION,
    sign_test_bounds,
    stouffer_bounds,
    z_scores,
)
from lkcm.synthesis.pooled import PoolError

Z05 = stats.norm.isf(0.025)
#: A row on self-compassion that says nothing, its arm sizes not known.
SILENT = {
    **{"measure": "SMD", "yi": np.nan, "vi": np.nan, "level": "4", "status": "censored"},
    **{"reason": "", "instrument": "", "timepoint": "post", "followup_weeks": np.nan},
    **{"n_t_used": np.nan, "n_c_used": np.nan, "null_variance": np.nan, "sign_used": 0.0},
    **{"p_low": 0.0, "p_high": 1.0, "p_from": "", "outcome": "self-compassion"},
    **{"higher_is_better": "yes"},
}
FIGURE = {"status": "poolable", "level": "1", "yi": 0.5, "vi": 0.04, "sign_used": 1.0}
EXACT = {"p_low": 0.015, "p_high": 0.025, "p_from": "printed", "sign_used": -1.0}
BOUND = {"p_high": 0.001, "p_from": "printed bound", "sign_used": 1.0}
WORDS = {"p_high": 0.05, "p_from": "significance stated", "sign_used": 1.0}
NONE = {"p_low": 0.05, "p_from": "significance stated"}
AHEAD = {"sign_used": 1.0}


def table(*rows):
    ids = [{"effect_id": f"t{i}-1", "sample_id": f"t{i}"} for i in range(len(rows))]
    return pd.DataFrame([SILENT | name | row for name, row in zip(ids, rows, strict=True)])


def test_each_kind_has_its_z():
    rows = table(FIGURE, EXACT, BOUND, WORDS, NONE, AHEAD, WORDS | {"sign_used": 0.0})
    found = z_scores(rows, ["self-compassion"]).set_index("sample_id")["z"]
    expected = [2.5, -stats.norm.isf(0.01), stats.norm.isf(0.0005), Z05, np.nan, np.nan, np.nan]
    np.testing.assert_allclose(found, expected)


def test_a_sample_counts_once_by_the_first_outcome_that_it_reports():
    rows = table(BOUND | {"outcome": "stress"}, NONE, WORDS | {"outcome": "stress"})
    rows["sample_id"] = ["a", "a", "b"]
    found = z_scores(rows, ["self-compassion", "stress"])
    assert found[["sample_id", "outcome"]].to_numpy().tolist() == [
        ["a", "self-compassion"],
        ["b", "stress"],
    ]
    assert z_scores(rows, ["stress"])["z"].tolist() == pytest.approx([stats.norm.isf(0.0005), Z05])
    with pytest.raises(PoolError, match="name the outcomes"):
        z_scores(rows, [])


def test_stouffer_is_the_sum_of_z_over_the_root_of_their_number():
    found = stouffer_bounds(table(FIGURE, WORDS, NONE, NONE, AHEAD), ["self-compassion"])
    total = 2.5 + Z05
    expected = [total / np.sqrt(2), total / 2, (total - 2 * Z05) / 2]
    np.testing.assert_allclose(found["z"], expected)
    assert found["k"].tolist() == [2, 4, 4]
    assert found["left_out"].tolist() == [3, 1, 1]


def test_without_a_p_there_is_no_z():
    assert stouffer_bounds(table(AHEAD), ["self-compassion"])["z"].isna().all()
    assert stouffer_bounds(table(AHEAD), ["stress"])["k"].eq(0).all()


def test_directions_are_counted_under_both_readings():
    rows = table(FIGURE, AHEAD, WORDS, {"sign_used": -1.0}, NONE)
    found = sign_test_bounds(rows)
    assert found[["favours", "against", "unknown"]].to_numpy().tolist() == [[3, 1, 1]] * 2
    assert found["share"].tolist() == [3 / 4, 3 / 5]
    # Clopper & Pearson's interval of 3 of 4, as R's binom.test
    assert found.loc[0, ["low", "high"]].tolist() == pytest.approx(
        [0.1941204, 0.9936905], abs=1e-7
    )
    assert "p" not in found


def test_the_interval_reaches_the_end_where_all_agree():
    found = sign_test_bounds(table(AHEAD, AHEAD)).loc[0]
    assert found["high"] == 1.0
    assert found["low"] == pytest.approx(0.025**0.5)
    only_unknown = sign_test_bounds(table(NONE)).loc[0]
    assert only_unknown[["share", "low", "high"]].isna().all()


def test_a_trial_counts_once_a_family():
    rows = table(AHEAD | {"outcome": "stress"}, AHEAD | {"outcome": "anxiety"}, AHEAD)
    rows["sample_id"] = "a"
    assert len(sign_test_bounds(rows)) == 2 * 3
    found = sign_test_bounds(rows, {"stress": "distress", "anxiety": "distress"})
    assert found["family"].unique().tolist() == ["distress"]
    assert found["favours"].tolist() == [1, 1]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"outcome": NO_BETTER_DIRECTION[0]}, id="outcome"),
        pytest.param({"higher_is_better": ""}, id="row"),
        pytest.param({"status": "excluded"}, id="excluded"),
    ],
)
def test_what_has_no_better_direction_is_out(row):
    assert sign_test_bounds(table(AHEAD | row))["favours"].sum() == 0
