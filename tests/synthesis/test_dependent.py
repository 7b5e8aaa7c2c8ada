import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lkcm.synthesis.covariance import Arms
from lkcm.synthesis.dependent import RHOS, pool_dependent, rho_sensitivity
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import PoolError

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "dependent.json").read_text())
#: metafor's optimisers stop at about the root of machine precision on the log-likelihood: tau2
#: of the two sides differs by 4e-7 at worst, all that follows from it by less.
RELATIVE, ABSOLUTE = 2e-6, 1e-7
#: The log-likelihood is flat at its top and does not feel that.
LIKELIHOOD = 1e-10
#: Q has no tau2 in it and is exact but for rounding.
EXACT = 1e-9
#: What the comparison must not fall below: 12 data sets, 3 rho and moderators each, 2 by ML.
PLANNED_SETS, PLANNED_CASES = 12, 12 * 4 + 2


def name(case):
    moderators = "+".join(case["moderators"]) or "mean"
    return f"{case['set']}-{moderators}-{case['rho']:g}-{case['method']}"


CASES = [pytest.param(case, id=name(case)) for case in ORACLE["cases"]]


def arms_of(table):
    columns = ("treatment", "control", "n_treatment", "n_control", "outcome")
    return Arms(*(table[column] for column in columns)) if "treatment" in table else None


def fit(case):
    table = ORACLE["sets"][case["set"]]
    return pool_dependent(
        table["yi"],
        table["vi"],
        table["study"],
        moderators={column: table[column] for column in case["moderators"]},
        arms=arms_of(table),
        rho=case["rho"],
        method=case["method"],
    )


def test_the_comparison_is_as_large_as_planned():
    assert len(ORACLE["sets"]) >= PLANNED_SETS
    assert len({case.id for case in CASES}) >= PLANNED_CASES
    assert {case["method"] for case in ORACLE["cases"]} == {"REML", "ML"}
    for table in ORACLE["sets"]:
        mine = [case for case in ORACLE["cases"] if case["set"] == table]
        assert {case["rho"] for case in mine if not case["moderators"]} >= {0.2, 0.6, 0.8}
        assert any(case["moderators"] for case in mine)
    assert any("treatment" in table for table in ORACLE["sets"].values())
    assert sum(case["wald"] is not None for case in ORACLE["cases"]) >= 7


@pytest.mark.parametrize("case", CASES)
def test_metafor_and_clubsandwich_agree(case):
    pooled = fit(case)
    close = {"rtol": RELATIVE, "atol": ABSOLUTE}
    tau2 = (pooled.tau2_between, pooled.tau2_within)
    np.testing.assert_allclose(tau2, case["tau2"], **close, err_msg="tau2")
    assert pooled.loglik == pytest.approx(case["loglik"], rel=LIKELIHOOD)
    assert pooled.q == pytest.approx(case["q"], rel=EXACT)
    for field in ("estimate", "se_model", "se", "df", "p"):
        ours = [getattr(one, field) for one in pooled.coefficients]
        np.testing.assert_allclose(ours, case[field], **close, err_msg=field)
    ends = np.array([one.ci for one in pooled.coefficients]).T
    np.testing.assert_allclose(ends, [case["ci_low"], case["ci_high"]], **close)
    if case["wald"]:
        wald = pooled.wald(case["moderators"]).to_dict()
        assert wald == pytest.approx(case["wald"], rel=RELATIVE, abs=ABSOLUTE)


def test_the_prediction_interval_has_both_variances_and_satterthwaites_df():
    pooled = fit(ORACLE["cases"][1])
    spread = np.sqrt(pooled.tau2_between + pooled.tau2_within + pooled.mean.se**2)
    half = stats.t.ppf(0.975, pooled.mean.df) * spread
    expected = (pooled.mean.estimate - half, pooled.mean.estimate + half)
    assert pooled.prediction_interval == pytest.approx(expected, rel=1e-12)
    assert pool_dependent([0.1, 0.4], [0.1, 0.1], ["a", "b"]).prediction_interval is None


