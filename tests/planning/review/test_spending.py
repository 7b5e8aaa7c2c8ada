import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.planning import PlanError
from lkcm.planning.review.spending import (
    NEVER,
    SPENDING,
    constant_boundaries,
    crossing,
    required_drift,
    spent_boundaries,
)

#: Jennison & Turnbull (2000), tables 2.1 and 2.3, two-sided alpha .05: constants of Pocock's and
#: O'Brien and Fleming's tests by number of looks.
POCOCK = {2: 2.178, 3: 2.289, 4: 2.361, 5: 2.413, 10: 2.555}
OBRIEN_FLEMING = {2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040, 10: 2.087}
#: Their tables 2.2 and 2.4: inflation of a fixed sample at power .80 and five looks.
INFLATION = {0.5: 1.229, 0.0: 1.028}
#: Five equal looks, two-sided .05, by the program of Reboussin et al. (2000, Control Clin Trials
#: 21:190), whose integration leaves about 1e-4.
LAN_DEMETS = {
    "O'Brien-Fleming": [4.8769, 3.3569, 2.6803, 2.2898, 2.0310],
    "Pocock": [2.4380, 2.4268, 2.4101, 2.3966, 2.3859],
}
FIFTHS = np.arange(1, 6) / 5


@pytest.mark.parametrize(("looks", "constant"), POCOCK.items())
def test_pocock_constants(looks, constant):
    assert constant_boundaries(looks, 0.5) == pytest.approx([constant] * looks, abs=6e-4)


@pytest.mark.parametrize(("looks", "constant"), OBRIEN_FLEMING.items())
def test_obrien_fleming_constants(looks, constant):
    found = constant_boundaries(looks, 0)
    assert found[-1] == pytest.approx(constant, abs=6e-4)
    assert found[0] == pytest.approx(constant * np.sqrt(looks), abs=2e-3)


@pytest.mark.parametrize(("shape", "inflation"), INFLATION.items())
def test_inflation_of_the_sample(shape, inflation):
    drift = required_drift(FIFTHS, constant_boundaries(5, shape))
    assert drift**2 / (1.959964 + 0.841621) ** 2 == pytest.approx(inflation, abs=1e-3)


@pytest.mark.parametrize("name", SPENDING)
def test_lan_demets_boundaries(name):
    found = spent_boundaries(FIFTHS, spending=name)
    assert found == pytest.approx(LAN_DEMETS[name], abs=1.5e-4)


@pytest.mark.parametrize("name", SPENDING)
def test_all_error_is_spent_and_no_more(name):
    fractions = [0.1, 0.15, 0.4, 0.9, 1.0]
    bounds = spent_boundaries(fractions, spending=name)
    assert crossing(fractions, bounds).sum() == pytest.approx(0.05, abs=1e-6)
    expected = np.diff(SPENDING[name](np.array(fractions), 0.05), prepend=0)
    assert crossing(fractions, bounds) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("drift", [0.0, 2.5])
def test_simulated_walks_cross_as_often_as_computed(drift):
    fractions = np.array([0.2, 0.5, 0.7, 1.0])
    bounds = spent_boundaries(fractions)
    random = np.random.default_rng(1)
    steps = np.diff(fractions, prepend=0)
    walk = (drift * steps + np.sqrt(steps) * random.standard_normal((200_000, 4))).cumsum(1)
    crossed = np.abs(walk / np.sqrt(fractions)) >= bounds
    first = [(crossed[:, i] & ~crossed[:, :i].any(1)).mean() for i in range(4)]
    assert crossing(fractions, bounds, drift) == pytest.approx(first, abs=0.004)


def test_one_look_is_the_usual_test():
    assert spent_boundaries([1.0]) == pytest.approx([1.959964], abs=1e-5)
    assert spent_boundaries([1.0], spending="Pocock") == pytest.approx([1.959964], abs=1e-5)


@settings(max_examples=15)
@given(st.lists(st.floats(0.05, 0.3), min_size=1, max_size=4))
def test_boundaries_never_spend_more_than_alpha(steps):
    fractions = np.cumsum(steps) / max(1.0, sum(steps))
    bounds = spent_boundaries(fractions)
    assert crossing(fractions, bounds).sum() <= 0.05 + 1e-6
    assert (bounds <= NEVER).all()


def test_too_early_a_look_can_cross_nothing():
    assert spent_boundaries([0.01, 1.0])[0] == NEVER


def test_what_is_not_a_plan_is_refused():
    with pytest.raises(PlanError, match="do not increase"):
        spent_boundaries([0.5, 0.5])
    with pytest.raises(PlanError, match="spending 'linear'; allowed"):
        spent_boundaries([0.5], spending="linear")
    with pytest.raises(PlanError, match="not a list"):
        crossing([], [])
    with pytest.raises(PlanError, match="differ in number"):
        crossing([0.5, 1], [2.0])
