"""GOSH: the pool of every subset of the trials, or of a million of them.

Olkin, Dahabreh & Trikalinos (2012, Res Synth Methods 3:214).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lkcm.bias.regression import likelihood_tau2, pooled_mean
from lkcm.bias.sets import checked_trials, needs
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import PoolError

MINIMUM = 3
MODELS = {
    "DL": "random effects, DerSimonian and Laird's tau2",
    "EE": "equal effects (tau2 = 0)",
    "REML": "random effects, restricted maximum likelihood",
}
#: Subsets looked at; where there are no more, all of them.
SUBSETS = 1_000_000

_Z = 1.959963984540054
#: Numbers in a table of subsets by trials at most.
_CHUNK = 400_000


@dataclass(frozen=True)
class Gosh:
    """Pools of subsets of two trials or more.

    Attributes
    ----------
    k : int
        Number of trials.
    model : str
        A key of `MODELS`.
    every : bool
        Whether these are all subsets; else they are drawn, each trial in or out by a coin.
    estimate, i2 : array, shape (n,)
        Pooled effect of each subset, and its I2 in per cent from Q.
    size : array of int, shape (n,)
        Number of its trials.
    side : array of int, shape (n,)
        1 or -1 where the 95 % Wald interval lies above or below zero, else 0.
    all_side : int
        The same for all trials together: the conclusion.
    pull : array, shape (k,)
        Mean pooled effect of the subsets with a trial, less that of those without it.
    """

    k: int
    model: str
    every: bool
    estimate: Array = field(repr=False)
    i2: Array = field(repr=False)
    size: NDArray[np.intp] = field(repr=False)
    side: NDArray[np.int8] = field(repr=False)
    all_side: int
    pull: Array = field(repr=False)

    @property
    def unchanged(self) -> float:
        """Share of the subsets with the same conclusion as all trials together."""
        return float((self.side == self.all_side).mean())

    @property
    def same_sign(self) -> float:
        """Share of the subsets whose pooled effect has the sign of the median subset's."""
        return float((np.sign(self.estimate) == np.sign(np.median(self.estimate))).mean())


def gosh(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    model: str = "DL",
    subsets: int = SUBSETS,
    seed: int | np.random.Generator = 20240101,
) -> Gosh:
    """Pool every subset of the trials, or so many drawn at random.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances, one of each a trial.
    model : {"DL", "EE", "REML"}
        Model of each pool; REML takes some hundred times longer.
    subsets : int
        Number of subsets at most, of 2^k - k - 1 that have two trials or more.
    seed : int or Generator
        For the draw.

    Returns
    -------
    Gosh
        Estimates, heterogeneity, and the share that leaves the conclusion as it is.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used, fewer than `MINIMUM` trials, an unknown model,
        or no subsets.
    """
    effects, variances = checked_trials(yi, vi)
    k = len(effects)
    if k < MINIMUM:
        raise PoolError(needs(MINIMUM))
    if model not in MODELS:
        raise PoolError(f"model {model!r} is unknown; allowed: {', '.join(MODELS)}")
    if subsets < 1:
        raise PoolError(f"subsets are {subsets}; allowed: 1 and more")
    every = k < 60 and 2**k - k - 1 <= subsets
    generator = np.random.default_rng(seed)
    chunks = _all_subsets(k) if every else _drawn_subsets(k, subsets, generator)
    found, counts, sums = [], np.zeros((2, k)), np.zeros((2, k))
    for chosen in chunks:
        estimate, i2, side = _pools(effects, variances, chosen, model)
        size = chosen.sum(1)
        found.append((estimate, i2, size.astype(np.intp), side))
        counts += _in_and_out(chosen)
        inside = estimate @ chosen
        sums += inside, estimate.sum() - inside
    estimate, i2, size, side = (np.concatenate(part) for part in zip(*found, strict=True))
    with np.errstate(invalid="ignore"):
        pull = np.subtract(*(sums / counts))
    everyone = _pools(effects, variances, np.ones((1, k)), model)
    return Gosh(k, model, every, estimate, i2, size, side, int(everyone[2][0]), pull)


def _in_and_out(chosen: Array) -> Array:
    """Count the subsets with each trial and without it, shape (2, k)."""
    inside = chosen.sum(0)
    return np.stack([inside, len(chosen) - inside])


def _all_subsets(k: int) -> Iterator[Array]:
    places, rows = np.arange(k), max(1, _CHUNK // k)
    for start in range(0, 2**k, rows):
        numbers = np.arange(start, min(start + rows, 2**k))
        chosen = ((numbers[:, None] >> places) & 1).astype(float)
        chosen = chosen[chosen.sum(1) >= 2]
        if len(chosen):
            yield chosen


def _drawn_subsets(k: int, subsets: int, generator: np.random.Generator) -> Iterator[Array]:
    rows, left = max(1, _CHUNK // k), subsets
    while left:
        drawn = generator.integers(0, 256, (min(rows, 2 * left), -(-k // 8)), dtype=np.uint8)
        chosen = np.unpackbits(drawn, axis=1)[:, :k].astype(float)
        chosen = chosen[chosen.sum(1) >= 2][:left]
        left -= len(chosen)
        yield chosen


def _pools(
    yi: Array, vi: Array, chosen: Array, model: str
) -> tuple[Array, Array, NDArray[np.int8]]:
    """Pool subsets (n, k) of ones and zeros; effects are centred so that Q keeps its digits."""
    weights = 1 / vi
    centre = (weights * yi).sum() / weights.sum()
    y = yi - centre
    sums = chosen @ np.stack([weights, weights * y, weights * y * y, weights**2], axis=1)
    total, weighted, squared, squares = sums.T
    df = chosen.sum(1) - 1
    q = np.maximum(0.0, squared - weighted**2 / total)
    if model == "EE":
        mean, se = weighted / total, 1 / np.sqrt(total)
    elif model == "DL":
        tau2 = np.maximum(0.0, q - df) / (total - squares / total)
        random = chosen / (vi + tau2[:, None])
        mean, se = random @ y / (total := random.sum(1)), 1 / np.sqrt(total)
    else:
        variances = np.where(chosen > 0, vi, np.inf).T
        effects = np.broadcast_to(y[:, None], variances.shape)
        mean, se = pooled_mean(effects, variances, likelihood_tau2(effects, variances))
    mean = mean + centre
    with np.errstate(divide="ignore", invalid="ignore"):
        i2 = 100 * np.nan_to_num(np.maximum(0.0, 1 - df / q), nan=0.0)
    side = (np.sign(mean) * (np.abs(mean) > _Z * se)).astype(np.int8)
    return mean, i2, side
