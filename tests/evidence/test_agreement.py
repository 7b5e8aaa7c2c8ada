"""Known answers: Krippendorff (2011), example with four observers and missing data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkcm.evidence.agreement import agreement, coefficients, votes_by_unit

# Krippendorff (2011), section "any number of observers, missing data": 4 observers, 12 units.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def votes():
    rows = [
        (unit, observer, value)
        for observer, values in enumerate(OBSERVERS)
        for unit, value in enumerate(values)
        if value is not None
    ]
    return pd.DataFrame(rows, columns=["record_id", "reader", "decision"])


def test_published_values():
    found = agreement(votes())
    assert found.alpha == pytest.approx(0.743, abs=5e-4)
    assert found.units == 11  # one unit has a single vote
    assert found.readers == 4
    assert found.alpha_ci[0] < found.alpha < found.alpha_ci[1]
    assert found.ac1_ci[0] < found.ac1 < found.ac1_ci[1]


def test_ac1_by_hand():
    # Two readers, four units, one disagreement: p_a = 3/4; shares 5/8 and 3/8, p_e = 2 (5/8)(3/8).
    counts = np.array([[2, 0], [2, 0], [1, 1], [0, 2]], float)
    observed, _, ac1 = coefficients(counts, np.ones((1, 4)))
    chance = 2 * (5 / 8) * (3 / 8)
    assert observed[0] == 0.75
    assert ac1[0] == pytest.approx((0.75 - chance) / (1 - chance))


@given(st.lists(st.sampled_from("abc"), min_size=3, max_size=30).filter(lambda v: len(set(v)) > 1))
def test_perfect_agreement_is_one(values):
    rows = [(i, reader, value) for i, value in enumerate(values) for reader in "xy"]
    frame = pd.DataFrame(rows, columns=["record_id", "reader", "decision"])
    found = agreement(frame, resamples=5)
    assert (found.observed, found.alpha, found.ac1) == pytest.approx((1, 1, 1))


def test_order_of_rows_is_irrelevant():
    frame = votes()
    assert agreement(frame.sample(frac=1, random_state=1)) == agreement(frame)


def test_too_little_to_tell():
    frame = votes()
    assert agreement(frame[frame["reader"] == 0]) is None
    assert agreement(frame[frame["record_id"] == 0]) is None


def test_units_with_one_vote_are_left_out():
    assert votes_by_unit(votes(), "record_id", "decision").shape == (11, 5)
