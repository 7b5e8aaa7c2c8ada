"""Trim and fill: how many trials a symmetric funnel lacks, and the pool with them filled in."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.bias.regression import likelihood_tau2, pooled_mean
from lkcm.bias.sets import WALD, in_blocks, one_set, undefined, wald
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import Interval, PoolError

MINIMUM = 3
#: Estimators of the number of missing trials, and the side of the funnel that is filled.
ESTIMATORS, SIDES = ("L0", "R0"), ("left", "right")
#: Level of the run test at which R0 "detects" missing trials.
RUN_TEST = 0.10
COLUMNS = ("k0", "k0_se", "k0_p", *WALD, "tau2")

_ROUNDS = 100
#: Deviations from the mean below this part of the widest are zero up to rounding.
_ROUNDING = 1e-13


@dataclass(frozen=True)
class TrimAndFill:
    """Trim and fill; what the trials do not define is None.

    Attributes
    ----------
    k : int
        Number of trials.
    estimator, side : str
        L0 or R0, and the side of the funnel on which trials are filled in.
    k0 : int or None
        Number of trials filled in.
    k0_se, k0_p : float or None
        Standard error of k0, and p value of the run test of k0 = 0 (R0 only).
    estimate, se : float or None
        Pooled effect with the filled trials (REML, Wald), and its standard error.
    ci, p : tuple of two floats, float; or None
        Its 95 % interval and two-sided p value.
    tau2 : float or None
        Variance between trials, with the filled ones.
    needs : str or None
        What is missing, in words, where nothing is defined.
    """

    k: int
    estimator: str
    side: str
    k0: int | None
    k0_se: float | None
    k0_p: float | None
    estimate: float | None
    se: float | None
    ci: Interval
    p: float | None
    tau2: float | None
    needs: str | None

    @property
    def detects(self) -> bool | None:
        """Whether R0's run test rejects k0 = 0 at `RUN_TEST`; None for L0 and few trials."""
        return None if self.k0_p is None else self.k0_p <= RUN_TEST


def trim_and_fill(
    yi: ArrayLike, vi: ArrayLike, *, estimator: str = "L0", side: str = "left"
) -> TrimAndFill:
    """Fill in the trials that a symmetric funnel lacks.

    Duval & Tweedie (2000, Biometrics 56:455), with REML and Wald at each step, as metafor's
    ``trimfill(rma(yi, vi), side, estimator)``.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.
    estimator : {"L0", "R0"}
        Estimator of the number of missing trials.
    side : {"left", "right"}
        Side on which trials are filled in: left where effects favour treatment and selection
        hides small ones.

    Returns
    -------
    TrimAndFill
        Number filled in and pooled effect.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used, or an unknown option.
    """
    row = one_set(trim_and_fill_many, yi, vi, estimator=estimator, side=side)
    low, high = row.pop("ci_low"), row.pop("ci_high")
    missing = undefined(row, MINIMUM, "k0", "the number to trim does not settle")
    row["k0"] = None if row["k0"] is None else int(row["k0"])
    return TrimAndFill(
        estimator=estimator,
        side=side,
        ci=None if low is None else (low, high),
        needs=missing,
        **row,
    )


