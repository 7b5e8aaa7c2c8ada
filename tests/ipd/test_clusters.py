import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from lkcm.ipd.binary import logistic_mixed, population_average
from lkcm.ipd.clusters import clusters
from lkcm.ipd.crossproducts import ONE, ParticipantError, crossproducts
from lkcm.ipd.likelihood import blocks, solve
from lkcm.ipd.moderators import moderation
from lkcm.ipd.one_stage import one_stage
from lkcm.ipd.two_stage import two_stage

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "clusters.json").read_text())
PEOPLE = pd.DataFrame(ORACLE["people"])
#: nlme stops where its relative gain is small; METHODS asks for 1e-4.
CLOSE = 1e-4
FITS = {
    "random_intercept_and_treatment": {
        "fixed": (ONE, "treatment", "baseline"),
        "random": (ONE, "treatment"),
        "stratified": (),
    },
    "common_residual": {
        "fixed": (ONE, "treatment", "baseline"),
        "random": (ONE,),
        "stratified": (),
        "residuals": "common",
    },
    "stratified_intercepts": {"fixed": ("treatment", "baseline")},
}


def test_all_oracle_fits_are_compared():
    assert set(FITS) == set(ORACLE["lme"])


@pytest.mark.parametrize("name", FITS)
def test_nlme_agrees(name):
    expected = ORACLE["lme"][name]
    fit = one_stage(PEOPLE, "y", cluster="cluster", **FITS[name])
    np.testing.assert_allclose(fit.estimate, expected["estimate"], rtol=CLOSE, atol=CLOSE)
    np.testing.assert_allclose(fit.se, expected["se"], rtol=CLOSE)
    np.testing.assert_allclose(fit.g, expected["g"], atol=CLOSE)
    assert fit.icc == pytest.approx(expected["icc"], abs=CLOSE)
    variance = expected["variance"]
    variance = list(variance.values()) if isinstance(variance, dict) else variance
    found = list(fit.residual_variance.values())
    np.testing.assert_allclose(found, np.broadcast_to(variance, len(found)), rtol=5 * CLOSE)
    if "stratified" in FITS[name]:
        assert fit.loglik == pytest.approx(expected["loglik"], rel=1e-6)


def test_nlme_agrees_on_two_stages():
    expected = ORACLE["two_stage"]
    found = two_stage(PEOPLE, "y", ["baseline"], cluster="cluster")
    assert found.icc == pytest.approx(expected["icc"], abs=CLOSE)
    assert found.trials["trial"].tolist() == expected["trial"]
    np.testing.assert_allclose(found.trials["yi"], expected["yi"], atol=CLOSE, rtol=CLOSE)
    np.testing.assert_allclose(found.trials["vi"], expected["vi"], rtol=5 * CLOSE)


@pytest.mark.parametrize("stratified", [(), (ONE, "baseline")])
def test_the_slope_is_that_of_the_likelihood(stratified):
    """Against differences, at variances that are not the best."""
    names = ["treatment", "baseline", "y"]
    fixed = ("treatment",) if stratified else (ONE, "treatment", "baseline")
    shared = clusters(PEOPLE[names], PEOPLE["trial"], PEOPLE["cluster"])
    g, s = np.array([[0.3]]), np.linspace(0.5, 2, 10)

    def found(ratio):
        left, between = shared.at(float(ratio[0]), stratified)
        return solve(blocks(left, "y", fixed, ("treatment",), between), g, s)

    for ratio in (0.05, 0.6):
        slope = optimize.approx_fprime([ratio], lambda r: found(r).loglik, 1e-7)
        assert found([ratio]).slope_ratio == pytest.approx(slope[0], rel=1e-4)


