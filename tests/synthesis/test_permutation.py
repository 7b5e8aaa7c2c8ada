from itertools import permutations

import numpy as np
import pytest

from lkcm.synthesis.permutation import permutation_p
from lkcm.synthesis.pooled import PoolError


def statistic(yi, vi, x):
    """Slope over its standard error, tau2 by DerSimonian and Laird."""
    design = np.column_stack([np.ones_like(x), x])

    def fit(tau2):
        w = 1 / (vi + tau2)
        bread = np.linalg.inv(design.T @ (w[:, None] * design))
        return bread @ (design.T @ (w * yi)), bread, w

    beta, bread, w = fit(0.0)
    q = (w * (yi - design @ beta) ** 2).sum()
    trace = w.sum() - np.trace(bread @ (design.T @ (w[:, None] ** 2 * design)))
    tau2 = max(0.0, (q - (len(yi) - 2)) / trace)
    beta, bread, w = fit(tau2)
    scale = (w * (yi - design @ beta) ** 2).sum() / (len(yi) - 2)
    return abs(beta[1]) / np.sqrt(bread[1, 1] * scale)


def test_few_trials_are_gone_through_in_all_their_orders():
    yi, vi = np.array([0.1, 0.5, 0.3, 0.9, 1.1]), np.array([0.04, 0.09, 0.05, 0.12, 0.07])
    x = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    seen = statistic(yi, vi, x)
    orders = [list(order) for order in permutations(range(5))]
    expected = np.mean([statistic(yi[o], vi[o], x) >= seen * (1 - 1e-9) for o in orders])
    assert permutation_p(yi, vi, {"x": x}, seed=1)["x"] == pytest.approx(expected)


def test_one_seed_gives_one_p_and_leaves_the_global_state_alone():
    generator = np.random.default_rng(3)
    yi, vi, x = generator.normal(size=12), np.full(12, 0.1), generator.normal(size=12)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, again, other = (permutation_p(yi, vi, {"x": x}, seed=s, n=300) for s in (1, 1, 2))
    assert one == again
    assert one != other
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_a_strong_moderator_is_seen():
    x = np.repeat([0.0, 1.0], 6)
    yi = x + np.linspace(0, 0.1, 12)
    assert permutation_p(yi, np.full(12, 0.02), {"x": x}, seed=1)["x"] < 0.01


def test_too_few_trials_or_equal_effects_give_no_p():
    x = {"x": np.arange(8.0)}
    assert permutation_p(np.full(8, 0.3) + 1e-15 * np.arange(8), np.full(8, 0.1), x, seed=1) == {}
    assert permutation_p([0.1, 0.4], [0.1, 0.1], {"x": [0.0, 1.0]}, seed=1) == {}


@pytest.mark.parametrize(
    ("moderators", "words"),
    [({"x": [1.0] * 4}, "x is constant"), ({}, "needs a moderator")],
)
def test_what_cannot_be_tested_is_told(moderators, words):
    with pytest.raises(PoolError, match=words):
        permutation_p([0.1, 0.4, 0.2, 0.3], [0.1] * 4, moderators, seed=1)
