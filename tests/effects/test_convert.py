from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.effects import REASONS, convert, smd, waterfall
from lkcm.effects.convert import LABELS

DATA = Path(__file__).parents[2] / "data"
STATUSES = ["poolable", "sensitivity", "censored", "excluded"]
PRINTED = {"stat_kind": "d", "stat_value": 0.5}
MEANS = {"mean_t": 12.0, "sd_t": 4.0, "mean_c": 10.0, "sd_c": 5.0}


@pytest.fixture(scope="module")
def evidence():
    return pd.read_csv(DATA / "effects.csv"), pd.read_csv(DATA / "trials.csv")


@pytest.fixture(scope="module")
def converted(evidence):
    return convert(*evidence)


@pytest.mark.parametrize(
    ("fields", "level", "status"),
    [
        (MEANS, "1", "poolable"),
        (MEANS | {"n_t": None, "n_c": None}, "2b", "poolable"),
        (PRINTED, "2a", "poolable"),
        (PRINTED | {"n_t": None, "n_c": None}, "2b", "poolable"),
        ({"events_t": 3, "events_c": 5, "model": "counts"}, "1", "poolable"),
        ({"stat_kind": "p", "p_value": "0.034"}, "2c", "sensitivity"),
        (
            {"stat_kind": "p", "p_value": "0.034", "n_t": None, "n_c": None},
            "2c",
            "sensitivity",
        ),
        ({"stat_kind": "p", "p_value": "0.05"}, "3", "censored"),
        ({"p_value": "<0.001"}, "3", "censored"),
        ({"significant": "yes"}, "4", "censored"),
        ({"significant": "no", "sign": "?"}, "4", "censored"),
        (PRINTED | {"hold": "check"}, "", "excluded"),
    ],
)
def test_levels(effects_row, trials_row, fields, level, status):
    row = convert(effects_row(**fields), trials_row()).iloc[0]
    assert (row["level"], row["status"]) == (level, status)


def test_ratio_from_an_interval_needs_no_sizes(effects_row, trials_row):
    effects = effects_row(
        stat_kind="or", stat_value=3.9, ci_low=1.1, ci_high=13.4, n_t=None, n_c=None
    )
    row = convert(effects, trials_row()).iloc[0]
    assert (row["level"], row["measure"], row["flags"]) == ("2a", "logOR", "95 % interval assumed")
    assert row["yi"] == pytest.approx(np.log(3.9))


def test_2c_is_pooled_on_request(effects_row, trials_row):
    effects = effects_row(stat_kind="p", p_value="0.034")
    assert convert(effects, trials_row(), include_2c=True)["status"].item() == "poolable"


@pytest.mark.parametrize(
    ("fields", "sign"),
    [
        (PRINTED, 1),
        (PRINTED | {"stat_value": -0.5}, 1),
        (PRINTED | {"sign": "-"}, -1),
        (MEANS, 1),
        (MEANS | {"higher_is_better": "no", "sign": "?"}, -1),
        ({"stat_kind": "t", "stat_value": -2.0}, 1),
        ({"stat_kind": "F", "stat_value": 4.0, "df1": 1, "sign": "-"}, -1),
    ],
)
def test_sign_is_never_that_of_the_printed_number(effects_row, trials_row, fields, sign):
    row = convert(effects_row(**fields), trials_row()).iloc[0]
    assert np.sign(row["yi"]) == sign == row["sign_used"]


@pytest.mark.parametrize(
    ("value", "significant", "p", "source"),
    [
        (0.9, "not-stated", (0, 0.05), "significance computed"),
        (0.1, "not-stated", (0.05, 1), "significance computed"),
        (0.9, "no", (0.05, 1), "significance stated"),
    ],
)
def test_unsigned_figure_is_censored(effects_row, trials_row, value, significant, p, source):
    effects = effects_row(stat_kind="d", stat_value=value, sign="?", significant=significant)
    row = convert(effects, trials_row()).iloc[0]
    assert (row["level"], row["status"], row["sign_used"]) == ("3", "censored", 0)
    assert (row["p_low"], row["p_high"], row["p_from"]) == (*p, source)
    assert np.isnan(row["yi"])


def test_effect_of_exactly_zero_needs_no_sign(effects_row, trials_row):
    row = convert(effects_row(stat_kind="d", stat_value=0.0, sign="?"), trials_row()).iloc[0]
    assert (row["yi"], row["status"]) == (0, "poolable")


