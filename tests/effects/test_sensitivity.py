import numpy as np
import pandas as pd
import pytest

from lkcm.effects.sensitivity import (
    by_allocation,
    by_correlation,
    by_metric,
    by_model,
    largest_changes,
)

R = (0.2, 0.6, 0.9)


def test_a_test_of_change_scales_with_the_correlation(effects_row, trials_row):
    effects = effects_row(stat_kind="t", stat_value=2.0, model="change", df2=48.0)
    table = by_correlation(effects, trials_row(), R).set_index("setting")
    factors = np.sqrt(2 * (1 - np.array(R)))
    np.testing.assert_allclose(
        table.loc[list(R), "yi"] / table.loc[0.6, "yi"], factors / factors[1]
    )


def test_a_pre_post_control_effect_keeps_g_and_moves_its_variance(effects_row, trials_row):
    figures = dict(mean_pre_t=5.0, mean_t=7.0, mean_pre_c=5.0, mean_c=5.5)
    effects = effects_row(**figures, sd_pre_t=2.0, sd_pre_c=2.0)
    table = by_correlation(effects, trials_row(), R)
    assert table["yi"].nunique() == 1
    assert table["vi"].is_monotonic_decreasing
    assert table["vi"].nunique() == 3


@pytest.mark.parametrize(
    "analysis",
    [
        pytest.param(lambda *tables: by_correlation(*tables, R), id="correlation"),
        pytest.param(by_model, id="model"),
        pytest.param(by_metric, id="metric"),
        pytest.param(by_allocation, id="allocation"),
    ],
)
@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(
            {"stat_kind": "t", "stat_value": 2.0, "model": "post"}, id="rests-on-nothing"
        ),
        pytest.param({"stat_kind": "text"}, id="no-effect"),
        pytest.param(
            {"stat_kind": "t", "stat_value": 2.0, "model": "change", "hold": "unclear"}, id="held"
        ),
    ],
)
def test_rows_that_cannot_move_are_not_listed(effects_row, trials_row, analysis, fields):
    table = analysis(effects_row(**fields), trials_row())
    assert table.empty
    assert largest_changes(table, "post").empty


@pytest.mark.parametrize("model", ["mixed", "not-stated"])
def test_an_unstated_model_is_tried_as_each(effects_row, trials_row, model):
    effects = effects_row(stat_kind="t", stat_value=2.0, model=model)
    table = by_model(effects, trials_row()).set_index("setting")
    ratio = table["yi"] / table.loc["post", "yi"]
    np.testing.assert_allclose(ratio[["post", "change", "ancova"]], [1.0, np.sqrt(0.8), 0.8])


def test_a_printed_d_is_rescaled_by_its_model(effects_row, trials_row):
    effects = effects_row(stat_kind="d", stat_value=0.5, model="ancova")
    table = by_metric(effects, trials_row()).set_index("setting")
    np.testing.assert_allclose(table.loc["rescaled", "yi"] / table.loc["as printed", "yi"], 0.8)


def test_unequal_arms_widen_a_printed_d_and_move_a_t(effects_row, trials_row):
    sizes = {"n_t": np.nan, "n_c": np.nan}
    printed = effects_row(**sizes, stat_kind="g", stat_value=0.0, sign="+")
    table = by_allocation(printed, trials_row(n_randomised=60.0)).set_index("setting")
    assert table["yi"].eq(0).all()
    np.testing.assert_allclose(table.loc[["1:2", "1:1", "2:1"], "vi"], [0.075, 4 / 60, 0.075])
    test = effects_row(**sizes, stat_kind="t", stat_value=2.0)
    table = by_allocation(test, trials_row(n_randomised=60.0)).set_index("setting")
    np.testing.assert_allclose(table.loc["1:2", "yi"] / table.loc["1:1", "yi"], np.sqrt(9 / 8))


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5])
def test_an_empty_arm_is_refused(effects_row, trials_row, share):
    with pytest.raises(ValueError, match="allowed: between 0 and 1"):
        by_allocation(effects_row(), trials_row(), {"none": share})


def test_a_correlation_of_one_is_refused(effects_row, trials_row):
    with pytest.raises(ValueError, match="between -1 and 1"):
        by_correlation(effects_row(), trials_row(), [1.0])


def test_changes_count_from_the_base_and_the_largest_stands_first():
    table = pd.DataFrame(
        {
            "setting": ["a", "b", "c"] * 2,
            "effect_id": ["x"] * 3 + ["y"] * 3,
            "measure": "SMD",
            "conversion": "t:post",
            "yi": [0.5, 0.4, 0.55, 0.2, 0.9, 0.3],
            "vi": [0.04, 0.09, 0.01, 0.04, 0.04, 0.04],
        }
    )
    changes = largest_changes(table, "a").set_index("effect_id")
    assert changes.index.tolist() == ["y", "x"]
    np.testing.assert_allclose(changes["change"], [0.7, 0.1])
    np.testing.assert_allclose(changes.loc["x", ["lowest", "highest"]].astype(float), [0.4, 0.55])
    np.testing.assert_allclose(
        changes.loc["x", ["se", "se_lowest", "se_highest"]].astype(float), [0.2, 0.1, 0.3]
    )
