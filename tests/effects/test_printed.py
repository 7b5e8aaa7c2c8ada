import numpy as np
import pandas as pd
import pytest

from lkcm.effects.printed import effect_text, printed_text, result_names


@pytest.mark.parametrize(
    ("row", "text"),
    [
        pytest.param({"stat_kind": "d", "stat_value": 0.54}, "d = 0.54", id="d"),
        pytest.param(
            {"stat_kind": "F", "stat_value": 6.2, "df1": 1.0, "df2": 58.0},
            "F(1, 58) = 6.2",
            id="F",
        ),
        pytest.param({"stat_kind": "t", "stat_value": -2.1, "df2": 40.0}, "t(40) = -2.1", id="t"),
        pytest.param(
            {"mean_t": 3.2, "sd_t": 0.6, "mean_c": 2.9, "sd_c": 0.6},
            "M 3.2 (0.6) v 2.9 (0.6)",
            id="means",
        ),
        pytest.param(
            {"mean_pre_t": 2.0, "mean_pre_c": 2.1, "mean_t": 3.0, "sd_t": 1.0},
            "M before 2 v 2.1, M 3 (1) v not stated",
            id="means-one-arm",
        ),
        pytest.param(
            {"mean_change_t": 1.5, "mean_change_c": 0.0}, "M of change 1.5 v 0", id="changes"
        ),
        pytest.param(
            {"events_t": 24.0, "n_t": 60.0, "events_c": 30.0, "n_c": 61.0},
            "24 of 60 v 30 of 61",
            id="counts",
        ),
        pytest.param({"events_t": 0.0}, "0 v not stated", id="counts-one-arm"),
        pytest.param({"stat_kind": "text", "p_value": "<0.001"}, "p < 0.001", id="p-bound"),
        pytest.param({"stat_kind": "p", "stat_value": 0.04}, "p = 0.04", id="p-statistic"),
        pytest.param(
            {"stat_kind": "p", "stat_value": 0.04, "p_value": "0.040"}, "p = 0.040", id="p-once"
        ),
        pytest.param(
            {"stat_kind": "or", "stat_value": 2.0, "ci_low": 1.1, "ci_high": 3.6, "ci_level": 0.9},
            "OR = 2 (90 % CI 1.1 to 3.6)",
            id="interval",
        ),
        pytest.param(
            {"stat_kind": "d", "stat_value": 0.3, "ci_low": 0.1, "ci_high": 0.5},
            "d = 0.3 (CI 0.1 to 0.5)",
            id="interval-level-not-stated",
        ),
        pytest.param(
            {"stat_kind": "text", "sign": "-", "significant": "no"},
            "words only: control arm better, not statistically significant",
            id="words",
        ),
        pytest.param(
            {"stat_kind": "text", "sign": "?", "direction": "favours-t"},
            "words only: no direction stated",
            id="sign-wins-over-direction",
        ),
        pytest.param(
            {"stat_kind": "text", "direction": "favours-t"},
            "words only: LKCM arm better",
            id="second-reading",
        ),
    ],
)
def test_figures_are_written_as_a_source_prints_them(row, text):
    assert printed_text(pd.DataFrame([row], index=[7])).loc[7] == text


def test_a_table_without_rows_gives_no_text():
    assert printed_text(pd.DataFrame({"stat_kind": []})).empty


def test_effects_are_read_on_their_own_scale():
    converted = pd.DataFrame(
        {
            "measure": ["SMD", "logRR", "SMD"],
            "yi": [0.5, np.log(2.0), np.nan],
            "vi": [0.04, 0.01, np.nan],
        }
    )
    read = effect_text(converted)
    assert read["measure"].tolist() == ["g", "RR", "g"]
    np.testing.assert_allclose(read["effect"], [0.5, 2.0, np.nan])
    np.testing.assert_allclose(read["low"].iloc[1], 2 * np.exp(-0.1 * 1.959963984540054))
    assert read["interval"].iloc[0].replace("\N{NO-BREAK SPACE}", " ") == "0.11 to 0.89"
    assert pd.isna(read["interval"].iloc[2])


def test_alike_names_are_numbered_and_unknown_trials_keep_their_id():
    rows = pd.DataFrame(
        {
            "trial_id": ["a", "a", "b"],
            "instrument": ["BDI", "BDI", ""],
            "outcome": ["depression", "depression", "stress"],
        }
    )
    names = result_names(rows, pd.Series({"a": "Neff 2013"}))
    assert names.tolist() == ["Neff 2013, BDI (1)", "Neff 2013, BDI (2)", "b, stress"]
