import numpy as np
import pytest

from lkcm.informants.agreement_range import Agreement
from lkcm.informants.expectation import expected_effect, verdict
from lkcm.synthesis.pooled import PoolError


def test_the_two_bounds():
    found = expected_effect(0.5, (0.3, 0.7), Agreement(0.1, 0.6), loadings=(0.8, 1.0))
    assert (found.trait.low, found.trait.high) == pytest.approx((0.4, 0.5))
    assert (found.score.low, found.score.high) == pytest.approx((0.05, 0.3))
    assert found.trait.ci[0] < 0.4 and found.trait.ci[1] > 0.5
    assert found.score.ci[0] > 0 and found.score.ci[1] > 0.3


def test_agreement_of_none_and_of_all():
    none = expected_effect(0.5, (0.3, 0.7), Agreement(0, 0))
    assert (none.score.low, none.score.high, none.score.ci) == (0, 0, (0, 0))
    whole = expected_effect(0.5, (0.3, 0.7), Agreement(1, 1))
    assert whole.score.ci == whole.trait.ci == pytest.approx((0.3, 0.7))


def test_an_effect_without_interval_gives_bounds_without():
    found = expected_effect(0.5)
    assert found.trait.ci is None and found.score.ci is None
    assert "0.50 (no interval)" in found.sentence()
    assert "about 0.50" in found.sentence()


def test_a_harmful_effect_keeps_its_ends_in_order():
    found = expected_effect(-0.5, (-0.8, -0.2))
    assert found.score.low < found.score.high <= 0
    assert found.score.ci[0] < found.score.ci[1]


def test_the_interval_is_that_of_the_product():
    rng = np.random.default_rng(5)
    drawn = (0.5 + 0.1 * rng.standard_normal(200_000)) * rng.uniform(0.1, 0.6, 200_000)
    found = expected_effect(0.5, (0.5 - 0.195996, 0.5 + 0.195996))
    assert found.score.ci == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.02)


@pytest.mark.parametrize(
    ("observed", "ci", "contrast", "ending"),
    [
        (None, None, None, "cannot be told apart yet."),
        (0.5, (0.4, 0.6), None, "fits only a change of the person."),
        (0.15, (0.05, 0.25), None, "fits only agreement with the self-report alone."),
        (0.2, (-0.2, 0.6), None, "and no change that anyone else sees."),
        (-0.5, (-0.7, -0.3), None, "fits none of the readings."),
        (0.5, (0.3, 0.7), (-0.1, 0.1), "fits only a change of the person."),
        (0.2, (0.0, 0.4), (0.25, 0.4), "fits only agreement with the self-report alone."),
    ],
)
def test_what_is_observed_is_held_against_the_bounds(observed, ci, contrast, ending):
    expected = expected_effect(0.5, (0.45, 0.55))
    assert verdict(expected, observed, ci, contrast).endswith(ending)


@pytest.mark.parametrize("loadings", [(1.0, 0.5), (-0.1, 1.0)])
def test_loadings_that_are_none_are_refused(loadings):
    with pytest.raises(PoolError, match="loadings run from"):
        expected_effect(0.5, loadings=loadings)