@pytest.mark.parametrize("set_name", ["assink2016", "knapp2017"])
def test_weights_give_the_mean(set_name):
    table = ORACLE["sets"][set_name]
    pooled = pool_dependent(table["yi"], table["vi"], table["study"], arms=arms_of(table))
    assert sum(pooled.weights) == pytest.approx(100)
    assert np.dot(pooled.weights, table["yi"]) / 100 == pytest.approx(pooled.mean.estimate)


def test_classes_without_an_intercept_are_contrasts_with_one():
    table = ORACLE["sets"]["kalaian1996"]
    columns = (table["yi"], table["vi"], table["study"])
    math = np.array(table["math"])
    with_intercept = pool_dependent(*columns, moderators={"math": math})
    means = {"math": math, "verbal": 1 - math}
    without = pool_dependent(*columns, moderators=means, intercept=False)
    difference = without.contrast({"math": 1, "verbal": -1}, "math")
    expected = with_intercept.coefficients[1]
    for field in ("estimate", "se", "se_model", "df", "p"):
        assert getattr(difference, field) == pytest.approx(getattr(expected, field), rel=1e-7)
    assert without.loglik == pytest.approx(with_intercept.loglik)


def test_rho_is_varied():
    table = ORACLE["sets"]["hierdat"]
    columns = (table["yi"], table["vi"], table["study"])
    varied = rho_sensitivity(*columns, moderators={"binge": table["binge"]})
    assert varied["rho"].tolist() == [rho for rho in RHOS for _ in range(2)]
    one = pool_dependent(*columns, moderators={"binge": table["binge"]}, rho=0.5).to_frame()
    np.testing.assert_array_equal(varied.query("rho == 0.5")["se"], one["se"])
    assert varied.groupby("name")["estimate"].nunique().min() == len(RHOS)


# ---- what must hold for any effects

effects = st.lists(
    st.tuples(st.sampled_from("abcdefg"), st.floats(-2, 2), st.floats(0.01, 1)),
    min_size=4,
    max_size=16,
).map(lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True)))
several = effects.filter(lambda table: len(set(table[0])) > 2 and np.ptp(table[1]) > 0.01)
FIELDS = ("estimate", "se", "se_model", "df")


def assert_same(one, other, sign=1.0, unit=1.0):
    # Where the likelihood is flat, the top is found to the root of its rounding.
    scales = {"estimate": sign * unit, "se": unit, "se_model": unit, "df": 1.0}
    for field, factor in scales.items():
        ours, theirs = getattr(one.mean, field), getattr(other.mean, field)
        assert theirs == pytest.approx(factor * ours, rel=1e-4, abs=1e-6 * unit), field
    shift = (one.k - 1) * np.log(unit)
    assert other.loglik + shift == pytest.approx(one.loglik, abs=1e-8 * (1 + abs(shift)))


@settings(max_examples=40)
@given(several, st.randoms())
def test_the_order_of_effects_and_the_names_of_studies_are_irrelevant(table, random):
    study, yi, vi = table
    order = random.sample(range(len(yi)), len(yi))
    names = dict(zip("abcdefg", random.sample(range(100), 7), strict=True))
    renamed = np.array([names[label] for label in study])[order]
    original, shuffled = (
        pool_dependent(yi, vi, study),
        pool_dependent(yi[order], vi[order], renamed),
    )
    assert_same(original, shuffled)
    np.testing.assert_allclose(np.array(original.weights)[order], shuffled.weights, atol=1e-2)


@settings(max_examples=40)
@given(several, st.sampled_from([-1.0, 1.0]), st.floats(0.01, 100))
def test_sign_and_unit_go_through(table, sign, unit):
    study, yi, vi = table
    original = pool_dependent(yi, vi, study)
    assert_same(original, pool_dependent(sign * unit * yi, unit**2 * vi, study), sign, unit)


