"""Small-study effects where several effects come from one study: errors that hold for any rho.

Rodgers & Pustejovsky (2021, Psychol Methods 26:141): the correlated-and-hierarchical model with
the predictor as moderator, CR2 standard errors and Satterthwaite's degrees of freedom.
"""

import numpy as np
from numpy.typing import ArrayLike

from lkcm.bias.asymmetry import CONDITIONAL, DIFFERENT, Egger, Limit, PetPeese
from lkcm.bias.sets import EQUAL
from lkcm.synthesis.dependent import RHO, checked_effects, pool_dependent
from lkcm.synthesis.pooled import PoolError
from lkcm.synthesis.pooled_dependent import Dependent

#: Fewest studies: two coefficients need one more.
MINIMUM = 3
#: Said where the slope or the intercept rests on too few studies for a standard error.
FEW = "needs more studies that carry the line"


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
    predictor = "standard error" if h is None else "size"
    fit = _line(yi, vi, study, h, 1, rho=rho, **options)
    if isinstance(fit, str):
        return Egger(len(np.asarray(yi)), predictor, *[None] * 8, needs=fit)
    limit, slope = fit.coefficients
    return Egger(
        k=fit.k,
        predictor=predictor,
        statistic=slope.statistic,
        p=slope.p,
        df=slope.df,
        slope=slope.estimate,
        slope_se=slope.se,
        limit=limit.estimate,
        limit_se=limit.se,
        tau2=fit.tau2,
        needs=None if slope.p is not None else FEW,
    )


def pet_peese_dependent(
    yi: ArrayLike,
    vi: ArrayLike,
    study: ArrayLike,
    h: ArrayLike | None = None,
    *,
    rho: float = RHO,
    **options: object,
) -> PetPeese:
    """Adjust dependent effects for small-study effects by PET, PEESE and the conditional rule.

    Parameters
    ----------
    yi, vi, study, h, rho, **options
        As `egger_dependent`.

    Returns
    -------
    PetPeese
        Intercepts of the lines on the predictor and on its square, with CR2 errors.

    Raises
    ------
    PoolError
        As `egger_dependent`.
    """
    pet, peese = (
        _limit(_line(yi, vi, study, h, power, rho=rho, **options), len(np.asarray(yi)))
        for power in (1, 2)
    )
    if pet.p is None or peese.p is None:
        return PetPeese(pet, peese, None)
    # One-sided at `CONDITIONAL`: the two-sided p halved, on the side of the estimate.
    above = pet.t > 0 and pet.p / 2 < CONDITIONAL
    return PetPeese(pet, peese, "peese" if above else "pet")


def _limit(fit: Dependent | str, k: int) -> Limit:
    if isinstance(fit, str):
        return Limit(k, *[None] * 5, needs=fit)
    mean = fit.mean
    missing = None if mean.p is not None else FEW
    return Limit(k, mean.estimate, mean.se, mean.statistic, mean.p, mean.df, needs=missing)


def _line(
    yi: ArrayLike,
    vi: ArrayLike,
    study: ArrayLike,
    h: ArrayLike | None,
    power: int,
    **options: object,
) -> Dependent | str:
    """Fit the line, or say what is missing for it."""
    effects, variances = checked_effects(yi, vi, study, 0.95)
    x = np.sqrt(variances if h is None else np.asarray(h, dtype=float))
    if x.shape != effects.shape or not (np.isfinite(x) & (x > 0)).all():
        raise PoolError("sizes (h) must be as many as effects, each above zero")
    if len(set(np.asarray(study).tolist())) < MINIMUM:
        return f"needs studies >= {MINIMUM}"
    if np.ptp(x) <= EQUAL * x.max():
        return DIFFERENT
    moderators = {"predictor": x**power}
    return pool_dependent(effects, variances, study, moderators=moderators, **options)
