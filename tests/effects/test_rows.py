import numpy as np
import pandas as pd
import pytest

from lkcm.effects.rows import ConversionRules, prepare

DEFAULT = ConversionRules()


def first(rows):
    return rows.iloc[0]


def test_missing_columns_are_supplied_empty():
    rows = prepare(pd.DataFrame({"effect_id": ["x"]}), pd.DataFrame({"trial_id": []}), DEFAULT)
    assert rows["sizes"].item() == "no-total"
    assert np.isnan(rows["mean_t"].item())
    assert rows["hold"].item() == ""


def test_an_empty_column_read_as_numbers_is_empty_text(effects_row, trials_row):
    rows = prepare(effects_row(hold=np.nan, study=np.nan), trials_row(), DEFAULT)
    assert rows[["hold", "study"]].to_numpy().tolist() == [["", ""]]


@pytest.mark.parametrize(
    ("effect", "trial", "rules", "sizes", "n"),
    [
        ({}, {}, {}, "stated", (30, 20)),
        ({"n_t": None, "n_c": None}, {}, {}, "equal-arms", (25, 25)),
        ({"n_t": None, "n_c": None}, {"n_arms": "3"}, {}, "more-than-two-arms", None),
        ({"n_t": None, "n_c": None}, {"n_arms": "not-stated"}, {}, "arms-not-stated", None),
        ({"n_t": None, "n_c": None}, {"n_randomised": None}, {}, "no-total", None),
        ({"n_t": None, "n_c": None, "study": "b"}, {}, {}, "several-studies", None),
        ({"n_t": None, "n_c": None}, {"design": "crossover"}, {}, "crossover", None),
        ({"n_t": None, "n_c": None}, {}, {"equal_arms": False}, "equal-arms-off", None),
        ({"n_c": None}, {}, {}, "one-arm", None),
        ({"n_c": 0}, {}, {}, "one-arm", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_sizes(effects_row, trials_row, effect, trial, rules, sizes, n):
    rows = prepare(effects_row(**effect), trials_row(**trial), ConversionRules(**rules))
    assert first(rows)["sizes"] == sizes
    expected = n or (np.nan, np.nan)
    np.testing.assert_array_equal(first(rows)[["n_t_used", "n_c_used"]].astype(float), expected)


@pytest.mark.parametrize(
    ("model", "assumed", "used", "factor"),
    [
        ("post", "change", "post", 1.0),
        ("mixed", "post", "post", 1.0),
        ("mixed", "change", "change", 0.8),
        ("not-stated", "ancova", "ancova", 0.64),
        ("multivariate", "post", "multivariate", np.nan),
        ("counts", "post", "counts", np.nan),
    ],
)
def test_model_is_assumed_only_where_unknown(
    effects_row, trials_row, model, assumed, used, factor
):
    rules = ConversionRules(assume_model=assumed)
    row = first(prepare(effects_row(model=model), trials_row(), rules))
    assert row["model_used"] == used
    np.testing.assert_allclose(row["variance_factor"], factor)


POST = {"mean_t": 8.0, "mean_c": 10.0}
BASELINE = {"mean_pre_t": 9.0, "mean_pre_c": 14.0, "sd_pre_t": 3.0, "sd_pre_c": 3.0}


@pytest.mark.parametrize(
    ("fields", "sign", "conflict"),
    [
        pytest.param({"sign": "-"}, -1, False, id="no means: as stated"),
        pytest.param({"sign": "?"}, 0, False, id="unknown"),
        pytest.param(POST | {"higher_is_better": "no"}, 1, False, id="means agree"),
        pytest.param(POST | {"higher_is_better": "yes"}, -1, True, id="means contradict"),
        pytest.param(POST | {"sign": "?"}, -1, False, id="means decide an unknown sign"),
        pytest.param(POST | {"higher_is_better": ""}, 1, False, id="better side unknown"),
        pytest.param(
            POST | BASELINE | {"higher_is_better": "no"}, -1, False, id="changes decide the effect"
        ),
    ],
)
def test_signs(effects_row, trials_row, fields, sign, conflict):
    row = first(prepare(effects_row(**fields), trials_row(), DEFAULT))
    assert row["sign_used"] == sign
    assert row["sign_conflict"] == conflict


@pytest.mark.parametrize(
    ("p", "significant", "low", "high", "source"),
    [
        ("<0.01", "yes", 0, 0.01, "printed bound"),
        ("0.05", "yes", 0, 0.05, "printed bound"),
        ("0.05", "not-stated", 0, 0.05, "printed bound"),
        ("0.05", "no", 0.05, 0.055, "printed bound"),
        ("<0.10", "no", 0.05, 0.10, "printed bound"),
        ("0.034", "yes", 0.0335, 0.0345, "printed"),
        ("0.2", "yes", 0.15, 0.25, "printed"),
        ("", "yes", 0, 0.05, "significance stated"),
        ("", "no", 0.05, 1, "significance stated"),
        ("", "not-stated", 0, 1, ""),
    ],
)
def test_p_intervals(effects_row, trials_row, p, significant, low, high, source):
    effects = effects_row(p_value=p, significant=significant)
    row = first(prepare(effects, trials_row(), DEFAULT))
    np.testing.assert_allclose([row["p_low"], row["p_high"]], [low, high], atol=1e-12)
    assert row["p_from"] == source
    assert row["p_disagrees"] == (p == "0.2")


def test_p_is_read_from_the_statistic_where_its_own_column_is_empty(effects_row, trials_row):
    row = first(prepare(effects_row(stat_kind="p", stat_value=0.034), trials_row(), DEFAULT))
    assert (row["p_kind"], row["p"]) == ("exact", 0.034)


@pytest.mark.parametrize(
    ("trial", "expected"),
    [
        ({}, 1.0),
        ({"design": "cluster", "cluster_units_per_arm": 5}, 1 + 4 * 0.05),
        (
            {"design": "cluster", "cluster_units_per_arm": 5, "age_group": "children"},
            1 + 4 * 0.15,
        ),
        ({"design": "cluster"}, np.nan),
    ],
    ids=["parallel", "cluster", "classrooms", "units not stated"],
)
def test_design_effect_of_cluster_trials(effects_row, trials_row, trial, expected):
    row = first(prepare(effects_row(), trials_row(**trial), DEFAULT))
    np.testing.assert_allclose(row["design_effect"], expected)


@pytest.mark.parametrize(
    ("total", "paired"), [(50, False), (30, True)], ids=["first period", "same people"]
)
def test_crossover_is_paired_when_people_count_twice(effects_row, trials_row, total, paired):
    trials = trials_row(design="crossover", n_randomised=total)
    assert first(prepare(effects_row(), trials, DEFAULT))["paired"] == paired


def test_duplicate_ids_are_refused_by_name(effects_row, trials_row):
    effects = pd.concat([effects_row(), effects_row()])
    with pytest.raises(ValueError, match="effects.csv: effect_id must be unique.*a-1"):
        prepare(effects, trials_row(), DEFAULT)
    trials = pd.concat([trials_row(), trials_row()])
    with pytest.raises(ValueError, match="trials.csv: trial_id must be unique.*a"):
        prepare(effects_row(), trials, DEFAULT)


def test_all_bad_rules_are_named_at_once():
    with pytest.raises(ValueError, match="r is 2.*icc is -1.*assume_model.*event_measure"):
        ConversionRules(r=2, icc=-1, assume_model="mixed", event_measure="HR")
