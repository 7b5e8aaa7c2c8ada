"""Pool effects of which several come from one study: correlated and hierarchical effects.

Pustejovsky & Tipton (2022, Prev Sci 23:425): sampling errors within a study correlate, true
effects vary between studies and within them, and what the model gets wrong is left to a robust
standard error.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.synthesis import LARGEST
from lkcm.synthesis.coefficients import Coefficient, Inference
from lkcm.synthesis.components import Fit, Likelihood, maximise
from lkcm.synthesis.covariance import (
    Arms,
    Reporters,
    SamplingCovariance,
    sampling_covariance,
)
from lkcm.synthesis.design import design
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pool import WIDEST
from lkcm.synthesis.pooled import HEADLINE_FROM, Interval, PoolError
from lkcm.synthesis.pooled_dependent import Dependent, dependence_notes
from lkcm.synthesis.sandwich import cr2

#: Assumed correlation of the sampling errors of two outcomes of a study.
RHO = 0.6
#: Values of rho of a sensitivity analysis.
RHOS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
#: Likelihoods that give variances between and within studies.
LIKELIHOODS = ("REML", "ML")


def pool_dependent(
    yi: ArrayLike,
    vi: ArrayLike,
    study: ArrayLike,
    *,
    moderators: Mapping[str, ArrayLike] | None = None,
    intercept: bool = True,
    rho: float = RHO,
    arms: Arms | None = None,
    reporters: Reporters | None = None,
    method: str = "REML",
    level: float = 0.95,
) -> Dependent:
    """Pool effects of which several come from one study.

    The model is metafor's ``rma.mv(yi, V, mods, random = ~ 1 | study / effect)`` with V from
    ``vcalc``; standard errors, degrees of freedom, intervals and p values are clubSandwich's
    "CR2" with "Satterthwaite". Cost is linear in the number of studies.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.
    study : array-like, shape (k,)
        Label of the study that each effect is from.
    moderators : mapping of str to array-like of shape (k,), optional
        Numbers; a DataFrame is such a mapping. Fewer coefficients than studies.
    intercept : bool
        Whether the model has an intercept.
    rho : float
        Correlation of the sampling errors of two outcomes of a study, from 0 to 0.999.
    arms : Arms, optional
        Arms that each effect compares, where studies have several.
    reporters : Reporters, optional
        Who reported each effect, where studies have several reporters.
    method : {"REML", "ML"}
        Likelihood that gives the variances of the true effects.
    level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Dependent
        Coefficients, variances, prediction interval and notes.

    Raises
    ------
    PoolError
        Effects, variances, studies, arms, reporters or moderators that cannot be used, or an
        unknown option; the message names what is wrong.
    """
    if method not in LIKELIHOODS:
        raise PoolError(f"method {method!r} is unknown; allowed: {', '.join(LIKELIHOODS)}")
    effects, variances = checked_effects(yi, vi, study, level)
    covariance = sampling_covariance(variances, study, rho, arms, reporters)
    names, x = design(moderators, len(effects), intercept=intercept)
    _check_studies(names, len(covariance.starts))
    rotated = covariance.rotate(np.column_stack([effects, x]))
    y, (x, triangle) = rotated[:, 0], np.linalg.qr(rotated[:, 1:])
    likelihood = Likelihood(y, x, covariance, restricted=method == "REML")
    # One study tells nothing between studies, one effect a study nothing within them.
    studies, several = len(covariance.starts), len(covariance.starts) > 1
    fit = maximise(likelihood, (several, len(y) > studies))
    sandwich = cr2(x, fit, covariance) if several else None
    inference = Inference(np.linalg.inv(triangle), fit.beta, fit.bread, sandwich, level)
    coefficients = tuple(map(inference.combine, names, np.eye(len(names))))
    only_mean = intercept and len(names) == 1
    alone = () if sandwich is None else _labels(study, covariance, sandwich.full_leverage)
    return Dependent(
        k=len(y),
        n_studies=studies,
        rho=float(rho),
        method=method,
        coefficients=coefficients,
        tau2_between=float(fit.tau2[0]) if several else None,
        tau2_within=float(fit.tau2[1]) if len(y) > 1 else None,
        loglik=fit.loglik,
        **_heterogeneity(likelihood),
        prediction_interval=_predict(coefficients, fit, studies, level) if only_mean else None,
        weights=_weights(fit, covariance) if only_mean else None,
        headline=studies >= HEADLINE_FROM,
        notes=dependence_notes(coefficients, covariance.sizes, alone),
        inference=inference,
    )


def rho_sensitivity(
    yi: ArrayLike,
    vi: ArrayLike,
    study: ArrayLike,
    *,
    rhos: Iterable[float] = RHOS,
    **options: object,
) -> pd.DataFrame:
    """Pool again under other assumed correlations of sampling errors.

    Parameters
    ----------
    yi, vi, study : array-like, shape (k,)
        As `pool_dependent`.
    rhos : iterable of float
        The correlations, each from 0 to 0.999.
    **options
        The other options of `pool_dependent`.

    Returns
    -------
    DataFrame
        The rows of `Dependent.to_frame` for each rho, one a coefficient.

    Raises
    ------
    PoolError
        As `pool_dependent`.
    """
    fits = [pool_dependent(yi, vi, study, rho=rho, **options).to_frame() for rho in rhos]
    return pd.concat(fits, ignore_index=True)


def _heterogeneity(likelihood: Likelihood) -> dict[str, float | int | None]:
    """Compute Q and the typical variance with no variance of true effects, as metafor's QE."""
    df = len(likelihood.y) - likelihood.x.shape[1]
    if df == 0:
        return dict.fromkeys(("q", "q_df", "q_p", "typical_variance"))
    fit = likelihood.fit(np.zeros(2))
    q = float(fit.residual @ fit.weighted)
    typical = df / likelihood.trace(fit)
    return {"q": q, "q_df": df, "q_p": float(stats.chi2.sf(q, df)), "typical_variance": typical}


