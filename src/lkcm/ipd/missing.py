"""Participants without a score: multiple imputation in each trial and arm, and what if worse.

Chained equations with Bayesian linear regressions (van Buuren 2018, Flexible Imputation of
Missing Data, algorithms 3.1 and 4.3), all imputations of a group at once. A column that a whole
trial never measured is not imputed there: it is left out of that trial and named.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.ipd.crossproducts import ONE, crossproducts, regress
from lkcm.ipd.two_stage import TREATMENT, pool_trials
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import Pooled

#: Cycles through the columns; their means settle within a few.
CYCLES = 8
#: An arm with fewer observed values than this beyond the predictors is imputed with the other arm.
SPARE = 6
#: Ridge that keeps regressions on few participants solvable, relative to the sums of squares.
RIDGE = 1e-4


@dataclass(frozen=True)
class Imputed:
    """Several completed copies of the participants.

    Attributes
    ----------
    frame : DataFrame
        The participants in the order of ``values``, the columns as observed.
    names : tuple of str
        Imputed columns.
    values : array, shape (m, N, columns)
        Completed values; NaN where a trial never measured the column.
    never : dict of str to tuple of str
        Trials that never measured a column.
    together : tuple of str
        Trials whose arms are so small that they were imputed together, arm as a predictor.
    """

    frame: pd.DataFrame
    names: tuple[str, ...]
    values: Array
    never: dict[str, tuple[str, ...]]
    together: tuple[str, ...]

    def column(self, name: str) -> Array:
        """Return the completed copies of one column, shape (m, N)."""
        return self.values[:, :, self.names.index(name)]


def impute(frame: pd.DataFrame, names: Sequence[str], *, m: int = 20, seed: int) -> Imputed:
    """Impute missing values in each trial and arm.

    Parameters
    ----------
    frame : DataFrame
        ``trial``, `TREATMENT` and the columns, numbers; the outcome first.
    names : sequence of str
        Columns that predict one another.
    m : int
        Number of imputations.
    seed : int
        Of the generator.
    """
    frame = frame.reset_index(drop=True)
    random = np.random.default_rng(seed)
    table = frame[list(names)].to_numpy(dtype=float)
    values = np.broadcast_to(table, (m, *table.shape)).copy()
    never: dict[str, list[str]] = {name: [] for name in names}
    together = []
    treatment = frame[TREATMENT].to_numpy(dtype=float)
    for trial, places in frame.groupby("trial").indices.items():
        observed = np.isfinite(table[places])
        there = observed.any(axis=0)
        for name in np.array(names)[~there]:
            never[name].append(str(trial))
        columns = np.flatnonzero(there)
        arms = [places[treatment[places] == arm] for arm in (0.0, 1.0)]
        least = min(
            np.isfinite(table[arm][:, columns]).sum(axis=0).min() for arm in arms if len(arm)
        )
        if least < len(columns) + SPARE:
            together.append(str(trial))
            arms = [places]
        for arm in arms:
            block = values[np.ix_(range(m), arm, columns)]
            given = treatment[arm] if len(arms) == 1 else None
            values[np.ix_(range(m), arm, columns)] = _chain(block, given, random)
    lost = {name: tuple(found) for name, found in never.items() if found}
    return Imputed(frame, tuple(names), values, lost, tuple(together))


def _chain(block: Array, treatment: Array | None, random: np.random.Generator) -> Array:
    """Complete one group's values, shape (m, n, columns)."""
    missing = np.isnan(block[0])
    if not missing.any():
        return block
    m, n, width = block.shape
    means = np.nanmean(block[0], axis=0)
    spread = np.nanstd(block[0], axis=0)
    start = means + spread * random.normal(size=block.shape)
    block = np.where(missing, start, block)
    fixed = [np.ones((m, n, 1))]
    if treatment is not None:
        fixed.append(np.broadcast_to(treatment[:, None], (m, n, 1)))
    for _ in range(CYCLES):
        for place in np.flatnonzero(missing.any(axis=0)):
            others = [block[:, :, [other]] for other in range(width) if other != place]
            x = np.concatenate([*fixed, *others], axis=2)
            gap = missing[:, place]
            drawn = _draw(x[:, ~gap], block[:, ~gap, place], x[:, gap], random)
            block[:, gap, place] = drawn
    return block


def _draw(x: Array, y: Array, at: Array, random: np.random.Generator) -> Array:
    """Draw values at ``at`` from the posterior predictive distribution of a regression."""
    m, n, p = x.shape
    square = np.swapaxes(x, 1, 2) @ x
    size = np.diagonal(square, axis1=1, axis2=2)
    square = square + RIDGE * size[:, :, None] * np.eye(p)
    beta = np.linalg.solve(square, (np.swapaxes(x, 1, 2) @ y[:, :, None]))[:, :, 0]
    rss = ((y - np.einsum("mnp,mp->mn", x, beta)) ** 2).sum(axis=1)
    sigma = np.sqrt(rss / random.chisquare(max(n - p, 1), m))
    root = np.linalg.cholesky(np.linalg.inv(square))
    beta = beta + sigma[:, None] * np.einsum("mpq,mq->mp", root, random.normal(size=(m, p)))
    noise = sigma[:, None] * random.normal(size=at.shape[:2])
    return np.einsum("mnp,mp->mn", at, beta) + noise


