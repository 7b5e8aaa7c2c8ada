import numpy as np

from lkcm.bias.maximum import maximise


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
