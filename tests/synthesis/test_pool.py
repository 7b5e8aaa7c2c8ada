import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.synthesis import METHODS, TESTS
from lkcm.synthesis.pool import leave_one_out, pool, pool_many
from lkcm.synthesis.pooled import PoolError

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "pool.json").read_text())
METAFOR_TESTS = {"knha": "knapp-hartung", "adhoc": "knapp-hartung-adhoc", "z": "wald"}
#: Both sides solve for tau2 to rounding; what is left is metafor's stop at 1e-14 and JSON's 15
#: digits. A hundred times the worst difference seen (6e-12, I2 of a tau2 near zero).
RELATIVE = 1e-9
#: For quantities that are zero on one side and rounding on the other (tau2, an interval's end).
ABSOLUTE = 1e-12
#: p values are compared by their own size down to where doubles lose digits; R and SciPy differ
#: in the far tail.
P_RELATIVE, P_ABSOLUTE = 1e-8, 1e-300
#: Trial sets of metadat, and the methods and tests, that the comparison must not fall below.
PLANNED_SETS, PLANNED_CASES = 20, 20 * 6 * 3

CASES = [
    pytest.param(case, test, id=f"{case['set']}-{case['method']}-{test}")
    for case in ORACLE["cases"]
    for test in case["tests"]
]

#: Pooling imports and warms up PyMARE in the first example: no deadline, and few examples.
unhurried = settings(deadline=None, max_examples=50)


def close(ours, metafors, relative=RELATIVE, absolute=ABSOLUTE):
    if metafors is None:
        return ours is None
    return ours is not None and np.allclose(ours, metafors, rtol=relative, atol=absolute)


def test_the_comparison_with_metafor_is_as_large_as_planned():
    assert len(ORACLE["sets"]) >= PLANNED_SETS
    assert len({case.id for case in CASES}) >= PLANNED_CASES
    assert {case.values[0]["method"] for case in CASES} == set(METHODS)
    assert {METAFOR_TESTS[case.values[1]] for case in CASES} == set(TESTS)


@pytest.mark.parametrize(("case", "test"), CASES)
def test_metafor_agrees(case, test):
    trials = ORACLE["sets"][case["set"]]
    options = {"method": case["method"], "test": METAFOR_TESTS[test]}
    pooled = pool(trials["yi"], trials["vi"], **options)
    hts = pool(trials["yi"], trials["vi"], prediction="hts", **options).prediction_interval
    expected = case | case["tests"][test]
    fields = ("estimate", "se", "ci", "tau2", "tau2_ci", "q", "i2", "h2", "prediction_interval")
    wrong = [field for field in fields if not close(getattr(pooled, field), expected[field])]
    for field in ("p", "q_p"):
        if not close(getattr(pooled, field), expected[field], P_RELATIVE, P_ABSOLUTE):
            wrong.append(field)
    if not close(hts, expected["prediction_hts"]):
        wrong.append("prediction_hts")
    assert wrong == []


@pytest.mark.parametrize("case", ORACLE["leave_one_out"], ids=lambda case: case["set"])
def test_metafor_agrees_when_a_trial_is_left_out(case):
    trials = ORACLE["sets"][case["set"]]
    options = {"method": case["method"], "test": METAFOR_TESTS[case["test"]]}
    left = leave_one_out(trials["yi"], trials["vi"], **options)
    assert len(left) == len(trials["yi"])
    for column in ("estimate", "se", "ci_low", "ci_high", "p", "q", "q_p", "tau2", "i2", "h2"):
        np.testing.assert_allclose(left[column], case[column], rtol=1e-8, atol=ABSOLUTE)


# ---- what must hold for any trials

numbers = st.floats(-3, 3).map(lambda x: round(x, 6))
variances = st.floats(0.005, 1).map(lambda x: round(x, 6))
trial_sets = st.lists(st.tuples(numbers, variances), min_size=2, max_size=12).map(
    lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True))
)
methods, tests = st.sampled_from(list(METHODS)), st.sampled_from(list(TESTS))
COMPARED = ("estimate", "se", "ci", "tau2", "tau2_ci", "q", "i2", "prediction_interval")


def assert_same(left, right, sign=1.0, scale=1.0):
    powers = {"tau2": 2, "tau2_ci": 2, "q": 0, "i2": 0}
    for field in COMPARED:
        a, b = getattr(left, field), getattr(right, field)
        if a is None or b is None:
            assert (a, b) == (None, None), field
            continue
        factor = scale ** powers.get(field, 1)
        a, b = np.atleast_1d(a) * factor, np.atleast_1d(b)
        if field in ("estimate", "ci", "prediction_interval"):
            a = np.sort(sign * a)
        np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-8 * factor, err_msg=field)


