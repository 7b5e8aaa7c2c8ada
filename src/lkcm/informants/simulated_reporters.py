"""Simulated trials with several reporters of the same people: what the methods recover.

Each set is drawn exactly, without people in it: mean differences are normal, and the variances
come from a Wishart matrix (Bartlett 1933), so that the standardised effects of several reporters
have their true joint distribution. Tables have shape (reporters, trials, sets).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.effects.smd import inverse_sizes, smd_from_d
from lkcm.informants.agreement_range import Agreement, error_correlation
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pool import pool_many
from lkcm.synthesis.pooled import PoolError, headline_test

#: What becomes better under a programme, and so what each reporter can see of it.
WORLDS = {
    "trait": "the person changes, and each reporter sees it as far as their rating loads on it",
    "score": "the self-report score changes, and others see the share that agrees with it",
    "answers": "only the answers change: others see nothing",
}


@dataclass(frozen=True)
class Simulated:
    """Standardised effects by several reporters of the same people.

    Attributes
    ----------
    g, v : array, shape (q, k, B)
        Hedges g and its sampling variance by reporter, trial and set.
    n_t, n_c : array, shape (k,)
        People in each arm.
    """

    g: Array
    v: Array
    n_t: Array
    n_c: Array


def reporter_correlation(loadings: ArrayLike) -> Array:
    """Correlate the ratings of reporters who share one latent trait.

    Parameters
    ----------
    loadings : array-like, shape (q,)
        Loading of each rating on the trait, from 0 to 1; ratings have unit variance.

    Returns
    -------
    array, shape (q, q)
        Products of the loadings, 1 on the diagonal.
    """
    loadings = np.asarray(loadings, dtype=float)
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def true_effects(world: str, g_self: float, loadings: ArrayLike) -> Array:
    """Effect that each reporter can see, the trained person first.

    Parameters
    ----------
    world : str
        A key of `WORLDS`.
    g_self : float
        Effect on the self-report.
    loadings : array-like, shape (q,)
        As `reporter_correlation`; the first is the trained person's.

    Returns
    -------
    array, shape (q,)

    Raises
    ------
    PoolError
        An unknown world.
    """
    loadings = np.asarray(loadings, dtype=float)
    others = {
        "trait": loadings[1:] / loadings[0],
        "score": loadings[1:] * loadings[0],
        "answers": np.zeros(len(loadings) - 1),
    }
    if world not in others:
        raise PoolError(f"world {world!r} is unknown; allowed: {', '.join(WORLDS)}")
    return g_self * np.append(1.0, others[world])


def simulate(
    effects: ArrayLike,
    correlation: ArrayLike,
    n_t: Sequence[int],
    n_c: Sequence[int],
    *,
    sets: int,
    between: float = 0.0,
    within: float = 0.0,
    seed: int = 0,
) -> Simulated:
    """Draw sets of trials.

    Parameters
    ----------
    effects : array-like, shape (q,)
        Mean true effect by reporter.
    correlation : array-like, shape (q, q)
        Correlation of the ratings within arms.
    n_t, n_c : sequence of int, shape (k,)
        People in each arm.
    sets : int
        Number of sets, B.
    between, within : float
        Variance of the true effects between trials, and of reporters within a trial.
    seed : int

    Returns
    -------
    Simulated
    """
    rng = np.random.default_rng(seed)
    n_t, n_c = np.asarray(n_t, dtype=float), np.asarray(n_c, dtype=float)
    effects, root = np.asarray(effects, dtype=float), np.linalg.cholesky(correlation)
    q, k = len(effects), len(n_t)
    true = effects + np.sqrt(between) * rng.standard_normal((sets, k, 1))
    true = true + np.sqrt(within) * rng.standard_normal((sets, k, q))
    h = inverse_sizes(n_t, n_c)
    errors = rng.standard_normal((sets, k, q)) @ root.T
    difference = true + np.sqrt(h)[:, None] * errors
    df = n_t + n_c - 2
    # Bartlett's triangle: its product with itself is a Wishart matrix of unit scale
    triangle = np.tril(rng.standard_normal((sets, k, q, q)), -1)
    square = rng.chisquare(df[:, None] - np.arange(q), size=(sets, k, q))
    triangle[..., np.arange(q), np.arange(q)] = np.sqrt(square)
    variance = np.sum((root @ triangle) ** 2, axis=-1) / df[:, None]
    g, v = smd_from_d(difference / np.sqrt(variance), n_t[:, None], n_c[:, None])
    return Simulated(
        np.moveaxis(g, -1, 0).swapaxes(1, 2), np.moveaxis(v, -1, 0).swapaxes(1, 2), n_t, n_c
    )


def contrast_variance(drawn: Simulated, agreement: float) -> Array:
    """Variance of the first reporter's effect minus the second's, shape (k, B)."""
    h = inverse_sizes(drawn.n_t, drawn.n_c)[:, None]
    total = (drawn.n_t + drawn.n_c)[:, None]
    correlation = error_correlation(
        drawn.g[:2], np.stack([h, h]), np.stack([total, total]), agreement
    )
    first, second = drawn.v[:2]
    return first + second - 2 * correlation * np.sqrt(first * second)


def recovery(
    world: str,
    *,
    g_self: float = 0.5,
    loading: float = 0.6,
    trials: int = 8,
    per_arm: int = 40,
    between: float = 0.04,
    within: float = 0.02,
    agreement: Agreement | None = None,
    sets: int = 1000,
    seed: int = 25,
) -> pd.DataFrame:
    """Check the contrast within trials under one world, for several assumed agreements.

    Parameters
    ----------
    world : str
        A key of `WORLDS`.
    g_self : float
        Effect on the self-report.
    loading : float
        Loading of both ratings on the trait; their true agreement is its square.
    trials, per_arm : int
        Size of a set.
    between, within : float
        Variances of true effects.
    agreement : Agreement, optional
        Range whose ends are assumed, beside the truth.
    sets : int
        Number of simulated sets.
    seed : int

    Returns
    -------
    DataFrame
        One row an assumed agreement: ``assumed``, ``agreement``, ``true`` (contrast), ``mean``
        (estimate), ``bias``, ``coverage`` (of the 95 % interval) and ``mcse`` (its Monte Carlo
        error).
    """
    agreement = agreement or Agreement()
    loadings = (loading, loading)
    effects = true_effects(world, g_self, loadings)
    sizes = [per_arm] * trials
    drawn = simulate(
        effects, reporter_correlation(loadings), sizes, sizes,
        sets=sets, between=between, within=within, seed=seed,
    )  # fmt: skip
    true = float(effects[0] - effects[1])
    assumed = {"the true one": loading**2, "the lower end": agreement.low}
    assumed["the upper end"] = agreement.high
    rows = []
    for words, r in assumed.items():
        contrast = drawn.g[0] - drawn.g[1]
        fit = pool_many(contrast, contrast_variance(drawn, r), test=headline_test(trials))
        covered = fit["ci_low"].le(true) & fit["ci_high"].ge(true)
        share = float(covered.mean())
        rows.append(
            {
                "assumed": words,
                "agreement": r,
                "true": true,
                "mean": float(fit["estimate"].mean()),
                "bias": float(fit["estimate"].mean()) - true,
                "coverage": share,
                "mcse": float(stats.binom.std(sets, share) / sets),
            }
        )
    return pd.DataFrame(rows)
