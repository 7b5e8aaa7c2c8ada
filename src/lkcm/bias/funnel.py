"""The data of a funnel plot with contours of statistical significance.

Peters et al. (2008, J Clin Epidemiol 61:991): where trials are missing from the zones of p above
.05 selection by p value is the likelier reason, where from other zones, another.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from lkcm.bias.sets import checked_trials

#: Two-sided p values at which zones meet, and the zones' names from the centre outward.
LEVELS = (0.10, 0.05, 0.01)
ZONES = ("p > .10", ".05 < p ≤ .10", ".01 < p ≤ .05", "p ≤ .01")


def funnel_points(yi: ArrayLike, vi: ArrayLike) -> pd.DataFrame:
    """Say where each trial lies in the funnel.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.

    Returns
    -------
    DataFrame
        ``yi``, ``se``, two-sided ``p`` and ``zone`` (one of `ZONES`), one row a trial.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used.
    """
    effects, variances = checked_trials(yi, vi)
    se = np.sqrt(variances)
    p = 2 * special.ndtr(-np.abs(effects) / se)
    zone = np.array(ZONES)[sum((p <= level).astype(int) for level in LEVELS)]
    return pd.DataFrame({"yi": effects, "se": se, "p": p, "zone": zone})


def funnel_contours(largest_se: float, centre: float, *, points: int = 2) -> pd.DataFrame:
    """Compute the lines of a funnel: contours about zero and the cone about an effect.

    Parameters
    ----------
    largest_se : float
        Standard error down to which the lines reach.
    centre : float
        Effect about which 95 % of trials of one true effect would lie.
    points : int
        Points of a line; two make a straight one.

    Returns
    -------
    DataFrame
        ``line`` (``p = .10`` ... or ``95 % of trials``), ``side`` (-1, 1), ``se`` and ``x``.
    """
    se = np.linspace(0.0, largest_se, points)
    names = {f"p = {level:.2f}".replace("0.", "."): (0.0, level) for level in LEVELS}
    names["95 % of trials"] = (centre, 0.05)
    rows = [
        {"line": name, "side": side, "se": at, "x": middle + side * at * -special.ndtri(level / 2)}
        for name, (middle, level) in names.items()
        for side in (-1, 1)
        for at in se
    ]
    return pd.DataFrame(rows)
