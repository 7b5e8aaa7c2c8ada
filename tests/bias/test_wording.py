import numpy as np
import pandas as pd
import pytest

from lkcm.bias.checks import CHECKS, POOLED
from lkcm.bias.gosh import gosh
from lkcm.bias.power import WORLDS, power_at
from lkcm.bias.verdict import Trials, verdict_table
from lkcm.bias.wording import (
    BIAS_COLUMNS,
    NO_CORRECTION,
    abstracts_sentence,
    asked_sentence,
    bias_lines,
    correction_lines,
    gosh_cells,
    gosh_sentence,
    rate_lines,
    verdict_lines,
    within_chart,
)

N = np.array([15.0, 20, 25, 30, 40, 60])
YI = np.array([0.9, 0.7, 0.3, 0.6, 0.2, 0.4])
VI = 2 / N + YI**2 / (4 * N)
TRIALS = Trials(YI, VI, 2 / N, N, N)
SPACE = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def power():
    return power_at(N, N, *TRIALS.pooled(), sets=100)


@pytest.fixture(scope="module")
def judged(power):
    return verdict_table(TRIALS, power=power)


def test_rates_are_of_the_checks_that_decide_in_the_order_of_the_table(power):
    lines = rate_lines(power)
    assert list(lines["name"].unique()) == [c.name for c in CHECKS.values() if c.verdict]
    assert set(lines["selection"]) == set(WORLDS)


def test_no_correction_comes_first(power):
    assert bias_lines(power)["name"].iloc[0] == NO_CORRECTION


def test_a_method_that_is_far_off_is_told_and_not_drawn(power):
    left = bias_lines(power.assign(bias=power["bias"].clip(-0.9, 0.9)))
    drawn, told = within_chart(left)
    assert len(drawn) == len(left) and told == ""
    far = left[left["name"].isin([NO_CORRECTION, "PET-PEESE"])].copy()
    far.loc[far["name"] == "PET-PEESE", "bias"] = [-1.0, 0.0, 1.0, 2.0]
    drawn, told = within_chart(far)
    assert set(drawn["name"]) == {NO_CORRECTION}
    assert told == "Off the chart: PET-PEESE, with mean errors from −1.00 to 2.00."


def test_verdicts_in_words(judged):
    lines = verdict_lines(judged).set_index("name")
    assert "PET-PEESE" not in lines.index
    assert lines.loc["Trim and fill, L₀", "verdict"] == "description only"
    assert lines["says"].str.match(rf"(positive|negative)(, p{SPACE}=|$)|cannot").all()
    assert (
        lines.loc["Egger, on size", "power"]
        .replace(SPACE, " ")
        .endswith(("± 1", "± 2", "± 3", "± 4", "± 5", "± 6", "± 7", "± 8", "± 9", "± 10"))
    )


def test_corrections_stand_beside_the_error_they_leave(judged, power):
    lines = correction_lines(judged, power, 0.5).set_index("name")
    assert lines.index[0] == NO_CORRECTION and lines.loc[NO_CORRECTION, "estimate"] == 0.5
    assert set(BIAS_COLUMNS) <= set(lines.columns)
    row = power[(power["check"] == POOLED) & (power["selection"] == "strong")]
    assert lines.loc[NO_CORRECTION, "bias_strong"] == row["bias"].item()


def test_how_many_reviews_a_check_was_asked_about_is_told(power):
    assert asked_sentence(power) == "100 simulated reviews of each kind."
    few = asked_sentence(power.assign(sets=power["sets"].where(power["check"] != "beta", 40)))
    assert few == (
        "100 simulated reviews of each kind; the costly checks (Selection model, beta weight) are "
        "asked about 40 of them."
    )


def test_why_the_checks_cannot_tell(power):
    told = abstracts_sentence(power, 6)
    inflation = power.set_index(["selection", "check"]).loc[("abstracts", POOLED), "bias"]
    assert f"g {inflation:.2f} on average" in told


@pytest.mark.parametrize(("subsets", "which"), [(1000, "all 57 subsets"), (40, "40 randomly")])
def test_subsets_are_counted_once_and_said(subsets, which):
    found = gosh(YI, VI, subsets=subsets)
    cells = gosh_cells(found)
    assert cells["subsets"].sum() == len(found.estimate)
    assert (cells["x"] < cells["x2"]).all() and (cells["y"] < cells["y2"]).all()
    assert which in gosh_sentence(found)


def test_a_rate_that_is_missing_is_not_printed():
    row = {column: np.nan for column in ("positive", "p", "false_alarm", "power", "power_strong")}
    row |= {f"{column}_se": np.nan for column in ("false_alarm", "power", "power_strong")}
    row |= {"name": "x", "rule": "y", "verdict": "cannot be computed"}
    lines = verdict_lines(pd.DataFrame([row]))
    assert lines["says"].tolist() == ["cannot be computed"]
    assert lines["power"].isna().all()
