"""Egger's test where several effects come from one study: a sandwich that holds whatever rho is.

Rodgers & Pustejovsky (2021, Psychol Methods 26:141): the correlated-and-hierarchical model with
the predictor as moderator, CR2 standard errors and Satterthwaite's degrees of freedom.
"""

import numpy as np
from numpy.typing import ArrayLike

from lkcm.bias.asymmetry import DIFFERENT, Egger
from lkcm.bias.sets import EQUAL
from lkcm.synthesis.dependent import RHO, checked_effects, pool_dependent
from lkcm.synthesis.pooled import PoolError

#: Fewest studies: two coefficients need one more.
MINIMUM = 3


def egger_dependent(
    yi: ArrayLike,
    vi: ArrayLike,
    study: ArrayLike,
    h: ArrayLike | None = None,
    *,
    rho: float = RHO,
    **options: object,
) -> Egger:
    """Test for small-study effects among dependent effects.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.
    study : array-like, shape (k,)
        Label of the study that each effect is from.
    h : array-like, shape (k,), optional
        What the sizes say of the variances, as `lkcm.bias.asymmetry.egger`.
    rho : float
        Correlation of the sampling errors within a study.
    **options
        Others of `lkcm.synthesis.dependent.pool_dependent`.

    Returns
    -------
    Egger
        With t and Satterthwaite's df; ``limit`` is the intercept, ``tau2`` between and within
        studies together, ``k`` the number of effects.

    Raises
    ------
    PoolError
        As `pool_dependent`, or sizes that do not fit to the effects.
    """
    effects, variances = checked_effects(yi, vi, study, 0.95)
    x = np.sqrt(variances if h is None else np.asarray(h, dtype=float))
    if x.shape != effects.shape or not (np.isfinite(x) & (x > 0)).all():
        raise PoolError("sizes (h) must be as many as effects, each above zero")
    missing = DIFFERENT if np.ptp(x) <= EQUAL * x.max() else None
    if len(set(np.asarray(study).tolist())) < MINIMUM:
        missing = f"needs studies >= {MINIMUM}"
    if missing is not None:
        return Egger(len(effects), _predictor(h), *[None] * 8, needs=missing)
    options = {"rho": rho, "moderators": {"predictor": x}} | options
    fit = pool_dependent(effects, variances, study, **options)
    limit, slope = fit.coefficients
    return Egger(
        k=fit.k,
        predictor=_predictor(h),
        statistic=slope.statistic,
        p=slope.p,
        df=slope.df,
        slope=slope.estimate,
        slope_se=slope.se,
        limit=limit.estimate,
        limit_se=limit.se,
        tau2=fit.tau2,
        needs=None if slope.p is not None else "needs more studies that carry the slope",
    )


def _predictor(h: ArrayLike | None) -> str:
    return "standard error" if h is None else "size"
