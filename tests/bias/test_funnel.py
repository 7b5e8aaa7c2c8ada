import pytest

from lkcm.bias.funnel import ZONES, funnel_contours, funnel_points


def test_each_trial_lies_in_the_zone_of_its_p_value():
    table = funnel_points([0.1, 0.35, -0.45, 1.0], [0.04] * 4)
    assert table["zone"].tolist() == list(ZONES)
    assert table["p"].iloc[1] == pytest.approx(0.0801, abs=1e-4)


def test_contours_meet_at_zero_and_the_cone_at_the_effect():
    lines = funnel_contours(0.5, 0.3, points=3)
    assert set(lines["line"]) == {"p = .10", "p = .05", "p = .01", "95 % of trials"}
    top = lines[lines["se"] == 0].groupby("line")["x"].first()
    assert top.to_dict() == {"p = .10": 0, "p = .05": 0, "p = .01": 0, "95 % of trials": 0.3}
    right = lines[(lines["line"] == "p = .05") & (lines["side"] == 1)]
    assert right["x"].tolist() == pytest.approx([0, 0.25 * 1.959964, 0.5 * 1.959964])
