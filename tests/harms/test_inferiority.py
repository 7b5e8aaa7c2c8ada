import numpy as np
import pandas as pd
import pytest

from lkcm.harms.inferiority import READINGS, non_inferiority

ROW = {
    **{"sample_id": "s", "outcome": "ptsd", "measure": "SMD", "harm": "none", "level": "4"},
    **{"status": "censored", "reason": "", "yi": np.nan, "vi": np.nan, "null_variance": 0.01},
    **{"sign_used": 0.0, "p_low": 0.0, "p_high": 1.0, "instrument": "x", "timepoint": "post"},
    **{"followup_weeks": np.nan, "n_t_used": 200.0, "n_c_used": 200.0},
}
FIGURE = {"status": "poolable", "level": "2a", "vi": 0.01}


def judge(margin=0.25, **change):
    rows = pd.DataFrame([ROW | {"effect_id": "e"} | change])
    return non_inferiority(rows, margin).iloc[0]


@pytest.mark.parametrize(
    ("change", "worst", "reading"),
    [
        (FIGURE | {"yi": 0.3, "sign_used": 1.0}, 0.104, "superior"),
        (FIGURE | {"yi": 0.0}, -0.196, "not inferior"),
        (FIGURE | {"yi": -0.2, "sign_used": -1.0}, -0.396, "cannot be told"),
        (FIGURE | {"yi": -0.6, "sign_used": -1.0}, -0.796, "inferior"),
        ({"sign_used": 1.0, "p_high": 0.05}, 0.0, "superior"),
        ({"sign_used": 1.0}, -0.196, "not inferior"),
        ({"sign_used": 1.0, "p_low": 0.05}, -0.196, "not inferior"),
        ({"p_low": 0.05}, -0.392, "cannot be told"),
        ({"sign_used": -1.0, "p_low": 0.05}, -0.392, "cannot be told"),
        ({"sign_used": -1.0}, np.nan, "cannot be told"),
        ({"sign_used": 1.0, "null_variance": np.nan}, np.nan, "cannot be told"),
    ],
)
def test_figures_and_words_bound_the_lower_limit(change, worst, reading):
    found = judge(**change)
    assert found["worst"] == pytest.approx(worst, abs=5e-4, nan_ok=True)
    assert found["reading"] == reading and reading in READINGS
    assert found["basis"] == ("figure" if change.get("status") == "poolable" else "words")


def test_a_wider_margin_lets_more_pass():
    assert judge(margin=0.5, p_low=0.05)["reading"] == "not inferior"
    with pytest.raises(ValueError, match="margin is 0"):
        judge(margin=0)


def test_one_row_a_trial_and_outcome_a_figure_first():
    rows = pd.DataFrame(
        [
            ROW | {"effect_id": "e1", "p_low": 0.05},
            ROW | {"effect_id": "e2"} | FIGURE | {"yi": 0.1},
            ROW | {"effect_id": "e3", "outcome": "pain", "sign_used": 1.0},
            ROW | {"effect_id": "e4", "harm": "dropout", "sign_used": 1.0},
            ROW | {"effect_id": "e5", "outcome": "stress"},
            ROW | {"effect_id": "e6", "outcome": "shame", "status": "excluded", "sign_used": 1.0},
        ]
    )
    assert non_inferiority(rows, 0.2)["effect_id"].tolist() == ["e2", "e3"]
    assert non_inferiority(rows.head(0), 0.2).empty
