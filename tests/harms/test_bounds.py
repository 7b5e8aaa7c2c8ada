import numpy as np
import pytest
from scipy import stats

from lkcm.harms.bounds import common_bound, people_without_event, upper_bound
from lkcm.harms.events import EventsError


def test_no_event_of_62_excludes_4_7_per_cent():
    assert upper_bound(0, 62) == pytest.approx(0.0472, abs=5e-5)
    assert upper_bound(0, 62) == pytest.approx(1 - 0.05 ** (1 / 62))


@pytest.mark.parametrize(("events", "n"), [(0, 5), (1, 30), (7, 22), (22, 22)])
def test_the_bound_is_the_exact_binomial_one(events, n):
    expected = stats.binomtest(events, n, alternative="less").proportion_ci(0.95, "exact").high
    assert upper_bound(events, n) == pytest.approx(expected)


def test_a_missing_count_gives_a_missing_bound():
    found = upper_bound([0, np.nan, 1], [10, 10, np.nan])
    assert np.isfinite(found).tolist() == [True, False, False]


def test_trials_together_are_one_sample():
    bound = common_bound([0, 0, np.nan], [62, 46, 20])
    assert (bound.trials, bound.events, bound.n) == (2, 0, 108)
    assert bound.upper == pytest.approx(float(upper_bound(0, 108)))
    assert common_bound([np.nan], [10]) is None


@pytest.mark.parametrize("risk", [0.01, 0.05, 0.2])
def test_people_that_exclude_a_risk(risk):
    n = people_without_event(risk)
    assert upper_bound(0, n) <= risk < upper_bound(0, n - 1)


@pytest.mark.parametrize("arguments", [(-1, 5), (6, 5), (0, 0), (0, 5, 1.0)])
def test_impossible_counts_are_refused(arguments):
    with pytest.raises(EventsError, match="a bound needs"):
        upper_bound(*arguments)
    with pytest.raises(EventsError, match="between 0 and 1"):
        people_without_event(1.0)
