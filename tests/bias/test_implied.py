import numpy as np
import pytest

from lkcm.bias.implied import contrast_power, implied


def test_the_published_figures_imply_what_a_pocket_calculator_gives():
    # by hand: tau2 = 4 / 91.06 x 98.6 / 1.4, SE = sqrt(3.14 / 31), range t(30) x 1.79
    found = implied(0.56, 31, 2823, 98.6)
    assert found.tau == pytest.approx(1.76, abs=0.005)
    assert found.se == pytest.approx(0.32, abs=0.005)
    assert (found.prediction[1] - found.prediction[0]) / 2 == pytest.approx(3.6, abs=0.1)
    assert contrast_power(found, 0.81 - 0.23) < 0.2


def test_no_heterogeneity_leaves_the_common_effect():
    found = implied(0.5, 10, 400, 0)
    assert (found.tau, found.se) == (0, pytest.approx(np.sqrt(0.1 / 10)))


def test_power_is_the_level_without_a_difference_and_grows_with_it():
    found = implied(0.5, 10, 400, 50)
    assert contrast_power(found, 0.0) == pytest.approx(0.05)
    assert contrast_power(found, 0.2) < contrast_power(found, 0.4) < contrast_power(found, 2) <= 1


@pytest.mark.parametrize("values", [(0.5, 10, 400, 100), (0.5, 1, 400, 50), (0.5, 200, 400, 50)])
def test_impossible_figures_are_refused(values):
    with pytest.raises(ValueError, match="allowed: 0 <= i2 < 100"):
        implied(*values)