@pytest.mark.parametrize(
    ("fields", "trial", "flag"),
    [
        (PRINTED, {}, "metric unknown"),
        (PRINTED | {"stat_kind": "smd"}, {}, "smd not J-corrected"),
        (PRINTED | {"n_t": None, "n_c": None}, {}, "equal arms assumed"),
        ({"stat_kind": "t", "stat_value": 2.0, "model": "mixed"}, {}, "model not stated"),
        ({"stat_kind": "t", "stat_value": 2.0, "model": "change"}, {}, "pre-post correlation"),
        ({"events_t": 0, "events_c": 5}, {}, "0.5 added to each cell"),
        ({"events_t": 0, "events_c": 0}, {}, "no event in either arm"),
        (PRINTED, {"design": "cluster", "cluster_units_per_arm": 4}, "inflated for clustering"),
        (PRINTED | {"n_c": 30}, {"design": "crossover", "n_randomised": 30}, "paired variance"),
        (MEANS | {"higher_is_better": ""}, {}, "sign from text"),
        (PRINTED | {"p_value": "0.4", "significant": "yes"}, {}, "p and significance disagree"),
        (
            PRINTED | {"ci_low": 0.1, "ci_high": 0.9, "n_t": None, "n_c": None, "study": "b"},
            {},
            "metric unknown; d not J-corrected; 95 % interval assumed",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_flags(effects_row, trials_row, fields, trial, flag):
    row = convert(effects_row(**fields), trials_row(**trial)).iloc[0]
    assert flag in row["flags"]


def test_nothing_is_flagged_where_nothing_is_assumed(effects_row, trials_row):
    row = convert(effects_row(**MEANS, ci_level=0.95), trials_row()).iloc[0]
    assert row["flags"] == ""


def test_clustering_inflates_the_variance(effects_row, trials_row):
    cluster = trials_row(design="cluster", cluster_units_per_arm=5)
    plain = convert(effects_row(**PRINTED), trials_row()).iloc[0]
    clustered = convert(effects_row(**PRINTED), cluster, icc=0.1).iloc[0]
    assert clustered["yi"] == plain["yi"]
    assert clustered["vi"] == pytest.approx(1.4 * plain["vi"])
    assert clustered["null_variance"] == pytest.approx(1.4 * plain["null_variance"])


@pytest.mark.parametrize(
    ("fields", "factor"),
    [
        (PRINTED | {"model": "change"}, 1.0),
        (MEANS | {"model": "change"}, 1.0),
        ({"stat_kind": "t", "stat_value": 2.0, "model": "change"}, 0.8),
        ({"stat_kind": "t", "stat_value": 2.0, "model": "ancova"}, 0.64),
        ({"significant": "no", "model": "change"}, 0.8),
    ],
    ids=["printed", "means", "change", "ancova", "censored"],
)
def test_null_variance_is_that_of_an_effect_of_zero(effects_row, trials_row, fields, factor):
    row = convert(effects_row(**fields), trials_row()).iloc[0]
    assert row["null_variance"] == pytest.approx(factor * (1 / 30 + 1 / 20))
    if row["status"] == "poolable":
        assert row["vi"] - row["yi"] ** 2 / 100 == pytest.approx(row["null_variance"])


def test_formula_names_the_model(effects_row, trials_row):
    effects = effects_row(stat_kind="F", stat_value=4.0, df1=1, model="ancova")
    row = convert(effects, trials_row()).iloc[0]
    assert row["conversion"] == "F:ancova"
    assert "sqrt(1 - r^2)" in row["formula"]


@given(
    st.floats(-20, 20),
    st.floats(-20, 20),
    st.floats(1, 9),
    st.floats(1, 9),
    st.integers(3, 90),
    st.integers(3, 90),
)
@settings(max_examples=25)
def test_swapping_arms_flips_the_effect(mean_t, mean_c, sd_t, sd_c, n_t, n_c):
    trial = pd.DataFrame({"trial_id": ["a"]})
    row = {"effect_id": "x", "trial_id": "a", "higher_is_better": "no", "model": "post"}
    arms = {"mean_t": mean_t, "sd_t": sd_t, "n_t": n_t, "mean_c": mean_c, "sd_c": sd_c, "n_c": n_c}
    swap = {name[:-1] + ("c" if name[-1] == "t" else "t"): value for name, value in arms.items()}
    one = convert(pd.DataFrame([row | arms]), trial).iloc[0]
    other = convert(pd.DataFrame([row | swap]), trial).iloc[0]
    assert other["yi"] == pytest.approx(-one["yi"], abs=1e-12)
    assert other["vi"] == pytest.approx(one["vi"])
    assert one["yi"] == pytest.approx(-smd.smd(*arms.values())[0], abs=1e-12)


def test_row_order_is_kept_and_irrelevant(evidence, converted):
    effects, trials = evidence
    order = np.random.default_rng(1).permutation(len(effects))
    shuffled = convert(effects.iloc[order], trials.iloc[::-1])
    assert shuffled["effect_id"].tolist() == effects["effect_id"].iloc[order].tolist()
    expected = converted.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(shuffled, expected)


def test_every_row_of_the_evidence_has_an_effect_or_a_reason(evidence, converted):
    assert converted["effect_id"].tolist() == evidence[0]["effect_id"].tolist()
    has_effect = converted["status"].isin(["poolable", "sensitivity"])
    assert converted["status"].isin(STATUSES).all()
    assert (has_effect == (converted["vi"] > 0)).all()
    assert (has_effect == converted["yi"].notna()).all()
    assert (has_effect == (converted["reason"] == "")).all()
    assert (has_effect == (converted["conversion"] != "")).all()
    assert converted.loc[~has_effect, "reason"].isin(REASONS.values()).all()
    assert ((converted["level"] == "") == (converted["status"] == "excluded")).all()
    assert converted["level"].isin(["", "1", "2a", "2b", "2c", "3", "4"]).all()


def test_rows_that_must_stay_out_stay_out(converted):
    held = (converted["hold"] != "") | (converted["same_result_as"] != "")
    within = converted["effect_scope"] == "within-group"
    lkcm = converted["comparator_type"] == "other-lkcm"
    assert (converted.loc[held | within | lkcm, "status"] == "excluded").all()
    assert (held | within | lkcm).sum() > 0


def test_censored_rows_have_an_interval_of_p(converted):
    censored = converted[converted["status"] == "censored"]
    assert (censored["p_low"] < censored["p_high"]).all()
    assert censored["sign_used"].isin([-1, 0, 1]).all()


def test_no_column_takes_a_name_that_pymare_reads_unasked(converted):
    assert not {"g", "v", "y", "n", "X"} & set(converted.columns)


def test_waterfall_adds_up_to_the_table(converted):
    counts = waterfall(converted)
    assert counts["rows"].sum() == len(converted)
    assert counts["status"].drop_duplicates().tolist() == STATUSES
    for (status, level), part in counts.groupby(["status", "level"]):
        chosen = (converted["status"] == status) & (converted["level"] == level)
        assert part["rows"].sum() == chosen.sum()


def test_empty_tables_convert_to_an_empty_table():
    empty = convert(pd.DataFrame({"effect_id": []}), pd.DataFrame({"trial_id": []}))
    assert len(empty) == 0
    assert set(LABELS) <= set(empty.columns)
    assert waterfall(empty)["rows"].sum() == 0


@pytest.mark.parametrize(
    ("fields", "measure"),
    [
        (MEANS | {"model": "counts"}, "SMD"),
        ({"events_t": 3, "events_c": 5, "stat_kind": "hr", "stat_value": 2.0}, "logRR"),
        ({"events_t": 3, "events_c": 5, "stat_kind": "or", "dichotomised": "yes"}, "logRR"),
        ({"stat_kind": "hr", "stat_value": 2.0}, "logHR"),
        ({"stat_kind": "or", "stat_value": 2.0, "ci_low": 1.0, "ci_high": 4.0}, "logOR"),
        (
            {"stat_kind": "or", "stat_value": 2.0, "ci_low": 1.0, "ci_high": 4.0}
            | {"dichotomised": "yes"},
            "SMD",
        ),
        ({"model": "counts"}, "logRR"),
        ({}, "SMD"),
    ],
)
def test_measure_is_that_of_the_route_taken(effects_row, trials_row, fields, measure):
    row = convert(effects_row(**fields), trials_row()).iloc[0]
    assert row["measure"] == measure
    assert np.isnan(row["null_variance"]) == (measure != "SMD")


def test_trial_without_a_sample_id_is_its_own_sample(effects_row, trials_row):
    trials = trials_row().drop(columns="sample_id")
    assert convert(effects_row(), trials)["sample_id"].item() == "a"
