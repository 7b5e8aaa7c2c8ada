import numpy as np
import pytest
from made_rows import AHEAD, BEHIND, NO_DIFFERENCE, SIGNIFICANT, figure, made_rows

from lkcm.synthesis.head_to_head import SAYS, STATEMENTS, people_to_tell, statements, tally

MINDFUL = {"comparator_type": "mindfulness"}


def said(*rows):
    return statements(made_rows(*(row | MINDFUL for row in rows)))


def test_every_row_says_one_thing():
    found = said(figure(0.4), NO_DIFFERENCE, AHEAD, BEHIND, SIGNIFICANT, {})
    assert found["says"].tolist() == [
        *("favours LKCM", "no difference", "favours LKCM", "favours control"),
        *("favours LKCM", "unknown"),
    ]
    assert set(found["says"]) <= set(SAYS)
    assert found.columns.tolist() == list(STATEMENTS)


def test_a_direction_that_is_not_significant_is_no_difference():
    assert said(AHEAD | NO_DIFFERENCE)["says"].tolist() == ["no difference"]


def test_what_is_said_bounds_the_effect():
    found = said(
        figure(0.4, vi=0.04), NO_DIFFERENCE, SIGNIFICANT, AHEAD, {"null_variance": np.nan}
    )
    se = 0.25
    np.testing.assert_allclose(
        found["low"][:4], [0.4 - 1.96 * 0.2, -1.96 * se, 1.96 * se, 0], atol=1e-3
    )
    np.testing.assert_allclose(found["high"][:2], [0.4 + 1.96 * 0.2, 1.96 * se], atol=1e-3)
    assert np.isinf(found["high"][2:4]).all()
    assert np.isnan(found["low"][4])


def test_a_significance_without_a_direction_bounds_nothing():
    found = said(SIGNIFICANT | {"sign_used": 0.0})
    assert found["says"].tolist() == ["unknown"]
    assert found["low"].isna().all()


def test_other_comparators_and_rows_that_repeat_are_out():
    rows = made_rows(AHEAD | MINDFUL, AHEAD, AHEAD | MINDFUL | {"reason_code": "same-result"})
    assert statements(rows)["effect_id"].tolist() == ["t0-1"]
    assert len(statements(rows, "waitlist")) == 1


def test_a_row_that_is_held_back_stays_with_its_reason():
    held = AHEAD | {"status": "excluded", "reason": "held back", "reason_code": "hold"}
    found = said(held)
    assert not found["used"][0]
    assert found["unused_because"][0] == "held back"
    assert found["says"][0] == "favours LKCM"


def test_trials_are_counted_once_for_what_they_say():
    rows = made_rows(
        *(row | MINDFUL for row in (AHEAD, AHEAD, BEHIND, NO_DIFFERENCE | {"outcome": "anxiety"}))
    )
    rows["sample_id"] = ["a", "a", "a", "b"]
    counts = tally(statements(rows)).set_index("outcome")
    assert counts.loc["stress", ["trials", "favours LKCM", "favours control"]].tolist() == [
        1,
        1,
        1,
    ]
    assert counts.loc["anxiety", "no difference"] == 1


def test_no_trials_give_empty_tables():
    found = statements(made_rows(AHEAD))
    assert found.empty
    assert tally(found).empty


@pytest.mark.parametrize(("effect", "people"), [(0.5, 126), (0.2, 786), (1.0, 32)])
def test_sizes_are_those_of_the_normal_approximation(effect, people):
    assert people_to_tell(effect) == people


@pytest.mark.parametrize("options", [(0.0,), (-1.0,), (0.5, 1.0), (0.5, 0.95, 0.0)])
def test_impossible_questions_are_refused(options):
    with pytest.raises(ValueError, match="allowed"):
        people_to_tell(*options)
