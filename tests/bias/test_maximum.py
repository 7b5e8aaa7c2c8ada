import numpy as np

from lkcm.bias.maximum import highest, maximise


def hills(at, sets):
    """Tops at (set, 1) of a function that is not concave far away."""
    x, y = at[0] - sets, at[1] - 1.0
    core = np.exp(-0.5 * (x**2 + y**2))
    gradient = -core * np.stack([x, y])
    hessian = np.empty((len(sets), 2, 2))
    hessian[:, 0, 0], hessian[:, 1, 1] = core * (x**2 - 1), core * (y**2 - 1)
    hessian[:, 0, 1] = hessian[:, 1, 0] = core * x * y
    return core, gradient, hessian


def climb(start, lower=-np.inf, upper=np.inf, reach=1.0):
    bounds = [np.full_like(start, bound) for bound in (lower, upper, reach)]
    return maximise(hills, start, *bounds)


def test_every_top_is_found_from_where_the_hill_is_not_concave():
    top = climb(np.stack([np.arange(5) + 2.5, np.full(5, -1.0)]))
    np.testing.assert_allclose(top.at, [np.arange(5), np.ones(5)], atol=1e-6)
    assert top.reached.all()


def test_a_bound_holds():
    top = climb(np.zeros((2, 3)), upper=0.5)
    np.testing.assert_allclose(top.at, [[0, 0.5, 0.5], [0.5, 0.5, 0.5]], atol=1e-6)
    assert top.reached.all()


def test_what_overflows_is_not_reached():
    def cliff(at, sets):
        value, gradient, hessian = hills(at, sets)
        hessian[sets == 1] = np.nan
        return value, gradient, hessian

    bounds = [np.full((2, 2), bound) for bound in (-np.inf, np.inf, 1.0)]
    assert maximise(cliff, np.zeros((2, 2)), *bounds).reached.tolist() == [True, False]


def two_hills(at, sets):
    """A low hill at -4 and one at 4, which is higher but for set 0."""
    height = np.where(sets == 0, 0.5, 2.0)
    low, high = np.exp(-0.5 * (at[0] + 4) ** 2), height * np.exp(-0.5 * (at[0] - 4) ** 2)
    gradient = -(at[0] + 4) * low - (at[0] - 4) * high
    hessian = ((at[0] + 4) ** 2 - 1) * low + ((at[0] - 4) ** 2 - 1) * high
    return low + high, gradient[None], hessian[:, None, None]


def test_the_highest_of_several_tops_is_kept_set_by_set():
    starts = [np.full((1, 3), -3.0), np.full((1, 3), 3.0)]
    bounds = [np.full((1, 3), bound) for bound in (-np.inf, np.inf, 1.0)]
    top = highest(two_hills, starts, *bounds)
    np.testing.assert_allclose(top.at[0], [-4, 4, 4], atol=1e-6)
    np.testing.assert_allclose(top.value, [1, 2, 2], atol=1e-6)
    assert top.reached.all() and top.hessian.shape == (3, 1, 1)
    alone = highest(two_hills, starts[:1], *bounds)
    np.testing.assert_allclose(alone.at[0], -4, atol=1e-6)
