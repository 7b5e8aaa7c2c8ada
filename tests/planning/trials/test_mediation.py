import numpy as np
import pytest

from lkcm.planning import PlanError
from lkcm.planning.trials.mediation import Paths, joint_power, joint_size, simulated_power

#: Fritz & MacKinnon (2007), table 3, joint significance: sizes for power .80 by paths a and b
#: (a on a standard normal cause, so that a half-and-half treatment needs twice its size).
FRITZ = {
    (0.14, 0.14): 530,
    (0.14, 0.39): 403,
    (0.26, 0.26): 159,
    (0.39, 0.39): 74,
    (0.39, 0.59): 58,
    (0.59, 0.59): 36,
}


@pytest.mark.parametrize(("paths", "n"), FRITZ.items())
def test_sizes_are_those_of_the_published_table(paths, n):
    # Their cause is drawn at random, which costs small samples a few people more than ours.
    found = joint_size(Paths(2 * paths[0], paths[1]))
    assert found <= n + 1
    assert found == pytest.approx(n, abs=max(0.02 * n, 5))


@pytest.mark.parametrize(
    "paths", [Paths(0.5, 0.25), Paths(0.8, 0.4, direct=0.3), Paths(0.5, 0), Paths(0, 0)]
)
def test_simulated_power_is_that_of_the_formula(paths):
    found = simulated_power(80, paths, seed=2)
    expected = float(joint_power(80, paths))
    assert found.share == pytest.approx(expected, abs=3.5 * found.error + 0.002)


def test_without_any_path_the_joint_test_is_conservative():
    assert joint_power(200, Paths(0, 0)) == pytest.approx(0.05**2, rel=0.01)


def test_the_size_found_is_the_smallest():
    paths = Paths(0.4, 0.3)
    n = joint_size(paths)
    assert joint_power(n, paths) >= 0.8 > joint_power(n - 1, paths)


def test_unequal_arms_need_more_people():
    assert joint_size(Paths(0.3, 0.5), share=0.2) > joint_size(Paths(0.3, 0.5))


def test_what_cannot_be_planned_is_refused():
    with pytest.raises(PlanError, match="a path is zero"):
        joint_size(Paths(0, 0.3))
    with pytest.raises(PlanError, match="n is 5"):
        simulated_power(5, Paths(0.1, 0.1), seed=1)
    assert np.all(joint_power([2, 4], Paths(1, 1)) == 0)