def rubin(estimates: Array, variances: Array) -> tuple[Array, Array, Array]:
    """Combine imputations (Rubin 1987): mean, total variance, share of it due to missing values.

    Parameters
    ----------
    estimates, variances : array, shape (m, k)
        Of each imputation.

    Returns
    -------
    estimate, variance, share : array, shape (k,)
    """
    m = len(estimates)
    between = estimates.var(axis=0, ddof=1) * (1 + 1 / m)
    total = variances.mean(axis=0) + between
    return estimates.mean(axis=0), total, between / total


@dataclass(frozen=True)
class Completed:
    """The effect after imputation.

    Attributes
    ----------
    pooled : Pooled
        Rubin's rules in each trial, then the pool.
    trials : DataFrame
        ``trial``, ``yi``, ``vi``, ``share`` of the variance that is due to missing values.
    """

    pooled: Pooled
    trials: pd.DataFrame


def completed_effect(
    imputed: Imputed,
    outcome: str,
    covariates: Sequence[str] = ("baseline",),
    *,
    delta_t: float = 0.0,
    delta_c: float = 0.0,
) -> Completed:
    """Estimate the effect in each completed trial, combine imputations, and pool.

    Parameters
    ----------
    imputed : Imputed
        With the outcome and the covariates.
    outcome : str
        Column of the outcome.
    covariates : sequence of str
        Adjusted for.
    delta_t, delta_c : float
        Added to imputed outcomes of the LKCM and of the control arm: those who left were that much
        better (or, below zero, worse) than participants like them who stayed.
    """
    frame = imputed.frame
    y = imputed.column(outcome).copy()
    gone = frame[outcome].isna().to_numpy()
    treated = frame[TREATMENT].to_numpy() == 1
    y[:, gone & treated] += delta_t
    y[:, gone & ~treated] += delta_c
    m, n = y.shape
    labels, codes = np.unique(frame["trial"].to_numpy(), return_inverse=True)
    columns = {TREATMENT: np.tile(frame[TREATMENT].to_numpy(dtype=float), m)}
    columns |= {name: imputed.column(name).ravel() for name in covariates}
    columns[outcome] = y.ravel()
    copy = np.repeat(np.arange(m), n) * len(labels) + np.tile(codes, m)
    products = crossproducts(columns, copy, centre=True)
    fits = regress(products.without((ONE, *covariates)), outcome, (TREATMENT,))
    table = np.full((2, m * len(labels)), np.nan)
    table[:, np.array(products.trials, dtype=int)] = fits.column(TREATMENT)
    estimate, variance, share = rubin(*table.reshape(2, m, len(labels)))
    rows = pd.DataFrame(
        {"trial": labels.astype(str), "yi": estimate, "vi": variance, "share": share}
    ).dropna(ignore_index=True)
    return Completed(pool_trials(rows["yi"], rows["vi"]), rows)


def delta_table(
    imputed: Imputed,
    outcome: str,
    deltas: Sequence[float],
    covariates: Sequence[str] = ("baseline",),
) -> pd.DataFrame:
    """Return the pooled effect where those who left the LKCM arm, or both arms, were worse.

    Parameters
    ----------
    imputed, outcome, covariates
        As `completed_effect`.
    deltas : sequence of float
        Added to imputed outcomes, in SDs before the programme.

    Returns
    -------
    DataFrame
        ``arms`` (LKCM only | both), ``delta``, ``estimate``, ``low``, ``high``.
    """
    rows = []
    for arms in ("LKCM arm only", "both arms"):
        for delta in deltas:
            control = delta if arms == "both arms" else 0.0
            fit = completed_effect(
                imputed, outcome, covariates, delta_t=delta, delta_c=control
            ).pooled
            rows.append((arms, delta, fit.estimate, *fit.ci))
    return pd.DataFrame(rows, columns=["arms", "delta", "estimate", "low", "high"])


def tipping_point(table: pd.DataFrame, arms: str = "LKCM arm only") -> float | None:
    """Return the delta at which the lower limit reaches zero, by straight lines; None if never."""
    rows = table[table["arms"] == arms].sort_values("delta", ascending=False)
    low, delta = rows["low"].to_numpy(), rows["delta"].to_numpy()
    if not len(low) or low[0] <= 0 or low.min() > 0:
        return None
    place = int(np.flatnonzero(low <= 0)[0])
    part = low[place - 1] / (low[place - 1] - low[place])
    return float(delta[place - 1] + part * (delta[place] - delta[place - 1]))
