"""Agreement of readers when each address has two or more readers, and not always the same ones.

References
----------
Krippendorff K (2011). Computing Krippendorff's alpha-reliability.
Gwet KL (2008). Computing inter-rater reliability and its variance in the presence of high
agreement. British Journal of Mathematical and Statistical Psychology 61, 29-48.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Agreement:
    """Agreement on units that two or more readers judged.

    Attributes
    ----------
    units, readers : int
        Units with at least two votes; distinct readers among those votes.
    observed : float
        Share of agreeing pairs of votes, averaged over units, in [0, 1].
    alpha, ac1 : float
        Krippendorff's alpha for nominal data and Gwet's AC1.
    alpha_ci, ac1_ci : tuple of float
        95 % percentile bootstrap intervals, units resampled.
    """

    units: int
    readers: int
    observed: float
    alpha: float
    alpha_ci: tuple[float, float]
    ac1: float
    ac1_ci: tuple[float, float]


def votes_by_unit(votes: pd.DataFrame, unit: str, category: str) -> np.ndarray:
    """Return the units x categories array of vote counts, units with one vote left out."""
    counts = pd.crosstab(votes[unit], votes[category]).to_numpy(float)
    return counts[counts.sum(axis=1) >= 2]


def coefficients(counts: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return observed agreement, Krippendorff's alpha and Gwet's AC1 for weighted units.

    Parameters
    ----------
    counts : ndarray, shape (units, categories)
        Votes per unit and category, at least two votes a unit.
    weights : ndarray, shape (sets, units)
        How often each unit counts in each of several sets; ones give the sample itself.

    Returns
    -------
    tuple of ndarray, each of shape (sets,)
        NaN where no disagreement is possible (one category only).
    """
    votes = counts.sum(axis=1)
    agreeing = (counts * (counts - 1)).sum(axis=1)
    n_units = weights.sum(axis=1)
    observed = weights @ (agreeing / (votes * (votes - 1))) / n_units

    pairable = weights @ votes
    within = weights @ (agreeing / (votes - 1))
    totals = weights @ counts
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = (totals * (totals - 1)).sum(axis=1) / (pairable * (pairable - 1))
        alpha = 1 - (1 - within / pairable) / (1 - chance)
        shares = weights @ (counts / votes[:, None]) / n_units[:, None]
        n_categories = counts.shape[1]
        by_chance = (shares * (1 - shares)).sum(axis=1) / (n_categories - 1)
        ac1 = (observed - by_chance) / (1 - by_chance)
    return observed, alpha, ac1


def agreement(
    votes: pd.DataFrame,
    unit: str = "record_id",
    reader: str = "reader",
    category: str = "decision",
    *,
    resamples: int = 2000,
    seed: int = 1,
) -> Agreement | None:
    """Return the agreement of readers; None when fewer than two units have two votes.

    Parameters
    ----------
    votes : DataFrame
        One row a vote.
    unit, reader, category : str
        Columns: what was judged, by whom, as what.
    resamples, seed : int
        Bootstrap samples of units, and the seed that makes them reproducible.
    """
    counts = votes_by_unit(votes, unit, category)
    n_units = len(counts)
    if n_units < 2 or counts.shape[1] < 2:
        return None
    observed, alpha, ac1 = coefficients(counts, np.ones((1, n_units)))
    draws = np.random.default_rng(seed).multinomial(
        n_units, np.full(n_units, 1 / n_units), resamples
    )
    _, alphas, ac1s = coefficients(counts, draws.astype(float))
    several = votes.groupby(unit)[reader].transform("size") >= 2
    return Agreement(
        units=n_units,
        readers=int(votes.loc[several, reader].nunique()),
        observed=float(observed[0]),
        alpha=float(alpha[0]),
        alpha_ci=_interval(alphas),
        ac1=float(ac1[0]),
        ac1_ci=_interval(ac1s),
    )


def _interval(values: np.ndarray) -> tuple[float, float]:
    low, high = np.nanquantile(values, (0.025, 0.975))
    return float(low), float(high)
