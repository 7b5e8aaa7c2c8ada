"""Pool one effect a trial: common and random effects, for one data set or for many at once."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.synthesis import LARGEST, METHODS, TESTS
from lkcm.synthesis.heterogeneity import (
    Array,
    estimate_tau2,
    pymare,
    q_profile,
    q_statistic,
    typical_variance,
)
from lkcm.synthesis.pooled import (
    COLUMNS,
    HEADLINE_FROM,
    INTERVALS,
    Pooled,
    PoolError,
    reading_notes,
)

#: PyMARE's names for the tests.
CORRECTIONS = {
    "knapp-hartung": "knapp-hartung",
    "knapp-hartung-adhoc": "knapp-hartung-conservative",
    "wald": "wald",
}
#: Degrees of freedom of a prediction interval's t: metafor's (the test's own) or Higgins,
#: Thompson & Spiegelhalter's k - 2 (2009, J R Stat Soc A 172:137).
PREDICTIONS = ("metafor", "hts")
#: Beyond this ratio of variances the smaller weights drown in the rounding of the larger.
WIDEST = 1e12


def pool(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: str = "REML",
    test: str = "knapp-hartung",
    prediction: str = "metafor",
    level: float = 0.95,
) -> Pooled:
    """Pool one effect a trial.

    Estimate, standard error and interval are PyMARE's at a tau2 exact to rounding; the numbers
    agree with metafor's ``rma(yi, vi, method, test = "knha" | "adhoc" | "z")``.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances, in one metric, one of each a trial.
    method : {"REML", "DL", "PM", "ML", "HE", "FE"}
        Estimator of tau2.
    test : {"knapp-hartung", "knapp-hartung-adhoc", "wald"}
        metafor's "knha", "adhoc" and "z". One trial is always tested by Wald.
    prediction : {"metafor", "hts"}
        Degrees of freedom of the prediction interval: those of the test (normal under Wald), or
        k - 2.
    level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Pooled
        Pooled effect, heterogeneity and notes.

    Raises
    ------
    PoolError
        No effects, lengths that differ, what is not a finite number, variances that are not
        above zero or differ by a factor above `WIDEST`, or an unknown option.
    """
    effects, variances = checked_set(yi, vi)
    options = (method, test, prediction, level)
    columns = _pool_columns(effects[:, None], variances[:, None], *options)
    row = {name: _plain(values[0]) for name, values in columns.items()}
    intervals = {name: (row.pop(f"{name}_low"), row.pop(f"{name}_high")) for name in INTERVALS}
    k = len(effects)
    raw = 1 / (variances + (row["tau2"] or 0.0))
    return Pooled(
        method=method,
        test=test,
        weights=tuple((100 * raw / raw.sum()).tolist()),
        headline=k >= HEADLINE_FROM,
        notes=reading_notes(k, row["se"], intervals["tau2_ci"]),
        **{name: None if None in ends else ends for name, ends in intervals.items()},
        **row | {"k": k, "df": None if row["df"] is None else int(row["df"])},
    )


def pool_many(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: str = "REML",
    test: str = "knapp-hartung",
    prediction: str = "metafor",
    level: float = 0.95,
) -> pd.DataFrame:
    """Pool many data sets at once; the options are those of `pool`.

    Parameters
    ----------
    yi, vi : array-like, shape (k, B)
        One data set a column. A column with fewer trials is filled with NaN, in ``yi`` and
        ``vi`` at the same places.

    Returns
    -------
    DataFrame
        One row a data set, columns `COLUMNS`: the fields of `Pooled`, intervals as ``_low`` and
        ``_high``. NaN where `Pooled` has None.

    Raises
    ------
    PoolError
        As `pool`, for any of the data sets.
    """
    columns = _pool_columns(yi, vi, method, test, prediction, level)
    return pd.DataFrame(columns).astype({"k": int})


def leave_one_out(yi: ArrayLike, vi: ArrayLike, **options: str | float) -> pd.DataFrame:
    """Pool again without each trial in turn.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances, k of at least 2.
    **options
        Those of `pool`.

    Returns
    -------
    DataFrame
        The columns of `pool_many`; row i is the pool without trial i.

    Raises
    ------
    PoolError
        As `pool`, or fewer than two trials.
    """
    pooled = pool(yi, vi, **options)
    if pooled.k < 2:
        raise PoolError("leaving one trial out needs at least two trials")
    others = np.array([np.delete(np.arange(pooled.k), i) for i in range(pooled.k)]).T
    return pool_many(np.asarray(yi)[others], np.asarray(vi)[others], **options)


def _pool_columns(
    yi: ArrayLike, vi: ArrayLike, method: str, test: str, prediction: str, level: float
) -> dict[str, Array]:
    _check_options(method, test, prediction, level)
    yi, vi = checked_sets(yi, vi)
    missing = np.isnan(yi)
    order = np.argsort(missing, axis=0, kind="stable")
    yi, vi = (np.take_along_axis(values, order, axis=0) for values in (yi, vi))
    k = (~missing).sum(axis=0)
    columns = {name: np.full(len(k), np.nan) for name in COLUMNS}
    # Data sets of one length make a block without gaps, so that no formula needs a mask.
    for size in np.unique(k):
        sets = np.flatnonzero(k == size)
        block = (yi[:size, sets], vi[:size, sets])
        for name, values in _pool_block(*block, method, test, prediction, level).items():
            columns[name][sets] = values
    return columns


def _pool_block(
    yi: Array, vi: Array, method: str, test: str, prediction: str, level: float
) -> dict[str, Array]:
    k = len(yi)
    tau2 = estimate_tau2(yi, vi, method) if k > 1 else np.zeros(yi.shape[1])
    engine = pymare()
    correction = CORRECTIONS[test] if k > 1 else "wald"
    model = engine.estimators.WeightedLeastSquares(tau2, small_sample_correction=correction)
    fit = model.fit_dataset(engine.Dataset(y=yi, v=vi)).summary().get_fe_stats(alpha=1 - level)
    names = {"est": "estimate", "se": "se", "ci_l": "ci_low", "ci_u": "ci_high", "p": "p"}
    block = {ours: np.ravel(fit[theirs]) for theirs, ours in names.items()}
    block["k"] = np.full(yi.shape[1], k)
    block["q"] = q_statistic(yi, vi)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = block["estimate"] / block["se"]
    block["statistic"] = np.where(block["se"] > 0, ratio, np.nan)
    if correction != "wald":
        block["df"] = np.full(yi.shape[1], k - 1)
    if k > 1:
        block |= _heterogeneity(vi, tau2, block["q"], method)
    if k > 1 and method != "FE":
        block["tau2_ci_low"], block["tau2_ci_high"] = q_profile(yi, vi, level)
    if k >= HEADLINE_FROM and method != "FE":
        spread = np.where(block["se"] > 0, np.sqrt(tau2 + block["se"] ** 2), np.nan)
        half = _quantile(k, test, prediction, level) * spread
        block["prediction_interval_low"] = block["estimate"] - half
        block["prediction_interval_high"] = block["estimate"] + half
    return block


def _heterogeneity(vi: Array, tau2: Array, q: Array, method: str) -> dict[str, Array]:
    df = len(vi) - 1
    with np.errstate(divide="ignore"):
        i2_q = np.maximum(0.0, 100 * (1 - df / q))
    typical = typical_variance(vi)
    i2, h2 = 100 * tau2 / (tau2 + typical), tau2 / typical + 1
    if method == "FE":
        i2, h2 = i2_q, q / df
    return {"tau2": tau2, "q_p": stats.chi2.sf(q, df), "i2": i2, "i2_q": i2_q, "h2": h2}


def _quantile(k: int, test: str, prediction: str, level: float) -> float:
    tail = (1 - level) / 2
    if prediction == "hts":
        return stats.t.isf(tail, k - 2)
    return stats.norm.isf(tail) if test == "wald" else stats.t.isf(tail, k - 1)


def _numbers(values: ArrayLike) -> Array:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise PoolError("effects and variances must be numbers, lists of one length") from None


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _check_options(method: str, test: str, prediction: str, level: float) -> None:
    allowed = {"method": (method, METHODS), "test": (test, TESTS)}
    allowed["prediction"] = (prediction, PREDICTIONS)
    for name, (value, known) in allowed.items():
        if value not in known:
            raise PoolError(f"{name} {value!r} is unknown; allowed: {', '.join(known)}")
    if not 0 < level < 1:
        raise PoolError(f"level is {level}; allowed: above 0 and below 1")


def checked_set(yi: ArrayLike, vi: ArrayLike) -> tuple[Array, Array]:
    """Check that effects and variances are two lists of numbers of one length.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.

    Returns
    -------
    effects, variances : array, shape (k,)
        The same as numbers; `checked_sets` looks at their values.

    Raises
    ------
    PoolError
        With what is wrong.
    """
    effects, variances = _numbers(yi), _numbers(vi)
    if effects.ndim != 1 or variances.ndim != 1:
        raise PoolError("effects and variances must be two lists of numbers")
    if len(effects) != len(variances):
        raise PoolError(f"{len(effects)} effects but {len(variances)} variances")
    if np.isnan(effects).any() or np.isnan(variances).any():
        raise PoolError("an effect or a variance is missing")
    return effects, variances


def checked_sets(yi: ArrayLike, vi: ArrayLike) -> tuple[Array, Array]:
    """Check many data sets.

    Parameters
    ----------
    yi, vi : array-like, shape (k, B)
        One data set a column, NaN in both where a data set has fewer trials.

    Returns
    -------
    effects, variances : array, shape (k, B)
        The same as numbers.

    Raises
    ------
    PoolError
        With every problem.
    """
    yi, vi = _numbers(yi), _numbers(vi)
    if yi.ndim != 2 or yi.shape != vi.shape:
        raise PoolError("effects and variances must be tables of one shape, a data set a column")
    missing = np.isnan(yi)
    problems = {
        "an effect or a variance is missing": (missing != np.isnan(vi)).any(),
        "no effects: at least one is needed": missing.all(axis=0).any() or yi.size == 0,
        "an effect or a variance is infinite": (np.isinf(yi) | np.isinf(vi)).any(),
        "a variance is zero or negative; allowed: above zero": (vi <= 0).any(),
    }
    if not any(problems.values()):
        low, high, effect = np.nanmin(vi, axis=0), np.nanmax(vi, axis=0), np.nanmax(np.abs(yi))
        beyond = (low < 1 / LARGEST).any() or max(high.max(), effect) > LARGEST
        problems = {
            f"an effect, a variance or its inverse is above {LARGEST:g}": beyond,
            f"variances differ by a factor above {WIDEST:g}": (high > WIDEST * low).any(),
        }
    found = [words for words, wrong in problems.items() if wrong]
    if found:
        raise PoolError("; ".join(found))
    return yi, vi
