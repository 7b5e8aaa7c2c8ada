import numpy as np
import pandas as pd
import pytest

from lkcm.ipd.crossproducts import ParticipantError
from lkcm.ipd.splines import basis, effect_curve


def test_the_basis_is_that_of_rms():
    # R: Hmisc::rcspline.eval(c(0, 1, 2.5, 4, 6), knots = 1:4, inclx = TRUE), by its formula.
    x, knots = np.array([0.0, 1, 2.5, 4, 6]), [1, 2, 3, 4]
    found = basis(x, knots)
    np.testing.assert_allclose(found[:, 0], x)
    np.testing.assert_allclose(found[:2, 1:], 0)
    np.testing.assert_allclose(found[2], [2.5, 3.375 / 9, 0.125 / 9])
    np.testing.assert_allclose(found[3], [4, (27 - 3) / 9, (8 - 2) / 9])


def test_it_is_straight_beyond_the_outer_knots():
    far = basis(np.array([5.0, 6, 7, 8]), [1, 2, 3, 4])
    np.testing.assert_allclose(np.diff(far, n=2, axis=0), 0, atol=1e-12)


@pytest.fixture
def people(generator):
    n, k = 300, 10
    trial = np.repeat(np.arange(k), n)
    treatment, x = np.tile([0.0, 1.0], n * k // 2), generator.normal(size=n * k)
    benefit = np.minimum(x, 0) * 0.6
    y = 0.2 * x + treatment * (0.4 + benefit) + generator.normal(0, 0.7, n * k)
    return pd.DataFrame({"trial": trial, "treatment": treatment, "x": x, "y": y})


def test_a_bend_is_found(people):
    curve = effect_curve(people, "y", "x", ())
    truth = np.minimum(curve.points["x"], 0) * 0.6 - min(curve.reference, 0) * 0.6
    assert curve.p_any < 0.001 and curve.p_nonlinear < 0.05
    off = (curve.points["difference"] - truth).abs()
    width = curve.points["high"] - curve.points["low"]
    # Four knots round the corner off, so the curve may miss it by a little more than chance.
    assert off.mean() < 0.15 and (off < width + 0.1).all()
    near = (curve.points["x"] - curve.reference).abs().idxmin()
    assert curve.points.loc[near, "difference"] == pytest.approx(0, abs=0.02)


def test_a_line_is_a_line(people):
    line = people.assign(y=people["y"] - people["treatment"] * np.minimum(people["x"], 0) * 0.6)
    assert effect_curve(line, "y", "x", ()).p_nonlinear > 0.05


def test_what_has_no_curve_is_said(people):
    with pytest.raises(ParticipantError, match="no participant has x"):
        effect_curve(people.assign(x=np.nan), "y", "x", ())
    with pytest.raises(ParticipantError, match="too few different values"):
        effect_curve(people.assign(x=people["treatment"]), "y", "x", ())
