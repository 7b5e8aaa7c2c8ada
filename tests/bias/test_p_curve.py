import numpy as np
import pytest
from scipy import special

from lkcm.bias.p_curve import p_curve


def curve(z):
    return p_curve(z, np.ones(len(z)))


def test_a_curve_by_hand():
    z = np.array([2.0, 2.5, 3.0, 1.0, -3.0])
    result = curve(z)
    p = 2 * special.ndtr(-z[:3])
    assert (result.k, result.significant) == (5, 3)
    assert result.p_values == pytest.approx(p)
    assert result.skew_z == pytest.approx(special.ndtri(p / 0.05).sum() / np.sqrt(3))
    half = p[p < 0.025] / 0.025
    assert result.half_z == pytest.approx(special.ndtri(half).sum() / np.sqrt(2))
    # Two of three are below .025: a coin gives that or more in half of all cases.
    assert result.binomial_p == pytest.approx(0.5)


@pytest.mark.parametrize("power", [0.33, 0.5, 0.8])
def test_the_power_of_the_trials_is_recovered(power):
    generator = np.random.default_rng(1)
    z = generator.normal(special.ndtri(0.975) + special.ndtri(power), 1, 6000)
    result = curve(z)
    assert result.power == pytest.approx(power, abs=0.03)
    assert result.power_ci[0] < result.power < result.power_ci[1]
    assert result.evidential


def test_no_effect_gives_a_flat_curve():
    z = np.random.default_rng(2).normal(0, 1, 40_000)
    result = curve(z)
    assert not result.evidential
    assert result.flat_p < 0.001
    assert result.power == pytest.approx(0.05, abs=0.02)


def test_very_small_p_values_are_computed_with():
    result = curve(np.array([50.0, 60.0, 3.0]))
    assert np.isfinite([result.skew_z, result.half_z, result.flat_z, result.power]).all()
    assert result.power == 0.99


def test_no_p_value_below_half_the_level():
    result = curve(np.array([2.0, 2.05, 2.1]))
    assert (result.half_z, result.half_p, result.binomial_p) == (None, None, 1.0)
    assert result.evidential is False


def test_too_few_significant_trials_are_told_in_words():
    result = curve(np.array([2.5, 0.1, 2.6, -4.0]))
    assert (result.significant, result.needs) == (2, "needs significant trials >= 3")
    assert (result.evidential, result.power) == (None, None)
