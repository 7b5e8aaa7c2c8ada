import json

import numpy as np
import pytest
from made_rows import figure, made_rows

from lkcm.paths import ROOT
from lkcm.synthesis.contrasts import pool_effects
from lkcm.synthesis.moderators import CELLS, FEW_DF, fitted_line, holm, moderated, together
from lkcm.synthesis.trial_properties import NOT_STATED, Moderator

ORACLE = json.loads((ROOT / "tests" / "oracles" / "dependent.json").read_text("utf-8"))
KIND, DOSE = Moderator("kind", "kind"), Moderator("dose", "dose", "week")


def trials(*sizes, per=1):
    """Trials in classes a, b, c ... of the given sizes, several effects each."""
    rows = []
    for place, size in enumerate(sizes):
        for trial in range(size):
            for effect in range(per):
                yi = 0.4 * place + 0.1 * np.sin(7 * trial + 3 * effect + place)
                extra = {"kind": "abcdef"[place], "dose": float(trial)}
                name = {"sample_id": f"{place}-{trial}", "instrument": f"i{effect}"}
                rows.append(figure(yi) | extra | name)
    return made_rows(*rows)


@pytest.mark.parametrize("name", ["tannersmith2016", "corrdat"])
def test_slopes_and_wald_tests_agree_with_metafor_and_clubsandwich(name):
    case = next(
        c for c in ORACLE["cases"] if c["set"] == name and c["wald"] and c["method"] == "REML"
    )
    table = ORACLE["sets"][name]
    columns = {key: table[key] for key in case["moderators"]}
    rows = made_rows(*(figure(y, v) for y, v in zip(table["yi"], table["vi"], strict=True)))
    rows = rows.assign(sample_id=table["study"], instrument=range(len(rows)), **columns)
    numbers = [Moderator(key, key, "unit") for key in columns]
    found = together(rows, numbers, rho=case["rho"])
    assert found.used == tuple(columns)
    ours = [one.estimate for one in found.fit.coefficients]
    np.testing.assert_allclose(ours, case["estimate"], rtol=1e-4, atol=1e-6)
    wald = found.fit.wald(list(columns))
    assert wald.p == pytest.approx(case["wald"]["p"], rel=1e-4)


def test_classes_have_the_means_of_the_model_and_one_test():
    rows = trials(6, 5, 4, per=2)
    found = moderated(rows, KIND)
    assert found.cells.columns.tolist() == list(CELLS)
    assert found.cells["cell"].tolist() == ["a", "b", "c"]
    assert found.cells["trials"].tolist() == [6, 5, 4]
    columns = {cell: rows["kind"].eq(cell).to_numpy(float) for cell in "abc"}
    fit = pool_effects(rows, moderators=columns, intercept=False)
    assert found.cells["estimate"].tolist() == pytest.approx(
        [c.estimate for c in fit.coefficients]
    )
    assert found.wald.df_num == 2
    assert found.p == found.wald.p < 0.01
    assert found.permutation < 0.01
    assert found.slope is None  # three classes have no one difference


def test_two_classes_have_a_difference():
    found = moderated(trials(5, 4), KIND)
    assert found.slope.name == "b minus a"
    assert found.slope.p == pytest.approx(found.wald.p)


def test_a_class_of_three_is_counted_and_not_fitted():
    found = moderated(trials(5, 4, 3), KIND)
    by_cell = found.cells.set_index("cell")
    assert np.isnan(by_cell.loc["c", "estimate"])
    assert by_cell.loc["c", "note"] == "fewer than 4 trials: not fitted"
    assert by_cell.loc["b", "note"] == "fewer than 10 trials: no conclusion"
    assert not found.concluded


def test_what_is_not_stated_is_no_class():
    rows = trials(6, 6)
    rows.loc[rows["kind"] == "b", "kind"] = NOT_STATED
    found = moderated(rows, KIND)
    assert found.fit is None
    assert found.told == "fewer than two classes with 4 trials; nothing is fitted"
    assert found.p is None


def test_ten_trials_a_class_allow_a_conclusion():
    found = moderated(trials(10, 11), KIND)
    assert found.concluded
    assert found.told == ""


def test_a_number_has_a_slope_and_a_line():
    rows = trials(12)
    rows["yi"] = 0.1 + 0.05 * rows["dose"] + 0.01 * np.cos(5 * rows["dose"])
    found = moderated(rows, DOSE)
    assert found.slope.estimate == pytest.approx(0.05, abs=0.002)
    assert found.permutation == pytest.approx(1 / 2000)
    line = fitted_line(found, 3)
    assert line["x"].tolist() == [0.0, 5.5, 11.0]
    assert line["estimate"].iloc[1] == pytest.approx(0.1 + 0.05 * 5.5, abs=0.02)
    assert (line["low"] < line["estimate"]).all()
    assert fitted_line(moderated(trials(5, 5), KIND)).empty


def test_one_trial_far_out_leaves_too_few_degrees_of_freedom():
    rows = trials(12)
    rows["dose"] = [1.0, 1.1, 1.2, 1.3, 1.0, 1.1, 1.2, 1.3, 1.0, 1.1, 1.2, 90.0]
    found = moderated(rows, DOSE)
    assert not found.concluded
    assert found.told == FEW_DF


@pytest.mark.parametrize("rows", [trials(0), trials(2), trials(3)], ids=["none", "two", "three"])
@pytest.mark.parametrize("moderator", [KIND, DOSE], ids=["class", "number"])
def test_too_little_is_told_in_words(rows, moderator):
    rows = rows if len(rows) else trials(1).head(0)
    found = moderated(rows, moderator)
    assert found.fit is None
    assert "nothing is fitted" in found.told


def test_a_constant_number_is_not_fitted():
    found = moderated(trials(8).assign(dose=4.0), DOSE)
    assert found.told == (
        "8 trials with a figure state it, with 1 different values; nothing is fitted"
    )


def test_equal_effects_are_fitted_without_an_error():
    found = moderated(trials(5, 5).assign(yi=0.3), KIND)
    assert found.cells["estimate"].tolist() == pytest.approx([0.3, 0.3])
    assert found.wald is None
    assert found.permutation is None


def test_together_leaves_out_what_the_trials_do_not_suffice_for():
    rows = trials(6, 6).assign(again=lambda t: t["kind"], other=lambda t: t["dose"] % 2)
    wanted = [KIND, Moderator("again", "again"), DOSE, Moderator("other", "other", "unit")]
    found = together(rows, wanted)
    assert found.used == ("kind", "dose")
    assert found.left == ("again", "other")  # collinear, and too many for twelve trials
    assert "fewer than 10 trials for each coefficient" in found.told
    alone = together(rows.head(3), wanted)
    assert alone.fit is None
    assert "too few" in alone.told


def test_holms_p_is_stepwise_and_never_smaller():
    assert holm([0.01, None, 0.04, 0.03]) == pytest.approx([0.03, None, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([None]) == [None]
