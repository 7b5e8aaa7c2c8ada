import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.harms.events import EventsError, estimable, mantel_haenszel, per_trial, peto

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "harms.json").read_text())
#: Closed forms on both sides: nothing but rounding between them.
CLOSED = 1e-9
#: What the comparison must not fall below.
PLANNED_SETS = 11
COLUMNS = ("a", "n_t", "c", "n_c")


def columns(name):
    return [ORACLE["sets"][name][column] for column in COLUMNS]


CASES = [
    pytest.param(case, method, id=f"{case['set']}-{method}")
    for case in ORACLE["cases"]
    for method in ("RR", "OR", "RD", "Peto")
]


def test_the_comparison_is_as_large_as_planned():
    assert len(ORACLE["cases"]) >= PLANNED_SETS
    empty = [name for name in ORACLE["sets"] if 0 in columns(name)[0] + columns(name)[2]]
    assert len(empty) >= 5
    assert {"metafor", "metadat", "lme4", "R"} <= set(ORACLE["versions"])


@pytest.mark.parametrize(("case", "method"), CASES)
def test_metafor_agrees(case, method):
    counts = columns(case["set"])
    fit = peto(*counts) if method == "Peto" else mantel_haenszel(*counts, measure=method)
    expected = case[method]
    ours = (fit.estimate, fit.se, *fit.ci, fit.p)
    theirs = (expected["estimate"], expected["se"], *expected["ci"], expected["p"])
    np.testing.assert_allclose(ours, theirs, rtol=CLOSED)
    assert fit.tau2 is None
    assert fit.method == ("Peto" if method == "Peto" else "MH")


def test_no_event_in_an_arm_needs_no_added_half():
    one_arm = mantel_haenszel([0, 1], [20, 30], [2, 3], [20, 30])
    assert one_arm.estimate == pytest.approx(np.log(1 / 5))
    without = mantel_haenszel([1], [30], [3], [30])
    # a trial without any event tells a ratio nothing, but a difference something
    with_zero = mantel_haenszel([1, 0], [30, 50], [3, 0], [30, 50])
    assert with_zero.estimate == pytest.approx(without.estimate)
    assert with_zero.k_informative == 1 and "1 of 2 trials" in with_zero.notes[0]
    differences = [
        mantel_haenszel(a, n, c, n, measure="RD").estimate
        for a, n, c in (([1], [30], [3]), ([1, 0], [30, 50], [3, 0]))
    ]
    assert differences[1] == pytest.approx(differences[0] * 30 / 80)


@pytest.mark.parametrize("measure", ["RR", "OR"])
def test_what_counts_cannot_define_is_said(measure):
    fit = mantel_haenszel([0, 0], [20, 30], [2, 3], [20, 30], measure=measure)
    assert (fit.estimate, fit.se, fit.ci, fit.p, fit.ratio) == (None,) * 5
    assert "define no estimate" in fit.notes[-1]
    none = mantel_haenszel([0, 0], [20, 30], [0, 0], [20, 30], measure=measure)
    assert none.estimate is None and none.k_informative == 0
    assert peto([0, 0], [20, 30], [0, 0], [20, 30]).estimate is None
    assert peto([0, 0], [20, 30], [2, 3], [20, 30]).estimate < 0
    json.dumps(fit.to_dict(), allow_nan=False)


def test_equal_arms_give_a_ratio_of_one():
    fit = mantel_haenszel([3, 5, 0], [20, 30, 9], [3, 5, 0], [20, 30, 9])
    assert fit.ratio[0] == pytest.approx(1)
    assert mantel_haenszel([3], [20], [3], [20], measure="RD").ratio is None


def test_a_ratio_needs_three_trials_with_both_arms_and_an_event():
    n = [10, 10, 10, 10]
    assert estimable([1, 0, 2, 0], n, [0, 1, 0, 0], n)
    assert not estimable([1, 0, 0, 0], n, [0, 1, 0, 0], n)
    assert not estimable([1, 1, 1, np.nan], n, [0, 1, np.nan, 2], n)


def test_newcombes_interval_is_the_published_one():
    # Newcombe 1998, table II: 56/70 - 48/80 and 0/10 - 0/10, method 10
    both = per_trial({"a": [56, 0], "n_t": [70, 10], "c": [48, 0], "n_c": [80, 10]})
    assert both["difference"].tolist() == pytest.approx([0.2, 0])
    assert both.loc[0, ["low", "high"]].tolist() == pytest.approx([0.0524, 0.3339], abs=5e-5)
    assert both.loc[1, ["low", "high"]].tolist() == pytest.approx([-0.2775, 0.2775], abs=5e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"a": [np.nan, 1]}, "missing"),
        ({"a": [-1, 1]}, "negative"),
        ({"a": [0.5, 1]}, "whole"),
        ({"a": [11, 1]}, "more events than people"),
        ({"n_c": [0, 10]}, "nobody"),
        ({"a": [1]}, "one length"),
        ({"a": ["x", "y"]}, "numbers"),
        ({"a": [], "n_t": [], "c": [], "n_c": []}, "at least one trial"),
        ({"measure": "HR"}, "unknown"),
    ],
)
def test_bad_counts_are_refused_in_words(change, words):
    good = {"a": [1, 2], "n_t": [10, 10], "c": [1, 2], "n_c": [10, 10]}
    arguments = good | change
    measure = arguments.pop("measure", "RR")
    with pytest.raises(EventsError, match=words):
        mantel_haenszel(**arguments, measure=measure)


def test_all_problems_come_at_once():
    with pytest.raises(EventsError, match="negative.*whole.*more events"):
        mantel_haenszel([-1, 0.5, 9], [9, 9, 5], [0, 0, 0], [9, 9, 9])


tables = st.lists(
    st.tuples(st.integers(0, 20), st.integers(20, 60), st.integers(0, 20), st.integers(20, 60)),
    min_size=1,
    max_size=8,
).map(lambda rows: [list(column) for column in zip(*rows, strict=True)])


@settings(max_examples=60)
@given(tables, st.sampled_from(["RR", "OR", "RD"]), st.randoms())
def test_swapping_arms_turns_the_sign_and_order_is_irrelevant(table, measure, random):
    a, n_t, c, n_c = table
    fit, swapped = (
        mantel_haenszel(*columns, measure=measure)
        for columns in ((a, n_t, c, n_c), (c, n_c, a, n_t))
    )
    order = random.sample(range(len(a)), len(a))
    shuffled = mantel_haenszel(*([col[i] for i in order] for col in table), measure=measure)
    if fit.estimate is None:
        assert swapped.estimate is None and shuffled.estimate is None
        return
    assert swapped.estimate == pytest.approx(-fit.estimate, abs=1e-12)
    assert swapped.se == pytest.approx(fit.se)
    assert shuffled.estimate == pytest.approx(fit.estimate, abs=1e-12)
