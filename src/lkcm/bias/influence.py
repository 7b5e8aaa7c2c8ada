"""What single trials do to a pool: leave-one-out diagnostics, and the pool as it grew."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from lkcm.bias.regression import pooled_mean
from lkcm.bias.sets import needs
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pool import leave_one_out, pool, pool_many
from lkcm.synthesis.pooled import PoolError

MINIMUM = 3


def influence(
    yi: ArrayLike, vi: ArrayLike, *, method: str = "REML", test: str = "knapp-hartung"
) -> pd.DataFrame:
    """Compute what each trial does to the pooled effect, tau2 estimated anew without it.

    Viechtbauer & Cheung (2010, Res Synth Methods 1:112), as metafor's ``influence`` and
    ``baujat`` of ``rma(yi, vi, method, test)``; Baujat's coordinates are those of Baujat et al.
    (2002, Stat Med 21:2641).

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances, one of each a trial.
    method, test : str
        As `lkcm.synthesis.pool.pool`.

    Returns
    -------
    DataFrame
        One row a trial, in order: ``rstudent`` (its distance from the others' pool, studentised),
        ``dffits``, ``cook_d`` (squared shift of the pooled effect in standard errors), ``cov_r``
        (variance of the pooled effect without the trial over that with it), ``tau2_del``,
        ``q_del``, ``hat``, ``weight`` (per cent), ``dfbetas``, ``baujat_x`` (share in Q),
        ``baujat_y`` (squared shift in standard errors of the pool without it) and ``flagged``
        (bool, metafor's rule).

    Raises
    ------
    PoolError
        As `pool`, or fewer than `MINIMUM` trials.
    """
    full = pool(yi, vi, method=method, test=test)
    if full.k < MINIMUM:
        raise PoolError(needs(MINIMUM))
    effects, variances = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    left = leave_one_out(effects, variances, method=method, test=test)
    hat = np.array(full.weights) / 100
    own = variances + left["tau2"].to_numpy()
    shift = full.estimate - left["estimate"].to_numpy()
    scale, reweighted = _scales(variances, left)
    deviation = effects - left["estimate"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        table = pd.DataFrame(
            {
                "rstudent": deviation / np.sqrt(scale * own + left["se"] ** 2),
                "dffits": shift / np.sqrt(scale * hat * own),
                "cook_d": shift**2 / full.se**2,
                "cov_r": left["se"] ** 2 / full.se**2,
                "tau2_del": left["tau2"],
                "q_del": left["q"],
                "hat": hat,
                "weight": full.weights,
                "dfbetas": shift / np.sqrt(scale * reweighted),
                "baujat_x": (effects - full.estimate) ** 2 / (variances + full.tau2),
                "baujat_y": shift**2 / left["se"] ** 2,
            }
        )
    # Equal effects leave no error to measure a shift by.
    table = table.where(np.isfinite(table))
    return table.assign(flagged=_flagged(table))


def cumulative(yi: ArrayLike, vi: ArrayLike, **options: str | float) -> pd.DataFrame:
    """Pool the first trial, the first two, and so on, in the order of the rows.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances; sort them by year to see the evidence grow.
    **options
        Those of `lkcm.synthesis.pool.pool`.

    Returns
    -------
    DataFrame
        The columns of `lkcm.synthesis.pool.pool_many`; row i pools trials 0 to i.

    Raises
    ------
    PoolError
        As `pool`.
    """
    k = pool(yi, vi, **options).k
    later = np.arange(k)[:, None] > np.arange(k)
    tables = (np.asarray(values, dtype=float)[:, None] for values in (yi, vi))
    return pool_many(*(np.where(later, np.nan, table) for table in tables), **options)


def _scales(variances: Array, left: pd.DataFrame) -> tuple[Array, Array]:
    """Knapp-Hartung's factor without each trial, and the mean's variance at that tau2."""
    k, tau2 = len(variances), left["tau2"].to_numpy()
    table = np.broadcast_to(variances[:, None], (k, k))
    all_trials = pooled_mean(table, table, tau2)[1] ** 2
    others = np.where(np.eye(k, dtype=bool), np.inf, table)
    wald = pooled_mean(table, others, tau2)[1] ** 2
    return left["se"].to_numpy() ** 2 / wald, all_trials


def _flagged(table: pd.DataFrame) -> pd.Series:
    k = len(table)
    return (
        (table["dffits"].abs() > 3 * np.sqrt(1 / (k - 1)))
        | (special.chdtr(1, table["cook_d"]) > 0.5)
        | (table["hat"] > 3 / k)
        | (table["dfbetas"].abs() > 1)
    )
