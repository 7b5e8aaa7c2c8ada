"""A moderator without a straight line: restricted cubic splines of the effect within trials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.ipd.crossproducts import ONE, ParticipantError
from lkcm.ipd.one_stage import one_stage
from lkcm.ipd.two_stage import TREATMENT
from lkcm.synthesis.heterogeneity import Array

#: Quantiles at which knots stand, by their number (Harrell 2015, Regression Modeling Strategies,
#: table 2.3).
KNOTS = {3: (0.10, 0.50, 0.90), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}


@dataclass(frozen=True)
class Curve:
    """The effect along a moderator, relative to its effect at a reference value.

    Attributes
    ----------
    points : DataFrame
        ``x``, ``difference`` (effect there less effect at the reference), ``low``, ``high``.
    reference : float
        Where the difference is zero.
    knots : tuple of float
        Where the pieces meet.
    p_any, p_nonlinear : float
        F tests: no change at all, and no departure from a straight line.
    """

    points: pd.DataFrame
    reference: float
    knots: tuple[float, ...]
    p_any: float
    p_nonlinear: float


def basis(x: Array, knots: Sequence[float]) -> Array:
    """Return the restricted cubic spline basis: straight beyond the outer knots.

    Harrell's form, divided by the squared distance of the outer knots.

    Parameters
    ----------
    x : array, shape (n,)
        Values; NaN stays.
    knots : sequence of float, length m
        Rising, three or more.

    Returns
    -------
    array, shape (n, m - 1)
        ``x`` itself and m - 2 curved columns.
    """
    x, t = np.asarray(x, dtype=float), np.asarray(knots, dtype=float)

    def cube(values: Array) -> Array:
        return np.maximum(values, 0.0) ** 3

    width = t[-1] - t[-2]
    columns = [x]
    for knot in t[:-2]:
        term = cube(x - knot) - cube(x - t[-2]) * (t[-1] - knot) / width
        columns.append((term + cube(x - t[-1]) * (t[-2] - knot) / width) / (t[-1] - t[0]) ** 2)
    return np.column_stack(columns)


def effect_curve(
    frame: pd.DataFrame,
    outcome: str,
    moderator: str,
    covariates: Sequence[str] = ("baseline",),
    *,
    knots: int = 4,
    at: int = 41,
    cluster: str | None = None,
) -> Curve:
    """Estimate the effect along a continuous moderator, from within-trial differences only.

    One stage: each trial has its own intercept, its own curve of the outcome and its own mean
    effect; the products of treatment and spline columns, centred in the trial, have one
    coefficient each.

    Parameters
    ----------
    frame : DataFrame
        One row a participant, from `lkcm.ipd.participants.prepare`.
    outcome, moderator : str
        Columns.
    covariates : sequence of str
        Adjusted for in each trial.
    knots : int
        3, 4 or 5.
    at : int
        Number of values of the moderator between its 2.5 and 97.5 percentiles.
    cluster : str, optional
        Column of clusters, as `lkcm.ipd.one_stage.one_stage`.

    Raises
    ------
    ParticipantError
        As `lkcm.ipd.one_stage.one_stage`.
    """
    columns = list(dict.fromkeys(["trial", TREATMENT, outcome, moderator, *covariates]))
    kept = [*columns, *([cluster] if cluster else [])]
    known = frame.dropna(subset=columns)[kept].reset_index(drop=True)
    if known.empty:
        raise ParticipantError(f"no participant has {moderator} and {outcome}")
    places = np.unique(np.quantile(known[moderator], KNOTS[knots]))
    if len(places) < knots:
        raise ParticipantError(f"{moderator} has too few different values for {knots} knots")
    spline = pd.DataFrame(basis(known[moderator].to_numpy(), places)).add_prefix("s")
    centred = spline - spline.groupby(known["trial"]).transform("mean")
    products = centred.mul(known[TREATMENT], axis=0).add_prefix("t_")
    table = pd.concat([known, centred, products], axis=1)
    names = tuple(products.columns)
    own = (ONE, *centred.columns, *(name for name in covariates if name != moderator))
    fit = one_stage(table, outcome, (TREATMENT, *names), stratified=own, cluster=cluster)
    chosen = [fit.names.index(name) for name in names]
    beta, covariance = fit.estimate[chosen], fit.covariance[np.ix_(chosen, chosen)]
    reference = float(known[moderator].median())
    x = np.linspace(*np.quantile(known[moderator], [0.025, 0.975]), at)
    contrast = basis(x, places) - basis(np.array([reference]), places)
    half = stats.t.isf(0.025, fit.df) * np.sqrt(
        np.einsum("xp,pq,xq->x", contrast, covariance, contrast)
    )
    curve = contrast @ beta
    points = pd.DataFrame({"x": x, "difference": curve, "low": curve - half, "high": curve + half})
    return Curve(
        points=points,
        reference=reference,
        knots=tuple(places.tolist()),
        p_any=_f_test(beta, covariance, fit.df),
        p_nonlinear=_f_test(beta[1:], covariance[1:, 1:], fit.df),
    )


def _f_test(beta: Array, covariance: Array, df: float) -> float:
    statistic = beta @ np.linalg.solve(covariance, beta) / len(beta)
    return float(stats.f.sf(statistic, len(beta), df))