def spread(yi):
    return np.ptp(yi) > 1e-3


@unhurried
@given(trial_sets.filter(lambda trials: spread(trials[0])), methods, tests)
def test_flipping_the_sign_flips_the_estimate(trials, method, test):
    yi, vi = trials
    original = pool(yi, vi, method=method, test=test)
    assert_same(original, pool(-yi, vi, method=method, test=test), sign=-1.0)


@unhurried
@given(trial_sets.filter(lambda trials: spread(trials[0])), methods, tests, st.floats(0.01, 100))
def test_a_change_of_unit_scales_the_estimate(trials, method, test, unit):
    yi, vi = trials
    scaled = pool(yi * unit, vi * unit**2, method=method, test=test)
    assert_same(pool(yi, vi, method=method, test=test), scaled, scale=unit)


@unhurried
@given(trial_sets.filter(lambda trials: spread(trials[0])), methods, tests, st.randoms())
def test_the_order_of_the_trials_is_irrelevant(trials, method, test, random):
    yi, vi = trials
    order = random.sample(range(len(yi)), len(yi))
    shuffled = pool(yi[order], vi[order], method=method, test=test)
    original = pool(yi, vi, method=method, test=test)
    assert_same(original, shuffled)
    np.testing.assert_allclose(np.array(original.weights)[order], shuffled.weights, rtol=1e-7)


@unhurried
@given(trial_sets)
def test_every_trial_twice_halves_the_variance_of_the_common_effect(trials):
    yi, vi = trials
    once = pool(yi, vi, method="FE", test="wald")
    twice = pool(np.tile(yi, 2), np.tile(vi, 2), method="FE", test="wald")
    assert twice.se**2 == pytest.approx(once.se**2 / 2, rel=1e-12)
    assert twice.estimate == pytest.approx(once.estimate, rel=1e-9, abs=1e-12)


@unhurried
@given(trial_sets, st.sampled_from(["REML", "ML"]))
def test_the_likelihood_is_nowhere_higher_nearby(trials, method):
    yi, vi = trials
    tau2 = pool(yi, vi, method=method).tau2

    def likelihood(value):
        w = 1 / (vi + value)
        mean = (w * yi).sum() / w.sum()
        kernel = np.log(w).sum() - (w * (yi - mean) ** 2).sum()
        return (kernel - np.log(w.sum()) * (method == "REML")) / 2

    for near in (tau2 * 0.99, tau2 * 1.01, tau2 + 1e-4):
        assert likelihood(near) <= likelihood(tau2) + 1e-10


@unhurried
@given(trial_sets, methods)
def test_adhoc_is_the_wider_of_plain_and_wald(trials, method):
    plain, adhoc, wald = (pool(*trials, method=method, test=test).se for test in TESTS)
    assert adhoc == pytest.approx(max(plain, wald), rel=1e-12)


@unhurried
@given(st.lists(trial_sets, min_size=1, max_size=4), methods, tests)
def test_columns_of_different_length_are_pooled_as_one_by_one(sets, method, test):
    rows = max(len(yi) for yi, _ in sets)
    padded = [
        [np.append(values, np.full(rows - len(values), np.nan)) for values in trials]
        for trials in sets
    ]
    yi, vi = (np.column_stack([trials[part] for trials in padded]) for part in (0, 1))
    # Gaps may stand anywhere in a column.
    table = pool_many(yi[::-1], vi[::-1], method=method, test=test)
    singly = [pool(*trials, method=method, test=test).to_frame() for trials in sets]
    expected = pd.concat(singly, ignore_index=True)[list(table.columns)]
    np.testing.assert_allclose(table, expected.astype(float), rtol=1e-7, atol=1e-9)


# ---- few trials, and trials that agree


def test_one_trial_is_its_own_effect():
    one = pool([0.4], [0.04])
    assert (one.k, one.estimate, one.headline) == (1, 0.4, False)
    assert one.se == pytest.approx(0.2)
    assert one.ci == pytest.approx((0.4 - 1.959964 * 0.2, 0.4 + 1.959964 * 0.2))
    assert one.weights == (100.0,)
    assert (one.tau2, one.tau2_ci, one.i2, one.q_p, one.prediction_interval) == (None,) * 5
    assert "one trial" in one.notes[0]