def trim_and_fill_many(
    yi: ArrayLike, vi: ArrayLike, *, estimator: str = "L0", side: str = "left"
) -> pd.DataFrame:
    """Fill in the trials that many funnels lack, as `trim_and_fill`.

    Parameters
    ----------
    yi, vi : array-like, shape (k, B)
        A data set a column, NaN where it has fewer trials.
    estimator, side : str
        As `trim_and_fill`.

    Returns
    -------
    DataFrame
        ``k`` and `COLUMNS`, a data set a row; NaN where not defined.

    Raises
    ------
    PoolError
        As `trim_and_fill`, for any of the data sets.
    """
    allowed = {"estimator": (estimator, ESTIMATORS), "side": (side, SIDES)}
    for name, (value, known) in allowed.items():
        if value not in known:
            raise PoolError(f"{name} {value!r} is unknown; allowed: {', '.join(known)}")
    count = _count_l0 if estimator == "L0" else _count_r0
    sign = 1.0 if side == "left" else -1.0

    def block(yi: Array, vi: Array) -> dict[str, Array]:
        order = np.argsort(sign * yi, axis=0, kind="stable")
        yi, vi = (np.take_along_axis(table, order, axis=0) for table in (sign * yi, vi))
        k0, k0_se, centre = _trim(yi, vi, count)
        run_test = {"k0_p": 0.5 ** (k0 + 1)} if estimator == "R0" else {}
        return {"k0": k0, "k0_se": k0_se} | run_test | _fill(yi, vi, k0, centre, sign)

    return in_blocks(block, COLUMNS, MINIMUM, yi, vi)


def _trim(yi: Array, vi: Array, count: object) -> tuple[Array, Array, Array]:
    """Trim the largest effects until the number to trim stays; the effects are sorted."""
    place, k, sets = np.arange(len(yi))[:, None], len(yi), yi.shape[1]
    k0, se, mean = np.zeros(sets), np.zeros(sets), np.zeros(sets)
    tau2, active = None, np.arange(sets)
    for _ in range(_ROUNDS):
        y, kept = yi[:, active], place < k - k0[active]
        v = np.where(kept, vi[:, active], np.inf)
        tau2 = likelihood_tau2(y, v, start=tau2)
        centre = pooled_mean(y, v, tau2)[0]
        apart = y - centre
        apart[np.abs(apart) <= _ROUNDING * np.abs(y).max(0)] = 0.0
        order = np.argsort(np.abs(apart), axis=0, kind="stable")
        found, error = count(np.sign(np.take_along_axis(apart, order, axis=0)), k)
        found = np.maximum(0.0, np.rint(found))
        moved = found != k0[active]
        k0[active], se[active], mean[active] = found, error, centre
        active, tau2 = active[moved], tau2[moved]
        if not len(active):
            return k0, se, mean
    k0[active] = np.nan
    return k0, se, mean


def _count_l0(sign: Array, k: int) -> tuple[Array, Array]:
    ranks = np.arange(1, k + 1)[:, None]
    upper = (ranks * (sign > 0)).sum(0)
    k0 = (4 * upper - k * (k + 1)) / (2 * k - 1)
    variance = k * (k + 1) * (2 * k + 1) + 10 * k0**3 + 27 * k0**2 + 17 * k0
    variance = (variance - 18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0) / 24
    return k0, 4 * np.sqrt(np.maximum(variance, 0.0)) / (2 * k - 1)


def _count_r0(sign: Array, k: int) -> tuple[Array, Array]:
    ranks = np.arange(1, k + 1)[:, None]
    # Where no effect is below the mean all are equal, and no run is above it either.
    lowest = np.where((sign < 0).any(0), (ranks * (sign < 0)).max(0), k)
    k0 = np.maximum(0.0, k - lowest - 1)
    return k0, np.sqrt(2 * k0 + 2)


def _fill(yi: Array, vi: Array, k0: Array, centre: Array, sign: float) -> dict[str, Array]:
    stuck = np.isnan(k0)
    most = int(np.nanmax(k0, initial=0))
    place = np.arange(len(yi) - most, len(yi))[:, None]
    filled = place >= len(yi) - np.where(stuck, 0, k0)
    y = np.vstack([yi, np.where(filled, 2 * centre - yi[len(yi) - most :], 0.0)])
    v = np.vstack([vi, np.where(filled, vi[len(yi) - most :], np.inf)])
    tau2 = likelihood_tau2(y, v)
    mean, se = pooled_mean(y, v, tau2)
    mean = np.where(stuck, np.nan, sign * mean)
    return wald(mean, se) | {"tau2": tau2}