def _predict(
    coefficients: tuple[Coefficient, ...], fit: Fit, studies: int, level: float
) -> Interval:
    mean = coefficients[0]
    if mean.ci is None or studies < HEADLINE_FROM:
        return None
    spread = np.sqrt(fit.tau2.sum() + mean.se**2)
    half = float(stats.t.isf((1 - level) / 2, mean.df) * spread)
    return (mean.estimate - half, mean.estimate + half)


def _labels(
    study: ArrayLike, covariance: SamplingCovariance, numbers: np.ndarray
) -> tuple[str, ...]:
    labels = np.asarray(study)[covariance.order[covariance.starts[numbers]]]
    return tuple(map(str, labels))


def _weights(fit: Fit, covariance: SamplingCovariance) -> tuple[float, ...]:
    raw = covariance.rotate_back(fit.weighted_x)[:, 0]
    return tuple((100 * raw / raw.sum()).tolist())


def checked_effects(
    yi: ArrayLike, vi: ArrayLike, study: ArrayLike, level: float
) -> tuple[Array, Array]:
    """Check effects of which several come from one study.

    Parameters
    ----------
    yi, vi, study : array-like, shape (k,)
        Effects, their sampling variances, and the study that each is from.
    level : float
        Level of intervals.

    Returns
    -------
    effects, variances : array, shape (k,)
        The effects and variances as numbers.

    Raises
    ------
    PoolError
        With every problem and the places of the effects that have it.
    """
    if not 0 < level < 1:
        raise PoolError(f"level is {level}; allowed: above 0 and below 1")
    try:
        effects, variances = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    except (TypeError, ValueError):
        raise PoolError("effects and variances must be numbers, lists of one length") from None
    lengths = {values.shape for values in (effects, variances, np.asarray(study))}
    if effects.ndim != 1 or len(lengths) > 1:
        raise PoolError("effects, variances and studies must be three lists of one length")
    if not len(effects):
        raise PoolError("no effects: at least one is needed")
    problems = {
        "an effect is missing or infinite": ~np.isfinite(effects),
        "a variance is missing or infinite": ~np.isfinite(variances),
        "a variance is zero or negative; allowed: above zero": variances <= 0,
        f"an effect is beyond {LARGEST:g}": np.abs(effects) > LARGEST,
        f"a variance or its inverse is above {LARGEST:g}": (variances > LARGEST)
        | ((variances > 0) & (variances < 1 / LARGEST)),
    }
    found = [f"{words} ({_places(wrong)})" for words, wrong in problems.items() if wrong.any()]
    if not found and variances.max() > WIDEST * variances.min():
        found = [f"variances differ by a factor above {WIDEST:g}"]
    if found:
        raise PoolError("; ".join(found))
    return effects, variances


def _places(wrong: np.ndarray) -> str:
    places = np.flatnonzero(wrong) + 1
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return f"effect {', '.join(map(str, places[:5]))}{more}"


def _check_studies(names: tuple[str, ...], studies: int) -> None:
    if 1 < len(names) >= studies:
        raise PoolError(
            f"{len(names)} coefficients ({', '.join(names)}) need more than {len(names)} studies; "
            f"found {studies}"
        )
