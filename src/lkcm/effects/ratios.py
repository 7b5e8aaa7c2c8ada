"""Ratios and differences of events or of means, with their sampling variances.

Every function is vectorised and returns ``(estimate, variance)``; ratios are natural
logarithms of LKCM arm over control. A missing input gives a missing output.

References
----------
Cochrane Handbook (version 6), ch. 6.4 and 10.4. Borenstein et al. (2009), ch. 5 and 7.
Hedges, Gurevitch & Curtis (1999), Ecology 80, 1150-1156. Viechtbauer (2010), J Stat Softw
36(3) (metafor's ``escalc``, whose defaults ``add = 1/2, to = "only0"`` are followed).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lkcm.effects.reported import variance_from_interval
from lkcm.effects.smd import Pair

#: Added to each cell of a table that has an empty one (metafor's add = 1/2, to = "only0").
CONTINUITY = 0.5

#: ln(odds ratio) to d for a dichotomised normal-like (logistic) scale (Chinn 2000).
LOG_ODDS_TO_D = np.sqrt(3) / np.pi


def has_empty_cell(
    events_t: ArrayLike, n_t: ArrayLike, events_c: ArrayLike, n_c: ArrayLike
) -> NDArray[np.bool_]:
    """Say which 2 x 2 tables have a zero cell, and so get 0.5 added to every cell."""
    cells = np.stack(_cells(events_t, n_t, events_c, n_c))
    return (cells == 0).any(axis=0)


def _cells(
    events_t: ArrayLike, n_t: ArrayLike, events_c: ArrayLike, n_c: ArrayLike
) -> list[NDArray[np.float64]]:
    values = (np.asarray(value, dtype=float) for value in (events_t, n_t, events_c, n_c))
    events_t, n_t, events_c, n_c = np.broadcast_arrays(*values)
    return [events_t, n_t - events_t, events_c, n_c - events_c]


def _filled_cells(
    events_t: ArrayLike, n_t: ArrayLike, events_c: ArrayLike, n_c: ArrayLike
) -> list[NDArray[np.float64]]:
    added = CONTINUITY * has_empty_cell(events_t, n_t, events_c, n_c)
    return [cell + added for cell in _cells(events_t, n_t, events_c, n_c)]


def log_risk_ratio(
    events_t: ArrayLike, n_t: ArrayLike, events_c: ArrayLike, n_c: ArrayLike
) -> Pair:
    """Give the log risk ratio, metafor's "RR".

    With cells a, b (LKCM: events, none) and c, d (control):
    ``ln[a/(a+b)] - ln[c/(c+d)]``, ``v = 1/a - 1/(a+b) + 1/c - 1/(c+d)`` (Handbook 6.4.1).
    """
    a, b, c, d = _filled_cells(events_t, n_t, events_c, n_c)
    estimate = np.log(a / (a + b)) - np.log(c / (c + d))
    return estimate, 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def log_odds_ratio(
    events_t: ArrayLike, n_t: ArrayLike, events_c: ArrayLike, n_c: ArrayLike
) -> Pair:
    """Give the log odds ratio, metafor's "OR".

    ``ln(ad / bc)``, ``v = 1/a + 1/b + 1/c + 1/d`` (Handbook 6.4.1).
    """
    a, b, c, d = _filled_cells(events_t, n_t, events_c, n_c)
    return np.log(a) + np.log(d) - np.log(b) - np.log(c), 1 / a + 1 / b + 1 / c + 1 / d


def risk_difference(
    events_t: ArrayLike, n_t: ArrayLike, events_c: ArrayLike, n_c: ArrayLike
) -> Pair:
    """Give the risk difference, metafor's "RD".

    ``a/(a+b) - c/(c+d)``, ``v = ab/(a+b)^3 + cd/(c+d)^3`` (Handbook 6.4.1).
    """
    a, b, c, d = _filled_cells(events_t, n_t, events_c, n_c)
    return a / (a + b) - c / (c + d), a * b / (a + b) ** 3 + c * d / (c + d) ** 3


def log_ratio_of_means(
    mean_t: ArrayLike,
    sd_t: ArrayLike,
    n_t: ArrayLike,
    mean_c: ArrayLike,
    sd_c: ArrayLike,
    n_c: ArrayLike,
) -> Pair:
    """Give the log ratio of two positive means, metafor's "ROM".

    ``ln(mean_t / mean_c)``, ``v = sd_t^2/(n_t mean_t^2) + sd_c^2/(n_c mean_c^2)``
    (Hedges et al. 1999); NaN where the means differ in sign or one is zero.
    """
    values = (mean_t, sd_t, n_t, mean_c, sd_c, n_c)
    mean_t, sd_t, n_t, mean_c, sd_c, n_c = (np.asarray(value, dtype=float) for value in values)
    usable = mean_t * mean_c > 0
    mean_t, mean_c = np.where(usable, mean_t, np.nan), np.where(usable, mean_c, np.nan)
    variance = sd_t**2 / (n_t * mean_t**2) + sd_c**2 / (n_c * mean_c**2)
    return np.log(mean_t / mean_c), variance


def log_ratio_from_interval(
    ratio: ArrayLike, ci_low: ArrayLike, ci_high: ArrayLike, ci_level: ArrayLike = 0.95
) -> Pair:
    """Give the log of a printed ratio, its variance from the printed interval.

    ``v = [(ln high - ln low) / (2 z)]^2`` with z the normal quantile of `ci_level`
    (Handbook 6.3.2); NaN where a figure is not positive.
    """
    figures = (np.asarray(value, dtype=float) for value in (ratio, ci_low, ci_high))
    ratio, low, high = (np.log(np.where(value > 0, value, np.nan)) for value in figures)
    return ratio, variance_from_interval(low, high, ci_level)


def smd_from_log_odds(log_odds: ArrayLike, variance: ArrayLike) -> Pair:
    """Bring a log odds ratio of a *dichotomised scale* to a standardised mean difference.

    ``d = ln(OR) sqrt(3)/pi``, ``v = v_lnOR 3/pi^2`` (Chinn 2000; Handbook 10.6). It says
    nothing about events that never were a cut on a scale.
    """
    scale = LOG_ODDS_TO_D
    return np.asarray(log_odds, dtype=float) * scale, np.asarray(variance, dtype=float) * scale**2
