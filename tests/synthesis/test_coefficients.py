import numpy as np
import pytest
from scipy import stats

from lkcm.synthesis.coefficients import Inference, coefficient_frame
from lkcm.synthesis.sandwich import Sandwich

BREAD = np.array([[0.04, 0.01], [0.01, 0.09]])
#: Ten studies that bear alike: the degrees of freedom are then ten.
OWN = np.tile(BREAD / 10, (10, 1, 1))


def inference(covariance, own=OWN, level=0.95):
    sandwich = Sandwich(covariance, BREAD, own, np.zeros((10, 2, 2)), np.array([], dtype=int))
    return Inference(np.eye(2), np.array([0.4, -0.2]), BREAD, sandwich, level)


def test_a_combination_has_its_own_error():
    one = inference(2 * BREAD, level=0.9).combine("difference", np.array([1.0, -1.0]))
    variance = 2 * (0.04 + 0.09 - 0.02)
    assert (one.name, one.estimate) == ("difference", pytest.approx(0.6))
    assert one.se == pytest.approx(np.sqrt(variance))
    assert one.se_model == pytest.approx(np.sqrt(variance / 2))
    assert one.df == pytest.approx(10)
    assert one.p == pytest.approx(2 * stats.t.sf(0.6 / one.se, 10))
    assert one.ci[1] - one.estimate == pytest.approx(stats.t.ppf(0.95, 10) * one.se)


def test_coefficients_are_given_back_in_the_basis_of_their_columns():
    plain = inference(2 * BREAD)
    basis = np.array([[2.0, 1.0], [0.0, 4.0]])
    turned = Inference(basis, plain.beta, BREAD, plain.sandwich, 0.95)
    assert turned.combine("x", np.array([1.0, 0.0])) == plain.combine("x", np.array([2.0, 1.0]))


@pytest.mark.parametrize(
    ("given", "se", "df"),
    [
        pytest.param(inference(0 * BREAD), 0.0, 10, id="no residual"),
        pytest.param(inference(BREAD, own=0 * OWN), None, None, id="no study bears on it"),
        pytest.param(Inference(np.eye(2), np.ones(2), BREAD, None, 0.95), None, None, id="one"),
    ],
)
def test_what_is_not_defined_is_none(given, se, df):
    one = given.combine("x", np.array([1.0, 0.0]))
    assert one.se == se
    assert one.df == (None if df is None else pytest.approx(df))
    assert (one.statistic, one.p, one.ci) == (None, None, None)
    frame = coefficient_frame([one])
    assert frame[["statistic", "p", "ci_low", "ci_high"]].isna().all(axis=None)


def test_a_frame_has_a_row_a_coefficient():
    both = [inference(BREAD).combine(name, row) for name, row in zip("ab", np.eye(2), strict=True)]
    frame = coefficient_frame(both)
    assert frame["name"].tolist() == ["a", "b"]
    assert frame["ci_low"].tolist() == [one.ci[0] for one in both]
    assert list(frame) == [
        *("name", "estimate", "se", "se_model", "df", "statistic", "p", "ci_low", "ci_high")
    ]
