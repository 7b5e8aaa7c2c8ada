import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkcm.synthesis.covariance import Arms, SamplingCovariance, sampling_covariance
from lkcm.synthesis.pooled import PoolError

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "dependent.json").read_text())
TABLE = ORACLE["arms"]
ARM_COLUMNS = ("treatment", "control", "n_treatment", "n_control", "outcome")
ARMS = Arms(*(TABLE[name] for name in ARM_COLUMNS))


def dense(covariance: SamplingCovariance, between=0.0, within=0.0):
    """Set the blocks into a table in the order of the input."""
    k = len(covariance.order)
    whole = np.zeros((k, k))
    for _, rows, blocks in covariance.stacks(between, within):
        for row, block in zip(rows, blocks, strict=True):
            whole[np.ix_(row, row)] = block
    # Rotating back rows and then columns leaves the order of the input on both sides.
    return covariance.rotate_back(covariance.rotate_back(whole).T).T


def test_vcalc_agrees_on_arms_of_every_kind():
    covariance = sampling_covariance(TABLE["vi"], TABLE["study"], 0.6, ARMS)
    np.testing.assert_allclose(dense(covariance), ORACLE["arms_covariance"], atol=1e-15)
    # Studies with one effect or one pair of arms need no table of eigenvectors.
    assert sum(len(rows) for rows, _ in covariance.rotations) == 4


def test_only_studies_that_share_an_arm_are_rotated():
    same = Arms(["a"] * 4, ["k"] * 4, [10] * 4, [12] * 4, [1, 2, 1, 2])
    covariance = sampling_covariance([0.1, 0.2, 0.3, 0.4], list("sstt"), 0.6, same)
    assert covariance.rotations == ()
    plain = sampling_covariance([0.1, 0.2, 0.3, 0.4], list("sstt"), 0.6)
    np.testing.assert_array_equal(dense(covariance), dense(plain))


rows = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.floats(0.01, 2)), min_size=1, max_size=12
).map(lambda pairs: tuple(np.array(column) for column in zip(*pairs, strict=True)))


@given(rows, st.floats(0, 0.99), st.floats(0, 2), st.floats(0, 2))
def test_without_arms_rho_is_the_correlation_within_studies(table, rho, between, within):
    study, vi = table
    same = study[:, None] == study
    spread = np.sqrt(vi)
    expected = same * (rho * spread[:, None] * spread + between)
    np.fill_diagonal(expected, vi + between + within)
    covariance = sampling_covariance(vi, study, rho)
    np.testing.assert_allclose(dense(covariance, between, within), expected, atol=1e-12)
    assert covariance.sizes.sum() == len(vi)


@pytest.mark.parametrize(("between", "within"), [(0.3, 0.0), (0.0, 0.2), (0.3, 0.2)])
def test_variances_of_true_effects_are_added_in_every_basis(between, within):
    covariance = sampling_covariance(TABLE["vi"], TABLE["study"], 0.6, ARMS)
    study = np.array(TABLE["study"])
    added = between * (study[:, None] == study) + within * np.eye(len(study))
    expected = np.array(ORACLE["arms_covariance"]) + added
    np.testing.assert_allclose(dense(covariance, between, within), expected, atol=1e-12)


def test_rotating_back_undoes_rotating():
    covariance = sampling_covariance(TABLE["vi"], TABLE["study"], 0.6, ARMS)
    columns = np.random.default_rng(1).normal(size=(len(TABLE["vi"]), 3))
    np.testing.assert_allclose(covariance.rotate_back(covariance.rotate(columns)), columns)


def changed(**columns):
    return Arms(**({name: TABLE[name] for name in ARM_COLUMNS} | columns))


@pytest.mark.parametrize(
    ("arms", "words"),
    [
        pytest.param(changed(outcome=[1]), "outcome must have one entry", id="length"),
        pytest.param(changed(n_control=[0] * 13), "n_control has what is not a number", id="zero"),
        pytest.param(changed(n_treatment=["?"] * 13), "n_treatment has what is not", id="text"),
        pytest.param(changed(control=[None] * 13), "a label in control is missing", id="label"),
        pytest.param(changed(control=TABLE["treatment"]), "compared with itself", id="same arm"),
        pytest.param(changed(outcome=[1] * 13), "study chain is not positive", id="circle"),
        pytest.param(
            changed(outcome=[1, 1, 1, 1, 2, 3, 1, 1, 1, 1, 2, 2, 1]),
            "study outcomes too is not positive",
            id="twice",
        ),
    ],
)
def test_arms_that_cannot_be_used_are_told_in_words(arms, words):
    with pytest.raises(PoolError, match=words):
        sampling_covariance(TABLE["vi"], TABLE["study"], 0.6, arms)


@pytest.mark.parametrize(
    ("vi", "study", "rho", "words"),
    [
        pytest.param(
            [0.1, 0.2], ["a", "b"], 1.0, "rho is 1.0; allowed: from 0 to 0.999", id="rho 1"
        ),
        pytest.param([0.1, 0.2], ["a", "b"], -0.1, "rho is -0.1", id="rho negative"),
        pytest.param([0.1, 0.2], ["a", "b"], np.nan, "rho is nan", id="rho missing"),
        pytest.param([0.1, 0.2], ["a"], 0.5, "one length", id="lengths"),
        pytest.param([0.1, 0.2], ["a", None], 0.5, "a study is missing", id="no study"),
        pytest.param([0.1, 0.2], [1.0, np.nan], 0.5, "a study is missing", id="NaN study"),
    ],
)
def test_what_cannot_be_used_is_told_in_words(vi, study, rho, words):
    with pytest.raises(PoolError, match=words):
        sampling_covariance(vi, study, rho)


def test_a_study_too_large_for_a_square_table_is_told_in_words():
    covariance = sampling_covariance(np.full(6000, 0.1), np.zeros(6000), 0.5)
    with pytest.raises(PoolError, match="a study has 6000 effects; allowed: 5000"):
        next(covariance.stacks())
