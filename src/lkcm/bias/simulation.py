"""Simulated reviews under selection of trials, and apart from it under selection in abstracts.

The two are different mechanisms: in the first a trial that found little is never published; in
the second it is, and its abstract prints the figure of its strongest outcome and words, or
nothing, on the others. Effects are Hedges g made from simulated t statistics, so that a variance
depends on its effect as it does in evidence.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special, stats

from lkcm.effects.rows import ALPHA
from lkcm.effects.smd import inverse_sizes, smd_from_d, smd_variance
from lkcm.synthesis.heterogeneity import Array

#: One-sided p values at which the chance of being published falls.
STEPS = (0.025, 0.5)
#: Chance of being published below, between and above `STEPS`.
SELECTIONS = {
    "none": (1.0, 1.0, 1.0),
    "moderate": (1.0, 0.5, 0.2),
    "strong": (1.0, 0.25, 0.04),
}
#: What each means, for a reader.
SELECTION_WORDS = {
    "none": "every trial is published, whatever it found",
    "moderate": "of trials without a significant result half are published, of those that favour "
    "the control a fifth",
    "strong": "the same gate twice: a quarter of trials without a significant result, and 4 % of "
    "those that favour the control",
    "abstracts": "every trial is published; its abstract prints the figure of its strongest "
    "outcome only",
}
#: What an abstract says of an outcome that the trial measured.
FIGURE, SIGNIFICANT, NO_DIFFERENCE, SILENT = range(4)
STATES = ("figure", "significant", "none", "silent")
#: Outcomes that a simulated trial measures, and their correlation.
OUTCOMES, CORRELATION = 4, 0.5
#: Chance that an outcome without a significant result, and without a figure, is not mentioned.
SILENCE = 0.6


@dataclass(frozen=True)
class Review:
    """Simulated published trials, each table of shape (k, B).

    Attributes
    ----------
    yi, vi : array
        Hedges g and its sampling variance.
    hi : array
        1 / n_t + 1 / n_c.
    """

    yi: Array
    vi: Array
    hi: Array


@dataclass(frozen=True)
class Abstracts:
    """Simulated abstracts of all trials, each table of shape (k, outcomes, B).

    Attributes
    ----------
    yi, vi : array
        Hedges g and its variance, whether printed or not.
    state : array of int
        FIGURE, SIGNIFICANT, NO_DIFFERENCE or SILENT.
    """

    yi: Array
    vi: Array
    state: NDArray[np.int_]


def published_chance(p: ArrayLike, selection: str) -> Array:
    """Return the chance of being published, given the one-sided p value.

    Raises
    ------
    ValueError
        If the selection is not one of `SELECTIONS`.
    """
    if selection not in SELECTIONS:
        raise ValueError(f"selection {selection!r} is unknown; allowed: {', '.join(SELECTIONS)}")
    return np.array(SELECTIONS[selection])[np.searchsorted(STEPS, p)]


def simulate_reviews(
    generator: np.random.Generator,
    n_t: ArrayLike,
    n_c: ArrayLike,
    *,
    mu: float,
    tau: float,
    sets: int,
    selection: str = "none",
) -> Review:
    """Simulate reviews whose published trials have the given sizes.

    Each place in a review is filled by trials of its size until one is published.

    Parameters
    ----------
    generator : numpy Generator
        Source of randomness.
    n_t, n_c : array-like, shape (k,) or (k, B)
        People in the LKCM and the control arm.
    mu, tau : float
        Mean and standard deviation of the true effects.
    sets : int
        Number of reviews, B.
    selection : str
        Of `SELECTIONS`, or "abstracts": all trials are published and a trial has a figure for
        the outcome in question only where that outcome is its strongest.

    Returns
    -------
    Review
    """
    sizes = _sizes(n_t, n_c, sets)
    yi, shape = np.empty(sizes[0].size), sizes[0].shape
    flat = [size.ravel() for size in sizes]
    waiting = np.arange(yi.size)
    while len(waiting):
        theirs = [size[waiting] for size in flat]
        if selection == "abstracts":
            g, _, p = _trials(generator, *theirs, mu, tau, OUTCOMES)
            g, out = g[:, 0], p.argmin(1) == 0
        else:
            g, _, p = _trials(generator, *theirs, mu, tau, 1)
            g = g[:, 0]
            out = generator.random(len(g)) < published_chance(p[:, 0], selection)
        yi[waiting[out]] = g[out]
        waiting = waiting[~out]
    yi = yi.reshape(shape)
    return Review(yi, smd_variance(yi, *sizes), inverse_sizes(*sizes))


def simulate_abstracts(
    generator: np.random.Generator,
    n_t: ArrayLike,
    n_c: ArrayLike,
    *,
    mu: float,
    tau: float,
    sets: int,
    strongest_only: bool = True,
    outcomes: int = OUTCOMES,
) -> Abstracts:
    """Simulate what abstracts say of several outcomes of each trial, all trials published.

    Parameters
    ----------
    generator, n_t, n_c, mu, tau, sets
        As `simulate_reviews`; mu and tau hold for every outcome.
    strongest_only : bool
        Whether an abstract prints the figure of its strongest outcome and words, or nothing, on
        the others; if not, it prints the figure of one outcome that was named in advance.
    outcomes : int
        Outcomes that a trial measures.

    Returns
    -------
    Abstracts
    """
    sizes = _sizes(n_t, n_c, sets)
    flat = [size.ravel() for size in sizes]
    g, v, p = _trials(generator, *flat, mu, tau, outcomes)
    chosen = p.argmin(1) if strongest_only else np.zeros(len(p), dtype=int)
    significant = (p < ALPHA / 2) | (p > 1 - ALPHA / 2)
    silent = generator.random(p.shape) < SILENCE
    state = np.select([significant, silent], [SIGNIFICANT, SILENT], NO_DIFFERENCE)
    state[np.arange(len(p)), chosen] = FIGURE
    k = sizes[0].shape[0]
    return Abstracts(*(np.moveaxis(t.reshape(k, sets, -1), 1, 2) for t in (g, v, state)))


def mean_published(mu: float, tau: float, hi: ArrayLike, selection: str) -> float:
    """Return the mean published effect, weighted as a random-effects pool would.

    Normal theory: y ~ N(mu, h + tau2), selected by z = y / sqrt(h).

    Parameters
    ----------
    mu, tau : float
        Mean and standard deviation of the true effects.
    hi : array-like, shape (k,)
        1 / n_t + 1 / n_c of the trials.
    selection : str
        Of `SELECTIONS`.
    """
    h = np.asarray(hi, dtype=float)
    spread = np.sqrt(h + tau**2)
    cuts = np.sqrt(h) * stats.norm.isf(STEPS)[:, None]
    edges = np.vstack([np.full_like(h, np.inf), cuts, np.full_like(h, -np.inf)])
    z = (edges - mu) / spread
    mass = -np.diff(special.ndtr(z), axis=0)
    moment = mu * mass + spread * np.diff(stats.norm.pdf(z), axis=0)
    chance = np.array(SELECTIONS[selection])[:, None]
    published = (chance * moment).sum(0) / (chance * mass).sum(0)
    return float(np.average(published, weights=1 / spread**2))


def truth_behind(estimate: float, tau: float, hi: ArrayLike, selection: str) -> float:
    """Return the mean true effect from which selection would have made the estimate at hand.

    Parameters
    ----------
    estimate : float
        Pooled effect of the published trials.
    tau, hi, selection
        As `mean_published`.

    Returns
    -------
    float
        mu with ``mean_published(mu, ...) = estimate``.
    """
    if selection == "none":
        return estimate
    reach = 5 * np.sqrt(np.max(hi) + tau**2) + 1
    return float(
        optimize.brentq(
            lambda mu: mean_published(mu, tau, hi, selection) - estimate,
            estimate - reach,
            estimate + 1e-9,
            xtol=1e-10,
        )
    )


def _sizes(n_t: ArrayLike, n_c: ArrayLike, sets: int) -> tuple[Array, Array]:
    arms = [np.asarray(n, dtype=float) for n in (n_t, n_c)]
    arms = [n[:, None] if n.ndim == 1 else n for n in arms]
    if any((n < 2).any() or not np.isfinite(n).all() for n in arms):
        raise ValueError("every arm needs at least two people")
    return tuple(np.broadcast_to(n, (len(n), sets)) for n in arms)


def _trials(
    generator: np.random.Generator, n_t: Array, n_c: Array, mu: float, tau: float, outcomes: int
) -> tuple[Array, Array, Array]:
    """Simulate trials; returns g, its variance and the one-sided p, shape (trials, outcomes)."""

    def correlated() -> Array:
        shared = np.sqrt(CORRELATION) * generator.normal(size=(len(n_t), 1))
        return shared + np.sqrt(1 - CORRELATION) * generator.normal(size=(len(n_t), outcomes))

    n_t, n_c = n_t[:, None], n_c[:, None]
    root, df = np.sqrt(inverse_sizes(n_t, n_c)), n_t + n_c - 2
    noise = np.sqrt(generator.chisquare(df) / df)
    t = ((mu + tau * correlated()) / root + correlated()) / noise
    return *smd_from_d(t * root, n_t, n_c), special.stdtr(df, -t)