def test_whitening_is_the_inverse_of_the_errors_covariance():
    rows = PEOPLE[PEOPLE["trial"] == "t02"].reset_index(drop=True)
    table = np.column_stack([np.ones(len(rows)), rows[["treatment", "y"]]])
    label = rows["cluster"].fillna(rows.index.to_series().astype(str)).to_numpy()
    whole = np.eye(len(rows)) + 0.4 * (label[:, None] == label)
    shared = clusters(rows[["treatment", "y"]], rows["trial"], rows["cluster"])
    left, between = shared.at(0.4, ())
    np.testing.assert_allclose(left.sums[0], table.T @ np.linalg.solve(whole, table))
    assert between.logdet[0] == pytest.approx(np.linalg.slogdet(whole)[1])


@pytest.mark.parametrize("analysis", [two_stage, one_stage])
def test_without_shared_clusters_nothing_changes(analysis):
    alone = PEOPLE.assign(cluster=None)
    one, other = analysis(alone, "y", cluster="cluster"), analysis(alone, "y")
    assert one.icc is None
    if analysis is two_stage:
        pd.testing.assert_frame_equal(one.trials, other.trials)
    else:
        np.testing.assert_array_equal(one.estimate, other.estimate)
    own = PEOPLE.assign(cluster=[f"c{i}" for i in range(len(PEOPLE))])
    assert analysis(own, "y", cluster="cluster").icc is None


def test_labels_of_clusters_belong_to_their_trial():
    """The same class name in two trials is two classes; names and order do not matter."""
    renamed = PEOPLE["trial"] + " " + PEOPLE["cluster"]
    turned = PEOPLE.assign(cluster=renamed).iloc[::-1]
    one = two_stage(PEOPLE, "y", cluster="cluster")
    other = two_stage(turned, "y", cluster="cluster")
    assert one.icc == pytest.approx(other.icc, abs=1e-6)
    np.testing.assert_allclose(one.trials["vi"], other.trials["vi"], rtol=1e-5)


@pytest.mark.parametrize("analysis", [two_stage, one_stage])
def test_an_arm_that_is_one_cluster_is_left_out(analysis):
    one_class = (PEOPLE["trial"] == "t02") & (PEOPLE["treatment"] == 1)
    people = PEOPLE.assign(cluster=PEOPLE["cluster"].mask(one_class, "c1"))
    assert analysis(people, "y", cluster="cluster").left_out == ("t02",)
    # A clinic with both arms, or one participant taught alone beside the class, does tell.
    for rest in (
        PEOPLE["cluster"].mask(PEOPLE["trial"] == "t03", "clinic"),
        people["cluster"].mask(people.index == people.index[one_class][0]),
    ):
        assert analysis(PEOPLE.assign(cluster=rest), "y", cluster="cluster").left_out == ()


def test_moderators_count_clusters():
    """An arm that is one cluster still tells who gains more within it."""
    one_class = (PEOPLE["trial"] == "t02") & (PEOPLE["treatment"] == 1)
    people = PEOPLE.assign(cluster=PEOPLE["cluster"].mask(one_class, "c1"))
    found = moderation(people, "y", "baseline", (), cluster="cluster")
    plain = moderation(people, "y", "baseline", ())
    assert "t02" in set(found.trials["trial"]) and "t02" not in set(found.effects["trial"])
    assert found.within.se != plain.within.se
    assert found.within.estimate == pytest.approx(plain.within.estimate, abs=plain.within.se)
    alone = moderation(people.assign(cluster=None), "y", "baseline", (), cluster="cluster")
    assert alone.within == plain.within and alone.within_one_stage == plain.within_one_stage


def test_trials_of_one_class_each_tell_nothing():
    people = PEOPLE.assign(cluster=PEOPLE["treatment"].map({0.0: None, 1.0: "class"}))
    found = two_stage(people, "y", cluster="cluster")
    assert found.pooled is None and len(found.left_out) == 10
    with pytest.raises(ParticipantError):
        one_stage(people, "y", cluster="cluster")
    assert moderation(people, "y", "baseline", (), cluster="cluster").across is None