@settings(max_examples=40)
@given(several, st.floats(0, 0.95), st.sampled_from(["REML", "ML"]))
def test_one_effect_a_study_is_the_pool_of_independent_trials(table, rho, method):
    _, yi, vi = table
    dependent = pool_dependent(yi, vi, np.arange(len(yi)), rho=rho, method=method)
    single = pool(yi, vi, method=method, test="wald")
    assert dependent.tau2_within == 0
    assert dependent.tau2 == pytest.approx(single.tau2, rel=1e-8, abs=1e-9)
    assert dependent.mean.estimate == pytest.approx(single.estimate, rel=1e-8, abs=1e-9)
    assert dependent.mean.se_model == pytest.approx(single.se, rel=1e-8)
    assert dependent.q == pytest.approx(single.q, rel=1e-8)
    assert dependent.i2 == pytest.approx(single.i2, rel=1e-6, abs=1e-6)
    assert any("one effect a study" in note for note in dependent.notes)


@settings(max_examples=30)
@given(several, st.floats(0, 0.99))
def test_every_effect_twice_is_an_effect_with_the_variance_of_a_mean_of_two(table, rho):
    _, yi, vi = table
    study = np.arange(len(yi))
    once = pool_dependent(yi, vi * (1 + rho) / 2, study)
    twice = pool_dependent(*(np.tile(column, 2) for column in (yi, vi, study)), rho=rho)
    assert twice.tau2_within == 0
    assert twice.tau2_between == pytest.approx(once.tau2_between, rel=1e-6, abs=1e-8)
    for field in FIELDS:
        ours, theirs = getattr(twice.mean, field), getattr(once.mean, field)
        assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-8), field


def test_the_origin_of_a_moderator_is_irrelevant():
    table = ORACLE["sets"]["hierdat"]
    columns = (table["yi"], table["vi"], table["study"])
    followup = np.array(table["followup"])
    near = pool_dependent(*columns, moderators={"followup": followup}).coefficients[1]
    far = pool_dependent(*columns, moderators={"followup": followup + 1e6}).coefficients[1]
    for field in FIELDS:
        assert getattr(far, field) == pytest.approx(getattr(near, field), rel=1e-6), field


# ---- few studies, and effects that agree


def test_one_effect_is_itself():
    one = pool_dependent([0.4], [0.04], ["a"])
    assert (one.mean.estimate, one.mean.se, one.mean.ci, one.mean.p) == (0.4, None, None, None)
    assert one.mean.se_model == pytest.approx(0.2)
    assert (one.tau2, one.tau2_between, one.tau2_within, one.q, one.i2, one.h2) == (None,) * 6
    assert "one study" in one.notes[0]
    assert not one.headline


def test_one_study_has_no_robust_error_and_no_variance_between():
    one = pool_dependent([0.1, 0.9, 0.2], [0.01, 0.02, 0.01], ["a"] * 3)
    assert (one.mean.se, one.mean.df, one.tau2_between) == (None, None, None)
    assert one.tau2_within > 0
    with pytest.raises(PoolError, match="one study"):
        one.wald(["intercept"])


def test_two_studies_have_numbers_and_no_headline():
    two = pool_dependent([0.1, 0.9, 0.2], [0.01, 0.02, 0.01], ["a", "b", "b"])
    assert two.mean.se > 0
    assert not two.headline
    assert two.prediction_interval is None
    assert two.notes[0] == "two studies: no pooled headline"


def test_few_degrees_of_freedom_are_said():
    three = pool_dependent([0.1, 0.9, 0.2, 0.3], [0.01, 0.02, 0.01, 0.02], list("abbc"))
    assert three.headline
    assert three.mean.df < 4
    assert any("fewer than 4 degrees of freedom (intercept" in note for note in three.notes)
    many = fit(ORACLE["cases"][1])
    assert many.mean.df > 4
    assert many.notes == ()


