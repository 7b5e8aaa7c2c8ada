import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_rows import ACTIVE, AHEAD, NO_DIFFERENCE, SIGNIFICANT, figure, made_rows

from lkcm.synthesis.censored import synthesise
from lkcm.synthesis.level_contrasts import leave_one_out_levels, level_contrast, mover
from lkcm.synthesis.pooled import PoolError

GROUPS = ("passive", "active")
PASSIVE = (figure(0.9), figure(0.5), SIGNIFICANT, NO_DIFFERENCE, AHEAD)
OTHERS = (figure(0.2), figure(0.3), NO_DIFFERENCE, NO_DIFFERENCE)


@pytest.fixture
def rows():
    return made_rows(*PASSIVE, *(row | ACTIVE for row in OTHERS))


def test_each_group_has_its_own_synthesis(rows):
    found = level_contrast(rows, "group", GROUPS)
    line = found.differences.set_index("variant").loc["B"]
    fits = [synthesise(rows[rows["group"] == name]).fits["B"] for name in GROUPS]
    assert line["difference"] == pytest.approx(fits[0].estimate - fits[1].estimate)
    assert (line["first_low"], line["first_high"]) == fits[0].ci
    assert found.trials == (5, 4)
    assert "fewer than 10" in found.told
    assert not found.concluded


def test_a_group_of_three_is_not_fitted(rows):
    found = level_contrast(rows.iloc[:-1], "group", GROUPS)
    assert found.differences["difference"].isna().all()
    assert found.differences["second"].isna().all()
    assert found.differences["first"].notna().all()
    assert found.told == "fewer than 4 trials: active (3); nothing is fitted"
    assert leave_one_out_levels(found).empty


def test_a_group_without_an_estimate_says_why():
    rows = made_rows(*[SIGNIFICANT] * 4, *[row | ACTIVE for row in OTHERS])
    found = level_contrast(rows, "group", GROUPS)
    assert "how large it is cannot be estimated" in found.told
    assert not found.concluded


def test_trials_in_both_groups_are_counted(rows):
    both = rows.assign(sample_id=[f"s{i}" for i in (0, 1, 2, 3, 4, 0, 1, 5, 6)])
    assert level_contrast(both, "group", GROUPS).shared == 2


def test_two_groups_are_needed(rows):
    with pytest.raises(PoolError, match="of two groups"):
        level_contrast(rows, "group", ("passive", "passive"))


def test_without_each_trial_is_the_contrast_of_the_others(rows):
    found = level_contrast(rows, "group", GROUPS)
    without = leave_one_out_levels(found)
    assert len(without) == 9
    for place in (0, 4):
        others = rows.drop(index=place)
        expected = level_contrast(others, "group", GROUPS).differences.iloc[0]
        mine = without[without["sample_id"] == rows["sample_id"][place]].iloc[0]
        np.testing.assert_allclose(
            mine[["difference", "low", "high"]].astype(float),
            expected[["difference", "low", "high"]].astype(float),
            rtol=1e-6,
        )


def test_symmetric_intervals_give_the_normal_interval_of_a_difference():
    low, high = mover(1.0, (0.4, 1.6), 0.5, (-0.3, 1.3))
    assert (low, high) == pytest.approx((0.5 - 1.0, 0.5 + 1.0))


def test_a_published_example_of_mover():
    # Zou & Donner 2008: a difference of proportions, 56/70 and 48/80, from Wilson's intervals
    low, high = mover(0.8, (0.6916, 0.8775), 0.6, (0.4898, 0.7007))
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=1e-3)


numbers = st.floats(-2, 2)
widths = st.floats(0.01, 2)


@given(numbers, widths, widths, numbers, widths, widths)
def test_the_other_way_round_turns_the_interval(a, da, ea, b, db, eb):
    low, high = mover(a, (a - da, a + ea), b, (b - db, b + eb))
    turned = mover(b, (b - db, b + eb), a, (a - da, a + ea))
    assert turned == pytest.approx((-high, -low))
    assert low <= a - b <= high
