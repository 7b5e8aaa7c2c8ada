"""Permutation tests of moderators: what p values would be if trials had been relabelled."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from numpy.typing import ArrayLike

from lkcm.synthesis.design import INTERCEPT, design
from lkcm.synthesis.heterogeneity import pymare
from lkcm.synthesis.pooled import PoolError

#: Relabellings that are drawn; fewer where all of them can be gone through.
PERMUTATIONS = 2000
#: Effects that differ by less than this part of the largest are equal.
EQUAL = 1e-12


def permutation_p(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: Mapping[str, ArrayLike],
    *,
    seed: int,
    n: int = PERMUTATIONS,
) -> dict[str, float]:
    """Test each moderator by shuffling effects over trials (PyMARE, as metafor's ``permutest``).

    The statistic is coefficient over standard error, tau2 by DerSimonian and Laird, whose closed
    form lets all permutations be fitted at once (Higgins & Thompson 2004, Stat Med 23:1663).

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        One independent effect a trial, and its variance.
    moderators : mapping of str to array-like of shape (k,)
        Numbers, one a trial.
    seed : int
        Of the permutations.
    n : int
        How many are drawn; p cannot be smaller than 1 / n.

    Returns
    -------
    dict of str to float
        p by moderator; empty where there are no more trials than coefficients, or where all
        effects are equal.

    Raises
    ------
    PoolError
        Moderators that are constant, collinear or missing.
    """
    effects, variances = np.asarray(yi, float), np.asarray(vi, float)
    names, x = design(moderators, len(effects))
    if len(names) < 2:
        raise PoolError("a permutation test needs a moderator")
    # of equal effects nothing but rounding would be shuffled
    equal = np.ptp(effects) <= EQUAL * max(1.0, float(np.abs(effects).max()))
    if len(effects) <= len(names) or equal:
        return {}
    engine = pymare()
    data = engine.Dataset(effects, variances, X=x, X_names=list(names), add_intercept=False)
    fit = engine.estimators.DerSimonianLaird().fit_dataset(data).summary()
    with _seeded(seed):
        tested = fit.permutation_test(n_perm=n)
    p = np.ravel(tested.perm_p["fe_p"])
    return {name: float(p[place]) for place, name in enumerate(names) if name != INTERCEPT}


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed the global state from which PyMARE draws, and leave it as it was."""
    before = np.random.get_state()  # noqa: NPY002  PyMARE takes no generator
    np.random.seed(seed)  # noqa: NPY002  PyMARE takes no generator
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002  PyMARE takes no generator
