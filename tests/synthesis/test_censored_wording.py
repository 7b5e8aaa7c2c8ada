import numpy as np
import pandas as pd
import pytest

from lkcm.synthesis.censored import synthesise
from lkcm.synthesis.censored_wording import contribution_words, levels_sentence
from lkcm.synthesis.contributions import choose

SILENT = {
    **{"measure": "SMD", "yi": np.nan, "vi": np.nan, "level": "4", "status": "censored"},
    **{"reason": "", "instrument": "", "timepoint": "post", "followup_weeks": np.nan},
    **{"n_t_used": 32.0, "n_c_used": 32.0, "null_variance": 0.0625, "sign_used": 0.0},
    **{"p_low": 0.0, "p_high": 1.0, "p_from": ""},
}
FIGURE = {"status": "poolable", "level": "1", "yi": 0.4, "vi": 0.07, "sign_used": 1.0}
WORDS = {"p_high": 0.05, "p_from": "significance stated", "sign_used": 1.0}
NONE = {"p_low": 0.05, "p_from": "significance stated"}
AHEAD, BEHIND = {"sign_used": 1.0}, {"sign_used": -1.0}


def table(*rows):
    ids = [{"effect_id": f"t{i}-1", "sample_id": f"t{i}"} for i in range(len(rows))]
    return pd.DataFrame([SILENT | name | row for name, row in zip(ids, rows, strict=True)])


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (FIGURE, "g 0.40 (−0.12 to 0.92)"),
        (WORDS, "statistically significant: above 0.49"),
        (WORDS | BEHIND, "statistically significant: below −0.49"),
        (WORDS | {"sign_used": 0.0}, "statistically significant: beyond ±0.49"),
        (NONE, "no difference: −0.49 to 0.49"),
        (AHEAD, "direction only: above 0"),
        (BEHIND, "direction only: below 0"),
        (WORDS | {"p_high": 0.01, "p_from": "printed bound"}, "p printed: above 0.64"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_contribution_is_told_in_words(row, says):
    found = contribution_words(choose(table(row)).kept).iloc[0]
    assert found["says"].replace("\N{NO-BREAK SPACE}", " ") == says
    assert found["figure"] == (row is FIGURE)
    assert found["low"] < found["high"]


def test_the_sentence_gives_both_readings():
    found = synthesise(table(FIGURE, FIGURE | {"yi": 0.6}, FIGURE | {"yi": 0.2}, WORDS, AHEAD))
    told = levels_sentence(found, "passive comparators")
    a, b = (found.fits[name].estimate for name in "AB")
    assert told.startswith("Against passive comparators, 5 core trials say something")
    assert "3 by a figure" in told
    assert f"g {a:.2f} (95" in told
    assert f"(A), {b:.2f} (" in told


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        pytest.param([], "no core trial says anything", id="none"),
        pytest.param([AHEAD], "one core trial says something in some form, 0 by", id="one"),
        pytest.param([AHEAD, WORDS], "how large it is cannot be estimated", id="unbounded"),
        pytest.param([FIGURE, NONE, WORDS], "no headline, for 2 of them", id="few bounded"),
        pytest.param([FIGURE, FIGURE, FIGURE], "one reading is enough", id="no direction"),
    ],
)
def test_little_evidence_is_told_as_little(rows, words):
    found = synthesise(table(*rows)) if rows else None
    assert words in levels_sentence(found, "active comparators")
    assert "nan" not in levels_sentence(found, "active comparators").lower()