@pytest.mark.slow
def test_coverage_needs_the_clusters(generator):
    """Trials that randomised classes of ten, classes alike by 0.2: 95 % intervals hold 95 %."""
    k, classes, size, sets = 12, 8, 10, 100
    trial = np.repeat(np.arange(k), classes * size)
    label = np.tile(np.repeat(np.arange(classes), size), k)
    treatment = (label % 2).astype(float)
    unit = trial * classes + label
    held = {"with": [], "without": []}
    icc = []
    for _ in range(sets):
        shared = generator.normal(0, np.sqrt(0.2), k * classes)[unit]
        y = 0.4 * treatment + shared + generator.normal(0, np.sqrt(0.8), len(trial))
        people = pd.DataFrame({"trial": trial, "treatment": treatment, "y": y, "cluster": label})
        for name, column in (("with", "cluster"), ("without", None)):
            found = two_stage(people, "y", cluster=column)
            half = 1.96 * found.trials["vi"] ** 0.5
            held[name].append(((found.trials["yi"] - 0.4).abs() < half).mean())
        icc.append(two_stage(people, "y", cluster="cluster").icc)
    assert np.mean(held["with"]) == pytest.approx(0.95, abs=0.02)
    assert np.mean(held["without"]) < 0.8
    assert np.mean(icc) == pytest.approx(0.2, abs=0.015)


def test_sums_alone_are_the_crossproducts():
    names = ["treatment", "y"]
    shared = clusters(PEOPLE[names], PEOPLE["trial"], PEOPLE["cluster"], centre=True)
    plain = crossproducts(PEOPLE[names], PEOPLE["trial"], centre=True)
    np.testing.assert_array_equal(shared.alone.sums, plain.sums)
    assert (shared.size * shared.count).sum() == len(PEOPLE)


def test_lme4_agrees_on_worsening_in_clusters():
    expected = ORACLE["glmer"]
    fit = logistic_mixed(PEOPLE, "event", random=ONE, cluster="cluster")
    assert fit.estimate[0] == pytest.approx(expected["estimate"], abs=CLOSE)
    assert fit.se[0] == pytest.approx(expected["se"], rel=5e-4)
    assert fit.tau == pytest.approx(expected["tau"], rel=1e-3)
    one_class = (PEOPLE["trial"] == "t02") & (PEOPLE["treatment"] == 1)
    people = PEOPLE.assign(cluster=PEOPLE["cluster"].mask(one_class, "c1"))
    fit = logistic_mixed(people, "event", random=ONE, cluster="cluster")
    assert fit.left_out == ("t02",)
    with pytest.raises(ParticipantError, match="allowed: 'intercept'"):
        logistic_mixed(PEOPLE, "event", cluster="cluster")


def test_the_population_average_allows_for_clusters(generator):
    """Its errors are the spread of its estimates where classes were randomised."""
    k, classes, size, sets = 24, 6, 12, 150
    trial = np.repeat(np.arange(k), classes * size)
    unit = np.repeat(np.arange(k * classes), size)
    treatment = (unit % 2).astype(float)
    found, errors, naive = [], [], []
    for _ in range(sets):
        odds = -1 - 0.5 * treatment + generator.normal(0, 1, k * classes)[unit]
        event = (generator.random(len(unit)) < 1 / (1 + np.exp(-odds))).astype(float)
        people = pd.DataFrame({"trial": trial, "treatment": treatment, "event": event})
        fit = population_average(people, "event")
        found.append(fit.estimate[1])
        errors.append(fit.se[1])
        table = people.groupby("treatment")["event"].agg(["sum", "size"])
        naive.append(np.sqrt((1 / table["sum"] + 1 / (table["size"] - table["sum"])).sum()))
    spread = np.std(found)
    assert np.mean(errors) == pytest.approx(spread, rel=0.15)
    assert np.mean(naive) < 0.7 * spread
