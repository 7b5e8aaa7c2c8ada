"""Printed test statistics, p values and intervals, brought to t, to g or to a variance.

Every function is vectorised. `model` names what a statistic comes from: ``post`` (values
after training), ``change`` (group by time, or change scores) or ``ancova`` (adjusted for
baseline). The error term of a test on change or of an ANCOVA is smaller than the spread of
the scale, so t must be rescaled before it is a standardised mean difference: unrescaled, a
true 0.50 reads 0.62 (ANCOVA) or 0.56 (change) at r = .6.

References
----------
Morris & DeShon (2002), Psychol Methods 7, 105-125. Borenstein et al. (2009), ch. 4.
Cochrane Handbook (version 6), ch. 6.3.2 and 6.5.2. Lakens (2013), Front Psychol 4, 863.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from lkcm.effects.smd import Pair, inverse_sizes, smd_from_d

#: Analysis models from which a statistic can be converted.
MODELS = ("post", "change", "ancova")

#: p values that are printed as thresholds: "p = .05" says no more than "p <= .05".
THRESHOLDS = (0.05, 0.01, 0.001, 0.0001)

_P_VALUE = re.compile(r"^\s*p?\s*([<>=\u2264\u2265]*)\s*(\d*\.?\d+(?:[eE][-+]?\d+)?)\s*$")


def variance_factor(model: ArrayLike, r: ArrayLike) -> NDArray[np.float64]:
    """Give the error variance of an analysis relative to the variance of the scale.

    1 for post, 2(1 - r) for change, 1 - r^2 for ANCOVA; NaN for any other model.
    """
    model, r = np.asarray(model), np.asarray(r, dtype=float)
    factors = [np.ones_like(r), 2 * (1 - r), 1 - r**2]
    return np.select([model == name for name in MODELS], factors, np.nan)


def smd_from_t(t: ArrayLike, n_t: ArrayLike, n_c: ArrayLike, factor: ArrayLike = 1.0) -> Pair:
    """Give g in the raw-score metric from a two-sample t.

    ``g = J t sqrt(h) sqrt(factor)``, ``v = factor h + g^2 / (2N)`` with `factor` from
    `variance_factor` (Borenstein 2009, table 4.1; Morris & DeShon 2002, eq. 11).
    """
    d = np.asarray(t, dtype=float) * np.sqrt(inverse_sizes(n_t, n_c) * factor)
    return smd_from_d(d, n_t, n_c, factor)


def t_from_f(f: ArrayLike) -> NDArray[np.float64]:
    """Give the size of t from an F with one numerator degree of freedom: ``sqrt(F)``."""
    f = np.asarray(f, dtype=float)
    return np.sqrt(np.where(f >= 0, f, np.nan))


def t_from_eta2(eta2: ArrayLike, df2: ArrayLike) -> NDArray[np.float64]:
    """Give the size of t from a partial eta squared with one numerator degree of freedom.

    ``F = eta2 / (1 - eta2) df2`` (Lakens 2013); NaN outside 0 <= eta2 < 1.
    """
    eta2 = np.asarray(eta2, dtype=float)
    eta2 = np.where((eta2 >= 0) & (eta2 < 1), eta2, np.nan)
    return t_from_f(eta2 / (1 - eta2) * np.asarray(df2, dtype=float))


def t_from_p(p: ArrayLike, df: ArrayLike) -> NDArray[np.float64]:
    """Give the size of t from an exact two-sided p value (Handbook 6.5.2.3)."""
    p = np.asarray(p, dtype=float)
    return stats.t.isf(np.where((p > 0) & (p <= 1), p, np.nan) / 2, df)


def variance_from_interval(
    ci_low: ArrayLike, ci_high: ArrayLike, ci_level: ArrayLike = 0.95, df: ArrayLike = np.inf
) -> NDArray[np.float64]:
    """Give the variance of an estimate from its confidence interval (Handbook 6.3.1, 6.5.2.3).

    ``[(high - low) / (2 q)]^2`` with q the quantile of t with `df` degrees of freedom, of the
    normal by default. `ci_level` is a proportion: some sources print 98.75 % intervals.
    """
    low, high, level = (np.asarray(value, dtype=float) for value in (ci_low, ci_high, ci_level))
    half_width = np.where(high > low, high - low, np.nan) / 2
    return (half_width / stats.t.isf((1 - level) / 2, df)) ** 2


def _parse_p(text: str) -> tuple[str, float, float, float]:
    """Read one printed p: its kind, value, lowest and highest p that it allows."""
    match = _P_VALUE.match(text)
    if match is None or not 0 <= float(match[2]) <= 1:
        return "", np.nan, np.nan, np.nan
    relation, value = match[1], float(match[2])
    if ">" in relation or "\u2265" in relation:
        return "bound", value, value, 1.0
    if "<" in relation or "\u2264" in relation:
        return "bound", value, 0.0, value
    mantissa, _, exponent = match[2].lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    half = 0.5 * 10.0**-decimals
    kind = "threshold" if value in THRESHOLDS else "exact" if value > 0 else "bound"
    return kind, value, max(value - half, 0.0), min(value + half, 1.0)


def parse_p(printed: pd.Series) -> pd.DataFrame:
    """Read printed p values as numbers or bounds.

    "<0.001" and ">0.05" are bounds, as is a printed zero. A p printed as exactly .05, .01,
    .001 or .0001 is a threshold: more often a bound than a value.

    Parameters
    ----------
    printed : Series
        Text (or numbers) as printed, missing as NaN.

    Returns
    -------
    DataFrame
        On the same index: `kind` ("exact", "threshold", "bound", or "" when nothing can be
        read), `value`, and `low` to `high`: what a bound allows, or for the other kinds what
        rounds to the printed figure.
    """
    codes, distinct = pd.factorize(printed.astype("str"), use_na_sentinel=True)
    table = pd.DataFrame(
        [*map(_parse_p, distinct), ("", np.nan, np.nan, np.nan)],
        columns=["kind", "value", "low", "high"],
    )
    return table.iloc[codes].set_axis(printed.index)  # code -1 (missing) is the last row
