"""Coefficients of a meta-regression with robust errors, and combinations of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import Interval
from lkcm.synthesis.sandwich import Sandwich

#: A robust error below this part of the model's is rounding of zero.
NO_RESIDUAL = 1e-10


@dataclass(frozen=True)
class Coefficient:
    """A coefficient, or a combination of several; what is not defined is None.

    Attributes
    ----------
    name : str
        The moderator, ``intercept``, or the name of the combination.
    estimate : float
        Its estimate.
    se, se_model : float or None, float
        CR2 standard error, and the one that holds if the model is true.
    df : float or None
        Satterthwaite's degrees of freedom.
    statistic, p : float or None
        estimate / se, and its two-sided p value by t with ``df``.
    ci : tuple of two floats, or None
        Confidence interval.
    """

    name: str
    estimate: float
    se: float | None
    se_model: float
    df: float | None
    statistic: float | None
    p: float | None
    ci: Interval


@dataclass(frozen=True)
class Inference:
    """What tests of combinations of coefficients need.

    Attributes
    ----------
    basis : array, shape (p, p)
        The coefficients are ``basis @ beta``: models are fitted to columns that are orthogonal.
    beta, bread : array, shapes (p,) and (p, p)
        What was fitted, and its model-based covariance.
    sandwich : Sandwich or None
        Its CR2 covariance; None for one study.
    level : float
        Level of confidence intervals.
    """

    basis: Array
    beta: Array
    bread: Array
    sandwich: Sandwich | None
    level: float

    def combine(self, name: str, weights: Array) -> Coefficient:
        """Estimate a combination of coefficients, weights of shape (p,)."""
        weights = weights @ self.basis
        estimate, se_model = float(weights @ self.beta), _root(weights @ self.bread @ weights)
        if self.sandwich is None:
            return Coefficient(name, estimate, None, se_model, *(None,) * 4)
        df = self.sandwich.df(weights)
        if np.isnan(df):
            return Coefficient(name, estimate, None, se_model, *(None,) * 4)
        se = _root(weights @ self.sandwich.covariance @ weights)
        if se <= NO_RESIDUAL * se_model:
            return Coefficient(name, estimate, 0.0, se_model, df, *(None,) * 3)
        statistic, half = estimate / se, se * float(stats.t.isf((1 - self.level) / 2, df))
        p = float(2 * stats.t.sf(abs(statistic), df))
        interval = (estimate - half, estimate + half)
        return Coefficient(name, estimate, se, se_model, df, statistic, p, interval)


def coefficient_frame(coefficients: Iterable[Coefficient]) -> pd.DataFrame:
    """Set coefficients below each other.

    Parameters
    ----------
    coefficients : iterable of Coefficient
        The coefficients.

    Returns
    -------
    DataFrame
        One row a coefficient; the interval as ``ci_low`` and ``ci_high``, NaN for None.
    """
    rows = []
    for coefficient in coefficients:
        row = asdict(coefficient)
        row["ci_low"], row["ci_high"] = row.pop("ci") or (None, None)
        rows.append(row)
    frame = pd.DataFrame(rows)
    return frame.astype({name: float for name in frame if name != "name"})


def _root(variance: float) -> float:
    return float(np.sqrt(max(variance, 0.0)))
