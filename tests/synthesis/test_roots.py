import numpy as np
import pytest

from lkcm.synthesis.roots import find_root

ONE = np.ones(1)


@pytest.mark.parametrize(
    ("function", "root"),
    [
        pytest.param(lambda x: (3 - x, -np.ones_like(x)), 3.0, id="a line"),
        pytest.param(lambda x: (np.exp(-x) - 1e-9, -np.exp(-x)), np.log(1e9), id="a flat tail"),
        pytest.param(lambda x: (-np.arctan(x - 5), -1 / (1 + (x - 5) ** 2)), 5.0, id="overshoots"),
        pytest.param(lambda x: (5 - x, np.ones_like(x)), 5.0, id="a useless slope"),
    ],
)
@pytest.mark.parametrize("start", [-40.0, 0.0, 30.0])
def test_it_finds_the_root_from_anywhere(function, root, start):
    found = find_root(lambda x, sets: function(x), start * ONE, ONE)
    assert found[0] == pytest.approx(root, rel=1e-10)


def test_each_function_is_solved_by_itself():
    roots = np.array([-7.0, 0.0, 1e6])
    found = find_root(lambda x, sets: (roots[sets] - x, -np.ones_like(x)), np.zeros(3), np.ones(3))
    np.testing.assert_allclose(found, roots, rtol=1e-12)


@pytest.mark.parametrize("start", [0.0, 0.3, 50.0])
def test_the_lower_bound_is_the_answer_where_the_function_is_not_above_zero(start):
    found = find_root(lambda x, sets: (-1 - x, -np.ones_like(x)), start * ONE, ONE, lower=0.0)
    assert found[0] == 0.0


def test_a_step_across_a_rise_does_not_end_there():
    # negative at the bound, rising through zero at 1, falling through it at 30
    def function(x, sets):
        return -(x - 1) * (x - 30) / (1 + x**3), -(2 * x - 31) / (1 + x**3) + (
            (x - 1) * (x - 30) * 3 * x**2 / (1 + x**3) ** 2
        )

    for start in (2.0, 12.0, 49.0, 200.0):
        assert find_root(function, start * ONE, ONE, lower=0.0)[0] == pytest.approx(30)


def test_a_function_that_never_falls_to_zero_has_no_root():
    found = find_root(lambda x, sets: (np.ones_like(x), -1 / (1 + x**2)), 0 * ONE, ONE)
    assert np.isnan(found[0])
