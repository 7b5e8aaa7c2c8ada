"""Rules between columns and between tables: one failing and one passing example each."""

import pytest

from lkcm.evidence.check import check
from lkcm.evidence.rules import _in_cycles

MEANS = {
    "mean_t": 12, "sd_t": 3, "mean_c": 10, "sd_c": 3,
    "mean_pre_t": 15, "sd_pre_t": 3, "mean_pre_c": 10, "sd_pre_c": 3,
}  # fmt: skip

# rule, table, changes of its second row, column; the row is line 3 of the file
ONE_ROW = [
    ("record-without-trial", "records", {"trial_id": ""}, "trial_id"),
    ("record-without-trial", "screening", {"trial_id": ""}, "trial_id"),
    ("record-without-reason", "screening", {"decision": "excluded", "reason": ""}, "reason"),
    ("trial-included-twice", "records", {"trial_id": "alpha2010"}, "trial_id"),
    ("trial-unlabelled", "trials", {"title": "", "authors": ""}, "title"),
    ("ci-reversed", "effects", {"ci_low": 0.5, "ci_high": 0.1}, "ci_low"),
    ("ci-reversed", "agreement", {"ci_low": 0.5, "ci_high": 0.1}, "ci_low"),
    ("ci-reversed", "reference_estimates", {"ci_low": 0.5, "ci_high": 0.1}, "ci_low"),
    ("ci-one-sided", "effects", {"ci_low": 0.5, "ci_high": ""}, "ci_low"),
    ("events-above-n", "effects", {"events_t": 11, "n_t": 10}, "events_t"),
    ("events-above-n", "harms_context", {"events_c": 11, "n_c": 10}, "events_c"),
    ("events-without-n", "effects", {"events_c": 1, "n_c": ""}, "n_c"),
    ("statistic-impossible", "effects", {"stat_kind": "eta2", "stat_value": 1.2}, "stat_value"),
    ("statistic-impossible", "effects", {"stat_kind": "F", "stat_value": -1}, "stat_value"),
    ("statistic-impossible", "effects", {"stat_kind": "or", "stat_value": 0}, "stat_value"),
    ("statistic-impossible", "effects", {"stat_kind": "p", "stat_value": 5}, "stat_value"),
    (
        "statistic-outside-ci",
        "effects",
        {"stat_kind": "d", "stat_value": 0.9, "ci_low": 0.1, "ci_high": 0.5},
        "stat_value",
    ),
    ("statistic-without-value", "effects", {"stat_kind": "d", "stat_value": ""}, "stat_value"),
    ("value-without-statistic", "effects", {"stat_kind": "", "stat_value": 0.3}, "stat_kind"),
    ("statistic-without-n", "effects", {"stat_kind": "d", "stat_value": 0.3, "n_t": 9}, "n_t"),
    ("statistic-without-df", "effects", {"stat_kind": "F", "stat_value": 4, "df1": ""}, "df1"),
    ("mean-without-sd", "effects", {"mean_t": 1, "sd_t": "", "mean_c": 1, "sd_c": 1}, "sd_t"),
    ("mean-one-arm", "effects", {"mean_t": 1, "sd_t": 1, "mean_c": ""}, "mean_c"),
    ("sd-zero", "effects", {"mean_t": 1, "sd_t": 0, "mean_c": 1, "sd_c": 1}, "sd_t"),
    ("sign-conflict", "effects", {**MEANS, "higher_is_better": "no", "sign": "+"}, "sign"),
    (
        "sign-conflict",
        "effects",
        {**MEANS, "higher_is_better": "yes", "sign": "+", "effect_scope": "group-by-time"},
        "sign",
    ),
    ("same-result-self", "effects", {"same_result_as": "beta2012-1"}, "same_result_as"),
]  # fmt: skip


def found(problems):
    return {(p.rule, p.file, p.row, p.column) for p in problems}


def write_row(write, rows, table, changes):
    for column in changes:
        for row in rows[table]:
            row.setdefault(column, "")
    # columns that may be absent, but not empty
    for row in rows[table]:
        if row.get("effect_scope") == "":
            row["effect_scope"] = "between-group"
    rows[table][1] |= changes
    return write({n: rows[n] for n in dict.fromkeys(("trials", "effects", table))})


@pytest.mark.parametrize(
    ("rule", "table", "changes", "column"),
    ONE_ROW,
    ids=[f"{rule}-{table}-{i}" for i, (rule, table, *_) in enumerate(ONE_ROW)],
)
def test_a_row_that_breaks_a_rule(write, rows, rule, table, changes, column):
    problems = check(write_row(write, rows, table, changes))
    assert (rule, f"{table}.csv", 3, column) in found(problems)
    others = {p.rule for p in problems if p.level == "error"} - {rule, "trial-without-record"}
    assert not others