def test_equal_effects_leave_no_residual():
    equal = pool_dependent([0.3] * 6, [0.02, 0.03] * 3, list("aabbcc"))
    assert (equal.tau2_between, equal.tau2_within) == (0, 0)
    assert (equal.mean.se, equal.mean.ci, equal.mean.p) == (0.0, None, None)
    assert equal.prediction_interval is None
    assert any("no residual" in note for note in equal.notes)


def test_a_hundred_thousand_effects_are_pooled():
    generator = np.random.default_rng(5)
    study = generator.integers(0, 30_000, 100_000)
    vi = generator.uniform(0.02, 0.2, 100_000)
    true = 0.3 + generator.normal(0, 0.3, 30_000)[study] + generator.normal(0, 0.2, 100_000)
    # Half of the sampling variance is common to a study, as rho 0.5 says.
    common = np.sqrt(vi / 2) * generator.normal(size=30_000)[study]
    yi = true + common + generator.normal(0, np.sqrt(vi / 2))
    pooled = pool_dependent(yi, vi, study, rho=0.5)
    assert pooled.mean.estimate == pytest.approx(0.3, abs=0.01)
    assert pooled.tau2_between == pytest.approx(0.09, abs=0.005)
    assert pooled.tau2_within == pytest.approx(0.04, abs=0.003)


# ---- what cannot be pooled


@pytest.mark.parametrize(
    ("yi", "vi", "study", "options", "words"),
    [
        pytest.param([], [], [], {}, "no effects", id="nothing"),
        pytest.param([1, 2], [1, 1], ["a"], {}, "three lists of one length", id="lengths"),
        pytest.param([[1]], [[1]], [["a"]], {}, "three lists", id="table"),
        pytest.param(["x"], [1], ["a"], {}, "must be numbers", id="text"),
        pytest.param([1, np.nan], [1, 1], "ab", {}, r"missing or infinite \(effect 2\)", id="NaN"),
        pytest.param([1, 2], [np.inf, 1], "ab", {}, r"infinite \(effect 1\)", id="infinite"),
        pytest.param([1, 2], [0, 1], "ab", {}, r"zero or negative.* \(effect 1\)", id="zero"),
        pytest.param([1, 2], [1, -1], "ab", {}, r"zero or negative.* \(effect 2\)", id="minus"),
        pytest.param([1] * 7, [0] * 7, "a" * 7, {}, "1, 2, 3, 4, 5 and 2 more", id="many"),
        pytest.param([1, 1e50], [1, 1], "ab", {}, r"beyond 1e\+40 \(effect 2\)", id="huge"),
        pytest.param([1, 2], [1e-7, 1e7], "ab", {}, r"factor above 1e\+12", id="far apart"),
        pytest.param(
            [1, 2, 1], [1e-9, 1, 1], "aab", {"method": "ML"}, "too far apart", id="in one study"
        ),
        pytest.param([1, 2], [1, 1], "ab", {"rho": 1}, "rho is 1; allowed", id="rho"),
        pytest.param([1, 2], [1, 1], "ab", {"method": "DL"}, "allowed: REML, ML", id="method"),
        pytest.param([1, 2], [1, 1], "ab", {"level": 95}, "below 1", id="level"),
        pytest.param(
            [1, 2, 3],
            [1, 1, 1],
            "abb",
            {"moderators": {"dose": [1, 2, 3]}},
            r"2 coefficients \(intercept, dose\) need more than 2 studies; found 2",
            id="studies",
        ),
        pytest.param(
            [1, 2, 3],
            [1, 1, 1],
            "abc",
            {"moderators": {"dose": [2, 2, 2]}},
            "moderator dose is constant",
            id="constant",
        ),
    ],
)
def test_what_cannot_be_pooled_is_told_in_words(yi, vi, study, options, words):
    with pytest.raises(PoolError, match=words):
        pool_dependent(yi, vi, list(study), **options)
