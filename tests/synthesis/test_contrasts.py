import numpy as np
import pytest
from made_rows import ACTIVE, figure, made_rows

from lkcm.synthesis.contrasts import (
    CELLS,
    CONCLUDED_FROM,
    FITTED_FROM,
    arms_of,
    conclusion,
    contrast_by_rho,
    every_outcome,
    group_contrast,
    pool_effects,
    usable,
)
from lkcm.synthesis.dependent import RHOS, pool_dependent
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import PoolError

PASSIVE_EFFECTS, ACTIVE_EFFECTS = (0.9, 0.4, 0.7, 1.1, 0.6), (0.3, 0.1, 0.6, 0.2)
GROUPS = ("passive", "active")


@pytest.fixture
def rows():
    passive = [figure(yi) for yi in PASSIVE_EFFECTS]
    return made_rows(*passive, *(figure(yi) | ACTIVE for yi in ACTIVE_EFFECTS))


def test_the_difference_is_that_of_a_moderator_of_the_dependent_effects_model(rows):
    found = group_contrast(rows, "group", GROUPS)
    expected = pool_dependent(
        rows["yi"], rows["vi"], rows["sample_id"], moderators={"p": rows["group"].eq("passive")}
    ).coefficients[1]
    for field in ("estimate", "se", "df", "p"):
        ours = getattr(found.difference, field)
        assert ours == pytest.approx(getattr(expected, field), rel=1e-7)
    assert found.cells.columns.tolist() == list(CELLS)
    assert found.cells["trials"].tolist() == [5, 4]


def test_groups_the_other_way_round_turn_the_sign(rows):
    one, other = (group_contrast(rows, "group", cells) for cells in (GROUPS, GROUPS[::-1]))
    assert other.difference.estimate == pytest.approx(-one.difference.estimate)
    assert other.difference.se == pytest.approx(one.difference.se)


def test_fewer_than_ten_trials_a_group_allow_no_conclusion(rows):
    found = group_contrast(rows, "group", GROUPS)
    assert not found.concluded
    assert found.told == "fewer than 10 trials: passive (5), active (4); no conclusion is drawn"
    assert conclusion({"a": CONCLUDED_FROM, "b": 30}) == (True, "")


def test_fewer_than_four_trials_a_group_are_not_fitted(rows):
    found = group_contrast(rows.iloc[:-1], "group", GROUPS)
    assert FITTED_FROM == 4
    assert found.fit is None
    assert found.difference is None
    assert found.cells["estimate"].isna().all()
    assert found.told == "fewer than 4 trials with a figure: active (3); nothing is fitted"


@pytest.mark.parametrize("cells", [("passive",), ("passive", "passive"), (*GROUPS, "mindfulness")])
def test_a_contrast_is_of_two_groups(rows, cells):
    with pytest.raises(PoolError, match="of two groups"):
        group_contrast(rows, "group", cells)


def test_no_rows_are_told_in_words(rows):
    assert "passive (0), active (0)" in group_contrast(rows.head(0), "group", GROUPS).told
    assert contrast_by_rho(rows.head(0), "group", GROUPS).empty


def test_a_shared_arm_widens_what_two_effects_tell_together():
    several = made_rows(
        *(figure(0.5) | {"sample_id": f"s{i // 2}", "control": f"c{i % 2}"} for i in range(8))
    )
    apart = several.assign(control="one", outcome=[f"o{i % 2}" for i in range(8)])
    shared = arms_of(several)
    assert len(set(shared.treatment)) == 1
    assert len(set(shared.outcome)) == 1
    assert pool_effects(several).k == pool_effects(apart).k == 8


def test_rows_of_one_name_are_two_measurements():
    twice = made_rows(
        *(figure(y) | {"sample_id": f"s{i // 2}"} for i, y in enumerate((0.2, 0.4, 0.1, 0.9)))
    )
    assert len(set(arms_of(twice).outcome)) == 2
    assert pool_effects(twice).n_studies == 2


def test_sizes_that_are_not_known_are_those_of_the_variance(rows):
    without = rows.assign(n_t_used=np.nan, n_c_used=np.nan)
    np.testing.assert_allclose(arms_of(without).n_treatment, 2 / rows["vi"])
    assert pool_effects(without).mean.estimate == pytest.approx(
        pool(rows["yi"], rows["vi"]).estimate, rel=1e-6
    )


def test_rho_is_varied_and_does_not_matter_with_one_effect_a_trial(rows):
    varied = contrast_by_rho(rows, "group", GROUPS)
    assert varied["rho"].tolist() == list(RHOS)
    assert np.ptp(varied["estimate"]) < 1e-6


def test_only_standardised_mean_differences_that_can_be_pooled_take_part(rows):
    rows.loc[0, "status"], rows.loc[1, "measure"] = "sensitivity", "logRR"
    assert usable(rows)["effect_id"].tolist() == rows["effect_id"].tolist()[2:]


def test_all_outcomes_stand_together(rows):
    rows["outcome"] = ["stress", "anxiety"] * 4 + ["burnout"]
    found = every_outcome(rows)
    assert sorted(found["effect_id"]) == sorted(rows["effect_id"])
    assert every_outcome(rows.head(0)).empty