@pytest.mark.parametrize(
    "changes",
    [
        {"events_t": 10, "n_t": 10},
        {"ci_low": 0.1, "ci_high": 0.1},
        {"stat_kind": "eta2", "stat_value": 1, "n_t": 5, "n_c": 5, "df1": 1},
        {"stat_kind": "md", "stat_value": -4},
        {**MEANS, "higher_is_better": "yes", "sign": "+"},
        {**MEANS, "higher_is_better": "no", "sign": "+", "effect_scope": "group-by-time"},
        {**MEANS, "higher_is_better": "", "sign": "+"},
        {**MEANS, "higher_is_better": "no", "sign": "?"},
        {"same_result_as": "alpha2010-1"},
        {"effect_scope": "within-group", "mean_t": 1, "sd_t": 1},
        {"effect_scope": "within-group", "stat_kind": "d", "stat_value": 1},
    ],
    ids=str,
)
def test_a_row_that_keeps_the_rules(write, rows, changes):
    assert check(write_row(write, rows, "effects", changes)) == []


def test_the_size_of_a_two_arm_trial_stands_in_for_arm_sizes(write, rows):
    for row in rows["trials"]:
        row |= {"n_randomised": 60, "n_arms": 2}
    rows["effects"][0] |= {"stat_kind": "d", "stat_value": 0.4}
    folder = {n: rows[n] for n in ("trials", "effects")}
    assert check(write(folder)) == []
    rows["trials"][0]["n_arms"] = 3
    assert found(check(write(folder))) == {("statistic-without-n", "effects.csv", 2, "n_t")}


def test_a_trial_needs_an_included_record(write, rows):
    rows["records"][1]["decision"] = "duplicate-report"
    problems = check(write(rows))
    assert ("trial-without-record", "trials.csv", 3, "trial_id") in found(problems)


def test_records_are_not_compared_with_trials_when_there_are_none(write, rows):
    del rows["records"], rows["screening"]
    assert check(write(rows)) == []


CONTRAST = {
    "effect_id": "x1", "trial_id": "alpha2010", "control": "waitlist", "outcome": "stress",
    "instrument": "PSS", "reporter": "self", "sign": "+", "n_t": 20, "n_c": 20,
    "stat_kind": "d", "stat_value": 0.4, "same_result_as": "", "arm_t": "", "model": "post",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"effect_id": "x2"}, {"contrast-twice"}, id="a copy"),
        pytest.param({"stat_kind": "t", "stat_value": 1.9}, {"contrast-twice"}, id="other figure"),
        pytest.param({"same_result_as": "x1", "stat_value": 0.41}, set(), id="declared"),
        pytest.param({"outcome": "anger"}, set(), id="other outcome"),
        pytest.param({"arm_t": "long"}, set(), id="other arm"),
        pytest.param({"n_t": 18}, {"contrast-unclear"}, id="completers"),
        pytest.param({"model": "ancova"}, {"contrast-unclear"}, id="other model"),
    ],
)
def test_a_contrast_stands_once(write, rows, changes, expected):
    rows["effects"] = [CONTRAST, CONTRAST | {"effect_id": "x2"} | changes]
    problems = check(write({n: rows[n] for n in ("trials", "effects")}))
    assert {p.rule for p in problems} == expected
    assert all(p.row == 3 and p.row_id == "x2" for p in problems)


def test_without_an_instrument_other_figures_are_another_result(write, rows):
    bare = CONTRAST | {"instrument": ""}
    rows["effects"] = [
        bare,
        bare | {"effect_id": "x2", "stat_value": 0.5},
        bare | {"effect_id": "x3", "stat_value": 0.5},
    ]
    problems = check(write({n: rows[n] for n in ("trials", "effects")}))
    assert {(p.rule, p.row_id) for p in problems} == {
        ("contrast-unclear", "x2"),
        ("contrast-twice", "x3"),
    }


def test_a_circle_of_same_results(write, rows):
    rows["effects"][0]["same_result_as"] = "beta2012-1"
    rows["effects"][1]["same_result_as"] = "alpha2010-1"
    problems = check(write({n: rows[n] for n in ("trials", "effects")}))
    assert found(problems) == {
        ("same-result-cycle", "effects.csv", 2, "same_result_as"),
        ("same-result-cycle", "effects.csv", 3, "same_result_as"),
    }


@pytest.mark.parametrize(
    ("target", "cycle"),
    [
        ({}, ""),
        ({"a": "b", "b": "c"}, ""),
        ({"a": "b", "b": "a"}, "ab"),
        ({"x": "a", "a": "b", "b": "c", "c": "a", "y": "x"}, "abc"),
        ({"a": "a", "b": "a"}, "a"),
    ],
    ids=["none", "chain", "pair", "tail", "itself"],
)
def test_cycles(target, cycle):
    assert _in_cycles(target) == set(cycle)
