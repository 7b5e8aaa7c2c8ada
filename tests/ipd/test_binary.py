import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lkcm.ipd.binary import logistic_mixed, population_average
from lkcm.ipd.crossproducts import ONE, ParticipantError

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "ipd.json").read_text())
PEOPLE = pd.DataFrame(ORACLE["people"])
CLOSE = 1e-4


def agree(fit, expected):
    np.testing.assert_allclose(fit.estimate, expected["estimate"], atol=CLOSE, rtol=CLOSE)
    # glmer's errors are of a curvature by finite differences.
    np.testing.assert_allclose(fit.se, expected["se"], rtol=5e-4)
    assert fit.tau == pytest.approx(expected["tau"], rel=1e-3, abs=1e-3)


def test_lme4_agrees_with_a_random_treatment_in_stratified_trials():
    agree(logistic_mixed(PEOPLE, "event"), _listed(ORACLE["glmer"]["random_treatment"]))


def test_lme4_agrees_with_a_random_intercept():
    fit = logistic_mixed(PEOPLE, "event", ("treatment", "x"), ONE, stratified=False)
    agree(fit, ORACLE["glmer"]["random_intercept"])


def test_published_examples_cbpp_and_bacteria():
    cows = pd.DataFrame(ORACLE["cbpp"]["data"])
    cows = cows.loc[cows.index.repeat(cows["size"])].reset_index(drop=True)
    place = cows.groupby(["trial", "period"]).cumcount()
    cows["event"] = (place < cows["incidence"]).astype(float)
    periods = [f"period{i}" for i in (2, 3, 4)]
    for i in (2, 3, 4):
        cows[f"period{i}"] = (cows["period"] == i).astype(float)
    agree(logistic_mixed(cows, "event", periods, ONE, stratified=False), ORACLE["cbpp"]["fit"])
    children = pd.DataFrame(ORACLE["bacteria"]["data"])
    fit = logistic_mixed(children, "event", ["drug", "plus", "late"], ONE, stratified=False)
    agree(fit, ORACLE["bacteria"]["fit"])


def _listed(fit):
    return fit | {name: np.atleast_1d(fit[name]) for name in ("estimate", "se")}


def test_statsmodels_agrees_on_the_population_average():
    import statsmodels.api as sm

    x = sm.add_constant(PEOPLE[["treatment", "x"]])
    family = sm.families.Binomial()
    model = sm.GEE(PEOPLE["event"], x, groups=PEOPLE["trial"], family=family)
    expected = model.fit(cov_type="bias_reduced")
    fit = population_average(PEOPLE, "event", ("treatment", "x"))
    np.testing.assert_allclose(fit.estimate, expected.params, rtol=1e-7)
    np.testing.assert_allclose(fit.se, expected.bse, rtol=1e-7)
    assert fit.df == 9


def test_the_population_average_is_nearer_to_zero(generator):
    people = pd.DataFrame({"trial": np.repeat(np.arange(60), 80)})
    people["treatment"] = np.tile([0.0, 1.0], 2400)
    odds = np.repeat(generator.normal(-0.5, 1.5, 60), 80) + people["treatment"]
    people["event"] = generator.binomial(1, 1 / (1 + np.exp(-odds))).astype(float)
    within = logistic_mixed(people, "event", random=ONE, stratified=False)
    average = population_average(people, "event")
    assert within.tau == pytest.approx(1.5, abs=0.3)
    # Zeger, Liang & Albert 1988, Biometrics 44:1049: attenuation of a random intercept.
    factor = 1 + (16 * np.sqrt(3) / (15 * np.pi)) ** 2 * within.tau**2
    shrunk = within.effect()[0] / np.sqrt(factor)
    assert average.effect()[0] == pytest.approx(shrunk, rel=0.08)


def test_no_heterogeneity_is_an_ordinary_logistic_regression(generator):
    people = pd.DataFrame(
        {"trial": np.repeat(list("abcd"), 50), "treatment": np.tile([0, 1], 100)}
    )
    share = 0.3 + 0.2 * people["treatment"]
    counts = people.groupby(["trial", "treatment"]).cumcount() / 25
    people["event"] = (counts < share).astype(float)
    fit = logistic_mixed(people, "event")
    odds = np.log(people.groupby("treatment")["event"].mean().pipe(lambda p: p / (1 - p)))
    assert fit.effect()[0] == pytest.approx(odds[1] - odds[0], abs=1e-6)
    assert fit.tau == pytest.approx(0, abs=1e-4)


def test_trials_that_tell_nothing_are_named():
    people = PEOPLE.assign(event=PEOPLE["event"].where(PEOPLE["trial"] != "t02", 0))
    assert logistic_mixed(people, "event").left_out == ("t02",)
    with pytest.raises(ParticipantError, match="fewer than two trials"):
        logistic_mixed(people.assign(event=0), "event")
    with pytest.raises(ParticipantError, match="too few"):
        population_average(people[people["trial"].isin(["t01", "t02"])], "event")
