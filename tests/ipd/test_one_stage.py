import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.ipd.crossproducts import ONE, ParticipantError
from lkcm.ipd.one_stage import one_stage
from lkcm.ipd.two_stage import two_stage

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "ipd.json").read_text())
PEOPLE = pd.DataFrame(ORACLE["people"])
#: nlme stops where its relative gain is small; METHODS asks for 1e-4.
CLOSE = 1e-4


def centred(people):
    mean = people.groupby("trial")["x"].transform("mean")
    return people.assign(
        tw=people["treatment"] * (people["x"] - mean), tm=people["treatment"] * mean
    )


BASIC = {"fixed": (ONE, "treatment", "baseline"), "random": (ONE, "treatment"), "stratified": ()}
FITS = {
    "random_intercept_and_treatment": BASIC,
    "diagonal": BASIC | {"correlated": False},
    "common_residual": BASIC | {"random": (ONE,), "residuals": "common"},
    "stratified_intercepts": {"fixed": ("treatment", "baseline")},
    "within_and_across": {"fixed": ("treatment", "x", "tw", "tm")},
}


def test_all_oracle_fits_are_compared():
    assert set(FITS) == set(ORACLE["lme"])


@pytest.mark.parametrize("name", FITS)
def test_nlme_agrees(name):
    fit, expected = one_stage(centred(PEOPLE), "y", **FITS[name]), ORACLE["lme"][name]
    np.testing.assert_allclose(fit.estimate, expected["estimate"], rtol=CLOSE, atol=CLOSE)
    np.testing.assert_allclose(fit.se, expected["se"], rtol=CLOSE)
    np.testing.assert_allclose(fit.g, expected["g"], atol=CLOSE)
    if not fit.names == ("treatment", "baseline") and name != "within_and_across":
        assert fit.loglik == pytest.approx(expected["loglik"], rel=1e-6)


def test_a_published_example_orthodont():
    data = pd.DataFrame(ORACLE["orthodont"]["data"])
    fit = one_stage(data, "y", (ONE, "age"), (ONE, "age"), (), residuals="common")
    expected = ORACLE["orthodont"]["fit"]
    np.testing.assert_allclose(fit.estimate, expected["estimate"], rtol=CLOSE)
    np.testing.assert_allclose(fit.se, expected["se"], rtol=CLOSE)
    assert fit.loglik == pytest.approx(expected["loglik"], rel=1e-6)


def test_trials_of_one_size_and_variance_give_two_stages():
    fit = one_stage(PEOPLE, "y", ("treatment",), stratified=(ONE, "baseline"))
    two = two_stage(PEOPLE, "y", ["baseline"])
    # Two stages take the trials' variances as known, one stage estimates them at once.
    assert fit.effect()[0] == pytest.approx(two.pooled.estimate, abs=0.01)
    assert fit.effect()[1] == pytest.approx(two.pooled.se, rel=0.1)
    assert fit.df == two.pooled.k - 1


@settings(max_examples=12, deadline=None)
@given(st.floats(-1e2, 1e2), st.sampled_from([-1.0, 1.0]), st.floats(0.1, 100))
def test_origin_and_unit_of_the_outcome_go_through(shift, sign, unit):
    one = one_stage(PEOPLE, "y", ("treatment", "baseline"))
    other = one_stage(
        PEOPLE.assign(y=shift + sign * unit * PEOPLE["y"]), "y", ("treatment", "baseline")
    )
    np.testing.assert_allclose(
        other.estimate, sign * unit * one.estimate, rtol=1e-4, atol=1e-6 * unit
    )
    np.testing.assert_allclose(other.se, unit * one.se, rtol=1e-4)
    assert other.tau2 == pytest.approx(unit**2 * one.tau2, rel=1e-3, abs=1e-6 * unit**2)


def test_order_of_participants_is_irrelevant(generator):
    shuffled = PEOPLE.iloc[generator.permutation(len(PEOPLE))]
    one, other = one_stage(PEOPLE, "y"), one_stage(shuffled, "y")
    np.testing.assert_allclose(one.estimate, other.estimate, rtol=1e-7)


def test_missing_participants_and_trials_are_named():
    people = PEOPLE.assign(y=PEOPLE["y"].where(PEOPLE["trial"] != "t03"))
    fit = one_stage(people, "y")
    assert fit.left_out == ("t03",) and fit.participants == people["y"].notna().sum()
    assert set(fit.to_frame().columns) >= {"estimate", "low", "high", "p"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fixed": ("treatment", "dose")}, "collinear"),
        ({"fixed": ("treatment", "land")}, "land does not vary within any trial"),
        ({"residuals": "two"}, "allowed: trial, common"),
    ],
)
def test_what_cannot_be_fitted_is_said(change, says):
    people = PEOPLE.assign(dose=2 * PEOPLE["treatment"], land=1.0)
    with pytest.raises(ParticipantError, match=says):
        one_stage(people, "y", **change)
    with pytest.raises(ParticipantError, match="1 usable trials"):
        one_stage(people[people["trial"] == "t01"], "y")


@pytest.mark.slow
def test_the_effect_has_its_coverage(generator):
    k, n, sets = 8, 40, 150
    covered, estimates = [], []
    trial, treatment = np.repeat(np.arange(k), n), np.tile([0.0, 1.0], k * n // 2)
    for _ in range(sets):
        effect = 0.4 + generator.normal(0, 0.2, k)[trial]
        spread = np.exp(generator.normal(0, 0.3, k))[trial]
        y = treatment * effect + spread * generator.normal(size=k * n)
        people = pd.DataFrame({"trial": trial, "treatment": treatment, "y": y})
        estimate, _, ends = one_stage(people, "y").effect()
        covered.append(ends[0] < 0.4 < ends[1])
        estimates.append(estimate)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.045)
    assert np.mean(estimates) == pytest.approx(0.4, abs=0.03)
