import numpy as np
import pytest

from lkcm.ipd.equity import DIVISIONS, equity_panel
from lkcm.ipd.moderators import holm


def test_every_division_has_its_groups_and_tests(synthetic):
    _, numbers, _ = synthetic
    panel = equity_panel(numbers)
    assert len(panel.groups) == 2 * len(DIVISIONS)
    assert set(panel.tests["outcome"]) == {"effect", "adherence", "worsening"}
    np.testing.assert_allclose(panel.tests["holm"], holm(panel.tests["p"]))
    inside = panel.tests["low"] < panel.tests["difference"]
    assert (inside & (panel.tests["difference"] < panel.tests["high"])).all()


def test_the_truth_of_adherence_is_found(synthetic):
    frame, numbers, _ = synthetic
    told = frame["education"].map({"primary": 0.0, "secondary": 1.0, "tertiary": 1.0})
    panel = equity_panel(numbers.assign(tertiary=told.astype(float)))
    row = panel.tests.query("outcome == 'adherence' and division.str.contains('education')")
    assert row["difference"].item() == pytest.approx(0.12, abs=0.04)
    assert row["holm"].item() < 0.01


def test_small_groups_are_not_shown(synthetic):
    _, numbers, _ = synthetic
    few = numbers.groupby("trial").head(3).iloc[:12].assign(woman=0.0)
    few.loc[few.index[:4], "woman"] = 1.0
    groups = equity_panel(few).groups.set_index("group")
    assert np.isnan(groups.loc["women", ["estimate", "adherence", "worse_t"]].astype(float)).all()


def test_what_nobody_measured_has_no_test(synthetic):
    _, numbers, _ = synthetic
    panel = equity_panel(numbers.assign(minority=np.nan))
    assert not panel.tests["division"].str.contains("minority").any()
