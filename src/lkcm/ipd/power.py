"""Power to find a moderator: participants within trials against means across trials.

Both are simulated as the estimates that reach the second stage: with participants, the interaction
of each trial; without, the effect of each trial, regressed on the trials' means of the moderator.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pool import pool_many

#: Level of the tests and power that is asked for.
ALPHA, WANTED = 0.05, 0.80


@dataclass(frozen=True)
class Scene:
    """What the trials are like.

    Attributes
    ----------
    spread : float
        SD of the trials' means of the moderator, in its SDs between participants of a trial.
    tau : float
        SD of the trials' effects beyond the moderator, in SDs of the outcome.
    tau_slope : float
        SD of the within-trial slopes between trials.
    residual : float
        SD of the outcome within arms after adjustment for scores before.
    """

    spread: float = 0.5
    tau: float = 0.25
    tau_slope: float = 0.05
    residual: float = 0.8


def interaction_variance(n: ArrayLike, residual: float) -> Array:
    """Return the sampling variance of an interaction, or an effect, in a trial of two equal arms.

    For a moderator in its SDs within the trial both are 4 residual^2 / n.
    """
    return 4 * residual**2 / np.asarray(n, dtype=float)


def power(
    sizes: Sequence[float], slope: float, scene: Scene, *, sets: int = 1000, seed: int
) -> dict[str, float]:
    """Simulate the power of both approaches for one slope.

    Parameters
    ----------
    sizes : sequence of float, length k
        Participants of each trial; three trials or more.
    slope : float
        Change of the effect per SD of the moderator, the same within and across trials: the case
        in which aggregate data ask the right question.
    scene : Scene
        What the trials are like.
    sets : int
        Simulated syntheses.
    seed : int
        Of the generator.

    Returns
    -------
    dict of str to float
        ``participants`` and ``aggregate``: shares of the sets whose test finds the slope.
    """
    random = np.random.default_rng(seed)
    v = interaction_variance(sizes, scene.residual)[:, None]
    shape = (len(v), sets)
    yi = slope + random.normal(size=shape) * np.sqrt(v + scene.tau_slope**2)
    within = pool_many(yi, np.broadcast_to(v, shape), method="DL", test="knapp-hartung-adhoc")
    means = scene.spread * random.normal(size=shape)
    effects = slope * means + random.normal(size=shape) * np.sqrt(v + scene.tau**2)
    across = regression_p(effects, v, means)
    return {
        "participants": float((within["p"] < ALPHA).mean()),
        "aggregate": float((across < ALPHA).mean()),
    }


def regression_p(yi: Array, vi: Array, x: Array) -> Array:
    """Test slopes of many meta-regressions: moments for tau2, Knapp-Hartung with factor >= 1.

    Parameters
    ----------
    yi, x : array, shape (k, B)
        Effects and one moderator.
    vi : array, shape (k, B) or (k, 1)
        Sampling variances.

    Returns
    -------
    array, shape (B,)
        Two-sided p values with k - 2 df.
    """
    k = len(yi)
    w = np.broadcast_to(1 / vi, yi.shape)
    _, _, q, trace = _line(yi, w, x)
    tau2 = np.maximum(0.0, (q - (k - 2)) / trace)
    w = 1 / (vi + tau2)
    slope, variance, q, _ = _line(yi, w, x)
    se = np.sqrt(variance * np.maximum(1.0, q / (k - 2)))
    return 2 * stats.t.sf(np.abs(slope) / se, k - 2)


def _line(yi: Array, w: Array, x: Array) -> tuple[Array, Array, Array, Array]:
    """Return slope, its variance, residual Q, and the trace that turns Q into tau2."""
    total = w.sum(axis=0)
    mx, my = (w * x).sum(axis=0) / total, (w * yi).sum(axis=0) / total
    dx, dy = x - mx, yi - my
    sxx = (w * dx**2).sum(axis=0)
    slope = (w * dx * dy).sum(axis=0) / sxx
    q = (w * (dy - slope * dx) ** 2).sum(axis=0)
    trace = total - (w**2).sum(axis=0) / total - (w**2 * dx**2).sum(axis=0) / sxx
    return slope, 1 / sxx, q, trace


def power_by_trials(
    counts: Sequence[int], n: float, slope: float, scene: Scene, *, sets: int = 1000, seed: int
) -> pd.DataFrame:
    """Simulate the power of both approaches for growing numbers of trials of one size.

    Returns
    -------
    DataFrame
        ``trials``, ``participants`` (people in all), ``approach``, ``power``.
    """
    words = {"participants": "participants' data", "aggregate": "aggregate data"}
    rows = [
        (count, count * n, words[name], value)
        for count in counts
        for name, value in power([n] * count, slope, scene, sets=sets, seed=seed).items()
    ]
    return pd.DataFrame(rows, columns=["trials", "participants", "approach", "power"])


def power_cases(
    sizes: Sequence[float],
    slopes: Sequence[float],
    spreads: Sequence[float],
    *,
    sets: int = 1000,
    seed: int,
) -> pd.DataFrame:
    """Simulate the power of both approaches in the same trials, for each slope and spread.

    Returns
    -------
    DataFrame
        ``k``, ``slope``, ``spread``, ``participants``, ``aggregate``.
    """
    rows = [
        {
            "k": len(sizes),
            "slope": slope,
            "spread": spread,
            **power(sizes, slope, Scene(spread=spread), sets=sets, seed=seed),
        }
        for slope in slopes
        for spread in spreads
    ]
    return pd.DataFrame(rows)


def trials_needed(curve: pd.DataFrame, approach: str) -> float | None:
    """Return how many trials reach the wanted power, by straight lines; None if none of them."""
    rows = curve[curve["approach"] == approach].sort_values("trials")
    reached = np.flatnonzero(rows["power"].to_numpy() >= WANTED)
    if not len(reached):
        return None
    last = int(reached[0])
    if last == 0:
        return float(rows["trials"].iloc[0])
    x, y = (rows[name].to_numpy()[last - 1 : last + 1] for name in ("trials", "power"))
    return float(x[0] + (WANTED - y[0]) * (x[1] - x[0]) / (y[1] - y[0]))
