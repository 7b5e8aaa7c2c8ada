"""Several reporters of the same people: the sampling covariance and the model that takes it."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkcm.synthesis.covariance import Arms, Reporters, sampling_covariance
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.pooled import PoolError

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "reporters.json").read_text())
#: metafor's optimisers stop short of the top (METHODS 14); the estimates hardly feel it.
RELATIVE, ABSOLUTE = 1e-4, 1e-6
CASES = [pytest.param(case, id=f"{case['set']}-{case['agreement']}") for case in ORACLE["cases"]]


def arms_of(table):
    if "treatment" not in table:
        return None
    names = ("treatment", "control", "n_treatment", "n_control", "outcome")
    return Arms(*(table[name] for name in names))


def dense(covariance):
    k = len(covariance.order)
    whole = np.zeros((k, k))
    for _, rows, blocks in covariance.stacks():
        for row, block in zip(rows, blocks, strict=True):
            whole[np.ix_(row, row)] = block
    return covariance.rotate_back(covariance.rotate_back(whole).T).T


def test_vcalc_agrees_on_reporters_and_shared_arms():
    table = ORACLE["arms"]
    reporters = Reporters(table["reporter"], 0.3)
    covariance = sampling_covariance(table["vi"], table["study"], 0.6, arms_of(table), reporters)
    np.testing.assert_allclose(dense(covariance), ORACLE["arms_covariance"], atol=1e-14)


@pytest.mark.parametrize("case", CASES)
def test_metafor_and_clubsandwich_agree(case):
    table = ORACLE["sets"][case["set"]]
    label = np.array(table["reporter"])
    classes = {name: (label == name).astype(float) for name in case["reporters"]}
    pooled = pool_dependent(
        table["yi"], table["vi"], table["study"],
        moderators=classes, intercept=False, rho=case["rho"], arms=arms_of(table),
        reporters=Reporters(label, case["agreement"]),
    )  # fmt: skip
    close = {"rtol": RELATIVE, "atol": ABSOLUTE}
    tau2 = (pooled.tau2_between, pooled.tau2_within)
    np.testing.assert_allclose(tau2, case["tau2"], **close, err_msg="tau2")
    assert pooled.loglik == pytest.approx(case["loglik"], rel=1e-7)
    assert pooled.q == pytest.approx(case["q"], rel=1e-9)
    for field in ("estimate", "se_model", "se", "df"):
        ours = [getattr(one, field) for one in pooled.coefficients]
        np.testing.assert_allclose(ours, case[field], **close, err_msg=field)
    first, second = case["reporters"][:2]
    difference = pooled.contrast({second: 1, first: -1})
    for field, expected in case["second_minus_first"].items():
        assert getattr(difference, field) == pytest.approx(expected, rel=RELATIVE, abs=ABSOLUTE)


def test_the_comparison_is_as_large_as_planned():
    assert len(CASES) == 16
    assert {case["agreement"] for case in ORACLE["cases"]} == {0, 0.1, 0.35, 0.6}


rows = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("so"), st.floats(0.01, 2)),
    min_size=1,
    max_size=12,
).map(lambda triples: tuple(np.array(column) for column in zip(*triples, strict=True)))


@given(rows, st.floats(0.3, 0.95), st.floats(0, 1))
def test_reporters_correlate_by_the_agreement_and_one_reporter_by_rho(table, rho, part):
    study, reporter, vi = table
    agreement = part * rho
    one = reporter[:, None] == reporter
    expected = np.where(one, rho, agreement) * (study[:, None] == study)
    np.fill_diagonal(expected, 1)
    expected *= np.sqrt(vi)[:, None] * np.sqrt(vi)
    covariance = sampling_covariance(vi, study, rho, reporters=Reporters(reporter, agreement))
    np.testing.assert_allclose(dense(covariance), expected, atol=1e-12)


def test_only_trials_with_several_reporters_are_rotated():
    label = ["self", "self", "self", "partner"]
    reporters = Reporters(label, 0.3)
    covariance = sampling_covariance([0.1] * 4, list("aabb"), 0.6, reporters=reporters)
    assert [rows.tolist() for rows, _ in covariance.rotations] == [[[2, 3]]]


def test_an_agreement_as_high_as_rho_makes_reporters_one():
    table = ORACLE["sets"]["kalaian1996"]
    columns = (table["yi"], table["vi"], table["study"])
    plain = pool_dependent(*columns, rho=0.6)
    same = pool_dependent(*columns, rho=0.6, reporters=Reporters(table["reporter"], 0.6))
    assert same.mean.estimate == pytest.approx(plain.mean.estimate, rel=1e-9)
    assert same.mean.se == pytest.approx(plain.mean.se, rel=1e-9)


@pytest.mark.parametrize(
    ("label", "agreement", "words"),
    [
        pytest.param(list("soso"), 1.0, "agreement is 1.0; allowed", id="agreement"),
        pytest.param(list("sos"), 0.3, "one label an effect", id="length"),
        pytest.param(["s", "o", None, "o"], 0.3, "a reporter is missing", id="missing"),
        pytest.param(list("ssoo"), 0.95, "agreement above rho", id="not definite"),
    ],
)
def test_what_cannot_be_is_refused(label, agreement, words):
    with pytest.raises(PoolError, match=words):
        sampling_covariance(
            [0.1] * 4, ["a"] * 4, 0.2, reporters=Reporters(np.array(label, object), agreement)
        )
