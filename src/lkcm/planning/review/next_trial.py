"""The value of the next trial: how much it is expected to narrow what the review can say."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.planning import refuse
from lkcm.planning.review.meta_power import sampling_variance
from lkcm.planning.trials.prior import Prior, predictive
from lkcm.synthesis.pool import pool, pool_many
from lkcm.synthesis.pooled import HEADLINE_FROM, headline_test

#: Columns of `next_trial_value`.
COLUMNS = ("n_arm", "k", "ci_width", "pi_width", "ci_change", "pi_change", "clear")


def next_trial_value(
    yi: ArrayLike,
    vi: ArrayLike,
    n_arm: Sequence[int],
    *,
    seed: int,
    trials: int = 1,
    simulations: int = 1000,
    prior: Prior | None = None,
) -> pd.DataFrame:
    """Simulate what the pool will be after further trials of each size.

    The true effects come from the predictive distribution of the present pool, their estimates
    from the sampling error at that size; then everything is pooled again.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and variances at hand.
    n_arm : sequence of int
        People in each arm of a further trial, one row of the result each.
    seed : int
        Of the generator; the same draws serve all sizes, so that rows compare.
    trials : int
        How many further trials.
    simulations : int
        Futures drawn for each size.
    prior : Prior, optional
        Where the true effects come from; needed below three trials.

    Returns
    -------
    DataFrame
        First the present pool (``n_arm`` 0), then a row for each size: ``k``, median ``ci_width``
        and ``pi_width``, their change as a share of the present ones, and ``clear``, the share of
        futures in which the confidence interval lies on one side of zero. NaN below three trials.

    Raises
    ------
    PlanError
        Fewer than three trials without a prior, or fewer than three together with the next.
    """
    effects, variances = np.asarray(yi, float), np.asarray(vi, float)
    k, test = len(effects), headline_test(len(effects) + trials)
    now = pool(effects, variances, test=headline_test(k)) if k >= HEADLINE_FROM else None
    prior = prior or predictive(now, "present")
    refuse(
        {
            "fewer than three trials: a prior is needed": prior is None,
            "fewer than three trials even with the next": k + trials < HEADLINE_FROM,
            "no sizes of a further trial": len(n_arm) == 0,
            "sizes of a further trial are not 2 or more": any(n < 2 for n in n_arm),
        }
    )
    generator = np.random.default_rng(seed)
    shape = (trials, simulations)
    truth = prior.quantiles(10 * simulations)[generator.integers(0, 10 * simulations, shape)]
    noise = generator.standard_normal(shape)
    present = (np.nan,) * 3 if now is None else _told(now.to_frame())
    rows = [(0, k, *present)]
    for size in n_arm:
        new_v = sampling_variance(truth, size)
        new_y = truth + noise * np.sqrt(new_v)
        y = np.vstack([np.repeat(effects[:, None], simulations, 1), new_y])
        v = np.vstack([np.repeat(variances[:, None], simulations, 1), new_v])
        rows.append((size, k + trials, *_told(pool_many(y, v, test=test))))
    table = pd.DataFrame(rows, columns=["n_arm", "k", "ci_width", "pi_width", "clear"])
    for name in ("ci", "pi"):
        width = table[f"{name}_width"]
        table[f"{name}_change"] = 1 - width / width.iloc[0]
    return table[list(COLUMNS)]


def _told(pools: pd.DataFrame) -> tuple[float, float, float]:
    """Return the median widths of both intervals, and the share clear of zero."""
    widths = [
        float((pools[f"{name}_high"] - pools[f"{name}_low"]).median())
        for name in ("ci", "prediction_interval")
    ]
    clear = ((pools["ci_low"] > 0) | (pools["ci_high"] < 0)).mean()
    return widths[0], widths[1], float(clear)