def test_two_trials_have_numbers_and_no_headline():
    two = pool([0.1, 0.9], [0.02, 0.03])
    assert two.tau2 == pytest.approx(0.8**2 / 2 - 0.025, rel=1e-12)
    assert not two.headline
    assert two.prediction_interval is None
    assert "two trials: no pooled headline" in two.notes


def test_three_trials_have_a_headline_that_is_very_uncertain():
    three = pool([0.1, 0.5, 0.9], [0.02, 0.03, 0.02])
    assert three.headline
    assert three.prediction_interval is not None
    assert three.notes == ("k < 5: very uncertain",)
    assert pool([0.1, 0.5, 0.9, 0.4, 0.6], [0.02] * 5).notes == ()


@pytest.mark.parametrize("method", METHODS)
def test_equal_effects_have_no_variance_between_them(method):
    wald = pool([0.3] * 4, [0.02, 0.03, 0.05, 0.02], method=method, test="wald")
    assert wald.tau2 == 0
    assert wald.estimate == pytest.approx(0.3)
    assert wald.se == pytest.approx((1 / 0.02 + 1 / 0.03 + 1 / 0.05 + 1 / 0.02) ** -0.5)
    plain = pool([0.3] * 4, [0.02, 0.03, 0.05, 0.02], method=method)
    assert (plain.se, plain.ci, plain.p, plain.prediction_interval) == (0, None, None, None)
    assert any("all effects are equal" in note for note in plain.notes)


def test_an_empty_q_profile_is_said_in_words():
    pooled = pool([0.3, 0.3001, 0.3002, 0.3], [0.2] * 4, test="wald")
    assert pooled.tau2_ci == (0, 0)
    assert "the effects agree so well that the interval of tau2 is empty" in pooled.notes


def test_a_wider_level_widens_every_interval():
    trials = ORACLE["sets"]["bcg_rr"]
    narrow, wide = (pool(trials["yi"], trials["vi"], level=level) for level in (0.8, 0.99))
    for field in ("ci", "tau2_ci", "prediction_interval"):
        assert getattr(wide, field)[0] < getattr(narrow, field)[0]
        assert getattr(wide, field)[1] > getattr(narrow, field)[1]


# ---- what cannot be pooled


@pytest.mark.parametrize(
    ("yi", "vi", "options", "words"),
    [
        pytest.param([], [], {}, "no effects", id="nothing"),
        pytest.param([1, 2], [1], {}, "2 effects but 1 variances", id="lengths"),
        pytest.param([1, np.nan], [1, 1], {}, "missing", id="missing effect"),
        pytest.param([1, 2], [1, np.nan], {}, "missing", id="missing variance"),
        pytest.param([np.nan, 1], [np.nan, 1], {}, "missing", id="missing both"),
        pytest.param([1, np.inf], [1, 1], {}, "infinite", id="infinite"),
        pytest.param([1, 2], [1, 0], {}, "zero or negative", id="zero variance"),
        pytest.param([1, 2], [1, -1], {}, "zero or negative", id="negative variance"),
        pytest.param([1, 1e50], [1, 1], {}, "above 1e+40", id="huge"),
        pytest.param([1, 2], [1, 1e-50], {}, "or its inverse", id="tiny variance"),
        pytest.param([1, 2], [1e-7, 1e7], {}, "factor above 1e+12", id="variances too far apart"),
        pytest.param([1, "high"], [1, 1], {}, "must be numbers", id="text"),
        pytest.param([[1], [2]], [[1], [1]], {}, "two lists", id="table"),
        pytest.param([1, 2], [1, 1], {"method": "EB"}, "allowed: REML, DL", id="method"),
        pytest.param([1, 2], [1, 1], {"test": "t"}, "allowed: knapp-hartung", id="test"),
        pytest.param([1, 2], [1, 1], {"prediction": "x"}, "allowed: metafor", id="prediction"),
        pytest.param([1, 2], [1, 1], {"level": 95}, "below 1", id="level"),
    ],
)
def test_what_cannot_be_pooled_is_said_in_words(yi, vi, options, words):
    with pytest.raises(PoolError, match=words.replace("+", r"\+")):
        pool(yi, vi, **options)


def test_many_data_sets_must_have_one_shape_and_no_empty_column():
    with pytest.raises(PoolError, match="one shape"):
        pool_many(np.ones((3, 2)), np.ones((2, 2)))
    with pytest.raises(PoolError, match="no effects"):
        pool_many([[1.0, np.nan]], [[1.0, np.nan]])


def test_leaving_one_out_needs_two_trials():
    with pytest.raises(PoolError, match="at least two"):
        leave_one_out([0.1], [0.2])
